"""A substitute: whose place is taken, the chair's consent where the rule asks it, and a refusal that the site hears of."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from meetings import worker
from meetings.accounts.models import User
from meetings.accounts.rules import SYSTEM, Actor
from meetings.attendance import queries as attendance
from meetings.database import db
from meetings.errors import Refused
from meetings.invitations import answering, consent_letters
from meetings.invitations.answering import Answer
from meetings.invitations.models import Consent
from meetings.invitations.rules import Reply
from meetings.post import queries as post
from meetings.scheduling import ruling
from meetings.scheduling.models import MeetingSite
from meetings.scheduling.rules import Status
from tests import make

OFFICER = Actor.link(1, "Đầu mối")
SENT = Answer(
    Reply.SUBSTITUTE,
    substitute_honorific="Bà",
    substitute_name="Trần Thị Quỳnh",
    substitute_title="Phó Chủ tịch",
    reason="Chủ tịch đi công tác",
    **answering.replaced_of("Ông Nguyễn Văn An,  Chủ tịch UBND tỉnh"),
)


@pytest.fixture
def here(secretary: User) -> MeetingSite:
    return make.sites_of(make.meeting(status=Status.SCHEDULED, secretary=secretary))[0]


def test_who_is_replaced_stays_visible_beside_the_substitute(here: MeetingSite, browser: Any, secretary: User) -> None:
    answer = make.invitation_of(here)
    answering.reply(answer, SENT, actor=OFFICER)
    assert (answer.replaced_name, answer.replaced_title) == ("Ông Nguyễn Văn An", "Chủ tịch UBND tỉnh")
    reader = browser(secretary)
    assert "Bà Trần Thị Quỳnh dự thay Ông Nguyễn Văn An" in reader.get(f"/meetings/{here.meeting.code}/sites").words
    board = reader.get(f"/meetings/{here.meeting.code}/roll-call/live?site={here.id}")
    assert "Bà Trần Thị Quỳnh dự thay Ông Nguyễn Văn An" in board.words
    assert board.soup.select_one(f"#t{here.id} .sub") is not None  # the corner of its tile
    answering.reply(answer, Answer(Reply.ACCEPTED), actor=OFFICER)
    assert (answer.substitute_name, answer.replaced_name, answer.consent) == ("", "", Consent.NOT_NEEDED)


def test_a_substitute_typed_into_one_field_is_the_one_on_the_list_and_stands_there_once(here: MeetingSite) -> None:
    answer = make.invitation_of(here)
    answering.reply(answer, Answer(Reply.SUBSTITUTE, substitute_name="Bà Trần Thị Quỳnh, Phó Chủ tịch"), actor=OFFICER)
    assert (answer.substitute_honorific, answer.substitute_name, answer.substitute_title) == (
        "Bà",
        "Trần Thị Quỳnh",
        "Phó Chủ tịch",
    )


def test_the_form_of_the_site_begins_with_its_leader(here: MeetingSite, browser: Any) -> None:
    make.person("Lê Chủ Tịch", of=here.unit, title="Chủ tịch UBND tỉnh")
    link = make.private(here)
    page = browser().get(f"{link}/reply")
    assert page.soup.select_one("#replaced")["value"] == "Ông Lê Chủ Tịch, Chủ tịch UBND tỉnh"


def test_consent_is_asked_only_where_the_rule_asks_it(here: MeetingSite, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = make.invitation_of(here)
    answering.reply(answer, SENT, actor=OFFICER)
    assert answer.consent is Consent.PENDING
    monkeypatch.setattr(ruling, "rule_on", lambda kind, day: None)
    answering.reply(answer, Answer(Reply.SUBSTITUTE, substitute_name="Người Khác"), actor=OFFICER)
    assert answer.consent is Consent.NOT_NEEDED
    with pytest.raises(Refused):
        answering.consent(answer, True, "Ông Lê Minh Khang", actor=SYSTEM)


def test_a_refusal_wants_a_reason_and_the_site_reads_it(
    app: Flask, here: MeetingSite, secretary: User, browser: Any
) -> None:
    answer = make.invitation_of(here)
    answering.reply(answer, SENT, actor=OFFICER)
    link = make.private(here)
    make.done()
    assert "Đang chờ chủ trì đồng ý để Bà Trần Thị Quỳnh dự thay." in browser().get(link).words
    path = f"/meetings/{here.meeting.code}/sites/{here.id}"
    values = {"given": "no", "by": "Ông Lê Minh Khang, Bộ trưởng", "refusal": ""}
    page = browser(secretary).submit(path, values, form="/consent")
    assert page.status_code == 422 and page.soup.select_one("#refusal-error") is not None
    page = browser(secretary).submit(path, values | {"refusal": "Nội dung cần Chủ tịch quyết định"}, form="/consent")
    assert "không đồng ý" in page.words and "Nội dung cần Chủ tịch quyết định" in page.words
    opened = browser().get(link)
    told = opened.words
    # somebody else is to be sent, or who is invited comes
    assert "Xác nhận tham dự" in opened.soup.select_one(".tasks [aria-current=step]").get_text()
    assert "Chủ trì không đồng ý cử Bà Trần Thị Quỳnh dự thay" in told and "Nội dung cần Chủ tịch quyết định" in told
    board = browser(secretary).get(f"/meetings/{here.meeting.code}/roll-call/live?site={here.id}")
    assert "dự thay Ông Nguyễn Văn An – chủ trì không đồng ý" in board.words and not board.soup.select(
        f"#t{here.id} .sub"
    )
    (row,) = attendance.sites(here.meeting, attendance.with_id(here.id))
    assert (row.substituted, sum(one.tally.substitutes for one in attendance.provinces(here.meeting))) == (False, 0)
    db.session.commit()
    while worker.follow_up():
        pass
    (letter,) = [one for one in post.of(here.meeting.code) if one.kind == consent_letters.KIND]
    assert letter.to_address == "diemcau.40@40.example" and "Trần Thị Quỳnh" in letter.subject
    said = post.readable(letter).text
    assert "Nội dung cần Chủ tịch quyết định" in said and "Ông Nguyễn Văn An" in said
    answering.reply(answer, Answer(Reply.ACCEPTED), actor=OFFICER)
    make.done()
    assert "không đồng ý" not in browser().get(link).words


def test_a_refusal_that_was_taken_back_before_it_was_told_is_not_told(app: Flask, here: MeetingSite) -> None:
    answer = make.invitation_of(here)
    answering.reply(answer, SENT, actor=OFFICER)
    answering.consent(answer, False, "Ông Lê Minh Khang", actor=SYSTEM, reason="Nhầm")
    answering.consent(answer, True, "Ông Lê Minh Khang", actor=SYSTEM)
    make.done()
    while worker.follow_up():
        pass
    assert not [one for one in post.of(here.meeting.code) if one.kind == consent_letters.KIND]
    assert (answer.consent, answer.consent_reason) == (Consent.GIVEN, "")
