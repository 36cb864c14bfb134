"""PDF files of kept .docx files, each made once: asked for in a request, made by the worker with no transaction open.

A second room of ``services``: the same rules hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from meetings import adapters
from meetings.adapters.pdf import Converted, Fault, Unconverted
from meetings.clock import now
from meetings.database import db
from meetings.post import services as post
from meetings.post.models import Conversion, Enclosure

PDF: Final = "application/pdf"
WAITING, WORKING, DONE, FAILED = "waiting", "working", "done", "failed"
TRIES: Final = 3
_PASSING: Final = frozenset({Fault.TOO_SLOW, Fault.CRASHED})
_RETRY: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Wanted:
    """A .docx of which a PDF is to be made now."""

    sha256: str
    data: bytes


def possible() -> bool:
    """Whether this installation has what makes PDF files."""
    return adapters.converter() is not None


def ask(sha256: str) -> Conversion:
    """Want a PDF of the kept file *sha256*; one that failed is tried again, one that was asked for already is returned."""
    found = db.session.get(Conversion, sha256)
    if found is None:
        found = Conversion(sha256=sha256, stage=WAITING, asked_at=now(), next_at=now())
        db.session.add(found)
    elif found.stage == FAILED:
        found.stage, found.tries, found.next_at, found.ended_at, found.fault, found.said = (
            WAITING,
            0,
            now(),
            None,
            "",
            "",
        )
    db.session.flush()
    return found


def of(sha256: str) -> Conversion | None:
    """How far the PDF of the kept file *sha256* is; None where nobody wants one."""
    return db.session.get(Conversion, sha256) if sha256 else None


def take_up(at: datetime) -> Wanted | None:
    """The file that has waited longest, marked as being made. One that was marked before is left from a worker that was killed:
    only one works at a time."""
    one = db.session.scalars(
        sa.select(Conversion)
        .where(
            sa.or_(Conversion.stage == WORKING, sa.and_(Conversion.stage == WAITING, Conversion.next_at <= at)),
        )
        .order_by(Conversion.next_at, Conversion.sha256)
        .limit(1)
        .with_for_update()
    ).first()
    if one is None:
        return None
    kept = db.session.get(Enclosure, one.sha256)
    one.stage = WORKING
    one.tries += 1
    db.session.flush()
    return Wanted(one.sha256, kept.data if kept is not None else b"")


def keep(wanted: Wanted, came: Converted | Unconverted) -> Conversion | None:
    """Keep the PDF that came, or why none did. What passes is tried again, twice."""
    one = db.session.get(Conversion, wanted.sha256, with_for_update=True, populate_existing=True)
    if one is None or one.stage != WORKING:
        return None
    if isinstance(came, Converted):
        one.pdf = post.keep(came.data, PDF)
        one.stage, one.ended_at, one.next_at, one.fault, one.said = DONE, now(), None, "", ""
    elif came.why in _PASSING and one.tries < TRIES:
        one.stage, one.next_at, one.fault, one.said = WAITING, now() + _RETRY * one.tries, came.why, came.said
    else:
        one.stage, one.ended_at, one.next_at, one.fault, one.said = FAILED, now(), None, came.why, came.said
    db.session.flush()
    return one
