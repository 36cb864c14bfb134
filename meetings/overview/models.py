"""Who is sent which report, and how often."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.accounts.models import User
from meetings.database import Base
from meetings.overview.reports_period import Rhythm
from meetings.units.models import Unit


class ReportSchedule(Base):
    """That somebody is sent the report on what a unit and those below it held, after each month, quarter or year.

    *working_day*: on which working day after the period it leaves. *sent_for* is the mark of the last period that was sent
    (``2026-q4``): with the key of its letter it makes that each report leaves once.
    """

    __tablename__ = "report_schedule"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    rhythm: Mapped[Rhythm]
    by: Mapped[str] = mapped_column(sa.String(20))  # what its lines are, see ``reports_figures.By``
    working_day: Mapped[int]
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(sa.String(200), default="")
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    sent_for: Mapped[str] = mapped_column(sa.String(10), default="", server_default="")
    sent_at: Mapped[datetime | None]

    unit: Mapped[Unit] = relationship()
    user: Mapped[User] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"report-schedule:{self.id}"

    @property
    def journal_root(self) -> str:
        return ""
