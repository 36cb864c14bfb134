"""Into whose hands an issued record went, who said that it arrived, and what was taken back."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.database import Base
from meetings.directory.models import Person, Site
from meetings.invitations.models import Link
from meetings.minutes.hand_out_rules import Said, Taken
from meetings.minutes.models.record import Record


class Recall(Base):
    """An issued record taken back, from one reader, from some or from *whole* the list, with the reason they are told."""

    __tablename__ = "hand_out_recall"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(sa.ForeignKey("record.id"), index=True)
    whole: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(sa.String(500))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(200), default="")

    record: Mapped[Record] = relationship()


class HandOut(Base):
    """An issued record in somebody's hands, by e-mail and private link; the link asks for a one-time code.

    *notice_only*: a unit that was invited sees the notice of conclusions and never the minutes. *link_only*: its letter
    held neither files nor words of the documents. *round* counts the presses by which a record was handed out.
    """

    __tablename__ = "hand_out"
    __table_args__ = (sa.UniqueConstraint("record_id", "email"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(sa.ForeignKey("record.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"))
    taken: Mapped[Taken] = mapped_column(default=Taken.TYPED, server_default="typed")
    name: Mapped[str] = mapped_column(sa.String(200), default="")
    unit_name: Mapped[str] = mapped_column(sa.String(300), default="", server_default="")
    email: Mapped[str] = mapped_column(sa.String(254))
    locale: Mapped[str] = mapped_column(sa.String(10), default="vi", server_default="vi")
    round: Mapped[int] = mapped_column(default=1, server_default="1")
    notice_only: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    link_only: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    link_id: Mapped[int | None] = mapped_column(sa.ForeignKey("link.id"), index=True)
    made_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]  # a hint: the page said so itself
    codes_sent: Mapped[int] = mapped_column(default=0)
    code_digest: Mapped[str] = mapped_column(
        sa.String(64), default=""
    )  # keyed by the link's token, which is not stored
    code_sent_at: Mapped[datetime | None]
    code_tries: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[datetime | None]  # when it was said, by her link or by telephone
    received_said: Mapped[Said | None]
    received_by: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    reminded: Mapped[int] = mapped_column(default=0, server_default="0")
    reminded_at: Mapped[datetime | None]
    recall_id: Mapped[int | None] = mapped_column(sa.ForeignKey("hand_out_recall.id"))
    recalled_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]  # when she said that her copies are deleted
    deleted_said: Mapped[Said | None]
    deleted_by: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")

    record: Mapped[Record] = relationship()
    person: Mapped[Person | None] = relationship()
    site: Mapped[Site | None] = relationship()
    link: Mapped[Link | None] = relationship()
    recall: Mapped[Recall | None] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"hand-out:{self.id}"

    @property
    def journal_root(self) -> str:
        return self.record.meeting.code
