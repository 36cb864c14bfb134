"""Reminding by hand: who would be written to now, and that exactly those are; and the letters, to be read before.

A second room of ``services``: the same rules hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.clock import now
from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.invitations import chasing, ladders, posted, queries, reminders, reminding
from meetings.invitations.models import Chase, Invitation, Link
from meetings.invitations.reminders import Occasion, Task
from meetings.invitations.rules import ChaseState, ChaseStep, Reply
from meetings.post import queries as letter_box
from meetings.post import quota
from meetings.post import services as post
from meetings.post.message import filled
from meetings.post.models import Letter
from meetings.post.rules import LetterStatus
from meetings.post.services import Draft, Ticket
from meetings.scheduling.models import Meeting, MeetingSite


@dataclass(frozen=True)
class Readers:
    """Who would be written to now, who has been lately, and who can only be rung."""

    now: Sequence[reminding.Reader]
    later: Sequence[reminding.Reader]
    by_telephone: Sequence[reminding.Reader]


def readers(
    meeting: Meeting,
    filed: reminding.Filed,
    *,
    about: Task = Task.ANSWER,
    sites: Collection[int] = (),
    within: sa.ColumnElement[bool] | None = None,
    at: datetime,
) -> Readers:
    """Who would get a reminder *at*, in protocol order: the silent, or those who come and have filed no list; with *sites*
    (ids of meeting sites) only those of them, with *within* (over meeting sites) only those of whoever presses."""
    replies = (Reply.ACCEPTED, Reply.SUBSTITUTE) if about is Task.ROSTER else (Reply.ASKED,)
    query = reminding.open_invitations(meeting).where(Invitation.reply.in_(replies))
    if sites:
        query = query.where(MeetingSite.id.in_(list(sites)[:500]))
    if within is not None:
        query = query.where(within)
    found = db.session.scalars(query.order_by(MeetingSite.position, MeetingSite.id)).all()
    return _sorted_out(found, frozenset(filed(meeting)), at)


@dataclass(frozen=True)
class Silent:
    """How many sites have not answered, how many come without a list, and those of the silent that can only be rung."""

    silent: int
    without_list: int
    unwritable: int
    to_ring: Sequence[reminding.Reader]


def silent(meeting: Meeting, filed: reminding.Filed, limit: int = 200) -> Silent:
    """Whom the ladder is about as the meeting stands now, counted; by name only those to be rung, the first *limit*."""
    on_list = _on_list(meeting)
    rows = db.session.execute(
        on_list.with_only_columns(MeetingSite.id, MeetingSite.site_id, Invitation.reply, Invitation.link_id).order_by(
            MeetingSite.position, MeetingSite.id
        )
    ).all()
    have = frozenset(filed(meeting))
    coming = sum(
        1 for id, _site, reply, _link in rows if reply in (Reply.ACCEPTED, Reply.SUBSTITUTE) and id not in have
    )
    asked = [row for row in rows if row.reply is Reply.ASKED]
    unwritable = set(db.session.scalars(on_list.where(Invitation.reply == Reply.ASKED, ~queries.writable)))
    returned = posted.returned([row.link_id for row in asked])
    held = queries.officers_at({row.site_id for row in asked if row.link_id in returned})
    failed = {row.id for row in asked if reminding.came_back(returned, row.link_id, held.get(row.site_id))}
    to_ring = [row.id for row in asked if row.id in unwritable or row.id in failed]
    query = sa.select(MeetingSite).where(MeetingSite.id.in_(to_ring[:limit]))
    sites = db.session.scalars(query.order_by(MeetingSite.position, MeetingSite.id)).all()
    officers = queries.officers(sites)
    ring = [
        reminding.Reader(one, officers.get(one.site_id), (Task.ANSWER,), returned=one.id in failed) for one in sites
    ]
    return Silent(len(asked), coming, len(to_ring), ring)


def _on_list(meeting: Meeting) -> sa.Select[Any]:
    return (
        sa.select(MeetingSite.id)
        .select_from(Invitation)
        .join(MeetingSite, Invitation.meeting_site_id == MeetingSite.id)
        .join(Link, Invitation.link_id == Link.id)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None), Link.ended_at.is_(None))
    )


def _sorted_out(found: Sequence[Invitation], filed: Collection[int], at: datetime) -> Readers:
    officers = queries.officers([invitation.meeting_site for invitation in found])
    returned = posted.returned([invitation.link_id for invitation in found])
    lately = _reminded_about([invitation.link_id for invitation in found], at)
    rows = Readers([], [], [])
    for invitation in found:
        site, tasks = invitation.meeting_site, reminding.tasks_of(invitation, filed)
        if not tasks:
            continue
        officer, before = officers.get(site.site_id), lately.get(invitation.link_id)
        again_at = before + chasing.BY_HAND_AFTER if before is not None else None
        failed = reminding.came_back(returned, invitation.link_id, officer)
        row = reminding.Reader(site, officer, tasks, again_at, returned=failed)
        into = rows.by_telephone if failed or not row.address else rows.later if again_at is not None else rows.now
        assert isinstance(into, list)
        into.append(row)
    return rows


def _reminded_about(link_ids: Sequence[int], at: datetime) -> dict[int, datetime]:
    """Link → when a reminder with it was written last, of those of the last four hours that were not taken back. One that
    was written by a clock far ahead of its time holds nobody off for days."""
    since, till = at - chasing.BY_HAND_AFTER, at + chasing.BY_HAND_AFTER
    found: dict[int, datetime] = {}
    for start in range(0, len(link_ids), 500):
        rows = db.session.execute(
            sa.select(Letter.link_id, sa.func.max(Letter.written_at))
            .where(
                Letter.link_purpose == "m",
                Letter.link_id.in_(link_ids[start : start + 500]),
                Letter.kind == reminders.KIND,
                Letter.written_at > since,
                Letter.written_at < till,
                Letter.status.not_in((LetterStatus.WITHDRAWN, LetterStatus.REFUSED)),
            )
            .group_by(Letter.link_id)
        )
        found.update((link_id, at) for link_id, at in rows if link_id is not None)
    return found


def shown(rows: Iterable[reminding.Reader]) -> str:
    """Whom a preview named, in one word that a form carries: ``12.3fa9c1-15.90ab12``."""
    return "-".join(f"{row.meeting_site.id}.{post.digest(row.address.encode())[:6]}" for row in rows)


def remind(
    meeting: Meeting,
    filed: reminding.Filed,
    seen: str,
    *,
    about: Task = Task.ANSWER,
    sites: Collection[int] = (),
    within: sa.ColumnElement[bool] | None = None,
    actor: Actor,
) -> tuple[int, int]:
    """Let everybody be reminded whom a preview (*seen*, see :func:`shown`) named, if it would name the same ones now;
    returns how many are, and how many are not because they had too many letters. Raises :class:`Refused` with what differs."""
    ladders.may_be_reminded(meeting)
    at = now()
    db.session.refresh(meeting, with_for_update=ladders.MEETING_ALONE)  # one press at a time
    if _still_running(meeting, within):
        raise Refused(_("The reminder before this one is still being written. Look again in a moment."))
    found = readers(meeting, filed, about=about, sites=sites, within=within, at=at).now
    if shown(found) != seen:
        raise Refused(_differs(meeting, found, seen, within))
    if not found:
        raise Refused(_("There is nobody who could be reminded now."))
    held = quota.hold_to_many(actor, {row.address for row in found}, reminders.KIND, meeting.code, at)
    chosen = [row.meeting_site.id for row in found if row.address.strip().lower() in held.free]
    chase = Chase(
        meeting=meeting,
        step=ChaseStep.BY_HAND,
        round=1 + (db.session.scalar(_last_by_hand(meeting)) or 0),
        due_at=at,
        begun_at=at,
        sites=chosen,
        about=about,
        made_by=actor.name[:200],
        made_by_key=actor.key[:60],
    )
    db.session.add(chase)
    db.session.flush()
    journal.record("meeting.reminded_by_hand", meeting, actor=actor, count=len(chosen), about=about)
    return len(chosen), len(found) - len(chosen)


def _last_by_hand(meeting: Meeting) -> sa.Select[int]:
    return sa.select(sa.func.max(Chase.round)).where(Chase.meeting_id == meeting.id, Chase.step == ChaseStep.BY_HAND)


def _still_running(meeting: Meeting, within: sa.ColumnElement[bool] | None) -> bool:
    """Whether letters of an earlier press are still to be written; of one part of the sites, those to this part."""
    running = db.session.scalars(
        sa.select(Chase.sites).where(
            Chase.meeting_id == meeting.id, Chase.step == ChaseStep.BY_HAND, Chase.state == ChaseState.DUE
        )
    ).all()
    if within is None or not running:
        return bool(running)
    mine = set(db.session.scalars(sa.select(MeetingSite.id).where(within)))
    return any(not mine.isdisjoint(sites) for sites in running)


def _differs(
    meeting: Meeting, found: Sequence[reminding.Reader], seen: str, within: sa.ColumnElement[bool] | None
) -> str:
    """What changed between the preview and the press, by name."""
    before = dict(one.split(".", 1) for one in seen.split("-") if "." in one)
    after = dict(one.split(".", 1) for one in shown(found).split("-") if "." in one)
    gone = [int(id) for id in before if id not in after and id.isdecimal() and len(id) < 10]
    rows = db.session.scalars(
        sa.select(MeetingSite.name)
        .where(
            MeetingSite.id.in_(gone[:5]), MeetingSite.meeting_id == meeting.id, sa.true() if within is None else within
        )
        .order_by(MeetingSite.position)
    )
    left, came = list(rows), [r for r in found if before.get(str(r.meeting_site.id)) != after[str(r.meeting_site.id)]]
    said = [_("The list has changed since it was shown, so nothing was sent.")]
    if gone:
        said.append(
            ngettext(
                "%(num)s site is no longer on it: %(names)s.",
                "%(num)s sites are no longer on it: %(names)s.",
                len(gone),
                names=_named(left, len(gone)),
            )
        )
    if came:
        said.append(
            ngettext(
                "%(num)s site is new on it or has another address: %(names)s.",
                "%(num)s sites are new on it or have another address: %(names)s.",
                len(came),
                names=_named([row.meeting_site.name for row in came], len(came)),
            )
        )
    said.append(_("Look at it again and press once more."))
    return " ".join(said)


def _named(names: Sequence[str], count: int) -> str:
    return ", ".join(names[:5]) + (" …" if count > 5 else "")


# ------------------------------------------------------------------ to be shown, and for the second channel


@dataclass(frozen=True)
class Sample:
    """The letter that one real reader would get, its link covered."""

    to: str
    subject: str
    text: str
    locale: str


def sample(meeting: Meeting, row: reminding.Reader, occasion: Occasion, tested: reminding.Tested) -> Sample | None:
    """The reminder as *row* would read it."""
    if row.officer is None:
        return None
    test_at = tested(meeting).get(row.meeting_site.id)
    words = reminding.wording(meeting, occasion, row.tasks, row.officer.locale, rung=test_at is not None)
    link = Ticket("m", 0, 0)
    draft = reminders.to_site(
        meeting, row.meeting_site, row.officer, occasion, row.tasks, words, link, key="", test_at=test_at
    )
    return Sample(f"{row.officer.name} <{row.officer.email}>", draft.subject, _readable(draft), draft.locale)


def _readable(draft: Draft) -> str:
    return filled(draft.text, {**draft.fills, "token": letter_box.HIDDEN, "join": letter_box.HIDDEN})
