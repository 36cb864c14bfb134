"""The verbs that change a meeting whose sites know of it: another time, none yet, none at all, other facts, other sites.

A second room of ``services``: the same rules hold. Each verb takes a reason, raises the sequence of the calendar entry as
RFC 5546 asks, keeps a :class:`Change` with what was before and is now, and records a fact; the letters that tell it follow
from the fact (``invitations.renewing.renew``). The code of a meeting stays, whatever year it is moved to.

Of several meetings that are moved together, as the dates of a series, each has its own change. ``tell=False`` keeps a
change from being told by itself: whoever moves them together tells them together.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.models import User
from meetings.accounts.rules import Actor
from meetings.clock import now, wall
from meetings.database import db
from meetings.directory.models import Room, Site
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.official.text import search_key
from meetings.post import services as post
from meetings.scheduling import clashes, holding, numbers, queries, rules, ruling, services
from meetings.scheduling.models import AgendaItem, Change, Meeting, MeetingPerson, MeetingSite
from meetings.scheduling.rules import ChangeKind, Move, Status
from meetings.scheduling.services import Details, Item

_TIME: Final = ("status", "starts_at", "ends_at", "reply_by", "rehearsal_at")


# ------------------------------------------------------------------ another time, none yet, none at all


def reschedule(
    meeting: Meeting,
    starts_at: datetime,
    minutes: int,
    reason: str,
    *,
    actor: Actor,
    in_spite_of: str = "",
    reply_by: datetime | None = None,
    edition: int | None = None,
    tell: bool = True,
) -> Change:
    """Move the meeting to *starts_at*, or give a postponed one its new time; every site is asked again.

    *reply_by*: until when, if not as usual. What is taken then is refused by name: see :func:`holding.take`.
    """
    at = now()
    to, reason = _begin(meeting, Move.RESCHEDULE, reason, edition)
    rules.check_time(starts_at, minutes, now=at)
    ends_at = starts_at + timedelta(minutes=minutes)
    if meeting.status is Status.SCHEDULED and (starts_at, ends_at) == (meeting.starts_at, meeting.ends_at):
        raise Refused(_("The meeting is at this time already. Enter another one."), field="start", status=422)
    services.refuse_units_that_ended(meeting, wall(starts_at).date())
    usual = ruling.reply_deadline(starts_at, at=at)
    if reply_by is not None and not at < reply_by < starts_at:
        raise Refused(_("The deadline for replies must lie between now and the start."), field="reply_day", status=422)
    before = _standing(meeting, _TIME)
    meeting.status, meeting.starts_at, meeting.ends_at, meeting.minutes_long = to, starts_at, ends_at, minutes
    holding.take(meeting, actor=actor, in_spite_of=in_spite_of)
    meeting.rehearsal_at = ruling.rehearsal_at(starts_at, at=at)
    meeting.reply_by = reply_by or usual
    ruling.note_moved(meeting, at=at, actor=actor)
    change = _changed(meeting, ChangeKind.RESCHEDULED, before, reason, actor, major=True, paper=True)
    return _told(change, "meeting.rescheduled", actor, tell=tell)


def postpone(meeting: Meeting, reason: str, *, actor: Actor, edition: int | None = None, tell: bool = True) -> Change:
    """Put the meeting off: a new time is not yet known. Its sites, room and people are free again."""
    to, reason = _begin(meeting, Move.POSTPONE, reason, edition)
    before = _standing(meeting, _TIME)
    meeting.status = to
    holding.release(meeting)
    change = _changed(meeting, ChangeKind.POSTPONED, before, reason, actor, major=True)
    return _told(change, "meeting.postponed", actor, tell=tell)


def cancel(meeting: Meeting, reason: str, *, actor: Actor, edition: int | None = None, tell: bool = True) -> Change:
    """The meeting will not be held. Of one that was never sent nobody is told."""
    to, reason = _begin(meeting, Move.CANCEL, reason, edition)
    before = _standing(meeting, _TIME)
    meeting.status = to
    holding.release(meeting)
    change = _changed(meeting, ChangeKind.CANCELLED, before, reason, actor, major=True)
    return _told(change, "meeting.cancelled", actor, tell=tell)


# ------------------------------------------------------------------ other facts


@dataclass(frozen=True)
class Facts:
    """What can be changed of a meeting besides its time and its sites."""

    title: str
    chair_honorific: str
    chair_name: str
    chair_title: str
    composition: str
    max_delegates: int | None
    host_composition: str
    note: str
    contact_name: str
    contact_phone: str
    technical_phone: str


_ON_PAPER: Final = frozenset(
    {
        "title", "chair_honorific", "chair_name", "chair_title", "composition", "max_delegates", "contact_name",
        "contact_phone", "technical_phone", "host_room", "agenda",
    }
)  # fmt: skip
"""Facts that the giấy mời states: when one changes, a new one goes out."""


_TOGETHER: Final = (("chair_honorific", "chair_name", "chair_title"), ("contact_name", "contact_phone"))
"""Facts that are told as one, so that a change keeps all of them."""


def change_facts(
    meeting: Meeting,
    facts: Facts,
    host_room: Room | None,
    agenda: Sequence[Item],
    reason: str,
    *,
    actor: Actor,
    in_spite_of: str = "",
    edition: int | None = None,
    tell: bool = True,
) -> Change:
    """Change what the sites were told. The answers hold: who comes on that day does not depend on who takes the chair."""
    meeting.status, reason = _begin(meeting, Move.CHANGE, reason, edition)
    values: dict[str, Any] = {field.name: getattr(facts, field.name) for field in fields(facts)}
    differs = {key for key, value in values.items() if getattr(meeting, key) != value}
    for together in _TOGETHER:
        if differs & set(together):
            differs |= set(together)
    before = {key: getattr(meeting, key) for key in values if key in differs}
    for key in before:
        setattr(meeting, key, values[key])
    if host_room is not None and host_room.id != meeting.host_room_id:
        before["host_room"] = meeting.host_room.name if meeting.host_room else ""
        meeting.host_room, meeting.host_site = host_room, host_room.site
    items = [[item.title, item.minutes, item.presenter] for item in queries.agenda_of(meeting)]
    if items != [[item.title, item.minutes, item.presenter] for item in agenda]:
        before["agenda"] = items
        _set_agenda(meeting, agenda)
    if not before:
        raise Refused(_("Nothing differs from what the sites were told."), status=422)
    meeting.search_key = search_key(meeting.title)
    if before.keys() & {"chair_name", "chair_title"}:
        services.know_chair(meeting, actor)
    if meeting.status is Status.SCHEDULED and before.keys() & {"chair_name", "chair_title", "host_room"}:
        _hold(meeting, actor, in_spite_of)
    change = _changed(
        meeting,
        ChangeKind.FACTS,
        before,
        reason,
        actor,
        major=bool(before.keys() & rules.MAJOR),
        paper=bool(before.keys() & _ON_PAPER),
    )
    return _told(change, "meeting.facts_changed", actor, tell=tell)


def _set_agenda(meeting: Meeting, agenda: Sequence[Item]) -> None:
    db.session.execute(sa.delete(AgendaItem).where(AgendaItem.meeting_id == meeting.id))
    for position, item in enumerate(agenda):
        db.session.add(AgendaItem(meeting_id=meeting.id, position=position, **vars(item)))
    db.session.flush()


# ------------------------------------------------------------------ other sites


def add_sites(
    meeting: Meeting,
    sites: Sequence[Site],
    reason: str,
    *,
    actor: Actor,
    in_spite_of: str = "",
    edition: int | None = None,
    tell: bool = True,
) -> Change:
    """Invite further *sites*: they get the meeting as it stands now, the others hear nothing of it."""
    meeting.status, reason = _begin(meeting, Move.CHANGE_SITES, reason, edition)
    had = {row.site_id: row for row in queries.ever_sites_of(meeting)}
    asked = {site.id: site for site in sites if site.id != meeting.host_site_id}
    back = [had[id] for id in asked if id in had and had[id].removed_at is not None]
    new = [site for id, site in asked.items() if id not in had]
    if not asked:
        raise Refused(_("Choose at least one site that is to be added."), field="codes", status=422)
    if not back and not new:
        raise Refused(_("Every site that was named belongs to the meeting already."), field="codes", status=422)
    for row in back:
        row.removed_at = None
    services.put_in(meeting, new)
    db.session.flush()
    if meeting.status is Status.SCHEDULED:
        _hold(meeting, actor, in_spite_of)
    came = [row for row in queries.sites_of(meeting) if row.site_id in asked]
    # who was told to strike the entry takes up a higher sequence only
    change = _changed(meeting, ChangeKind.SITES_ADDED, {}, reason, actor, major=bool(back), paper=True, sites=came)
    return _told(change, "meeting.sites_added_later", actor, tell=tell)


def remove_sites(
    meeting: Meeting,
    meeting_site_ids: Collection[int],
    reason: str,
    *,
    actor: Actor,
    edition: int | None = None,
    tell: bool = True,
    by_bringer: bool = False,
) -> Change:
    """Take sites out: a cancellation goes to them alone, and their links open nothing from this moment on.

    *by_bringer*: whoever brought them takes them out, and may bring them again. What the organiser takes out, only the
    organiser asks back.
    """
    meeting.status, reason = _begin(meeting, Move.CHANGE_SITES, reason, edition)
    standing = queries.sites_of(meeting)
    went = [row for row in standing if row.id in set(meeting_site_ids)]
    if not went:
        raise Refused(_("Choose at least one site that is to be taken out."), field="codes", status=422)
    if len(went) == len(standing):
        raise Refused(_("No site would be left. Cancel the meeting instead."), status=422)
    at = now()
    for row in went:
        row.removed_at = at
        row.brought_by_id = row.brought_by_id if by_bringer else None
    db.session.flush()
    holding.release_sites(meeting, [row.site_id for row in went])
    change = _changed(meeting, ChangeKind.SITES_REMOVED, {}, reason, actor, major=True, sites=went)
    return _told(change, "meeting.sites_removed", actor, tell=tell)


# ------------------------------------------------------------------ once more


def clone(meeting: Meeting, title: str, secretary: User, *, actor: Actor) -> Meeting:
    """A new draft with the same sites, agenda, wording and people; its own code, no time, no number, no video room.

    Sites that are out of service or whose unit has ended since are left out.
    """
    kept = {field.name: getattr(meeting, field.name) for field in fields(Details)}
    details = Details(**{**kept, "title": title, "urgent": False, "urgent_reason": "", "urgent_approved_by": ""})
    made = services.begin(details, meeting.organiser, secretary, actor=actor, host_room=meeting.host_room)
    sites = queries.sites_like(meeting)
    services.put_in(made, [site for site in sites if site.id != made.host_site_id])
    optional = {row.site_id for row in queries.sites_of(meeting) if not row.required}
    for row in queries.sites_of(made):
        row.required = row.site_id not in optional
    _set_agenda(made, [Item(item.title, item.minutes, item.presenter) for item in queries.agenda_of(meeting)])
    for name in (
        "signer_authority", "signer_title", "signer_name", "contact_name", "contact_phone", "technical_phone", "recipients",
    ):  # fmt: skip
        setattr(made, name, getattr(meeting, name))
    for id, must in clashes.people(meeting).items():
        if id != made.chair_id:
            db.session.add(MeetingPerson(meeting_id=made.id, person_id=id, required=must))
    db.session.flush()
    journal.record("meeting.cloned", made, actor=actor, of=meeting.code, sites=queries.site_count(made))
    return made


# ------------------------------------------------------------------ how


def _begin(meeting: Meeting, move: Move, reason: str, edition: int | None) -> tuple[Status, str]:
    """The status that *move* leads to and the reason, cleaned, if it says anything and nobody saved the meeting meanwhile.

    The meeting is locked first: of two secretaries who press at once the second sees what the first did, and no two
    changes bear one sequence.
    """
    db.session.execute(sa.select(Meeting.id).where(Meeting.id == meeting.id).with_for_update())
    db.session.refresh(meeting)
    services.check_edition(meeting, edition)
    said = rules.explained(reason, field="reason")
    return rules.after(meeting.status, move), said


def _standing(meeting: Meeting, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(meeting, name) for name in names}


def _hold(meeting: Meeting, actor: Actor, in_spite_of: str) -> None:
    """Hold what the meeting needs at the hour it has. A collision that was accepted for this hour stays accepted."""
    assert meeting.starts_at is not None and meeting.ends_at is not None
    db.session.flush()
    known = {key for clash in clashes.accepted(meeting) for key in clash.with_meetings}
    found = clashes.collisions(meeting, meeting.starts_at, meeting.ends_at, actor)
    if all(c.key in known for c in found if c.required):
        holding.confirm(meeting, actor=actor)
    else:
        holding.take(meeting, actor=actor, in_spite_of=in_spite_of)


def _changed(
    meeting: Meeting,
    kind: ChangeKind,
    before: dict[str, Any],
    reason: str,
    actor: Actor,
    *,
    major: bool,
    paper: bool = False,
    sites: Sequence[MeetingSite] = (),
) -> Change:
    """Keep the change, and make the calendar entry and the giấy mời newer by it."""
    at = now()
    after = {name: _now(meeting, name) for name in before}
    meeting.sequence += 1 if major else 0  # calendars ignore an update without it (RFC 5546 §2.1.4)
    stamp(meeting)
    meeting.edition += 1
    meeting.changed_at, meeting.changed_by = at, actor.name
    if meeting.sent_at is not None and paper:
        _new_paper(meeting, before, after, actor)
    change = Change(
        meeting_id=meeting.id,
        kind=kind,
        sequence=meeting.sequence,
        before=journal.plain(before),
        after=journal.plain(after),
        sites=[row.id for row in sites],
        reason=reason[:500],
        by=actor.name[:120],
        at=at,
    )
    db.session.add(change)
    db.session.flush()
    return change


def stamp(meeting: Meeting) -> None:
    """Give the calendar entry a newer DTSTAMP, for a message that goes out again."""
    meeting.stamped_at = rules.later_stamp(now(), meeting.stamped_at or meeting.sent_at)


def stamp_series(meeting: Meeting) -> None:
    """As :func:`stamp`, for a message about the whole series: newer than whatever was said of any of its dates."""
    dates = queries.dates_of_series(meeting)
    before = [at for one in dates if (at := one.stamped_at or one.sent_at) is not None]
    newest = rules.later_stamp(now(), max(before, default=None))
    for one in dates:
        one.stamped_at = newest


def _now(meeting: Meeting, name: str) -> Any:
    if name == "host_room":
        return meeting.host_room.name if meeting.host_room else ""
    if name == "agenda":
        return [[item.title, item.minutes, item.presenter] for item in queries.agenda_of(meeting)]
    return getattr(meeting, name)


def _new_paper(meeting: Meeting, before: dict[str, Any], after: dict[str, Any], actor: Actor) -> None:
    """What is printed differs, so it is another document: its number and date are its own."""
    before["invitation_number"], before["invitation_on"] = meeting.invitation_number, meeting.invitation_on
    meeting.paper += 1
    meeting.invitation_number = meeting.invitation_on = ""
    numbers.at_release(meeting, actor=actor)
    after["invitation_number"], after["invitation_on"] = meeting.invitation_number, meeting.invitation_on


def another_paper(meeting: Meeting, actor: Actor) -> tuple[dict[str, Any], dict[str, Any]]:
    """As :func:`_new_paper`: what stood in the register before, and stands there now."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    _new_paper(meeting, before, after, actor)
    return before, after


def _told(change: Change, fact: str, actor: Actor, *, tell: bool) -> Change:
    """Record *fact*, from which the letters follow; what waits to be carried tells what no longer holds, and stays."""
    meeting = change.meeting
    if change.kind in rules.TOLD_TO_ALL:
        post.withdraw_waiting(meeting.code, "m", but=rules.LAST_WORD)
    details: dict[str, Any] = {"before": change.before, "after": change.after}
    if change.sites:
        first = sa.select(MeetingSite.name).where(MeetingSite.id.in_(change.sites[:50])).order_by(MeetingSite.position)
        details = {"count": len(change.sites), "names": list(db.session.scalars(first))}
    if not tell:
        details["apart"] = True
    journal.record(
        fact,
        meeting,
        actor=actor,
        due_at=None,
        change=change.id,
        reason=change.reason,
        sequence=change.sequence,
        **details,
    )
    return change
