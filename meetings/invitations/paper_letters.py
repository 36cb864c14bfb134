"""The letter on paper: what a site gets that no e-mail reaches, with its private link to type or to photograph."""

from __future__ import annotations

from dataclasses import dataclass

import segno
import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from meetings.database import db
from meetings.invitations import letters, private_link
from meetings.invitations.document import InvitationLetter
from meetings.invitations.models import Invitation, Link
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.web.pages import Page

GROUP: int = 4
"""So many characters of a link's token are read at a glance."""
SHEETS: int = 100
"""Sheets on one page of the browser: with their pictures more than that is slow to print."""


@dataclass(frozen=True)
class Sheet:
    """The sheet of one site: its link in letters, and as a picture (an address that holds the picture itself)."""

    meeting_site: MeetingSite
    place: str
    link: str
    picture: str

    @property
    def host(self) -> str:
        """The link up to its token, which is the same on every sheet."""
        return self.link[: self.link.rindex("/") + 1]

    @property
    def groups(self) -> list[str]:
        """The token of the link in groups that are typed one after another; joined they are the token."""
        token = self.link[len(self.host) :]
        return [token[start : start + GROUP] for start in range(0, len(token), GROUP)]


def sheets(meeting: Meeting, site_id: int | None = None, number: int = 1) -> Page[Sheet]:
    """A sheet for each site of *meeting* that has no e-mail address; of one site whether it has one or not."""
    query = (
        sa.select(Invitation)
        .join(Invitation.meeting_site)
        .join(Invitation.link)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None), Link.ended_at.is_(None))
        .order_by(MeetingSite.position, MeetingSite.id)
        .options(
            contains_eager(Invitation.meeting_site).joinedload(MeetingSite.site),
            contains_eager(Invitation.meeting_site).joinedload(MeetingSite.meeting),
            contains_eager(Invitation.link),
        )
    )
    query = query.where(Invitation.by_post.is_(False) if site_id is None else MeetingSite.id == site_id)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(query.order_by(None).subquery())) or 0
    number = min(number, max(1, -(-total // SHEETS)))
    found = db.session.scalars(query.limit(SHEETS).offset((number - 1) * SHEETS)).all()
    return Page([_sheet(one) for one in found], number, total, SHEETS)


def _sheet(found: Invitation) -> Sheet:
    link = private_link.address(found)
    picture = segno.make(link, error="m", micro=False).svg_data_uri(border=0, scale=4, xmldecl=False, svgns=True)
    return Sheet(found.meeting_site, found.meeting_site.site.place or found.meeting_site.name, link, picture)


def letter_of(meeting: Meeting) -> InvitationLetter:
    """The giấy mời that goes with every sheet."""
    return letters.giay_moi(meeting)
