"""Scenario 5, *Too late*: a meeting for the day after tomorrow is held back by its rule, and passes as an urgent one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from meetings import clock
from meetings.official.dates import date_short
from meetings.official.working_days import STANDARD
from tests.e2e import journey
from tests.e2e.installation import Installation

LEADER = "Ông Lê Minh Khang, Bộ trưởng"
REASON = "Ứng phó bão số 15 đổ bộ trong 48 giờ tới"


def a_monday() -> datetime:
    """09:00 of a Monday ahead whose whole week is worked."""
    day = clock.today() + timedelta(days=1)
    while day.weekday() or not all(STANDARD.is_working(day + timedelta(days=n)) for n in range(5)):
        day += timedelta(days=1)
    return clock.instant(day, datetime.min.time().replace(hour=9))


@pytest.fixture
def monday(loaded: Installation, tmp_path: Path) -> Iterator[Installation]:
    """The units of the country and one secretary, served from a Monday morning on."""
    made = loaded.copy(tmp_path / "instance")
    made.flask(
        "create-user", "hoa@bo.example", "--name", "Nguyễn Thị Hoa", "--role", "secretary", "--unit", "X-BNNMT",
        typed=journey.PASSWORD,
    )  # fmt: skip
    made.clock_at(a_monday())
    try:
        yield made
    finally:
        made.stop()
        print(made.faults()[-6000:])  # shown when the test failed


def test_a_meeting_for_the_day_after_tomorrow_is_sent_only_as_an_urgent_one(
    monday: Installation, open_browser: Callable[..., Page]
) -> None:
    installation, begun = monday, a_monday()
    desk = open_browser(installation.url)
    journey.sign_in(desk, "hoa@bo.example", journey.PASSWORD)
    plan = journey.Plan(clock.wall(begun).date() + timedelta(days=2), agenda=[("Phương án ứng phó", 195, "")])
    code = journey.book_details(desk, plan)
    journey.pick_provinces(desk)
    journey.book_rest(desk, plan)

    # -- before it can be issued the rule, its law, how far it was verified and the earliest day are named
    rule = desk.locator("section.regime")
    earliest = date_short(clock.wall(begun).date() + timedelta(days=3))
    for words in ("Thời hạn gửi giấy mời", f"07 giờ 30 thứ Năm {earliest}", "45/2018/QĐ-TTg", "nguồn thứ cấp"):
        expect(rule).to_contain_text(words)
    desk.locator("form.card button.pri").first.click()
    expect(desk.locator('[role="alert"]').first).to_contain_text("ít nhất 3 ngày làm việc")
    assert installation.ask("SELECT status FROM meeting WHERE code = ?", code) == [("draft",)]

    # -- "họp đột xuất": both the reason and the leader are asked for
    rule.get_by_role("link", name=re.compile(re.escape(journey.vi("Urgent, or against the rule…")))).first.click()
    journey.choose(desk, "way", "urgent")
    journey.fill(desk, reason=REASON)
    journey.press(desk, "Write it down")
    expect(desk.locator("#leader-error")).to_be_visible()
    expect(desk.locator('[name="reason"]')).to_have_value(REASON)
    journey.fill(desk, leader=LEADER)
    journey.press(desk, "Write it down")
    desk.wait_for_url(re.compile("/book/send"))
    journey.press(desk, "None of them applies: confirm")
    desk.wait_for_url(re.compile("/book/send"))
    expect(rule).to_contain_text(LEADER)
    journey.send(desk)
    assert installation.ask("SELECT status FROM meeting WHERE code = ?", code) == [("scheduled",)]

    # -- both stand in the history and in the quarter, which opens to the meeting
    desk.goto(f"/meetings/{code}/history")
    for words in ("Ghi là họp đột xuất", REASON, LEADER):
        expect(desk.locator("main")).to_contain_text(words)
    desk.goto("/meetings")
    desk.get_by_role("link", name=journey.vi("Regime not kept")).click()
    day = plan.day
    desk.goto(f"/regime/overrides?quarter={day.year}-Q{(day.month + 2) // 3}")
    journey.well(desk)
    row = desk.locator("#meetings tbody tr", has_text=journey.vi("Lead time of the invitation"))
    for words in (code, REASON, LEADER, "Nguyễn Thị Hoa"):
        expect(row).to_contain_text(words)
    row.get_by_role("link").first.click()
    desk.wait_for_url(re.compile(f"/meetings/{code}"))
    assert "Traceback" not in installation.faults()
