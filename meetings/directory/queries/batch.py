"""Questions about lists that wait for their second step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from meetings.accounts.rules import Actor
from meetings.clock import today
from meetings.database import db
from meetings.directory import matching
from meetings.directory.models import BatchStatus, ImportBatch, ImportRow, Site
from meetings.directory.queries.site import KIND_ORDER, offered
from meetings.errors import Forbidden, NotFound
from meetings.i18n import gettext as _
from meetings.units import queries as units
from meetings.units.models import Unit, UnitKind


def scopes(actor: Actor) -> Sequence[Unit]:
    """The units whose sites *actor* may change, widest first; of the whole country, its provinces too."""
    own = actor.paths("site.edit")
    heads = [int(path.strip("/").rsplit("/", 1)[-1]) for path in own]
    wanted = sa.or_(
        Unit.id.in_(heads), sa.and_(units.within(own), Unit.kind.in_((UnitKind.MINISTRY, UnitKind.PROVINCE)))
    )
    return db.session.scalars(
        sa.select(Unit).where(wanted, units.valid_on(today())).order_by(KIND_ORDER, Unit.code)
    ).all()


def importable(paths: Sequence[str], day: date) -> sa.Select[Site, Unit, str | None]:
    """The sites an import may touch: in service, existing, under *paths*; each with its unit and its province's name."""
    above = aliased(Unit)
    return (
        sa.select(Site, Unit, sa.case((above.kind == UnitKind.PROVINCE, above.name)))
        .join(Unit, Site.unit_id == Unit.id)
        .outerjoin(above, Unit.parent_id == above.id)
        .where(offered(day), units.within(paths))
        .order_by(KIND_ORDER, Site.code, Site.id)
    )


def register(paths: Sequence[str], day: date) -> matching.Register:
    """The sites under *paths* as a list may call them: the first of a unit by the unit's code and name."""
    places, first = [], set()
    for site, of, province in db.session.execute(importable(paths, day)):
        standard = of.id not in first
        first.add(of.id)
        code, name = (of.code, of.name) if standard else (site.code, site.name)
        places.append(matching.Place(site.id, code, name, of.type, province or ""))
    return matching.Register(places)


def batch_for(actor: Actor, id: int, *, lock: bool = False) -> ImportBatch:
    """The import *id* of *actor*. An import is its owner's alone: half-finished lists hold telephone numbers."""
    query = sa.select(ImportBatch).where(ImportBatch.id == id, ImportBatch.user_id == (actor.user_id or 0))
    found = db.session.scalars(query.with_for_update() if lock else query).first() if 0 < id < 2**31 else None
    if found is None:
        raise NotFound(_("There is no such import."))
    if not actor.may("site.edit", found.unit.path):
        raise Forbidden(_("This account may no longer change the sites of %(unit)s.", unit=found.unit.name))
    return found


def batches(actor: Actor, limit: int = 10) -> Sequence[ImportBatch]:
    """The latest imports of *actor*."""
    return db.session.scalars(
        sa.select(ImportBatch)
        .where(ImportBatch.user_id == (actor.user_id or 0))
        .options(sa.orm.defer(ImportBatch.grid))
        .order_by(ImportBatch.id.desc())
        .limit(limit)
    ).all()


def rows_of(batch: ImportBatch, which: str = "") -> sa.Select[ImportRow]:
    """The lines of *batch* in the order of the source; *which*: ``wrong``, ``right``, ``left`` (not taken), or all."""
    query = sa.select(ImportRow).where(ImportRow.batch_id == batch.id).order_by(ImportRow.number)
    narrowed = {
        "wrong": ~ImportRow.good,
        "right": sa.and_(ImportRow.good, ~ImportRow.skipped),
        "skipped": sa.and_(ImportRow.good, ImportRow.skipped),
        "left": ~ImportRow.applied,
        "taken": ImportRow.applied,
    }
    return query.where(narrowed[which]) if which in narrowed else query


def lines_left(batch: ImportBatch) -> Sequence[ImportRow]:
    """The lines that were not taken, or would not be as the list stands."""
    query = sa.select(ImportRow).where(ImportRow.batch_id == batch.id).order_by(ImportRow.number)
    if batch.status is BatchStatus.PREVIEW:
        return db.session.scalars(query.where(sa.or_(~ImportRow.good, ImportRow.skipped))).all()
    return db.session.scalars(query.where(~ImportRow.applied)).all()


def sites_of_batch(batch: ImportBatch) -> dict[int, Site]:
    """The sites that the lines of *batch* mean, by id."""
    ids = sa.select(ImportRow.site_id).where(ImportRow.batch_id == batch.id, ImportRow.site_id.is_not(None))
    found = db.session.scalars(
        sa.select(Site).where(Site.id.in_(ids)).options(joinedload(Site.unit).joinedload(Unit.parent))
    )
    return {site.id: site for site in found}


def all_outside(batch: ImportBatch) -> str:
    """The reason ``unit_outside_…`` that every line of *batch* has; "" where one has none, or there is only one line."""
    reasons = [
        next((fault["why"] for fault in faults if fault["why"].startswith("unit_outside")), "")
        for faults in db.session.scalars(sa.select(ImportRow.faults).where(ImportRow.batch_id == batch.id))
    ]
    return reasons[0] if len(reasons) > 1 and len(set(reasons)) == 1 else ""


class Tally(NamedTuple):
    """How many lines of a batch are right, wrong, left out by wish, and taken."""

    right: int
    wrong: int
    skipped: int
    taken: int


def tally(batch: ImportBatch) -> Tally:
    """The numbers above the preview and on the result page."""
    kinds = db.session.execute(
        sa.select(ImportRow.good, ImportRow.skipped, ImportRow.applied, sa.func.count(ImportRow.id))
        .where(ImportRow.batch_id == batch.id)
        .group_by(ImportRow.good, ImportRow.skipped, ImportRow.applied)
    ).all()
    return Tally(
        sum(n for good, skipped, applied, n in kinds if good and not skipped),
        sum(n for good, skipped, applied, n in kinds if not good),
        sum(n for good, skipped, applied, n in kinds if good and skipped),
        sum(n for good, skipped, applied, n in kinds if applied),
    )
