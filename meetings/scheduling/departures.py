"""How often the meeting regime was not kept, by whom and why: counted per quarter, opened to its meetings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings.accounts.rules import Actor
from meetings.clock import instant
from meetings.database import db
from meetings.scheduling.models import Meeting, RegimeOverride
from meetings.scheduling.regime import Way
from meetings.scheduling.rules import MeetingType
from meetings.units import queries as units
from meetings.units.models import Unit


@dataclass(frozen=True, order=True)
class Quarter:
    """A quarter of a year, written ``2026-Q4``."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Quarter:
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def read(cls, text: str, else_of: date) -> Quarter:
        """The quarter that *text* names, else that of a day."""
        found = re.fullmatch(r"(20\d\d)-Q([1-4])", text)
        return cls(int(found[1]), int(found[2])) if found else cls.of(else_of)

    @property
    def first(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def after(self) -> Quarter:
        return Quarter(self.year + 1, 1) if self.number == 4 else Quarter(self.year, self.number + 1)

    @property
    def before(self) -> Quarter:
        return Quarter(self.year - 1, 4) if self.number == 1 else Quarter(self.year, self.number - 1)

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"


def _organised_by(actor: Actor) -> sa.ColumnElement[bool]:
    """Meetings of the units whose figures *actor* may read."""
    return Meeting.organiser_id.in_(sa.select(Unit.id).where(units.within(actor.paths("savings.see"))))


def seen_by(actor: Actor, quarter: Quarter, rule: str = "", unit: int = 0, type: str = "") -> Sequence[RegimeOverride]:
    """Every rule that a meeting of *quarter* went past when it was sent, the latest first; narrowed by what is given."""
    query = (
        sa.select(RegimeOverride)
        .join(RegimeOverride.meeting)
        .where(
            _organised_by(actor),
            RegimeOverride.counted_at.is_not(None),
            RegimeOverride.meeting_on >= quarter.first,
            RegimeOverride.meeting_on < quarter.after.first,
        )
        .options(joinedload(RegimeOverride.meeting).joinedload(Meeting.organiser))
        .order_by(RegimeOverride.meeting_on.desc(), RegimeOverride.id.desc())
    )
    if rule:
        query = query.where(RegimeOverride.key == rule)
    if unit:
        query = query.where(Meeting.organiser_id == unit)
    if type in set(MeetingType):
        query = query.where(Meeting.type == MeetingType(type))
    return db.session.scalars(query).all()


@dataclass(frozen=True)
class Count:
    """How often meetings of one type of one unit went past one rule."""

    unit: Unit
    key: str
    type: MeetingType
    urgent: int
    overridden: int


def counts(rows: Sequence[RegimeOverride]) -> list[Count]:
    """*rows* by unit, rule and type, the names in their order."""
    found = Counter((row.meeting.organiser_id, row.key, row.meeting.type, row.way) for row in rows)
    named = {row.meeting.organiser_id: row.meeting.organiser for row in rows}
    groups = sorted({key[:3] for key in found}, key=lambda key: (named[key[0]].sort_key, key[1], key[2].value))
    return [
        Count(named[unit], key, type, found[unit, key, type, Way.URGENT], found[unit, key, type, Way.OVERRIDE])
        for unit, key, type in groups
    ]


@dataclass(frozen=True)
class Totals:
    """What the counts are seen against: meetings whose invitations left, and how many of them were urgent."""

    sent: int
    urgent: int


def totals(actor: Actor, quarter: Quarter) -> Totals:
    """Meetings of *quarter* by the day they are held on."""
    row = db.session.execute(
        sa.select(sa.func.count(), sa.func.count(sa.case((Meeting.urgent, 1)))).where(
            _organised_by(actor),
            Meeting.sent_at.is_not(None),
            Meeting.starts_at >= instant(quarter.first, time()),
            Meeting.starts_at < instant(quarter.after.first, time()),
        )
    ).one()
    return Totals(*row)
