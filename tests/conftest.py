"""What every test may ask for. A test that asks for ``app`` runs twice: on SQLite and on PostgreSQL.

The clock stands at 09:00 of Tuesday 1 December 2026 in Hà Nội and ticks; ``clock.at("2026-12-10 07:30")`` moves it and stops it.
No test reaches the network: a connection to another machine fails the test that tries it.
"""

from __future__ import annotations

import gc
import os
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask

from config import Config, MailFolder
from meetings import create_app
from meetings.accounts import services as accounts
from meetings.accounts.models import User
from meetings.accounts.rules import Role
from meetings.database import db
from meetings.overview import calendar, site_page
from tests import make, postgres
from tests.pages import Client, Page

TODAY = "2026-12-01 09:00"
BACKENDS = tuple(os.environ.get("TEST_DATABASES", "sqlite postgresql").split())


def pytest_collection_finish() -> None:
    # everything imported so far stays for the whole run, and every request makes thousands of things that hold each other:
    # looked through as often as Python does by itself, they were a tenth of the time
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    long = os.environ.get("PROVE") == "1"
    elsewhere = [item for item in items if not _meant_for_this_database(item)]
    config.hook.pytest_deselected(items=elsewhere)
    items[:] = [item for item in items if item not in elsewhere]
    for item in items:
        if item.get_closest_marker("prove") and not long:
            item.add_marker(pytest.mark.skip(reason="the long version: ./run.sh prove"))
    items.sort(key=lambda item: item.get_closest_marker("e2e") is not None)  # the browser last, it takes longest


def _meant_for_this_database(item: pytest.Item) -> bool:
    """Whether *item* says anything about the database it would run on: see the marker ``only``."""
    only = item.get_closest_marker("only")
    return only is None or item.callspec.params["house"] in only.args


# ------------------------------------------------------------------ the outside and the clock


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """A connection that leaves this machine fails the test that opens it."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(method: Any) -> Any:
        def wrapper(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6):
                host = str(address[0])
                if not (host.startswith("127.") or host in ("localhost", "::1")):
                    pytest.fail(f"a test opened a connection to {host}")
            return method(self, address)

        return wrapper

    socket.socket.connect, socket.socket.connect_ex = guarded(connect), guarded(connect_ex)
    yield
    socket.socket.connect, socket.socket.connect_ex = connect, connect_ex


class Clock:
    """The clock of a test, as it shows on a wall in Hà Nội."""

    def __init__(self) -> None:
        self._travelling = time_machine.travel(make.at(TODAY), tick=True)
        self._travelling.start()

    def _stop_at(self, instant: datetime) -> None:
        self._travelling.stop()
        self._travelling = time_machine.travel(instant, tick=False)
        self._travelling.start()

    def at(self, wall: str) -> None:
        """Stop at *wall*, as in ``clock.at("2026-12-10 07:30")``."""
        self._stop_at(make.at(wall))

    def forward(self, **delta: float) -> None:
        """Go on by a ``timedelta`` of the same words, as in ``clock.forward(minutes=5)``, and stop there."""
        self._stop_at(datetime.now(UTC) + timedelta(**delta))

    def close(self) -> None:
        self._travelling.stop()


@pytest.fixture(autouse=True)
def clock(request: pytest.FixtureRequest) -> Iterator[Clock | None]:
    """The test's clock. A browser test has none: its server runs in another process, by the real one."""
    if request.node.get_closest_marker("e2e"):
        yield None
        return
    held = Clock()
    try:
        yield held
    finally:
        held.close()


# ------------------------------------------------------------------ databases


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """One PostgreSQL for the whole run, started by the first test that needs it."""
    with postgres.running() as server:
        yield server


