"""The tray: who sees which message, what she does about it, and how an answer is taken back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from meetings import journal, sealed, worker
from meetings.accounts.models import User
from meetings.accounts.rules import Role
from meetings.clock import now, wall
from meetings.database import db
from meetings.errors import NotFound, Refused
from meetings.invitations import answering, private_link, receiving, services, tray
from meetings.invitations.answering import Answer
from meetings.invitations.models import Received, Suggestion
from meetings.invitations.rules import Consent, ReceivedStatus, Reply, Source, SuggestionDecision, SuggestionKind
from meetings.journal import queries as journal_queries
from meetings.journal.models import Payload
from meetings.post import queries as letter_box
from meetings.post import services as post
from meetings.post.models import Letter
from meetings.post.rules import LetterStatus
from meetings.scheduling import moving
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from tests import make, replies
from tests.conftest import Clock
from tests.pages import Client

Opens = Callable[..., Client]


def arrived(raw: bytes, **values: Any) -> Received:
    """A message as the worker has read it."""
    uid = (db.session.scalar(sa.select(sa.func.max(Received.id))) or 0) + 1
    made = Received(
        mailbox="hop",
        uid_validity=1,
        uid=uid,
        sha256=post.digest(raw),
        kept=post.keep(sealed.seal(raw), receiving.SEALED),
        size=len(raw),
        received_at=now(),
    )
    db.session.add(made)
    db.session.flush()
    receiving.read(made.id, now())
    for name, value in values.items():
        setattr(made, name, value)
    db.session.commit()
    return made


def by_hand(subject: str = "Xin xác nhận", text: str = "Chúng tôi sẽ dự.", sender: str = "la@noikhac.example") -> bytes:
    number = f"n{db.session.scalar(sa.select(sa.func.count(Received.id)))}"
    return replies.mail(sender=sender, to="hop@hop.example", subject=subject, text=text, at=now(), number=number)


@pytest.fixture
def meeting(app: Flask, secretary: User) -> Meeting:
    return make.meeting(status=Status.SCHEDULED, secretary=secretary)


def test_a_message_is_read_by_those_it_concerns(
    meeting: Meeting, browser: Opens, secretary: User, administrator: User, stranger: User, site_officer: User
) -> None:
    below = make.user("secretary", make.KIM_LIEN, name="Thư Ký Xã")
    make.user("secretary", make.NGHE_AN, name="Thư Ký Tỉnh")
    ours = arrived(by_hand("Về cuộc họp của Bộ"), meeting_id=meeting.id)
    nobodys = arrived(by_hand("Không rõ của ai"))
    seen = {
        who.name: [browser(who).get(f"/mailbox/{one.id}").status_code for one in (ours, nobodys)]
        for who in (secretary, administrator, stranger, below)
    }
    assert seen[secretary.name] == [200, 200]
    assert seen[administrator.name] == [200, 200]
    assert seen[stranger.name] == [404, 200], "what fits no meeting is read by whoever has no secretary above her"
    assert seen[below.name] == [404, 404]
    assert browser(site_officer).get("/mailbox").status_code == 403


def test_a_message_is_noted_as_the_answer_of_a_site(meeting: Meeting, browser: Opens, secretary: User) -> None:
    received = arrived(by_hand())
    page = browser(secretary)
    assert "Xin xác nhận" in page.get("/mailbox").words
    opened = page.get(f"/mailbox/{received.id}?site=nghe+an&meeting={meeting.code}")
    site = make.sites_of(meeting)[0]
    assert "Nghệ An" in opened.words and "Hà Tĩnh" not in opened.soup.find(id="assign").find_parent("section").text
    address = f"/mailbox/{received.id}/assign?site=nghe+an&meeting={meeting.code}"
    refused = page.post(address, data={"site": site.id})
    assert refused.status_code == 422 and "Chọn một trong ba" in refused.words
    asked = page.get(address.replace("/assign", "")).soup.find("form", action=lambda to: to and "/assign" in to)
    assert asked.find("input", attrs={"name": "replaced"}), "of a substitute it is asked whose place is taken"
    done = page.post(address, data={"site": site.id, "reply": "declined", "reason": "Bận họp tỉnh"})
    assert done.status_code == 303
    db.session.expire_all()
    said = make.invitation_of(site)
    assert (said.reply, said.reply_source, said.replied_by) == (Reply.DECLINED, Source.MAIL, "la@noikhac.example")
    assert (received.status, received.why, received.invitation_id) == (ReceivedStatus.SETTLED, "assigned", said.id)
    there = page.get(f"/meetings/{meeting.code}/sites/{site.id}")
    assert "la@noikhac.example (qua thư)" in there.words and f"/mailbox/{received.id}" in there.text
    assert page.post(address, data={"site": site.id, "reply": "accepted"}).status_code == 409
    assert "Thư của la@noikhac.example được ghi nhận" in page.get(f"/meetings/{meeting.code}/history").words


def test_a_message_is_set_aside_with_a_reason_and_put_back(meeting: Meeting, browser: Opens, secretary: User) -> None:
    received, page = arrived(by_hand()), browser(secretary)
    assert page.post(f"/mailbox/{received.id}/aside", data={"because": " "}).status_code == 422
    assert page.post(f"/mailbox/{received.id}/aside", data={"because": "Quảng cáo"}).status_code == 303
    assert "Quảng cáo" in page.get("/mailbox?status=aside").words
    assert page.post(f"/mailbox/{received.id}/reopen").status_code == 303
    db.session.refresh(received)
    assert received.status is ReceivedStatus.TRAY
    failed = arrived(by_hand(), status=ReceivedStatus.FAILED, why="failed", attempts=3)
    assert "Đọc ba lần" in page.get(f"/mailbox/{failed.id}").words
    assert page.post(f"/mailbox/{failed.id}/reopen").status_code == 303
    db.session.refresh(failed)
    assert (failed.status, failed.attempts) == (ReceivedStatus.NEW, 0)


def test_what_is_shown_is_text_and_opens_nothing(meeting: Meeting, browser: Opens, secretary: User) -> None:
    site = make.sites_of(meeting)[0]
    token = private_link.token(make.invitation_of(site))
    wicked = f"<script>alert(1)</script> http://hop.example/m/{token} <img src=x onerror=alert(2)>"
    html = (
        b"From: <b@c.example>\r\nSubject: =?utf-8?b?PGI+eDwvYj4=?=\r\nContent-Type: text/html\r\n\r\n" + wicked.encode()
    )
    for raw in (by_hand("<script>", wicked), html):
        page = browser(secretary).get(f"/mailbox/{arrived(raw).id}")
        assert page.status_code == 200
        main = page.soup.find("main")
        assert not main.find_all(["script", "img", "iframe"]) and token not in page.text


def test_a_proposal_is_taken_up_on_the_page_that_moves_or_refused_with_a_letter(
    meeting: Meeting, browser: Opens, secretary: User
) -> None:
    invitation = make.invitation_of(make.sites_of(meeting)[0])
    received = arrived(by_hand(sender="diemcau.40@40.example"))
    assert meeting.starts_at is not None and meeting.ends_at is not None
    later = timedelta(hours=6)

    def proposed(kind: SuggestionKind, **values: Any) -> Suggestion:
        made = Suggestion(invitation_id=invitation.id, received_id=received.id, kind=kind, made_at=now(), **values)
        db.session.add(made)
        db.session.commit()
        return made

    time = {"starts_at": meeting.starts_at + later, "ends_at": meeting.ends_at + later}
    first, page = proposed(SuggestionKind.NEW_TIME, **time), browser(secretary)
    assert "đề nghị thời gian khác" in page.get("/").words and "Đề nghị qua lịch" in page.get("/mailbox").words
    going = page.post(f"/suggestions/{first.id}/take-up")
    form = page.get(going.location)
    assert form.soup.find(id="start")["value"] == f"{wall(time['starts_at']):%H:%M}"
    db.session.refresh(meeting)
    assert meeting.starts_at == time["starts_at"] - later, "nothing is moved before she presses"
    assert "Đề nghị qua lịch" in page.get("/mailbox").words, "she left that page as she came: it waits still"
    second = proposed(SuggestionKind.NEW_TIME, **time)
    assert page.post(f"/suggestions/{second.id}/refuse", data={"said": "Giữ giờ đã báo"}).status_code == 303
    letter = letter_box.at(f"declined_counter-{second.id}")
    assert letter is not None and letter.to_address == "diemcau.40@40.example"
    assert "METHOD:DECLINECOUNTER" in letter_box.readable(letter).calendar
    db.session.execute(sa.insert(Suggestion), [_copied(first) for _ in range(100)])
    third = proposed(SuggestionKind.DELEGATE, address="pho@40.example", name="Bà Phó")
    assert page.post(f"/suggestions/{third.id}/take-up").status_code == 303
    to = db.session.scalars(sa.select(Letter.to_address).where(Letter.kind == "delegate")).all()
    assert to == ["pho@40.example"]
    assert page.post(f"/suggestions/{third.id}/take-up").status_code == 404, "decided once"


def _copied(made: Suggestion) -> dict[str, Any]:
    return {c.key: getattr(made, c.key) for c in sa.inspect(Suggestion).column_attrs if c.key != "id"}


def test_a_proposal_is_taken_up_when_the_meeting_moves_to_its_time(app: Flask, meeting: Meeting, clock: Clock) -> None:
    invitation, received = make.invitation_of(make.sites_of(meeting)[0]), arrived(by_hand())
    assert meeting.starts_at is not None
    made = [
        Suggestion(
            invitation_id=invitation.id,
            received_id=received.id,
            kind=SuggestionKind.NEW_TIME,
            made_at=now(),
            starts_at=meeting.starts_at + timedelta(hours=hours),
        )
        for hours in (2, 6)
    ]
    db.session.add_all(made)
    clerk = make.user(Role.SECRETARY)
    moving.reschedule(meeting, made[1].starts_at, 120, "Theo đề nghị của địa phương", actor=make.actor(clerk))
    db.session.commit()
    while worker.tick(app):
        pass
    db.session.expire_all()
    assert [one.decision for one in made] == [None, SuggestionDecision.TAKEN_UP], "another time is answered by a person"
    assert made[1].decided_by == clerk.name
    (entry,) = [entry for entry in journal_queries.of(meeting.code) if entry.fact == "suggestion.decided"]
    assert entry.subject == f"suggestion:{made[1].id}"


@pytest.mark.only("postgresql")
@pytest.mark.parametrize("thing", ["message", "proposal"])
def test_two_clerks_do_not_decide_the_same_thing_twice(
    app: Flask, meeting: Meeting, secretary: User, thing: str
) -> None:
    """Both have the page open; the second waits for the first, and is told that it has been dealt with."""
    received, actor = arrived(by_hand()), make.actor(secretary)
    invitation = make.invitation_of(make.sites_of(meeting)[0])
    made = Suggestion(invitation_id=invitation.id, received_id=received.id, kind=SuggestionKind.DELEGATE, made_at=now())
    db.session.add(made)
    db.session.commit()
    message, proposal, ended = received.id, made.id, list[str]()

    def decide() -> None:
        if thing == "message":
            tray.set_aside(tray.message(actor, message), "Không liên quan", actor=actor)
        else:
            tray.refuse(tray.suggestion(actor, proposal), "", actor=actor)

    def second() -> None:
        with app.app_context():
            tray.message(actor, message)
            began.set()
            try:
                decide()
                db.session.commit()
                ended.append("decided again")
            except (Refused, NotFound):
                ended.append("told")
            db.session.remove()

    decide()
    began = threading.Event()
    thread = threading.Thread(target=second)
    thread.start()
    assert began.wait(10)
    thread.join(0.5)
    db.session.commit()
    thread.join(10)
    assert ended == ["told"]


def test_a_site_whose_letter_came_back_is_on_the_work_list_with_its_number(
    app: Flask, browser: Opens, secretary: User, administrator: User
) -> None:
    meeting = make.meeting(status=Status.SCHEDULED, secretary=secretary)
    invitation = make.invitation_of(make.sites_of(meeting)[0])
    letter = services.write_again(invitation, "x")
    assert letter is not None
    letter.status, letter.settled_at = LetterStatus.SENT, now()
    post.bounced(letter, code="5.1.1", text="no such user", at=now())
    db.session.commit()
    assert (
        "Thư gửi điểm cầu Nghệ An bị trả lại. Gọi Trần Đầu Mối Nghệ An: 0912 000 345."
        in browser(secretary).get("/").words
    )
    answering.reply(make.invitation_of(make.sites_of(meeting)[0]), Answer(Reply.ACCEPTED), actor=make.actor(secretary))
    db.session.commit()
    assert "bị trả lại" not in browser(secretary).get("/").words.replace("thư không gửi được", "")
    arrived(by_hand(), why="ours")
    assert "máy chủ thư hoặc địa chỉ gửi của hệ thống bị từ chối" in browser(administrator).get("/").words


# ------------------------------------------------------------------ taking an answer back


@pytest.mark.parametrize("source", [Source.LINK, Source.TELEPHONE, Source.CALENDAR])
def test_an_answer_of_every_door_is_taken_back_and_the_one_before_it_holds_again(
    meeting: Meeting, browser: Opens, secretary: User, clock: Clock, source: Source
) -> None:
    site = make.sites_of(meeting)[0]
    invitation, who = make.invitation_of(site), make.actor(secretary)
    clock.at("2026-12-02 09:00")
    answering.reply(invitation, Answer(Reply.SUBSTITUTE, "Bà", "Lê Thị Thay", "Phó"), actor=who)
    answering.consent(invitation, True, "Bộ trưởng", actor=who)
    clock.at("2026-12-02 10:00")
    answering.reply(invitation, Answer(Reply.DECLINED, reason="Bão"), actor=who, source=source, said_by="Ông Tám")
    make.done()
    page, address = browser(secretary), f"/meetings/{meeting.code}/sites/{site.id}"
    assert "có hiệu lực trở lại: Cử dự thay" in page.get(address).words
    assert page.post(f"{address}/take-back-answer", data={"why": ""}).status_code == 422
    assert page.post(f"{address}/take-back-answer", data={"why": "Bấm nhầm"}).status_code == 303
    db.session.expire_all()
    now_said = make.invitation_of(site)
    assert (now_said.reply, now_said.substitute_name, now_said.reason) == (Reply.SUBSTITUTE, "Lê Thị Thay", "")
    assert (now_said.replied_at, now_said.reply_source) == (make.at("2026-12-02 09:00"), Source.LINK)
    assert (now_said.consent, now_said.consent_by) == (Consent.GIVEN, "Bộ trưởng")
    shown = page.get(address).words
    assert "hủy lúc" in shown and "Bấm nhầm" in shown
    own = page.get(make.private(site)).words
    assert "1 lần trả lời trước" in own and "văn phòng hủy" in own and "Bấm nhầm" not in own
    page.get(address)  # the page of the link has form tokens of its own
    assert page.post(f"{address}/take-back-answer", data={"why": "Cả hai"}).status_code == 303
    db.session.expire_all()
    assert (make.invitation_of(site).reply, make.invitation_of(site).replied_at) == (Reply.ASKED, None)
    assert journal.queries.about(now_said.journal_subject)[-1].fact == "invitation.reply_taken_back"
    assert page.post(f"{address}/take-back-answer", data={"why": "Nữa"}).status_code == 409


def test_where_the_earlier_answer_was_purged_the_site_has_none(meeting: Meeting, secretary: User, clock: Clock) -> None:
    invitation, who = make.invitation_of(make.sites_of(meeting)[0]), make.actor(secretary)
    answering.reply(invitation, Answer(Reply.ACCEPTED), actor=who)
    db.session.execute(sa.delete(Payload))
    db.session.expire_all()
    clock.forward(minutes=1)
    answering.reply(invitation, Answer(Reply.DECLINED, reason="Bão"), actor=who)
    answering.take_back(invitation, "Nhầm", actor=who)
    assert (invitation.reply, invitation.reason, invitation.replied_at) == (Reply.ASKED, "", None)


def test_nothing_is_taken_back_once_the_meeting_has_begun(meeting: Meeting, secretary: User, clock: Clock) -> None:
    invitation, who = make.invitation_of(make.sites_of(meeting)[0]), make.actor(secretary)
    answering.reply(invitation, Answer(Reply.ACCEPTED), actor=who)
    clock.at("2026-12-10 08:00")
    with pytest.raises(Refused):
        answering.take_back(invitation, "Nhầm", actor=who)
    assert tray.about(invitation) == []


def test_the_page_of_a_site_says_that_it_was_on_the_telephone_who_rang_and_when(
    meeting: Meeting, browser: Opens, secretary: User, clock: Clock
) -> None:
    """Scenario 14, and the history of scenario 13."""
    site = make.sites_of(meeting)[0]
    clock.at("2026-12-02 09:05")
    page = browser(secretary)
    given = {"caller": "Ông Tám, Văn phòng", "reply": "accepted"}
    assert page.post(f"/meetings/{meeting.code}/sites/{site.id}/reply", data=given).status_code == 303
    own = page.get(make.private(site))
    assert "Tham dự · qua điện thoại lúc 09 giờ 05, ngày 02/12/2026, Ông Tám, Văn phòng" in own.words
    clock.at("2026-12-03 10:00")
    db.session.expire_all()
    answering.reply(make.invitation_of(site), Answer(Reply.DECLINED, reason="Bão"), actor=make.actor(secretary))
    make.done()
    reply = page.get(f"{make.private(site)}/reply").words
    assert "Không tham dự được · gửi lúc 10 giờ 00" in reply and "1 lần trả lời trước" in reply
    assert "Ông Tám, Văn phòng đã thay bằng câu trả lời sau" in reply
