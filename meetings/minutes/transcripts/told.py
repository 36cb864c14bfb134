"""What a transcript told: frozen cues, what was left out, what is wrong with the file as a whole.

Pure. Times are whole milliseconds from the beginning of the recording: which instant that was the file does not say. Every
word in *left_out* and *faults* is a code of the lists below; the page says it in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

LAYOUTS: Final = (
    "teams",  # WebVTT with voices, as Microsoft Graph gives it
    "teams_portal",  # the same as it is downloaded by hand: cue ids «guid/n-m»
    "teams_word",  # the .docx of Teams
    "zoom",  # WebVTT whose cues begin «Name: »
    "captions",  # WebVTT without speakers: BigBlueButton, closed captions
    "srt",
    "trueconf",  # one JSON object a line, with the speaker's identity
    "speech",  # what a speech-to-text service answers
)

FAULTS: Final = (
    "empty",
    "too_big",  # more than MAX_BYTES: not read at all
    "too_many",  # more than MAX_CUES: not read at all
    "not_understood",
    "no_words",  # the layout is known, nobody says anything in it
    "no_speakers",  # whose words these are nobody told
    "no_times",  # text alone: everything stands at the beginning of the recording
)

LEFT_OUT: Final = (
    "empty",  # a cue without a word
    "repeated",  # told twice, word for word at the same time
    "damaged",  # a cue whose time or text cannot be read
)

MAX_BYTES: Final = 16 * 1024 * 1024
MAX_CUES: Final = 60_000
MOST_NAME: Final = 200
MOST_TEXT: Final = 4_000
LATEST: Final = 400 * 3600 * 1000  # ms: a recording of more than sixteen days is a slip of the clock


class Unreadable(Exception):
    """The file cannot be read; *why* is one of :data:`FAULTS`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Cue:
    """Some words of one speaker, "" where nobody told whose. *part*: cues of one utterance bear the same, "" says nothing.
    *fresh*: somebody else begins to speak here, though the file names neither."""

    start: int
    end: int
    speaker: str
    text: str
    part: str = ""
    fresh: bool = False


@dataclass(frozen=True)
class Told:
    """A file read. *layout* is one of :data:`LAYOUTS`, "" where none fits: then *faults* says why and there are no cues."""

    layout: str
    cues: tuple[Cue, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    faults: tuple[str, ...] = ()
