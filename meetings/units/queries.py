"""Questions about the tree of units."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

import sqlalchemy as sa

from meetings.database import db
from meetings.official.text import fold
from meetings.units.models import Unit, UnitKind

_COMMITTEE: Final = re.compile(r"^(?:uy ban nhan dan|ubnd)\.?\s+")
_PROVINCIAL: Final = re.compile(r"^(?:(?:uy ban nhan dan|ubnd|tinh|thanh pho)\.?\s+|tp(?:\.\s*|\s+))+")


def valid_on(day: date) -> sa.ColumnElement[bool]:
    """The units that exist on *day*."""
    return sa.and_(Unit.valid_from <= day, sa.or_(Unit.valid_to.is_(None), Unit.valid_to > day))


def by_id(id: int) -> Unit | None:
    """The unit of this number."""
    return db.session.get(Unit, id) if 0 < id < 2**31 else None


def by_code(code: str, day: date) -> Unit | None:
    """The unit that bears *code* on *day*."""
    return db.session.scalars(sa.select(Unit).where(Unit.code == code, valid_on(day))).first()


def named(text: str, day: date) -> Sequence[Unit]:
    """The units that *text* may mean on *day*: by code in any case, else by name or full name, a ministry or an office also by
    its abbreviation, a province by whatever kind it is called. Diacritics decide only between names that differ by them.
    """
    coded = sa.select(Unit).where(sa.func.lower(Unit.code) == text.strip().lower(), valid_on(day))
    if found := db.session.scalars(coded).all():
        return found
    said = _COMMITTEE.sub("", fold(text))
    bare = _PROVINCIAL.sub("", said)
    alike = sa.or_(Unit.kind != UnitKind.COMMUNE, Unit.search_key.contains(said, autoescape=True))
    meant = [
        unit
        for unit in db.session.scalars(sa.select(Unit).where(alike, valid_on(day)).order_by(Unit.code))
        if said in (fold(unit.name), _COMMITTEE.sub("", fold(unit.full_name)))
        or (unit.kind is UnitKind.PROVINCE and bare == fold(unit.name))
        or (unit.kind in (UnitKind.MINISTRY, UnitKind.OFFICE) and said == fold(unit.abbreviation))
    ]
    spelt = text.casefold()
    return [unit for unit in meant if spelt.endswith(unit.name.casefold())] or meant if said else []


def offered(paths: Sequence[str], day: date) -> Sequence[Unit]:
    """The units under *paths* that a field proposes: all above the communes, by code."""
    above = sa.and_(within(paths), Unit.kind != UnitKind.COMMUNE, valid_on(day))
    return db.session.scalars(sa.select(Unit).where(above).order_by(Unit.code)).all()


def below(path: str) -> sa.ColumnElement[bool]:
    """The units of the subtree at *path*, its head included."""
    return Unit.path.startswith(path, autoescape=True)


def within(paths: Sequence[str]) -> sa.ColumnElement[bool]:
    """The units of any of the subtrees at *paths*."""
    return sa.or_(sa.false(), *(below(path) for path in paths))


def provinces(day: date) -> Sequence[Unit]:
    """Provincial units on *day*, in the order of their codes."""
    return db.session.scalars(
        sa.select(Unit).where(Unit.kind == UnitKind.PROVINCE, valid_on(day)).order_by(Unit.code)
    ).all()


def children(parent: Unit, day: date) -> Sequence[Unit]:
    """The units directly below *parent* on *day*, in the order of their codes."""
    return db.session.scalars(
        sa.select(Unit).where(Unit.parent_id == parent.id, valid_on(day)).order_by(Unit.code)
    ).all()
