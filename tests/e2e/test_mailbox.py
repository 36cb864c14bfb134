"""Scenario 11 with real parts: a web server, a worker, an SMTP server that takes the letters, and Debian's dovecot.

Nobody opens a link here: what is pressed in a mail program comes back by mail, is read from the mailbox, and stands on the
site's page.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from config import Config
from meetings import clock, create_app, links
from meetings.accounts.queries import actor_of
from meetings.accounts.rules import Role
from meetings.database import db
from meetings.invitations import approval
from meetings.official.working_days import STANDARD
from meetings.scheduling.models import Meeting
from tests import dovecot, make, replies
from tests.conftest import sign_in
from tests.dovecot import Dovecot
from tests.e2e.installation import Installation, answer
from tests.pages import Client, Page
from tests.smtp import Script, Taken

PROVE = os.environ.get("PROVE") == "1"
MANY = 1000 if PROVE else 60


@pytest.fixture
def imap() -> Iterator[Dovecot]:
    with dovecot.running() as server:
        yield server


@pytest.fixture
def smtp() -> Iterator[Script]:
    server = Script()
    yield server
    server.stop()


@pytest.fixture
def house_of(
    imap: Dovecot, smtp: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Installation, Flask]]:
    """An installation that sends by SMTP and reads its own mailbox; and the application to look into it."""
    made = Installation(tmp_path / "instance")
    made.folder.mkdir()
    made.settings |= {
        "MAIL_URL": f"smtp://127.0.0.1:{smtp.port}",
        "MAIL_FROM": dovecot.USER,
        "MAILBOX_URL": imap.url,
    }
    made.flask("db", "upgrade")
    monkeypatch.setattr(links, "_keyring", None)  # the other installations of this run get theirs back
    app = create_app(Config.from_environ(made.environ()))
    made.serve()
    try:
        with app.app_context():
            yield made, app
            db.session.rollback()
            db.engine.dispose()
    finally:
        made.stop()
        print(made.faults()[-4000:], imap.log())


def sent() -> Meeting:
    """A conference of three sites next week, released; the letters wait for the worker."""
    day = STANDARD.add_working_days(clock.today(), 6)
    starts = clock.instant(day, datetime(2026, 1, 1, 8).time())
    sites = [make.site(code) for code in (make.NGHE_AN, make.HA_TINH, make.KIM_LIEN)]
    secretary = make.user(Role.SECRETARY)
    meeting = make.meeting(
        sites=sites,
        starts=clock.wall(starts).strftime("%Y-%m-%d %H:%M"),
        reply_by=None,
        rehearsal_at=None,
        secretary=secretary,
    )
    approval.release(meeting, starts - timedelta(days=2), actor=actor_of(secretary))
    make.done()
    return meeting


def letter_to(smtp: Script, meeting: Meeting, number: int) -> Taken:
    """The letter as the mail server of the site has it."""
    host = f"{make.sites_of(meeting)[number].site.code.lower()}.example"
    db.session.rollback()
    found = [one for one in smtp.taken if one.recipient.partition("@")[2] == host]
    assert len(found) == 1, f"{host} got {len(found)} letters"
    return found[0]


def said(house: Installation) -> list[tuple[object, ...]]:
    """What the sites have answered and by which way, in their order."""
    return house.ask("SELECT reply, reply_source FROM invitation ORDER BY id")


def words_of(house: Installation, meeting: Meeting, number: int) -> str:
    """The site's own page, as the web server shows it to whoever holds its link."""
    path = make.private(make.sites_of(meeting)[number])
    db.session.rollback()
    status, body = answer(house.url + path)
    assert status == 200
    return " ".join(re.sub(r"<[^>]+>", " ", body.decode()).split())


