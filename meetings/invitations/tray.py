"""The tray: what came into the mailbox and a person must look at, and what she does about it.

A second room of ``services`` and of ``queries``: the same rules hold. A message that belongs to a meeting is seen by those who
arrange that meeting; one that fits no meeting by administrators and by the secretaries above whom no other secretary stands:
it came to the address of the whole installation, and somebody must read it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings import adapters, journal, links
from meetings.accounts.models import Grant, User
from meetings.accounts.rules import SYSTEM, Actor, Role
from meetings.clock import now
from meetings.database import db
from meetings.directory.models import Contact
from meetings.errors import Forbidden, NotFound, Refused
from meetings.i18n import gettext as _
from meetings.invitations import answering, incoming, queries, receiving, suggestion_letters
from meetings.invitations.answering import Answer
from meetings.invitations.incoming import Kind, view
from meetings.invitations.models import Invitation, MailboxState, Received, Suggestion
from meetings.invitations.rules import ReceivedStatus, Source, SuggestionDecision, SuggestionKind, Window
from meetings.journal.models import Entry
from meetings.official.text import search_key
from meetings.post import quota
from meetings.post import services as post
from meetings.post.queries import HIDDEN
from meetings.post.rules import deliverable
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import Status
from meetings.units import queries as units
from meetings.units.models import Unit
from meetings.web.pages import Page, page_of

WAITING: Final = (ReceivedStatus.TRAY, ReceivedStatus.FAILED)
OFFERED: Final = 20
"""Sites that a search offers at once."""
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{21,79}")


# ------------------------------------------------------------------ who sees what


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """The messages that *actor* may read."""
    paths = actor.paths("mailbox.read")
    hers = sa.select(Meeting.id).join(Unit, Meeting.organiser_id == Unit.id).where(units.within(paths))
    of_meetings = Received.meeting_id.in_(hers)
    return sa.or_(of_meetings, Received.meeting_id.is_(None)) if _reads_the_rest(actor) else of_meetings


def _reads_the_rest(actor: Actor) -> bool:
    """Whether what fits no meeting is hers to read as well."""
    if actor.may("outbox.read"):
        return True
    held = db.session.scalars(
        sa.select(Unit.path)
        .join(Grant, Grant.unit_id == Unit.id)
        .join(User, Grant.user_id == User.id)
        .where(Grant.role == Role.SECRETARY, User.active.is_(True))
        .distinct()
    ).all()
    return any(
        not any(mine.startswith(other) and mine != other for other in held) for mine in actor.paths("mailbox.read")
    )


def message(actor: Actor, id: int) -> Received:
    """The message, if *actor* may read it; raises :class:`NotFound`."""
    found = None
    if 0 < id < 2**31:
        found = db.session.scalars(sa.select(Received).where(Received.id == id, visible_to(actor))).first()
    if found is None:
        raise NotFound(_("There is no such message, or none that this account may read."))
    return found


def counts(actor: Actor, code: str = "") -> dict[ReceivedStatus, int]:
    """How many messages stand where, every status named."""
    query = sa.select(Received.status, sa.func.count()).where(visible_to(actor), _of_meeting(code))
    found = {status: int(count) for status, count in db.session.execute(query.group_by(Received.status))}
    return {status: found.get(status, 0) for status in ReceivedStatus}


def in_tray(actor: Actor) -> int:
    """How many messages wait for *actor*."""
    query = sa.select(sa.func.count(Received.id)).where(Received.status.in_(WAITING), visible_to(actor))
    return db.session.scalar(query) or 0


def alarms(actor: Actor) -> int:
    """How many messages say that our own mail server or sender is at fault, or complain of us."""
    query = sa.select(sa.func.count(Received.id)).where(
        Received.status == ReceivedStatus.TRAY, Received.why.in_(("ours", "abuse")), visible_to(actor)
    )
    return db.session.scalar(query) or 0


def listed(
    actor: Actor, *, status: ReceivedStatus | None, words: str = "", code: str = "", number: int = 1
) -> Page[Received]:
    """Messages, newest first; without *status* those that wait. *words*: in sender, name and subject."""
    query = sa.select(Received).where(visible_to(actor), _of_meeting(code)).options(joinedload(Received.meeting))
    query = query.where(Received.status.in_(WAITING) if status is None else Received.status == status)
    for word in words.split()[:6]:
        columns = (Received.from_address, Received.from_name, Received.subject)
        query = query.where(sa.or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return page_of(query.order_by(Received.id.desc()), number)


def _of_meeting(code: str) -> sa.ColumnElement[bool]:
    return Received.meeting_id.in_(sa.select(Meeting.id).where(Meeting.code == code)) if code else sa.true()


def about(invitation: Invitation) -> Sequence[Received]:
    """What came in about a site, newest first; of reports on letters only the newest."""
    return db.session.scalars(
        sa.select(Received).where(Received.invitation_id == invitation.id).order_by(Received.id.desc()).limit(30)
    ).all()


def state_of(name: str) -> MailboxState | None:
    """How the mailbox *name* stands, None before it was asked."""
    return db.session.get(MailboxState, name)


def state() -> MailboxState | None:
    """How the mailbox of this installation stands, None where none is read or none was asked yet."""
    box = adapters.incoming_mail()
    return state_of(box.name) if box is not None else None


def read_here() -> bool:
    """Whether this installation reads a mailbox at all."""
    return adapters.incoming_mail() is not None


# ------------------------------------------------------------------ one message


@dataclass(frozen=True)
class Readable:
    """A message for reading: its text without HTML, its headers, its files by name; private links are covered."""

    text: str
    headers: Sequence[tuple[str, str]]
    files: Sequence[view.File]


def readable(received: Received) -> Readable:
    """*received* as people may read it. One whose reading has failed is shown by its first lines as they stand there."""
    raw = receiving.raw(received)
    if received.status is ReceivedStatus.FAILED:
        return Readable(covered(raw[:4000].decode("utf-8", "replace")), (), ())
    seen = view.look(raw)
    headers = [(name, covered(value)) for name, value in seen.headers]
    return Readable(covered(incoming.read(raw).text), headers, seen.files)


def covered(text: str) -> str:
    """*text* with our private links covered: people quote the letter they answer, and its link is not for every reader."""
    return _TOKEN.sub(lambda found: HIDDEN if links.read(found[0]) is not None else found[0], text)


@dataclass(frozen=True)
class Candidate:
    """A site that a message may be assigned to."""

    invitation: Invitation
    officer: Contact | None


def meetings_for(actor: Actor) -> Sequence[Meeting]:
    """Meetings of *actor* whose sites can still answer, soonest first."""
    return db.session.scalars(
        sa.select(Meeting)
        .join(Unit, Meeting.organiser_id == Unit.id)
        .where(units.within(actor.paths("reply.record")), Meeting.status == Status.SCHEDULED, Meeting.starts_at > now())
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(100)
    ).all()


def candidates(meeting: Meeting, received: Received, words: str) -> list[Candidate]:
    """Sites of *meeting* that *words* name; without any the one that the message most likely concerns, and those with an
    officer of the sender's domain."""
    query = (
        sa.select(Invitation)
        .join(Invitation.meeting_site)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))
        .order_by(MeetingSite.position, MeetingSite.id)
        .limit(OFFERED)
    )
    if words:
        query = query.join(Unit, MeetingSite.unit_id == Unit.id)
        for word in words.split()[:6]:
            query = query.where(Unit.search_key.contains(search_key(word), autoescape=True))
    else:
        domain = received.from_address.rpartition("@")[2].lower()
        near = sa.select(Contact.site_id).where(
            sa.func.lower(Contact.email).endswith(f"@{domain}", autoescape=True), Contact.valid_to.is_(None)
        )
        likely = Invitation.id == (received.invitation_id or 0)
        query = query.where(sa.or_(likely, MeetingSite.site_id.in_(near)) if domain else likely)
        query = query.order_by(None).order_by(sa.case((likely, 0), else_=1), MeetingSite.position, MeetingSite.id)
    found = db.session.scalars(query).all()
    officers = queries.officers([one.meeting_site for one in found])
    return [Candidate(one, officers.get(one.meeting_site.site_id)) for one in found]


