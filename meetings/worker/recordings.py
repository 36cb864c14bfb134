"""What the worker does with recordings: it has them written down, and deletes those that are no longer kept."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from flask import Flask

from meetings import adapters
from meetings.adapters.speech import Listener, Unheard, Why
from meetings.clock import now
from meetings.database import db, read_only
from meetings.minutes import hearing
from meetings.worker.alone import Work, alone

log = structlog.get_logger("worker")


def hear(app: Flask, told_to_stop: Callable[[], bool] = lambda: False) -> int:
    """Have the recording that has waited longest written down; returns whether there was one. It runs beside the ticks and for
    as long as the service listens: an hour is nothing unusual, and no transaction is open meanwhile."""
    with app.app_context(), alone(Work.HEARING) as mine:
        listener = adapters.listener()
        if not mine or listener is None:
            return 0
        read_only(False)
        wanted = hearing.take_up(now())
        db.session.commit()
        if wanted is None:
            return 0
        _hear(wanted, listener, told_to_stop)
        return 1


def _hear(wanted: hearing.Wanted, listener: Listener, told_to_stop: Callable[[], bool]) -> None:
    def still() -> bool:
        wanted_still = hearing.still_wanted(wanted.id)
        db.session.rollback()
        return wanted_still and not told_to_stop()

    sha256 = hearing.digest(wanted.sound.path)
    came = listener.hear(wanted.sound, still)
    try:
        hearing.keep(wanted.id, came, sha256, told_to_stop=told_to_stop())
        db.session.commit()
    except Exception:  # an answer that nobody has thought of must not be asked for again and again
        db.session.rollback()
        log.exception("recording not kept", recording=wanted.id)
        hearing.keep(wanted.id, Unheard(Why.ODD_ANSWER), sha256)
        db.session.commit()


def sweep(app: Flask) -> int:
    """Delete the files of recordings that were called off, forbidden or kept long enough; returns 0: a pass does all."""
    with app.app_context(), alone(Work.SWEEPING) as mine:
        if not mine:
            return 0
        read_only(False)
        ids = hearing.sweep(now())
        db.session.commit()
        for id in ids:
            hearing.delete(id)
            db.session.commit()
        hearing.strays(now())
        db.session.rollback()
        return 0
