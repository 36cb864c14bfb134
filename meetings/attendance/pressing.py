"""One press on the roll: what stands is read once, and what the press makes is written, one small statement a table.

In the minute in which a conference begins thousands of sites report themselves, so nothing here goes through an object
that nobody looks at afterwards. What is kept, refused and told is the same whoever presses: :func:`press` serves all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.attendance import queries
from meetings.attendance.models import Mark, Presence, Roll
from meetings.attendance.rules import (
    JUST,
    MAY,
    NOWHERE,
    STATE_WORDS,
    Marked,
    MarkSource,
    Move,
    RollStatus,
    Standing,
    State,
    after,
    check_correction,
    check_time,
    check_values,
    last_effective,
    pressed_at,
    standing,
    then,
)
from meetings.clock import now
from meetings.database import db
from meetings.errors import Forbidden, Refused
from meetings.i18n import gettext as _
from meetings.official.dates import clock_seconds
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import STATUS_WORDS, Status


@dataclass(frozen=True, slots=True)
class Place:
    """A site in a meeting, as far as a press needs to know it."""

    id: int
    name: str
    meeting_id: int
    code: str

    @classmethod
    def of(cls, site: MeetingSite) -> Place:
        return cls(site.id, site.name, site.meeting_id, site.meeting.code)

    @property
    def journal_subject(self) -> str:
        return f"presence:{self.id}"

    @property
    def journal_root(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True)
class Pressed:
    """What came of a press: its mark, and whether it *begins* a meeting whose hour has come and that nobody opened."""

    mark: int
    begins: bool = False


# --- what stands -----------------------------------------------------------------------------------------------------

_meeting, _site, _roll, _presence, _mark = (
    cast(sa.Table, model.__table__) for model in (Meeting, MeetingSite, Roll, Presence, Mark)
)
_STANDS: Final = (
    sa.select(
        _meeting.c.status.label("status"),
        _meeting.c.starts_at,
        _roll.c.status.label("roll"),
        _mark.c.id.label("sent"),
        _mark.c.meeting_site_id.label("sent_from"),
        _presence.c.id.label("presence"),
        *(
            _presence.c[name]
            for name in (
                "state",
                "since",
                "joined_at",
                "left_at",
                "lost_seconds",
                "head_count",
                "with_notice",
                "reason",
            )
        ),
        *(_presence.c[name] for name in ("source", "by", "actor", "marked_at")),
    )
    .select_from(_site)
    .join(_meeting, _meeting.c.id == _site.c.meeting_id)
    .outerjoin(_roll, _roll.c.meeting_id == _site.c.meeting_id)
    .outerjoin(_presence, _presence.c.meeting_site_id == _site.c.id)
    .outerjoin(_mark, _mark.c.once == sa.bindparam("once"))
    .where(_site.c.id == sa.bindparam("site"))
)
_HELD: Final = {
    together: sa.select(_meeting.c.id)
    .where(_meeting.c.id == sa.bindparam("meeting"))
    .with_for_update(read=together, key_share=not together)
    for together in (True, False)
}
_HELD_SITE: Final = sa.select(_site.c.id).where(_site.c.id == sa.bindparam("site")).with_for_update(key_share=True)
_MARK: Final = _mark.insert().returning(_mark.c.id)
_ROLL: Final = _roll.insert()
_PRESENCE: Final = _presence.insert()
_PRESENCE_MOVED: Final = (
    _presence.update()
    .where(_presence.c.id == sa.bindparam("presence"))
    .values(
        {
            column.name: sa.bindparam(column.name)
            for column in _presence.c
            if column.name not in ("id", "meeting_site_id")
        }
    )
)


def _stands(connection: sa.Connection, place: Place, once: str | None) -> tuple[Any, bool]:
    """What decides about a press, held until this transaction ends, with the roll made at its first need; and whether
    the press begins a meeting whose hour has come and that nobody opened.

    Whoever marks a site holds that site, and the roll open, beside others who mark other sites: two presses about one
    site meet, and none meets the closing half-way. Who makes the roll, or begins a meeting that nobody opened, holds the
    meeting alone. The meeting first, then one site: nobody waits in a ring. SQLite has one writer anyway.
    """
    asked = {"site": place.id, "once": once}
    found = connection.execute(_STANDS, asked).one()
    begins = found.status is Status.SCHEDULED and now() >= begins_at(found.starts_at)
    if connection.dialect.name == "postgresql":
        together = found.roll is not None and not begins
        connection.execute(_HELD[together], {"meeting": place.meeting_id})
        connection.execute(_HELD_SITE, {"site": place.id})
        found = connection.execute(_STANDS, asked).one()
    if found.roll is None:
        connection.execute(
            _ROLL, {"meeting_id": place.meeting_id, "status": RollStatus.OPEN, "opened_at": now(), "closed_by": ""}
        )
        found = connection.execute(_STANDS, asked).one()
    return found, begins and found.status is Status.SCHEDULED


def begins_at(starts_at: datetime | None) -> datetime:
    if starts_at is None:
        raise Refused(_("This meeting has no time yet."))
    return starts_at


def check_open(
    status: Status, starts_at: datetime | None, roll: RollStatus, source: MarkSource, correction: str
) -> None:
    """Refuse what comes before its time, or after the roll was closed without saying why."""
    if roll is RollStatus.CLOSED:
        if source is MarkSource.SELF:
            raise Refused(_("The roll of this meeting is closed. Ring the office."))
        check_correction(roll, correction)
        return
    if status not in (Status.SCHEDULED, Status.IN_SESSION):
        raise Refused(_("The roll of a meeting that is “%(status)s” cannot be called.", status=STATUS_WORDS[status]))
    check_time(source, now=now(), starts_at=begins_at(starts_at))


# --- the press -------------------------------------------------------------------------------------------------------


def press(
    place: Place,
    move: Move,
    *,
    actor: Actor,
    source: MarkSource,
    head_count: int | None = None,
    with_notice: bool | None = None,
    reason: str = "",
    correction: str = "",
    once: str | None = None,
    age: float | None = None,
) -> Pressed:
    """Mark the site at *place*; see :func:`meetings.attendance.services.mark`."""
    check_values(move, head_count=head_count, with_notice=with_notice, reason=reason)
    if move not in MAY[source]:
        raise Refused(_("A site cannot mark this for itself. Ring the office."))
    db.session.flush()
    connection = db.session.connection()
    stood, begins = _stands(connection, place, once)
    if stood.sent is not None:
        if stood.sent_from != place.id:
            raise Forbidden(_("This mark belongs to another site."))
        return Pressed(stood.sent)
    check_open(stood.status, stood.starts_at, stood.roll, source, correction)
    known = stood.presence is not None
    at = pressed_at(age, now=now(), newest=stood.marked_at if known else None)
    # what a device kept may have been pressed before the mark that stands: it follows what stood at its own moment
    late = known and (stood.marked_at is None or at < stood.marked_at)
    if late:
        before = standing(mark for mark in queries.marked(queries.marks_of(place.id)) if mark.at <= at)
    else:
        before = _standing(stood) if known else NOWHERE
        if known and source is MarkSource.SELF and (said := _said_already(place, stood, move, head_count)) is not None:
            return Pressed(said)
    state = _after(before, stood, move, actor)
    made: dict[str, Any] = {
        "meeting_id": place.meeting_id,
        "meeting_site_id": place.id,
        "at": at,
        "before": before.state,
        "after": state,
        "head_count": head_count if state is State.IN else None,
        "with_notice": bool(with_notice) if state is State.ABSENT else None,
        "reason": reason,
        "correction": correction if stood.roll is RollStatus.CLOSED else "",
        "note": "",
        "source": source,
        "by": actor.name[:200],
        "actor": actor.key,
        "once": once,
        "undoes_id": None,
    }
    id: int = connection.execute(_MARK, made).scalar_one()
    if late:
        add_up(place, at)
    else:
        stands = then(before, Marked(0, at, state, made["head_count"], made["with_notice"], reason))
        put(place, stood.presence, stands, at, source=source, by=made["by"], actor=actor.key, marked_at=at)
    details: dict[str, Any] = {"site": place.name, "before": before.state, "after": state, "source": source}
    for name in ("head_count", "with_notice", "reason", "correction"):
        if made[name] not in (None, ""):
            details[name] = made[name]
    journal.write("presence.corrected" if made["correction"] else "presence.marked", place, actor=actor, **details)
    return Pressed(id, begins)


def _standing(stood: Any) -> Standing:
    return Standing(
        stood.state, stood.since, stood.joined_at, stood.left_at, stood.lost_seconds, stood.head_count, stood.with_notice,
        stood.reason,
    )  # fmt: skip


def _after(before: Standing, stood: Any, move: Move, actor: Actor) -> State:
    """Where *move* leads; a refusal says who marked the site just now, if that was somebody else."""
    try:
        return after(before.state, move)
    except Refused:
        if stood.marked_at is None or stood.actor in ("", actor.key) or now() - stood.marked_at > JUST:
            raise
        raise Refused(
            _(
                "%(who)s has just marked this site “%(state)s”, at %(time)s; that mark does not follow from it.",
                who=stood.by,
                state=STATE_WORDS[stood.state],
                time=clock_seconds(stood.marked_at),
            )  # fmt: skip
        ) from None


def _said_already(place: Place, stood: Any, move: Move, head_count: int | None) -> int | None:
    """The newest mark of a site, if the site itself said just this: a button pressed twice is one fact."""
    if stood.source is not MarkSource.SELF:
        return None
    if stood.state != move.value or (move is Move.IN and stood.head_count != head_count):
        return None
    found = _newest(queries.marks_of(place.id))
    return found.id if found is not None and found.source is MarkSource.SELF else None


def _newest(marks: Sequence[Mark]) -> Mark | None:
    """The newest of *marks* that counts."""
    newest = last_effective(queries.marked(marks))
    return next((mark for mark in marks if newest is not None and mark.id == newest.id), None)


# --- what stands from now on -----------------------------------------------------------------------------------------


def add_up(place: Place, at: datetime) -> None:
    """Make what stands for the site at *place* the sum of all its marks, the newest of which came in *at*."""
    marks = queries.marks_of(place.id)
    last = _newest(marks) or marks[-1]
    stood = queries.presence(place.id)
    put(
        place, stood.id if stood else None, standing(queries.marked(marks)), at, source=last.source, by=last.by,
        actor=last.actor, marked_at=last.at,
    )  # fmt: skip


def put(
    place: Place,
    presence: int | None,
    stands: Standing,
    at: datetime,
    *,
    source: MarkSource,
    by: str,
    actor: str,
    marked_at: datetime,
) -> None:
    """Keep what *stands* for the site at *place*, as its newest mark made it."""
    row = {
        "state": stands.state,
        "since": stands.since or at,
        "joined_at": stands.joined_at,
        "left_at": stands.left_at,
        "lost_seconds": stands.lost_seconds,
        "head_count": stands.head_count,
        "with_notice": stands.with_notice,
        "reason": stands.reason,
        "source": source,
        "by": by,
        "actor": actor,
        "marked_at": marked_at,
    }
    connection = db.session.connection()
    if presence is None:
        connection.execute(_PRESENCE, {"meeting_site_id": place.id, **row})
        return
    connection.execute(_PRESENCE_MOVED, {"presence": presence, **row})
    held = db.session.identity_map.get(Presence.__mapper__.identity_key_from_primary_key((presence,)))
    if held is not None:
        db.session.expire(held)
