"""Alive, ready, and what is wrong: for a supervisor, a load balancer and an administrator."""

from __future__ import annotations

import os
from collections import namedtuple
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask import Flask

from config import MailFolder, MailServer
from meetings import journal, worker
from meetings.accounts.rules import SYSTEM, Role
from meetings.database import db
from meetings.journal.models import Entry, Heartbeat
from meetings.overview import health
from meetings.post import services as post
from meetings.post.message import Address
from tests import make
from tests.conftest import Clock

ALL_WELL = {"database": True, "worker": True, "outbox": True, "mailbox": True}


@pytest.fixture
def migrated(app: Flask) -> None:
    """The tables say that every migration has run."""
    (head,) = ScriptDirectory(app.extensions["migrate"].directory).get_heads()
    db.session.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    db.session.execute(sa.text("INSERT INTO alembic_version VALUES (:head)"), {"head": head})
    db.session.commit()


@pytest.fixture
def working(migrated: None, app: Flask) -> None:
    """A worker has just given a sign of life."""
    worker.tick(app)


def letter() -> None:
    post.hand_in(post.Draft("a-letter", "invitation", Address("Ông A", "a@b.example"), "Giấy mời", "Kính gửi"))
    db.session.commit()


def told() -> list[str]:
    found = list(health.faults())
    db.session.rollback()
    return found


# ------------------------------------------------------------------ /healthz, /readyz


def test_the_process_is_alive_whatever_the_database_is(client: Any) -> None:
    db.session.execute(sa.text("DROP TABLE worker_heartbeat"))
    db.session.commit()
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_ready_when_all_is_well(working: None, client: Any) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok", "checks": ALL_WELL})
    assert client.head("/readyz").status_code == 200


def test_not_ready_before_the_database_is_migrated(app: Flask, client: Any) -> None:
    worker.tick(app)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["checks"]) == (503, {**ALL_WELL, "database": False})


def test_not_ready_on_the_tables_of_another_version(working: None, client: Any) -> None:
    db.session.execute(sa.text("UPDATE alembic_version SET version_num = 'older'"))
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.json["checks"]["database"] is False


def test_not_ready_without_a_worker(migrated: None, client: Any) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["checks"]) == (503, {**ALL_WELL, "worker": False})


def test_not_ready_a_minute_after_the_worker_fell_silent(working: None, client: Any, clock: Clock) -> None:
    beat = db.session.get_one(Heartbeat, "worker").at
    clock._stop_at(beat + timedelta(seconds=59))
    assert client.get("/readyz").status_code == 200
    clock.forward(seconds=1)
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.json["checks"]["worker"] is False


def test_not_ready_when_letters_pile_up(working: None, client: Any, clock: Clock) -> None:
    clock.at("2026-12-01 10:00")
    letter()
    assert client.get("/readyz").json["checks"]["outbox"] is True
    clock.at("2026-12-01 10:31")
    assert client.get("/readyz").json["checks"]["outbox"] is False


def test_not_ready_without_tables(working: None, client: Any) -> None:
    db.session.execute(sa.text("DROP TABLE worker_heartbeat"))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"] == dict.fromkeys(ALL_WELL, False)


def test_looking_after_health_changes_nothing(migrated: None, client: Any) -> None:
    client.get("/readyz")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Heartbeat)) == 0


# ------------------------------------------------------------------ doctor


def doctor(app: Flask) -> tuple[int, str]:
    db.session.commit()
    result = app.test_cli_runner().invoke(args=["doctor"])
    faults = [line for line in result.output.splitlines(keepends=True) if not line.startswith("Norm ")]
    return result.exit_code, "".join(faults)


def test_the_doctor_finds_nothing_where_nothing_is_wrong(working: None, app: Flask) -> None:
    assert doctor(app) == (0, "Everything is in order.\n")


