"""A body's own Word template: what is refused at the door and why, what is filled, and that no text is changed by it."""

import io
import re
import unicodedata
import zipfile
from dataclasses import replace

import docx
import pytest

from meetings.i18n import in_locale
from meetings.minutes.document import write_notice
from meetings.official import starter, template, template_check, vocabulary
from meetings.official.layout import Margins, layouts, usual
from meetings.official.pages import lay_out
from meetings.official.paper import package, paragraph, row, section, table, wide_row
from meetings.official.template import Rows, Unfit
from meetings.official.text import NBSP
from meetings.official.vocabulary import DocumentKind
from tests.minutes.test_document import NOTICE as NOTICE_PAPER
from tests.official import sound
from tests.official.test_every_kind import texts


@pytest.fixture(autouse=True)
def _in_english():
    with in_locale("en"):
        yield


NOTICE, RECORD = DocumentKind.NOTICE, DocumentKind.RECORD


def made(kind=NOTICE, *more: str) -> bytes:
    """The starter of *kind* with paragraphs of its own at its end."""
    return changed(starter.starter(kind, usual()), {"word/document.xml": lambda xml: _added(xml, more)})


def _added(xml: bytes, more: tuple[str, ...]) -> bytes:
    before, end, tail = xml.rpartition(b"<w:sectPr>")
    written = "".join(one if one.startswith("<") else paragraph(one) for one in more)
    return before + written.encode() + end + tail


def changed(data: bytes, parts, name: str = "") -> bytes:
    """The package *data* with parts put in (bytes) or rewritten (a function of what stood there)."""
    files = sound.parts(data)
    for part, content in parts.items():
        files[part] = content if isinstance(content, bytes) else content(files[part])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in files.items():
            archive.writestr(part, content)
    return out.getvalue()


def filled(data: bytes, kind=NOTICE, **given) -> bytes:
    values, rows = vocabulary.example(kind)
    listed = {name: Rows(vocabulary.words(kind)[name].columns, lines) for name, lines in rows.items()}
    for name, value in given.items():
        (listed if isinstance(value, Rows) else values)[name] = value
    return template.render(data, values, listed, title="Thông báo", author="Bộ Điều phối số")


@pytest.mark.parametrize("kind", DocumentKind)
def test_every_starter_is_fit_and_gives_a_sound_document_in_every_form(kind):
    for layout in layouts().values():
        data = starter.starter(kind, layout)
        assert template_check.faults(data, "mẫu.docx", kind) == []
        written = filled(data, kind)
        assert list(sound.faults(written)) == []
        assert written == filled(data, kind)
        said = sound.parts(written)["word/document.xml"].decode().replace(NBSP, " ")
        assert not re.search(r"\{\{|\{%|\[\[|rows-\d", said)
        assert all(line.text in said for line in layout.rows[0].right if line.what == "text")


def test_the_margins_of_a_form_are_those_of_its_pages_and_of_their_preview():
    odd = replace(layouts()["party"], margins=Margins(25, 22, 32, 13))
    data = write_notice(replace(NOTICE_PAPER, issuer=replace(NOTICE_PAPER.issuer, layout=odd)))
    read = docx.Document(io.BytesIO(data)).sections[0]
    assert [round(side.mm) for side in (read.top_margin, read.bottom_margin, read.left_margin, read.right_margin)] == [
        25,
        22,
        32,
        13,
    ]
    words = lay_out(data).sheets[0].words
    assert 32 <= min(word.x for word in words) < 33 and 25 < min(word.y for word in words) < 32
    by_hand = docx.Document(io.BytesIO(starter.starter(RECORD, odd))).sections
    assert {round(one.left_margin.mm) for one in by_hand} == {32} and len(by_hand) == 2


def test_a_letter_by_the_starter_says_whom_it_is_for_once_and_keeps_the_faces_of_its_form():
    kind, party = DocumentKind.REMINDER, layouts()["party"]

    def lines(**given):
        read = docx.Document(io.BytesIO(filled(starter.starter(kind, party), kind, **given)))
        return [one.text.replace(NBSP, " ") for one in read.paragraphs], read.tables[-1].rows[0].cells[1].paragraphs

    alone, signed = lines(kinh_gui=["Cục Một."])
    assert "Kính gửi: Cục Một." in alone and not any(line.startswith("- Cục") for line in alone)
    several, _signed = lines(kinh_gui=["Cục Một;", "Cục Hai;", "Cục Ba."])
    there = several.index("Kính gửi:")
    assert several[there + 1 : there + 4] == ["- Cục Một;", "- Cục Hai;", "- Cục Ba."]
    assert [bool(one.runs[0].bold) for one in signed if one.text][:2] == [True, False]  # T/L BÍ THƯ, her own office


