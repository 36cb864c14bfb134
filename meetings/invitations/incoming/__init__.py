"""Reading what comes into the mailbox: what it is, and what it says. Pure; nothing here raises, whatever the bytes.

The order of the questions is the point: an answer by calendar is looked for first, because Google marks its answers as
written by a machine; never inside a report, because there our own invitation lies; and Return-Path is never asked alone.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from meetings.invitations.incoming import bounces, calendar, tnef
from meetings.invitations.incoming.calendar import ANSWERING, Reading, Writer
from meetings.invitations.incoming.matching import SKEW, same_mailbox, verdict, verdicts
from meetings.invitations.incoming.mime import Part, opened
from meetings.invitations.incoming.text import MOST_TEXT, addresses, lines, message_ids, sent_at, unmarked, words
from meetings.invitations.incoming.types import Asked, CalendarAnswer, Failure, Incoming, Kind, Previous, Verdict

__all__ = [
    "SKEW",
    "Asked",
    "CalendarAnswer",
    "Failure",
    "Incoming",
    "Kind",
    "Previous",
    "Verdict",
    "read",
    "same_mailbox",
    "verdict",
    "verdicts",
]

_CALENDARS: Final = ("text/calendar", "application/ics", "text/x-vcalendar", "application/calendar")
_ADDRESSED: Final = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to")
_MOST_HOPS: Final = 50
_PROSE: Final = 256 * 1024
_AWAY: Final = re.compile(
    r"\W*(automatic reply|auto(mated)? ?-?(reply|response)\b|out of (the )?office|away until"
    r"|(thư )?trả lời tự động|réponse automatique|absence du bureau|abwesenheitsnotiz|automatische antwort"
    r"|respuesta automática|自動応答|自動返信|不在通知)",
    re.IGNORECASE,
)
"""What programs put before the subject of an absence, and no person does: "Vắng mặt" alone may be a site that declines."""


def read(raw: bytes) -> Incoming:
    """What the message *raw* is. Of one that is too large the first ten megabytes are read."""
    try:
        return _read(raw)
    except Exception as fault:
        return Incoming(Kind.UNREADABLE, why=f"fault:{type(fault).__name__}"[:40], automatic=True)


def _read(raw: bytes) -> Incoming:
    whole, cut = opened(raw)
    head = _head(whole)
    readings = _calendars(whole, Writer(head.from_address, head.sender, head.sent_at))
    answers = calendar.merged(readings)
    if answers:
        methods = [answer.method for answer in answers]
        return replace(head, kind=Kind(methods[0].lower()), answers=answers, why="calendar")
    for reading in readings:
        if reading.method in ANSWERING and reading.fault:
            return replace(head, kind=Kind.UNREADABLE, why=reading.fault)

    if found := bounces.report(whole):
        return _bounced(head, found)
    if found := bounces.abuse(whole):
        return _told_of(replace(head, kind=Kind.ABUSE, automatic=True), found)
    if found := bounces.receipt(whole):
        return _told_of(replace(head, kind=Kind.AUTO_REPLY, automatic=True), found)
    if found := bounces.legacy(whole, head.from_address, head.from_name, head.subject):
        return _bounced(head, found)

    said = _automatic(whole, head.subject)
    if said and not (readings and said == "auto-generated"):
        return replace(head, kind=Kind.AUTO_REPLY, why=said, automatic=True)
    if readings:
        broken = next((reading.fault for reading in readings if reading.fault), "")
        if broken and all(reading.fault for reading in readings):
            return replace(head, kind=Kind.UNREADABLE, why=broken)
        method = next((reading.method for reading in readings if not reading.fault), "")
        return replace(head, kind=Kind.OTHER_CALENDAR, why=method.lower()[:40] or "no_method")
    return replace(head, kind=Kind.HUMAN, why="cut" if cut else _of_human(whole))


def _head(whole: Part) -> Incoming:
    """What stands at the head of every message, and its words."""
    writers = addresses(whole.told("from"))
    name, address = writers[0] if writers else ("", "")
    senders = addresses(whole.told("sender"))
    ids = message_ids(whole.first("message-id"))
    to = [one for field in _ADDRESSED for value in whole.headers.get(field, ())[:20] for _, one in addresses(value)]
    mentioned = message_ids(" ".join([whole.first("in-reply-to"), *whole.all("references")[:3]]))
    return Incoming(
        Kind.HUMAN,
        message_id=ids[0] if ids else "",
        from_address=address,
        from_name=name or words(whole.told("from"), 200) * (not address),
        sender=senders[0][1] if senders else "",
        subject=words(whole.told("subject"), 300),
        sent_at=sent_at(whole.first("date")),
        to=tuple(dict.fromkeys(to))[:100],
        references=tuple(dict.fromkeys(mentioned)),
        text=_prose(whole),
        automatic=_by_machine(whole),
    )


def _prose(whole: Part) -> str:
    """The words of a letter: the first text that is no attachment and not empty, HTML only where there is no other."""
    page = ""
    for part in whole.walk():
        if part.attached or part.type not in ("text/plain", "text/html"):
            continue
        if part.type == "text/plain":
            if told := lines(part.text(_PROSE), MOST_TEXT):
                return told
        elif not page:
            page = lines(unmarked(part.text(_PROSE)), MOST_TEXT)
    return page


def _calendars(whole: Part, writer: Writer) -> list[Reading]:
    """What every calendar in the message says, the likeliest first; a ``winmail.dat`` only where no other answers."""
    parts = [part for part in whole.outside_reports() if not part.children]
    found: list[tuple[int, Reading]] = []
    for part in parts:
        if not _is_calendar(part):
            continue
        announced = part.parameters.get("method", "").strip().upper()
        reading = calendar.read(part.calendar(calendar.MOST_TEXT + 1), announced, writer)
        found.append((0 if announced in ANSWERING else 2 if announced else 1, reading))
        if len(found) >= 20:
            break
    readings = [reading for _, reading in sorted(found, key=lambda one: one[0])]
    if not any(reading.answers for reading in readings):
        for part in parts:
            if part.type == "application/ms-tnef" or part.file_name.lower() == "winmail.dat":
                packed = tnef.read(part.body(tnef.MOST_BYTES + 1), writer)
                if packed is not None:
                    return [packed, *readings]
    return readings


def _is_calendar(part: Part) -> bool:
    if part.type in _CALENDARS or part.file_name.lower().endswith((".ics", ".vcs")):
        return True
    return part.type == "text/plain" and part.body(200).lstrip(b"\xef\xbb\xbf\r\n ").upper().startswith(
        b"BEGIN:VCALENDAR"
    )


def _bounced(head: Incoming, found: bounces.Report) -> Incoming:
    actions = {failure.action for failure in found.failures}
    kind = Kind.BOUNCE if "failed" in actions else Kind.DELAY if "delayed" in actions else Kind.AUTO_REPLY
    why = found.why if kind is not Kind.AUTO_REPLY else "delivered"
    return replace(_told_of(replace(head, kind=kind, automatic=True), found), failures=found.failures, why=why)


def _told_of(head: Incoming, found: bounces.Report) -> Incoming:
    return replace(
        head,
        references=tuple(dict.fromkeys((*found.references, *head.references))),
        to=tuple(dict.fromkeys((*head.to, *found.addresses))),
        why=found.why,
    )


def _automatic(whole: Part, subject: str) -> str:
    """By which sign a letter says that nobody wrote it; "" when a person did."""
    submitted = re.match(r"[a-z-]{0,40}", whole.first("auto-submitted").strip().lower())
    if "auto-submitted" in whole.headers and submitted and submitted[0] != "no":
        return submitted[0] or "auto"
    if "x-auto-response-suppress" in whole.headers:
        return "suppress"
    if {"x-autoreply", "x-autorespond", "x-autoresponder", "x-autoreply-from", "x-vacation"} & whole.headers.keys():
        return "autoreply"
    if re.match(r"auto[-_]?(reply|response)", whole.first("precedence").strip(), re.IGNORECASE):
        return "precedence"
    if len(whole.headers.get("received", ())) > _MOST_HOPS:
        return "loop"
    if _AWAY.match(subject):
        return "subject"
    if whole.first("precedence").strip().lower() in ("bulk", "junk") or "list-unsubscribe" in whole.headers:
        # a letter of a list is nobody's answer, unless it answers us
        return "" if {"in-reply-to", "references"} & whole.headers.keys() else "list"
    return ""


def _by_machine(whole: Part) -> bool:
    """Whether nothing may answer this by itself: wider than :func:`_automatic`, for nothing is lost by silence."""
    return bool(
        _automatic(whole, "")
        or whole.first("precedence").strip().lower() in ("bulk", "junk", "list")
        or {"list-id", "x-loop", "feedback-id"} & whole.headers.keys()
        or ("return-path" in whole.headers and whole.first("return-path").strip() in ("<>", ""))
    )


def _of_human(whole: Part) -> str:
    enclosed = any(part.type == "message/rfc822" for part in whole.walk())
    return "forwarded" if enclosed else "words"
