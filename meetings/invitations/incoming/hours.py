"""Which instant an hour in somebody's calendar is: UTC, a named zone (also by its name in Windows), a zone that the calendar
describes itself, or an hour without a zone, which is one in Hà Nội."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from meetings.clock import HANOI

_HOUR: Final = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})[Tt](\d{2}):?(\d{2}):?(\d{2})?(?:[.,]\d+)?([Zz])?")
_OFFSET: Final = re.compile(r"([+-])(\d{2}):?(\d{2})(?:\d{2})?")
_TOLD_OFFSET: Final = re.compile(r"(?:UTC|GMT)\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?")
_YEARLY: Final = re.compile(r"([+-]?\d)(MO|TU|WE|TH|FR|SA|SU)")
_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Observance(NamedTuple):
    """From when on clocks stand how far from UTC, and how the day is found in later years."""

    begins: datetime  # on the wall
    offset: timedelta
    month: int = 0
    nth: int = 0
    weekday: int = 0


Hours = Mapping[str, tuple[Observance, ...]]
"""The zones that a calendar describes, by TZID."""


def at(said: str, tzid: str, zones: Hours) -> datetime | None:
    """The instant, aware, UTC; None for a day without an hour and for what cannot be understood."""
    match = _HOUR.fullmatch(said)
    if match is None:
        return None
    try:
        wall = _wall(match)
        if match[7]:
            return wall.replace(tzinfo=UTC)
        if not tzid:
            return wall.replace(tzinfo=HANOI).astimezone(UTC)
        zone = _named(tzid[:120]) or _described(zones.get(tzid, ()), wall) or _told(tzid[:120])
        return wall.replace(tzinfo=zone).astimezone(UTC) if zone else None
    except (ValueError, OverflowError):
        return None


def observance(begins: str, offset_to: str, rule: str) -> Observance | None:
    """A part of a VTIMEZONE; None when it says no offset."""
    offset, hour = _OFFSET.fullmatch(offset_to), _HOUR.fullmatch(begins)
    if offset is None or hour is None:
        return None
    try:
        start = _wall(hour)
    except ValueError:
        return None
    said = dict(part.partition("=")[::2] for part in rule.upper().split(";")[:20])
    day = _YEARLY.fullmatch(said.get("BYDAY", ""))
    month = said.get("BYMONTH", "")
    if said.get("FREQ") == "YEARLY" and day and re.fullmatch(r"[0-9]{1,2}", month) and 1 <= int(month) <= 12:
        return Observance(start, _span(offset), int(month), int(day[1]), _WEEKDAYS.index(day[2]))
    return Observance(start, _span(offset))


def _wall(match: re.Match[str]) -> datetime:
    year, month, day, hour, minute = (int(match[n]) for n in range(1, 6))
    return datetime(year, month, day, hour, minute, min(int(match[6] or 0), 59))  # noqa: DTZ001  on the wall


def _span(match: re.Match[str]) -> timedelta:
    span = timedelta(hours=min(int(match[2]), 23), minutes=min(int(match[3] or 0), 59))
    return -span if match[1] == "-" else span


@lru_cache(maxsize=256)
def _named(tzid: str) -> tzinfo | None:
    """``Asia/Bangkok``, ``SE Asia Standard Time``, ``/mozilla.org/20050126_1/Asia/Ho_Chi_Minh``."""
    name = WINDOWS_TO_OLSON.get(tzid, tzid)
    for key in (name, "/".join(name.split("/")[-2:])):
        if re.fullmatch(r"[A-Za-z_]+(/[A-Za-z0-9_+-]+){0,2}", key):
            try:
                return ZoneInfo(key)
            except (KeyError, ValueError, OSError):
                continue
    return None


def _described(parts: tuple[Observance, ...], wall: datetime) -> tzinfo | None:
    offsets = {part.offset for part in parts}
    if len(offsets) < 2:
        return timezone(offsets.pop()) if offsets else None
    onsets = [
        (onset, part.offset)
        for part in parts
        for year in (wall.year - 1, wall.year)
        if (onset := _onset(part, year)) is not None and onset <= wall
    ]
    return timezone(max(onsets, key=lambda pair: pair[0])[1]) if onsets else None


def _onset(part: Observance, year: int) -> datetime | None:
    """When in *year* the clocks were put to this offset."""
    if not part.month or year < part.begins.year:
        return part.begins
    if part.nth > 0:
        first = date(year, part.month, 1)
        day = first + timedelta(days=(part.weekday - first.weekday()) % 7 + 7 * (part.nth - 1))
    else:
        last = date(year + part.month // 12, part.month % 12 + 1, 1) - timedelta(days=1)
        day = last - timedelta(days=(last.weekday() - part.weekday) % 7 + 7 * (-part.nth - 1 if part.nth else 0))
    return datetime.combine(day, part.begins.time())


def _told(tzid: str) -> tzinfo | None:
    """``(UTC+07:00) Bangkok, Hanoi, Jakarta``, with nothing that describes it."""
    match = _TOLD_OFFSET.search(tzid)
    return timezone(_span(match)) if match else None
