"""What moves an estimate most: each assumption alone at its low and at its high value. Values in, bars out.

An estimate has three columns that are summed apart, each from its own column of the values. So one pass over the sites answers
three questions at once: its columns are filled with three different trials, each the middle values but for one assumption.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from meetings.savings.estimate import estimate
from meetings.savings.rules import SPECS, Branch, NormValue
from meetings.savings.trips import Occasion, Trip
from meetings.savings.values import Values

WIDTH: Final = 1000
SHOWN: Final = 10
_NOT_MONEY: Final = (Branch.TIME, Branch.CO2)
_WHOLE_PASS: Final = ("winding",)
"""The way of travelling is read from the middle column for all three: what decides it takes a pass for itself."""


@dataclass(frozen=True)
class Piece:
    """A stretch of a bar, of :data:`WIDTH`."""

    left: int
    width: int


@dataclass(frozen=True)
class Swing:
    """The saving in đồng with *key* alone at its low and at its high value, and the stretches between them and the centre."""

    key: str
    low: int
    high: int
    down: Piece = Piece(0, 0)
    up: Piece = Piece(0, 0)


@dataclass(frozen=True)
class Tornado:
    """*now*: the saving with every assumption at its middle value, and where its line stands (of :data:`WIDTH`); the strongest
    *swings*; *more*: how many weaker ones are not drawn."""

    now: int
    centre: int
    swings: tuple[Swing, ...]
    more: int


class _Trial(NamedTuple):
    """The middle values, but for one assumption at one of its ends; without a *key* the middle values as they are."""

    key: str = ""
    end: str = "mid"

    def of(self, value: NormValue) -> int | None:
        if value.key != self.key:
            return value.mid
        return value.low if self.end == "low" else value.high


def tornado(values: Values, trips: Sequence[Trip], occasion: Occasion) -> Tornado:
    """The assumptions with a range that move the saving, the strongest first, :data:`SHOWN` at most. A province that has a value
    of its own is tried at the ends of its own range."""
    savings: dict[_Trial, int] = {}
    for three in _passes(values):
        saving = estimate(_filled(values, three), trips, occasion).saving
        savings.update(zip(three, saving, strict=True))
    now = savings[_Trial()]
    found = [Swing(key, savings[_Trial(key, "low")], savings[_Trial(key, "high")]) for key in _ranging(values)]
    found = [swing for swing in found if (swing.low, swing.high) != (now, now)]
    found.sort(key=lambda swing: (-abs(swing.high - swing.low), swing.key))
    return _drawn(now, found[:SHOWN], len(found[SHOWN:]))


def _ranging(values: Values) -> list[str]:
    """The assumptions of money with a range, anywhere in the country."""
    ranging = {value.key for value in values.all() if value.low != value.high}
    return [key for key, spec in SPECS.items() if key in ranging and spec.branch not in _NOT_MONEY]


def _passes(values: Values) -> Iterator[tuple[_Trial, _Trial, _Trial]]:
    """All trials and the centre, three to a pass."""
    trials = [_Trial()]
    for key in _ranging(values):
        both = (_Trial(key, "low"), _Trial(key, "high"))
        if key in _WHOLE_PASS:
            yield from ((trial, trial, trial) for trial in both)
        else:
            trials.extend(both)
    for at in range(0, len(trials), 3):
        one, two, three, *_ = (*trials[at : at + 3], trials[0], trials[0])
        yield one, two, three


def _filled(values: Values, three: tuple[_Trial, _Trial, _Trial]) -> Values:
    """*values* with the three trials in their columns."""

    def table(kept: Mapping[str, NormValue]) -> dict[str, NormValue]:
        low, mid, high = three
        return {
            key: replace(value, low=low.of(value), mid=mid.of(value), high=high.of(value))
            for key, value in kept.items()
        }

    return Values(table(values.national), {code: table(own) for code, own in values.provinces.items()})


def _drawn(now: int, found: Sequence[Swing], more: int) -> Tornado:
    """All bars on one scale, from the least to the most of all."""
    ends = [now, *(swing.low for swing in found), *(swing.high for swing in found)]
    least, span = min(ends), max(max(ends) - min(ends), 1)

    def at(amount: int) -> int:
        return (amount - least) * WIDTH // span

    def piece(amount: int) -> Piece:
        first, last = sorted((at(amount), at(now)))
        return Piece(first, last - first)

    swings = (replace(swing, down=piece(swing.low), up=piece(swing.high)) for swing in found)
    return Tornado(now, at(now), tuple(swings), more)
