"""Doorways of a meeting that comes again: its dates before anything is made, and the series taken back."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.clock import wall
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.overview import booking
from meetings.scheduling import queries, series
from meetings.scheduling.series_forms import RuleForm, SeriesForm, chosen_dates
from meetings.web import notice
from meetings.web.forms import answer

bp = Blueprint("series", __name__)


@bp.route("/meetings/<code>/book/series", methods=["GET", "POST"])
@requires("meeting.arrange")
def plan(code: str) -> Response:
    """The rule stands in the address, so that its dates can be looked at as often as one likes; only the POST books."""
    meeting = booking.draft_of(code)
    if meeting.starts_at is None:
        notice(_("Set the time of the first date first."), "warn")
        return redirect(url_for("booking.time", code=meeting.code), 303)
    first = wall(meeting.starts_at).date()
    typed = RuleForm(request.args or None).offer(first)
    rule = typed.read(first) if request.args else None
    form = SeriesForm()
    chosen = chosen_dates(request.form)

    def act() -> Response | str:
        if rule is None or "look" in request.form:
            return show()
        series.make(meeting, rule, chosen, actor=actor(), in_spite_of=form.in_spite_of.data, edition=form.seen_edition)
        count = len(queries.dates_of_series(meeting))
        notice(
            ngettext(
                "%(num)s date of the series is held as a draft. Nothing is sent before the last step.",
                "%(num)s dates of the series are held as drafts. Nothing is sent before the last step.",
                count,
            )
        )
        return redirect(url_for("booking.agenda", code=meeting.code), 303)

    def show() -> str:
        current = booking.draft_of(code)
        return booking.step_page(
            "time",
            current,
            template="overview/booking/series.html",
            form=form,
            typed=typed,
            first=first,
            dates=series.plan(current, rule, chosen, actor=actor()) if rule and not current.series_id else [],
        )

    return answer(form, act, show)


@bp.post("/meetings/<code>/book/series/back")
@requires("meeting.arrange")
def take_back(code: str) -> Response:
    meeting = booking.draft_of(code)
    series.take_back(meeting, actor=actor())
    notice(_("The series has been taken back; this date is a single draft again."))
    return redirect(url_for(".plan", code=meeting.code), 303)
