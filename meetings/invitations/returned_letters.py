"""What mail servers say of letters that left: they came back, or are late.

A further room of ``receiving``: a letter is marked only where the report names it beyond doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from meetings import adapters, journal
from meetings.accounts.rules import SYSTEM
from meetings.database import db
from meetings.invitations import services, settling
from meetings.invitations.incoming import Failure, Incoming
from meetings.invitations.models import Invitation, Received
from meetings.invitations.rules import ReceivedStatus
from meetings.post import queries as letter_box
from meetings.post import rules as post_rules
from meetings.post import services as post
from meetings.post.models import Letter
from meetings.post.rules import LetterMove, LetterStatus
from meetings.scheduling import queries as scheduling

RECENT: Final = timedelta(days=7)
"""How long after a letter left a report without any name in it may still be about that letter."""
IN_HAND: Final = timedelta(minutes=15)
"""How long a report waits for the letter it speaks of to leave our hands: a mail server may be that slow with its last word."""


def came_back(received: Received, message: Incoming, at: datetime) -> None:
    """A report of failures: each letter that it names is marked, with its site; what names none waits for a person."""
    failed = [failure for failure in message.failures if failure.action == "failed"]
    named = _named(message)
    about = [(failure, _letter_of(failure, named, len(failed), at)) for failure in failed]
    carried = any(letter is not None and letter.status is LetterStatus.TRANSMITTING for _failure, letter in about)
    if carried and at < received.received_at + IN_HAND:
        return  # the mail server has spoken before its last word to us was kept
    words = [
        _marked(received, letter, failure, message, at) if letter is not None else "unknown_letter"
        for failure, letter in about
    ]
    settling.note(received, failures=[_spelt(failure) for failure in message.failures][:20])
    open_ones = [word for word in words if word in ("unknown_letter", "ours", "of_an_earlier_try", "in_hand")]
    if not words:
        settling.settle(received, ReceivedStatus.TRAY, "unclear", at)
    else:
        worst = "ours" if "ours" in open_ones else open_ones[0] if open_ones else words[0]
        settling.settle(received, ReceivedStatus.TRAY if open_ones else ReceivedStatus.SETTLED, worst, at)


def _spelt(failure: Failure) -> dict[str, Any]:
    return {
        "recipient": failure.recipient[:254],
        "action": failure.action,
        "status": failure.status,
        "diagnostic": failure.diagnostic[:500],
        "ours": failure.ours,
    }


def _named(message: Incoming) -> list[Letter]:
    """The letters that a report names beyond doubt: by the envelope sender that one letter alone had, else by Message-ID."""
    found: dict[int, Letter] = {}
    for address in message.to:
        letter = letter_box.by_verp(address)
        if letter is not None:
            found[letter.id] = letter
    for reference in () if found else message.references:
        letter = letter_box.by_message_id(reference)
        if letter is not None:
            found[letter.id] = letter
    return list(found.values())


def _letter_of(failure: Failure, named: Sequence[Letter], failures: int, at: datetime) -> Letter | None:
    """The letter that *failure* is about; None rather than a guess."""
    same = [letter for letter in named if _same(letter.to_address, failure.recipient)]
    if same:
        return same[-1]
    if len(named) == 1 and failures == 1:
        return named[0]  # its address forwards to the one that the report names
    if named or not failure.sure or adapters.config().mail_verp:
        return None  # every letter has an envelope of its own then: a report that comes to none of them proves nothing
    recent = _recent(failure.recipient, at)
    return recent[0] if recent and len({letter.root for letter in recent}) == 1 else None


def _same(one: str, other: str) -> bool:
    return one.strip().lower() == other.strip().lower()


def _recent(address: str, at: datetime) -> list[Letter]:
    """Letters that left for *address* lately, newest first."""
    left = (LetterStatus.SENT, LetterStatus.UNCERTAIN, LetterStatus.BOUNCED)
    return list(
        db.session.scalars(
            sa.select(Letter)
            .where(
                sa.func.lower(Letter.to_address) == address.strip().lower(),
                Letter.status.in_(left),
                Letter.written_at > at - RECENT,
            )
            .order_by(Letter.id.desc())
            .limit(20)
        )
    )


def _marked(received: Received, letter: Letter, failure: Failure, message: Incoming, at: datetime) -> str:
    """Mark the letter. Where the fault is our own, it came back all the same, and administrators are told; its address is
    not to blame, and nothing says so."""
    invitation = _letters_site(received, letter)
    if letter.status is LetterStatus.BOUNCED:
        return "ours" if failure.ours and not _told_before(received, letter) else "again"
    if letter.status is LetterStatus.TRANSMITTING:
        return "in_hand"
    if not post_rules.may(letter.status, LetterMove.BOUNCE) or _of_an_earlier_try(message, letter):
        return "of_an_earlier_try"
    post.bounced(letter, code=failure.status, text=failure.diagnostic, at=at)
    journal.record(
        "letter.bounced",
        letter,
        actor=SYSTEM,
        key=letter.key,
        site=invitation.meeting_site.name if invitation is not None else letter.to_name,
        address=letter.to_address,
        code=failure.status,
        ours=failure.ours,
    )
    return "ours" if failure.ours else "bounced"


def _told_before(received: Received, letter: Letter) -> bool:
    query = sa.select(Received.id).where(
        Received.letter_id == letter.id, Received.why == "ours", Received.id != received.id
    )
    return db.session.scalar(query.limit(1)) is not None


def _of_an_earlier_try(message: Incoming, letter: Letter) -> bool:
    """A report written before the letter was sent again: its address has been corrected since. Of a letter that left once
    no report can be too early, whatever the far clock says."""
    sent_at = letter.settled_at or letter.tried_at
    if message.sent_at is None or sent_at is None or message.sent_at >= sent_at - timedelta(minutes=10):
        return False
    return any(entry.fact == "letter.resent" for entry in journal.queries.about(letter.journal_subject))


def _letters_site(received: Received, letter: Letter) -> Invitation | None:
    """Note whose letter it was."""
    received.letter_id = letter.id
    meeting = scheduling.by_code(letter.root) if letter.root else None
    if meeting is not None:
        received.meeting_id = meeting.id
    if letter.link_purpose != "m" or letter.link_id is None:
        return None
    invitation = db.session.scalars(sa.select(Invitation).where(Invitation.link_id == letter.link_id)).first()
    if invitation is not None:
        settling.about(received, invitation)
    return invitation


def delayed(received: Received, message: Incoming, at: datetime) -> None:
    """A report that a server on the way still tries."""
    late = [failure for failure in message.failures if failure.action == "delayed"]
    named, found = _named(message), False
    for failure in late:
        letter = _letter_of(failure, named, len(late), at)
        if letter is None:
            continue
        invitation = _letters_site(received, letter)
        if letter.status is LetterStatus.UNCERTAIN:
            services.arrived(letter, actor=SYSTEM)  # a server that still tries has taken it over
        if letter.status is LetterStatus.SENT:
            post.delayed(letter, text=failure.diagnostic, at=at)
            name = invitation.meeting_site.name if invitation is not None else letter.to_name
            journal.record("letter.delayed", letter, actor=SYSTEM, key=letter.key, site=name, address=letter.to_address)
        found = True
    settling.note(received, failures=[_spelt(failure) for failure in message.failures][:20])
    status = ReceivedStatus.SETTLED if found else ReceivedStatus.TRAY
    settling.settle(received, status, "delayed" if found else "unknown_letter", at)


def likeliest_site(received: Received, message: Incoming, at: datetime) -> bool:
    """Note which site a message most likely concerns: by the letter that it answers, else by the one that its sender got
    lately. Only noted: nothing is done about the site."""
    named = _named(message)
    if not named and message.from_address:
        recent = _recent(message.from_address, at)
        named = recent[:1] if len({letter.root for letter in recent}) == 1 else []
    if len({letter.root for letter in named}) != 1:
        return False
    if received.meeting_id is None or received.invitation_id is None:
        _letters_site(received, named[0])
    return True
