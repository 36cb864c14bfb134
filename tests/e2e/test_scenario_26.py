"""Scenario 26, *Minutes in five minutes*: the .docx in the form her agency uploaded, edited in Word, brought back, both kept.

Nothing is written over her edit before she was asked. Everything is done without scripts, as on the oldest office computer.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from meetings.accounts.rules import Role
from meetings.directory.services import documents
from meetings.official import layout, starter
from meetings.official.vocabulary import DocumentKind
from meetings.scheduling.rules import Status
from tests import make
from tests.e2e import journey
from tests.e2e.look import inaccessible, too_wide
from tests.minutes.conftest import close_roll
from tests.minutes.test_word_file import edited

OURS = "Mẫu biên bản của Bộ Điều phối số"


def agency_form() -> bytes:
    """The form of the agency: the starter that the product gives, with a line of its own that somebody typed in Word."""
    opened = docx.Document(io.BytesIO(starter.starter(DocumentKind.RECORD, layout.usual())))
    opened.paragraphs[0].insert_paragraph_before(OURS)
    saved = io.BytesIO()
    opened.save(saved)
    return saved.getvalue()


def download(page: Page, label: str, tmp_path: Path) -> bytes:
    with page.expect_download() as coming:
        page.get_by_role("link", name=journey.vi(label), exact=True).first.click()
    coming.value.save_as(tmp_path / "came.docx")
    return (tmp_path / "came.docx").read_bytes()


def words(data: bytes) -> str:
    opened = docx.Document(io.BytesIO(data))
    cells = [cell.text for table in opened.tables for row in table.rows for cell in row.cells]
    return " ".join("\n".join([*(p.text for p in opened.paragraphs), *cells]).split())


def write_into_the_head(page: Page, code: str, text: str) -> None:
    page.goto(f"/meetings/{code}/minutes?part=head")
    page.locator('[name="head-agreed"]').fill(text)
    page.locator("#part-head button.pri").click()


@pytest.mark.only("sqlite")
def test_the_minutes_come_in_the_form_of_the_agency_and_an_edit_in_word_is_never_written_over_unasked(
    app: Flask, served: str, open_browser: Callable[..., Page], tmp_path: Path
) -> None:
    hoa = make.user(Role.SECRETARY, email="hoa@bo.example")
    meeting = make.meeting(status=Status.CLOSED, secretary=hoa)
    close_roll(meeting)
    row = documents.keep_template(
        meeting.organiser, DocumentKind.RECORD, "bb.docx", agency_form(), for_below=True, actor=make.actor(hoa)
    )
    documents.use_template(row, actor=make.actor(hoa))
    code = meeting.code
    make.done()

    page = open_browser(served, java_script_enabled=False)
    journey.sign_in(page, "hoa@bo.example", make.PASSWORD)
    page.goto(f"/meetings/{code}/minutes")
    journey.press(page, "Begin the minutes")
    write_into_the_head(page, code, "Các đại biểu nhất trí.")

    # -- the .docx, in the agency's form, with everything that the system knew already
    written = download(page, "Download .docx", tmp_path)
    said = words(written)
    assert said.startswith(OURS)
    for part in (
        "BỘ ĐIỀU PHỐI SỐ", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "/BB-BĐPS", "BIÊN BẢN", "Thời gian bắt đầu", "Địa điểm",
        "Ông Lê Minh Khang, Bộ trưởng", "1/2 điểm cầu tham dự", "điểm cầu tỉnh Hà Tĩnh (có báo trước, lý do: ứng phó bão)",
        "Khai mạc", "Báo cáo kết quả năm 2026", "Thảo luận", "Các đại biểu nhất trí.", "Nơi nhận", "THƯ KÝ", "CHỦ TỌA",
    ):  # fmt: skip
        assert part in said, part

    # -- she edits it in Word and brings it back: both are kept, hers holds, and the page shows the difference
    hers = edited(written, "Các đại biểu nhất trí.", "Toàn thể đại biểu nhất trí.")
    page.goto(f"/meetings/{code}/minutes/documents/record")
    page.set_input_files(
        'input[type="file"]', {"name": "Biên bản (Hoa sửa).docx", "mimeType": "application/zip", "buffer": hers}
    )
    journey.press(page, "Bring it in")
    journey.well(page)
    assert "Thêm một câu trong Word." in page.locator(".places").inner_text()
    page.goto(f"/meetings/{code}/minutes/documents/record")
    expect(page.locator(".kept-files tbody tr")).to_have_count(2)
    assert download(page, "Download .docx", tmp_path) == hers
    assert download(page, "Download what the system writes", tmp_path) == written

    # -- the text on the page changes: hers still holds, and she is asked
    write_into_the_head(page, code, "Các đại biểu nhất trí và không có ý kiến khác.")
    page.goto(f"/meetings/{code}/minutes")
    asked = page.locator(".newer").first
    assert "Nội dung trên trang mới hơn ở 1 chỗ." in asked.inner_text()
    assert download(page, "Download .docx", tmp_path) == hers
    journey.press(asked, "Keep the edited file")
    page.goto(f"/meetings/{code}/minutes")
    expect(page.locator(".newer")).to_have_count(0)

    # -- once more, and now she sets it aside: the page is written anew, and her file can still be had
    write_into_the_head(page, code, "Các đại biểu thống nhất.")
    page.goto(f"/meetings/{code}/minutes")
    journey.press(page.locator(".newer").first, "Set it aside and write anew")
    again = words(download(page, "Download .docx", tmp_path))
    assert "Các đại biểu thống nhất." in again and "Thêm một câu trong Word." not in again
    page.goto(f"/meetings/{code}/minutes/documents/record")
    page.locator("tr", has_text="Hoa sửa").get_by_role("link", name="Hoa sửa").first.click()
    assert download(page, "Download this file", tmp_path) == hers

    # -- the pages, on a telephone, for whoever cannot see them
    phone = open_browser(served, phone=True)
    journey.sign_in(phone, "hoa@bo.example", make.PASSWORD)
    for path in (page.url, f"/meetings/{code}/minutes/documents/record"):
        phone.goto(path)
        assert not inaccessible(phone) and not too_wide(phone), path
