"""Working days: weekends and the public holidays of the ``holidays`` library are off, an administrator's overrides win.

The library knows the Government's yearly swaps (a Friday off, a Saturday worked); what it cannot know yet is entered
as an override of that one day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from functools import cache
from typing import Final, NamedTuple

import holidays

_ONE: Final = timedelta(days=1)
_HORIZON: Final = 3660  # ten years: a calendar that has no working day in it is a mistake, not a long wait


class Span(NamedTuple):
    """A stretch of the office hours, on the wall."""

    begins: time
    ends: time


OFFICE_HOURS: Final = (Span(time(7, 30), time(11, 30)), Span(time(13, 30), time(17, 0)))
"""The usual hours of an office; an administrator may set others."""


@cache
def _year(year: int) -> tuple[dict[date, str], frozenset[date]]:
    """The public holidays of *year* with their Vietnamese names, and the weekend days that are worked instead."""
    known = holidays.country_holidays("VN", years=year, language="vi")
    return dict(known.items()), frozenset(day for day in known.weekend_workdays if day.year == year)


def known(year: int) -> list[tuple[date, str, bool]]:
    """What the library says of *year*: each day off with its Vietnamese name, each weekend day worked instead with ""."""
    off, worked = _year(year)
    return sorted([(day, name, False) for day, name in off.items()] + [(day, "", True) for day in worked])


@dataclass(frozen=True)
class Calendar:
    """Which days are worked. *overrides*: day → True (worked) or False (off), each winning over the library."""

    overrides: Mapping[date, bool] = field(default_factory=dict)

    def holiday(self, day: date) -> str:
        """The public holiday's Vietnamese name, or ""."""
        return _year(day.year)[0].get(day, "")

    def worked_weekend(self, day: date) -> bool:
        """Whether the library knows *day* as a weekend day that is worked instead of another."""
        return day in _year(day.year)[1]

    def is_working(self, day: date) -> bool:
        """True when offices are open on *day*."""
        if day in self.overrides:
            return self.overrides[day]
        off, worked = _year(day.year)
        return day in worked or (day.weekday() < 5 and day not in off)

    def add_working_days(self, start: date, days: int) -> date:
        """The day *days* working days after (negative: before) *start*; *start* itself is not counted.

        0 gives *start* if it is worked, else the next day that is.
        """
        step = -_ONE if days < 0 else _ONE
        day, left = start, abs(days)
        if left == 0:
            while not self.is_working(day):
                day += _ONE
            return day
        for _ in range(_HORIZON + 3 * left):
            day += step
            left -= self.is_working(day)
            if left == 0:
                return day
        raise ValueError("no working day within ten years: look at the overrides")

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after *start* up to and with *end*; negative when *end* comes first."""
        if end < start:
            return -self.working_days_between(end, start)
        return sum(self.is_working(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))


STANDARD: Final = Calendar()
"""The library's calendar, without overrides."""


def add_working_days(start: date, days: int, calendar: Calendar = STANDARD) -> date:
    """See :meth:`Calendar.add_working_days`."""
    return calendar.add_working_days(start, days)


def working_days_between(start: date, end: date, calendar: Calendar = STANDARD) -> int:
    """See :meth:`Calendar.working_days_between`."""
    return calendar.working_days_between(start, end)
