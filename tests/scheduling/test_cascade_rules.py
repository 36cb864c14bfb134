"""How deep a cascade goes, and what may be done in it when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from meetings.scheduling import cascade_rules as rules
from meetings.scheduling.cascade_rules import MAY, WHY_NOT, Deed, Stage
from meetings.scheduling.rules import Status

START = datetime(2026, 12, 10, 1, tzinfo=UTC)
BY = START - timedelta(days=2)


@pytest.mark.parametrize(
    ("status", "asked", "hours", "stage"),
    [
        (Status.SCHEDULED, True, -72, Stage.OPEN),
        (Status.SCHEDULED, True, -48, Stage.LATE),
        (Status.SCHEDULED, True, 0, Stage.RUNNING),
        (Status.IN_SESSION, True, -1, Stage.RUNNING),
        (Status.CLOSED, True, 5, Stage.OVER),
        (Status.POSTPONED, True, -72, Stage.CALLED_OFF),
        (Status.CANCELLED, True, -72, Stage.CALLED_OFF),
        (Status.DRAFT, True, -72, Stage.OFF),
        (Status.AWAITING_APPROVAL, True, -72, Stage.OFF),
        (Status.SCHEDULED, False, -72, Stage.OFF),
    ],
)
def test_where_a_cascade_stands_follows_from_the_meeting_and_the_hour(
    status: Status, asked: bool, hours: int, stage: Stage
) -> None:
    now = START + timedelta(hours=hours)
    assert rules.stage(status, asked=asked, starts_at=START, until=BY, now=now) is stage


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("deed", list(Deed))
def test_nothing_is_written_but_before_the_meeting_and_every_refusal_has_its_reason(stage: Stage, deed: Deed) -> None:
    if deed in MAY[stage]:
        assert deed is Deed.SEE or stage in (Stage.OPEN, Stage.LATE)
    else:
        assert WHY_NOT[stage]


def test_sites_are_brought_until_the_deadline_for_replies_unless_said_otherwise_and_never_past_the_start() -> None:
    assert rules.until(None, BY, START) == BY
    assert rules.until(BY - timedelta(days=1), BY, START) == BY - timedelta(days=1)
    assert rules.until(START + timedelta(days=9), BY, START) == START
    assert rules.until(None, None, None) is None


def test_a_level_counts_who_stands_above_in_this_very_meeting_and_the_nation_does_not() -> None:
    assert rules.level("/1/35/", {1, 35, 900}) == 1
    assert rules.level("/1/35/900/", {35, 900}) == 2
    assert rules.level("/1/35/900/", {900, 901}) == 1  # a meeting of communes alone
    assert rules.level("/1/35/900/77/", {35, 900, 77}) == 3
    assert [rules.deeper(level, 2) for level in (1, 2, 3)] == [1, 0, 0]
    assert [rules.deeper(level, 3) for level in (1, 2, 3)] == [2, 1, 0]
