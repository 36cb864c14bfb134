"""Sites that await a letter: who was not asked, was not told the newest change, was taken out or has come back."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from meetings.database import db
from meetings.invitations import queries
from meetings.invitations.models import Invitation, Link
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Change, Meeting, MeetingSite
from meetings.scheduling.rules import ChangeKind, Status


def version_of(meeting: Meeting) -> int:
    """The id of the newest change of *meeting*, 0 where there was none: what a letter written now tells."""
    return db.session.scalar(sa.select(sa.func.max(Change.id)).where(Change.meeting_id == meeting.id)) or 0


def to_be_told(meeting: Meeting) -> Change | None:
    """The newest change that sites hear of in the state that the meeting is in; None before the first.

    While a meeting is put off, whatever else changes waits for its new time; that sites are taken out does not.
    """
    waits = (ChangeKind.FACTS, ChangeKind.SITES_ADDED) if meeting.status is Status.POSTPONED else ()
    found = [change for change in scheduling.changes_of(meeting) if change.kind not in waits]
    return found[-1] if found else None


def written_from(meeting: Meeting) -> Meeting:
    """The meeting under which the invitations to *meeting* were written: of a series its first date."""
    dates = scheduling.dates_of_series(meeting) if meeting.series_id is not None else ()
    return next((one for one in dates if one.sent_at is not None), meeting)


def not_asked(meeting: Meeting, limit: int) -> Sequence[MeetingSite]:
    """Sites of *meeting* that have no invitation yet, in protocol order."""
    return db.session.scalars(
        sa.select(MeetingSite)
        .outerjoin(Invitation, Invitation.meeting_site_id == MeetingSite.id)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None), Invitation.id.is_(None))
        .order_by(MeetingSite.position, MeetingSite.id)
        .options(joinedload(MeetingSite.site))
        .limit(limit)
    ).all()


def dates_by_site(meeting: Meeting, sites: Sequence[MeetingSite]) -> dict[int, list[Meeting]]:
    """Site → the dates of the series of *meeting* to which it was invited as the series left, in their order.

    Not of a site that was added to *meeting* later.
    """
    dates = {one.id: one for one in scheduling.dates_of_series(meeting) if one.sent_at is not None}
    wanted = {site.site_id for site in sites if meeting.sent_at is not None and site.added_at <= meeting.sent_at}
    rows = db.session.execute(
        sa.select(MeetingSite.site_id, MeetingSite.meeting_id)
        .join(Meeting, MeetingSite.meeting_id == Meeting.id)
        .where(
            Meeting.series_id == meeting.series_id,
            MeetingSite.removed_at.is_(None),
            MeetingSite.added_at <= Meeting.sent_at,
        )
    )
    found: dict[int, set[int]] = {}
    for site_id, meeting_id in rows:
        if site_id in wanted and meeting_id in dates:
            found.setdefault(site_id, set()).add(meeting_id)
    return {site_id: [dates[id] for id in dates if id in ids] for site_id, ids in found.items()}


def _invitations(*which: sa.ColumnElement[bool]) -> sa.Select[Invitation]:
    """Invitations in protocol order, with all that a letter to their sites needs."""
    return (
        sa.select(Invitation)
        .join(Invitation.meeting_site)
        .join(MeetingSite.meeting)
        .join(Invitation.link)
        .where(*which)
        .order_by(MeetingSite.position, MeetingSite.id)
        .options(
            contains_eager(Invitation.meeting_site).contains_eager(MeetingSite.meeting),
            contains_eager(Invitation.meeting_site).joinedload(MeetingSite.site),
            contains_eager(Invitation.link),
        )
    )


def untold(meeting: Meeting, version: int, limit: int) -> Sequence[Invitation]:
    """Invitations whose sites were not written to about the change *version* yet, in protocol order."""
    return db.session.scalars(
        _invitations(queries.in_meeting(meeting), _untold(version), Link.ended_at.is_(None)).limit(limit)
    ).all()


def _untold(version: int) -> sa.ColumnElement[bool]:
    return sa.func.coalesce(Invitation.told_id, 0) < version


def untold_count(meeting: Meeting, version: int) -> int:
    """How many sites :func:`untold` would find in all."""
    return (
        db.session.scalar(
            sa.select(sa.func.count(Invitation.id))
            .join(Invitation.meeting_site)
            .where(queries.in_meeting(meeting), _untold(version))
        )
        or 0
    )


def parted(meeting: Meeting, limit: int) -> Sequence[Invitation]:
    """Invitations of sites that were taken out of *meeting* and whose links have not been ended yet."""
    return db.session.scalars(
        _invitations(
            MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_not(None), Link.ended_at.is_(None)
        ).limit(limit)
    ).all()


def back_again(meeting: Meeting, limit: int) -> Sequence[Invitation]:
    """Invitations of sites that were taken out of *meeting*, told so, and belong to it again."""
    return db.session.scalars(_invitations(queries.in_meeting(meeting), Link.ended_at.is_not(None)).limit(limit)).all()


def asked_among(meeting: Meeting, meeting_site_ids: Collection[int]) -> Sequence[Invitation]:
    """The invitations of those of these sites of *meeting* that have been asked and whose link opens, in protocol order."""
    query = _invitations(queries.in_meeting(meeting), Link.ended_at.is_(None))
    wanted = set(meeting_site_ids)
    return [one for one in db.session.scalars(query) if one.meeting_site_id in wanted] if wanted else []