# ------------------------------------------------------------------ what is done about it


def assign(received: Received, invitation: Invitation, answer: Answer, *, actor: Actor) -> bool:
    """Note *answer* as what the site said in this message; True when it came after the deadline."""
    _waits(received)
    meeting = invitation.meeting_site.meeting
    if not actor.may("reply.record", meeting.organiser.path):
        raise Forbidden(_("This account has no right to do this with the meeting %(code)s.", code=meeting.code))
    late = answering.reply(
        invitation,
        answer,
        actor=actor,
        source=Source.CALENDAR if received.kind is Kind.REPLY else Source.MAIL,
        said_by=received.from_address or received.from_name,
        received_id=received.id,
    )
    received.invitation_id, received.meeting_id = invitation.id, meeting.id
    db.session.flush()
    db.session.refresh(received)
    _settled(received, ReceivedStatus.SETTLED, "assigned", actor, site=invitation.meeting_site.name)
    return late


def set_aside(received: Received, reason: str, *, actor: Actor) -> None:
    """Nothing is to be done about it."""
    _waits(received)
    if not reason.strip():
        raise Refused(_("Enter why nothing is to be done about this message."), field="because", status=422)
    received.details = {**received.details, "aside": reason.strip()[:500]}
    _settled(received, ReceivedStatus.ASIDE, "set_aside", actor, reason=reason.strip()[:500])


def reopen(received: Received, *, actor: Actor) -> None:
    """Back into the tray; one whose reading failed is read anew."""
    db.session.refresh(received, with_for_update={"of": Received})
    if received.status is ReceivedStatus.FAILED:
        received.status, received.attempts, received.why = ReceivedStatus.NEW, 0, ""
    elif received.status in (ReceivedStatus.ASIDE, ReceivedStatus.SETTLED):
        received.status = ReceivedStatus.TRAY
        received.why = "reopened"
    else:
        raise Refused(_("This message waits already."))
    received.settled_at, received.settled_by = None, ""
    journal.record("mail.reopened", received, actor=actor, sender=received.from_address)


