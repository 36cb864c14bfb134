"""The pages of reminding: what goes by itself, exactly who would get a letter now, the switch, the ladder of a type."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from meetings import journal, worker
from meetings.accounts.models import User
from meetings.accounts.rules import SYSTEM, Role
from meetings.database import db
from meetings.directory.models import Contact, Site
from meetings.invitations import answering, asking, ladders
from meetings.invitations.answering import Answer
from meetings.invitations.models import Chase, Reply
from meetings.invitations.rules import ChaseStep
from meetings.post.models import Letter
from meetings.post.rules import LetterStatus
from meetings.scheduling import moving
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from tests import make
from tests.conftest import Clock
from tests.pages import Client, standing

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def meeting(secretary: User) -> Meeting:
    sites = [make.site(code) for code in (make.NGHE_AN, make.HA_TINH, make.KIM_LIEN)]
    return make.meeting(status=Status.SCHEDULED, secretary=secretary, sites=sites)


@pytest.fixture
def desk(browser: Any, secretary: User) -> Client:
    return browser(secretary)


def ticked(app: Any) -> None:
    db.session.commit()
    while worker.tick(app):
        pass
    db.session.expire_all()


def accepts(meeting: Meeting, number: int) -> None:
    found = make.invitation_of(make.sites_of(meeting)[number])
    answering.reply(found, Answer(Reply.ACCEPTED), actor=SYSTEM)
    db.session.commit()


def test_the_tab_tells_what_goes_when_and_what_has_gone(
    browser: Any, desk: Client, secretary: User, meeting: Meeting, clock: Clock, app: Any
) -> None:
    page = desk.get(f"/meetings/{meeting.code}/reminders")
    assert "Điểm cầu chưa trả lời, trước hạn 17 giờ 00, 07/12/2026 sẽ gửi 3 điểm cầu" in page.words
    assert "danh sách điểm cầu trực thuộc chưa trả lời 17 giờ 00, 08/12/2026 sẽ gửi 1 tỉnh" in page.words
    assert "Điểm cầu chưa gửi danh sách đại biểu – không dùng cho loại họp này" in page.words
    clock.at("2026-12-08 17:00")
    ticked(app)
    desk = browser(secretary)
    page = desk.get(f"/meetings/{meeting.code}/reminders")
    assert "trước hạn 17 giờ 00, 07/12/2026 chưa gửi được" in page.words
    assert "khi đến hạn 17 giờ 00, 08/12/2026 đã xong 3 thư" in page.words
    # on the list of sites a silent one has its way to be reminded
    page = desk.get(f"/meetings/{meeting.code}/sites")
    assert f"/reminders/now?site={make.sites_of(meeting)[0].id}" in str(page.soup)


def test_a_press_reminds_exactly_whom_the_page_named(desk: Client, meeting: Meeting, app: Any) -> None:
    db.session.scalars(sa.select(Contact).join(Site).where(Site.code == make.HA_TINH)).one().email = ""
    accepts(meeting, 2)
    path = f"/meetings/{meeting.code}/reminders/now"
    page = desk.get(path)
    assert "1 điểm cầu sẽ nhận thư này" in page.words and "diemcau.40@40.example" in page.words
    assert "Điểm cầu Nghệ An chưa trả lời giấy mời" in page.words, "the letter as it goes"
    assert (
        "1 điểm cầu cần gọi điện: thư không đến được" in page.words
        and "không có thư điện tử" in page.words
        and "0912 000 345" in page.words
    )
    assert db.session.query(Letter).count() == 0

    # somebody answers while the page is looked at: nothing goes, and the page says who
    seen = page.soup.find("input", id="seen")["value"]
    accepts(meeting, 0)
    page = desk.post(path, data={"seen": seen})
    assert page.status_code == 409
    assert "không còn trong danh sách: Nghệ An" in page.words and "Hiện không có nơi nào nhận thư" in page.words

    lists = desk.get(f"{path}?about=roster")
    assert "2 điểm cầu sẽ nhận thư này" in lists.words and "Gửi danh sách đại biểu" in lists.words
    one = f"{path}?about=roster&site={make.sites_of(meeting)[0].id}"
    assert desk.submit(one, form="Nhắc 1 điểm cầu ngay").request.path == f"/meetings/{meeting.code}/reminders"
    ticked(app)
    assert [letter.to_address for letter in db.session.query(Letter)] == ["diemcau.40@40.example"]
    page = desk.get(f"/meetings/{meeting.code}/reminders")
    assert "Nhắc thủ công Nguyễn Thị Hoa" in page.words
    page = desk.get(one)
    assert "1 điểm cầu vừa được nhắc nên không nhắc lại" in page.words and "13 giờ 0" in page.words


def test_whose_letter_was_refused_or_came_back_is_rung_and_not_reminded_at_the_same_address(
    browser: Any, desk: Client, secretary: User, clock: Clock, app: Any
) -> None:
    sites = [make.site(code) for code in (make.NGHE_AN, make.HA_TINH, make.KIM_LIEN)]
    meeting = make.meeting(status=Status.SCHEDULED, asked=False, secretary=secretary, sites=sites)
    asking.issue(journal.record("meeting.sent", meeting, actor=SYSTEM))
    fates = (LetterStatus.BOUNCED, LetterStatus.REFUSED, LetterStatus.SENT)
    for site, fate in zip(make.sites_of(meeting), fates, strict=True):
        db.session.query(Letter).filter_by(link_id=make.invitation_of(site).link_id).one().status = fate
    db.session.commit()
    page = desk.get(f"/meetings/{meeting.code}/reminders")
    assert "Cần gọi điện: chưa trả lời và thư không đến được (2)" in page.words
    assert page.words.count("thư bị trả lại") == 2 and "0912 000 345" in page.words
    now = f"/meetings/{meeting.code}/reminders/now"
    page = desk.get(now)
    assert "1 điểm cầu sẽ nhận thư này" in page.words and "2 điểm cầu cần gọi điện" in page.words
    assert page.words.count("thư bị trả lại") == 2

    # the address is mended in the directory: nothing stands against this one
    mended = db.session.scalars(sa.select(Contact).join(Site).where(Site.code == make.HA_TINH)).one()
    mended.email = "moi@hatinh.example"
    db.session.commit()
    assert "2 điểm cầu sẽ nhận thư này" in desk.get(now).words
    clock.at("2026-12-08 17:00")
    ticked(app)
    reminded = db.session.scalars(sa.select(Letter.to_address).where(Letter.kind == "reminder").order_by(Letter.id))
    assert list(reminded) == ["moi@hatinh.example", "diemcau.17971@17971.example"]
    rung = db.session.scalars(sa.select(Chase.to_ring).where(Chase.step == ChaseStep.AT_DEADLINE)).one()
    assert rung == 1


def test_the_switch_wants_a_reason_and_the_page_says_who_and_why(desk: Client, meeting: Meeting) -> None:
    path = f"/meetings/{meeting.code}/reminders"
    page = desk.submit(path, {"reason": "x"}, form="reminders/off")
    assert page.status_code == 422 and page.soup.find(id="reason-error") is not None
    page = desk.submit(path, {"reason": "Văn phòng đã gọi điện từng nơi"}, form="reminders/off")
    assert "Nguyễn Thị Hoa tắt lúc" in page.words and "Lý do: Văn phòng đã gọi điện từng nơi" in page.words
    page = desk.submit(path, form="reminders/on")
    assert "Đã bật lại nhắc tự động" in page.words and "tắt lúc" not in page.words


def test_nobody_else_reminds_and_nothing_goes_of_a_meeting_that_is_off(
    browser: Any, desk: Client, meeting: Meeting, technician: User, stranger: User
) -> None:
    assert browser(technician).get(f"/meetings/{meeting.code}/reminders").status_code == 403
    assert browser(stranger).get(f"/meetings/{meeting.code}/reminders/now").status_code == 404
    seen = desk.get(f"/meetings/{meeting.code}/reminders/now").soup.find("input", id="seen")["value"]
    moving.cancel(meeting, "Trùng lịch công tác", actor=SYSTEM)
    page = desk.post(f"/meetings/{meeting.code}/reminders/now", data={"seen": seen})
    assert page.status_code == 409 and "Chỉ nhắc khi cuộc họp chưa diễn ra" in page.words
    assert "Nhắc ngay" not in desk.get(f"/meetings/{meeting.code}/reminders").words


def test_an_administrator_sets_the_ladder_of_a_type_and_takes_it_back(browser: Any, administrator: User) -> None:
    client = browser(administrator)
    page = client.get("/settings/reminders", follow_redirects=True)
    assert page.words.count("mặc định") >= 5
    path = "/settings/reminders/training"
    page = client.submit(path, {"offset_on_the_day": "5"})
    assert page.status_code == 422 and page.soup.find(id="offset_on_the_day-error") is not None
    asked = {**standing(client.get(path).form("", ["offset_on_the_day"])), "offset_on_the_day": "90"}
    del asked["on_province"]
    page = client.post(path, data=asked, follow_redirects=True)
    assert "đặt riêng" in page.words and "Số phút trước giờ họp: 90" in page.words
    from meetings.scheduling.rules import MeetingType

    training = ladders.ladder(MeetingType.TRAINING)
    assert (training[ChaseStep.ON_THE_DAY].offset, training[ChaseStep.PROVINCE].on) == (90, False)
    assert ladders.ladder(MeetingType.WORK)[ChaseStep.PROVINCE].on
    page = client.submit(path, form="training/default")
    assert "Đã trở lại mặc định" in page.words and "đặt riêng" not in page.words
    assert client.get("/settings/reminders/none").status_code == 404
    local = browser(make.user(Role.ADMINISTRATOR, make.NGHE_AN, email="quantri@nghean.example"))
    assert local.post(path, data={"offset_on_the_day": "90"}).status_code == 403
