"""The verbs of the roll: open it, mark a site, take a mark back, close it, correct it afterwards.

Every mark is kept: who, when, from what to what, by which way. What stands for a site now is the sum of its marks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import SYSTEM, Actor
from meetings.attendance import queries
from meetings.attendance.board import SiteRow
from meetings.attendance.models import Mark, Presence, Roll
from meetings.attendance.rules import (
    MAY,
    NOWHERE,
    Decision,
    MarkSource,
    Move,
    RollStatus,
    Standing,
    State,
    after,
    check_close,
    check_correction,
    check_time,
    check_values,
    last_effective,
    moment_of,
    opens_at,
    proposal,
    standing,
)
from meetings.clock import now
from meetings.database import db
from meetings.errors import Forbidden, Refused
from meetings.i18n import gettext as _
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import STATUS_WORDS, Status


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
    meeting = site.meeting
    if move is Move.ABSENT and with_notice is None:
        row = queries.site(meeting, site.id)
        with_notice, known = row.excuse if row else (False, "")
        reason = reason or known
    check_values(move, head_count=head_count, with_notice=with_notice, reason=reason)
    if move not in MAY[source]:
        raise Refused(_("A site cannot mark this for itself. Ring the office."))
    roll = _roll(meeting)
    sent_before = _once(once, site)
    if sent_before is not None:
        return sent_before
    _check_open(meeting, roll, source, correction)
    before = _standing(site)
    if source is MarkSource.SELF and (said := _said_already(site, move, head_count)) is not None:
        return said
    state = after(before.state, move)
    made = Mark(
        meeting_id=meeting.id,
        meeting_site_id=site.id,
        at=moment_of(age, now=now()),
        before=before.state,
        after=state,
        head_count=head_count if state is State.IN else None,
        with_notice=bool(with_notice) if state is State.ABSENT else None,
        reason=reason,
        correction=correction if roll.status is RollStatus.CLOSED else "",
        source=source,
        by=actor.name[:200],
        actor=actor.key,
        once=once,
    )
    _write(site, made)
    _record(site, made, actor)
    if meeting.status is Status.SCHEDULED and now() >= _start(meeting):
        _begun_unsaid(meeting)
    return made


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
    roll = _roll(site.meeting)
    if roll.status is RollStatus.CLOSED:
        raise Refused(_("The roll is closed. Correct the site and give a reason."))
    marks = queries.marks_of(site.id)
    known = queries.marked(marks)
    newest = last_effective(known)
    if newest is None or newest.id != wrong.id:
        raise Refused(_("This site was marked again since; only the newest mark can be taken back."))
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
    _write(site, made)
    journal.record(
        "presence.undone", _subject(site), actor=actor, site=site.name, before=before.state, after=left.state
    )
    return made


def count_host(meeting: Meeting, head_count: int, *, actor: Actor) -> Roll:
    """Enter how many sit at the host site; its people count, the site itself is not called."""
    check_values(Move.IN, head_count=head_count, with_notice=None, reason="")
    roll = _roll(meeting)
    _check_open(meeting, roll, MarkSource.SECRETARY, "")
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
    if meeting.starts_at is None:
        raise Refused(_("This meeting has no time yet."))
    return meeting.starts_at


def _begun_unsaid(meeting: Meeting) -> None:
    """The hour has come and nobody opened the meeting: its record says the planned start, not when somebody looked."""
    scheduling.open_meeting(meeting, actor=SYSTEM, at=_start(meeting))


def _roll(meeting: Meeting) -> Roll:
    """The roll of *meeting*, made at its first need, and the meeting held until this transaction ends.

    Whoever marks waits here for the one before: marks get their numbers in the order in which they become visible, two
    presses of one button meet, and SQLite, which has one writer anyway, is not slowed.
    """
    db.session.execute(
        sa.select(Meeting)
        .where(Meeting.id == meeting.id)
        .with_for_update(key_share=True, of=Meeting)
        .execution_options(populate_existing=True)
    )
    roll = db.session.scalars(
        sa.select(Roll).where(Roll.meeting_id == meeting.id).execution_options(populate_existing=True)
    ).first()
    if roll is None:
        roll = Roll(meeting_id=meeting.id, meeting=meeting, status=RollStatus.OPEN, opened_at=now())
        db.session.add(roll)
        db.session.flush()
    return roll


def _check_open(meeting: Meeting, roll: Roll, source: MarkSource, correction: str) -> None:
    if roll.status is RollStatus.CLOSED:
        if source is MarkSource.SELF:
            raise Refused(_("The roll of this meeting is closed. Ring the office."))
        check_correction(roll.status, correction)
        return
    if meeting.status not in (Status.SCHEDULED, Status.IN_SESSION):
        raise Refused(
            _("The roll of a meeting that is “%(status)s” cannot be called.", status=STATUS_WORDS[meeting.status])
        )
    check_time(source, now=now(), starts_at=_start(meeting))


def _once(key: str | None, site: MeetingSite) -> Mark | None:
    """The mark that *key* already made, if it did."""
    if key is None:
        return None
    found = db.session.scalars(sa.select(Mark).where(Mark.once == key)).first()
    if found is not None and found.meeting_site_id != site.id:
        raise Forbidden(_("This mark belongs to another site."))
    return found


def _standing(site: MeetingSite) -> Standing:
    found = queries.presence(site.id)
    return NOWHERE if found is None else Standing(found.state)


def _said_already(site: MeetingSite, move: Move, head_count: int | None) -> Mark | None:
    """The newest mark of *site*, if the site itself said just this: a button pressed twice is one fact."""
    stands = queries.presence(site.id)
    if stands is None or stands.state != move.value or (move is Move.IN and stands.head_count != head_count):
        return None
    marks = queries.marks_of(site.id)
    newest = last_effective(queries.marked(marks))
    found = next((mark for mark in marks if newest is not None and mark.id == newest.id), None)
    return found if found is not None and found.source is MarkSource.SELF else None


def _write(site: MeetingSite, made: Mark) -> None:
    """Keep the mark, and make what stands for its site the sum of all its marks."""
    db.session.add(made)
    db.session.flush()
    marks = queries.marks_of(site.id)
    now_stands = standing(queries.marked(marks))
    stood = queries.presence(site.id)
    if stood is None:
        stood = Presence(meeting_site_id=site.id)
        db.session.add(stood)
    stood.state = now_stands.state
    stood.since = now_stands.since or made.at
    stood.joined_at = now_stands.joined_at
    stood.left_at = now_stands.left_at
    stood.lost_seconds = now_stands.lost_seconds
    stood.head_count = now_stands.head_count
    stood.with_notice = now_stands.with_notice
    stood.reason = now_stands.reason
    stood.source = made.source
    stood.by = made.by
    db.session.flush()


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
    said = {"source": MarkSource.CLOSING, "by": actor.name[:200]}
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


def _subject(site: MeetingSite) -> Presence:
    stood = queries.presence(site.id)
    assert stood is not None
    return stood


def _record(site: MeetingSite, made: Mark, actor: Actor) -> None:
    details: dict[str, Any] = {"site": site.name, "before": made.before, "after": made.after, "source": made.source}
    for name in ("head_count", "with_notice", "reason", "correction"):
        if getattr(made, name) not in (None, ""):
            details[name] = getattr(made, name)
    fact = "presence.corrected" if made.correction else "presence.marked"
    journal.record(fact, _subject(site), actor=actor, **details)


def opens(meeting: Meeting) -> datetime:
    """The instant from which the board of *meeting* takes marks."""
    return opens_at(_start(meeting))
