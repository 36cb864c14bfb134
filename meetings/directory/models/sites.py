"""Sites, their rooms and contacts, leaders, saved groups, and imports that wait for their second step."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.accounts.models import User
from meetings.database import Base
from meetings.units.models import Unit


class Site(Base):
    """Điểm cầu: the standing place from which a unit joins conferences."""

    __tablename__ = "site"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))  # "Nghệ An", "Phường Thành Vinh": what the board shows
    place: Mapped[str] = mapped_column(sa.String(300), default="")
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    seats: Mapped[int | None]
    equipment: Mapped[str] = mapped_column(sa.String(500), default="")
    dial_string: Mapped[str] = mapped_column(sa.String(200), default="")
    in_service: Mapped[bool] = mapped_column(default=True)
    # whether all its bookings are made here; where they are not, an hour with none is unknown, never free
    calendar_kept: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    search_key: Mapped[str] = mapped_column(sa.String(500), default="")
    sort_key: Mapped[str] = mapped_column(sa.String(500), default="")

    unit: Mapped[Unit] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"site:{self.code}"

    @property
    def journal_root(self) -> str:
        return ""


class Room(Base):
    """Bookable space at a site; each site has one default room."""

    __tablename__ = "room"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    seats: Mapped[int | None]
    is_default: Mapped[bool] = mapped_column(default=False)
    in_service: Mapped[bool] = mapped_column(default=True)

    site: Mapped[Site] = relationship()


class Duty(StrEnum):
    COORDINATOR = "coordinator"
    DEPUTY = "deputy"
    TECHNICIAN = "technician"


class Contact(Base):
    """A person who answers for a site, from a day to a day; the one without an end is the one in office."""

    __tablename__ = "contact"
    __table_args__ = (sa.Index("ix_contact_site_duty", "site_id", "duty", "valid_to"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    duty: Mapped[Duty]
    honorific: Mapped[str] = mapped_column(sa.String(10), default="")
    name: Mapped[str] = mapped_column(sa.String(120))
    title: Mapped[str] = mapped_column(sa.String(200), default="")
    phone: Mapped[str] = mapped_column(sa.String(30), default="")
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    locale: Mapped[str] = mapped_column(
        sa.String(2), default="vi", server_default="vi"
    )  # of the letters written to her
    sms_consent_at: Mapped[datetime | None]  # short messages only to who agreed, and since when
    sms_consent_by: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]

    site: Mapped[Site] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"contact:{self.id}"

    @property
    def journal_root(self) -> str:
        return ""


class Person(Base):
    """Someone known by name and office: who chairs, who signs, who receives the conclusions."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    honorific: Mapped[str] = mapped_column(sa.String(10), default="")
    name: Mapped[str] = mapped_column(sa.String(120))
    title: Mapped[str] = mapped_column(sa.String(200), default="")
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    phone: Mapped[str] = mapped_column(sa.String(30), default="")
    is_leader: Mapped[bool] = mapped_column(default=False)
    calendar_kept: Mapped[bool] = mapped_column(default=False, server_default=sa.false())  # as of a site
    active: Mapped[bool] = mapped_column(default=True)
    search_key: Mapped[str] = mapped_column(sa.String(500), default="")
    sort_key: Mapped[str] = mapped_column(sa.String(500), default="")

    unit: Mapped[Unit] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"person:{self.id}"

    @property
    def journal_root(self) -> str:
        return ""


class SiteGroup(Base):
    """A saved choice of sites, of one unit."""

    __tablename__ = "site_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    active: Mapped[bool] = mapped_column(default=True)
    sort_key: Mapped[str] = mapped_column(sa.String(500), default="")

    unit: Mapped[Unit] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"group:{self.id}"

    @property
    def journal_root(self) -> str:
        return ""


class SiteGroupMember(Base):
    __tablename__ = "site_group_member"
    __table_args__ = (sa.UniqueConstraint("group_id", "site_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("site_group.id"), index=True)
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))


class BatchStatus(StrEnum):
    PREVIEW = "preview"
    APPLIED = "applied"
    DISCARDED = "discarded"


class ImportBatch(Base):
    """A list that was pasted or uploaded and waits for its one button."""

    __tablename__ = "import_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    source: Mapped[str] = mapped_column(sa.String(300), default="")
    status: Mapped[BatchStatus]
    grid: Mapped[list[Any]]  # what was brought, cell by cell: it can be read again with another font or other columns
    columns: Mapped[list[Any]]  # what each column is taken for; "" is not used
    head_rows: Mapped[int] = mapped_column(default=0)
    font: Mapped[str] = mapped_column(sa.String(10), default="")  # the old font it was converted from
    made_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]

    unit: Mapped[Unit] = relationship()
    user: Mapped[User] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"import:{self.id}"

    @property
    def journal_root(self) -> str:
        return ""


class ImportRow(Base):
    """One line of the list: what stood there, what would happen, and why not."""

    __tablename__ = "import_row"
    __table_args__ = (sa.UniqueConstraint("batch_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("import_batch.id"))
    number: Mapped[int]  # the line in the source, from 1
    cells: Mapped[dict[str, Any]]  # column key → text as it will be stored
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"))
    good: Mapped[bool] = mapped_column(default=False)
    faults: Mapped[list[Any]]  # [{column, why, near, …}]
    effects: Mapped[list[Any]]  # what would happen, as the preview says it: [{what, column, before}]
    skipped: Mapped[bool] = mapped_column(default=False)  # right, but left out by the importer's own wish
    applied: Mapped[bool] = mapped_column(default=False)
