"""What the page of a record says of the PDF files and signatures of its documents, and what may be done there.

A second room of ``queries``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from meetings import adapters
from meetings.accounts.rules import Actor
from meetings.adapters.examining import Report
from meetings.minutes import files, pdfs, queries, record_numbers, signed_files, signing
from meetings.minutes.models import FileReport, Record, RecordFile, Signing
from meetings.minutes.rules import Which
from meetings.minutes.signing_rules import PERMISSION, Hand, Stage
from meetings.post import converting
from meetings.post.models import Conversion


@dataclass
class Box:
    """One document. *actor* looks at it."""

    record: Record
    which: Which
    actor: Actor
    newest: bool

    @cached_property
    def pdf(self) -> RecordFile | None:
        """The PDF of the text that holds."""
        docx = files.current(self.record, self.which)
        return pdfs.of(docx) if docx is not None else None

    @cached_property
    def conversion(self) -> Conversion | None:
        """How far that PDF is."""
        docx = files.current(self.record, self.which)
        sha256 = docx.sha256 if docx is not None else ""
        return converting.of(sha256)

    @cached_property
    def signed(self) -> RecordFile | None:
        """The signed PDF of the text that holds."""
        return files.signed(self.record, self.which)

    @cached_property
    def earlier(self) -> RecordFile | None:
        """A signed PDF of an earlier text."""
        return signed_files.earlier(self.record, self.which)

    @cached_property
    def kept(self) -> FileReport | None:
        """What was found out of the signed PDF when it came."""
        return signed_files.report_row(self.signed) if self.signed is not None else None

    @cached_property
    def report(self) -> Report | None:
        return signed_files.report_of(self.signed) if self.signed is not None else None

    @cached_property
    def asked(self) -> Signing | None:
        """The signature that was asked for last, where it says something about what holds now."""
        last = signing.last(self.record, self.which)
        if last is None or last.stage is Stage.DONE:
            return last if last is not None and self.signed is not None and last.made_id == self.signed.id else None
        here = signing.base(self.record, self.which)
        return last if here is not None and last.file_id == here.id else None

    @property
    def numberless(self) -> bool:
        """Whether a number may still be put into the text."""
        return not record_numbers.of(self.record, self.which)[0]

    @property
    def busy(self) -> bool:
        """Whether the worker is at it."""
        making = self.conversion is not None and self.conversion.stage in (converting.WAITING, converting.WORKING)
        return (
            self.pdf is None and making or self.asked is not None and self.asked.stage in (Stage.WAITING, Stage.WORKING)
        )

    @cached_property
    def possible(self) -> bool:
        """Whether PDF files can be made here."""
        return converting.possible()

    @property
    def may_make(self) -> bool:
        return (
            self.newest and self.possible and self.pdf is None and self.signed is None and self._may("record.preview")
        )

    @property
    def may_bring(self) -> bool:
        """Whether she may bring in what was signed elsewhere, and set a signed file aside."""
        return self.newest and self._may("document.number")

    @cached_property
    def hands(self) -> list[Hand]:
        """With which keys she may have it signed now."""
        here = signing.base(self.record, self.which)
        if not self.newest or here is None or self.busy or (self.report is not None and not self.report.unchanged):
            return []
        done = signing.hands_of(here)
        return [hand for hand in signing.offered(self.record, self.which, self.actor) if hand not in done]

    @property
    def keyless(self) -> bool:
        """Whether nothing signs here: what is said to whoever could ask for it."""
        return not adapters.seals() and any(self._may(permission) for permission in PERMISSION.values())

    def _may(self, permission: str) -> bool:
        return self.actor.may(permission, self.record.meeting.organiser.path)


def boxes(record: Record, actor: Actor) -> list[Box]:
    """Both documents of *record*; none before it was approved."""
    if record.status not in pdfs.STANDING:
        return []
    newest = queries.newest(record.meeting)
    return [Box(record, which, actor, newest is not None and newest.id == record.id) for which in Which]
