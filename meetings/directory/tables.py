"""Lists as people bring them: pasted from Excel, .csv of any encoding, .xlsx. Bytes or text in, a grid of clean cells out.

A workbook is a zip of XML from a stranger: what it claims to unpack to is bounded before anything is unpacked, and the
XML is read by defusedxml. A list that is too big is refused whole, with the number; nothing is ever cut silently.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import Any, Final, Literal, TypeAlias, TypeVar

import openpyxl
from openpyxl.utils import column_index_from_string

from meetings.errors import Refused
from meetings.i18n import lazy_gettext as _l
from meetings.official import legacy_fonts

MAX_BYTES: Final = 8 * 1024 * 1024
MAX_ROWS: Final = 5_000
MAX_COLUMNS: Final = 40
MAX_CELL: Final = 1_000
_MAX_PART: Final = 24 * 1024 * 1024
_MAX_UNPACKED: Final = 48 * 1024 * 1024
_MAX_PARTS: Final = 400
_MAX_SPAN: Final = 50_000  # rows a sheet may claim: a lone cell in row 1,048,576 is a trap, not a list

_MERGE: Final = re.compile(rb'<(?:\w+:)?mergeCell ref="([A-Z]{1,2})([0-9]{1,7}):[A-Z]{1,3}([0-9]{1,7})"')
_MOST_MERGED: Final = 500  # rows in one cell
_NO_VALUE: Final = frozenset(
    ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!")
)  # formulas that failed

Grid: TypeAlias = list[list[str]]
"""Rows of cells, each cell NFC, one line, trimmed; rows may differ in length."""

_WEB_PAGE: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|table|\?xml)", re.IGNORECASE)

# Junk that comes along unseen: controls, zero-width signs, direction marks. U+00AD stays: in TCVN3 it is the letter ư.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ud800-\udfff]"
)
_SPACES: Final = re.compile(r"\s+")


def clean(cell: str) -> str:
    """One cell as it is kept: NFC, no unseen signs, one space between words."""
    return _SPACES.sub(" ", _UNSEEN.sub("", unicodedata.normalize("NFC", cell))).strip()


def from_text(text: str) -> Grid:
    """The grid of a pasted text: tabs where there are any, else semicolons, bars or commas."""
    if len(text) > MAX_BYTES:
        raise _too_big()
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _checked(_split(text, _delimiter(text)))


def from_file(name: str, data: bytes) -> Grid:
    """The grid of an uploaded file; told apart by what is in it, not by its name."""
    return _checked(_workbook(data, _sheet)) if _is_workbook(name, data) else from_text(decoded(data))


def sheets_from_file(name: str, data: bytes) -> list[Grid]:
    """As :func:`from_file` every visible sheet that holds anything, each cell of rows that were merged into one with its text."""
    if not _is_workbook(name, data):
        return [from_text(decoded(data))]
    found = [_checked(sheet) for sheet in _workbook(data, _sheets)]
    if sum(map(len, found)) > MAX_ROWS + 20:
        raise _too_many_rows()
    return found or [_checked([])]


def _is_workbook(name: str, data: bytes) -> bool:
    """Whether *data* is a workbook rather than text; refused where it is neither."""
    if len(data) > MAX_BYTES:
        raise _too_big()
    if data.startswith(b"PK\x03\x04"):
        if name.lower().endswith((".docx", ".docm", ".odt")):
            raise _to_be_copied()
        return True
    if name.lower().endswith((".doc", ".rtf", ".pdf")) or data.startswith((b"%PDF", b"{\\rtf")):
        raise _to_be_copied()
    if data.startswith(b"\xd0\xcf\x11\xe0") or _WEB_PAGE.match(data[:400]):  # offices' programs call a web page .xls
        raise _refused(_l("This is an old .xls workbook. Save it as .xlsx in Excel and choose it again."))
    if (
        name.lower().endswith((".xlsx", ".xlsm"))
        or b"\x00" in data[:4096]
        and not data.startswith((b"\xff\xfe", b"\xfe\xff"))
    ):
        raise _refused(_l("This file is not a workbook (.xlsx) nor a text table (.csv)."))
    return False


def decoded(data: bytes) -> str:
    """The text of a .csv: UTF-8, UTF-16 with its mark, Windows-1258, or a font older than Unicode (left as it stands)."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, "replace").removeprefix("\ufeff")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    western = data.decode("cp1252", "replace")
    try:
        vietnamese = unicodedata.normalize("NFC", data.decode("cp1258"))
    except UnicodeDecodeError:
        return western
    # Windows-1258 writes the tones as marks of their own after the vowel; read as TCVN3 or VNI they follow anything
    orphan = re.search(r"(?<![aăâeêioôơuưyAĂÂEÊIOÔƠUƯY])[\u0300-\u0323]", unicodedata.normalize("NFC", vietnamese))
    return western if orphan and legacy_fonts.suspected(western) else vietnamese


def _delimiter(text: str) -> str:
    lines = [line for line in text.split("\n")[:50] if line.strip()]
    for sign in "\t;|":
        if sum(sign in line for line in lines) * 2 >= max(1, len(lines)) or (sign == "\t" and "\t" in text):
            return sign
    return ","


