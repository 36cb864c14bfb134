"""The verbs of hours that are taken by what is no meeting of ours: typed in, or read from a calendar kept elsewhere.

None of them changes a meeting: who booked an hour that is taken afterwards is told, and decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import SYSTEM, Actor
from meetings.adapters.feeds import Answer, Failed, Unchanged
from meetings.clock import instant, now, wall
from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.scheduling import feed_reading, holding
from meetings.scheduling.feed_reading import Span, Unreadable
from meetings.scheduling.models import Booking, Busy, BusyKind, Feed
from meetings.scheduling.occupancy import Whose, kinds_for, of

EVERY: Final = timedelta(minutes=30)
"""How often a calendar kept elsewhere is read again."""

HORIZON: Final = timedelta(days=400)
LONGEST: Final = timedelta(days=366)


# ------------------------------------------------------------------ typed in


def block(
    whose: Whose, kind: BusyKind, starts_at: datetime, ends_at: datetime, *, title: str = "", actor: Actor
) -> Busy:
    """Say that *whose* time is taken between two instants. Raises :class:`Refused` for hours that cannot be meant."""
    if kind not in kinds_for(whose):
        raise Refused(_("Choose what the time is taken by."), field="kind", status=422)
    if ends_at <= starts_at:
        raise Refused(_("The end must lie after the beginning."), field="last_day", status=422)
    if ends_at <= now():
        raise Refused(_("This time is over already."), field="last_day", status=422)
    late = starts_at > now() + 2 * LONGEST
    if late or ends_at - starts_at > LONGEST:
        field = "first_day" if late else "last_day"
        raise Refused(_("Enter at most a year, beginning within the next two."), field=field, status=422)
    standing = _entered(whose, kind, starts_at, ends_at, title)
    if standing is not None:  # pressed twice
        return standing
    made = Busy(
        **of(whose),
        kind=kind,
        title=title,
        starts_at=starts_at,
        ends_at=ends_at,
        made_by=actor.name[:120],
        made_at=now(),
    )
    db.session.add(made)
    db.session.flush()
    holding.block(made)
    told: dict[str, Any] = {"kind": kind.value, "starts_at": starts_at, "ends_at": ends_at, "title": title, **of(whose)}
    journal.record("block.made", made, actor=actor, **told)
    return made


def _entered(whose: Whose, kind: BusyKind, starts_at: datetime, ends_at: datetime, title: str) -> Busy | None:
    """The very same busy time, where it stands already."""
    mine = {"site_id": None, "room_id": None, "person_id": None, **of(whose)}
    same = (
        sa.select(Busy)
        .where(Busy.ended_at.is_(None), Busy.feed_id.is_(None))
        .filter_by(kind=kind, starts_at=starts_at, ends_at=ends_at, title=title, **mine)
    )
    return db.session.scalars(same.limit(1)).first()


def lift(busy: Busy, *, actor: Actor) -> None:
    """Take a typed busy time back: its hours are free again."""
    if busy.ended_at is None:
        busy.ended_at = now()
        holding.unblock(busy)
        journal.record("block.lifted", busy, actor=actor)


# ------------------------------------------------------------------ kept elsewhere


def subscribe(whose: Whose, url: str, *, keeps_titles: bool, actor: Actor) -> Feed:
    """Read the calendar at *url* from now on. It is asked by the worker, never here: what is wrong shows a little later."""
    host = host_of(url)
    if host is None:
        raise Refused(
            _("Enter the address of an iCalendar feed: it begins with https://, http:// or webcal://."),
            field="url",
            status=422,
        )
    mine = {"site_id": None, "room_id": None, "person_id": None, **of(whose)}
    same = sa.select(Feed.id).where(Feed.ended_at.is_(None), Feed.url == url)
    for name, value in mine.items():
        column = getattr(Feed, name)
        same = same.where(column.is_(None) if value is None else column == value)
    if db.session.scalar(same.limit(1)) is not None:
        raise Refused(_("This calendar is subscribed to already."), field="url")
    made = Feed(**of(whose), url=url, keeps_titles=keeps_titles, made_by=actor.name[:120], made_at=now())
    db.session.add(made)
    db.session.flush()
    told: dict[str, Any] = {"host": host, "titles": keeps_titles, **of(whose)}
    journal.record("feed.subscribed", made, actor=actor, **told)
    return made


def host_of(url: str) -> str | None:
    """The host that *url* names; None where it is no address of a calendar."""
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        return None
    good = parts.scheme in ("http", "https", "webcal") and not any(c.isspace() or not c.isprintable() for c in url)
    return (parts.hostname or None) if good and len(url) <= 2000 else None


def unsubscribe(feed: Feed, *, actor: Actor) -> None:
    """Read it no more: what was known by it is forgotten."""
    if feed.ended_at is None:
        feed.ended_at = now()
        _forget(feed, [])
        journal.record("feed.ended", feed, actor=actor)


# the errand of the worker: ask what is wanted, go with no transaction open, keep the answer


@dataclass(frozen=True)
class Wanted:
    """A calendar that is to be read, and for which days."""

    feed_id: int
    url: str
    etag: str
    begins_at: datetime
    ends_at: datetime
    titles: bool


@dataclass(frozen=True)
class Brought:
    """What was found: the busy hours, or None where nothing has changed; or the word for what went wrong."""

    spans: tuple[Span, ...] | None = None
    etag: str = ""
    fault: str = ""


def due(at: datetime, limit: int = 20) -> list[Wanted]:
    """The calendars kept elsewhere that want to be read, the longest unread first."""
    begins_at = instant(wall(at).date() - timedelta(days=1), time())
    ends_at = begins_at + timedelta(days=1) + HORIZON
    late = sa.or_(Feed.last_try_at.is_(None), Feed.last_try_at <= at - EVERY)
    query = sa.select(Feed).where(Feed.ended_at.is_(None), late).order_by(Feed.last_try_at.nulls_first(), Feed.id)
    return [
        # a calendar that says "unchanged" would never reach further than on the day it was read whole: once a day it is
        Wanted(
            feed.id, feed.url, feed.etag if feed.covers_until == ends_at else "", begins_at, ends_at, feed.keeps_titles
        )
        for feed in db.session.scalars(query.limit(limit))
    ]


def go(wanted: Wanted, fetch: Callable[[str, str], Answer]) -> Brought:
    """Fetch and read one calendar. Touches no database: it may take its time."""
    answer = fetch(wanted.url, wanted.etag)
    if isinstance(answer, Failed):
        return Brought(fault=answer.why.value)
    if isinstance(answer, Unchanged):
        return Brought(etag=wanted.etag)
    try:
        spans = feed_reading.read(answer.body, wanted.begins_at, wanted.ends_at, titles=wanted.titles)
    except Unreadable as unreadable:
        return Brought(fault=unreadable.why.value)
    return Brought(tuple(spans), answer.etag)


def keep(wanted: Wanted, brought: Brought, at: datetime) -> None:
    """Keep what was found. A calendar that could not be read stays as it was known, and says since when."""
    feed = db.session.get(Feed, wanted.feed_id, with_for_update=True, populate_existing=True)
    if feed is None or feed.ended_at is not None:
        return
    feed.last_try_at = at
    if brought.fault:
        if not feed.fault:
            journal.record("feed.failed", feed, actor=SYSTEM, why=brought.fault)
        feed.fault = brought.fault
        return
    if feed.fault:
        journal.record("feed.recovered", feed, actor=SYSTEM)
    feed.fault, feed.last_ok_at, feed.etag = "", at, brought.etag
    if brought.spans is not None:
        added, dropped = _write(feed, brought.spans, wanted, at)
        feed.covers_until = wanted.ends_at
        if added or dropped:
            journal.record("feed.read", feed, actor=SYSTEM, added=added, dropped=dropped)


def _write(feed: Feed, spans: Sequence[Span], wanted: Wanted, at: datetime) -> tuple[int, int]:
    """Make what is known of *feed* equal to *spans*; returns how many were added and dropped.

    A span that is still there keeps its row, and so the instant since when it has been known; that its past is cut off
    and that the horizon moves on is no change.
    """
    standing = {
        (max(busy.starts_at, wanted.begins_at), busy.title): busy
        for busy in db.session.scalars(sa.select(Busy).where(Busy.feed_id == feed.id, Busy.ended_at.is_(None)))
        if busy.ends_at > wanted.begins_at
    }
    stays: list[int] = []
    fresh: list[Span] = []
    for span in spans:
        busy = standing.get((span.starts_at, span.title))
        if busy is not None and busy.ends_at == span.ends_at:
            stays.append(busy.id)
        elif busy is not None and busy.ends_at == feed.covers_until and span.ends_at > busy.ends_at:
            busy.ends_at = span.ends_at
            holding.unblock(busy)
            holding.block(busy)
            stays.append(busy.id)
        else:
            fresh.append(span)
    dropped = _forget(feed, stays)
    made = [
        Busy(
            site_id=feed.site_id,
            room_id=feed.room_id,
            person_id=feed.person_id,
            kind=BusyKind.FEED,
            title=span.title,
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            feed_id=feed.id,
            made_by=feed.made_by,
            made_at=at,
        )
        for span in fresh
    ]
    db.session.add_all(made)
    db.session.flush()
    for busy in made:
        holding.block(busy)
    return len(made), dropped


def _forget(feed: Feed, but: Sequence[int]) -> int:
    """Drop what is known by *feed* except the rows *but*; they were a copy, so nothing of them is kept."""
    known = set(db.session.scalars(sa.select(Busy.id).where(Busy.feed_id == feed.id)))
    gone = sorted(known - set(but))
    for chunk in (gone[i : i + 500] for i in range(0, len(gone), 500)):
        db.session.execute(sa.delete(Booking).where(Booking.busy_id.in_(chunk)))
        db.session.execute(sa.delete(Busy).where(Busy.id.in_(chunk)))
    return len(gone)
