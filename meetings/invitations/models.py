"""Asking sites: the private link of each, and what each has answered."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.database import Base
from meetings.invitations.rules import Consent as Consent
from meetings.invitations.rules import Reply as Reply
from meetings.invitations.rules import Source as Source
from meetings.scheduling.models import MeetingSite


class Link(Base):
    """A link without account. Its token is derived from *id* and *issue*; raising *issue* kills every older one."""

    __tablename__ = "link"
    __table_args__ = (sa.Index("ix_link_subject", "purpose", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(sa.String(1))  # m site's page · j join · v document · t tasks
    subject_id: Mapped[int]  # of a MeetingSite for m and j, of a hand-out for v
    issue: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Invitation(Base):
    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_site_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting_site.id"), unique=True)
    link_id: Mapped[int] = mapped_column(sa.ForeignKey("link.id"))
    sequence: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime]
    by_post: Mapped[bool] = mapped_column(default=True)  # False: no e-mail address, asked on paper or by telephone
    seen_at: Mapped[datetime | None]
    reply: Mapped[Reply] = mapped_column(default=Reply.ASKED)
    replied_at: Mapped[datetime | None]
    reply_source: Mapped[Source | None]
    replied_by: Mapped[str] = mapped_column(sa.String(200), default="")
    late: Mapped[bool] = mapped_column(default=False)
    substitute_honorific: Mapped[str] = mapped_column(sa.String(10), default="")
    substitute_name: Mapped[str] = mapped_column(sa.String(120), default="")
    substitute_title: Mapped[str] = mapped_column(sa.String(200), default="")
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    consent: Mapped[Consent] = mapped_column(default=Consent.NOT_NEEDED)
    consent_by: Mapped[str] = mapped_column(sa.String(120), default="")
    consent_at: Mapped[datetime | None]
    day_phone: Mapped[str] = mapped_column(sa.String(30), default="")  # to ring on the day

    meeting_site: Mapped[MeetingSite] = relationship()
    link: Mapped[Link] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"invitation:{self.id}"

    @property
    def journal_root(self) -> str:
        return self.meeting_site.meeting.code
