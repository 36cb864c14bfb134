"""What an administrator types about working days, office hours and the rules of the regime."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from wtforms import BooleanField, IntegerField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.official.verified import VERIFIED_WORDS, Verified
from meetings.official.working_days import Span
from meetings.scheduling.regime import KINDS, SETTING_WORDS, Rule, Setting
from meetings.web.forms import Day, Form, Line, Text, TimeOfDay, between, chosen, required


class DayForm(Form):
    day = Day(_l("Day"), required(_l("Enter the day.")), hint=_l("dd/mm/yyyy"))
    worked = RadioField(
        _l("On this day"),
        [chosen(_l("Choose whether the day is worked."))],
        choices=[SelectChoice("off", _l("offices are closed")), SelectChoice("worked", _l("offices work"))],
    )
    name = Line(
        _l("Name"), required(_l("Enter what the day is.")), max=200, hint=_l("For example: Nghỉ bù Tết Nguyên đán")
    )
    source = Line(
        _l("By which document"),
        required(_l("Enter the document that says so.")),
        max=400,
        hint=_l("For example: Thông báo 6150/TB-BLĐTBXH"),
    )


class HoursForm(Form):
    begins_1 = TimeOfDay(_l("Morning from"), required(_l("Enter the hour.")))
    ends_1 = TimeOfDay(_l("until"), required(_l("Enter the hour.")))
    begins_2 = TimeOfDay(_l("Afternoon from"), Optional())
    ends_2 = TimeOfDay(_l("until"), Optional())

    def stand(self, spans: tuple[Span, ...]) -> None:
        """Show the hours as they are."""
        for number, span in enumerate(spans[:2], 1):
            self[f"begins_{number}"].data, self[f"ends_{number}"].data = span.begins, span.ends

    def spans(self) -> list[Span]:
        """The hours that were typed. Half an afternoon is a slip: read as none, it would shorten every day of every office."""
        for one, other in (("begins_2", "ends_2"), ("ends_2", "begins_2")):
            if self[one].data is None and self[other].data is not None:
                raise Refused(_("Enter the hour."), field=one, status=422)
        pairs: list[tuple[time | None, time | None]] = [
            (self[f"begins_{number}"].data, self[f"ends_{number}"].data) for number in (1, 2)
        ]
        return [Span(begins, ends) for begins, ends in pairs if begins is not None and ends is not None]


class RuleForm(Form):
    """A new version of a rule; the parts of its value are added by :func:`rule_form`."""

    valid_from = Day(_l("In force from"), required(_l("Enter the day.")), hint=_l("dd/mm/yyyy"))
    setting = RadioField(_l("When it is not kept"), [chosen(_l("Choose what the rule does."))], choices=[])
    source = Line(_l("Source"), required(_l("Enter the source of the value.")), max=400)
    article = Line(_l("Article"), max=200)
    verified = SelectField(
        _l("How far it is verified"), choices=[SelectChoice(v.value, w) for v, w in VERIFIED_WORDS.items()]
    )
    note = Text(_l("Note"), max=1000)
    reason = Line(_l("Why the rule is changed"), required(_l("Enter why the rule is changed.")), max=500)


def rule_form(rule: Rule, today: date, **given: Any) -> RuleForm:
    """The form of the rule *rule*, with a field for each part of its value, filled with what holds now."""
    kind = KINDS[rule.key]
    fields: dict[str, Any] = {}
    for name, part in kind.parts.items():
        if part.kind == "time":
            fields[_field(name)] = TimeOfDay(part.word, required(_l("Enter the hour.")))
        elif part.kind == "tick":
            fields[_field(name)] = BooleanField(part.word)
        else:
            fields[_field(name)] = IntegerField(
                part.word, [InputRequired(_l("Enter a whole number.")), between(part.least, part.most)]
            )
    made: RuleForm = type("RuleFormOf", (RuleForm,), fields)(**given)
    made.setting.choices = [SelectChoice(s.value, SETTING_WORDS[s]) for s in kind.settings]
    if not made.is_submitted():
        made.valid_from.data, made.setting.data, made.verified.data = today, rule.setting.value, rule.verified.value
        made.source.data, made.article.data, made.note.data = rule.source, rule.article, rule.note
        for name, part in kind.parts.items():
            value = rule.value.get(name)
            made[_field(name)].data = time.fromisoformat(value) if part.kind == "time" and value else value
    return made


def _field(part: str) -> str:
    return f"value_{part}"


def value_fields(form: RuleForm) -> list[Any]:
    """The fields of the value, in their order."""
    return [field for field in form if field.name.startswith("value_")]


def asked_rule(form: RuleForm, before: Rule) -> Rule:
    """The version that was typed, to take the place of *before*."""
    value: dict[str, Any] = {}
    for name, part in KINDS[before.key].parts.items():
        typed = form[_field(name)].data
        value[name] = f"{typed:%H:%M}" if part.kind == "time" else typed
    return Rule(
        before.key,
        form.valid_from.data,
        None,
        value,
        Setting(form.setting.data),
        form.source.data,
        form.article.data,
        Verified(form.verified.data),
        form.note.data,
    )


class PassForm(Form):
    """Going past a rule: which way, why, and which leader approved it."""

    way = RadioField(_l("How it is sent all the same"), [chosen(_l("Choose one of the two."))], choices=[])
    reason = Line(_l("Reason"), required(_l("Enter the reason.")), max=500)
    leader = Line(
        _l("Leader who approves"),
        required(_l("Enter the leader who approves it.")),
        max=200,
        hint=_l("Full name and position"),
    )
