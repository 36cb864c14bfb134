"""Text messages on the day: only to silent sites whose officer agreed, only where they are switched on, within bounds,
and each at most once, whatever the gateway or the worker does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from meetings import links, worker
from meetings.accounts.models import User
from meetings.accounts.rules import SYSTEM
from meetings.adapters import sms
from meetings.adapters.mail import Fate
from meetings.clock import now
from meetings.database import db
from meetings.directory import services as directory
from meetings.directory.models import Contact
from meetings.invitations import answering, texts
from meetings.invitations.rules import Reply
from meetings.journal import queries as journal
from meetings.journal.models import Entry, Payload
from meetings.post import quota, segments, texting
from meetings.post.limits import Setting
from meetings.post.models import TextMessage
from meetings.post.rules import LetterStatus
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from meetings.worker import beside
from tests import make
from tests.conftest import Clock
from tests.gateway import Gateway

THE_HOUR_BEFORE = "2026-12-10 07:01"


@pytest.fixture
def gateway(app: Flask) -> Iterator[Gateway]:
    made = Gateway()
    app.extensions["texter"] = sms.Gateway(made.url, "geheim", "DIEMCAU", connect=0.5, answer=0.5)
    yield made
    app.extensions["texter"] = None
    made.stop()


@pytest.fixture
def meeting(gateway: Gateway, secretary: User) -> Meeting:
    """Two silent sites at eight o'clock of 10 December; the officer of the first agreed, messages are on."""
    made = make.meeting(status=Status.SCHEDULED, secretary=secretary)
    directory.agree_to_texts(officer(made), True, actor=SYSTEM)
    quota.change(Setting.TEXTS_ON, 1, by="t", at=now())
    db.session.commit()
    return made


def officer(of: Meeting, number: int = 0) -> Contact:
    return db.session.query(Contact).filter_by(site_id=make.sites_of(of)[number].site_id).one()


def the_day(app: Flask, clock: Clock, at: str = THE_HOUR_BEFORE) -> list[TextMessage]:
    """The worker's hour; the messages there are afterwards."""
    clock.at(at)
    db.session.commit()
    while worker.tick(app):
        pass
    beside.carry_texts(app)
    db.session.expire_all()
    return list(db.session.scalars(sa.select(TextMessage).order_by(TextMessage.id)))


def test_a_silent_site_whose_officer_agreed_gets_one_message_with_its_own_link(
    app: Flask, meeting: Meeting, gateway: Gateway, clock: Clock
) -> None:
    (text,) = the_day(app, clock)
    (asked,) = gateway.asked
    link = make.invitation_of(make.sites_of(meeting)[0]).link
    token = links.token("m", link.id, link.issue)
    assert asked["to"] == "84912000345" and asked["text"].endswith(f"http://hop.example/m/{token}")
    assert asked["text"].startswith(f"Hop 08:00 ngay 10/12 ({meeting.code}): Nghe An chua tra loi.")
    assert segments.parts(asked["text"]) == 1
    assert text.status is LetterStatus.SENT and token not in text.text + str(journal.of(meeting.code))
    assert len(the_day(app, clock, "2026-12-10 07:30")) == 1 == len(gateway.asked)
    (fact,) = [entry for entry in journal.of(meeting.code) if entry.fact == "meeting.texted"]
    assert fact.details == {"count": 1, "over": 0, "without": 1}


def test_thousands_of_silent_sites_cost_a_handful_of_statements(app: Flask, meeting: Meeting) -> None:
    def cost() -> int:
        asked: list[str] = []
        sa.event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
        texts.text_on_the_day(entry)
        db.session.rollback()
        return len([one for one in asked if "FROM invitation" in one])

    entry = Entry(fact="meeting.chased", root=meeting.code, payload=Payload(data={"step": "on_the_day"}))
    assert len(make.sites_of(meeting)) == 2 and cost() == 1


def test_nothing_leaves_before_it_is_switched_on_or_where_no_gateway_is(
    app: Flask, meeting: Meeting, gateway: Gateway, clock: Clock
) -> None:
    quota.change(Setting.TEXTS_ON, 0, by="t", at=now())
    assert the_day(app, clock) == [] == gateway.asked
    quota.change(Setting.TEXTS_ON, 1, by="t", at=now())
    named, app.extensions["texter"] = app.extensions["texter"], None
    assert not texts.on()
    app.extensions["texter"] = named