_RELATION = (
    b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="rId1" Type="http://x/%b" Target="%b" TargetMode="External"/></Relationships>'
)
_DDE = b"<w:p><w:r><w:instrText> DDE</w:instrText><w:instrText>AUTO c:\\x</w:instrText></w:r></w:p>"
HOSTILE = {
    "a macro document": (lambda d: changed(d, {"word/vbaProject.bin": b"x"}), "m.docx", "macros"),
    "a .docm": (lambda d: d, "m.docm", "macros"),
    "a macro type": (
        lambda d: changed(
            d, {"[Content_Types].xml": lambda x: x.replace(b"document.main+xml", b"macroEnabled.main+xml")}
        ),
        "m.docx",
        "macros",
    ),
    "an old .doc": (lambda d: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + d, "m.docx", "password"),
    "no zip": (lambda d: b"PK\x03\x04 none", "m.docx", "damaged"),
    "cut off": (lambda d: d[: len(d) // 2], "m.docx", "damaged"),
    "a PDF": (lambda d: b"%PDF-1.7", "m.docx", "Only a Word"),
    "too large": (lambda d: d + b"0" * 2_100_000, "m.docx", "2 MB"),
    "a bomb": (
        lambda d: changed(d, {"word/media/i.xml": b"<a>" + b" " * 15_000_000 + b"</a>"}),
        "m.docx",
        "far larger",
    ),
    "a thousand parts": (lambda d: changed(d, {f"word/{n}.bin": b"" for n in range(400)}), "m.docx", "far larger"),
    "an entity": (
        lambda d: changed(
            d, {"word/settings.xml": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'}
        ),
        "m.docx",
        "word/settings.xml",
    ),
    "an object": (lambda d: changed(d, {"word/embeddings/o.bin": b"x"}), "m.docx", "OLE"),
    "an outer template": (
        lambda d: changed(
            d, {"word/_rels/settings.xml.rels": _RELATION % (b"attachedTemplate", b"file:///C:/Normal.dotm")}
        ),
        "m.docx",
        "Normal.dotm",
    ),
    "a picture elsewhere": (
        lambda d: changed(d, {"word/_rels/x.xml.rels": _RELATION % (b"image", b"https://x.example/i.png")}),
        "m.docx",
        "linked to something outside",
    ),
    "DDE in two runs": (
        lambda d: changed(d, {"word/document.xml": lambda x: x.replace(b"<w:body>", b"<w:body>" + _DDE)}),
        "m.docx",
        "DDEAUTO",
    ),
    "fields in small letters": (
        lambda d: changed(
            d,
            {
                "word/document.xml": lambda x: x.replace(
                    b"<w:body>", b"<w:body><w:p><w:r><w:instrText> includetext x</w:instrText></w:r></w:p>"
                )
            },
        ),
        "m.docx",
        "INCLUDETEXT",
    ),
    "another root": (lambda d: changed(d, {"word/document.xml": b"<a/>"}), "m.docx", "damaged"),
    "no body": (
        lambda d: changed(d, {"word/document.xml": b'<w:document xmlns:w="%b"/>' % template.W[1:-1].encode()}),
        "m.docx",
        "damaged",
    ),
    "a missing part": (
        lambda d: changed(d, {"word/_rels/document.xml.rels": lambda x: x.replace(b"header1", b"header9")}),
        "m.docx",
        "damaged",
    ),
    "types of nothing": (lambda d: changed(d, {"[Content_Types].xml": b"<Types/>"}), "m.docx", "damaged"),
    "a .dotx under another name": (
        lambda d: changed(d, {"[Content_Types].xml": lambda x: x.replace(b"document.main+xml", b"template.main+xml")}),
        "m.docx",
        ".dotx",
    ),
    "Strict Open XML": (
        lambda d: changed(
            d,
            {
                "word/document.xml": lambda x: x.replace(
                    template.W[1:-1].encode(), b"http://purl.oclc.org/ooxml/wordprocessingml/main"
                )
            },
        ),
        "m.docx",
        "Strict Open XML",
    ),
    "a thousand conditions": (
        lambda d: changed(
            d,
            {"word/document.xml": lambda x: _added(x, ("{% if nguoi_ky %}" * 1500 + "{% endif %}" * 1500,))},
        ),
        "m.docx",
        "too deeply",
    ),
    "tracked changes": (
        lambda d: changed(d, {"word/document.xml": lambda x: x.replace(b"<w:body>", b"<w:body><w:p><w:ins/></w:p>")}),
        "m.docx",
        "Tracked changes",
    ),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_file_that_may_do_harm_is_refused_in_words(what):
    spoil, name, said = HOSTILE[what]
    found = template_check.faults(spoil(made()), name, NOTICE)
    assert any(said in one for one in found), found


def test_a_link_to_an_address_is_none_that_is_fetched():
    links = _RELATION % (b"hyperlink", b"mailto:vanthu@bo.example")
    assert template_check.faults(changed(made(), {"word/_rels/x.xml.rels": links}), "m.docx", NOTICE) == []


WRONG = {
    "{{ ten_co_quann }}": "Is ten_co_quan meant",
    "{{ Tên cơ quan }}": "near “{{ Tên cơ quan }}”",
    "{{ xyzzy }}": "{{ xyzzy }} is no placeholder of this document.",
    "{{ nguoi_ky": "not written rightly",
    "{% for x in than_bai %}": "not closed",
    "{ nguoi_ky }": "one brace too few",
    "{{ than_bai }}": "is a list",
    "{{ ''.__class__.__mro__ }}": "only placeholders",
    "{{ nguoi_ky.__class__ }}": "no placeholder",
    "{{ nguoi_ky() }}": "only placeholders",
    "{{ nguoi_ky|attr('x') }}": "only placeholders",
    "{{ 9 ** 9 ** 9 }}": "only placeholders",
    "{{ range(10) }}": "only placeholders",
    "{% for x in range(1000000000) %}{% endfor %}": "only placeholders",
    "{% for x in than_bai %}{% for y in than_bai %}{% endfor %}{% endfor %}": "only placeholders",
    "{% for x in than_bai %}{{ x }}{% endfor %}": "is a whole row",
    "{% for x in than_bai %}{{ x.chuu }}{% endfor %}": "Is chu meant",
    "{% import 'os' as o %}": "only placeholders",
    "{% include 'a' %}": "only placeholders",
    "{% macro a() %}{% endmacro %}": "only placeholders",
    "{% set a = 1 %}": "only placeholders",
    "[[nhiem_vu]]": "stands outside a table",
    "{% autoescape false %}{{ nguoi_ky }}{% endautoescape %}": "only placeholders",
    "{ nguoi_ky }}": "is written {{ nguoi_ky }}",
    "«nguoi_ky»": "is written {{ nguoi_ky }}",
    "{Người ký}": "is written {{ nguoi_ky }}",
    "{{nguoi_ky}}}": "one too many",
    "{% raw %}{{ a }}{% endraw %}": "one too many",
    "{{r nguoi_ky }}": "outside its text",
    "{%- if nguoi_ky -%}x{%- endif -%}": "begins in one paragraph",
}


@pytest.mark.parametrize("written", WRONG)
def test_what_a_template_may_not_ask_is_told_with_its_place(written):
    found = template_check.faults(made(NOTICE, written), "m.docx", NOTICE)
    assert len(found) == 1, found
    assert WRONG[written] in found[0], found


def test_all_that_is_wrong_is_told_at_once_and_what_is_missing_by_its_meaning():
    bare = package([paragraph("{{ trich_yeuu }}"), paragraph("{{ nguoi_kyy }}")], section(), title="", author="")
    found = template_check.faults(bare, "m.docx", NOTICE)
    assert sum("Is" in one and "meant" in one for one in found) == 2
    assert any("than_bai" in one and "paragraph by paragraph" in one for one in found)
    long = table([900, 900], [row([900, 900], [paragraph("[[diem_danhh]]"), paragraph()])])
    assert "Is diem_danh meant" in str(template_check.faults(made(RECORD, long), "m.docx", RECORD))
    looped = "{% for x in diem_danh %}{{ x.stt }}{% endfor %}"
    assert "thousands of rows" in str(template_check.faults(made(RECORD, looped), "m.docx", RECORD))


def test_a_placeholder_that_word_has_torn_into_runs_is_one():
    torn = paragraph("A").replace(
        "A</w:t></w:r>", "{{ nguoi</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>_ky }}</w:t></w:r>"
    )
    data = made(NOTICE, torn)
    assert template_check.faults(data, "m.docx", NOTICE) == []
    assert [p.text for p in docx.Document(io.BytesIO(filled(data))).paragraphs][-1].replace(NBSP, " ") == "Phạm Thu Hà"


def test_a_template_that_breaks_the_document_is_unfit_and_never_another_fault(monkeypatch):
    for broken in ("{{ nguoi_ky.x.y }}", "{{ 1 / 0 }}", "{{ khong_co }}", "{%tr if nguoi_ky %}"):
        with pytest.raises(Unfit):
            filled(made(NOTICE, broken))
    monkeypatch.setattr(template, "LONGEST", 400_000)
    endless = "{% for a in than_bai %}" + "x" * 1000 + "{% endfor %}"  # words of its own count as values do
    assert filled(made(NOTICE, endless))
    with pytest.raises(Unfit, match="too long"):
        filled(made(NOTICE, endless), than_bai=[{"chu": "", "la_tieu_de": ""}] * 400)


def test_five_thousand_texts_come_back_as_they_were_by_loop_and_by_row():
    said = [*texts(4_990), *(f"{{_{{ \x07kêu \x0b{{{{ nguoi_ky }}}} [[diem_danh]] {n}" for n in range(10))]
    said.sort(key=lambda one: one[::-1])
    body = [{"chu": one, "la_tieu_de": ""} for one in said[:1000]]
    roll = Rows(vocabulary.words(RECORD)["diem_danh"].columns, [["1", one, "", "", "", ""] for one in said[1000:]])
    written = filled(starter.starter(RECORD, usual()), RECORD, than_bai=body, diem_danh=roll)
    read = docx.Document(io.BytesIO(written))

    def wanted(text: str) -> str:
        return unicodedata.normalize("NFC", text).replace(NBSP, " ").replace("\x0b", "").replace("\x07", "")

    paragraphs = {one.text.replace(NBSP, " ") for one in read.paragraphs}
    assert [one for one in said[:1000] if wanted(one) not in paragraphs] == []
    cells = [template.text_of(row[2]).replace(NBSP, " ") for row in list(read.tables[-1]._tbl.tr_lst)[1:]]
    assert cells == [wanted(one) for one in said[1000:]]


def test_a_marked_row_keeps_the_clerks_order_of_columns_and_her_format_and_a_group_goes_across():
    cells = [paragraph("[[diem_danh.ghi_chu]]", points=9, bold=True), paragraph("[[diem_danh.diem_cau]]", points=9)]
    data = made(RECORD, table([4000, 4000], [row([4000, 4000], cells)]), paragraph())
    lines = [["Miền Trung"], ["1", "Tỉnh Nghệ An", "", "", "", "Vào muộn"]]
    written = filled(data, RECORD, diem_danh=Rows(vocabulary.words(RECORD)["diem_danh"].columns, lines))
    assert list(sound.faults(written)) == []
    read = docx.Document(io.BytesIO(written)).tables[-1]
    assert [[cell.text for cell in one.cells] for one in read.rows] == [
        ["Miền Trung"] * 2,
        ["Vào muộn", "Tỉnh Nghệ An"],
    ]
    assert read.rows[1].cells[0].paragraphs[0].runs[0].bold


def test_what_a_clerk_writes_around_a_mark_stays_and_a_text_that_looks_like_a_mark_is_a_text():
    cells = [paragraph("[[diem_danh.stt]]/[[diem_danh.ghi_chu]]"), paragraph("Điểm cầu “[[diem_danh.diem_cau]]” 100%")]
    cells += [paragraph("{{ trich_yeu }}"), paragraph("Có")]
    data = made(RECORD, table([2000] * 4, [row([2000] * 4, cells)]), paragraph())
    assert template_check.faults(data, "m.docx", RECORD) == []
    task = {"stt": "1", "noi_dung": "[[diem_danh]]", "chu_tri": "[[x.y]]", "phoi_hop": "", "thoi_han": ""}
    written = filled(
        data,
        RECORD,
        trich_yeu="[[diem_danh.diem_cau]]",
        nhiem_vu=[task],
        diem_danh=Rows(vocabulary.words(RECORD)["diem_danh"].columns, [["1", "[[a]] & <b>", "", "", "", "Vào muộn"]]),
    )
    assert list(sound.faults(written)) == []
    tables = [
        [[cell.text for cell in one.cells] for one in found.rows] for found in docx.Document(io.BytesIO(written)).tables
    ]
    assert ["1", "[[diem_danh]]", "[[x.y]]", "", ""] in [line for found in tables for line in found]
    assert tables[-1] == [["1/Vào muộn", "Điểm cầu “[[a]] & <b>” 100%", "[[diem_danh.diem_cau]]", "Có"]]


def test_a_marked_row_in_a_loop_and_a_template_of_another_kind_are_told():
    width = [9000]
    looped = [wide_row(width, paragraph("{%tr for x in nhiem_vu %}")), row(width, [paragraph("[[diem_danh]]")])]
    data = made(RECORD, table(width, [*looped, wide_row(width, paragraph("{%tr endfor %}"))]))
    assert "inside a loop" in str(template_check.faults(data, "m.docx", RECORD))
    (told,) = template_check.faults(made(RECORD), "m.docx", NOTICE)
    assert "another kind of document: Biên bản" in told


def test_fifteen_thousand_rows_are_spliced_and_never_go_through_the_template():
    asked = []

    def lines():
        for n in range(15_000):
            asked.append(n)
            yield [str(n), "Tỉnh Nghệ An", "24", "07 giờ 52", "03 giờ 30", ""]

    written = filled(
        starter.starter(RECORD, usual()), RECORD, diem_danh=Rows(vocabulary.words(RECORD)["diem_danh"].columns, lines())
    )
    assert len(asked) == 15_000
    assert sound.parts(written)["word/document.xml"].count(b"</w:tr>") > 15_000
