"""Scenario 24, *The two witnesses disagree*: a machine saw a gap of 21 minutes, the coordinator was there throughout.

Both stand side by side; the secretary says who a guest is; nobody's entry is overwritten, and the spreadsheet says the same.
"""

from __future__ import annotations

import io
import json
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from meetings import clock
from meetings.accounts.rules import Actor, Role
from meetings.attendance import listening, services
from meetings.attendance.models import Connection, Mark
from meetings.database import db
from meetings.scheduling import rooms
from meetings.scheduling.rules import Status
from tests import make
from tests.e2e import journey
from tests.e2e.look import inaccessible, too_wide

SENTENCE = "Máy: 07:58–08:20, 08:41–11:02; Người: có mặt suốt; lệch 21 phút"


def eight() -> datetime:
    """08:00 in Hà Nội, of the last morning that is over."""
    at = clock.wall(clock.now())
    morning = at.replace(hour=8, minute=0, second=0, microsecond=0)
    return morning if at.hour >= 13 else morning - timedelta(days=1)


def report(morning: datetime) -> bytes:
    """The attendance report of Microsoft Teams, as it is downloaded: UTF-16, tabs, a name that a guest typed."""

    def at(wall: str) -> str:
        hour, minute = map(int, wall.split(":"))
        return f"{morning:%-m/%-d/%y}, {hour % 12 or 12}:{minute:02d}:00 {'AM' if hour < 12 else 'PM'}"

    return (
        f"1. Summary\nMeeting title\tHội nghị\nAttended participants\t2\nStart time\t{at('7:50')}\nEnd time\t{at('11:05')}\n"
        "Meeting duration\t3h 15m\nAverage attendance time\t2h 40m\n\n"
        "2. Participants\nName\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole\n"
        f"Diem cau Nghe An (Guest)\t{at('7:58')}\t{at('11:02')}\t2h 43m\t\t\tPresenter\n"
        f"iPad (2)\t{at('8:30')}\t{at('9:00')}\t30m\t\t\tAttendee\n\n"
        "3. In-Meeting Activities\nName\tJoin Time\tLeave Time\tDuration\tEmail\tRole\n"
        f"Diem cau Nghe An (Guest)\t{at('7:58')}\t{at('8:20')}\t22m\t\tPresenter\n"
        f"Diem cau Nghe An (Guest)\t{at('8:41')}\t{at('11:02')}\t2h 21m\t\tPresenter\n"
        f"iPad (2)\t{at('8:30')}\t{at('9:00')}\t30m\t\tAttendee\n"
    ).encode("utf-16")


