"""A meeting as it is arranged: its facts, the sites that belong to it, its agenda."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings import i18n
from meetings.accounts.models import User
from meetings.database import Base, EpochSeconds
from meetings.directory.models import Person, Room, Site
from meetings.official.verified import Verified
from meetings.scheduling import recurrence
from meetings.scheduling.regime import Setting, Way
from meetings.scheduling.rules import ChangeKind, MeetingType, Secrecy, Status
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


class Booking(Base):
    """One span in which one site, one of its rooms or one person is taken.

    Of two *exclusive* bookings that overlap the database itself refuses the second, on PostgreSQL by exclusion
    constraints, on SQLite by triggers (:data:`GUARDS`). A site without a room is taken as a whole, as a guest's camera
    and line are one; with a room only that room is, as a ministry hosts in several.

    No booking is longer than :data:`LONGEST`: who looks for what overlaps an hour need look back no further, and that
    bound is what makes the question quick. Longer blocks are kept in pieces.
    """

    __tablename__ = "booking"
    __table_args__ = (
        sa.CheckConstraint("ends_at > starts_at AND ends_at - starts_at <= 172800", name="length"),
        sa.CheckConstraint("(site_id IS NULL) <> (person_id IS NULL)", name="one_of_both"),
        sa.CheckConstraint("room_id IS NULL OR site_id IS NOT NULL", name="room_of_site"),
        sa.Index("ix_booking_span", "starts_at", "ends_at", "site_id"),
        sa.Index("ix_booking_site", "site_id", "starts_at", "ends_at"),
        sa.Index(
            "ix_booking_person",
            "person_id",
            "starts_at",
            sqlite_where=sa.text("person_id IS NOT NULL"),
            postgresql_where=sa.text("person_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_booking_expires",
            "expires_at",
            sqlite_where=sa.text("expires_at IS NOT NULL"),
            postgresql_where=sa.text("expires_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    busy_id: Mapped[int | None] = mapped_column(sa.ForeignKey("busy.id"), index=True)
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"))
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("room.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    starts_at: Mapped[datetime] = mapped_column(EpochSeconds())
    ends_at: Mapped[datetime] = mapped_column(EpochSeconds())
    exclusive: Mapped[bool] = mapped_column(default=True)
    expires_at: Mapped[datetime | None] = mapped_column(EpochSeconds())  # of a draft's hold (giữ chỗ); None: firm

    meeting: Mapped[Meeting | None] = relationship()


LONGEST: Final = timedelta(hours=48)
"""Of a booking; the two days that training may last (QĐ 45/2018/QĐ-TTg)."""

_SQLITE_GUARD: Final = """
CREATE TRIGGER booking_{name} BEFORE {event} ON booking WHEN NEW.exclusive
BEGIN
  SELECT RAISE(ABORT, 'booking_overlap') WHERE EXISTS (
    SELECT 1 FROM booking AS b
    WHERE b.site_id = NEW.site_id AND b.exclusive AND {other}
      AND b.starts_at < NEW.ends_at AND b.starts_at > NEW.starts_at - 172800 AND b.ends_at > NEW.starts_at
      AND (b.room_id IS NULL OR NEW.room_id IS NULL OR b.room_id = NEW.room_id));
  SELECT RAISE(ABORT, 'booking_overlap') WHERE EXISTS (
    SELECT 1 FROM booking AS b
    WHERE b.person_id = NEW.person_id AND b.exclusive AND {other}
      AND b.starts_at < NEW.ends_at AND b.starts_at > NEW.starts_at - 172800 AND b.ends_at > NEW.starts_at);
