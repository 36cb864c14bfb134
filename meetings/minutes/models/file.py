"""The files of a record: as the system wrote them, as somebody changed them in Word, as PDF, signed."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.database import Base
from meetings.minutes.models.record import Record
from meetings.minutes.rules import FileOrigin, Which


class RecordFile(Base):
    """One file of one version; its bytes stand in the post under their SHA-256 and never change.

    Nothing is deleted: what is not to be used any more is set aside, with who and why. *against_id* is what the system would
    have written when somebody last looked at an edited file and said that it holds; what differs since is asked about.
    """

    __tablename__ = "record_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(sa.ForeignKey("record.id"), index=True)
    which: Mapped[Which]
    origin: Mapped[FileOrigin]
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True)
    name: Mapped[str] = mapped_column(sa.String(200), default="")  # as it was uploaded
    content_type: Mapped[str] = mapped_column(sa.String(120))
    size: Mapped[int]
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(sa.String(200), default="")
    made_of_id: Mapped[int | None] = mapped_column(sa.ForeignKey("record_file.id"))  # a PDF of which .docx …
    against_id: Mapped[int | None] = mapped_column(sa.ForeignKey("record_file.id"))  # ours, when it was said to hold
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    set_aside_at: Mapped[datetime | None]
    set_aside_by: Mapped[str] = mapped_column(sa.String(200), default="")

    record: Mapped[Record] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"record-file:{self.id}"

    @property
    def journal_root(self) -> str:
        return self.record.meeting.code
