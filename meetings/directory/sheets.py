"""Workbooks that people take away: text is text (no cell is ever a formula), the header stays in view."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from meetings.official.text import printable
from meetings.official.workbook import begun, head_format, lay_out


def workbook(sheet: str, heads: Sequence[str], rows: Iterable[Sequence[str | int | None]]) -> bytes:
    """An .xlsx with one sheet. A cell that begins with = or @ is written as the text it is."""
    made = io.BytesIO()
    book = begun(made, sheet)
    page = book.add_worksheet(sheet[:31])
    bold = head_format(book)
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
    lay_out(page, heads=0)
    book.close()
    return made.getvalue()
