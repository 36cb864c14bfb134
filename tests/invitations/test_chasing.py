"""When each rung of the ladder is due: worked out a second time, day by day, over holidays and odd deadlines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.clock import instant, wall
from meetings.invitations import chasing
from meetings.invitations.chasing import DEFAULTS, Facts, Planned, Rung, Standing
from meetings.invitations.rules import ChaseStep
from meetings.official.working_days import OFFICE_HOURS, Calendar
from meetings.scheduling.rules import MeetingType
from tests.make import at

DAYS = Calendar()
FROM = date(2026, 12, 1)  # over New Year and Tết


def plan(facts: Facts, now: str | datetime, ladder: dict[ChaseStep, Rung] | None = None) -> dict[ChaseStep, Planned]:
    moment = at(now) if isinstance(now, str) else now
    return {one.step: one for one in chasing.plan(ladder or DEFAULTS, facts, DAYS, OFFICE_HOURS, now=moment)}


def usual(sent: str = "2026-12-01 09:00", starts: str = "2026-12-10 08:00", by: str = "2026-12-08 17:00") -> Facts:
    return Facts(at(sent), at(starts), at(by) if by else None)


def test_the_ladder_that_comes_with_the_product() -> None:
    found = plan(usual(), "2026-12-01 09:01")
    assert {step: one.due_at for step, one in found.items()} == {
        ChaseStep.BEFORE_DEADLINE: at("2026-12-07 17:00"),
        ChaseStep.AT_DEADLINE: at("2026-12-08 17:00"),
        ChaseStep.PROVINCE: at("2026-12-08 17:00"),
        ChaseStep.ROSTER: at("2026-12-07 17:00"),
        ChaseStep.ON_THE_DAY: at("2026-12-10 07:00"),
    }
    assert [one.standing for one in found.values()] == [
        Standing.AHEAD, Standing.AHEAD, Standing.AHEAD, Standing.OFF, Standing.AHEAD,
    ]  # fmt: skip


def test_a_working_day_before_a_deadline_after_the_holidays_lies_before_them() -> None:
    # Tết Đinh Mùi: offices close on 4 February 2027 and open again on 11 February
    after = usual("2027-01-25 09:00", "2027-02-15 08:00", "2027-02-11 17:00")
    assert plan(after, "2027-01-25 09:01")[ChaseStep.BEFORE_DEADLINE].due_at == at("2027-02-03 17:00")
    before = usual("2027-01-25 09:00", "2027-02-15 08:00", "2027-02-03 17:00")
    lists = {**DEFAULTS, ChaseStep.PROVINCE: Rung(ChaseStep.PROVINCE, True, 1)}
    assert plan(before, "2027-01-25 09:01", lists)[ChaseStep.PROVINCE].due_at == at("2027-02-11 17:00")


def test_what_is_past_when_a_meeting_is_sent_is_never_sent_late() -> None:
    urgent = usual("2026-12-01 09:00", "2026-12-02 14:00", "2026-12-01 17:00")
    found = plan(urgent, "2026-12-01 09:01")
    assert found[ChaseStep.BEFORE_DEADLINE].standing is Standing.SKIPPED
    assert found[ChaseStep.AT_DEADLINE].standing is Standing.AHEAD
    # within two hours: half-way is the deadline and an hour before the start at once; one letter is enough
    very = usual("2026-12-01 10:00", "2026-12-01 12:00", "2026-12-01 11:00")
    found = plan(very, "2026-12-01 11:00")
    assert found[ChaseStep.AT_DEADLINE].standing is Standing.SKIPPED
    assert found[ChaseStep.ON_THE_DAY].standing is Standing.DUE
    # sent less than an hour before: nothing is left but the deadline itself
    found = plan(usual("2026-12-01 11:10", "2026-12-01 12:00", "2026-12-01 11:35"), "2026-12-01 11:36")
    assert found[ChaseStep.ON_THE_DAY].standing is Standing.SKIPPED
    assert found[ChaseStep.AT_DEADLINE].standing is Standing.DUE
    # who was asked this morning is not reminded this noon
    soon = plan(usual("2026-12-07 15:00"), "2026-12-07 17:00")
    assert soon[ChaseStep.BEFORE_DEADLINE].standing is Standing.SKIPPED


def test_a_worker_that_was_away_makes_up_for_a_rung_as_long_as_it_makes_sense() -> None:
    away = usual()
    for now, due in (
        ("2026-12-07 16:59", set()),
        ("2026-12-07 17:00", {ChaseStep.BEFORE_DEADLINE}),
        ("2026-12-08 16:59", {ChaseStep.BEFORE_DEADLINE}),
        ("2026-12-08 17:00", {ChaseStep.AT_DEADLINE, ChaseStep.PROVINCE}),
        ("2026-12-10 06:59", {ChaseStep.AT_DEADLINE, ChaseStep.PROVINCE}),
        ("2026-12-10 07:00", {ChaseStep.ON_THE_DAY, ChaseStep.PROVINCE}),
        ("2026-12-10 07:59", {ChaseStep.ON_THE_DAY, ChaseStep.PROVINCE}),
        ("2026-12-10 08:00", set()),
    ):
        found = plan(away, now)
        assert {step for step, one in found.items() if one.standing is Standing.DUE} == due, now


def test_what_was_switched_off_or_laid_down_meanwhile_is_not_made_up_for() -> None:
    back = Facts(at("2026-12-01 09:00"), at("2026-12-10 08:00"), at("2026-12-08 17:00"), at("2026-12-08 08:00"))
    found = plan(back, "2026-12-08 08:01")
    assert found[ChaseStep.BEFORE_DEADLINE].standing is Standing.SKIPPED
    assert found[ChaseStep.AT_DEADLINE].standing is Standing.AHEAD
    earlier = {**DEFAULTS, ChaseStep.BEFORE_DEADLINE: Rung(ChaseStep.BEFORE_DEADLINE, True, 3, at("2026-12-04 09:00"))}
    assert plan(usual(), "2026-12-04 09:01", earlier)[ChaseStep.BEFORE_DEADLINE].standing is Standing.SKIPPED


def test_a_meeting_without_a_deadline_is_reminded_of_on_its_day_alone() -> None:
    found = plan(usual(by=""), "2026-12-10 07:00")
    assert {step for step, one in found.items() if one.standing is Standing.DUE} == {ChaseStep.ON_THE_DAY}


@dataclass(frozen=True)
class Version:
    meeting_type: MeetingType | None
    step: ChaseStep
    on: bool | None
    offset: int
    made_at: datetime


def test_a_type_goes_before_all_types_and_what_is_taken_back_gives_way() -> None:
    step, first, later = ChaseStep.ON_THE_DAY, at("2026-12-01 08:00"), at("2026-12-02 08:00")
    laid = [Version(None, step, True, 90, first), Version(MeetingType.WORK, step, False, 60, first)]
    assert chasing.ladder(laid, MeetingType.WORK)[step] == Rung(step, False, 60, first)
    assert chasing.ladder(laid, MeetingType.TRAINING)[step] == Rung(step, True, 90, first)
    laid.append(Version(MeetingType.WORK, step, None, 60, later))
    assert chasing.ladder(laid, MeetingType.WORK)[step] == Rung(step, True, 90, later)
    laid.append(Version(None, step, None, 90, later))
    assert chasing.ladder(laid, None)[step].default
    assert chasing.ladder([], MeetingType.WORK) == DEFAULTS


# ------------------------------------------------------------------ the oracle

offs = st.sets(st.integers(0, 90), max_size=12)


def step_by_step(day: date, count: int, calendar: Calendar, way: int) -> date:
    """The plainest way to count working days: look at one day after another."""
    while count:
        day += timedelta(days=way)
        count -= calendar.is_working(day)
    return day


@settings(max_examples=300, deadline=None)
@given(
    off=offs,
    sent=st.integers(0, 30 * 24 * 60),
    lead=st.integers(31, 40 * 24 * 60),
    part=st.floats(0.02, 0.999),
    offset=st.integers(1, 10),
    province=st.integers(0, 5),
    minutes=st.integers(15, 600),
    looks=st.lists(st.floats(-0.1, 1.1), min_size=1, max_size=8),
)
def test_every_rung_is_due_once_in_order_on_working_days_and_never_after_the_beginning(
    off: set[int], sent: int, lead: int, part: float, offset: int, province: int, minutes: int, looks: list[float]
) -> None:
    calendar = Calendar({FROM + timedelta(days=day): False for day in off})
    asked_at = instant(FROM, time()) + timedelta(minutes=sent)
    starts_at = asked_at + timedelta(minutes=lead)
    reply_by = asked_at + timedelta(minutes=int(lead * part))
    facts = Facts(asked_at, starts_at, reply_by)
    ladder = {
        **DEFAULTS,
        ChaseStep.BEFORE_DEADLINE: Rung(ChaseStep.BEFORE_DEADLINE, True, offset),
        ChaseStep.PROVINCE: Rung(ChaseStep.PROVINCE, True, province),
        ChaseStep.ON_THE_DAY: Rung(ChaseStep.ON_THE_DAY, True, minutes),
    }

    def at_the_hour(day: date) -> datetime:
        hour = wall(reply_by).time()
        return instant(day, time(7, 30) if hour < time(7, 30) else time(17) if hour > time(17) else hour)

    by = wall(reply_by).date()
    expected = {
        ChaseStep.BEFORE_DEADLINE: at_the_hour(step_by_step(by, offset, calendar, -1)),
        ChaseStep.AT_DEADLINE: reply_by,
        ChaseStep.PROVINCE: at_the_hour(step_by_step(by, province, calendar, 1)) if province else reply_by,
        ChaseStep.ON_THE_DAY: starts_at - timedelta(minutes=minutes),
    }
    for look in looks:
        now = asked_at + timedelta(seconds=int(lead * 60 * look))
        found = {one.step: one for one in chasing.plan(ladder, facts, calendar, OFFICE_HOURS, now=now)}
        due = {step for step, one in found.items() if one.standing is Standing.DUE}
        for step, moment in expected.items():
            assert found[step].due_at == moment
            if moment <= asked_at or moment >= starts_at:
                assert found[step].standing is Standing.SKIPPED
        for step in due:
            one = found[step]
            assert one.due_at is not None and one.until is not None
            assert asked_at < one.due_at <= now < one.until <= starts_at
        to_sites = due & {ChaseStep.BEFORE_DEADLINE, ChaseStep.AT_DEADLINE, ChaseStep.ON_THE_DAY}
        assert len(to_sites) <= 1, "one site gets two letters at once"
        # the ladder knows no memory: whatever the clock showed before, it says the same
        again = chasing.plan(ladder, facts, calendar, OFFICE_HOURS, now=now)
        assert {one.step: one for one in again} == found
