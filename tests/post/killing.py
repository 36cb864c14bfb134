"""A worker that is killed again and again while it carries the letters of one conference, as a process of its own:
``python -m tests.post.killing SITES KILLS SEED LEDGER``, in the environment of the installation.

The application is made once and forked for each life: what is killed is the process of ``flask --app wsgi worker``, without
the seconds that its beginning takes. The signal is SIGKILL, the moment is drawn: most often so many letters (and up to
four milliseconds) after the life began, so that the moments fall evenly over the batch; every sixth time anywhere in the
first half second, so that starting, asking the sites and writing the letters are hit as well; such a kill counts as one of
KILLS only where letters had left.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from flask.cli import main as flask

import wsgi
from meetings import clock
from meetings.accounts import queries as account_queries
from meetings.accounts import services as accounts
from meetings.accounts.rules import Role
from meetings.database import db
from meetings.directory.loader import load
from meetings.directory.models import Contact, Duty
from meetings.invitations import approval
from meetings.official.working_days import STANDARD
from meetings.post import queries as letters
from meetings.post.rules import LetterStatus
from meetings.scheduling import queries, services
from meetings.scheduling.rules import MeetingType, Secrecy
from meetings.scheduling.ruling import load_default_rules
from meetings.units import queries as units


def prepare(sites: int) -> None:
    """An installation with the units of the state, and a conference with *sites* of them that has just been sent."""
    with wsgi.app.app_context():
        db.create_all()
        load()
        load_default_rules()
        unit = units.by_code("G09", clock.today())
        assert unit is not None
        accounts.quick_hashing()
        user = accounts.create_user(
            "thuky@bo.example", "Nguyễn Thị Hoa", "mat khau dai", role=Role.SECRETARY, unit=unit
        )
        asked = [*queries.province_sites(), *queries.all_commune_sites()][:sites]
        assert len(asked) == sites
        named = {"duty": Duty.COORDINATOR, "name": "Trần Thị Đầu Mối", "valid_from": clock.now()}
        db.session.execute(
            sa.insert(Contact),
            [{**named, "site_id": site.id, "email": f"diemcau.{site.id}@diaphuong.example"} for site in asked],
        )
        db.session.commit()
        actor = account_queries.actor_of(user)
        details = services.Details(
            "Hội nghị trực tuyến toàn quốc", MeetingType.REVIEW, False, "", Secrecy.ORDINARY, "Ông", "Lê Minh Khang",
            "Bộ trưởng", 120, "Lãnh đạo đơn vị", None, "", "",
        )  # fmt: skip
        meeting = services.begin(details, unit, user, actor=actor)
        services.add_sites(meeting, asked, actor=actor)
        day = STANDARD.add_working_days(clock.today(), 15)
        starts_at = datetime(day.year, day.month, day.day, 8, tzinfo=clock.HANOI)
        services.place(meeting, starts_at, 120, actor=actor)
        services.set_agenda(meeting, [services.Item("Khai mạc", 120, "")], actor=actor)
        wording = services.Wording(
            "TL. BỘ TRƯỞNG",
            "CHÁNH VĂN PHÒNG",
            "Trần Văn Duyệt",
            "Bà Hoa",
            "024 000 1234",
            "",
            "Như trên",
            "",
            "",
            "",
            "",
        )
        services.word(meeting, wording, actor=actor)
        approval.release(meeting, starts_at - timedelta(days=3), actor=actor)
        db.session.commit()


def waiting() -> int:
    """How many letters have not met their fate."""
    with wsgi.app.app_context():
        counts = letters.counts()
        return counts[LetterStatus.WAITING] + counts[LetterStatus.TRANSMITTING]


def forked(act: Callable[[], object]) -> int:
    """The process that does *act*; what *act* returns, if it is a number, is its exit code."""
    child = os.fork()
    if child:
        return child
    try:
        done = act()
        os._exit(done if isinstance(done, int) else 0)
    except SystemExit as end:
        os._exit(end.code if isinstance(end.code, int) else 0)
    except BaseException as fault:
        print(repr(fault), file=sys.stderr, flush=True)
        os._exit(99)


def worker(*more: str) -> Callable[[], object]:
    """``flask --app wsgi worker``."""

    def act() -> object:
        sys.argv = ["flask", "--app", "wsgi", "worker", *more]
        return flask()

    return act


class Ledger:
    """How many letters the server has written down."""

    def __init__(self, path: Path) -> None:
        self._file, self._count = path.open("rb"), 0

    def count(self) -> int:
        self._count += self._file.read().count(b"\n")
        return self._count


def main(sites: int, kills: int, seed: int, path: Path) -> dict[str, object]:
    chance, ledger = random.Random(seed), Ledger(path)
    with wsgi.app.app_context():
        db.engine.dispose()  # no two processes share a connection
    assert os.waitpid(forked(lambda: prepare(sites)), 0)[1] == 0, "no conference"
    begun, done, early, lives = time.monotonic(), 0, 0, 0
    while done < kills:
        lives += 1
        assert lives <= 2 * kills + 20, "the worker ends by itself"
        child, born, had = forked(worker()), time.monotonic(), ledger.count()
        if lives == 1 or chance.random() < 1 / 6:
            early += 1
            moment, target = chance.uniform(0.0, 0.5), sites + 1
        else:
            moment, target = 30.0, had + 1 + chance.randint(0, 2 * (sites - had) // (kills - done + 1))
        while ledger.count() < target and time.monotonic() - born < moment and os.waitpid(child, os.WNOHANG)[0] == 0:
            time.sleep(0.0005)
        time.sleep(chance.uniform(0.0, 0.004))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        # only a life that had carried letters of its own, and had not carried the last, was killed in the middle
        done += os.WIFSIGNALED(status) and had < ledger.count() < sites
    for _ in range(50):  # PostgreSQL may need a moment to see that the last life is over
        assert os.waitpid(forked(worker("--once")), 0)[1] == 0
        left = os.waitpid(forked(lambda: min(waiting(), 1)), 0)[1]
        if not left:
            break
        time.sleep(0.2)
    return {
        "kills": done,
        "lives": lives,
        "early": early,
        "left": bool(left),
        "seconds": round(time.monotonic() - begun, 1),
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))))
