"""Holding what a meeting needs: its sites, its room, its chair and whoever else must be there, each for its span.

A draft holds tentatively (giữ chỗ) and for a while; what is sent holds firmly. The check here names what stands in the
way; that two never hold the same is the database's own word (``models.GUARDS``), whatever this module overlooks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.clock import now
from meetings.database import db
from meetings.directory.models import Site
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.scheduling import clashes, rules
from meetings.scheduling.clashes import Collision
from meetings.scheduling.models import LONGEST, Booking, Busy, Clash, Meeting
from meetings.scheduling.rules import Status

_LOCK: Final = 0x626F6F6B
"""PostgreSQL's advisory lock: who books waits for who is booking, else two that want the same sites in another order
would each wait for the other. On SQLite writers are one at a time anyway."""


def take(
    meeting: Meeting,
    *,
    actor: Actor,
    span: tuple[datetime, datetime] | None = None,
    in_spite_of: str = "",
    displacing: bool = False,
) -> None:
    """Hold everything *meeting* needs for its hours, in the place of what it held before; *span* are new ones for it.

    Whatever required is taken by another is refused by name, unless *in_spite_of* gives a reason: then it is invited
    without being held, and both organisers are told when the invitations leave. *displacing* lets what other drafts
    only hold give way; their organisers are told at once. Raises :class:`Refused` with the field ``in_spite_of``.
    """
    found = _standing_in_the_way(meeting, actor, span)
    held = [c for c in found if c.tentative]
    firm = [c for c in found if not c.tentative]
    blocking = firm if displacing else found
    if blocking and not in_spite_of:
        raise Refused(_named(blocking), field="in_spite_of")
    if blocking:
        in_spite_of = rules.explained(in_spite_of, field="in_spite_of")
    if span is not None:
        meeting.starts_at, meeting.ends_at = span
    if displacing and held:
        _displace(meeting, held, actor)
    db.session.execute(sa.delete(Clash).where(Clash.meeting_id == meeting.id))
    if blocking:
        _accept(meeting, blocking, in_spite_of, actor)
    _book(meeting, blocking)


def renew(meeting: Meeting, *, actor: Actor) -> None:
    """Hold again what *meeting* needs after its sites, its room or its people changed while it had a time.

    What is taken meanwhile is left unheld; the step of the time shows it and sending refuses it, so that a list of sites
    can be changed without first settling the hour.
    """
    if meeting.starts_at is not None and meeting.status is Status.DRAFT:
        _book(meeting, _standing_in_the_way(meeting, actor))


def confirm(meeting: Meeting, *, actor: Actor) -> None:
    """Make the hold of *meeting* firm: it is handed in, or its invitations leave. What ran out is taken again.

    Raises :class:`Refused` naming what another took in the meantime, unless that collision was accepted.
    """
    found = _standing_in_the_way(meeting, actor)
    accepted = {code for clash in clashes.accepted(meeting) for code in clash.with_meetings}
    # who was invited elsewhere all the same since does not undo this hold; that organiser knew, and both are told
    taken = [c for c in found if c.key not in accepted and (c.exclusive or not c.code)]
    if taken:
        raise Refused(
            _(
                "%(names)s: booked by another in the meantime. Go back to the step of the time.",
                names=clashes.listed(taken),
            )
        )
    _book(meeting, found, firm=True)


def loosen(meeting: Meeting) -> None:
    """A meeting that went back to its draft holds tentatively again."""
    until = _until(meeting)
    db.session.execute(sa.update(Booking).where(Booking.meeting_id == meeting.id).values(expires_at=until))


def release(meeting: Meeting) -> None:
    """Give everything back: the meeting is cancelled, postponed or given up."""
    db.session.execute(sa.delete(Booking).where(Booking.meeting_id == meeting.id))


def release_sites(meeting: Meeting, site_ids: Collection[int]) -> None:
    """Give back the *site_ids* that are no longer invited."""
    ids = sorted(site_ids)
    for chunk in (ids[i : i + 500] for i in range(0, len(ids), 500)):
        mine = sa.and_(Booking.meeting_id == meeting.id, Booking.site_id.in_(chunk))
        db.session.execute(sa.delete(Booking).where(mine))


def take_also(meeting: Meeting, sites: Sequence[Site], *, actor: Actor, in_spite_of: str = "") -> None:
    """Hold *sites* beside what the meeting holds already. Nothing else is looked at: who brings her own sites neither waits
    for nor hears of what stands in the way of another's.

    What is taken is refused by name, unless *in_spite_of* gives a reason: then it is invited without being held.
    """
    assert meeting.starts_at is not None and meeting.ends_at is not None
    _one_at_a_time()
    sweep()
    found = clashes.of_sites(meeting, sites, meeting.starts_at, meeting.ends_at, actor)
    found = [c for c in found if c.exclusive or not c.tentative]
    if found and not in_spite_of:
        names = sorted({c.name for c in found})
        raise Refused(
            _(
                "Busy then (%(count)s): %(names)s. Leave them out, or bring them all the same with a reason.",
                count=len(names),
                names=", ".join(names[:5]) + ("…" if len(names) > 5 else ""),
            ),
            field="in_spite_of",
        )
    if found:
        _accept(meeting, found, rules.explained(in_spite_of, field="in_spite_of"), actor)
    unheld = {c.resource for c in found if c.exclusive}
    _insert(
        [
            {
                "site_id": site.id,
                "person_id": None,
                "room_id": None,
                "meeting_id": meeting.id,
                "starts_at": meeting.starts_at,
                "ends_at": meeting.ends_at,
                "exclusive": ("site", site.id) not in unheld,
                "expires_at": None,
            }
            for site in sorted(sites, key=lambda site: site.id)
        ]
    )


def sweep() -> None:
    """Take away the holds that ran out."""
    db.session.execute(sa.delete(Booking).where(Booking.expires_at <= now()))


def block(busy: Busy) -> None:
    """Mark the span of *busy* as taken, in pieces no longer than a booking may be. It stops nobody by itself: who books
    over it is told, and may do so with a reason."""
    resource = {"site_id": busy.site_id, "room_id": busy.room_id, "person_id": busy.person_id}
    pieces = [
        {"busy_id": busy.id, "starts_at": begins, "ends_at": ends, "exclusive": False, **resource}
        for begins, ends in _pieces(busy.starts_at, busy.ends_at)
    ]
    if pieces:
        db.session.execute(sa.insert(Booking), pieces)


def unblock(busy: Busy) -> None:
    """The span of *busy* is free again."""
    db.session.execute(sa.delete(Booking).where(Booking.busy_id == busy.id))


# ------------------------------------------------------------------ how


def _standing_in_the_way(
    meeting: Meeting, actor: Actor, span: tuple[datetime, datetime] | None = None
) -> list[Collision]:
    """What the required sites, room and people of *meeting* are busy with in its hours; holds that ran out are swept."""
    starts_at, ends_at = span or (meeting.starts_at, meeting.ends_at)
    if starts_at is None or ends_at is None:
        raise Refused(_("Set the time of the meeting first."), status=422)
    _one_at_a_time()
    sweep()
    found = clashes.collisions(meeting, starts_at, ends_at, actor)
    # a draft's hold that gave way holds nothing any more
    return [c for c in found if c.required and (c.exclusive or not c.tentative)]


def _one_at_a_time() -> None:
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _named(found: Sequence[Collision]) -> str:
    return _(
        "Busy then (%(count)s): %(names)s. Choose another time, leave them out, or invite all the same with a reason.",
        count=len({c.resource for c in found}),
        names=clashes.listed(found),
    )


def _displace(meeting: Meeting, held: Sequence[Collision], actor: Actor) -> None:
    """Let the tentative holds in *held* give way: they stay visible, and hold nothing any more."""
    ids = sorted({c.booking_id for c in held})
    for chunk in (ids[i : i + 500] for i in range(0, len(ids), 500)):
        db.session.execute(sa.update(Booking).where(Booking.id.in_(chunk)).values(exclusive=False))
    others = {c.meeting_id: [d.name for d in held if d.meeting_id == c.meeting_id] for c in held if c.meeting_id}
    for id, names in others.items():
        other = db.session.get(Meeting, id)
        if other is not None:
            journal.record("meeting.displaced", other, actor=actor, by=meeting.code, count=len(names), names=names[:50])


def _accept(meeting: Meeting, found: Sequence[Collision], reason: str, actor: Actor) -> None:
    keys = sorted({c.key for c in found})
    db.session.add(Clash(meeting_id=meeting.id, reason=reason, with_meetings=keys, by=actor.name, at=now()))
    names = sorted({c.name for c in found})
    journal.record(
        "meeting.clash_accepted",
        meeting,
        actor=actor,
        reason=reason,
        meetings=sorted({c.code for c in found if c.code}),
        count=len(names),
        names=names[:50],
    )


def _book(meeting: Meeting, in_the_way: Sequence[Collision], *, firm: bool = False) -> None:
    """Put in the bookings of *meeting*; what another holds already without an exclusive hold."""
    release(meeting)
    unheld = {c.resource for c in in_the_way if c.exclusive}
    until = None if firm or meeting.status is not Status.DRAFT else _until(meeting)
    rows = [
        {
            "site_id": w.resource[1] if w.resource[0] == "site" else None,
            "person_id": w.resource[1] if w.resource[0] == "person" else None,
            "room_id": w.room_id,
            "meeting_id": meeting.id,
            "starts_at": meeting.starts_at,
            "ends_at": meeting.ends_at,
            "exclusive": w.required and w.resource not in unheld,
            "expires_at": until,
        }
        for w in sorted(clashes.wanted(meeting), key=lambda w: w.resource)
    ]
    _insert(rows)


def _insert(rows: Sequence[dict[str, Any]]) -> None:
    try:
        with db.session.begin_nested():
            if rows:
                db.session.execute(sa.insert(Booking), rows)
    except IntegrityError:  # the guard of the database: somebody wrote past this module
        raise Refused(
            _("Another meeting took one of the places at this moment. Look again."), field="in_spite_of"
        ) from None


def _until(meeting: Meeting) -> datetime:
    return rules.hold_until(now(), meeting.starts_at or now())


def _pieces(starts_at: datetime, ends_at: datetime) -> Iterable[tuple[datetime, datetime]]:
    day = timedelta(days=1)
    assert day <= LONGEST
    begins = starts_at
    while begins < ends_at:
        ends = min(begins + day, ends_at)
        yield begins, ends
        begins = ends
