"""The lines of a report: every figure by what was asked, and the sum of all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from meetings.attendance.models import Presence
from meetings.clock import wall
from meetings.database import db
from meetings.i18n import gettext as _
from meetings.minutes.models import Assignment
from meetings.overview import reports_figures as figures
from meetings.overview.reports_figures import AXES, NO_UNIT, SITE_CONDITIONS, SITE_FIGURES, By, Figure, Scope
from meetings.overview.reports_period import Period
from meetings.overview.reports_shares import NOTHING, Amount, shares
from meetings.savings.models import SavingsEstimate
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import TYPE_WORDS, MeetingType
from meetings.units.models import Unit


@dataclass(frozen=True)
class Line:
    """One line: what it is of, its figures, and of the savings low and high and how many meetings were estimated.

    *key* and *names* have a piece for each axis of the report; the total has none.
    """

    key: tuple[Any, ...]
    names: tuple[str, ...]
    counts: Mapping[Figure, int]
    low: int = 0
    high: int = 0
    estimated: int = 0

    def __getitem__(self, figure: Figure) -> int:
        return self.counts.get(figure, 0)

    @property
    def name(self) -> str:
        """``Quý IV năm 2026 · Nghệ An · Họp giao ban``."""
        return " · ".join(self.names)

    @property
    def mid(self) -> int:
        return self[Figure.SAVINGS]


@dataclass(frozen=True)
class Report:
    """What was asked and what came out. *total* counts every meeting once, also where several lines count it."""

    scope: Scope
    by: By
    lines: tuple[Line, ...]
    total: Line

    @property
    def adds_up(self) -> bool:
        """Whether the lines add up to the total in every column, and not only in those of sites, people and money."""
        return By.PART not in self.axes

    @property
    def axes(self) -> tuple[By, ...]:
        """What tells its lines apart, in the order of their names."""
        return AXES[self.by]

    def narrowed(self, line: Line) -> Scope:
        """What one of its lines is of."""
        return self.scope.narrowed(self.by, line.key)


@dataclass
class _Sums:
    counts: dict[Figure, int] = field(default_factory=lambda: defaultdict(int))
    low: int = 0
    high: int = 0
    estimated: int = 0

    def add(self, amount: Amount) -> None:
        """Take the savings of one more estimate."""
        self.low, self.high, self.estimated = self.low + amount[0], self.high + amount[2], self.estimated + 1
        self.counts[Figure.SAVINGS] += amount[1]


def report(scope: Scope, by: By) -> Report:
    """The report of *scope*, a line for each thing of *by* that has any figure: periods all, in the order of the calendar."""
    sums: dict[Any, _Sums] = defaultdict(_Sums)
    whole = _Sums()
    _count(scope, by, sums, whole)
    if by is By.PERIOD:
        for part in scope.period.parts:
            sums[part,]  # a month without a meeting is a line as well
    lines = [Line(key, names, dict(sums[key].counts), *_money(sums[key])) for key, names in _named(by, sums)]
    return Report(scope, by, tuple(lines), Line((), (_("Total"),), dict(whole.counts), *_money(whole)))


def _money(sums: _Sums) -> tuple[int, int, int]:
    return sums.low, sums.high, sums.estimated


@dataclass(frozen=True)
class _Held:
    """A meeting that counts, as far as it says on which line it stands."""

    starts_at: datetime
    type: MeetingType
    organiser_id: int
    urgent: bool


def _count(scope: Scope, by: By, sums: dict[Any, _Sums], whole: _Sums) -> None:
    columns = (Meeting.id, Meeting.starts_at, Meeting.type, Meeting.organiser_id, Meeting.urgent)
    held = {id: _Held(*rest) for id, *rest in db.session.execute(figures.meetings(scope, *columns))}
    axes = AXES[by]
    by_part = By.PART in axes

    def line(meeting: int, part: int | None) -> tuple[Any, ...]:
        one = held[meeting]
        values: dict[By, Any] = {By.PART: part, By.TYPE: one.type, By.ORGANISER: one.organiser_id}
        if By.PERIOD in axes:
            values[By.PERIOD] = _piece(scope.period, wall(one.starts_at).date())
        return tuple(values[axis] for axis in axes)

    def add(figure: Figure, meeting: int, part: int | None, number: int) -> None:
        sums[line(meeting, part)].counts[figure] += number
        whole.counts[figure] += number

    parts: dict[int, set[int]] = defaultdict(set)
    people = sa.func.sum(sa.case((SITE_CONDITIONS[Figure.PEOPLE], Presence.head_count), else_=0))
    counted = [sa.func.sum(sa.case((SITE_CONDITIONS[one], 1), else_=0)) for one in SITE_FIGURES[:-1]]
    rows = figures.sites(scope, MeetingSite.meeting_id, figures.part_of_site, *counted, people)
    for meeting, part, *numbers in db.session.execute(rows.group_by(MeetingSite.meeting_id, figures.part_of_site)):
        parts[meeting].add(part)
        for figure, number in zip(SITE_FIGURES, numbers, strict=True):
            add(figure, meeting, part, int(number or 0))
    for meeting, part, number in db.session.execute(
        figures.hosts(scope, Meeting.id, figures.part_of_host, figures.host_count)
    ):
        parts[meeting].add(part)
        add(Figure.PEOPLE, meeting, part, int(number or 0))

    def of_meeting(meeting: int) -> Sequence[int | None]:
        """The parts on whose lines a meeting as a whole stands: the one asked for, or None where parts are no axis."""
        return [scope.part] if scope.part is not None or not by_part else sorted(parts[meeting])

    def once(figure: Figure, meeting: int, number: int = 1) -> None:
        whole.counts[figure] += number
        for part in of_meeting(meeting):
            sums[line(meeting, part)].counts[figure] += number

    for id, one in held.items():
        once(Figure.MEETINGS, id)
        if one.urgent:
            once(Figure.URGENT, id)
    overridden = figures.overrides(scope, Meeting.id, sa.func.count()).group_by(Meeting.id)
    for id, number in db.session.execute(overridden):
        once(Figure.OVERRIDES, id, number)
    money = (
        SavingsEstimate.id,
        SavingsEstimate.meeting_id,
        SavingsEstimate.low,
        SavingsEstimate.mid,
        SavingsEstimate.high,
    )
    divided = shares(scope) if by_part or scope.part is not None else {}
    for id, meeting, *amounts in db.session.execute(figures.estimates(scope, *money)):
        of_part = divided.get(id, {})
        whole.add(of_part.get(scope.part, NOTHING) if scope.part is not None else (amounts[0], amounts[1], amounts[2]))
        for part in of_meeting(meeting):
            sums[line(meeting, part)].add(
                of_part.get(part, NOTHING) if part is not None else (amounts[0], amounts[1], amounts[2])
            )
    _count_tasks(scope, by, sums, whole)


def _count_tasks(scope: Scope, by: By, sums: dict[Any, _Sums], whole: _Sums) -> None:
    axes = AXES[by]
    part = sa.func.coalesce(figures.part_of_task, NO_UNIT) if By.PART in axes else sa.literal(NO_UNIT)
    columns = (Assignment.due_on, Meeting.type, Meeting.organiser_id, part, figures.done_on_time)
    for due, type, organiser, of_part, on_time in db.session.execute(figures.tasks(scope, *columns)):
        values = {
            By.PART: of_part,
            By.PERIOD: _piece(scope.period, due),
            By.TYPE: type,
            By.ORGANISER: organiser,
        }
        for line in (whole, sums[tuple(values[axis] for axis in axes)]):
            line.counts[Figure.TASKS] += 1
            line.counts[Figure.TASKS_ON_TIME] += bool(on_time)


def _piece(period: Period, day: date) -> Period:
    """The part of *period* in which *day* lies."""
    return next(part for part in period.parts if part.first <= day <= part.last)


def _named(by: By, sums: Mapping[tuple[Any, ...], _Sums]) -> list[tuple[tuple[Any, ...], tuple[str, ...]]]:
    """The lines by key and names, in order: axis for axis the calendar's, the list of types', or the official one of units."""
    told = [_names(axis, {key[n] for key in sums}) for n, axis in enumerate(AXES[by])]
    place = [{value: at for at, value in enumerate(names)} for names in told]
    ordered = sorted(sums, key=lambda key: [place[n][value] for n, value in enumerate(key)])
    return [(key, tuple(told[n][value] for n, value in enumerate(key))) for key in ordered]


def _names(axis: By, values: Collection[Any]) -> dict[Any, str]:
    """The names of *values* on one axis, in its order."""
    match axis:
        case By.PERIOD:
            return {value: value.words for value in sorted(values)}
        case By.TYPE:
            return {value: str(TYPE_WORDS[value]) for value in MeetingType if value in values}
        case _:
            found = db.session.scalars(sa.select(Unit).where(Unit.id.in_(list(values))).order_by(Unit.code))
            names = {unit.id: unit.name for unit in found}
            return names | ({NO_UNIT: _("No unit named")} if NO_UNIT in values else {})


def narrowed_names(scope: Scope) -> tuple[str, ...]:
    """In words, what the report is narrowed to."""
    found = []
    if scope.organiser is not None and (unit := db.session.get(Unit, scope.organiser)) is not None:
        found.append(unit.full_name)
    if scope.part is not None and (unit := db.session.get(Unit, scope.part)) is not None:
        found.append(unit.name)
    if scope.type is not None:
        found.append(str(TYPE_WORDS[scope.type]))
    return tuple(found)


def offered(scope: Scope) -> tuple[Sequence[Unit], Sequence[Unit]]:
    """The organisers and the parts that the period has anything of, to choose from."""
    wide = replace(scope, organiser=None, part=None, type=None)
    organisers = figures.meetings(wide, Meeting.organiser_id).distinct()
    parts = figures.sites(wide, figures.part_of_site).distinct()
    by_code = sa.select(Unit).order_by(Unit.code)
    return (
        db.session.scalars(by_code.where(Unit.id.in_(organisers))).all(),
        db.session.scalars(by_code.where(Unit.id.in_(parts))).all(),
    )
