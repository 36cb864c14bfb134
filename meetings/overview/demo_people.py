"""Invented people of an invented body. No name, number or conclusion here belongs to anybody."""

from __future__ import annotations

from typing import Final

BODY: Final = {
    "code": "X-BDPS",
    "name": "Bộ Điều phối số",
    "abbreviation": "BĐPS",
    "place_name": "Hà Nội",
    "latitude": 21.0285,
    "longitude": 105.8342,
}
OFFICES: Final = (
    ("X-BDPS-KHTC", "Vụ Kế hoạch - Tài chính", "KHTC", "vụ"),
    ("X-BDPS-TTTT", "Trung tâm Thông tin", "TTTT", "trung tâm"),
)
"""Its departments: they lead tasks and meet in its own room, so none is a site of its own."""
PASSWORD: Final = "diem cau 2026"

STAFF: Final = (
    ("thuky@dieuphoiso.example", "Bà", "Đỗ Thùy Linh", "Chuyên viên Văn phòng", "secretary", "024.0000.0101"),
    ("chanhvp@dieuphoiso.example", "Bà", "Phạm Thu Hà", "Chánh Văn phòng", "approver", "024.0000.0102"),
    (
        "kythuat@dieuphoiso.example",
        "Ông",
        "Cao Xuân Bách",
        "Kỹ thuật viên Trung tâm Thông tin",
        "technician",
        "024.0000.0199",
    ),
    ("vanthu@dieuphoiso.example", "Bà", "Trịnh Mai Chi", "Văn thư Bộ", "records_clerk", "024.0000.0103"),
    (
        "taichinh@dieuphoiso.example",
        "Ông",
        "Trần Quốc Thịnh",
        "Vụ trưởng Vụ Kế hoạch - Tài chính",
        "finance",
        "024.0000.0104",
    ),
    ("botruong@dieuphoiso.example", "Ông", "Lê Minh Khang", "Bộ trưởng", "leader", "024.0000.0100"),
)
"""E-mail address, form of address, name, position, role, telephone."""

LEADERS: Final = (
    ("Ông", "Lê Minh Khang", "Bộ trưởng Bộ Điều phối số", "botruong@dieuphoiso.example"),
    ("Bà", "Vũ Hải Yến", "Thứ trưởng Bộ Điều phối số", "thutruong.yen@dieuphoiso.example"),
    ("Ông", "Đặng Trung Kiên", "Thứ trưởng Bộ Điều phối số", "thutruong.kien@dieuphoiso.example"),
)

_FAMILY: Final = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Vũ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
    "Phan",
)
_MEN: Final = (
    ("Văn", "Lộc"),
    ("Hữu", "Phước"),
    ("Minh", "Nhật"),
    ("Hoàng", "Nam"),
    ("Đức", "Trí"),
    ("Quang", "Vinh"),
    ("Thanh", "Sơn"),
    ("Xuân", "Trường"),
)
_WOMEN: Final = (
    ("Thị", "Hương"),
    ("Ngọc", "Diệp"),
    ("Thu", "Trang"),
    ("Thị Mai", "Anh"),
    ("Bích", "Ngọc"),
    ("Thanh", "Tâm"),
    ("Kim", "Ngân"),
    ("Hải", "Yến"),
)


def person(number: int) -> tuple[str, str]:
    """The *number*-th invented person: form of address and name; the same each time."""
    family = _FAMILY[number * 5 % len(_FAMILY)]
    if number % 3:
        middle, given = _MEN[number * 3 % len(_MEN)]
        return "Ông", f"{family} {middle} {given}"
    middle, given = _WOMEN[number * 3 % len(_WOMEN)]
    return "Bà", f"{family} {middle} {given}"


def phone(number: int) -> str:
    """An invented telephone number: the block 000 is given to nobody."""
    return f"09{number % 90 + 10:02d} 000 {number * 37 % 1000:03d}"
