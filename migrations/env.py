"""How Alembic reaches the product's database: the engine and the tables of the running application."""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy.engine import Connection

from meetings.database import db, read_only

_settings = current_app.extensions["migrate"].configure_args


def _run() -> None:
    read_only(False)
    with db.engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            # a column that SQLite cannot add is added by making the table anew; with foreign keys on, dropping the old
            # one would delete or refuse whatever hangs on it (SQLite, "Making other kinds of table schema changes")
            _foreign_keys(connection, "OFF")
        context.configure(connection=connection, target_metadata=db.metadata, transactional_ddl=True, **_settings)
        with context.begin_transaction():
            context.run_migrations()
            if sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise RuntimeError(f"the update would leave rows without what they belong to: {broken[:5]}")
        connection.commit()
        if sqlite:
            _foreign_keys(connection, "ON")


def _foreign_keys(connection: Connection, to: str) -> None:
    """Switch them, outside any transaction: inside one SQLite ignores the wish."""
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute(f"PRAGMA foreign_keys={to}")


_run()
