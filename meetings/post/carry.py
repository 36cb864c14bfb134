"""Carrying: a letter is marked before it leaves, and its fate is kept before the next is touched.

``take`` marks a letter and builds it, ``go`` speaks to the mailer with no transaction open, ``keep`` writes down what
became of it, in one commit with the mark on the next, so that a worker killed anywhere leaves a state that can be told. The
caller holds the lock that makes it the only carrier: a letter found in transmission belongs to one that died.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

import sqlalchemy as sa
import structlog

from meetings import adapters, clock
from meetings.adapters.mail import Closed, Fate, Mailer, Outcome, Parcel, Phase
from meetings.database import db
from meetings.post import queries, rules, verp
from meetings.post.models import Letter, Outage
from meetings.post.rules import LetterMove, LetterStatus

SECONDS: Final = 10.0
"""A pass ends after this long, so that other things that are due get their turn."""

ARMFUL: Final = 50
"""Letters that are marked and kept together where carrying one twice does no harm."""

LINGER: Final = timedelta(seconds=20)
"""A connection is kept for so long after its last letter: answers come one by one, and each causes one."""

ENOUGH: Final = 10
"""So many letters in a row put off by a server that had not looked at them say that it takes none now."""

STOPPED: Final = "stopped"
"""Phase of a letter whose carrier died with it in hand."""

UNMADE: Final = "unmade"
"""Phase of a letter that could not be put together."""

log = structlog.get_logger("post")

_MOVE: Final = {
    Fate.ACCEPTED: LetterMove.ACCEPT,
    Fate.DEFERRED: LetterMove.DEFER,
    Fate.REJECTED: LetterMove.REJECT,
    Fate.UNKNOWN: LetterMove.LOSE,
}


@dataclass(frozen=True, slots=True)
class Errand:
    """A letter in transmission: its id, how often it was put off before, since when it is tried, and what is carried."""

    id: int
    attempts: int
    first_tried_at: datetime
    parcel: Parcel


def carry_due(
    mailer: Mailer, now: datetime, *, commit: Callable[[], None] | None = None, seconds: float = SECONDS
) -> int:
    """Carry what is due at *now*; returns how many letters were settled or put off. Ends early when the mailer closes, and
    where one letter more would be too many for this minute, or for the server: see :data:`ENOUGH`.

    To a mailer that may be given a letter twice without harm letters go in armfuls, one commit for all of them; to
    every other one by one.
    """
    commit = commit or db.session.commit
    settle_abandoned(mailer, now)
    withdraw_stale(now)
    commit()
    outage = queries.outage()
    closed_now = outage is not None and now < outage.retry_at
    due = not closed_now and queries.next_due(now) is not None
    room = queries.room(now)
    busy = not closed_now and queries.tried_since(now - LINGER, now)
    db.session.rollback()
    if not due and not busy:
        mailer.close()
    if not due or room == 0:
        return 0
    closed = mailer.open()
    ill = _note(closed, now)
    done, until, pile, errands, in_a_row = 0, time.monotonic() + seconds, Pile(), list[Errand](), 0
    while True:
        if closed is None and time.monotonic() < until:
            most = ARMFUL if mailer.repeatable else 1
            errands = pile.take(clock.now(), most if room is None else min(most, room))
        commit()
        if not errands:
            return done
        room = None if room is None else room - len(errands)
        for errand, outcome in _go(mailer, errands):
            keep(errand, outcome, clock.now())
            if isinstance(outcome, Closed):
                closed = outcome
                continue
            done += 1
            in_a_row = in_a_row + 1 if _unseen(outcome) else 0
            if in_a_row == ENOUGH:
                closed = Closed(outcome.phase, outcome.code, outcome.answer)
            elif ill and not in_a_row:
                ill = _well()
        errands = []  # what became of these and the mark on the next are one commit: in between nothing is in hand
        if closed is not None:
            _note(closed, now)


def _go(mailer: Mailer, errands: Sequence[Errand]) -> list[tuple[Errand, Outcome | Closed]]:
    """Carry each; once the mailer has closed, the rest is not tried."""
    found: list[tuple[Errand, Outcome | Closed]] = []
    closed: Closed | None = None
    for errand in errands:
        outcome = closed or mailer.carry(errand.parcel)
        closed = outcome if isinstance(outcome, Closed) else None
        found.append((errand, outcome))
    return found


class Pile:
    """What is due, fetched by the armful. A letter that waits is not rewritten by anybody, so to take one it is enough that
    it waits still; what was handed in since and is more urgent is seen within a second."""

    def __init__(self) -> None:
        self._letters: deque[queries.Written] = deque()
        self._good_until = 0.0

    def take(self, now: datetime, limit: int = 1) -> list[Errand]:
        """Mark the next letters as in transmission and build them; none when nothing is due."""
        errands: list[Errand] = []
        while len(errands) < limit:
            if not self._letters or time.monotonic() >= self._good_until:
                self._fetch(now)
            if not self._letters:
                break
            letter = self._letters.popleft()
            if letter.not_after is not None and letter.not_after < now:
                continue  # became stale since it was fetched: the next pass withdraws it
            first = letter.first_tried_at or now
            if not _put(letter.id, letter.status, status=_TAKEN, tried_at=now, first_tried_at=first):
                continue  # withdrawn since it was fetched
            parcel = _made(letter, now)
            if parcel is not None:
                errands.append(Errand(letter.id, letter.attempts, first, parcel))
        return errands

    def _fetch(self, now: datetime) -> None:
        self._letters = deque(queries.taken(now, ARMFUL))
        self._good_until = time.monotonic() + 1.0


def ask(now: datetime, limit: int = 1) -> list[Errand]:
    """Mark the next letters as in transmission and build them; none when nothing is due."""
    return Pile().take(now, limit)


def _made(letter: queries.Written, now: datetime) -> Parcel | None:
    """The letter as it is carried. One that cannot be put together is refused: left where it is, it would stand first for
    ever, and nothing behind it would leave."""
    try:
        data = queries.eml(letter, hide=False)
    except sa.exc.SQLAlchemyError:  # the database's fault, which says nothing about the letter
        raise
    except Exception as error:
        log.exception("letter not made", letter=letter.id)
        told = {"phase": UNMADE, "code": None, "answer": type(error).__name__, "settled_at": now}
        _set(letter.id, LetterStatus.TRANSMITTING, status=_then(LetterMove.REJECT), **told)
        return None
    return Parcel(letter.key, _envelope_sender(letter), letter.to_address, data)


def _envelope_sender(letter: queries.Written) -> str:
    """Where the letter is sent back to if it must be: an address of its own while somebody reads what comes there."""
    config = adapters.config()
    reads = config.mailbox is not None and config.mail_verp and letter.sender_address == config.mail_from
    return verp.address(letter.sender_address, letter.id) if reads else letter.sender_address


def keep(errand: Errand, outcome: Outcome | Closed, now: datetime) -> None:
    """Write down what became of the letter in transmission."""
    told = {"phase": outcome.phase.value, "code": outcome.code, "answer": outcome.answer}
    if isinstance(outcome, Closed):  # no fault of the letter: it waits as if it had not been touched
        _set(errand.id, LetterStatus.TRANSMITTING, status=_then(LetterMove.DEFER), **told)
        return
    move, attempts = _MOVE[outcome.fate], errand.attempts + 1
    if move is LetterMove.DEFER and rules.given_up(errand.first_tried_at, now=now):
        move = LetterMove.REJECT
    later = {"next_at": rules.retry_at(attempts, now=now, id=errand.id)}
    moved = later if move is LetterMove.DEFER else {"settled_at": now}
    _set(errand.id, LetterStatus.TRANSMITTING, status=_then(move), attempts=attempts, **told, **moved)


_TAKEN: Final = rules.MOVES[LetterStatus.WAITING, LetterMove.TAKE]


def _then(move: LetterMove) -> LetterStatus:
    then = rules.after(LetterStatus.TRANSMITTING, move)
    assert then is not None, move
    return then


_table: Final = cast(sa.Table, Letter.__table__)
_WRITE: Final = sa.update(_table).where(
    _table.c.id == sa.bindparam("which"), _table.c.status == sa.bindparam("before", type_=_table.c.status.type)
)
"""Built once and given its values as it is run: put together anew it costs as much as sending the letter."""


def _put(id: int, before: LetterStatus, **values: object) -> bool:
    """Write one letter if it still stands where it stood; whether it did."""
    done = db.session.connection().execute(_WRITE, {"which": id, "before": before, **values})
    return done.rowcount == 1


def _set(id: int, before: LetterStatus, **values: object) -> None:
    """Write one letter, which must stand where it was left: nobody else moves what is in transmission."""
    assert _put(id, before, **values), (id, before)


def settle_abandoned(mailer: Mailer, now: datetime) -> None:
    """What a carrier that died had in hand: SMTP cannot tell whether it went, so a person must. A folder can be asked
    again: the same letter becomes the same file."""
    move = LetterMove.DEFER if mailer.repeatable else LetterMove.LOSE
    db.session.execute(
        sa.update(Letter)
        .where(Letter.status == LetterStatus.TRANSMITTING)
        .values(
            status=_then(move), phase=STOPPED, code=None, answer="", settled_at=now if move is LetterMove.LOSE else None
        ),
        execution_options={"synchronize_session": "fetch"},
    )


def withdraw_stale(now: datetime) -> None:
    """What waited too long would only confuse: an invitation after its meeting, a reminder after its deadline."""
    db.session.execute(
        sa.update(Letter)
        .where(Letter.status == LetterStatus.WAITING, Letter.not_after < now)
        .values(status=LetterStatus.WITHDRAWN, settled_at=now)
        .execution_options(synchronize_session=False)
    )


def _unseen(outcome: Outcome) -> bool:
    """Whether the server put the letter off without regard to whom it is for or what is in it: before it was told, by saying
    that it closes, or by hanging up. A relay that counts us says so of every letter; each would pay with a try, and after
    the third they would come back by the hour."""
    return outcome.fate is Fate.DEFERRED and (outcome.phase is Phase.MAIL or outcome.code in (421, None))


def _note(closed: Closed | None, now: datetime) -> bool:
    """Remember that the mailer takes nothing and when to ask again. One that could not even be reached is well as soon as it
    is; any other when it has looked at a letter. Returns whether it is ill still."""
    outage = queries.outage()
    if closed is None:
        return outage is not None and (outage.phase in _MET or _well())
    if outage is None:
        outage = Outage(since_at=now, failures=0, retry_at=now)
        db.session.add(outage)
    outage.failures += 1
    outage.retry_at = rules.retry_at(outage.failures, now=now)
    outage.phase, outage.code, outage.answer = closed.phase.value, closed.code, closed.answer
    return True


_MET: Final = tuple(phase.value for phase in (Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.BODY, Phase.DOT))


def _well() -> bool:
    """The mailer works; False, for it is no longer ill."""
    db.session.execute(sa.delete(Outage))
    return False
