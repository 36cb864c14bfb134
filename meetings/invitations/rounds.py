"""Questions about approval: whether a giấy mời needs one, who gives it, and how the rounds ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings.accounts import queries as accounts
from meetings.accounts.models import User
from meetings.accounts.rules import Actor, Role
from meetings.clock import today
from meetings.database import db
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.invitations import rules
from meetings.invitations.models import Approval, ApprovalRule, Decision, Paper
from meetings.invitations.rules import Why
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import MeetingType, Status
from meetings.units import queries as units
from meetings.units.models import Unit


@dataclass(frozen=True)
class Need:
    """Whether a giấy mời must be approved before it leaves, why, and who may do it."""

    why: Why
    approvers: tuple[User, ...]
    rule: ApprovalRule | None = None

    @property
    def needed(self) -> bool:
        return self.why in rules.NEEDED


def need(meeting: Meeting) -> Need:
    """What holds for *meeting* today."""
    rule = rule_for(meeting.organiser, meeting.type, today())
    approvers = tuple(accounts.holders(Role.APPROVER, meeting.organiser.path))
    why = rules.approval(
        rule.needed if rule else None, invites_others=_invites_others(meeting), approvers=len(approvers)
    )
    return Need(why, approvers, rule)


def _invites_others(meeting: Meeting) -> bool:
    """Whether a site of another unit is invited than the organiser and what stands below it."""
    other = (
        sa.select(MeetingSite.id)
        .join(Unit, MeetingSite.unit_id == Unit.id)
        .where(
            MeetingSite.meeting_id == meeting.id,
            MeetingSite.removed_at.is_(None),
            sa.not_(units.below(meeting.organiser.path)),
        )
    )
    return db.session.scalar(other.limit(1)) is not None


def rule_for(body: Unit, type: MeetingType, day: date) -> ApprovalRule | None:
    """The rule that decides on *day*: of the nearest unit up the tree, one of the type before one of all, the newest."""
    above = [int(id) for id in body.path.strip("/").split("/") if id]
    found = db.session.scalars(
        sa.select(ApprovalRule).where(
            ApprovalRule.unit_id.in_(above),
            _holds_on(day),
            sa.or_(ApprovalRule.meeting_type.is_(None), ApprovalRule.meeting_type == type),
        )
    ).all()
    return max(
        found,
        key=lambda rule: (above.index(rule.unit_id), rule.meeting_type is not None, rule.valid_from, rule.id),
        default=None,
    )


def _holds_on(day: date) -> sa.ColumnElement[bool]:
    return sa.and_(ApprovalRule.valid_from <= day, sa.or_(ApprovalRule.valid_to.is_(None), ApprovalRule.valid_to > day))


def rules_visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """The rules of the units whose settings *actor* administers."""
    hers = units.within(actor.paths("setting.administer"))
    return ApprovalRule.unit_id.in_(sa.select(Unit.id).where(hers))


def rules_of(actor: Actor) -> Sequence[ApprovalRule]:
    """Rules that *actor* may edit, those that hold or will hold first, by unit."""
    return (
        db.session.scalars(
            sa.select(ApprovalRule)
            .join(Unit, ApprovalRule.unit_id == Unit.id)
            .where(rules_visible_to(actor))
            .order_by(
                sa.case((sa.or_(ApprovalRule.valid_to.is_(None), ApprovalRule.valid_to > today()), 0), else_=1),
                Unit.path,
                ApprovalRule.meeting_type.is_not(None),
                ApprovalRule.valid_from.desc(),
            )
            .options(joinedload(ApprovalRule.unit))
            .limit(200)
        )
        .unique()
        .all()
    )


def rule(actor: Actor, id: int) -> ApprovalRule:
    """One rule that *actor* may edit; raises ``NotFound``."""
    found = db.session.get(ApprovalRule, id) if 0 < id < 2**31 else None
    if found is None or not actor.may("setting.administer", found.unit.path):
        raise NotFound(_("There is no such rule."))
    return found


def waiting(meeting: Meeting) -> Approval | None:
    """The round of *meeting* that waits for a decision."""
    if meeting.status is not Status.AWAITING_APPROVAL:
        return None
    return db.session.scalars(
        sa.select(Approval).where(Approval.meeting_id == meeting.id, Approval.decision.is_(None))
    ).first()


def of(meeting: Meeting) -> Sequence[Approval]:
    """Every round of *meeting*, the newest first."""
    return db.session.scalars(
        sa.select(Approval).where(Approval.meeting_id == meeting.id).order_by(Approval.id.desc())
    ).all()


def last(meeting: Meeting) -> Approval | None:
    """The newest round of *meeting*."""
    return next(iter(of(meeting)), None)


def returned(meeting: Meeting) -> Approval | None:
    """The round that came back with remarks, as long as they stand: until the draft is handed in again or sent."""
    newest = last(meeting) if meeting.status is Status.DRAFT else None
    return newest if newest is not None and newest.decision is Decision.RETURNED else None


def returned_of(meetings: Iterable[Meeting]) -> dict[int, Approval]:
    """As :func:`returned` for many: id of the meeting → the round that came back."""
    ids = [meeting.id for meeting in meetings if meeting.status is Status.DRAFT]
    newest = sa.select(sa.func.max(Approval.id)).where(Approval.meeting_id.in_(ids)).group_by(Approval.meeting_id)
    found = db.session.scalars(
        sa.select(Approval).where(Approval.id.in_(newest), Approval.decision == Decision.RETURNED)
    )
    return {round.meeting_id: round for round in found}


def approved(meeting: Meeting) -> Approval | None:
    """The round by which *meeting* was approved."""
    return next((round for round in of(meeting) if round.decision is Decision.APPROVED), None)


def may_decide(actor: Actor, round: Approval, approvers: Iterable[User]) -> bool:
    """Whether *actor* decides over *round*."""
    return rules.may_decide(actor.user_id, round.asked_by_id, {user.id for user in approvers})


def to_decide(actor: Actor) -> list[Approval]:
    """The rounds that wait for *actor*, the soonest meeting first."""
    found = db.session.scalars(
        sa.select(Approval)
        .join(Meeting, Approval.meeting_id == Meeting.id)
        .join(Unit, Meeting.organiser_id == Unit.id)
        .where(
            Approval.decision.is_(None),
            Meeting.status == Status.AWAITING_APPROVAL,
            units.within(actor.paths("invitation.approve")),
        )
        .order_by(Meeting.starts_at)
        .limit(50)
        .options(joinedload(Approval.meeting).joinedload(Meeting.organiser))
    ).all()
    return [
        round
        for round in found
        if round.asked_by_id != actor.user_id
        or may_decide(actor, round, accounts.holders(Role.APPROVER, round.meeting.organiser.path))
    ]


def released_paper(meeting: Meeting) -> Paper | None:
    """The file that letters of *meeting* enclose now; None before the first was kept. Of a series that of its first date."""
    first = scheduling.on_one_paper(meeting)[0]
    return db.session.scalars(
        sa.select(Paper)
        .where(Paper.meeting_id == first.id, Paper.version == first.paper)
        .order_by(Paper.id.desc())
        .limit(1)
    ).first()
