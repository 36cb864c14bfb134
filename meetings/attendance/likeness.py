"""How much a name that somebody typed into a box looks like the name of a site.

Pure. It depends on the two names alone, never on what other sites there are: one site more changes no score.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from meetings.directory.matching import taken_apart
from meetings.official.text import fold

_GLUED: Final = 0.95
_STRAY: Final = 0.4  # a word of the row that the site's name does not have, against one that it has
_WORDS: Final = re.compile(r"[^\W\d_]+|\d+")
_APOSTROPHES: Final = re.compile("['’‘`´ʼ]")
BRACKETS: Final = re.compile(r"[(\[{][^()\[\]{}]*[)\]}]")
_NUMBERED: Final = re.compile(
    r"^\W*(?:(?:đ|d)c|điểm cầu|diem cau)?[\s_.:-]*(?:số|so)?\s*\d{1,4}\s*[.)_:\s-]+(?=\w)", re.IGNORECASE
)
_OFFICE: Final = r"diem cau(?: so \d+)?|dc|uy ban nhan dan|ubnd|hoi dong nhan dan|hdnd|dang uy"
_OFFICES: Final = re.compile(rf"\b(?:{_OFFICE})\b")
_NOISE: Final = re.compile(
    rf"\b(?:{_OFFICE}|guest|khach|host|organizer|organiser|"
    r"external|unverified|chua (?:duoc )?xac minh|may tinh(?: so \d+)?|may chu|may(?: so)? \d+|"
    r"(?:ipad|iphone|android|samsung|galaxy|laptop|desktop|macbook|pc|tv|camera|polycom|yealink|logitech|cisco|tandberg|"
    r"huawei|sony|zte|hdx|webcam)(?: so)?(?: \d+)?|(?:group|rp|sx|dx|cam) \d+)\b"
)
_KINDS: Final = frozenset(
    {
        "xa",
        "phuong",
        "huyen",
        "quan",
        "tinh",
        "tp",
        "thi",
        "tran",
        "thanh",
        "pho",
        "dac",
        "khu",
        "so",
        "x",
        "p",
        "q",
        "t",
        "h",
        "dk",
    }
)
_FORMER: Final = re.compile(r"^(huyện|quận|thị trấn|thị xã)\s+(?=[^\W\d])")
_SPELLED_OUT: Final = {"vp": ("van", "phong"), "vpub": ("van", "phong"), "vpubnd": ("van", "phong")}


@dataclass(frozen=True)
class Said:
    """A name as it stood in a file: its folded words, and each of them with its diacritics."""

    words: tuple[str, ...]
    marked: tuple[str, ...]

    @property
    def bare(self) -> bool:
        """Whether it was typed without any diacritics, as on many devices."""
        return self.words == self.marked

    @cached_property
    def runs(self) -> Mapping[str, tuple[str, ...]]:
        """Words next to each other as one: «SoYTe» falls apart in the wrong places."""
        words = self.words[:20]
        ends = range(2, len(words) + 1)
        return {"".join(words[at:end]): words[at:end] for end in ends for at in range(max(0, end - 5), end - 1)}


@dataclass(frozen=True)
class Name:
    """The name of a site: the words that tell it apart, its kind, the words of its province."""

    site: int
    words: tuple[str, ...]
    marked: tuple[str, ...]
    kind: str
    province: tuple[str, ...]

    @cached_property
    def glued(self) -> str:
        return "".join(self.words)

    @cached_property
    def shorts(self) -> Mapping[str, float]:
        """What stands for the whole name in one word, and how surely: ``soyte``, ``syt``, ``dhna``."""
        first = "".join(word[0] for word in self.words)
        there = "".join(word[0] for word in self.province)
        found = {self.glued: _GLUED}
        if len(self.words) > 1:
            found |= {first + there: 0.75, first: 0.7}
        if len(self.words) > 2 and there:
            found.setdefault(first[-2:] + there, 0.6)
        return found


def said(text: str) -> Said:
    """The words of a name that somebody typed, without what says nothing of the site: numbering, devices, «(Guest)»."""
    text = _NUMBERED.sub("", unicodedata.normalize("NFC", text)[:300]) or text[:300]
    pairs = [(_fold(word), _mark(word)) for word in _WORDS.findall(_unglued(text))]
    pairs = [part for word, mark in pairs for part in _parts(word, mark)]
    kept = _without_noise([word for word, _ in pairs])
    pairs = [pairs[place] for place in kept] or pairs
    return Said(tuple(word for word, _ in pairs), tuple(mark for _, mark in pairs))


def _parts(word: str, mark: str) -> list[tuple[str, str]]:
    """What a word stands for: «VP» is two words."""
    if word in _SPELLED_OUT:
        return [(part, part) for part in _SPELLED_OUT[word]]
    return [(word, mark)] if word else []


def _unglued(text: str) -> str:
    """``UBNDKimLien`` as three words; «iPad», «M’Droh», «SRó» are one each."""
    text = _APOSTROPHES.sub("", text)
    text = re.sub(r"\bi(?=P(?:ad|hone)\b)", "I", text).replace("IPad", "Ipad").replace("IPhone", "Iphone")
    made = text[:1]
    for before, this, after in zip(text, text[1:], text[2:] + " ", strict=False):
        after_capitals = this.isupper() and made[-2:].isalpha() and made[-2:].isupper() and len(made) > 1
        seam = before.islower() and this.isupper() or after_capitals and after.islower()
        made += " " + this if seam else this
    return made


def _without_noise(words: list[str], noise: re.Pattern[str] = _NOISE) -> list[int]:
    """The places of the words that are left when the noise is taken out."""
    starts, at = [], 0
    for word in words:
        starts.append(at)
        at += len(word) + 1
    line = " ".join(words)
    gone = [found.span() for found in noise.finditer(line)]
    return [n for n, start in enumerate(starts) if not any(a <= start < b for a, b in gone)]


def named(site: int, text: str) -> Name | None:
    """The name of a site taken apart; None where nothing of it tells it apart.

    «huyện Bình An» is told apart by «Bình An», «Văn phòng UBND tỉnh» by «Văn phòng», «Quận 1» only as a whole; «Quan Sơn»
    and «Sơn Tịnh» are names.
    """
    text = unicodedata.normalize("NFC", text)[:300].strip()
    kind = ""
    if former := _FORMER.match(text.casefold()):
        kind, text = fold(former[1]), text[former.end() :]
    elif text.casefold().endswith(" tỉnh"):
        text = text[: -len(" tỉnh")]
    apart = taken_apart(text)
    words = tuple(apart.bare.split())
    words = tuple(words[place] for place in _without_noise(list(words), _OFFICES)) or words
    here = said(text)
    start = _place(words, here.words)
    marked = here.marked[start : start + len(words)] if start is not None else words
    return Name(site, words, marked, apart.kind or kind, tuple(apart.province.split())) if words else None


def _fold(word: str) -> str:
    return "".join(c for c in fold(word) if c.isalnum())


def _mark(word: str) -> str:
    """With diacritics, in one spelling wherever the tone was put: hoà and hòa."""
    letters = unicodedata.normalize("NFD", word.casefold())
    tones = "".join(c for c in letters if c in "\u0300\u0301\u0303\u0309\u0323")
    return unicodedata.normalize("NFC", "".join(c for c in letters if c not in tones)) + tones


def _place(words: tuple[str, ...], among: tuple[str, ...]) -> int | None:
    """Where *words* stand in a row among others."""
    last = len(among) - len(words)
    return next((at for at in range(last + 1) if among[at : at + len(words)] == words), None)


def alike(row: Said, name: Name) -> int:
    """How much a typed name looks like a site's, of 100; it depends on nothing but the two."""
    rest = Counter(row.words)
    if not (share := _share(row, name, rest)):
        return 0
    place = _place(name.words, row.words)
    score = share
    if place is None and share == 1:
        score *= 0.85  # all the words, in another order or with others between: «An Bình» is not «Bình An»
    elif place is not None and not row.bare and row.marked[place : place + len(name.words)] != name.marked:
        score *= 0.94  # Văn Lang, Văn Lăng
    there = Counter(name.province)
    short = "".join(word[0] for word in name.province)
    if there and there <= rest:
        rest -= there
    elif told_short := next((one for one in ("".join(name.province), short) if one and rest[one] > 0), ""):
        rest[told_short] -= 1
    elif there:
        score *= 0.95
    kinds = {word for word in rest.elements() if word in _KINDS}
    if name.kind and (told := _kind_told(kinds)) and told != name.kind:
        score *= 0.85
    stray = sum(number for word, number in rest.items() if number > 0 and word not in _KINDS)
    return round(100 * score * len(name.words) / (len(name.words) + _STRAY * stray))


