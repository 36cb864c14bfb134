"""Questions about records. Who may read one is told by :func:`readable_by`, for pages, documents and letters alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings.accounts.models import Grant, User
from meetings.accounts.rules import Actor, Role
from meetings.database import db
from meetings.directory.models import Person, Site
from meetings.invitations.models import Link
from meetings.minutes import rules
from meetings.minutes.models import ActionItem, Block, Conclusion, HandOut, Recall, Record, RecordItem, Statement
from meetings.minutes.rules import RecordStatus
from meetings.post.models import Enclosure
from meetings.readiness.models import Delegate
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.units.models import Unit, UnitKind

MANY_SITES: int = 400
"""Up to so many sites the editor offers their names and delegates while somebody types."""


def site_called(meeting: Meeting, words: str) -> int | None:
    """The site that *words* name, of those of *meeting* or else of all; None where none or several bear the name."""
    known = sa.select(MeetingSite.site_id, MeetingSite.name, MeetingSite.unit_name)
    asked = db.session.execute(known.where(MeetingSite.meeting_id == meeting.id)).all()
    found = {id for id, name, unit_name in asked if rules.names_unit(words, name, unit_name)}
    if not found:
        everywhere = (
            sa.select(Site.id, Site.name, Unit.full_name).join(Unit, Site.unit_id == Unit.id).where(Site.in_service)
        )
        found = {
            id for id, name, unit_name in db.session.execute(everywhere) if rules.names_unit(words, name, unit_name)
        }
    return found.pop() if len(found) == 1 else None


def readable_by(actor: Actor, record: Record) -> bool:
    """Whether *actor* may read *record*: the organiser's site officer only after its issue."""
    permission = "record.read" if record.status is RecordStatus.ISSUED else "record.preview"
    return actor.may(permission, record.meeting.organiser.path)


def openable_by(actor: Actor, meeting: Meeting) -> bool:
    """Whether the minutes of *meeting*, begun or not, are open to *actor*."""
    path = meeting.organiser.path
    return actor.may("record.preview", path) or (actor.may("record.read", path) and issued(meeting) is not None)


def newest(meeting: Meeting) -> Record | None:
    """The newest version of *meeting*'s minutes."""
    return db.session.scalars(
        sa.select(Record).where(Record.meeting_id == meeting.id).order_by(Record.version.desc()).limit(1)
    ).first()


def issued(meeting: Meeting) -> Record | None:
    """The newest version that was issued: the one that holds."""
    return db.session.scalars(
        sa.select(Record)
        .where(Record.meeting_id == meeting.id, Record.status == RecordStatus.ISSUED)
        .order_by(Record.version.desc())
        .limit(1)
    ).first()


def issued_before(record: Record) -> Record | None:
    """The newest issued version before *record*: what its own issue replaces."""
    if record.version < 2:
        return None
    return db.session.scalars(
        sa.select(Record)
        .where(
            Record.meeting_id == record.meeting_id,
            Record.status == RecordStatus.ISSUED,
            Record.version < record.version,
        )
        .order_by(Record.version.desc())
        .limit(1)
    ).first()


def version(meeting: Meeting, number: int) -> Record | None:
    """Version *number* of *meeting*'s minutes."""
    return db.session.scalars(
        sa.select(Record).where(Record.meeting_id == meeting.id, Record.version == number)
    ).first()


def versions(meeting: Meeting) -> Sequence[Record]:
    """Every version, newest first."""
    return db.session.scalars(
        sa.select(Record).where(Record.meeting_id == meeting.id).order_by(Record.version.desc())
    ).all()


@dataclass(frozen=True)
class Written:
    """All rows of one version, in order."""

    record: Record
    items: tuple[RecordItem, ...]
    statements: dict[int, tuple[Statement, ...]]
    conclusions: tuple[Conclusion, ...]
    tasks: tuple[ActionItem, ...]
    blocks: dict[str, Block] = field(default_factory=dict)

    def said(self, item: RecordItem) -> tuple[Statement, ...]:
        """The statements under *item*."""
        return self.statements.get(item.id, ())

    @property
    def count(self) -> int:
        """How many statements there are."""
        return sum(len(rows) for rows in self.statements.values())

    def edition(self, key: str) -> int:
        """How often the part *key* was saved."""
        block = self.blocks.get(key)
        return block.edition if block else 0


