"""What moves an estimate most: each assumption alone at its low and at its high value. Values in, bars out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from meetings.savings.estimate import estimate
from meetings.savings.trips import Occasion, Trip
from meetings.savings.values import Values

WIDTH: Final = 1000
SHOWN: Final = 10


@dataclass(frozen=True)
class Swing:
    """The saving in đồng with *key* at its low and at its high value, and the bar between them (of :data:`WIDTH`)."""

    key: str
    low: int
    high: int
    left: int = 0
    width: int = 0


def swings(values: Values, trips: Sequence[Trip], occasion: Occasion) -> tuple[Swing, ...]:
    """The assumptions with a range that move the saving, the strongest first, :data:`SHOWN` at most."""
    found = []
    for key, value in values.national.items():
        if value.low is None or value.high is None or value.low == value.high:
            continue
        low, high = (
            estimate(values.changed({key: [end] * 3}), trips, occasion).saving.mid for end in (value.low, value.high)
        )
        if low != high:
            found.append(Swing(key, low, high))
    found.sort(key=lambda swing: (-abs(swing.high - swing.low), swing.key))
    return _drawn(found[:SHOWN])


def _drawn(found: Sequence[Swing]) -> tuple[Swing, ...]:
    """The same with their bars, on one scale from the least to the most of all."""
    if not found:
        return ()
    least = min(min(swing.low, swing.high) for swing in found)
    span = max(max(swing.low, swing.high) for swing in found) - least
    return tuple(
        Swing(
            swing.key,
            swing.low,
            swing.high,
            (min(swing.low, swing.high) - least) * WIDTH // span,
            max(3, abs(swing.high - swing.low) * WIDTH // span),
        )
        for swing in found
    )
