"""The savings of a year or a quarter: sums of stored estimates, whole and by quarter, unit and type. Values in, lines out.

Sums of low, mid and high are added column by column: a low year is one in which every meeting came out low.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from meetings.clock import wall
from meetings.official.text import fold, search_key
from meetings.savings.estimate import FORMULA
from meetings.savings.trips import Triple, total
from meetings.savings.waterfall import IN_PERSON

WIDTH: Final = 1000
TOP: Final = 20
QUARTERS: Final = (1, 2, 3, 4)
ROMAN: Final = {1: "I", 2: "II", 3: "III", 4: "IV"}
MILLIGRAMS: Final = 1_000_000
"""In a kilogram."""


@dataclass(frozen=True)
class Held:
    """The newest estimate of one meeting, without the norms and the lines that it keeps. *time* is whole đồng by rank, *co2*
    milligrams; an estimate of an older formula has neither hours nor CO₂."""

    code: str
    title: str
    type: str
    starts_at: datetime
    unit_id: int
    unit: str
    formula: int
    changes: Mapping[str, Any]
    sums: Mapping[str, Sequence[int]]
    saving: Triple
    time: Mapping[str, Any]
    time_value: Triple
    co2: Triple
    off: Mapping[str, int]
    sites: int
    counted: int
    people: int
    travelling: int

    @property
    def quarter(self) -> int:
        return (wall(self.starts_at).month - 1) // 3 + 1


@dataclass(frozen=True)
class Bar:
    """Where a bar stands, of :data:`WIDTH`: from the line of nought to the middle value, with its range *low* to *high*."""

    nought: int = 0
    left: int = 0
    width: int = 0
    low: int = 0
    high: int = 0


@dataclass(frozen=True)
class Group:
    """What the meetings of one quarter, unit or type saved. *key* is what they have in common, *name* its name."""

    key: Any
    name: Any
    meetings: int
    sites: int
    counted: int
    saving: Triple
    bar: Bar = field(default_factory=Bar)


@dataclass(frozen=True)
class Sum:
    """Everything of a period in one. *hours*, *co2* (milligrams): of the estimates that counted them; *older*: how many did not,
    being of an earlier formula; *adjusted*: how many assume something of their own; *off*: norms without a value, and how many
    times a site needed them."""

    meetings: int
    sites: int
    counted: int
    people: int
    travelling: int
    saving: Triple
    sums: Mapping[str, Triple]
    time_value: Triple
    hours: Triple
    co2: Triple
    off: Mapping[str, int]
    older: int
    adjusted: int

    @property
    def kilograms(self) -> Triple:
        """Of CO₂."""
        return Triple(*(amount // MILLIGRAMS for amount in self.co2))


def summed(held: Sequence[Held]) -> Sum:
    """All of *held* in one."""
    sums: dict[str, Triple] = {}
    off: dict[str, int] = {}
    for one in held:
        for key, three in one.sums.items():
            sums[key] = sums.get(key, Triple()).plus(Triple(*three))
        for key, sites in one.off.items():
            off[key] = off.get(key, 0) + sites
    return Sum(
        meetings=len(held),
        sites=sum(one.sites for one in held),
        counted=sum(one.counted for one in held),
        people=sum(one.people for one in held),
        travelling=sum(one.travelling for one in held),
        saving=total(one.saving for one in held),
        sums=sums,
        time_value=total(one.time_value for one in held),
        hours=total(Triple(*rank["hours"]) for one in held for rank in one.time.values()),
        co2=total(one.co2 for one in held),
        off=off,
        older=sum(one.formula != FORMULA for one in held),
        adjusted=sum(bool(one.changes) for one in held),
    )


def by_quarter(held: Sequence[Held]) -> tuple[Group, ...]:
    """The four quarters of the year that *held* are of, those without a meeting too."""
    found = {group.key: group for group in _groups(held, lambda one: one.quarter, lambda one: "")}
    return drawn([found.get(quarter, Group(quarter, "", 0, 0, 0, Triple())) for quarter in QUARTERS])


def by_unit(held: Sequence[Held]) -> tuple[Group, ...]:
    """The units that organised, the largest saving first."""
    return _largest_first(_groups(held, lambda one: one.unit_id, lambda one: one.unit))


def by_type(held: Sequence[Held]) -> tuple[Group, ...]:
    """The types of meeting, the largest saving first; *key* is the type."""
    return _largest_first(_groups(held, lambda one: one.type, lambda one: one.type))


def found(groups: Sequence[Group], words: str) -> tuple[Group, ...]:
    """Those whose name holds every word of *words*, whatever the case and the diacritics."""
    wanted = fold(words).split()
    return tuple(group for group in groups if all(word in search_key(str(group.name)) for word in wanted))


def the_rest(groups: Sequence[Group]) -> Group | None:
    """What is not among the first :data:`TOP` in one line, so that the lines shown add up to the whole."""
    rest = groups[TOP:]
    if not rest:
        return None
    return Group(
        None,
        "",
        sum(group.meetings for group in rest),
        sum(group.sites for group in rest),
        sum(group.counted for group in rest),
        total(group.saving for group in rest),
    )


@dataclass(frozen=True)
class Step:
    """One bar of the way from meeting in one place to what was saved; *amount* of what meeting online cost is negative."""

    key: str
    amount: Triple
    bar: Bar


def fall(sums: Mapping[str, Triple]) -> tuple[Step, ...]:
    """Meeting in one place as a whole, then item after item up to its end, what meeting online cost taken back from there, and
    what is left. An item that comes to nothing has no bar; the range of each is drawn where its bar ends."""
    kept = [(key, sums[key]) for key in IN_PERSON if any(sums.get(key, ()))]
    whole = total(three for _key, three in kept)
    online = total(three for key, three in sums.items() if key not in IN_PERSON)
    placed, at = [("whole", 0, whole)], 0
    for key, three in kept:
        placed.append((key, at, three))
        at += three.mid
    placed += [("online", at, online), ("saved", 0, whole.plus(online))]
    scale = _Scale(begin + amount for _key, begin, three in placed for amount in (0, *three))
    return tuple(Step(key, three, scale.bar(three, begin)) for key, begin, three in placed)


def drawn(groups: Sequence[Group]) -> tuple[Group, ...]:
    """The same with their bars, all on one scale that holds nought; a saving below it reaches to the left."""
    scale = _Scale(amount for group in groups for amount in group.saving)
    return tuple(replace(group, bar=scale.bar(group.saving)) for group in groups)


class _Scale:
    """đồng to :data:`WIDTH`, from the least to the most of *amounts* and nought."""

    def __init__(self, amounts: Iterable[int]) -> None:
        ends = [0, *amounts]
        self._least = min(ends)
        self._span = max(max(ends) - self._least, 1)

    def at(self, amount: int) -> int:
        return (amount - self._least) * WIDTH // self._span

    def bar(self, amount: Triple, begin: int = 0) -> Bar:
        """The bar of *amount* that starts where *begin* stands."""
        first, last = sorted((self.at(begin), self.at(begin + amount.mid)))
        low, high = sorted((self.at(begin + amount.low), self.at(begin + amount.high)))
        return Bar(self.at(0), first, last - first, low, high)


def _groups(
    held: Iterable[Held], key: Callable[[Held], Hashable], name: Callable[[Held], str]
) -> list[Group]:  # fmt: skip
    kept: dict[Hashable, list[Held]] = {}
    for one in held:
        kept.setdefault(key(one), []).append(one)
    return [
        Group(
            common,
            name(some[0]),
            len(some),
            sum(one.sites for one in some),
            sum(one.counted for one in some),
            total(one.saving for one in some),
        )
        for common, some in kept.items()
    ]


def _largest_first(groups: Sequence[Group]) -> tuple[Group, ...]:
    return drawn(sorted(groups, key=lambda group: (-group.saving.mid, str(group.name))))
