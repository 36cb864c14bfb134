"""The workbook of an estimate of the first formula: its amounts as they were kept, added up, and a sentence that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xlsxwriter.utility import xl_col_to_name

from meetings.i18n import gettext as _
from meetings.savings import sheet_norms, sheet_words
from meetings.savings.sheet_book import CASE_WORDS, NOTE, Book, Page
from meetings.savings.sheet_sites import LEFT_OUT_WORDS, MODE_WORDS, Row
from meetings.savings.sheet_words import Stored
from meetings.savings.trips import ITEMS, total
from meetings.savings.values import Values
from meetings.savings.waterfall import CATEGORY_WORDS

_HEADS = 5


def write(
    book: Book,
    page: Page,
    estimate: Stored,
    rows: Sequence[Row],
    frozen: Values | None,
    names: Mapping[str, str],
) -> bytes:
    """The sums on *page*, the sites, and the norms that were in force."""
    sheet_words.head(page, estimate)
    page.texts(
        _HEADS - 1, 0, [_("Made by an earlier formula: the amounts are kept, how each came about is not.")], "line"
    )
    page.texts(_HEADS, 0, ["", *CASE_WORDS], "head")
    row = _HEADS + 1
    for key, three in estimate.sums.items():
        page.texts(row, 0, [CATEGORY_WORDS.get(key, key)])
        for case, value in enumerate(three):
            page.given(row, 1 + case, value)
        row += 1
    page.texts(row, 0, [_("Saved (estimate)")], "strong_text")
    for case, value in enumerate((estimate.low, estimate.mid, estimate.high)):
        letter = "BCD"[case]
        page.computed(row, 1 + case, f"=SUM({letter}{_HEADS + 2}:{letter}{row})", value, "strong")
    page.widths((1, 52), (3, 18))
    page.finish(None)
    _sites(book, rows)
    if frozen is not None:
        changes = {key: three for key, three in estimate.changes.items() if key in frozen.national}
        sheet_norms.write(book, frozen, changes, estimate.reason, names)
        sheet_words.tail(page, row + 2, estimate, frozen)
    page.sheet.activate()
    return book.bytes()


def _sites(book: Book, rows: Sequence[Row]) -> None:
    page = book.page(_("Sites"))
    page.heading((_("Sites: what is known, and what each comes to"), NOTE))
    heads = [_("%(what)s – %(case)s", what=CATEGORY_WORDS[item], case=case) for item in ITEMS for case in CASE_WORDS]
    page.texts(3, 0, [_("Site"), _("People counted"), _("Way"), *heads, _("Left out because")], "head")
    page.texts(4, 0, [_("All sites")], "strong_text")
    last = 5 + max(len(rows), 1)
    for n, (trip, mode, steps, left_out) in enumerate(rows, 5):
        page.sheet.write_string(n, 0, trip.name, page.formats["plain"])
        page.given(n, 1, trip.people)
        page.sheet.write_string(n, 2, "" if left_out else str(MODE_WORDS[mode]), page.formats["plain"])
        for column, value in enumerate((value for item in ITEMS for value in getattr(steps, item)), 3):
            page.given(n, column, value)
        why = str(LEFT_OUT_WORDS[left_out]) if left_out else ""
        page.sheet.write_string(n, 3 + 3 * len(ITEMS), why, page.formats["plain"])
    for at, item in enumerate(ITEMS):
        for case, value in enumerate(total(getattr(row.steps, item) for row in rows)):
            column = 3 + 3 * at + case
            letter = xl_col_to_name(column)
            page.computed(4, column, f"=SUM({letter}6:{letter}{last})", value, "strong")
    page.widths((1, 34), (1, 10), (1, 14), (3 * len(ITEMS), 14), (1, 20))
    page.finish(3)
