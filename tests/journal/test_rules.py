"""How an entry is bound to its details, and when what failed is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from meetings.journal import rules

AT = datetime(2026, 12, 10, 1, 0, tzinfo=UTC)
LINE = (1, AT, "meeting.sent", "user:1", "meeting:1", "HN-2026-0001", "d" * 64)

plain = some.dictionaries(some.text(some.characters(codec="utf-8")), some.integers() | some.booleans() | some.none())


@given(plain)
def test_the_order_of_the_details_does_not_count(details: dict[str, Any]) -> None:
    assert rules.digest(details) == rules.digest(dict(reversed(details.items())))


@given(plain, some.text(some.characters(codec="utf-8"), min_size=1))
def test_any_other_detail_is_another_digest(details: dict[str, Any], key: str) -> None:
    assert rules.digest(details) != rules.digest({**details, key: "khác"})


def test_the_spelling_that_is_hashed_is_fixed_for_ever() -> None:
    assert rules.canonical({"b": [1, None], "a": "Đ"}) == '{"a":"Đ","b":[1,null]}'.encode()
    assert rules.digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.mark.parametrize("place", range(len(LINE)))
def test_every_part_of_an_entry_is_sealed(place: int) -> None:
    other: list[Any] = list(LINE)
    other[place] = AT + timedelta(microseconds=1) if place == 1 else 2 if place == 0 else f"{LINE[place]}x"
    assert rules.chained(rules.GENESIS, [LINE]) != rules.chained(rules.GENESIS, [tuple(other)])


def test_the_seal_before_the_number_and_the_order_of_entries_are_sealed() -> None:
    second = (2, *LINE[1:])
    sealed = rules.chained(rules.GENESIS, [LINE, second])
    assert sealed != rules.chained("1" * 64, [LINE, second])
    assert sealed != rules.chained(rules.GENESIS, [second, LINE])
    assert sealed != rules.chained(rules.GENESIS, [LINE])


def test_words_cannot_be_moved_from_one_part_of_an_entry_to_the_next() -> None:
    moved = (LINE[0], LINE[1], "meeting.sent u", "ser:1", *LINE[4:])
    assert rules.chained(rules.GENESIS, [LINE]) != rules.chained(rules.GENESIS, [moved])


def test_the_zone_in_which_an_instant_is_spelt_does_not_count() -> None:
    hanoi = (LINE[0], AT.astimezone(timezone(timedelta(hours=7))), *LINE[2:])
    assert rules.chained(rules.GENESIS, [LINE]) == rules.chained(rules.GENESIS, [hanoi])


def test_what_failed_is_tried_more_and_more_seldom_and_never_given_up() -> None:
    waits = [rules.retry_after(attempts) for attempts in range(1, 8)]
    assert waits[0] == timedelta(seconds=10)
    assert waits == sorted(waits)
    assert waits[3:] == [timedelta(minutes=30)] * 4
