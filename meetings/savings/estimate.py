"""What was not spent because nobody travelled: an estimate with a range, in whole đồng, each line with its formula.

    saving = Σ over sites (travel + per diem + lodging + papers and refreshments) + hall − online cost

Only people who would have travelled count: a site with 130 people before one camera would have sent a delegation, not
130. Working time on the road is reported beside the money and never added to it. Low, mid and high are computed apart,
each from its own column of the norms; how a site travels (car or aeroplane) is the same in all three, so that
low ≤ mid ≤ high holds whenever the norms are ordered (:func:`meetings.savings.rules.fault`). Pure: norms and trips in, an
estimate out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from meetings.savings.rules import KEYS, NormValue

CASES: Final = ("low", "mid", "high")
CATEGORIES: Final = ("travel", "per_diem", "lodging", "hall", "papers", "online")
FORMULA: Final = 1
"""Raised when the sums are made differently; an estimate keeps the amounts it was stored with."""
_FARES: Final = ((500, "air_0"), (850, "air_500"), (1000, "air_850"), (1280, "air_1000"))


class Triple(NamedTuple):
    """Low, mid and high of one amount, whole đồng (or kilometres, nights, people)."""

    low: int = 0
    mid: int = 0
    high: int = 0

    def plus(self, other: Triple) -> Triple:
        return Triple(self.low + other.low, self.mid + other.mid, self.high + other.high)

    def __neg__(self) -> Triple:
        return Triple(-self.low, -self.mid, -self.high)


@dataclass(frozen=True, slots=True)
class Trip:
    """A site that was present: *people* counted there (None: nobody counted), great circle to the host in whole *km*
    (None: coordinates are missing), whether it is a commune's."""

    site_id: int
    name: str
    people: int | None
    km: int | None
    commune: bool = False


@dataclass(frozen=True)
class Occasion:
    """The meeting as it was planned: its days and half days, whether it begins in the morning, and what its host place is."""

    half_days: int
    days: int
    morning: bool
    in_city: bool
    on_island: bool = False

    @property
    def lodging_key(self) -> str:
        return "lodging_city" if self.in_city else "lodging_province"

    @property
    def per_diem_key(self) -> str:
        return "per_diem_island" if self.on_island else "per_diem"


class Steps(NamedTuple):
    """What a site's sum is made of, each step low, mid and high; sites that are alike share one."""

    travelling: Triple = Triple()
    km: Triple = Triple()
    nights: Triple = Triple()
    days: Triple = Triple()
    travel: Triple = Triple()
    per_diem: Triple = Triple()
    lodging: Triple = Triple()
    papers: Triple = Triple()
    hours: Triple = Triple()
    time_value: Triple = Triple()

    @property
    def total(self) -> Triple:
        return self.travel.plus(self.per_diem).plus(self.lodging).plus(self.papers)


@dataclass(frozen=True, slots=True)
class Line:
    """One site in the estimate. *left_out*: why it was not counted, "" when it was."""

    trip: Trip
    by_air: bool
    steps: Steps
    total: Triple
    left_out: str = ""


@dataclass(frozen=True)
class Estimate:
    """All lines, the sums by category (online cost negative), the saving, and the value of time apart."""

    lines: tuple[Line, ...]
    sums: Mapping[str, Triple]
    saving: Triple
    time_value: Triple
    sites: int
    counted: int
    people: int
    travelling: int


NO_COUNT: Final = "no_count"
NO_PLACE: Final = "no_place"


