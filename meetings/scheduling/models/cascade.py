"""That a meeting asks its sites to bring those below them: provinces their communes."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.database import Base
from meetings.scheduling.models.meeting import Meeting


class Cascade(Base):
    """A meeting that asks its sites to bring those below them. What was brought stays when it is switched off again."""

    __tablename__ = "cascade"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"), unique=True)
    levels: Mapped[int] = mapped_column(default=2)  # levels of sites in all, 2 or 3
    bring_by: Mapped[
        datetime | None
    ]  # until then sites may be brought; None: the deadline for replies, wherever it moves
    most: Mapped[int | None]  # sites that one site may bring
    note: Mapped[str] = mapped_column(sa.String(500), default="")  # which communes are meant
    on_paper: Mapped[int] = mapped_column(
        default=0, server_default="0"
    )  # the first giấy mời that says so, see Meeting.paper
    asked_at: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(sa.String(200), default="")
    ended_at: Mapped[datetime | None]  # switched off again

    meeting: Mapped[Meeting] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"cascade:{self.meeting_id}"

    @property
    def journal_root(self) -> str:
        return self.meeting.code
