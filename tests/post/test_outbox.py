"""The letter box as an administrator sees it: everything but the links."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from meetings import journal, links
from meetings.accounts.models import Grant, User
from meetings.accounts.rules import Role
from meetings.adapters.mail import Closed, Phase
from meetings.clock import now
from meetings.database import db
from meetings.post import carry, queries, services
from meetings.post.message import Address, slot
from meetings.post.models import Letter
from meetings.post.rules import LetterStatus
from meetings.post.services import Draft, Enclosed, Ticket
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from tests import make


@pytest.fixture
def letter(app: Any) -> Letter:
    enclosed = Enclosed(services.keep(b"PK giay moi", "application/x"), "Giay-moi.docx", "application/x")
    made = services.hand_in(
        Draft(
            "invitation-1-0",
            "invitation",
            Address("Ông Trần Đầu Mối", "nghean@tinh.example"),
            "Giấy mời họp trực tuyến 08 giờ 00, 10/12/2026",
            f"Kính gửi\nhttp://hop.example/m/{slot('token')}",
            html=f"<p style='color:red'>Kính gửi <a href='http://hop.example/m/{slot('token')}'>trang</a></p>",
            link=Ticket("m", 1, 1),
            enclosures=(enclosed,),
        )
    )
    db.session.commit()
    return made


def test_the_outbox_lists_letters_with_counts_and_finds_them(letter: Letter, administrator: User, browser: Any) -> None:
    client = browser(administrator)
    page = client.get("/outbox")
    assert page.status_code == 200 and letter.subject in page.words and "chờ gửi 1" in page.words
    assert letter.subject in client.get("/outbox?status=waiting&q=NGHEAN").words
    assert letter.subject not in client.get("/outbox?status=sent").words
    assert client.get("/outbox?status=nonsense&page=abc").status_code == 200


def test_a_letter_is_read_without_its_link(letter: Letter, administrator: User, browser: Any) -> None:
    token = links.token("m", 1, 1)
    client = browser(administrator)
    page = client.get(f"/outbox/{letter.id}")
    assert page.status_code == 200 and "Kính gửi" in page.words and "nghean@tinh.example" in page.words
    assert "Giay-moi.docx" in page.words
    eml = client.get(f"/outbox/{letter.id}.eml")
    assert email.message_from_bytes(eml.data, policy=email.policy.default)["Subject"] == letter.subject
    html = client.get(f"/outbox/{letter.id}.eml")
    for answer in (page, eml, html):
        assert token not in answer.get_data(as_text=True)
    file = client.get(f"/outbox/{letter.id}/files/0")
    assert file.data == b"PK giay moi" and "attachment" in file.headers["Content-Disposition"]
    assert client.get(f"/outbox/{letter.id}/files/1").status_code == 404


def test_the_html_of_a_letter_may_do_nothing(letter: Letter, administrator: User, browser: Any) -> None:
    client = browser(administrator)
    client.look = False  # a letter carries its styles in its tags, as mail programs want it
    answer = client.get(f"/outbox/{letter.id}/html")
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox" in policy and "default-src 'none'" in policy and "script-src" not in policy
    assert links.token("m", 1, 1) not in answer.get_data(as_text=True)


def test_a_refused_letter_is_sent_again_and_that_is_written_down(
    letter: Letter, administrator: User, browser: Any
) -> None:
    letter.status, letter.phase = LetterStatus.REFUSED, "dot"
    client = browser(administrator)
    page = client.submit(f"/outbox/{letter.id}", form="resend")
    assert page.status_code == 200
    db.session.expire_all()
    assert letter.status is LetterStatus.WAITING
    assert [entry.fact for entry in journal.queries.about(letter.journal_subject)] == ["letter.resent"]


def test_a_waiting_letter_cannot_be_sent_again_or_called_arrived(
    letter: Letter, administrator: User, browser: Any
) -> None:
    client = browser(administrator)
    assert client.post(f"/outbox/{letter.id}/resend").status_code == 409
    assert client.post(f"/outbox/{letter.id}/arrived").status_code == 409


def test_an_outage_is_told_and_the_server_can_be_asked_at_once(
    letter: Letter, administrator: User, browser: Any
) -> None:
    class Shut:
        repeatable = False

        def open(self) -> Closed:
            return Closed(Phase.AUTH, 535, "wrong password")

        def carry(self, parcel: object) -> Closed:
            raise AssertionError("nothing is carried while the mailer is closed")

        def close(self) -> None:
            pass

    carry.carry_due(Shut(), now())
    client = browser(administrator)
    page = client.get("/outbox")
    assert "535 wrong password" in page.words
    assert client.submit("/outbox", form="try-now").status_code == 200
    db.session.expire_all()
    assert queries.outage() is None


def test_a_bound_that_makes_letters_wait_and_what_became_of_them_on_the_way_are_told(
    letter: Letter, app: Flask, administrator: User, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "config", replace(app.extensions["config"], mail_rate=1))
    other = services.hand_in(
        Draft("invitation-2-0", "invitation", Address("", "x@tinh.example"), "Giấy mời", "Kính gửi")
    )
    client = browser(administrator)
    assert "gửi tối đa 1 thư mỗi phút" in client.get("/outbox").words
    letter.status, letter.settled_at, other.status, other.settled_at = (
        LetterStatus.SENT,
        now(),
        LetterStatus.SENT,
        now(),
    )
    services.bounced(letter, code="5.1.1", text="user unknown", at=now())
    services.delayed(other, text="will retry", at=now())
    page = client.get("/outbox")
    assert "gửi tối đa" not in page.words and "5.1.1 user unknown" in page.words and "will retry" in page.words
    assert letter.subject in client.get("/outbox?status=bounced").words
    assert "5.1.1 user unknown" in client.get(f"/outbox/{letter.id}").words
    assert "will retry" in client.get(f"/outbox/{other.id}").words


def test_only_an_administrator_reads_letters(letter: Letter, secretary: User, browser: Any, client: Any) -> None:
    for path in ("/outbox", f"/outbox/{letter.id}", f"/outbox/{letter.id}.eml", f"/outbox/{letter.id}/html"):
        assert browser(secretary).get(path).status_code == 403
        assert client.get(path).status_code == 303
    assert browser(secretary).post(f"/outbox/{letter.id}/resend").status_code == 403


@pytest.mark.parametrize("path", ["/outbox/999999", "/outbox/99999999999999", "/outbox/999999.eml"])
def test_a_letter_that_is_not_there_is_not_found(administrator: User, browser: Any, path: str) -> None:
    assert browser(administrator).get(path).status_code == 404


def of_meeting(meeting: Meeting, **more: Any) -> Letter:
    """A letter of *meeting* to somebody of Nghệ An, with one enclosed file."""
    file = Enclosed(services.keep(b"PK bien ban", "application/x"), "Bien-ban.docx", "application/x")
    to = Address("Ông Trần Đầu Mối", "nghean@tinh.example")
    kind = more.pop("kind", "invitation")
    draft = Draft(f"{kind}-{meeting.code}", kind, to, f"Thư của {meeting.code}", "Kính gửi", root=meeting.code, **more)
    return services.hand_in(replace(draft, enclosures=(file,)))


def test_an_administrator_of_a_province_reads_the_letters_of_its_own_meetings_and_no_other(
    letter: Letter, browser: Any, units: dict[str, Any]
) -> None:
    own = of_meeting(make.meeting(status=Status.SCHEDULED, organiser=units[make.KIM_LIEN]))
    national = of_meeting(make.meeting(status=Status.SCHEDULED))
    there = browser(make.user(Role.ADMINISTRATOR, make.NGHE_AN))
    page = there.get("/outbox")
    assert own.subject in page.words and "chờ gửi 1" in page.words, "the counts count what is shown"
    assert there.get(f"/outbox/{own.id}").status_code == 200
    for hidden in (national, letter):  # another's meeting, and a letter of no meeting
        hidden.status, hidden.phase = LetterStatus.REFUSED, "dot"
        assert hidden.subject not in there.get("/outbox").words
        assert hidden.subject not in there.get("/outbox?q=nghean&status=refused").words
        for path in ("", ".eml", "/html", "/files/0"):
            assert there.get(f"/outbox/{hidden.id}{path}").status_code == 404, path
        for verb in ("resend", "arrived"):
            assert there.post(f"/outbox/{hidden.id}/{verb}").status_code == 404, verb
        db.session.refresh(hidden)
        assert hidden.status is LetterStatus.REFUSED


def test_who_may_not_read_the_minutes_takes_no_record_out_of_a_letter(administrator: User, browser: Any) -> None:
    found = of_meeting(make.meeting(status=Status.CLOSED), kind="conclusions")
    client = browser(administrator)
    page = client.get(f"/outbox/{found.id}")
    assert page.status_code == 200 and "Bien-ban.docx" in page.words
    assert not page.soup.select("a[href*='/files/'], a[href$='.eml']")
    for path in ("/files/0", ".eml"):
        assert client.get(f"/outbox/{found.id}{path}").status_code == 403, path
    both = make.user(Role.ADMINISTRATOR, make.NATION)
    db.session.add(Grant(user_id=both.id, role=Role.LEADER, unit_id=make.units()[make.MINISTRY].id))
    assert browser(both).get(f"/outbox/{found.id}/files/0").data == b"PK bien ban"
