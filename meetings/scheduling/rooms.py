"""The video rooms of meetings: on which platform, how far they are, and where somebody enters.

Where a platform has to be asked for a room, the worker asks: it finds what is :func:`due`, goes with no transaction open and
keeps the answer. Nothing here goes over the network while somebody waits for a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from meetings import adapters, journal
from meetings.accounts.rules import SYSTEM, Actor
from meetings.adapters.platforms import Failed, Occasion, Platform, Room, Seat, Why
from meetings.clock import now
from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.official import numbers
from meetings.scheduling import room_rules
from meetings.scheduling.models import Meeting, MeetingSite, PlatformRoom
from meetings.scheduling.room_rules import (
    AGAIN,
    AHEAD,
    FORGOTTEN,
    MANUAL,
    NOT_CONFIGURED,
    OPENS,
    Door,
    Opening,
    RoomStatus,
)
from meetings.scheduling.room_words import PLATFORM_WORDS
from meetings.scheduling.rules import Status

_SHUT: Final = frozenset({Why.ENDED, Why.KEY_REFUSED})
"""Failures after which a room that was made is no way in any more; through all others it is kept, for people may be inside."""


class State(StrEnum):
    """Whether somebody who may enter now gets in."""

    OPEN = "open"
    WAITING = "waiting"  # the worker prepares the room
    FAILED = "failed"
    UNNAMED = "unnamed"  # nobody has pasted a link yet


@dataclass(frozen=True)
class Way:
    """The way into a room: *url* where it is open, a word for the *fault* where it failed."""

    state: State
    url: str = ""
    fault: str = ""


def platform_of(meeting: Meeting) -> Platform | None:
    """The platform that *meeting* chose; None where the settings no longer name it."""
    return adapters.platforms().get(meeting.platform)


def room_of(meeting: Meeting) -> PlatformRoom | None:
    """What the worker knows of the room of *meeting*; None before it asked, and where another platform was chosen since."""
    room = db.session.scalars(sa.select(PlatformRoom).where(PlatformRoom.meeting_id == meeting.id)).first()
    return room if room is not None and room.platform == meeting.platform else None


def door(meeting: Meeting, *, at: datetime) -> tuple[Door, Opening | None]:
    """What whoever comes to the room of *meeting* at *at* is told, and the opening that is on or comes next."""
    if meeting.starts_at is None or meeting.ends_at is None:
        return room_rules.door(meeting.status, [], now=at)
    planned = room_rules.openings(meeting.starts_at, meeting.ends_at, meeting.rehearsal_at)
    return room_rules.door(meeting.status, planned, now=at)


def way_in(meeting: Meeting, seat: Seat, *, at: datetime, until: datetime) -> Way:
    """Where *seat* enters the room of *meeting*, by a link that is good *until* then. Whether it may is :func:`door`'s to say."""
    platform = platform_of(meeting)
    if platform is None:
        return Way(State.FAILED, fault=NOT_CONFIGURED)
    known: Room | None = None
    if platform.capabilities.prepares:
        room = room_of(meeting)
        if room is None or room.status is not RoomStatus.READY:
            failed = room is not None and room.status is RoomStatus.FAILED
            return Way(State.FAILED, fault=room.fault) if room is not None and failed else Way(State.WAITING)
        known = Room(room.external_id, room.details)
    url = platform.join_url(_occasion(meeting), known, seat, now=at, until=until)
    return Way(State.OPEN, url) if url else Way(State.UNNAMED)


def seat_of(site: MeetingSite) -> Seat:
    """The seat of a site; that of the host leads. Its id is the row that its presence hangs on."""
    return Seat(seat_id(site.id), site.name, leads=site.site_id == site.meeting.host_site_id)


def seat_id(meeting_site_id: int) -> str:
    """By what a platform calls a site of a meeting when it tells who was there."""
    return f"site-{meeting_site_id}"


def site_of(seat: str) -> int | None:
    """The id of the meeting's site that *seat* was given to; None for any other."""
    return numbers.read(seat.removeprefix("site-")) if seat.startswith("site-") else None


def name_of(meeting: Meeting) -> str:
    """What the room of *meeting* is called on its platform."""
    return room_rules.slug(meeting.code, meeting.uid)


def user_of(seat: str) -> bool:
    """Whether *seat* was given to somebody who signed in, and so to no site."""
    return seat.startswith("user-")


def seat_of_user(who: Actor, *, leads: bool) -> Seat:
    """The seat of somebody who signed in."""
    return Seat(f"user-{who.user_id}", who.name, leads=leads)


def _occasion(meeting: Meeting) -> Occasion:
    return Occasion(name_of(meeting), meeting.title, meeting.platform_link)


# ------------------------------------------------------------------ choosing


def choose(meeting: Meeting, platform: str) -> None:
    """Hold *meeting* on another platform. Every link that was sent leads there from now on, for it leads here first."""
    if platform not in adapters.platforms():
        raise Refused(_("Choose one of the video systems that are offered."), field="platform", status=422)
    room = room_of(meeting)
    if room is not None and platform != meeting.platform:
        room.status, room.next_at, room.attempts, room.fault, room.fault_since = RoomStatus.ENDED, None, 0, "", None
    meeting.platform = platform


# ------------------------------------------------------------------ the errand of the worker


@dataclass(frozen=True)
class Wanted:
    """A room that has to stand ready, and what was known of it last."""

    meeting_id: int
    platform: str
    occasion: Occasion
    known: Room | None


