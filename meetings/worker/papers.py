"""What the worker does with documents: PDF files are made, signed and compared, one at a time and with no transaction open."""

from __future__ import annotations

import structlog
from flask import Flask

from meetings import adapters
from meetings.adapters.pdf import Fault, Unconverted
from meetings.adapters.seals import Unsigned, Why
from meetings.clock import now
from meetings.database import db, read_only
from meetings.minutes import pdfs, signed_files, signing
from meetings.minutes.signing_rules import Alike
from meetings.post import converting
from meetings.worker.alone import Work, alone

log = structlog.get_logger("worker")


def make(app: Flask) -> int:
    """Make the PDF, the signature and the comparison that have waited longest; returns how many of the three there were."""
    with app.app_context(), alone(Work.PAPERS) as mine:
        if not mine:
            return 0
        read_only(False)
        return _convert() + _sign() + _compare()


def _convert() -> int:
    converter = adapters.converter()
    if converter is None:
        return 0  # what was asked for waits until there is one
    wanted = converting.take_up(now())
    db.session.commit()
    if wanted is None:
        return 0
    came = converter.convert(wanted.data)
    try:
        if (one := converting.keep(wanted, came)) is not None:
            pdfs.settle(one)
        db.session.commit()
    except Exception:  # one that cannot be kept must not be made again and again
        db.session.rollback()
        log.exception("pdf not kept", sha256=wanted.sha256)
        converting.keep(wanted, Unconverted(Fault.NOT_READ))
        db.session.commit()
    return 1


def _sign() -> int:
    wanted = signing.take_up(now())
    db.session.commit()
    if wanted is None:
        return 0
    try:
        came = signing.go(wanted, adapters.seals().get(wanted.hand.value), now())
        signing.keep(wanted, came)
        db.session.commit()
    except Exception:  # as above
        db.session.rollback()
        log.exception("not signed", signing=wanted.id)
        signing.keep(wanted, signing.Came(Unsigned(Why.FAILED)))
        db.session.commit()
    return 1


def _compare() -> int:
    pair = signed_files.to_compare()
    db.session.rollback()
    if pair is None:
        return 0
    try:
        found = signed_files.compare(pair)
    except Exception:  # whatever stands in a file from elsewhere
        log.exception("not compared", report=pair.id)
        found = (Alike.NOT_COMPARED, 0)
    signed_files.keep_comparison(pair, found)
    db.session.commit()
    return 1
