"""The slot finder: which hours of a window suit thousands of sites best, and how many are free in each half hour.

Whole seconds since 1970 all through: nothing is asked of a clock or a time zone once the office hours are laid out. A busy
span meets one contiguous run of the candidate starts, so it is one step up and one step down in a *difference array*, and
a running sum counts who is busy at each: linear in the busy spans, whatever the number of candidates and of sites. A run
begins where the party's earlier ones ended, so that a party which is busy twice at one candidate is counted once.

Three states: *free*, *busy*, *unknown* (a calendar that is not kept here). Unknown is never counted as free.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from heapq import nsmallest
from itertools import accumulate, groupby
from operator import itemgetter
from typing import Final, NamedTuple

from meetings.clock import HANOI

QUARTER: Final = 15 * 60
HALF_HOUR: Final = 30 * 60

Span = tuple[int, int]
"""From, until: seconds since 1970, half-open, so that a meeting may begin when another ends."""


Busy = tuple[int, int, int]
"""Which party (its place in :attr:`Question.parties`) is busy, or not known, from, until. A bare tuple: there are thousands."""


Run = tuple[int, int, int]
"""Which party, from which candidate, until which (half-open)."""


class Kind(StrEnum):
    SITE = "site"
    ROOM = "room"
    PERSON = "person"


@dataclass(frozen=True)
class Party:
    """A site, a room or a person whose calendar counts. *key* is the caller's own (an id of a table)."""

    kind: Kind
    key: int
    required: bool = True


class Part(StrEnum):
    """In which part of the day the meeting may begin."""

    DAY = "day"
    MORNING = "morning"
    AFTERNOON = "afternoon"


@dataclass(frozen=True)
class Day:
    """A calendar day of the window: when it begins, its noon, and its office hours in order (none on a day off)."""

    on: date
    noon: int
    hours: tuple[Span, ...]


@dataclass(frozen=True)
class Question:
    """What is looked for: *minutes* on one of *days*, for *parties*.

    *days* are consecutive or not, in order; *margin* are the minutes for which sites and rooms have to be free before the
    start as well (a person need not sit there while the line is tested); nothing begins before *not_before*.
    """

    days: tuple[Day, ...]
    minutes: int
    parties: tuple[Party, ...]
    margin: int = 0
    part: Part = Part.DAY
    not_before: int = 0


class Tally(NamedTuple):
    """How many are busy at one candidate, and how many are not known; one who is both is busy."""

    people_required: int
    rooms_required: int
    sites_required: int
    required_unknown: int
    sites: int  # busy, required or not
    sites_unknown: int
    people: int
    rooms: int
    people_unknown: int  # of those required


@dataclass(frozen=True)
class Slot:
    """A start, with what speaks against it. *busy* and *unknown* are places in :attr:`Question.parties`, in their order."""

    starts: int
    ends: int
    tally: Tally
    sites_free: int
    busy: tuple[int, ...]
    unknown: tuple[int, ...]

    @property
    def rank(self) -> tuple[int, ...]:
        """Less is better."""
        return rank(self.tally, self.starts)


@dataclass(frozen=True)
class Cell:
    """A half hour of a day's office hours in the heat-map."""

    starts: int
    ends: int
    tally: Tally
    sites_free: int


def rank(tally: Tally, starts: int) -> tuple[int, ...]:
    """Required free → most sites free → fewest people disturbed → earliest.

    *Required free* in the order in which it hurts: the chair, required people and rooms, then required sites, then required
    calendars of which nothing is known. Of thousands of required sites a few are always busy, so they are counted: that all
    are free is the case of 0.
    """
    return (
        tally.people_required + tally.rooms_required,
        tally.sites_required,
        tally.required_unknown,
        tally.sites + tally.sites_unknown,
        tally.people,
        tally.rooms,
        starts,
    )


# ------------------------------------------------------------------ the window


def office_days(
    first: date,
    last: date,
    hours: Sequence[tuple[time, time]],
    is_working: Callable[[date], bool],
    zone: tzinfo = HANOI,
) -> tuple[Day, ...]:
    """Every day from *first* to *last*, with *hours* (07:30–11:30, 13:30–17:00) laid on those that are worked.

    Wall clocks of *zone* become instants here and nowhere else, so a day on which summer time begins is an hour shorter.
    """

    def at(day: date, clock: time) -> int:
        return int(datetime.combine(day, clock, zone).astimezone(UTC).timestamp())

    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return tuple(
        Day(
            day,
            at(day, time(12)),
            tuple((at(day, begin), at(day, end)) for begin, end in hours) if is_working(day) else (),
        )
        for day in days
    )


