"""What follows from a message that came in. Its bytes are kept and committed before anything is read from it.

A second room of ``services``: the same rules hold. What a message says is decided by the pure room ``incoming``; here it is
applied. Whatever fits nobody goes to the tray, where a person looks at it: nothing is guessed and nothing is dropped. Nothing
here ever answers a message by itself, with one exception that cannot loop: a calendar that asks for its entry again (REFRESH)
gets the letter of its site once a day.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from meetings import adapters, journal, sealed
from meetings.accounts.rules import SYSTEM, Actor
from meetings.adapters.mailbox import LIMIT, Shut, Visit
from meetings.clock import instant
from meetings.database import db
from meetings.i18n import gettext as _
from meetings.i18n import in_locale
from meetings.invitations import incoming, queries, services
from meetings.invitations.incoming import SKEW, Asked, CalendarAnswer, Failure, Incoming, Kind, Previous, Verdict
from meetings.invitations.models import Invitation, Link, MailboxState, Received, Suggestion
from meetings.invitations.rules import ReceivedStatus, Reply, Source, SuggestionKind, Window
from meetings.invitations.services import Answer
from meetings.post import queries as letter_box
from meetings.post import rules as post_rules
from meetings.post import services as post
from meetings.post.models import Enclosure, Letter
from meetings.post.rules import LetterMove, LetterStatus
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting, MeetingSeries, MeetingSite
from meetings.scheduling.rules import ChangeKind

SEALED: Final = "application/octet-stream"
TRIES: Final = 3
"""A message whose reading fails this often is put away and shown: it holds up no other."""
LOOKS_BACK: Final = timedelta(days=7)
"""What lay in a mailbox longer than this before it was first read is the office's own affair."""
RECENT: Final = timedelta(days=7)
"""How long after a letter left a report without any name in it may still be about that letter."""
AGAIN_AFTER: Final = timedelta(days=1)
IN_HAND: Final = timedelta(minutes=15)
"""How long a report waits for the letter it speaks of to leave our hands: a mail server may be that slow with its last word."""
_RETRIES: Final = (1, 2, 5, 15, 30)  # minutes: a wrong password that is tried every minute locks the account


# ------------------------------------------------------------------ the errand of the worker: ask, go, keep


@dataclass(frozen=True, slots=True)
class Wanted:
    """From where on a mailbox is to be read."""

    uid_validity: int
    above: int
    since: date


@dataclass(frozen=True, slots=True)
class _Box:
    """A mailbox as the journal knows it."""

    name: str
    journal_root: str = ""

    @property
    def journal_subject(self) -> str:
        return f"mailbox:{self.name}"[:80]


def due(name: str, at: datetime) -> Wanted | None:
    """From where on the mailbox *name* is to be read now; None while it is left alone after a fault."""
    state = db.session.get(MailboxState, name)
    if state is None or state.begun_at is None:
        return Wanted(0, 0, (at - LOOKS_BACK).date())
    if state.retry_at is not None and at < state.retry_at:
        return None
    return Wanted(state.uid_validity, state.last_uid, (state.begun_at - LOOKS_BACK).date())


