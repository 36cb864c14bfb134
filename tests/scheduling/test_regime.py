"""The rules of the meeting regime, argued about without application or database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.official.verified import Verified
from meetings.official.working_days import OFFICE_HOURS, STANDARD, Calendar
from meetings.scheduling import regime
from meetings.scheduling.regime import KINDS, Facts, Finding, Pass, Setting, Way
from meetings.scheduling.regime_defaults import DEFAULTS
from meetings.scheduling.rules import MeetingType
from tests.make import at

RULES = regime.in_force(DEFAULTS, date(2026, 12, 1))
LEADER = Pass(Way.OVERRIDE, "Theo chỉ đạo", "Ông Lê Minh Khang, Bộ trưởng")


def facts(**more: Any) -> Facts:
    """A review of three hours on Thursday 10 December 2026, sent in time."""
    values: dict[str, Any] = {
        "type": MeetingType.REVIEW,
        "starts_at": at("2026-12-10 08:00"),
        "ends_at": at("2026-12-10 11:00"),
        "sent_at": at("2026-12-01 09:00"),
        "confirmed": True,
        **more,
    }
    return Facts(**values)


def found(of: Facts, passes: dict[str, Pass] | None = None, **settings: Setting) -> dict[str, Finding]:
    rules = {key: replace(rule, setting=settings.get(key, rule.setting)) for key, rule in RULES.items()}
    return {one.key: one for one in regime.findings(of, rules, STANDARD, OFFICE_HOURS, passes)}


# ------------------------------------------------------------------ the data


def test_every_rule_comes_with_a_source_a_label_and_a_value_that_can_be_meant() -> None:
    assert [rule.key for rule in DEFAULTS] != []
    assert {rule.key for rule in DEFAULTS} == set(KINDS)
    for rule in DEFAULTS:
        assert rule.source and rule.note, rule.key
        assert regime.fault(rule.key, rule.value) is None, rule.key
        assert rule.setting in KINDS[rule.key].settings
        assert set(rule.value) == set(KINDS[rule.key].parts)
        # nothing of QĐ 45 was read in the primary text (regulations §1)
        assert "45/2018" not in rule.source or rule.verified is Verified.SECONDARY


def test_the_version_of_the_day_counts() -> None:
    old = RULES["invitation_lead"]
    new = replace(old, valid_from=date(2027, 1, 1), value={"days": 5})
    closed = replace(old, valid_to=date(2026, 12, 31))
    assert regime.in_force([new, closed], date(2026, 12, 31))["invitation_lead"].value == {"days": 3}
    assert regime.in_force([new, closed], date(2027, 1, 1))["invitation_lead"].value == {"days": 5}
    assert regime.in_force([new, closed], date(2018, 12, 24)) == {}


# ------------------------------------------------------------------ lead times


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2026-12-07 08:00", True),  # Monday for Thursday: Monday, Tuesday and Wednesday are worked
        ("2026-12-07 23:59", True),
        ("2026-12-08 00:00", False),
        ("2026-12-05 10:00", True),  # a Saturday: nobody works before Monday anyway
    ],
)
def test_an_invitation_leaves_three_working_days_before(sent: str, kept: bool) -> None:
    assert ("invitation_lead" not in found(facts(sent_at=at(sent)))) is kept


def test_a_late_invitation_is_told_the_rule_its_law_and_the_earliest_day() -> None:
    finding = found(facts(sent_at=at("2026-12-08 09:00")))["invitation_lead"]
    assert finding.blocks
    assert finding.earliest == date(2026, 12, 11)
    assert "07 giờ 30 thứ Sáu 11/12/2026" in finding.words
    assert finding.law == "Quyết định 45/2018/QĐ-TTg"
    assert finding.verified is Verified.SECONDARY


def test_over_tet_the_earliest_day_lies_after_the_holidays() -> None:
    late = facts(
        sent_at=at("2026-02-13 09:00"), starts_at=at("2026-02-23 08:00"), ends_at=at("2026-02-23 11:00")
    )  # the Friday before Tết of 2026 is followed by nine days off
    assert found(late)["invitation_lead"].earliest == date(2026, 2, 25)


@given(
    sent=st.dates(date(2026, 1, 1), date(2027, 6, 30)),
    before=st.integers(0, 8),
    overrides=st.dictionaries(st.dates(date(2026, 1, 1), date(2027, 8, 31)), st.booleans(), max_size=60),
)
def test_the_earliest_day_is_the_one_found_by_looking_at_each_day(
    sent: date, before: int, overrides: dict[date, bool]
) -> None:
    """The oracle counts, day by day, the worked days from that of sending up to the one before the meeting."""
    calendar = Calendar(overrides)
    day, worked = sent, 0
    while not (calendar.is_working(day) and worked >= before):
        worked += calendar.is_working(day)
        day += timedelta(days=1)
    assert regime.earliest_day(sent, before, calendar) == day
    assert regime.in_time(sent, day, before, calendar)
    for earlier in (sent + timedelta(days=n) for n in range((day - sent).days)):
        if calendar.is_working(earlier):
            assert not regime.in_time(sent, earlier, before, calendar)


# ------------------------------------------------------------------ going past a rule


def test_an_urgent_meeting_goes_past_lead_times_and_nothing_else() -> None:
    urgent = Pass(Way.URGENT, "Bão số 15", "Ông Lê Minh Khang, Bộ trưởng")
    late = facts(
        sent_at=at("2026-12-09 15:00"),
        urgent=urgent,
        ends_at=at("2026-12-11 17:00"),
        papers=[("Báo cáo", at("2026-12-09 10:00"))],
    )
    told = found(late, length=Setting.BLOCK)
    assert {key for key, one in told.items() if one.passed is urgent} == {"invitation_lead", "tests", "paper_lead"}
    assert [key for key, one in told.items() if one.blocks] == ["length"]
    assert told["invitation_lead"].overridden_by == "Ông Lê Minh Khang, Bộ trưởng"


def test_an_override_lifts_its_own_rule_only() -> None:
    late = facts(sent_at=at("2026-12-09 15:00"))
    assert not found(late, {"invitation_lead": LEADER})["invitation_lead"].blocks
    assert found(late, {"length": LEADER})["invitation_lead"].blocks


def test_a_rule_that_rests_says_nothing_and_one_that_warns_does_not_block() -> None:
    late = facts(sent_at=at("2026-12-09 15:00"))
    assert "invitation_lead" not in found(late, invitation_lead=Setting.OFF)
    assert not found(late, invitation_lead=Setting.WARN)["invitation_lead"].blocks


# ------------------------------------------------------------------ length, papers, tests, cases


@pytest.mark.parametrize(
    ("begins", "ends", "minutes"),
    [
        ("2026-12-10 08:00", "2026-12-10 11:30", 210),
        ("2026-12-10 08:00", "2026-12-10 17:00", 420),  # the noon is not sat through
        ("2026-12-10 11:00", "2026-12-10 13:00", 120),  # nobody went away at noon
        ("2026-12-10 19:00", "2026-12-10 21:00", 120),  # an evening is work, too
        ("2026-12-10 07:30", "2026-12-11 17:00", 900),  # nor the night
    ],
)
def test_a_meeting_takes_its_time_without_its_breaks(begins: str, ends: str, minutes: int) -> None:
    assert regime.worked_minutes(at(begins), at(ends), OFFICE_HOURS) == minutes


@pytest.mark.parametrize(
    ("type", "ends", "kept"),
    [
        (MeetingType.BRIEFING, "2026-12-10 12:00", True),  # half a day is the longer half
        (MeetingType.BRIEFING, "2026-12-10 14:30", False),
        (MeetingType.REVIEW, "2026-12-10 17:00", True),
        (MeetingType.REVIEW, "2026-12-11 09:00", False),
        (MeetingType.TRAINING, "2026-12-11 17:00", True),
    ],
)
def test_each_type_has_its_length(type: MeetingType, ends: str, kept: bool) -> None:
    told = found(facts(type=type, ends_at=at(ends)))
    assert ("length" not in told) is kept
    assert kept or not told["length"].blocks


def test_a_paper_that_came_late_is_named() -> None:
    papers = [("Đề cương", at("2026-12-07 09:00")), ("Phụ lục số liệu", at("2026-12-08 09:00"))]
    told = found(facts(sent_at=at("2026-12-07 10:00"), papers=papers))
    assert "Phụ lục số liệu" in told["paper_lead"].words
    assert "Đề cương" not in told["paper_lead"].words


def test_the_line_test_must_lie_ahead() -> None:
    assert "tests" not in found(facts(sent_at=at("2026-12-09 13:59")))
    assert found(facts(sent_at=at("2026-12-09 14:00")))["tests"].earliest == date(2026, 12, 11)


def test_the_five_cases_are_asked_until_they_are_confirmed() -> None:
    assert "no_meeting" in found(facts(confirmed=False))
    assert "no_meeting" not in found(facts())


def test_the_lead_times_of_citizens_sessions_rest_until_they_are_switched_on() -> None:
    tight = facts(sent_at=at("2026-12-04 09:00"))
    assert "public_session" not in found(tight)
    assert found(tight, public_session=Setting.WARN)["public_session"].verified is Verified.PRIMARY
