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
    """One bar and the amounts it stands for, whole đồng. On a scale of :data:`WIDTH`: where it begins, how long it is, from where
    to where its range goes, and *edge*: where the next bar takes up."""

    key: str
    left: int
    width: int
    least: int
    most: int
    edge: int
    low: int
    mid: int
    high: int


@dataclass(frozen=True)
class Chart:
    """The bars from *whole* (all meet in one place) through its items and the cost of meeting online to *saved*; *nought* is
    where no đồng stands, away from the left edge only where something falls below it."""

    nought: int
    bars: tuple[Bar, ...]


def online(sums: Mapping[str, Sequence[int]]) -> tuple[int, int, int]:
    """What meeting online cost in all, negative: every category that is not of the meeting in one place."""
    low, mid, high = (sum(three[case] for key, three in sums.items() if key not in IN_PERSON) for case in range(3))
    return low, mid, high


def chart(found: Sums) -> Chart:
    """The bars of a stored estimate; an item that comes to nothing in all three cases has no bar.

    The items stand one after the other and end where the whole ends; meeting online goes back from there, and what is left is
    saved. The range of a bar is measured from where the bar begins, so that it tells of this item alone.
    """
    sums: Mapping[str, list[int]] = found.sums
    kept = [key for key in IN_PERSON if any(sums.get(key, ()))]
    least, whole, most = (sum(sums[key][case] for key in kept) for case in range(3))
    steps = [("whole", 0, (least, whole, most))]
    at = 0
    for key in kept:
        low, mid, high = sums[key]
        steps.append((key, at, (low, mid, high)))
        at += mid
    steps += [("online", at, online(sums)), ("saved", 0, (found.low, found.mid, found.high))]
    ends = [start + amount for _key, start, three in steps for amount in (0, *three)]
    floor, top = min(ends), max(*ends, min(ends) + 1)

    def x(amount: int) -> int:
        return (amount - floor) * WIDTH // (top - floor)

    bars = []
    for key, start, (low, mid, high) in steps:
        left, right = sorted((x(start), x(start + mid)))
        bars.append(Bar(key, left, right - left, x(start + low), x(start + high), x(start + mid), low, mid, high))
    return Chart(x(0), tuple(bars))


EXAMPLE: Final = Trip(1, "", 20, 700)
EXAMPLE_OCCASION: Final = Occasion()


def example(values: Values) -> Estimate:
    """One made-up site for the page that explains the method: 20 people, 700 km as the crow flies, one morning."""
    return estimate(values, [EXAMPLE], EXAMPLE_OCCASION)