def test_what_waits_when_messages_are_switched_off_does_not_leave(
    app: Flask, meeting: Meeting, gateway: Gateway, clock: Clock
) -> None:
    gateway.answer = lambda fields: 503
    the_day(app, clock)
    quota.change(Setting.TEXTS_ON, 0, by="t", at=now())
    (text,) = the_day(app, clock, "2026-12-10 07:20")
    assert text.status is LetterStatus.WAITING and len(gateway.asked) == 1


def test_who_has_answered_or_never_agreed_or_agreed_no_more_gets_none(
    app: Flask, meeting: Meeting, gateway: Gateway, clock: Clock, browser: Any
) -> None:
    page = browser().get(make.private(make.sites_of(meeting)[0]))
    assert "đuôi 345" in page.words
    stopped = browser().submit(make.private(make.sites_of(meeting)[0]), form="/texts/stop")
    assert stopped.status_code == 200 and "đuôi 345" not in stopped.words
    db.session.expire_all()
    assert officer(meeting).sms_consent_at is None
    facts = {entry.fact: entry.actor for entry in journal.about(officer(meeting).journal_subject)}
    assert facts["contact.texts_stopped"].startswith("link:")
    directory.agree_to_texts(officer(meeting, 1), True, actor=SYSTEM)
    answering.reply(make.invitation_of(make.sites_of(meeting)[1]), answering.Answer(Reply.ACCEPTED), actor=SYSTEM)
    assert the_day(app, clock) == [] == gateway.asked


def test_an_answer_a_cancellation_or_a_change_of_mind_takes_back_what_waits(
    app: Flask, meeting: Meeting, gateway: Gateway, clock: Clock
) -> None:
    gateway.answer = lambda fields: 503
    (text,) = the_day(app, clock)
    assert text.status is LetterStatus.WAITING and text.attempts == 1
    answering.reply(make.invitation_of(make.sites_of(meeting)[0]), answering.Answer(Reply.ACCEPTED), actor=SYSTEM)
    assert text.status is LetterStatus.WITHDRAWN
    text.status = LetterStatus.WAITING
    directory.agree_to_texts(officer(meeting), False, actor=SYSTEM)
    assert text.status is LetterStatus.WITHDRAWN
    text.status = LetterStatus.WAITING
    assert texting.withdraw(root=meeting.code) == 1


def test_a_message_that_was_on_the_way_when_the_site_answered_is_not_tried_again(
    app: Flask, meeting: Meeting, gateway: Gateway, clock: Clock
) -> None:
    gateway.answer = lambda fields: 503
    the_day(app, clock)

    class PutsOff:
        def send(self, text: sms.Text) -> sms.Told:
            invitation = make.invitation_of(make.sites_of(meeting)[0])
            answering.reply(invitation, answering.Answer(Reply.ACCEPTED), actor=SYSTEM)
            db.session.commit()
            return sms.Told(Fate.DEFERRED, 503, "later")

    clock.forward(minutes=5)
    assert texting.carry_due(PutsOff()) == 1
    gateway.answer = lambda fields: 200
    (text,) = the_day(app, clock, "2026-12-10 07:30")
    assert (text.status, len(gateway.asked)) == (LetterStatus.WITHDRAWN, 1)


@pytest.mark.parametrize(
    ("answer", "status", "asked"),
    [
        (400, LetterStatus.REFUSED, 1),
        (503, LetterStatus.SENT, 2),
        (401, LetterStatus.SENT, 2),
        (504, LetterStatus.UNCERTAIN, 1),
        ("silence", LetterStatus.UNCERTAIN, 1),
    ],
)
def test_what_may_have_gone_never_goes_again_and_what_did_not_does(
    app: Flask, meeting: Meeting, gateway: Gateway, clock: Clock, answer: Any, status: LetterStatus, asked: int
) -> None:
    gateway.answer = lambda fields: answer
    the_day(app, clock)
    gateway.answer = lambda fields: 200
    (text,) = the_day(app, clock, "2026-12-10 07:03")
    assert (text.status, len(gateway.asked)) == (status, asked)


@pytest.mark.parametrize("words", ['{{"sms": "{text}", "ok": true}}', "{text:.110}", "{text:.125}…"])
def test_a_gateway_that_repeats_the_message_puts_no_piece_of_its_token_into_the_database(
    app: Flask, meeting: Meeting, gateway: Gateway, clock: Clock, words: str
) -> None:
    link = make.invitation_of(make.sites_of(meeting)[0]).link
    token = links.token("m", link.id, link.issue)
    gateway.words = words
    (text,) = the_day(app, clock)
    assert token in gateway.asked[0]["text"] and text.answer
    pieces = [token[at : at + 8] for at in range(len(token) - 7)]
    assert not any(piece in text.answer for piece in pieces), text.answer


