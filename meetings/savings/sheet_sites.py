"""The sheets of the sites: what is known of each, and for low, estimate and high how each amount of it comes about.

The rows of the four sheets are the same sites: what stands in row 20 of one stands in row 20 of the others. The first row below
the heads is the sum of all sites. The rules are those of :mod:`meetings.savings.tables`, written once more as formulas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from xlsxwriter.utility import xl_col_to_name

from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.savings.estimate import NO_COUNT, NO_PLACE
from meetings.savings.ranks import Ranks
from meetings.savings.sheet_book import CASE_WORDS, NOTE, Book, Number, quoted
from meetings.savings.sheet_meeting import SUPPLIES, Meeting
from meetings.savings.sheet_rates import Rates
from meetings.savings.tables import FARES, Table, fare
from meetings.savings.trips import ITEMS, Mode, Source, Steps, Trip, total
from meetings.savings.waterfall import CATEGORY_WORDS

MODE_WORDS: Final = {
    Mode.NONE: _l("does not travel"),
    Mode.CAR: _l("official car"),
    Mode.COACH: _l("coach"),
    Mode.AIR: _l("by air"),
}
SOURCE_WORDS: Final = {
    Source.GREAT_CIRCLE: _l("great circle"),
    Source.TABLE: _l("typed in"),
    Source.MAP: _l("map service"),
    Source.LOCAL: _l("in the host's own town"),
}
LEFT_OUT_WORDS: Final = {NO_COUNT: _l("no head-count"), NO_PLACE: _l("no coordinates")}
_YES: Final = "x"
_HEADS, TOTAL, FIRST = 3, 4, 5
"""Rows: the heads, the sum of all sites, the first site."""
COLUMNS: Final = (
    "going", "a", "b", "c", "km", "stays", "nights", "days", "hours", "cars", "travel", "per_diem", "night", "lodging",
    "tea", "papers", "meals", "total", "time_value", "co2",
)  # fmt: skip
"""What a sheet of one case computes, after the name and the way."""
_LETTER: Final = {name: xl_col_to_name(column) for column, name in enumerate(COLUMNS, 2)}
_SUMMED: Final = frozenset({"going", "a", "b", "c", "nights", "days", "cars", *ITEMS, "total", "time_value", "co2"})


class Row(NamedTuple):
    """A site of the estimate: who was there, how they would have come, every step, and why it is not counted ("": it is)."""

    trip: Trip
    mode: Mode
    steps: Steps
    left_out: str


class Sites:
    """The four sheets, and where their sums stand."""

    def __init__(self, book: Book, rows: Sequence[Row], names: Mapping[str, str]) -> None:
        self.rows, self._names = rows, names
        self.page = book.page(_("Sites"))
        self.pages = tuple(book.page(_("Working – %(case)s", case=case)) for case in CASE_WORDS)
        self.last = FIRST + max(len(rows), 1) - 1

    def sum(self, name: str, case: int) -> str:
        """The cell with the sum of a column of one case."""
        return self.pages[case].at(TOTAL, _column(name))

    def cells(self, name: str, case: int) -> str:
        """All cells of a column of one case."""
        return self.pages[case].span(FIRST, _column(name), self.last)

    @property
    def many(self) -> str:
        """How many sites there are, as a formula: the cells of names that are not empty."""
        return f"COUNTA({self.page.span(FIRST, 0, self.last)})"

    @property
    def counted(self) -> str:
        return f"SUM({self.page.span(FIRST, 10, self.last)})"

    def write(self, rates: Rates, meeting: Meeting, tables: Mapping[str, Table]) -> None:
        """*tables*: of the nation ("") and of each province that has its own."""
        self._known(rates, tables)
        for case in range(3):
            self._working(case, rates, meeting, tables)

    # ------------------------------------------------------------------ what is known

    def _known(self, rates: Rates, tables: Mapping[str, Table]) -> None:
        page, sheet, looks = self.page, self.page.sheet, self.page.formats
        page.heading(
            (
                _("Sites: what is known, and what each comes to"),
                NOTE,
                _(
                    "Fill in a head-count or a distance that is missing and the site is counted. Ranks stand where a roster was."
                ),
            )
        )
        heads = [
            _("Site"), _("Province"), _("Commune"), _("People counted"), _("Great circle, km"), _("By road, km (known)"),
            _("Distance from"), _("Roster: rank A"), _("Roster: rank B"), _("Roster: others"), _("Counted"),
            _("Flight, km"), _("Way"), _("Step of the fare"),
            *(_("Total – %(case)s", case=case) for case in CASE_WORDS), _("Left out because"),
        ]  # fmt: skip
        page.texts(_HEADS, 0, heads, "head")
        page.texts(TOTAL, 0, [_("All sites")], "strong_text")
        formulas = {code: self._knowing(rates, code) for code in {"", *tables}}
        yes, no = quoted(LEFT_OUT_WORDS[NO_COUNT]), quoted(LEFT_OUT_WORDS[NO_PLACE])
        kilometres = {source: str(word) for source, word in SOURCE_WORDS.items()}
        ways = {mode: str(word) for mode, word in MODE_WORDS.items()}
        for row, (trip, mode, steps, left_out) in enumerate(self.rows, FIRST):
            n = row + 1
            code = trip.province if trip.province in tables else ""
            sheet.write_string(row, 0, trip.name, looks["plain"])
            sheet.write_string(row, 1, self._names.get(trip.province, ""), looks["plain"])
            sheet.write_string(row, 2, _YES if trip.commune else "", looks["plain"])
            for column, value in ((3, trip.people), (4, trip.km), (5, trip.road)):
                page.given(row, column, value)
            sheet.write_string(row, 6, kilometres[trip.source] if _placed(trip) else "", looks["plain"])
            for column, rank in enumerate(trip.ranks or (None, None, None), 7):
                page.given(row, column, rank)
            flight = 0 if left_out else _flight(trip, tables[code])
            step = 0 if left_out or mode is not Mode.AIR else 1 + _step_of(flight)
            came = "" if left_out else ways[mode]
            found: tuple[Number, ...] = (0 if left_out else 1, flight, came, step)
            for column, (formula, comes) in enumerate(zip(formulas[code], found, strict=True), 10):
                sheet.write_formula(row, column, formula.replace("#", str(n)), looks["number"], comes)
            for column, (case, value) in enumerate(zip(self.pages, steps.total, strict=True), 14):
                sheet.write_formula(row, column, f"='{case.name}'!{_LETTER['total']}{n}", looks["number"], value)
            why = f'=IF(K{n}=1,"",IF(ISNUMBER(D{n}),{no},{yes}))'
            sheet.write_formula(row, 17, why, looks["plain"], str(LEFT_OUT_WORDS[left_out]) if left_out else "")
        sums = {3: sum(row.trip.people or 0 for row in self.rows), 10: sum(not row.left_out for row in self.rows)}
        sums |= dict(enumerate(total(row.steps.total for row in self.rows), 14))
        for column, value in sums.items():
            page.computed(TOTAL, column, f"=SUM({_column_of(column, self.last)})", value, "strong")
        page.widths(
            (1, 34), (1, 18), (1, 9), (3, 11), (1, 16), (3, 9), (1, 8), (1, 10), (1, 14), (1, 9), (3, 15), (1, 20)
        )
        page.finish(_HEADS)
        sheet.autofilter(_HEADS, 0, self.last, 17)

    def _knowing(self, rates: Rates, code: str) -> tuple[str, ...]:
        """Whether a site counts, its flight, its way, the step of its fare: formulas with # for the row."""
        winding, least, coach, air = (
            rates.at(key, code, 1) for key in ("winding", "min_km", "coach_from_km", "air_from_km")
        )
        road = f"'{self.pages[1].name}'!{_LETTER['km']}#"
        none, car, bus, plane = (quoted(MODE_WORDS[mode]) for mode in (Mode.NONE, Mode.CAR, Mode.COACH, Mode.AIR))
        return (
            "=IF(AND(ISNUMBER(D#),OR(ISNUMBER(E#),ISNUMBER(F#))),1,0)",
            f"=IF(K#=0,0,IF(ISNUMBER(E#),E#,ROUND(F#*100/{winding},0)))",
            f'=IF(K#=0,"",IF({road}<{least},{none},IF({road}>={air},{plane},'
            f'IF(AND(C#="{_YES}",{road}>={coach}),{bus},{car}))))',
            f"=IF(M#={plane},1+{'+'.join(f'(L#>={limit})' for limit, _key in FARES)},0)",
        )

    # ------------------------------------------------------------------ what it comes to

    def _working(self, case: int, rates: Rates, meeting: Meeting, tables: Mapping[str, Table]) -> None:
        page, sheet = self.pages[case], self.pages[case].sheet
        page.heading(
            (
                _("How each amount comes about: %(case)s", case=CASE_WORDS[case]),
                NOTE,
                _("Each row is a site of the sheet “%(name)s”, in the same row. Amounts in đồng.", name=self.page.name),
            )
        )
        page.texts(_HEADS, 0, _working_heads(), "head")
        page.texts(TOTAL, 0, [_("All sites")], "strong_text")
        number, plain = page.formats["number"], page.formats["plain"]
        formulas = {code: self._computing(case, rates, meeting, code) for code in {"", *tables}}
        sums = dict.fromkeys(COLUMNS, 0)
        ways = {mode: str(word) for mode, word in MODE_WORDS.items()}
        for row, one in enumerate(self.rows, FIRST):
            n = str(row + 1)
            code = one.trip.province if one.trip.province in tables else ""
            values = _values(one, case, tables[code])
            sheet.write_string(row, 0, one.trip.name, plain)
            sheet.write_formula(row, 1, f"='{self.page.name}'!M{n}", plain, "" if one.left_out else ways[one.mode])
            for column, (name, formula) in enumerate(zip(COLUMNS, formulas[code], strict=True), 2):
                sheet.write_formula(row, column, formula.replace("#", n), number, values[name])
                sums[name] += values[name]
        for column, name in enumerate(COLUMNS, 2):
            if name in _SUMMED:
                page.computed(TOTAL, column, f"=SUM({_column_of(column, self.last)})", sums[name], "strong")
        page.widths((1, 34), (1, 14), (10, 9), (8, 14), (2, 15))
        page.finish(_HEADS)

    def _computing(self, case: int, rates: Rates, meeting: Meeting, code: str) -> tuple[str, ...]:
        """The formulas of :data:`COLUMNS` for a site that pays by the norms of *code*, with # for the row."""

        def rate(name: str) -> str:
            return rates.at(name, code, case)

        known, at = f"'{self.page.name}'!", {name: f"{letter}#" for name, letter in _LETTER.items()}
        none, car, coach, air = (
            f"B#={quoted(MODE_WORDS[mode])}" for mode in (Mode.NONE, Mode.CAR, Mode.COACH, Mode.AIR)
        )
        still = f"OR({at['going']}=0,{none})"
        flight = "+".join(f"{at[rank]}*INDEX({rates.tickets(rank, code, case)},{known}N#)" for rank in "abc")
        night = "+".join(
            f"{people}*{rate(f'lump_{rank}')}"
            f"+ROUND(MAX(0,{rooms}*{rate(f'invoice_{rank}')}-{people}*{rate(f'lump_{rank}')})*{rate('invoice_share')}/100,0)"
            for rank, people, rooms in (
                ("a", at["a"], at["a"]), ("b", at["b"], at["b"]), ("c", at["c"], f"ROUNDUP({at['c']}/2,0)"),
            )
        )  # fmt: skip
        paid = "+".join(f"{at[rank]}*{rate('pay_' + rank)}" for rank in "abc")
        commune, roster = f'{known}C#="{_YES}"', f"ISNUMBER({known}H#)"
        late = f"({at['km']}>{rate('early_km')})+({at['km']}>{rate('late_km')})"
        found = {
            "going": f"IF({known}K#=1,MIN({known}D#,IF({commune},{rate('delegation_commune')},{rate('delegation')})),0)",
            "a": f"MIN(N({known}H#),{at['going']})",
            "b": f"MIN(IF({roster},N({known}I#),IF({commune},0,{rate('leaders')})),{at['going']}-{at['a']})",
            "c": f"{at['going']}-{at['a']}-{at['b']}",
            "km": f"IF({known}K#=0,0,IF(ISNUMBER({known}F#),{known}F#,ROUND({known}E#*{rate('winding')}/100,0)))",
            "stays": f"IF({still},0,IF({air},{rate('air_stays')},{late}))",
            "nights": f"{at['stays']}+IF({at['stays']}>0,{meeting.facts['days']}-1,0)",
            "days": f"IF({still},0,{meeting.facts['days']}+{at['stays']})",
            "hours": f"IF({still},0,IF({air},2*{rate('air_hours')},ROUNDUP(2*{at['km']}/{rate('road_kmh')},0)))",
            "cars": f"IF({car},ROUNDUP({at['going']}/{rate('people_per_car')},0),0)",
            "travel": f"IF({air},2*({flight}),IF({coach},2*{at['going']}*{at['km']}*{rate('coach_fare')},"
            f"2*{at['cars']}*{at['km']}*{rate('car_km')}))",
            "per_diem": f"{at['going']}*{at['days']}*IF({at['nights']}>0,{rate('per_diem')},{rate('per_diem_day')})",
            "night": night,
            "lodging": f"{at['nights']}*{at['night']}",
            **{name: f"{at['going']}*{meeting.at(name, case)}" for name in SUPPLIES},
            "total": "+".join(at[name] for name in ITEMS),
            "time_value": f"{at['hours']}*({paid})",
            "co2": f"IF({air},2*{at['going']}*{known}L#*{rate('co2_air')},"
            f"IF({coach},2*{at['going']}*{at['km']}*{rate('co2_coach')},2*{at['cars']}*{at['km']}*{rate('co2_car')}))",
        }
        return tuple("=" + found[name] for name in COLUMNS)


