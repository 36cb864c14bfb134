"""What a live board costs: the poll that finds nothing, the poll with ten changes, the check-in; medians of one run.

.venv/bin/python -m bench.attendance [rounds]

Conferences of 34, 3,355 and 15,000 sites are made up, four of five in. Everything is measured by the time of the
processor and in turn with a bare Flask answer ("hello"), all of them by Flask's own test client in one process: a neighbour on
the machine is no part of it. Trust the ratios. A poll is asked as the page of the board asks it.

A poll with ten changes is measured as many viewers pay for it: 34 of them ask within the second, one draws and 33 are handed
what was drawn; the mean of all 34 stands beside a bare answer that is asked for as often. What the first pays alone has a line
of its own, beside a bare answer that was asked for once, out of the cold, and a bound of its own: no promise of four, but
it shall not grow unnoticed. Ends with 1 where a target is missed.
"""

from __future__ import annotations

import gc
import gzip
import html
import math
import os
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Any

from flask import Flask, redirect, url_for
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient

from bench._verdict import line, status, target
from config import Config
from meetings import clock, create_app, journal, links
from meetings.accounts import services as accounts
from meetings.accounts.rules import Actor
from meetings.attendance import kept, queries, services
from meetings.attendance.models import Mark, Presence, Roll
from meetings.attendance.rules import MarkSource, Move, State, after, pressed_at
from meetings.database import db
from meetings.directory.models import Contact
from meetings.invitations.models import Invitation, Link
from meetings.journal import rules
from meetings.journal.models import Change, Number, Payload
from meetings.overview.site_forms import CheckInForm
from meetings.scheduling.models import MeetingSite
from meetings.web.link_forms import behind, form_token
from tests import make
from tests.conference import Conference, conference, secretary_of

SIZES = (34, 3_355, 15_000)
WATCHING = 34  # who ask within the second: one a province
FIRST = 16  # bare answers for the first who asks; see the live board in docs/decisions.md
HOA = Actor("user:1", "Nguyễn Thị Hoa", 1)
middle = statistics.median


# ------------------------------------------------------------------ the clock and the table


def worked(act: Callable[[], object], times: int = 1) -> float:
    """Seconds of the processor for one of *times*."""
    began = time.process_time()
    for _time in range(times):
        act()
    return (time.process_time() - began) / times


# ------------------------------------------------------------------ a conference


@dataclass
class House:
    """The application with one conference on it, somebody who watches its board, and a bare Flask beside it."""

    app: Flask
    held: Conference
    client: FlaskClient
    bare: FlaskClient
    presses: Iterator[int]

    @cached_property
    def address(self) -> str:
        """What the page of the board goes on asking."""
        page = Context().run(self.client.get, f"/meetings/{self.held.code}/roll-call/live")
        found = re.search(r'data-poll="([^"]+)"', page.get_data(as_text=True))
        assert found is not None
        address = html.unescape(found[1])
        return f"{address}{'&' if '?' in address else '?'}v="

    def version(self) -> str:
        """As a page knows it: the number, and the minute in which it was drawn."""
        with self.app.app_context():
            number = journal.changes.of(self.held.code)
        return f"{number}.{int(clock.now().timestamp()) // 60}"

    def poll(self, version: str) -> Any:
        packs = {"Accept-Encoding": "gzip"}
        return Context().run(self.client.get, f"{self.address}{version}", headers=packs)

    def hello(self) -> None:
        self.bare.get("/")

    def ten_changes(self) -> None:
        """Ten marks of ten sites in as many provinces: one is lost or comes back, the others report another number."""
        with self.app.app_context():
            for nth in range(10):
                number = next(self.presses)
                site = db.session.get_one(MeetingSite, self.held.sites[(number * 7 + nth * 34) % len(self.held.sites)])
                stands = queries.presence(site.id)
                lost = nth == 0 and stands is not None and stands.state is State.IN
                services.mark(
                    site, Move.LOST if lost else Move.IN, actor=HOA, source=MarkSource.SECRETARY,
                    head_count=None if lost else number % 90 + 1,
                )  # fmt: skip
                db.session.commit()


