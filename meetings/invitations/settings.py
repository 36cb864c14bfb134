"""Doorways of the administrator: whose giấy mời must be approved, and who gives them their numbers."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.clock import today
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.invitations import approval, rounds
from meetings.invitations.forms import ApprovalRuleForm, CountingForm
from meetings.scheduling import numbers, register
from meetings.units import queries as units
from meetings.units.models import Unit
from meetings.web import notice
from meetings.web.forms import answer

bp = Blueprint("invitation_settings", __name__)


def _unit(said: str) -> Unit:
    """The unit that was typed, by code, name or abbreviation, if the reader administers its settings."""
    meant = [unit for unit in units.named(said, today()) if actor().may("setting.administer", unit.path)]
    if not meant:
        raise Refused(
            _("There is no unit of this code or name: “%(said)s”. Choose one of those proposed.", said=said),
            field="unit",
            status=422,
        )
    if len(meant) > 1:
        listed = "; ".join(f"{unit.code} {unit.name}" for unit in meant[:5])
        raise Refused(
            _("Several units are called “%(said)s”: %(units)s. Enter the code.", said=said, units=listed),
            field="unit",
            status=422,
        )
    return meant[0]


@bp.route("/settings/approval", methods=["GET", "POST"])
@requires("setting.administer")
def approval_rules() -> Response:
    form = ApprovalRuleForm()
    if not form.is_submitted():
        form.valid_from.data = today()

    def act() -> Response:
        approval.lay_down(
            _unit(form.unit.data), form.type, form.needed.data == "yes", form.valid_from.data, actor=actor()
        )
        notice(_("Saved."))
        return redirect(url_for(".approval_rules"), 303)

    def show() -> str:
        return render_template(
            "invitations/approval_rules.html",
            form=form,
            rules=rounds.rules_of(actor()),
            today=today(),
            proposed=units.offered(actor().paths("setting.administer"), today()),
        )

    return answer(form, act, show)


@bp.post("/settings/approval/<int:rule_id>/end")
@requires("setting.administer")
def end_rule(rule_id: int) -> Response:
    approval.end(rounds.rule(actor(), rule_id), actor=actor())
    notice(_("The rule holds no more from today."))
    return redirect(url_for(".approval_rules"), 303)


@bp.route("/settings/numbering", methods=["GET", "POST"])
@requires("setting.administer")
def numbering() -> Response:
    form = CountingForm()

    def act() -> Response:
        numbers.count_by_system(_unit(form.unit.data), form.by.data == "system", form.last.data, actor=actor())
        notice(_("Saved."))
        return redirect(url_for(".numbering"), 303)

    def show() -> str:
        return render_template(
            "invitations/counting.html",
            form=form,
            bodies=register.counted(actor()),
            year=today().year,
            proposed=units.offered(actor().paths("setting.administer"), today()),
        )

    return answer(form, act, show)
