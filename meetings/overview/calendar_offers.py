"""What a reader of the calendar is offered to subscribe to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings.accounts.rules import Actor
from meetings.database import db
from meetings.directory import queries as directory
from meetings.directory.models import Person, Room, Site
from meetings.directory.queries.site import KIND_ORDER
from meetings.errors import NotFound, Refused
from meetings.overview import calendar_queries
from meetings.units.models import Unit


@dataclass(frozen=True)
class Near:
    """What a reader is offered to subscribe to: the sites and rooms of her own units, and the people she may name."""

    sites: Sequence[Site]
    rooms: Sequence[Room]
    people: Sequence[Person]

    def found(self, key: str) -> Site | Room | Person | None:
        """What the choice *key* means; None: the reader's own meetings."""
        kind, _dash, id = key.partition("-")
        kinds: dict[str, Sequence[Site] | Sequence[Room] | Sequence[Person]]
        kinds = {"site": self.sites, "room": self.rooms, "person": self.people}
        offered = kinds.get(kind, ())
        return next((one for one in offered if str(one.id) == id), None)


def named(actor: Actor, code: str) -> Site:
    """The site that was typed by its *code*. Raises :class:`Refused` at its field for one that *actor* may not know of."""
    try:
        return directory.site_for(actor, code)
    except NotFound as unknown:
        raise Refused(unknown.message, field="site", status=422) from None


def near(actor: Actor) -> Near:
    """See :class:`Near`; nothing but her own meetings for whoever may not see the directory."""
    if not actor.may("directory.see"):
        return Near((), (), ())
    query = (
        sa.select(Site).join(Unit, Site.unit_id == Unit.id).where(Site.in_service, calendar_queries.own_sites(actor))
    )
    sites = db.session.scalars(query.order_by(KIND_ORDER, Site.code).limit(calendar_queries.MANY)).all()
    rooms = sa.select(Room).where(Room.in_service, Room.site_id.in_([site.id for site in sites]))
    ordered = rooms.options(joinedload(Room.site)).order_by(Room.site_id, Room.is_default.desc(), Room.name)
    return Near(sites, db.session.scalars(ordered).all(), directory.people_for(actor))
