"""What follows is done once, whatever fails or is killed, and one failure keeps nothing else waiting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from meetings import worker
from meetings.accounts.rules import SYSTEM
from meetings.clock import now
from meetings.database import db
from meetings.journal import queries, record, services
from meetings.journal.models import Delivery, Entry, Seal
from meetings.numbering.models import Series
from meetings.numbering.services import take
from meetings.worker.alone import Work, only_worker
from tests.conftest import Clock


@dataclass(frozen=True)
class Thing:
    """Something a fact can be about."""

    journal_subject: str = "thing:1"
    journal_root: str = ""


def counted(entry: Entry) -> None:
    """Leaves a trace in the database: its number grows by one each time."""
    take(f"done {entry.subject}", 2026)


def broken(entry: Entry) -> None:
    """Writes and then fails."""
    take("half done", 2026)
    raise RuntimeError("the cable was cut")


def chained(entry: Entry) -> None:
    """Records what itself has to be followed."""
    if entry.details["left"]:
        record("thing.chained", Thing(), actor=SYSTEM, left=entry.details["left"] - 1)


@pytest.fixture(autouse=True)
def followed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    table = {"thing.done": [counted], "thing.broken": [broken], "thing.chained": [chained]}
    monkeypatch.setattr(services, "_follow_ups", {})
    services.follow(table)
    named = {services.name_of(f): f for functions in table.values() for f in functions}
    monkeypatch.setattr(worker, "_BY_NAME", named)
    yield


def did(subject: str = "thing:1") -> int:
    found = db.session.scalar(sa.select(Series.last).where(Series.name == f"done {subject}")) or 0
    db.session.rollback()  # the worker waits for nobody
    return found


def left() -> int:
    found = db.session.scalar(sa.select(sa.func.count(Delivery.id)).where(Delivery.done_at.is_(None))) or 0
    db.session.rollback()
    return found


def happened(fact: str = "thing.done", subject: str = "thing:1", **more: Any) -> None:
    record(fact, Thing(subject), actor=SYSTEM, **more)
    db.session.commit()


def test_what_follows_is_done_and_marked_done() -> None:
    happened()
    assert worker.follow_up() == 1
    assert (did(), left()) == (1, 0)
    assert worker.follow_up() == 0
    assert did() == 1


def test_a_follow_up_that_fails_is_put_off_and_told_and_the_others_go_on(clock: Clock) -> None:
    clock.at("2026-12-01 09:00")
    happened("thing.done", "thing:1")
    happened("thing.broken")
    happened("thing.done", "thing:2")
    assert worker.follow_up() == 2
    assert (did("thing:1"), did("thing:2")) == (1, 1)
    kept = db.session.scalars(sa.select(Delivery).where(Delivery.done_at.is_(None))).one()
    assert (kept.attempts, kept.fault) == (1, "RuntimeError: the cable was cut")
    assert kept.due_at == now() + timedelta(seconds=10)
    assert not db.session.scalars(sa.select(Series).where(Series.name == "half done")).all(), "its half is taken back"


def test_a_follow_up_that_fails_is_tried_again_and_never_given_up(clock: Clock) -> None:
    clock.at("2026-12-01 09:00")
    happened("thing.broken")
    for attempt in range(1, 7):
        assert worker.follow_up() == 0
        kept = db.session.scalars(sa.select(Delivery)).one()
        db.session.refresh(kept)
        assert kept.attempts == attempt and kept.done_at is None
        assert worker.follow_up() == 0, "not before its time"
        clock._stop_at(kept.due_at)
    assert queries.due(now(), 10)


def test_a_follow_up_whose_cause_was_mended_is_done(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    happened("thing.broken")
    worker.follow_up()
    monkeypatch.setitem(worker._BY_NAME, services.name_of(broken), counted)
    clock.forward(seconds=11)
    assert worker.follow_up() == 1
    assert (did(), left()) == (1, 0)


def test_a_follow_up_that_nobody_knows_any_more_is_kept_and_told() -> None:
    happened()
    db.session.execute(sa.update(Delivery).values(follow_up="rooms.forgotten"))
    db.session.commit()
    assert worker.follow_up() == 0
    assert "rooms.forgotten" in db.session.scalars(sa.select(Delivery.fault)).one()
    assert left() == 1


class Killed(BaseException):
    """The power fails: nothing after it runs."""


@pytest.mark.parametrize("moment", ["before the effect", "after the effect", "at the commit"])
def test_what_was_killed_in_the_middle_is_done_exactly_once(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    happened()

    def dies(entry: Entry) -> None:
        if moment == "after the effect":
            counted(entry)
        raise Killed

    with monkeypatch.context() as patched:
        if moment == "at the commit":

            def commit() -> None:
                db.session.flush()
                raise Killed

            ids = queries.due(now(), 10)
            db.session.rollback()
            patched.setattr(db.session, "commit", commit, raising=False)
            with pytest.raises(Killed):
                worker._do(ids[0])
        else:
            patched.setitem(worker._BY_NAME, services.name_of(counted), dies)
            with pytest.raises(Killed):
                worker.follow_up()
    db.session.close()  # what the database does with the connection of a process that is gone
    assert (did(), left()) == (0, 1)
    assert worker.follow_up() == 1
    assert worker.follow_up() == 0
    assert (did(), left()) == (1, 0)


@pytest.mark.only("postgresql")
def test_a_delivery_that_another_worker_holds_is_left_to_it(app: Flask) -> None:
    happened()
    (id,) = queries.due(now(), 10)
    db.session.rollback()
    with db.engine.connect() as other:
        other.execute(sa.select(Delivery.id).where(Delivery.id == id).with_for_update())
        assert worker.follow_up() == 0
        other.rollback()
    assert worker.follow_up() == 1


def test_a_pass_is_bounded() -> None:
    for _ in range(5):
        happened()
    assert worker.follow_up(limit=2) == 2
    assert left() == 3


def test_what_a_follow_up_records_waits_for_the_next_pass() -> None:
    happened("thing.chained", left=3)
    assert worker.follow_up() == 1
    assert left() == 1


def test_pass_after_pass_until_nothing_is_due(app: Flask) -> None:
    happened("thing.chained", left=5)
    assert worker.until_nothing_is_due(app) == 6
    assert left() == 0
    assert worker.until_nothing_is_due(app) == 0


def test_until_nothing_is_due_ends_although_something_keeps_failing(app: Flask) -> None:
    happened("thing.broken")
    happened()
    assert worker.until_nothing_is_due(app) == 1
    assert left() == 1


def test_until_nothing_is_due_ends_although_there_is_always_more(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "tick", lambda app: 1)
    assert worker.until_nothing_is_due(app, limit=timedelta(seconds=0.5)) > 0


def test_a_pass_leaves_a_sign_of_life_and_seals_the_journal(app: Flask) -> None:
    happened()
    worker.tick(app)
    db.session.rollback()
    assert queries.heartbeat() is not None
    assert db.session.scalar(sa.select(sa.func.count(Seal.id))) == 1
    assert list(queries.faults()) == []
    assert not db.session.scalars(sa.select(Entry).where(Entry.seal_id.is_(None))).all()


@pytest.mark.only("postgresql")
def test_the_tick_of_a_second_worker_does_nothing_while_the_first_is_at_it(app: Flask) -> None:
    happened()
    with db.engine.connect() as other:
        other.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": Work.PASS})
        assert worker.tick(app) == 0
        other.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": Work.PASS})
    assert worker.tick(app) == 1


def test_a_tick_that_fails_does_not_stop_the_metronome(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(app: Flask) -> int:
        raise RuntimeError("the database is away")

    monkeypatch.setattr(worker, "tick", fails)
    worker._safely(app)


def test_there_is_one_worker_to_an_installation(tmp_path: Path) -> None:
    with only_worker(tmp_path / "new") as first:
        assert first
        with only_worker(tmp_path / "new") as second:
            assert not second
        with only_worker(tmp_path / "another") as elsewhere:
            assert elsewhere
    with only_worker(tmp_path / "new") as afterwards:
        assert afterwards


def test_every_follow_up_has_a_name_of_its_own() -> None:
    functions = {function for functions in worker.FOLLOW_UPS.values() for function in functions}
    assert len({services.name_of(function) for function in functions}) == len(functions)
