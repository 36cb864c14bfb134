"""The pages that change a meeting after its sites were told: why, what they will get, then the deed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from meetings import worker
from meetings.accounts.models import User
from meetings.accounts.rules import SYSTEM
from meetings.database import db
from meetings.invitations import posted
from meetings.overview import case_file, moves
from meetings.post import queries as letter_box
from meetings.post.models import Letter
from meetings.scheduling import moving
from meetings.scheduling.models import Change, Meeting
from meetings.scheduling.rules import MOVES, Move, Status
from tests import make
from tests.invitations.test_changes import WHY, invited, moved, worked
from tests.pages import Client, Page, standing

pytestmark = pytest.mark.usefixtures("app")
AFTERNOON = {"reason": WHY, "day": "10/12/2026", "start": "14:00", "hours": "3", "minutes": "15"}


@pytest.fixture
def meeting(secretary: User) -> Meeting:
    return invited(secretary=secretary)


@pytest.fixture
def desk(browser: Any, secretary: User) -> Client:
    return browser(secretary)


def press(desk: Client, page: Page, button: str = "go") -> Page:
    """Press a button of the preview."""
    return desk.post(page.request.path, data={**standing(page.form("", ["go"])), button: "1"}, follow_redirects=True)


def now_of(meeting: Meeting) -> Meeting:
    db.session.expire_all()
    return meeting


def test_a_new_hour_is_shown_before_it_is_set_with_the_very_letter_that_goes(desk: Client, meeting: Meeting) -> None:
    path = f"/meetings/{meeting.code}/reschedule"
    preview = desk.submit(path, AFTERNOON)
    assert "Đổi giờ và báo 2 điểm cầu" in preview.words
    assert (db.session.query(Change).count(), now_of(meeting).starts_at) == (0, make.at("2026-12-10 08:00"))
    told = press(desk, preview)
    assert told.request.path == f"/meetings/{meeting.code}/sending"
    worked()
    letter = posted.letters_to(make.invitation_of(make.sites_of(meeting)[0]))[0]
    assert letter.subject in preview.words
    shown = preview.soup.find("pre")
    assert shown is not None and shown.get_text().split() == letter_box.readable(letter).text.split()
    told = desk.get(f"/meetings/{meeting.code}/sending")
    counts = {str(n["data-count"]): n.get_text() for n in told.soup.select("[data-count]")}
    assert (counts["sites"], counts["sent"], counts["waiting"]) == ("2", "2", "0")
    assert "Giờ mới" in told.words and "Các đợt thư Đợt thư" in told.words


def test_the_preview_tells_what_the_site_knows_and_not_an_hour_that_never_left(desk: Client, meeting: Meeting) -> None:
    moved(meeting, "2026-12-10 10:00")
    db.session.commit()
    worker.follow_up()  # written, not carried
    preview = desk.submit(f"/meetings/{meeting.code}/reschedule", AFTERNOON)
    assert "ĐỔI GIỜ 08:00 → 14:00" in preview.words and "10 giờ 00" not in preview.words.split("Việc sẽ làm")[1]
    press(desk, preview)
    worked()
    letter = posted.letters_to(make.invitation_of(make.sites_of(meeting)[0]))[0]
    assert letter.subject.startswith("ĐỔI GIỜ 08:00 → 14:00")


def test_what_was_typed_is_kept_on_the_way_back_and_a_word_is_no_reason(desk: Client, meeting: Meeting) -> None:
    path = f"/meetings/{meeting.code}/reschedule"
    back = press(desk, desk.submit(path, AFTERNOON), "back")
    start, reason = back.soup.find("input", {"name": "start"}), back.soup.find("textarea", {"name": "reason"})
    assert (start["value"], reason.get_text().strip()) == ("14:00", WHY)
    refused = desk.submit(path, {**AFTERNOON, "reason": "x"})
    assert refused.status_code == 422 and "Nhập lý do" in refused.words
    same = desk.submit(path, {**AFTERNOON, "start": "08:00"})
    assert same.status_code == 422 and "đang ở đúng giờ này" in same.words


@pytest.mark.parametrize("half", [{"reply_day": "08/12/2026"}, {"reply_time": "08:00"}])
def test_half_a_deadline_is_asked_for_the_other_half(desk: Client, meeting: Meeting, half: dict[str, str]) -> None:
    refused = desk.submit(
        f"/meetings/{meeting.code}/reschedule", {**AFTERNOON, "reply_day": "", "reply_time": "", **half}
    )
    (name,) = half
    assert refused.status_code == 422
    assert refused.soup.find(id=f"{name}-error").get_text().strip().startswith("Nhập cả ngày và giờ của hạn trả lời")


def test_who_is_busy_at_the_new_hour_is_named_and_may_be_invited_all_the_same(desk: Client, meeting: Meeting) -> None:
    other = make.meeting(status=Status.SCHEDULED, starts="2026-12-10 14:30", chair_name="Người Khác", title="Họp tỉnh",
                         organiser=make.units()[make.HO_CHI_MINH],
                         sites=[row.site for row in make.sites_of(meeting)])  # fmt: skip
    path = f"/meetings/{meeting.code}/reschedule"
    refused = desk.submit(path, AFTERNOON)
    assert refused.status_code == 409 and "Có 2 trùng lịch" in refused.words
    assert len(refused.soup.select("table.ways tbody tr")) == 1, "thirty sites of one meeting are one line"
    assert "Nghệ An" in refused.words and other.code in refused.words and "Vẫn mời" in refused.words
    standing_in = standing(refused.form("", ["in_spite_of"]))
    preview = desk.post(path, data={**standing_in, "in_spite_of": "Đã thống nhất với tỉnh"})
    press(desk, preview)
    assert now_of(meeting).starts_at == make.at("2026-12-10 14:00")


def test_who_was_slower_is_told_who_was_faster(desk: Client, meeting: Meeting) -> None:
    preview = desk.submit(f"/meetings/{meeting.code}/cancel", {"reason": WHY})
    moved(meeting)
    refused = press(desk, preview)
    assert refused.status_code == 409 and now_of(meeting).status is Status.SCHEDULED


def test_the_page_offers_what_the_table_of_states_has_and_refuses_the_rest(desk: Client, meeting: Meeting) -> None:
    for status in (Status.SCHEDULED, Status.POSTPONED, Status.CANCELLED, Status.IN_SESSION, Status.CLOSED):
        meeting.status = status
        meeting.opened_at = meeting.ended_at = meeting.starts_at
        page = desk.get(f"/meetings/{meeting.code}")
        offered = {str(a["href"]).rsplit(f"{meeting.code}/")[-1] for a in page.soup.select(".moves a")}
        for way, (move, _label, _icon) in moves.WAYS.items():
            path = {"add_sites": "sites/add", "remove_sites": "sites/remove"}.get(way, way)
            open_ = (status, move) in MOVES
            assert (path in offered) is open_, (status, way)
            assert desk.get(f"/meetings/{meeting.code}/{path}").status_code == (200 if open_ else 409), (status, way)
        assert "clone" in offered


@pytest.mark.parametrize("path", ["reschedule", "postpone", "cancel", "change", "sites/add", "sites/remove", "clone"])
def test_only_the_secretary_of_the_organiser_changes_a_meeting(
    browser: Any, meeting: Meeting, stranger: User, approver: User, path: str
) -> None:
    make.meeting_site(meeting, make.site(make.HO_CHI_MINH))  # the stranger's province is invited: she sees the meeting
    for who in (stranger, approver):
        assert browser(who).get(f"/meetings/{meeting.code}/{path}").status_code == 403
    assert browser().get(f"/meetings/{meeting.code}/{path}").status_code in (302, 303, 401)


def test_other_facts_are_changed_with_the_agenda_and_the_answers_stay(desk: Client, meeting: Meeting) -> None:
    path = f"/meetings/{meeting.code}/change"
    page = desk.get(path)
    values = {**standing(page.form("", ["reason"])), "reason": WHY, "chair_name": "Trần Thị Bình"}
    values["item"] = ["Khai mạc", "Thảo luận", *values["item"][2:]]
    up = desk.post(path, data={**values, "up": "1"})
    assert up.soup.find("input", {"id": "title-0"})["value"] == "Thảo luận"
    assert up.soup.find("input", {"name": "chair_name"})["value"] == "Trần Thị Bình"
    preview = desk.post(path, data=values)
    assert "Chủ trì Ông Lê Minh Khang, Bộ trưởng Ông Trần Thị Bình, Bộ trưởng" in preview.words
    press(desk, preview)
    change = db.session.query(Change).one()
    assert set(change.after) >= {"chair_name", "agenda"} and change.sequence == 0
    assert now_of(meeting).chair_name == "Trần Thị Bình"
    nothing = desk.submit(path, {"reason": WHY})
    assert nothing.status_code == 422 and "Chưa có nội dung nào khác" in nothing.words


def test_who_names_no_site_is_asked_for_one(desk: Client, meeting: Meeting) -> None:
    for way, asked in (("add", "Chọn ít nhất một điểm cầu cần thêm"), ("remove", "Chọn ít nhất một điểm cầu cần bỏ")):
        refused = desk.submit(f"/meetings/{meeting.code}/sites/{way}", {"reason": WHY})
        assert refused.status_code == 422 and asked in refused.soup.find(id="codes-error").get_text()


def test_sites_are_found_ticked_and_added_and_the_list_is_kept_over_another_search(
    desk: Client, meeting: Meeting
) -> None:
    saigon, kim_lien = make.site(make.SAI_GON), make.site(make.KIM_LIEN)
    path = f"/meetings/{meeting.code}/sites/add"
    found = desk.submit(path, {"reason": WHY, "q": "sai gon", "find": "1"})
    assert "Phường Sài Gòn" in found.words
    ticked = {**standing(found.form("", ["reason"])), "site": [str(saigon.id)], "q": "kim lien", "find": "1"}
    found = desk.post(path, data=ticked)
    assert "Phường Sài Gòn" in found.words and "Xã Kim Liên" in found.words
    preview = desk.post(path, data={**standing(found.form("", ["reason"])), "site": [str(saigon.id), str(kim_lien.id)]})
    assert "Mời thêm 2 điểm cầu" in preview.words and "Giấy mời họp trực tuyến 08 giờ 00" in preview.words
    press(desk, preview)
    assert {site.name for site in make.sites_of(meeting)} >= {"Phường Sài Gòn", "Xã Kim Liên"}
    again = desk.submit(path, {"reason": WHY, "codes": make.SAI_GON})
    assert again.status_code == 422 and "đều có trong cuộc họp" in again.words


def test_a_site_that_is_taken_out_is_told_alone_and_its_link_says_so_with_the_office_s_number(
    desk: Client, client: Client, meeting: Meeting
) -> None:
    stays, goes = make.sites_of(meeting)
    link = make.private(goes)
    preview = desk.submit(f"/meetings/{meeting.code}/sites/remove?site={goes.id}", {"reason": WHY})
    assert "Bỏ và báo 1 điểm cầu" in preview.words and "THÔI MỜI" in preview.words
    press(desk, preview)
    gone = client.get(link)
    assert gone.status_code == 410
    assert "không còn được mời" in gone.words and "024 000 1234" in gone.words
    worked()
    assert [letter.kind for letter in posted.letters_to(make.invitation_of(stays))] == ["invitation"]
    assert [letter.kind for letter in posted.letters_to(make.invitation_of(goes))] == ["removal", "invitation"]
    assert client.get(link).status_code == 410
    refused = desk.submit(f"/meetings/{meeting.code}/sites/remove", {"reason": WHY, "site": [str(stays.id)]})
    assert refused.status_code == 422 and "hãy hủy cuộc họp" in refused.words


def test_the_site_s_page_shows_the_hour_before_and_now_and_asks_again(client: Client, meeting: Meeting) -> None:
    site = make.sites_of(meeting)[0]
    link = make.private(site)
    client.submit(f"{link}/reply", {"answer": "accepted"})
    moved(meeting)
    worked()
    page = client.get(link)
    told = page.soup.find(class_="moved")
    assert told is not None
    assert " ".join(told.get_text(" ").split()).startswith(
        "Giờ họp đã thay đổi 08 giờ 00 – 11 giờ 15, 10/12/2026 14 giờ 00 – 17 giờ 15, 10/12/2026"
    )
    assert "Đề nghị xác nhận lại trước" in told.get_text()
    client.submit(f"{link}/reply", {"answer": "accepted"})
    page = client.get(link)
    assert "Đề nghị xác nhận lại" not in page.words and "Giờ họp đã thay đổi" in page.words


def test_a_meeting_put_off_and_called_off_says_so_to_its_sites_and_on_the_list(
    desk: Client, client: Client, meeting: Meeting
) -> None:
    link = make.private(make.sites_of(meeting)[0])
    press(desk, desk.submit(f"/meetings/{meeting.code}/postpone", {"reason": WHY}))
    put_off = client.get(link)
    assert "hoãn" in put_off.words.lower() and WHY in put_off.words and "024 000 1234" in put_off.words
    assert "giờ mới báo sau" in desk.get("/meetings").words
    assert f"Đã hoãn: {WHY}" in desk.get(f"/meetings/{meeting.code}").words
    preview = desk.submit(f"/meetings/{meeting.code}/cancel", {"reason": "Ứng phó bão số 9"})
    assert "Hủy và báo 2 điểm cầu" in preview.words
    press(desk, preview)
    called_off = client.get(link)
    assert "Ứng phó bão số 9" in called_off.words and called_off.soup.select("ol.tasks") == []
    history = desk.get(f"/meetings/{meeting.code}/history").words
    for said in (f"Đã hoãn cuộc họp. Lý do: {WHY}", "Đã hủy cuộc họp. Lý do: Ứng phó bão số 9"):
        assert said in history


def test_a_draft_that_waits_for_approval_is_cancelled_and_nobody_is_written_to(desk: Client, secretary: User) -> None:
    meeting = make.meeting(status=Status.AWAITING_APPROVAL, sent_at=None, asked=False, secretary=secretary)
    preview = desk.submit(f"/meetings/{meeting.code}/cancel", {"reason": WHY})
    assert "chưa điểm cầu nào" in preview.words
    press(desk, preview)
    assert now_of(meeting).status is Status.CANCELLED
    worked()
    assert db.session.query(Letter).filter(Letter.link_purpose == "m").count() == 0


def test_a_copy_has_the_same_sites_agenda_and_people_and_no_time_and_no_number(desk: Client, meeting: Meeting) -> None:
    meeting.invitation_number, meeting.invitation_on, meeting.platform_link = (
        "12",
        "2026-12-01",
        "https://meet.example/1",
    )
    moving.cancel(meeting, WHY, actor=SYSTEM)
    page = desk.submit(f"/meetings/{meeting.code}/clone", {"title": "Hội nghị quý I"})
    assert page.request.path.endswith("/book/details")
    made = db.session.query(Meeting).order_by(Meeting.id.desc()).first()
    assert made is not None and made.id != meeting.id
    assert (made.status, made.starts_at, made.invitation_number, made.platform_link, made.title) == (
        Status.DRAFT, None, "", "", "Hội nghị quý I",
    )  # fmt: skip
    assert made.uid != meeting.uid and made.code != meeting.code
    assert [s.name for s in make.sites_of(made)] == [s.name for s in make.sites_of(meeting)]
    assert [i.title for i in moving.queries.agenda_of(made)] == [i.title for i in moving.queries.agenda_of(meeting)]
    assert (made.signer_name, made.contact_phone) == (meeting.signer_name, meeting.contact_phone)


def test_the_case_file_keeps_every_giay_moi_and_every_letter(meeting: Meeting) -> None:
    moved(meeting)
    worked()
    moving.cancel(meeting, WHY, actor=SYSTEM)
    worked()
    names = [name for name, _data in case_file.contents(meeting)]
    assert {"van-ban/giay-moi.docx", "van-ban/giay-moi-ban-1.docx"} <= set(names)
    assert sum(name.startswith("thu/change-") for name in names) == 2
    assert sum(name.startswith("thu/cancellation-") for name in names) == 2


def test_a_move_frees_the_hour_it_leaves_and_takes_the_one_it_goes_to(meeting: Meeting) -> None:
    sites = [site.site for site in make.sites_of(meeting)]
    hour = make.at("2026-12-10 08:00")

    def busy() -> int:
        wanted = moving.holding.Booking
        return (
            db.session.query(wanted).filter(wanted.site_id.in_([s.id for s in sites]), wanted.starts_at == hour).count()
        )

    assert busy() == 2
    moved(meeting)
    assert busy() == 0
    moved(meeting, "2026-12-10 08:00")
    assert busy() == 2
    moving.postpone(meeting, WHY, actor=SYSTEM)
    assert busy() == 0
    assert meeting.starts_at == hour and meeting.ends_at == hour + timedelta(minutes=195)  # CANCEL keeps it


def test_every_way_is_a_move_that_the_table_has() -> None:
    assert {move for move, _label, _icon in moves.WAYS.values()} <= set(Move)
