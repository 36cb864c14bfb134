"""The danh sách đại biểu of one site."""

import io
import time
from dataclasses import replace
from datetime import date

import docx
import pytest

from meetings.official.form import Issuer, Signer
from meetings.readiness.document import DelegateLine, Part, RosterPaper, write
from tests.official.printed import MM, printed
from tests.official.sound import assert_sound, parts, text

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


WHOLE = replace(
    ROSTER,
    site="02 điểm cầu đã gửi danh sách",
    room="",
    carried_by="",
    delegates=(),
    parts=(Part("Điểm cầu tỉnh Quảng Trị", ROSTER.delegates), Part("Điểm cầu tỉnh Nghệ An", ROSTER.delegates[:1])),
)


def test_the_list_of_all_sites_says_how_many_filed_one_and_goes_site_by_site():
    data = write(WHOLE)
    assert_sound(data)
    said = text(data)
    assert "02 điểm cầu đã gửi danh sách" in said and "Điểm cầu: 02" not in said
    assert "Điểm cầu tỉnh Quảng Trị (03 đại biểu)" in said and "Điểm cầu tỉnh Nghệ An (01 đại biểu)" in said
    assert "Danh sách này có 04 đại biểu./." in said
    assert "Ký tên" not in said


def rows(data: bytes) -> list[list[str]]:
    table = docx.Document(io.BytesIO(data)).tables[1]  # the first is the head of the document
    return [[cell.text.replace("\u00a0", " ") for cell in row.cells] for row in table.rows]


def test_the_sheet_to_sign_in_has_the_roster_in_its_order_and_ten_empty_lines():
    data = write(replace(ROSTER, to_sign=True))
    assert_sound(data)
    head, *lines = rows(data)
    assert head == ["STT", "Họ và tên", "Chức vụ", "Cơ quan, đơn vị", "Vai trò", "Ký tên"]
    assert [line[:2] for line in lines[:3]] == [
        ["1", "Ông Nguyễn Hữu Phước"],
        ["2", "Bà Hồ Thị Sen"],
        ["3", "Ông Lê Bá Sơn"],
    ]
    assert lines[3:] == [[""] * 6] * 10
    assert "DANH SÁCH ĐẠI BIỂU KÝ TÊN" in text(data)
    xml = parts(data)["word/document.xml"].decode()
    assert xml.count("<w:tblHeader/>") == 1  # the head is repeated
    ruled = xml[xml.index("<w:tblBorders>") :]
    ruled = ruled[: ruled.index("</w:tbl>")]
    assert ruled.count("<w:cantSplit/>") == ruled.count("<w:tr>") == 14  # and no row is torn
    assert "<w:titlePg/>" in xml  # the first page bears no number


def test_printed_the_sheet_numbers_its_second_page_and_repeats_its_head(tmp_path):
    many = tuple(DelegateLine(f"Ông Lê {n}", "Phó Giám đốc", "Sở Tài chính", "Thành viên") for n in range(14))
    sheet = printed(write(replace(ROSTER, delegates=many, to_sign=True)), tmp_path)
    last = len(sheet.pages)
    assert last == 2
    assert [word.text for word in sheet.words if word.page == 2 and word.bottom < 18] == ["2"]
    assert sheet.line("STT", 2) and sheet.line("Danh sách này có 14", last)
    assert not [word for word in sheet.words if word.page == 1 and word.bottom < 18]


def test_printed_a_long_list_never_leaves_its_total_alone(tmp_path):
    """Whatever the number of lines on the last page, a delegate stands above the total."""
    for count in (9, 10, 11):
        folder = tmp_path / str(count)
        folder.mkdir()
        many = tuple(DelegateLine(f"Ông Lê {n}", "Phó Giám đốc", "Sở Y tế", "") for n in range(1, count + 1))
        sheet = printed(write(replace(WHOLE, parts=(Part("Điểm cầu tỉnh Huế", many),))), folder)
        page = len(sheet.pages)
        assert sheet.line("Danh sách này có", page)
        assert [one for one in sheet.words if (one.page, one.text) == (page, str(count)) and one.left < 45]


def test_a_list_of_thousands_is_written_in_a_time_that_grows_with_it_and_no_faster():
    def seconds(people: int) -> float:
        lines = tuple(DelegateLine(f"Ông Lê {n}", "Chủ tịch", f"UBND xã {n}", "Thành viên") for n in range(people))
        began = time.process_time()
        write(replace(WHOLE, parts=(Part("Điểm cầu tỉnh Huế", lines),)))
        return time.process_time() - began

    seconds(50)
    assert seconds(2400) < 16 * max(seconds(300), 0.02)  # eight times the people
