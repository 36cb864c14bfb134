"""Questions about letters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa

from meetings import adapters, links
from meetings.database import db
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.post import rules, verp
from meetings.post.message import Address, Attachment, Envelope, Pattern, build, filled
from meetings.post.models import Enclosure, Letter, Outage
from meetings.post.rules import LetterStatus

FAILED_FIRST = sa.case(
    (Letter.status.in_((LetterStatus.REFUSED, LetterStatus.BOUNCED)), 0),
    (Letter.status == LetterStatus.UNCERTAIN, 1),
    else_=2,
)


EVERY: Final[sa.ColumnElement[bool]] = sa.true()
"""No limit to which letters are asked for: *seen* of the questions below."""


def letter(id: int, seen: sa.ColumnElement[bool] = EVERY) -> Letter:
    """The letter, if it is among those *seen*; raises :class:`NotFound`."""
    found = db.session.scalars(sa.select(Letter).where(Letter.id == id, seen)).first()
    if found is None:
        raise NotFound(_("There is no such letter."))
    return found


def counts(
    *, root: str = "", kinds: Sequence[str] = (), seen: sa.ColumnElement[bool] = EVERY
) -> dict[LetterStatus, int]:
    """How many letters stand where, every status named; of one meeting and some kinds where asked."""
    query = sa.select(Letter.status, sa.func.count()).where(seen).group_by(Letter.status)
    if root:
        query = query.where(Letter.root == root)
    if kinds:
        query = query.where(Letter.kind.in_(kinds))
    found = {status: int(count) for status, count in db.session.execute(query)}
    return {status: found.get(status, 0) for status in LetterStatus}


def listed(
    *,
    status: LetterStatus | None = None,
    root: str = "",
    kinds: Sequence[str] = (),
    words: str = "",
    seen: sa.ColumnElement[bool] = EVERY,
    offset: int = 0,
    limit: int = 50,
) -> Sequence[Letter]:
    """Letters, those that failed first, then the newest; *words* are looked for in address, name, subject and key."""
    query = _chosen(sa.select(Letter).where(seen), status, root, kinds, words)
    return db.session.scalars(query.order_by(FAILED_FIRST, Letter.id.desc()).offset(offset).limit(limit)).all()


def number(
    *,
    status: LetterStatus | None = None,
    root: str = "",
    kinds: Sequence[str] = (),
    words: str = "",
    seen: sa.ColumnElement[bool] = EVERY,
) -> int:
    """How many letters :func:`listed` would find in all."""
    return db.session.scalar(_chosen(sa.select(sa.func.count(Letter.id)).where(seen), status, root, kinds, words)) or 0


def _chosen(
    query: sa.Select[Any], status: LetterStatus | None, root: str, kinds: Sequence[str], words: str
) -> sa.Select[Any]:
    if status is not None:
        query = query.where(Letter.status == status)
    if root:
        query = query.where(Letter.root == root)
    if kinds:
        query = query.where(Letter.kind.in_(kinds))
    for word in words.split()[:8]:
        columns = (Letter.to_address, Letter.to_name, Letter.subject, Letter.key)
        query = query.where(sa.or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return query


def of(root: str) -> Sequence[Letter]:
    """Every letter of a meeting, in the order they were written."""
    return db.session.scalars(sa.select(Letter).where(Letter.root == root).order_by(Letter.id)).all()


def at(key: str) -> Letter | None:
    """The letter that bears *key*."""
    return db.session.scalars(sa.select(Letter).where(Letter.key == key)).first()


def known(keys: Iterable[str]) -> set[str]:
    """Those of *keys* under which a letter was handed in already."""
    wanted, found = list(keys), set[str]()
    for start in range(0, len(wanted), 500):
        found.update(db.session.scalars(sa.select(Letter.key).where(Letter.key.in_(wanted[start : start + 500]))))
    return found


def by_message_id(message_id: str) -> Letter | None:
    """The letter that left under *message_id* (with its angle brackets); None for any other message's."""
    if not message_id:
        return None
    return db.session.scalars(sa.select(Letter).where(Letter.message_id == message_id).limit(1)).first()


def by_verp(address: str) -> Letter | None:
    """The letter whose envelope bore *address* as its sender; None for any other address."""
    letter_id = verp.read(address)
    return None if letter_id is None else db.session.get(Letter, letter_id)


def first(root: str, key_like: str) -> Letter | None:
    """The first letter of a meeting whose key is LIKE *key_like*."""
    query = sa.select(Letter).where(Letter.root == root, Letter.key.like(key_like)).order_by(Letter.id).limit(1)
    return db.session.scalars(query).first()


@lru_cache(maxsize=32)
def enclosure(sha256: str) -> bytes:
    """Kept bytes by their digest. Remembered: what a digest names cannot change."""
    found = db.session.get(Enclosure, sha256)
    if found is None:
        raise NotFound(_("There is no such file."))
    return found.data


@lru_cache(maxsize=32)
def _pattern(sha256: str) -> Pattern:
    """What letters of one kind share, by its digest."""
    return Pattern.read(enclosure(sha256))


Written = Letter | sa.Row[Any]
"""A letter, or the bare row of one."""


def token(letter: Written) -> str:
    """The token of the link in this letter, "" where it carries none."""
    if letter.link_purpose is None or letter.link_id is None or letter.link_issue is None:
        return ""
    return links.token(letter.link_purpose, letter.link_id, letter.link_issue)


