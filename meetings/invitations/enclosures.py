"""What goes with a letter: the giấy mời and the calendar entry, and how the giấy mời reads on a screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from meetings import adapters
from meetings.database import db
from meetings.invitations import calendar as icalendar
from meetings.invitations import document as giay_moi
from meetings.invitations import letters, printing, private_link, queries, rounds, series_letters
from meetings.invitations.models import Invitation, Paper
from meetings.official import form as form_of_state
from meetings.official.paper import Run
from meetings.post import queries as post
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status


def document(meeting: Meeting) -> bytes:
    """The giấy mời of *meeting* as .docx: what waits for approval as it was handed in, else as the meeting stands now."""
    waiting = rounds.waiting(meeting)
    if waiting is not None:
        return post.enclosure(waiting.sha256)
    approved = rounds.approved(meeting)
    return printing.printed(meeting, leaves_at=approved.asked_at if approved else None).data


@dataclass(frozen=True)
class Preview:
    """The giấy mời for reading on a screen, in the words and the setting in which it is printed."""

    letter: giay_moi.InvitationLetter
    body: Sequence[Sequence[Run]]
    annex: bool
    dated: str
    called: Mapping[str, str]  # what is annexed → under which name
    guests: Sequence[str]


def preview(meeting: Meeting, reply_by: datetime | None = None, leaves_at: datetime | None = None) -> Preview | None:
    """The giấy mời as it will be printed; None before the time is set and a site is chosen."""
    if meeting.starts_at is None or not scheduling.site_count(meeting):
        return None
    letter = letters.giay_moi(meeting, reply_by, leaves_at)
    how = giay_moi.setting(letter)
    dated = form_of_state.dated(letter.issuer, letter.numbering, letter.year)
    called = giay_moi.labels(letter, annex=how.annex, guests=how.guests)
    return Preview(letter, giay_moi.paragraphs(letter, how), how.annex, dated, called, giay_moi.guests(letter))


def earlier_papers(meeting: Meeting) -> list[tuple[int, bytes]]:
    """The giấy mời that later ones replaced, by their number from 1: what was sent is kept, whatever came after it."""
    newest: dict[int, str] = {}
    if meeting.paper:  # a first one that was kept with its letters only
        first = post.first(meeting.code, f"{letters.KIND}-%")
        newest = {0: first.enclosures[0]["sha256"]} if first is not None and first.enclosures else {}
    rows = db.session.execute(
        sa.select(Paper.version, Paper.sha256)
        .where(Paper.meeting_id == meeting.id, Paper.version < meeting.paper)
        .order_by(Paper.id)
    )
    newest.update((version, sha256) for version, sha256 in rows)
    return [(version + 1, post.enclosure(sha256)) for version, sha256 in sorted(newest.items())]


def calendar(meeting: Meeting) -> bytes:
    """The meeting's calendar entry as a file that asks nobody: for the case file. A date of a series stands by itself there."""
    entry = replace(_entry(meeting), instance=None, uid=letters.own_uid(meeting, adapters.config().mail_from))
    fills = {"place": letters.host_place(meeting), "token": post.HIDDEN, "join": post.HIDDEN}
    return icalendar.written(entry, icalendar.Method.PUBLISH, fills)


def calendar_for(found: Invitation) -> bytes:
    """The calendar entry for one site, with its own link; of a series all the dates of the site."""
    site, off = found.meeting_site, (Status.CANCELLED, Status.POSTPONED)
    others = [
        other.meeting_site.meeting for other in queries.beside(found) if other.meeting_site.meeting.status not in off
    ]
    fills = {**letters.fills(site, ""), "token": private_link.token(found), "join": private_link.join_token(found)}
    if not others or site.meeting.status in off:
        return icalendar.written(_entry(site.meeting), icalendar.Method.PUBLISH, fills)
    config = adapters.config()
    whole, differing = series_letters.entries(
        [site.meeting, *others], sender=config.mail_from, public_url=config.public_url
    )
    return icalendar.written(whole, icalendar.Method.PUBLISH, fills, differing)


def _entry(meeting: Meeting) -> icalendar.CalendarEntry:
    config = adapters.config()
    return letters.calendar_entry(meeting, sender=config.mail_from, public_url=config.public_url)
