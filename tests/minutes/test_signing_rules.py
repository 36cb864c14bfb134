"""What two PDF files have in common, and when something is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from meetings.minutes import signing_rules as rules
from meetings.minutes.signing_rules import Alike

OURS = [["Kết", "luận", "của", "Bộ", "trưởng"], ["Nơi", "nhận:"]]


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        (OURS, Alike.SAME_TEXT),
        ([["nhận:", "Nơi", "Kết"], ["luận", "của", "Bộ", "trưởng", "Ký", "bởi:", "CA"]], Alike.SAME_TEXT),
        ([["Kết", "luận", "của", "Thứ", "trưởng"], ["Nơi", "nhận:"]], Alike.OTHER_TEXT),
        ([["Kết", "luận", "của", "Bộ", "trưởng", "Nơi", "nhận:"]], Alike.OTHER_TEXT),  # a page is missing
        ([OURS[0], OURS[1], ["thêm"] * 61], Alike.OTHER_TEXT),
        ([[], []], Alike.NO_TEXT),
    ],
)
def test_words_are_counted_and_a_visible_signature_may_add_some(theirs: list[list[str]], expected: Alike) -> None:
    assert rules.compared(OURS, theirs)[0] is expected


def test_a_file_begins_with_ours_when_it_has_every_byte_of_it() -> None:
    assert rules.begins_with(b"%PDF-1.6 body %%EOF\n", b"%PDF-1.6 body %%EOF\r\n1 0 obj") == 19
    assert not rules.begins_with(b"%PDF-1.6 body %%EOF\n", b"%PDF-1.6 bodY %%EOF\n1 0 obj")
    assert not rules.begins_with(b"%PDF-1.6 body %%EOF", b"%PDF-1.6 body %%EOF")
    assert not rules.begins_with(b"", b"%PDF-1.6 body %%EOF")


def test_what_passes_is_tried_again_for_half_an_hour() -> None:
    at = datetime(2026, 12, 1, tzinfo=UTC)
    waits = [rules.retry_at(tries, at) for tries in range(1, 5)]
    assert waits == [at + timedelta(minutes=1), at + timedelta(minutes=5), at + timedelta(minutes=20), None]
