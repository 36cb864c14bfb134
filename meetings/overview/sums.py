"""How ready the sites of a meeting are, summed up for its page."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from meetings.database import db
from meetings.readiness.models import Delegate, LineTest, Outcome, Roster
from meetings.scheduling.models import Meeting, MeetingSite


@dataclass(frozen=True)
class Readiness:
    """Sites that filed a roster, delegates on the rosters, sites whose newest line test passed, and failed."""

    rosters: int
    delegates: int
    tested: int
    failed: int


def readiness(meeting: Meeting, visible: sa.ColumnElement[bool]) -> Readiness:
    """The sums over the sites of *meeting* that are *visible*: three statements, whatever the number of sites."""
    of_meeting = sa.and_(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None), visible)
    newest = (
        sa.select(LineTest.meeting_site_id, sa.func.max(LineTest.tested_at).label("at"))
        .group_by(LineTest.meeting_site_id)
        .subquery()
    )
    tests = db.session.execute(
        sa.select(LineTest.outcome, sa.func.count())
        .join(newest, sa.and_(newest.c.meeting_site_id == LineTest.meeting_site_id, newest.c.at == LineTest.tested_at))
        .join(MeetingSite, MeetingSite.id == LineTest.meeting_site_id)
        .where(of_meeting)
        .group_by(LineTest.outcome)
    )
    outcomes = {outcome: int(count) for outcome, count in tests}
    return Readiness(
        rosters=_number(Roster, of_meeting),
        delegates=_number(Delegate, of_meeting),
        tested=outcomes.get(Outcome.PASSED, 0),
        failed=outcomes.get(Outcome.FAILED, 0),
    )


def _number(kind: type[Roster] | type[Delegate], of_meeting: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count(kind.id)).join(MeetingSite, MeetingSite.id == kind.meeting_site_id)
    return db.session.scalar(query.where(of_meeting)) or 0
