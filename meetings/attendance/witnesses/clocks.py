"""Times as machines write them: what can be read off one, and what the whole file and the day of the meeting must decide.

``11/12/2026`` is December to a Vietnamese machine and November to an American one; a file is read in one order, that which
its unmistakable dates show, or which fits the day of the meeting. Where that does not decide, a person is asked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

HANOI: Final = "Asia/Ho_Chi_Minh"
HERE: Final = ZoneInfo(HANOI)
_FAR: Final = timedelta(days=2)  # a meeting may run past midnight, and a clock be of the other side of the world
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
    for name in (names,)
}
_CLOCK: Final = re.compile(
    r"(?<![\d:])(\d{1,2})\s?(?::|h|g|gio|hours?)\s?(\d{2})(?:\s?(?::|'|ph|p|m|phut)\s?(\d{2})(?:[.,]\d+)?)?"
    r"(?:\s?(?:s|giay|phut|ph|p|')(?![a-z]))?\s*(am|pm|a\.m\.?|p\.m\.?|sa|ch|sang|chieu|toi|trua)?(?![a-z])"
)
_HOUR_ONLY: Final = re.compile(
    r"(?<![\d/.:-])(\d{1,2})\s?(?:(?:h|gio)\s*(am|pm|sa|ch|sang|chieu|toi|trua)?|(am|pm|sa|ch))(?![a-z\d])"
)
_ISO: Final = re.compile(
    r"^(\d{4})-(\d{1,2})-(\d{1,2})[t ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(z|utc|gmt|[+-]\d{2}:?\d{2}|[+-]\d{2})?$"
)
_YEAR_FIRST: Final = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_NUMERIC: Final = re.compile(r"(?<!\d)(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
_WORDED: Final = re.compile(r"(?<!\d)(\d{1,2})\s*(?:thang|thg|th)\.?\s*(\d{1,2})(?:,|\s|nam)*(\d{4})")
_ENGLISH: Final = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?[\s-]+)?\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?[\s-]+"
    r"(?:(\d{1,2})(?:st|nd|rd|th)?,?\s+)?(\d{4})"
)
_OFFSET: Final = re.compile(r"(?:utc|gmt)\s*(?:([+-])\s*(\d{1,2})(?::?(\d{2}))?)?(?![a-z])|\b(?:ict)\b")
_LENGTH: Final = re.compile(
    r"(\d{1,5})\s*(h|hrs?|hours?|gio|m|mins?|minutes?|ph|phut|p|s|secs?|seconds?|giay|g)(?![a-z])"
)
_HMS: Final = re.compile(r"^(\d{1,4}):(\d{2})(?::(\d{2}))?$")
_LATER: Final = frozenset({"pm", "p.m", "p.m.", "ch", "chieu", "toi"})


@dataclass(frozen=True)
class Stamp:
    """One written time, taken apart. *days*: (day first, month first) as far as such a day exists; both None: no day said.

    *offset*: what it says of its own zone.
    """

    at: time
    day_first: date | None = None
    month_first: date | None = None
    offset: tzinfo | None = None

    @property
    def dated(self) -> bool:
        return self.day_first is not None or self.month_first is not None

    @property
    def open(self) -> bool:
        """Whether both orders are possible, and differ."""
        return None not in (self.day_first, self.month_first) and self.day_first != self.month_first


def plain(text: str) -> str:
    """Lower case without diacritics, đ as d, one kind of blank: as times and titles are compared."""
    bare = unicodedata.normalize("NFKD", text.casefold().replace("đ", "d"))
    return re.sub(r"\s+", " ", "".join(c for c in bare if not unicodedata.combining(c))).strip()


@lru_cache(maxsize=8192)  # each is looked at twice, and meetings begin for many at the same second
def stamp(text: str) -> Stamp | None:
    """*text* as a time, None where there is none in it."""
    if not text or len(text) > 80:
        return None
    said = plain(text)
    try:
        if found := _ISO.match(said):
            year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
            on = date(year, month, day)
            return Stamp(time(hour, minute, min(second, 59)), on, on, offset(found[7] or ""))
        at, rest = _clock(said)
        if at is None:
            return None
        first, second_ = _days(rest)
        if first is None and second_ is None and re.search(r"\d[/.-]\d", rest):
            return None  # a day that does not exist
        zone = _OFFSET.search(rest)
        return Stamp(at, first, second_, offset(zone[0]) if zone else None)
    except ValueError:
        return None


def offset(text: str) -> tzinfo | None:
    """``z``, ``utc``, ``gmt+7``, ``+07:00`` as a zone."""
    said = plain(text).replace(" ", "")
    if said == "ict":
        return timezone(timedelta(hours=7))
    if said in ("z", "utc", "gmt"):
        return UTC
    found = re.fullmatch(r"(?:utc|gmt)?([+-])(\d{1,2}):?(\d{2})?", said)
    if not found or int(found[2]) > 14 or int(found[3] or 0) > 59:
        return None
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return timezone(ahead if found[1] == "+" else -ahead)


def title_zone(title: str) -> tzinfo | None:
    """The zone that stands in a title: ``Join Time (GMT+07:00)``, ``UtcEventTimestamp``."""
    said = plain(title)
    if said.startswith("utc"):
        return UTC
    found = _OFFSET.search(said)
    return offset(found[0]) if found else None


def _clock(said: str) -> tuple[time | None, str]:
    found = _CLOCK.search(said)
    if not found:
        lone = _HOUR_ONLY.search(said)
        if not lone:
            return None, said
        half = lone[2] or lone[3]
        hour = _hour(int(lone[1]), half) if half else int(lone[1])
        return time(hour), said[: lone.start()] + " " + said[lone.end() :]
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[4]:
        hour = _hour(hour, found[4])
    return time(hour, minute, min(second, 59)), said[: found.start()] + " " + said[found.end() :]


def _hour(hour: int, half: str) -> int:
    if hour > 12:
        return hour  # «15:00 CH» says it twice
    if half in _LATER or half == "trua" and hour < 4:
        return hour % 12 + 12
    return hour % 12 if half not in ("trua",) and half[:1] in "as" else hour


def _days(said: str) -> tuple[date | None, date | None]:
    if found := _YEAR_FIRST.search(said):
        only = _day(int(found[1]), int(found[2]), int(found[3]))
        return only, only
    if found := _NUMERIC.search(said):
        one, other, year = int(found[1]), int(found[3]), int(found[4])
        year += 2000 if year < 100 else 0
        return _day(year, other, one), None if found[2] == "." else _day(year, one, other)
    if found := _WORDED.search(said):
        only = _day(int(found[3]), int(found[2]), int(found[1]))
        return only, only
    if (found := _ENGLISH.search(said)) and (found[1] or found[3]):
        only = _day(int(found[4]), _MONTHS[found[2]], int(found[1] or found[3]))
        return only, only
    return None, None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if 1990 <= year <= 2200 else None
    except ValueError:
        return None


def length(text: str, unit: int = 60) -> int | None:
    """Seconds of ``1h 5m 51s``, ``213 mins``, ``03:20:02``, ``1 giờ 5 phút``; a bare number counts in *unit*."""
    said = plain(text)
    if not said or len(said) > 60:
        return None
    if re.fullmatch(r"\d{1,7}([.,]\d+)?", said):
        return round(float(said.replace(",", ".")) * unit)
    if found := _HMS.match(said):
        return int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3] or 0)
    found_all = _LENGTH.findall(said)
    weights = {"h": 3600, "g": 3600, "m": 60, "p": 60, "s": 1}
    if not found_all:
        return None
    return sum(int(number) * (1 if word == "giay" else weights[word[0]]) for number, word in found_all)


# --- one file's clock -------------------------------------------------------------------------------------------------


@dataclass
class Clock:
    """How the times of one file are read: in which order of day and month, in which zone."""

    on: date
    zone: tzinfo
    day_first: bool | None = None  # as a person said
    faults: set[str] = field(default_factory=set)
    asked: bool = False
    unzoned: bool = False  # a time was read that says nothing of its zone
    _order: bool | None = None  # as the file shows

    def settle(self, texts: Iterable[str]) -> None:
        """Look at every time of the file before any is read."""
        seen = [found for text in texts if (found := stamp(text)) and found.dated]
        self._order = self.day_first
        if not seen:
            return
        if self.day_first is None:
            self._settle_order([one for one in seen if one.day_first != one.month_first])
        if not any(self._near(day) for one in seen if (day := self._day(one))):
            self.faults.add("another_day")

    def _settle_order(self, seen: list[Stamp]) -> None:
        shown = {one.month_first is None for one in seen if not one.open}
        doubtful = [one for one in seen if one.open]
        if len(shown) > 1:
            self.faults.add("mixed_order")
        if len(shown) == 1:
            self._order = shown.pop()
        elif doubtful:
            fits = {
                order
                for order in (True, False)
                if all(self._near(one.day_first if order else one.month_first) for one in doubtful)
            }
            if len(fits) == 1:
                self._order = fits.pop()
            elif not all(self._near(one.day_first) != self._near(one.month_first) for one in doubtful):
                self.asked = self._order = True
            # else each by itself: the machine wrote now so, now so, and the day of the meeting tells each

    def read(self, text: str, titled: tzinfo | None = None) -> datetime | None:
        """The instant *text* stands for (aware, UTC), None where none can be read; *titled*: the zone of its column."""
        found = stamp(text)
        if not found:
            return None
        day = self._day(found) if found.dated else self.on
        if day is None:
            return None
        try:
            zone = found.offset or titled
            self.unzoned |= zone is None
            return datetime.combine(day, found.at, tzinfo=zone or self.zone).astimezone(UTC)
        except (OverflowError, ValueError):
            return None

    def near(self, at: datetime) -> bool:
        """Whether that instant is about the day of the meeting."""
        return self._near(at.date())

    def _day(self, found: Stamp) -> date | None:
        if not found.open:
            return found.day_first or found.month_first
        order = self._order
        if order is None:
            order = self._near(found.day_first) or not self._near(found.month_first)
        return found.day_first if order else found.month_first

    def _near(self, day: date | None) -> bool:
        return day is not None and abs(day - self.on) <= _FAR


def zone_of(name: str) -> tzinfo | None:
    """The zone of that name, None where there is none."""
    try:
        return ZoneInfo(name) if 0 < len(name) < 60 and not name.startswith(("/", ".")) else None
    except Exception:  # a name like «../../etc/passwd», or a folder of the zone database
        return None


def from_epoch(value: object, unit: int = 1) -> datetime | None:
    """An instant from seconds (*unit* 1) or milliseconds (1000) since 1970, also where JSON carries them as a string."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value) if not isinstance(value, str) else float(value[:20])
        seconds = number / unit
        if not 631_152_000 <= seconds <= 7_258_118_400:  # 1990 to 2200
            return None
        return datetime.fromtimestamp(int(seconds), UTC)
    except (OverflowError, ValueError):
        return None


def from_iso(value: object, zone: tzinfo = UTC) -> datetime | None:
    """An instant from ISO 8601, of any number of digits behind the second; without a zone it is of *zone*."""
    if not isinstance(value, str):
        return None
    found = stamp(value)
    if not found or found.day_first is None:
        return None
    try:
        return datetime.combine(found.day_first, found.at, tzinfo=found.offset or zone).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
