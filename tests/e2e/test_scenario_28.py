"""Scenario 28, *Tasks*: four given with unit and date; two done by the unit's link on a phone without JavaScript.

The next meeting of the series has the two that are unfinished on its agenda, the overdue one in red and in words.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, expect

from meetings import clock, links, worker
from meetings.accounts.rules import Role
from meetings.database import db
from meetings.minutes import blocks, door_queries, handing, life, services
from meetings.minutes.content import Concluded, Given
from meetings.minutes.handing import Numbers
from meetings.minutes.models import Assignment
from meetings.post.models import Letter
from meetings.scheduling.models import MeetingSeries
from meetings.scheduling.rules import Status
from tests import make
from tests.e2e import journey
from tests.e2e.look import inaccessible, too_wide
from tests.minutes.conftest import close_roll

TASKS = ("Nâng cấp đường truyền", "Cử đầu mối kỹ thuật", "Báo cáo tiến độ", "Ban hành quy chế")


@pytest.mark.only("sqlite")
def test_two_of_four_tasks_are_done_on_a_phone_and_the_others_come_before_the_next_meeting(
    app: Flask, served: str, open_browser: Callable[..., Page]
) -> None:
    today = clock.wall(clock.now()).date()
    morning = clock.wall(clock.now() - timedelta(days=1)).replace(hour=8, minute=0)
    secretary = make.user(Role.SECRETARY, email="hoa@bo.example")
    meeting = make.meeting(status=Status.CLOSED, starts=f"{morning:%Y-%m-%d %H:%M}", secretary=secretary)
    coming = make.meeting(status=Status.SCHEDULED, starts=f"{morning + timedelta(days=28):%Y-%m-%d %H:%M}")
    series = MeetingSeries(
        uid="hop-thang", rule="FREQ=WEEKLY;INTERVAL=4;BYDAY=MO;COUNT=2", first_on=morning.date(), starts=time(8),
        minutes_long=180, title=meeting.title, organiser_id=meeting.organiser_id, made_at=clock.now(), made_by="",
    )  # fmt: skip
    db.session.add(series)
    db.session.flush()
    for one in (meeting, coming):
        one.series_id, one.series_on = series.id, clock.wall(one.starts_at).date()
    close_roll(meeting)
    hoa = make.actor(secretary)
    record = services.start(meeting, actor=hoa)
    days = (today + timedelta(days=9), today + timedelta(days=9), today - timedelta(days=1), today + timedelta(days=60))
    for text, due in zip(TASKS, days, strict=True):
        blocks.add(record, Given(text, "UBND tỉnh Nghệ An", "", due), actor=hoa)
    blocks.add(record, Concluded("Giao bốn nhiệm vụ."), actor=hoa)
    life.submit(record, actor=hoa)
    life.approve(record, actor=make.actor(make.user(Role.APPROVER)))
    handing.issue(record, Numbers(), [make.person()], [], actor=hoa)
    next_code, code = coming.code, meeting.code
    make.done()
    db.session.remove()
    worker.until_nothing_is_due(app)
    one = db.session.scalars(sa.select(Assignment).order_by(Assignment.id)).first()
    assert one is not None and one.lead_unit_id is not None
    red_id = one.id + 2
    told = db.session.scalars(sa.select(Letter).where(Letter.kind == "action_items")).one()
    assert told.link_purpose == "t", "the unit was told, with its link"
    door = door_queries.door_of(one.lead_unit_id, one.organiser_id)
    assert door is not None and door.link is not None
    address = f"/t/{links.token('t', door.link.id, door.link.issue)}"
    make.done()

    # -- the unit, on a phone without JavaScript
    phone = open_browser(served, java_script_enabled=False, viewport={"width": 390, "height": 844})
    phone.goto(address)
    expect(phone.locator("article").first).to_contain_text("Quá hạn 1 ngày")
    expect(phone.locator("article").first).to_contain_text(TASKS[2])
    for text in TASKS[:2]:
        phone.goto(address)
        phone.get_by_role("link", name=text, exact=True).click()
        phone.get_by_label("Nội dung đã thực hiện").fill("Đã hoàn thành, có báo cáo.")
        phone.get_by_role("button", name="Đã hoàn thành nhiệm vụ").click()
        expect(phone.get_by_text("Đã báo hoàn thành.")).to_be_visible()

    # -- whoever gave them confirms
    desk = open_browser(served)
    journey.sign_in(desk, "hoa@bo.example", make.PASSWORD)
    for text in TASKS[:2]:
        desk.goto("/action-items?tab=awaiting")
        desk.get_by_role("link", name=f"Xác nhận… {text}").click()
        desk.get_by_role("button", name="Xác nhận hoàn thành nhiệm vụ").click()
    desk.goto("/action-items")
    expect(desk.locator("tr.overdue")).to_contain_text("Quá hạn 1 ngày")

    # -- the next meeting of the series
    desk.goto(f"/meetings/{next_code}/agenda")
    row = desk.get_by_role("row").filter(has_text="Kiểm điểm nhiệm vụ")
    expect(row.locator("li")).to_have_count(2)
    red = row.locator("li", has=desk.locator(".state.overdue"))
    expect(red).to_have_count(1)
    expect(red).to_contain_text("Quá hạn 1 ngày")
    expect(red).to_contain_text(TASKS[2])
    pages = [f"/meetings/{next_code}/agenda", f"/meetings/{code}"]
    pages += ["/action-items", "/action-items/report", f"/action-items/{one.id}"]
    for path in pages:
        desk.goto(path)
        assert not inaccessible(desk), path
    desk.set_viewport_size({"width": 320, "height": 720})
    for path in [*pages, f"/action-items/urge?task={red_id}", address, f"{address}/{red_id}"]:
        desk.goto(path)
        assert not too_wide(desk), path
    assert not inaccessible(desk), "the form of the unit"
    desk.set_viewport_size({"width": 660, "height": 980})  # the width of A4 between its margins
    desk.emulate_media(media="print")
    desk.goto("/action-items/report")
    cell = desk.locator("table.tasks td").first
    assert cell.evaluate("cell => getComputedStyle(cell).display") == "table-cell", "on paper a table is a table"
