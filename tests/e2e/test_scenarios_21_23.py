"""Scenarios 21 to 23: the board on the wall, the roll call by keyboard, one camera with 128 people; each against a server that
is killed and comes back."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.installation import Installation
from tests.make import PASSWORD

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def hall(
    loaded: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Installation, str, str, str]]:
    """An installation whose national meeting began ten minutes ago: its code, and two secretaries."""
    made = loaded.copy(tmp_path_factory.mktemp("hall") / "instance")
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.furnish_roll"],
        cwd=Path(__file__).parents[2], env=made.environ(), capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    code, first, second = done.stdout.split()
    made.serve()
    yield made, code, first, second
    made.stop()
    print(made.faults()[-4000:])


def entered(hall: Installation, open_browser: Open, email: str) -> Page:
    page = open_browser(hall.url)
    page.goto("/sign-in")
    enter(page, email)
    return page


def enter(page: Page, email: str) -> None:
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")


def marks(hall: Installation, site: str) -> list[tuple[object, ...]]:
    return hall.ask(
        "SELECT m.after, m.reason, m.undoes_id IS NOT NULL FROM mark m JOIN meeting_site s ON s.id = m.meeting_site_id "
        "WHERE s.name = ? ORDER BY m.id",
        site,
    )


def test_the_roll_is_called_by_keyboard_with_a_reason_an_undo_and_a_server_that_was_away(
    hall: tuple[Installation, str, str, str], open_browser: Open
) -> None:
    house, code, first, second = hall
    page = entered(house, open_browser, first)
    board = f"/meetings/{code}/roll-call/live"
    page.goto(board)
    rows = page.locator("#part-todo li[data-site]")
    total = rows.count()
    row = page.locator('li[data-n="12"]')
    name = row.locator("b a").inner_text()
    page.keyboard.type("12")
    expect(row).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#told")).to_contain_text(f"Đã ghi {name} vào họp")
    assert [str(mark[0]).lower() for mark in marks(house, name)] == ["in"]
    chosen = page.locator("li[data-site]:focus")
    expect(chosen).to_have_count(1)  # the next uncalled site, and it is in view
    expect(chosen).to_be_in_viewport()
    absent = chosen.locator("b a").inner_text()
    page.keyboard.press("v")
    page.locator("#ask-absent input").fill("Ứng phó bão")
    page.keyboard.press("Enter")
    expect(page.locator("#told")).to_contain_text(f"Đã ghi vắng {absent}")
    assert marks(house, absent)[-1][1] == "Ứng phó bão"
    page.keyboard.press("z")
    expect(page.locator("#told")).to_contain_text("Đã hoàn tác")
    assert [mark[2] for mark in marks(house, absent)] == [0, 1]
    # a letter typed into a field, or by an input method, marks nothing; switched off, letters do nothing at all
    page.evaluate(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'c', keyCode: 229, bubbles: true}))"
    )
    page.locator("#opts summary").click()
    page.locator("#letters").check()
    page.locator("#opts summary").click()
    page.locator('li[data-n="20"]').focus()
    page.keyboard.press("c")
    page.locator("#opts summary").click()
    page.locator("#letters").uncheck()
    page.locator("#opts summary").click()
    assert not marks(house, page.locator('li[data-n="20"] b a').inner_text())
    # figures are numbers of sites, so the large numbers filter with Shift
    page.keyboard.press("Shift+Digit3")
    page.wait_for_url("**show=waiting**")
    page.goto(board)
    # another officer at another desk sees a mark within four seconds, and whose it was
    other = entered(house, open_browser, second)
    other.goto(board)
    expect(other.locator("#part-n")).to_have_text(page.locator("#part-n").inner_text())
    third = page.locator('li[data-n="30"]')
    taken, id = third.locator("b a").inner_text(), third.get_attribute("id")
    third.focus()
    page.keyboard.press("v")
    page.locator("#ask-absent [value=no]").click()
    expect(other.locator(f"#{id} .just")).to_contain_text("vừa ghi vắng", timeout=5_000)
    other.locator(f"#{id}").focus()
    other.keyboard.press("c")
    expect(other.locator("#told")).to_contain_text("Nguyễn Thị Hoa")  # nobody's mark is lost silently
    assert [str(mark[0]).lower() for mark in marks(house, taken)] == ["absent", "in"]
    # the server goes: marks are kept here, live through a reload of the page, and are sent once
    house.stop()
    for number in ("3", "4"):
        page.locator(f'li[data-n="{number}"]').focus()
        page.keyboard.press("c")
    expect(page.locator("#gone")).to_contain_text("2 điểm danh chờ gửi", timeout=15_000)
    expect(page.locator("#gone")).to_contain_text(re.compile(r"Mất kết nối tới máy chủ từ \d\d giờ \d\d, "))
    page.route("**/roll-call/mark", lambda route: route.abort())
    house.serve()
    page.reload()
    expect(page.locator("#gone")).to_contain_text("2 điểm danh chờ gửi")
    page.unroute("**/roll-call/mark")
    expect(page.locator("#gone")).to_be_hidden(timeout=15_000)
    page.wait_for_function(
        "() => Object.entries(localStorage).every(([k, v]) => !k.startsWith('marks:') || v === '[]')"
    )
    for number in ("3", "4"):
        (site,) = house.ask("SELECT name FROM meeting_site ORDER BY position LIMIT 1 OFFSET ?", int(number) - 1)[0]
        assert len(marks(house, str(site))) == 1
    assert rows.count() < total
    # signed out in the middle: the page says so by itself, and what was pressed is sent once she is in again
    page.context.clear_cookies()
    page.locator('li[data-n="5"]').focus()
    page.keyboard.press("c")
    page.wait_for_url("**/sign-in?next=**", timeout=10_000)
    enter(page, first)
    page.wait_for_url(f"**{board}*")
    page.wait_for_function(f"() => localStorage['marks:{code}'] === '[]'")
    (site,) = house.ask("SELECT name FROM meeting_site ORDER BY position LIMIT 1 OFFSET 4")[0]
    assert len(marks(house, str(site))) == 1


def test_the_wall_tells_who_confirmed_is_in_and_is_missing_and_since_when_it_lost_the_server(
    hall: tuple[Installation, str, str, str], open_browser: Open
) -> None:
    house, code, first, _second = hall
    page = entered(house, open_browser, first)
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(f"/meetings/{code}/roll-call/wall")
    assert page.locator(".map .tile:not(.host,.isl)").count() == 34
    assert page.locator("button, a[href^='tel:']").count() == 0
    words = page.locator("main").inner_text()
    assert "34 xác nhận" in words and not re.search(r"09\d\d \d{3}", words)
    sizes = page.evaluate(
        "[...document.querySelectorAll('main *')].filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())"
        " && e.offsetParent && !e.closest('.vh')).map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 18 * 0.99
    assert page.evaluate("document.documentElement.scrollHeight") <= 1080
    expect(page.locator("#sync")).to_contain_text(re.compile(r"Cập nhật \d giây trước"))
    house.stop()
    expect(page.locator("#gone")).to_contain_text("Mất kết nối tới máy chủ từ", timeout=25_000)
    assert page.locator(".map .tile:not(.host,.isl)").count() == 34
    house.serve()
    expect(page.locator("#gone")).to_be_hidden(timeout=25_000)
    desk = entered(house, open_browser, first)
    desk.goto(f"/meetings/{code}/roll-call/live?show=in")
    lost = desk.locator("#part-todo li[data-site]").first
    name = lost.locator("b a").inner_text()
    lost.focus()
    desk.keyboard.press("m")
    expect(page.locator(".todo li.hot")).to_contain_text(name, timeout=10_000)
    assert page.title().startswith("(1 mất kết nối)")
    assert "lost" in (page.locator("link[rel=icon]").get_attribute("href") or "")
    page.keyboard.press("Escape")
    page.wait_for_url("**/live")


def test_one_camera_with_128_people_is_one_site_and_128_people(
    hall: tuple[Installation, str, str, str], open_browser: Open
) -> None:
    house, code, _first, second = hall
    page = entered(house, open_browser, second)
    page.goto(f"/meetings/{code}/roll-call/live")
    before = int(re.findall(r"(\d+) điểm cầu, (\d+) người", page.locator("#part-sums").inner_text())[0][1])
    row = page.locator("#part-todo li[data-site]").last
    id, name = str(row.get_attribute("data-site")), row.locator("b a").inner_text()
    row.locator("b a").click()
    page.locator("#one-count").fill("128")
    page.locator("#one button[value$=':in']").click()
    tile = page.locator(f"#t{id}")
    expect(tile).to_have_attribute("aria-label", re.compile(f"^{name}: Đã vào họp, 128 đại biểu"))
    expect(page.locator("#part-sums")).to_contain_text(f"{before + 128} người")
    assert "1 người" not in re.sub(r"\d+1 người", "", page.locator("main").inner_text())
