"""The minutes as people meet them: the editor, the approval, the issue, the private link."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from meetings import links
from meetings.accounts.queries import actor_of
from meetings.accounts.rules import Role
from meetings.database import db
from meetings.minutes import handing, life, queries, services
from meetings.minutes.handing import Numbers
from meetings.minutes.models import HandOut, Record
from meetings.minutes.rules import RecordStatus
from meetings.minutes.services import Said
from meetings.post.models import Letter
from meetings.scheduling.rules import Status
from tests import make
from tests.minutes.conftest import close_roll
from tests.pages import standing

JSON = {"Accept": "application/json"}
READER = {"reader": "yes"}


def page_of(meeting) -> str:
    return f"/meetings/{meeting.code}/minutes"


def newest(meeting) -> Record:
    db.session.expire_all()
    found = queries.newest(meeting)
    assert found is not None
    return found


@pytest.fixture
def said(begun, hoa):
    """The minutes with one statement under the discussion."""
    item = queries.written(begun).items[2]
    services.save_item(
        begun, item, item.title, (item.starts_at, item.ends_at), [Said(None, "Nghệ An", "Ông Lộc", "đề nghị hướng dẫn.")],
        edition=0, actor=hoa,
    )  # fmt: skip
    make.done()
    return begun


@pytest.fixture
def issued(said, hoa, approver, records_clerk):
    """The minutes issued to the minister."""
    leader = make.person("Lê Minh Khang")
    life.submit(said, actor=hoa)
    life.approve(said, actor=actor_of(approver))
    handing.issue(said, Numbers("31", None, "412", None), [leader], [], actor=actor_of(records_clerk))
    make.done()
    return said


@pytest.fixture
def private(issued) -> str:
    """The address of the minister's private link."""
    (found,) = queries.hand_outs(issued)
    return f"/v/{links.token('v', found.link.id, found.link.issue)}"


def last_code() -> str:
    db.session.expire_all()
    letter = db.session.query(Letter).filter_by(kind="reading_code").order_by(Letter.id.desc()).first()
    return letter.fills["code"]


# ------------------------------------------------------------------ writing


def test_before_the_roll_is_closed_the_page_says_so(browser, secretary):
    meeting = make.meeting(status=Status.IN_SESSION, secretary=secretary)
    page = browser(secretary).get(page_of(meeting))
    assert "Chưa chốt điểm danh" in page.words


def test_one_press_begins_the_minutes(browser, secretary, held):
    page = browser(secretary).submit(page_of(held), form="start")
    assert page.status_code == 200
    assert "Thảo luận" in page.words and "Đã lập biên bản" in page.words


def test_the_editor_saves_an_agenda_item_without_any_script(browser, secretary, begun, held):
    item = queries.written(begun).items[2]
    client = browser(secretary)
    typed = {
        f"item-{item.id}-said-0-site": "Nghệ An",
        f"item-{item.id}-said-0-speaker": "Ông Hoàng Văn Lộc, Phó Chủ tịch",
        f"item-{item.id}-said-0-text": "Đề nghị ban hành hướng dẫn & <biểu mẫu>.",
    }
    page = client.submit(page_of(held), typed, form=f"items/{item.id}")
    assert "Đề nghị ban hành hướng dẫn & <biểu mẫu>." in page.words
    (row,) = queries.statements_of(queries.written(newest(held)).items[2])
    assert row.meeting_site is not None


def test_a_press_makes_an_action_item_of_a_statement(browser, secretary, said, held):
    item = queries.written(said).items[2]
    page = browser(secretary).submit(page_of(held), {"assign": "0"}, form=f"items/{item.id}")
    (task,) = queries.written(newest(held)).tasks
    assert task.text == "đề nghị hướng dẫn."
    assert "Nhiệm vụ" in page.words


