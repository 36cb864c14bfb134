"""Signed PDF files: which holds, what was found out of it, those that were signed elsewhere, and by what a copy is known.

A second room of ``services``: the same rules hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from meetings import adapters, journal
from meetings.accounts.rules import SYSTEM, Actor
from meetings.adapters import examining, pdf
from meetings.adapters.examining import Report
from meetings.clock import now
from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.minutes import files, pdfs, queries
from meetings.minutes import signing_rules as rules
from meetings.minutes.models import FileReport, Record, RecordFile
from meetings.minutes.rules import FileOrigin, RecordStatus, Which
from meetings.minutes.signing_rules import Alike
from meetings.post import services as post

MOST: Final = examining.MOST


def roots() -> Path | None:
    """The folder of those whose word counts here."""
    return adapters.config().signing_roots


def examined(data: bytes, base: int = 0) -> Report:
    """What *data*, whose first *base* bytes are ours, says of its signatures. Raises :class:`Refused` where too many ask."""
    try:
        return examining.examined(data, roots(), base)
    except examining.Busy:
        raise Refused(_("Many files are being examined now. Try again in a minute."), status=503) from None


# --- which holds -----------------------------------------------------------------------------------------------------


def earlier(record: Record, which: Which) -> RecordFile | None:
    """A signed PDF of a text that does not hold any more, where none of the present one is signed."""
    if files.signed(record, which) is not None:
        return None
    rows = files.of(record, which)
    return next((one for one in rows if one.origin in files.SIGNED and one.set_aside_at is None), None)


def handed_out(record: Record, which: Which) -> RecordFile | None:
    """What a reader is given: the signed PDF, else the PDF, else the .docx, always of the text that holds."""
    docx = files.current(record, which)
    return files.signed(record, which) or (pdfs.of(docx) if docx is not None else None) or docx


def report_row(file: RecordFile) -> FileReport | None:
    """What was found out of *file* when it came."""
    return db.session.scalars(sa.select(FileReport).where(FileReport.file_id == file.id)).first()


def report_of(file: RecordFile) -> Report | None:
    """As :func:`report_row`, without what it has in common with ours."""
    row = report_row(file)
    return examining.report_of(row.report) if row is not None else None


def keep_report(file: RecordFile, report: Report, alike: Alike) -> FileReport:
    """Keep what was found out of *file*."""
    made = report_row(file) or FileReport(file_id=file.id)
    made.report, made.unchanged, made.alike, made.at = report.kept(), report.unchanged, alike, now()
    db.session.add(made)
    db.session.flush()
    return made


# --- signed elsewhere ------------------------------------------------------------------------------------------------


def ours(record: Record, which: Which) -> bytes:
    """Our PDF of the text that holds; empty where there is none."""
    docx = files.current(record, which)
    found = pdfs.of(docx) if docx is not None else None
    return files.read(found) if found is not None else b""


@dataclass(frozen=True)
class Found:
    """What was found out of a file beside *ours*; *differing*: so many words, where it is another text."""

    ours: bytes
    report: Report
    differing: int = 0


def beside(mine: bytes, data: bytes) -> Found:
    """Look through *data*, signed elsewhere, beside *mine*; no transaction is open."""
    report = examined(data, rules.begins_with(mine, data))
    if report.grown or report.fault or not mine:
        return Found(mine, report)
    alike, words = compare(Pair(0, mine, data))
    return Found(mine, report, words if alike is Alike.OTHER_TEXT else 0)


def take(record: Record, which: Which, name: str, data: bytes, sure: bool, found: Found, *, actor: Actor) -> FileReport:
    """Keep a PDF of *record* that was signed elsewhere, of which this was *found* out.

    One without signatures that hold, or with another text, is kept only when somebody is *sure*: raises :class:`Refused` at
    ``sure`` first. It would be handed out at once.
    """
    db.session.refresh(record, with_for_update=True)
    if record.status not in pdfs.STANDING:
        raise Refused(_("Only documents that have been approved are signed."))
    if len(data) > MOST:
        raise Refused(_("The file is too large: at most 20 MB are taken."), field="file", status=413)
    docx, report = files.current(record, which), found.report
    printed = pdfs.of(docx) if docx is not None else None
    if report.fault == "not_a_pdf":
        raise Refused(_("This file cannot be read as a PDF."), field="file", status=422)
    if not report.unchanged and not sure:
        raise Refused(_doubt(report), field="sure", status=422)
    if found.differing and not sure:
        raise Refused(
            ngettext(
                "This is another text than the PDF made here: %(num)s word differs. Tick the box to keep it all the same.",
                "This is another text than the PDF made here: %(num)s words differ. Tick the box to keep it all the same.",
                found.differing,
            ),
            field="sure",
            status=422,
        )
    made = files.keep(
        record, which, FileOrigin.SIGNED_OUTSIDE, data, name=name or "ky-so.pdf", actor=actor, made_of=printed or docx
    )
    same = report.grown and found.ours == ours(record, which)  # another PDF may have been made meanwhile
    alike = Alike.NOT_COMPARED if printed is None else Alike.SAME_FILE if same else Alike.WAITING
    row = keep_report(made, report, alike)
    journal.record(
        "record_file.signed_outside",
        made,
        actor=actor,
        version=record.version,
        which=which,
        sha256=made.sha256,
        unchanged=report.unchanged,
        signers=[mark.subject for mark in report.marks],
        serials=[mark.serial for mark in report.marks],
    )
    return row


def _doubt(report: Report) -> str:
    if report.fault == "encrypted":
        return _(
            "The file is locked with a password, so its signatures cannot be read. Tick the box to keep it all the same."
        )
    if report.fault:
        return _("The signatures of this file cannot be read here. Tick the box to keep it all the same.")
    if not report.marks:
        return _("This file bears no digital signature. Tick the box to keep it all the same, for instance a scan.")
    return _(
        "This file was changed after it was signed, or a signature in it does not fit. Tick the box to keep it all the same."
    )


@dataclass(frozen=True)
class Pair:
    """A signed file and ours, to be compared."""

    id: int
    ours: bytes
    theirs: bytes


def to_compare() -> Pair | None:
    """The next file that is to be compared with ours."""
    row = db.session.scalars(
        sa.select(FileReport).where(FileReport.alike == Alike.WAITING).order_by(FileReport.id).limit(1)
    ).first()
    if row is None:
        return None
    ours = next((one for one in files.chain(row.file)[1:] if one.origin is FileOrigin.PDF), None)
    return Pair(row.id, files.read(ours) if ours is not None else b"", files.read(row.file))


def compare(pair: Pair) -> tuple[Alike, int]:
    """What the two have in common; no transaction is open."""
    ours = pdf.sheets(pair.ours) if pair.ours else None
    theirs = pdf.sheets(pair.theirs)
    if ours is None or theirs is None:
        return Alike.NOT_COMPARED, 0
    return rules.compared(
        [[word.text for word in page.words] for page in ours], [[word.text for word in page.words] for page in theirs]
    )


def keep_comparison(pair: Pair, found: tuple[Alike, int]) -> None:
    """Keep what two files have in common."""
    row = db.session.get(FileReport, pair.id, with_for_update=True, populate_existing=True)
    if row is None or row.alike is not Alike.WAITING:
        return
    row.alike, row.words = found
    db.session.flush()
    if row.alike is Alike.OTHER_TEXT:
        journal.record(
            "record_file.differs",
            row.file,
            actor=SYSTEM,
            version=row.file.record.version,
            which=row.file.which,
            words=row.words,
        )


# --- by what a copy is known -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Issued:
    """A file that came from here: of which document, in which version. *newest*: no later version was issued since."""

    which: Which
    origin: FileOrigin
    code: str
    title: str
    number: str
    on: date | None
    version: int
    issued_at: datetime | None
    newest: bool
    set_aside: bool
    recalled_at: datetime | None


def issued_as(data: bytes, actor: Actor) -> Issued | None:
    """What *data* is, byte by byte, of all files of records. Drafts are known only to those who may read them."""
    rows = db.session.scalars(
        sa.select(RecordFile).where(RecordFile.sha256 == post.digest(data)).order_by(RecordFile.id.desc()).limit(20)
    ).all()
    for one in rows:
        record = one.record
        if record.status is not RecordStatus.ISSUED and not queries.readable_by(actor, record):
            continue
        last = queries.issued(record.meeting)
        notice = one.which is Which.NOTICE
        return Issued(
            one.which,
            one.origin,
            record.meeting.code,
            record.notice_title if notice else record.meeting.title,
            record.notice_number if notice else record.number,
            record.notice_on if notice else record.numbered_on,
            record.version,
            record.issued_at,
            last is None or last.version <= record.version,
            one.set_aside_at is not None,
            queries.recalled_from_all(record),
        )
    return None


@dataclass(frozen=True)
class Look:
    """What a file is: its sum, what it is of ours, and what it says of its signatures (None: it is no PDF)."""

    sha256: str
    size: int
    issued: Issued | None
    report: Report | None
    trusted: bool  # whether any voucher is known here at all

    @property
    def doubt(self) -> str:
        """Why a file that is as it was signed is not to be relied on all the same: ``revoked`` · ``not_in_force`` ·
        ``unknown``, "" where nothing speaks against it. Anybody can sign in anybody's name; who vouches is what counts,
        or that the file came from here."""
        marks = self.report.marks if self.report is not None else ()
        if any(mark.revoked for mark in marks):
            return "revoked"
        if not all(mark.in_time for mark in marks):
            return "not_in_force"
        known = self.issued is not None and not self.issued.set_aside
        return "" if known or all(mark.voucher for mark in marks) else "unknown"


def bears_signatures(data: bytes) -> bool:
    """Whether *data* can: a .docx cannot."""
    return data[:2] != b"PK"


def look(data: bytes, report: Report | None, actor: Actor) -> Look:
    """What *data* is, of which *report* was found out. Raises :class:`Refused` for what is too large."""
    if len(data) > MOST:
        raise Refused(_("The file is too large: at most 20 MB are taken."), field="file", status=413)
    return Look(post.digest(data), len(data), issued_as(data, actor), report, roots() is not None)


def set_aside(file: RecordFile, reason: str, *, actor: Actor) -> None:
    """Use a signed file no more. Raises :class:`Refused` for any other."""
    if file.origin not in files.SIGNED:
        raise Refused(_("Only a signed PDF is set aside here."))
    files.set_aside(file, reason, actor=actor)
