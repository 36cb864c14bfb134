"""Who works alone: one pass of a kind at a time, and on SQLite one worker an installation."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path

import sqlalchemy as sa

from meetings.database import db


class Work(IntEnum):
    """What is done by one worker at a time, by the advisory lock of PostgreSQL that keeps it single."""

    PASS = 0x6469656D
    FEEDS = 0x66656564
    ROOMS = 0x726F6F6D
    WATCHING = 0x77617463
    MAIL = 0x6D61696C
    TEXTS = 0x74657874
    HEARING = 0x68656172
    SWEEPING = 0x73776570
    PAPERS = 0x70617065
    OWED = 0x6F776564
    WAYS = 0x77617973
    ERRANDS = 0x65727261


@contextmanager
def alone(work: Work = Work.PASS) -> Iterator[bool]:
    """Whether this is the only one at *work* now. On PostgreSQL an advisory lock; it dies with its connection."""
    if db.engine.dialect.name != "postgresql":
        yield True
        return
    with db.engine.connect() as connection:
        got = bool(connection.scalar(sa.text("SELECT pg_try_advisory_lock(:key)"), {"key": work.value}))
        connection.commit()
        try:
            yield got
        finally:
            if got:
                connection.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": work.value})
                connection.commit()


@contextmanager
def only_worker(instance: Path) -> Iterator[bool]:
    """On SQLite one worker an installation: a lock on a file that dies with its holder."""
    instance.mkdir(parents=True, exist_ok=True)
    with (instance / "worker.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
