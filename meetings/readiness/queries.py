"""Questions to rosters and line tests. Who may ask is settled above: by the private link, or by the meeting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from meetings.database import db
from meetings.readiness.models import Delegate, LineTest, Roster
from meetings.readiness.rules import Outcome, Round
from meetings.scheduling.models import Meeting, MeetingSite


def roster_of(meeting_site: MeetingSite) -> Roster | None:
    """The list a site filed, None before it filed one."""
    return db.session.scalars(sa.select(Roster).where(Roster.meeting_site_id == meeting_site.id)).first()


def delegates(meeting_site: MeetingSite) -> Sequence[Delegate]:
    """A site's delegates, in the order of its list; rows that still want something are in ``Roster.pending``."""
    return db.session.scalars(
        sa.select(Delegate).where(Delegate.meeting_site_id == meeting_site.id).order_by(Delegate.position, Delegate.id)
    ).all()


def delegate_of(meeting_site: MeetingSite, id: int) -> Delegate | None:
    """One delegate of this very site; another site's is as good as none."""
    return db.session.scalars(
        sa.select(Delegate).where(Delegate.meeting_site_id == meeting_site.id, Delegate.id == id)
    ).first()


def delegate_count(meeting_site: MeetingSite) -> int:
    """How many complete delegates a site has filed."""
    count = sa.select(sa.func.count(Delegate.id)).where(Delegate.meeting_site_id == meeting_site.id)
    return db.session.scalar(count) or 0


def delegate_counts(meeting: Meeting) -> Mapping[int, int]:
    """Delegates filed by each site of *meeting*: id of the meeting site → number; sites without any are left out."""
    found = db.session.execute(
        sa.select(Delegate.meeting_site_id, sa.func.count(Delegate.id))
        .join(MeetingSite)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))
        .group_by(Delegate.meeting_site_id)
    )
    return dict(found.tuples())


def line_tests(meeting_site: MeetingSite) -> Mapping[Round, LineTest]:
    """A site's tests by round."""
    found = db.session.scalars(sa.select(LineTest).where(LineTest.meeting_site_id == meeting_site.id))
    return {test.round: test for test in found}


class Tested(NamedTuple):
    """What the board needs to know of a test: the newest round's outcome, and when it was made."""

    outcome: Outcome
    round: Round
    test: LineTest


def newest(tests: Iterable[LineTest]) -> LineTest | None:
    """The test that counts: the newest by its time."""
    return max(tests, key=lambda test: test.tested_at, default=None)


def newest_tests(meeting: Meeting) -> Mapping[int, Tested]:
    """The test that counts for each site of *meeting*: id of the meeting site → test; untested sites are left out."""
    found = db.session.scalars(
        sa.select(LineTest)
        .join(MeetingSite)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))
        .order_by(LineTest.tested_at)
    )
    return {test.meeting_site_id: Tested(test.outcome, test.round, test) for test in found}
