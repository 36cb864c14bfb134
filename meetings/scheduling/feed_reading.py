"""Reading a calendar that is kept elsewhere (iCalendar, RFC 5545) down to the hours in which it is busy.

Only the span of each busy time is kept and, where that was asked for, its title. What says of itself that it takes no
time (TRANSPARENT) or does not take place (CANCELLED) is passed over. A day without hours is a day in Hà Nội; so is an hour
without a zone, or with one that nobody knows. What cannot be understood is said, not skipped: an hour that was skipped
would be shown as free.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from enum import StrEnum
from typing import Any, Final

import recurring_ical_events
from icalendar import Calendar

from meetings.clock import HANOI

MOST_EVENTS: Final = 5000
MOST_SPANS: Final = 20_000
BUDGET: Final = 20.0
"""Seconds for the expansion of all rules: an ill-willed one could go on for hours."""
_MOST_TRIES: Final = 300_000
_YEARLY: Final = {"DAILY": 366, "WEEKLY": 366, "MONTHLY": 372, "YEARLY": 366}
"""How often at most a rule of this frequency tries a day within a year. Finer ones are no calendar of an office."""


class Unclear(StrEnum):
    """Why a calendar cannot be read; its words stand with whoever shows them."""

    NO_CALENDAR = "no_calendar"
    BROKEN_EVENTS = "broken_events"
    TOO_MANY = "too_many"
    ENDLESS = "endless"


class Unreadable(Exception):
    """The calendar as a whole is unknown."""

    def __init__(self, why: Unclear) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, order=True)
class Span:
    """A busy time, aware, UTC, whole seconds."""

    starts_at: datetime
    ends_at: datetime
    title: str = ""


def read(data: bytes, begins_at: datetime, ends_at: datetime, *, titles: bool = False) -> list[Span]:
    """The busy times of the calendar *data* between two instants, in order, cut to them; without *titles* those that
    touch are one. Raises :class:`Unreadable`."""
    calendars = _parsed(data)
    found: list[Span] = []
    until = time.monotonic() + BUDGET
    for calendar in calendars:
        for span in [*_events(calendar, begins_at, ends_at, until), *_free_busy(calendar)]:
            begins, ends = max(span.starts_at, begins_at), min(span.ends_at, ends_at)
            if begins < ends:
                found.append(Span(begins, ends, _clean(span.title) if titles else ""))
            if len(found) > MOST_SPANS:
                raise Unreadable(Unclear.TOO_MANY)
    return merged(found)


def merged(spans: Iterable[Span]) -> list[Span]:
    """*spans* in order; those of one title that overlap or touch become one."""
    by_title: dict[str, list[Span]] = {}
    for span in sorted(spans):
        row = by_title.setdefault(span.title, [])
        if row and span.starts_at <= row[-1].ends_at:
            row[-1] = Span(row[-1].starts_at, max(row[-1].ends_at, span.ends_at), span.title)
        else:
            row.append(span)
    return sorted(span for row in by_title.values() for span in row)


def _parsed(data: bytes) -> list[Any]:
    if data.count(b"BEGIN:VEVENT") > MOST_EVENTS:
        raise Unreadable(Unclear.TOO_MANY)
    try:
        calendars = Calendar.from_ical(data.removeprefix(b"\xef\xbb\xbf").lstrip(), multiple=True)
    except (ValueError, KeyError, IndexError, RecursionError):
        raise Unreadable(Unclear.NO_CALENDAR) from None
    # a file that breaks off leaves nothing: what was never ended is not among them
    if not calendars or any(calendar.name != "VCALENDAR" for calendar in calendars):
        raise Unreadable(Unclear.NO_CALENDAR)
    return list(calendars)


_WEIGHTY: Final = {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "FREEBUSY", "UID"}


def _events(calendar: Any, begins_at: datetime, ends_at: datetime, until: float) -> Iterator[Span]:
    last = ends_at.astimezone(HANOI)
    for event in calendar.walk("VEVENT"):
        if "DTSTART" not in event or any(name in _WEIGHTY for name, _fault in event.errors):
            raise Unreadable(Unclear.BROKEN_EVENTS)
        _ending(event, last.year)
    try:
        # a day wider on both sides: hours without a zone are only placed afterwards
        query = recurring_ical_events.of(calendar)
        first, last = begins_at.astimezone(HANOI) - timedelta(days=1), last + timedelta(days=1)
        for series in query.series:
            if time.monotonic() > until:
                raise Unreadable(Unclear.ENDLESS)
            for occurrence in series.between(first, last):
                event = occurrence.as_component(keep_recurrence_attributes=False)
                if _takes_time(event):
                    yield Span(_instant(occurrence.start), _instant(occurrence.end), str(event.get("SUMMARY", "")))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        raise Unreadable(Unclear.BROKEN_EVENTS) from None


def _takes_time(event: Any) -> bool:
    said = {name: str(event.get(name, "")).strip().upper() for name in _FREE}
    return not any(said[name] in words for name, words in _FREE.items())


_FREE: Final = {
    "TRANSP": ("TRANSPARENT",),
    "STATUS": ("CANCELLED",),
    "X-MICROSOFT-CDO-BUSYSTATUS": ("FREE",),
}


def _ending(event: Any, last_year: int) -> None:
    """Refuse a rule whose dates could not be counted up in good time."""
    rules = event.get("RRULE", [])
    for rule in rules if isinstance(rules, list) else [rules]:
        said = {str(key).upper(): value if isinstance(value, list) else [value] for key, value in rule.items()}
        frequency = str(said.get("FREQ", [""])[0]).upper()
        times = math.prod(len(said.get(part, [0])) for part in ("BYHOUR", "BYMINUTE", "BYSECOND"))
        start = event["DTSTART"].dt
        years = max(1, last_year + 1 - start.year)
        tries = _YEARLY.get(frequency, 0) * times * years
        if not tries or tries > _MOST_TRIES or _never(said, frequency):
            raise Unreadable(Unclear.ENDLESS)


def _never(said: dict[str, list[Any]], frequency: str) -> bool:
    """Whether a rule may match no day at all, and would be looked for until the year 9999."""
    months, days = said.get("BYMONTH"), said.get("BYMONTHDAY")
    if months and days:
        longest = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
        if not any(abs(int(day)) <= longest.get(int(month), 31) for month in months for day in days):
            return True
    # a position in a set is told of months and years; of a day or a week it is a slip or worse
    return "BYSETPOS" in said and frequency in ("DAILY", "WEEKLY")


def _free_busy(calendar: Any) -> Iterator[Span]:
    for part in calendar.walk("VFREEBUSY"):
        if any(name in _WEIGHTY for name, _fault in part.errors):
            raise Unreadable(Unclear.BROKEN_EVENTS)
        listed = part.get("FREEBUSY", [])
        for period in listed if isinstance(listed, list) else [listed]:
            if str(period.params.get("FBTYPE", "BUSY")).upper() != "FREE":
                yield Span(_instant(period.start), _instant(period.end))


def _instant(when: date | datetime) -> datetime:
    if not isinstance(when, datetime):
        when = datetime.combine(when, time_of_day(), HANOI)
    if when.tzinfo is None:
        when = when.replace(tzinfo=HANOI)
    return when.astimezone(UTC).replace(microsecond=0)


def _clean(title: str) -> str:
    """A title of one line that can be stored and printed."""
    printable = "".join(c if c.isprintable() else " " for c in re.sub(r"[\ud800-\udfff]", " ", title))
    return " ".join(printable.split())[:200]
