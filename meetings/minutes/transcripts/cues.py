"""WebVTT and SRT: from text to blocks, from a block to who says what.

Both are read leniently, as players do: the tools that write them agree on little more than the arrow between two times.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from meetings.minutes.transcripts.told import LATEST

_TIME: Final = r"(?:(\d{1,6}):)?(\d{1,2}):(\d{2})(?:[.,](\d{1,3}))?"
_TIMING: Final = re.compile(rf"^\s*{_TIME}\s*-->\s*{_TIME}(?=\s|$)")
_ASIDE: Final = re.compile(r"^(?:NOTE|STYLE|REGION)(?:\s|$)")
_TAG: Final = re.compile(
    r"</?(?:i|b|u|s|c|em|strong|ruby|rt|lang|font|span)(?:[.\s][^<>]*)?>|<\d+(?::\d+)+(?:\.\d+)?>|\{\\[^{}]*\}",
    re.IGNORECASE,
)
_VOICE: Final = re.compile(r"<v(?:\.[^\s<>]*)?(?:[ \t\n]([^<>]*))?>|</v\s*>", re.IGNORECASE)
_UTTERANCE: Final = re.compile(r"^([0-9a-f]{8}-[0-9a-f-]{20,40}/\d{1,9})-\d{1,9}$", re.IGNORECASE)
_DASH: Final = re.compile(r"^\s*[-–—]\s+(?=\S)")


@dataclass(frozen=True)
class Block:
    """One cue as it stands in the file: its times, its id, the lines below."""

    start: int
    end: int
    id: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """Words of one voice in a block. *voice* None: no voice was named here, which the layout may know better."""

    voice: str | None
    text: str
    fresh: bool = False


def lines_of(text: str) -> list[str]:
    """The lines of a file, however they end."""
    return text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def milliseconds(hours: str | None, minutes: str, seconds: str, rest: str | None) -> int | None:
    """A time as it is written; None for one that no clock shows."""
    if int(minutes) > 59 and hours is not None or int(seconds) > 59:
        return None
    found = ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int((rest or "0").ljust(3, "0"))
    return found if found <= LATEST else None


def is_timing(line: str) -> bool:
    """Whether *line* says from when to when."""
    return "-->" in line and _TIMING.match(line) is not None


def vtt(text: str) -> Iterator[Block | None]:
    """The cues of a WebVTT; None for each whose time cannot be read. Its head, notes, styles and regions are no cues."""
    lines = lines_of(text)
    at = 1  # the signature may carry a text of its own
    while at < len(lines) and lines[at].strip() and "-->" not in lines[at]:
        at += 1
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        end = at
        while end < len(lines) and lines[end].strip():
            end += 1
        block = lines[at:end]
        at = end
        if not _ASIDE.match(block[0]):
            yield from _cues(block)


def srt(text: str) -> Iterator[Block | None]:
    """The cues of an SRT. An empty line inside a cue does not end it: what follows without a time of its own belongs to it."""
    standing: list[str] = []
    for line in lines_of(text.lstrip("\ufeff")):
        if "-->" in line:
            number = [standing.pop()] if standing and standing[-1].strip().isdecimal() else []
            yield from _cues(standing)
            standing = [*number, line]
        elif line.strip():
            standing.append(line)
    yield from _cues(standing)


def _cues(block: list[str]) -> Iterator[Block | None]:
    """The cues in a block: one, or several that nobody set apart by an empty line."""
    places = [n for n, line in enumerate(block) if "-->" in line]
    starts = [place - 1 if place and (place == 1 or _is_id(block[place - 1])) else place for place in places]
    for place, start, end in zip(places, starts, [*starts, len(block)][1:], strict=False):
        yield _cue(block[place], block[start].strip() if start < place else "", block[place + 1 : end])


def _is_id(line: str) -> bool:
    return line.strip().isdecimal() or _UTTERANCE.match(line.strip()) is not None


def _cue(timing: str, id: str, lines: list[str]) -> Block | None:
    found = _TIMING.match(timing)
    if found is None:
        return None
    start, end = milliseconds(*found.groups()[:4]), milliseconds(*found.groups()[4:])
    if start is None or end is None:
        return None
    return Block(start, max(start, end), id, tuple(lines))


def utterance(id: str) -> str:
    """What the cues of one utterance share in a file that Teams' page gave: ``guid/n`` of ``guid/n-m``."""
    found = _UTTERANCE.match(id)
    return found[1] if found else ""


def said(block: Block) -> Iterator[Said]:
    """Who says what in *block*: by its voices, else by its dashes, else one text."""
    payload = _TAG.sub("", "\n".join(block.lines))
    if _VOICE.search(payload):
        yield from _voices(payload)
        return
    lines = [line for line in payload.split("\n") if line.strip()]
    if any(_DASH.match(line) for line in lines):
        yield from _dialogue(lines)
        return
    # line by line: the first may say whose words these are
    yield Said(None, "\n".join(_plain(line) for line in lines))


def _voices(payload: str) -> Iterator[Said]:
    voice: str | None = None
    at = 0
    for tag in _VOICE.finditer(payload):
        yield Said(voice, _plain(payload[at : tag.start()]))
        voice = None if tag[0].startswith("</") else _plain(tag[1] or "")
        at = tag.end()
    yield Said(voice, _plain(payload[at:]))


def _dialogue(lines: list[str]) -> Iterator[Said]:
    """Each dash is another mouth."""
    standing: list[str] = []
    fresh = False
    for line in lines:
        if _DASH.match(line):
            if standing:
                yield Said(None, " ".join(standing), fresh)
            standing, fresh = [_plain(_DASH.sub("", line, count=1))], True
        else:
            standing.append(_plain(line))
    yield Said(None, " ".join(standing), fresh)


def _plain(text: str) -> str:
    return " ".join(html.unescape(text).split())
