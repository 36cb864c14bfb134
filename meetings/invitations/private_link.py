"""The private link of a site: what it opens, until when, and for whom it was made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from meetings import adapters, links
from meetings.clock import now, today
from meetings.database import db
from meetings.directory import queries as directory
from meetings.directory.models import Contact, Duty, Site
from meetings.errors import Gone
from meetings.i18n import gettext as _
from meetings.invitations import queries, rules
from meetings.invitations.models import Invitation, Link
from meetings.post.models import Letter
from meetings.scheduling import rooms
from meetings.scheduling.models import MeetingSite
from meetings.scheduling.room_rules import Door
from meetings.scheduling.rules import Status

SAMPLE = "thu-mau"
"""Stands for the token in letters that are sent as a test: it opens nothing, and its page says why."""


@cache
def _behind() -> sa.Select[Any]:
    """The invitation behind a link with all that decides whether it opens: asked at each press on a private page."""
    place = joinedload(Invitation.meeting_site)
    return (
        sa.select(Invitation)
        .join(Invitation.link)
        .where(Link.id == sa.bindparam("link"))
        .options(
            contains_eager(Invitation.link),
            place.joinedload(MeetingSite.meeting),
            place.joinedload(MeetingSite.site).joinedload(Site.unit),
        )
    )


def opened(token: str, purpose: str = "m") -> Invitation:
    """The invitation whose page *token* opens now, or whose room (*purpose* “j”). Raises :class:`Gone` for every token that
    opens nothing.

    Validity is computed here and nowhere pushed: the newest issue, still invited, made for the officer who holds the
    office now, not more than seven days after the meeting. Why a link ended is said only of one that was once good;
    a guesser is told nothing.
    """
    if token == SAMPLE:
        raise Gone(_("This is the sample link of a test letter. Each site gets a link of its own."))
    claim = links.read(token)
    found: Invitation | None = None
    if claim is not None and claim.purpose == purpose:
        found = db.session.scalars(_behind(), {"link": claim.id}).first()
    link = found.link if found is not None else None
    if claim is None or link is None or found is None or not 0 < claim.issue <= link.issue:
        raise Gone(
            _(
                "This link has expired, was replaced by a newer one, or was not copied whole. Open the link in the newest "
                "e-mail, or ring the office and ask for a new one."
            )
        )
    meeting_site, meeting = found.meeting_site, found.meeting_site.meeting
    put_off = meeting.status is Status.POSTPONED  # its hour is none: the link waits for the new one
    ends_at = _last_end(found) if purpose == "j" else meeting.ends_at
    if ends_at is not None and now() > ends_at + rules.LINK_LASTS and not put_off:
        raise Gone(
            _("This link has expired: it ended seven days after the meeting. Ring the office."), meeting.contact_phone
        )
    if meeting_site.removed_at is not None:
        raise Gone(_("This site is no longer invited to the meeting. Ring the office."), meeting.contact_phone)
    if directory.closed(meeting_site.site, today()):
        raise Gone(_unit_closed(meeting_site), meeting.contact_phone)
    if ends_at is None or not rules.link_valid(
        claimed_issue=claim.issue,
        newest_issue=link.issue,
        ended=link.ended_at is not None or holder_left(found),
        invited=meeting_site.removed_at is None,
        ends_at=now() if put_off else ends_at,
        now=now(),
    ):
        raise Gone(_("This link has been withdrawn. Ring the office for a new one."), meeting.contact_phone)
    return found


def opened_to_join(token: str) -> Invitation:
    """The invitation to whose room the join link *token* leads now, by the rules of :func:`opened`.

    The one calendar entry of a series carries the link of its first date. When that is over it leads to the date that is on,
    else to the next one.
    """
    found, at = opened(token, "j"), now()
    doors = [(rooms.door(one.meeting_site.meeting, at=at)[0], one) for one in (found, *queries.beside(found))]
    if doors[0][0] in (Door.OPEN, Door.EARLY):
        return found
    for wanted in (Door.OPEN, Door.EARLY):
        standing = next((one for door, one in doors if door is wanted), None)
        if standing is not None:
            return standing
    return found


def _last_end(found: Invitation) -> datetime | None:
    """When the last of the meetings ends to which a join link leads: of a series, the site's last date."""
    ends = [one.meeting_site.meeting.ends_at for one in (found, *queries.beside(found))]
    return max((ends_at for ends_at in ends if ends_at is not None), default=None)


