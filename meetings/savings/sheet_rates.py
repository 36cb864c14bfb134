"""The sheet of rates: what the norms in use come to for one person, car, night or hour, a formula each.

Three columns – low, estimate, high – for the nation and for each province with norms of its own whose sites were there. The
rules are those of :mod:`meetings.savings.tables`, written once more as formulas; a test recalculates them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.savings.ranks import RANKS
from meetings.savings.rules import INVOICE_OF, KEY_WORDS, SPECS
from meetings.savings.sheet_book import CASE_WORDS, NOTE, Book, Number, Page
from meetings.savings.sheet_norms import Kept
from meetings.savings.tables import FARES, LAST_FARE, Case, Table
from meetings.savings.trips import Occasion

FARE_KEYS: Final = (*(key for _limit, key in FARES), LAST_FARE)
_HEADS, _FIRST = 3, 3
_RANK_WORDS: Final = {"a": _l("rank A"), "b": _l("rank B"), "c": _l("others")}
_TICKET: Final = _l(
    "ceiling × part of the ceiling × class of the rank + way to the airport; each product rounded to whole đồng"
)
_HOUR: Final = _l("base salary × coefficient ÷ hours a month")


class _Cells:
    """What the formulas of one column may point at."""

    def __init__(self, page: Page, rows: Mapping[str, int], column: int, kept: Kept, whose: tuple[str, int]) -> None:
        self._page, self._rows, self._column, self._kept = page, rows, column, kept
        self._province, self._case = whose

    def value(self, key: str) -> str:
        """The value of a norm, nought where it is not known."""
        return f"N({self._kept.used(self._province, key, self._case)})"

    def known(self, key: str) -> str:
        return f"ISNUMBER({self._kept.used(self._province, key, self._case)})"

    def rate(self, name: str) -> str:
        return self._page.at(self._rows[name], self._column).partition("!")[2]


class _Rate(NamedTuple):
    """One row: its name in formulas, what it is called, how it is made and in which unit, its formula and its value."""

    name: str
    word: str
    how: str
    unit: str
    formula: Callable[[_Cells], str]
    value: Callable[[Case], Number]


class Rates:
    """Where every rate stands."""

    def __init__(self, page: Page, rows: Mapping[str, int], columns: Mapping[str, int]) -> None:
        self._page, self._rows, self._columns = page, rows, columns

    def at(self, name: str, province: str, case: int) -> str:
        return self._page.at(self._rows[name], self._columns.get(province, _FIRST) + case)

    def tickets(self, rank: str, province: str, case: int) -> str:
        """The cells of all fares of a rank, the shortest flight first."""
        first, last = (self._rows[f"{key}_{rank}"] for key in (FARE_KEYS[0], FARE_KEYS[-1]))
        return self._page.span(first, self._columns.get(province, _FIRST) + case, last)


def write(
    book: Book, kept: Kept, tables: Sequence[tuple[str, str, Table]], occasion: Occasion, facts: Mapping[str, str]
) -> Rates:
    """*tables*: code, name and table of the nation and of each province with its own; *facts*: where begin and end stand."""
    page = book.page(_("Rates"))
    page.heading(
        (
            _("Rates"),
            NOTE,
            _("Each rate is a formula of the values in use; sites multiply it by people, kilometres, nights."),
        )
    )
    page.texts(_HEADS, 0, [_("Rate"), _("How it is made"), _("Unit")], "head")
    rates = [*_ways(facts), *_travel(), *_allowances(occasion), *_beside()]
    rows = {rate.name: row for row, rate in enumerate(rates, _HEADS + 1)}
    columns = {}
    for number, (code, name, table) in enumerate(tables):
        columns[code] = first = _FIRST + 3 * number
        page.texts(_HEADS, first, [_("%(case)s, %(whose)s", case=case, whose=name) for case in CASE_WORDS], "head")
        for case, norm in enumerate(table.cases):
            cells = _Cells(page, rows, first + case, kept, (code, case))
            for rate in rates:
                page.computed(rows[rate.name], first + case, "=" + rate.formula(cells), rate.value(norm))
    for rate in rates:
        page.texts(rows[rate.name], 0, [rate.word, rate.how, rate.unit])
    page.widths((1, 46), (1, 60), (1, 22), (3 * len(tables), 15))
    page.finish(_HEADS)
    return Rates(page, rows, columns)


def _raw(key: str, value: Callable[[Case], Number] | None = None) -> _Rate:
    """A value as it stands in the norms."""
    return _Rate(
        key,
        str(KEY_WORDS[key]),
        "",
        str(SPECS[key].unit),
        lambda cells: cells.value(key),
        value or (lambda norm: norm.norm[key]),
    )


def _ways(facts: Mapping[str, str]) -> list[_Rate]:
    keys = (
        "delegation", "delegation_commune", "leaders", "winding", "min_km", "coach_from_km", "air_from_km", "road_kmh",
        "air_hours",
    )  # fmt: skip
    begins, ends = facts["begins"], facts["ends"]
    return [
        *(_raw(key) for key in keys),
        _Rate(
            "early_km",
            _("Farthest way on the morning of the meeting"),
            _("from the hour when nobody leaves home before to the beginning × speed; beyond: a night before"),
            "km",
            lambda cells: f"({begins}-{cells.value('leave_from')}*60)*{cells.rate('road_kmh')}/60",
            lambda norm: norm.early / 60,
        ),
        _Rate(
            "late_km",
            _("Farthest way home after the meeting"),
            _("from the end to the hour when everybody is home × speed; beyond: a night after"),
            "km",
            lambda cells: f"({cells.value('home_by')}*60-{ends})*{cells.rate('road_kmh')}/60",
            lambda norm: norm.late / 60,
        ),
        _Rate(
            "air_stays",
            _("Nights before and after for who comes by air"),
            _("hours of a flight, door to door, beside the two ways above"),
            _("nights"),
            lambda cells: "+".join(
                f"({cells.rate('air_hours')}*{cells.rate('road_kmh')}>{cells.rate(limit)})"
                for limit in ("early_km", "late_km")
            ),
            lambda norm: norm.stays(norm.air_hours * norm.kmh),
        ),
    ]


def _travel() -> list[_Rate]:
    rates = [
        _raw("people_per_car"),
        _Rate(
            "car_km",
            _("A car, for a kilometre"),
            _("petrol norm × price ÷ 100"),
            _("đ a car and km"),
            lambda cells: f"ROUND({cells.value('litres_per_100km')}*{cells.value('petrol')}/100,0)",
            lambda norm: norm.car_km,
        ),
        _raw("coach_fare"),
    ]
    for at, rank in enumerate(RANKS):
        rates += [_ticket(at, rank, key) for key in FARE_KEYS]
    return rates


def _ticket(at: int, rank: str, key: str) -> _Rate:
    def formula(cells: _Cells) -> str:
        ticket = f"ROUND({cells.value(key)}*{cells.value('fare_share')}/100,0)"
        if rank != "c":
            ticket = f"ROUND({ticket}*{cells.value(f'air_share_{rank}')}/100,0)"
        return f"IF({cells.known(key)},{ticket}+{cells.value('airport_transfer')},0)"

    return _Rate(
        f"{key}_{rank}",
        _("%(ticket)s with the way to the airport, %(rank)s", ticket=KEY_WORDS[key], rank=_RANK_WORDS[rank]),
        str(_TICKET),
        _("đ a person one way"),
        formula,
        lambda norm: 0 if key in norm.unknown_fares else norm.tickets[key][at] + norm.transfer,
    )


def _allowances(occasion: Occasion) -> list[_Rate]:
    diem = occasion.per_diem_key
    rates = [
        _raw(diem)._replace(name="per_diem"),
        _Rate(
            "per_diem_day",
            _("Per diem of who comes and goes in a day"),
            _("per diem × part paid for a day trip"),
            str(SPECS[diem].unit),
            lambda cells: f"ROUND({cells.value(diem)}*{cells.value('day_trip_share')}/100,0)",
            lambda norm: norm.per_diem_day,
        ),
    ]
    for at, rank in enumerate(RANKS):
        lump = occasion.lodging_key(rank)
        rates += [_raw(lump)._replace(name=f"lump_{rank}"), _invoice(at, rank, lump)]
    return [*rates, _raw("invoice_share")]


def _invoice(at: int, rank: str, lump: str) -> _Rate:
    invoice = INVOICE_OF[lump]
    return _Rate(
        f"invoice_{rank}",
        str(KEY_WORDS[invoice]),
        _("not counted where the lump sum is not known"),
        str(SPECS[invoice].unit),
        lambda cells: f"IF({cells.known(lump)},{cells.value(invoice)},0)",
        lambda norm: norm.beds[at][1],
    )


def _beside() -> list[_Rate]:
    return [*(_pay(rank) for rank in RANKS), *(_raw(key) for key in ("co2_air", "co2_car", "co2_coach"))]


def _pay(rank: str) -> _Rate:
    return _Rate(
        f"pay_{rank}",
        _("An hour of work, %(rank)s", rank=_RANK_WORDS[rank]),
        str(_HOUR),
        _("đ a person and hour"),
        lambda cells: (
            f"ROUND({cells.value('base_salary')}*{cells.value(f'coefficient_{rank}')}"
            f"/(100*{cells.value('hours_per_month')}),0)"
        ),
        lambda norm: norm.pay[rank],
    )


def tables_of(
    values: Any, occasion: Occasion, present: Sequence[str], names: Mapping[str, str]
) -> list[tuple[str, str, Table]]:
    """The nation's table, and those of the provinces with norms of their own that pay for somebody *present* or organise."""
    codes = [code for code in values.provinces if code in {*present, occasion.province}]
    found = [("", _("the whole country"), Table(values.of(""), occasion))]
    return found + [(code, names.get(code, code), Table(values.of(code), occasion)) for code in codes]
