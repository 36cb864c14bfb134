"""Where the images of a signature and of a seal stand on a printed page: Decree 30/2020/NĐ-CP, appendix I, section II.

The signer's hand stands in the middle between her title and her name; the seal covers about a third of it, on its left. Title
and name are looked for among the printed words, so that a document changed in Word, or made from a body's own template, has
them where it has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from meetings.official.text import fold

MM: Final = 72 / 25.4
SIGNATURE: Final = (45.0, 20.0)
"""Millimetres that the image of a signature may take, and that stand empty for one where there is none."""
SEAL: Final = 36.0
"""Millimetres across of a round seal, as it is."""
_NEAR: Final = 60 * MM  # a title stands at most so far above the name
_ASIDE: Final = 30 * MM  # and its middle at most so far beside the name's
_MARGIN: Final = 8 * MM


class PrintedWord(Protocol):
    """A word and its box, in points from the upper left corner."""

    @property
    def text(self) -> str: ...
    @property
    def left(self) -> float: ...
    @property
    def top(self) -> float: ...
    @property
    def right(self) -> float: ...
    @property
    def bottom(self) -> float: ...


class PrintedPage(Protocol):
    """A page, its size in points and its words."""

    @property
    def width(self) -> float: ...
    @property
    def height(self) -> float: ...
    @property
    def words(self) -> Sequence[PrintedWord]: ...


class Found(StrEnum):
    """How sure the place is."""

    TITLE_AND_NAME = "title_and_name"
    NAME_ALONE = "name_alone"
    GUESSED = "guessed"


@dataclass(frozen=True)
class Box:
    """A rectangle of a page, in points from its upper left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


@dataclass(frozen=True)
class Gap:
    """The empty place between title and name on page *page* (from 0) of *width* by *height* points."""

    page: int
    width: float
    height: float
    box: Box
    found: Found


def gap(pages: Sequence[PrintedPage], title: str, name: str) -> Gap | None:
    """Where *name*, who signs as *title*, signs: the last place that has both, else the last that has the name, else the lower
    right of the last page. None of a document without a page."""
    alone: Gap | None = None
    for number in range(len(pages) - 1, -1, -1):
        page = pages[number]
        for box in reversed(_printed(page.words, name)):
            above = [found for found in _printed(page.words, title) if _stands_over(found, box)]
            if above:
                nearest = max(above, key=lambda found: found.bottom)
                return Gap(number, page.width, page.height, _between(nearest.bottom, box), Found.TITLE_AND_NAME)
            if alone is None:
                room = _between(max(box.top - (SIGNATURE[1] + 2) * MM, 0), box)
                alone = Gap(number, page.width, page.height, room, Found.NAME_ALONE)
    return alone or _guessed(pages)


def _stands_over(title: Box, name: Box) -> bool:
    return 0 < name.top - title.bottom < _NEAR and abs(title.middle - name.middle) < _ASIDE


def _between(top: float, name: Box) -> Box:
    half = SIGNATURE[0] * MM / 2
    return Box(name.middle - half, top, name.middle + half, name.top)


def _guessed(pages: Sequence[PrintedPage]) -> Gap | None:
    if not pages:
        return None
    page = pages[-1]
    lowest = max((word.bottom for word in page.words if word.bottom < page.height - 15 * MM), default=0.0)
    height = SIGNATURE[1] * MM
    top = min(max(lowest + 5 * MM, page.height * 0.15), page.height - 25 * MM - height)
    right = page.width - 25 * MM
    return Gap(
        len(pages) - 1, page.width, page.height, Box(right - SIGNATURE[0] * MM, top, right, top + height), Found.GUESSED
    )


def _printed(words: Sequence[PrintedWord], text: str) -> list[Box]:
    """Where *text* is printed in one piece, whatever lines it is broken into, in the order of the page."""
    wanted = fold(text).split()
    if not wanted:
        return []
    folded = [fold(word.text) for word in words]
    found = []
    for start in range(len(words) - len(wanted) + 1):
        if folded[start : start + len(wanted)] == wanted:
            mine = words[start : start + len(wanted)]
            found.append(
                Box(
                    min(word.left for word in mine),
                    min(word.top for word in mine),
                    max(word.right for word in mine),
                    max(word.bottom for word in mine),
                )
            )
    return found


def _fitted(ratio: float, width: float, height: float) -> tuple[float, float]:
    """The largest size of *ratio* (width by height) within *width* and *height*."""
    return (width, width / ratio) if width / ratio <= height else (height * ratio, height)


def signature(place: Gap, ratio: float, width_mm: float = SIGNATURE[0]) -> Box:
    """Where the image of the hand stands, *ratio* wide by high: in the middle of the gap, *width_mm* wide where that fits."""
    wide, high = width_mm * MM, max(place.box.height * 0.95, 8 * MM)
    width, height = _fitted(ratio, wide, min(high, SIGNATURE[1] * 1.25 * MM))
    middle = (place.box.top + place.box.bottom) / 2
    return Box(place.box.middle - width / 2, middle - height / 2, place.box.middle + width / 2, middle + height / 2)


def seal(place: Gap, hand: Box, ratio: float, width_mm: float = SEAL) -> Box:
    """Where the seal stands, in its real size: its right third … the left third of *hand* is covered, both on one height."""
    width = width_mm * MM
    height = width / ratio
    middle = (hand.top + hand.bottom) / 2
    left = max(hand.left + hand.width / 3 - width, _MARGIN)
    top = min(max(middle - height / 2, _MARGIN), place.height - _MARGIN - height)
    return Box(left, top, left + width, top + height)


def corner(page: PrintedPage, width: float, height: float) -> Box:
    """The upper right corner of an attachment's first page, where its line of text stands."""
    right, top = page.width - 15 * MM, 10 * MM
    return Box(right - width, top, right, top + height)
