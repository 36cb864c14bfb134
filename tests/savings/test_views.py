"""The pages of the savings: the tab of a meeting, a site's steps, the year, the method."""

from __future__ import annotations

from typing import Any

from flask import Flask

from meetings.accounts.models import User
from meetings.clock import today
from meetings.savings import queries, services, weighing, worked
from meetings.savings.estimate import FORMULA, estimate
from meetings.savings.trips import total
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from tests import make
from tests.savings.conftest import held


def estimated(meeting: Meeting, finance: User) -> Any:
    made = services.estimate_meeting(meeting, actor=make.actor(finance))
    make.done()
    return made


def test_the_tab_shows_low_estimate_and_high_and_says_that_it_is_an_estimate(
    browser: Any, meeting: Meeting, finance: User, leader: User
) -> None:
    estimated(meeting, finance)
    page = browser(leader).get(f"/meetings/{meeting.code}/savings")
    assert page.status_code == 200
    for word in (
        "ước tính",
        "Thấp",
        "Cao",
        "1 điểm cầu không tính vì không có số đại biểu",
        "Đối chiếu qua nguồn thứ cấp",
        "Chưa đối chiếu",
    ):
        assert word in page.words, word
    assert not page.soup.find("form", {"action": f"/meetings/{meeting.code}/savings/adjust"}), "only finance changes"


def test_before_the_estimate_finance_is_offered_the_button(browser: Any, meeting: Meeting, finance: User) -> None:
    make.done()
    page = browser(finance).submit(f"/meetings/{meeting.code}/savings", form="savings/estimate")
    assert page.status_code == 200
    assert "Đã ước tính tiết kiệm." in page.words


def test_a_meeting_that_has_not_ended_leads_to_both_forms_compared(browser: Any, app: Flask, leader: User) -> None:
    planned = make.meeting(status=Status.IN_SESSION)
    make.done()
    page = browser(leader).get(f"/meetings/{planned.code}/savings")
    assert page.soup.find("a", href=f"/meetings/{planned.code}/savings/plan"), "no page without a way on"


def test_only_who_may_enter_a_norm_is_asked_for_it(browser: Any, meeting: Meeting, finance: User, leader: User) -> None:
    estimated(meeting, finance)
    address = f"/savings?year={meeting.starts_at.year}" if meeting.starts_at else ""
    for who, asked in ((finance, True), (leader, False)):
        page = browser(who).get(address)
        assert "chưa có giá trị" in page.words
        assert ("Nhập mức" in page.words) is asked, who.name


def test_the_year_opens_the_report_and_the_workbook_of_the_quarter_that_is_read(
    browser: Any, meeting: Meeting, finance: User
) -> None:
    estimated(meeting, finance)
    client = browser(finance)
    day = meeting.starts_at
    assert day is not None
    quarter = (day.month + 2) // 3
    page = client.get(f"/savings?year={day.year}&quarter={quarter}")
    for address in ("/reports", "/reports.xlsx"):
        link = page.soup.find("a", href=f"{address}?year={day.year}&quarter={quarter}")
        assert link, address
        assert client.get(link["href"]).status_code == 200
    rows = [row.get_text(" ", strip=True) for row in page.soup.select("section[aria-labelledby=fall] table tr.sum")]
    assert [row.split(" ")[0] for row in rows] == ["Họp", "Tiết"], "in one place, then saved: the items add up to both"


def test_a_site_shows_every_amount_with_its_formula_norm_and_label(
    browser: Any, meeting: Meeting, finance: User
) -> None:
    made = estimated(meeting, finance)
    lines = queries.all_lines(made)
    client = browser(finance)
    for line in lines:
        page = client.get(f"/meetings/{meeting.code}/savings/sites/{line.id}")
        assert page.status_code == 200
        assert "ước tính" in page.words
    far = next(line for line in lines if line.mode == "air")
    page = client.get(f"/meetings/{meeting.code}/savings/sites/{far.id}")
    assert "1 người × 2 lượt × (vé" in page.words
    assert "Thông tư 12/2025/TT-BTC" in page.words
    assert client.get(f"/meetings/{meeting.code}/savings/sites/999999").status_code == 404


