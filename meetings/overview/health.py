"""Is it alive, is it ready, and what is wrong: for a supervisor, a load balancer and an administrator."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Final

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, current_app, jsonify
from werkzeug.wrappers import Response

from config import MailFolder
from meetings.accounts.access import public
from meetings.adapters import config, incoming_mail, mailer
from meetings.clock import now, today
from meetings.database import db
from meetings.invitations import tray
from meetings.journal import queries as journal
from meetings.official.verified import Verified
from meetings.post import queries as post
from meetings.savings import queries as savings
from meetings.savings.rules import NormValue

bp = Blueprint("health", __name__)

WORKER_SILENCE: Final = timedelta(seconds=60)
OUTBOX_AGE: Final = timedelta(minutes=30)
MAILBOX_SILENCE: Final = timedelta(minutes=30)
FREE_BYTES: Final = 200 * 1024 * 1024


@bp.get("/healthz")
@public
def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def readyz() -> Response:
    """The database is migrated, the worker is at work, letters do not pile up and the mailbox, where there is one, is read:
    200, else 503 with what is missing."""
    checks = readiness()
    response = jsonify(status="ok" if all(checks.values()) else "not ready", checks=checks)
    response.status_code = 200 if all(checks.values()) else 503
    return response


def readiness() -> dict[str, bool]:
    """Each check of ``/readyz`` and whether it holds."""
    try:
        migrated = _migrated()
        beat = journal.heartbeat()
        oldest = post.waiting_since()
        mailbox = _mailbox_read()
    except sa.exc.SQLAlchemyError:
        db.session.rollback()
        return {"database": False, "worker": False, "outbox": False, "mailbox": False}
    return {
        "database": migrated,
        "worker": beat is not None and now() - beat < WORKER_SILENCE,
        "outbox": oldest is None or now() - oldest < OUTBOX_AGE,
        "mailbox": mailbox,
    }


def _mailbox_read() -> bool:
    """Whether the mailbox, where there is one, was read lately. One that was never read yet has until its first fault."""
    box = incoming_mail()
    state = tray.state_of(box.name) if box is not None else None
    if state is None:
        return True
    read_at = state.checked_at or state.begun_at
    return read_at is None or now() - read_at < MAILBOX_SILENCE


def _migrated() -> bool:
    heads = set(ScriptDirectory(current_app.extensions["migrate"].directory).get_heads())
    return set(MigrationContext.configure(db.session.connection()).get_current_heads()) == heads


def faults() -> Iterator[str]:
    """A sentence for each thing that is wrong with this installation; none when all is well."""
    settings = config()
    try:
        if not _migrated():
            yield "The database is not migrated: run flask --app wsgi db upgrade."
        elif db.engine.dialect.name == "sqlite":
            yield from _sqlite_faults()
        yield from journal.faults()
    except sa.exc.SQLAlchemyError as error:
        db.session.rollback()
        yield f"The database cannot be read: {type(error.__cause__ or error).__name__}."
    if not os.access(settings.instance, os.W_OK):
        yield f"The folder {settings.instance} cannot be written to."
    elif shutil.disk_usage(settings.instance).free < FREE_BYTES:
        yield f"The disk of {settings.instance} has less than 200 MB left."
    yield from _mail_faults()


def notes() -> Iterator[str]:
    """A sentence for each norm in force today that rests on no source that somebody read, or that has no value. Nothing of
    the installation is at fault; finance should know."""
    try:
        values = savings.values_on(today())
    except sa.exc.SQLAlchemyError:
        db.session.rollback()
        return  # said among the faults
    for norm in values.missing():
        yield f"Norm {_named(norm)}: the value is not known, so what needs it is not counted. {norm.source}"
    for norm in values.doubtful():
        word = "an assumption of this system" if norm.verified is Verified.ASSUMED else "not verified"
        yield f"Norm {_named(norm)} ({norm.low} - {norm.mid} - {norm.high} {norm.unit}): {word}. {norm.source}"


def _named(norm: NormValue) -> str:
    return f"{norm.key} of {norm.province}" if norm.province else norm.key


def _sqlite_faults() -> Iterator[str]:
    if db.session.execute(sa.text("PRAGMA quick_check")).scalar() != "ok":
        yield "The database file is damaged: restore the last backup."
    if str(db.session.execute(sa.text("PRAGMA journal_mode")).scalar()).lower() != "wal":
        yield "The database does not use the write-ahead log."
    if db.session.execute(sa.text("PRAGMA synchronous")).scalar() != 2:
        yield "The database may lose what it confirmed when the power fails (synchronous is not FULL)."


def _mail_faults() -> Iterator[str]:
    yield from _mailbox_faults()
    mail = config().mail
    if isinstance(mail, MailFolder):
        with suppress(OSError):  # what could not be made cannot be written to either
            mail.path.mkdir(parents=True, exist_ok=True)
        if not os.access(mail.path, os.W_OK):
            yield f"The folder of letters {mail.path} cannot be written to."
        return
    closed = mailer().open()
    if closed is not None:
        yield f"The mail server {mail.host}:{mail.port} takes no letters: {closed.answer}."
    mailer().close()


def _mailbox_faults() -> Iterator[str]:
    box = incoming_mail()
    if box is None:
        return
    state = tray.state_of(box.name)
    if state is not None and state.fault:
        yield f"The mailbox {box.name} cannot be read since {state.fault_since_at:%Y-%m-%d %H:%M} UTC: {state.fault}"
    elif not _mailbox_read():
        yield f"The mailbox {box.name} has not been read for more than half an hour: is the worker running?"
