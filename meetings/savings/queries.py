"""Questions about norms and estimates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings.accounts.rules import Actor
from meetings.adapters.distance import Place, great_circle_km
from meetings.attendance import queries as attendance
from meetings.clock import wall
from meetings.database import db
from meetings.directory.models import Site
from meetings.official.text import search_key
from meetings.savings.estimate import Occasion, Steps, Trip, Triple
from meetings.savings.models import Norm, NormSet, SavingsEstimate, SavingsLine
from meetings.savings.rules import KEYS, NormValue
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.units import queries as units
from meetings.units.models import Unit, UnitKind


def latest(meeting: Meeting) -> SavingsEstimate | None:
    """The newest version of the estimate of *meeting*."""
    return db.session.scalars(
        sa.select(SavingsEstimate)
        .where(SavingsEstimate.meeting_id == meeting.id)
        .options(joinedload(SavingsEstimate.norm_set))
        .order_by(SavingsEstimate.version.desc())
        .limit(1)
    ).first()


def versions(meeting: Meeting) -> Sequence[SavingsEstimate]:
    return db.session.scalars(
        sa.select(SavingsEstimate)
        .where(SavingsEstimate.meeting_id == meeting.id)
        .order_by(SavingsEstimate.version.desc())
    ).all()


FILTERS = ("road", "air", "left_out")


def lines_of(estimate: SavingsEstimate, words: str = "", only: str = "") -> sa.Select[Any]:
    """The lines of an estimate, the dearest first, those left out last; *words* are found without diacritics."""
    query = sa.select(SavingsLine).where(SavingsLine.estimate_id == estimate.id)
    for word in words.split()[:6]:
        named = (
            sa.select(MeetingSite.id)
            .join(Unit, MeetingSite.unit_id == Unit.id)
            .where(
                MeetingSite.meeting_id == estimate.meeting_id,
                Unit.search_key.contains(search_key(word), autoescape=True),
            )
        )
        query = query.where(SavingsLine.meeting_site_id.in_(named))
    if only == "left_out":
        query = query.where(SavingsLine.left_out != "")
    elif only in FILTERS:
        query = query.where(SavingsLine.left_out == "", SavingsLine.by_air.is_(only == "air"))
    return query.order_by(SavingsLine.left_out, SavingsLine.mid.desc(), SavingsLine.id)


def line(estimate: SavingsEstimate, id: int) -> SavingsLine | None:
    """One line of an estimate."""
    found = db.session.get(SavingsLine, id) if 0 < id < 2**31 else None
    return found if found is not None and found.estimate_id == estimate.id else None


def steps_of(line: SavingsLine) -> tuple[Trip, Steps]:
    """What a stored line was made of."""
    kept = line.steps
    trip = Trip(line.meeting_site_id, line.name, line.people, kept["flight_km"], kept["commune"])
    return trip, Steps(*(Triple(*kept[name]) for name in Steps._fields))


def all_lines(estimate: SavingsEstimate) -> Sequence[SavingsLine]:
    return db.session.scalars(
        sa.select(SavingsLine).where(SavingsLine.estimate_id == estimate.id).order_by(SavingsLine.id)
    ).all()


def left_out(estimate: SavingsEstimate) -> Mapping[str, int]:
    """How many sites were not counted, by reason."""
    rows = db.session.execute(
        sa.select(SavingsLine.left_out, sa.func.count())
        .where(SavingsLine.estimate_id == estimate.id, SavingsLine.left_out != "")
        .group_by(SavingsLine.left_out)
    ).all()
    return {row[0]: row[1] for row in rows}


def norm_sets() -> Sequence[NormSet]:
    """All norm sets, the newest first."""
    return db.session.scalars(sa.select(NormSet).order_by(NormSet.valid_from.desc())).all()


def norm_set(id: int) -> NormSet | None:
    return db.session.get(NormSet, id) if 0 < id < 2**31 else None


def in_force(day: date) -> NormSet | None:
    """The norm set in force on *day*; before the first one, the first."""
    found = db.session.scalars(
        sa.select(NormSet).where(NormSet.valid_from <= day).order_by(NormSet.valid_from.desc()).limit(1)
    ).first()
    return found or db.session.scalars(sa.select(NormSet).order_by(NormSet.valid_from).limit(1)).first()


def used(norms: NormSet) -> bool:
    """Whether an estimate stands on this set: then it is never edited."""
    return (
        db.session.scalar(sa.select(SavingsEstimate.id).where(SavingsEstimate.norm_set_id == norms.id).limit(1))
        is not None
    )


def values_of(norms: NormSet) -> dict[str, NormValue]:
    """The values of a set by key, in the order of the catalogue."""
    rows = {row.key: row for row in db.session.scalars(sa.select(Norm).where(Norm.norm_set_id == norms.id))}
    return {
        key: NormValue(
            key, rows[key].low, rows[key].mid, rows[key].high, rows[key].unit, rows[key].source, rows[key].verified
        )
        for key in KEYS
        if key in rows
    }


def values_in(estimate: SavingsEstimate) -> dict[str, NormValue]:
    """The values that *estimate* was made with: its norms, and what its meeting assumes differently."""
    values = values_of(estimate.norm_set)
    for key, (low, mid, high) in estimate.changes.items():
        values[key] = replace(values[key], low=low, mid=mid, high=high)
    return values


def occasion_of(meeting: Meeting) -> Occasion:
    """The meeting as it was planned: people travel by the plan, and a roll that is closed a day late lengthens nothing."""
    assert meeting.starts_at is not None and meeting.ends_at is not None
    start, end = wall(meeting.starts_at), wall(meeting.ends_at)
    days = (end.date() - start.date()).days + 1
    one_day = 2 if start.hour < 12 and end.hour >= 13 else 1
    unit = meeting.host_site.unit if meeting.host_site else None
    province = _province_of(unit)
    return Occasion(
        half_days=one_day if days == 1 else 2 * days,
        days=days,
        morning=start.hour < 12,
        in_city=province is None or province.type == "thành phố",
        on_island=unit is not None and unit.type == "đặc khu",
    )


def _province_of(unit: Unit | None) -> Unit | None:
    while unit is not None and unit.kind is not UnitKind.PROVINCE:
        unit = unit.parent
    return unit


def trips_of(meeting: Meeting) -> list[Trip]:
    """The sites that were in the meeting, with the people counted there and the great circle to the host."""
    present = attendance.summary(meeting).present
    host = meeting.host_site
    here = _place(host.latitude, host.longitude) if host else None
    facts = {
        id: (_place(latitude, longitude), kind)
        for id, latitude, longitude, kind in db.session.execute(
            sa.select(MeetingSite.id, Site.latitude, Site.longitude, Unit.kind)
            .join(Site, MeetingSite.site_id == Site.id)
            .join(Unit, MeetingSite.unit_id == Unit.id)
            .where(MeetingSite.meeting_id == meeting.id)
        )
    }
    trips = []
    for row in present:
        there, kind = facts[row.id]
        km = round(great_circle_km(there, here)) if there and here else None
        trips.append(Trip(row.id, row.name, row.head_count, km, kind is UnitKind.COMMUNE))
    return trips


def _place(latitude: float | None, longitude: float | None) -> Place | None:
    return Place(latitude, longitude) if latitude is not None and longitude is not None else None


@dataclass(frozen=True)
class Quarter:
    """One quarter's sums over the newest estimates of its meetings."""

    year: int
    quarter: int
    meetings: int
    sites: int
    low: int
    mid: int
    high: int


