"""Answers that calendar programs write (iTIP, RFC 5546): a small strict reader of what a REPLY needs.

``icalendar`` is not used: of a calendar that breaks off it gives an empty list without a word, so an answer that was lost
in transit looked like none. Here whatever decides (who, what, which date, which edition) was read whole or the answer
says that it is not clear. A test lets both read the same calendars.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from meetings.invitations.incoming.hours import Hours, Observance, at, observance
from meetings.invitations.incoming.matching import same_mailbox
from meetings.invitations.incoming.text import clean_address, lines, one_line
from meetings.invitations.incoming.types import CalendarAnswer

ANSWERING: Final = ("REPLY", "COUNTER", "REFRESH")
PARTSTATS: Final = ("ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED", "NEEDS-ACTION")
MOST_TEXT: Final = 1024 * 1024
_MOST_LINES: Final = 50_000
_MOST_EVENTS: Final = 400
_MOST_PEOPLE: Final = 1000
_DEEPEST: Final = 8

_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,80}")
_PARAM: Final = re.compile(r';([A-Za-z0-9-]{1,80})=((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)')
_EVENT: Final = frozenset(
    ["UID", "DTSTAMP", "SEQUENCE", "RECURRENCE-ID", "ATTENDEE", "COMMENT", "DTSTART", "DTEND", "DURATION"]
)
_DECIDING: Final = frozenset(["UID", "DTSTAMP", "SEQUENCE", "RECURRENCE-ID", "ATTENDEE"])
_ZONE: Final = frozenset(["DTSTART", "TZOFFSETTO", "RRULE"])
_GLOBAL_ID: Final = "040000008200E00074C5B7101A82E008"
_FOREIGN_ID: Final = "7643616C2D55696401000000"
"""``vCal-Uid\\x01\\0\\0\\0``: so Outlook packs the UID of others into its own."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote the message, and when."""

    address: str
    sender: str
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What one calendar part holds. *fault*: why nothing can be said of it."""

    method: str
    answers: tuple[CalendarAnswer, ...] = ()
    fault: str = ""


@dataclass
class _Component:
    name: str
    properties: dict[str, list[tuple[Mapping[str, str], str]]] = field(default_factory=dict)
    children: list[_Component] = field(default_factory=list)
    torn: bool = False  # something that decides could not be read

    def value(self, name: str) -> str:
        found = self.properties.get(name)
        return found[0][1].strip() if found else ""


def read(text: str, announced: str, writer: Writer) -> Reading:
    """What the calendar *text* says. *announced*: the method of its header, for a body that names none."""
    announced = _method(announced)
    if len(text) > MOST_TEXT:
        return Reading(announced, fault="too_big")
    calendars, whole = _parsed(text)
    methods = {_method(calendar.value("METHOD")) for calendar in calendars} - {""}
    method = methods.pop() if len(methods) == 1 else announced
    if not calendars:
        return Reading(announced, fault="no_calendar")
    if methods:
        return Reading("REPLY" if "REPLY" in methods else method, fault="several_methods")
    if not whole:
        return Reading(method, fault="truncated")
    events = [child for calendar in calendars for child in calendar.children if child.name == "VEVENT"]
    if not events:
        other = any(child.name != "VTIMEZONE" for calendar in calendars for child in calendar.children)
        return Reading(method, fault="" if other else "no_component")
    if method not in ANSWERING:
        return Reading(method)
    if len(events) > _MOST_EVENTS:
        return Reading(method, fault="too_big")
    zones = _zones(calendars)
    answers = [_answer(event, method, zones, writer) for event in events]
    one = len(calendars) == 1 and len({answer.uid for answer in answers}) == 1
    return Reading(method, tuple(answers if one else map(_unclear, answers)))


def _method(said: str) -> str:
    method = said.strip().upper()
    return method if re.fullmatch(r"[A-Z-]{1,40}", method) else ""


def merged(readings: Iterable[Reading]) -> tuple[CalendarAnswer, ...]:
    """The answers of several parts of one message. Copies count once; two that contradict each other are not clear."""
    found: dict[tuple[str, datetime | None], CalendarAnswer] = {}
    for reading in readings:
        for answer in reading.answers:
            key = (answer.uid, answer.instance)
            first = found.setdefault(key, answer)
            if _essence(first) != _essence(answer):
                found[key] = _unclear(first)
    return tuple(found.values())


def _essence(answer: CalendarAnswer) -> tuple[object, ...]:
    return answer.method, answer.attendee, answer.partstat, answer.sequence, answer.starts_at, answer.delegated_to


def _unclear(answer: CalendarAnswer) -> CalendarAnswer:
    return replace(answer, clear=False)


def _parsed(text: str) -> tuple[list[_Component], bool]:
    """The calendars in *text*, and whether every component that was begun was also ended."""
    flat = re.sub(r"\n[ \t]", "", text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))
    calendars: list[_Component] = []
    stack: list[_Component] = []
    last = ""
    for line in flat.split("\n", _MOST_LINES)[:_MOST_LINES]:
        named = _NAME.match(line)
        name = named[0].upper() if named else ""
        if name == "BEGIN" and line[5:6] == ":":
            component = _Component(line[6:].strip().upper())
            if len(stack) >= _DEEPEST or (not stack and component.name != "VCALENDAR"):
                return calendars, False
            (stack[-1].children if stack else calendars).append(component)
            stack.append(component)
        elif name == "END" and line[3:4] == ":":
            if not stack or stack.pop().name != line[4:].strip().upper():
                return calendars, False
        elif stack:
            wanted = _wanted(stack)
            if name in wanted:
                split = _split(line, len(name))
                if split is None or len(stack[-1].properties.get(name, ())) >= _MOST_PEOPLE:
                    stack[-1].torn |= name in _DECIDING
                else:
                    stack[-1].properties.setdefault(name, []).append(split)
            elif line.strip() and (named is None or line[named.end() : named.end() + 1] not in (":", ";")):
                # a line that lost the space of its fold: what stood before it is not whole
                stack[-1].torn |= last in _DECIDING
        last = name
    return calendars, bool(calendars) and not stack


def _wanted(stack: list[_Component]) -> frozenset[str]:
    inside = stack[-1].name
    if inside == "VEVENT" and len(stack) == 2:
        return _EVENT
    if inside == "VCALENDAR":
        return frozenset(["METHOD"])
    if inside == "VTIMEZONE":
        return frozenset(["TZID"])
    return _ZONE if inside in ("STANDARD", "DAYLIGHT") else frozenset()


def _split(line: str, at_name: int) -> tuple[Mapping[str, str], str] | None:
    """Parameters and value of a line; None when it does not follow RFC 5545."""
    params: dict[str, str] = {}
    where = at_name
    while match := _PARAM.match(line, where):
        params.setdefault(match[1].upper(), match[2])
        where = match.end()
    if line[where : where + 1] != ":":
        return None
    return params, line[where + 1 : where + 1 + 8192]


def _answer(event: _Component, method: str, zones: Hours, writer: Writer) -> CalendarAnswer:
    clear = not event.torn
    uid = _uid(event.value("UID"))
    sequence = event.value("SEQUENCE") or "0"
    if not re.fullmatch(r"[0-9]{1,9}", sequence):
        sequence, clear = "0", False
    stamp = _at(event, "DTSTAMP", zones)
    instance = _at(event, "RECURRENCE-ID", zones)
    if "RECURRENCE-ID" in event.properties:
        params = event.properties["RECURRENCE-ID"][0][0]
        clear = clear and instance is not None and "RANGE" not in params
    people = event.properties.get("ATTENDEE", [])
    chosen = _chosen(people, writer)
    params = chosen[0] if chosen else {}
    said = _bare(params.get("PARTSTAT", "")).upper()
    if method == "REPLY":
        clear = clear and chosen is not None and bool(_person(*chosen))
    single = all(len(event.properties.get(name, ())) < 2 for name in ("UID", "SEQUENCE", "DTSTAMP", "RECURRENCE-ID"))
    return CalendarAnswer(
        method=method,
        uid=uid,
        instance=instance,
        sequence=int(sequence),
        stamp=stamp or writer.sent_at,
        attendee=_person(*chosen) if chosen else "",
        partstat=said if said in PARTSTATS else "NEEDS-ACTION",
        said=one_line(said, 60),
        sent_by=clean_address(_bare(params.get("SENT-BY", ""))),
        comment=_comment(event, params),
        delegated_to=_addresses(params.get("DELEGATED-TO", "")),
        delegated_from=_addresses(params.get("DELEGATED-FROM", "")),
        starts_at=_at(event, "DTSTART", zones),
        ends_at=_at(event, "DTEND", zones),
        clear=clear and single and bool(uid),
    )


def _chosen(people: list[tuple[Mapping[str, str], str]], writer: Writer) -> tuple[Mapping[str, str], str] | None:
    """Whose answer it is: the one who wrote, or on whose behalf the writer wrote, or the only one there is."""
    for known in (writer.address, writer.sender):
        if not known:
            continue
        own = [person for person in people if same_mailbox(_person(*person), known)]
        own = own or [person for person in people if clean_address(_bare(person[0].get("SENT-BY", ""))) == known]
        if own:
            # named twice with two answers: none of them
            return own[0] if len({_bare(params.get("PARTSTAT", "")).upper() for params, _ in own}) == 1 else None
    return people[0] if len(people) == 1 else None


def _person(params: Mapping[str, str], value: str) -> str:
    return clean_address(value) or clean_address(_bare(params.get("EMAIL", "")))


def _comment(event: _Component, params: Mapping[str, str]) -> str:
    """Its COMMENT, or the parameter in which Google and Apple write it."""
    told = event.value("COMMENT")
    if told:
        told = re.sub(r"\\([nN,;\\])", lambda m: "\n" if m[1] in "nN" else m[1], told)
    else:
        told = re.sub(
            r"\^([n'^])", lambda m: {"n": "\n", "'": '"', "^": "^"}[m[1]], _bare(params.get("X-RESPONSE-COMMENT", ""))
        )
    return lines(told, 1000)


def _uid(said: str) -> str:
    """A UID as we gave it: also when Outlook hands it back packed into one of its own."""
    upper = said.upper()
    if upper.startswith(_GLOBAL_ID) and _FOREIGN_ID in upper:
        packed = upper.partition(_FOREIGN_ID)[2]
        try:
            return bytes.fromhex(packed).split(b"\0")[0].decode()
        except ValueError:
            return said
    return one_line(said, 400)


def _zones(calendars: list[_Component]) -> Hours:
    found: dict[str, tuple[Observance, ...]] = {}
    for zone in (child for calendar in calendars for child in calendar.children if child.name == "VTIMEZONE"):
        told = [
            observance(*(part.value(name) for name in ("DTSTART", "TZOFFSETTO", "RRULE")))
            for part in zone.children[:40]
        ]
        found.setdefault(_bare(zone.value("TZID")), tuple(one for one in told if one is not None))
    return found


def _at(event: _Component, name: str, zones: Hours) -> datetime | None:
    found = event.properties.get(name)
    return at(found[0][1].strip(), _bare(found[0][0].get("TZID", "")), zones) if found else None


def _addresses(listed: str) -> tuple[str, ...]:
    return tuple(address for one in listed[:2000].split(",") if (address := clean_address(_bare(one))))


def _bare(value: str) -> str:
    return value.strip().strip('"').strip()
