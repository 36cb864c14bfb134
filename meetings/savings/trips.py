"""Who would have travelled, from where, to what: the values that go into the estimate and the steps that come out of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from meetings.savings.ranks import Ranks

CASES: Final = ("low", "mid", "high")
ITEMS: Final = ("travel", "per_diem", "lodging", "tea", "papers", "meals")
"""What a site adds, item by item."""


class Triple(NamedTuple):
    """Low, mid and high of one amount, whole đồng (or kilometres, nights, people, milligrams)."""

    low: int = 0
    mid: int = 0
    high: int = 0

    def plus(self, other: Triple) -> Triple:
        return Triple(self.low + other.low, self.mid + other.mid, self.high + other.high)

    def times(self, factor: int) -> Triple:
        return Triple(self.low * factor, self.mid * factor, self.high * factor)

    def __neg__(self) -> Triple:
        return self.times(-1)


def total(triples: Iterable[Triple]) -> Triple:
    """The sum of *triples*, column by column."""
    low = mid = high = 0
    for triple in triples:
        low, mid, high = low + triple[0], mid + triple[1], high + triple[2]
    return Triple(low, mid, high)


class Mode(StrEnum):
    """How a site would have travelled: the same in low, mid and high."""

    NONE = "none"
    CAR = "car"
    COACH = "coach"
    AIR = "air"


class Source(StrEnum):
    """Where the distance of a line comes from."""

    GREAT_CIRCLE = "great_circle"
    TABLE = "table"
    MAP = "map"
    LOCAL = "local"


class Trip(NamedTuple):
    """A site that was present, on its way to the assumed venue.

    *people* counted there (None: nobody counted) · great circle in whole *km* (None: coordinates are missing) · whether it is a
    commune's · code of the *province* whose norms pay · *ranks* by its roster (None: no roster, the norm ``leaders`` is assumed)
    · *road* kilometres where they are known (typed in or of a map service); 0 both ways for the host's own town.
    """

    site_id: int
    name: str
    people: int | None
    km: int | None
    commune: bool = False
    province: str = ""
    ranks: Ranks | None = None
    road: int | None = None
    source: Source = Source.GREAT_CIRCLE


@dataclass(frozen=True)
class Occasion:
    """The meeting as it was planned and its assumed venue: *days*, half days, begin and end in minutes of the day, minutes
    *online* in all, what kind of place the venue is, and the code of the province whose norms the organiser pays by."""

    half_days: int = 1
    days: int = 1
    begins: int = 8 * 60
    ends: int = 11 * 60 + 30
    in_city: bool = True
    on_island: bool = False
    by_commune: bool = False
    province: str = ""
    minutes: int = 210

    @property
    def per_diem_key(self) -> str:
        return "per_diem_island" if self.on_island else "per_diem"

    @property
    def meals_key(self) -> str:
        return "meals_commune" if self.by_commune else "meals_city" if self.in_city else "meals_province"

    def lodging_key(self, rank: str) -> str:
        return "lodging_a" if rank == "a" else f"lodging_{rank}_{'city' if self.in_city else 'province'}"


class Steps(NamedTuple):
    """What a site's sum is made of, each step low, mid and high: its travellers by rank, the way there, the amounts, and beside
    them the hours of each traveller on the road there and back, their value, and CO₂ in milligrams."""

    a: Triple = Triple()
    b: Triple = Triple()
    c: Triple = Triple()
    km: Triple = Triple()
    nights: Triple = Triple()
    days: Triple = Triple()
    travel: Triple = Triple()
    per_diem: Triple = Triple()
    lodging: Triple = Triple()
    tea: Triple = Triple()
    papers: Triple = Triple()
    meals: Triple = Triple()
    hours: Triple = Triple()
    time_value: Triple = Triple()
    co2: Triple = Triple()

    @property
    def travelling(self) -> Triple:
        return self.a.plus(self.b).plus(self.c)

    @property
    def total(self) -> Triple:
        return total(getattr(self, item) for item in ITEMS)
