"""How a site makes ready: its roster of delegates and its two line tests."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.database import Base
from meetings.readiness.rules import DelegateRole as DelegateRole
from meetings.readiness.rules import Outcome as Outcome
from meetings.readiness.rules import Round as Round
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import MeetingType


class Roster(Base):
    """The list a site filed: when, by whom, whether after the deadline, and the rows that still need mending."""

    __tablename__ = "roster"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_site_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting_site.id"), unique=True)
    filed_at: Mapped[datetime]
    filed_by: Mapped[str] = mapped_column(sa.String(200), default="")
    late: Mapped[bool] = mapped_column(default=False)
    pending: Mapped[list[Any]]  # rows with a fault, kept as typed: [{number, row, cells, faults}]
    reading: Mapped[dict[str, Any]] = mapped_column(default=dict)  # the last paste in figures, shown once it is stored

    meeting_site: Mapped[MeetingSite] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"roster:{self.meeting_site_id}"

    @property
    def journal_root(self) -> str:
        return self.meeting_site.meeting.code


class Delegate(Base):
    __tablename__ = "delegate"
    __table_args__ = (sa.Index("ix_delegate_meeting_site_position", "meeting_site_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_site_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting_site.id"))
    position: Mapped[int]
    honorific: Mapped[str] = mapped_column(sa.String(10), default="")
    name: Mapped[str] = mapped_column(sa.String(120))
    title: Mapped[str] = mapped_column(sa.String(200), default="")
    organisation: Mapped[str] = mapped_column(sa.String(250), default="")
    role: Mapped[DelegateRole] = mapped_column(default=DelegateRole.MEMBER)
    phone: Mapped[str] = mapped_column(sa.String(30), default="")
    absent: Mapped[bool] = mapped_column(default=False, server_default=sa.false())  # on the list, and not in the room
    absence: Mapped[str] = mapped_column(sa.String(300), default="", server_default="")  # why, as the site said

    meeting_site: Mapped[MeetingSite] = relationship()


class Arrival(Base):
    """A form that came from a site's page, by the key it carried: what comes with the same key again is that form again."""

    __tablename__ = "arrival"

    meeting_site_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting_site.id"), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)  # what is swept


class LineTest(Base):
    """A site's line test in one round: six items, each with its outcome and a line of text where it failed."""

    __tablename__ = "line_test"
    __table_args__ = (sa.UniqueConstraint("meeting_site_id", "round"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_site_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting_site.id"))
    round: Mapped[Round]
    outcome: Mapped[Outcome]
    items: Mapped[dict[str, Any]]  # item key → outcome
    notes: Mapped[dict[str, Any]]  # item key → what was wrong
    tested_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(sa.String(20))  # self · technician · telephone
    by: Mapped[str] = mapped_column(sa.String(200), default="")
    # item key → {"at": instant in ISO 8601, "by": name, "source": …}: who looked at just this item, and when
    stamps: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")

    meeting_site: Mapped[MeetingSite] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"line-test:{self.meeting_site_id}"

    @property
    def journal_root(self) -> str:
        return self.meeting_site.meeting.code


class LineTestRule(Base):
    """The ladder of a line test as data: when it opens, how long it may take, how long it is amber before it is red."""

    __tablename__ = "line_test_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    round: Mapped[Round]
    meeting_type: Mapped[MeetingType | None]  # None: every type that has no rule of its own
    opens: Mapped[int]  # minutes before the start (of the rehearsal: before its deadline)
    period: Mapped[int]  # minutes from the opening until an untested site turns amber
    grace: Mapped[int]  # minutes of amber until it turns red
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]  # the first day on which it no longer holds
    made_by: Mapped[str] = mapped_column(sa.String(200), default="")
    made_at: Mapped[datetime]

    @property
    def journal_subject(self) -> str:
        return f"line-test-rule:{self.round}"

    @property
    def journal_root(self) -> str:
        return ""


class LineTestPlan(Base):
    """How the rehearsal of a meeting is shared out: its hours, how long each site is rung, who rings at the same time."""

    __tablename__ = "line_test_plan"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"), unique=True)
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    minutes: Mapped[int]  # a site
    lanes: Mapped[int]  # technicians who ring at the same time
    technicians: Mapped[list[Any]]  # their names; fewer names than lanes come round again
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(sa.String(200), default="")

    meeting: Mapped[Meeting] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"line-test-plan:{self.meeting_id}"

    @property
    def journal_root(self) -> str:
        return self.meeting.code


class LineTestSlot(Base):
    """The minutes in which a site is rung for its rehearsal (ca kiểm tra), so that not all ring at once.

    No two sites of a meeting have the same minutes with the same technician: the database refuses the second.
    """

    __tablename__ = "line_test_slot"
    __table_args__ = (sa.UniqueConstraint("meeting_id", "starts_at", "lane"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_site_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting_site.id"), unique=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    lane: Mapped[int] = mapped_column(default=1)  # which of the technicians who ring at the same time
    chosen_by: Mapped[str] = mapped_column(sa.String(200), default="")  # "" = shared out by the product

    meeting_site: Mapped[MeetingSite] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"line-test-slot:{self.meeting_site_id}"

    @property
    def journal_root(self) -> str:
        return self.meeting_site.meeting.code
