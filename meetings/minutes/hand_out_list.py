"""The list of those who were handed a record, narrowed and counted: what became of each letter, who read, who said so.

A second room of ``queries``: the same rules hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings.database import db
from meetings.minutes import letters
from meetings.minutes.hand_out_rules import State
from meetings.minutes.models import HandOut, Recall, Record
from meetings.post.models import Letter
from meetings.post.rules import LetterStatus
from meetings.web.pages import Page, rows_of

_ITS_LETTER: Final = sa.and_(Letter.link_purpose == "v", Letter.link_id == HandOut.link_id, Letter.kind == letters.KIND)
_HOLDS: Final = HandOut.recalled_at.is_(None)
_WHICH: Final[Mapping[State, sa.ColumnElement[bool]]] = {
    State.WAITING: sa.and_(
        _HOLDS, sa.or_(Letter.id.is_(None), Letter.status.in_((LetterStatus.WAITING, LetterStatus.TRANSMITTING)))
    ),
    State.SENT: Letter.status.in_((LetterStatus.SENT, LetterStatus.UNCERTAIN)),
    State.FAILED: sa.and_(_HOLDS, Letter.status.in_((LetterStatus.REFUSED, LetterStatus.BOUNCED))),
    State.OPENED: HandOut.opened_at.is_not(None),
    State.RECEIVED: HandOut.received_at.is_not(None),
    State.SILENT: sa.and_(_HOLDS, HandOut.received_at.is_(None)),
    State.RECALLED: HandOut.recalled_at.is_not(None),
    State.DELETED: HandOut.deleted_at.is_not(None),
}


@dataclass(frozen=True)
class Counts:
    """How many were handed a record in all, and of how many each state holds."""

    total: int
    of: Mapping[State, int]


def counts(record: Record) -> Counts:
    """How the hand-out of *record* stands: one statement, however many readers there are."""
    sums = [sa.func.coalesce(sa.func.sum(sa.case((holds, 1), else_=0)), 0) for holds in _WHICH.values()]
    row = db.session.execute(
        sa.select(sa.func.count(HandOut.id), *sums).outerjoin(Letter, _ITS_LETTER).where(HandOut.record_id == record.id)
    ).one()
    return Counts(int(row[0]), {state: int(count) for state, count in zip(_WHICH, row[1:], strict=True)})


def page(record: Record, number: int, *, state: State | None = None, words: str = "") -> Page[Any]:
    """One page of (hand-out, its letter or None), in the order in which they were handed it."""
    query = (
        sa.select(HandOut, Letter)
        .outerjoin(Letter, _ITS_LETTER)
        .where(HandOut.record_id == record.id)
        .options(joinedload(HandOut.recall))
        .order_by(HandOut.id)
    )
    if state is not None:
        query = query.where(_WHICH[state])
    for word in words.split()[:8]:
        columns = (HandOut.name, HandOut.unit_name, HandOut.email)
        query = query.where(sa.or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return rows_of(query, number)


def last_recall(record: Record) -> Recall | None:
    """The newest recall of *record*."""
    return db.session.scalars(
        sa.select(Recall).where(Recall.record_id == record.id).order_by(Recall.id.desc()).limit(1)
    ).first()
