"""Who is written to about tasks and when: by hand, by the ladder of days, of a decision, and after an officer was named.

A second room of ``services``: the same rules hold. Which reminder is due is worked out anew at every look and never planned
ahead; what is kept is the day a unit was last written to of a task.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

import sqlalchemy as sa

from meetings import adapters, journal, links
from meetings.accounts.rules import SYSTEM, Actor
from meetings.clock import today, wall
from meetings.database import db
from meetings.directory.models import Contact, Duty, Site
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.journal import Entry
from meetings.minutes import (
    door_queries,
    following,
    following_doors,
    following_letters,
    following_queries,
    following_rules,
)
from meetings.minutes.following_queries import Sight
from meetings.minutes.models import Assignment, AssignmentDoor
from meetings.official.working_days import Calendar
from meetings.post import queries as letter_box
from meetings.post import services as post
from meetings.post.message import filled
from meetings.post.services import Draft
from meetings.scheduling import working_time
from meetings.units.models import Unit

_FROM: Final = time(8, 0)
"""Reminders are written when offices open."""
_AT_ONCE: Final = 200
"""Units written to in one pass: the next pass takes the rest."""


@dataclass(frozen=True)
class Reader:
    """A unit that is to be written to of what it was *given*; *contact* None, or without an address: it is rung."""

    unit: Unit
    given: tuple[Assignment, ...]
    contact: Contact | None

    @property
    def address(self) -> str:
        return self.contact.email if self.contact is not None else ""


def readers(given: Iterable[Assignment]) -> list[Reader]:
    """The units that lead what was *given*, one for each and its organiser, in the order of what is due first."""
    by_unit: dict[tuple[int, int], list[Assignment]] = {}
    for one in given:
        if one.lead_unit_id is not None:
            by_unit.setdefault((one.lead_unit_id, one.organiser_id), []).append(one)
    officers = door_queries.officers_of({unit_id for unit_id, _organiser in by_unit})
    found = []
    for (unit_id, _organiser), tasks in by_unit.items():
        assert tasks[0].lead_unit is not None
        found.append(Reader(tasks[0].lead_unit, tuple(tasks), officers.get(unit_id)))
    return found


def sample(found: Sequence[Reader], *, actor: Actor) -> Draft | None:
    """The letter to the first of *found* that can be written to, to be read before it is sent."""
    reader = next((one for one in found if one.address), None)
    if reader is None or reader.contact is None:
        return None
    door = door_queries.door_of(reader.unit.id, reader.given[0].organiser_id)
    if door is None or door.link is None:
        return None
    return following_letters.reminder(door, reader.given, reader.contact, Sight.now(), key="sample", asked=actor.name)


def shown(letter: Draft) -> str:
    """The words of *letter* with its link left out, to be read before it is sent."""
    return filled(letter.text, {"reader": letter.fills.get("reader", ""), "token": "…"})


def urge(given: Sequence[Assignment], *, actor: Actor) -> int:
    """Remind the units of what is still open of *given*, by hand; returns how many were written to.

    A unit that was written to today of the same tasks is not written to again.
    """
    sight = Sight.now()
    open_ones = [one for one in given if following_queries.is_open(sight.state(one))]
    if not open_ones:
        raise Refused(_("Nothing is open any more among the tasks that were chosen."), field="who", status=422)
    if not (written := _write([one for one in readers(open_ones) if one.address], sight, actor=actor)):
        raise Refused(
            _("None of these units can be written to: no e-mail address is known, or they were written to today."),
            field="who", status=422,
        )  # fmt: skip
    return written


def _write(found: Sequence[Reader], sight: Sight, *, actor: Actor) -> int:
    """A letter to each of *found*: a handful of statements, however many they are. Returns how many letters are new."""
    doors = following_doors.doors_for({_pair(one) for one in found})
    unsaid = following_queries.wordless(task for one in found for task in one.given)
    drafts: dict[str, Draft] = {}
    whose: dict[str, Reader] = {}
    for one in found:
        assert one.contact is not None
        key = _key(doors[_pair(one)], one, sight, by_hand=actor is not SYSTEM)
        asked = actor.name if actor is not SYSTEM else ""
        drafts[key] = following_letters.reminder(
            doors[_pair(one)], one.given, one.contact, sight, key=key, asked=asked, wordless=unsaid
        )
        whose[key] = one
    new = [whose[key] for key in whose.keys() - letter_box.known(drafts)]
    post.hand_in_all(drafts.values())
    given = sorted((task for one in new for task in one.given), key=lambda task: task.id)
    for task in given:
        if actor is not SYSTEM:
            following.urged(task, actor=actor)
        task.reminded_on = sight.today
    fact = "assignment.urged" if actor is not SYSTEM else "assignment.reminded"
    details = [{"task": task.item.text[:120], "unit": task.led_by} for task in given]
    journal.record_each(fact, given, actor=actor, details=details)
    return len(new)


def _pair(reader: Reader) -> door_queries.Pair:
    return reader.unit.id, reader.given[0].organiser_id


def _key(door: AssignmentDoor, reader: Reader, sight: Sight, *, by_hand: bool) -> str:
    """The same for the same tasks on the same day: a letter that was pressed twice is one."""
    ids = ".".join(str(one.id) for one in sorted(reader.given, key=lambda one: one.id))
    which = hashlib.sha256(ids.encode()).hexdigest()[:16]
    return f"{following_letters.KIND}-{'hand' if by_hand else 'day'}-{door.id}-{sight.today.isoformat()}-{which}"


def remind(at: datetime) -> int:
    """Write to the units of what is due by the ladder of days, some units at a time; returns how many letters are new.

    All that a unit is to be reminded of today by one body stands in one letter. A unit that nobody can write to is left to
    the telephone, and what was taken back with its whole documents waits for the next version.
    """
    calendar = working_time.calendar()
    if wall(at).time() < _FROM or not calendar.is_working(today()):
        return 0
    sight = Sight.now()
    due = _due(sight, calendar)
    pairs = db.session.execute(
        sa.select(Assignment.lead_unit_id, Assignment.organiser_id)
        .where(*due)
        .group_by(Assignment.lead_unit_id, Assignment.organiser_id)
        .order_by(sa.func.min(Assignment.due_on), Assignment.lead_unit_id)
        .limit(_AT_ONCE)
    ).all()
    wanted = {(row.lead_unit_id, row.organiser_id) for row in pairs}
    if not wanted:
        return 0
    rows = db.session.scalars(
        sa.select(Assignment)
        .where(*due, Assignment.lead_unit_id.in_({unit_id for unit_id, _organiser in wanted}))
        .order_by(Assignment.due_on, Assignment.id)
        .options(*following_queries.WHOLE)
        .with_for_update(of=Assignment)
    ).all()
    given = [one for one in rows if (one.lead_unit_id, one.organiser_id) in wanted]
    return _write([one for one in readers(given) if one.address], sight, actor=SYSTEM)


def _due(sight: Sight, calendar: Calendar) -> list[sa.ColumnElement[bool]]:
    """Which tasks have passed a day of their ladder since their unit was written to: ``following_rules.to_remind``, said to
    the database. The days on which anything is due are few, however many tasks there are."""
    near = calendar.add_working_days(sight.today, max(following_rules.BEFORE))
    long_ago = sight.today - timedelta(weeks=following_rules.WEEKLY_AT_MOST + 2)
    open_ones = [
        following_queries.still_open,
        Assignment.lead_unit_id.is_not(None),
        Assignment.due_on.between(long_ago, near),
        sa.or_(Assignment.reminded_on.is_(None), Assignment.reminded_on < sight.today),
    ]
    by_rung: dict[date, list[date]] = {}
    for day in db.session.scalars(sa.select(Assignment.due_on).where(*open_ones).distinct()):
        rung = following_rules.last_rung(day, calendar, today=sight.today) if day is not None else None
        if day is not None and rung is not None:
            by_rung.setdefault(rung, []).append(day)
    passed = [
        sa.and_(
            Assignment.due_on.in_(days),
            sa.or_(Assignment.reminded_on.is_(None), Assignment.reminded_on < rung),
        )
        for rung, days in by_rung.items()
    ]
    return [*open_ones, sa.or_(sa.false(), *passed), following_queries.reached, sa.not_(following_queries.taken_back)]


def can_be_written_to(one: Assignment) -> bool:
    """Whether the unit that leads *one* has an e-mail address."""
    contact = door_queries.officers_of([one.lead_unit_id]).get(one.lead_unit_id) if one.lead_unit_id else None
    return contact is not None and bool(contact.email)


def tell_decided(entry: Entry) -> None:
    """Follow-up of what was decided about a task: a letter to its unit."""
    one = db.session.get(Assignment, int(entry.subject.partition(":")[2]))
    if one is None or one.lead_unit_id is None:
        return
    contact = door_queries.officers_of([one.lead_unit_id]).get(one.lead_unit_id)
    if contact is None or not contact.email:
        return
    door = following_doors.door_for(one.lead_unit_id, one.organiser_id)
    words = str(entry.details.get("reason") or entry.details.get("words") or "")
    key = f"{following_letters.DECIDED}-{entry.id}"
    post.hand_in_all(
        [following_letters.decided(door, one, contact, Sight.now(), fact=entry.fact, words=words, key=key)]
    )


def tell_lead(entry: Entry) -> None:
    """Follow-up of ``assignment.lead_named``: a letter to the unit that leads the task now, and to the one that led it before."""
    one = db.session.get(Assignment, int(entry.subject.partition(":")[2]))
    if one is None or one.lead_unit_id is None or one.lead_unit_id != entry.details.get("lead"):
        return
    before = int(entry.details.get("before") or 0)
    officers = door_queries.officers_of({one.lead_unit_id, before})
    sight, drafts = Sight.now(), []
    for unit_id, fact in ((one.lead_unit_id, "assignment.lead_named"), (before, "assignment.passed_on")):
        contact = officers.get(unit_id)
        if contact is not None and contact.email:
            door = following_doors.door_for(unit_id, one.organiser_id)
            key = f"{following_letters.DECIDED}-{entry.id}-{unit_id}"
            drafts.append(following_letters.decided(door, one, contact, sight, fact=fact, words="", key=key))
    post.hand_in_all(drafts)


def pass_on(entry: Entry) -> None:
    """Follow-up of ``unit.merged``: what the closed units still had to do is led by the one they went into."""
    closed = [int(id) for id in entry.details.get("units") or ()]
    made = db.session.scalars(sa.select(Unit).where(Unit.code == entry.subject.partition(":")[2])).first()
    if made is None or not closed:
        return
    query = sa.select(Assignment).where(Assignment.lead_unit_id.in_(closed), following_queries.unended)
    for one in db.session.scalars(query.order_by(Assignment.id).options(*following_queries.WHOLE)):
        following.name_lead(one, made.id, actor=SYSTEM)


def address(one: Assignment) -> str:
    """The address of the page of the unit of *one*, for whoever passes it on by another way than e-mail; "" where none opens."""
    door = door_queries.door_of(one.lead_unit_id, one.organiser_id) if one.lead_unit_id else None
    if door is None or door.link is None or door_queries.holder_left(door):
        return ""
    return f"{adapters.config().public_url}/t/{links.token('t', door.link.id, door.link.issue)}"


def renew_by_hand(one: Assignment, *, actor: Actor) -> Contact | None:
    """Let the unit of *one* have a new link, for the old one got about; returns who is sent it, None: nobody can be."""
    if one.lead_unit_id is None:
        raise Refused(_("Which unit leads this task is not known yet."))
    door = following_doors.door_for(one.lead_unit_id, one.organiser_id)
    assert door.link is not None
    db.session.refresh(door.link, with_for_update=True)
    following_doors.renew_link(door)
    post.withdraw_links("t", [door.link.id])
    unit = door.unit.full_name or door.unit.name
    journal.record("assignment.link_renewed", one, actor=actor, unit=unit, task=one.item.text[:120])
    given = [row for row in door_queries.behind_door(door) if row.confirmed_at is None and not row.withdrawn_at]
    contact = door_queries.officers_of([door.unit_id]).get(door.unit_id)
    if contact is None or not contact.email or not given:
        return None
    post.hand_in_all([following_letters.new_link(door, given, contact, Sight.now())])
    return contact


def renew_for_new_officer(entry: Entry) -> None:
    """Follow-up of ``contact.named``: the link of whoever left opens nothing, and who answers now is sent a new one."""
    if entry.details.get("duty", Duty.COORDINATOR) == Duty.TECHNICIAN:
        return
    site = db.session.get(Site, int(entry.details.get("site_id", 0)))
    if site is None:
        return
    doors = db.session.scalars(sa.select(AssignmentDoor).where(AssignmentDoor.unit_id == site.unit_id)).all()
    for door in doors:
        given = [one for one in door_queries.behind_door(door) if one.confirmed_at is None and not one.withdrawn_at]
        if not given or door.link is None:
            continue
        if door_queries.holder_left(door):
            following_doors.renew_link(door)
            post.withdraw_links("t", [door.link.id])
        contact = door_queries.officers_of([site.unit_id]).get(site.unit_id)
        if contact is not None and contact.email:
            post.hand_in_all([following_letters.new_link(door, given, contact, Sight.now())])
