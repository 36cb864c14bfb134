"""The ladder of one meeting and of each type: as it stands, switched on and off, laid down.

A second room of ``services``: the same rules hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.clock import now
from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.invitations import chasing, reminders
from meetings.invitations.chasing import Facts, Planned, Rung
from meetings.invitations.models import Chase, ChaseRule, ChaseSwitch
from meetings.invitations.rules import ChaseStep
from meetings.post import services as post
from meetings.post import texting
from meetings.scheduling import rules as scheduling_rules
from meetings.scheduling import working_time
from meetings.scheduling.models import Change, Meeting
from meetings.scheduling.rules import ChangeKind, MeetingType, Status

MEETING_ALONE: Final = {"key_share": True, "of": Meeting}
"""Who moves a meeting, calls it off or switches its ladder off waits for the batch in hand, and takes its letters back."""


def laid() -> Sequence[ChaseRule]:
    """Every version of every rung that was laid down, the oldest first."""
    return db.session.scalars(sa.select(ChaseRule).order_by(ChaseRule.id)).all()


def ladder(of: MeetingType | None) -> dict[ChaseStep, Rung]:
    """The ladder in force for a type of meeting; None: for every type that has none of its own."""
    return chasing.ladder(laid(), of)


def switch(meeting: Meeting) -> ChaseSwitch | None:
    """That the ladder of *meeting* was switched off at some time."""
    return db.session.get(ChaseSwitch, meeting.id)


def is_off(meeting: Meeting) -> bool:
    found = switch(meeting)
    return found is not None and found.on_at is None


def round_of(meeting: Meeting) -> int:
    """Which time of *meeting* the ladder counts to: the change that set it, 0 for the first."""
    moved = _last_move(meeting)
    return moved.id if moved is not None else 0


def _last_move(meeting: Meeting) -> Change | None:
    return db.session.scalars(
        sa.select(Change)
        .where(Change.meeting_id == meeting.id, Change.kind == ChangeKind.RESCHEDULED)
        .order_by(Change.id.desc())
        .limit(1)
    ).first()


def planned(meeting: Meeting, *, at: datetime) -> list[Planned]:
    """The ladder of *meeting* as it stands *at*, whatever of it has been done; nothing where it has no time."""
    moved, off = _last_move(meeting), switch(meeting)
    found = facts(
        meeting.sent_at,
        moved.at if moved else None,
        meeting.starts_at,
        meeting.reply_by,
        off.on_at if off else None,
    )
    if found is None:
        return []
    return chasing.plan(ladder(meeting.type), found, working_time.calendar(), working_time.hours(), now=at)


def facts(
    sent_at: datetime | None,
    moved_at: datetime | None,
    starts_at: datetime | None,
    reply_by: datetime | None,
    back_at: datetime | None,
) -> Facts | None:
    if sent_at is None or starts_at is None:
        return None
    return Facts(max(sent_at, moved_at or sent_at), starts_at, reply_by, back_at)


def done(meeting: Meeting) -> Sequence[Chase]:
    """The rungs that were begun and the reminders by hand, the newest first."""
    return db.session.scalars(sa.select(Chase).where(Chase.meeting_id == meeting.id).order_by(Chase.id.desc())).all()


# ------------------------------------------------------------------ on and off


def may_be_reminded(meeting: Meeting) -> None:
    if meeting.status is not Status.SCHEDULED or meeting.starts_at is None or now() >= meeting.starts_at:
        raise Refused(_("Sites are reminded while the meeting lies ahead and is neither postponed nor cancelled."))


def switch_off(meeting: Meeting, reason: str, *, actor: Actor) -> None:
    """Remind nobody of *meeting* by itself any more, and let nothing leave that waits."""
    db.session.refresh(meeting, with_for_update=MEETING_ALONE)
    may_be_reminded(meeting)
    said = scheduling_rules.explained(reason, field="reason")
    row = switch(meeting)
    if row is not None and row.on_at is None:
        raise Refused(_("This has been done already: nobody is reminded of this meeting by itself."))
    row = row or ChaseSwitch(meeting_id=meeting.id)
    row.off_at, row.by, row.reason, row.on_at = now(), actor.name[:200], said[:500], None
    db.session.add(row)
    post.withdraw_kinds(reminders.KINDS, root=meeting.code, written_by=now())
    texting.withdraw(root=meeting.code)
    journal.record("chase.switched", meeting, actor=actor, on=False, reason=said)


def switch_on(meeting: Meeting, *, actor: Actor) -> None:
    """Remind by itself again; what came due meanwhile is not made up for."""
    db.session.refresh(meeting, with_for_update=MEETING_ALONE)
    row = switch(meeting)
    if row is None or row.on_at is not None:
        raise Refused(_("This has been done already: the sites are reminded by themselves."))
    row.on_at = now()
    journal.record("chase.switched", meeting, actor=actor, on=True)


def lay_down(of: MeetingType | None, asked: Mapping[ChaseStep, tuple[bool, int]], *, actor: Actor) -> int:
    """Let the ladder of a type of meeting (None: of all) stand as *asked* from now on; returns how many rungs changed."""
    standing, changed = ladder(of), 0
    for step, (on, offset) in asked.items():
        bounds = chasing.OFFSETS[step]
        if not bounds.least <= offset <= bounds.most:
            raise Refused(
                _("Enter a number from %(low)s to %(high)s.", low=bounds.least, high=bounds.most),
                field=f"offset_{step.value}",
                status=422,
            )
        before = standing[step]
        if (before.on, before.offset) == (on, offset):
            continue
        changed += 1
        _keep(of, step, on, offset, {"on": before.on, "offset": before.offset}, actor)
    return changed


def give_back(of: MeetingType | None, *, actor: Actor) -> int:
    """Let the ladder of a type be again what holds for all, and that of all what came with the product."""
    newest = {(row.meeting_type, row.step): row for row in laid()}
    changed = 0
    for (type, step), row in newest.items():
        if type is of and row.on is not None:
            changed += 1
            _keep(of, step, None, row.offset, {"on": row.on, "offset": row.offset}, actor)
    return changed


def _keep(
    of: MeetingType | None, step: ChaseStep, on: bool | None, offset: int, before: Mapping[str, Any], actor: Actor
) -> None:
    row = ChaseRule(meeting_type=of, step=step, on=on, offset=offset, made_by=actor.name[:200], made_at=now())
    db.session.add(row)
    db.session.flush()
    journal.record(
        "chase_rule.laid_down", row, actor=actor, type=of, step=step, on=on, offset=offset, before=dict(before)
    )
