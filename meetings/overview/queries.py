"""Questions that look at several stages at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import aliased

from meetings.accounts.models import Grant
from meetings.accounts.rules import Actor, Role
from meetings.clock import wall
from meetings.database import db
from meetings.directory import queries as directory
from meetings.directory.models import Contact, Person, Site
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.i18n import locale, ngettext
from meetings.invitations import rounds
from meetings.invitations.models import Invitation, Reply
from meetings.minutes import deadline, following_queries
from meetings.minutes.following_rules import Tab
from meetings.minutes.models import Record
from meetings.minutes.rules import STATUS_WORDS, RecordStatus
from meetings.official.dates import date_short
from meetings.official.text import search_key
from meetings.overview import line_work, mail_work
from meetings.overview.work import ToDo as ToDo
from meetings.post.models import Letter, TextMessage
from meetings.post.rules import FAILED
from meetings.readiness.models import Delegate, LineTest, Outcome, Roster, Round
from meetings.scheduling import occupancy, register
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import Status
from meetings.units import queries as units
from meetings.units.models import Unit, UnitKind

_day = aliased(LineTest)


_RECORD_STEPS: Final = {
    RecordStatus.WRITING: _l("Write"),
    RecordStatus.RETURNED: _l("Change"),
    RecordStatus.SUBMITTED: _l("See"),
    RecordStatus.APPROVED: _l("Issue"),
    RecordStatus.ISSUED: _l("See"),
}
"""What the button of a record in the work list says."""


def to_do(actor: Actor, now: datetime) -> list[ToDo]:
    """What *actor* should see to, worst first."""
    rows: list[ToDo] = []
    if actor.may("meeting.arrange"):
        rows += _arranging(actor, now)
    if actor.has(Role.RECORDS_CLERK):
        rows += _numbering(actor)
    if actor.may("record.write") or actor.may("record.approve"):
        rows += _records(actor, now)
    if actor.may("task.decide") or actor.may("task.report"):
        rows += _tasks(actor)
    rows += mail_work.rows(actor, now)
    rows += line_work.rows(actor, now)
    return sorted(rows, key=lambda row: (row.weight, row.code))


def _tasks(actor: Actor) -> list[ToDo]:
    """What units owe beyond its day, what they say is done or cannot be done in time, and what her own unit owes."""
    found, where = following_queries.waiting(actor), "action_items.action_items"
    late = ngettext("%(num)s task is overdue.", "%(num)s tasks are overdue.", found.overdue)
    asks = ngettext("A later day is asked for %(num)s task.", "A later day is asked for %(num)s tasks.", found.asks)
    waits = ngettext("%(num)s task awaits confirmation.", "%(num)s tasks await confirmation.", found.awaiting)
    ours = ngettext("Your unit has %(num)s overdue task.", "Your unit has %(num)s overdue tasks.", found.owed_late)
    soon = ngettext("Your unit has %(num)s task due soon.", "Your unit has %(num)s tasks due soon.", found.owed_soon)
    rows = (
        (found.owed_late, ToDo(1, ours, "", _("Report"), url_for(where, tab=Tab.OVERDUE.value))),
        (found.overdue, ToDo(1, late, "", _("See"), url_for(where, tab=Tab.OVERDUE.value))),
        (found.asks, ToDo(2, asks, "", _("Decide"), url_for(where, asks=1))),
        (found.awaiting, ToDo(2, waits, "", _("See"), url_for(where, tab=Tab.AWAITING.value))),
        (found.owed_soon, ToDo(2, soon, "", _("Report"), url_for(where, tab=Tab.SOON.value))),
    )
    return [row for count, row in rows if count]


def _numbering(actor: Actor) -> list[ToDo]:
    count = db.session.scalar(sa.select(sa.func.count()).select_from(register.without_number(actor).subquery())) or 0
    if not count:
        return []
    sentence = ngettext("%(num)s giấy mời has no number.", "%(num)s giấy mời have no number.", count)
    return [ToDo(2, sentence, "", _("Give the number"), url_for("numbers.numbers_book"))]


def _mine(actor: Actor, permission: str) -> sa.ColumnElement[bool]:
    return Meeting.organiser_id.in_(sa.select(Unit.id).where(units.within(actor.paths(permission))))


def _arranging(actor: Actor, now: datetime) -> list[ToDo]:
    rows: list[ToDo] = []
    silent = (
        sa.select(sa.func.count())
        .select_from(Invitation)
        .join(MeetingSite, Invitation.meeting_site_id == MeetingSite.id)
        .where(MeetingSite.meeting_id == Meeting.id, MeetingSite.removed_at.is_(None), Invitation.reply == Reply.ASKED)
        .correlate(Meeting)
        .scalar_subquery()
    )
    failed = (
        sa.select(sa.func.count())
        .select_from(Letter)
        .where(Letter.root == Meeting.code, Letter.status.in_(FAILED))
        .correlate(Meeting)
        .scalar_subquery()
    )
    query = sa.select(Meeting, silent, failed).where(
        _mine(actor, "meeting.arrange"),
        Meeting.status.in_(
            (Status.DRAFT, Status.AWAITING_APPROVAL, Status.SCHEDULED, Status.POSTPONED, Status.IN_SESSION)
        ),
        sa.or_(
            Meeting.starts_at.is_(None),
            Meeting.starts_at > now - timedelta(days=7),
            Meeting.status == Status.POSTPONED,  # its hour is none, and its sites wait for one
        ),
    )
    found = db.session.execute(query.order_by(Meeting.starts_at.nulls_last()).limit(100)).all()
    came_back = rounds.returned_of(meeting for meeting, _quiet, _lost in found)
    disturbed = occupancy.since_sending(meeting for meeting, _quiet, _lost in found)
    for meeting, quiet, lost in found:
        code = meeting.code
        board = url_for("attendance.live", code=code)
        if meeting.status is Status.IN_SESSION:
            rows.append(ToDo(0, _("“%(title)s” is in session.", title=meeting.title), code, _("Board"), board))
        elif meeting.id in came_back:
            sentence = _(
                "The giấy mời “%(title)s” came back: %(remarks)s",
                title=meeting.title,
                remarks=came_back[meeting.id].remarks[:120],
            )
            rows.append(ToDo(2, sentence, code, _("Change"), url_for("booking.invitation", code=code)))
        elif meeting.status is Status.AWAITING_APPROVAL:
            sentence = _("“%(title)s” waits to be approved.", title=meeting.title)
            rows.append(ToDo(3, sentence, code, _("See"), url_for("meeting_page.overview", code=code)))
        elif meeting.status is Status.POSTPONED:
            sentence = _("“%(title)s” is postponed and has no new time.", title=meeting.title)
            rows.append(ToDo(2, sentence, code, _("Set a new time"), url_for("moves.reschedule", code=code)))
        elif meeting.status is Status.DRAFT:
            rows.append(
                ToDo(
                    3,
                    _("The draft “%(title)s” has not been sent.", title=meeting.title),
                    code,
                    _("Go on"),
                    url_for("booking.details", code=code),
                )
            )
        elif meeting.starts_at is not None and meeting.starts_at - timedelta(hours=1) <= now:
            rows.append(
                ToDo(
                    0,
                    _("“%(title)s” begins or has begun: call the roll.", title=meeting.title),
                    code,
                    _("Board"),
                    board,
                )
            )
        if taken := disturbed.get(meeting.id):
            sentence = ngettext(
                "%(num)s site, room or person of “%(title)s” became busy after the invitations left.",
                "%(num)s sites, rooms or people of “%(title)s” became busy after the invitations left.",
                len(taken),
                title=meeting.title,
            )
            rows.append(ToDo(1, sentence, code, _("See"), url_for("meeting_page.overview", code=code)))
        if lost:
            sentence = ngettext(
                "%(num)s letter could not be delivered.", "%(num)s letters could not be delivered.", lost
            )
            rows.append(ToDo(1, sentence, code, _("See"), url_for("invitations.sending", code=code)))
        if quiet and meeting.status is Status.SCHEDULED and meeting.reply_by is not None:
            late = meeting.reply_by < now
            sentence = ngettext("%(num)s site has not answered.", "%(num)s sites have not answered.", quiet)
            rows.append(
                ToDo(
                    1 if late else 3, sentence, code, _("See"), url_for("meeting_sites.sites", code=code, reply="asked")
                )
            )
    return rows


def _records(actor: Actor, now: datetime) -> list[ToDo]:
    """Minutes that wait for *actor*: to be written, changed or issued; what is overdue before what is due today.

    What waits for *actor*'s own approval stands in :func:`to_approve` and not here a second time.
    """
    rows: list[ToDo] = []
    today = wall(now).date()
    for one in deadline.open_ones(today, _mine(actor, "record.read")):
        meeting, record, path = one.meeting, one.record, one.meeting.organiser.path
        status = record.status if record else RecordStatus.WRITING
        title, url = meeting.title, url_for("minutes.minutes", code=meeting.code)
        weight = 1 if one.late else 2 if one.due == today else 3
        if status is RecordStatus.SUBMITTED and actor.may("record.approve", path):
            continue
        if not actor.may("record.write", path):
            continue
        elif one.late:
            sentence = ngettext(
                "The minutes of “%(title)s” are %(num)s working day overdue (%(state)s).",
                "The minutes of “%(title)s” are %(num)s working days overdue (%(state)s).",
                one.late,
                title=title,
                state=str(STATUS_WORDS[status]) if record else _("not begun"),
            )
            rows.append(ToDo(weight, sentence, meeting.code, str(_RECORD_STEPS[status]), url))
        elif status is RecordStatus.RETURNED and record is not None:
            sentence = _(
                "The record of “%(title)s” came back: %(remarks)s", title=title, remarks=record.return_reason[:120]
            )
            rows.append(ToDo(2, sentence, meeting.code, str(_RECORD_STEPS[status]), url))
        elif status is RecordStatus.APPROVED:
            sentence = _("The record of “%(title)s” is approved and can be issued.", title=title)
            rows.append(ToDo(2, sentence, meeting.code, str(_RECORD_STEPS[status]), url))
        elif status is RecordStatus.SUBMITTED:
            sentence = _("The record of “%(title)s” is being approved.", title=title)
            rows.append(ToDo(3, sentence, meeting.code, str(_RECORD_STEPS[status]), url))
        else:
            sentence = _("The record of “%(title)s” is to be written.", title=title)
            if one.due is not None:
                day = date_short(one.due, locale())
                sentence = _("The record of “%(title)s” is to be written, by %(day)s.", title=title, day=day)
            rows.append(ToDo(weight, sentence, meeting.code, str(_RECORD_STEPS[status]), url))
    return rows


@dataclass(frozen=True)
class ToApprove:
    """A document that waits for the reader's approval: what it is, of which meeting, who handed it in, since when, and by
    how many working days it is late."""

    kind: str
    meeting: Meeting
    by: str
    since: datetime | None
    url: str
    late: int = 0


def to_approve(actor: Actor, now: datetime) -> list[ToApprove]:
    """The documents that wait for *actor*'s approval, the longest waiting first."""
    rows: list[ToApprove] = []
    if actor.may("invitation.approve"):
        for one in rounds.to_decide(actor):
            url = url_for("approval.page", code=one.meeting.code)
            rows.append(ToApprove(_("Giấy mời"), one.meeting, one.asked_by, one.asked_at, url))
    if actor.may("record.approve"):
        waiting = deadline.open_ones(
            wall(now).date(), _mine(actor, "record.approve"), Record.status == RecordStatus.SUBMITTED
        )
        records = [(one.record, one.late) for one in waiting if one.record is not None]
        for record, late in sorted(records, key=lambda found: found[0].submitted_at or now):
            url = url_for("minutes.minutes", code=record.meeting.code)
            kind = _("Minutes and notice")
            rows.append(ToApprove(kind, record.meeting, record.submitted_by, record.submitted_at, url, late))
    return rows


