"""Vietnamese text: one form, a key to search by, a key to sort by, and the spaces that may not break.

Keys are plain ASCII, so SQLite and PostgreSQL (under any collation) order them alike.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

NBSP: Final = "\u00a0"

_SPACES: Final = re.compile(r"\s+")
_RUNS: Final = re.compile(r"[0-9]+|[^\W\d_]+")

# the alphabet has 29 letters; those with a hat, hook or breve follow their plain sister (ă after a, đ after d)
_SHAPED: Final = {"ă": "a1", "â": "a2", "đ": "d1", "ê": "e1", "ô": "o1", "ơ": "o2", "ư": "u1"}
_PLAIN: Final = {"a": "a0", "d": "d0", "e": "e0", "o": "o0", "u": "u0"}
# order of the tones in a dictionary: level, huyền, hỏi, ngã, sắc, nặng
_TONES: Final = {"\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0301": "5", "\u0323": "6"}
_SHAPES: Final = {"\u0302", "\u0306", "\u031b"}


def nfc(text: str) -> str:
    """*text* in the one form that is stored and printed (Unicode NFC, TCVN 6909:2001)."""
    return unicodedata.normalize("NFC", text)


def tidy(text: str) -> str:
    """NFC, no space at either end, one space between words."""
    return _SPACES.sub(" ", nfc(text)).strip()


def fold(text: str) -> str:
    """*text* as it is searched: lower case, no diacritics, đ as d, one space between words."""
    bare = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return _SPACES.sub(" ", "".join(c for c in bare if not unicodedata.combining(c))).strip()


def initials(text: str) -> str:
    """The first letters of the words, folded: ``Điều hành Nghệ An`` → ``dhna``."""
    return "".join(word[0] for word in _RUNS.findall(fold(text)))


def search_key(*texts: str) -> str:
    """What a search box compares with: every text folded, then the initials of each name of two words or more."""
    folded = [fold(text) for text in texts if text]
    short = [initials(text) for text in texts if " " in text.strip()]
    return " ".join(dict.fromkeys(part for part in [*folded, *short] if part))


def sort_key(text: str) -> str:
    """A key whose plain order is that of a Vietnamese dictionary: Cà Mau, Cao Bằng; D, Đ; ma, mà, mả, mã, má, mạ.

    Letters decide first, then tones; case and punctuation do not count; numbers stand by value, before letters.
    """
    letters: list[str] = []
    tones: list[str] = []
    for run in _RUNS.findall(nfc(text).lower()):
        if letters:
            letters.append("0")
        if run.isdigit():
            digits = run.lstrip("0") or "0"
            letters.append(f"1{min(len(digits), 99):02d}{digits}")
            continue
        tone = "1"
        for letter in run:
            plain, mark = _taken_apart(letter)
            tone = mark or tone
            letters.append(plain)
        tones.append(tone)
    return "".join(letters) + "00" + "".join(tones)


def _taken_apart(letter: str) -> tuple[str, str]:
    """A letter's place in the alphabet, and its tone ("" for none)."""
    tone, kept = "", ""
    for mark in unicodedata.normalize("NFD", letter):
        if mark in _TONES:
            tone = _TONES[mark]
        elif not unicodedata.combining(mark) or mark in _SHAPES:
            kept += mark
    whole = nfc(kept)
    return _SHAPED.get(whole) or _PLAIN.get(whole) or (whole if whole.isascii() else f"z9{ord(whole[0]):06x}"), tone


def name_sort_key(name: str) -> str:
    """People stand by given name, then middle names, then family name: ``Lê Minh Khang`` under K, M, L."""
    words = tidy(name).split(" ")
    return sort_key(" ".join([words[-1], *words[1:-1], words[0]] if len(words) > 1 else words))


