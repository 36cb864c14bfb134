"""What was said, as a machine wrote it down: transcripts of every platform, read into the same cues.

Pure; :func:`read` never raises, whatever the bytes, and takes bounded time and memory. Nothing read here is minutes: it is a
draft, of which a person says who spoke and what is worth keeping.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from meetings.attendance.witnesses.opening import text_of
from meetings.minutes.transcripts import cues as marked
from meetings.minutes.transcripts import objects, word
from meetings.minutes.transcripts.names import folded, named
from meetings.minutes.transcripts.told import (
    FAULTS,
    LAYOUTS,
    LEFT_OUT,
    MAX_BYTES,
    MAX_CUES,
    MOST_NAME,
    MOST_TEXT,
    Cue,
    Told,
    Unreadable,
)
from meetings.minutes.transcripts.turns import Turn, item_at, turns
from meetings.official.text import one_line, printable, tidy

__all__ = ["FAULTS", "LAYOUTS", "LEFT_OUT", "MAX_BYTES", "Cue", "Told", "Turn", "folded", "item_at", "read", "turns"]


def read(raw: bytes, known: Collection[str] = ()) -> Told:
    """What the file *raw* tells. *known*: names of whoever may have spoken, by which «Name: …» is told from a sentence."""
    try:
        return _read(raw, {folded(name) for name in known})
    except Unreadable as fault:
        return Told("", faults=(fault.why,))
    except Exception:  # a fault of ours must not keep a clerk from her other files
        return Told("", faults=("not_understood",))


def _read(raw: bytes, known: Collection[str]) -> Told:
    if len(raw) > MAX_BYTES:
        raise Unreadable("too_big")
    if raw.startswith(b"PK\x03\x04"):
        return _told("teams_word", word.read(raw))
    text = text_of(raw).lstrip("\ufeff \t\r\n")
    if not text:
        raise Unreadable("empty")
    if text.startswith("WEBVTT"):
        return _vtt(text, known)
    if text[0] in "{[":
        layout, found, timed = objects.read(text)
        return _told(layout, found, () if timed else ("no_times",))
    if any(marked.is_timing(line) for line in marked.lines_of(text[:20_000])):
        return _told("srt", _spoken(_bounded(marked.srt(text)), known))
    raise Unreadable("not_understood")


def _vtt(text: str, known: Collection[str]) -> Told:
    blocks = _bounded(marked.vtt(text))
    voices = any(said.voice is not None for block in blocks if block for said in marked.said(block))
    if voices:
        parts = any(marked.utterance(block.id) for block in blocks if block)
        return _told("teams_portal" if parts else "teams", _voiced(blocks))
    found = _spoken(blocks, known)
    return _told("zoom" if any(cue and cue.speaker for cue in found) else "captions", found)


def _bounded(blocks: Iterable[marked.Block | None]) -> list[marked.Block | None]:
    found = []
    for block in blocks:
        found.append(block)
        if len(found) > MAX_CUES:
            raise Unreadable("too_many")
    return found


def _voiced(blocks: Iterable[marked.Block | None]) -> list[Cue | None]:
    found: list[Cue | None] = []
    for block in blocks:
        if block is None:
            found.append(None)
            continue
        said = [one for one in marked.said(block) if one.text]
        part = marked.utterance(block.id)
        cues = [Cue(block.start, block.end, one.voice or "", " ".join(one.text.split()), part) for one in said]
        found += cues or [Cue(block.start, block.end, "", "")]
    return found


def _spoken(blocks: Iterable[marked.Block | None], known: Collection[str]) -> list[Cue | None]:
    """Cues whose speakers only their texts name."""
    found: list[Cue] = []
    damaged: list[Cue | None] = []
    for block in blocks:
        if block is None:
            damaged.append(None)
        else:
            found += [Cue(block.start, block.end, "", one.text, fresh=one.fresh) for one in marked.said(block)]
    return [*named(found, known), *damaged]


def _told(layout: str, found: Iterable[Cue | None], faults: tuple[str, ...] = ()) -> Told:
    """The finished telling: nothing empty, nothing twice, nothing without bound."""
    kept: dict[tuple[int, int, str, str], Cue] = {}
    left_out: Counter[str] = Counter()
    for cue in found:
        if cue is None:
            left_out["damaged"] += 1
            continue
        one = replace(cue, speaker=_printable(cue.speaker)[:MOST_NAME].strip(), text=_printable(cue.text))
        if not one.text:
            left_out["empty"] += 1
        elif (key := (one.start, one.end, one.speaker, one.text)) in kept:
            left_out["repeated"] += 1
        else:
            kept[key] = one
    if not kept:
        return Told("", left_out=dict(left_out), faults=("no_words",))
    if not any(cue.speaker for cue in kept.values()):
        faults = ("no_speakers", *faults)
    return Told(layout, tuple(part for cue in kept.values() for part in _parts(cue)), dict(left_out), faults)


def _parts(cue: Cue) -> Iterator[Cue]:
    """*cue* in pieces that a page can show."""
    if len(cue.text) <= MOST_TEXT:
        yield cue
        return
    for piece in textwrap.wrap(cue.text, MOST_TEXT, break_on_hyphens=False):
        yield replace(cue, text=piece)


def _printable(text: str) -> str:
    """NFC on one line, without what no form of ours would take back from the writer who corrects it."""
    return tidy(one_line(printable(text)).replace("\ufffd", ""))
