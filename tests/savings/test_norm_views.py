"""The pages of those who keep norms: in force on a day, history, resolutions of provinces, distances, the assumed venue."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
from flask import Flask

from meetings.accounts.models import User
from meetings.accounts.rules import Role
from meetings.official.verified import Verified
from meetings.savings import norming, queries, services
from meetings.savings.resolution import OFFERED, Typed, brought, head_of, judged, whole
from meetings.scheduling.models import Meeting
from tests import make

RESOLUTION = "/savings/norms/resolution"
HEAD = {
    "province": make.NGHE_AN,
    "document": "Nghị quyết 12/2026/NQ-HĐND",
    "valid_from": "01/08/2026",
    "verified": "primary",
}


def finance_of_nghe_an() -> User:
    norming.load_default_norms()
    who = make.user(Role.FINANCE, make.NGHE_AN, name="Kế Toán Tỉnh")
    make.done()
    return who


def test_norms_of_the_nation_are_read_by_finance_of_one_unit_which_changes_none(
    browser: Any, app: Flask, finance: User, leader: User, administrator: User, technician: User
) -> None:
    norming.load_default_norms()
    address = "/savings/norms/per_diem"
    sent = {"low": "1", "mid": "1", "high": "1", "valid_from": "01/01/2027", "document": "x", "verified": "primary"}
    for reader in (finance, leader, administrator):
        client = browser(reader)
        assert "/savings/norms" in str(client.get("/savings").soup.select("a.btn"))
        assert "Thông tư 12/2025/TT-BTC" in client.get("/savings/norms").words
        for path in ("/savings/norms", address):
            assert not client.get(path).soup.select("form[method=post].form"), path
        assert client.post(address, data=sent).status_code == 403
    assert browser(technician).get("/savings/norms").status_code == 403
    assert browser(technician).get(address).status_code == 403
    assert [row.mid for row in queries.norms("per_diem")] == [300_000, 200_000]


def test_finance_of_the_country_enters_a_value_from_a_day_on_and_its_history_stays(browser: Any, app: Flask) -> None:
    norming.load_default_norms()
    make.done()
    client = browser(make.user(Role.FINANCE, make.NATION))
    sent = {"low": "5", "mid": "4", "high": "3", "valid_from": "01/01/2027", "document": "NQ 12", "verified": "primary"}
    bad = client.post("/savings/norms/per_diem", data=sent)
    assert bad.status_code == 422
    assert "NQ 12" in str(bad.soup.find(id="document"))
    good = client.submit(
        "/savings/norms/per_diem",
        {
            "low": "350000",
            "mid": "350000",
            "high": "350000",
            **{k: sent[k] for k in ("valid_from", "document", "verified")},
        },
    )
    assert good.status_code == 200
    assert "NQ 12" in good.words
    assert "300.000" in good.words, "what held before stays readable"
    assert queries.norms("per_diem")[0].mid == 350_000
    assert client.get("/savings/norms/nothing").status_code == 404
    unknown = client.submit(
        "/savings/norms/tea", {"low": "", "mid": "", "high": "", "valid_from": "01/01/2027", "document": "NQ 13"}
    )
    assert unknown.status_code == 200
    assert "chưa biết giá trị" in unknown.words


def test_a_value_is_typed_with_points_between_thousands_as_in_a_resolution_and_its_bounds_are_its_own(
    browser: Any, app: Flask
) -> None:
    norming.load_default_norms()
    make.done()
    client = browser(make.user(Role.FINANCE, make.NATION))
    sent = {"province": "", "valid_from": "01/01/2027", "document": "NQ 12", "verified": "primary"}

    def said(typed: str) -> str:
        bad = client.post("/savings/norms/per_diem", data=sent | dict.fromkeys(("low", "mid", "high"), typed))
        assert bad.status_code == 422 and bad.soup.select_one("#low")["value"] == typed
        return str(bad.soup.select_one(".field.wrong .error").get_text(strip=True))

    assert said("60.000.000") == said("-1") == "Nhập số nguyên từ 0 đến 50.000.000."
    assert said("1e3") == said("3.0") == said("٣٠٠") == "Nhập số nguyên."
    whole = client.post("/savings/norms/per_diem", data=sent | dict.fromkeys(("low", "mid", "high"), "310.000"))
    assert whole.status_code == 303
    assert [row.mid for row in queries.norms("per_diem")][0] == 310_000


def test_finance_of_a_province_enters_a_resolution_once_for_several_values_and_only_for_its_own(
    browser: Any, app: Flask
) -> None:
    client = browser(finance_of_nghe_an())
    sent = {**HEAD, "v-per_diem": "320.000", "a-per_diem": "Điều 3", "v-lodging_c_province": "550000", "do": "check"}
    checked = client.post(RESOLUTION, data=sent)
    assert checked.status_code == 200
    assert "2 mức hợp lệ" in checked.words and "Chưa lưu gì" in checked.words
    assert not queries.norms(province=make.NGHE_AN)
    saved = client.post(RESOLUTION, data={**sent, "do": "save"}, follow_redirects=True)
    assert "Đã lưu 2 mức." in saved.words
    assert "Mức riêng của các tỉnh" in saved.words and "Nghị quyết 12/2026/NQ-HĐND" in saved.words
    kept = {row.key: (row.mid, row.article, row.made_by) for row in queries.norms(province=make.NGHE_AN)}
    assert kept == {
        "per_diem": (320_000, "Điều 3", "Kế Toán Tỉnh"),
        "lodging_c_province": (550_000, "", "Kế Toán Tỉnh"),
    }
    before = client.get("/savings/norms?day=31/07/2026")
    assert "Mức riêng của các tỉnh" not in before.words, "from a day on"
    for elsewhere in ("", make.HA_TINH):
        assert client.post(RESOLUTION, data={**sent, "province": elsewhere, "do": "save"}).status_code == 403
        one = {"low": "1", "mid": "1", "high": "1", **HEAD, "province": elsewhere}
        assert client.post("/savings/norms/per_diem", data=one).status_code == 403
    own = {"low": "5", "mid": "5", "high": "5", **HEAD}
    assert client.post("/savings/norms/delegation", data=own).status_code == 422, "an assumption is of the nation"
    assert len(queries.norms(province=make.NGHE_AN)) == 2


def test_a_wrong_row_is_told_at_its_place_keeps_its_typing_and_nothing_of_the_document_is_saved(
    browser: Any, app: Flask
) -> None:
    client = browser(finance_of_nghe_an())
    sent = {**HEAD, "v-per_diem": "ba trăm", "v-tea": "40000", "a-meals_city": "Điều 9", "do": "save"}
    page = client.post(RESOLUTION, data=sent)
    assert page.status_code == 422
    field = page.soup.find(id="v-per_diem")
    assert field["value"] == "ba trăm" and field["aria-describedby"] == "f-per_diem"
    assert "cần sửa" in page.soup.find(id="f-per_diem").get_text()
    assert page.soup.find(id="v-tea")["value"] == "40000"
    assert "để trống cả dòng" in page.soup.find(id="f-meals_city").get_text()
    empty = client.post(RESOLUTION, data={**HEAD, "do": "save"})
    assert empty.status_code == 422 and "Nhập ít nhất một mức" in empty.words
    undated = client.post(RESOLUTION, data={**sent, "valid_from": "hôm qua"})
    assert undated.status_code == 422 and undated.soup.find(id="v-per_diem")["value"] == "ba trăm"
    assert not queries.norms(province=make.NGHE_AN)


def test_a_resolution_comes_from_its_own_form_in_excel_and_is_checked_before_it_is_saved(
    browser: Any, app: Flask
) -> None:
    client = browser(finance_of_nghe_an())
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{RESOLUTION}.xlsx").data))
    page = book.worksheets[0]
    rows = {row[0].value: row for row in page.iter_rows(min_row=2)}
    assert tuple(rows) == OFFERED
    rows["per_diem"][3].value, rows["per_diem"][4].value = 320_000, "Điều 3"
    rows["tea"][3].value = "nhiều"
    page.append(["phu_cap_la", "", "", 5])
    made = io.BytesIO()
    book.save(made)
    made.seek(0)
    sent = {**HEAD, "do": "save", "file": (made, "nghi-quyet.xlsx")}
    read = client.post(RESOLUTION, data=sent, content_type="multipart/form-data")
    assert read.status_code == 200, "a file is only read, whatever button was pressed"
    assert "1 mức hợp lệ" in read.words and "1 dòng cần sửa" in read.words and "phu_cap_la" in read.words
    assert read.soup.find(id="v-per_diem")["value"] == "320000"
    assert not queries.norms(province=make.NGHE_AN)
    wrong = {**HEAD, "do": "check", "file": (io.BytesIO(b"a;b;c"), "x.csv")}
    assert client.post(RESOLUTION, data=wrong, content_type="multipart/form-data").status_code == 422


def test_the_lump_sum_and_the_invoice_of_one_document_are_compared_with_each_other() -> None:
    head = head_of("40", "NQ", "", date(2026, 8, 1), Verified.PRIMARY, "")
    fine = judged({"lodging_a": Typed("2000000"), "invoice_a": Typed("2.500.000")}, head, {})
    assert [row.value.mid for row in fine if row.value] == [2_000_000, 2_500_000]
    low = judged({"lodging_a": Typed("2000000"), "invoice_a": Typed("1500000")}, head, {})
    assert [row.key for row in low if row.fault] == ["lodging_a", "invoice_a"]
    assert whole("1.200.000") == whole("1 200 000") == whole("1200000") == 1_200_000
    assert whole("1.2") is whole("-5") is whole("") is whole("1.5e3") is None
    twice = brought([["Mã", "Mức"], ["tea", "1"], ["tea", "2"]])
    assert twice is not None and len(twice.unknown) == 1 and twice.rows["tea"].value == "1"


def test_the_norms_of_a_day_are_shown_filtered_and_exported_with_their_verification(
    browser: Any, app: Flask, finance: User
) -> None:
    norming.load_default_norms()
    make.done()
    client = browser(finance)
    assert "200.000" in client.get("/savings/norms?day=01/06/2024").soup.find(id="b-per_diem").parent.get_text()
    assert "300.000" in client.get("/savings/norms?day=2025-06-01").soup.find(id="b-per_diem").parent.get_text()
    wrong = client.get("/savings/norms?day=abc")
    assert wrong.status_code == 200 and wrong.soup.find(id="day")["value"] == "abc"
    missing = client.get("/savings/norms?only=missing&day=01/06/2026")
    assert {a["href"].split("/")[-1] for a in missing.soup.select("th a")} == {
        key for key in OFFERED if key.startswith(("invoice", "meals"))
    }
    book = openpyxl.load_workbook(io.BytesIO(client.get("/savings/norms.xlsx?day=01/06/2026").data))
    rows = {row[0]: row for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)}
    assert rows["per_diem"][4] == 300_000 and rows["per_diem"][10] == "Đối chiếu qua nguồn thứ cấp"
    assert rows["invoice_a"][4] == "chưa biết giá trị"


def test_distances_are_typed_or_brought_checked_line_by_line_and_the_right_ones_saved(browser: Any, app: Flask) -> None:
    one, other = make.site(make.NGHE_AN), make.site(make.HA_TINH)
    far = make.site(make.HO_CHI_MINH)
    client = browser(finance_of_nghe_an())
    lines = f"{one.code}; {other.code}; 52; Sở Xây dựng\n{other.code}; {far.code}; 1.300; x\n{one.code}; Đâu Đó; 9; x\n"
    sent = {"rows": lines + f"{one.code}; {far.code}; 0; x", "do": "check"}
    page = client.post("/savings/distances", data=sent)
    assert page.status_code == 200
    assert "1 dòng hợp lệ" in page.words and "3 dòng cần sửa" in page.words
    assert "không phụ trách" in page.words and "Không có điểm cầu nào tên" in page.words
    assert queries.distance(one, other) is None
    saved = client.post("/savings/distances", data={**sent, "do": "save"}, follow_redirects=True)
    assert "Đã lưu 1 cự ly." in saved.words and "Kế Toán Tỉnh" in saved.words
    kept = queries.distance(one, other)
    assert kept is not None and (kept.km, kept.document) == (52, "Sở Xây dựng")
    assert queries.distance(other, far) is None
    file = {"do": "save", "file": (io.BytesIO(f"{one.code};{other.code};60;Bản đồ".encode()), "x.csv")}
    read = client.post("/savings/distances", data=file, content_type="multipart/form-data")
    assert read.status_code == 200 and "Chưa lưu gì" in read.words
    assert client.post("/savings/distances", data={"do": "save"}).status_code == 422
    book = openpyxl.load_workbook(io.BytesIO(client.get("/savings/distances.xlsx").data))
    assert [row[2] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)] == [52]


def test_finance_assumes_another_venue_with_a_reason_and_takes_norms_that_were_entered_since(
    browser: Any, meeting: Meeting, finance: User, secretary: User
) -> None:
    first = services.estimate_meeting(meeting, actor=make.actor(finance))
    make.done()
    address, site = f"/meetings/{meeting.code}/savings/venue", make.sites_of(meeting)[0].site_id
    client = browser(finance)
    assert "Nghệ An" in client.get(f"{address}?q=nghe an").words
    assert client.post(address, data={"venue": str(site)}).status_code == 422, "a reason is asked for"
    assert client.post(address, data={"venue": "999999", "reason": "x"}).status_code == 422
    done = client.post(address, data={"venue": str(site), "reason": "Họp tại miền Trung"}, follow_redirects=True)
    assert done.status_code == 200
    second = queries.latest(meeting)
    assert second is not None and second.venue_id == site and second.version == first.version + 1
    anew = client.post(f"/meetings/{meeting.code}/savings/norms-anew", follow_redirects=True)
    assert anew.status_code == 200 and "định mức của ngày họp" in anew.words
    assert browser(secretary).get(address).status_code == 403
