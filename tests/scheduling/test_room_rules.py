"""When a video room may be entered and when it has to stand ready."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from meetings.adapters.platforms import Why
from meetings.scheduling import room_rules
from meetings.scheduling.room_rules import NOT_CONFIGURED, Door, door, openings, slug, wanted
from meetings.scheduling.room_words import WHY_WORDS
from meetings.scheduling.rules import Status
from tests.make import at

STARTS, ENDS, REHEARSAL = at("2026-12-10 08:00"), at("2026-12-10 11:15"), at("2026-12-09 14:00")
PLANNED = openings(STARTS, ENDS, REHEARSAL)


@pytest.mark.parametrize(
    ("now", "says"),
    [
        ("2026-12-01 09:00", Door.EARLY),
        ("2026-12-09 12:59", Door.EARLY),
        ("2026-12-09 13:00", Door.OPEN),
        ("2026-12-09 16:00", Door.OPEN),
        ("2026-12-09 16:01", Door.EARLY),
        ("2026-12-10 06:59", Door.EARLY),
        ("2026-12-10 07:00", Door.OPEN),
        ("2026-12-10 11:15", Door.OPEN),
        ("2026-12-10 12:15", Door.OPEN),
        ("2026-12-10 12:16", Door.OVER),
    ],
)
def test_the_room_is_open_from_an_hour_before_and_an_hour_beyond_and_for_the_rehearsal(now: str, says: Door) -> None:
    stands, opening = door(Status.SCHEDULED, PLANNED, now=at(now))
    assert stands is says
    if says is Door.EARLY:
        assert opening is not None and opening.opens_at > at(now)


@pytest.mark.parametrize(
    ("status", "now", "says"),
    [
        (Status.IN_SESSION, "2026-12-10 06:30", Door.OPEN),  # begun early
        (Status.IN_SESSION, "2026-12-10 17:00", Door.OPEN),  # it lasts
        (Status.IN_SESSION, "2026-12-11 09:00", Door.OVER),  # nobody closed it
        (Status.CLOSED, "2026-12-10 10:00", Door.OVER),
        (Status.CANCELLED, "2026-12-10 07:30", Door.CANCELLED),
        (Status.POSTPONED, "2026-12-10 07:30", Door.POSTPONED),
    ],
)
def test_what_the_office_says_of_the_meeting_goes_before_the_clock(status: Status, now: str, says: Door) -> None:
    stands, opening = door(status, PLANNED, now=at(now))
    assert stands is says
    assert (opening is not None and opening.opens_at <= at(now) < opening.closes_at) == (says is Door.OPEN)


@given(some.sampled_from(Status), some.datetimes(datetime(2026, 12, 1), datetime(2026, 12, 20)))
def test_a_room_that_may_be_entered_is_always_one_that_stands_ready(status: Status, naive: datetime) -> None:
    now = STARTS + (naive - datetime(2026, 12, 10))
    if door(status, PLANNED, now=now)[0] is Door.OPEN:
        assert wanted(status, PLANNED, early=False, now=now)
    if wanted(status, PLANNED, early=False, now=now):
        assert wanted(status, PLANNED, early=True, now=now)


def test_a_room_is_made_within_the_hour_before_it_opens_and_no_sooner() -> None:
    assert not wanted(Status.SCHEDULED, PLANNED, early=False, now=at("2026-12-10 05:59"))
    assert wanted(Status.SCHEDULED, PLANNED, early=False, now=at("2026-12-10 06:00"))
    assert wanted(Status.SCHEDULED, PLANNED, early=True, now=at("2026-12-01 09:00"))
    assert not wanted(Status.CANCELLED, PLANNED, early=True, now=at("2026-12-10 07:30"))


@given(some.integers(1, 10_000), some.integers(0, 10**6))
def test_a_platform_that_fails_is_asked_again_within_ten_minutes_and_never_at_once(attempts: int, asked: int) -> None:
    waits = room_rules.retry_after(attempts, asked)
    assert timedelta(seconds=10) <= waits <= timedelta(minutes=10)
    assert waits >= timedelta(seconds=min(asked, 600))


@given(some.text(max_size=40), some.text(max_size=40))
def test_the_name_of_a_room_is_lower_case_ascii(code: str, uid: str) -> None:
    name = slug(code, uid)
    assert name.isascii() and name == name.lower() and set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_two_installations_on_one_platform_do_not_meet() -> None:
    assert slug("HN-2026-0147", "a") != slug("HN-2026-0147", "b")


def test_every_reason_why_there_is_no_room_has_its_words() -> None:
    assert set(WHY_WORDS) == {*(why.value for why in Why), NOT_CONFIGURED}
