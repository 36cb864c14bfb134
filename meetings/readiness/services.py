"""The verbs of making ready: record a line test; whether the preparations of a site can be changed at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import SYSTEM, Actor
from meetings.clock import now
from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.invitations import queries as invitations
from meetings.invitations.models import Reply
from meetings.journal.models import Entry
from meetings.readiness import ladder, ladders, queries, rules
from meetings.readiness.findings import Findings
from meetings.readiness.models import LineTest
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import MeetingSite


class TestSource(StrEnum):
    """By which way a test's result came."""

    SELF = "self"
    TECHNICIAN = "technician"
    TELEPHONE = "telephone"


def check_open(meeting_site: MeetingSite) -> None:
    """Refuse to change the preparations of a meeting that is over or called off, or of a site that was taken out or declined."""
    meeting = meeting_site.meeting
    if meeting_site.removed_at is not None:
        raise Refused(_("This site no longer takes part in the meeting."))
    invitation = invitations.of_site(meeting_site)
    if invitation is not None and invitation.reply is Reply.DECLINED:
        raise Refused(_("This site has said that it cannot attend. Change that answer first."))
    rules.check_open(rules.window(meeting.status, meeting.ends_at, now=now()))


# --- line test -------------------------------------------------------------------------------------------------------


def save_line_test(
    meeting_site: MeetingSite,
    items: Mapping[rules.Item, rules.Verdict],
    notes: Mapping[rules.Item, str],
    *,
    actor: Actor,
    source: TestSource = TestSource.SELF,
    age: float = 0,
    seen: Mapping[rules.Item, str] | None = None,
    afresh: bool = False,
) -> LineTest:
    """Record what was found of the six items; an item that is not in *items* stays as it stands.

    *seen* is what the form began with: what was left as it was seen overwrites nothing that somebody else has found
    since. *age* is how many seconds ago the result was noted, where a telephone without a connection kept it: an older
    result that arrives late does not overwrite a newer one, item by item, and one that arrives twice counts once. With
    *afresh* every item was looked at again just now. The round follows from the time. A fault after a pass reopens the
    site at once; what was replaced stays in the journal.
    """
    check_open(meeting_site)
    if not items:
        raise Refused(_("Mark at least one item as passed or faulty."), field="line", status=422)
    rules.check_notes(items, notes)
    at = now() - timedelta(seconds=min(max(age, 0), rules.OLDEST_QUEUED.total_seconds()))
    round_ = _round_at(meeting_site, at)
    db.session.execute(
        sa.select(MeetingSite.id).where(MeetingSite.id == meeting_site.id).with_for_update(key_share=True)
    )
    found = db.session.scalars(
        sa.select(LineTest)
        .where(LineTest.meeting_site_id == meeting_site.id, LineTest.round == round_)
        .execution_options(populate_existing=True)
    ).first()
    stands = Findings.of(found)
    new = stands.with_words(
        items, notes, seen=seen or {}, at=at, by=actor.name[:200], source=source.value, afresh=afresh
    )
    if found is not None and (new is stands or (age > 0 and not stands.differences(new))):
        return found
    before = found.outcome if found else rules.Outcome.UNTESTED
    replaced = stands.differences(new)
    if found is None:
        found = LineTest(meeting_site_id=meeting_site.id, round=round_)
        found.meeting_site = meeting_site
        db.session.add(found)
    found.items, found.notes, found.stamps = dict(new.items), dict(new.notes), dict(new.stamps)
    found.outcome = rules.outcome(rules.items_from(new.items))
    if found.tested_at is None or found.tested_at <= at:
        found.tested_at, found.source, found.by = at, source.value, actor.name[:200]
    db.session.flush()
    journal.record(
        "line_test.recorded",
        found,
        actor=actor,
        site=meeting_site.name,
        round=round_.value,
        before=before.value,
        after=found.outcome.value,
        items=dict(new.items),
        notes=dict(new.notes),
        replaced=replaced,
        source=source.value,
        at=at,
    )
    return found


def _round_at(meeting_site: MeetingSite, at: datetime) -> rules.Round:
    due = ladders.due(meeting_site.meeting, at=at)
    return ladder.round_at(at, due.day) if due is not None else rules.Round.REHEARSAL


def keep_as_rehearsal(entry: Entry) -> None:
    """What follows from ``meeting.rescheduled``: a test made within the hour before the old start says nothing of the new day.

    It counts as the rehearsal it has become; the round of the day is open again.
    """
    meeting = scheduling.by_code(entry.root)
    if meeting is None or meeting.starts_at is None:
        return
    due = ladders.due(meeting, at=meeting.starts_at)
    early = queries.tested_too_early(meeting, due.day.opens_at) if due is not None else []
    for test, rehearsal in early:
        if rehearsal is not None and rehearsal.tested_at > test.tested_at:
            db.session.delete(test)
            continue
        if rehearsal is not None:
            db.session.delete(rehearsal)
            db.session.flush()
        test.round = rules.Round.REHEARSAL
    if early:
        db.session.flush()
        journal.record("line_test.kept_as_rehearsal", meeting, actor=SYSTEM, count=len(early))
