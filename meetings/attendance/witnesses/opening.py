"""From bytes to text, a table, or JSON: what a file is, whatever its name says.

Everything is bounded before it is unpacked: the bytes, the rows, the cells, the parts of a workbook, the depth of JSON.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, Final, TypeAlias

import openpyxl

from meetings.directory.tables import clean, decoded

MAX_BYTES: Final = 16 * 1024 * 1024
MAX_ROWS: Final = 40_000
MAX_COLUMNS: Final = 60
MAX_CELL: Final = 2_000
MAX_LINES: Final = 200_000  # of a text: empty ones and events of no interest with them
_MAX_PART: Final = 48 * 1024 * 1024
_MAX_UNPACKED: Final = 96 * 1024 * 1024
_MAX_PARTS: Final = 400
_MAX_SPAN: Final = 100_000  # rows a sheet may claim

LOOSE: Final = '","'  # between cells that are quoted without a thought for quotes inside

Grid: TypeAlias = list[list[str]]
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_GUARD: Final = re.compile(r'^=\s*"(.*)"$', re.DOTALL)


class Unreadable(Exception):
    """The file cannot be opened; *why* is one of :data:`told.FAULTS`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def is_workbook(raw: bytes) -> bool:
    """Whether *raw* is a zip: an .xlsx under whatever name."""
    return raw.startswith(b"PK\x03\x04")


def text_of(raw: bytes) -> str:
    """The text in *raw*: by its mark; without one UTF-16 shows by its zeros, else UTF-8 or an older Vietnamese code page."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return raw[len(mark) :].decode(encoding, "replace").replace("\ufeff", "")
    head = raw[:4096]
    if len(head) >= 8 and b"\0" in head:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        if max(even, odd) * 4 > len(head) // 2:
            return raw.decode("utf-16-le" if odd > even else "utf-16-be", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        # one torn letter is no reason to take a file of megabytes for one of the last century
        torn = raw.decode("utf-8", "replace")
        return torn if torn.count("\ufffd") * 200 < len(torn) and not torn.isascii() else decoded(raw)


def tables_of(text: str) -> Iterator[tuple[Grid, str]]:
    """The cells of a text table, and what stands between them, as often as there are signs that may: the likeliest first.

    Rows keep their order, empty ones stay as ``[]``.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if text.count("\n") > MAX_LINES:
        raise Unreadable("too_many_rows")
    for sign in _signs(text):
        if sign == "," and _loosely_quoted(text):
            yield _clean(_torn_at_quotes(text)), LOOSE
        else:
            yield _clean(_split(text, sign)), sign


def _signs(text: str) -> list[str]:
    """The signs that may stand between cells: in most lines first, then those that stand most often.

    A comma may be part of every time (25/11/2026, 08:00), a semicolon of every name of a browser.
    """
    lines = [line for line in text[:200_000].split("\n") if line.strip()][:80]
    if not lines:
        raise Unreadable("empty")
    if lines[0].lower().startswith("sep=") and len(lines[0]) == 5:
        return [lines[0][4]]
    found = [
        (sum(sign in line for line in lines), sum(min(line.count(sign), 12) for line in lines), sign)
        for sign in "\t;,|"
    ]
    return [sign for number, _, sign in sorted(found, reverse=True) if number] or [","]


def _split(text: str, sign: str) -> list[list[str]]:
    rows = _read(text, sign, csv.QUOTE_MINIMAL)
    # a quotation mark that is never closed swallows the rest into one cell: then quotes are plain letters
    if rows is None or any(cell.count("\n") > 5 for row in rows for cell in row):
        rows = _read(text, sign, csv.QUOTE_NONE)
    return rows if rows is not None else [line.split(sign) for line in text.split("\n")]


def _read(text: str, sign: str, quoting: Any) -> list[list[str]] | None:
    try:
        return list(csv.reader(io.StringIO(text), delimiter=sign, quoting=quoting))
    except (csv.Error, ValueError):
        return None


def _loosely_quoted(text: str) -> bool:
    """A header without quotes over lines of nothing but quoted cells, as BigBlueButton writes: inner quotes stand bare."""
    lines = [line for line in text.split("\n", 6)[:6] if line.strip()]
    return (
        len(lines) > 1
        and '"' not in lines[0]
        and lines[0].count(",") >= 11
        and lines[1][0] == '"'
        and LOOSE in lines[1]
    )


