"""Questions of the calendar: which meetings and which other hours take somebody in a period, as far as the reader may know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings.accounts.models import User
from meetings.accounts.rules import Actor, Role
from meetings.clock import now, today
from meetings.database import db
from meetings.directory import queries as directory
from meetings.directory.models import Person, Site
from meetings.official.text import search_key
from meetings.scheduling import occupancy
from meetings.scheduling import queries as scheduling
from meetings.scheduling.lanes import Bar, By, Look, View, period, span
from meetings.scheduling.models import Booking, Busy, BusyKind, Meeting, MeetingPerson, MeetingSite
from meetings.scheduling.rules import Status
from meetings.units import queries as units
from meetings.units.models import Unit, UnitKind

MANY: Final = 60
"""More sites than this with something in the period: a province is chosen first."""

_HELD: Final = (Status.SCHEDULED, Status.IN_SESSION, Status.CLOSED)


@dataclass(frozen=True)
class Ask:
    """What the address of the calendar asks for."""

    view: View = View.WEEK
    by: By = By.ROOM
    day: date = date.min
    province: str = ""
    words: str = ""
    mine: bool = False

    @property
    def days(self) -> tuple[date, date]:
        return period(self.view, self.day)


def mine(actor: Actor) -> sa.ColumnElement[bool]:
    """The meetings that are *actor*'s own among those she may see: she is its secretary; she is its chair or must be
    there (the person of the directory with the e-mail address of her account); or, where she answers for a site or
    its technique, a site of just that unit is in it."""
    address = sa.select(sa.func.lower(User.email)).where(User.id == (actor.user_id or 0)).scalar_subquery()
    self = sa.select(Person.id).where(Person.email != "", sa.func.lower(Person.email) == address)
    there = sa.select(MeetingPerson.meeting_id).where(MeetingPerson.person_id.in_(self))
    paths = [g.path for g in actor.grants if g.role in (Role.SITE_OFFICER, Role.TECHNICIAN)]
    units_of_hers = sa.select(Unit.id).where(Unit.path.in_(paths))
    sites = sa.select(MeetingSite.meeting_id).where(
        MeetingSite.removed_at.is_(None), MeetingSite.unit_id.in_(units_of_hers)
    )
    hosts = sa.select(Site.id).where(Site.unit_id.in_(units_of_hers))
    return sa.and_(
        scheduling.visible_to(actor),
        sa.or_(
            Meeting.secretary_id == (actor.user_id or 0),
            Meeting.chair_id.in_(self),
            Meeting.id.in_(there),
            *([Meeting.id.in_(sites), Meeting.host_site_id.in_(hosts)] if paths else []),
        ),
    )


def shown(starts_at: datetime, ends_at: datetime) -> sa.ColumnElement[bool]:
    """Meetings with an hour in the span; a draft that was given up never took place and is not shown as cancelled."""
    return sa.and_(
        Meeting.starts_at < ends_at,
        Meeting.ends_at > starts_at,
        sa.or_(Meeting.status != Status.CANCELLED, Meeting.sent_at.is_not(None)),
    )


def _holding() -> sa.ColumnElement[bool]:
    """Meetings that hold something now, for a while or for good."""
    live = sa.or_(Booking.expires_at.is_(None), Booking.expires_at > now())
    return sa.exists().where(Booking.meeting_id == Meeting.id, live)


def taking() -> sa.ColumnElement[bool]:
    """Meetings that take their hour from everybody, whether or not the reader may know which they are."""
    return sa.or_(
        Meeting.status.in_((Status.AWAITING_APPROVAL, *_HELD)),
        sa.and_(Meeting.status == Status.DRAFT, _holding()),
    )


def look(meeting: Meeting, holds: bool) -> Look:
    """How *meeting* is drawn."""
    if meeting.status in (Status.CANCELLED, Status.POSTPONED):
        return Look.OFF
    if meeting.status is Status.DRAFT:
        return Look.HOLD if holds else Look.DRAFT
    return Look.HOLD if meeting.status is Status.AWAITING_APPROVAL else Look.FIRM


def _sites_in() -> sa.ScalarSelect[int]:
    return (
        sa.select(sa.func.count(MeetingSite.id))
        .where(MeetingSite.meeting_id == Meeting.id, MeetingSite.removed_at.is_(None))
        .correlate(Meeting)
        .scalar_subquery()
    )


def bars_of(condition: sa.ColumnElement[bool], actor: Actor) -> dict[int, tuple[Meeting, Bar]]:
    """The meetings of *condition* as bars, by id; a title only where *actor* may know it."""
    query = (
        sa.select(Meeting, Unit.full_name, scheduling.visible_to(actor).label("known"), _holding(), _sites_in())
        .join(Unit, Meeting.organiser_id == Unit.id)
        .where(condition)
        .options(joinedload(Meeting.host_room), joinedload(Meeting.host_site), joinedload(Meeting.series))
    )
    found: dict[int, tuple[Meeting, Bar]] = {}
    for meeting, organiser, known, holds, sites in db.session.execute(query):
        if meeting.starts_at is None or meeting.ends_at is None:
            continue
        found[meeting.id] = (
            meeting,
            Bar(
                key=f"meeting-{meeting.id}",
                starts_at=meeting.starts_at,
                ends_at=meeting.ends_at,
                look=look(meeting, holds),
                title=meeting.title if known else "",
                code=meeting.code if known else "",
                state=meeting.status.value if known else "",
                organiser=organiser,
                phone=meeting.contact_phone,
                sites=sites if known else 0,
            ),
        )
    return found


def narrowed(ask: Ask, actor: Actor) -> list[sa.ColumnElement[bool]]:
    return [mine(actor)] if ask.mine else []


def seen_sites(actor: Actor) -> sa.Select[int]:
    """The sites whose occupancy *actor* may see."""
    return sa.select(Site.id).join(Unit, Site.unit_id == Unit.id).where(directory.visible_to(actor))


def busy_times(condition: sa.ColumnElement[bool], starts_at: datetime, ends_at: datetime) -> list[Busy]:
    return list(
        db.session.scalars(
            sa.select(Busy)
            .where(Busy.ended_at.is_(None), Busy.starts_at < ends_at, Busy.ends_at > starts_at, condition)
            .options(joinedload(Busy.site).joinedload(Site.unit), joinedload(Busy.room), joinedload(Busy.person))
        )
    )


def block_bar(busy: Busy, actor: Actor, *, place: str = "") -> Bar:
    """A busy time as a bar: what for is told to the people of its unit; that somebody is on leave to nobody else."""
    own = actor.may("meeting.see", occupancy.unit_of(busy).path)
    kind = busy.kind if own or busy.kind is BusyKind.MAINTENANCE else BusyKind.OTHER
    return Bar(
        key=f"busy-{busy.id}",
        starts_at=busy.starts_at,
        ends_at=busy.ends_at,
        look=Look.BLOCK,
        title=busy.title if own else "",
        state=kind.value if own or kind is BusyKind.MAINTENANCE else "busy",
        place=place,
    )


def own_sites(actor: Actor) -> sa.ColumnElement[bool]:
    """The sites of just the units that *actor* was granted, and of their offices."""
    paths = actor.paths("meeting.see")
    above = sa.select(Unit.id).where(Unit.path.in_(paths))
    return sa.or_(Unit.path.in_(paths), sa.and_(Unit.kind == UnitKind.OFFICE, Unit.parent_id.in_(above)))


def guests(
    actor: Actor, ask: Ask, starts_at: datetime, ends_at: datetime, *conditions: sa.ColumnElement[bool]
) -> list[tuple[int, int]]:
    """(site, meeting) of the guests of the period that *actor* may see."""
    paths = actor.paths("meeting.see")
    hers = sa.or_(
        Meeting.organiser_id.in_(sa.select(Unit.id).where(units.within(paths))),
        sa.and_(Meeting.sent_at.is_not(None), MeetingSite.unit_id.in_(sa.select(Unit.id).where(units.within(paths)))),
        sa.and_(taking(), MeetingSite.site_id.in_(seen_sites(actor))),
    )
    query = (
        sa.select(MeetingSite.site_id, MeetingSite.meeting_id)
        .join(Meeting, MeetingSite.meeting_id == Meeting.id)
        .join(Site, MeetingSite.site_id == Site.id)
        .join(Unit, Site.unit_id == Unit.id)
        .where(MeetingSite.removed_at.is_(None), shown(starts_at, ends_at), hers, *narrowed(ask, actor), *conditions)
    )
    return [(site_id, meeting_id) for site_id, meeting_id in db.session.execute(query)]


def hosts(
    actor: Actor, ask: Ask, starts_at: datetime, ends_at: datetime, *conditions: sa.ColumnElement[bool]
) -> list[tuple[int, int]]:
    """As :func:`guests`, of the sites that are host."""
    paths = actor.paths("meeting.see")
    hers = sa.or_(
        Meeting.organiser_id.in_(sa.select(Unit.id).where(units.within(paths))),
        sa.and_(scheduling.visible_to(actor), Site.unit_id.in_(sa.select(Unit.id).where(units.within(paths)))),
        sa.and_(taking(), Site.id.in_(seen_sites(actor))),
    )
    query = (
        sa.select(Site.id, Meeting.id)
        .select_from(Meeting)
        .join(Site, Meeting.host_site_id == Site.id)
        .join(Unit, Site.unit_id == Unit.id)
        .where(shown(starts_at, ends_at), hers, *narrowed(ask, actor), *conditions)
    )
    return [(site_id, meeting_id) for site_id, meeting_id in db.session.execute(query)]


def in_scope(ask: Ask) -> list[sa.ColumnElement[bool]]:
    """Which sites (with ``Site`` and ``Unit`` joined) the search box and the province narrow the calendar to."""
    found: list[sa.ColumnElement[bool]] = []
    if ask.province and (above := units.by_code(ask.province, today())):
        found.append(sa.or_(Unit.id == above.id, units.below(above.path)))
    if ask.words:
        found.append(directory.matches(Site.search_key, ask.words))
    return found


def chaired_by(actor: Actor, person_id: int, starts_at: datetime, ends_at: datetime) -> sa.ColumnElement[bool]:
    """The meetings that *person_id*, whom *actor* sees, chairs: those she may know of, and those that only take the hour."""
    return sa.and_(
        shown(starts_at, ends_at),
        Meeting.chair_id == person_id,
        sa.or_(scheduling.visible_to(actor), taking()),
    )


def month(actor: Actor, ask: Ask) -> tuple[Bar, ...]:
    """The meetings of a month that *actor* may see, narrowed as the lanes would be."""
    starts_at, ends_at = span(*ask.days)
    conditions = [scheduling.visible_to(actor), *narrowed(ask, actor)]
    if ask.by is By.SITE and (scope := in_scope(ask)):
        sites = sa.select(Site.id).join(Unit, Site.unit_id == Unit.id).where(*scope)
        guests = sa.select(MeetingSite.meeting_id).where(
            MeetingSite.removed_at.is_(None), MeetingSite.site_id.in_(sites)
        )
        conditions.append(sa.or_(Meeting.id.in_(guests), Meeting.host_site_id.in_(sites)))
    elif ask.words:
        for word in search_key(ask.words).split()[:6]:
            rooms = sa.select(Site.id).where(Site.search_key.contains(word, autoescape=True))
            told = [Meeting.search_key.contains(word, autoescape=True)]
            if ask.by is By.ROOM:
                told.append(Meeting.host_site_id.in_(rooms))
            conditions.append(sa.or_(*told))
    found = bars_of(sa.and_(shown(starts_at, ends_at), *conditions), actor)
    return tuple(sorted((bar for _meeting, bar in found.values()), key=lambda bar: (bar.starts_at, bar.key)))
