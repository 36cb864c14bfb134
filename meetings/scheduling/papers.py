"""The papers of a meeting: put in and taken out by its secretary, read by its people and by the sites.

A second room of ``services``: the same rules hold. A paper is never replaced silently: a new one stands beside the old.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.clock import now, today, wall
from meetings.database import db
from meetings.errors import NotFound, Refused
from meetings.i18n import gettext as _
from meetings.official.dates import date_short
from meetings.post import queries as letter_box
from meetings.post import services as post
from meetings.scheduling import paper_rules, regime, ruling, working_time
from meetings.scheduling.models import Meeting, MeetingPaper
from meetings.scheduling.regime import Setting
from meetings.scheduling.rules import Status

_MOST: int = 60


def of(meeting: Meeting) -> Sequence[MeetingPaper]:
    """The papers of *meeting* that stand, in the order in which they came."""
    query = sa.select(MeetingPaper).where(MeetingPaper.meeting_id == meeting.id, MeetingPaper.removed_at.is_(None))
    return db.session.scalars(query.order_by(MeetingPaper.id)).all()


def paper(meeting: Meeting, id: int) -> MeetingPaper:
    found = next((one for one in of(meeting) if one.id == id), None)
    if found is None:
        raise NotFound(_("There is no such paper, or it has been taken out."))
    return found


def data_of(one: MeetingPaper) -> bytes:
    return letter_box.enclosure(one.sha256)


def may_change(meeting: Meeting) -> bool:
    """Whether papers come and go: until the meeting is closed or called off."""
    return meeting.status not in (Status.CLOSED, Status.CANCELLED)


def late_now(meeting: Meeting) -> str:
    """Why a paper that came now would be late, "" while it is in time, the rule rests or the meeting is an urgent one."""
    rule = ruling.rule_on("paper_lead", today())
    if rule is None or meeting.starts_at is None or (meeting.urgent and meeting.urgent_approved_by):
        return ""
    held_on, before = wall(meeting.starts_at).date(), rule.value["days"]
    calendar = working_time.calendar()
    if regime.in_time(today(), held_on, before, calendar):
        return ""
    return _(
        "Papers are sent at least %(days)s working days before the meeting, by %(last)s (%(law)s).",
        days=before,
        last=date_short(calendar.add_working_days(held_on, -before)),
        law=rule.law,
    )


def add(meeting: Meeting, title: str, name: str, data: bytes, *, actor: Actor) -> tuple[MeetingPaper, str]:
    """Keep a paper; returns it with what is to be said of its coming late. Refused at the field that is wrong."""
    _open(meeting)
    kind = paper_rules.check(title, name, data)
    if len(of(meeting)) >= _MOST:
        raise Refused(_("A meeting has at most %(most)s papers.", most=_MOST), field="file", status=422)
    late = late_now(meeting)
    rule = ruling.rule_on("paper_lead", today())
    passed = any(row.key == "paper_lead" for row in ruling.overrides_of(meeting))
    if late and meeting.sent_at is not None and rule is not None and rule.setting is Setting.BLOCK and not passed:
        raise Refused(late, field="file", status=422)
    kept = paper_rules.safe_name(name)
    made = MeetingPaper(
        meeting=meeting,
        title=title or kept.rpartition(".")[0],
        file_name=kept,
        sha256=post.keep(data, kind),
        content_type=kind,
        size=len(data),
        added_by=actor.name,
        added_at=now(),
    )
    db.session.add(made)
    db.session.flush()
    journal.record(
        "paper.added",
        made,
        actor=actor,
        title=made.title,
        file=kept,
        sha256=made.sha256,
        size=made.size,
        late=bool(late),
    )
    return made, late


def remove(one: MeetingPaper, *, actor: Actor) -> None:
    """Take a paper out; that it was there stays in the journal."""
    _open(one.meeting)
    one.removed_at = now()
    journal.record("paper.removed", one, actor=actor, title=one.title, file=one.file_name, sha256=one.sha256)


def _open(meeting: Meeting) -> None:
    if not may_change(meeting):
        raise Refused(_("The meeting is closed or called off: its papers stay as they are."))
