"""Every blueprint of the product, and what each page is given."""

from __future__ import annotations

from typing import Any, Final

from flask import Flask, request, url_for

from meetings.accounts import views as accounts
from meetings.accounts.access import actor
from meetings.accounts.rules import Actor, Role
from meetings.attendance import feed_views, witness_views
from meetings.attendance import views as attendance
from meetings.clock import now
from meetings.directory import views as directory
from meetings.directory.views import documents as unit_documents
from meetings.i18n import gettext as _
from meetings.invitations import (
    approving,
    batch_views,
    chase_settings,
    limit_settings,
    registry,
    tray,
    tray_views,
    trial,
)
from meetings.invitations import settings as invitation_settings
from meetings.invitations import views as invitations
from meetings.minutes import views as minutes
from meetings.minutes.views import action_items, recordings, signature_images, tasks
from meetings.official.verified import VERIFIED_WORDS
from meetings.overview import (
    booking,
    booking_time,
    calendar,
    cascade,
    health,
    home,
    join,
    line_test_pages,
    mail_settings,
    meeting_page,
    moves,
    outbox,
    reminders,
    reports_pages,
    reports_schedule,
    reports_schedule_pages,
    series,
    site_desk,
    site_page,
    sites,
    speech_settings,
)
from meetings.readiness import ladder_pages
from meetings.readiness import views as rosters
from meetings.savings import file_views, norm_views, planning
from meetings.savings import views as savings
from meetings.savings.waterfall import CATEGORY_WORDS
from meetings.scheduling import busy_views, paper_views, regime_pages, rooms, ruling, settings
from meetings.scheduling import views as scheduling
from meetings.scheduling.regime import NO_MEETING_CASES, URGENT_PASSES
from meetings.scheduling.room_words import PLATFORM_WORDS, WHY_WORDS
from meetings.scheduling.rules import TYPE_WORDS

PAGES: Final = (
    accounts, directory, unit_documents, scheduling, busy_views, settings, regime_pages, paper_views,
    invitations, batch_views, approving, registry, tray_views, invitation_settings, chase_settings, limit_settings,
    rosters, attendance, witness_views, feed_views, minutes, action_items, tasks, recordings, savings, norm_views,
    file_views, home, calendar, booking, booking_time, series, meeting_page, cascade, moves, reminders, sites,
    outbox, site_page, join, reports_pages, reports_schedule_pages,
    site_desk, line_test_pages, ladder_pages, mail_settings, speech_settings, signature_images, health,
)  # fmt: skip


ERRANDS: Final = (("report", reports_schedule.due, reports_schedule.make, reports_schedule.keep),)
"""What the worker does for this package, which it may not know: a name, what is due, how one is made, how it is kept."""


def register(app: Flask) -> None:
    """Hang all pages into *app*."""
    for page in PAGES:
        app.register_blueprint(page.bp)
    app.context_processor(_shared)


def _shared() -> dict[str, Any]:
    return {
        "actor": actor(),
        "nav_items": nav_items,
        "meeting_tabs": meeting_page.tabs,
        "type_words": TYPE_WORDS,
        "regime_of": lambda meeting: ruling.standing(meeting, at=now()),
        "plan_of": planning.plan_of,
        "papers_card": paper_views.parts,
        "form_law": (planning.LAW, planning.LAW_VERIFIED),
        "form_words": CATEGORY_WORDS,
        "regime_cases": NO_MEETING_CASES,
        "urgent_passes": URGENT_PASSES,
        "verified_words": VERIFIED_WORDS,
        "trial_sites": trial.offered,
        "room_of": rooms.shown,
        "room_why": WHY_WORDS,
        "platform_words": PLATFORM_WORDS,
        "busy_card": busy_views.card,
        "disturbed_of": busy_views.disturbed_of,
        "search_url": url_for("home.search"),
    }


_NUMBERS: Final = frozenset({"minutes.number_book", "minutes.paper_number"})
"""Pages of the minutes that a records clerk finds under the numbers."""


def nav_items() -> list[dict[str, Any]]:
    """The first level of the site, as far as the reader may go."""
    who = actor()
    if not who.signed_in:
        return []
    mine = (
        "scheduling papers regime booking booking_time series "
        "meeting_page moves reminders meeting_sites line_tests rosters invitations batch approval attendance witnesses "
        "minutes transcripts"
    )
    rooms = (
        (_("Home"), "home.home", "home", "t", True),
        (_("Calendar"), "calendar.calendar", "calendar busy", "l", who.may("meeting.see")),
        (_("Meetings"), "scheduling.meetings", mine, "c", who.may("meeting.see")),
        (_("Tasks"), "action_items.action_items", "action_items", "n", who.may("task.see")),
        (_("Numbers"), "numbers.numbers_book", "numbers", "v", who.has(Role.RECORDS_CLERK)),
        (_("Savings"), "savings.overview", "savings reports report_schedule", "k", who.may("savings.see")),
        (_("Directory"), "directory.sites", "directory", "d", who.may("directory.see")),
        (_("Users"), "accounts.users", "accounts", "u", who.may("user.administer")),
        (
            _("Settings"),
            "settings.days",
            "settings document_settings mail_settings speech_settings signature_settings invitation_settings limit_settings"
            " line_test_settings",
            "g",
            who.may("setting.administer"),
        ),
        (_incoming(who), "mailbox.mailbox", "mailbox", "i", who.may("mailbox.read")),
        (_("Outbox"), "post.outbox", "post", "o", who.may("outbox.read")),
    )
    endpoint = request.endpoint or ""
    stem = endpoint.split(".")[0]
    if endpoint in _NUMBERS and who.has(Role.RECORDS_CLERK):
        stem = "numbers"
    elif endpoint == "minutes.counting":
        stem = "settings"
    return [
        {"label": label, "url": url_for(target), "current": stem in stems.split(), "key": key}
        for label, target, stems, key, open_ in rooms
        if open_
    ]


def _incoming(who: Actor) -> str:
    """The mailbox, with what waits there for *who*."""
    waits = tray.in_tray(who) if who.may("mailbox.read") else 0
    return _("Incoming mail (%(count)s)", count=waits) if waits else _("Incoming mail")
