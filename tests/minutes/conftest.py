"""A conference that was held: one province there, one absent, the roll closed."""

from __future__ import annotations

from typing import Any

import pytest

from meetings.accounts.models import User
from meetings.accounts.queries import actor_of
from meetings.accounts.rules import Actor
from meetings.attendance.models import Presence, Roll
from meetings.attendance.rules import MarkSource, RollStatus, State
from meetings.database import db
from meetings.minutes import services
from meetings.minutes.models import Record
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from tests import make


def close_roll(meeting: Meeting) -> None:
    """Nghệ An came with twelve, Hà Tĩnh gave notice that it cannot."""
    there, away = make.sites_of(meeting)
    db.session.add_all(
        [
            Presence(
                meeting_site_id=there.id, state=State.IN, since=meeting.starts_at, joined_at=make.at("2026-12-10 07:52"),
                head_count=12, source=MarkSource.SELF, by="đầu mối",
            ),
            Presence(
                meeting_site_id=away.id, state=State.ABSENT, since=meeting.starts_at, with_notice=True,
                reason="Ứng phó bão", source=MarkSource.SECRETARY, by="thư ký",
            ),
            Roll(
                meeting_id=meeting.id, status=RollStatus.CLOSED, opened_at=meeting.starts_at, host_head_count=18,
                closed_at=meeting.ends_at, closed_by="Bà Nguyễn Thị Hoa",
            ),
        ]
    )  # fmt: skip
    db.session.flush()


@pytest.fixture
def held(clock: Any, secretary: User) -> Meeting:
    """The conference of 10 December 2026, its roll closed."""
    meeting = make.meeting(status=Status.CLOSED, secretary=secretary)
    close_roll(meeting)
    clock.at("2026-12-10 12:00")
    return meeting


@pytest.fixture
def hoa(secretary: User) -> Actor:
    """The secretary as she acts."""
    return actor_of(secretary)


@pytest.fixture
def begun(held: Meeting, hoa: Actor) -> Record:
    """Its minutes, just begun."""
    return services.start(held, actor=hoa)
