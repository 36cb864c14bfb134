"""Numbers as they are read here: a dot between thousands, a comma before decimals, and in words."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

_DIGITS: Final = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_SCALES: Final = ("", "nghìn", "triệu")


def number(value: int | float | Decimal, places: int = 0, locale: str = "vi") -> str:
    """``3.264`` · ``1.234,5``; half is rounded away from zero. English: ``3,264`` · ``1,234.5``."""
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{exact:,f}"
    return text.translate(str.maketrans(",.", ".,")) if locale == "vi" else text


def percent(part: int | float | Decimal, whole: int | float | Decimal, places: int = 1, locale: str = "vi") -> str:
    """``97,1%``; a dash when there is no whole."""
    if not whole:
        return "–"
    return number(Decimal(str(part)) * 100 / Decimal(str(whole)), places, locale) + "%"


def read(text: str | None, digits: int = 9) -> int | None:
    """The number that a field or an address gives in at most *digits* ASCII digits, None for anything else.

    ``²`` and ``١٢`` are digits to ``str.isdigit``, and ``int`` fails over the one and over thousands of the others.
    """
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def counted(count: int) -> str:
    """A count in a document: 1 to 9 with a leading zero (``05``), thousands with dots."""
    return f"{count:02d}" if 0 < count < 10 else number(count)


def size(octets: int, locale: str = "vi") -> str:
    """``48 KB`` · ``1,4 MB`` · ``2,0 GB``."""
    if octets < 1024 * 1024:
        return f"{number(max(1, octets // 1024), 0, locale)} KB"
    if octets >= 1024 * 1024 * 1024:
        return f"{number(Decimal(octets) / (1024 * 1024 * 1024), 1, locale)} GB"
    return f"{number(Decimal(octets) / (1024 * 1024), 1, locale)} MB"


def words(value: int) -> str:
    """*value* in Vietnamese words: 1.200.005 → ``một triệu hai trăm nghìn không trăm linh năm``."""
    if value == 0:
        return _DIGITS[0]
    if value < 0:
        return f"âm {words(-value)}"
    billions, rest = divmod(value, 1_000_000_000)
    said = [words(billions), "tỷ"] if billions else []
    for power in (2, 1, 0):
        group, rest = divmod(rest, 1000**power)
        if group:
            said += [*_hundreds(group, full=bool(said)), *([_SCALES[power]] if power else [])]
    return " ".join(said)


def _hundreds(group: int, *, full: bool) -> list[str]:
    hundreds, rest = divmod(group, 100)
    tens, units = divmod(rest, 10)
    said = [_DIGITS[hundreds], "trăm"] if hundreds or full else []
    if tens > 1:
        said += [_DIGITS[tens], "mươi"]
    elif tens == 1:
        said.append("mười")
    elif units and said:
        said.append("linh")
    if units:
        said.append({1: "mốt" if tens > 1 else "một", 5: "lăm" if tens else "năm"}.get(units, _DIGITS[units]))
    return said
