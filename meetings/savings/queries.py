"""Questions about norms and estimates."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from meetings.adapters.distance import Place, great_circle_km
from meetings.attendance import queries as attendance
from meetings.clock import wall
from meetings.database import db
from meetings.directory.models import Site
from meetings.readiness.models import Delegate
from meetings.savings.estimate import NO_COUNT
from meetings.savings.models import Distance, Norm, SavingsEstimate, SavingsLine
from meetings.savings.norms import DEFAULTS
from meetings.savings.ranks import Ranks, ranks
from meetings.savings.rules import KEYS, NormValue
from meetings.savings.trips import Mode, Occasion, Source, Steps, Trip, Triple, total
from meetings.savings.values import Values, in_force, thawed
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.units.models import Unit, UnitKind


def latest(meeting: Meeting) -> SavingsEstimate | None:
    """The newest version of the estimate of *meeting*."""
    return db.session.scalars(
        sa.select(SavingsEstimate)
        .where(SavingsEstimate.meeting_id == meeting.id)
        .order_by(SavingsEstimate.version.desc())
        .limit(1)
    ).first()


def versions(meeting: Meeting) -> Sequence[SavingsEstimate]:
    return db.session.scalars(
        sa.select(SavingsEstimate)
        .where(SavingsEstimate.meeting_id == meeting.id)
        .order_by(SavingsEstimate.version.desc())
    ).all()


def line(estimate: SavingsEstimate, id: int) -> SavingsLine | None:
    """One line of an estimate."""
    found = db.session.get(SavingsLine, id) if 0 < id < 2**31 else None
    return found if found is not None and found.estimate_id == estimate.id else None


def steps_of(line: SavingsLine) -> tuple[Trip, Mode, Steps]:
    """What a stored line was made of. A line of an older formula has the steps that were known then, the others are nought."""
    kept = line.steps
    return (
        _trip(line.meeting_site_id, line.name, line.people, line.trip),
        Mode(line.mode or Mode.NONE),
        Steps(**{name: Triple(*kept[name]) for name in Steps._fields if name in kept}),
    )


def _trip(id: int, name: str, people: int | None, kept: Mapping[str, Any]) -> Trip:
    ranks = kept.get("ranks")
    return Trip(
        id,
        name,
        people,
        kept.get("km"),
        kept.get("commune", False),
        kept.get("province", ""),
        Ranks(*ranks) if ranks else None,
        kept.get("road"),
        Source(kept.get("source", Source.GREAT_CIRCLE)),
    )


def trips_in(estimate: SavingsEstimate) -> list[Trip]:
    """Who *estimate* took to have been there, without the steps of the sums: of thousands of sites they are most of the row.
    A site that nobody counted is stored with no people and a mark; here it has no count again."""
    rows = db.session.execute(
        sa.select(
            SavingsLine.meeting_site_id, SavingsLine.name, SavingsLine.people, SavingsLine.trip, SavingsLine.left_out
        )
        .where(SavingsLine.estimate_id == estimate.id)
        .order_by(SavingsLine.id)
    )
    return [_trip(id, name, None if why == NO_COUNT else people, kept) for id, name, people, kept, why in rows]


def time_in(estimate: SavingsEstimate) -> Triple:
    """What the working time on the road comes to, whole đồng."""
    return Triple(estimate.time_low, estimate.time_mid, estimate.time_high)


def hours_in(estimate: SavingsEstimate) -> Triple:
    """Hours of work on the road, all ranks; nought in an estimate that did not count them."""
    return total(Triple(*kept["hours"]) for kept in estimate.time.values() if "hours" in kept)


def co2_in(estimate: SavingsEstimate) -> Triple:
    """Milligrams not emitted; nought in an estimate that did not count them."""
    return Triple(*estimate.co2)


def all_lines(estimate: SavingsEstimate) -> Sequence[SavingsLine]:
    return db.session.scalars(
        sa.select(SavingsLine).where(SavingsLine.estimate_id == estimate.id).order_by(SavingsLine.id)
    ).all()


def norms(key: str = "", province: str | None = None, *, replaced: bool = False) -> Sequence[Norm]:
    """The rows of norms, the newest date first: of one *key*, of one *province* ("" the nation), with those *replaced* or not."""
    query = sa.select(Norm)
    if key:
        query = query.where(Norm.key == key)
    if province is not None:
        query = query.where(Norm.province == province)
    if not replaced:
        query = query.where(Norm.replaced_at.is_(None))
    return db.session.scalars(query.order_by(Norm.key, Norm.province, Norm.valid_from.desc(), Norm.id.desc())).all()


def value_of(row: Norm) -> NormValue:
    """A row as the value that the sums know."""
    return NormValue(
        row.key,
        row.low,
        row.mid,
        row.high,
        row.document,
        row.article,
        row.verified,
        row.valid_from,
        row.note,
        row.province,
    )


def values_on(day: date) -> Values:
    """The values in force on *day*; what the product brings, where nobody has kept any yet."""
    return in_force([value_of(row) for row in norms() if row.key in KEYS] or DEFAULTS, day)


def norms_in(estimate: SavingsEstimate) -> Values:
    """The norms that *estimate* stands on, frozen in its row, before its meeting assumed anything differently."""
    return thawed(estimate.norms)


def values_in(estimate: SavingsEstimate) -> Values:
    """The values that *estimate* was made with: frozen in its row, with what its meeting assumes differently."""
    kept = norms_in(estimate)
    return kept.changed({key: three for key, three in estimate.changes.items() if key in kept.national})


def occasion_in(estimate: SavingsEstimate) -> Occasion:
    """The meeting and its assumed venue as *estimate* took them."""
    return Occasion(**estimate.occasion) if estimate.occasion else occasion_of(estimate.meeting)


class Held(Protocol):
    """What an occasion needs of a meeting, or of one that is only planned."""

    @property
    def starts_at(self) -> datetime | None: ...
    @property
    def ends_at(self) -> datetime | None: ...
    @property
    def host_site(self) -> Site | None: ...
    @property
    def organiser(self) -> Unit: ...


def occasion_of(meeting: Held, venue: Site | None = None) -> Occasion:
    """The meeting as it was planned: people travel by the plan, and a roll that is closed a day late lengthens nothing.

    *venue* is where all would have met, the host site where none is named.
    """
    assert meeting.starts_at is not None and meeting.ends_at is not None
    start, end = wall(meeting.starts_at), wall(meeting.ends_at)
    days = (end.date() - start.date()).days + 1
    one_day = 2 if start.hour < 12 and (end.hour, end.minute) > (13, 0) else 1
    place = venue or meeting.host_site
    unit = place.unit if place else None
    province, payer = _province_of(unit), _province_of(meeting.organiser)
    return Occasion(
        half_days=one_day if days == 1 else 2 * days,
        days=days,
        begins=start.hour * 60 + start.minute,
        ends=end.hour * 60 + end.minute,
        in_city=province is None or province.type == "thành phố",
        on_island=unit is not None and unit.type == "đặc khu",
        by_commune=meeting.organiser.kind is UnitKind.COMMUNE,
        province=payer.code if payer else "",
        minutes=int((end - start).total_seconds()) // 60 if days == 1 else days * _WORKING_DAY,
    )


_WORKING_DAY: Final = 7 * 60


def _province_of(unit: Unit | None) -> Unit | None:
    while unit is not None and unit.kind is not UnitKind.PROVINCE:
        unit = unit.parent
    return unit


def trips_of(meeting: Meeting, venue: Site | None = None) -> list[Trip]:
    """The sites that were in the meeting, with the people counted there, their ranks by roster, and the way to the venue.

    Where another site than the host's is the *venue*, the people of the host site travel like everybody else.
    """
    place = venue or meeting.host_site
    roll = attendance.summary(meeting)
    present = [(row.id, row.site_id, row.name, row.head_count) for row in roll.present]
    if venue is not None and roll.host is not None and roll.host.site_id != venue.id:
        present.append((roll.host.id, roll.host.site_id, roll.host.name, roll.host_head_count))
    here = _place(place.latitude, place.longitude) if place else None
    provinces = aliased(Unit)
    facts = {
        id: (_place(latitude, longitude), unit_id, kind, province or "")
        for id, latitude, longitude, unit_id, kind, province in db.session.execute(
            sa.select(
                MeetingSite.id, Site.latitude, Site.longitude, MeetingSite.unit_id, Unit.kind, provinces.code
            )
            .join(Site, MeetingSite.site_id == Site.id)
            .join(Unit, MeetingSite.unit_id == Unit.id)
            .outerjoin(provinces, MeetingSite.province_id == provinces.id)
            .where(MeetingSite.meeting_id == meeting.id)
        )
    }  # fmt: skip
    known = distances_from(place) if place else {}
    ranked = ranks_of(meeting, {id for id, fact in facts.items() if fact[2] is UnitKind.COMMUNE})
    trips = []
    for id, site_id, name, people in present:
        there, unit_id, kind, province = facts[id]
        km: int | None = round(great_circle_km(there, here)) if there and here else None
        road, source = known.get(site_id, (None, Source.GREAT_CIRCLE))
        if place is not None and (site_id == place.id or unit_id == place.unit_id):
            km, road, source = 0, 0, Source.LOCAL
        commune = kind is UnitKind.COMMUNE
        trips.append(Trip(id, name, people, km, commune, province, ranked.get(id), road, source))
    return trips


def ranks_of(meeting: Meeting, communes: Collection[int]) -> dict[int, Ranks]:
    """How many of each rank every site of *meeting* has on its roster (id of the meeting site), who was absent not counted."""
    people: dict[int, list[tuple[str, str]]] = {}
    for id, title, organisation in db.session.execute(
        sa.select(Delegate.meeting_site_id, Delegate.title, Delegate.organisation)
        .join(MeetingSite, Delegate.meeting_site_id == MeetingSite.id)
        .where(MeetingSite.meeting_id == meeting.id, Delegate.absent.is_(False))
    ):
        people.setdefault(id, []).append((title, organisation))
    return {id: ranks(rows, commune=id in communes) for id, rows in people.items()}


def distances_from(site: Site) -> dict[int, tuple[int, Source]]:
    """Kilometres by road that are known between *site* and others, by the other's id, and where they come from."""
    found = db.session.execute(
        sa.select(Distance.a_id, Distance.b_id, Distance.km, Distance.source).where(
            sa.or_(Distance.a_id == site.id, Distance.b_id == site.id),
            Distance.replaced_at.is_(None),
            Distance.km.is_not(None),
        )
    )
    return {b if a == site.id else a: (km, source) for a, b, km, source in found if km is not None}


def pairs_of(site: Site) -> set[int]:
    """The sites of which something is kept about the way to *site*: known, asked for, or refused by the map service."""
    rows = db.session.execute(
        sa.select(Distance.a_id, Distance.b_id).where(
            sa.or_(Distance.a_id == site.id, Distance.b_id == site.id), Distance.replaced_at.is_(None)
        )
    )
    return {b if a == site.id else a for a, b in rows}


def sites_in(meeting: Meeting, ids: Collection[int]) -> Sequence[int]:
    """The standing sites behind some sites of *meeting* (ids of meeting sites), each once."""
    found = db.session.execute(
        sa.select(MeetingSite.id, MeetingSite.site_id).where(MeetingSite.meeting_id == meeting.id)
    ).all()
    return sorted({site for id, site in found if id in ids and site is not None})


def distance(one: Site, other: Site) -> Distance | None:
    """What is kept of the way between two sites."""
    a, b = sorted((one.id, other.id))
    return db.session.scalars(
        sa.select(Distance).where(Distance.a_id == a, Distance.b_id == b, Distance.replaced_at.is_(None))
    ).first()


def _place(latitude: float | None, longitude: float | None) -> Place | None:
    return Place(latitude, longitude) if latitude is not None and longitude is not None else None
