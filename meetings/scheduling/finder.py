"""What the slot finder asks the database: the calendars of a window in one fetch, however many sites there are.

What overlaps the window is found first and then held against what the meeting needs: a question by thousands of site ids
would look each of them up. The seconds of a booking are read as they are kept; ten thousand datetimes would cost more than
the search.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import sqlalchemy as sa

from meetings.accounts.rules import Actor
from meetings.clock import instant, now, wall
from meetings.database import db
from meetings.directory.models import Person, Site
from meetings.scheduling import clashes, rules, slots, working_time
from meetings.scheduling.clashes import Collision, Wanted
from meetings.scheduling.models import LONGEST, Booking, Feed, Meeting, MeetingSite
from meetings.scheduling.slots import Busy, Cell, Kind, Part, Party, Question, Slot, Tally
from meetings.units.models import Unit, UnitKind

MOST_DAYS: Final = 31
"""Of a window."""
NAMED: Final = 50
"""Busy sites that are named at one hour; the others are counted."""


@dataclass(frozen=True)
class Search:
    """What a secretary looks for: *minutes* between two days, in a part of the day, with a *margin* before the start."""

    first: date
    last: date
    minutes: int
    margin: int = 15
    part: Part = Part.DAY


@dataclass(frozen=True)
class Found:
    """The best starts and the heat-map of a window, with what was asked."""

    question: Question
    sites: int
    best: list[Slot]
    heat: dict[date, list[Cell]]


def find(meeting: Meeting, search: Search, *, k: int = 5) -> Found:
    """The best start of each of the *k* best half-days for *meeting*, and how many sites are free in each half hour."""
    asked = _ask(meeting, search)
    sites = sum(party.kind is Kind.SITE for party in asked.question.parties)
    return Found(asked.question, sites, slots.best(*asked.whole, k, apart=True), slots.heat(*asked.whole))


def tallies(meeting: Meeting, starts: Sequence[datetime], minutes: int) -> list[Tally]:
    """Who is busy at each of a few starts (in their order, of one day or two), on the minute: no margin before them."""
    if not starts:
        return []
    asked = _ask(meeting, Search(wall(starts[0]).date(), wall(starts[-1]).date(), minutes, 0))
    return slots.tallies(asked.question, [int(at.timestamp()) for at in starts], asked.busy, asked.unknown)


def possible(day: date, minutes: int) -> list[datetime]:
    """Every start of *day* at which a meeting of *minutes* lies in working hours, from now on."""
    days = slots.office_days(day, day, working_time.hours(), working_time.calendar().is_working)
    found = slots.starts(Question(days, minutes, (), not_before=int(now().timestamp()) + 1))
    return [datetime.fromtimestamp(second, UTC) for second in found]


@dataclass(frozen=True)
class _Asked:
    question: Question
    busy: list[Busy]
    unknown: list[Busy]

    @property
    def whole(self) -> tuple[Question, list[Busy], list[Busy]]:
        return self.question, self.busy, self.unknown


def _ask(meeting: Meeting, search: Search) -> _Asked:
    """The question of *search* with the calendars that answer it."""
    needs, host = clashes.wanted(meeting), ("site", meeting.host_site_id)
    question = Question(
        days=slots.office_days(search.first, search.last, working_time.hours(), working_time.calendar().is_working),
        minutes=search.minutes,
        parties=tuple(_party(need, host) for need in needs),
        margin=search.margin,
        part=search.part,
        not_before=int(now().timestamp()) + 1,
    )
    # a margin lies before the first hour, and a long meeting may end on the day after the last
    begins = instant(search.first, time(0)) - timedelta(minutes=search.margin)
    ends = instant(search.last, time(0)) + timedelta(days=1, minutes=search.minutes)
    return _Asked(question, booked(meeting, needs, begins, ends), unknown(needs, begins, ends))


def _party(need: Wanted, host: tuple[str, int | None]) -> Party:
    """The host counts as a room: without it there is no meeting at all."""
    kind, id = need.resource
    return Party(
        Kind.PERSON if kind == "person" else Kind.ROOM if need.resource == host else Kind.SITE, id, need.required
    )


def booked(meeting: Meeting, needs: Sequence[Wanted], begins: datetime, ends: datetime) -> list[Busy]:
    """When what *meeting* needs is taken by anything else, whoever holds it, firmly or for a while."""
    taken = Booking.__table__.c
    asked = sa.select(
        sa.func.coalesce(taken.site_id, -taken.person_id),
        taken.room_id,
        sa.type_coerce(taken.starts_at, sa.BigInteger),
        sa.type_coerce(taken.ends_at, sa.BigInteger),
    ).where(
        taken.starts_at < ends,
        taken.starts_at > begins - LONGEST,
        taken.ends_at > begins,
        sa.or_(taken.meeting_id.is_(None), taken.meeting_id != meeting.id),
        sa.or_(taken.expires_at.is_(None), taken.expires_at > now()),
    )
    # a person is the number below zero
    number_of = {id if kind == "site" else -id: n for n, (kind, id) in enumerate(need.resource for need in needs)}
    rooms = {n: need.room_id for n, need in enumerate(needs) if need.room_id is not None}
    # from the driver itself: ten thousand rows are numbers already, and wrapping each costs as much as fetching it
    result = db.session.connection().execute(asked)
    rows = result.cursor.fetchall() if result.cursor else []
    result.close()
    return [
        (number_of[resource], start, end)
        for resource, room, start, end in rows
        if resource in number_of and (room is None or rooms.get(number_of[resource], room) == room)
    ]


def unknown(needs: Sequence[Wanted], begins: datetime, ends: datetime) -> list[Busy]:
    """When nothing is known of what a meeting needs, between *begins* and *ends*.

    A calendar is known where it is kept here (``calendar_kept``: a site's is unless said otherwise, a person's only where
    it is said), or where one that is kept elsewhere was read in the last day, as far as it was read. Where one was
    subscribed to and is stale, nothing is known, whatever is kept here besides.
    """
    number_of = {need.resource: number for number, need in enumerate(needs)}
    room_of = {need.resource: need.room_id for need in needs if need.room_id is not None}
    feeds = sa.select(Feed.site_id, Feed.room_id, Feed.person_id, Feed.last_ok_at, Feed.covers_until)
    reach: dict[clashes.Resource, datetime] = {}
    for site, room, person, read_at, until in db.session.execute(feeds.where(Feed.ended_at.is_(None))):
        resource = ("site", site) if site is not None else ("person", person or 0)
        if room is not None and room_of.get(resource, room) != room:
            continue
        known = rules.known_until(read_at, until, now()) or begins
        reach[resource] = min(reach.get(resource, ends), known)
    people = [id for kind, id in number_of if kind == "person"]
    kept_here = set(db.session.scalars(sa.select(Person.id).where(Person.calendar_kept, Person.id.in_(people))))
    kept_elsewhere = set(db.session.scalars(sa.select(Site.id).where(sa.not_(Site.calendar_kept))))
    found: list[Busy] = []
    for (kind, id), number in number_of.items():
        kept = id in kept_here if kind == "person" else id not in kept_elsewhere
        from_ = reach.get((kind, id), ends if kept else begins)
        if from_ < ends:
            found.append((number, int(max(from_, begins).timestamp()), int(ends.timestamp())))
    return found


# ------------------------------------------------------------------ who is busy with what, and whom to call


@dataclass(frozen=True)
class Way:
    """Something that stands in the way at an hour: another meeting or a block, and whom of this meeting it takes.

    *named* are the first of them by province ("" for people and central bodies), *others* how many more there are.
    """

    code: str
    title: str  # "" when the reader may not know it
    organiser: str
    phone: str
    starts_at: datetime
    ends_at: datetime
    until: datetime | None  # of a hold that runs out
    named: list[tuple[str, list[str]]]
    others: int
    required: int  # of them have to be there

    @property
    def count(self) -> int:
        return sum(len(names) for _province, names in self.named) + self.others


def in_the_way(
    meeting: Meeting, starts_at: datetime, ends_at: datetime, actor: Actor, margin: int = 0
) -> list[Collision]:
    """Who is busy with what at an hour, and in the *margin* minutes before it, which are for the lines and not for people."""
    found = clashes.collisions(meeting, starts_at - timedelta(minutes=margin), ends_at, actor)
    return [c for c in found if c.ends_at > starts_at or c.resource[0] != "person"]


def by_way(meeting: Meeting, found: Sequence[Collision]) -> list[Way]:
    """*found* by what they are busy with: that which takes people first, then that which takes most."""
    groups: dict[tuple[str, datetime, datetime, datetime | None], list[Collision]] = {}
    for c in found:
        groups.setdefault((c.key, c.starts_at, c.ends_at, c.until), []).append(c)
    ordered = sorted(
        groups.values(), key=lambda g: (all(c.resource[0] == "site" for c in g), -len(g), g[0].starts_at, g[0].key)
    )
    left, shown = NAMED, []
    for group in ordered:
        shown.append(group[:left])
        left -= len(shown[-1])
    homes = _homes(meeting, {c.resource[1] for few in shown for c in few if c.resource[0] == "site"})
    ways = []
    for group, few in zip(ordered, shown, strict=True):
        named: dict[str, list[str]] = {}
        for c in sorted(few, key=lambda c: homes.get(c.resource[1], NOWHERE) if c.resource[0] == "site" else NOWHERE):
            home = homes.get(c.resource[1], NOWHERE)[1] if c.resource[0] == "site" else ""
            named.setdefault(home if home != c.name else "", []).append(c.name)
        c = group[0]
        ways.append(
            Way(
                c.code, c.title, c.organiser, c.phone, c.starts_at, c.ends_at, c.until,
                list(named.items()), len(group) - len(few), sum(c.required for c in group),
            )
        )  # fmt: skip
    return ways


NOWHERE: Final = (-1, "")


def _homes(meeting: Meeting, site_ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """The place in protocol order and the province of a few sites of *meeting*."""
    rows = db.session.execute(
        sa.select(MeetingSite.site_id, MeetingSite.position, sa.func.coalesce(Unit.name, ""))
        .outerjoin(Unit, MeetingSite.province_id == Unit.id)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.site_id.in_(site_ids))
    )
    return {id: (position, name) for id, position, name in rows}


def usual_search(meeting: Meeting, earliest: date) -> Search:
    """Where one looks first: ten working days from the *earliest* that may be, or those around the day that stands."""
    calendar, first = working_time.calendar(), earliest
    if meeting.starts_at is not None:
        first = max(first, calendar.add_working_days(wall(meeting.starts_at).date(), -3))
    return Search(first, calendar.add_working_days(first, 9), meeting.minutes_long)


def not_known(meeting: Meeting, starts_at: datetime, ends_at: datetime) -> list[str]:
    """Of whom nothing is known at an hour, by name: people first, then the sites in protocol order."""
    needs = clashes.wanted(meeting)
    resources = [needs[number].resource for number, _begins, _ends in unknown(needs, starts_at, ends_at)]
    person_ids = [id for kind, id in resources if kind == "person"]
    ids = {id for kind, id in resources if kind == "site"}
    people = db.session.scalars(sa.select(Person.name).where(Person.id.in_(person_ids)).order_by(Person.sort_key))
    names = list(people)
    if meeting.host_site is not None and meeting.host_site_id in ids:
        names.append(meeting.host_site.name)
    if ids - {meeting.host_site_id}:
        sites = (
            sa.select(MeetingSite.site_id, MeetingSite.name)
            .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))
            .order_by(MeetingSite.position, MeetingSite.id)
        )
        names += [name for id, name in db.session.execute(sites) if id in ids]
    return names


# ------------------------------------------------------------------ who has to be there


@dataclass(frozen=True)
class Province:
    """The sites of a meeting in one province (0: outside the provinces), and how many of them the hour has to suit."""

    unit_id: int
    name: str
    site_id: int | None  # the province's own, where it is invited
    required_self: bool
    communes: int
    required_communes: int


def provinces(meeting: Meeting) -> list[Province]:
    """The sites of *meeting* by province, in protocol order: one statement, whatever the number of communes."""
    own = MeetingSite.unit_id == MeetingSite.province_id
    rows = db.session.execute(
        sa.select(
            sa.func.coalesce(MeetingSite.province_id, 0),
            sa.func.coalesce(sa.func.max(Unit.name), ""),
            sa.func.max(sa.case((own, MeetingSite.site_id))),
            sa.func.count().filter(own, MeetingSite.required),
            sa.func.count().filter(sa.or_(sa.not_(own), MeetingSite.province_id.is_(None))),
            sa.func.count().filter(sa.or_(sa.not_(own), MeetingSite.province_id.is_(None)), MeetingSite.required),
        )
        .outerjoin(Unit, MeetingSite.province_id == Unit.id)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))
        .group_by(MeetingSite.province_id)
        .order_by(sa.func.min(MeetingSite.position))
    )
    return [Province(i, name, site, mine > 0, all_, must) for i, name, site, mine, all_, must in rows]


def sites_in(meeting: Meeting, province_id: int) -> Sequence[MeetingSite]:
    """The sites of *meeting* below one province, without the province's own; 0: those outside the provinces."""
    where = MeetingSite.province_id == province_id if province_id else MeetingSite.province_id.is_(None)
    return db.session.scalars(
        sa.select(MeetingSite)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None), where)
        .where(sa.or_(MeetingSite.province_id.is_(None), MeetingSite.unit_id != MeetingSite.province_id))
        .order_by(MeetingSite.position, MeetingSite.id)
        .limit(500)
    ).all()


