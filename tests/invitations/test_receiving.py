"""What follows from a message that came in, from the folder of files to the answer of the site."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from meetings import journal, worker
from meetings.accounts.rules import SYSTEM
from meetings.adapters.mailbox import Folder, Message, Shut, Visit, Why
from meetings.clock import now
from meetings.database import db
from meetings.invitations import answering, calendar_answers, incoming, queries, receiving, services
from meetings.invitations.answering import Answer
from meetings.invitations.incoming import Kind
from meetings.invitations.models import Invitation, MailboxState, Received, Suggestion
from meetings.invitations.rules import ReceivedStatus, Reply, Source, SuggestionKind, Window
from meetings.post import queries as letter_box
from meetings.post import verp
from meetings.post.models import Letter
from meetings.post.rules import LetterStatus
from meetings.scheduling import moving
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from meetings.worker import beside
from tests import make, replies
from tests.conftest import Clock


class Drop:
    """A mailbox of the test: what is put in is there at the next visit."""

    name = "hop@hop.example"

    def __init__(self) -> None:
        self.validity, self.lying, self.shut = 7, list[bytes](), None

    def visit(self, uid_validity: int, above: int, since: object = None) -> Visit | Shut:
        assert not db.session().in_transaction(), "no transaction is open while the mailbox is waited for"
        if self.shut is not None:
            return self.shut
        above = above if uid_validity == self.validity else 0
        found = [Message(n, data, len(data)) for n, data in enumerate(self.lying, 1) if n > above]
        return Visit(self.validity, tuple(found), found[-1].uid if found else above)

    def kept(self, messages: object) -> None:
        pass


@pytest.fixture
def drop(app: Flask) -> Iterator[Drop]:
    before, made = app.extensions["mailbox"], Drop()
    app.extensions["mailbox"] = made
    yield made
    app.extensions["mailbox"] = before


@pytest.fixture
def meeting(app: Flask, drop: Drop) -> Meeting:
    """A meeting whose invitations have arrived."""
    made = make.meeting(status=Status.SCHEDULED, asked=False)
    journal.record("meeting.sent", made, actor=SYSTEM)
    worked()
    return made


def worked() -> None:
    db.session.commit()
    while worker.follow_up() or worker.carry():
        pass
    db.session.commit()


def came(app: Flask, drop: Drop, *messages: bytes) -> list[Received]:
    """The worker finds *messages* in the mailbox; what became of them."""
    db.session.commit()
    before = db.session.scalar(sa.select(sa.func.max(Received.id))) or 0
    db.session.rollback()
    drop.lying += messages
    beside.read_mailbox(app)
    db.session.expire_all()
    return list(db.session.scalars(sa.select(Received).where(Received.id > before).order_by(Received.id)))


def letter_to(meeting: Meeting, number: int = 0) -> Letter:
    site = make.sites_of(meeting)[number]
    found = letter_box.at(f"invitation-{site.id}-{meeting.sequence}")
    assert found is not None
    return found


def sent(letter: Letter) -> bytes:
    return letter_box.eml(letter, hide=False)


def site(meeting: Meeting, number: int = 0) -> Invitation:
    found = make.invitation_of(make.sites_of(meeting)[number])
    db.session.refresh(found)
    return found


def outcome(received: Received) -> tuple[Any, ...]:
    return received.kind, received.status, received.why


# ------------------------------------------------------------------ answers


@pytest.mark.parametrize("program", [replies.outlook, replies.google])
def test_accept_pressed_in_a_mail_program_is_the_answer_of_the_site(
    app: Flask, drop: Drop, meeting: Meeting, program: Any
) -> None:
    letter = letter_to(meeting)
    letter.status = LetterStatus.UNCERTAIN
    (received,) = came(app, drop, program(sent(letter), at=now()))
    assert outcome(received) == (Kind.REPLY, ReceivedStatus.SETTLED, "accepted")
    said = site(meeting)
    assert (said.reply, said.reply_source, said.replied_by) == (Reply.ACCEPTED, Source.CALENDAR, letter.to_address)
    assert received.invitation_id == said.id and received.meeting_id == meeting.id
    assert letter_to(meeting).status is LetterStatus.SENT, "who answers has the letter"
    entry = journal.queries.about(said.journal_subject)[-1]
    assert (entry.fact, entry.details["received"]) == ("invitation.answered", received.id)
    assert receiving.raw(received) == drop.lying[0], "its bytes are kept as they came"
    assert came(app, drop, drop.lying[0]) == [], "the same bytes once more are nothing new"
    assert site(meeting, 1).reply is Reply.ASKED


@pytest.mark.parametrize("by", ["page", "calendar", "stale"])
def test_an_answer_proves_no_letter_but_the_one_that_it_answers(
    app: Flask, drop: Drop, meeting: Meeting, clock: Clock, by: str
) -> None:
    first = letter_to(meeting)
    moving.reschedule(meeting, make.at("2026-12-10 14:00"), 195, "Chủ trì họp đột xuất", actor=SYSTEM)
    worked()
    moved = db.session.scalars(
        sa.select(Letter).where(Letter.link_id == first.link_id, Letter.id != first.id).order_by(Letter.id.desc())
    ).first()
    assert moved is not None and moved.status is LetterStatus.SENT
    first.status = moved.status = LetterStatus.UNCERTAIN
    clock.forward(minutes=5)
    if by == "page":
        answering.reply(site(meeting), Answer(Reply.ACCEPTED), actor=SYSTEM, source=Source.LINK)
        expected = [LetterStatus.UNCERTAIN, LetterStatus.UNCERTAIN]
    else:
        (received,) = came(app, drop, replies.outlook(sent(first if by == "stale" else moved), at=now()))
        assert received.why == ("stale" if by == "stale" else "accepted")
        expected = [LetterStatus.UNCERTAIN, LetterStatus.UNCERTAIN if by == "stale" else LetterStatus.SENT]
    db.session.commit()
    assert [db.session.get_one(Letter, one.id).status for one in (first, moved)] == expected
    told = [entry.fact for entry in journal.queries.about(moved.journal_subject)]
    assert told.count("letter.confirmed") == (by == "calendar")


def test_a_calendar_declines_with_its_comment_and_takes_no_substitute_away(
    app: Flask, drop: Drop, meeting: Meeting, clock: Clock
) -> None:
    first, second = letter_to(meeting), letter_to(meeting, 1)
    came(app, drop, replies.outlook(sent(first), "DECLINED", at=now(), comment="Đi công tác"))
    assert (site(meeting).reply, site(meeting).reason) == (Reply.DECLINED, "Đi công tác")
    answering.reply(
        site(meeting, 1), Answer(Reply.SUBSTITUTE, "Bà", "Lê Thị Thay", "Phó", day_phone="0912"), actor=SYSTEM
    )
    clock.forward(minutes=9)
    (received,) = came(app, drop, replies.outlook(sent(second), at=now()))
    assert received.why == "accepted"
    assert (site(meeting, 1).reply, site(meeting, 1).substitute_name) == (Reply.SUBSTITUTE, "Lê Thị Thay")
    clock.forward(minutes=9)
    came(app, drop, replies.outlook(sent(second), "DECLINED", at=now()))
    assert (site(meeting, 1).reason, site(meeting, 1).day_phone) == ("từ chối qua lịch", "0912")


def test_only_what_is_newer_counts(app: Flask, drop: Drop, meeting: Meeting, clock: Clock) -> None:
    letter, early = letter_to(meeting), now()
    clock.forward(minutes=30)
    came(app, drop, replies.outlook(sent(letter), "DECLINED", at=now()))
    (late,) = came(app, drop, replies.outlook(sent(letter), "ACCEPTED", at=early))
    assert outcome(late)[1:] == (ReceivedStatus.SETTLED, "overtaken") and site(meeting).reply is Reply.DECLINED
    clock.forward(minutes=30)
    answering.reply(site(meeting), Answer(Reply.ACCEPTED), actor=SYSTEM, source=Source.LINK)
    slow = replies.outlook(sent(letter), "DECLINED", at=now() - timedelta(minutes=20))
    (received,) = came(app, drop, slow)
    assert (received.why, site(meeting).reply) == ("older", Reply.ACCEPTED), "the page was answered after it"
    moving.remove_sites(meeting, [make.sites_of(meeting)[1].id], "Không thuộc phạm vi", actor=SYSTEM)
    clock.forward(minutes=30)
    (again,) = came(app, drop, replies.outlook(sent(letter), "ACCEPTED", at=now()))
    assert again.why == "accepted", "that another site was taken out makes no answer old"
    moving.reschedule(meeting, make.at("2026-12-10 14:00"), 195, "Chủ trì họp đột xuất", actor=SYSTEM, tell=False)
    (stale,) = came(app, drop, replies.outlook(sent(letter), "DECLINED", at=now() + timedelta(hours=1), sequence=0))
    assert outcome(stale) == (Kind.REPLY, ReceivedStatus.SETTLED, "stale")
    assert stale.invitation_id == site(meeting).id and site(meeting).reply is Reply.ACCEPTED


@pytest.mark.only("postgresql")
def test_an_answer_given_on_the_page_while_the_mail_is_read_stands(
    app: Flask, drop: Drop, meeting: Meeting, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter, asked = replies.outlook(sent(letter_to(meeting)), at=now()), calendar_answers._asked
    held: list[Invitation] = []
    clock.forward(minutes=30)

    def meanwhile(*what: Any) -> Any:
        found = asked(*what)
        held.extend(db.session.scalars(sa.select(Invitation)))  # as the session may hold what it has read
        with db.engine.begin() as other:
            values = {"reply": Reply.DECLINED, "replied_at": now(), "reply_source": Source.LINK}
            other.execute(sa.update(Invitation).values(values).where(Invitation.id == found[0].invitation_id))
        return found

    monkeypatch.setattr(calendar_answers, "_asked", meanwhile)
    (received,) = came(app, drop, letter)
    assert (received.why, site(meeting).reply) == ("older", Reply.DECLINED)


def test_a_clock_that_is_ahead_mutes_no_site(app: Flask, drop: Drop, meeting: Meeting, clock: Clock) -> None:
    letter = letter_to(meeting)
    ahead, unsent = came(
        app,
        drop,
        replies.outlook(sent(letter), "DECLINED", at=now() + timedelta(days=3650)),
        replies.outlook(sent(letter), "DECLINED", at=now(), sequence=2**60),
    )
    assert {outcome(ahead)[1:], outcome(unsent)[1:]} == {(ReceivedStatus.TRAY, "unclear")}
    clock.forward(minutes=1)
    (true,) = came(app, drop, replies.outlook(sent(letter), at=now()))
    assert (true.why, site(meeting).reply) == ("accepted", Reply.ACCEPTED)


def test_another_mind_under_the_same_stamp_counts_by_its_date(
    app: Flask, drop: Drop, meeting: Meeting, clock: Clock
) -> None:
    letter, stamp = letter_to(meeting), now()
    came(app, drop, replies.outlook(sent(letter), at=now(), stamp=stamp))
    clock.forward(minutes=2)
    other = replies.outlook(sent(letter), "DECLINED", at=now(), stamp=stamp)
    clock.forward(minutes=20)
    (changed,) = came(app, drop, other)
    assert (changed.why, site(meeting).reply) == ("declined", Reply.DECLINED)


def test_nobody_outside_the_office_of_a_site_answers_in_its_name(app: Flask, drop: Drop, meeting: Meeting) -> None:
    letter, stranger = letter_to(meeting), "la@noikhac.example"
    (forged,) = came(app, drop, replies.outlook(sent(letter), "DECLINED", at=now(), sender=stranger, sent_by=stranger))
    assert outcome(forged)[1:] == (ReceivedStatus.TRAY, "not_the_attendee")
    assert site(meeting).reply is Reply.ASKED
    clerk = f"vanthu@{letter.to_address.rpartition('@')[2]}"
    (true,) = came(app, drop, replies.outlook(sent(letter), at=now(), sender=clerk, sent_by=clerk))
    assert (true.why, site(meeting).replied_by) == ("accepted", clerk)


def test_tentative_is_kept_and_answers_nothing(app: Flask, drop: Drop, meeting: Meeting) -> None:
    (received,) = came(app, drop, replies.outlook(sent(letter_to(meeting)), "TENTATIVE", at=now()))
    assert outcome(received)[1:] == (ReceivedStatus.SETTLED, "tentative")
    assert site(meeting).reply is Reply.ASKED


def test_another_time_and_another_person_are_put_before_the_clerk(
    app: Flask, drop: Drop, meeting: Meeting, clock: Clock
) -> None:
    letter = letter_to(meeting)
    assert meeting.starts_at is not None
    wanted = meeting.starts_at + timedelta(hours=6)
    came(
        app, drop, replies.outlook(sent(letter), "TENTATIVE", at=now(), method="COUNTER", starts=wanted, comment="Bận")
    )
    made = db.session.scalars(sa.select(Suggestion)).one()
    assert (made.kind, made.starts_at, made.comment) == (SuggestionKind.NEW_TIME, wanted, "Bận")
    clock.forward(minutes=3)
    again = replies.outlook(sent(letter), "TENTATIVE", at=now(), method="COUNTER", starts=wanted + timedelta(hours=1))
    came(app, drop, again)
    db.session.refresh(made)
    assert made.starts_at == wanted + timedelta(hours=1), "the newer replaces the one that nobody has decided"
    clock.forward(minutes=3)
    came(app, drop, replies.outlook(sent(letter), "DELEGATED", at=now(), delegated_to="pho@40.example"))
    other = db.session.scalars(sa.select(Suggestion).where(Suggestion.kind == SuggestionKind.DELEGATE)).one()
    assert other.address == "pho@40.example"
    assert (site(meeting).reply, meeting.starts_at) == (Reply.ASKED, wanted - timedelta(hours=6))


def test_a_calendar_that_asks_for_its_entry_gets_it_once_a_day(
    app: Flask, drop: Drop, meeting: Meeting, clock: Clock
) -> None:
    letter = letter_to(meeting)
    before = db.session.scalar(sa.select(sa.func.count(Letter.id)))
    for minutes in (0, 5, 60 * 25):
        clock.forward(minutes=minutes)
        came(app, drop, replies.outlook(sent(letter), "NEEDS-ACTION", at=now(), method="REFRESH"))
    why = [one.why for one in db.session.scalars(sa.select(Received).order_by(Received.id))]
    assert why == ["sent_again", "not_sent_again", "sent_again"]
    assert db.session.scalar(sa.select(sa.func.count(Letter.id))) == (before or 0) + 2


def test_what_fits_nobody_goes_to_the_tray_and_changes_nothing(app: Flask, drop: Drop, meeting: Meeting) -> None:
    letter = letter_to(meeting)
    strange = "la@noikhac.example"
    found = came(
        app,
        drop,
        replies.outlook(sent(letter), at=now(), sender=strange, attendee=strange),
        replies.outlook(sent(letter), at=now(), sender=strange),
        replies.outlook(sent(letter), at=now(), uid="khong-phai-cua-ta@noikhac.example"),
        replies.mail(sender=strange, to="hop@hop.example", subject="Hỏi về cuộc họp", text="Họp ở đâu ạ?", at=now()),
        b"\xff\xfe\x00 not a message at all",
    )
    assert {one.status for one in found} == {ReceivedStatus.TRAY}
    assert [one.why for one in found][:4] == ["unknown_attendee", "not_the_attendee", "unknown_uid", "human"]
    assert [one.meeting_id for one in found][:4] == [meeting.id, meeting.id, meeting.id, None]
    assert {site(meeting).reply, site(meeting, 1).reply} == {Reply.ASKED}


def test_who_left_the_office_answers_no_more(app: Flask, drop: Drop, meeting: Meeting) -> None:
    letter = sent(letter_to(meeting))
    invitation = site(meeting)
    invitation.link.issue += 1
    (received,) = came(app, drop, replies.outlook(letter, at=now()))
    assert outcome(received)[1:] == (ReceivedStatus.TRAY, "unknown_attendee")
    assert site(meeting).reply is Reply.ASKED


def test_an_answer_after_the_beginning_is_shown_to_a_person(
    app: Flask, drop: Drop, meeting: Meeting, clock: Clock
) -> None:
    letter = sent(letter_to(meeting))
    clock.at("2026-12-10 08:01")
    (received,) = came(app, drop, replies.outlook(letter, at=now()))
    assert outcome(received)[1:] == (ReceivedStatus.TRAY, "came_too_late")
    assert received.invitation_id == site(meeting).id


# ------------------------------------------------------------------ bounces and machines


def bounced(meeting: Meeting, letter: Letter, **more: Any) -> bytes:
    to = more.pop("to", None) or verp.address("diemcau@hop.example", letter.id)
    return replies.bounce(sent(letter), to=to, at=now(), **more)


def test_a_letter_that_came_back_is_marked_by_its_envelope_by_its_number_or_where_nothing_better_is_had_by_its_reader(
    app: Flask, drop: Drop, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = letter_to(meeting), letter_to(meeting, 1)
    two.status = LetterStatus.UNCERTAIN
    by_envelope, by_number = came(
        app,
        drop,
        bounced(meeting, one, whole=False, recipient="chuyen-tiep@khac.example"),
        bounced(meeting, two, to="diemcau@hop.example"),
    )
    for received, letter, number in ((by_envelope, one, 0), (by_number, two, 1)):
        assert outcome(received) == (Kind.BOUNCE, ReceivedStatus.SETTLED, "bounced")
        db.session.refresh(letter)
        assert (letter.status, letter.bounce_code) == (LetterStatus.BOUNCED, "5.1.1")
        assert (received.letter_id, received.invitation_id) == (letter.id, site(meeting, number).id)
        assert journal.queries.about(letter.journal_subject)[-1].fact == "letter.bounced"
    kept = letter_box.enclosure(by_number.kept)
    assert b"MAILER-DAEMON" not in kept and b"MAILER-DAEMON" in receiving.raw(by_number), "it quotes a private link"
    one.status = LetterStatus.SENT
    (anybodys,) = came(app, drop, bounced(meeting, one, to="diemcau@hop.example", whole=False))
    assert outcome(anybodys)[1:] == (ReceivedStatus.TRAY, "unknown_letter"), "an address is no secret"
    monkeypatch.setitem(app.extensions, "config", replace(app.extensions["config"], mail_verp=False))
    said = "550 5.1.1 No such user"
    (by_reader,) = came(app, drop, bounced(meeting, one, to="diemcau@hop.example", whole=False, diagnostic=said))
    assert outcome(by_reader)[1:] == (ReceivedStatus.SETTLED, "bounced")
    nobody = bounced(meeting, one, to="diemcau@hop.example", whole=False, recipient="ai@khac.example")
    (unknown,) = came(app, drop, nobody)
    assert outcome(unknown)[1:] == (ReceivedStatus.TRAY, "unknown_letter")


def test_a_report_that_is_quicker_than_the_last_word_of_the_server_waits_for_it(
    app: Flask, drop: Drop, meeting: Meeting, clock: Clock
) -> None:
    letter = letter_to(meeting)
    letter.status = LetterStatus.TRANSMITTING
    (received,) = came(app, drop, bounced(meeting, letter))
    for _ in range(4):
        clock.forward(minutes=2)
        came(app, drop)
    db.session.expire_all()
    assert (received.status, letter.status) == (ReceivedStatus.NEW, LetterStatus.TRANSMITTING)
    letter.status = LetterStatus.SENT
    came(app, drop)
    db.session.expire_all()
    assert (outcome(received)[1:], letter.status) == ((ReceivedStatus.SETTLED, "bounced"), LetterStatus.BOUNCED)


def test_a_slow_clock_at_the_far_end_hides_no_bounce_but_one_of_an_earlier_try(
    app: Flask, drop: Drop, meeting: Meeting, clock: Clock
) -> None:
    letter = letter_to(meeting)
    early = replies.bounce(
        sent(letter), to=verp.address("diemcau@hop.example", letter.id), at=now() - timedelta(minutes=40)
    )
    (received,) = came(app, drop, early)
    assert (outcome(received)[1:], letter_to(meeting).status) == (
        (ReceivedStatus.SETTLED, "bounced"),
        LetterStatus.BOUNCED,
    )
    services.resend(letter, to_address="moi@40.example", actor=SYSTEM)
    clock.forward(minutes=30)
    worked()
    assert letter.status is LetterStatus.SENT
    (again,) = came(app, drop, early + b"\r\n")
    assert (outcome(again)[1:], letter.status) == ((ReceivedStatus.TRAY, "of_an_earlier_try"), LetterStatus.SENT)


def test_a_fault_of_ours_alarms_and_a_delay_only_warns(app: Flask, drop: Drop, meeting: Meeting) -> None:
    ours = bounced(
        meeting, letter_to(meeting), status="5.7.1", diagnostic="550 5.7.1 sender rejected: SPF check failed"
    )
    late = bounced(meeting, letter_to(meeting, 1), action="delayed", status="4.4.1", diagnostic="connection timed out")
    alarm, delay = came(app, drop, ours, late)
    assert outcome(alarm) == (Kind.BOUNCE, ReceivedStatus.TRAY, "ours")
    assert outcome(delay) == (Kind.DELAY, ReceivedStatus.SETTLED, "delayed")
    letter = letter_to(meeting, 1)
    assert letter.status is LetterStatus.SENT and letter.delayed_at is not None


def test_an_absence_is_noted_at_its_site_and_our_own_letters_are_no_mail(
    app: Flask, drop: Drop, meeting: Meeting
) -> None:
    letter = letter_to(meeting)
    about = [("Auto-Submitted", "auto-replied"), ("In-Reply-To", letter.message_id)]
    values: dict[str, Any] = {"to": "hop@hop.example", "subject": "Vắng mặt", "text": "Đi học đến 20/12.", "at": now()}
    away, unknown, loop = came(
        app,
        drop,
        replies.mail(sender=letter.to_address, headers=about, **values),
        replies.mail(sender="la@noikhac.example", headers=about[:1], **values),
        sent(letter_to(meeting, 1)),
    )
    assert outcome(away) == (Kind.AUTO_REPLY, ReceivedStatus.SETTLED, "away")
    assert away.invitation_id == site(meeting).id and "20/12" in away.details["text"]
    assert outcome(unknown)[1:] == (ReceivedStatus.TRAY, "away_unknown")
    assert loop.status is ReceivedStatus.ASIDE
    assert db.session.scalar(sa.select(sa.func.count(Letter.id))) == 2, "nothing is ever answered by itself"


# ------------------------------------------------------------------ the mailbox itself


def test_a_poison_message_is_tried_three_times_and_holds_up_no_other(
    app: Flask, drop: Drop, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = incoming.read

    def dies(raw: bytes) -> Any:
        if b"POISON" in raw:
            raise RecursionError("as deep as it goes")
        return read(raw)

    monkeypatch.setattr(incoming, "read", dies)
    poison = b"From: x@y.example\r\nSubject: POISON\r\n\r\n"
    first, second = came(app, drop, poison, replies.outlook(sent(letter_to(meeting)), at=now()))
    assert (first.status, first.attempts) == (ReceivedStatus.NEW, 1)
    assert second.why == "accepted"
    for _ in range(4):
        came(app, drop)
    db.session.refresh(first)
    assert (first.status, first.why, first.attempts) == (ReceivedStatus.FAILED, "failed", 3)
    assert journal.queries.about(first.journal_subject)[-1].details["why"] == "failed"


def test_a_server_that_numbers_anew_brings_nothing_twice(app: Flask, drop: Drop, meeting: Meeting) -> None:
    assert len(came(app, drop, *(replies.outlook(sent(letter_to(meeting, n)), at=now()) for n in (0, 1)))) == 2
    drop.validity = 8
    assert came(app, drop) == []
    assert came(app, drop, b"From: a@b.example\r\nSubject: moi\r\n\r\nchao\r\n")[0].uid == 3
    state = db.session.get(MailboxState, drop.name)
    assert state is not None and (state.uid_validity, state.last_uid) == (8, 3)


def test_a_mailbox_that_was_made_anew_is_read_from_its_first_message(app: Flask, drop: Drop, meeting: Meeting) -> None:
    came(app, drop, *(replies.outlook(sent(letter_to(meeting, n)), "TENTATIVE", at=now()) for n in (0, 1)))
    drop.validity, drop.lying = 8, []
    assert came(app, drop) == [], "the new mailbox is empty when it is first looked at"
    (received,) = came(app, drop, replies.outlook(sent(letter_to(meeting)), at=now() + timedelta(minutes=1)))
    assert (received.uid, received.why, site(meeting).reply) == (1, "accepted", Reply.ACCEPTED)


def test_a_mailbox_that_is_shut_is_left_alone_for_longer_and_longer_and_told_once(
    app: Flask, drop: Drop, clock: Clock
) -> None:
    clock.at("2026-12-02 09:00")
    drop.shut = Shut(Why.LOGIN, "[AUTHENTICATIONFAILED] Authentication failed.")
    waits = []
    for _ in range(3):
        came(app, drop)
        came(app, drop)  # not before its time
        state = db.session.get(MailboxState, drop.name)
        assert state is not None and state.retry_at is not None
        waits.append(int((state.retry_at - now()).total_seconds() // 60))
        clock._stop_at(state.retry_at)
    assert waits == [1, 2, 5]
    assert state.fault.startswith("login: ") and state.fault_since_at == make.at("2026-12-02 09:00")
    drop.shut = None
    came(app, drop)
    db.session.refresh(state)
    assert (state.fault, state.failures) == ("", 0)
    facts = [entry.fact for entry in journal.queries.about(f"mailbox:{drop.name}")]
    assert facts == ["mailbox.failed", "mailbox.recovered"]


def test_a_name_that_is_no_text_and_a_fault_of_the_mailbox_hold_up_nothing(
    app: Flask, drop: Drop, meeting: Meeting, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.extensions["mailbox"] = Folder(tmp_path)
    Path(os.fsdecode(bytes(tmp_path) + b"/h\xf6p.eml")).write_bytes(replies.outlook(sent(letter_to(meeting)), at=now()))
    clock.forward(hours=1)
    db.session.commit()
    beside.read_mailbox(app)
    assert site(meeting).reply is Reply.ACCEPTED
    kept = db.session.scalars(sa.select(Received)).one()
    kept.status = ReceivedStatus.NEW
    db.session.commit()
    monkeypatch.setattr(Folder, "visit", lambda *_: 1 / 0)
    assert beside.read_mailbox(app) == 1, "what was kept before is read"


def test_a_folder_of_files_is_a_mailbox(app: Flask, drop: Drop, meeting: Meeting, tmp_path: Path, clock: Clock) -> None:
    lying = tmp_path / "đến"
    app.extensions["mailbox"] = Folder(lying)
    beside.read_mailbox(app)
    (lying / "1.eml").write_bytes(replies.outlook(sent(letter_to(meeting)), at=now()))
    (lying / "hidden.part").write_bytes(b"half")
    (lying / "2.eml").write_bytes(b"x" * (11 * 1024 * 1024))
    clock.forward(hours=1)
    db.session.commit()
    beside.read_mailbox(app)
    assert site(meeting).reply is Reply.ACCEPTED
    giant = db.session.scalars(sa.select(Received).where(Received.source == "2.eml")).one()
    assert (giant.status, giant.why, giant.size) == (ReceivedStatus.TRAY, "too_large", 11 * 1024 * 1024)
    assert len(receiving.raw(giant)) < 100_000
    assert sorted(path.name for path in lying.rglob("*.eml")) == ["1.eml", "2.eml"]
    assert not list(lying.glob("*.eml")), "what was kept lies beside, nothing is deleted"
    assert queries.may_answer(site(meeting)) is Window.OPEN


def test_what_the_server_will_not_hand_out_is_told_each_by_itself(app: Flask, drop: Drop, meeting: Meeting) -> None:
    told = [Message(n, b"", 2_000, whole=False) for n in (1, 2)]
    assert receiving.keep("hop", Visit(7, tuple(told), 2), now()) == 2
    db.session.commit()
    drop.lying = []
    beside.read_mailbox(app)
    found = db.session.scalars(sa.select(Received).where(Received.mailbox == "hop")).all()
    assert [(one.status, one.why) for one in found] == [(ReceivedStatus.TRAY, "not_handed_out")] * 2
