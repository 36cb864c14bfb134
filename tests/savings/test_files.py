"""The files of an estimate: the annex of the minutes and the plain table say what the page says."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from meetings.accounts.models import User
from meetings.database import db
from meetings.i18n import in_locale
from meetings.official.delimited import written
from meetings.official.money import money, money_in_words
from meetings.official.numbers import number
from meetings.official.verified import VERIFIED_WORDS
from meetings.savings import annex, listing, papers, queries, services
from meetings.savings.models import SavingsEstimate
from meetings.savings.rules import KEY_WORDS, SPECS, NormValue
from meetings.savings.trips import ITEMS, Triple
from meetings.scheduling.models import Meeting
from tests import make
from tests.official.sound import assert_sound, lines, text


@pytest.fixture
def estimate(meeting: Meeting, finance: User) -> SavingsEstimate:
    made = services.estimate_meeting(meeting, actor=make.actor(finance))
    make.done()
    return made


def table_of(data: bytes) -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf"), "without its mark Excel reads UTF-8 as something else"
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def test_the_annex_says_the_range_and_that_it_is_an_estimate(estimate: SavingsEstimate) -> None:
    with in_locale("en"):
        data = papers.write(estimate)  # whoever asks, a document speaks Vietnamese
    assert_sound(data)
    said = text(data)
    assert said.startswith("Phụ lục\nƯỚC TÍNH CHI PHÍ TIẾT KIỆM DO HỌP TRỰC TUYẾN\n(Kèm theo Biên bản số")
    assert "Đây là số ước tính, không phải số quyết toán" in said
    assert all(money(amount) in said for amount in (estimate.low, estimate.mid, estimate.high))
    assert money_in_words(estimate.mid) in said
    for three in estimate.sums.values():
        assert all(number(amount) in said for amount in three)
    assert papers.write(estimate) == data, "the same estimate gives the same bytes"


def test_every_norm_stands_in_the_annex_with_its_source_day_and_verification(estimate: SavingsEstimate) -> None:
    with in_locale("vi"):
        found = lines(papers.write(estimate))
        plain = [line.replace("\u00a0", " ") for line in found]
        first = plain.index("Mức độ đối chiếu")
        values = list(queries.norms_in(estimate).national.values())
        assert len(values) == len(SPECS)
        for value in values:
            # a part of the estimate may be called like its norm: its name stands alone above the lines
            wanted = [str(KEY_WORDS[value.key]), _source(value)]
            at = next(n for n in range(first, len(plain)) if plain[n : n + 3 : 2] == wanted)
            shown, _source_of_it, verified = plain[at + 1 : at + 4]
            assert verified == ("Chưa biết giá trị" if value.missing else str(VERIFIED_WORDS[value.verified]))
            assert (shown == "chưa biết giá trị") == value.missing


def _source(value: NormValue) -> str:
    since = f"; hiệu lực từ {value.valid_from:%d/%m/%Y}" if SPECS[value.key].legal else ""
    return value.source + since


def test_the_annex_names_what_is_not_counted_and_why(estimate: SavingsEstimate) -> None:
    said = text(papers.write(estimate))
    assert "01 điểm cầu không tính vì không có số đại biểu: Hà Tĩnh." in said
    assert "Đã tính 02/03 điểm cầu" in said
    for key in estimate.off:
        assert str(KEY_WORDS[key]) in said
    assert "Tiền ăn (chưa tính)" in said and "Tiền phòng (chưa tính đủ)" in said


def test_the_annex_says_what_this_meeting_assumes_otherwise_and_why(
    meeting: Meeting, finance: User, estimate: SavingsEstimate
) -> None:
    assert "Giả định riêng" not in text(papers.write(estimate))
    services.adjust(meeting, "delegation", (1, 4, 9), "Theo giấy triệu tập.", actor=make.actor(finance))
    make.done()
    changed = queries.latest(meeting)
    assert changed is not None
    said = text(papers.write(changed, "31", date(2026, 12, 10)))
    assert "Lý do: Theo giấy triệu tập." in said
    assert "lấy 1 – 4 – 9 người/đoàn thay cho 1 – 3 – 5 người/đoàn" in said
    assert "(Kèm theo Biên bản số 31/" in said and "ngày 10 tháng 12 năm 2026" in said
    assert money(changed.mid) in said and money(estimate.mid) not in said


def test_of_many_sites_the_annex_lists_the_provinces_and_nothing_is_lost(
    estimate: SavingsEstimate, monkeypatch: pytest.MonkeyPatch
) -> None:
    each = papers.paper_of(estimate)
    monkeypatch.setattr(papers, "MOST", 1)
    whole = papers.paper_of(estimate)
    assert whole.by_province and not each.by_province
    for case in range(3):
        assert sum(one.amounts[case] for one in whole.sites) == sum(one.amounts[case] for one in each.sites)
    assert sum(one.sites for one in whole.sites) == estimate.counted
    said = text(annex.write(whole))
    assert "Danh sách từng điểm cầu có trong tệp .xlsx và .csv" in said


def test_a_range_below_nought_is_not_sold_as_a_saving(estimate: SavingsEstimate) -> None:
    found = papers.paper_of(estimate)
    assert "chưa đủ căn cứ" in text(annex.write(replace(found, saving=Triple(-1, 5, 9))))
    assert "họp trực tuyến tốn hơn họp tập trung" in text(annex.write(replace(found, saving=Triple(-9, -5, -1))))
    sure = text(annex.write(replace(found, saving=Triple(1, 5, 9))))
    assert "chưa đủ căn cứ" not in sure and "tốn hơn" not in sure


def test_an_estimate_of_the_first_formula_keeps_its_amounts_and_says_so(estimate: SavingsEstimate) -> None:
    _of_the_first_formula(estimate)
    data = papers.write(estimate)
    assert_sound(data)
    said = text(data)
    assert "công thức trước đây" in said and "Cách tính một điểm cầu" not in said
    assert all(number(amount) in said for amount in (estimate.low, estimate.mid, estimate.high))
    rows = table_of(listing.table(estimate))
    assert _added_up(rows) == [estimate.low, estimate.mid, estimate.high]


def _of_the_first_formula(estimate: SavingsEstimate) -> None:
    """Stored as the first edition stored it: fewer categories and steps, no ways, hours and CO₂."""
    found = dict(estimate.sums)
    online = [0, 0, 0]
    for key in ("line", "room", "equipment", "technicians", "platform"):
        online = [a + b for a, b in zip(online, found.pop(key), strict=True)]
    tea, meals = found.pop("tea"), found.pop("meals")
    found["papers"] = [a + b + c for a, b, c in zip(found["papers"], tea, meals, strict=True)]
    estimate.sums, estimate.formula, estimate.time, estimate.co2 = {**found, "online": online}, 1, {}, []
    for line in queries.all_lines(estimate):
        steps = dict(line.steps)
        if steps:
            steps["travelling"] = list(papers.travelling(steps))
            supplies = [steps.pop(key) for key in ("papers", "tea", "meals")]
            steps["papers"] = [sum(three) for three in zip(*supplies, strict=True)]
            line.steps = {key: value for key, value in steps.items() if key not in ("a", "b", "c", "hours", "co2")}
        line.trip = {}
    db.session.flush()


def _added_up(rows: list[list[str]]) -> list[int]:
    """The three columns of the whole, all lines but the last."""
    at = rows[0].index("Cộng – mức thấp, đồng (ước tính)")
    return [sum(int(row[at + case] or 0) for row in rows[1:-1]) for case in range(3)]


def test_the_lines_of_the_table_add_up_to_the_estimate(estimate: SavingsEstimate) -> None:
    rows = table_of(listing.table(estimate))
    assert len({len(row) for row in rows}) == 1
    heads, last = rows[0], rows[-1]
    at = heads.index("Cộng – mức thấp, đồng (ước tính)")
    assert last[2] == "Tiết kiệm (ước tính)"
    assert _added_up(rows) == [int(cell) for cell in last[at : at + 3]] == [estimate.low, estimate.mid, estimate.high]
    first = heads.index("Đi lại – mức thấp, đồng (ước tính)")
    for row in rows[1:-1]:
        parts = [int(cell or 0) for cell in row[first : first + 3 * len(ITEMS)]]
        if any(parts):
            assert [sum(parts[case::3]) for case in range(3)] == [int(cell) for cell in row[at : at + 3]]
    assert "không phải số quyết toán" in last[-1] and "Chưa đối chiếu" in last[-1] and "Đã tính 2/3" in last[-1]
    left = next(row for row in rows if row[2] == "Hà Tĩnh")
    assert left[-1] == "không tính: không có số đại biểu" and not any(left[4:-1])


def test_no_text_of_a_plain_table_is_taken_for_a_formula() -> None:
    typed = ["=1+1", "+84", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "Nghệ An", "'x", ""]
    (row,) = table_of(written([[*typed, -5, None]]))
    assert row[:9] == [f"'{text}" for text in typed[:9]]
    assert row[9:] == ["Nghệ An", "'x", "", "-5", ""]


def test_the_three_files_are_offered_to_whoever_sees_the_savings(
    browser: Any, meeting: Meeting, leader: User, estimate: SavingsEstimate
) -> None:
    client = browser(leader)
    page = client.get(f"/meetings/{meeting.code}/savings")
    links = {str(link["href"]) for link in page.soup.select("a.btn")}
    for ending, begins in (("docx", b"PK"), ("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf")):
        address = f"/meetings/{meeting.code}/savings.{ending}"
        assert address in links
        file = client.get(address)
        assert file.status_code == 200 and file.data.startswith(begins)
        assert meeting.code in file.headers["Content-Disposition"]
        assert file.headers["Content-Type"].count("charset") == (ending == "csv")


def test_there_is_no_file_before_an_estimate_and_none_for_a_stranger(
    browser: Any, meeting: Meeting, leader: User, finance: User
) -> None:
    make.done()
    for ending in ("docx", "csv"):
        address = f"/meetings/{meeting.code}/savings.{ending}"
        assert browser(leader).get(address).status_code == 404
        assert browser(None).get(address).status_code in (302, 303, 401, 403)
