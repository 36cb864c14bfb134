"""A list of kilometres by road between sites, as it is typed or pasted, judged line by line before anything is kept.

Pure: rows of cells and a way of finding sites in, sentences out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.official.text import fold
from meetings.savings.resolution import whole

HEADS: Final = (_l("From site"), _l("To site"), _l("Kilometres by road"), _l("Source"))
MOST: Final = 500
"""Lines in one list: each is compared with the directory."""

FARTHEST: Final = 5000


@dataclass(frozen=True)
class Way:
    """One line judged: two sites, kilometres and source, or the sentence that says what needs fixing."""

    number: int
    cells: tuple[str, str, str, str]
    ends: tuple[Any, Any] | None = None
    km: int = 0
    fault: str = ""


def judged(grid: Sequence[Sequence[str]], find: Callable[[str], Sequence[Any]], source: str) -> list[Way]:
    """Every line of *grid* but the row of heads; *find* gives the sites that a text may mean, *source* stands where a line has
    none of its own."""
    ways: list[Way] = []
    seen: set[frozenset[int]] = set()
    for number, row in enumerate(grid, 1):
        if number == 1 and _is_head(row):
            continue
        one, other, km, document = (*row, "", "", "", "")[:4]
        way = _judged(number, (one, other, km, document or source), find)
        if way.ends is not None:
            pair = frozenset(end.id for end in way.ends)
            if pair in seen:
                way = Way(number, way.cells, fault=_("These two sites stand in the list twice."))
            seen.add(pair)
        ways.append(way)
    return ways


def _is_head(row: Sequence[str]) -> bool:
    """Whether the first line only names its columns: its third cell has no digit in it."""
    return len(row) > 2 and not any(sign.isdigit() for sign in row[2]) and bool(fold(row[2]))


def _judged(number: int, cells: tuple[str, str, str, str], find: Callable[[str], Sequence[Any]]) -> Way:
    ends = []
    for text in cells[:2]:
        found = find(text) if text else ()
        if not found:
            return Way(number, cells, fault=_("No site is called “%(text)s”.", text=text[:60]))
        if len(found) > 1:
            return Way(
                number,
                cells,
                fault=_("Several sites are called “%(text)s”: write the code of the site.", text=text[:60]),
            )
        ends.append(found[0])
    if ends[0].id == ends[1].id:
        return Way(number, cells, fault=_("Choose two different sites."))
    km = whole(cells[2])
    if km is None or not 0 < km <= FARTHEST:
        return Way(number, cells, fault=_("Enter a whole number from %(least)s to %(most)s.", least=1, most=FARTHEST))
    if not cells[3]:
        return Way(number, cells, fault=_("Enter the source of the value."))
    if len(cells[3]) > 300:
        return Way(number, cells, fault=_("At most %(max)s characters.", max=300))
    return Way(number, cells, (ends[0], ends[1]), km)
