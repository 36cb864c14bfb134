"""What follows from what, and the loop that sees to it.

A request records a fact; the worker does what the fact asks for. A follow-up is *bookkeeping*: its effect and its
"done" commit together, so it happens exactly once whatever is killed when. What must go to the outside (a letter) is
asked for, carried with no transaction open, and its answer kept: ``post.carry``.
"""

from __future__ import annotations

import fcntl
import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar, cast

import sqlalchemy as sa
import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from meetings import adapters
from meetings.adapters.feeds import Answer
from meetings.adapters.mailbox import Mailbox, Shut
from meetings.adapters.platforms import Failed, Platform, Present, Room, Watched, Why
from meetings.attendance import listening
from meetings.clock import now
from meetings.database import db, read_only
from meetings.directory import services as directory
from meetings.invitations import (
    approval,
    asking,
    cascade_letters,
    colliding,
    consent_letters,
    receiving,
    reminding,
    renewing,
    renewing_series,
    texts,
    tray,
)
from meetings.invitations import services as invitations
from meetings.journal import queries as journal
from meetings.journal import rules as journal_rules
from meetings.journal import services as journal_services
from meetings.journal.models import Delivery, Heartbeat
from meetings.journal.services import FollowUp
from meetings.minutes import handing
from meetings.post import texting
from meetings.post.carry import carry_due
from meetings.readiness import queries as rosters
from meetings.readiness import services as readiness
from meetings.readiness import slotting
from meetings.savings import services as savings
from meetings.scheduling import blocking, rooms
from meetings.scheduling.feed_reading import Unclear

log = structlog.get_logger("worker")

FOLLOW_UPS: Final[Mapping[str, Sequence[FollowUp]]] = {
    "meeting.sent": [asking.issue, colliding.tell_both],
    "meeting.sites_left_to_ask": [asking.issue],
    "meeting.rescheduled": [
        reminding.withdraw_reminders,
        renewing.take_back,
        renewing.renew,
        asking.issue,
        colliding.tell_both,
        readiness.keep_as_rehearsal,
        slotting.follow,
        tray.settle_moved,
    ],
    "meeting.displaced": [colliding.tell_displaced],
    "meeting.postponed": [reminding.withdraw_reminders, renewing.renew],
    "meeting.cancelled": [reminding.withdraw_reminders, renewing.renew],
    "meeting.facts_changed": [renewing.renew],
    "meeting.sites_removed": [renewing.renew, slotting.follow],
    "meeting.sites_left_to_tell": [renewing.renew],
    "series.changed": [renewing_series.renew_together],
    "series.sites_left_to_tell": [renewing_series.renew_together],
    "meeting.sites_added_later": [renewing.take_back, asking.issue, slotting.follow],
    "meeting.sites_left_to_take_back": [renewing.take_back],
    "meeting.submitted": [approval.ask_approvers],
    "meeting.approved": [approval.tell_the_secretary],
    "meeting.returned": [approval.tell_the_secretary],
    "meeting.chased": [texts.text_on_the_day],
    "meeting.closed": [savings.estimate_closed],
    "cascade.asked": [cascade_letters.tell],
    "cascade.changed": [cascade_letters.tell],
    "invitation.consented": [consent_letters.tell_the_site],
    "contact.named": [invitations.renew_for_new_officer],
    "unit.merged": [directory.retire_sites],
    "record.issued": [handing.hand_out],
    "record.handed_on": [handing.hand_out],
}
"""Fact → what follows from it."""

_BY_NAME: Final[dict[str, FollowUp]] = {
    journal_services.name_of(function): function for functions in FOLLOW_UPS.values() for function in functions
}
PASS: Final = 200  # deliveries a pass: what a follow-up records waits for the next one
_told_to_stop: Final = threading.Event()
_STOPPING: Final = (signal.SIGTERM, signal.SIGINT)
_LOCK: Final = 0x6469656D  # the advisory lock of PostgreSQL that keeps each tick single
_FEED_LOCK: Final = 0x66656564  # and the one that keeps the reading of other calendars single
_ROOM_LOCK: Final = 0x726F6F6D  # and that of the video rooms
_WATCH_LOCK: Final = 0x77617463  # and that of looking into them
_MAIL_LOCK: Final = 0x6D61696C  # and that of the mailbox
_TEXT_LOCK: Final = 0x74657874  # and that of the text messages


