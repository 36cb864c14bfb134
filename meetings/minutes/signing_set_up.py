"""What is set up on this server to make PDF files and to sign them, for the administrator's page.

A second room of ``queries``.
"""

from __future__ import annotations

from dataclasses import dataclass

from config import KeyFile
from meetings import adapters
from meetings.minutes import signing
from meetings.minutes.signing_rules import Hand


@dataclass(frozen=True)
class Key:
    """A key that is set up: in a file or in a token of this name, for the units below this one, for this account."""

    hand: Hand
    in_file: bool
    place: str
    unit: str
    email: str


@dataclass(frozen=True)
class SetUp:
    """What there is."""

    converter: bool
    words: bool
    keys: tuple[Key, ...]
    time_stamps: str
    roots: str
    count: int


def state() -> SetUp:
    """What there is now; no key and no token is asked."""
    config = adapters.config()
    keys = []
    for hand in Hand:
        its = signing.key(hand)
        if its is None:
            continue
        in_file = isinstance(its.held, KeyFile)
        place = its.held.path.name if isinstance(its.held, KeyFile) else its.held.label
        keys.append(Key(hand, in_file, place, its.unit, its.email))
    folder = config.signing_roots
    kinds = (".pem", ".crt", ".cer", ".der")
    count = (
        sum(path.suffix.lower() in kinds for path in folder.iterdir()) if folder is not None and folder.is_dir() else 0
    )
    return SetUp(
        adapters.converter() is not None,
        bool(adapters.pdf.found("pdftotext")),
        tuple(keys),
        config.time_stamps,
        str(folder or ""),
        count,
    )
