"""The span of a report: a year, one of its quarters or one of its months, as the wall in Hà Nội shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from meetings import clock
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2100


@dataclass(frozen=True, order=True)
class Period:
    """A whole year, or the *quarter* (1–4) or the *month* (1–12) of it; 0 is none, and a month outweighs a quarter."""

    year: int
    quarter: int = 0
    month: int = 0

    @property
    def first(self) -> date:
        return date(self.year, self.month or self.quarter * 3 - 2 if self.month or self.quarter else 1, 1)

    @property
    def last(self) -> date:
        months = 1 if self.month else 3 if self.quarter else 12
        ends = self.first.month + months
        return date(self.year + (ends > 12), ends - 12 if ends > 12 else ends, 1) - timedelta(days=1)

    @property
    def begins_at(self) -> datetime:
        """The instant at which its first day begins in Hà Nội."""
        return clock.instant(self.first, time())

    @property
    def ends_at(self) -> datetime:
        """The instant at which the day after its last begins."""
        return clock.instant(self.last + timedelta(days=1), time())

    @property
    def parts(self) -> tuple[Period, ...]:
        """What it is made of: the quarters of a year, the months of a quarter; a month is one piece."""
        if self.month:
            return (self,)
        if self.quarter:
            return tuple(Period(self.year, 0, self.quarter * 3 - 2 + n) for n in range(3))
        return tuple(Period(self.year, n) for n in range(1, 5))

    @property
    def before(self) -> Period:
        """The period of the same length that ended as this one began."""
        if self.month:
            return Period(self.year, 0, self.month - 1) if self.month > 1 else Period(self.year - 1, 0, 12)
        if self.quarter:
            return Period(self.year, self.quarter - 1) if self.quarter > 1 else Period(self.year - 1, 4)
        return Period(self.year - 1)

    @property
    def words(self) -> str:
        """``Quý IV năm 2026`` in the reader's language."""
        if self.month:
            return _("Month %(month)s of %(year)s", month=self.month, year=self.year)
        if self.quarter:
            return _("Quarter %(quarter)s of %(year)s", quarter=ROMAN[self.quarter], year=self.year)
        return _("The year %(year)s", year=self.year)

    @property
    def mark(self) -> str:
        """How a file or a letter's key names it: ``2026``, ``2026-q4``, ``2026-11``."""
        if self.month:
            return f"{self.year}-{self.month:02d}"
        return f"{self.year}-q{self.quarter}" if self.quarter else f"{self.year}"


ROMAN: Final = ("", "I", "II", "III", "IV")


class Rhythm(StrEnum):
    """How often a report is sent."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


RHYTHM_WORDS: Final = {
    Rhythm.MONTH: _l("every month"),
    Rhythm.QUARTER: _l("every quarter"),
    Rhythm.YEAR: _l("every year"),
}


def holding(day: date, rhythm: Rhythm) -> Period:
    """The period of that *rhythm* in which *day* lies."""
    match rhythm:
        case Rhythm.MONTH:
            return Period(day.year, 0, day.month)
        case Rhythm.QUARTER:
            return Period(day.year, (day.month + 2) // 3)
        case Rhythm.YEAR:
            return Period(day.year)


def asked(year: int | None, quarter: int | None, month: int | None, today: date) -> Period:
    """The period that an address names; whatever is no year, quarter or month is left out. None at all: this quarter."""
    if year is None or not FIRST_YEAR <= year <= LAST_YEAR:
        return holding(today, Rhythm.QUARTER)
    if month is not None and 1 <= month <= 12:
        return Period(year, 0, month)
    return Period(year, quarter if quarter is not None and 1 <= quarter <= 4 else 0)