def due(at: datetime, limit: int = 20) -> list[Wanted]:
    """The rooms that want to be made or looked after, the one that was never asked for first."""
    asked = {name: one.capabilities for name, one in adapters.platforms().items() if one.capabilities.prepares}
    if not asked:
        return []
    soon = at + OPENS + AHEAD
    early = [name for name, able in asked.items() if able.ahead]
    query = (
        sa.select(Meeting, PlatformRoom)
        .outerjoin(PlatformRoom, PlatformRoom.meeting_id == Meeting.id)
        .where(
            Meeting.platform.in_(asked),
            Meeting.status.in_((Status.SCHEDULED, Status.IN_SESSION)),
            Meeting.ends_at >= at - FORGOTTEN,
            sa.or_(
                Meeting.starts_at <= soon,
                Meeting.rehearsal_at <= soon,
                Meeting.platform.in_(early),
                Meeting.status == Status.IN_SESSION,
            ),
            sa.or_(
                PlatformRoom.id.is_(None),
                PlatformRoom.platform != Meeting.platform,
                PlatformRoom.next_at.is_(None),
                PlatformRoom.next_at <= at,
            ),
        )
        .order_by(PlatformRoom.next_at.nulls_first(), Meeting.starts_at, Meeting.id)
    )
    found: list[Wanted] = []
    for meeting, room in db.session.execute(query):
        if len(found) < limit and _wanted(meeting, early=meeting.platform in early, at=at):
            stands = room is not None and room.platform == meeting.platform and room.status is RoomStatus.READY
            known = Room(room.external_id, room.details) if stands else None
            found.append(Wanted(meeting.id, meeting.platform, _occasion(meeting), known))
    return found


def _wanted(meeting: Meeting, *, early: bool, at: datetime) -> bool:
    if meeting.starts_at is None or meeting.ends_at is None:
        return False
    planned = room_rules.openings(meeting.starts_at, meeting.ends_at, meeting.rehearsal_at)
    return room_rules.wanted(meeting.status, planned, early=early, now=at)


def keep(wanted: Wanted, answer: Room | Failed, at: datetime) -> None:
    """Keep what the platform answered; not where another one was chosen meanwhile."""
    meeting = db.session.get(Meeting, wanted.meeting_id)
    if meeting is None or meeting.platform != wanted.platform:
        return
    room = db.session.scalars(
        sa.select(PlatformRoom).where(PlatformRoom.meeting_id == meeting.id).with_for_update()
    ).first()
    if room is None:
        room = PlatformRoom(meeting_id=meeting.id, platform=wanted.platform, attempts=0, fault="", details={})
        room.meeting = meeting
        db.session.add(room)
    if room.platform != wanted.platform:
        room.platform, room.status, room.external_id, room.details = wanted.platform, RoomStatus.WANTED, "", {}
    if isinstance(answer, Failed):
        _failed(room, answer, at)
    else:
        _stands(room, answer, at)
    db.session.flush()


def _failed(room: PlatformRoom, answer: Failed, at: datetime) -> None:
    room.attempts += 1
    room.next_at = at + room_rules.retry_after(room.attempts, answer.retry_after)
    if room.status is not RoomStatus.READY or answer.why in _SHUT:
        room.status = RoomStatus.FAILED
    if not room.fault:
        room.fault_since = at
        told: dict[str, Any] = {"system": _system(room), "why": answer.why.value, "said": answer.said[:60]}
        journal.record("room.failed", room, actor=SYSTEM, **told)
    room.fault = answer.why.value


def _system(room: PlatformRoom) -> str:
    return str(PLATFORM_WORDS.get(room.platform, room.platform))


def _stands(room: PlatformRoom, answer: Room, at: datetime) -> None:
    details = dict(answer.details)
    anew = room.status is not RoomStatus.READY or (room.external_id, room.details) != (answer.external_id, details)
    if anew or room.fault:
        journal.record("room.prepared", room, actor=SYSTEM, system=_system(room))
    if anew:
        room.external_id, room.details, room.prepared_at = answer.external_id, details, at
    room.status, room.attempts, room.fault, room.fault_since = RoomStatus.READY, 0, "", None
    room.checked_at, room.next_at = at, at + AGAIN


# ------------------------------------------------------------------ what those who arrange and help are shown


@dataclass(frozen=True)
class Shown:
    """The room as its keepers see it. *entered_at*: from when; *ready*, *fault*, *since*: see :class:`PlatformRoom`."""

    platform: str
    prepares: bool
    ready: bool
    checked_at: datetime | None
    fault: str
    since: datetime | None
    entered_at: datetime | None
    asked_at: datetime | None
    open: bool
    named: bool

    @property
    def leads_somewhere(self) -> bool:
        """Whether a press on “enter” would."""
        return self.named and (self.ready or not self.prepares)


def shown(meeting: Meeting) -> Shown:
    """The room of *meeting* now."""
    at, platform = now(), platform_of(meeting)
    stands, opening = door(meeting, at=at)
    room = room_of(meeting) if platform is not None and platform.capabilities.prepares else None
    ready = room is not None and room.status is RoomStatus.READY
    return Shown(
        platform=meeting.platform,
        prepares=platform is not None and platform.capabilities.prepares,
        ready=ready,
        checked_at=room.checked_at if room is not None else None,
        fault=NOT_CONFIGURED if platform is None else room.fault if room is not None else "",
        since=room.fault_since if room is not None else None,
        entered_at=opening.opens_at if opening is not None else None,
        asked_at=opening.opens_at - AHEAD if opening is not None else None,
        open=stands is Door.OPEN,
        named=bool(meeting.platform_link) if meeting.platform == MANUAL else platform is not None,
    )


def choices() -> Sequence[str]:
    """The platforms that a meeting may choose."""
    return list(adapters.platforms())
