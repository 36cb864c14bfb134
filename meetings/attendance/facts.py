"""The independent facts of a site in a meeting as columns: what it answered, how its line was tested, whether it is there.

What each of them is where nothing was said yet stands here once, so that board, lists and roll-ups never count apart.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from meetings.attendance.models import Presence
from meetings.invitations import replies
from meetings.invitations.models import Invitation
from meetings.readiness.models import LineTest, Outcome, Round
from meetings.scheduling.models import Meeting, MeetingSite

day = aliased(LineTest, name="day_test")
rehearsal = aliased(LineTest, name="rehearsal")

reply = replies.said_so_far
test = sa.case(  # the day outweighs the rehearsal once it says anything
    (day.outcome.in_((Outcome.PASSED, Outcome.FAILED)), sa.type_coerce(day.outcome, sa.String)),
    else_=sa.func.coalesce(sa.type_coerce(rehearsal.outcome, sa.String), sa.literal("untested")),
)
state = sa.func.coalesce(sa.type_coerce(Presence.state, sa.String), sa.literal("not_in"))


def of(meeting: Meeting, *columns: Any) -> sa.Select[Any]:
    """*columns* of the sites in *meeting*, with what each has answered, tested and reported."""
    return joined(*columns).where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))


def joined(*columns: Any) -> sa.Select[Any]:
    """As :func:`of`, of every meeting."""
    return (
        sa.select(*columns)
        .select_from(MeetingSite)
        .outerjoin(Invitation, Invitation.meeting_site_id == MeetingSite.id)
        .outerjoin(Presence, Presence.meeting_site_id == MeetingSite.id)
        .outerjoin(day, sa.and_(day.meeting_site_id == MeetingSite.id, day.round == Round.ON_DAY))
        .outerjoin(rehearsal, sa.and_(rehearsal.meeting_site_id == MeetingSite.id, rehearsal.round == Round.REHEARSAL))
    )
