"""The pieces of a .docx: sound for Word, whatever is typed into them."""

import io
import time

import docx
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt

from meetings.official import form, paper
from meetings.official.form import Issuer, Numbering
from meetings.official.paper import Column, Run
from meetings.official.text import printable
from tests.official.sound import assert_sound, faults, lines, parts, text

HOSTILE = "A & B < C > D ]]> \"E\" 'F' \x00\x08\x0b\ud800\uffff\t{{ x }} ${y} %s \u200b e\u0323\u0302 😀"


def file_of(*blocks: str, last: str = "") -> bytes:
    return paper.package(blocks, last or paper.section(), title="Thử", author="Bộ Thử")


def test_hostile_text_survives_as_text():
    data = file_of(paper.paragraph(HOSTILE), paper.ruled_list([Column(HOSTILE, 4000)], [[HOSTILE]]))
    assert_sound(data)
    said = [line for line in lines(data) if line]
    assert said[0].startswith("A & B < C > D ]]> \"E\" 'F'") and "{{ x }}" in said[0] and "😀" in said[0]
    assert "\x00" not in said[0] and "ệ" in said[0]
    assert len(said) == 3


def test_the_same_values_give_the_same_bytes():
    blocks = [form.head(Issuer("Bộ Thử", "Hà Nội"), Numbering("GM-BT", "7"), None), paper.paragraph("Một.")]
    assert file_of(*blocks) == file_of(*blocks)
    assert all(
        stamp in parts(file_of(*blocks))["docProps/core.xml"].decode() for stamp in ("2020-03-05T00:00:00Z", "Thử")
    )


def test_a_body_that_ends_with_a_table_gets_the_paragraph_word_wants():
    data = file_of(paper.ruled_list([Column("STT", 600)], [["1"]]))
    assert list(faults(data)) == []


def test_the_checker_sees_a_property_out_of_order():
    bad = '<w:p><w:pPr><w:jc w:val="both"/><w:keepNext/></w:pPr></w:p>'
    assert any("pPr" in fault for fault in faults(file_of(bad, paper.paragraph("x"))))


def test_an_empty_cell_has_the_size_of_its_neighbours():
    data = file_of(paper.ruled_list([Column("A", 900), Column("B", 900)], [["x", ""]], points=12))
    document = parts(data)["word/document.xml"].decode()
    assert 'w:sz w:val="28"' not in document.split("<w:tblGrid>")[1].split("</w:tbl>")[0]


def test_a_list_of_3400_rows_is_written_in_a_second():
    rows = [[str(n), f"Xã Số {n}", "Phòng họp trực tuyến", "14 giờ 00, 09/12"] for n in range(1, 3401)]
    columns = [Column("STT", 680), Column("Điểm cầu", 2721), Column("Phòng", 4082), Column("Kiểm tra", 1870)]
    began = time.process_time()
    data = file_of(paper.ruled_list(columns, rows))
    assert time.process_time() - began < 2  # 0.6 s of one quiet core; a busy machine stretches it
    assert lines(data)[-5] == "3400"
    assert len(data) < 200 * 1024


def test_a_rule_is_a_bordered_paragraph_and_no_shape():
    written = paper.rule(60.4, 98, before=50)
    assert "<w:pBdr><w:top" in written and "drawing" not in written and "pict" not in written


def test_a_line_break_inside_a_paragraph_is_a_break():
    assert text(file_of(paper.paragraph("một\nhai"))).strip() == "một\nhai"


def test_runs_keep_their_own_face():
    written = paper.runs(["thường ", Run("đậm", bold=True)], 14)
    assert written.count("<w:b/>") == 1


@pytest.mark.parametrize(
    ("numbering", "line"),
    [
        (Numbering("GM-BĐPS", "125"), "Số: 125/GM-BĐPS"),
        (Numbering("GM-UBND", "5"), "Số: 05/GM-UBND"),
        (Numbering("GM-UBND", "15a"), "Số: 15a/GM-UBND"),
        (Numbering("GM-BĐPS"), "Số:      /GM-BĐPS"),
    ],
)
def test_a_number_below_ten_has_a_zero_and_a_missing_one_leaves_room(numbering, line):
    assert numbering.line.replace("\u00a0", " ") == line


def test_points_are_lettered_by_the_vietnamese_alphabet():
    assert [form.lettered(n) for n in (0, 3, 4, 6, 22, 23)] == ["a)", "d)", "đ)", "g)", "y)", "aa)"]


def test_rows_from_the_template_read_as_python_docx_would_have_written_them():
    typed = [[str(n), f"Xã Số {n} & <{n}>" * (n % 3), "Vắng\n(bão)" if n % 5 else "", HOSTILE] for n in range(1, 700)]
    columns = [
        Column(head, 2000, align) for head, align in zip("ABCD", ("center", "left", "left", "center"), strict=True)
    ]
    data = file_of(paper.ruled_list(columns, [*typed, ["Một tỉnh"], typed[0]], keep_next=True))
    assert list(faults(data)) == []
    ours = docx.Document(io.BytesIO(data)).tables[0].rows
    plain = docx.Document().add_table(rows=0, cols=4)
    assert len(ours) == len(typed) + 3
    for n in (1, 2, 5, 249, 250, 251, 699):  # where a chunk ends, too
        there = plain.add_row().cells
        for cell, said in zip(there, typed[n - 1], strict=True):
            cell.text = printable(said).replace("\t", " ")
        assert [cell.text.replace("\u00a0", " ") for cell in ours[n].cells] == [cell.text for cell in there]
        for cell, column in zip(ours[n].cells, columns, strict=True):
            (one,) = cell.paragraphs
            assert one.alignment == {"left": WD_ALIGN_PARAGRAPH.LEFT, "center": WD_ALIGN_PARAGRAPH.CENTER}[column.align]
            assert all(run.font.size == Pt(12) for run in one.runs)
    assert ours[-2].cells[0].text == ours[-2].cells[3].text == "Một tỉnh"
    kept = [all(cell.paragraphs[0].paragraph_format.keep_with_next for cell in row.cells) for row in ours]
    assert kept == [*[False] * (len(ours) - 3), True, True, True]


@pytest.mark.parametrize(("length", "kept"), [(1, [False]), (2, [True, False]), (5, [False, False, True, True, False])])
def test_the_last_three_lines_of_a_list_stay_together(length, kept):
    data = file_of(paper.ruled_list([Column("A", 2000), Column("B", 2000)], [[str(n), "x"] for n in range(length)]))
    rows = docx.Document(io.BytesIO(data)).tables[0].rows
    assert [bool(row.cells[0].paragraphs[0].paragraph_format.keep_with_next) for row in rows][1:] == kept


def test_a_row_that_lacks_a_text_is_refused():
    with pytest.raises(TypeError):
        paper.ruled_list([Column("A", 900), Column("B", 900), Column("C", 900)], [["1", "2"]])
