"""What a secretary types while she looks for an hour."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, IntegerField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from meetings.clock import HANOI, today
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.scheduling.finder import MOST_DAYS, Search
from meetings.scheduling.forms import TimeForm
from meetings.scheduling.rules import MAX_MINUTES, MIN_MINUTES
from meetings.scheduling.slots import Part
from meetings.web.forms import Day, Form, between, required

PART_WORDS = [
    SelectChoice(Part.DAY.value, _l("Whole day")),
    SelectChoice(Part.MORNING.value, _l("Morning")),
    SelectChoice(Part.AFTERNOON.value, _l("Afternoon")),
]
MARGINS = (0, 15, 30, 45, 60)
SEARCHED = ("first", "last", "long_hours", "long_minutes", "part", "margin")
"""What a search says in the address."""


class SearchForm(Form):
    """The window: it stands in the address, so that a search can be repeated, sent on and gone back to."""

    class Meta(Form.Meta):
        csrf = False

    first = Day(_l("Look from"), required(_l("Enter the day.")))
    last = Day(_l("until"), required(_l("Enter the day.")))
    long_hours = IntegerField(
        _l("Length: hours"), [InputRequired(_l("Enter the length of the meeting.")), between(0, 48)]
    )
    long_minutes = IntegerField(_l("minutes"), [InputRequired(_l("Enter the length of the meeting.")), between(0, 59)])
    part = SelectField(_l("Part of the day"), choices=PART_WORDS, default=Part.DAY.value)
    margin = SelectField(_l("Preparation before the start"), coerce=int, default=15)
    typed = False

    @classmethod
    def asked(cls, args: MultiDict[str, str], usual: Search) -> SearchForm:
        """As the address asks for it, and what it does not say as usual."""
        typed = "first" in args
        form = cls(
            formdata=args if typed else None,
            first=usual.first,
            last=usual.last,
            long_hours=usual.minutes // 60,
            long_minutes=usual.minutes % 60,
            part=usual.part.value,
            margin=usual.margin,
        )
        form.typed = typed
        form.margin.choices = [SelectChoice(n, _("%(count)s minutes", count=n) if n else _("none")) for n in MARGINS]
        return form

    def validate_last(self, field: Any) -> None:
        first, last = self.first.data, field.data
        if isinstance(first, date) and isinstance(last, date) and not first <= last < first + timedelta(days=MOST_DAYS):
            raise ValidationError(_("Enter a day within %(days)s days after the first.", days=MOST_DAYS))

    def validate_first(self, field: Any) -> None:
        if isinstance(field.data, date) and not today() <= field.data <= today() + timedelta(days=731):
            raise ValidationError(_("Enter a day from today on, within the next two years."))

    def validate_long_minutes(self, field: Any) -> None:
        if not MIN_MINUTES <= self.minutes <= MAX_MINUTES:
            raise ValidationError(_("The length must be between 10 minutes and 48 hours."))

    @property
    def minutes(self) -> int:
        return (self.long_hours.data or 0) * 60 + (self.long_minutes.data or 0)

    def search(self) -> Search | None:
        """What is looked for; None where the address makes no sense, which the fields then say."""
        if self.typed and not self.validate():
            return None
        return Search(self.first.data, self.last.data, self.minutes, self.margin.data, Part(self.part.data))


class HourForm(TimeForm):
    """One of the hours that were found, or one that is typed.

    *slot* is the chosen radio button: ``2026-12-10T08:00`` by the clock in Hà Nội, or ``own``. *was* is what stood in the
    two fields when the page came: who types another hour there means it, whichever button is still pressed.
    """

    slot = StringField()
    was = HiddenField()

    def validate(self, extra_validators: Any = None) -> bool:
        typed = " ".join((field.raw_data or [""])[0].strip() for field in (self.day, self.start))
        chosen = hour_of(self.slot.data or "")
        if chosen is not None and typed.strip() == (self.was.data or "").strip():
            self.day.data, self.start.data = chosen.date(), chosen.time()
            self.day.process_errors = self.start.process_errors = ()
        return super().validate(extra_validators)


def hour_of(text: str) -> datetime | None:
    """The hour that ``2026-12-10T08:00`` names by the clock in Hà Nội; None for anything else."""
    if not re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d", text, re.ASCII):
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=HANOI)
    except ValueError:
        return None


def day_of(text: str) -> date | None:
    """The day that ``2026-12-10`` names; None for anything else."""
    at = hour_of(f"{text}T00:00")
    return at.date() if at else None
