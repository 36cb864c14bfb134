"""The outside: what leaves the house and comes back as frozen values. Only this switchboard knows the application."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import Flask, current_app

import config as settings
from config import Config, MailboxFolder, MailFolder
from meetings.adapters import feeds, mailbox, pdf
from meetings.adapters.mail import Folder, Mailer, Smtp
from meetings.adapters.pdf import Converter, LibreOffice
from meetings.adapters.platforms import Platform
from meetings.adapters.platforms.bigbluebutton import BigBlueButton
from meetings.adapters.platforms.jitsi import JitsiMeet
from meetings.adapters.platforms.manual import Manual
from meetings.adapters.roads import Osrm, Roads
from meetings.adapters.seals import Seal
from meetings.adapters.sms import Gateway, Texter
from meetings.adapters.speech import Listener, Service

_PLATFORMS: Final[Mapping[type, Callable[[Any], Platform]]] = {
    settings.Jitsi: lambda its: JitsiMeet(its.url, its.app_id, its.secret),
    settings.BigBlueButton: lambda its: BigBlueButton(its.url, its.secret),
}


def plug_in(app: Flask, config: Config) -> None:
    """Choose the adapters of this installation."""
    app.extensions["mailer"] = mailer_of(config)
    app.extensions["mailbox"] = mailbox_of(config)
    app.extensions["platforms"] = platforms_of(config)
    app.extensions["texter"] = texter_of(config)
    app.extensions["listener"] = listener_of(config)
    app.extensions["map_service"] = map_service_of(config)
    app.extensions["converter"] = converter_of(config)
    app.extensions["seals"] = seals_of(config)
    app.extensions["feeds"] = lambda url, etag: feeds.fetch(url, etag=etag, allowed=config.feed_networks)


def mailer_of(config: Config) -> Mailer:
    """The mailer that ``MAIL_URL`` names."""
    mail = config.mail
    if isinstance(mail, MailFolder):
        return Folder(mail.path)
    return Smtp(mail.host, mail.port, user=mail.user, password=mail.password, tls=mail.tls, name=config.public_host)


def platforms_of(config: Config) -> dict[str, Platform]:
    """The video platforms that the settings name, by their names; the pasted link is always the first."""
    found: list[Platform] = [Manual(), *(_PLATFORMS[type(one)](one) for one in config.platforms)]
    return {one.name: one for one in found}


def platforms() -> Mapping[str, Platform]:
    """The video platforms of the running application."""
    found: Mapping[str, Platform] = current_app.extensions["platforms"]
    return found


def webhook_secrets() -> list[str]:
    """The secrets under which webhooks of BigBlueButton may come in."""
    return [one.secret for one in config().platforms if isinstance(one, settings.BigBlueButton) and one.secret]


def mailbox_of(config: Config) -> mailbox.Mailbox | None:
    """The mailbox that ``MAILBOX_URL`` names, None where nobody reads one here."""
    box = config.mailbox
    if box is None:
        return None
    if isinstance(box, MailboxFolder):
        return mailbox.Folder(box.path)
    return mailbox.Imap(box.host, box.port, user=box.user, password=box.password, folder=box.folder, tls=box.tls)


def incoming_mail() -> mailbox.Mailbox | None:
    """The mailbox of the running application."""
    found: mailbox.Mailbox | None = current_app.extensions["mailbox"]
    return found


def texter_of(config: Config) -> Texter | None:
    """The gateway for text messages that ``SMS_URL`` names, None where there is none."""
    return Gateway(config.sms.url, config.sms.token, config.sms.sender) if config.sms else None


def texter() -> Texter | None:
    """The gateway for text messages of the running application."""
    found: Texter | None = current_app.extensions["texter"]
    return found


def listener_of(config: Config) -> Listener | None:
    """The service that ``SPEECH_URL`` names, None where nobody writes down what is said."""
    its = config.speech
    return Service(its.url, its.model, its.key, form=its.form, wait=its.wait) if its else None


def listener() -> Listener | None:
    """The speech-to-text service of the running application."""
    found: Listener | None = current_app.extensions["listener"]
    return found


def map_service_of(config: Config) -> Roads | None:
    """The map service that ``OSRM_URL`` names, None where ways are estimated from the great circle."""
    return Osrm(config.roads) if config.roads else None


def map_service() -> Roads | None:
    """The map service of the running application."""
    found: Roads | None = current_app.extensions["map_service"]
    return found


def converter_of(config: Config) -> Converter | None:
    """LibreOffice where this machine has it, None where it has not or ``SOFFICE`` is off."""
    program = "" if config.soffice == "off" else pdf.found(config.soffice)
    return LibreOffice(program) if program else None


def converter() -> Converter | None:
    """What makes PDF files in the running application."""
    found: Converter | None = current_app.extensions["converter"]
    return found


def seals_of(config: Config) -> dict[str, Seal]:
    """What signs, by whose it is: ``seal`` the body's, ``person`` a person's."""
    found: dict[str, Seal] = {}
    if config.seal is None and config.hand is None:
        return found
    from meetings.adapters.pades import KeyFile, Token  # half a second, which only those pay who sign here

    for name, its in (("seal", config.seal), ("person", config.hand)):
        if its is None:
            continue
        held, tsa = its.held, config.time_stamps
        if isinstance(held, settings.KeyFile):
            found[name] = KeyFile(held.path, held.password, tsa)
        else:
            found[name] = Token(str(held.module), held.label, held.pin, held.key, tsa)
    return found


def seals() -> Mapping[str, Seal]:
    """What signs in the running application."""
    found: Mapping[str, Seal] = current_app.extensions["seals"]
    return found


def mailer() -> Mailer:
    """The mailer of the running application."""
    found: Mailer = current_app.extensions["mailer"]
    return found


def feed_fetcher() -> Callable[[str, str], feeds.Answer]:
    """What fetches the calendar at an address, given the mark of its last state, as this installation may."""
    found: Callable[[str, str], feeds.Answer] = current_app.extensions["feeds"]
    return found


def config() -> Config:
    """The settings of the running application."""
    found: Config = current_app.extensions["config"]
    return found
