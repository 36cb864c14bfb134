"""Questions about the tree of units, as its page shows it."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from meetings.database import db
from meetings.directory.models import Site
from meetings.units import queries as units
from meetings.units.models import Succession, Unit, UnitKind


def commune_counts(day: date) -> dict[int, int]:
    """How many communes each province has on *day*, by the province's id."""
    rows = db.session.execute(
        sa.select(Unit.parent_id, sa.func.count(Unit.id))
        .where(Unit.kind == UnitKind.COMMUNE, units.valid_on(day))
        .group_by(Unit.parent_id)
    )
    return {parent: count for parent, count in rows if parent is not None}


def site_codes(parent: Unit, day: date) -> dict[int, str]:
    """The code of the standard site of each unit below *parent*, by the unit's id."""
    rows = db.session.execute(
        sa.select(Site.unit_id, sa.func.min(Site.code))
        .join(Unit, Site.unit_id == Unit.id)
        .where(units.below(parent.path), units.valid_on(day))
        .group_by(Site.unit_id)
    )
    return {row[0]: row[1] for row in rows}


class Merger(NamedTuple):
    """A commune that closed, and the one it went into."""

    closed: Unit
    opened: Unit
    on_date: date


def recent_mergers(limit: int = 20) -> list[Merger]:
    """The latest mergers, newest first."""
    old, new = aliased(Unit), aliased(Unit)
    rows = db.session.execute(
        sa.select(old, new, Succession.on_date)
        .join(old, Succession.predecessor_id == old.id)
        .join(new, Succession.successor_id == new.id)
        .order_by(Succession.on_date.desc(), Succession.id.desc())
        .limit(limit)
    )
    return [Merger(*row) for row in rows]
