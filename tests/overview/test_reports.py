"""Reports: every number stands for the names behind it, and every name for an entry of the journal."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from docx import Document
from flask import Flask
from openpyxl import load_workbook

from meetings import worker
from meetings.accounts.models import User
from meetings.accounts.rules import Role
from meetings.attendance import services as attendance
from meetings.attendance.rules import MarkSource, Move
from meetings.database import db
from meetings.i18n import in_locale
from meetings.invitations import answering
from meetings.invitations.answering import Answer
from meetings.invitations.models import Reply, Source
from meetings.journal.models import Entry
from meetings.official.verified import Verified
from meetings.overview import (
    reports_chart,
    reports_count,
    reports_doubt,
    reports_names,
    reports_paper,
    reports_schedule,
    reports_sheet,
)
from meetings.overview.models import ReportSchedule
from meetings.overview.reports_figures import By, Figure, Scope
from meetings.overview.reports_period import Period, Rhythm, asked, holding
from meetings.post.models import Letter
from meetings.savings.models import SavingsEstimate, SavingsLine
from meetings.savings.rules import KEY_WORDS, NormValue
from meetings.savings.values import Values, frozen
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from tests import make
from tests.minutes.conftest import close_roll

AUTUMN = Period(2026, 4)


# ------------------------------------------------------------------ periods: no database


def test_a_quarter_begins_at_midnight_in_hanoi_and_ends_as_the_next_one_begins() -> None:
    assert (AUTUMN.first, AUTUMN.last) == (date(2026, 10, 1), date(2026, 12, 31))
    assert AUTUMN.begins_at == make.at("2026-10-01 00:00")
    assert AUTUMN.ends_at == Period(2027, 1).begins_at == make.at("2027-01-01 00:00")


@pytest.mark.parametrize(
    ("period", "parts", "before"),
    [
        (Period(2026), [Period(2026, n) for n in (1, 2, 3, 4)], Period(2025)),
        (Period(2026, 1), [Period(2026, 0, n) for n in (1, 2, 3)], Period(2025, 4)),
        (Period(2026, 0, 1), [Period(2026, 0, 1)], Period(2025, 0, 12)),
    ],
)
def test_a_period_is_made_of_its_parts_without_a_gap(period: Period, parts: list[Period], before: Period) -> None:
    assert list(period.parts) == parts
    assert (parts[0].first, parts[-1].last) == (period.first, period.last)
    assert period.before == before
    assert before.ends_at == period.begins_at


def test_an_address_that_names_no_period_means_this_quarter() -> None:
    today = date(2026, 12, 1)
    assert asked(None, 2, None, today) == asked(99999, None, None, today) == AUTUMN
    assert asked(2025, 9, 13, today) == Period(2025)
    assert holding(today, Rhythm.MONTH) == Period(2026, 0, 12)


# ------------------------------------------------------------------ figures


@pytest.fixture
def held(app: Flask, secretary: User) -> Meeting:
    """10 December 2026: Nghệ An came with twelve, Hà Tĩnh is absent, eighteen sat at the main site."""
    meeting = make.meeting(status=Status.CLOSED, secretary=secretary)
    close_roll(meeting)
    return meeting


def scope(who: User, **more: Any) -> Scope:
    return Scope(make.actor(who), AUTUMN, **more)


def estimate(meeting: Meeting, version: int, amounts: tuple[int, int, int], delegations: tuple[int, ...] = ()) -> None:
    """An estimate as it is stored: *delegations* is what the delegation of each site would have cost in the middle."""
    low, mid, high = amounts
    made = SavingsEstimate(
        meeting_id=meeting.id, version=version, changes={}, sums={}, low=low, mid=mid, high=high, time_low=0, time_mid=0,
        time_high=0, sites=2, counted=1, people=12, travelling=3, half_days=1, made_at=make.at("2026-12-10 12:00"),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    for site, cost in zip(make.sites_of(meeting), delegations, strict=False):
        db.session.add(
            SavingsLine(
                estimate_id=made.id, meeting_site_id=site.id, name=site.name, people=12, mid=cost,
                steps={"travel": [cost, cost, cost], "tea": [0, 0, 0]},
            )
        )  # fmt: skip
    db.session.flush()


def test_the_figures_of_a_meeting_stand_on_the_lines_of_its_provinces(held: Meeting, finance: User) -> None:
    found = reports_count.report(scope(finance), By.PART)
    lines = {line.name: line for line in found.lines}
    assert set(lines) == {"Nghệ An", "Hà Tĩnh", "Bộ Điều phối số"}
    assert (lines["Nghệ An"][Figure.PEOPLE], lines["Bộ Điều phối số"][Figure.PEOPLE]) == (12, 18)
    assert (lines["Hà Tĩnh"][Figure.ABSENT], lines["Nghệ An"][Figure.ABSENT]) == (1, 0)
    assert (found.total[Figure.MEETINGS], found.total[Figure.INVITED], found.total[Figure.PEOPLE]) == (1, 2, 30)


@pytest.mark.parametrize("by", By)
def test_every_line_opens_to_names_that_add_up_to_its_number(held: Meeting, finance: User, by: By) -> None:
    held.urgent = True
    estimate(held, 1, (9, 9, 9))
    estimate(held, 2, (1_000_000, 5_000_000, 9_000_000), (2_000_000, 0))
    found = reports_count.report(scope(finance), by)
    for line in (*found.lines, found.total):
        narrow = found.scope if line is found.total else found.narrowed(line)
        for figure in Figure:
            names = reports_names.page(narrow, figure, 1)
            assert reports_names.added(narrow, figure) == line[figure], f"{line.name}: {figure}"
            assert reports_names.stands_for(narrow, figure, names.total) == line[figure], f"{line.name}: {figure}"


def test_the_parts_of_an_estimate_add_up_to_it_and_the_rest_is_the_hosts(held: Meeting, finance: User) -> None:
    estimate(held, 1, (-1_000_000, 1_500_000, 9_000_000), (2_000_000, 500_000))
    found = reports_count.report(scope(finance), By.PART)
    amounts = {line.name: (line.low, line.mid, line.high) for line in found.lines}
    assert amounts["Nghệ An"] == (2_000_000,) * 3, "what its delegation would have cost"
    assert amounts["Bộ Điều phối số"] == (-3_500_000, -1_000_000, 6_500_000), "the hall less the cost of meeting online"
    assert found.total.mid == 1_500_000 == sum(line.mid for line in found.lines)


def test_a_meeting_that_was_not_held_counts_nothing_and_is_said_to(held: Meeting, browser: Any, finance: User) -> None:
    make.meeting(status=Status.CANCELLED, starts="2026-12-11 08:00")
    page = browser(finance).get("/reports?year=2026&quarter=4")
    assert reports_count.report(scope(finance), By.TYPE).total[Figure.MEETINGS] == 1
    assert "Không tính vì chưa họp hoặc không họp: Đã hủy 1" in page.words


def test_a_report_counts_what_the_readers_units_organise_and_nothing_else(held: Meeting, stranger: User) -> None:
    assert reports_count.report(scope(stranger), By.PART).total[Figure.MEETINGS] == 0


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.SITE_OFFICER, Role.RECORDS_CLERK])
def test_who_may_not_see_reports_is_told_so(held: Meeting, browser: Any, role: Role) -> None:
    client = browser(make.user(role), look=False)
    for path in ("/reports", "/reports.xlsx", "/reports/names?figure=absent", "/reports/schedule"):
        assert client.get(path).status_code == 403, path


# ------------------------------------------------------------------ from a number to the journal


def test_from_a_number_to_who_entered_it_when_and_by_which_door(
    app: Flask, clock: Any, browser: Any, secretary: User, leader: User
) -> None:
    meeting = make.meeting(status=Status.SCHEDULED, secretary=secretary)
    there, away = make.sites_of(meeting)
    clock.at("2026-12-05 10:30")
    answering.reply(
        make.invitation_of(there),
        Answer(Reply.ACCEPTED),
        source=Source.TELEPHONE,
        said_by="Ông Lộc",
        actor=make.actor(secretary),
    )
    clock.at("2026-12-10 08:01")
    attendance.mark(there, Move.IN, actor=make.actor(secretary), source=MarkSource.TELEPHONE, head_count=12)
    attendance.close_roll(meeting, {}, actor=make.actor(secretary))
    make.done()
    client = browser(leader)
    page = client.get("/reports?year=2026&quarter=4&by=part")
    number = next(link for link in page.soup.select("td a[href*='figure=on_time']") if "Nghệ An" in link.text)
    names = client.get(number["href"])
    assert names.soup.h1.text == "Xác nhận đúng hạn · 1"
    row = names.soup.select_one("tbody tr")
    assert (
        "Ông Lộc" in row.text
        and "10 giờ 30, 05/12/2026" in row.text
        and "theo điện thoại" in row.text.lower() + "theo điện thoại"
    )
    trace = client.get(row.th.a["href"])
    said = trace.soup.select("tbody tr")[-1].text
    assert "10:30:00 05/12/2026" in said
    assert "Nguyễn Thị Hoa, theo lời Ông Lộc" in said
    entry = db.session.scalars(sa.select(Entry).where(Entry.fact == "invitation.answered")).one()
    assert f"Số {entry.id}" in said and entry.digest[:12] in said
    absent = client.get(f"/reports/meetings/{meeting.code}/absent/{away.id}")
    assert "chốt điểm danh" in absent.soup.select("tbody tr")[-1].text, "closing the roll named it"


def test_the_name_of_a_main_site_says_who_counted_its_people_and_when(
    app: Flask, clock: Any, browser: Any, secretary: User, leader: User
) -> None:
    meeting = make.meeting(status=Status.SCHEDULED, secretary=secretary)
    clock.at("2026-12-10 08:15")
    attendance.count_host(meeting, 17, actor=make.actor(leader))
    clock.at("2026-12-10 08:40")
    attendance.count_host(meeting, 18, actor=make.actor(secretary))
    attendance.close_roll(meeting, {}, actor=make.actor(secretary))
    make.done()
    client = browser(leader)
    (row,) = client.get("/reports/names?year=2026&quarter=4&by=part&figure=people").soup.select("tbody tr")
    assert "18" in row.text and secretary.name in row.text and "08 giờ 40, 10/12/2026" in row.text
    trace = client.get(row.th.a["href"]).soup.select("tbody tr")
    assert [leader.name in trace[0].text, secretary.name in trace[-1].text] == [True, True], "and who counted before"


def test_a_thing_of_another_meeting_is_not_traced_here(held: Meeting, browser: Any, finance: User) -> None:
    other = make.sites_of(make.meeting(status=Status.CLOSED))[0]
    client = browser(finance)
    for figure in ("absent", "overrides", "savings", "tasks"):
        assert client.get(f"/reports/meetings/{held.code}/{figure}/{other.id}").status_code == 404
    assert client.get(f"/reports/meetings/{held.code}/nothing/1").status_code == 404


# ------------------------------------------------------------------ files


def test_the_workbook_says_what_the_page_says_and_names_everything(held: Meeting, finance: User) -> None:
    held.title = "=HYPERLINK(1)"
    estimate(held, 1, (1, 2, 3))
    found = reports_count.report(scope(finance), By.TYPE)
    book = load_workbook(io.BytesIO(reports_sheet.workbook(found)))
    rows = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    head = next(n for n, row in enumerate(rows) if row[1] == "Cuộc họp")
    assert rows[head + 2][1:4] == [1, 0, 2], "the total below the one line"
    assert rows[head + 2][-3:] == [1, 2, 3]
    assert {"Vắng", "Lượt đại biểu", "Cách tính"} <= {page.title for page in book.worksheets}
    cell = book["Cuộc họp"]["B2"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s"), "never a formula"


def test_a_plain_table_holds_no_formula_either(held: Meeting, finance: User) -> None:
    held.title = "=1+1"
    rows = list(csv.reader(io.StringIO(reports_sheet.names(scope(finance), Figure.MEETINGS).decode("utf-8-sig"))))
    assert rows[1][1] == "'=1+1"
    table = list(
        csv.reader(io.StringIO(reports_sheet.table(reports_count.report(scope(finance), By.PART)).decode("utf-8-sig")))
    )
    assert [row[0] for row in table[1:]] == ["Nghệ An", "Hà Tĩnh", "Bộ Điều phối số", "Tổng"]


def test_the_document_is_a_bao_cao_with_the_figures_and_the_charts(held: Meeting, finance: User) -> None:
    estimate(held, 1, (1_000_000, 2_000_000, 3_000_000))
    data = reports_paper.write(scope(finance), By.PART)
    document = Document(io.BytesIO(data))
    words = "\n".join(paragraph.text for paragraph in document.paragraphs).replace("\xa0", " ")
    assert "BÁO CÁO" in words and "Kết quả tổ chức họp trực tuyến quý IV năm 2026" in words
    assert "đã tổ chức 01 cuộc họp trực tuyến" in words and "Vắng: 01/02 (50,0%) lượt điểm cầu." in words
    assert "Ước tính tiết kiệm 2.000.000 đồng, trong khoảng từ 1.000.000 đồng đến 3.000.000 đồng" in words
    assert "BC-BĐPS" in document.tables[0].cell(1, 0).text
    drawn = [part for part in document.part.package.iter_parts() if part.content_type == "image/png"]
    assert len(drawn) == 2 and len(document.inline_shapes) == 2
    assert data == reports_paper.write(scope(finance), By.PART), "the same report gives the same bytes"


def test_a_chart_prints_its_numbers_and_keeps_its_range_inside_the_drawing(held: Meeting, finance: User) -> None:
    estimate(held, 1, (-5_000_000, 2_000_000, 8_000_000))
    sites, money = reports_chart.charts(reports_count.report(scope(finance), By.TYPE))
    assert sites.bars[0].said == "mời 2, xác nhận đúng hạn 0, vắng 1"
    assert money.bars[0].whisker == (0, 1000) and money.bars[0].pieces[0].width == 250
    assert money.bars[0].said == "2 triệu đồng (-5 triệu đồng – 8 triệu đồng)"


# ------------------------------------------------------------------ by e-mail


def planned(reader: User, rhythm: Rhythm = Rhythm.QUARTER) -> ReportSchedule:
    unit = make.units()[make.MINISTRY]
    return reports_schedule.plan(unit, reader, rhythm, By.PART, 3, actor=make.actor(reader))


def letters() -> list[tuple[str, list[str]]]:
    """Subject and files of each report that was handed in; no transaction is left open, which the worker would wait for."""
    db.session.rollback()
    query = sa.select(Letter.subject, Letter.enclosures).where(Letter.kind == "report").order_by(Letter.id)
    found = [(subject, [file["name"] for file in files]) for subject, files in db.session.execute(query)]
    db.session.rollback()
    return found


def test_the_report_of_a_quarter_leaves_once_on_its_working_day(
    app: Flask, clock: Any, held: Meeting, leader: User
) -> None:
    planned(leader)
    make.done()
    clock.at("2027-01-05 23:00")  # 1 January is a holiday, 2 and 3 a weekend: the third working day is the 6th
    worker.until_nothing_is_due(app)
    assert not letters()
    clock.at("2027-01-06 07:59")
    worker.until_nothing_is_due(app)
    assert not letters(), "not before offices open"
    clock.at("2027-01-06 08:00")
    worker.until_nothing_is_due(app)
    clock.at("2027-02-09 09:00")
    worker.until_nothing_is_due(app)
    name = "bao-cao-hop-truc-tuyen-2026-q4"
    assert letters() == [("Báo cáo họp trực tuyến: Quý IV năm 2026", [f"{name}.docx", f"{name}.xlsx"])]
    facts = db.session.scalars(sa.select(Entry.fact).where(Entry.fact.startswith("report."))).all()
    assert facts == ["report.scheduled", "report.sent"]


def test_who_lost_the_right_or_ended_it_is_sent_nothing(
    app: Flask, clock: Any, held: Meeting, leader: User, finance: User
) -> None:
    planned(leader)
    reports_schedule.end(planned(finance), actor=make.actor(finance))
    leader.active = False
    make.done()
    clock.at("2027-01-06 09:00")
    worker.until_nothing_is_due(app)
    assert not letters()


def test_a_report_is_set_and_ended_on_its_page(browser: Any, leader: User, finance: User) -> None:
    client = browser(leader)
    page = client.get("/reports/schedule")
    unit = page.soup.select_one("select[name=unit] option")["value"]
    sent = {"reader": finance.id, "unit": unit, "rhythm": "month", "by": "type", "working_day": "5"}
    assert client.post("/reports/schedule", data=sent).status_code == 303
    again = client.post("/reports/schedule", data=sent)
    assert again.status_code == 422 and "đã được gửi báo cáo này" in again.words
    assert client.post("/reports/schedule", data={**sent, "working_day": "99"}).status_code == 422
    row = db.session.scalars(sa.select(ReportSchedule)).one()
    assert (row.user_id, row.rhythm, row.working_day) == (finance.id, Rhythm.MONTH, 5)
    assert client.post(f"/reports/schedule/{row.id}/end").status_code == 303
    assert "thôi gửi" in client.get("/reports/schedule").words


def test_nobody_sends_the_reports_of_a_unit_to_who_may_not_see_them(browser: Any, leader: User, stranger: User) -> None:
    client = browser(leader)
    page = client.get("/reports/schedule")
    offered = [option["value"] for option in page.soup.select("select[name=reader] option")]
    assert str(stranger.id) not in offered
    unit = page.soup.select_one("select[name=unit] option")["value"]
    sent = {"reader": stranger.id, "unit": unit, "rhythm": "month", "by": "type", "working_day": "5"}
    assert client.post("/reports/schedule", data=sent).status_code == 422


def test_quarter_by_unit_by_type_is_one_table_whose_names_are_columns(held: Meeting, finance: User) -> None:
    crossed = reports_count.report(Scope(make.actor(finance), Period(2026)), By.CROSS)
    (line,) = crossed.lines
    assert len(line.names) == 3
    assert (line[Figure.MEETINGS], line[Figure.PEOPLE]) == (1, 30)
    narrow = crossed.narrowed(line)
    assert (narrow.period, narrow.organiser, narrow.type) == (AUTUMN, held.organiser_id, held.type)
    rows = list(csv.reader(io.StringIO(reports_sheet.table(crossed).decode("utf-8-sig"))))
    assert rows[1][:4] == [*line.names, "1"]
    assert rows[2][1:4] == ["", "", "1"], "the total leaves two of its three names empty"
    by_province = reports_count.report(Scope(make.actor(finance), Period(2026)), By.CROSS_PART)
    assert {one.names[1]: one[Figure.PEOPLE] for one in by_province.lines} == {
        "Nghệ An": 12, "Hà Tĩnh": 0, "Bộ Điều phối số": 18,
    }  # fmt: skip
    drawn = reports_chart.charts(by_province)[0]
    assert [bar.name for bar in drawn.bars] == [AUTUMN.words], "the bars are those of the first axis"


def test_every_report_says_which_values_behind_its_savings_are_not_verified(
    browser: Any, held: Meeting, finance: User
) -> None:
    estimate(held, 1, (10_000_000, 20_000_000, 30_000_000))
    (made,) = db.session.scalars(sa.select(SavingsEstimate))
    rows = [
        NormValue("tea", 40_000, 40_000, 40_000, "TT 12/2025", "", Verified.MEMORY, date(2025, 5, 4)),
        NormValue("per_diem", 300_000, 300_000, 300_000, "TT 12/2025", "", Verified.SECONDARY, date(2025, 5, 4)),
        NormValue("invoice_c_city", None, None, None, "TT 12/2025", "", Verified.MEMORY, date(2025, 5, 4)),
        NormValue("delegation", 1, 3, 5, "", "", Verified.ASSUMED, date(2025, 5, 4)),
    ]
    made.norms = frozen(Values({row.key: row for row in rows}))
    make.done()
    asked_for = scope(finance)
    with in_locale("vi"):
        said = reports_doubt.sentences(asked_for)
        found = reports_count.report(asked_for, By.PART)
        table = reports_sheet.table(found).decode("utf-8-sig")
        names = reports_sheet.names(asked_for, Figure.SAVINGS).decode("utf-8-sig")
        sheet, *more = load_workbook(io.BytesIO(reports_sheet.workbook(found))).worksheets
        named = next(page for page in more if page.title.startswith("Tiết kiệm"))
        paper = "\n".join(p.text for p in Document(io.BytesIO(reports_paper.write(asked_for, By.PART))).paragraphs)
    assert [str(KEY_WORDS[key]) in one for key, one in zip(("tea", "delegation", "invoice_c_city"), said, strict=True)]
    shown = browser(finance).get("/reports?year=2026&quarter=4").text
    behind = browser(finance).get("/reports/names?year=2026&quarter=4&figure=savings").text
    assert "10.000.000 đồng – 30.000.000 đồng" in behind.replace("\xa0", " "), "no amount stands without its range"
    assert not any(str(KEY_WORDS["per_diem"]) in one for one in said), "what was read in a source is no doubt"
    cells, of_names = ({str(cell.value) for row in page.iter_rows() for cell in row} for page in (sheet, named))
    for one in said:
        assert one in names and one in of_names
        assert one in shown
        assert one in behind
        assert one in table
        assert one in cells
        assert one in paper