def test_the_script_is_told_the_new_edition_and_ids(browser, secretary, begun, held):
    item = queries.written(begun).items[0]
    client = browser(secretary)
    client.get(page_of(held))
    data = {f"item-{item.id}-edition": "0", f"item-{item.id}-title": "Khai mạc", f"item-{item.id}-said-0-id": "",
            f"item-{item.id}-said-0-text": "Chủ tọa khai mạc."}  # fmt: skip
    answer = client.post(f"{page_of(held)}/items/{item.id}", data=data, headers=JSON)
    assert answer.status_code == 200
    assert answer.json["edition"] == 1 and len(answer.json["ids"]) == 1
    again = client.post(f"{page_of(held)}/items/{item.id}", data=data, headers=JSON)
    assert again.status_code == 409
    assert "Nguyễn Thị Hoa vừa sửa mục này" in again.json["error"]


def test_a_conflict_keeps_what_was_typed_and_shows_what_is_saved(browser, secretary, said, held):
    item = queries.written(said).items[2]
    client = browser(secretary)
    client.get(page_of(held))
    key = f"item-{item.id}"
    data = {
        f"{key}-edition": "0",
        f"{key}-title": "Thảo luận",
        f"{key}-said-0-id": "",
        f"{key}-said-0-text": "Chữ của tôi.",
    }
    page = client.post(f"{page_of(held)}/items/{item.id}", data=data)
    assert page.status_code == 409
    assert "Chữ của tôi." in page.soup.find("textarea", {"id": f"{key}-said-0-text"}).text
    assert "đề nghị hướng dẫn." in page.words
    assert page.soup.find("input", {"name": f"{key}-edition"})["value"] == "1"
    assert len(queries.statements_of(queries.written(newest(held)).items[2])) == 1


@pytest.mark.parametrize("bad", ["chu\x00", "chuông\x07", "x" * 8001])
def test_what_cannot_be_kept_is_refused_at_its_place(browser, secretary, begun, held, bad):
    item = queries.written(begun).items[0]
    client = browser(secretary)
    client.get(page_of(held))
    key = f"item-{item.id}"
    data = {f"{key}-edition": "0", f"{key}-title": "Khai mạc", f"{key}-said-0-id": "", f"{key}-said-0-text": bad}
    page = client.post(f"{page_of(held)}/items/{item.id}", data=data)
    assert page.status_code in (400, 422)
    assert queries.written(newest(held)).count == 0


def test_conclusions_tasks_head_and_notice_are_saved_each_by_itself(browser, secretary, begun, held):
    client, page = browser(secretary), page_of(held)
    client.submit(page, {"conclusions-texts-0": "Thống nhất."}, form="/conclusions")
    client.submit(page, {"tasks-tasks-0-text": "Ban hành.", "tasks-tasks-0-lead": "Vụ Kế hoạch"}, form="/tasks")
    client.submit(page, {"head-ended": "11:20"}, form="/head")
    client.submit(page, {"notice-notice_last": "Bộ thông báo để biết"}, form="/notice")
    rows = queries.written(newest(held))
    assert [row.text for row in rows.conclusions] == ["Thống nhất."]
    assert (rows.tasks[0].lead, rows.tasks[0].due_on.isoformat()) == ("Vụ Kế hoạch", "2026-12-24")
    assert rows.record.ended_at == make.at("2026-12-10 11:20")
    assert rows.record.notice_last == "Bộ thông báo để biết"
    assert {key: block.edition for key, block in rows.blocks.items()} == {
        "conclusions": 1,
        "tasks": 1,
        "head": 1,
        "notice": 1,
    }


def test_an_end_before_the_beginning_is_refused_at_its_field(browser, secretary, begun, held):
    page = browser(secretary).submit(page_of(held), {"head-ended": "07:00"}, form="/head")
    assert page.status_code == 422
    assert "Giờ kết thúc phải sau giờ bắt đầu" in page.words


def test_an_incomplete_record_is_not_submitted(browser, secretary, begun, held):
    page = browser(secretary).submit(page_of(held), form="/submit")
    assert page.status_code == 422
    assert "Ghi ít nhất một ý kiến" in page.words
    assert newest(held).status is RecordStatus.WRITING


# ------------------------------------------------------------------ approving and issuing


