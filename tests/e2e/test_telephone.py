"""A site's private pages in a real browser: without a connection, without a script, on the narrowest telephone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from meetings import clock
from meetings.attendance import queries as attendance
from meetings.attendance.rules import State
from meetings.database import db
from meetings.readiness import queries as readiness
from meetings.readiness.rules import Outcome
from meetings.scheduling.models import MeetingSite
from meetings.scheduling.rules import Status
from tests import make

Open = Callable[..., Page]
PAGES = ("", "/reply", "/roster", "/line-test", "/check-in")
PASTED = "Ông Hoàng Văn Lộc\tPhó Chủ tịch\tUBND tỉnh\nLê Thanh Tâm\t\tSở Tài chính\n"


@pytest.fixture
def here(app: Flask) -> MeetingSite:
    """A site of a meeting that begins in twenty minutes, so that everything is open."""
    starts = clock.wall(clock.now() + timedelta(minutes=20)).strftime("%Y-%m-%d %H:%M")
    meeting = make.meeting(status=Status.SCHEDULED, starts=starts, reply_by=clock.now() + timedelta(minutes=5))
    made = make.sites_of(meeting)[0]
    make.done()
    return made


def now_of(here: MeetingSite) -> Any:
    db.session.rollback()
    return attendance.presence(here.id)


def test_a_check_in_without_a_connection_is_kept_and_sent_once(
    served: str, here: MeetingSite, open_browser: Open
) -> None:
    page = open_browser(served, phone=True)
    link = make.private(here)
    make.done()
    page.goto(f"{link}/check-in")
    page.locator("[data-step='1']").click()
    page.context.set_offline(True)
    page.locator("#check-in-form button[type=submit]").click()
    expect(page.locator("[data-queue-note]")).to_be_visible()
    expect(page.locator("[data-queue-note]")).to_contain_text("Chưa gửi")
    assert now_of(here) is None
    db.session.rollback()
    page.context.set_offline(False)
    expect(page.locator("#state .st")).to_contain_text("Đã vào họp", timeout=30_000)
    presence = now_of(here)
    assert (presence.state, presence.head_count) == (State.IN, 2)
    assert len(attendance.marks_of(here.id)) == 1


def test_a_line_test_noted_offline_survives_leaving_the_page(
    served: str, here: MeetingSite, open_browser: Open
) -> None:
    page = open_browser(served, phone=True)
    link = make.private(here)
    make.done()
    page.goto(f"{link}/line-test")
    page.locator("#line-0").check(force=True)
    page.locator("#microphone-1").check(force=True)
    page.locator("#note_microphone").fill("Micro 2 bị vọng tiếng")
    expect(page.locator(".stick button")).to_have_text("Gửi kết quả 2/6 mục")
    page.goto(link)
    page.goto(f"{link}/line-test")
    expect(page.locator("#note_microphone")).to_have_value("Micro 2 bị vọng tiếng")
    page.context.set_offline(True)
    page.locator(".stick button").click()
    expect(page.locator("[data-queue-note]")).to_be_visible()
    page.context.set_offline(False)
    page.wait_for_url("**/done/line_test", timeout=30_000)
    db.session.rollback()
    (test,) = readiness.line_tests(here).values()
    assert test.outcome is Outcome.FAILED


def test_everything_is_done_without_a_script_on_the_narrowest_telephone(
    served: str, here: MeetingSite, open_browser: Open
) -> None:
    page = open_browser(served, phone=True, java_script_enabled=False, viewport={"width": 320, "height": 640})
    link = make.private(here)
    make.done()
    page.goto(link)
    page.locator("ol.tasks a").first.click()
    page.get_by_text("Tham dự", exact=True).click()
    page.get_by_role("button", name="Gửi xác nhận").click()
    expect(page.locator("h1")).to_contain_text("Đã gửi lúc")
    page.goto(f"{link}/roster")
    page.locator("#pasted").fill(PASTED)
    page.get_by_role("button", name="Gửi danh sách").click()
    expect(page.locator(".sumr")).to_contain_text("Nhận 02 dòng: 01 dùng được, 01 cần bổ sung")
    page.get_by_label("Chức vụ").first.fill("Phó Giám đốc")
    page.get_by_role("button", name="Lưu phần bổ sung").last.click()
    expect(page.locator("h1")).to_contain_text("Đã gửi lúc")
    page.goto(f"{link}/line-test")
    for item in ("line", "picture", "microphone", "loudspeaker", "screen", "power"):
        page.locator(f"#{item}-0").check(force=True)
    page.get_by_role("button", name="Gửi kết quả").click()
    page.goto(f"{link}/check-in")
    page.get_by_role("button", name="Báo sẵn sàng").click()
    page.locator("#head_count").fill("18")
    page.get_by_role("button", name="Điểm cầu đã vào họp").click()
    expect(page.locator("#state .st")).to_contain_text("Đã vào họp")
    assert now_of(here).head_count == 18
    page.goto(link)
    expect(page.locator("h2", has_text="Việc của điểm cầu")).to_contain_text("xong 4/4")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_the_narrowest_telephone(
    served: str, here: MeetingSite, open_browser: Open, scheme: str
) -> None:
    page = open_browser(served, viewport={"width": 320, "height": 640}, color_scheme=scheme)
    link = make.private(here)
    make.done()
    for path in PAGES:
        page.goto(link + path)
        assert page.evaluate("document.documentElement.scrollWidth") == 320, path
