"""The human roll and the machines side by side: what each says of a site, and which of the sites want a person's eye.

Pure. Nothing is decided here and nobody is overruled: the record follows the roll, the comparison stands beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from meetings.attendance.intervals import TOLERANCE, Comparison, Interval, clip, compare, present, total
from meetings.attendance.rules import ATTENDED, OVERRUN, Marked, State, standing

BEFORE: Final = timedelta(minutes=30)  # so much of the time around the meeting is drawn
AFTER: Final = timedelta(minutes=15)


class Verdict(StrEnum):
    """What comes out when the two are laid side by side, in the order of the page."""

    DIFFER = "differ"  # both saw the site, at different times
    ONLY_HUMAN = "only_human"  # the roll has it in, no machine told of it
    ONLY_MACHINE = "only_machine"  # a machine saw it, the roll has it absent or says nothing
    AGREE = "agree"
    NEITHER = "neither"


DISAGREEMENTS: Final = frozenset({Verdict.DIFFER, Verdict.ONLY_HUMAN, Verdict.ONLY_MACHINE})


@dataclass(frozen=True)
class Span:
    """The time in which the two are compared, and the longer one that is drawn."""

    meeting: Interval
    drawn: Interval


def beside(stays: Iterable[tuple[datetime | None, datetime | None]], meeting: Interval) -> bool:
    """Whether hours were told, and none of them falls into *meeting*: of another meeting, or of another time zone."""
    timed = [(joined or left, left) for joined, left in stays if joined or left]
    return bool(timed) and not any(
        begun is not None and begun < meeting.end and (left is None or left > meeting.start) for begun, left in timed
    )


@dataclass(frozen=True)
class Compared:
    """One site. *untimed*: the roll has it in, but was told so only afterwards, without hours. *told_seconds*: a machine knows
    how long it was in, and not when. *minutes* is how long the two disagree."""

    human: tuple[Interval, ...]
    machine: tuple[Interval, ...]
    comparison: Comparison
    state: State
    untimed: bool
    told_seconds: int
    throughout: bool
    verdict: Verdict
    minutes: int

    @property
    def disagrees(self) -> bool:
        return self.verdict in DISAGREEMENTS


def span(starts_at: datetime, ended_at: datetime | None, ends_at: datetime | None, *, now: datetime) -> Span | None:
    """From the start to the end as it was, to now while the meeting goes on; None before it began."""
    end = ended_at or min(now, (ends_at or now) + OVERRUN)
    if end <= starts_at:
        return None
    return Span(Interval(starts_at, end), Interval(starts_at - BEFORE, end + AFTER))


def compared(marks: Sequence[Marked], machine: Sequence[Interval], told_seconds: int, over: Span) -> Compared:
    """The two witnesses of one site.

    Before the first mark of a site nobody had said anything of it: a roll is called one site after the other, and to be
    called late is no disagreement. So the two are compared from the first mark on, unless it says that the site was absent.
    """
    state = standing(marks).state
    hours = present(marks, until=over.meeting.end)
    human = clip(hours, over.drawn)
    drawn = clip(machine, over.drawn)
    untimed = state in ATTENDED and not hours
    first = min((mark.at for mark in marks if mark.undoes is None), default=over.meeting.start)
    within = over.meeting
    if human and over.meeting.start < first < over.meeting.end:
        within = Interval(first, over.meeting.end)
    comparison = compare(human, drawn, within=within)
    verdict, minutes = _verdict(comparison, human, drawn, untimed, told_seconds, over)
    return Compared(
        human=human,
        machine=drawn,
        comparison=comparison,
        state=state,
        untimed=untimed,
        told_seconds=told_seconds,
        throughout=total(clip(human, over.meeting)) >= over.meeting.seconds,
        verdict=verdict,
        minutes=minutes,
    )


def _verdict(
    comparison: Comparison,
    human: Sequence[Interval],
    machine: Sequence[Interval],
    untimed: bool,
    told_seconds: int,
    over: Span,
) -> tuple[Verdict, int]:
    roll, told = bool(human) or untimed, bool(clip(machine, over.meeting)) or told_seconds > 0
    if roll and not told:
        return Verdict.ONLY_HUMAN, _minutes(total(clip(human, over.meeting))) if human else 0
    if told and not roll:
        seconds = total(clip(machine, over.meeting)) or told_seconds
        return (Verdict.ONLY_MACHINE, _minutes(seconds)) if seconds > TOLERANCE else (Verdict.NEITHER, 0)
    if not roll:
        return Verdict.NEITHER, 0
    if untimed or told_seconds and not machine or comparison.agrees:
        return Verdict.AGREE, 0
    return Verdict.DIFFER, sum(one.interval.minutes for one in comparison.disagreements)


def _minutes(seconds: int) -> int:
    return max(1, (seconds + 30) // 60) if seconds else 0


def counts(rows: Iterable[Compared]) -> Counter[Verdict]:
    """How many sites of each verdict."""
    return Counter(row.verdict for row in rows)


# --- the bars --------------------------------------------------------------------------------------------------------

WIDTH: Final = 100  # per cent: a drawing without a box of its own stretches with its column, and its letters do not


def drawn(intervals: Iterable[Interval], over: Interval) -> list[tuple[float, float]]:
    """Where each of *intervals* begins on a bar that shows *over*, and how wide it is; never so thin that it is not seen."""
    whole = over.seconds
    found = []
    for one in clip(intervals, over):
        at = WIDTH * (one.start - over.start).total_seconds() / whole
        found.append((round(at, 2), round(max(WIDTH * one.seconds / whole, 0.3), 2)))
    return found


def hours(over: Interval, most: int = 8) -> list[tuple[float, datetime]]:
    """The marks of a time axis: quarters, halves or whole hours, so that there are at most *most*."""
    for minutes in (15, 30, 60, 120, 240):
        if over.seconds / 60 / minutes <= most:
            break
    step = timedelta(minutes=minutes)
    at = datetime.fromtimestamp(
        -(-over.start.timestamp() // step.total_seconds()) * step.total_seconds(), over.start.tzinfo
    )
    found = []
    while at <= over.end:
        found.append((round(WIDTH * (at - over.start).total_seconds() / over.seconds, 2), at))
        at += step
    return found
