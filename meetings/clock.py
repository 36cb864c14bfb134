"""Time: instants are aware and in UTC, walls show Hà Nội."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


_stood_at: ContextVar[datetime | None] = ContextVar("stood_at", default=None)


def now() -> datetime:
    """The present instant, aware, UTC."""
    return _stood_at.get() or datetime.now(UTC)


@contextmanager
def stood_at(instant: datetime) -> Iterator[None]:
    """Inside, the clock stands at *instant*: for the demonstration data, which the product's own services write day by day."""
    before = _stood_at.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _stood_at.reset(before)


def wall(instant: datetime) -> datetime:
    """What a clock on the wall in Hà Nội shows at *instant* (aware)."""
    if instant.tzinfo is None:
        raise ValueError("an instant must be aware")
    return instant.astimezone(HANOI)


def today() -> date:
    """The calendar day in Hà Nội now."""
    return wall(now()).date()


def instant(day: date, at: time) -> datetime:
    """The instant (aware, UTC) at which a wall clock in Hà Nội shows *at* on *day*."""
    return datetime.combine(day, at.replace(tzinfo=None), HANOI).astimezone(UTC)
