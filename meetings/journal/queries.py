"""Questions to the journal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings.database import db
from meetings.journal import rules
from meetings.journal.models import Delivery, Entry, Heartbeat, Payload, Seal


def of(*roots: str, limit: int | None = None, newest_first: bool = True, fact: str = "") -> Sequence[Entry]:
    """Entries about the meeting with the codes *roots* (and everything of it)."""
    query = sa.select(Entry).where(Entry.root.in_(roots)).options(joinedload(Entry.payload))
    if fact:
        query = query.where(Entry.fact.startswith(fact, autoescape=True))
    query = query.order_by(Entry.id.desc() if newest_first else Entry.id)
    return db.session.scalars(query.limit(limit)).unique().all()


def about(subject: str) -> Sequence[Entry]:
    """Entries about one subject, oldest first."""
    return db.session.scalars(
        sa.select(Entry).where(Entry.subject == subject).options(joinedload(Entry.payload)).order_by(Entry.id)
    ).all()


def due(now: datetime, limit: int) -> Sequence[int]:
    """Ids of deliveries that wait to be done, oldest first."""
    return db.session.scalars(
        sa.select(Delivery.id)
        .where(Delivery.done_at.is_(None), Delivery.due_at <= now)
        .order_by(Delivery.due_at, Delivery.id)
        .limit(limit)
    ).all()


def waiting(root: str) -> int:
    """How many follow-ups of the meeting *root* are still to be done."""
    return (
        db.session.scalar(
            sa.select(sa.func.count(Delivery.id)).join(Entry).where(Entry.root == root, Delivery.done_at.is_(None))
        )
        or 0
    )


def faults() -> Iterator[str]:
    """A sentence for each seal that does not fit its entries or its predecessor, and for each entry whose details are
    not those it was written with (purged ones are none); nothing when the journal is whole."""
    previous = rules.GENESIS
    for seal in db.session.scalars(sa.select(Seal).order_by(Seal.id)):
        entries = db.session.execute(
            sa.select(Entry.id, Entry.at, Entry.fact, Entry.actor, Entry.subject, Entry.root, Entry.digest)
            .where(Entry.seal_id == seal.id)
            .order_by(Entry.id)
        ).all()
        digest = rules.chained(seal.previous, ((e[0], e[1], e[2], e[3], e[4], e[5], e[6]) for e in entries))
        if seal.previous != previous or seal.digest != digest or seal.entries != len(entries):
            yield f"Seal {seal.id} does not fit its entries."
        previous = seal.digest
    details = sa.select(Entry.id, Entry.digest, Payload.data).join(Payload, Payload.entry_id == Entry.id)
    for id, digest, data in db.session.execute(details.order_by(Entry.id).execution_options(yield_per=1000)):
        if rules.digest(data) != digest:
            yield f"Entry {id} does not fit its details."


def heartbeat(name: str = "worker") -> datetime | None:
    """When the worker last gave a sign of life."""
    beat = db.session.get(Heartbeat, name)
    return beat.at if beat else None