def test_the_approver_reads_returns_and_approves(browser, secretary, approver, said, held):
    browser(secretary).submit(page_of(held), form="/submit")
    head = browser(approver)
    head.submit(page_of(held), {"return-reason": "Ghi rõ đơn vị."}, form="/return")
    again = browser(secretary).get(page_of(held))
    assert "Ghi rõ đơn vị." in again.words
    browser(secretary).submit(page_of(held), form="/submit")
    page = head.submit(page_of(held), form="/approve")
    assert "Đã duyệt" in page.words
    assert newest(held).status is RecordStatus.APPROVED


def test_a_return_needs_a_reason(browser, approver, said, held, hoa):
    life.submit(said, actor=hoa)
    page = browser(approver).submit(page_of(held), form="/return")
    assert page.status_code == 422 and "Nhập lý do" in page.words


def test_the_records_clerk_gives_numbers_and_sends(browser, records_clerk, approver, said, held, hoa):
    leader = make.person("Lê Minh Khang")
    life.submit(said, actor=hoa)
    life.approve(said, actor=actor_of(approver))
    page = browser(records_clerk).submit(
        page_of(held),
        {"issue-notice_number": "412", "issue-notice_on": "2026-12-14", "issue-others": "luutru@bdps.example"},
        form="/issue",
    )
    assert "Đã ban hành biên bản. 2 thư đang được gửi." in page.words
    record = newest(held)
    assert record.notice_number == "412"
    assert [one.email for one in queries.hand_outs(record)] == [leader.email, "luutru@bdps.example"]


@pytest.fixture
def approved(said, hoa, approver):
    """The minutes approved, to be issued."""
    life.submit(said, actor=hoa)
    life.approve(said, actor=actor_of(approver))
    make.done()
    return said


def test_an_issue_to_nobody_is_refused_at_the_recipients(browser, records_clerk, approved, held):
    client = browser(records_clerk)
    page = client.submit(page_of(held), form="/issue")
    assert page.status_code == 422
    assert "Chọn hoặc nhập ít nhất một người nhận" in page.soup.find(id="issue-people").get_text()
    assert newest(held).status is RecordStatus.APPROVED
    page = client.submit(page_of(held), {"issue-silent": "y"}, form="/issue")
    assert "Đã ban hành biên bản. Chưa gửi thư cho ai." in page.words
    assert newest(held).status is RecordStatus.ISSUED
    assert not queries.hand_outs(newest(held))


def test_a_leader_with_an_account_is_offered_and_receives_the_minutes(browser, records_clerk, leader, approved, held):
    assert leader.email in browser(records_clerk).get(page_of(held)).words
    browser(records_clerk).submit(page_of(held), form="/issue")
    (found,) = queries.hand_outs(newest(held))
    assert (found.email, found.name, found.person_id) == (leader.email, "Ông Lê Minh Khang", None)


def test_the_issued_minutes_are_sent_to_more_readers(browser, records_clerk, issued, held):
    client = browser(records_clerk)
    made = make.person("Trần Thu Hà", honorific="Bà")
    make.done()
    form = client.get(page_of(held)).form("/hand-on")
    assert made.email in form.get_text() and "le.minh.khang" not in form.get_text()
    typed = {"more-people": f"person-{made.id}", "more-others": "luutru@bdps.example"}
    page = client.submit(page_of(held), typed, form="/hand-on")
    assert "2 thư nữa đang được gửi." in page.words
    assert [one.email for one in queries.hand_outs(newest(held))][1:] == [made.email, "luutru@bdps.example"]
    again = client.submit(page_of(held), {"more-others": "luutru@bdps.example"}, form="/hand-on")
    assert "đã được gửi văn bản này" in again.soup.find(id="more-others-error").text
    nobody = client.submit(page_of(held), form="/hand-on")
    assert nobody.status_code == 422 and "ít nhất một người nhận" in nobody.words


def test_who_may_not_issue_sends_to_nobody(browser, leader, issued, held):
    client = browser(leader)
    assert not client.get(page_of(held)).soup.find("form", action=re.compile("/hand-on"))
    assert client.post(f"{page_of(held)}/hand-on", data={"more-others": "x@bdps.example"}).status_code == 403


