"""The ground all tests stand on: whatever a test did to the database, the next one finds it as it was made."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from meetings.database import db
from meetings.directory.models import Person
from tests import make
from tests.conftest import House


def tables() -> dict[str, list[str]]:
    """Every table with its indexes."""
    inspector = sa.inspect(db.session.connection())
    return {name: sorted(str(i["name"]) for i in inspector.get_indexes(name)) for name in inspector.get_table_names()}


def rows_in(table: str) -> int:
    return db.session.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()


def some_rows() -> None:
    make.meeting()


def a_table_less() -> None:
    db.session.execute(sa.text("DROP TABLE journal_payload"))


def a_table_more() -> None:
    db.session.execute(sa.text("CREATE TABLE left_behind AS SELECT 1 AS one"))


def an_index_less() -> None:
    name = next(iter(sorted(str(index.name) for index in db.metadata.tables["meeting"].indexes)))
    db.session.execute(sa.text(f"DROP INDEX {name}"))


def very_many_rows() -> None:
    person = make.person().unit_id
    db.session.execute(
        sa.insert(Person),
        [{"unit_id": person, "name": "x" * 120, "search_key": "", "sort_key": ""} for _ in range(25_000)],
    )


@pytest.mark.parametrize("deed", [some_rows, a_table_less, a_table_more, an_index_less, very_many_rows])
def test_the_next_test_finds_the_tables_as_they_were_made_and_nothing_in_them(
    app: Flask, house: House, deed: Callable[[], None]
) -> None:
    before = tables()
    deed()
    make.done()
    house.fresh()
    assert tables() == before
    assert not [table for table in before if rows_in(table)]
    assert make.person().id == 1, "ids are counted from one again"
