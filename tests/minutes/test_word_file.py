"""A .docx that came back from Word: what is refused, what it says, how it differs, and a number put into it."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date

import docx
import pytest

from meetings.errors import Refused
from meetings.minutes import word_file
from meetings.minutes.document import RECORD as RECORD_KIND
from meetings.minutes.document import write_notice, write_record
from meetings.minutes.word_file import Piece, Unsettled
from meetings.official import form
from meetings.official.form import Numbering
from tests.minutes.test_document import NOTICE, RECORD
from tests.official.sound import assert_sound

BLANK = replace(NOTICE, numbering=Numbering("TB-BTVS"), year=2027)
NUMBER, DAY = "Số: 05/TB-BTVS", "Hà Nội, ngày 02 tháng 3 năm 2027"


def edited(data: bytes, was: str, becomes: str) -> bytes:
    """*data* as a clerk saves it in Word: one paragraph says something else, one is added."""
    opened = docx.Document(io.BytesIO(data))
    found = next(p for p in opened.paragraphs if was in p.text)
    found.runs[0].text, rest = found.text.replace(was, becomes), found.runs[1:]
    for run in rest:
        run.text = ""
    opened.paragraphs[-1].insert_paragraph_before("Thêm một câu trong Word.")
    saved = io.BytesIO()
    opened.save(saved)
    return saved.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    made = io.BytesIO(data)
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def with_words(data: bytes, old: bytes, new: bytes, part: str = "word/document.xml") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after:
        for one in before.infolist():
            content = before.read(one)
            after.writestr(one.filename, content.replace(old, new, 1) if one.filename == part else content)
    return made.getvalue()


LINK = (
    b'<Relationship Id="rX" TargetMode="External" Target="%s" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s"/></Relationships>'
)


def linked(kind: bytes, target: bytes) -> bytes:
    return with_words(write_notice(NOTICE), b"</Relationships>", LINK % (target, kind), "word/_rels/document.xml.rels")


@pytest.mark.parametrize(
    ("name", "make", "sentence"),
    [
        ("a.pdf", lambda: b"%PDF-1.7", "chỉ nhận"),
        ("a.docm", lambda: write_notice(NOTICE), "macro"),
        ("a.docx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99, "mật khẩu"),
        ("a.docx", lambda: b"PK\x03\x04 torn", "bị hỏng"),
        ("a.docx", lambda: write_notice(NOTICE)[:4000], "bị hỏng"),
        ("a.docx", lambda: b"PK\x03\x04" + b"x" * (20 * 1024 * 1024), "20 MB"),
        ("a.docx", lambda: with_part(write_notice(NOTICE), "word/vbaProject.bin", b"x"), "macro"),
        ("a.docx", lambda: with_part(write_notice(NOTICE), "word/embeddings/a.bin", b"x"), "OLE"),
        ("a.docx", lambda: with_part(write_notice(NOTICE), "word/media/a.png", b"\0" * 30_000_000), "lớn hơn"),
        ("a.docx", lambda: linked(b"attachedTemplate", b"https://evil.example/a.dotm"), "evil.example"),
        ("a.docx", lambda: linked(b"image", b"\\\\evil.example\\a.png"), "evil.example"),
        ("a.docx", lambda: with_words(write_notice(NOTICE), b"</w:r>", b"<w:instrText>DDE c x</w:instrText></w:r>"), "DDE"),
        (
            "a.docx",
            lambda: with_words(write_notice(NOTICE), b"<w:document", b'<!DOCTYPE a [<!ENTITY b "c">]><w:document'),
            "không tài liệu Word nào có",
        ),
    ],
)  # fmt: skip
def test_what_acts_fetches_or_is_no_document_is_refused_in_words(name, make, sentence):
    with pytest.raises(Refused) as refused:
        word_file.check(make(), name)
    assert (refused.value.field, refused.value.status) == ("file", 422)
    assert sentence.lower() in str(refused.value.message).lower()


def test_what_word_saves_is_taken_with_a_link_and_the_name_of_its_template():
    word_file.check(edited(write_notice(NOTICE), "Đánh giá", "Nhận định"), "Thông báo (sửa).DOCX")
    word_file.check(linked(b"hyperlink", b"https://chinhphu.example"), "a.docx")
    word_file.check(linked(b"attachedTemplate", b"file:///C:\\Users\\hoa\\Normal.dotm"), "a.docx")


def test_the_text_is_told_paragraph_by_paragraph_and_row_by_row():
    said = word_file.lines(write_record(RECORD))
    assert "KẾT QUẢ ĐIỂM DANH CÁC ĐIỂM CẦU" in said
    assert "1 | Tỉnh Lào Cai | 23 | 07 giờ 45 | 03 giờ 10" in " ".join(said)
    assert any(one.startswith("1 | Ban hành hướng dẫn. | Cục Dự báo") for one in said)
    assert not any("\u00a0" in one for one in said)


def test_paragraphs_added_and_words_changed_are_told_apart():
    ours = write_notice(NOTICE)
    found = word_file.differences(word_file.lines(ours), word_file.lines(edited(ours, "chủ trì", "điều hành")))
    assert [(one.ours != (), one.theirs != ()) for one in found] == [(True, True), (False, True)]
    assert Piece("gone", "chủ trì") in found[0].pieces[0] and Piece("new", "điều hành") in found[0].pieces[0]
    assert found[1].theirs == ("Thêm một câu trong Word.",)
    assert word_file.differences(["a"], ["a"]) == []
    many = [str(n) for n in range(8000)]
    (heavy,) = word_file.differences(["x", *many, "y"], ["z", *reversed(many), "y"])
    assert (heavy.ours, heavy.theirs) == (("x",), ("z",))


def test_a_number_is_put_into_the_line_that_nobody_touched_and_nothing_else_moves():
    hers = edited(write_notice(BLANK), "chủ trì", "điều hành")
    lines = {form.dated(BLANK.issuer, BLANK.numbering, 2027): DAY, BLANK.numbering.line: NUMBER}
    numbered, missing = word_file.with_lines(hers, lines)
    assert not missing
    assert_sound(numbered)
    before, after = word_file.lines(hers), word_file.lines(numbered)
    changed = word_file.differences(before, after)
    assert [one.theirs for one in changed] == [(f"{NUMBER} | {DAY}",)]
    cells = [cell for row in docx.Document(io.BytesIO(numbered)).tables[0].rows for cell in row.cells]
    line = next(p for cell in cells for p in cell.paragraphs if p.text == NUMBER)
    assert line.runs[0].font.size == next(
        p.runs[0].font.size
        for t in docx.Document(io.BytesIO(hers)).tables
        for row in t.rows
        for cell in row.cells
        for p in cell.paragraphs
        if p.text.startswith("Số:")
    )
    assert word_file.with_lines(hers, lines)[0] == numbered, "the same file and number give the same bytes"


def test_a_number_line_that_was_touched_is_left_alone_and_told():
    touched = edited(write_record(replace(RECORD, numbering=Numbering("BB-VP"))), "Địa điểm", "Nơi họp")
    blank = Numbering("BB-VP")
    annex = blank.cited(RECORD_KIND, RECORD.issuer.called)
    numbered, missing = word_file.with_lines(
        touched, {blank.line: "Số: 31/BB-VP", annex: RECORD.numbering.cited("Biên bản", "X")}
    )
    assert not missing and "Số: 31/BB-VP" in " ".join(word_file.lines(numbered))
    again, missing = word_file.with_lines(numbered, {blank.line: "Số: 32/BB-VP"})
    assert missing == {blank.line} and word_file.lines(again) == word_file.lines(numbered)


def test_what_stands_in_the_margin_is_seen():
    ours = write_notice(NOTICE)
    assert word_file.unsettled(ours) == ()
    tracked = with_words(ours, b"<w:r>", b'<w:del w:id="1" w:author="Hoa"></w:del><w:r>')
    assert word_file.unsettled(tracked) == (Unsettled.CHANGES,)
    assert word_file.lines(tracked) == word_file.lines(ours)


def test_a_day_that_stood_there_already_is_a_line_like_others():
    dated = replace(NOTICE, numbering=Numbering("TB-BTVS", "", date(2027, 3, 2)))
    _same, missing = word_file.with_lines(write_notice(dated), {form.dated(BLANK.issuer, BLANK.numbering, 2027): DAY})
    assert len(missing) == 1
