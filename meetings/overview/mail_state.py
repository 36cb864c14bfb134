"""How letters leave this installation and answers come back: what is set, what works, what is missing. No secret is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import sqlalchemy as sa

from config import Config, MailboxFolder, MailFolder
from meetings import adapters
from meetings.accounts.models import User
from meetings.accounts.rules import Actor
from meetings.clock import now
from meetings.database import db
from meetings.i18n import gettext as _
from meetings.i18n import in_locale
from meetings.invitations.models import MailboxState
from meetings.invitations.trial import KIND
from meetings.journal import queries as journal
from meetings.journal import record
from meetings.official import dates
from meetings.overview.health import WORKER_SILENCE
from meetings.post import queries as post
from meetings.post import quota, services
from meetings.post.letters import Form, bodies
from meetings.post.limits import Setting
from meetings.post.message import Address, slot
from meetings.post.models import Letter, Outage
from meetings.post.rules import LetterStatus
from meetings.post.services import Draft

UNREAD: Final = timedelta(minutes=15)
"""A mailbox that was not looked into for so long is read by nobody."""


@dataclass(frozen=True)
class Check:
    """One line of the check list. *good* None: it may stay as it is, and somebody should know of it."""

    good: bool | None
    words: str
    remedy: str = ""


@dataclass(frozen=True)
class MailState:
    """All that the page shows. *server* and *mailbox* name where, without user and password; "" where there is none."""

    folder: bool
    server: str
    user: str
    encrypted: bool
    sender: str
    rate: int
    verp: bool
    counts: Mapping[LetterStatus, int]
    outage: Outage | None
    waiting_since: datetime | None
    last_sent_at: datetime | None
    mailbox: str
    read: MailboxState | None
    texts: str
    texts_on: bool
    platforms: tuple[tuple[str, str], ...]
    checks: tuple[Check, ...]


def state() -> MailState:
    """As it is now; what the page of the settings shows."""
    config = adapters.config()
    mail = config.mail
    folder = isinstance(mail, MailFolder)
    read = db.session.scalars(sa.select(MailboxState).order_by(MailboxState.checked_at.desc()).limit(1)).first()
    outage, texts_on = post.outage(), bool(quota.setting(Setting.TEXTS_ON))
    last = sa.select(sa.func.max(Letter.settled_at)).where(Letter.status == LetterStatus.SENT)
    return MailState(
        folder=folder,
        server=str(mail.path) if isinstance(mail, MailFolder) else f"{mail.host}:{mail.port}",
        user="" if isinstance(mail, MailFolder) else mail.user or "",
        encrypted=not isinstance(mail, MailFolder) and mail.tls,
        sender=config.mail_from,
        rate=config.mail_rate,
        verp=config.mail_verp and config.mailbox is not None,
        counts=post.counts(),
        outage=outage,
        waiting_since=post.waiting_since(),
        last_sent_at=db.session.scalar(last),
        mailbox=_mailbox(config),
        read=read if config.mailbox is not None else None,
        texts=urlsplit(config.sms.url).hostname or "" if config.sms else "",
        texts_on=texts_on,
        platforms=tuple((type(one).__name__, one.url) for one in config.platforms),
        checks=tuple(_checks(config, outage, read)),
    )


def _mailbox(config: Config) -> str:
    box = config.mailbox
    if box is None:
        return ""
    return str(box.path) if isinstance(box, MailboxFolder) else f"{box.host}:{box.port}/{box.folder}"


def _checks(config: Config, outage: Outage | None, read: MailboxState | None) -> list[Check]:
    beat = journal.heartbeat()
    working = beat is not None and now() - beat < WORKER_SILENCE
    found = [
        Check(True, _("The worker is at work."))
        if working
        else Check(False, _("The worker gives no sign of life: no letter leaves."), _("Start it: ./run.sh")),
        _of_server(config, outage),
        _of_sender(config),
        _of_mailbox(config, read),
    ]
    if config.mailbox is not None and not config.mail_verp:
        words = _("Returned letters are known by what they quote alone.")
        found.append(Check(None, words, _("Set MAIL_VERP=on where the mail server knows addresses with a plus sign.")))
    if not config.https:
        found.append(
            Check(
                False,
                _("The links in the letters are not encrypted: %(address)s.", address=config.public_url),
                _("Set PUBLIC_URL to an address that begins with https."),
            )
        )
    return sorted(found, key=lambda check: (False, None, True).index(check.good))


def _of_server(config: Config, outage: Outage | None) -> Check:
    if isinstance(config.mail, MailFolder):
        words = _("Letters are kept in a folder and reach nobody.")
        return Check(False, words, _("Set MAIL_URL to the mail server of the office."))
    if outage is not None:
        since = dates.moment_short(outage.since_at)
        return Check(False, _("The mail server has taken no letters since %(since)s.", since=since), outage.answer)
    if not config.mail.tls and config.mail.host not in ("localhost", "127.0.0.1", "::1"):
        words = _("Letters go to the mail server unencrypted.")
        return Check(None, words, _("Set MAIL_URL to smtp+starttls:// where the server knows it."))
    return Check(True, _("The mail server takes letters, as far as is known."))


def _of_sender(config: Config) -> Check:
    if config.mail_from.endswith(".example"):
        words = _("The sender %(address)s is only an example: letters would be thrown away.", address=config.mail_from)
        return Check(False, words, _("Set MAIL_FROM to the mailbox of the office."))
    return Check(True, _("Letters come from %(address)s.", address=config.mail_from))


def _of_mailbox(config: Config, read: MailboxState | None) -> Check:
    if config.mailbox is None:
        return Check(
            False,
            _("Nobody reads the mailbox: answers by calendar and returned letters are not seen."),
            _("Set MAILBOX_URL to the mailbox of the sender."),
        )
    if read is not None and read.fault:
        since = dates.moment_short(read.fault_since_at) if read.fault_since_at else ""
        return Check(False, _("The mailbox could not be read since %(since)s.", since=since), read.fault)
    if read is None or read.checked_at is None or now() - read.checked_at > UNREAD:
        return Check(False, _("The mailbox has not been looked into for a quarter of an hour."))
    return Check(True, _("The mailbox was last read at %(at)s.", at=dates.moment_short(read.checked_at)))


# ------------------------------------------------------------------ a letter on trial


def send_trial(reader: User, *, actor: Actor) -> Letter:
    """A letter to whoever is signed in, as every other leaves: it shows that letters arrive, and how they look there."""
    at, config = now(), adapters.config()
    quota.hold_to(actor, reader.email, KIND, "", at)
    with in_locale(reader.locale):
        moment = dates.moment_short(at, reader.locale)
        subject = _("Letter on trial: letters of Điểm Cầu arrive here")

        def values(form: Form) -> dict[str, object]:
            return {
                "meeting": {"code": ""},
                "title": _("The way of the letters, tried"),
                "organiser": "Điểm Cầu",
                "subject": subject,
                "preheader": subject,
                "occasion": _(
                    "This letter was sent from the page of the settings. Whoever reads it knows that letters arrive."
                ),
                "first": [
                    {"label": label, "value": value, "words": value, "phone": ""}
                    for label, value in (
                        (_("Sent by"), actor.name),
                        (_("Sender"), config.mail_from),
                        (_("Written"), moment),
                    )
                ],
                "attached": "",
                "reader": slot("reader", form),
                "button": _("Open the settings of the letters"),
                "link": f"{config.public_url}/settings/mail",
            }

        text, html = bodies("invitations/office_letter", values)
    draft = Draft(
        key=f"{KIND}-mail-{reader.id}-{int(at.timestamp() * 1000)}",
        kind=KIND,
        to=Address(reader.name, reader.email),
        subject=subject,
        text=text,
        html=html,
        sender_name="Điểm Cầu",
        fills={"reader": reader.name},
        urgency=1,
        locale=reader.locale,
        made_by=actor.key,
    )
    letter = services.hand_in(draft)
    record("mail.tried", letter, actor=actor)
    return letter
