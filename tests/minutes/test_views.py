"""The minutes as people meet them: the editor, the approval, the issue, the private link."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from meetings import links
from meetings.accounts.queries import actor_of
from meetings.accounts.rules import Role
from meetings.attendance.models import Presence
from meetings.attendance.rules import State
from meetings.database import db
from meetings.minutes import blocks, handing, life, queries, services
from meetings.minutes.blocks import Page
from meetings.minutes.content import Concluded, Spoken
from meetings.minutes.handing import Numbers
from meetings.minutes.models import HandOut, Record
from meetings.minutes.rules import RecordStatus
from meetings.post.models import Letter
from meetings.scheduling.rules import Status
from tests import make
from tests.minutes.conftest import close_roll
from tests.pages import standing

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
    blocks.add(begun, Spoken("đề nghị hướng dẫn.", "Nghệ An", "Ông Lộc"), item=item, actor=hoa)
    make.done()
    return begun


@pytest.fixture
def issued(said, hoa, approver, records_clerk):
    """The minutes issued to the minister."""
    leader = make.person("Lê Minh Khang")
    life.submit(said, actor=hoa)
    life.approve(said, actor=actor_of(approver))
    handing.issue(
        said, Numbers("31", date(2026, 12, 10), "412", date(2026, 12, 14)), [leader], [], actor=actor_of(records_clerk)
    )
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


def blank(client, held, item, kinds="statements") -> tuple[str, dict]:
    """The address and the values of the empty block at the end of a list."""
    form = client.get(f"{page_of(held)}?item={item.id}").soup.select_one(f".blank form[action$={kinds}]")
    return form["action"], standing(form)


def test_a_block_is_saved_without_any_script(browser, secretary, begun, held):
    item = queries.written(begun).items[2]
    client = browser(secretary)
    url, values = blank(client, held, item)
    typed = {"site": "Nghệ An", "speaker": "Ông Lộc", "text": "Đề nghị ban hành hướng dẫn & <biểu mẫu>."}
    page = client.post(url, data={**values, **typed}, follow_redirects=True)
    assert "Đề nghị ban hành hướng dẫn & <biểu mẫu>." in page.words and "chưa có trong danh sách" in page.words
    (row,) = queries.statements_of(queries.written(newest(held)).items[2])
    assert row.meeting_site is not None and row.edition == 1
    client.post(url, data={**values, **typed}, follow_redirects=True)
    assert queries.written(newest(held)).count == 1, "the same page sent twice"


def test_a_press_makes_an_action_item_of_a_statement(browser, secretary, said, held):
    item = queries.written(said).items[2]
    client = browser(secretary)
    form = client.get(f"{page_of(held)}?item={item.id}").soup.select_one(".statement:not(.blank) form")
    page = client.post(form["action"], data={**standing(form), "do": "assign"}, follow_redirects=True)
    (task,) = queries.written(newest(held)).tasks
    assert task.text == "Đề nghị hướng dẫn." and task.due_on.isoformat() == "2026-12-24"
    assert page.soup.select_one(".statement .tag.sent").text == "Nhiệm vụ"
    form = page.soup.select_one(".task:not(.blank) form")
    client.post(form["action"], data={**standing(form), "do": "due-30"})
    assert queries.written(newest(held)).tasks[0].due_on.isoformat() == "2027-01-22"


def test_a_command_at_the_beginning_of_a_line_works_without_any_script(browser, secretary, begun, held):
    client = browser(secretary)
    url, values = blank(client, held, queries.written(begun).items[2])
    page = client.post(url, data={**values, "text": "/nv ban hành hướng dẫn\n/kl thống nhất"}, follow_redirects=True)
    rows = queries.written(newest(held))
    assert ([t.text for t in rows.tasks], [c.text for c in rows.conclusions]) == (
        ["Ban hành hướng dẫn"],
        ["Thống nhất"],
    )
    assert "chưa có đơn vị chủ trì" in page.words and rows.count == 0


def test_a_conflict_shows_both_wordings_and_lets_a_person_choose(browser, secretary, said, held):
    item = queries.written(said).items[2]
    client = browser(secretary)
    form = client.get(f"{page_of(held)}?item={item.id}").soup.select_one(".statement:not(.blank) form")
    blocks.save(said, Page(int(form.select_one("[name=id]")["value"]), 1, item), Spoken("Bản của người khác."),
                actor=make.actor(make.user("secretary", name="Trần Thị Lan", email="lan@bdps.example")))  # fmt: skip
    make.done()
    page = client.post(form["action"], data={**standing(form), "text": "Bản của tôi."})
    assert page.status_code == 409
    torn = page.soup.select_one(".torn")
    assert "Trần Thị Lan vừa lưu mục này" in torn.text and "Bản của người khác." in torn.select_one(".two p").text
    assert torn.select_one("textarea").text.strip() == "Bản của tôi."
    assert [b.text for b in torn.select(".conflict > .buttons button")] == ["Giữ bản của tôi", "Gộp", "Lấy bản đã lưu"]
    both = client.post(form["action"], data={**standing(torn.form), "do": "both"}, follow_redirects=True)
    assert both.status_code == 200
    (row,) = queries.statements_of(queries.written(newest(held)).items[2])
    assert row.text == "Bản của người khác.\nBản của tôi."
    gone = client.post(form["action"], data={**standing(torn.form), "text": "Thứ ba.", "edition": "3", "do": "theirs"})
    assert gone.status_code == 303
    page = client.get(f"{page_of(held)}?item={item.id}")
    assert "Thứ ba." in page.soup.select_one("#scraps").text, "what was not taken can be put back"


def test_deleting_can_be_undone(browser, secretary, said, held):
    item = queries.written(said).items[2]
    client = browser(secretary)
    form = client.get(f"{page_of(held)}?item={item.id}").soup.select_one(".statement:not(.blank) form")
    page = client.post(form["action"], data={**standing(form), "do": "remove"}, follow_redirects=True)
    assert queries.written(newest(held)).count == 0
    page = client.post(page.soup.select_one("#scraps form")["action"], follow_redirects=True)
    assert "đề nghị hướng dẫn." in page.soup.select_one(".statement textarea").text


def test_a_conclusion_that_is_put_back_takes_nobody_to_another_agenda_item(browser, secretary, said, held, hoa):
    under, open_ = queries.written(said).items[1:3]
    blocks.remove(said, blocks.add(said, Concluded("Thống nhất."), item=under, actor=hoa), actor=hoa)
    make.done()
    client = browser(secretary)
    page = client.get(f"{page_of(held)}?item={open_.id}")
    page = client.post(page.soup.select_one("#scraps form")["action"], follow_redirects=True)
    assert open_.title in page.soup.select_one("#item-h").text
    (back,) = queries.written(newest(held)).conclusions
    assert (back.text, back.item_id) == ("Thống nhất.", under.id)


def test_who_else_is_writing_is_told_with_the_page(browser, secretary, said, held):
    lan = make.user("secretary", name="Trần Thị Lan", email="lan@bdps.example")
    assert "Bà Hoa đang ghi mục 3." in browser(lan).get(page_of(held)).soup.select_one(".writers").text
    assert not browser(secretary).get(page_of(held)).soup.select_one(".writers").text.strip()


def test_only_the_open_agenda_item_is_written_out_and_the_script_is_told_what_is_new(
    browser, secretary, said, held, hoa, clock
):
    rows = queries.written(said)
    for number in range(110):
        blocks.add(said, Spoken(f"Ý kiến {number}."), item=rows.items[1], actor=hoa)
    make.done()
    client = browser(secretary)
    assert len(client.get(f"{page_of(held)}?item={rows.items[2].id}").soup.select(".statement")) == 2
    clock.at("2026-12-10 12:10")
    page = client.get(f"{page_of(held)}?item={rows.items[1].id}&since={make.at('2026-12-10 12:05').timestamp()}")
    assert len(page.soup.select(".statement[data-still]")) == 110 and len(page.soup.select(".statement form")) == 1


def test_a_corrected_roll_is_offered_and_never_written_over(browser, secretary, begun, held):
    client = browser(secretary)
    assert "1/2" in client.get(page_of(held)).soup.select_one("#facts").text
    (_there, away) = make.sites_of(held)
    presence = db.session.query(Presence).filter_by(meeting_site_id=away.id).one()
    presence.state, presence.joined_at, presence.head_count = State.IN, make.at("2026-12-10 08:30"), 5
    make.done()
    page = client.get(page_of(held))
    assert "Điểm danh hiện ghi 2/2, biên bản ghi 1/2." in page.soup.select_one("#facts .is-changed").text
    kept = newest(held).attendance
    client.submit(page_of(held), {"do": "keep"}, form="/facts/attendance")
    assert newest(held).attendance == kept
    assert not client.get(page_of(held)).soup.select_one(".is-changed")
    presence = db.session.query(Presence).filter_by(meeting_site_id=away.id).one()
    presence.head_count = 6
    make.done()
    client.submit(page_of(held), {"do": "take"}, form="/facts/attendance")
    assert "2/2 điểm cầu tham dự, 18 đại biểu" in newest(held).attendance
    assert "Hà Tĩnh vào họp muộn, lúc 08 giờ 30" in client.get(page_of(held)).soup.select_one(".events").text
    late = client.get(page_of(held)).soup.select_one(".events form")
    for _press in range(2):
        client.post(late["action"], data={"event": late.button["value"]})
    said = [row for rows in queries.written(newest(held)).statements.values() for row in rows]
    assert [(row.kind, row.text) for row in said] == [("note", "Điểm cầu tỉnh Hà Tĩnh vào họp muộn, lúc 08 giờ 30.")]


def test_names_are_looked_up_while_somebody_types(browser, secretary, begun, held):
    page = browser(secretary, look=False).get(f"{page_of(held)}/names?of=sites&q=ha")
    assert [option["value"] for option in page.soup.select("option")] == ["Hà Tĩnh"]


@pytest.mark.parametrize("bad", ["chu\x00", "x" * 8001])
def test_what_cannot_be_kept_is_refused_at_its_place(browser, secretary, begun, held, bad):
    client = browser(secretary)
    url, values = blank(client, held, queries.written(begun).items[0])
    page = client.post(url, data={**values, "text": bad})
    assert page.status_code in (400, 422)
    assert queries.written(newest(held)).count == 0


def test_head_item_and_notice_are_saved_each_by_itself_with_both_versions_where_they_clash(
    browser, secretary, begun, held
):
    client, page = browser(secretary), page_of(held)
    item = queries.written(begun).items[2]
    client.submit(f"{page}?part=head", {"head-ended": "11:20"}, form="/head")
    client.submit(f"{page}?part=notice", {"notice-notice_last": "Bộ thông báo để biết"}, form="/notice")
    client.submit(f"{page}?item={item.id}", {f"item-{item.id}-title": "Trao đổi"}, form=f"items/{item.id}")
    rows = queries.written(newest(held))
    assert rows.record.ended_at == make.at("2026-12-10 11:20")
    assert rows.record.notice_last == "Bộ thông báo để biết" and rows.items[2].title == "Trao đổi"
    assert {key: block.edition for key, block in rows.blocks.items()} == {"head": 1, "notice": 1, f"item-{item.id}": 1}
    stale = client.get(f"{page}?part=head").form("/head")
    clash = client.post(stale["action"], data={**standing(stale), "head-edition": "0", "head-chair": "Bà Khác"})
    assert clash.status_code == 409
    assert "Ông Lê Minh Khang, Bộ trưởng" in clash.soup.select_one(".stored").text
    assert clash.soup.find(id="head-chair")["value"] == "Bà Khác"


def test_an_end_before_the_beginning_is_refused_at_its_field(browser, secretary, begun, held):
    page = browser(secretary).submit(f"{page_of(held)}?part=head", {"head-ended": "07:00"}, form="/head")
    assert page.status_code == 422
    assert "Giờ kết thúc phải sau giờ bắt đầu" in page.words


def test_an_incomplete_record_is_not_submitted(browser, secretary, begun, held):
    page = browser(secretary).submit(page_of(held), form="/submit")
    assert page.status_code == 422
    assert "Ghi ít nhất một ý kiến" in page.words
    assert newest(held).status is RecordStatus.WRITING


def test_what_a_short_word_became_is_read_before_it_is_submitted(browser, secretary, said, held, hoa):
    item = queries.written(said).items[2]
    blocks.save(said, Page(item=item, once="k", typing=True), Spoken("/nv ban hành hướng dẫn"), actor=hoa)
    make.done()
    client = browser(secretary)
    page = client.submit(page_of(held), form="/submit")
    assert newest(held).status is RecordStatus.WRITING
    assert "Đề nghị đọc lại rồi trình duyệt" in page.words and "Ban hành hướng dẫn" in page.words
    refused = client.submit(page_of(held), form="/submit")  # it has no lead unit: said of a task that stands there
    assert refused.status_code == 422 and "/nv" not in "".join(one.text for one in refused.soup.find_all("textarea"))


@pytest.mark.only("sqlite")
def test_the_menu_marks_the_room_in_which_a_page_of_the_minutes_is_found(browser, records_clerk, administrator, held):
    rooms = (
        (records_clerk, "/numbers/minutes", "Số văn bản"),
        (administrator, "/settings/numbering/minutes", "Thiết lập"),
    )
    for who, path, room in rooms:
        (marked,) = browser(who).get(path).soup.select(".head nav [aria-current]")
        assert marked.get_text(strip=True) == room


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
    # “Nơi nhận” names the sites: they are ticked at first
    assert "Đã ban hành biên bản. 4 thư đang được gửi." in page.words
    record = newest(held)
    assert record.notice_number == "412"
    assert [(one.email, one.notice_only) for one in queries.hand_outs(record)] == [
        (leader.email, False),
        ("luutru@bdps.example", False),
        ("diemcau.40@40.example", True),
        ("diemcau.42@42.example", True),
    ]


@pytest.fixture
def approved(said, hoa, approver):
    """The minutes approved, to be issued."""
    life.submit(said, actor=hoa)
    life.approve(said, actor=actor_of(approver))
    make.done()
    return said


def test_an_issue_to_nobody_is_refused_at_the_recipients(browser, records_clerk, approved, held):
    client = browser(records_clerk)
    page = client.submit(page_of(held), {"issue-lists": []}, form="/issue")
    assert page.status_code == 422
    assert "Nơi nhận có nêu “Các điểm cầu tham dự” (2 đơn vị) nhưng không chọn gửi." in page.words
    form = page.form("/issue")
    page = client.post(form["action"], data={**standing(form), "issue-as_chosen": "y", "issue-people": []})
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
    found, *_sites = queries.hand_outs(newest(held))
    assert (found.email, found.name, found.person_id) == (leader.email, "Ông Lê Minh Khang", None)


def test_the_issued_minutes_are_sent_to_more_readers(browser, records_clerk, issued, held):
    client = browser(records_clerk)
    made = make.person("Trần Thu Hà", honorific="Bà")
    make.done()
    page_of_readers = f"{page_of(held)}/hand-out"
    form = client.get(page_of_readers).form("/hand-on")
    assert made.email in form.get_text() and "le.minh.khang" not in form.get_text()
    typed = {"more-people": f"person-{made.id}", "more-others": "luutru@bdps.example"}
    page = client.submit(page_of_readers, typed, form="/hand-on")
    assert "2 thư nữa đang được gửi." in page.words
    assert [one.email for one in queries.hand_outs(newest(held))][1:] == [made.email, "luutru@bdps.example"]
    again = client.submit(page_of_readers, {"more-others": "luutru@bdps.example"}, form="/hand-on")
    assert "đã được gửi văn bản này" in again.soup.find(id="more-others-error").text
    nobody = client.submit(page_of_readers, form="/hand-on")
    assert nobody.status_code == 422 and "ít nhất một người nhận" in nobody.words


def test_who_may_not_issue_sends_to_nobody(browser, leader, issued, held):
    client = browser(leader)
    assert not client.get(f"{page_of(held)}/hand-out").soup.find("form", action=re.compile("/hand-on"))
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
    for half in (last_code()[:4], "mã đây", "٠١٢٣٤٥٦٧"):
        page = client.submit(private, {"code": half}, form="Mở văn bản")
        assert page.status_code == 422 and "Mã gồm 8 chữ số" in page.words
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
    client, url = browser(secretary), page_of(course.meeting) + "?part=head"
    client.submit(url, {"head-ended": "13:30"}, form="/minutes/head")
    record = newest(course.meeting)
    assert (record.started_at, record.ended_at) == (make.at("2026-12-10 08:00"), make.at("2026-12-11 13:30"))
    client.submit(url, {"head-ended": "17:00", "head-to_day": "2026-12-10"}, form="/minutes/head")
    assert newest(course.meeting).ended_at == make.at("2026-12-10 17:00")


def test_an_agenda_item_of_the_second_day_stays_on_it(browser, secretary, course):
    item = queries.written(course).items[-1]
    starts, ends, id = item.starts_at, item.ends_at, item.id
    assert ends == make.at("2026-12-11 14:00")
    browser(secretary).submit(f"{page_of(course.meeting)}?item={id}", {f"item-{id}-ends": "13:45"}, form=f"/items/{id}")
    kept = queries.written(newest(course.meeting)).items[-1]
    assert (kept.starts_at, kept.ends_at) == (starts, make.at("2026-12-11 13:45"))


def test_a_day_outside_the_course_is_refused_at_its_field(browser, secretary, course):
    client, url = browser(secretary), page_of(course.meeting) + "?part=head"
    form = client.get(url).form("/minutes/head")
    page = client.post(form["action"], data={**standing(form), "head-to_day": "2026-12-25", "head-ended": "16:16"})
    assert page.status_code == 422
    assert "Chọn một trong các ngày đã nêu." in page.words
    assert page.soup.find(id="head-ended")["value"] == "16:16"


def test_the_minutes_of_one_day_are_not_asked_for_days(browser, secretary, begun):
    page = browser(secretary).get(page_of(begun.meeting) + "?part=head")
    assert not page.soup.find("select", attrs={"name": re.compile("_day$")})