@contextmanager
def house(sites: int) -> Iterator[House]:
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            **os.environ,
            "INSTANCE": folder,
            "SECRET_KEY": "x" * 40,
            "DATABASE_URL": f"sqlite:///{folder}/bench.db",
        }
        app = create_app(Config.from_environ(environ))
        app.add_url_rule("/naive/<token>", "naive", naive, methods=["POST"])
        naive.who_may_see = "public"  # type: ignore[attr-defined]
        app.extensions["csrf"].exempt(naive)
        bare = Flask("bare")
        bare.add_url_rule("/", "hello", lambda: "hello")
        with app.app_context():
            db.create_all()
            held = conference(sites, already_in=lambda number: number % 5 > 0)
            key = accounts._open_session(secretary_of(held))
            make.done()
        client = app.test_client()
        client.set_cookie(
            "diemcau", str(SecureCookieSessionInterface().get_signing_serializer(app).dumps({"key": key}))
        )
        yield House(app, held, client, bare.test_client(), count())
        with app.app_context():
            db.engine.dispose()


# ------------------------------------------------------------------ (a) polls


@dataclass
class Polls:
    """Medians of one size, in seconds of the processor."""

    hello: float
    cold: float
    unchanged: float
    watched: float
    first: float
    largest: int


def polls(of: House, rounds: int) -> Polls:
    kept.PACE = 0.0  # here one asks after another, faster than any board moves
    took: dict[str, list[float]] = {"hello": [], "cold": [], "unchanged": [], "watched": [], "first": []}
    largest = 0
    of.poll("")
    for _round in range(rounds):
        before = of.version()
        of.poll(before)
        gc.collect()
        gc.disable()
        while time.time() % 1 > 0.3:  # one answer serves one second
            time.sleep(0.02)
        of.ten_changes()
        answers = []
        first = worked(lambda before=before, answers=answers: answers.append(of.poll(before)))  # type: ignore[misc]
        others = worked(lambda before=before: of.poll(before), WATCHING - 1)  # type: ignore[misc]
        took["first"].append(first)
        took["watched"].append((first + others * (WATCHING - 1)) / WATCHING)
        now = of.version()
        took["hello"].append(worked(of.hello, 50))
        took["unchanged"].append(worked(lambda now=now: of.poll(now), 50))  # type: ignore[misc]
        of.ten_changes()
        took["cold"].append(worked(of.hello))
        gc.enable()
        assert answers[0].status_code == 200 and of.poll(of.version()).status_code == 204
        assert gzip.decompress(answers[0].data)
        largest = max(largest, len(answers[0].data))
    return Polls(*(middle(took[name]) for name in ("hello", "cold", "unchanged", "watched", "first")), largest)


# ------------------------------------------------------------------ (b) check-ins


def naive(token: str) -> Any:
    """The check-in as one plainly writes it with the ORM: objects reached through their relationships, one question for
    each thing that must be known, the presence loaded or made, a mark and a line of the journal added beside it, all
    flushed at the commit. The same doors, form, rules, rows and redirect as ours: whose link, still invited, nobody
    left the office, sent before or not, roll open, the same standing and change number; SQLAlchemy as its tutorial shows it."""
    claim = links.read(token)
    assert claim is not None
    link = db.session.get_one(Link, claim.id)
    invitation = db.session.query(Invitation).filter_by(link_id=link.id).one()
    site = invitation.meeting_site
    meeting = site.meeting
    assert link.issue == claim.issue and link.ended_at is None and site.removed_at is None
    assert site.site.in_service and site.site.unit.valid_to is None
    assert meeting.ends_at is not None and meeting.ends_at > clock.now()
    officers = db.session.query(Contact).filter_by(site_id=site.site_id).all()
    assert not any(one.valid_to is not None and one.valid_to > link.made_at for one in officers)
    form = CheckInForm(meta=behind(token))
    assert form.validate(), form.errors
    page = redirect(url_for("site_page.check_in", token=token, _anchor="state"), 303)
    if db.session.query(Mark).filter_by(once=form.key).first() is not None:
        return page
    roll = db.session.query(Roll).filter_by(meeting_id=meeting.id).one()
    assert roll.closed_at is None
    stands = db.session.query(Presence).filter_by(meeting_site_id=site.id).first()
    before = State.NOT_IN if stands is None else stands.state
    at = pressed_at(form.seconds, now=clock.now(), newest=stands.marked_at if stands else None)
    made = Mark(
        meeting=meeting, meeting_site=site, at=at, before=before, after=after(before, Move.IN),
        head_count=form.head_count.data, source=MarkSource.SELF, by=site.name, actor=f"link:{link.id}", once=form.key,
    )  # fmt: skip
    db.session.add(made)
    if stands is None:
        stands = Presence(meeting_site=site, since=at, joined_at=at)
        db.session.add(stands)
    stands.state, stands.head_count, stands.marked_at = made.after, made.head_count, at
    stands.source, stands.by, stands.actor = made.source, made.by, made.actor
    details = {"site": site.name, "before": before.value, "after": made.after.value, "head_count": made.head_count}
    entry = journal.Entry(
        at=clock.now(), fact="presence.marked", actor=made.actor, actor_name=site.name, subject=f"presence:{site.id}",
        root=meeting.code, digest=rules.digest(details), payload=Payload(data=details),
    )  # fmt: skip
    db.session.add(entry)
    number = db.session.get(Number, meeting.code)
    if number is None:
        number = Number(root=meeting.code, number=0)
        db.session.add(number)
    number.number += 1
    db.session.add(Change(root=meeting.code, number=number.number, subjects=[entry.subject]))
    db.session.commit()
    return page


