"""What was changed of a meeting that its sites know of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.database import Base
from meetings.scheduling.models.meeting import Meeting
from meetings.scheduling.rules import ChangeKind


class Change(Base):
    """What was changed after the invitations had left, kept as its letters, the sites' pages and the history tell it.

    *before* and *after* hold plain values of the facts that differ; *sites* the ids of the meeting sites that came or went.
    """

    __tablename__ = "meeting_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    kind: Mapped[ChangeKind]
    sequence: Mapped[int]  # of the calendar entry from then on
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    sites: Mapped[list[Any]]
    reason: Mapped[str] = mapped_column(sa.String(500))
    by: Mapped[str] = mapped_column(sa.String(120))
    at: Mapped[datetime]
    # the first of several dates of a series that were changed together, and are told in one letter
    together_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meeting_change.id"))

    meeting: Mapped[Meeting] = relationship()

    @property
    def started_at(self) -> datetime | None:
        """When the meeting was to begin before this change, where it was a change of time or state."""
        told = self.before.get("starts_at")
        return datetime.fromisoformat(told) if told else None
