"""What was taken out of the minutes while they were written, so that it can be put back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.database import Base
from meetings.minutes.models.record import Record
from meetings.minutes.rules import BlockKind, ScrapReason


class RecordScrap(Base):
    """A block that was deleted, or one of two wordings that was not chosen: nothing that was typed is thrown away.

    It goes with the approval of the version, when the text stands.
    """

    __tablename__ = "record_scrap"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(sa.ForeignKey("record.id"), index=True)
    item_id: Mapped[int | None]  # the agenda item it stood under, which may be gone since
    block_id: Mapped[int | None]  # the row it was
    kind: Mapped[BlockKind]
    reason: Mapped[ScrapReason]
    text: Mapped[str]
    data: Mapped[dict[str, Any]]  # the block's columns, by attribute
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(200), default="")

    record: Mapped[Record] = relationship()
