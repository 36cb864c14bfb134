"""The sites of a meeting that is only planned, as a page lists them: found by name, by how they would travel, by what is missing.

Pure: the lines of an estimate in, some of them out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from meetings.official.text import search_key
from meetings.savings.estimate import Line
from meetings.savings.trips import Mode

LEFT_OUT: Final = "left_out"
KINDS: Final = (Mode.AIR.value, Mode.COACH.value, Mode.CAR.value, Mode.NONE.value, LEFT_OUT)
"""What the list may be narrowed to, in the order of its chips."""


def kind(line: Line) -> str:
    """How a site would travel, or that it cannot be counted."""
    return LEFT_OUT if line.left_out else line.mode.value


def kinds(lines: Sequence[Line]) -> Mapping[str, int]:
    """How many of *lines* there are of each of :data:`KINDS`, of those that there are."""
    number: dict[str, int] = {}
    for line in lines:
        number[kind(line)] = number.get(kind(line), 0) + 1
    return {key: number[key] for key in KINDS if key in number}


def listed(lines: Sequence[Line], words: str = "", only: str = "") -> list[Line]:
    """Those of *lines* whose name holds all *words* (without diacritics) and that are of the kind *only*: first those that cannot
    be counted, for they want something of the reader, then the dearest."""
    wanted = [search_key(word) for word in words.split()[:6]]
    found = [
        line
        for line in lines
        if (only not in KINDS or kind(line) == only)
        and (not wanted or all(word in search_key(line.trip.name) for word in wanted))
    ]
    return sorted(found, key=lambda line: (not line.left_out, -line.total.mid))
