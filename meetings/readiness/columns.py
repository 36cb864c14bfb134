"""From what is pasted or uploaded to rows of cells, and what each column of them holds.

Pure and lenient. Lists come as tables (Excel, Word), as one cell a line (a Word table pasted into a plain field), as lines of
a chat («1. Ông A - Phó Chủ tịch - UBND tỉnh») and as labels («Họ tên: …, chức vụ: …»); a header row names the columns, else they
stand in the customary order name · title · organisation · role · phone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Final

from meetings.directory import persons, tables
from meetings.official.text import fold, tidy
from meetings.readiness import chat
from meetings.readiness.chat import ADDRESSED, NUMBERING, ROLES


class Column(StrEnum):
    """What a column of the pasted table holds."""

    NUMBER = "number"
    HONORIFIC = "honorific"
    MALE = "male"  # a column that is ticked for men
    FEMALE = "female"
    FAMILY = "family"
    NAME = "name"
    TITLE = "title"
    ORGANISATION = "organisation"
    ROLE = "role"
    PHONE = "phone"
    OTHER = "other"


_HEADERS: Final[tuple[tuple[Column, re.Pattern[str]], ...]] = (
    (Column.NUMBER, re.compile(r"(so )?(stt|tt|thu tu)|so|no|#|n o")),
    (
        Column.HONORIFIC,
        re.compile(r"(danh )?xung( ho)?|gt|g tinh|gioi( tinh)?|nam nu|ong ba|(mr )?mrs?|mr ms|gender|sex|honorific"),
    ),
    (
        Column.TITLE,
        re.compile(r"(chuc (vu|danh)|position|(job )?title).*|cv|cvu|c vu|cd|c danh|chuc|post|rank"),
    ),
    (
        Column.ORGANISATION,
        re.compile(
            r"(ten )?(don vi|co quan|noi (cong tac|lam viec)|phong ban)( .*)?|(ten )?to chuc|dv|d vi|dvct|dv cong tac|"
            r"d vi (ct|cong tac)|cq|cqct|cq (ct|dv|cong tac|don vi)|cqdv|organi[sz]ation|unit|agency|office|company|department"
        ),
    ),
    (
        Column.PHONE,
        re.compile(r"(so )?(dt|sdt|dtdd|d thoai|dien thoai|di dong|phone|mobile|tel|cell)( .*)?|so lien (he|lac)"),
    ),
    (Column.ROLE, re.compile(r"vai tro.*|nhiem vu|tu cach|role|part|ghi chu|notes?|remarks?")),
    (Column.FAMILY, re.compile(r"ho( va)?( ten)? (dem|lot)|ho|family name|surname|last name")),
    (
        Column.NAME,
        re.compile(
            r"(ho( va)?( chu)? ten|ten|ho ten)"
            r"( (day du|dai bieu|nguoi|can bo|cong chuc|thanh vien|khach|va |chuc |tham |du |theo ).*| dai bieu)?"
            r"|ht|dai bieu( tham du| du hop)?|thanh phan( tham du| du hop)?|nguoi (tham )?du( hop)?|"
            r"(full )?names?( .*)?|given name|first name|delegates?|attendees?|participants?"
        ),
    ),
)
_TICKED: Final = {"nam": Column.MALE, "nữ": Column.FEMALE, "nu": Column.FEMALE}
_GENDERS: Final = re.compile(r"(ong|ba|nam|nu|mrs?|male|female)\.?")
_ONLY_NUMBER: Final = re.compile(r"\(?\d{1,4}[.):]?")
_CUSTOMARY: Final = (Column.NAME, Column.TITLE, Column.ORGANISATION, Column.ROLE, Column.PHONE)
_LABEL: Final = re.compile(r"(?:^|[,;.–—|-])\s*([^\W\d_][^,;:.|\n]{1,28}?)\s*:\s*", re.MULTILINE)
_SEARCHED: Final = 30  # rows above which a header is looked for: letterheads and titles stand there


# --- from text and sheets to rows ------------------------------------------------------------------------------------


def rows_of(text: str) -> tables.Grid:
    """The cells of a pasted *text*.

    Tabs (Excel, Word), ``;`` or ``|`` (CSV), one cell a line, labels, else « - » and commas of typed lines. Raises
    :class:`meetings.errors.Refused` for what is no list of people at all: nothing, or a cell like a book.
    """
    filled = [line for line in text.splitlines() if line.strip()]
    as_table = "\t" in text or (
        any(sum(sign in line for line in filled) * 2 > len(filled) for sign in ";|") and not chat.several(filled)
    )
    if (labelled := _labelled(text)) and "\t" not in text:
        return labelled
    if not as_table and (upright := _upright([tables.clean(line) for line in text.strip().splitlines()])):
        return upright
    if as_table or (filled and is_header([tables.clean(cell) for cell in filled[0].split(",")])):
        return tables.from_text(text)
    typed = [[tables.clean(cell) for cell in chat.cells(line)] for line in chat.messages(filled)]
    return [row for row in typed if row] or tables.from_text(text)


def of_sheets(sheets: Sequence[tables.Grid]) -> tables.Grid:
    """The rows of a workbook that are a list of people: every sheet with a header, from its header on; else the first sheet."""
    found: tables.Grid = []
    for sheet in sheets:
        at = next((n for n, cells in enumerate(sheet[:_SEARCHED]) if is_header(cells)), None)
        if at is not None:
            found += sheet[at:]
    return found or (sheets[0] if sheets else [])


def _upright(lines: list[str]) -> tables.Grid:
    """A table that was pasted one cell a line; nothing where *lines* are no such table."""
    first = next((n for n, line in enumerate(lines[:_SEARCHED]) if header(line) and header(lines[n + 1 : n + 2])), None)
    if first is not None:
        heads = list(_while_header(lines[first:]))
        below = lines[first + len(heads) :]
        if is_header(heads) and len(heads) >= 2 and below:
            numbered = heads.index(next((h for h in heads if header(h) is Column.NUMBER), heads[0]))
            records = _counted(below) if numbered == 0 and header(heads[0]) is Column.NUMBER else None
            return [heads, *(records or _chunks(below, len(heads)))]
    if records := _counted(lines):
        return records
    return _addressed([line for line in lines if line])


def _while_header(lines: Sequence[str]) -> Iterator[str]:
    seen: set[Column] = set()
    for line in lines:
        column = header(line)
        if column is None or column in seen:
            return
        seen.add(column)
        yield line


def _chunks(lines: list[str], width: int) -> tables.Grid:
    """*lines* by *width*; an empty line is an empty cell, unless only without them the table comes out even."""
    filled = [line for line in lines if line]
    if len(lines) % width and not len(filled) % width:
        lines = filled
    return [lines[at : at + width] for at in range(0, len(lines), width)]


def _counted(lines: Sequence[str]) -> tables.Grid:
    """Records that each begin with a line that is only its number: 1, 2, 3 …; nothing where they do not."""
    records: tables.Grid = []
    for line in lines:
        number = re.fullmatch(r"\(?(\d{1,4})[.):]?", line)
        if number and int(number[1]) == len(records) + 1:
            records.append([line])
        elif records:
            records[-1].append(line)
    for record in records:
        while len(record) > 1 and not record[-1]:
            record.pop()
    even = all(2 < len(record) <= 8 for record in records) or len(records) > 2
    return records if len(records) > 1 and even and all(len(record) > 1 for record in records) else []


def _addressed(lines: Sequence[str]) -> tables.Grid:
    """Records of one length that each begin with «Ông», «Bà» or «Đ/c»; nothing where they do not."""
    starts = [n for n, line in enumerate(lines) if ADDRESSED.match(NUMBERING.sub("", line))]
    if not starts or starts[0] != 0 or len(starts) * 2 > len(lines):
        return []
    width = len(lines) // len(starts)
    if width > 5 or starts != list(range(0, len(lines), width)):
        return []
    if any(re.search(r",|\s[-–—]\s", lines[at]) for at in starts):  # the whole person stands in that line
        return []
    return [list(lines[at : at + width]) for at in starts]


def _labelled(text: str) -> tables.Grid:
    """People given by labels («Họ tên: A, chức vụ: B»), as a table with a header; nothing where there are no labels."""
    found = [(match, column) for match in _LABEL.finditer(text) if (column := header(match[1])) is not None]
    wanted = (Column.NAME, Column.TITLE, Column.ORGANISATION, Column.ROLE, Column.PHONE, Column.HONORIFIC)
    columns = [column for _, column in found if column in wanted]
    if Column.NAME not in columns or len(set(columns)) < 2:
        return []
    records: list[dict[Column, str]] = []
    for (match, column), following in zip(found, [*(m.start() for m, _ in found[1:]), len(text)], strict=True):
        value = tables.clean(text[match.end() : following]).strip(" ,;.-–—")
        if column not in wanted:
            continue
        if not records or column in records[-1]:
            records.append({})
        records[-1][column] = value
    heads = {Column.NAME: "Họ và tên", Column.TITLE: "Chức vụ", Column.ORGANISATION: "Đơn vị", Column.ROLE: "Vai trò"}
    words = [heads.get(column, "Số điện thoại" if column is Column.PHONE else "Giới tính") for column in wanted]
    return [words, *([record.get(column, "") for column in wanted] for record in records)]


# --- what the columns hold -------------------------------------------------------------------------------------------


def header(cell: str | Sequence[str]) -> Column | None:
    """The column that a cell at its head names, None where it names none."""
    text = cell if isinstance(cell, str) else next(iter(cell), "")
    words = " ".join(re.findall(r"[a-z0-9#]+", fold(text)))
    if not words or len(words) > 60:
        return None
    if (ticked := _TICKED.get(tidy(text).casefold())) is not None:
        return ticked
    return next((column for column, pattern in _HEADERS if pattern.fullmatch(words)), None)


def is_header(cells: Sequence[str]) -> bool:
    """Whether *cells* are the head of a list of people: the name and another column, and more such words than others."""
    filled = [cell for cell in cells if cell]
    named = [column for column in map(header, filled) if column]
    if Column.NAME not in named:
        return False
    return len(filled) == 1 or (len(set(named)) >= 2 and len(named) * 2 > len(filled))


def applied(table: Sequence[Sequence[str]]) -> Iterator[tuple[tuple[Column, ...], Sequence[str]]]:
    """Each row of *table* that is no header, with what its columns hold. What stands above the first header is passed over;
    a later header (a second sheet, the next page) holds from there on."""
    at = next((n for n, cells in enumerate(table[:_SEARCHED]) if is_header(cells)), None)
    if at is None:
        columns = _guessed(table)
        yield from ((columns, cells) for cells in table)
        return
    columns, fresh = named(table[at]), True
    for cells in table[at + 1 :]:
        found = [header(cell) for cell in cells]
        filled = [column for cell, column in zip(cells, found, strict=True) if cell]
        if is_header(cells):
            if len(filled) > 1:
                columns, fresh = named(cells), True
            continue
        if fresh and filled and all(filled):  # a second line of heads: «Nam | Nữ» below «Giới tính»
            columns = _below(columns, found)
            continue
        fresh = False
        yield columns, cells


def named(cells: Sequence[str]) -> tuple[Column, ...]:
    """What the columns below a header hold."""
    columns: list[Column] = []
    for cell in cells:
        column = header(cell) or Column.OTHER
        columns.append(Column.OTHER if column in columns else column)
    return tuple(columns)


def _below(columns: tuple[Column, ...], found: Sequence[Column | None]) -> tuple[Column, ...]:
    width = max(len(columns), len(found))
    above = [*columns, *[Column.OTHER] * (width - len(columns))]
    under = [*found, *[None] * (width - len(found))]
    return tuple(low or high for high, low in zip(above, under, strict=True))


def _guessed(table: Sequence[Sequence[str]]) -> tuple[Column, ...]:
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
        elif held and Column.NAME not in order and all(ROLES.fullmatch(fold(cell)) for cell in held):
            column = Column.ROLE
        elif not held and (at == 0 or width > len(_CUSTOMARY)):
            column = Column.OTHER
        if column is None:
            column = order[0] if order else Column.OTHER
        if column in order:
            order.remove(column)
        columns.append(Column.OTHER if column in columns else column)
    return _by_what_they_hold(columns, table)


def _by_what_they_hold(columns: Sequence[Column], table: Sequence[Sequence[str]]) -> tuple[Column, ...]:
    """*columns* with posts and offices known as such where one of them stands in the place of the name."""
    texts = [n for n, column in enumerate(columns) if column in _CUSTOMARY[:3]]
    kinds: dict[int, Column] = {}
    for n in texts:
        held = [cells[n] for cells in table if n < len(cells) and cells[n]]
        posts, bodies = sum(map(chat.titled, held)), sum(map(chat.body, held))
        if (posts + bodies) * 2 > len(held):
            kinds[n] = Column.TITLE if posts >= bodies else Column.ORGANISATION
    others = [n for n in texts if n not in kinds]
    if not texts or texts[0] not in kinds or len(others) != 1 or len(set(kinds.values())) < len(kinds):
        return tuple(columns)
    found = list(columns)
    for n in texts:
        found[n] = kinds.get(n, Column.NAME)
    return tuple(found)
