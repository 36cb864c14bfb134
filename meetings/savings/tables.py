"""The values of one province compiled for one occasion: every rate in whole đồng, and how a distance is travelled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from meetings.savings.ranks import RANKS, Ranks
from meetings.savings.rules import INVOICE_OF, NormValue, people_a_room
from meetings.savings.trips import CASES, Mode, Occasion

FARES: Final = ((500, "air_0"), (850, "air_500"), (1000, "air_850"), (1280, "air_1000"))
LAST_FARE: Final = "air_1280"


def fare(km: int) -> str:
    """The norm of the air fare: by the length of the flight, which is the great circle."""
    return next((key for limit, key in FARES if km < limit), LAST_FARE)


def part(amount: int, percent: int) -> int:
    """*percent* of *amount*, half a đồng rounded up."""
    return (amount * percent + 50) // 100


def road_km(km: int, winding: int) -> int:
    """Whole kilometres by road for a great circle of *km*, half rounded up; *winding* is 130 for a factor of 1.3."""
    return part(km, winding)


class Band(NamedTuple):
    """What all distances that are travelled alike have in common: nights and paid days in low, mid and high."""

    mode: Mode
    fare: str
    nights: tuple[int, int, int]
    days: tuple[int, int, int]


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
        # travel
        self.people_per_car = norm["people_per_car"]
        self.car_km = part(norm["litres_per_100km"] * norm["petrol"], 1)
        self.coach_fare = norm["coach_fare"]
        self.transfer = norm["airport_transfer"]
        shares = (norm["air_share_a"], norm["air_share_b"], 100)
        self.tickets = {
            key: tuple(part(part(norm[key], norm["fare_share"]), share) for share in shares)
            for key in (*(key for _limit, key in FARES), LAST_FARE)
        }
        # allowances
        self.per_diem = norm[occasion.per_diem_key]
        self.per_diem_day = part(self.per_diem, norm["day_trip_share"])
        self.invoice_share = norm["invoice_share"]
        lumps = [occasion.lodging_key(rank) for rank in RANKS]
        self.beds = tuple((norm[lump], norm[INVOICE_OF[lump]], people_a_room(INVOICE_OF[lump])) for lump in lumps)
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

    def flight(self, fare: str, ranks: Ranks) -> int:
        """One way by air for all of *ranks*: tickets and the ways to and from the airports; nothing without a ceiling."""
        tickets = self.tickets[fare]
        if not tickets[2]:
            return 0
        return sum(number * (ticket + self.transfer) for number, ticket in zip(ranks, tickets, strict=True))

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
        self._bands: dict[tuple[object, ...], Band] = {}

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
            flight, roads = at, (road_km(at, low.winding), road_km(at, mid.winding), road_km(at, high.winding))
        else:
            km, road = at
            flight = km if km is not None else (road * 100 + mid.winding // 2) // mid.winding
            roads = (road, road, road)
        mode = self.mode(roads[1], commune)
        if mode is Mode.NONE:
            return Reach(self._band(mode, "", (0, 0, 0), (0, 0, 0)), flight, roads, (0, 0, 0))
        if mode is Mode.AIR:
            hours = (2 * low.air_hours, 2 * mid.air_hours, 2 * high.air_hours)
            stays = [self._stays(case, case.air_hours * case.kmh) for case in self.cases]
        else:
            hours = (-(-2 * roads[0] // low.kmh), -(-2 * roads[1] // mid.kmh), -(-2 * roads[2] // high.kmh))
            stays = [self._stays(case, road) for case, road in zip(self.cases, roads, strict=True)]
        (low_n, low_d), (mid_n, mid_d), (high_n, high_d) = stays
        key = fare(flight) if mode is Mode.AIR else ""
        return Reach(self._band(mode, key, (low_n, mid_n, high_n), (low_d, mid_d, high_d)), flight, roads, hours)

    def _stays(self, case: Case, way: int) -> tuple[int, int]:
        """Nights and paid days for a *way* as long as so many kilometres at the speed of the road: who cannot leave home after
        ``leave_from`` and be there in time comes the evening before, who cannot be home by ``home_by`` stays on.

        Who can do both goes home each evening, and one return trip is counted for all days, so that the estimate errs low.
        """
        occasion = self.occasion
        before = (occasion.begins - case.leave) * case.kmh < way * 60
        after = (case.home - occasion.ends) * case.kmh < way * 60
        between = occasion.days - 1 if before or after else 0
        return between + before + after, occasion.days + before + after

    def _band(self, *parts: object) -> Band:
        """One object for each band: thousands of distances share it."""
        found = self._bands.get(parts)
        if found is None:
            found = self._bands[parts] = Band(*parts)  # type: ignore[arg-type]
        return found

    # ------------------------------------------------------------------ what is missing

    def wanting(self, party: tuple[Ranks, ...], band: Band) -> Iterator[str]:
        """The norms without a value that a site needs which sends *party* in *band*."""
        if self.missing:
            yield from (key for keys in self.needs(party, band).values() for key in keys if key in self.missing)

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
