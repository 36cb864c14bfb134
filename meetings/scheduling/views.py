"""Doorways: the list of meetings."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from meetings.accounts.access import actor, requires
from meetings.scheduling import queries
from meetings.web.pages import asked_page, page_of

bp = Blueprint("scheduling", __name__)


@bp.get("/meetings")
@requires("meeting.see")
def meetings() -> str:
    view = request.args.get("view", "")
    words = request.args.get("q", "")[:200].strip()
    if view not in queries.VIEWS:
        view = "" if words else "upcoming"
    return render_template(
        "scheduling/meetings.html",
        page=page_of(queries.listed(actor(), view, words), asked_page()),
        counts=queries.counts(actor()),
        view=view,
        words=words,
        site_counts=queries.site_counts,
    )