def _share(row: Said, name: Name, rest: Counter[str]) -> float:
    """Which part of the site's words the row has, 0 where it is not more than half; they are taken out of *rest*."""
    shorts = name.shorts
    best = max((word for word in rest if word in shorts), key=lambda word: (shorts[word], word), default="")
    hits = 0.0
    taken: Counter[str] = Counter()
    for word, number in Counter(name.words).items():
        exact = min(number, rest[word])
        hits += exact
        taken[word] += exact
        if exact < number and (near := next((one for one in sorted(rest) if _near(one, word)), "")):
            hits += 0.7
            taken[near] += 1
    share = hits / len(name.words)
    if share < _GLUED and (run := row.runs.get(name.glued)):
        rest.subtract(run)
        return _GLUED
    if share <= 0.5 or best and shorts[best] > share:
        if best:
            rest[best] -= 1
            return shorts[best]
        return 0.0
    for word, number in taken.items():
        rest[word] -= number
    return share


def _kind_told(kinds: set[str]) -> str:
    if {"thanh", "pho"} <= kinds or "tp" in kinds:
        return "thanh pho"
    if {"dac", "khu"} <= kinds:
        return "dac khu"
    if "thi" in kinds:
        return next((f"thi {one}" for one in ("tran", "xa") if one in kinds), "")
    return next((kind for kind in ("xa", "phuong", "tinh", "huyen", "quan") if kind in kinds), "")


def _near(one: str, other: str) -> bool:
    """One slip of the finger apart, in words long enough for it to be one: phuong, phuogn."""
    if one == other or min(len(one), len(other)) < 5 or one[0] != other[0] or abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    if one[start + 1 :] == other[start + 1 :] or one[start:] == other[start + 1 :] or one[start + 1 :] == other[start:]:
        return True
    return one[start : start + 2] == other[start : start + 2][::-1] and one[start + 2 :] == other[start + 2 :]


def slips(word: str) -> set[str]:
    """Keys that two words one slip apart share: each with one letter left out."""
    return {word[:at] + word[at + 1 :] for at in range(1, len(word))} | {word} if len(word) >= 5 else set()
