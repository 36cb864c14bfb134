"""A site's private pages on a telephone without a script: every task, every end of the link, on the narrowest screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from meetings import clock
from meetings.accounts.rules import Actor
from meetings.attendance import queries as attendance
from meetings.database import db
from meetings.readiness import filing, roster
from meetings.readiness import queries as readiness
from meetings.readiness.rules import Outcome
from meetings.scheduling import moving
from meetings.scheduling.models import MeetingSite
from meetings.scheduling.rules import Status
from tests import make
from tests.e2e import look
from tests.overview.conftest import PASTED

pytestmark = pytest.mark.only("sqlite")
Open = Callable[..., Page]
NARROW = {"width": 320, "height": 640}


class Thumb:
    """A thumb that counts how often it touches the screen."""

    taps = 0

    def __call__(self, target: Locator) -> None:
        target.scroll_into_view_if_needed()
        target.tap()
        self.taps += 1


def site(begins_in: timedelta, status: Status = Status.SCHEDULED, **more: Any) -> MeetingSite:
    """The site of Nghệ An, asked to a meeting that begins so far from now."""
    begins = clock.now() + begins_in
    values = {"reply_by": begins - timedelta(days=1), "rehearsal_at": begins - timedelta(hours=18), **more}
    agenda = ("Khai mạc", "Báo cáo kết quả năm 2026", "Nghệ An phát biểu", "Kết luận")
    starts = clock.wall(begins).strftime("%Y-%m-%d %H:%M")
    return make.sites_of(make.meeting(status=status, starts=starts, agenda=agenda, **values))[0]


def hour_comes(here: MeetingSite) -> None:
    """The day has come: the meeting begins in eight minutes."""
    meeting = db.session.merge(here.meeting)
    meeting.starts_at = clock.now() + timedelta(minutes=8)
    meeting.ends_at = meeting.starts_at + timedelta(minutes=195)
    make.done()


def test_answer_roster_line_test_and_check_in_are_done_with_one_thumb_and_no_script(
    app: Flask, served: str, open_browser: Open
) -> None:
    here, page, thumb = site(timedelta(days=6)), open_browser(served, phone=True, java_script_enabled=False), Thumb()
    link = make.private(here)
    make.done()
    page.goto(link)
    assert not page.context.cookies(), "nothing is left on the telephone of who only looks"
    thumb(page.get_by_role("link", name="Xác nhận tham dự"))
    thumb(page.get_by_text("Tham dự", exact=True))
    thumb(page.get_by_role("button", name="Gửi xác nhận"))
    expect(page.locator("h1")).to_contain_text("Đã gửi lúc")
    assert thumb.taps == 3, "the plain answer is three taps"
    thumb(page.get_by_role("link", name="Danh sách đại biểu"))
    thumb(page.locator("#pasted"))
    page.keyboard.insert_text(PASTED.replace("Tâm\t\t", "Tâm\tPhó Giám đốc\t"))
    thumb(page.get_by_role("button", name="Gửi danh sách"))
    expect(page.locator(".sumr")).to_contain_text("Nhận 07 dòng: 07 dùng được")
    hour_comes(here)
    page.goto(link)
    thumb(page.get_by_role("link", name="Vào họp"))
    thumb(page.get_by_role("button", name="Điểm cầu đã vào họp"))
    expect(page.locator("#state .st")).to_contain_text("Đã vào họp")
    assert thumb.taps <= 9, "confirming, the list and the check-in are nine taps at most"
    assert attendance.presence(here.id).head_count == 7
    db.session.rollback()  # who reads here would keep the server from writing

    page.get_by_role("link", name="Ghi ai trong danh sách vắng").tap()
    page.get_by_label("Ông Vũ Hải Đăng").tap()
    page.get_by_label("Lý do vắng của Vũ Hải Đăng").fill("Trực bão")
    page.get_by_role("button", name="Lưu người vắng").tap()
    expect(page.locator("#count")).to_contain_text("01 người trong danh sách vắng mặt")
    page.locator("#head_count").fill("6")
    page.get_by_role("button", name="Cập nhật số đại biểu").tap()
    expect(page.locator("#state")).to_contain_text("06 đại biểu")

    page.goto(f"{link}/line-test")
    for item in ("line", "picture", "microphone", "loudspeaker", "screen", "power"):
        page.locator(f"#{item}-0").check(force=True)
    page.get_by_role("button", name="Gửi kết quả").tap()
    expect(page.locator("h1")).to_contain_text("Đã gửi lúc")
    page.goto(link)
    expect(page.locator("h2", has_text="Việc của điểm cầu")).to_contain_text("xong 4/4")
    db.session.rollback()
    (test,) = readiness.line_tests(here).values()
    assert test.outcome is Outcome.PASSED
    (away,) = [one for one in readiness.delegates(here) if one.absent]
    assert (away.name, away.absence) == ("Vũ Hải Đăng", "Trực bão")


def every_page() -> dict[str, tuple[str, str]]:
    """Every kind of page the link can show: its name → its address and what it must say."""
    officer, ahead = Actor.link(1, "Nghệ An"), timedelta(days=6)
    moved, listed, old, held = site(ahead), site(ahead), site(ahead), site(timedelta(days=-1), Status.CLOSED)
    later = moved.meeting.starts_at + timedelta(days=1)
    moving.reschedule(moved.meeting, later, 195, "Bão số 12", actor=make.actor(moved.meeting.secretary))
    filing.file_roster(listed, roster.rows_of(PASTED), actor=officer)
    withdrawn = make.private(old)
    make.invitation_of(old).link.issue = 2
    near, running = (
        make.private(site(timedelta(minutes=20))),
        make.private(site(-timedelta(minutes=9), Status.IN_SESSION)),
    )
    found = {
        "front": (near, "Việc của điểm cầu"),
        "moved": (make.private(moved), "Giờ họp đã thay đổi"),
        "cancelled": (make.private(site(ahead, Status.CANCELLED)), "Cuộc họp đã hủy"),
        "postponed": (make.private(site(ahead, Status.POSTPONED)), "Cuộc họp đã hoãn"),
        "not sent yet": (make.private(site(ahead, Status.DRAFT, asked=True)), "chưa được gửi"),
        "over": (make.private(held), "Cuộc họp đã kết thúc"),
        "expired": (make.private(site(timedelta(days=-9), Status.CLOSED)), "bảy ngày"),
        "withdrawn": (withdrawn, "đã được thu hồi"),
        "strange": ("/m/" + "A" * 30, "Đường dẫn không còn hiệu lực"),
        "listed": (make.private(listed) + "/roster", "Cần bổ sung"),
        "sent": (make.private(listed) + "/done/roster", "Đã gửi lúc"),
        "absent": (make.private(listed) + "/check-in/absent", "vắng mặt"),
        "running": (running + "/check-in", "Số đại biểu có mặt"),
    }
    for step in ("reply", "roster", "line-test", "check-in"):
        found[step] = (f"{near}/{step}", "Việc của điểm cầu")
        found[f"{step}, over"] = (f"{make.private(held)}/{step}", "Cuộc họp đã kết thúc")
    make.done()
    return found


@pytest.mark.parametrize(
    ("language", "scheme"),
    [
        ("vi", "light"),
        ("en", "dark"),
        pytest.param("vi", "dark", marks=pytest.mark.prove),
        pytest.param("en", "light", marks=pytest.mark.prove),
    ],
)
def test_every_page_of_the_link_is_sound_on_the_narrowest_telephone(
    app: Flask, served: str, open_browser: Open, language: str, scheme: str
) -> None:
    page = open_browser(served, phone=True, viewport=NARROW, color_scheme=scheme)
    page.context.add_cookies([{"name": "locale", "value": language, "url": served}])
    faults = []
    for name, (address, words) in every_page().items():
        page.goto(address)
        assert page.locator("html").get_attribute("lang") == language
        assert language == "en" or words in page.locator("body").inner_text(), name
        faults += [f"{name}: {fault}" for fault in [*look.too_wide(page), *look.inaccessible(page)]]
    assert not faults, f"{len(faults)} faults:\n" + "\n".join(faults)