def test_what_is_pressed_in_a_mail_program_comes_back_and_stands_on_the_page_of_its_site(
    house_of: tuple[Installation, Flask], imap: Dovecot, smtp: Script
) -> None:
    house, app = house_of
    meeting = sent()
    code = meeting.code
    db.session.rollback()  # whoever reads here would keep the worker from writing
    house.work()
    accepts, declines, lost = (letter_to(smtp, meeting, number) for number in range(3))
    assert re.fullmatch(r"hop\+b\.[0-9a-f]+\.[0-9a-f]{10}@hop\.example", lost.sender), "each has an envelope of its own"

    # a coordinator presses Accept and nothing else; another declines in Google; a stranger answers; one letter bounces
    at = datetime.now(UTC)
    accept = replies.outlook(accepts.data, at=at)
    stranger = "la@noikhac.example"
    imap.deliver(
        accept,
        replies.google(declines.data, "DECLINED", at=at, comment="Lãnh đạo đi công tác"),
        replies.outlook(accepts.data, at=at, sender=stranger, attendee=stranger),
        replies.bounce(lost.data, to=lost.sender, at=at, whole=False, recipient="hop-thu-cu@noikhac.example"),
        b"\x00\xff poison: \r\n\r\n" + b"=?x?q?" * 2000,
        accept,
    )
    house.work()
    assert said(house) == [("accepted", "calendar"), ("declined", "calendar"), ("asked", None)]
    assert "Tham dự · qua lịch lúc" in words_of(house, meeting, 0)
    found = house.ask("SELECT kind, status, why FROM received ORDER BY id")
    assert found[:4] == [
        ("reply", "settled", "accepted"),
        ("reply", "settled", "declined"),
        ("reply", "tray", "unknown_attendee"),
        ("bounce", "settled", "bounced"),
    ]
    assert len(found) == 5 and found[4][1] == "tray", "the poison waits for a person, the second copy is nothing new"
    assert not any("Seen" in flags for flags in imap.flags()), "people still see which mail they have not read"
    assert len(imap.flags()) == 6, "nothing was taken out of the mailbox"

    # the secretary sees whom to ring, and what fits nobody
    desk = Client(app, Page, use_cookies=True)
    desk.before_request = db.session.rollback
    sign_in(desk, meeting.secretary)
    home = desk.get("/").words
    assert "bị trả lại. Gọi Trần Đầu Mối" in home and "0912 000 345" in home
    assert "2 thư đến chờ xử lý." in home
    assert stranger in desk.get("/mailbox").words
    assert "Đã đánh dấu thư bị trả lại." in desk.get(f"/mailbox?status=settled&meeting={code}").words
    db.session.rollback()

    # the server is away, comes back and numbers everything anew; an answer is changed meanwhile
    imap.stop()
    house.work()
    ((fault,),) = house.ask("SELECT fault FROM mailbox_state")
    assert str(fault).startswith("unreachable: ")
    imap.number_anew()
    imap.deliver(replies.outlook(accepts.data, "DECLINED", at=at + timedelta(minutes=1), comment="Có việc đột xuất"))
    house.ahead = timedelta(minutes=2)
    house.work()
    assert said(house)[0] == ("declined", "calendar")
    assert house.ask("SELECT count(*), max(fault) FROM received, mailbox_state") == [(6, "")]
    page = words_of(house, meeting, 0)
    assert "Không tham dự được · qua lịch lúc" in page and "1 lần trả lời trước" in page

    # a flood holds up nobody
    people = (
        replies.mail(
            sender=f"{n}@noikhac.example", to=dovecot.USER, subject=f"Thư {n}", text="Kính gửi", at=at, number=f"n{n}"
        )
        for n in range(MANY)
    )
    imap.drop(*people, replies.outlook(accepts.data, at=at + timedelta(minutes=2)))
    for _ in range(MANY // 200 + 1):
        house.work()
    assert said(house)[0] == ("accepted", "calendar")
    assert house.ask("SELECT count(*) FROM received WHERE subject LIKE 'Thư %'") == [(MANY,)]
    assert len(smtp.taken) == 3, "nothing was ever answered by itself"
