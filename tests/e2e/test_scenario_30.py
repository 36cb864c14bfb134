"""Scenario 30, *Quarterly report and a doubt*: the quarter by province, as Excel; then from a figure to who entered it, when and
by which channel. No developer is needed on that path, and no JavaScript."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from meetings import clock
from meetings.accounts.rules import Role
from meetings.attendance import services as attendance
from meetings.attendance.rules import MarkSource, Move
from meetings.database import db
from meetings.invitations import answering
from meetings.invitations.answering import Answer
from meetings.invitations.models import Reply, Source
from meetings.savings import services as savings
from meetings.scheduling.rules import Status
from tests import make
from tests.e2e import journey
from tests.e2e.look import inaccessible, too_wide


@pytest.mark.only("sqlite")
def test_an_inspector_follows_a_figure_of_the_quarter_down_to_who_entered_it(
    app: Flask, served: str, open_browser: Callable[..., Page]
) -> None:
    begins = clock.wall(clock.now() - timedelta(minutes=30))
    secretary = make.actor(make.user(Role.SECRETARY))
    meeting = make.meeting(status=Status.SCHEDULED, starts=f"{begins:%Y-%m-%d %H:%M}")
    there, away = make.sites_of(meeting)
    with clock.stood_at(clock.now() - timedelta(hours=3)):
        answering.reply(
            make.invitation_of(there),
            Answer(Reply.ACCEPTED),
            source=Source.TELEPHONE,
            said_by="Ông Lộc",
            actor=secretary,
        )
    attendance.mark(there, Move.IN, actor=secretary, source=MarkSource.TELEPHONE, head_count=12)
    attendance.close_roll(meeting, {}, actor=secretary)
    savings.estimate_meeting(meeting, actor=secretary)
    chief = make.user(Role.APPROVER, email="chanhvp@bo.example")
    code, quarter = meeting.code, (begins.month + 2) // 3
    assert chief.id and away.id
    make.done()
    db.session.remove()

    # -- the office chief: the quarter by province, and as Excel
    desk = open_browser(served, java_script_enabled=False)
    journey.sign_in(desk, "chanhvp@bo.example", make.PASSWORD)
    desk.get_by_role("link", name="Tiết kiệm", exact=True).first.click()
    desk.get_by_role("link", name="Báo cáo", exact=True).click()
    desk.get_by_label("Năm", exact=True).select_option(str(begins.year))
    desk.get_by_label("Quý", exact=True).select_option(str(quarter))
    desk.get_by_label("Theo", exact=True).select_option(label="Tỉnh, cơ quan của điểm cầu")
    desk.get_by_role("button", name="Xem", exact=True).click()
    nghe_an = desk.get_by_role("row").filter(has=desk.get_by_role("rowheader", name="Nghệ An", exact=True))
    heads = desk.locator("table.report thead th").all_inner_texts()

    def shown(row: str, column: str) -> str:
        found = desk.get_by_role("row").filter(has=desk.get_by_role("rowheader", name=row, exact=True))
        return found.locator("th, td").nth(heads.index(column)).inner_text().split("\n")[0].split(" ")[0]

    assert [shown("Nghệ An", one) for one in ("Cuộc họp", "Điểm cầu được mời", "Lượt đại biểu", "Vắng")] == [
        "1",
        "1",
        "12",
        "0",
    ]
    assert [shown("Hà Tĩnh", one) for one in ("Điểm cầu được mời", "Vắng")] == ["1", "1"]
    with desk.expect_download() as waiting:
        desk.get_by_role("link", name="Tải .xlsx").click()
    book = load_workbook(io.BytesIO(waiting.value.path().read_bytes()))
    lines = {row[0].value: row for row in book.worksheets[0].iter_rows()}
    assert lines["Nghệ An"][3].value == 1 and lines["Hà Tĩnh"][6].value == 1

    # -- an inspector doubts a figure: names, then who entered it, when, by which channel
    nghe_an.get_by_role("link", name="12").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Lượt đại biểu · 12")
    desk.get_by_role("link", name="Nghệ An", exact=True).click()
    row = desk.get_by_role("row").last
    expect(row).to_contain_text("Nguyễn Thị Hoa")
    expect(row).to_contain_text("điện thoại", ignore_case=True)
    expect(row).to_contain_text(f"{begins:%d/%m/%Y}")
    desk.goto(f"/reports/names?year={begins.year}&quarter={quarter}&figure=absent")
    desk.get_by_role("link", name="Hà Tĩnh", exact=True).click()
    expect(desk.get_by_role("row").last).to_contain_text("Nguyễn Thị Hoa")

    looking = open_browser(served, viewport={"width": 390, "height": 844})
    journey.sign_in(looking, "chanhvp@bo.example", make.PASSWORD)
    asked = f"year={begins.year}&quarter={quarter}"
    for path in (
        f"/reports?{asked}", f"/reports/names?{asked}&figure=people", f"/reports/meetings/{code}/absent/{away_id(desk)}",
        "/reports/schedule",
    ):  # fmt: skip
        looking.goto(path)
        assert not inaccessible(looking), path
        assert not too_wide(looking), path


def away_id(page: Page) -> str:
    """The id in the address of the page of Hà Tĩnh's absence."""
    return page.url.partition("?")[0].rpartition("/")[2]
