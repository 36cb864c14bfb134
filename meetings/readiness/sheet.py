"""The rosters of a meeting as a spreadsheet. Texts are written as texts: whatever a person is called, no formula comes of it."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Final

import xlsxwriter

from meetings.i18n import gettext as _
from meetings.readiness import queries
from meetings.readiness.rules import ROLE_WORDS
from meetings.scheduling.models import Meeting

TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_UNDATED: Final = datetime(2026, 1, 1)  # noqa: DTZ001  XlsxWriter takes no zone; one day, so that equal contents are equal files


def workbook(meeting: Meeting) -> bytes:
    """All delegates of *meeting* as .xlsx, a line a person, in the order of its sites."""
    file = BytesIO()
    book = xlsxwriter.Workbook(
        file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties({"title": f"{meeting.code} – {meeting.title}", "created": _UNDATED})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    page = book.add_worksheet(_("Delegates")[:31])
    heads = (
        _("No."), _("Site"), _("Unit"), _("Form of address"), _("Full name"), _("Title"), _("Organisation"),
        _("Part in the delegation"), _("Telephone"), _("Absent, and why"),
    )  # fmt: skip
    for column, head in enumerate(heads):
        page.write_string(0, column, head, bold)
    for number, (site, one) in enumerate(queries.whole(meeting), 1):
        page.write_number(number, 0, number)
        cells = (
            site.name, site.unit_name, one.honorific, one.name, one.title, one.organisation,
            str(ROLE_WORDS[one.role]), one.phone, (one.absence or _("Absent")) if one.absent else "",
        )  # fmt: skip
        for column, cell in enumerate(cells, 1):
            page.write_string(number, column, cell)
    for column, width in enumerate((6, 24, 36, 10, 28, 30, 36, 18, 16, 28)):
        page.set_column(column, column, width)
    page.freeze_panes(1, 0)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    book.close()
    return file.getvalue()
