"""The board put together: what the address asks for, what the reader may see and press, and the rows that answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlencode

import sqlalchemy as sa

from meetings.accounts.rules import Actor, Role
from meetings.attendance import queries
from meetings.attendance.board import (
    ISLANDS,
    LISTED,
    MOST_TILES,
    Diagram,
    Island,
    ProvinceRow,
    SiteRow,
    bar,
    by_missing,
    diagram,
    in_grid,
    wanted,
    work_list,
)
from meetings.attendance.models import Mark, Roll
from meetings.attendance.queries import Line, Officer
from meetings.attendance.rules import (
    Group,
    MarkSource,
    Move,
    RollStatus,
    State,
    Status,
    Tally,
    last_effective,
    opens_at,
    total,
)
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.official import numbers
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status as MeetingStatus

PAGE: Final = 50
LOG: Final = 4


class View(StrEnum):
    """How the sites are drawn."""

    MAP = "map"
    GRID = "grid"
    LIST = "list"


class Phase(StrEnum):
    """Where the meeting stands, for the board: nothing can be marked *early* or when it is *off*."""

    EARLY = "early"
    SOON = "soon"
    SESSION = "session"
    OVER = "over"
    OFF = "off"


@dataclass(frozen=True)
class Ask:
    """What the address asks for. Anything it cannot mean is left out, so an odd address shows the plain board."""

    view: View | None = None
    show: str = ""
    province: str = ""  # code of a province, "all" for the national list, "-" for bodies in none
    page: int = 1
    site: int | None = None
    want: str = ""  # "absent": the panel opens with the reason; "host": the host's number
    find: str = ""

    @classmethod
    def of(cls, args: Mapping[str, str]) -> Ask:
        """Read from the parameters of an address."""
        view, show, want = args.get("view", ""), args.get("show", ""), args.get("want", "")
        return cls(
            view=View(view) if view in set(View) else None,
            show=show if wanted(show) is not None else "",
            province=args.get("province", "")[:40],
            page=numbers.read(args.get("page")) or 1,
            site=numbers.read(args.get("site")) or None,
            want=want if want in ("absent", "host") else "",
            find=args.get("find", "")[:80].replace("\0", "").strip(),
        )

    def args(self, **changes: Any) -> dict[str, Any]:
        """The parameters of the address that asks for this, with *changes*; a change of the filter begins at page 1."""
        if changes and "page" not in changes and set(changes) & {"show", "province", "find"}:
            changes["page"] = 1
        other = replace(self, **changes)
        values = {
            "view": str(other.view) if other.view else None,
            "show": other.show or None,
            "province": other.province or None,
            "find": other.find or None,
            "page": other.page if other.page > 1 else None,
            "site": other.site,
            "want": other.want or None,
        }
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True)
class May:
    """What the reader may do on this board."""

    mark: bool
    close: bool
    phone: bool
    all_sites: bool
    source: MarkSource

    @classmethod
    def of(cls, actor: Actor, meeting: Meeting) -> May:
        """By *actor*'s grants over the organiser; telephone numbers go with the office, wherever the site lies."""
        path = meeting.organiser.path
        secretary = any(g.role is Role.SECRETARY and path.startswith(g.path) for g in actor.grants)
        return cls(
            mark=actor.may("roll.mark", path),
            close=actor.may("roll.close", path),
            phone=actor.may("phone.see", path),
            all_sites=scheduling.whole(actor, meeting),
            source=MarkSource.SECRETARY if secretary else MarkSource.TECHNICIAN,
        )


