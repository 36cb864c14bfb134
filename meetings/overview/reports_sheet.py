"""A report as a workbook and as plain tables. What a person typed stays text: no cell of it is ever a formula."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from typing import Any, Final

from meetings.clock import wall
from meetings.i18n import gettext as _
from meetings.i18n import locale
from meetings.official import workbook as book_of
from meetings.official.dates import date_short
from meetings.official.delimited import written
from meetings.overview import reports_count, reports_doubt, reports_names
from meetings.overview.reports_count import Line, Report
from meetings.overview.reports_figures import AXES, BY_WORDS, FIGURE_WORDS, HOW, By, Figure, Scope

MOST: Final = 20_000
"""So many names of one figure stand in a workbook; the page lists all of them."""
_COUNTS: Final = tuple(figure for figure in Figure if figure is not Figure.SAVINGS)


def heads(by: By) -> list[str]:
    """The heads of the table of a report by *by*."""
    return [
        *(str(BY_WORDS[axis]) for axis in AXES[by]),
        *(str(FIGURE_WORDS[figure]) for figure in _COUNTS),
        _("Meetings with an estimate"),
        _("Savings, low (đồng)"),
        _("Savings, estimate (đồng)"),
        _("Savings, high (đồng)"),
    ]


def cells(line: Line, by: By) -> list[str | int]:
    """The cells of a line, as :func:`heads` names them: the total fills the first column and leaves the others of its names."""
    names = [*line.names, *("" for _axis in AXES[by][len(line.names) :])]
    return [*names, *(line[figure] for figure in _COUNTS), line.estimated, line.low, line.mid, line.high]


def titles(scope: Scope) -> list[str]:
    """What the report is of, in lines: the period, what it is narrowed to."""
    period = scope.period
    span = _("%(first)s – %(last)s", first=date_short(period.first, locale()), last=date_short(period.last, locale()))
    return [_("Report on online meetings: %(period)s", period=period.words), span, *reports_count.narrowed_names(scope)]


def workbook(report: Report) -> bytes:
    """The lines, every meeting and site behind them with who entered it, and how each figure is counted: four kinds of sheet."""
    file, scope = BytesIO(), report.scope
    doubt = reports_doubt.sentences(scope)
    book = book_of.begun(file, titles(scope)[0])
    head, bold, money = (
        book_of.head_format(book),
        book.add_format({"bold": True}),
        book.add_format({"num_format": "#,##0"}),
    )
    page = book.add_worksheet(_("Report")[:31])
    for row, line in enumerate(titles(scope)):
        page.write_string(row, 0, line, bold if row == 0 else None)
    top = len(titles(scope)) + 1
    for column, label in enumerate(heads(report.by)):
        page.write_string(top, column, label, head)
    for row, one in enumerate((*report.lines, report.total), top + 1):
        _row(page, row, cells(one, report.by), number=money)
    page.set_row(top + 1 + len(report.lines), None, bold)
    notes = [_("The savings are an estimate: the amounts low and high are its range."), *doubt]
    if not report.adds_up:
        notes.append(
            _(
                "A meeting with sites of several provinces or bodies counts on each of their lines, and once in the total."
            )
        )
    for n, note in enumerate(notes):
        page.write_string(top + len(report.lines) + 3 + n, 0, note)
    named = len(report.axes)
    page.set_column(0, named - 1, 34 if named == 1 else 26)
    page.set_column(named, named + len(_COUNTS), 11)
    page.set_column(named + len(_COUNTS) + 1, named + len(_COUNTS) + 3, 18)
    page.freeze_panes(top + 1, named)
    book_of.lay_out(page, top)
    for figure in Figure:
        _names_of(book, scope, figure)
    page = book.add_worksheet(_("How it is counted")[:31])
    for row, figure in enumerate(Figure):
        page.write_string(row, 0, str(FIGURE_WORDS[figure]), bold)
        page.write_string(row, 1, str(HOW[figure]), book.add_format({"text_wrap": True}))
    page.set_column(0, 0, 34)
    page.set_column(1, 1, 90)
    book.close()
    return file.getvalue()


def name_heads() -> list[str]:
    return [
        _("Code of the meeting"),
        _("Meeting"),
        _("Begins"),
        _("Name"),
        _("What is counted"),
        _("Counts as"),
        _("Entered by"),
        _("Entered at"),
        _("By which door"),
    ]


def name_cells(one: reports_names.Named) -> list[Any]:
    return [one.code, one.title, one.starts_at, one.name, one.what, one.adds, one.by, one.at, one.door]


def _names_of(book: Any, scope: Scope, figure: Figure) -> None:
    """A sheet with every name behind *figure*; none where there is no name."""
    rows = list(reports_names.all_of(scope, figure, MOST + 1))
    if not rows:
        return
    page = book.add_worksheet(_sheet_name(str(FIGURE_WORDS[figure])))
    head, when = book_of.head_format(book), book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    for column, label in enumerate(name_heads()):
        page.write_string(0, column, label, head)
    for row, one in enumerate(rows[:MOST], 1):
        _row(page, row, name_cells(one), when=when)
    if len(rows) > MOST:
        page.write_string(MOST + 1, 0, _("Only the first %(most)s stand here. Choose a shorter period.", most=MOST))
    for row, note in enumerate(_doubts(scope, figure), min(len(rows), MOST) + 3):
        page.write_string(row, 0, note)
    for column, width in enumerate((16, 44, 17, 34, 44, 11, 24, 17, 26)):
        page.set_column(column, column, width)
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, min(len(rows), MOST), len(name_heads()) - 1)
    book_of.lay_out(page, 0)


def _sheet_name(words: str) -> str:
    """*words* as Excel takes them for a sheet: without the characters it refuses, at most 31."""
    plain = "".join(" " if sign in "[]:*?/\\'" else sign for sign in words)
    return (plain[:1].upper() + plain[1:])[:31].strip()


def _row(page: Any, row: int, values: Iterable[Any], *, number: Any = None, when: Any = None) -> None:
    for column, value in enumerate(values):
        if isinstance(value, int):
            page.write_number(row, column, value, number)
        elif isinstance(value, datetime):
            page.write_datetime(row, column, wall(value).replace(tzinfo=None), when)
        elif value:
            page.write_string(row, column, str(value))


# ------------------------------------------------------------------ plain tables


def table(report: Report) -> bytes:
    """The lines and their total as CSV, and below them what the savings stand on that nobody has verified."""
    lines = (cells(line, report.by) for line in (*report.lines, report.total))
    return written([heads(report.by), *lines, *([note] for note in reports_doubt.sentences(report.scope))])


def names(scope: Scope, figure: Figure) -> bytes:
    """Every name behind *figure* as CSV, and below the savings what nobody has verified."""
    rows = ([_plain(cell) for cell in name_cells(one)] for one in reports_names.all_of(scope, figure, 1_000_000))
    return written([name_heads(), *rows, *([note] for note in _doubts(scope, figure))])


def _doubts(scope: Scope, figure: Figure) -> list[str]:
    return reports_doubt.sentences(scope) if figure is Figure.SAVINGS else []


def _plain(value: Any) -> Any:
    """A moment as people write it; everything else as it is."""
    return f"{wall(value):%d/%m/%Y %H:%M}" if isinstance(value, datetime) else value
