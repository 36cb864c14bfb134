"""Questions of the calendar: who is taken by what in a period, as far as the reader may know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import aliased, joinedload

from meetings.accounts.models import User
from meetings.accounts.rules import Actor, Role
from meetings.clock import now, today
from meetings.database import db
from meetings.directory import queries as directory
from meetings.directory.models import Person, Room, Site
from meetings.directory.queries.site import KIND_ORDER
from meetings.errors import NotFound, Refused
from meetings.i18n import gettext as _
from meetings.official.text import search_key
from meetings.official.working_days import Calendar
from meetings.scheduling import occupancy
from meetings.scheduling import queries as scheduling
from meetings.scheduling.lanes import Bar, By, Lane, Look, View, collided, period, span
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


# ------------------------------------------------------------------ which meetings


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


def _taking() -> sa.ColumnElement[bool]:
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


# ------------------------------------------------------------------ lanes


@dataclass(frozen=True)
class Board:
    """What the calendar shows: lanes, or provinces to choose from where there would be too many."""

    lanes: tuple[Lane, ...] = ()
    provinces: tuple[tuple[str, str, int], ...] = ()  # code, name, sites with something


def board(actor: Actor, ask: Ask) -> Board:
    """The lanes of a day or a week."""
    starts_at, ends_at = span(*ask.days)
    if ask.by is By.SITE:
        return _by_site(actor, ask, starts_at, ends_at)
    if ask.by is By.CHAIR:
        return _by_chair(actor, ask, starts_at, ends_at)
    return _by_room(actor, ask, starts_at, ends_at)


def _narrowed(ask: Ask, actor: Actor) -> list[sa.ColumnElement[bool]]:
    return [mine(actor)] if ask.mine else []


def _seen_sites(actor: Actor) -> sa.Select[int]:
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


def _own_sites(actor: Actor) -> sa.ColumnElement[bool]:
    """The sites of just the units that *actor* was granted, and of their offices."""
    paths = actor.paths("meeting.see")
    above = sa.select(Unit.id).where(Unit.path.in_(paths))
    return sa.or_(Unit.path.in_(paths), sa.and_(Unit.kind == UnitKind.OFFICE, Unit.parent_id.in_(above)))


def _by_room(actor: Actor, ask: Ask, starts_at: datetime, ends_at: datetime) -> Board:
    seen = Meeting.host_site_id.in_(_seen_sites(actor))
    hosted = bars_of(
        sa.and_(
            shown(starts_at, ends_at),
            sa.or_(scheduling.visible_to(actor), sa.and_(_taking(), seen)),
            *_narrowed(ask, actor),
        ),
        actor,
    )
    hers = set(
        db.session.scalars(
            sa.select(Room.id)
            .join(Site, Room.site_id == Site.id)
            .join(Unit, Site.unit_id == Unit.id)
            .where(Room.in_service, Site.in_service, _own_sites(actor), units.valid_on(today()))
            .limit(MANY)
        )
    )
    used = {meeting.host_room_id for meeting, _bar in hosted.values() if meeting.host_room_id is not None}
    rooms = _rooms(used if ask.mine else used | hers, ask.words)
    standard = {room.site_id: room.id for room in rooms if room.is_default}
    lanes: dict[int, list[Bar]] = {room.id: [] for room in rooms}
    for meeting, bar in hosted.values():
        if meeting.host_room_id in lanes:
            lanes[meeting.host_room_id].append(bar)
    # where the room's own site is a guest, it sits in its usual room
    visits = guests(actor, ask, starts_at, ends_at, MeetingSite.site_id.in_(standard))
    bars = bars_of(Meeting.id.in_({id for _site, id in visits}), actor) if visits else {}
    for site_id, meeting_id in visits:
        meeting, bar = bars[meeting_id]
        if meeting.host_site_id != site_id:
            lanes[standard[site_id]].append(bar)
    of_sites = sa.or_(
        Busy.room_id.in_(lanes), sa.and_(Busy.room_id.is_(None), Busy.site_id.in_({r.site_id for r in rooms}))
    )
    for taken in [] if ask.mine else busy_times(of_sites, starts_at, ends_at):
        for room in rooms:
            if taken.room_id == room.id or (taken.room_id is None and taken.site_id == room.site_id):
                lanes[room.id].append(block_bar(taken, actor))
    unknown = occupancy.unknown_between(starts_at, ends_at) if lanes else None
    return Board(
        tuple(
            Lane(
                f"room-{room.id}",
                room.name,
                room.site.name,
                _page_of_site(actor, room.site),
                unknown is None or (room.id not in unknown.rooms and room.site_id not in unknown.sites),
                collided(lanes[room.id]),
            )
            for room in rooms
        )
    )


def _page_of_site(actor: Actor, site: Site) -> str:
    return url_for("directory.site", code=site.code) if actor.may("directory.see") else ""


def _rooms(ids: Iterable[int], words: str) -> list[Room]:
    query = (
        sa.select(Room)
        .join(Site, Room.site_id == Site.id)
        .join(Unit, Site.unit_id == Unit.id)
        .where(Room.id.in_(sorted(ids)))
        .options(joinedload(Room.site).joinedload(Site.unit))
        .order_by(KIND_ORDER, Site.code, Room.is_default.desc(), Room.name)
    )
    wanted = search_key(words).split()
    return [
        room
        for room in db.session.scalars(query)
        if all(word in search_key(f"{room.name} {room.site.name}") for word in wanted)
    ]


def guests(
    actor: Actor, ask: Ask, starts_at: datetime, ends_at: datetime, *conditions: sa.ColumnElement[bool]
) -> list[tuple[int, int]]:
    """(site, meeting) of the guests of the period that *actor* may see."""
    paths = actor.paths("meeting.see")
    hers = sa.or_(
        Meeting.organiser_id.in_(sa.select(Unit.id).where(units.within(paths))),
        sa.and_(Meeting.sent_at.is_not(None), MeetingSite.unit_id.in_(sa.select(Unit.id).where(units.within(paths)))),
        sa.and_(_taking(), MeetingSite.site_id.in_(_seen_sites(actor))),
    )
    query = (
        sa.select(MeetingSite.site_id, MeetingSite.meeting_id)
        .join(Meeting, MeetingSite.meeting_id == Meeting.id)
        .join(Site, MeetingSite.site_id == Site.id)
        .join(Unit, Site.unit_id == Unit.id)
        .where(MeetingSite.removed_at.is_(None), shown(starts_at, ends_at), hers, *_narrowed(ask, actor), *conditions)
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
        sa.and_(_taking(), Site.id.in_(_seen_sites(actor))),
    )
    query = (
        sa.select(Site.id, Meeting.id)
        .select_from(Meeting)
        .join(Site, Meeting.host_site_id == Site.id)
        .join(Unit, Site.unit_id == Unit.id)
        .where(shown(starts_at, ends_at), hers, *_narrowed(ask, actor), *conditions)
    )
    return [(site_id, meeting_id) for site_id, meeting_id in db.session.execute(query)]


def _in_scope(ask: Ask) -> list[sa.ColumnElement[bool]]:
    """Which sites (with ``Site`` and ``Unit`` joined) the search box and the province narrow the calendar to."""
    found: list[sa.ColumnElement[bool]] = []
    if ask.province and (above := units.by_code(ask.province, today())):
        found.append(sa.or_(Unit.id == above.id, units.below(above.path)))
    if ask.words:
        found.append(directory.matches(Site.search_key, ask.words))
    return found


def _by_site(actor: Actor, ask: Ask, starts_at: datetime, ends_at: datetime) -> Board:
    scope = _in_scope(ask)
    both = [*guests(actor, ask, starts_at, ends_at, *scope), *hosts(actor, ask, starts_at, ends_at, *scope)]
    seen = sa.select(Site.id).join(Unit, Site.unit_id == Unit.id).where(directory.visible_to(actor), *scope)
    blocks = [] if ask.mine else busy_times(Busy.site_id.in_(seen), starts_at, ends_at)
    ids = {site_id for site_id, _meeting in both} | {busy.site_id for busy in blocks if busy.site_id is not None}
    if len(ids) > MANY and not (ask.province or ask.words):
        return Board(provinces=_provinces(ids))
    bars = bars_of(Meeting.id.in_({meeting_id for _site, meeting_id in both}), actor) if both else {}
    lanes: dict[int, list[Bar]] = defaultdict(list)
    for site_id, meeting_id in dict.fromkeys(both):
        meeting, bar = bars[meeting_id]
        room = meeting.host_room if meeting.host_site_id == site_id else None
        lanes[site_id].append(replace(bar, place=room.name) if room is not None else bar)
    for busy in blocks:
        lanes[busy.site_id or 0].append(block_bar(busy, actor, place=busy.room.name if busy.room else ""))
    unknown = occupancy.unknown_between(starts_at, ends_at).sites if lanes else set()
    return Board(
        tuple(
            Lane(
                f"site-{site.id}",
                site.name,
                site.unit.parent.name if site.unit.kind is UnitKind.COMMUNE and site.unit.parent else "",
                _page_of_site(actor, site),
                site.id not in unknown,
                collided(lanes[site.id]),
            )
            for site in _sites(ids)
        )
    )


def _sites(ids: Iterable[int]) -> list[Site]:
    found: list[Site] = []
    wanted = sorted(ids)
    for chunk in (wanted[i : i + 500] for i in range(0, len(wanted), 500)):
        query = sa.select(Site).where(Site.id.in_(chunk)).options(joinedload(Site.unit).joinedload(Unit.parent))
        found += db.session.scalars(query)
    order = {UnitKind.MINISTRY: 1, UnitKind.PROVINCE: 2, UnitKind.OFFICE: 3, UnitKind.COMMUNE: 4}
    return sorted(found, key=lambda site: (order.get(site.unit.kind, 0), site.code))


def _provinces(ids: Iterable[int]) -> tuple[tuple[str, str, int], ...]:
    """How many of the sites *ids* each province has, by code; what belongs to none comes last with an empty code."""
    above = aliased(Unit)
    counts: dict[tuple[str, str], int] = defaultdict(int)
    wanted = sorted(ids)
    for chunk in (wanted[i : i + 500] for i in range(0, len(wanted), 500)):
        query = (
            sa.select(Unit.code, Unit.name, above.kind, above.code, above.name)
            .select_from(Site)
            .join(Unit, Site.unit_id == Unit.id)
            .outerjoin(above, Unit.parent_id == above.id)
            .where(Site.id.in_(chunk))
        )
        for code, name, above_kind, above_code, above_name in db.session.execute(query):
            if above_kind is UnitKind.PROVINCE:
                counts[above_code, above_name] += 1
            else:
                counts[code, name] += 1
    return tuple(sorted((code, name, n) for (code, name), n in counts.items()))


def chaired_by(actor: Actor, person_id: int, starts_at: datetime, ends_at: datetime) -> sa.ColumnElement[bool]:
    """The meetings that *person_id*, whom *actor* sees, chairs: those she may know of, and those that only take the hour."""
    return sa.and_(
        shown(starts_at, ends_at),
        Meeting.chair_id == person_id,
        sa.or_(scheduling.visible_to(actor), _taking()),
    )


def _by_chair(actor: Actor, ask: Ask, starts_at: datetime, ends_at: datetime) -> Board:
    people = directory.people(actor).order_by(None).with_only_columns(Person.id)
    found = bars_of(
        sa.and_(
            shown(starts_at, ends_at),
            sa.or_(scheduling.visible_to(actor), sa.and_(_taking(), Meeting.chair_id.in_(people))),
            *_narrowed(ask, actor),
        ),
        actor,
    )
    lanes: dict[str, list[Bar]] = defaultdict(list)
    names: dict[str, tuple[str, str]] = {}
    ids: dict[int, str] = {}
    for meeting, bar in found.values():
        if not meeting.chair_name:
            continue
        key = f"person-{meeting.chair_id}" if meeting.chair_id else f"chair-{meeting.chair_name}-{meeting.chair_title}"
        lanes[key].append(bar)
        names[key] = (f"{meeting.chair_honorific} {meeting.chair_name}".strip(), meeting.chair_title)
        if meeting.chair_id:
            ids[meeting.chair_id] = key
    blocks = [] if ask.mine else busy_times(Busy.person_id.in_(people), starts_at, ends_at)
    for busy in blocks:
        if busy.person is not None:
            key = f"person-{busy.person.id}"
            lanes[key].append(block_bar(busy, actor))
            names.setdefault(key, (f"{busy.person.honorific} {busy.person.name}".strip(), busy.person.title))
            ids[busy.person.id] = key
    unknown = {f"person-{id}" for id in occupancy.unknown_between(starts_at, ends_at).people} if lanes else set()
    wanted = search_key(ask.words).split()
    return Board(
        tuple(
            Lane(key, name, title, "", key not in unknown, collided(lanes[key]))
            for key, (name, title) in sorted(names.items(), key=lambda item: (item[1][0].split()[-1:], item[1]))
            if all(word in search_key(f"{name} {title}") for word in wanted)
        )
    )


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
    query = sa.select(Site).join(Unit, Site.unit_id == Unit.id).where(Site.in_service, _own_sites(actor))
    sites = db.session.scalars(query.order_by(KIND_ORDER, Site.code).limit(MANY)).all()
    rooms = sa.select(Room).where(Room.in_service, Room.site_id.in_([site.id for site in sites]))
    ordered = rooms.options(joinedload(Room.site)).order_by(Room.site_id, Room.is_default.desc(), Room.name)
    return Near(sites, db.session.scalars(ordered).all(), directory.people_for(actor))


# ------------------------------------------------------------------ a month


def month(actor: Actor, ask: Ask) -> tuple[Bar, ...]:
    """The meetings of a month that *actor* may see, narrowed as the lanes would be."""
    starts_at, ends_at = span(*ask.days)
    conditions = [scheduling.visible_to(actor), *_narrowed(ask, actor)]
    if ask.by is By.SITE and (scope := _in_scope(ask)):
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


# ------------------------------------------------------------------ the same as a list


@dataclass(frozen=True)
class Entry:
    """A bar once, with the lanes it lies in: a line of the agenda."""

    bar: Bar
    lanes: tuple[str, ...]


def agenda(lanes: Iterable[Lane]) -> list[Entry]:
    """Every bar of *lanes* once, in the order of time, with where it lies."""
    where: dict[str, list[str]] = defaultdict(list)
    bars: dict[str, Bar] = {}
    for lane in lanes:
        for bar in lane.bars:
            where[bar.key].append(lane.name)
            known = bars.get(bar.key)
            bars[bar.key] = bar if known is None or bar.collides > known.collides else known
    ordered = sorted(bars.values(), key=lambda bar: (bar.starts_at, bar.ends_at, bar.key))
    return [Entry(bar, tuple(where[bar.key])) for bar in ordered]


def off_day(worked: Calendar, day: date) -> str:
    """What is said beside *day*: the holiday it is, that it is off, or that it is worked instead of another; else ""."""
    name, works = worked.holiday(day), worked.is_working(day)
    if not works and name:
        return _("Off: %(holiday)s", holiday=name)
    if not works and day.weekday() < 5:
        return _("Off")
    return _("Worked instead") if works and day.weekday() >= 5 else ""
