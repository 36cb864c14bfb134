"""What a norm is: its key, the bounds of its value, and which way it moves the saving. Values in, faults out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.official.verified import Verified


@dataclass(frozen=True)
class NormValue:
    """One norm as it enters the low, the mid and the high estimate, in *unit* (``đ`` is whole đồng)."""

    key: str
    low: int
    mid: int
    high: int
    unit: str
    source: str
    verified: Verified


class Way(Enum):
    """What a larger value does to the saving. It fixes the order in which the three values of a norm must stand."""

    MORE = 1
    LESS = -1
    SAME = 0  # one value for all three: it decides *how* people travel, and a range is of money, not of journeys


@dataclass(frozen=True)
class Spec:
    """A norm's name on the screen, the way it moves the saving, and the values that can be meant."""

    word: Any
    way: Way
    least: int
    most: int


_MONEY: Final = 50_000_000

SPECS: Final[dict[str, Spec]] = {
    "delegation": Spec(_l("People a province or ministry would send"), Way.MORE, 0, 1000),
    "delegation_commune": Spec(_l("People a commune would send"), Way.MORE, 0, 1000),
    "per_diem": Spec(_l("Per diem"), Way.MORE, 0, _MONEY),
    "per_diem_island": Spec(_l("Per diem on an island"), Way.MORE, 0, _MONEY),
    "day_trip_share": Spec(_l("Part of the per diem paid for a day trip"), Way.MORE, 0, 100),
    "lodging_city": Spec(_l("Lodging in a centrally-run city"), Way.MORE, 0, _MONEY),
    "lodging_province": Spec(_l("Lodging in a province"), Way.MORE, 0, _MONEY),
    "litres_per_100km": Spec(_l("Petrol norm"), Way.MORE, 0, 100),
    "petrol": Spec(_l("Price of petrol"), Way.MORE, 0, 1_000_000),
    "people_per_car": Spec(_l("People in a car"), Way.LESS, 1, 50),
    "air_0": Spec(_l("Air ticket up to 500 km"), Way.MORE, 0, _MONEY),
    "air_500": Spec(_l("Air ticket up to 850 km"), Way.MORE, 0, _MONEY),
    "air_850": Spec(_l("Air ticket up to 1,000 km"), Way.MORE, 0, _MONEY),
    "air_1000": Spec(_l("Air ticket up to 1,280 km"), Way.MORE, 0, _MONEY),
    "air_1280": Spec(_l("Air ticket beyond 1,280 km"), Way.MORE, 0, _MONEY),
    "airport_transfer": Spec(_l("Way to and from an airport"), Way.MORE, 0, _MONEY),
    "tea": Spec(_l("Refreshments"), Way.MORE, 0, _MONEY),
    "papers": Spec(_l("Printed papers"), Way.MORE, 0, _MONEY),
    "supplies_at_site": Spec(_l("Part of papers and refreshments that a site spends all the same"), Way.LESS, 0, 100),
    "hall": Spec(_l("Hire of a hall"), Way.MORE, 0, 5_000_000_000),
    "online_site": Spec(_l("Online: a site"), Way.LESS, 0, 1_000_000_000),
    "online_host": Spec(_l("Online: the centre"), Way.LESS, 0, 5_000_000_000),
    "winding": Spec(_l("Winding of roads"), Way.MORE, 100, 300),
    "min_km": Spec(_l("No travel below"), Way.LESS, 0, 1000),
    "air_from_km": Spec(_l("By air from"), Way.SAME, 0, 5000),
    "night_from_km": Spec(_l("A night away from"), Way.LESS, 0, 5000),
    "road_kmh": Spec(_l("Speed on the road"), Way.LESS, 10, 150),
    "air_hours": Spec(_l("Hours of a flight, door to door"), Way.MORE, 1, 48),
    "hour_of_pay": Spec(_l("An hour of pay"), Way.MORE, 0, 10_000_000),
}
"""Every norm and assumption of the estimate. The bounds keep the largest conference within whole 64-bit đồng."""

KEYS: Final = tuple(SPECS)
KEY_WORDS: Final = {key: spec.word for key, spec in SPECS.items()}


def fault(key: str, low: int, mid: int, high: int) -> tuple[str, str] | None:
    """What is wrong with three values of the norm *key*: the field (``low``, ``mid`` or ``high``) and a sentence."""
    spec = SPECS[key]
    for field, value in (("low", low), ("mid", mid), ("high", high)):
        if not spec.least <= value <= spec.most:
            return field, _("Enter a whole number from %(least)s to %(most)s.", least=spec.least, most=spec.most)
    if spec.way is Way.SAME:
        if not low == mid == high:
            return "mid", _("This value decides how people travel: it is the same for low, estimate and high.")
        return None
    ordered = (low, mid, high) if spec.way is Way.MORE else (high, mid, low)
    if list(ordered) == sorted(ordered):
        return None
    if spec.way is Way.MORE:
        return "mid", _("The values must not fall from low to high: the more of it, the larger the saving.")
    return "mid", _("The values must not rise from low to high: the more of it, the smaller the saving.")
