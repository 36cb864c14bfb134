"""The roll as a spreadsheet."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

from meetings.attendance.board import Summary
from meetings.attendance.rules import WORDS, State
from meetings.clock import wall
from meetings.i18n import gettext as _
from meetings.official.workbook import begun, head_format, lay_out


def workbook(summary: Summary) -> bytes:
    """The roll of a meeting as .xlsx: a line a site, with its times; then the corrections made after it was closed."""
    file = BytesIO()
    title = f"{summary.code} – {summary.title}"
    book = begun(file, title)
    bold = head_format(book)
    clock = book.add_format({"num_format": "hh:mm"})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    page = book.add_worksheet(_("Roll call")[:31])
    page.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 13}))
    page.write_string(
        1,
        0,
        _(
            "%(present)s of %(invited)s sites took part, %(people)s delegates.",
            present=len(summary.present),
            invited=summary.invited,
            people=summary.people,
        ),
    )
    heads = (
        _("No."), _("Site"), _("Unit"), _("Province"), _("Status"), _("Delegates"), _("Entered"), _("Left"),
        _("Minutes lost"), _("Substitute"), _("Notice given"), _("Reason"), _("Marked by"),
    )  # fmt: skip
    for column, head in enumerate(heads):
        page.write_string(3, column, head, bold)
    for number, row in enumerate(summary.rows, 1):
        line = 3 + number
        cells: tuple[Any, ...] = (
            number, row.name, row.unit_name, summary.provinces.get(row.province_id or 0, ""), str(WORDS[row.status]),
            row.head_count, row.joined_at, row.left_at, round(row.lost_seconds / 60) or None,
            row.substitute if row.substituted else "",
            (_("yes") if row.with_notice else _("no")) if row.state is State.ABSENT else "",
            row.reason or (row.reply_reason if row.state is State.ABSENT else ""), row.by,
        )  # fmt: skip
        for column, cell in enumerate(cells):
            if isinstance(cell, datetime):
                page.write_datetime(line, column, wall(cell).replace(tzinfo=None), clock)
            elif isinstance(cell, int):
                page.write_number(line, column, cell)
            elif cell:
                page.write_string(line, column, str(cell), wrap)
    for column, width in enumerate((6, 26, 40, 18, 18, 10, 10, 10, 10, 26, 10, 40, 24)):
        page.set_column(column, column, width)
    page.freeze_panes(4, 2)
    page.autofilter(3, 0, 3 + len(summary.rows), len(heads) - 1)
    lay_out(page, heads=3)
    if summary.corrections:
        other = book.add_worksheet(_("Corrections")[:31])
        for column, head in enumerate((_("Site"), _("When"), _("By"), _("Why"))):
            other.write_string(0, column, head, bold)
        for line, (site, at, by, why) in enumerate(summary.corrections, 1):
            other.write_string(line, 0, site)
            other.write_datetime(
                line, 1, wall(at).replace(tzinfo=None), book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
            )
            other.write_string(line, 2, by)
            other.write_string(line, 3, why, wrap)
        other.set_column(0, 3, 26)
    book.close()
    return file.getvalue()
