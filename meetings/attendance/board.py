"""What stands on the board: one row a site, where its tile lies, the work list, the provinces.

Pure: rows go in, an arrangement comes out. Instants are aware (UTC).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from meetings.attendance.rules import (
    Group,
    MarkSource,
    Move,
    State,
    Status,
    Tally,
    excuse,
    group_of,
    possible,
    status_of,
    work_key,
)
from meetings.readiness import ladder
from meetings.readiness.rules import Alarm, Outcome

MOST_TILES: Final = 63  # one tile a site up to here; beyond it one tile a province
MAP_COLUMNS: Final = 7
MAP_ROWS: Final = 14
CONFIRMED: Final = frozenset({"accepted", "substitute"})  # answers
LISTED: Final = frozenset(Status) - {Status.IN, Status.LEFT}  # who needs somebody


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One site of a meeting as the roll knows it. *test* is the newest word of both rounds, *day_test* of the day's alone."""

    id: int
    site_id: int
    unit_code: str
    name: str
    unit_name: str
    position: int
    province_id: int | None
    host: bool
    column: int | None  # of its tile, from 0
    row: int | None
    reply: str
    reply_reason: str
    asked_at: datetime | None
    replied_at: datetime | None
    substitute: str
    day_phone: str
    test: str
    day_test: str
    tested_at: datetime | None
    state: State
    since: datetime | None
    joined_at: datetime | None
    left_at: datetime | None
    lost_seconds: int
    head_count: int | None
    with_notice: bool | None
    reason: str
    by: str
    replaced: str = ""  # in whose place the substitute comes
    consent: str = ""  # of the chair to the substitute
    due: ladder.Due | None = None  # when its line test is due; None where that is not asked any more
    status: Status = field(
        init=False, compare=False
    )  # the word shown for it, told once: a board asks for it all the time

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", status_of(self.reply, self.test, self.state))

    @property
    def rehearsal(self) -> Outcome:
        """What the rehearsal found, as far as the day has not said otherwise."""
        return Outcome(self.test) if self.day_test == "untested" else Outcome.UNTESTED

    @property
    def group(self) -> Group:
        return group_of(self.status)

    @property
    def substituted(self) -> bool:
        """Whether a substitute sits there, or is to; one whom the chair refused is none."""
        return self.reply == "substitute" and self.consent != "refused"

    @property
    def confirmed(self) -> bool:
        """Whether it said that it would come, itself or by a substitute."""
        return self.reply in CONFIRMED

    @property
    def attended(self) -> bool:
        """Whether the site was in the meeting at any time."""
        return self.joined_at is not None

    @property
    def uncounted(self) -> bool:
        """Whether the record would count the site as present and nobody in it."""
        return self.attended and self.state is not State.ABSENT and self.head_count is None

    @property
    def excuse(self) -> tuple[bool, str]:
        """Whether notice was given, and why: as it stands for an absent site, else as its answer says."""
        return excuse(
            self.reply, self.reply_reason, stands=self.state, with_notice=self.with_notice, reason=self.reason
        )

    def moves(self, source: MarkSource) -> tuple[Move, ...]:
        """The marks that can be made for it now."""
        return possible(self.state, source)

    def lost_for(self, now: datetime) -> timedelta:
        """All breaks of its line together, the one that still lasts included."""
        running = now - self.since if self.state is State.LOST and self.since else timedelta()
        return timedelta(seconds=self.lost_seconds) + max(running, timedelta())

    def late_by(self, starts_at: datetime) -> timedelta:
        """How long after the start it came in first; nothing when it was in time or never came."""
        return max(self.joined_at - starts_at, timedelta()) if self.joined_at else timedelta()


def line_alarm(
    state: State, rehearsal: Outcome, day: Outcome, due: ladder.Due, *, now: datetime, starts_at: datetime
) -> Alarm:
    """The colour of the line of a site that is not in: of the board, and of the list of those who test.

    A fault is told until the site is in; that nobody tested the line is told until the hour, or until the site is ready.
    """
    colour = ladder.alarm(rehearsal, day, due, now=now)
    if colour is Alarm.GREEN:
        return colour
    if state not in (State.NOT_IN, State.READY):
        return Alarm.NONE
    faulty = ladder.counting(rehearsal, day, due, now=now) is Outcome.FAILED
    return Alarm.NONE if not faulty and (now >= starts_at or state is State.READY) else colour


def alarm(row: SiteRow, *, now: datetime, starts_at: datetime) -> Alarm:
    """How loudly to show a site that is not in and whose line was not found good."""
    if row.group is not Group.WAITING or row.status is Status.DECLINED:
        return Alarm.NONE
    due = row.due or ladder.usual(starts_at)
    return line_alarm(row.state, row.rehearsal, Outcome(row.day_test), due, now=now, starts_at=starts_at)


def tally(rows: Iterable[SiteRow]) -> Tally:
    """The sums over *rows*; the host site counts with the people and not with the sites."""
    sums = Tally()
    for row in rows:
        if row.host:
            sums.people += row.head_count or 0 if row.state is State.IN else 0
        else:
            sums.add(
                row.status,
                people=row.head_count or 0,
                substitutes=int(row.substituted),
                confirmed=int(row.confirmed),
            )
    return sums


# --- choosing and ordering -------------------------------------------------------------------------------------------


def wanted(text: str) -> frozenset[Status] | None:
    """The words that a filter in the address asks for: one of the large numbers, or one word; None for anything else."""
    if text in set(Group):
        return frozenset(status for status in Status if group_of(status) is Group(text))
    return frozenset({Status(text)}) if text in set(Status) else None


