"""Writing, approving and handing out the minutes of a conference."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO

import docx
import pytest
from flask import Flask

from meetings import journal
from meetings.accounts.queries import actor_of
from meetings.accounts.rules import SYSTEM
from meetings.database import db
from meetings.errors import Refused
from meetings.minutes import blocks, handing, life, queries, services
from meetings.minutes.blocks import Page
from meetings.minutes.content import Concluded, Given, Spoken
from meetings.minutes.handing import Numbers
from meetings.minutes.models import Record
from meetings.minutes.rules import RecordStatus
from meetings.post.models import Letter
from meetings.scheduling import ruling
from meetings.scheduling.regime import Setting
from meetings.scheduling.rules import Status
from tests import make


def facts(meeting) -> list[str]:
    return [entry.fact for entry in journal.queries.of(meeting.code)]


def words(data: bytes) -> str:
    opened = docx.Document(BytesIO(data))
    cells = [cell.text for table in opened.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in opened.paragraphs), *cells]).replace("\u00a0", " ")


def write_something(record, hoa):
    """A statement, a conclusion and an action item."""
    item = queries.written(record).items[2]
    said = Spoken("đề nghị ban hành hướng dẫn kết nối dữ liệu.", "Nghệ An", "Ông Hoàng Văn Lộc, Phó Chủ tịch")
    given = Given("Ban hành hướng dẫn kết nối dữ liệu.", "Vụ Kế hoạch", "Trung tâm Thông tin", date(2027, 1, 29))
    for content in (said, Concluded("Thống nhất ban hành hướng dẫn."), given):
        blocks.add(record, content, item=item, actor=hoa)
    return item


@pytest.fixture
def approved(begun, hoa, approver):
    write_something(begun, hoa)
    life.submit(begun, actor=hoa)
    life.approve(begun, actor=actor_of(approver))
    return begun


def test_who_came_stands_in_one_sentence_however_it_was_typed(held, hoa):
    held.composition = "UBND tỉnh;\nChánh Văn phòng."
    held.host_composition = "Lãnh đạo Bộ;\nVăn phòng;"
    record = services.start(held, actor=hoa)
    assert "Tham dự Hội nghị có UBND tỉnh; Chánh Văn phòng.\n" in record.notice_opening
    assert record.attendance.startswith("Tại điểm cầu chính: lãnh đạo Bộ; Văn phòng (18 đại biểu);\n")


def test_new_minutes_know_the_meeting_its_agenda_and_its_roll(begun, held):
    rows = queries.written(begun)
    assert begun.status is RecordStatus.WRITING
    assert begun.started_at == held.opened_at
    assert [item.title for item in rows.items] == ["Khai mạc", "Báo cáo kết quả năm 2026", "Thảo luận", "Kết luận"]
    assert "1/2 điểm cầu tham dự, 12 đại biểu" in begun.attendance
    assert "điểm cầu tỉnh Hà Tĩnh (có báo trước, lý do: ứng phó bão)" in begun.attendance
    assert begun.chair == "Ông Lê Minh Khang, Bộ trưởng"
    assert begun.notice_title.startswith("Kết luận của Bộ trưởng Lê Minh Khang tại Hội nghị")
    assert "record.started" in facts(held)


def test_minutes_wait_for_the_roll(app, hoa, secretary):
    open_still = make.meeting(status=Status.IN_SESSION, secretary=secretary)
    with pytest.raises(Refused):
        services.start(open_still, actor=hoa)


def test_minutes_are_begun_once(begun, held, hoa):
    with pytest.raises(Refused):
        services.start(held, actor=hoa)


def test_a_statement_is_kept_changed_and_taken_away(begun, hoa):
    item = write_something(begun, hoa)
    (row,) = queries.statements_of(item)
    assert row.meeting_site is not None
    blocks.save(begun, Page(row.id, 1, item), Spoken("Sửa lại."), actor=hoa)
    blocks.add(begun, Spoken("Thêm."), item=item, actor=hoa)
    assert [one.text for one in queries.statements_of(item)] == ["Sửa lại.", "Thêm."]
    blocks.save(begun, Page(row.id, 2, item), Spoken(""), actor=hoa)
    assert [one.text for one in queries.statements_of(item)] == ["Thêm."]


def test_whoever_saves_second_is_told_who_was_faster(begun, hoa):
    item = write_something(begun, hoa)
    services.save_item(begun, item, "Trao đổi", (None, None), edition=0, actor=hoa)
    with pytest.raises(Refused, match="Nguyễn Thị Hoa"):
        services.save_item(begun, item, "Khác", (None, None), edition=0, actor=hoa)
    assert item.title == "Trao đổi"
    assert services.save_item(begun, item, "Trao đổi", (None, None), edition=0, actor=hoa), "the same agrees"


def test_a_statement_becomes_a_conclusion_and_an_action_item_once(begun, hoa):
    item = write_something(begun, hoa)
    (row,) = queries.statements_of(item)
    assert blocks.assign(begun, row, actor=hoa) is blocks.assign(begun, row, actor=hoa)
    assert blocks.conclude(begun, row, actor=hoa) is blocks.conclude(begun, row, actor=hoa)
    rows = queries.written(begun)
    assert len(rows.tasks) == 2 and len(rows.conclusions) == 2
    assert rows.tasks[1].due_on == date(2026, 12, 24)


def test_an_item_that_came_up_stands_before_the_conclusion(begun, hoa):
    services.add_item(begun, "Nội dung phát sinh", actor=hoa)
    assert [item.title for item in queries.written(begun).items][-2:] == ["Nội dung phát sinh", "Kết luận"]


def test_submitted_minutes_wait_unchanged(begun, hoa):
    item = write_something(begun, hoa)
    life.submit(begun, actor=hoa)
    with pytest.raises(Refused):
        services.save_item(begun, item, "Khác", (None, None), edition=0, actor=hoa)


def test_returned_minutes_can_be_mended_and_submitted_again(begun, held, hoa, approver):
    write_something(begun, hoa)
    life.submit(begun, actor=hoa)
    life.send_back(begun, "Ghi rõ đơn vị chủ trì.", actor=actor_of(approver))
    assert begun.status is RecordStatus.RETURNED
    blocks.add(begun, Concluded("Thống nhất."), actor=hoa)
    life.submit(begun, actor=hoa)
    assert begun.status is RecordStatus.SUBMITTED
    assert facts(held).count("record.submitted") == 2


def test_approval_keeps_the_very_files(approved, held):
    data = queries.kept(approved.record_sha256)
    assert data is not None
    text = words(data)
    assert "BIÊN BẢN" in text and "Điểm cầu tỉnh Nghệ An - Ông Hoàng Văn Lộc" in text
    assert "Vụ Kế hoạch" in text and "29/01/2027" in text
    notice = words(queries.kept(approved.notice_sha256) or b"")
    assert "hoàn thành trước ngày 29 tháng 01 năm 2027" in notice and notice.count("./.") == 1
    names = [name for name, _data in queries.documents(held)]
    assert names == [f"Bien-ban-{held.code}.docx", f"Thong-bao-ket-luan-{held.code}.docx"]


def test_an_issue_without_a_number_leaves_room_for_it(approved, held, records_clerk):
    handing.issue(approved, Numbers(), [], [], actor=actor_of(records_clerk), silent=True)
    assert "/TB-BĐPS" in words(queries.kept(approved.notice_sha256) or b"")
    assert queries.issued_notice(held) is not None


def test_an_issue_goes_to_the_leaders_by_letter_and_link(approved, held, records_clerk, app):
    leader = make.person("Lê Minh Khang")
    before = approved.notice_sha256
    handing.issue(
        approved,
        Numbers("31", date(2026, 12, 10), "412", date(2026, 12, 14)),
        [leader],
        [("", "luutru@bdps.example"), ("Cũng là ông ấy", leader.email)],
        actor=actor_of(records_clerk),
    )
    assert approved.notice_sha256 != before
    assert "Số: 412/TB-BĐPS" in words(queries.kept(approved.notice_sha256) or b"")
    entry = next(e for e in journal.queries.of(held.code) if e.fact == "record.issued")
    handing.hand_out(entry)
    handing.hand_out(entry)
    letters = db.session.query(Letter).filter_by(kind="conclusions").order_by(Letter.id).all()
    assert [letter.to_address for letter in letters] == [leader.email, "luutru@bdps.example"]
    letter = letters[0]
    assert letter.link_purpose == "v"
    assert [file["name"] for file in letter.enclosures] == [
        f"Thong-bao-ket-luan-{held.code}.docx",
        f"Bien-ban-{held.code}.docx",
    ]


def test_an_issue_to_nobody_is_refused_unless_it_is_meant(approved, hoa):
    with pytest.raises(Refused, match="Ban hành, không gửi thư") as refused:
        handing.issue(approved, Numbers(), [], [], actor=hoa)
    assert refused.value.field == "people"


def test_a_silent_issue_goes_to_nobody_and_contradicts_an_address(approved, hoa):
    with pytest.raises(Refused) as refused:
        handing.issue(approved, Numbers(), [], [("", "luutru@bdps.example")], actor=hoa, silent=True)
    assert refused.value.field == "silent"
    approved.status = RecordStatus.APPROVED
    handing.issue(approved, Numbers(), [make.person("Lê Minh Khang")], [], actor=hoa, silent=True)
    assert not queries.hand_outs(approved)


def test_issued_documents_are_handed_on_by_letter_and_link(approved, held, hoa):
    leader = make.person("Lê Minh Khang")
    handing.issue(approved, Numbers(), [leader], [], actor=hoa)
    kept = approved.notice_sha256
    assert handing.hand_on(approved, [], [("Bà Hà", "Ha@bdps.example"), ("", "ha@bdps.example")], actor=hoa) == 1
    entry = next(e for e in journal.queries.of(held.code) if e.fact == "record.handed_on")
    assert entry.payload.data["handed_to"] == 1 and entry.actor == hoa.key
    for due in ("record.issued", "record.handed_on", "record.handed_on"):
        handing.hand_out(next(e for e in journal.queries.of(held.code) if e.fact == due))
    letters = db.session.query(Letter).filter_by(kind="conclusions").order_by(Letter.id).all()
    assert [letter.to_address for letter in letters] == [leader.email, "ha@bdps.example"]
    assert [letter.link_purpose for letter in letters] == ["v", "v"]
    assert approved.notice_sha256 == kept


def test_nobody_is_handed_the_documents_twice(approved, hoa):
    leader = make.person("Lê Minh Khang")
    handing.issue(approved, Numbers(), [leader], [], actor=hoa)
    with pytest.raises(Refused, match=leader.email) as refused:
        handing.hand_on(approved, [leader], [], actor=hoa)
    assert refused.value.field == "people"
    with pytest.raises(Refused, match=leader.email) as refused:
        handing.hand_on(approved, [], [("", "moi@bdps.example"), ("", leader.email)], actor=hoa)
    assert refused.value.field == "others"
    with pytest.raises(Refused):
        handing.hand_on(approved, [], [], actor=hoa)
    assert [one.email for one in queries.hand_outs(approved)] == [leader.email]


def test_what_was_not_issued_is_not_handed_on(approved, hoa):
    with pytest.raises(Refused):
        handing.hand_on(approved, [], [("", "ha@bdps.example")], actor=hoa)


def test_leaders_with_an_account_are_offered_beside_those_of_the_directory(held):
    listed = make.person("Lê Minh Khang")
    make.user("leader", name="Lê Minh Khang", email=listed.email)
    account = make.user("leader", name="Trần Thu Hà")
    make.user("leader", name="Đã Nghỉ", active=False)
    make.user("leader", make.NATION, name="Cấp Trên")
    make.user("leader", make.NGHE_AN, name="Nơi Khác")
    assert [one.email for one in queries.offered(held)] == [listed.email, account.email]


def test_a_line_that_is_no_address_is_named(app):
    assert handing.addresses("Bà Phạm Thu Hà <Ha@bdps.example>;\n khang@bdps.example ") == [
        ("Bà Phạm Thu Hà", "ha@bdps.example"),
        ("", "khang@bdps.example"),
    ]
    with pytest.raises(Refused, match="phòng họp"):
        handing.addresses("phòng họp 2A")


def test_a_new_version_begins_with_the_last_and_leaves_it_standing(approved, hoa, held):
    again = life.renew(approved, "Sửa tên đơn vị.", actor=hoa)
    assert (again.version, again.status, again.reason) == (2, RecordStatus.WRITING, "Sửa tên đơn vị.")
    old, new = queries.written(approved), queries.written(again)
    assert [row.text for row in new.conclusions] == [row.text for row in old.conclusions]
    assert new.count == old.count == 1
    assert queries.newest(held) is again
    with pytest.raises(Refused):
        life.renew(approved, "Nữa.", actor=hoa)


def test_the_notice_is_due_by_the_rule_that_held_when_the_meeting_ended(app: Flask) -> None:
    held = Record(ended_at=make.at("2026-12-10 11:15"))
    assert services.notice_due(held) == date(2026, 12, 17)
    rule = replace(ruling.rules_on(date(2026, 12, 1))["notice"], value={"days": 2}, valid_from=date(2026, 12, 10))
    ruling.change(rule, "Quy chế của cơ quan", actor=SYSTEM)
    assert services.notice_due(held) == date(2026, 12, 14)
    assert services.notice_due(Record(ended_at=make.at("2026-12-09 11:15"))) == date(2026, 12, 16)
    ruling.change(replace(rule, setting=Setting.OFF), "Không áp dụng", actor=SYSTEM)
    assert services.notice_due(held) is None
