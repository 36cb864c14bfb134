"""What follows from a message that came in. Its bytes are kept and committed before anything is read from it.

A second room of ``services``: the same rules hold. What a message says is decided by the pure room ``incoming``; here it is
applied. Whatever fits nobody goes to the tray, where a person looks at it: nothing is guessed and nothing is dropped. Nothing
here ever answers a message by itself, with one exception that cannot loop: a calendar that asks for its entry again (REFRESH)
gets the letter of its site once a day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import sqlalchemy as sa

from meetings import adapters, journal, sealed
from meetings.accounts.rules import SYSTEM
from meetings.adapters.mailbox import LIMIT, Shut, Visit
from meetings.database import db
from meetings.invitations import calendar_answers, incoming, returned_letters, settling
from meetings.invitations.incoming import Incoming, Kind
from meetings.invitations.models import MailboxState, Received
from meetings.invitations.rules import ReceivedStatus
from meetings.post import services as post
from meetings.post.models import Enclosure

SEALED: Final = "application/octet-stream"
TRIES: Final = 3
"""A message whose reading fails this often is put away and shown: it holds up no other."""
LOOKS_BACK: Final = timedelta(days=7)
"""What lay in a mailbox longer than this before it was first read is the office's own affair."""
_RETRIES: Final = (1, 2, 5, 15, 30)  # minutes: a wrong password that is tried every minute locks the account


# ------------------------------------------------------------------ the errand of the worker: ask, go, keep


@dataclass(frozen=True, slots=True)
class Wanted:
    """From where on a mailbox is to be read."""

    uid_validity: int
    above: int
    since: date


@dataclass(frozen=True, slots=True)
class _Box:
    """A mailbox as the journal knows it."""

    name: str
    journal_root: str = ""

    @property
    def journal_subject(self) -> str:
        return f"mailbox:{self.name}"[:80]


def due(name: str, at: datetime) -> Wanted | None:
    """From where on the mailbox *name* is to be read now; None while it is left alone after a fault."""
    state = db.session.get(MailboxState, name)
    if state is None or state.begun_at is None:
        return Wanted(0, 0, (at - LOOKS_BACK).date())
    if state.retry_at is not None and at < state.retry_at:
        return None
    return Wanted(state.uid_validity, state.last_uid, (state.begun_at - LOOKS_BACK).date())


def keep(name: str, visit: Visit, at: datetime) -> int:
    """Keep what a visit brought, as it came; returns how many messages are new.

    Known again are a number of the same numbering, and the very same bytes: where a server numbers anew, everything comes
    a second time.
    """
    state = _state(name, at)
    digests = {post.digest(message.data) for message in visit.messages if message.data}
    known = set(
        db.session.scalars(sa.select(Received.sha256).where(Received.mailbox == name, Received.sha256.in_(digests)))
    )
    taken = set(
        db.session.scalars(
            sa.select(Received.uid).where(
                Received.mailbox == name,
                Received.uid_validity == visit.uid_validity,
                Received.uid.in_([message.uid for message in visit.messages]),
            )
        )
    )
    # a server that numbers anew may have nothing to show yet: what comes then has small numbers
    number, new = state.last_uid if state.uid_validity == visit.uid_validity else 0, []
    for message in visit.messages:
        # what a server would not hand out has no bytes to be known by: each is a message of its own
        sha256 = post.digest(message.data or f"{visit.uid_validity}.{message.uid}".encode())
        if sha256 in known or (message.uid and message.uid in taken):
            continue
        known.add(sha256)
        number += 1
        new.append(
            Received(
                mailbox=name,
                uid_validity=visit.uid_validity,
                uid=message.uid or number,
                source=message.source.encode(errors="replace").decode()[:300],  # a name on disk is any bytes
                sha256=sha256,
                kept=post.keep(sealed.seal(message.data), SEALED),
                size=min(message.size, 2**31 - 1),
                received_at=at,
                details={} if message.whole else {"cut": True},
            )
        )
    db.session.add_all(new)
    db.session.flush()
    journal.record_each(
        "mail.received", new, actor=SYSTEM, details=[{"size": one.size, "sha256": one.sha256} for one in new]
    )
    state.uid_validity, state.last_uid = visit.uid_validity, visit.last_uid or number
    state.checked_at = at
    if state.fault:
        journal.record("mailbox.recovered", _Box(name), actor=SYSTEM)
    state.fault, state.fault_since_at, state.failures, state.retry_at = "", None, 0, None
    return len(new)


def shut(name: str, fault: Shut, at: datetime) -> None:
    """The mailbox could not be read: since when, why, and when it is asked again."""
    state = _state(name, at)
    if not state.fault:
        journal.record("mailbox.failed", _Box(name), actor=SYSTEM, why=fault.why, said=fault.said)
        state.fault_since_at = at
    state.fault = f"{fault.why.value}: {fault.said}"[:500]
    state.failures += 1
    state.retry_at = at + timedelta(minutes=_RETRIES[min(state.failures, len(_RETRIES)) - 1])


def _state(name: str, at: datetime) -> MailboxState:
    state = db.session.get(MailboxState, name, with_for_update=True)
    if state is None:
        state = MailboxState(name=name, uid_validity=0, last_uid=0, failures=0, fault="")
        db.session.add(state)
    state.begun_at = state.begun_at or at
    return state


