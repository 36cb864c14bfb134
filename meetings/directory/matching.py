"""Which site a line of a list means.

By code; else by name inside the importer's part of the tree. A name that fits nothing, or several, is not guessed at: the
line is marked, with the sites that may have been meant.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Final

from meetings.official.text import fold, nfc

# Written with their own diacritics or with none at all: «Tịnh Khê» is not a «tỉnh Khê», nor «Phượng Dực» a «phường».
_NOISE: Final = re.compile(
    r"^(?:điểm cầu|diem cau|ủy ban nhân dân|uỷ ban nhân dân|uy ban nhan dan|hđnd\s*(?:-|và)\s*ubnd|ubnd|hđnd|đảng ủy)[.:]?\s+"
)
_KINDS: Final = (
    (re.compile(r"^(?:xã|xa|x\.)\s*(?=\w)"), "xa"),
    (re.compile(r"^(?:phường|phuong|p\.)\s*(?=\w)"), "phuong"),
    (re.compile(r"^(?:đặc khu|dac khu|đk\.)\s*(?=\w)"), "dac khu"),
    (re.compile(r"^(?:tỉnh|tinh|t\.)\s*(?=\w)"), "tinh"),
    (re.compile(r"^(?:thành phố|thanh pho|tp\.?)\s*(?=\w)"), "thanh pho"),
)
_PROVINCE_AFTER: Final = re.compile(r"\s+(?:-\s+)?(?=(?:tỉnh|thành phố|tp\.?)\s+\w)")
_APOSTROPHES: Final = re.compile("['’‘`´ʼ]")
_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
_NOT_WORDS: Final = re.compile(r"[^\w]+")
_NICKNAMES: Final = {"hcm": "hồ chí minh"}
_TOWN: Final = "thanh pho"
_PROVINCIAL: Final = frozenset({"tinh", _TOWN})


@dataclass(frozen=True)
class Place:
    """A site that a line may mean. *key* is the site's id; *path* and *province* tell where it stands."""

    key: int
    code: str
    name: str
    kind: str
    province: str = ""


@dataclass(frozen=True)
class Found:
    """What a line means: one place, or none and *why*, with the *near* ones that may have been meant.

    Why: ``empty`` · ``code`` (no such code) · ``disagree`` (code and name mean different places) · ``unknown`` · ``ambiguous`` ·
    ``outside_unit`` or ``outside_account`` (it exists, but not where this list or this person may change anything).
    """

    place: Place | None
    why: str = ""
    near: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Spoken:
    """A name taken apart: kind of unit ("" when not said), bare folded name, the same with the kind, the province said,
    and the bare name with its diacritics: Thái Nguyên has both a Văn Lang and a Văn Lăng.
    """

    kind: str
    bare: str
    whole: str
    province: str
    marked: str


def taken_apart(text: str) -> Spoken:
    """``UBND xã Kim Liên, tỉnh Nghệ An`` → xa · kim lien · xa kim lien · nghe an."""
    said = _exact(re.sub(r"\([^)]*\)", " ", text)).replace("–", "-").strip()
    head, _, tail = said.partition(",")
    whole = _without_noise(head).strip()
    kind, head = _without_kinds(whole)
    if not tail and (cut := _PROVINCE_AFTER.search(head)):
        whole = whole[: len(whole) - len(head) + cut.start()]
        head, tail = head[: cut.start()], head[cut.end() :]
    head = _NICKNAMES.get(head, head)
    # «…, huyện cũ, tỉnh X»: the province stands last
    last = _without_kinds(_without_noise(tail.rsplit(",", 1)[-1].strip(" .-")))[1]
    return Spoken(kind, _bare(head), _bare(whole), _bare(_NICKNAMES.get(last, last)), _marked(head))


def _without_noise(text: str) -> str:
    while (noise := _NOISE.match(text)) and noise.end() < len(text):
        text = text[noise.end() :]
    return text


def _without_kinds(text: str) -> tuple[str, str]:
    """The kind that stands in front, and the rest; of ``tỉnh TP. Hồ Chí Minh`` the kind next to the name."""
    kind, rest = _without_kind(text)
    while kind in _PROVINCIAL:
        further, shorter = _without_kind(_without_noise(rest))
        if further not in _PROVINCIAL:
            break
        kind, rest = further, shorter
    return kind, _without_noise(rest) if kind in _PROVINCIAL else rest


def _without_kind(text: str) -> tuple[str, str]:
    for pattern, word in _KINDS:
        if found := pattern.match(text):
            return word, text[found.end() :]
    return "", text


def _bare(text: str) -> str:
    return _NOT_WORDS.sub(" ", _APOSTROPHES.sub("", fold(text))).strip()


def _marked(text: str) -> str:
    """With diacritics, but one spelling: the tone behind its word (hoà = hòa), no apostrophes."""
    words = []
    for word in _NOT_WORDS.sub(" ", _APOSTROPHES.sub("", _exact(text))).split():
        letters = unicodedata.normalize("NFD", word)
        tones = "".join(c for c in letters if c in _TONES)
        words.append("".join(c for c in letters if c not in _TONES) + tones)
    return " ".join(words)


def _exact(text: str) -> str:
    return re.sub(r"\s+", " ", nfc(text)).strip().casefold()


