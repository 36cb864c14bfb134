"""Questions about the blocks of the minutes: which one, who saved it, who is writing now, whom a typed name means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from meetings.accounts.models import User
from meetings.database import db
from meetings.minutes import commands, following_queries
from meetings.minutes.models import ActionItem, Block, Conclusion, Record, RecordItem, RecordScrap, Statement
from meetings.minutes.rules import BlockKind
from meetings.official.text import fold
from meetings.readiness.models import Delegate
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.units.models import Unit

Row = Statement | Conclusion | ActionItem
TABLES: Final[dict[BlockKind, type[Row]]] = {
    BlockKind.STATEMENT: Statement,
    BlockKind.CONCLUSION: Conclusion,
    BlockKind.TASK: ActionItem,
}
WRITING: Final = timedelta(minutes=2)
"""Whoever saved something within this time is writing there."""
OFFERED: Final = 60
"""So many names are offered while somebody types."""


def kind_of(row: Row) -> BlockKind:
    """Which of the three lists *row* stands in."""
    return next(kind for kind, table in TABLES.items() if isinstance(row, table))


def _rows(record: Record, kind: BlockKind) -> sa.Select[Any]:
    table: Any = TABLES[kind]
    if table is Statement:
        return (
            sa.select(Statement)
            .join(RecordItem, RecordItem.id == Statement.item_id)
            .where(RecordItem.record_id == record.id)
        )
    return sa.select(table).where(table.record_id == record.id)


def block_row(record: Record, kind: BlockKind, id: int) -> Row | None:
    """One block of *record*."""
    if not 0 < id < 2**31:
        return None
    return _first(_rows(record, kind).where(TABLES[kind].id == id))


def _first(query: sa.Select[Any]) -> Row | None:
    row: Row | None = db.session.scalars(query.limit(1)).first()
    return row


def made_once(record: Record, kind: BlockKind, once: str) -> Row | None:
    """The block that was made under the key *once*."""
    return _first(_rows(record, kind).where(TABLES[kind].once == once))


def made_of(record: Record, kind: BlockKind, statement: Statement) -> Row | None:
    """The conclusion or action item that was made of *statement*."""
    table: Any = TABLES[kind]
    return _first(_rows(record, kind).where(table.statement_id == statement.id))


def of_record(record: Record, kind: BlockKind) -> Sequence[Row]:
    """The conclusions or the action items of *record*, in order."""
    table = TABLES[kind]
    return db.session.scalars(_rows(record, kind).order_by(table.position, table.id)).all()


def commanded(record: Record) -> Iterator[tuple[RecordItem, Statement]]:
    """The statements in which a command line still stands, with their agenda item."""
    query = _rows(record, BlockKind.STATEMENT).where(Statement.text.contains("/"))
    for row in db.session.scalars(query.order_by(Statement.id)).all():
        if isinstance(row, Statement) and commands.read(row.text).made:
            yield row.item, row


# --- scraps ----------------------------------------------------------------------------------------------------------


def scraps(record: Record) -> Sequence[RecordScrap]:
    """What was taken out of *record* while it was written, newest first."""
    query = sa.select(RecordScrap).where(RecordScrap.record_id == record.id)
    return db.session.scalars(query.order_by(RecordScrap.id.desc()).limit(100)).all()


def scrap(record: Record, id: int) -> RecordScrap | None:
    """One scrap of *record*."""
    found = db.session.get(RecordScrap, id) if 0 < id < 2**31 else None
    return found if found is not None and found.record_id == record.id else None


def scrap_of(record: Record, kind: BlockKind, block_id: int) -> RecordScrap | None:
    """The scrap that a deleted block became, the newest of several."""
    return db.session.scalars(
        sa.select(RecordScrap)
        .where(RecordScrap.record_id == record.id, RecordScrap.kind == kind, RecordScrap.block_id == block_id)
        .order_by(RecordScrap.id.desc())
        .limit(1)
    ).first()


# --- whom a typed name means -----------------------------------------------------------------------------------------


def meeting_site_called(meeting: Meeting, name: str) -> MeetingSite | None:
    """The site of *meeting* that bears exactly this name, as the list offers it."""
    return db.session.scalars(
        sa.select(MeetingSite)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.name == name, MeetingSite.removed_at.is_(None))
        .order_by(MeetingSite.position)
        .limit(1)
    ).first()


def unit_called(meeting: Meeting, words: str) -> int | None:
    """The unit that *words* name: an office of the organiser, the unit of the one site they name, else the one of all units."""
    if not words.strip():
        return None
    offices = db.session.execute(
        sa.select(Unit.id, Unit.name, Unit.full_name).where(
            Unit.path.startswith(meeting.organiser.path, autoescape=True)
        )
    )
    wanted = fold(words).rstrip(" .;,")
    found = {id for id, name, full in offices if wanted in (fold(name), fold(full or ""))}
    if len(found) == 1:
        return found.pop()
    return following_queries.unit_called(words, meeting)


def label(delegate: Delegate) -> str:
    """``Ông Hoàng Văn Lộc, Phó Chủ tịch``: as the picker offers him and the document names him."""
    return ", ".join(filter(None, (f"{delegate.honorific} {delegate.name}".strip(), delegate.title)))


def bare(words: str) -> str:
    """The name in ``Ông Hoàng Văn Lộc, Phó Chủ tịch``: no honorific, no title."""
    name = words.split(",", 1)[0].strip()
    for honorific in ("Ông ", "Bà ", "Đồng chí ", "Đ/c "):
        if name.lower().startswith(honorific.lower()):
            return name[len(honorific) :].strip()
    return name


def _delegates(meeting: Meeting) -> sa.Select[Any]:
    return (
        sa.select(Delegate)
        .join(Delegate.meeting_site)
        .options(contains_eager(Delegate.meeting_site))
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))
        .order_by(MeetingSite.position, Delegate.position)
    )


def delegate_called(meeting: Meeting, words: str, site: MeetingSite | None) -> Delegate | None:
    """The delegate on a roster whom *words* name; None where nobody or several bear the name."""
    query = _delegates(meeting).where(Delegate.name == bare(words))
    if site is not None:
        query = query.where(Delegate.meeting_site_id == site.id)
    found = db.session.scalars(query.limit(20)).all()
    exact = [one for one in found if label(one) == words]
    found = exact or found
    return found[0] if len(found) == 1 else None


def speakers(meeting: Meeting, words: str, site: str) -> list[tuple[str, str]]:
    """(name with title, site) of the delegates that fit *words*: of the roster of *site*, or of all where it has none."""
    at = meeting_site_called(meeting, site) if site else None
    query = _delegates(meeting).with_only_columns(
        Delegate.honorific, Delegate.name, Delegate.title, MeetingSite.name, maintain_column_froms=True
    )
    if at is not None:
        query = query.where(MeetingSite.id == at.id)
    wanted = fold(words).split()
    found: list[tuple[str, str]] = []
    for honorific, name, title, place in db.session.execute(query.limit(20_000)):
        said = ", ".join(filter(None, (f"{honorific} {name}".strip(), title)))
        if all(word in fold(f"{said} {place}") for word in wanted):
            found.append((said, place))
            if len(found) == OFFERED:
                break
    return found


def sites(meeting: Meeting, words: str) -> list[str]:
    """The names of the sites of *meeting* that fit *words*."""
    names = db.session.scalars(
        sa.select(MeetingSite.name)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))
        .order_by(MeetingSite.position)
    )
    wanted = fold(words)
    return [name for name in names if wanted in fold(name)][:OFFERED]


def units(meeting: Meeting, words: str) -> list[str]:
    """Who may be given something to do: the offices of the organiser, and the units of the meeting's sites."""
    offices = db.session.execute(
        sa.select(Unit.full_name, Unit.name)
        .where(Unit.path.startswith(meeting.organiser.path, autoescape=True), Unit.id != meeting.organiser_id)
        .order_by(Unit.path)
    )
    asked = db.session.scalars(
        sa.select(MeetingSite.unit_name)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))
        .order_by(MeetingSite.position)
    )
    names = dict.fromkeys([*(full or name for full, name in offices), *asked])
    wanted = fold(words)
    return [name for name in names if name and wanted in fold(name)][:OFFERED]


