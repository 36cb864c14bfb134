"""The fifteen ways in which SMTP goes wrong, each for a whole batch, through the worker's own passes: what stands in the
database while the fault lasts, what the server has, and that everything arrives when the fault is over."""

from __future__ import annotations

import os
import ssl
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from meetings import worker
from meetings.adapters.mail import Patience, Smtp
from meetings.database import db
from meetings.post import carry, queries, services
from meetings.post.message import Address, slot
from meetings.post.models import Letter
from meetings.post.rules import LetterStatus
from meetings.post.services import Draft, Enclosed, Ticket
from tests.conftest import Clock
from tests.smtp import Script

BATCH = 100 if os.environ.get("PROVE") == "1" else 5
PATIENCE = Patience(connect=0.3, phase=20.0, dot=20.0, idle=10)
WAITS, REFUSED, UNCERTAIN = LetterStatus.WAITING, LetterStatus.REFUSED, LetterStatus.UNCERTAIN


@dataclass(frozen=True)
class Way:
    """One way to go wrong. *letters*: where each stands meanwhile; *phase* and *code*: what is kept of it, of the outage
    where it *stops* the queue; *copies*: how many of each letter the server has all the same."""

    name: str
    letters: LetterStatus
    phase: str
    code: int | None = None
    answers: dict[str, str] = field(default_factory=dict)
    offers: str = ""
    stops: bool = False
    copies: int = 0
    tls: bool = False
    user: str | None = None


