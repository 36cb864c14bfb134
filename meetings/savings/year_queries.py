"""Questions about the savings of a year: light rows of the newest estimates, and what has not been estimated."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from typing import Any, NamedTuple

import sqlalchemy as sa

from meetings import clock
from meetings.accounts.rules import Actor
from meetings.database import db
from meetings.savings.models import SavingsEstimate
from meetings.savings.rules import NormValue
from meetings.savings.trips import Triple
from meetings.savings.values import thawed
from meetings.savings.year import Held
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from meetings.units import queries as units
from meetings.units.models import Unit


class Waiting(NamedTuple):
    """A meeting that nobody has estimated."""

    code: str
    title: str
    starts_at: datetime | None


def held_in(actor: Actor, year: int) -> list[Held]:
    """The newest estimate of each meeting of *year* (Hà Nội) that *actor* may see, the latest meeting first."""
    kept = SavingsEstimate
    rows = db.session.execute(
        sa.select(
            Meeting.code, Meeting.title, Meeting.type, Meeting.starts_at, Unit.id, Unit.name, kept.formula, kept.changes,
            kept.sums, kept.low, kept.mid, kept.high, kept.time, kept.time_low, kept.time_mid, kept.time_high, kept.co2,
            kept.off, kept.sites, kept.counted, kept.people, kept.travelling,
        )
        .join(Meeting, kept.meeting_id == Meeting.id)
        .join(Unit, Meeting.organiser_id == Unit.id)
        .where(*_of(actor, year), kept.id.in_(_newest()))
        .order_by(Meeting.starts_at.desc(), Meeting.id.desc())
    ).all()  # fmt: skip
    return [
        Held(
            row.code,
            row.title,
            str(row.type),
            row.starts_at,
            row.id,
            row.name,
            row.formula,
            row.changes,
            row.sums,
            Triple(row.low, row.mid, row.high),
            row.time or {},
            Triple(row.time_low, row.time_mid, row.time_high),
            Triple(*(row.co2 or ())),
            row.off or {},
            row.sites,
            row.counted,
            row.people,
            row.travelling,
        )
        for row in rows
    ]


def not_estimated(actor: Actor, year: int, quarter: int = 0) -> list[Waiting]:
    """Code, title and beginning of the meetings of *year*, or of one *quarter* of it, whose roll is closed and of which nobody
    made an estimate."""
    estimated = sa.select(SavingsEstimate.meeting_id)
    found = db.session.execute(
        sa.select(Meeting.code, Meeting.title, Meeting.starts_at)
        .where(*_of(actor, year, quarter), Meeting.status == Status.CLOSED, Meeting.id.not_in(estimated))
        .order_by(Meeting.starts_at.desc(), Meeting.id.desc())
    )
    return [Waiting(*row) for row in found]


def norms_behind(actor: Actor, year: int, quarter: int = 0) -> list[NormValue]:
    """Every value that the newest estimates of a year or a quarter stand on, each once. Most of them were made with the same
    table, so the tables are told apart by the database and few of them are read."""
    table = sa.cast(SavingsEstimate.norms, sa.Text)
    texts = db.session.scalars(
        sa.select(table)
        .join(Meeting, SavingsEstimate.meeting_id == Meeting.id)
        .where(*_of(actor, year, quarter), SavingsEstimate.id.in_(_newest()))
        .distinct()
    )
    kept = (json.loads(text) for text in texts)
    return list(dict.fromkeys(value for one in kept if "national" in one for value in thawed(one).all()))


def years_with_estimates(actor: Actor, asked: int) -> list[int]:
    """From the first to the last year (Hà Nội) of which *actor* sees an estimate; this year and the one *asked* for are always
    among them."""
    first, last = db.session.execute(
        sa.select(sa.func.min(Meeting.starts_at), sa.func.max(Meeting.starts_at))
        .join(SavingsEstimate, SavingsEstimate.meeting_id == Meeting.id)
        .where(*_seen_by(actor))
    ).one()
    known = [clock.wall(instant).year for instant in (first, last) if instant is not None]
    known.append(clock.today().year)
    return sorted({*range(min(known), max(known) + 1), asked})


def _newest() -> sa.Select[Any]:
    return sa.select(sa.func.max(SavingsEstimate.id)).group_by(SavingsEstimate.meeting_id)


def _seen_by(actor: Actor) -> tuple[sa.ColumnElement[bool], ...]:
    organisers = sa.select(Unit.id).where(units.within(actor.paths("savings.see")))
    return scheduling.visible_to(actor), Meeting.organiser_id.in_(organisers)


def _of(actor: Actor, year: int, quarter: int = 0) -> tuple[sa.ColumnElement[bool], ...]:
    first = quarter * 3 - 2 if quarter else 1
    ends = _begins(year, first + 3) if 0 < quarter < 4 else _begins(year + 1)
    return (*_seen_by(actor), Meeting.starts_at >= _begins(year, first), Meeting.starts_at < ends)


def _begins(year: int, month: int = 1) -> datetime:
    """The instant at which *month* of *year* begins in Hà Nội."""
    return clock.instant(date(year, month, 1), time())
