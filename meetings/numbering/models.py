"""Counters of codes and document numbers, and the register of the numbers that were given."""

from __future__ import annotations

from datetime import datetime

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


class GivenNumber(Base):
    """A line of the register: which document bears a number of a series and year, and who gave it.

    *subject* is what bears it, once and for ever; empty where the number was given on paper. *about* says it in words.
    """

    __tablename__ = "given_number"
    __table_args__ = (sa.UniqueConstraint("series", "year", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    series: Mapped[str] = mapped_column(sa.String(80))
    year: Mapped[int]
    number: Mapped[int]
    subject: Mapped[str | None] = mapped_column(sa.String(80), unique=True)
    about: Mapped[str] = mapped_column(sa.String(200))
    reason: Mapped[str] = mapped_column(sa.String(500), default="")  # why it is not the one that came next
    given_by: Mapped[str] = mapped_column(sa.String(200))
    given_at: Mapped[datetime]


class Counting(Base):
    """How a series is counted: by the product when a document leaves, or by the records clerk, who gives each number."""

    __tablename__ = "series_counting"

    series: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    by_system: Mapped[bool] = mapped_column(default=False)
    changed_by: Mapped[str] = mapped_column(sa.String(200))
    changed_at: Mapped[datetime]
