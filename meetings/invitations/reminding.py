"""The verbs of reminding: what is due is done once, a batch at a time; by hand; and the ladder of one meeting on and off.

What is open besides the answer (the list of delegates, the hour of the line test) belongs to a later stage, so whoever
calls hands in who has filed one and who is rung when. Which rungs are due is worked out anew at every look; a row is
kept of a rung only once it was begun, so a clock that is put forward and back again neither loses a rung nor does it twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from meetings import adapters, journal
from meetings.accounts.rules import SYSTEM
from meetings.clock import now
from meetings.database import db
from meetings.directory.models import Contact, Site
from meetings.invitations import chasing, ladders, posted, queries, reminders
from meetings.invitations.chasing import Standing
from meetings.invitations.models import Chase, ChaseSwitch, Invitation, Link
from meetings.invitations.reminders import Occasion, Task
from meetings.invitations.rules import ANSWERS, ChaseState, ChaseStep, Reply
from meetings.journal.models import Entry
from meetings.post import services as post
from meetings.post import texting
from meetings.post.services import Draft, Ticket
from meetings.scheduling import working_time
from meetings.scheduling.models import Change, Meeting, MeetingSite
from meetings.scheduling.rules import ChangeKind, Status
from meetings.units.models import Unit

BATCH: Final = 1000
"""Sites written to in one transaction, as when they are asked."""


Filed = Callable[[Meeting], Collection[int]]
"""Which sites of a meeting have filed their list of delegates (ids of meeting sites)."""

Tested = Callable[[Meeting], Mapping[int, datetime]]
"""When the line of which site of a meeting is going to be tested (by ids of meeting sites)."""


@dataclass(frozen=True)
class Reader:
    """A site that is to be reminded by hand: who reads, what is open; *again_at*: not before, for it was reminded lately;
    *returned*: the newest letter to this very address did not arrive, so the site is rung."""

    meeting_site: MeetingSite
    officer: Contact | None
    tasks: tuple[Task, ...]
    again_at: datetime | None = None
    invitation: Invitation | None = None
    returned: bool = False

    @property
    def address(self) -> str:
        return self.officer.email if self.officer is not None else ""


# ------------------------------------------------------------------ what is due


@dataclass(frozen=True)
class Wanted:
    """One batch to be done: of a rung of a meeting, or of a reminder by hand that was begun (*chase_id*)."""

    meeting_id: int
    step: ChaseStep
    chase_id: int | None = None


_LOOKED_BACK: Final = timedelta(days=45)
"""No rung is due longer before the deadline than this: ten working days over Tết are less."""


def due(at: datetime) -> list[Wanted]:
    """What is to be done *at*. A handful of statements, whatever the number of meetings."""
    by_hand = db.session.execute(
        sa.select(Chase.id, Chase.meeting_id)
        .where(Chase.state == ChaseState.DUE, Chase.step == ChaseStep.BY_HAND)
        .order_by(Chase.id)
    )
    wanted = [Wanted(meeting_id, ChaseStep.BY_HAND, id) for id, meeting_id in by_hand]
    ahead = _ahead(at)
    if not ahead:
        return wanted
    versions, days, hours = ladders.laid(), working_time.calendar(), working_time.hours()
    by_type = {type: chasing.ladder(versions, type) for type in {row.type for row in ahead}}
    over = _over([row.id for row in ahead])
    for row in ahead:
        facts = ladders.facts(row.sent_at, row.moved_at, row.starts_at, row.reply_by, row.back_at)
        if facts is None:
            continue
        for one in chasing.plan(by_type[row.type], facts, days, hours, now=at):
            if one.standing is Standing.DUE and (row.id, one.step, row.round or 0) not in over:
                wanted.append(Wanted(row.id, one.step))
    return wanted


def _ahead(at: datetime) -> Sequence[sa.Row[Any]]:
    """The meetings that are to come, near enough for a rung, and not switched off: what their ladders hang on."""
    moves = (
        sa.select(Change.meeting_id, sa.func.max(Change.id).label("round"))
        .where(Change.kind == ChangeKind.RESCHEDULED)
        .group_by(Change.meeting_id)
        .subquery()
    )
    move = sa.orm.aliased(Change)
    return db.session.execute(
        sa.select(
            Meeting.id, Meeting.type, Meeting.sent_at, Meeting.starts_at, Meeting.reply_by,
            moves.c.round, move.at.label("moved_at"), ChaseSwitch.on_at.label("back_at"),
        )
        .outerjoin(moves, moves.c.meeting_id == Meeting.id)
        .outerjoin(move, move.id == moves.c.round)
        .outerjoin(ChaseSwitch, ChaseSwitch.meeting_id == Meeting.id)
        .where(
            Meeting.status == Status.SCHEDULED,
            Meeting.sent_at.is_not(None),
            Meeting.starts_at > at,
            sa.func.coalesce(Meeting.reply_by, Meeting.starts_at) < at + _LOOKED_BACK,
            sa.or_(ChaseSwitch.meeting_id.is_(None), ChaseSwitch.on_at.is_not(None)),
        )
        .order_by(Meeting.starts_at, Meeting.id)
    ).all()  # fmt: skip


def _over(meeting_ids: Sequence[int]) -> set[tuple[int, ChaseStep, int]]:
    found: set[tuple[int, ChaseStep, int]] = set()
    for start in range(0, len(meeting_ids), 500):
        rows = db.session.execute(
            sa.select(Chase.meeting_id, Chase.step, Chase.round).where(
                Chase.meeting_id.in_(meeting_ids[start : start + 500]), Chase.state == ChaseState.DONE
            )
        )
        found.update((meeting_id, step, round) for meeting_id, step, round in rows)
    return found


# ------------------------------------------------------------------ doing it


def run(wanted: Wanted, filed: Filed, tested: Tested) -> bool:
    """Do one batch of *wanted* as the meeting stands now; the caller commits. False where there was nothing to do any more.

    The row is looked up again and locked: whoever was faster has done it.
    """
    meeting = db.session.get(Meeting, wanted.meeting_id, populate_existing=True, with_for_update=ladders.MEETING_ALONE)
    if meeting is None:
        return False
    at = now()
    if wanted.step is ChaseStep.BY_HAND:
        return _run_by_hand(meeting, wanted, filed, tested, at)
    if meeting.status is not Status.SCHEDULED or ladders.is_off(meeting):
        return False
    rung = next((one for one in ladders.planned(meeting, at=at) if one.step is wanted.step), None)
    if rung is None or rung.standing is not Standing.DUE or rung.due_at is None or rung.until is None:
        return False
    chase = _begun(meeting, rung.step, rung.due_at, at)
    if chase.state is ChaseState.DONE:
        return False
    occasion = Occasion(rung.step, at, rung.until)
    if rung.step is ChaseStep.PROVINCE:
        _tell_provinces(chase, meeting, occasion)
        return True
    replies = (Reply.ACCEPTED, Reply.SUBSTITUTE) if rung.step is ChaseStep.ROSTER else (Reply.ASKED,)
    found = _batch(meeting, chase, replies)
    _remind(chase, meeting, found, occasion, frozenset(filed(meeting)), tested(meeting), SYSTEM.key)
    if len(found) < BATCH:
        _finish(chase, meeting)
    return True


def _begun(meeting: Meeting, step: ChaseStep, due_at: datetime, at: datetime) -> Chase:
    round = ladders.round_of(meeting)
    query = sa.select(Chase).where(Chase.meeting_id == meeting.id, Chase.step == step, Chase.round == round)
    found = db.session.scalars(query.with_for_update(of=Chase)).first()
    if found is None:
        found = Chase(meeting=meeting, step=step, round=round, due_at=due_at, begun_at=at, told=0, to_ring=0, reached=0)
        found.state, found.sites = ChaseState.DUE, []
        db.session.add(found)
        db.session.flush()
    return found


def _batch(meeting: Meeting, chase: Chase, replies: Collection[Reply]) -> Sequence[Invitation]:
    """The next sites of *chase* that have said one of *replies*. Their rows are locked: who answers at this moment waits
    until the letter stands there, and takes it back."""
    query = (
        open_invitations(meeting)
        .where(Invitation.reply.in_(replies), Invitation.id > chase.reached)
        .order_by(Invitation.id)
        .limit(BATCH)
    )
    if chase.step is ChaseStep.BEFORE_DEADLINE:  # a site that was added this morning
        asked_at = sa.func.coalesce(Invitation.asked_again_at, Invitation.asked_at)
        query = query.where(asked_at <= chase.due_at - chasing.TOO_SOON)
    return db.session.scalars(query.with_for_update(of=Invitation)).all()


def open_invitations(meeting: Meeting) -> sa.Select[Invitation]:
    return (
        sa.select(Invitation)
        .join(Invitation.meeting_site)
        .join(MeetingSite.site)
        .join(Invitation.link)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None), Link.ended_at.is_(None))
        .options(
            contains_eager(Invitation.meeting_site).contains_eager(MeetingSite.site), contains_eager(Invitation.link)
        )
        .execution_options(populate_existing=True)
    )


def tasks_of(invitation: Invitation, filed: Collection[int]) -> tuple[Task, ...]:
    """What the site still has to do; nothing of one that declined."""
    if invitation.reply is Reply.DECLINED:
        return ()
    answer = () if invitation.reply in ANSWERS else (Task.ANSWER,)
    return answer if invitation.meeting_site_id in filed else (*answer, Task.ROSTER)


def _remind(
    chase: Chase,
    meeting: Meeting,
    found: Sequence[Invitation],
    occasion: Occasion,
    filed: Collection[int],
    tested: Mapping[int, datetime],
    made_by: str,
) -> None:
    """Write to those of *found* who still have something to do; who has no address, or one from which the newest letter
    came back, is counted to be rung."""
    officers = queries.officers([invitation.meeting_site for invitation in found])
    returned = posted.returned([invitation.link_id for invitation in found])
    words: dict[tuple[str, tuple[Task, ...], bool], reminders.Wording] = {}
    drafts, told = list[Draft](), list[Invitation]()
    for invitation in found:
        site, tasks = invitation.meeting_site, tasks_of(invitation, filed)
        contact = officers.get(site.site_id)
        if not tasks or (chase.about and chase.about not in tasks):
            continue
        if contact is None or not contact.email or came_back(returned, invitation.link_id, contact):
            chase.to_ring += 1
            continue
        test_at = tested.get(site.id)
        key = (contact.locale, tasks, test_at is not None)
        if key not in words:
            words[key] = wording(meeting, occasion, tasks, contact.locale, rung=test_at is not None)
        link = Ticket("m", invitation.link_id, invitation.link.issue)
        drafts.append(
            reminders.to_site(
                meeting, site, contact, occasion, tasks, words[key], link,
                key=f"{reminders.KIND}-{chase.id}-{site.id}", made_by="" if made_by == SYSTEM.key else made_by,
                test_at=test_at,
            )
        )  # fmt: skip
        told.append(invitation)
    post.hand_in_all(drafts)
    if found:
        chase.reached = found[-1].id
    chase.told += len(told)
    journal.record_each(
        "invitation.reminded",
        told,
        actor=SYSTEM,
        details=[{"site": one.meeting_site.name, "step": chase.step, "by": chase.made_by} for one in told],
    )


def came_back(returned: Mapping[int, str], link_id: int, contact: Contact | None) -> bool:
    """Whether the newest letter with this link failed at the address of *contact* (*returned*: see ``queries``)."""
    return contact is not None and returned.get(link_id) == contact.email.strip().lower()


def wording(
    meeting: Meeting, occasion: Occasion, tasks: Sequence[Task], locale: str, *, rung: bool = False
) -> reminders.Wording:
    public_url = adapters.config().public_url
    return reminders.wording(meeting, occasion, tasks, public_url=public_url, locale=locale, rung=rung)


def _finish(chase: Chase, meeting: Meeting) -> None:
    chase.state, chase.done_at = ChaseState.DONE, now()
    journal.record(
        "meeting.chased",
        meeting,
        actor=SYSTEM,
        step=chase.step,
        round=chase.round,
        told=chase.told,
        to_ring=chase.to_ring,
        by=chase.made_by,
    )


# ------------------------------------------------------------------ provinces


@dataclass(frozen=True)
class Late:
    """A province with its own silent sites; *officer*: of its own site, None where nobody is named."""

    province: Unit
    names: Sequence[str]
    site: Site | None
    officer: Contact | None
    invitation: Invitation | None  # of its own site to this meeting, where the link still opens


def late_provinces(meeting: Meeting) -> list[Late]:
    """Each province that has silent sites of its own in *meeting*, in protocol order; its own site is not among them."""
    rows = db.session.execute(
        sa.select(MeetingSite.province_id, MeetingSite.name)
        .join(Invitation, Invitation.meeting_site_id == MeetingSite.id)
        .join(Link, Invitation.link_id == Link.id)
        .where(
            MeetingSite.meeting_id == meeting.id,
            MeetingSite.removed_at.is_(None),
            MeetingSite.province_id.is_not(None),
            MeetingSite.unit_id != MeetingSite.province_id,
            Invitation.reply == Reply.ASKED,
            Link.ended_at.is_(None),
        )
        .order_by(MeetingSite.position, MeetingSite.id)
    )
    names: dict[int, list[str]] = {}
    for province_id, name in rows:
        if province_id is not None:
            names.setdefault(province_id, []).append(name)
    if not names:
        return []
    units = db.session.scalars(sa.select(Unit).where(Unit.id.in_(names)).order_by(Unit.code)).all()
    own = _own_invitations(meeting, list(names))
    sites = _standard_sites(list(names))
    held = queries.officers_at([site.id for site in sites.values()])
    return [
        Late(unit, names[unit.id], sites.get(unit.id), _held(held, sites.get(unit.id)), own.get(unit.id))
        for unit in units
    ]


def _held(held: Mapping[int, Contact | None], site: Site | None) -> Contact | None:
    return held.get(site.id) if site is not None else None


def _standard_sites(unit_ids: Sequence[int]) -> dict[int, Site]:
    """The first site in service of each unit."""
    rows = db.session.scalars(
        sa.select(Site).where(Site.unit_id.in_(unit_ids), Site.in_service).order_by(Site.id.desc())
    )
    return {site.unit_id: site for site in rows}


def _own_invitations(meeting: Meeting, unit_ids: Sequence[int]) -> dict[int, Invitation]:
    query = open_invitations(meeting).where(MeetingSite.unit_id.in_(unit_ids)).order_by(Invitation.id.desc())
    return {found.meeting_site.unit_id: found for found in db.session.scalars(query)}


def _tell_provinces(chase: Chase, meeting: Meeting, occasion: Occasion) -> None:
    """One message to each province, all in one transaction: there are 34."""
    drafts, told = list[Draft](), list[dict[str, Any]]()
    for late in late_provinces(meeting):
        if late.officer is None or not late.officer.email:
            chase.to_ring += 1
            continue
        own = late.invitation
        link = Ticket("m", own.link_id, own.link.issue) if own is not None else None
        drafts.append(
            reminders.to_province(
                meeting, late.province, late.names, late.officer, occasion, link,
                public_url=adapters.config().public_url, key=f"{reminders.PROVINCE}-{chase.id}-{late.province.id}",
            )
        )  # fmt: skip
        told.append({"province": late.province.name, "count": len(late.names)})
    post.hand_in_all(drafts)
    chase.told = len(drafts)
    for details in told:
        journal.record("meeting.province_reminded", meeting, actor=SYSTEM, **details)
    _finish(chase, meeting)


# ------------------------------------------------------------------ by hand


def _run_by_hand(meeting: Meeting, wanted: Wanted, filed: Filed, tested: Tested, at: datetime) -> bool:
    chase = db.session.scalars(sa.select(Chase).where(Chase.id == wanted.chase_id).with_for_update(of=Chase)).first()
    if chase is None or chase.state is ChaseState.DONE:
        return False
    if meeting.status is not Status.SCHEDULED or meeting.starts_at is None or at >= meeting.starts_at:
        _finish(chase, meeting)  # called off, put off or begun meanwhile: nobody is reminded of it
        return True
    # who has been chosen is looked at a batch at a time, in the order of the list
    chosen = chase.sites[chase.reached : chase.reached + BATCH]
    found: list[Invitation] = []
    for start in range(0, len(chosen), 500):
        query = open_invitations(meeting).where(MeetingSite.id.in_(chosen[start : start + 500]))
        found += db.session.scalars(query.order_by(Invitation.id).with_for_update(of=Invitation))
    reached = chase.reached + len(chosen)
    _remind(chase, meeting, found, by_hand(meeting, at), frozenset(filed(meeting)), tested(meeting), chase.made_by_key)
    chase.reached = reached
    if reached >= len(chase.sites):
        _finish(chase, meeting)
    return True


def by_hand(meeting: Meeting, at: datetime) -> Occasion:
    """The occasion of a reminder that is sent by hand *at*. What says “before the deadline” is not carried after it."""
    assert meeting.starts_at is not None
    before = meeting.reply_by is not None and at < meeting.reply_by < meeting.starts_at
    return Occasion(ChaseStep.BY_HAND, at, meeting.reply_by if before and meeting.reply_by else meeting.starts_at)


def on_the_day(meeting: Meeting) -> list[Reader]:
    """Whom the reminder on the day is for as it stands now, with who answers for the site: the silent, whether they have
    an e-mail address or not. It follows from the fact ``meeting.chased`` whose ``step`` is ``on_the_day``."""
    if meeting.status is not Status.SCHEDULED or ladders.is_off(meeting):
        return []
    found = db.session.scalars(
        open_invitations(meeting).where(Invitation.reply == Reply.ASKED).order_by(MeetingSite.position, MeetingSite.id)
    ).all()
    officers = queries.officers([invitation.meeting_site for invitation in found])
    return [
        Reader(one.meeting_site, officers.get(one.meeting_site.site_id), (Task.ANSWER,), invitation=one)
        for one in found
    ]


# ------------------------------------------------------------------ what no longer holds


def withdraw_reminders(entry: Entry) -> None:
    """What follows from a meeting that was moved, put off or called off: reminders of it that have not left do not leave."""
    post.withdraw_kinds(reminders.KINDS, root=entry.root, written_by=entry.at)
    texting.withdraw(root=entry.root)


def answered(invitation: Invitation) -> None:
    """The site has answered: a reminder to it that has not left does not leave. What it says was changed is in the
    database before this asks, so that a reminder written at the same moment is found."""
    db.session.flush()
    post.withdraw_kinds((reminders.KIND,), link_id=invitation.link_id)
    texting.withdraw(link_id=invitation.link_id)


def list_filed(meeting_site: MeetingSite) -> None:
    """The site has filed its list: where it had answered before, nothing is left to remind it of."""
    found = queries.of_site(meeting_site)
    if found is not None and found.reply in ANSWERS:
        answered(found)
