"""Doorways of the settings: working days and office hours, and the rules of the meeting regime by date."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, may_change_the_house, only_who_may_change_the_house, requires
from meetings.clock import today
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.official import working_days
from meetings.official.verified import VERIFIED_WORDS, Verified
from meetings.scheduling import office, ruling, working_time
from meetings.scheduling.models import DayOverride
from meetings.scheduling.regime import KINDS, NO_MEETING_CASES, SETTING_WORDS, Rule, half_days_words
from meetings.scheduling.regime_defaults import DEFAULTS
from meetings.scheduling.setting_forms import (
    DayForm,
    HoursForm,
    RuleForm,
    asked_rule,
    rule_form,
    value_fields,
)
from meetings.web import notice
from meetings.web.forms import answer

bp = Blueprint("settings", __name__, url_prefix="/settings")


# ---------------------------------------------------------------- working days and hours


def _year() -> int:
    asked = request.args.get("year", today().year, type=int)
    return asked if 2000 <= asked <= 2100 else today().year


def _day_rows(year: int) -> list[dict[str, Any]]:
    """Every day of *year* of which the library or the administrator says something, with what holds."""
    calendar = working_time.calendar()
    known = {day: (name, worked) for day, name, worked in working_days.known(year)}
    said = {row.day: row for row in working_time.overrides(year)}
    return [
        {"day": day, "library": known.get(day), "override": said.get(day), "worked": calendar.is_working(day)}
        for day in sorted({*known, *said})
    ]


def _days_page(form: DayForm, hours: HoursForm) -> str:
    year = _year()
    return render_template(
        "scheduling/working_days.html",
        year=year,
        days=_day_rows(year),
        form=form,
        hours=hours,
        spans=working_time.hours(),
        may_change=may_change_the_house(),
    )


def _hours_form() -> HoursForm:
    form = HoursForm(formdata=None)
    form.stand(working_time.hours())
    return form


@bp.get("/working-days")
@requires("setting.administer")
def days() -> str:
    return _days_page(DayForm(formdata=None), _hours_form())


@bp.post("/working-days")
@requires("setting.administer")
def set_day() -> Response:
    only_who_may_change_the_house()
    form = DayForm()

    def act() -> Response:
        office.set_day(form.day.data, form.worked.data == "worked", form.name.data, form.source.data, actor=actor())
        notice(_("Saved."))
        return redirect(url_for(".days", year=form.day.data.year), 303)

    return answer(form, act, lambda: _days_page(form, _hours_form()))


@bp.post("/working-days/<int:id>/forget")
@requires("setting.administer")
def forget_day(id: int) -> Response:
    only_who_may_change_the_house()
    row = _override(id)
    year = row.day.year
    office.forget_day(row, actor=actor())
    notice(_("The library decides on this day again."))
    return redirect(url_for(".days", year=year), 303)


def _override(id: int) -> DayOverride:
    found = working_time.override(id)
    if found is None:
        raise NotFound(_("Nothing was set for this day."))
    return found


@bp.post("/office-hours")
@requires("setting.administer")
def set_hours() -> Response:
    only_who_may_change_the_house()
    form = HoursForm()

    def act() -> Response:
        office.set_hours(form.spans(), actor=actor())
        notice(_("Saved."))
        return redirect(url_for(".days"), 303)

    return answer(form, act, lambda: _days_page(DayForm(formdata=None), form))


# ---------------------------------------------------------------- the regime


def _shared() -> dict[str, Any]:
    return {
        "kinds": KINDS,
        "setting_words": SETTING_WORDS,
        "verified_words": VERIFIED_WORDS,
        "not_verified": {Verified.MEMORY, Verified.ASSUMED, Verified.SECONDARY},
        "half_days": half_days_words,
        "cases": NO_MEETING_CASES,
        "may_change": may_change_the_house(),
        "today": today(),
    }


@bp.get("/regime")
@requires("setting.administer")
def regime() -> str:
    coming = [row for row in ruling.versions() if row.valid_from > today()]
    return render_template("scheduling/regime.html", rules_now=ruling.rules_on(today()), coming=coming, **_shared())


def _standing_rule(key: str) -> Rule:
    """The version of *key* that holds today, else the one that comes with the product."""
    found = ruling.rules_on(today()).get(key) or next((rule for rule in DEFAULTS if rule.key == key), None)
    if found is None:
        raise NotFound(_("There is no such rule."))
    return found


def _rule_page(key: str, form: RuleForm) -> str:
    return render_template(
        "scheduling/regime_rule.html",
        rule=_standing_rule(key),
        form=form,
        fields=value_fields(form),
        versions=ruling.versions(key),
        **_shared(),
    )


@bp.route("/regime/<key>", methods=["GET", "POST"])
@requires("setting.administer")
def regime_rule(key: str) -> Response:
    rule = _standing_rule(key)
    if request.method == "POST":
        only_who_may_change_the_house()
    form = rule_form(rule, today())

    def act() -> Response:
        ruling.change(asked_rule(form, rule), form.reason.data, actor=actor())
        notice(_("The new version has been kept."))
        return redirect(url_for(".regime_rule", key=key), 303)

    return answer(form, act, lambda: _rule_page(key, form))
