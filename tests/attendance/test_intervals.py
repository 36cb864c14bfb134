"""The arithmetic of presence against a clerk with infinite patience: every second is looked at by itself."""

import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from meetings.attendance import rules
from meetings.attendance.intervals import (
    Interval,
    Skew,
    bounded,
    clip,
    common,
    compare,
    present,
    shifted,
    skew,
    total,
    union,
    without,
)
from meetings.attendance.rules import MOVES, Marked, Move, State

EIGHT = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
TRIALS = settings(max_examples=3000 if os.environ.get("PROVE") == "1" else 150, deadline=None)
LAST = 90
"""The meetings of these tests are minutes of seconds: small numbers meet each other's edges often."""


def at(second: int) -> datetime:
    return EIGHT + timedelta(seconds=second)


def span(start: int, end: int) -> Interval:
    return Interval(at(start), at(end))


def seconds_of(intervals: Iterable[Interval]) -> set[int]:
    """The oracle: which seconds are held, one by one."""
    found: set[int] = set()
    for each in intervals:
        found |= set(range(int((each.start - EIGHT).total_seconds()), int((each.end - EIGHT).total_seconds())))
    return found


def fewest(seconds: set[int]) -> tuple[Interval, ...]:
    """The set of seconds said in the fewest intervals."""
    starts = sorted(s for s in seconds if s - 1 not in seconds)
    ends = sorted(s + 1 for s in seconds if s + 1 not in seconds)
    return tuple(span(a, b) for a, b in zip(starts, ends, strict=True))


