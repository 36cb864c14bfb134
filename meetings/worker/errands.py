"""Errands of packages that look at everything, which the worker may not know: the application hands them in when it is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from flask import Flask

from meetings.clock import now
from meetings.database import db, read_only
from meetings.worker.alone import Work, alone

log = structlog.get_logger("worker")


@dataclass(frozen=True)
class Errand:
    """Something that is owed at times: *due* names what, *make* makes one of it from what it reads, *keep* writes it down and
    says whether it was still wanted. While one is made nobody's writing waits: no transaction holds the writer's lock."""

    name: str
    due: Callable[[datetime], Sequence[int]]
    make: Callable[[int, datetime], Any]
    keep: Callable[[int, Any, datetime], bool]


_errands: list[Errand] = []


def take_over(errands: Sequence[Errand]) -> None:
    """Take *errands* as all there are; called once by ``create_app``."""
    _errands[:] = errands


def run(app: Flask) -> int:
    """Do every errand that is due; returns how many things were made and kept."""
    with app.app_context(), alone(Work.ERRANDS) as mine:
        return sum(_run(errand) for errand in _errands) if mine else 0


def _run(errand: Errand) -> int:
    read_only(True)
    ids = errand.due(now())
    db.session.rollback()
    return sum(_one(errand, id) for id in ids)


def _one(errand: Errand, id: int) -> bool:
    at = now()
    try:
        read_only(True)
        made = errand.make(id, at)
        db.session.rollback()
        read_only(False)
        kept = errand.keep(id, made, at)
        db.session.commit()
        return kept
    except Exception:  # one that cannot be made must not keep the others from being sent
        db.session.rollback()
        log.exception("errand failed", errand=errand.name, id=id)
        return False