def test_the_doctor_lists_norms_that_nobody_verified_or_entered_and_they_are_no_fault(
    working: None, app: Flask
) -> None:
    result = app.test_cli_runner().invoke(args=["doctor"])
    assert result.exit_code == 0
    norms = [line for line in result.output.splitlines() if line.startswith("Norm ")]
    assert any(line.startswith("Norm meals_city: the value is not known") for line in norms)
    assert any(
        line.startswith("Norm lodging_c_city (600000 - 600000 - 600000") and "not verified" in line for line in norms
    )
    assert any(line.startswith("Norm delegation (1 - 3 - 5") and "an assumption" in line for line in norms)
    for verified in ("per_diem ", "base_salary ", "air_1280 "):
        assert not any(line.startswith(f"Norm {verified}") for line in norms)


def test_the_doctor_tells_every_fault_and_ends_with_one(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _: usage(10**12, 10**12, 1024))
    code, said = doctor(app)
    assert code == 1
    assert said.count("\n") == 2 and "not migrated" in said and "200 MB" in said


def test_the_doctor_tells_a_journal_that_was_touched(working: None, app: Flask) -> None:
    meeting = make.meeting()
    journal.record("meeting.drafted", meeting, actor=SYSTEM)
    db.session.commit()
    worker.tick(app)
    db.session.rollback()
    assert told() == []
    db.session.execute(sa.update(Entry).values(actor="user:666"))
    db.session.commit()
    code, said = doctor(app)
    assert code == 1 and "Seal 1 does not fit its entries." in said


def test_the_doctor_tells_a_database_without_tables(working: None, app: Flask) -> None:
    db.session.execute(sa.text("DROP TABLE journal_payload"))
    code, said = doctor(app)
    assert code == 1 and said.startswith("The database cannot be read: ")


@pytest.mark.only("sqlite")
def test_the_doctor_tells_a_database_that_may_lose_what_it_confirmed(working: None, app: Flask) -> None:
    with db.engine.connect() as connection:
        raw = connection.connection.driver_connection
    db.session.rollback()
    raw.execute("PRAGMA synchronous=NORMAL")
    with_one = [sentence for sentence in told() if "synchronous" in sentence]
    raw.execute("PRAGMA synchronous=FULL")
    assert len(with_one) == 1


@pytest.mark.parametrize("which", ["instance", "outbox"])
def test_the_doctor_tells_a_folder_that_cannot_be_written_to(
    working: None, app: Flask, instance: Path, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    closed = instance if which == "instance" else instance / "outbox"
    access = os.access
    monkeypatch.setattr(health.os, "access", lambda path, mode: Path(path) != closed and access(path, mode))
    code, said = doctor(app)
    assert code == 1 and said.count("\n") == 1 and f"{closed} cannot be written to" in said


def test_the_doctor_tells_a_folder_of_letters_that_cannot_be_made(
    working: None, app: Flask, instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (instance / "a-file").write_text("in the way")
    closed = instance / "a-file" / "outbox"
    monkeypatch.setitem(app.extensions, "config", replace(app.extensions["config"], mail=MailFolder(closed)))
    code, said = doctor(app)
    assert code == 1 and f"{closed} cannot be written to" in said


def test_the_doctor_tells_a_mail_server_that_takes_nothing(
    working: None, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Shut:
        def open(self) -> Any:
            return namedtuple("Closed", "answer")("535 wrong password")

        def close(self) -> None:
            pass

    server = MailServer("mail.example", 25, "u", "topsecret", tls=False)
    monkeypatch.setitem(app.extensions, "config", replace(app.extensions["config"], mail=server))
    monkeypatch.setattr(health, "mailer", Shut)
    code, said = doctor(app)
    assert (code, said) == (1, "The mail server mail.example:25 takes no letters: 535 wrong password.\n")


def test_who_is_signed_in_or_not_does_not_count(working: None, browser: Any) -> None:
    assert browser(make.user(Role.LEADER)).get("/readyz").status_code == 200
