"""Sums of many sites at once: what alike sites carry stands side by side in whole numbers, weighed by their parties.

Every rate is whole đồng before it is multiplied, so what holds for one site holds for the sum of many. Pure: numbers in and out.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from meetings.savings.ranks import Ranks
from meetings.savings.tables import Band, Case, Reach
from meetings.savings.trips import Mode

JOURNEY: Final = ("travel", "per_diem", "lodging", "nights", "days", "co2")
"""What a journey comes to, item by item."""
_WIDTH: Final = 48
"""Bits of one sum: forty million people on ways of a thousand kilometres need 36."""
_SITES, _FLIGHT, _ROAD, _HOURS = 0, _WIDTH, 2 * _WIDTH, 5 * _WIDTH  # road and hours: low, mid and high
MASK: Final = (1 << _WIDTH) - 1


def packed(reach: Reach) -> int:
    """One site with its kilometres and hours side by side in a single whole number: adding it adds eight sums, and
    multiplying it by people weighs them all."""
    low, mid, high = reach.road
    first, second, third = reach.hours
    return (
        1 | reach.flight_km << _FLIGHT
        | low << _ROAD | mid << _ROAD + _WIDTH | high << _ROAD + 2 * _WIDTH
        | first << _HOURS | second << _HOURS + _WIDTH | third << _HOURS + 2 * _WIDTH
    )  # fmt: skip


class Party(NamedTuple):
    """Who goes from one site in one case: all, of rank a, of rank b, the cars they need, a night for all of them in đồng."""

    people: int
    a: int
    b: int
    cars: int
    night: int


class Load(NamedTuple):
    """What the sites of one band come to in one case: :func:`packed` weighed by the numbers of their parties and added up;
    the nights of all parties in đồng; how many sites send anybody."""

    people: int
    a: int
    b: int
    cars: int
    night: int
    sites: int


def party(norm: Case, ranks: Ranks) -> Party:
    """Who goes of *ranks*, under the norms of one case."""
    people = sum(ranks)
    return Party(people, ranks.a, ranks.b, -(-people // norm.people_per_car), norm.night(ranks))


def _sum(packed: int, field: int) -> int:
    """One of the sums that stand side by side in *packed*."""
    return packed >> field & MASK


def journey(norm: Case, case: int, band: Band, load: Load) -> tuple[int, ...]:
    """What the journeys of *load* come to in one case, in the order of ``JOURNEY``; of a single site, its steps."""
    people, a, b = _sum(load.people, _SITES), _sum(load.a, _SITES), _sum(load.b, _SITES)
    road = _ROAD + case * _WIDTH
    if band.mode is Mode.AIR:
        travel = 2 * norm.flight(band.fare, Ranks(a, b, people - a - b))
        co2 = 2 * norm.co2_air * _sum(load.people, _FLIGHT)
    elif band.mode is Mode.COACH:
        travel = 2 * norm.coach_fare * _sum(load.people, road)
        co2 = 2 * norm.co2_coach * _sum(load.people, road)
    else:
        travel = 2 * norm.car_km * _sum(load.cars, road)
        co2 = 2 * norm.co2_car * _sum(load.cars, road)
    nights, days = band.nights[case], band.days[case]
    diem = people * days * (norm.per_diem if nights else norm.per_diem_day)
    return travel, diem, nights * load.night, load.sites * nights, load.sites * days, co2


def hours_of(case: int, load: Load) -> tuple[int, int, int]:
    """The hours on the road of all people of each rank."""
    everybody, a, b = (_sum(packed, _HOURS + case * _WIDTH) for packed in (load.people, load.a, load.b))
    return a, b, everybody - a - b
