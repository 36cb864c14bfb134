"""What a body's own template may ask for: the names a clerk writes between braces, what each stands for, and an example.

The names are Vietnamese without marks, so that they are typed alike on every keyboard and found by whoever searches. A list is
short (it may go through a loop of the template) or long (its rows are put in the place of one marked row of a table).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

from meetings.i18n import lazy_gettext as _l
from meetings.official.form import Issuer


class DocumentKind(StrEnum):
    """The kinds of document that a body may have its own template for."""

    RECORD = "record"
    NOTICE = "notice"
    INVITATION = "invitation"
    ROSTER = "roster"
    REMINDER = "reminder"


DOCUMENT_WORDS: Final = {
    DocumentKind.RECORD: _l("Biên bản (record)"),
    DocumentKind.NOTICE: _l("Thông báo kết luận (notice of conclusions)"),
    DocumentKind.INVITATION: _l("Giấy mời (invitation)"),
    DocumentKind.ROSTER: _l("Danh sách đại biểu (list of delegates)"),
    DocumentKind.REMINDER: _l("Công văn đôn đốc (reminder of tasks)"),
}

Value = str | Sequence[str] | Sequence[Mapping[str, str]]
Values = Mapping[str, Value]
"""What a document says, by the names of its vocabulary: texts, lines, rows of texts, and nothing else."""


@dataclass(frozen=True)
class Word:
    """One placeholder. *needed*: a template without it would print a document that lacks what it is for."""

    name: str
    meaning: str
    example: str
    needed: bool = False


@dataclass(frozen=True)
class Many:
    """A list: of plain lines where it has no *fields*, else of rows; *long* ones never go through a loop."""

    name: str
    meaning: str
    fields: tuple[Word, ...] = ()
    example: tuple[tuple[str, ...], ...] = ()
    long: bool = False
    needed: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)


_HEAD: Final[tuple[Word | Many, ...]] = (
    Word(
        "ten_co_quan_cap_tren", _l("The body above the issuer, empty where none stands in the head"), "BỘ ĐIỀU PHỐI SỐ"
    ),
    Word("ten_co_quan", _l("The issuing body, as the head prints it"), "VĂN PHÒNG", needed=True),
    Word("ten_goi", _l("The issuing body, as sentences call it"), "Văn phòng Bộ Điều phối số"),
    Word("dia_chi", _l("The address line of the body, empty where none is kept"), "Số 18 Nguyễn Du, Hà Nội"),
    Word("trich_yeu", _l("The subject"), "Hội nghị trực tuyến toàn quốc sơ kết công tác 6 tháng", needed=True),
    Many(
        "noi_nhan",
        _l("The recipients, one a line with its mark, without the dash"),
        example=(("Như trên;",), ("Lưu: VT, VP.",)),
    ),
)
_NUMBER: Final = Word("so_ky_hieu", _l("Number and symbol as they are printed"), "Số: 125/TB-BĐPS", needed=True)
_DATED: Final = Word("dia_danh_ngay", _l("Place and date"), "Hà Nội, ngày 25 tháng 11 năm 2026", needed=True)
_SIGNED: Final[tuple[Word | Many, ...]] = (
    Many(
        "quyen_han_ky",
        _l("The lines above the signature: authority and office"),
        example=(("TL. BỘ TRƯỞNG",), ("CHÁNH VĂN PHÒNG",)),
        needed=True,
    ),
    Word("nguoi_ky", _l("The name of the signer"), "Phạm Thu Hà", needed=True),
)
_BODY: Final = Many(
    "than_bai",
    _l("The body of the document, paragraph by paragraph; la_tieu_de is “1” for a heading, else empty"),
    (
        Word("chu", _l("The text of the paragraph"), ""),
        Word("la_tieu_de", _l("“1” for a heading, else empty"), ""),
    ),
    (
        ("Thời gian bắt đầu: 08 giờ 00, thứ Năm, ngày 10 tháng 12 năm 2026.", ""),
        ("1. Khai mạc (08 giờ 00 - 08 giờ 15)", "1"),
        ("Ông Lê Minh Khang, Bộ trưởng phát biểu khai mạc, nêu “mục tiêu & nhiệm vụ” của năm.", ""),
    ),
    needed=True,
)
_TASKS: Final = Many(
    "nhiem_vu",
    _l("The action items"),
    (
        Word("stt", _l("Running number"), ""),
        Word("noi_dung", _l("What is to be done"), ""),
        Word("chu_tri", _l("Lead unit"), ""),
        Word("phoi_hop", _l("Supporting units"), ""),
        Word("thoi_han", _l("Due date"), ""),
    ),
    (
        ("1", "Hoàn thiện hạ tầng truyền hình hội nghị", "Cục Công nghệ thông tin", "Văn phòng", "31/12/2026"),
        ("2", "Tổng hợp vướng mắc của các địa phương", "Vụ Kế hoạch", "", "15/12/2026"),
    ),
)
_LAST: Final = Many(
    "phan_cuoi",
    _l("What follows the table of action items: votes, the closing sentence"),
    example=(("Hội nghị kết thúc vào 11 giờ 30, ngày 10 tháng 12 năm 2026./.",),),
    needed=True,
)

_OF: Final[Mapping[DocumentKind, tuple[Word | Many, ...]]] = {
    DocumentKind.RECORD: (
        *_HEAD,
        _NUMBER,
        Word("dia_danh_ngay", _l("Place and date"), ""),
        _BODY,
        _TASKS,
        _LAST,
        Word("ky_thu_ky", _l("The name of the secretary"), "Nguyễn Thị Hoa", needed=True),
        Word("ky_chu_toa", _l("The name of the chair"), "Lê Minh Khang", needed=True),
        Word("phu_luc_kem_theo", _l("How the annex names the record"), "(Kèm theo Biên bản số 12/BB-BĐPS …)"),
        Many(
            "diem_danh",
            _l("The roll: one row for each site"),
            (
                Word("stt", _l("Running number"), ""),
                Word("diem_cau", _l("Site"), ""),
                Word("so_dai_bieu", _l("Delegates present"), ""),
                Word("vao_hop", _l("When it joined"), ""),
                Word("thoi_gian_du", _l("How long it stayed"), ""),
                Word("ghi_chu", _l("Note"), ""),
            ),
            (
                ("1", "Tỉnh Nghệ An", "24", "07 giờ 52", "03 giờ 30", ""),
                ("2", "TP. Hồ Chí Minh", "-", "-", "-", "Vắng (có báo trước)"),
            ),
            long=True,
        ),
    ),
    DocumentKind.NOTICE: (*_HEAD, _NUMBER, _DATED, _BODY, *_SIGNED),
    DocumentKind.INVITATION: (
        *_HEAD,
        _NUMBER,
        _DATED,
        Many(
            "than_bai",
            _l("The body of the document, paragraph by paragraph"),
            (Word("nhan", _l("The bold beginning of the paragraph, often empty"), ""), Word("chu", _l("Its text"), "")),
            (
                ("", "Bộ Điều phối số trân trọng kính mời: Ủy ban nhân dân các tỉnh, thành phố."),
                ("Chủ trì:", "Ông Lê Minh Khang, Bộ trưởng."),
                ("Thời gian:", "08 giờ 00, thứ Năm, ngày 10 tháng 12 năm 2026./."),
            ),
            needed=True,
        ),
        *_SIGNED,
        Word("phu_luc_kem_theo", _l("How the annexes name the giấy mời"), "(Kèm theo Giấy mời số 125/GM-BĐPS …)"),
        Word("phu_luc_diem_cau", _l("The name of the annex with the sites"), "Phụ lục I"),
        Word("phu_luc_lich_hop", _l("The name of the annex with the dates"), "Phụ lục II"),
        Word("phu_luc_chuong_trinh", _l("The name of the annex with the programme"), "Phụ lục III"),
        Many(
            "diem_cau",
            _l("The invited sites"),
            (
                Word("stt", _l("Running number"), ""),
                Word("ten", _l("Site"), ""),
                Word("phong_hop", _l("Room"), ""),
                Word("kiem_tra", _l("When its line is tested"), ""),
            ),
            (("1", "Tỉnh Nghệ An", "Phòng họp trực tuyến tầng 2", "14 giờ 00, 09/12"),),
            long=True,
        ),
        Many(
            "lich_hop",
            _l("The dates of a series"),
            (
                Word("stt", _l("Running number"), ""),
                Word("ngay", _l("Day"), ""),
                Word("gio", _l("Hours"), ""),
                Word("tra_loi_truoc", _l("Reply by"), ""),
            ),
            (("1", "Thứ Năm, ngày 10 tháng 12 năm 2026", "08 giờ 00 – 11 giờ 30", "17 giờ 00, 07/12/2026"),),
        ),
        Many(
            "chuong_trinh",
            _l("The programme"),
            (
                Word("gio", _l("Hours"), ""),
                Word("noi_dung", _l("Agenda item"), ""),
                Word("thuc_hien", _l("Who presents"), ""),
            ),
            (("08 giờ 00", "Khai mạc", "Bộ trưởng"),),
        ),
    ),
    DocumentKind.ROSTER: (
        *_HEAD,
        _DATED,
        Word(
            "kem_theo", _l("The letter that the list goes with, empty where there is none"), "(Kèm theo Công văn số …)"
        ),
        Word("tong_so", _l("How many delegates the list has"), "02", needed=True),
        *_SIGNED,
        Many(
            "dai_bieu",
            _l("The delegates"),
            (
                Word("stt", _l("Running number"), ""),
                Word("ho_ten", _l("Full name"), ""),
                Word("chuc_vu", _l("Position"), ""),
                Word("co_quan", _l("Organisation"), ""),
                Word("vai_tro", _l("Role in the delegation"), ""),
            ),
            (
                ("1", "Ông Hoàng Văn Lộc", "Phó Chủ tịch", "UBND tỉnh Nghệ An", "Trưởng đoàn"),
                ("2", "Bà Trần Thị Quỳnh", "Chánh Văn phòng", "UBND tỉnh Nghệ An", "Thành viên"),
            ),
            long=True,
            needed=True,
        ),
    ),
    DocumentKind.REMINDER: (
        *_HEAD,
        _NUMBER,
        _DATED,
        Many("kinh_gui", _l("Whom the letter is addressed to"), example=(("Cục Công nghệ thông tin.",),), needed=True),
        _BODY,
        _LAST,
        *_SIGNED,
        Many(
            "nhiem_vu",
            _l("The action items"),
            (
                Word("stt", _l("Running number"), ""),
                Word("noi_dung", _l("What is to be done"), ""),
                Word("chu_tri", _l("Lead unit"), ""),
                Word("thoi_han", _l("Due date"), ""),
                Word("tinh_trang", _l("How it stands"), ""),
            ),
            (("1", "Hoàn thiện hạ tầng truyền hình", "Cục Công nghệ thông tin", "01/12/2026", "Quá hạn 9 ngày"),),
            long=True,
        ),
    ),
}


@cache
def words(kind: DocumentKind) -> Mapping[str, Word | Many]:
    """All that a template of *kind* may ask for, by name."""
    return {one.name: one for one in _OF[kind]}


def columns(kind: DocumentKind, name: str) -> tuple[str, ...]:
    """The columns of the list *name*, in the order in which its rows come."""
    found = words(kind)[name]
    assert isinstance(found, Many)
    return found.columns


def head_of(issuer: Issuer, subject: str, recipients: Sequence[str]) -> dict[str, Value]:
    """What every kind of document says of its issuer, its subject and its recipients."""
    return {
        "ten_co_quan_cap_tren": issuer.parent.upper(),
        "ten_co_quan": issuer.name.upper(),
        "ten_goi": issuer.called,
        "dia_chi": issuer.address,
        "trich_yeu": subject,
        "noi_nhan": list(recipients),
    }


def example(kind: DocumentKind) -> tuple[dict[str, Value], dict[str, list[tuple[str, ...]]]]:
    """Believable values for every name of *kind*, and the rows of its long lists."""
    values: dict[str, Value] = {}
    long: dict[str, list[tuple[str, ...]]] = {}
    for one in _OF[kind]:
        if isinstance(one, Word):
            values[one.name] = one.example
        elif one.long:
            long[one.name] = list(one.example)
        elif one.fields:
            values[one.name] = [dict(zip(one.columns, row, strict=True)) for row in one.example]
        else:
            values[one.name] = [row[0] for row in one.example]
    return values, long
