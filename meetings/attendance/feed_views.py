"""Doorways for video platforms that report by themselves. Machines come in here: no account, no form, no cookie.

Whoever comes in shows a word that only our platform can know. A room that is not ours is answered as one that is: whoever asks
learns nothing. An answer of 5xx is given only where a second try helps, because platforms try again on it.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from meetings.accounts.access import by_link
from meetings.attendance import listening, reports
from meetings.errors import Forbidden
from meetings.i18n import gettext as _
from meetings.web.doors import takes

bp = Blueprint("feeds", __name__, url_prefix="/feeds")


@bp.record_once
def _no_forms(state: Any) -> None:
    """What comes in is signed, and is no form of a page of ours."""
    state.app.extensions["csrf"].exempt(bp)


@bp.post("/jitsi/events/<any(room,occupant):of>/<any(created,destroyed,joined,left):what>")
@takes(reports.MOST)
@by_link
def jitsi(of: str, what: str) -> Response:
    """Prosody's ``event_sync``; the event says itself what it is."""
    if not listening.from_jitsi(request.headers.get("Authorization", "")):
        raise Forbidden(_("This platform is not known here."))
    report = reports.jitsi(request.get_data())
    if report is None:
        raise BadRequest
    listening.hear([report], listening.JITSI, "jitsi")
    return Response(status=204)


@bp.post("/bigbluebutton")
@takes(reports.MOST)
@by_link
def bigbluebutton() -> Response:
    """A webhook of BigBlueButton: signed over our address and the very bytes of its body."""
    if not listening.from_bigbluebutton(request.args.get("checksum", ""), request.get_data()):
        raise Forbidden(_("This platform is not known here."))
    told = reports.bigbluebutton(request.form.get("event", ""))
    if told is None:
        raise BadRequest
    listening.hear(told, listening.WEBHOOKS, "bigbluebutton")
    return Response(status=204)
