"""What is asked of the worker about a record's PDF files, what a signed one told, and the images that signing shows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.database import Base
from meetings.minutes.models.file import RecordFile
from meetings.minutes.models.record import Record
from meetings.minutes.rules import Which
from meetings.minutes.signing_rules import Alike, Hand, Stage
from meetings.units.models import Unit


class Signing(Base):
    """A signature that somebody asked for: the worker signs *file* with *hand*, and what it made is *made*."""

    __tablename__ = "record_signing"
    __table_args__ = (sa.Index("ix_record_signing_due", "stage", "next_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(sa.ForeignKey("record.id"), index=True)
    which: Mapped[Which]
    file_id: Mapped[int] = mapped_column(sa.ForeignKey("record_file.id"))
    hand: Mapped[Hand]
    stage: Mapped[Stage] = mapped_column(default=Stage.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(sa.String(200), default="")
    ended_at: Mapped[datetime | None]
    fault: Mapped[str] = mapped_column(sa.String(40), default="")
    said: Mapped[str] = mapped_column(sa.String(300), default="")
    place: Mapped[str] = mapped_column(sa.String(40), default="")  # how the place of the image was found
    made_id: Mapped[int | None] = mapped_column(sa.ForeignKey("record_file.id"))

    record: Mapped[Record] = relationship()
    file: Mapped[RecordFile] = relationship(foreign_keys=[file_id])
    made: Mapped[RecordFile | None] = relationship(foreign_keys=[made_id])

    @property
    def journal_subject(self) -> str:
        return f"record-signing:{self.id}"

    @property
    def journal_root(self) -> str:
        return self.record.meeting.code


class FileReport(Base):
    """What was found out of a signed file when it came: its signatures, and what it has in common with ours."""

    __tablename__ = "record_file_report"

    id: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[int] = mapped_column(sa.ForeignKey("record_file.id"), unique=True)
    report: Mapped[dict[str, Any]]
    unchanged: Mapped[bool]
    alike: Mapped[Alike]
    words: Mapped[int] = mapped_column(default=0)  # how many differ
    at: Mapped[datetime]

    file: Mapped[RecordFile] = relationship()


class SignatureImage(Base):
    """The image of a person's signature (*name*), or of a body's seal (*name* ""); its bytes stand in the post."""

    __tablename__ = "signature_image"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(120), default="")
    sha256: Mapped[str] = mapped_column(sa.String(64))
    width: Mapped[int]
    height: Mapped[int]
    millimetres: Mapped[int]  # how wide it is printed
    kept_at: Mapped[datetime]
    kept_by: Mapped[str] = mapped_column(sa.String(200), default="")
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(sa.String(200), default="")

    unit: Mapped[Unit] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"signature-image:{self.id}"

    @property
    def journal_root(self) -> str:
        return ""
