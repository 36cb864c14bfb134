"""The slot finder against what a patient person would count by hand, and against a brute-force oracle of 2,000 cases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as some

from meetings.clock import HANOI, instant, wall
from meetings.official.working_days import STANDARD, Calendar
from meetings.scheduling import slots
from meetings.scheduling.slots import Busy, Kind, Part, Party, Question

HOURS = ((time(7, 30), time(11, 30)), (time(13, 30), time(17, 0)))
THURSDAY, NEW_YEAR = date(2026, 12, 10), date(2027, 1, 1)
CHAIR, HALL, SITES = Party(Kind.PERSON, 1), Party(Kind.ROOM, 1), tuple(Party(Kind.SITE, n) for n in range(1, 5))


def at(clock: str, day: date = THURSDAY) -> int:
    return int(instant(day, time.fromisoformat(clock)).timestamp())


def busy(party: int, begins: str, ends: str, day: date = THURSDAY) -> Busy:
    return party, at(begins, day), at(ends, day)


def asked(minutes: int = 120, first: date = THURSDAY, last: date | None = None, **more: Any) -> Question:
    days = slots.office_days(first, last or first, HOURS, STANDARD.is_working)
    return Question(days, minutes, more.pop("parties", (CHAIR, HALL, *SITES)), **more)


def clocks(starts: list[int]) -> list[str]:
    return [f"{wall(datetime.fromtimestamp(at, HANOI)):%d %H:%M}" for at in starts]


def test_a_meeting_of_three_hours_and_a_quarter_fits_the_morning_and_the_afternoon() -> None:
    assert clocks(slots.starts(asked(195))) == ["10 07:30", "10 07:45", "10 08:00", "10 08:15", "10 13:30", "10 13:45"]


def test_only_a_meeting_that_no_half_day_holds_goes_over_lunch() -> None:
    assert clocks(slots.starts(asked(240))) == ["10 07:30"]
    assert clocks(slots.starts(asked(255))) == [f"10 {clock}" for clock in (
        "09:30", "09:45", "10:00", "10:15", "10:30", "10:45", "11:00", "11:15",
    )], "it ends in the afternoon, never in the lunch hour"  # fmt: skip
    assert clocks(slots.starts(asked(570))) == ["10 07:30"]


def test_training_of_two_days_goes_on_over_a_night_of_two_worked_days() -> None:
    from_thursday = asked(2010, last=THURSDAY + timedelta(days=5))  # Thursday to Tuesday: 33 hours and a half
    assert clocks(slots.starts(from_thursday)) == ["10 07:30", "14 07:30"]


def test_nothing_begins_on_a_holiday_in_the_past_or_in_the_other_half_of_the_day() -> None:
    assert slots.starts(asked(60, NEW_YEAR)) == []
    assert clocks(slots.starts(asked(60, part=Part.MORNING, not_before=at("10:05")))) == ["10 10:15", "10 10:30"]
    assert clocks(slots.starts(asked(195, part=Part.AFTERNOON))) == ["10 13:30", "10 13:45"]


def test_the_chair_weighs_more_than_sites_and_sites_more_than_an_early_hour() -> None:
    calendars = [
        busy(0, "07:30", "09:00"),
        busy(2, "09:00", "09:30"),
        busy(3, "09:00", "09:30"),
        busy(2, "13:00", "17:00"),
    ]
    found = slots.best(asked(120, not_before=at("07:30")), calendars, k=4)
    assert clocks([slot.starts for slot in found]) == ["10 09:30", "10 13:30", "10 13:45", "10 14:00"]
    assert [(slot.sites_free, slot.busy) for slot in found[:2]] == [(4, ()), (3, (2,))]


def test_who_chooses_is_offered_one_hour_of_each_half_day() -> None:
    calendars = [busy(2, "07:30", "09:00"), busy(2, "13:00", "16:00")]
    found = slots.best(asked(60, last=THURSDAY + timedelta(days=1)), calendars, k=9, apart=True)
    assert clocks([slot.starts for slot in found]) == ["10 09:00", "10 16:00", "11 07:30", "11 13:30"]
    assert not any(slot.busy for slot in found)


def test_optional_sites_and_people_decide_only_between_equal_hours() -> None:
    parties = (CHAIR, Party(Kind.SITE, 1), Party(Kind.SITE, 2, False), Party(Kind.PERSON, 9, False))
    calendars = [busy(1, "13:30", "17:00"), busy(2, "07:30", "09:30"), busy(3, "07:30", "11:00")]
    found = slots.best(asked(120, parties=parties), calendars, k=10)
    assert clocks([found[0].starts]) == ["10 09:30"], "the optional site is free, though a guest is disturbed"
    assert clocks([found[1].starts]) == ["10 07:30"], "before every hour at which the required site is busy"
    assert [slot.tally.sites_required for slot in found[1:]] == [0] * 8 + [1]


def test_the_line_is_tested_before_the_start_but_nobody_has_to_sit_there() -> None:
    calendars = [busy(0, "07:30", "08:00"), busy(2, "07:30", "09:00")]
    assert slots.best(asked(120, not_before=at("09:00")), calendars)[0].starts == at("09:00")
    with_margin = slots.best(asked(120, margin=30), calendars)
    assert with_margin[0].starts == at("09:30"), "the site has half an hour between two meetings"
    only_chair = slots.best(asked(120, margin=30), calendars[:1])
    assert only_chair[0].starts == at("08:00"), "the chair goes from one into the other"


def test_what_is_not_known_is_never_free_and_what_is_busy_is_known() -> None:
    calendars, unknown = [busy(2, "08:00", "09:00")], [busy(2, "00:00", "23:00"), busy(3, "00:00", "23:00")]
    found = slots.best(asked(60, not_before=at("08:00"), part=Part.MORNING), calendars, unknown, k=20)
    first, last = found[0], found[-1]
    assert (first.starts, first.sites_free, first.busy, first.unknown) == (at("09:00"), 2, (), (2, 3))
    assert (last.starts, last.sites_free, last.busy, last.unknown) == (at("08:45"), 2, (2,), (3,))
    cells = {cell.starts: cell for cell in slots.heat(asked(60), calendars, unknown)[THURSDAY]}
    assert cells[at("08:30")].tally.sites == 1 and cells[at("08:30")].tally.sites_unknown == 1
    assert cells[at("09:00")].tally.sites == 0 and cells[at("09:00")].sites_free == 2


def test_the_heat_map_counts_each_half_hour_and_leaves_holidays_empty() -> None:
    question = asked(60, date(2026, 12, 31), NEW_YEAR)
    calendars = [
        busy(2, "08:15", "08:45", date(2026, 12, 31)),
        busy(2, "08:30", "08:35", date(2026, 12, 31)),
        busy(0, "16:59", "18:00", date(2026, 12, 31)),
    ]
    found = slots.heat(question, calendars)
    assert [cell.sites_free for cell in found[date(2026, 12, 31)]] == [4, 3, 3] + [4] * 12
    assert [cell.tally.people_required for cell in found[date(2026, 12, 31)]] == [0] * 14 + [1]
    assert found[NEW_YEAR] == []


# ------------------------------------------------------------------ the oracle: slow, plain, by the clock on the wall

ZONES = [ZoneInfo(name) for name in ("Asia/Ho_Chi_Minh", "Asia/Kathmandu", "Europe/Berlin", "America/St_Johns")]
FIRST_DAYS = [date(2026, 2, 13), date(2026, 3, 27), date(2026, 4, 28), date(2026, 8, 31), date(2026, 10, 23), THURSDAY]
"""Tết, the changes of summer time, public holidays, make-up days; an ordinary week."""


def oracle(
    calendar: Calendar, zone: ZoneInfo, first: date, last: date, question: Question, rows: list[Busy], dark: list[Busy]
) -> list[tuple[Any, ...]]:
    """Every start there is, the best first, counted one party and one span after the other."""

    @cache
    def open_at(second: int) -> bool:
        local = datetime.fromtimestamp(second, zone)
        return first <= local.date() <= last and calendar.is_working(local.date()) and any(
            begin <= local.time() < end for begin, end in HOURS
        )  # fmt: skip

    found = []
    length = question.minutes * 60
    for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
        for quarter in range(28, 70):
            start = int(datetime.combine(day, time(quarter // 4, quarter % 4 * 15), zone).timestamp())
            end = start + length
            if not (open_at(start) and open_at(end - 1)):
                continue
            days = {datetime.fromtimestamp(second, zone).date() for second in (*range(start, end, 6 * 3600), end - 1)}
            if not all(map(calendar.is_working, days)):
                continue
            if question.minutes <= 240 and not all(open_at(second) for second in range(start, end, 900)):
                continue
            if 240 < question.minutes <= 570 and len(days) > 1:
                continue
            if start < question.not_before or question.part not in (
                Part.DAY,
                Part.MORNING if quarter < 48 else Part.AFTERNOON,
            ):
                continue
            is_busy, not_known = [], []
            for number, party in enumerate(question.parties):
                early = start - (0 if party.kind is Kind.PERSON else question.margin * 60)
                if any(who == number and begin < end and until > early for who, begin, until in rows):
                    is_busy.append(number)
                elif any(who == number and begin < end and until > early for who, begin, until in dark):
                    not_known.append(number)
            taken = [question.parties[number] for number in is_busy]
            missed = [question.parties[number] for number in not_known]
            sites = [party for party in question.parties if party.kind is Kind.SITE]
            free = len(sites) - sum(party.kind is Kind.SITE for party in taken + missed)
            found.append(
                (
                    sum(party.required and party.kind is not Kind.SITE for party in taken),
                    sum(party.required and party.kind is Kind.SITE for party in taken),
                    sum(party.required for party in missed),
                    -free,
                    sum(party.kind is Kind.PERSON for party in taken),
                    sum(party.kind is Kind.ROOM for party in taken),
                    start,
                    tuple(is_busy),
                    tuple(not_known),
                )
            )
    return sorted(found)


LENGTHS = [10, 45, 60, 120, 195, 240, 250, 570, 575, 1500, 2010, 2880]
NUMBERS = some.integers(0, 10**9)


def parts(number: int, *sizes: int) -> Iterator[int]:
    """*number* taken apart into one below each of *sizes*: one draw is quicker than three."""
    for size in sizes:
        number, part = divmod(number, size)
        yield part


def laid_out(
    chosen: list[int], overrides: list[int], kinds: list[int], spans: list[int], dark: list[int]
) -> tuple[Any, ...]:
    """A case: zone, days, holidays, what is asked, who is busy and of whom nothing is known."""
    zone, first = ZONES[chosen[0] % len(ZONES)], FIRST_DAYS[chosen[1] % len(FIRST_DAYS)]
    last = first + timedelta(days=chosen[2] % 4)
    calendar = Calendar({first + timedelta(days=n): worked == 1 for n, worked in (parts(o, 4, 2) for o in overrides)})
    three = list(Kind)
    parties = tuple(Party(three[kind], n, must < 2) for n, (kind, must) in enumerate(parts(k, 3, 3) for k in kinds))
    zero = int(datetime.combine(first, time(7), zone).timestamp())
    rows, unknown = (
        [
            (who, zero + 300 * begin, zero + 300 * (begin + long + 1))
            for who, begin, long in (parts(number, len(parties), 3 * 288, 60) for number in numbers)
        ]
        for numbers in (spans, dark)
    )
    question = Question(
        slots.office_days(first, last, HOURS, calendar.is_working, zone),
        LENGTHS[chosen[3] % len(LENGTHS)],
        parties,
        (0, 0, 15, 40)[chosen[4] % 4],
        (Part.DAY, Part.DAY, Part.MORNING, Part.AFTERNOON)[chosen[5] % 4],
        zero + 300 * (chosen[5] % 41),
    )
    return calendar, zone, first, last, question, rows, unknown


@settings(max_examples=2000, deadline=None)
@given(
    some.lists(NUMBERS, min_size=6, max_size=6),
    some.lists(NUMBERS, max_size=2),
    some.lists(NUMBERS, min_size=1, max_size=5),
    some.lists(NUMBERS, max_size=10),
    some.lists(NUMBERS, max_size=3),
)
def test_the_finder_finds_what_an_oracle_counts_by_the_clock_on_the_wall(
    chosen: list[int], overrides: list[int], kinds: list[int], spans: list[int], dark: list[int]
) -> None:
    case = laid_out(chosen, overrides, kinds, spans, dark)
    *_days, question, rows, unknown = case
    expected = oracle(*case)
    found = slots.best(question, rows, unknown, k=4)
    assert [(*slot.rank[:3], -slot.sites_free, *slot.rank[4:], slot.busy, slot.unknown) for slot in found] == expected[
        :4
    ]
    assert slots.starts(question) == sorted(row[6] for row in expected)
