"""The change number of each root: one number per meeting, raised once by every transaction that wrote a fact about it.

It is raised as the very last thing before the commit, one row a root, in the order of the roots. So on PostgreSQL the
numbers are those of the order of commit (whoever comes second waits for the first to be visible), a reader never sees a
number before the facts behind it, and nobody waits for a lock while holding one of these. Beside each number stands
which subjects it is about, so that a board asks for those alone. Reading costs the same however long the journal is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from meetings.database import db
from meetings.journal.models import Change

MOST_NAMED: Final = 500  # of one transaction; beyond it the number says only that a great deal changed
MOST_STEPS: Final = 500  # between two questions of one reader
_NOTED: Final = "noted changes"

_raise = sa.text(
    "INSERT INTO journal_number (root, number) VALUES (:root, 1) "
    "ON CONFLICT (root) DO UPDATE SET number = journal_number.number + 1 RETURNING number"
)
_read = sa.text("SELECT number FROM journal_number WHERE root = :root")
_CHANGE: Final = cast(sa.Table, Change.__table__).insert()
_NAMED: Final = sa.select(Change.__table__.c.subjects).where(
    Change.__table__.c.root == sa.bindparam("root"),
    Change.__table__.c.number > sa.bindparam("seen"),
    Change.__table__.c.number <= sa.bindparam("here"),
)
_pair = sa.text("SELECT root, number FROM journal_number WHERE root IN ('', :root)")


def note(root: str, subjects: Iterable[str]) -> None:
    """Remember until the commit that facts about *subjects* were written under *root*."""
    db.session.info.setdefault(_NOTED, {}).setdefault(root, set()).update(subjects)


def of(root: str) -> int:
    """The number of *root*: how many transactions have written about it; 0 before the first."""
    return db.session.execute(_read, {"root": root}).scalar() or 0


def with_house(root: str, engine: Engine | None = None) -> tuple[int, int]:
    """The number of the house itself (its accounts, units and sites: root ``""``) and that of *root*, in one question.

    Asked by everybody every few seconds, so without a session, which costs as much as the question again.
    """
    with (engine or db.engine).connect() as connection:
        found: dict[str, int] = dict(connection.execute(_pair, {"root": root}).all())
    return found.get("", 0), found.get(root, 0)


def since(root: str, seen: int, here: int | None = None) -> set[str] | None:
    """The subjects of all facts that were numbered after *seen*, until *here* (else until now); None when that cannot be
    told."""
    here = of(root) if here is None else here
    if not 0 <= seen <= here or here - seen > MOST_STEPS:
        return None
    asked = {"root": root, "seen": seen, "here": here}
    rows = db.session.connection().execute(_NAMED, asked).scalars().all()
    if len(rows) != here - seen or not all(rows):
        return None
    return {subject for subjects in rows for subject in subjects}


@event.listens_for(db.session, "before_commit")
def _number(session: Session) -> None:
    if session.in_nested_transaction():
        return  # a savepoint: numbered with the whole
    noted: dict[str, set[str]] | None = session.info.get(_NOTED)
    if not noted:
        return
    session.flush()
    connection = session.connection()
    rows: list[dict[str, Any]] = []
    for root in sorted(noted):
        number = connection.execute(_raise, {"root": root}).scalar_one()
        named = sorted(noted[root]) if len(noted[root]) <= MOST_NAMED else []
        if root:  # nobody asks which part of the house changed
            rows.append({"root": root, "number": number, "subjects": named})
    if rows:
        connection.execute(_CHANGE, rows)
    del session.info[_NOTED]


@event.listens_for(db.session, "after_transaction_end")
def _forget(session: Session, transaction: Any) -> None:
    """What a rollback took back is not numbered."""
    if transaction.parent is None:
        session.info.pop(_NOTED, None)