def _working_heads() -> list[object]:
    words = {
        "going": _("Would have travelled"),
        "a": _("Of them rank A"),
        "b": _("Of them rank B"),
        "c": _("Of them others"),
        "km": _("By road one way, km"),
        "stays": _("Nights before and after"),
        "nights": _("Nights"),
        "days": _("Days paid"),
        "hours": _("Hours there and back, each"),
        "cars": _("Cars"),
        "night": _("A night for all of them"),
        "total": _("Total"),
        "time_value": _("Working time, not added"),
        "co2": _("CO₂, milligrams, not added"),
    }
    return [_("Site"), _("Way"), *(words.get(name) or CATEGORY_WORDS[name] for name in COLUMNS)]


def _values(one: Row, case: int, table: Table) -> dict[str, int]:
    """What the formulas of one row come to, from the steps that the estimate holds."""
    steps, norm, values = one.steps, table.cases[case], dict.fromkeys(COLUMNS, 0)
    if one.left_out:
        return values
    party = Ranks(steps.a[case], steps.b[case], steps.c[case])
    going = sum(party)
    for name in ("a", "b", "c", "km", "nights", "days", "hours", *ITEMS, "time_value", "co2"):
        values[name] = getattr(steps, name)[case]
    values["going"], values["total"] = going, steps.total[case]
    values["stays"] = values["days"] - table.occasion.days if values["days"] else 0
    values["cars"] = -(-going // norm.people_per_car) if one.mode is Mode.CAR else 0
    values["night"] = norm.night(party)
    return values


def _placed(trip: Trip) -> bool:
    return trip.km is not None or trip.road is not None


def _flight(trip: Trip, table: Table) -> int:
    """The way through the air: known, or taken back from the way by road."""
    return trip.km if trip.km is not None else table.reach((None, trip.road or 0), trip.commune).flight_km


def _step_of(km: int) -> int:
    keys = [key for _limit, key in FARES]
    return keys.index(fare(km)) if fare(km) in keys else len(keys)


def _column(name: str) -> int:
    return COLUMNS.index(name) + 2


def _column_of(column: int, last: int) -> str:
    letter = xl_col_to_name(column)
    return f"{letter}{FIRST + 1}:{letter}{last + 1}"
