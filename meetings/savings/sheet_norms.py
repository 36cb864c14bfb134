"""The sheets of norms and of assumptions: each value as it was frozen, as this meeting takes it, and as the sums use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.i18n import locale
from meetings.official.dates import date_short
from meetings.official.verified import VERIFIED_WORDS
from meetings.savings.rules import KEY_WORDS, SPECS, NormValue
from meetings.savings.sheet_book import NOTE, Book, Page, case_heads
from meetings.savings.trips import CASES
from meetings.savings.values import Values

_HEADS: Final = 3
_FROZEN, _TAKEN, _USED = 3, 6, 9
"""The first of three columns each: frozen, taken otherwise for this meeting, and what the sums use."""
_HOW: Final = _l(
    "“Used” is the value taken for this meeting where there is one, else the frozen value. Fill in a value that is not known"
    " and its part is counted."
)


@dataclass(frozen=True)
class Kept:
    """Where every value in use stands: (code of the province or "", key) → its page and row."""

    cells: Mapping[tuple[str, str], tuple[Page, int]]

    def used(self, province: str, key: str, case: int) -> str:
        """The address of the value of *key* that *province* pays by: its own, else the nation's. Empty where it is not known."""
        page, row = self.cells.get((province, key)) or self.cells["", key]
        return page.at(row, _USED + case)


def write(book: Book, frozen: Values, changes: Mapping[str, Any], reason: str, names: Mapping[str, str]) -> Kept:
    """Both sheets: the norms of the law, and what is assumed. *names*: of the provinces, by code."""
    cells: dict[tuple[str, str], tuple[Page, int]] = {}
    for word, legal in ((_("Norms"), True), (_("Assumptions"), False)):
        page = book.page(word)
        page.heading((word, NOTE, _HOW))
        heads = [_("Norm"), _("Applies to"), _("Unit"), *case_heads(_("Frozen")), *case_heads(_("For this meeting"))]
        heads += [*case_heads(_("Used")), _("Verification"), _("Source"), _("In force from"), _("Reason of the change")]
        page.texts(_HEADS, 0, heads, "head")
        row = _HEADS + 1
        for value in _in_order(frozen):
            if (value.key not in SPECS or SPECS[value.key].legal) is legal:
                _row(page, row, value, changes.get(value.key), reason, names)
                cells[value.province, value.key] = page, row
                row += 1
        page.widths((1, 44), (1, 16), (1, 22), (9, 13), (1, 22), (1, 70), (1, 12), (1, 36))
        page.finish(_HEADS)
    return Kept(cells)


def _in_order(values: Values) -> list[NormValue]:
    """Key by key, the nation's value before those of the provinces."""
    order = {key: number for number, key in enumerate(SPECS)}
    return sorted(values.all(), key=lambda value: (order.get(value.key, len(order)), value.key, value.province))


def _row(page: Page, row: int, value: NormValue, taken: Any, reason: str, names: Mapping[str, str]) -> None:
    whose = names.get(value.province, value.province) if value.province else _("the whole country")
    page.texts(row, 0, [KEY_WORDS.get(value.key, value.key), whose, value.unit])
    for case, name in enumerate(CASES):
        amount = getattr(value, name)
        page.given(row, _FROZEN + case, amount, "given_doubt" if value.doubtful or value.missing else "given")
        page.given(row, _TAKEN + case, taken[case] if taken else None)
        own, kept = (page.at(row, start + case).partition("!")[2].replace("$", "") for start in (_TAKEN, _FROZEN))
        used = taken[case] if taken else amount
        page.computed(
            row,
            _USED + case,
            f'=IF(ISNUMBER({own}),{own},IF(ISNUMBER({kept}),{kept},""))',
            "" if used is None else used,
        )
    said = _("value not known") if value.missing else VERIFIED_WORDS[value.verified]
    page.texts(row, 12, [said], "doubt" if value.doubtful or value.missing else "text")
    page.texts(row, 13, [value.source, date_short(value.valid_from, locale()), reason if taken else ""])
