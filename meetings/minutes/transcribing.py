"""The verbs of transcripts: take one in, say who speaks and from when, put it into the minutes, take it back.

What a machine wrote down is a draft beside the minutes and never the minutes: it comes into them by the press of a writer,
marked as machine-made until a person has read it, and beside what is written there already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from meetings import journal, sealed
from meetings.accounts.rules import Actor
from meetings.clock import now
from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.i18n import locale, ngettext
from meetings.minutes import queries as minutes
from meetings.minutes import recordings, rules
from meetings.minutes import transcript_queries as queries
from meetings.minutes.forms import LONGEST
from meetings.minutes.models import Record, Recording, Statement, Transcript, Voice, VoiceTurn
from meetings.minutes.rules import RecordMove
from meetings.minutes.transcript_queries import Heading, Passage
from meetings.minutes.transcript_words import FAULT_WORDS
from meetings.minutes.transcripts import MAX_BYTES, Told, read, turns
from meetings.minutes.voice_offers import Settled, known_names
from meetings.official.dates import moment_short
from meetings.post import services as post
from meetings.scheduling.models import Meeting
from meetings.scheduling.paper_rules import safe_name

_SEALED: Final = "application/octet-stream"
_BATCH: Final = 1_000


# --- taking one in ---------------------------------------------------------------------------------------------------


def take(meeting: Meeting, raw: bytes, name: str, started_at: datetime, *, actor: Actor) -> Transcript:
    """Take the transcript in the file *raw*; its clock counts from *started_at*."""
    recordings.check_allowed(meeting)
    if not raw:
        raise Refused(_("Choose a file."), field="file", status=422)
    if len(raw) > MAX_BYTES:
        raise Refused(FAULT_WORDS["too_big"], field="file", status=422)
    before = queries.same_file(meeting, hashlib.sha256(raw).hexdigest())
    if before is not None:
        raise Refused(
            _(
                "This very file was taken already, by %(name)s at %(moment)s.",
                name=before.taken_by,
                moment=moment_short(before.taken_at, locale()),
            ),
            field="file",
            status=422,
        )
    told = read(raw, known_names(meeting))
    if not told.layout:
        raise Refused(FAULT_WORDS[told.faults[0]], field="file", status=422)
    return keep(meeting, told, raw, safe_name(name)[:200], started_at, actor=actor)


def keep(
    meeting: Meeting,
    told: Told,
    raw: bytes,
    name: str,
    started_at: datetime,
    *,
    actor: Actor,
    recording: Recording | None = None,
) -> Transcript:
    """Keep what was *told*, with the bytes it was told in."""
    made = Transcript(
        meeting=meeting,
        recording_id=recording.id if recording is not None else None,
        layout=told.layout,
        file_name=name,
        sha256=hashlib.sha256(raw).hexdigest(),
        kept=post.keep(sealed.seal(raw), _SEALED),  # what people said: a copy of the database shows none of it
        size=len(raw),
        started_at=started_at,
        left_out=dict(told.left_out),
        faults=list(told.faults),
        taken_at=now(),
        taken_by=recording.taken_by if recording is not None else actor.name[:200],
    )
    db.session.add(made)
    db.session.flush()
    said = turns(told.cues)
    voices = {name: Voice(transcript_id=made.id, name=name) for name in dict.fromkeys(turn.speaker for turn in said)}
    db.session.add_all(voices.values())
    db.session.flush()
    rows = [
        {
            "transcript_id": made.id,
            "voice_id": voices[turn.speaker].id,
            "position": place,
            "starts_ms": turn.start,
            "ends_ms": turn.end,
            "text": turn.text,
        }
        for place, turn in enumerate(said, 1)
    ]
    for start in range(0, len(rows), _BATCH):
        db.session.execute(sa.insert(VoiceTurn), rows[start : start + _BATCH])
    journal.record(
        "transcript.taken",
        made,
        actor=actor,
        file=name,
        layout=made.layout,
        sha256=made.sha256,
        size=made.size,
        voices=len(voices),
        turns=len(rows),
    )
    return made


def set_time(one: Transcript, started_at: datetime, *, actor: Actor) -> None:
    """Say from when the clock of *one* counts: what is not in the minutes yet comes under other agenda items."""
    _check_standing(one)
    if started_at == one.started_at:
        return
    before, one.started_at = one.started_at, started_at
    journal.record("transcript.timed", one, actor=actor, file=one.file_name, before=before, after=started_at)


# --- who speaks ------------------------------------------------------------------------------------------------------


def settle(one: Transcript, said: Sequence[Settled], *, actor: Actor) -> int:
    """Keep who is who; returns for how many voices something changed."""
    _check_standing(one)
    recordings.check_allowed(one.meeting)
    known = {voice.id: voice for voice in queries.voices(one)}
    changed: list[dict[str, Any]] = []
    for its in said:
        voice = known.get(its.voice_id)
        if voice is None:
            continue
        site_id = its.meeting_site.id if its.meeting_site is not None else None
        delegate_id = its.delegate.id if its.delegate is not None else None
        wanted = (its.site, site_id, its.speaker, delegate_id, its.left_out, not its.taken_back)
        stands = (voice.site, voice.meeting_site_id, voice.speaker, voice.delegate_id, voice.left_out)
        if wanted == (*stands, voice.confirmed_at is not None):
            continue
        voice.site, voice.meeting_site_id, voice.speaker, voice.delegate_id, voice.left_out = wanted[:5]
        voice.confirmed_at = None if its.taken_back else now()
        voice.confirmed_by = "" if its.taken_back else actor.name[:200]
        changed.append({"name": voice.name, "speaker": its.speaker, "site": its.site, "left_out": its.left_out})
    if changed:
        journal.record(
            "transcript.settled", one, actor=actor, file=one.file_name, count=len(changed), voices=changed[:200]
        )
    db.session.flush()
    return len(changed)


# --- into the minutes ------------------------------------------------------------------------------------------------


def place(one: Transcript, record: Record, positions: Collection[int], *, actor: Actor) -> int:
    """Put the turns at *positions* into *record* as statements marked machine-made, below what is written there; returns how
    many statements. What stands in the minutes already is not put in twice."""
    recordings.check_allowed(one.meeting)
    _check_standing(one)
    db.session.refresh(record, with_for_update=True)
    rules.after(record.status, RecordMove.SAVE)
    items = queries.headings(one.meeting, record)
    if not items:
        raise Refused(_("The minutes have no agenda item yet. Add one, then put the transcript under it."))
    wanted = [
        Passage(passage.item, passage.voice, chosen, None)
        for passage in queries.passages(one, items)
        if passage.statement is None and not passage.voice.left_out
        if (chosen := tuple(turn for turn in passage.turns if turn.position in positions))
    ]
    if not wanted:
        raise Refused(_("Nothing was chosen that is not in the minutes already."), status=422)
    unknown = {passage.voice.id for passage in wanted if passage.voice.confirmed_at is None}
    if unknown:
        raise Refused(
            ngettext(
                "Say first who %(num)s voice is whose words were chosen.",
                "Say first who the %(num)s voices are whose words were chosen.",
                len(unknown),
            ),
            status=422,
        )
    count = _write(wanted, items)
    journal.record(
        "transcript.placed",
        one,
        actor=actor,
        file=one.file_name,
        count=count,
        turns=sum(len(passage.turns) for passage in wanted),
        version=record.version,
    )
    return count


def _write(wanted: Sequence[Passage], items: Sequence[Heading]) -> int:
    ids = [item.id for item in items if item.id is not None]
    last: dict[int, int] = dict(
        db.session.execute(
            sa.select(Statement.item_id, sa.func.max(Statement.position))
            .where(Statement.item_id.in_(ids))
            .group_by(Statement.item_id)
        ).all()
    )
    count = 0
    for passage in wanted:
        item_id = ids[passage.item]
        for piece in _pieces(passage.turns):
            last[item_id] = last.get(item_id, 0) + 1
            made = Statement(
                item_id=item_id,
                position=last[item_id],
                site=passage.voice.site,
                meeting_site_id=passage.voice.meeting_site_id,
                speaker=passage.voice.speaker,
                delegate_id=passage.voice.delegate_id,
                text="\n".join(turn.text for turn in piece),
                machine_made=True,
            )
            db.session.add(made)
            db.session.flush()
            for turn in piece:
                turn.statement_id = made.id
            count += 1
    db.session.flush()
    return count


def _pieces(turns: Sequence[VoiceTurn]) -> Iterator[list[VoiceTurn]]:
    """*turns* in runs that a statement has room for."""
    run: list[VoiceTurn] = []
    for turn in turns:
        if run and sum(len(one.text) + 1 for one in run) + len(turn.text) > LONGEST:
            yield run
            run = []
        run.append(turn)
    yield run


def take_back(one: Transcript, record: Record, *, actor: Actor) -> int:
    """Take the statements of *one* that nobody has read yet back out of *record*; returns how many."""
    db.session.refresh(record, with_for_update=True)
    rules.after(record.status, RecordMove.SAVE)
    count = _take_back(one, record)
    if not count:
        raise Refused(_("Nothing of this transcript stands unread in the minutes."))
    journal.record("transcript.taken_back", one, actor=actor, file=one.file_name, count=count, version=record.version)
    return count


def _take_back(one: Transcript, record: Record) -> int:
    unread = {row.id: row for row in queries.unread_of(one, record)}
    for turn in queries.turns(one):
        if turn.statement_id in unread:
            turn.statement_id = None
    for row in unread.values():
        db.session.delete(row)
    db.session.flush()
    return len(unread)


def check_read(record: Record) -> None:
    """Refuse minutes that hold what a machine wrote and no person has read: a draft is never shown as minutes."""
    count = queries.unread(record)
    if count:
        raise Refused(
            ngettext(
                "%(num)s statement was written by a machine and nobody has read it yet. Read it or take it back first.",
                "%(num)s statements were written by a machine and nobody has read them yet. Read them or take them back first.",
                count,
            ),
            status=422,
        )


def withdraw(one: Transcript, *, actor: Actor) -> int:
    """Let *one* be used no more, and take what nobody has read yet out of the minutes; returns how many statements. Its file
    and what was read of it stay."""
    _check_standing(one)
    record = minutes.newest(one.meeting)
    count = 0
    if record is not None and rules.may(record.status, RecordMove.SAVE):
        db.session.refresh(record, with_for_update=True)
        count = _take_back(one, record)
    one.withdrawn_at, one.withdrawn_by = now(), actor.name[:200]
    journal.record("transcript.withdrawn", one, actor=actor, file=one.file_name, taken_back=count)
    return count


def _check_standing(one: Transcript) -> None:
    if one.withdrawn_at is not None:
        raise Refused(_("This transcript was withdrawn."))
