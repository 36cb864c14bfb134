"""Six items make one outcome; steps open and close by the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from meetings.errors import Refused
from meetings.readiness import rules
from meetings.readiness.rules import DelegateRole, Item, Outcome, Verdict, Window
from meetings.scheduling.rules import Status

START = datetime(2026, 12, 10, 1, 0, tzinfo=UTC)
PASS, FAULT = Verdict.PASS, Verdict.FAULT


def test_every_combination_of_six_items_has_the_one_outcome_the_words_promise() -> None:
    for found in product((None, PASS, FAULT), repeat=len(Item)):
        items = {item: verdict for item, verdict in zip(Item, found, strict=True) if verdict}
        made = rules.outcome(items)
        if FAULT in found:
            assert made is Outcome.FAILED
        elif None in found:
            assert made is Outcome.UNTESTED
        else:
            assert made is Outcome.PASSED


def test_unknown_words_in_the_database_are_left_out() -> None:
    assert rules.items_from({"line": "pass", "smoke": "pass", "screen": "perhaps"}) == {Item.LINE: PASS}


def test_what_comes_after_the_deadline_is_late_and_without_a_deadline_nothing_is() -> None:
    assert not rules.late(START, START)
    assert rules.late(START + timedelta(seconds=1), START)
    assert not rules.late(START, None)


def test_check_in_opens_forty_five_minutes_before() -> None:
    assert START - rules.check_in_opens(START) == timedelta(minutes=45)


@pytest.mark.parametrize(
    ("status", "window"),
    [
        (Status.DRAFT, Window.OFF),
        (Status.AWAITING_APPROVAL, Window.OFF),
        (Status.SCHEDULED, Window.OPEN),
        (Status.IN_SESSION, Window.OPEN),
        (Status.CLOSED, Window.OVER),
        (Status.POSTPONED, Window.OFF),
        (Status.CANCELLED, Window.OFF),
    ],
)
def test_preparations_are_taken_while_there_is_something_to_prepare_for(status: Status, window: Window) -> None:
    assert rules.window(status, START + timedelta(hours=3), now=START) is window


def test_a_meeting_that_was_never_opened_is_over_at_its_end_and_one_in_session_may_run_on() -> None:
    assert rules.window(Status.SCHEDULED, START, now=START + timedelta(seconds=1)) is Window.OVER
    assert rules.window(Status.IN_SESSION, START, now=START + timedelta(hours=5)) is Window.OPEN


@pytest.mark.parametrize("window", [Window.OVER, Window.OFF])
def test_a_closed_window_is_refused_in_a_sentence(window: Window) -> None:
    with pytest.raises(Refused):
        rules.check_open(window)


def test_a_fault_wants_a_word_of_what_is_wrong() -> None:
    with pytest.raises(Refused) as refused:
        rules.check_notes({Item.MICROPHONE: FAULT}, {Item.MICROPHONE: "  "})
    assert refused.value.field == "note_microphone"
    rules.check_notes({Item.MICROPHONE: FAULT, Item.LINE: PASS}, {Item.MICROPHONE: "Micro 2 bị vọng tiếng"})


@pytest.mark.parametrize(
    ("word", "role"),
    [
        ("Trưởng đoàn", DelegateRole.HEAD),
        ("trưởng đoàn công tác", DelegateRole.HEAD),
        ("Phó trưởng đoàn", DelegateRole.MEMBER),
        ("Phát biểu", DelegateRole.SPEAKER),
        ("Đọc tham luận", DelegateRole.SPEAKER),
        ("Thành viên", DelegateRole.MEMBER),
        ("", DelegateRole.MEMBER),
    ],
)
def test_a_part_in_the_delegation_is_read_from_its_word(word: str, role: DelegateRole) -> None:
    assert rules.role_of(word) is role


def test_over_says_by_how_many_a_list_passes_the_limit() -> None:
    assert (rules.over(28, 25), rules.over(25, 25), rules.over(400, None)) == (3, 0, 0)