@pytest.mark.parametrize("field", ["on", "notice_on"])
@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2020-01-01", "Ngày không được trước ngày họp 10/12/2026."),
        ("2026-12-09", "Ngày không được trước ngày họp 10/12/2026."),
        ("2027-01-10", "Ngày không được sau 09/01/2027, tức 30 ngày kể từ hôm nay."),
    ],
)
def test_an_impossible_date_is_refused_at_its_field(
    browser, records_clerk, approver, said, held, hoa, field, day, sentence
):
    life.submit(said, actor=hoa)
    life.approve(said, actor=actor_of(approver))
    typed = {f"issue-{field}": day, "issue-others": "luutru@bdps.example"}
    page = browser(records_clerk).submit(page_of(held), typed, form="/issue")
    assert page.status_code == 422
    assert sentence in page.soup.find(id=f"issue-{field}-error").text
    assert newest(held).status is RecordStatus.APPROVED


@pytest.mark.parametrize("day", ["2026-12-10", "2027-01-09"])
def test_a_date_from_the_day_of_the_meeting_on_is_kept(browser, records_clerk, approver, said, held, hoa, day):
    life.submit(said, actor=hoa)
    life.approve(said, actor=actor_of(approver))
    typed = {"issue-on": day, "issue-others": "luutru@bdps.example"}
    browser(records_clerk).submit(page_of(held), typed, form="/issue")
    assert newest(held).numbered_on.isoformat() == day


def test_a_wrong_address_is_refused_at_its_field(browser, records_clerk, approver, said, held, hoa):
    life.submit(said, actor=hoa)
    life.approve(said, actor=actor_of(approver))
    page = browser(records_clerk).submit(page_of(held), {"issue-others": "không phải"}, form="/issue")
    assert page.status_code == 422 and "không phải địa chỉ thư" in page.words
    assert newest(held).status is RecordStatus.APPROVED


def test_the_organisers_site_officer_reads_only_what_was_issued(browser, said, held):
    client = browser(make.user("site_officer", make.MINISTRY), look=False)
    assert client.get(page_of(held)).status_code == 403
    assert client.get(f"/meetings/{held.code}/documents/bien-ban.docx").status_code == 404
    assert page_of(held) not in str(client.get(f"/meetings/{held.code}").soup), "no tab leads where she may not go"


def test_she_reads_no_minutes_that_were_not_begun(browser, held):
    assert browser(make.user("site_officer", make.MINISTRY), look=False).get(page_of(held)).status_code == 403


@pytest.mark.parametrize("role", ["records_clerk", "finance", "leader"])
def test_the_draft_is_read_by_every_role_that_reads_the_record(browser, said, held, role):
    page = browser(make.user(role)).get(page_of(held))
    assert "đề nghị hướng dẫn." in page.words


@pytest.mark.parametrize("role", ["finance", "site_officer"])
def test_everybody_who_may_read_it_reads_the_issued_minutes(browser, issued, held, role):
    client = browser(make.user(role, make.MINISTRY))
    page = client.get(page_of(held))
    assert "đề nghị hướng dẫn." in page.words
    assert not page.soup.find("form", action=re.compile("/renew"))
    assert page_of(held) in str(client.get(f"/meetings/{held.code}").soup)
    assert client.get(f"/meetings/{held.code}/documents/bien-ban.docx").status_code == 200


def test_an_invited_unit_gets_the_notice_and_not_the_minutes(browser, site_officer, said, held, approver, hoa):
    client = browser(site_officer, look=False)
    notice, record = (f"/meetings/{held.code}/documents/{name}.docx" for name in ("thong-bao-ket-luan", "bien-ban"))
    assert client.get(notice).status_code == 404
    life.submit(said, actor=hoa)
    life.approve(said, actor=actor_of(approver))
    assert client.get(notice).status_code == 404
    handing.issue(said, Numbers(), [], [], actor=hoa, silent=True)
    assert client.get(notice).data[:2] == b"PK"
    assert client.get(record).status_code == 403


