"""Two people write the minutes at once; the server is killed, a tab is closed, somebody signs out, a window is stale.

Whatever they type is in the minutes at the end, or stands before them to be chosen: no character is lost.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import make
from tests.e2e import journey
from tests.e2e.installation import ROOT, Installation
from tests.e2e.look import inaccessible, too_wide

KEPT = "Chưa lưu được – đang giữ trên máy này"
SOONER = "const wait = setTimeout; setTimeout = (then, ms, ...more) => wait(then, ms > 3000 ? ms / 5 : ms, ...more)"
"""What could not be saved is sent again after a second instead of five: nothing here is about how long that is."""
Open = Callable[..., Page]


@pytest.fixture
def begun(installation: Installation) -> list[str]:
    """Minutes just begun: the code of the meeting, two who write them, the agenda item they write."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.furnish_minutes"],
        cwd=ROOT, env=installation.environ(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.split()


def kill(installation: Installation) -> None:
    """The server dies where it stands, its worker first: an orphan would answer for another second."""
    process = installation.process
    assert process is not None
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    process.send_signal(signal.SIGSTOP)  # or it would raise another
    for child in children:
        os.kill(int(child), signal.SIGKILL)
    process.kill()
    process.wait(15)
    installation.process = None


def saved(page: Page) -> None:
    expect(page.locator("[data-state]")).to_have_text(re.compile(r"Đã lưu \d\d giờ \d\d phút \d\d"))


def new(page: Page) -> Locator:
    """The text of the empty block at the end of the statements."""
    return page.locator(".statement.blank textarea").last


def holding(page: Page, text: str) -> Locator:
    """The statement on the page whose text holds *text*."""
    for one in page.locator(".statement textarea").all():
        if text in one.input_value():
            return one
    raise AssertionError(f"no block holds {text!r}")


def write(block: Locator, text: str) -> None:
    """Type *text* behind what stands in *block*."""
    block.focus()
    block.press("Control+End")
    block.press_sequentially(text)


def kept(installation: Installation) -> str:
    """Everything that stands in the minutes."""
    rows = installation.ask(
        "SELECT text FROM statement UNION ALL SELECT text FROM action_item UNION ALL SELECT text FROM conclusion"
    )
    return "\n".join(str(text) for (text,) in rows)


def test_two_writers_lose_no_typed_character_whatever_happens_to_server_tab_and_sign_in(
    installation: Installation, begun: list[str], open_browser: Open
) -> None:
    code, hoa_mail, linh_mail, item = begun
    address = f"/meetings/{code}/minutes?item={item}"
    hoa, linh = open_browser(installation.url), open_browser(installation.url)
    for page, mail in ((hoa, hoa_mail), (linh, linh_mail)):
        page.context.add_init_script(SOONER)
        journey.sign_in(page, mail, make.PASSWORD)
        page.goto(address)

    # -- both write a block of their own; the page says how it stands, and who writes beside her
    new(hoa).press_sequentially("Câu một của bà Hoa.")
    expect(hoa.locator("[data-state]")).to_have_text("Chưa lưu…")
    new(linh).press_sequentially("Câu một của bà Linh.")
    saved(hoa)
    saved(linh)
    expect(linh.locator(".writers")).to_contain_text("Bà Hoa đang ghi mục 3.")
    assert {"Câu một của bà Hoa.", "Câu một của bà Linh."} <= set(kept(installation).split("\n"))

    # -- a command that was saved while she paused within the text is read when she leaves it
    new(hoa).press_sequentially("/kl Thống nhất.")
    expect(hoa.locator("[data-state]")).to_have_text("Chưa lưu…")
    saved(hoa)
    hoa.keyboard.press("Shift+Tab")
    hoa.locator("h1").click()
    expect(hoa.locator("#conclusions textarea").first).to_have_value("Thống nhất.")

    # -- both change the same block: both wordings stand side by side, and one press keeps both
    mine = holding(linh, "bà Hoa")
    write(holding(hoa, "bà Hoa"), " Bà Hoa thêm.")
    hoa.keyboard.press("Control+s")
    saved(hoa)
    write(mine, " Bà Linh thêm.")
    mine.blur()
    torn = linh.locator(".torn")
    expect(torn.locator(".two p")).to_contain_text("Bà Hoa thêm.")
    expect(torn.locator("textarea")).to_have_value("Câu một của bà Hoa. Bà Linh thêm.")
    expect(linh.locator("[data-state]")).to_have_text(KEPT)
    assert not inaccessible(linh)
    torn.get_by_role("button", name="Gộp").click()
    expect(torn).to_have_count(0)
    assert "Bà Hoa thêm." in kept(installation) and "Bà Linh thêm." in kept(installation)

    # -- the server is killed while both write; one of them closes her tab
    kill(installation)
    hoa_text = holding(hoa, "Bà Hoa thêm")
    new(hoa).press_sequentially("Khi máy chủ tắt, bà Hoa gõ tiếp.")
    hoa.keyboard.press("Control+Enter")
    hoa.keyboard.type("Và thêm một ý nữa.")
    new(linh).press_sequentially("Khi máy chủ tắt, bà Linh gõ rồi đóng trang.")
    expect(hoa.locator("[data-state]")).to_have_text(KEPT)
    linh_again = linh.context.new_page()
    linh.close()
    installation.serve()
    linh_again.goto(address)
    saved(linh_again)
    saved(hoa)
    for text in ("bà Hoa gõ tiếp.", "Và thêm một ý nữa.", "bà Linh gõ rồi đóng trang."):
        assert kept(installation).count(text) == 1, text
    assert hoa_text.count()

    # -- she signs out in another tab, types on in the first, and signs in again
    other = hoa.context.new_page()
    other.goto("/")
    other.locator(".me summary").click()
    other.get_by_role("button", name="Đăng xuất").click()
    new(hoa).press_sequentially("Gõ khi đã đăng xuất.")
    expect(hoa.locator("[data-state]")).to_have_text(KEPT)
    journey.sign_in(other, hoa_mail, make.PASSWORD)
    saved(hoa)
    assert kept(installation).count("Gõ khi đã đăng xuất.") == 1

    # -- a tab that was left open: what it holds is old, and it does not write over what is newer
    other.goto(address)
    holding(hoa, "đăng xuất").fill("Bản mới của cửa sổ thứ nhất.")
    hoa.keyboard.press("Control+s")
    saved(hoa)
    holding(other, "đăng xuất").fill("Bản của cửa sổ cũ.")
    other.keyboard.press("Control+s")
    torn = other.locator(".torn")
    expect(torn).to_contain_text("cửa sổ khác")
    other.reload()
    expect(other.locator(".torn textarea")).to_have_value("Bản của cửa sổ cũ.")
    other.locator(".torn").get_by_role("button", name="Gộp").click()
    expect(other.locator(".torn")).to_have_count(0)
    assert "Bản mới của cửa sổ thứ nhất.\nBản của cửa sổ cũ." in kept(installation)

    # -- keys: the time, a conclusion, the next agenda item
    new(other).press_sequentially("Thống nhất dùng chung hạ tầng lúc")
    other.keyboard.press("F2")
    other.keyboard.press("F9")
    expect(other.locator("#conclusions .block:not(.blank) textarea")).to_have_count(1)
    expect(holding(other, "dùng chung hạ tầng lúc")).to_be_focused()
    other.keyboard.press("Alt+ArrowUp")
    expect(other.locator("#item-h")).to_contain_text("2. ")
    expect(other.locator(".statement.blank textarea")).to_be_focused()

    # -- on a phone the short command at the beginning of a line does what F8 does at a desk
    phone = open_browser(installation.url, phone=True)
    phone.context.add_cookies(linh_again.context.cookies())
    phone.goto(address)
    new(phone).press_sequentially("/nv Nghệ An: ban hành hướng dẫn, hạn 31/01/2027")
    phone.locator("#item-h").tap()
    expect(phone.locator("#tasks .line-of")).to_contain_text("Ban hành hướng dẫn")
    expect(phone.locator("#tasks .line-of")).to_contain_text("31/01/2027")
    for page in (phone, other):
        assert not inaccessible(page)
        assert not too_wide(page)
