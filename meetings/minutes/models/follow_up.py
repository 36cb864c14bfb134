"""What became of the action items of issued records: where each stands, what was said of it, and the links of those who lead."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.database import Base
from meetings.invitations.models import Link
from meetings.minutes.following_rules import Told, Way
from meetings.minutes.models.record import ActionItem
from meetings.official.text import fold
from meetings.scheduling.models import Meeting
from meetings.units.models import Unit


class Assignment(Base):
    """An action item of an issued record on its way to its end: one row, whichever version of the minutes holds.

    *origin_id* is the row of the version in which it was first given, *item_id* that of the version that holds. The four
    facts about it (said to be done, confirmed, withdrawn, the day it is due) are stored; its state is derived from them
    by ``following_rules.state`` and by nothing else. *due_on* is the day that counts, after what was granted.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        sa.Index("ix_assignment_organiser", "organiser_id", "confirmed_at", "due_on"),
        sa.Index("ix_assignment_lead", "lead_unit_id", "organiser_id"),
        sa.Index("ix_assignment_open", "withdrawn_at", "confirmed_at", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    origin_id: Mapped[int] = mapped_column(sa.ForeignKey("action_item.id"), unique=True)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("action_item.id"))
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    lead_unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("unit.id"))
    search_key: Mapped[str] = mapped_column(default="")
    given_on: Mapped[date]
    given_due: Mapped[date | None]  # as the minutes say
    due_on: Mapped[date | None]
    percent: Mapped[int | None]
    reported_at: Mapped[datetime | None]
    asked_due: Mapped[date | None]  # an extension that was asked for and not decided yet
    asked_at: Mapped[datetime | None]
    extensions: Mapped[int] = mapped_column(default=0)  # granted
    claimed_at: Mapped[datetime | None]  # when it was said to be done, and not returned since
    done_on: Mapped[date | None]
    confirmed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    reminded_on: Mapped[date | None]  # the day its unit was last written to of it
    urged: Mapped[int] = mapped_column(default=0)  # by hand

    origin: Mapped[ActionItem] = relationship(foreign_keys=[origin_id])
    item: Mapped[ActionItem] = relationship(foreign_keys=[item_id])
    meeting: Mapped[Meeting] = relationship()
    organiser: Mapped[Unit] = relationship(foreign_keys=[organiser_id])
    lead_unit: Mapped[Unit | None] = relationship(foreign_keys=[lead_unit_id])

    @property
    def led_by(self) -> str:
        """Who leads it, as the minutes say; the unit it was passed on to, where they name another."""
        unit = self.lead_unit
        if unit is None or fold(unit.name) in fold(self.item.lead):
            return self.item.lead
        return unit.full_name or unit.name

    @property
    def journal_subject(self) -> str:
        return f"assignment:{self.id}"

    @property
    def journal_root(self) -> str:
        return self.meeting.code


class AssignmentNote(Base):
    """What was said or decided of an assignment, by whom and by which door. Rows are only added."""

    __tablename__ = "assignment_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(sa.ForeignKey("assignment.id"), index=True)
    told: Mapped[Told]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(200), default="")
    way: Mapped[Way]
    percent: Mapped[int | None]
    due_on: Mapped[date | None]  # asked for, granted
    words: Mapped[str] = mapped_column(sa.String(2000), default="")

    assignment: Mapped[Assignment] = relationship()


class AssignmentFile(Base):
    """A file that came with a report; its bytes stand in the post under their SHA-256."""

    __tablename__ = "assignment_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(sa.ForeignKey("assignment_note.id"), index=True)
    file_name: Mapped[str] = mapped_column(sa.String(200))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    content_type: Mapped[str] = mapped_column(sa.String(120))
    size: Mapped[int]

    note: Mapped[AssignmentNote] = relationship()


class AssignmentDoor(Base):
    """The page without account of one unit for what one organiser gave it: behind a private link of the purpose “t”."""

    __tablename__ = "assignment_door"
    __table_args__ = (sa.UniqueConstraint("unit_id", "organiser_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    link_id: Mapped[int | None] = mapped_column(sa.ForeignKey("link.id"), index=True)

    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id])
    organiser: Mapped[Unit] = relationship(foreign_keys=[organiser_id])
    link: Mapped[Link | None] = relationship()
