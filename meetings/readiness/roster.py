"""A roster as it is pasted: rows from Excel, lines from a chat, typed by hand; read into delegates with faults.

Pure and lenient: nothing a coordinator pastes is an error. What the columns hold is settled in ``columns``; here numbering,
headings and empty rows are passed over, «Ông»/«Bà» is taken from before the name or from a column, and what cannot be used
says why.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from meetings.directory import persons, tables
from meetings.official.text import fold, tidy
from meetings.readiness.chat import NUMBERING
from meetings.readiness.columns import Column as Column
from meetings.readiness.columns import applied
from meetings.readiness.columns import of_sheets as of_sheets
from meetings.readiness.columns import rows_of as rows_of

COMRADE: Final = "Đồng chí"
HONORIFICS: Final = (*persons.HONORIFICS, COMRADE)
MOST_ROWS: Final = 1000
LENGTHS: Final = {"name": 120, "title": 200, "organisation": 250, "role": 60, "phone": 30}


class Fault(StrEnum):
    """Why a row is not complete yet."""

    NAME_MISSING = "name_missing"
    TITLE_MISSING = "title_missing"
    PHONE_ODD = "phone_odd"
    TOO_LONG = "too_long"


@dataclass(frozen=True)
class Line:
    """One person of the roster. *number* is the row in what was pasted (from 1, rows with a person only)."""

    number: int
    name: str
    title: str
    honorific: str = (
        ""  # "Ông", "Bà", "Đồng chí" where the list calls people so; "" where nothing says it: asked, never guessed
    )
    organisation: str = ""
    role: str = ""
    phone: str = ""
    faults: tuple[Fault, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """See :func:`key`."""
        return key(self.name, self.title)


@dataclass(frozen=True)
class Reading:
    """What came of a paste: *lines* in order without repetitions, *repeated* as (row, the earlier row it repeats).

    An earlier row 0 is a delegate who was filed before.
    """

    lines: tuple[Line, ...] = ()
    repeated: tuple[tuple[Line, int], ...] = ()
    namesakes: tuple[tuple[Line, int], ...] = ()  # same name, other title: kept, but pointed out
    columns: tuple[Column, ...] = field(default=())

    @property
    def received(self) -> int:
        return len(self.lines) + len(self.repeated)

    @property
    def usable(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if not line.faults)

    @property
    def wanting(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.faults)


def key(name: str, title: str) -> tuple[str, str]:
    """What makes two rows the same person: name and title in whatever case. Hoa and Hòa are two people."""
    return tidy(name).casefold(), tidy(title).casefold()


_WITH_TITLE: Final = re.compile(r"(\D{4,}?)\s+[-–—]\s+(\D+)")
"""«Đ/c Vũ Văn Hùng - Trưởng phòng» in one cell."""
_COMRADE: Final = re.compile(r"^(đồng chí|đ/c|đc)(?:\.\s*|\s+)\S", re.IGNORECASE)
_FOOT: Final = re.compile(
    # Lưu and Công are also family names
    r"(luu ?:|cong ?:|(tong (cong|so)|an dinh danh sach|danh sach (nay )?(gom|co)|nguoi lap( bieu| danh sach)?|noi nhan"
    r"|total)\b).*"
)
_SIGNED: Final = re.compile(r"(tm|kt|tl|tuq)\. ?\S.*|(nguoi lap|noi nhan|xac nhan cua)\b.*")
_DATED: Final = re.compile(r".*\bngay\b.*\bthang\b.*\bnam\b.*")
_GROUP: Final = re.compile(
    r"(so|ban|cac|khoi|lanh dao|ubnd|hdnd|uy ban|van phong|phong|don vi|thuong truc|trung tam|cong an|bo chi huy|chi cuc) .*"
)
_ORDINAL: Final = re.compile(r"[IVXLC]{1,6}|[A-HĐ]")


def read(
    rows: Iterable[Sequence[str]],
    *,
    known: Iterable[tuple[str, str]] = (),
    waiting: Collection[tuple[str, ...]] = (),
) -> Reading:
    """The roster in *rows* (cells as text).

    *known* are the keys of delegates already filed and of rows that wait, *waiting* the cells of waiting rows
    (:func:`cells_of`): repeating one of them is told, so that the same text sent twice counts once.
    """
    table = [[tables.clean(cell) for cell in row] for row in rows]
    lines: list[Line] = []
    repeated: list[tuple[Line, int]] = []
    namesakes: list[tuple[Line, int]] = []
    seen: dict[tuple[str, str], int] = dict.fromkeys(known, 0)
    names = {name: 0 for name, _title in seen if name}
    columns: tuple[Column, ...] = ()
    number = 0
    for held, cells in _above_the_foot(applied(table)):
        columns = columns or held
        line = _line(number + 1, held, cells)
        if line is None:
            continue
        number += 1
        untitled = bool(line.name) and not line.title and names.get(line.key[0]) == 0
        if (line.name and line.key in seen) or untitled or cells_of(line) in waiting:
            repeated.append((line, seen.get(line.key, 0)))
            continue
        if line.name and line.key[0] in names:
            namesakes.append((line, names[line.key[0]]))
        seen.setdefault(line.key, line.number)
        names.setdefault(line.key[0], line.number)
        lines.append(line)
    return Reading(tuple(lines), tuple(repeated), tuple(namesakes), columns)


def cells_of(line: Line) -> tuple[str, ...]:
    """What was read of a row, to know it again."""
    return line.name, line.title, line.organisation, line.role, line.phone


def line(number: int, values: Mapping[str, str]) -> Line:
    """One person from named *values* (``name``, ``title``, ``honorific`` …), tidied and judged as a pasted row is."""
    clean = {name: tables.clean(values.get(name, "")) for name in LENGTHS}
    typed = _WITH_TITLE.fullmatch(clean["name"])
    if typed and not clean["title"]:
        clean["name"], clean["title"] = typed.groups()
    typed_name = NUMBERING.sub("", clean["name"])
    said = values.get("honorific", "")
    person = persons.named(typed_name, said)
    comrade = COMRADE if said == COMRADE or _COMRADE.match(typed_name) else ""
    phone = persons.phone(clean["phone"])
    made = Line(
        number=number,
        name=person.name,
        title=clean["title"] or person.title,
        honorific=person.honorific or comrade,
        organisation=clean["organisation"],
        role=clean["role"],
        phone=phone or clean["phone"],
    )
    faults: list[Fault] = []
    if not made.name:
        faults.append(Fault.NAME_MISSING)
    if not made.title:
        faults.append(Fault.TITLE_MISSING)
    if made.phone and phone is None:
        faults.append(Fault.PHONE_ODD)
    if any(len(getattr(made, name)) > most for name, most in LENGTHS.items()):
        faults.append(Fault.TOO_LONG)
    return replace(made, faults=tuple(faults))


def place_for(heads: Sequence[bool], stands: int, wanted: int) -> int:
    """Where (from 0) whoever *stands* there may stand who is to go to *wanted*: heads of delegation stay before the others."""
    first, last = (0, sum(heads) - 1) if heads[stands] else (sum(heads), len(heads) - 1)
    return min(max(wanted, first), last)


def _line(number: int, columns: Sequence[Column], cells: Sequence[str]) -> Line | None:
    """The person in *cells*, None where there is none: an empty row, a lone number, a total, the name of a group."""
    values = {column.value: cell for column, cell in zip(columns, cells, strict=False)}
    if values.get("family"):
        values["name"] = f"{values['family']} {values.get('name', '')}"
    for ticked, meant in ((Column.MALE, "Nam"), (Column.FEMALE, "Nữ")):
        if values.get(ticked):
            values["honorific"] = meant
    telling = [values.get(name, "") for name in ("name", "title", "organisation")]
    if not any(re.search(r"[^\W\d_]", text) for text in telling) or _no_person(values, cells):
        return None
    return line(number, values)


def _above_the_foot(
    rows: Iterable[tuple[tuple[Column, ...], Sequence[str]]],
) -> Iterator[tuple[tuple[Column, ...], Sequence[str]]]:
    """*rows* without what stands below a numbered list: its place and day, who made it, who signs it, whom it goes to."""
    numbered = dated = signed = False
    for held, cells in rows:
        values = dict(zip(held, cells, strict=False))
        texts = [fold(cell) for cell in cells]
        if re.fullmatch(r"\(?\d{1,4}[.):]?", values.get(Column.NUMBER, "")):
            numbered, dated, signed = True, False, False
        elif numbered and any(map(_SIGNED.fullmatch, texts)):
            signed = True
        elif numbered and any(map(_DATED.fullmatch, texts)):
            dated = True
        elif values.get(Column.NAME) and values.get(Column.TITLE):
            dated = False  # whoever has a name and a post is a person, numbered or not
        if not dated and not signed:
            yield held, cells


def _no_person(values: Mapping[str, str], cells: Sequence[str]) -> bool:
    """Whether a row is a heading or a foot of the list: «II | Các sở, ngành», «Tổng cộng: 43 người», the place and day below it.

    Only a row with one text in it is ever passed over.
    """
    ordinal = tidy(values.get("number", "")).rstrip(".)")
    lone = [text for text in cells if re.search(r"[^\W\d_]", text) and text != values.get("number")]
    if len(lone) != 1:
        return False
    text = fold(NUMBERING.sub("", lone[0]))
    if _FOOT.fullmatch(text) or _DATED.fullmatch(text):
        return True
    return bool(_ORDINAL.fullmatch(ordinal)) or (
        Column.NUMBER in values and not ordinal and bool(_GROUP.fullmatch(text))
    )
