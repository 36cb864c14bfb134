"""Booking 3,355 sites beside its floor: the same rows put in by one bare statement. Medians of one run on SQLite.

.venv/bin/python -m bench.booking [rounds]
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa

from config import Config
from meetings import clock, create_app
from meetings.accounts import queries as account_queries
from meetings.accounts import services as accounts
from meetings.accounts.rules import Role
from meetings.attendance import queries as attendance
from meetings.database import db
from meetings.directory.loader import load
from meetings.scheduling import clashes, queries, services
from meetings.scheduling.models import MeetingSite
from meetings.scheduling.rules import MeetingType, Secrecy
from meetings.units import queries as units

COLUMNS = ("site_id", "unit_id", "province_id", "name", "unit_name", "position", "added_at")


def timed(act: Callable[[], object]) -> float:
    """Seconds of wall clock that *act* takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Config.from_environ({**os.environ, "INSTANCE": folder, "SECRET_KEY": "x" * 40}))
        with app.app_context():
            db.create_all()
            load()
            unit = units.by_code("G09", clock.today())
            assert unit is not None
            user = accounts.create_user("tk@x.example", "Thư ký", "mat khau dai", role=Role.SECRETARY, unit=unit)
            db.session.commit()
            actor = account_queries.actor_of(user)
            details = services.Details(
                "Hội nghị", MeetingType.REVIEW, False, "", Secrecy.ORDINARY, "Ông", "A", "Bộ trưởng", 120, "Lãnh đạo", None, "",
                "",
            )  # fmt: skip
            ours, floor, clash, board = [], [], [], []
            for _round in range(rounds):
                meeting = services.begin(details, unit, user, actor=actor)
                sites = [*queries.province_sites(), *queries.all_commune_sites()]
                ours.append(
                    timed(lambda m=meeting, s=sites: (services.add_sites(m, s, actor=actor), db.session.flush()))
                )
                starts = clock.now() + timedelta(days=20 + _round)
                clash.append(timed(lambda m=meeting, a=starts: clashes.collisions(m, a, a + timedelta(hours=2), actor)))
                board.append(timed(lambda m=meeting: attendance.provinces(m)))
                bare = services.begin(details, unit, user, actor=actor)
                rows = [
                    dict(zip(COLUMNS, row, strict=True))
                    | {"meeting_id": bare.id}
                    for row in db.session.execute(
                        sa.select(
                            MeetingSite.site_id, MeetingSite.unit_id, MeetingSite.province_id, MeetingSite.name,
                            MeetingSite.unit_name, MeetingSite.position, MeetingSite.added_at,
                        ).where(MeetingSite.meeting_id == meeting.id)
                    )
                ]  # fmt: skip
                floor.append(timed(lambda r=rows: db.session.execute(sa.insert(MeetingSite), r)))
                db.session.commit()
    middle = statistics.median
    print(f"{len(rows)} sites, {rounds} rounds, medians")
    print(f"bare insert (floor)      {middle(floor) * 1000:8.1f} ms")
    print(f"add_sites                {middle(ours) * 1000:8.1f} ms   {middle(ours) / middle(floor):.2f} x floor")
    print(f"clash check of an hour   {middle(clash) * 1000:8.1f} ms")
    print(f"board counts by province {middle(board) * 1000:8.1f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
