"""The bytes of a letter: the same whenever they are built, ASCII on every line, every header written by us.

``EmailMessage`` is not used: up to Python 3.12 it drops the spaces between folded Vietnamese words, and folding two
headers costs it more than all the rest of the letter. The encoded words here are short, whole and tested by reading
them back.

Parts may hold *slots*, places where each letter differs from its neighbours. A slot says how its word is written there:
``line`` on one line, ``html`` so and escaped, ``text`` as an iCalendar TEXT, ``param`` as a quoted iCalendar parameter,
``raw`` as it is.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from meetings.official.text import one_line

_OPEN, _SHUT = "\ue000", "\ue001"  # private use: no keyboard types them
_SLOT: Final = re.compile(f"{_OPEN}([a-z_]+)\\|([a-z]+){_SHUT}")
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Address:
    """A name and an e-mail address; the name may be empty."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """What letters of one kind share. *calendar*: unfolded iCalendar lines joined by ``\\n``; *method*: its METHOD."""

    text: str
    html: str = ""
    calendar: str = ""
    method: str = ""
    locale: str = "vi"

    def kept(self) -> bytes:
        """As bytes to keep, the same for the same pattern."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True).encode()

    @classmethod
    def read(cls, kept: bytes) -> Pattern:
        """The pattern that :meth:`kept` wrote."""
        return cls(**json.loads(kept))


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a letter. *name* is ASCII (Vietnamese file names are torn by half the mail programs)."""

    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """The headers of one letter. *written_at* is aware; *key* gives the boundaries, and the Message-ID where none is given."""

    key: str
    sender: Address
    to: Address
    subject: str
    written_at: datetime
    reply_to: Address | None = None
    message_id: str = ""


def slot(name: str, form: str = "raw") -> str:
    """A place in a pattern for the word *name*, written there in *form*."""
    if form not in _FORMS:
        raise ValueError(f"no way {form!r} to write a slot")
    return f"{_OPEN}{name}|{form}{_SHUT}"


def filled(pattern: str, fills: Mapping[str, str]) -> str:
    """*pattern* with its slots filled; a word that is not known leaves nothing behind."""
    return _SLOT.sub(lambda found: _FORMS[found[2]](fills.get(found[1], "")) if found[2] in _FORMS else "", pattern)


def partly_filled(pattern: str, fills: Mapping[str, str]) -> str:
    """*pattern* with only the slots of these names filled; the others wait."""
    return _SLOT.sub(
        lambda found: _FORMS[found[2]](fills[found[1]]) if found[1] in fills and found[2] in _FORMS else found[0],
        pattern,
    )


def _calendar_text(word: str) -> str:
    word = word.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return re.sub(r"\r\n|\r|\n", r"\\n", word)


_UNQUOTABLE: Final = {
    ord('"'): "'",
    ord("^"): None,
}  # RFC 6868 gives a circumflex another meaning, which Outlook does not know


def _calendar_param(word: str) -> str:
    """RFC 5545 §3.2 has no way to write a quote inside a quoted parameter, and a control character nowhere."""
    return '"' + "".join(c for c in one_line(word).translate(_UNQUOTABLE) if c.isprintable()) + '"'


_FORMS: Final = {
    "raw": lambda word: word,
    "line": one_line,
    "html": lambda word: html.escape(one_line(word), quote=True),
    "text": _calendar_text,
    "param": _calendar_param,
}


def folded(lines: str) -> bytes:
    """iCalendar content lines (joined by newlines) as bytes: CRLF, at most 75 octets a line, no character torn."""
    return b"".join(_folded_line(line) for line in lines.replace("\r\n", "\n").split("\n") if line)


@lru_cache(maxsize=512)
def _folded_line(line: str) -> bytes:
    """One content line. Remembered: of the lines of an entry all but four are those of its neighbours."""
    whole = line.encode()
    if len(whole) <= 75:
        return whole + b"\r\n"
    out, room = bytearray(), 75
    for character in line:
        octets = character.encode()
        if len(octets) > room:
            out += b"\r\n "
            room = 74
        out += octets
        room -= len(octets)
    return bytes(out + b"\r\n")


def message_id(key: str, domain: str, mark: str = "") -> str:
    """``<invitation-41-1.3f0a…@host>``: readable, stable, and unlike that of another installation's letter 41. *mark*: what
    nobody outside can work out, where returned letters are believed by it."""
    word = re.sub(r"[^A-Za-z0-9-]+", "-", key).strip("-") or "letter"
    mark = mark or hashlib.sha256(f"{domain}\0{key}".encode()).hexdigest()[:12]
    return f"<{word}.{mark}@{domain}>"


def build(envelope: Envelope, pattern: Pattern, fills: Mapping[str, str], attachments: Sequence[Attachment]) -> bytes:
    """The whole message, ASCII with CRLF line ends.

    ``multipart/mixed`` holds ``multipart/alternative`` (plain, HTML, and as the last the calendar: mail programs
    choose the last they understand), then the files; a calendar also goes as ``invite.ics`` for those that want a file.
    """
    bodies = [_text_part("plain", filled(pattern.text, fills))]
    if pattern.html:
        bodies.append(_text_part("html", filled(pattern.html, fills)))
    files = [_file_part(attachment) for attachment in attachments]
    if pattern.calendar:
        ics = folded(filled(pattern.calendar, fills))
        kind = f"text/calendar; charset=utf-8; method={pattern.method}; component=VEVENT"
        bodies.append(_part(kind, _base64(ics)))
        files.insert(0, _part('application/ics; name="invite.ics"', _base64(ics), 'attachment; filename="invite.ics"'))
    seed = hashlib.sha256(envelope.key.encode()).hexdigest()[:24]
    body = _multipart("alternative", f"=_a{seed}", bodies) if len(bodies) > 1 else bodies[0]
    if files:
        body = _multipart("mixed", f"=_m{seed}", [body, *files])
    return _headers(envelope, pattern) + body


def _headers(envelope: Envelope, pattern: Pattern) -> bytes:
    domain = envelope.sender.address.rpartition("@")[2]
    lines = [
        _address_header("From", envelope.sender),
        _address_header("To", envelope.to),
        *([_address_header("Reply-To", envelope.reply_to)] if envelope.reply_to else []),
        _text_header("Subject", envelope.subject),
        f"Date: {_date(envelope.written_at)}",
        f"Message-ID: {envelope.message_id or message_id(envelope.key, domain)}",
        # a machine wrote this: holiday notices and list software leave it alone (RFC 3834)
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: OOF, AutoReply",
        f"Content-Language: {pattern.locale}",
        *(["Content-Class: urn:content-classes:calendarmessage"] if pattern.calendar else []),
        "MIME-Version: 1.0",
    ]
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _date(instant: datetime) -> str:
    """RFC 5322 §3.3 in UTC, without asking the locale of the machine."""
    at = instant.astimezone(UTC)
    return f"{_DAYS[at.weekday()]}, {at:%d} {_MONTHS[at.month - 1]} {at:%Y %H:%M:%S} +0000"


def _one_line(text: str) -> str:
    """No line end, no control character: whatever a form let through, a header has one line (CWE-93)."""
    return " ".join(one_line(text).split())


@lru_cache(maxsize=64)
def _text_header(name: str, text: str) -> str:
    text = _one_line(text)
    if text.isascii() and "=?" not in text and len(name) + 2 + len(text) <= 76:
        return f"{name}: {text}"
    return f"{name}: " + "\r\n ".join(_encoded_words(text, first=75 - len(name) - 2))


@lru_cache(maxsize=64)
def _address_header(name: str, who: Address) -> str:
    shown = _one_line(who.name)
    address = _one_line(who.address)
    if not shown:
        return f"{name}: {address}"
    if shown.isascii() and "=?" not in shown and len(name) + len(shown) + 4 <= 76:
        quoted = shown.replace("\\", "\\\\").replace('"', '\\"')
        return f'{name}: "{quoted}"\r\n <{address}>'
    return f"{name}: " + "\r\n ".join([*_encoded_words(shown, first=75 - len(name) - 2), f"<{address}>"])


def _encoded_words(text: str, first: int) -> list[str]:
    """*text* as RFC 2047 words of at most 75 characters (*first* for the first), each a whole number of characters.

    The space between two encoded words is not part of the text, so a reader joins them without losing one.
    """
    words: list[str] = []
    chunk, room = b"", _octets(first)
    for character in text:
        octets = character.encode()
        if chunk and len(chunk) + len(octets) > room:
            words.append(_word(chunk))
            chunk, room = b"", _octets(75)
        chunk += octets
    return [*words, _word(chunk)]


def _octets(width: int) -> int:
    """How many octets fit into an encoded word *width* characters wide."""
    return (width - len("=?utf-8?B??=")) // 4 * 3


def _word(octets: bytes) -> str:
    return f"=?utf-8?B?{base64.b64encode(octets).decode()}?="


def _text_part(subtype: str, text: str) -> bytes:
    lines = re.sub(r"\r\n|\r|\n", "\r\n", text)
    return _part(f"text/{subtype}; charset=utf-8", _base64(lines.encode()))


def _file_part(attachment: Attachment) -> bytes:
    name = ascii_name(attachment.name)
    return _part(
        f'{attachment.content_type}; name="{name}"',
        _base64_of_shared(attachment.data),
        f'attachment; filename="{name}"',
    )


def ascii_name(name: str) -> str:
    """*name* as a file name of printable ASCII without separators; names are chosen ASCII, this makes sure."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "file"


def _part(content_type: str, encoded: bytes, disposition: str = "") -> bytes:
    lines = [f"Content-Type: {content_type}", "Content-Transfer-Encoding: base64"]
    if disposition:
        lines.append(f"Content-Disposition: {disposition}")
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + encoded


def _multipart(subtype: str, boundary: str, parts: Sequence[bytes]) -> bytes:
    opened = f"--{boundary}\r\n".encode()
    head = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'.encode()
    return head + b"".join(opened + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()


def _base64(data: bytes) -> bytes:
    """Lines of 76 characters ended by CRLF."""
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


@lru_cache(maxsize=8)
def _base64_of_shared(data: bytes) -> bytes:
    """One file goes with thousands of letters: it is encoded once."""
    return _base64(data)
