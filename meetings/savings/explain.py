"""How each amount of a site came about, in words and numbers that an accountant can follow. Values in, sentences out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from meetings.i18n import gettext as _
from meetings.i18n import locale
from meetings.official.numbers import number
from meetings.savings import quantities as counted
from meetings.savings.ranks import RANKS, Ranks
from meetings.savings.rules import NormValue
from meetings.savings.tables import Band, Table, fare
from meetings.savings.trips import CASES, ITEMS, Mode, Occasion, Steps, Trip, Triple
from meetings.savings.values import Values

EXPLAINED: Final = (*ITEMS, "time_value")


@dataclass(frozen=True)
class Explained:
    """One amount of a site: its three formulas, what they come to, and the norms they stand on."""

    item: str
    formulas: tuple[str, str, str]
    amounts: Triple
    norms: tuple[NormValue, ...]


class Explainer:
    """Explains the lines of one estimate: the tables of its provinces are compiled once."""

    def __init__(self, values: Values, occasion: Occasion) -> None:
        self._values, self._occasion = values, occasion
        self._tables: dict[str, Table] = {}

    def _table(self, province: str) -> Table:
        code = province if province in self._values.provinces else ""
        if code not in self._tables:
            self._tables[code] = Table(self._values.of(code), self._occasion)
        return self._tables[code]

    def items(self, trip: Trip, mode: Mode, steps: Steps) -> tuple[Explained, ...]:
        """The items of one site that was counted, each with its formula in the low, the mid and the high case."""
        table, host = self._table(trip.province), self._table(self._occasion.province)
        parties = tuple(Ranks(steps.a[case], steps.b[case], steps.c[case]) for case in range(3))
        flight = fare(_flight(trip, table)) if mode is Mode.AIR else ""
        band = Band(mode, flight, (*steps.nights,), (*steps.days,))
        needs = {
            **table.needs(parties, band),
            "tea": ("tea", "supplies_at_site"),
            "papers": ("papers", "supplies_at_site"),
            "meals": (self._occasion.meals_key, "unpaid_share", "supplies_at_site"),
        }
        mine, theirs = self._values.of(trip.province), self._values.of(self._occasion.province)
        said = [
            _Case(table, host, parties[case], steps, case, self._occasion).formulas(
                mode, flight, int(mine["min_km"].mid or 0)
            )
            for case in range(len(CASES))
        ]
        return tuple(
            Explained(
                item,
                (said[0][item], said[1][item], said[2][item]),
                getattr(steps, item),
                tuple((theirs if item in ("tea", "papers", "meals") else mine)[key] for key in needs.get(item, ())),
            )
            for item in EXPLAINED
        )


def _flight(trip: Trip, table: Table) -> int:
    if trip.km is not None:
        return trip.km
    return table.reach((None, trip.road or 0), trip.commune).flight_km


class _Case:
    """The formulas of one site in one case."""

    def __init__(self, table: Table, host: Table, party: Ranks, steps: Steps, case: int, occasion: Occasion) -> None:
        self.norm, self.host = table.cases[case], host.cases[case]
        self.missing, self.missing_there = table.missing, host.missing
        self.party, self.steps, self.case, self.occasion = party, steps, case, occasion
        self.people = sum(party)

    def _step(self, name: str) -> int:
        return int(getattr(self.steps, name)[self.case])

    def formulas(self, mode: Mode, flight: str, min_km: int) -> dict[str, str]:
        near = self._nothing(mode, min_km)
        return {
            "travel": near or self._travel(mode, flight),
            "per_diem": near or self._per_diem(),
            "lodging": near or self._lodging(),
            "time_value": near or self._time(),
            **self._supplies(),
        }

    def _nothing(self, mode: Mode, min_km: int) -> str:
        if not self.people:
            return _("nobody would have travelled: nothing")
        if mode is Mode.NONE:
            return _("%(km)s km is below %(least)s km: nothing", km=_n(self._step("km")), least=_n(min_km))
        return ""

    def _travel(self, mode: Mode, flight: str) -> str:
        if mode is Mode.AIR:
            if flight in self.missing:
                return _("the value of a norm is not known: nothing")
            return " + ".join(
                _(
                    "%(people)s × 2 ways × (ticket %(fare)s + way to the airport %(transfer)s)",
                    people=counted.people(people), fare=_n(ticket), transfer=_n(self.norm.transfer),
                )
                for people, ticket in zip(self.party, self.norm.tickets[flight], strict=True)
                if people
            )  # fmt: skip
        if mode is Mode.COACH:
            return _(
                "%(people)s × 2 ways × %(km)s km × %(fare)s",
                people=counted.people(self.people), km=_n(self._step("km")), fare=_n(self.norm.coach_fare),
            )  # fmt: skip
        return _(
            "%(cars)s × 2 ways × %(km)s km × %(litres)s litres/100 km × %(price)s a litre",
            cars=counted.cars(-(-self.people // self.norm.people_per_car)), km=_n(self._step("km")),
            litres=_n(self.norm.norm["litres_per_100km"]), price=_n(self.norm.norm["petrol"]),
        )  # fmt: skip

    def _per_diem(self) -> str:
        people, days = counted.people(self.people), counted.days(self._step("days"))
        if self.occasion.per_diem_key in self.missing:
            return _("the value of a norm is not known: nothing")
        if self._step("nights"):
            return counted.product(people, days, _n(self.norm.per_diem))
        return _(
            "%(people)s × %(days)s × %(norm)s × %(share)s per cent (there and back in a day)",
            people=people, days=days, norm=_n(self.norm.per_diem), share=_n(self.norm.norm["day_trip_share"]),
        )  # fmt: skip

    def _lodging(self) -> str:
        nights, terms = counted.nights(self._step("nights")), []
        if not self._step("nights"):
            return _("there and back in a day: nothing")
        for rank, people, (lump, invoice, sharing) in zip(RANKS, self.party, self.norm.beds, strict=True):
            if not people:
                continue
            if self.occasion.lodging_key(rank) in self.missing:
                terms.append(_("the value of a norm is not known: nothing"))
                continue
            terms.append(counted.product(counted.people(people), nights, _n(lump)))
            rooms = -(-people // sharing)
            if invoice and self.norm.invoice_share and rooms * invoice > people * lump:
                terms.append(
                    _(
                        "%(share)s per cent of the %(more)s by which %(rooms)s by invoice (%(invoice)s) are dearer,"
                        " × %(nights)s",
                        share=_n(self.norm.invoice_share), more=_n(rooms * invoice - people * lump), rooms=counted.rooms(rooms),
                        invoice=_n(invoice), nights=nights,
                    )
                )  # fmt: skip
        return " + ".join(terms)

    def _time(self) -> str:
        return " + ".join(
            _("the value of a norm is not known: nothing")
            if not self.missing.isdisjoint(("base_salary", f"coefficient_{rank}"))
            else counted.product(
                counted.people(people), counted.hours_on_the_way(self._step("hours")), _n(self.norm.pay[rank])
            )
            for rank, people in zip(RANKS, self.party, strict=True)
            if people
        )

    def _supplies(self) -> dict[str, str]:
        norm, kept = self.host.norm, self.host.norm["supplies_at_site"]
        people = counted.people(self.people)
        halves, days = counted.half_days(self.occasion.half_days), counted.days(self.occasion.days)
        return {
            "tea": _(
                "%(people)s × %(halves)s × %(norm)s, less %(share)s per cent spent at the site anyway",
                people=people, halves=halves, norm=_n(norm["tea"]), share=_n(kept),
            ) if "tea" not in self.missing_there else _("the value of a norm is not known: nothing"),
            "papers": _(
                "%(people)s × %(norm)s, less %(share)s per cent spent at the site anyway",
                people=people, norm=_n(norm["papers"]), share=_n(kept),
            ),
            "meals": _(
                "%(people)s × %(unpaid)s per cent × %(days)s × %(norm)s, less %(share)s per cent spent at the site"
                " anyway",
                people=people, unpaid=_n(norm["unpaid_share"]), days=days, norm=_n(norm[self.occasion.meals_key]),
                share=_n(kept),
            ) if self.occasion.meals_key not in self.missing_there else _("the value of a norm is not known: nothing"),
        }  # fmt: skip


def _n(value: int) -> str:
    return number(value, 0, locale())
