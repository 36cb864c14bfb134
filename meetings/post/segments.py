"""What a text message costs: in how many parts it leaves, and the same words without their marks.

A message of the GSM alphabet holds 160 characters; one letter with a Vietnamese mark makes it 70 (GSM 03.38, 03.40). Of a
longer one each part gives seven characters, or three, to say which part it is.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWICE: Final = frozenset("^{}\\[~]|€\f")  # written as an escape and a character

ALONE_GSM, PART_GSM = 160, 153
ALONE_WIDE, PART_WIDE = 70, 67


def is_gsm(text: str) -> bool:
    """Whether *text* can leave in the alphabet of 160 characters."""
    return all(character in _BASIC or character in _TWICE for character in text)


def parts(text: str) -> int:
    """In how many parts *text* leaves; an empty one leaves in none."""
    if not text:
        return 0
    if is_gsm(text):
        # an escape and its character are not torn apart, so they are laid out one by one
        sizes, alone, room = [2 if c in _TWICE else 1 for c in text], ALONE_GSM, PART_GSM
    else:
        # UTF-16: what lies beyond the first plane, such as an emoji, is two units that stay together
        sizes, alone, room = [len(c.encode("utf-16-be")) // 2 for c in text], ALONE_WIDE, PART_WIDE
    if sum(sizes) <= alone:
        return 1
    count, used = 1, 0
    for size in sizes:
        if used + size > room:
            count, used = count + 1, 0
        used += size
    return count


def unmarked(text: str) -> str:
    """*text* as a telephone without Vietnamese would write it: no marks, đ as d, typographers' signs as plain ones."""
    text = text.translate(_PLAIN)
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return "".join(c if is_gsm(c) else "?" for c in bare)


_PLAIN: Final = str.maketrans(
    {"đ": "d", "Đ": "D", "–": "-", "—": "-", "“": '"', "”": '"', "‘": "'", "’": "'", "…": "...", "\u00a0": " "}
)


def shortened(words: str, most: int) -> str:
    """*words* in at most *most* characters, the last ones three dots where some are left out."""
    return words if len(words) <= most else words[: max(0, most - 3)].rstrip() + "..."


def read(number: str) -> str:
    """A number of :func:`mobile` as it is read here: ``0912 000 345``."""
    return f"0{number[2:5]} {number[5:8]} {number[8:]}" if number.startswith("84") else number


def mobile(number: str) -> str:
    """*number* as a gateway wants it (``84912345678``), "" where no message can reach it: a desk, or no number at all."""
    digits = "".join(c for c in number if c.isdecimal() and c.isascii())
    if number.strip().startswith("+") or digits.startswith("84") and len(digits) == 11:
        digits = digits.removeprefix("84")
    else:
        digits = digits.removeprefix("0") if digits.startswith("0") else ""
    return f"84{digits}" if len(digits) == 9 and digits[0] in "35789" else ""
