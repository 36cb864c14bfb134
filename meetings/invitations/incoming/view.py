"""A message as people may look at it: its headers, and what is attached by name and size. Its HTML is never shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from meetings.invitations.incoming.mime import opened
from meetings.invitations.incoming.text import one_line, words

SHOWN: Final = (
    "from", "sender", "reply-to", "to", "cc", "delivered-to", "subject", "date", "message-id", "in-reply-to",
    "auto-submitted", "x-failed-recipients", "return-path", "content-type",
)  # fmt: skip
"""The headers that say who wrote, to whom, when, and why it was taken for what it was; the others are of the way."""


@dataclass(frozen=True, slots=True)
class File:
    """A part that is no text to be read here."""

    name: str
    type: str
    size: int


@dataclass(frozen=True, slots=True)
class Look:
    """What the reader of the tray shows beside the text."""

    headers: Sequence[tuple[str, str]]
    files: Sequence[File]


def look(raw: bytes) -> Look:
    """The headers in the order of :data:`SHOWN`, each at most twice, and the attached parts; never raises."""
    whole, _cut = opened(raw)
    headers = [
        (name.title(), words(value, 500))
        for name in SHOWN
        for value in whole.headers.get(name, ())[:2]
        if value.strip()
    ]
    files = [
        File(one_line(part.file_name, 200), part.type, part.size())
        for part in whole.walk()
        if not part.children and (part.file_name or part.type not in ("text/plain", "text/html"))
    ]
    return Look(headers, files[:50])