# --- who is writing now ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Writer:
    """Somebody else who saved something a moment ago: under which agenda item, or in which other part."""

    name: str
    part: str  # item-12 · conclusions · tasks · head · notice
    at: datetime


def writers(record: Record, *, besides: str, now: datetime) -> list[Writer]:
    """Who else is writing in *record*, by what was saved within :data:`WRITING`; the last word first."""
    since = now - WRITING
    found: list[Writer] = []
    asked: Any = sa.func.max(Statement.saved_at)
    for item_id, by, at in db.session.execute(
        sa.select(Statement.item_id, Statement.saved_by, asked)
        .join(RecordItem, RecordItem.id == Statement.item_id)
        .where(RecordItem.record_id == record.id, Statement.saved_at > since)
        .group_by(Statement.item_id, Statement.saved_by)
    ):
        found.append(Writer(by, f"item-{item_id}", at))
    tables: tuple[tuple[Any, str], ...] = ((Conclusion, "conclusions"), (ActionItem, "tasks"))
    for table, part in tables:
        for by, at in db.session.execute(
            sa.select(table.saved_by, sa.func.max(table.saved_at))
            .where(table.record_id == record.id, table.saved_at > since)
            .group_by(table.saved_by)
        ):
            found.append(Writer(by, part, at))
    for key, by, at in db.session.execute(
        sa.select(Block.key, Block.saved_by, Block.saved_at).where(Block.record_id == record.id, Block.saved_at > since)
    ):
        found.append(Writer(by, key, at))
    newest: dict[str, Writer] = {}
    for one in sorted(found, key=lambda one: one.at, reverse=True):
        if one.name and one.name != besides:
            newest.setdefault(one.name, one)
    called = _called(list(newest))
    return [Writer(called.get(one.name, one.name), one.part, one.at) for one in newest.values()]


def _called(names: list[str]) -> dict[str, str]:
    """``Nguyễn Thị Hoa`` → ``Bà Hoa``, where exactly one account bears the name and its holder is addressed so."""
    rows = db.session.execute(sa.select(User.name, User.honorific).where(User.name.in_(names))).all() if names else []
    return {
        name: f"{honorific} {name.split()[-1]}"
        for name, honorific in rows
        if honorific and sum(other == name for other, _honorific in rows) == 1
    }


def saved_at(record: Record) -> datetime | None:
    """When something of *record* was last saved."""
    times = [db.session.scalar(sa.select(sa.func.max(Block.saved_at)).where(Block.record_id == record.id))]
    for kind, table in TABLES.items():
        chosen = _rows(record, kind).with_only_columns(sa.func.max(table.saved_at), maintain_column_froms=True)
        times.append(db.session.scalar(chosen))
    return max((at for at in times if at is not None), default=None)
