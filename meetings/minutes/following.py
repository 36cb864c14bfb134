"""The verbs of following action items to their end: given, reported, asked to be put off, done, confirmed.

A second room of ``services``: the same rules hold. Every verb locks its row first, so that of two presses the second sees
what the first has done; what was said stands in notes that are only added.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from meetings import journal, links
from meetings.accounts.rules import SYSTEM, Actor
from meetings.clock import now, today
from meetings.database import db
from meetings.errors import Gone, Refused, Spent
from meetings.i18n import gettext as _
from meetings.minutes import door_queries, following_files, following_queries, following_rules, queries
from meetings.minutes.following_doors import door_for, doors_for
from meetings.minutes.following_queries import Sight
from meetings.minutes.following_rules import State, Told, Way
from meetings.minutes.models import Assignment, AssignmentDoor, AssignmentNote, Record
from meetings.official.dates import date_short
from meetings.official.text import fold


def take_up(record: Record, *, actor: Actor) -> None:
    """Follow the action items of *record*, which is being issued: each by one row, whichever version it stands in.

    What a former version gave and this one does not is withdrawn, and open again where a later one gives it anew; what was
    withdrawn by hand stays so, though it is copied from version to version. A day that was granted outlives a version that
    says the same day as before.
    """
    rows = queries.written(record)
    former = queries.issued_before(record)
    origins = {row.origin_id or row.id: row for row in rows.tasks}
    known = {
        one.origin_id: one
        for one in db.session.scalars(sa.select(Assignment).where(Assignment.meeting_id == record.meeting_id))
    }
    called = cache(following_queries.unit_called)  # the same words stand in many rows
    for origin_id, row in origins.items():
        one = known.get(origin_id)
        if row.lead_unit_id is None:
            row.lead_unit_id = called(row.lead, record.meeting)
        if one is not None and one.lead_unit_id is not None and one.item.lead == row.lead:
            row.lead_unit_id = one.lead_unit_id  # named by hand, it may be, and the minutes say what they said then
        if one is None:
            one = Assignment(
                origin_id=origin_id,
                meeting_id=record.meeting_id,
                organiser_id=record.meeting.organiser_id,
                given_on=today(),
                given_due=row.due_on,
                due_on=row.due_on,
                reminded_on=today(),
                extensions=0,
                urged=0,
            )
            db.session.add(one)
        elif one.given_due != row.due_on:
            one.given_due = one.due_on = row.due_on
            one.asked_due = one.asked_at = None
        if one.withdrawn_at is not None and one.item.record != former:
            one.withdrawn_at = None
        one.item, one.lead_unit_id = row, row.lead_unit_id
        one.search_key = fold(f"{row.text} {row.lead} {record.meeting.code} {record.meeting.title}")
    db.session.flush()
    for origin_id, one in known.items():
        if origin_id not in origins and one.withdrawn_at is None:
            words = _("No longer in the minutes, version %(version)s.", version=record.version)
            _withdraw(one, words, Way.ACCOUNT, actor)
    organiser_id = record.meeting.organiser_id
    doors_for({(row.lead_unit_id, organiser_id) for row in rows.tasks if row.lead_unit_id is not None})


# --- the link --------------------------------------------------------------------------------------------------------


def behind(token: str) -> AssignmentDoor:
    """The door that *token* opens now. Raises :class:`Gone` for every token that opens nothing.

    Computed here and nowhere pushed: the newest issue, made for an officer who still holds the office, something open or
    ended lately.
    """
    claim = links.read(token)
    door = door_queries.door_behind(claim.id, claim.issue) if claim is not None and claim.purpose == "t" else None
    if door is None or door_queries.holder_left(door):
        office = door_queries.office_behind(claim.id) if claim is not None and claim.purpose == "t" else None
        if office is not None:
            name, phone = office
            raise Gone(
                _(
                    "This link no longer opens the tasks of a unit. For a new one ring %(name)s.",
                    name=f"{name}, {phone}",
                )
            )
        raise Gone(_("This link no longer opens the tasks of a unit. Ask the office that sent it for a new one."))
    open_ones = door_queries.open_behind(door)
    last = door_queries.last_end(door)
    if not open_ones and last is None:
        raise Gone(_("No task stands behind this link any more: another unit leads what stood here."))
    if not following_rules.link_opens(open_ones, last, today=today()):
        raise Gone(_("All tasks behind this link came to their end more than 30 days ago."))
    return door


def own_task(door: AssignmentDoor, assignment_id: int) -> Assignment:
    """The task *assignment_id* of the unit of *door*, given by its organiser. Raises :class:`Gone` for any other."""
    found = db.session.get(Assignment, assignment_id) if 0 < assignment_id < 2**31 else None
    if found is None or (found.lead_unit_id, found.organiser_id) != (door.unit_id, door.organiser_id):
        raise Gone(_("This link does not open that task."))
    return found


# --- what the unit says ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Upload:
    """A file as it came."""

    name: str
    data: bytes


def report(
    one: Assignment, percent: int | None, words: str, way: Way, *, actor: Actor, uploads: Sequence[Upload] = ()
) -> None:
    """Note how far *one* has come. Raises :class:`Refused` where nothing is said, or nothing is open any more."""
    _alone(one)
    if _said_already(one, Told.PROGRESS, actor, percent=percent, words=words, uploads=uploads):
        return
    following_rules.check_open(Sight.now().state(one))
    following_rules.check_percent(percent)
    _bounded(one, way)
    if percent is None and not words and not uploads:
        raise Refused(_("Enter how far it has come, in per cent or in words."), field="words", status=422)
    note = _note(one, Told.PROGRESS, way, actor, percent=percent, words=words)
    following_files.attach(note, [(upload.name, upload.data) for upload in uploads])
    one.reported_at = note.at
    if percent is not None:
        one.percent = percent
    journal.record("assignment.reported", one, actor=actor, percent=percent, words=words, way=way, **_named(one))


def claim(one: Assignment, words: str, way: Way, *, actor: Actor, uploads: Sequence[Upload] = ()) -> None:
    """Note that the unit says *one* is done; whoever gave it confirms. An extension that was asked for is over with it."""
    _alone(one)
    if _said_already(one, Told.DONE, actor, percent=100, words=words, uploads=uploads):
        return  # pressed twice; what somebody else says of it now is refused, and her typing kept
    following_rules.check_open(Sight.now().state(one))
    note = _note(one, Told.DONE, way, actor, percent=100, words=words)
    following_files.attach(note, [(upload.name, upload.data) for upload in uploads])
    one.percent, one.reported_at, one.claimed_at, one.done_on = 100, note.at, note.at, today()
    one.asked_due = one.asked_at = None
    journal.record("assignment.claimed", one, actor=actor, words=words, way=way, **_named(one))


def ask_extension(one: Assignment, wanted: date | None, reason: str, way: Way, *, actor: Actor) -> None:
    """Note that the unit asks for a later day; it counts once whoever gave the task consents."""
    _alone(one)
    if _said_already(one, Told.EXTENSION_ASKED, actor, due_on=wanted, words=reason):
        return
    following_rules.check_open(Sight.now().state(one))
    day = following_rules.check_extension(one.due_on, wanted, reason, today=today())
    _bounded(one, way)
    note = _note(one, Told.EXTENSION_ASKED, way, actor, due_on=day, words=reason)
    one.asked_due, one.asked_at = day, note.at
    journal.record("assignment.extension_asked", one, actor=actor, due=day, reason=reason, way=way, **_named(one))


# --- what the giver decides ------------------------------------------------------------------------------------------


def decide_extension(
    one: Assignment, granted: date | None, words: str, *, actor: Actor, seen: date | None = None
) -> None:
    """Grant a later day (it may be another than was asked for), or refuse it (None) with the reason.

    *seen* is the day that stood on the page of whoever decides: where the unit has asked for another one meanwhile,
    nothing is decided about what nobody has read.
    """
    _alone(one)
    if one.asked_due is None:
        raise Refused(_("No extension is being asked for any more."))
    if seen is not None and seen != one.asked_due:
        raise Refused(
            _(
                "Meanwhile the unit has asked for %(day)s. Read why, then decide.",
                day=date_short(one.asked_due),
            )
        )
    if granted is not None:
        day = following_rules.check_extension(one.due_on, granted, words or "–", today=today())
        _note(one, Told.EXTENSION_GRANTED, Way.ACCOUNT, actor, due_on=day, words=words)
        one.due_on, one.extensions = day, one.extensions + 1
    elif not words:
        raise Refused(_("Enter the reason: the unit is told it."), field="words", status=422)
    else:
        _note(one, Told.EXTENSION_REFUSED, Way.ACCOUNT, actor, due_on=one.asked_due, words=words)
    asked = one.asked_due
    one.asked_due = one.asked_at = None
    fact = "assignment.extension_granted" if granted else "assignment.extension_refused"
    journal.record(fact, one, actor=actor, due=granted or asked, reason=words, **_named(one))


def confirm(one: Assignment, words: str = "", *, actor: Actor, done_on: date | None = None) -> None:
    """Confirm that *one* is done; *done_on* another day than the unit's report came on, as whoever confirms knows it."""
    _alone(one)
    if one.confirmed_at is not None:
        return  # pressed twice
    if one.withdrawn_at is not None:
        raise Refused(_("This task was withdrawn: nothing more is asked of the unit."))
    day = done_on or one.done_on or today()
    if day > today():
        raise Refused(_("The day cannot lie ahead."), field="done_on", status=422)
    if day < one.given_on - timedelta(days=366):
        raise Refused(_("The day lies long before the task was given."), field="done_on", status=422)
    note = _note(one, Told.CONFIRMED, Way.ACCOUNT, actor, words=words)
    one.confirmed_at, one.done_on, one.percent = note.at, day, 100
    one.claimed_at = one.claimed_at or note.at
    one.asked_due = one.asked_at = None
    journal.record("assignment.confirmed", one, actor=actor, words=words, done_on=day, **_named(one))


