"""A conference is moved from the morning to the afternoon, and then called off: at the desk, in the letter box, on the phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from meetings import clock, journal, worker
from meetings.accounts.rules import SYSTEM
from meetings.database import db
from meetings.official import dates
from meetings.official.working_days import STANDARD
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from tests import make
from tests.e2e import journey
from tests.e2e.journey import vi
from tests.e2e.post import Letter

WHY = "Chủ trì họp Chính phủ đột xuất"


@pytest.fixture
def meeting(app: Flask) -> Meeting:
    """A conference of two provinces at 08:00 of a working day in three weeks; its invitations are to be written."""
    day = STANDARD.add_working_days(clock.today(), 15)
    rehearsal = clock.now() + timedelta(days=14)
    starts = f"{day.isoformat()} 08:00"
    made = make.meeting(status=Status.SCHEDULED, asked=False, starts=starts, reply_by=rehearsal, rehearsal_at=rehearsal)
    journal.record("meeting.sent", made, actor=SYSTEM, sites=2)
    make.done()
    return made


def carried(app: Flask, instance: Path) -> list[Letter]:
    """What the worker carried since the last time, as it lies in the outbox."""
    while worker.tick(app):
        pass
    db.session.remove()
    found = sorted((instance / "outbox").rglob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    letters = [Letter.read(path) for path in found]
    for path in found:
        path.unlink()
    return letters


@pytest.mark.only("sqlite")
def test_an_afternoon_instead_of_a_morning_and_then_no_meeting_at_all(
    app: Flask, instance: Path, served: str, meeting: Meeting, open_browser: Callable[..., Page]
) -> None:
    code, secretary = meeting.code, meeting.secretary.email
    assert meeting.starts_at is not None
    day = dates.date_short(meeting.starts_at)
    make.done()
    invited = carried(app, instance)
    link = f"/m/{next(iter(invited[0].tokens))}"
    assert [letter.subject.startswith("Giấy mời họp trực tuyến 08 giờ 00") for letter in invited] == [True, True]
    phone = open_browser(served, phone=True)
    journey.answer_attends(phone, link)

    # -- the secretary gives another hour, sees the very letter, and presses once
    desk = open_browser(served)
    journey.sign_in(desk, secretary, make.PASSWORD)
    desk.goto(f"/meetings/{code}")
    desk.locator("details.moves > summary").click()
    desk.get_by_role("link", name=vi("Set a new time")).click()
    journey.fill(desk, reason=WHY, start="14:00")
    journey.press(desk, "Look at what the sites will get")
    expect(desk.locator("h1")).to_have_text(vi("Is this right?"))
    expect(desk.locator("main")).to_contain_text(f"ĐỔI GIỜ 08:00 → 14:00, {day}: họp trực tuyến [{code}]")
    desk.get_by_role("button", name="Đổi giờ và báo 2 điểm cầu").click()
    desk.wait_for_url(f"**/meetings/{code}/sending")
    journey.well(desk)

    # -- each site has one letter and its calendar one entry, which moved
    told = carried(app, instance)
    assert [letter.subject for letter in told] == [f"ĐỔI GIỜ 08:00 → 14:00, {day}: họp trực tuyến [{code}]"] * 2
    before, after = (letter.calendars[0][1].events[0] for letter in (invited[0], told[0]))
    assert before["UID"] == after["UID"] and after["SEQUENCE"] == before["SEQUENCE"] + 1
    assert after["DTSTAMP"].dt > before["DTSTAMP"].dt
    assert after.start - before.start == timedelta(hours=6)
    desk.reload()
    expect(desk.locator('[data-count="sent"]')).to_have_text("2")

    # -- the phone shows both hours in amber and asks again
    phone.goto(link)
    banner = phone.locator(".moved")
    expect(banner).to_contain_text("08 giờ 00")
    expect(banner).to_contain_text("14 giờ 00")
    expect(banner).to_contain_text("Đề nghị xác nhận lại")
    expect(phone.locator("ol.tasks a.now")).to_contain_text(vi("Confirm attendance"))
    journey.answer_attends(phone, link)

    # -- called off: the page says so, asks nothing, and names the number to ring
    desk.goto(f"/meetings/{code}/cancel")
    journey.fill(desk, reason="Ứng phó bão số 9")
    journey.press(desk, "Look at what the sites will get")
    desk.get_by_role("button", name="Hủy và báo 2 điểm cầu").click()
    desk.wait_for_url(f"**/meetings/{code}/sending")
    last = carried(app, instance)
    assert [letter.subject.startswith("HỦY: họp trực tuyến 14 giờ 00") for letter in last] == [True, True]
    part, calendar = last[0].calendars[0]
    assert (part["Content-Type"].params["method"], str(calendar.events[0]["STATUS"])) == ("CANCEL", "CANCELLED")
    phone.goto(link)
    expect(phone.locator("main")).to_contain_text("Ứng phó bão số 9")
    expect(phone.locator("main")).to_contain_text("024 000 1234")
    expect(phone.locator("ol.tasks")).to_have_count(0)
    desk.goto("/meetings?view=cancelled")
    expect(desk.locator("main")).to_contain_text(code)
