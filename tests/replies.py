"""What mail programs and mail servers send back, made from the very letter that went out, as they make it."""

from __future__ import annotations

import base64
import email
import email.policy
from collections.abc import Iterable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

from icalendar import Calendar, Event


def parsed(letter: bytes) -> EmailMessage:
    message = email.message_from_bytes(letter, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def calendar_of(letter: bytes) -> Calendar:
    """The calendar of a letter, as a mail program finds it."""
    for part in parsed(letter).walk():
        if part.get_content_type() == "text/calendar":
            return Calendar.from_ical(part.get_content())
    raise AssertionError("the letter carries no calendar")


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _reader(event: Event) -> str:
    return str(event["attendee"]).partition(":")[2]


def ics(
    letter: bytes,
    partstat: str = "ACCEPTED",
    *,
    at: datetime,
    method: str = "REPLY",
    attendee: str = "",
    sequence: int | None = None,
    uid: str = "",
    comment: str = "",
    instance: datetime | None = None,
    starts: datetime | None = None,
    delegated_to: str = "",
    sent_by: str = "",
    stamp: datetime | None = None,
) -> str:
    """The calendar of an answer; everything that is not said is taken over from the invitation."""
    event = next(iter(calendar_of(letter).walk("VEVENT")))
    whose = attendee or _reader(event)
    begins = starts or event["dtstart"].dt
    length = event["dtend"].dt - event["dtstart"].dt
    deputy = f';DELEGATED-TO="mailto:{delegated_to}"' if delegated_to else ""
    clerk = f';SENT-BY="mailto:{sent_by}"' if sent_by else ""
    lines = [
        "BEGIN:VCALENDAR",
        f"METHOD:{method}",
        "PRODID:Microsoft Exchange Server 2010",
        "VERSION:2.0",
        "BEGIN:VEVENT",
        f"ATTENDEE;PARTSTAT={partstat}{deputy}{clerk}:mailto:{whose}",
        *([f"COMMENT;LANGUAGE=vi-VN:{comment}\\n"] if comment else []),
        f"UID:{uid or event['uid']}",
        *([f"RECURRENCE-ID:{_stamp(instance)}"] if instance else []),
        f"SUMMARY;LANGUAGE=vi-VN:Chấp nhận: {event['summary']}",
        f"DTSTART:{_stamp(begins)}",
        f"DTEND:{_stamp(begins + length)}",
        f"DTSTAMP:{_stamp(stamp or at)}",
        f"SEQUENCE:{event['sequence'] if sequence is None else sequence}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(_folded(line) for line in lines)


def _folded(line: str) -> str:
    data, found = line.encode(), []
    while len(data) > 74:
        cut = 74
        while data[cut] & 0xC0 == 0x80:
            cut -= 1
        found.append(data[:cut])
        data = b" " + data[cut:]
    return b"\r\n".join([*found, data]).decode() + "\r\n"


def _head(letter: bytes, *, sender: str, subject: str, at: datetime, number: str) -> list[str]:
    message = parsed(letter)
    organiser = str(next(iter(calendar_of(letter).walk("VEVENT")))["organizer"]).partition(":")[2]
    encoded = base64.b64encode(subject.encode()).decode()
    return [
        f"From: <{sender}>",
        f"To: <{organiser}>",
        f"Subject: =?utf-8?B?{encoded}?=",
        f"Date: {format_datetime(at)}",
        f"Message-ID: <{number}.{int(at.timestamp())}@{sender.rpartition('@')[2]}>",
        f"In-Reply-To: {message['Message-ID']}",
        "MIME-Version: 1.0",
    ]


def _wrapped(text: str) -> str:
    data = base64.b64encode(text.encode()).decode()
    return "\r\n".join(data[i : i + 76] for i in range(0, len(data), 76))


def outlook(letter: bytes, partstat: str = "ACCEPTED", *, at: datetime, sender: str = "", **more: object) -> bytes:
    """As Outlook on Exchange answers: two alternatives, the calendar without a file name, Windows' words around it."""
    sender = sender or _reader(next(iter(calendar_of(letter).walk("VEVENT"))))
    method = str(more.get("method", "REPLY"))
    lines = [
        *_head(letter, sender=sender, subject="Chấp nhận: giấy mời họp", at=at, number="MN2PR.outlook"),
        "Content-Class: urn:content-classes:calendarmessage",
        'Content-Type: multipart/alternative; boundary="_000_x_"',
        "",
        "--_000_x_",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: base64",
        "",
        _wrapped("\r\n"),
        "--_000_x_",
        f'Content-Type: text/calendar; charset="utf-8"; method={method}',
        "Content-Transfer-Encoding: base64",
        "",
        _wrapped(ics(letter, partstat, at=at, **more)),
        "--_000_x_--",
        "",
    ]
    return "\r\n".join(lines).encode()


def google(letter: bytes, partstat: str = "ACCEPTED", *, at: datetime, sender: str = "", **more: object) -> bytes:
    """As Google Calendar answers: the calendar twice, as an alternative and as ``invite.ics``."""
    sender = sender or _reader(next(iter(calendar_of(letter).walk("VEVENT"))))
    calendar = ics(letter, partstat, at=at, **more)
    lines = [
        "Reply-To: " + sender,
        "Auto-Submitted: auto-generated",
        *_head(letter, sender=sender, subject="Accepted: giấy mời họp", at=at, number="calendar-google"),
        'Content-Type: multipart/mixed; boundary="mix"',
        "",
        "--mix",
        'Content-Type: multipart/alternative; boundary="alt"',
        "",
        "--alt",
        "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes",
        "Content-Transfer-Encoding: base64",
        "",
        _wrapped("This invitation has been accepted."),
        "--alt",
        "Content-Type: text/calendar; charset=utf-8; method=REPLY",
        "Content-Transfer-Encoding: 8bit",
        "",
        calendar,
        "--alt--",
        "--mix",
        'Content-Type: application/ics; name="invite.ics"',
        'Content-Disposition: attachment; filename="invite.ics"',
        "Content-Transfer-Encoding: base64",
        "",
        _wrapped(calendar),
        "--mix--",
        "",
    ]
    return "\r\n".join(lines).encode()


def bounce(
    letter: bytes,
    *,
    to: str,
    at: datetime,
    status: str = "5.1.1",
    action: str = "failed",
    recipient: str = "",
    diagnostic: str = "550 5.1.1 User unknown",
    whole: bool = True,
) -> bytes:
    """As Postfix reports; *to*: where it is sent, the envelope sender of the letter. *whole*: with the letter inside."""
    original = parsed(letter)
    recipient = recipient or str(original["To"].addresses[0].addr_spec)
    lines = [
        "Return-Path: <>",
        "From: MAILER-DAEMON@mx.example (Mail Delivery System)",
        "Subject: Undelivered Mail Returned to Sender",
        f"To: {to}",
        f"Date: {format_datetime(at)}",
        f"Message-ID: <{int(at.timestamp())}.{abs(hash(recipient))}@mx.example>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"',
        "",
        "--b1",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        "I'm sorry to have to inform you that your message could not be delivered.",
        "",
        "--b1",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.example",
        "",
        f"Final-Recipient: rfc822; {recipient}",
        f"Action: {action}",
        f"Status: {status}",
        f"Diagnostic-Code: smtp; {diagnostic}",
        "",
        *(["--b1", "Content-Type: message/rfc822", "", letter.decode("ascii")] if whole else []),
        "--b1--",
        "",
    ]
    return "\r\n".join(lines).encode()


def mail(
    *,
    sender: str,
    to: str,
    subject: str,
    text: str,
    at: datetime,
    headers: Iterable[tuple[str, str]] = (),
    number: str = "thu",
) -> bytes:
    """A letter that a person wrote, or a machine with *headers*."""
    lines = [
        f"From: {sender}",
        f"To: {to}",
        f"Subject: =?utf-8?B?{base64.b64encode(subject.encode()).decode()}?=",
        f"Date: {format_datetime(at)}",
        f"Message-ID: <{number}.{int(at.timestamp())}@{sender.rpartition('@')[2]}>",
        *(f"{name}: {value}" for name, value in headers),
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: base64",
        "",
        _wrapped(text),
        "",
    ]
    return "\r\n".join(lines).encode()
