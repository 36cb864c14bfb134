"""Lists as people bring them, read into clean cells."""

import io
import unicodedata
import zipfile

import openpyxl
import pytest

from meetings.directory import tables
from meetings.errors import Refused
from meetings.official import legacy_fonts


def workbook(*rows, sheet=None):
    book = openpyxl.Workbook()
    page = book.active
    for row in rows:
        page.append(row)
    if sheet:
        sheet(book)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


@pytest.mark.parametrize("sign", ["\t", ";", "|", ","])
def test_a_pasted_list_is_read_whatever_parts_its_cells(sign):
    text = sign.join(["Xã Kim Liên", "Bà Lê Thị Hà", "ha@nghean.example"])
    assert tables.from_text(f"{text}\r\n\r\n{text}\n") == [["Xã Kim Liên", "Bà Lê Thị Hà", "ha@nghean.example"]] * 2


def test_a_comma_inside_a_cell_pasted_from_excel_stays_there():
    assert tables.from_text("Xã Kim Liên\tTầng 2, nhà A\nXã Vạn An\tTầng 1") == [
        ["Xã Kim Liên", "Tầng 2, nhà A"],
        ["Xã Vạn An", "Tầng 1"],
    ]


def test_a_cell_with_a_line_break_is_one_cell():
    assert tables.from_text('Xã Kim Liên\t"0912000345\n0983000111"') == [["Xã Kim Liên", "0912000345 0983000111"]]


def test_an_unclosed_quotation_mark_does_not_swallow_the_list():
    rows = ['Xã A\t"Hội trường', *(f"Xã {n}\tPhòng {n}" for n in range(20))]
    grid = tables.from_text("\n".join(rows))
    assert len(grid) == 21
    assert grid[0] == ["Xã A", '"Hội trường']


def test_cells_are_kept_in_one_form_without_what_cannot_be_seen():
    said = unicodedata.normalize("NFD", "Xã Đồng Văn")
    assert tables.from_text(f"\ufeff{said}\u200b\u00a0 \x07\tA\ud800B") == [["Xã Đồng Văn", "AB"]]


def test_a_csv_is_read_in_every_encoding_that_excel_writes():
    line = "Xã Đồng Văn;Bà Nguyễn Thị Ngọc Ánh"
    cells = [["Xã Đồng Văn", "Bà Nguyễn Thị Ngọc Ánh"]]
    old = "".join(map(_tone_apart, line))
    for data in (line.encode(), line.encode("utf-8-sig"), line.encode("utf-16"), old.encode("cp1258")):
        assert tables.from_file("danh-sach.csv", data) == cells


def _tone_apart(letter):
    """As Windows-1258 has it: the vowel with its hat or hook, then its tone."""
    marks = unicodedata.normalize("NFD", letter)
    hats = "".join(m for m in marks[1:] if m in "\u0302\u0306\u031b")
    return unicodedata.normalize("NFC", marks[0] + hats) + "".join(m for m in marks[1:] if m not in hats)


def test_a_csv_typed_with_an_old_font_is_left_as_it_stands_and_can_be_converted():
    data = "X· Kim Liªn;Bµ Hoµng ThÞ Léc".encode("latin-1")
    grid = tables.from_file("ds.csv", data)
    font = legacy_fonts.suspected("\n".join(" ".join(row) for row in grid))
    assert font is legacy_fonts.Font.TCVN3
    assert [legacy_fonts.to_unicode(cell, font) for cell in grid[0]] == ["Xã Kim Liên", "Bà Hoàng Thị Lộc"]


def test_a_workbook_is_read_as_a_person_reads_it():
    data = workbook(["DANH SÁCH"], [], ["Xã Kim Liên", 912000345.0, None, True, "00004"])
    assert tables.from_file("ds.xlsx", data) == [["DANH SÁCH"], ["Xã Kim Liên", "912000345", "", "1", "00004"]]


def test_a_hidden_sheet_of_code_tables_is_not_the_list():
    def hide(book):
        other = book.create_sheet("Điểm cầu")
        other.append(["Xã Kim Liên"])
        book.worksheets[0].sheet_state = "hidden"
        book.active = 1

    assert tables.from_file("ds.xlsx", workbook(["mã nội bộ"], sheet=hide)) == [["Xã Kim Liên"]]


def refused(name, data):
    with pytest.raises(Refused) as no:
        tables.from_file(name, data)
    return no.value


def test_an_empty_list_is_refused_with_what_to_do():
    assert refused("ds.csv", b"\n ; ;\n").status == 422
    assert refused("ds.xlsx", workbook()).status == 422


def test_a_file_of_another_kind_is_refused():
    # as many offices' programs name a table of a web page; and what Word and scanners make
    assert ".xls" in str(refused("ds.xls", b"<html><table><tr><td>Kim").message)
    for name in ("ds.docx", "ds.doc", "ds.pdf"):
        made = {"x": b"PK\x03\x04", "c": b"\xd0\xcf\x11\xe0", "f": b"%PDF-1.7"}[name[-1]]
        assert "Word" in str(refused(name, made + b"\0" * 600).message)
    assert refused("ds.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600).status == 422
    assert refused("anh.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").status == 422
    assert refused("ds.xlsx", b"PK\x03\x04 and then nothing").status == 422
    assert refused("ds.xlsx", b"<html>").status == 422


def test_a_workbook_with_nothing_in_the_zip_is_refused():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as parts:
        parts.writestr("a.txt", "x")
    assert refused("ds.xlsx", made.getvalue()).status == 422


def test_a_small_file_that_unpacks_into_a_flood_is_refused_before_it_is_unpacked():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/sharedStrings.xml", b"<si>" * 10_000_000)
    data = made.getvalue()
    assert len(data) < 400_000
    assert refused("ds.xlsx", data).status == 413


def test_an_entity_bomb_in_a_workbook_is_refused():
    data = workbook(["Xã Kim Liên"])
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for part in old.infolist():
            new.writestr(part, bomb if part.filename.endswith("sheet1.xml") else old.read(part))
    assert refused("ds.xlsx", made.getvalue()).status == 422


def test_a_lone_cell_in_the_last_row_of_a_sheet_is_no_trap():
    def far(book):
        book.active["A1048576"] = "đáy"

    assert refused("ds.xlsx", workbook(["Xã Kim Liên"], sheet=far)).status == 422


def test_a_list_that_is_too_long_or_too_wide_is_refused_and_never_cut():
    with pytest.raises(Refused):
        tables.from_text("\n".join(f"Xã {n}\tA" for n in range(tables.MAX_ROWS + 30)))
    with pytest.raises(Refused):
        tables.from_text("\t".join(str(n) for n in range(60)))
    with pytest.raises(Refused):
        tables.from_text("Xã Kim Liên\t" + "a" * 1001)
    with pytest.raises(Refused):
        tables.from_file("x.csv", b"a" * (tables.MAX_BYTES + 1))