def send_back(one: Assignment, reason: str, *, actor: Actor) -> None:
    """Return what was said to be done: it is open again, and the unit is told why."""
    _alone(one)
    if Sight.now().state(one) is not State.AWAITING:
        raise Refused(_("It is not reported done, or it has been decided already."))
    if not reason:
        raise Refused(_("Enter the reason: the unit is told it."), field="words", status=422)
    _note(one, Told.SENT_BACK, Way.ACCOUNT, actor, words=reason)
    one.claimed_at = one.done_on = None
    one.percent = None
    journal.record("assignment.sent_back", one, actor=actor, reason=reason, **_named(one))


def withdraw(one: Assignment, reason: str, *, actor: Actor) -> None:
    """Take *one* back: nothing more is asked of the unit."""
    _alone(one)
    if one.withdrawn_at is not None:
        return
    if one.confirmed_at is not None:
        raise Refused(_("This task has been confirmed as done."))
    if not reason:
        raise Refused(_("Enter the reason: the unit is told it."), field="words", status=422)
    _withdraw(one, reason, Way.ACCOUNT, actor)


def reopen(one: Assignment, reason: str, *, actor: Actor) -> None:
    """Open again what was confirmed or withdrawn too soon, and tell the unit why; what the minutes no longer give stays so."""
    _alone(one)
    if _said_already(one, Told.REOPENED, actor, words=reason):
        return
    if one.confirmed_at is None and one.withdrawn_at is None:
        raise Refused(_("This task is open."))
    if one.item.record != queries.issued(one.meeting):
        raise Refused(_("The minutes that hold no longer give this task."))
    if not reason:
        raise Refused(_("Enter the reason: the unit is told it."), field="words", status=422)
    _note(one, Told.REOPENED, Way.ACCOUNT, actor, words=reason)
    one.confirmed_at = one.withdrawn_at = one.claimed_at = one.done_on = None
    one.percent = None if one.percent == 100 else one.percent
    journal.record("assignment.reopened", one, actor=actor, reason=reason, **_named(one))


