from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.clock import wall
from meetings.errors import Refused
from meetings.official.working_days import STANDARD
from meetings.scheduling import rules
from meetings.scheduling.rules import Move, Secrecy, Status
from tests.make import at

# written out once more on purpose: whoever adds a way to move a meeting says so here too
LEADS_TO = {
    (Status.DRAFT, Move.SUBMIT): Status.AWAITING_APPROVAL,
    (Status.DRAFT, Move.SEND): Status.SCHEDULED,
    (Status.DRAFT, Move.CANCEL): Status.CANCELLED,
    (Status.AWAITING_APPROVAL, Move.RETURN): Status.DRAFT,
    (Status.AWAITING_APPROVAL, Move.APPROVE): Status.SCHEDULED,
    (Status.AWAITING_APPROVAL, Move.CANCEL): Status.CANCELLED,
    (Status.SCHEDULED, Move.RESCHEDULE): Status.SCHEDULED,
    (Status.SCHEDULED, Move.POSTPONE): Status.POSTPONED,
    (Status.SCHEDULED, Move.CANCEL): Status.CANCELLED,
    (Status.POSTPONED, Move.RESCHEDULE): Status.SCHEDULED,
    (Status.POSTPONED, Move.CANCEL): Status.CANCELLED,
    (Status.SCHEDULED, Move.CHANGE): Status.SCHEDULED,
    (Status.SCHEDULED, Move.CHANGE_SITES): Status.SCHEDULED,
    (Status.POSTPONED, Move.CHANGE): Status.POSTPONED,
    (Status.POSTPONED, Move.CHANGE_SITES): Status.POSTPONED,
    (Status.SCHEDULED, Move.OPEN): Status.IN_SESSION,
    (Status.IN_SESSION, Move.CLOSE): Status.CLOSED,
}
SENDING = st.datetimes(datetime(2026, 1, 5), datetime(2027, 12, 20))
AHEAD = st.timedeltas(timedelta(minutes=2), timedelta(days=60))


@pytest.mark.parametrize(("status", "move"), list(product(Status, Move)), ids=str)
def test_a_meeting_moves_only_as_the_table_says(status: Status, move: Move) -> None:
    if (status, move) in LEADS_TO:
        assert rules.after(status, move) is LEADS_TO[status, move]
    else:
        with pytest.raises(Refused) as refused:
            rules.after(status, move)
        assert refused.value.status == 409


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.timedeltas(-timedelta(days=1), timedelta(seconds=2))
)
def test_a_calendar_message_is_stamped_later_than_the_one_before_by_its_own_clock(
    stamp: datetime, gap: timedelta
) -> None:
    now = stamp.replace(tzinfo=UTC)
    first = rules.later_stamp(now, None)
    second = rules.later_stamp(now + gap, first)
    assert second > first
    assert (first.microsecond, second.microsecond) == (0, 0)  # DTSTAMP knows no fractions


def test_a_refused_move_names_the_status_and_the_move() -> None:
    with pytest.raises(Refused) as refused:
        rules.after(Status.CLOSED, Move.SEND)
    said = str(refused.value.message)
    assert str(rules.STATUS_WORDS[Status.CLOSED]) in said
    assert str(rules.MOVE_WORDS[Move.SEND]) in said
    for status, move in ((Status.AWAITING_APPROVAL, Move.SUBMIT), (Status.SCHEDULED, Move.SEND)):
        with pytest.raises(Refused, match="đã được thực hiện trước đó"):  # pressed twice
            rules.after(status, move)


def test_every_status_move_and_type_has_its_words() -> None:
    assert set(rules.STATUS_WORDS) == set(Status)
    assert set(rules.MOVE_WORDS) == set(Move)
    assert set(rules.TYPE_WORDS) == set(rules.MeetingType)


@pytest.mark.parametrize(
    ("year", "count", "code"),
    [
        (2026, 1, "HN-2026-0001"),
        (2026, 147, "HN-2026-0147"),
        (2027, 9999, "HN-2027-9999"),
        (2027, 10_000, "HN-2027-10000"),
    ],
)
def test_a_code_has_four_digits_and_grows_past_them(year: int, count: int, code: str) -> None:
    assert rules.code_of(year, count) == code


