"""A document that sets several norms at once, as a People's Council's resolution does: typed or read from a table, judged row
by row before anything is kept. Pure: texts in, values and sentences out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.official.text import fold
from meetings.official.verified import Verified
from meetings.savings.rules import SPECS, Branch, NormValue, disagrees, fault

OFFERED: Final = tuple(
    key for key, spec in SPECS.items() if spec.legal and spec.branch not in (Branch.TIME, Branch.CO2, Branch.WHO)
)
"""The norms that a province may set by a resolution. Salaries and emissions are the same in the whole country."""

HEADS: Final = (_l("Key"), _l("Norm"), _l("Unit"), _l("Value"), _l("Article"))
"""Columns of the form that is downloaded, filled and brought back; the key tells the norm, the words are for people."""

_NUMBER: Final = re.compile(r"\d{1,12}|\d{1,3}(?:[., \u00a0]\d{3})+")
_KEY: Final = frozenset(("key", "ma", "ma dinh muc"))
_VALUE: Final = frozenset(("value", "muc", "gia tri"))
_ARTICLE: Final = frozenset(("article", "dieu", "dieu khoan"))
_MOST_ARTICLE: Final = 120


@dataclass(frozen=True)
class Typed:
    """One row as it was typed; an empty *value* leaves the norm as it is."""

    value: str = ""
    article: str = ""


@dataclass(frozen=True)
class Row:
    """One row judged: the value that would be kept, or the sentence that says what needs fixing; neither where it is empty."""

    key: str
    typed: Typed
    value: NormValue | None = None
    fault: str = ""


@dataclass(frozen=True)
class Brought:
    """What a table held: rows by key, and those that name no norm, as (line of the table, what it says, why)."""

    rows: Mapping[str, Typed]
    unknown: Sequence[tuple[int, str, str]] = ()


def whole(text: str) -> int | None:
    """A whole number as people write it, with or without points between thousands; None where it is none."""
    return int(re.sub(r"\D", "", text)) if _NUMBER.fullmatch(text.strip()) else None


def judged(rows: Mapping[str, Typed], head: NormValue, others: Mapping[str, NormValue]) -> list[Row]:
    """Every offered norm with what was typed of it. *head* holds what the rows share: province, document, day, verification.

    *others* are the values in force on its day; the rows themselves stand instead of theirs, so that a lump sum and the invoice
    of one document are compared with each other and not with what they replace.
    """
    found = [_read(key, rows.get(key, Typed()), head) for key in OFFERED]
    together = {**others, **{row.key: row.value for row in found if row.value is not None}}
    return [_compared(row, together) for row in found]


def _read(key: str, typed: Typed, head: NormValue) -> Row:
    if not typed.value:
        why = _("Enter the value too, or leave the row empty.") if typed.article else ""
        return Row(key, typed, fault=why)
    number = whole(typed.value)
    if number is None:
        return Row(key, typed, fault=_("Enter a whole number."))
    wrong = fault(key, number, number, number)
    if wrong is not None:
        return Row(key, typed, fault=wrong[1])
    if len(typed.article) > _MOST_ARTICLE:
        return Row(key, typed, fault=_("At most %(max)s characters.", max=_MOST_ARTICLE))
    value = replace(head, key=key, low=number, mid=number, high=number, article=typed.article or head.article)
    return Row(key, typed, value)


def _compared(row: Row, together: Mapping[str, NormValue]) -> Row:
    if row.value is None:
        return row
    wrong = disagrees(row.key, (row.value.low, row.value.mid, row.value.high), together)
    return Row(row.key, row.typed, fault=wrong[1]) if wrong is not None else row


def head_of(province: str, document: str, article: str, since: date, verified: Verified, note: str) -> NormValue:
    """What the rows of one document share."""
    return NormValue(OFFERED[0], None, None, None, document, article, verified, since, note, province)


def brought(grid: Sequence[Sequence[str]]) -> Brought | None:
    """The rows of a table whose head names the columns of key and value; None where none of its first rows does."""
    for number, head in enumerate(grid[:10]):
        at = _columns(head)
        if at is not None:
            return _rows(grid, number + 1, *at)
    return None


def _columns(head: Sequence[str]) -> tuple[int, int, int | None] | None:
    said = [fold(cell).replace(",", "") for cell in head]

    def column(words: frozenset[str]) -> int | None:
        return next((i for i, cell in enumerate(said) if cell in words), None)

    key, value = column(_KEY), column(_VALUE)
    return None if key is None or value is None else (key, value, column(_ARTICLE))


def _rows(grid: Sequence[Sequence[str]], first: int, key: int, value: int, article: int | None) -> Brought:
    rows: dict[str, Typed] = {}
    unknown: list[tuple[int, str, str]] = []
    for number, cells in enumerate(grid[first:], first + 1):
        name, typed = _cell(cells, key), Typed(_cell(cells, value), _cell(cells, article))
        if not typed.value and not typed.article:
            continue
        if name not in OFFERED:
            unknown.append((number, name, _("This row names no norm that a province sets.")))
        elif name in rows:
            unknown.append((number, name, _("This norm stands in the list twice.")))
        else:
            rows[name] = typed
    return Brought(rows, unknown)


def _cell(cells: Sequence[str], column: int | None) -> str:
    return cells[column].strip() if column is not None and column < len(cells) else ""


def words_of(key: str) -> Any:
    """The norm's name on the screen."""
    return SPECS[key].word
