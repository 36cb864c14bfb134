"""What a calendar program says for a site: an answer, another time, another person, or that it wants its entry again.

A further room of ``receiving``: whose answer it is and whether it still counts is decided by ``incoming``; here it is applied.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from meetings import journal
from meetings.accounts.rules import SYSTEM, Actor
from meetings.clock import instant
from meetings.database import db
from meetings.i18n import gettext as _
from meetings.i18n import in_locale
from meetings.invitations import answering, incoming, private_link, queries, services, settling
from meetings.invitations.answering import Answer
from meetings.invitations.incoming import SKEW, Asked, CalendarAnswer, Incoming, Previous, Verdict
from meetings.invitations.models import Invitation, Link, Received, Suggestion
from meetings.invitations.rules import ReceivedStatus, Reply, Source, SuggestionKind, Window
from meetings.post.models import Letter
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting, MeetingSeries, MeetingSite
from meetings.scheduling.rules import ChangeKind

AGAIN_AFTER: Final = timedelta(days=1)
"""How often a calendar gets its entry again at the most."""


def conclude(received: Received, message: Incoming, at: datetime) -> None:
    """What each answer in *message* says, and for which date of which site."""
    words: list[str] = []
    for answer in message.answers:
        meetings = _meetings_of(answer.uid)
        if meetings and received.meeting_id is None:
            received.meeting_id = _nearest(meetings, at).id
        for verdict, whose in incoming.verdicts(
            message, answer, _asked(meetings, message, answer), received.received_at
        ):
            if verdict is Verdict.UNKNOWN_UID and meetings:
                verdict = Verdict.UNKNOWN_ATTENDEE
            words.append(_concluded(received, message, answer, verdict, whose, at, said=words))
    if message.answers:
        first = message.answers[0]
        comment = next((answer.comment for answer in message.answers if answer.comment), "")
        settling.note(received, partstat=first.partstat, comment=comment[:500], sequence=first.sequence, words=words)
    # of a series the dates that are over, or were moved since, take nothing away from the others
    if not _TAKEN.isdisjoint(words):
        words = [word for word in words if word in _TAKEN or word in _FOR_A_PERSON - {"came_too_late"}]
    waiting = [word for word in words if word in _FOR_A_PERSON]
    if not words or waiting:
        settling.settle(received, ReceivedStatus.TRAY, waiting[0] if waiting else Verdict.UNCLEAR.value, at)
    else:
        settling.settle(received, ReceivedStatus.SETTLED, words[0], at)


def _concluded(
    received: Received,
    message: Incoming,
    answer: CalendarAnswer,
    verdict: Verdict,
    whose: Asked | None,
    at: datetime,
    *,
    said: Sequence[str],
) -> str:
    """What is done about the answer for one date, as a word."""
    invitation = None
    if whose is not None:  # held, and read anew: the site may be answering on its page at this moment
        invitation = db.session.scalars(
            sa.select(Invitation)
            .where(Invitation.id == whose.invitation_id)
            .with_for_update(of=Invitation)
            .execution_options(populate_existing=True)
        ).one_or_none()
    if invitation is None:
        return verdict.value if verdict is not Verdict.TAKE else Verdict.UNCLEAR.value
    if private_link.holder_left(invitation):
        verdict = Verdict.NOT_THE_ATTENDEE  # the office has passed to somebody else since
    if received.invitation_id is None:
        settling.about(received, invitation)
    if verdict in (Verdict.TAKE, Verdict.DUPLICATE):
        # of a series the letter went by the link of one date for all
        answering.letter_arrived((invitation, *queries.beside(invitation)), named=message.references, actor=SYSTEM)
    if verdict is not Verdict.TAKE:
        return verdict.value
    if answer.method == "COUNTER":
        return _countered(received, answer, invitation, at) if "countered" not in said else "countered"
    if answer.method == "REFRESH":
        return _asked_again(received, message, invitation, at) if "sent_again" not in said else "sent_again"
    if answer.partstat == "DELEGATED":
        return _delegated(received, answer, invitation, at) if "delegated" not in said else "delegated"
    return _answered(received, message, answer, invitation, at)


_TAKEN: Final = frozenset(
    {"accepted", "declined", "tentative", "no_answer", "delegated", "countered", "same_time", "sent_again"}
)
_FOR_A_PERSON: Final = frozenset(
    {
        Verdict.UNKNOWN_UID.value,
        Verdict.UNKNOWN_ATTENDEE.value,
        Verdict.AMBIGUOUS.value,
        Verdict.NOT_THE_ATTENDEE.value,
        Verdict.UNCLEAR.value,
        "came_too_late",
    }
)
"""What somebody must look at; the rest speaks for itself on the page of its site."""


def _meetings_of(uid: str) -> list[Meeting]:
    """The meeting, or the dates of the series, whose calendar entry bears *uid*."""
    uid = uid.strip()
    if not uid or len(uid) > 255:
        return []
    names = {uid, uid.rpartition("@")[0]} - {""}
    found = db.session.scalars(
        sa.select(Meeting)
        .outerjoin(MeetingSeries, Meeting.series_id == MeetingSeries.id)
        .where(sa.or_(Meeting.uid.in_(names), MeetingSeries.uid.in_(names)), Meeting.sent_at.is_not(None))
        .order_by(Meeting.starts_at, Meeting.id)
    ).all()
    return list(found)


def _nearest(meetings: Sequence[Meeting], at: datetime) -> Meeting:
    """The next of several dates, the last where all are over."""
    return next((one for one in meetings if one.ends_at is not None and one.ends_at > at), meetings[-1])


def _asked(meetings: Sequence[Meeting], message: Incoming, answer: CalendarAnswer) -> list[Asked]:
    """The addresses to which *meetings* were written and that may be meant: of the domains that the answer names.

    Only the newest issue of a link counts: whoever had it before holds the office no more. Of a series one letter went to
    a site for all of its dates, so the address answers for each of them, and for the whole.
    """
    if not meetings:
        return []
    domains = {
        address.rpartition("@")[2].strip().lower()
        for address in (answer.attendee, answer.sent_by, message.from_address, message.sender)
    } - {""}
    reached = db.session.execute(
        sa.select(Letter.to_address, MeetingSite.site_id)
        .join(Link, sa.and_(Letter.link_purpose == Link.purpose, Letter.link_id == Link.id))
        .join(Invitation, Invitation.link_id == Link.id)
        .join(MeetingSite, Invitation.meeting_site_id == MeetingSite.id)
        .where(
            Letter.root.in_([meeting.code for meeting in meetings]),
            MeetingSite.meeting_id.in_([meeting.id for meeting in meetings]),
            MeetingSite.removed_at.is_(None),
            Letter.link_purpose == "m",
            Letter.link_issue == Link.issue,
            Link.ended_at.is_(None),
            sa.or_(*(sa.func.lower(Letter.to_address).endswith(f"@{domain}", autoescape=True) for domain in domains)),
        )
        .distinct()
    ).all()
    by_site: dict[int, set[str]] = {}
    for address, site_id in reached:
        by_site.setdefault(site_id, set()).add(address)
    if not by_site:
        return []
    invitations = db.session.scalars(
        sa.select(Invitation)
        .join(Invitation.meeting_site)
        .join(MeetingSite.meeting)
        .join(Invitation.link)
        .where(
            MeetingSite.meeting_id.in_([meeting.id for meeting in meetings]),
            MeetingSite.site_id.in_(by_site),
            MeetingSite.removed_at.is_(None),
            Link.ended_at.is_(None),
        )
        .order_by(Meeting.starts_at, Meeting.id)
        .options(contains_eager(Invitation.meeting_site).contains_eager(MeetingSite.meeting))
    ).all()
    found: list[Asked] = []
    for invitation in invitations:
        site = invitation.meeting_site
        meeting, series = site.meeting, site.meeting.series
        found += [
            Asked(
                invitation.id,
                address,
                answer.uid,
                instant(meeting.series_on, series.starts) if series is not None and meeting.series_on else None,
                _asked_under(site),
                _previous(invitation),
                meeting.sequence,
            )
            for address in sorted(by_site[site.site_id])
        ]
    return found


def _previous(invitation: Invitation) -> Previous | None:
    sequence, stamp = invitation.calendar_sequence, invitation.calendar_stamp
    if sequence is None or stamp is None:
        return None
    return Previous(sequence, stamp, invitation.calendar_said, invitation.calendar_sent_at)


def _asked_under(site: MeetingSite) -> int:
    """The sequence under which the site was asked last: whoever answers to an earlier one answers to another time. That another
    site was taken out raises the sequence of the meeting too, and makes no answer old."""
    return max(
        (
            change.sequence
            for change in scheduling.changes_of(site.meeting)
            if change.kind is ChangeKind.RESCHEDULED
            or (change.kind is ChangeKind.SITES_ADDED and site.id in change.sites)
        ),
        default=0,
    )


def _answered(
    received: Received, message: Incoming, answer: CalendarAnswer, invitation: Invitation, at: datetime
) -> str:
    """REPLY: what the site says for one date."""
    if queries.may_answer(invitation) is Window.CLOSED:
        return "came_too_late"
    if _said_since(message, answer, invitation):
        return "older"
    invitation.calendar_sequence = answer.sequence
    invitation.calendar_stamp = answer.stamp or min(message.sent_at or at, at)
    invitation.calendar_said, invitation.calendar_sent_at = answer.partstat[:20], message.sent_at
    said = _as_answer(invitation, answer)
    if said is not None:
        answering.reply(
            invitation,
            said,
            actor=Actor(f"received:{received.id}", message.from_address),
            source=Source.CALENDAR,
            said_by=message.from_address,
            received_id=received.id,
        )
    return {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}.get(answer.partstat, "no_answer")


def _said_since(message: Incoming, answer: CalendarAnswer, invitation: Invitation) -> bool:
    """Whether the site has answered by another way since this was written: mail may lie for hours on its way. Some calendars
    repeat the DTSTAMP of the invitation, so the date of the message is asked too."""
    written = [at for at in (answer.stamp, message.sent_at) if at is not None]
    if not written or invitation.replied_at is None or invitation.reply_source is Source.CALENDAR:
        return False
    return max(written) < invitation.replied_at - SKEW


def _as_answer(invitation: Invitation, answer: CalendarAnswer) -> Answer | None:
    """What the calendar's word means for the site; None where it changes nothing.

    A calendar knows neither substitutes nor telephones: what was said about those by another way stays said.
    """
    standing = invitation.reply
    if answer.partstat == "ACCEPTED" and standing is not Reply.SUBSTITUTE:
        return Answer(Reply.ACCEPTED, day_phone=invitation.day_phone)
    if answer.partstat == "DECLINED":
        earlier = invitation.reason if standing is Reply.DECLINED else ""
        with in_locale("vi"):
            reason = answer.comment.strip()[:500] or earlier or _("declined by calendar")
        return Answer(Reply.DECLINED, reason=reason, day_phone=invitation.day_phone)
    return None


def _delegated(received: Received, answer: CalendarAnswer, invitation: Invitation, at: datetime) -> str:
    address = next((one for one in answer.delegated_to if "@" in one), "")
    _suggest(received, invitation, SuggestionKind.DELEGATE, at, address=address[:254], comment=answer.comment[:500])
    return "delegated"


def _countered(received: Received, answer: CalendarAnswer, invitation: Invitation, at: datetime) -> str:
    """COUNTER: another time, which a clerk takes up or refuses."""
    meeting = invitation.meeting_site.meeting
    if answer.starts_at is None or answer.starts_at <= at:
        return Verdict.UNCLEAR.value  # an hour that is over, or none: whatever was meant, a person must ask
    ends_at = answer.ends_at or answer.starts_at + timedelta(minutes=meeting.minutes_long)
    if (answer.starts_at, ends_at) == (meeting.starts_at, meeting.ends_at):
        return "same_time"
    if queries.may_answer(invitation) is Window.CLOSED:
        return "came_too_late"
    _suggest(
        received,
        invitation,
        SuggestionKind.NEW_TIME,
        at,
        starts_at=answer.starts_at.astimezone(UTC),
        ends_at=ends_at.astimezone(UTC),
        comment=answer.comment[:500],
    )
    return "countered"


def _suggest(received: Received, invitation: Invitation, kind: SuggestionKind, at: datetime, **values: Any) -> None:
    """Put it before the clerk; one that the same site made before and nobody decided is replaced by it."""
    standing = db.session.scalars(
        sa.select(Suggestion).where(
            Suggestion.invitation_id == invitation.id, Suggestion.kind == kind, Suggestion.decision.is_(None)
        )
    ).first()
    made = standing or Suggestion(invitation_id=invitation.id, kind=kind)
    made.received_id, made.made_at = received.id, at
    for name, value in values.items():
        setattr(made, name, value)
    db.session.add(made)
    db.session.flush()
    journal.record(
        "suggestion.made", made, actor=SYSTEM, kind=kind, site=invitation.meeting_site.name, **journal.plain(values)
    )


def _asked_again(received: Received, message: Incoming, invitation: Invitation, at: datetime) -> str:
    """REFRESH: the letter of the site once more, to its own address, once a day whatever asks for it."""
    earlier = db.session.scalar(
        sa.select(Received.id)
        .where(
            Received.invitation_id == invitation.id,
            Received.why == "sent_again",
            Received.settled_at > at - AGAIN_AFTER,
            Received.id != received.id,
        )
        .limit(1)
    )
    if earlier is not None or message.automatic:
        return "not_sent_again"
    return "sent_again" if services.write_again(invitation, f"refresh-{received.id}") else "not_sent_again"
