"""The units of the state as they stand in ``data/``: read, spelt out, ready to be stored."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from meetings.official.text import nfc
from meetings.units.models import UnitKind

DATA: Final = Path(__file__).parent / "data"
TWO_TIERS: Final = date(2025, 7, 1)
"""The day on which the two-tier government began: the first day of every unit in the catalogue."""

NATION: Final = "VN"
COMMITTEE: Final = "Ủy ban nhân dân"
# Named after a person or an event, or with a number first: the word for the kind of unit is written with a capital
# letter, and stands in the place of a document's date line (Decree 30/2020, Annex II III.1 and Annex I II.4).
_NAMED_AFTER: Final = frozenset(
    """Hồ Chí Minh;Điện Biên Phủ;Bế Văn Đàn;Chu Văn An;Dương Minh Châu;Hoàng Hoa Thám;Hoàng Văn Thụ;Hà Huy Tập;Hồ Thị Kỷ;
    Hồ Đắc Kiện;Kim Đồng;Lê Chân;Lê Lợi;Lê Quý Đôn;Lê Thanh Nghị;Lê Ích Mộc;Lê Đại Hành;Lý Bôn;Lý Thường Kiệt;Lý Văn Lâm;
    Lưu Nghiệp Anh;Lương Thế Trân;Lương Văn Tri;Nguyễn Bỉnh Khiêm;Nguyễn Du;Nguyễn Huệ;Nguyễn Lương Bằng;Nguyễn Nghiêm;
    Nguyễn Phích;Nguyễn Trãi;Nguyễn Uý;Nguyễn Việt Khái;Nguyễn Văn Linh;Nguyễn Đại Năng;Ngô Mây;Ngô Quyền;Phan Ngọc Hiển;
    Phan Thanh;Phan Đình Phùng;Phạm Ngũ Lão;Phạm Sư Mạnh;Quang Trung;Thục Phán;Triệu Việt Vương;Trương Quang Trọng;
    Trần Hưng Đạo;Trần Liễu;Trần Lãm;Trần Nhân Tông;Trần Phán;Trần Phú;Trần Văn Thời;Tô Hiệu;Tạ An Khương;Tống Trân;
    Đặng Thùy Trâm""".replace("\n    ", "").split(";")
)
SEATS: Final = {UnitKind.MINISTRY: 60, UnitKind.PROVINCE: 60, UnitKind.COMMUNE: 30}


@dataclass(frozen=True)
class Listed:
    """A unit of the catalogue, with its standard site."""

    code: str
    name: str
    full_name: str
    kind: UnitKind
    type: str
    parent: str
    abbreviation: str = ""
    place_name: str = ""
    place: str = ""
    latitude: float | None = None
    longitude: float | None = None
    tile_col: int | None = None
    tile_row: int | None = None


def spelt(type: str, bare: str) -> str:
    """Kind and name inside a sentence: ``tỉnh Nghệ An``, ``Thành phố Hồ Chí Minh``, ``Phường 1 Bảo Lộc``."""
    if bare in _NAMED_AFTER or bare[:1].isdigit():
        type = type[:1].upper() + type[1:]
    return f"{type} {bare}"


def bare_name(type: str, name: str) -> str:
    """A name without its kind: ``Phường Thành Vinh`` → ``Thành Vinh``."""
    return name[len(type) + 1 :] if name.casefold().startswith(type.casefold() + " ") else name


def committee(type: str, bare: str) -> str:
    """The body that governs a unit: ``Ủy ban nhân dân xã Kim Liên``."""
    return f"{COMMITTEE} {spelt(type, bare)}"


def date_line_place(type: str, bare: str) -> str:
    """The place in front of a document's date: the bare name, or in full where it is a person's or begins with a number."""
    full = spelt(type, bare)
    return full if full[0].isupper() else bare


def listed() -> Iterator[Listed]:
    """The whole catalogue, parents before children: nation, ministries, provinces, communes."""
    yield Listed(
        NATION, "Việt Nam", "Cộng hòa xã hội chủ nghĩa Việt Nam", UnitKind.NATION, "quốc gia", "", place_name="Hà Nội"
    )
    yield from _ministries()
    provinces = {province.code: province for province in _provinces()}
    yield from provinces.values()
    for row in _rows("communes.csv"):
        bare, within = bare_name(row["type"], row["name_vi"]), provinces[row["province_code"]]
        full = committee(row["type"], bare)
        yield Listed(
            code=row["code"],
            name=row["name_vi"],
            full_name=full,
            kind=UnitKind.COMMUNE,
            type=row["type"],
            parent=within.code,
            abbreviation="UBND",
            place_name=date_line_place(row["type"], bare),
            place=f"Trụ sở {full}, {spelt(within.type, within.name)}",
            latitude=float(row["lat"]),
            longitude=float(row["lon"]),
        )


def _ministries() -> Iterator[Listed]:
    for row in _rows("ministries.csv"):
        yield Listed(
            code=row["code"] or f"X-{_ascii(row['abbrev'])}",
            name=row["name_vi"],
            full_name=row["name_vi"],
            kind=UnitKind.MINISTRY,
            type="bộ" if row["name_vi"].startswith("Bộ ") else "cơ quan ngang bộ",
            parent=NATION,
            abbreviation=row["abbrev"],
            place_name="Hà Nội",
            place=f"Trụ sở {row['name_vi']}, thành phố Hà Nội",
            latitude=21.029,
            longitude=105.854,
        )


def _provinces() -> Iterator[Listed]:
    for row in _rows("provinces.csv"):
        full = committee(row["type"], row["name_vi"])
        seat = re.sub(r"\s*\(.*\)", "", row["admin_centre"])
        yield Listed(
            code=row["code"],
            name=row["name_vi"],
            full_name=full,
            kind=UnitKind.PROVINCE,
            type=row["type"],
            parent=NATION,
            abbreviation="UBND",
            place_name=date_line_place(row["type"], row["name_vi"]),
            place=f"Trụ sở {full}, {seat}",
            latitude=float(row["lat"]),
            longitude=float(row["lon"]),
            tile_col=int(row["tile_col"]),
            tile_row=int(row["tile_row"]),
        )


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield {key: nfc(value).strip() for key, value in row.items()}


def _ascii(abbreviation: str) -> str:
    return abbreviation.replace("Đ", "D")
