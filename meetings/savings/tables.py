"""The values of one province compiled for one occasion: every rate in whole đồng, and how a distance is travelled."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from meetings.savings.ranks import RANKS, Ranks
from meetings.savings.rules import INVOICE_OF, NormValue, people_a_room
from meetings.savings.trips import CASES, Mode, Occasion

FARES: Final = ((500, "air_0"), (850, "air_500"), (1000, "air_850"), (1280, "air_1000"))
LAST_FARE: Final = "air_1280"
_LIMITS: Final = [limit for limit, _key in FARES]
_FARES: Final = (*(key for _limit, key in FARES), LAST_FARE)


def fare(km: int) -> str:
    """The norm of the air fare: by the length of the flight, which is the great circle."""
    return _FARES[bisect(_LIMITS, km)]


def part(amount: int, percent: int) -> int:
    """*percent* of *amount*, half a đồng rounded up."""
    return (amount * percent + 50) // 100


class Band(NamedTuple):
    """What all distances that are travelled alike have in common: nights and paid days in low, mid and high."""

    mode: Mode
    fare: str
    nights: tuple[int, int, int]
    days: tuple[int, int, int]


_NEAR: Final = Band(Mode.NONE, "", (0, 0, 0), (0, 0, 0))


class Reach(NamedTuple):
    """How one distance is travelled: its band, kilometres one way (by road in each case, through the air), hours there and
    back."""

    band: Band
    flight_km: int
    road: tuple[int, int, int]
    hours: tuple[int, int, int]


class Case:
    """One column of the norms as rates in whole đồng. A missing value counts nothing."""

    def __init__(self, values: Mapping[str, NormValue], column: str, occasion: Occasion) -> None:
        norm = {key: getattr(value, column) or 0 for key, value in values.items()}
        self.norm = norm
        self.most = (norm["delegation"], norm["delegation_commune"])
        self.leaders = norm["leaders"]
        self.winding, self.kmh, self.air_hours = norm["winding"], norm["road_kmh"], norm["air_hours"]
        self.leave, self.home = norm["leave_from"] * 60, norm["home_by"] * 60
        # minutes × speed: how far a way may be that is travelled in the morning, in the evening
        self.early = (occasion.begins - self.leave) * self.kmh
        self.late = (self.home - occasion.ends) * self.kmh
        # travel
        self.people_per_car = norm["people_per_car"]
        self.car_km = part(norm["litres_per_100km"] * norm["petrol"], 1)
        self.coach_fare = norm["coach_fare"]
        self.transfer = norm["airport_transfer"]
        shares = (norm["air_share_a"], norm["air_share_b"], 100)
        self.tickets = {
            key: tuple(part(part(norm[key], norm["fare_share"]), share) for share in shares) for key in _FARES
        }
        self.unknown_fares = frozenset(key for key in _FARES if values[key].missing)
        # allowances
        self.per_diem = norm[occasion.per_diem_key]
        self.per_diem_day = part(self.per_diem, norm["day_trip_share"])
        self.invoice_share = norm["invoice_share"]
        lumps = [occasion.lodging_key(rank) for rank in RANKS]
        # whose lump sum is not known is not lodged by invoice either: the branch is off, not half on
        self.beds = tuple(
            (norm[lump], 0 if values[lump].missing else norm[INVOICE_OF[lump]], people_a_room(INVOICE_OF[lump]))
            for lump in lumps
        )
        # the meeting itself
        kept = 100 - norm["supplies_at_site"]
        self.hall, self.hall_seat = norm["hall"], norm["hall_seat"]
        self.tea, self.papers = part(norm["tea"], kept), part(norm["papers"], kept)
        self.meals = part(part(norm[occasion.meals_key], norm["unpaid_share"]), kept)
        self.online = {
            name: norm[f"online_{name}"] for name in ("line", "room", "equipment", "technicians", "platform")
        }
        # beside the money
        month = norm["hours_per_month"]
        self.pay = {rank: _pay(norm["base_salary"], norm[f"coefficient_{rank}"], month) for rank in RANKS}
        self.co2_air, self.co2_car, self.co2_coach = norm["co2_air"], norm["co2_car"], norm["co2_coach"]
        self.co2_site_hour = norm["co2_online"] * 1000 + norm["room_watts"] * norm["co2_grid"]

    def party(self, commune: bool, people: int, ranks: Ranks | None) -> Ranks:
        """Who of *people* would have travelled: the highest ranks first."""
        going = min(people, self.most[commune])
        if ranks is None:
            ranks = Ranks() if commune else Ranks(b=self.leaders)
        a = min(ranks.a, going)
        b = min(ranks.b, going - a)
        return Ranks(a, b, going - a - b)

    def stays(self, way: int) -> int:
        """Nights before and after the meeting for a *way* as long as so many kilometres by road: who cannot leave home after
        ``leave_from`` and be there in time comes the evening before, who cannot be home by ``home_by`` stays on."""
        minutes = way * 60
        return (self.early < minutes) + (self.late < minutes)

    def flight(self, fare: str, ranks: Ranks) -> int:
        """One way by air for all of *ranks*: tickets and the ways to and from the airports; nothing without a ceiling."""
        if fare in self.unknown_fares:
            return 0
        return sum(number * (ticket + self.transfer) for number, ticket in zip(ranks, self.tickets[fare], strict=True))

    def night(self, ranks: Ranks) -> int:
        """A night for all of *ranks*: the lump sum, and the part that is paid by invoice never below it."""
        amount = 0
        for number, (lump, invoice, sharing) in zip(ranks, self.beds, strict=True):
            rooms = -(-number // sharing)
            amount += number * lump + part(
                max(0, rooms * invoice - number * lump) if invoice else 0, self.invoice_share
            )
        return amount


def _pay(base: int, coefficient: int, month: int) -> int:
    """An hour of work: base salary × coefficient (in hundredths) ÷ hours a month, half rounded up."""
    return (2 * base * coefficient + 100 * month) // (200 * month)


class Table:
    """Three columns of values for one occasion."""

    def __init__(self, values: Mapping[str, NormValue], occasion: Occasion) -> None:
        self.occasion = occasion
        low, mid, high = (Case(values, column, occasion) for column in CASES)
        self.cases = (low, mid, high)
        self.missing = frozenset(key for key, value in values.items() if value.missing)
        self.min_km, self.coach_from, self.air_from = (
            mid.norm[key] for key in ("min_km", "coach_from_km", "air_from_km")
        )
        stays = [case.stays(case.air_hours * case.kmh) for case in self.cases]
        self._flown = [self._band(Mode.AIR, key, stays) for key in _FARES]
        self._hours_flown = (2 * low.air_hours, 2 * mid.air_hours, 2 * high.air_hours)
        self._bands: dict[tuple[Mode, tuple[int, int, int]], Band] = {}
        self._wanting: dict[tuple[object, ...], tuple[str, ...]] = {}

    def most(self, commune: bool) -> int:
        """The largest delegation that any of the three cases sends."""
        return max(case.most[commune] for case in self.cases)

    def party(self, commune: bool, people: int, ranks: Ranks | None) -> tuple[Ranks, Ranks, Ranks]:
        """The travellers by rank in low, mid and high."""
        low, mid, high = (case.party(commune, people, ranks) for case in self.cases)
        return low, mid, high

    def mode(self, road: int, commune: bool) -> Mode:
        """How *road* kilometres (the middle case) are travelled."""
        if road < self.min_km:
            return Mode.NONE
        if road >= self.air_from:
            return Mode.AIR
        return Mode.COACH if commune and road >= self.coach_from else Mode.CAR

    def reach(self, at: int | tuple[int | None, int], commune: bool) -> Reach:
        """How a site is reached that is *at* so many kilometres as the crow flies, or at (those or None, known by road)."""
        low, mid, high = self.cases
        if isinstance(at, int):
            flight = at
            roads = (at * low.winding + 50) // 100, (at * mid.winding + 50) // 100, (at * high.winding + 50) // 100
        else:
            km, road = at
            flight = km if km is not None else (road * 100 + mid.winding // 2) // mid.winding
            roads = road, road, road
        mode = self.mode(roads[1], commune)
        if mode is Mode.NONE:
            return Reach(_NEAR, flight, roads, (0, 0, 0))
        if mode is Mode.AIR:
            at_fare = bisect(_LIMITS, flight)
            return Reach(self._flown[at_fare], flight, roads, self._hours_flown)
        stays = low.stays(roads[0]), mid.stays(roads[1]), high.stays(roads[2])
        band = self._bands.get((mode, stays))
        if band is None:
            band = self._bands[mode, stays] = self._band(mode, "", stays)
        hours = -(-2 * roads[0] // low.kmh), -(-2 * roads[1] // mid.kmh), -(-2 * roads[2] // high.kmh)
        return Reach(band, flight, roads, hours)

    def _band(self, mode: Mode, fare: str, stays: Sequence[int]) -> Band:
        """*stays*: how many nights before and after, in each case. Between two days sleeps who stays at all; who can come and go
        in a day does so each day, and one return trip is counted for all of them, so that the estimate errs low."""
        days = self.occasion.days
        low, mid, high = (stay + (days - 1 if stay else 0) for stay in stays)
        return Band(mode, fare, (low, mid, high), (days + stays[0], days + stays[1], days + stays[2]))

    # ------------------------------------------------------------------ what is missing

    def wanting(self, party: tuple[Ranks, ...], band: Band) -> tuple[str, ...]:
        """The norms without a value that a site needs which sends *party* in *band*."""
        whom = *(any(column) for column in zip(*party, strict=True)), band
        found = self._wanting.get(whom)
        if found is None:
            keys = (key for keys in self.needs(party, band).values() for key in keys)
            found = self._wanting[whom] = tuple(key for key in keys if key in self.missing)
        return found

    def wanting_host(self) -> Iterator[str]:
        """The same of those that the organiser pays for each delegate."""
        unpaid = (self.occasion.meals_key,) if any(case.norm["unpaid_share"] for case in self.cases) else ()
        yield from (key for key in ("tea", *unpaid) if key in self.missing)

    def wanting_online(self) -> Iterator[str]:
        """The same of the connections."""
        yield from (key for key in ("co2_online", "co2_grid") if key in self.missing)

    def needs(self, party: tuple[Ranks, ...], band: Band) -> dict[str, tuple[str, ...]]:
        """The norms that each item of a site stands on: legal ones and assumptions, without those that are the organiser's."""
        if band.mode is Mode.NONE or not any(sum(ranks) for ranks in party):
            return {}
        ranks = [rank for number, rank in enumerate(RANKS) if any(case[number] for case in party)]
        co2 = {Mode.AIR: "co2_air", Mode.CAR: "co2_car", Mode.COACH: "co2_coach"}[band.mode]
        if band.mode is Mode.AIR:
            shares = tuple(f"air_share_{rank}" for rank in ranks if rank != "c")
            travel: tuple[str, ...] = (band.fare, "fare_share", *shares, "airport_transfer")
        elif band.mode is Mode.COACH:
            travel = ("coach_fare", "winding")
        else:
            travel = ("people_per_car", "winding", "litres_per_100km", "petrol")
        found = {
            "travel": travel,
            "per_diem": (
                self.occasion.per_diem_key,
                *(("day_trip_share",) if 0 in band.nights else ()),
            ),
            "time_value": (
                "air_hours" if band.mode is Mode.AIR else "road_kmh",
                "base_salary",
                *(f"coefficient_{rank}" for rank in ranks),
                "hours_per_month",
            ),
            "co2": (co2,),
        }
        if any(band.nights):
            lumps = tuple(self.occasion.lodging_key(rank) for rank in ranks)
            paid = any(case.invoice_share for case in self.cases)
            invoices = (*(INVOICE_OF[lump] for lump in lumps), "invoice_share") if paid else ()
            found["lodging"] = (*lumps, *invoices, "leave_from", "home_by")
        return found