@pytest.mark.parametrize("secrecy", [Secrecy.SECRET, Secrecy.HIGH, Secrecy.TOP])
def test_a_meeting_of_any_secrecy_class_is_refused_with_the_reason(secrecy: Secrecy) -> None:
    with pytest.raises(Refused) as refused:
        rules.refuse_secrets(secrecy)
    assert (refused.value.field, refused.value.status) == ("secrecy", 422)
    assert "117/2025/QH15" in str(refused.value.message)


@pytest.mark.parametrize("secrecy", [Secrecy.ORDINARY, Secrecy.INTERNAL])
def test_an_ordinary_or_internal_meeting_is_taken(secrecy: Secrecy) -> None:
    rules.refuse_secrets(secrecy)


# ------------------------------------------------------------------ deadlines


def test_replies_are_due_at_17_two_working_days_before() -> None:
    # Wednesday to Monday: the middle is Friday, two working days before is Thursday, the weekend left out
    deadline = rules.reply_deadline(at("2026-12-09 09:00"), at("2026-12-14 08:00"), STANDARD)
    assert deadline == at("2026-12-10 17:00")


def test_half_way_is_taken_when_it_is_sooner() -> None:
    deadline = rules.reply_deadline(at("2026-11-20 09:00"), at("2026-12-10 08:00"), STANDARD)
    assert deadline == at("2026-11-30 17:00")


def test_half_way_is_17_of_its_day() -> None:
    # the middle of Monday 10:00 and Thursday 08:00 is Tuesday 21:00
    deadline = rules.reply_deadline(at("2026-12-07 10:00"), at("2026-12-10 08:00"), STANDARD)
    assert deadline == at("2026-12-08 17:00")


def test_half_way_on_a_sunday_is_the_friday_before_it() -> None:
    # Thursday 09:00 to Tuesday 08:00: the middle is Saturday 20:30, and two working days before is Friday
    deadline = rules.reply_deadline(at("2026-12-03 09:00"), at("2026-12-08 08:00"), STANDARD)
    assert deadline == at("2026-12-04 17:00")


def test_what_is_sent_on_the_eve_of_tet_is_answered_after_it() -> None:
    # 14 to 22 February 2026 are free; the middle is Friday the 20th, and its last working day is nearly over
    deadline = rules.reply_deadline(at("2026-02-13 16:00"), at("2026-02-27 16:00"), STANDARD)
    assert deadline == at("2026-02-23 17:00")


def test_what_is_sent_days_before_tet_is_answered_before_it() -> None:
    deadline = rules.reply_deadline(at("2026-02-13 00:00"), at("2026-02-23 00:00"), STANDARD)
    assert deadline == at("2026-02-13 17:00")


def test_a_notice_of_hours_leaves_half_of_them() -> None:
    deadline = rules.reply_deadline(at("2026-12-08 08:00"), at("2026-12-08 14:00"), STANDARD)
    assert deadline == at("2026-12-08 11:00")


@given(SENDING, AHEAD)
def test_the_deadline_lies_between_sending_and_start(sent: datetime, ahead: timedelta) -> None:
    sent_at = at(sent.isoformat())
    starts_at = sent_at + ahead
    assert sent_at < rules.reply_deadline(sent_at, starts_at, STANDARD) < starts_at


@given(SENDING, AHEAD)
def test_the_deadline_is_never_at_night_unless_the_notice_is_short(sent: datetime, ahead: timedelta) -> None:
    sent_at = at(sent.isoformat())
    starts_at = sent_at + ahead
    deadline = rules.reply_deadline(sent_at, starts_at, STANDARD)
    here = wall(deadline)
    if ahead >= timedelta(days=14):  # longer than Tết with the two working days before the meeting
        assert here.time() == time(17, 0)
        assert STANDARD.is_working(here.date())
    elif here.time() != time(17, 0):
        assert abs(deadline - (sent_at + ahead / 2)) < timedelta(minutes=1)


@given(SENDING, st.timedeltas(timedelta(days=14), timedelta(days=60)))
def test_the_deadline_is_never_later_than_two_working_days_before(sent: datetime, ahead: timedelta) -> None:
    sent_at = at(sent.isoformat())
    starts_at = sent_at + ahead
    by, day = wall(rules.reply_deadline(sent_at, starts_at, STANDARD)).date(), wall(starts_at).date()
    # the meeting itself may fall on a day off, which no working day ends on
    assert sum(STANDARD.is_working(by + timedelta(days=n)) for n in range((day - by).days)) >= 2