def written(record: Record) -> Written:
    """*record* with all that hangs on it: five statements, however long it is."""
    items = db.session.scalars(
        sa.select(RecordItem).where(RecordItem.record_id == record.id).order_by(RecordItem.position, RecordItem.id)
    ).all()
    said: dict[int, list[Statement]] = {}
    for row in db.session.scalars(
        sa.select(Statement)
        .join(RecordItem, RecordItem.id == Statement.item_id)
        .where(RecordItem.record_id == record.id)
        .order_by(Statement.position, Statement.id)
        .options(joinedload(Statement.meeting_site))
    ):
        said.setdefault(row.item_id, []).append(row)
    conclusions = db.session.scalars(
        sa.select(Conclusion).where(Conclusion.record_id == record.id).order_by(Conclusion.position, Conclusion.id)
    ).all()
    tasks = db.session.scalars(
        sa.select(ActionItem).where(ActionItem.record_id == record.id).order_by(ActionItem.position, ActionItem.id)
    ).all()
    blocks = db.session.scalars(sa.select(Block).where(Block.record_id == record.id)).all()
    return Written(
        record,
        tuple(items),
        {item: tuple(rows) for item, rows in said.items()},
        tuple(conclusions),
        tuple(tasks),
        {block.key: block for block in blocks},
    )


def item(record: Record, item_id: int) -> RecordItem | None:
    """One agenda item of *record*."""
    found = db.session.get(RecordItem, item_id) if 0 < item_id < 2**31 else None
    return found if found is not None and found.record_id == record.id else None


def site_names(meeting: Meeting) -> dict[str, int]:
    """Name → id of the sites of *meeting*, for the names that writers type."""
    rows = db.session.execute(
        sa.select(MeetingSite.name, MeetingSite.id)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))
        .order_by(MeetingSite.position)
    ).all()
    names: dict[str, int] = {}
    for name, id in rows:
        names.setdefault(name, id)
    return names


def levels(meeting: Meeting) -> dict[int, UnitKind]:
    """The kind of unit behind each site of *meeting*, by the id of the meeting's site: two columns, no objects."""
    query = sa.select(MeetingSite.id, Unit.kind).join(Unit, Unit.id == MeetingSite.unit_id)
    return {row.id: row.kind for row in db.session.execute(query.where(MeetingSite.meeting_id == meeting.id))}


def speakers(meeting: Meeting, limit: int = 800) -> list[tuple[str, str]]:
    """(name with title, site) of the delegates on the rosters, those who are to speak first."""
    rows = db.session.execute(
        sa.select(Delegate.honorific, Delegate.name, Delegate.title, MeetingSite.name)
        .join(MeetingSite, MeetingSite.id == Delegate.meeting_site_id)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))
        .order_by(MeetingSite.position, Delegate.position)
        .limit(limit)
    ).all()
    return [(", ".join(filter(None, (f"{h} {n}".strip(), t))), site) for h, n, t, site in rows]


def leaders(meeting: Meeting) -> Sequence[Person]:
    """The leaders of the organiser and its offices, by rank as entered: who receives the conclusions by default."""
    return db.session.scalars(
        sa.select(Person)
        .join(Unit, Unit.id == Person.unit_id)
        .where(
            Unit.path.startswith(meeting.organiser.path, autoescape=True),
            Person.is_leader,
            Person.active,
            Person.email != "",
        )
        .order_by(Unit.path, Person.id)
        .limit(200)
    ).all()


