"""The verbs of the roll: open it, mark a site, take a mark back, close it, correct it afterwards.

Every mark is kept: who, when, from what to what, by which way. What stands for a site now is the sum of its marks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import SYSTEM, Actor
from meetings.attendance import queries
from meetings.attendance.board import SiteRow
from meetings.attendance.models import Mark, Presence, Roll
from meetings.attendance.pressing import Place, add_up, begins_at, check_open, press
from meetings.attendance.rules import (
    STATE_WORDS,
    Decision,
    MarkSource,
    Move,
    RollStatus,
    State,
    after,
    check_close,
    check_time,
    check_values,
    last_effective,
    opens_at,
    proposal,
    standing,
)
from meetings.clock import now
from meetings.database import db
from meetings.errors import Forbidden, Refused
from meetings.i18n import gettext as _
from meetings.official.dates import clock_seconds
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import Status


def open_roll(meeting: Meeting, *, actor: Actor) -> Roll:
    """Begin: the meeting is in session from now on. From an hour before the start; a second time changes nothing."""
    check_time(MarkSource.SECRETARY, now=now(), starts_at=_start(meeting))
    roll = _roll(meeting)
    if meeting.status is Status.SCHEDULED:
        scheduling.open_meeting(meeting, actor=actor)
        journal.record("roll.opened", roll, actor=actor)
    return roll


def mark(
    site: MeetingSite,
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
) -> Mark:
    """Mark *site*: by the secretary, a technician, or the site itself.

    *once* is the key of a mark that a browser kept while the server was away: sent twice, it counts once. *age* is how
    many seconds ago it was pressed. After the roll is closed *correction* says why, else :class:`Refused`. An absence of
    which nobody says whether notice was given (*with_notice* is None) is with notice where the site had declined.
    """
    if move is Move.ABSENT and with_notice is None:
        row = queries.site(site.meeting, site.id)
        with_notice, known = row.excuse if row else (False, "")
        reason = reason or known
    pressed = press(
        Place.of(site), move, actor=actor, source=source, head_count=head_count, with_notice=with_notice, reason=reason,
        correction=correction, once=once, age=age,
    )  # fmt: skip
    if pressed.begins:
        _begun_unsaid(site.meeting)
    return db.session.get_one(Mark, pressed.mark)


def report(
    place: Place, move: Move, *, actor: Actor, head_count: int | None = None, once: str | None = None, age: float | None
) -> None:
    """A site of a meeting in session says something of itself: :func:`mark` for many, who look at no mark afterwards."""
    press(place, move, actor=actor, source=MarkSource.SELF, head_count=head_count, once=once, age=age)


def begin(site: MeetingSite, *, source: MarkSource, once: str | None = None) -> Mark | None:
    """Hold *site* in an open roll until this transaction ends, for something said beside its marks.

    What the key *once* has made already, if this was sent before.
    """
    roll = _roll(site.meeting, site)
    sent_before = _once(once, site)
    if sent_before is None:
        check_open(site.meeting.status, site.meeting.starts_at, roll.status, source, "")
    return sent_before


def check_in(
    site: MeetingSite, head_count: int, *, actor: Actor, once: str | None = None, age: float | None = None
) -> Mark:
    """The site reports itself in the meeting, with so many people."""
    return mark(site, Move.IN, actor=actor, source=MarkSource.SELF, head_count=head_count, once=once, age=age)


def ready(site: MeetingSite, *, actor: Actor, once: str | None = None, age: float | None = None) -> Mark:
    """The site reports itself ready, from 45 minutes before the start."""
    return mark(site, Move.READY, actor=actor, source=MarkSource.SELF, once=once, age=age)


def report_lost(site: MeetingSite, *, actor: Actor, once: str | None = None, age: float | None = None) -> Mark:
    """The site reports that its line is gone."""
    return mark(site, Move.LOST, actor=actor, source=MarkSource.SELF, once=once, age=age)


def leave(site: MeetingSite, *, actor: Actor, once: str | None = None, age: float | None = None) -> Mark:
    """The site takes its leave."""
    return mark(site, Move.LEFT, actor=actor, source=MarkSource.SELF, once=once, age=age)


def undo(wrong: Mark, *, actor: Actor, source: MarkSource) -> Mark:
    """Take the newest mark of a site back; both stay in the history. A closed roll is corrected instead."""
    site = wrong.meeting_site
    roll = _roll(site.meeting, site)
    if roll.status is RollStatus.CLOSED:
        raise Refused(_("The roll is closed. Correct the site and give a reason."))
    marks = queries.marks_of(site.id)
    known = queries.marked(marks)
    newest = last_effective(known)
    if newest is None or newest.id != wrong.id:
        _followed_up(next((mark for mark in marks if newest is not None and mark.id == newest.id), None), actor)
    before = standing(known)
    left = standing([m for m in known if m.id != wrong.id])
    made = Mark(
        meeting_id=wrong.meeting_id,
        meeting_site_id=site.id,
        at=now(),
        before=before.state,
        after=left.state,
        source=source,
        by=actor.name[:200],
        actor=actor.key,
        undoes_id=wrong.id,
    )
    made.meeting_site = site
    db.session.add(made)
    db.session.flush()
    place = Place.of(site)
    add_up(place, made.at)
    journal.record("presence.undone", place, actor=actor, site=site.name, before=before.state, after=left.state)
    return made


def count_host(meeting: Meeting, head_count: int, *, actor: Actor) -> Roll:
    """Enter how many sit at the host site; its people count, the site itself is not called."""
    check_values(Move.IN, head_count=head_count, with_notice=None, reason="")
    roll = _roll(meeting)
    check_open(meeting.status, meeting.starts_at, roll.status, MarkSource.SECRETARY, "")
    roll.host_head_count = head_count
    journal.record("roll.host_counted", roll, actor=actor, head_count=head_count)
    return roll


def close_roll(
    meeting: Meeting,
    decisions: Mapping[int, Decision],
    *,
    actor: Actor,
    ended_at: datetime | None = None,
    counts: Mapping[int, int] | None = None,
) -> Roll:
    """Close the roll, and with it the meeting: whoever is neither in nor lost gets what the confirm page says.

    *decisions* overrides the proposal (absent) by the id of the meeting's site; *counts* are the delegates of sites that were
    in without a number; *ended_at* is now unless it is said. One statement a table, however many sites.
    """
    at = now()
    roll = _roll(meeting)
    check_close(roll.status, now=at, starts_at=_start(meeting))
    if ended_at is not None and not _start(meeting) <= ended_at <= at:
        raise Refused(_("The end must lie between the start of the meeting and now."), field="ended_at", status=422)
    if meeting.status is Status.SCHEDULED:
        _begun_unsaid(meeting)
    left_out: list[dict[str, Any]] = []
    marks: list[dict[str, Any]] = []
    rows = queries.sites(meeting)
    counted = {row: counts[row.id] for row in rows if counts and not row.host and row.uncounted and row.id in counts}
    for row in rows:
        proposed = proposal(row.reply, row.reply_reason, row.state)
        if row.host or proposed is None:
            continue  # also who came in while the confirm page stood open: what it said of them is over
        decision = decisions.get(row.id, proposed)
        check_values(
            decision.move, head_count=decision.head_count, with_notice=decision.with_notice, reason=decision.reason
        )
        state = after(row.state, decision.move)
        absent = state is State.ABSENT
        marks.append(
            {
                "meeting_id": meeting.id,
                "meeting_site_id": row.id,
                "at": at,
                "before": row.state,
                "after": state,
                "head_count": decision.head_count if state is State.IN else None,
                "with_notice": decision.with_notice if absent else None,
                "reason": decision.reason,
                "correction": "",
                "source": MarkSource.CLOSING,
                "by": actor.name[:200],
                "actor": actor.key,
            }
        )
        if absent:
            left_out.append({"site": row.name, "with_notice": decision.with_notice, "reason": decision.reason})
    _write_many(marks)
    _write_counts(meeting, counted, at, actor)
    roll.status = RollStatus.CLOSED
    roll.closed_at = at
    roll.closed_by = actor.name[:200]
    scheduling.close_meeting(meeting, ended_at or at, actor=actor)
    db.session.flush()
    sums = queries.tally(meeting)
    journal.record(
        "roll.closed", roll, actor=actor, sites=sums.total, present=sums.present, lost=sums.lost, people=sums.people,
        absent=left_out, counted={row.name: number for row, number in counted.items()},
    )  # fmt: skip
    return roll


# --- inside ----------------------------------------------------------------------------------------------------------


def _start(meeting: Meeting) -> datetime:
    return begins_at(meeting.starts_at)


def _begun_unsaid(meeting: Meeting) -> None:
    """The hour has come and nobody opened the meeting: its record says the planned start, not when somebody looked."""
    scheduling.open_meeting(meeting, actor=SYSTEM, at=_start(meeting))


def _roll(meeting: Meeting, site: MeetingSite | None = None, *, alone: bool = False) -> Roll:
    """The roll of *meeting*, made at its first need, held until this transaction ends.

    Whoever marks a *site* holds that site, and the roll open, beside others who mark other sites: two presses about one
    site meet, and none meets the closing half-way. Whoever opens, closes or begins the roll holds the meeting *alone*. The
    meeting first, then one site: nobody waits in a ring. SQLite has one writer anyway and is asked once.
    """
    found = queries.roll(meeting)
    if db.engine.dialect.name == "postgresql":
        together = site is not None and found is not None and not alone
        db.session.execute(
            sa.select(Meeting)
            .where(Meeting.id == meeting.id)
            .with_for_update(read=together, key_share=not together, of=Meeting)
            .execution_options(populate_existing=True)
        )
        if site is not None:
            db.session.execute(
                sa.select(MeetingSite.id).where(MeetingSite.id == site.id).with_for_update(key_share=True)
            )
        found = db.session.scalars(
            sa.select(Roll).where(Roll.meeting_id == meeting.id).execution_options(populate_existing=True)
        ).first()
    if found is None:
        found = Roll(meeting_id=meeting.id, meeting=meeting, status=RollStatus.OPEN, opened_at=now())
        db.session.add(found)
        db.session.flush()
    return found


def _once(key: str | None, site: MeetingSite) -> Mark | None:
    """The mark that *key* already made, if it did."""
    if key is None:
        return None
    found = queries.sent(key)
    if found is not None and found.meeting_site_id != site.id:
        raise Forbidden(_("This mark belongs to another site."))
    return found


def _followed_up(newest: Mark | None, actor: Actor) -> NoReturn:
    """Refuse to take a mark back on which another one stands."""
    if newest is None or newest.actor == actor.key:
        raise Refused(_("This site was marked again since; only the newest mark can be taken back."))
    raise Refused(
        _(
            "%(who)s has marked this site “%(state)s” since, at %(time)s; only the newest mark can be taken back.",
            who=newest.by,
            state=STATE_WORDS[newest.after],
            time=clock_seconds(newest.at),
        )
    )


def _write_many(marks: list[dict[str, Any]]) -> None:
    """As :func:`_write` for sites that were not in: nothing of an earlier standing survives these marks."""
    if not marks:
        return
    db.session.execute(sa.insert(Mark), marks)
    known = _presences([m["meeting_site_id"] for m in marks])
    rows = [
        {
            "meeting_site_id": m["meeting_site_id"],
            "state": m["after"],
            "since": m["at"],
            "joined_at": m["at"] if m["after"] is State.IN else None,
            "left_at": None,
            "lost_seconds": 0,
            "head_count": m["head_count"],
            "with_notice": m["with_notice"],
            "reason": m["reason"] if m["after"] is State.ABSENT else "",
            "source": m["source"],
            "by": m["by"],
            "actor": m["actor"],
            "marked_at": m["at"],
        }
        for m in marks
    ]
    fresh = [row for row in rows if row["meeting_site_id"] not in known]
    if fresh:
        db.session.execute(sa.insert(Presence), fresh)
    stale = [{**row, "id": known[row["meeting_site_id"]]} for row in rows if row["meeting_site_id"] in known]
    if stale:
        db.session.execute(sa.update(Presence), stale)
    db.session.expire_all()


def _write_counts(meeting: Meeting, counted: Mapping[SiteRow, int], at: datetime, actor: Actor) -> None:
    """Keep the numbers that were entered as the roll was closed; where each site stands is not touched."""
    marks = []
    for row, number in counted.items():
        check_values(Move.IN, head_count=number, with_notice=None, reason="")
        marks.append(
            {
                "meeting_id": meeting.id,
                "meeting_site_id": row.id,
                "at": at,
                "before": row.state,
                "after": row.state,
                "head_count": number,
                "source": MarkSource.CLOSING,
                "by": actor.name[:200],
                "actor": actor.key,
            }
        )
    if not marks:
        return
    db.session.execute(sa.insert(Mark), marks)
    known = _presences([row.id for row in counted])
    said = {"source": MarkSource.CLOSING, "by": actor.name[:200], "actor": actor.key, "marked_at": at}
    db.session.execute(
        sa.update(Presence), [{"id": known[row.id], "head_count": number, **said} for row, number in counted.items()]
    )
    db.session.expire_all()


def _presences(sites: list[int]) -> dict[int, int]:
    """Ids of the presences of *sites*, by the id of the meeting's site."""
    known: dict[int, int] = {}
    for start in range(0, len(sites), 500):
        part = Presence.meeting_site_id.in_(sites[start : start + 500])
        found = db.session.execute(sa.select(Presence.meeting_site_id, Presence.id).where(part))
        known.update((site, id) for site, id in found)
    return known


def opens(meeting: Meeting) -> datetime:
    """The instant from which the board of *meeting* takes marks."""
    return opens_at(_start(meeting))