def push(base: str, room: str, seat: str, name: str, joined: datetime, left: datetime | None) -> int:
    """What Prosody posts as somebody comes or goes."""
    occupant: dict[str, Any] = {
        "occupant_jid": "a1@guest/x",
        "id": seat,
        "name": name,
        "joined_at": int(joined.timestamp()),
    }
    if left:
        occupant["left_at"] = int(left.timestamp())
    what = "left" if left else "joined"
    event = {"event_name": f"muc-occupant-{what}", "room_name": room, "room_jid": f"{room}@c", "occupant": occupant}
    asked = urllib.request.Request(
        f"{base}/feeds/jitsi/events/occupant/{what}",
        data=json.dumps(event).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {listening.bearer()}"},
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return int(answer.status)


@pytest.mark.only("sqlite")
def test_both_witnesses_are_shown_with_the_gap_of_21_minutes_and_nobody_is_overwritten(
    app: Flask, served: str, open_browser: Callable[..., Page]
) -> None:
    morning = eight()
    starts = morning.astimezone(UTC)
    secretary = make.user(Role.SECRETARY, email="hoa@bo.example")
    meeting = make.meeting(
        status=Status.SCHEDULED,
        starts=f"{morning:%Y-%m-%d} 08:00",
        secretary=secretary,
        rehearsal_at=None,
        platform="jitsi",
    )
    sites = {site.name: site for site in make.sites_of(meeting)}
    code, room = meeting.code, rooms.name_of(meeting)
    seat = rooms.seat_id(sites["Hà Tĩnh"].id)
    with clock.stood_at(starts - timedelta(minutes=2)):
        for name, site in sites.items():
            services.check_in(site, 12, actor=Actor.link(site.id, f"Ông Đầu Mối {name}"))
    with clock.stood_at(starts + timedelta(hours=3, minutes=2)):
        services.close_roll(meeting, {}, actor=make.actor(secretary))
    make.done()
    marks = [(m.id, m.at, m.after, m.by) for m in db.session.query(Mark).order_by(Mark.id)]
    make.done()

    # -- the platform reports by itself, late and twice: the site is known by the id of its own entry
    stay = (
        (starts - timedelta(minutes=2), starts + timedelta(minutes=20)),
        (starts + timedelta(minutes=41), starts + timedelta(hours=3, minutes=2)),
    )
    for joined, left in (stay[1], stay[0], stay[0]):
        assert push(served, room, seat, "Hà Tĩnh", joined, left) == 204
        assert push(served, room, seat, "Hà Tĩnh", joined, None) == 204

    # -- the secretary takes the file of another platform, says on whose clock it ran, and who the guest is
    desk = open_browser(served)
    journey.sign_in(desk, "hoa@bo.example", make.PASSWORD)
    desk.goto(f"/meetings/{code}/roll-call")
    desk.get_by_role("link", name="Đối chiếu với máy").click()
    expect(desk.locator("tbody tr").filter(has_text="Hà Tĩnh")).to_contain_text("lệch 21 phút")
    desk.get_by_role("link", name="Máy ghi nhận tham dự").click()
    desk.get_by_label("Tệp ghi nhận tham dự").set_input_files(
        {"name": "Báo cáo tham dự.csv", "mimeType": "text/csv", "buffer": report(morning)}
    )
    desk.get_by_role("button", name="Nhận tệp").click()
    expect(desk.get_by_role("heading", name="Đọc tệp này thế nào?")).to_be_visible()
    if desk.get_by_label("tháng/ngày/năm").count():
        desk.get_by_label("tháng/ngày/năm").check()
    desk.get_by_role("button", name="Đọc tệp như vậy").click()
    guest = desk.get_by_role("group", name="Diem cau Nghe An (Guest)")
    expect(guest.get_by_label("Nghệ An")).to_be_checked()
    desk.get_by_role("group", name="iPad (2)").get_by_label("Không phải điểm cầu").check()
    desk.get_by_role("button", name="Xác nhận trang này").click()

    # -- both stand side by side, the longest disagreement first
    rows = desk.locator("table.both tbody tr")
    expect(rows).to_have_count(2)
    for row in rows.all():
        expect(row).to_contain_text("07:58–08:20, 08:41–11:02")
        expect(row).to_contain_text("có mặt suốt")
        expect(row).to_contain_text("lệch 21 phút")
    nghe_an = rows.filter(has_text="Nghệ An")
    nghe_an.get_by_text("Ai ghi").click()
    expect(nghe_an).to_contain_text("08:20–08:41: chỉ người ghi, 21 phút")
    expect(nghe_an).to_contain_text("Ông Đầu Mối Nghệ An")
    expect(nghe_an).to_contain_text("đã xác nhận Nguyễn Thị Hoa")
    book = openpyxl.load_workbook(io.BytesIO(desk.request.get(f"/meetings/{code}/roll-call/comparison.xlsx").body()))
    cells = [str(cell.value) for sheet in book for line in sheet.iter_rows() for cell in line if cell.value is not None]
    assert cells.count(SENTENCE) == 2
    assert {"Báo cáo tham dự.csv", "Jitsi, tự báo"} <= set(cells)
    db.session.rollback()
    assert [(m.id, m.at, m.after, m.by) for m in db.session.query(Mark).order_by(Mark.id)] == marks
    assert db.session.query(Connection).count() == 5
    file = next(row.witness_id for row in db.session.query(Connection) if row.name.startswith("iPad"))
    db.session.rollback()

    # -- every page of it, at a desk and on a phone, in both languages and both themes
    pages = ("witnesses", f"witnesses/{file}", "witnesses/matching?show=all", "comparison")
    cookies = desk.context.cookies()
    for language, theme, more in (
        ("vi", "light", {"viewport": {"width": 320, "height": 700}}),
        ("en", "dark", {"viewport": {"width": 390, "height": 844}}),
    ):
        other = open_browser(served, color_scheme=theme, java_script_enabled=True, **more)
        other.context.add_cookies([*cookies, {"name": "locale", "value": language, "url": served}])
        for path in pages:
            other.goto(f"/meetings/{code}/roll-call/{path}")
            assert not inaccessible(other), path
            assert not too_wide(other), path
