"""Estimating, changing an assumption with a reason, and keeping norms by date."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from openpyxl import load_workbook

from meetings import journal
from meetings.accounts.models import User
from meetings.attendance.models import Presence
from meetings.attendance.rules import State
from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import in_locale
from meetings.journal.models import Entry
from meetings.official.verified import Verified
from meetings.savings import queries, services, sheet
from meetings.savings.models import SavingsEstimate
from meetings.savings.rules import NormValue
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from tests import make
from tests.savings.conftest import held


def facts(code: str) -> list[str]:
    return [entry.fact for entry in db.session.scalars(sa.select(Entry).where(Entry.root == code).order_by(Entry.id))]


def test_the_savings_of_a_closed_meeting_are_estimated_from_its_roll(meeting: Meeting, finance: User) -> None:
    made = services.estimate_meeting(meeting, actor=make.actor(finance))
    assert (made.sites, made.counted, made.people, made.version) == (3, 2, 55, 1)
    assert made.low < 0 < made.mid < made.high, "three sites: at the low end meeting online cost more than it saved"
    assert queries.left_out(made) == {"no_count": 1}
    assert facts(meeting.code) == ["savings.estimated"]


def test_a_meeting_whose_roll_is_open_is_not_estimated(app: Flask, finance: User) -> None:
    open_ = make.meeting(status=Status.IN_SESSION)
    with pytest.raises(Refused):
        services.estimate_meeting(open_, actor=make.actor(finance))


def test_closing_a_roll_makes_the_first_estimate_and_only_the_first(meeting: Meeting, finance: User) -> None:
    entry = journal.record("meeting.closed", meeting, actor=make.actor(finance))
    services.estimate_closed(entry)
    services.estimate_closed(entry)
    assert len(queries.versions(meeting)) == 1


def test_an_absent_site_is_not_in_the_estimate(meeting: Meeting, finance: User) -> None:
    gone = db.session.scalars(sa.select(Presence).order_by(Presence.id)).first()
    assert gone is not None
    gone.state, gone.joined_at = State.ABSENT, None
    assert services.estimate_meeting(meeting, actor=make.actor(finance)).sites == 2


def test_a_site_without_coordinates_is_counted_zero_and_listed(app: Flask, finance: User) -> None:
    meeting = held({make.NGHE_AN: 20, make.HA_TINH: 12})
    nowhere = make.sites_of(meeting)[0].site
    nowhere.latitude = nowhere.longitude = None
    made = services.estimate_meeting(meeting, actor=make.actor(finance))
    assert queries.left_out(made) == {"no_place": 1}
    assert made.counted == 1


def test_one_changed_assumption_changes_the_total_and_keeps_the_version_before(meeting: Meeting, finance: User) -> None:
    who = make.actor(finance)
    first = services.estimate_meeting(meeting, actor=who)
    second = services.adjust(meeting, "delegation", (2, 4, 8), "Giấy triệu tập nêu rõ thành phần", actor=who)
    assert second.mid > first.mid
    assert [v.version for v in queries.versions(meeting)] == [2, 1]
    assert second.changes == {"delegation": [2, 4, 8]}
    assert second.reason == "Giấy triệu tập nêu rõ thành phần"
    assert facts(meeting.code) == ["savings.estimated", "savings.adjusted"]


def test_an_adjustment_is_taken_back_by_the_values_of_the_norm(meeting: Meeting, finance: User) -> None:
    who = make.actor(finance)
    first = services.estimate_meeting(meeting, actor=who)
    services.adjust(meeting, "petrol", (30_000, 31_000, 32_000), "Giá ngày họp", actor=who)
    norm = queries.values_of(first.norm_set)["petrol"]
    third = services.adjust(meeting, "petrol", (norm.low, norm.mid, norm.high), "Nhầm", actor=who)
    assert third.changes == {}
    assert (third.low, third.mid, third.high) == (first.low, first.mid, first.high)


def test_estimating_anew_takes_the_roll_as_it_is_and_keeps_what_was_changed(meeting: Meeting, finance: User) -> None:
    who = make.actor(finance)
    services.estimate_meeting(meeting, actor=who)
    services.adjust(meeting, "petrol", (30_000, 31_000, 32_000), "Giá ngày họp", actor=who)
    uncounted = db.session.scalars(sa.select(Presence).where(Presence.head_count.is_(None))).one()
    uncounted.head_count = 14
    db.session.flush()
    again = services.estimate_meeting(meeting, actor=who)
    assert (again.counted, again.changes) == (3, {"petrol": [30_000, 31_000, 32_000]})


@pytest.mark.parametrize(
    ("key", "values", "field"),
    [
        ("delegation", (5, 3, 1), "mid"),
        ("delegation", (1, 3, 100_000), "high"),
        ("people_per_car", (0, 0, 0), "low"),
        ("air_from_km", (100, 200, 300), "mid"),
        ("online_site", (1, 2, 3), "mid"),
        ("no such key", (1, 2, 3), "key"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_at_its_field_and_changes_nothing(
    meeting: Meeting, finance: User, key: str, values: tuple[int, int, int], field: str
) -> None:
    who = make.actor(finance)
    services.estimate_meeting(meeting, actor=who)
    with pytest.raises(Refused) as caught:
        services.adjust(meeting, key, values, "Thử", actor=who)
    assert caught.value.field == field
    assert len(queries.versions(meeting)) == 1


# ------------------------------------------------------------------ norms by date


def test_a_meeting_takes_the_norms_in_force_on_its_day(app: Flask, finance: User) -> None:
    old = held({make.NGHE_AN: 20}, starts="2025-03-05 08:00")
    new = held({make.NGHE_AN: 20}, starts="2026-12-10 08:00")
    who = make.actor(finance)
    before, after = services.estimate_meeting(old, actor=who), services.estimate_meeting(new, actor=who)
    assert before.norm_set.valid_from == date(2024, 7, 1)
    assert after.norm_set.valid_from == date(2026, 7, 1)
    assert before.sums["per_diem"][1] < after.sums["per_diem"][1]


def test_a_meeting_held_before_a_norm_changed_keeps_its_old_norm(meeting: Meeting, finance: User) -> None:
    who = make.actor(finance)
    first = services.estimate_meeting(meeting, actor=who)
    newer = services.new_norm_set("Nghị quyết của HĐND", date(2026, 9, 1), actor=who)
    services.set_norm(
        newer, NormValue("per_diem", 900_000, 900_000, 900_000, "", "Nghị quyết", Verified.PRIMARY), actor=who
    )
    again = services.estimate_meeting(meeting, actor=who)
    assert again.norm_set_id == first.norm_set_id
    assert again.mid == first.mid


def test_a_used_set_of_norms_is_never_edited(meeting: Meeting, finance: User) -> None:
    who = make.actor(finance)
    used = services.estimate_meeting(meeting, actor=who).norm_set
    with pytest.raises(Refused):
        services.set_norm(used, NormValue("per_diem", 1, 1, 1, "", "Thử", Verified.ASSUMED), actor=who)
    assert queries.values_of(used)["per_diem"].mid == 300_000


def test_a_new_set_is_a_copy_that_can_be_edited_until_it_is_used(app: Flask, finance: User) -> None:
    who = make.actor(finance)
    services.load_default_norms()
    made = services.new_norm_set("Năm 2027", date(2027, 1, 1), actor=who)
    base = queries.in_force(date(2026, 12, 31))
    assert base is not None
    assert queries.values_of(made) == queries.values_of(base)
    services.set_norm(made, NormValue("tea", 30_000, 30_000, 30_000, "", "NQ", Verified.PRIMARY), actor=who)
    assert queries.values_of(made)["tea"].mid == 30_000
    assert queries.values_of(base)["tea"].mid == 40_000
    with pytest.raises(Refused) as caught:
        services.new_norm_set("Hai bộ một ngày", date(2027, 1, 1), actor=who)
    assert caught.value.field == "valid_from"
    with pytest.raises(Refused):
        services.set_norm(made, NormValue("tea", 3, 2, 1, "", "NQ", Verified.PRIMARY), actor=who)


def test_the_default_norms_are_loaded_once(app: Flask) -> None:
    assert services.load_default_norms()
    assert not services.load_default_norms()
    assert len(queries.norm_sets()) == 3


# ------------------------------------------------------------------ the workbook


def opened(estimate: SavingsEstimate, *, values: bool) -> Any:
    with in_locale("en"):
        return load_workbook(io.BytesIO(sheet.workbook(estimate)), data_only=values)


def test_the_sums_of_the_workbook_are_formulas_that_come_to_the_estimate(meeting: Meeting, finance: User) -> None:
    made = services.estimate_meeting(meeting, actor=make.actor(finance))
    formulas, values = opened(made, values=False)["Sums"], opened(made, values=True)["Sums"]
    row = next(r for r in range(1, 40) if values.cell(r, 1).value == "Saved (estimate)")
    assert [values.cell(row, c).value for c in (2, 3, 4)] == [made.low, made.mid, made.high]
    assert all(str(formulas.cell(row, c).value).startswith("=SUM(") for c in (2, 3, 4))
    parts = [[values.cell(r, c).value for r in range(6, row)] for c in (2, 3, 4)]
    assert [sum(column) for column in parts] == [made.low, made.mid, made.high]


def test_a_name_that_looks_like_a_formula_stays_a_name(
    meeting: Meeting, finance: User, make_named: Callable[[str], None]
) -> None:
    make_named('=HYPERLINK("http://x.example","xem")')
    made = services.estimate_meeting(meeting, actor=make.actor(finance))
    sites = opened(made, values=False)["Sites"]
    names = [cell for cell in sites["A"] if str(cell.value).startswith("=HYPERLINK")]
    assert names
    assert all(cell.data_type == "s" for cell in names)


@pytest.fixture
def make_named(meeting: Meeting) -> Callable[[str], None]:
    def named(text: str) -> None:
        make.sites_of(meeting)[0].name = text
        db.session.flush()

    return named


def test_the_workbook_prints_every_assumption_with_its_source_and_verification(meeting: Meeting, finance: User) -> None:
    who = make.actor(finance)
    services.estimate_meeting(meeting, actor=who)
    made = services.adjust(meeting, "petrol", (30_000, 31_000, 32_000), "Giá ngày họp", actor=who)
    rows = list(opened(made, values=True)["Norms"].iter_rows(min_row=2, values_only=True))
    assert len(rows) == len(queries.values_of(made.norm_set))
    assert all(row[5] and row[6] for row in rows)
    assert [row[7] for row in rows if row[7]] == ["Giá ngày họp"]