def follow_up(limit: int = PASS) -> int:
    """Do what is due, oldest first, each in its own transaction; returns how many were done."""
    ids = journal.due(now(), limit)
    db.session.rollback()
    return sum(_do(id) for id in ids)


def _do(id: int) -> bool:
    query = sa.select(Delivery).where(Delivery.id == id, Delivery.done_at.is_(None)).with_for_update(skip_locked=True)
    delivery = db.session.scalars(query).first()
    if delivery is None:
        db.session.rollback()
        return False
    try:
        _BY_NAME[delivery.follow_up](delivery.entry)
        delivery.done_at = now()
        db.session.commit()
        return True
    except Exception as error:  # one follow-up that fails must not stop the others: it is kept, told and tried again
        db.session.rollback()
        log.exception("follow-up failed", delivery=id)
        _put_off(id, error)
        return False


def _put_off(id: int, error: Exception) -> None:
    delivery = db.session.get(Delivery, id)
    if delivery is not None:
        delivery.attempts += 1
        delivery.fault = f"{type(error).__name__}: {error}"[:500]
        delivery.due_at = now() + journal_rules.retry_after(delivery.attempts)
    db.session.commit()


def beat() -> None:
    """Leave a sign of life."""
    db.session.merge(Heartbeat(name="worker", at=now()))
    db.session.commit()


def seal() -> int:
    """Seal what has been committed into the journal's chain."""
    sealed = journal_services.seal()
    db.session.commit()
    return sealed


def tick(app: Flask) -> int:
    """One pass over everything due; returns how much was done."""
    with app.app_context(), _alone() as mine:
        if not mine:
            return 0
        read_only(False)
        beat()
        done = follow_up()
        done += chase()
        done += carry()
        seal()
        return done


def chase() -> int:
    """Remind whom the ladders of the coming meetings name now, a batch a transaction; returns how many batches."""
    wanted = reminding.due(now())
    db.session.rollback()
    return sum(_chase(one) for one in wanted)


def _chase(wanted: reminding.Wanted) -> bool:
    try:
        done = reminding.run(wanted, rosters.filed)
        db.session.commit()
        return done
    except Exception:  # what cannot be written for one meeting must not keep the others from being reminded
        db.session.rollback()
        log.exception("reminding failed", meeting=wanted.meeting_id, step=wanted.step.value)
        return False


def carry() -> int:
    """Carry the letters that are due."""
    return carry_due(adapters.mailer(), now())


def carry_texts(app: Flask) -> int:
    """Hand text messages to their gateway, beside the ticks: one that answers slowly holds up no letter."""
    with app.app_context(), _alone(_TEXT_LOCK) as mine:
        if not mine:
            return 0
        read_only(False)
        return texting.carry_due(adapters.texter())


def read_feeds(app: Flask, limit: int = 16) -> int:
    """Read calendars kept elsewhere that are due, some at a time; returns how many."""

    def reader() -> Callable[[blocking.Wanted], blocking.Brought]:
        fetch = adapters.feed_fetcher()
        return lambda one: _go(one, fetch)

    return _beside(app, _FEED_LOCK, 8, lambda at: blocking.due(at, limit), reader, blocking.keep)


def prepare_rooms(app: Flask, limit: int = 16) -> int:
    """Ask the video platforms for the rooms that are due; returns how many."""

    def asker() -> Callable[[rooms.Wanted], Room | Failed]:
        platforms = adapters.platforms()
        return lambda one: _ask_for(one, platforms[one.platform])

    return _beside(app, _ROOM_LOCK, 4, lambda at: rooms.due(at, limit), asker, rooms.keep)


