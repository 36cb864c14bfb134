"""What a site may answer, until when, and how long its link opens."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from meetings.invitations import rules
from meetings.invitations.rules import ANSWERS, MOVE_OF, MOVES, Consent, Reply, ReplyMove, Window

START = datetime(2026, 12, 10, 1, 0, tzinfo=UTC)
DEADLINE = datetime(2026, 12, 8, 10, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_every_pair_of_reply_and_move_is_decided_by_the_table() -> None:
    for reply, move in product(Reply, ReplyMove):
        assert rules.after(reply, move) == MOVES.get((reply, move))


def test_a_site_that_was_asked_may_answer_and_change_its_mind_as_often_as_it_likes() -> None:
    for before, then in product(ANSWERS | {Reply.ASKED}, ANSWERS):
        assert rules.after(before, MOVE_OF[then]) is then


def test_a_site_that_was_not_asked_cannot_answer() -> None:
    assert not any(rules.after(Reply.NOT_ASKED, move) for move in ReplyMove if move is not ReplyMove.ASK)


def test_no_move_makes_a_site_unasked() -> None:
    assert Reply.NOT_ASKED not in MOVES.values()


@pytest.mark.parametrize(
    ("now", "window"),
    [
        (DEADLINE - SECOND, Window.OPEN),
        (DEADLINE, Window.OPEN),
        (DEADLINE + SECOND, Window.LATE),
        (START - SECOND, Window.LATE),
        (START, Window.CLOSED),
        (START + timedelta(days=1), Window.CLOSED),
    ],
)
def test_an_answer_is_taken_until_the_deadline_late_until_the_start_and_then_refused(
    now: datetime, window: Window
) -> None:
    assert rules.reply_window(DEADLINE, START, held=True, now=now) is window


def test_without_a_deadline_no_answer_is_late() -> None:
    assert rules.reply_window(None, START, held=True, now=START - SECOND) is Window.OPEN


def test_a_meeting_that_will_not_be_held_takes_no_answer() -> None:
    assert rules.reply_window(DEADLINE, START, held=False, now=DEADLINE - SECOND) is Window.CLOSED


GOOD = {"claimed_issue": 2, "newest_issue": 2, "ended": False, "invited": True, "ends_at": START, "now": START}


@pytest.mark.parametrize(
    ("change", "opens"),
    [
        ({}, True),
        ({"claimed_issue": 1}, False),
        ({"claimed_issue": 3}, False),
        ({"ended": True}, False),
        ({"invited": False}, False),
        ({"now": START + timedelta(days=7)}, True),
        ({"now": START + timedelta(days=7) + SECOND}, False),
    ],
)
def test_a_link_opens_while_it_is_the_newest_of_an_invited_site_and_for_seven_days_after_the_meeting(
    change: dict[str, object], opens: bool
) -> None:
    assert rules.link_valid(**{**GOOD, **change}) is opens


def test_only_a_substitute_needs_the_chairs_consent() -> None:
    assert rules.consent_after(Reply.SUBSTITUTE) is Consent.PENDING
    assert rules.consent_after(Reply.ACCEPTED) is rules.consent_after(Reply.DECLINED) is Consent.NOT_NEEDED
