from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import openpyxl
import pytest
from bs4 import BeautifulSoup

from meetings.accounts import services as accounts
from meetings.accounts.models import Grant, LoginSession, User
from meetings.accounts.rules import Actor, Role
from meetings.attendance import kept, queries, services
from meetings.attendance.models import Mark
from meetings.attendance.rules import MarkSource, Move, RollStatus, State
from meetings.database import db
from meetings.invitations.rules import Reply
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import Status
from tests import make
from tests.conftest import Clock
from tests.pages import standing

Press = Callable[..., Mark]
JSON = {"Accept": "application/json"}


def at(meeting: Meeting, path: str = "/live") -> str:
    return f"/meetings/{meeting.code}/roll-call{path}"


def state(site: MeetingSite) -> str:
    db.session.expire_all()
    found = queries.presence(site.id)
    return found.state.value if found else "not_in"


# --- looking ---------------------------------------------------------------------------------------------------------


def test_the_board_shows_every_site_its_word_and_its_officer(
    hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, secretary: User, press: Press
) -> None:
    press(nghe_an, Move.IN, head_count=128)
    page = browser(secretary).get(at(meeting))
    assert page.status_code == 200
    tile = page.soup.find(id=f"t{nghe_an.id}")
    assert tile["aria-label"] == "Nghệ An: Đã vào họp, 128 đại biểu"
    assert "1/2" in page.words.replace(" /", "/")
    assert "0912 000 345" in page.words
    assert "128 đại biểu" in page.words
    assert page.soup.find("button", attrs={"value": lambda v: v and v.endswith(":in")})


def test_the_title_says_how_many_are_lost(
    hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, secretary: User, press: Press
) -> None:
    press(nghe_an, Move.IN)
    press(nghe_an, Move.LOST)
    assert browser(secretary).get(at(meeting)).soup.title.get_text().startswith("(1 mất kết nối) Điểm danh")


def test_before_the_hour_the_board_says_when_it_opens_and_has_no_buttons(
    clock: Clock, browser: Any, meeting: Meeting, secretary: User
) -> None:
    page = browser(secretary).get(at(meeting))
    assert "Bảng mở lúc 07 giờ 00" in page.words
    assert not page.soup.find("button", attrs={"name": "mark"})


def test_a_viewer_gets_no_buttons_and_no_telephone_numbers(
    hour: Clock, browser: Any, meeting: Meeting, leader: User
) -> None:
    page = browser(leader).get(at(meeting))
    assert page.status_code == 200
    assert not page.soup.find("button", attrs={"name": "mark"})
    assert "0912" not in page.words and not page.soup.find("a", href=lambda h: h and h.startswith("tel:"))


def test_the_wall_shows_no_number_no_reason_and_no_button(
    hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, secretary: User, press: Press
) -> None:
    press(nghe_an, Move.ABSENT, with_notice=True, reason="Ứng phó bão")
    page = browser(secretary).get(at(meeting, "/wall"))
    assert "Nghệ An" in page.words and "có báo trước" in page.words
    assert "bão" not in page.words and "0912" not in page.words
    assert not page.soup.find(["button", "form"])


def test_an_invited_unit_sees_its_own_site_only(
    hour: Clock, browser: Any, meeting: Meeting, site_officer: User, press: Press, ha_tinh: MeetingSite
) -> None:
    press(ha_tinh, Move.IN, head_count=77)
    client = browser(site_officer)
    for path in ("/live", "/wall", "/print", ""):
        page = client.get(at(meeting, path))
        assert page.status_code == 200, path
        assert "Nghệ An" in page.words and "Hà Tĩnh" not in page.words, path
    assert "Hà Tĩnh" not in client.get(at(meeting, "/live.json")).get_data(as_text=True)
    assert client.get(at(meeting, "/roll.xlsx")).status_code == 403


def test_a_stranger_does_not_learn_that_the_meeting_exists(
    hour: Clock, browser: Any, meeting: Meeting, stranger: User
) -> None:
    client = browser(stranger)
    for path in ("/live", "/live.json", "/wall", "/print", "", "/roll.xlsx"):
        assert client.get(at(meeting, path)).status_code == 404, path
    assert client.post(at(meeting, "/mark"), data={"mark": "1:in"}).status_code in (403, 404)


@pytest.mark.parametrize(
    "query",
    [
        "?view=grid", "?view=list", "?view=odd", "?show=lost", "?show=in", "?show=odd", "?province=40", "?province=all",
        "?page=99999999999", "?page=0", "?site=0", "?site=99999999", "?find=%25%00x", "?want=host", "?show=accepted&view=list",
    ],
)  # fmt: skip
def test_an_odd_address_shows_a_good_board(
    hour: Clock, browser: Any, meeting: Meeting, secretary: User, query: str
) -> None:
    client = browser(secretary)
    assert client.get(at(meeting, "/live" + query)).status_code == 200
    assert client.get(at(meeting, "/live.json" + query)).status_code == 200


def test_the_print_has_a_line_for_every_site_and_room_for_two_signatures(
    hour: Clock, browser: Any, meeting: Meeting, secretary: User
) -> None:
    page = browser(secretary).get(at(meeting, "/print"))
    assert len(page.soup.select("tbody tr")) == 2
    assert "KỸ THUẬT" in page.words and "THƯ KÝ" in page.words
    assert "0912" not in page.words


