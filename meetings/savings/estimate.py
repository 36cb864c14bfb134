"""What was not spent because nobody travelled: an estimate with a range, in whole đồng, each line with its formula.

    saving = Σ over sites (travel + per diem + lodging + refreshments + papers + meals) + hall − online cost

Only people who would have travelled count: a site with 130 people before one camera would have sent a delegation, not 130, and
neighbours send people who sleep at home. Working time on the road and CO₂ stand beside the money and are never added to it. Low,
mid and high are computed apart, each from its own column of the norms; how a site travels is the same in all three, so that
low ≤ mid ≤ high holds whenever the norms are ordered (:func:`meetings.savings.rules.fault`).

Who pays goes by his norms: the journey by those of the site's province, hall, refreshments, papers and meals by the organiser's.
A norm without a value counts nothing where it is needed, and the estimate says how many sites that touches.

Every rate is rounded to whole đồng (or kilometres, hours) *before* it is multiplied by people, so all sums are linear: sites that
are alike but for their kilometres are summed as one, and still every line adds up to the total, to the đồng.

Pure: values and trips in, an estimate out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from meetings.savings.loads import JOURNEY, MASK, Load, hours_of, journey
from meetings.savings.loads import packed as packed_site
from meetings.savings.loads import party as party_of
from meetings.savings.ranks import RANKS, Ranks
from meetings.savings.tables import Band, Table
from meetings.savings.trips import ITEMS, Mode, Occasion, Steps, Trip, Triple, total
from meetings.savings.values import Values

FORMULA: Final = 2
"""Raised when the sums are made differently; an estimate keeps the amounts it was stored with."""
ONLINE: Final = ("line", "room", "equipment", "technicians", "platform")
"""What meeting online costs: negative in the sums."""
CATEGORIES: Final = ("travel", "per_diem", "lodging", "hall", "tea", "papers", "meals", *ONLINE)
_SUPPLIES: Final = ("tea", "papers", "meals")
NO_COUNT: Final = "no_count"
NO_PLACE: Final = "no_place"


@dataclass(frozen=True, slots=True)
class Line:
    """One site in the estimate. *left_out*: why it was not counted, "" when it was."""

    trip: Trip
    mode: Mode
    steps: Steps
    left_out: str = ""

    @property
    def total(self) -> Triple:
        return self.steps.total


class Time(NamedTuple):
    """Working time on the road of one rank: hours of all its people, and what they are paid for them."""

    hours: Triple = Triple()
    value: Triple = Triple()


@dataclass(frozen=True)
class Estimate:
    """The sums by category (online cost negative), the saving, and beside it time by rank and CO₂ in milligrams.

    *off*: norms without a value that were needed, and how many sites that touches. Lines are made on demand: :meth:`lines`.
    """

    sums: Mapping[str, Triple]
    saving: Triple
    time: Mapping[str, Time]
    co2: Triple
    sites: int
    counted: int
    people: int
    travelling: Triple
    off: Mapping[str, int]
    _book: _Book
    _trips: Sequence[Trip]

    @property
    def time_value(self) -> Triple:
        return total(time.value for time in self.time.values())

    @property
    def hours(self) -> Triple:
        return total(time.hours for time in self.time.values())

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Every site with every step of its sum, in the order of the trips."""
        return tuple(self._book.lines(self._trips))


def estimate(values: Values, trips: Iterable[Trip], occasion: Occasion) -> Estimate:
    """The estimate of *trips* under *values*; every sum is the exact sum of its lines, in whatever order they come.

    A site without a head-count or a distance is left out of what was saved, but its online cost is still taken off.
    """
    trips = trips if isinstance(trips, list | tuple) else list(trips)
    return _Book(values, occasion).estimate(trips)


_At = int | tuple[int | None, int]
"""Where a site is: kilometres as the crow flies, or those and the known kilometres by road."""
_Way = tuple[int, int]
"""How a place is reached: the number of its band, and :func:`packed` what one site adds to the sums of that band."""
_Who = tuple[int, bool, int, Ranks | None]
"""Table, whether a commune's, people (no more than the largest delegation takes), ranks by the roster."""


