"""Who is busy at an hour: the sites, the room and the people of a meeting that something else takes already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from meetings.accounts.rules import Actor
from meetings.clock import now
from meetings.database import db
from meetings.directory.models import Person, Site
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.scheduling.models import LONGEST, Booking, Busy, BusyKind, Clash, Meeting, MeetingPerson, MeetingSite
from meetings.scheduling.queries import visible_to
from meetings.units.models import Unit

Resource = tuple[str, int]
"""What can be taken: ``("site", id)`` or ``("person", id)``."""

BUSY_WORDS: Final = {
    BusyKind.MAINTENANCE: _l("Maintenance"),
    BusyKind.LEAVE: _l("On leave"),
    BusyKind.OTHER: _l("Busy"),
    BusyKind.FEED: _l("Busy in the own calendar"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A site, one of its rooms, or a person that a meeting needs. *room_id* None: the site as a whole."""

    resource: Resource
    room_id: int | None
    required: bool


def wanted(meeting: Meeting) -> list[Wanted]:
    """Everything that *meeting* needs: its host's room, its sites, its chair and the other people named."""
    found = []
    if meeting.host_site_id is not None:
        found.append(Wanted(("site", meeting.host_site_id), meeting.host_room_id, True))
    guests = sa.select(MeetingSite.site_id, MeetingSite.required).where(
        MeetingSite.meeting_id == meeting.id,
        MeetingSite.removed_at.is_(None),
        MeetingSite.site_id != (meeting.host_site_id or 0),
    )
    found += [Wanted(("site", id), None, required) for id, required in db.session.execute(guests)]
    return found + [Wanted(("person", id), None, required) for id, required in people(meeting).items()]


def people(meeting: Meeting) -> dict[int, bool]:
    """The people of *meeting* by id, and whether each is required: the chair always is."""
    named = sa.select(MeetingPerson.person_id, MeetingPerson.required).where(MeetingPerson.meeting_id == meeting.id)
    found = {row.person_id: row.required for row in db.session.execute(named)}
    if meeting.chair_id is not None:
        found[meeting.chair_id] = True
    return found


def accepted(meeting: Meeting) -> Sequence[Clash]:
    """The collisions that were accepted with a reason when the time was set."""
    return db.session.scalars(sa.select(Clash).where(Clash.meeting_id == meeting.id).order_by(Clash.id)).all()


@dataclass(frozen=True)
class Collision:
    """A site, a room or a person that is taken at the asked hour: by whom, for how long, and whom to call."""

    resource: Resource
    name: str
    required: bool
    key: str  # of what takes it, as an accepted collision remembers it: a meeting's code, or ``busy:12``
    code: str  # of the other meeting, "" for a block
    title: str  # "" when the reader may not know it: then only who organises it is told
    organiser: str
    phone: str
    starts_at: datetime
    ends_at: datetime
    exclusive: bool  # False: invited without being held, or a block, which stops nobody by itself
    until: datetime | None  # when the other's hold runs out, where it is only a draft's; None: firm
    booking_id: int
    meeting_id: int | None

    @property
    def tentative(self) -> bool:
        return self.until is not None

    @property
    def words(self) -> str:
        """``Nghệ An (HN-2026-0147)``."""
        return f"{self.name} ({self.code or self.title})"


def listed(found: Sequence[Collision]) -> str:
    """The first five, named."""
    return ", ".join(c.words for c in found[:5]) + ("…" if len(found) > 5 else "")


def collisions(meeting: Meeting, starts_at: datetime, ends_at: datetime, actor: Actor) -> list[Collision]:
    """What of *meeting* is taken between *starts_at* and *ends_at*, the people first, then by hour and code.

    Two meetings hosted in two rooms of one site do not collide; a site that is invited is taken as a whole, because
    its camera and its line are one.
    """
    return _collisions({w.resource: w for w in wanted(meeting)}, meeting, starts_at, ends_at, actor)


def of_sites(
    meeting: Meeting, sites: Sequence[Site], starts_at: datetime, ends_at: datetime, actor: Actor
) -> list[Collision]:
    """As :func:`collisions`, of *sites* that are to join the meeting; nothing is said of those that are in it."""
    needs = {("site", site.id): Wanted(("site", site.id), None, True) for site in sites}
    return _collisions(needs, meeting, starts_at, ends_at, actor, {("site", site.id): site.name for site in sites})