@dataclass
class Screen:
    """Everything a board shows, on whatever page. *rows* are the sites with a tile or dot, *work* the page of the list."""

    meeting: Meeting
    now: datetime
    ask: Ask
    may: May
    phase: Phase
    roll: Roll | None
    tally: Tally
    host_people: int
    provinces: list[ProvinceRow]
    many: bool
    version: str
    province: ProvinceRow | None = None
    rows: list[SiteRow] = field(default_factory=list)
    plan: Diagram = field(default_factory=lambda: Diagram((), (), False))
    work: list[SiteRow] = field(default_factory=list)
    work_total: int = 0
    page: int = 1
    officers: dict[int, Officer] = field(default_factory=dict)
    log: Sequence[Mark | Line] = ()
    log_total: int = 0
    one: SiteRow | None = None
    one_officer: Officer | None = None
    one_marks: Sequence[Mark] = ()

    @property
    def starts_at(self) -> datetime:
        assert self.meeting.starts_at is not None
        return self.meeting.starts_at

    @property
    def opens_at(self) -> datetime:
        return opens_at(self.starts_at)

    @property
    def told(self) -> str:
        """What a page says that it knows when it asks what changed: see :func:`meetings.attendance.poll.nothing_new`."""
        if self.phase in (Phase.OVER, Phase.OFF):
            return self.version
        return f"{self.version}.{int(self.now.timestamp()) // 60}"

    @property
    def stage(self) -> str:
        """The phase, and whether its hour has come: a page of another stage has other buttons and is loaded again."""
        waiting = self.phase in (Phase.SOON, Phase.SESSION) and self.now < self.starts_at
        return f"{self.phase}-before" if waiting else str(self.phase)

    @property
    def closed(self) -> bool:
        return self.roll is not None and self.roll.status is RollStatus.CLOSED

    @property
    def can_mark(self) -> bool:
        """Whether buttons stand on this board: the reader may, and the roll is open."""
        return self.may.mark and self.phase in (Phase.SOON, Phase.SESSION) and not self.closed

    @property
    def can_correct(self) -> bool:
        return self.may.close and self.closed

    @property
    def view(self) -> View:
        asked = self.ask.view
        if asked is None or (asked is View.MAP and not self.plan.offered):
            return View.MAP if self.plan.offered else View.GRID
        return View.LIST if asked is View.LIST else asked

    @property
    def people(self) -> int:
        return self.tally.people + self.host_people

    @property
    def pages(self) -> int:
        return max(1, -(-self.work_total // PAGE))

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE + 1 if self.work_total else 0

    @property
    def last(self) -> int:
        return min(self.page * PAGE, self.work_total)

    @property
    def chosen(self) -> frozenset[Status] | None:
        return wanted(self.ask.show) if self.ask.show else None

    @property
    def listed(self) -> frozenset[Status]:
        """Whoever stands in the list has one of these words."""
        return LISTED if self.chosen is None else self.chosen

    @property
    def complete_provinces(self) -> int:
        return sum(1 for province in self.provinces if province.id is not None and province.complete)

    @property
    def real_provinces(self) -> int:
        return sum(1 for province in self.provinces if province.id is not None)

    @property
    def ordered_provinces(self) -> list[ProvinceRow]:
        return by_missing(self.provinces)

    @property
    def incomplete_provinces(self) -> list[ProvinceRow]:
        """Those of the national list that miss a site."""
        return [province for province in self.ordered_provinces if not province.complete]

    @property
    def confirmed(self) -> int:
        """Sites that have said they will come."""
        return self.tally.confirmed

    @property
    def bar(self) -> list[tuple[Group, int, int]]:
        """The proportional bar on a scale of 1000."""
        return bar(self.tally, 1000, thinnest=6)

    @property
    def followed(self) -> dict[str, Any]:
        """What the page goes on asking. The list stays with the province it was drawn with, whichever misses most by then:
        a list that goes over to another place under the hand leads to a wrong mark.
        """
        place = self.ask.province if self.province is None else self.province.code or "-"
        return self.ask.args(site=None, want="", province=place, page=self.ask.page)

    @property
    def back(self) -> str:
        """What a form carries so that its button leads back here."""
        return urlencode(self.ask.args(site=None, want=""))

    @property
    def host_shown(self) -> bool:
        return self.may.all_sites

    @cached_property
    def islands(self) -> list[tuple[Island, SiteRow | None]]:
        """The special zones at sea, with their site where it is invited and has a tile of its own."""
        if not self.plan.national or self.view is not View.MAP:
            return []
        rows = {} if self.many else {row.unit_code: row for row in self.rows}
        return [(island, rows.get(island.unit_code)) for island in ISLANDS]

    @cached_property
    def spots(self) -> dict[int, str]:
        """Classes of the grid's place by site."""
        places = {id: f"tc-{column} tr-{row}" for id, column, row in self.plan.placed} if not self.many else {}
        places.update({row.id: f"sea tr-{island.row + 1}" for island, row in self.islands if row})
        return places

    @cached_property
    def province_spots(self) -> dict[int | None, str]:
        """Classes of the grid's place by province."""
        if not self.many or self.view is not View.MAP:
            return {}
        return {self.provinces[id].id: f"tc-{column} tr-{row}" for id, column, row in self.plan.placed}

    @cached_property
    def province_names(self) -> dict[int | None, str]:
        """Names of the provinces by id, for lists that pass through all of them."""
        return {province.id: province.name for province in self.provinces}

    @cached_property
    def numbers(self) -> dict[int, int]:
        """The number by which a site is called: its place in the printed list, of many sites that in its province."""
        return {row.id: number for number, row in enumerate(self.shown_rows, 1)}

    @property
    def placed_rows(self) -> list[SiteRow]:
        return [row for row in self.rows if row.id in self.spots]

    @property
    def loose_rows(self) -> list[SiteRow]:
        return [row for row in self.rows if not row.host and row.id not in self.spots]

    @property
    def shown_rows(self) -> list[SiteRow]:
        return [row for row in self.rows if not row.host]

    @property
    def grid(self) -> list[SiteRow]:
        return in_grid(self.rows)

    def last_mark(self) -> int | None:
        """The mark of the shown site that can be taken back."""
        newest = last_effective(queries.marked(self.one_marks))
        return newest.id if newest else None


def phase_of(meeting: Meeting, now: datetime) -> Phase:
    """Where *meeting* stands for its board."""
    if meeting.starts_at is None or meeting.status not in (
        MeetingStatus.SCHEDULED,
        MeetingStatus.IN_SESSION,
        MeetingStatus.CLOSED,
    ):
        return Phase.OFF
    if meeting.status is MeetingStatus.CLOSED:
        return Phase.OVER
    if meeting.status is MeetingStatus.IN_SESSION:
        return Phase.SESSION
    return Phase.EARLY if now < opens_at(meeting.starts_at) else Phase.SOON


def screen(meeting: Meeting, actor: Actor, ask: Ask, now: datetime) -> Screen:
    """The board of *meeting* for *actor*; raises :class:`Refused` for a meeting that has no time."""
    if meeting.starts_at is None:
        raise Refused(_("This meeting has no time yet, so it has no board."), status=404)
    may = May.of(actor, meeting)
    seen = scheduling.sites_visible_to(actor, meeting)
    version = queries.version(meeting)  # before the rows: what is committed in between is asked for again
    provinces = queries.provinces(meeting, seen)
    sums = total(province.tally for province in provinces)
    made = Screen(
        meeting=meeting,
        now=now,
        ask=ask,
        may=may,
        phase=phase_of(meeting, now),
        roll=queries.roll(meeting),
        tally=sums,
        host_people=queries.host_people(meeting) if may.all_sites else 0,
        provinces=provinces,
        many=sums.total > MOST_TILES,
        version=version,
    )
    if made.many:
        _fill_many(made, seen)
    else:
        _fill_few(made, seen)
    if may.phone and made.work:
        made.officers = queries.officers(made.work, now)
    made.log = queries.recent(meeting, LOG, seen)
    made.log_total = queries.count_marks(meeting)
    if ask.site is not None:
        _fill_one(made, ask.site, seen)
    return made


def _fill_few(made: Screen, seen: sa.ColumnElement[bool]) -> None:
    made.rows = queries.sites(made.meeting, seen)
    made.plan = diagram([(row.id, row.column, row.row) for row in made.rows if not row.host])
    made.work = work_list(made.rows, made.listed)
    made.work_total = len(made.work)


def _fill_many(made: Screen, seen: sa.ColumnElement[bool]) -> None:
    ask = made.ask
    made.plan = diagram([(number, p.column, p.row) for number, p in enumerate(made.provinces)])
    if ask.find:
        rows = work_list(queries.sites(made.meeting, seen, queries.named(ask.find)), frozenset(Status))
    elif ask.province == "all" or (ask.show and not ask.province):
        rows = work_list(queries.sites(made.meeting, seen, *_states(ask.show)), made.listed) if ask.show else []
    else:
        made.province = province_of(made, ask.province)
        made.rows = queries.sites(made.meeting, seen, queries.in_province(made.province.id))
        rows = work_list(made.rows, made.listed)
    made.work_total = len(rows)
    made.page = min(ask.page, made.pages)
    made.work = rows[(made.page - 1) * PAGE : made.page * PAGE]


def province_of(made: Screen, code: str) -> ProvinceRow:
    """The province with this code, else the one that misses most."""
    for province in made.provinces:
        if code and province.code == (code if code != "-" else ""):
            return province
    return by_missing(made.provinces)[0]


def _states(show: str) -> tuple[sa.ColumnElement[bool], ...]:
    """What the database can leave out for a filter; the words themselves are told afterwards."""
    if show in set(Group) - {Group.WAITING}:
        return (queries.in_states(State(show)),)
    return (queries.missing(),)


def _fill_one(made: Screen, id: int, seen: sa.ColumnElement[bool]) -> None:
    made.one = next((row for row in (*made.rows, *made.work) if row.id == id), None) or next(
        iter(queries.sites(made.meeting, seen, queries.with_id(id))), None
    )
    if made.one is not None:
        made.one_marks = queries.marks_of(id)
        if made.may.phone:
            made.one_officer = queries.officers([made.one], made.now).get(id)


BUTTONS: Final[Mapping[Group, tuple[Move, ...]]] = {
    Group.LOST: (Move.IN, Move.ABSENT),
    Group.WAITING: (Move.IN, Move.ABSENT),
    Group.ABSENT: (Move.IN, Move.CLEAR),
    Group.IN: (Move.LOST, Move.LEFT),
    Group.LEFT: (Move.IN,),
}
"""The two marks that stand in a row of the list; the others are in the site's own panel."""
