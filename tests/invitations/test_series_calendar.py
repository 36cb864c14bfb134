"""A series as calendars read it: an expander of others finds the dates that our own list shows."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random

import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from meetings.clock import HANOI, instant
from meetings.invitations.calendar import CalendarEntry, Method, written
from meetings.official.working_days import STANDARD
from meetings.post.message import Address
from meetings.scheduling.recurrence import Choice, Pace, Pattern, Rule, dates, held, pattern
from tests.scheduling.test_recurrence import rules_from

LENGTH = timedelta(minutes=90)


def entry(of: Pattern, **more: object) -> CalendarEntry:
    starts = of.starts.replace(tzinfo=HANOI)
    values: dict[str, object] = {
        "uid": "series@hop.example",
        "sequence": 0,
        "stamp": datetime(2026, 12, 1, 2, 0, tzinfo=UTC),
        "starts_at": starts,
        "ends_at": starts + LENGTH,
        "summary": "Giao ban tuần",
        "description": "",
        "location": "Phòng 2A",
        "url": "https://hop.example/m/x",
        "organiser": Address("Bộ Điều phối số", "lichhop@hop.example"),
        "repeats": of,
        **more,
    }
    return CalendarEntry(**values)


def read(ics: bytes, first: date) -> list[tuple[datetime, datetime]]:
    """Beginning and end of every date that `recurring-ical-events` finds, from a month before *first* on."""
    query = recurring_ical_events.of(Calendar.from_ical(ics))
    events = query.between(first - timedelta(days=31), first + timedelta(days=1200))
    return sorted((event["DTSTART"].dt, event["DTEND"].dt) for event in events)


@settings(max_examples=100, deadline=None)
@given(
    rules_from,
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.randoms(use_true_random=False),
)
def test_an_expander_of_others_reads_every_series_to_the_dates_that_our_list_shows(
    drawn: tuple[date, Rule], at: time, chance: Random
) -> None:
    first, rule = drawn
    listed = dates(rule, first, STANDARD)
    listed = dates(rule, first, STANDARD, {one.planned: chance.choice(list(Choice)) for one in listed})
    on = sorted(one.on for one in listed if one.on is not None)
    if not on:
        return
    ics = written(entry(pattern(rule, first, at, on)), Method.REQUEST, {})
    found = read(ics, first)
    assert [(begins.date(), begins.time()) for begins, _ends in found] == [(day, at) for day in on]
    assert [begins.astimezone(UTC) for begins, _ends in found] == [instant(day, at) for day in on]
    assert all(ends - begins == LENGTH for begins, ends in found)


def test_one_date_that_is_moved_takes_the_place_of_its_own_and_of_no_other() -> None:
    first, rule = date(2026, 12, 7), Rule(Pace.WEEKLY, weekdays=(0,), count=4)
    series = pattern(rule, first, time(8, 0), held(dates(rule, first, STANDARD)))
    third = instant(date(2026, 12, 21), time(8, 0))
    moved = entry(series, repeats=None, instance=third, sequence=1, starts_at=third + timedelta(hours=6))
    moved = CalendarEntry(**{**{f: getattr(moved, f) for f in moved.__slots__}, "ends_at": moved.starts_at + LENGTH})
    whole = Calendar.from_ical(written(entry(series), Method.REQUEST, {}))
    update = Calendar.from_ical(written(moved, Method.REQUEST, {}))
    for event in update.walk("VEVENT"):  # as a calendar program does: beside the series it knows
        whole.add_component(event)
    begins = [at for at, _ends in read(whole.to_ical(), first)]
    assert [f"{at:%d %H:%M}" for at in begins] == ["07 08:00", "14 08:00", "21 14:00", "28 08:00"]


def test_a_series_and_a_single_meeting_carry_the_time_zone() -> None:
    rule = Rule(Pace.WEEKLY, weekdays=(0,), count=4)
    series = pattern(rule, date(2026, 12, 7), time(8, 0), held(dates(rule, date(2026, 12, 7), STANDARD)))
    text = written(entry(series), Method.REQUEST, {}).decode()
    assert "DTSTART;TZID=Asia/Ho_Chi_Minh:20261207T080000\r\n" in text
    assert "BEGIN:VTIMEZONE\r\nTZID:Asia/Ho_Chi_Minh\r\nBEGIN:STANDARD\r\n" in text
    assert "RRULE:FREQ=WEEKLY;UNTIL=20261228T010000Z;BYDAY=MO;WKST=MO\r\n" in text
    single = written(entry(series, repeats=None), Method.REQUEST, {}).decode()
    assert "BEGIN:VTIMEZONE" in single and "DTSTART;TZID=Asia/Ho_Chi_Minh:20261207T080000\r\n" in single
