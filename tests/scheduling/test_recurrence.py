"""The dates of a rule, and why some are not held, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.errors import Refused
from meetings.official.working_days import STANDARD, Calendar
from meetings.scheduling.recurrence import (
    LAST,
    MAX_DATES,
    Choice,
    Pace,
    Rule,
    Why,
    dates,
    held,
    pattern,
    planned,
    read,
    said,
    text,
)

MONDAY = date(2026, 12, 7)
MONDAYS = Rule(Pace.WEEKLY, weekdays=(0,), until=date(2027, 3, 8))
EIGHT = time(8, 0)


def rules(first: date) -> st.SearchStrategy[Rule]:
    """Rules of which *first* is a date, as an office would say them."""
    end = st.one_of(
        st.integers(2, 40).map(lambda n: {"count": n}),
        st.integers(1, 160).map(lambda n: {"until": first + timedelta(days=n)}),
    )
    every, nth = st.integers(1, 4), (first.day - 1) // 7 + 1
    weekdays = st.sets(st.integers(0, 6), max_size=4).map(lambda days: tuple(sorted({*days, first.weekday()})))
    last = (first + timedelta(days=1)).month != first.month
    last_week = (first + timedelta(days=7)).month != first.month
    paces = [
        st.builds(Rule, st.just(Pace.WEEKLY), every, weekdays),
        st.builds(Rule, st.just(Pace.MONTHLY_DAY), every, day=st.just(LAST if last else first.day)),
        st.builds(
            Rule,
            st.just(Pace.MONTHLY_WEEKDAY),
            every,
            st.just((first.weekday(),)),
            nth=st.just(LAST if last_week else nth),
        ),
    ]
    if first.day > 28 and not last:
        paces.pop(1)
    if first.weekday() < 5:
        paces.append(st.just(Rule(Pace.DAILY)))
    return st.builds(lambda rule, ends: replace(rule, **ends), st.one_of(paces), end)


def short_enough(drawn: tuple[date, Rule]) -> bool:
    try:
        return len(planned(drawn[1], drawn[0])) > 1
    except Refused:
        return False


days = st.dates(date(2026, 1, 1), date(2030, 12, 31))
rules_from = days.flatmap(lambda first: st.tuples(st.just(first), rules(first))).filter(short_enough)


def test_a_weekly_briefing_of_a_quarter_leaves_its_public_holidays_out_and_says_why() -> None:
    # offices are closed from 4 to 10 February 2027
    found = dates(MONDAYS, MONDAY, STANDARD)
    assert [one.planned for one in found] == [MONDAY + timedelta(weeks=n) for n in range(14)]
    missing = [one for one in found if not one.held]
    assert [(one.planned, one.why) for one in missing] == [(date(2027, 2, 8), Why.HOLIDAY)]
    assert "Nguyên Đán" in missing[0].name
    assert missing[0].instead == date(2027, 2, 11)


def test_a_skipped_date_is_left_out_moved_to_the_next_working_day_or_held_all_the_same() -> None:
    tet = date(2027, 2, 8)
    offered = next(one for one in dates(MONDAYS, MONDAY, STANDARD) if one.planned == tet).instead
    assert offered is not None and STANDARD.is_working(offered)
    for choice, on in ((Choice.LEAVE, None), (Choice.MOVE, offered), (Choice.HOLD, tet)):
        one = next(one for one in dates(MONDAYS, MONDAY, STANDARD, {tet: choice}) if one.planned == tet)
        assert (one.on, one.choice) == (on, choice)


def test_any_date_can_be_left_out_by_hand() -> None:
    found = dates(MONDAYS, MONDAY, STANDARD, {MONDAY + timedelta(weeks=1): Choice.LEAVE})
    assert MONDAY + timedelta(weeks=1) not in held(found)


def test_a_day_that_an_administrator_closed_is_skipped_under_the_name_she_gave_it() -> None:
    storm = MONDAY + timedelta(weeks=1)
    found = dates(MONDAYS, MONDAY, Calendar({storm: False}), names={storm: "Nghỉ do bão"})
    assert [(one.why, one.name) for one in found if one.planned == storm] == [(Why.DAY_OFF, "Nghỉ do bão")]


def test_two_dates_are_never_moved_to_one_day() -> None:
    twice = Rule(Pace.WEEKLY, weekdays=(0, 2), until=date(2027, 3, 1))
    found = dates(twice, date(2027, 2, 1), STANDARD, dict.fromkeys(planned(twice, date(2027, 2, 1)), Choice.MOVE))
    assert len(held(found)) == len(set(held(found)))
    tet = [date(2027, 2, 3), date(2027, 2, 8), date(2027, 2, 10)]
    assert [one.on for one in found if one.planned in tet] == [None, date(2027, 2, 11), None]


def test_a_monthly_date_on_a_day_off_goes_to_the_next_working_day() -> None:
    fifteenth = Rule(Pace.MONTHLY_DAY, day=15, count=6)
    found = dates(fifteenth, date(2026, 12, 15), STANDARD)
    assert [(one.planned, one.why, one.on) for one in found if one.why] == [
        (date(2027, 5, 15), Why.WEEKEND, date(2027, 5, 17))
    ]


def test_a_saturday_that_was_asked_for_by_its_name_is_no_exception() -> None:
    saturday = Rule(Pace.WEEKLY, weekdays=(5,), count=3)
    assert all(one.held and not one.why for one in dates(saturday, date(2026, 12, 5), STANDARD))


def test_a_daily_meeting_is_also_held_on_a_saturday_that_is_worked_instead() -> None:
    made_up = date(2026, 12, 12)
    found = dates(Rule(Pace.DAILY, count=10), MONDAY, Calendar({made_up: True}))
    assert [(one.planned, one.held) for one in found if one.why is Why.MADE_UP] == [(made_up, True)]


def test_the_last_day_and_the_last_weekday_of_a_month_are_found_in_every_month() -> None:
    last = planned(Rule(Pace.MONTHLY_DAY, day=LAST, count=4), date(2026, 11, 30))
    assert last == [date(2026, 11, 30), date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 28)]
    friday = planned(Rule(Pace.MONTHLY_WEEKDAY, weekdays=(4,), nth=LAST, count=3), date(2026, 12, 25))
    assert friday == [date(2026, 12, 25), date(2027, 1, 29), date(2027, 2, 26)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"weekdays": ()}, "weekdays"),
        ({"weekdays": (1,)}, "pace"),
        ({"until": None}, "until"),
        ({"count": 4}, "until"),
        ({"until": MONDAY}, "until"),
        ({"until": MONDAY + timedelta(days=732)}, "until"),
        ({"until": None, "count": 1}, "count"),
        ({"until": None, "count": MAX_DATES + 1}, "count"),
        ({"until": None, "count": MAX_DATES}, "count"),  # 120 weeks are more than two years
        ({"weekdays": (0, 1, 2, 3), "until": MONDAY + timedelta(days=300)}, "until"),
        ({"every": 13}, "every"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused_at_its_field(changes: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refused:
        planned(replace(MONDAYS, **changes), MONDAY)
    assert refused.value.field == field


def test_a_series_of_which_one_date_is_left_is_none() -> None:
    with pytest.raises(Refused):
        held(dates(Rule(Pace.WEEKLY, weekdays=(0,), count=2), MONDAY, STANDARD, {MONDAY: Choice.LEAVE}))


@settings(max_examples=60, deadline=None)
@given(rules_from)
def test_a_rule_reads_back_as_it_was_written(drawn: tuple[date, Rule]) -> None:
    first, rule = drawn
    again = read(text(rule, EIGHT))
    assert text(again, EIGHT) == text(rule, EIGHT)
    assert planned(again, first) == planned(rule, first)


def test_a_series_begins_in_the_calendar_with_a_date_that_is_held() -> None:
    later = [MONDAY + timedelta(weeks=n) for n in range(2, 14)]
    assert pattern(MONDAYS, MONDAY, EIGHT, later).starts == datetime(2026, 12, 21, 8, 0)
    moved = [MONDAY + timedelta(days=1), *later]  # a date that was moved stands before: then with the rule's own first
    first = pattern(MONDAYS, MONDAY, EIGHT, moved)
    assert (first.starts, first.left_out[0], first.added) == (
        datetime(2026, 12, 7, 8, 0),
        datetime(2026, 12, 7, 8, 0),
        (datetime(2026, 12, 8, 8, 0),),
    )


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (MONDAYS, "Hằng tuần vào thứ Hai, đến 08/03/2027"),
        (Rule(Pace.WEEKLY, 2, (0, 3), count=8), "2 tuần một lần vào thứ Hai, thứ Năm, 8 lần"),
        (Rule(Pace.DAILY, count=5), "Mọi ngày làm việc, 5 lần"),
        (Rule(Pace.MONTHLY_DAY, day=LAST, count=5), "Hằng tháng vào ngày cuối tháng, 5 lần"),
        (Rule(Pace.MONTHLY_DAY, 3, day=5, count=5), "3 tháng một lần vào ngày 05, 5 lần"),
        (Rule(Pace.MONTHLY_WEEKDAY, 1, (4,), nth=LAST, count=5), "Hằng tháng vào thứ Sáu cuối cùng của tháng, 5 lần"),
        (Rule(Pace.MONTHLY_WEEKDAY, 1, (0,), nth=2, count=5), "Hằng tháng vào thứ Hai lần thứ 2 của tháng, 5 lần"),
    ],
)
def test_a_rule_is_said_as_an_office_says_it(rule: Rule, words: str) -> None:
    assert said(rule) == words
