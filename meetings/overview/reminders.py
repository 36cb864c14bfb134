"""Doorways of a meeting's reminders: its ladder, whom it names now, a reminder by hand, and the switch.

They stand here because what is still open of a site is known by two stages: its answer and its list of delegates.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField

from meetings.accounts.access import actor, requires
from meetings.clock import now
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.i18n import ngettext
from meetings.invitations import chasing, ladders, reminding, reminding_by_hand
from meetings.invitations.chasing import Standing
from meetings.invitations.reminders import Task
from meetings.invitations.rules import ChaseState, ChaseStep
from meetings.readiness import queries as readiness
from meetings.readiness import slotting
from meetings.scheduling import queries
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from meetings.web import notice
from meetings.web.forms import Form, Line, answer, required
from meetings.web.pages import SIZE, Page, asked_page

bp = Blueprint("reminders", __name__)


class OffForm(Form):
    """Why nobody is reminded of a meeting by itself."""

    reason = Line(_l("Reason"), required(_l("Enter the reason.")), max=500, hint=_l("It stands in the history."))


class RemindForm(Form):
    """Whom the preview named."""

    seen = HiddenField()


def _arranged(code: str) -> Meeting:
    return queries.meeting_for(actor(), code, "meeting.arrange")


def _shown(meeting: Meeting, form: OffForm) -> str:
    from meetings.overview.meeting_page import tabs

    at = now()
    done = ladders.done(meeting)
    round = ladders.round_of(meeting)
    counts = reminding_by_hand.silent(meeting, readiness.filed)
    provinces = reminding.late_provinces(meeting) if meeting.status is Status.SCHEDULED else []
    return render_template(
        "overview/reminders.html",
        meeting=meeting,
        tabs=tabs(meeting),
        form=form,
        ladder=ladders.planned(meeting, at=at),
        done={chase.step: chase for chase in done if chase.round == round and chase.step is not ChaseStep.BY_HAND},
        earlier=[chase for chase in done if chase.round != round or chase.step is ChaseStep.BY_HAND],
        switch=ladders.switch(meeting),
        off=ladders.is_off(meeting),
        ahead=_ahead(meeting),
        counts=counts,
        provinces=provinces,
        may_see_phones=actor().may("phone.see", meeting.organiser.path),
        words=chasing.STEP_WORDS,
        Standing=Standing,
        Step=ChaseStep,
        State=ChaseState,
        type=meeting.type,
        may_set=actor().may("setting.administer"),
    )


def _ahead(meeting: Meeting) -> bool:
    return meeting.status is Status.SCHEDULED and meeting.starts_at is not None and meeting.starts_at > now()


@bp.get("/meetings/<code>/reminders")
@requires("meeting.arrange")
def reminders(code: str) -> str:
    return _shown(_arranged(code), OffForm())


@bp.post("/meetings/<code>/reminders/off")
@requires("meeting.arrange")
def off(code: str) -> Response:
    form = OffForm()

    def act() -> Response:
        ladders.switch_off(_arranged(code), form.reason.data, actor=actor())
        notice(_("Nobody is reminded of this meeting by itself any more."))
        return redirect(url_for(".reminders", code=code), 303)

    return answer(form, act, lambda: _shown(_arranged(code), form))


@bp.post("/meetings/<code>/reminders/on")
@requires("meeting.arrange")
def on(code: str) -> Response:
    ladders.switch_on(_arranged(code), actor=actor())
    notice(_("The sites are reminded by themselves again. What came due meanwhile is not made up for."))
    return redirect(url_for(".reminders", code=code), 303)


# ------------------------------------------------------------------ by hand


def _about() -> Task:
    return Task.ROSTER if request.args.get("about") == Task.ROSTER.value else Task.ANSWER


def _sites() -> Sequence[int]:
    """The sites that the address names, if it names any."""
    return [int(id) for id in request.args.getlist("site")[:500] if id.isdecimal() and len(id) < 10]


@bp.route("/meetings/<code>/reminders/now", methods=["GET", "POST"])
@requires("meeting.arrange")
def remind_now(code: str) -> Response:
    form = RemindForm()

    def act() -> Response:
        told, held = reminding_by_hand.remind(
            _arranged(code), readiness.filed, form.seen.data or "", about=_about(), sites=_sites(), actor=actor()
        )
        notice(ngettext("%(num)s site is being reminded.", "%(num)s sites are being reminded.", told))
        if held:
            notice(
                ngettext(
                    "%(num)s site is not: it has had as many letters as one may have for now.",
                    "%(num)s sites are not: they have had as many letters as one may have for now.",
                    held,
                ),
                "warn",
            )
        return redirect(url_for(".reminders", code=code), 303)

    return answer(form, act, lambda: _preview(_arranged(code), form))


def _preview(meeting: Meeting, form: RemindForm) -> str:
    at, about, sites = now(), _about(), _sites()
    found = reminding_by_hand.readers(meeting, readiness.filed, about=about, sites=sites, at=at)
    form.seen.data = reminding_by_hand.shown(found.now)
    return render_template(
        "overview/remind_now.html",
        meeting=meeting,
        form=form,
        about=about,
        sites=sites,
        page=_page(found.now),
        later=found.later,
        by_telephone=found.by_telephone,
        ahead=_ahead(meeting),
        sample=reminding_by_hand.sample(meeting, found.now[0], reminding.by_hand(meeting, at), slotting.to_come)
        if found.now
        else None,
        may_see_phones=actor().may("phone.see", meeting.organiser.path),
    )


def _page(rows: Sequence[Any]) -> Page[Any]:
    number = min(asked_page(), max(1, -(-len(rows) // SIZE)))
    return Page(rows[(number - 1) * SIZE : number * SIZE], number, len(rows))
