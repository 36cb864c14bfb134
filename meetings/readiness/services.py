"""The verbs of making ready: file and mend a roster, record a line test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import SYSTEM, Actor
from meetings.clock import now
from meetings.database import db
from meetings.errors import NotFound, Refused
from meetings.i18n import gettext as _
from meetings.invitations import queries as invitations
from meetings.invitations import reminding
from meetings.invitations.models import Reply
from meetings.journal.models import Entry
from meetings.readiness import queries, roster, rules
from meetings.readiness.models import Delegate, DelegateRole, LineTest, Roster
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import MeetingSite

_OLDEST_QUEUED: Final = timedelta(hours=12)


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


# --- roster ----------------------------------------------------------------------------------------------------------


def file_roster(
    meeting_site: MeetingSite, rows: Iterable[Sequence[str]], *, actor: Actor, replace: bool = False
) -> roster.Reading:
    """File what was pasted or uploaded (*rows* of cells) for a site; returns what was made of it.

    Complete rows become delegates, rows that want something are kept as typed and can be mended, repetitions are left
    out. The new rows follow those already filed; with *replace* they take their place. Nothing is refused for being
    late or too many: it is marked, and told.
    """
    check_open(meeting_site)
    before = [] if replace else list(queries.delegates(meeting_site))
    reading = roster.read(rows, known=[roster.key(delegate.name, delegate.title) for delegate in before])
    if not reading.received:
        raise Refused(
            _("No delegate was found in this. Copy the rows with name and title from Excel and paste them."),
            field="pasted",
            status=422,
        )
    if len(before) + len(reading.lines) > roster.MOST_ROWS:
        raise Refused(
            _("A site can have at most %(most)s delegates.", most=roster.MOST_ROWS), field="pasted", status=422
        )
    list_ = _list_of(meeting_site)
    if replace:
        db.session.execute(sa.delete(Delegate).where(Delegate.meeting_site_id == meeting_site.id))
    last = max((delegate.position for delegate in before), default=0)
    for position, line in enumerate(reading.usable, last + 1):
        db.session.add(_delegate(meeting_site, position, line))
    kept = [] if replace else list(list_.pending)
    numbers = _fresh_numbers(kept)
    list_.pending = kept + [_pending(next(numbers), line) for line in reading.wanting]
    list_.reading = {
        "received": reading.received,
        "usable": len(reading.usable),
        "wanting": len(reading.wanting),
        "repeated": [[line.number, line.name, earlier] for line, earlier in reading.repeated],
        "namesakes": [[line.number, line.name, earlier] for line, earlier in reading.namesakes],
    }
    _stamp(list_, actor)
    journal.record(
        "roster.filed",
        list_,
        actor=actor,
        received=reading.received,
        usable=len(reading.usable),
        wanting=len(reading.wanting),
        replaced=replace,
        late=list_.late,
    )
    return reading


def add_delegate(meeting_site: MeetingSite, values: Mapping[str, str], *, actor: Actor) -> Delegate:
    """Add one delegate typed by hand; refused at its field where something is missing or repeated."""
    check_open(meeting_site)
    line = roster.line(0, values)
    _refuse_faults(line)
    _refuse_repetition(meeting_site, line)
    if queries.delegate_count(meeting_site) >= roster.MOST_ROWS:
        raise Refused(_("A site can have at most %(most)s delegates.", most=roster.MOST_ROWS), field="name", status=422)
    delegate = _delegate(meeting_site, _next_position(meeting_site), line)
    db.session.add(delegate)
    list_ = _list_of(meeting_site)
    _stamp(list_, actor)
    journal.record("roster.delegate_added", list_, actor=actor, name=line.name, title=line.title)
    return delegate


def correct_rows(
    meeting_site: MeetingSite,
    pending: Mapping[int, Mapping[str, str]],
    honorifics: Mapping[int, str],
    *,
    actor: Actor,
) -> int:
    """Complete rows in place; returns how many rows still want something.

    *pending* gives, by row number, the values typed for a waiting row (others stay as they were pasted); a row that is
    whole now becomes a delegate, one that is not keeps what was typed. *honorifics* gives Ông or Bà by delegate id.
    """
    check_open(meeting_site)
    list_ = queries.roster_of(meeting_site)
    if list_ is None:
        raise Refused(_("No list has been sent for this site yet."))
    position = _next_position(meeting_site)
    left: list[dict[str, Any]] = []
    completed: list[str] = []
    known = {roster.key(delegate.name, delegate.title) for delegate in queries.delegates(meeting_site)}
    for row in list_.pending:
        number = int(row["number"])
        line = roster.line(number, {**row["cells"], **pending.get(number, {})})
        if line.faults:
            left.append({**_pending(number, line), "row": row["row"]})
        elif line.key not in known:
            known.add(line.key)
            db.session.add(_delegate(meeting_site, position, line))
            position += 1
            completed.append(line.name)
    list_.pending = left
    for delegate in queries.delegates(meeting_site):
        said = honorifics.get(delegate.id, "")
        if said in roster.HONORIFICS and said != delegate.honorific:
            delegate.honorific = said
            completed.append(delegate.name)
    if completed:
        _stamp(list_, actor)
        journal.record("roster.corrected", list_, actor=actor, names=completed, wanting=len(left))
    return len(left)


def drop_row(meeting_site: MeetingSite, number: int, *, actor: Actor) -> None:
    """Leave out a waiting row for good."""
    check_open(meeting_site)
    list_ = queries.roster_of(meeting_site)
    rows = list_.pending if list_ else []
    left = [row for row in rows if int(row["number"]) != number]
    if list_ is None or len(left) == len(rows):
        return  # pressed twice, or on two telephones: it is gone either way
    list_.pending = left
    _stamp(list_, actor)
    journal.record("roster.row_dropped", list_, actor=actor, row=number)


def remove_delegate(meeting_site: MeetingSite, id: int, *, actor: Actor) -> None:
    """Take a delegate off the list of this very site."""
    check_open(meeting_site)
    delegate = queries.delegate_of(meeting_site, id)
    if delegate is None:
        raise NotFound(_("This person is not on the list any more."))
    db.session.delete(delegate)
    list_ = _list_of(meeting_site)
    _stamp(list_, actor)
    journal.record("roster.delegate_removed", list_, actor=actor, name=delegate.name, title=delegate.title)


def _refuse_faults(line: roster.Line) -> None:
    sentences = {
        roster.Fault.NAME_MISSING: ("name", _("Enter the name of the delegate.")),
        roster.Fault.TITLE_MISSING: ("title", _("Enter the title of the delegate.")),
        roster.Fault.PHONE_ODD: ("phone", _("This is not a telephone number. Example: 0912 000 345.")),
        roster.Fault.TOO_LONG: ("name", _("This is too long to be kept.")),
    }
    for fault in line.faults:
        field, sentence = sentences[fault]
        raise Refused(sentence, field=field, status=422)


def _refuse_repetition(meeting_site: MeetingSite, line: roster.Line) -> None:
    for delegate in queries.delegates(meeting_site):
        if roster.key(delegate.name, delegate.title) == line.key:
            raise Refused(_("%(name)s is on the list already.", name=delegate.name), field="name", status=409)


def _delegate(meeting_site: MeetingSite, position: int, line: roster.Line) -> Delegate:
    return Delegate(
        meeting_site_id=meeting_site.id,
        position=position,
        honorific=line.honorific,
        name=line.name,
        title=line.title,
        organisation=line.organisation,
        role=rules.role_of(line.role) if line.role else DelegateRole.MEMBER,
        phone=line.phone,
    )


def _pending(number: int, line: roster.Line) -> dict[str, Any]:
    """A waiting row as it is stored: *number* tells it from all others, *row* is where it stood in its paste.

    Over-long text is kept, since it is the coordinator who must shorten it.
    """
    cells = {
        "honorific": line.honorific,
        "name": line.name,
        "title": line.title,
        "organisation": line.organisation,
        "role": line.role,
        "phone": line.phone,
    }
    return {"number": number, "row": line.number, "cells": cells, "faults": [fault.value for fault in line.faults]}


def _fresh_numbers(kept: Iterable[Mapping[str, Any]]) -> Any:
    first = max((int(row["number"]) for row in kept), default=0) + 1
    return iter(range(first, first + roster.MOST_ROWS + 1))


def _next_position(meeting_site: MeetingSite) -> int:
    last = sa.select(sa.func.max(Delegate.position)).where(Delegate.meeting_site_id == meeting_site.id)
    return (db.session.scalar(last) or 0) + 1


def _list_of(meeting_site: MeetingSite) -> Roster:
    """The site's list, made when there is none."""
    found = queries.roster_of(meeting_site)
    if found is None:
        found = Roster(meeting_site_id=meeting_site.id, filed_at=now(), late=False, pending=[], reading={})
        found.meeting_site = meeting_site
        db.session.add(found)
        db.session.flush()
        reminding.list_filed(meeting_site)
    return found


