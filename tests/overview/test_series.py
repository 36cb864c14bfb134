"""The pages of a meeting that comes again: its dates before anything is made, and the series on the pages of its dates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from urllib.parse import urlencode

import pytest

from meetings.accounts.models import User
from meetings.accounts.rules import SYSTEM
from meetings.database import db
from meetings.invitations import services
from meetings.journal.models import Entry
from meetings.scheduling import holding, queries, series
from meetings.scheduling import services as arranging
from meetings.scheduling.models import Meeting, MeetingSeries
from meetings.scheduling.recurrence import Pace, Rule
from meetings.scheduling.rules import Status
from meetings.units.models import Unit
from tests import make
from tests.conftest import Clock
from tests.invitations.test_services import worked
from tests.pages import Client, Page, standing

MONDAYS = urlencode({"pace": "weekly", "weekdays": "0", "every": "1", "until": "01/03/2027", "count": ""})


@pytest.fixture
def desk(browser: Callable[..., Client], secretary: User, units: dict[str, Unit]) -> Client:
    return browser(secretary)


@pytest.fixture
def draft(desk: Client, secretary: User) -> Meeting:
    """A draft of which every step is done, on Monday 7 December 2026 at 08:00."""
    return make.meeting(secretary=secretary, asked=False, starts="2026-12-07 08:00", minutes=90, code="HN-2026-0901")


def address(meeting: Meeting, rule: str = MONDAYS) -> str:
    return f"/meetings/{meeting.code}/book/series" + (f"?{rule}" if rule else "")


def rows(page: Page) -> dict[str, str]:
    """Day → what is chosen for it, of the list that stands on *page*."""
    fields = page.soup.select("table.series-dates select")
    return {str(f["name"]).removeprefix("on-"): str(f.select_one("option[selected]")["value"]) for f in fields}


def listed(page: Page) -> dict[str, str]:
    return standing(page.form(holding="Giữ chỗ"))


def test_all_dates_are_listed_with_their_reasons_before_anything_is_made(desk: Client, draft: Meeting) -> None:
    first = desk.get(address(draft, ""))
    assert first.status_code == 200 and not rows(first)
    before = db.session.query(Entry).count()
    page = desk.get(address(draft))
    assert len(rows(page)) == 13
    assert [day for day, choice in rows(page).items() if choice == "leave"] == ["2027-02-08"]
    text = page.soup.select_one("table.series-dates").get_text(" ")
    assert "Tết Nguyên Đán" in text and "Dời sang thứ Năm, 11/02/2027" in text
    assert "Giữ chỗ 12 buổi" in page.text
    assert db.session.query(MeetingSeries).count() == 0 and db.session.query(Entry).count() == before


def test_a_rule_that_cannot_be_meant_is_refused_at_its_field_and_keeps_what_was_typed(
    desk: Client, draft: Meeting
) -> None:
    rule = urlencode({"pace": "weekly", "weekdays": "2", "until": "01/03/2027"})
    page = desk.get(address(draft, rule))
    assert "Buổi đầu, thứ Hai, ngày 07 tháng 12 năm 2026, không thuộc quy luật này" in page.text
    assert page.soup.select_one('input[name="weekdays"][value="2"]').has_attr("checked")
    assert "Nhập lặp lại đến ngày nào" in desk.get(address(draft, "pace=weekly&weekdays=0&until=")).text


def test_one_button_holds_every_date_and_the_time_step_then_tells_of_the_series(desk: Client, draft: Meeting) -> None:
    values = listed(desk.get(address(draft)))
    values["on-2027-02-08"], values["on-2026-12-14"] = "move", "leave"
    again = desk.post(address(draft), data={**values, "look": "1"})
    assert again.status_code == 200 and rows(again)["2026-12-14"] == "leave"
    assert db.session.query(MeetingSeries).count() == 0
    made = desk.post(address(draft), data=values)
    assert (made.status_code, made.location) == (303, f"/meetings/{draft.code}/book/agenda")
    db.session.expire_all()
    days = [one.series_on.isoformat() for one in queries.dates_of_series(draft) if one.series_on]
    assert len(days) == 12 and "2026-12-14" not in days and "2027-02-11" in days
    page = desk.get(address(draft, ""))
    assert "Buổi 1/12 của chuỗi họp" in page.text and "Hằng tuần vào thứ Hai, đến 01/03/2027" in page.text
    back = desk.submit(address(draft, ""), form="series/back")
    assert "Đã bỏ chuỗi" in back.text
    db.session.expire_all()
    assert queries.by_code(draft.code).series_id is None


def test_a_list_that_was_open_while_the_hour_was_moved_books_nothing_and_shows_the_new_one(
    desk: Client, draft: Meeting, secretary: User
) -> None:
    seen = listed(desk.get(address(draft)))
    arranging.place(draft, make.at("2026-12-07 14:00"), 90, actor=make.actor(secretary))
    db.session.commit()
    refused = desk.post(address(draft), data=seen)
    assert refused.status_code == 409 and "14 giờ 00" in refused.text
    assert db.session.query(MeetingSeries).count() == 0
    assert desk.post(address(draft), data=listed(refused)).status_code == 303


def test_a_busy_date_books_nothing_and_says_which(desk: Client, draft: Meeting, secretary: User) -> None:
    other = make.meeting(
        secretary=secretary, asked=False, starts="2027-01-18 08:30", chair_name="Phạm Khác", code="HN-2026-0902"
    )
    holding.take(other, actor=make.actor(secretary))
    page = desk.get(address(draft))
    assert "1 buổi có điểm cầu, phòng hoặc chủ trì bận" in page.text
    refused = desk.post(address(draft), data=listed(page))
    assert refused.status_code == 409
    assert "18/01/2027" in refused.soup.select_one('[role="alert"]').get_text()
    assert db.session.query(MeetingSeries).count() == 0
    values = {**listed(refused), "on-2027-01-18": "leave"}
    assert desk.post(address(draft), data=values).status_code == 303


def test_who_may_not_arrange_finds_no_series(browser: Callable[..., Client], draft: Meeting, leader: User) -> None:
    assert browser(leader).get(address(draft)).status_code in (403, 404)


@pytest.fixture
def sent(desk: Client, draft: Meeting, secretary: User) -> Meeting:
    """Mondays from 7 December, sent; the 8th of February is left out."""
    who = make.actor(secretary)
    rule = Rule(Pace.WEEKLY, weekdays=(0,), until=date(2027, 3, 1))
    series.make(draft, rule, {}, actor=who)
    series.send(draft, make.at("2026-12-03 17:00"), actor=who)
    worked()
    return draft


def test_the_page_of_a_date_shows_its_series(desk: Client, sent: Meeting) -> None:
    third = queries.dates_of_series(sent)[2]
    page = desk.get(f"/meetings/{third.code}")
    box = page.soup.select_one("section[aria-labelledby=series]")
    assert "Buổi 3/12 của chuỗi họp" in box.get_text()
    assert len(box.select("li")) == 12 and len(box.select("li a")) == 11
    assert "Đã gửi giấy mời" in box.get_text()


def test_a_new_hour_asks_for_which_dates_shows_the_letter_and_tells_each_site_once(desk: Client, sent: Meeting) -> None:
    third = queries.dates_of_series(sent)[2]
    path = f"/meetings/{third.code}/reschedule"
    form = desk.get(path).form(fields=["which"])
    assert [c["value"] for c in form.select('input[name="which"]')] == ["this", "following", "all"]
    values = {**standing(form), "which": "following", "start": "14:00", "reason": "Chủ trì họp Chính phủ"}
    preview = desk.post(path, data=values)
    assert preview.status_code == 200
    assert "10 buổi thay đổi; mỗi điểm cầu nhận một thư" in preview.text
    assert len(preview.soup.select("table.told tbody tr")) == 10
    db.session.expire_all()
    assert {one.sequence for one in queries.dates_of_series(sent)} == {0}, "only looked at"
    done = desk.post(path, data={**standing(preview.form(fields=["go"])), "go": "1"}, follow_redirects=True)
    assert "Đã thay đổi 10 buổi của chuỗi" in done.text
    db.session.expire_all()
    assert [one.sequence for one in queries.dates_of_series(sent)] == [0, 0, *[1] * 10]


def test_dates_that_move_together_onto_a_day_off_are_named_before_they_move(desk: Client, sent: Meeting) -> None:
    values = {"reason": "Chủ trì đi công tác", "day": "12/12/2026", "which": "all"}  # from a Monday to a Saturday
    preview = desk.submit(f"/meetings/{sent.code}/reschedule", values)
    warned = preview.soup.select_one("p.warn-line").get_text()
    assert "Ngoài giờ làm việc hoặc vào ngày nghỉ" in warned and "12/12/2026" in warned and "19/12/2026" in warned
    usual = desk.submit(f"/meetings/{sent.code}/reschedule", {**values, "day": "08/12/2026"})
    assert "ngày nghỉ" not in usual.text


def test_a_meeting_that_does_not_come_again_is_not_asked_for_which_dates(desk: Client, secretary: User) -> None:
    single = make.meeting(secretary=secretary, status=Status.SCHEDULED, code="HN-2026-0905")
    assert not desk.get(f"/meetings/{single.code}/reschedule").soup.select('[name="which"]')


def test_the_page_of_a_site_leads_to_its_other_dates_and_one_answer_can_hold_for_all(
    browser: Callable[..., Client], sent: Meeting, clock: Clock
) -> None:
    dates = queries.dates_of_series(sent)
    mine = [make.sites_of(one)[0] for one in dates]
    phone = browser()
    page = phone.get(make.private(mine[1]))
    links = [str(a["href"]) for a in page.soup.select(".series a")]
    assert links == [make.private(site) for n, site in enumerate(mine) if n != 1]
    assert "Nghệ An" in phone.get(links[0]).text and "07/12/2026" in phone.get(links[0]).text.replace(" ", "")
    form = phone.get(make.private(mine[1]) + "/reply").form(fields=["dates"])
    clock.at("2026-12-08 09:00")  # the first date is over
    answer = {**standing(form), "answer": "accepted", "dates": "all"}
    assert phone.post(make.private(mine[1]) + "/reply", data=answer).status_code == 303
    db.session.expire_all()
    assert [make.invitation_of(site).reply.value for site in mine] == ["asked", *["accepted"] * 11]
    form = phone.get(make.private(mine[3]) + "/reply").form(fields=["dates"])
    one = {**standing(form), "answer": "declined", "reason": "Trùng lịch tiếp dân", "dates": "this"}
    phone.post(make.private(mine[3]) + "/reply", data=one)
    db.session.expire_all()
    assert [make.invitation_of(site).reply.value for site in mine[2:5]] == ["accepted", "declined", "accepted"]


def test_a_link_shows_the_dates_of_its_own_site_only(browser: Callable[..., Client], sent: Meeting) -> None:
    third = queries.dates_of_series(sent)[2]
    nghe_an, ha_tinh = make.sites_of(third)
    services.withdraw(ha_tinh, actor=SYSTEM)
    page = browser().get(make.private(nghe_an)).text
    assert make.private(ha_tinh) not in page
    other = make.sites_of(queries.dates_of_series(sent)[3])[1]
    assert len(browser().get(make.private(other)).soup.select(".series a")) == 10, "a link that ended is not offered"
