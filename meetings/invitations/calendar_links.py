"""Calendars to subscribe to by a secret address: made, renewed, taken back, opened.

What such a calendar shows is what its owner may see at the moment it is asked: a role that was taken from her, or an
account that was stopped, ends it at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings import adapters, journal, links
from meetings.accounts.rules import Actor
from meetings.clock import now
from meetings.database import db
from meetings.directory.models import Person, Room, Site
from meetings.errors import Gone, NotFound, Refused
from meetings.i18n import gettext as _
from meetings.invitations.models import CalendarLink, Link

PURPOSE: Final = "c"
MOST: Final = 50

Whose = Site | Room | Person | None
"""None: the reader's own meetings."""


def _columns(whose: Whose) -> dict[str, int | None]:
    return {
        "site_id": whose.id if isinstance(whose, Site) else whose.site_id if isinstance(whose, Room) else None,
        "room_id": whose.id if isinstance(whose, Room) else None,
        "person_id": whose.id if isinstance(whose, Person) else None,
    }


def of(actor: Actor) -> Sequence[CalendarLink]:
    """The calendars that *actor* can subscribe to, in the order in which they were made."""
    return db.session.scalars(
        sa.select(CalendarLink)
        .join(Link, CalendarLink.link_id == Link.id)
        .where(CalendarLink.user_id == (actor.user_id or 0), Link.ended_at.is_(None))
        .options(
            joinedload(CalendarLink.link),
            joinedload(CalendarLink.site),
            joinedload(CalendarLink.room),
            joinedload(CalendarLink.person),
        )
        .order_by(CalendarLink.id)
    ).all()


def link_for(actor: Actor, id: int) -> CalendarLink:
    """The calendar *id* of *actor*; of somebody else's she is told what she would be told of none."""
    found = next((one for one in of(actor) if one.id == id), None)
    if found is None:
        raise NotFound(_("There is no such subscription."))
    return found


def make(whose: Whose, *, actor: Actor) -> CalendarLink:
    """A calendar of *whose* hours for *actor* to subscribe to; the one she has, if she has one."""
    if actor.user_id is None:
        raise Refused(_("Only an account can subscribe to a calendar."))
    standing = of(actor)
    columns = _columns(whose)
    for one in standing:
        if {name: getattr(one, name) for name in columns} == columns:
            return one
    if len(standing) >= MOST:
        raise Refused(_("At most %(count)s subscriptions. Take back one that is not used.", count=MOST))
    link = Link(purpose=PURPOSE, subject_id=0, made_at=now())
    db.session.add(link)
    db.session.flush()
    made = CalendarLink(link_id=link.id, user_id=actor.user_id, made_at=now(), **columns)
    db.session.add(made)
    db.session.flush()
    link.subject_id = made.id
    told: dict[str, Any] = {name: value for name, value in columns.items() if value is not None}
    journal.record("calendar_link.made", made, actor=actor, **told)
    return made


def renew(found: CalendarLink, *, actor: Actor) -> None:
    """A new address; the old one opens nothing any more."""
    found.link.issue += 1
    journal.record("calendar_link.renewed", found, actor=actor)


def take_back(found: CalendarLink, *, actor: Actor) -> None:
    """The address opens nothing any more."""
    if found.link.ended_at is None:
        found.link.ended_at = now()
        journal.record("calendar_link.taken_back", found, actor=actor)


def address(found: CalendarLink) -> str:
    """The address that a calendar program is given."""
    token = links.token(PURPOSE, found.link.id, found.link.issue)
    return f"{adapters.config().public_url}/c/{token}.ics"


def opened(token: str) -> CalendarLink:
    """The calendar that *token* opens now. Raises :class:`Gone`, in the same words for every token that opens nothing."""
    claim = links.read(token)
    found = None
    if claim is not None and claim.purpose == PURPOSE:
        found = db.session.scalars(
            sa.select(CalendarLink)
            .where(CalendarLink.link_id == claim.id)
            .options(joinedload(CalendarLink.link), joinedload(CalendarLink.user))
        ).first()
    if (
        found is None
        or claim is None
        or claim.issue != found.link.issue
        or found.link.ended_at
        or not found.user.active
    ):
        raise Gone(_("This calendar is no longer published at this address."))
    return found
