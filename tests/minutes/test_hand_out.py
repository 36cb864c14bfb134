"""Into whose hands an issued record goes: the lists, the letters, the receipts, the recall."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from meetings import journal, links
from meetings.accounts.queries import actor_of
from meetings.accounts.rules import SYSTEM, Actor
from meetings.database import db
from meetings.directory.models import Person
from meetings.directory.services import add_group
from meetings.errors import Refused
from meetings.minutes import blocks, hand_out_list, handing, life, queries, receipts, recipients
from meetings.minutes.content import Concluded, Given
from meetings.minutes.hand_out_rules import (
    SITES,
    TASKS,
    Listed,
    Receiver,
    Said,
    State,
    Taken,
    compared,
    link_only,
    merged,
    printed_as,
    waited_since,
)
from meetings.minutes.handing import Numbers, Way
from meetings.minutes.models import HandOut, Recall, Record
from meetings.official.working_days import STANDARD
from meetings.post import queries as letter_box
from meetings.post.models import Letter
from meetings.post.rules import LetterStatus
from meetings.scheduling import ruling
from meetings.scheduling.rules import Secrecy
from tests import make
from tests.minutes.test_views import page_of
from tests.scheduling.test_race import at_once

# ------------------------------------------------------------------ rules


def test_an_invited_unit_never_reads_the_minutes_though_its_address_was_typed() -> None:
    officer = Receiver("an@nghean.example", "Ông An", Taken.SITE, "UBND tỉnh Nghệ An", site_id=7, notice_only=True)
    found = merged(
        [Receiver("an@nghean.example ", "Bạn đọc"), officer, Receiver("Minh@bo.example", taken=Taken.LEADER)]
    )
    assert [(one.email, one.name, one.notice_only) for one in found.values()] == [
        ("an@nghean.example", "Bạn đọc", True),
        ("minh@bo.example", "", False),
    ]
    assert found["an@nghean.example"].unit_name == "UBND tỉnh Nghệ An"
    leader = Receiver("an@nghean.example", "Bộ trưởng", Taken.LEADER)
    assert not merged([leader, officer])["an@nghean.example"].notice_only


@pytest.mark.parametrize(
    ("taken", "secrecy", "value", "asked", "expected"),
    [
        (Taken.LEADER, Secrecy.ORDINARY, {"leaders": True, "units": False}, False, False),
        (Taken.SITE, Secrecy.ORDINARY, {"leaders": True, "units": False}, False, True),
        (Taken.LEADER, Secrecy.ORDINARY, {"leaders": False, "units": True}, False, True),
        (Taken.LEADER, Secrecy.ORDINARY, {"leaders": True, "units": True}, True, True),
        (Taken.LEADER, Secrecy.INTERNAL, {"leaders": True, "units": True}, False, True),
    ],
)
def test_files_travel_only_where_rule_meeting_and_sender_all_let_them(taken, secrecy, value, asked, expected) -> None:
    assert link_only(taken, taken is Taken.SITE, secrecy=secrecy, value=value, asked=asked) is expected


def test_the_printed_nơi_nhận_is_held_beside_the_lists_that_are_ticked() -> None:
    lines = ["Lãnh đạo Bộ (để báo cáo);", "Các điểm cầu tham dự Hội nghị;", "Lưu: VT."]
    sites = Listed(SITES, "", 34, 33, printed_as(SITES, "", lines))
    tasks = Listed(TASKS, "", 2, 2, printed_as(TASKS, "", lines))
    assert (sites.printed, tasks.printed) == ("Các điểm cầu tham dự Hội nghị;", "")
    assert [one.key for one in compared([sites, tasks], []).unticked] == [SITES]
    assert [one.key for one in compared([sites, tasks], [SITES, TASKS]).unprinted] == [TASKS]
    assert compared([sites, tasks], [SITES]).agree


def test_a_receipt_is_asked_for_again_after_working_days() -> None:
    # written on Friday 11 December 2026; three working days later is Wednesday
    written = make.at("2026-12-11 16:00")
    assert written >= waited_since(date(2026, 12, 15), STANDARD, 3)
    assert written < waited_since(date(2026, 12, 16), STANDARD, 3)


# ------------------------------------------------------------------ from data


@pytest.fixture
def approved(begun: Record, hoa: Actor, approver: Any) -> Record:
    """The minutes with a conclusion and an action item of Nghệ An, approved."""
    blocks.add(begun, Concluded("Dùng chung hạ tầng họp trực tuyến."), actor=hoa)
    given = Given("Ban hành quy chế", "UBND tỉnh Nghệ An", "", date(2027, 1, 31))
    blocks.add(begun, given, actor=hoa)
    life.submit(begun, actor=hoa)
    life.approve(begun, actor=actor_of(approver))
    return begun


def follow(record: Record, fact: str) -> None:
    """What the worker does about the newest *fact*."""
    entry = [e for e in journal.queries.of(record.meeting.code) if e.fact == fact][0]
    {
        "record.issued": handing.hand_out,
        "record.handed_on": handing.hand_out,
        "record.recalled": receipts.tell_recalled,
        "record.receipts_asked": receipts.ask_again,
    }[fact](entry)


def written(kind: str = "conclusions") -> list[Letter]:
    return list(db.session.scalars(sa.select(Letter).where(Letter.kind == kind).order_by(Letter.id)))


def arrived() -> None:
    """Every letter has left."""
    db.session.execute(sa.update(Letter).values(status=LetterStatus.SENT))


def test_the_lists_come_from_the_meeting_its_tasks_and_the_saved_groups(approved: Record, hoa: Actor) -> None:
    add_group(approved.meeting.organiser, "Tổ công tác chuyển đổi số", [make.site(make.HA_TINH)], actor=hoa)
    found = recipients.lists(approved, actor=hoa)
    assert [(one.key[:5], one.count, one.writable) for one in found] == [
        ("sites", 2, 2),
        ("tasks", 1, 1),
        ("group", 1, 1),
    ]
    assert recipients.usual(found) == [SITES, TASKS]
    with pytest.raises(Refused, match="Các đơn vị được giao nhiệm vụ"):
        recipients.hold_to_print(approved, [SITES], actor=hoa)
    group = found[2].key
    leader = make.person("Lê Minh Khang")
    handing.issue(approved, Numbers(), [leader], [], lists=[SITES, TASKS, group], actor=hoa)
    assert [(one.email, one.taken, one.notice_only) for one in queries.hand_outs(approved)] == [
        (leader.email, Taken.LEADER, False),
        ("diemcau.40@40.example", Taken.SITE, True),
        ("diemcau.42@42.example", Taken.SITE, True),
    ]
    follow(approved, "record.issued")
    files = {one.to_address: [file["name"] for file in one.enclosures] for one in written()}
    code = approved.meeting.code
    assert files[leader.email] == [f"Thong-bao-ket-luan-{code}.docx", f"Bien-ban-{code}.docx"]
    assert files["diemcau.40@40.example"] == [f"Thong-bao-ket-luan-{code}.docx"]


def test_an_internal_meeting_sends_the_link_and_not_a_word(approved: Record, hoa: Actor) -> None:
    approved.meeting.secrecy = Secrecy.INTERNAL
    handing.issue(approved, Numbers(), [make.person("Lê Minh Khang")], [], lists=[SITES], actor=hoa)
    follow(approved, "record.issued")
    for letter in written():
        body = letter_box.readable(letter)
        assert not letter.enclosures and ".docx" not in letter.subject
        for said in ("Dùng chung hạ tầng", "Ban hành quy chế"):
            assert said not in body.text and said not in body.html
        assert "/v/" in body.text


def test_the_rule_of_the_day_decides_and_can_only_be_made_stricter(approved: Record, hoa: Actor) -> None:
    rule = recipients.rule()
    assert rule is not None
    stricter = replace(rule, value={**rule.value, "units": False}, valid_from=date(2026, 12, 10))
    ruling.change(stricter, "Quy chế của cơ quan", actor=SYSTEM)
    handing.issue(approved, Numbers(), [make.person("Lê Minh Khang")], [], lists=[SITES], actor=hoa)
    assert [one.link_only for one in queries.hand_outs(approved)] == [False, True, True]
    handing.hand_on(approved, [], [("", "luutru@bdps.example")], way=Way(link_only=True), actor=hoa)
    assert [one.link_only for one in queries.hand_outs(approved)][3]


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is said to the database meanwhile."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_hundreds_are_one_batch_of_a_handful_of_statements(approved: Record, hoa: Actor) -> None:
    many = [(f"Điểm cầu {n}", f"xa{n}@xa.example") for n in range(400)]
    with statements() as said:
        handing.issue(approved, Numbers(), [], many, way=Way(notice_only=True), actor=hoa)
    made = [
        one for one in said if one.lstrip().upper().startswith(("INSERT INTO HAND_OUT", "INSERT INTO LINK", "UPDATE"))
    ]
    assert len(made) < 12, len(made)
    with statements() as said:
        follow(approved, "record.issued")
        follow(approved, "record.issued")
    assert len(said) < 80, len(said)  # what is asked once for all of them; 400 readers are no statement more than 40
    assert len(written()) == 400 and len({letter.pattern for letter in written()}) == 1
    assert len({letter.link_id for letter in written()}) == 400
    first = hand_out_list.page(approved, 8, state=State.WAITING)
    assert (first.total, len(first.rows)) == (400, 50)
    assert hand_out_list.counts(approved).of[State.WAITING] == 400
    assert hand_out_list.page(approved, 1, words="xa399").total == 1


@pytest.mark.only("sqlite")
def test_after_an_issue_without_letters_the_first_hand_out_is_ticked_as_the_issue_was(
    browser: Any, records_clerk: Any, approved: Record, hoa: Actor
) -> None:
    make.person("Lê Minh Khang")
    make.done()
    clerk, path = browser(records_clerk), f"/meetings/{approved.meeting.code}/minutes"
    assert "Nên ban hành có số nhưng chưa gửi thư" in clerk.get(path).words
    handing.issue(approved, Numbers("1", date(2026, 12, 10)), [], [], actor=hoa, silent=True)
    make.done()

    def ticked() -> list[str]:
        page = clerk.get(f"{path}/hand-out")
        return [one["value"].partition("-")[0] for one in page.soup.select("#more [checked]")]

    assert ticked() == ["person", SITES, TASKS] and "chưa có số" not in clerk.get(path).words
    handing.hand_on(approved, [], [], lists=[SITES], actor=hoa)
    make.done()
    assert ticked() == []


# ------------------------------------------------------------------ receipts, reminders, recall


@pytest.fixture
def issued(approved: Record, hoa: Actor) -> Record:
    """The minutes in the hands of a leader and of two sites; every letter arrived."""
    handing.issue(approved, Numbers(), [make.person("Lê Minh Khang")], [], lists=[SITES], actor=hoa)
    follow(approved, "record.issued")
    arrived()
    make.done()
    return approved


def test_a_receipt_is_said_once_by_link_or_by_telephone(issued: Record, hoa: Actor, clock: Any) -> None:
    leader, site, other = queries.hand_outs(issued)
    receipts.received(leader, actor=Actor.link(leader.link_id or 0, leader.name))
    at = leader.received_at
    clock.forward(minutes=5)
    receipts.received(leader, actor=Actor.link(leader.link_id or 0, leader.name))
    assert (leader.received_at, leader.received_said) == (at, Said.LINK)
    assert receipts.note_received(issued, [leader.id, site.id], "Bà Lan", actor=hoa) == 1
    assert (site.received_said, site.received_by) == (Said.TELEPHONE, "Bà Lan")
    with pytest.raises(Refused):
        receipts.note_received(issued, [other.id], "", actor=hoa)
    facts = [e.fact for e in journal.queries.of(issued.meeting.code) if e.fact.startswith("hand_out.")]
    assert sorted(facts) == ["hand_out.received", "hand_out.received_by_telephone"]


def test_who_said_nothing_is_asked_again_once_a_press(issued: Record, hoa: Actor, clock: Any) -> None:
    leader = queries.hand_outs(issued)[0]
    receipts.received(leader, actor=hoa)
    with pytest.raises(Refused):
        receipts.remind(issued, 0, actor=hoa)
    clock.at("2026-12-15 09:00")
    again = next(one for one in written() if one.to_address == "diemcau.42@42.example")
    again.settled_at = make.at("2026-12-15 08:00")
    assert receipts.due(issued) == 1, "whose letter went to a corrected address this morning has had no time"
    again.settled_at = make.at("2026-12-10 18:00")
    assert receipts.due(issued) == 2
    with pytest.raises(Refused):
        receipts.remind(issued, 3, actor=hoa)
    assert receipts.remind(issued, 2, actor=hoa) == 2
    with pytest.raises(Refused):
        receipts.remind(issued, 2, actor=hoa)
    follow(issued, "record.receipts_asked")
    follow(issued, "record.receipts_asked")
    assert [one.to_address for one in written("receipt")] == ["diemcau.40@40.example", "diemcau.42@42.example"]


def test_a_recall_stops_what_waits_and_asks_who_has_it_to_delete_it(issued: Record, hoa: Actor) -> None:
    leader, site, other = queries.hand_outs(issued)
    waiting = next(one for one in written() if one.link_id == other.link_id)
    waiting.status = LetterStatus.WAITING
    assert receipts.recall(issued, [site.id], "Sai số liệu", actor=hoa) == 1
    with pytest.raises(Refused):
        receipts.recall(issued, [site.id], "Sai số liệu", actor=hoa)
    assert receipts.recall(issued, None, "Sai số liệu", actor=hoa) == 2
    follow(issued, "record.recalled")
    db.session.expire_all()
    assert waiting.status is LetterStatus.WITHDRAWN
    assert [one.to_address for one in written("recall")] == [leader.email], "who never had it is told nothing"
    assert "Sai số liệu" in letter_box.readable(written("recall")[0]).text
    assert db.session.scalar(sa.select(sa.func.count(Recall.id))) == 2
    assert queries.issued_notice(issued.meeting) is None, "nor do the sites' own pages show it"
    with pytest.raises(Refused, match="thu hồi"):
        handing.hand_on(issued, [], [("", "moi@bdps.example")], actor=hoa)


def test_a_letter_that_failed_goes_again_and_a_corrected_address_takes_its_codes_along(
    browser: Any, records_clerk: Any, secretary: Any, client: Any, issued: Record, held: Any
) -> None:
    leader, site, other = queries.hand_outs(issued)
    by_link = {one.link_id: one for one in written()}
    by_link[leader.link_id].status = LetterStatus.REFUSED
    by_link[site.link_id].status = LetterStatus.BOUNCED
    make.done()
    clerk, path = browser(records_clerk), f"{page_of(held)}/hand-out"

    for who, address, said in (
        ([other.id], "", "bị từ chối"),
        ([leader.id, site.id], "moi@bo.example", "chỉ chọn nơi nhận đó"),
        ([leader.id], "không phải", "Nhập địa chỉ"),
        ([leader.id], other.email, "đã nhận"),
    ):
        refused = clerk.post(f"{path}/send-again", data={"who": [str(one) for one in who], "address": address})
        assert refused.status_code == 422 and said in refused.words, said
    data = {"who": [str(leader.id)], "address": "Khang.Moi@bo.example"}
    assert "1 thư" in clerk.post(f"{path}/send-again", data=data, follow_redirects=True).words
    clerk.post(f"{path}/send-again", data={"who": [str(site.id)], "address": ""})
    db.session.expire_all()
    assert [(one.to_address, one.status) for one in written()][:2] == [
        ("khang.moi@bo.example", LetterStatus.WAITING),
        (site.email, LetterStatus.WAITING),
    ]
    client.submit(f"/v/{links.token('v', leader.link.id, leader.link.issue)}", {"reader": "yes"}, form="/code")
    assert written("reading_code")[-1].to_address == "khang.moi@bo.example"
    history = browser(secretary).get(f"/meetings/{held.code}/history")
    assert "đến địa chỉ sửa lại khang.moi@bo.example" in history.words


def test_the_recalled_link_shows_the_recall_alone_and_takes_the_deletion(
    client: Any, issued: Record, hoa: Actor
) -> None:
    leader = queries.hand_outs(issued)[0]
    link = leader.link
    path = f"/v/{links.token('v', link.id, link.issue)}"
    client.submit(path, {"reader": "yes"}, form="/code")
    code = written("reading_code")[-1].fills["code"]
    read = client.submit(path, {"code": code}, form="Mở văn bản")
    assert "Dùng chung hạ tầng" in read.words and "/verify" in read.words
    page = client.submit(path, form="/received")
    assert "Đã báo nhận lúc" in page.words
    file = client.get(f"{path}/thong-bao-ket-luan.docx").data
    receipts.recall(issued, None, "Sai số liệu", actor=hoa)
    make.done()
    page = client.get(path)
    assert "Văn bản đã được thu hồi" in page.words and "Dùng chung hạ tầng" not in page.words
    assert client.get(f"{path}/thong-bao-ket-luan.docx").status_code == 303
    looked = client.post("/verify", data={"file": (io.BytesIO(file), "a.docx")})
    assert "Văn bản này đã bị thu hồi lúc" in looked.words
    refused = client.submit(path, form="/deleted")
    assert refused.status_code == 422
    page = client.submit(path, {"reader": "y"}, form="/deleted")
    assert "Đã báo xóa lúc" in page.words
    db.session.expire_all()
    assert queries.hand_outs(issued)[0].deleted_said is Said.LINK


def test_a_receipt_pressed_after_the_code_ran_out_says_that_it_does_not_count(
    client: Any, issued: Record, clock: Any
) -> None:
    leader = queries.hand_outs(issued)[0]
    path = f"/v/{links.token('v', leader.link.id, leader.link.issue)}"
    client.submit(path, {"reader": "yes"}, form="/code")
    client.submit(path, {"code": written("reading_code")[-1].fills["code"]}, form="Mở văn bản")
    clock.forward(hours=13)
    client.get(path)
    page = client.post(f"{path}/received", follow_redirects=True)
    assert "Chưa báo nhận được" in page.words
    db.session.expire_all()
    assert queries.hand_outs(issued)[0].received_at is None


def test_a_unit_reads_the_notice_and_finds_no_minutes_at_their_address(client: Any, issued: Record) -> None:
    site = queries.hand_outs(issued)[1]
    path = f"/v/{links.token('v', site.link.id, site.link.issue)}"
    client.submit(path, {"reader": "yes"}, form="/code")
    page = client.submit(path, {"code": written("reading_code")[-1].fills["code"]}, form="Mở văn bản")
    assert "Dùng chung hạ tầng" in page.words and "Đọc biên bản" not in page.words
    assert client.get(f"{path}/thong-bao-ket-luan.docx").data[:2] == b"PK"
    assert client.get(f"{path}/bien-ban.docx").status_code == 410


def test_a_new_version_offers_the_same_readers_and_says_what_it_replaces(
    issued: Record, hoa: Actor, approver: Any, held: Any
) -> None:
    again = life.renew(issued, "Sửa số liệu.", actor=hoa)
    life.submit(again, actor=hoa)
    life.approve(again, actor=actor_of(approver))
    found = recipients.lists(again, actor=hoa)
    assert (found[0].key, found[0].count) == ("former", 3)
    handing.issue(again, Numbers(), [], [], lists=["former"], actor=hoa)
    assert [(one.email, one.notice_only) for one in queries.hand_outs(again)] == [
        (one.email, one.notice_only) for one in queries.hand_outs(issued)
    ]
    follow(again, "record.issued")
    assert "thay thế phiên bản 1" in letter_box.readable(written()[-1]).text
    assert db.session.scalar(sa.select(sa.func.count(HandOut.id))) == 6


def test_the_clerk_works_the_list(browser: Any, records_clerk: Any, secretary: Any, issued: Record, held: Any) -> None:
    client = browser(records_clerk)
    path = f"{page_of(held)}/hand-out"
    site = queries.hand_outs(issued)[1]
    page = client.get(path)
    assert "Ủy ban nhân dân tỉnh Nghệ An" in page.words and "Chưa báo nhận 3" in page.words
    page = client.submit(path, {"who": [str(site.id)], "by": "Bà Lan"}, form="/hand-out/received")
    assert "qua điện thoại: Bà Lan" in page.words and "Đã báo nhận 1" in page.words
    refused = client.post(f"{path}/recall", data={"who": [str(site.id)], "reason": ""})
    assert refused.status_code == 422 and "Nhập lý do" in refused.words
    page = client.post(f"{path}/recall", data={"everybody": "y", "reason": "Sai số liệu"}, follow_redirects=True)
    assert "Đã thu hồi của 3 nơi nhận." in page.words and "Đã thu hồi 3" in page.words
    history = browser(secretary).get(f"/meetings/{held.code}/history")
    assert "Lý do: Sai số liệu" in history.words and "theo Bà Lan báo qua điện thoại" in history.words


# ------------------------------------------------------------------ two presses at one time


def test_of_two_presses_at_one_time_one_counts_and_the_other_is_told(app: Flask, approved: Record, hoa: Actor) -> None:
    record_id, people = approved.id, [make.person("Lê Minh Khang").id]
    make.done()

    def here() -> Record:
        return db.session.get_one(Record, record_id)

    def issue() -> None:
        handing.issue(
            here(), Numbers(), [db.session.get_one(Person, one) for one in people], [], lists=[SITES], actor=hoa
        )

    def told(ended: list[BaseException | None]) -> list[str]:
        return [str(one) for one in ended if one is not None]

    ended = at_once(app, [issue, issue])
    assert ended.count(None) == 1 and isinstance(next(filter(None, ended)), Refused), told(ended)
    leader = queries.hand_outs(here())[0]
    leader_id, reader = leader.id, Actor.link(leader.link_id or 0, leader.name)
    assert len(queries.hand_outs(here())) == 3

    def receive() -> None:
        receipts.received(db.session.get_one(HandOut, leader_id), actor=reader)

    def note() -> None:
        receipts.note_received(here(), [leader_id], "Bà Lan", actor=hoa)

    ended = at_once(app, [receive, receive, receive, note])
    assert all(one is None or isinstance(one, Refused) for one in ended), told(ended)
    facts = [e.fact for e in journal.queries.of(here().meeting.code)]
    assert sum(one.startswith("hand_out.received") for one in facts) == 1

    def hand_on() -> None:
        handing.hand_on(here(), [], [("", "luutru@bdps.example")], actor=hoa)

    ended = at_once(app, [hand_on, hand_on])
    assert ended.count(None) == 1 and isinstance(next(filter(None, ended)), Refused), told(ended)

    def recall() -> None:
        receipts.recall(here(), None, "Sai số liệu", actor=hoa)

    ended = at_once(app, [recall, recall, receive])
    assert sum(isinstance(one, Refused) for one in ended) == 1 and ended.count(None) == 2, told(ended)
    assert db.session.scalar(sa.select(sa.func.count(Recall.id))) == 1
    facts = [e.fact for e in journal.queries.of(here().meeting.code)]
    assert [facts.count(f"record.{one}") for one in ("issued", "handed_on", "recalled")] == [1, 1, 1]
