"""The audit log, what is still to do about each fact, and the seals that show whether the log was touched."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from meetings.database import Base


class Entry(Base):
    """One fact. Never changed; *digest* binds it to its payload even after the payload was purged."""

    __tablename__ = "journal_entry"
    __table_args__ = (
        sa.Index("ix_journal_entry_root_id", "root", "id"),
        sa.Index("ix_journal_entry_subject", "subject"),  # the history of one answer, on each site's page
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    fact: Mapped[str] = mapped_column(sa.String(60))
    actor: Mapped[str] = mapped_column(sa.String(60))
    actor_name: Mapped[str] = mapped_column(sa.String(200), default="")
    subject: Mapped[str] = mapped_column(sa.String(80))
    root: Mapped[str] = mapped_column(sa.String(20), default="")
    digest: Mapped[str] = mapped_column(sa.String(64))  # SHA-256 of the payload's canonical JSON
    seal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("journal_seal.id"), index=True)

    payload: Mapped[Payload | None] = relationship(back_populates="entry", uselist=False)

    @property
    def details(self) -> dict[str, Any]:
        """What was recorded beside the fact; empty when it was purged."""
        return self.payload.data if self.payload else {}


class Payload(Base):
    """The details of an entry, apart from it: they may hold personal data and can be purged when the law asks."""

    __tablename__ = "journal_payload"

    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("journal_entry.id"), primary_key=True)
    data: Mapped[dict[str, Any]]

    entry: Mapped[Entry] = relationship(back_populates="payload")


class Delivery(Base):
    """Something that is still to be done about an entry."""

    __tablename__ = "journal_delivery"
    __table_args__ = (
        sa.UniqueConstraint("entry_id", "follow_up"),
        sa.Index("ix_journal_delivery_due", "done_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("journal_entry.id"))
    follow_up: Mapped[str] = mapped_column(sa.String(100))
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    fault: Mapped[str] = mapped_column(sa.String(500), default="")

    entry: Mapped[Entry] = relationship()


class Number(Base):
    """How often the facts of one root have changed; see ``journal.changes``."""

    __tablename__ = "journal_number"

    root: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    number: Mapped[int]


class Change(Base):
    """The subjects that the transaction with this *number* wrote about; empty where they were too many to name."""

    __tablename__ = "journal_change"

    root: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subjects: Mapped[list[Any]]


class Seal(Base):
    """A batch of entries under one hash, chained to the seal before it."""

    __tablename__ = "journal_seal"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    previous: Mapped[str] = mapped_column(sa.String(64))
    digest: Mapped[str] = mapped_column(sa.String(64))
    entries: Mapped[int]


class Heartbeat(Base):
    """The worker's last sign of life."""

    __tablename__ = "worker_heartbeat"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    at: Mapped[datetime]
