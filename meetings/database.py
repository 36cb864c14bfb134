"""The database: types that cannot lie, and connections that know whether they may write.

A request that only shows (GET, HEAD, OPTIONS) runs on a connection that refuses every write, so a mail scanner that
opens a link cannot answer for anybody. Writers on SQLite begin with ``BEGIN IMMEDIATE`` behind one fair lock per process: a
deferred transaction that turns writer fails with "database is locked" whatever the time-out says.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import DeclarativeBase, registry

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An instant: aware going in, aware UTC coming out. SQLite forgets time zones, so the type remembers."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EpochSeconds(sa.types.TypeDecorator[datetime]):
    """An instant kept as whole seconds since 1970: aware going in, aware UTC coming out.

    For spans that are compared by the ten thousand; who only counts reads the number itself (``sa.type_coerce``).
    """

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be stored")
        return int(value.timestamp())

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else datetime.fromtimestamp(value, UTC)


def _words(enum: type[StrEnum]) -> list[str]:
    return [member.value for member in enum]


class Base(DeclarativeBase):
    """Parent of all tables. The type map stands on the registry: on the class, Flask-SQLAlchemy 3.1 loses it."""

    registry = registry(
        metadata=sa.MetaData(naming_convention=NAMING),
        type_annotation_map={
            datetime: UtcDateTime(),
            date: sa.Date(),
            str: sa.Text(),
            int: sa.Integer(),
            dict[str, Any]: sa.JSON(),
            list[Any]: sa.JSON(),
            StrEnum: sa.Enum(StrEnum, native_enum=False, values_callable=_words, length=24),
        },
    )
    metadata = registry.metadata


Money = sa.BigInteger()
"""Whole đồng."""

db = SQLAlchemy(model_class=Base, engine_options={})

_read_only: ContextVar[bool] = ContextVar("read_only", default=False)


def rows_changed(statement: sa.Update | sa.Delete) -> int:
    """Run *statement* in the session; how many rows it changed."""
    done = db.session.execute(statement)
    assert isinstance(done, sa.CursorResult), "only what reads objects gives another kind of result"
    return int(done.rowcount)


@contextmanager
def reading() -> Iterator[None]:
    """Transactions begun inside refuse every write, by the database's own word."""
    before = _read_only.set(True)
    try:
        yield
    finally:
        _read_only.reset(before)


def read_only(flag: bool) -> None:
    """Say for the rest of this context whether its transactions may write."""
    _read_only.set(flag)


class FairLock:
    """A lock that serves in the order of arrival; SQLite's own busy handler lets one writer starve."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Event] = deque()

    def acquire(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Event()
            self._waiting.append(turn)
        turn.wait()

    def release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False


def prepare(engine: Engine) -> None:
    """Attach the rules of this house to *engine*: foreign keys, durability, and who may write."""
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    else:

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            if _read_only.get():
                connection.exec_driver_sql("SET TRANSACTION READ ONLY")


def _prepare_sqlite(engine: Engine) -> None:
    writers = FairLock()

    @event.listens_for(engine, "connect")
    def _connect(raw: Any, record: Any) -> None:
        raw.isolation_level = None  # we say BEGIN ourselves
        raw.execute("PRAGMA foreign_keys=ON")
        raw.execute("PRAGMA journal_mode=WAL")
        raw.execute("PRAGMA synchronous=FULL")
        raw.execute("PRAGMA busy_timeout=15000")
        raw.execute("PRAGMA cache_size=-16000")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if _read_only.get():
            may_write(connection, False)
            say(connection, "BEGIN")
            return
        writers.acquire()
        connection.info["writes"] = True
        try:
            may_write(connection, True)
            say(connection, "BEGIN IMMEDIATE")
        except BaseException:
            let_go(connection.info)
            raise

    def say(connection: Connection, word: str) -> None:
        """To the driver itself: what stands around every transaction costs a tenth of a poll by the long way."""
        raw: Any = connection.connection.dbapi_connection
        raw.execute(word)

    def may_write(connection: Connection, flag: bool) -> None:
        """Say so to a connection that was told otherwise, or nothing yet: a tenth of what a letter costs the database."""
        if connection.info.get("may_write") is not flag:
            say(connection, f"PRAGMA query_only={'OFF' if flag else 'ON'}")
            connection.info["may_write"] = flag

    def let_go(info: MutableMapping[Any, Any]) -> None:
        if info.pop("writes", False):
            writers.release()

    # after the COMMIT itself, not at the event before it: the next writer must find the door open
    do_commit, do_rollback = engine.dialect.do_commit, engine.dialect.do_rollback

    def commit(raw: Any) -> None:
        do_commit(raw)
        let_go(raw._connection_record.info)

    def rollback(raw: Any) -> None:
        try:
            do_rollback(raw)
        finally:
            if raw._connection_record is not None:
                let_go(raw._connection_record.info)

    # mypy sees methods; SQLAlchemy has no event after a COMMIT of the driver
    engine.dialect.do_commit = commit  # type: ignore[method-assign,assignment]
    engine.dialect.do_rollback = rollback  # type: ignore[method-assign,assignment]
