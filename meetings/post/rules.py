"""What may happen to a letter, when it is tried again, and which addresses can be written on an envelope."""

from __future__ import annotations

import re
import zlib
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class LetterStatus(StrEnum):
    """Where a letter is."""

    WAITING = "waiting"
    TRANSMITTING = "transmitting"
    SENT = "sent"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    WITHDRAWN = "withdrawn"
    BOUNCED = "bounced"  # taken over by the server, and sent back later


FAILED: Final = (LetterStatus.REFUSED, LetterStatus.BOUNCED, LetterStatus.UNCERTAIN)
"""Where a person must look: not taken over, sent back, or nobody knows."""


class LetterMove(StrEnum):
    """What happens to it."""

    TAKE = "take"  # the worker takes it in hand
    ACCEPT = "accept"  # the server took it over
    DEFER = "defer"  # not now: back to the pile
    REJECT = "reject"  # never to this address, or never this letter
    LOSE = "lose"  # nobody can tell whether it went
    RESEND = "resend"  # a person says: once more
    CONFIRM = "confirm"  # a person or a reply says: it arrived
    WITHDRAW = "withdraw"  # it must not go any more
    BOUNCE = "bounce"  # it came back


MOVES: Final[dict[tuple[LetterStatus, LetterMove], LetterStatus]] = {
    (LetterStatus.WAITING, LetterMove.TAKE): LetterStatus.TRANSMITTING,
    (LetterStatus.TRANSMITTING, LetterMove.ACCEPT): LetterStatus.SENT,
    (LetterStatus.TRANSMITTING, LetterMove.DEFER): LetterStatus.WAITING,
    (LetterStatus.TRANSMITTING, LetterMove.REJECT): LetterStatus.REFUSED,
    (LetterStatus.TRANSMITTING, LetterMove.LOSE): LetterStatus.UNCERTAIN,
    (LetterStatus.REFUSED, LetterMove.RESEND): LetterStatus.WAITING,
    (LetterStatus.UNCERTAIN, LetterMove.RESEND): LetterStatus.WAITING,
    (LetterStatus.UNCERTAIN, LetterMove.CONFIRM): LetterStatus.SENT,
    (LetterStatus.WAITING, LetterMove.WITHDRAW): LetterStatus.WITHDRAWN,
    (LetterStatus.REFUSED, LetterMove.WITHDRAW): LetterStatus.WITHDRAWN,
    (LetterStatus.UNCERTAIN, LetterMove.WITHDRAW): LetterStatus.WITHDRAWN,
    (LetterStatus.SENT, LetterMove.BOUNCE): LetterStatus.BOUNCED,
    (LetterStatus.UNCERTAIN, LetterMove.BOUNCE): LetterStatus.BOUNCED,
    (LetterStatus.BOUNCED, LetterMove.RESEND): LetterStatus.WAITING,
    (LetterStatus.BOUNCED, LetterMove.WITHDRAW): LetterStatus.WITHDRAWN,
}


def after(status: LetterStatus, move: LetterMove) -> LetterStatus | None:
    """The status after *move*, None where the table has no such move."""
    return MOVES.get((status, move))


def may(status: LetterStatus, move: LetterMove) -> bool:
    """Whether the table knows *move* from *status*."""
    return (status, move) in MOVES


RETRY_AFTER: Final = (1, 5, 15, 60)  # minutes; then hourly
GIVE_UP_AFTER: Final = timedelta(hours=72)


SPREAD: Final = 0.2
"""By up to this share of its delay a try comes later than its time, never sooner."""

MINUTE: Final = timedelta(seconds=60)


def retry_at(attempts: int, *, now: datetime, id: int = 0) -> datetime:
    """When a letter that was put off for the *attempts*-th time (1 for the first) is tried again.

    Thousands that were put off together must not come back together: each letter (*id*; 0 for what is alone) is late by a
    share of its own, drawn from its id and not from chance, so that it is the same whenever it is asked for.
    """
    delay = timedelta(minutes=RETRY_AFTER[min(max(attempts, 1), len(RETRY_AFTER)) - 1])
    share = zlib.crc32(f"{id}/{attempts}".encode()) / 2**32 if id else 0.0
    return now + delay * (1 + SPREAD * share)


def given_up(tried_since: datetime, *, now: datetime) -> bool:
    """Whether a letter first tried at *tried_since* is no longer put off but refused."""
    return now - tried_since >= GIVE_UP_AFTER


def allowance(rate: int, tried: int) -> int | None:
    """How many letters may go now if *tried* of them were in the last :data:`MINUTE`; None where *rate*, the most that may
    go in any one minute, is 0: no bound.

    What was tried counts, not what was taken: a server that counts us counts the refused ones too.
    """
    return max(0, rate - tried) if rate else None


# The envelope is ASCII: an address in another script would need SMTPUTF8 at every hop, which cannot be counted on.
_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@"
    r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
)


def deliverable(address: str) -> bool:
    """Whether *address* can stand on an envelope (RFC 5321 §4.1.2, no quoted local parts, 254 characters)."""
    return len(address) <= 254 and len(address.partition("@")[0]) <= 64 and _ADDRESS.fullmatch(address) is not None
