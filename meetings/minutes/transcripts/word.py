"""The .docx that Teams gives: a name and a time in the line above what was said."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Final

from defusedxml import ElementTree

from meetings.minutes.transcripts.cues import is_timing, milliseconds, srt
from meetings.minutes.transcripts.told import MAX_CUES, Cue, Unreadable

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MAX_PART: Final = 32 * 1024 * 1024
_MAX_LINES: Final = 4 * MAX_CUES
_HEAD: Final = re.compile(r"^(.{0,200}?)(?:\s{2,}|\t|\u00a0)\s*(?:(\d{1,3}):)?(\d{1,3}):(\d{2})$")
_NEWS: Final = re.compile(
    r"^.{1,200} (?:started|stopped) transcription$|^.{1,200} đã (?:bắt đầu|dừng) (?:phiên âm|chép lời|bản chép lời)$",
    re.I,
)


def read(raw: bytes) -> list[Cue | None]:
    """The cues of the document; each lasts until the next begins. None stands for one whose time cannot be read."""
    lines = list(_lines(_document(raw)))
    if any(is_timing(line) for line in lines):
        return list(_timed("\n".join(lines)))
    found: list[tuple[int | None, str, list[str]]] = []
    for line in lines:
        head = _HEAD.match(line)
        if head:
            found.append((milliseconds(head[2], head[3], head[4], None), " ".join(head[1].split()), []))
        elif found and line.strip() and not _NEWS.match(line.strip()):
            found[-1][2].append(line)
    if not found:
        raise Unreadable("not_understood")
    ends = [start for start, _name, _text in found[1:]] + [None]
    return [
        None if start is None else Cue(start, max(start, end or start), name, " ".join(" ".join(text).split()))
        for (start, name, text), end in zip(found, ends, strict=True)
    ]


def _timed(text: str) -> Iterator[Cue | None]:
    """An older kind: times with an arrow, the name in the line below, the words below that."""
    for block in srt(text):
        if block is None:
            yield None
            continue
        name, *rest = block.lines or ("",)
        words = " ".join(" ".join(rest).split())
        yield Cue(block.start, block.end, " ".join(name.split()) if words else "", words or " ".join(name.split()))


def _document(raw: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as parcel:
            part = parcel.getinfo("word/document.xml")
            if part.file_size > _MAX_PART:
                raise Unreadable("too_big")
            with parcel.open(part) as file:
                data = file.read(_MAX_PART + 1)
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, NotImplementedError, EOFError, ValueError) as fault:
        raise Unreadable("not_understood") from fault
    if len(data) > _MAX_PART:
        raise Unreadable("too_big")
    return data


def _lines(document: bytes) -> Iterator[str]:
    """The lines of all paragraphs, as a reader sees them."""
    count, line = 0, ""
    for _event, node in ElementTree.iterparse(io.BytesIO(document), events=("end",)):
        if node.tag == f"{_W}t":
            line += node.text or ""
        elif node.tag == f"{_W}tab":
            line += "\t"
        elif node.tag in (f"{_W}br", f"{_W}cr", f"{_W}p"):
            yield line
            count, line = count + 1, ""
            if count > _MAX_LINES:
                raise Unreadable("too_many")
        if node.tag == f"{_W}p":
            node.clear()
    yield line
