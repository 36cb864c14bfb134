"""Questions about assignments: whose they are, on which list each stands, and one page of them. A second room of ``queries``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased, contains_eager, joinedload

from meetings.accounts.rules import Actor
from meetings.clock import today
from meetings.database import db
from meetings.directory.models import Contact, Duty, Site
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.minutes import following_rules, queries
from meetings.minutes.following_rules import OPEN, Facts, State, Tab, Told
from meetings.minutes.hand_out_rules import Taken, link_only
from meetings.minutes.models import (
    ActionItem,
    Assignment,
    AssignmentFile,
    AssignmentNote,
    HandOut,
    Recall,
    Record,
    RecordItem,
    Statement,
)
from meetings.official.text import fold
from meetings.scheduling import ruling, working_time
from meetings.scheduling.models import Meeting
from meetings.units import queries as units
from meetings.units.models import Unit

A_PAGE: Final = 50


def unit_called(words: str, meeting: Meeting | None = None) -> int | None:
    """The one unit that *words* name, of those that sit in *meeting* or else of all; None where none or several do."""
    if not words.strip():
        return None
    site_id = queries.site_called(meeting, words) if meeting is not None else None
    if site_id is not None:
        return db.session.scalar(sa.select(Site.unit_id).where(Site.id == site_id))
    found = units.named(words.strip().rstrip(".;,"), today())
    return found[0].id if len(found) == 1 else None


# --- where each stands -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sight:
    """The day that is looked from, and the last day that is due soon from there: asked once for a list."""

    today: date
    soon: date

    @classmethod
    def now(cls) -> Sight:
        return cls(today(), following_rules.soon_until(today(), working_time.calendar()))

    def state(self, one: Assignment) -> State:
        """Where *one* stands."""
        return following_rules.state(facts(one), today=self.today, soon=self.soon)

    def words(self, one: Assignment) -> str:
        """Where *one* stands, in words."""
        found = self.state(one)
        return following_rules.state_words(found, due_on=one.due_on, percent=one.percent, today=self.today)

    def on(self, tab: Tab) -> sa.ColumnElement[bool]:
        """Whether an assignment stands on *tab*: the table of the states, said to the database."""
        unended = sa.and_(Assignment.withdrawn_at.is_(None), Assignment.confirmed_at.is_(None))
        doing = sa.and_(unended, Assignment.claimed_at.is_(None))
        match tab:
            case Tab.OVERDUE:
                return sa.and_(doing, Assignment.due_on < self.today)
            case Tab.SOON:
                return sa.and_(doing, Assignment.due_on >= self.today, Assignment.due_on <= self.soon)
            case Tab.DOING:
                return sa.and_(doing, sa.or_(Assignment.due_on.is_(None), Assignment.due_on > self.soon))
            case Tab.AWAITING:
                return sa.and_(unended, Assignment.claimed_at.is_not(None))
            case Tab.DONE:
                return sa.and_(Assignment.withdrawn_at.is_(None), Assignment.confirmed_at.is_not(None))
            case Tab.WITHDRAWN:
                return Assignment.withdrawn_at.is_not(None)


def facts(one: Assignment) -> Facts:
    """What the state of *one* hangs on."""
    return Facts(
        due_on=one.due_on,
        reported=one.reported_at is not None,
        claimed=one.claimed_at is not None,
        confirmed=one.confirmed_at is not None,
        withdrawn=one.withdrawn_at is not None,
        done_on=one.done_on,
    )


unended = sa.and_(Assignment.withdrawn_at.is_(None), Assignment.confirmed_at.is_(None))
"""Whether an assignment has not come to its end."""
still_open = sa.and_(unended, Assignment.claimed_at.is_(None))
"""Whether its unit still has something to do."""
reached = sa.exists().where(
    Site.unit_id == Assignment.lead_unit_id,
    Site.in_service,
    Contact.site_id == Site.id,
    Contact.valid_to.is_(None),
    Contact.duty.in_((Duty.COORDINATOR, Duty.DEPUTY)),
    Contact.email != "",
)
"""Whether somebody answers for the unit that leads it who has an e-mail address: ``officers_of``, for a statement over many."""
taken_back = sa.exists().where(
    ActionItem.id == Assignment.item_id, Recall.record_id == ActionItem.record_id, Recall.whole
)
"""Whether the documents that gave it were taken back from everybody, and no version in their place was issued yet."""


# --- who sees it -----------------------------------------------------------------------------------------------------


def visible_to(actor: Actor, permission: str = "task.see") -> sa.ColumnElement[bool]:
    """The assignments that *actor* may see: given by a body of hers, or led by one."""
    hers = sa.select(Unit.id).where(units.within(actor.paths(permission)))
    return sa.or_(Assignment.organiser_id.in_(hers), Assignment.lead_unit_id.in_(hers))


def given_by(actor: Actor, permission: str) -> sa.ColumnElement[bool]:
    """The assignments that a body gave for which *actor* holds *permission*."""
    return Assignment.organiser_id.in_(sa.select(Unit.id).where(units.within(actor.paths(permission))))


def seen(actor: Actor, assignment_id: int) -> Assignment:
    """One that *actor* may see. Raises :class:`NotFound`."""
    known = 0 < assignment_id < 2**31
    query = sa.select(Assignment).where(Assignment.id == assignment_id, visible_to(actor)).options(*WHOLE)
    found = db.session.scalars(query).first() if known else None
    if found is None:
        raise NotFound(_("There is no such task, or none that this account may see."))
    return found


def may_give(actor: Actor, one: Assignment, permission: str = "task.follow") -> bool:
    """Whether *actor* acts for the body that gave *one*."""
    return actor.may(permission, one.organiser.path)


def may_report(actor: Actor, one: Assignment) -> bool:
    """Whether *actor* reports for the unit that leads *one*."""
    return one.lead_unit is not None and actor.may("task.report", one.lead_unit.path)


# --- a page of them --------------------------------------------------------------------------------------------------

WHOLE: Final = (
    joinedload(Assignment.item),
    joinedload(Assignment.meeting).joinedload(Meeting.organiser),
    joinedload(Assignment.lead_unit),
    joinedload(Assignment.organiser),
)


@dataclass(frozen=True)
class Asked:
    """What a reader of the list looks for."""

    tab: Tab
    unit_id: int | None = None
    code: str = ""
    words: str = ""
    period: tuple[date, date] | None = None
    asks: bool = False
    """Only those for which a later day is asked and not decided."""

    @property
    def narrow(self) -> bool:
        """Whether anything but the list itself was asked for."""
        return bool(self.unit_id is not None or self.code or self.words or self.period or self.asks)


def _where(asked: Asked) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if asked.unit_id is not None:
        found.append(Assignment.lead_unit_id == asked.unit_id)
    if asked.code:
        found.append(Assignment.meeting_id == sa.select(Meeting.id).where(Meeting.code == asked.code).scalar_subquery())
    for word in fold(asked.words).split()[:8]:
        found.append(Assignment.search_key.contains(word, autoescape=True))
    if asked.asks:
        found.append(Assignment.asked_due.is_not(None))
    if asked.period is not None:
        found.append(Assignment.given_on.between(*asked.period))
    return found


def counts(actor: Actor, asked: Asked, sight: Sight) -> dict[Tab, int]:
    """How many stand on each list: one statement."""
    columns = [sa.func.coalesce(sa.func.sum(sa.case((sight.on(tab), 1), else_=0)), 0) for tab in Tab]
    row = db.session.execute(sa.select(*columns).where(visible_to(actor), *_where(asked))).one()
    return {tab: int(count) for tab, count in zip(Tab, row, strict=True)}


def page(actor: Actor, asked: Asked, sight: Sight, number: int = 1) -> Sequence[Assignment]:
    """One page of a list, what is due first at the top; what has ended, the newest first. One statement."""
    ended = asked.tab in (Tab.DONE, Tab.WITHDRAWN)
    order = (
        [sa.func.coalesce(Assignment.withdrawn_at, Assignment.confirmed_at).desc(), Assignment.id.desc()]
        if ended
        else [Assignment.due_on.is_(None), Assignment.due_on, Assignment.id]
    )
    query = sa.select(Assignment).where(visible_to(actor), sight.on(asked.tab), *_where(asked)).order_by(*order)
    return db.session.scalars(query.options(*WHOLE).limit(A_PAGE).offset(A_PAGE * (number - 1))).all()


AT_MOST: Final = 500
"""So many are chosen at once to be written to of."""


def all_on(actor: Actor, asked: Asked, sight: Sight) -> set[int]:
    """The ids of what stands on a list, on whatever page, and was not written of today; :data:`AT_MOST`, what is due first."""
    fresh = sa.or_(Assignment.reminded_on.is_(None), Assignment.reminded_on < sight.today)
    query = sa.select(Assignment.id).where(given_by(actor, "task.follow"), sight.on(asked.tab), *_where(asked), fresh)
    order = (Assignment.due_on.is_(None), Assignment.due_on, Assignment.id)
    return set(db.session.scalars(query.order_by(*order).limit(AT_MOST)))


def chosen(actor: Actor, ids: Collection[int], permission: str = "task.follow") -> Sequence[Assignment]:
    """Those of *ids* that a body of *actor* gave, the most overdue first; :data:`AT_MOST` at most."""
    query = sa.select(Assignment).where(Assignment.id.in_(sorted(ids)[:AT_MOST]), given_by(actor, permission))
    order = (Assignment.due_on.is_(None), Assignment.due_on, Assignment.id)
    return db.session.scalars(query.order_by(*order).options(*WHOLE)).all()


def leading(actor: Actor) -> list[tuple[int, str]]:
    """(id, name) of the units that lead something that *actor* may see: the choices of the filter."""
    query = sa.select(Unit.id, Unit.full_name).where(
        Unit.id.in_(sa.select(Assignment.lead_unit_id).where(visible_to(actor)).distinct())
    )
    return [(id, name) for id, name in db.session.execute(query.order_by(Unit.sort_key, Unit.id).limit(500))]


def meetings_of(actor: Actor) -> list[tuple[str, str]]:
    """(code, title) of the meetings that gave something that *actor* may see, the newest first."""
    query = sa.select(Meeting.code, Meeting.title).where(
        Meeting.id.in_(sa.select(Assignment.meeting_id).where(visible_to(actor)).distinct())
    )
    return [(code, title) for code, title in db.session.execute(query.order_by(Meeting.starts_at.desc()).limit(200))]


@dataclass(frozen=True)
class Waiting:
    """What *actor* has to see to: of what her bodies gave, and of what her units owe to others."""

    overdue: int
    awaiting: int
    asks: int
    owed_late: int
    owed_soon: int


def waiting(actor: Actor) -> Waiting:
    """What waits for *actor* among the tasks: one statement."""
    sight, given = Sight.now(), given_by(actor, "task.decide")
    hers = sa.select(Unit.id).where(units.within(actor.paths("task.report")))
    owed = sa.and_(Assignment.lead_unit_id.in_(hers), sa.not_(given))
    asks = sa.and_(still_open, Assignment.asked_due.is_not(None))
    wheres = (
        *(sa.and_(given, where) for where in (sight.on(Tab.OVERDUE), sight.on(Tab.AWAITING), asks)),
        *(sa.and_(owed, where) for where in (sight.on(Tab.OVERDUE), sight.on(Tab.SOON))),
    )
    sums = [sa.func.coalesce(sa.func.sum(sa.case((where, 1), else_=0)), 0) for where in wheres]
    row = db.session.execute(sa.select(*sums).where(sa.or_(given, owed), unended)).one()
    return Waiting(*(int(count) for count in row))


def numbers_of(given: Iterable[Assignment]) -> dict[int, int]:
    """Which number each of *given* has in the table of its minutes, by the id of its item: one statement."""
    items = {one.item_id: one.item.record_id for one in given}
    place = sa.func.row_number().over(partition_by=ActionItem.record_id, order_by=(ActionItem.position, ActionItem.id))
    rows = db.session.execute(sa.select(ActionItem.id, place).where(ActionItem.record_id.in_(set(items.values()))))
    return {id: number for id, number in rows if id in items}


# --- one of them -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Noted:
    """A line of the history of an assignment with the files that came with it."""

    note: AssignmentNote
    files: tuple[AssignmentFile, ...]


def notes(ids: Iterable[int], *, to_unit: bool = False) -> dict[int, list[Noted]]:
    """What was said of each of these assignments, the newest first: two statements.

    *to_unit*: as its unit reads it, without the letters that the office wrote: those come to it signed.
    """
    wanted = list(ids)
    rows = db.session.scalars(
        sa.select(AssignmentNote).where(AssignmentNote.assignment_id.in_(wanted)).order_by(AssignmentNote.id.desc())
    ).all()
    files: dict[int, list[AssignmentFile]] = {}
    hung = sa.select(AssignmentFile).join(AssignmentNote, AssignmentNote.id == AssignmentFile.note_id)
    if to_unit:
        hung = hung.where(AssignmentNote.told != Told.URGED)
    for one in db.session.scalars(hung.where(AssignmentNote.assignment_id.in_(wanted)).order_by(AssignmentFile.id)):
        files.setdefault(one.note_id, []).append(one)
    found: dict[int, list[Noted]] = {}
    for row in rows:
        found.setdefault(row.assignment_id, []).append(Noted(row, tuple(files.get(row.id, ()))))
    return found


def noted_file(one: Assignment, sha256: str) -> bool:
    """Whether a file of these bytes stands in the history of *one*."""
    query = sa.select(AssignmentFile.id).join(AssignmentNote, AssignmentNote.id == AssignmentFile.note_id)
    where = (AssignmentNote.assignment_id == one.id, AssignmentFile.sha256 == sha256)
    return db.session.scalar(query.where(*where).limit(1)) is not None


def file_of(one: Assignment, file_id: int, *, to_unit: bool = False) -> AssignmentFile:
    """A file that came with a report on *one*; *to_unit* as in :func:`notes`."""
    found = db.session.get(AssignmentFile, file_id) if 0 < file_id < 2**31 else None
    if found is None or found.note.assignment_id != one.id or (to_unit and found.note.told is Told.URGED):
        raise NotFound(_("There is no such file."))
    return found


def source(one: Assignment) -> Statement | None:
    """The sentence of the minutes that *one* came from, where it still stands in the version that holds."""
    if one.item.statement_id is None:
        return None
    return db.session.scalars(
        sa.select(Statement)
        .join(RecordItem, RecordItem.id == Statement.item_id)
        .where(Statement.id == one.item.statement_id, RecordItem.record_id == one.item.record_id)
    ).first()


def record_of(one: Assignment) -> Record:
    """The version of the minutes that holds for *one*."""
    return one.item.record


def wordless(given: Iterable[Assignment]) -> frozenset[int]:
    """The ids of those of *given* whose documents go to units by link alone: no letter says what they say."""
    tasks, rule = list(given), ruling.rules_on(today()).get("hand_out")
    by_link = sa.func.min(sa.case((HandOut.link_only, 1), else_=0)) == 1
    handed = sa.select(HandOut.record_id).where(HandOut.record_id.in_({one.item.record_id for one in tasks}))
    asked = set(db.session.scalars(handed.group_by(HandOut.record_id).having(by_link)))
    value = rule.value if rule else None
    return frozenset(
        one.id
        for one in tasks
        if link_only(Taken.TASK, True, secrecy=one.meeting.secrecy, value=value, asked=one.item.record_id in asked)
    )


# --- the next meeting of the series ----------------------------------------------------------------------------------


def given_at(meeting: Meeting, *where: sa.ColumnElement[bool]) -> Sequence[Assignment]:
    """The first of what *meeting* gave, of what *where* lets be seen: what is due first, what has come to its end last."""
    ended = sa.or_(Assignment.withdrawn_at.is_not(None), Assignment.confirmed_at.is_not(None))
    order = (ended, Assignment.claimed_at.is_not(None), Assignment.due_on.is_(None), Assignment.due_on, Assignment.id)
    query = sa.select(Assignment).where(Assignment.meeting_id == meeting.id, *where).order_by(*order)
    return db.session.scalars(query.limit(8).options(*WHOLE)).all()


def unfinished_before(meeting: Meeting, *where: sa.ColumnElement[bool]) -> Sequence[Assignment]:
    """What the earlier dates of the series of *meeting* gave and nobody has brought to its end, overdue first."""
    if meeting.series_id is None or meeting.starts_at is None:
        return []
    earlier = aliased(Meeting)
    return db.session.scalars(
        sa.select(Assignment)
        .join(earlier, earlier.id == Assignment.meeting_id)
        .where(unended, earlier.series_id == meeting.series_id, earlier.starts_at < meeting.starts_at, *where)
        .order_by(Assignment.claimed_at.is_not(None), Assignment.due_on.is_(None), Assignment.due_on, Assignment.id)
        .limit(200)
        .options(*WHOLE)
    ).all()


def open_of(record: Record) -> Sequence[Assignment]:
    """What *record* gives and its unit still has to do, in its order."""
    query = sa.select(Assignment).join(ActionItem, ActionItem.id == Assignment.item_id)
    query = query.where(ActionItem.record_id == record.id, still_open)
    query = query.options(contains_eager(Assignment.item), joinedload(Assignment.lead_unit))
    return db.session.scalars(query.order_by(ActionItem.position, ActionItem.id)).all()


def is_open(found: State) -> bool:
    """Whether the unit still has something to do."""
    return found in OPEN


def overdue_of(actor: Actor, unit_id: int, organiser_id: int) -> Sequence[Assignment]:
    """What one unit owes one organiser of *actor* beyond its day, the oldest first."""
    return db.session.scalars(
        sa.select(Assignment)
        .where(
            given_by(actor, "task.follow"),
            Sight.now().on(Tab.OVERDUE),
            Assignment.lead_unit_id == unit_id,
            Assignment.organiser_id == organiser_id,
        )
        .order_by(Assignment.due_on, Assignment.id)
        .limit(200)
        .options(*WHOLE)
    ).all()
