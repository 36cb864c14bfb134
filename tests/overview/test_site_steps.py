"""Which of a site's four steps is done, next, or not open yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from meetings.attendance.rules import State
from meetings.invitations.rules import Reply
from meetings.overview.site_steps import Facts, Mark, Name, Phase, days_left, next_step, phase, steps
from meetings.overview.site_view import mentions
from meetings.readiness.rules import Outcome
from meetings.scheduling.rules import Status

START = datetime(2026, 12, 10, 1, 0, tzinfo=UTC)
END = START + timedelta(hours=3)
EARLY = START - timedelta(days=6)
NOTHING = Facts(Status.SCHEDULED, START, END, Reply.ASKED, False, 0, 0, Outcome.UNTESTED, State.NOT_IN)
ANSWERED = replace(NOTHING, reply=Reply.ACCEPTED)
LISTED = replace(ANSWERED, roster_filed=True, delegates=6)
TESTED = replace(LISTED, line_test=Outcome.PASSED)


@pytest.mark.parametrize(
    ("facts", "next_"),
    [
        (NOTHING, Name.REPLY),
        (ANSWERED, Name.ROSTER),
        (replace(LISTED, wanting=1), Name.ROSTER),
        (LISTED, Name.LINE_TEST),
        (replace(LISTED, line_test=Outcome.FAILED), Name.LINE_TEST),
        (TESTED, None),
        (replace(NOTHING, reply=Reply.DECLINED), None),
    ],
)
def test_days_ahead_the_first_step_that_is_left_comes_next(facts: Facts, next_: Name | None) -> None:
    marks = steps(facts, now=EARLY)
    assert next_step(marks) is next_
    assert marks[Name.CHECK_IN] is (Mark.NEEDLESS if facts.reply is Reply.DECLINED else Mark.LATER)


def test_once_check_in_is_open_it_comes_before_whatever_else_is_left() -> None:
    marks = steps(NOTHING, now=START - timedelta(minutes=45))
    assert next_step(marks) is Name.CHECK_IN
    assert marks[Name.REPLY] is Mark.OPEN


def test_a_second_before_it_opens_check_in_is_still_closed() -> None:
    assert steps(TESTED, now=START - timedelta(minutes=45, seconds=1))[Name.CHECK_IN] is Mark.LATER


def test_a_site_that_is_in_has_done_all_there_is() -> None:
    marks = steps(replace(TESTED, presence=State.IN), now=START)
    assert set(marks.values()) == {Mark.DONE}


def test_once_the_meeting_has_begun_no_answer_is_asked_for_that_could_not_be_given() -> None:
    marks = steps(replace(NOTHING, status=Status.IN_SESSION, presence=State.IN), now=START)
    assert marks[Name.REPLY] is Mark.MISSED
    assert next_step(marks) is Name.ROSTER, "a list can still come, marked late"


def test_after_the_meeting_what_was_not_done_is_missed_and_nothing_is_next() -> None:
    marks = steps(replace(ANSWERED, status=Status.CLOSED), now=END)
    assert marks[Name.REPLY] is Mark.DONE
    assert marks[Name.CHECK_IN] is Mark.MISSED
    assert next_step(marks) is None


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.POSTPONED])
def test_nothing_is_next_for_a_meeting_that_is_off(status: Status) -> None:
    assert next_step(steps(replace(NOTHING, status=status), now=EARLY)) is None


@pytest.mark.parametrize(
    ("status", "now", "expected"),
    [
        (Status.SCHEDULED, EARLY, Phase.AHEAD),
        (Status.SCHEDULED, START, Phase.RUNNING),
        (Status.IN_SESSION, START - timedelta(minutes=5), Phase.RUNNING),
        (Status.IN_SESSION, END + timedelta(hours=1), Phase.RUNNING),
        (Status.SCHEDULED, END + timedelta(seconds=1), Phase.OVER),
        (Status.CLOSED, START, Phase.OVER),
        (Status.POSTPONED, EARLY, Phase.POSTPONED),
        (Status.CANCELLED, END, Phase.CANCELLED),
    ],
)
def test_the_phase_follows_status_and_clock(status: Status, now: datetime, expected: Phase) -> None:
    assert phase(status, START, END, now=now) is expected


def test_days_are_counted_on_the_wall_in_ha_noi() -> None:
    assert days_left(START, now=datetime(2026, 12, 9, 16, 59, tzinfo=UTC)) == 1
    assert days_left(START, now=datetime(2026, 12, 9, 17, 0, tzinfo=UTC)) == 0


@pytest.mark.parametrize(
    ("text", "named"),
    [("UBND tỉnh Nghệ An phát biểu", True), ("NGHỆ AN", True), ("UBND tỉnh Nghệ Anh", False), ("", False)],
)
def test_a_site_finds_its_own_slot_in_the_programme(text: str, named: bool) -> None:
    assert mentions("Nghệ An", text) is named