@dataclass
class Register:
    """The places that may be meant, indexed once for a whole list."""

    places: Sequence[Place]
    _codes: dict[str, Place] = field(default_factory=dict)
    _names: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    _bare: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    _pieces: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        for place in self.places:
            self._codes.setdefault(place.code.casefold(), place)
            self._names[_exact(place.name)].append(place)
            bare = taken_apart(place.name).bare
            self._bare[bare].append(place)
            for piece in _pieces(bare):
                self._pieces[piece].add(bare)

    def by_code(self, code: str) -> list[Place]:
        """The places a written code may mean: spreadsheets drop the zeros in front (``4`` is ``04`` or ``00004``)."""
        said = re.sub(r"\s", "", code).casefold()
        if said.startswith("0") and said in self._codes:
            return [self._codes[said]]  # the zeros are there, so nothing was dropped
        spellings = [said, *(said.zfill(width) for width in (2, 5) if said.isdigit() and len(said) < width)]
        return list(dict.fromkeys(self._codes[s] for s in spellings if s in self._codes))

    def find(self, code: str, unit: str, province: str = "", *, suggest: bool = True) -> Found:
        """The place meant by *code*, else by the name *unit* (in *province*, where that is said).

        Without *suggest* no names that merely look alike are sought: that is what takes time.
        """
        if code:
            return self._coded(code, unit, province)
        if not unit:
            return Found(None, "empty")
        return self._named(unit, province, suggest)

    def _coded(self, code: str, unit: str, province: str) -> Found:
        coded = self.by_code(code)
        said = taken_apart(unit) if unit else None
        agreeing = [place for place in coded if not said or _similar(said.bare, taken_apart(place.name).bare)]
        if len(agreeing) == 1:
            return Found(agreeing[0])
        if agreeing:
            return Found(None, "ambiguous", tuple(agreeing))
        by_name = self._named(unit, province) if unit else Found(None)
        near = tuple(dict.fromkeys([*coded, *([by_name.place] if by_name.place else by_name.near)]))
        return Found(None, "disagree" if coded else "code", near[:4])

    def _named(self, unit: str, province: str, suggest: bool = True) -> Found:
        said = taken_apart(unit)
        where = taken_apart(province).bare or said.province
        same = self._called(said.bare, where)
        exact = [place for place in self._names.get(_exact(unit), []) if _stands_in(place, where)]
        # «Lào Cai» is the province's own name; «Lào Cai» of Lào Cai may as well be the ward in it
        if len(exact) == 1 and not (where and _provincial(exact[0]) and len(same) > 1):
            return Found(exact[0])
        if not same and said.kind:
            # «tinh khe»: a name that only looks as if it began with a kind
            said = Spoken("", said.whole, said.whole, said.province, said.marked)
            same = self._called(said.bare, where)
        fitting = _fitting(same, said)
        if len(fitting) > 1:
            fitting = [place for place in fitting if taken_apart(place.name).marked == said.marked] or fitting
        if len(fitting) == 1:
            return Found(fitting[0])
        if fitting:
            return Found(None, "ambiguous", tuple(fitting[:8]))
        if same:
            return Found(None, "unknown", tuple(same[:4]))  # right name, another kind: «xã» became «phường»
        return Found(None, "unknown", self._near(taken_apart(unit), where) if suggest else ())

    def _called(self, bare: str, where: str) -> list[Place]:
        return [place for place in self._bare.get(bare, []) if _stands_in(place, where)]

    def _near(self, said: Spoken, where: str) -> tuple[Place, ...]:
        bare = said.bare
        shared = Counter(name for piece in _pieces(bare) for name in self._pieces.get(piece, ()))
        close = sorted(
            ((SequenceMatcher(None, bare, name).ratio(), name) for name, _ in shared.most_common(40)), reverse=True
        )
        near = [place for ratio, name in close if ratio >= 0.7 for place in self._called(name, where)]
        if said.kind in _PROVINCIAL:
            near = [place for place in near if _provincial(place)] or near
        return tuple(near[:3])


def of_another_kind(found: Found, unit: str) -> bool:
    """Whether a place of the very name *unit* was found, but of another kind: «phường» where it is a «xã»."""
    bare = taken_apart(unit).bare
    return found.why == "unknown" and any(taken_apart(place.name).bare == bare for place in found.near)


def _provincial(place: Place) -> bool:
    return fold(place.kind) in _PROVINCIAL


def _fitting(same: list[Place], said: Spoken) -> list[Place]:
    """Those of one name that the kind allows: a province is one whether it is called «tỉnh» or «thành phố».

    But a «thành phố» that is none may be the town that stood there: where a commune bears the name too, both are meant,
    and in a province («TP Thanh Hóa, tỉnh Thanh Hóa») not the province itself.
    """
    fitting = [place for place in same if fold(place.kind) == said.kind] if said.kind else same
    if fitting or said.kind not in _PROVINCIAL:
        return fitting
    provinces = [place for place in same if _provincial(place)]
    if said.kind == _TOWN and provinces:
        return [] if said.province else same
    return provinces


def _stands_in(place: Place, where: str) -> bool:
    return not where or not place.province or taken_apart(place.province).bare == where


def _similar(one: str, other: str) -> bool:
    return one == other or one in other or SequenceMatcher(None, one, other).ratio() >= 0.8


def _pieces(bare: str) -> Iterable[str]:
    padded = f"  {bare} "
    return {padded[at : at + 3] for at in range(len(padded) - 2)}


def repeated(keys: Sequence[int | None]) -> dict[int, int]:
    """Index of each line whose place an earlier line already had → index of that earlier line."""
    first: dict[int, int] = {}
    again: dict[int, int] = {}
    for index, key in enumerate(keys):
        if key is None:
            continue
        if key in first:
            again[index] = first[key]
        else:
            first[key] = index
    return again