def watch_rooms(app: Flask, limit: int = 16) -> int:
    """Look who is in the rooms of meetings that are on, where a platform can be asked and does not report by itself. A pass
    looks once into each and is done, whatever was answered: a room that could not be asked is due again at once."""

    def watcher() -> Callable[[listening.Wanted], tuple[Present, ...] | Failed]:
        platforms = adapters.platforms()
        return lambda one: _look_into(one, cast(Watched, platforms[one.platform]))

    def keep(one: listening.Wanted, present: tuple[Present, ...] | Failed, at: datetime) -> None:
        if not isinstance(present, Failed):  # whoever was in is in still, until somebody can be asked again
            listening.seen(one, present, at)

    _beside(app, _WATCH_LOCK, 4, lambda at: listening.due(at, limit), watcher, keep)
    return 0


_Wanted = TypeVar("_Wanted")
_Said = TypeVar("_Said")


def _beside(
    app: Flask,
    key: int,
    workers: int,
    due: Callable[[datetime], Sequence[_Wanted]],
    asker: Callable[[], Callable[[_Wanted], _Said]],
    keep: Callable[[_Wanted, _Said, datetime], object],
) -> int:
    """Ask far servers for all that is *due* at once, and keep what each says; returns how many were asked.

    Beside the ticks: a slow server holds up no letter, and while anybody is waited for no transaction is open. *asker* is
    called where the settings can be read, and what it returns in threads, where they cannot.
    """
    with app.app_context(), _alone(key) as mine:
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
    with app.app_context(), _alone(_MAIL_LOCK) as mine:
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


def until_nothing_is_due(app: Flask, limit: timedelta = timedelta(hours=1)) -> int:
    """Pass after pass until one finds nothing (``worker --once``); returns how much was done in all."""
    began = time.monotonic()
    total = read_mailbox(app)  # before the reminders: who has answered needs none
    while time.monotonic() - began < limit.total_seconds():
        done = tick(app)
        total += done
        if not done:
            break
    _hang_up(app)
    return total + carry_texts(app) + read_feeds(app) + prepare_rooms(app) + watch_rooms(app)


def run(app: Flask) -> None:
    """Work until told to stop. APScheduler is the metronome only: what is due stands in the database."""
    scheduler = BackgroundScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    # a pass that outlasts a beat is the rule while letters go out, nothing to warn of
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler.add_job(lambda: _safely(app), "interval", seconds=2, next_run_time=now())
    scheduler.add_job(lambda: _safely(app, read_feeds), "interval", seconds=20, next_run_time=now())
    scheduler.add_job(lambda: _safely(app, prepare_rooms), "interval", seconds=5, next_run_time=now())
    scheduler.add_job(lambda: _safely(app, watch_rooms), "interval", seconds=30, next_run_time=now())
    scheduler.add_job(lambda: _safely(app, read_mailbox), "interval", seconds=20, next_run_time=now())
    scheduler.add_job(lambda: _safely(app, carry_texts), "interval", seconds=5, next_run_time=now())
    # waited for, not handled: a handler that sets an event stands still for ever where it interrupts the waiting itself
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    scheduler.start()
    try:
        signal.sigwait(_STOPPING)
    finally:
        _told_to_stop.set()
        scheduler.shutdown(wait=True)  # the letter in hand is carried to its end
        _hang_up(app)


def _hang_up(app: Flask) -> None:
    """Take leave of the mail server, whose line is kept for the letter that might have come next."""
    with app.app_context():
        adapters.mailer().close()


def _safely(app: Flask, work: Callable[[Flask], int] | None = None) -> None:
    try:
        while (work or tick)(app) and not _told_to_stop.is_set():
            pass
    except Exception:  # the metronome goes on: a database that is away now may be back at the next beat
        log.exception("tick failed")


@contextmanager
def _alone(key: int = _LOCK) -> Iterator[bool]:
    """Whether this is the only one at its work now. On PostgreSQL an advisory lock; it dies with its connection."""
    if db.engine.dialect.name != "postgresql":
        yield True
        return
    with db.engine.connect() as connection:
        got = bool(connection.scalar(sa.text("SELECT pg_try_advisory_lock(:key)"), {"key": key}))
        connection.commit()
        try:
            yield got
        finally:
            if got:
                connection.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": key})
                connection.commit()


@contextmanager
def only_worker(instance: Path) -> Iterator[bool]:
    """On SQLite one worker an installation: a lock on a file that dies with its holder."""
    instance.mkdir(parents=True, exist_ok=True)
    with (instance / "worker.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
