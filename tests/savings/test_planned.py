"""The list of sites of a meeting that is only planned, and the page that shows it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from meetings.accounts.models import User
from meetings.accounts.rules import Role
from meetings.savings.estimate import NO_COUNT, NO_PLACE, Line
from meetings.savings.planned import kinds, listed
from meetings.savings.trips import Mode, Steps, Trip, Triple
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from tests import make
from tests.overview.conftest import everything
from tests.savings.conftest import held


def line(name: str, mode: Mode = Mode.CAR, mid: int = 0, left_out: str = "") -> Line:
    return Line(Trip(1, name, 3, 100), mode, Steps(travel=Triple(0, mid, mid)), left_out)


LINES = (
    line("Hà Tĩnh", Mode.CAR, 5),
    line("Hồ Chí Minh", Mode.AIR, 9),
    line("Phường Hòa Bình", left_out=NO_PLACE),
    line("Xã Hòa Xá", Mode.COACH, 7),
    line("Phường Hà Đông", Mode.NONE, 1),
    line("Xã Đông Hà", left_out=NO_COUNT),
)


def named(lines: list[Line]) -> list[str]:
    return [line.trip.name for line in lines]


def test_what_wants_something_stands_first_then_the_dearest() -> None:
    assert named(listed(LINES)) == [
        "Phường Hòa Bình", "Xã Đông Hà", "Hồ Chí Minh", "Xã Hòa Xá", "Hà Tĩnh", "Phường Hà Đông",
    ]  # fmt: skip


def test_a_name_is_found_without_diacritics_and_a_kind_by_its_chip() -> None:
    assert named(listed(LINES, "hoa")) == ["Phường Hòa Bình", "Xã Hòa Xá"]
    assert named(listed(LINES, "hoa xa")) == ["Xã Hòa Xá"]
    assert named(listed(LINES, only="air")) == ["Hồ Chí Minh"]
    assert named(listed(LINES, only="left_out")) == ["Phường Hòa Bình", "Xã Đông Hà"]
    assert len(listed(LINES, only="nonsense")) == len(LINES)


def test_every_site_is_of_one_kind() -> None:
    assert dict(kinds(LINES)) == {"air": 1, "coach": 1, "car": 1, "none": 1, "left_out": 2}
    assert dict(kinds(())) == {}


@pytest.fixture
def planned(app: Flask) -> Meeting:
    """Three sites, one without coordinates."""
    sites = [make.site(make.NGHE_AN), make.site(make.HA_TINH, latitude=None), make.site(make.HO_CHI_MINH)]
    return make.meeting(sites=sites, max_delegates=20)


def test_who_chairs_sees_both_forms_and_every_site_before_the_meeting(
    browser: Any, planned: Meeting, leader: User
) -> None:
    make.done()
    client = browser(leader)
    page = client.get(f"/meetings/{planned.code}/savings/plan")
    assert page.status_code == 200
    assert "Họp tập trung so với trực tuyến (ước tính)" in page.words
    rows = [row.get_text(" ", strip=True) for row in page.soup.select("section[aria-labelledby=lines] tbody tr")]
    assert len(rows) == 3
    assert rows[0].startswith("Hà Tĩnh") and "chưa biết tọa độ hoặc cự ly" in rows[0]
    assert rows[1].startswith("Hồ Chí Minh") and "máy bay" in rows[1]
    assert "xe công" in rows[2]
    only = client.get(f"/meetings/{planned.code}/savings/plan?only=left_out&q=ha%20tinh&page=99")
    assert len(only.soup.select("section[aria-labelledby=lines] tbody tr")) == 1
    tab = page.soup.find("a", href=f"/meetings/{planned.code}/savings/plan", attrs={"aria-current": "page"})
    assert tab is not None and tab.get_text(strip=True) == "Hình thức họp"


def test_the_page_writes_nothing_and_is_for_those_who_may_see_savings(browser: Any, planned: Meeting) -> None:
    technician, other = make.user(Role.TECHNICIAN), make.user(Role.LEADER, make.HA_TINH)
    make.done()
    for who in (technician, other):
        assert browser(who).get(f"/meetings/{planned.code}/savings/plan").status_code in (403, 404)
    client = browser(make.user(Role.FINANCE))
    assert client.get(f"/meetings/{planned.code}/savings/plan").status_code == 200
    before = everything()
    client.get(f"/meetings/{planned.code}/savings/plan?only=air&page=2")
    assert everything() == before


def test_before_a_site_is_chosen_the_page_says_so_and_a_held_meeting_leads_to_its_estimate(
    browser: Any, app: Flask, leader: User
) -> None:
    empty = make.meeting(sites=[])
    over = held({make.NGHE_AN: 20})
    make.done()
    client = browser(leader)
    assert "Chưa có điểm cầu" in client.get(f"/meetings/{empty.code}/savings/plan").words
    answer = client.get(f"/meetings/{over.code}/savings/plan")
    assert answer.status_code == 303
    assert answer.location == f"/meetings/{over.code}/savings"


def test_the_tab_stands_until_the_meeting_begins(browser: Any, app: Flask, leader: User) -> None:
    shown = {}
    for status in (Status.DRAFT, Status.SCHEDULED, Status.CANCELLED):
        meeting = make.meeting(status=status)
        make.done()
        shown[status] = "Hình thức họp" in browser(leader).get(f"/meetings/{meeting.code}").words
    assert shown == {Status.DRAFT: True, Status.SCHEDULED: True, Status.CANCELLED: False}
