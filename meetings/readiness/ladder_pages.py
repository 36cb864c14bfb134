"""Doorways of the administrator: the ladder of the line tests for each type of meeting."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, may_change_the_house, only_who_may_change_the_house, requires
from meetings.clock import today
from meetings.i18n import gettext as _
from meetings.readiness import ladders
from meetings.readiness.ladder import DEFAULTS, holds
from meetings.readiness.ladder_forms import ROUND_WORDS, RuleForm
from meetings.scheduling.rules import ALL_TYPES, TYPE_WORDS, MeetingType, type_named
from meetings.web import notice
from meetings.web.forms import answer

bp = Blueprint("line_test_settings", __name__, url_prefix="/settings/line-tests")


@bp.get("")
@requires("setting.administer")
def every_type() -> Response:
    return redirect(url_for(".ladder", kind=ALL_TYPES))


@bp.route("/<kind>", methods=["GET", "POST"])
@requires("setting.administer")
def ladder(kind: str) -> Response:
    of = type_named(kind)
    form = RuleForm()
    if form.is_submitted():
        only_who_may_change_the_house()
    else:
        form.valid_from.data = today()
        for round_, rungs in ladders.standing(of, today()).items():
            for part in ("opens", "period", "grace"):
                form[f"{part}_{round_}"].data = getattr(rungs, part)

    def act() -> Response:
        ladders.lay_down(of, form.wanted, form.valid_from.data, actor=actor())
        notice(_("Saved."))
        return redirect(url_for(".ladder", kind=kind), 303)

    return answer(form, act, lambda: _shown(of, form))


@bp.post("/<kind>/default")
@requires("setting.administer")
def give_back(kind: str) -> Response:
    only_who_may_change_the_house()
    ladders.give_back(type_named(kind), actor=actor())
    notice(_("The default holds again."))
    return redirect(url_for(".ladder", kind=kind), 303)


def _shown(of: MeetingType | None, form: RuleForm) -> str:
    laid = [row for row in reversed(ladders.versions()) if row.meeting_type is of]
    values: dict[str, Any] = {"own": any(row.valid_to is None or row.valid_to > today() for row in laid)}
    return render_template(
        "readiness/ladder.html",
        of=of,
        form=form,
        versions=laid[:50],
        standing={row.id for row in laid if holds(row, today())},
        types=TYPE_WORDS,
        rounds=ROUND_WORDS,
        defaults=DEFAULTS,
        may_change=may_change_the_house(),
        **values,
    )
