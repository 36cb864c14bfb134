"""Whose answer a calendar's answer is, and whether it still counts. What fits nobody is never guessed."""

from __future__ import annotations

from collections.abc import Sequence

from meetings.invitations.incoming_types import Asked, CalendarAnswer, Incoming, Verdict


def verdict(message: Incoming, answer: CalendarAnswer, asked: Sequence[Asked]) -> tuple[Verdict, Asked | None]:
    """What to do with *answer*, and whose it is where that is known. *asked*: everybody who was asked under its UID (or
    more; what has another UID is passed over)."""
    return Verdict.UNCLEAR, None


def same_mailbox(one: str, other: str) -> bool:
    """Whether two addresses surely lead to one mailbox: letter case aside, and dots and +tags where the host is known
    to pass over them."""
    return one.strip().lower() == other.strip().lower()