def _withdraw(one: Assignment, reason: str, way: Way, actor: Actor) -> None:
    note = _note(one, Told.WITHDRAWN, way, actor, words=reason)
    one.withdrawn_at = note.at
    one.asked_due = one.asked_at = None
    journal.record("assignment.withdrawn", one, actor=actor, reason=reason, **_named(one))


def name_lead(one: Assignment, unit_id: int, *, actor: Actor) -> None:
    """Say which unit leads *one*: where the words of the minutes name none or several, and where another leads it now."""
    _alone(one)
    before, called = one.lead_unit_id, one.led_by
    if before == unit_id:
        return
    if one.confirmed_at is not None or one.withdrawn_at is not None:
        raise Refused(_("This task has come to its end: nobody leads it any more."))
    one.lead_unit_id = one.item.lead_unit_id = unit_id
    if before is not None and actor is not SYSTEM:
        one.asked_due = one.asked_at = None  # whoever leads it now has asked for nothing
    door_for(unit_id, one.organiser_id)
    db.session.flush()
    db.session.refresh(one)
    led = (one.lead_unit.full_name or one.lead_unit.name) if one.lead_unit else ""
    one.search_key = fold(f"{one.item.text} {called} {led} {one.meeting.code} {one.meeting.title}")
    details = {**_named(one), "unit": led}
    journal.record("assignment.lead_named", one, actor=actor, **details, lead=unit_id, before=before)


