"""The rosters of a meeting as a spreadsheet."""

from __future__ import annotations

from io import BytesIO

from meetings.i18n import gettext as _
from meetings.official.workbook import begun, head_format, lay_out
from meetings.readiness import queries
from meetings.readiness.rules import ROLE_WORDS
from meetings.scheduling.models import Meeting


def workbook(meeting: Meeting) -> bytes:
    """All delegates of *meeting* as .xlsx, a line a person, in the order of its sites."""
    file = BytesIO()
    book = begun(file, f"{meeting.code} – {meeting.title}")
    bold = head_format(book)
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
    lay_out(page, heads=0)
    book.close()
    return file.getvalue()
