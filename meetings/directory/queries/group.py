"""Questions about saved groups of sites, and about people known by name and office."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings.accounts.rules import Actor
from meetings.clock import today
from meetings.database import db
from meetings.directory.models import Person, Site, SiteGroup, SiteGroupMember
from meetings.directory.queries.site import KIND_ORDER, matches, offered
from meetings.errors import Forbidden, NotFound
from meetings.i18n import gettext as _
from meetings.units import queries as units
from meetings.units.models import Unit


def groups_for(actor: Actor) -> Sequence[SiteGroup]:
    """Saved groups in use that belong to a unit of *actor* or to one above it."""
    own = units.within(actor.paths("directory.see"))
    return db.session.scalars(
        sa.select(SiteGroup)
        .join(Unit, SiteGroup.unit_id == Unit.id)
        .where(SiteGroup.active, sa.or_(own, Unit.id.in_(_above(actor))))
        .options(joinedload(SiteGroup.unit))
        .order_by(SiteGroup.sort_key, SiteGroup.id)
    ).all()


def _above(actor: Actor) -> set[int]:
    paths = actor.paths("directory.see")
    return {int(part) for path in paths for part in path.strip("/").split("/") if part.isdigit()}


def group_for(actor: Actor, id: int, permission: str = "directory.see") -> SiteGroup:
    """The saved group *id*, as :func:`site_for`."""
    found = next((group for group in groups_for(actor) if group.id == id), None)
    if found is None:
        raise NotFound(_("There is no such group of sites."))
    if permission != "directory.see" and not actor.may(permission, found.unit.path):
        raise Forbidden(_("This account may not change the group %(group)s.", group=found.name))
    return found


def group_sizes(groups: Iterable[SiteGroup]) -> dict[int, int]:
    """How many sites that can be invited today each group holds."""
    rows = db.session.execute(
        sa.select(SiteGroupMember.group_id, sa.func.count(Site.id))
        .join(Site, SiteGroupMember.site_id == Site.id)
        .join(Unit, Site.unit_id == Unit.id)
        .where(SiteGroupMember.group_id.in_([group.id for group in groups]), offered(today()))
        .group_by(SiteGroupMember.group_id)
    )
    return {row[0]: row[1] for row in rows}


def members(group: SiteGroup) -> sa.Select[Site]:
    """The sites of *group* that can be invited today, in the order of their codes."""
    return (
        sa.select(Site)
        .join(SiteGroupMember, SiteGroupMember.site_id == Site.id)
        .join(Unit, Site.unit_id == Unit.id)
        .where(SiteGroupMember.group_id == group.id, offered(today()))
        .options(joinedload(Site.unit).joinedload(Unit.parent))
        .order_by(KIND_ORDER, Site.code)
    )


def members_of(group: SiteGroup) -> Sequence[Site]:
    """As :func:`members`, all of them."""
    return db.session.scalars(members(group)).all()


def people(actor: Actor, *, text: str = "", leaders: bool = False) -> sa.Select[Person]:
    """The people *actor* may see: of her unit's subtree and of the units above it; by given name."""
    query = (
        sa.select(Person)
        .join(Unit, Person.unit_id == Unit.id)
        .where(Person.active, sa.or_(units.within(actor.paths("directory.see")), Unit.id.in_(_above(actor))))
        .options(joinedload(Person.unit))
    )
    if leaders:
        query = query.where(Person.is_leader)
    return query.where(matches(Person.search_key, text)).order_by(Person.sort_key, Person.id)


def people_for(actor: Actor) -> Sequence[Person]:
    """Everybody *actor* may name as chair, signer or reader."""
    return db.session.scalars(people(actor).limit(500)).all()


def leader_of(unit: Unit) -> Person | None:
    """Who leads *unit*, as entered first."""
    return db.session.scalars(
        sa.select(Person).where(Person.unit_id == unit.id, Person.is_leader, Person.active).order_by(Person.id).limit(1)
    ).first()


def person_for(actor: Actor, id: int, permission: str = "directory.see") -> Person:
    """The person *id*, as :func:`site_for`."""
    found = db.session.scalars(people(actor).where(Person.id == id)).first() if 0 < id < 2**31 else None
    if found is None:
        raise NotFound(_("There is no such person."))
    if permission != "directory.see" and not actor.may(permission, found.unit.path):
        raise Forbidden(_("This account may not change the entry of %(name)s.", name=found.name))
    return found
