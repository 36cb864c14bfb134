"""A meeting asks provinces to bring their communes: asked, changed, switched off; and whose sites are whose.

The asking is a fact of the arrangement, which the giấy mời and the letters state; what follows from it at the sites is
readiness. Every page behind the link of a site goes through :func:`open_for` and :func:`below`, and through nothing else.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.clock import now, today
from meetings.database import db
from meetings.directory import queries as directory
from meetings.directory.models import Site
from meetings.errors import NotFound, Refused
from meetings.i18n import gettext as _
from meetings.scheduling import cascade_rules as rules
from meetings.scheduling.cascade_rules import Deed, Stage
from meetings.scheduling.models import Cascade, Meeting, MeetingSite
from meetings.scheduling.rules import Status
from meetings.units import queries as units
from meetings.units.models import Unit, UnitKind

_SETTLED: Final = (Status.DRAFT, Status.SCHEDULED, Status.POSTPONED)
"""While a giấy mời waits for approval it is not changed, and it states the cascade."""


def ever_of(meeting: Meeting) -> Cascade | None:
    """What was asked of *meeting*'s sites, switched off again or not."""
    return db.session.scalars(sa.select(Cascade).where(Cascade.meeting_id == meeting.id)).first()


def of(meeting: Meeting) -> Cascade | None:
    """The cascade of *meeting* as long as it is asked for."""
    found = ever_of(meeting)
    return found if found is not None and found.ended_at is None else None


def until(found: Cascade) -> datetime | None:
    """Until when sites may be brought; None while the meeting has no time."""
    meeting = found.meeting
    return rules.until(found.bring_by, meeting.reply_by, meeting.starts_at)


def stage(meeting: Meeting, found: Cascade | None) -> Stage:
    """Where the cascade *found* of *meeting* stands now."""
    by = until(found) if found is not None else None
    return rules.stage(meeting.status, asked=found is not None, starts_at=meeting.starts_at, until=by, now=now())


# ------------------------------------------------------------------ whose sites are whose


def below(head: MeetingSite) -> sa.ColumnElement[bool]:
    """The sites of the meeting that stand under *head*: those of units strictly below its unit, as the tree is today.

    Who brought a site does not count: a commune that went to another province is that province's from then on.
    """
    under = sa.select(Unit.id).where(units.below(head.unit.path), Unit.id != head.unit_id)
    return sa.and_(
        MeetingSite.meeting_id == head.meeting_id,
        MeetingSite.removed_at.is_(None),
        MeetingSite.id != head.id,
        MeetingSite.unit_id.in_(under),
    )


def level_of(head: MeetingSite) -> int:
    """On which level of its meeting the site stands."""
    above = [int(id) for id in head.unit.path.strip("/").split("/")]
    there = db.session.scalars(
        sa.select(MeetingSite.unit_id).where(
            MeetingSite.meeting_id == head.meeting_id, MeetingSite.removed_at.is_(None), MeetingSite.unit_id.in_(above)
        )
    )
    return rules.level(head.unit.path, set(there))


def may_go(head: MeetingSite, found: Cascade | None) -> int:
    """How many levels below itself *head* may bring; 0 where it is no head of anything."""
    if found is None or head.unit.kind is UnitKind.NATION:
        return 0
    return rules.deeper(level_of(head), found.levels)


def heads(meeting: Meeting) -> frozenset[int]:
    """The sites of *meeting* (ids) that are asked to bring others: not on the last level, with sites below them."""
    found = of(meeting)
    if found is None:
        return frozenset()
    rows = db.session.execute(
        sa.select(MeetingSite.id, Unit.id, Unit.path)
        .join(Unit, MeetingSite.unit_id == Unit.id)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None), Unit.kind != UnitKind.NATION)
    ).all()
    there = {unit_id for _id, unit_id, _path in rows}
    parents = set(
        db.session.scalars(
            sa.select(Unit.parent_id).join(Site, Site.unit_id == Unit.id).where(directory.offered(today())).distinct()
        )
    )
    return frozenset(
        id
        for id, unit_id, path in rows
        if unit_id in parents and rules.deeper(rules.level(path, there), found.levels) > 0
    )


def open_for(head: MeetingSite, deed: Deed = Deed.SEE) -> Cascade:
    """The cascade of the meeting, if *head* may do *deed* in it now.

    Raises ``NotFound`` where nothing is asked of this site, :class:`Refused` with the reason where it is not the time.
    """
    found = of(head.meeting)
    if found is None or not may_go(head, found):
        raise NotFound(rules.WHY_NOT[Stage.OFF])
    stands = stage(head.meeting, found)
    if deed not in rules.MAY[stands]:
        raise Refused(rules.WHY_NOT[stands])
    return found


def one_below(head: MeetingSite, id: int) -> MeetingSite:
    """One site of the meeting below *head*; any other is as good as none. Raises ``NotFound``."""
    found = None
    if 0 < id < 2**31:
        found = db.session.scalars(sa.select(MeetingSite).where(below(head), MeetingSite.id == id)).first()
    if found is None:
        raise NotFound(_("There is no such site on this list."))
    return found


# ------------------------------------------------------------------ asking


def ask(
    meeting: Meeting, *, levels: int, bring_by: datetime | None, most: int | None, note: str, actor: Actor
) -> Cascade:
    """Ask the sites of *meeting* to bring those below them, or change what is asked. Sites that know of the meeting are told."""
    _may_be_changed(meeting)
    if levels not in rules.LEVELS:
        raise Refused(_("Choose of how many levels the meeting is."), field="levels", status=422)
    if bring_by is not None and (bring_by <= now() or (meeting.starts_at is not None and bring_by > meeting.starts_at)):
        raise Refused(_("This must lie between now and the start of the meeting."), field="bring_day", status=422)
    if most is not None and not 1 <= most <= rules.MOST:
        raise Refused(_("Enter a number from 1 to %(most)s.", most=rules.MOST), field="most", status=422)
    values: dict[str, Any] = {"levels": levels, "bring_by": bring_by, "most": most, "note": note}
    found = ever_of(meeting)
    anew = found is None or found.ended_at is not None
    if found is None:
        found = Cascade(meeting_id=meeting.id, asked_at=now(), **values)
        found.meeting = meeting
        db.session.add(found)
        before: dict[str, Any] = {}
    else:
        before = {name: getattr(found, name) for name in values}
        if not anew and before == values:
            return found
    if anew or before["note"] != note or before["levels"] != levels:
        # what is printed says it from the next giấy mời on; before the first has left, that is the first
        found.on_paper = meeting.paper + 1 if meeting.sent_at is not None else 0
    for name, value in values.items():
        setattr(found, name, value)
    found.asked_at, found.asked_by, found.ended_at = now(), actor.name[:200], None
    db.session.flush()
    fact = "cascade.asked" if anew else "cascade.changed"
    journal.record(fact, found, actor=actor, before=before, after=values, levels=levels, note=note)
    return found


def end(meeting: Meeting, *, actor: Actor) -> None:
    """Ask no longer. What was brought stays; the pages for it close."""
    _may_be_changed(meeting)
    found = of(meeting)
    if found is not None:
        found.ended_at = now()
        db.session.flush()
        journal.record("cascade.ended", found, actor=actor)


def _may_be_changed(meeting: Meeting) -> None:
    if meeting.status is Status.AWAITING_APPROVAL:
        raise Refused(_("The giấy mời waits for approval and is not changed meanwhile. Take it back first."))
    if meeting.status not in _SETTLED:
        raise Refused(_("Sites are asked to bring others before the meeting begins."))
    db.session.refresh(meeting, with_for_update={"of": Meeting})
