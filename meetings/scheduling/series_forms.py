"""What a secretary types when a meeting comes again: the rule, and what is done with each date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from wtforms import IntegerField, RadioField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from meetings import i18n
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.official.dates import weekday
from meetings.scheduling.forms import DraftForm
from meetings.scheduling.recurrence import LAST, MAX_DATES, MAX_EVERY, Choice, Pace, Rule, planned, weekday_name
from meetings.web.forms import Day, Form, Line, between, chosen, optional

CHOICE: Final = "on-"
"""Before the day in the name of the field that says what is done with it: ``on-2026-12-07``."""


class RuleForm(Form):
    """How often the meeting comes again. Sent as a GET: the dates are listed, and nothing is made."""

    class Meta(Form.Meta):
        csrf = False

    pace = RadioField(_l("It comes again"), [chosen(_l("Choose how often the meeting comes again."))], choices=[])
    weekdays = SelectMultipleField(
        _l("On these days of the week"),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    every = IntegerField(
        _l("Every … weeks or months"), [optional(), between(1, MAX_EVERY)], default=1, description=_l("1: every one")
    )
    until = Day(_l("Until and with"), optional(), hint=_l("dd/mm/yyyy"))
    count = IntegerField(_l("or so many times"), [optional(), between(2, MAX_DATES)])

    def offer(self, first: date) -> RuleForm:
        """Offer the rules of which *first* is a date, in words that name its weekday and its day."""
        last = (first + timedelta(days=1)).month != first.month
        day = weekday(first, i18n.locale())
        nth = (first.day - 1) // 7 + 1
        offered = [
            (Pace.DAILY.value, _("Every working day"), first.weekday() < 5),
            (Pace.WEEKLY.value, _("Every week"), True),
            (
                f"{Pace.MONTHLY_DAY}:{first.day}",
                _("Every month on day %(day)s", day=f"{first.day:02d}"),
                first.day <= 28,
            ),
            (f"{Pace.MONTHLY_DAY}:{LAST}", _("Every month on its last day"), last),
            (f"{Pace.MONTHLY_WEEKDAY}:{nth}", _("Every month on %(day)s no. %(nth)s", day=day, nth=nth), nth < 5),
            (
                f"{Pace.MONTHLY_WEEKDAY}:{LAST}",
                _("Every month on the last %(day)s", day=day),
                (first + timedelta(days=7)).month != first.month,
            ),
        ]
        self.pace.choices = [SelectChoice(value, words) for value, words, fits in offered if fits]
        self.weekdays.choices = [SelectChoice(n, weekday_name(n, i18n.locale())) for n in range(7)]
        if not self.pace.raw_data:
            self.pace.data, self.weekdays.data = Pace.WEEKLY.value, [first.weekday()]
        return self

    def read(self, first: date) -> Rule | None:
        """The rule that was typed, if it can be meant from *first* on; else None, and what is wrong stands at its field."""
        if not self.validate():
            return None
        rule = self._typed(first)
        try:
            planned(rule, first)
        except Refused as refused:
            self.refuse(refused)
            return None
        return rule

    def _typed(self, first: date) -> Rule:
        pace, _colon, which = self.pace.data.partition(":")
        number = int(which or 0)
        return Rule(
            Pace(pace),
            every=1 if pace == Pace.DAILY else self.every.data or 1,
            weekdays=tuple(sorted(self.weekdays.data))
            if pace == Pace.WEEKLY
            else (first.weekday(),)
            if pace == Pace.MONTHLY_WEEKDAY
            else (),
            day=number if pace == Pace.MONTHLY_DAY else 0,
            nth=number if pace == Pace.MONTHLY_WEEKDAY else 0,
            until=self.until.data,
            count=self.count.data,
        )


class SeriesForm(DraftForm):
    """The list of dates: a choice a row (read by :func:`chosen_dates`), and why busy ones are held all the same."""

    in_spite_of = Line(_l("Hold the busy dates all the same, because"), max=500)


def chosen_dates(values: Mapping[str, Any]) -> dict[date, Choice]:
    """What was chosen for each day; whatever is neither a day nor a choice is passed over."""
    found: dict[date, Choice] = {}
    for name, value in values.items():
        if name.startswith(CHOICE) and value in set(Choice):
            try:
                found[date.fromisoformat(name.removeprefix(CHOICE))] = Choice(value)
            except ValueError:
                continue
    return found
