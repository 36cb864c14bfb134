"""What the programs of the recipients need, row by row, checked on the bytes of a whole message; and two readers of others.

Written from the descriptions of RFC 5545, 5546 and 6047 and of what Outlook/Exchange, Gmail, Apple, Thunderbird and Zimbra do,
not from our writer. :func:`check` looks at one message, :func:`check_life` at all that one address got about one entry.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import fast_mail_parser
import vobject
from icalendar import Calendar, Event

ZONE = "Asia/Ho_Chi_Minh"
ONCE = (
    "UID",
    "DTSTAMP",
    "SEQUENCE",
    "DTSTART",
    "DTEND",
    "SUMMARY",
    "ORGANIZER",
    "ATTENDEE",
    "TRANSP",
    "LOCATION",
    "DESCRIPTION",
)
# they override SEQUENCE, or claim to be Outlook's own, or forbid the proposals that are read here
NEVER = ("X-MICROSOFT-CDO-APPT-SEQUENCE", "X-MICROSOFT-CDO-OWNERAPPTID", "X-MICROSOFT-DISALLOW-COUNTER")
STATUS = {"REQUEST": {"CONFIRMED"}, "CANCEL": {"CANCELLED", ""}, "DECLINECOUNTER": {"CONFIRMED"}}
_LINE = re.compile(r'[A-Z][A-Z0-9-]*(;[A-Z][A-Z0-9-]*=("[^"\x00-\x1f\x7f]*"|[^";:,\x00-\x1f\x7f]*))*:')


@dataclass(frozen=True)
class Told:
    """One VEVENT of one message, as two readers agree on it."""

    method: str
    uid: str
    instance: datetime | None
    sequence: int
    stamp: datetime
    starts_at: datetime
    ends_at: datetime
    location: str
    repeats: (
        str  # RRULE as it stands; that a date fell out was told by a message of its own before the series is sent again
    )
    status: str
    organiser: str
    attendee: str
    partstat: str

    @property
    def major(self) -> tuple[object, ...]:
        """What makes a change one that calendars put before their owners again."""
        return self.starts_at, self.ends_at, self.location, self.repeats, self.status


def content_lines(ics: bytes) -> list[str]:
    """RFC 5545 §3.1: CRLF, 75 octets, no character torn, every line a property."""
    assert ics.endswith(b"\r\n") and not re.search(rb"(?<!\r)\n|\r(?!\n)", ics), "CRLF"
    pieces = ics.split(b"\r\n")[:-1]
    assert all(len(piece) <= 75 for piece in pieces), "75 octets"
    for piece in pieces:
        piece.decode()
    lines = ics.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]
    for line in lines:
        assert _LINE.match(line), line
    return lines


def message_of(raw: bytes) -> EmailMessage:
    """*raw* as the library reads it; another reader must find the same parts in the same order."""
    assert raw.isascii() and b"\n" not in raw.replace(b"\r\n", b"") and max(map(len, raw.split(b"\r\n"))) <= 998
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage) and not message.defects
    other = fast_mail_parser.parse_email(raw)
    bodies = [part for part in message.walk() if not part.is_multipart()]
    assert not other.warnings and other.subject == str(message["Subject"])
    plain = email.message_from_bytes(raw)  # of addresses the policy for new code puts a space between two encoded words
    for name in ("From", "To"):
        assert _bare(other.headers[name][0]) == _bare(str(make_header(decode_header(str(plain[name]))))), name
    for kind, found in (("text/plain", other.text_plain), ("text/html", other.text_html)):
        ours = [part.get_content() for part in bodies if part.get_content_type() == kind]
        assert [_ends(text) for text in ours] == [_ends(text) for text in found], kind
    attached = [part for part in bodies if not part.get_content_type().startswith(("text/plain", "text/html"))]
    assert [(a.filename, a.mimetype, bytes(a.content)) for a in other.attachments] == [
        (part.get_filename() or "", part.get_content_type(), part.get_payload(decode=True)) for part in attached
    ]
    return message


def _bare(header: str) -> str:
    """A name and an address without the marks that quote the name."""
    return " ".join(re.sub(r'[\\"]', "", header).split())


def _ends(text: str) -> str:
    return text.replace("\r\n", "\n").rstrip("\n")


def check(raw: bytes) -> list[Told]:
    """The entries of the calendar message *raw*; fails at the first row that it breaks."""
    message = message_of(raw)
    ics, method = _layout(message)
    lines = content_lines(ics)
    _frame(lines, method)
    told = [_read(event, method) for event in _blocks(lines, "VEVENT")]
    assert told and len({one.uid for one in told}) == 1, "one UID a message"
    for one in told:
        assert _address(message["From"]) == one.organiser, "From is ORGANIZER: replies go there"
        assert _address(message["To"]) == one.attendee, "the reader is the one ATTENDEE"
        assert one.organiser != one.attendee
    assert _by_icalendar(ics) == _by_vobject(ics) == [_essence(one) for one in told]
    return told


def _address(header: object) -> str:
    (found,) = header.addresses
    return str(found.addr_spec).lower()


def _layout(message: EmailMessage) -> tuple[bytes, str]:
    """multipart/mixed of multipart/alternative (text, HTML, calendar last) and the same bytes as a file."""
    assert message["Message-ID"] and message["Content-Class"] == "urn:content-classes:calendarmessage"
    assert message["MIME-Version"] == "1.0" and message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/mixed"
    assert not [part for part in message.walk() if part.get_content_type() == "multipart/related"]
    bodies, file, *_more = message.iter_parts()
    assert bodies.get_content_type() == "multipart/alternative"
    kinds = [part.get_content_type() for part in bodies.iter_parts()]
    assert kinds == ["text/plain", "text/html", "text/calendar"], "the calendar is the last of the alternatives"
    (calendar,) = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    params = calendar["Content-Type"].params
    assert params["charset"].lower() == "utf-8" and params["component"] == "VEVENT"
    assert calendar["Content-Transfer-Encoding"] == "base64"
    assert calendar.get_filename() is None and "Content-Disposition" not in calendar, (
        "no file name: it is no attachment"
    )
    ics = calendar.get_payload(decode=True)
    assert isinstance(ics, bytes)
    assert (file.get_content_type(), file.get_filename()) == ("application/ics", "invite.ics")
    assert file.get_payload(decode=True) == ics, "the file is the same calendar"
    return ics, str(params["method"])


def _frame(lines: list[str], method: str) -> None:
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-1] == "END:VCALENDAR"
    head = lines[1 : next(n for n, line in enumerate(lines) if n and line.startswith("BEGIN:"))]
    assert sorted(line.partition(":")[0] for line in head) == ["CALSCALE", "METHOD", "PRODID", "VERSION"]
    assert {"VERSION:2.0", "CALSCALE:GREGORIAN", f"METHOD:{method}"} <= set(head), "header and body agree on the method"
    zones = _blocks(lines, "VTIMEZONE")
    named = {found for line in lines if (found := re.search(r";TZID=([^:;]+)", line.split(":")[0] + ":"))}
    assert {found[1] for found in named} == {ZONE} and len(zones) == 1, "a VTIMEZONE for every TZID"
    assert f"TZID:{ZONE}" in zones[0] and zones[0].count("BEGIN:STANDARD") == 1 and "BEGIN:DAYLIGHT" not in zones[0]
    assert {"DTSTART:19700101T000000", "TZOFFSETFROM:+0700", "TZOFFSETTO:+0700"} <= set(zones[0])
    assert {line for line in lines if line.startswith("BEGIN:")} <= {
        "BEGIN:VCALENDAR", "BEGIN:VTIMEZONE", "BEGIN:STANDARD", "BEGIN:VEVENT", "BEGIN:VALARM",
    }  # fmt: skip


def _blocks(lines: list[str], name: str) -> list[list[str]]:
    begins = [n for n, line in enumerate(lines) if line == f"BEGIN:{name}"]
    return [lines[n + 1 : lines.index(f"END:{name}", n)] for n in begins]


def _read(event: list[str], method: str) -> Told:
    alarms = _blocks(event, "VALARM")
    if alarms:
        first, last = event.index("BEGIN:VALARM"), len(event) - event[::-1].index("END:VALARM")
        event = event[:first] + event[last:]
    names = Counter(re.split("[;:]", line)[0] for line in event)
    for name in ONCE:
        assert names[name] == 1, f"{name} stands {names[name]} times"
    assert not [name for name in NEVER if names[name]] and names["RECURRENCE-ID"] <= 1 and names["URL"] <= 1
    found = {re.split("[;:]", line)[0]: line for line in event}
    instance = _on_the_wall(found["RECURRENCE-ID"]) if "RECURRENCE-ID" in found else None
    assert not (instance and "RRULE" in found)
    told = Told(
        method,
        _value(found["UID"]),
        instance,
        int(_value(found["SEQUENCE"])),
        _utc(_value(found["DTSTAMP"])),
        _on_the_wall(found["DTSTART"]),
        _on_the_wall(found["DTEND"]),
        _value(found["LOCATION"]),
        found.get("RRULE", ""),
        _value(found.get("STATUS", ":")),
        _mailto(found["ORGANIZER"]),
        _mailto(found["ATTENDEE"]),
        _parameter(found["ATTENDEE"], "PARTSTAT"),
    )
    assert len(told.uid) <= 255 and "@" in told.uid and not told.uid.startswith("0400")
    assert told.starts_at < told.ends_at and told.status in STATUS[method]
    for line in (found["ORGANIZER"], found["ATTENDEE"]):
        assert '"' not in _parameter(line, "CN") and "^" not in _parameter(line, "CN"), "neither is understood in a CN"
    assert (_parameter(found["ATTENDEE"], "CUTYPE"), _parameter(found["ATTENDEE"], "ROLE")) == (
        "INDIVIDUAL",
        "REQ-PARTICIPANT",
    )
    assert told.partstat in ("NEEDS-ACTION", "ACCEPTED", "DECLINED")
    assert _parameter(found["ATTENDEE"], "RSVP") == ("TRUE" if method == "REQUEST" else "")
    assert names["COMMENT"] == (method == "DECLINECOUNTER")
    # one alarm, an hour before, and none of what is not held
    assert len(alarms) == (method == "REQUEST")
    for alarm in alarms:
        assert {"ACTION:DISPLAY", "TRIGGER:-PT1H"} <= set(alarm) and any(a.startswith("DESCRIPTION:") for a in alarm)
    return told


def _value(line: str) -> str:
    return re.sub(r'^[^:"]*("[^"]*"[^:"]*)*:', "", line)


def _parameter(line: str, name: str) -> str:
    found = re.search(rf';{name}=("[^"]*"|[^";:]*)', line)
    return found[1].strip('"') if found else ""


def _mailto(line: str) -> str:
    value = _value(line)
    assert value.startswith("mailto:") and "@" in value
    return value.removeprefix("mailto:").lower()


def _on_the_wall(line: str) -> datetime:
    """``;TZID=Asia/Ho_Chi_Minh:20261210T080000``, the one form of every hour."""
    found = re.fullmatch(rf"[A-Z-]+;TZID={ZONE}:(\d{{8}}T\d{{6}})", line)
    assert found, line
    return datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)


def _utc(value: str) -> datetime:
    return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


# ------------------------------------------------------------------ two readers of others


Essence = tuple[str, int, datetime, datetime, datetime, str, str, datetime | None]


def _essence(one: Told) -> Essence:
    return one.uid, one.sequence, one.stamp, one.starts_at, one.ends_at, one.organiser, one.attendee, one.instance


def _by_icalendar(ics: bytes) -> list[Essence]:
    calendar = Calendar.from_ical(ics)
    assert not calendar.errors and not [error for event in calendar.events for error in event.errors]
    return [
        (
            str(event["UID"]), int(event["SEQUENCE"]), event["DTSTAMP"].dt,
            _instant(event["DTSTART"].dt), _instant(event["DTEND"].dt),
            str(event["ORGANIZER"]).removeprefix("mailto:").lower(), str(event["ATTENDEE"]).removeprefix("mailto:").lower(),
            _instant(event["RECURRENCE-ID"].dt) if "RECURRENCE-ID" in event else None,
        )
        for event in calendar.events
    ]  # fmt: skip


def _by_vobject(ics: bytes) -> list[Essence]:
    calendar = vobject.readOne(ics.decode())
    return [
        (
            event.uid.value, int(event.sequence.value), _instant(event.dtstamp.value), _instant(event.dtstart.value),
            _instant(event.dtend.value), event.organizer.value.removeprefix("mailto:").lower(),
            event.attendee.value.removeprefix("mailto:").lower(),
            _instant(event.recurrence_id.value) if "recurrence-id" in event.contents else None,
        )
        for event in calendar.vevent_list
    ]  # fmt: skip


def _instant(at: datetime) -> datetime:
    return at.astimezone(UTC)


def events_of(raw: bytes) -> list[Event]:
    """The VEVENTs of *raw*, for a calendar program to keep."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    (part,) = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    return list(Calendar.from_ical(part.get_payload(decode=True)).events)


# ------------------------------------------------------------------ a life


def check_life(told: Sequence[Told]) -> None:
    """The rows about time, over all that one address was told of one entry, in the order in which it was written."""
    assert len({one.uid for one in told}) == 1 and len({one.organiser for one in told}) == 1, (
        "constant for a whole life"
    )
    last: dict[datetime | None, Told] = {}
    for one in told:
        before = last.get(one.instance) or last.get(None)
        if before is not None and one.method != "DECLINECOUNTER":
            assert one.stamp > before.stamp, "DTSTAMP strictly increases"
            assert one.sequence >= before.sequence
            came_back = before.method == "CANCEL" and one.method == "REQUEST"
            if one.instance == before.instance and (one.major != before.major or came_back or one.method == "CANCEL"):
                assert one.sequence > before.sequence, "a major change raises SEQUENCE"
        if one.method != "DECLINECOUNTER":
            last[one.instance] = one
