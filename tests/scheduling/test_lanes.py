"""The calendar as it is drawn: periods, collisions, and bars that never cover each other."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.scheduling import lanes
from meetings.scheduling.lanes import Bar, Lane, Look, View
from tests.make import at

DAY = date(2026, 12, 10)


def bar(first: str, last: str, look: Look = Look.FIRM, key: str = "") -> Bar:
    starts = at(first if "-" in first else f"2026-12-10 {first}")
    ends = at(last if "-" in last else f"2026-12-10 {last}")
    return Bar(key or f"{first}-{last}-{look}", starts, ends, look, "Họp")


@pytest.mark.parametrize(
    ("view", "day", "first", "last", "before", "after"),
    [
        (View.DAY, date(2026, 12, 31), date(2026, 12, 31), date(2026, 12, 31), date(2026, 12, 30), date(2027, 1, 1)),
        (View.WEEK, date(2026, 12, 31), date(2026, 12, 28), date(2027, 1, 3), date(2026, 12, 24), date(2027, 1, 7)),
        (View.MONTH, date(2027, 1, 31), date(2027, 1, 1), date(2027, 1, 31), date(2026, 12, 31), date(2027, 2, 28)),
        (View.MONTH, date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29), date(2028, 1, 29), date(2028, 3, 29)),
    ],
)
def test_a_period_has_its_days_and_its_neighbours(
    view: View, day: date, first: date, last: date, before: date, after: date
) -> None:
    assert lanes.period(view, day) == (first, last)
    assert (lanes.moved(view, day, -1), lanes.moved(view, day, 1)) == (before, after)
    grid = lanes.grid(first, last)
    assert grid[0].weekday() == 0 and grid[-1].weekday() == 6 and {first, last} <= set(grid)


def test_only_what_takes_its_hour_collides() -> None:
    found = lanes.collided(
        [
            bar("08:00", "10:00"),
            bar("09:00", "11:00", Look.HOLD),
            bar("09:30", "09:45", Look.BLOCK),
            bar("08:00", "17:00", Look.DRAFT),
            bar("08:00", "17:00", Look.OFF),
            bar("11:00", "12:00"),  # begins where another ends
        ]
    )
    assert {(one.look, one.collides) for one in found} == {
        (Look.FIRM, 2), (Look.HOLD, 2), (Look.BLOCK, 2), (Look.DRAFT, 0), (Look.OFF, 0), (Look.FIRM, 0)
    }  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("08:00", "11:15", "08:00–11:15"),
        ("2026-12-09 14:00", "2026-12-10 11:15", "…–11:15"),
        ("2026-12-10 14:00", "2026-12-11 11:15", "14:00–…"),
        ("2026-12-10 14:00", "2026-12-11 00:00", "14:00–24:00"),
        ("2026-12-10 00:00", "2026-12-11 00:00", ""),
        ("2026-12-09 00:00", "2026-12-12 00:00", ""),
    ],
)
def test_the_hours_of_a_bar_are_those_of_the_day_it_is_shown_on(first: str, last: str, said: str) -> None:
    assert lanes.hours(bar(first, last), DAY) == said


def test_midnight_belongs_to_the_day_that_begins_with_it() -> None:
    late = bar("2026-12-09 22:00", "2026-12-10 00:00")
    assert lanes.on_day([late], date(2026, 12, 9)) == [late] and lanes.on_day([late], DAY) == []


@given(st.lists(st.tuples(st.integers(-300, 1700), st.integers(1, 900)), max_size=12))
def test_on_a_day_every_bar_is_drawn_once_and_none_over_another(spans: list[tuple[int, int]]) -> None:
    begins = at("2026-12-10 00:00")
    bars = [
        Bar(f"b{n}", begins + timedelta(minutes=start), begins + timedelta(minutes=start + long), Look.FIRM)
        for n, (start, long) in enumerate(sorted(spans))
    ]
    first, last = lanes.opening([Lane("a", "A", bars=tuple(bars))], DAY)
    drawn = lanes.rows(bars, DAY, first, last)
    assert all(sum(cell.steps for cell in row) == (last - first) * 4 for row in drawn), "the table has no ragged row"
    shown = sorted(cell.bar.key for row in drawn for cell in row if cell.bar)
    assert shown == sorted(one.key for one in lanes.on_day(bars, DAY))
