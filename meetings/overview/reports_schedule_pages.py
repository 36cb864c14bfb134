"""Doorways of the sending of reports by e-mail."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import SelectChoice

from meetings.accounts import queries as accounts
from meetings.accounts.access import actor, requires
from meetings.clock import now
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.overview import reports_schedule
from meetings.overview.reports_figures import BY_WORDS, By
from meetings.overview.reports_forms import EndForm, ScheduleForm
from meetings.overview.reports_period import RHYTHM_WORDS, Rhythm
from meetings.units import queries as units
from meetings.web import notice
from meetings.web.forms import answer

bp = Blueprint("report_schedule", __name__)


def _form(*, blank: bool) -> ScheduleForm:
    form = ScheduleForm(formdata=None) if blank else ScheduleForm()
    offered = reports_schedule.units_of(actor())
    form.unit.choices = [SelectChoice(unit.id, unit.full_name) for unit in offered]
    form.reader.choices = [
        SelectChoice(user.id, f"{user.name} – {user.email}") for user in reports_schedule.readers_of(offered)
    ]
    if blank:
        form.reader.data = actor().user_id
    return form


def _page(form: ScheduleForm) -> str:
    at = now()
    rows = [
        (
            one,
            None if one.ended_at else reports_schedule.next_period(one, at),
            reports_schedule.may_read(one.user, one.unit),
        )
        for one in reports_schedule.seen_by(actor())
    ]
    return render_template(
        "reports/schedule.html",
        form=form,
        rows=[
            (one, period, reports_schedule.leaves_on(one, period) if period else None, may) for one, period, may in rows
        ],
        rhythm_words=RHYTHM_WORDS,
        by_words={by.value: words for by, words in BY_WORDS.items()},
    )


@bp.get("/reports/schedule")
@requires("report.see")
def schedule() -> str:
    return _page(_form(blank=True))


@bp.post("/reports/schedule")
@requires("report.see")
def plan() -> Response:
    form = _form(blank=False)

    def act() -> Response:
        unit, user = units.by_id(form.unit.data), accounts.user(form.reader.data)
        if unit is None or user is None:
            raise NotFound(_("There is no such unit."))
        made = reports_schedule.plan(
            unit, user, Rhythm(form.rhythm.data), By(form.by.data), form.working_day.data, actor=actor()
        )
        notice(_("The report is sent to %(name)s from now on.", name=made.user.name))
        return redirect(url_for(".schedule"), 303)

    return answer(form, act, lambda: _page(form))


@bp.post("/reports/schedule/<int:id>/end")
@requires("report.see")
def end(id: int) -> Response:
    found = reports_schedule.find(id, actor=actor())
    form = EndForm()

    def act() -> Response:
        reports_schedule.end(found, actor=actor())
        notice(_("The report is no longer sent to %(name)s.", name=found.user.name))
        return redirect(url_for(".schedule"), 303)

    return answer(form, act, lambda: _page(_form(blank=True)))
