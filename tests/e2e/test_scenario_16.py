"""A province's officer on a telephone brings her communes, sees what they say, reminds and rings; the centre sees it all."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests import make
from tests.e2e import journey
from tests.e2e.installation import ROOT, Installation
from tests.e2e.journey import vi
from tests.e2e.post import Letter

LEFT_OUT = 6


def furnish(house: Installation, *words: str) -> list[str]:
    made = subprocess.run(
        [sys.executable, "-m", "tests.e2e.furnish", *words],
        cwd=ROOT, env=house.environ(), capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr[-3000:]
    return made.stdout.split()


def figure(page: Page, word: str) -> str:
    return page.locator(".fig", has_text=vi(word)).first.locator("b").inner_text()


def narrow(page: Page) -> None:
    """Nothing scrolls sideways on the narrowest telephone."""
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, page.url
    page.set_viewport_size({"width": 390, "height": 844})


def test_a_province_brings_its_communes_and_the_centre_opens_the_numbers_to_names(
    loaded: Installation, tmp_path: Path, open_browser: Callable[..., Page]
) -> None:
    house = loaded.copy(tmp_path / "instance")
    code, secretary, link, other = furnish(house, "cascade", "40")
    house.serve()
    try:
        phone = open_browser(house.url, phone=True, java_script_enabled=False)
        # one link, her own communes
        phone.goto(link)
        expect(phone.locator("main")).to_contain_text(vi("Sites below"))
        phone.get_by_role("link", name=vi("Open the list of sites")).click()
        phone.get_by_role("link", name=vi("Add sites")).click()
        narrow(phone)
        phone.locator("button[name=all][value='']").click()
        free = phone.locator(".ticks input[name=site]")
        assert free.count() >= 124
        for row in range(free.count() - 124):
            free.nth(row).uncheck()
        phone.locator(".stick button[name=look]").click()
        expect(phone.locator("h1")).to_contain_text("124")
        narrow(phone)
        phone.locator("button[name=go]").click()
        expect(phone.locator(".notice.done")).to_contain_text("124")
        assert figure(phone, "All sites") == "124"
        house.work()
        letters = {Letter.read(path).to: Letter.read(path) for path in house.letters()}
        assert len([to for to in letters if re.match(r"diemcau\.\d{5}@", to)]) == 124
        # later: 97 have confirmed, 20 looked, 7 nothing
        furnish(house, "answered", code, "97", "20")
        phone.goto(f"{link}/sites")
        assert [figure(phone, word) for word in ("Confirmed", "Seen, no answer", "No reaction yet")] == [
            "97",
            "20",
            "7",
        ]
        narrow(phone)
        phone.locator(".fig", has_text=vi("No reaction yet")).click()
        expect(phone.locator("ul.below > li")).to_have_count(7)
        phone.locator(".duo .btn.pri").click()
        expect(phone.locator(".box ul.below > li").first).to_be_visible()
        assert phone.locator(".box ul.below > li").count() == 7
        phone.locator(".stick button").click()
        expect(phone.locator(".notice.done")).to_contain_text("7")
        house.work()
        assert len([path for path in house.letters() if Letter.read(path).subject.startswith("Nhắc")]) == 7
        # two of them by telephone
        for _number in range(2):
            phone.goto(f"{link}/sites?only=nothing")
            phone.locator("ul.below a.name").first.click()
            phone.locator("#telephone > summary").click()
            journey.fill(phone, caller="Ông Chủ tịch xã")
            journey.choose(phone, "reply", "accepted")
            phone.get_by_role("button", name=vi("Keep the answer")).click()
            expect(phone.locator(".notice.done")).to_contain_text(vi("The answer has been kept."))
            expect(phone.locator("main")).to_contain_text("Ông Chủ tịch xã")
        ours = phone.url
        phone.goto(f"{link}/sites")
        assert [figure(phone, word) for word in ("Confirmed", "No reaction yet")] == ["99", "5"]
        # another province sees nothing of it
        phone.goto(f"{other}/sites")
        expect(phone.locator("main")).to_contain_text(vi("None has been added yet."))
        got = phone.goto(f"{other}/sites/{urlsplit(ours).path.rsplit('/', 1)[1]}")
        assert got is not None and got.status == 404
        # the centre: those who brought nobody first, numbers that open to names, and a third level
        desk = open_browser(house.url)
        journey.sign_in(desk, secretary, make.PASSWORD)
        desk.goto(f"/meetings/{code}/cascade")
        rows = desk.locator("section[aria-labelledby=provinces] tbody tr")
        expect(rows).to_have_count(34)
        expect(rows.first).to_contain_text(vi("has brought none"))
        expect(rows.last).to_contain_text("Nghệ An")
        rows.last.get_by_role("link", name="5", exact=True).click()
        expect(desk.locator("section[aria-labelledby=names] tbody tr")).to_have_count(5)
        desk.locator("section[aria-labelledby=names] tbody th a").first.click()
        journey.well(desk)
        desk.goto(f"/meetings/{code}/cascade")
        desk.get_by_text(vi("Change what the provinces are asked")).click()
        journey.choose(desk, "levels", "3")
        journey.press(desk, "Keep what is asked")
        journey.well(desk)
        house.work()
        asked = [Letter.read(path) for path in house.letters()]
        last = max(to for to in letters if re.match(r"diemcau\.\d{5}@", to))
        deep = [one for one in asked if one.to == last]
        token = next(iter(deep[0].tokens))
        phone.goto(f"/m/{token}/sites/add")
        expect(phone.locator(".ticks")).to_contain_text("Trạm Y tế")
        phone.locator(".ticks input[name=site]").first.check()
        phone.locator(".stick button[name=look]").click()
        phone.locator("button[name=go]").click()
        expect(phone.locator("ul.below > li")).to_have_count(1)
    finally:
        house.stop()