def test_a_stranger_learns_nothing(browser, issued, held):
    stranger = make.user(Role.SECRETARY, make.HO_CHI_MINH)
    assert browser(stranger, look=False).get(page_of(held)).status_code == 404


def test_a_new_version_is_begun_with_a_reason(browser, secretary, issued, held):
    page = browser(secretary).submit(page_of(held), {"renew-reason": "Sửa tên đơn vị."}, form="/renew")
    assert "Đã lập phiên bản mới" in page.words
    assert (newest(held).version, newest(held).status) == (2, RecordStatus.WRITING)
    assert browser(secretary).get(f"{page_of(held)}/versions/1").status_code == 200


# ------------------------------------------------------------------ the private link


def test_the_private_link_asks_for_a_code_that_goes_to_the_same_address(client, private):
    page = client.get(private)
    assert "đề nghị hướng dẫn" not in page.words
    assert "l•••@bdps.example" in page.words and "le.minh.khang" not in page.words
    client.submit(private, READER, form="/code")
    shown = client.submit(private, {"code": last_code()[:4] + " " + last_code()[4:]}, form="Mở văn bản")
    assert "đề nghị hướng dẫn." in shown.words
    assert client.get(f"{private}/bien-ban.docx").data[:2] == b"PK"
    assert client.get(f"{private}/thong-bao-ket-luan.docx").data[:2] == b"PK"


def test_no_code_is_sent_to_who_does_not_say_that_she_is_the_reader(client, private):
    page = client.submit(private, form="/code")
    assert page.status_code == 422 and "Đánh dấu vào ô này để nhận mã." in page.words
    assert db.session.query(Letter).filter_by(kind="reading_code").count() == 0


def test_a_code_is_used_once(browser, private):
    first = browser()
    first.submit(private, READER, form="/code")
    code = last_code()
    first.submit(private, {"code": code}, form="Mở văn bản")
    client = browser()
    assert "đã được dùng" in client.get(private).words
    other = client.post(private, data={"code": code})
    assert other.status_code == 410 and "đề nghị hướng dẫn" not in other.words


def test_five_wrong_tries_end_a_code(client, private):
    client.submit(private, READER, form="/code")
    wrong = "00000000" if last_code() != "00000000" else "11111111"
    for left in (4, 3, 2, 1):
        page = client.submit(private, {"code": wrong}, form="Mở văn bản")
        assert page.status_code == 422
        assert f"Mã không đúng với mã trong thư. Còn {left} lần thử." in page.words
    page = client.submit(private, {"code": wrong}, form="Mở văn bản")
    assert page.status_code == 422 and "quá số lần" in page.words and "lần thử" not in page.words
    page = client.post(private, data={"code": last_code()})
    assert page.status_code == 429 and "quá số lần" in page.words


def test_after_five_wrong_tries_the_page_does_not_send_her_to_look_for_the_dead_code(client, private, clock):
    client.submit(private, READER, form="/code")
    wrong = "00000000" if last_code() != "00000000" else "11111111"
    for _ in range(5):
        client.submit(private, {"code": wrong}, form="Mở văn bản")
    page = client.get(private)
    assert "đã bị nhập sai quá số lần cho phép" in page.words and "Gửi mã mới" in page.words
    assert "Mã dùng được" not in page.words and "Mở văn bản" not in page.words
    soon = client.submit(private, READER, form="/code")
    assert soon.status_code == 429
    assert "Mã trước không còn dùng được." in soon.words and "Xem thư" not in soon.words
    clock.forward(minutes=2)
    page = client.submit(private, READER, form="/code")
    assert "quá số lần" not in page.words and "dùng được một lần" in page.words
    assert "đề nghị hướng dẫn." in client.submit(private, {"code": last_code()}, form="Mở văn bản").words


def test_an_old_code_opens_nothing(client, private, clock):
    client.submit(private, READER, form="/code")
    clock.forward(minutes=16)
    assert "đã hết hiệu lực" in client.get(private).words
    assert client.post(private, data={"code": last_code()}).status_code == 410


