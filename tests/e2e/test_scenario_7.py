"""Scenario 7, *Weekly briefing*: every Monday at 08:00 for a quarter without its days off; then some in the afternoon."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
import recurring_ical_events
from flask import Flask
from icalendar import Calendar
from playwright.sync_api import Locator, Page, expect

from meetings import clock
from meetings.database import db
from meetings.official.dates import date_short
from meetings.scheduling import working_time
from meetings.scheduling.models import DayOverride, Meeting, MeetingSeries
from tests import make
from tests.e2e import journey
from tests.e2e.journey import vi
from tests.e2e.post import Letter
from tests.e2e.test_moves import carried

WHY = "Chủ trì họp Chính phủ sáng thứ Hai"
DAYS_OFF = {3: "Nghỉ bù ngày lễ", 8: "Nghỉ lễ theo thông báo"}


@pytest.fixture
def first(app: Flask) -> Meeting:
    """A complete draft on a Monday in two weeks; the fourth and the ninth Monday are days off."""
    monday = clock.today() + timedelta(days=14 + (7 - clock.today().weekday()) % 7)
    while not working_time.calendar().is_working(monday):
        monday += timedelta(weeks=1)
    for week, name in DAYS_OFF.items():
        day = monday + timedelta(weeks=week)
        db.session.add(DayOverride(day=day, worked=False, name=name, made_by="", made_at=clock.now()))
    made = make.meeting(asked=False, starts=f"{monday} 08:00", minutes=90, code="HN-2026-0701", title="Giao ban tuần")
    made.reply_by = made.rehearsal_at = None
    make.done()
    return made


def on_screen(page: Page, code: str) -> list[datetime]:
    """The dates that the page of a meeting shows of its series."""
    page.goto(f"/meetings/{code}")
    found = [re.search(r"(\d\d/\d\d/\d{4}).*?(\d\d) giờ (\d\d)", text) for text in texts(page, ".series-list li")]
    return [datetime.strptime(f"{m[1]} {m[2]}:{m[3]}", "%d/%m/%Y %H:%M") for m in found if m]


def texts(page: Page, css: str) -> list[str]:
    return [" ".join(text.split()) for text in page.locator(css).all_inner_texts()]


def in_calendar(*letters: Letter) -> list[datetime]:
    """What a calendar program shows after these letters, by an expander of others."""
    ((_part, whole),) = letters[0].calendars
    for letter in letters[1:]:
        for _part, update in letter.calendars:
            for event in update.walk("VEVENT"):
                whole.add_component(event)
    again = Calendar.from_ical(whole.to_ical())
    events = recurring_ical_events.of(again).between(clock.today(), clock.today() + timedelta(days=400))
    return sorted(clock.wall(event["DTSTART"].dt).replace(tzinfo=None) for event in events)


@pytest.mark.only("sqlite")
def test_a_weekly_briefing_for_a_quarter_and_then_some_of_it_in_the_afternoon(
    app: Flask, instance: Path, served: str, first: Meeting, open_browser: Callable[..., Page]
) -> None:
    code, secretary = first.code, first.secretary.email
    assert first.starts_at is not None
    monday = clock.wall(first.starts_at).date()
    mondays = [monday + timedelta(weeks=n) for n in range(13)]
    off = [day for day in mondays if not working_time.calendar().is_working(day)]
    db.session.commit()

    # -- the dates are listed, the days off are offered as exceptions, and nothing has been made
    desk = open_browser(served)
    journey.sign_in(desk, secretary, make.PASSWORD)
    desk.goto(f"/meetings/{code}/book/time")
    desk.get_by_role("link", name=vi("Make it a series")).click()
    journey.fill(desk, until=f"{mondays[-1]:%d/%m/%Y}")
    journey.press(desk, "List the dates")
    expect(desk.locator(".series-dates tbody tr")).to_have_count(13)
    for name in DAYS_OFF.values():
        expect(desk.locator(".series-dates")).to_contain_text(name)
    assert [day for day in mondays if choice(desk, day).input_value() == "leave"] == off
    choice(desk, off[0]).select_option("move")
    journey.press(desk, "Look at the list again")
    expect(desk.locator(".series-dates")).to_contain_text(f"dời sang thứ Ba, ngày {off[0] + timedelta(days=1):%d}")
    assert db.session.query(MeetingSeries).count() == 0 and db.session.query(Meeting).count() == 1
    db.session.rollback()  # who reads here holds the lock that the server writes under
    held = 13 - len(off) + 1
    desk.get_by_role("button", name=f"Giữ chỗ {held} buổi").click()
    desk.wait_for_url(re.compile("/book/agenda"))
    journey.well(desk)
    assert not carried(app, instance), "nothing leaves before the last button"

    # -- one letter a site for the whole series; its calendar holds what the screen shows
    desk.goto(f"/meetings/{code}/book/send")
    journey.send(desk)
    invited = {letter.to: letter for letter in carried(app, instance)}
    assert len(invited) == 2
    shown = on_screen(desk, code)
    moved = off[0] + timedelta(days=1)
    assert [at.date() for at in shown] == sorted({*mondays} - {*off} | {moved})
    assert {at.time() for at in shown} == {time(8, 0)}
    nghe_an = invited["diemcau.40@40.example"]
    assert in_calendar(nghe_an) == shown
    phone = open_browser(served, phone=True)
    link = f"/m/{next(iter(nghe_an.tokens))}"
    phone.goto(link)
    expect(phone.locator(".series .dates a")).to_have_count(held - 1)
    phone.goto(f"{link}/reply")
    journey.choose(phone, "answer", "accepted")
    journey.choose(phone, "dates", "all")
    journey.press(phone, "Send the answer")
    phone.wait_for_url(re.compile("/done/reply"))
    phone.goto(link)
    expect(phone.locator(".series .dates li").last).to_contain_text(vi("Attends"))

    # -- another hour asks for which dates, and only those that change are told
    third = desk.locator(".series-list a").nth(1)
    third.click()
    changed = desk.url.rsplit("/", 1)[1]
    desk.goto(f"/meetings/{changed}/reschedule")
    options = texts(desk, 'label:has(input[name="which"])')
    assert options == [
        vi("This date only"),
        vi("This date and those that follow"),
        vi("All dates that have not been held"),
    ]
    journey.choose(desk, "which", "following")
    journey.fill(desk, reason=WHY, start="14:00")
    journey.press(desk, "Look at what the sites will get")
    expect(desk.locator("table.told tbody tr")).to_have_count(held - 2)
    expect(desk.locator(".letter-text")).to_contain_text(date_short(mondays[2]))
    desk.locator('button[name="go"]').click()
    desk.wait_for_url(re.compile("/sending"))
    told = {letter.to: letter for letter in carried(app, instance)}
    assert len(told) == 2
    shown = on_screen(desk, code)
    assert [at.time() for at in shown] == [time(8, 0)] * 2 + [time(14, 0)] * (held - 2)
    news = told["diemcau.40@40.example"]
    ((_part, update),) = news.calendars
    assert len(update.walk("VEVENT")) == held - 2 and f"thứ Hai, {date_short(mondays[1])}" not in news.text
    assert in_calendar(nghe_an, news) == shown
    phone.goto(link)
    expect(phone.locator(".series .dates li").nth(0)).to_contain_text(vi("Attends"))
    expect(phone.locator(".series .dates li").last).to_contain_text(vi("No answer yet"))


def choice(page: Page, day: date) -> Locator:
    return page.locator(f'select[name="on-{day.isoformat()}"]')