END"""
_CHANGES: Final = "UPDATE OF site_id, room_id, person_id, starts_at, ends_at, exclusive"

GUARDS: Final[dict[str, tuple[str, ...]]] = {
    "sqlite": (
        _SQLITE_GUARD.format(name="put_in", event="INSERT", other="TRUE"),
        _SQLITE_GUARD.format(name="changed", event=_CHANGES, other="b.id <> NEW.id"),
    ),
    "postgresql": (
        "CREATE EXTENSION IF NOT EXISTS btree_gist",
        # a room that is NULL makes the range of all rooms
        "ALTER TABLE booking ADD CONSTRAINT ex_booking_site EXCLUDE USING gist (site_id WITH =, "
        "int4range(room_id, room_id, '[]') WITH &&, int8range(starts_at, ends_at) WITH &&) "
        "WHERE (exclusive AND site_id IS NOT NULL)",
        "ALTER TABLE booking ADD CONSTRAINT ex_booking_person EXCLUDE USING gist (person_id WITH =, "
        "int8range(starts_at, ends_at) WITH &&) WHERE (exclusive AND person_id IS NOT NULL)",
    ),
}
"""What the database itself refuses, by dialect; the migration holds the same statements."""


def _guard(statement: str, dialect: str) -> sa.schema.ExecutableDDLElement:
    ddl: sa.schema.ExecutableDDLElement = sa.DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
    return ddl


for _dialect, _statements in GUARDS.items():
    for _statement in _statements:
        sa.event.listen(Booking.__table__, "after_create", _guard(_statement, _dialect))


class BusyKind(StrEnum):
    MAINTENANCE = "maintenance"
    LEAVE = "leave"
    OTHER = "other"
    FEED = "feed"  # an event of a calendar that is subscribed to


class Feed(Base):
    """A calendar kept elsewhere that is subscribed to by its address (iCalendar): of a site, one of its rooms or a person.

    What it says of the hours stands in :class:`Busy`; here stands how well that is known.
    """

    __tablename__ = "feed"
    __table_args__ = (
        sa.Index("ix_feed_due", "ended_at", "last_try_at"),
        sa.CheckConstraint("(site_id IS NULL) <> (person_id IS NULL)", name="one_of_both"),
        sa.CheckConstraint("room_id IS NULL OR site_id IS NOT NULL", name="room_of_site"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"), index=True)
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("room.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    url: Mapped[str] = mapped_column(sa.String(2000))  # may hold a secret: shown whole to nobody
    keeps_titles: Mapped[bool] = mapped_column(default=False)
    etag: Mapped[str] = mapped_column(sa.String(200), default="")
    last_try_at: Mapped[datetime | None]
    last_ok_at: Mapped[datetime | None]
    covers_until: Mapped[datetime | None]  # what lies later has not been read yet
    fault: Mapped[str] = mapped_column(sa.String(40), default="")  # why the last try failed; "": it did not
    made_by: Mapped[str] = mapped_column(sa.String(120))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    site: Mapped[Site | None] = relationship()
    room: Mapped[Room | None] = relationship()
    person: Mapped[Person | None] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"feed:{self.id}"

    @property
    def journal_root(self) -> str:
        return ""


class Busy(Base):
    """A time in which a site, a room or a person is taken by something that is no meeting of ours."""

    __tablename__ = "busy"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("site.id"), index=True)
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("room.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    kind: Mapped[BusyKind]
    title: Mapped[str] = mapped_column(sa.String(200), default="")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    feed_id: Mapped[int | None] = mapped_column(sa.ForeignKey("feed.id"), index=True)
    made_by: Mapped[str] = mapped_column(sa.String(120))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # taken back

    site: Mapped[Site | None] = relationship()
    room: Mapped[Room | None] = relationship()
    person: Mapped[Person | None] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"busy:{self.id}"

    @property
    def journal_root(self) -> str:
        return ""


class Clash(Base):
    """A collision that was accepted knowingly: with what, why, and by whom."""

    __tablename__ = "accepted_clash"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    reason: Mapped[str] = mapped_column(sa.String(500))
    with_meetings: Mapped[list[Any]]
    by: Mapped[str] = mapped_column(sa.String(120))
    at: Mapped[datetime]


class Change(Base):
    """What was changed after the invitations had left, kept as its letters, the sites' pages and the history tell it.

    *before* and *after* hold plain values of the facts that differ; *sites* the ids of the meeting sites that came or went.
    """

    __tablename__ = "meeting_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    kind: Mapped[ChangeKind]
    sequence: Mapped[int]  # of the calendar entry from then on
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    sites: Mapped[list[Any]]
    reason: Mapped[str] = mapped_column(sa.String(500))
    by: Mapped[str] = mapped_column(sa.String(120))
    at: Mapped[datetime]
    # the first of several dates of a series that were changed together, and are told in one letter
    together_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meeting_change.id"))

    meeting: Mapped[Meeting] = relationship()

    @property
    def started_at(self) -> datetime | None:
        """When the meeting was to begin before this change, where it was a change of time or state."""
        told = self.before.get("starts_at")
        return datetime.fromisoformat(told) if told else None


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