def test_finance_changes_one_assumption_with_a_reason_and_the_total_changes(
    browser: Any, meeting: Meeting, finance: User
) -> None:
    before = estimated(meeting, finance).mid
    client = browser(finance)
    page = client.submit(
        f"/meetings/{meeting.code}/savings?key=delegation",
        {"mid": "4", "high": "9", "reason": "Thành phần theo giấy triệu tập"},
        form="savings/adjust",
    )
    assert page.status_code == 200
    assert "Thành phần theo giấy triệu tập" in page.words
    latest = queries.latest(meeting)
    assert latest is not None
    assert latest.mid > before


def test_a_bad_number_is_refused_at_its_field_and_what_was_typed_stays(
    browser: Any, meeting: Meeting, finance: User
) -> None:
    estimated(meeting, finance)
    client = browser(finance)
    for values in (
        {"low": "9", "mid": "3", "high": "1"},
        {"low": "một", "mid": "3", "high": "5"},
        {"low": "1", "mid": "3", "high": "99999999999999999999999"},
        {"low": "-1", "mid": "3", "high": "5"},
        {"low": "1", "mid": "3", "high": "5", "key": "nonsense"},
    ):
        sent = {"key": "delegation", "reason": "Lý do đã gõ", **values}
        page = client.post(f"/meetings/{meeting.code}/savings/adjust", data=sent)
        assert page.status_code == 422, values
        assert "Lý do đã gõ" in str(page.soup.find(id="reason"))
    assert len(queries.versions(meeting)) == 1


def test_the_sites_are_found_without_diacritics_and_filtered(browser: Any, meeting: Meeting, finance: User) -> None:
    estimated(meeting, finance)
    client = browser(finance)
    found = client.get(f"/meetings/{meeting.code}/savings?q=ho chi minh")
    rows = [row.get_text() for row in found.soup.select("section[aria-labelledby=lines] tbody tr")]
    assert len(rows) == 1
    assert "Hồ Chí Minh" in rows[0]
    left = client.get(f"/meetings/{meeting.code}/savings?only=left_out")
    assert len(left.soup.select("section[aria-labelledby=lines] tbody tr")) == 1
    assert client.get(f"/meetings/{meeting.code}/savings?only=nonsense&page=99&q=%25").status_code == 200


def test_the_workbook_is_downloaded(browser: Any, meeting: Meeting, finance: User) -> None:
    client = browser(finance)
    make.done()
    assert client.get(f"/meetings/{meeting.code}/savings.xlsx").status_code == 404
    estimated(meeting, finance)
    answer = client.get(f"/meetings/{meeting.code}/savings.xlsx")
    assert answer.status_code == 200
    assert answer.data[:2] == b"PK"
    assert f"tiet-kiem-{meeting.code}.xlsx" in answer.headers["Content-Disposition"]


def test_a_stranger_sees_neither_the_meeting_nor_its_savings(
    browser: Any, meeting: Meeting, finance: User, site_officer: User
) -> None:
    estimated(meeting, finance)
    outsider = make.user("finance", make.HO_CHI_MINH, name="Kế Toán Nơi Khác")
    make.done()
    assert browser(outsider).get(f"/meetings/{meeting.code}/savings").status_code == 403
    assert meeting.title not in browser(outsider).get("/savings?year=2026").words
    assert browser(site_officer).get("/savings").status_code == 403


def test_a_reader_cannot_change_an_assumption_or_a_norm(
    browser: Any, meeting: Meeting, finance: User, secretary: User
) -> None:
    estimated(meeting, finance)
    client = browser(secretary)
    assert client.get(f"/meetings/{meeting.code}/savings").status_code == 200
    assert client.post(f"/meetings/{meeting.code}/savings/adjust", data={}).status_code == 403
    assert client.post(f"/meetings/{meeting.code}/savings/estimate", data={}).status_code == 403


def test_the_year_adds_its_meetings_by_quarter(browser: Any, app: Flask, finance: User) -> None:
    makes = [held({make.NGHE_AN: 20}, starts="2026-11-10 08:00"), held({make.NGHE_AN: 20}, starts="2026-02-10 08:00")]
    total = sum(estimated(m, finance).mid for m in makes)
    page = browser(finance).get("/savings?year=2026")
    assert f"{total:,}".replace(",", ".") in page.words
    assert "ước tính" in page.words.lower()
    assert browser(finance).get("/savings?year=abc").status_code == 200
    assert "Chưa có cuộc họp đã kết thúc trong kỳ được ước tính" in browser(finance).get("/savings?year=2024").words


