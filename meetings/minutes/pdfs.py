"""The PDF files of a record: asked for, and kept beside the .docx that each was made of.

A second room of ``services``: the same rules hold.
"""

from __future__ import annotations

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import SYSTEM, Actor
from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.journal import Entry
from meetings.minutes import files, queries
from meetings.minutes.models import Record, RecordFile
from meetings.minutes.rules import FileOrigin, RecordStatus, Which
from meetings.post import converting
from meetings.post.models import Conversion

STANDING = (RecordStatus.APPROVED, RecordStatus.ISSUED)


def source(record: Record, which: Which) -> RecordFile | None:
    """The .docx that holds for *record*."""
    return files.current(record, which)


def of(docx: RecordFile) -> RecordFile | None:
    """The PDF that was made of *docx*; None before it was."""
    return db.session.scalars(
        sa.select(RecordFile)
        .where(
            RecordFile.made_of_id == docx.id,
            RecordFile.origin == FileOrigin.PDF,
            RecordFile.set_aside_at.is_(None),
        )
        .order_by(RecordFile.id.desc())
        .limit(1)
    ).first()


def ask(record: Record, which: Which, *, actor: Actor) -> None:
    """Want a PDF of the document that holds. Raises :class:`Refused` where none can be made."""
    if not converting.possible():
        raise Refused(
            _("LibreOffice is not installed on this server, so no PDF can be made here. The .docx is what is kept.")
        )
    if record.status not in STANDING:
        raise Refused(_("A PDF is made once the minutes have been approved: until then their text changes."))
    docx = source(record, which) or _from_before(record, which)
    if docx is None:
        raise Refused(_("There is no document yet of which a PDF could be made."))
    if of(docx) is not None:
        return
    found = converting.ask(docx.sha256)
    journal.record("record_file.pdf_asked", docx, actor=actor, version=record.version, which=which, sha256=docx.sha256)
    if found.stage == converting.DONE:
        _keep(docx, found)


def _from_before(record: Record, which: Which) -> RecordFile | None:
    """The document of a record that was approved before its files were told apart."""
    sha256 = record.record_sha256 if which is Which.RECORD else record.notice_sha256
    data = queries.kept(sha256)
    return files.freeze(record, which, data) if data is not None else None


def follow_issue(entry: Entry) -> None:
    """After the issue both documents are wanted as PDF, where there is something to make it."""
    record = db.session.get(Record, int(entry.subject.partition(":")[2]))
    if record is None or not converting.possible():
        return
    for which in Which:
        if (docx := source(record, which) or _from_before(record, which)) is not None and of(docx) is None:
            found = converting.ask(docx.sha256)
            if found.stage == converting.DONE:
                _keep(docx, found)


def settle(one: Conversion) -> None:
    """Put the PDF that was just made beside every document it was made of."""
    if one.stage != converting.DONE:
        return
    rows = db.session.scalars(
        sa.select(RecordFile).where(RecordFile.sha256 == one.sha256, RecordFile.origin.in_(files.WORD))
    ).all()
    for docx in rows:
        if of(docx) is None:
            _keep(docx, one)


def _keep(docx: RecordFile, one: Conversion) -> None:
    data = queries.kept(one.pdf or "")
    if data is not None:
        name = docx.name.removesuffix(".docx") or files.name_of(docx.record, docx.which).removesuffix(".docx")
        files.keep(docx.record, docx.which, FileOrigin.PDF, data, name=f"{name}.pdf", actor=SYSTEM, made_of=docx)