def test_the_spreadsheet_keeps_a_name_that_looks_like_a_formula_as_text(
    hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, secretary: User, press: Press
) -> None:
    nghe_an.name = "=1+1"
    press(nghe_an, Move.ABSENT, reason="@SUM(A1)")
    answer = browser(secretary).get(at(meeting, "/roll.xlsx"))
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
    cells = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row}
    assert cells["=1+1"] == "s" and cells["@SUM(A1)"] == "s"


# --- asking what changed ---------------------------------------------------------------------------------------------


def test_a_poll_is_empty_until_something_changes_and_then_brings_what_did(
    hour: Clock,
    browser: Any,
    meeting: Meeting,
    nghe_an: MeetingSite,
    ha_tinh: MeetingSite,
    secretary: User,
    press: Press,
) -> None:
    press(ha_tinh, Move.READY)
    client = browser(secretary)
    first = client.get(at(meeting)).soup.find(id="board")
    assert client.get(first["data-poll"] + "?v=" + first["data-v"]).status_code == 204
    press(nghe_an, Move.IN, head_count=5)
    news = client.get(first["data-poll"] + "?v=" + first["data-v"]).get_json()
    assert list(news["tiles"]) == [f"t{nghe_an.id}"]
    assert "5 ĐB" in news["tiles"][f"t{nghe_an.id}"]
    assert client.get(first["data-poll"] + "?v=" + news["v"]).status_code == 204


def test_an_open_board_turns_with_the_clock_though_nothing_is_written(
    clock: Clock, browser: Any, meeting: Meeting, secretary: User
) -> None:
    make.done()
    clock.at("2026-12-10 06:59")
    client = browser(secretary)
    board = client.get(at(meeting)).soup.find(id="board")
    told, stage = board["data-v"], board["data-phase"]
    seen = {}
    for hour in ("07:00", "07:29", "07:30", "07:44", "07:45", "07:59", "08:00"):
        clock.at(f"2026-12-10 {hour}")
        news = client.get(board["data-poll"] + "?v=" + told).get_json()
        told, seen[hour] = news["v"], (news["todo"].count('class="amber"'), news["todo"].count('class="red"'))
        assert news["tiles"] == {}, "nothing was written: no tile blinks"
        assert client.get(board["data-poll"] + "?v=" + told).status_code == 204
        if hour in ("07:00", "08:00"):  # other buttons: the page is loaded again
            assert news["phase"] != stage
        stage = news["phase"]
    assert seen == {
        "07:00": (0, 0), "07:29": (0, 0), "07:30": (2, 0), "07:44": (2, 0), "07:45": (0, 2), "07:59": (0, 2), "08:00": (0, 0)
    }  # fmt: skip


def test_a_poll_brings_the_new_state_of_a_row_that_left_the_list_and_how_many_are_in_it(
    hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, secretary: User, press: Press
) -> None:
    client = browser(secretary)
    assert client.get(at(meeting)).soup.find(id="part-n").get_text() == "2 điểm cầu"
    seen = queries.version(meeting)
    press(nghe_an, Move.IN)
    make.done()
    news = client.get(at(meeting, f"/live.json?v={seen}")).json
    row = BeautifulSoup(news["done"], "html.parser").find(id=f"w{nghe_an.id}")
    assert "Đã vào họp" in row.get_text() and not row.find("button")
    assert f"w{nghe_an.id}" not in news["todo"] and news["n"] == "1 điểm cầu"


def test_the_wall_names_as_many_sites_as_a_projector_holds_and_counts_the_others(
    hour: Clock, browser: Any, meeting: Meeting, secretary: User
) -> None:
    for number in range(10):
        make.meeting_site(meeting, make.site(make.unit(f"7{number:04d}", f"Xã Tây {number}")))
    make.done()
    page = browser(secretary).get(at(meeting, "/wall"))
    assert len(page.soup.select(".todo li")) == 7 and "và 5 điểm cầu khác" in page.words


def test_a_poll_is_packed_when_the_browser_can_unpack(
    hour: Clock, browser: Any, meeting: Meeting, secretary: User
) -> None:
    answer = browser(secretary).get(at(meeting, "/live.json"), headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(answer.data))["phase"] == "soon"


def test_the_same_poll_of_another_reader_carries_no_number_she_may_not_see(
    hour: Clock, browser: Any, meeting: Meeting, secretary: User, leader: User
) -> None:
    assert "0912" in browser(secretary).get(at(meeting, "/live.json")).get_data(as_text=True)
    assert "0912" not in browser(leader).get(at(meeting, "/live.json")).get_data(as_text=True)


@pytest.mark.parametrize("ended", ["signed out", "stopped", "revoked", "expired"])
def test_who_polls_is_remembered_only_as_long_as_nothing_in_the_house_has_changed(
    ended: str, hour: Clock, browser: Any, meeting: Meeting, secretary: User, administrator: User
) -> None:
    client = browser(secretary)
    seen = client.get(at(meeting, "/live.json")).json["v"]
    poll = at(meeting, f"/live.json?v={seen}")
    assert client.get(poll).status_code == client.get(poll).status_code == 204
    boss = make.actor(administrator)
    match ended:
        case "signed out":
            session = db.session.query(LoginSession).filter_by(user_id=secretary.id).one()
            accounts.sign_out(session, make.actor(secretary))
        case "stopped":
            accounts.set_active(secretary, False, actor=boss)
        case "revoked":
            accounts.revoke(secretary, db.session.query(Grant).filter_by(user_id=secretary.id).one().id, actor=boss)
        case "expired":
            hour.forward(hours=13)
    assert client.get(poll).status_code == (403 if ended == "revoked" else 303)


