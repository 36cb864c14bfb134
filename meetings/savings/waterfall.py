"""The picture of an estimate: from meeting in one place, item by item, down to what was saved. Numbers in, bars out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from meetings.i18n import lazy_gettext as _l
from meetings.savings.estimate import Estimate, estimate
from meetings.savings.trips import Occasion, Trip
from meetings.savings.values import Values

CATEGORY_WORDS: Final = {
    "travel": _l("Travel"),
    "per_diem": _l("Per diem"),
    "lodging": _l("Lodging"),
    "hall": _l("Hall"),
    "tea": _l("Refreshments"),
    "papers": _l("Papers"),
    "meals": _l("Meals"),
    "line": _l("Online: lines"),
    "room": _l("Online: rooms"),
    "equipment": _l("Online: equipment"),
    "technicians": _l("Online: technicians"),
    "platform": _l("Online: platform and centre"),
    "online": _l("Cost of meeting online"),
}
"""The categories of the sums; ``online`` is all the online ones together (and stands alone in estimates of the first formula)."""
WIDTH: Final = 1000
IN_PERSON: Final = ("travel", "per_diem", "lodging", "hall", "tea", "papers", "meals")


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
    width: int
    bars: tuple[Bar, ...]
    saved: Bar


def online(sums: Mapping[str, Sequence[int]]) -> tuple[int, int, int]:
    """What meeting online cost in all, negative: every category that is not of the meeting in one place."""
    low, mid, high = (sum(three[case] for key, three in sums.items() if key not in IN_PERSON) for case in range(3))
    return low, mid, high


def chart(found: Sums) -> Chart:
    """The bars of a stored estimate; an item that comes to nothing has no bar."""
    sums: Mapping[str, list[int]] = found.sums
    kept = [key for key in IN_PERSON if any(sums.get(key, ()))]
    least, whole, most = (sum(sums[key][case] for key in kept) for case in range(3))
    off = online(sums)
    scale = max(whole, -off[1], abs(found.mid), 1)
    bars, at = [], 0
    for key in kept:
        low, mid, high = sums[key]
        width = mid * WIDTH // scale
        bars.append(Bar(key, at, width, low, mid, high))
        at += width
    low, mid, high = off
    width = -mid * WIDTH // scale
    bars.append(Bar("online", max(0, at - width), width, low, mid, high))
    saved = Bar("saved", 0, max(0, found.mid) * WIDTH // scale, found.low, found.mid, found.high)
    return Chart(whole, least, most, at, tuple(bars), saved)


EXAMPLE: Final = Trip(1, "", 20, 700)
EXAMPLE_OCCASION: Final = Occasion()


def example(values: Values) -> Estimate:
    """One made-up site for the page that explains the method: 20 people, 700 km as the crow flies, one morning."""
    return estimate(values, [EXAMPLE], EXAMPLE_OCCASION)