def _torn_at_quotes(text: str) -> list[list[str]]:
    head, _, rest = text.partition("\n")
    rows = [head.split(",")]
    for line in rest.split("\n"):
        if line.startswith('"'):
            rows.append(line[1:].removesuffix('"').split(LOOSE))
        # else the answers of a poll, which go over several lines: nothing of it is about presence
    return rows


def _clean(rows: list[list[str]]) -> Grid:
    grid: Grid = []
    filled = 0
    for row in rows:
        cells = [unguarded(clean(cell[:MAX_CELL])) for cell in row[:MAX_COLUMNS]]
        while cells and not cells[-1]:
            cells.pop()
        filled += bool(cells)
        if filled > MAX_ROWS:
            raise Unreadable("too_many_rows")
        grid.append(cells)
    if not filled:
        raise Unreadable("empty")
    return grid


def unguarded(cell: str) -> str:
    """A cell without what keeps Excel from reading it its own way: ``="2026-11-25"``, or an apostrophe in front."""
    if cell.startswith("="):
        found = _GUARD.match(cell.replace('""', '"'))
        return found[1].strip() if found else cell
    return cell[1:] if len(cell) > 1 and cell[0] == "'" and (cell[1] in "=+-@" or cell[1].isdigit()) else cell


# --- workbooks --------------------------------------------------------------------------------------------------------


def workbook_of(raw: bytes) -> list[Grid]:
    """The visible sheets that hold anything; dates as ``2026-11-25 07:58:40``, times as ``07:58:40``."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as parts:
            listed = parts.infolist()
    except Exception as broken:
        raise Unreadable("not_understood") from broken
    # Python's zipfile never unpacks more of a part than its header claims, so the claims can be trusted as bounds
    sizes = [part.file_size for part in listed]
    if len(listed) > _MAX_PARTS or max(sizes, default=0) > _MAX_PART or sum(sizes) > _MAX_UNPACKED:
        raise Unreadable("too_big")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
            try:
                grids = [_sheet(sheet) for sheet in book.worksheets[:8] if sheet.sheet_state == "visible"]
            finally:
                book.close()
    except Unreadable:
        raise
    except Exception as broken:  # openpyxl answers a broken workbook with whatever exception comes first
        raise Unreadable("not_understood") from broken
    found = [grid for grid in grids if any(grid)]
    if not found:
        raise Unreadable("empty")
    return found


def _sheet(sheet: Any) -> Grid:
    sheet.reset_dimensions()  # what the file says of its own size is hearsay
    rows: list[list[str]] = []
    for number, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True)):
        if number > _MAX_SPAN:
            raise Unreadable("too_many_rows")
        rows.append([_written(value) for value in row])
    return _clean(rows) if any(any(row) for row in rows) else []


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}" if value.year > 1900 else f"{value:%H:%M:%S}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, time):
        return f"{value:%H:%M:%S}"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


# --- JSON -------------------------------------------------------------------------------------------------------------


def json_of(text: str) -> Any:
    """The JSON in *text*; None where there is none. Nesting beyond what Python takes is no JSON for us."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def records_of(text: str) -> tuple[list[Any], int]:
    """The records of a file with one JSON on each line, or several after each other; and how many lines were damaged."""
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        raise Unreadable("too_many_rows")
    found: list[Any] = []
    damaged = 0
    for line in lines:
        line = line.strip().rstrip(",")
        if not line or line in "[]":
            continue
        one = json_of(line) if line[0] in "{[" else None
        if isinstance(one, dict | list):
            found.append(one)
        else:
            damaged += 1
    return found, damaged


def as_text(value: object, most: int = 200) -> str:
    """A field of JSON as one clean line: strings and numbers, nothing else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    try:
        return clean(unicodedata.normalize("NFC", str(value)[:MAX_CELL]))[:most]
    except ValueError:  # an integer of ten thousand digits
        return ""


def as_map(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def as_maps(value: object) -> list[dict[str, Any]]:
    """The maps in a list, or in the values of a map."""
    values = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
    return [one for one in values if isinstance(one, dict)]
