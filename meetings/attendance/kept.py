"""The boards of running meetings, kept in memory and brought up to date by what their change numbers say has changed.

Everybody who watches a board asks every few seconds, and nearly always about the same few sites. So each process keeps
the rows of a meeting with the sums of its provinces: a question reads the two change numbers, then the rows of the sites
that were named since, and moves the sums by the difference. What that costs does not grow with the number of sites. When
it cannot be told what changed, and every two minutes, all is read anew: a unit's name or a rule of the house is no fact
of the meeting. Pages are drawn from the database as ever; this is for the poll, and for readers who see the whole meeting.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from time import perf_counter
from typing import Any, Final

from markupsafe import Markup

from meetings.attendance import live, queries
from meetings.attendance.board import Diagram, ProvinceRow, SiteRow, diagram, work_list
from meetings.attendance.live import LOG, MOST_TILES, PAGE, Ask, May, Screen
from meetings.attendance.models import Mark, Roll
from meetings.attendance.queries import Line, Officer
from meetings.attendance.rules import Tally, total
from meetings.clock import now
from meetings.database import db
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting

LONGEST: Final = timedelta(minutes=2)
PACE: Final = 1.0  # seconds in which a board of thousands moves at most twice: then many ask the same question
MEETINGS: Final = 6
DRAWN: Final = 32  # kinds of readers whose pieces are kept: a language, an address, rights, a minute

Memory = OrderedDict[Hashable, dict[tuple[str, int | None], tuple[tuple[Any, ...], Markup]]]
"""Pieces of boards by kind of reader, then by what they are, each with what it was drawn of."""

_boards: OrderedDict[str, Board] = OrderedDict()
_door: Final = Lock()


@dataclass
class Board:
    """One meeting as it stood at the change number *number*; *reading* counts how often all of it was read."""

    code: str
    lock: Lock = field(default_factory=Lock)
    meeting: Meeting | None = None
    number: int = -1
    read_at: datetime | None = None
    moves: deque[float] = field(default_factory=lambda: deque([0.0, 0.0], maxlen=2))
    reading: int = 0
    rows: dict[int, SiteRow] = field(default_factory=dict)
    provinces: dict[int | None, ProvinceRow] = field(default_factory=dict)
    sums: Tally = field(default_factory=Tally)
    plan: Diagram = field(default_factory=lambda: Diagram((), (), False))
    members: dict[int | None, list[int]] = field(default_factory=dict)  # ids by province, in protocol order
    lists: dict[int | None, tuple[list[SiteRow], list[SiteRow]]] = field(default_factory=dict)  # rows and work list
    steps: deque[tuple[int, dict[int, SiteRow]]] = field(
        default_factory=lambda: deque(maxlen=100)
    )  # from which number; what changed, as it stood there
    roll: Roll | None = None
    log: Sequence[Mark | Line] = ()
    officers: dict[int, Officer] = field(default_factory=dict)
    house: int = -1
    drawn: Memory = field(default_factory=OrderedDict)

    # --- bringing up to date -----------------------------------------------------------------------------------------

    def bring(self, house: int, number: int) -> None:
        """Take in what was committed up to *number*; the caller holds the lock."""
        if self.house != house:
            self.house = house
            self.officers.clear()
        at = now()
        if self.meeting is None or self.read_at is None or not timedelta() <= at - self.read_at < LONGEST:
            self._read(number)
        elif number == self.number or (self.many and perf_counter() - self.moves[0] < PACE):
            return
        elif not self._follow(self.meeting, number):
            self._read(number)
        self.moves.append(perf_counter())

    def _follow(self, meeting: Meeting, number: int) -> bool:
        """Read again what was named since; False where that cannot be told."""
        changed = queries.named_since(meeting, str(self.number), number)
        if changed is None or len(changed.sites) > 500:
            return False
        stood = {
            id: self.rows[id] for id in changed.sites if id in self.rows
        }  # a site taken out is the meeting's own fact
        rows = queries.some_sites(meeting, stood) if stood else []
        if len(rows) != len(stood) or not all(self._put(row) for row in rows):
            return False
        if "presence" in changed.kinds and not self.many:  # beyond, no page shows a log
            self.log = queries.lines(meeting, LOG)
        self.steps.append((self.number, stood))
        if "roll" in changed.kinds:
            self._read_roll(meeting)
            self.steps.clear()  # it may have been closed: every row has other buttons
        self.number = number
        return True

    def since(self, seen: str) -> Mapping[int, SiteRow | None] | None:
        """The sites that changed since the version *seen*, as they stood at it (None: not known any more); None where that
        cannot be told."""
        assert self.meeting is not None
        stood: dict[int, SiteRow] = {}
        for number, rows in reversed(self.steps):
            stood |= rows  # the further back, the nearer to what was seen
            if str(number) == seen:
                return stood
        changed = queries.changed_since(self.meeting, seen)
        return None if changed is None else dict.fromkeys(changed)

    def _put(self, row: SiteRow) -> bool:
        old = self.rows[row.id]
        if (old.province_id, old.host, old.position) != (row.province_id, row.host, row.position):
            return False
        self.rows[row.id] = row
        if old.day_phone != row.day_phone:
            self.officers.pop(row.id, None)
        self.lists.pop(row.province_id, None)
        self.lists.pop(-1, None)
        if not row.host:
            province = self.provinces[row.province_id]
            self.provinces[row.province_id] = replace(province, tally=_moved(province.tally, old, row))
            self.sums = _moved(self.sums, old, row)
        return True

    def _read(self, number: int) -> None:
        """Everything anew."""
        meeting = scheduling.by_code(self.code)
        if meeting is None:
            raise LookupError(self.code)
        rows = queries.sites(meeting)
        self.rows = {row.id: row for row in rows}
        self.provinces, self.members = {}, {}
        for province in queries.provinces(meeting):
            self.provinces[province.id] = replace(province, tally=Tally())
        for row in rows:
            self.members.setdefault(row.province_id, []).append(row.id)
            if not row.host:
                tally = self.provinces[row.province_id].tally
                tally.add(row.status, 1, row.head_count or 0, int(row.substituted), int(row.confirmed))
        self.sums = total(province.tally for province in self.provinces.values())
        if self.many:
            self.plan = diagram([(n, p.column, p.row) for n, p in enumerate(self.provinces.values())])
        else:
            self.plan = diagram([(row.id, row.column, row.row) for row in rows if not row.host])
        self.log = () if self.many else queries.lines(meeting, LOG)
        self._read_roll(meeting)
        self.lists.clear()
        self.steps.clear()
        self.officers.clear()
        self.drawn.clear()
        _let_go(meeting.organiser, meeting)
        self.meeting, self.number, self.read_at = meeting, number, now()
        self.reading += 1

    def _read_roll(self, meeting: Meeting) -> None:
        self.roll = queries.roll(meeting)
        if self.roll is not None:
            _let_go(self.roll)

    # --- what is shown -----------------------------------------------------------------------------------------------

    @property
    def many(self) -> bool:
        return self.sums.total > MOST_TILES

    def screen(self, ask: Ask, may: May, at: datetime) -> Screen | None:
        """The board for *ask*, None where only the database can tell; the caller holds the lock."""
        if ask.find or ask.site is not None or (self.many and ask.show and ask.province in ("", "all")):
            return None
        assert self.meeting is not None
        made = Screen(
            meeting=self.meeting,
            now=at,
            ask=ask,
            may=may,
            phase=live.phase_of(self.meeting, at),
            roll=self.roll,
            tally=self.sums,
            host_people=(self.roll.host_head_count or 0) if self.roll and may.all_sites else 0,
            provinces=list(self.provinces.values()),
            many=self.many,
            version=str(self.number),
            plan=self.plan,
            log=self.log,
        )
        if not self.many:
            made.rows, work = self._list(-1, self.rows.keys())
        elif ask.province == "all":
            work = []
        else:
            made.province = live.province_of(made, ask.province)
            made.rows, work = self._list(made.province.id, self.members.get(made.province.id, ()))
        if made.chosen is not None:
            work = work_list(made.rows, made.listed)
        made.work_total = len(work)
        if made.many:
            made.page = min(ask.page, made.pages)
            work = work[(made.page - 1) * PAGE : made.page * PAGE]
        made.work = work
        if may.phone:
            made.officers = self.officers_of(made.work, at)
        return made

    def _list(self, key: int | None, ids: Iterable[int]) -> tuple[list[SiteRow], list[SiteRow]]:
        """The rows of one province (all of a small meeting under -1), and those of its work list, sorted."""
        kept = self.lists.get(key)
        if kept is None:
            rows = [self.rows[id] for id in ids]
            kept = self.lists[key] = (rows, work_list(rows))
        return kept

    def officers_of(self, rows: Iterable[SiteRow], at: datetime) -> dict[int, Officer]:
        """Whom to ring about *rows*; contacts are facts of the house."""
        rows = list(rows)
        unknown = [row for row in rows if row.id not in self.officers]
        if unknown:
            self.officers.update(queries.officers(unknown, at))
        return {row.id: self.officers[row.id] for row in rows if row.id in self.officers}


def board(code: str) -> Board:
    """The board kept for the meeting *code*, empty at first."""
    with _door:
        found = _boards.get(code)
        if found is None:
            found = _boards[code] = Board(code)
        _boards.move_to_end(code)
        while len(_boards) > MEETINGS:
            _boards.popitem(last=False)
        return found


def peek(code: str) -> Board | None:
    """The board kept for the meeting *code*, if one is."""
    return _boards.get(code)


def _moved(sums: Tally, old: SiteRow, new: SiteRow) -> Tally:
    """*sums* with *new* counted in the place of *old*; a reader may still hold the former."""
    moved = Tally(sums.by_status.copy(), sums.people, sums.substitutes, sums.confirmed)
    moved.add(old.status, -1, -(old.head_count or 0), -int(old.substituted), -int(old.confirmed))
    moved.add(new.status, 1, new.head_count or 0, int(new.substituted), int(new.confirmed))
    return moved


def _let_go(*things: object) -> None:
    """What is kept beyond its request belongs to no session any more."""
    for thing in things:
        if thing in db.session:
            db.session.expunge(thing)
