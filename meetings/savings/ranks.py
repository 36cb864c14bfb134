"""The rank that norms go by, read from a title in a roster. Values in, a rank out.

The norms of the state know three: leadership allowance (HSPC) of 1.25 and above, of 0.8 to below 1.25, and all others. A roster
says "Phó Chủ tịch UBND tỉnh", so a table says what that is. The allowances stand in Nghị định 204/2004/NĐ-CP and later acts
and were written down from memory (80 per cent sure); those of communes after 2025 are not known, so a commune's people count as
others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from meetings.official.text import fold, tidy
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
    of them, with its marks: “sở” is not “số”; none: nothing more), and its allowance in hundredths."""

    begins: str
    beside: tuple[str, ...]
    allowance: int
    verified: Verified = Verified.MEMORY


_PROVINCE: Final = ("tỉnh", "thành phố", "tp")
_COMMITTEE: Final = ("tỉnh ủy", "thành ủy")
_COMMUNE: Final = re.compile(r"\b(?:xã(?! hội)|phường|đặc khu)\b")
"""A commune named in a title or a body: not “xã hội”, not “địa phương”."""
_PARTS: Final = re.compile(r"[,;]| [-–] ")
_BESIDES: Final = re.compile(r" thuong truc\b")

TITLES: Final = (
    Title("thu tuong", (), 130),
    Title("pho thu tuong", (), 130),
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
    Title("pho bi thu", _COMMITTEE, 105),
    Title("pho bi thu tinh uy", (), 105),
    Title("pho bi thu thanh uy", (), 105),
    Title("pho chu tich ubnd", _PROVINCE, 105),
    Title("pho chu tich uy ban nhan dan", _PROVINCE, 105),
    Title("pho chu tich hdnd", _PROVINCE, 105),
    Title("pho chu tich hoi dong nhan dan", _PROVINCE, 105),
    Title("vu truong", (), 100),
    Title("cuc truong", (), 100),
    Title("chanh van phong", ("bộ", *_PROVINCE), 90),
    Title("giam doc so", (), 90),
    Title("giam doc", ("sở",), 90),
    Title("pho vu truong", (), 80),
    Title("pho cuc truong", (), 80),
    Title("pho giam doc so", (), 70),
    Title("truong phong", (), 50),
)


@lru_cache(maxsize=10_000)  # a conference of a million has few titles
def rank(title: str, organisation: str = "", *, commune: bool = False) -> str:
    """``a``, ``b`` or ``c`` for a person of *title* in *organisation*; *commune*: of a commune's site.

    Who bears several titles (“Ủy viên Ban Thường vụ Tỉnh ủy, Phó Chủ tịch UBND tỉnh”) goes by the highest. What no row of the
    table knows is ``c``: the estimate errs to the low side.
    """
    written = " ".join((tidy(title), tidy(organisation))).casefold().replace(".", " ")
    if commune or _COMMUNE.search(written):
        return "c"
    found = max((_allowance(fold(part), written) for part in _PARTS.split(tidy(title))), default=0)
    return "a" if found >= A_FROM else "b" if found >= B_FROM else "c"


def _allowance(said: str, written: str) -> int:
    """The allowance of one folded title, where all that is *written* of its bearer says which body is meant; 0: not known."""
    said = _BESIDES.sub("", said)
    for known in TITLES:
        if f"{said} ".startswith(f"{known.begins} ") and (
            not known.beside or any(re.search(rf"\b{word}\b", written) for word in known.beside)
        ):
            return known.allowance
    return 0


def ranks(people: Iterable[tuple[str, str]], *, commune: bool = False) -> Ranks:
    """How many of each rank among *people*, given as (title, organisation)."""
    counts = dict.fromkeys(RANKS, 0)
    for title, organisation in people:
        counts[rank(title, organisation, commune=commune)] += 1
    return Ranks(**counts)
