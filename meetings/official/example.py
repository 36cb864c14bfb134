"""A document with invented contents: what a letterhead, a form or a template looks like before anything is signed."""

from __future__ import annotations

from datetime import date
from typing import Final

from meetings.official import dates, form, paper, vocabulary
from meetings.official.form import Issuer, Numbering, Signer
from meetings.official.layout import Layout
from meetings.official.text import ended
from meetings.official.vocabulary import DocumentKind, Value

_DAY: Final = date(2026, 11, 25)
_SUBJECT: Final = "Kết luận của Lãnh đạo cơ quan tại Hội nghị trực tuyến toàn quốc sơ kết công tác"
_SAID: Final = (
    "Văn bản này chỉ để xem thể thức: tên cơ quan, số và ký hiệu, địa danh, chữ ký và nơi nhận. Nội dung là ví dụ.",
    "Đề nghị các cơ quan, đơn vị đối chiếu với văn bản đã phát hành của cơ quan trước khi sử dụng",
)


def issuer(layout: Layout) -> Issuer:
    """A body that issues in the form *layout*."""
    return Issuer("Văn phòng", "Hà Nội", "Cơ quan cấp trên", "Văn phòng", symbol="VP", layout=layout)


def numbering(layout: Layout, body: str = "VP") -> Numbering:
    return Numbering(layout.symbol_of(layout.kinds["notice"], body), "125", _DAY, layout)


def dated(layout: Layout, place: str = "Hà Nội", day: date = _DAY) -> str:
    return dates.place_and_date(place, day)


def notice(body: Issuer) -> bytes:
    """A thông báo of *body*, so that its whole form is seen."""
    its = body.layout
    number = numbering(its, body.symbol)
    words = its.words
    return paper.package(
        [
            form.head(body, number, form.dated(body, number)),
            form.title("Thông báo", _SUBJECT, layout=its),
            form.heading("1. Nội dung"),
            form.body(_SAID[0]),
            form.body(ended(_SAID[1], its.end), keep_next=True),
            form.signed(
                ("Như trên;", "Lưu: VT."),
                Signer((f"{words['order']} THỦ TRƯỞNG CƠ QUAN", "CHÁNH VĂN PHÒNG"), "Nguyễn Văn Mẫu"),
                layout=its,
            ),
        ],
        paper.section(its.margins),
        title="Văn bản mẫu",
        author=body.called,
    )


def under(body: Issuer, kind: DocumentKind) -> tuple[dict[str, Value], dict[str, list[tuple[str, ...]]]]:
    """The examples of *kind* under the head of *body*."""
    values, rows = vocabulary.example(kind)
    said: dict[str, Value] = {
        "ten_co_quan": body.name.upper(),
        "ten_co_quan_cap_tren": body.parent.upper(),
        "ten_goi": body.called,
        "dia_chi": body.address,
        "so_ky_hieu": numbering(body.layout, body.symbol).line,
    }
    if values.get("dia_danh_ngay"):
        said["dia_danh_ngay"] = dated(body.layout, body.place)
    return {**values, **{name: value for name, value in said.items() if name in values}}, rows
