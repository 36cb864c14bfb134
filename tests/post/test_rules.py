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


def test_a_sent_letter_stays_sent_unless_it_comes_back() -> None:
    assert [move for move in LetterMove if rules.may(LetterStatus.SENT, move)] == [LetterMove.BOUNCE]


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 60), (5, 60), (70, 60)])
def test_a_letter_is_tried_again_after_1_5_15_and_then_every_60_minutes(attempts: int, minutes: int) -> None:
    delay = timedelta(minutes=minutes)
    assert rules.retry_at(attempts, now=NOW) == NOW + delay
    mine = [rules.retry_at(attempts, now=NOW, id=id) for id in range(1, 1001)]
    assert mine == [rules.retry_at(attempts, now=NOW, id=id) for id in range(1, 1001)], "the same whenever it is asked"
    late = [(at - NOW) / delay for at in mine]
    assert min(late) >= 1 and max(late) <= 1.2, "never sooner than its time"
    fifths = [sum(1 + 0.04 * n <= share < 1.04 + 0.04 * n for share in late) for n in range(5)]
    assert min(fifths) > 150, f"a thousand that were put off together come back spread out: {fifths}"


@pytest.mark.parametrize(
    ("rate", "tried", "more"), [(0, 10_000, None), (60, 0, 60), (60, 59, 1), (60, 60, 0), (60, 99, 0)]
)
def test_in_one_minute_no_more_letters_are_tried_than_the_bound_says(rate: int, tried: int, more: int | None) -> None:
    assert rules.allowance(rate, tried) == more


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
