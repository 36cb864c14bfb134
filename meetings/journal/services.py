"""The only writers of the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any, Final, Protocol, cast

import sqlalchemy as sa
from sqlalchemy.orm import make_transient_to_detached

from meetings.clock import now
from meetings.database import db
from meetings.journal import changes, rules
from meetings.journal.models import Delivery, Entry, Payload, Seal


class Recorded(Protocol):
    """Something a fact can be about."""

    @property
    def journal_subject(self) -> str: ...

    @property
    def journal_root(self) -> str: ...


class Signer(Protocol):
    """Whoever a fact is signed by."""

    @property
    def key(self) -> str: ...

    @property
    def name(self) -> str: ...


_ENTRY: Final = cast(sa.Table, Entry.__table__).insert().returning(Entry.__table__.c.id)
_PAYLOAD: Final = cast(sa.Table, Payload.__table__).insert()
_DELIVERY: Final = cast(sa.Table, Delivery.__table__).insert()

FollowUp = Callable[[Entry], None]
_follow_ups: dict[str, tuple[str, ...]] = {}


def follow(table: Mapping[str, Iterable[FollowUp]]) -> None:
    """Take *table* (fact → follow-ups) as what must come of each fact; called once by ``create_app``."""
    _follow_ups.clear()
    _follow_ups.update({fact: tuple(name_of(f) for f in functions) for fact, functions in table.items()})


def name_of(function: FollowUp) -> str:
    """The name under which a delivery remembers its follow-up: ``invitations.issue``."""
    package = function.__module__.removeprefix("meetings.").split(".")[0]
    return f"{package}.{function.__name__}"


def record(fact: str, subject: Recorded, *, actor: Signer, due_at: datetime | None = None, **details: Any) -> Entry:
    """Write *fact* about *subject* and what is still to do about it, in the caller's own transaction.

    *details* must be plain values; instants and days are spelt in ISO 8601. *due_at* puts the follow-ups off until then.
    """
    entry = Entry(**_written(fact, subject, actor, due_at, details))
    make_transient_to_detached(entry)
    db.session.add(entry)
    return entry


def write(fact: str, subject: Recorded, *, actor: Signer, due_at: datetime | None = None, **details: Any) -> None:
    """As :func:`record`, for who asks the same thousands of times in a minute and needs no entry in hand."""
    _written(fact, subject, actor, due_at, details)


def _written(
    fact: str, subject: Recorded, actor: Signer, due_at: datetime | None, details: Mapping[str, Any]
) -> dict[str, Any]:
    """Write one fact; one statement a table, and none through an object that nobody looks at. The row of its entry."""
    spelt = {key: plain(value) for key, value in details.items()}
    at = now()
    row: dict[str, Any] = {
        "at": at,
        "fact": fact,
        "actor": actor.key,
        "actor_name": actor.name[:200],
        "subject": subject.journal_subject,
        "root": subject.journal_root,
        "digest": rules.digest(spelt),
        "seal_id": None,
    }
    db.session.flush()
    connection = db.session.connection()
    row["id"] = id = connection.execute(_ENTRY, row).scalar_one()
    if spelt:
        connection.execute(_PAYLOAD, {"entry_id": id, "data": spelt})
    due = [{"entry_id": id, "follow_up": name, "due_at": due_at or at} for name in _follow_ups.get(fact, ())]
    if due:
        connection.execute(_DELIVERY, due)
    changes.note(row["root"], (row["subject"],))
    return row


def record_each(
    fact: str, subjects: Iterable[Recorded], *, actor: Signer, details: Iterable[Mapping[str, Any]]
) -> None:
    """As :func:`record` for thousands of subjects at once, one statement a table."""
    at = now()
    pairs = [(s, {k: plain(v) for k, v in d.items()}) for s, d in zip(subjects, details, strict=True)]
    if not pairs:
        return
    ids = db.session.scalars(
        sa.insert(Entry).returning(Entry.id, sort_by_parameter_order=True),
        [
            {
                "at": at,
                "fact": fact,
                "actor": actor.key,
                "actor_name": actor.name[:200],
                "subject": s.journal_subject,
                "root": s.journal_root,
                "digest": rules.digest(d),
            }
            for s, d in pairs
        ],
    ).all()
    for subject, _ in pairs:
        changes.note(subject.journal_root, (subject.journal_subject,))
    payloads = [{"entry_id": id, "data": d} for id, (_, d) in zip(ids, pairs, strict=True) if d]
    if payloads:
        db.session.execute(sa.insert(Payload), payloads)
    due = [{"entry_id": id, "follow_up": name, "due_at": at} for id in ids for name in _follow_ups.get(fact, ())]
    if due:
        db.session.execute(sa.insert(Delivery), due)


def seal(limit: int = 20_000) -> int:
    """Bind the committed entries that no seal holds yet into the chain; returns how many. Only the worker calls this."""
    entries = db.session.scalars(sa.select(Entry).where(Entry.seal_id.is_(None)).order_by(Entry.id).limit(limit)).all()
    if not entries:
        return 0
    last = db.session.scalars(sa.select(Seal).order_by(Seal.id.desc()).limit(1)).first()
    previous = last.digest if last else rules.GENESIS
    made = Seal(at=now(), previous=previous, digest=rules.chained(previous, map(_line, entries)), entries=len(entries))
    db.session.add(made)
    db.session.flush()
    db.session.execute(
        sa.update(Entry).where(Entry.id.in_([entry.id for entry in entries])).values(seal_id=made.id),
        execution_options={"synchronize_session": False},
    )
    return len(entries)


def _line(entry: Entry) -> tuple[int, datetime, str, str, str, str, str]:
    return entry.id, entry.at, entry.fact, entry.actor, entry.subject, entry.root, entry.digest


def plain(value: Any) -> Any:
    """*value* as JSON keeps it: instants and days in ISO 8601, a member of an enum by its word."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
