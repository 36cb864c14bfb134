"""When offices work: the library of holidays with the administrator's days over it, and the hours of the day."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from meetings.database import db
from meetings.official.working_days import OFFICE_HOURS, Calendar, Span
from meetings.scheduling.models import DayOverride, OfficeSpan


def calendar() -> Calendar:
    """Which days are worked here. One question to a small table: ask once for a list, not once a row."""
    rows = db.session.execute(sa.select(DayOverride.day, DayOverride.worked))
    return Calendar({row.day: row.worked for row in rows})


def hours() -> tuple[Span, ...]:
    """The office hours of a working day, earliest first; the usual ones where nobody set others."""
    rows = db.session.execute(sa.select(OfficeSpan.begins, OfficeSpan.ends).order_by(OfficeSpan.begins)).all()
    return tuple(Span(begins, ends) for begins, ends in rows) or OFFICE_HOURS


def overrides(year: int) -> Sequence[DayOverride]:
    """The administrator's days of *year*, in their order."""
    ordered = sa.select(DayOverride).order_by(DayOverride.day)
    return [row for row in db.session.scalars(ordered) if row.day.year == year]


def override(id: int) -> DayOverride | None:
    return db.session.get(DayOverride, id) if 0 < id < 2**31 else None