def keep(name: str, visit: Visit, at: datetime) -> int:
    """Keep what a visit brought, as it came; returns how many messages are new.

    Known again are a number of the same numbering, and the very same bytes: where a server numbers anew, everything comes
    a second time.
    """
    state = _state(name, at)
    digests = {post.digest(message.data) for message in visit.messages if message.data}
    known = set(
        db.session.scalars(sa.select(Received.sha256).where(Received.mailbox == name, Received.sha256.in_(digests)))
    )
    taken = set(
        db.session.scalars(
            sa.select(Received.uid).where(
                Received.mailbox == name,
                Received.uid_validity == visit.uid_validity,
                Received.uid.in_([message.uid for message in visit.messages]),
            )
        )
    )
    # a server that numbers anew may have nothing to show yet: what comes then has small numbers
    number, new = state.last_uid if state.uid_validity == visit.uid_validity else 0, []
    for message in visit.messages:
        # what a server would not hand out has no bytes to be known by: each is a message of its own
        sha256 = post.digest(message.data or f"{visit.uid_validity}.{message.uid}".encode())
        if sha256 in known or (message.uid and message.uid in taken):
            continue
        known.add(sha256)
        number += 1
        new.append(
            Received(
                mailbox=name,
                uid_validity=visit.uid_validity,
                uid=message.uid or number,
                source=message.source.encode(errors="replace").decode()[:300],  # a name on disk is any bytes
                sha256=sha256,
                kept=post.keep(sealed.seal(message.data), SEALED),
                size=min(message.size, 2**31 - 1),
                received_at=at,
                details={} if message.whole else {"cut": True},
            )
        )
    db.session.add_all(new)
    db.session.flush()
    journal.record_each(
        "mail.received", new, actor=SYSTEM, details=[{"size": one.size, "sha256": one.sha256} for one in new]
    )
    state.uid_validity, state.last_uid = visit.uid_validity, visit.last_uid or number
    state.checked_at = at
    if state.fault:
        journal.record("mailbox.recovered", _Box(name), actor=SYSTEM)
    state.fault, state.fault_since_at, state.failures, state.retry_at = "", None, 0, None
    return len(new)


def shut(name: str, fault: Shut, at: datetime) -> None:
    """The mailbox could not be read: since when, why, and when it is asked again."""
    state = _state(name, at)
    if not state.fault:
        journal.record("mailbox.failed", _Box(name), actor=SYSTEM, why=fault.why, said=fault.said)
        state.fault_since_at = at
    state.fault = f"{fault.why.value}: {fault.said}"[:500]
    state.failures += 1
    state.retry_at = at + timedelta(minutes=_RETRIES[min(state.failures, len(_RETRIES)) - 1])


def _state(name: str, at: datetime) -> MailboxState:
    state = db.session.get(MailboxState, name, with_for_update=True)
    if state is None:
        state = MailboxState(name=name, uid_validity=0, last_uid=0, failures=0, fault="")
        db.session.add(state)
    state.begun_at = state.begun_at or at
    return state


# ------------------------------------------------------------------ reading what was kept


def unread(limit: int = 200) -> Sequence[int]:
    """Ids of kept messages that have not been read, oldest first."""
    query = sa.select(Received.id).where(Received.status == ReceivedStatus.NEW).order_by(Received.id).limit(limit)
    return db.session.scalars(query).all()


def take_up(id: int, at: datetime) -> bool:
    """Count the try before it is made: a message that takes the whole process down with it is put away as well."""
    received = db.session.get(Received, id, with_for_update=True, populate_existing=True)
    if received is None or received.status is not ReceivedStatus.NEW:
        return False
    if received.attempts >= TRIES:
        _settle(received, ReceivedStatus.FAILED, "failed", at)
        journal.record(
            "mail.settled", received, actor=SYSTEM, status=received.status, why="failed", sender=received.from_address
        )
        return False
    received.attempts += 1
    return True


def read(id: int, at: datetime) -> bool:
    """Read one kept message and do what follows from it; False where it must wait for a later pass."""
    received = db.session.get(Received, id, with_for_update=True)
    if received is None or received.status is not ReceivedStatus.NEW:
        return False
    message = incoming.read(raw(received))
    received.kind = Kind.UNREADABLE if received.details.get("cut") else message.kind
    received.message_id, received.subject = message.message_id[:255], message.subject[:300]
    received.from_address, received.from_name = message.from_address[:254], message.from_name[:200]
    received.sent_at = message.sent_at
    if received.details.get("cut"):
        _settle(received, ReceivedStatus.TRAY, "too_large" if received.size > LIMIT else "not_handed_out", at)
    elif _ours(message):
        _settle(received, ReceivedStatus.ASIDE, "own", at)
    else:
        _HANDLERS[message.kind](received, message, at)
        if received.status is ReceivedStatus.NEW:
            received.attempts = 0  # nothing was wrong with reading it
            return False
        if received.settled_at is None and received.invitation_id is None:
            _hint(received, message, at)
    if received.why not in _TOLD_BY_ITSELF:
        journal.record(
            "mail.settled",
            received,
            actor=SYSTEM,
            kind=received.kind,
            status=received.status,
            why=received.why,
            sender=received.from_address,
        )
    return True


