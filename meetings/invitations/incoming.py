"""Reading what comes into the mailbox: what it is, and what it says. Pure; nothing here raises, whatever the bytes."""

from __future__ import annotations

from meetings.invitations.incoming_matching import same_mailbox, verdict
from meetings.invitations.incoming_types import Asked, CalendarAnswer, Failure, Incoming, Kind, Verdict

__all__ = ["Asked", "CalendarAnswer", "Failure", "Incoming", "Kind", "Verdict", "read", "same_mailbox", "verdict"]


def read(raw: bytes) -> Incoming:
    """What *raw* is."""
    return Incoming(kind=Kind.HUMAN, why="skeleton")
