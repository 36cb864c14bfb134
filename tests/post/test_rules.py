"""A letter's states, its retries, its envelope."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from meetings.post import rules
from meetings.post.rules import MOVES, LetterMove, LetterStatus

NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)


def test_every_pair_of_status_and_move_is_decided_by_the_table() -> None:
    for status, move in product(LetterStatus, LetterMove):
        assert rules.after(status, move) == MOVES.get((status, move))
        assert rules.may(status, move) == ((status, move) in MOVES)


def test_only_what_the_server_took_or_somebody_vouches_for_becomes_sent() -> None:
    ways = {pair for pair, then in MOVES.items() if then is LetterStatus.SENT}
    assert ways == {(LetterStatus.TRANSMITTING, LetterMove.ACCEPT), (LetterStatus.UNCERTAIN, LetterMove.CONFIRM)}


def test_an_uncertain_letter_never_goes_again_by_itself() -> None:
    assert not rules.may(LetterStatus.UNCERTAIN, LetterMove.TAKE)
    assert rules.after(LetterStatus.UNCERTAIN, LetterMove.RESEND) is LetterStatus.WAITING


def test_a_sent_letter_stays_sent() -> None:
    assert not any(rules.may(LetterStatus.SENT, move) for move in LetterMove)


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 60), (5, 60), (70, 60)])
def test_a_letter_is_tried_again_after_1_5_15_and_then_every_60_minutes(attempts: int, minutes: int) -> None:
    assert rules.retry_at(attempts, now=NOW) == NOW + timedelta(minutes=minutes)


def test_a_letter_put_off_for_three_days_is_given_up() -> None:
    assert not rules.given_up(NOW - timedelta(hours=71), now=NOW)
    assert rules.given_up(NOW - timedelta(hours=72), now=NOW)


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("nghean@tinh.example", True),
        ("o'brien+x@b-c.example", True),
        ("điểm@tinh.example", False),
        ("a@b.example\r\nRCPT TO:<x@y.example>", False),
        ("a b@c.example", False),
        ("a@", False),
        ("", False),
        ("a@-b.example", False),
        ("a..b@c.example", False),
        (f"{'a' * 65}@b.example", False),
        (f"a@{'b' * 250}.example", False),
        ("a@b.example,c@d.example", False),
    ],
)
def test_which_addresses_can_stand_on_an_envelope(address: str, good: bool) -> None:
    assert rules.deliverable(address) is good