_TOLD_BY_ITSELF: Final = frozenset({"accepted", "declined", "bounced", "delayed", "countered", "delegated"})
"""What leaves a fact of its own: two lines of the history for one answer would hide the others."""


def raw(received: Received) -> bytes:
    """The message as it came; "" where the key is gone under which it was sealed."""
    # not by the remembering query of the post: mail is read once
    found = db.session.scalar(sa.select(Enclosure.data).where(Enclosure.sha256 == received.kept))
    return sealed.opened(found or b"") or b""


def _ours(message: Incoming) -> bool:
    """A letter of this installation that came back to it by a forwarding or a copy. A report is from the mail server."""
    if message.kind not in (Kind.HUMAN, Kind.AUTO_REPLY, Kind.OTHER_CALENDAR):
        return False
    return message.from_address.lower() == adapters.config().mail_from.lower()


def _settle(received: Received, status: ReceivedStatus, why: str, at: datetime) -> None:
    received.status, received.why = status, why
    received.settled_at = None if status is ReceivedStatus.TRAY else at


def _note(received: Received, **details: Any) -> None:
    received.details = {**received.details, **journal.plain(details)}


def _about(received: Received, invitation: Invitation) -> None:
    received.invitation_id, received.meeting_id = invitation.id, invitation.meeting_site.meeting_id


# ------------------------------------------------------------------ what a calendar program says


