"""What one other assumption makes of an estimate, before anything is saved. Values in, differences out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from meetings.savings.estimate import CATEGORIES, Estimate
from meetings.savings.trips import Triple, total

KG: Final = 1_000_000
"""Milligrams."""
UNCHANGED: Final = "unchanged"


@dataclass(frozen=True)
class Difference:
    """One amount before and after the trial, low, mid and high each."""

    key: str
    before: Triple
    after: Triple

    @property
    def more(self) -> Triple:
        return self.after.plus(-self.before)


def money(before: Mapping[str, Sequence[int]], after: Estimate) -> tuple[Difference, ...]:
    """The categories that the trial changes, of a stored estimate's sums, in the order of the sum; then in one line, as
    :data:`UNCHANGED`, all that it leaves, so that the lines add up to the saving above them. Nothing where nothing changes."""
    found = [Difference(key, Triple(*before.get(key, ())), after.sums[key]) for key in CATEGORIES]
    changed = [one for one in found if one.before != one.after]
    rest = total(one.before for one in found if one.before == one.after)
    return (*changed, Difference(UNCHANGED, rest, rest)) if changed and any(rest) else tuple(changed)


def beside(time: Triple, co2: Triple, after: Estimate) -> tuple[Difference, ...]:
    """The same of what is never added to the money: working time on the road in đồng, CO₂ in whole kilograms."""
    kilograms = (Triple(*(part // KG for part in amounts)) for amounts in (co2, after.co2))
    found = (Difference("time", time, after.time_value), Difference("co2", *kilograms))
    return tuple(one for one in found if one.before != one.after)
