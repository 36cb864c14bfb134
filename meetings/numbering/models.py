"""Counters of codes and document numbers."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from meetings.database import Base


class Series(Base):
    """The last number given in a series and year."""

    __tablename__ = "series"
    __table_args__ = (sa.UniqueConstraint("name", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    year: Mapped[int]
    last: Mapped[int] = mapped_column(default=0)
