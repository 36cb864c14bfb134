"""Technical check: the site ticks its items on a telephone, the clock colours it, and whoever rings sees the red ones."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from meetings import clock
from meetings.official.working_days import STANDARD
from tests import make
from tests.e2e import journey
from tests.e2e.installation import ROOT, Installation
from tests.e2e.journey import vi

ITEMS = ("line", "picture", "microphone", "loudspeaker", "screen", "power")


def furnish(house: Installation, at: str) -> list[str]:
    made = subprocess.run(
        [sys.executable, "-m", "tests.e2e.furnish", "tested", *at.split()],
        cwd=ROOT, env=house.environ(), capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr[-3000:]
    return made.stdout.split()


def row(page: Page, name: str) -> str:
    """What the technician's list says of one site."""
    return page.locator(".tests tbody tr", has=page.get_by_role("link", name=name, exact=True)).first.inner_text()


def narrow(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, page.url
    page.set_viewport_size({"width": 390, "height": 844})


def test_a_site_ticks_the_clock_colours_and_a_fault_is_red_at_once_everywhere(
    loaded: Installation, tmp_path: Path, open_browser: Callable[..., Page]
) -> None:
    house = loaded.copy(tmp_path / "instance")
    day = STANDARD.add_working_days(clock.today(), 3)
    starts = make.at(f"{day.isoformat()} 08:00")
    code, technician, hers, link, other = furnish(house, f"{day.isoformat()} 08:00")
    house.clock_at(starts - timedelta(minutes=59))
    desk, province = open_browser(house.url), open_browser(house.url)
    phone = open_browser(house.url, phone=True, java_script_enabled=False)
    link, other = (house.url + one[one.index("/m/") :] for one in (link, other))
    tests, board = f"/meetings/{code}/line-tests", f"/meetings/{code}/roll-call/live?view=list"
    try:
        # T-60: it ticks; one item is at fault, with a word
        phone.goto(f"{link}/line-test")
        for item in ITEMS:
            phone.locator(f"#{item}-{int(item == 'microphone')}").check(force=True)
        phone.locator("#note_microphone").fill("Micro 2 bị vọng tiếng")
        phone.get_by_role("button", name=vi("Send the result")).click()
        expect(phone.locator("h1")).to_contain_text("Đã gửi lúc")
        narrow(phone)
        journey.sign_in(desk, technician, make.PASSWORD)
        desk.goto(tests)
        first = desk.locator(".tests tbody tr").first  # the worst first
        expect(first).to_contain_text("Nghệ An")
        expect(first).to_contain_text("Micro: Micro 2 bị vọng tiếng")
        expect(first.locator("a[href^='tel:']")).to_have_count(2)  # the officer's and the technician's
        assert vi("Not tested") in row(desk, "Thanh Hóa")

        # mended, and told by telephone: green in one row
        first.get_by_role("button", name=vi("All six passed: %(site)s", site="Nghệ An")).click()
        journey.well(desk)
        assert vi("Passed") in row(desk, "Nghệ An") and vi("by telephone") in row(desk, "Nghệ An")
        phone.goto(link)
        expect(phone.locator("ol.tasks li").nth(2)).to_contain_text(vi("Passed"))

        # T-30 amber, T-15 red: whoever was not tested
        house.clock_at(starts - timedelta(minutes=29))
        desk.goto(f"{tests}?show=untested")
        expect(desk.locator(".lamp.amber").first).to_be_visible()
        expect(desk.locator(".lamp.red")).to_have_count(0)
        phone.goto(other)
        expect(phone.locator("ol.tasks .due")).to_contain_text("chậm nhất 07 giờ 45")
        house.clock_at(starts - timedelta(minutes=14))
        phone.goto(other)
        expect(phone.locator("ol.tasks li").nth(2).locator(".bad")).to_contain_text("quá hạn từ 07 giờ 45")

        # the province's technician sees her red ones with numbers, and nobody else's
        journey.sign_in(province, hers, make.PASSWORD)
        expect(province.locator("main")).to_contain_text("2 điểm cầu lỗi hoặc quá hạn kiểm tra")
        province.goto(tests)
        assert province.locator(".tests tbody tr").count() == 3
        assert province.locator(".lamp.red").count() == 2 and province.locator(".tests a[href^='tel:']").count() == 6
        assert "Thanh Hóa" not in province.locator("main").inner_text()

        # reopened after "đạt": red at once on the site's page, in both lists, on the board
        phone.goto(f"{link}/line-test")
        phone.locator("#line-1").check(force=True)
        phone.locator("#note_line").fill("Rớt đường truyền")
        phone.get_by_role("button", name=vi("Send the result")).click()
        phone.goto(link)
        expect(phone.locator("ol.tasks li").nth(2).locator(".bad")).to_contain_text("Có lỗi: Đường truyền")
        for page in (desk, province):
            page.goto(tests)
            expect(page.locator(".tests tbody tr").first).to_contain_text("Rớt đường truyền")
        province.get_by_role("link", name=vi("Fault or single items: %(site)s", site="Nghệ An")).click()
        province.locator(".opened details summary").click()
        expect(province.locator(".told")).to_contain_text("Trước đó: Đường truyền: đạt")
        desk.goto(board)
        expect(desk.locator("li[data-site]", has_text="Nghệ An").locator("small.red")).to_contain_text("lỗi kỹ thuật")
    finally:
        house.stop()
        print(house.faults()[-4000:])
