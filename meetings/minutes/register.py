"""The register of the numbers that biên bản, thông báo kết luận and công văn about tasks bear. A second room of ``queries``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings.accounts.rules import Actor
from meetings.database import db
from meetings.i18n import gettext as _
from meetings.minutes.hand_edits import DOCUMENT
from meetings.minutes.models import Record
from meetings.minutes.record_numbers import KINDS, Book, of, series_of
from meetings.minutes.rules import RecordStatus, Which
from meetings.numbering import queries as given
from meetings.numbering.models import Counting, GivenNumber
from meetings.scheduling.models import Meeting
from meetings.units import queries as units
from meetings.units.models import Unit


@dataclass(frozen=True)
class Line:
    """A line of the register: the number with the letter it may have, and the version that bears it (None: nobody)."""

    given: GivenNumber
    number: str
    record: Record | None
    on: date | None


def bodies(actor: Actor) -> Sequence[Unit]:
    """The bodies of *actor* whose minutes were issued."""
    hers = units.within(actor.paths("document.number"))
    issued = (
        sa.select(Meeting.organiser_id)
        .join(Record, Record.meeting_id == Meeting.id)
        .where(Record.status == RecordStatus.ISSUED)
    )
    return db.session.scalars(sa.select(Unit).where(hers, Unit.id.in_(issued)).order_by(Unit.path).limit(200)).all()


def years(body: Unit, which: Book) -> Sequence[int]:
    """The years in which *body* gave numbers of this kind, the newest first."""
    query = sa.select(GivenNumber.year).where(_of(body, which)).distinct()
    return db.session.scalars(query.order_by(GivenNumber.year.desc())).all()


def lines(body: Unit, which: Book, year: int, limit: int = 500) -> list[Line]:
    """The register of *body* in *year*, the highest number first."""
    rows = db.session.scalars(
        sa.select(GivenNumber)
        .where(_of(body, which), GivenNumber.year == year)
        .order_by(GivenNumber.number.desc(), GivenNumber.series.desc())
        .limit(limit)
    ).all()
    letters = len(series_of(body, which)) + 1
    if which is Book.URGING:
        return [Line(row, f"{row.number:02d}", None, _dated(row.subject)) for row in rows]
    ids = [int(row.subject.partition(":")[2]) for row in rows if row.subject]
    found = db.session.scalars(sa.select(Record).where(Record.id.in_(ids)).options(joinedload(Record.meeting)))
    records = {record.id: record for record in found}
    made = []
    for row in rows:
        record = records.get(int(row.subject.partition(":")[2])) if row.subject else None
        on = of(record, Which(which.value))[1] if record is not None else None
        made.append(Line(row, f"{row.number:02d}{row.series[letters:].upper()}", record, on))
    return made


def called(which: Book) -> str:
    """``minutes document`` · ``notice document`` · ``official letter about tasks``, in the reader's language."""
    return _("official letter about tasks") if which is Book.URGING else str(DOCUMENT[Which(which.value)])


def urging_subject(body_id: int, unit_id: int, on: date, ids: Iterable[int]) -> str:
    """What bears the number of a letter about tasks in the register: to one unit, of one day, about the same tasks."""
    which = hashlib.sha256(".".join(str(id) for id in sorted(ids)).encode()).hexdigest()[:12]
    return f"{KINDS[Book.URGING]}:{body_id}:{unit_id}:{on.isoformat()}:{which}"


def _dated(subject: str | None) -> date | None:
    """The day of the letter that *subject* stands for."""
    parts = (subject or "").split(":")
    return date.fromisoformat(parts[3]) if len(parts) > 3 else None


def left_out(body: Unit, which: Book, year: int) -> list[int]:
    """Numbers below the last of *year* that the register does not know; twenty at most."""
    return given.left_out(series_of(body, which), year)


def without_number(actor: Actor, limit: int = 100) -> list[tuple[Record, Which]]:
    """Documents that were issued with their number left to the paper, and that *actor* may enter it for."""
    hers = sa.select(Unit.id).where(units.within(actor.paths("document.number")))
    records = db.session.scalars(
        sa.select(Record)
        .join(Meeting, Meeting.id == Record.meeting_id)
        .where(
            Meeting.organiser_id.in_(hers),
            Record.status == RecordStatus.ISSUED,
            sa.or_(Record.number == "", Record.notice_number == ""),
        )
        .order_by(Record.issued_at.desc())
        .limit(limit)
        .options(joinedload(Record.meeting))
    )
    return [(record, which) for record in records for which in Which if not of(record, which)[0]]


def counted(actor: Actor) -> list[tuple[Unit, Book]]:
    """The bodies among *actor*'s, and which of their documents the product numbers."""
    found = []
    for which, kind in KINDS.items():
        name = sa.literal(f"{kind}:") + sa.cast(Unit.id, sa.String)
        query = (
            sa.select(Unit)
            .join(Counting, Counting.series == name)
            .where(Counting.by_system, units.within(actor.paths("setting.administer")))
        )
        found += [(body, Book(which)) for body in db.session.scalars(query.order_by(Unit.path))]
    return found


def _of(body: Unit, which: Book) -> sa.ColumnElement[bool]:
    series = series_of(body, which)
    return sa.or_(GivenNumber.series == series, GivenNumber.series.startswith(f"{series}:", autoescape=True))
