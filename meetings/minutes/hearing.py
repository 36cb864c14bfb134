"""Having recordings written down, and deleting their files: the worker's errand.

It finds what is due, marks it as asked, goes to the service with no transaction open, and keeps what came. Meanwhile the
meeting may forbid it, or somebody call it off: then what was heard is thrown away.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import sqlalchemy as sa
import structlog

from meetings import adapters, journal
from meetings.accounts.rules import SYSTEM
from meetings.adapters.speech import Heard, Sound, Unheard, Why
from meetings.clock import now
from meetings.database import db
from meetings.minutes import recording_rules as rules
from meetings.minutes import recordings, transcribing
from meetings.minutes import transcript_queries as queries
from meetings.minutes.models import Recording
from meetings.minutes.recording_rules import PASSING, UNFINISHED, Fault, RecordingStatus
from meetings.minutes.transcripts import Told, read
from meetings.minutes.voice_offers import known_names

log = structlog.get_logger("hearing")
_BLOCK: Final = 1024 * 1024


@dataclass(frozen=True)
class Wanted:
    """A recording that the service is asked about now."""

    id: int
    sound: Sound


def take_up(at: datetime) -> Wanted | None:
    """The recording that has waited longest, marked as asked. One that was asked before is left from a worker that was killed:
    only one works at a time."""
    one = db.session.scalars(
        sa.select(Recording)
        .where(
            sa.or_(
                sa.and_(Recording.status == RecordingStatus.WAITING, Recording.next_at <= at),
                Recording.status == RecordingStatus.ASKED,
            )
        )
        .order_by(Recording.next_at, Recording.id)
        .limit(1)
        .with_for_update()
    ).first()
    if one is None:
        return None
    one.status, one.asked_at = RecordingStatus.ASKED, at
    one.attempts += 1
    db.session.flush()
    return Wanted(one.id, Sound(recordings.path_of(one), one.key.rpartition(".")[2], one.content_type))


def still_wanted(id: int) -> bool:
    """Whether the recording *id* is to be heard still."""
    status = db.session.scalar(sa.select(Recording.status).where(Recording.id == id))
    return status is RecordingStatus.ASKED


def digest(path: Path) -> str:
    """The SHA-256 of a file; "" where there is none."""
    found = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                found.update(block)
    except OSError:
        return ""
    return found.hexdigest()


def keep(id: int, came: Heard | Unheard, sha256: str, *, told_to_stop: bool = False) -> None:
    """Keep what the service wrote down, or why it did not; nothing where it is not wanted any more."""
    one = db.session.get(Recording, id, with_for_update=True, populate_existing=True)
    if one is None or one.status is not RecordingStatus.ASKED:
        return
    one.sha256 = sha256 or one.sha256
    if isinstance(came, Unheard) and came.why is Why.CALLED_OFF and told_to_stop:
        one.status, one.next_at = RecordingStatus.WAITING, now()  # it is no fault of the file that the worker goes home
        one.attempts -= 1
        return
    if not queries.allowed(one.meeting):
        _failed(one, RecordingStatus.CALLED_OFF, Fault.FORBIDDEN)
        return
    if isinstance(came, Unheard):
        _put_off(one, Fault(came.why.value), came.said)
        return
    told = understood(came.body, known_names(one.meeting))
    if not told.layout:
        _put_off(one, Fault.NO_WORDS if "no_words" in told.faults else Fault.ODD_ANSWER, "")
        return
    transcribing.keep(one.meeting, told, came.body, f"{one.file_name}.txt", one.started_at, actor=SYSTEM, recording=one)
    one.status, one.ended_at, one.next_at, one.fault, one.said = RecordingStatus.HEARD, now(), None, "", ""
    journal.record("recording.heard", one, actor=SYSTEM, file=one.file_name, sha256=one.sha256)


def understood(body: bytes, known: Sequence[str]) -> Told:
    """What a service wrote down, in whichever of its forms; text alone has no times."""
    told = read(body, known)
    if told.layout or told.faults != ("not_understood",):
        return told
    text = body.decode("utf-8", "replace").strip()
    if text[:1] in ("{", "[", "<"):
        return told  # JSON that breaks off, a page of a proxy
    return read(json.dumps({"text": text}).encode())


def _put_off(one: Recording, fault: Fault, said: str) -> None:
    one.fault, one.said = fault, said[:300]
    at = rules.retry_at(one.attempts, now()) if fault in PASSING else None
    if at is not None:
        one.status, one.next_at = RecordingStatus.WAITING, at
    else:
        _failed(one, RecordingStatus.FAILED, fault)


def _failed(one: Recording, status: RecordingStatus, fault: Fault) -> None:
    one.status, one.fault, one.ended_at, one.next_at = status, fault, now(), None
    journal.record("recording.failed", one, actor=SYSTEM, file=one.file_name, why=fault, said=one.said)


# --- files that are not needed any more ------------------------------------------------------------------------------


def sweep(at: datetime) -> list[int]:
    """The recordings whose files are to go: called off, forbidden, given up half-way, or kept as long as the setting says."""
    kept = at - timedelta(days=adapters.config().recording_days)
    forgotten = db.session.scalars(
        sa.select(Recording).where(Recording.status == RecordingStatus.ARRIVING, Recording.moved_at <= at - UNFINISHED)
    ).all()
    for one in forgotten:
        _failed(one, RecordingStatus.CALLED_OFF, Fault.NEVER_CAME)
    db.session.flush()
    old = sa.and_(Recording.status.in_((RecordingStatus.HEARD, RecordingStatus.FAILED)), Recording.ended_at <= kept)
    found = db.session.scalars(
        sa.select(Recording)
        .where(Recording.deleted_at.is_(None), sa.or_(Recording.status == RecordingStatus.CALLED_OFF, old))
        .limit(100)
    ).all()
    rest = db.session.scalars(
        sa.select(Recording).where(
            Recording.deleted_at.is_(None), Recording.status.in_((RecordingStatus.HEARD, RecordingStatus.FAILED))
        )
    ).all()
    forbidden = [one for one in rest if one not in found and not queries.allowed(one.meeting)]
    return [one.id for one in (*found, *forbidden)]


def delete(id: int) -> None:
    """Delete the file of the recording *id*; what is told of it stays."""
    one = db.session.get(Recording, id, with_for_update=True, populate_existing=True)
    if one is None or one.deleted_at is not None:
        return
    recordings.path_of(one).unlink(missing_ok=True)
    one.deleted_at = now()
    journal.record("recording.deleted", one, actor=SYSTEM, file=one.file_name, size=one.size, sha256=one.sha256)


def strays(at: datetime) -> int:
    """Delete files that no recording bears, left by a server that was killed; returns how many."""
    where = recordings.where()
    known = set(db.session.scalars(sa.select(Recording.key).where(Recording.deleted_at.is_(None))))
    count = 0
    for path in where.iterdir():
        if path.name not in known and path.stat().st_mtime < (at - UNFINISHED).timestamp():
            path.unlink(missing_ok=True)
            count += 1
    return count
