"""Sharing the sites of a rehearsal out over its hours: who is rung when, and by which of the technicians.

Pure: instants are aware (UTC). A *lane* is one technician's afternoon; no two sites have the same minutes in one lane.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from meetings.errors import Refused
from meetings.i18n import gettext as _

MINUTES: Final = (5, 120)  # the shortest and the longest slot
MOST_LANES: Final = 400
USUAL_MINUTES: Final = 10
SHORT_MINUTES: Final = 5  # where ten minutes a site would take more technicians than an office has
MANY_LANES: Final = 10


@dataclass(frozen=True)
class Grid:
    """The hours of a rehearsal, cut into slots of *minutes*, *lanes* beside each other."""

    begins_at: datetime
    ends_at: datetime
    minutes: int
    lanes: int

    def starts(self) -> list[datetime]:
        """When its slots begin; what does not hold a whole slot is left out."""
        step = timedelta(minutes=self.minutes)
        count = int((self.ends_at - self.begins_at) / step)
        return [self.begins_at + step * n for n in range(count)]

    @property
    def places(self) -> int:
        return len(self.starts()) * self.lanes


@dataclass(frozen=True, order=True)
class Slot:
    """Some minutes in one lane."""

    starts_at: datetime
    lane: int
    ends_at: datetime

    def meets(self, other: Slot) -> bool:
        """Whether one technician would have to ring two sites at once."""
        return self.lane == other.lane and self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True)
class Place:
    """A site that wants a slot: where it stands in the order of the meeting, and in which province."""

    id: int
    province: int | None


def usual(count: int, begins_at: datetime, ends_at: datetime) -> Grid:
    """The grid that a person is offered for *count* sites: ten minutes each, five where that takes too many at once."""
    for minutes in (USUAL_MINUTES, SHORT_MINUTES):
        grid = Grid(begins_at, ends_at, minutes, 1)
        lanes = lanes_for(count, grid)
        if lanes <= MANY_LANES:
            break
    return Grid(begins_at, ends_at, minutes, lanes)


def lanes_for(count: int, grid: Grid) -> int:
    """How many must ring at the same time so that *count* sites fit into the hours of *grid*."""
    starts = len(grid.starts())
    return max(1, -(-count // starts)) if starts else 0


def check(grid: Grid) -> None:
    """Refuse hours in which nobody can be rung."""
    low, high = MINUTES
    if not low <= grid.minutes <= high:
        raise Refused(_("Enter a number from %(low)s to %(high)s.", low=low, high=high), field="minutes", status=422)
    if not 1 <= grid.lanes <= MOST_LANES:
        raise Refused(_("Enter a number from %(low)s to %(high)s.", low=1, high=MOST_LANES), field="lanes", status=422)
    if not grid.starts():
        raise Refused(_("The end must come after the beginning, by one slot at least."), field="ends", status=422)


def free(grid: Grid, taken: Iterable[Slot]) -> list[Slot]:
    """The slots of *grid* that meet none of the *taken* ones, the earliest first."""
    held: dict[int, list[Slot]] = {}
    for slot in taken:
        held.setdefault(slot.lane, []).append(slot)
    length = timedelta(minutes=grid.minutes)
    open_: list[Slot] = []
    for start in grid.starts():
        for lane in range(1, grid.lanes + 1):
            slot = Slot(start, lane, start + length)
            if not any(slot.meets(other) for other in held.get(lane, ())):
                open_.append(slot)
    return open_


def in_turn(places: Sequence[Place]) -> list[Place]:
    """*places* as they are rung: in their order where each stands for itself, and those of a province spread over all hours.

    A province's technician then rings her communes one after the other, and not all of them at two o'clock.
    """
    own: dict[object, list[int]] = {}
    for index, place in enumerate(places):
        own.setdefault(place.province if place.province is not None else ("alone", place.id), []).append(index)
    turn = {index: ((nth + 0.5) / len(indexes), index) for indexes in own.values() for nth, index in enumerate(indexes)}
    return [places[index] for index in sorted(range(len(places)), key=turn.__getitem__)]


def share_out(grid: Grid, places: Sequence[Place], taken: Iterable[Slot] = ()) -> dict[int, Slot]:
    """A slot for each of *places* by its id, beside those that are *taken*; refused where they do not all fit."""
    check(grid)
    open_ = free(grid, taken)
    if len(open_) < len(places):
        raise Refused(
            _(
                "%(count)s sites do not fit into these hours: %(places)s slots are free. "
                "Let more technicians ring at the same time, or give each site fewer minutes.",
                count=len(places),
                places=len(open_),
            ),
            field="lanes",
            status=422,
        )
    return {place.id: slot for place, slot in zip(in_turn(places), open_, strict=False)}


def technician(names: Sequence[str], lane: int) -> str:
    """Who rings in *lane*: the names in turn, and nobody by name where none was given."""
    return names[(lane - 1) % len(names)] if names else ""
