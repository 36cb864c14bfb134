"""A house that is lived in is brought up to date: nothing that stood in its tables is lost, and what lies ahead is held."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from meetings import clock, create_app
from meetings.database import db
from meetings.post.message import message_id
from meetings.post.models import Letter
from meetings.savings.models import SavingsEstimate, SavingsLine
from meetings.scheduling.models import Booking, Meeting
from tests import make
from tests.conftest import BACKENDS, settings

MIGRATIONS = str(Path(__file__).resolve().parent.parent / "migrations")
Rows = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(params=BACKENDS)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on a database of the first edition, with a small conference and a row in every table."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'old.db'}"
    else:
        url = request.getfixturevalue("postgres_server").create("old")
    app = create_app(settings(tmp_path, url))
    with app.app_context():
        flask_migrate.upgrade(directory=MIGRATIONS, revision="0001")
        db.session.remove()
        with db.engine.begin() as connection:
            fill(connection)
        yield app
        db.session.remove()
        db.engine.dispose()


# ------------------------------------------------------------------ a house that is lived in

SITES = [1, 2, 3, 4]  # 1 is the host
AHEAD, OVERLAPPING, SAME_ROOM, LATER, HELD, DRAFT, GONE, OVER = range(1, 9)
MEETINGS: dict[int, dict[str, Any]] = {
    AHEAD: {"at": "2026-12-10 08:00", "sites": [2, 3], "number": "7", "chair_name": "Lê Minh Khang"},
    OVERLAPPING: {"at": "2026-12-10 09:00", "sites": [3, 4], "host": 2, "room": 2, "number": "8"},
    SAME_ROOM: {"at": "2026-12-10 08:30", "sites": [], "room": 5},  # another room of the host
    LATER: {"at": "2026-12-10 10:00", "sites": [3], "host": 4, "room": 4, "chair_name": "Lê Minh Khang"},
    HELD: {"at": "2026-12-01 08:30", "sites": [2], "status": "in_session"},
    DRAFT: {"at": "2026-12-11 08:00", "sites": [2], "status": "draft"},
    GONE: {"at": "2026-12-12 08:00", "sites": [2], "status": "cancelled", "number": "7"},
    OVER: {"at": "2026-11-02 08:00", "sites": [2], "status": "closed", "number": "7", "on": "2025-11-01"},
}
"""Two hours each."""


def fill(connection: sa.Connection) -> None:
    """A row in every table, filled by the kind of each column; sites, people and meetings are then made believable."""
    tables = sa.MetaData()
    tables.reflect(connection)
    for table in tables.sorted_tables:
        if table.name != "alembic_version":
            put(connection, table, *([{}] if table.name not in MANY else MANY[table.name]()))
    if connection.dialect.name == "postgresql":  # the rows came with their ids
        for table in tables.sorted_tables:
            if "id" in table.c and isinstance(table.c.id.type, sa.Integer):
                connection.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), (SELECT max(id) FROM {table.name}))"
                )


def put(connection: sa.Connection, table: sa.Table, *rows: dict[str, Any]) -> None:
    for number, row in enumerate(rows, 1):
        values = {c.name: usual(c, number) for c in table.c if not c.nullable or c.foreign_keys}
        connection.execute(sa.insert(table), [{**values, **row}])


def usual(column: sa.Column[Any], number: int) -> Any:
    if column.foreign_keys:
        (key,) = column.foreign_keys
        return usual(key.column, number if column.table.name in ONE_EACH else 1)
    if column.name == "id":
        return number
    if isinstance(column.type, sa.DateTime):
        return clock.now()
    if isinstance(column.type, sa.Date):
        return date(2026, 1, 1)
    if isinstance(column.type, sa.JSON):
        return {"số": 1}
    if isinstance(column.type, sa.Boolean):
        return True
    if isinstance(column.type, (sa.Integer, sa.Numeric)):
        return number
    if isinstance(column.type, sa.LargeBinary):
        return b"\\0\\xff"
    return f"{column.name[:8]} ẵ{number}"[: getattr(column.type, "length", None) or 12]


def meetings() -> list[dict[str, Any]]:
    found = []
    for id, said in MEETINGS.items():
        starts = make.at(said["at"])
        found.append(
            {
                "id": id,
                "status": said.get("status", "scheduled"),
                "type": "review",
                "secrecy": "ordinary",
                "host_site_id": said.get("host", 1),
                "host_room_id": said.get("room", 1),
                "starts_at": starts,
                "ends_at": starts + timedelta(hours=2),
                "sent_at": None if said.get("status") in ("draft", "cancelled") else starts - timedelta(days=9),
                "chair_name": said.get("chair_name", f"Người Khác {id}"),
                "chair_title": "Bộ trưởng",
                "invitation_number": said.get("number", ""),
                "invitation_on": said.get("on", "2026-11-20"),
            }
        )
    return found


def meeting_sites() -> list[dict[str, Any]]:
    return [
        {"meeting_id": id, "site_id": site, "removed_at": None}
        for id, said in MEETINGS.items()
        for site in said["sites"]
    ] + [{"meeting_id": AHEAD, "site_id": 4, "removed_at": clock.now()}]


MANY: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "meeting": meetings,
    "meeting_site": meeting_sites,
    "unit": lambda: [{"kind": "province", "parent_id": None}, *({"kind": "commune"} for _ in SITES[1:])],
    "site": lambda: [{} for _site in SITES],
    "room": lambda: [*({"site_id": id} for id in SITES), {"site_id": 1}],
    "person": lambda: [
        {"name": "Lê Minh Khang", "title": title, "active": active}
        for title, active in (("Bộ trưởng", False), ("Thứ trưởng", True), ("Bộ trưởng", True), ("Bộ trưởng", True))
    ],
}
ONE_EACH = {"site"}
"""Tables of which each row belongs to another unit."""


# ------------------------------------------------------------------ what becomes of it


def held(connection: sa.Connection, of: Rows | None = None) -> Rows:
    """Every row of every table of the first edition, in the columns it had."""
    tables = sa.MetaData()
    tables.reflect(connection)
    found: Rows = {}
    for table in tables.sorted_tables:
        if table.name == "alembic_version" or (of is not None and table.name not in of):
            continue
        names = COLUMNS.setdefault(table.name, [c.name for c in table.c])
        found[table.name] = sorted(
            (tuple(row) for row in connection.execute(sa.select(*map(table.c.get, names)))), key=str
        )
    return found


COLUMNS: dict[str, list[str]] = {}
MOVED: dict[str, tuple[list[str], list[str]]] = {}  # columns of a table as they were, and without the one that went


def bookings() -> set[tuple[int, str, int, int | None, bool]]:
    columns = Booking.meeting_id, Booking.site_id, Booking.person_id, Booking.room_id, Booking.exclusive
    rows = db.session.execute(sa.select(*columns))
    return {(m, "site" if s else "person", s or p, r, e) for m, s, p, r, e in rows}


def test_a_house_that_is_lived_in_keeps_every_row_and_holds_what_lies_ahead(old: Flask) -> None:
    COLUMNS.clear()
    with db.engine.connect() as connection:
        before = held(connection)
    assert all(before.values()), "a table of which nothing is said"

    flask_migrate.upgrade(directory=MIGRATIONS)
    with db.engine.connect() as connection:
        gone = {"norm", "norm_set"}
        for table, column in (("savings_estimate", "norm_set_id"), ("savings_line", "by_air")):
            MOVED[table] = COLUMNS[table], [name for name in COLUMNS[table] if name != column]
            COLUMNS[table] = MOVED[table][1]
        after = held(connection, {name: rows for name, rows in before.items() if name not in gone})
        COLUMNS.update({table: names for table, (names, _rest) in MOVED.items()})
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    # what estimates stood on went into their own rows
    norms = {name: before.pop(name) for name in ("norm", "norm_set")}
    estimates = {name: (before.pop(name), after.pop(name)) for name in ("savings_estimate", "savings_line")}
    with db.engine.connect() as connection:
        kept = connection.execute(sa.select(SavingsEstimate.norms, SavingsEstimate.formula)).one()
        assert connection.scalar(sa.select(SavingsLine.mode)) == "air"
    ((_id, _set, key, low, mid, high, _unit, source, verified),) = norms["norm"]
    value = kept.norms["national"][key]
    assert [value[name] for name in ("low", "mid", "high", "document", "verified")] == [
        low,
        mid,
        high,
        source,
        verified,
    ]
    assert kept.formula == 1
    counters = after.pop("series")
    assert set(before.pop("series")) < set(counters)
    assert after == before

    chair, guest, late = 3, True, False  # late: of two that overlapped already the later one holds nothing
    assert bookings() == {
        (AHEAD, "site", 1, 1, True),
        (AHEAD, "site", 2, None, guest),
        (AHEAD, "site", 3, None, guest),
        (AHEAD, "person", chair, None, True),
        (OVERLAPPING, "site", 2, 2, late),
        (OVERLAPPING, "site", 3, None, late),
        (OVERLAPPING, "site", 4, None, True),
        (SAME_ROOM, "site", 1, 5, True),
        (LATER, "site", 4, 4, late),
        (LATER, "site", 3, None, True),
        (LATER, "person", chair, None, True),
        (HELD, "site", 1, 1, True),
        (HELD, "site", 2, None, True),
    }
    asked = db.session.get_one(Meeting, DRAFT)
    assert (asked.chair_id, asked.status) == (None, "draft")
    taken = {"meeting_id": DRAFT, "site_id": 3, "exclusive": True}
    hours = {"starts_at": make.at("2026-12-10 07:00"), "ends_at": make.at("2026-12-10 08:15")}
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(sa.insert(Booking), [{**taken, **hours}])
    register = sa.text("SELECT year, number, about FROM given_number ORDER BY year, number")
    codes = {meeting.id: meeting.code for meeting in db.session.query(Meeting)}
    assert [tuple(row) for row in db.session.execute(register)] == [
        (2025, 7, codes[OVER]),
        (2026, 7, codes[AHEAD]),
        (2026, 8, codes[OVERLAPPING]),
    ]
    # what comes back can name a letter from before bounces were read
    ((key, sender, named),) = db.session.execute(sa.select(Letter.key, Letter.sender_address, Letter.message_id))
    assert named == message_id(key, sender.rpartition("@")[2])
    db.session.remove()

    flask_migrate.downgrade(directory=MIGRATIONS, revision="0001")
    with db.engine.connect() as connection:
        again = held(connection)
    again.pop("series")
    assert again == before | norms | {name: was for name, (was, _now) in estimates.items()}
