"""The tables that the migrations make are the tables that the models say, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from meetings import create_app
from meetings.database import db
from tests.conftest import BACKENDS, settings

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(params=BACKENDS)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Flask]]:
    """Makes applications on databases with nothing in them, not even tables."""
    made: list[Flask] = []

    def on(name: str) -> Flask:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path / name}.db"
        else:
            url = request.getfixturevalue("postgres_server").create(name)
        made.append(create_app(settings(tmp_path, url)))
        return made[-1]

    yield on
    for app in made:
        with app.app_context():
            db.engine.dispose()


def migrated(app: Flask) -> None:
    with app.app_context():
        flask_migrate.upgrade(directory=str(ROOT / "migrations"))
        db.session.remove()


def shape(engine: sa.Engine) -> dict[str, Any]:
    """Tables with all that the database itself knows of them, in an order of our own."""
    inspector = sa.inspect(engine)
    found: dict[str, Any] = {}
    for table in sorted(inspector.get_table_names()):
        if table == "alembic_version":
            continue
        found[table] = {
            "columns": sorted(
                (c["name"], str(c["type"]), c["nullable"], c["default"]) for c in inspector.get_columns(table)
            ),
            "key": inspector.get_pk_constraint(table)["constrained_columns"],
            "foreign keys": sorted(
                (tuple(k["constrained_columns"]), k["referred_table"], str(k.get("options")), str(k["name"]))
                for k in inspector.get_foreign_keys(table)
            ),
            "unique": sorted(
                (str(u["name"]), tuple(u["column_names"])) for u in inspector.get_unique_constraints(table)
            ),
            "indexes": sorted(
                (str(i["name"]), tuple(map(str, i["column_names"])), i["unique"]) for i in inspector.get_indexes(table)
            ),
            # Alembic does not see a check constraint that was added or forgotten (autogenerate has no comparison for them)
            "checks": sorted(
                (str(c["name"]), " ".join(c["sqltext"].split())) for c in inspector.get_check_constraints(table)
            ),
        }
    with engine.connect() as connection:  # nor what no inspector asks for: triggers, exclusion constraints
        found["guards"] = {
            "of the database itself": sorted(map(tuple, connection.exec_driver_sql(GUARDS[engine.name])))
        }
    return found


GUARDS = {
    "sqlite": "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT conname, conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'x'",
}


def test_the_migrations_make_what_the_models_say(empty: Callable[[str], Flask]) -> None:
    by_migrations, by_models = empty("migrated"), empty("created")
    migrated(by_migrations)
    with by_models.app_context():
        db.create_all()
        wanted = shape(db.engine)
    with by_migrations.app_context():
        given = shape(db.engine)
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            differences = compare_metadata(context, db.metadata)
    assert not differences, f"flask --app wsgi db migrate would change: {differences}"
    assert sorted(given) == sorted(wanted)
    for table, parts in wanted.items():
        for part, value in parts.items():
            assert given[table][part] == value, f"the {part} of {table} differ"


def test_migrating_twice_changes_nothing(empty: Callable[[str], Flask]) -> None:
    app = empty("twice")
    migrated(app)
    with app.app_context():
        before = shape(db.engine)
    migrated(app)
    with app.app_context():
        assert shape(db.engine) == before


def test_the_migrations_lead_back_to_nothing(empty: Callable[[str], Flask]) -> None:
    app = empty("back")
    migrated(app)
    with app.app_context():
        flask_migrate.downgrade(directory=str(ROOT / "migrations"), revision="base")
        left = shape(db.engine)
        assert not left.pop("guards")["of the database itself"]
        assert not left
    migrated(app)
