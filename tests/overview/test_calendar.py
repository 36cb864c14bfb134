"""The calendar by day, week and month: what is drawn, and who may read which title."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask

from meetings.accounts.models import User
from meetings.accounts.rules import Role
from meetings.clock import now
from meetings.database import db
from meetings.directory.models import Room
from meetings.overview import calendar_queries
from meetings.scheduling import blocking
from meetings.scheduling.models import Booking, BusyKind, DayOverride, Meeting
from meetings.scheduling.rules import Status
from tests import make
from tests.pages import Client, Page

Browser = Callable[..., Client]
WEEK = "/calendar?view=week&day=2026-12-10"


def bars(page: Page, where: str = "table.cal") -> list[tuple[str, str]]:
    """Look and words of every bar in the grid."""
    found = page.soup.select(f"{where} .bar")
    return [(str(bar["class"][1]), " ".join(bar.get_text(" ").split())) for bar in found]


def lanes(page: Page) -> dict[str, str]:
    """Name of each row of the grid and what stands in it."""
    rows = page.soup.select("table.cal tbody tr")
    return {str(row.th.get_text(" ", strip=True)): " ".join(row.get_text(" ").split()) for row in rows if row.th}


def held(meeting: Meeting, room: Room | None, *, minutes: int = 60) -> None:
    """Let *meeting* hold its room for a while, as a draft does."""
    db.session.add(
        Booking(
            meeting_id=meeting.id, site_id=meeting.host_site_id, room_id=room.id if room else None, exclusive=False,
            starts_at=meeting.starts_at, ends_at=meeting.ends_at, expires_at=now() + timedelta(minutes=minutes),
        )
    )  # fmt: skip


def test_another_unit_reads_that_the_hour_is_taken_and_whom_to_ask_and_never_the_title(
    app: Flask, browser: Browser, secretary: User, stranger: User
) -> None:
    meeting = make.meeting(status=Status.SCHEDULED, secretary=secretary, title="Hội nghị về nhân sự")
    for site in (make.NGHE_AN, make.HO_CHI_MINH):
        make.site(site)
    invited = make.user(Role.SECRETARY, make.NGHE_AN, name="Thư Ký Nghệ An")
    leader = make.user(Role.LEADER, make.HO_CHI_MINH, name="Lãnh Đạo Khác")
    for who in (secretary, invited):
        page = browser(who).get(f"{WEEK}&by=site&province=")
        assert "Hội nghị về nhân sự" in lanes(page)["Nghệ An"] and meeting.code in page.get_data(as_text=True)
    for by in ("site", "room"):
        page = browser(stranger).get(f"{WEEK}&by={by}&province=")
        told = page.get_data(as_text=True)
        assert "bận" in page.words and "Bộ Điều phối số" in page.words and "024 000 1234" in page.words
        assert "nhân sự" not in told and meeting.code not in told
    for by in ("site", "room", "chair"):
        for view in ("day", "week", "month"):
            page = browser(leader).get(f"/calendar?view={view}&by={by}&day=2026-12-10")
            assert "Điều phối số" not in page.words and "bận 0" not in page.words and "nhân sự" not in page.words
    # whose room is a guest's that day is seen on the calendar of her own rooms
    assert "Hội nghị về nhân sự" in browser(invited).get(f"{WEEK}&by=room").words
    assert (
        "Hội nghị về nhân sự"
        in lanes(browser(secretary).get(f"{WEEK}&by=chair"))["Ông Lê Minh Khang Bộ trưởng chưa rõ"]
    )


def test_a_bar_says_whether_it_is_settled_held_a_draft_called_off_or_no_meeting_and_with_how_many_it_collides(
    app: Flask, browser: Browser, secretary: User
) -> None:
    host = make.site(make.MINISTRY)
    room = db.session.query(Room).filter_by(site_id=host.id).one()

    def at(status: Status, hour: str, title: str, **more: object) -> Meeting:
        return make.meeting(
            status=status, starts=f"2026-12-10 {hour}", minutes=60, sites=[], title=title, secretary=secretary, **more
        )

    at(Status.SCHEDULED, "08:00", "Đã chốt")
    held(at(Status.DRAFT, "08:30", "Đang giữ"), room)
    held(at(Status.DRAFT, "08:30", "Hết hạn giữ"), room, minutes=-5)
    at(Status.CANCELLED, "08:00", "Đã thôi")
    at(Status.CANCELLED, "08:00", "Nháp bỏ đi", sent_at=None)
    at(Status.POSTPONED, "13:00", "Để sau")
    blocking.block(
        room,
        BusyKind.MAINTENANCE,
        make.at("2026-12-10 09:15"),
        make.at("2026-12-10 09:45"),
        actor=make.actor(secretary),
    )
    client = browser(secretary)
    page = client.get("/calendar?view=day&by=room&day=2026-12-10")
    assert sorted(bars(page)) == [
        ("block", "09:15–09:45 Bảo trì Trùng 1"),
        ("draft", "08:30–09:30 (nháp) Hết hạn giữ"),
        ("firm", "08:00–09:00 Đã chốt Trùng 1"),
        ("hold", "08:30–09:30 (giữ chỗ) Đang giữ Trùng 2"),
        ("off", "08:00–09:00 (đã hủy) Đã thôi"),
        ("off", "13:00–14:00 (hoãn) Để sau"),
    ]
    assert sorted(bars(client.get(f"{WEEK}&by=room"))) == sorted(bars(page))
    # the list for telephones says the same
    assert sorted(bars(page, ".cal-list")) == sorted(bars(page))


def test_holidays_and_the_days_worked_instead_are_named(app: Flask, browser: Browser, secretary: User) -> None:
    db.session.add(DayOverride(day=date(2027, 1, 9), worked=True, name="Làm bù", source="", made_by="", made_at=now()))
    client = browser(secretary)
    make.meeting(status=Status.SCHEDULED, starts="2026-12-31 08:00", secretary=secretary)
    page = client.get("/calendar?view=week&by=room&day=2026-12-31")
    heads = [" ".join(th.get_text(" ").split()) for th in page.soup.select("table.cal thead th")]
    assert "Thứ Sáu 01/01 Nghỉ: Tết Dương lịch" in heads and len(heads) == 6, "Saturday and Sunday have nothing"
    assert "Thứ Bảy 09/01 Làm bù" in " ".join(client.get("/calendar?view=week&by=room&day=2027-01-09").words.split())
    month = client.get("/calendar?view=month&day=2027-01-01").words
    assert "Nghỉ: Tết Dương lịch" in month and "Làm bù" in month


def test_a_day_of_the_month_shows_three_and_how_many_more(app: Flask, browser: Browser, secretary: User) -> None:
    for hour in range(8, 13):
        make.meeting(status=Status.SCHEDULED, starts=f"2026-12-10 {hour:02}:00", minutes=30, secretary=secretary)
    page = browser(secretary).get("/calendar?view=month&day=2026-12-10")
    assert len(page.soup.select("table.cal .bar")) == 3 and len(page.soup.select(".cal-list .bar")) == 5
    more = page.soup.select_one("a.more")
    assert more is not None and more.get_text(" ", strip=True).startswith("còn 2")
    assert "view=day" in more["href"] and "day=2026-12-10" in more["href"]


@pytest.mark.only("sqlite")
def test_where_thousands_of_sites_have_something_a_province_is_chosen_first(
    app: Flask, browser: Browser, secretary: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar_queries, "MANY", 2)
    sites = [make.site(code) for code in (make.NGHE_AN, make.KIM_LIEN, make.HA_TINH)]
    make.meeting(status=Status.SCHEDULED, sites=sites, secretary=secretary)
    client = browser(secretary)
    page = client.get(f"{WEEK}&by=site")
    assert not page.soup.select("table.cal") and "Nghệ An 2" in page.words
    page = client.get(f"{WEEK}&by=site&province={make.NGHE_AN}")
    assert set(lanes(page)) == {"Nghệ An", "Xã Kim Liên Nghệ An"}
    assert set(lanes(client.get(f"{WEEK}&by=site&q=kim lien"))) == {"Xã Kim Liên Nghệ An"}


@pytest.mark.only("sqlite")
def test_an_empty_calendar_offers_to_book_to_those_who_may(app: Flask, browser: Browser, secretary: User) -> None:
    page = browser(secretary).get("/calendar?view=week&by=site&day=2026-12-10")
    assert "Thời gian này chưa có cuộc họp." in page.words and page.soup.select_one(
        "main .empty a[href='/meetings/new']"
    )
    page = browser(make.user(Role.FINANCE)).get("/calendar?view=month")
    assert "Thời gian này chưa có cuộc họp." in page.words and not page.soup.select(".empty a")
    for odd in ("view=year&by=cat&day=2026-13-45", "day=9999-12-31", "q=%00%ff&province=';--", "page=-3"):
        assert browser(secretary).get(f"/calendar?{odd}").status_code == 200


def test_an_endless_week_shows_a_course_of_two_days_on_both(app: Flask, browser: Browser, secretary: User) -> None:
    make.meeting(status=Status.SCHEDULED, starts="2026-12-10 08:00", minutes=1980, sites=[], secretary=secretary)
    told = [words[:11] for _look, words in bars(browser(secretary).get(WEEK))]
    assert told == ["08:00–… Hội", "…–17:00 Hội"]
