"""What a report counts, said once: the same condition makes a number and the list of names behind it.

Every figure is of meetings that were *held*, that is whose roll is closed, and whose start lies in the period as the wall in
Hà Nội shows it; only action items go by the day they are due. A site is counted as the roll counts it (``attendance``): what was
taken out does not count, and the host site is not invited to itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from meetings.accounts.rules import Actor
from meetings.attendance import facts
from meetings.attendance.board import CONFIRMED
from meetings.attendance.models import Presence, Roll
from meetings.attendance.rules import State
from meetings.database import db
from meetings.directory.models import Site
from meetings.i18n import lazy_gettext as _l
from meetings.invitations.models import Invitation
from meetings.minutes.models import Assignment
from meetings.overview.reports_period import Period
from meetings.savings.models import SavingsEstimate
from meetings.scheduling.models import Meeting, MeetingSite, RegimeOverride
from meetings.scheduling.rules import MeetingType, Status
from meetings.units import queries as units
from meetings.units.models import Unit, UnitKind


class Figure(StrEnum):
    """The columns of a report, in their order."""

    MEETINGS = "meetings"
    URGENT = "urgent"
    INVITED = "invited"
    ON_TIME = "on_time"
    FAILED = "failed"
    ABSENT = "absent"
    PEOPLE = "people"
    OVERRIDES = "overrides"
    TASKS = "tasks"
    TASKS_ON_TIME = "tasks_on_time"
    SAVINGS = "savings"


FIGURE_WORDS: Final = {
    Figure.MEETINGS: _l("Meetings"),
    Figure.URGENT: _l("of these urgent"),
    Figure.INVITED: _l("Sites invited"),
    Figure.ON_TIME: _l("confirmed on time"),
    Figure.FAILED: _l("failed the line test"),
    Figure.ABSENT: _l("absent"),
    Figure.PEOPLE: _l("Delegates counted"),
    Figure.OVERRIDES: _l("Rules of the regime overridden"),
    Figure.TASKS: _l("Tasks due"),
    Figure.TASKS_ON_TIME: _l("done on time"),
    Figure.SAVINGS: _l("Savings (estimate)"),
}
HOW: Final = {
    Figure.MEETINGS: _l("Meetings that were held and whose roll is closed, by the day on which they began."),
    Figure.URGENT: _l("Meetings that were called as urgent ones, with a reason."),
    Figure.INVITED: _l(
        "Sites on the roll of these meetings, without the main site and without those that were taken out."
    ),
    Figure.ON_TIME: _l(
        "Sites whose answer in force is that they come, themselves or by a substitute, given by the deadline."
    ),
    Figure.FAILED: _l(
        "Sites whose last line test found a fault: that of the day, or the rehearsal where the day has none."
    ),
    Figure.ABSENT: _l("Sites that the closed roll calls absent, with or without notice."),
    Figure.PEOPLE: _l(
        "Head-counts of the sites that came, and of the main site. Sites that nobody counted add nothing."
    ),
    Figure.OVERRIDES: _l("How often an invitation left although a rule of the meeting regime spoke against it."),
    Figure.TASKS: _l(
        "Tasks from conclusions that fall due in the period and were not withdrawn, by the unit in charge."
    ),
    Figure.TASKS_ON_TIME: _l("Tasks of these that were confirmed as done by the day they were due."),
    Figure.SAVINGS: _l(
        "The newest estimate of each meeting, low to high. By province: what its delegations would have cost; the hall, less the"
        " cost of meeting online, stands on the line of the main site. Meetings without an estimate add nothing."
    ),
}
"""How each figure is counted, as the page, the workbook and the document say it."""

SITE_FIGURES: Final = (Figure.INVITED, Figure.ON_TIME, Figure.FAILED, Figure.ABSENT, Figure.PEOPLE)
TASK_FIGURES: Final = (Figure.TASKS, Figure.TASKS_ON_TIME)


class By(StrEnum):
    """What the lines of a report are."""

    PART = "part"
    PERIOD = "period"
    TYPE = "type"
    ORGANISER = "organiser"
    CROSS = "cross"
    CROSS_PART = "cross_part"


AXES: Final[Mapping[By, tuple[By, ...]]] = {
    By.PART: (By.PART,),
    By.PERIOD: (By.PERIOD,),
    By.TYPE: (By.TYPE,),
    By.ORGANISER: (By.ORGANISER,),
    By.CROSS: (By.PERIOD, By.ORGANISER, By.TYPE),
    By.CROSS_PART: (By.PERIOD, By.PART, By.TYPE),
}
"""What tells one line of a report from another: one thing, or three that are crossed."""

BY_WORDS: Final = {
    By.PART: _l("Province or body of the sites"),
    By.PERIOD: _l("Quarter or month"),
    By.TYPE: _l("Type of meeting"),
    By.ORGANISER: _l("Organising unit"),
    By.CROSS: _l("Quarter or month × organising unit × type"),
    By.CROSS_PART: _l("Quarter or month × province or body × type"),
}


@dataclass(frozen=True)
class Scope:
    """What is asked: a period, and what it is narrowed to. *part*: id of a province, or of a body that is in none."""

    actor: Actor
    period: Period
    type: MeetingType | None = None
    organiser: int | None = None
    part: int | None = None

    def narrowed(self, by: By, key: tuple[Any, ...]) -> Scope:
        """The scope of the line of a report by *by* that *key* tells from the others: a value for each of its axes."""
        return replace(self, **{axis.value: value for axis, value in zip(AXES[by], key, strict=True)})


# ------------------------------------------------------------------ which rows


def organised(scope: Scope) -> sa.ColumnElement[bool]:
    """The units whose meetings the reader may count."""
    return sa.and_(
        units.within(scope.actor.paths("report.see")),
        sa.true() if scope.organiser is None else Unit.id == scope.organiser,
    )


def _in_scope(scope: Scope) -> list[sa.ColumnElement[bool]]:
    kind = [] if scope.type is None else [Meeting.type == scope.type]
    return [Meeting.organiser_id.in_(sa.select(Unit.id).where(organised(scope))), *kind]


def begun(scope: Scope) -> list[sa.ColumnElement[bool]]:
    """Meetings, whatever became of them, that were to begin in the period."""
    period = scope.period
    return [*_in_scope(scope), Meeting.starts_at >= period.begins_at, Meeting.starts_at < period.ends_at]


def held(scope: Scope) -> list[sa.ColumnElement[bool]]:
    """The meetings that count."""
    return [*begun(scope), Meeting.status == Status.CLOSED]


part_of_site = sa.func.coalesce(MeetingSite.province_id, MeetingSite.unit_id)
"""The province of a site, or its own unit where that lies in none (a ministry)."""

host_site, host_unit, host_row, host_presence = (
    aliased(Site, name="host_site"),
    aliased(Unit, name="host_unit"),
    aliased(MeetingSite, name="host_row"),
    aliased(Presence, name="host_presence"),
)
_above = aliased(Unit, name="above")


def _province_above(unit: Any) -> Any:
    """The id of the province that *unit* lies in or is, else its own."""
    above = sa.select(_above.id).where(_above.kind == UnitKind.PROVINCE, unit.path.startswith(_above.path))
    return sa.func.coalesce(above.limit(1).correlate(unit).scalar_subquery(), unit.id)


part_of_host = _province_above(host_unit)
not_the_host = sa.or_(Meeting.host_site_id.is_(None), MeetingSite.site_id != Meeting.host_site_id)
came = sa.and_(Presence.joined_at.is_not(None), Presence.state != State.ABSENT)

SITE_CONDITIONS: Final[Mapping[Figure, sa.ColumnElement[bool]]] = {
    Figure.INVITED: sa.true(),
    Figure.ON_TIME: sa.and_(facts.reply.in_(CONFIRMED), sa.not_(Invitation.late)),
    Figure.FAILED: facts.test == "failed",
    Figure.ABSENT: facts.state == State.ABSENT.value,
    Figure.PEOPLE: sa.and_(came, Presence.head_count > 0),
}
"""Which of the invited sites a figure counts; of the last one their head-counts are added."""


def sites(scope: Scope, *columns: Any) -> sa.Select[Any]:
    """*columns* of every site that was invited, with its facts."""
    query = (
        facts.joined(*columns)
        .join(Meeting, MeetingSite.meeting_id == Meeting.id)
        .where(*held(scope), MeetingSite.removed_at.is_(None), not_the_host)
    )
    return query if scope.part is None else query.where(part_of_site == scope.part)


host_count = sa.func.coalesce(Roll.host_head_count, host_presence.head_count, 0)


def hosts(scope: Scope, *columns: Any) -> sa.Select[Any]:
    """*columns* of the main sites of the meetings that count, with how many sat there."""
    query = (
        sa.select(*columns)
        .select_from(Meeting)
        .join(host_site, host_site.id == Meeting.host_site_id)
        .join(host_unit, host_unit.id == host_site.unit_id)
        .outerjoin(Roll, Roll.meeting_id == Meeting.id)
        .outerjoin(
            host_row,
            sa.and_(
                host_row.meeting_id == Meeting.id,
                host_row.site_id == Meeting.host_site_id,
                host_row.removed_at.is_(None),
            ),
        )
        .outerjoin(host_presence, host_presence.meeting_site_id == host_row.id)
        .where(*held(scope))
    )
    return query if scope.part is None else query.where(part_of_host == scope.part)


def meetings(scope: Scope, *columns: Any, urgent: bool = False) -> sa.Select[Any]:
    """*columns* of the meetings that count: with a part, those that it had a site in or hosted."""
    query = sa.select(*columns).select_from(Meeting).where(*held(scope))
    if urgent:
        query = query.where(Meeting.urgent)
    if scope.part is None:
        return query
    of_sites = sites(scope, MeetingSite.meeting_id).correlate(None)
    of_hosts = hosts(scope, Meeting.id).correlate(None)
    return query.where(sa.or_(Meeting.id.in_(of_sites), Meeting.id.in_(of_hosts)))


def overrides(scope: Scope, *columns: Any) -> sa.Select[Any]:
    """*columns* of the overrides on which an invitation leaned, of the meetings that count."""
    counted = meetings(scope, Meeting.id).correlate(None)
    return (
        sa.select(*columns)
        .select_from(RegimeOverride)
        .join(Meeting, RegimeOverride.meeting_id == Meeting.id)
        .where(RegimeOverride.counted_at.is_not(None), Meeting.id.in_(counted))
    )


def estimates(scope: Scope, *columns: Any) -> sa.Select[Any]:
    """*columns* of the newest estimate of each meeting that counts."""
    counted = meetings(scope, Meeting.id).correlate(None)
    newest = (
        sa.select(SavingsEstimate.meeting_id, sa.func.max(SavingsEstimate.version).label("version"))
        .group_by(SavingsEstimate.meeting_id)
        .subquery("newest")
    )
    return (
        sa.select(*columns)
        .select_from(SavingsEstimate)
        .join(Meeting, SavingsEstimate.meeting_id == Meeting.id)
        .join(
            newest,
            sa.and_(newest.c.meeting_id == Meeting.id, newest.c.version == SavingsEstimate.version),
        )
        .where(Meeting.id.in_(counted))
    )


lead = aliased(Unit, name="lead")
part_of_task = _province_above(lead)
done_on_time = sa.and_(
    Assignment.confirmed_at.is_not(None), sa.or_(Assignment.done_on.is_(None), Assignment.done_on <= Assignment.due_on)
)
NO_UNIT: Final = 0
"""The part of tasks whose minutes name no unit."""


def tasks(scope: Scope, *columns: Any, on_time: bool = False) -> sa.Select[Any]:
    """*columns* of the action items that fall due in the period; their part is that of the unit that leads."""
    query = (
        sa.select(*columns)
        .select_from(Assignment)
        .join(Meeting, Assignment.meeting_id == Meeting.id)
        .outerjoin(lead, lead.id == Assignment.lead_unit_id)
        .where(
            *_in_scope(scope),
            Assignment.withdrawn_at.is_(None),
            Assignment.due_on.between(scope.period.first, scope.period.last),
        )
    )
    if on_time:
        query = query.where(done_on_time)
    if scope.part is None:
        return query
    return query.where(Assignment.lead_unit_id.is_(None) if scope.part == NO_UNIT else part_of_task == scope.part)


# ------------------------------------------------------------------ what is left out, and said so


def not_held(scope: Scope) -> Mapping[Status, int]:
    """How many meetings were to begin in the period and count nothing here, by what became of them; no drafts."""
    shown = [status for status in Status if status not in (Status.CLOSED, Status.DRAFT)]
    rows = db.session.execute(
        sa.select(Meeting.status, sa.func.count())
        .where(*begun(scope), Meeting.status.in_(shown))
        .group_by(Meeting.status)
    ).all()
    found = dict(rows)
    return {status: found[status] for status in shown if status in found}