@cache
def _since_the_link() -> sa.Select[Any]:
    """The coordinators and deputies of a site who held the office when its link was made, or later."""
    made_at = sa.bindparam("made_at", type_=Contact.valid_to.type)
    return (
        sa.select(Contact)
        .where(
            Contact.site_id == sa.bindparam("site"),
            Contact.duty.in_((Duty.COORDINATOR, Duty.DEPUTY)),
            sa.or_(Contact.valid_to.is_(None), Contact.valid_to > made_at),
        )
        .order_by(Contact.valid_from, Contact.id)
    )


def holder_left(found: Invitation) -> bool:
    """Whether somebody for whom the site's link was made has left: a coordinator, or the deputy who stood in for one."""
    link = found.link
    known = {"site": found.meeting_site.site_id, "made_at": link.made_at}
    contacts = db.session.scalars(_since_the_link(), known).all()
    left = [contact for contact in contacts if contact.valid_to is not None]
    if not left:
        return False
    holder = queries.first_of({contact.duty: contact for contact in contacts if contact.valid_from <= link.made_at})
    if any(contact.duty is Duty.COORDINATOR or contact is holder for contact in left):
        return True
    # who has which address may have been corrected since; the letters know where the link went
    went_to = sa.select(Letter.to_address).where(
        Letter.link_purpose == link.purpose, Letter.link_id == link.id, Letter.link_issue == link.issue
    )
    return not {contact.email for contact in left}.isdisjoint(db.session.scalars(went_to))


def _unit_closed(meeting_site: MeetingSite) -> str:
    """What the holder of a closed unit's link is told: which unit took over, and that the office is to be rung."""
    follows = directory.successor_of(meeting_site.site)
    if follows is None:
        return _("This site is no longer in service. Ring the office.")
    return _("The unit of this site has been merged into %(unit)s. Ring the office.", unit=follows.unit.name)


def token(found: Invitation) -> str:
    """The token of the site's page as it is valid now."""
    return links.token(found.link.purpose, found.link.id, found.link.issue)


def join_token(found: Invitation) -> str:
    """The token of the site's join link: of the same link and issue, so what ends one ends the other."""
    return links.token("j", found.link.id, found.link.issue)


def address(found: Invitation) -> str:
    """The whole address of the site's page, for those who may copy it."""
    return f"{adapters.config().public_url}/m/{token(found)}"


def join_address(found: Invitation) -> str:
    """The whole address of the site's join link, for those who may copy it."""
    return f"{adapters.config().public_url}/j/{join_token(found)}"


def perhaps_left(found: Sequence[Invitation]) -> list[Invitation]:
    """Of these invitations those at whose sites somebody left office since the link was made: see :func:`holder_left`."""
    by_site = {invitation.meeting_site.site_id: invitation for invitation in found}
    ids, left = list(by_site), dict[int, datetime]()
    for start in range(0, len(ids), 500):
        rows = db.session.execute(
            sa.select(Contact.site_id, sa.func.max(Contact.valid_to))
            .where(Contact.site_id.in_(ids[start : start + 500]), Contact.valid_to.is_not(None))
            .group_by(Contact.site_id)
        )
        left.update({site_id: at for site_id, at in rows if at is not None})
    return [by_site[site_id] for site_id, at in left.items() if at > by_site[site_id].link.made_at]
