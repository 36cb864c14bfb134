"""The paper of the workbook of an estimate: its cells, their styles, and the addresses by which one cell points at another.

A cell that is computed holds a formula and beside it the amount that the product computed, so that a program which does not
recalculate shows the same. What a person typed is written as text; no formula is ever made of it.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.official.workbook import begun, lay_out

CASE_WORDS: Final = (_l("Low"), _l("Estimate"), _l("High"))
NOTE: Final = _l("This is an estimate with a range from low to high, not a settlement.")
Number = int | float | str
"""What a formula comes to; "" where it comes to an empty text."""


_FOLDED: Final = ("head", "text", "doubt", "strong_text")
"""Styles whose texts are folded at the edge of their cell."""
_USUAL_WIDTH: Final = 8.43
_LINE: Final = 15
"""The height of a line, in points."""


def _lines(text: str, width: float) -> int:
    """How many lines *text* takes in a column *width* digits wide; a word that does not fit begins the next one."""
    lines, used = 1, 0
    for word in text.split():
        if used and used + 1 + len(word) > 1.05 * width:  # a letter is a little narrower than a digit
            lines, used = lines + 1, 0
        used += len(word) + bool(used)
    return lines


def quoted(text: object) -> str:
    """*text* as a text inside a formula."""
    return '"' + str(text).replace('"', '""') + '"'


class _Sheet(Worksheet):
    """A sheet that takes formulas as they are.

    XlsxWriter looks into each for thirty functions that came after 2010; none of ours is one, and of 3,355 sites that search
    was three quarters of the time.
    """

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return formula.removeprefix("=")


class Page:
    """One sheet. Rows and columns are counted from 0, as XlsxWriter counts them; addresses are those that a reader sees."""

    def __init__(self, book: Book, name: str) -> None:
        self.name = name[:31]
        self.sheet = book.book.add_worksheet(self.name, _Sheet)
        self.formats = book.formats
        self._widths: dict[int, float] = {}
        self._folded: dict[int, list[tuple[int, str]]] = defaultdict(list)

    def at(self, row: int, column: int) -> str:
        """The address of a cell for a formula of any sheet; it does not move when a formula is copied."""
        return f"'{self.name}'!${xl_col_to_name(column)}${row + 1}"

    def span(self, row: int, column: int, last_row: int) -> str:
        """The address of the cells of one column from *row* to *last_row*."""
        letter = xl_col_to_name(column)
        return f"'{self.name}'!${letter}${row + 1}:${letter}${last_row + 1}"

    def texts(self, row: int, column: int, texts: Iterable[object], style: str = "text") -> None:
        for offset, text in enumerate(texts):
            self.sheet.write_string(row, column + offset, str(text), self.formats[style])
            if style in _FOLDED:
                self._folded[row].append((column + offset, str(text)))

    def given(self, row: int, column: int, value: int | None, style: str = "given") -> None:
        """A number that was put in, not computed; None leaves an empty cell, ready to be filled in."""
        if value is None:
            self.sheet.write_blank(row, column, None, self.formats[style])
        else:
            self.sheet.write_number(row, column, value, self.formats[style])

    def computed(self, row: int, column: int, formula: str, value: Number, style: str = "number") -> None:
        self.sheet.write_formula(row, column, formula, self.formats[style], value)

    def heading(self, lines: Sequence[object]) -> None:
        """What stands above the table: the first line bold."""
        for row, line in enumerate(lines):
            self.sheet.write_string(row, 0, str(line), self.formats["bold" if row == 0 else "line"])

    def widths(self, *widths: tuple[int, float]) -> None:
        """(how many columns, how wide), from the left."""
        column = 0
        for many, width in widths:
            self.sheet.set_column(column, column + many - 1, width)
            self._widths.update(dict.fromkeys(range(column, column + many), width))
            column += many

    def finish(self, heads: int | None, columns: int = 1) -> None:
        """The row of *heads* and the first *columns* stay in view, the heads stand again on each sheet of paper.

        Every row is as high as its folded texts need: LibreOffice does not see to it where formulas stand beside them.
        """
        for row, texts in self._folded.items():
            if (lines := max(_lines(text, self._widths.get(column, _USUAL_WIDTH)) for column, text in texts)) > 1:
                self.sheet.set_row(row, _LINE * lines)
        if heads is not None:
            self.sheet.freeze_panes(heads + 1, columns)
        lay_out(self.sheet, heads)
        self.sheet.set_footer("&L&8&F – &A&R&8&P/&N")


class Book:
    """The workbook being written."""

    def __init__(self, title: str) -> None:
        self._buffer = io.BytesIO()
        self.book = begun(self._buffer, title)
        money, edge = "#,##0", {"valign": "top"}
        wrapped = {**edge, "text_wrap": True}
        blue, pale, amber = "#1F3FA8", "#EEF1F6", "#FFE9B8"
        looks: dict[str, dict[str, Any]] = {
            "line": {},
            "bold": {"bold": True, "font_size": 13},
            "head": {**wrapped, "bold": True, "align": "center", "bottom": 1, "bg_color": pale},
            "text": wrapped,
            "doubt": {**wrapped, "bg_color": amber},
            "plain": edge,
            "strong_text": {**wrapped, "bold": True, "top": 1},
            "given": {**edge, "num_format": money, "font_color": blue},
            "given_doubt": {**edge, "num_format": money, "font_color": blue, "bg_color": amber},
            "number": {**edge, "num_format": money},
            "tenths": {**edge, "num_format": "#,##0.0"},
            "strong": {**edge, "num_format": money, "bold": True, "top": 1},
        }
        self.formats = {name: self.book.add_format(look) for name, look in looks.items()}

    def page(self, name: str) -> Page:
        return Page(self, name)

    def bytes(self) -> bytes:
        self.book.close()
        return self._buffer.getvalue()


def case_heads(word: object) -> list[str]:
    """The heads of three columns of *word*: low, estimate, high."""
    return [_("%(what)s – %(case)s", what=word, case=case) for case in CASE_WORDS]
