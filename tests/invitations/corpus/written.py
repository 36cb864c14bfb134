"""How the messages of the corpus are written down: readable here, exact on the wire. All words and addresses are ours."""

from __future__ import annotations

import base64
import textwrap
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from meetings.invitations.incoming import Asked, Kind, Verdict
from meetings.invitations.incoming.types import Previous

US = "lichhop@so.example"
UID = "0b7cf6a2-19d5-4f0e-b1f7-5a1c7d0e4402@so.example"
SERIES = "51d2a9f0-6f3b-4c55-9a51-0c33aa7e9d10@so.example"
LONG_UID = "_6kp3ge1m70o36cpg8opj0ba174o30b9p88o34ba260q3ae1g6gr3ge9k8g" * 3 + "@so.example"
COLON_UID = "hop:2026:0147:6f1c@so.example"
LETTER = "<invitation-17-2.9f0c3d3e7a51@so.example>"
VERP = "lichhop+b.1a2.0123456789@so.example"

FIRST, SECOND = datetime(2026, 11, 25, 1, tzinfo=UTC), datetime(2026, 12, 2, 1, tzinfo=UTC)

BEFORE = datetime(2026, 11, 20, 3, tzinfo=UTC)
CAME = datetime(2026, 11, 21, 3, tzinfo=UTC)

ASKED = [
    Asked(17, "syt@tinh.example", UID, None, 2, newest=3),
    Asked(18, "stc@tinh.example", UID, None, 2),
    Asked(19, "ubnd.tanphu@gmail.com", UID, None, 2),
    Asked(20, "vanphong@huyen.example", UID, None, 2),
    Asked(21, "vanphong@huyen.example", UID, None, 2),
    Asked(22, "Van.Thu@XA.example", UID, None, 2),
    Asked(23, "sct@tinh.example", UID, None, 2, Previous(2, BEFORE, "ACCEPTED", BEFORE)),
    Asked(31, "syt@tinh.example", SERIES, FIRST, 1),
    Asked(32, "syt@tinh.example", SERIES, SECOND, 1),
    Asked(33, "syt@tinh.example", LONG_UID, None, 0),
    Asked(34, "syt@tinh.example", COLON_UID, None, 0),
]
"""Whom the office has asked: what every answer of the corpus is held against."""


@dataclass(frozen=True)
class Case:
    """A message and what must be concluded from it. *facts*: attributes of the message; *answer*: of its first answer;
    *failure*: of its first failure; *settled*: the verdict over each of its answers, with the invitation."""

    name: str
    raw: bytes
    kind: Kind
    facts: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    failures: list[tuple[str, str, str]] = field(default_factory=list)  # recipient, action, status
    ours: bool = False
    settled: list[tuple[Verdict, int | None]] = field(default_factory=list)


def wire(text: str) -> bytes:
    """As it goes over the line; odd bytes were written with :func:`odd`."""
    return textwrap.dedent(text).lstrip("\n").replace("\n", "\r\n").encode("utf-8", "surrogateescape")


def odd(octets: bytes) -> str:
    """Bytes that are no UTF-8, to stand within a text."""
    return octets.decode("utf-8", "surrogateescape")


def b64(content: str | bytes) -> str:
    """Content in base64, in lines of 76."""
    octets = content.encode() if isinstance(content, str) else content
    return "\n".join(textwrap.wrap(base64.b64encode(octets).decode(), 76))


def mail(headers: str, body: str) -> bytes:
    """A message of headers and a body; neither is changed but for its line ends."""
    return wire(textwrap.dedent(headers).strip("\n") + "\n\n" + body)


def part(headers: str, body: str) -> str:
    return textwrap.dedent(headers).strip("\n") + "\n\n" + body


def joined(boundary: str, *parts: str, preamble: str = "") -> str:
    """The body of a multipart."""
    return preamble + "".join(f"--{boundary}\n{one}\n" for one in parts) + f"--{boundary}--\n"


def calendar(method: str, *events: str, before: str = "", prodid: str = "-//Somebody//Calendar 1.0//EN") -> str:
    """A calendar; *before*: lines between METHOD and the events (a VTIMEZONE)."""
    lines = ["BEGIN:VCALENDAR", f"PRODID:{prodid}", "VERSION:2.0", *([f"METHOD:{method}"] if method else [])]
    lines += [textwrap.dedent(before).strip("\n")] * bool(before)
    return "\n".join([*lines, *(textwrap.dedent(event).strip("\n") for event in events), "END:VCALENDAR"]) + "\n"


def event(attendee: str, *more: str, uid: str = UID, sequence: str = "2", stamp: str = "20261121T021500Z") -> str:
    """One VEVENT of an answer. *attendee*: the whole line; *sequence* "" leaves it out."""
    lines = ["BEGIN:VEVENT", f"UID:{uid}", f"DTSTAMP:{stamp}"]
    lines += [f"SEQUENCE:{sequence}"] * bool(sequence)
    lines += [attendee] * bool(attendee)
    lines += ["DTSTART:20261125T010000Z", "DTEND:20261125T043000Z", *more, "END:VEVENT"]
    return "\n".join(lines)
