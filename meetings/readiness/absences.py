"""Who of a site's list is not in the room, and why: three people of 131 behind one camera."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.readiness import queries
from meetings.readiness.models import Delegate
from meetings.readiness.services import check_open
from meetings.scheduling.models import MeetingSite


def of(meeting_site: MeetingSite) -> Sequence[Delegate]:
    """The delegates of the site's list that it has said are absent, in the order of the list."""
    return [one for one in queries.delegates(meeting_site) if one.absent]


def note(meeting_site: MeetingSite, reasons: Mapping[int, str], *, actor: Actor) -> int:
    """The delegates in *reasons* (id → why, "" where nobody said) are absent, all others of the list are there.

    Returns how many are absent. It says nothing of the head-count, which the site gives for itself: guests may sit there
    whom no list names.
    """
    check_open(meeting_site)
    list_ = queries.roster_of(meeting_site)
    if list_ is None:
        raise Refused(_("No list has been sent for this site yet."))
    changed = False
    away: list[dict[str, str]] = []
    for one in queries.delegates(meeting_site):
        said = one.id in reasons, reasons.get(one.id, "").strip()
        changed |= said != (one.absent, one.absence)
        one.absent, one.absence = said
        if one.absent:
            away.append({"name": one.name, "title": one.title, "reason": one.absence})
    if changed:
        journal.record("roster.absences_noted", list_, actor=actor, site=meeting_site.name, absent=away)
    return len(away)
