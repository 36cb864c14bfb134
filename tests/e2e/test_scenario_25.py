"""The line drops during the roll call: what was typed stays on the telephone, the page says so, and it is sent once.

The server is a real one, because it is killed here in the middle of what it does.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error, Page, Route, expect

from tests.e2e.installation import ROOT, Installation, until

Open = Callable[..., Page]
LIST = "Ông Hoàng Văn Lộc\tPhó Chủ tịch\tUBND tỉnh\nBà Lê Thanh Tâm\tPhó Giám đốc\tSở Tài chính\n"


@pytest.fixture(scope="module")
def house(loaded: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation for all tests of this scenario."""
    made = loaded.copy(tmp_path_factory.mktemp("dropping") / "instance")
    made.serve()
    yield made
    made.stop()
    print(made.faults()[-6000:])


@pytest.fixture(scope="module")
def links(house: Installation) -> Iterator[str]:
    """Private links of sites whose meetings begin in twenty minutes, each to be used by one test."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.furnish", "near", "20", "4"],
        cwd=ROOT, env=house.environ(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return iter(done.stdout.split())


def note(page: Page) -> Any:
    return page.locator("[data-kept]")


def marks(house: Installation) -> list[tuple[object, ...]]:
    """Every mark there is: state, head-count."""
    return house.ask("SELECT after, head_count FROM mark ORDER BY id")


def facts(house: Installation, fact: str) -> int:
    """How often *fact* stands in the journal."""
    return int(str(house.ask("SELECT count(*) FROM journal_entry WHERE fact = ?", fact)[0][0]))


def reloaded(page: Page) -> bool:
    """Whether the page has loaded itself anew."""
    try:
        return bool(page.evaluate("performance.getEntriesByType('navigation')[0].type === 'reload'"))
    except Error:  # in the middle of it
        return False


def check_in(page: Page) -> None:
    page.get_by_role("button", name="Điểm cầu đã vào họp").click()


def test_a_check_in_is_kept_while_the_line_is_gone_and_counted_once_from_when_it_was_pressed(
    house: Installation, links: Iterator[str], open_browser: Open
) -> None:
    page = open_browser(house.url, phone=True)
    page.goto(f"{next(links)}/check-in")
    page.get_by_label("Số đại biểu có mặt").fill("17")
    page.locator("[data-step='1']").click()
    page.context.set_offline(True)
    pressed = time.time()
    check_in(page)
    expect(note(page)).to_have_text(re.compile(r"Chưa gửi: đã ghi \d\d:\d\d, gửi khi có mạng"))
    expect(note(page)).to_be_in_viewport()
    check_in(page)  # impatient
    assert marks(house) == []
    time.sleep(4)
    page.context.set_offline(False)
    expect(page.locator("#state .st")).to_contain_text("Đã vào họp")
    expect(page.locator("#head_count")).to_have_value("18")
    assert marks(house) == [("in", 18)]
    at = house.ask("SELECT strftime('%s', at) FROM mark")[0][0]
    assert abs(int(str(at)) - pressed) < 3, "the hour at which it was pressed, not that at which it came"
    assert page.evaluate("Object.keys(localStorage).length") == 0, "nothing is left on the telephone"


def test_what_was_typed_outlives_the_page_and_the_answer_that_was_never_heard_is_not_given_twice(
    house: Installation, links: Iterator[str], open_browser: Open
) -> None:
    page, link = open_browser(house.url, phone=True), next(links)
    page.goto(f"{link}/reply")
    page.get_by_text("Cử người dự thay", exact=True).click()
    page.locator("#substitute_name").fill("Hoàng Văn Lộc")
    page.goto(f"{link}/roster")
    page.locator("#pasted").fill(LIST)
    page.goto(f"{link}/reply")
    expect(note(page)).to_contain_text("Chưa gửi: nội dung gõ lúc")
    expect(page.locator("#substitute_name")).to_have_value("Hoàng Văn Lộc")
    expect(page.locator("[value=substitute]")).to_be_checked()
    page.locator("#substitute_title").fill("Phó Chủ tịch")

    heard: dict[str, int] = {}

    def swallow(route: Route) -> None:
        """The server gets it and answers; the line is gone before the telephone hears. The second time all is well."""
        if route.request.method == "POST" and route.request.url not in heard:
            heard[route.request.url] = route.fetch(max_redirects=0).status
            route.abort()
        else:
            route.fallback()

    page.route(re.compile("/(reply|roster)$"), swallow)
    page.get_by_role("button", name="Gửi xác nhận").click()
    expect(note(page)).to_contain_text("gửi khi có mạng")
    assert list(heard.values()) == [303]
    assert facts(house, "invitation.answered") == 1
    page.goto(f"{link}/roster")
    expect(page.locator("#pasted")).to_have_value(LIST)
    page.get_by_role("button", name="Gửi danh sách").click()
    expect(note(page)).to_contain_text("gửi khi có mạng")
    assert list(heard.values()) == [303, 303]
    page.unroute_all()
    # another page of the link, opened when the line is back, sends what waits and shows what came of it
    page.goto(link)
    until("the page never showed what came of it", lambda: reloaded(page), 30)
    expect(page.locator(".tasks")).to_contain_text("Dự thay: Hoàng Văn Lộc")
    expect(page.locator(".tasks")).to_contain_text("02 đại biểu")
    expect(note(page)).to_be_hidden()
    assert facts(house, "invitation.answered") == 1
    assert facts(house, "roster.filed") == 1
    assert house.ask("SELECT count(*) FROM delegate") == [(2,)]
    page.goto(f"{link}/reply")
    expect(page.locator("#substitute_name")).to_have_value("Hoàng Văn Lộc")
    expect(note(page)).to_be_hidden()


def test_what_is_refused_later_is_said_and_stays_to_be_mended(
    house: Installation, links: Iterator[str], open_browser: Open
) -> None:
    page = open_browser(house.url, phone=True)
    page.goto(f"{next(links)}/line-test")
    page.locator("#line-0").check(force=True)
    page.locator("#microphone-1").check(force=True)
    expect(page.locator(".stick button")).to_have_text("Gửi kết quả 2/6 mục")
    page.context.set_offline(True)
    page.locator(".stick button").click()
    expect(note(page)).to_contain_text("Chưa gửi")
    page.context.set_offline(False)
    expect(page.locator("#note_microphone-error")).to_be_visible()  # a fault without a word
    page.locator("#note_microphone").fill("Micro 2 bị vọng tiếng")
    page.locator(".stick button").click()
    page.wait_for_url("**/done/line_test")
    assert house.ask("SELECT outcome FROM line_test") == [("failed",)]


def test_a_server_that_is_killed_in_the_middle_of_a_check_in_has_it_once_when_it_is_back(
    house: Installation, links: Iterator[str], open_browser: Open
) -> None:
    before = len(marks(house))
    page = open_browser(house.url, phone=True)
    page.goto(f"{next(links)}/check-in")
    page.get_by_label("Số đại biểu có mặt").fill("12")
    assert house.process is not None
    master = house.process.pid
    workers = [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)  # the server has the connection, and never comes to an answer
    check_in(page)
    expect(note(page)).to_contain_text("Chưa gửi")
    for pid in (master, *workers):
        os.kill(pid, signal.SIGKILL)
    house.process.wait()
    house.process = None
    assert len(marks(house)) == before
    check_in(page)  # pressed again while the server is away: the same check-in
    house.serve()
    expect(page.locator("#state .st")).to_contain_text("Đã vào họp")
    until("the telephone still keeps something", lambda: page.evaluate("Object.keys(localStorage).length") == 0, 30)
    assert marks(house)[before:] == [("in", 12)]
