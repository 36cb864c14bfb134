"""Who is taken when: the bookings of meetings, busy times of other kinds, and the calendars that are subscribed to."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.database import Base, EpochSeconds
from meetings.directory.models import Person, Room, Site
from meetings.scheduling.models.meeting import Meeting


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
    # SQLAlchemy says no types of DDL()
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
