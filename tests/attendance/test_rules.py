from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta

import pytest

from meetings.attendance.rules import (
    MAY,
    MOVES,
    NOWHERE,
    WORK_ORDER,
    Decision,
    Group,
    Marked,
    MarkSource,
    Move,
    RollStatus,
    State,
    Status,
    Tally,
    after,
    check_close,
    check_correction,
    check_time,
    check_values,
    group_of,
    last_effective,
    moment_of,
    possible,
    proposal,
    standing,
    status_of,
    total,
    work_key,
)
from meetings.errors import Refused

EIGHT = datetime(2026, 12, 10, 1, 0, tzinfo=UTC)  # 08:00 in Hà Nội


def at(minutes: float) -> datetime:
    return EIGHT + timedelta(minutes=minutes)


REFUSED = {
    (State.NOT_IN, Move.LOST),
    (State.NOT_IN, Move.LEFT),
    (State.NOT_IN, Move.CLEAR),
    (State.READY, Move.READY),
    (State.READY, Move.LOST),
    (State.READY, Move.LEFT),
    (State.IN, Move.READY),
    (State.LOST, Move.READY),
    (State.LOST, Move.LOST),
    (State.LOST, Move.CLEAR),
    (State.LEFT, Move.READY),
    (State.LEFT, Move.LOST),
    (State.LEFT, Move.LEFT),
    (State.LEFT, Move.ABSENT),
    (State.LEFT, Move.CLEAR),
    (State.ABSENT, Move.LOST),
    (State.ABSENT, Move.LEFT),
}


@pytest.mark.parametrize(("state", "move"), list(itertools.product(State, Move)))
def test_every_pair_of_state_and_mark_either_moves_or_is_refused(state: State, move: Move) -> None:
    if (state, move) in REFUSED:
        assert (state, move) not in MOVES
        with pytest.raises(Refused):
            after(state, move)
    else:
        assert after(state, move) is (State.NOT_IN if move is Move.CLEAR else State(move.value))


def test_a_site_that_was_never_in_cannot_lose_its_line() -> None:
    with pytest.raises(Refused, match="chưa vào"):
        after(State.NOT_IN, Move.LOST)


def test_a_site_cannot_call_itself_absent() -> None:
    assert Move.ABSENT not in MAY[MarkSource.SELF]
    assert possible(State.IN, MarkSource.SELF) == (Move.IN, Move.LOST, Move.LEFT)
    assert Move.ABSENT in possible(State.IN, MarkSource.TELEPHONE)


@pytest.mark.parametrize("reply", ["not_asked", "asked", "seen", "accepted", "substitute", "declined"])
@pytest.mark.parametrize("line_test", ["untested", "passed", "failed"])
@pytest.mark.parametrize("presence", list(State))
def test_the_word_is_the_first_that_matches(reply: str, line_test: str, presence: State) -> None:
    said = status_of(reply, line_test, presence)
    match presence, reply, line_test:
        case ((State.ABSENT | State.LOST | State.IN | State.LEFT | State.READY), _, _):
            assert said.value == presence.value
        case _, "declined", _:
            assert said is Status.DECLINED
        case _, _, "passed":
            assert said is Status.LINE_CHECKED
        case _:
            words = {"not_asked": "not_invited", "asked": "invited"}
            assert said.value == words.get(reply, reply)


def test_lost_comes_before_in_and_absent_before_everything() -> None:
    assert status_of("accepted", "passed", "lost") is Status.LOST
    assert status_of("accepted", "passed", "absent") is Status.ABSENT


def test_the_work_list_is_worst_first_and_the_longest_break_first() -> None:
    rows = [
        ("cà mau", Status.ABSENT, None, 5),
        ("đồng nai", Status.READY, at(-2), 6),
        ("lạng sơn", Status.READY, at(1), 1),
        ("quảng trị", Status.LOST, at(9), 3),
        ("huế", Status.LOST, at(4), 4),
        ("an giang", Status.ACCEPTED, None, 7),
        ("bắc ninh", Status.SUBSTITUTE, None, 2),
        ("tây ninh", Status.SEEN, None, 8),
    ]
    ordered = [name for name, *_ in sorted(rows, key=lambda row: work_key(row[1], row[2], row[3]))]
    assert ordered == ["huế", "quảng trị", "đồng nai", "lạng sơn", "bắc ninh", "an giang", "tây ninh", "cà mau"]


def test_sites_that_are_in_or_took_their_leave_are_no_work() -> None:
    assert set(Status) - set(WORK_ORDER) == {Status.IN, Status.LEFT}


def test_sites_and_people_are_counted_apart() -> None:
    tally = Tally()
    tally.add(Status.IN, people=128)
    assert (tally.total, tally.present, tally.people) == (1, 1, 128)


def test_people_of_a_site_that_lost_its_line_are_not_in_the_meeting() -> None:
    tally = Tally()
    tally.add(Status.LOST, people=20)
    tally.add(Status.IN, people=7, substitutes=1)
    assert (tally.people, tally.substitutes, tally.of(Group.LOST)) == (7, 1, 1)


def test_the_large_numbers_share_out_every_site() -> None:
    tally = Tally()
    for number, status in enumerate(Status, start=1):
        tally.add(status, sites=number)
    assert sum(tally.of(group) for group in Group) == tally.total
    assert tally.missing == tally.total - tally.of(Group.IN) - tally.of(Group.LEFT)
    assert group_of(Status.DECLINED) is Group.WAITING


def test_provinces_add_up_to_the_nation() -> None:
    one, two = Tally(), Tally()
    one.add(Status.IN, 3, people=30)
    two.add(Status.IN, 2, people=5)
    two.add(Status.ABSENT)
    whole = total([one, two])
    assert (whole.total, whole.present, whole.people, whole.missing) == (6, 5, 35, 1)


