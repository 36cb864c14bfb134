"""The rules of the regime as they stand here: which version holds, what a meeting would not keep, and who let it pass.

A second room of ``services``: the same rules hold. The version in force on the day of sending counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import SYSTEM, Actor
from meetings.clock import now, today, wall
from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.scheduling import regime, rules, working_time
from meetings.scheduling.models import Meeting, MeetingPaper, RegimeConfirmation, RegimeOverride, RegimeRule
from meetings.scheduling.regime import Facts, Finding, Pass, Rule, Setting, Way
from meetings.scheduling.regime_defaults import DEFAULTS
from meetings.scheduling.rules import Status

_NO_MEETING = "no_meeting"
BEFORE_SENDING = (Status.DRAFT, Status.AWAITING_APPROVAL)


# ---------------------------------------------------------------- the rules by date


def _rule(row: RegimeRule) -> Rule:
    return Rule(
        row.key, row.valid_from, row.valid_to, row.value, row.setting, row.source, row.article, row.verified, row.note
    )


def versions(key: str = "") -> Sequence[RegimeRule]:
    """The kept versions of the rule *key*, or of all, the newest first."""
    query = sa.select(RegimeRule).order_by(RegimeRule.key, RegimeRule.valid_from.desc())
    return db.session.scalars(query.where(RegimeRule.key == key) if key else query).all()


def rules_on(day: date) -> dict[str, Rule]:
    """The rules in force on *day*, by key. One that was never kept here holds as it comes with the product."""
    kept = versions()
    known = {row.key for row in kept}
    return regime.in_force([*map(_rule, kept), *(rule for rule in DEFAULTS if rule.key not in known)], day)


def rule_on(key: str, day: date) -> Rule | None:
    """The rule *key* as it holds on *day*; None where it does not, or is not applied."""
    rule = rules_on(day).get(key)
    return None if rule is None or rule.setting is Setting.OFF else rule


def load_default_rules() -> int:
    """Keep the rules that come with the product and are not here yet; returns how many. A second time changes nothing."""
    known = {row.key for row in versions()}
    new = [rule for rule in DEFAULTS if rule.key not in known]
    db.session.add_all(RegimeRule(**asdict(rule), made_at=now(), made_by=SYSTEM.name) for rule in new)
    db.session.flush()
    return len(new)


def change(rule: Rule, reason: str, *, actor: Actor) -> None:
    """Let *rule* hold from its ``valid_from`` on, in place of the version then in force; one that has begun is never rewritten.

    Raises :class:`Refused` at the field that is wrong.
    """
    load_default_rules()
    if not reason:
        raise Refused(_("Enter why the rule is changed."), field="reason", status=422)
    if rule.valid_from < today():
        raise Refused(
            _("A rule is changed from today or a later day on: what was sent before was sent under the earlier one."),
            field="valid_from",
            status=422,
        )
    wrong = regime.fault(rule.key, rule.value)
    if wrong is not None:
        raise Refused(wrong[1], field=f"value_{wrong[0]}", status=422)
    row = _version_from(rule)
    before = {"value": row.value, "setting": row.setting} if row.id else {}
    for name, value in asdict(rule).items():
        if name != "valid_to":
            setattr(row, name, value)
    row.reason, row.made_by, row.made_at = reason, actor.name, now()
    db.session.add(row)
    db.session.flush()
    journal.record(
        "regime.rule_changed",
        row,
        actor=actor,
        valid_from=rule.valid_from,
        before=before,
        value=rule.value,
        setting=rule.setting,
        reason=reason,
    )


def _version_from(rule: Rule) -> RegimeRule:
    """The row that begins on the day of *rule*: the one that is there, or a new one between its neighbours."""
    rows = list(reversed(versions(rule.key)))
    for row in rows:
        if row.valid_from == rule.valid_from:
            return row
    row = RegimeRule(key=rule.key)
    earlier = [one for one in rows if one.valid_from < rule.valid_from]
    later = [one for one in rows if one.valid_from > rule.valid_from]
    if earlier and (earlier[-1].valid_to is None or earlier[-1].valid_to >= rule.valid_from):
        earlier[-1].valid_to = rule.valid_from - timedelta(days=1)
    row.valid_to = later[0].valid_from - timedelta(days=1) if later else None
    return row


def reply_deadline(starts_at: datetime, *, at: datetime) -> datetime:
    """Until when the sites answer if they are asked *at*, by the rule in force then."""
    rule = rules_on(wall(at).date()).get("reply")
    if rule is None:
        return rules.reply_deadline(at, starts_at, working_time.calendar())
    return rules.reply_deadline(
        at, starts_at, working_time.calendar(), rule.value["days"], regime.time_of(rule.value["until"])
    )


def rehearsal_at(starts_at: datetime, *, at: datetime) -> datetime | None:
    """When the lines are tested before the day, by the rule in force *at*; None where that has passed or nobody asks it."""
    rule = rule_on("tests", wall(at).date())
    if rule is None:
        return None
    tested = rules.rehearsal(starts_at, working_time.calendar(), rule.value["days"], regime.time_of(rule.value["from"]))
    return tested if tested > at else None


def earliest_day(meeting: Meeting, *, at: datetime) -> date:
    """The first working day on which *meeting* can be held if it is sent *at*; of an urgent one the next."""
    sent_on, days = wall(at).date(), working_time.calendar()
    rule = None if meeting.urgent else rule_on("invitation_lead", sent_on)
    morrow = days.add_working_days(sent_on, 1)
    return max(morrow, regime.earliest_day(sent_on, int(rule.value["days"]), days)) if rule else morrow


# ---------------------------------------------------------------- a meeting before it is sent


def facts(meeting: Meeting, *, at: datetime) -> Facts | None:
    """What the rules look at, were *meeting* sent *at*; None before its time is set."""
    if meeting.starts_at is None or meeting.ends_at is None:
        return None
    approved = meeting.urgent and meeting.urgent_reason and meeting.urgent_approved_by
    return Facts(
        type=meeting.type,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        sent_at=at,
        urgent=Pass(Way.URGENT, meeting.urgent_reason, meeting.urgent_approved_by) if approved else None,
        confirmed=confirmation(meeting) is not None,
        papers=[(paper.title, paper.added_at) for paper in _papers(meeting)],
    )


def _papers(meeting: Meeting) -> Sequence[MeetingPaper]:
    query = sa.select(MeetingPaper).where(MeetingPaper.meeting_id == meeting.id, MeetingPaper.removed_at.is_(None))
    return db.session.scalars(query.order_by(MeetingPaper.id)).all()


def confirmation(meeting: Meeting) -> RegimeConfirmation | None:
    """Who looked at the cases in which no meeting is held, and when; once for all dates of a series."""
    query = sa.select(RegimeConfirmation).where(RegimeConfirmation.key == _NO_MEETING)
    if meeting.series_id is None:
        query = query.where(RegimeConfirmation.meeting_id == meeting.id)
    else:
        dates = sa.select(Meeting.id).where(Meeting.series_id == meeting.series_id)
        query = query.where(RegimeConfirmation.meeting_id.in_(dates))
    return db.session.scalars(query.order_by(RegimeConfirmation.id)).first()


def overrides_of(meeting: Meeting) -> Sequence[RegimeOverride]:
    """Every rule that *meeting* was let past, oldest first."""
    query = sa.select(RegimeOverride).where(RegimeOverride.meeting_id == meeting.id)
    return db.session.scalars(query.order_by(RegimeOverride.id)).all()


def findings(meeting: Meeting, *, at: datetime) -> list[Finding]:
    """The rules that *meeting* would not keep if it were sent *at*, each with what stands against it."""
    known = facts(meeting, at=at)
    if known is None:
        return []
    passes = {
        row.key: Pass(row.way, row.reason, row.leader, row.by, row.at)
        for row in overrides_of(meeting)
        if row.way is Way.OVERRIDE and row.meeting_on == known.meeting_on
    }
    return regime.findings(known, rules_on(known.sent_on), working_time.calendar(), working_time.hours(), passes)


def hold_to(meeting: Meeting, *, at: datetime) -> None:
    """Let *meeting* be sent *at* only where no rule stands in its way: refused with the rule, its law and the earliest day."""
    for finding in findings(meeting, at=at):
        if finding.blocks:
            raise Refused(
                _(
                    "%(words)s (%(law)s) Choose a later day, or give the reason and the leader who approves.",
                    words=finding.words,
                    law=finding.law,
                ),
                status=422,
            )


def count(meeting: Meeting, *, at: datetime, actor: Actor) -> None:
    """As *meeting* is sent: note what it was let past, for the history and the quarter, and what it was warned of."""
    found = findings(meeting, at=at)
    by_key = {row.key: row for row in overrides_of(meeting)}
    for finding in found:
        if finding.passed is None:
            continue
        row = by_key.get(finding.key)
        if finding.passed.way is Way.URGENT:
            row = _noted(meeting, finding, finding.passed, actor)
        if row is not None:
            row.counted_at = at
    _warned(meeting, [finding for finding in found if finding.passed is None], actor)


def note_moved(meeting: Meeting, *, at: datetime, actor: Actor) -> None:
    """As a sent *meeting* takes a new time: a day that comes too soon for an invitation stands in the history.

    It stops nothing: the sites know of the meeting, and the move has its own reason.
    """
    _warned(
        meeting, [one for one in findings(meeting, at=at) if one.key == "invitation_lead" and one.passed is None], actor
    )


def _warned(meeting: Meeting, found: Sequence[Finding], actor: Actor) -> None:
    if found:
        names = "; ".join(one.name for one in found)
        journal.record("regime.warned", meeting, actor=actor, rules=[one.key for one in found], names=names)


def _noted(meeting: Meeting, finding: Finding, passed: Pass, actor: Actor) -> RegimeOverride:
    """Write down that *meeting* is let past a rule, and record it."""
    if meeting.starts_at is None:
        raise ValueError("a meeting without a time has nothing to be let past")
    row = RegimeOverride(
        meeting_id=meeting.id,
        key=finding.key,
        way=passed.way,
        words=finding.words[:1000],
        reason=passed.reason,
        leader=passed.leader,
        meeting_on=wall(meeting.starts_at).date(),
        by=actor.name,
        at=now(),
    )
    db.session.add(row)
    db.session.flush()
    journal.record(
        "regime.overridden" if passed.way is Way.OVERRIDE else "regime.passed_as_urgent",
        meeting,
        actor=actor,
        rule=finding.key,
        name=finding.name,
        law=finding.law,
        words=finding.words,
        reason=passed.reason,
        leader=passed.leader,
    )
    return row


def override(meeting: Meeting, key: str, reason: str, leader: str, *, actor: Actor) -> RegimeOverride:
    """Let *meeting* past the rule *key*: both the reason and the leader who approved it are needed."""
    _not_sent_yet(meeting)
    _both(reason, leader)
    finding = next((one for one in findings(meeting, at=now()) if one.key == key), None)
    if finding is None:
        raise Refused(_("This rule is kept, so there is nothing to override."))
    return _noted(meeting, finding, Pass(Way.OVERRIDE, reason, leader), actor)


def declare_urgent(meeting: Meeting, reason: str, leader: str, *, actor: Actor) -> None:
    """Make *meeting* an urgent one (đột xuất): the lead times step aside, and the report counts it."""
    _not_sent_yet(meeting)
    _both(reason, leader)
    meeting.urgent, meeting.urgent_reason, meeting.urgent_approved_by = True, reason, leader
    meeting.edition += 1
    meeting.changed_at, meeting.changed_by = now(), actor.name
    note_urgency(meeting, actor=actor)


def note_urgency(meeting: Meeting, *, actor: Actor) -> None:
    """Record why *meeting* is urgent and who approved it."""
    journal.record(
        "regime.urgent", meeting, actor=actor, reason=meeting.urgent_reason, leader=meeting.urgent_approved_by
    )


def confirm_no_case(meeting: Meeting, *, actor: Actor) -> None:
    """Keep who looked, and when: none of the five cases applies in which no meeting is held."""
    _not_sent_yet(meeting)
    if confirmation(meeting) is None:
        db.session.add(RegimeConfirmation(meeting_id=meeting.id, key=_NO_MEETING, by=actor.name, at=now()))
        journal.record("regime.no_case_confirmed", meeting, actor=actor)


def _not_sent_yet(meeting: Meeting) -> None:
    if meeting.status not in BEFORE_SENDING:
        raise Refused(_("The invitations have been sent: what a rule was passed with is said before that."))


def _both(reason: str, leader: str) -> None:
    rules.explained(reason, field="reason")
    if not leader:
        raise Refused(_("Enter the leader who approves it."), field="leader", status=422)


@dataclass(frozen=True)
class Standing:
    """What the send step shows of the regime."""

    findings: Sequence[Finding]
    asks: bool  # whether the five cases are to be confirmed
    confirmed: RegimeConfirmation | None

    @property
    def blocked(self) -> bool:
        return any(finding.blocks for finding in self.findings)


def standing(meeting: Meeting, *, at: datetime) -> Standing:
    """How *meeting* stands before the regime, were it sent *at*."""
    found = findings(meeting, at=at)
    return Standing(
        [one for one in found if one.key != _NO_MEETING or one.blocks],
        rule_on(_NO_MEETING, wall(at).date()) is not None,
        confirmation(meeting),
    )
