"""Into whose hands an issued record went."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.database import Base
from meetings.directory.models import Person
from meetings.invitations.models import Link
from meetings.minutes.models.record import Record


class HandOut(Base):
    """An issued record in somebody's hands, by e-mail and private link; the link asks for a one-time code."""

    __tablename__ = "hand_out"
    __table_args__ = (sa.UniqueConstraint("record_id", "email"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(sa.ForeignKey("record.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(sa.String(200), default="")
    email: Mapped[str] = mapped_column(sa.String(254))
    link_id: Mapped[int | None] = mapped_column(sa.ForeignKey("link.id"))
    made_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]  # a hint: the page said so itself
    codes_sent: Mapped[int] = mapped_column(default=0)
    code_digest: Mapped[str] = mapped_column(
        sa.String(64), default=""
    )  # keyed by the link's token, which is not stored
    code_sent_at: Mapped[datetime | None]
    code_tries: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[datetime | None]  # the reader said so herself
    recalled_at: Mapped[datetime | None]

    record: Mapped[Record] = relationship()
    person: Mapped[Person | None] = relationship()
    link: Mapped[Link | None] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"hand-out:{self.id}"

    @property
    def journal_root(self) -> str:
        return self.record.meeting.code
