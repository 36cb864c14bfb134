"""Workbooks that people take away: text is text (no cell is ever a formula), the header stays in view."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import xlsxwriter

from meetings.official.text import printable

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(sheet: str, heads: Sequence[str], rows: Iterable[Sequence[str | int | None]]) -> bytes:
    """An .xlsx with one sheet. A cell that begins with = or @ is written as the text it is."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    page = book.add_worksheet(sheet[:31])
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    widths = [len(head) for head in heads]
    for column, head in enumerate(heads):
        page.write_string(0, column, printable(head), bold)
    last = 0
    for last, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, int):
                page.write_number(last, column, value, plain)
            elif value:
                page.write_string(last, column, printable(value)[:32_000], plain)
            widths[column] = max(widths[column], min(len(str(value or "")), 48))
    for column, width in enumerate(widths):
        page.set_column(column, column, width + 2)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, max(last, 1), len(heads) - 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    book.close()
    return made.getvalue()