def test_codes_are_not_sent_faster_than_one_a_minute(client, private):
    client.submit(private, READER, form="/code")
    page = client.submit(private, READER, form="/code")
    assert page.status_code == 429
    assert db.session.query(Letter).filter_by(kind="reading_code").count() == 1


def test_files_stay_shut_without_the_code(client, private):
    assert client.get(f"{private}/bien-ban.docx").status_code == 303


def test_opening_the_link_changes_nothing(client, private):
    for _ in range(20):
        client.get(private)
        client.head(private)
    assert db.session.query(HandOut).one().opened_at is None


def test_whoever_has_signed_in_and_may_read_needs_no_code(browser, leader, private, issued):
    client = browser(leader)
    page = client.get(private)
    assert "đề nghị hướng dẫn." in page.words
    client.submit(private, form="/opened")
    db.session.expire_all()
    assert db.session.query(HandOut).one().opened_at is not None


def test_a_link_of_another_kind_or_an_older_issue_opens_nothing(client, private, issued):
    (found,) = queries.hand_outs(issued)
    for token in ("x", links.token("m", found.link.id, 1), links.token("v", found.link.id, 2)):
        assert client.get(f"/v/{token}").status_code == 410
    found.link.ended_at = make.at("2026-12-11 08:00")
    make.done()
    assert client.get(private).status_code == 410


def test_the_code_letter_is_not_carried_when_it_is_of_no_use(client, private):
    client.submit(private, READER, form="/code")
    db.session.expire_all()
    letter = db.session.query(Letter).filter_by(kind="reading_code").one()
    assert letter.not_after - letter.written_at == timedelta(minutes=15)


# ------------------------------------------------------------------ meetings of more than a day


@pytest.fixture
def course(clock, secretary, hoa):
    """The minutes of a training course of two days, just begun."""
    meeting = make.meeting(status=Status.CLOSED, secretary=secretary, starts="2026-12-10 08:00", minutes=30 * 60)
    close_roll(meeting)
    clock.at("2026-12-11 15:00")
    return services.start(meeting, actor=hoa)


def test_the_head_of_a_course_of_two_days_keeps_its_second_day(browser, secretary, course):
    client, url = browser(secretary), page_of(course.meeting)
    client.submit(url, {"head-ended": "13:30"}, form="/minutes/head")
    record = newest(course.meeting)
    assert (record.started_at, record.ended_at) == (make.at("2026-12-10 08:00"), make.at("2026-12-11 13:30"))
    client.submit(url, {"head-ended": "17:00", "head-to_day": "2026-12-10"}, form="/minutes/head")
    assert newest(course.meeting).ended_at == make.at("2026-12-10 17:00")


def test_an_agenda_item_of_the_second_day_stays_on_it(browser, secretary, course):
    item = queries.written(course).items[-1]
    starts, ends, id = item.starts_at, item.ends_at, item.id
    assert ends == make.at("2026-12-11 14:00")
    browser(secretary).submit(page_of(course.meeting), {f"item-{id}-ends": "13:45"}, form=f"/items/{id}")
    kept = queries.written(newest(course.meeting)).items[-1]
    assert (kept.starts_at, kept.ends_at) == (starts, make.at("2026-12-11 13:45"))


def test_a_day_outside_the_course_is_refused_at_its_field(browser, secretary, course):
    client, url = browser(secretary), page_of(course.meeting)
    form = client.get(url).form("/minutes/head")
    page = client.post(form["action"], data={**standing(form), "head-to_day": "2026-12-25", "head-ended": "16:16"})
    assert page.status_code == 422
    assert "Chọn một trong các ngày đã nêu." in page.words
    assert page.soup.find(id="head-ended")["value"] == "16:16"


def test_the_minutes_of_one_day_are_not_asked_for_days(browser, secretary, begun):
    page = browser(secretary).get(page_of(begun.meeting))
    assert not page.soup.find("select", attrs={"name": re.compile("_day$")})
