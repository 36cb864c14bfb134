"""Sound of a meeting: whether it may be kept at all, and how it comes in, in one piece or in many.

The bytes stand in the folder of the installation and not in the database; a row says how far they are. Whoever forbids
calls off all that is under way; the files themselves are deleted by the worker, in ``hearing``.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from config import Speech
from meetings import adapters, journal
from meetings.accounts.rules import Actor
from meetings.clock import now
from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.minutes import recording_rules as rules
from meetings.minutes import transcript_queries as queries
from meetings.minutes.models import Recording, RecordingDecision
from meetings.minutes.recording_rules import LIVE, TYPES, Fault, RecordingStatus
from meetings.scheduling.models import Meeting
from meetings.scheduling.paper_rules import safe_name
from meetings.web import bodies

# --- whether it may be -----------------------------------------------------------------------------------------------


def check_allowed(meeting: Meeting) -> None:
    """Refuse whatever a machine heard of a meeting that forbids it."""
    if not queries.allowed(meeting):
        raise Refused(forbidden(meeting), status=409)


def forbidden(meeting: Meeting) -> str:
    """Why nothing may be recorded or written down by machines."""
    decision = queries.decision(meeting)
    if decision is None:
        return _(
            "This meeting is for internal use (lưu hành nội bộ): it is neither recorded nor written down by machines before "
            "the chair has allowed it."
        )
    return _(
        "%(name)s decided that this meeting is neither recorded nor written down by machines.", name=decision.decided_by
    )


@dataclass(frozen=True)
class _Sound:
    """What a decision is about: all that was or will be recorded of a meeting."""

    meeting: Meeting

    @property
    def journal_subject(self) -> str:
        return f"recordings:{self.meeting.code}"

    @property
    def journal_root(self) -> str:
        return self.meeting.code


def decide(meeting: Meeting, allow: bool, decided_by: str, reason: str, *, actor: Actor) -> RecordingDecision:
    """Enter what the chair decided. To forbid calls off every recording that is under way, and their files are deleted."""
    db.session.refresh(meeting, with_for_update={"of": Meeting})
    if queries.decision(meeting) is not None and queries.allowed(meeting) is allow:
        raise Refused(_("This has been decided already; the decision stands below."))
    made = RecordingDecision(
        meeting_id=meeting.id, allowed=allow, decided_by=decided_by, reason=reason, at=now(), by=actor.name[:200]
    )
    db.session.add(made)
    called_off = [] if allow else list(queries.live(meeting))
    for one in called_off:
        _end(one, RecordingStatus.CALLED_OFF, Fault.FORBIDDEN)
    db.session.flush()
    journal.record(
        "recording.allowed" if allow else "recording.forbidden",
        _Sound(meeting),
        actor=actor,
        decided_by=decided_by,
        reason=reason,
        called_off=len(called_off),
    )
    return made


# --- what is set up --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SetUp:
    """What this installation says of recordings: the service (None: nobody writes them down), bytes, days."""

    speech: Speech | None
    most: int
    days: int


def set_up() -> SetUp:
    """The settings, for pages."""
    config = adapters.config()
    return SetUp(config.speech, config.recording_most, config.recording_days)


# --- how it comes in -------------------------------------------------------------------------------------------------


def where() -> Path:
    """The folder of the recordings."""
    return bodies.folder(adapters.config().instance)


def path_of(one: Recording) -> Path:
    """The file of a recording."""
    return where() / one.key


def arriving(meeting: Meeting) -> list[tuple[int, int]]:
    """(bytes so far, bytes in all) of the files that a browser without scripts is sending for *meeting* now."""
    return bodies.arriving(where(), meeting.code)


def begin(meeting: Meeting, name: str, size: int, head: bytes, started_at: datetime, *, actor: Actor) -> Recording:
    """Take a recording on, of which *head* is the beginning. One that came in half is gone on with: see ``received``."""
    check_allowed(meeting)
    if adapters.listener() is None:
        raise Refused(_("No speech-to-text service is set up here, so a recording is of no use to this system."))
    kind = rules.check_kind(head)
    mark = rules.mark(head, size)
    before = queries.same_recording(meeting, mark)
    if before is not None and before.status is RecordingStatus.ARRIVING:
        before.started_at = started_at
        return before
    if before is not None:
        raise Refused(_("This very recording is here already; it stands in the list."), field="file", status=422)
    rules.check_size(size, adapters.config().recording_most, bodies.free(where()))
    at = now()
    made = Recording(
        meeting_id=meeting.id,
        key=f"{secrets.token_hex(12)}.{kind}",
        file_name=safe_name(name)[:200],
        content_type=TYPES[kind],
        mark=mark,
        size=size,
        started_at=started_at,
        taken_at=at,
        taken_by=actor.name[:200],
        moved_at=at,
    )
    db.session.add(made)
    db.session.flush()
    return made


def take_whole(meeting: Meeting, name: str, file: Any, started_at: datetime, *, actor: Actor) -> Recording:
    """Take a recording that came in one piece."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    made = begin(meeting, name, size, file.read(rules.HEAD), started_at, actor=actor)
    path_of(made).unlink(missing_ok=True)  # the half that came before a line broke
    bodies.take_over(file, path_of(made))
    made.received = made.size
    _arrived(made, actor)
    return made


