"""A conference that was held this morning, its roll closed and its minutes begun: ``python -m tests.e2e.furnish_minutes``.
Prints its code, the addresses of two secretaries and the id of the agenda item that both write."""

from __future__ import annotations

import os
from datetime import timedelta

from config import Config
from meetings import clock, create_app
from meetings.accounts.rules import Role
from meetings.database import db
from meetings.minutes import queries, services
from meetings.scheduling.rules import Status
from tests import make
from tests.minutes.conftest import close_roll


def furnish() -> tuple[str, str, str, int]:
    """Code of the meeting, the two who write its minutes, and the discussion."""
    hoa = make.user(Role.SECRETARY, make.MINISTRY, name="Nguyễn Thị Hoa", honorific="Bà", email="hoa@bo.example")
    linh = make.user(Role.SECRETARY, make.MINISTRY, name="Đỗ Thùy Linh", honorific="Bà", email="linh@bo.example")
    starts = clock.wall(clock.now() - timedelta(hours=4)).strftime("%Y-%m-%d %H:%M")
    meeting = make.meeting(status=Status.CLOSED, starts=starts, secretary=hoa)
    close_roll(meeting)
    record = services.start(meeting, actor=make.actor(hoa))
    made = meeting.code, hoa.email, linh.email, queries.written(record).items[2].id
    db.session.commit()
    return made


if __name__ == "__main__":
    with create_app(Config.from_environ(os.environ)).app_context():
        print(*furnish())
