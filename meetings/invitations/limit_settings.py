"""Doorways of the administrator: how many letters a press of a button may cause, and text messages on the day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, IntegerField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from meetings.accounts.access import actor, may_change_the_house, only_who_may_change_the_house, requires
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.invitations import texts
from meetings.post import limits, quota
from meetings.post.limits import Setting
from meetings.web import notice
from meetings.web.forms import Form, answer, between

bp = Blueprint("limit_settings", __name__)

LETTERS: Final = (Setting.ADDRESS_HOUR, Setting.ADDRESS_DAY, Setting.PERSON_HOUR, Setting.MEETING_DAY)
MESSAGES: Final = (Setting.NUMBER_DAY, Setting.TEXTS_MEETING, Setting.TEXTS_MONTH)


def _bound(which: Setting, words: Any) -> IntegerField:
    span = limits.RANGES[which]
    return IntegerField(words, [InputRequired(_l("Enter a whole number.")), between(span.least, span.most)])


class LimitForm(Form):
    """Every setting under its own name; read and written by :func:`_values`."""

    address_hour = _bound(Setting.ADDRESS_HOUR, _l("To one address within an hour"))
    address_day = _bound(Setting.ADDRESS_DAY, _l("To one address within a day"))
    person_hour = _bound(Setting.PERSON_HOUR, _l("By one person within an hour"))
    meeting_day = _bound(Setting.MEETING_DAY, _l("Of one kind for one meeting within a day"))
    texts_on = BooleanField(_l("Send text messages on the day of a meeting"))
    texts_marked = RadioField(
        _l("How messages are written"),
        [InputRequired(_l("Choose how messages are written."))],
        choices=[
            SelectChoice("0", _l("without marks: one part of 160 characters")),
            SelectChoice("1", _l("with marks: two parts of 67 characters, at twice the price")),
        ],
    )
    number_day = _bound(Setting.NUMBER_DAY, _l("To one number within a day"))
    texts_meeting = _bound(Setting.TEXTS_MEETING, _l("For one meeting in all"))
    texts_month = _bound(Setting.TEXTS_MONTH, _l("Of the whole installation within 30 days"))


def _values(form: LimitForm) -> dict[Setting, int]:
    return {which: int(form[which.value].data) for which in Setting}


def _standing() -> dict[str, Any]:
    found: dict[str, Any] = {which.value: value for which, value in quota.settings().items()}
    marked = Setting.TEXTS_MARKED.value
    return {**found, marked: str(found[marked]), Setting.TEXTS_ON.value: bool(found[Setting.TEXTS_ON.value])}


def _fields(form: LimitForm, which: Sequence[Setting]) -> list[Any]:
    return [form[one.value] for one in which]


@bp.route("/settings/limits", methods=["GET", "POST"])
@requires("setting.administer")
def edit() -> Response:
    form = LimitForm(data=_standing())
    if form.is_submitted():
        only_who_may_change_the_house()

    def act() -> Response:
        texts.settle(_values(form), actor=actor())
        notice(_("Saved."))
        return redirect(url_for(".edit"), 303)

    def show() -> str:
        return render_template(
            "invitations/limits.html",
            form=form,
            letters=_fields(form, LETTERS),
            messages=_fields(form, MESSAGES),
            usual={which.value: span.usual for which, span in limits.RANGES.items()},
            gateway=texts.has_gateway(),
            may_change=may_change_the_house(),
        )

    return answer(form, act, show)
