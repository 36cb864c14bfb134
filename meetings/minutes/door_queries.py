"""Questions about the doors of units: what stands on the page behind a private link, and who answers for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from meetings.clock import now, wall
from meetings.database import db
from meetings.directory.models import Contact, Duty, Site
from meetings.invitations import queries as invitations
from meetings.invitations.models import Link
from meetings.minutes import following_rules
from meetings.minutes.following_queries import WHOLE, unended
from meetings.minutes.models import ActionItem, Assignment, AssignmentDoor
from meetings.official.text import fold
from meetings.scheduling.models import Meeting
from meetings.units.models import Unit

Pair = tuple[int, int]
"""The ids of a unit and of the body that gives it tasks."""


def door_behind(link_id: int, issue: int) -> AssignmentDoor | None:
    """The door that the issue *issue* of a link belongs to; None when the link is replaced, ended or of another kind."""
    return db.session.scalars(
        sa.select(AssignmentDoor)
        .join(Link, Link.id == AssignmentDoor.link_id)
        .where(Link.id == link_id, Link.purpose == "t", Link.issue == issue, Link.ended_at.is_(None))
        .options(contains_eager(AssignmentDoor.link))
    ).first()


def door_of(unit_id: int, organiser_id: int) -> AssignmentDoor | None:
    """The door of a unit for what one organiser gave it."""
    return db.session.scalars(
        sa.select(AssignmentDoor).where(AssignmentDoor.unit_id == unit_id, AssignmentDoor.organiser_id == organiser_id)
    ).first()


def doors_of(pairs: Collection[Pair]) -> dict[Pair, AssignmentDoor]:
    """The doors of these (unit, organiser), as far as they are made: one statement."""
    query = sa.select(AssignmentDoor).where(
        AssignmentDoor.unit_id.in_({unit_id for unit_id, _organiser in pairs}),
        AssignmentDoor.organiser_id.in_({organiser_id for _unit, organiser_id in pairs}),
    )
    whole = (joinedload(AssignmentDoor.link), joinedload(AssignmentDoor.unit), joinedload(AssignmentDoor.organiser))
    found = {(door.unit_id, door.organiser_id): door for door in db.session.scalars(query.options(*whole))}
    return {pair: found[pair] for pair in pairs if pair in found}


def office_behind(link_id: int) -> tuple[str, str] | None:
    """Who is to be rung about a genuine link that opens nothing any more, and at which number; None where nobody is known."""
    row = db.session.execute(
        sa.select(Meeting.contact_name, Meeting.contact_phone)
        .join(Assignment, Assignment.meeting_id == Meeting.id)
        .join(AssignmentDoor, AssignmentDoor.organiser_id == Assignment.organiser_id)
        .where(AssignmentDoor.link_id == link_id, AssignmentDoor.unit_id == Assignment.lead_unit_id)
        .where(Meeting.contact_phone != "")
        .order_by(Assignment.id.desc())
        .limit(1)
    ).first()
    return (row.contact_name, row.contact_phone) if row is not None else None


def behind_door(door: AssignmentDoor) -> Sequence[Assignment]:
    """What stands on the page of *door*: the unit's own of this organiser, what is due first at the top."""
    long_ago = now() - following_rules.LINK_LASTS
    return db.session.scalars(
        sa.select(Assignment)
        .where(
            Assignment.lead_unit_id == door.unit_id,
            Assignment.organiser_id == door.organiser_id,
            sa.or_(unended, sa.func.coalesce(Assignment.withdrawn_at, Assignment.confirmed_at) > long_ago),
        )
        .order_by(
            sa.func.coalesce(Assignment.withdrawn_at, Assignment.confirmed_at).is_not(None),
            Assignment.claimed_at.is_not(None),
            Assignment.due_on.is_(None),
            Assignment.due_on,
            Assignment.id,
        )
        .limit(500)
        .options(*WHOLE)
    ).all()


def supported_by(door: AssignmentDoor) -> Sequence[Assignment]:
    """The open ones of this organiser whose minutes name the unit of *door* among those that support: to be read there."""
    names = {fold(door.unit.name), fold(door.unit.full_name)}
    query = (
        sa.select(Assignment)
        .join(ActionItem, ActionItem.id == Assignment.item_id)
        .where(
            unended,
            Assignment.organiser_id == door.organiser_id,
            Assignment.lead_unit_id.is_distinct_from(door.unit_id),
            sa.or_(*(ActionItem.support.contains(name, autoescape=True) for name in _spelt(door.unit))),
        )
        .order_by(Assignment.due_on.is_(None), Assignment.due_on, Assignment.id)
        .limit(100)
        .options(contains_eager(Assignment.item), joinedload(Assignment.lead_unit))
    )
    found = db.session.scalars(query).all()
    return [one for one in found if names & {_bare(part) for part in _parts(one.item.support)}]


def _spelt(unit: Unit) -> set[str]:
    return {unit.name, unit.full_name}


def _parts(support: str) -> list[str]:
    return support.replace(";", ",").replace(" và ", ",").split(",")


def _bare(words: str) -> str:
    return fold(words).strip(" .")


def last_end(door: AssignmentDoor) -> date | None:
    """The day on which the last of the unit's tasks came to an end."""
    at = db.session.scalar(
        sa.select(sa.func.max(sa.func.coalesce(Assignment.withdrawn_at, Assignment.confirmed_at))).where(
            Assignment.lead_unit_id == door.unit_id, Assignment.organiser_id == door.organiser_id
        )
    )
    return wall(at).date() if at is not None else None


def open_behind(door: AssignmentDoor) -> int:
    """How many of the unit's tasks have not come to an end."""
    return (
        db.session.scalar(
            sa.select(sa.func.count(Assignment.id)).where(
                unended, Assignment.lead_unit_id == door.unit_id, Assignment.organiser_id == door.organiser_id
            )
        )
        or 0
    )


def officers_of(unit_ids: Collection[int]) -> dict[int, Contact]:
    """Who answers for each of these units: the officer of its first site in service that has one with an e-mail address, else
    of the first that has one at all."""
    sites = db.session.execute(
        sa.select(Site.id, Site.unit_id).where(Site.unit_id.in_(unit_ids), Site.in_service).order_by(Site.id)
    ).all()
    officers = invitations.officers_at([row.id for row in sites])
    found: dict[int, Contact] = {}
    for site_id, unit_id in sites:
        contact = officers.get(site_id)
        if contact is not None and (unit_id not in found or (contact.email and not found[unit_id].email)):
            found[unit_id] = contact
    return found


def left_behind(ids: Iterable[int]) -> Sequence[AssignmentDoor]:
    """Those of these doors whose unit somebody has answered for who has left office since the link was made."""
    gone = (
        sa.select(Contact.id)
        .join(Site, Site.id == Contact.site_id)
        .where(
            Site.unit_id == AssignmentDoor.unit_id,
            Contact.duty.in_((Duty.COORDINATOR, Duty.DEPUTY)),
            Contact.valid_from <= Link.made_at,
            Contact.valid_to > Link.made_at,
        )
    )
    query = sa.select(AssignmentDoor).join(Link, Link.id == AssignmentDoor.link_id)
    return db.session.scalars(query.where(AssignmentDoor.id.in_(list(ids)), gone.exists())).all()


def holder_left(door: AssignmentDoor) -> bool:
    """Whether somebody who answered for the unit has left office since its link was made."""
    return bool(left_behind([door.id]))
