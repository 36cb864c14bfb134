"""Who is busy at an hour: the sites, the room and the chair of a meeting that another meeting holds already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from meetings.accounts.rules import Actor
from meetings.database import db
from meetings.directory.models import Site
from meetings.i18n import gettext as _
from meetings.scheduling import rules
from meetings.scheduling.models import Clash, Meeting, MeetingSite
from meetings.scheduling.queries import BUSY, visible_to
from meetings.units.models import Unit


def accepted(meeting: Meeting) -> Sequence[Clash]:
    """The collisions that were accepted with a reason when the time was set."""
    return db.session.scalars(sa.select(Clash).where(Clash.meeting_id == meeting.id).order_by(Clash.id)).all()


@dataclass(frozen=True)
class Collision:
    """A site, a room or a chair that another meeting already occupies at the asked hour."""

    site_id: int  # 0: the chair
    name: str
    code: str
    title: str  # "" when the reader may not know it: then only who organises it is told
    organiser: str
    phone: str
    starts_at: datetime
    ends_at: datetime


def collisions(meeting: Meeting, starts_at: datetime, ends_at: datetime, actor: Actor) -> list[Collision]:
    """What of *meeting* is busy between *starts_at* and *ends_at*: its chair, then its sites by the other's code.

    Two meetings hosted in two rooms of one site do not collide; a site that is invited is busy as a whole, because
    its camera and its line are one.
    """
    other, mine = aliased(MeetingSite), aliased(MeetingSite)
    host = meeting.host_site_id or 0
    asked = sa.select(mine.site_id).where(mine.meeting_id == meeting.id, mine.removed_at.is_(None))
    same_room: sa.ColumnElement[bool] = sa.true()
    if meeting.host_room_id is not None:
        same_room = sa.or_(Meeting.host_room_id.is_(None), Meeting.host_room_id == meeting.host_room_id)
    spans = (
        Meeting.id != meeting.id,
        Meeting.status.in_(BUSY),
        Meeting.starts_at < ends_at,
        Meeting.ends_at > starts_at,
    )
    columns = (
        Meeting.code,
        Meeting.title,
        Unit.full_name,
        Meeting.contact_phone,
        Meeting.starts_at,
        Meeting.ends_at,
        visible_to(actor).label("known"),
    )
    as_guest = (
        sa.select(other.site_id, other.name, *columns)
        .join(Meeting, other.meeting_id == Meeting.id)
        .join(Unit, Meeting.organiser_id == Unit.id)
        .where(*spans, other.removed_at.is_(None), sa.or_(other.site_id.in_(asked), other.site_id == host))
    )
    as_host = (
        sa.select(Site.id, Site.name, *columns)
        .select_from(Meeting)
        .join(Site, Meeting.host_site_id == Site.id)
        .join(Unit, Meeting.organiser_id == Unit.id)
        .where(*spans, sa.or_(Site.id.in_(asked), sa.and_(Site.id == host, same_room)))
    )
    found = [
        Collision(id, name, code, title if known else "", organiser, phone, begins, ends)
        for query in (as_host, as_guest)
        for id, name, code, title, organiser, phone, begins, ends, known in db.session.execute(query)
        if begins is not None and ends is not None
    ]
    chaired = (
        sa.select(Meeting.chair_name, Meeting.chair_title, *columns)
        .join(Unit, Meeting.organiser_id == Unit.id)
        .where(*spans)
    )
    this = (meeting.chair_name, meeting.chair_title)
    chair = _("Chair: %(name)s", name=" ".join(filter(None, (meeting.chair_honorific, meeting.chair_name))))
    found += [
        Collision(0, chair, code, title if known else "", organiser, phone, begins, ends)
        for name, post, code, title, organiser, phone, begins, ends, known in db.session.execute(chaired)
        if begins is not None and ends is not None and rules.same_chair(this, (name, post))
    ]
    return sorted(found, key=lambda c: (c.starts_at, c.code, c.site_id))
