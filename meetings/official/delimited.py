"""Plain tables (CSV) as a spreadsheet opens them: with the mark of UTF-8, and no text that it would take for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

TYPE: Final = "text/csv"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a formula begins: Excel reads the wide signs of East Asian keyboards like the narrow ones."""


def written(rows: Iterable[Sequence[str | int | None]]) -> bytes:
    """*rows* as CSV: numbers as they are, nothing for None, and an apostrophe before a text that begins like a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in rows:
        writer.writerow(["" if cell is None else _plain(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def _plain(cell: str | int) -> str | int:
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" \u00a0").startswith(_FORMULA) else cell
