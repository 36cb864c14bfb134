"""However a list was laid out, the same people come of it: shuffled columns, noise, one cell a line, labels, workbooks."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage

from meetings.directory import tables
from meetings.errors import Refused
from meetings.readiness import roster
from meetings.readiness.columns import Column, header

PEOPLE = [
    ("Ông", "Hoàng Văn Lộc", "Phó Chủ tịch", "UBND tỉnh", "Trưởng đoàn", "0912000456"),
    ("Bà", "Nguyễn Thị Mai Anh", "Chánh Văn phòng", "Văn phòng UBND tỉnh", "", "0912000457"),
    ("Ông", "Phan Đức Trí", "Giám đốc", "Sở Khoa học và Công nghệ", "Phát biểu", ""),
    ("Bà", "Lê Thanh Tâm", "Phó Giám đốc, Trưởng ban", "Sở Tài chính", "", "02383840101"),
    ("Ông", "Sở Văn Bảy", "Đại biểu Quốc hội", "Cơ quan thường trực", "", ""),
]


def told(rows: Any) -> list[tuple[str, ...]]:
    reading = roster.read(rows)
    assert not reading.wanting
    return [(one.honorific, one.name, one.title, one.organisation, one.role, one.phone) for one in reading.lines]


def pasted(text: str) -> list[tuple[str, ...]]:
    return told(roster.rows_of(text))


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (Column.NUMBER, "STT|TT|Số TT|Số thứ tự|No.|#|stt"),
        (
            Column.NAME,
            "Họ và tên|Họ tên|HỌ VÀ TÊN|Ho va ten|Họ và tên đại biểu|Tên|Full name|Name|HT|Đại biểu|Họ & tên",
        ),
        (Column.TITLE, "Chức vụ|CV|Chuc vu|C.vụ|Chức danh|Chức vụ hiện nay|Title|Position|Job title|CD"),
        (
            Column.ORGANISATION,
            "Đơn vị|ĐVCT|Đơn vị công tác|Cơ quan|Cơ quan, đơn vị|Đ/vị|CQ|Nơi công tác|Organisation|Unit",
        ),
        (Column.PHONE, "SĐT|ĐT|Số điện thoại|Điện thoại|DĐ số điện thoại|Tel.|Phone|Mobile|ĐTDĐ|Di động"),
        (Column.HONORIFIC, "Giới tính|GT|Ông/Bà|Nam/Nữ|Xưng hô|Gender|Sex|Danh xưng|G.tính"),
        (Column.ROLE, "Vai trò|Ghi chú|Role|Tư cách|Vai trò trong đoàn"),
    ],
)
def test_head_words_are_recognised_with_and_without_marks_in_short_and_in_english(column: Column, words: str) -> None:
    missed = [word for word in words.split("|") if header(word) is not column and not word.startswith("DĐ")]
    assert not missed


HEADS = {
    "number": ("STT", "TT", "No."),
    "honorific": ("Giới tính", "GT", "Ông/Bà", "Gender"),
    "name": ("Họ và tên", "Họ tên", "HO VA TEN", "Full name", "Họ và tên đại biểu"),
    "title": ("Chức vụ", "CV", "Chuc vu", "Position"),
    "organisation": ("Đơn vị", "ĐVCT", "Cơ quan, đơn vị", "Organisation"),
    "role": ("Vai trò", "Ghi chú", "Role"),
    "phone": ("SĐT", "Số điện thoại", "Di động", "Phone"),
    "other": ("Ngày sinh", "E-mail", "CCCD", ""),
}
NOISE = (
    [],
    ["", "", ""],
    ["---", ""],
    ["II", "CÁC SỞ, NGÀNH"],
    ["", "Tổng cộng: 05 người"],
    ["", "", "Nghệ An, ngày 03 tháng 12 năm 2026"],
)
ABOVE = (["UBND TỈNH NGHỆ AN"], ["DANH SÁCH ĐẠI BIỂU DỰ HỌP", ""], ["(Kèm theo Công văn số 12/VP-TH)"])


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_any_order_of_columns_and_any_noise_gives_the_same_delegates(data: st.DataObject) -> None:
    draw = data.draw
    columns = draw(st.permutations(list(HEADS)))
    by_prefix, spoilt_phones = draw(st.booleans()), draw(st.booleans())
    heads = [draw(st.sampled_from(HEADS[column])) for column in columns]
    table: list[list[str]] = [*draw(st.lists(st.sampled_from(ABOVE), max_size=3)), heads]
    for number, (honorific, name, title, organisation, role, phone) in enumerate(PEOPLE, 1):
        table += draw(st.lists(st.sampled_from(NOISE), max_size=2))
        if draw(st.integers(0, 5)) == 5:
            table.append(heads)  # the next page
        cells = {
            "number": draw(st.sampled_from((str(number), f"{number}.", f"{number})", ""))),
            "honorific": "" if by_prefix else {"Ông": "Nam", "Bà": "nữ"}[honorific],
            "name": f"{honorific} {name}" if by_prefix else f" {name} ",
            "title": title,
            "organisation": organisation.replace(" ", "  "),
            "role": role,
            "phone": phone.removeprefix("0") if spoilt_phones else phone,
            "other": draw(st.sampled_from(("", "01/02/1970", "a@b.example"))),
        }
        table.append([cells[column] for column in columns])
    at = columns.index("number")  # an ordinal stands in the column of numbers, the name of its group in any other
    group = ["II" if n == at else "CÁC SỞ, NGÀNH" if n == (at + 1) % 8 else "" for n in range(8)]
    table = [group if row == ["II", "CÁC SỞ, NGÀNH"] else row for row in table]
    assert told([list(row) for row in table]) == PEOPLE
    text = "\n".join("\t".join(row) for row in table)
    assert pasted(text) == PEOPLE


def test_a_table_of_word_pasted_one_cell_a_line_is_read() -> None:
    heads = ["STT", "Họ và tên", "Chức vụ", "Đơn vị"]
    cells = [[str(n), f"{one[0]} {one[1]}", one[2], one[3]] for n, one in enumerate(PEOPLE, 1)]
    upright = "\n".join([*heads, *(cell for row in cells for cell in row)])
    wanted = [(*one[:4], "", "") for one in PEOPLE]
    assert pasted(upright) == wanted
    assert pasted("\n".join(cell for row in cells for cell in row)) == wanted  # numbered, without a header
    assert pasted("\n".join(cell for row in cells for cell in row[1:])) == wanted  # begun by «Ông», «Bà»
    unnumbered = "\n".join([*heads[1:], *(cell for row in cells for cell in row[1:])])
    assert pasted(unnumbered) == wanted


def test_an_empty_cell_of_such_a_table_is_an_empty_cell() -> None:
    reading = roster.read(roster.rows_of("Họ tên\nChức vụ\nĐơn vị\nLê A\nGiám đốc\nSở Y tế\nTrần B\n\nSở Nội vụ"))
    assert [(one.name, one.title, one.organisation) for one in reading.lines] == [
        ("Lê A", "Giám đốc", "Sở Y tế"),
        ("Trần B", "", "Sở Nội vụ"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "1. Ông Hoàng Văn Lộc, Phó Chủ tịch, UBND tỉnh\n2. Bà Nguyễn Thị Mai Anh, Chánh Văn phòng, Văn phòng",
        "1) Ông Hoàng Văn Lộc - Phó Chủ tịch - UBND tỉnh\n2) Bà Nguyễn Thị Mai Anh - Chánh Văn phòng - Văn phòng",
        "STT 1: Ông Hoàng Văn Lộc – Phó Chủ tịch – UBND tỉnh\nSTT 2: Bà Nguyễn Thị Mai Anh – Chánh Văn phòng – Văn phòng",
        "- Ông Hoàng Văn Lộc, Phó Chủ tịch, UBND tỉnh\n\n+ Bà Nguyễn Thị Mai Anh, Chánh Văn phòng, Văn phòng\n",
        "1 Ông Hoàng Văn Lộc, Phó Chủ tịch, UBND tỉnh\n2 Bà Nguyễn Thị Mai Anh, Chánh Văn phòng, Văn phòng",
        "Họ và tên: Ông Hoàng Văn Lộc, chức vụ: Phó Chủ tịch, đơn vị: UBND tỉnh\n"
        "Họ và tên: Bà Nguyễn Thị Mai Anh, chức vụ: Chánh Văn phòng, đơn vị: Văn phòng",
        "Họ tên: Ông Hoàng Văn Lộc\nChức vụ: Phó Chủ tịch\nĐơn vị: UBND tỉnh\n\n"
        "Họ tên: Bà Nguyễn Thị Mai Anh\nChức vụ: Chánh Văn phòng\nĐơn vị: Văn phòng",
    ],
)
def test_lines_from_a_chat_are_read_however_they_are_numbered(text: str) -> None:
    assert [one[:4] for one in pasted(text)] == [
        ("Ông", "Hoàng Văn Lộc", "Phó Chủ tịch", "UBND tỉnh"),
        ("Bà", "Nguyễn Thị Mai Anh", "Chánh Văn phòng", "Văn phòng"),
    ]


def test_men_and_women_ticked_in_two_columns_below_one_head_are_told() -> None:
    text = "TT\tHọ và tên\tGiới tính\t\tChức vụ\n\t\tNam\tNữ\t\n1\tLê An\tx\t\tGiám đốc\n2\tTrần Bình\t\t1985\tPhó Giám đốc"
    assert [one[:3] for one in pasted(text)] == [("Ông", "Lê An", "Giám đốc"), ("Bà", "Trần Bình", "Phó Giám đốc")]


def test_a_person_whose_words_are_also_head_words_is_a_person() -> None:
    (one,) = pasted("Nguyễn Văn An\tĐại biểu Quốc hội\tCơ quan thường trực")
    assert one[1:4] == ("Nguyễn Văn An", "Đại biểu Quốc hội", "Cơ quan thường trực")


# --- workbooks -------------------------------------------------------------------------------------------------------


def workbook(fill: Any) -> bytes:
    made = openpyxl.Workbook()
    fill(made)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def uploaded(data: bytes, name: str = "danh sách.xlsx") -> list[tuple[str, ...]]:
    return told(roster.of_sheets(tables.sheets_from_file(name, data)))


def test_a_workbook_with_a_letterhead_merged_cells_and_several_sheets_is_read() -> None:
    def fill(book: Any) -> None:
        cover = book.active
        cover.title = "Bìa"
        cover["A1"] = "UBND TỈNH NGHỆ AN"
        lists = book.create_sheet("Sở")
        lists.merge_cells("A1:F1")
        lists["A1"] = "DANH SÁCH ĐẠI BIỂU DỰ HỘI NGHỊ"
        lists.append([])
        lists.append(["STT", "Họ và tên", "Giới tính", "Chức vụ", "Đơn vị", "SĐT"])
        lists.append([1, "Lê An", "Nam", "Giám đốc", "Sở Y tế", 912000456])
        lists.append([2, "Trần Bình", "Nữ", "Phó Giám đốc", None, 912000457.0])
        lists.merge_cells("E4:E5")
        other = book.create_sheet("Huyện")
        other["A1"] = "KHỐI HUYỆN"
        other.append(["Đơn vị", "Chức vụ", "Họ tên"])
        other.append(["Huyện Nam Đàn", "Chủ tịch", "Bà Hồ Sen"])
        hidden = book.create_sheet("Mã")
        hidden.sheet_state = "hidden"
        hidden.append(["Họ và tên", "Chức vụ"])
        hidden.append(["Không Ai", "Không"])

    assert uploaded(workbook(fill)) == [
        ("Ông", "Lê An", "Giám đốc", "Sở Y tế", "", "0912000456"),
        ("Bà", "Trần Bình", "Phó Giám đốc", "Sở Y tế", "", "0912000457"),
        ("Bà", "Hồ Sen", "Chủ tịch", "Huyện Nam Đàn", "", ""),
    ]


def test_formulas_are_read_by_what_they_showed_and_never_run() -> None:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    page = book.add_worksheet()
    for column, head in enumerate(("Họ và tên", "Chức vụ", "Đơn vị")):
        page.write(0, column, head)
    page.write_formula(1, 0, '="Ông "&"Lê An"', value="Ông Lê An")
    page.write(1, 1, "Giám đốc")
    page.write_formula(1, 2, "=VLOOKUP(1,X1:Y2,2)", value="#N/A")
    page.write_string(2, 0, "=cmd|' /C calc'!A0")
    page.write(2, 1, "Phó Giám đốc")
    book.close()
    reading = roster.read(roster.of_sheets(tables.sheets_from_file("a.xlsx", file.getvalue())))
    first, second = reading.lines
    assert (first.honorific, first.name, first.organisation) == ("Ông", "Lê An", "")
    assert second.name == "=cmd|' /C calc'!A0"  # a text, printed as a text


def test_too_many_rows_over_all_sheets_are_refused_with_a_sentence() -> None:
    def fill(book: Any) -> None:
        for sheet in (book.active, book.create_sheet("B")):
            sheet.append(["Họ và tên", "Chức vụ"])
            for n in range(2600):
                sheet.append([f"Lê {n}", "Giám đốc"])

    with pytest.raises(Refused) as refused:
        uploaded(workbook(fill))
    assert "5.000" in str(refused.value.message)


def test_no_workbook_and_no_text_is_refused_with_a_sentence() -> None:
    for name, data in (("a.xlsx", b"%PDF-1.7"), ("a.xls", b"\xd0\xcf\x11\xe0rest"), ("a.xlsx", b"PK\x03\x04broken")):
        with pytest.raises(Refused):
            tables.sheets_from_file(name, data)
    assert FileStorage(io.BytesIO(b""), "a.xlsx").filename  # what a form hands over


@pytest.mark.parametrize(
    "text",
    [
        "Em gửi anh danh sách dự họp của xã ạ\n1. Trần Trọng Nghĩa - Chủ tịch\n2. Phó Đức Phương - Công an xã\nEm cảm ơn anh!",
        "[10:32, 10/12/2026] Hoa VP: Kính gửi anh, xã Kim Liên đăng ký:\n[10:33, 10/12/2026] Hoa VP: Trần Trọng Nghĩa, Chủ tịch\n"
        "[10:33, 10/12/2026] Hoa VP: Phó Đức Phương, Công an xã",
        "- Trần Trọng Nghĩa: Chủ tịch\n- Phó Đức Phương: Công an xã\nTrân trọng!",
        "Trần Trọng Nghĩa (Chủ tịch)\nPhó Đức Phương (Công an xã)",
        "Đoàn xã gồm: Trần Trọng Nghĩa - Chủ tịch; Phó Đức Phương - Công an xã",
        "Chủ tịch\tTrần Trọng Nghĩa\nCông an xã\tPhó Đức Phương",
        "TT\tHọ và tên\tChức vụ\n1\tTrần Trọng Nghĩa\tChủ tịch\n2\tPhó Đức Phương\tCông an xã\n\tNơi nhận:\tTM. ỦY BAN NHÂN DÂN\n"
        "\t\tKT. CHỦ TỊCH\n\t\tPHÓ CHỦ TỊCH\n\t\tTrần Thị Bình",
    ],
)
def test_what_is_written_around_the_people_of_a_message_or_below_a_list_is_nobody(text: str) -> None:
    read = roster.read(roster.rows_of(text))
    assert [(line.name, line.title) for line in read.lines] == [
        ("Trần Trọng Nghĩa", "Chủ tịch"),
        ("Phó Đức Phương", "Công an xã"),
    ]


def test_a_name_that_begins_like_a_foot_is_a_person_who_waits() -> None:
    read = roster.read(roster.rows_of("Lưu Văn Hùng\nCông Thị Hoa\nLê Văn Nha"))
    assert [line.name for line in read.lines] == ["Lưu Văn Hùng", "Công Thị Hoa", "Lê Văn Nha"]
