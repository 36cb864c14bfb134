"""The units of the state and their standard sites, brought into the database.

Only what is missing is added: what an administrator has changed, closed or merged stays as she left it, so the command may be
run again after every update. Inserted in a few statements a table: a row at a time would take half a minute.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from meetings.accounts.rules import SYSTEM
from meetings.database import db
from meetings.directory import catalogue
from meetings.directory.catalogue import Listed
from meetings.directory.models import Room, Site
from meetings.journal import services as journal
from meetings.official.text import search_key, sort_key
from meetings.units.models import Unit, UnitKind

ROOM: Final = "Phòng họp trực tuyến"


class Loaded(NamedTuple):
    """How many units and sites were added, and how many units the catalogue lists."""

    units: int
    sites: int
    listed: int

    def __str__(self) -> str:
        return f"{self.units} units and {self.sites} sites added; the catalogue lists {self.listed} units."


def load() -> Loaded:
    """Add the units and sites of the catalogue that are not there yet. The caller commits."""
    everything = list(catalogue.listed())
    known = _ids()
    added = 0
    for kind in (UnitKind.NATION, UnitKind.MINISTRY, UnitKind.PROVINCE, UnitKind.COMMUNE):
        missing = [unit for unit in everything if unit.kind is kind and unit.code not in known]
        if missing:
            ids = db.session.scalars(
                sa.insert(Unit).returning(Unit.id, sort_by_parameter_order=True),
                [_unit(unit, known.get(unit.parent)) for unit in missing],
            ).all()
            known.update(zip((unit.code for unit in missing), ids, strict=True))
            added += len(ids)
            _grow_paths()
    sites = _add_sites(everything, known)
    if added or sites:
        nation = db.session.get_one(Unit, known[catalogue.NATION])
        journal.record("unit.loaded", nation, actor=SYSTEM, units=added, sites=sites)
    return Loaded(added, sites, len(everything))


def _ids() -> dict[str, int]:
    rows = db.session.execute(sa.select(Unit.code, Unit.id).where(Unit.valid_from == catalogue.TWO_TIERS))
    return {row.code: row.id for row in rows}


def _unit(unit: Listed, parent_id: int | None) -> dict[str, Any]:
    return {
        "code": unit.code,
        "name": unit.name,
        "full_name": unit.full_name,
        "kind": unit.kind,
        "type": unit.type,
        "parent_id": parent_id,
        "path": "",
        "abbreviation": unit.abbreviation,
        "place_name": unit.place_name,
        "superior_name": "",
        "valid_from": catalogue.TWO_TIERS,
        "valid_to": None,
        "latitude": unit.latitude,
        "longitude": unit.longitude,
        "tile_col": unit.tile_col,
        "tile_row": unit.tile_row,
        "search_key": search_key(unit.name, unit.full_name, unit.code, unit.abbreviation),
        "sort_key": sort_key(unit.name),
    }


def _grow_paths() -> None:
    """A path holds the unit's own id, which only the database knows: ``parent's path + id + /``, one statement a level."""
    above = sa.alias(Unit.__table__)
    path = sa.select(above.c.path).where(above.c.id == Unit.parent_id).scalar_subquery()
    db.session.execute(
        sa.update(Unit)
        .where(Unit.path == "")
        .values(path=sa.func.coalesce(path, "/").concat(sa.cast(Unit.id, sa.String)).concat("/"))
        .execution_options(synchronize_session=False)
    )


def _add_sites(everything: list[Listed], ids: dict[str, int]) -> int:
    taken = set(db.session.scalars(sa.select(Site.code)))
    provinces = {unit.code: unit.name for unit in everything if unit.kind is UnitKind.PROVINCE}
    missing = [unit for unit in everything if unit.kind is not UnitKind.NATION and unit.code not in taken]
    if not missing:
        return 0
    sites = db.session.scalars(
        sa.insert(Site).returning(Site.id, sort_by_parameter_order=True),
        [
            {
                "code": unit.code,
                "unit_id": ids[unit.code],
                "name": unit.name,
                "place": unit.place,
                "latitude": unit.latitude,
                "longitude": unit.longitude,
                "seats": catalogue.SEATS[unit.kind],
                "equipment": "",
                "dial_string": "",
                "in_service": True,
                "search_key": search_key(unit.name, unit.code, unit.abbreviation, provinces.get(unit.parent, "")),
                "sort_key": sort_key(unit.name),
            }
            for unit in missing
        ],
    ).all()
    db.session.execute(
        sa.insert(Room),
        [
            {"site_id": id, "name": ROOM, "seats": catalogue.SEATS[unit.kind], "is_default": True, "in_service": True}
            for id, unit in zip(sites, missing, strict=True)
        ],
    )
    return len(missing)
