"""How Alembic reaches the product's database: the engine and the tables of the running application."""

from __future__ import annotations

from alembic import context
from flask import current_app

from meetings.database import db, read_only

_settings = current_app.extensions["migrate"].configure_args


def _run() -> None:
    read_only(False)
    with db.engine.connect() as connection:
        context.configure(connection=connection, target_metadata=db.metadata, transactional_ddl=True, **_settings)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


_run()
