"""The slots of a rehearsal: shared out by a person, chosen anew by a site, kept when sites or the day change.

A second room of ``services``: the same rules hold. Whoever changes slots of a meeting holds its row, so that nobody gets
what another has just taken; the database refuses it besides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.models import Grant, User
from meetings.accounts.rules import SYSTEM, Actor, Role
from meetings.clock import instant, now, wall
from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.invitations import queries as invitations
from meetings.invitations.ladders import MEETING_ALONE
from meetings.invitations.models import Invitation
from meetings.journal.models import Entry
from meetings.readiness import ladder, sharing
from meetings.readiness.models import LineTestPlan, LineTestSlot
from meetings.readiness.sharing import Grid, Place, Slot
from meetings.scheduling import queries as scheduling
from meetings.scheduling import working_time
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import Status
from meetings.units.models import Unit

# ---------------------------------------------------------------- questions


def plan_of(meeting: Meeting) -> LineTestPlan | None:
    """How the rehearsal of *meeting* is shared out, None before somebody did."""
    return db.session.scalars(sa.select(LineTestPlan).where(LineTestPlan.meeting_id == meeting.id)).first()


def slots_of(meeting: Meeting) -> dict[int, LineTestSlot]:
    """The slots of *meeting* by the id of the meeting's site."""
    rows = db.session.scalars(sa.select(LineTestSlot).where(LineTestSlot.meeting_id == meeting.id))
    return {row.meeting_site_id: row for row in rows}


def to_come(meeting: Meeting) -> dict[int, datetime]:
    """When the lines of *meeting* are still going to be tested, by the id of the meeting's site."""
    if meeting.status is not Status.SCHEDULED:
        return {}
    at = now()
    return {id: slot.starts_at for id, slot in slots_of(meeting).items() if slot.starts_at > at}


@dataclass(frozen=True)
class Told:
    """What a site is told of its slot."""

    starts_at: datetime
    ends_at: datetime
    technician: str
    chosen: bool  # by the site itself


def told(meeting_site: MeetingSite) -> Told | None:
    """The slot of one site with the name of who rings; None where nothing was shared out."""
    row = _slot(meeting_site)
    plan = plan_of(meeting_site.meeting)
    if row is None or plan is None or meeting_site.meeting.status is not Status.SCHEDULED:
        return None
    return Told(row.starts_at, row.ends_at, sharing.technician(plan.technicians, row.lane), bool(row.chosen_by))


def free_starts(meeting: Meeting, *, at: datetime) -> list[datetime]:
    """When somebody can still be rung, each hour once."""
    plan = plan_of(meeting)
    if plan is None:
        return []
    open_ = sharing.free(_grid(plan), map(_plain, slots_of(meeting).values()))
    return sorted({slot.starts_at for slot in open_ if slot.starts_at > at})


def offered(meeting: Meeting) -> Grid | None:
    """The grid a person begins with: as it was shared out, else one that holds all sites; None without a rehearsal."""
    plan = plan_of(meeting)
    if plan is not None:
        return _grid(plan)
    if meeting.rehearsal_at is None:
        return None
    ends_at = ladder.rehearsed_by(meeting.rehearsal_at, working_time.hours())
    return sharing.usual(len(_wanting(meeting)), meeting.rehearsal_at, ends_at)


def technicians(meeting: Meeting) -> list[str]:
    """Who tests lines for the organiser, by name."""
    paths = [unit.path for unit in _upwards(meeting.organiser)]
    rows = db.session.scalars(
        sa.select(User)
        .join(Grant, Grant.user_id == User.id)
        .join(Unit, Grant.unit_id == Unit.id)
        .where(Grant.role == Role.TECHNICIAN, Unit.path.in_(paths), User.active.is_(True))
        .order_by(User.sort_key, User.id)
    ).unique()
    return [f"{user.honorific} {user.name}".strip() for user in rows]


def _upwards(unit: Unit) -> Iterable[Unit]:
    here: Unit | None = unit
    while here is not None:
        yield here
        here = here.parent


