"""The calendar entry of a meeting (RFC 5545) and the messages that invite and cancel (RFC 5546), for one reader each.

Only the organiser and the reader are named: thousands of sites must not learn each other's addresses, and every
calendar shows its buttons when its own address is the one ATTENDEE. Times are UTC, so no VTIMEZONE has to be
understood. The entry is built once and varies from site to site in slots; building it anew costs a hundred times more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from icalendar import Calendar, Event, vCalAddress, vText

from meetings.post.message import Address, filled, folded, slot

PRODID: Final = "-//Diem Cau//Online meetings//VI"


class Method(StrEnum):
    """What a message asks of the reader's calendar."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    PUBLISH = "PUBLISH"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A meeting as a calendar knows it. Instants are aware; *uid* stays for its whole life and *sequence* grows with
    every change of time, place or status. *description*, *location* and *url* may hold slots."""

    uid: str
    sequence: int
    stamp: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    location: str
    url: str
    organiser: Address


def pattern(entry: CalendarEntry, method: Method) -> str:
    """Unfolded lines for every reader: slots ``site`` (the reader's name) and ``address`` stand in ATTENDEE."""
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", entry.stamp.astimezone(UTC).replace(microsecond=0))
    event.add("sequence", entry.sequence)
    event.add("dtstart", entry.starts_at.astimezone(UTC))
    event.add("dtend", entry.ends_at.astimezone(UTC))
    event.add("summary", entry.summary)
    event.add("description", entry.description)
    event.add("location", entry.location)
    event.add("url", entry.url)
    event.add("status", "CANCELLED" if method is Method.CANCEL else "CONFIRMED")
    event.add("transp", "OPAQUE")
    event.add("class", "PUBLIC")
    organiser = vCalAddress(f"mailto:{entry.organiser.address}")
    organiser.params["CN"] = vText(_plain(entry.organiser.name))
    event.add("organizer", organiser)
    if method is not Method.PUBLISH:  # RFC 5546 §3.2.1: what is published asks nobody
        event.add("attendee", _attendee(method))
    # Outlook: busy, and no "propose a new time", which nobody here would read (MS-OXCICAL). The sequence is left to
    # SEQUENCE alone: X-MICROSOFT-CDO-APPT-SEQUENCE would override it.
    event.add("x-microsoft-cdo-busystatus", "BUSY")
    event.add("x-microsoft-cdo-intendedstatus", "BUSY")
    event.add("x-microsoft-disallow-counter", "TRUE")
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODID)
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method.value)
    calendar.add_component(event)
    # unfolded again: a slot that is filled changes the length of its line
    written: bytes = calendar.to_ical()
    return written.decode().replace("\r\n ", "").replace("\r\n", "\n")


def _attendee(method: Method) -> vCalAddress:
    reader = vCalAddress(f"mailto:{slot('address')}")
    reader.params["CUTYPE"] = vText("INDIVIDUAL")
    reader.params["ROLE"] = vText("REQ-PARTICIPANT")
    reader.params["PARTSTAT"] = vText("NEEDS-ACTION")
    if method is Method.REQUEST:
        reader.params["RSVP"] = vText("TRUE")
    reader.params["CN"] = vText(slot("site", "param"))
    return reader


def _plain(name: str) -> str:
    """A parameter has no way to hold a quote, and RFC 6868's is not understood by Outlook."""
    return "".join(c for c in name.replace('"', "'") if c.isprintable())


def written(entry: CalendarEntry, method: Method, fills: Mapping[str, str]) -> bytes:
    """The ``.ics`` for one reader."""
    return folded(filled(pattern(entry, method), fills))


def later_stamp(stamp: datetime, before: datetime | None) -> datetime:
    """A stamp that is newer than the one *before*: two messages of one second would be taken for one."""
    stamp = stamp.astimezone(UTC).replace(microsecond=0)
    return stamp if before is None or stamp > before else before + timedelta(seconds=1)