# ------------------------------------------------------------------ reading what was kept


def unread(limit: int = 200) -> Sequence[int]:
    """Ids of kept messages that have not been read, oldest first."""
    query = sa.select(Received.id).where(Received.status == ReceivedStatus.NEW).order_by(Received.id).limit(limit)
    return db.session.scalars(query).all()


def take_up(id: int, at: datetime) -> bool:
    """Count the try before it is made: a message that takes the whole process down with it is put away as well."""
    received = db.session.get(Received, id, with_for_update=True, populate_existing=True)
    if received is None or received.status is not ReceivedStatus.NEW:
        return False
    if received.attempts >= TRIES:
        settling.settle(received, ReceivedStatus.FAILED, "failed", at)
        journal.record(
            "mail.settled", received, actor=SYSTEM, status=received.status, why="failed", sender=received.from_address
        )
        return False
    received.attempts += 1
    return True


def read(id: int, at: datetime) -> bool:
    """Read one kept message and do what follows from it; False where it must wait for a later pass."""
    received = db.session.get(Received, id, with_for_update=True)
    if received is None or received.status is not ReceivedStatus.NEW:
        return False
    message = incoming.read(raw(received))
    received.kind = Kind.UNREADABLE if received.details.get("cut") else message.kind
    received.message_id, received.subject = message.message_id[:255], message.subject[:300]
    received.from_address, received.from_name = message.from_address[:254], message.from_name[:200]
    received.sent_at = message.sent_at
    if received.details.get("cut"):
        settling.settle(received, ReceivedStatus.TRAY, "too_large" if received.size > LIMIT else "not_handed_out", at)
    elif _ours(message):
        settling.settle(received, ReceivedStatus.ASIDE, "own", at)
    else:
        _HANDLERS[message.kind](received, message, at)
        if received.status is ReceivedStatus.NEW:
            received.attempts = 0  # nothing was wrong with reading it
            return False
        if received.settled_at is None and received.invitation_id is None:
            returned_letters.likeliest_site(received, message, at)
    if received.why not in _TOLD_BY_ITSELF:
        journal.record(
            "mail.settled",
            received,
            actor=SYSTEM,
            kind=received.kind,
            status=received.status,
            why=received.why,
            sender=received.from_address,
        )
    return True


_TOLD_BY_ITSELF: Final = frozenset({"accepted", "declined", "bounced", "delayed", "countered", "delegated"})
"""What leaves a fact of its own: two lines of the history for one answer would hide the others."""


def raw(received: Received) -> bytes:
    """The message as it came; "" where the key is gone under which it was sealed."""
    # not by the remembering query of the post: mail is read once
    found = db.session.scalar(sa.select(Enclosure.data).where(Enclosure.sha256 == received.kept))
    return sealed.opened(found or b"") or b""


def _ours(message: Incoming) -> bool:
    """A letter of this installation that came back to it by a forwarding or a copy. A report is from the mail server."""
    if message.kind not in (Kind.HUMAN, Kind.AUTO_REPLY, Kind.OTHER_CALENDAR):
        return False
    return message.from_address.lower() == adapters.config().mail_from.lower()


# ------------------------------------------------------------------ the rest


def _away(received: Received, message: Incoming, at: datetime) -> None:
    """An answer that a machine gives while its owner is away: noted at the site, and nothing else."""
    if returned_letters.likeliest_site(received, message, at) and received.invitation_id is not None:
        settling.note(received, text=message.text[:500])
        settling.settle(received, ReceivedStatus.SETTLED, "away", at)
    else:
        settling.settle(received, ReceivedStatus.TRAY, "away_unknown", at)


def _tray(why: str) -> Callable[[Received, Incoming, datetime], None]:
    def put(received: Received, message: Incoming, at: datetime) -> None:
        settling.settle(received, ReceivedStatus.TRAY, why, at)

    return put


def _human(received: Received, message: Incoming, at: datetime) -> None:
    """Written by a person. The same message that came twice by two ways is shown once."""
    twin = (
        sa.select(Received.id)
        .where(
            Received.message_id == received.message_id,
            Received.from_address == received.from_address,
            Received.subject == received.subject,
            Received.kind == Kind.HUMAN,
            Received.id < received.id,
        )
        .limit(1)
    )
    if received.message_id and db.session.scalar(twin) is not None:
        settling.settle(received, ReceivedStatus.ASIDE, "twin", at)
    else:
        settling.settle(received, ReceivedStatus.TRAY, "human", at)


def _not_ours(received: Received, message: Incoming, at: datetime) -> None:
    """A calendar's message that answers nothing: an invitation of somebody else, a cancellation."""
    settling.settle(received, ReceivedStatus.ASIDE, "other_calendar", at)


_HANDLERS: Final[dict[Kind, Callable[[Received, Incoming, datetime], None]]] = {
    Kind.REPLY: calendar_answers.conclude,
    Kind.COUNTER: calendar_answers.conclude,
    Kind.REFRESH: calendar_answers.conclude,
    Kind.BOUNCE: returned_letters.came_back,
    Kind.DELAY: returned_letters.delayed,
    Kind.ABUSE: _tray("abuse"),
    Kind.AUTO_REPLY: _away,
    Kind.HUMAN: _human,
    Kind.UNREADABLE: _tray("unreadable"),
    Kind.OTHER_CALENDAR: _not_ours,
}
