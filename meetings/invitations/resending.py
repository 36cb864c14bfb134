"""Letters that did not arrive: sent again, one to a corrected address or many at once.

A further room of ``services``: the same rules hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.clock import now
from meetings.database import db
from meetings.directory import services as directory
from meetings.directory.models import Contact
from meetings.invitations import posted, queries, services
from meetings.post import quota
from meetings.post import services as post
from meetings.post.models import Letter
from meetings.post.rules import FAILED, LetterMove, LetterStatus, deliverable, may
from meetings.scheduling.models import Meeting


@dataclass(frozen=True, slots=True)
class Done:
    """What became of many: how many are on their way, how many stay because their address is in the way or they moved on,
    how many because their reader has had enough letters for now."""

    sent: int
    left: int = 0
    later: int = 0


def contact_of(letter: Letter, actor: Actor) -> Contact | None:
    """Who stands in the directory with the address of *letter*, where *actor* may mend it: whoever keeps that part of the
    directory, and who sends the meeting once the address has failed. Every later letter would go to it again."""
    site = posted.site_of(letter)
    found = queries.officer(site) if site is not None else None
    if site is None or found is None or found.email.lower() != letter.to_address.lower():
        return None
    failed = letter.status in FAILED
    return found if failed or actor.may("site.edit", site.site.unit.path) else None


def to_address(letter: Letter, address: str, *, mend_directory: bool, actor: Actor) -> None:
    """Send *letter* again; one that nobody has read may go to a corrected *address*, which the directory may take over."""
    known = contact_of(letter, actor) if mend_directory else None
    services.resend(letter, to_address=address, actor=actor)
    if known is not None and letter.to_address != known.email:
        directory.correct_contact(known, email=letter.to_address, actor=actor)


def again(letters: Sequence[Letter], meeting: Meeting, *, actor: Actor) -> Done:
    """Try these letters of *meeting* once more: the refused and the returned to the same address, those put off at once.

    An uncertain one is left: whoever sends it again must have asked the site before.
    """
    able = [letter for letter in letters if deliverable(letter.to_address) and _may_go(letter)]
    left = len(letters) - len(able)
    if not able:
        return Done(0, left)
    held = quota.hold_to_many(actor, {letter.to_address for letter in able}, "again", meeting.code, now())
    free = [letter for letter in able if letter.to_address.strip().lower() in held.free]
    for letter in free:
        if letter.status is LetterStatus.WAITING:
            letter.next_at = now()
        else:
            post.resend(letter)
    db.session.flush()
    journal.record_each(
        "letter.resent", free, actor=actor, details=[{"key": one.key, "readdressed": False} for one in free]
    )
    return Done(len(free), left, len(able) - len(free))


def _may_go(letter: Letter) -> bool:
    if letter.status is LetterStatus.WAITING:
        return letter.attempts > 0
    return letter.status is not LetterStatus.UNCERTAIN and may(letter.status, LetterMove.RESEND)