def estimate(norms: Mapping[str, NormValue], trips: Iterable[Trip], occasion: Occasion) -> Estimate:
    """The estimate of *trips* under *norms*; every sum is the exact sum of its lines, in whatever order they come.

    A site without a head-count or coordinates is left out of what was saved, but its online cost is still taken off.
    """
    columns = tuple({key: int(getattr(norms[key], case)) for key in KEYS} for case in CASES)
    alike: dict[tuple[int, int, bool], tuple[bool, Steps, Triple]] = {}
    lines = tuple(_line(columns, trip, occasion, alike) for trip in trips)
    counted = [line for line in lines if not line.left_out]
    sums = {
        key: total(getattr(line.steps, key) for line in counted) for key in ("travel", "per_diem", "lodging", "papers")
    }
    # a hall is hired for people who come from afar; neighbours alone sit in the host's own room
    afar = total(line.steps.days for line in counted)
    hall = Triple(*(c["hall"] * occasion.half_days if days else 0 for c, days in zip(columns, afar, strict=True)))
    online = Triple(*((c["online_host"] + c["online_site"] * len(lines)) * occasion.half_days for c in columns))
    parts = {**sums, "hall": hall, "online": -online if lines else Triple()}
    return Estimate(
        lines=lines,
        sums={key: parts[key] for key in CATEGORIES},
        saving=total(parts.values()),
        time_value=total(line.steps.time_value for line in counted),
        sites=len(lines),
        counted=len(counted),
        people=sum(line.trip.people or 0 for line in lines),
        travelling=sum(line.steps.travelling.mid for line in counted),
    )


def total(triples: Iterable[Triple]) -> Triple:
    """The sum of *triples*, column by column."""
    low = mid = high = 0
    for triple in triples:
        low, mid, high = low + triple[0], mid + triple[1], high + triple[2]
    return Triple(low, mid, high)


def _line(
    columns: Sequence[Mapping[str, int]],
    trip: Trip,
    occasion: Occasion,
    alike: dict[tuple[int, int, bool], tuple[bool, Steps, Triple]],
) -> Line:
    if trip.people is None or trip.km is None:
        return Line(trip, False, Steps(), Triple(), NO_COUNT if trip.people is None else NO_PLACE)
    most = max(c[_delegation(trip.commune)] for c in columns)
    key = (min(trip.people, most), trip.km, trip.commune)
    found = alike.get(key)
    if found is None:
        mid = columns[1]
        by_air = road_km(trip.km, mid["winding"]) >= mid["air_from_km"]
        cases = [_case(column, *key, occasion, by_air) for column in columns]
        steps = Steps(*(Triple(*values) for values in zip(*cases, strict=True)))
        found = alike[key] = by_air, steps, steps.total
    return Line(trip, *found)


def _delegation(commune: bool) -> str:
    return "delegation_commune" if commune else "delegation"


def road_km(km: int, winding: int) -> int:
    """Whole kilometres by road for a great circle of *km*, half rounded up; *winding* is 130 for a factor of 1.3."""
    return (km * winding + 50) // 100


def fare(km: int) -> str:
    """The norm of the air fare: by the length of the flight, which is the great circle."""
    return next((key for limit, key in _FARES if km < limit), "air_1280")


def _case(
    norm: Mapping[str, int], present: int, km: int, commune: bool, occasion: Occasion, by_air: bool
) -> tuple[int, ...]:
    """The steps of one site in one case, in the order of :class:`Steps`."""
    people = min(present, norm[_delegation(commune)])
    road = road_km(km, norm["winding"])
    supplies = people * (norm["papers"] + norm["tea"] * occasion.half_days)
    papers = (supplies * (100 - norm["supplies_at_site"]) + 50) // 100
    if road < norm["min_km"] or not people:
        return people, road, 0, 0, 0, 0, 0, papers, 0, 0
    far = by_air or road >= norm["night_from_km"]
    # near sites go home each evening; only one return trip is counted, so that the estimate errs to the low side
    nights = occasion.days - 1 + (by_air or occasion.morning) if far else 0
    days = max(occasion.days, nights + 1)
    if by_air:
        travel = people * 2 * (norm[fare(km)] + norm["airport_transfer"])
        hours = 2 * norm["air_hours"]
    else:
        cars = -(-people // norm["people_per_car"])
        travel = (cars * 2 * road * norm["litres_per_100km"] * norm["petrol"] + 50) // 100
        hours = -(-2 * road // norm["road_kmh"])
    share = 100 if nights else norm["day_trip_share"]
    per_diem = (people * days * norm[occasion.per_diem_key] * share + 50) // 100
    lodging = people * nights * norm[occasion.lodging_key]
    return people, road, nights, days, travel, per_diem, lodging, papers, hours, people * hours * norm["hour_of_pay"]