def _split(text: str, sign: str) -> Iterable[list[str]]:
    rows = _read(text, sign, csv.QUOTE_MINIMAL)
    # a quotation mark that is never closed swallows the rest of the list into one cell: then quotes are plain letters
    if rows is None or any(cell.count("\n") > 5 for row in rows for cell in row):
        rows = _read(text, sign, csv.QUOTE_NONE)
    if rows is None:
        raise _refused(_l("This list cannot be read as a table. Copy the rows from Excel again."))
    return rows


def _read(text: str, sign: str, quoting: Literal[0, 3]) -> list[list[str]] | None:
    try:
        return list(csv.reader(io.StringIO(text), delimiter=sign, quoting=quoting))
    except csv.Error:
        return None


_Read = TypeVar("_Read")


def _workbook(data: bytes, read: Callable[[openpyxl.Workbook, bytes], _Read]) -> _Read:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            listed = parts.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as broken:
        raise _unreadable() from broken
    # Python's zipfile never unpacks more of a part than its header claims, so the claims can be trusted as bounds
    if (
        len(listed) > _MAX_PARTS
        or any(part.file_size > _MAX_PART for part in listed)
        or sum(part.file_size for part in listed) > _MAX_UNPACKED
    ):
        raise _too_big()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl remarks on styles it does not know; the reader cannot help that
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            try:
                return read(book, data)
            finally:
                book.close()
    except Refused:
        raise
    except MemoryError:
        raise
    except Exception as broken:  # openpyxl answers a broken workbook with whatever exception comes first
        raise _unreadable() from broken


def _sheet(book: openpyxl.Workbook, data: bytes) -> list[list[str]]:
    """The first sheet that holds anything: lists have one; what stands behind it is code tables."""
    return next((list(rows.values()) for _sheet, rows in _shown(book) if rows), [])


def _sheets(book: openpyxl.Workbook, data: bytes) -> list[list[list[str]]]:
    found = []
    for sheet, rows in _shown(book):
        if rows:
            _fill_merged(rows, _merged(sheet, data))
            found.append(list(rows.values()))
    return found


def _shown(book: openpyxl.Workbook) -> Iterator[tuple[Any, dict[int, list[str]]]]:
    """Each visible sheet with its rows that hold anything, by their number."""
    for sheet in book.worksheets[:20]:
        if sheet.sheet_state != "visible":
            continue
        rows: dict[int, list[str]] = {}
        sheet.reset_dimensions()  # what the file says of its own size is hearsay
        for number, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True), 1):
            if number > _MAX_SPAN:
                raise _too_many_rows()
            cells = [_written(value) for value in row]
            if any(cells):
                rows[number] = cells
                if len(rows) > MAX_ROWS + 20:
                    raise _too_many_rows()
        yield sheet, rows


def _merged(sheet: Any, data: bytes) -> Iterator[tuple[int, int, int]]:
    """(column from 0, first row, last row) of each merge over several rows. openpyxl does not tell them when it only reads."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        xml = parts.read(str(sheet._worksheet_path).lstrip("/"))
    for number, found in enumerate(_MERGE.finditer(xml)):
        column, first, last = found[1].decode(), int(found[2]), int(found[3])
        if number >= MAX_ROWS:
            return
        if first < last <= first + _MOST_MERGED:
            yield column_index_from_string(column) - 1, first, last


def _fill_merged(rows: dict[int, list[str]], merged: Iterable[tuple[int, int, int]]) -> None:
    """Write the text of cells merged downwards into each of their rows that holds anything: it is meant for all of them."""
    for column, first, last in merged:
        above = rows.get(first, [])
        if column >= len(above) or not above[column]:
            continue
        for number in range(first + 1, last + 1):
            cells = rows.get(number)
            if cells is not None and column < len(cells) and not cells[column]:
                cells[column] = above[column]


def _written(value: object) -> str:
    """A cell as a person reads it: 912000345.0 is a telephone number that lost its zero, not a measurement."""
    if value is None or value in _NO_VALUE:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return str(value)


def _checked(rows: Iterable[list[str]]) -> Grid:
    grid: Grid = []
    for row in rows:
        if len(row) > MAX_COLUMNS:
            if any(cell.strip() for cell in row[MAX_COLUMNS:]):
                raise _refused(_l("The list has more than %(most)s columns.", most=MAX_COLUMNS))
            row = row[:MAX_COLUMNS]
        cells = [clean(cell) for cell in row]
        for cell in cells:
            if len(cell) > MAX_CELL:
                raise _refused(
                    _l("A cell is longer than %(most)s characters: “%(start)s…”", most=MAX_CELL, start=cell[:40])
                )
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            grid.append(cells)
            if len(grid) > MAX_ROWS + 20:
                raise _too_many_rows()
    if not grid:
        raise _refused(_l("There is nothing in this list. Copy the rows in Excel, header included, and paste them."))
    return grid


def _refused(sentence: object) -> Refused:
    return Refused(sentence, status=422)


def _to_be_copied() -> Refused:
    return _refused(_l("This is a Word or PDF file. Open it, copy the rows of its table and paste them."))


def _too_big() -> Refused:
    return Refused(
        _l(
            "The list is too big. The most is %(rows)s rows and %(size)s MB.",
            rows="5.000",
            size=MAX_BYTES // 1024 // 1024,
        ),
        status=413,
    )


def _too_many_rows() -> Refused:
    return _refused(_l("The list has more than %(most)s rows. Divide it and import the parts.", most="5.000"))


def _unreadable() -> Refused:
    return _refused(_l("The workbook is damaged or protected by a password. Open it in Excel and save it again."))