def starts(question: Question) -> list[int]:
    """The quarter hours at which the meeting may begin, in order.

    It lies within one half-day when the longest half-day holds it; else it goes over lunch within one day, when the longest
    day holds it; else it goes on over nights (training of two days), all its days being worked. It always begins and ends
    in office hours, and its length counts from the first minute to the last, lunch and night with it, as the giấy mời says.
    """
    length = question.minutes * 60
    half = max((end - begin for day in question.days for begin, end in day.hours), default=0)
    whole = max((day.hours[-1][1] - day.hours[0][0] for day in question.days if day.hours), default=0)
    found = []
    for number, day in enumerate(question.days):
        for begin, end in day.hours:
            for at in range(-(-begin // QUARTER) * QUARTER, end, QUARTER):
                until = at + length
                if length <= half:
                    fits = until <= end
                elif length <= whole:
                    fits = _within(day, until)
                else:
                    fits = _goes_on(question.days, number, until)
                if fits and at >= question.not_before and _in_part(day, at, question.part):
                    found.append(at)
    return found


def _within(day: Day, end: int) -> bool:
    """Whether a meeting may end at *end* on *day*: in its office hours."""
    return any(begin < end <= closes for begin, closes in day.hours)


def _goes_on(days: Sequence[Day], first: int, end: int) -> bool:
    """Whether a meeting that begins on ``days[first]`` and ends at *end* on a later day touches worked days only."""
    before = days[first]
    for day in days[first + 1 :]:
        if not day.hours or day.on - before.on != timedelta(days=1):
            return False
        if end <= day.hours[-1][1]:
            return _within(day, end)
        before = day
    return False


def _in_part(day: Day, at: int, part: Part) -> bool:
    return part is Part.DAY or (at < day.noon) == (part is Part.MORNING)


# ------------------------------------------------------------------ counting


def best(
    question: Question, busy: Sequence[Busy], unknown: Sequence[Busy] = (), k: int = 5, *, apart: bool = False
) -> list[Slot]:
    """The *k* best starts, the best first, each with who is busy and who is not known.

    *apart*: at most one of each half-day, its best, for a person who chooses: five quarters of an hour of one morning would
    hide the next day.
    """
    begins = starts(question)
    ends = [at + question.minutes * 60 for at in begins]
    runs, not_free = _both(question.parties, begins, ends, question.margin * 60, busy, unknown)
    counted = _tallies(question.parties, len(begins), runs, not_free)
    offered: Iterable[int] = range(len(begins))
    if apart:
        opening = [begin for day in question.days for begin, _end in day.hours]
        halves = groupby(offered, key=lambda i: bisect_right(opening, begins[i]))
        offered = [min(half, key=lambda i: rank(counted[i], begins[i])) for _opens, half in halves]
    chosen = nsmallest(k, offered, key=lambda i: rank(counted[i], begins[i]))
    is_busy, is_not_free = _who(runs, chosen, len(begins)), _who(not_free, chosen, len(begins))
    sites = sum(party.kind is Kind.SITE for party in question.parties)
    return [
        Slot(
            begins[i],
            ends[i],
            counted[i],
            sites - counted[i].sites - counted[i].sites_unknown,
            tuple(sorted(is_busy[i])),
            tuple(sorted(is_not_free[i] - is_busy[i])),
        )
        for i in chosen
    ]


def tallies(
    question: Question, begins: Sequence[int], busy: Sequence[Busy], unknown: Sequence[Busy] = ()
) -> list[Tally]:
    """Who is busy and who is not known at each of the starts *begins*, which come in order."""
    ends = [at + question.minutes * 60 for at in begins]
    met = _both(question.parties, begins, ends, question.margin * 60, busy, unknown)
    return _tallies(question.parties, len(begins), *met)


def heat(question: Question, busy: Sequence[Busy], unknown: Sequence[Busy] = ()) -> dict[date, list[Cell]]:
    """Per day of the window the half hours of its office hours, each with how many sites are free; [] on a day off."""
    places = [
        (day.on, at, min(at + HALF_HOUR, end))
        for day in question.days
        for begin, end in day.hours
        for at in range(begin, end, HALF_HOUR)
    ]
    met = _both(question.parties, [p[1] for p in places], [p[2] for p in places], 0, busy, unknown)
    counted = _tallies(question.parties, len(places), *met)
    sites = sum(party.kind is Kind.SITE for party in question.parties)
    found: dict[date, list[Cell]] = {day.on: [] for day in question.days}
    for (on, begin, end), tally in zip(places, counted, strict=True):
        found[on].append(Cell(begin, end, tally, sites - tally.sites - tally.sites_unknown))
    return found


def _both(
    parties: Sequence[Party],
    begins: Sequence[int],
    ends: Sequence[int],
    margin: int,
    busy: Sequence[Busy],
    unknown: Sequence[Busy],
) -> tuple[list[Run], list[Run]]:
    """Where parties are busy, and where they are busy or unknown."""
    runs = _runs(parties, begins, ends, margin, busy)
    return runs, _runs(parties, begins, ends, margin, [*busy, *unknown]) if unknown else runs


def _runs(
    parties: Sequence[Party], begins: Sequence[int], ends: Sequence[int], margin: int, spans: Sequence[Busy]
) -> list[Run]:
    """The runs of candidates that *spans* meet; those of one party do not overlap and together are all it meets.

    The spans are taken in the order in which they begin (a database hands them over so, and then it costs nothing), so the
    first candidate a span meets only moves on, and what the party's earlier spans have met is where they reached.
    """
    early = [begin - margin for begin in begins]
    from_ = [begins if party.kind is Kind.PERSON else early for party in parties]
    reached = [0] * len(parties)
    runs: list[Run] = []
    here, until = 0, ends[0] if ends else 0  # the first candidate that has not ended, and its end
    for party, begin, end in sorted(spans, key=itemgetter(1)):
        if begin >= until:
            here = bisect_right(ends, begin, here)
            if here == len(ends):
                break
            until = ends[here]
        first = reached[party]
        if first < here:  # max() would be called ten thousand times
            first = here
        after = bisect_left(from_[party], end, first)
        if after > first:
            runs.append((party, first, after))
            reached[party] = after
    return runs


def _tallies(parties: Sequence[Party], size: int, busy: list[Run], not_free: list[Run]) -> list[Tally]:
    """One tally a candidate."""
    is_busy = _counts(parties, size, busy)
    either = is_busy if busy is not_free else _counts(parties, size, not_free)
    site, room, person = ((kind, True) for kind in (Kind.SITE, Kind.ROOM, Kind.PERSON))
    return [
        Tally(pr, rr, sr, esr + err + epr - sr - rr - pr, sr + so, esr + eso - sr - so, pr + po, rr + ro, epr - pr)
        for sr, so, rr, ro, pr, po, esr, eso, err, epr in zip(
            is_busy[site],
            is_busy[Kind.SITE, False],
            is_busy[room],
            is_busy[Kind.ROOM, False],
            is_busy[person],
            is_busy[Kind.PERSON, False],
            either[site],
            either[Kind.SITE, False],
            either[room],
            either[person],
            strict=True,
        )
    ]


def _counts(parties: Sequence[Party], size: int, runs: list[Run]) -> dict[tuple[Kind, bool], list[int]]:
    """How many parties of each kind, required or not, *runs* touch at each candidate: the difference arrays, summed up."""
    steps = {(kind, required): [0] * (size + 1) for kind in Kind for required in (True, False)}
    of = [steps[party.kind, party.required] for party in parties]
    for party, first, after in runs:
        step = of[party]
        step[first] += 1
        step[after] -= 1
    return {key: list(accumulate(step[:-1])) for key, step in steps.items()}


def _who(runs: list[Run], chosen: Iterable[int], size: int) -> dict[int, set[int]]:
    """For each of a few candidates the parties whose runs hold it."""
    found: dict[int, set[int]] = {candidate: set() for candidate in chosen}
    ordered = sorted(found)
    before = [bisect_left(ordered, candidate) for candidate in range(size + 1)]
    for party, first, after in runs:
        for number in range(before[first], before[after]):
            found[ordered[number]].add(party)
    return found