def test_only_the_newest_version_of_an_estimate_counts_in_the_year(
    browser: Any, meeting: Meeting, finance: User
) -> None:
    first = estimated(meeting, finance).mid
    services.adjust(meeting, "delegation", (2, 5, 9), "Theo giấy triệu tập", actor=make.actor(finance))
    make.done()
    newest = queries.latest(meeting)
    assert newest is not None and newest.mid != first
    words = browser(finance).get("/savings?year=2026").words
    assert f"{newest.mid:,} đồng".replace(",", ".") in words
    assert f"{first:,} đồng".replace(",", ".") not in words


def test_the_method_is_told_in_words_with_norms_and_an_example(browser: Any, app: Flask, leader: User) -> None:
    page = browser(leader).get("/savings/method")
    for word in (
        "Thông tư 12/2025/TT-BTC",
        "Chưa đối chiếu",
        "qua nguồn thứ cấp",
        "Ví dụ tính từng bước (ước tính)",
        "3 người × 3 ngày × 300.000",
        "4 điểm cầu × 2 buổi × ",
    ):
        assert word in page.words, word
    assert "VERIFIED" not in page.words and "MEMORY" not in page.words
    values = queries.values_on(today())
    whole = worked.example(values).whole
    for amount in whole.saving:
        said = f"{amount:,} đồng".replace(",", ".").replace("-", "−")
        assert said in page.words, "the last line is what the estimate says"


def test_one_assumption_is_tried_before_it_is_saved_and_nothing_is_written(
    browser: Any, meeting: Meeting, finance: User, leader: User
) -> None:
    before = estimated(meeting, finance)
    mid, version = before.mid, before.version
    address = f"/meetings/{meeting.code}/savings/weigh"
    page = browser(leader).get(address)
    assert page.status_code == 200
    assert "Giả định ảnh hưởng nhiều nhất (ước tính)" in page.words
    assert page.soup.select("ul.bars li")
    page = browser(leader).get(f"{address}?key=delegation&low=0&mid=0&high=0")
    assert "Chênh lệch so với hiện nay" in page.words
    value = queries.values_in(before).national["delegation"]
    page = browser(leader).get(f"{address}?key=delegation&low={value.low}&mid={value.mid}&high={value.high}")
    assert "Chênh lệch so với hiện nay: không đổi" in page.words, "the stored sites give the stored sum again"
    page = browser(leader).get(f"{address}?key=delegation&low=9&mid=4&high=2")
    assert page.status_code == 422
    assert "Chênh lệch so với hiện nay" not in page.words, "values in the wrong order are refused at the field"
    latest = queries.latest(meeting)
    assert latest is not None
    assert (latest.mid, latest.version) == (mid, version)


def test_the_lines_of_a_trial_add_up_to_the_saving_before_and_after(
    browser: Any, meeting: Meeting, finance: User
) -> None:
    made = estimated(meeting, finance)
    values, trips, occasion = queries.values_in(made), queries.trips_in(made), queries.occasion_in(made)
    tried = estimate(values.changed({"delegation": (2, 4, 8)}), trips, occasion)
    lines = weighing.money(made.sums, tried)
    assert lines[-1].key == weighing.UNCHANGED
    assert total(line.before for line in lines) == (made.low, made.mid, made.high)
    assert total(line.after for line in lines) == tried.saving
    page = browser(finance).get(f"/meetings/{meeting.code}/savings/weigh?key=delegation&low=2&mid=4&high=8")
    assert "Các khoản khác" in page.words
    assert "Tiền lương thời gian làm việc trên đường" in page.words, "an amount of đồng is not called a time"
    assert page.soup.select_one('form.trial p [lang="vi"]'), "a source is Vietnamese whatever the language of the page"
    assert not weighing.money(made.sums, estimate(values, trips, occasion)), "nothing is listed where nothing changes"


