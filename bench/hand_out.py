"""A record handed to every commune and province: the press and its letters, beside bare rows: ``python -m bench.hand_out``."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from bench.letters import grown
from config import Config
from meetings import clock, create_app
from meetings.accounts.rules import SYSTEM
from meetings.database import db
from meetings.journal import queries as journal
from meetings.minutes import blocks, handing, life, services
from meetings.minutes.content import Concluded
from meetings.minutes.handing import Numbers, Way
from meetings.minutes.models import HandOut, Record
from meetings.post.models import Letter
from meetings.scheduling.rules import Status
from tests import make
from tests.minutes.conftest import close_roll

MANY = 3_355


@contextmanager
def house() -> Iterator[Record]:
    """An approved record, on a database on the disk."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {"INSTANCE": folder, "SECRET_KEY": "x" * 40, "DATABASE_URL": "", "MAIL_URL": ""}
        app = create_app(Config.from_environ({**os.environ, **environ}))
        with app.app_context():
            db.create_all()
            make.units()
            held = make.meeting(status=Status.CLOSED, starts=f"{clock.today():%Y-%m-%d} 00:30")
            close_roll(held)
            record = services.start(held, actor=SYSTEM)
            blocks.add(record, Concluded("Dùng chung hạ tầng họp trực tuyến."), actor=SYSTEM)
            life.submit(record, actor=SYSTEM)
            life.approve(record, actor=SYSTEM)
            db.session.commit()
            yield record
            db.session.remove()
            db.engine.dispose()


def timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    db.session.commit()
    return time.perf_counter() - began


def bare(table: sa.Table) -> float:
    """The floor: the same rows, already made, into the same table once more."""
    rows = [dict(row) for row in db.session.execute(sa.select(table)).mappings()]
    db.session.execute(sa.delete(table))
    db.session.commit()
    with db.engine.begin() as connection:
        began = time.perf_counter()
        connection.execute(table.insert(), rows)
    return time.perf_counter() - began


def main() -> int:
    with house() as record:
        many = [(f"Điểm cầu {n}", f"xa{n}@xa.example") for n in range(MANY)]
        took: dict[str, float] = {}

        def press() -> None:
            way = Way(notice_only=True)
            took["press"] = timed(lambda: handing.issue(record, Numbers(), [], many, way=way, actor=SYSTEM))

        def write() -> None:
            entry = next(one for one in journal.of(record.meeting.code) if one.fact == "record.issued")
            took["letters"] = timed(lambda: handing.hand_out(entry))

        grew = grown(press), grown(write)
        assert db.session.scalar(sa.select(sa.func.count(Letter.id)).where(Letter.kind == "conclusions")) == MANY
        db.session.commit()
        letters = bare(Letter.__table__)  # type: ignore[arg-type]
        handed = bare(HandOut.__table__)  # type: ignore[arg-type]
        print(f"{MANY:,} recipients of one record")
        for name, floor, growth in (("press", handed, grew[0]), ("letters", letters, grew[1])):
            beside = f"the bare rows {floor:6.2f} s; {took[name] / floor:5.1f} x"
            print(f"  {name:<8} {took[name]:6.2f} s; {beside}; grew {growth:5.1f} MB")
        slow = took["press"] > 2 or took["letters"] > 5 or max(grew) > 60
        print("  too slow or too large" if slow else "  in time: the press under 2 s, the letters under 5 s, 60 MB")
        return int(slow)


if __name__ == "__main__":
    sys.exit(main())
