"""Before a meeting is held: what it would cost in one place and what online, for the sites that are chosen by now.

QĐ 45/2018/QĐ-TTg lets the chair decide the form by content, scale, attendance and means; these are figures for that decision,
and they stop nothing. The sums are those of the estimate after the meeting (:mod:`meetings.savings.estimate`), made of expected
people in the place of counted ones, and nothing of them is kept: the next page counts anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from meetings.adapters.distance import Place, great_circle_km
from meetings.clock import instant, today, wall
from meetings.database import db
from meetings.directory.models import Room, Site
from meetings.official.verified import Verified
from meetings.savings import queries, waterfall
from meetings.savings.estimate import ONLINE, Estimate, estimate
from meetings.savings.rules import KEY_WORDS
from meetings.savings.trips import Source, Trip, Triple, total
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.units.models import Unit, UnitKind

LAW: Final = "Điều 7 Quyết định 45/2018/QĐ-TTg"
"""Who decides the form of a meeting."""
LAW_VERIFIED: Final = Verified.SECONDARY  # that it still holds in November 2026: memory, 80 %
USUAL_START: Final = time(8)
"""Assumed while the hour of a meeting is not set."""
_BY_AIR_LINE: Final = (None, Source.GREAT_CIRCLE)


class Bar(NamedTuple):
    """One of the two bars: how long its estimate is, from where to where its range goes, on a scale of a thousand."""

    width: int
    low: int
    high: int
    left: int = 0
    nought: int = 0


@dataclass(frozen=True)
class _Planned:
    """The meeting with an hour: its own, or the usual one while none is set."""

    starts_at: datetime
    ends_at: datetime
    host_site: Site | None
    organiser: Unit


@dataclass(frozen=True)
class Plan:
    """A meeting in one place beside the same meeting online, before it is held.

    *people* are expected at the sites that are counted: *by_roster* of these by the list that they sent, *by_limit* by the most
    delegates that are asked and the seats of the room. *without_people* and *without_place*: names of the sites that cannot be
    counted. *doubtful*: values that are assumed or were not compared with the text; *day* is whose norms these are.
    """

    found: Estimate
    day: date
    venue: str
    venue_known: bool
    hour_known: bool
    people: int
    by_roster: int
    by_limit: int
    without_people: Sequence[str]
    without_place: Sequence[str]
    doubtful: int

    @property
    def in_person(self) -> Triple:
        """What meeting in one place would cost."""
        return total(self.found.sums[key] for key in waterfall.IN_PERSON)

    @property
    def online(self) -> Triple:
        """What meeting online costs, the smallest amount first."""
        return Triple(*sorted(-amount for amount in waterfall.online(self.found.sums)))

    @property
    def parts(self) -> list[tuple[str, Triple]]:
        """The items of the meeting in one place that cost anything."""
        return [(key, self.found.sums[key]) for key in waterfall.IN_PERSON if any(self.found.sums[key])]

    @property
    def parts_online(self) -> list[tuple[str, Triple]]:
        """The items of the meeting online that cost anything, as positive amounts."""
        sums = self.found.sums
        return [(key, Triple(*sorted(-amount for amount in sums[key]))) for key in ONLINE if any(sums[key])]

    @property
    def cheaper(self) -> str:
        """Which form costs less in the whole range: ``online``, ``in_person``, or "" where the range decides nothing."""
        low, _mid, high = self.found.saving
        return "online" if low > 0 else "in_person" if high < 0 else ""

    @property
    def difference(self) -> Triple:
        """By how much the one form costs less than the other, the smallest amount first; of "" what online saves."""
        return (
            Triple(*(-amount for amount in reversed(self.found.saving)))
            if self.cheaper == "in_person"
            else self.found.saving
        )

    @property
    def left_out(self) -> int:
        return self.found.sites - self.found.counted

    @property
    def off(self) -> list[Any]:
        """The norms without a value that would have been needed, in words."""
        return [KEY_WORDS[key] for key in self.found.off]

    @property
    def bars(self) -> tuple[Bar, Bar]:
        """In one place, and online, on one scale."""
        here, online = self.in_person, self.online
        most = max(here.high, online.high, 1)
        first, second = (
            Bar(
                three.mid * waterfall.WIDTH // most,
                three.low * waterfall.WIDTH // most,
                three.high * waterfall.WIDTH // most,
            )
            for three in (here, online)
        )
        return first, second


def plan_of(meeting: Meeting) -> Plan | None:
    """What *meeting* would cost in both forms as it is planned by now; None while no site is chosen."""
    rows = _sites_of(meeting)
    if not rows:
        return None
    venue = meeting.host_site
    known = queries.distances_from(venue) if venue else {}
    trips = _trips(meeting, rows, known)
    starts_at = meeting.starts_at or instant(today(), USUAL_START)
    ends_at = (meeting.ends_at if meeting.starts_at else None) or starts_at + timedelta(minutes=meeting.minutes_long)
    day = wall(starts_at).date()
    values = queries.values_on(day)
    found = estimate(values, trips, queries.occasion_of(_Planned(starts_at, ends_at, venue, meeting.organiser)))
    counted = [trip for trip in trips if trip.people is not None and (trip.km is not None or trip.road is not None)]
    by_roster = sum(1 for trip in counted if trip.ranks is not None)
    return Plan(
        found=found,
        day=day,
        venue=venue.name if venue else "",
        venue_known=_place(venue) is not None or bool(known),
        hour_known=meeting.starts_at is not None,
        people=sum(trip.people or 0 for trip in counted),
        by_roster=by_roster,
        by_limit=len(counted) - by_roster,
        without_people=[trip.name for trip in trips if trip.people is None],
        without_place=[t.name for t in trips if t.people is not None and t.km is None and t.road is None],
        doubtful=sum(1 for value in values.national.values() if value.doubtful and not value.missing),
    )


def _sites_of(meeting: Meeting) -> Sequence[Any]:
    """The chosen sites with what their journey and their number of people need, in protocol order: one question."""
    provinces = aliased(Unit)
    return db.session.execute(
        sa.select(
            MeetingSite.id,
            MeetingSite.site_id,
            MeetingSite.unit_id,
            MeetingSite.name,
            Site.latitude,
            Site.longitude,
            sa.func.coalesce(Room.seats, Site.seats).label("seats"),
            Unit.kind,
            provinces.code.label("province"),
        )
        .join(Site, MeetingSite.site_id == Site.id)
        .join(Unit, MeetingSite.unit_id == Unit.id)
        .outerjoin(provinces, MeetingSite.province_id == provinces.id)
        .outerjoin(Room, sa.and_(Room.site_id == Site.id, Room.is_default))
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))
        .order_by(MeetingSite.position, MeetingSite.id)
    ).all()


def _trips(meeting: Meeting, rows: Sequence[Any], known: dict[int, tuple[int, Source]]) -> list[Trip]:
    """The sites on their way to the venue, with the people who are expected there."""
    venue, most = meeting.host_site, meeting.max_delegates
    here = _place(venue)
    at, town = (venue.id, venue.unit_id) if venue is not None else (None, None)
    ranked = queries.ranks_of(meeting, {row.id for row in rows if row.kind is UnitKind.COMMUNE})
    trips = []
    for id, site, unit, name, latitude, longitude, seats, kind, province in rows:
        km: int | None = None
        if here is not None and latitude is not None and longitude is not None:
            km = round(great_circle_km(Place(latitude, longitude), here))
        road, source = known.get(site, _BY_AIR_LINE)
        if at is not None and (site == at or unit == town):
            km, road, source = 0, 0, Source.LOCAL
        ranks = ranked.get(id)
        people = expected(sum(ranks) if ranks else None, most, seats)
        trips.append(Trip(id, name, people, km, kind is UnitKind.COMMUNE, province or "", ranks, road, source))
    return trips


def expected(listed: int | None, most: int | None, seats: int | None) -> int | None:
    """How many people a site is expected to seat: those on its list, else no more than are asked and than there are seats.
    None: nothing is known, and the site is not counted."""
    if listed:
        return listed
    limits = [limit for limit in (most, seats) if limit]
    return min(limits) if limits else None


def _place(site: Site | None) -> Place | None:
    if site is None or site.latitude is None or site.longitude is None:
        return None
    return Place(site.latitude, site.longitude)
