"""Numbers without gap or duplicate: counted in the caller's own transaction, so a number is used exactly when it is kept."""

from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite

from meetings.database import db
from meetings.numbering.models import Series


def take(name: str, year: int) -> int:
    """The next number of series *name* in *year*, from 1.

    One statement counts and locks: on PostgreSQL a second taker waits for the first to commit, on SQLite writers are
    one at a time anyway. A roll-back gives the number back.
    """
    insert = postgresql.insert if db.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = (
        insert(Series)
        .values(name=name, year=year, last=1)
        .on_conflict_do_update(index_elements=["name", "year"], set_={"last": Series.last + 1})
        .returning(Series.last)
    )
    return int(db.session.execute(statement, execution_options={"populate_existing": True}).scalar_one())
