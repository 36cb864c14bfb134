"""Norms and distances as workbooks: those in force on a day, the form of a resolution, known ways. Text is never a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from meetings.i18n import gettext as _
from meetings.official.dates import date_short
from meetings.official.verified import VERIFIED_WORDS
from meetings.official.workbook import begun, head_format, lay_out
from meetings.savings import distances, resolution
from meetings.savings.models import Distance
from meetings.savings.rules import KEY_WORDS, SPECS
from meetings.savings.values import Values


def _written(title: str, heads: Iterable[object], rows: Iterable[Sequence[Any]], widths: Sequence[int]) -> bytes:
    """One sheet: its heads, and *rows* of texts and whole numbers."""
    buffer = io.BytesIO()
    book = begun(buffer, title)
    page, head = book.add_worksheet(title[:31]), head_format(book)
    money = book.add_format({"num_format": "#,##0"})
    for column, text in enumerate(heads):
        page.write_string(0, column, str(text), head)
    for number, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            if isinstance(cell, int):
                page.write_number(number, column, cell, money)
            elif cell:
                page.write_string(number, column, str(cell))
    for column, width in enumerate(widths):
        page.set_column(column, column, width)
    page.freeze_panes(1, 0)
    lay_out(page, heads=0)
    book.close()
    return buffer.getvalue()


def of_values(values: Values, day: date, names: Mapping[str, str]) -> bytes:
    """Every value in force on *day*, each with its source and how far it was verified; one not known says so."""
    heads = (
        _("Key"), _("Norm"), _("Applies to"), _("Low"), _("Estimate"), _("High"), _("Unit"), _("In force from"),
        _("Document"), _("Article"), _("Verification"), _("Note"),
    )  # fmt: skip
    unknown = _("value not known")
    rows = (
        (
            value.key,
            KEY_WORDS[value.key],
            names.get(value.province, value.province) or _("the whole country"),
            *((unknown,) * 3 if value.missing else (value.low, value.mid, value.high)),
            value.unit,
            date_short(value.valid_from),
            value.document,
            value.article,
            VERIFIED_WORDS[value.verified],
            value.note,
        )
        for value in values.all()
    )
    title = _("Norms on %(day)s", day=date_short(day).replace("/", "-"))
    return _written(title, heads, rows, (20, 44, 18, 14, 14, 14, 18, 14, 40, 26, 26, 50))


def blank() -> bytes:
    """The form of a resolution: its values and articles are filled in and brought back."""
    rows = ((key, resolution.words_of(key), str(SPECS[key].unit), "", "") for key in resolution.OFFERED)
    return _written(_("Values of a resolution"), resolution.HEADS, rows, (22, 60, 20, 16, 30))


def of_ways(ways: Sequence[Distance]) -> bytes:
    """The known distances in the columns of the list that is brought."""
    rows = ((way.a.code, way.b.code, way.km, way.document) for way in ways)
    return _written(_("Distances by road"), distances.HEADS, rows, (24, 24, 18, 60))
