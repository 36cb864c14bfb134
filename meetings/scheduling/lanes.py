"""A calendar as it is drawn: periods, lanes of bars, what collides, and how bars lie side by side on a day."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from meetings.clock import instant, wall


class View(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class By(StrEnum):
    ROOM = "room"
    SITE = "site"
    CHAIR = "chair"


class Look(StrEnum):
    """How a bar is drawn; a word always says the same."""

    FIRM = "firm"
    HOLD = "hold"  # giữ chỗ: a draft that holds for a while, or one that waits for approval
    DRAFT = "draft"
    OFF = "off"  # cancelled or postponed
    BLOCK = "block"  # no meeting of ours


TAKING: Final = frozenset({Look.FIRM, Look.HOLD, Look.BLOCK})
"""What takes its hour, so that two of it collide."""


@dataclass(frozen=True)
class Bar:
    """Something in a lane. Instants are aware. *title* is empty where the reader may only know that the hour is taken."""

    key: str  # of a meeting or a busy time, the same in every lane
    starts_at: datetime
    ends_at: datetime
    look: Look
    title: str = ""
    code: str = ""  # of the meeting, where the reader may open it
    state: str = ""  # of the meeting, or the kind of a busy time
    organiser: str = ""
    phone: str = ""
    sites: int = 0
    place: str = ""  # a room, where the lane is wider than it
    collides: int = 0


@dataclass(frozen=True)
class Lane:
    """A room, a site or a chair with what it is taken by."""

    key: str
    name: str
    under: str = ""  # in small: the site of a room, the unit of a person
    url: str = ""
    known: bool = True
    bars: tuple[Bar, ...] = ()


def period(view: View, day: date) -> tuple[date, date]:
    """First and last day of what is shown around *day*; a month without the days before and after it."""
    if view is View.DAY:
        return day, day
    if view is View.WEEK:
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=6)
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def grid(first: date, last: date) -> list[date]:
    """The days from *first* to *last* and those that fill up their weeks."""
    begins, ends = first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())
    return [begins + timedelta(days=n) for n in range((ends - begins).days + 1)]


def moved(view: View, day: date, step: int) -> date:
    """The day to look at one period later (*step* 1) or earlier (-1)."""
    if view is View.MONTH:
        month = day.year * 12 + day.month - 1 + step
        year, month = divmod(month, 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    return day + timedelta(days=step * (7 if view is View.WEEK else 1))


def span(first: date, last: date) -> tuple[datetime, datetime]:
    """The instants between which the days *first* to *last* lie in Hà Nội."""
    return instant(first, time()), instant(last + timedelta(days=1), time())


def collided(bars: Iterable[Bar]) -> tuple[Bar, ...]:
    """The bars of one lane in order, each with the number of others that want its hour."""
    ordered = sorted(bars, key=lambda bar: (bar.starts_at, bar.ends_at, bar.key))
    counts = [0] * len(ordered)
    for i, bar in enumerate(ordered):
        for j in range(i + 1, len(ordered)):
            if ordered[j].starts_at >= bar.ends_at:
                break
            if {bar.look, ordered[j].look} <= TAKING and bar.key != ordered[j].key:
                counts[i] += 1
                counts[j] += 1
    return tuple(replace(bar, collides=n) for bar, n in zip(ordered, counts, strict=True))


def on_day(bars: Iterable[Bar], day: date) -> list[Bar]:
    """Those of *bars* that touch *day* in Hà Nội; midnight belongs to the day that begins with it."""
    begins, ends = span(day, day)
    return [bar for bar in bars if bar.starts_at < ends and bar.ends_at > begins]


def hours(bar: Bar, day: date) -> str:
    """``08:00–11:15`` of *bar* on *day*: what lies on other days is left to dots, a whole day to nothing."""
    begins, ends = span(day, day)
    first = f"{wall(bar.starts_at):%H:%M}" if bar.starts_at >= begins else "…"
    last = f"{wall(bar.ends_at):%H:%M}" if bar.ends_at <= ends else "…"
    last = "24:00" if bar.ends_at == ends else last
    return "" if first in ("…", "00:00") and last in ("…", "24:00") else f"{first}–{last}"


# ------------------------------------------------------------------ the day with its hours

STEP: Final = timedelta(minutes=15)
_USUAL: Final = (7, 18)


def opening(lanes: Iterable[Lane], day: date) -> tuple[int, int]:
    """The hours that *day* is drawn from and to: the usual ones, and more where something lies outside them."""
    begins, ends = span(day, day)
    first, last = _USUAL
    for lane in lanes:
        for bar in on_day(lane.bars, day):
            if bar.look is Look.BLOCK and bar.starts_at <= begins and bar.ends_at >= ends:
                continue  # all day long: it fills whatever is drawn
            if bar.starts_at > begins:
                first = min(first, wall(bar.starts_at).hour)
            if bar.ends_at < ends:
                last = max(last, -int(-(bar.ends_at - begins).total_seconds() // 3600))
            else:
                last = 24
    return first, last


@dataclass(frozen=True)
class Cell:
    """A stretch of a row of the day: so many steps, free or taken by *bar*."""

    steps: int
    bar: Bar | None = None
    begins_hour: bool = False


def rows(bars: Sequence[Bar], day: date, first: int, last: int) -> list[list[Cell]]:
    """*bars* of one lane on *day* between two hours, in as few rows as let none cover another; one row at least."""
    begins, _ends = span(day, day)
    opens, total = begins + timedelta(hours=first), (last - first) * 4
    packed: list[list[tuple[int, int, Bar]]] = []
    for bar in on_day(bars, day):
        left = max(0, min(total - 1, (bar.starts_at - opens) // STEP))
        right = max(left + 1, min(total, -((opens - bar.ends_at) // STEP)))
        row = next((row for row in packed if row[-1][1] <= left), None)
        if row is None:
            packed.append(row := [])
        row.append((left, right, bar))
    return [_cells(row, total) for row in packed] or [_free(0, total)]


def _cells(row: list[tuple[int, int, Bar]], total: int) -> list[Cell]:
    cells: list[Cell] = []
    at = 0
    for left, right, bar in row:
        cells += _free(at, left)
        cells.append(Cell(right - left, bar, left % 4 == 0))
        at = right
    return [*cells, *_free(at, total)]


def _free(left: int, right: int) -> list[Cell]:
    """What is free between two steps, an hour at a time: a line is drawn where each begins."""
    cells: list[Cell] = []
    while left < right:
        end = min(right, left - left % 4 + 4)
        cells.append(Cell(end - left, None, left % 4 == 0))
        left = end
    return cells
