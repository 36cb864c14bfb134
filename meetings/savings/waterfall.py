"""The picture of an estimate: from meeting in one place, item by item, down to what was saved. Numbers in, bars out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from meetings.i18n import lazy_gettext as _l
from meetings.savings.estimate import Estimate, Occasion, Trip, estimate
from meetings.savings.rules import NormValue

CATEGORY_WORDS: Final = {
    "travel": _l("Travel"),
    "per_diem": _l("Per diem"),
    "lodging": _l("Lodging"),
    "hall": _l("Hall"),
    "papers": _l("Papers and refreshments"),
    "online": _l("Cost of meeting online"),
}
WIDTH: Final = 1000
_ITEMS: Final = ("travel", "per_diem", "lodging", "hall", "papers")


class Sums(Protocol):
    """What a stored estimate offers."""

    sums: Any
    low: int
    mid: int
    high: int


@dataclass(frozen=True)
class Bar:
    """One bar: its category, where it begins and how long it is (of :data:`WIDTH`), and the amounts it stands for."""

    key: str
    left: int
    width: int
    low: int
    mid: int
    high: int


@dataclass(frozen=True)
class Chart:
    """The bars from *in person* (the whole) through the items to *saved*."""

    whole: int
    least: int
    most: int
    bars: tuple[Bar, ...]
    saved: Bar


def chart(found: Sums) -> Chart:
    """The bars of a stored estimate."""
    sums: Mapping[str, list[int]] = found.sums
    least, whole, most = (sum(sums[key][case] for key in _ITEMS) for case in range(3))
    scale = max(whole, -sums["online"][1], abs(found.mid), 1)
    bars, at = [], 0
    for key in _ITEMS:
        low, mid, high = sums[key]
        width = mid * WIDTH // scale
        bars.append(Bar(key, at, width, low, mid, high))
        at += width
    low, mid, high = sums["online"]
    width = -mid * WIDTH // scale
    bars.append(Bar("online", max(0, at - width), width, low, mid, high))
    saved = Bar("saved", 0, max(0, found.mid) * WIDTH // scale, found.low, found.mid, found.high)
    return Chart(whole, least, most, tuple(bars), saved)


EXAMPLE: Final = Trip(1, "", 20, 700)
EXAMPLE_OCCASION: Final = Occasion(half_days=1, days=1, morning=True, in_city=True)


def example(norms: Mapping[str, NormValue]) -> Estimate:
    """One made-up site for the page that explains the method: 20 people, 700 km as the crow flies, one morning."""
    return estimate(norms, [EXAMPLE], EXAMPLE_OCCASION)
