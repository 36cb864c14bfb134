"""What a meeting that cascades allows: how deep it goes, and what the officer above may do for her own sites, and when.

A province brings its communes; where three levels are asked, a commune brings what stands below it. Pure: the time is
handed over.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from meetings.i18n import lazy_gettext as _l
from meetings.scheduling.rules import Status

LEVELS: Final = (2, 3)
"""Of how many levels of sites a cascade may be."""

MOST: Final = 5000
"""At most so many sites one site may be asked to bring, whatever is typed."""


class Stage(StrEnum):
    """Where a cascade stands, for the officer who opens her list."""

    OFF = "off"  # never asked, or switched off again
    CALLED_OFF = "called_off"  # the meeting is put off or cancelled
    OPEN = "open"
    LATE = "late"  # the day until which sites could be brought has passed
    RUNNING = "running"
    OVER = "over"


class Deed(StrEnum):
    """What she may do there."""

    SEE = "see"
    BRING = "bring"  # add sites
    CARE = "care"  # remind, answer by telephone, name an officer, take out what she brought


MAY: Final[Mapping[Stage, frozenset[Deed]]] = {
    Stage.OFF: frozenset(),
    Stage.CALLED_OFF: frozenset(),
    Stage.OPEN: frozenset(Deed),
    Stage.LATE: frozenset({Deed.SEE, Deed.CARE}),
    Stage.RUNNING: frozenset({Deed.SEE}),
    Stage.OVER: frozenset({Deed.SEE}),
}
"""One table for the rule that decides, the page that shows its buttons and the test that tries every pair."""

WHY_NOT: Final = {
    Stage.OFF: _l("This meeting does not ask for further sites."),
    Stage.CALLED_OFF: _l("The meeting has been postponed or cancelled, so nothing is done for its sites now."),
    Stage.LATE: _l("The day until which sites could be added has passed. Ring the office."),
    Stage.RUNNING: _l("The meeting has begun, so nothing can be changed here any more. Ring the office."),
    Stage.OVER: _l("The meeting is over. This list can only be read."),
}


def until(bring_by: datetime | None, reply_by: datetime | None, starts_at: datetime | None) -> datetime | None:
    """Until when sites may be brought: as was said, else until the deadline for replies, and never past the start."""
    said = bring_by or reply_by or starts_at
    return min(said, starts_at) if said is not None and starts_at is not None else said


def stage(status: Status, *, asked: bool, starts_at: datetime | None, until: datetime | None, now: datetime) -> Stage:
    """Where the cascade of a meeting stands at *now*."""
    if not asked or status in (Status.DRAFT, Status.AWAITING_APPROVAL):
        return Stage.OFF
    if status in (Status.POSTPONED, Status.CANCELLED):
        return Stage.CALLED_OFF
    if status is Status.CLOSED:
        return Stage.OVER
    if status is Status.IN_SESSION or starts_at is None or now >= starts_at:
        return Stage.RUNNING
    return Stage.OPEN if until is None or now < until else Stage.LATE


def level(path: str, units: Collection[int]) -> int:
    """On which level of a meeting a site stands whose unit has *path*, *units* being those of all its sites: 1 for one
    that no other of them stands above. The nation is above everybody and makes nobody a second level."""
    above = [int(id) for id in path.strip("/").split("/")[1:-1]]
    return 1 + len({id for id in above if id in units})


def deeper(level: int, levels: int) -> int:
    """How many levels below itself a site of *level* may bring."""
    return max(0, levels - level)
