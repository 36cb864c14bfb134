"""The calendar entry of a meeting (RFC 5545) and the messages that invite and cancel (RFC 5546), for one reader each.

Only the organiser and the reader are named: thousands of sites must not learn each other's addresses, and every
calendar shows its buttons when its own address is the one ATTENDEE. Times stand as on the wall in Hà Nội, with TZID and its
VTIMEZONE: a series must have them so, and a date that is moved out of one is told in the form in which the series had it.
The entry is built once and varies from site to site in slots; building it anew costs a hundred times more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from icalendar import Alarm, Calendar, Event, Timezone, TimezoneStandard, vCalAddress, vRecur, vText

from meetings.clock import HANOI, wall
from meetings.official.text import one_line
from meetings.post.message import Address, filled, folded, slot
from meetings.scheduling.recurrence import Pattern

ALARM_BEFORE: Final = timedelta(minutes=60)
PRODID: Final = "-//Diem Cau//Online meetings//VI"


class Method(StrEnum):
    """What a message asks of the reader's calendar."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    PUBLISH = "PUBLISH"
    DECLINECOUNTER = "DECLINECOUNTER"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A meeting as a calendar knows it. Instants are aware; *uid* stays for its whole life and *sequence* grows with
    every change of time, place or status. *description*, *location* and *url* may hold slots.
    *comment*: what is said to the reader about this message alone. *delegated*: the
    reader stands in for the address in the slot ``delegator``.

    *repeats*: of a series, whose *starts_at* and *ends_at* are those of its first date. *instance*: of one date of a series, the
    instant at which the series had it (RECURRENCE-ID); *uid* is that of the series.
    """

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
    repeats: Pattern | None = None
    instance: datetime | None = None
    alone: bool = (
        False  # taken from this reader only: the meeting itself is held (RFC 5546 §3.2.5 asks for no STATUS then)
    )
    comment: str = ""
    delegated: bool = False


def pattern(entry: CalendarEntry, method: Method, also: Sequence[CalendarEntry] = ()) -> str:
    """Unfolded lines for every reader: slots ``site`` (the reader's name) and ``address`` stand in ATTENDEE.

    *also*: further dates of the same series, in the same message.
    """
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODID)
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method.value)
    calendar.add_component(_hanoi())
    for one in (entry, *also):
        calendar.add_component(_event(one, method))
    # unfolded again: a slot that is filled changes the length of its line
    written: bytes = calendar.to_ical()
    return written.decode().replace("\r\n ", "").replace("\r\n", "\n")


def _hanoi() -> Timezone:
    """VTIMEZONE of every hour: one standard time, no summer time since long before any meeting here."""
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", HANOI.key)
    standard.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001  on the wall, as RFC 5545 asks
    standard.add("tzoffsetfrom", timedelta(hours=7))
    standard.add("tzoffsetto", timedelta(hours=7))
    standard.add("tzname", "+07")
    zone.add_component(standard)
    return zone


def _event(entry: CalendarEntry, method: Method) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", entry.stamp.astimezone(UTC).replace(microsecond=0))
    event.add("sequence", entry.sequence)
    if entry.instance is not None:
        event.add("recurrence-id", wall(entry.instance))
    event.add("dtstart", wall(entry.starts_at))
    event.add("dtend", wall(entry.ends_at))
    if entry.repeats is not None:
        event.add("rrule", vRecur.from_ical(entry.repeats.rrule))
        for name, days in (("exdate", entry.repeats.left_out), ("rdate", entry.repeats.added)):
            if days:
                event.add(name, [day.replace(tzinfo=HANOI) for day in days])
    event.add("summary", one_line(entry.summary))
    event.add("description", entry.description)
    if entry.comment:
        event.add("comment", entry.comment)
    event.add("location", entry.location)
    if entry.url:
        event.add("url", entry.url)
    if not entry.alone:
        event.add("status", "CANCELLED" if method is Method.CANCEL else "CONFIRMED")
    event.add("transp", "OPAQUE")
    event.add("class", "PUBLIC")
    organiser = vCalAddress(f"mailto:{entry.organiser.address}")
    organiser.params["CN"] = vText(_plain(entry.organiser.name))
    event.add("organizer", organiser)
    if method is not Method.PUBLISH:  # RFC 5546 §3.2.1: what is published asks nobody
        event.add("attendee", _attendee(method, entry.delegated))
    # Outlook: busy (MS-OXCICAL). "Propose a new time" is left to it, for a proposal is read and goes to a clerk. The sequence
    # is left to SEQUENCE alone: X-MICROSOFT-CDO-APPT-SEQUENCE would override it.
    event.add("x-microsoft-cdo-busystatus", "BUSY")
    event.add("x-microsoft-cdo-intendedstatus", "BUSY")
    if method is Method.REQUEST:
        event.add_component(_alarm(entry))
    return event


def _alarm(entry: CalendarEntry) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", -ALARM_BEFORE)
    alarm.add("description", one_line(entry.summary))
    return alarm


def _attendee(method: Method, delegated: bool) -> vCalAddress:
    reader = vCalAddress(f"mailto:{slot('address', 'line')}")
    reader.params["CUTYPE"] = vText("INDIVIDUAL")
    reader.params["ROLE"] = vText("REQ-PARTICIPANT")
    reader.params["PARTSTAT"] = vText(slot("partstat"))  # what the office knows: an update must not unsay an answer
    if method is Method.REQUEST:
        reader.params["RSVP"] = vText("TRUE")
    if delegated:
        reader.params["DELEGATED-FROM"] = vText(slot("delegator", "line"))  # the library quotes it
    reader.params["CN"] = vText(slot("site", "param"))
    return reader


def _plain(name: str) -> str:
    """A parameter has no way to hold a quote, and that of RFC 6868, which the library writes, is not understood by Outlook."""
    return "".join(c for c in one_line(name).replace('"', "'").replace("^", "") if c.isprintable())


def written(
    entry: CalendarEntry, method: Method, fills: Mapping[str, str], also: Sequence[CalendarEntry] = ()
) -> bytes:
    """The ``.ics`` for one reader."""
    return folded(filled(pattern(entry, method, also), fills))
