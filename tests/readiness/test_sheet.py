"""The lists of a meeting leave the product as a spreadsheet and as a document, each person as it was typed."""

from __future__ import annotations

import io

import openpyxl
from docx import Document
from flask import Flask

from meetings.accounts.rules import Actor
from meetings.readiness import filing, papers, roster, sheet
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from tests import make

OFFICER = Actor.link(1, "Đầu mối")


def _meeting() -> Meeting:
    meeting = make.meeting(status=Status.SCHEDULED)
    here, there = make.sites_of(meeting)
    pasted = "Ông Hoàng Văn Lộc\tPhó Chủ tịch\tUBND tỉnh\n=HYPERLINK(1)\t+84\t@cmd\n"
    filing.file_roster(here, roster.rows_of(pasted), actor=OFFICER)
    filing.file_roster(there, roster.rows_of("Bà Trần Thị Sen\tChánh Văn phòng\tVăn phòng"), actor=OFFICER)
    return meeting


def test_the_spreadsheet_holds_every_delegate_and_no_formula(app: Flask) -> None:
    book = openpyxl.load_workbook(io.BytesIO(sheet.workbook(_meeting())))
    rows = list(book.active.iter_rows(min_row=2))
    assert [row[4].value for row in rows] == ["Hoàng Văn Lộc", "=HYPERLINK(1)", "Trần Thị Sen"]
    assert [row[1].value for row in rows] == ["Nghệ An", "Nghệ An", "Hà Tĩnh"]
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n"}


def test_the_document_of_one_site_holds_its_delegates_only(app: Flask) -> None:
    meeting = _meeting()
    table = _cells(papers.sheet_of(make.sites_of(meeting)[0]))
    assert "Ông Hoàng Văn Lộc" in table
    assert "Bà Trần Thị Sen" not in table


def test_the_document_of_one_site_is_issued_by_its_unit_and_travels_with_a_letter(app: Flask) -> None:
    data = papers.sheet_of(make.sites_of(_meeting())[0])
    said = "\n".join(paragraph.text for paragraph in Document(io.BytesIO(data)).paragraphs).replace("\u00a0", " ")
    assert "ỦY BAN NHÂN DÂN TỈNH NGHỆ AN" in _cells(data) | {line for cell in _cells(data) for line in cell.split("\n")}
    assert "Điểm cầu: tỉnh Nghệ An" in said
    assert "(Kèm theo Công văn số" in said and "của Ủy ban nhân dân tỉnh Nghệ An)" in said


def test_the_document_of_the_meeting_holds_everybody_with_the_site(app: Flask) -> None:
    table = _cells(papers.whole_list(_meeting()))
    assert {"Ông Hoàng Văn Lộc", "Bà Trần Thị Sen", "Điểm cầu tỉnh Hà Tĩnh (01 đại biểu)"} <= table


def _cells(data: bytes) -> set[str]:
    tables = Document(io.BytesIO(data)).tables
    return {cell.text.replace("\u00a0", " ") for table in tables for row in table.rows for cell in row.cells}