def test_the_line_is_tested_from_14_one_working_day_before() -> None:
    assert rules.rehearsal(at("2026-12-10 08:00"), STANDARD) == at("2026-12-09 14:00")
    assert rules.rehearsal(at("2026-12-14 08:00"), STANDARD) == at("2026-12-11 14:00")  # Monday: the Friday before


# ------------------------------------------------------------------ times


def test_the_items_of_an_agenda_follow_each_other() -> None:
    lines = rules.timetable(at("2026-12-10 08:00"), [10, 45, 20])
    assert [(wall(line.begins_at).time(), wall(line.ends_at).time()) for line in lines] == [
        (time(8, 0), time(8, 10)),
        (time(8, 10), time(8, 55)),
        (time(8, 55), time(9, 15)),
    ]


def test_an_empty_agenda_has_no_timetable() -> None:
    assert rules.timetable(at("2026-12-10 08:00"), []) == []


@given(SENDING, st.lists(st.integers(1, 2880), max_size=40))
def test_a_timetable_has_no_gap_and_loses_no_minute(start: datetime, lengths: list[int]) -> None:
    starts_at = at(start.isoformat())
    lines = rules.timetable(starts_at, lengths)
    assert [line.begins_at for line in lines] == [starts_at, *[line.ends_at for line in lines]][: len(lines)]
    assert sum((line.ends_at - line.begins_at for line in lines), timedelta()) == timedelta(minutes=sum(lengths))


@pytest.mark.parametrize(
    ("begins", "ends", "clash"),
    [
        ("06:00", "08:00", False),  # ends when the other begins
        ("06:00", "08:01", True),
        ("09:00", "09:30", True),
        ("07:00", "12:00", True),
        ("10:59", "12:00", True),
        ("11:00", "12:00", False),  # begins when the other ends
    ],
)
def test_two_meetings_clash_when_they_share_an_instant(begins: str, ends: str, clash: bool) -> None:
    other = at("2026-12-10 08:00"), at("2026-12-10 11:00")
    mine = at(f"2026-12-10 {begins}"), at(f"2026-12-10 {ends}")
    assert rules.overlap(*mine, *other) is clash
    assert rules.overlap(*other, *mine) is clash


NOW = at("2026-12-01 09:00")


@pytest.mark.parametrize(
    ("starts_at", "minutes", "field"),
    [
        (NOW, 60, "start"),
        (NOW - timedelta(minutes=1), 60, "start"),
        (NOW + timedelta(days=732), 60, "day"),
        (NOW + timedelta(days=1), 9, "hours"),
        (NOW + timedelta(days=1), 2881, "hours"),
        (NOW + timedelta(days=1), 0, "hours"),
        (NOW + timedelta(days=1), -60, "hours"),
    ],
)
def test_a_time_that_cannot_be_meant_is_refused_at_its_field(starts_at: datetime, minutes: int, field: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.check_time(starts_at, minutes, now=NOW)
    assert (refused.value.field, refused.value.status) == (field, 422)


@pytest.mark.parametrize("minutes", [10, 195, 2880])
@pytest.mark.parametrize("ahead", [timedelta(minutes=1), timedelta(days=731)])
def test_a_time_within_the_bounds_is_taken(ahead: timedelta, minutes: int) -> None:
    rules.check_time(NOW + ahead, minutes, now=NOW)


def test_the_steps_that_are_open_are_named_in_their_order() -> None:
    assert rules.missing([("details", True), ("sites", False), ("time", True), ("agenda", False)]) == [
        "sites",
        "agenda",
    ]


def test_a_public_holiday_is_no_working_day_for_a_deadline() -> None:
    # 2 September 2026 is a Wednesday, the day before it a holiday too
    deadline = rules.reply_deadline(at("2026-08-01 09:00"), at("2026-09-03 08:00"), STANDARD)
    assert STANDARD.is_working(wall(deadline).date())
    assert wall(deadline).date() < date(2026, 8, 31)
