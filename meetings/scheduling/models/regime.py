"""When offices work, and the rules of the meeting regime as dated data."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.database import Base
from meetings.official.verified import Verified
from meetings.scheduling.models.meeting import Meeting
from meetings.scheduling.regime import Setting, Way


class DayOverride(Base):
    """A day on which offices are open or closed otherwise than the library of holidays knows: the yearly notice, a storm."""

    __tablename__ = "day_override"

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(unique=True)
    worked: Mapped[bool]
    name: Mapped[str] = mapped_column(sa.String(200))
    source: Mapped[str] = mapped_column(sa.String(400), default="")
    made_by: Mapped[str] = mapped_column(sa.String(200), default="")
    made_at: Mapped[datetime]

    @property
    def journal_subject(self) -> str:
        return f"working-day:{self.day.isoformat()}"

    @property
    def journal_root(self) -> str:
        return ""


class OfficeSpan(Base):
    """One stretch of the office hours. None at all: the usual two, see ``official.working_days.OFFICE_HOURS``."""

    __tablename__ = "office_span"

    id: Mapped[int] = mapped_column(primary_key=True)
    begins: Mapped[time]
    ends: Mapped[time]


class RegimeRule(Base):
    """One version of a rule of the meeting regime: in force from a day on, until the next one begins."""

    __tablename__ = "regime_rule"
    __table_args__ = (sa.UniqueConstraint("key", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(40))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    value: Mapped[dict[str, Any]]
    setting: Mapped[Setting]
    source: Mapped[str] = mapped_column(sa.String(400))
    article: Mapped[str] = mapped_column(sa.String(200), default="")
    verified: Mapped[Verified]
    note: Mapped[str] = mapped_column(sa.String(1000), default="")
    reason: Mapped[str] = mapped_column(sa.String(500), default="")  # why this version was made
    made_by: Mapped[str] = mapped_column(sa.String(200), default="")
    made_at: Mapped[datetime]

    @property
    def journal_subject(self) -> str:
        return f"regime-rule:{self.key}"

    @property
    def journal_root(self) -> str:
        return ""


class RegimeOverride(Base):
    """That a meeting went past a rule: why, and which leader approved it. It holds for the day it was given for.

    *counted_at*: the sending that leaned on it, None while none has. *way* is ``urgent`` where the rule stepped aside of
    itself, which is written down at the sending.
    """

    __tablename__ = "regime_override"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    key: Mapped[str] = mapped_column(sa.String(40))
    way: Mapped[Way]
    words: Mapped[str] = mapped_column(sa.String(1000))  # what was not kept, as it was told then
    reason: Mapped[str] = mapped_column(sa.String(500))
    leader: Mapped[str] = mapped_column(sa.String(200))
    meeting_on: Mapped[date]
    by: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[datetime]
    counted_at: Mapped[datetime | None]

    meeting: Mapped[Meeting] = relationship()


class RegimeConfirmation(Base):
    """That somebody looked: none of the cases applies in which no meeting is held."""

    __tablename__ = "regime_confirmation"
    __table_args__ = (sa.UniqueConstraint("meeting_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"))
    key: Mapped[str] = mapped_column(sa.String(40))
    by: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[datetime]
