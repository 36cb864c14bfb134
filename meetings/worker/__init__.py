"""What follows from what, and the loop that sees to it.

A request records a fact; the worker does what the fact asks for. A follow-up is *bookkeeping*: its effect and its
"done" commit together, so it happens exactly once whatever is killed when. What must go to the outside (a letter) is
asked for, carried with no transaction open, and its answer kept: ``post.carry``.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from meetings import adapters
from meetings.clock import now
from meetings.database import db, read_only
from meetings.directory import services as directory
from meetings.invitations import (
    approval,
    asking,
    cascade_letters,
    colliding,
    consent_letters,
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
from meetings.minutes import (
    deadline,
    desk_letters,
    following_agenda,
    following_desk,
    following_up,
    handing,
    pdfs,
    receipts,
)
from meetings.post.carry import carry_due
from meetings.readiness import queries as rosters
from meetings.readiness import services as readiness
from meetings.readiness import slotting
from meetings.savings import services as savings
from meetings.worker import beside, errands, papers, recordings
from meetings.worker.alone import Work, alone

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
        following_agenda.put_on_next,
    ],
    "meeting.displaced": [colliding.tell_displaced],
    "meeting.postponed": [reminding.withdraw_reminders, renewing.renew, following_agenda.put_on_next],
    "meeting.cancelled": [reminding.withdraw_reminders, renewing.renew, following_agenda.put_on_next],
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
    "meeting.closed": [savings.estimate_closed, following_agenda.put_on_next],
    "cascade.asked": [cascade_letters.tell],
    "cascade.changed": [cascade_letters.tell],
    "invitation.consented": [consent_letters.tell_the_site],
    "contact.named": [invitations.renew_for_new_officer, following_up.renew_for_new_officer],
    "unit.merged": [directory.retire_sites, following_up.pass_on],
    "record.submitted": [desk_letters.ask_approvers],
    "record.returned": [desk_letters.tell_the_secretary],
    "record.approved": [desk_letters.tell_the_secretary],
    "record.issued": [handing.hand_out, pdfs.follow_issue, following_agenda.put_on_next],
    "assignment.reported": [following_desk.tell_what_was_said],
    "assignment.claimed": [following_desk.tell_what_was_said],
    "assignment.extension_asked": [following_desk.tell_what_was_said],
    "assignment.lead_named": [following_up.tell_lead],
    "assignment.extension_granted": [following_up.tell_decided],
    "assignment.extension_refused": [following_up.tell_decided],
    "assignment.confirmed": [following_up.tell_decided],
    "assignment.sent_back": [following_up.tell_decided],
    "assignment.withdrawn": [following_up.tell_decided],
    "assignment.reopened": [following_up.tell_decided],
    "record.handed_on": [handing.hand_out],
    "record.receipts_asked": [receipts.ask_again],
    "record.recalled": [receipts.tell_recalled],
}
"""Fact → what follows from it."""

_BY_NAME: Final[dict[str, FollowUp]] = {
    journal_services.name_of(function): function for functions in FOLLOW_UPS.values() for function in functions
}
PASS: Final = 200  # deliveries a pass: what a follow-up records waits for the next one
_told_to_stop: Final = threading.Event()
_STOPPING: Final = (signal.SIGTERM, signal.SIGINT)


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
    with app.app_context(), alone() as mine:
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
        done = reminding.run(wanted, rosters.filed, slotting.to_come)
        db.session.commit()
        return done
    except Exception:  # what cannot be written for one meeting must not keep the others from being reminded
        db.session.rollback()
        log.exception("reminding failed", meeting=wanted.meeting_id, step=wanted.step.value)
        return False


def carry() -> int:
    """Carry the letters that are due."""
    return carry_due(adapters.mailer(), now())


def until_nothing_is_due(app: Flask, limit: timedelta = timedelta(hours=1)) -> int:
    """Pass after pass until one finds nothing (``worker --once``); returns how much was done in all."""
    began = time.monotonic()
    total = beside.read_mailbox(app)  # before the reminders: who has answered needs none
    total += errands.run(app)
    while time.monotonic() - began < limit.total_seconds():
        done = tick(app)
        total += done
        if not done:
            break
    _hang_up(app)
    recordings.sweep(app)
    total += owed(app)
    others = (
        beside.carry_texts, beside.read_feeds, beside.prepare_rooms, beside.watch_rooms, beside.ask_the_map, recordings.hear,
    )  # fmt: skip
    total += until_no_paper_is_due(app)
    return total + sum(work(app) for work in others)


def until_no_paper_is_due(app: Flask) -> int:
    """Make all PDF files and signatures that are due; returns how many."""
    total = 0
    while done := papers.make(app):
        total += done
    return total


def owed(app: Flask) -> int:
    """Remind of the notices of conclusions and of the tasks that are due; returns how many letters are new."""
    with app.app_context(), alone(Work.OWED) as mine:
        if not mine:
            return 0
        read_only(False)
        return sum(_remind(remind) for remind in (deadline.remind, following_up.remind))


def _remind(remind: Callable[[datetime], int]) -> int:
    try:
        done = remind(now())
        db.session.commit()
        return done
    except Exception:  # what cannot be written of the one must not keep the others from being reminded
        db.session.rollback()
        log.exception("reminding failed", of=remind.__module__)
        return 0


def run(app: Flask) -> None:
    """Work until told to stop. APScheduler is the metronome only: what is due stands in the database."""
    scheduler = BackgroundScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    # a pass that outlasts a beat is the rule while letters go out, nothing to warn of
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler.add_job(lambda: _safely(app), "interval", seconds=2, next_run_time=now())
    scheduler.add_job(lambda: _safely(app, beside.read_feeds), "interval", seconds=20, next_run_time=now())
    scheduler.add_job(lambda: _safely(app, beside.prepare_rooms), "interval", seconds=5, next_run_time=now())
    scheduler.add_job(lambda: _safely(app, beside.watch_rooms), "interval", seconds=30, next_run_time=now())
    scheduler.add_job(lambda: _safely(app, beside.read_mailbox), "interval", seconds=20, next_run_time=now())
    scheduler.add_job(lambda: _safely(app, beside.carry_texts), "interval", seconds=5, next_run_time=now())
    scheduler.add_job(lambda: _safely(app, beside.ask_the_map), "interval", seconds=20, next_run_time=now())
    scheduler.add_job(lambda: _safely(app, _hear), "interval", seconds=5, next_run_time=now())
    scheduler.add_job(lambda: _safely(app, owed), "interval", minutes=10, next_run_time=now())
    scheduler.add_job(lambda: _safely(app, errands.run), "interval", minutes=10, next_run_time=now())
    scheduler.add_job(lambda: _safely(app, papers.make), "interval", seconds=2, next_run_time=now())
    scheduler.add_job(lambda: _safely(app, recordings.sweep), "interval", seconds=10, next_run_time=now())
    # waited for, not handled: a handler that sets an event stands still for ever where it interrupts the waiting itself
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    scheduler.start()
    try:
        signal.sigwait(_STOPPING)
    finally:
        _told_to_stop.set()
        scheduler.shutdown(wait=True)  # the letter in hand is carried to its end
        _hang_up(app)


def _hear(app: Flask) -> int:
    return recordings.hear(app, _told_to_stop.is_set)


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