def letters_visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """The letters of the meetings that *actor*'s units organise; those of no meeting are the nation's administrator's."""
    if actor.may_everywhere("outbox.read"):
        return sa.true()
    return Letter.root.in_(
        sa.select(Meeting.code)
        .join(Unit, Meeting.organiser_id == Unit.id)
        .where(units.within(actor.paths("outbox.read")))
    )


def texts_visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """As :func:`letters_visible_to`, of the text messages."""
    if actor.may_everywhere("outbox.read"):
        return sa.true()
    return TextMessage.root.in_(
        sa.select(Meeting.code)
        .join(Unit, Meeting.organiser_id == Unit.id)
        .where(units.within(actor.paths("outbox.read")))
    )


@dataclass(frozen=True)
class Coming:
    """A meeting of today or this week with its count of answers."""

    meeting: Meeting
    sites: int
    answered: int
    today: bool


AHEAD: Final = timedelta(days=30)
"""How far the home page looks ahead: a national conference is announced weeks before."""


def coming(actor: Actor, now: datetime) -> list[Coming]:
    """Meetings of today and the next thirty days that *actor* may see, soonest first; twenty at most.

    An invited unit counts its own sites and their answers only.
    """
    hers = sa.select(Unit.id).where(units.within(actor.paths("meeting.see")))
    sites = (
        sa.select(sa.func.count())
        .select_from(MeetingSite)
        .where(
            MeetingSite.meeting_id == Meeting.id,
            MeetingSite.removed_at.is_(None),
            sa.or_(Meeting.organiser_id.in_(hers), MeetingSite.unit_id.in_(hers)),
        )
    )
    answered = sites.join(Invitation, Invitation.meeting_site_id == MeetingSite.id).where(
        Invitation.reply.in_((Reply.ACCEPTED, Reply.SUBSTITUTE, Reply.DECLINED))
    )
    day = wall(now).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = db.session.execute(
        sa.select(Meeting, sites.correlate(Meeting).scalar_subquery(), answered.correlate(Meeting).scalar_subquery())
        .where(
            scheduling.visible_to(actor),
            Meeting.status.in_((Status.SCHEDULED, Status.IN_SESSION, Status.CLOSED)),
            Meeting.ends_at > day,
            Meeting.starts_at < day + AHEAD,
        )
        .order_by(Meeting.starts_at)
        .limit(20)
    )
    return [Coming(meeting, count, said, wall(meeting.starts_at).date() == day.date()) for meeting, count, said in rows]