# each begins with letters that the search can leap to, and looks back from there: the other way round it is ten times slower
_BINDINGS: Final = (
    (re.compile(r"gày (?<=\b[Nn]gày )(?=\d)"), f"gày{NBSP}"),
    (re.compile(r"háng (?<=\b[Tt]háng )(?=\d)"), f"háng{NBSP}"),
    (re.compile(r"ăm (?<=\b[Nn]ăm )(?=\d)"), f"ăm{NBSP}"),
    (re.compile(rf" (?<=\d )(?=(?:tháng|năm){NBSP}\d)"), NBSP),
    (re.compile(r"hứ (?<=\b[Tt]hứ )(?=(?:Hai|Ba|Tư|Năm|Sáu|Bảy)\b)"), f"hứ{NBSP}"),
    (re.compile(r"uý (?<=\b[Qq]uý )(?=[IVX\d]+\b)"), f"uý{NBSP}"),
    (re.compile(r"iểm (?<=\b[đĐ]iểm )(?=[a-zđ]\b)"), f"iểm{NBSP}"),
    (re.compile(r"TP\. (?<=\bTP\. )(?=\w)"), f"TP.{NBSP}"),
    (re.compile(r" (?<=\d )(giờ|phút|giây|đồng|điểm cầu|đại biểu|người|km)\b"), rf"{NBSP}\1"),
    (re.compile(r"giờ (?<=\bgiờ )(?=\d)"), f"giờ{NBSP}"),
    (re.compile(r" (?:(?<=\b[Ôô]ng )|(?<=\b[Bb]à )|(?<=\b[đĐ]ồng chí ))(?=[^\W\d_])"), NBSP),
    (re.compile(r"ND (?:(?<=\bUBND )|(?<=\bHĐND ))(?=\w)"), f"ND{NBSP}"),
    (re.compile(r" (?:(?<=\b[Ss]ố )|(?<=\bĐiều )|(?<=\b[Kk]hoản )|(?<=\b[Tt]ầng ))(?=\d)"), NBSP),
    (re.compile(r" - (?=\S)"), f"{NBSP}-{NBSP}"),
)


@lru_cache(maxsize=4096)  # the same offices and posts stand in every line of a list
def bound(text: str) -> str:
    """*text* (made NFC) with the spaces that a line end may not tear: dates, ``08 giờ``, ``Ông X``, `` - ``."""
    return tied(nfc(text))


def tied(text: str) -> str:
    """As :func:`bound`, for what is NFC already and too long to be remembered: many texts in one."""
    for pattern, together in _BINDINGS:
        text = pattern.sub(together, text)
    return text


def inside(place: str) -> str:
    """A place inside a sentence: ``trụ sở Bộ Điều phối số``, ``phòng họp trực tuyến tầng 2``; names keep their capital."""
    common = place.startswith(("Phòng ", "Hội trường", "Trụ sở", "Tầng "))
    return place[:1].lower() + place[1:] if common else place


def placed(name: str, unit_name: str) -> str:
    """A site inside a sentence, by its unit: ``tỉnh Nghệ An``, ``Thành phố Hồ Chí Minh`` (Decree 30, Annex II)."""
    place = unit_name.removeprefix("Ủy ban nhân dân ") if unit_name.startswith("Ủy ban nhân dân ") else name
    return "Thành phố Hồ Chí Minh" if place.endswith("Hồ Chí Minh") else place


def strung(text: str) -> str:
    """Lines typed below each other as one list inside a sentence, without its stop: ``Lãnh đạo; Chánh Văn phòng``."""
    lines = (line.strip().lstrip("-–•").strip().rstrip(".;, ") for line in text.splitlines())
    return "; ".join(line for line in lines if line)


def lowered(text: str) -> str:
    """The first letter small, unless the first word is an abbreviation (``UBND``)."""
    first = text.split(" ", 1)[0]
    return text if len(first) > 1 and first.isupper() else text[:1].lower() + text[1:]


def ended(text: str, mark: str = "./.") -> str:
    """*text* as the last sentence of a document: it ends with ``./.``, or the *mark* of another form, and no other stop."""
    return text.rstrip().rstrip("./;,: ") + mark


def printable(text: str) -> str:
    """*text* without what XML 1.0 cannot carry (control characters, lone surrogates, non-characters)."""
    return _UNPRINTABLE.sub("", nfc(text))


def without_unprintable(text: str, *, but: str) -> str:
    """*text* (NFC already) without what XML cannot carry, the mark *but* excepted: it stands between texts."""
    return (
        but.join(_UNPRINTABLE.sub("", part) for part in text.split(but))
        if _UNPRINTABLE.search(text.replace(but, ""))
        else text
    )


def one_line(text: str) -> str:
    """*text* on one line, without control characters and marks that turn the order of letters round (CVE-2021-42574)."""
    return _TURNING.sub("", _BREAKING.sub(" ", text))


_BREAKING: Final = re.compile(r"[ \t]*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*|\t")
_TURNING: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_UNPRINTABLE: Final = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