# --- what they share -------------------------------------------------------------------------------------------------


def _alone(one: Assignment) -> None:
    """Of two presses at one time let the second wait here, and see what the first has done."""
    db.session.refresh(one, with_for_update={"of": Assignment})


def _bounded(one: Assignment, way: Way) -> None:
    """Refuse what a link says of one task beyond what a unit ever has to say in a day: whoever holds it needs no account."""
    if way is not Way.LINK:
        return
    said = sa.select(sa.func.count(AssignmentNote.id)).where(
        AssignmentNote.assignment_id == one.id,
        AssignmentNote.way == Way.LINK,
        AssignmentNote.at > now() - timedelta(days=1),
    )
    if (db.session.scalar(said) or 0) >= following_rules.SAID_A_DAY:
        raise Spent(_("Too much has been reported of this task today. Ring the office, or report tomorrow."))


def _note(
    one: Assignment,
    told: Told,
    way: Way,
    actor: Actor,
    *,
    percent: int | None = None,
    due_on: date | None = None,
    words: str = "",
) -> AssignmentNote:
    note = AssignmentNote(
        assignment_id=one.id,
        told=told,
        at=now(),
        by=actor.name[:200],
        way=way,
        percent=percent,
        due_on=due_on,
        words=words[:2000],
    )
    db.session.add(note)
    db.session.flush()
    return note


def urged(one: Assignment, *, actor: Actor, letter: Upload | None = None) -> None:
    """Note that the unit of *one* is written to by hand, by *letter* where it is an official one, which is kept with it."""
    note = _note(one, Told.URGED, Way.ACCOUNT, actor)
    if letter is not None:
        following_files.attach(note, [(letter.name, letter.data)])
    one.urged += 1
    one.reminded_on = today()


def _said_already(
    one: Assignment,
    told: Told,
    actor: Actor,
    *,
    percent: int | None = None,
    due_on: date | None = None,
    words: str = "",
    uploads: Sequence[Upload] = (),
) -> bool:
    """Whether the very same was said last, with the very same files, within a minute: the button was pressed twice."""
    last = db.session.scalars(
        sa.select(AssignmentNote)
        .where(AssignmentNote.assignment_id == one.id)
        .order_by(AssignmentNote.id.desc())
        .limit(1)
    ).first()
    return (
        last is not None
        and (last.told, last.by, last.percent, last.due_on, last.words)
        == (told, actor.name[:200], percent, due_on, words[:2000])
        and now() - last.at < timedelta(minutes=1)
        and following_files.came_with(last) == sorted(hashlib.sha256(upload.data).hexdigest() for upload in uploads)
    )


def _named(one: Assignment) -> dict[str, Any]:
    return {"task": one.item.text[:120], "unit": one.led_by}
