"""Green, amber, red: one rule of the clock and of what was found, over ladders that are data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest

from meetings.errors import Refused
from meetings.official.working_days import OFFICE_HOURS
from meetings.readiness import ladder
from meetings.readiness.ladder import DEFAULTS, Due, Ladder
from meetings.readiness.rules import Alarm, Outcome, Round
from meetings.scheduling.rules import MeetingType
from tests.make import at

START = at("2026-12-10 08:00")
REHEARSED_BY = ladder.rehearsed_by(at("2026-12-09 14:00"), OFFICE_HOURS)
DUE = Due(ladder.steps(DEFAULTS[Round.ON_DAY], START), ladder.steps(DEFAULTS[Round.REHEARSAL], REHEARSED_BY))
UNTESTED, PASSED, FAILED = Outcome


@pytest.mark.parametrize(
    ("rehearsal", "day", "when", "colour"),
    [
        (UNTESTED, UNTESTED, "2026-12-09 16:59", Alarm.NONE),
        (UNTESTED, UNTESTED, "2026-12-09 17:00", Alarm.AMBER),  # the rehearsal is due in office hours
        (UNTESTED, UNTESTED, "2026-12-09 18:00", Alarm.RED),
        (UNTESTED, UNTESTED, "2026-12-10 06:59", Alarm.RED),
        (PASSED, UNTESTED, "2026-12-10 06:59", Alarm.GREEN),
        (PASSED, UNTESTED, "2026-12-10 07:00", Alarm.NONE),  # the day's round is open: it begins anew
        (UNTESTED, UNTESTED, "2026-12-10 07:29", Alarm.NONE),
        (PASSED, UNTESTED, "2026-12-10 07:30", Alarm.AMBER),
        (PASSED, UNTESTED, "2026-12-10 07:44", Alarm.AMBER),
        (PASSED, UNTESTED, "2026-12-10 07:45", Alarm.RED),
        (PASSED, PASSED, "2026-12-10 07:59", Alarm.GREEN),
        (PASSED, FAILED, "2026-12-10 07:05", Alarm.RED),  # a fault is red at once
        (FAILED, UNTESTED, "2026-12-09 14:05", Alarm.RED),
        (FAILED, UNTESTED, "2026-12-10 07:10", Alarm.RED),  # and stands until a test of the day says otherwise
        (FAILED, PASSED, "2026-12-10 07:10", Alarm.GREEN),
    ],
)
def test_the_colour_follows_the_clock_and_what_was_found(
    rehearsal: Outcome, day: Outcome, when: str, colour: Alarm
) -> None:
    assert ladder.alarm(rehearsal, day, DUE, now=at(when)) is colour


def test_a_meeting_arranged_too_late_for_a_rehearsal_asks_for_none() -> None:
    assert ladder.alarm(UNTESTED, UNTESTED, Due(DUE.day), now=at("2026-12-10 06:00")) is Alarm.NONE


def test_a_rehearsal_is_due_when_offices_close_or_when_the_last_site_was_rung() -> None:
    begins = at("2026-12-09 14:00")
    assert ladder.rehearsed_by(begins, OFFICE_HOURS) == at("2026-12-09 17:00")
    assert ladder.rehearsed_by(begins, OFFICE_HOURS, at("2026-12-09 19:30")) == at("2026-12-09 19:30")
    assert ladder.rehearsed_by(at("2026-12-09 19:00"), OFFICE_HOURS) == at("2026-12-09 21:00")


@dataclass
class Kept:
    round: Round
    meeting_type: MeetingType | None
    opens: int
    valid_from: date
    valid_to: date | None = None
    period: int = 1
    grace: int = 1


def test_the_own_ladder_of_a_type_wins_and_each_holds_from_its_day_to_its_end() -> None:
    day, kinds = Round.ON_DAY, list(MeetingType)
    laid = [
        Kept(day, None, 90, date(2026, 1, 1), date(2026, 6, 1)),
        Kept(day, None, 80, date(2026, 6, 1)),
        Kept(day, kinds[0], 30, date(2026, 3, 1), date(2026, 9, 1)),
        Kept(day, kinds[0], 10, date(2026, 9, 1), date(2026, 9, 1)),  # given back before it began
    ]

    def opens(kind: MeetingType, on: str) -> int:
        return ladder.in_force(laid, day, kind, date.fromisoformat(on)).opens

    assert opens(kinds[1], "2025-12-31") == DEFAULTS[day].opens
    assert opens(kinds[1], "2026-05-31") == 90
    assert opens(kinds[1], "2026-06-01") == 80
    assert opens(kinds[0], "2026-06-01") == 30
    assert opens(kinds[0], "2026-09-01") == 80
    assert ladder.in_force(laid, Round.REHEARSAL, kinds[0], date(2026, 7, 1)) == DEFAULTS[Round.REHEARSAL]


@pytest.mark.parametrize(
    ("rungs", "field"),
    [(Ladder(0, 0, 0), "opens"), (Ladder(60, -1, 0), "period"), (Ladder(60, 50, 11), "grace")],
)
def test_a_ladder_that_says_nothing_is_refused_at_its_field(rungs: Ladder, field: str) -> None:
    with pytest.raises(Refused) as refused:
        ladder.check(rungs, Round.ON_DAY)
    assert refused.value.field == f"{field}_on_day"


def test_the_round_of_the_day_begins_when_its_ladder_says() -> None:
    early = ladder.steps(Ladder(120, 30, 15), START)
    moment: datetime = START - timedelta(minutes=90)
    assert ladder.round_at(moment, early) is Round.ON_DAY
    assert ladder.round_at(moment, DUE.day) is Round.REHEARSAL
