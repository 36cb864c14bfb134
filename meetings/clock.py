"""Time: instants are aware and in UTC, walls show Hà Nội."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """The present instant, aware, UTC."""
    return datetime.now(UTC)


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
