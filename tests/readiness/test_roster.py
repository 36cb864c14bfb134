"""What is pasted into the roster is read, whatever it came from, and what cannot be used says why."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.errors import Refused
from meetings.readiness import roster
from meetings.readiness.roster import Column, Fault, Line


def read(text: str) -> roster.Reading:
    return roster.read(roster.rows_of(text))


def people(text: str) -> list[tuple[str, str, str, str]]:
    return [(line.honorific, line.name, line.title, line.organisation) for line in read(text).lines]


LOC = ("Ông", "Hoàng Văn Lộc", "Phó Chủ tịch", "UBND tỉnh")
ANH = ("Bà", "Nguyễn Thị Mai Anh", "Chánh Văn phòng", "Văn phòng")


def test_rows_from_excel_without_a_header_stand_in_the_customary_order() -> None:
    pasted = "Ông Hoàng Văn Lộc\tPhó Chủ tịch\tUBND tỉnh\nBà Nguyễn Thị Mai Anh\tChánh Văn phòng\tVăn phòng"
    assert people(pasted) == [LOC, ANH]


def test_a_header_names_the_columns_in_any_order() -> None:
    pasted = (
        "STT\tĐơn vị công tác\tSố ĐT\tHọ và tên\tGiới tính\tChức vụ\tVai trò\n"
        "1\tUBND tỉnh\t912000456\tHoàng Văn Lộc\tNam\tPhó Chủ tịch\tTrưởng đoàn\n"
        "2\tVăn phòng\t\tNguyễn Thị Mai Anh\tNữ\tChánh Văn phòng\t\n"
    )
    reading = read(pasted)
    assert people(pasted) == [LOC, ANH]
    assert reading.lines[0].phone == "0912000456"
    assert reading.lines[0].role == "Trưởng đoàn"
    assert reading.columns[:4] == (Column.NUMBER, Column.ORGANISATION, Column.PHONE, Column.NAME)


def test_a_title_above_the_header_and_a_header_printed_again_are_passed_over() -> None:
    pasted = (
        "DANH SÁCH ĐẠI BIỂU DỰ HỌP\t\t\n\nTT\tHọ tên\tChức vụ\tĐơn vị\n1\tÔng Hoàng Văn Lộc\tPhó Chủ tịch\tUBND tỉnh\n"
        "TT\tHọ tên\tChức vụ\tĐơn vị\n2\tBà Nguyễn Thị Mai Anh\tChánh Văn phòng\tVăn phòng\n"
    )
    assert people(pasted) == [LOC, ANH]


def test_numbering_and_empty_rows_are_not_people() -> None:
    first, second = "Ông Hoàng Văn Lộc\tPhó Chủ tịch\tUBND tỉnh", "Bà Nguyễn Thị Mai Anh\tChánh Văn phòng\tVăn phòng"
    pasted = f"1\t{first}\n\n\t\t\t\n2\t{second}\n3\t"
    assert people(pasted) == [LOC, ANH]
    assert read(pasted).received == 2


def test_typed_lines_from_a_chat_are_read() -> None:
    pasted = "1. Ông Hoàng Văn Lộc - Phó Chủ tịch - UBND tỉnh\n2) Bà Nguyễn Thị Mai Anh, Chánh Văn phòng, Văn phòng"
    assert people(pasted) == [LOC, ANH]


def test_commas_inside_a_typed_title_stay_in_the_title() -> None:
    (line,) = read("Ông Hoàng Văn Lộc, Phó Chủ tịch, Trưởng ban Chỉ đạo, UBND tỉnh, 0912.000.456").lines
    assert (line.title, line.organisation, line.phone) == (
        "Phó Chủ tịch, Trưởng ban Chỉ đạo",
        "UBND tỉnh",
        "0912000456",
    )


@pytest.mark.parametrize("sign", [",", ";"])
def test_a_csv_file_is_read_with_its_quotes(sign: str) -> None:
    pasted = (
        sign.join(("Họ tên", "Chức vụ", "Đơn vị"))
        + "\n"
        + sign.join(("Ông Hoàng Văn Lộc", f'"Phó{sign} Chủ tịch"', "UBND tỉnh"))
    )
    assert people(pasted) == [("Ông", "Hoàng Văn Lộc", f"Phó{sign} Chủ tịch", "UBND tỉnh")]


def test_a_cell_of_excel_with_a_line_break_stays_one_cell() -> None:
    pasted = (
        'Ông Hoàng Văn Lộc\t"Phó Chủ tịch\nTrưởng ban"\tUBND tỉnh\nBà Nguyễn Thị Mai Anh\tChánh Văn phòng\tVăn phòng'
    )
    assert [row[2] for row in people(pasted)] == ["Phó Chủ tịch Trưởng ban", "Chánh Văn phòng"]


def test_family_and_given_names_in_two_columns_are_put_together() -> None:
    assert people("Họ và tên đệm\tTên\tChức vụ\nHoàng Văn\tLộc\tPhó Chủ tịch") == [
        ("", "Hoàng Văn Lộc", "Phó Chủ tịch", "")
    ]


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        ("Ông Hoàng Văn Lộc", ("Ông", "Hoàng Văn Lộc")),
        ("bà  Lê Thanh Tâm", ("Bà", "Lê Thanh Tâm")),
        ("Đ/c Lê Thanh Tâm", ("Đồng chí", "Lê Thanh Tâm")),
        ("Đồng chí Bà Lê Thanh Tâm", ("Bà", "Lê Thanh Tâm")),
        ("3. Lê Thanh Tâm", ("", "Lê Thanh Tâm")),
        ("Bàng Bá Lân", ("", "Bàng Bá Lân")),
    ],
)
def test_the_honorific_is_taken_from_before_the_name_and_never_guessed(typed: str, read_as: tuple[str, str]) -> None:
    line = roster.line(1, {"name": typed, "title": "Giám đốc"})
    assert (line.honorific, line.name) == read_as


def test_a_row_without_a_title_is_kept_and_says_so() -> None:
    reading = read("Ông Hoàng Văn Lộc\tPhó Chủ tịch\tUBND tỉnh\nLê Thanh Tâm\t\tSở Tài chính")
    assert [line.name for line in reading.usable] == ["Hoàng Văn Lộc"]
    assert reading.wanting == (Line(2, "Lê Thanh Tâm", "", organisation="Sở Tài chính", faults=(Fault.TITLE_MISSING,)),)


def test_a_row_without_a_name_is_kept_and_says_so() -> None:
    (line,) = read("Họ tên\tChức vụ\tĐơn vị\n\tGiám đốc\tSở Tài chính").wanting
    assert line.faults == (Fault.NAME_MISSING,)


def test_a_repeated_row_is_pointed_out_and_not_counted_twice() -> None:
    reading = read("Ông Hoàng Văn Lộc\tPhó Chủ tịch\tA\nBà Tâm\tGiám đốc\tB\nHOÀNG VĂN LỘC\tPhó chủ tịch\tC")
    assert len(reading.lines) == 2
    assert [(line.number, earlier) for line, earlier in reading.repeated] == [(3, 1)]


def test_namesakes_with_other_titles_are_kept_and_pointed_out() -> None:
    reading = read("Lê Thanh Tâm\tGiám đốc\tA\nLê Thanh Tâm\tTrưởng phòng\tB")
    assert len(reading.lines) == 2
    assert [(line.number, earlier) for line, earlier in reading.namesakes] == [(2, 1)]


def test_names_that_differ_by_a_tone_are_two_people() -> None:
    reading = read("Lê Thị Hoa\tChuyên viên\tA\nLê Thị Hòa\tChuyên viên\tA")
    assert len(reading.lines) == 2
    assert not reading.repeated and not reading.namesakes


def test_a_delegate_who_is_already_filed_is_pointed_out() -> None:
    rows = roster.rows_of("Ông Hoàng Văn Lộc\tPhó Chủ tịch\tUBND tỉnh")
    assert roster.read(rows, known=[roster.key("HOÀNG VĂN LỘC", "Phó Chủ tịch")]).repeated[0][1] == 0


def test_decomposed_letters_are_stored_composed() -> None:
    assert people(unicodedata.normalize("NFD", "Ông Hoàng Văn Lộc\tPhó Chủ tịch\tUBND tỉnh")) == [LOC]


@pytest.mark.parametrize(
    ("typed", "shown", "faults"),
    [
        ("912000456", "0912000456", ()),
        ("0912.000.456", "0912000456", ()),
        ("+84 912 000 456", "0912000456", ()),
        ("024.0000.0101", "02400000101", ()),
        ("chưa có", "chưa có", (Fault.PHONE_ODD,)),
        ("9.12E+08", "9.12E+08", (Fault.PHONE_ODD,)),
        ("", "", ()),
    ],
)
def test_telephones_are_read_as_people_and_excel_write_them(typed: str, shown: str, faults: tuple[Fault, ...]) -> None:
    line = roster.line(1, {"name": "Lê Tâm", "title": "Giám đốc", "phone": typed})
    assert (line.phone, line.faults) == (shown, faults)


def test_over_long_text_is_a_fault_of_its_row_only() -> None:
    reading = read("A" * 500 + "\tGiám đốc\tA\nLê Thanh Tâm\tGiám đốc\tB")
    assert [line.faults for line in reading.lines] == [(Fault.TOO_LONG,), ()]


def test_forty_three_rows_from_a_phone_keep_their_order() -> None:
    pasted = "\n".join(f"{n}\tNguyễn Văn {chr(65 + n % 26)}{n}\tChuyên viên\tSở {n}" for n in range(1, 44))
    reading = read(pasted)
    assert len(reading.usable) == 43
    assert [line.number for line in reading.lines] == list(range(1, 44))


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from('\t\n\r,;|"-–ÔngBà 0123456789')), max_size=300))
def test_nothing_that_is_pasted_is_an_error(text: str) -> None:
    try:
        reading = read(text)
    except Refused as refused:
        assert refused.status in (413, 422)
        return
    assert reading.received == len(reading.lines) + len(reading.repeated)
    for line in reading.lines:
        assert unicodedata.is_normalized("NFC", line.name)
        assert "\t" not in line.name and "\n" not in line.name


def test_a_name_with_its_title_in_one_cell_of_a_table_is_read_as_both() -> None:
    rows = [["Họ và tên", "Chức vụ"], ["Đ/c Vũ Văn Hùng - Trưởng phòng CNTT", ""], ["Lê Thị Hoa", "Phó Trưởng phòng"]]
    first, second = roster.read(rows).usable
    assert (first.name, first.title) == ("Vũ Văn Hùng", "Trưởng phòng CNTT")
    assert (second.name, second.title) == ("Lê Thị Hoa", "Phó Trưởng phòng")
