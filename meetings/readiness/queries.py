"""Questions to rosters and line tests. Who may ask is settled above: by the private link, or by the meeting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from meetings.database import db
from meetings.invitations import queries as invitations
from meetings.invitations.models import Invitation
from meetings.readiness.models import Delegate, LineTest, Roster
from meetings.readiness.rules import Round
from meetings.scheduling.models import Meeting, MeetingSite


def roster_of(meeting_site: MeetingSite) -> Roster | None:
    """The list a site filed, None before it filed one."""
    return db.session.scalars(sa.select(Roster).where(Roster.meeting_site_id == meeting_site.id)).first()


def filed(meeting: Meeting) -> frozenset[int]:
    """Which sites of *meeting* have filed a list (ids of meeting sites), complete or not."""
    found = db.session.scalars(
        sa.select(Roster.meeting_site_id)
        .join(MeetingSite, Roster.meeting_site_id == MeetingSite.id)
        .where(MeetingSite.meeting_id == meeting.id)
    )
    return frozenset(found)


def filed_late(meeting: Meeting) -> frozenset[int]:
    """Which sites of *meeting* sent or changed their list after the deadline (ids of meeting sites)."""
    found = db.session.scalars(
        sa.select(Roster.meeting_site_id)
        .join(MeetingSite, Roster.meeting_site_id == MeetingSite.id)
        .where(MeetingSite.meeting_id == meeting.id, Roster.late)
    )
    return frozenset(found)


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
    return dict(found.all())


def whole(meeting: Meeting) -> Sequence[tuple[MeetingSite, Delegate]]:
    """All delegates of *meeting* with their sites, in the order of the sites and of each list; none of a site that declined."""
    found = db.session.execute(
        sa.select(MeetingSite, Delegate)
        .join(Delegate, Delegate.meeting_site_id == MeetingSite.id)
        .outerjoin(Invitation, Invitation.meeting_site_id == MeetingSite.id)
        .where(
            MeetingSite.meeting_id == meeting.id,
            MeetingSite.removed_at.is_(None),
            invitations.not_declined,
        )
        .order_by(MeetingSite.position, MeetingSite.id, Delegate.position, Delegate.id)
    )
    return found.all()


def line_tests(meeting_site: MeetingSite) -> Mapping[Round, LineTest]:
    """A site's tests by round."""
    found = db.session.scalars(sa.select(LineTest).where(LineTest.meeting_site_id == meeting_site.id))
    return {test.round: test for test in found}


def tested_too_early(meeting: Meeting, opens_at: datetime) -> Sequence[tuple[LineTest, LineTest | None]]:
    """Tests of the day that were made before its round opens at all, each with the site's rehearsal if it had one."""
    rehearsal = aliased(LineTest)
    rows = db.session.execute(
        sa.select(LineTest, rehearsal)
        .join(MeetingSite, LineTest.meeting_site_id == MeetingSite.id)
        .outerjoin(
            rehearsal,
            sa.and_(rehearsal.meeting_site_id == LineTest.meeting_site_id, rehearsal.round == Round.REHEARSAL),
        )
        .where(MeetingSite.meeting_id == meeting.id, LineTest.round == Round.ON_DAY, LineTest.tested_at < opens_at)
    ).all()
    return [(test, before) for test, before in rows]


def newest(tests: Iterable[LineTest]) -> LineTest | None:
    """The test that counts: the newest by its time."""
    return max(tests, key=lambda test: test.tested_at, default=None)