def join_token(letter: Written) -> str:
    """The token of the join link that belongs to the site's link in this letter, "" where it carries none."""
    if letter.link_purpose != "m" or letter.link_id is None or letter.link_issue is None:
        return ""
    return links.token("j", letter.link_id, letter.link_issue)


HIDDEN = "\u2022" * 8


def eml(letter: Written, *, hide: bool) -> bytes:
    """The whole message as it is carried; with *hide* the link's token is covered, as people may read it."""
    return build(
        Envelope(
            letter.key,
            Address(letter.sender_name, letter.sender_address),
            Address(letter.to_name, letter.to_address),
            letter.subject,
            letter.written_at,
            Address(letter.reply_name, letter.reply_address) if letter.reply_address else None,
            letter.message_id,
        ),
        _pattern(letter.pattern),
        _fills(letter, hide=hide),
        [Attachment(file["name"], file["content_type"], enclosure(file["sha256"])) for file in letter.enclosures],
    )


def _fills(letter: Written, *, hide: bool) -> dict[str, str]:
    own = {"token": HIDDEN, "join": HIDDEN} if hide else {"token": token(letter), "join": join_token(letter)}
    return {**letter.fills, **own}


@dataclass(frozen=True, slots=True)
class Readable:
    """A letter as people may read it, its link covered."""

    text: str
    html: str
    calendar: str


def readable(letter: Letter) -> Readable:
    """The bodies of *letter*, its link covered."""
    pattern, fills = _pattern(letter.pattern), _fills(letter, hide=True)
    return Readable(filled(pattern.text, fills), filled(pattern.html, fills), filled(pattern.calendar, fills))


def headers(letter: Letter) -> list[tuple[str, str]]:
    """The headers of *letter* as a reader sees them, their Vietnamese decoded."""
    head = message_from_bytes(eml(letter, hide=True).partition(b"\r\n\r\n")[0])
    return [(name, str(make_header(decode_header(value.replace("\r\n", ""))))) for name, value in head.items()]


def sizes(letter: Letter) -> list[int]:
    """Sizes of the enclosed files, in bytes."""
    found = db.session.execute(
        sa.select(Enclosure.sha256, Enclosure.size).where(
            Enclosure.sha256.in_([file["sha256"] for file in letter.enclosures])
        )
    )
    by_digest = dict(found.all())
    return [by_digest.get(file["sha256"], 0) for file in letter.enclosures]


def outage() -> Outage | None:
    """The hours without a mailer that last now, None while all is well."""
    return db.session.scalars(sa.select(Outage).limit(1)).first()


def next_due(now: datetime) -> int | None:
    """The letter to be carried next: the most urgent, then the one that waits longest."""
    return db.session.scalar(_due(now).with_only_columns(Letter.id).limit(1))


def _due(now: datetime) -> sa.Select[Any]:
    return (
        sa.select(Letter)
        # a letter never tried is due whatever the clock says: one that was set back must not hold up the pile
        .where(Letter.status == LetterStatus.WAITING, sa.or_(Letter.attempts == 0, Letter.next_at <= now))
        # a pass is long: what was still worth sending at its beginning may have become stale
        .where(sa.or_(Letter.not_after.is_(None), Letter.not_after >= now))
        .order_by(Letter.urgency, Letter.next_at, Letter.id)
    )


def taken(now: datetime, limit: int) -> Sequence[Written]:
    """As :func:`next_due`, the letters themselves, as bare rows: a commit leaves those as they are."""
    return db.session.execute(_due(now).with_only_columns(Letter.__table__).limit(limit)).all()


def tried_since(since: datetime, now: datetime) -> int:
    """How many letters were taken in hand after *since*. A time that lies ahead is no try: the clock was set back."""
    query = sa.select(sa.func.count()).where(Letter.tried_at > since, Letter.tried_at <= now)
    return db.session.scalar(query) or 0


def room(now: datetime) -> int | None:
    """How many letters may go at *now*, None where there is no bound. Counted in the database, so that a worker that is
    started anew knows of the letters of the one before."""
    rate = adapters.config().mail_rate
    return rules.allowance(rate, tried_since(now - rules.MINUTE, now) if rate else 0)


@dataclass(frozen=True, slots=True)
class Throttled:
    """Letters that wait only because *rate* of them may go in a minute, and for how many minutes the last of them does."""

    rate: int
    waiting: int
    minutes: int


def throttled(now: datetime) -> Throttled | None:
    """Whether it is the bound on letters a minute that makes them wait; None while all that is due may go, and while the
    mail server takes none at all."""
    free = room(now)
    if free is None:
        return None
    stopped = outage()
    if stopped is not None and now < stopped.retry_at:
        return None
    waiting = db.session.scalar(sa.select(sa.func.count()).select_from(_due(now).order_by(None).subquery())) or 0
    if waiting <= free:
        return None
    rate = adapters.config().mail_rate
    return Throttled(rate, waiting, -(-(waiting - free) // rate))


def waiting_since() -> datetime | None:
    """When the oldest letter that still waits was written, None when the pile is empty."""
    return db.session.scalar(sa.select(sa.func.min(Letter.written_at)).where(Letter.status == LetterStatus.WAITING))