def test_a_quarter_is_shown_alone_with_units_types_ranges_and_what_is_missing(
    browser: Any, app: Flask, finance: User
) -> None:
    spring = held({make.NGHE_AN: 20, make.HA_TINH: None}, starts="2026-02-10 08:00")
    autumn = held({make.HO_CHI_MINH: 20}, starts="2026-10-10 08:00")
    forgotten = held({make.NGHE_AN: 5}, starts="2026-03-03 08:00")
    for one in (spring, autumn):
        estimated(one, finance)
    client = browser(finance)
    page = client.get("/savings?year=2026&quarter=1")
    assert spring.code in page.words
    assert autumn.code not in page.words
    assert f"{forgotten.code} · 03/03/2026" in page.words, "a held meeting that nobody estimated is named"
    assert page.soup.find("a", href=f"/meetings/{spring.code}/savings?only=left_out#lines"), "the way to mend it"
    for heading in page.soup.select("#quarters, #fall, #units, #types, #meetings"):
        assert "(ước tính)" in heading.get_text()
    for bar in page.soup.select("#quarters ~ ul .bar, #units ~ ul .bar, #types ~ ul .bar"):
        assert "–" in bar.get_text() or "chưa có ước tính" in bar.get_text(), "no number without its range"
    whole = client.get("/savings?year=2026&quarter=nonsense")
    assert spring.code in whole.words and autumn.code in whole.words
    assert "Chưa có cuộc họp" in client.get("/savings?year=2026&quarter=2").words


def test_nothing_is_tried_on_an_estimate_of_an_older_formula_and_the_page_says_what_to_do(
    browser: Any, meeting: Meeting, finance: User, leader: User
) -> None:
    made = estimated(meeting, finance)
    made.formula = FORMULA - 1
    make.done()
    address = f"/meetings/{meeting.code}/savings/weigh?key=delegation&low=1&mid=2&high=3"
    page = browser(finance).get(address)
    assert page.status_code == 200
    assert f"lập theo công thức {FORMULA - 1}" in page.words
    assert page.soup.find("form", {"action": f"/meetings/{meeting.code}/savings/estimate"})
    page = browser(leader).get(address)
    assert not page.soup.find("form", {"action": f"/meetings/{meeting.code}/savings/estimate"})
    assert "Kế toán của đơn vị chủ trì" in page.words


def test_one_that_decides_the_way_of_going_is_tried_with_a_single_value(
    browser: Any, meeting: Meeting, finance: User
) -> None:
    estimated(meeting, finance)
    client = browser(finance)
    address = f"/meetings/{meeting.code}/savings/weigh"
    page = client.get(f"{address}?key=air_from_km")
    assert len(page.soup.select("form.trial input[type=text]")) == 1
    page = client.get(f"{address}?key=air_from_km&mid=5000")
    assert page.status_code == 200
    link = page.soup.find("a", href=lambda to: to and "low=5000&mid=5000&high=5000" in to)
    assert link, "what was tried is carried to where it is saved, with a reason"
    for wrong in ("mid=", "mid=abc", "mid=-1", "mid=99999999999999999999"):
        page = client.get(f"{address}?key=air_from_km&{wrong}")
        assert page.status_code == 422, wrong
    assert client.get(f"{address}?key=nonsense&mid=3").status_code == 200


def test_a_site_that_nobody_counted_stays_left_out_of_a_trial(meeting: Meeting, finance: User) -> None:
    made = services.estimate_meeting(meeting, actor=make.actor(finance))
    again = estimate(queries.values_in(made), queries.trips_in(made), queries.occasion_in(made))
    assert (again.counted, again.sites, again.people) == (made.counted, made.sites, made.people)
    assert {key: list(three) for key, three in again.sums.items()} == made.sums


def test_amounts_are_read_as_people_write_them(browser: Any, meeting: Meeting, finance: User) -> None:
    estimated(meeting, finance)
    client = browser(finance)
    address = f"/meetings/{meeting.code}/savings/weigh?key=hall"
    said = set()
    for three in ("0|5000000|15000000", "0|5.000.000|15.000.000", "0|5 000 000|15,000,000"):
        low, mid, high = three.split("|")
        page = client.get(f"{address}&low={low}&mid={mid}&high={high}")
        assert page.status_code == 200, three
        said.add(page.soup.find(class_="outcome").get_text())
    assert len(said) == 1
    assert client.get(address).soup.find(id="high")["value"] == "15.000.000", "shown as it is read"
    for wrong in ("1.5", "5.0000", "5tr", "1e6"):
        page = client.get(f"{address}&low=0&mid={wrong}&high=15000000")
        assert page.status_code == 422, wrong
        assert page.soup.find(id="mid-error").get_text(strip=True) == "Nhập số nguyên.", wrong
    for wrong in ("-1", "1" + "0" * 18):
        page = client.get(f"{address}&low=0&mid={wrong}&high=15000000")
        assert page.status_code == 422, wrong
        assert "Nhập số nguyên từ 0 đến 5.000.000.000." in page.words, "how large it may be, with separators"
