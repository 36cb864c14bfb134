"""The video room of a meeting, where a platform has to be asked for one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.database import Base
from meetings.scheduling.models.meeting import Meeting
from meetings.scheduling.room_rules import RoomStatus


class PlatformRoom(Base):
    """What the worker knows of a meeting's room. *details*: what the platform said and wants to hear again at each entry."""

    __tablename__ = "platform_room"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"), unique=True)
    platform: Mapped[str] = mapped_column(sa.String(20))
    status: Mapped[RoomStatus] = mapped_column(default=RoomStatus.WANTED)
    external_id: Mapped[str] = mapped_column(sa.String(200), default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    prepared_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None]  # when the platform is asked again
    attempts: Mapped[int] = mapped_column(default=0)  # that failed, one after the other
    fault: Mapped[str] = mapped_column(sa.String(80), default="")  # a word for why; "" while all is well
    fault_since: Mapped[datetime | None]

    meeting: Mapped[Meeting] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"room:{self.meeting.code}"

    @property
    def journal_root(self) -> str:
        return self.meeting.code