SECOND = some.integers(0, LAST)
EDGES = some.builds(lambda start, length: span(start, start + length), SECOND, some.integers(1, LAST // 2))
SPANS = some.lists(EDGES, max_size=7)


@TRIALS
@given(SPANS, SPANS, EDGES)
@example([span(0, 5), span(5, 9)], [span(2, 3), span(3, 3 + 1)], span(1, 8))
@example([span(0, 50)], [span(10, 20), span(15, 30), span(40, 60)], span(0, 90))
def test_sets_of_intervals_hold_the_seconds_they_should_in_the_fewest_words(
    one: list[Interval], other: list[Interval], within: Interval
) -> None:
    mine, theirs, edge = seconds_of(one), seconds_of(other), seconds_of([within])
    assert union(one) == fewest(mine)
    assert total(one) == len(mine)
    assert common(one, other) == fewest(mine & theirs) == common(other, one)
    assert without(one, other) == fewest(mine - theirs)
    assert clip(one, within) == fewest(mine & edge)
    assert without([within], one) == fewest(edge - mine)
    assert union(reversed(one)) == union(one) == union([*one, *one])


@TRIALS
@given(SPANS, some.integers(-200, 200))
def test_a_shifted_clock_changes_when_and_nothing_else(one: list[Interval], seconds: int) -> None:
    assert seconds_of(shifted(one, seconds)) == {s + seconds for s in seconds_of(one)}
    assert shifted(shifted(one, seconds), -seconds) == tuple(one)


@TRIALS
@given(some.lists(some.tuples(some.none() | SECOND, some.none() | SECOND), max_size=8), SECOND, SECOND)
@example([(5, None), (None, 7), (None, None), (9, 9), (9, 8), (80, None), (None, 3)], 10, 60)
def test_a_missing_leave_lasts_until_the_bound_and_nothing_told_is_lost_uncounted(
    told: list[tuple[int | None, int | None]], begins: int, ends: int
) -> None:
    made = bounded(
        [(None if a is None else at(a), None if b is None else at(b)) for a, b in told],
        begins_at=at(begins),
        ends_at=at(ends),
    )
    held: set[int] = set()
    lost = {"empty": 0, "backwards": 0, "outside": 0, "timeless": 0}
    for joined, left in told:
        if joined is None and left is None:
            lost["timeless"] += 1
            continue
        mine = set(range(begins if joined is None else joined, ends if left is None else left))
        held |= mine
        if not mine:
            both = joined is not None and left is not None
            lost["outside" if not both else "empty" if joined == left else "backwards"] += 1
    assert made.intervals == fewest(held)
    assert made.left_out == {why: number for why, number in lost.items() if number}


@TRIALS
@given(SPANS, SPANS, some.none() | EDGES, some.integers(0, 40))
@example([span(0, 60)], [span(0, 20), span(41, 60)], None, 20)
@example([span(0, 60)], [span(0, 20), span(41, 60)], None, 21)
def test_human_and_machine_disagree_exactly_where_one_alone_holds_a_long_stretch(
    human: list[Interval], machine: list[Interval], within: Interval | None, tolerance: int
) -> None:
    edge = seconds_of([within]) if within else set(range(2 * LAST))
    roll, told = seconds_of(human) & edge, seconds_of(machine) & edge
    made = compare(human, machine, within=within, tolerance=tolerance)
    assert (made.human, made.machine, made.both) == (fewest(roll), fewest(told), fewest(roll & told))
    assert (made.only_human, made.only_machine) == (fewest(roll - told), fewest(told - roll))
    expected = [(each, "human") for each in fewest(roll - told) if each.seconds > tolerance]
    expected += [(each, "machine") for each in fewest(told - roll) if each.seconds > tolerance]
    assert [(one.interval, one.said_by) for one in made.disagreements] == sorted(expected)
    assert made.agrees is not bool(expected)
    mirrored = compare(machine, human, within=within, tolerance=tolerance)
    assert (mirrored.only_human, mirrored.only_machine) == (made.only_machine, made.only_human)


@TRIALS
@given(some.lists(some.tuples(SPANS, SPANS), min_size=1, max_size=4), some.integers(0, 130))
@example([([span(10, 20)], [span(40, 50)])], 130)
@example([([span(10, 20)], [span(40, 50)])], 15)
@example([([], [span(40, 50)])], 15)
def test_the_suggested_shift_is_the_best_there_is(
    pairs: list[tuple[list[Interval], list[Interval]]], most: int
) -> None:
    def agreed(shift: int) -> int:
        return sum(len(seconds_of(h) & {s + shift for s in seconds_of(m)}) for h, m in pairs)

    made = skew(pairs, most=most)
    best = max(agreed(shift) for shift in range(-most, most + 1))
    assert -most <= made.seconds <= most
    assert agreed(made.seconds) == best
    assert made.gained == best - agreed(0)
    if made.seconds == 0:
        assert made.gained == 0
    else:
        nearer = [shift for shift in range(-most, most + 1) if agreed(shift) == best]
        assert made.seconds == min(nearer, key=lambda shift: (abs(shift), -shift))
    assert made.sites == sum(bool(h and m) for h, m in pairs)


def test_a_zone_taken_wrongly_is_offered_as_whole_hours_not_as_the_nearest_minute() -> None:
    roll = [Interval(at(0), at(3 * 3600))]
    told = [
        Interval(at(-7 * 3600 - 90), at(-7 * 3600 + 3 * 3600 + 240))
    ]  # came early, stayed on: read as UTC by mistake
    assert skew([(roll, told)]) == Skew(7 * 3600, 3 * 3600, 1)
    assert skew([(roll, told)]).worth_saying
    early = [Interval(at(-300), at(3 * 3600 + 60))]
    assert skew([(roll, early)]) == Skew(0, 0, 1)
    late = [Interval(at(60), at(3 * 3600 + 90))]
    assert not skew([(roll, late)] * 34).worth_saying  # a minute that any key is late by


def test_the_shift_of_3355_sites_is_found_at_once() -> None:
    import time

    sites = [
        ([span(n % 600, 5000), span(5400, 12000 - n % 300)], [span(n % 600 + 3600, 8600), span(9000, 15500 - n % 250)])
        for n in range(3355)
    ]
    begun = time.process_time()
    found = skew(sites)
    assert found.seconds == -3600 and found.sites == 3355
    assert time.process_time() - begun < 2


# --- the human roll ---------------------------------------------------------------------------------------------------

STEPS = some.lists(some.tuples(some.sampled_from(Move), SECOND, some.integers(0, 9)), max_size=10)


def walked(steps: list[tuple[Move, int, int]]) -> list[Marked]:
    """Marks as a board makes them: each follows from the one before; some are undone, some come late from a queue."""
    marks: list[Marked] = []
    for move, second, dice in steps:
        before = rules.standing(marks).state
        if dice == 0 and (last := rules.last_effective(marks)):
            marks.append(Marked(len(marks) + 1, at(second), State.NOT_IN, undoes=last.id))
        elif (before, move) in MOVES:
            marks.append(Marked(len(marks) + 1, at(second), MOVES[before, move]))
    return marks


def by_the_second(marks: list[Marked], until: int) -> set[int]:
    """The oracle: the roll read aloud at every second, by the product's own rule of what stands."""
    undone = {mark.undoes for mark in marks if mark.undoes is not None}
    alive = sorted(
        (mark for mark in marks if mark.undoes is None and mark.id not in undone), key=lambda m: (m.at, m.id)
    )
    wipes = [n for n, mark in enumerate(alive) if mark.after in (State.ABSENT, State.NOT_IN, State.READY)]
    moments = [(mark.at, mark.after) for mark in alive[wipes[-1] + 1 if wipes else 0 :]]
    state, held = State.NOT_IN, set()
    ends = max([until, *(int((m - EIGHT).total_seconds()) for m, _ in moments)]) + 1
    for second in range(ends):
        for moment, after in moments:
            if moment <= at(second):
                state = after
        ended = any(moment > at(second) and after is not State.IN for moment, after in moments)
        if state is State.IN and (ended or second < until):
            held.add(second)
    return held


@TRIALS
@given(STEPS, SECOND)
@example([(Move.IN, 5, 9), (Move.LOST, 10, 9), (Move.IN, 12, 9), (Move.LEFT, 40, 9)], 90)
@example([(Move.IN, 5, 9), (Move.LOST, 10, 9), (Move.ABSENT, 12, 9), (Move.IN, 40, 9)], 90)
@example([(Move.IN, 20, 9), (Move.LOST, 10, 9), (Move.LOST, 12, 0), (Move.LEFT, 50, 9)], 90)
@example([(Move.READY, 1, 0), (Move.IN, 0, 1), (Move.IN, 2, 1)], 2)
def test_the_human_roll_as_intervals_says_what_the_board_said_at_every_second(
    steps: list[tuple[Move, int, int]], until: int
) -> None:
    marks = walked(steps)
    made = present(marks, until=at(until))
    assert seconds_of(made) == by_the_second(marks, until)
    assert made == union(made)
    assert present(list(reversed(marks)), until=at(until)) == made
    standing = rules.standing(marks)
    if made and standing.joined_at and made[0].start != standing.joined_at:
        assert standing.joined_at < made[0].start  # only where it was in for no second at first


@pytest.mark.parametrize(("seconds", "minutes"), [(1, 1), (29, 1), (89, 1), (90, 2), (600, 10), (631, 11)])
def test_minutes_are_rounded_and_never_none(seconds: int, minutes: int) -> None:
    assert span(0, seconds).minutes == minutes