def add_piece(one: Recording, at: int, data: bytes, *, actor: Actor) -> None:
    """Write a piece of *one* that begins at byte *at*. One that does not go on where the file ends is left aside: whoever
    sent it is told where that is."""
    db.session.refresh(one, with_for_update=True)
    check_allowed(one.meeting)
    if one.status is not RecordingStatus.ARRIVING:
        raise Refused(_("This recording takes no more pieces: %(state)s.", state=queries.state_words(one)))
    if at != one.received:
        return
    if at + len(data) > one.size:
        raise Refused(_("This piece is longer than the rest of the file. Choose the file again."), status=422)
    path = path_of(one)
    with path.open("r+b" if path.exists() else "xb") as file:
        file.truncate(at)
        file.seek(at)
        file.write(data)
    one.received, one.moved_at = at + len(data), now()
    if one.received == one.size:
        _arrived(one, actor)
    db.session.flush()


def _arrived(one: Recording, actor: Actor) -> None:
    one.status, one.moved_at = RecordingStatus.WAITING, now()
    one.next_at = one.moved_at
    db.session.flush()
    journal.record("recording.received", one, actor=actor, file=one.file_name, size=one.size)


# --- what a person does with it --------------------------------------------------------------------------------------


def call_off(one: Recording, *, actor: Actor) -> None:
    """Have a recording heard no more; its file is deleted."""
    db.session.refresh(one, with_for_update=True)
    if one.deleted_at is not None or one.status is RecordingStatus.CALLED_OFF:
        raise Refused(_("This recording was deleted already."))
    if one.status in LIVE:
        _end(one, RecordingStatus.CALLED_OFF, Fault.CALLED_OFF)
    else:
        one.fault = Fault.CALLED_OFF if one.status is RecordingStatus.FAILED else one.fault
        one.status = RecordingStatus.CALLED_OFF
    db.session.flush()
    journal.record("recording.called_off", one, actor=actor, file=one.file_name)


def again(one: Recording, *, actor: Actor) -> None:
    """Have a recording heard that could not be."""
    db.session.refresh(one, with_for_update=True)
    check_allowed(one.meeting)
    if one.status is not RecordingStatus.FAILED or one.deleted_at is not None:
        raise Refused(_("Only a recording that could not be heard, and whose file is still here, is tried again."))
    one.status, one.attempts, one.next_at, one.ended_at = RecordingStatus.WAITING, 0, now(), None
    one.fault = one.said = ""
    db.session.flush()
    journal.record("recording.tried_again", one, actor=actor, file=one.file_name)


def _end(one: Recording, status: RecordingStatus, fault: Fault) -> None:
    one.status, one.fault, one.ended_at, one.next_at = status, fault, now(), None
