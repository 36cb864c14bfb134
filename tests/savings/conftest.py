"""A conference that was held, for the tests of what it saved."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from meetings import clock
from meetings.attendance.models import Presence, Roll
from meetings.attendance.rules import MarkSource, RollStatus, State
from meetings.database import db
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from tests import make


def held(counts: dict[str, int | None], **more: Any) -> Meeting:
    """A closed conference in Hà Nội; *counts* says how many people sat at the site of each unit (None: nobody counted)."""
    meeting = make.meeting(status=Status.CLOSED, sites=[make.site(code) for code in counts], **more)
    at = clock.now()
    db.session.add(
        Roll(meeting_id=meeting.id, status=RollStatus.CLOSED, opened_at=at, closed_at=at, closed_by="Bà Hoa")
    )
    for row, count in zip(make.sites_of(meeting), counts.values(), strict=True):
        db.session.add(
            Presence(
                meeting_site_id=row.id, state=State.IN, since=clock.now(), joined_at=clock.now(), head_count=count,
                source=MarkSource.SELF, by="Đầu mối",
            )
        )  # fmt: skip
    db.session.flush()
    return meeting


@pytest.fixture
def meeting(app: Flask) -> Meeting:
    """Three provinces were there: 20, 35 and an uncounted number of people."""
    return held({make.NGHE_AN: 20, make.HO_CHI_MINH: 35, make.HA_TINH: None})
