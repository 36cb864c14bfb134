"""The regime over the database: dated versions, going past a rule with reason and leader, the count of a quarter."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask

from meetings import clock as hanoi
from meetings import journal
from meetings.accounts.models import User
from meetings.accounts.rules import Actor
from meetings.database import db
from meetings.errors import Refused
from meetings.scheduling import departures, ruling, services
from meetings.scheduling.departures import Quarter
from meetings.scheduling.models import Meeting
from meetings.scheduling.regime import KINDS, Setting
from meetings.scheduling.rules import MeetingType, Status
from tests import make
from tests.conftest import Clock
from tests.scheduling.conftest import details

LEADER = "Ông Lê Minh Khang, Bộ trưởng"


def send(meeting: Meeting, who: Actor) -> None:
    reply_by = services.usual_reply_by(meeting)
    assert reply_by is not None
    services.send(meeting, reply_by, actor=who)


@pytest.fixture
def late(complete: Meeting, who: Actor, clock: Clock) -> Meeting:
    """A complete draft for Thursday, on the Tuesday before."""
    clock.at("2026-12-08 09:00")
    ruling.confirm_no_case(complete, actor=who)
    return complete


# ------------------------------------------------------------------ the rules by date


def test_the_rules_are_loaded_once_and_hold_before_that(app: Flask) -> None:
    assert set(ruling.rules_on(date(2026, 12, 1))) == set(KINDS)
    assert ruling.load_default_rules() == len(KINDS)
    assert ruling.load_default_rules() == 0
    assert set(ruling.rules_on(date(2026, 12, 1))) == set(KINDS)


def test_an_installation_that_was_updated_gets_its_rules_at_the_next_start(app: Flask) -> None:
    make.units()
    make.done()
    assert app.test_cli_runner().invoke(args=["prepare"]).exit_code == 0
    db.session.rollback()
    assert {row.key for row in ruling.versions()} == set(KINDS)


def test_a_change_is_a_new_version_from_a_day_and_the_day_of_sending_decides(
    late: Meeting, administrator: User, who: Actor, clock: Clock
) -> None:
    rule = replace(ruling.rules_on(date(2026, 12, 8))["invitation_lead"], value={"days": 1})
    boss = make.actor(administrator)
    ruling.change(replace(rule, valid_from=date(2026, 12, 9)), "Theo Quyết định mới", actor=boss)
    kept = {(row.valid_from, row.valid_to): row.value for row in ruling.versions("invitation_lead")}
    assert kept == {
        (date(2018, 12, 25), date(2026, 12, 8)): {"days": 3},
        (date(2026, 12, 9), None): {"days": 1},
    }
    assert [one.key for one in ruling.findings(late, at=hanoi.now())] == ["invitation_lead"]  # not yet the new one
    assert [one.key for one in ruling.findings(late, at=make.at("2026-12-09 09:00"))] == []
    between = replace(rule, valid_from=date(2026, 12, 8), setting=Setting.OFF)
    ruling.change(between, "Tạm ngừng một ngày", actor=boss)
    assert [(row.valid_from.day, row.valid_to and row.valid_to.day) for row in ruling.versions("invitation_lead")] == [
        (9, None), (8, 8), (25, 7),
    ]  # fmt: skip
    assert ruling.findings(late, at=hanoi.now()) == []
    told = journal.queries.about("regime-rule:invitation_lead")
    assert [entry.details["reason"] for entry in told] == ["Theo Quyết định mới", "Tạm ngừng một ngày"]


@pytest.mark.parametrize(
    ("more", "reason", "field"),
    [
        ({"valid_from": date(2026, 11, 30)}, "Lý do", "valid_from"),
        ({"value": {"days": 61}}, "Lý do", "value_days"),
        ({}, "", "reason"),
    ],
)
def test_a_change_that_cannot_be_meant_is_refused_at_its_field(
    app: Flask, more: dict[str, Any], reason: str, field: str
) -> None:
    rule = replace(ruling.rules_on(date(2026, 12, 1))["invitation_lead"], valid_from=date(2026, 12, 2))
    with pytest.raises(Refused) as refused:
        ruling.change(replace(rule, **more), reason, actor=make.actor(make.user("administrator")))
    assert refused.value.field == field


def test_deadlines_take_their_numbers_from_the_rules(draft: Meeting, who: Actor) -> None:
    for key, value in (("reply", {"days": 1, "until": "11:00"}), ("tests", {"days": 2, "from": "09:00"})):
        rule = replace(ruling.rules_on(date(2026, 12, 1))[key], value=value, valid_from=date(2026, 12, 1))
        ruling.change(rule, "Thử", actor=who)
    services.place(draft, make.at("2026-12-10 08:00"), 60, actor=who)
    assert draft.rehearsal_at == make.at("2026-12-08 09:00")
    assert ruling.reply_deadline(make.at("2026-12-10 08:00"), at=make.at("2026-12-08 16:00")) == make.at(
        "2026-12-09 11:00"
    )


# ------------------------------------------------------------------ a meeting that comes too late


def test_a_late_invitation_is_not_sent_and_the_refusal_names_rule_law_and_earliest_day(
    late: Meeting, who: Actor
) -> None:
    with pytest.raises(Refused) as refused:
        send(late, who)
    for word in ("ít nhất 3 ngày làm việc", "Quyết định 45/2018/QĐ-TTg", "thứ Sáu 11/12/2026"):
        assert word in str(refused.value.message)
    assert late.status is Status.DRAFT


@pytest.mark.parametrize(("reason", "leader", "field"), [("", LEADER, "reason"), ("Bão số 15", "", "leader")])
def test_both_reason_and_leader_are_needed(late: Meeting, who: Actor, reason: str, leader: str, field: str) -> None:
    for go in (lambda: ruling.declare_urgent(late, reason, leader, actor=who),
               lambda: ruling.override(late, "invitation_lead", reason, leader, actor=who)):  # fmt: skip
        with pytest.raises(Refused) as refused:
            go()
        assert refused.value.field == field
    assert not late.urgent


def test_an_urgent_meeting_without_its_leader_is_still_held_back(late: Meeting, who: Actor) -> None:
    services.describe(late, details(urgent=True, urgent_reason="Bão số 15", minutes_long=180), None, actor=who)
    with pytest.raises(Refused):
        send(late, who)
    services.describe(
        late,
        details(urgent=True, urgent_reason="Bão số 15", urgent_approved_by=LEADER, minutes_long=180),
        None,
        actor=who,
    )
    send(late, who)
    row = ruling.overrides_of(late)[0]
    assert (row.key, row.way, row.reason, row.leader) == ("invitation_lead", "urgent", "Bão số 15", LEADER)
    assert row.counted_at == late.sent_at


def test_an_override_holds_for_its_day_and_is_counted_only_when_it_was_leant_on(
    late: Meeting, who: Actor, clock: Clock
) -> None:
    ruling.override(late, "invitation_lead", "Chỉ đạo của Thủ tướng", LEADER, actor=who)
    services.place(late, make.at("2026-12-09 08:00"), 180, actor=who)
    with pytest.raises(Refused):
        send(late, who)
    assert departures.seen_by(who, Quarter(2026, 4)) == []
    services.place(late, make.at("2026-12-10 14:00"), 180, actor=who)
    send(late, who)
    assert [row.reason for row in departures.seen_by(who, Quarter(2026, 4))] == ["Chỉ đạo của Thủ tướng"]
    overridden = journal.queries.of(late.code, fact="regime.overridden")[0]
    assert overridden.details["leader"] == LEADER
    with pytest.raises(Refused):
        ruling.override(late, "invitation_lead", "Sau khi gửi", LEADER, actor=who)


def test_a_warning_stops_nothing_and_stands_in_the_history(complete: Meeting, who: Actor) -> None:
    send(complete, who)
    entry = journal.queries.of(complete.code, fact="regime.warned")[0]
    assert entry.details["rules"] == ["no_meeting"]


# ------------------------------------------------------------------ the quarter


def test_the_quarter_counts_by_unit_rule_and_type_and_shows_nobody_elses(
    late: Meeting, who: Actor, stranger: User, units: dict[str, Any]
) -> None:
    ruling.declare_urgent(late, "Bão số 15", LEADER, actor=who)
    send(late, who)
    other = make.meeting(type=MeetingType.BRIEFING, status=Status.SCHEDULED, organiser=units[make.HO_CHI_MINH])
    db.session.flush()
    quarter = Quarter(2026, 4)
    counted = departures.counts(departures.seen_by(who, quarter))
    assert [(c.unit.code, c.key, c.type, c.urgent, c.overridden) for c in counted] == [
        (make.MINISTRY, "invitation_lead", MeetingType.REVIEW, 1, 0)
    ]
    assert departures.totals(who, quarter) == departures.Totals(sent=1, urgent=1)
    outside = make.actor(stranger)
    assert departures.seen_by(outside, quarter) == []
    assert departures.totals(outside, quarter) == departures.Totals(sent=1, urgent=0), other.code
    assert departures.seen_by(who, Quarter(2027, 1)) == []


def test_a_quarter_is_read_from_the_address() -> None:
    assert Quarter.read("2026-Q4", date(2027, 1, 5)) == Quarter(2026, 4)
    assert Quarter.read("2026-Q5", date(2027, 1, 5)) == Quarter(2027, 1)
    assert (str(Quarter(2026, 4).after), str(Quarter(2026, 1).before)) == ("2027-Q1", "2025-Q4")
    assert Quarter.of(date(2026, 12, 31)).first == date(2026, 10, 1)
