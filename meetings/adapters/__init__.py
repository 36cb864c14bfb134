"""The outside: what leaves the house and comes back as frozen values. Only this switchboard knows the application."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app

from config import Config, MailFolder
from meetings.adapters.mail import Folder, Mailer, Smtp


def plug_in(app: Flask, config: Config) -> None:
    """Choose the adapters of this installation."""
    app.extensions["mailer"] = mailer_of(config)


def mailer_of(config: Config) -> Mailer:
    """The mailer that ``MAIL_URL`` names."""
    mail = config.mail
    if isinstance(mail, MailFolder):
        return Folder(mail.path)
    return Smtp(mail.host, mail.port, user=mail.user, password=mail.password, tls=mail.tls, name=config.public_host)


def mailer() -> Mailer:
    """The mailer of the running application."""
    found: Any = current_app.extensions["mailer"]
    return found  # type: ignore[no-any-return]


def config() -> Config:
    """The settings of the running application."""
    found: Config = current_app.extensions["config"]
    return found