class _Book:
    """The values compiled for one occasion: a table for each province that has values of its own, the nation's for the others."""

    def __init__(self, values: Values, occasion: Occasion) -> None:
        self.occasion = occasion
        self.values = values
        self.tables = [Table(values.national, occasion)]
        self.number_of: dict[str, int] = {}
        for code in values.provinces:
            self.number_of[code] = len(self.tables)
            self.tables.append(Table(values.of(code), occasion))
        self.host = self.tables[self.number_of.get(occasion.province, 0)]
        self._ways: dict[tuple[int, bool], dict[_At, _Way]] = {}
        self._numbers: dict[Band, int] = {}

    # ------------------------------------------------------------------ the whole

    def estimate(self, trips: Sequence[Trip]) -> Estimate:
        groups, left_out, people = self._grouped(trips)
        goers: dict[str, list[int]] = {rank: [0, 0, 0] for rank in RANKS}
        loads: dict[tuple[int, int], tuple[list[int], ...]] = {}
        wanting: dict[tuple[int, int, tuple[bool, ...]], tuple[tuple[Ranks, ...], int]] = {}
        for who, places in groups.items():
            table = self.tables[who[0]]
            ranks = table.party(*who[1:])
            party = [party_of(norm, of) for norm, of in zip(table.cases, ranks, strict=True)]
            bands = self._bands(who, places)
            for at, packed in bands.items():
                sites = packed & MASK
                load = loads.get((who[0], at))
                if load is None:
                    load = loads[who[0], at] = ([0] * 6, [0] * 6, [0] * 6)
                for sums, (all_, a, b, cars, night) in zip(load, party, strict=True):
                    if all_:
                        sums[0] += all_ * packed
                        if a:
                            sums[1] += a * packed
                        if b:
                            sums[2] += b * packed
                        sums[3] += cars * packed
                        sums[4] += night * sites
                        sums[5] += sites
                if table.missing:
                    whom = who[0], at, tuple(map(any, zip(*ranks, strict=True)))
                    wanting[whom] = ranks, wanting.get(whom, (ranks, 0))[1] + sites
            number = sum(places.values())
            for case, of in enumerate(ranks):
                for rank, people_of in zip(RANKS, of, strict=True):
                    goers[rank][case] += people_of * number
        return self._summed(trips, left_out, people, goers, loads, wanting)

    def _summed(
        self,
        trips: Sequence[Trip],
        left_out: int,
        people: int,
        goers: Mapping[str, list[int]],
        loads: Mapping[tuple[int, int], tuple[list[int], ...]],
        wanting: Mapping[tuple[int, int, tuple[bool, ...]], tuple[tuple[Ranks, ...], int]],
    ) -> Estimate:
        """The whole from its loads: by table and number of the band, a load for each case."""
        known = list(self._numbers)
        sums = {item: [0, 0, 0] for item in JOURNEY}
        hours, paid = ({rank: [0, 0, 0] for rank in RANKS} for _ in range(2))
        for (number, at), three in loads.items():
            band, table = known[at], self.tables[number]
            for case, (norm, load) in enumerate(zip(table.cases, three, strict=True)):
                if band.mode is Mode.NONE or not load[0]:
                    continue
                weighed = Load(*load)
                for item, amount in zip(JOURNEY, journey(norm, case, band, weighed), strict=True):
                    sums[item][case] += amount
                for rank, spent in zip(RANKS, hours_of(case, weighed), strict=True):
                    hours[rank][case] += spent
                    paid[rank][case] += spent * norm.pay[rank]
        off: dict[str, int] = {}
        for (number, at, _whom), (party, sites) in wanting.items():
            for key in self.tables[number].wanting(party, known[at]):
                off[key] = off.get(key, 0) + sites
        counted = len(trips) - left_out
        for key in self.host.wanting_host() if counted else ():
            off[key] = counted
        everybody = total(Triple(*goers[rank]) for rank in RANKS)
        supplies = zip(*(self._supplies(case, everybody[case]) for case in range(3)), strict=True)
        parts: dict[str, Triple] = {item: Triple(*sums[item]) for item in JOURNEY if item in ITEMS}
        parts |= {item: Triple(*three) for item, three in zip(_SUPPLIES, supplies, strict=True)}
        parts |= {"hall": self._hall(everybody, sums["days"]), **self._online(len(trips))}
        for key in self.host.wanting_online() if trips else ():
            off[key] = len(trips)
        return Estimate(
            sums={key: parts[key] for key in CATEGORIES},
            saving=total(parts.values()),
            time={rank: Time(Triple(*hours[rank]), Triple(*paid[rank])) for rank in RANKS},
            co2=Triple(*sums["co2"]).plus(-self._co2_online(len(trips))),
            sites=len(trips),
            counted=counted,
            people=people,
            travelling=everybody,
            off=off,
            _book=self,
            _trips=trips,
        )

    def _grouped(self, trips: Sequence[Trip]) -> tuple[dict[_Who, dict[_At, int]], int, int]:
        """The sites that count, by who goes and from where; how many do not count; how many people were there in all."""
        groups: dict[_Who, dict[_At, int]] = {}
        number_of, most = self.number_of, [(table.most(False), table.most(True)) for table in self.tables]
        left_out = everybody = 0
        for _id, _name, people, km, commune, province, ranks, road, _source in trips:
            if people is None or (km is None and road is None):
                left_out += 1
                everybody += people or 0
                continue
            everybody += people
            table = number_of.get(province, 0)
            limit = most[table][commune]
            who = (table, commune, people if people < limit else limit, ranks)
            at: _At = (km, road) if road is not None else km  # type: ignore[assignment]  # one of them is known
            places = groups.get(who)
            if places is None:
                groups[who] = {at: 1}
            else:
                places[at] = places.get(at, 0) + 1
        return groups, left_out, everybody

    def _bands(self, who: _Who, places: Mapping[_At, int]) -> dict[int, int]:
        """The sites of one group, those together that travel alike: number of the band → the sum of :func:`packed`."""
        table, commune = self.tables[who[0]], who[1]
        ways = self._ways.setdefault((who[0], commune), {})
        found: dict[int, int] = {}
        for at, sites in places.items():
            way = ways.get(at)
            if way is None:
                reach = table.reach(at, commune)
                way = ways[at] = self._numbers.setdefault(reach.band, len(self._numbers)), packed_site(reach)
            number, one = way
            found[number] = found.get(number, 0) + sites * one
        return found

    # ------------------------------------------------------------------ one site, or many alike

    def _supplies(self, case: int, people: int) -> tuple[int, int, int]:
        """Refreshments, papers and meals of *people* in one case, in the order of ``_SUPPLIES``: the organiser pays them."""
        host = self.host.cases[case]
        return (
            people * host.tea * self.occasion.half_days, people * host.papers, people * host.meals * self.occasion.days,
        )  # fmt: skip

    def lines(self, trips: Iterable[Trip]) -> Iterator[Line]:
        """Each site with every step of its sum; sites that are alike share their steps."""
        known: dict[tuple[_Who, _At], tuple[Mode, Steps]] = {}
        for trip in trips:
            if trip.people is None or (trip.km is None and trip.road is None):
                yield Line(trip, Mode.NONE, Steps(), NO_COUNT if trip.people is None else NO_PLACE)
                continue
            number = self.number_of.get(trip.province, 0)
            people = min(trip.people, self.tables[number].most(trip.commune))
            who: _Who = (number, trip.commune, people, trip.ranks)
            at: _At = (trip.km, trip.road) if trip.road is not None else trip.km or 0
            found = known.get((who, at))
            if found is None:
                found = known[who, at] = self._steps(who, at)
            yield Line(trip, *found)

    def _steps(self, who: _Who, at: _At) -> tuple[Mode, Steps]:
        table = self.tables[who[0]]
        party, reach = table.party(*who[1:]), table.reach(at, who[1])
        one, still = packed_site(reach), (0,) * len(JOURNEY)
        journeys, paid = [], []
        for case, (norm, ranks) in enumerate(zip(table.cases, party, strict=True)):
            people, a, b, cars, night = party_of(norm, ranks)
            load = Load(people * one, a * one, b * one, cars * one, night, 1)
            goes = people and reach.band.mode is not Mode.NONE
            journeys.append(journey(norm, case, reach.band, load) if goes else still)
            paid.append(sum(spent * norm.pay[rank] for rank, spent in zip(RANKS, hours_of(case, load), strict=True)))
        supplies = [self._supplies(case, sum(party[case])) for case in range(3)]
        amounts = {key: Triple(*three) for key, three in zip(JOURNEY, zip(*journeys, strict=True), strict=True)}
        amounts |= {key: Triple(*three) for key, three in zip(_SUPPLIES, zip(*supplies, strict=True), strict=True)}
        amounts["km"] = Triple(*reach.road)
        amounts["hours"] = Triple(*(reach.hours[case] if any(party[case]) else 0 for case in range(3)))
        by_rank = {rank: Triple(*(ranks[at] for ranks in party)) for at, rank in enumerate(RANKS)}
        steps = Steps(**by_rank, **amounts, time_value=Triple(*paid))
        return reach.band.mode, steps

    # ------------------------------------------------------------------ once for the meeting

    def _hall(self, travelling: Triple, afar: Sequence[int]) -> Triple:
        """A hall is hired for people who come from afar; neighbours alone sit in the host's own room."""
        halves = self.occasion.half_days
        return Triple(
            *(
                (norm.hall + norm.hall_seat * people) * halves if days else 0
                for norm, people, days in zip(self.host.cases, travelling, afar, strict=True)
            )
        )

    def _online(self, sites: int) -> dict[str, Triple]:
        """Each part of what meeting online costs, negative. The host site has a line, equipment and technicians too; its room
        would have been there all the same."""
        halves = self.occasion.half_days if sites else 0
        number = {"line": sites + 1, "room": sites, "equipment": sites + 1, "technicians": sites + 1, "platform": 1}
        return {
            part: -Triple(*(norm.online[part] for norm in self.host.cases)).times(number[part] * halves)
            for part in ONLINE
        }

    def _co2_online(self, sites: int) -> Triple:
        """What connections and rooms emit, milligrams."""
        minutes = self.occasion.minutes * (sites + 1) if sites else 0
        return Triple(*((norm.co2_site_hour * minutes + 30) // 60 for norm in self.host.cases))