def test_looking_changes_nothing(hour: Clock, browser: Any, meeting: Meeting, secretary: User) -> None:
    client = browser(secretary)
    for path in ("", "/live", "/live.json", "/wall", "/print", "/close", "/one-by-one", "/roll.xlsx"):
        assert client.get(at(meeting, path)).status_code == 200, path
    assert queries.roll(meeting) is None and queries.count_marks(meeting) == 0


# --- pressing --------------------------------------------------------------------------------------------------------


def test_a_button_marks_says_so_and_can_be_taken_back(
    hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, secretary: User
) -> None:
    client = browser(secretary)
    page = client.post(at(meeting, "/mark"), data={"mark": f"{nghe_an.id}:in"}, follow_redirects=True)
    assert page.status_code == 200 and "Đã ghi Nghệ An vào họp." in page.words
    assert state(nghe_an) == "in"
    undo = page.form("undo")
    mark = undo.find("input", {"name": "mark"})["value"]
    page = client.post(undo["action"], data={"mark": mark, "back": ""}, follow_redirects=True)
    assert "Đã hoàn tác lần ghi cuối của Nghệ An." in page.words
    assert state(nghe_an) == "not_in"


def test_the_panel_of_a_site_takes_a_number_or_a_reason(
    hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, ha_tinh: MeetingSite, secretary: User
) -> None:
    client = browser(secretary)
    client.submit(
        at(meeting, f"/live?site={nghe_an.id}"), {"head_count": "128", "mark": f"{nghe_an.id}:in"}, form="Ghi vắng"
    )
    client.submit(
        at(meeting, f"/live?site={ha_tinh.id}"),
        {"notice": "yes", "reason": "Ứng phó bão", "mark": f"{ha_tinh.id}:absent"},
        form="Ghi vắng",
    )
    here, there = queries.presence(nghe_an.id), queries.presence(ha_tinh.id)
    assert here is not None and there is not None
    assert (here.state, here.head_count) == (State.IN, 128)
    assert (there.state, there.with_notice, there.reason) == (State.ABSENT, True, "Ứng phó bão")


@pytest.mark.parametrize("count", ["0", "-4", "5001", "9" * 40, "mười", "1.5"])
def test_a_head_count_that_cannot_be_is_refused_in_the_panel_and_keeps_what_was_typed(
    hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, secretary: User, count: str
) -> None:
    page = browser(secretary).post(at(meeting, "/mark"), data={"mark": f"{nghe_an.id}:in", "head_count": count})
    assert page.status_code == 422
    assert page.soup.find(id="one-count")["value"] == count
    assert page.soup.select_one("#one-count-error") and state(nghe_an) == "not_in"


def test_an_absence_with_notice_but_no_reason_is_refused_in_the_panel(
    hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, secretary: User
) -> None:
    page = browser(secretary).post(at(meeting, "/mark"), data={"mark": f"{nghe_an.id}:absent", "notice": "yes"})
    assert page.status_code == 422
    assert "Nhập lý do vắng đã được báo." in page.words


def declined(site: MeetingSite, reason: str = "Ứng phó bão") -> None:
    invitation = make.invitation_of(site)
    invitation.reply, invitation.reason = Reply.DECLINED, reason
    make.done()


def noted(site: MeetingSite) -> tuple[bool | None, str]:
    db.session.expire_all()
    found = queries.presence(site.id)
    assert found is not None and found.state is State.ABSENT
    return found.with_notice, found.reason


def test_a_site_that_declined_is_absent_with_notice_by_row_key_and_voice_and_at_the_close(
    hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, ha_tinh: MeetingSite, secretary: User
) -> None:
    declined(nghe_an)
    declined(ha_tinh, "Mất điện")
    client = browser(secretary)
    by_key = client.post(at(meeting, "/mark"), data={"mark": f"{nghe_an.id}:absent"}, headers=JSON)
    assert by_key.json and noted(nghe_an) == (True, "Ứng phó bão")
    client.submit(at(meeting, f"/live?site={nghe_an.id}"), {"mark": f"{nghe_an.id}:clear"}, form="Ghi vắng")
    page = client.get(at(meeting, f"/one-by-one?site={ha_tinh.id}"))
    assert page.soup.find(id="h-one").get_text() == "Nghệ An"
    assert page.soup.select_one("input[name=notice][value=yes][checked]")
    client.submit(at(meeting, f"/one-by-one?site={ha_tinh.id}"), {"mark": f"{nghe_an.id}:absent"}, form="Số đại biểu")
    assert noted(nghe_an) == (True, "Ứng phó bão")
    client.submit(at(meeting, "/close"), {}, form="/close")
    assert noted(ha_tinh) == (True, "Mất điện")


def test_the_panel_shows_of_an_absence_what_is_stored(
    hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, secretary: User, press: Press
) -> None:
    declined(nghe_an)
    press(nghe_an, Move.ABSENT, with_notice=False, reason="")
    make.done()
    page = browser(secretary).get(at(meeting, f"/live?site={nghe_an.id}"))
    assert page.soup.select_one("#one input[name=notice][checked]")["value"] == "no"
    assert page.soup.find(id="one-reason").get("value") == ""


