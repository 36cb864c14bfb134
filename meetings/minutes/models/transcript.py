"""What machines wrote down of a meeting: whether it may be, sound that was handed in, and the drafts that came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.database import Base
from meetings.minutes.recording_rules import RecordingStatus
from meetings.readiness.models import Delegate
from meetings.scheduling.models import Meeting, MeetingSite


class RecordingDecision(Base):
    """What the chair decided about recording and transcripts of a meeting. Rows are only added: the newest holds."""

    __tablename__ = "recording_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    allowed: Mapped[bool]
    decided_by: Mapped[str] = mapped_column(sa.String(200))  # the chair, or whom the chair told so
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(200), default="")  # who entered it

    meeting: Mapped[Meeting] = relationship()


class Recording(Base):
    """Sound or pictures of a meeting, in the folder of the installation and not in the database, until it was heard.

    *mark* is by what the same file is known when it is chosen again after a line broke: its size and how it begins.
    """

    __tablename__ = "recording"
    __table_args__ = (
        sa.Index("ix_recording_meeting_mark", "meeting_id", "mark"),
        sa.Index("ix_recording_due", "status", "next_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"))
    key: Mapped[str] = mapped_column(sa.String(40), unique=True)  # the name of its file: nobody's typing reaches a disk
    file_name: Mapped[str] = mapped_column(sa.String(200))
    content_type: Mapped[str] = mapped_column(sa.String(60))
    mark: Mapped[str] = mapped_column(sa.String(64))
    size: Mapped[int] = mapped_column(sa.BigInteger())
    received: Mapped[int] = mapped_column(sa.BigInteger(), default=0)
    sha256: Mapped[str] = mapped_column(sa.String(64), default="")  # reckoned by the worker
    started_at: Mapped[datetime]  # when the recording began
    status: Mapped[RecordingStatus] = mapped_column(default=RecordingStatus.ARRIVING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]  # when it was last handed to the service
    ended_at: Mapped[datetime | None]  # when it was heard, given up or called off
    fault: Mapped[str] = mapped_column(sa.String(40), default="")  # a word for why it failed; "" while all is well
    said: Mapped[str] = mapped_column(sa.String(300), default="")  # the service's own words
    taken_at: Mapped[datetime]
    taken_by: Mapped[str] = mapped_column(sa.String(200), default="")
    moved_at: Mapped[datetime]  # when anything of it last came in
    deleted_at: Mapped[datetime | None]  # the file; what is told here stays

    meeting: Mapped[Meeting] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"recording:{self.id}"

    @property
    def journal_root(self) -> str:
        return self.meeting.code


class Transcript(Base):
    """What a machine wrote down: a file that was imported, or what a service heard. What was told is never changed.

    *kept* is the file, sealed, as an enclosure. *started_at* is the instant that its clock counts from, as a person says.
    """

    __tablename__ = "transcript"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    recording_id: Mapped[int | None] = mapped_column(sa.ForeignKey("recording.id"))
    layout: Mapped[str] = mapped_column(sa.String(40))
    file_name: Mapped[str] = mapped_column(sa.String(200), default="")
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True)
    kept: Mapped[str] = mapped_column(sa.String(64))
    size: Mapped[int]
    started_at: Mapped[datetime]
    left_out: Mapped[dict[str, Any]] = mapped_column(default=dict)
    faults: Mapped[list[Any]] = mapped_column(default=list)
    taken_at: Mapped[datetime]
    taken_by: Mapped[str] = mapped_column(sa.String(200), default="")
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str] = mapped_column(sa.String(200), default="")

    meeting: Mapped[Meeting] = relationship()
    recording: Mapped[Recording | None] = relationship()

    @property
    def journal_subject(self) -> str:
        return f"transcript:{self.id}"

    @property
    def journal_root(self) -> str:
        return self.meeting.code


class Voice(Base):
    """A speaker of a transcript as the machine called her, "" for nobody, and who that was, as a person says."""

    __tablename__ = "transcript_voice"

    id: Mapped[int] = mapped_column(primary_key=True)
    transcript_id: Mapped[int] = mapped_column(sa.ForeignKey("transcript.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    site: Mapped[str] = mapped_column(sa.String(200), default="")
    meeting_site_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meeting_site.id"))
    speaker: Mapped[str] = mapped_column(sa.String(300), default="")
    delegate_id: Mapped[int | None] = mapped_column(sa.ForeignKey("delegate.id"))
    left_out: Mapped[bool] = mapped_column(default=False)  # an interpreter, a film, a noise: nothing for the minutes
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str] = mapped_column(sa.String(200), default="")

    transcript: Mapped[Transcript] = relationship()
    meeting_site: Mapped[MeetingSite | None] = relationship()
    delegate: Mapped[Delegate | None] = relationship()


class VoiceTurn(Base):
    """What a voice said without a pause, in milliseconds from the start, and the statement that was made of it."""

    __tablename__ = "transcript_turn"
    __table_args__ = (sa.Index("ix_transcript_turn_transcript", "transcript_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    transcript_id: Mapped[int] = mapped_column(sa.ForeignKey("transcript.id"))
    voice_id: Mapped[int] = mapped_column(sa.ForeignKey("transcript_voice.id"))
    position: Mapped[int]
    starts_ms: Mapped[int]
    ends_ms: Mapped[int]
    text: Mapped[str]
    statement_id: Mapped[int | None] = mapped_column(index=True)  # which may be gone since

    voice: Mapped[Voice] = relationship()
