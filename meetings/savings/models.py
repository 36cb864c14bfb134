"""Norms by date, distances that are known by road, and the estimates that were made from them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.database import Base, Money
from meetings.directory.models import Site
from meetings.official.verified import Verified
from meetings.savings.trips import Source
from meetings.scheduling.models import Meeting


class Norm(Base):
    """One value of a norm from a day on, of the nation or of a province. It is never edited: a change replaces the row, and the
    replaced ones are its history. Low, mid and high are all NULL where the norm exists and its value is not known."""

    __tablename__ = "norm_value"
    __table_args__ = (
        sa.Index("ix_norm_value_key", "key", "province", "valid_from"),
        sa.Index(
            "uq_norm_value_holding", "key", "province", "valid_from", unique=True,
            sqlite_where=sa.text("replaced_at IS NULL"), postgresql_where=sa.text("replaced_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(40))
    province: Mapped[str] = mapped_column(
        sa.String(40), default=""
    )  # its code, which outlives its rows; "": the nation
    valid_from: Mapped[date]
    low: Mapped[int | None] = mapped_column(Money)
    mid: Mapped[int | None] = mapped_column(Money)
    high: Mapped[int | None] = mapped_column(Money)
    document: Mapped[str] = mapped_column(sa.String(300))
    article: Mapped[str] = mapped_column(sa.String(120), default="")
    verified: Mapped[Verified]
    note: Mapped[str] = mapped_column(sa.String(400), default="")
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(sa.String(200), default="")
    replaced_at: Mapped[datetime | None]  # NULL: it holds

    @property
    def journal_subject(self) -> str:
        return f"norm:{self.key}"

    @property
    def journal_root(self) -> str:
        return ""


class Distance(Base):
    """Kilometres by road between two sites, the same both ways (*a* has the smaller number): typed in with their source, or
    asked of a map service. A row without kilometres waits for the service, or was refused by it."""

    __tablename__ = "distance"
    __table_args__ = (
        sa.Index("ix_distance_b_id", "b_id"),
        sa.Index(
            "uq_distance_holding", "a_id", "b_id", unique=True,
            sqlite_where=sa.text("replaced_at IS NULL"), postgresql_where=sa.text("replaced_at IS NULL"),
        ),
        sa.Index("ix_distance_due", "next_at"),
        sa.CheckConstraint("a_id < b_id", name="ordered"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    a_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    b_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    km: Mapped[int | None]
    source: Mapped[Source]  # table or map
    document: Mapped[str] = mapped_column(sa.String(300), default="")
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(sa.String(200), default="")
    replaced_at: Mapped[datetime | None]  # NULL: it holds
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]  # when the service is asked; NULL: it is not

    a: Mapped[Site] = relationship(foreign_keys=[a_id])
    b: Mapped[Site] = relationship(foreign_keys=[b_id])

    @property
    def journal_subject(self) -> str:
        return f"distance:{self.a_id}-{self.b_id}"

    @property
    def journal_root(self) -> str:
        return ""


class SavingsEstimate(Base):
    """One version of the estimate of a meeting: what it stood on, what was assumed differently and why, and what came out."""

    __tablename__ = "savings_estimate"
    __table_args__ = (sa.UniqueConstraint("meeting_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"))
    version: Mapped[int]
    formula: Mapped[int] = mapped_column(default=1, server_default="1")  # estimate.FORMULA when it was made
    norms: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # values.frozen: all that it used
    changes: Mapped[dict[str, Any]]  # norm key → [low, mid, high] that stand instead of the norm's
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    venue_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("site.id")
    )  # where all would have met; NULL: the host site
    occasion: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default="{}"
    )  # trips.Occasion, field by field
    sums: Mapped[dict[str, Any]]  # category → [low, mid, high], whole đồng
    low: Mapped[int] = mapped_column(Money)
    mid: Mapped[int] = mapped_column(Money)
    high: Mapped[int] = mapped_column(Money)
    time: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default="{}"
    )  # rank → {hours, value}, each of three
    time_low: Mapped[int] = mapped_column(Money)
    time_mid: Mapped[int] = mapped_column(Money)
    time_high: Mapped[int] = mapped_column(Money)
    co2: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")  # milligrams: low, mid, high
    off: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # missing norm → sites it touches
    sites: Mapped[int]
    counted: Mapped[int]
    people: Mapped[int]
    travelling: Mapped[int]
    half_days: Mapped[int]
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(sa.String(200), default="")

    meeting: Mapped[Meeting] = relationship()
    venue: Mapped[Site | None] = relationship()

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
    mode: Mapped[str] = mapped_column(sa.String(10), default="", server_default="")  # trips.Mode
    trip: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default="{}"
    )  # trips.Trip but id, name and people
    steps: Mapped[dict[str, Any]]
    mid: Mapped[int] = mapped_column(Money)
    left_out: Mapped[str] = mapped_column(sa.String(20), default="")
