"""A meeting as it is arranged: its facts, the sites that belong to it, its agenda, its papers, the series it comes in."""

from __future__ import annotations

from datetime import date, datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings import i18n
from meetings.accounts.models import User
from meetings.database import Base
from meetings.directory.models import Person, Room, Site
from meetings.scheduling import recurrence
from meetings.scheduling.rules import MeetingType, Secrecy, Status
from meetings.units.models import Unit


class MeetingSeries(Base):
    """Meetings that come again by one rule: one giấy mời, one entry in the calendars. Each date is a meeting of its own.

    What a calendar is told of it follows from *rule*, *first_on* and the dates of its meetings: what the rule names and no
    meeting is held on is an exception, what a meeting is held on and no rule names is added.
    """

    __tablename__ = "meeting_series"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(sa.String(80), unique=True)  # of the calendar entry that all its dates share
    rule: Mapped[str] = mapped_column(sa.String(200))  # RRULE of RFC 5545, see ``recurrence.text``
    first_on: Mapped[date]  # the first day that the rule names, held or not
    starts: Mapped[time]  # on the wall in Hà Nội, as the series was made
    minutes_long: Mapped[int]
    sequence: Mapped[int] = mapped_column(default=0)  # of the entry as a whole; each date counts its own changes
    title: Mapped[str] = mapped_column(sa.String(300))
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"))
    made_by: Mapped[str] = mapped_column(sa.String(120))
    made_at: Mapped[datetime]

    @property
    def words(self) -> str:
        """The rule in the reader's words: ``Hằng tuần vào thứ Hai, đến 08/03/2027``."""
        return recurrence.said(recurrence.read(self.rule), i18n.locale())

    @property
    def how_often(self) -> str:
        """The rule without its end: ``Hằng tuần vào thứ Hai``."""
        return recurrence.how_often(recurrence.read(self.rule), i18n.locale())


class Meeting(Base):
    __tablename__ = "meeting"
    __table_args__ = (sa.Index("ix_meeting_series", "series_id", "series_on"),)

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
    urgent_approved_by: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    secrecy: Mapped[Secrecy] = mapped_column(default=Secrecy.ORDINARY)
    status: Mapped[Status] = mapped_column(default=Status.DRAFT, index=True)
    organiser_id: Mapped[int] = mapped_column(sa.ForeignKey("unit.id"), index=True)
    host_site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"))
    host_room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("room.id"))
    chair_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    chair_honorific: Mapped[str] = mapped_column(sa.String(10), default="")
    chair_name: Mapped[str] = mapped_column(sa.String(120), default="")
    chair_title: Mapped[str] = mapped_column(sa.String(200), default="")
    secretary_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    starts_at: Mapped[datetime | None] = mapped_column(index=True)
    ends_at: Mapped[datetime | None]
    minutes_long: Mapped[int] = mapped_column(default=120)
    sequence: Mapped[int] = mapped_column(default=0)
    # which giấy mời of the meeting: 0 as first released, one more for each change that makes it say something else
    paper: Mapped[int] = mapped_column(default=0, server_default="0")
    stamped_at: Mapped[datetime | None]  # DTSTAMP of the newest calendar message; each is later than the one before
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
    # where its video room is: a name of ``adapters.platforms``; "manual" is the link that somebody pasted
    platform: Mapped[str] = mapped_column(sa.String(20), default="manual", server_default="manual")
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
    series_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meeting_series.id"))
    series_on: Mapped[date | None]  # the day on which its series has it (RECURRENCE-ID), wherever it was moved since

    organiser: Mapped[Unit] = relationship()
    series: Mapped[MeetingSeries | None] = relationship()
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
    # an optional site is invited but held for nobody: its other meetings are shown and stop nothing
    required: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    # the site whose officer brought this one in, where a meeting asks provinces to bring their communes
    brought_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meeting_site.id"), index=True)

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


class MeetingPerson(Base):
    """Somebody besides the chair whose calendar counts: the hour must suit who is required, and should suit the others."""

    __tablename__ = "meeting_person"
    __table_args__ = (sa.UniqueConstraint("meeting_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    required: Mapped[bool] = mapped_column(default=True)

    person: Mapped[Person] = relationship()


class MeetingPaper(Base):
    """A paper of a meeting. Its bytes are kept once under their digest, beside what letters enclose."""

    __tablename__ = "meeting_paper"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(300))
    file_name: Mapped[str] = mapped_column(sa.String(200))
    sha256: Mapped[str] = mapped_column(sa.ForeignKey("enclosure.sha256"))
    content_type: Mapped[str] = mapped_column(sa.String(120))
    size: Mapped[int]
    added_by: Mapped[str] = mapped_column(sa.String(200))
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]

    meeting: Mapped[Meeting] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"paper:{self.id}"

    @property
    def journal_root(self) -> str:
        return self.meeting.code
