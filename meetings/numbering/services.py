"""Numbers without gap or duplicate: counted in the caller's own transaction, so a number is used exactly when it is kept.

A code needs a counter only; a document's number stands in a register as well, with what bears it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from meetings.clock import now
from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.numbering import queries
from meetings.numbering.models import Counting, GivenNumber, Series


def take(name: str, year: int) -> int:
    """The next number of series *name* in *year*, from 1.

    One statement counts and locks: on PostgreSQL a second taker waits for the first to commit, on SQLite writers are
    one at a time anyway. A roll-back gives the number back.
    """
    return _count(name, year, first=1, then=Series.last + 1)


def take_for(series: str, on: date, *, subject: str, about: str, by: str) -> int:
    """The next number of *series* for a document of the day *on*, written into the register; *by* gives it."""
    number = take(series, on.year)
    _write(series, on.year, number, subject, about, by, "")
    return number


def give(
    series: str, on: date, number: int, *, subject: str, about: str, by: str, reason: str = "", field: str = "number"
) -> None:
    """Write *number* for a document of the day *on* into the register, in place of the one it bore.

    Raises :class:`Refused` at *field* when another document of the year bears it. Numbers may be left out: that is the
    records clerk's to decide, who may have given them on paper.
    """
    free(subject)
    # the row of the series first: whoever gives or takes in this year waits here, so what is read below stays true
    _count(series, on.year, first=number, then=sa.case((Series.last < number, sa.literal(number)), else_=Series.last))
    holder = queries.holder(series, on.year, number)
    if holder is not None:
        raise Refused(
            _(
                "The number %(number)s of %(year)s is borne by %(about)s. The next one is %(next)s.",
                number=f"{number:02d}",
                year=on.year,
                about=holder.about,
                next=f"{queries.following(series, on.year):02d}",
            ),
            field=field,
        )
    _write(series, on.year, number, subject, about, by, reason)


def free(subject: str) -> None:
    """Strike *subject* from the register, where it stands there: its paper was never issued under that number."""
    found = db.session.scalars(sa.select(GivenNumber).where(GivenNumber.subject == subject)).first()
    if found is None:
        return
    _count(found.series, found.year, first=found.number, then=Series.last)  # the lock
    db.session.delete(found)
    db.session.flush()
    highest = (
        sa.select(sa.func.coalesce(sa.func.max(GivenNumber.number), 0))
        .where(GivenNumber.series == found.series, GivenNumber.year == found.year)
        .scalar_subquery()
    )
    db.session.execute(
        sa.update(Series).where(Series.name == found.series, Series.year == found.year).values(last=highest)
    )


def count_on_from(series: str, year: int, number: int, *, about: str, by: str) -> None:
    """The product counts on after *number*, the last one that was given on paper in *year*."""
    if number <= _count(series, year, first=0, then=Series.last):
        raise Refused(_("Numbers up to this one have been given already."), field="last", status=422)
    _count(series, year, first=number, then=sa.literal(number))
    _write(series, year, number, None, about, by, "")


def give_nobody(series: str, year: int, number: int, *, about: str, by: str) -> None:
    """Write down what became of a *number* that no document bears: it is explained, and never given again."""
    _count(series, year, first=number, then=Series.last)  # the lock
    if queries.holder(series, year, number) is None:
        _write(series, year, number, None, about, by, "")


def choose_counting(series: str, by_system: bool, *, by: str) -> bool:
    """Let *series* be counted by the product, or by the records clerk; whether that is new."""
    if queries.by_system(series) == by_system:
        return False
    db.session.merge(Counting(series=series, by_system=by_system, changed_by=by[:200], changed_at=now()))
    db.session.flush()
    return True


def _count(name: str, year: int, *, first: int, then: Any) -> int:
    """Set the counter to *then*, or begin it at *first*; returns it. The row is locked until the transaction ends."""
    insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = (
        insert(Series)
        .values(name=name, year=year, last=first)
        .on_conflict_do_update(index_elements=["name", "year"], set_={"last": then})
        .returning(Series.last)
    )
    return int(db.session.execute(statement, execution_options={"populate_existing": True}).scalar_one())


def _write(series: str, year: int, number: int, subject: str | None, about: str, by: str, reason: str) -> None:
    db.session.add(
        GivenNumber(
            series=series,
            year=year,
            number=number,
            subject=subject,
            about=about[:200],
            reason=reason,
            given_by=by[:200],
            given_at=now(),
        )
    )
    db.session.flush()
