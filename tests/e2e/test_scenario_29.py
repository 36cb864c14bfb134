"""Scenario 29, *The saving, checked by an accountant*: from the total to the norm behind one allowance, another assumption, what
is left out; the files say the same, and a norm that is changed afterwards changes nothing. No JavaScript is needed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from docx import Document
from flask import Flask
from openpyxl import load_workbook
from playwright.sync_api import Locator, Page, expect

from meetings import clock
from meetings.accounts.rules import Role
from meetings.attendance import services as attendance
from meetings.attendance.rules import MarkSource, Move
from meetings.database import db
from meetings.savings import services as savings
from meetings.scheduling.rules import Status
from tests import make
from tests.e2e import journey
from tests.e2e.journey import vi
from tests.e2e.look import inaccessible, too_wide

MAIL, NATIONAL = "taichinh@bo.example", "taichinh@nuoc.example"


@pytest.mark.only("sqlite")
def test_an_accountant_follows_the_saving_down_to_the_norm_of_one_allowance(
    app: Flask, served: str, open_browser: Callable[..., Page]
) -> None:
    code = _held()

    # -- the total: an estimate with its range, of how many people, to which place, and who is left out
    desk = open_browser(served, java_script_enabled=False)
    journey.sign_in(desk, MAIL, make.PASSWORD)
    desk.get_by_role("link", name="Tiết kiệm", exact=True).first.click()
    desk.get_by_role("link", name=re.compile("sơ kết công tác chuyển đổi số")).click()
    total = _region(desk, "Estimated savings")
    before = _three(total)
    expect(total).to_contain_text("ước tính")
    expect(total).to_contain_text("Tính 2/3 điểm cầu, 47 người có mặt")
    expect(total).to_contain_text("Nơi họp giả định: Bộ Điều phối số")
    expect(_region(desk, "What this estimate does not count")).to_contain_text("1 điểm cầu không tính")
    lines = _region(desk, "Site by site (estimate)")
    expect(lines.get_by_role("row").filter(has_text="Hồ Chí Minh")).to_contain_text(re.compile(r"máy bay, [\d.]+ km"))
    expect(lines.get_by_role("row").filter(has_text="Nghệ An")).to_contain_text(re.compile(r"xe công, \d+ km"))
    expect(lines.get_by_role("row").filter(has_text="Hà Tĩnh")).to_contain_text("không có số đại biểu")

    # -- one site: allowance, lodging and transport, each with its working, document, article and day in force
    lines.get_by_role("link", name="Nghệ An", exact=True).click()
    for item, law in (
        ("Per diem", ("Điều 6", "Thông tư 12/2025/TT-BTC", "áp dụng từ 04/05/2025")),
        ("Lodging", ("Điều 7", "Thông tư 12/2025/TT-BTC", "áp dụng từ 04/05/2025")),
        ("Travel", ("Thông tư 40/2017/TT-BTC", "áp dụng từ")),
    ):
        shown = desk.locator(".item").filter(has=desk.get_by_role("heading", name=vi(item), exact=True))
        for words in law:
            expect(shown.locator(".sources")).to_contain_text(words)
        expect(shown.get_by_role("row").nth(2)).to_contain_text(re.compile(r"[\d.]+ (đ|đồng)"))

    # -- one assumption is another for this meeting, and the total moves; version and reason stay
    desk.goto(f"/meetings/{code}/savings")
    _change(desk).get_by_label(vi("Assumption"), exact=True).select_option("delegation")
    journey.press(_change(desk), "Choose")
    _change(desk).locator("#low").fill("4")
    _change(desk).locator("#mid").fill("6")
    _change(desk).locator("#high").fill("8")
    _change(desk).locator("#reason").fill("Giấy triệu tập ghi đoàn 6 người")
    journey.press(_change(desk), "Estimate anew")
    journey.well(desk)
    after = _three(_region(desk, "Estimated savings"))
    assert all(more > less for more, less in zip(after, before, strict=True)), (before, after)
    versions = _region(desk, "Versions of this estimate").get_by_role("row")
    expect(versions.nth(1)).to_contain_text("Giấy triệu tập ghi đoàn 6 người")
    expect(versions.nth(1)).to_contain_text("Đỗ Tài Chính")
    assert _amounts(versions.nth(2))[0] == before[1]

    # -- the files of the page say the same, to the đồng; the annex says that it is an estimate and prints every assumption
    book = load_workbook(_file(desk, ".xlsx"), data_only=True)
    cells = {cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert set(after) <= cells
    assert any("ước tính" in str(cell).casefold() for cell in cells)
    annex = _words(Document(_file(desk, ".docx")))
    assert "ước tính" in annex.casefold()
    for amount in after:
        assert f"{abs(amount):,}".replace(",", ".") in annex
    norms = desk.locator("table.norms tbody th[scope=row]").all_text_contents()
    assert len(norms) > 50
    assert [norm for norm in norms if norm.strip() not in annex] == []
    assert "Thông tư 12/2025/TT-BTC" in annex and "Giấy triệu tập ghi đoàn 6 người" in annex
    assert _file(desk, ".csv").read(3) == "\N{BOM}".encode()

    # -- finance of the nation changes the allowance from this very day: the meeting that was held keeps the old norm
    nation = open_browser(served, java_script_enabled=False)
    journey.sign_in(nation, NATIONAL, make.PASSWORD)
    nation.goto("/savings/norms/per_diem")
    for name in ("low", "mid", "high"):
        nation.locator(f"#{name}").fill("500000")
    nation.locator("#valid_from").fill(f"{clock.today():%d/%m/%Y}")
    nation.locator("#document").fill("Thông tư thử nghiệm")
    journey.press(nation, "Save")
    journey.well(nation)
    expect(nation.get_by_role("row").filter(has_text="Thông tư thử nghiệm")).to_contain_text(vi("in force today"))
    desk.reload()
    assert _three(_region(desk, "Estimated savings")) == after
    journey.press(desk, "Estimate anew from the roll as it is now")
    assert _three(_region(desk, "Estimated savings")) == after, "the estimate keeps the norms that it was made with"

    looking = open_browser(served, viewport={"width": 390, "height": 844})
    journey.sign_in(looking, MAIL, make.PASSWORD)
    for path in (f"/meetings/{code}/savings", f"/meetings/{code}/savings?key=delegation", "/savings/method"):
        looking.goto(path)
        assert not inaccessible(looking), path
        assert not too_wide(looking), path


def _held() -> str:
    """A conference of this morning, its roll closed: twelve people of Nghệ An, 35 of Hồ Chí Minh, of Hà Tĩnh nobody knows."""
    begins = clock.wall(clock.now() - timedelta(minutes=30))
    secretary = make.actor(make.user(Role.SECRETARY))
    sites = [make.site(code) for code in (make.NGHE_AN, make.HA_TINH, make.HO_CHI_MINH)]
    meeting = make.meeting(status=Status.SCHEDULED, starts=f"{begins:%Y-%m-%d %H:%M}", sites=sites)
    for row, people in zip(make.sites_of(meeting), (12, None, 35), strict=True):
        attendance.mark(row, Move.IN, actor=secretary, source=MarkSource.TELEPHONE, head_count=people)
    attendance.close_roll(meeting, {}, actor=secretary)
    make.user(Role.FINANCE, make.NATION, name="Lê Tài Chính", email=NATIONAL)
    savings.estimate_meeting(meeting, actor=make.actor(make.user(Role.FINANCE, email=MAIL)))
    code = meeting.code
    make.done()
    db.session.remove()
    return code


def _file(page: Page, ending: str) -> io.BytesIO:
    """The file that a link of the page downloads."""
    with page.expect_download() as waiting:
        page.get_by_role("link", name=ending).first.click()
    return io.BytesIO(waiting.value.path().read_bytes())


def _words(document: Any) -> str:
    """All that a document says, white space folded."""
    return " ".join(" ".join(node.text for node in document.element.body.iter() if node.text).split())


def _region(page: Page, msgid: str) -> Locator:
    return page.get_by_role("region", name=vi(msgid), exact=True)


def _change(page: Page) -> Locator:
    return page.locator("section[aria-labelledby=change]")


def _amounts(shown: Locator) -> list[int]:
    """The whole amounts in đồng that a piece of a page names, in their order."""
    found = re.findall(r"(−?)(\d{1,3}(?:\.\d{3})+) (?:đ|đồng)\b", shown.inner_text())
    return [int(digits.replace(".", "")) * (-1 if minus else 1) for minus, digits in found]


def _three(total: Locator) -> tuple[int, int, int]:
    """Low, estimate and high, as the page of the meeting names them: the estimate first, then its range."""
    mid, low, high = _amounts(total)[:3]
    assert low < mid < high
    return low, mid, high
