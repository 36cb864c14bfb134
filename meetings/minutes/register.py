"""The register of the numbers that biên bản and thông báo kết luận bear. A second room of ``queries``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings.accounts.rules import Actor
from meetings.database import db
from meetings.minutes.models import Record
from meetings.minutes.record_numbers import KINDS, of, series_of
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


def bodies(actor: Actor) -> Sequence[Unit]:
    """The bodies of *actor* whose minutes were issued."""
    hers = units.within(actor.paths("document.number"))
    issued = (
        sa.select(Meeting.organiser_id)
        .join(Record, Record.meeting_id == Meeting.id)
        .where(Record.status == RecordStatus.ISSUED)
    )
    return db.session.scalars(sa.select(Unit).where(hers, Unit.id.in_(issued)).order_by(Unit.path).limit(200)).all()


def years(body: Unit, which: Which) -> Sequence[int]:
    """The years in which *body* gave numbers of this kind, the newest first."""
    query = sa.select(GivenNumber.year).where(_of(body, which)).distinct()
    return db.session.scalars(query.order_by(GivenNumber.year.desc())).all()


def lines(body: Unit, which: Which, year: int, limit: int = 500) -> list[Line]:
    """The register of *body* in *year*, the highest number first."""
    rows = db.session.scalars(
        sa.select(GivenNumber)
        .where(_of(body, which), GivenNumber.year == year)
        .order_by(GivenNumber.number.desc(), GivenNumber.series.desc())
        .limit(limit)
    ).all()
    ids = [int(row.subject.partition(":")[2]) for row in rows if row.subject]
    found = db.session.scalars(sa.select(Record).where(Record.id.in_(ids)).options(joinedload(Record.meeting)))
    records = {record.id: record for record in found}
    letters = len(series_of(body, which)) + 1
    return [
        Line(
            row,
            f"{row.number:02d}{row.series[letters:].upper()}",
            records.get(int(row.subject.partition(":")[2])) if row.subject else None,
        )
        for row in rows
    ]


def left_out(body: Unit, which: Which, year: int) -> list[int]:
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


def counted(actor: Actor) -> list[tuple[Unit, Which]]:
    """The bodies among *actor*'s, and which of their documents the product numbers."""
    found = []
    for which, kind in KINDS.items():
        name = sa.literal(f"{kind}:") + sa.cast(Unit.id, sa.String)
        query = (
            sa.select(Unit)
            .join(Counting, Counting.series == name)
            .where(Counting.by_system, units.within(actor.paths("setting.administer")))
        )
        found += [(body, which) for body in db.session.scalars(query.order_by(Unit.path))]
    return found


def _of(body: Unit, which: Which) -> sa.ColumnElement[bool]:
    series = series_of(body, which)
    return sa.or_(GivenNumber.series == series, GivenNumber.series.startswith(f"{series}:", autoescape=True))
