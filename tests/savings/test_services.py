"""Estimating, changing an assumption with a reason, and keeping norms by date."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from meetings import journal
from meetings.accounts.models import User
from meetings.attendance.models import Presence
from meetings.attendance.rules import State
from meetings.database import db
from meetings.errors import Refused
from meetings.journal.models import Entry
from meetings.official.verified import Verified
from meetings.readiness.models import Delegate
from meetings.savings import line_queries, norming, queries, services
from meetings.savings.estimate import estimate
from meetings.savings.models import SavingsLine
from meetings.savings.rules import NormValue
from meetings.savings.trips import ITEMS, total
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
    assert line_queries.kinds(made).left_out == {"no_count": 1}
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
    assert line_queries.kinds(made).left_out == {"no_place": 1}
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
    third = services.adjust(meeting, "petrol", (18_000, 20_000, 22_000), "Nhầm", actor=who)
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
        ("online_line", (1, 2, 3), "mid"),
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


def test_the_lines_as_they_are_kept_add_up_to_the_sums_of_their_estimate(app: Flask, finance: User) -> None:
    """Near and far, alike and not: each line keeps its own steps, and its trip gives them again."""
    meeting = held({make.NGHE_AN: 20, make.HO_CHI_MINH: 35, make.HA_TINH: 2, make.KIM_LIEN: 40})
    made = services.estimate_meeting(meeting, actor=make.actor(finance))
    kept = [queries.steps_of(line) for line in db.session.scalars(sa.select(SavingsLine)).all()]
    assert len({steps for _trip, _mode, steps in kept}) == 4
    for item in ITEMS:
        assert made.sums[item] == list(total(getattr(steps, item) for _trip, _mode, steps in kept)), item
    again = estimate(queries.values_in(made), [trip for trip, _mode, _steps in kept], queries.occasion_in(made))
    assert [(line.trip, line.mode, line.steps) for line in again.lines] == kept


@pytest.mark.parametrize(
    ("starts", "minutes", "half_days", "days"),
    [
        ("2026-12-10 08:00", 210, 1, 1),
        ("2026-12-10 08:00", 300, 1, 1),  # until 13:00: nobody comes back after lunch
        ("2026-12-10 08:00", 540, 2, 1),
        ("2026-12-10 13:30", 180, 1, 1),
        ("2026-12-10 19:00", 120, 1, 1),
        ("2026-12-10 08:00", 24 * 60 + 540, 4, 2),
    ],
)
def test_the_half_days_of_a_meeting_follow_its_plan(
    app: Flask, starts: str, minutes: int, half_days: int, days: int
) -> None:
    meeting = make.meeting(starts=starts, sites=[make.site(make.NGHE_AN)])
    assert meeting.starts_at is not None
    meeting.ends_at = meeting.starts_at + timedelta(minutes=minutes)
    found = queries.occasion_of(meeting)
    assert (found.half_days, found.days) == (half_days, days)


def test_a_host_on_an_island_and_an_organiser_of_a_commune_say_which_norms_are_meant(app: Flask) -> None:
    state = make.units()
    island = make.unit("90001", "Đặc khu Côn Đảo", type="đặc khu", parent=state[make.HO_CHI_MINH])
    there = queries.occasion_of(make.meeting(sites=[make.site(make.NGHE_AN)], host_site=make.site(island)))
    assert (there.on_island, there.in_city, there.per_diem_key) == (True, True, "per_diem_island")
    mine = queries.occasion_of(make.meeting(organiser=state[make.KIM_LIEN], sites=[make.site(make.VINH_HUNG)]))
    assert (mine.by_commune, mine.meals_key, mine.province) == (True, "meals_commune", make.NGHE_AN)


# ------------------------------------------------------------------ norms by date


def per_diem(amount: int, since: date, province: str = "", **more: Any) -> NormValue:
    """A per diem of the law."""
    known = {"document": "Nghị quyết 05/NQ-HĐND", "article": "Điều 2", "verified": Verified.PRIMARY} | more
    return NormValue("per_diem", amount, amount, amount, valid_from=since, province=province, **known)


def test_a_meeting_takes_the_norms_in_force_on_its_day(app: Flask, finance: User) -> None:
    old = held({make.NGHE_AN: 20}, starts="2025-03-05 08:00")
    new = held({make.NGHE_AN: 20}, starts="2026-12-10 08:00")
    who = make.actor(finance)
    before, after = services.estimate_meeting(old, actor=who), services.estimate_meeting(new, actor=who)
    assert queries.norms_in(before).national["per_diem"].mid == 200_000
    assert queries.norms_in(after).national["per_diem"].mid == 300_000
    assert queries.norms_in(after).national["base_salary"].valid_from == date(2026, 7, 1)
    assert before.sums["per_diem"][1] < after.sums["per_diem"][1]


def test_a_norm_changed_after_the_meeting_changes_nothing_frozen(meeting: Meeting, finance: User) -> None:
    who = make.actor(finance)
    first = services.estimate_meeting(meeting, actor=who)
    frozen, sums = dict(first.norms), dict(first.sums)
    norming.set_norm(per_diem(900_000, date(2025, 5, 4)), actor=who)
    norming.set_norm(per_diem(950_000, date(2026, 9, 1)), actor=who)
    db.session.expire_all()
    assert (first.norms, first.sums) == (frozen, sums)
    again = services.estimate_meeting(meeting, actor=who)
    assert (again.norms, again.mid) == (frozen, first.mid), "estimating anew keeps the norms"
    asked = services.estimate_meeting(meeting, actor=who, norms_anew=True)
    assert asked.mid > first.mid, "asked for anew, they are those of the day as they are known by now"
    assert queries.norms_in(asked).national["per_diem"].mid == 950_000


def test_a_changed_norm_replaces_the_row_of_its_day_and_keeps_it_readable(app: Flask, finance: User) -> None:
    who = make.actor(finance)
    norming.load_default_norms()
    norming.set_norm(per_diem(310_000, date(2025, 5, 4)), actor=who)
    holding = [row.mid for row in queries.norms("per_diem", "")]
    assert holding == [310_000, 200_000]
    rows = queries.norms("per_diem", "", replaced=True)
    assert [(row.mid, row.replaced_at is None, row.made_by) for row in rows] == [
        (310_000, True, who.name), (300_000, False, "Điểm Cầu"), (200_000, True, "Điểm Cầu"),
    ]  # fmt: skip
    entry = db.session.scalars(sa.select(Entry).where(Entry.fact == "norm.set")).one()
    assert entry.details["before"] == [300_000, 300_000, 300_000]
    assert entry.details["after"] == [310_000, 310_000, 310_000]
    norming.set_norm(per_diem(310_000, date(2025, 5, 4)), actor=who)
    assert len(queries.norms("per_diem", "", replaced=True)) == 3, "the same value again changes nothing"
    norming.load_default_norms()
    assert [row.mid for row in queries.norms("per_diem", "")] == [310_000, 200_000], (
        "the product brings its values once"
    )


def test_a_province_pays_by_its_own_council_from_its_day_on_and_the_others_by_the_nation(
    app: Flask, finance: User
) -> None:
    who = make.actor(finance)
    norming.set_norm(per_diem(250_000, date(2025, 8, 1), make.NGHE_AN), actor=who)
    values = queries.values_on(date(2026, 12, 10))
    assert values.of(make.NGHE_AN)["per_diem"].mid == 250_000
    assert values.of(make.HA_TINH)["per_diem"].mid == 300_000
    assert values.of("")["per_diem"].mid == 300_000
    assert queries.values_on(date(2025, 7, 31)).of(make.NGHE_AN)["per_diem"].mid == 300_000
    there = services.estimate_meeting(held({make.NGHE_AN: 20}, starts="2026-12-10 08:00"), actor=who)
    beside = services.estimate_meeting(held({make.HA_TINH: 20}, starts="2026-12-11 08:00"), actor=who)
    (mine,), (theirs,) = queries.all_lines(there), queries.all_lines(beside)
    assert mine.steps["days"] == theirs.steps["days"]
    assert mine.steps["per_diem"][1] * 300_000 == theirs.steps["per_diem"][1] * 250_000


def test_a_norm_that_cannot_be_meant_is_refused_at_its_field(app: Flask, finance: User) -> None:
    who = make.actor(finance)
    day = date(2027, 1, 1)
    lower = NormValue("invoice_c_city", *(1_000_000,) * 3, "TT", "", Verified.PRIMARY, day)
    for value, field in (
        (replace(per_diem(1, day), low=3), "mid"),
        (replace(per_diem(1, day), mid=None), "mid"),
        (per_diem(1, day, document=" "), "document"),
        (replace(per_diem(1, day, make.NGHE_AN), key="petrol"), "province"),
        (replace(per_diem(1, day), key="no such key"), "key"),
        (lower, "low"),
    ):
        with pytest.raises(Refused) as caught:
            norming.set_norm(value, actor=who)
        assert caught.value.field == field, value
    norming.set_norm(replace(per_diem(1, day), low=None, mid=None, high=None), actor=who)
    assert queries.values_on(day).national["per_diem"].missing


def test_a_missing_norm_switches_its_branch_off_and_the_estimate_says_so(meeting: Meeting, finance: User) -> None:
    who = make.actor(finance)
    first = services.estimate_meeting(meeting, actor=who)
    assert first.off["meals_city"] == 2
    assert first.sums["meals"] == [0, 0, 0]
    norming.set_norm(
        NormValue("meals_city", *(300_000,) * 3, "Thông tư 12/2025/TT-BTC", "", Verified.PRIMARY, date(2025, 5, 4)),
        actor=who,
    )
    entered = services.estimate_meeting(meeting, actor=who, norms_anew=True)
    assert "meals_city" not in entered.off
    assert entered.sums["meals"][2] > 0
    assert entered.mid > first.mid


def test_the_default_norms_are_loaded_once(app: Flask) -> None:
    assert norming.load_default_norms()
    assert not norming.load_default_norms()


# ------------------------------------------------------------------ the way there


def test_kilometres_that_were_typed_in_stand_before_the_great_circle_and_say_so(app: Flask, finance: User) -> None:
    who = make.actor(finance)
    meeting = held({make.NGHE_AN: 20})
    host, there = meeting.host_site, make.sites_of(meeting)[0].site
    assert host is not None
    first = queries.all_lines(services.estimate_meeting(meeting, actor=who))[0]
    assert queries.steps_of(first)[0].source == "great_circle"
    norming.set_distance(there, host, 333, "Công văn 12/SXD về cự ly", actor=who)
    norming.set_distance(host, there, 295, "Niên giám đường bộ", actor=who)
    known = queries.distance(host, there)
    assert known is not None
    assert (known.km, known.document) == (295, "Niên giám đường bộ")
    trip, _mode, steps = queries.steps_of(queries.all_lines(services.estimate_meeting(meeting, actor=who))[0])
    assert (trip.source, steps.km) == ("table", (295, 295, 295))
    there.latitude = there.longitude = None
    assert services.estimate_meeting(meeting, actor=who).counted == 1, "known by road, it needs no coordinates"
    for km, document, field in ((0, "x", "km"), (10, " ", "document")):
        with pytest.raises(Refused) as caught:
            norming.set_distance(host, there, km, document, actor=who)
        assert caught.value.field == field


def test_the_people_of_the_venues_own_place_do_not_travel_and_another_venue_moves_everybody(
    app: Flask, finance: User
) -> None:
    who = make.actor(finance)
    meeting = held({make.NGHE_AN: 20, make.HO_CHI_MINH: 35})
    first = services.estimate_meeting(meeting, actor=who)
    vinh = make.sites_of(meeting)[0].site
    moved = services.choose_venue(meeting, vinh, "Hội trường tỉnh đủ chỗ", actor=who)
    assert (moved.venue_id, moved.reason) == (vinh.id, "Hội trường tỉnh đủ chỗ")
    by_name = {line.name: queries.steps_of(line) for line in queries.all_lines(moved)}
    assert by_name[vinh.name][0].source == "local"
    assert by_name[vinh.name][2].travel == (0, 0, 0)
    assert moved.mid != first.mid
    kept = services.estimate_meeting(meeting, actor=who)
    assert (kept.venue_id, kept.mid) == (vinh.id, moved.mid)
    back = services.choose_venue(meeting, meeting.host_site, "", actor=who)
    assert (back.venue_id, back.mid) == (None, first.mid)


def test_the_ranks_of_a_roster_decide_who_travels(app: Flask, finance: User) -> None:
    who = make.actor(finance)
    meeting = held({make.NGHE_AN: 20})
    (row,) = make.sites_of(meeting)
    for position, title in enumerate(("Chủ tịch UBND tỉnh", "Phó Giám đốc Sở Tài chính", "Chuyên viên")):
        db.session.add(Delegate(meeting_site_id=row.id, position=position, name="A", title=title))
    db.session.flush()
    _trip, _mode, steps = queries.steps_of(queries.all_lines(services.estimate_meeting(meeting, actor=who))[0])
    assert (steps.a, steps.b, steps.c) == ((1, 1, 1), (0, 0, 0), (0, 2, 4))
