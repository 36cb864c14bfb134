"""Text messages: handed in as drafts, bounded, and carried to the gateway one by one as letters are.

A message is marked before it leaves and its fate is kept before the next is touched; one of which nobody knows whether
it went is not sent again, for the second would ring at night. The token of its link is filled in when it leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import sqlalchemy as sa

from meetings import links
from meetings.adapters.mail import Fate
from meetings.adapters.sms import Text, Texter, Told
from meetings.clock import now
from meetings.database import db, rows_changed
from meetings.post import limits, quota, rules
from meetings.post.limits import Setting
from meetings.post.message import filled
from meetings.post.models import TextMessage
from meetings.post.rules import LetterMove, LetterStatus
from meetings.post.services import WAITS, Ticket, taken_back

ARMFUL: Final = 50
"""Messages of one pass, so that other things that are due get their turn."""

_MOVE: Final = {
    Fate.ACCEPTED: LetterMove.ACCEPT,
    Fate.DEFERRED: LetterMove.DEFER,
    Fate.REJECTED: LetterMove.REJECT,
    Fate.UNKNOWN: LetterMove.LOSE,
}


@dataclass(frozen=True, slots=True)
class TextDraft:
    """A message to be written. *key* is unique for ever. *text* may hold slots, filled from *link* when it leaves."""

    key: str
    kind: str
    root: str
    name: str
    number: str
    text: str
    link: Ticket
    not_after: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """How many messages were put on the pile, and how many a bound kept off it."""

    count: int
    over: int


# ------------------------------------------------------------------ handing in


def hand_in(drafts: Sequence[TextDraft]) -> Written:
    """Put *drafts* (of one meeting) on the pile, as far as the bounds go; one whose key is known is left out."""
    known = set(_in_chunks(TextMessage.key, [draft.key for draft in drafts]))
    fresh = [draft for draft in drafts if draft.key not in known]
    if not fresh:
        return Written(0, 0)
    at, bounds = now(), quota.settings()
    room = min(
        bounds[Setting.TEXTS_MONTH] - _count(TextMessage.written_at > at - limits.WINDOWS[Setting.TEXTS_MONTH]),
        bounds[Setting.TEXTS_MEETING] - _count(TextMessage.root == fresh[0].root),
    )
    full = _full([draft.number for draft in fresh], bounds[Setting.NUMBER_DAY], at)
    free = [draft for draft in fresh if draft.number not in full][: max(0, room)]
    if free:
        db.session.execute(sa.insert(TextMessage), [_row(draft, at) for draft in free])
    return Written(len(free), len(fresh) - len(free))


def _row(draft: TextDraft, at: datetime) -> dict[str, Any]:
    return {
        "key": draft.key,
        "kind": draft.kind,
        "root": draft.root,
        "made_by": "",
        "to_name": draft.name[:200],
        "to_number": draft.number,
        "text": draft.text[:1000],
        "link_purpose": draft.link.purpose,
        "link_id": draft.link.id,
        "link_issue": draft.link.issue,
        "written_at": at,
        "not_after": draft.not_after,
        "status": LetterStatus.WAITING,
        "next_at": at,
        "attempts": 0,
        "answer": "",
    }


def _count(which: sa.ColumnElement[bool]) -> int:
    # what a person or a rule took back before it left has cost nothing
    query = sa.select(sa.func.count(TextMessage.id)).where(which, TextMessage.status != LetterStatus.WITHDRAWN)
    return db.session.scalar(query) or 0


def _full(numbers: Sequence[str], most: int, at: datetime) -> set[str]:
    """Those of *numbers* that have had their share of a day."""
    counted = _in_chunks(
        TextMessage.to_number,
        numbers,
        TextMessage.written_at > at - limits.WINDOWS[Setting.NUMBER_DAY],
        TextMessage.status != LetterStatus.WITHDRAWN,
    )
    had: dict[str, int] = {}
    for number in counted:
        had[number] = had.get(number, 0) + 1
    return {number for number, count in had.items() if count >= most}


def _in_chunks(
    column: sa.orm.InstrumentedAttribute[str], values: Sequence[str], *where: sa.ColumnElement[bool]
) -> list[str]:
    found: list[str] = []
    for start in range(0, len(values), 500):
        query = sa.select(column).where(column.in_(values[start : start + 500]), *where)
        found += db.session.scalars(query)
    return found


def withdraw(*, root: str = "", link_id: int | None = None, number: str = "") -> int:
    """Withdraw what waits: of a meeting, with a site's link, to a telephone. Returns how many,
    with those on the way."""
    wanted: list[sa.ColumnElement[bool]] = [TextMessage.status.in_(WAITS)]
    if root:
        wanted.append(TextMessage.root == root)
    if link_id is not None:
        wanted += [TextMessage.link_purpose == "m", TextMessage.link_id == link_id]
    if number:
        wanted.append(TextMessage.to_number == number)
    assert len(wanted) > 1, "which messages?"
    return rows_changed(
        sa.update(TextMessage)
        .where(*wanted)
        .values(taken_back(TextMessage))
        .execution_options(synchronize_session="fetch")
    )


# ------------------------------------------------------------------ carrying


def carry_due(texter: Texter | None, limit: int = ARMFUL) -> int:
    """Hand what is due to the gateway; returns how many were settled or put off. Without a gateway, or where messages are
    switched off, what waits goes on waiting until it is too late for it. The caller is the only carrier."""
    at = now()
    settle_abandoned(at)
    withdraw_stale(at)
    may = texter is not None and bool(quota.setting(Setting.TEXTS_ON))
    db.session.commit()
    done = 0
    while texter is not None and may and done < limit:
        text = _take(now())
        db.session.commit()
        if text is None:
            break
        id, attempts, parcel, token = text
        told = texter.send(parcel)
        _keep(id, attempts, replace(told, answer=_covered(told.answer, token)), now())
        db.session.commit()
        if told.closed:
            return 0  # nothing more to do before the next beat: who takes nothing is not asked for every message
        done += 1
    return done


def _take(at: datetime) -> tuple[int, int, Text, str] | None:
    """Mark the next message as in transmission; the message, and the token it carries. None when none is due."""
    found = db.session.scalars(
        sa.select(TextMessage)
        .where(TextMessage.status == LetterStatus.WAITING)
        .where(sa.or_(TextMessage.attempts == 0, TextMessage.next_at <= at))
        .order_by(TextMessage.next_at, TextMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if found is None:
        return None
    found.status, found.tried_at = rules.MOVES[found.status, LetterMove.TAKE], at
    found.first_tried_at = found.first_tried_at or at
    return found.id, found.attempts, Text(found.key, found.to_number, worded(found, hide=False)), _token(found)


def worded(text: TextMessage, *, hide: bool) -> str:
    """The message as it leaves; with *hide* the token of its link is covered, as people may read it."""
    token = _token(text)
    return filled(text.text, {"token": HIDDEN if hide else token} if token else {})


def _token(text: TextMessage) -> str:
    if text.link_purpose is None or text.link_id is None or text.link_issue is None:
        return ""
    return links.token(text.link_purpose, text.link_id, text.link_issue)


HIDDEN: Final = "\u2022" * 8
_TELLING: Final = 8
"""So many characters of a token in a row are too many to be read by people."""


def _covered(answer: str, token: str) -> str:
    """*answer* without any piece of *token*: a gateway may repeat the message it was given, whole or cut off."""
    told = [answer[at : at + _TELLING] in token for at in range(len(answer) - _TELLING + 1)]
    secret = [any(told[max(0, at - _TELLING + 1) : at + 1]) for at in range(len(answer))]
    pieces = groupby(zip(answer, secret, strict=True), key=itemgetter(1))
    return "".join(HIDDEN if hidden else "".join(c for c, _ in piece) for hidden, piece in pieces)


def _keep(id: int, attempts: int, told: Told, at: datetime) -> None:
    """Write down what became of the message in transmission. A gateway that takes nothing costs no message a try."""
    move = _MOVE[told.fate]
    tries = attempts if told.closed else attempts + 1
    later = rules.retry_at(max(1, tries), now=at, id=0 if told.closed else id)
    settled = {"next_at": later} if move is LetterMove.DEFER else {"settled_at": at}
    db.session.execute(
        sa.update(TextMessage)
        .where(TextMessage.id == id, TextMessage.status == LetterStatus.TRANSMITTING)
        .values(
            status=rules.MOVES[LetterStatus.TRANSMITTING, move],
            attempts=max(tries, 1) if move is LetterMove.DEFER else tries,
            code=told.code,
            answer=told.answer[:500],
            **settled,
        )
        .execution_options(synchronize_session=False)
    )


def settle_abandoned(at: datetime) -> None:
    """What a carrier that died had in hand: nobody can tell whether it went."""
    db.session.execute(
        sa.update(TextMessage)
        .where(TextMessage.status == LetterStatus.TRANSMITTING)
        .values(status=rules.MOVES[LetterStatus.TRANSMITTING, LetterMove.LOSE], settled_at=at, answer="")
        .execution_options(synchronize_session=False)
    )


def withdraw_stale(at: datetime) -> None:
    db.session.execute(
        sa.update(TextMessage)
        .where(TextMessage.status == LetterStatus.WAITING, TextMessage.not_after < at)
        .values(status=LetterStatus.WITHDRAWN, settled_at=at)
        .execution_options(synchronize_session=False)
    )


# ------------------------------------------------------------------ asked about


def listed(seen: sa.ColumnElement[bool], *, status: LetterStatus | None = None, offset: int, limit: int) -> Any:
    """Messages among those *seen*, the newest first."""
    query = sa.select(TextMessage).where(seen)
    if status is not None:
        query = query.where(TextMessage.status == status)
    return db.session.scalars(query.order_by(TextMessage.id.desc()).offset(offset).limit(limit)).all()


def counts(seen: sa.ColumnElement[bool]) -> dict[LetterStatus, int]:
    """How many messages stand where, every status named."""
    query = sa.select(TextMessage.status, sa.func.count()).where(seen).group_by(TextMessage.status)
    found = {status: int(count) for status, count in db.session.execute(query)}
    return {status: found.get(status, 0) for status in LetterStatus}
