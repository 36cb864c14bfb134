"""Telling organisers that their meetings want the same places: both when a site is invited all the same, and the one
whose tentative hold gave way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from meetings.accounts.models import User
from meetings.accounts.rules import SYSTEM
from meetings.i18n import gettext as _
from meetings.i18n import in_locale, locale, ngettext
from meetings.invitations.office_letters import compose
from meetings.journal.models import Entry
from meetings.official import dates
from meetings.post import services as post
from meetings.post.services import Draft
from meetings.scheduling import clashes
from meetings.scheduling import queries as scheduling
from meetings.scheduling.clashes import Collision
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status

KIND: Final = "collision"


def tell_both(entry: Entry) -> None:
    """What follows from ``meeting.sent`` and ``meeting.rescheduled`` where a collision was accepted with a reason.

    The secretary of each meeting learns which sites both invite, why, and whom to call. Told once a version.
    """
    meeting = scheduling.by_code(entry.root)
    if (
        meeting is None
        or meeting.status is not Status.SCHEDULED
        or meeting.starts_at is None
        or meeting.ends_at is None
    ):
        return
    reasons = {key: clash.reason for clash in clashes.accepted(meeting) for key in clash.with_meetings}
    found = [c for c in clashes.collisions(meeting, meeting.starts_at, meeting.ends_at, SYSTEM) if c.key in reasons]
    for code in sorted({c.code for c in found if c.code}):
        other = scheduling.by_code(code)
        if other is not None:
            shared = [c for c in found if c.code == code]
            post.hand_in_all(_both(meeting, other, shared, reasons[code]))


def _both(meeting: Meeting, other: Meeting, shared: Sequence[Collision], reason: str) -> Iterator[Draft]:
    for mine, theirs in ((meeting, other), (other, meeting)):
        with in_locale(mine.secretary.locale):
            yield _letter(
                mine,
                theirs,
                mine.secretary,
                key=f"{KIND}-{meeting.id}-{meeting.sequence}-{theirs.id}-{mine.id}",
                subject=_("The same sites at the same hour: %(code)s and %(other)s", code=mine.code, other=theirs.code),
                occasion=ngettext(
                    "%(num)s site is invited to two meetings at one hour. Please settle which of them it joins.",
                    "%(num)s sites are invited to two meetings at one hour. Please settle which of them they join.",
                    len(shared),
                ),
                names=[c.name for c in shared],
                reason=reason,
            )


def tell_displaced(entry: Entry) -> None:
    """What follows from ``meeting.displaced``: the secretary whose draft held the places learns who took them."""
    meeting, other = scheduling.by_code(entry.root), scheduling.by_code(str(entry.details.get("by", "")))
    if meeting is None or other is None or meeting.status is not Status.DRAFT:
        return
    with in_locale(meeting.secretary.locale):
        letter = _letter(
            meeting,
            other,
            meeting.secretary,
            key=f"{KIND}-displaced-{entry.id}",
            subject=_("Places held for %(code)s were taken by %(other)s", code=meeting.code, other=other.code),
            occasion=_(
                "Another meeting took places that this draft only held. Choose another time or call its organiser."
            ),
            names=[str(name) for name in entry.details.get("names", [])],
            reason="",
        )
    post.hand_in(letter)


def _letter(
    mine: Meeting,
    theirs: Meeting,
    reader: User,
    *,
    key: str,
    subject: str,
    occasion: str,
    names: list[str],
    reason: str,
) -> Draft:
    """About *mine* to its own secretary; of *theirs* only what every organiser may know: code, hour, whom to call."""
    assert theirs.starts_at is not None and theirs.ends_at is not None
    span = dates.clock_range(theirs.starts_at, theirs.ends_at, locale())
    called = ", ".join(part for part in (theirs.organiser.full_name, theirs.contact_name, theirs.contact_phone) if part)
    rows = [
        (_("Other meeting"), f"{theirs.code}: {span}, {dates.date_long(theirs.starts_at, locale())}"),
        (_("Whom to call"), called),
        (_("Sites"), ", ".join(names[:50]) + ("…" if len(names) > 50 else "")),
        (_("Reason"), reason),
    ]
    return compose(
        mine,
        reader,
        KIND,
        key=key,
        subject=subject,
        occasion=occasion,
        rows=[(label, value) for label, value in rows if value],
        button=_("Open the meeting"),
        path=f"/meetings/{mine.code}",
    )
