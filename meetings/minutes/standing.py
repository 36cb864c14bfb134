"""What the page of a record says of its two documents: which file holds, who made it, what is newer, what may be done.

A second room of ``queries``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from meetings.accounts.rules import Actor
from meetings.clock import today
from meetings.database import db
from meetings.directory.models import DocumentTemplate
from meetings.directory.queries import documents
from meetings.minutes import deadline, files, hand_edits, queries, rules, services, word_file
from meetings.minutes.models import HandOut, Record, RecordFile
from meetings.minutes.rules import FileOrigin, RecordStatus, Step, Which
from meetings.minutes.word_file import Difference, Shown, Unsettled
from meetings.official.vocabulary import DocumentKind
from meetings.post.models import Letter
from meetings.post.rules import LetterStatus

_OPEN = (RecordStatus.WRITING, RecordStatus.RETURNED)
_KINDS = {Which.RECORD: DocumentKind.RECORD, Which.NOTICE: DocumentKind.NOTICE}


def holding(record: Record, which: Which) -> RecordFile | None:
    """The file that holds. While the text is open, what was written once is no more than a copy of an earlier hour."""
    found = files.current(record, which)
    written = found is not None and found.origin is FileOrigin.WRITTEN
    return None if written and record.status in _OPEN else found


def template(record: Record, which: Which) -> DocumentTemplate | None:
    """The body's own template that writes *which*, or wrote it when it was shown."""
    return documents.used(record.meeting.organiser, _KINDS[which], files.headed_at(record, which))


def sheet(record: Record, which: Which) -> list[Shown]:
    """What holds as it is read, where it was edited in Word; nothing where the page itself can show it."""
    found = holding(record, which)
    edited = found is not None and found.origin is FileOrigin.EDITED
    return word_file.sheet(files.read(found)) if found is not None and edited else []


@dataclass
class Standing:
    """One of the two documents as it stands now. *holding* None: it is written from the page whenever it is asked for."""

    record: Record
    which: Which
    kept: Sequence[RecordFile]
    may_bring: bool

    @cached_property
    def holding(self) -> RecordFile | None:
        """See :func:`holding`."""
        return holding(self.record, self.which)

    @cached_property
    def template(self) -> DocumentTemplate | None:
        """The body's own template, where nothing is kept that holds."""
        return template(self.record, self.which) if self.holding is None else None

    @property
    def called(self) -> str:
        return hand_edits.called(self.which)

    @property
    def edited(self) -> bool:
        """Whether what holds was edited in Word."""
        return self.holding is not None and self.holding.origin is FileOrigin.EDITED

    @cached_property
    def newer(self) -> list[Difference]:
        """Where the page is newer than what was last compared with the edited file."""
        return hand_edits.newer(self.holding) if self.edited and self.holding is not None else []

    @cached_property
    def unsettled(self) -> tuple[Unsettled, ...]:
        """Tracked changes and comments in the edited file."""
        return word_file.unsettled(files.read(self.holding)) if self.edited and self.holding is not None else ()

    @cached_property
    def sheet(self) -> list[Shown]:
        """The edited file as it is read on the page; nothing for one that the page itself shows."""
        return sheet(self.record, self.which)

    @property
    def others(self) -> list[RecordFile]:
        """Every other file of the document, the newest first."""
        return [one for one in self.kept if self.holding is None or one.id != self.holding.id]

    @property
    def may_choose(self) -> bool:
        """Whether the reader may say that another text is to hold."""
        return self.may_bring and self.record.status in (*_OPEN, RecordStatus.SUBMITTED)


def of(record: Record, actor: Actor) -> list[Standing]:
    """Both documents of *record*, the biên bản first, as *actor* may handle them."""
    kept = files.of(record)
    may = hand_edits.may_bring(record, actor)
    return [Standing(record, which, [one for one in kept if one.which is which], may) for which in Which]


@dataclass(frozen=True)
class Reach:
    """How many were handed the record, to how many its letter went out, and how many opened it or said that it arrived."""

    handed: int = 0
    sent: int = 0
    opened: int = 0
    received: int = 0


def reach(record: Record) -> Reach:
    """How far *record* has got; counted by the database, for there may be thousands."""
    here = (HandOut.record_id == record.id, HandOut.recalled_at.is_(None))
    seen = sa.or_(HandOut.opened_at.is_not(None), HandOut.received_at.is_not(None))
    handed, opened, received = db.session.execute(
        sa.select(sa.func.count(), sa.func.count(sa.case((seen, 1))), sa.func.count(HandOut.received_at)).where(*here)
    ).one()
    letters = (
        sa.select(sa.func.count(sa.distinct(Letter.link_id)))
        .join(HandOut, HandOut.link_id == Letter.link_id)
        .where(*here, Letter.link_purpose == "v", Letter.status == LetterStatus.SENT)
    )
    return Reach(handed, db.session.scalar(letters) or 0, opened, received)


def steps(record: Record) -> list[tuple[Step, str]]:
    """The steps from the draft to the readers, and where *record* is."""
    signed = any(files.signed(record, which) is not None for which in Which)
    return rules.steps(record.status, signed=signed)


def shown(record: Record, actor: Actor) -> dict[str, Any]:
    """What every page of a record is told of all this."""
    due = None if queries.issued_before(record) else services.notice_due(record)  # a correction is due on no day
    return {
        "standing": of(record, actor),
        "steps": steps(record),
        "step_words": rules.STEP_WORDS,
        "due": due,
        "overdue": 0 if record.status is RecordStatus.ISSUED else deadline.days_late(due, today()),
        "reach": reach(record) if record.status is RecordStatus.ISSUED else Reach(),
    }
