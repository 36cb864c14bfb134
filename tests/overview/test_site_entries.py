"""What is entered for one site by its private link: answer, roster, line test, check-in."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.attendance import queries as attendance
from meetings.attendance.rules import State
from meetings.database import db
from meetings.invitations import answering
from meetings.invitations.rules import Reply
from meetings.readiness import absences, filing, roster, rules
from meetings.readiness import queries as readiness
from meetings.readiness.rules import Outcome
from meetings.scheduling import moving
from meetings.scheduling.models import MeetingSite
from meetings.scheduling.rules import Status
from tests import make
from tests.conftest import Clock
from tests.overview.conftest import PASTED, said
from tests.pages import Client

# ------------------------------------------------------------------ the answer


def test_the_plain_case_is_three_taps(client: Client, here: MeetingSite, link: str) -> None:
    front = client.get(link)
    first = front.soup.select_one("ol.tasks a[aria-current=step]")
    assert first is not None and first["href"] == link + "/reply"  # 1: the highlighted step
    page = client.submit(link + "/reply", {"answer": "accepted"})  # 2: attend, 3: send
    assert page.status_code == 200
    assert "Đã gửi lúc 09 giờ 00" in page.words
    assert "Danh sách đại biểu" in page.words  # what comes next
    assert said(here).reply is Reply.ACCEPTED
    assert said(here).day_phone == "0912000345"  # the officer's, filled in beforehand


def test_nothing_is_chosen_on_the_first_visit_and_sending_nothing_is_refused(
    client: Client, here: MeetingSite, link: str
) -> None:
    page = client.get(link + "/reply")
    assert not page.soup.select("input[name=answer][checked]")
    page = client.submit(link + "/reply", form="/reply")
    assert page.status_code == 422
    assert "Chọn một trong ba câu trả lời." in page.words
    assert said(here).reply is Reply.ASKED


def test_a_substitute_needs_a_name_and_a_title_and_what_was_typed_is_kept(
    client: Client, here: MeetingSite, link: str
) -> None:
    page = client.submit(link + "/reply", {"answer": "substitute", "substitute_name": "Hoàng Văn Lộc"})
    assert page.status_code == 422
    assert "Nhập chức vụ người dự thay." in page.words
    assert page.soup.select_one("#substitute_name")["value"] == "Hoàng Văn Lộc"
    values = {
        "answer": "substitute",
        "substitute_honorific": "Ông",
        "substitute_name": "Hoàng Văn Lộc",
        "substitute_title": "Phó Chủ tịch UBND tỉnh",
        "substitute_reason": "Chủ tịch đi công tác",
        "reason": "này không thuộc câu trả lời",
    }
    assert "Dự thay: Ông Hoàng Văn Lộc" in client.submit(link + "/reply", values).words
    found = said(here)
    assert (found.reply, found.substitute_title, found.reason) == (
        Reply.SUBSTITUTE,
        "Phó Chủ tịch UBND tỉnh",
        "Chủ tịch đi công tác",
    )


def test_declining_needs_a_reason(client: Client, here: MeetingSite, link: str) -> None:
    assert client.submit(link + "/reply", {"answer": "declined"}).status_code == 422
    page = client.submit(link + "/reply", {"answer": "declined", "reason": "Bão số 12"})
    assert "Không tham dự được" in page.words
    front = client.get(link)
    assert front.words.count("Không cần, điểm cầu không tham dự") == 3


def test_an_answer_can_be_changed_and_the_earlier_one_stays_in_the_history(
    client: Client, here: MeetingSite, link: str
) -> None:
    client.submit(link + "/reply", {"answer": "accepted"})
    assert client.get(link + "/reply").soup.select_one("input[name=answer][checked]")["value"] == "accepted"
    client.submit(link + "/reply", {"answer": "declined", "reason": "Bão số 12"})
    assert said(here).reply is Reply.DECLINED
    newest, first = journal.queries.of(here.meeting.code, fact="invitation.answered")
    assert newest.details["before"]["reply"] == "accepted"
    assert first.details["after"]["reply"] == "accepted"


def test_an_answer_after_the_deadline_is_taken_and_marked_late(
    client: Client, here: MeetingSite, link: str, clock: Clock
) -> None:
    clock.at("2026-12-09 08:00")
    assert "Đã quá hạn" in client.get(link + "/reply").words
    assert "gửi muộn" in client.submit(link + "/reply", {"answer": "accepted"}).words
    assert said(here).late


def test_an_answer_once_the_meeting_has_begun_is_refused(
    client: Client, here: MeetingSite, link: str, clock: Clock
) -> None:
    form = client.get(link + "/reply")
    clock.at("2026-12-10 08:00")
    token = form.soup.select_one("input[name=csrf_token]")["value"]
    page = client.post(link + "/reply", data={"answer": "accepted", "csrf_token": token})
    assert page.status_code == 409
    assert said(here).reply is Reply.ASKED
    assert not client.get(link + "/reply").soup.select("form[action$='/reply']")


def test_an_answer_given_by_telephone_shows_on_the_page(
    client: Client, here: MeetingSite, link: str, secretary: Any
) -> None:
    answer = answering.Answer(Reply.ACCEPTED)
    answering.record_by_telephone(make.invitation_of(here), answer, "Ông Hồ Sỹ Đầu Mối", actor=make.actor(secretary))
    assert "qua điện thoại lúc" in client.get(link).words and "Ông Hồ Sỹ Đầu Mối" in client.get(link).words


# ------------------------------------------------------------------ the roster


def test_a_pasted_list_says_what_was_received_and_the_failing_row_is_mended_in_place(
    client: Client, here: MeetingSite, link: str
) -> None:
    page = client.submit(link + "/roster", {"pasted": PASTED}, form="/roster")
    assert "Nhận 07 dòng: 06 dùng được, 01 cần bổ sung" in page.words
    assert "Dòng 4, Lê Thanh Tâm: thiếu chức vụ" in page.words
    assert readiness.delegate_count(here) == 6
    page = client.submit(link + "/roster", {"row-1-title": "Phó Giám đốc"}, form="/mend")
    assert "Đã gửi lúc" in page.words
    assert readiness.delegate_count(here) == 7
    assert "đã có 07 đại biểu" in client.get(link).words


def test_a_list_comes_as_an_excel_file_too(client: Client, here: MeetingSite, link: str) -> None:
    book = openpyxl.Workbook()
    for line in PASTED.splitlines():
        book.active.append(line.split("\t"))
    file = io.BytesIO()
    book.save(file)
    form = client.get(link + "/roster").form("/roster")
    token = form.find("input", {"name": "csrf_token"})["value"]
    upload = {"csrf_token": token, "pasted": "", "file": (io.BytesIO(file.getvalue()), "danh sách.xlsx")}
    answer = client.post(link + "/roster", data=upload, content_type="multipart/form-data", follow_redirects=True)
    assert "Nhận 07 dòng" in answer.words
    assert readiness.delegate_count(here) == 6


def test_a_file_that_is_no_list_is_refused_at_its_field(client: Client, here: MeetingSite, link: str) -> None:
    token = client.get(link + "/roster").form("/roster").find("input", {"name": "csrf_token"})["value"]
    upload = {"csrf_token": token, "pasted": "", "file": (io.BytesIO(b"PK\x03\x04 broken"), "a.xlsx")}
    answer = client.post(link + "/roster", data=upload, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert answer.soup.select_one("#file-error") is not None
    assert readiness.roster_of(here) is None


def test_a_pasted_list_that_is_no_utf_8_is_refused_at_its_field(client: Client, here: MeetingSite, link: str) -> None:
    token = client.get(link + "/roster").form("/roster").find("input", {"name": "csrf_token"})["value"]
    fields = {"csrf_token": str(token).encode(), "pasted": "Ông A".encode() + b"\xff\xed\xa0\x80 B\tC"}
    parts = [
        b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), text)
        for name, text in fields.items()
    ]
    body = b"".join(parts) + b"--x--\r\n"
    answer = client.post(link + "/roster", data=body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 422
    assert "ký tự không lưu được" in answer.soup.select_one("#pasted-error").get_text()
    assert readiness.roster_of(here) is None


def test_a_list_typed_with_an_old_font_is_offered_in_unicode_before_anything_is_kept(
    client: Client, here: MeetingSite, link: str
) -> None:
    old = "Hoµng V¨n Léc\tPhã Chñ tÞch\tUBND tØnh"
    page = client.submit(link + "/roster", {"pasted": old}, form="/roster")
    assert page.status_code == 422
    assert "TCVN3" in page.words and "Hoàng Văn Lộc" in page.words
    assert page.soup.select_one("#pasted").get_text().strip() == old
    assert readiness.roster_of(here) is None
    token = page.form("/roster").find("input", {"name": "csrf_token"})["value"]
    client.post(link + "/roster", data={"pasted": old, "font": "tcvn3", "csrf_token": token})
    assert [delegate.name for delegate in readiness.delegates(here)] == ["Hoàng Văn Lộc"]


def test_over_the_limit_is_said_and_sent_all_the_same(client: Client, here: MeetingSite, link: str) -> None:
    here.meeting.max_delegates = 3
    page = client.submit(link + "/roster", {"pasted": PASTED}, form="/roster")
    assert "Vượt 3 người so với 3 đại biểu, vẫn gửi được để Văn phòng xem." in page.words


def test_one_delegate_is_typed_and_taken_off_again(client: Client, here: MeetingSite, link: str) -> None:
    values = {"honorific": "Bà", "name": "Lê Thanh Tâm", "title": "Phó Giám đốc"}
    page = client.submit(link + "/roster", values, form="/add")
    assert "Bà Lê Thanh Tâm" in page.words
    client.submit(page.soup.select_one(".ros a.who")["href"], form="/remove")
    assert readiness.delegate_count(here) == 0


def test_a_delegate_is_corrected_and_moved_without_a_script(client: Client, here: MeetingSite, link: str) -> None:
    text = "Ông A Nam\tGiám đốc\tSở Y tế\tTrưởng đoàn\nBà B Hoa\tPhó Giám đốc\nÔng C Tú\tChuyên viên"
    page = client.submit(link + "/roster", {"pasted": text}, form="/roster")
    third = page.soup.select(".ros a.who")[2]
    moves = [form["action"].rsplit("/move/", 1)[1] for form in page.soup.select(".ros form")]
    assert moves == ["3", "2"]  # the head of the delegation stays, the second goes down, the third up
    page = client.submit(link + "/roster", form="/move/2")
    assert [who.get_text(" ", strip=True).split(" –")[0] for who in page.soup.select(".ros a.who")] == [
        "Ông A Nam", "Ông C Tú", "Bà B Hoa",
    ]  # fmt: skip
    page = client.submit(third["href"], {"name": "C Tuấn", "title": "", "place": "3"}, form="/change")
    assert page.status_code == 422 and page.soup.select_one("#name")["value"] == "C Tuấn"
    page = client.submit(third["href"], {"name": "C Tuấn", "title": "Trưởng phòng", "place": "3"}, form="/change")
    assert page.soup.select(".ros a.who")[2].get_text(" ", strip=True).startswith("Ông C Tuấn")
    assert client.get(f"{link}/roster/999999999999").status_code == 404


def test_a_delegate_without_a_title_is_refused_at_the_field(client: Client, here: MeetingSite, link: str) -> None:
    page = client.submit(link + "/roster", {"name": "Lê Thanh Tâm"}, form="/add")
    assert page.status_code == 422
    assert page.soup.select_one("#title-error") is not None
    assert page.soup.select_one("#name")["value"] == "Lê Thanh Tâm"


# ------------------------------------------------------------------ the line test


def test_a_partial_line_test_is_sent_and_a_fault_says_what_is_wrong(
    client: Client, here: MeetingSite, link: str
) -> None:
    page = client.submit(link + "/line-test", {"line": "pass", "picture": "pass", "microphone": "fault"})
    assert page.status_code == 422
    assert page.soup.select_one("#note_microphone-error") is not None
    values = {"line": "pass", "picture": "pass", "microphone": "fault", "note_microphone": "Micro 2 bị vọng tiếng"}
    assert "Có lỗi: Micro" in client.submit(link + "/line-test", values).words
    page = client.get(link + "/line-test")
    assert page.soup.select_one("#microphone-1").has_attr("checked")
    assert not page.soup.select("input[name=screen][checked]")


def test_six_passed_items_pass_the_step_and_a_fault_reopens_it(client: Client, here: MeetingSite, link: str) -> None:
    all_passed = dict.fromkeys(("line", "picture", "microphone", "loudspeaker", "screen", "power"), "pass")
    assert "Đạt" in client.submit(link + "/line-test", all_passed).words
    client.submit(link + "/line-test", {"line": "fault", "note_line": "Rớt mạng"})
    assert "Có lỗi: Đường truyền" in client.get(link).words
    (test,) = readiness.line_tests(here).values()
    assert test.outcome is Outcome.FAILED


# ------------------------------------------------------------------ into the meeting


def test_check_in_is_closed_until_forty_five_minutes_before(
    client: Client, here: MeetingSite, link: str, clock: Clock
) -> None:
    clock.at("2026-12-10 07:14")
    page = client.get(link + "/check-in")
    assert "07 giờ 15" in page.words
    assert not page.soup.select("form[action*=check-in]")
    assert client.post(link + "/check-in/ready").status_code == 409
    clock.at("2026-12-10 07:15")
    assert client.submit(link + "/check-in", form="/ready").status_code == 200
    assert attendance.presence(here.id).state is State.READY


def test_a_site_reports_ready_goes_in_with_its_head_count_is_lost_and_comes_back(
    client: Client, here: MeetingSite, link: str, clock: Clock
) -> None:
    filing.file_roster(here, roster.rows_of(PASTED), actor=Actor.link(1, "x"))
    clock.at("2026-12-10 07:52")
    page = client.get(link + "/check-in")
    assert page.soup.select_one("#head_count")["value"] == "6"
    assert "07 giờ 52" in page.words and "còn 8 phút" in page.words
    page = client.submit(link + "/check-in", {"head_count": "18"}, form="check-in-form")
    assert page.soup.select_one(".st.s-in") is not None
    presence = attendance.presence(here.id)
    assert presence is not None and (presence.state, presence.head_count) == (State.IN, 18)
    page = client.submit(link + "/check-in", form="/lost")
    assert page.soup.select_one(".st.s-lost") is not None
    page = client.submit(link + "/check-in", form="check-in-form")
    assert page.soup.select_one(".st.s-in") is not None
    assert page.soup.select_one("#head_count")["value"] == "18"


@pytest.mark.parametrize("count", ["0", "-3", "5001", "abc", "", "1" * 60])
def test_a_head_count_that_cannot_be_meant_is_refused_at_its_field(
    client: Client, here: MeetingSite, link: str, clock: Clock, count: str
) -> None:
    clock.at("2026-12-10 07:52")
    page = client.submit(link + "/check-in", {"head_count": count}, form="check-in-form")
    assert page.status_code == 422
    assert page.soup.select_one("#head_count-error") is not None
    assert attendance.presence(here.id) is None


@pytest.mark.parametrize("status", [Status.SCHEDULED, Status.IN_SESSION])
def test_a_head_count_with_a_digit_too_many_is_asked_about_once_and_then_taken(
    client: Client, here: MeetingSite, link: str, clock: Clock, status: Status
) -> None:
    filing.file_roster(here, roster.rows_of(PASTED), actor=Actor.link(1, "x"))
    clock.at("2026-12-10 07:52")
    db.session.merge(here.meeting).status = status  # in session a press goes the short way
    make.done()
    page = client.submit(link + "/check-in", {"head_count": "5000"}, form="check-in-form")
    assert page.status_code == 422 and "5.000 đại biểu nhiều hơn hẳn" in page.words
    assert attendance.presence(here.id) is None
    sure = page.soup.select_one("#check-in-form [name=sure]")["value"]
    token = page.soup.select_one("#check-in-form [name=csrf_token]")["value"]
    client.post(link + "/check-in", data={"csrf_token": token, "head_count": "5000", "sure": sure})
    assert attendance.presence(here.id).head_count == 5000
    assert rules.doubtful(1280, 131, None) and not rules.doubtful(300, 131, None), "scenario 23 with a digit more"
    assert not rules.doubtful(128, 0, None) and not rules.doubtful(700, 20, 800)


def test_a_queued_check_in_counts_once_and_from_when_it_was_pressed(
    client: Client, here: MeetingSite, link: str, clock: Clock
) -> None:
    clock.at("2026-12-10 08:10")
    client.get(link + "/check-in")
    for _ in range(3):
        client.post(link + "/check-in", data={"head_count": "18", "once": "a1b2", "age": "1080"})
    (mark,) = attendance.marks_of(here.id)
    assert mark.at == make.at("2026-12-10 07:52")


def test_the_sites_own_slot_stands_out_in_the_agenda(client: Client, link: str) -> None:
    bold = client.get(link + "/check-in").soup.select(".box .facts b")
    assert [tag.get_text() for tag in bold] == ["09 giờ 00: Nghệ An phát biểu"]


# ------------------------------------------------------------------ who of the list is absent


def test_one_camera_stands_for_128_people_of_131_and_three_are_absent_with_their_reasons(
    client: Client, here: MeetingSite, link: str, clock: Clock
) -> None:
    listed = "".join(f"Ông Nguyễn Văn Thứ {n}\tTrưởng phòng\tSở {n}\n" for n in range(131))
    filing.file_roster(here, roster.rows_of(listed), actor=Actor.link(1, "x"))
    clock.at("2026-12-10 07:52")
    page = client.get(link + "/check-in/absent")
    away = [box["name"].removeprefix("absent-") for box in page.soup.select("[type=checkbox]")[4:7]]
    reasons = dict(zip(away, ("Trực bão", "Ốm", ""), strict=True))
    values = {f"absent-{id}": "y" for id in away} | {f"why-{id}": text for id, text in reasons.items()}
    page = client.submit(link + "/check-in/absent", values, form="/absent")
    assert "03 người trong danh sách vắng mặt" in page.words
    assert page.soup.select_one("#head_count")["value"] == "128"
    client.submit(link + "/check-in", form="check-in-form")
    assert attendance.presence(here.id).head_count == 128
    assert [one.absence for one in absences.of(here)] == ["Trực bão", "Ốm", ""]
    (told,) = journal.queries.of(here.meeting.code, fact="roster.absences_noted")
    assert [one["reason"] for one in told.details["absent"]] == ["Trực bão", "Ốm", ""]
    assert "Vắng: Trực bão" in client.get(link + "/roster").words
    client.submit(link + "/check-in/absent", {f"absent-{away[0]}": []}, form="/absent")
    assert len(absences.of(here)) == 2


# ------------------------------------------------------------------ twice, and by two


def test_what_comes_a_second_time_does_not_undo_what_was_sent_in_between(
    client: Client, here: MeetingSite, link: str
) -> None:
    accepted = {"answer": "accepted", "day_phone": "0912000345", "once": "k-1"}
    client.get(link + "/reply")
    for values in (accepted, {"answer": "declined", "reason": "Bão số 12", "once": "k-2"}, accepted):
        assert client.post(link + "/reply", data=values).status_code == 303
    assert said(here).reply is Reply.DECLINED
    client.post(link + "/reply", data={**accepted, "day_phone": "0912000456"})
    assert said(here).reply is Reply.ACCEPTED, (
        "the same page, gone back to and filled with something else, is another form"
    )


def test_every_form_of_the_page_that_is_sent_twice_is_one_fact(client: Client, here: MeetingSite, link: str) -> None:
    forms: dict[str, dict[str, str]] = {
        "/roster": {"pasted": PASTED, "replace": "y"},
        "/roster/mend": {"row-1-title": "Phó Giám đốc"},
        "/roster/add": {"name": "Lê Văn Mới", "title": "Chuyên viên"},
        "/line-test": {"line": "pass"},
    }
    client.get(link + "/reply")
    for path, values in forms.items():
        written = []
        for _time in range(2):
            answer = client.post(link + path, data={**values, "once": "k-1"})
            assert answer.status_code == 303, f"{path}: {answer.words}"
            written.append((answer.location, len(journal.queries.of(here.meeting.code))))
        assert written[0] == written[1], path
    assert readiness.delegate_count(here) == 8


def test_who_holds_the_same_link_sees_who_answered_last(client: Client, here: MeetingSite, link: str) -> None:
    client.submit(link + "/reply", {"answer": "accepted", "day_phone": "0912 000 345"})
    assert "0912 000 345" not in client.get(link).words, "one answer raises no question"
    client.submit(link + "/reply", {"answer": "declined", "reason": "Bão số 12", "day_phone": "0912 000 456"})
    assert "Không tham dự được · 0912 000 456 gửi lúc 09 giờ 00" in client.get(link).words
    page = client.get(link + "/reply")
    assert "0912 000 456 gửi lúc" in page.words
    assert "0912 000 345 gửi lúc" in page.soup.select_one(".said").get_text()


def test_a_new_hour_asks_again_before_any_letter_has_said_so(
    client: Client, here: MeetingSite, link: str, secretary: Any
) -> None:
    client.submit(link + "/reply", {"answer": "accepted"})
    later = here.meeting.starts_at + timedelta(hours=6)
    moving.reschedule(here.meeting, later, 195, "Bão số 12", actor=make.actor(here.meeting.secretary))
    page = client.get(link)
    assert "xong 0/4" in page.words and "Xác nhận lại: giờ họp đã đổi" in page.words
    assert page.soup.select_one(".moved a.btn")["href"] == link + "/reply"
    page = client.submit(link + "/reply", {"answer": "accepted"})
    assert "xong 1/4" in client.get(link).words
    assert not client.get(link).soup.select(".moved a.btn")


def test_an_answer_to_the_old_hour_that_comes_after_the_move_is_not_one_to_the_new(
    client: Client, here: MeetingSite, link: str
) -> None:
    form = client.get(link + "/reply").form("/reply")
    old = form.find("input", {"name": "hour"})["value"]
    later = here.meeting.starts_at + timedelta(hours=6)
    moving.reschedule(here.meeting, later, 195, "Bão số 12", actor=make.actor(here.meeting.secretary))
    page = client.post(link + "/reply", data={"answer": "accepted", "hour": old, "once": "k-1"})
    assert page.status_code == 409
    assert "Giờ họp đã đổi sau khi mở trang này." in page.words
    assert page.soup.select_one(".moved") is not None
    assert page.soup.select_one("input[name=answer][checked]")["value"] == "accepted", "what was chosen stays"
    assert said(here).reply is Reply.ASKED
    new = page.soup.select_one("input[name=hour]")["value"]
    assert client.post(link + "/reply", data={"answer": "accepted", "hour": new, "once": "k-1"}).status_code == 303
