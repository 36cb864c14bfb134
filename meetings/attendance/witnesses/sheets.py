"""Tables of attendance: Teams of four kinds, Zoom, Webex, BigBlueButton's export, and our own plain one.

A file is a few blocks one below the other (about the meeting, its participants, their comings and goings); each block that
tells of attendance has a header row of known titles. What is told in intervals is preferred to first and last.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from typing import Final

from meetings.attendance.witnesses.clocks import Clock, length, plain, stamp, title_zone
from meetings.attendance.witnesses.drafting import Draft, Ledger, Who
from meetings.attendance.witnesses.opening import LOOSE, Grid, Unreadable
from meetings.attendance.witnesses.titles import Column, columns_of, is_header, key_of
from meetings.attendance.witnesses.told import Told

_SECTION: Final = re.compile(r"^\d{1,2}\.\s*\S")
_OWN_NAME: Final = re.compile(r"\S\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)$")
_NOTHING: Final = frozenset({"", "-", "–", "—", "n/a", "na", "none", "null", "--", "không", "x"})
_YES: Final = frozenset({"yes", "y", "true", "1", "co", "dung"})
_SUMS: Final = re.compile(
    r"^(tong( cong| so)?|cong|total|anonymous|an danh|nac danh|nguoi an danh|khuyet danh)\b[ :]*\d*$"
)
_JOINED: Final = re.compile(r"^(da )?(join|tham gia|vao)")
_LEFT: Final = re.compile(r"^(da )?(left|leave|roi|ra\b|thoat)")
_TIMES: Final = (Column.JOIN, Column.FIRST, Column.LEAVE, Column.LAST, Column.STAMP)
_DAY: Final = timedelta(days=1)


@dataclass
class Block:
    """A header row and what stands below it, up to the next one."""

    titles: list[str]
    columns: dict[Column, int]
    rows: Grid = field(default_factory=list)

    def cell(self, row: list[str], *wanted: Column) -> str:
        """The first of those cells that says something."""
        for column in wanted:
            place = self.columns.get(column)
            if place is not None and place < len(row) and row[place].casefold() not in _NOTHING:
                return row[place]
        return ""

    def zone(self, *wanted: Column) -> tzinfo | None:
        places = [self.columns[column] for column in wanted if column in self.columns]
        return next((zone for place in places if (zone := title_zone(self.titles[place]))), None)

    def unit(self) -> int:
        """In what a bare length counts: minutes, unless its title says seconds."""
        place = self.columns.get(Column.LENGTH)
        return 1 if place is not None and re.search("second|giay", plain(self.titles[place])) else 60

    def times(self) -> Iterator[str]:
        for row in self.rows:
            for column in _TIMES:
                if text := self.cell(row, column):
                    yield text


def read_tables(tables: Iterable[tuple[Grid, str]], draft: Draft, clock: Clock) -> Told:
    """What the first grid that is a table of attendance tells; with each grid, what stood between its cells."""
    for grid, between in tables:
        blocks, about = blocks_of(grid)
        if between == LOOSE and not any(Column.JOIN in block.columns for block in blocks):
            blocks = _shaped(grid)
        if blocks:
            return _told(blocks, about, between, draft, clock)
    raise Unreadable("not_understood")


def blocks_of(grid: Grid) -> tuple[list[Block], Grid]:
    """The blocks of attendance, and the rows before the first."""
    found: list[Block] = []
    about: Grid = []
    for row in grid:
        columns = columns_of(row) if len(row) > 1 else {}
        if columns and is_header(row, columns):
            found.append(Block(row, columns))
        elif row and found and not (len(row) == 1 and _SECTION.match(row[0])):
            found[-1].rows.append(row)
        elif row:
            about.append(row)
    return found, about


def _shaped(grid: Grid) -> list[Block]:
    """BigBlueButton's export in a language we do not know: the columns by what stands in them."""
    rows = [row for row in grid[1:] if len(row) > 3]
    for place in range(1, max(map(len, rows), default=0) - 1):
        dated = sum(bool((seen := stamp(row[place])) and seen.dated) for row in rows if place < len(row))
        if dated and dated * 2 >= len(rows) - 1:
            return [Block(grid[0], {Column.NAME: 0, Column.JOIN: place, Column.LEAVE: place + 1}, grid[1:])]
    return []


def _told(blocks: list[Block], about: Grid, between: str, draft: Draft, clock: Clock) -> Told:
    layout = layout_of(blocks, about, between)
    pairs = [*_announced(about), *_announced([blocks[0].titles, *blocks[0].rows[:1]])]
    clock.settle([text for block in blocks for text in block.times()] + [text for key, text in pairs if key != "title"])
    if layout in ("teams_v1", "teams_live"):
        for block in blocks:
            _actions(block, draft, clock)
    else:
        detailed = [block for block in blocks if Column.FIRST not in block.columns]
        identities = _identities(blocks)
        for block in detailed:
            _intervals(block, draft, clock, layout, identities)
        told = {(row.name, row.address) for row in draft.rows}
        for block in blocks:
            if Column.FIRST in block.columns:
                before = len(draft.rows)
                _intervals(block, draft, clock, layout, {}, besides=told if detailed else set())
                if len(draft.rows) > before:
                    draft.faults.add("first_and_last")
        if layout == "bbb_export":
            draft.faults.add("first_and_last")
    for key, text in pairs:
        _say(key, text, draft, clock)
    draft.faults |= clock.faults
    timed = any(row.joined_at or row.left_at for row in draft.rows)
    ask = {"zone"} if clock.unzoned and timed else set()
    return draft.told(
        layout, zone_fixed=timed and not clock.unzoned, ask=frozenset(ask | ({"day_first"} if clock.asked else set()))
    )


