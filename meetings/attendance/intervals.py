"""Arithmetic of presence: when a site was in, by the human roll and by the machine, and where the two disagree.

Pure. Instants are aware (UTC) and count in whole seconds. An interval holds its start and not its end, so two that touch are
one, and a site with two devices is in while either is: union, never sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from meetings.attendance.rules import Marked

TOLERANCE: Final = 120  # seconds: nobody presses a key at the second a camera connects


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
    """Intervals made of what was told, and what could not be placed: ``empty`` · ``backwards`` · ``outside`` · ``timeless``."""

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
    """Seconds to add to the machine's clock so that both agree best, and how many seconds of agreement that gains."""

    seconds: int
    gained: int
    sites: int

    @property
    def worth_saying(self) -> bool:
        raise NotImplementedError


def total(intervals: Iterable[Interval]) -> int:
    """Seconds of all, each counted once."""
    raise NotImplementedError


def union(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same time said in the fewest intervals, in order: overlapping and touching ones are one."""
    raise NotImplementedError


def common(one: Iterable[Interval], other: Iterable[Interval]) -> tuple[Interval, ...]:
    """The time that is in both."""
    raise NotImplementedError


def without(one: Iterable[Interval], other: Iterable[Interval]) -> tuple[Interval, ...]:
    """The time of *one* that is not in *other*."""
    raise NotImplementedError


def clip(intervals: Iterable[Interval], within: Interval) -> tuple[Interval, ...]:
    """What of them lies *within*."""
    raise NotImplementedError


def gaps(intervals: Iterable[Interval], within: Interval) -> tuple[Interval, ...]:
    """The breaks between them, and before the first and after the last, *within*."""
    raise NotImplementedError


def shifted(intervals: Iterable[Interval], seconds: int) -> tuple[Interval, ...]:
    """The same, *seconds* later: what a clock that is slow by as much should have told."""
    raise NotImplementedError


def bounded(
    spans: Iterable[tuple[datetime | None, datetime | None]], *, begins_at: datetime, ends_at: datetime
) -> Bounded:
    """The union of what was told as (joined, left).

    Without a leave it was in until *ends_at* (when the report was taken, or the meeting's end), without a join since
    *begins_at*. Neither bound cuts what was told outright.
    """
    raise NotImplementedError


def present(marks: Iterable[Marked], *, until: datetime) -> tuple[Interval, ...]:
    """When a site was in by the human roll: from *in* to *lost*, *left*, or *until* where it is in still.

    A mark that was undone weighs nothing; *absent* and *clear* take back what stood before, as in :func:`rules.standing`.
    """
    raise NotImplementedError


def compare(
    human: Iterable[Interval],
    machine: Iterable[Interval],
    *,
    within: Interval | None = None,
    tolerance: int = TOLERANCE,
) -> Comparison:
    """The two witnesses side by side, *within* the meeting where that is said."""
    raise NotImplementedError


def skew(pairs: Iterable[tuple[Iterable[Interval], Iterable[Interval]]], *, most: int = 26 * 3600) -> Skew:
    """The shift of the machine's clock, of *most* seconds, at which human and machine of all sites agree longest.

    0 where nothing is better than 0; of many that are as good, whole half-hours (a zone taken wrongly), then the smallest.
    """
    raise NotImplementedError
