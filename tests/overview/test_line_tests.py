"""The list of those who test lines: the worst first, numbers only for who may ring, a result in one row; and its ladder."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from meetings import journal
from meetings.accounts.models import User
from meetings.accounts.rules import Actor, Role
from meetings.clock import now
from meetings.database import db
from meetings.directory.models import Duty
from meetings.overview import line_test_list
from meetings.overview.history import told
from meetings.overview.line_test_list import Ask
from meetings.readiness import ladders, services, slotting
from meetings.readiness import queries as readiness
from meetings.readiness.ladder import Ladder
from meetings.readiness.rules import Item, Outcome, Round, Verdict
from meetings.readiness.sharing import Grid
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import MeetingType, Status
from tests import make
from tests.conftest import Clock

ALL_PASSED = dict.fromkeys(Item, Verdict.PASS)
WHO = Actor("user:9", "Bà Hoa")
SITE = Actor.link(1, "Nghệ An")


@pytest.fixture
def meeting(app: Flask) -> Meeting:
    """A meeting of six sites in three provinces."""
    codes = (make.NGHE_AN, make.HA_TINH, make.HO_CHI_MINH, make.KIM_LIEN, make.VINH_HUNG, make.SAI_GON)
    return make.meeting(
        status=Status.SCHEDULED, sites=[make.site(code) for code in codes], rehearsal_at=make.at("2026-12-09 14:00")
    )


def by_code(meeting: Meeting) -> dict[str, MeetingSite]:
    return {row.unit.code: row for row in make.sites_of(meeting)}


def page_of(meeting: Meeting) -> str:
    return f"/meetings/{meeting.code}/line-tests"


def names(page: Any) -> list[str]:
    return [th.find(string=True, recursive=True).strip() for th in page.soup.select(".tests tbody th")]


def test_the_worst_stands_first_and_the_counts_are_filters(meeting: Meeting, browser: Any, clock: Clock) -> None:
    sites = by_code(meeting)
    clock.at("2026-12-10 07:20")
    services.save_line_test(sites[make.NGHE_AN], ALL_PASSED, {}, actor=SITE)
    services.save_line_test(sites[make.SAI_GON], {Item.LINE: Verdict.FAULT}, {Item.LINE: "Rớt mạng"}, actor=SITE)
    clock.at("2026-12-10 07:31")
    client = browser(make.user(Role.TECHNICIAN))
    page = client.get(page_of(meeting))
    assert names(page)[0] == "Phường Sài Gòn" and names(page)[-1] == "Nghệ An"
    assert [b.get_text() for b in page.soup.select(".kpi .n")] == ["1", "4", "1/6", "6"]
    assert len(page.soup.select(".lamp.amber")) == 4
    assert "Rớt mạng" in page.words and "07 giờ 20, Nghệ An" in page.words
    assert names(client.get(page_of(meeting) + "?show=passed")) == ["Nghệ An"]
    assert set(names(client.get(page_of(meeting) + "?province=79"))) == {"Hồ Chí Minh", "Phường Sài Gòn"}
    assert names(client.get(page_of(meeting) + "?round=rehearsal&show=passed")) == []
    clock.at("2026-12-10 07:45")
    assert len(client.get(page_of(meeting)).soup.select(".lamp.red")) == 5
    paper = client.get(page_of(meeting) + "/print")
    assert len(paper.soup.select("tbody tr")) == 6 and "0912 000 345" in paper.words


def test_a_provinces_technician_sees_her_own_sites_with_numbers_and_others_see_none(
    meeting: Meeting, browser: Any, clock: Clock
) -> None:
    make.contact(make.site(make.KIM_LIEN), Duty.TECHNICIAN, name="Lê Văn Kỹ", phone="0953 000 111")
    hers = make.user(Role.TECHNICIAN, make.NGHE_AN)
    clock.at("2026-12-10 07:50")
    page = browser(hers).get(page_of(meeting))
    assert set(names(page)) == {"Nghệ An", "Xã Kim Liên", "Phường Vinh Hưng"}
    assert "0953 000 111" in page.words and len(page.soup.select(".tests a[href^='tel:']")) == 4
    assert not page.soup.select(f"a[href$='{page_of(meeting)}/slots']")
    assert browser(hers).get(page_of(meeting) + "/slots").status_code == 403
    officer = browser(make.user(Role.SITE_OFFICER, make.NGHE_AN)).get(page_of(meeting))
    assert not officer.soup.select("a[href^='tel:']") and "Gọi cho" not in officer.words
    assert browser(make.user(Role.LEADER)).get(page_of(meeting)).status_code == 403
    foreign = by_code(meeting)[make.HA_TINH]
    refused = browser(hers).post(f"{page_of(meeting)}/{foreign.id}", data={"whole": "pass"})
    assert refused.status_code == 403 and not readiness.line_tests(foreign)


def test_a_result_by_telephone_is_recorded_in_its_row_and_the_list_stays(
    meeting: Meeting, browser: Any, clock: Clock
) -> None:
    site = by_code(meeting)[make.NGHE_AN]
    clock.at("2026-12-10 07:10")
    services.save_line_test(site, {Item.LINE: Verdict.FAULT}, {Item.LINE: "Rớt mạng"}, actor=SITE)
    technician = make.user(Role.TECHNICIAN)
    client = browser(technician)
    clock.at("2026-12-10 07:15")
    where = page_of(meeting) + "?show=failed"
    opened = client.get(f"{where}&site={site.id}")
    assert opened.soup.select("#line-1[checked]") and "07 giờ 10, Nghệ An" in opened.words
    back = client.submit(f"{where}&site={site.id}", {"line": "pass", "microphone": "fault"}, form=f"site={site.id}")
    assert back.status_code == 422 and back.soup.select("#note_microphone[aria-invalid]")  # a fault wants a word
    back = client.submit(
        f"{where}&site={site.id}",
        {"line": "pass", "microphone": "fault", "note_microphone": "Hú"},
        form=f"site={site.id}",
    )
    assert back.request.full_path.startswith(where)
    db.session.expire_all()
    test = readiness.line_tests(site)[Round.ON_DAY]
    assert (test.outcome, test.source, test.by) == (Outcome.FAILED, "telephone", technician.name)
    assert test.stamps["line"]["source"] == test.stamps["microphone"]["source"] == "telephone"
    clock.at("2026-12-10 07:18")
    client.submit(where, {"whole": "pass"}, form="Đạt cả 6")
    db.session.expire_all()
    assert readiness.line_tests(site)[Round.ON_DAY].outcome is Outcome.PASSED
    told = client.get(f"{page_of(meeting)}?site={site.id}").soup.select(".told li")
    assert len(told) == 3 and "Rớt mạng" in told[1].get_text() and "Hú" in told[0].get_text()


def test_slots_are_shared_out_by_a_form_and_read_and_moved_by_the_site(
    meeting: Meeting, browser: Any, clock: Clock
) -> None:
    client = browser(make.user(Role.TECHNICIAN))
    where = page_of(meeting) + "/slots"
    form = client.get(where).soup
    assert [form.select_one(f"#{name}")["value"] for name in ("day", "begins", "ends", "minutes", "lanes")] == [
        "09/12/2026", "14:00", "17:00", "10", "1",
    ]  # fmt: skip
    assert "Vũ Kỹ Thuật" in form.select_one("#technicians").get_text()
    refused = client.submit(where, {"minutes": "60"}, form="Xếp ca")
    assert refused.status_code == 422 and "không xếp vừa" in refused.words
    page = client.submit(where, {"minutes": "20"}, form="Xếp ca")
    assert "14 giờ 00, 09/12" in page.words
    site = by_code(meeting)[make.HO_CHI_MINH]  # second: Nghệ An has most sites
    link = make.private(site)
    page = client.get(f"{link}/line-test")
    assert "Ca 14 giờ 20, ngày 09/12/2026. Kỹ thuật viên: Ông Vũ Kỹ Thuật." in page.words
    free = [option["value"] for option in page.soup.select("#starts_at option")]
    page = client.submit(f"{link}/line-test", {"starts_at": free[-1]}, form="/slot")
    assert "Ca 16 giờ 40" in page.words
    taken = client.submit(f"{link}/line-test", {"starts_at": make.at("2026-12-09 14:00").isoformat()}, form="/slot")
    assert taken.status_code in (409, 422)
    assert "chọn ca kiểm tra lúc 16 giờ 40" in _history(meeting)


def _history(meeting: Meeting) -> str:
    return " ".join(told(entry) for entry in journal.queries.of(meeting.code))


def test_the_sites_page_turns_amber_and_red_by_the_same_ladder(meeting: Meeting, browser: Any, clock: Clock) -> None:
    site = by_code(meeting)[make.NGHE_AN]
    link = make.private(site)
    client = browser()

    def step() -> Any:
        return client.get(link).soup.select("ol.tasks li")[2]

    clock.at("2026-12-09 17:30")
    assert step().select(".due")
    services.save_line_test(site, ALL_PASSED, {}, actor=SITE)
    assert "Đạt" in step().get_text()
    clock.at("2026-12-10 07:05")
    assert "chạy thử đạt" in step().get_text() and not step().select(".ok")  # the day begins anew
    clock.at("2026-12-10 07:31")
    assert step().select(".due")
    clock.at("2026-12-10 07:46")
    assert step().select(".bad")
    ladders.lay_down(
        None,
        {Round.ON_DAY: Ladder(60, 55, 4), Round.REHEARSAL: Ladder(180, 180, 60)},
        now().date(),
        actor=WHO,
    )
    assert not step().select(".bad, .due")  # amber from five minutes before only


def test_a_technicians_home_names_the_tests_of_the_next_48_hours(meeting: Meeting, clock: Clock, browser: Any) -> None:
    technician, secretary = browser(make.user(Role.TECHNICIAN)), browser(make.user(Role.SECRETARY))

    def rows(client: Any) -> list[str]:
        links = client.get("/").soup.select(f"a[href='{page_of(meeting)}']")
        return [" ".join(link.parent.get_text(" ").split()) for link in links]

    assert rows(technician) == []
    clock.at("2026-12-08 09:00")
    (row,) = rows(browser(make.user(Role.TECHNICIAN)))
    assert "14 giờ 00" in row
    clock.at("2026-12-10 07:46")
    client = browser(make.user(Role.TECHNICIAN))
    (row,) = rows(client)
    assert "6 điểm cầu lỗi hoặc quá hạn" in row and client.get("/").soup.select(".work li.w0")
    assert rows(secretary) == []


def test_an_administrator_lays_down_a_ladder_by_type_and_gives_it_back(browser: Any, clock: Clock) -> None:
    client = browser(make.user(Role.ADMINISTRATOR, make.NATION))
    where = f"/settings/line-tests/{MeetingType.REVIEW.value}"
    refused = client.submit(where, {"period_on_day": "50", "grace_on_day": "11"}, form="Lưu")
    assert refused.status_code == 422 and refused.soup.select("#grace_on_day[aria-invalid]")
    page = client.submit(where, {"opens_on_day": "90", "valid_from": "10/12/2026"}, form="Lưu")
    assert "mở 90, chờ 30, gia hạn 15" in page.words
    db.session.expire_all()
    held = make.meeting(status=Status.SCHEDULED)
    due = ladders.due(held)
    assert due is not None and due.day.opens_at == make.at("2026-12-10 06:30")
    earlier = ladders.due(make.meeting(status=Status.SCHEDULED, starts="2026-12-09 08:00"))
    assert earlier is not None and earlier.day.opens_at == make.at("2026-12-09 07:00")
    client.submit(where, {}, form="/default")
    db.session.expire_all()
    due = ladders.due(held)
    assert due is not None and due.day.opens_at == make.at("2026-12-10 07:00")
    elsewhere: User = make.user(Role.ADMINISTRATOR, make.NGHE_AN)
    assert browser(elsewhere).post(where, data={"valid_from": "10/12/2026"}).status_code == 403


@pytest.mark.only("sqlite")
def test_120_sites_stand_on_three_pages_and_cost_no_more_statements_than_six(meeting: Meeting, clock: Clock) -> None:
    nghe_an = make.units()[make.NGHE_AN]
    many = [make.site(make.unit(f"9{n:03d}", f"Xã Số {n}", parent=nghe_an)) for n in range(114)]
    big = make.meeting(
        status=Status.SCHEDULED,
        sites=[*(row.site for row in make.sites_of(meeting)), *many],
        rehearsal_at=make.at("2026-12-09 14:00"),
    )
    slotting.share_out(big, Grid(make.at("2026-12-09 14:00"), make.at("2026-12-09 17:00"), 5, 4), ["A"], actor=WHO)
    who = make.actor(make.user(Role.TECHNICIAN))
    costs = []
    for one in (meeting, big):
        db.session.expire_all()
        asked: list[str] = []

        def listen(*said: Any, to: list[str] = asked) -> None:
            to.append(said[2])

        event.listen(db.engine, "before_cursor_execute", listen)
        screen = line_test_list.screen(who, one, Ask(page=3), at=now())
        event.remove(db.engine, "before_cursor_execute", listen)
        costs.append(len(asked))
    assert (screen.lines.number, screen.lines.pages, len(screen.lines.rows), screen.counts[""]) == (3, 3, 20, 120)
    assert costs[1] <= costs[0] + 2
    assert [(p.name, p.sites) for p in screen.provinces][0] == ("Nghệ An", 117)
