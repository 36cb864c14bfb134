"""Asking the sites of a meeting: each gets its link, its invitation, and its letter in words that later letters use again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from meetings import adapters, journal
from meetings.accounts.rules import SYSTEM
from meetings.clock import now
from meetings.database import db
from meetings.directory.models import Contact
from meetings.invitations import awaiting, cascade_letters, letters, printing, queries, rounds, series_letters
from meetings.invitations.models import Invitation, Link, Paper
from meetings.invitations.rules import Reply
from meetings.journal.models import Entry
from meetings.official.paper import CONTENT_TYPE
from meetings.post import queries as letter_box
from meetings.post import services as post
from meetings.post.services import Enclosed, Ticket
from meetings.scheduling import cascades
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import Status

BATCH: Final = 1000
"""Sites asked in one transaction: at national scale no writer waits longer than a second."""


def issue(entry: Entry) -> None:
    """What follows from ``meeting.sent``: each site gets its link, its invitation and its letter.

    Asks those that have not been asked, a batch at a time; while some are left a fact says so, and this follows from
    it again. Done twice it asks nobody twice.
    """
    meeting = scheduling.by_code(entry.root)
    if meeting is None or meeting.status is not Status.SCHEDULED:
        return
    sites = awaiting.not_asked(meeting, BATCH)
    if not sites:
        return
    _ask(meeting, list(sites))
    if len(sites) == BATCH:
        journal.record("meeting.sites_left_to_ask", meeting, actor=SYSTEM)


@dataclass(frozen=True, slots=True)
class _Subject:
    journal_subject: str
    journal_root: str


def _ask(meeting: Meeting, sites: list[MeetingSite]) -> None:
    at, version = now(), awaiting.version_of(meeting)
    letters.settle_uid(meeting, post.sender_address())
    officers = queries.officers(sites)
    writable = {site.id: contact for site in sites if (contact := officers.get(site.site_id)) and contact.email}
    link_ids = db.session.scalars(
        sa.insert(Link).returning(Link.id, sort_by_parameter_order=True),
        [{"purpose": "m", "subject_id": site.id, "issue": 1, "made_at": at} for site in sites],
    ).all()
    rows: list[dict[str, Any]] = [
        {
            "meeting_site_id": site.id,
            "link_id": link_id,
            "sequence": meeting.sequence,
            "asked_at": at,
            "by_post": site.id in writable,
            "reply": Reply.ASKED,
            "told_id": version or None,
        }
        for site, link_id in zip(sites, link_ids, strict=True)
    ]
    ids = db.session.scalars(sa.insert(Invitation).returning(Invitation.id, sort_by_parameter_order=True), rows).all()
    words, enclosed = wordings_of(meeting, sites, officers), enclosed_paper(meeting)
    post.hand_in_all(
        letters.to_site(
            meeting, site, writable[site.id], words[site.site_id], Ticket("m", link_id, 1), enclosed, version=version
        )
        for site, link_id in zip(sites, link_ids, strict=True)
        if site.id in writable and site.site_id in words
    )
    journal.record_each(
        "invitation.issued",
        [_Subject(f"invitation:{id}", meeting.code) for id in ids],
        actor=SYSTEM,
        details=[{"site": site.name, "by_post": site.id in writable} for site in sites],
    )


def wording_of(meeting: Meeting, locale: str = "vi", *, renewed: bool = False, brings: bool = False) -> letters.Wording:
    """The invitation to *meeting* in the language *locale*; *renewed*: with a link in the place of an earlier one; *brings*:
    to a site that is asked to bring those below it."""
    return letters.wording(
        meeting,
        sender=post.sender_address(),
        public_url=adapters.config().public_url,
        locale=locale,
        renewed=renewed,
        besides=cascade_letters.request(meeting, locale) if brings else "",
    )


def wording_of_dates(
    dates: Sequence[Meeting], locale: str = "vi", *, renewed: bool = False, brings: bool = False
) -> letters.Wording:
    """As :func:`wording_of`, to several dates of one series; to one it is that to the meeting."""
    if len(dates) == 1:
        return wording_of(dates[0], locale, renewed=renewed, brings=brings)
    return series_letters.wording(
        dates,
        sender=post.sender_address(),
        public_url=adapters.config().public_url,
        locale=locale,
        renewed=renewed,
    )


def wordings_of(
    meeting: Meeting, sites: Sequence[MeetingSite], officers: Mapping[int, Contact | None]
) -> Mapping[int, letters.Wording]:
    """Site → the invitation that is written to it from *meeting*, in the language that its officer reads.

    Of a series each site gets one letter, from the first date that it is invited to, with all of its dates; a site whose letter
    went from an earlier date is left out here. Who is added to a date later is written to about that date alone.
    """
    by_series = awaiting.dates_by_site(meeting, sites) if meeting.series_id is not None else {}
    found: dict[int, letters.Wording] = {}
    written: dict[tuple[str, tuple[int, ...], bool], letters.Wording] = {}
    heads = cascades.heads(meeting)
    for site in sites:
        dates = by_series.get(site.site_id, [meeting])
        if dates[0].id != meeting.id:
            continue
        key = letters.locale_of(officers.get(site.site_id)), tuple(one.id for one in dates), site.id in heads
        if key not in written:
            written[key] = wording_of_dates(dates, key[0], brings=key[2])
        found[site.site_id] = written[key]
    return found


def enclosed_paper(meeting: Meeting) -> tuple[Enclosed, ...]:
    """The giấy mời as it was released: as it was approved or numbered last, else as written for the first letter; the same
    file for every one that follows. The dates of a series stand on that of its first."""
    meeting = scheduling.on_one_paper(meeting)[0]
    kept = rounds.released_paper(meeting)
    if kept is not None:
        return (Enclosed(kept.sha256, letters.file_name(meeting), CONTENT_TYPE),)
    first = letter_box.first(meeting.code, f"{letters.KIND}-%") if meeting.paper == 0 else None
    if first is not None:
        return tuple(Enclosed(**file) for file in first.enclosures)
    at = now()
    sha256 = post.keep(printing.to_keep(meeting, leaves_at=at), CONTENT_TYPE)
    db.session.add(Paper(meeting_id=meeting.id, version=meeting.paper, sha256=sha256, kept_at=at))
    return (Enclosed(sha256, letters.file_name(meeting), CONTENT_TYPE),)
