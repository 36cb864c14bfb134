"""Transcripts in JSON: TrueConf's lines, and what a speech-to-text service answers."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from meetings.minutes.transcripts.told import LATEST, MAX_CUES, Cue, Unreadable

_SPEAKER: Final = ("display_name", "speaker", "speaker_name", "name")
_WORDS: Final = ("line", "text", "transcript")
_START: Final = ("start", "start_time", "begin")
_END: Final = ("end", "end_time", "finish")


def read(text: str) -> tuple[str, list[Cue | None], bool]:
    """(layout, cues, whether they have times); None stands for what cannot be read."""
    objects = list(_objects(text))
    whole = objects[0] if len(objects) == 1 and isinstance(objects[0], dict) else None
    if whole is not None and isinstance(whole.get("segments"), list):
        return "speech", [_cue(one) for one in _bounded(whole["segments"])], True
    if whole is not None and "text" in whole and not any(key in whole for key in _START):
        words = whole["text"] if isinstance(whole["text"], str) else ""
        return "speech", [Cue(0, _time(whole.get("duration")) or 0, "", words)], False
    rows = objects[0] if len(objects) == 1 and isinstance(objects[0], list) else objects
    if not any(isinstance(row, dict) and any(key in row for key in _WORDS) for row in rows):
        raise Unreadable("not_understood")
    return "trueconf", [_cue(row) for row in _bounded(rows)], True


def _objects(text: str) -> Iterator[Any]:
    """The whole as one value, else every line as one; a line that is none is damaged."""
    try:
        yield json.loads(text)
        return
    except (ValueError, RecursionError):
        lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) > MAX_CUES:
        raise Unreadable("too_many")
    for line in lines:
        try:
            yield json.loads(line)
        except (ValueError, RecursionError):
            yield None


def _bounded(rows: list[Any]) -> list[Any]:
    if len(rows) > MAX_CUES:
        raise Unreadable("too_many")
    return rows


def _cue(row: Any) -> Cue | None:
    if not isinstance(row, Mapping):
        return None
    words = _first(row, _WORDS)
    start, end = _time(_first(row, _START)), _time(_first(row, _END))
    if not isinstance(words, str) or start is None:
        return None
    speaker = _first(row, _SPEAKER)
    name = " ".join(str(speaker).split()) if isinstance(speaker, str | int) and not isinstance(speaker, bool) else ""
    return Cue(start, max(start, end or start), name, " ".join(words.split()))


def _first(row: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    return next((row[key] for key in keys if row.get(key) is not None), None)


def _time(value: Any) -> int | None:
    """Seconds as milliseconds; None for what is no time."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(seconds) or not -1 <= seconds <= LATEST / 1000:
        return None
    return max(0, round(seconds * 1000))
