"""Calendars of others, as far as what they do with invitations goes: by UID, RECURRENCE-ID, SEQUENCE and DTSTAMP.

Each keeps what it was told and shows what stands in it. They differ where the programs do: whether a cancelled entry stays or
goes, whether a new master does away with the single dates that differed, what is older than what is known.
"""

from __future__ import annotations

import email
import email.policy
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime

import recurring_ical_events
from icalendar import Calendar, Event

FROM, UNTIL = datetime(2026, 11, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Shown:
    """One line of the calendar. *cancelled*: it stands there, struck through."""

    starts_at: datetime
    ends_at: datetime
    cancelled: bool = False


Key = tuple[str, datetime | None]


@dataclass
class Program:
    """A calendar of *address*."""

    name: str
    address: str
    strikes: bool  # a cancelled entry stays, struck through; else it is taken out and its number is remembered
    wipes: bool  # a new master with a higher SEQUENCE does away with single dates that differed
    needs_parameter: bool  # without METHOD in the header the part is no invitation (Zimbra)
    kept: dict[Key, Event] = field(default_factory=dict)
    known: dict[Key, tuple[int, datetime]] = field(default_factory=dict)
    off: set[Key] = field(default_factory=set)

    def receive(self, raw: bytes) -> None:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
        if not parts or (self.needs_parameter and "method" not in parts[0]["Content-Type"].params):
            return
        calendar = Calendar.from_ical(parts[0].get_payload(decode=True))
        method = str(calendar["METHOD"])
        for event in calendar.events:
            if str(event["ATTENDEE"]).lower() == f"mailto:{self.address}" and method in ("REQUEST", "CANCEL"):
                self._apply(method, event)

    def _apply(self, method: str, event: Event) -> None:
        uid = str(event["UID"])
        at = event["RECURRENCE-ID"].dt.astimezone(UTC) if "RECURRENCE-ID" in event else None
        said = int(event["SEQUENCE"]), event["DTSTAMP"].dt
        before = self.known.get((uid, at)) or self.known.get((uid, None))
        if before is not None and said <= before:
            return
        if method == "CANCEL" and before is None:
            return
        if at is None:
            for key in [key for key in self.known if key[0] == uid and key[1] is not None]:
                older = (
                    self.known[key] < said
                    if self.wipes and before and said[0] > before[0]
                    else self.known[key][0] < said[0]
                )
                if older:
                    self._forget(key)
        key = uid, at
        self.known[key] = said
        if method == "CANCEL":
            self.off.add(key)
            if not self.strikes:
                self.kept.pop(key, None)
            elif key not in self.kept:
                self.kept[key] = deepcopy(event)
        else:
            self.off.discard(key)
            self.kept[key] = deepcopy(event)

    def _forget(self, key: Key) -> None:
        self.kept.pop(key, None)
        self.known.pop(key, None)
        self.off.discard(key)

    def shows(self) -> list[Shown]:
        """Every line, the earliest first."""
        lines: list[Shown] = []
        for uid in {key[0] for key in self.known}:
            lines += self._of(uid)
        return sorted(lines, key=lambda line: (line.starts_at, line.cancelled))

    def _of(self, uid: str) -> list[Shown]:
        master = self.kept.get((uid, None))
        whole = Calendar()
        lines = []
        for (of, at), event in self.kept.items():
            if of != uid or at is None:
                continue
            if (of, at) in self.off or ((uid, None) in self.off and self._newer((uid, None), (of, at))):
                lines.append(Shown(*_span(event), cancelled=True))
            else:
                whole.add_component(event)
        if master is not None and (uid, None) in self.off:
            return [*lines, *(Shown(*_span(event), cancelled=True) for event in _expanded(master, []))]
        if master is not None:
            gone = [at for of, at in self.off if of == uid and at is not None]
            single = deepcopy(master)
            for at in gone:
                single.add("exdate", at.astimezone(master["DTSTART"].dt.tzinfo))
            whole.add_component(single)
        elif (uid, None) in self.off:
            return lines
        return [*lines, *(Shown(*_span(event)) for event in recurring_ical_events.of(whole).between(FROM, UNTIL))]

    def _newer(self, one: Key, other: Key) -> bool:
        return self.known[one] > self.known.get(other, (-1, FROM))

    @property
    def held(self) -> list[tuple[datetime, datetime]]:
        """What its owner would go to."""
        return [(line.starts_at, line.ends_at) for line in self.shows() if not line.cancelled]


def _expanded(master: Event, more: list[Event]) -> list[Event]:
    calendar = Calendar()
    for event in (master, *more):
        calendar.add_component(event)
    return list(recurring_ical_events.of(calendar).between(FROM, UNTIL))


def _span(event: Event) -> tuple[datetime, datetime]:
    return event["DTSTART"].dt.astimezone(UTC), event["DTEND"].dt.astimezone(UTC)


def all_of(address: str) -> list[Program]:
    """One of each."""
    return [
        Program("Outlook", address, strikes=True, wipes=True, needs_parameter=True),
        Program("Gmail", address, strikes=False, wipes=False, needs_parameter=False),
        Program("Thunderbird", address, strikes=True, wipes=False, needs_parameter=False),
        Program("Zimbra", address, strikes=False, wipes=True, needs_parameter=True),
    ]
