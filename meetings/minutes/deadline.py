"""The notice of conclusions is due five working days after the meeting: whose is late, and who is reminded when.

A second room of ``services``: the same rules hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from meetings.clock import wall
from meetings.database import db
from meetings.minutes import desk_letters, services
from meetings.minutes.models import Record
from meetings.minutes.rules import RecordStatus
from meetings.post import services as post
from meetings.post.models import Letter
from meetings.scheduling import working_time
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status

_LOOKED_BACK: Final = timedelta(days=60)
"""So long after its end a meeting is reminded of; then nobody is waiting for the letter of a machine."""
_FROM: Final = time(8, 0)
"""Reminders are written when offices open."""


@dataclass(frozen=True)
class Open:
    """A closed meeting whose conclusions were not issued yet. *record* None: nobody has begun; *late*: working days."""

    meeting: Meeting
    record: Record | None
    due: date | None
    late: int = 0


def days_late(due: date | None, today: date) -> int:
    """How many working days *due* lies back; 0 on the day itself and before, and where nothing is due."""
    return max(0, working_time.calendar().working_days_between(due, today)) if due else 0


def open_ones(today: date, *where: sa.ColumnElement[bool], limit: int = 50) -> Sequence[Open]:
    """The closed meetings *where* the conclusions are still owed, those that ended last first."""
    newest = sa.select(sa.func.max(Record.version)).where(Record.meeting_id == Meeting.id).correlate(Meeting)
    before = aliased(Record)
    issued = sa.exists().where(before.meeting_id == Meeting.id, before.status == RecordStatus.ISSUED)
    found = db.session.execute(
        sa.select(Meeting, Record, issued)
        .outerjoin(Record, sa.and_(Record.meeting_id == Meeting.id, Record.version == newest.scalar_subquery()))
        .where(
            Meeting.status == Status.CLOSED, sa.or_(Record.id.is_(None), Record.status != RecordStatus.ISSUED), *where
        )
        .order_by(Meeting.closed_at.desc())
        .limit(limit)
        .options(joinedload(Meeting.organiser))
    ).all()
    rows = []
    for meeting, record, corrected in found:
        # what was issued in time is corrected without a day
        ended = (record.ended_at if record else None) or meeting.ended_at
        due = None if corrected else services.due_after(ended)
        rows.append(Open(meeting, record, due, days_late(due, today)))
    return rows


def remind(at: datetime) -> int:
    """Write to the secretary one working day before the notice is due and on the day; returns how many letters are new."""
    if wall(at).time() < _FROM:
        return 0
    today = wall(at).date()
    calendar = working_time.calendar()
    if not calendar.is_working(today):
        return 0
    tomorrow = calendar.add_working_days(today, 1)
    owed = open_ones(today, Meeting.ended_at > at - _LOOKED_BACK, limit=500)
    drafts = [desk_letters.due(one.meeting, one.record, one.due) for one in owed if one.due in (today, tomorrow)]
    known = set(db.session.scalars(sa.select(Letter.key).where(Letter.key.in_([draft.key for draft in drafts]))))
    return post.hand_in_all(draft for draft in drafts if draft.key not in known)
