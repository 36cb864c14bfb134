"""Doorways of the administrator: the ladder of reminders for each type of meeting."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired

from meetings.accounts.access import actor, may_change_the_house, only_who_may_change_the_house, requires
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.invitations import chasing, ladders
from meetings.invitations.rules import ChaseStep
from meetings.scheduling.rules import ALL_TYPES, TYPE_WORDS, MeetingType, type_named
from meetings.web import notice
from meetings.web.forms import Form, answer, between

bp = Blueprint("chase_settings", __name__)


class LadderForm(Form):
    """One ladder; the fields of its rungs are added by :func:`_form`."""


def _form(kind: MeetingType | None, **given: Any) -> LadderForm:
    fields: dict[str, Any] = {}
    for step, bounds in chasing.OFFSETS.items():
        fields[f"on_{step.value}"] = BooleanField(chasing.STEP_WORDS[step])
        if bounds.most:
            fields[f"offset_{step.value}"] = IntegerField(
                bounds.word, [InputRequired(_l("Enter a whole number.")), between(bounds.least, bounds.most)]
            )
    made: LadderForm = type("LadderFormOf", (LadderForm,), fields)(**given)
    if not made.is_submitted():
        for step, rung in ladders.ladder(kind).items():
            made[f"on_{step.value}"].data = rung.on
            if chasing.OFFSETS[step].most:
                made[f"offset_{step.value}"].data = rung.offset
    return made


def _asked(form: LadderForm) -> dict[ChaseStep, tuple[bool, int]]:
    return {
        step: (bool(form[f"on_{step.value}"].data), form[f"offset_{step.value}"].data if bounds.most else 0)
        for step, bounds in chasing.OFFSETS.items()
    }


@bp.get("/settings/reminders")
@requires("setting.administer")
def every_type() -> Response:
    return redirect(url_for(".ladder", kind=ALL_TYPES))


@bp.route("/settings/reminders/<kind>", methods=["GET", "POST"])
@requires("setting.administer")
def ladder(kind: str) -> Response:
    of = type_named(kind)
    form = _form(of)
    if form.is_submitted():
        only_who_may_change_the_house()

    def act() -> Response:
        ladders.lay_down(of, _asked(form), actor=actor())
        notice(_("Saved."))
        return redirect(url_for(".ladder", kind=kind), 303)

    return answer(form, act, lambda: _shown(of, form))


@bp.post("/settings/reminders/<kind>/default")
@requires("setting.administer")
def give_back(kind: str) -> Response:
    only_who_may_change_the_house()
    ladders.give_back(type_named(kind), actor=actor())
    notice(_("The default holds again."))
    return redirect(url_for(".ladder", kind=kind), 303)


def _shown(of: MeetingType | None, form: LadderForm) -> str:
    versions = [row for row in reversed(ladders.laid()) if row.meeting_type is of]
    own = {row.step: row for row in reversed(versions)}
    return render_template(
        "invitations/ladder.html",
        of=of,
        form=form,
        ladder=ladders.ladder(of),
        own={step for step, row in own.items() if row.on is not None},
        versions=versions[:50],
        types=TYPE_WORDS,
        words=chasing.STEP_WORDS,
        offsets=chasing.OFFSETS,
        may_change=may_change_the_house(),
    )
