"""Sound of a meeting: whether it may be taken, which files are, and what becomes of one that a service could not hear. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.official import numbers
from meetings.scheduling.rules import Secrecy


class RecordingStatus(StrEnum):
    """How far a recording is."""

    ARRIVING = "arriving"  # pieces of it are still to come
    WAITING = "waiting"
    ASKED = "asked"  # the service has it, or is being handed it
    HEARD = "heard"
    FAILED = "failed"
    CALLED_OFF = "called_off"


class Fault(StrEnum):
    """Why a recording was not heard. Those of :data:`PASSING` are tried again."""

    UNREACHABLE = "unreachable"
    TOO_SLOW = "too_slow"
    BROKEN = "broken"  # 5xx, or an answer that breaks off
    BUSY = "busy"
    REFUSED = "refused"  # 4xx: this file, or how it was asked
    KEY_REFUSED = "key_refused"
    TOO_LARGE = "too_large"
    ODD_ANSWER = "odd_answer"
    NO_WORDS = "no_words"
    NO_FILE = "no_file"
    CALLED_OFF = "called_off"
    FORBIDDEN = "forbidden"
    NOT_CONFIGURED = "not_configured"
    NEVER_CAME = "never_came"


PASSING: Final = frozenset({Fault.UNREACHABLE, Fault.TOO_SLOW, Fault.BROKEN, Fault.BUSY})
LIVE: Final = (RecordingStatus.ARRIVING, RecordingStatus.WAITING, RecordingStatus.ASKED)
TRIES: Final = 5
HEAD: Final = 64 * 1024
"""So many bytes of its beginning tell what a file is, and by them with its size it is known again."""

UNFINISHED: Final = timedelta(days=2)
"""So long a file that came in half waits for the rest of it."""

_RETRIES: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=20), timedelta(hours=1))

TYPES: Final = {
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "mp4": "video/mp4",
    "wav": "audio/wav",
    "ogg": "audio/ogg",
    "webm": "video/webm",
    "flac": "audio/flac",
}
"""Kind → type told to the service. What a file is its first bytes say, never its name."""


def allowed(decisions: Collection[bool], secrecy: Secrecy) -> bool:
    """Whether a meeting may be recorded and written down by machines; *decisions* is what was decided last, if anything.

    Where nobody has decided, an ordinary meeting may, one for internal use may not.
    """
    for decided in decisions:
        return decided
    return secrecy is Secrecy.ORDINARY


def kind_of(head: bytes) -> str:
    """Which of :data:`TYPES` begins like *head*; "" for none."""
    if head[:4] == b"fLaC":
        return "flac"
    if head[:4] == b"OggS":
        return "ogg"
    if head[:4] == b"\x1aE\xdf\xa3":
        return "webm" if b"webm" in head[:64] or b"matroska" in head[:64] else ""
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    if head[4:8] == b"ftyp":
        return "m4a" if head[8:11] == b"M4A" else "mp4" if head[8:12] not in (b"heic", b"avif", b"mif1") else ""
    if head[:3] == b"ID3" or len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06:
        return "mp3"
    return ""


def check_kind(head: bytes) -> str:
    """The kind of the file that begins like *head*; refused where it is none that is taken."""
    kind = kind_of(head)
    if not kind:
        raise Refused(
            _("This is no recording that can be heard: only mp3, m4a, mp4, wav, ogg, webm and flac are taken."),
            field="file",
            status=422,
        )
    return kind


def check_size(size: int, most: int, free: int) -> None:
    """Refuse a file that is empty, too large, or larger than the disk has room for."""
    if size <= 0:
        raise Refused(_("The file is empty."), field="file", status=422)
    if size > most:
        raise Refused(
            _(
                "The file is too large: %(size)s, and at most %(most)s are taken. Save it as sound only (mp3), or in parts.",
                size=numbers.size(size),
                most=numbers.size(most),
            ),
            field="file",
            status=413,
        )
    if size > free:
        raise Refused(
            _("The disk of the server has too little room for this file. Tell the administrator."),
            field="file",
            status=507,
        )


def mark(head: bytes, size: int) -> str:
    """By what a file is known when it is chosen again."""
    return hashlib.sha256(b"%d\0" % size + head[:HEAD]).hexdigest()


def retry_at(attempts: int, now: datetime) -> datetime | None:
    """When the service is asked again after *attempts* that failed; None when it is enough."""
    if attempts >= TRIES:
        return None
    return now + _RETRIES[min(attempts, len(_RETRIES)) - 1]