def estimates_seen_by(actor: Actor, year: int) -> Sequence[SavingsEstimate]:
    """The newest estimate of each meeting of *year* (Hà Nội) that *actor* may see, latest meeting first."""
    newest = sa.select(sa.func.max(SavingsEstimate.id)).group_by(SavingsEstimate.meeting_id)
    organisers = sa.select(Unit.id).where(units.within(actor.paths("savings.see")))
    found = db.session.scalars(
        sa.select(SavingsEstimate)
        .join(Meeting, SavingsEstimate.meeting_id == Meeting.id)
        .where(SavingsEstimate.id.in_(newest), scheduling.visible_to(actor), Meeting.organiser_id.in_(organisers))
        .options(joinedload(SavingsEstimate.meeting))
        .order_by(Meeting.starts_at.desc())
    ).all()
    return [e for e in found if _year(e.meeting.starts_at) == year]


def _year(instant: datetime | None) -> int:
    return wall(instant).year if instant else 0


def by_quarter(estimates: Sequence[SavingsEstimate], year: int) -> list[Quarter]:
    """Four quarters of *year*, each the sum of its estimates."""
    quarters = []
    for number in range(1, 5):
        mine = [
            e for e in estimates if e.meeting.starts_at and (wall(e.meeting.starts_at).month - 1) // 3 + 1 == number
        ]
        quarters.append(
            Quarter(
                year,
                number,
                len(mine),
                sum(e.counted for e in mine),
                sum(e.low for e in mine),
                sum(e.mid for e in mine),
                sum(e.high for e in mine),
            )
        )
    return quarters