def _collisions(
    needs: dict[Resource, Wanted],
    meeting: Meeting,
    starts_at: datetime,
    ends_at: datetime,
    actor: Actor,
    called: dict[Resource, str] | None = None,
) -> list[Collision]:
    # what overlaps the hour first, from the index alone, then whether it matters: each of thousands of sites would be
    # looked up otherwise, and mostly nothing is found
    overlapping = sa.select(Booking.id, Booking.site_id).where(
        Booking.starts_at < ends_at, Booking.starts_at > starts_at - LONGEST, Booking.ends_at > starts_at
    )
    ids = [id for id, site_id in db.session.execute(overlapping) if site_id is None or ("site", site_id) in needs]
    rows = [row for row in _bookings(ids, meeting) if _needed(needs, row)]
    if not rows:
        return []
    names = called or _names(meeting, {_resource(row) for row in rows})
    others = _meetings({row.meeting_id for row in rows if row.meeting_id}, actor)
    blocks = _blocks({row.busy_id for row in rows if row.busy_id})
    found = []
    for row in rows:
        resource = _resource(row)
        code, title, organiser, phone = others[row.meeting_id] if row.meeting_id else blocks[row.busy_id]
        found.append(
            Collision(
                resource=resource,
                name=names[resource],
                required=needs[resource].required,
                key=code or f"busy:{row.busy_id}",
                code=code,
                title=title,
                organiser=organiser,
                phone=phone,
                starts_at=row.starts_at,
                ends_at=row.ends_at,
                exclusive=row.exclusive,
                until=row.expires_at,
                booking_id=row.id,
                meeting_id=row.meeting_id,
            )
        )
    return sorted(found, key=lambda c: (c.resource[0] != "person", c.starts_at, c.code, c.resource[1]))


def _bookings(ids: Sequence[int], meeting: Meeting) -> Iterator[Any]:
    """Those of *ids* that are another's than *meeting*'s and have not run out."""
    for chunk in (ids[i : i + 500] for i in range(0, len(ids), 500)):
        yield from db.session.execute(
            sa.select(
                Booking.id, Booking.site_id, Booking.room_id, Booking.person_id, Booking.meeting_id, Booking.busy_id,
                Booking.starts_at, Booking.ends_at, Booking.exclusive, Booking.expires_at,
            ).where(
                Booking.id.in_(chunk),
                sa.or_(Booking.meeting_id.is_(None), Booking.meeting_id != meeting.id),
                sa.or_(Booking.expires_at.is_(None), Booking.expires_at > now()),
            )
        )  # fmt: skip


def _resource(row: Any) -> Resource:
    return ("site", row.site_id) if row.site_id else ("person", row.person_id)


def _needed(needs: dict[Resource, Wanted], row: Any) -> bool:
    need = needs.get(_resource(row))
    return need is not None and (need.room_id is None or row.room_id is None or need.room_id == row.room_id)


def _names(meeting: Meeting, resources: Iterable[Resource]) -> dict[Resource, str]:
    """What each is called here: sites as in this meeting, the host by its site, people by name."""
    found: dict[Resource, str] = {}
    person_ids = [id for kind, id in resources if kind == "person"]
    for person in db.session.scalars(sa.select(Person).where(Person.id.in_(person_ids))):
        name = f"{person.honorific} {person.name}".strip()
        chairs = person.id == meeting.chair_id
        found["person", person.id] = _("Chair: %(name)s", name=name) if chairs else name
    invited = sa.select(MeetingSite.site_id, MeetingSite.name).where(MeetingSite.meeting_id == meeting.id)
    found |= {("site", id): name for id, name in db.session.execute(invited)}
    host = db.session.get(Site, meeting.host_site_id) if meeting.host_site_id else None
    if host is not None:
        found["site", host.id] = host.name
    return found


def _meetings(ids: Iterable[int], actor: Actor) -> dict[int, tuple[str, str, str, str]]:
    """Code, title as far as *actor* may know it, organiser and telephone of each meeting."""
    query = (
        sa.select(
            Meeting.id,
            Meeting.code,
            Meeting.title,
            Unit.full_name,
            Meeting.contact_phone,
            visible_to(actor).label("known"),
        )
        .join(Unit, Meeting.organiser_id == Unit.id)
        .where(Meeting.id.in_(ids))
    )
    return {
        id: (code, title if known else "", organiser, phone)
        for id, code, title, organiser, phone, known in db.session.execute(query)
    }


def _blocks(ids: Iterable[int]) -> dict[int, tuple[str, str, str, str]]:
    """No code, the words, the unit and no telephone of each block."""
    site_unit, person_unit = aliased(Unit), aliased(Unit)
    query = (
        sa.select(Busy.id, Busy.kind, Busy.title, sa.func.coalesce(site_unit.full_name, person_unit.full_name, ""))
        .outerjoin(Site, Busy.site_id == Site.id)
        .outerjoin(site_unit, Site.unit_id == site_unit.id)
        .outerjoin(Person, Busy.person_id == Person.id)
        .outerjoin(person_unit, Person.unit_id == person_unit.id)
        .where(Busy.id.in_(ids))
    )
    return {
        id: ("", str(BUSY_WORDS[kind]) + (f": {title}" if title else ""), unit, "")
        for id, kind, title, unit in db.session.execute(query)
    }
