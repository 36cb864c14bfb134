"""The danh sách đại biểu of one site."""

from dataclasses import replace
from datetime import date

import pytest

from meetings.official.form import Issuer, Signer
from meetings.readiness.document import DelegateLine, RosterPaper, write
from tests.official.printed import MM, printed
from tests.official.sound import assert_sound, text

ROSTER = RosterPaper(
    issuer=Issuer(
        "Văn phòng", "Quảng Trị", "Ủy ban nhân dân tỉnh Quảng Trị", "Văn phòng Ủy ban nhân dân tỉnh Quảng Trị"
    ),
    event="Hội nghị trực tuyến toàn quốc",
    meeting_on=date(2027, 2, 25),
    site="tỉnh Quảng Trị",
    room="Phòng họp trực tuyến tầng 2",
    delegates=(
        DelegateLine("Ông Nguyễn Hữu Phước", "Phó Chủ tịch", "UBND tỉnh", "Trưởng đoàn"),
        DelegateLine("Bà Hồ Thị Sen", "Chánh Văn phòng", "Văn phòng UBND tỉnh", "Đại biểu"),
        DelegateLine("Ông Lê Bá Sơn", "Giám đốc", "Sở Nông nghiệp và Môi trường", "Phát biểu"),
    ),
    signer=Signer(("CHÁNH VĂN PHÒNG",), "Hồ Thị Sen"),
    on=date(2027, 2, 22),
    carried_by="VP-TH",
    recipients=("Văn phòng Bộ Thủy văn số;", "Lưu: VT, VP."),
)


def test_the_list_names_everybody_and_counts_them():
    data = write(ROSTER)
    assert_sound(data)
    said = text(data)
    assert "DANH SÁCH" in said and "Đại biểu tham dự Hội nghị trực tuyến toàn quốc ngày 25 tháng 02 năm 2027" in said
    assert "Điểm cầu: tỉnh Quảng Trị - Phòng họp trực tuyến tầng 2" in said
    assert "Danh sách này có 03 đại biểu./." in said
    assert "Số:" not in said  # it has no number of its own


def test_an_empty_list_is_still_a_list():
    data = write(replace(ROSTER, delegates=(), on=None, carried_by="", room=""))
    assert_sound(data)
    assert "Danh sách này có 0 đại biểu./." in text(data)


def test_the_same_list_gives_the_same_bytes():
    assert write(ROSTER) == write(replace(ROSTER))


def test_printed_the_total_and_the_signature_take_the_last_delegate_along(tmp_path):
    many = tuple(DelegateLine(f"Ông Lê {n}", "Phó Giám đốc", "Sở Tài chính", "Đại biểu") for n in range(12))
    sheet = printed(write(replace(ROSTER, delegates=many)), tmp_path)
    assert len(sheet.pages) == 2
    assert sheet.line("12", 2) and sheet.line("Danh sách này có 12", 2)


def test_printed_a_full_page_brings_no_empty_one_after_it(tmp_path):
    event = "Hội nghị trực tuyến toàn quốc tổng kết công tác dự báo lũ năm 2026 và triển khai nhiệm vụ năm 2027"
    nine = (ROSTER.delegates * 3)[:9]
    full = replace(ROSTER, event=event, delegates=nine, carried_by="", room="", recipients=("Lưu: VT.",))
    assert len(printed(write(full), tmp_path).pages) == 1


def test_printed_it_lies_across_one_page(tmp_path):
    sheet = printed(write(ROSTER), tmp_path)
    assert len(sheet.pages) == 1
    assert sheet.pages[0] == pytest.approx((297.0, 210.0), abs=0.1)
    assert sheet.line("DANH SÁCH")[2] - 0.2163 * 14 * MM == pytest.approx(49.1, abs=1)
    assert min(word.left for word in sheet.words) == pytest.approx(30.1, abs=1.5)


def test_the_list_of_all_sites_says_how_many_filed_one():
    said = text(write(replace(ROSTER, site="25 điểm cầu đã gửi danh sách", whole=True, room="")))
    assert "25 điểm cầu đã gửi danh sách" in said and "Điểm cầu: 25" not in said