def test_a_number_that_cannot_be_is_refused_at_its_field_on_the_page_of_the_roll_by_voice(
    hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, secretary: User
) -> None:
    data = {"mark": f"{nghe_an.id}:in", "head_count": "99999", "reason": "", "notice": "no", "back": "lan=1"}
    page = browser(secretary).post(at(meeting, "/mark"), data=data)
    assert page.status_code == 422 and page.soup.find(id="h-one").get_text() == "Nghệ An"
    field = page.soup.find(id="one-count")
    assert field["value"] == "99999" and field["aria-invalid"] == "true"
    assert page.soup.find(id=field["aria-describedby"]).get_text().strip() == "Nhập số từ 1 đến 5000."
    assert state(nghe_an) == "not_in"


def test_no_browser_speaks_for_the_server_in_the_forms_of_the_roll(
    hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, secretary: User
) -> None:
    client = browser(secretary)
    for path in ("/live?want=host", f"/live?site={nghe_an.id}", "/one-by-one", "/close"):
        page = client.get(at(meeting, path))
        asked = [form for form in page.soup.select("main form[method=post]") if form.select_one("input[type=text]")]
        assert asked, path
        assert all(form.has_attr("novalidate") for form in asked), path
        assert not page.soup.select("main form[method=post] input[type=number]"), path


@pytest.mark.parametrize(
    "mark", ["", "x", "1", "1:", "1:gone", "-1:in", "999999999:in", "9" * 30 + ":in", "１:in", "\0:in"]
)
def test_a_mark_that_no_button_sends_is_refused(
    hour: Clock, browser: Any, meeting: Meeting, secretary: User, mark: str
) -> None:
    assert browser(secretary).post(at(meeting, "/mark"), data={"mark": mark}).status_code in (404, 422)


def test_a_mark_for_another_meetings_site_is_refused(
    hour: Clock, browser: Any, meeting: Meeting, secretary: User
) -> None:
    other = make.meeting(status=Status.SCHEDULED, secretary=secretary)
    site = make.sites_of(other)[0]
    assert browser(secretary).post(at(meeting, "/mark"), data={"mark": f"{site.id}:in"}).status_code == 404
    assert state(site) == "not_in"


def test_a_note_stands_in_the_log_once_and_moves_nothing(
    hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, secretary: User, press: Press
) -> None:
    press(nghe_an, Move.IN, head_count=7)
    make.done()
    client = browser(secretary)
    seen = queries.version(meeting)
    data = {"mark": f"{nghe_an.id}:note", "note": "đang khởi động lại thiết bị", "once": "n-1"}
    for _ in range(2):
        told = client.post(at(meeting, "/mark"), data=data, headers=JSON).get_json()
        assert told["done"] == "Đã ghi chú về Nghệ An." and not told["undo"]
    found = queries.presence(nghe_an.id)
    assert found is not None and (found.state, found.head_count, queries.count_marks(meeting)) == (State.IN, 7, 2)
    assert queries.changed_since(meeting, seen) == {nghe_an.id}
    assert "đang khởi động lại thiết bị" in client.get(at(meeting)).soup.find(id="part-log").get_text()
    assert client.post(at(meeting, "/mark"), data={**data, "note": " ", "once": ""}).status_code == 422
    services.undo(queries.marks_of(nghe_an.id)[0], actor=make.actor(secretary), source=MarkSource.SECRETARY)
    make.done()
    assert state(nghe_an) == "not_in"  # the note stood behind the mark and did not keep it from being taken back


def test_who_is_seen_to_sit_in_anothers_place_stands_on_the_board_and_the_site_is_in(
    hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, secretary: User
) -> None:
    client = browser(secretary)
    data = {"mark": f"{nghe_an.id}:substitute", "note": "bà Lê Thị Hà, Phó Chủ tịch", "head_count": "9"}
    client.post(at(meeting, "/mark"), data=data)
    assert state(nghe_an) == "in"
    row = queries.site(meeting, nghe_an.id)
    assert row is not None and (row.substitute, row.head_count) == ("Bà Lê Thị Hà", 9)
    page = client.get(at(meeting))
    assert page.soup.find(id=f"t{nghe_an.id}").select_one(".sub")
    assert client.post(at(meeting, "/mark"), data={**data, "note": "bà"}).status_code == 422


def test_whom_to_call_in_stands_with_numbers_and_a_message_and_no_letter_is_offered_after_the_hour(
    hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, secretary: User, leader: User, press: Press
) -> None:
    press(nghe_an, Move.IN)
    page = browser(secretary).get(at(meeting, "/missing"))
    assert "1 điểm cầu chưa vào" in page.words and "0912" in page.words
    assert page.soup.select_one("[data-copy]")["data-copy"].endswith("ngay: Hà Tĩnh.")
    assert "gửi lúc này sẽ được đọc quá muộn" in page.words and not page.soup.find(
        "a", href=lambda h: h and "reminders/now" in h
    )
    assert browser(leader).get(at(meeting, "/missing")).status_code == 403


def test_one_camera_is_one_site_however_many_sit_before_it(
    hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, secretary: User, press: Press
) -> None:
    press(nghe_an, Move.IN, head_count=128)
    make.done()
    sums = browser(secretary).get(at(meeting)).soup.find(id="part-sums").get_text(" ")
    assert "1 điểm cầu, 128 người" in sums


