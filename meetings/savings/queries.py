"""Questions about norms and estimates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings.accounts.rules import Actor
from meetings.attendance import queries as attendance
from meetings.clock import wall
from meetings.database import db
from meetings.directory.models import Site
from meetings.adapters.distance import Place, great_circle_km
from meetings.savings.estimate import Occasion, Trip
from meetings.savings.models import Norm, NormSet, SavingsEstimate, SavingsLine
from meetings.savings.norms import KEYS, NormValue
from meetings.scheduling.models import Meeting
from meetings.units import queries as units
from meetings.units.models import Unit


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
        sa.select(SavingsEstimate).where(SavingsEstimate.meeting_id == meeting.id).order_by(SavingsEstimate.version.desc())
    ).all()


def lines_of(estimate: SavingsEstimate, words: str = "") -> sa.Select[tuple[SavingsLine]]:
    """The lines of an estimate, the dearest first, those left out last."""
    query = sa.select(SavingsLine).where(SavingsLine.estimate_id == estimate.id)
    if words:
        query = query.where(SavingsLine.name.icontains(words, autoescape=True))
    return query.order_by(SavingsLine.left_out, SavingsLine.mid.desc(), SavingsLine.id)


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
    return {reason: count for reason, count in rows}


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
    return db.session.scalar(sa.select(SavingsEstimate.id).where(SavingsEstimate.norm_set_id == norms.id).limit(1)) is not None


def values_of(norms: NormSet) -> dict[str, NormValue]:
    """The values of a set by key, in the order of the catalogue."""
    rows = {row.key: row for row in db.session.scalars(sa.select(Norm).where(Norm.norm_set_id == norms.id))}
    return {
        key: NormValue(key, rows[key].low, rows[key].mid, rows[key].high, rows[key].unit, rows[key].source, rows[key].verified)
        for key in KEYS
        if key in rows
    }


def occasion_of(meeting: Meeting) -> Occasion:
    """The meeting as it was held, for the estimate."""
    start = meeting.opened_at or meeting.starts_at
    end = meeting.ended_at or meeting.ends_at
    assert start is not None and end is not None
    minutes = max(1, int((end - start).total_seconds()) // 60)
    host = meeting.host_site
    province = _province_of(host) if host else None
    return Occasion(
        half_days=max(1, -(-minutes // 300)),
        hours=-(-minutes // 60),
        morning=wall(start).hour < 12,
        in_city=province is None or province.type == "thành phố",
    )


def _province_of(site: Site) -> Unit | None:
    unit: Unit | None = site.unit
    while unit is not None and unit.kind.value != "province":
        unit = unit.parent
    return unit


def trips_of(meeting: Meeting) -> list[Trip]:
    """The sites that were in the meeting, with the people counted there and the great circle to the host."""
    host = meeting.host_site
    here = Place(host.latitude, host.longitude) if host and host.latitude is not None and host.longitude is not None else None
    present = attendance.summary(meeting).present
    places = {
        id: Place(lat, lon)
        for id, lat, lon in db.session.execute(sa.select(Site.id, Site.latitude, Site.longitude))
        if lat is not None and lon is not None
    }
    return [
        Trip(row.id, row.name, row.head_count, great_circle_km(places[row.site_id], here) if here and row.site_id in places else None)
        for row in present
    ]


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
        .where(SavingsEstimate.id.in_(newest), Meeting.organiser_id.in_(organisers))
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
        mine = [e for e in estimates if e.meeting.starts_at and (wall(e.meeting.starts_at).month - 1) // 3 + 1 == number]
        quarters.append(
            Quarter(year, number, len(mine), sum(e.counted for e in mine), sum(e.low for e in mine), sum(e.mid for e in mine), sum(e.high for e in mine))
        )
    return quarters
