"""Questions about the tree of units."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from meetings.database import db
from meetings.units.models import Unit, UnitKind


def valid_on(day: date) -> sa.ColumnElement[bool]:
    """The units that exist on *day*."""
    return sa.and_(Unit.valid_from <= day, sa.or_(Unit.valid_to.is_(None), Unit.valid_to > day))


def by_code(code: str, day: date) -> Unit | None:
    """The unit that bears *code* on *day*."""
    return db.session.scalars(sa.select(Unit).where(Unit.code == code, valid_on(day))).first()


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
