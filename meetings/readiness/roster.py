"""A roster as it is pasted: rows from Excel, lines from a chat, typed by hand; read into delegates with faults.

Pure and lenient: nothing a coordinator pastes is an error. Columns stand in any order (a header row names them, else
the customary order name · title · organisation · role · phone), numbering and empty rows are passed over, «Ông»/«Bà»
is taken from before the name or from a column, and what cannot be used says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from meetings.directory import persons, tables
from meetings.official.text import fold, tidy

HONORIFICS: Final = persons.HONORIFICS
MOST_ROWS: Final = 1000
LENGTHS: Final = {"name": 120, "title": 200, "organisation": 250, "role": 60, "phone": 30}


class Column(StrEnum):
    """What a column of the pasted table holds."""

    NUMBER = "number"
    HONORIFIC = "honorific"
    FAMILY = "family"
    NAME = "name"
    TITLE = "title"
    ORGANISATION = "organisation"
    ROLE = "role"
    PHONE = "phone"
    OTHER = "other"


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
    honorific: str = ""  # "Ông", "Bà" or "" where nothing says it: asked, never guessed
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


_HEADERS: Final[tuple[tuple[Column, re.Pattern[str]], ...]] = (
    (Column.NUMBER, re.compile(r"(so )?(stt|tt|thu tu)|so|no|#|n o")),
    (Column.HONORIFIC, re.compile(r"(danh )?xung( ho)?|gioi( tinh)?|nam nu|ong ba|(mr )?mrs?|gender|sex|honorific")),
    (Column.TITLE, re.compile(r"(chuc (vu|danh)|position|(job )?title).*")),
    (
        Column.ORGANISATION,
        re.compile(r"(ten )?(don vi|co quan|noi (cong tac|lam viec)|to chuc|phong ban).*|organi[sz]ation|unit|agency"),
    ),
    (Column.PHONE, re.compile(r"(so )?(dt|sdt|dtdd|dien thoai|di dong|phone|mobile|tel).*|so lien (he|lac)")),
    (Column.ROLE, re.compile(r"vai tro.*|nhiem vu|tu cach|role|ghi chu|notes?")),
    (Column.FAMILY, re.compile(r"ho( va)?( ten)? (dem|lot)|ho|family name|surname|last name")),
    (
        Column.NAME,
        re.compile(r"(ho( va)? ten|ten|dai bieu|thanh phan|nguoi du hop|(full )?name|given name|first name)( .*)?"),
    ),
)
_GENDERS: Final = re.compile(r"(ong|ba|nam|nu|mrs?|male|female)\.?")
_NUMBERING: Final = re.compile(r"^\(?\d{1,4}\s*[.):/-]\s*|^[-–•*+·]\s+")
_ONLY_NUMBER: Final = re.compile(r"\(?\d{1,4}[.):]?")
_ROLES: Final = re.compile(
    r"(pho )?truong doan|thanh vien|phat bieu|tham luan|thu ky|ky thuat( vien)?|dai bieu|khach moi|du thinh"
)
_WITH_TITLE: Final = re.compile(r"(\D{4,}?)\s+[-–—]\s+(\D+)")
"""«Đ/c Vũ Văn Hùng - Trưởng phòng» in one cell."""
_CUSTOMARY: Final = (Column.NAME, Column.TITLE, Column.ORGANISATION, Column.ROLE, Column.PHONE)


def rows_of(text: str) -> tables.Grid:
    """The cells of a pasted *text*: tabs (Excel), else ``;`` or ``|`` (CSV), else « - » and commas of typed lines.

    Raises :class:`meetings.errors.Refused` for what is no list of people at all: nothing, or a cell like a book.
    """
    filled = [line for line in text.splitlines() if line.strip()]
    as_table = any(sum(sign in line for line in filled) * 2 > len(filled) for sign in ";|") or "\t" in text
    if as_table or (filled and _is_header([tables.clean(cell) for cell in filled[0].split(",")])):
        return tables.from_text(text)
    typed = [[tables.clean(cell) for cell in _typed(line)] for line in filled]
    return [row for row in typed if row] or tables.from_text(text)


def _typed(line: str) -> list[str]:
    """A typed line: name first, organisation last, what is between is the title (which may hold commas)."""
    line = _NUMBERING.sub("", line.strip())
    parts = [tidy(part) for part in re.split(r"\s+[-–—]\s+", line)]
    if len(parts) == 1:
        parts = [tidy(part) for part in line.split(",")]
    parts = [part for part in parts if part]
    tail: list[str] = []
    while len(parts) > 1 and (persons.phone(parts[-1]) or _ROLES.fullmatch(fold(parts[-1]))):
        tail.insert(0, parts.pop())
    if len(parts) > 3:
        parts = [parts[0], ", ".join(parts[1:-1]), parts[-1]]
    roles = [part for part in tail if not persons.phone(part)]
    phones = [part for part in tail if persons.phone(part)]
    return [*parts, *[""] * (3 - len(parts)), " ".join(roles[:1]), " ".join(phones[:1])] if parts else []


def read(rows: Iterable[Sequence[str]], *, known: Iterable[tuple[str, str]] = ()) -> Reading:
    """The roster in *rows* (cells as text). *known* are the keys of delegates already filed: repeating one is told."""
    columns, table = _columns([[tables.clean(cell) for cell in row] for row in rows])
    lines: list[Line] = []
    repeated: list[tuple[Line, int]] = []
    namesakes: list[tuple[Line, int]] = []
    seen: dict[tuple[str, str], int] = dict.fromkeys(known, 0)
    names: dict[str, int] = {}
    number = 0
    for cells in table:
        if _is_header(cells):  # printed again at the head of a page
            continue
        line = _line(number + 1, columns, cells)
        if line is None:
            continue
        number += 1
        if line.name and line.key in seen:
            repeated.append((line, seen[line.key]))
            continue
        if line.name and line.key[0] in names:
            namesakes.append((line, names[line.key[0]]))
        seen.setdefault(line.key, line.number)
        names.setdefault(line.key[0], line.number)
        lines.append(line)
    return Reading(tuple(lines), tuple(repeated), tuple(namesakes), columns)


def line(number: int, values: Mapping[str, str]) -> Line:
    """One person from named *values* (``name``, ``title``, ``honorific`` …), tidied and judged as a pasted row is."""
    clean = {name: tables.clean(values.get(name, "")) for name in LENGTHS}
    typed = _WITH_TITLE.fullmatch(clean["name"])
    if typed and not clean["title"]:
        clean["name"], clean["title"] = typed.groups()
    person = persons.named(_NUMBERING.sub("", clean["name"]), values.get("honorific", ""))
    phone = persons.phone(clean["phone"])
    made = Line(
        number=number,
        name=person.name,
        title=clean["title"] or person.title,
        honorific=person.honorific,
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


def _is_header(cells: Sequence[str]) -> bool:
    named = [column for column in map(_header, cells) if column]
    return Column.NAME in named and (len(set(named)) >= 2 or len([cell for cell in cells if cell]) == 1)


def _header(cell: str) -> Column | None:
    words = " ".join(re.findall(r"[a-z0-9#]+", fold(cell)))
    if not words or len(words) > 60:
        return None
    return next((column for column, pattern in _HEADERS if pattern.fullmatch(words)), None)


def _columns(table: list[list[str]]) -> tuple[tuple[Column, ...], list[list[str]]]:
    """What each column holds, and the rows below the header (a title above it is passed over)."""
    for at, cells in enumerate(table[:15]):
        if _is_header(cells):
            return _named(cells), table[at + 1 :]
    return _guessed(table), table


def _named(cells: Sequence[str]) -> tuple[Column, ...]:
    columns: list[Column] = []
    for cell in cells:
        column = _header(cell) or Column.OTHER
        columns.append(Column.OTHER if column in columns else column)
    return tuple(columns)


def _guessed(table: list[list[str]]) -> tuple[Column, ...]:
    """Columns without a header: numbers, «Nam/Nữ» and telephones by what they hold, the rest in customary order."""
    width = max((len(cells) for cells in table), default=0)
    order = list(_CUSTOMARY)
    columns: list[Column] = []
    for at in range(width):
        held = [cells[at] for cells in table if at < len(cells) and cells[at]]
        column: Column | None = None
        if held and all(_ONLY_NUMBER.fullmatch(cell) for cell in held):
            column = Column.NUMBER
        elif held and all(_GENDERS.fullmatch(fold(cell)) for cell in held):
            column = Column.HONORIFIC
        elif held and sum(persons.phone(cell) is not None for cell in held) * 2 > len(held):
            column = Column.PHONE
        elif held and Column.NAME not in order and all(_ROLES.fullmatch(fold(cell)) for cell in held):
            column = Column.ROLE
        elif not held and (at == 0 or width > len(_CUSTOMARY)):
            column = Column.OTHER
        if column is None:
            column = order[0] if order else Column.OTHER
        if column in order:
            order.remove(column)
        columns.append(Column.OTHER if column in columns else column)
    return tuple(columns)


def _line(number: int, columns: Sequence[Column], cells: Sequence[str]) -> Line | None:
    """The person in *cells*, None where there is none (an empty row, a lone number, a rule of dashes)."""
    values = {column.value: cell for column, cell in zip(columns, cells, strict=False)}
    if values.get("family"):
        values["name"] = f"{values['family']} {values.get('name', '')}"
    telling = [values.get(name, "") for name in ("name", "title", "organisation")]
    if not any(re.search(r"[^\W\d_]", text) for text in telling):
        return None
    return line(number, values)
