"""Taking a message apart (MIME), whatever it is: bounded in size, parts, depth and time, and never refusing.

The parser of the standard library is not used here: it reads line by line, so ten megabytes of line feeds hold it for
half a minute, and it goes as deep as the message tells it to. Parts are spans of the one message; nothing is copied until
somebody asks for a body.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from meetings.invitations.incoming.text import decoded, latin, one_line

MOST_BYTES: Final = 10 * 1024 * 1024
MOST_PARTS: Final = 256
DEEPEST: Final = 16
_HEADER_BLOCK: Final = 128 * 1024
_MOST_HEADERS: Final = 500
_HEADER: Final = 8 * 1024

_HEADERS_END: Final = re.compile(rb"^\r?\n|^(?=BEGIN:VCALENDAR\s)", re.IGNORECASE | re.MULTILINE)
"""An empty line; or a calendar for which it was forgotten."""
_LINE: Final = re.compile(rb"([!-9;-~]{1,100})[ \t]*:[ \t]*(.*)", re.DOTALL)
_FOLD: Final = re.compile(rb"\r?\n(?![ \t])")
_PARAM: Final = re.compile(r';\s*([^=;\s]{1,60})\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)
_NOT_64: Final = re.compile(rb"[^A-Za-z0-9+/]+")


class _Count:
    """How many parts may still be opened."""

    def __init__(self) -> None:
        self.left = MOST_PARTS
        self.cut = False


@dataclass
class Part:
    """A part of a message, or the whole: its headers (names in lower case, values as bytes) and where its body lies."""

    raw: bytes
    begins: int
    ends: int
    headers: dict[str, list[bytes]]
    children: tuple[Part, ...] = ()

    def all(self, name: str) -> list[str]:
        """Every header of that name as it stood there, unfolded, one character for each odd byte."""
        return [latin(value) for value in self.headers.get(name, ())]

    def first(self, name: str) -> str:
        """The first header of that name, "" when there is none."""
        values = self.headers.get(name)
        return latin(values[0]) if values else ""

    def told(self, name: str) -> bytes:
        """The first header of that name in its bytes, for words that may be of any alphabet."""
        values = self.headers.get(name)
        return values[0] if values else b""

    @cached_property
    def type(self) -> str:
        """``text/plain`` where nothing, or nothing sensible, is said."""
        said = self.first("content-type").partition(";")[0].strip().lower()
        return said if re.fullmatch(r"[\w.+-]+/[\w.+-]+", said) else "text/plain"

    @cached_property
    def parameters(self) -> dict[str, str]:
        return _parameters(self.told("content-type"))

    @cached_property
    def file_name(self) -> str:
        disposition = _parameters(self.told("content-disposition"))
        return disposition.get("filename") or self.parameters.get("name", "")

    @property
    def attached(self) -> bool:
        return self.first("content-disposition").strip().lower().startswith("attachment")

    def body(self, most: int) -> bytes:
        """The body with its transfer encoding taken off; of a longer one its first *most* bytes, or a few more."""
        encoding = self.first("content-transfer-encoding").strip().strip('"').lower()
        packed = self.raw[self.begins : min(self.ends, self.begins + (most * 3 if encoding else most))]
        if encoding == "base64":
            letters = _NOT_64.sub(b"", packed.partition(b"=")[0])  # what was glued on behind the end is no part of it
            # a last group of one letter says nothing; the rest may lack its padding
            whole = letters[: len(letters) - 1] if len(letters) % 4 == 1 else letters
            return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))
        if encoding == "quoted-printable":
            return binascii.a2b_qp(packed)
        return packed

    def size(self) -> int:
        return self.ends - self.begins

    def text(self, most: int) -> str:
        """The body in letters."""
        return decoded(self.body(most), self.parameters.get("charset", ""), cut=self.size() > most)

    def calendar(self, most: int) -> str:
        """As :meth:`text`, unfolded before it is read: a fold may stand within a letter."""
        octets, charset = self.body(most), self.parameters.get("charset", "")
        if b"\0" not in octets[:8]:
            octets = re.sub(rb"\r?\n[ \t]", b"", octets)
        return decoded(octets, charset, cut=self.size() > most)

    def enclosed(self) -> Part:
        """Of a message/rfc822 or of headers that are quoted: what stands inside, its headers only."""
        encoding = self.first("content-transfer-encoding").strip().lower()
        if encoding in ("base64", "quoted-printable"):
            inside = self.body(_HEADER_BLOCK)
            return _opened(inside, 0, len(inside), DEEPEST, _Count())
        return _opened(self.raw, self.begins, self.ends, DEEPEST, _Count())

    def walk(self) -> Iterator[Part]:
        """This part and all that lie in it; a message within the message is a part without parts."""
        yield self
        for child in self.children:
            yield from child.walk()

    def outside_reports(self) -> Iterator[Part]:
        """As :meth:`walk`, without what a report encloses: there our own letters lie."""
        if self.type == "multipart/report":
            return
        yield self
        for child in self.children:
            yield from child.outside_reports()


def opened(raw: bytes) -> tuple[Part, bool]:
    """The message *raw*, and whether it was cut: longer, or of more parts, than is read."""
    cut = len(raw) > MOST_BYTES
    raw = raw[:MOST_BYTES]
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    count = _Count()
    whole = _opened(raw, _start(raw), len(raw), 0, count)
    return whole, cut or count.cut


def _start(raw: bytes) -> int:
    """Where the headers begin: after blank lines and the line ``From …`` of an old mailbox file."""
    begins = len(raw[:4096]) - len(raw[:4096].lstrip(b"\r\n"))
    if raw.startswith((b"From ", b">From "), begins):
        begins = raw.find(b"\n", begins) + 1 or len(raw)
    return begins


def _opened(raw: bytes, begins: int, ends: int, depth: int, count: _Count) -> Part:
    count.left -= 1
    block_ends = min(ends, begins + _HEADER_BLOCK)
    blank = _HEADERS_END.search(raw, begins, block_ends)
    # nothing but headers is a message too; a block without an end is taken as far as it is read
    header_ends, body_begins = (blank.start(), blank.end()) if blank else (block_ends, ends)
    part = Part(raw, body_begins, ends, _headers(raw[begins:header_ends]))
    boundary = part.parameters.get("boundary", "").encode("latin-1", "replace")
    if part.type.startswith("multipart/") and 0 < len(boundary) <= 200:
        if depth >= DEEPEST:
            count.cut = True
            return part
        children = []
        for first, last in _between(raw, body_begins, ends, boundary):
            if count.left <= 0:
                count.cut = True
                break
            children.append(_opened(raw, first, last, depth + 1, count))
        part.children = tuple(children)
    return part


def _headers(block: bytes) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {}
    for line in _FOLD.split(block, _MOST_HEADERS)[:_MOST_HEADERS]:
        match = _LINE.match(line[: 4 * _HEADER])
        if match:
            value = re.sub(rb"\s*\r?\n[ \t]+", b" ", match[2][:_HEADER]).strip()
            found.setdefault(match[1].decode("ascii").lower(), []).append(value)
    return found


def _between(raw: bytes, begins: int, ends: int, boundary: bytes) -> Iterator[tuple[int, int]]:
    """The spans between the lines of *boundary*; the last one may lack its closing line."""
    marks = re.compile(rb"^--" + re.escape(boundary.rstrip()) + rb"(--)?[ \t]*\r?$", re.MULTILINE)
    opens = None
    for mark in marks.finditer(raw, begins, ends):
        if opens is not None:
            last = mark.start()
            last -= raw.endswith(b"\n", opens, last)
            last -= raw.endswith(b"\r", opens, last)
            yield opens, max(opens, last)
        if mark[1]:
            return
        opens = min(mark.end() + 1, ends)
    if opens is not None and opens < ends:
        yield opens, ends


def _parameters(value: bytes) -> dict[str, str]:
    """``; name="value"``; also in pieces and in percent signs (RFC 2231). The first of two counts."""
    found: dict[str, str] = {}
    pieces: dict[str, dict[int, str]] = {}
    for name, said in _PARAM.findall(latin(value[:4096])):
        name, said = name.lower(), said.strip()
        if said.startswith('"'):
            said = re.sub(r"\\(.)", r"\1", said.strip('"'))
        base, star, number = name.partition("*")
        if star:
            number = number.rstrip("*") or "0"
            if number.isascii() and number.isdigit() and len(number) < 3:
                pieces.setdefault(base, {}).setdefault(int(number), said)
        else:
            found.setdefault(name, said)
    for base, parts in pieces.items():
        joined = "".join(parts[number] for number in sorted(parts))
        charset, quote, rest = joined.partition("'")
        if quote and "'" in rest:
            octets = re.sub(
                rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), rest.partition("'")[2].encode("latin-1")
            )
            joined = decoded(octets, charset)
        found.setdefault(base, one_line(joined, 300))
    return found
