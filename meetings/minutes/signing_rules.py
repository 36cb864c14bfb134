"""Signing documents: whose hand, how far a wish is, what two files have in common. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from meetings.official.text import fold


class Hand(StrEnum):
    """Whose key signs: the body's, which is its seal, or a person's."""

    SEAL = "seal"
    PERSON = "person"


PERMISSION: Final = {Hand.SEAL: "document.number", Hand.PERSON: "record.approve"}
"""Who may ask for a signature: whoever keeps the seal numbers the documents as well; a person signs what she may approve."""


class Stage(StrEnum):
    """How far something is that the worker does."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


class Alike(StrEnum):
    """What a PDF that was signed elsewhere has in common with the one that was made here."""

    WAITING = "waiting"  # to be read by the worker
    SAME_FILE = "same_file"  # ours, with nothing but what was added after it
    SAME_TEXT = "same_text"
    OTHER_TEXT = "other_text"
    NO_TEXT = "no_text"  # a scan
    NOT_COMPARED = "not_compared"  # there is none of ours, or nothing here that reads one


HONORIFICS: Final = ("Ông ", "Bà ", "Đồng chí ")


def bare(person: str) -> str:
    """The name alone, as it is printed below a signature."""
    name = person.split(",", 1)[0].strip()
    for honorific in HONORIFICS:
        name = name.removeprefix(honorific)
    return name


TRIES: Final = 4
_RETRIES: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=20))


def retry_at(tries: int, now: datetime) -> datetime | None:
    """When it is tried again after *tries* that failed for something that passes; None when it is enough."""
    return now + _RETRIES[tries - 1] if 0 < tries < TRIES else None


def begins_with(ours: bytes, theirs: bytes) -> int:
    """How many bytes *theirs* has of *ours* at its beginning: all of them, as a signature added to it leaves them, or 0."""
    mine = ours.rstrip(b"\r\n")
    return len(mine) if mine and len(theirs) > len(ours) and theirs.startswith(mine) else 0


def compared(ours: Sequence[Sequence[str]], theirs: Sequence[Sequence[str]]) -> tuple[Alike, int]:
    """What two documents, page by page the words of each, have in common, and how many words differ.

    Words are counted and not lined up: another program may read columns in another order. A few more may stand in theirs, as
    the signature prints them.
    """
    mine, other = _counted(ours), _counted(theirs)
    if not other:
        return Alike.NO_TEXT, 0
    missing = sum((mine - other).values())
    added = sum((other - mine).values())
    if missing == 0 and added <= STAMP_WORDS and len(theirs) >= len(ours):
        return Alike.SAME_TEXT, added
    return Alike.OTHER_TEXT, missing + added


STAMP_WORDS: Final = 60
"""So many words a visible signature may print: who, which body, when, where."""


def _counted(pages: Sequence[Sequence[str]]) -> Counter[str]:
    return Counter(fold(word) for page in pages for word in page)
