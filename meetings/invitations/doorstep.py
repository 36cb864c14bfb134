"""The private link of a site whose meeting is in session: opened by one small question, where nothing is out of the way.

In the minute in which a conference begins thousands of these are opened to say one thing. Here it is only found out whether the
plain case holds; whatever is not plain is opened by :func:`meetings.invitations.private_link.opened`, which alone says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

import sqlalchemy as sa

from meetings import links
from meetings.clock import now, today
from meetings.database import db
from meetings.directory.models import Contact, Duty, Site
from meetings.invitations.models import Invitation, Link
from meetings.invitations.rules import LINK_LASTS
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import Status
from meetings.units.models import Unit


@dataclass(frozen=True, slots=True)
class Doorstep:
    """Whose link it is: *site* is the id of the meeting's site, *meeting* that of the meeting with this *code*."""

    link: int
    site: int
    name: str
    meeting: int
    code: str


_link, _invitation, _joined, _meeting, _site, _unit, _contact = (
    cast(sa.Table, model.__table__) for model in (Link, Invitation, MeetingSite, Meeting, Site, Unit, Contact)
)
_left: Final = (
    sa.select(sa.literal(1))
    .where(
        _contact.c.site_id == _joined.c.site_id,
        _contact.c.duty.in_((Duty.COORDINATOR, Duty.DEPUTY)),
        _contact.c.valid_to > _link.c.made_at,
    )
    .correlate(_joined, _link)
    .exists()
)
_OPENS: Final = (
    sa.select(_link.c.id, _joined.c.id, _joined.c.name, _meeting.c.id, _meeting.c.code, _meeting.c.ends_at)
    .select_from(_link)
    .join(_invitation, _invitation.c.link_id == _link.c.id)
    .join(_joined, _joined.c.id == _invitation.c.meeting_site_id)
    .join(_meeting, _meeting.c.id == _joined.c.meeting_id)
    .join(_site, _site.c.id == _joined.c.site_id)
    .join(_unit, _unit.c.id == _site.c.unit_id)
    .where(
        _link.c.id == sa.bindparam("link"),
        _link.c.issue == sa.bindparam("issue"),
        _link.c.ended_at.is_(None),
        _joined.c.removed_at.is_(None),
        _meeting.c.status == Status.IN_SESSION,
        _site.c.in_service,
        sa.or_(_unit.c.valid_to.is_(None), _unit.c.valid_to > sa.bindparam("today", type_=sa.Date())),
        ~_left,
    )
)


def of(token: str) -> Doorstep | None:
    """Whose link *token* is, where it plainly opens and the meeting is in session; None for everything else."""
    claim = links.read(token)
    if claim is None or claim.purpose != "m":
        return None
    asked = {"link": claim.id, "issue": claim.issue, "today": today()}
    found = db.session.connection().execute(_OPENS, asked).first()
    if found is None:
        return None
    link, site, name, meeting, code, ends_at = found
    if ends_at is None or now() > ends_at + LINK_LASTS:
        return None
    return Doorstep(link, site, name, meeting, code)