def site_ids(meeting: Meeting, *, communes_of: int | None = None, kind: UnitKind | None = None) -> list[int]:
    """The ids of the sites of *meeting*: all, the communes of one province, or those of units of one kind."""
    query = sa.select(MeetingSite.site_id).where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))
    if communes_of is not None:
        query = query.where(MeetingSite.province_id == communes_of, MeetingSite.unit_id != MeetingSite.province_id)
    if kind is not None:
        query = query.join(Unit, MeetingSite.unit_id == Unit.id).where(Unit.kind == kind)
    return list(db.session.scalars(query))


@dataclass(frozen=True)
class Count:
    """How many sites and people of a meeting the hour has to suit, of how many."""

    sites: int
    required_sites: int
    people: int
    required_people: int


def count(meeting: Meeting) -> Count:
    sites, required = db.session.execute(
        sa.select(sa.func.count(), sa.func.count().filter(MeetingSite.required)).where(
            MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None)
        )
    ).one()
    people = clashes.people(meeting)
    return Count(sites, required, len(people), sum(people.values()))


def people_of(meeting: Meeting) -> list[tuple[Person, bool]]:
    """The people of *meeting* besides its chair, by name, and whether the hour has to suit each."""
    required = {id: must for id, must in clashes.people(meeting).items() if id != meeting.chair_id}
    found = db.session.scalars(sa.select(Person).where(Person.id.in_(list(required))).order_by(Person.sort_key))
    return [(person, required[person.id]) for person in found]
