"""The rows of a long list, many at a time: a template of one row, and the texts put into it.

A chunk of rows goes through the same steps as a single text (NFC, what XML cannot carry, non-breaking spaces, escaping),
all its cells at once: done cell by cell, those steps take longer than writing the file. The bytes are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final
from xml.sax.saxutils import escape

from meetings.official.text import nfc, tied, without_unprintable

CHUNK: Final = 250
"""So many rows at a time: enough that the steps cost little each, few enough that no row stands long in memory."""
_BETWEEN: Final = "\x1f"
"""Stands between two cells while they are one text; no cell can hold it, for XML cannot."""
_REMEMBERED: Final = 5_000
_BREAK: Final = '</w:t><w:br/><w:t xml:space="preserve">'


def prepared(texts: Sequence[str]) -> list[str]:
    """Each of *texts* as it stands inside its ``w:t`` elements."""
    whole = _BETWEEN.join(texts)
    if whole.count(_BETWEEN) != len(texts) - 1:
        whole = _BETWEEN.join(text.replace(_BETWEEN, "") for text in texts)
    whole = tied(without_unprintable(nfc(whole), but=_BETWEEN)).replace("\t", " ").replace("\r", "")
    return escape(whole).replace("\n", _BREAK).split(_BETWEEN)


def chunks(lines: Iterable[Sequence[str]], template: str, run: tuple[str, str]) -> Iterable[str]:
    """The rows of *lines*, a chunk of them each. *template* has ``%s`` for the content of each paragraph of a row; *run* is
    what stands around a text (an empty text has no run)."""
    front, back = run
    known = {"": ""}  # most cells of a roll say what others say: hours, counts, notes
    rest = iter(lines)
    while some := list(islice(rest, CHUNK)):
        texts = [text for line in some for text in line]
        if new := [*{text: None for text in texts if text not in known}]:
            known.update(zip(new, [f"{front}{text}{back}" for text in prepared(new)], strict=True))
        yield template * len(some) % tuple([known[text] for text in texts])
        if len(known) > _REMEMBERED:
            known = {"": ""}
