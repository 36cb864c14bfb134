"""Money: whole đồng, written with dots, and in words for settlements."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from meetings.official.numbers import number, words

_BILLION: Final = 1_000_000_000
_MILLION: Final = 1_000_000


def money(amount: int, locale: str = "vi") -> str:
    """``1.200.000 đồng`` · ``VND 1,200,000``."""
    return f"{number(amount)} đồng" if locale == "vi" else f"VND {number(amount, locale='en')}"


def money_short(amount: int, locale: str = "vi") -> str:
    """For charts and tiles: ``1,23 tỷ đồng`` · ``845 triệu đồng`` · ``VND 1.23 billion``."""
    for unit, places, vi, en in ((_BILLION, 2, "tỷ", "billion"), (_MILLION, 0, "triệu", "million")):
        # 999.6 million would read "1.000 triệu": from where it rounds up, it is a billion
        if abs(amount) >= unit - unit // 2000:
            said = number(Decimal(amount) / unit, places, locale)
            return f"{said} {vi} đồng" if locale == "vi" else f"VND {said} {en}"
    return money(amount, locale)


def money_in_words(amount: int) -> str:
    """``Một triệu hai trăm nghìn đồng``."""
    said = f"{words(amount)} đồng"
    return said[0].upper() + said[1:]


def settlement(amount: int) -> str:
    """``1.200.000 đồng (Một triệu hai trăm nghìn đồng)``."""
    return f"{money(amount)} ({money_in_words(amount)})"