@dataclass(frozen=True)
class Step:
    """A step of setting up, for an administrator's first days."""

    sentence: str
    done: bool
    url: str


def first_steps(actor: Actor) -> list[Step]:
    """What an administrator still has to set up; empty for others and when all is done."""
    if not actor.may("user.administer"):
        return []

    def some(query: sa.Select[int]) -> bool:
        return db.session.scalar(query.limit(1)) is not None

    steps = [
        Step(
            _("Load the units of the state"),
            some(sa.select(Unit.id).where(Unit.kind == UnitKind.PROVINCE)),
            url_for("directory.units"),
        ),
        Step(_("Enter the coordinators of the sites"), some(sa.select(Contact.id)), url_for("directory.imports")),
        Step(_("Enter the leaders"), some(sa.select(Person.id)), url_for("directory.people")),
        Step(_("Create the account of a secretary"), _has_secretary(), url_for("accounts.users")),
    ]
    return [] if all(step.done for step in steps) else steps


def _has_secretary() -> bool:
    return db.session.scalar(sa.select(Grant.id).where(Grant.role == Role.SECRETARY).limit(1)) is not None


def exact(actor: Actor, words: str) -> str:
    """The code of the meeting that *words* are, in full or as the digits said on the phone."""
    text = words.upper().strip()
    if not text:
        return ""
    found = db.session.scalars(
        sa.select(Meeting.code).where(Meeting.code == text, scheduling.visible_to(actor))
    ).first()
    return found or ""


