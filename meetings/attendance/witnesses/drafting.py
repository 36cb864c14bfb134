"""A telling while it is written: rows so far, what was left out, and joins and leaves that have yet to find each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from meetings.attendance.witnesses.opening import MAX_ROWS, Unreadable
from meetings.attendance.witnesses.told import FAULTS, Row, Told

MOST_NAME = 200
MOST_ADDRESS = 254
_DAY = 86_400
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Who:
    """A participant as far as one line tells of it."""

    name: str = ""
    address: str = ""
    external_id: str = ""
    own_name: str = ""

    def with_more(self, other: Who) -> Who:
        """The same, and what only *other* tells: an event of leaving has no name."""
        return Who(
            self.name or other.name,
            self.address or other.address,
            self.external_id or other.external_id,
            self.own_name or other.own_name,
        )


@dataclass
class Draft:
    """What is being read out of one file."""

    rows: list[Row] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    faults: set[str] = field(default_factory=set)
    title: str = ""
    began_at: datetime | None = None
    ended_at: datetime | None = None

    def leave_out(self, why: str, number: int = 1) -> None:
        self.left_out[why] += number

    def add(self, who: Who, joined_at: datetime | None, left_at: datetime | None, seconds: int | None = None) -> None:
        """One more row. A length fills in the end that is not told, where the file did not mean "still in"."""
        if not (who.name or who.address or who.external_id):
            return self.leave_out("nameless")
        if joined_at is None and left_at is None and seconds is None:
            return self.leave_out("timeless")
        if seconds is not None and not 0 <= seconds <= 400 * _DAY:
            seconds = None
        if joined_at is None and left_at is not None and seconds is not None:
            joined_at = left_at - timedelta(seconds=seconds)
        if len(self.rows) >= MAX_ROWS:
            raise Unreadable("too_many_rows")
        name = who.name[:MOST_NAME] or who.address[:MOST_NAME] or who.external_id[:MOST_NAME]
        self.rows.append(
            Row(
                len(self.rows) + 1,
                name,
                who.address[:MOST_ADDRESS],
                who.external_id[:MOST_NAME],
                whole(joined_at),
                whole(left_at),
                seconds,
                who.own_name[:MOST_NAME],
            )
        )
        return None

    def told(self, layout: str, *, zone_fixed: bool, ask: frozenset[str] = frozenset()) -> Told:
        """The finished telling; rows that say word for word the same are one."""
        rows: dict[Row, None] = {}
        for row in self.rows:
            rows.setdefault(replace(row, number=0))
        self.left_out["repeated"] += len(self.rows) - len(rows)
        kept = tuple(replace(row, number=number) for number, row in enumerate(rows, 1))
        if not kept:
            self.faults.add("no_rows")
        elif all(row.joined_at is None and row.left_at is None for row in kept):
            self.faults.add("lengths_only")
        return Told(
            layout,
            zone_fixed,
            kept,
            counted(self.left_out),
            tuple(fault for fault in FAULTS if fault in self.faults),
            ask,
            self.title[:MOST_NAME],
            whole(self.began_at),
            whole(self.ended_at),
        )


def counted(left_out: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType({why: number for why, number in sorted(left_out.items()) if number})


def whole(instant: datetime | None) -> datetime | None:
    return instant.astimezone(UTC).replace(microsecond=0) if instant else None


@dataclass
class Ledger:
    """Joins and leaves of many participants, in whatever order they came, and the rows they make.

    A key is one device, so a second join without a leave between means that the leave was lost: it was gone by then. With
    *names* as keys it means a second device of the same name.
    """

    draft: Draft
    by_name: bool = False
    _events: dict[Hashable, set[tuple[datetime, bool]]] = field(default_factory=dict)
    _implied: set[tuple[Hashable, datetime, bool]] = field(default_factory=set)  # told by a leave, itself not yet
    _who: dict[Hashable, Who] = field(default_factory=dict)
    _ends: dict[Hashable, list[datetime]] = field(default_factory=dict)  # of a room: everybody is out by then
    _room: dict[Hashable, Hashable] = field(default_factory=dict)

    def note(self, key: Hashable, who: Who, at: datetime | None, *, joined: bool, room: Hashable = "") -> None:
        """*who* came or went at that instant; told again, it is counted as repeated."""
        if at is None:
            return self.draft.leave_out("timeless")
        at = at.replace(microsecond=0)
        events = self._events.setdefault(key, set())
        if (at, joined) in events and (key, at, joined) not in self._implied:
            return self.draft.leave_out("repeated")
        self._implied.discard((key, at, joined))
        events.add((at, joined))
        self._who[key] = self._who.get(key, Who()).with_more(who)
        self._room[key] = room
        return None

    def since(self, key: Hashable, at: datetime | None) -> None:
        """What a leave tells of the join before it, in case that was lost on the way."""
        join = at and (at.replace(microsecond=0), True)
        if join and key in self._events and join not in self._events[key]:
            self._events[key].add(join)
            self._implied.add((key, *join))

    def fill(self, key: Hashable, who: Who, came: datetime | None, went: datetime | None, room: Hashable) -> None:
        """A stay out of a summary: told only where the events did not tell of that very join, or not of its end."""
        if came is None:
            return
        came = came.replace(microsecond=0)
        events = self._events.setdefault(key, set())
        self._who[key] = self._who.get(key, Who()).with_more(who)
        self._room[key] = room
        events.add((came, True))
        later = [at for at, _ in events if at > came]
        if went is not None and not any(at <= went for at in later):
            events.add((went.replace(microsecond=0), False))

    def ended(self, room: Hashable, at: datetime | None) -> None:
        if at is not None:
            self._ends.setdefault(room, []).append(at)

    def write(self) -> None:
        """Write the rows, in the order of the joins."""
        made: list[tuple[datetime, str, Who, datetime | None, datetime | None]] = []
        for key, events in self._events.items():
            for joined, left in self._intervals(key, events):
                made.append((joined or left or _NEVER, repr(key), self._who[key], joined, left))
        made.sort(key=lambda one: one[:2])
        for _, _, who, joined, left in made:
            self.draft.add(who, joined, left)

    def _intervals(
        self, key: Hashable, events: set[tuple[datetime, bool]]
    ) -> list[tuple[datetime | None, datetime | None]]:
        found: list[tuple[datetime | None, datetime | None]] = []
        open_since: list[datetime] = []
        # at the same second the join comes first: the leave then belongs to the one before, or to none at all
        for at, joined in sorted(events, key=lambda event: (event[0], not event[1])):
            if joined:
                if open_since and not self.by_name:
                    found.append((open_since.pop(), at))
                open_since.append(at)
            else:
                found.append((open_since.pop(0) if open_since else None, at))
        ends = sorted(self._ends.get(self._room.get(key, ""), ()))
        for since in open_since:
            found.append((since, next((end for end in ends if end >= since), None)))
        return found
