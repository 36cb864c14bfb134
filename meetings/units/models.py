"""The dated tree of units of the state. A unit is never overwritten by its successor: a meeting of May keeps May's names."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.database import Base


class UnitKind(StrEnum):
    NATION = "nation"
    MINISTRY = "ministry"
    PROVINCE = "province"
    COMMUNE = "commune"
    OFFICE = "office"


class Unit(Base):
    """One unit in one period of its life. *path* is ``/1/35/``: every ancestor's id and its own, so a subtree is a prefix."""

    __tablename__ = "unit"
    __table_args__ = (
        sa.Index("ix_unit_path", "path"),
        sa.Index("ix_unit_kind_parent", "kind", "parent_id"),
        sa.UniqueConstraint("code", "valid_from"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str] = mapped_column(sa.String(200))  # "Nghệ An", "Phường Thành Vinh", "Bộ Nội vụ"
    full_name: Mapped[str] = mapped_column(sa.String(250))  # "Ủy ban nhân dân tỉnh Nghệ An"
    kind: Mapped[UnitKind]
    type: Mapped[str] = mapped_column(sa.String(40))  # tỉnh, thành phố, phường, xã, đặc khu, bộ, …
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"))
    path: Mapped[str] = mapped_column(sa.String(200))
    abbreviation: Mapped[str] = mapped_column(sa.String(40), default="")  # in the symbol of its documents: BNV, UBND
    place_name: Mapped[str] = mapped_column(sa.String(100), default="")  # the place in "…, ngày … tháng …"
    superior_name: Mapped[str] = mapped_column(sa.String(250), default="")  # the line above it in a document's head
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]  # the first day on which it no longer exists
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    tile_col: Mapped[int | None]
    tile_row: Mapped[int | None]
    search_key: Mapped[str] = mapped_column(sa.String(500), default="")
    sort_key: Mapped[str] = mapped_column(sa.String(500), default="")

    parent: Mapped[Unit | None] = relationship(remote_side="Unit.id")

    @property
    def journal_subject(self) -> str:
        return f"unit:{self.code}"

    @property
    def journal_root(self) -> str:
        return ""


class Succession(Base):
    """*predecessor* went into *successor* on a day; a merger has several rows with one successor, a split the reverse."""

    __tablename__ = "succession"
    __table_args__ = (sa.UniqueConstraint("predecessor_id", "successor_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    predecessor_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    successor_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    on_date: Mapped[date]
