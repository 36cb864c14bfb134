"""What a calendar to subscribe to holds: the same meetings as the calendar page shows its owner, as entries of a file."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from meetings import adapters
from meetings.accounts import queries as accounts
from meetings.accounts.rules import Actor
from meetings.clock import instant, now
from meetings.database import db
from meetings.directory import queries as directory
from meetings.directory.models import Person, Site
from meetings.errors import Gone
from meetings.i18n import gettext as _
from meetings.i18n import in_locale
from meetings.invitations import letters, publishing
from meetings.invitations.models import CalendarLink
from meetings.invitations.publishing import Published, State
from meetings.overview import calendar_queries
from meetings.overview.calendar_queries import Ask
from meetings.scheduling.busy_words import KIND_WORDS
from meetings.scheduling.lanes import Bar, Look
from meetings.scheduling.models import Busy, Meeting
from meetings.units.models import Unit

BACK: Final = timedelta(days=90)
AHEAD: Final = timedelta(days=400)


def file_of(link: CalendarLink) -> tuple[bytes, str]:
    """The file that *link* opens now and a mark by which this state of it is known again. Raises :class:`Gone` where its
    owner may no longer see whose calendar it is."""
    actor = accounts.actor_of(link.user)
    config = adapters.config()
    with in_locale(link.user.locale):
        entries = entries_of(link, actor, sender=config.mail_from, public_url=config.public_url)
        data = publishing.written(name_of(link), entries, sender=config.mail_from)
    return data, hashlib.sha256(data).hexdigest()[:32]


def name_of(link: CalendarLink) -> str:
    """What the calendar is called in the program that subscribes to it."""
    if link.person is not None:
        return _("Meetings chaired by %(name)s", name=f"{link.person.honorific} {link.person.name}".strip())
    if link.room is not None:
        return _("Meetings in %(room)s, %(site)s", room=link.room.name, site=link.site.name if link.site else "")
    if link.site is not None:
        return _("Meetings of the site %(site)s", site=link.site.name)
    return _("My meetings")


def entries_of(link: CalendarLink, actor: Actor, *, sender: str, public_url: str) -> list[Published]:
    """The meetings from some weeks ago to a year ahead, and what else takes the time of the site, room or person."""
    at = now()
    starts_at, ends_at = at - BACK, at + AHEAD
    if not actor.may("meeting.see"):
        raise _gone()
    bars = calendar_queries.bars_of(_meetings(link, actor, starts_at, ends_at), actor)
    entries = [
        _entry(meeting, bar, sender=sender, public_url=public_url)
        for meeting, bar in bars.values()
        if bar.look is not Look.DRAFT and (bar.look is not Look.OFF or meeting.sent_at is not None)
    ]
    return entries + [
        _busy_entry(busy, calendar_queries.block_bar(busy, actor), sender)
        for busy in _blocks(link, actor, starts_at, ends_at)
    ]


def _gone() -> Gone:
    return Gone(_("This calendar is no longer published at this address."))


def _meetings(link: CalendarLink, actor: Actor, starts_at: datetime, ends_at: datetime) -> sa.ColumnElement[bool]:
    if link.person_id is not None:
        seen = directory.people(actor).order_by(None).with_only_columns(Person.id)
        if db.session.scalar(seen.where(Person.id == link.person_id)) is None:
            raise _gone()
        return calendar_queries.chaired_by(actor, link.person_id, starts_at, ends_at)
    if link.site_id is not None:
        seen_site = sa.select(Site.id).join(Unit, Site.unit_id == Unit.id).where(directory.visible_to(actor))
        if db.session.scalar(seen_site.where(Site.id == link.site_id)) is None:
            raise _gone()
        ask = Ask()
        guests = calendar_queries.guests(actor, ask, starts_at, ends_at, Site.id == link.site_id)
        hosts = calendar_queries.hosts(actor, ask, starts_at, ends_at, Site.id == link.site_id)
        if link.room is not None:
            hosted = Meeting.host_room_id == link.room_id
            invited = {id for _site, id in guests} if link.room.is_default else set()
            return sa.or_(Meeting.id.in_(invited), sa.and_(hosted, Meeting.id.in_({id for _site, id in hosts})))
        return Meeting.id.in_({id for _site, id in [*guests, *hosts]})
    return sa.and_(calendar_queries.mine(actor), calendar_queries.shown(starts_at, ends_at))


def _blocks(link: CalendarLink, actor: Actor, starts_at: datetime, ends_at: datetime) -> list[Busy]:
    """Typed busy times only: what was read from another calendar stands there."""
    typed = Busy.feed_id.is_(None)
    if link.person_id is not None:
        return calendar_queries.busy_times(sa.and_(typed, Busy.person_id == link.person_id), starts_at, ends_at)
    if link.room_id is not None:
        place = sa.and_(Busy.site_id == link.site_id, sa.or_(Busy.room_id.is_(None), Busy.room_id == link.room_id))
        return calendar_queries.busy_times(sa.and_(typed, place), starts_at, ends_at)
    if link.site_id is not None:
        return calendar_queries.busy_times(sa.and_(typed, Busy.site_id == link.site_id), starts_at, ends_at)
    return []


_STATES: Final = {Look.FIRM: State.CONFIRMED, Look.HOLD: State.TENTATIVE, Look.OFF: State.CANCELLED}


def _entry(meeting: Meeting, bar: Bar, *, sender: str, public_url: str) -> Published:
    """*meeting* as an entry. No telephone number and no link of a site or of the video room: a calendar is passed on."""
    known = bool(bar.title)
    series = meeting.series
    chair = letters.titled(meeting.chair_honorific, meeting.chair_name, meeting.chair_title)
    host = meeting.host_site
    return Published(
        uid=letters.uid(meeting, sender),
        sequence=meeting.sequence,
        stamp=meeting.stamped_at or meeting.sent_at or meeting.changed_at,
        starts_at=bar.starts_at,
        ends_at=bar.ends_at,
        state=_STATES[bar.look],
        summary=_summary(bar),
        description=_("Chair: %(name)s", name=chair) if known and chair else "",
        location=_where(meeting) if known and host is not None else "",
        url=f"{public_url}/meetings/{meeting.code}" if known else "",
        organiser=bar.organiser,
        instance=instant(meeting.series_on, series.starts)
        if series is not None and meeting.series_on is not None
        else None,
    )


def _where(meeting: Meeting) -> str:
    host = meeting.host_site.name if meeting.host_site is not None else ""
    return f"{meeting.host_room.name}, {host}" if meeting.host_room is not None else host


def _summary(bar: Bar) -> str:
    """Many programs show nothing of STATUS, so the words say it too."""
    if not bar.title:
        return _("Busy: a meeting of %(unit)s", unit=bar.organiser)
    title = f"{bar.title} [{bar.code}]"
    if bar.look is Look.HOLD:
        return _("(Not settled) %(title)s", title=title)
    if bar.look is Look.OFF and bar.state == "postponed":
        return _("POSTPONED: %(title)s", title=title)
    return _("CANCELLED: %(title)s", title=title) if bar.look is Look.OFF else title


def _busy_entry(busy: Busy, bar: Bar, sender: str) -> Published:
    kind = _("busy") if bar.state == "busy" else str(KIND_WORDS[bar.state])
    words = f"{kind}: {bar.title}" if bar.title else kind
    return Published(
        uid=f"busy-{busy.id}@{sender.rpartition('@')[2]}",
        sequence=0,
        stamp=busy.made_at,
        starts_at=busy.starts_at,
        ends_at=busy.ends_at,
        state=State.CONFIRMED,
        summary=words[:1].upper() + words[1:],
    )
