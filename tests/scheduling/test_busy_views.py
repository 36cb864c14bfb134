"""The pages on which busy times and calendars kept elsewhere are entered, on the site's page and on the person's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from meetings.accounts.models import User
from meetings.accounts.rules import Role
from meetings.clock import now
from meetings.database import db
from meetings.scheduling import blocking
from meetings.scheduling.models import Busy, BusyKind, Feed
from meetings.scheduling.rules import Status
from tests import make
from tests.pages import Client

Browser = Callable[..., Client]


def test_maintenance_over_a_sent_meeting_is_named_where_it_is_entered_and_in_the_work_lists(
    app: Flask, browser: Browser, secretary: User
) -> None:
    meeting = make.meeting(status=Status.SCHEDULED, secretary=secretary)
    meeting.sent_at = now() - timedelta(hours=1)
    officer = browser(make.user(Role.SITE_OFFICER))
    typed = {"kind": "maintenance", "title": "Thay máy chiếu", "first_day": "10/12/2026", "from_time": "10:00"}
    page = officer.submit(f"/calendar/busy/sites/{make.NGHE_AN}", typed)
    assert "Có cuộc họp đã gửi giấy mời trùng thời gian này" in page.words
    card = page.soup.find(id="busy").find_parent("section").get_text(" ", strip=True)
    assert meeting.code in card and "Thay máy chiếu" in card, "Nghệ An is invited, so its officer may know which"
    made = db.session.scalars(sa.select(Busy)).one()
    assert (made.starts_at, made.ends_at) == (make.at("2026-12-10 10:00"), make.at("2026-12-11 00:00"))
    hers = browser(secretary)
    assert "bận sau khi đã gửi giấy mời" in hers.get("/").words
    told = hers.get(f"/meetings/{meeting.code}").words
    assert "Bận sau khi đã gửi giấy mời · 1" in told and "Bảo trì" in told
    assert "Thay máy chiếu" not in told, "what for is told to the people of its own unit"
    page = officer.submit(f"/directory/sites/{make.NGHE_AN}", form=f"/calendar/busy/{made.id}/lift")
    assert "Đã gỡ" in page.words and "Bận sau khi" not in hers.get(f"/meetings/{meeting.code}").words


def test_a_leave_is_entered_on_the_page_of_the_person_and_the_tick_says_whether_the_calendar_is_kept_here(
    app: Flask, browser: Browser, secretary: User
) -> None:
    minister = make.person()
    hers = browser(secretary)
    for _press in ("once", "twice"):
        said = {"first_day": "10/12/2026", "last_day": "12/12/2026"}
        page = hers.submit(f"/calendar/busy/people/{minister.id}", said)
    shown = page.soup.find(id="busy").find_parent("section").get_text(" ")
    assert "Nghỉ phép" in shown and "10/12/2026 – 12/12/2026" in shown
    made = db.session.scalars(sa.select(Busy)).one()
    assert (made.kind, made.person_id, made.ends_at) == (BusyKind.LEAVE, minister.id, make.at("2026-12-13 00:00"))
    assert not minister.calendar_kept
    hers.submit(f"/directory/people/{minister.id}", {"calendar_kept": "y"})
    db.session.expire_all()
    assert minister.calendar_kept


@pytest.mark.only("sqlite")
def test_what_was_typed_wrongly_stays_and_is_said_at_its_field(app: Flask, browser: Browser, secretary: User) -> None:
    hers = browser(secretary)
    site = make.site(make.MINISTRY)
    path = f"/calendar/busy/sites/{site.code}"
    typed = {"title": "Sửa điều hòa", "first_day": "10/12/2026", "from_time": "10:00", "to_time": "09:00"}
    page = hers.submit(path, typed)
    assert page.status_code == 422 and "Thời điểm kết thúc phải sau" in page.words
    assert page.soup.find(id="title")["value"] == "Sửa điều hòa"
    page = hers.submit(f"/calendar/feeds/sites/{site.code}", {"url": "lich.example"})
    assert page.status_code == 422 and "Nhập địa chỉ lịch iCalendar" in page.words


@pytest.mark.only("sqlite")
def test_a_calendar_kept_elsewhere_shows_its_state_and_its_address_to_nobody(
    app: Flask, browser: Browser, secretary: User, stranger: User
) -> None:
    site = make.site(make.MINISTRY)
    hers = browser(secretary)
    page = hers.submit(f"/calendar/feeds/sites/{site.code}", {"url": "https://lich.example/BIMAT/a.ics"})
    assert "chưa đọc" in page.words and "lich.example" in page.words and "BIMAT" not in page.get_data(as_text=True)
    feed = db.session.scalars(sa.select(Feed)).one()
    feed.last_try_at, feed.fault = now(), "private"
    for path in (f"/directory/sites/{site.code}", "/calendar/busy"):
        page = hers.get(path)
        assert "mạng nội bộ" in page.words and "chưa rõ" in page.words
    others = browser(stranger)
    assert "lich.example" not in others.get(f"/directory/sites/{site.code}").words
    assert "lich.example" not in others.get("/calendar/busy").words
    assert others.post(f"/calendar/feeds/{feed.id}/end").status_code == 403
    hers.submit(f"/directory/sites/{site.code}", form=f"/calendar/feeds/{feed.id}/end")
    db.session.expire_all()
    assert feed.ended_at is not None


@pytest.mark.only("sqlite")
def test_nobody_enters_the_times_of_another_unit(app: Flask, browser: Browser, stranger: User, secretary: User) -> None:
    site = make.site(make.NGHE_AN)
    made = blocking.block(
        site, BusyKind.OTHER, make.at("2026-12-10 08:00"), make.at("2026-12-10 09:00"), title="Việc kín",
        actor=make.actor(secretary),
    )  # fmt: skip
    others = browser(stranger)
    assert others.get(f"/calendar/busy/sites/{site.code}").status_code == 403
    assert others.post(f"/calendar/busy/{made.id}/lift").status_code == 403
    assert others.get(f"/calendar/feeds/people/{make.person().id}").status_code == 404
    listed = others.get("/calendar/busy").words
    assert "Nghệ An" in listed and "Việc kín" not in listed
    assert browser(make.user(Role.LEADER)).get("/calendar/busy").status_code == 403
