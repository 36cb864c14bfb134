"""The ladders of the line test as they stand here: which holds for a meeting, laid down, given back.

A second room of ``services``: the same rules hold. The version that holds on the day of the meeting decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.clock import now, today, wall
from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.readiness import ladder
from meetings.readiness.ladder import Due, Ladder
from meetings.readiness.models import LineTestRule, LineTestSlot, Round
from meetings.scheduling import working_time
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import MeetingType


def versions() -> Sequence[LineTestRule]:
    """Every version that was laid down, the oldest first."""
    return db.session.scalars(sa.select(LineTestRule).order_by(LineTestRule.id)).all()


def standing(of: MeetingType | None, on: date) -> dict[Round, Ladder]:
    """The ladder of each round for a type of meeting; None: for every type that has none of its own."""
    laid = versions()
    return {round_: ladder.in_force(laid, round_, of, on) for round_ in Round}


def due(meeting: Meeting, *, at: datetime | None = None) -> Due | None:
    """When the tests of *meeting* are due; None where it has no time. Asked once for a list, not once a row.

    With *at*, what has passed by then is not looked up: the rehearsal's own hours once the day's round is open.
    """
    if meeting.starts_at is None:
        return None
    held = standing(meeting.type, wall(meeting.starts_at).date())
    day = ladder.steps(held[Round.ON_DAY], meeting.starts_at)
    if meeting.rehearsal_at is None or (at is not None and at >= day.opens_at):
        return Due(day)
    last = db.session.scalar(sa.select(sa.func.max(LineTestSlot.ends_at)).where(LineTestSlot.meeting_id == meeting.id))
    ends = min(ladder.rehearsed_by(meeting.rehearsal_at, working_time.hours(), last), day.opens_at)
    return Due(day, ladder.steps(held[Round.REHEARSAL], ends))


def lay_down(of: MeetingType | None, wanted: dict[Round, Ladder], valid_from: date, *, actor: Actor) -> None:
    """Let *wanted* hold for meetings held from *valid_from* on; what held before stays for the days before."""
    if valid_from < today():
        raise Refused(
            _("A version that has begun is not rewritten: choose today or a later day."), field="valid_from", status=422
        )
    for round_, rungs in wanted.items():
        ladder.check(rungs, round_)
    before = standing(of, valid_from)
    for round_, rungs in wanted.items():
        if rungs == before[round_] and not _later(round_, of, valid_from):
            continue
        _end(round_, of, valid_from)
        row = LineTestRule(
            round=round_,
            meeting_type=of,
            opens=rungs.opens,
            period=rungs.period,
            grace=rungs.grace,
            valid_from=valid_from,
            made_by=actor.name[:200],
            made_at=now(),
        )
        db.session.add(row)
        db.session.flush()
        journal.record(
            "line_test_rule.set",
            row,
            actor=actor,
            type=of.value if of else "",
            round=round_.value,
            opens=rungs.opens,
            period=rungs.period,
            grace=rungs.grace,
            valid_from=valid_from,
        )


def give_back(of: MeetingType | None, *, actor: Actor) -> None:
    """From today on a type goes by the ladder of every type again, and every type by the default."""
    for round_ in Round:
        for row in _end(round_, of, today()):
            journal.record("line_test_rule.ended", row, actor=actor, type=of.value if of else "", round=round_.value)


def _of(round_: Round, of: MeetingType | None, since: date) -> Sequence[LineTestRule]:
    """The versions of exactly this round and type that hold on *since* or later."""
    return [
        row
        for row in versions()
        if row.round is round_ and row.meeting_type is of and (row.valid_to is None or row.valid_to > since)
    ]


def _later(round_: Round, of: MeetingType | None, since: date) -> bool:
    return any(row.valid_from > since for row in _of(round_, of, since))


def _end(round_: Round, of: MeetingType | None, on: date) -> Sequence[LineTestRule]:
    """No version holds on *on* or later any more; one that was to begin later never begins."""
    ended = _of(round_, of, on)
    for row in ended:
        row.valid_to = max(row.valid_from, on)
    return ended
