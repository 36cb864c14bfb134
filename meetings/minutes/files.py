"""The files of a record: kept under their SHA-256, told apart by how they came to be, never changed and never deleted.

A second room of ``services``: the same rules hold. Which of several holds is said here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import SYSTEM, Actor
from meetings.clock import now
from meetings.database import db
from meetings.minutes import queries
from meetings.minutes.models import Record, RecordFile
from meetings.minutes.rules import FileOrigin, RecordStatus, Which
from meetings.official.paper import CONTENT_TYPE
from meetings.post import services as post
from meetings.scheduling.models import Meeting

PDF: Final = "application/pdf"
WORD: Final = (FileOrigin.WRITTEN, FileOrigin.EDITED)
"""What is a .docx; everything else is a PDF."""
SIGNED: Final = (FileOrigin.SIGNED, FileOrigin.SIGNED_OUTSIDE)


def keep(
    record: Record,
    which: Which,
    origin: FileOrigin,
    data: bytes,
    *,
    name: str,
    actor: Actor,
    made_of: RecordFile | None = None,
) -> RecordFile:
    """Keep *data* as a file of *record*; *made_of* is what a PDF or a signature was made of.

    The newest file of its kind is returned unchanged where it has the same bytes: pressed twice, kept once.
    """
    content_type = CONTENT_TYPE if origin in WORD else PDF
    sha256 = post.keep(data, content_type)
    last = _newest(record, which, (origin,))
    if last is not None and last.sha256 == sha256 and last.made_of_id == (made_of.id if made_of else None):
        return last
    made = RecordFile(
        record_id=record.id,
        which=which,
        origin=origin,
        sha256=sha256,
        name=name[-200:],
        content_type=content_type,
        size=len(data),
        made_at=now(),
        made_by=actor.name,
        made_of_id=made_of.id if made_of else None,
    )
    db.session.add(made)
    db.session.flush()
    journal.record(
        "record_file.kept",
        made,
        actor=actor,
        version=record.version,
        which=which,
        origin=origin,
        sha256=sha256,
        name=made.name,
    )
    return made


def headed_at(record: Record, which: Which) -> datetime | None:
    """When *which* got the head that stands on it: a letterhead that came later stands on later documents.

    None while the text is open: then it has the head of today.
    """
    if record.status in (RecordStatus.WRITING, RecordStatus.RETURNED):
        return None
    found = _newest(record, which, (FileOrigin.WRITTEN,))
    while found is not None and found.made_of_id is not None:  # a number was put into what was written before
        found = db.session.get(RecordFile, found.made_of_id)
    return found.made_at if found is not None else record.submitted_at


def current(record: Record, which: Which) -> RecordFile | None:
    """The .docx that holds: the newest that was changed in Word and is not set aside, else the newest that we wrote."""
    return _newest(record, which, (FileOrigin.EDITED,)) or _newest(record, which, (FileOrigin.WRITTEN,))


def name_of(record: Record, which: Which) -> str:
    """What a document of *record* is called as a file that we wrote: ``Bien-ban-HN-2026-0147.docx``, ASCII."""
    kind = "Bien-ban" if which is Which.RECORD else "Thong-bao-ket-luan"
    return f"{kind}-{record.meeting.code}.docx"


def freeze(record: Record, which: Which, data: bytes) -> RecordFile:
    """Keep what the system wrote, as the text that somebody is shown now."""
    return keep(record, which, FileOrigin.WRITTEN, data, name=name_of(record, which), actor=SYSTEM)


def point_to(record: Record) -> None:
    """Let an approved record name the files that hold by their SHA-256, for letters and readers."""
    record.record_sha256, record.notice_sha256 = shown(record)
    db.session.flush()


def shown(record: Record) -> tuple[str, str]:
    """The SHA-256 of the two files that hold, "" for none: what somebody who approves has before her."""
    minutes, notice = current(record, Which.RECORD), current(record, Which.NOTICE)
    return minutes.sha256 if minutes else "", notice.sha256 if notice else ""


def signed(record: Record, which: Which) -> RecordFile | None:
    """The newest signed PDF of the document that holds, signed here or elsewhere; one that was signed before a number or a word
    changed is not it."""
    docx = current(record, which)
    rows = [one for one in of(record, which) if one.origin in SIGNED and one.set_aside_at is None]
    return next((one for one in rows if docx is not None and chain(one)[-1].id == docx.id), None)


def chain(file: RecordFile) -> list[RecordFile]:
    """*file*, what it was made of, and so on to the .docx that was printed and signed."""
    found = [file]
    while found[-1].origin not in WORD and found[-1].made_of_id is not None and len(found) < 20:
        before = db.session.get(RecordFile, found[-1].made_of_id)
        if before is None:
            break
        found.append(before)
    return found


def set_aside(file: RecordFile, reason: str, *, actor: Actor) -> None:
    """Use *file* no more, and keep it: *reason* says why."""
    if file.set_aside_at is not None:
        return
    file.set_aside_at, file.set_aside_by, file.note = now(), actor.name, reason[:500]
    db.session.flush()
    journal.record(
        "record_file.set_aside",
        file,
        actor=actor,
        version=file.record.version,
        which=file.which,
        origin=file.origin,
        sha256=file.sha256,
        reason=file.note,
    )


def of(record: Record, which: Which | None = None) -> Sequence[RecordFile]:
    """Every file of *record*, or of one of its two documents, newest first."""
    found = sa.select(RecordFile).where(RecordFile.record_id == record.id)
    if which is not None:
        found = found.where(RecordFile.which == which)
    return db.session.scalars(found.order_by(RecordFile.id.desc())).all()


def alone(record: Record) -> None:
    """Of two presses at one time let the second wait here, and see what the first has done."""
    db.session.flush()
    db.session.refresh(record, with_for_update=True)


def find(record: Record, file_id: int) -> RecordFile | None:
    """One file of *record*."""
    found = db.session.get(RecordFile, file_id) if 0 < file_id < 2**31 else None
    return found if found is not None and found.record_id == record.id else None


def among(meeting: Meeting, file_id: int) -> RecordFile | None:
    """One file of any version of the minutes of *meeting*."""
    found = db.session.get(RecordFile, file_id) if 0 < file_id < 2**31 else None
    return found if found is not None and found.record.meeting_id == meeting.id else None


def read(file: RecordFile) -> bytes:
    """The bytes of *file*."""
    data = queries.kept(file.sha256)
    if data is None:
        raise LookupError(f"the bytes of {file.journal_subject} are gone")
    return data


def _newest(record: Record, which: Which, origins: tuple[FileOrigin, ...]) -> RecordFile | None:
    return db.session.scalars(
        sa.select(RecordFile)
        .where(
            RecordFile.record_id == record.id,
            RecordFile.which == which,
            RecordFile.origin.in_(origins),
            RecordFile.set_aside_at.is_(None),
        )
        .order_by(RecordFile.id.desc())
        .limit(1)
    ).first()