def leading_users(meeting: Meeting) -> Sequence[User]:
    """The leaders of the organiser itself who may sign in: whoever leads it need not stand in the directory."""
    return db.session.scalars(
        sa.select(User)
        .join(Grant, Grant.user_id == User.id)
        .where(User.active, Grant.role == Role.LEADER, Grant.unit_id == meeting.organiser_id)
        .order_by(User.sort_key, User.id)
        .limit(200)
    ).all()


@dataclass(frozen=True)
class Leader:
    """Somebody who is offered the conclusions: out of the directory, or of those who may sign in."""

    key: str
    honorific: str
    name: str
    title: str
    email: str
    person: Person | None


def offered(meeting: Meeting) -> list[Leader]:
    """Who receives the conclusions of *meeting* by default, each e-mail address once."""
    found: dict[str, Leader] = {}
    for one in leaders(meeting):
        made = Leader(f"person-{one.id}", one.honorific, one.name, one.title, one.email, one)
        found.setdefault(one.email.lower(), made)
    for user in leading_users(meeting):
        made = Leader(f"user-{user.id}", user.honorific, user.name, user.title, user.email, None)
        found.setdefault(user.email.lower(), made)
    return list(found.values())


def hand_outs(record: Record) -> Sequence[HandOut]:
    """Into whose hands *record* went."""
    return db.session.scalars(sa.select(HandOut).where(HandOut.record_id == record.id).order_by(HandOut.id)).all()


def hand_out_behind(link_id: int, issue: int) -> HandOut | None:
    """The hand-out that the issue *issue* of a link opens; None when the link is replaced, ended or not of this kind."""
    return db.session.scalars(
        sa.select(HandOut)
        .join(Link, Link.id == HandOut.link_id)
        .where(Link.id == link_id, Link.purpose == "v", Link.issue == issue, Link.ended_at.is_(None))
    ).first()


@dataclass(frozen=True)
class IssuedNotice:
    """What an invited unit may see of the minutes: the notice of conclusions, after its issue, without the record."""

    title: str
    number: str
    on: date | None


def issued_notice(meeting: Meeting) -> IssuedNotice | None:
    """The notice of conclusions that holds for *meeting*, None before its issue."""
    record = issued(meeting)
    if record is None or recalled_from_all(record):
        return None
    return IssuedNotice(record.notice_title, record.notice_number, record.notice_on)


def recalled_from_all(record: Record) -> datetime | None:
    """When *record* was taken back from everybody, None where it was not."""
    return db.session.scalar(sa.select(sa.func.min(Recall.at)).where(Recall.record_id == record.id, Recall.whole))


def block(record: Record, key: str) -> Block | None:
    """Who last saved the part *key* of *record*; None before it was saved by itself."""
    return db.session.scalars(sa.select(Block).where(Block.record_id == record.id, Block.key == key)).first()


def statements_of(item: RecordItem) -> Sequence[Statement]:
    """The statements under *item*, in order."""
    return db.session.scalars(
        sa.select(Statement).where(Statement.item_id == item.id).order_by(Statement.position, Statement.id)
    ).all()


def statement(record: Record, statement_id: int) -> Statement | None:
    """One statement of *record*."""
    return db.session.scalars(
        sa.select(Statement)
        .join(RecordItem, RecordItem.id == Statement.item_id)
        .where(RecordItem.record_id == record.id, Statement.id == statement_id)
    ).first()


def kept(sha256: str) -> bytes | None:
    """The bytes that were kept under *sha256*."""
    found = db.session.get(Enclosure, sha256) if sha256 else None
    return found.data if found is not None else None


def documents(meeting: Meeting) -> Iterator[tuple[str, bytes]]:
    """(file name, bytes) of both documents of every approved version, newest first; the newest without its version."""
    frozen = [record for record in versions(meeting) if record.record_sha256]
    for place, record in enumerate(frozen):
        ending = f"-v{record.version}" if place else ""
        for name, sha256 in (("Bien-ban", record.record_sha256), ("Thong-bao-ket-luan", record.notice_sha256)):
            data = kept(sha256)
            if data is not None:
                yield f"{name}-{meeting.code}{ending}.docx", data
