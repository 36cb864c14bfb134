"""“Send a test to me first”: the letter that a site would get, to the person who is about to send it.

A further room of ``services``. Nobody is invited by it: no invitation and no link are made, the links in it are dead
samples, and its calendar entry is one of its own that asks for no answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from meetings import adapters, journal
from meetings.accounts.models import User
from meetings.accounts.rules import Actor
from meetings.clock import now
from meetings.database import db
from meetings.directory.models import Contact
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.i18n import in_locale
from meetings.invitations import approval, asking, letters, private_link, queries, rounds, series_letters
from meetings.invitations.calendar import Method, pattern
from meetings.official.paper import CONTENT_TYPE
from meetings.official.text import search_key
from meetings.post import quota
from meetings.post import services as post
from meetings.post.message import Address, partly_filled
from meetings.post.models import Letter
from meetings.post.services import Draft, Enclosed, Ticket
from meetings.scheduling import queries as scheduling
from meetings.scheduling import services as meetings
from meetings.scheduling import working_time
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.recurrence import answer_by
from meetings.scheduling.rules import Status
from meetings.units.models import Unit

KIND: Final = "trial"
OFFERED: Final = 60
"""So many sites are proposed while the name is typed; the others are found by their names all the same."""


def offered(meeting: Meeting) -> Sequence[MeetingSite]:
    """The sites that are proposed for a test, as the protocol has them, those that get a letter before those that do not."""
    found = db.session.scalars(
        sa.select(MeetingSite)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))
        .order_by(MeetingSite.position, MeetingSite.id)
        .limit(OFFERED)
    ).all()
    officers = queries.officers(found)
    written_to = {site_id for site_id, contact in officers.items() if contact is not None and contact.email}
    return sorted(found, key=lambda one: one.site_id not in written_to)


def meant(meeting: Meeting, said: str) -> MeetingSite:
    """The site of *meeting* that *said* means, by its name, whatever case and diacritics; raises :class:`Refused`."""
    query = (
        sa.select(MeetingSite)
        .join(Unit, MeetingSite.unit_id == Unit.id)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))
        .order_by(MeetingSite.position, MeetingSite.id)
    )
    named = query.where(sa.or_(MeetingSite.name == said.strip(), Unit.search_key == search_key(said)))
    found = db.session.scalars(named.limit(2)).first()
    if found is not None:
        return found
    for word in said.split()[:6]:
        query = query.where(Unit.search_key.contains(search_key(word), autoescape=True))
    like = db.session.scalars(query.limit(4)).all()
    if len(like) == 1:
        return like[0]
    if like:
        names = "; ".join(one.name for one in like[:3])
        raise Refused(_("Several sites are meant: %(names)s. Enter the whole name.", names=names), "site", 422)
    raise Refused(_("No site of this meeting is called so. Enter its name."), "site", 422)


def send(meeting: Meeting, site: MeetingSite, reader: User, *, actor: Actor) -> Letter:
    """Write to *reader* what *site* would be written; counted among what she may make leave, and journalled."""
    if meeting.starts_at is None or meeting.ends_at is None:
        raise Refused(_("The meeting has no time yet, so there is no letter to test. Set the time first."), status=422)
    at = now()
    quota.hold_to(actor, reader.email, KIND, meeting.code, at)
    letter = post.hand_in(_letter(meeting, site, reader, at, actor))
    journal.record("letter.tried", meeting, actor=actor, site=site.name)
    return letter


def _letter(meeting: Meeting, site: MeetingSite, reader: User, at: datetime, actor: Actor) -> Draft:
    contact = queries.officer(site) or Contact(name="", email="", locale="vi")
    dates = [one for one in scheduling.on_one_paper(meeting) if one.starts_at is not None]
    config, sender = adapters.config(), post.sender_address()
    enclosed = _enclosed(meeting, at)
    with in_locale(contact.locale), _as_if_released(meeting, dates):
        words = (
            series_letters.wording(dates, sender=sender, public_url=config.public_url, locale=contact.locale)
            if len(dates) > 1
            else letters.wording(meeting, sender=sender, public_url=config.public_url, locale=contact.locale)
        )
        draft = letters.to_site(meeting, site, contact, words, Ticket("m", 0, 0), enclosed)
        entry = letters.calendar_entry(meeting, sender=sender, public_url=config.public_url)
    own = replace(
        entry, uid=f"{KIND}-{entry.uid}", instance=None, summary=_("[Test] %(subject)s", subject=entry.summary)
    )
    dead = {"token": private_link.SAMPLE, "join": private_link.SAMPLE}
    return replace(
        draft,
        key=f"{KIND}-{meeting.id}-{site.id}-{actor.user_id or 0}-{int(at.timestamp() * 1000)}",
        kind=KIND,
        to=Address(reader.name, reader.email),
        subject=_("[Test] %(subject)s", subject=draft.subject),
        text=partly_filled(draft.text, dead),
        html=partly_filled(draft.html, dead),
        # published, as an entry of its own: the reader is asked for no answer, and her own entry of the meeting stays
        calendar=partly_filled(pattern(own, Method.PUBLISH), dead),
        method=Method.PUBLISH.value,
        link=None,
        urgency=1,
        made_by=actor.key,
    )


def _enclosed(meeting: Meeting, at: datetime) -> tuple[Enclosed, ...]:
    """The giấy mời as it would go along now: as it was released, as it waits for approval, or as the draft stands."""
    if meeting.sent_at is not None:
        return asking.enclosed_paper(meeting)
    waiting = rounds.waiting(scheduling.on_one_paper(meeting)[0])
    if waiting is not None:
        sha256 = waiting.sha256
    else:
        sha256 = post.keep(approval.paper(meeting, meetings.usual_reply_by(meeting), at), CONTENT_TYPE)
    return (Enclosed(sha256, letters.file_name(meeting), CONTENT_TYPE),)


@contextmanager
def _as_if_released(meeting: Meeting, dates: Sequence[Meeting]) -> Iterator[None]:
    """While it lasts the meeting has the deadline that it gets when it is released; nothing of it is written."""
    if meeting.sent_at is not None or meeting.starts_at is None:
        yield
        return
    waiting = rounds.waiting(meeting) if meeting.status is Status.AWAITING_APPROVAL else None
    reply_by = waiting.reply_by if waiting is not None else meetings.usual_reply_by(meeting)
    before = [(one, one.reply_by) for one in {one.id: one for one in (meeting, *dates)}.values()]
    calendar = working_time.calendar()
    with db.session.no_autoflush:
        for one, _was in before:
            if reply_by is not None and one.starts_at is not None:
                one.reply_by = (
                    reply_by if one is meeting else answer_by(reply_by, meeting.starts_at, one.starts_at, calendar)
                )
        try:
            yield
        finally:
            for one, was in before:
                one.reply_by = was