def test_a_script_is_told_in_json_what_was_done_and_what_was_not(
    hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, secretary: User
) -> None:
    client = browser(secretary)
    data = {"mark": f"{nghe_an.id}:in", "once": "a-b-c", "age": "2.5"}
    done = client.post(at(meeting, "/mark"), data=data, headers=JSON)
    assert done.status_code == 200 and done.get_json()["done"] == "Đã ghi Nghệ An vào họp."
    again = client.post(at(meeting, "/mark"), data=data, headers=JSON)
    assert again.get_json()["mark"] == done.get_json()["mark"]
    refused = client.post(at(meeting, "/mark"), data={"mark": f"{nghe_an.id}:ready"}, headers=JSON)
    assert refused.status_code == 409 and "đã vào họp" in refused.get_json()["error"]
    assert refused.get_json()["error"].startswith("Nghệ An: "), "of several that waited, which one"
    other = browser(make.user(Role.SECRETARY, make.MINISTRY, name="Lê Thu"))
    crossed = other.post(at(meeting, "/mark"), data={"mark": f"{nghe_an.id}:lost"}, headers=JSON).get_json()
    assert crossed["error"].startswith("Đã ghi Nghệ An") and "done" not in crossed, "stays until she presses again"
    assert other.post(at(meeting, "/undo"), data={"mark": crossed["mark"]}, headers=JSON).status_code == 200
    undone = client.post(at(meeting, "/undo"), data={"mark": done.get_json()["mark"]}, headers=JSON)
    assert undone.status_code == 200 and state(nghe_an) == "not_in"


def test_the_technician_marks_and_does_not_close(
    hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, technician: User
) -> None:
    client = browser(technician)
    client.post(at(meeting, "/mark"), data={"mark": f"{nghe_an.id}:in"}, follow_redirects=True)
    found = queries.presence(nghe_an.id)
    assert found is not None and found.source.value == "technician"
    assert client.get(at(meeting, "/close")).status_code == 403


@pytest.mark.parametrize("role", [Role.LEADER, Role.FINANCE, Role.APPROVER, Role.RECORDS_CLERK, Role.ADMINISTRATOR])
def test_no_other_role_marks(hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, role: Role) -> None:
    client = browser(make.user(role, make.MINISTRY))
    for path in ("/mark", "/undo", "/open", "/host", "/close"):
        assert client.post(at(meeting, path), data={"mark": f"{nghe_an.id}:in"}).status_code == 403, path
    assert state(nghe_an) == "not_in"


def test_the_meeting_is_begun_by_a_button(clock: Clock, browser: Any, meeting: Meeting, secretary: User) -> None:
    clock.at("2026-12-10 07:58")
    page = browser(secretary).submit(at(meeting), form="open")
    assert "Đang họp" in page.words
    db.session.refresh(meeting)
    assert meeting.status is Status.IN_SESSION


def test_the_people_at_the_host_site_are_entered_at_its_tile(
    hour: Clock, browser: Any, meeting: Meeting, secretary: User
) -> None:
    client = browser(secretary)
    client.submit(at(meeting, "/live?want=host"), {"head_count": "18"}, form="host")
    assert queries.host_people(meeting) == 18
    assert client.post(at(meeting, "/host"), data={"head_count": "-1"}).status_code == 422


def test_the_confirm_page_proposes_lets_override_and_closes(
    hour: Clock,
    browser: Any,
    meeting: Meeting,
    nghe_an: MeetingSite,
    ha_tinh: MeetingSite,
    secretary: User,
    press: Press,
) -> None:
    press(nghe_an, Move.IN, head_count=20)
    hour.at("2026-12-10 11:20")
    client = browser(secretary)
    page = client.get(at(meeting, "/close"))
    assert page.soup.find("select", {"name": f"mark-{ha_tinh.id}"}) and not page.soup.find(
        "select", {"name": f"mark-{nghe_an.id}"}
    )
    assert page.soup.find(id="ended_at")["value"] == "11:15"
    page = client.submit(
        at(meeting, "/close"), {f"mark-{ha_tinh.id}": "absent_notice", f"reason-{ha_tinh.id}": "Mất điện"}
    )
    assert "Đã chốt điểm danh. Sửa về sau phải ghi lý do." in page.words
    summary = queries.summary(meeting)
    assert [(row.name, row.reason) for row in summary.absent] == [("Hà Tĩnh", "Mất điện")]
    db.session.refresh(meeting)
    assert meeting.ended_at == make.at("2026-12-10 11:15")
    assert not client.get(at(meeting)).soup.find(id="mark")


def test_no_site_is_written_absent_that_the_confirm_page_did_not_show(
    hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, secretary: User, press: Press, who: Actor
) -> None:
    made = press(nghe_an, Move.IN, head_count=20)
    make.done()
    client = browser(secretary)
    shown = standing(client.get(at(meeting, "/close")).form("/close"))
    services.undo(made, actor=who, source=MarkSource.SECRETARY)  # by another officer, while the page stands open
    make.done()
    page = client.post(at(meeting, "/close"), data=shown)
    assert page.status_code == 422 and "không còn kết quả đã ghi: Nghệ An." in page.words
    assert state(nghe_an) == "not_in"
    client.post(at(meeting, "/close"), data=standing(page.form("/close")))
    assert state(nghe_an) == "absent"


