"""The rank that norms go by, read from a title in a roster. Values in, a rank out.

The norms of the state know three: leadership allowance (HSPC) of 1.25 and above, of 0.8 to below 1.25, and all others. A roster
says "Phó Chủ tịch UBND tỉnh", so a table says what that is. The allowances stand in Nghị định 204/2004/NĐ-CP and later acts
and were written down from memory (80 per cent sure); those of communes after 2025 are not known, so a commune's people count as
others.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from meetings.official.text import fold
from meetings.official.verified import Verified

RANKS: Final = ("a", "b", "c")
A_FROM: Final = 125
B_FROM: Final = 80


class Ranks(NamedTuple):
    """How many people of each rank: HSPC from 1.25 · from 0.8 · all others."""

    a: int = 0
    b: int = 0
    c: int = 0


class Title(NamedTuple):
    """A title as it begins in a roster (folded), what must stand in the title or the body's name for it to be meant (any
    of them; none: nothing more), and its allowance in hundredths."""

    begins: str
    beside: tuple[str, ...]
    allowance: int
    verified: Verified = Verified.MEMORY


_PROVINCE: Final = ("tinh", "thanh pho", "tp")
_COMMUNE: Final = ("xa", "phuong", "dac khu")

TITLES: Final = (
    Title("bo truong", (), 130),
    Title("tong thanh tra", (), 130),
    Title("thong doc", (), 130),
    Title("thu truong", (), 130),
    Title("pho thong doc", (), 130),
    Title("pho tong thanh tra", (), 130),
    Title("bi thu tinh uy", (), 125),
    Title("bi thu thanh uy", (), 125),
    Title("chu tich ubnd", _PROVINCE, 125),
    Title("chu tich uy ban nhan dan", _PROVINCE, 125),
    Title("chu tich hdnd", _PROVINCE, 125),
    Title("chu tich hoi dong nhan dan", _PROVINCE, 125),
    Title("pho bi thu", _PROVINCE, 105),
    Title("pho bi thu tinh uy", (), 105),
    Title("pho bi thu thanh uy", (), 105),
    Title("pho chu tich ubnd", _PROVINCE, 105),
    Title("pho chu tich uy ban nhan dan", _PROVINCE, 105),
    Title("pho chu tich hdnd", _PROVINCE, 105),
    Title("pho chu tich hoi dong nhan dan", _PROVINCE, 105),
    Title("vu truong", (), 100),
    Title("cuc truong", (), 100),
    Title("chanh van phong", ("bo", *_PROVINCE), 90),
    Title("giam doc so", (), 90),
    Title("giam doc", ("so",), 90),
    Title("pho vu truong", (), 80),
    Title("pho cuc truong", (), 80),
    Title("pho giam doc so", (), 70),
    Title("truong phong", (), 50),
)


def rank(title: str, organisation: str = "", *, commune: bool = False) -> str:
    """``a``, ``b`` or ``c`` for a person of *title* in *organisation*; *commune*: of a commune's site.

    What no row of the table knows is ``c``: the estimate errs to the low side.
    """
    said, body = f" {fold(title)} ", f" {fold(organisation)} "
    if commune or any(f" {word} " in said for word in _COMMUNE) or body.startswith(tuple(f" {w} " for w in _COMMUNE)):
        return "c"
    for known in TITLES:
        if said.startswith(f" {known.begins} ") and (
            not known.beside or any(f" {word} " in said or f" {word} " in body for word in known.beside)
        ):
            return "a" if known.allowance >= A_FROM else "b" if known.allowance >= B_FROM else "c"
    return "c"


def ranks(people: Iterable[tuple[str, str]], *, commune: bool = False) -> Ranks:
    """How many of each rank among *people*, given as (title, organisation)."""
    counts = dict.fromkeys(RANKS, 0)
    for title, organisation in people:
        counts[rank(title, organisation, commune=commune)] += 1
    return Ranks(**counts)
