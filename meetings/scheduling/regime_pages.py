"""Doorways of the regime in a meeting: going past a rule with reason and leader, the five cases, the count of a quarter."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from meetings.accounts.access import actor, requires
from meetings.clock import now, today
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.official import numbers
from meetings.official.verified import VERIFIED_WORDS
from meetings.scheduling import departures, queries, ruling
from meetings.scheduling.models import Meeting
from meetings.scheduling.regime import KINDS, WAY_WORDS, Finding, Way
from meetings.scheduling.rules import TYPE_WORDS, Status
from meetings.scheduling.setting_forms import PassForm
from meetings.web import notice
from meetings.web.forms import answer

bp = Blueprint("regime", __name__)

_WAYS = {
    Way.URGENT: _l("As an urgent meeting (đột xuất): lead times step aside"),
    Way.OVERRIDE: _l("Against the rule, by decision of a leader"),
}


def _meeting(code: str) -> Meeting:
    return queries.meeting_for(actor(), code, "meeting.arrange")


def _back(meeting: Meeting) -> Response:
    """To the step that sends, or to the page of a meeting that somebody is to approve."""
    draft = meeting.status is Status.DRAFT
    return redirect(url_for("booking.send" if draft else "meeting_page.overview", code=meeting.code), 303)


def _finding(meeting: Meeting, key: str) -> Finding:
    found = next((one for one in ruling.findings(meeting, at=now()) if one.key == key), None)
    if found is None:
        raise NotFound(_("This rule is kept, so there is nothing to override."))
    return found


@bp.route("/meetings/<code>/regime/<key>", methods=["GET", "POST"])
@requires("meeting.arrange")
def go_past(code: str, key: str) -> Response:
    """Send all the same: as an urgent meeting where the rule allows it, or against the rule; both with reason and leader."""
    meeting = _meeting(code)
    finding = _finding(meeting, key)
    form = PassForm()
    ways = [Way.URGENT, Way.OVERRIDE] if KINDS[key].urgent_passes else [Way.OVERRIDE]
    form.way.choices = [SelectChoice(way.value, _WAYS[way]) for way in ways]
    if not form.is_submitted():
        form.way.data = ways[0].value
        form.reason.data, form.leader.data = meeting.urgent_reason, meeting.urgent_approved_by

    def act() -> Response:
        said = (form.reason.data, form.leader.data)
        if form.way.data == Way.URGENT:
            ruling.declare_urgent(meeting, *said, actor=actor())
        else:
            ruling.override(meeting, key, *said, actor=actor())
        notice(_("Reason and leader have been written down. They stand in the history and are counted in the quarter."))
        return _back(meeting)

    def show() -> str:
        return render_template(
            "scheduling/go_past.html",
            meeting=_meeting(code),
            finding=finding,
            form=form,
            verified_words=VERIFIED_WORDS,
        )

    return answer(form, act, show)


@bp.post("/meetings/<code>/regime/cases/confirm")
@requires("meeting.arrange")
def confirm_cases(code: str) -> Response:
    meeting = _meeting(code)
    ruling.confirm_no_case(meeting, actor=actor())
    notice(_("It has been confirmed that none of the five cases applies."))
    return _back(meeting)


@bp.get("/regime/overrides")
@requires("savings.see")
def overrides() -> str:
    """What of the regime was not kept in a quarter, by unit, rule and type, and the meetings behind each number."""
    quarter = departures.Quarter.read(request.args.get("quarter", ""), today())
    everything = departures.seen_by(actor(), quarter)
    rule, type = request.args.get("rule", "")[:40], request.args.get("type", "")[:24]
    unit = numbers.read(request.args.get("unit", "")) or 0
    chosen = departures.seen_by(actor(), quarter, rule, unit, type) if rule or unit or type else everything
    return render_template(
        "scheduling/overrides.html",
        quarter=quarter,
        this_quarter=departures.Quarter.of(today()),
        totals=departures.totals(actor(), quarter),
        counts=departures.counts(everything),
        rows=chosen,
        narrowed=chosen is not everything,
        kinds=KINDS,
        way_words=WAY_WORDS,
        type_words=TYPE_WORDS,
    )
