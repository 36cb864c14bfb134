"""Arithmetic of presence: when a site was in, by the human roll and by the machine, and where the two disagree.

Pure. Instants are aware (UTC) and count in whole seconds. An interval holds its start and not its end, so two that touch
are one, and a site with two devices is in while either is: union, never sum.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from meetings.attendance.rules import Marked, State, effective

TOLERANCE: Final = 120  # seconds: nobody presses a key at the second a camera connects
MOST_SHIFT: Final = 26 * 3600  # the widest two zones lie apart
_HALF_HOUR: Final = 1800
_WORTH: Final = 60  # seconds of agreement that each site must gain before a shift is worth a person's time


@dataclass(frozen=True, order=True)
class Interval:
    """From *start* up to *end*; *start* < *end*."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> int:
        return int((self.end - self.start).total_seconds())

    @property
    def minutes(self) -> int:
        """Rounded, and never none: half a minute is shown as 1."""
        return max(1, (self.seconds + 30) // 60)


@dataclass(frozen=True)
class Bounded:
    """Intervals made of what was told, and why the rest could not be placed.

    Why: ``empty`` (no length) · ``backwards`` (left before it joined) · ``outside`` (nothing before the bound it was to be
    filled up to) · ``timeless``.
    """

    intervals: tuple[Interval, ...]
    left_out: Mapping[str, int]


@dataclass(frozen=True)
class Disagreement:
    """A stretch longer than the tolerance in which only one of the two says that the site was in."""

    interval: Interval
    said_by: str  # "human" or "machine"


@dataclass(frozen=True)
class Comparison:
    """The two witnesses of one site side by side; the sums count every second, *disagreements* only long stretches."""

    human: tuple[Interval, ...]
    machine: tuple[Interval, ...]
    both: tuple[Interval, ...]
    only_human: tuple[Interval, ...]
    only_machine: tuple[Interval, ...]
    disagreements: tuple[Disagreement, ...]

    @property
    def agrees(self) -> bool:
        return not self.disagreements


@dataclass(frozen=True)
class Skew:
    """Seconds to add to the machine's clock so that both agree best.

    *gained*: how many seconds of agreement that gains; *sites*: how many sites there were to judge by.
    """

    seconds: int
    gained: int
    sites: int

    @property
    def worth_saying(self) -> bool:
        """Whether a person should be asked: not for a minute or two that each site might differ by anyway."""
        return abs(self.seconds) > TOLERANCE and self.gained > _WORTH * self.sites


def total(intervals: Iterable[Interval]) -> int:
    """Seconds of all, each counted once."""
    return sum(each.seconds for each in union(intervals))


def union(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same time said in the fewest intervals, in order: overlapping and touching ones are one."""
    merged: list[Interval] = []
    for each in sorted(each for each in intervals if each.start < each.end):
        if merged and each.start <= merged[-1].end:
            if each.end > merged[-1].end:
                merged[-1] = Interval(merged[-1].start, each.end)
        else:
            merged.append(each)
    return tuple(merged)


def common(one: Iterable[Interval], other: Iterable[Interval]) -> tuple[Interval, ...]:
    """The time that is in both."""
    left, right = union(one), union(other)
    found: list[Interval] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i].start, right[j].start), min(left[i].end, right[j].end)
        if start < end:
            found.append(Interval(start, end))
        if left[i].end <= right[j].end:
            i += 1
        else:
            j += 1
    return tuple(found)


def without(one: Iterable[Interval], other: Iterable[Interval]) -> tuple[Interval, ...]:
    """The time of *one* that is not in *other*."""
    taken, j = union(other), 0
    rest: list[Interval] = []
    for each in union(one):
        at = each.start
        while j < len(taken) and taken[j].end <= at:
            j += 1
        k = j
        while k < len(taken) and taken[k].start < each.end:
            if taken[k].start > at:
                rest.append(Interval(at, taken[k].start))
            at = max(at, taken[k].end)
            k += 1
        if at < each.end:
            rest.append(Interval(at, each.end))
    return tuple(rest)


def clip(intervals: Iterable[Interval], within: Interval) -> tuple[Interval, ...]:
    """What of them lies *within*."""
    return common(intervals, (within,))


def shifted(intervals: Iterable[Interval], seconds: int) -> tuple[Interval, ...]:
    """The same, *seconds* later: what a clock that is slow by as much should have told."""
    by = timedelta(seconds=seconds)
    return tuple(Interval(each.start + by, each.end + by) for each in intervals)


def bounded(
    spans: Iterable[tuple[datetime | None, datetime | None]], *, begins_at: datetime, ends_at: datetime
) -> Bounded:
    """The union of what was told as (joined, left).

    Without a leave it was in until *ends_at* (when the report was taken, or the meeting's end), without a join since
    *begins_at*. Neither bound cuts what was told outright: who left after the end left after the end.
    """
    placed: list[Interval] = []
    why: Counter[str] = Counter()
    for joined, left in spans:
        if joined is None and left is None:
            why["timeless"] += 1
            continue
        start, end = joined or begins_at, left or ends_at
        if start < end:
            placed.append(Interval(start, end))
        elif joined is None or left is None:
            why["outside"] += 1
        else:
            why["empty" if start == end else "backwards"] += 1
    return Bounded(union(placed), dict(why))


def present(marks: Iterable[Marked], *, until: datetime) -> tuple[Interval, ...]:
    """When a site was in by the human roll: from *in* to *lost* or *left*, or to *until* where it is in still.

    Which marks count, and in which order, is what :func:`rules.standing` goes by: *absent*, *ready* and *clear* take back what
    stood before.
    """
    found: list[Interval] = []
    since: datetime | None = None  # in since
    for mark in effective(marks):
        if mark.after is State.IN:
            since = since or mark.at
        elif mark.after in (State.LOST, State.LEFT):
            if since:
                found.append(Interval(since, mark.at))
            since = None
        else:
            found, since = [], None
    if since:
        found.append(Interval(since, until))
    return union(_whole(each) for each in found)


def compare(
    human: Iterable[Interval],
    machine: Iterable[Interval],
    *,
    within: Interval | None = None,
    tolerance: int = TOLERANCE,
) -> Comparison:
    """The two witnesses side by side, *within* the meeting where that is said.

    A stretch that only one of them knows is a disagreement when it is longer than *tolerance* seconds, and then whole.
    """
    roll, told = (clip(each, within) if within else union(each) for each in (human, machine))
    only_human, only_machine = without(roll, told), without(told, roll)
    found = [Disagreement(each, "human") for each in only_human if each.seconds > tolerance]
    found += [Disagreement(each, "machine") for each in only_machine if each.seconds > tolerance]
    found.sort(key=lambda one: one.interval)
    return Comparison(roll, told, common(roll, told), only_human, only_machine, tuple(found))


def skew(pairs: Iterable[tuple[Iterable[Interval], Iterable[Interval]]], *, most: int = MOST_SHIFT) -> Skew:
    """The shift of the machine's clock, of *most* seconds at most, at which (human, machine) of all sites agree longest.

    0 where nothing is better than 0; of several that are as good a whole number of half-hours (a zone taken wrongly), and of
    those the smallest. The agreement as a function of the shift is made of straight pieces, so only their ends are looked at.
    """
    bends: Counter[int] = Counter()  # at this shift the slope changes by
    sites = 0
    for human, machine in pairs:
        roll, told = ([(_at(each.start), _at(each.end)) for each in union(side)] for side in (human, machine))
        sites += bool(roll and told)
        for start, end in roll:
            for joined, left in told:
                bends[start - left] += 1
                bends[start - joined] -= 1
                bends[end - left] -= 1
                bends[end - joined] += 1
    agreed = _along(bends, most)
    if not agreed:
        return Skew(0, 0, sites)
    best = max(value for _, value in agreed)
    now = _value(agreed, 0)
    if now == best:
        return Skew(0, 0, sites)
    return Skew(_choice(agreed, best), best - now, sites)


def _along(bends: Counter[int], most: int) -> list[tuple[int, int]]:
    """(shift, agreement) at both ends and every bend between, in order; in between it runs straight."""
    if not bends:
        return []
    points: list[tuple[int, int]] = []
    slope = value = 0
    at = min(*bends, -most)
    for shift in sorted({*bends, -most, most}):
        value += slope * (shift - at)
        at = shift
        slope += bends[shift]
        if -most <= shift <= most:
            points.append((shift, value))
    return points


def _value(points: list[tuple[int, int]], shift: int) -> int:
    for (before, low), (after, high) in zip(points, points[1:], strict=False):
        if before <= shift <= after:
            return low + (high - low) * (shift - before) // (after - before)
    return points[0][1]


def _choice(points: list[tuple[int, int]], best: int) -> int:
    """Of all shifts as good as *best* (single ones and level stretches) the one to offer."""
    shifts = {shift for shift, value in points if value == best}
    for (before, low), (after, high) in zip(points, points[1:], strict=False):
        if low == high == best:  # a level stretch: the half-hours on it
            nearest = 0 if before <= 0 <= after else before if before > 0 else after
            step = _HALF_HOUR if nearest > 0 else -_HALF_HOUR
            whole = -(-abs(nearest) // _HALF_HOUR) * step
            if before <= whole <= after:
                shifts.add(whole)
    return min(shifts, key=lambda shift: (shift % _HALF_HOUR != 0, abs(shift), -shift))


def _at(instant: datetime) -> int:
    return int(instant.timestamp())


def _whole(each: Interval) -> Interval:
    return Interval(*(one.astimezone(UTC).replace(microsecond=0) for one in (each.start, each.end)))