def _stamp(list_: Roster, actor: Actor) -> None:
    list_.filed_at = now()
    list_.filed_by = actor.name[:200]
    list_.late = rules.late(list_.filed_at, list_.meeting_site.meeting.reply_by)


# --- line test -------------------------------------------------------------------------------------------------------


def save_line_test(
    meeting_site: MeetingSite,
    items: Mapping[rules.Item, rules.Verdict],
    notes: Mapping[rules.Item, str],
    *,
    actor: Actor,
    source: TestSource = TestSource.SELF,
    age: float = 0,
) -> LineTest:
    """Record what was found of the six items; items not looked at are left out of *items*.

    *age* is how many seconds ago the result was noted, where a telephone without a connection kept it: an older result
    that arrives late does not overwrite a newer one, and one that arrives twice counts once. The round follows from the
    time. A fault after a pass reopens the site at once.
    """
    check_open(meeting_site)
    if not items:
        raise Refused(_("Mark at least one item as passed or faulty."), field="line", status=422)
    rules.check_notes(items, notes)
    at = now() - timedelta(seconds=min(max(age, 0), _OLDEST_QUEUED.total_seconds()))
    starts_at = meeting_site.meeting.starts_at or at
    round_ = rules.round_at(at, starts_at)
    found = queries.line_tests(meeting_site).get(round_)
    stored = {item.value: verdict.value for item, verdict in items.items()}
    texts = {
        item.value: notes[item].strip()
        for item, verdict in items.items()
        if verdict is rules.Verdict.FAULT and notes.get(item, "").strip()
    }
    if found is not None and (found.tested_at > at or (found.items == stored and found.notes == texts and age > 0)):
        return found
    before = found.outcome if found else rules.Outcome.UNTESTED
    if found is None:
        found = LineTest(meeting_site_id=meeting_site.id, round=round_)
        found.meeting_site = meeting_site
        db.session.add(found)
    found.items = stored
    found.notes = texts
    found.outcome = rules.outcome(items)
    found.tested_at = at
    found.source = source.value
    found.by = actor.name[:200]
    db.session.flush()
    journal.record(
        "line_test.recorded",
        found,
        actor=actor,
        round=round_.value,
        before=before.value,
        after=found.outcome.value,
        items=stored,
        notes=texts,
        source=source.value,
        at=at,
    )
    return found


def keep_as_rehearsal(entry: Entry) -> None:
    """What follows from ``meeting.rescheduled``: a test made within the hour before the old start says nothing of the new day.

    It counts as the rehearsal it has become; the round of the day is open again.
    """
    meeting = scheduling.by_code(entry.root)
    if meeting is None or meeting.starts_at is None:
        return
    early = queries.tested_too_early(meeting, meeting.starts_at - rules.ON_DAY_OPENS)
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
