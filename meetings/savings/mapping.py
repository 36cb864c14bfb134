"""Ways that a map service is asked for: the worker asks with no transaction open, and the answers stand beside what was typed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings import journal
from meetings.accounts.rules import SYSTEM
from meetings.adapters.distance import Place
from meetings.adapters.roads import MOST
from meetings.database import db
from meetings.directory.models import Site
from meetings.savings import queries, services
from meetings.savings.models import Distance, SavingsEstimate
from meetings.scheduling.models import Meeting

TRIES: Final = 5
WAIT: Final = timedelta(minutes=5)
"""After a failure, twice as long each time: a server that is down for an afternoon is still asked."""


@dataclass(frozen=True)
class Wanted:
    """One call: from a *site* at a place to others, by the ids of the rows that wait for the answers."""

    site_id: int
    place: Place
    ids: tuple[int, ...]
    others: tuple[Place, ...]


def due(at: datetime, calls: int = 4) -> list[Wanted]:
    """The ways to ask for now, gathered by the site that most of them lead to."""
    rows = db.session.scalars(
        sa.select(Distance)
        .where(Distance.next_at <= at, Distance.km.is_(None), Distance.replaced_at.is_(None))
        .options(joinedload(Distance.a), joinedload(Distance.b))
        .order_by(Distance.next_at, Distance.id)
        .limit(calls * MOST)
    ).all()
    often = Counter(site for row in rows for site in (row.a_id, row.b_id))
    gathered: dict[int, list[tuple[int, Place]]] = {}
    places: dict[int, Place] = {}
    for row in rows:
        one, other = (row.a, row.b) if often[row.a_id] >= often[row.b_id] else (row.b, row.a)
        here, there = _place(one), _place(other)
        if here is not None and there is not None:
            places[one.id] = here
            gathered.setdefault(one.id, []).append((row.id, there))
    return [
        Wanted(site, places[site], tuple(id for id, _there in some), tuple(there for _id, there in some))
        for site, ways in gathered.items()
        for some in [ways[start : start + MOST] for start in range(0, len(ways), MOST)]
    ]


def keep(wanted: Wanted, came: tuple[int | None, ...] | None, at: datetime) -> None:
    """Keep what the service said. A way that it does not know, or that it could not be asked for, stays a great circle.

    Once nothing more is asked for a site, the first estimates that the product made with it are made anew.
    """
    rows = {
        row.id: row
        for row in db.session.scalars(
            sa.select(Distance).where(
                Distance.id.in_(wanted.ids), Distance.km.is_(None), Distance.replaced_at.is_(None)
            )
        )
    }  # fmt: skip
    known = 0
    for id, km in zip(wanted.ids, came or (None,) * len(wanted.ids), strict=True):
        row = rows.get(id)
        if row is None:
            continue  # typed in meanwhile
        row.tries += 1
        row.next_at = at + WAIT * 2**row.tries if came is None and row.tries < TRIES else None
        if km is not None:
            row.km, known = km, known + 1
    db.session.flush()
    if not known:
        return
    first = next(iter(rows.values()))
    journal.record("distance.mapped", first, actor=SYSTEM, site=wanted.site_id, known=known, asked=len(wanted.ids))
    if not _still_asked(wanted.site_id):
        _estimate_anew(wanted.site_id, min(row.made_at for row in rows.values()))


def _place(site: Site) -> Place | None:
    if site.latitude is None or site.longitude is None:
        return None
    return Place(site.latitude, site.longitude)


def _still_asked(site_id: int) -> bool:
    mine = sa.or_(Distance.a_id == site_id, Distance.b_id == site_id)
    return (
        db.session.scalar(
            sa.select(Distance.id).where(mine, Distance.next_at.is_not(None), Distance.replaced_at.is_(None)).limit(1)
        )
        is not None
    )


def _estimate_anew(site_id: int, since: datetime) -> None:
    """The estimates that nobody has touched yet of meetings that would have been held at this site."""
    venue = sa.func.coalesce(SavingsEstimate.venue_id, Meeting.host_site_id)
    found = db.session.scalars(
        sa.select(SavingsEstimate)
        .join(Meeting, SavingsEstimate.meeting_id == Meeting.id)
        .where(venue == site_id, SavingsEstimate.version == 1, SavingsEstimate.made_at >= since)
        .where(SavingsEstimate.made_by == SYSTEM.name)
        .options(joinedload(SavingsEstimate.meeting))
    ).all()
    for estimate in found:
        latest = queries.latest(estimate.meeting)
        if latest is not None and latest.id == estimate.id:
            services.estimate_meeting(estimate.meeting, actor=SYSTEM)
