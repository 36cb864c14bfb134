"""Meetings that come again: planned, made and sent together; each date is a meeting of its own.

A second room of ``services``: the same rules hold. All dates of a series are booked in one transaction or none is: half a
series would be a promise that nobody gave.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.clock import instant, now, wall
from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.numbering import services as numbering
from meetings.official.dates import date_short
from meetings.scheduling import clashes, holding, queries, recurrence, rules, ruling, services, working_time
from meetings.scheduling.clashes import Collision
from meetings.scheduling.models import AgendaItem, Meeting, MeetingPerson, MeetingSeries, MeetingSite
from meetings.scheduling.recurrence import Choice, Occurrence, Rule
from meetings.scheduling.rules import Move, Status
from meetings.scheduling.series_moves import lock, on_its_day

MAX_PLACES: Final = 60_000
"""Dates times sites of one series: a quarter of weeks at national scale, written in some seconds."""

_OF_ONE: Final = frozenset(
    {
        "id", "code", "earlier_code", "uid", "status", "starts_at", "ends_at", "reply_by", "rehearsal_at", "sequence", "paper",
        "stamped_at", "created_at", "changed_at", "changed_by", "sent_at", "opened_at", "ended_at", "closed_at", "edition",
        "series_id", "series_on",
    }
)  # fmt: skip
"""What each date has for itself; all else it has from the first."""


# ------------------------------------------------------------------ the list before anything is made


@dataclass(frozen=True)
class Planned:
    """One date as it stands on the list: when it is held and what required is taken then. *starts_at* None: left out."""

    one: Occurrence
    starts_at: datetime | None
    busy: Sequence[Collision] = ()


def plan(meeting: Meeting, rule: Rule, choices: Mapping[date, Choice], *, actor: Actor) -> list[Planned]:
    """The dates of *rule* from the day of *meeting* on, each with what is done with it, why, and who is busy then."""
    starts_at = _timed(meeting)
    found = _occurrences(rule, starts_at, choices)
    length = timedelta(minutes=meeting.minutes_long)
    listed = []
    for one in found:
        if one.on is None:
            listed.append(Planned(one, None))
            continue
        begins = instant(one.on, wall(starts_at).time())
        busy = clashes.collisions(meeting, begins, begins + length, actor)
        listed.append(Planned(one, begins, [c for c in busy if c.required]))
    return listed


def _occurrences(rule: Rule, starts_at: datetime, choices: Mapping[date, Choice]) -> list[Occurrence]:
    first = wall(starts_at).date()
    names = {
        day.day: day.name
        for year in (first.year, first.year + 1, first.year + 2)
        for day in working_time.overrides(year)
    }
    return recurrence.dates(rule, first, working_time.calendar(), choices, names)


def _timed(meeting: Meeting) -> datetime:
    if meeting.starts_at is None:
        raise Refused(_("Set the time of the first date first."), status=422)
    return meeting.starts_at


# ------------------------------------------------------------------ making


def make(
    meeting: Meeting,
    rule: Rule,
    choices: Mapping[date, Choice],
    *,
    actor: Actor,
    in_spite_of: str = "",
    edition: int | None = None,
) -> MeetingSeries:
    """Make the draft *meeting* the first date of a series and book all others, or none: whatever is busy is named by its date.

    Where the first day itself is left out or moved, the draft moves to the first day that is held.
    """
    rules.after(meeting.status, Move.SEND)  # a draft: what was sent is changed and told, see ``moving``
    services.check_edition(meeting, edition)
    if meeting.series_id is not None:
        raise Refused(_("This meeting belongs to a series already. Take the series back first."))
    starts_at = _timed(meeting)
    days = recurrence.held(_occurrences(rule, starts_at, choices))
    sites = queries.site_count(meeting)
    if len(days) * sites > MAX_PLACES:
        raise Refused(
            _(
                "%(dates)s dates with %(sites)s sites are more than one series can hold. Choose fewer dates.",
                dates=len(days),
                sites=sites,
            ),
            status=422,
        )
    at = wall(starts_at).time()
    made = MeetingSeries(
        uid=str(uuid.uuid4()),
        rule=recurrence.text(rule, at),
        first_on=wall(starts_at).date(),
        starts=at,
        minutes_long=meeting.minutes_long,
        title=meeting.title,
        organiser_id=meeting.organiser_id,
        made_by=actor.name[:120],
        made_at=now(),
    )
    db.session.add(made)
    db.session.flush()
    busy = _put_first(meeting, days[0], at, actor, in_spite_of)
    meeting.series, meeting.series_on = made, days[0]
    for day in days[1:]:
        other = _another(meeting, day, at, actor)
        busy += _taken(other, actor, in_spite_of)
    if busy:
        raise Refused(_named(busy), field="in_spite_of")
    meeting.edition += 1
    meeting.changed_at, meeting.changed_by = now(), actor.name
    journal.record(
        "series.made", meeting, actor=actor, rule=made.rule, dates=[day.isoformat() for day in days], count=len(days)
    )
    return made


def _put_first(meeting: Meeting, day: date, at: time, actor: Actor, in_spite_of: str) -> list[str]:
    """Move the draft to the first day that is held, if it stands on another."""
    starts_at = instant(day, at)
    if starts_at == meeting.starts_at:
        return _taken(meeting, actor, in_spite_of) if not clashes.accepted(meeting) else []
    try:
        services.place(meeting, starts_at, meeting.minutes_long, actor=actor, in_spite_of=in_spite_of)
    except Refused as refused:
        if refused.field != "in_spite_of":
            raise
        return [_busy_on(meeting, actor)]
    return []


def _another(first: Meeting, day: date, at: time, actor: Actor) -> Meeting:
    """A draft like *first* on *day*, with its own code, agenda, sites and people."""
    starts_at, made_at = instant(day, at), now()
    rules.check_time(starts_at, first.minutes_long, now=made_at)
    other = Meeting(
        **_shared(first),
        code=rules.code_of(day.year, numbering.take("meeting", day.year)),
        uid=str(uuid.uuid4()),
        status=Status.DRAFT,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=first.minutes_long),
        rehearsal_at=ruling.rehearsal_at(starts_at, at=made_at),
        created_at=made_at,
        changed_at=made_at,
        changed_by=actor.name,
        series_id=first.series_id or (first.series.id if first.series else None),
        series_on=day,
    )
    other.organiser = first.organiser
    db.session.add(other)
    db.session.flush()
    _same_rows(first, other)
    journal.record("meeting.drafted", other, actor=actor, title=other.title, series=first.code)
    return other


def _shared(first: Meeting) -> dict[str, Any]:
    return {
        key: getattr(first, key)
        for key in (attr.key for attr in sa.inspect(Meeting).column_attrs)
        if key not in _OF_ONE
    }


def _same_rows(first: Meeting, other: Meeting) -> None:
    """Give *other* the sites, the people and the agenda of *first*, in one statement each."""
    for table in (MeetingSite, AgendaItem, MeetingPerson):
        columns = [c.key for c in table.__table__.columns if c.key not in ("id", "meeting_id")]
        db.session.execute(sa.delete(table).where(table.meeting_id == other.id))
        rows = sa.select(sa.literal(other.id), *(getattr(table, key) for key in columns))
        rows = rows.where(table.meeting_id == first.id).order_by(table.id)
        if table is MeetingSite:
            rows = rows.where(MeetingSite.removed_at.is_(None))
        db.session.execute(sa.insert(table).from_select(["meeting_id", *columns], rows))


def _taken(meeting: Meeting, actor: Actor, in_spite_of: str) -> list[str]:
    """Hold what *meeting* needs; the sentence that names what is busy where something is."""
    try:
        holding.take(meeting, actor=actor, in_spite_of=in_spite_of)
    except Refused as refused:
        if refused.field != "in_spite_of":
            raise
        return [_busy_on(meeting, actor)]
    return []


def _busy_on(meeting: Meeting, actor: Actor) -> str:
    assert meeting.starts_at is not None and meeting.ends_at is not None
    found = clashes.collisions(meeting, meeting.starts_at, meeting.ends_at, actor)
    return f"{date_short(meeting.starts_at)}: {clashes.listed([c for c in found if c.required])}"


def _named(busy: Sequence[str]) -> str:
    return _(
        "Busy on %(count)s dates: %(names)s. Nothing has been booked. Leave these dates out or move them, or hold them all "
        "the same with a reason.",
        count=len(busy),
        names="; ".join(busy[:8]) + ("…" if len(busy) > 8 else ""),
    )


def take_back(meeting: Meeting, *, actor: Actor) -> None:
    """Give up the other dates of a series that was not sent yet; *meeting* is a single draft again."""
    rules.after(meeting.status, Move.SEND)
    others = queries.unsent_beside(meeting)
    if meeting.series_id is None or len(others) + 1 != len(queries.dates_of_series(meeting)):
        raise Refused(_("Only a series of which nothing was sent yet can be taken back."))
    for other in others:
        services.drop_draft(other, actor=actor)
        other.series_id = other.series_on = None
    meeting.series = meeting.series_on = None
    meeting.edition += 1
    journal.record("series.taken_back", meeting, actor=actor, count=len(others) + 1)


# ------------------------------------------------------------------ sending


def first_of(meeting: Meeting) -> Meeting:
    """The draft whose last step sends *meeting*: itself, or the first date of its series that was not sent yet."""
    return min((meeting, *queries.unsent_beside(meeting)), key=lambda one: one.series_on or date.min)


def send(meeting: Meeting, reply_by: datetime, *, actor: Actor, move: Move = Move.SEND) -> None:
    """Release the invitations of *meeting* and of every date of its series that was not sent yet, or of none.

    A date that nobody touched since it was made takes over what the first says now. Each date has a deadline of its own. All of
    them stand on one giấy mời, so they bear its number.
    """
    others = _beside(meeting)
    services.send(meeting, reply_by, actor=actor, move=move)
    for other in others:
        _like_first(meeting, other)
        other.invitation_number, other.invitation_on = meeting.invitation_number, meeting.invitation_on
        with on_its_day(other):
            services.send(other, _answer_by(meeting, other, reply_by), actor=actor, move=move)


def check_sendable(meeting: Meeting, reply_by: datetime, *, actor: Actor) -> None:
    """As :func:`services.check_sendable`, for every date that would leave."""
    others = _beside(meeting)
    services.check_sendable(meeting, reply_by, actor=actor)
    for other in others:
        _like_first(meeting, other)
        with on_its_day(other):
            services.check_sendable(other, _answer_by(meeting, other, reply_by), actor=actor)


def follow(meeting: Meeting, *, actor: Actor) -> None:
    """The other dates go where *meeting* has gone: handed in for approval with firm holds, or back to the draft."""
    for other in queries.unsent_beside(meeting):
        other.status = meeting.status
        if meeting.status is Status.DRAFT:
            holding.loosen(other)
        else:
            with on_its_day(other):
                holding.confirm(other, actor=actor)


def _beside(meeting: Meeting) -> Sequence[Meeting]:
    """The dates that leave with *meeting*; raises :class:`Refused` where an earlier one sends them all."""
    others = queries.unsent_beside(meeting)
    lock([meeting, *others])
    first = first_of(meeting)
    if first is not meeting:
        raise Refused(_("This date leaves with its series, from its first date %(code)s.", code=first.code), status=422)
    return others


def _answer_by(first: Meeting, other: Meeting, reply_by: datetime) -> datetime:
    assert first.starts_at is not None and other.starts_at is not None
    at = recurrence.answer_by(reply_by, first.starts_at, other.starts_at, working_time.calendar())
    return at if now() < at < other.starts_at else services.usual_reply_by(other) or reply_by


def _like_first(first: Meeting, other: Meeting) -> None:
    """Let a date that nobody touched say what the first one says; its day and its hour stay its own."""
    if other.edition != 1 or other.starts_at is None:
        return
    for key, value in _shared(first).items():
        setattr(other, key, value)
    other.ends_at = other.starts_at + timedelta(minutes=other.minutes_long)
    db.session.flush()
    _same_rows(first, other)
