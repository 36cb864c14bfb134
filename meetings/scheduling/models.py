"""A meeting as it is arranged: its facts, the sites that belong to it, its agenda."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.accounts.models import User
from meetings.database import Base
from meetings.directory.models import Room, Site
from meetings.scheduling.rules import MeetingType, Secrecy, Status
from meetings.units.models import Unit


class Meeting(Base):
    __tablename__ = "meeting"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(20), unique=True)  # HN-2026-0147: said on the phone, never reused
    # the code that a draft bore before its start came to lie in another year; its pages and its history are found by it
    earlier_code: Mapped[str | None] = mapped_column(sa.String(20), unique=True)
    uid: Mapped[str] = mapped_column(sa.String(80), unique=True)  # of the calendar entry, for its whole life
    title: Mapped[str] = mapped_column(sa.String(300))
    search_key: Mapped[str] = mapped_column(sa.String(700), default="")
    type: Mapped[MeetingType]
    urgent: Mapped[bool] = mapped_column(default=False)
    urgent_reason: Mapped[str] = mapped_column(sa.String(500), default="")
    secrecy: Mapped[Secrecy] = mapped_column(default=Secrecy.ORDINARY)
    status: Mapped[Status] = mapped_column(default=Status.DRAFT, index=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    host_site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"))
    host_room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("room.id"))
    chair_honorific: Mapped[str] = mapped_column(sa.String(10), default="")
    chair_name: Mapped[str] = mapped_column(sa.String(120), default="")
    chair_title: Mapped[str] = mapped_column(sa.String(200), default="")
    secretary_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    starts_at: Mapped[datetime | None] = mapped_column(index=True)
    ends_at: Mapped[datetime | None]
    minutes_long: Mapped[int] = mapped_column(default=120)
    sequence: Mapped[int] = mapped_column(default=0)
    reply_by: Mapped[datetime | None]
    rehearsal_at: Mapped[datetime | None]
    composition: Mapped[str] = mapped_column(sa.String(1000), default="")  # who is asked to sit at each site
    max_delegates: Mapped[int | None]
    host_composition: Mapped[str] = mapped_column(sa.String(1000), default="")
    note: Mapped[str] = mapped_column(sa.String(2000), default="")
    contact_name: Mapped[str] = mapped_column(sa.String(200), default="")
    contact_phone: Mapped[str] = mapped_column(sa.String(30), default="")
    technical_phone: Mapped[str] = mapped_column(sa.String(30), default="")
    signer_authority: Mapped[str] = mapped_column(sa.String(120), default="")  # TL. BỘ TRƯỞNG
    signer_title: Mapped[str] = mapped_column(sa.String(120), default="")  # CHÁNH VĂN PHÒNG
    signer_name: Mapped[str] = mapped_column(sa.String(120), default="")
    invitation_number: Mapped[str] = mapped_column(sa.String(20), default="")  # blank until văn thư gives it
    invitation_on: Mapped[str] = mapped_column(sa.String(10), default="")  # ISO day, blank likewise
    recipients: Mapped[str] = mapped_column(sa.String(2000), default="")  # Nơi nhận, a line each
    platform_link: Mapped[str] = mapped_column(sa.String(500), default="")
    dial_string: Mapped[str] = mapped_column(sa.String(200), default="")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    edition: Mapped[int] = mapped_column(default=1)  # raised by every save; a stale form is told who was faster
    changed_by: Mapped[str] = mapped_column(sa.String(120), default="")

    organiser: Mapped[Unit] = relationship()
    host_site: Mapped[Site | None] = relationship()
    host_room: Mapped[Room | None] = relationship()
    secretary: Mapped[User] = relationship()

    @property
    def codes(self) -> tuple[str, ...]:
        """The code it bears, then the one it bore."""
        return (self.code, self.earlier_code) if self.earlier_code else (self.code,)

    @property
    def journal_subject(self) -> str:
        return f"meeting:{self.code}"

    @property
    def journal_root(self) -> str:
        return self.code


class MeetingSite(Base):
    """A site's place in a meeting: the row that its invitation, roster, tests and presence hang on.

    *name* and *province_id* are as they were when it was added, so that a merger of units changes no past meeting.
    """

    __tablename__ = "meeting_site"
    __table_args__ = (
        sa.UniqueConstraint("meeting_id", "site_id"),
        sa.Index("ix_meeting_site_meeting_province", "meeting_id", "province_id"),
        sa.Index("ix_meeting_site_site", "site_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"))
    site_id: Mapped[int] = mapped_column(sa.ForeignKey("site.id"))
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    province_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"))
    name: Mapped[str] = mapped_column(sa.String(200))
    unit_name: Mapped[str] = mapped_column(sa.String(250), default="")  # full name of the unit then
    position: Mapped[int] = mapped_column(default=0)  # protocol order: by code, provinces before their communes
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]

    meeting: Mapped[Meeting] = relationship()
    site: Mapped[Site] = relationship()
    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])
    province: Mapped[Unit | None] = relationship(foreign_keys=[province_id])

    @property
    def journal_subject(self) -> str:
        return f"meeting-site:{self.id}"

    @property
    def journal_root(self) -> str:
        return self.meeting.code


class AgendaItem(Base):
    __tablename__ = "agenda_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    position: Mapped[int]
    minutes: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(500))
    presenter: Mapped[str] = mapped_column(sa.String(300), default="")

    meeting: Mapped[Meeting] = relationship()


class Clash(Base):
    """A collision that was accepted knowingly: with what, why, and by whom."""

    __tablename__ = "accepted_clash"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    reason: Mapped[str] = mapped_column(sa.String(500))
    with_meetings: Mapped[list[Any]]
    by: Mapped[str] = mapped_column(sa.String(120))
    at: Mapped[datetime]