def _slot(meeting_site: MeetingSite) -> LineTestSlot | None:
    return db.session.scalars(sa.select(LineTestSlot).where(LineTestSlot.meeting_site_id == meeting_site.id)).first()


def _grid(plan: LineTestPlan) -> Grid:
    return Grid(plan.begins_at, plan.ends_at, plan.minutes, plan.lanes)


def _plain(row: LineTestSlot) -> Slot:
    return Slot(row.starts_at, row.lane, row.ends_at)


def _wanting(meeting: Meeting) -> list[Place]:
    """The sites that are to be rung, in the order of the meeting: not the host, and none that declined."""
    rows = db.session.execute(
        sa.select(MeetingSite.id, MeetingSite.province_id)
        .outerjoin(Invitation, Invitation.meeting_site_id == MeetingSite.id)
        .where(
            MeetingSite.meeting_id == meeting.id,
            MeetingSite.removed_at.is_(None),
            sa.true() if meeting.host_site_id is None else MeetingSite.site_id != meeting.host_site_id,
            invitations.not_declined,
        )
        .order_by(MeetingSite.position, MeetingSite.id)
    )
    return [Place(id, province) for id, province in rows]


# ---------------------------------------------------------------- verbs


def share_out(meeting: Meeting, grid: Grid, names: Sequence[str], *, afresh: bool = False, actor: Actor) -> int:
    """Give every site a slot in *grid*; returns how many got one. Who was told one keeps it, unless *afresh*."""
    db.session.refresh(meeting, with_for_update=MEETING_ALONE)
    _check_open(meeting, grid)
    kept = _keep(meeting, {} if afresh else slots_of(meeting))
    new = sharing.share_out(grid, [p for p in _wanting(meeting) if p.id not in kept], map(_plain, kept.values()))
    plan = plan_of(meeting) or LineTestPlan(meeting_id=meeting.id)
    plan.meeting = meeting
    plan.begins_at, plan.ends_at, plan.minutes, plan.lanes = grid.begins_at, grid.ends_at, grid.minutes, grid.lanes
    plan.technicians = [name[:120] for name in names if name][: sharing.MOST_LANES]
    plan.made_at, plan.made_by = now(), actor.name[:200]
    db.session.add(plan)
    _put_in(meeting, new)
    _record(plan, len(new), len(kept), actor)
    return len(new)


def choose(meeting_site: MeetingSite, starts_at: datetime, *, actor: Actor) -> LineTestSlot:
    """Another slot for one site, at *starts_at*, with whichever technician is free then."""
    meeting = meeting_site.meeting
    db.session.refresh(meeting, with_for_update=MEETING_ALONE)
    plan, row = plan_of(meeting), _slot(meeting_site)
    if plan is None or meeting.status is not Status.SCHEDULED or meeting_site.removed_at is not None:
        raise Refused(_("The rehearsal of this meeting is not shared out."), field="starts_at")
    if row is not None and row.starts_at == starts_at:
        return row
    if starts_at <= now():
        raise Refused(_("This slot has passed. Choose another one."), field="starts_at", status=422)
    others = [_plain(other) for id, other in slots_of(meeting).items() if id != meeting_site.id]
    slot = next((one for one in sharing.free(_grid(plan), others) if one.starts_at == starts_at), None)
    if slot is None:
        raise Refused(_("Another site has just taken this slot. Choose another one."), field="starts_at", status=409)
    before = row.starts_at if row is not None else None
    if row is None:
        row = LineTestSlot(meeting_site_id=meeting_site.id, meeting_id=meeting.id)
        row.meeting_site = meeting_site
    row.starts_at, row.ends_at, row.lane, row.chosen_by = slot.starts_at, slot.ends_at, slot.lane, actor.name[:200]
    db.session.add(row)
    db.session.flush()
    journal.record(
        "line_test_slot.moved",
        row,
        actor=actor,
        site=meeting_site.name,
        before=before,
        after=slot.starts_at,
        lane=slot.lane,
    )
    return row


