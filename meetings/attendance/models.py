"""Who is there: one state per site, every mark that led to it, and the roll that is closed in the end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.attendance.rules import MarkSource, RollStatus, State
from meetings.database import Base
from meetings.scheduling.models import Meeting, MeetingSite


class Presence(Base):
    """The state of one site in one meeting, now. A site without a row is not in."""

    __tablename__ = "presence"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_site_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting_site.id"), unique=True)
    state: Mapped[State]
    since: Mapped[datetime]
    joined_at: Mapped[datetime | None]  # first time in
    left_at: Mapped[datetime | None]
    lost_seconds: Mapped[int] = mapped_column(default=0)
    head_count: Mapped[int | None]
    with_notice: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    source: Mapped[MarkSource]
    by: Mapped[str] = mapped_column(sa.String(200), default="")
    # of the newest mark that counts: who follows it needs no other mark of the site
    marked_at: Mapped[datetime | None]
    actor: Mapped[str] = mapped_column(sa.String(60), default="", server_default="")

    meeting_site: Mapped[MeetingSite] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"presence:{self.meeting_site_id}"

    @property
    def journal_root(self) -> str:
        return self.meeting_site.meeting.code


class Mark(Base):
    """One change of a presence, kept whatever became of it; *at* is when it was pressed, *id* in which order marks came in."""

    __tablename__ = "mark"
    __table_args__ = (sa.Index("ix_mark_meeting_id", "meeting_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"))
    meeting_site_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting_site.id"), index=True)
    at: Mapped[datetime]
    before: Mapped[State]
    after: Mapped[State]
    head_count: Mapped[int | None]
    with_notice: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    correction: Mapped[str] = mapped_column(sa.String(500), default="")  # why, when the roll was closed already
    note: Mapped[str] = mapped_column(sa.String(500), default="", server_default="")  # a remark: nothing was marked
    source: Mapped[MarkSource]
    by: Mapped[str] = mapped_column(sa.String(200), default="")
    actor: Mapped[str] = mapped_column(sa.String(60), default="")
    once: Mapped[str | None] = mapped_column(
        sa.String(60), unique=True
    )  # key of a queued mark: sent twice, counted once
    undoes_id: Mapped[int | None] = mapped_column(sa.ForeignKey("mark.id"))

    meeting: Mapped[Meeting] = relationship()
    meeting_site: Mapped[MeetingSite] = relationship()


class Roll(Base):
    """The roll of a meeting: made at its first mark, open until it is closed."""

    __tablename__ = "roll"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"), unique=True)
    status: Mapped[RollStatus] = mapped_column(default=RollStatus.OPEN)
    opened_at: Mapped[datetime]
    host_head_count: Mapped[int | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str] = mapped_column(sa.String(200), default="")

    meeting: Mapped[Meeting] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"roll:{self.meeting.code}"

    @property
    def journal_root(self) -> str:
        return self.meeting.code


class Witness(Base):
    """What a machine says of who was connected: a file that was imported, or what a platform reported by itself.

    *kept* is the file, sealed, as an enclosure: it holds names and addresses. While *asks* names something that the file
    leaves open (its zone, the order of day and month) nothing has been read from it yet.
    """

    __tablename__ = "witness"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    once: Mapped[str | None] = mapped_column(sa.String(80), unique=True)  # of a feed: there is one a meeting
    layout: Mapped[str] = mapped_column(sa.String(40))  # which file or feed it is, see attendance.witnesses
    file_name: Mapped[str] = mapped_column(sa.String(200), default="")  # "" = reported by the platform
    sha256: Mapped[str] = mapped_column(sa.String(64), default="", index=True)
    kept: Mapped[str] = mapped_column(sa.String(64), default="")
    size: Mapped[int] = mapped_column(default=0)
    asks: Mapped[str] = mapped_column(sa.String(40), default="")
    zone: Mapped[str] = mapped_column(sa.String(60), default="")  # in which the clock of the file was read
    day_first: Mapped[bool | None]
    clock_shift: Mapped[int] = mapped_column(default=0)  # seconds added to its clock, as a person said
    left_out: Mapped[dict[str, Any]] = mapped_column(default=dict)  # why rows were not taken → how many
    faults: Mapped[list[Any]] = mapped_column(default=list)  # what is wrong with it as a whole, in words of the reader
    taken_at: Mapped[datetime]
    taken_by: Mapped[str] = mapped_column(sa.String(200), default="")
    heard_at: Mapped[datetime | None]  # until when a feed was heard: what had not ended then lasted until then
    withdrawn_at: Mapped[datetime | None]  # taken by mistake; its rows stay and count no more
    withdrawn_by: Mapped[str] = mapped_column(sa.String(200), default="")

    meeting: Mapped[Meeting] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"witness:{self.id}"

    @property
    def journal_root(self) -> str:
        return self.meeting.code


class Connection(Base):
    """One interval of one participant, as a witness told it, and the site it was matched to.

    What was told is never changed; *meeting_site_id* is what a machine or a person made of it, and the journal keeps each
    change. *matched_by*: ``id`` and ``address`` count by themselves, ``person`` was confirmed, ``nobody`` is no site.
    """

    __tablename__ = "connection"
    __table_args__ = (
        sa.Index("ix_connection_witness_id", "witness_id", "number"),
        sa.UniqueConstraint("witness_id", "once"),
        sa.Index("ix_connection_witness_id_device", "witness_id", "device"),
        sa.Index("ix_connection_who", "who", "witness_id"),
        sa.Index("ix_connection_name_key", "name_key", "matched_by"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    witness_id: Mapped[int] = mapped_column(sa.ForeignKey("witness.id"))
    number: Mapped[int]  # its row in the file, from 1
    once: Mapped[str | None] = mapped_column(sa.String(64))  # of a feed: what was told twice is one row
    device: Mapped[str] = mapped_column(sa.String(250), default="")  # of a feed: by what its coming and going is told
    who: Mapped[str] = mapped_column(sa.String(32))  # digest of name, address and id: the rows of one participant
    name: Mapped[str] = mapped_column(sa.String(200))  # as it stood there
    own_name: Mapped[str] = mapped_column(sa.String(200), default="")  # where it told one behind the name
    name_key: Mapped[str] = mapped_column(sa.String(200), default="")  # folded, for meetings to come
    address: Mapped[str] = mapped_column(sa.String(254), default="")
    external_id: Mapped[str] = mapped_column(sa.String(200), default="")
    joined_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    seconds: Mapped[int | None]  # where only a length is told
    meeting_site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meeting_site.id"), index=True)
    matched_by: Mapped[str] = mapped_column(sa.String(20), default="")
    confirmed_at: Mapped[datetime | None]  # a match by name counts only once a person confirmed it
    confirmed_by: Mapped[str] = mapped_column(sa.String(200), default="")

    witness: Mapped[Witness] = relationship()
    meeting_site: Mapped[MeetingSite | None] = relationship()