@pytest.mark.parametrize(
    ("source", "minutes", "open_"),
    [
        (MarkSource.TELEPHONE, -61, False),
        (MarkSource.TELEPHONE, -60, True),
        (MarkSource.SELF, -46, False),
        (MarkSource.SELF, -45, True),
        (MarkSource.TECHNICIAN, 30, True),
    ],
)
def test_the_board_opens_an_hour_before_and_a_site_may_report_itself_a_quarter_later(
    source: MarkSource, minutes: int, open_: bool
) -> None:
    if open_:
        check_time(source, now=at(minutes), starts_at=EIGHT)
    else:
        with pytest.raises(Refused):
            check_time(source, now=at(minutes), starts_at=EIGHT)


@pytest.mark.parametrize("count", [0, -3, 5_001])
def test_a_head_count_that_cannot_be_meant_is_refused_at_its_field(count: int) -> None:
    with pytest.raises(Refused) as no:
        check_values(Move.IN, head_count=count, with_notice=None, reason="")
    assert (no.value.field, no.value.status) == ("head_count", 422)


def test_an_absence_with_notice_needs_its_reason_and_one_without_does_not() -> None:
    with pytest.raises(Refused):
        check_values(Move.ABSENT, head_count=None, with_notice=True, reason="")
    check_values(Move.ABSENT, head_count=None, with_notice=False, reason="")


def test_a_queued_mark_counts_from_when_it_was_pressed_but_not_from_last_week() -> None:
    assert moment_of(90, now=EIGHT) == at(-1.5)
    assert moment_of(-5, now=EIGHT) == EIGHT
    assert moment_of(None, now=EIGHT) == EIGHT
    assert moment_of(10**9, now=EIGHT) == EIGHT - timedelta(hours=12)


def test_a_morning_with_a_broken_line_adds_up() -> None:
    marks = [
        Marked(1, at(-40), State.READY),
        Marked(2, at(-2), State.IN, head_count=120),
        Marked(3, at(20), State.LOST),
        Marked(4, at(41), State.IN),
        Marked(5, at(50), State.IN, head_count=128),
        Marked(6, at(182), State.LEFT),
    ]
    found = standing(marks)
    assert found.state is State.LEFT
    assert (found.joined_at, found.left_at, found.lost_seconds, found.head_count) == (at(-2), at(182), 21 * 60, 128)
    assert standing(marks[:5]).since == at(41)  # another head-count is no new arrival


def test_what_was_undone_weighs_nothing_and_stays_in_the_history() -> None:
    marks = [
        Marked(1, at(0), State.IN, head_count=20),
        Marked(2, at(5), State.ABSENT, with_notice=False),
        Marked(3, at(6), State.IN, undoes=2),
    ]
    assert standing(marks) == standing(marks[:1])
    assert last_effective(marks) == marks[0]
    assert last_effective([]) is None


def test_an_undone_first_mark_leaves_nothing() -> None:
    assert standing([Marked(1, at(0), State.IN), Marked(2, at(1), State.NOT_IN, undoes=1)]) == NOWHERE


def test_absent_keeps_no_head_count_and_coming_back_no_reason() -> None:
    marks = [
        Marked(1, at(0), State.ABSENT, with_notice=True, reason="Ứng phó bão"),
        Marked(2, at(10), State.IN, head_count=9),
    ]
    assert (standing(marks[:1]).reason, standing(marks[:1]).with_notice) == ("Ứng phó bão", True)
    assert (standing(marks).reason, standing(marks).with_notice, standing(marks).joined_at) == ("", None, at(10))


def test_of_marks_that_come_in_any_order_the_newest_pressed_stands_and_time_never_runs_backwards() -> None:
    dice = random.Random(7)
    for _ in range(300):
        marks: list[Marked] = []
        state = State.NOT_IN
        for number in range(1, dice.randint(2, 12)):
            move = dice.choice([move for (before, move) in MOVES if before is state])
            state = MOVES[state, move]
            marks.append(Marked(number, at(dice.uniform(-60, 200)), state, dice.choice([None, 5])))
        found = standing(marks)
        assert found.state is max(marks, key=lambda mark: (mark.at, mark.id)).after
        assert found == standing(dice.sample(marks, len(marks)))
        assert found.lost_seconds >= 0
        if found.joined_at and found.since:
            assert found.joined_at <= found.since or found.state in (State.IN, State.LOST, State.LEFT)
        if found.left_at and found.joined_at:
            assert found.left_at >= found.joined_at


def test_closing_proposes_absent_for_whoever_never_came() -> None:
    assert proposal("accepted", "", State.NOT_IN) == Decision(Move.ABSENT)
    assert proposal("declined", "Ứng phó bão", State.NOT_IN) == Decision(Move.ABSENT, True, "Ứng phó bão")
    assert proposal("accepted", "", State.READY) == Decision(Move.ABSENT)
    for state in (State.IN, State.LOST, State.LEFT, State.ABSENT):
        assert proposal("accepted", "", state) is None


def test_a_roll_is_closed_once_and_not_before_the_hour() -> None:
    check_close(RollStatus.OPEN, now=EIGHT, starts_at=EIGHT)
    with pytest.raises(Refused):
        check_close(RollStatus.OPEN, now=at(-1), starts_at=EIGHT)
    with pytest.raises(Refused):
        check_close(RollStatus.CLOSED, now=at(60), starts_at=EIGHT)


def test_a_correction_of_a_closed_roll_needs_its_reason() -> None:
    check_correction(RollStatus.OPEN, "")
    check_correction(RollStatus.CLOSED, "Ghi nhầm điểm cầu")
    with pytest.raises(Refused):
        check_correction(RollStatus.CLOSED, "")
