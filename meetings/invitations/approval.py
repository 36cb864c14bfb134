"""Approval before sending: hand in, withdraw, approve, return; and the one way by which invitations leave.

A second room of ``services``: the same rules hold. Nothing leaves while a giấy mời waits: its meeting is not scheduled, and
the worker writes for scheduled meetings only. What was shown is kept, so that the letters enclose the very bytes that
were approved.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

import sqlalchemy as sa

from meetings import journal
from meetings.accounts import queries as accounts
from meetings.accounts.models import User
from meetings.accounts.rules import Actor, Role
from meetings.clock import now, today, wall
from meetings.database import db
from meetings.errors import Forbidden, Refused
from meetings.i18n import gettext as _
from meetings.invitations import letters, office_letters, printing, rounds
from meetings.invitations.models import Approval, ApprovalRule, Decision, Paper
from meetings.invitations.rules import Why
from meetings.journal import Entry
from meetings.official.paper import CONTENT_TYPE
from meetings.post import services as post
from meetings.scheduling import holding, numbers, series
from meetings.scheduling import queries as scheduling
from meetings.scheduling import rules as meetings
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import MeetingType, Move, Status
from meetings.units.models import Unit

_TOLD_AT_MOST: Final = 20
"""Approvers that are written to; whoever holds the role besides finds it on the home page."""


# ------------------------------------------------------------------ sending


def release(meeting: Meeting, reply_by: datetime, *, actor: Actor) -> None:
    """Send the invitations of a draft that needs no approval. Raises :class:`Refused` naming who approves one that does."""
    _lock(meeting)
    wanted = rounds.need(meeting)
    if wanted.needed and meeting.status is Status.DRAFT:
        raise Refused(
            _("This giấy mời must be approved first: hand it in. %(who)s", who=whom_to_ask(meeting, wanted)),
            status=422,
        )
    series.send(meeting, reply_by, actor=actor)
    if wanted.why is Why.NOBODY:
        journal.record("meeting.approved_by_nobody", meeting, actor=actor)


def submit(meeting: Meeting, reply_by: datetime, *, actor: Actor) -> Approval:
    """Hand the draft in: it is shown to whoever approves, as it will be printed, and is not changed while she has it."""
    _lock(meeting)
    to = meetings.after(meeting.status, Move.SUBMIT)
    her = accounts.user(actor.user_id or 0)
    wanted = rounds.need(meeting)
    if not wanted.needed:
        raise Refused(_("This giấy mời needs no approval any more. Look at the page again and send it."))
    if not wanted.approvers:
        raise Refused(whom_to_ask(meeting, wanted), status=422)
    series.check_sendable(meeting, reply_by, actor=actor)
    holding.confirm(meeting, actor=actor)
    at = now()
    meeting.status = to
    series.follow(meeting, actor=actor)
    _changed(meeting, actor)
    made = Approval(
        meeting_id=meeting.id,
        edition=meeting.edition,
        reply_by=reply_by,
        sha256=post.keep(paper(meeting, reply_by, at), CONTENT_TYPE),
        asked_by_id=actor.user_id,
        asked_by=letters.titled(her.honorific, her.name, "") if her else actor.name,
        asked_at=at,
    )
    db.session.add(made)
    db.session.flush()
    journal.record(
        "meeting.submitted", meeting, actor=actor, approval=made.id, sha256=made.sha256, reply_by=reply_by,
        sites=scheduling.site_count(meeting),
    )  # fmt: skip
    return made


def approve(meeting: Meeting, seen: str, *, actor: Actor) -> None:
    """Approve what was *seen* (its SHA-256): the invitations leave, after the same checks as if they were sent now."""
    waiting = _waiting(meeting, Move.APPROVE, actor)
    _unchanged(meeting, waiting, seen)
    _decided(waiting, Decision.APPROVED, actor)
    series.send(meeting, waiting.reply_by, actor=actor, move=Move.APPROVE)
    _keep(meeting, waiting)
    journal.record(
        "meeting.approved", meeting, actor=actor, approval=waiting.id, title=waiting.decided_title, sha256=seen
    )


def give_back(meeting: Meeting, remarks: str, *, actor: Actor) -> None:
    """Return the giấy mời to its secretary with *remarks*; it is a draft again."""
    waiting = _waiting(meeting, Move.RETURN, actor)
    if not remarks.strip():
        raise Refused(_("Enter what is to be changed."), field="remarks", status=422)
    waiting.remarks = remarks.strip()
    _decided(waiting, Decision.RETURNED, actor)
    _back_to_draft(meeting, actor)
    journal.record("meeting.returned", meeting, actor=actor, approval=waiting.id, remarks=waiting.remarks)


def withdraw(meeting: Meeting, *, actor: Actor) -> None:
    """Take back what was handed in, to change it; of a series all that was handed in with it."""
    meeting = scheduling.on_one_paper(meeting)[0]
    _still_waits(meeting)
    waiting = rounds.waiting(meeting)
    if waiting is not None:
        _decided(waiting, Decision.WITHDRAWN, actor)
    _back_to_draft(meeting, actor)
    journal.record("meeting.approval_withdrawn", meeting, actor=actor, approval=waiting.id if waiting else None)


def whom_to_ask(meeting: Meeting, wanted: rounds.Need) -> str:
    """Who approves; or where a rule demands it and nobody can, who gives somebody the role."""
    if wanted.approvers:
        return _("Who approves: %(names)s.", names="; ".join(called(user) for user in wanted.approvers[:5]))
    masters = accounts.holders(Role.ADMINISTRATOR, meeting.organiser.path)
    return _(
        "A rule demands approval, and nobody holds the role of the approver for %(unit)s. Ask the administrator: %(names)s.",
        unit=meeting.organiser.full_name,
        names="; ".join(called(user) for user in masters[:3]) or "–",
    )


def called(user: User) -> str:
    """``Ông Trần Văn Duyệt, Chánh Văn phòng``."""
    return letters.titled(user.honorific, user.name, user.title)


def _lock(meeting: Meeting) -> None:
    """Of two presses at one time the second waits here, and then sees what the first did."""
    db.session.flush()
    db.session.execute(sa.select(Meeting.id).where(Meeting.id == meeting.id).with_for_update())
    db.session.refresh(meeting)


def _still_waits(meeting: Meeting) -> None:
    """Who presses a second time, or after somebody else did, is told that nothing waits, not which move is impossible."""
    _lock(meeting)
    if meeting.status is not Status.AWAITING_APPROVAL:
        raise Refused(_("This giấy mời does not wait for approval any more."))


def _waiting(meeting: Meeting, move: Move, actor: Actor) -> Approval:
    """The round that *actor* is about to end; raises :class:`Refused` where there is none or it is not hers to end."""
    _still_waits(meeting)
    meetings.after(meeting.status, move)
    waiting = rounds.waiting(meeting)
    if waiting is None:
        raise Refused(_("This giấy mời does not wait for approval any more."))
    approvers = accounts.holders(Role.APPROVER, meeting.organiser.path)
    if not rounds.may_decide(actor, waiting, approvers):
        others = [called(user) for user in approvers if user.id != actor.user_id]
        raise Forbidden(
            _(
                "Nobody approves what she handed in herself while others hold the role: %(names)s.",
                names="; ".join(others[:5]) or "–",
            )
        )
    return waiting


def _unchanged(meeting: Meeting, waiting: Approval, seen: str) -> None:
    if seen != waiting.sha256:
        raise Refused(
            _("The giấy mời was given its number meanwhile, or handed in again. Look at it as it is now, then approve.")
        )
    as_it_was = paper(meeting, waiting.reply_by, waiting.asked_at)
    if waiting.edition != meeting.edition or post.digest(as_it_was) != waiting.sha256:
        raise Refused(
            _(
                "Something that the giấy mời says has changed since it was handed in. Return it, so that it is handed in again."
            )
        )
    if not meeting.invitation_on and wall(waiting.asked_at).year != wall(now()).year:
        raise Refused(
            _("The giấy mời was handed in last year and bears that year. Return it, so that it is handed in again.")
        )


def _decided(round: Approval, decision: Decision, actor: Actor) -> None:
    user = accounts.user(actor.user_id or 0)
    round.decision, round.decided_at = decision, now()
    round.decided_by = letters.titled(user.honorific, user.name, "") if user else actor.name
    round.decided_title = user.title if user else ""
    db.session.flush()


def _back_to_draft(meeting: Meeting, actor: Actor) -> None:
    meeting.status = meetings.after(meeting.status, Move.RETURN)
    holding.loosen(meeting)
    series.follow(meeting, actor=actor)
    _changed(meeting, actor)


def _changed(meeting: Meeting, actor: Actor) -> None:
    meeting.edition += 1
    meeting.changed_at, meeting.changed_by = now(), actor.name


# ------------------------------------------------------------------ the paper


def paper(meeting: Meeting, reply_by: datetime | None = None, at: datetime | None = None) -> bytes:
    """The giấy mời as it is printed if it leaves at the instant *at*; always Vietnamese."""
    return printing.to_keep(meeting, reply_by, at)


def _keep(meeting: Meeting, approved: Approval) -> None:
    """What was approved is what letters enclose; where it was numbered in leaving, the same with its number."""
    sha256 = post.keep(paper(meeting, at=approved.asked_at), CONTENT_TYPE)
    db.session.add(Paper(meeting_id=meeting.id, version=meeting.paper, sha256=sha256, kept_at=now()))
    db.session.flush()


def number(meeting: Meeting, given: int, on: date, *, actor: Actor, reason: str = "") -> None:
    """The records clerk gives the number and the day: every paper that is printed from here on bears them.

    The giấy mời of a series is that of its first date, from whichever date it is numbered.
    """
    meeting = scheduling.on_one_paper(meeting)[0]
    _lock(meeting)
    numbers.give(meeting, given, on, actor=actor, reason=reason)
    waiting = rounds.waiting(meeting)
    if waiting is not None:
        waiting.sha256 = post.keep(paper(meeting, waiting.reply_by, waiting.asked_at), CONTENT_TYPE)
    elif meeting.sent_at is not None:
        approved = rounds.approved(meeting)
        sha256 = post.keep(paper(meeting, at=approved.asked_at if approved else None), CONTENT_TYPE)
        db.session.add(Paper(meeting_id=meeting.id, version=meeting.paper, sha256=sha256, kept_at=now()))
    db.session.flush()


# ------------------------------------------------------------------ letters


def ask_approvers(entry: Entry) -> None:
    """Follow-up of ``meeting.submitted``: a letter to everybody who may decide, with the giấy mời."""
    waiting = db.session.get(Approval, int(entry.details["approval"]))
    if waiting is None or waiting.decision is not None or waiting.meeting.status is not Status.AWAITING_APPROVAL:
        return
    approvers = accounts.holders(Role.APPROVER, waiting.meeting.organiser.path)
    able = [user for user in approvers if user.id != waiting.asked_by_id or len(approvers) == 1]
    post.hand_in_all(office_letters.please_approve(waiting, user) for user in able[:_TOLD_AT_MOST])


def tell_the_secretary(entry: Entry) -> None:
    """Follow-up of ``meeting.approved`` and ``meeting.returned``: a letter to whoever handed it in, and to the meeting's
    secretary where that is another."""
    ended = db.session.get(Approval, int(entry.details["approval"]))
    if ended is None:
        return
    asked_by = accounts.user(ended.asked_by_id)
    readers = {user.id: user for user in (asked_by, ended.meeting.secretary) if user is not None and user.active}
    post.hand_in_all(office_letters.decided(ended, user) for user in readers.values())


# ------------------------------------------------------------------ rules


def lay_down(
    unit: Unit, meeting_type: MeetingType | None, needed: bool, valid_from: date, *, actor: Actor
) -> ApprovalRule:
    """A rule for *unit* and everything below it, from a day on; it takes the place of the one that held for the same."""
    if valid_from < today():
        raise Refused(_("A rule holds from today at the earliest."), field="valid_from", status=422)
    same = sa.and_(
        ApprovalRule.unit_id == unit.id,
        ApprovalRule.meeting_type.is_(None) if meeting_type is None else ApprovalRule.meeting_type == meeting_type,
        sa.or_(ApprovalRule.valid_to.is_(None), ApprovalRule.valid_to > valid_from),
    )
    for before in db.session.scalars(sa.select(ApprovalRule).where(same)):
        before.valid_to = max(before.valid_from, valid_from)
    made = ApprovalRule(
        unit_id=unit.id, meeting_type=meeting_type, needed=needed, valid_from=valid_from,
        made_by=actor.name, made_at=now(),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    journal.record(
        "approval_rule.laid_down",
        made,
        actor=actor,
        unit=unit.code,
        type=meeting_type,
        needed=needed,
        valid_from=valid_from,
    )
    return made


def end(rule: ApprovalRule, *, actor: Actor) -> None:
    """The rule holds no more, from today."""
    if rule.valid_to is not None and rule.valid_to <= today():
        return
    rule.valid_to = max(today(), rule.valid_from)
    journal.record("approval_rule.ended", rule, actor=actor, unit=rule.unit.code)
