"""Carrying: one letter at a time, marked before it leaves, its fate kept before the next is touched.

``ask`` marks a letter and builds it, ``go`` speaks to the mailer with no transaction open, ``keep`` writes down what
became of it; each ends with a commit, so that a worker killed anywhere leaves a state that can be told. The caller
holds the lock that makes it the only carrier: a letter found in transmission belongs to one that died.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from meetings import clock
from meetings.adapters.mail import Closed, Fate, Mailer, Outcome, Parcel
from meetings.database import db
from meetings.post import queries, rules
from meetings.post.models import Letter, Outage
from meetings.post.rules import LetterMove, LetterStatus

SECONDS: Final = 10.0
"""A pass ends after this long, so that other things that are due get their turn."""

STOPPED: Final = "stopped"
"""Phase of a letter whose carrier died with it in hand."""

_MOVE: Final = {
    Fate.ACCEPTED: LetterMove.ACCEPT,
    Fate.DEFERRED: LetterMove.DEFER,
    Fate.REJECTED: LetterMove.REJECT,
    Fate.UNKNOWN: LetterMove.LOSE,
}


@dataclass(frozen=True, slots=True)
class Errand:
    """A letter in transmission: its id, and what is carried."""

    id: int
    parcel: Parcel


def carry_due(
    mailer: Mailer, now: datetime, *, commit: Callable[[], None] | None = None, seconds: float = SECONDS
) -> int:
    """Carry what is due at *now*; returns how many letters were settled or put off. Ends early when the mailer closes."""
    commit = commit or db.session.commit
    settle_abandoned(mailer, now)
    withdraw_stale(now)
    commit()
    outage = queries.outage()
    closed_now = outage is not None and now < outage.retry_at
    due = not closed_now and queries.next_due(now) is not None
    db.session.rollback()
    if not due:
        mailer.close()
        return 0
    closed = mailer.open()
    _note(closed, now)
    commit()
    done, until = 0, time.monotonic() + seconds
    while closed is None and time.monotonic() < until:
        errand = ask(now)
        commit()
        if errand is None:
            break
        outcome = mailer.carry(errand.parcel)
        keep(errand.id, outcome, clock.now())
        if isinstance(outcome, Closed):
            closed = outcome
            _note(closed, now)
        else:
            done += 1
        commit()
    return done


def ask(now: datetime) -> Errand | None:
    """Mark the next letter as in transmission and build it; None when nothing is due."""
    letter = queries.taken(now)
    if letter is None:
        return None
    then = rules.after(letter.status, LetterMove.TAKE)
    assert then is not None
    letter.status = then
    letter.tried_at = now
    letter.first_tried_at = letter.first_tried_at or now
    data = queries.eml(letter, hide=False)
    return Errand(letter.id, Parcel(letter.key, letter.sender_address, letter.to_address, data))


def keep(id: int, outcome: Outcome | Closed, now: datetime) -> None:
    """Write down what became of the letter in transmission."""
    letter = db.session.get(Letter, id, with_for_update=True)
    assert letter is not None and letter.status is LetterStatus.TRANSMITTING
    letter.phase, letter.code, letter.answer = outcome.phase.value, outcome.code, outcome.answer
    if isinstance(outcome, Closed):  # no fault of the letter: it waits as if it had not been touched
        _to(letter, LetterMove.DEFER)
        return
    move = _MOVE[outcome.fate]
    letter.attempts += 1
    if move is LetterMove.DEFER:
        if rules.given_up(letter.first_tried_at or now, now=now):
            move = LetterMove.REJECT
        else:
            letter.next_at = rules.retry_at(letter.attempts, now=now)
    _to(letter, move)
    if move is not LetterMove.DEFER:
        letter.settled_at = now


def settle_abandoned(mailer: Mailer, now: datetime) -> None:
    """What a carrier that died had in hand: SMTP cannot tell whether it went, so a person must. A folder can be asked
    again: the same letter becomes the same file."""
    move = LetterMove.DEFER if mailer.repeatable else LetterMove.LOSE
    for letter in db.session.scalars(sa.select(Letter).where(Letter.status == LetterStatus.TRANSMITTING)):
        _to(letter, move)
        letter.phase, letter.code, letter.answer = STOPPED, None, ""
        if move is LetterMove.LOSE:
            letter.settled_at = now


def withdraw_stale(now: datetime) -> None:
    """What waited too long would only confuse: an invitation after its meeting, a reminder after its deadline."""
    db.session.execute(
        sa.update(Letter)
        .where(Letter.status == LetterStatus.WAITING, Letter.not_after < now)
        .values(status=LetterStatus.WITHDRAWN, settled_at=now)
        .execution_options(synchronize_session=False)
    )


def _to(letter: Letter, move: LetterMove) -> None:
    then = rules.after(letter.status, move)
    assert then is not None, (letter.status, move)
    letter.status = then


def _note(closed: Closed | None, now: datetime) -> None:
    """Remember that the mailer takes nothing and when to ask again, or that it works."""
    outage = queries.outage()
    if closed is None:
        if outage is not None:
            db.session.delete(outage)
        return
    if outage is None:
        outage = Outage(since_at=now, failures=0, retry_at=now)
        db.session.add(outage)
    outage.failures += 1
    outage.retry_at = rules.retry_at(outage.failures, now=now)
    outage.phase, outage.code, outage.answer = closed.phase.value, closed.code, closed.answer