def follow(entry: Entry) -> None:
    """What follows when the meeting moved or its sites changed: nobody who was told a slot is moved without need.

    On another day each keeps its hour; sites that came get what is free, with more technicians where nothing is; the
    slots of sites that were taken out are free again.
    """
    meeting = scheduling.by_code(entry.root)
    if meeting is None:
        return
    db.session.refresh(meeting, with_for_update=MEETING_ALONE)
    plan = plan_of(meeting)
    if plan is None or meeting.status is not Status.SCHEDULED:
        return
    if meeting.rehearsal_at is None:
        if meeting.starts_at is not None and plan.ends_at > meeting.starts_at:
            _keep(meeting, {})
            db.session.delete(plan)
            journal.record("line_test_slot.given_up", plan, actor=SYSTEM)
        return
    kept = _keep(meeting, slots_of(meeting))
    moved = _shift(plan, kept.values(), meeting.rehearsal_at)
    places = [place for place in _wanting(meeting) if place.id not in kept]
    grid, taken = _grid(plan), [_plain(row) for row in kept.values()]
    while places and len(sharing.free(grid, taken)) < len(places) and grid.lanes < sharing.MOST_LANES:
        grid = replace(grid, lanes=grid.lanes + 1)
    plan.lanes = grid.lanes
    new = sharing.share_out(grid, places, taken)
    _put_in(meeting, new)
    if moved or new:
        _record(plan, len(new), len(kept), SYSTEM)


def _record(plan: LineTestPlan, new: int, kept: int, actor: Actor) -> None:
    journal.record(
        "line_test_slot.shared_out",
        plan,
        actor=actor,
        count=new,
        kept=kept,
        begins_at=plan.begins_at,
        ends_at=plan.ends_at,
        minutes=plan.minutes,
        lanes=plan.lanes,
        technicians=plan.technicians,
    )


def _check_open(meeting: Meeting, grid: Grid) -> None:
    if meeting.status is not Status.SCHEDULED or meeting.starts_at is None:
        raise Refused(_("Slots are shared out once the invitations have left and while the meeting lies ahead."))
    sharing.check(grid)
    if grid.ends_at > meeting.starts_at:
        raise Refused(_("The rehearsal must end before the meeting begins."), field="ends", status=422)
    if grid.ends_at <= now():
        raise Refused(_("These hours have passed. Choose later ones."), field="day", status=422)


def _keep(meeting: Meeting, slots: dict[int, LineTestSlot]) -> dict[int, LineTestSlot]:
    """Those of *slots* whose sites still want one; every other slot of *meeting* is free again."""
    wanting = {place.id for place in _wanting(meeting)}
    kept = {id: row for id, row in slots.items() if id in wanting}
    for id, row in slots_of(meeting).items():
        if id not in kept:
            db.session.delete(row)
    db.session.flush()
    return kept


def _shift(plan: LineTestPlan, rows: Iterable[LineTestSlot], rehearsal_at: datetime) -> bool:
    """Take plan and slots to the day of *rehearsal_at*, each at its hour; whether that is another day."""
    day = wall(rehearsal_at).date()
    if wall(plan.begins_at).date() == day:
        return False

    def there(at: datetime) -> datetime:
        return instant(day, wall(at).time())

    plan.begins_at, plan.ends_at = there(plan.begins_at), there(plan.ends_at)
    for row in rows:
        row.starts_at, row.ends_at = there(row.starts_at), there(row.ends_at)
    db.session.flush()
    return True


def _put_in(meeting: Meeting, new: dict[int, Slot]) -> None:
    values: list[dict[str, Any]] = [
        {
            "meeting_site_id": id,
            "meeting_id": meeting.id,
            "starts_at": slot.starts_at,
            "ends_at": slot.ends_at,
            "lane": slot.lane,
            "chosen_by": "",
        }
        for id, slot in new.items()
    ]
    db.session.flush()
    if values:
        db.session.execute(sa.insert(LineTestSlot), values)
