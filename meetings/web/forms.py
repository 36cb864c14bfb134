"""Forms: what a person typed, cleaned once, and refused at its field in her language."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, time
from typing import Any

from flask import g, make_response
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateField, Field, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    StopValidation,
    ValidationError,
)

from meetings import i18n
from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.official import dates

__all__ = [
    "Day",
    "DayOf",
    "Form",
    "Line",
    "Text",
    "TimeOfDay",
    "answer",
    "at_most",
    "between",
    "one_of",
    "optional",
    "rehearsed",
    "required",
]


class _Words:
    """WTForms' own sentences by way of our catalogue: it ships no Vietnamese."""

    def gettext(self, string: str) -> str:
        return i18n.gettext(string)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return (
            i18n.catalogue().get(singular, (singular if n == 1 else plural,))[0]
            if i18n.locale() == "vi"
            else (singular if n == 1 else plural)
        )


class Form(FlaskForm):
    """Parent of all forms."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: Any) -> _Words:
            return _Words()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refusals: list[str] = []

    def validate(self, extra_validators: Mapping[str, Iterable[Any]] | None = None) -> bool:
        for field in self:
            for text in field.raw_data or ():
                if isinstance(text, str) and not _sound(text, lines=isinstance(field, TextAreaField)):
                    field.process_errors = [*field.process_errors, _("This text has characters that cannot be kept.")]
                    break
        return bool(super().validate(extra_validators=extra_validators))

    def refuse(self, refused: Refused) -> None:
        """Put a rule's refusal where it belongs: at its field, or above the form."""
        field = self._fields.get(refused.field or "")
        if field is None:
            self.refusals.append(str(refused.message))
        else:
            field.errors = [*field.errors, str(refused.message)]


def _sound(text: str, *, lines: bool) -> bool:
    """Whether *text* can be stored, printed and mailed: no control characters, no lone surrogates, nothing lost on its way."""
    allowed = "\t\r\n" if lines else "\t"
    for character in text:
        if character in allowed:
            continue
        if unicodedata.category(character) in ("Cc", "Cs") or character in "\ufffd\ufffe\uffff":
            return False
    return True


def _clean(text: str | None) -> str:
    return unicodedata.normalize("NFC", text).strip() if text else ""


def _clean_lines(text: str | None) -> str:
    cleaned = _clean(text).replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(line.rstrip() for line in cleaned.split("\n"))


class Line(StringField):
    """One line of text: NFC, trimmed, tabs and runs of blanks folded to one."""

    def __init__(self, label: Any, *validators: Any, max: int = 200, hint: Any = None, **kwargs: Any) -> None:
        super().__init__(label, [*validators, at_most(max)], filters=[_clean, lambda t: " ".join(t.split())], **kwargs)
        self.hint = hint


class Text(TextAreaField):
    """Several lines: NFC, trimmed, line ends as ``\\n``."""

    def __init__(self, label: Any, *validators: Any, max: int = 2000, hint: Any = None, **kwargs: Any) -> None:
        super().__init__(label, [*validators, at_most(max)], filters=[_clean_lines], **kwargs)
        self.hint = hint


class Day(DateField):
    """A day, as ``dd/mm/yyyy``; also with hyphens or points, or as ISO 8601 writes it."""

    data: Any

    def __init__(self, label: Any, *validators: Any, hint: Any = None, **kwargs: Any) -> None:
        super().__init__(label, list(validators), format=["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d"], **kwargs)
        self.hint = hint

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([text.strip()[:20] for text in valuelist])
        except (ValueError, OverflowError):
            raise ValueError(_("Enter the day as dd/mm/yyyy.")) from None
        if isinstance(self.data, date) and not 2000 <= self.data.year <= 2100:
            self.data = None
            raise ValueError(_("Enter a day between 2000 and 2100."))

    def _value(self) -> str:
        return f"{self.data:%d/%m/%Y}" if isinstance(self.data, date) else str(super()._value())


