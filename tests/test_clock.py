"""Instants are aware and in UTC; a wall shows Hà Nội."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as some

from meetings import clock as the_clock
from tests.conftest import Clock


def test_now_is_aware_and_in_utc(clock: Clock) -> None:
    clock.at("2026-12-10 07:30")
    assert the_clock.now() == datetime(2026, 12, 10, 0, 30, tzinfo=UTC)
    assert the_clock.now().tzinfo is UTC


def test_the_day_begins_at_midnight_in_hanoi_and_not_in_greenwich(clock: Clock) -> None:
    clock.at("2026-12-31 23:59")
    assert the_clock.today() == date(2026, 12, 31)
    clock.at("2027-01-01 00:00")
    assert the_clock.today() == date(2027, 1, 1)
    assert the_clock.now().date() == date(2026, 12, 31)


def test_the_wall_in_hanoi_is_seven_hours_ahead() -> None:
    shown = the_clock.wall(datetime(2026, 12, 10, 1, 0, tzinfo=UTC))
    assert (shown.hour, shown.utcoffset()) == (8, timedelta(hours=7))
    tokyo = datetime(2026, 12, 10, 10, 0, tzinfo=timezone(timedelta(hours=9)))
    assert the_clock.wall(tokyo).hour == 8


def test_an_instant_without_a_zone_is_refused_by_the_wall() -> None:
    with pytest.raises(ValueError, match="aware"):
        the_clock.wall(datetime(2026, 12, 10, 8, 0))


@given(some.dates(date(2000, 1, 1), date(2100, 12, 31)), some.times())
def test_what_the_wall_shows_is_the_instant_it_was_made_from(day: date, at: time) -> None:
    made = the_clock.instant(day, at)
    assert made.tzinfo is UTC
    assert the_clock.wall(made).replace(tzinfo=None) == datetime.combine(day, at)


def test_the_zone_of_a_time_of_day_does_not_count() -> None:
    day = date(2026, 12, 10)
    assert the_clock.instant(day, time(8, 0, tzinfo=UTC)) == the_clock.instant(day, time(8, 0))


def test_the_clock_stands_inside_and_goes_on_after(clock: Clock) -> None:
    clock.at("2026-12-01 09:00")
    before = the_clock.now()
    there = datetime(2026, 3, 1, 8, 0, tzinfo=the_clock.HANOI)
    with the_clock.stood_at(there):
        assert the_clock.now() == there and the_clock.now().tzinfo is UTC
        with the_clock.stood_at(there + timedelta(days=1)):
            assert the_clock.today() == date(2026, 3, 2)
        assert the_clock.today() == date(2026, 3, 1)
    assert the_clock.now() == before


def test_the_clock_goes_on_after_a_fault(clock: Clock) -> None:
    clock.at("2026-12-01 09:00")
    before = the_clock.now()
    with pytest.raises(ZeroDivisionError), the_clock.stood_at(before - timedelta(days=9)):
        raise ZeroDivisionError
    assert the_clock.now() == before