def _waits(received: Received) -> None:
    """Raise unless the message waits still; whoever deals with it at the same moment is waited for."""
    db.session.refresh(received, with_for_update={"of": Received})
    if received.status not in WAITING:
        raise Refused(_("Somebody has dealt with this message in the meantime. Look at it again."))


def _settled(received: Received, status: ReceivedStatus, why: str, actor: Actor, **details: Any) -> None:
    received.status, received.why = status, why
    received.settled_at, received.settled_by = now(), actor.name[:200]
    journal.record(
        "mail.settled", received, actor=actor, status=status, why=why, sender=received.from_address, **details
    )


# ------------------------------------------------------------------ proposals


def suggestions(actor: Actor, invitation: Invitation | None = None) -> Sequence[Suggestion]:
    """What sites' calendars have proposed and nobody has decided, for the meetings that *actor* arranges."""
    query = _open(actor).order_by(Suggestion.id).limit(100)
    if invitation is not None:
        query = query.where(Suggestion.invitation_id == invitation.id)
    return db.session.scalars(query).all()


def suggestion(actor: Actor, id: int) -> Suggestion:
    """One that waits for *actor*, held against anybody else who decides it; raises :class:`NotFound`."""
    found = None
    if 0 < id < 2**31:
        query = _open(actor).where(Suggestion.id == id).with_for_update(of=Suggestion)
        found = db.session.scalars(query.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound(_("There is no such proposal, or it has been decided."))
    return found


def _open(actor: Actor) -> sa.Select[Suggestion]:
    return (
        sa.select(Suggestion)
        .join(Suggestion.invitation)
        .join(Invitation.meeting_site)
        .join(MeetingSite.meeting)
        .join(Unit, Meeting.organiser_id == Unit.id)
        .where(
            Suggestion.decision.is_(None),
            units.within(actor.paths("meeting.arrange")),
            MeetingSite.removed_at.is_(None),
            Meeting.status == Status.SCHEDULED,
            Meeting.starts_at > now(),
        )
    )


def take_up(made: Suggestion, *, actor: Actor) -> None:
    """Another person: she is written to. Another time: the clerk goes on to the page that moves the meeting, and the proposal
    stays open until it was moved (:func:`settle_moved`), for she may leave that page as she came."""
    if made.kind is SuggestionKind.DELEGATE:
        _write_to_delegate(made, actor)
        _decided(made, SuggestionDecision.TAKEN_UP, actor)


def settle_moved(entry: Entry) -> None:
    """What follows from a meeting that was moved: who proposed the time that it has now is told by the letter of the move.
    Every other proposal stays open, for somebody must answer it."""
    query = (
        sa.select(Suggestion)
        .join(Suggestion.invitation)
        .join(Invitation.meeting_site)
        .join(MeetingSite.meeting)
        .where(
            Suggestion.decision.is_(None),
            Suggestion.kind == SuggestionKind.NEW_TIME,
            Suggestion.starts_at == Meeting.starts_at,
            Meeting.status == Status.SCHEDULED,
        )
        .with_for_update(of=Suggestion)
    )
    for made in db.session.scalars(query).all():
        _decided(made, SuggestionDecision.TAKEN_UP, SYSTEM, by=entry.actor_name)


def _write_to_delegate(made: Suggestion, actor: Actor) -> None:
    invitation = made.invitation
    meeting = invitation.meeting_site.meeting
    if queries.may_answer(invitation) is Window.CLOSED:
        raise Refused(_("The meeting has begun or is not held: nobody is written to any more."))
    if not deliverable(made.address):
        raise Refused(_("This is no address that can be written to: %(address)s", address=made.address[:100]))
    quota.hold_to(actor, made.address, suggestion_letters.DELEGATE, meeting.code, now())
    post.hand_in(suggestion_letters.to_delegate(invitation, made.name, made.address))


def refuse(made: Suggestion, reason: str, *, actor: Actor) -> None:
    """Not taken up. Who proposed another time is written to, so that her calendar goes back to ours."""
    if made.kind is SuggestionKind.NEW_TIME and deliverable(made.received.from_address):
        post.hand_in(suggestion_letters.declined_counter(made.invitation, made, reason.strip()))
    _decided(made, SuggestionDecision.REFUSED, actor)


def _decided(made: Suggestion, decision: SuggestionDecision, actor: Actor, *, by: str = "") -> None:
    """*by*: whose doing it was, where the product notes what follows from it."""
    made.decision, made.decided_by, made.decided_at = decision, (by or actor.name)[:200], now()
    site = made.invitation.meeting_site.name
    journal.record("suggestion.decided", made, actor=actor, kind=made.kind, decision=decision, site=site)
