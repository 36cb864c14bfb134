"""When the video room of a meeting may be entered, and when it has to stand ready. Pure; *now* is handed over."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from meetings.scheduling.rules import Status


class RoomStatus(StrEnum):
    """How far the room of a meeting is on a platform that has to be asked for one."""

    WANTED = "wanted"
    READY = "ready"
    FAILED = "failed"
    ENDED = "ended"


class Door(StrEnum):
    """What whoever comes to the door of the room is told."""

    EARLY = "early"
    OPEN = "open"
    OVER = "over"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


MANUAL: Final = "manual"
"""The platform that needs none: somebody pastes a link."""

NOT_CONFIGURED: Final = "not_configured"
"""The word for a platform that a meeting chose and that the settings name no more."""

OPENS: Final = timedelta(minutes=60)
"""“On the day from 60 minutes before” (definitions, Deadlines); a rehearsal likewise."""

TAIL: Final = timedelta(minutes=60)
"""Meetings last longer than planned, and whoever drops out of the last minutes must get back in."""

REHEARSED: Final = timedelta(hours=2)
"""How long after its hour a rehearsal can be joined: it has an hour at which it begins and none at which it ends."""

FORGOTTEN: Final = timedelta(hours=12)
"""A meeting in session is open until somebody closes it, but not for ever: a roll that nobody closed is no open door."""

AHEAD: Final = timedelta(minutes=60)
"""How long before it can be entered a room is asked for: time to ring somebody when the platform does not answer."""

AGAIN: Final = timedelta(minutes=1)
"""How often it is seen to that the room is still there: a BigBlueButton that was empty for a while forgets it."""


@dataclass(frozen=True)
class Opening:
    """A time in which the room can be entered."""

    opens_at: datetime
    closes_at: datetime


def openings(starts_at: datetime, ends_at: datetime, rehearsal_at: datetime | None) -> list[Opening]:
    """The rehearsal's, then the meeting's."""
    found = [Opening(starts_at - OPENS, ends_at + TAIL)]
    if rehearsal_at is not None:
        found.insert(0, Opening(rehearsal_at - OPENS, rehearsal_at + REHEARSED))
    return found


def door(status: Status, planned: Sequence[Opening], *, now: datetime) -> tuple[Door, Opening | None]:
    """What is told at *now*, and the opening that is on, or the one that comes next."""
    if status is Status.CANCELLED:
        return Door.CANCELLED, None
    if status is Status.POSTPONED:
        return Door.POSTPONED, None
    if status is Status.CLOSED or not planned:
        return Door.OVER, None
    last = planned[-1]
    for one in planned:
        if one.opens_at <= now <= one.closes_at:
            return Door.OPEN, one
    if status is Status.IN_SESSION and now <= last.closes_at - TAIL + FORGOTTEN:  # begun early, or not closed yet
        return Door.OPEN, Opening(min(last.opens_at, now), max(last.closes_at, min(now + TAIL, _end(last) + FORGOTTEN)))
    ahead = [one for one in planned if now < one.opens_at]
    return (Door.EARLY, ahead[0]) if ahead else (Door.OVER, None)


def _end(opening: Opening) -> datetime:
    return opening.closes_at - TAIL


def wanted(status: Status, planned: Sequence[Opening], *, early: bool, now: datetime) -> bool:
    """Whether the room has to stand ready at *now*; *early*: as soon as the meeting was sent."""
    stands, opening = door(status, planned, now=now)
    if stands is Door.OPEN:
        return True
    return stands is Door.EARLY and opening is not None and (early or opening.opens_at - AHEAD <= now)


def retry_after(attempts: int, asked: int) -> timedelta:
    """How long to wait after the *attempts*-th failure, where the platform *asked* for so many seconds or for none (0)."""
    return timedelta(seconds=min(max(asked, min(10 * 2 ** max(attempts - 1, 0), 60)), 600))


def slug(code: str, uid: str) -> str:
    """The name of the meeting's room on any platform: lower-case ASCII, since Jitsi compares the name in a token with the
    lower-case one in the address. A few digits of *uid* tell two installations on one platform apart."""
    word = re.sub(r"[^a-z0-9]+", "-", code.lower()).strip("-")
    return f"{word}-{hashlib.sha256(uid.encode()).hexdigest()[:8]}"
