"""The tab of one meeting: what is left out with the page that supplies it, sites found by province and way, what is switched off
and what switches it on, a tried value that becomes a change, and the versions beside each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from flask import Flask

from meetings.accounts.models import User
from meetings.database import db
from meetings.savings import line_queries, norming, queries
from meetings.savings.rules import MAY_MISS
from meetings.scheduling.models import Meeting
from tests import make
from tests.savings.conftest import held
from tests.savings.test_views import estimated


def rows(page: Any) -> list[str]:
    return [row.get_text(" ") for row in page.soup.select("section[aria-labelledby=lines] tbody tr")]


def links(page: Any, part: str) -> list[str]:
    return [a["href"] for a in page.soup.select(f"section[aria-labelledby={part}] a.btn")]


def test_a_site_that_is_left_out_offers_the_page_that_supplies_what_is_missing(
    browser: Any, meeting: Meeting, finance: User, secretary: User, administrator: User
) -> None:
    site = next(row.site for row in make.sites_of(meeting) if row.unit.code == make.NGHE_AN)
    site.latitude = site.longitude = None
    site.unit.latitude = site.unit.longitude = None
    estimated(meeting, finance)
    address = f"/meetings/{meeting.code}/savings?only=left_out"
    of_secretary = links(browser(secretary).get(address), "lines")
    assert any("/live?site=" in href and href.endswith("#one") for href in of_secretary), of_secretary
    assert any(f"/sites/{site.code}/edit" in href for href in links(browser(administrator).get(address), "lines"))
    assert not any("/savings/distances" in href for href in of_secretary), "distances are finance's"
    page = browser(finance).get(address)
    assert len(rows(page)) == 2
    (distance,) = (href for href in links(page, "lines") if "/savings/distances" in href)
    typed = browser(finance).get(distance)
    assert site.code in typed.soup.find(id="rows").get_text(), "both sites are typed already"
    assert "Thư ký cuộc họp bổ sung số người dự" in page.words
    left = next(line for line in queries.all_lines(queries.latest(meeting)) if line.left_out == "no_place")  # type: ignore[arg-type]
    alone = browser(finance).get(f"/meetings/{meeting.code}/savings/sites/{left.id}")
    assert any("/savings/distances" in href for href in links(alone, "why"))


def test_sites_are_found_by_province_and_by_how_they_would_have_travelled(
    browser: Any, meeting: Meeting, finance: User
) -> None:
    made = estimated(meeting, finance)
    found = line_queries.kinds(made)
    assert (found.all, found.of["counted"], found.of["left_out"], found.left_out) == (3, 2, 1, {"no_count": 1})
    client, address = browser(finance), f"/meetings/{meeting.code}/savings"
    assert len(rows(client.get(f"{address}?only=counted"))) == 2
    assert [("Hồ Chí Minh" in row) for row in rows(client.get(f"{address}?only=air"))] == [True]
    here = client.get(f"{address}?province={make.NGHE_AN}")
    assert len(rows(here)) == 1
    assert "Nghệ An" in rows(here)[0]
    assert rows(client.get(f"{address}?province=nowhere")) == []


def test_a_branch_without_its_norm_is_said_to_be_off_and_what_switches_it_on(
    browser: Any, meeting: Meeting, finance: User, leader: User
) -> None:
    made = estimated(meeting, finance)
    assert "meals_city" in made.off
    page = browser(leader).get(f"/meetings/{meeting.code}/savings")
    assert "Tiền ăn: tạm không tính cho 2 điểm cầu vì chưa biết giá trị định mức." in page.words
    assert "Phần này được tính khi tài chính nhập giá trị" in page.words
    assert not page.soup.select("#missing ~ .warn-line a[href*='/savings/norms/']"), "only finance enters values"
    page = browser(finance).get(f"/meetings/{meeting.code}/savings")
    assert page.soup.select("section[aria-labelledby=missing] a[href$='/savings/norms/meals_city']")
    for key in made.off:
        assert key in MAY_MISS
        value = queries.values_on(queries.value_of(queries.norms(key)[0]).valid_from).national[key]
        known = {"low": 5_000_000, "mid": 5_000_000, "high": 5_000_000}
        norming.set_norm(replace(value, **known), actor=make.actor(finance))
    make.done()
    page = browser(finance).get(f"/meetings/{meeting.code}/savings")
    assert "nay đã có giá trị" in page.words
    assert page.soup.select("section[aria-labelledby=missing] a[href$='/savings/venue#anew']")


def test_a_tried_value_is_carried_into_the_change_and_told_among_the_versions(
    browser: Any, meeting: Meeting, finance: User
) -> None:
    before = estimated(meeting, finance).mid
    client = browser(finance)
    address = f"/meetings/{meeting.code}/savings?key=delegation&low=2&mid=4&high=6"
    page = client.get(address)
    assert [page.soup.find(id=name)["value"] for name in ("low", "mid", "high")] == ["2", "4", "6"]
    page = client.submit(address, {"reason": "Đoàn tối đa 06 người"}, form="savings/adjust")
    newest = queries.latest(meeting)
    assert newest is not None
    assert newest.mid > before
    told = page.soup.select("section[aria-labelledby=versions] tbody tr")
    assert len(told) == 2
    said = " ".join(told[0].get_text(" ").split())
    assert "từ 1 – 3 – 5 người/đoàn thành 2 – 4 – 6 người/đoàn." in said
    assert "Lý do: Đoàn tối đa 06 người" in said
    assert f"+{newest.mid - before:,}".replace(",", ".") in said
    back = page.soup.select("section[aria-labelledby=assumed] a[href*='low=1&mid=3&high=5']")
    assert back, "one press leads back to the norm"


def test_an_assumption_with_one_value_is_typed_once(browser: Any, meeting: Meeting, finance: User) -> None:
    estimated(meeting, finance)
    client, address = browser(finance), f"/meetings/{meeting.code}/savings?key=air_from_km"
    page = client.get(address)
    assert page.soup.find(id="mid") and not page.soup.find(id="low")
    page = client.submit(address, {"mid": "x", "reason": "Quy chế"}, form="savings/adjust")
    assert page.status_code == 422
    assert len(page.soup.select(".summary-box li")) == 1
    forms = [form["action"].split("#")[0] for form in page.soup.select("main form[method=get]")]
    assert set(forms) == {f"/meetings/{meeting.code}/savings"}, (
        "the refused form stands at an address that no GET answers"
    )
    page = client.submit(address, {"mid": "200", "reason": "Quy chế"}, form="savings/adjust")
    newest = queries.latest(meeting)
    assert newest is not None
    assert newest.changes == {"air_from_km": [200, 200, 200]}


def test_time_and_carbon_stand_apart_and_are_never_in_the_sum(browser: Any, meeting: Meeting, finance: User) -> None:
    made = estimated(meeting, finance)
    page = browser(finance).get(f"/meetings/{meeting.code}/savings")
    assert made.mid == sum(three[1] for three in made.sums.values())
    (apart,) = page.soup.select("section[aria-labelledby=beside]")
    assert f"{made.co2[1] // 10**6:,}".replace(",", ".") + " kg" in apart.get_text()
    assert f"{made.time_mid:,}".replace(",", ".") in apart.get_text()
    assert "CO₂" not in page.soup.select_one("section[aria-labelledby=fall]").get_text()


def test_an_estimate_of_the_first_formula_still_shows_its_amounts(
    browser: Any, app: Flask, meeting: Meeting, finance: User
) -> None:
    made = estimated(meeting, finance)
    old = queries.latest(meeting)
    assert old is not None
    old.formula, old.norms, old.occasion, old.time, old.co2, old.off = (
        1,
        {"national": {}, "provinces": {}},
        {},
        {},
        [],
        {},
    )
    old.sums = {"travel": [1, 2, 3], "online": [-3, -2, -1]}
    for line in queries.all_lines(old):
        line.mode, line.trip = "air" if line.mode == "air" else "car", {}
        kept = ("a", "b", "c", "km", "nights", "days", "travel", "per_diem", "lodging", "papers", "total")
        line.steps = {key: line.steps[key] for key in kept if key in line.steps}
    make.done()
    page = browser(finance).get(f"/meetings/{meeting.code}/savings")
    assert page.status_code == 200
    assert "công thức trước (công thức 1)" in page.words
    counted = next(line for line in queries.all_lines(made) if not line.left_out)
    page = browser(finance).get(f"/meetings/{meeting.code}/savings/sites/{counted.id}")
    assert page.status_code == 200
    assert "công thức trước" in page.words
    assert db.session.get(type(made), made.id)


def test_a_page_of_many_sites_asks_no_more_than_one_of_few(browser: Any, app: Flask, finance: User) -> None:
    asked: list[str] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    numbers = []
    for counts in ({make.NGHE_AN: 5}, {make.NGHE_AN: None, make.HO_CHI_MINH: None, make.HA_TINH: 9}):
        meeting = held(dict(counts))
        estimated(meeting, finance)
        client = browser(finance)
        client.get(f"/meetings/{meeting.code}/savings")
        asked.clear()
        client.get(f"/meetings/{meeting.code}/savings")
        numbers.append(len(asked))
    assert numbers[1] <= numbers[0] + 1, "one more for what the sites that are left out wait for, however many"