SIGN_IN, ENCRYPT = "\r\n250-AUTH PLAIN", "\r\n250-STARTTLS"
WAYS = [
    Way("refused connection", WAITS, "connect", stops=True),
    Way("connect time-out", WAITS, "connect", stops=True),
    Way("421 greeting", WAITS, "greeting", 421, {"greeting": "421 too busy"}, stops=True),
    Way("EHLO 5xx", WAITS, "ehlo", 554, {"ehlo": "554 not you", "helo": "554 not you"}, stops=True),
    Way("STARTTLS fails", WAITS, "starttls", 454, {"starttls": "454 no"}, ENCRYPT, stops=True, tls=True),
    Way("AUTH 535", WAITS, "auth", 535, {"auth": "535 wrong"}, SIGN_IN, stops=True, user="lichhop"),
    Way("MAIL 451", WAITS, "mail", 451, {"mail": "451 later"}),
    Way("RCPT 550", REFUSED, "rcpt", 550, {"rcpt": "550 5.1.1 no such user"}),
    Way("RCPT 451", WAITS, "rcpt", 451, {"rcpt": "451 4.7.1 greylisted"}),
    Way("DATA 451", WAITS, "data", 451, {"data": "451 later"}),
    Way("line dies inside DATA", WAITS, "body", None, {"body": "hang up"}),
    Way("452 after the dot", WAITS, "dot", 452, {"dot": "452 disk full"}),
    Way("552 after the dot", REFUSED, "dot", 552, {"dot": "552 too large"}),
    Way("accepted, line dies before the reply", UNCERTAIN, "dot", None, {"dot": "accept, hang up"}, copies=1),
    Way("accepted, reply later than our time-out", UNCERTAIN, "dot", None, {"dot": "accept, late"}, copies=1),
]


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 and its key."""
    made, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    new = ["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    subprocess.run([*new, "-keyout", key, "-out", made, "-days", "9", *subject], check=True, capture_output=True)
    return made, key


@pytest.fixture
def outside(app: Flask, way: Way, backend: str, request: pytest.FixtureRequest) -> Iterator[tuple[Script, Smtp]]:
    """A server that goes wrong in this *way*, and the mailer of this installation, which is to hand letters to it. One that
    takes commands in a group beside one kind of database, one that does not beside the other."""
    tls = trusting = None
    offers = way.offers + ("\r\n250-PIPELINING" if backend == "postgresql" else "")
    if way.tls:
        made, key = request.getfixturevalue("certificate")
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(made, key)
        trusting = ssl.create_default_context(cafile=str(made))
    narrow, begin = "body" in way.answers, way.phase != "connect"
    server = Script(tls=tls, narrow=narrow, begin=begin, offers=offers, **way.answers)
    if way.name == "refused connection":
        server.stop()
    patience = replace(PATIENCE, dot=0.25) if "late" in way.answers.get("dot", "") else PATIENCE
    mailer = Smtp(
        "127.0.0.1", server.port, user=way.user, password="p", tls=way.tls, context=trusting, patience=patience
    )
    before, app.extensions["mailer"] = app.extensions["mailer"], mailer
    yield server, mailer
    mailer.close()
    app.extensions["mailer"] = before
    server.stop()


def hand_in(way: Way) -> None:
    # so large that no kernel keeps it: a line that dies inside a letter is to be felt there
    file = b"PK" * 3_000_000 if way.phase == "body" else b"PK" * 30_000
    enclosed = (Enclosed(services.keep(file, "application/x"), "Giay-moi.docx", "application/x"),)
    made = services.hand_in_all(
        Draft(
            f"invitation-{n}-0",
            "invitation",
            Address(f"Điểm cầu {n}", f"a{n}@tinh.example"),
            "Giấy mời họp trực tuyến toàn quốc",
            f"Kính gửi {slot('site')}\nhttp://hop.example/m/{slot('token')}\n.\n",
            fills={"site": f"Điểm cầu {n}"},
            link=Ticket("m", n, 1),
            enclosures=enclosed,
        )
        for n in range(1, BATCH + 1)
    )
    db.session.commit()
    assert made == BATCH


def work(app: Flask) -> None:
    while worker.tick(app):
        pass
    db.session.rollback()


def letters() -> list[Letter]:
    db.session.expire_all()
    return list(db.session.scalars(sa.select(Letter).order_by(Letter.id)))


def check(server: Script) -> Counter[str]:
    """Whatever happens: what is called sent was accepted, each went to its own reader, and copies are the same bytes."""
    copies = Counter(taken.message_id for taken in server.taken)
    for letter in letters():
        assert letter.status is not LetterStatus.SENT or copies[letter.message_id], f"{letter.key} is nowhere"
        mine = {(taken.recipient, taken.data) for taken in server.taken if taken.message_id == letter.message_id}
        assert mine <= {(letter.to_address, queries.eml(letter, hide=False))}
    db.session.rollback()
    return copies


@pytest.mark.parametrize("way", WAYS, ids=[f"{n:02d} {way.name}" for n, way in enumerate(WAYS, 1)])
def test_nothing_is_lost_nothing_is_sent_twice_and_all_arrives_afterwards(
    app: Flask, way: Way, outside: tuple[Script, Smtp], clock: Clock
) -> None:
    server, mailer = outside
    hand_in(way)
    for _pass in range(3):
        work(app)
        clock.forward(minutes=100)
    copies = check(server)
    assert {letter.status for letter in letters()} == {way.letters}
    assert all(copies[letter.message_id] == way.copies for letter in letters()), "held, it does not go again by itself"
    outage = queries.outage()
    if way.stops:
        assert outage is not None and (outage.phase, outage.code, outage.failures) == (way.phase, way.code, 3)
        assert {letter.attempts for letter in letters()} == {0}, "no letter pays for it"
    elif carry.ENOUGH <= BATCH and way.name in ("MAIL 451", "line dies inside DATA"):  # it looked at none of them
        assert outage is not None and (outage.phase, outage.code, outage.failures) == (way.phase, way.code, 3)
        assert sum(letter.attempts for letter in letters()) == 3 * carry.ENOUGH
    else:
        assert outage is None
        tried = 3 if way.letters is WAITS else 1
        assert {(one.phase, one.code, one.attempts) for one in letters()} == {(way.phase, way.code, tried)}
    db.session.rollback()

    mended = mend(server, way)
    before = mended.connections
    mailer._patience = PATIENCE
    clock.forward(minutes=100)
    work(app)
    if way.letters is WAITS:
        assert {letter.status for letter in letters()} == {LetterStatus.SENT}, "by itself"
        assert set(check(mended).values()) == {1}, "and once"
        assert mended.connections - before <= 1 + 4 * (way.phase == "connect"), "over one line, beside those who queued"
    else:  # what only a person can decide is still there for her
        assert {letter.status for letter in letters()} == {way.letters}
        assert check(mended) == copies
        for letter in letters():
            services.resend(letter)
        db.session.commit()
        work(app)
        assert {letter.status for letter in letters()} == {LetterStatus.SENT}
        assert set(check(mended).values()) == {way.copies + 1}
    assert len(check(mended)) == BATCH
    assert queries.outage() is None
    db.session.rollback()


def mend(server: Script, way: Way) -> Script:
    """The fault is over; the server that has the letters now."""
    offers = server.answers["offers"]
    if way.name == "refused connection":
        server = Script(port=server.port)
    elif way.name == "connect time-out":
        server.begin()
    server.answers.clear()
    server.answers["offers"] = offers
    return server
