"""Questions about hours that are taken by what is no meeting of ours, and about how well a calendar is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from meetings.accounts.rules import Actor
from meetings.clock import now
from meetings.database import db
from meetings.directory import queries as directory
from meetings.directory.models import Person, Room, Site
from meetings.errors import Forbidden, NotFound
from meetings.i18n import gettext as _
from meetings.scheduling import rules
from meetings.scheduling.models import Booking, Busy, BusyKind, Feed, Meeting
from meetings.scheduling.queries import visible_to
from meetings.scheduling.rules import Status
from meetings.units import queries as units
from meetings.units.models import Unit

SENT: Final = (Status.SCHEDULED, Status.IN_SESSION)

Whose = Site | Room | Person


class Unknown(NamedTuple):
    """Whose hours nobody here can vouch for: no booking then means nothing."""

    sites: set[int]
    people: set[int]
    rooms: set[int]


def unknown_between(starts_at: datetime, ends_at: datetime) -> Unknown:
    """The sites, people and rooms whose calendar is not known between two instants: it is not kept here, and none that
    is kept elsewhere was read within a day and that far. One that could not be read is unknown even where bookings are
    made here as well."""
    running = sa.select(Feed.site_id, Feed.room_id, Feed.person_id, Feed.last_ok_at, Feed.covers_until)
    found = Unknown(set(), set(), set())
    for site_id, room_id, person_id, read_at, until in db.session.execute(running.where(Feed.ended_at.is_(None))):
        known = rules.known_until(read_at, until, now())
        if known is not None and known >= ends_at:
            continue
        if person_id is not None:
            found.people.add(person_id)
        elif room_id is not None:
            found.rooms.add(room_id)
        elif site_id is not None:
            found.sites.add(site_id)
    has = sa.select(Feed.id).where(Feed.ended_at.is_(None))
    found.sites.update(
        db.session.scalars(
            sa.select(Site.id).where(
                sa.not_(Site.calendar_kept), ~has.where(Feed.site_id == Site.id, Feed.room_id.is_(None)).exists()
            )
        )
    )
    found.people.update(
        db.session.scalars(
            sa.select(Person.id).where(
                sa.not_(Person.calendar_kept), Person.active, ~has.where(Feed.person_id == Person.id).exists()
            )
        )
    )
    return found


def of(whose: Whose) -> dict[str, int]:
    """The columns by which a booking, a busy time or a feed belongs to *whose*."""
    if isinstance(whose, Person):
        return {"person_id": whose.id}
    if isinstance(whose, Room):
        return {"site_id": whose.site_id, "room_id": whose.id}
    return {"site_id": whose.id}


def unit_of(thing: Busy | Feed) -> Unit:
    """The unit whose people may change *thing*."""
    owner = thing.person or thing.site
    assert owner is not None, "a busy time belongs to a site or a person"
    return owner.unit


def name_of(thing: Busy | Feed) -> str:
    """Whose time *thing* is: a person, a site, or a room of a site."""
    if thing.person is not None:
        return thing.person.name
    site = thing.site.name if thing.site is not None else ""
    return f"{site} · {thing.room.name}" if thing.room is not None else site


# ------------------------------------------------------------------ on the pages of a site and of a person


def _ahead(model: type[Busy] | type[Feed], whose: Site | Person) -> sa.ColumnElement[bool]:
    of_it = model.person_id == whose.id if isinstance(whose, Person) else model.site_id == whose.id
    return sa.and_(model.ended_at.is_(None), of_it)


def blocks(whose: Site | Person) -> Sequence[Busy]:
    """What was typed in for *whose* (a site with its rooms) and is not over, soonest first."""
    typed = sa.and_(_ahead(Busy, whose), Busy.feed_id.is_(None), Busy.ends_at > now())
    return db.session.scalars(
        sa.select(Busy).where(typed).options(joinedload(Busy.room)).order_by(Busy.starts_at)
    ).all()


def feeds(whose: Site | Person) -> Sequence[Feed]:
    """The calendars kept elsewhere that are subscribed to for *whose* (a site with its rooms)."""
    return db.session.scalars(
        sa.select(Feed).where(_ahead(Feed, whose)).options(joinedload(Feed.room)).order_by(Feed.id)
    ).all()


def fresh(feed: Feed) -> bool:
    """Whether what *feed* says can be relied on now."""
    return feed.last_ok_at is not None and feed.last_ok_at > now() - rules.FRESH


def busy_for(actor: Actor, id: int) -> Busy:
    """The typed busy time *id*, if *actor* may change it. Raises ``NotFound`` or ``Forbidden``."""
    found = db.session.get(Busy, id) if 0 < id < 2**31 else None
    if found is None or found.ended_at is not None or found.feed_id is not None:
        raise NotFound(_("There is no such busy time."))
    _hers(actor, found)
    return found


def feed_for(actor: Actor, id: int) -> Feed:
    """The subscription *id*, if *actor* may change it. Raises ``NotFound`` or ``Forbidden``."""
    found = db.session.get(Feed, id) if 0 < id < 2**31 else None
    if found is None or found.ended_at is not None:
        raise NotFound(_("There is no such calendar."))
    _hers(actor, found)
    return found


def _hers(actor: Actor, thing: Busy | Feed) -> None:
    if not actor.may("site.edit", unit_of(thing).path):
        raise Forbidden(_("This account may not change the calendar of %(name)s.", name=name_of(thing)))


# ------------------------------------------------------------------ the list of everything that is no meeting


def listed(actor: Actor, words: str = "") -> sa.Select[Busy]:
    """What was typed in for the sites and people that *actor* may know of and is not over, soonest first."""
    return (
        sa.select(Busy)
        .outerjoin(Site, Busy.site_id == Site.id)
        .outerjoin(Person, Busy.person_id == Person.id)
        .join(Unit, Unit.id == sa.func.coalesce(Site.unit_id, Person.unit_id))
        .where(
            Busy.ended_at.is_(None),
            Busy.feed_id.is_(None),
            Busy.ends_at > now(),
            sa.or_(
                sa.and_(Busy.site_id.is_not(None), directory.visible_to(actor)),
                units.within(actor.paths("directory.see")),
            ),
            *([_called(words)] if words else []),
        )
        .options(joinedload(Busy.site).joinedload(Site.unit), joinedload(Busy.room), joinedload(Busy.person))
        .order_by(Busy.starts_at, Busy.id)
    )


def feeds_listed(actor: Actor, words: str = "") -> sa.Select[Feed]:
    """The subscriptions of the units that *actor* may change, those that fail first."""
    return (
        sa.select(Feed)
        .outerjoin(Site, Feed.site_id == Site.id)
        .outerjoin(Person, Feed.person_id == Person.id)
        .join(Unit, Unit.id == sa.func.coalesce(Site.unit_id, Person.unit_id))
        .where(
            Feed.ended_at.is_(None),
            units.within(actor.paths("site.edit")),
            *([_called(words)] if words else []),
        )
        .options(joinedload(Feed.site).joinedload(Site.unit), joinedload(Feed.room), joinedload(Feed.person))
        .order_by(sa.case((Feed.fault == "", 1), else_=0), Feed.last_ok_at.nulls_first(), Feed.id)
    )


def _called(words: str) -> sa.ColumnElement[bool]:
    return sa.or_(directory.matches(Site.search_key, words), directory.matches(Person.search_key, words))


# ------------------------------------------------------------------ meetings that have been sent and are disturbed


@dataclass(frozen=True)
class Disturbed:
    """A meeting that was sent, and a busy time that lies over it."""

    meeting: Meeting
    busy: Busy
    known: bool  # whether the reader may know the meeting's title


def _disturbed(
    of_meetings: sa.ColumnElement[bool] | None, of_busy: sa.ColumnElement[bool] | None, actor: Actor | None
) -> list[Disturbed]:
    """Meetings and busy times that want the same site, room or person at the same hour. A site without a room is taken
    as a whole; two of its rooms do not disturb each other."""
    held, taken = aliased(Booking), aliased(Booking)
    hour = (
        taken.starts_at < held.ends_at,
        taken.starts_at > sa.type_coerce(held.starts_at, sa.BigInteger()) - 172800,
        taken.ends_at > held.starts_at,
    )
    place = sa.and_(
        held.site_id == taken.site_id,
        sa.or_(held.room_id.is_(None), taken.room_id.is_(None), held.room_id == taken.room_id),
    )
    known = visible_to(actor) if actor is not None else sa.true()
    found: dict[tuple[int, int], Disturbed] = {}
    for same in (place, held.person_id == taken.person_id):
        query = (
            sa.select(Meeting, Busy, known.label("known"))
            .join(held, held.meeting_id == Meeting.id)
            .join(taken, sa.and_(same, *hour))
            .join(Busy, taken.busy_id == Busy.id)
            .where(Meeting.status.in_(SENT), Meeting.ends_at > now(), Busy.ended_at.is_(None))
            .options(joinedload(Busy.site), joinedload(Busy.room), joinedload(Busy.person))
        )
        for condition in (of_meetings, of_busy):
            query = query if condition is None else query.where(condition)
        for meeting, busy, may in db.session.execute(query):
            found[meeting.id, busy.id] = Disturbed(meeting, busy, may)
    return sorted(found.values(), key=lambda d: (d.meeting.starts_at or d.busy.starts_at, d.meeting.id, d.busy.id))


def disturbed_by(busy: Iterable[Busy], actor: Actor) -> list[Disturbed]:
    """The meetings already sent that *busy* times lie over, for the page on which they were typed in."""
    ids = [one.id for one in busy]
    return _disturbed(None, Busy.id.in_(ids), actor) if ids else []


def disturbed_by_feeds(feeds: Iterable[Feed], actor: Actor) -> list[Disturbed]:
    """As :func:`disturbed_by`, of what calendars kept elsewhere say."""
    ids = [feed.id for feed in feeds]
    return _disturbed(None, Busy.feed_id.in_(ids), actor) if ids else []


def since_sending(meetings: Iterable[Meeting]) -> dict[int, list[Disturbed]]:
    """What came to lie over *meetings* after their invitations left, by meeting; earlier ones were told and accepted."""
    ids = [meeting.id for meeting in meetings if meeting.status in SENT]
    found: dict[int, list[Disturbed]] = defaultdict(list)
    if ids:
        for one in _disturbed(Meeting.id.in_(ids), Busy.made_at > Meeting.sent_at, None):
            found[one.meeting.id].append(one)
    return dict(found)


def kinds_for(whose: Whose) -> tuple[BusyKind, ...]:
    """What can be typed in for *whose*: people are on leave, rooms are repaired."""
    return (BusyKind.LEAVE, BusyKind.OTHER) if isinstance(whose, Person) else (BusyKind.MAINTENANCE, BusyKind.OTHER)
