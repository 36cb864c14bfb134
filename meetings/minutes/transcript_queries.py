"""Questions about recordings and transcripts: what may be, what there is, how it reads as a draft."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings import sealed
from meetings.database import db
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.minutes import queries as minutes
from meetings.minutes import recording_rules as rules
from meetings.minutes import rules as record_rules
from meetings.minutes.models import (
    Record,
    Recording,
    RecordingDecision,
    RecordItem,
    Statement,
    Transcript,
    Voice,
    VoiceTurn,
)
from meetings.minutes.recording_rules import LIVE, RecordingStatus
from meetings.minutes.transcript_words import STATUS_WORDS
from meetings.minutes.transcripts import item_at
from meetings.post import queries as letter_box
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting

# --- whether it may be -----------------------------------------------------------------------------------------------


def decisions(meeting: Meeting) -> Sequence[RecordingDecision]:
    """What was decided about recording *meeting*, the newest first."""
    query = sa.select(RecordingDecision).where(RecordingDecision.meeting_id == meeting.id)
    return db.session.scalars(query.order_by(RecordingDecision.id.desc())).all()


def decision(meeting: Meeting) -> RecordingDecision | None:
    """What holds, None where nobody has decided."""
    return next(iter(decisions(meeting)), None)


def allowed(meeting: Meeting) -> bool:
    """Whether *meeting* may be recorded and written down by machines."""
    return rules.allowed([one.allowed for one in decisions(meeting)], meeting.secrecy)


# --- recordings ------------------------------------------------------------------------------------------------------


def recordings(meeting: Meeting) -> Sequence[Recording]:
    """The recordings of *meeting*, newest first."""
    return db.session.scalars(
        sa.select(Recording).where(Recording.meeting_id == meeting.id).order_by(Recording.id.desc()).limit(200)
    ).all()


def live(meeting: Meeting) -> Sequence[Recording]:
    """Those that still come in, wait or are being heard."""
    return db.session.scalars(
        sa.select(Recording).where(Recording.meeting_id == meeting.id, Recording.status.in_(LIVE)).with_for_update()
    ).all()


def recording(meeting: Meeting, id: int) -> Recording:
    """One recording of *meeting*."""
    found = db.session.get(Recording, id) if 0 < id < 2**31 else None
    if found is None or found.meeting_id != meeting.id:
        raise NotFound(_("There is no such recording of %(code)s.", code=meeting.code))
    return found


def same_recording(meeting: Meeting, mark: str) -> Recording | None:
    """The recording of *meeting* that begins with these very bytes and is as long, if its file is here or coming."""
    return db.session.scalars(
        sa.select(Recording)
        .where(
            Recording.meeting_id == meeting.id,
            Recording.mark == mark,
            Recording.deleted_at.is_(None),
            Recording.status != RecordingStatus.CALLED_OFF,
        )
        .order_by(Recording.id.desc())
        .with_for_update()
    ).first()


def state_words(one: Recording) -> str:
    """How far *one* is, in words."""
    return str(STATUS_WORDS[one.status])


# --- transcripts -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """A transcript and how far it is."""

    transcript: Transcript
    voices: int
    unsettled: int
    turns: int
    placed: int


def of(meeting: Meeting) -> list[Shown]:
    """The transcripts of *meeting*, newest first, those that were withdrawn last."""
    known = db.session.scalars(
        sa.select(Transcript)
        .where(Transcript.meeting_id == meeting.id)
        .order_by(Transcript.withdrawn_at.is_not(None), Transcript.id.desc())
    ).all()
    ids = [one.id for one in known]
    voices = {
        id: (count, open)
        for id, count, open in db.session.execute(
            sa.select(Voice.transcript_id, sa.func.count(), sa.func.count(sa.case((Voice.confirmed_at.is_(None), 1))))
            .where(Voice.transcript_id.in_(ids))
            .group_by(Voice.transcript_id)
        )
    }
    turns = {
        id: (count, placed)
        for id, count, placed in db.session.execute(
            sa.select(VoiceTurn.transcript_id, sa.func.count(), sa.func.count(Statement.id))
            .outerjoin(Statement, Statement.id == VoiceTurn.statement_id)
            .where(VoiceTurn.transcript_id.in_(ids))
            .group_by(VoiceTurn.transcript_id)
        )
    }
    return [Shown(one, *voices.get(one.id, (0, 0)), *turns.get(one.id, (0, 0))) for one in known]


def transcript(meeting: Meeting, id: int) -> Transcript:
    """One transcript of *meeting*."""
    found = db.session.get(Transcript, id) if 0 < id < 2**31 else None
    if found is None or found.meeting_id != meeting.id:
        raise NotFound(_("There is no such transcript of %(code)s.", code=meeting.code))
    return found


def same_file(meeting: Meeting, sha256: str) -> Transcript | None:
    """The standing transcript of *meeting* that was made of these very bytes."""
    query = sa.select(Transcript).where(
        Transcript.meeting_id == meeting.id, Transcript.sha256 == sha256, Transcript.withdrawn_at.is_(None)
    )
    return db.session.scalars(query).first()


def file_of(one: Transcript) -> bytes:
    """The file as it came; empty where the key is gone under which it was sealed."""
    return sealed.opened(letter_box.enclosure(one.kept)) or b""


def transcript_of(one: Recording) -> Transcript | None:
    """What was heard in *one*."""
    return db.session.scalars(sa.select(Transcript).where(Transcript.recording_id == one.id).limit(1)).first()


def voices(one: Transcript) -> Sequence[Voice]:
    """Who speaks in *one*, in the order in which they begin."""
    return db.session.scalars(
        sa.select(Voice)
        .where(Voice.transcript_id == one.id)
        .order_by(Voice.id)
        .options(joinedload(Voice.meeting_site), joinedload(Voice.delegate))
    ).all()


def turns(one: Transcript) -> Sequence[VoiceTurn]:
    """Everything that is said in *one*."""
    return db.session.scalars(
        sa.select(VoiceTurn).where(VoiceTurn.transcript_id == one.id).order_by(VoiceTurn.position)
    ).all()


def standing(turns: Iterable[VoiceTurn]) -> dict[int, Statement]:
    """The statements that were made of *turns* and are still there, by id."""
    ids = {turn.statement_id for turn in turns if turn.statement_id is not None}
    return {row.id: row for row in db.session.scalars(sa.select(Statement).where(Statement.id.in_(ids)))} if ids else {}


def unread(record: Record) -> int:
    """How many statements of *record* a machine wrote and nobody has read yet."""
    query = sa.select(sa.func.count(Statement.id)).join(RecordItem, RecordItem.id == Statement.item_id)
    return db.session.scalar(query.where(RecordItem.record_id == record.id, Statement.machine_made)) or 0


def unread_of(one: Transcript, record: Record) -> Sequence[Statement]:
    """The statements of *record* that came of *one* and that nobody has read yet."""
    return db.session.scalars(
        sa.select(Statement)
        .join(RecordItem, RecordItem.id == Statement.item_id)
        .where(
            RecordItem.record_id == record.id,
            Statement.machine_made,
            Statement.id.in_(sa.select(VoiceTurn.statement_id).where(VoiceTurn.transcript_id == one.id)),
        )
    ).all()


# --- as a draft ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Heading:
    """An agenda item under which something was said; *id* is None before the minutes are begun."""

    title: str
    starts_at: datetime | None
    ends_at: datetime | None
    id: int | None


@dataclass(frozen=True)
class Passage:
    """What one voice says under one agenda item before another begins: the piece of a draft that a writer takes over."""

    item: int
    voice: Voice
    turns: tuple[VoiceTurn, ...]
    statement: Statement | None

    @property
    def key(self) -> str:
        """The places of its turns in the transcript, which never change: what a page sends back."""
        return f"{self.turns[0].position}-{self.turns[-1].position}"

    @property
    def text(self) -> str:
        return "\n".join(turn.text for turn in self.turns)


def headings(meeting: Meeting, record: Record | None) -> list[Heading]:
    """The agenda of the minutes; before they are begun that of the booking, spread over the time the meeting took."""
    if record is not None:
        return [Heading(item.title, item.starts_at, item.ends_at, item.id) for item in minutes.written(record).items]
    agenda = scheduling.agenda_of(meeting)
    began = meeting.opened_at or meeting.starts_at
    if began is None:
        return [Heading(item.title, None, None, None) for item in agenda]
    ended = meeting.ended_at or meeting.closed_at or meeting.ends_at
    spans = record_rules.spread(began, ended, [item.minutes for item in agenda])
    return [Heading(item.title, *span, None) for item, span in zip(agenda, spans, strict=True)]


def instant_of(one: Transcript, turn: VoiceTurn) -> datetime:
    """When *turn* was said."""
    return one.started_at + timedelta(milliseconds=turn.starts_ms)


def passages(one: Transcript, items: Sequence[Heading]) -> list[Passage]:
    """*one* as a draft under *items*."""
    told = turns(one)
    made = standing(told)
    known = {voice.id: voice for voice in voices(one)}
    begins = [item.starts_at for item in items]
    found: list[Passage] = []
    for turn in told:
        item = item_at(instant_of(one, turn), begins)
        statement = made.get(turn.statement_id or 0)
        last = found[-1] if found else None
        if last is not None and (last.item, last.voice.id, last.statement) == (item, turn.voice_id, statement):
            found[-1] = Passage(item, last.voice, (*last.turns, turn), statement)
        else:
            found.append(Passage(item, known[turn.voice_id], (turn,), statement))
    return found


# --- for the administrator -------------------------------------------------------------------------------------------


def counts() -> dict[RecordingStatus, int]:
    """How many recordings there are in each state, in the order of their life."""
    query = sa.select(Recording.status, sa.func.count()).group_by(Recording.status)
    found: dict[RecordingStatus, int] = dict(db.session.execute(query).all())
    return {status: found[status] for status in RecordingStatus if status in found}


def newest_fault() -> Recording | None:
    """The recording that last could not be heard, unless one was heard since."""
    query = sa.select(Recording).where(Recording.asked_at.is_not(None)).order_by(Recording.asked_at.desc())
    last = db.session.scalars(query.limit(1)).first()
    return last if last is not None and last.fault else None
