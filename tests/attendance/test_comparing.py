"""Both witnesses of one site: what is a disagreement, how long, and what is none. No application is needed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from meetings.attendance import comparing
from meetings.attendance.comparing import Compared, Verdict
from meetings.attendance.intervals import Interval
from meetings.attendance.rules import Marked, State
from tests import make


def at(wall: str) -> datetime:
    return make.at(f"2026-12-10 {wall}")


def marks(*said: tuple[str, State]) -> list[Marked]:
    return [Marked(n, at(wall), state) for n, (wall, state) in enumerate(said, 1)]


def told(*spans: str) -> list[Interval]:
    return [Interval(*(at(end) for end in span.split("–"))) for span in spans]


def laid(human: list[Marked], machine: list[Interval], seconds: int = 0) -> Compared:
    over = comparing.span(at("08:00"), at("11:00"), at("11:00"), now=at("12:00"))
    assert over is not None
    return comparing.compared(human, machine, seconds, over)


IN, LOST, LEFT, ABSENT = State.IN, State.LOST, State.LEFT, State.ABSENT


@pytest.mark.parametrize(
    ("human", "machine", "verdict", "minutes"),
    [
        (marks(("07:58", IN)), told("07:58–08:20", "08:41–11:02"), Verdict.DIFFER, 21),
        (marks(("07:58", IN), ("08:20", LOST), ("08:41", IN)), told("07:58–08:20", "08:41–11:02"), Verdict.AGREE, 0),
        (marks(("07:58", IN), ("08:20", LOST), ("08:41", IN)), told("07:58–11:00"), Verdict.DIFFER, 21),
        # called late: nobody had said anything of the site before
        (marks(("08:25", IN)), told("07:55–11:00"), Verdict.AGREE, 0),
        # two devices, one site: union and never sum
        (marks(("08:00", IN)), told("08:00–10:00", "09:00–11:00", "08:30–09:30"), Verdict.AGREE, 0),
        (marks(("08:00", IN), ("10:00", LEFT)), told("08:00–11:00"), Verdict.DIFFER, 60),
        (marks(("08:00", IN)), told("08:01–10:59"), Verdict.AGREE, 0),
        (marks(("08:00", IN)), [], Verdict.ONLY_HUMAN, 180),
        (marks(("11:05", ABSENT)), told("08:00–09:00"), Verdict.ONLY_MACHINE, 60),
        ([], told("08:00–09:00"), Verdict.ONLY_MACHINE, 60),
        # somebody looked in for a minute
        (marks(("11:05", ABSENT)), told("08:00–08:01"), Verdict.NEITHER, 0),
        # before the meeting and after it nothing is compared
        ([], told("07:00–07:59", "11:00–12:00"), Verdict.NEITHER, 0),
        # said to have been in when all was over: without hours there is nothing to be apart
        (marks(("11:05", IN)), told("08:00–09:00"), Verdict.AGREE, 0),
        (marks(("11:05", IN)), [], Verdict.ONLY_HUMAN, 0),
        # in early, lost before the start and never back: these are hours, though none of the meeting
        (marks(("07:20", IN), ("07:23", LOST)), told("07:21–09:00", "09:21–11:00"), Verdict.ONLY_MACHINE, 159),
        (marks(("07:20", IN), ("07:23", LOST)), [], Verdict.NEITHER, 0),
    ],
)
def test_what_is_a_disagreement_and_for_how_long(
    human: list[Marked], machine: list[Interval], verdict: Verdict, minutes: int
) -> None:
    found = laid(human, machine)
    assert (found.verdict, found.minutes) == (verdict, minutes)


def test_a_machine_that_tells_a_length_and_no_hours_contradicts_only_who_says_that_nobody_came() -> None:
    assert laid(marks(("08:00", IN)), [], 3_600).verdict is Verdict.AGREE
    found = laid(marks(("11:05", ABSENT)), [], 3_600)
    assert (found.verdict, found.minutes) == (Verdict.ONLY_MACHINE, 60)


def test_present_throughout_is_said_of_the_whole_meeting_only() -> None:
    assert laid(marks(("07:58", IN)), []).throughout
    assert not laid(marks(("08:10", IN)), []).throughout


def test_bars_lie_where_the_hours_are() -> None:
    over = Interval(at("07:30"), at("11:30"))
    assert comparing.drawn(told("07:30–08:30", "09:30–09:31", "06:00–07:00"), over) == [(0.0, 25.0), (50.0, 0.42)]
    assert [f"{wall:%H:%M}" for _x, wall in comparing.hours(over)] == [
        f"{hour}:{half}" for hour in ("00", "01", "02", "03", "04") for half in ("00", "30")
    ][1:10]
    assert comparing.hours(over)[0][0] == 0.0 or comparing.hours(over)[0][0] > 0
    assert len(comparing.hours(Interval(over.start, over.start + timedelta(hours=20)))) <= 9