def check_ins(of: House, rounds: int) -> tuple[float, float, float]:
    """Seconds of the processor: hello, the naive handler, ours; each site reports a number it has not reported before."""
    with of.app.app_context():
        forms = {token: form_token(token) for token in of.held.tokens}
    chance, numbers = random.Random(5), count()
    phone = of.app.test_client(use_cookies=False)  # who holds a private link has no account
    took: dict[str, list[float]] = {"hello": [], "naive": [], "ours": []}

    def send(address: str) -> None:
        token, number = chance.choice(of.held.tokens), next(numbers)
        sent = {"csrf_token": forms[token], "head_count": str(number % 90 + 1), "once": f"k{number}", "age": "0.3"}
        told = Context().run(phone.post, address.format(token), data=sent)
        assert told.status_code == 303, told.status_code

    for _once in range(20):  # what is put together once is put together
        for address in ("/naive/{}", "/m/{}/check-in"):
            send(address)
    for _round in range(rounds):
        gc.collect()
        gc.disable()
        took["hello"].append(worked(of.hello, 50))
        took["naive"].append(worked(lambda: send("/naive/{}"), 25))
        took["ours"].append(worked(lambda: send("/m/{}/check-in"), 25))
        gc.enable()
    return middle(took["hello"]), middle(took["naive"]), middle(took["ours"])


def main(rounds: int) -> int:
    found: dict[int, Polls] = {}
    for size in SIZES:
        with house(size) as one:
            found[size] = made = polls(one, rounds)
            print(f"\nA poll of {size:,} sites (the largest answer of ten changes: {made.largest:,} bytes packed)")
            line("floor: a bare Flask answer", made.hello, made.hello)
            line("nothing has changed", made.unchanged, made.hello)
            line(
                f"ten changes, {WATCHING} ask within the second: the mean of one drawn and the others",
                made.watched,
                made.hello,
            )
            line("floor: a bare Flask answer asked for once, right after ten changes", made.cold, made.cold)
            line("ten changes, the first who asks alone", made.first, made.cold)
            if size == 3_355:
                hello, plain, ours = check_ins(one, rounds)
    print()
    for size, made in found.items():
        target(f"unchanged poll of {size:,} sites beside a bare answer", made.unchanged / made.hello, most=4)
        target(f"poll of {size:,} sites with ten changes, {WATCHING} watching", made.watched / made.hello, most=4)
        target(f"the first of them alone, {size:,} sites", made.first / made.cold, most=FIRST)
    target("bytes of a poll of 3,355 sites", found[3_355].largest, most=15 * 1024)
    for name in ("unchanged", "watched", "first"):
        small, large = (getattr(found[size], name) for size in (SIZES[0], SIZES[-1]))
        growth = math.log(large / small) / math.log(SIZES[-1] / SIZES[0])
        target(f"growth of the {name} poll: exponent over the sites", growth, most=0.1)
    print("\nA check-in on the private page, 3,355 sites")
    line("floor: a bare Flask answer", hello, hello)
    line("naive: the ORM as its tutorial shows it", plain, hello)
    line("ours", ours, hello)
    target("rate of check-ins beside the naive handler's", plain / ours, least=2)
    return status()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 15))
