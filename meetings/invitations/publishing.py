"""A whole calendar as a file to subscribe to (RFC 5545): many meetings and busy times, for one reader.

Each entry bears the UID and the SEQUENCE of the invitations to it, so that a program that has both knows them for one. Written
line by line: a year of a secretary is read by her telephone every few minutes, and the library takes a hundred times as long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from meetings.clock import HANOI
from meetings.invitations.calendar import PRODID
from meetings.post.message import folded


class State(StrEnum):
    """STATUS of an entry."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Published:
    """One entry. Instants are aware. *instance*: of one date of a series, the instant at which the series had it."""

    uid: str
    sequence: int
    stamp: datetime
    starts_at: datetime
    ends_at: datetime
    state: State
    summary: str
    description: str = ""
    location: str = ""
    url: str = ""
    organiser: str = ""
    instance: datetime | None = None


_HEAD: Final = f"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:{PRODID}
CALSCALE:GREGORIAN
METHOD:PUBLISH
"""
_ZONE: Final = f"""REFRESH-INTERVAL;VALUE=DURATION:PT1H
X-PUBLISHED-TTL:PT1H
X-WR-TIMEZONE:{HANOI.key}
BEGIN:VTIMEZONE
TZID:{HANOI.key}
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0700
TZOFFSETTO:+0700
TZNAME:+07
END:STANDARD
END:VTIMEZONE
"""


def written(name: str, entries: Iterable[Published], *, sender: str) -> bytes:
    """The file. *sender*: the address from which the installation writes, which stands for every organiser."""
    lines = [_HEAD, f"NAME:{_text(name)}\nX-WR-CALNAME:{_text(name)}\n", _ZONE]
    for entry in sorted(entries, key=lambda e: (e.starts_at, e.uid, e.instance or e.starts_at)):
        lines += [line + "\n" for line in _event(entry, sender)]
    lines.append("END:VCALENDAR\n")
    return folded("".join(lines))


def _event(entry: Published, sender: str) -> list[str]:
    busy = entry.state is not State.CANCELLED
    lines = [
        "BEGIN:VEVENT",
        f"UID:{_text(entry.uid)}",
        f"DTSTAMP:{_utc(entry.stamp)}",
        f"LAST-MODIFIED:{_utc(entry.stamp)}",
        f"SEQUENCE:{entry.sequence}",
    ]
    if entry.instance is not None:
        lines.append(f"RECURRENCE-ID;{_wall(entry.instance)}")
    lines += [
        f"DTSTART;{_wall(entry.starts_at)}",
        f"DTEND;{_wall(entry.ends_at)}",
        f"SUMMARY:{_text(entry.summary)}",
        f"STATUS:{entry.state}",
        f"TRANSP:{'OPAQUE' if busy else 'TRANSPARENT'}",
    ]
    if entry.organiser:
        lines.append(f'ORGANIZER;CN="{_parameter(entry.organiser)}":mailto:{sender}')
    lines += [
        f"{name}:{_text(value)}"
        for name, value in (("DESCRIPTION", entry.description), ("LOCATION", entry.location))
        if value
    ]
    if entry.url:
        lines.append(f"URL:{entry.url}")
    return [*lines, "END:VEVENT"]


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _wall(at: datetime) -> str:
    return f"TZID={HANOI.key}:{at.astimezone(HANOI):%Y%m%dT%H%M%S}"


def _text(value: str) -> str:
    """A TEXT value: escaped, without what no line may hold."""
    plain = re.sub(r"[^\S\n]|[\x00-\x09\x0b-\x1f\x7f\x85\u2028\u2029]", " ", value.replace("\r\n", "\n"))
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _parameter(value: str) -> str:
    """A parameter has no way to hold a quote."""
    return "".join(c for c in value.replace('"', "'") if c.isprintable())
