"""How the step of the time is laid out: the best hours, the heat-map, and what stands in the way of the chosen one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from meetings.accounts.rules import Actor
from meetings.clock import instant, now, wall
from meetings.i18n import lazy_gettext as _l
from meetings.i18n import locale
from meetings.official import dates
from meetings.scheduling import clashes, finder, working_time
from meetings.scheduling.finder import Found, Search, Way
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import MAX_MINUTES, MIN_MINUTES
from meetings.scheduling.slot_forms import HourForm
from meetings.scheduling.slots import Cell, Slot, Tally

SHARES: Final = (("h4", 100), ("h3", 97), ("h2", 82), ("h1", 50))
"""The shades of the heat-map, each from that share of free sites (in the hundred) on; below the last it is hatched."""
STEP: Final = timedelta(minutes=30)
NAMED: Final = 3
WEEKDAYS: Final = (_l("Mon"), _l("Tue"), _l("Wed"), _l("Thu"), _l("Fri"), _l("Sat"), _l("Sun"))


def value_of(at: datetime) -> str:
    """An instant as a form carries it: ``2026-12-10T08:00`` by the clock in Hà Nội."""
    return f"{wall(at):%Y-%m-%dT%H:%M}"


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


# ------------------------------------------------------------------ the ranked list


@dataclass(frozen=True)
class Offer:
    """One of the best starts, with who is busy: the first few by name, how many more, and each thing they are busy with."""

    starts_at: datetime
    ends_at: datetime
    slot: Slot
    ways: list[Way]
    named: list[str]
    others: int

    @property
    def value(self) -> str:
        return value_of(self.starts_at)


def offers(meeting: Meeting, found: Found, actor: Actor) -> list[Offer]:
    """The best starts as they are offered."""
    offered = []
    for slot in found.best:
        starts_at, ends_at = _instant(slot.starts), _instant(slot.ends)
        margin = found.question.margin
        taken = finder.in_the_way(meeting, starts_at, ends_at, actor, margin) if slot.busy else []
        names = {c.resource: c.name for c in sorted(taken, key=lambda c: not c.required)}
        named = list(names.values())[:NAMED]
        offered.append(Offer(starts_at, ends_at, slot, finder.by_way(meeting, taken), named, len(names) - len(named)))
    return offered


# ------------------------------------------------------------------ the chosen hour


@dataclass(frozen=True)
class Shift:
    """The chosen start moved within its day, with how many would be busy then. *by* are minutes, 0 any other."""

    starts_at: datetime
    by: int
    busy: int

    @property
    def value(self) -> str:
        return value_of(self.starts_at)


@dataclass(frozen=True)
class Chosen:
    """The hour that stands in the fields: what is in the way of it, and the ways out."""

    starts_at: datetime
    ends_at: datetime
    ways: list[Way]
    busy: int  # sites, rooms and people, each once
    required: int  # of them have to be there
    held: int  # of those, by other drafts only
    sites: list[int]  # that could be left out
    unknown: list[str]  # whose calendars are not kept here
    shifts: list[Shift]

    @property
    def value(self) -> str:
        return value_of(self.starts_at)


def chosen(meeting: Meeting, starts_at: datetime, minutes: int, actor: Actor) -> Chosen:
    """What stands in the way between *starts_at* and its end."""
    ends_at = starts_at + timedelta(minutes=minutes)
    taken = clashes.collisions(meeting, starts_at, ends_at, actor)
    required = {c.resource for c in taken if c.required}
    firm = {c.resource for c in taken if c.required and not c.tentative}
    sites = {id for kind, id in (c.resource for c in taken) if kind == "site" and id != meeting.host_site_id}
    return Chosen(
        starts_at,
        ends_at,
        finder.by_way(meeting, taken),
        len({c.resource for c in taken}),
        len(required),
        len(required - firm),
        sorted(sites),
        finder.not_known(meeting, starts_at, ends_at),
        _shifts(meeting, starts_at, minutes) if taken else [],
    )


def _shifts(meeting: Meeting, starts_at: datetime, minutes: int) -> list[Shift]:
    """Half an hour earlier, half an hour later, and where neither is free the nearest start of the day that is."""
    near = [at for at in (starts_at - STEP, starts_at + STEP) if at > now()]
    possible = finder.possible(wall(starts_at).date(), minutes)
    asked = sorted({*possible, *near})
    counted = dict(zip(asked, map(_busy, finder.tallies(meeting, asked, minutes)), strict=True))
    found = [Shift(at, int((at - starts_at) / timedelta(minutes=1)), counted[at]) for at in near]
    free = [at for at in possible if counted[at] == 0]
    if free and all(shift.busy for shift in found):
        found.append(Shift(min(free, key=lambda at: (abs(at - starts_at), at)), 0, 0))
    return found


def _busy(tally: Tally) -> int:
    """Whoever is busy, required or not."""
    return tally.sites + tally.people + tally.rooms


# ------------------------------------------------------------------ the heat-map


@dataclass(frozen=True)
class Square:
    """A half hour of the heat-map as it is drawn."""

    cell: Cell
    starts_at: datetime
    shade: str
    past: bool
    within: bool  # the chosen hours
    begins: bool  # the chosen start

    @property
    def value(self) -> str:
        return value_of(self.starts_at)

    @property
    def clock(self) -> str:
        return f"{wall(self.starts_at):%H:%M}"


@dataclass(frozen=True)
class Row:
    """A day of the heat-map: its squares, None for lunch; a day off has a name and no squares."""

    on: date
    squares: list[Square | None]
    off: str
    shown: bool  # the one day that a phone shows

    @property
    def weekday(self) -> str:
        return str(WEEKDAYS[self.on.weekday()])


@dataclass(frozen=True)
class Map:
    clocks: list[time | None]
    rows: list[Row]
    bounds: list[tuple[str, int]]  # shade → from how many free sites on


def heat_map(found: Found, picked: Chosen | None, show: date | None) -> Map:
    """*found* as a table, a day a row; *show* is the day that a phone shows."""
    calendar, spans = working_time.calendar(), working_time.hours()
    clocks: list[time | None] = []
    for span in spans:
        at = datetime.combine(date(2000, 1, 1), span.begins)
        clocks += [None] * bool(clocks)
        while at.time() < span.ends:
            clocks.append(at.time())
            at += STEP
    worked = [on for on, cells in found.heat.items() if cells]
    if show not in worked:
        first = picked.starts_at if picked else _instant(found.best[0].starts) if found.best else None
        show = wall(first).date() if first else None
        show = show if show in worked else next(iter(worked), None)
    rows = []
    for on, cells in found.heat.items():
        squares = {f"{wall(_instant(cell.starts)):%H:%M}": _square(cell, found.sites, picked) for cell in cells}
        line = [squares.get(f"{clock:%H:%M}") if clock else None for clock in clocks] if cells else []
        rows.append(Row(on, line, "" if cells else calendar.holiday(on), on == show))
    bounds = [(shade, -(-found.sites * share // 100)) for shade, share in SHARES]
    return Map(clocks, rows, bounds)


def _square(cell: Cell, sites: int, picked: Chosen | None) -> Square:
    starts_at, ends_at = _instant(cell.starts), _instant(cell.ends)
    shade = next((shade for shade, share in SHARES if 100 * cell.sites_free >= share * sites), "h0")
    return Square(
        cell,
        starts_at,
        shade,
        starts_at <= now(),
        picked is not None and starts_at < picked.ends_at and ends_at > picked.starts_at,
        picked is not None and starts_at <= picked.starts_at < ends_at,
    )


# ------------------------------------------------------------------ the page


def prefilled(form: HourForm, meeting: Meeting, search: Search | None, at: datetime | None) -> HourForm:
    """*form* with the hour that was picked on the heat-map, else with the one that stands; as long as the search asks for."""
    standing = at or (wall(meeting.starts_at) if meeting.starts_at else None)
    if not form.is_submitted():
        if standing is not None:
            form.day.data, form.start.data = standing.date(), standing.time()
        if search is not None:
            form.hours.data, form.minutes.data = divmod(search.minutes, 60)
    return form


def laid_out(
    meeting: Meeting, form: HourForm, search: Search | None, show: date | None, actor: Actor
) -> dict[str, Any]:
    """What the page of the step shows beside its forms."""
    picked = None
    if form.day.data and form.start.data and MIN_MINUTES <= form.length <= MAX_MINUTES:
        picked = chosen(meeting, instant(form.day.data, form.start.data), form.length, actor)
    found = finder.find(meeting, search) if search else None
    return {
        "picked": picked,
        "length": timedelta(minutes=search.minutes) if search else None,
        "found": found,
        "offers": offers(meeting, found, actor) if found else [],
        "heat": heat_map(found, picked, show) if found else None,
        "needed": finder.count(meeting),
        "office": [dates.clock_range(span.begins, span.ends, locale()) for span in working_time.hours()],
    }
