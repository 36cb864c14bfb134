"""From cues to turns: what one speaker says until another begins, or until she is silent for two seconds.

And from turns to passages, which is what a writer takes into the minutes: the turns of one speaker under one agenda item.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from meetings.minutes.transcripts.told import MOST_TEXT, Cue

GAP: Final = 2_000  # ms
READABLE: Final = 1_200  # characters: a turn that is as long as this ends with its sentence


@dataclass(frozen=True)
class Turn:
    """What one speaker said without a pause."""

    start: int
    end: int
    speaker: str
    text: str


def turns(cues: Iterable[Cue]) -> tuple[Turn, ...]:
    """*cues* in the order of their times, those of one speaker put together."""
    made: list[Turn] = []
    part = ""
    for cue in sorted(cues, key=lambda one: one.start):
        last = made[-1] if made else None
        if last is not None and _goes_on(last, part, cue):
            made[-1] = Turn(last.start, max(last.end, cue.end), last.speaker, f"{last.text} {cue.text}")
        else:
            made.append(Turn(cue.start, cue.end, cue.speaker, cue.text))
        part = cue.part
    return tuple(made)


def _goes_on(last: Turn, part: str, cue: Cue) -> bool:
    if cue.speaker != last.speaker or cue.fresh or len(last.text) + len(cue.text) >= MOST_TEXT:
        return False
    if len(last.text) >= READABLE and last.text[-1] in ".?!…":
        return False
    return cue.start - last.end < GAP or bool(part) and part == cue.part


def item_at(at: datetime, begins: Sequence[datetime | None]) -> int:
    """Under which agenda item *at* lies: the last that had begun; before them all, and where none has a time, the first."""
    found = 0
    for place, began in enumerate(begins):
        if began is not None and began <= at:
            found = place
    return found
