"""Begin the minutes and write them, each part saved by itself. Their further life is told in ``life`` and ``handing``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.attendance import queries as attendance
from meetings.clock import now, wall
from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.minutes import filling, following_agenda, papers, queries, rules
from meetings.minutes.blocks import Overtaken, hold
from meetings.minutes.models import ActionItem, Block, Conclusion, Record, RecordItem, Statement
from meetings.official.dates import clock
from meetings.scheduling import queries as scheduling
from meetings.scheduling import ruling, working_time
from meetings.scheduling.models import Meeting

HEAD, NOTICE = "head", "notice"


def item_key(item_id: int) -> str:
    """The name of an agenda item as a part that is saved by itself."""
    return f"item-{item_id}"


# --- the first version -----------------------------------------------------------------------------------------------


def start(meeting: Meeting, *, actor: Actor) -> Record:
    """Begin the minutes of *meeting* with what its booking, agenda and roll already say."""
    if queries.newest(meeting) is not None:
        raise Refused(_("The minutes of this meeting have been begun already."))
    roll = attendance.summary(meeting)
    if not roll.closed:
        raise Refused(_("Close the roll first: the minutes take the attendance from it."))
    agenda = scheduling.agenda_of(meeting)
    texts = papers.skeleton(meeting, agenda, roll, filling.host_place(meeting))
    record = Record(
        meeting_id=meeting.id,
        version=1,
        started_at=filling.began(meeting),
        ended_at=filling.ended(meeting),
        filled=filling.told(meeting, roll),
        signer_authority=meeting.signer_authority,
        signer_title=meeting.signer_title,
        signer_name=meeting.signer_name,
        created_at=now(),
        created_by=actor.name,
        **asdict(texts),
    )
    db.session.add(record)
    db.session.flush()
    spans = rules.spread(record.started_at, record.ended_at, [item.minutes for item in agenda])
    for place, (item, (starts_at, ends_at)) in enumerate(zip(agenda, spans, strict=True), 1):
        made = RecordItem(record_id=record.id, position=place, title=item.title, starts_at=starts_at, ends_at=ends_at)
        db.session.add(made)
        db.session.flush()
        if following_agenda.reviews(item.title):
            for position, said in enumerate(following_agenda.in_the_minutes(meeting), 1):
                db.session.add(Statement(item_id=made.id, position=position, text=said, kind=rules.StatementKind.NOTE))
    db.session.flush()
    journal.record("record.started", record, actor=actor, version=1)
    return record


# --- saving a part ---------------------------------------------------------------------------------------------------


def _open(record: Record, key: str, edition: int, actor: Actor, *, same: bool = False) -> Block:
    """The right to save the part *key*, seen at *edition*; raises :class:`Overtaken` when somebody was faster.

    Whoever saves the *same* that stands there already is not refused.
    """
    hold(record)
    block = queries.block(record, key)
    if block is None:
        block = Block(record_id=record.id, key=key, edition=0, saved_at=now(), saved_by="")
        db.session.add(block)
    if block.edition != edition and not same:
        raise Overtaken(
            _(
                "%(name)s changed this part at %(time)s. Compare before saving again.",
                name=block.saved_by or _("Somebody"),
                time=clock(block.saved_at, "vi"),
            )
        )
    block.edition += 1
    block.saved_at, block.saved_by = now(), actor.name
    db.session.flush()
    journal.record("record.saved", record, actor=actor, part=key, edition=block.edition)
    return block


@dataclass(frozen=True)
class Head:
    """The facts at the head of the minutes."""

    started_at: datetime
    ended_at: datetime | None
    place: str
    attendance: str
    chair: str
    secretary: str
    agreed: str
    recipients: str


def save_head(record: Record, head: Head, *, edition: int, actor: Actor) -> Block:
    """Keep the facts at the head."""
    if head.ended_at is not None and head.ended_at <= head.started_at:
        raise Refused(_("The meeting must end after it began."), field="ended", status=422)
    same = all(getattr(record, name) == value for name, value in asdict(head).items())
    block = _open(record, HEAD, edition, actor, same=same)
    for name, value in asdict(head).items():
        setattr(record, name, value)
    return block


def save_item(
    record: Record,
    item: RecordItem,
    title: str,
    span: tuple[datetime | None, datetime | None],
    *,
    edition: int,
    actor: Actor,
) -> Block:
    """Keep what an agenda item was about, and when it was dealt with."""
    same = (item.title, (item.starts_at, item.ends_at)) == (title, span)
    block = _open(record, item_key(item.id), edition, actor, same=same)
    item.title, (item.starts_at, item.ends_at) = title, span
    db.session.flush()
    return block


def drop_item(record: Record, item: RecordItem, *, actor: Actor) -> None:
    """Take an agenda item away under which nothing was written."""
    hold(record)
    if queries.statements_of(item):
        raise Refused(_("Something is written under this agenda item. Move or delete it first."))
    for table in (Conclusion, ActionItem):
        db.session.execute(sa.update(table).where(table.item_id == item.id).values(item_id=None))
    db.session.delete(item)
    db.session.flush()
    journal.record("record.saved", record, actor=actor, part=item_key(item.id), edition=0, what="removed")


def add_item(record: Record, title: str, *, actor: Actor) -> RecordItem:
    """Add an agenda item that came up during the meeting, before the chair's conclusion."""
    hold(record)
    rows = list(queries.written(record).items)
    made = RecordItem(record_id=record.id, position=0, title=title)
    db.session.add(made)
    at = len(rows) - 1 if rows and rules.closes(rows[-1].title) else len(rows)
    rows.insert(at, made)
    for place, row in enumerate(rows, 1):
        row.position = place
    db.session.flush()
    journal.record("record.saved", record, actor=actor, part=item_key(made.id), edition=0)
    return made


def save_notice(record: Record, texts: Mapping[str, str], *, edition: int, actor: Actor) -> Block:
    """Keep the wording of the notice of conclusions; *texts* are attributes of the record."""
    same = all(getattr(record, name) == value for name, value in texts.items())
    block = _open(record, NOTICE, edition, actor, same=same)
    for name, value in texts.items():
        setattr(record, name, value)
    return block


def notice_due(record: Record) -> date | None:
    """The last day on which the notice of conclusions is in time, by the rule in force when the meeting ended.

    None before the end is known, and where the rule is not applied.
    """
    return due_after(record.ended_at)


def due_after(ended_at: datetime | None) -> date | None:
    """As :func:`notice_due`, of a meeting whose minutes nobody has begun."""
    if ended_at is None:
        return None
    rule = ruling.rule_on("notice", wall(ended_at).date())
    return rules.notice_due(ended_at, working_time.calendar(), rule.value["days"]) if rule else None
