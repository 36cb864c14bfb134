"""Every site checks itself in at once, through the server as it is run, many of them twice: all are kept and none doubled.

The ordinary suite sends 300, ``./run.sh prove`` 15,000 with 1,000 repeats, and prints how long it took.
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from random import Random
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from meetings.accounts import services as accounts
from meetings.attendance import queries
from meetings.attendance.models import Mark, Presence
from meetings.attendance.rules import State
from meetings.database import db
from meetings.journal.models import Entry
from meetings.scheduling.models import Meeting
from meetings.web.link_forms import form_token
from tests import make
from tests.conference import Conference, conference, secretary_of
from tests.e2e.installation import ROOT, answer, clean_environ, free_port, until

pytestmark = pytest.mark.e2e  # a server of its own, by the real clock
LONG = os.environ.get("PROVE") == "1"
SITES, AGAIN, CLIENTS = (15_000, 1_000, 32) if LONG else (300, 40, 16)


@contextmanager
def served(app: Flask, url: str, folder: Path) -> Iterator[int]:
    """The web server as ``run.sh`` starts it, on the database of this test; its port."""
    port, log = free_port(), (folder / "web.log").open("wb")
    environ = clean_environ(
        INSTANCE=str(folder), DATABASE_URL=url, PORT=str(port), SECRET_KEY=str(app.config["SECRET_KEY"])
    )
    processes = "1" if url.startswith("sqlite") else "2"
    server = subprocess.Popen(
        [
            sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{port}", "--workers", processes,
            "--worker-class", "gthread", "--threads", "32", "--timeout", "120", "--graceful-timeout", "2",
            "--keep-alive", "5", "--no-control-socket", "--log-level", "warning", "--logger-class", "meetings.log.ServerLog",
        ],
        cwd=ROOT, env=environ, stdout=log, stderr=log,
    )  # fmt: skip
    try:
        until("the server does not answer", lambda: answer(f"http://127.0.0.1:{port}/sign-in")[0] == 200)
        yield port
    finally:
        server.terminate()
        server.wait(30)
        log.close()


class Client(threading.Thread):
    """Sends check-ins until none is left; what the line has lost it sends again, under the same key."""

    def __init__(self, port: int, errands: SimpleQueue[tuple[int, str, str]], form: dict[str, str]) -> None:
        super().__init__(daemon=True)
        self.port, self.errands, self.form = port, errands, form
        self.took: list[float] = []
        self.ended: list[tuple[float, int]] = []  # when which number was acknowledged
        self.wrong: list[str] = []

    def run(self) -> None:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while True:
            try:
                number, token, once = self.errands.get_nowait()
            except Empty:
                return
            body = urlencode(
                {"csrf_token": self.form[token], "head_count": number % 90 + 1, "once": once, "age": "0.4"}
            )
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            began = time.perf_counter()
            for _try in range(4):
                try:
                    line.request("POST", f"/m/{token}/check-in", body, kind)
                    told = line.getresponse()
                    told.read()
                except (OSError, http.client.HTTPException):
                    line.close()
                    continue
                if told.status != 303:
                    self.wrong.append(f"{told.status} for {number}")
                break
            else:
                self.wrong.append(f"no answer for {number}")
            self.took.append(time.perf_counter() - began)
            self.ended.append((time.monotonic(), number))


class Board(threading.Thread):
    """Somebody who watches: polls as board.js does, each time for what has changed since the last answer."""

    def __init__(self, port: int, held: Conference, cookie: str) -> None:
        super().__init__(daemon=True)
        self.port, self.code, self.cookie = port, held.code, cookie
        self.seen: list[tuple[float, int]] = []  # when how many were shown as in
        self.largest = 0
        self.stop = threading.Event()

    def poll(self, version: str) -> str:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        asked = time.monotonic()
        line.request(
            "GET",
            f"/meetings/{self.code}/roll-call/live.json?v={version}",
            headers={"Cookie": self.cookie, "Accept-Encoding": "gzip", "Accept": "application/json"},
        )
        told = line.getresponse()
        body = told.read()
        assert told.status in (200, 204), told.status
        if told.status == 204:
            return version
        self.largest = max(self.largest, len(body))
        news = json.loads(gzip.decompress(body))
        shown = re.search(r'data-kpi="in".*?class="n">([\d.]+)', news["sums"], re.DOTALL)
        assert shown is not None
        self.seen.append((asked, int(shown[1].replace(".", ""))))
        return str(news["v"])

    def run(self) -> None:
        version = ""
        while not self.stop.wait(3.0 if version else 0):
            version = self.poll(version)
        time.sleep(1.1)  # a board of thousands moves twice a second at most
        self.poll(version)


def test_all_sites_check_in_at_once_and_none_is_lost_or_doubled(app: Flask, database_url: str, tmp_path: Path) -> None:
    held = conference(SITES)
    key = accounts._open_session(secretary_of(held))
    make.done()
    interface = SecureCookieSessionInterface()
    cookie = f"diemcau={interface.get_signing_serializer(app).dumps({'key': key})}"
    form = {token: form_token(token) for token in held.tokens}
    db.session.remove()
    dice = Random(18)
    numbered = [(number, token, f"check-in-{number}") for number, token in enumerate(held.tokens)]
    jobs = numbered[:]
    for one in dice.sample(numbered, AGAIN):
        jobs.insert(one[0] + dice.choice((1, 1, 2, 40)), one)  # a second press, a second sending of a queue
    errands: SimpleQueue[tuple[int, str, str]] = SimpleQueue()
    for job in jobs:
        errands.put(job)

    with served(app, database_url, tmp_path) as port:
        board = Board(port, held, cookie)
        board.start()
        clients = [Client(port, errands, form) for _n in range(CLIENTS)]
        began = time.monotonic()
        for client in clients:
            client.start()
        for client in clients:
            client.join(3600)
        took = time.monotonic() - began
        board.stop.set()
        board.join(60)
    assert not [fault for client in clients for fault in client.wrong][:5]
    assert b"locked" not in (tmp_path / "web.log").read_bytes()

    times = sorted(seconds for client in clients for seconds in client.took)
    p50, p99 = times[len(times) // 2], times[len(times) * 99 // 100]
    print(
        f"\n{len(jobs):,} check-ins of {SITES:,} sites by {CLIENTS} clients on {db.engine.dialect.name}: {took:.1f} s, "
        f"{len(jobs) / took:.0f}/s, p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms; largest poll {board.largest:,} bytes"
    )
    marks = db.session.execute(sa.select(Mark.meeting_site_id, Mark.head_count, Mark.after)).all()
    assert sorted(marks) == sorted((site, n % 90 + 1, State.IN) for n, site in enumerate(held.sites))
    stands = db.session.execute(sa.select(Presence.meeting_site_id, Presence.head_count, Presence.state)).all()
    assert sorted(stands) == sorted(marks)
    assert db.session.query(Entry).filter_by(root=held.code, fact="presence.marked").count() == SITES
    sums = queries.tally(db.session.get_one(Meeting, held.id))
    assert (sums.present, sums.people) == (SITES, sum(n % 90 + 1 for n in range(SITES)))

    # whoever watches sees each of them within four seconds: a poll every three, and a board at most a second behind
    first: dict[int, float] = {}
    for at, number in sorted(ended for client in clients for ended in client.ended):
        first.setdefault(number, at)
    acknowledged = sorted(first.values())
    for asked, shown in board.seen:
        assert shown >= sum(at < asked - 1.0 for at in acknowledged), "a poll did not tell what was there"
    assert board.seen[-1][1] == SITES
    assert board.largest < 15 * 1024 or SITES > 3355