def test_the_confirm_page_asks_for_the_number_of_each_site_that_was_in_without_one(
    hour: Clock,
    browser: Any,
    meeting: Meeting,
    nghe_an: MeetingSite,
    ha_tinh: MeetingSite,
    secretary: User,
    press: Press,
) -> None:
    press(nghe_an, Move.IN)
    press(ha_tinh, Move.IN)
    press(ha_tinh, Move.LOST)
    make.done()
    hour.at("2026-12-10 08:30")
    client = browser(secretary)
    page = client.get(at(meeting, "/close"))
    assert "2 điểm cầu có mặt chưa có số đại biểu" in page.words
    fields = [f"count-{nghe_an.id}", f"count-{ha_tinh.id}"]
    assert [field["name"] for field in page.soup.select(".uncounted input")] == fields
    page = client.submit(at(meeting, "/close"), dict(zip(fields, ("21", "99999"), strict=True)), form="/close")
    assert page.status_code == 422 and queries.roll(meeting).status is not RollStatus.CLOSED
    wrong = page.soup.find(id=fields[1])
    assert (wrong["value"], page.soup.find(id=fields[0])["value"]) == ("99999", "21")
    assert page.soup.find(id=wrong["aria-describedby"]).get_text() == "Nhập số từ 1 đến 5000."
    client.submit(at(meeting, "/close"), dict(zip(fields, ("21", "8"), strict=True)), form="/close")
    summary = queries.summary(meeting)
    assert summary.people == 29 and state(ha_tinh) == "lost"
    assert summary.rows[1].lost_for(make.at("2026-12-10 09:00")) == timedelta(minutes=50)
    assert "8 đại biểu" in client.get(at(meeting, "")).words


def test_a_number_left_empty_on_the_confirm_page_closes_the_roll_without_it(
    hour: Clock,
    browser: Any,
    meeting: Meeting,
    nghe_an: MeetingSite,
    ha_tinh: MeetingSite,
    secretary: User,
    press: Press,
) -> None:
    press(nghe_an, Move.IN)
    make.done()
    values = {f"mark-{ha_tinh.id}": "in", f"count-{ha_tinh.id}": "12"}
    page = browser(secretary).submit(at(meeting, "/close"), values, form="/close")
    assert page.status_code == 200 and queries.summary(meeting).people == 12
    assert state(nghe_an) == "in" and state(ha_tinh) == "in"


