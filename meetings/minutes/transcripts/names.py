"""Whose words a cue holds where only its text says so: «VP UBND: Kính thưa …», or «(VP UBND)» on a line of its own.

A sentence may hold a colon as well. So what stands before it is a name only where the meeting knows somebody of that name,
where it calls itself a site, or where it stands before the words of several cues; and what repeats in every speech
(«Thứ nhất: …») is no name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Final

from meetings.minutes.transcripts.told import Cue
from meetings.official.text import fold

_LONGEST: Final = 90
_BEFORE: Final = re.compile(r"^\s*([^:\n：]{1,90}?)\s*(?::\s|：)\s*(?=\S)")
_BRACKETS: Final = re.compile(r"^\s*[(\[]([^()\[\]\n]{1,90})[)\]]\s*:?\s*\n(?=\s*\S)")
_GUEST: Final = re.compile(r"\s*\((?:guest|khách|external|unverified|host|organizer)\)\s*$", re.IGNORECASE)
_SITE: Final = "diem cau "
"""So begins the name under which a site has dialled in, also where the meeting spells it otherwise."""
_NO_NAMES: Final = frozenset(
    {
        "bao cao", "bao cao dong chi", "y kien", "ket luan", "de nghi", "kien nghi", "luu y", "vi du", "cu the",
        "tom lai", "ngoai ra", "noi dung", "cau hoi", "tra loi", "hoi", "dap", "mot la", "hai la", "ba la", "bon la",
        "nam la", "thu nhat", "thu hai", "thu ba", "thu tu", "thu nam", "ve", "ghi chu", "chu y", "van de", "giai phap",
        "muc tieu", "nhiem vu", "ket qua", "so lieu", "thoi gian", "dia diem", "thanh phan", "xin hoi", "xin bao cao",
        "nhu vay", "noi them", "note",
    }
)  # fmt: skip
_SOUNDS: Final = frozenset(
    {
        "vo tay", "nhac", "cuoi", "tieng on", "khong nghe ro", "nghe khong ro", "im lang", "am nhac", "tieng nhac",
        "mat tieng", "applause", "music", "laughter", "inaudible", "silence", "noise", "crosstalk", "blank_audio",
        "clapping", "unintelligible",
    }
)  # fmt: skip


def folded(name: str) -> str:
    """A name as it is compared: without accents, letter case and «(Guest)»."""
    return " ".join(fold(_GUEST.sub("", name)).split())


def named(cues: Iterable[Cue], known: Collection[str]) -> list[Cue]:
    """*cues* with their speakers, where their texts name them; *known* are folded names of whoever may have spoken.

    A cue without a name goes on with the speaker of the one before it.
    """
    told = list(cues)
    before = Counter(folded(name) for name in (_before(cue.text) for cue in told) if name)
    people = {
        name
        for name, times in before.items()
        if name in known or name.startswith(_SITE) or times > 1 and name not in _NO_NAMES
    }
    return list(_spoken(told, people))


def _spoken(cues: list[Cue], people: Collection[str]) -> Iterator[Cue]:
    speaker = ""
    for cue in cues:
        text = cue.text
        bracket = _BRACKETS.match(text)
        name = bracket[1].strip() if bracket and folded(bracket[1]) not in _SOUNDS else ""
        if name and bracket is not None:
            speaker, text = name, text[bracket.end() :]
        elif (name := _before(text)) and folded(name) in people:
            speaker, text = name, text[_end(text) :]
        elif cue.fresh:
            speaker = ""  # another mouth, and nobody says whose
        yield replace(cue, speaker=speaker, text=" ".join(text.split()))


def _before(text: str) -> str:
    found = _BEFORE.match(text[: _LONGEST * 3])
    name = " ".join(found[1].split()) if found else ""
    return name if any(c.isalpha() for c in name) else ""


def _end(text: str) -> int:
    found = _BEFORE.match(text[: _LONGEST * 3])
    return found.end() if found else 0