@dataclass
class House:
    """The application on one kind of database, and a way to empty it between two tests."""

    app: Flask
    backend: str
    url: str
    instance: Path
    pristine: Path | None = None
    emptied: postgres.Emptied | None = None

    def fresh(self) -> None:
        """A database with its tables and nothing in them, an instance folder with nothing in it."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        if self.emptied is not None:
            self.emptied.empty()
        elif self.pristine is not None:
            base = Path(self.url.removeprefix("sqlite:///"))
            for ending in ("-wal", "-shm", "-journal"):
                base.with_name(base.name + ending).unlink(missing_ok=True)
            shutil.copyfile(self.pristine, base)
        for found in self.instance.iterdir():
            if found.name.startswith("house.db"):
                continue
            shutil.rmtree(found) if found.is_dir() else found.unlink()


def settings(instance: Path, url: str, **changes: Any) -> Config:
    """The configuration of the tests."""
    values: dict[str, Any] = {
        "instance": instance,
        "database_url": url,
        "secret_key": "not a secret, only for the tests of this house",
        "public_url": "http://hop.example",
        "mail": MailFolder(instance / "outbox"),
        "mail_from": "diemcau@hop.example",
        "host": "127.0.0.1",
        "port": 8000,
        "testing": True,
    }
    return Config(**{**values, **changes})


@pytest.fixture(scope="session", params=BACKENDS)
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The application on SQLite, then on PostgreSQL."""
    instance = tmp_path_factory.mktemp(f"instance-{request.param}")
    if request.param == "sqlite":
        url, server = f"sqlite:///{instance / 'house.db'}", None
    else:
        server = request.getfixturevalue("postgres_server")
        url = server.create("house")
    accounts.quick_hashing()
    app = create_app(settings(instance, url))
    with app.app_context():
        db.create_all()
        db.session.remove()
        db.engine.dispose()
    made = House(app, request.param, url, instance)
    if server is not None:
        server.create("pristine", template="house")
        made.emptied = postgres.Emptied(server, "house", "pristine")
    else:
        made.pristine = instance.with_name(instance.name + "-pristine.db")
        _copy_sqlite(instance / "house.db", made.pristine)
    yield made
    with app.app_context():
        db.engine.dispose()
    if made.emptied is not None:
        made.emptied.close()


def _copy_sqlite(source: Path, target: Path) -> None:
    """A copy in one file, whatever stood in the write-ahead log."""
    target.unlink(missing_ok=True)
    with sqlite3.connect(source) as origin:
        origin.execute("VACUUM INTO ?", (str(target),))
    origin.close()


@pytest.fixture
def app(house: House) -> Iterator[Flask]:
    """The application, its context pushed, on a database with its tables and nothing in them."""
    house.fresh()
    for guessed in (site_page.wrong_links, calendar.wrong_links):
        guessed.forget()  # nobody has guessed a link yet
    with house.app.app_context():
        yield house.app
        db.session.rollback()
        db.session.remove()


@pytest.fixture
def database_url(app: Flask, house: House) -> str:
    """Where the database of this test stands."""
    return house.url


@pytest.fixture
def backend(house: House) -> str:
    """``sqlite`` or ``postgresql``."""
    return house.backend


@pytest.fixture
def instance(app: Flask, house: House) -> Path:
    """The instance folder of this test, empty at its beginning."""
    return house.instance


# ------------------------------------------------------------------ browsers without a screen


@pytest.fixture
def browser(app: Flask) -> Any:
    """Makes clients: ``browser()`` for somebody without an account, ``browser(secretary)`` for one who has signed in."""

    def opened(who: User | None = None, *, look: bool = True) -> Client:
        made = Client(app, Page, use_cookies=True)
        made.look = look
        made.before_request = (
            db.session.commit
        )  # what the test made is there; no transaction of ours holds the writer's lock
        if who is not None:
            sign_in(made, who)
        return made

    return opened


def sign_in(client: Client, who: User) -> None:
    """Sign *who* in by the page itself, which the tests of signing in look at."""
    looks, client.look = client.look, False
    client.get("/sign-in")
    page = client.post("/sign-in", data={"email": who.email, "password": make.PASSWORD})
    assert page.status_code == 303, f"{who.email} could not sign in: {page.status_code} {page.words[:200]}"
    client.token, client.look = None, looks


@pytest.fixture
def client(browser: Any) -> Client:
    """Somebody without an account. Looks at every page it receives."""
    return browser()


# ------------------------------------------------------------------ a known cast


@pytest.fixture
def units(app: Flask) -> dict[str, Any]:
    """The small state of :func:`make.units`, by code."""
    return make.units()


@pytest.fixture
def secretary(app: Flask) -> User:
    """Bà Nguyễn Thị Hoa, secretary of the ministry."""
    return make.user(Role.SECRETARY)


@pytest.fixture
def approver(app: Flask) -> User:
    """The head of the ministry's office."""
    return make.user(Role.APPROVER)


@pytest.fixture
def technician(app: Flask) -> User:
    return make.user(Role.TECHNICIAN)


@pytest.fixture
def site_officer(app: Flask) -> User:
    """Answers for the site of Nghệ An and those below it."""
    return make.user(Role.SITE_OFFICER)


@pytest.fixture
def records_clerk(app: Flask) -> User:
    return make.user(Role.RECORDS_CLERK)


@pytest.fixture
def finance(app: Flask) -> User:
    return make.user(Role.FINANCE)


@pytest.fixture
def leader(app: Flask) -> User:
    return make.user(Role.LEADER)


@pytest.fixture
def administrator(app: Flask) -> User:
    return make.user(Role.ADMINISTRATOR, make.NATION)


@pytest.fixture
def stranger(app: Flask) -> User:
    """A secretary of another province, which no meeting made here invites unless a test says so."""
    return make.user(Role.SECRETARY, make.HO_CHI_MINH, name="Người Ngoài")
