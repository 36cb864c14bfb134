"""Doorways of the administrator: how letters leave and answers come back, and a letter on trial."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from meetings.accounts import queries as accounts
from meetings.accounts.access import actor, requires
from meetings.errors import Forbidden
from meetings.i18n import gettext as _
from meetings.overview import mail_state
from meetings.post.rules import LetterStatus
from meetings.web import notice

bp = Blueprint("mail_settings", __name__)


@bp.get("/settings/mail")
@requires("setting.administer")
def mail() -> str:
    me = accounts.user(actor().user_id or 0)
    return render_template(
        "overview/mail.html", state=mail_state.state(), statuses=LetterStatus, email=me.email if me else ""
    )


@bp.post("/settings/mail/trial")
@requires("setting.administer")
def trial() -> Response:
    me = accounts.user(actor().user_id or 0)
    if me is None:
        raise Forbidden(_("This account has no right to see this page. Ask the administrator for it."))
    letter = mail_state.send_trial(me, actor=actor())
    notice(_("A letter on trial is on its way to %(address)s.", address=letter.to_address))
    return redirect(url_for(".mail"), 303)
