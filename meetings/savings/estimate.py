"""What was not spent because nobody travelled: an estimate with a range, in whole đồng, each line with its formula.

    saving = Σ over sites (travel + per diem + lodging + refreshments + papers) + hall − online cost

Only people who would have travelled count: a site with 130 people before one camera would have sent a delegation, not 130. Working
time on the road is reported beside the money and never added to it. Low, mid and high are computed apart, each from its
own column of the norms. Pure: norms and trips in, an estimate out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from meetings.savings.norms import NormValue

CASES: Final = ("low", "mid", "high")
CATEGORIES: Final = ("travel", "per_diem", "lodging", "hall", "papers", "online")
_AIR: Final = ((500, "air_0"), (850, "air_500"), (1000, "air_850"), (1280, "air_1000"))
_ROAD_KMH: Final = 45
_AIR_HOURS: Final = 5  # door to door, one way


@dataclass(frozen=True)
class Triple:
    """Low, mid and high of one amount, whole đồng."""

    low: int = 0
    mid: int = 0
    high: int = 0

    def __add__(self, other: Triple) -> Triple:
        return Triple(self.low + other.low, self.mid + other.mid, self.high + other.high)

    def __neg__(self) -> Triple:
        return Triple(-self.low, -self.mid, -self.high)


@dataclass(frozen=True)
class Trip:
    """A site that was present: *people* counted there (None: nobody counted), great-circle *km* to the host (None:
    coordinates are missing)."""

    site_id: int
    name: str
    people: int | None
    km: float | None


@dataclass(frozen=True)
class Occasion:
    """The meeting as it was held: half days, whether it began in the morning, whether the host city is centrally run."""

    half_days: int
    hours: int
    morning: bool
    in_city: bool


@dataclass(frozen=True)
class Line:
    """One site in the estimate. *left_out*: why it was not counted, "" when it was."""

    site_id: int
    name: str
    people: int
    travelling: Triple
    km: Triple
    by_air: bool
    nights: Triple
    days: Triple
    travel: Triple
    per_diem: Triple
    lodging: Triple
    papers: Triple
    time_value: Triple
    left_out: str = ""

    @property
    def total(self) -> Triple:
        return self.travel + self.per_diem + self.lodging + self.papers


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
    """The estimate of *trips* under *norms*; every sum is the exact sum of its lines."""
    lines = tuple(_line(norms, trip, occasion) for trip in trips)
    counted = [line for line in lines if not line.left_out]
    online = Triple(
        *((_value(norms, "online_host", c) + _value(norms, "online_site", c) * len(lines)) * occasion.half_days for c in CASES)
    )
    hall = Triple(*(_value(norms, "hall", c) * occasion.half_days for c in CASES)) if counted else Triple()
    sums = {
        "travel": _sum(line.travel for line in counted),
        "per_diem": _sum(line.per_diem for line in counted),
        "lodging": _sum(line.lodging for line in counted),
        "hall": hall,
        "papers": _sum(line.papers for line in counted),
        "online": -online if lines else Triple(),
    }
    return Estimate(
        lines=lines,
        sums=sums,
        saving=_sum(sums.values()),
        time_value=_sum(line.time_value for line in counted),
        sites=len(lines),
        counted=len(counted),
        people=sum(line.people for line in lines),
        travelling=sum(line.travelling.mid for line in counted),
    )


def _sum(triples: Iterable[Triple]) -> Triple:
    total = Triple()
    for triple in triples:
        total = total + triple
    return total


def _value(norms: Mapping[str, NormValue], key: str, case: str) -> int:
    return int(getattr(norms[key], case))


def _line(norms: Mapping[str, NormValue], trip: Trip, occasion: Occasion) -> Line:
    nothing = Triple()
    if trip.people is None or trip.km is None:
        return Line(
            trip.site_id, trip.name, trip.people or 0, nothing, nothing, False, nothing, nothing, nothing, nothing, nothing, nothing, nothing,
            NO_COUNT if trip.people is None else NO_PLACE,
        )  # fmt: skip
    # one way of travelling for all three cases: a range is of prices and people, not of car against aeroplane
    by_air = round(trip.km * _value(norms, "winding", "mid") / 100) >= _value(norms, "air_from_km", "mid")
    cases = [_case(norms, trip.people, trip.km, occasion, by_air, case) for case in CASES]
    columns = [Triple(*values) for values in zip(*cases, strict=True)]
    people, km, nights, days, travel, per_diem, lodging, papers, time_value = columns
    return Line(
        trip.site_id, trip.name, trip.people, people, km, by_air, nights, days, travel, per_diem, lodging, papers, time_value
    )


def _case(
    norms: Mapping[str, NormValue], present: int, km: float, occasion: Occasion, by_air: bool, case: str
) -> Sequence[int]:
    """(people, km, nights, days, travel, per diem, lodging, papers, time) of one site in one case."""

    def norm(key: str) -> int:
        return _value(norms, key, case)

    people = min(present, norm("delegation"))
    road = round(km * norm("winding") / 100)
    papers = people * (norm("papers") + norm("tea") * occasion.half_days)
    if road < norm("min_km"):
        return people, road, 0, 0, 0, 0, 0, papers, 0
    meeting_days = -(-occasion.half_days // 2)
    evening_before = by_air or (road >= norm("night_from_km") and occasion.morning)
    nights = meeting_days - 1 + evening_before
    days = meeting_days + (1 if nights >= meeting_days else 0)
    lodging = people * nights * norm("lodging_city" if occasion.in_city else "lodging_province")
    if by_air:
        travel = people * 2 * (norm(_fare(km)) + norm("airport_transfer"))
        hours = 2 * _AIR_HOURS
    else:
        cars = -(-people // norm("people_per_car"))
        travel = cars * 2 * road * norm("litres_per_100km") * norm("petrol") // 100
        hours = -(-2 * road // _ROAD_KMH)
    return people, road, nights, days, travel, people * days * norm("per_diem"), lodging, papers, people * hours * norm("hour_of_pay")


def _fare(km: float) -> str:
    """The class of the air fare: by the length of the flight, which is the great circle."""
    return next((key for limit, key in _AIR if km < limit), "air_1280")