def test_a_worker_that_dies_with_a_message_in_hand_leaves_it_uncertain(
    app: Flask, meeting: Meeting, gateway: Gateway, clock: Clock
) -> None:
    class Killed(BaseException):
        pass

    class Dies:
        def send(self, text: sms.Text) -> sms.Told:
            assert not db.session().in_transaction()
            raise Killed

    alive, app.extensions["texter"] = app.extensions["texter"], Dies()
    with pytest.raises(Killed):
        the_day(app, clock)
    db.session.rollback()
    app.extensions["texter"] = alive
    (text,) = the_day(app, clock, "2026-12-10 07:05")
    assert text.status is LetterStatus.UNCERTAIN and gateway.asked == []


def test_a_message_that_waited_until_the_meeting_began_is_not_sent(
    app: Flask, meeting: Meeting, gateway: Gateway, clock: Clock
) -> None:
    gateway.answer = lambda fields: 503
    the_day(app, clock)
    gateway.answer = lambda fields: 200
    (text,) = the_day(app, clock, "2026-12-10 08:01")
    assert text.status is LetterStatus.WITHDRAWN and len(gateway.asked) == 1


def test_a_number_a_meeting_and_a_month_have_bounds(
    app: Flask, meeting: Meeting, gateway: Gateway, clock: Clock
) -> None:
    directory.agree_to_texts(officer(meeting, 1), True, actor=SYSTEM)  # both have the same number in this house
    quota.change(Setting.TEXTS_MEETING, 1, by="t", at=now())
    assert len(the_day(app, clock)) == 1
    entry = next(entry for entry in journal.of(meeting.code) if entry.fact == "meeting.texted")
    assert (entry.details["count"], entry.details["over"]) == (1, 1)
    link = db.session.query(TextMessage).one()
    draft = texting.TextDraft(
        "k", "on_the_day", "HN-2", "A", "84912000345", "x", texting.Ticket("m", link.link_id or 0, 1), now()
    )
    for which, bound in ((Setting.NUMBER_DAY, 1), (Setting.TEXTS_MONTH, 1)):
        usual = quota.setting(which)
        quota.change(which, bound, by="t", at=now())
        assert texting.hand_in([draft]) == texting.Written(0, 1)
        quota.change(which, usual, by="t", at=now())
    assert texting.hand_in([draft]) == texting.Written(1, 0)
    assert texting.hand_in([draft]) == texting.Written(0, 0)


@pytest.mark.parametrize(("marked", "locale"), [(False, "vi"), (True, "vi"), (False, "en")])
def test_the_longest_name_still_leaves_in_the_parts_that_were_paid_for(
    meeting: Meeting, marked: bool, locale: str
) -> None:
    name = "Điểm cầu Uỷ ban nhân dân xã Trung Thành Tân An Phước Vĩnh Long Mỹ Thạnh Hưng, tỉnh Vĩnh Long" * 2
    text = texts.wording(meeting, name, locale, marked=marked)
    said = texting.worded(TextMessage(text=text, link_purpose="m", link_id=2**31 - 1, link_issue=99), hide=False)
    assert segments.parts(said) == (2 if marked else 1) and "..." in said and "/m/" in said


def test_consent_is_given_and_taken_back_at_the_contact(meeting: Meeting, browser: Any, administrator: User) -> None:
    client, site = browser(administrator), make.sites_of(meeting)[1].site
    path = f"/directory/sites/{site.code}/contacts/coordinator"
    client.submit(path, {"change": "same", "texts": "y"})
    db.session.expire_all()
    held = officer(meeting, 1)
    assert held.sms_consent_at is not None and held.sms_consent_by == administrator.name
    assert "đồng ý nhận tin nhắn" in client.get(f"/directory/sites/{site.code}").words


def test_an_administrator_sees_the_messages_and_no_token(
    app: Flask, meeting: Meeting, gateway: Gateway, clock: Clock, administrator: User, secretary: User, browser: Any
) -> None:
    assert "Chưa có tin nhắn" in browser(administrator).get("/outbox/texts").words
    the_day(app, clock)
    page = browser(administrator).get("/outbox/texts")
    assert "chua tra loi" in page.words and "0912 000 345" in page.words and "1 tin" in page.words
    assert links.token("m", make.invitation_of(make.sites_of(meeting)[0]).link_id, 1) not in str(page.soup)
    assert "Không có tin nhắn nào" in browser(administrator).get("/outbox/texts?status=refused").words
    assert browser(secretary, look=False).get("/outbox/texts").status_code == 403
    assert "chua tra loi" not in browser(make.user("administrator", make.HO_CHI_MINH)).get("/outbox/texts").words
