"""What the columns of a list mean, by the words of its header or, without one, by what stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from meetings.directory.tables import Grid
from meetings.official.text import fold


class Column(StrEnum):
    """One thing a list can say about a site. The order is that of the preview and of the file of left-out rows."""

    CODE = "code"
    UNIT = "unit"
    PROVINCE = "province"
    HONORIFIC = "honorific"
    NAME = "name"
    TITLE = "title"
    PHONE = "phone"
    EMAIL = "email"
    DEPUTY_NAME = "deputy_name"
    DEPUTY_TITLE = "deputy_title"
    DEPUTY_PHONE = "deputy_phone"
    DEPUTY_EMAIL = "deputy_email"
    TECHNICIAN_NAME = "technician_name"
    TECHNICIAN_TITLE = "technician_title"
    TECHNICIAN_PHONE = "technician_phone"
    TECHNICIAN_EMAIL = "technician_email"
    PLACE = "place"
    SEATS = "seats"
    EQUIPMENT = "equipment"
    DIAL = "dial"


COORDINATOR: Final = (Column.HONORIFIC, Column.NAME, Column.TITLE, Column.PHONE, Column.EMAIL)
_OF_DUTY: Final = {
    "": {"name": Column.NAME, "title": Column.TITLE, "phone": Column.PHONE, "email": Column.EMAIL},
    "deputy": {
        "name": Column.DEPUTY_NAME,
        "title": Column.DEPUTY_TITLE,
        "phone": Column.DEPUTY_PHONE,
        "email": Column.DEPUTY_EMAIL,
    },
    "technician": {
        "name": Column.TECHNICIAN_NAME,
        "title": Column.TECHNICIAN_TITLE,
        "phone": Column.TECHNICIAN_PHONE,
        "email": Column.TECHNICIAN_EMAIL,
    },
}


@dataclass(frozen=True)
class Plan:
    """Which column of the grid is what (None: not used), how many head rows there are, and what was not understood."""

    columns: tuple[Column | None, ...]
    head_rows: int
    unknown: tuple[str, ...]

    @property
    def known(self) -> frozenset[Column]:
        return frozenset(column for column in self.columns if column)


# Folded words, looked for whole; the first line that matches wins, so the telling words stand above the general ones.
_ATTRIBUTES: Final = (
    ("ignored", r"stt|tt|so tt|so thu tu|no|ghi chu|note|notes|remark"),
    ("email", r"email|e-mail|e mail|mail|gmail|thu dien tu|hop thu|dia chi thu"),
    ("seats", r"so cho|suc chua|cho ngoi|so ghe|seats|capacity"),
    ("dial", r"dial|sip|h323|h\.323|chuoi goi|so goi|dia chi goi|so dinh danh|dia chi ip"),
    ("equipment", r"thiet bi|equipment|trang thiet bi"),
    ("phone", r"dien thoai|di dong|so dt|sdt|dt|tel|telephone|phone|mobile|zalo"),
    ("title", r"chuc vu|chuc danh|title|position"),
    ("honorific", r"gioi tinh|xung ho|ong/ba|ong \(ba\)|honorific|gender"),
    (
        "person",
        r"ho ten|ho va ten|ho & ten|dau moi|can bo|nguoi|ky thuat vien|phu trach|coordinator|technician|full name|contact",
    ),
    ("place", r"dia chi|dia diem|phong hop|hoi truong|noi hop|place|address|room"),
    ("code", r"ma|code|ma so|ma dvhc|ma qhns"),
    ("province", r"tinh|tinh/thanh pho|tinh, thanh pho|tinh thanh|thanh pho|tinh/tp|province"),
    ("unit", r"don vi|diem cau|xa|phuong|xa/phuong|dac khu|co quan|dia phuong|dia ban|ubnd|unit|site|commune|ward|ten"),
)
_PATTERNS: Final = tuple((what, re.compile(rf"(?<![^\W_])(?:{words})(?![^\W_])")) for what, words in _ATTRIBUTES)
_TECHNICIAN: Final = re.compile(r"(?<!\w)(?:ky thuat|ktv|kt|technician|technical)(?!\w)")
_DEPUTY: Final = re.compile(r"(?<!\w)(?:du phong|pho dau moi|dau moi 2|thu hai|deputy|back-up|backup)(?!\w)")
_COORDINATOR: Final = re.compile(r"(?<!\w)(?:dau moi|coordinator)(?!\w)")
_CODE_WORD: Final = re.compile(r"(?<!\w)(?:ma|code)(?!\w)")


def plan(grid: Grid) -> Plan:
    """Recognise the header (one or two rows, within the first twelve) or guess the columns from their contents."""
    best, score = -1, 1
    for number, row in enumerate(grid[:12]):
        found = len({column for column in _assign(row) if column}) if not _looks_like_data(row) else 0
        if found > score:
            best, score = number, found
    if best < 0:
        return _guess(grid)
    heads, head_rows = grid[best], best + 1
    for upper, lower in ((best - 1, best), (best, best + 1)):
        # «Đầu mối» drawn over «Họ tên · Điện thoại», «Kỹ thuật» over the next two: together they say more than apart
        if upper >= 0 and lower < len(grid) and not _looks_like_data(grid[lower]) and len(grid[upper]) > 1:
            joined = _joined(grid[upper], grid[lower])
            found = len({column for column in _assign(joined) if column})
            if found > score:
                heads, head_rows, score = joined, lower + 1, found
    columns = _assign(heads)
    unknown = tuple(
        head for head, column in zip(heads, columns, strict=True) if head and not column and _kind(head) != "ignored"
    )
    return Plan(columns, head_rows, unknown)


def _joined(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Two head rows as one; a merged cell above speaks for the empty ones to its right, as long as there is a lower word."""
    width, joined, above = max(len(upper), len(lower)), [], ""
    for number in range(width):
        top = upper[number] if number < len(upper) else ""
        low = lower[number] if number < len(lower) else ""
        above = top or (above if low else "")
        joined.append(f"{above} {low}".strip())
    return joined


