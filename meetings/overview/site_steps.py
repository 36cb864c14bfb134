"""The four steps of a site's page: which are done, which comes next, which is not open yet. Pure; *now* is handed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from meetings.attendance.rules import State
from meetings.clock import wall
from meetings.invitations.rules import ANSWERS, Reply
from meetings.readiness.rules import Outcome, check_in_opens
from meetings.scheduling.rules import Status

IN: Final = (State.IN, State.LOST, State.LEFT)


class Phase(StrEnum):
    """Where the meeting stands, as its sites are told."""

    AHEAD = "ahead"
    RUNNING = "running"
    OVER = "over"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


class Name(StrEnum):
    """The steps, in their order."""

    REPLY = "reply"
    ROSTER = "roster"
    LINE_TEST = "line_test"
    CHECK_IN = "check_in"


class Mark(StrEnum):
    """How a step is shown."""

    DONE = "done"
    NEXT = "next"
    OPEN = "open"
    LATER = "later"  # not open yet
    NEEDLESS = "needless"  # the site does not attend
    MISSED = "missed"  # it was not done, and its time is over


@dataclass(frozen=True)
class Facts:
    """What is known of a site and its meeting. Instants are aware, UTC."""

    status: Status
    starts_at: datetime
    ends_at: datetime
    reply: Reply
    roster_filed: bool
    delegates: int
    wanting: int
    line_test: Outcome
    presence: State


def phase(status: Status, starts_at: datetime, ends_at: datetime, *, now: datetime) -> Phase:
    """Where the meeting stands at *now*; one that nobody opened runs by the clock."""
    if status is Status.CANCELLED:
        return Phase.CANCELLED
    if status is Status.POSTPONED:
        return Phase.POSTPONED
    if status is Status.CLOSED or (status is not Status.IN_SESSION and now > ends_at):
        return Phase.OVER
    return Phase.RUNNING if status is Status.IN_SESSION or now >= starts_at else Phase.AHEAD


def done(facts: Facts) -> dict[Name, bool]:
    """Which steps are done: answered; a list without a row that wants something; a passed test; in the meeting."""
    return {
        Name.REPLY: facts.reply in ANSWERS,
        Name.ROSTER: facts.roster_filed and facts.delegates > 0 and facts.wanting == 0,
        Name.LINE_TEST: facts.line_test is Outcome.PASSED,
        Name.CHECK_IN: facts.presence in IN,
    }


def steps(facts: Facts, *, now: datetime) -> dict[Name, Mark]:
    """How each step is shown at *now*. Once a site can check in, that comes before whatever else is left."""
    made = done(facts)
    stands = phase(facts.status, facts.starts_at, facts.ends_at, now=now)
    marks: dict[Name, Mark] = {}
    for name in Name:
        if made[name]:
            marks[name] = Mark.DONE
        elif stands is Phase.OVER or (stands is Phase.RUNNING and name is Name.REPLY):
            marks[name] = Mark.MISSED  # no answer is taken once the meeting has begun
        elif facts.reply is Reply.DECLINED and name is not Name.REPLY:
            marks[name] = Mark.NEEDLESS
        elif name is Name.CHECK_IN and now < check_in_opens(facts.starts_at):
            marks[name] = Mark.LATER
        else:
            marks[name] = Mark.OPEN
    if stands in (Phase.AHEAD, Phase.RUNNING):
        open_ = [name for name in Name if marks[name] is Mark.OPEN]
        if open_:
            marks[Name.CHECK_IN if Name.CHECK_IN in open_ else open_[0]] = Mark.NEXT
    return marks


def next_step(marks: dict[Name, Mark]) -> Name | None:
    """The highlighted step, None when nothing is to be done now."""
    return next((name for name, mark in marks.items() if mark is Mark.NEXT), None)


def days_left(starts_at: datetime, *, now: datetime) -> int:
    """Calendar days in Hà Nội until the meeting; 0 today, 1 tomorrow."""
    return (wall(starts_at).date() - wall(now).date()).days
