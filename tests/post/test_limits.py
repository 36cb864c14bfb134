"""The bounds as numbers, and what a text message costs: rules that need no database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from meetings.post import limits, segments
from tests.make import at

NOON = at("2026-12-01 12:00")


def test_the_next_is_possible_when_the_oldest_that_counts_leaves_the_window() -> None:
    hour = timedelta(hours=1)
    assert limits.free_at(None, hour, NOON) is None
    assert limits.free_at(NOON - hour, hour, NOON) is None
    assert limits.free_at(NOON - hour + timedelta(seconds=1), hour, NOON) == NOON + timedelta(seconds=1)


@given(some.lists(some.integers(0, 7200), max_size=40).map(sorted), some.integers(1, 9))
def test_whatever_is_pressed_when_no_window_ever_holds_more_than_the_bound(presses: list[int], most: int) -> None:
    window, let = timedelta(hours=1), []
    for seconds in presses:
        now = NOON + timedelta(seconds=seconds)
        nth = let[-most] if len(let) >= most else None
        if limits.free_at(nth, window, now) is None:
            let.append(now)
    for end in let:
        assert sum(end - window < one <= end for one in let) <= most


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),  # of the GSM alphabet, and each takes two places
        ("€" * 81, 2),
        ("a" * 152 + "€" * 77, 3),  # an escape is not torn from its character: 152, then 76 of them, then the last
        ("ệ" * 70, 1),
        ("ệ" * 71, 2),
        ("ệ" * 134, 2),
        ("ệ" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_a_message_is_counted_in_the_parts_that_are_paid_for(text: str, parts: int) -> None:
    assert segments.parts(text) == parts


@given(some.text(max_size=400))
def test_without_marks_everything_fits_the_alphabet_of_160_characters(text: str) -> None:
    assert segments.is_gsm(segments.unmarked(text))


def test_vietnamese_without_marks_is_read_as_telephones_write_it() -> None:
    written = "Điểm cầu Nghệ An – họp “trực tuyến” lúc 08:00, ưu tiên Ủy ban…"
    assert segments.unmarked(written) == 'Diem cau Nghe An - hop "truc tuyen" luc 08:00, uu tien Uy ban...'


@pytest.mark.parametrize(
    ("number", "wanted"),
    [
        ("0912 000 345", "84912000345"),
        ("+84 912.000.345", "84912000345"),
        ("84912000345", "84912000345"),
        ("0383844123", "84383844123"),
        ("024 3733 1234", ""),
        ("02383 844 123", ""),
        ("912000345", ""),
        ("1900 1000", ""),
        ("+1 202 555 0100", ""),
        ("", ""),
    ],
)
def test_only_a_mobile_number_can_be_written_to(number: str, wanted: str) -> None:
    assert segments.mobile(number) == wanted
