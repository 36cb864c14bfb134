"""Both witnesses as a spreadsheet: a line a site, then every mark and every connection with its source."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

from meetings.attendance import witness_words as words
from meetings.attendance.rules import SOURCE_WORDS, STATE_WORDS, State
from meetings.attendance.side_by_side import Comparisons
from meetings.clock import wall
from meetings.i18n import gettext as _
from meetings.i18n import locale
from meetings.official.dates import moment_short
from meetings.official.workbook import begun, head_format, lay_out
from meetings.scheduling.models import Meeting


def workbook(meeting: Meeting, both: Comparisons, addresses: bool = True) -> bytes:
    """The comparison of *meeting* as .xlsx; *addresses*: whether its reader may see by what somebody can be reached."""
    file = BytesIO()
    title = f"{meeting.code} – {meeting.title}"
    book = begun(file, title)
    names = {one.id: words.source(one) for one in both.witnesses}
    _sites(book, title, both, names)
    _marks(book, both)
    _connections(book, both, names, addresses)
    _witnesses(book, both)
    book.close()
    return file.getvalue()


def _sites(book: Any, title: str, both: Comparisons, names: dict[int, str]) -> None:
    page = book.add_worksheet(_("Comparison")[:31])
    page.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 13}))
    page.write_string(
        1, 0, _("The roll and the machines side by side. Neither changes the other; the record follows the roll.")
    )
    heads = (
        _("No."), _("Site"), _("Province"), _("Result"), _("Minutes apart"), _("Roll"), _("Marked by"),
        _("Machine"), _("Told by"), _("Only the roll (minutes)"), _("Only a machine (minutes)"), _("In one sentence"),
    )  # fmt: skip
    rows = [
        (
            number, row.name, row.province, str(words.VERDICT_WORDS[row.verdict]), row.both.minutes or None,
            words.human(row.both), _once(f"{mark.by} ({SOURCE_WORDS[mark.source]})" for mark in row.marks if not mark.undone),
            words.machine(row.both), _once(names[one.witness_id] for one in row.sources),
            _minutes(row.both.comparison.only_human), _minutes(row.both.comparison.only_machine), words.sentence(row.both),
        )
        for number, row in enumerate(both.sites, 1)
    ]  # fmt: skip
    _table(book, page, 3, heads, rows, (6, 26, 18, 20, 10, 26, 34, 30, 34, 12, 12, 60))
    lay_out(page, heads=3)


def _marks(book: Any, both: Comparisons) -> None:
    page = book.add_worksheet(_("Marks of the roll")[:31])
    rows = [
        (
            row.name,
            mark.at,
            str(STATE_WORDS[State(mark.after)]),
            mark.by,
            str(SOURCE_WORDS[mark.source]),
            _("yes") if mark.undone else "",
        )
        for row in both.sites
        for mark in row.marks
    ]
    heads = (_("Site"), _("When"), _("Mark"), _("By"), _("By which way"), _("Taken back"))
    _table(book, page, 0, heads, rows, (26, 18, 20, 30, 20, 12))


def _connections(book: Any, both: Comparisons, names: dict[int, str], addresses: bool) -> None:
    page = book.add_worksheet(_("Connections")[:31])
    rows = [
        (
            row.name, one.name, one.address if addresses else "", one.external_id, one.joined_at, one.left_at,
            round(one.seconds / 60) if one.seconds else None, names[one.witness_id],
            str(words.MATCH_WORDS[one.matched_by]), one.confirmed_by,
        )
        for row in both.sites
        for one in row.sources
    ]  # fmt: skip
    heads = (
        _("Site"), _("Name on the platform"), _("Address"), _("Id"), _("Joined at"), _("Left at"), _("Minutes told"),
        _("Told by"), _("Matched"), _("Confirmed by"),
    )  # fmt: skip
    _table(book, page, 0, heads, rows, (26, 30, 30, 24, 18, 18, 10, 34, 22, 26))


def _witnesses(book: Any, both: Comparisons) -> None:
    page = book.add_worksheet(_("Sources")[:31])
    rows = [
        (
            words.source(one), words.layout(one), one.sha256, moment_short(one.taken_at, locale()), one.taken_by, one.zone,
            words.shift(one.clock_shift) if one.clock_shift else "",
        )
        for one in both.witnesses
    ]  # fmt: skip
    heads = (_("Source"), _("Kind"), "SHA-256", _("Taken"), _("By"), _("Time zone"), _("Clock set"))
    _table(book, page, 0, heads, rows, (34, 34, 66, 20, 26, 20, 16))


def _table(
    book: Any, page: Any, top: int, heads: tuple[str, ...], rows: list[tuple[Any, ...]], widths: tuple[int, ...]
) -> None:
    bold = head_format(book)
    moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss", "valign": "top"})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    plain = book.add_format({"valign": "top"})
    for column, head in enumerate(heads):
        page.write_string(top, column, head, bold)
    for line, row in enumerate(rows, top + 1):
        for column, cell in enumerate(row):
            if isinstance(cell, datetime):
                page.write_datetime(line, column, wall(cell).replace(tzinfo=None), moment)
            elif isinstance(cell, int):
                page.write_number(line, column, cell, plain)
            elif cell:
                page.write_string(line, column, str(cell), wrap)
    for column, width in enumerate(widths):
        page.set_column(column, column, width)
    page.freeze_panes(top + 1, 1)
    page.autofilter(top, 0, top + max(len(rows), 1), len(heads) - 1)


def _once(texts: Any) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))


def _minutes(intervals: Any) -> int | None:
    seconds = sum(one.seconds for one in intervals)
    return max(1, (seconds + 30) // 60) if seconds else None