def _kind(head: str) -> str | None:
    said = fold(head).rstrip(":.* ")
    if len(said) > 80:
        return None
    if _CODE_WORD.match(said):
        return "code"  # «Mã đơn vị», «Mã xã»: a code, whatever it is the code of
    return next((what for what, pattern in _PATTERNS if pattern.search(said)), None)


def _assign(heads: Sequence[str]) -> tuple[Column | None, ...]:
    taken: set[Column] = set()
    assigned: list[Column | None] = []
    duty = ""
    for head in heads:
        what, said = _kind(head), fold(head)
        column: Column | None = None
        if what in ("person", "phone", "email", "title"):
            if _TECHNICIAN.search(said):
                duty = "technician"
            elif _DEPUTY.search(said):
                duty = "deputy"
            elif what == "person" or _COORDINATOR.search(said):
                duty = ""
            attribute = "name" if what == "person" else what
            column = _OF_DUTY[duty][attribute]
            if column in taken and attribute == "name" and not duty:
                duty = "deputy"  # a second plain «Họ tên» is the second person of the list
                column = _OF_DUTY[duty][attribute]
        elif what and what != "ignored":
            column = Column(what)
        elif _TECHNICIAN.search(said) and len(said) < 30:
            duty, column = "technician", Column.TECHNICIAN_NAME
        if column in taken:
            column = None
        if column:
            taken.add(column)
        assigned.append(column)
    if not taken & {Column.UNIT, Column.CODE}:
        # a list of provinces heads its units «Tỉnh, thành phố»
        assigned = [Column.UNIT if column is Column.PROVINCE else column for column in assigned]
    return tuple(assigned)


_EMAIL: Final = re.compile(r"\S+@\S+\.\S+")
_PHONE: Final = re.compile(r"(?:\+?84|0)?[\d .()-]{8,14}\d?")
_UNIT: Final = re.compile(r"(?:diem cau|ubnd|uy ban nhan dan|xa|phuong|dac khu|tinh|thanh pho|tp\.?|bo|so|van phong)\b")
_PERSON: Final = re.compile(r"(?:(?:ong|ba|dong chi|d/c)\.? )?[^\W\d_]+(?: [^\W\d_]+){1,5}")


def _looks_like_data(row: Sequence[str]) -> bool:
    return any(_EMAIL.search(cell) or sum(c.isdigit() for c in cell) >= 8 for cell in row)


def _guess(grid: Grid) -> Plan:
    """Without a header: e-mails, telephones and codes show by themselves; then the unit, the person, the title."""
    width = max(len(row) for row in grid)
    sample = grid[:200]
    columns: list[Column | None] = [None] * width
    text: list[int] = []

    def free(column: Column) -> bool:
        return column not in columns

    for number in range(width):
        cells = [row[number] for row in sample if number < len(row) and row[number]]
        if not cells or _counts_up(cells):
            continue
        folded = [fold(cell) for cell in cells]
        if _most(bool(_EMAIL.fullmatch(cell)) for cell in cells):
            columns[number] = next((c for c in (Column.EMAIL, Column.TECHNICIAN_EMAIL) if free(c)), None)
        elif _most(cell.isdigit() and len(cell) in (2, 5) for cell in cells) and free(Column.CODE):
            columns[number] = Column.CODE
        elif _most(bool(_PHONE.fullmatch(cell)) for cell in cells):
            columns[number] = next((c for c in (Column.PHONE, Column.TECHNICIAN_PHONE) if free(c)), None)
        elif _most(bool(_UNIT.match(cell)) for cell in folded) and free(Column.UNIT):
            columns[number] = Column.UNIT
        else:
            text.append(number)
    said = {number: [fold(row[number]) for row in sample if number < len(row) and row[number]] for number in text}
    people = [number for number in text if _most(bool(_PERSON.fullmatch(cell)) for cell in said[number])]
    for number in text:
        if free(Column.UNIT) and (free(Column.CODE) or len(people) > 1):
            columns[number] = Column.UNIT
        elif free(Column.NAME) and number in people:
            columns[number] = Column.NAME
        elif free(Column.TITLE):
            columns[number] = Column.TITLE
    return Plan(tuple(columns), 0, ())


def _most(found: Iterable[bool]) -> bool:
    answers = list(found)
    return sum(answers) * 3 >= len(answers) * 2


def _counts_up(cells: Sequence[str]) -> bool:
    """1, 2, 3, …: the numbering that every office puts first."""
    numbers = [int(cell.rstrip(".")) for cell in cells if cell.rstrip(".").isdecimal() and len(cell) < 6]
    return (
        len(numbers) == len(cells)
        and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        and numbers[0] in (0, 1)
    )
