"""Every blueprint of the product, and what each page is given."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from flask import Flask, current_app, request, url_for

from meetings.accounts.access import actor
from meetings.i18n import gettext as _
from meetings.overview import meeting_page
from meetings.scheduling.rules import TYPE_WORDS

BLUEPRINTS: Final = (
    "meetings.accounts.views",
    "meetings.directory.views",
    "meetings.scheduling.views",
    "meetings.invitations.views",
    "meetings.readiness.views",
    "meetings.attendance.views",
    "meetings.minutes.views",
    "meetings.savings.views",
    "meetings.overview.home",
    "meetings.overview.booking",
    "meetings.overview.meeting_page",
    "meetings.overview.sites",
    "meetings.overview.outbox",
    "meetings.overview.site_page",
    "meetings.overview.health",
)


def register(app: Flask) -> None:
    """Hang all pages into *app*."""
    for name in BLUEPRINTS:
        try:  # until all exist
            app.register_blueprint(import_module(name).bp)
        except ImportError as error:
            print("not yet:", name, error)
    app.context_processor(_shared)


def _shared() -> dict[str, Any]:
    return {
        "actor": actor(),
        "nav_items": nav_items,
        "meeting_tabs": meeting_page.tabs,
        "type_words": TYPE_WORDS,
        "search_url": url_for("home.search"),
    }


def nav_items() -> list[dict[str, Any]]:
    """The first level of the site, as far as the reader may go."""
    who = actor()
    if not who.signed_in:
        return []
    rooms: list[tuple[str, str, str]] = [(_("Home"), "home.home", "home")]
    if who.may("meeting.see"):
        rooms.append((_("Meetings"), "scheduling.meetings", "scheduling booking meeting_page attendance minutes invitations meeting_sites"))
    if who.may("savings.see"):
        rooms.append((_("Savings"), "savings.overview", "savings"))
    if who.may("directory.see"):
        rooms.append((_("Directory"), "directory.sites", "directory"))
    if who.may("user.administer"):
        rooms.append((_("Users"), "accounts.users", "accounts"))
    if who.may("outbox.read"):
        rooms.append((_("Outbox"), "post.outbox", "post"))
    endpoint = request.endpoint or ""
    return [
        {"label": label, "url": url_for(target), "current": endpoint.split(".")[0] in stems.split()}
        for label, target, stems in rooms
        if target in current_app.view_functions
    ]