def _calendar(received: Received, message: Incoming, at: datetime) -> None:
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
        _note(received, partstat=first.partstat, comment=comment[:500], sequence=first.sequence, words=words)
    if (
        set(words) & _TAKEN
    ):  # of a series the dates that are over, or were moved since, take nothing away from the others
        words = [word for word in words if word in _TAKEN or word in _FOR_A_PERSON - {"came_too_late"}]
    waiting = [word for word in words if word in _FOR_A_PERSON]
    if not words or waiting:
        _settle(received, ReceivedStatus.TRAY, waiting[0] if waiting else Verdict.UNCLEAR.value, at)
    else:
        _settle(received, ReceivedStatus.SETTLED, words[0], at)


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
    if queries.holder_left(invitation):
        verdict = Verdict.NOT_THE_ATTENDEE  # the office has passed to somebody else since
    if received.invitation_id is None:
        _about(received, invitation)
    if verdict in (Verdict.TAKE, Verdict.DUPLICATE):
        # of a series the letter went by the link of one date for all
        services.letter_arrived((invitation, *queries.beside(invitation)), named=message.references, actor=SYSTEM)
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
        services.reply(
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


# ------------------------------------------------------------------ what mail servers say


def _bounced(received: Received, message: Incoming, at: datetime) -> None:
    failed = [failure for failure in message.failures if failure.action == "failed"]
    named = _named(message)
    about = [(failure, _letter_of(failure, named, len(failed), at)) for failure in failed]
    carried = any(letter is not None and letter.status is LetterStatus.TRANSMITTING for _failure, letter in about)
    if carried and at < received.received_at + IN_HAND:
        return  # the mail server has spoken before its last word to us was kept
    words = [
        _came_back(received, letter, failure, message, at) if letter is not None else "unknown_letter"
        for failure, letter in about
    ]
    _note(received, failures=[_spelt(failure) for failure in message.failures][:20])
    open_ones = [word for word in words if word in ("unknown_letter", "ours", "of_an_earlier_try", "in_hand")]
    if not words:
        _settle(received, ReceivedStatus.TRAY, "unclear", at)
    else:
        worst = "ours" if "ours" in open_ones else open_ones[0] if open_ones else words[0]
        _settle(received, ReceivedStatus.TRAY if open_ones else ReceivedStatus.SETTLED, worst, at)


def _spelt(failure: Failure) -> dict[str, Any]:
    return {
        "recipient": failure.recipient[:254],
        "action": failure.action,
        "status": failure.status,
        "diagnostic": failure.diagnostic[:500],
        "ours": failure.ours,
    }


def _named(message: Incoming) -> list[Letter]:
    """The letters that a report names beyond doubt: by the envelope sender that one letter alone had, else by Message-ID."""
    found: dict[int, Letter] = {}
    for address in message.to:
        letter = letter_box.by_verp(address)
        if letter is not None:
            found[letter.id] = letter
    for reference in () if found else message.references:
        letter = letter_box.by_message_id(reference)
        if letter is not None:
            found[letter.id] = letter
    return list(found.values())


def _letter_of(failure: Failure, named: Sequence[Letter], failures: int, at: datetime) -> Letter | None:
    """The letter that *failure* is about; None rather than a guess."""
    same = [letter for letter in named if _same(letter.to_address, failure.recipient)]
    if same:
        return same[-1]
    if len(named) == 1 and failures == 1:
        return named[0]  # its address forwards to the one that the report names
    if named or not failure.sure or adapters.config().mail_verp:
        return None  # every letter has an envelope of its own then: a report that comes to none of them proves nothing
    recent = _recent(failure.recipient, at)
    return recent[0] if recent and len({letter.root for letter in recent}) == 1 else None


def _same(one: str, other: str) -> bool:
    return one.strip().lower() == other.strip().lower()


def _recent(address: str, at: datetime) -> list[Letter]:
    """Letters that left for *address* lately, newest first."""
    left = (LetterStatus.SENT, LetterStatus.UNCERTAIN, LetterStatus.BOUNCED)
    return list(
        db.session.scalars(
            sa.select(Letter)
            .where(
                sa.func.lower(Letter.to_address) == address.strip().lower(),
                Letter.status.in_(left),
                Letter.written_at > at - RECENT,
            )
            .order_by(Letter.id.desc())
            .limit(20)
        )
    )


def _came_back(received: Received, letter: Letter, failure: Failure, message: Incoming, at: datetime) -> str:
    """Mark the letter. Where the fault is our own, it came back all the same, and administrators are told; its address is
    not to blame, and nothing says so."""
    invitation = _letters_site(received, letter)
    if letter.status is LetterStatus.BOUNCED:
        return "ours" if failure.ours and not _told_before(received, letter) else "again"
    if letter.status is LetterStatus.TRANSMITTING:
        return "in_hand"
    if not post_rules.may(letter.status, LetterMove.BOUNCE) or _of_an_earlier_try(message, letter):
        return "of_an_earlier_try"
    post.bounced(letter, code=failure.status, text=failure.diagnostic, at=at)
    journal.record(
        "letter.bounced",
        letter,
        actor=SYSTEM,
        key=letter.key,
        site=invitation.meeting_site.name if invitation is not None else letter.to_name,
        address=letter.to_address,
        code=failure.status,
        ours=failure.ours,
    )
    return "ours" if failure.ours else "bounced"


def _told_before(received: Received, letter: Letter) -> bool:
    query = sa.select(Received.id).where(
        Received.letter_id == letter.id, Received.why == "ours", Received.id != received.id
    )
    return db.session.scalar(query.limit(1)) is not None


def _of_an_earlier_try(message: Incoming, letter: Letter) -> bool:
    """A report written before the letter was sent again: its address has been corrected since. Of a letter that left once
    no report can be too early, whatever the far clock says."""
    sent_at = letter.settled_at or letter.tried_at
    if message.sent_at is None or sent_at is None or message.sent_at >= sent_at - timedelta(minutes=10):
        return False
    return any(entry.fact == "letter.resent" for entry in journal.queries.about(letter.journal_subject))


def _letters_site(received: Received, letter: Letter) -> Invitation | None:
    """Note whose letter it was."""
    received.letter_id = letter.id
    meeting = scheduling.by_code(letter.root) if letter.root else None
    if meeting is not None:
        received.meeting_id = meeting.id
    if letter.link_purpose != "m" or letter.link_id is None:
        return None
    invitation = db.session.scalars(sa.select(Invitation).where(Invitation.link_id == letter.link_id)).first()
    if invitation is not None:
        _about(received, invitation)
    return invitation


def _delayed(received: Received, message: Incoming, at: datetime) -> None:
    late = [failure for failure in message.failures if failure.action == "delayed"]
    named, found = _named(message), False
    for failure in late:
        letter = _letter_of(failure, named, len(late), at)
        if letter is None:
            continue
        invitation = _letters_site(received, letter)
        if letter.status is LetterStatus.UNCERTAIN:
            services.arrived(letter, actor=SYSTEM)  # a server that still tries has taken it over
        if letter.status is LetterStatus.SENT:
            post.delayed(letter, text=failure.diagnostic, at=at)
            name = invitation.meeting_site.name if invitation is not None else letter.to_name
            journal.record("letter.delayed", letter, actor=SYSTEM, key=letter.key, site=name, address=letter.to_address)
        found = True
    _note(received, failures=[_spelt(failure) for failure in message.failures][:20])
    status = ReceivedStatus.SETTLED if found else ReceivedStatus.TRAY
    _settle(received, status, "delayed" if found else "unknown_letter", at)


# ------------------------------------------------------------------ the rest


def _away(received: Received, message: Incoming, at: datetime) -> None:
    """An answer that a machine gives while its owner is away: noted at the site, and nothing else."""
    if _hint(received, message, at) and received.invitation_id is not None:
        _note(received, text=message.text[:500])
        _settle(received, ReceivedStatus.SETTLED, "away", at)
    else:
        _settle(received, ReceivedStatus.TRAY, "away_unknown", at)


def _hint(received: Received, message: Incoming, at: datetime) -> bool:
    """Note which site a message most likely concerns: by the letter that it answers, else by the one that its sender got
    lately. Only noted: nothing is done about the site."""
    named = _named(message)
    if not named and message.from_address:
        recent = _recent(message.from_address, at)
        named = recent[:1] if len({letter.root for letter in recent}) == 1 else []
    if len({letter.root for letter in named}) != 1:
        return False
    if received.meeting_id is None or received.invitation_id is None:
        _letters_site(received, named[0])
    return True


def _tray(why: str) -> Callable[[Received, Incoming, datetime], None]:
    def put(received: Received, message: Incoming, at: datetime) -> None:
        _settle(received, ReceivedStatus.TRAY, why, at)

    return put


def _human(received: Received, message: Incoming, at: datetime) -> None:
    """Written by a person. The same message that came twice by two ways is shown once."""
    twin = (
        sa.select(Received.id)
        .where(
            Received.message_id == received.message_id,
            Received.from_address == received.from_address,
            Received.subject == received.subject,
            Received.kind == Kind.HUMAN,
            Received.id < received.id,
        )
        .limit(1)
    )
    if received.message_id and db.session.scalar(twin) is not None:
        _settle(received, ReceivedStatus.ASIDE, "twin", at)
    else:
        _settle(received, ReceivedStatus.TRAY, "human", at)


def _not_ours(received: Received, message: Incoming, at: datetime) -> None:
    """A calendar's message that answers nothing: an invitation of somebody else, a cancellation."""
    _settle(received, ReceivedStatus.ASIDE, "other_calendar", at)


_HANDLERS: Final[dict[Kind, Callable[[Received, Incoming, datetime], None]]] = {
    Kind.REPLY: _calendar,
    Kind.COUNTER: _calendar,
    Kind.REFRESH: _calendar,
    Kind.BOUNCE: _bounced,
    Kind.DELAY: _delayed,
    Kind.ABUSE: _tray("abuse"),
    Kind.AUTO_REPLY: _away,
    Kind.HUMAN: _human,
    Kind.UNREADABLE: _tray("unreadable"),
    Kind.OTHER_CALENDAR: _not_ours,
}
