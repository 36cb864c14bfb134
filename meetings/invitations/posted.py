"""Letters that carried a site's link: which they are, how far they told, which came to nothing."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from meetings.database import db
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.invitations import awaiting, letters, reminders
from meetings.invitations.models import Invitation
from meetings.post import queries as post
from meetings.post.models import Letter
from meetings.post.rules import LetterStatus
from meetings.scheduling.models import Meeting, MeetingSite


def letter_of(meeting: Meeting, id: int) -> Letter:
    """A letter of *meeting*, of a date of a series also one of its first date; raises ``NotFound`` for any other."""
    found = post.letter(id) if 0 < id < 2**31 else None
    if found is None or found.root not in (meeting.code, awaiting.written_from(meeting).code):
        raise NotFound(_("There is no such letter."))
    return found


def site_of(letter: Letter) -> MeetingSite | None:
    """The site whose link *letter* carries."""
    if letter.link_purpose != "m":
        return None
    return db.session.scalars(
        sa.select(MeetingSite)
        .join(Invitation, Invitation.meeting_site_id == MeetingSite.id)
        .where(Invitation.link_id == letter.link_id)
    ).first()


def letters_to(found: Invitation) -> Sequence[Letter]:
    """The letters that carried the site's link, the newest first."""
    return db.session.scalars(
        sa.select(Letter).where(Letter.link_purpose == "m", Letter.link_id == found.link_id).order_by(Letter.id.desc())
    ).all()


def reached(link_ids: Sequence[int]) -> dict[int, int | None]:
    """Of each link a letter was written with: up to which change the newest letter that left tells; None: none left."""
    found: dict[int, int | None] = {}
    gone = (LetterStatus.SENT, LetterStatus.TRANSMITTING, LetterStatus.UNCERTAIN)
    for start in range(0, len(link_ids), 500):
        rows = db.session.execute(
            sa.select(Letter.link_id, Letter.key, Letter.status).where(
                Letter.link_purpose == "m",
                Letter.link_id.in_(link_ids[start : start + 500]),
                # they tell no change, or not to the site: who was never invited is not by them
                Letter.kind.not_in((*reminders.KINDS, letters.DELEGATE, "cascade")),
            )
        )
        for link_id, key, status in rows:
            if link_id is None:
                continue
            before = found.setdefault(link_id, None)
            if status in gone:
                found[link_id] = max(before or 0, letters.version_of(key))
    return found


def came_to_nothing(link_ids: Sequence[int]) -> dict[int, Letter]:
    """Of each link whose newest letter was refused or came back: that letter. What was withdrawn says nothing of an
    address, and what went to a delegate nothing of the site's own."""
    found: dict[int, Letter] = {}
    for start in range(0, len(link_ids), 500):
        newest = (
            sa.select(sa.func.max(Letter.id))
            .where(
                Letter.link_purpose == "m",
                Letter.link_id.in_(link_ids[start : start + 500]),
                Letter.status != LetterStatus.WITHDRAWN,
                Letter.kind.not_in((letters.DELEGATE, reminders.PROVINCE)),
            )
            .group_by(Letter.link_id)
        )
        failed = Letter.status.in_((LetterStatus.REFUSED, LetterStatus.BOUNCED))
        for letter in db.session.scalars(sa.select(Letter).where(Letter.id.in_(newest), failed)):
            if letter.link_id is not None:
                found[letter.link_id] = letter
    return found


def returned(link_ids: Sequence[int]) -> dict[int, str]:
    """Link → the address, in small letters, that its newest letter did not reach: see :func:`came_to_nothing`."""
    return {link_id: letter.to_address.strip().lower() for link_id, letter in came_to_nothing(link_ids).items()}