class DayOf(SelectField):
    """One of the few days that something took; where it took a single one nobody is asked (:attr:`asks`)."""

    data: Any

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, coerce=_calendar_day, choices=[], **kwargs)

    def offer(self, days: Sequence[date], standing: date) -> None:
        """Let a person choose among *days*; where the page did not ask, it is *standing*."""
        language = i18n.locale()
        self.choices = [
            (day, f"{dates.weekday(day, language)}, {dates.date_short(day, language)}")
            for day in sorted({*days, standing})
        ]
        if self.data is None and not self.raw_data:
            self.data = standing

    @property
    def asks(self) -> bool:
        return len(self.choices) > 1

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            try:
                self.data = self.coerce(valuelist[0])
            except ValueError:
                self.data = None

    def pre_validate(self, form: Any) -> None:
        if self.data not in [day for day, _label in self.choices]:
            raise ValidationError(_("Choose one of the days that are offered."))


def _calendar_day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


class TimeOfDay(TimeField):
    """A time of day, ``08:00`` or ``8h00``; 24 hours."""

    data: Any

    def __init__(self, label: Any, *validators: Any, hint: Any = None, **kwargs: Any) -> None:
        super().__init__(label, list(validators), format=["%H:%M", "%H:%M:%S"], **kwargs)
        self.hint = hint

    def process_formdata(self, valuelist: list[str]) -> None:
        texts = [t.strip().lower().replace(" giờ ", ":").replace("h", ":").replace("giờ", ":")[:10] for t in valuelist]
        try:
            super().process_formdata([t + "00" if t.endswith(":") else t for t in texts])
        except ValueError:
            raise ValueError(_("Enter the time as hh:mm, for example 08:00.")) from None

    def _value(self) -> str:
        return self.data.strftime("%H:%M") if isinstance(self.data, time) else str(super()._value())


class _Required(DataRequired):
    """As WTForms' own, which says of a thing that was typed and could not be read that it is missing."""

    def __call__(self, form: Any, field: Field) -> None:
        if field.process_errors and any(isinstance(text, str) and text.strip() for text in field.raw_data or ()):
            raise StopValidation
        super().__call__(form, field)


def required(sentence: Any) -> DataRequired:
    """Must be filled; *sentence* says with what: "Enter the name of the meeting."."""
    return _Required(sentence)


def chosen(sentence: Any) -> InputRequired:
    """Must be chosen; *sentence* says what."""
    return InputRequired(sentence)


def optional() -> Optional:
    return Optional()


def at_most(length: int) -> Length:
    return Length(max=length, message=_l("At most %(max)s characters.", max=length))


class _Between(NumberRange):
    """As WTForms' own, which fails over a number of more than 308 digits, and says two things of what is no number."""

    def __call__(self, form: Any, field: Field) -> None:
        if field.data is None:
            field.errors = []
        try:
            super().__call__(form, field)
        except OverflowError:
            raise ValidationError(self.message) from None


def between(low: int, high: int) -> NumberRange:
    return _Between(low, high, _l("Enter a number from %(low)s to %(high)s.", low=low, high=high))


def one_of(values: Callable[[], Iterable[Any]], sentence: Any) -> Callable[[Form, Field], None]:
    """A validator: the field's data must be among *values()*."""

    def check(form: Form, field: Field) -> None:
        if field.data not in set(values()):
            raise ValidationError(sentence)

    return check


def rehearsed(show: Callable[[], Response | str]) -> Response:
    """Show what the services have just done and take it all back: a preview that cannot differ from the deed."""
    response = make_response(show())
    g.refused = True
    db.session.rollback()
    return response


def answer(form: Form, act: Callable[[], Response | str], show: Callable[[], Response | str]) -> Response:
    """Do what a posted form asks, or show it again with what is wrong.

    A valid form runs *act*, whose response is sent. A :class:`Refused` from it lands at its field, everything is rolled
    back, and *show* renders what was typed, with the refusal's status; so does a form that is not valid (422). A GET shows.
    """
    if not form.is_submitted():
        return make_response(show())
    status = 422
    if form.validate():
        try:
            return make_response(act())
        except Refused as refused:
            db.session.rollback()
            form.refuse(refused)
            status = refused.status
    g.refused = True
    db.session.rollback()
    response = make_response(show())
    response.status_code = status
    return response
