"""The template a clerk begins with: our own form of a document, with placeholders where the values will stand.

Made of the same pieces as our documents, so an office that changes only its head in Word keeps all other measures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from meetings.official import form, paper, vocabulary
from meetings.official.form import Issuer, Numbering
from meetings.official.layout import Layout
from meetings.official.paper import SINGLE, Run, paragraph, row
from meetings.official.vocabulary import DocumentKind, Many

_TITLES: Final = {
    DocumentKind.RECORD: "Biên bản",
    DocumentKind.NOTICE: "Thông báo",
    DocumentKind.INVITATION: "Giấy mời",
    DocumentKind.ROSTER: "Danh sách",
}
_HEADS: Final = {
    "stt": ("STT", 624),
    "noi_dung": ("Nội dung nhiệm vụ", 4082),
    "chu_tri": ("Đơn vị chủ trì", 1928),
    "phoi_hop": ("Phối hợp", 1417),
    "thoi_han": ("Thời hạn", 1304),
    "tinh_trang": ("Tình trạng", 2098),
    "diem_cau": ("Điểm cầu", 2098),
    "so_dai_bieu": ("Đại biểu", 1020),
    "vao_hop": ("Vào họp lúc", 1389),
    "thoi_gian_du": ("Thời gian dự", 1474),
    "ghi_chu": ("Ghi chú", 2750),
    "ten": ("Điểm cầu", 2721),
    "phong_hop": ("Phòng họp", 4082),
    "kiem_tra": ("Kiểm tra kỹ thuật", 1871),
    "ngay": ("Ngày họp", 4252),
    "gio": ("Thời gian", 2211),
    "tra_loi_truoc": ("Trả lời trước", 2211),
    "thuc_hien": ("Thực hiện", 3345),
    "ho_ten": ("Họ và tên", 3402),
    "chuc_vu": ("Chức vụ", 3629),
    "co_quan": ("Cơ quan, đơn vị", 3969),
    "vai_tro": ("Vai trò", 2492),
}
_OF_ONE_LIST: Final = {
    "chuong_trinh": {"gio": ("Thời gian", 1531), "noi_dung": ("Nội dung", 4478)},
    "dai_bieu": {"stt": ("STT", 794)},
}
_CENTRED: Final = frozenset(
    {"stt", "thoi_han", "so_dai_bieu", "vao_hop", "thoi_gian_du", "kiem_tra", "gio", "tra_loi_truoc"}
)
"""The columns that stand in the middle, as in our own lists."""
_LONG: Final = "\ue001" * 12
_PARENT: Final = "\ue002" * 12
_SUBJECT: Final = "\ue003" * 16


def starter(kind: DocumentKind, layout: Layout) -> bytes:
    """The ready template for documents of *kind* in the form *layout*."""
    wide = kind is DocumentKind.ROSTER
    blocks = "".join(_BLOCKS[kind](layout))
    for mark, name in ((_LONG, "ten_co_quan"), (_PARENT, "ten_co_quan_cap_tren"), (_SUBJECT, "trich_yeu")):
        blocks = blocks.replace(mark, f"{{{{ {name} }}}}")
    annexed = kind in (DocumentKind.RECORD, DocumentKind.INVITATION)
    last = paper.section(layout.margins, landscape=wide, restart=annexed)
    return paper.package([blocks], last, title="Mẫu văn bản", author="")


def _head(layout: Layout, *, dated: bool, number: bool = True, landscape: bool = False) -> str:
    """The head with its placeholders: number and date as lines of their own, the names where our own head has them."""
    issuer = Issuer(_LONG, "", _PARENT, layout=layout)
    line = _Line("{{ so_ky_hieu }}") if number else None
    return form.head(issuer, line, "{{ dia_danh_ngay }}" if dated else None, landscape=landscape)


class _Line(Numbering):
    """A number that is a placeholder."""

    @property
    def line(self) -> str:
        return self.symbol


def _title(kind: DocumentKind, layout: Layout, *, landscape: bool = False, note: str = "") -> str:
    room = form.LANDSCAPE if landscape else form.PORTRAIT
    title = form.title(_TITLES[kind], _SUBJECT, room=room, line_room=room, layout=layout, note=note)
    return _narrowed(title, _SUBJECT, room - (235 if landscape else form.TITLE_ROOM))


def _narrowed(blocks: str, text: str, less: float) -> str:
    """*blocks* with so many millimetres less for the paragraph of *text*: a title as wide as the page reads like body text."""
    side = paper.twips(less / 2)
    here = re.compile(rf"<w:ind [^>]*/>(?=(?:(?!</w:p>).)*{re.escape(text)})")
    return here.sub(f'<w:ind w:left="{side}" w:right="{side}" w:firstLine="0"/>', blocks, count=1)


def _paragraphs(layout: Layout) -> Iterator[str]:
    yield paragraph("{%p for doan in than_bai %}")
    yield paragraph("{%p if doan.la_tieu_de %}")
    yield form.heading("{{ doan.chu }}")
    yield paragraph("{%p else %}")
    yield form.body("{{ doan.chu }}")
    yield paragraph("{%p endif %}")
    yield paragraph("{%p endfor %}")


def _each(name: str, written: str, *, row_name: str = "dong") -> str:
    begins, ends = (paragraph(f"{{%p {what} %}}") for what in (f"for {row_name} in {name}", "endfor"))
    return f"{begins}{written}{ends}"


def _either(what: str, written: str, otherwise: str) -> str:
    return "".join(
        (paragraph(f"{{%p if {what} %}}"), written, paragraph("{%p else %}"), otherwise, paragraph("{%p endif %}"))
    )


def _recipients(layout: Layout, *, before: int = 200) -> str:
    label, face = layout.recipients_label, layout.recipients_line
    said = Run(label.text, label.bold, label.italic, label.underline)
    head = paragraph([said], points=label.points, align="left", before=before)
    return head + _each("noi_nhan", paragraph("- {{ dong }}", points=face.points, align="left"))


def _signed(layout: Layout, *, landscape: bool = False) -> str:
    room = form.LANDSCAPE if landscape else form.PORTRAIT
    left = 122.0 if landscape else 75.0
    first, other, name = layout.signature_first, layout.signature_rest, layout.signature_name
    line, below = (paragraph("{{ dong }}", points=one.points, bold=one.bold, align="center") for one in (first, other))
    there = paragraph(points=1, align="center", line=200, exact=True)
    there += _each("quyen_han_ky", line if first == other else _either("loop.first", line, below))
    there += "".join(paragraph(align="center") for _blank in range(3 if landscape else 4))
    there += paragraph("{{ nguoi_ky }}", points=name.points, bold=name.bold, align="center")
    widths = [paper.twips(left), paper.twips(room - left)]
    return paper.table(widths, [row(widths, [_recipients(layout), there])])


def _table(many: Many, room: int, *, points: float = 12) -> str:
    """A list as a table: a row that is marked where the list is long, a loop over rows where it is short."""
    columns = list(many.columns)
    its = _HEADS | _OF_ONE_LIST.get(many.name, {})
    shares = [its[name][1] for name in columns]
    widths = [share * room // sum(shares) for share in shares]
    heads = [paragraph(its[name][0], points=points, bold=True, align="center", before=40, after=40) for name in columns]

    def texts(said: Sequence[str]) -> list[str]:
        return [
            paragraph(text, points=points, align="center" if name in _CENTRED else "left", before=12, after=12)
            for text, name in zip(said, columns, strict=True)
        ]

    rows = [row(widths, heads, heads=True, middle=True)]
    if many.long:
        rows.append(row(widths, texts([f"[[{many.name}.{name}]]" for name in columns]), middle=True))
    else:
        rows.append(paper.wide_row(widths, paragraph(f"{{%tr for viec in {many.name} %}}", points=points)))
        rows.append(row(widths, texts([f"{{{{ viec.{name} }}}}" for name in columns]), middle=True))
        rows.append(paper.wide_row(widths, paragraph("{%tr endfor %}", points=points)))
    return paper.table(widths, rows, ruled=True)


def _many(kind: DocumentKind, name: str) -> Many:
    found = vocabulary.words(kind)[name]
    assert isinstance(found, Many)
    return found


def _annex(layout: Layout, label: str, subject: str, cited: str) -> str:
    return paper.section_break(paper.section(layout.margins)) + _narrowed(
        form.annex_head(label, subject, cited), cited, 25
    )


_GAP: Final = paragraph(points=6, align="left")
"""Between two tables, which would else become one."""
_ROOM: Final = paper.twips(form.PORTRAIT)
_WIDE: Final = paper.twips(form.LANDSCAPE)


def _record(layout: Layout) -> Iterator[str]:
    yield _head(layout, dated=layout.record_dated)
    yield _title(DocumentKind.RECORD, layout)
    yield from _paragraphs(layout)
    yield paragraph("{%p if nhiem_vu %}")
    yield form.body("Chủ tọa giao các nhiệm vụ sau:", keep_next=True)
    yield _table(_many(DocumentKind.RECORD, "nhiem_vu"), _ROOM)
    yield paragraph("{%p endif %}")
    yield _each("phan_cuoi", form.body("{{ dong }}", keep_next=True, before=100))
    yield form.two_signatures(("THƯ KÝ", "{{ ky_thu_ky }}"), ("CHỦ TỌA", "{{ ky_chu_toa }}"), layout=layout)
    yield _recipients(layout)
    yield _annex(layout, "Phụ lục", "Kết quả điểm danh các điểm cầu", "{{ phu_luc_kem_theo }}")
    yield _table(_many(DocumentKind.RECORD, "diem_danh"), _ROOM)
    yield form.end_mark(layout)


def _notice(layout: Layout) -> Iterator[str]:
    yield _head(layout, dated=True)
    yield _title(DocumentKind.NOTICE, layout)
    yield from _paragraphs(layout)
    yield _signed(layout)


def _invitation(layout: Layout) -> Iterator[str]:
    kind = DocumentKind.INVITATION
    yield _head(layout, dated=True)
    yield _title(kind, layout)
    said = [Run("{{ doan.nhan }}", bold=True), Run(" {{ doan.chu }}")]
    yield _each("than_bai", form.body(said, line=SINGLE), row_name="doan")
    yield _signed(layout)
    yield _annex(
        layout, "{{ phu_luc_diem_cau }}", "Danh sách điểm cầu và lịch kiểm tra kỹ thuật", "{{ phu_luc_kem_theo }}"
    )
    yield _table(_many(kind, "diem_cau"), _ROOM)
    for name, subject in (("lich_hop", "Lịch họp"), ("chuong_trinh", "Chương trình")):
        yield paragraph(f"{{%p if {name} %}}")
        yield paragraph(f"{{{{ phu_luc_{name} }}}}", bold=True, align="center", before=240, keep_next=True)
        yield paragraph(subject, bold=True, align="center", after=120, keep_next=True)
        yield _table(_many(kind, name), _ROOM)
        yield paragraph("{%p endif %}")
    yield form.end_mark(layout) or paragraph(points=1, align="left", line=2, exact=True)  # Word wants one after a table


def _roster(layout: Layout) -> Iterator[str]:
    yield _head(layout, dated=True, number=False, landscape=True)
    # the paragraph of the note, and around it what leaves it out where the list goes with no letter
    note = "{{ kem_theo }}"
    title = _title(DocumentKind.ROSTER, layout, landscape=True, note=note)
    begins, ends = paragraph("{%p if kem_theo %}"), paragraph("{%p endif %}")
    yield re.sub(rf"(<w:p>(?:(?!<w:p>).)*{re.escape(note)}.*?</w:p>)", rf"{begins}\1{ends}", title)
    yield _table(_many(DocumentKind.ROSTER, "dai_bieu"), _WIDE, points=13)
    yield paragraph(
        f"Danh sách này có {{{{ tong_so }}}} đại biểu{layout.end}",
        italic=True,
        align="left",
        before=120,
        keep_next=True,
    )
    yield _signed(layout, landscape=True)


def _reminder(layout: Layout) -> Iterator[str]:
    yield _head(layout, dated=True)
    yield _GAP
    left = form.PORTRAIT - layout.right
    widths = [paper.twips(left), paper.twips(layout.right)]
    subject = paragraph(f"V/v {_SUBJECT}", points=12, align="center", after=240)
    yield paper.table(widths, [row(widths, [subject, paragraph(points=12)])])
    one = form.addressed(("{{ dong }}",), before=0)
    several, dashed = (f"{block}</w:p>" for block in form.addressed(("{{ dong }}", ""), before=0).split("</w:p>")[:2])
    begun = _either("loop.last", one, several + dashed)
    yield _each("kinh_gui", _either("loop.first", begun, dashed))
    yield paragraph(points=1, line=180, exact=True)
    yield from _paragraphs(layout)
    yield _table(_many(DocumentKind.REMINDER, "nhiem_vu"), _ROOM)
    yield _each("phan_cuoi", form.body("{{ dong }}", keep_next=True, before=100))
    yield _signed(layout)


_BLOCKS: Final = {
    DocumentKind.RECORD: _record,
    DocumentKind.NOTICE: _notice,
    DocumentKind.INVITATION: _invitation,
    DocumentKind.ROSTER: _roster,
    DocumentKind.REMINDER: _reminder,
}
