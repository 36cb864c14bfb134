"""A meeting in one place beside the same online, before it is held: whom it counts, and that it is the same sum as after."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from meetings.database import db
from meetings.readiness.models import Delegate
from meetings.savings import services
from meetings.savings.planning import expected, plan_of
from meetings.savings.trips import Triple
from tests import make
from tests.savings.conftest import held


@pytest.mark.parametrize(
    ("listed", "most", "seats", "people"),
    [
        (7, 25, 40, 7),
        (60, 25, 40, 60),
        (0, 25, 40, 25),
        (None, 25, 12, 12),
        (None, 25, None, 25),
        (None, None, 40, 40),
        (None, None, None, None),
        (None, None, 0, None),
    ],
)
def test_as_many_are_expected_as_are_listed_else_as_are_asked_and_have_a_seat(
    listed: int | None, most: int | None, seats: int | None, people: int | None
) -> None:
    assert expected(listed, most, seats) == people


def test_the_plan_is_the_sum_that_the_estimate_makes_when_as_many_come(app: Flask) -> None:
    after = services.estimate_meeting(held({make.NGHE_AN: 25, make.HO_CHI_MINH: 25}), actor=make.actor(make.user()))
    plan = plan_of(make.meeting(sites=[make.site(make.NGHE_AN), make.site(make.HO_CHI_MINH)]))
    assert plan is not None
    assert {key: list(three) for key, three in plan.found.sums.items()} == after.sums
    assert plan.found.saving == (after.low, after.mid, after.high)
    assert plan.found.co2 == tuple(after.co2)
    assert (plan.by_roster, plan.by_limit, plan.left_out) == (0, 2, 0)


def test_what_is_shown_adds_up(app: Flask) -> None:
    plan = plan_of(make.meeting(sites=[make.site(make.HO_CHI_MINH)]))
    assert plan is not None
    assert plan.in_person.mid - plan.online.mid == plan.found.saving.mid
    assert [sum(three[case] for _key, three in plan.parts) for case in range(3)] == list(plan.in_person)
    assert [sum(three[case] for _key, three in plan.parts_online) for case in range(3)] == list(plan.online)
    assert plan.online.low <= plan.online.mid <= plan.online.high


@pytest.mark.parametrize(
    ("saving", "cheaper", "difference"),
    [
        (Triple(1, 2, 3), "online", (1, 2, 3)),
        (Triple(-3, -2, -1), "in_person", (1, 2, 3)),
        (Triple(0, 2, 3), "", (0, 2, 3)),
        (Triple(-3, -2, 0), "", (-3, -2, 0)),
        (Triple(-1, 2, 3), "", (-1, 2, 3)),
    ],
)
def test_one_form_is_said_to_cost_less_only_where_the_whole_range_says_so(
    app: Flask, saving: Triple, cheaper: str, difference: tuple[int, int, int]
) -> None:
    plan = plan_of(make.meeting())
    assert plan is not None
    changed = replace(plan, found=replace(plan.found, saving=saving))
    assert (changed.cheaper, changed.difference) == (cheaper, difference)


def test_nothing_is_said_before_a_site_is_chosen_and_a_site_that_left_is_none(app: Flask) -> None:
    meeting = make.meeting(sites=[])
    assert plan_of(meeting) is None
    gone = make.meeting_site(meeting, make.site(make.NGHE_AN))
    gone.removed_at = make.at("2026-12-01 08:00")
    db.session.flush()
    assert plan_of(meeting) is None


def test_sites_without_people_or_place_are_left_out_by_name(app: Flask) -> None:
    nowhere = make.site(make.HA_TINH, latitude=None)
    meeting = make.meeting(
        sites=[make.site(make.NGHE_AN), nowhere, make.site(make.HO_CHI_MINH, seats=None)], max_delegates=None
    )
    plan = plan_of(meeting)
    assert plan is not None
    assert (plan.found.sites, plan.found.counted, plan.left_out) == (3, 1, 2)
    assert list(plan.without_people) == [make.site(make.HO_CHI_MINH).name]
    assert list(plan.without_place) == [nowhere.name]
    assert (plan.people, plan.by_roster, plan.by_limit) == (40, 0, 1), (
        "of the site that is counted, as many as have a seat"
    )


def test_the_hosts_own_town_is_counted_without_a_way(app: Flask) -> None:
    plan = plan_of(make.meeting(sites=[make.site(make.NGHE_AN)], host_site=make.site(make.NGHE_AN, latitude=None)))
    assert plan is not None
    assert (plan.left_out, plan.found.hours.high) == (0, 0)
    assert plan.found.sums["travel"].high == 0


def test_a_list_of_delegates_counts_before_the_most_that_are_asked(app: Flask) -> None:
    meeting = make.meeting()
    before = plan_of(meeting)
    first = make.sites_of(meeting)[0]
    for position, title in enumerate(("Phó Chủ tịch UBND tỉnh", "Chánh Văn phòng"), 1):
        db.session.add(
            Delegate(meeting_site_id=first.id, position=position, name="Lê An", title=title, organisation="UBND tỉnh")
        )
    db.session.flush()
    plan = plan_of(meeting)
    assert before is not None and plan is not None
    assert (plan.by_roster, plan.by_limit) == (1, 1)
    assert plan.people == before.people - 25 + 2


def test_a_meeting_without_an_hour_is_counted_as_if_it_began_today(app: Flask) -> None:
    meeting = make.meeting()
    set_hour = plan_of(meeting)
    meeting.starts_at = meeting.ends_at = None
    db.session.flush()
    plan = plan_of(meeting)
    assert set_hour is not None and plan is not None
    assert set_hour.hour_known and not plan.hour_known
    assert plan.found.saving == set_hour.found.saving  # 08:00 and as long, by the norms of the same month


def test_neighbours_cost_less_in_one_place(app: Flask) -> None:
    plan = plan_of(make.meeting(sites=[make.site(make.NGHE_AN)], host_site=make.site(make.NGHE_AN)))
    assert plan is not None
    assert plan.cheaper == "in_person"
    assert 0 < plan.difference.low <= plan.difference.mid <= plan.difference.high


def test_a_thousand_sites_take_as_many_questions_as_two(app: Flask) -> None:
    few, more = (
        make.meeting(),
        make.meeting(sites=[make.site(c) for c in (make.NGHE_AN, make.HA_TINH, make.HO_CHI_MINH)]),
    )
    asked: list[str] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    numbers = []
    for meeting in (few, more):
        db.session.expire_all()
        asked.clear()
        plan_of(meeting)
        numbers.append(len(asked))
    assert numbers[0] == numbers[1] <= 8, asked


def test_another_site_of_the_hosts_own_unit_has_no_journey_however_far_its_room(app: Flask) -> None:
    host, far = make.site(make.NGHE_AN), make.site(make.HO_CHI_MINH)
    before = plan_of(make.meeting(sites=[far], host_site=host))
    far.unit_id = host.unit_id  # the unit's office in the south
    db.session.flush()
    after = plan_of(make.meeting(sites=[far], host_site=host))
    assert before is not None and after is not None
    assert before.found.sums["travel"].mid > 0
    assert after.found.sums["travel"] == Triple()
