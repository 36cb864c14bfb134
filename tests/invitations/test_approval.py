"""Approval before sending: when it is needed, who gives it, and that nothing leaves before."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from flask import Flask

from meetings import journal, worker
from meetings.accounts.models import Grant, User
from meetings.accounts.rules import Actor, Role
from meetings.database import db
from meetings.directory.models import Contact
from meetings.errors import Refused
from meetings.invitations import approval, rounds, rules
from meetings.invitations.rules import Decision, Why
from meetings.overview import case_file
from meetings.post import queries as letter_box
from meetings.post.models import Letter
from meetings.scheduling import numbers, services
from meetings.scheduling.models import Booking, Meeting
from meetings.scheduling.rules import MeetingType, Status
from meetings.units.models import Unit
from tests import make
from tests.conftest import Clock
from tests.pages import Client

CODE = Path(__file__).resolve().parents[2] / "meetings"
DEADLINE = make.at("2026-12-08 17:00")
NEEDS = [
    (None, True, 1, Why.OTHERS),
    (None, True, 0, Why.NOBODY),
    (None, False, 1, Why.OWN),
    (True, False, 0, Why.RULE),
    (True, True, 1, Why.RULE),
    (False, True, 1, Why.RULED_OUT),
]


@pytest.mark.parametrize(("rule", "others", "approvers", "why"), NEEDS)
def test_a_rule_always_holds_and_without_one_the_sites_decide(
    rule: bool | None, others: bool, approvers: int, why: Why
) -> None:
    assert rules.approval(rule, invites_others=others, approvers=approvers) is why


def test_nobody_decides_over_her_own_unless_no_other_holds_the_role() -> None:
    assert rules.may_decide(2, 1, {2, 3})
    assert not rules.may_decide(1, 1, {1, 2})
    assert rules.may_decide(1, 1, {1})
    assert not rules.may_decide(4, 1, {1, 2})


def test_invitations_leave_by_way_of_the_approval_only() -> None:
    calls = re.compile(r"\b(?:scheduling|services|series)\.send\(")
    senders = {path.relative_to(CODE).as_posix() for path in CODE.rglob("*.py") if calls.search(path.read_text())}
    assert senders == {"invitations/approval.py", "scheduling/series.py"}


# ------------------------------------------------------------------ a draft of the ministry that invites two provinces


@pytest.fixture
def draft(app: Flask, secretary: User) -> Meeting:
    return make.meeting(secretary=secretary)


@pytest.fixture
def hoa(secretary: User) -> Actor:
    return make.actor(secretary)


@pytest.fixture
def head(approver: User) -> Actor:
    return make.actor(approver)


def ministry() -> Unit:
    return make.units()[make.MINISTRY]


def worked() -> None:
    db.session.commit()
    while worker.follow_up() or worker.carry():
        pass
    db.session.commit()


def facts(meeting: Meeting) -> list[str]:
    return [entry.fact for entry in journal.queries.of(meeting.code, newest_first=False)]


def letters_to_sites() -> int:
    return db.session.query(Letter).filter(Letter.kind == "invitation").count()


def test_without_an_approver_the_invitations_leave_at_once_and_the_history_says_so(draft: Meeting, hoa: Actor) -> None:
    assert rounds.need(draft).why is Why.NOBODY
    approval.release(draft, DEADLINE, actor=hoa)
    assert draft.status is Status.SCHEDULED
    assert facts(draft)[-1] == "meeting.approved_by_nobody"


def test_the_own_sites_need_none_though_somebody_holds_the_role(app: Flask, secretary: User, head: Actor) -> None:
    province = make.units()[make.NGHE_AN]
    own = make.meeting(organiser=province, sites=[make.site(make.KIM_LIEN)])
    make.user(Role.APPROVER, province)
    assert rounds.need(own).why is Why.OWN
    approval.release(own, DEADLINE, actor=make.actor(own.secretary))
    assert own.status is Status.SCHEDULED


def test_nothing_leaves_before_the_approval_and_then_the_very_bytes_that_were_seen(
    draft: Meeting, hoa: Actor, head: Actor, approver: User, secretary: User, instance: Path, clock: Clock
) -> None:
    with pytest.raises(Refused, match="phải được duyệt trước khi gửi.*Trần Văn Duyệt"):
        approval.release(draft, DEADLINE, actor=hoa)
    waiting = approval.submit(draft, DEADLINE, actor=hoa)
    seen = waiting.sha256
    assert draft.status is Status.AWAITING_APPROVAL
    worked()
    asked = db.session.query(Letter).all()
    assert [(letter.kind, letter.to_address) for letter in asked] == [("approval", approver.email)]
    text = letter_box.eml(asked[0], hide=False).decode()
    assert "Giay-moi-" in text and not db.session.query(Letter).filter(Letter.kind == "invitation").count()
    with pytest.raises(Refused, match="Rút lại trước khi sửa"):
        services.set_agenda(draft, [], actor=hoa)
    clock.at("2026-12-02 15:10")
    approval.approve(draft, seen, actor=head)
    ministry().place_name = "Đà Nẵng"  # whatever the paper would say if it were printed again: it is not
    worked()
    assert (draft.status, draft.reply_by) == (Status.SCHEDULED, DEADLINE)
    sent = db.session.query(Letter).filter(Letter.kind == "invitation").all()
    assert len(sent) == 2
    assert {file["sha256"] for letter in sent for file in letter.enclosures} == {seen}
    with pytest.raises(Refused):
        approval.approve(draft, seen, actor=head)
    told = db.session.query(Letter).filter(Letter.to_address == secretary.email).one()
    assert told.subject.startswith("Đã duyệt")
    ended = rounds.approved(draft)
    assert ended is not None
    assert (ended.decided_by, ended.decided_title, ended.decided_at) == (
        "Ông Trần Văn Duyệt",
        "Chánh Văn phòng",
        make.at("2026-12-02 15:10"),
    )
    kept = dict(case_file.contents(draft))
    assert "Ông Trần Văn Duyệt, Chánh Văn phòng duyệt lúc 15 giờ 10" in kept["van-ban/duyet-giay-moi.txt"].decode()
    assert "Trần Văn Duyệt  Giấy mời được duyệt (Chánh Văn phòng)" in kept["nhat-ky/nhat-ky.txt"].decode()


def test_the_hold_of_what_waits_does_not_run_out(draft: Meeting, hoa: Actor, head: Actor) -> None:
    services.place(draft, make.at("2026-12-10 08:00"), 195, actor=hoa)
    approval.submit(draft, DEADLINE, actor=hoa)
    held = db.session.query(Booking).filter_by(meeting_id=draft.id).all()
    assert held and all(booking.expires_at is None for booking in held)
    approval.give_back(draft, "Bổ sung thành phần.", actor=head)
    db.session.expire_all()
    assert all(booking.expires_at is not None for booking in db.session.query(Booking).filter_by(meeting_id=draft.id))


def test_what_came_back_is_a_draft_with_its_remarks_until_it_is_handed_in_again(
    draft: Meeting, hoa: Actor, head: Actor, secretary: User
) -> None:
    approval.submit(draft, DEADLINE, actor=hoa)
    with pytest.raises(Refused) as refused:
        approval.give_back(draft, "  ", actor=head)
    assert refused.value.field == "remarks"
    approval.give_back(draft, "Bổ sung thành phần dự họp.", actor=head)
    worked()
    assert draft.status is Status.DRAFT and letters_to_sites() == 0
    came_back = rounds.returned(draft)
    assert came_back is not None and came_back.remarks == "Bổ sung thành phần dự họp."
    assert db.session.query(Letter).filter(Letter.to_address == secretary.email).one().subject.startswith("Trả lại")
    services.set_agenda(draft, [services.Item("Khai mạc", 10, "")], actor=hoa)
    again = approval.submit(draft, DEADLINE, actor=hoa)
    assert rounds.returned(draft) is None
    approval.withdraw(draft, actor=hoa)
    assert (draft.status, again.decision) == (Status.DRAFT, Decision.WITHDRAWN)
    assert rounds.returned(draft) is None


def test_what_changed_since_it_was_handed_in_is_not_approved(draft: Meeting, hoa: Actor, head: Actor) -> None:
    seen = approval.submit(draft, DEADLINE, actor=hoa).sha256
    with pytest.raises(Refused, match="Xem bản hiện tại"):
        approval.approve(draft, "0" * 64, actor=head)
    ministry().place_name = "Đà Nẵng"  # the paper prints it, and nobody touched the meeting
    db.session.flush()
    with pytest.raises(Refused, match="đã thay đổi sau khi trình"):
        approval.approve(draft, seen, actor=head)
    assert draft.status is Status.AWAITING_APPROVAL


def test_what_was_checked_is_checked_again_at_the_moment_of_approval(
    draft: Meeting, hoa: Actor, head: Actor, clock: Clock
) -> None:
    seen = approval.submit(draft, DEADLINE, actor=hoa).sha256
    clock.at("2026-12-10 08:00")
    with pytest.raises(Refused, match="đã qua"):
        approval.approve(draft, seen, actor=head)
    assert "meeting.sent" not in facts(draft)


def test_a_year_that_has_passed_is_not_printed(draft: Meeting, hoa: Actor, head: Actor, clock: Clock) -> None:
    draft.starts_at, draft.ends_at = make.at("2027-01-14 08:00"), make.at("2027-01-14 11:15")
    clock.at("2026-12-31 16:00")
    seen = approval.submit(draft, make.at("2027-01-12 17:00"), actor=hoa).sha256
    clock.at("2027-01-04 08:00")
    with pytest.raises(Refused, match="năm trước"):
        approval.approve(draft, seen, actor=head)


def test_an_approver_does_not_approve_what_she_handed_in_while_another_holds_the_role(
    draft: Meeting, secretary: User, units: Any
) -> None:
    db.session.add(Grant(user_id=secretary.id, role=Role.APPROVER, unit_id=ministry().id))
    db.session.flush()
    her = make.actor(secretary)
    other = make.user(Role.APPROVER, name="Phạm Thu Hà")
    seen = approval.submit(draft, DEADLINE, actor=her).sha256
    with pytest.raises(Refused, match="Phạm Thu Hà"):
        approval.approve(draft, seen, actor=her)
    assert rounds.to_decide(her) == [] and len(rounds.to_decide(make.actor(other))) == 1
    other.active = False
    db.session.flush()
    approval.approve(draft, seen, actor=her)
    assert draft.status is Status.SCHEDULED


def test_a_rule_that_demands_an_approval_blocks_where_nobody_can_give_it_and_names_whom_to_ask(
    draft: Meeting, hoa: Actor, administrator: User
) -> None:
    approval.lay_down(ministry(), None, True, date(2026, 12, 1), actor=make.actor(administrator))
    for act in (approval.release, approval.submit):
        with pytest.raises(Refused, match="Phạm Quản Trị"):
            act(draft, DEADLINE, actor=hoa)
    assert draft.status is Status.DRAFT


def test_the_nearest_unit_decides_then_the_type_then_the_newest(app: Flask, administrator: User) -> None:
    tree, boss = make.units(), make.actor(administrator)
    nation, province = tree[make.NATION], tree[make.NGHE_AN]
    today = date(2026, 12, 1)

    def decided(type: MeetingType, day: date = today) -> bool | None:
        found = rounds.rule_for(province, type, day)
        return found.needed if found else None

    assert decided(MeetingType.WORK) is None
    approval.lay_down(nation, None, True, today, actor=boss)
    assert decided(MeetingType.WORK) is True
    approval.lay_down(province, MeetingType.BRIEFING, False, today, actor=boss)
    assert (decided(MeetingType.WORK), decided(MeetingType.BRIEFING)) == (True, False)
    approval.lay_down(province, None, False, date(2027, 1, 1), actor=boss)
    assert (decided(MeetingType.WORK), decided(MeetingType.WORK, date(2027, 1, 1))) == (True, False)
    again = approval.lay_down(province, MeetingType.BRIEFING, True, date(2027, 2, 1), actor=boss)
    assert (decided(MeetingType.BRIEFING), decided(MeetingType.BRIEFING, date(2027, 2, 1))) == (False, True)
    approval.end(again, actor=boss)
    assert decided(MeetingType.BRIEFING, date(2027, 2, 1)) is False
    with pytest.raises(Refused):
        approval.lay_down(province, None, True, date(2026, 11, 30), actor=boss)


def test_the_number_given_in_leaving_stands_on_the_paper_and_nothing_else_differs(
    draft: Meeting, hoa: Actor, head: Actor
) -> None:
    numbers.count_by_system(ministry(), True, None, actor=hoa)
    waiting = approval.submit(draft, DEADLINE, actor=hoa)
    approval.approve(draft, waiting.sha256, actor=head)
    worked()
    assert (draft.invitation_number, draft.invitation_on) == ("1", "2026-12-01")
    sent = {
        file["sha256"]
        for letter in db.session.query(Letter).filter(Letter.kind == "invitation")
        for file in letter.enclosures
    }
    assert len(sent) == 1 and waiting.sha256 not in sent
    numbered = letter_box.enclosure(sent.pop())
    words = printed(numbered)
    assert "Số: 01/GM-BĐPS" in words and "Hà Nội, ngày 01 tháng 12 năm 2026" in words
    blank = words.replace("01/GM", "     /GM").replace(
        "ngày 01 tháng 12 năm 2026", "ngày       tháng       năm 2026", 1
    )
    blank = blank.replace("/GM-BĐPS ngày 01 tháng 12 năm 2026", "/GM-BĐPS ngày       tháng       năm      ")
    assert blank.split() == printed(letter_box.enclosure(waiting.sha256)).split()


def printed(docx: bytes) -> str:
    paper = Document(io.BytesIO(docx))
    rows = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([*rows, *(paragraph.text for paragraph in paper.paragraphs)]).replace("\xa0", " ")


# ------------------------------------------------------------------ pages


@pytest.fixture
def waiting(draft: Meeting, hoa: Actor, approver: User) -> str:
    approval.submit(draft, DEADLINE, actor=hoa)
    make.done()
    return draft.code


def test_the_secretary_hands_in_and_takes_back_by_the_pages(
    browser: Callable[..., Client], draft: Meeting, secretary: User, approver: User
) -> None:
    desk = browser(secretary)
    page = desk.get(f"/meetings/{draft.code}/book/send")
    assert "phải duyệt, vì có mời đơn vị khác" in page.words and "Ông Trần Văn Duyệt, Chánh Văn phòng" in page.words
    page = desk.submit(f"/meetings/{draft.code}/book/send", {"hand_in": "1"})
    assert "Đã trình duyệt" in page.words and "Rút lại để sửa" in page.words
    assert "đang chờ duyệt" in desk.get("/").words
    page = desk.submit(f"/meetings/{draft.code}", form="Rút lại để sửa")
    assert page.request.path == f"/meetings/{draft.code}/book/send" and "Đã rút lại" in page.words


def test_the_approver_finds_reads_returns_and_approves(
    browser: Callable[..., Client], waiting: str, approver: User, secretary: User
) -> None:
    phone, desk = browser(approver), browser(secretary)
    assert len(phone.get("/").soup.find_all("a", href=f"/meetings/{waiting}/approval")) == 1, "offered once, not twice"
    page = phone.get(f"/meetings/{waiting}/approval")
    assert "GIẤY MỜI" in page.words and "Hà Tĩnh" in page.words and "17 giờ 00" in page.words
    downloaded = phone.get(f"/meetings/{waiting}/documents/giay-moi.docx").data
    db.session.rollback()
    round = rounds.last(db.session.query(Meeting).filter_by(code=waiting).one())
    assert round is not None and letter_box.enclosure(round.sha256) == downloaded
    page = phone.submit(f"/meetings/{waiting}/approval", {"remarks": ""}, form="/approval/return")
    assert page.status_code == 422 and page.soup.find(id="remarks-error")
    page = phone.submit(f"/meetings/{waiting}/approval", {"remarks": "Ghi rõ thành phần."}, form="/approval/return")
    assert "Không có gì chờ duyệt" in page.words
    for step in ("details", "sites", "time", "agenda", "invitation", "send"):
        assert "trả lại giấy mời này" in desk.get(f"/meetings/{waiting}/book/{step}").words
    assert "bị trả lại: Ghi rõ thành phần." in desk.get("/").words
    desk.submit(f"/meetings/{waiting}/book/send", {"hand_in": "1"})
    one = make.sites_of(db.session.query(Meeting).filter_by(code=waiting).one())[0]
    db.session.query(Contact).filter_by(site_id=one.site_id).update({"email": ""})
    make.done()
    page = phone.submit(f"/meetings/{waiting}/approval", form="/approval/approve")
    assert page.request.path == f"/meetings/{waiting}"
    assert "qua thư điện tử, 1 chưa có thư điện tử." in page.words
    assert "Người duyệt Ông Trần Văn Duyệt, Chánh Văn phòng" in page.words
    assert "Giấy mời được duyệt" in desk.get(f"/meetings/{waiting}/history").words
    again = phone.post(f"/meetings/{waiting}/approval/approve", data={"seen": "0" * 64})
    assert again.status_code == 409 and "đã duyệt giấy mời này" in again.words
    assert "Chưa duyệt được" not in again.words, "pressed twice it stays approved"
    late = desk.post(f"/meetings/{waiting}/approval/withdraw")
    assert late.status_code == 409 and "không còn chờ duyệt" in late.words


def test_who_may_not_approve_does_not(
    browser: Callable[..., Client], waiting: str, secretary: User, leader: User, stranger: User
) -> None:
    other = make.user(Role.APPROVER, make.HO_CHI_MINH, name="Người Duyệt Nơi Khác")
    for who, status in ((secretary, 403), (leader, 403), (stranger, 403), (other, 404)):
        client = browser(who)
        assert client.get(f"/meetings/{waiting}/approval").status_code == status
        for verb in ("approve", "return"):
            assert client.post(f"/meetings/{waiting}/approval/{verb}", data={"remarks": "x"}).status_code == status
    assert browser(leader).post(f"/meetings/{waiting}/approval/withdraw").status_code == 403


def test_a_stale_page_approves_nothing(browser: Callable[..., Client], waiting: str, approver: User) -> None:
    page = browser(approver).submit(f"/meetings/{waiting}/approval", {"seen": "0" * 64}, form="/approval/approve")
    assert page.status_code == 409 and "Xem bản hiện tại" in page.words


def test_an_administrator_lays_down_rules_for_her_own_units_only(
    browser: Callable[..., Client], administrator: User, units: Any
) -> None:
    typed = {"unit": make.MINISTRY, "needed": "yes", "meeting_type": "work", "valid_from": "01/12/2026"}
    page = browser(administrator).submit("/settings/approval", typed)
    assert "phải được duyệt" in page.soup.find("tbody").text and "Bộ Điều phối số" in page.soup.find("tbody").text
    local = browser(make.user(Role.ADMINISTRATOR, make.NGHE_AN, name="Quản Trị Tỉnh"))
    page = local.submit("/settings/approval", typed)
    assert page.status_code == 422 and page.soup.find(id="unit-error")
    assert local.post("/settings/approval/1/end").status_code == 404
    page = browser(administrator).submit("/settings/approval", form="/settings/approval/1/end")
    assert "đã hết hiệu lực" in page.words
