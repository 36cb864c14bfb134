"""The record of a meeting, version by version: what was said, what was concluded, who must do what."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.database import Base
from meetings.minutes.rules import RecordStatus, StatementKind
from meetings.readiness.models import Delegate
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.units.models import Unit


class Record(Base):
    """One version of a meeting's minutes. Texts of several lines hold one entry a line.

    From its approval on, the two files stand in the post under their SHA-256 and nothing of the version changes but
    number and day, which the records clerk gives at the issue (both files are then kept anew).
    """

    __tablename__ = "record"
    __table_args__ = (sa.UniqueConstraint("meeting_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"))
    version: Mapped[int] = mapped_column(default=1)
    reason: Mapped[str] = mapped_column(sa.String(500), default="")  # why this version, from the second on
    status: Mapped[RecordStatus] = mapped_column(default=RecordStatus.WRITING)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    place: Mapped[str] = mapped_column(sa.String(1000), default="")
    attendance: Mapped[str] = mapped_column(default="")
    chair: Mapped[str] = mapped_column(sa.String(400), default="")  # "Ông Lê Minh Khang, Bộ trưởng"
    secretary: Mapped[str] = mapped_column(sa.String(400), default="")
    agreed: Mapped[str] = mapped_column(default="")  # votes and assent, after the conclusion
    recipients: Mapped[str] = mapped_column(sa.String(2000), default="")
    notice_title: Mapped[str] = mapped_column(sa.String(800), default="")
    notice_opening: Mapped[str] = mapped_column(default="")
    notice_arrangement: Mapped[str] = mapped_column(default="")
    notice_last: Mapped[str] = mapped_column(sa.String(500), default="")
    notice_recipients: Mapped[str] = mapped_column(sa.String(2000), default="")
    signer_authority: Mapped[str] = mapped_column(sa.String(120), default="")
    signer_title: Mapped[str] = mapped_column(sa.String(120), default="")
    signer_name: Mapped[str] = mapped_column(sa.String(120), default="")
    number: Mapped[str] = mapped_column(sa.String(20), default="")  # of the biên bản
    numbered_on: Mapped[date | None]
    notice_number: Mapped[str] = mapped_column(sa.String(20), default="")
    notice_on: Mapped[date | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(200), default="")
    submitted_at: Mapped[datetime | None]
    submitted_by: Mapped[str] = mapped_column(sa.String(200), default="")
    returned_at: Mapped[datetime | None]
    returned_by: Mapped[str] = mapped_column(sa.String(200), default="")
    return_reason: Mapped[str] = mapped_column(sa.String(1000), default="")
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str] = mapped_column(sa.String(200), default="")
    issued_at: Mapped[datetime | None]
    issued_by: Mapped[str] = mapped_column(sa.String(200), default="")
    filled: Mapped[dict[str, Any] | None]  # what booking and roll said when they were last taken over, by attribute
    record_sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    notice_sha256: Mapped[str] = mapped_column(sa.String(64), default="")

    meeting: Mapped[Meeting] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"record:{self.id}"

    @property
    def journal_root(self) -> str:
        return self.meeting.code


class Block(Base):
    """Who last saved a part of a record that is saved by itself, and how often: *edition* 0 is as it was made."""

    __tablename__ = "record_block"
    __table_args__ = (sa.UniqueConstraint("record_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(sa.ForeignKey("record.id"))
    key: Mapped[str] = mapped_column(sa.String(30))  # head · item-12 · conclusions · tasks · notice
    edition: Mapped[int] = mapped_column(default=0)
    saved_at: Mapped[datetime]
    saved_by: Mapped[str] = mapped_column(sa.String(200), default="")

    record: Mapped[Record] = relationship()


class RecordItem(Base):
    """An agenda item as it went."""

    __tablename__ = "record_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(sa.ForeignKey("record.id"), index=True)
    position: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(500))
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]

    record: Mapped[Record] = relationship()


class Saved:
    """Who last saved a block that is saved by itself, and how often: *edition* 0 is as it was made.

    *once* is the key of the page on which the block was first typed: sent twice, it is made once.
    """

    edition: Mapped[int] = mapped_column(default=0, server_default="0")
    saved_at: Mapped[datetime | None]
    saved_by: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    once: Mapped[str | None] = mapped_column(sa.String(40))


class Statement(Saved, Base):
    """What somebody said, what was noted, or what was voted on, under an agenda item.

    The three counts are of a vote. *machine_made*: from a transcript, not yet read by the writer.
    """

    __tablename__ = "statement"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("record_item.id"), index=True)
    position: Mapped[int]
    site: Mapped[str] = mapped_column(sa.String(200), default="")
    meeting_site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meeting_site.id"))  # when *site* is one of them
    speaker: Mapped[str] = mapped_column(sa.String(300), default="")
    delegate_id: Mapped[int | None] = mapped_column(sa.ForeignKey("delegate.id"))  # when *speaker* is on a roster
    text: Mapped[str]
    kind: Mapped[StatementKind] = mapped_column(default=StatementKind.STATEMENT, server_default="statement")
    votes_for: Mapped[int | None]
    votes_against: Mapped[int | None]
    votes_withheld: Mapped[int | None]
    machine_made: Mapped[bool] = mapped_column(default=False, server_default=sa.false())

    item: Mapped[RecordItem] = relationship()
    meeting_site: Mapped[MeetingSite | None] = relationship()
    delegate: Mapped[Delegate | None] = relationship()


class Conclusion(Saved, Base):
    """What the chair concluded."""

    __tablename__ = "conclusion"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(sa.ForeignKey("record.id"), index=True)
    position: Mapped[int]
    text: Mapped[str]
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("record_item.id"))  # under which it was written
    statement_id: Mapped[int | None]  # the statement it was made of, which may be gone since

    record: Mapped[Record] = relationship()


class ActionItem(Saved, Base):
    """What was given to whom to do, until when.

    Each version of the minutes has rows of its own; *origin_id* is the row of the version in which the item was first
    given (None in that one), and what became of the item is kept under that row.
    """

    __tablename__ = "action_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(sa.ForeignKey("record.id"), index=True)
    position: Mapped[int]
    text: Mapped[str]
    lead: Mapped[str] = mapped_column(sa.String(300), default="")
    lead_unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"), index=True)  # when *lead* names one unit
    support: Mapped[str] = mapped_column(sa.String(500), default="")
    due_on: Mapped[date | None]
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("record_item.id"))  # under which it was written
    statement_id: Mapped[int | None]
    origin_id: Mapped[int | None] = mapped_column(sa.ForeignKey("action_item.id"), index=True)

    record: Mapped[Record] = relationship()
    lead_unit: Mapped[Unit | None] = relationship()