def test_the_confirm_page_of_many_sites_shows_a_part_and_says_how_many_more(
    hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, ha_tinh: MeetingSite, secretary: User, press: Press,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("meetings.attendance.views.SHOWN_AT_CLOSE", 1)
    press(nghe_an, Move.IN)
    press(ha_tinh, Move.IN)
    make.done()
    page = browser(secretary).get(at(meeting, "/close"))
    assert len(page.soup.select(".uncounted input")) == 1
    assert "Còn 1 điểm cầu chưa có số đại biểu không nêu ở đây." in page.words


def test_the_confirm_page_keeps_what_was_typed_when_it_refuses(
    hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, secretary: User
) -> None:
    data = {f"mark-{nghe_an.id}": "absent_notice", f"reason-{nghe_an.id}": "", "ended_at": "07:00"}
    page = browser(secretary).post(at(meeting, "/close"), data=data)
    assert page.status_code == 422
    assert page.soup.find(id="ended_at")["value"] == "07:00"
    assert page.soup.select_one(f"#mark-{nghe_an.id} option[selected]")["value"] == "absent_notice"
    assert queries.roll(meeting) is None


def test_after_closing_the_panel_asks_why_and_the_history_tells_it(
    hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, secretary: User, technician: User, who: Actor
) -> None:
    services.close_roll(meeting, {}, actor=who)
    client = browser(secretary)
    path = at(meeting, f"/live?site={nghe_an.id}")
    page = client.submit(path, {"mark": f"{nghe_an.id}:in", "head_count": "4"}, form="Lý do sửa")
    assert page.status_code == 422 and state(nghe_an) == "absent"
    client.submit(path, {"mark": f"{nghe_an.id}:in", "head_count": "4", "correction": "Ghi nhầm"}, form="Lý do sửa")
    assert state(nghe_an) == "in"
    assert "Sửa: Ghi nhầm" in client.get(at(meeting, "")).words
    assert browser(technician).post(at(meeting, "/mark"), data={"mark": f"{nghe_an.id}:absent"}).status_code == 403


def test_the_roll_by_voice_goes_from_site_to_site(hour: Clock, browser: Any, meeting: Meeting, secretary: User) -> None:
    client = browser(secretary)
    order = [row.name for row in queries.sites(meeting)]
    page = client.get(at(meeting, "/one-by-one"))
    assert page.soup.find(id="h-one").get_text() == order[0]
    form = page.form("Có mặt")
    values = {"mark": form.find("button", {"data-hot": "c"})["value"], "back": "lan=1", "head_count": "11"}
    page = client.post(form["action"], data=values, follow_redirects=True)
    assert page.soup.find(id="h-one").get_text() == order[1]
    assert f"Đã ghi {order[0]} vào họp." in page.words


def test_names_and_reasons_are_escaped_everywhere(
    hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, secretary: User, press: Press
) -> None:
    nghe_an.name = "<img src=x onerror=alert(1)>"
    press(nghe_an, Move.ABSENT, with_notice=True, reason="<script>alert(2)</script>")
    client = browser(secretary)
    for path in ("/live", "/wall", "/print", "", "/close", f"/live?site={nghe_an.id}", "/live?view=list"):
        page = client.get(at(meeting, path))
        assert not page.soup.find("img", {"src": "x"}), path
        assert not [s for s in page.soup.find_all("script") if "alert" in s.get_text()], path
    told = client.get(at(meeting, "/live.json")).get_json()
    assert "<img" not in json.dumps(told) and "<script>" not in json.dumps(told)


# --- many sites ------------------------------------------------------------------------------------------------------


@pytest.fixture
def crowd(meeting: Meeting, nghe_an: MeetingSite) -> list[MeetingSite]:
    """Seventy communes of Nghệ An more: a board of provinces."""
    province = db.session.get_one(type(nghe_an.unit), nghe_an.unit_id)
    made = []
    for number in range(70):
        commune = make.meeting_site(
            meeting, make.site(make.unit(f"9{number:04d}", f"Xã Thử {number}", parent=province))
        )
        commune.province_id, commune.position = province.id, 1_000 + number
        made.append(commune)
    db.session.flush()
    return made


def test_beyond_63_sites_a_tile_is_a_province_and_a_dot_a_site(
    hour: Clock, browser: Any, meeting: Meeting, crowd: list[MeetingSite], secretary: User, press: Press
) -> None:
    make.done()
    # many communes share a name: their province is said where one decides
    for path in ("/close", f"/one-by-one?site={crowd[0].id}", "/live?show=waiting"):
        words = browser(secretary).get(at(meeting, path)).words.replace("\n", " ")
        assert "· Nghệ An" in words, path
    for path in ("/close", "/one-by-one", "/live?show=waiting"):
        words = browser(secretary).get(at(meeting, path)).words.replace("\n", " ")
        assert "Nghệ An · Nghệ An" not in words, path
    press(crowd[0], Move.IN)
    press(crowd[0], Move.LOST)
    page = browser(secretary).get(at(meeting))
    assert len(page.soup.select(".dots a.dot")) == 71
    assert len(page.soup.select("#part-todo > li")) == 50
    assert "1–50 trong 71" in page.words
    assert page.soup.select_one("#part-todo > li")["data-site"] == str(crowd[0].id)
    follow = browser(secretary).get(at(meeting, "/live?province=40&page=2"))
    assert len(follow.soup.select("#part-todo > li")) == 21
    only = browser(secretary).get(at(meeting, "/live?find=thu+69"))
    assert [li["data-site"] for li in only.soup.select("#part-todo > li")] == [str(crowd[69].id)]
    lost = browser(secretary).get(at(meeting, "/live?show=lost"))
    assert len(lost.soup.select("#part-todo > li")) == 1
    country = page.soup.find("a", string=lambda text: text and text.startswith("Toàn quốc"))
    found = browser(secretary).get(country["href"]).soup.find(id="part-n").get_text()
    assert country.get_text() == f"Toàn quốc: {found.split()[0]}", "it leads to as many as it says"


def test_a_poll_of_many_sites_brings_the_changed_dots_and_the_provinces(
    hour: Clock, browser: Any, meeting: Meeting, crowd: list[MeetingSite], secretary: User, press: Press
) -> None:
    press(crowd[1], Move.IN)
    client = browser(secretary)
    board = client.get(at(meeting)).soup.find(id="board")
    press(crowd[2], Move.IN)
    tiles = client.get(board["data-poll"] + "&v=" + board["data-v"]).get_json()["tiles"]
    assert {id for id in tiles if id.startswith("t")} == {f"t{crowd[2].id}"}
    assert {id for id in tiles if id.startswith("p")} == {f"p{crowd[2].province_id}"}, "no other province blinks"
    assert "· 2/71 đã vào" in tiles["in"] and 'id="part-in"' in tiles["in"], "its heading goes with its dots"


def test_an_open_list_stays_with_its_province_and_is_sent_only_where_somebody_in_it_moved(
    hour: Clock,
    browser: Any,
    meeting: Meeting,
    crowd: list[MeetingSite],
    secretary: User,
    press: Press,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ring the one who lost her line, and look: the list must not have gone over to another province meanwhile."""
    monkeypatch.setattr(kept, "PACE", 0.0)
    ha_tinh = next(site for site in make.sites_of(meeting) if site.name == "Hà Tĩnh")
    press(ha_tinh, Move.IN)
    client = browser(secretary)
    board = client.get(at(meeting)).soup.find(id="board")
    listed = {li["data-site"] for li in client.get(at(meeting)).soup.select("#part-todo > li")}

    def poll(seen: str) -> Any:
        make.done()
        return client.get(f"{board['data-poll']}&v={seen}").get_json()

    press(ha_tinh, Move.LOST)  # whoever lost a line comes first in the country
    make.done()
    assert client.get(at(meeting)).soup.select_one("#part-todo > li")["data-site"] == str(ha_tinh.id)
    first = poll(board["data-v"])
    assert "todo" not in first and first["done"] == "" and first["title"] == "(1 mất kết nối) "
    press(crowd[0], Move.IN)
    second = poll(first["v"])
    told = {li["data-site"] for li in BeautifulSoup(second["todo"], "html.parser").select("li")}
    assert told < listed | {str(site.id) for site in crowd} and str(ha_tinh.id) not in told and len(told) == 50
    assert f'id="w{crowd[0].id}"' in second["done"]
    press(crowd[0], Move.IN, head_count=7)  # was in and is in: no row of the list
    third = poll(second["v"])
    assert "todo" not in third and third["done"] == "" and f"t{crowd[0].id}" in third["tiles"]
    hour.forward(minutes=1)
    assert poll(third["v"])["todo"]


@pytest.mark.parametrize("age", ["nan", "inf", "-inf", "1e400", "-5", "9" * 400, "１２", "", "12.345"])
def test_an_age_that_is_no_number_of_seconds_is_no_age(
    hour: Clock, browser: Any, meeting: Meeting, nghe_an: MeetingSite, secretary: User, age: str
) -> None:
    page = browser(secretary).post(at(meeting, "/mark"), data={"mark": f"{nghe_an.id}:in", "age": age}, headers=JSON)
    assert page.status_code == 200
    found = queries.presence(nghe_an.id)
    pressed = make.at("2026-12-10 08:10")
    assert found.since == (pressed - timedelta(seconds=12.345) if age == "12.345" else pressed)


# --- meetings of more than a day -------------------------------------------------------------------------------------


def close_page(browser: Any, meeting: Meeting, secretary: User) -> Any:
    page = browser(secretary).get(at(meeting, "/close"))
    assert page.status_code == 200
    return page


def test_a_meeting_of_two_days_closed_as_the_page_stands_ended_on_its_second_day(
    clock: Clock, browser: Any, secretary: User
) -> None:
    course = make.meeting(status=Status.SCHEDULED, secretary=secretary, starts="2026-12-10 08:00", minutes=30 * 60)
    clock.at("2026-12-11 15:00")
    page = browser(secretary).submit(at(course, "/close"), {}, form="/close")
    assert page.status_code == 200
    db.session.expire_all()
    assert course.ended_at == make.at("2026-12-11 14:00")


def test_a_meeting_of_two_days_can_be_said_to_have_ended_on_its_first(
    clock: Clock, browser: Any, secretary: User
) -> None:
    course = make.meeting(status=Status.SCHEDULED, secretary=secretary, starts="2026-12-10 08:00", minutes=30 * 60)
    clock.at("2026-12-11 15:00")
    days = close_page(browser, course, secretary).soup.find(id="ended_on")
    assert [option.get_text() for option in days.find_all("option")] == [
        "thứ Năm, 10/12/2026",
        "thứ Sáu, 11/12/2026",
    ]
    browser(secretary).submit(at(course, "/close"), {"ended_at": "17:00", "ended_on": "2026-12-10"}, form="/close")
    db.session.expire_all()
    assert course.ended_at == make.at("2026-12-10 17:00")


@pytest.mark.parametrize("day", ["2026-12-12", "2026-12-09", "x", ""])
def test_a_day_that_was_not_offered_is_refused_at_its_field(
    clock: Clock, browser: Any, secretary: User, day: str
) -> None:
    course = make.meeting(status=Status.SCHEDULED, secretary=secretary, starts="2026-12-10 08:00", minutes=30 * 60)
    clock.at("2026-12-11 15:00")
    page = browser(secretary).post(at(course, "/close"), data={"ended_at": "17:30", "ended_on": day})
    assert page.status_code == 422
    assert "Chọn một trong các ngày đã nêu." in page.words
    assert page.soup.find(id="ended_at")["value"] == "17:30"


def test_an_evening_meeting_that_ran_past_midnight_can_end_on_the_next_day(
    clock: Clock, browser: Any, secretary: User
) -> None:
    late = make.meeting(status=Status.SCHEDULED, secretary=secretary, starts="2026-12-10 20:00", minutes=180)
    clock.at("2026-12-11 00:40")
    browser(secretary).submit(at(late, "/close"), {"ended_at": "00:30", "ended_on": "2026-12-11"}, form="/close")
    db.session.expire_all()
    assert late.ended_at == make.at("2026-12-11 00:30")


def test_a_meeting_of_one_day_is_not_asked_for_the_day(
    clock: Clock, browser: Any, meeting: Meeting, secretary: User
) -> None:
    clock.at("2026-12-11 09:00")  # closed on the morning after
    assert close_page(browser, meeting, secretary).soup.find(id="ended_on") is None
    browser(secretary).submit(at(meeting, "/close"), {"ended_at": "11:00"}, form="/close")
    db.session.expire_all()
    assert meeting.ended_at == make.at("2026-12-10 11:00")


@pytest.mark.parametrize("place", ["", "?province=40"], ids=["few", "many"])
def test_what_polls_bring_one_after_another_is_the_page_drawn_anew(
    place: str,
    hour: Clock,
    browser: Any,
    meeting: Meeting,
    secretary: User,
    press: Press,
    request: Any,
    monkeypatch: Any,
) -> None:
    monkeypatch.setattr(kept, "PACE", 0.0)
    if place:
        request.getfixturevalue("crowd")
    sites = make.sites_of(meeting)
    make.done()
    client, dice = browser(secretary), Random(11)
    board = client.get(at(meeting, f"/live{place}")).soup.find(id="board")
    address, seen = f"{board['data-poll']}{'&' if place else '?'}v=", board["data-v"]
    quick, parts, tiles = seen, {}, {}
    for step in range(18):
        site = dice.choice(sites[-4:])
        stands = queries.presence(site.id)
        moves = [Move.IN, Move.LOST] if stands is not None and stands.state.value == "in" else [Move.IN]
        move = dice.choice(moves)
        press(site, move, head_count=step + 1 if move is Move.IN else None)
        make.done()
        quick = client.get(address + quick).get_json()["v"]  # somebody else asks more often
        if step % 3:
            continue
        news = client.get(address + seen).get_json()
        seen = news["v"]
        parts |= {f"part-{name}": news[name] for name in ("sums", "legend", "todo", "log", "n") if name in news}
        tiles |= news["tiles"]
        page = client.get(at(meeting, f"/live{place}")).soup
        for id, html in tiles.items():
            assert str(BeautifulSoup(html, "html.parser").find(id=id)) == str(page.find(id=id))
        for id, html in parts.items():
            told = BeautifulSoup(html, "html.parser")
            assert told.decode_contents().split() == page.find(id=id).decode_contents().split(), (step, id)