def layout_of(blocks: list[Block], about: Grid, between: str) -> str:
    """Which program wrote these titles."""
    columns = {column for block in blocks for column in block.columns}
    titles = " | ".join(plain(title) for block in blocks for title in block.titles)
    before = " | ".join(plain(row[0]) for row in about[:30])
    if {Column.ACTION, Column.STAMP} <= columns:
        return "teams_live" if "utcevent" in titles or "sessionid" in titles else "teams_v1"
    if between == LOOSE or "talk time" in titles:
        return "bbb_export"
    if any(word in titles for word in ("connection type", "attendance duration", "attendee email")):
        return "webex"
    if Column.FIRST in columns or re.search(r"(^| \| )1\. \w", before):
        return "teams_v3"
    if "(upn)" in titles or "meeting summary" in before or "tom tat cuoc hop" in before:
        return "teams_v2"
    zoom = {Column.ORIGINAL, Column.WAITING} & columns or re.search(r"\bguest\b|user email|recording|\bkhach\b", titles)
    if zoom:
        return "zoom" if Column.JOIN in columns else "zoom_unique"
    return "plain"


def _announced(about: Grid) -> Iterator[tuple[str, str]]:
    """What the file says of the meeting itself: below each other, or titles over values."""
    for number, row in enumerate(about[:40]):
        keys = [key_of(cell) for cell in row]
        if len(row) >= 2 and keys[0] and not any(keys[1:]):
            yield keys[0], row[1]
        elif sum(map(bool, keys)) >= 2 and number + 1 < len(about):
            values = about[number + 1]
            yield from ((key, values[place]) for place, key in enumerate(keys) if key and place < len(values))


def _say(key: str, text: str, draft: Draft, clock: Clock) -> None:
    if key == "title":
        draft.title = draft.title or text
    elif key == "began":
        draft.began_at = draft.began_at or clock.read(text)
    else:
        draft.ended_at = draft.ended_at or clock.read(text)


def _identities(blocks: list[Block]) -> dict[tuple[str, str], str]:
    """The platform's own name for (name, address), where only the block of sums tells it."""
    found: dict[tuple[str, str], str] = {}
    for block in blocks:
        if Column.FIRST in block.columns and Column.IDENTITY in block.columns:
            for row in block.rows:
                who = block.cell(row, Column.NAME), block.cell(row, Column.ADDRESS)
                found[who] = block.cell(row, Column.IDENTITY)
    return found


def _who(block: Block, row: list[str]) -> Who:
    name = block.cell(row, Column.ORIGINAL, Column.NAME)
    identity = block.cell(row, Column.IDENTITY)
    address = block.cell(row, Column.ADDRESS) or (identity if "@" in identity else "")
    own = _OWN_NAME.search(name) if Column.ORIGINAL in block.columns else None
    return Who(name, address, identity, own[1].strip() if own else "")


def _intervals(
    block: Block,
    draft: Draft,
    clock: Clock,
    layout: str,
    identities: dict[tuple[str, str], str],
    besides: set[tuple[str, str]] | None = None,
) -> None:
    """One row for each line; lines of somebody who is among *besides* are told elsewhere."""
    zones = block.zone(Column.JOIN, Column.FIRST), block.zone(Column.LEAVE, Column.LAST)
    for row in block.rows:
        who = _who(block, row)
        if not who.external_id and (identity := identities.get((who.name, who.address))):
            who = Who(who.name, who.address or (identity if "@" in identity else ""), identity, who.own_name)
        if besides and (who.name, who.address) in besides:
            continue
        if plain(block.cell(row, Column.WAITING)) in _YES:
            draft.leave_out("waiting_room")
            continue
        came, went = block.cell(row, Column.JOIN, Column.FIRST), block.cell(row, Column.LEAVE, Column.LAST)
        spent = length(block.cell(row, Column.LENGTH), block.unit())
        if not (came or went) and _SUMS.match(plain(who.name)):
            draft.leave_out("summed")
            continue
        joined, left = clock.read(came, zones[0] or zones[1]), clock.read(went, zones[1] or zones[0])
        if (came and not joined) or (went and not left):
            draft.leave_out("timeless")
            continue
        if joined and left and left < joined and _undated(came) and _undated(went):
            left += _DAY  # a table of hours only, and a meeting past midnight
        if layout == "bbb_export" and joined:
            spent = None  # lengths begin again after 24 hours there, and run on while somebody is in
        if joined and not left and spent:
            left = joined + timedelta(seconds=spent)
        draft.add(who, joined, left, spent)


def _undated(text: str) -> bool:
    found = stamp(text)
    return bool(found and not found.dated)


def _actions(block: Block, draft: Draft, clock: Clock) -> None:
    ledger = Ledger(draft, by_name=True)
    zone = block.zone(Column.STAMP)
    for row in block.rows:
        who, action = _who(block, row), plain(block.cell(row, Column.ACTION))
        joined, left = bool(_JOINED.match(action)), bool(_LEFT.match(action))
        if not (joined or left):
            draft.leave_out("another_event")
            continue
        at = clock.read(block.cell(row, Column.STAMP), zone)
        ledger.note(who.external_id or who.name, who, at, joined=joined)
    ledger.write()
