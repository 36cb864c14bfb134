"""What a technician has to test in the next 48 hours, as rows of the work list."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from flask import url_for

from meetings.accounts.rules import Actor, Role
from meetings.database import db
from meetings.i18n import gettext as _
from meetings.i18n import locale, ngettext
from meetings.official import dates
from meetings.official.numbers import number
from meetings.overview import line_test_list
from meetings.overview.work import ToDo
from meetings.readiness import ladder, ladders
from meetings.readiness.models import Outcome
from meetings.readiness.rules import Alarm
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status

AHEAD: Final = timedelta(hours=48)
MOST: Final = 20


def rows(actor: Actor, now: datetime) -> list[ToDo]:
    """A row for each meeting whose rehearsal or whose hour comes within 48 hours, red sites first. Only for technicians."""
    if not actor.has(Role.TECHNICIAN):
        return []
    meetings = db.session.scalars(
        sa.select(Meeting)
        .where(
            scheduling.visible_to(actor),
            Meeting.status.in_((Status.SCHEDULED, Status.IN_SESSION)),
            Meeting.ends_at > now,
            sa.or_(Meeting.starts_at <= now + AHEAD, Meeting.rehearsal_at <= now + AHEAD),
        )
        .order_by(Meeting.starts_at)
        .limit(MOST)
    ).unique()
    return [row for meeting in meetings if (row := _row(actor, meeting, now)) is not None]


def _row(actor: Actor, meeting: Meeting, now: datetime) -> ToDo | None:
    due = ladders.due(meeting)
    if due is None:
        return None
    facts = line_test_list.facts(actor, meeting, round_=None, due=due, at=now)
    outcomes = Counter(fact.outcome for fact in facts)
    red = sum(fact.alarm is Alarm.RED for fact in facts)
    left = outcomes[Outcome.UNTESTED] + outcomes[Outcome.FAILED]
    if not left or (not red and meeting.starts_at is not None and now >= meeting.starts_at):
        return None  # once it has begun nobody is called untested any more
    if red:
        sentence = ngettext(
            "“%(title)s”: %(num)s line is at fault or overdue, %(left)s of %(sites)s sites are still to be tested.",
            "“%(title)s”: %(num)s lines are at fault or overdue, %(left)s of %(sites)s sites are still to be tested.",
            red,
            title=meeting.title,
            left=number(left, 0, locale()),
            sites=number(len(facts), 0, locale()),
        )
    else:
        sentence = _(
            "“%(title)s”: lines are tested from %(at)s, %(left)s of %(sites)s sites are still to be tested.",
            title=meeting.title,
            at=dates.moment_short(_from(meeting, due, now), locale()),
            left=number(left, 0, locale()),
            sites=number(len(facts), 0, locale()),
        )
    return ToDo(0 if red else 2, sentence, meeting.code, _("Test"), url_for("line_tests.tests", code=meeting.code))


def _from(meeting: Meeting, due: ladder.Due, now: datetime) -> datetime:
    return meeting.rehearsal_at if meeting.rehearsal_at and now < due.day.opens_at else due.day.opens_at
