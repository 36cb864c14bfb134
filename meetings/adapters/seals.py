"""What a seal can be asked, and what it answers; ``pades`` does it, and takes half a second to be imported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Why(StrEnum):
    """Why nothing was signed; its words stand with whoever shows them."""

    NO_KEY = "no_key"
    WRONG_PIN = "wrong_pin"
    NO_TOKEN = "no_token"
    EXPIRED = "expired"
    NOT_A_PDF = "not_a_pdf"
    NO_TIME = "no_time"
    NO_FONT = "no_font"
    FAILED = "failed"


@dataclass(frozen=True)
class Picture:
    """An image at a place of page *page* (from 0): *box* is left, bottom, right, top in points from the lower left corner."""

    page: int
    box: tuple[float, float, float, float]
    png: bytes


@dataclass(frozen=True)
class Line:
    """Text at a place of a page, upright, black, 10 points."""

    page: int
    box: tuple[float, float, float, float]
    text: str


@dataclass(frozen=True)
class Owner:
    """Whom a certificate names, and from when to when."""

    subject: str
    issuer: str
    serial: str
    valid_from: datetime
    valid_to: datetime


@dataclass(frozen=True)
class Signed:
    """The signed file, and whose certificate signed it."""

    data: bytes
    owner: Owner


@dataclass(frozen=True)
class Unsigned:
    """Nothing was signed: why, and what was said of it. *passing*: it may go well later."""

    why: Why
    said: str = ""
    passing: bool = False


class Seal(Protocol):
    """What signs."""

    def sign(self, pdf: bytes, shown: Picture | Line | None, reason: str, at: datetime) -> Signed | Unsigned:
        """*pdf* with one more signature that shows *shown*; never raises for what a device or a file does."""

    def owner(self) -> Owner | Unsigned:
        """Whose certificate it is."""
