"""Dates and times as Decree 30/2020/NĐ-CP writes them, and as an English reader expects them.

Every function takes a date, an aware instant (shown on Hà Nội's wall) or, for clocks, a wall time. Days 1 to 9 and
the months 1 and 2 carry a leading zero (Annex I, II.4.b); March to September do not.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

from meetings import clock as _clock
from meetings.official.text import NBSP, bound

WEEKDAYS: Final = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_ENGLISH_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ENGLISH_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _day(when: date | datetime) -> date:
    return _clock.wall(when).date() if isinstance(when, datetime) else when


def _time(when: datetime | time) -> time:
    return _clock.wall(when).time() if isinstance(when, datetime) else when


def weekday(when: date | datetime, locale: str = "vi") -> str:
    """``thứ Năm`` · ``Thursday``."""
    return (WEEKDAYS if locale == "vi" else _ENGLISH_DAYS)[_day(when).weekday()]


def date_plain(when: date | datetime, locale: str = "vi") -> str:
    """``ngày 05 tháng 02 năm 2027`` · ``5 February 2027``."""
    day = _day(when)
    if locale != "vi":
        return f"{day.day} {_ENGLISH_MONTHS[day.month - 1]} {day.year}"
    month = f"{day.month:02d}" if day.month <= 2 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year:04d}"


def date_long(when: date | datetime, locale: str = "vi") -> str:
    """``thứ Năm, ngày 10 tháng 12 năm 2026`` · ``Thursday 10 December 2026``."""
    joint = ", " if locale == "vi" else " "
    return f"{weekday(when, locale)}{joint}{date_plain(when, locale)}"


def date_short(when: date | datetime, locale: str = "vi") -> str:
    """``10/12/2026`` · ``10 Dec 2026``."""
    day = _day(when)
    if locale != "vi":
        return f"{day.day} {_ENGLISH_MONTHS[day.month - 1][:3]} {day.year}"
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"


def day_month(when: date | datetime, locale: str = "vi") -> str:
    """``10/12`` · ``10 Dec``."""
    day = _day(when)
    return f"{day.day:02d}/{day.month:02d}" if locale == "vi" else f"{day.day} {_ENGLISH_MONTHS[day.month - 1][:3]}"


def clock(when: datetime | time, locale: str = "vi") -> str:
    """``08 giờ 00`` · ``08:00``."""
    at = _time(when)
    return f"{at.hour:02d} giờ {at.minute:02d}" if locale == "vi" else f"{at.hour:02d}:{at.minute:02d}"


def clock_seconds(when: datetime | time) -> str:
    """``08:12:36``, on the live board only."""
    return _time(when).strftime("%H:%M:%S")


def clock_range(start: datetime | time, end: datetime | time, locale: str = "vi") -> str:
    """``08 giờ 00 – 11 giờ 15`` · ``08:00 – 11:15``; an end on another day says which: ``08 giờ 00 – 14 giờ 00 (11/12)``."""
    said = f"{clock(start, locale)} – {clock(end, locale)}"
    if isinstance(start, datetime) and isinstance(end, datetime) and _day(start) != _day(end):
        said += f" ({day_month(end, locale)})"
    return said


def moment(when: datetime, locale: str = "vi") -> str:
    """``17 giờ 00, ngày 04 tháng 12 năm 2026`` · ``17:00, 4 December 2026``."""
    return f"{clock(when, locale)}, {date_plain(when, locale)}"


def moment_long(when: datetime, locale: str = "vi") -> str:
    """``08 giờ 00, thứ Năm, ngày 10 tháng 12 năm 2026`` · ``08:00, Thursday 10 December 2026``."""
    return f"{clock(when, locale)}, {date_long(when, locale)}"


def moment_short(when: datetime, locale: str = "vi") -> str:
    """``08 giờ 00, 10/12/2026`` · ``08:00, 10 Dec 2026``."""
    return f"{clock(when, locale)}, {date_short(when, locale)}"


def span_short(start: datetime, end: datetime, locale: str = "vi") -> str:
    """``cả ngày 10/12/2026`` · ``10/12/2026 – 12/12/2026`` · ``08 giờ 00 – 11 giờ 30, 10/12/2026``: midnight ends the day
    before, for nobody on leave until the 12th is missed on the 13th."""
    if _time(start) == _time(end) == time():
        first, last = _day(start), _day(end) - timedelta(days=1)
        if first < last:
            return f"{date_short(first, locale)} – {date_short(last, locale)}"
        return f"cả ngày {date_short(first, locale)}" if locale == "vi" else f"all day {date_short(first, locale)}"
    if _day(start) == _day(end):
        return f"{clock_range(start, end, locale)}, {date_short(start, locale)}"
    return f"{moment_short(start, locale)} – {moment_short(end, locale)}"


def duration(length: timedelta, locale: str = "vi") -> str:
    """A planned or held length, to the minute: ``03 giờ 15 phút`` · ``45 phút`` · ``3 h 15 min``."""
    hours, minutes = divmod(max(0, int(length.total_seconds())) // 60, 60)
    if locale != "vi":
        return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"
    return f"{hours:02d} giờ {minutes:02d} phút" if hours else f"{minutes:02d} phút"


def elapsed(length: timedelta, locale: str = "vi") -> str:
    """A running length, to the second under an hour: ``3 phút 12 giây`` · ``3 min 12 s``."""
    seconds = max(0, int(length.total_seconds()))
    if seconds >= 3600:
        hours, minutes = divmod(seconds // 60, 60)
        return f"{hours} giờ {minutes:02d} phút" if locale == "vi" else f"{hours} h {minutes:02d} min"
    minutes, rest = divmod(seconds, 60)
    if locale != "vi":
        return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
    return f"{minutes} phút {rest:02d} giây" if minutes else f"{rest} giây"


def place_and_date(place: str, when: date | None, year: int | None = None) -> str:
    """The line under the motto: ``Hà Nội, ngày 25 tháng 11 năm 2026``.

    A draft (*when* is None) leaves day and month to the records clerk; *year* is printed when it is known.
    """
    if when is not None:
        return bound(f"{place}, {date_plain(when)}")
    gap = NBSP * 6
    return f"{place}, ngày{gap}tháng{gap}năm{NBSP}{year}" if year else f"{place}, ngày{gap}tháng{gap}năm{gap}"
