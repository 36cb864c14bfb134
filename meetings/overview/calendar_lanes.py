"""The lanes of the calendar: by room, by site, by chair; and the same as a list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import aliased, joinedload

from meetings.accounts.rules import Actor
from meetings.clock import today
from meetings.database import db
from meetings.directory import queries as directory
from meetings.directory.models import Person, Room, Site
from meetings.directory.queries.site import KIND_ORDER
from meetings.official.text import search_key
from meetings.overview import calendar_queries
from meetings.scheduling import occupancy
from meetings.scheduling import queries as scheduling
from meetings.scheduling.lanes import Bar, By, Lane, collided, span
from meetings.scheduling.models import Busy, Meeting, MeetingSite
from meetings.units import queries as units
from meetings.units.models import Unit, UnitKind


@dataclass(frozen=True)
class Board:
    """What the calendar shows: lanes, or provinces to choose from where there would be too many."""

    lanes: tuple[Lane, ...] = ()
    provinces: tuple[tuple[str, str, int], ...] = ()  # code, name, sites with something


def board(actor: Actor, ask: calendar_queries.Ask) -> Board:
    """The lanes of a day or a week."""
    starts_at, ends_at = span(*ask.days)
    if ask.by is By.SITE:
        return _by_site(actor, ask, starts_at, ends_at)
    if ask.by is By.CHAIR:
        return _by_chair(actor, ask, starts_at, ends_at)
    return _by_room(actor, ask, starts_at, ends_at)


def _by_room(actor: Actor, ask: calendar_queries.Ask, starts_at: datetime, ends_at: datetime) -> Board:
    seen = Meeting.host_site_id.in_(calendar_queries.seen_sites(actor))
    hosted = calendar_queries.bars_of(
        sa.and_(
            calendar_queries.shown(starts_at, ends_at),
            sa.or_(scheduling.visible_to(actor), sa.and_(calendar_queries.taking(), seen)),
            *calendar_queries.narrowed(ask, actor),
        ),
        actor,
    )
    hers = set(
        db.session.scalars(
            sa.select(Room.id)
            .join(Site, Room.site_id == Site.id)
            .join(Unit, Site.unit_id == Unit.id)
            .where(Room.in_service, Site.in_service, calendar_queries.own_sites(actor), units.valid_on(today()))
            .limit(calendar_queries.MANY)
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
    visits = calendar_queries.guests(actor, ask, starts_at, ends_at, MeetingSite.site_id.in_(standard))
    bars = calendar_queries.bars_of(Meeting.id.in_({id for _site, id in visits}), actor) if visits else {}
    for site_id, meeting_id in visits:
        meeting, bar = bars[meeting_id]
        if meeting.host_site_id != site_id:
            lanes[standard[site_id]].append(bar)
    of_sites = sa.or_(
        Busy.room_id.in_(lanes), sa.and_(Busy.room_id.is_(None), Busy.site_id.in_({r.site_id for r in rooms}))
    )
    for taken in [] if ask.mine else calendar_queries.busy_times(of_sites, starts_at, ends_at):
        for room in rooms:
            if taken.room_id == room.id or (taken.room_id is None and taken.site_id == room.site_id):
                lanes[room.id].append(calendar_queries.block_bar(taken, actor))
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


def _by_site(actor: Actor, ask: calendar_queries.Ask, starts_at: datetime, ends_at: datetime) -> Board:
    scope = calendar_queries.in_scope(ask)
    both = [
        *calendar_queries.guests(actor, ask, starts_at, ends_at, *scope),
        *calendar_queries.hosts(actor, ask, starts_at, ends_at, *scope),
    ]
    seen = sa.select(Site.id).join(Unit, Site.unit_id == Unit.id).where(directory.visible_to(actor), *scope)
    blocks = [] if ask.mine else calendar_queries.busy_times(Busy.site_id.in_(seen), starts_at, ends_at)
    ids = {site_id for site_id, _meeting in both} | {busy.site_id for busy in blocks if busy.site_id is not None}
    if len(ids) > calendar_queries.MANY and not (ask.province or ask.words):
        return Board(provinces=_provinces(ids))
    bars = calendar_queries.bars_of(Meeting.id.in_({meeting_id for _site, meeting_id in both}), actor) if both else {}
    lanes: dict[int, list[Bar]] = defaultdict(list)
    for site_id, meeting_id in dict.fromkeys(both):
        meeting, bar = bars[meeting_id]
        room = meeting.host_room if meeting.host_site_id == site_id else None
        lanes[site_id].append(replace(bar, place=room.name) if room is not None else bar)
    for busy in blocks:
        lanes[busy.site_id or 0].append(
            calendar_queries.block_bar(busy, actor, place=busy.room.name if busy.room else "")
        )
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


def _by_chair(actor: Actor, ask: calendar_queries.Ask, starts_at: datetime, ends_at: datetime) -> Board:
    people = directory.people(actor).order_by(None).with_only_columns(Person.id)
    found = calendar_queries.bars_of(
        sa.and_(
            calendar_queries.shown(starts_at, ends_at),
            sa.or_(scheduling.visible_to(actor), sa.and_(calendar_queries.taking(), Meeting.chair_id.in_(people))),
            *calendar_queries.narrowed(ask, actor),
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
    blocks = [] if ask.mine else calendar_queries.busy_times(Busy.person_id.in_(people), starts_at, ends_at)
    for busy in blocks:
        if busy.person is not None:
            key = f"person-{busy.person.id}"
            lanes[key].append(calendar_queries.block_bar(busy, actor))
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
