"""The estimate as a workbook that an accountant can trace and recalculate: from the frozen norms to the sum, a formula each.

Norms and assumptions → rates → sites, the hall and meeting online → the sums; low, estimate and high apart. Whoever changes
a value sees the total move, and the first sheet says whether it still is what the product computed. An estimate of the first
formula kept amounts only: its workbook says so and adds them up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from meetings.i18n import gettext as _
from meetings.savings import (
    norming,
    queries,
    sheet_amounts,
    sheet_meeting,
    sheet_norms,
    sheet_rates,
    sheet_sites,
    sheet_words,
)
from meetings.savings.estimate import CATEGORIES, FORMULA, NO_COUNT
from meetings.savings.models import SavingsEstimate
from meetings.savings.sheet_book import CASE_WORDS, Book, Page
from meetings.savings.sheet_sites import Row
from meetings.savings.trips import total
from meetings.savings.values import Values
from meetings.savings.waterfall import CATEGORY_WORDS

_HEADS: Final = 5
_KILOGRAM: Final = 1_000_000  # milligrams


def workbook(estimate: SavingsEstimate) -> bytes:
    """``.xlsx`` bytes: the sums first, then everything that they come from."""
    book = Book(f"{estimate.meeting.code} – {estimate.meeting.title}")
    page = book.page(_("Sums"))
    names = norming.province_names()
    frozen = queries.norms_in(estimate) if estimate.norms else None
    rows = _rows(estimate)
    if estimate.formula != FORMULA or frozen is None:
        return sheet_amounts.write(book, page, estimate, rows, frozen, names)
    values, occasion = queries.values_in(estimate), queries.occasion_in(estimate)
    venue = estimate.venue or estimate.meeting.host_site
    tables = sheet_rates.tables_of(values, occasion, [row.trip.province for row in rows], names)
    of = {code: table for code, _name, table in tables}
    host = of.get(occasion.province, of[""])

    kept = sheet_norms.write(book, frozen, _changes(estimate, frozen), estimate.reason, names)
    meeting = sheet_meeting.Meeting(book, occasion, venue.name if venue else "")
    rates = sheet_rates.write(book, kept, tables, occasion, meeting.facts)
    sites = sheet_sites.Sites(book, rows, names)
    meeting.supplies(kept, host)
    sites.write(rates, meeting, of)
    counted = [row.steps for row in rows if not row.left_out]
    days = total(steps.days for steps in counted)
    going = total(steps.travelling for steps in counted)
    meeting.whole(
        kept,
        host,
        (sites.many, len(rows)),
        [(sites.cells("days", case), days[case]) for case in range(3)],
        [(sites.cells("going", case), going[case]) for case in range(3)],
    )
    _sums(page, estimate, sites, meeting, values)
    page.sheet.activate()
    return book.bytes()


def _rows(estimate: SavingsEstimate) -> list[Row]:
    """The sites as they were counted; one that nobody counted has no number of people again."""
    rows = []
    for line in queries.all_lines(estimate):
        trip, mode, steps = queries.steps_of(line)
        people = None if line.left_out == NO_COUNT else trip.people
        rows.append(Row(trip._replace(people=people), mode, steps, line.left_out))
    return rows


def _changes(estimate: SavingsEstimate, frozen: Values) -> dict[str, Sequence[int]]:
    return {key: three for key, three in estimate.changes.items() if key in frozen.national}


def _sums(
    page: Page, estimate: SavingsEstimate, sites: sheet_sites.Sites, meeting: sheet_meeting.Meeting, values: Values
) -> None:
    sheet_words.head(page, estimate)
    heads = ["", *CASE_WORDS, *(_("On the page – %(case)s", case=case) for case in CASE_WORDS), _("Check")]
    page.texts(_HEADS, 0, [*heads, _("Verification of the norms behind it")], "head")
    marks = sheet_words.marks(values)
    row = _HEADS + 1
    for key in CATEGORIES:
        page.texts(row, 0, [CATEGORY_WORDS[key]])
        for case in range(3):
            where = sites.sum(key, case) if key in sheet_words.BRANCHES and key != "hall" else meeting.at(key, case)
            page.computed(row, 1 + case, f"={where}", estimate.sums[key][case])
        _checked(page, row, estimate.sums[key])
        page.texts(row, 8, [marks.get(key, marks["online"])])
        row += 1
    page.texts(row, 0, [_("Saved (estimate)")], "strong_text")
    for case, value in enumerate((estimate.low, estimate.mid, estimate.high)):
        letter = "BCD"[case]
        page.computed(row, 1 + case, f"=SUM({letter}{_HEADS + 2}:{letter}{row})", value, "strong")
    _checked(page, row, (estimate.low, estimate.mid, estimate.high), "strong")
    page.texts(row + 2, 0, [_("Beside the money, never added to it")], "head")
    row = _beside(page, row + 3, estimate, sites, meeting)
    row = _counted(page, row + 1, estimate, sites)
    sheet_words.tail(page, row + 1, estimate, values)
    page.widths((1, 52), (6, 17), (1, 12), (1, 54))
    page.finish(None)


def _checked(page: Page, row: int, stored: Sequence[int], style: str = "number") -> None:
    """The amounts of the page, and whether the formulas come to the same."""
    for case, value in enumerate(stored):
        page.given(row, 4 + case, value, "given")
    n = row + 1
    yes, no = _("equal"), _("differs")
    same = f"AND(B{n}=E{n},C{n}=F{n},D{n}=G{n})"
    page.computed(row, 7, f'=IF({same},"{yes}","{no}")', yes, "strong" if style == "strong" else "number")


def _beside(
    page: Page, row: int, estimate: SavingsEstimate, sites: sheet_sites.Sites, meeting: sheet_meeting.Meeting
) -> int:
    """Hours, their value and CO₂; returns the row below."""
    page.texts(row, 0, [_("Hours of work on the road")])
    for case, value in enumerate(queries.hours_in(estimate)):
        page.computed(row, 1 + case, f"=SUMPRODUCT({sites.cells('going', case)},{sites.cells('hours', case)})", value)
    _checked(page, row, queries.hours_in(estimate))
    page.texts(row + 1, 0, [_("What these hours are paid (đồng)")])
    for case, value in enumerate(queries.time_in(estimate)):
        page.computed(row + 1, 1 + case, f"={sites.sum('time_value', case)}", value)
    _checked(page, row + 1, queries.time_in(estimate))
    page.texts(row + 2, 0, [_("CO₂ not emitted (milligrams)")])
    co2 = queries.co2_in(estimate)
    for case, value in enumerate(co2):
        page.computed(row + 2, 1 + case, f"={sites.sum('co2', case)}+{meeting.at('co2', case)}", value)
    _checked(page, row + 2, co2)
    page.texts(row + 3, 0, [_("CO₂ not emitted (kg)")])
    for case, value in enumerate(co2):
        page.computed(row + 3, 1 + case, f"={'BCD'[case]}{row + 3}/{_KILOGRAM}", value / _KILOGRAM, "tenths")
    return row + 4


def _counted(page: Page, row: int, estimate: SavingsEstimate, sites: sheet_sites.Sites) -> int:
    """How many sites stand in the estimate and how many are left out of what was saved; returns the row below."""
    out = estimate.sites - estimate.counted
    for offset, (word, formula, value) in enumerate(
        (
            (_("Sites that were there"), f"={sites.many}", estimate.sites),
            (_("Sites that are counted"), f"={sites.counted}", estimate.counted),
            (_("Sites left out: no head-count or no distance"), f"=B{row + 1}-B{row + 2}", out),
        )
    ):
        page.texts(row + offset, 0, [word])
        page.computed(row + offset, 1, formula, value)
    return row + 3
