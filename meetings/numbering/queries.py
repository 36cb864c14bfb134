"""Questions about numbers that were given."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from meetings.database import db
from meetings.numbering.models import Counting, GivenNumber, Series


def following(series: str, year: int) -> int:
    """The number that comes next in *year*: a proposal, until somebody takes it."""
    last = db.session.scalar(sa.select(Series.last).where(Series.name == series, Series.year == year))
    return (last or 0) + 1


def holder(series: str, year: int, number: int) -> GivenNumber | None:
    """The line of the register under which *number* stands."""
    return db.session.scalars(
        sa.select(GivenNumber).where(
            GivenNumber.series == series, GivenNumber.year == year, GivenNumber.number == number
        )
    ).first()


def borne_by(subject: str) -> int | None:
    """The number under which *subject* stands in its register; None where it bears none."""
    return db.session.scalar(sa.select(GivenNumber.number).where(GivenNumber.subject == subject))


def by_system(series: str) -> bool:
    """Whether the product counts *series*; else the records clerk gives each number."""
    return db.session.scalar(sa.select(Counting.by_system).where(Counting.series == series)) or False


def left_out(series: str, year: int, limit: int = 20) -> list[int]:
    """Numbers between the first and the last of *year* that the register does not know: given on paper, or skipped."""
    given: Sequence[int] = db.session.scalars(
        sa.select(GivenNumber.number)
        .where(GivenNumber.series == series, GivenNumber.year == year)
        .order_by(GivenNumber.number)
    ).all()
    known = set(given)
    missing = (number for number in range(given[0], given[-1]) if number not in known) if given else iter(())
    return [number for number, _place in zip(missing, range(limit), strict=False)]
