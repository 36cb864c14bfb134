"""The doorway of the join link, ``/j/<token>``: the one address that stands in letters and calendars for the video room.

It leads to the platform inside its hours and nowhere outside them, so it can be taken back, and a room that moves to another
platform needs no new letter. Who holds it may join and nothing else: from here no way leads to the site's page. A GET is all
there is, and it changes nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from meetings.accounts.access import by_link
from meetings.clock import now
from meetings.errors import Gone
from meetings.invitations import private_link
from meetings.overview import site_view, site_words
from meetings.overview.site_page import slow_down, told_gone
from meetings.scheduling import rooms
from meetings.scheduling.models import MeetingSite
from meetings.scheduling.room_rules import Door, Opening
from meetings.web.link_forms import private

bp = Blueprint("join", __name__, url_prefix="/j/<token>")
private(bp)
bp.register_error_handler(Gone, told_gone)

SOON: Final = timedelta(minutes=10)
"""So long before the room opens the page begins to ask by itself."""


@bp.get("")
@by_link
def join(token: str) -> Response:
    slow_down(token)
    invitation = private_link.opened_to_join(token)
    site, at = invitation.meeting_site, now()
    door, opening = rooms.door(site.meeting, at=at)
    way = None
    if door is Door.OPEN and opening is not None:
        way = rooms.way_in(site.meeting, rooms.seat_of(site), at=at, until=opening.closes_at)
        if way.url:
            return redirect(way.url, 303)
    dials = way is not None and way.state is rooms.State.UNNAMED and bool(site.meeting.dial_string)
    waits = (way is not None and not dials) or (
        door is Door.EARLY and opening is not None and opening.opens_at - at <= SOON
    )
    asks = waits and request.args.get("wait") != "no"
    page = render_template(
        "overview/join.html",
        view=site_view.of(invitation, at=at),
        way=way,
        waits=waits,
        asks=asks,
        again=request.path,
        rehearsal=_for_the_rehearsal(site, opening),
        token="",
        by_source="self",
        **site_words.WORDS,
    )
    response = make_response(page)
    if asks:
        # not all of three thousand sites in the same second
        response.headers["Refresh"] = str(20 + site.id % 20)
    return response


def _for_the_rehearsal(site: MeetingSite, opening: Opening | None) -> bool:
    """Whether *opening* is that of the rehearsal."""
    starts_at = site.meeting.starts_at
    return opening is not None and starts_at is not None and opening.closes_at < starts_at
