"""Types that cannot lie, connections that know whether they may write, and writers who wait their turn."""

from __future__ import annotations

import threading
from contextvars import Context
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from meetings.accounts.access import public
from meetings.clock import now
from meetings.database import FairLock, UtcDateTime, db, reading
from meetings.journal.models import Entry, Heartbeat, Payload
from meetings.numbering.models import Series
from meetings.numbering.services import take

SECONDS = 60


def names() -> list[str]:
    return list(db.session.scalars(sa.select(Heartbeat.name).order_by(Heartbeat.name)))


# ------------------------------------------------------------------ instants


def test_an_instant_without_a_zone_cannot_be_stored(app: Flask) -> None:
    db.session.add(Heartbeat(name="x", at=datetime(2026, 12, 10, 8, 0)))
    with pytest.raises(sa.exc.StatementError, match="without a time zone"):
        db.session.flush()


def test_an_instant_comes_back_in_utc_to_the_microsecond(app: Flask) -> None:
    there = datetime(2026, 12, 10, 8, 0, 0, 123456, tzinfo=timezone(timedelta(hours=7)))
    db.session.add(Heartbeat(name="x", at=there))
    db.session.commit()
    db.session.expire_all()
    at = db.session.get_one(Heartbeat, "x").at
    assert at == there and at.utcoffset() == timedelta(0)


def test_instants_are_ordered_as_instants_and_not_as_walls(app: Flask) -> None:
    early = datetime(2026, 12, 10, 8, 0, tzinfo=timezone(timedelta(hours=7)))
    db.session.add_all([Heartbeat(name="early", at=early), Heartbeat(name="late", at=early.astimezone(UTC))])
    db.session.flush()
    later = early.astimezone(UTC) + timedelta(minutes=1)
    assert db.session.scalar(sa.select(sa.func.count()).where(Heartbeat.at < later)) == 2
    assert db.session.scalar(sa.select(sa.func.count()).where(Heartbeat.at == early)) == 2


def test_nothing_is_an_instant_that_is_not_known() -> None:
    kind: Any = UtcDateTime()
    dialect = sa.create_engine("sqlite://").dialect
    assert kind.process_bind_param(None, dialect) is None and kind.process_result_value(None, dialect) is None


# ------------------------------------------------------------------ how a connection stands


@pytest.mark.only("sqlite")
def test_sqlite_is_durable_and_keeps_its_references(app: Flask) -> None:

    def setting(name: str) -> Any:
        return db.session.execute(sa.text(f"PRAGMA {name}")).scalar()

    assert setting("synchronous") == 2, "FULL: what was confirmed survives a power cut"
    assert setting("journal_mode") == "wal"
    assert setting("foreign_keys") == 1
    assert setting("busy_timeout") == 15000


def test_a_reference_to_nothing_is_refused(app: Flask) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        db.session.execute(sa.insert(Payload).values(entry_id=404, data={}))
        db.session.commit()
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count(Entry.id))) == 0


def test_a_transaction_begun_for_reading_refuses_every_write(app: Flask) -> None:
    db.session.rollback()
    with reading():
        with pytest.raises(sa.exc.DBAPIError):
            db.session.execute(sa.insert(Heartbeat).values(name="x", at=now()))
        db.session.rollback()
        with pytest.raises(sa.exc.DBAPIError):
            db.session.execute(sa.delete(Heartbeat))
        db.session.rollback()
    db.session.execute(sa.insert(Heartbeat).values(name="x", at=now()))
    assert names() == ["x"], "the same connection may write again afterwards"


# ------------------------------------------------------------------ a request that only shows


@pytest.fixture
def careless(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A view that writes whatever it is asked with; it takes the place of another for one test."""

    @public
    def writes(**_: Any) -> str:
        db.session.add(Heartbeat(name="careless", at=now()))
        db.session.flush()
        db.session.commit()
        return "written"

    monkeypatch.setitem(app.view_functions, "health.healthz", writes)
    return app


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_view_that_writes_while_it_shows_is_stopped_by_the_database(
    careless: Flask, client: Any, method: str
) -> None:
    client.look = False
    answer = client.open("/healthz", method=method)
    assert answer.status_code == 500
    assert names() == []


def test_after_a_stopped_write_others_can_write(careless: Flask, client: Any) -> None:
    client.look = False
    client.get("/healthz")
    db.session.add(Heartbeat(name="honest", at=now()))
    db.session.commit()
    assert names() == ["honest"]


# ------------------------------------------------------------------ a fair lock


def test_the_lock_serves_in_the_order_of_arrival() -> None:
    lock, served = FairLock(), []
    lock.acquire()
    threads = []
    for number in range(8):
        arrived = len(lock._waiting)

        def wait(number: int = number) -> None:
            lock.acquire()
            served.append(number)
            lock.release()

        threads.append(threading.Thread(target=wait, daemon=True))
        threads[-1].start()
        while len(lock._waiting) == arrived:
            threading.Event().wait(0.001)
    lock.release()
    for thread in threads:
        thread.join(SECONDS)
    assert served == list(range(8))


def test_the_lock_lets_one_in_at_a_time() -> None:
    lock, inside, most = FairLock(), 0, 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(200):
            lock.acquire()
            inside += 1
            most = max(most, inside)
            inside -= 1
            lock.release()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert most == 1 and not any(thread.is_alive() for thread in threads)


def together(app: Flask, work: Any, threads: int = 8) -> list[BaseException]:
    """Run *work(number)* in *threads* threads with a context of the application each; what went wrong in them."""
    faults: list[BaseException] = []
    start = threading.Barrier(threads)

    def run(number: int) -> None:
        try:
            with app.app_context():
                start.wait(SECONDS)
                work(number)
        except BaseException as fault:
            faults.append(fault)

    workers = [threading.Thread(target=lambda n=n: Context().run(run, n), daemon=True) for n in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(SECONDS)
    assert not any(worker.is_alive() for worker in workers), "somebody waits for ever"
    return faults


def test_eight_writers_of_fifty_lose_nothing_and_none_is_turned_away(app: Flask) -> None:
    db.session.commit()

    def write(number: int) -> None:
        for i in range(50):
            db.session.add(Heartbeat(name=f"{number}-{i}", at=now()))
            db.session.commit()

    assert together(app, write) == []
    assert len(names()) == 400


def test_writers_who_turn_back_or_fail_keep_nobody_waiting(app: Flask) -> None:
    db.session.add(Heartbeat(name="there", at=now()))
    db.session.commit()

    def write(number: int) -> None:
        for i in range(20):
            db.session.add(Heartbeat(name="there" if i % 4 == 1 else f"{number}-{i}", at=now()))
            if i % 4 == 0:
                db.session.rollback()
            elif i % 4 == 1:
                with pytest.raises(sa.exc.IntegrityError):
                    db.session.flush()
                db.session.rollback()
            elif i % 4 == 2:
                db.session.flush()
                db.session.remove()  # as at the end of a request that never committed
            else:
                db.session.commit()

    assert together(app, write) == []
    assert len(names()) == 1 + 8 * 5


def test_readers_see_a_whole_state_while_others_write(app: Flask) -> None:
    take("even", 2026)
    take("even", 2026)
    db.session.commit()

    def work(number: int) -> None:
        for _ in range(25):
            if number % 2:
                take("even", 2026)
                take("even", 2026)
                db.session.commit()
                continue
            with reading():
                last = db.session.scalars(sa.select(Series.last)).one()
                assert last % 2 == 0
                db.session.rollback()

    assert together(app, work) == []
    assert db.session.scalars(sa.select(Series.last)).one() == 2 + 4 * 50
