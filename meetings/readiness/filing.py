"""The verbs of a roster: file it, mend it, put it in order.

Nothing is refused for being late or too many: it is marked, and told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.clock import now
from meetings.database import db
from meetings.errors import NotFound, Refused
from meetings.i18n import gettext as _
from meetings.invitations import reminding
from meetings.readiness import queries, roster, rules
from meetings.readiness.models import Delegate, DelegateRole, Roster
from meetings.readiness.services import check_open
from meetings.scheduling.models import MeetingSite


def file_roster(
    meeting_site: MeetingSite, rows: Iterable[Sequence[str]], *, actor: Actor, replace: bool = False
) -> roster.Reading:
    """File what was pasted or uploaded (*rows* of cells) for a site; returns what was made of it.

    Complete rows become delegates, rows that want something are kept as typed, in their place of the order, and can be
    mended; repetitions are left out, so that the same text sent twice counts once. The new rows follow those already
    filed; with *replace* they take their place.
    """
    check_open(meeting_site)
    _one_at_a_time(meeting_site)
    before = list(queries.delegates(meeting_site))
    filed = _known_list(meeting_site)
    kept: list[dict[str, Any]] = [] if replace or filed is None else list(filed.pending)
    stay = [] if replace else before
    reading = roster.read(
        rows,
        known=[
            *(roster.key(delegate.name, delegate.title) for delegate in stay),
            *(roster.key(row["cells"]["name"], row["cells"]["title"]) for row in kept if row["cells"]["name"]),
        ],
        waiting={_told_apart(row) for row in kept},
    )
    if not reading.received:
        raise Refused(
            _("No delegate was found in this. Copy the rows with name and title from Excel and paste them."),
            field="pasted",
            status=422,
        )
    if len(stay) + len(reading.lines) > roster.MOST_ROWS:
        raise Refused(
            _("A site can have at most %(most)s delegates.", most=roster.MOST_ROWS), field="pasted", status=422
        )
    list_ = filed or _list_of(meeting_site)
    said = {roster.key(one.name, one.title): one.honorific for one in before}
    if replace:
        db.session.execute(sa.delete(Delegate).where(Delegate.meeting_site_id == meeting_site.id))
    number = max((int(row["number"]) for row in kept), default=0)
    for position, line in enumerate(reading.lines, _last_position(stay, kept) + 1):
        if line.faults:
            number += 1
            kept.append(_pending(number, position, line))
        else:
            delegate = _delegate(meeting_site, position, line)
            delegate.honorific = delegate.honorific or said.get(line.key, "")  # asked once is enough
            db.session.add(delegate)
    list_.pending = kept
    list_.reading = {
        "received": reading.received,
        "usable": len(reading.usable),
        "wanting": len(reading.wanting),
        "repeated": [[line.number, line.name, earlier] for line, earlier in reading.repeated],
        "namesakes": [[line.number, line.name, earlier] for line, earlier in reading.namesakes],
    }
    if not reading.lines and not replace:
        return reading  # the very text that was sent before: nothing of the list has changed, its hour neither
    _heads_first(meeting_site)
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
    _one_at_a_time(meeting_site)
    line = roster.line(0, values)
    _refuse_faults(line)
    _refuse_repetition(meeting_site, line)
    delegates = queries.delegates(meeting_site)
    if len(delegates) >= roster.MOST_ROWS:
        raise Refused(_("A site can have at most %(most)s delegates.", most=roster.MOST_ROWS), field="name", status=422)
    list_ = _list_of(meeting_site)
    delegate = _delegate(meeting_site, _last_position(delegates, list_.pending) + 1, line)
    db.session.add(delegate)
    _heads_first(meeting_site)
    _stamp(list_, actor)
    journal.record("roster.delegate_added", list_, actor=actor, name=line.name, title=line.title, late=list_.late)
    return delegate


def change_delegate(
    meeting_site: MeetingSite, id: int, values: Mapping[str, str], *, actor: Actor, place: int | None = None
) -> Delegate:
    """Correct one delegate of this very site; *place* is where on the list he stands then."""
    check_open(meeting_site)
    _one_at_a_time(meeting_site)
    delegate = _of_this_site(meeting_site, id)
    line = roster.line(0, values)
    _refuse_faults(line)
    _refuse_repetition(meeting_site, line, but=delegate)
    before = {name: getattr(delegate, name) for name in _FIELDS}
    for name, value in _values(line).items():
        setattr(delegate, name, value)
    after = {name: getattr(delegate, name) for name in _FIELDS}
    list_ = _list_of(meeting_site)
    if before != after:
        _stamp(list_, actor)
        journal.record(
            "roster.delegate_changed", list_, actor=actor, name=line.name, before=before, after=after, late=list_.late
        )
    _heads_first(meeting_site)
    if place is not None:
        move_delegate(meeting_site, id, place, actor=actor)
    return delegate


def move_delegate(meeting_site: MeetingSite, id: int, place: int, *, actor: Actor) -> None:
    """Put a delegate at *place* (from 1) of the order of protocol; the head of the delegation stays before all others.

    The place is said and not the step, so that a button pressed twice moves him once.
    """
    check_open(meeting_site)
    _one_at_a_time(meeting_site)
    delegate = _of_this_site(meeting_site, id)
    delegates = list(queries.delegates(meeting_site))
    heads = [one.role is DelegateRole.HEAD for one in delegates]
    stood, stands = delegates.index(delegate), roster.place_for(heads, delegates.index(delegate), place - 1)
    if stood == stands:
        return
    delegates.insert(stands, delegates.pop(stood))
    _in_order(delegates)
    list_ = _list_of(meeting_site)
    _stamp(list_, actor)
    journal.record("roster.delegate_moved", list_, actor=actor, name=delegate.name, before=stood + 1, after=stands + 1)


def correct_rows(
    meeting_site: MeetingSite,
    pending: Mapping[int, Mapping[str, str]],
    honorifics: Mapping[int, str],
    *,
    actor: Actor,
) -> int:
    """Complete rows in place; returns how many rows still want something.

    *pending* gives, by row number, the values typed for a waiting row (others stay as they were pasted); a row that is
    whole now becomes a delegate where it stood in the order, one that is not keeps what was typed. *honorifics* gives
    Ông or Bà by delegate id.
    """
    check_open(meeting_site)
    _one_at_a_time(meeting_site)
    list_ = _known_list(meeting_site)
    if list_ is None:
        raise Refused(_("No list has been sent for this site yet."))
    delegates = queries.delegates(meeting_site)
    last = _last_position(delegates, list_.pending)
    left: list[dict[str, Any]] = []
    completed: list[str] = []
    known = {roster.key(delegate.name, delegate.title) for delegate in delegates}
    for row in list_.pending:
        number = int(row["number"])
        line = roster.line(number, {**row["cells"], **pending.get(number, {})})
        position = row.get("position")
        if line.faults:
            left.append({**_pending(number, position, line), "row": row["row"]})
        elif line.key not in known:
            known.add(line.key)
            last += position is None
            db.session.add(_delegate(meeting_site, last if position is None else int(position), line))
            completed.append(line.name)
    list_.pending = left
    for delegate in delegates:
        said = honorifics.get(delegate.id, "")
        if said in roster.HONORIFICS and said != delegate.honorific:
            delegate.honorific = said
            completed.append(delegate.name)
    if completed:
        _heads_first(meeting_site)
        _stamp(list_, actor)
        journal.record("roster.corrected", list_, actor=actor, names=completed, wanting=len(left), late=list_.late)
    return len(left)


def drop_row(meeting_site: MeetingSite, number: int, *, actor: Actor) -> None:
    """Leave out a waiting row for good."""
    check_open(meeting_site)
    _one_at_a_time(meeting_site)
    list_ = _known_list(meeting_site)
    if list_ is None:
        return
    left = [row for row in list_.pending if int(row["number"]) != number]
    if len(left) == len(list_.pending):
        return
    list_.pending = left
    _stamp(list_, actor)
    journal.record("roster.row_dropped", list_, actor=actor, row=number)


def remove_delegate(meeting_site: MeetingSite, id: int, *, actor: Actor) -> None:
    """Take a delegate off the list of this very site."""
    check_open(meeting_site)
    _one_at_a_time(meeting_site)
    delegate = _of_this_site(meeting_site, id)
    db.session.delete(delegate)
    list_ = _list_of(meeting_site)
    _stamp(list_, actor)
    journal.record("roster.delegate_removed", list_, actor=actor, name=delegate.name, title=delegate.title)


# --- what they share -------------------------------------------------------------------------------------------------


def _one_at_a_time(meeting_site: MeetingSite) -> None:
    """Two forms of one site wait for each other: the second sees what the first has filed."""
    db.session.execute(
        sa.select(MeetingSite.id).where(MeetingSite.id == meeting_site.id).with_for_update(key_share=True)
    )


def _of_this_site(meeting_site: MeetingSite, id: int) -> Delegate:
    delegate = queries.delegate_of(meeting_site, id)
    if delegate is None:
        raise NotFound(_("This person is not on the list any more."))
    return delegate


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


def _refuse_repetition(meeting_site: MeetingSite, line: roster.Line, but: Delegate | None = None) -> None:
    for delegate in queries.delegates(meeting_site):
        if delegate is not but and roster.key(delegate.name, delegate.title) == line.key:
            raise Refused(_("%(name)s is on the list already.", name=delegate.name), field="name", status=409)


_FIELDS = ("honorific", "name", "title", "organisation", "role", "phone")


def _values(line: roster.Line) -> dict[str, Any]:
    return {
        "honorific": line.honorific,
        "name": line.name,
        "title": line.title,
        "organisation": line.organisation,
        "role": rules.role_of(line.role) if line.role else DelegateRole.MEMBER,
        "phone": line.phone,
    }


def _delegate(meeting_site: MeetingSite, position: int, line: roster.Line) -> Delegate:
    return Delegate(meeting_site_id=meeting_site.id, position=position, **_values(line))


def _heads_first(meeting_site: MeetingSite) -> None:
    """The head of the delegation before all others; everybody else as the list has them."""
    db.session.flush()
    delegates = queries.delegates(meeting_site)
    ordered = sorted(delegates, key=lambda one: one.role is not DelegateRole.HEAD)
    if ordered != list(delegates):
        _in_order(ordered)


def _in_order(delegates: Sequence[Delegate]) -> None:
    """Give the places that these delegates hold to them in their new order: rows that wait between them keep their own."""
    places = sorted(delegate.position for delegate in delegates)
    if len(set(places)) < len(places):  # lists of earlier editions may hold one place twice
        places = list(range(1, len(places) + 1))
    for delegate, position in zip(delegates, places, strict=True):
        delegate.position = position
    db.session.flush()


def _last_position(delegates: Iterable[Delegate], kept: Iterable[Mapping[str, Any]]) -> int:
    return max((*(one.position for one in delegates), *(int(row.get("position") or 0) for row in kept)), default=0)


def _pending(number: int, position: int | None, line: roster.Line) -> dict[str, Any]:
    """A waiting row as it is stored: *number* tells it from all others, *row* is where it stood in its paste, *position* the
    place that is kept for it in the order.

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
    faults = [fault.value for fault in line.faults]
    return {"number": number, "row": line.number, "position": position, "cells": cells, "faults": faults}


def _told_apart(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The cells of a waiting row as :func:`roster.cells_of` has them."""
    return tuple(str(row["cells"].get(name, "")) for name in ("name", "title", "organisation", "role", "phone"))


def _list_of(meeting_site: MeetingSite) -> Roster:
    """The site's list, made when there is none."""
    found = _known_list(meeting_site)
    if found is None:
        found = Roster(meeting_site_id=meeting_site.id, filed_at=now(), late=False, pending=[], reading={})
        found.meeting_site = meeting_site
        db.session.add(found)
        db.session.flush()
        reminding.list_filed(meeting_site)
    return found


def _known_list(meeting_site: MeetingSite) -> Roster | None:
    """The list as it stands now: another form may have changed it while this one waited."""
    found = queries.roster_of(meeting_site)
    if found is not None:
        db.session.refresh(found)
    return found


def _stamp(list_: Roster, actor: Actor) -> None:
    list_.filed_at = now()
    list_.filed_by = actor.name[:200]
    list_.late = rules.late(list_.filed_at, list_.meeting_site.meeting.reply_by)
