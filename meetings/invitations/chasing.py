"""The ladder of reminders, argued about: which rungs there are, when each is due, and until when it still makes sense.

Nothing is kept of what is still to come. Each time it is asked, the ladder is worked out anew from the meeting as it
stands, so that a moved meeting has another one at once; kept is only which rung has been done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

from meetings.clock import instant, wall
from meetings.i18n import lazy_gettext as _l
from meetings.invitations.rules import ChaseStep
from meetings.official.working_days import Span
from meetings.scheduling.rules import MeetingType


class WorkingDays(Protocol):
    """Which days are worked; ``meetings.official.working_days`` knows the holidays."""

    def add_working_days(self, start: date, days: int) -> date: ...


# ------------------------------------------------------------------ the ladder


@dataclass(frozen=True)
class Rung:
    """One rung as it holds for a type of meeting. *laid_at*: since when it stands so; None: as it comes with the product."""

    step: ChaseStep
    on: bool
    offset: int
    laid_at: datetime | None = None

    @property
    def default(self) -> bool:
        return (self.on, self.offset) == (DEFAULTS[self.step].on, DEFAULTS[self.step].offset)


DEFAULTS: Final[Mapping[ChaseStep, Rung]] = {
    rung.step: rung
    for rung in (
        Rung(ChaseStep.BEFORE_DEADLINE, True, 1),
        Rung(ChaseStep.AT_DEADLINE, True, 0),
        Rung(ChaseStep.PROVINCE, True, 0),
        # who has answered is left in peace; an office that wants its lists in time switches this on
        Rung(ChaseStep.ROSTER, False, 1),
        Rung(ChaseStep.ON_THE_DAY, True, 60),
    )
}
"""The ladder that comes with the product, in the order in which it is climbed (definitions.md, Deadlines)."""

STEP_WORDS: Final = {
    ChaseStep.BEFORE_DEADLINE: _l("Silent sites, before the deadline"),
    ChaseStep.AT_DEADLINE: _l("Silent sites, at the deadline"),
    ChaseStep.PROVINCE: _l("Provinces, a list of their own silent sites"),
    ChaseStep.ROSTER: _l("Sites without a list of delegates"),
    ChaseStep.ON_THE_DAY: _l("Silent sites, on the day"),
    ChaseStep.BY_HAND: _l("By hand"),
}


@dataclass(frozen=True)
class Offset:
    """What the number of a rung counts, and between which values it lies."""

    word: Any
    least: int
    most: int


OFFSETS: Final = {
    ChaseStep.BEFORE_DEADLINE: Offset(_l("Working days before the deadline"), 1, 10),
    ChaseStep.AT_DEADLINE: Offset(_l("At the deadline"), 0, 0),
    ChaseStep.PROVINCE: Offset(_l("Working days after the deadline"), 0, 10),
    ChaseStep.ROSTER: Offset(_l("Working days before the deadline"), 0, 10),
    ChaseStep.ON_THE_DAY: Offset(_l("Minutes before the start"), 15, 600),
}


class Laid(Protocol):
    """A version of one rung as it was laid down; *on* is None where a type goes back to what holds for all."""

    @property
    def meeting_type(self) -> MeetingType | None: ...
    @property
    def step(self) -> ChaseStep: ...
    @property
    def on(self) -> bool | None: ...
    @property
    def offset(self) -> int: ...
    @property
    def made_at(self) -> datetime: ...


def ladder(laid: Iterable[Laid], of: MeetingType | None) -> dict[ChaseStep, Rung]:
    """The ladder of one type of meeting; *laid*: every version, the oldest first. A type goes before all types, both
    before what comes with the product, and of two versions the newer one counts."""
    newest: dict[tuple[MeetingType | None, ChaseStep], Laid] = {(one.meeting_type, one.step): one for one in laid}
    found = dict(DEFAULTS)
    for step in DEFAULTS:
        for wanted in (None, of) if of is not None else (None,):
            one = newest.get((wanted, step))
            if one is None:
                continue
            # taking a version back is a change of that moment too: what lies behind it then is not caught up on
            rung = found[step] if one.on is None else Rung(step, one.on, one.offset)
            found[step] = replace(rung, laid_at=max(one.made_at, found[step].laid_at or one.made_at))
    return found


# ------------------------------------------------------------------ when


TOO_SOON: Final = timedelta(hours=4)
"""Nobody is reminded before the deadline who was asked less than this before: the deadline itself leaves as much."""

CLOSE: Final = timedelta(hours=1)
"""Of two letters to the same sites that would come within this of each other only the later one is sent."""


@dataclass(frozen=True)
class Facts:
    """What the ladder of one meeting hangs on. *asked_at*: when its sites were last asked, by the sending or by a move;
    *back_at*: when it was switched on again."""

    asked_at: datetime
    starts_at: datetime
    reply_by: datetime | None
    back_at: datetime | None = None


class Standing(StrEnum):
    """Where a rung stands at a moment, as long as it has not been done."""

    OFF = "off"
    SKIPPED = "skipped"  # already past when the meeting was sent or moved, or of no use beside another
    AHEAD = "ahead"
    DUE = "due"
    MISSED = "missed"  # nobody was there to do it until it made no sense any more


@dataclass(frozen=True)
class Planned:
    """A rung of one meeting: when it is due, and until when it is done late rather than not at all."""

    rung: Rung
    due_at: datetime | None
    until: datetime | None
    standing: Standing

    @property
    def step(self) -> ChaseStep:
        return self.rung.step


def due_at(rung: Rung, facts: Facts, days: WorkingDays, hours: Sequence[Span]) -> datetime | None:
    """When *rung* is due (aware, UTC); None where the meeting has no deadline to count from."""
    if rung.step is ChaseStep.ON_THE_DAY:
        return facts.starts_at - timedelta(minutes=rung.offset)
    if facts.reply_by is None:
        return None
    if rung.offset == 0:
        return facts.reply_by
    by = wall(facts.reply_by)
    after = rung.step is ChaseStep.PROVINCE
    day = days.add_working_days(by.date(), rung.offset if after else -rung.offset)
    return instant(day, in_office_hours(by.time(), hours))


def in_office_hours(at: time, hours: Sequence[Span]) -> time:
    """*at* if an office is open between its first and its last minute then, else the nearer of the two: a deadline at
    two in the morning is a deadline, a reminder at two in the morning is none."""
    return min(max(at, hours[0].begins), hours[-1].ends)


def plan(
    ladder: Mapping[ChaseStep, Rung],
    facts: Facts,
    days: WorkingDays,
    hours: Sequence[Span],
    *,
    now: datetime,
) -> list[Planned]:
    """Every rung with where it stands at *now*.

    What was past when the meeting was sent, moved or switched on again is skipped and never sent late. What was ahead
    then and could not be done in time is done late as long as it makes sense: a letter to the silent until the next one
    to them is due, everything until the meeting begins.
    """
    dues = {step: due_at(rung, facts, days, hours) for step, rung in ladder.items()}
    live = {step: due for step, due in dues.items() if due is not None and _lies_ahead(ladder[step], due, facts)}
    ends = _ends(live, facts)
    return [_planned(rung, dues[step], ends.get(step), now) for step, rung in ladder.items()]


def _lies_ahead(rung: Rung, due: datetime, facts: Facts) -> bool:
    """Whether *rung* is on, lay ahead when there was first something to remind of, and comes before the meeting."""
    since = max(facts.asked_at, facts.back_at or facts.asked_at, rung.laid_at or facts.asked_at)
    if rung.step is ChaseStep.BEFORE_DEADLINE and due < facts.asked_at + TOO_SOON:
        return False
    return rung.on and since < due < facts.starts_at


TO_THE_SILENT: Final = (ChaseStep.BEFORE_DEADLINE, ChaseStep.AT_DEADLINE, ChaseStep.ON_THE_DAY)


def _ends(live: Mapping[ChaseStep, datetime], facts: Facts) -> dict[ChaseStep, datetime]:
    """Until when each rung that lies ahead makes sense. One that would reach the same sites at nearly the same time as
    another is left out: the letter of the day stays, else the later one."""
    ends = dict.fromkeys(live, facts.starts_at)
    silent = {step: live[step] for step in TO_THE_SILENT if step in live}
    day, deadline = (silent.get(step) for step in (ChaseStep.ON_THE_DAY, ChaseStep.AT_DEADLINE))
    if day is not None and deadline is not None and abs(day - deadline) < CLOSE:
        del silent[ChaseStep.AT_DEADLINE], ends[ChaseStep.AT_DEADLINE]
    in_turn = sorted(silent, key=lambda step: silent[step])
    for step, following in zip(in_turn, in_turn[1:], strict=False):
        if silent[following] - silent[step] < CLOSE:
            del ends[step]
        else:
            ends[step] = silent[following]
    if ChaseStep.BEFORE_DEADLINE in ends and facts.reply_by is not None:
        ends[ChaseStep.BEFORE_DEADLINE] = min(ends[ChaseStep.BEFORE_DEADLINE], facts.reply_by)
    return ends


def _planned(rung: Rung, due: datetime | None, until: datetime | None, now: datetime) -> Planned:
    if not rung.on:
        standing = Standing.OFF
    elif due is None or until is None:
        standing = Standing.SKIPPED
    elif now < due:
        standing = Standing.AHEAD
    else:
        standing = Standing.DUE if now < until else Standing.MISSED
    return Planned(rung, due, until, standing)


# ------------------------------------------------------------------ by hand


BY_HAND_AFTER: Final = timedelta(hours=4)
"""A site that was reminded, by whom ever, is not reminded by hand again before this has passed."""
