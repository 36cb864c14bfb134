"""What is set up on this server to make PDF files and to sign them, for the administrator's page.

A second room of ``queries``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from config import KeyFile
from meetings import adapters
from meetings.adapters.seals import Owner
from meetings.clock import now
from meetings.minutes import signing
from meetings.minutes.signing_rules import Hand

SOON: Final = timedelta(days=30)
"""So long before a certificate runs out it is said: a new one is not had in a day."""


@dataclass(frozen=True)
class Key:
    """A key that is set up: in a file or in a token of this name, for the units below this one, for this account.

    *owner*: whom its certificate names; None of a token, which is not asked here, and of a file that does not open any more.
    """

    hand: Hand
    in_file: bool
    place: str
    unit: str
    email: str
    owner: Owner | None
    at: datetime

    @property
    def state(self) -> str:
        """``good`` · ``soon`` · ``over`` · ``early`` · ``lost``."""
        if self.owner is None:
            return "lost" if self.in_file else "good"
        if self.at > self.owner.valid_to:
            return "over"
        if self.at < self.owner.valid_from:
            return "early"
        return "soon" if self.at > self.owner.valid_to - SOON else "good"


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
    """What there is now. A key file is opened; a token is not asked: that is the worker's errand."""
    config = adapters.config()
    keys = []
    for hand in Hand:
        its = signing.key(hand)
        if its is None:
            continue
        in_file = isinstance(its.held, KeyFile)
        place = its.held.path.name if isinstance(its.held, KeyFile) else its.held.label
        seal = adapters.seals().get(hand.value) if in_file else None
        owner = seal.owner() if seal is not None else None
        keys.append(Key(hand, in_file, place, its.unit, its.email, owner if isinstance(owner, Owner) else None, now()))
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
