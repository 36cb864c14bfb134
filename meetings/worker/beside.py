"""What the worker does beside its passes, because it waits for somebody else's server.

One that answers slowly holds up no letter, and while anybody is waited for no transaction is open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar, cast

import structlog
from flask import Flask

from meetings import adapters
from meetings.adapters.feeds import Answer
from meetings.adapters.mailbox import Mailbox, Shut
from meetings.adapters.platforms import Failed, Platform, Present, Room, Watched, Why
from meetings.attendance import listening
from meetings.clock import now
from meetings.database import db, read_only
from meetings.invitations import receiving
from meetings.post import texting
from meetings.savings import mapping
from meetings.scheduling import blocking, rooms
from meetings.scheduling.feed_reading import Unclear
from meetings.worker.alone import Work, alone

log = structlog.get_logger("worker")


def carry_texts(app: Flask) -> int:
    """Hand text messages to their gateway, beside the ticks: one that answers slowly holds up no letter."""
    with app.app_context(), alone(Work.TEXTS) as mine:
        if not mine:
            return 0
        read_only(False)
        return texting.carry_due(adapters.texter())


def read_feeds(app: Flask, limit: int = 16) -> int:
    """Read calendars kept elsewhere that are due, some at a time; returns how many."""

    def reader() -> Callable[[blocking.Wanted], blocking.Brought]:
        fetch = adapters.feed_fetcher()
        return lambda one: _go(one, fetch)

    return _beside(app, Work.FEEDS, 8, lambda at: blocking.due(at, limit), reader, blocking.keep)


def prepare_rooms(app: Flask, limit: int = 16) -> int:
    """Ask the video platforms for the rooms that are due; returns how many."""

    def asker() -> Callable[[rooms.Wanted], Room | Failed]:
        platforms = adapters.platforms()
        return lambda one: _ask_for(one, platforms[one.platform])

    return _beside(app, Work.ROOMS, 4, lambda at: rooms.due(at, limit), asker, rooms.keep)


def watch_rooms(app: Flask, limit: int = 16) -> int:
    """Look who is in the rooms of meetings that are on, where a platform can be asked and does not report by itself. A pass
    looks once into each and is done, whatever was answered: a room that could not be asked is due again at once."""

    def watcher() -> Callable[[listening.Wanted], tuple[Present, ...] | Failed]:
        platforms = adapters.platforms()
        return lambda one: _look_into(one, cast(Watched, platforms[one.platform]))

    def keep(one: listening.Wanted, present: tuple[Present, ...] | Failed, at: datetime) -> None:
        if not isinstance(present, Failed):  # whoever was in is in still, until somebody can be asked again
            listening.seen(one, present, at)

    _beside(app, Work.WATCHING, 4, lambda at: listening.due(at, limit), watcher, keep)
    return 0


def ask_the_map(app: Flask) -> int:
    """Ask the map service for the ways by road that estimates want; returns how many calls were made."""

    def asker() -> Callable[[mapping.Wanted], tuple[int | None, ...] | None]:
        roads = adapters.map_service()
        return lambda one: roads.kilometres(one.place, one.others) if roads is not None else None

    return _beside(app, Work.WAYS, 2, lambda at: mapping.due(at) if adapters.map_service() else [], asker, mapping.keep)


_Wanted = TypeVar("_Wanted")


_Said = TypeVar("_Said")


def _beside(
    app: Flask,
    work: Work,
    workers: int,
    due: Callable[[datetime], Sequence[_Wanted]],
    asker: Callable[[], Callable[[_Wanted], _Said]],
    keep: Callable[[_Wanted, _Said, datetime], object],
) -> int:
    """Ask far servers for all that is *due* at once, and keep what each says; returns how many were asked.

    Beside the ticks: a slow server holds up no letter, and while anybody is waited for no transaction is open. *asker* is
    called where the settings can be read, and what it returns in threads, where they cannot.
    """
    with app.app_context(), alone(work) as mine:
        if not mine:
            return 0
        read_only(False)
        wanted = due(now())
        db.session.rollback()
        ask = asker()
        with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="beside") as pool:
            for one, came in [(one, pool.submit(ask, one)) for one in wanted]:
                keep(one, came.result(), now())
                db.session.commit()
        return len(wanted)


def _look_into(wanted: listening.Wanted, platform: Watched) -> tuple[Present, ...] | Failed:
    try:
        return platform.inside(wanted.external_id)
    except Exception:  # as in _ask_for
        log.exception("room not looked into", meeting=wanted.meeting_id)
        return Failed(Why.ODD_ANSWER)


def _ask_for(wanted: rooms.Wanted, platform: Platform) -> Room | Failed:
    try:
        return platform.ensure_room(wanted.occasion, wanted.known)
    except Exception:  # a platform that nobody has thought of must not keep the other rooms from being made
        log.exception("room failed", meeting=wanted.meeting_id)
        return Failed(Why.ODD_ANSWER)


def _go(wanted: blocking.Wanted, fetch: Callable[[str, str], Answer]) -> blocking.Brought:
    try:
        return blocking.go(wanted, fetch)
    except Exception:  # a calendar that nobody has thought of must not keep the others from being read
        log.exception("feed failed", feed=wanted.feed_id)
        return blocking.Brought(fault=Unclear.BROKEN_EVENTS)


def read_mailbox(app: Flask) -> int:
    """Read what came into the mailbox; returns how many messages were dealt with. It runs beside the ticks: a slow server
    holds up no letter, and while it is waited for no transaction is open."""
    with app.app_context(), alone(Work.MAIL) as mine:
        if not mine:
            return 0
        read_only(False)
        box = adapters.incoming_mail()
        if box is not None:
            try:
                _fetch(box)
            except Exception:  # whatever is wrong with the mailbox, what was kept before is read
                db.session.rollback()
                log.exception("mailbox not kept", mailbox=box.name)
        ids = receiving.unread()
        db.session.rollback()
        return sum(_read(id) for id in ids)


def _fetch(box: Mailbox) -> None:
    """Keep what is new, raw, before anything is read from it."""
    wanted = receiving.due(box.name, now())
    db.session.rollback()
    if wanted is None:
        return
    came = box.visit(wanted.uid_validity, wanted.above, wanted.since)
    if isinstance(came, Shut):
        log.warning("mailbox not read", why=came.why.value, said=came.said)
        receiving.shut(box.name, came, now())
        db.session.commit()
        return
    receiving.keep(box.name, came, now())
    db.session.commit()
    box.kept(came.messages)


def _read(id: int) -> bool:
    """One message in a transaction of its own: one that cannot be read keeps no other from being read."""
    mine = receiving.take_up(id, now())
    db.session.commit()
    if not mine:
        return False
    try:
        read = receiving.read(id, now())
        db.session.commit()
        return read
    except Exception:
        db.session.rollback()
        log.exception("message not read", received=id)
        return False
