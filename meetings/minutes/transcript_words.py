"""The words of recordings and transcripts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from meetings.i18n import lazy_gettext as _l
from meetings.minutes.recording_rules import Fault, RecordingStatus

LAYOUT_WORDS: Final = {
    "teams": _l("WebVTT with speakers (Microsoft Teams)"),
    "teams_portal": _l("WebVTT downloaded from Microsoft Teams"),
    "teams_word": _l("Word document of Microsoft Teams"),
    "zoom": _l("WebVTT of Zoom"),
    "captions": _l("captions without speakers (BigBlueButton, subtitles)"),
    "srt": _l("subtitles in SRT"),
    "trueconf": _l("lines of TrueConf"),
    "speech": _l("heard by the speech-to-text service"),
}

FAULT_WORDS: Final = {
    "empty": _l("The file is empty."),
    "too_big": _l("The file is larger than 16 MB: no transcript is."),
    "too_many": _l("The file has more than 60,000 cues: no transcript has."),
    "not_understood": _l(
        "This is no transcript that can be read: .vtt and .srt, the .docx of Teams and the lines of TrueConf are."
    ),
    "no_words": _l("Nobody says anything in this file."),
    "no_speakers": _l("The file does not say who speaks: everything stands under one unnamed voice."),
    "no_times": _l("The file holds no times: everything stands at the beginning of the recording."),
}

LEFT_OUT_WORDS: Final = {
    "empty": _l("cues without words"),
    "repeated": _l("cues that were told twice"),
    "damaged": _l("cues that could not be read"),
}

STATUS_WORDS: Final = {
    RecordingStatus.ARRIVING: _l("is being received"),
    RecordingStatus.WAITING: _l("waits to be heard"),
    RecordingStatus.ASKED: _l("is being heard"),
    RecordingStatus.HEARD: _l("heard"),
    RecordingStatus.FAILED: _l("could not be heard"),
    RecordingStatus.CALLED_OFF: _l("called off"),
}

WHY_WORDS: Final = {
    Fault.UNREACHABLE: _l("The speech-to-text service cannot be reached."),
    Fault.TOO_SLOW: _l("The speech-to-text service did not answer in time."),
    Fault.BROKEN: _l("The speech-to-text service broke down over it."),
    Fault.BUSY: _l("The speech-to-text service takes nothing just now."),
    Fault.REFUSED: _l("The speech-to-text service refused it."),
    Fault.KEY_REFUSED: _l("The speech-to-text service does not take our key. Tell the administrator."),
    Fault.TOO_LARGE: _l(
        "The file is larger than the speech-to-text service takes. It is not cut up here: save it in parts, or as sound only."
    ),
    Fault.ODD_ANSWER: _l("The speech-to-text service gave an answer that cannot be read."),
    Fault.NO_WORDS: _l("The speech-to-text service heard no words in it."),
    Fault.NO_FILE: _l("The file is not on the disk any more."),
    Fault.CALLED_OFF: _l("Somebody called it off."),
    Fault.FORBIDDEN: _l("Recording was forbidden for this meeting."),
    Fault.NOT_CONFIGURED: _l("No speech-to-text service is set up here any more."),
    Fault.NEVER_CAME: _l("The rest of the file never came."),
}


def told(fact: str, details: Mapping[str, Any]) -> str | None:
    """*fact* with its *details* as a sentence in the reader's language; None for facts of other features.

    Details may have been purged: the sentence then says less.
    """
    found = _TOLD.get(fact)
    if found is None:
        return None
    whole, bare = found
    try:
        sentence = str(whole) % dict(details)
    except (KeyError, ValueError, TypeError):
        return str(bare)
    reason = details.get("reason")
    return str(_l("%(said)s Reason: %(reason)s")) % {"said": sentence, "reason": reason} if reason else sentence


_TOLD: Final = {
    "recording.allowed": (
        _l("%(decided_by)s allowed that the meeting is recorded and written down by machines."),
        _l("It was allowed that the meeting is recorded."),
    ),
    "recording.forbidden": (
        _l("%(decided_by)s forbade that the meeting is recorded and written down by machines."),
        _l("It was forbidden that the meeting is recorded."),
    ),
    "recording.received": (_l("The recording “%(file)s” was received."), _l("A recording was received.")),
    "recording.heard": (_l("The recording “%(file)s” was written down."), _l("A recording was written down.")),
    "recording.failed": (
        _l("The recording “%(file)s” could not be written down."),
        _l("A recording could not be written down."),
    ),
    "recording.called_off": (_l("The recording “%(file)s” was called off."), _l("A recording was called off.")),
    "recording.tried_again": (_l("The recording “%(file)s” was tried again."), _l("A recording was tried again.")),
    "recording.deleted": (
        _l("The file of the recording “%(file)s” was deleted."),
        _l("The file of a recording was deleted."),
    ),
    "transcript.taken": (
        _l("The transcript “%(file)s” was taken: %(voices)s voices, %(turns)s turns."),
        _l("A transcript was taken."),
    ),
    "transcript.settled": (
        _l("For %(count)s voices of the transcript “%(file)s” it was said who they are."),
        _l("It was said who speaks in a transcript."),
    ),
    "transcript.timed": (
        _l("The beginning of the transcript “%(file)s” was set to another time."),
        _l("The beginning of a transcript was set to another time."),
    ),
    "transcript.placed": (
        _l(
            "%(count)s statements of the transcript “%(file)s” were put into the minutes, marked as written by a machine."
        ),
        _l("Statements of a transcript were put into the minutes."),
    ),
    "transcript.taken_back": (
        _l("%(count)s unread statements of the transcript “%(file)s” were taken back out of the minutes."),
        _l("Unread statements of a transcript were taken back out of the minutes."),
    ),
    "transcript.withdrawn": (_l("The transcript “%(file)s” was withdrawn."), _l("A transcript was withdrawn.")),
}