def work_list(rows: Iterable[SiteRow], chosen: frozenset[Status] = LISTED) -> list[SiteRow]:
    """Who needs somebody, worst first; with a filter, whoever it asks for in the same order."""
    sites = [row for row in rows if not row.host and row.status in chosen]
    if not chosen <= LISTED:
        return sorted(sites, key=lambda row: row.position)
    return sorted(sites, key=lambda row: work_key(row.status, row.since, row.position))


def in_grid(rows: Iterable[SiteRow]) -> list[SiteRow]:
    """The grid's order: what is wrong first, what is well last, and by the order of the sites within."""
    sites = [row for row in rows if not row.host]
    well = {Status.IN: 1, Status.LEFT: 2}
    return sorted(
        sites,
        key=lambda row: (
            well.get(row.status, 0),
            0 if row.status in well else work_key(row.status, row.since, row.position)[0],
            row.position,
        ),
    )


# --- the diagram of tiles --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Island:
    """A tile of a special zone that any drawing of the country shows: *row* from 0, in the two columns at the sea."""

    unit_code: str
    name: str
    province_code: str
    province: str
    row: int


ISLANDS: Final = (
    Island("20333", "Hoàng Sa", "48", "Đà Nẵng", 7),
    Island("22736", "Trường Sa", "56", "Khánh Hòa", 11),
)


@dataclass(frozen=True)
class Diagram:
    """Where tiles lie. *placed* have a place of their own, *loose* follow below; *national* draws the islands with them."""

    placed: tuple[tuple[int, int, int], ...]  # (id, column, row), from 1
    loose: tuple[int, ...]
    national: bool

    @property
    def offered(self) -> bool:
        """A diagram helps when most of the sites have a place in it."""
        return len(self.placed) >= 3 and len(self.placed) >= 2 * len(self.loose)


def diagram(tiles: Sequence[tuple[int, int | None, int | None]]) -> Diagram:
    """Lay out *tiles* ``(id, column, row)``, columns and rows from 0; a place that is taken, or none, makes a tile loose."""
    taken: set[tuple[int, int]] = set()
    placed: list[tuple[int, int, int]] = []
    loose: list[int] = []
    for id, column, row in tiles:
        fits = column is not None and row is not None and 0 <= column < MAP_COLUMNS and 0 <= row < MAP_ROWS
        if not fits or (column, row) in taken:
            loose.append(id)
            continue
        assert column is not None and row is not None
        taken.add((column, row))
        placed.append((id, column + 1, row + 1))
    # the host's tile, the islands and the legend lie where the country has no tiles
    reserved = {(c, r) for c in (5, 6) for r in range(MAP_ROWS)} | {(c, r) for c in (0, 1) for r in range(2, 11)}
    return Diagram(tuple(placed), tuple(loose), national=len(placed) >= 3 and not taken & reserved)


# --- provinces -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ProvinceRow:
    """One province (or, without an id, the bodies that lie in none) and its sums."""

    id: int | None
    code: str
    name: str
    column: int | None
    row: int | None
    tally: Tally

    @property
    def complete(self) -> bool:
        return self.tally.missing == 0

    def parts(self, width: int = 100) -> list[tuple[Group, int, int]]:
        """The bar of the tile as ``(group, from, length)`` on a scale of *width*; what exists is never thinner than 3."""
        return bar(self.tally, width, thinnest=3)


def bar(sums: Tally, width: int, *, thinnest: int = 1) -> list[tuple[Group, int, int]]:
    """The proportional bar of *sums*: ``(group, from, length)`` adding up to *width*; a group of one still shows."""
    counts = [(group, sums.of(group)) for group in (Group.IN, Group.LEFT, Group.LOST, Group.WAITING, Group.ABSENT)]
    counts = [(group, n) for group, n in counts if n]
    whole = sum(n for _, n in counts)
    if not whole:
        return []
    lengths = [max(thinnest, round(width * n / whole)) for _, n in counts]
    lengths[lengths.index(max(lengths))] += width - sum(lengths)
    parts, at = [], 0
    for (group, _), length in zip(counts, lengths, strict=True):
        parts.append((group, at, length))
        at += length
    return parts


def by_missing(provinces: Iterable[ProvinceRow]) -> list[ProvinceRow]:
    """The national list: whoever lost a line first, then whoever misses most, then in the order of the codes."""
    return sorted(provinces, key=lambda p: (p.tally.lost == 0, -p.tally.missing, p.code))


# --- what is handed on -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Summary:
    """The roll as the minutes and the estimate take it: every site (the host apart), and the sums over those that came.

    *people* adds the head-counts of the sites that were in at any time, and the host's.
    """

    rows: tuple[SiteRow, ...]
    host: SiteRow | None
    host_head_count: int | None
    closed_at: datetime | None
    closed_by: str
    provinces: Mapping[int, str]  # id → name
    corrections: tuple[tuple[str, datetime, str, str], ...]  # site, when, by, why
    code: str = ""
    title: str = ""

    @property
    def invited(self) -> int:
        return len(self.rows)

    @property
    def present(self) -> tuple[SiteRow, ...]:
        return tuple(row for row in self.rows if row.attended and row.state is not State.ABSENT)

    @property
    def absent(self) -> tuple[SiteRow, ...]:
        return tuple(row for row in self.rows if row.state is State.ABSENT)

    @property
    def unknown(self) -> tuple[SiteRow, ...]:
        """Sites of which nothing was said: none once the roll is closed."""
        return tuple(row for row in self.rows if not row.attended and row.state is not State.ABSENT)

    @property
    def people(self) -> int:
        return sum(row.head_count or 0 for row in self.present) + (self.host_head_count or 0)

    @property
    def substitutes(self) -> tuple[SiteRow, ...]:
        return tuple(row for row in self.present if row.substituted)

    @property
    def closed(self) -> bool:
        return self.closed_at is not None
