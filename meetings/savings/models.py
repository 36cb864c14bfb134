"""Norm sets by date, and the estimates that were made from them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.database import Base, Money
from meetings.official.verified import Verified
from meetings.scheduling.models import Meeting


class NormSet(Base):
    """Norms in force from a day on. One that was used is never edited: a change is a new set."""

    __tablename__ = "norm_set"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    valid_from: Mapped[date] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(sa.String(200), default="")

    @property
    def journal_subject(self) -> str:
        return f"norm-set:{self.id}"

    @property
    def journal_root(self) -> str:
        return ""


class Norm(Base):
    __tablename__ = "norm"
    __table_args__ = (sa.UniqueConstraint("norm_set_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    norm_set_id: Mapped[int] = mapped_column(sa.ForeignKey("norm_set.id"), index=True)
    key: Mapped[str] = mapped_column(sa.String(40))
    low: Mapped[int] = mapped_column(Money)
    mid: Mapped[int] = mapped_column(Money)
    high: Mapped[int] = mapped_column(Money)
    unit: Mapped[str] = mapped_column(sa.String(60))
    source: Mapped[str] = mapped_column(sa.String(400))
    verified: Mapped[Verified]


class SavingsEstimate(Base):
    """One version of the estimate of a meeting: what was assumed differently and why, and what came out."""

    __tablename__ = "savings_estimate"
    __table_args__ = (sa.UniqueConstraint("meeting_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"))
    version: Mapped[int]
    norm_set_id: Mapped[int] = mapped_column(sa.ForeignKey("norm_set.id"))
    changes: Mapped[dict[str, Any]]  # norm key → [low, mid, high] that stand instead of the norm's
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    sums: Mapped[dict[str, Any]]  # category → [low, mid, high], whole đồng
    low: Mapped[int] = mapped_column(Money)
    mid: Mapped[int] = mapped_column(Money)
    high: Mapped[int] = mapped_column(Money)
    time_low: Mapped[int] = mapped_column(Money)
    time_mid: Mapped[int] = mapped_column(Money)
    time_high: Mapped[int] = mapped_column(Money)
    sites: Mapped[int]
    counted: Mapped[int]
    people: Mapped[int]
    travelling: Mapped[int]
    half_days: Mapped[int]
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(sa.String(200), default="")

    meeting: Mapped[Meeting] = relationship()
    norm_set: Mapped[NormSet] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"savings:{self.meeting.code}-{self.version}"

    @property
    def journal_root(self) -> str:
        return self.meeting.code


class SavingsLine(Base):
    """One site of an estimate, with every step of its sum: ``[low, mid, high]`` each."""

    __tablename__ = "savings_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    estimate_id: Mapped[int] = mapped_column(sa.ForeignKey("savings_estimate.id"), index=True)
    meeting_site_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting_site.id"))
    name: Mapped[str] = mapped_column(sa.String(200))
    people: Mapped[int]
    by_air: Mapped[bool]
    steps: Mapped[dict[str, Any]]
    mid: Mapped[int] = mapped_column(Money)
    left_out: Mapped[str] = mapped_column(sa.String(20), default="")
