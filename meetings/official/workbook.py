"""What every workbook of the office has in common: text stays text, equal contents are equal files, a sheet prints on A4.

Whatever a site or a person is called, nothing becomes a formula.
"""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any, Final

import xlsxwriter

TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_UNDATED: Final = datetime(2026, 1, 1)  # noqa: DTZ001  XlsxWriter takes no zone; one day, so that equal contents are equal files
_A4: Final = 9


def begun(file: BytesIO, title: str) -> xlsxwriter.Workbook:
    """A workbook that is written into *file* as it is closed."""
    book = xlsxwriter.Workbook(
        file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties({"title": title, "created": _UNDATED})
    return book


def head_format(book: xlsxwriter.Workbook) -> Any:
    """How the heads of columns are set."""
    return book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})


def lay_out(page: Any, heads: int | None = None) -> None:
    """Set *page* to print lying on A4, as wide as it is; the row of *heads* again on each sheet of paper."""
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    if heads is not None:
        page.repeat_rows(heads)
