"""What every video platform can be asked, in words of our own.

:meth:`Platform.ensure_room` may go over the network and is called by the worker alone, with no transaction open.
:meth:`Platform.join_url` is reckoned: it is called while somebody waits for a page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True)
class Capabilities:
    """What a platform needs before somebody can join. *prepares*: a room has to be made; *ahead*: it keeps one from the
    day of the invitations on, while others forget a room that nobody enters. *watched*: it can be asked who is in a room."""

    prepares: bool = False
    ahead: bool = False
    per_site_link: bool = False
    watched: bool = False


@dataclass(frozen=True)
class Occasion:
    """A meeting as far as a platform has to know it. *key* is its room's name, lower-case ASCII; *link*: what was pasted."""

    key: str
    title: str
    link: str = ""


@dataclass(frozen=True)
class Seat:
    """Who joins. *id* comes back in the platform's lists of who was there, the name alone would not tell two sites apart."""

    id: str
    name: str
    leads: bool = False


@dataclass(frozen=True)
class Present:
    """Somebody who is in a room now. *id* is that of the seat, "" for who came in by another way."""

    id: str
    name: str


@dataclass(frozen=True)
class Room:
    """A room that stands ready, and what the platform wants to hear of it at each entry."""

    external_id: str
    details: Mapping[str, str] = field(default_factory=dict)


class Why(StrEnum):
    """Why there is no room; its words stand with whoever shows them."""

    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"
    TOO_SLOW = "too_slow"
    BUSY = "busy"
    KEY_REFUSED = "key_refused"
    ODD_ANSWER = "odd_answer"
    ENDED = "ended"
    REFUSED = "refused"


@dataclass(frozen=True)
class Failed:
    """No room. *said*: the platform's own word for it; *retry_after*: the seconds it asked to be left alone, 0 for none."""

    why: Why
    said: str = ""
    retry_after: int = 0


class Platform(Protocol):
    """A video platform, or the operator who pastes a link."""

    name: str
    capabilities: Capabilities

    def ensure_room(self, occasion: Occasion, known: Room | None) -> Room | Failed:
        """The room of *occasion*, made where there is none; *known* is what was found last. Never raises for what the
        other side does, and asked twice it makes one room."""
        ...

    def join_url(self, occasion: Occasion, room: Room | None, seat: Seat, *, now: datetime, until: datetime) -> str:
        """Where *seat* enters, good from *now* to *until* where the platform can say so; "" where nothing was named."""
        ...


class Watched(Protocol):
    """A platform that can be asked who is in a room."""

    def inside(self, external_id: str) -> tuple[Present, ...] | Failed:
        """Who is in the room now; nobody, where there is no such room. Goes over the network, as ``ensure_room`` does."""
        ...
