"""Doorways of the organiser to a cascade: asking for it, the numbers of each province, and the names behind a number."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.clock import instant, wall
from meetings.i18n import gettext as _
from meetings.official import numbers
from meetings.overview import cascade_queries as rollup
from meetings.overview.cascade_forms import AskForm
from meetings.scheduling import cascades, queries
from meetings.scheduling.models import Cascade, Meeting
from meetings.scheduling.rules import Status
from meetings.web import notice
from meetings.web.forms import answer
from meetings.web.pages import asked_page, asked_words

bp = Blueprint("cascade", __name__)


def asking(found: Cascade | None) -> AskForm:
    """The form as it begins: with what is asked for now."""
    form = AskForm()
    if found is not None and not form.is_submitted():
        form.levels.data, form.most.data, form.note.data = str(found.levels), found.most, found.note
        if found.bring_by is not None:
            form.bring_day.data, form.bring_time.data = wall(found.bring_by).date(), wall(found.bring_by).time()
    return form


def said(meeting: Meeting) -> dict[str, Any]:
    """What a step of the booking or a card of the meeting's page says of its cascade."""
    found = cascades.of(meeting)
    return {"found": found, "until": cascades.until(found) if found is not None else None, "form": asking(found)}


def _shown(meeting: Meeting, form: AskForm) -> str:
    from meetings.overview.meeting_page import tabs

    who = actor()
    found = cascades.of(meeting)
    seen = queries.sites_visible_to(who, meeting)
    provinces = rollup.provinces(meeting, seen)
    chosen = numbers.read(request.args.get("province"))
    province = next((one for one in provinces if one.id == chosen), None)
    only, words = request.args.get("only", "")[:20], asked_words()
    phones = who.may("phone.see", meeting.organiser.path)
    page = None
    if province is not None or only:
        where = rollup.in_province(province.id) if province is not None else rollup.below_a_province()
        page = rollup.listed(meeting, where & seen, only=only, words=words, number=asked_page(), phones=phones)
    return render_template(
        "overview/cascade.html",
        meeting=meeting,
        tabs=tabs(meeting),
        form=form,
        found=found,
        until=cascades.until(found) if found is not None else None,
        sums=rollup.sums(meeting, rollup.below_a_province() & seen),
        provinces=provinces,
        province=province,
        page=page,
        only=only if only in rollup.FIGURES or only == "silent" else "",
        words=words,
        figure_words=rollup.WORDS,
        phones=phones,
        may_record=who.may("reply.record", meeting.organiser.path),
        may_arrange=who.may("meeting.arrange", meeting.organiser.path)
        and meeting.status in (Status.DRAFT, Status.SCHEDULED, Status.POSTPONED),
    )


@bp.get("/meetings/<code>/cascade")
@requires("meeting.see")
def numbers_of(code: str) -> str:
    meeting = queries.meeting_for(actor(), code)
    return _shown(meeting, asking(cascades.of(meeting)))


@bp.post("/meetings/<code>/cascade")
@requires("meeting.arrange")
def ask(code: str) -> Response:
    meeting = queries.meeting_for(actor(), code, "meeting.arrange")
    form = AskForm()

    def act() -> Response:
        by = instant(form.bring_day.data, form.bring_time.data) if form.bring_day.data else None
        cascades.ask(
            meeting,
            levels=int(form.levels.data),
            bring_by=by,
            most=form.most.data,
            note=form.note.data,
            actor=actor(),
        )
        if meeting.status is Status.DRAFT:
            notice(_("Provinces will be asked to bring their communes; their invitations say so."))
        else:
            notice(_("Provinces are asked to bring their communes and are being told."))
        return _back(meeting)

    return answer(form, act, lambda: _shown(queries.meeting_for(actor(), code, "meeting.arrange"), form))


@bp.post("/meetings/<code>/cascade/end")
@requires("meeting.arrange")
def end(code: str) -> Response:
    meeting = queries.meeting_for(actor(), code, "meeting.arrange")
    cascades.end(meeting, actor=actor())
    notice(_("Provinces are no longer asked to bring communes. What they have brought stays."))
    return _back(meeting)


def _back(meeting: Meeting) -> Response:
    """To the step of the booking that a draft is in, else to the numbers."""
    target = "booking.sites" if meeting.status is Status.DRAFT else ".numbers_of"
    return redirect(url_for(target, code=meeting.code), 303)
