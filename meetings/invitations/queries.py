"""Questions about one invitation: whose it is, who answers for its site, whether an answer is still taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from meetings.clock import now
from meetings.database import db
from meetings.directory import queries as directory
from meetings.directory.models import Contact, Duty
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.invitations import rules
from meetings.invitations.models import Invitation, Link, Paper, Suggestion
from meetings.invitations.rules import Reply, SuggestionDecision, SuggestionKind
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import Status


def of_site(meeting_site: MeetingSite) -> Invitation | None:
    """The invitation of a site, None before it is asked."""
    return db.session.scalars(sa.select(Invitation).where(Invitation.meeting_site_id == meeting_site.id)).first()


def invitation(meeting: Meeting, meeting_site_id: int) -> Invitation:
    """The invitation of one site of *meeting*; raises ``NotFound``."""
    found = None
    if 0 < meeting_site_id < 2**31:
        found = db.session.scalars(
            sa.select(Invitation)
            .join(MeetingSite)
            .where(
                MeetingSite.id == meeting_site_id,
                MeetingSite.meeting_id == meeting.id,
                MeetingSite.removed_at.is_(None),
            )
        ).first()
    if found is None:
        raise NotFound(_("This site has not been asked yet, or does not belong to the meeting."))
    return found


def beside(found: Invitation) -> Sequence[Invitation]:
    """The invitations of the same site to the other dates of the series, in their order; whose link ended is left out."""
    here = found.meeting_site
    if here.meeting.series_id is None:
        return []
    return db.session.scalars(
        sa.select(Invitation)
        .join(Invitation.meeting_site)
        .join(MeetingSite.meeting)
        .join(Invitation.link)
        .where(
            Meeting.series_id == here.meeting.series_id,
            MeetingSite.site_id == here.site_id,
            MeetingSite.id != here.id,
            MeetingSite.removed_at.is_(None),
            Link.ended_at.is_(None),
        )
        .order_by(Meeting.starts_at, Meeting.id)
        .options(
            contains_eager(Invitation.meeting_site).contains_eager(MeetingSite.meeting), contains_eager(Invitation.link)
        )
    ).all()


def officer(meeting_site: MeetingSite) -> Contact | None:
    """Who answers for the site: the coordinator, else the deputy."""
    return first_of(directory.in_office([meeting_site.site_id]).get(meeting_site.site_id, {}))


def officers(meeting_sites: Sequence[MeetingSite]) -> dict[int, Contact | None]:
    """As :func:`officer` for many: id of the site → who answers for it."""
    return officers_at({meeting_site.site_id for meeting_site in meeting_sites})


def officers_at(site_ids: Iterable[int]) -> dict[int, Contact | None]:
    """As :func:`officers`, of standing sites."""
    return {site_id: first_of(duties) for site_id, duties in directory.in_office(site_ids).items()}


def first_of(duties: Mapping[Duty, Contact]) -> Contact | None:
    """Who of *duties* answers for a site; one with an e-mail address goes before one without."""
    found = [duties[duty] for duty in (Duty.COORDINATOR, Duty.DEPUTY) if duty in duties]
    return next((contact for contact in found if contact.email), found[0] if found else None)


writable = (
    sa.select(Contact.id)
    .where(
        Contact.site_id == MeetingSite.site_id,
        Contact.valid_to.is_(None),
        Contact.duty.in_((Duty.COORDINATOR, Duty.DEPUTY)),
        Contact.email != "",
    )
    .exists()
)
"""Whether :func:`officer` of a meeting's site has an e-mail address, for a statement over many sites."""


not_declined = sa.or_(Invitation.id.is_(None), Invitation.reply != Reply.DECLINED)
"""Whether a site is reckoned with, for a statement over many sites with their invitations, where there are any."""


def may_answer(found: Invitation) -> rules.Window:
    """Whether an answer given now is taken, late or not at all."""
    meeting = found.meeting_site.meeting
    if meeting.starts_at is None:
        return rules.Window.CLOSED
    return rules.reply_window(meeting.reply_by, meeting.starts_at, held=meeting.status is Status.SCHEDULED, now=now())


def in_meeting(meeting: Meeting, visible: sa.ColumnElement[bool] | None = None) -> sa.ColumnElement[bool]:
    """Whether a site belongs to *meeting* now and is *visible*, for a statement over many sites."""
    return sa.and_(
        MeetingSite.meeting_id == meeting.id,
        MeetingSite.removed_at.is_(None),
        sa.true() if visible is None else visible,
    )


def delegates(invitation_ids: Sequence[int]) -> dict[int, list[Suggestion]]:
    """Invitation → those whom its calendar named to come in the stead of its officer, as far as a clerk took them up."""
    found: dict[int, list[Suggestion]] = {}
    for start in range(0, len(invitation_ids), 500):
        taken = db.session.scalars(
            sa.select(Suggestion)
            .where(
                Suggestion.invitation_id.in_(invitation_ids[start : start + 500]),
                Suggestion.kind == SuggestionKind.DELEGATE,
                Suggestion.decision == SuggestionDecision.TAKEN_UP,
                Suggestion.address != "",
            )
            .order_by(Suggestion.id)
        )
        for one in taken:
            found.setdefault(one.invitation_id, []).append(one)
    return found


def upcoming_of_site(site_id: int, at: datetime) -> Sequence[Invitation]:
    """Invitations of a site to meetings that are still to come."""
    return db.session.scalars(
        sa.select(Invitation)
        .join(MeetingSite, Invitation.meeting_site_id == MeetingSite.id)
        .join(Meeting, MeetingSite.meeting_id == Meeting.id)
        .where(
            MeetingSite.site_id == site_id,
            MeetingSite.removed_at.is_(None),
            Meeting.status.in_((Status.SCHEDULED, Status.IN_SESSION)),
            Meeting.ends_at > at,
        )
        .order_by(Meeting.starts_at, Meeting.id)
    ).all()


def paper_left_at(meeting: Meeting) -> datetime | None:
    """When the giấy mời that holds was first released, None before: its head is that of then, whatever its body has now."""
    if meeting.sent_at is None:
        return None
    kept = sa.select(sa.func.min(Paper.kept_at)).where(Paper.meeting_id == meeting.id, Paper.version == meeting.paper)
    return db.session.scalar(kept) or meeting.sent_at