@dataclass(frozen=True)
class Found:
    """What a search brought."""

    meetings: Sequence[Meeting]
    sites: Sequence[Site]


def search(actor: Actor, words: str) -> Found:
    """Meetings and sites that *actor* may know of; twenty of each."""
    if not words:
        return Found([], [])
    meetings = db.session.scalars(scheduling.listed(actor, "", words).limit(20)).unique().all()
    if not actor.may("directory.see"):
        return Found(meetings, [])
    tests = [Site.search_key.contains(search_key(word), autoescape=True) for word in words.split()[:6]]
    sites = db.session.scalars(
        sa.select(Site)
        .join(Unit, Site.unit_id == Unit.id)
        .where(directory.visible_to(actor), *tests)
        .order_by(Site.sort_key)
        .limit(20)
    ).all()
    return Found(meetings, sites)


@dataclass(frozen=True)
class Preparation:
    """How far the sites of a meeting have made ready."""

    rosters: int
    delegates: int
    tested: int
    failed: int


def preparation(meeting: Meeting, visible: sa.ColumnElement[bool]) -> Preparation:
    """Counts of filed rosters, delegates and line tests over the sites of *meeting* that are *visible*."""
    mine = sa.select(MeetingSite.id).where(
        MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None), visible
    )

    def count(column: sa.SQLColumnExpression[int], *where: sa.ColumnElement[bool]) -> int:
        return db.session.scalar(sa.select(sa.func.count(sa.distinct(column))).where(*where)) or 0

    return Preparation(
        rosters=count(Roster.id, Roster.meeting_site_id.in_(mine)),
        delegates=count(Delegate.id, Delegate.meeting_site_id.in_(mine)),
        tested=count(
            LineTest.meeting_site_id, LineTest.meeting_site_id.in_(mine), LineTest.outcome != Outcome.UNTESTED
        ),
        failed=count(
            LineTest.meeting_site_id,
            LineTest.meeting_site_id.in_(mine),
            LineTest.outcome == Outcome.FAILED,
            LineTest.meeting_site_id.not_in(  # a fault of the rehearsal that the day found mended is none any more
                sa.select(_day.meeting_site_id).where(_day.round == Round.ON_DAY, _day.outcome == Outcome.PASSED)
            ),
        ),
    )
