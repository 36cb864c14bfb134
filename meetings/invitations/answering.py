"""What a site says, by its link, by letter or on the telephone; what the chair says to it; what is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.clock import now, wall
from meetings.directory import persons
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.invitations import history, queries, reminding, rules
from meetings.invitations.models import Invitation
from meetings.invitations.rules import Consent, Reply, Source, Window
from meetings.post import services as post
from meetings.scheduling import queries as scheduling
from meetings.scheduling import ruling
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import ChangeKind, Status


@dataclass(frozen=True)
class Answer:
    """What a site says. A substitute needs a name, declining a reason; *day_phone* reaches the site on the day."""

    reply: Reply
    substitute_honorific: str = ""
    substitute_name: str = ""
    substitute_title: str = ""
    replaced_name: str = ""
    replaced_title: str = ""
    reason: str = ""
    day_phone: str = ""


def replaced_of(typed: str | None) -> dict[str, str]:
    """Whose place is taken, from one line: ``Ông Nguyễn Văn A, Chủ tịch`` is a name and a title."""
    name, _comma, title = " ".join((typed or "").split()).partition(",")
    return {"replaced_name": name.strip()[:130], "replaced_title": title.strip()[:200]}


def reply(
    invitation: Invitation,
    answer: Answer,
    *,
    actor: Actor,
    source: Source = Source.LINK,
    said_by: str = "",
    received_id: int | None = None,
) -> bool:
    """Keep what the site says; what it said before stays in the journal. True when it came after the deadline.

    *said_by*: who rang or wrote, where *source* is the telephone or the mail; *received_id*: the message. Raises
    :class:`Refused` once the meeting has begun, was called off, or when something is missing.
    """
    window = queries.may_answer(invitation)
    if window is Window.CLOSED:
        raise Refused(_closed(invitation.meeting_site.meeting))
    move = rules.MOVE_OF.get(answer.reply)
    then = rules.after(invitation.reply, move) if move is not None else None
    if then is None:
        raise Refused(_("Choose one of the three answers."), field="reply", status=422)
    _complete(answer)
    before, values = said(invitation), _values(answer, then)
    if invitation.replied_at is not None and before == values and not _moved_since(invitation):
        return invitation.late
    for name, value in values.items():
        setattr(invitation, name, value)
    at = now()
    invitation.replied_at, invitation.late = at, window is Window.LATE
    invitation.reply_source, invitation.replied_by = source, (said_by or actor.name)[:200]
    invitation.seen_at = invitation.seen_at or at
    ask_the_chair(invitation, at)
    reminding.answered(invitation)
    if source is Source.LINK:
        letter_arrived([invitation], actor=actor)
    behind: dict[str, Any] = {} if received_id is None else {"received": received_id}
    journal.record(
        "invitation.answered",
        invitation,
        actor=actor,
        site=invitation.meeting_site.name,
        source=source,
        said_by=said_by,
        late=invitation.late,
        before=before,
        after=values,
        **behind,
    )
    return invitation.late


def _moved_since(invitation: Invitation) -> bool:
    """Whether the meeting has another hour than when the site answered: the same words are an answer to it all the same."""
    changes = scheduling.changes_of(invitation.meeting_site.meeting)
    return any(
        change.kind is ChangeKind.RESCHEDULED and invitation.replied_at and change.at > invitation.replied_at
        for change in changes
    )


def letter_arrived(invitations: Sequence[Invitation], *, named: Sequence[str] = (), actor: Actor) -> None:
    """Who answers by the link of one of *invitations*, or to a letter that is *named*, has the letter: note it as arrived if it
    is uncertain and no other can have brought the link."""
    links = {one.link_id: one.link.issue for one in invitations}
    for letter in post.confirm_links("m", links, named=named):
        journal.record("letter.confirmed", letter, actor=actor, key=letter.key)


def reply_for_all(invitation: Invitation, answer: Answer, *, actor: Actor, source: Source = Source.LINK) -> int:
    """Keep what the site says for this date and every other of its series that can still be answered; returns for how many."""
    reply(invitation, answer, actor=actor, source=source)
    others = [other for other in queries.beside(invitation) if queries.may_answer(other) is not Window.CLOSED]
    for other in others:
        reply(other, answer, actor=actor, source=source)
    return 1 + len(others)


def take_back(invitation: Invitation, reason: str, *, actor: Actor) -> None:
    """Take the answer that stands back, by whatever way it came: what stood before it holds again, with its source, its hour
    and what the chair said to it; where nothing did, the site is asked and has not answered."""
    meeting = invitation.meeting_site.meeting
    if invitation.replied_at is None or invitation.reply not in rules.ANSWERS:
        raise Refused(_("This site has given no answer that could be taken back."))
    if queries.may_answer(invitation) is Window.CLOSED:
        raise Refused(_closed(meeting))
    if not reason.strip():
        raise Refused(_("Enter why the answer is taken back."), field="why", status=422)
    known = history.before(history.answers(journal.queries.about(invitation.journal_subject)))
    taken, was_said_by = said(invitation), invitation.replied_by
    invitation.reply = known.reply if known is not None and known.reply is not None else Reply.ASKED
    for name in history.KEPT:
        setattr(invitation, name, known.values[name] if known is not None else "")
    invitation.replied_at, invitation.late = (known.at, known.late) if known is not None else (None, False)
    invitation.reply_source, invitation.replied_by = (
        (known.source, known.who[:200]) if known is not None else (None, "")
    )
    _restore_consent(invitation, known)
    journal.record(
        "invitation.reply_taken_back",
        invitation,
        actor=actor,
        site=invitation.meeting_site.name,
        reason=reason.strip()[:500],
        said_by=was_said_by,
        before=taken,
        after=said(invitation),
    )


def _restore_consent(invitation: Invitation, known: history.Said | None) -> None:
    consented = known.consent if known is not None else None
    if consented is not None:
        invitation.consent = Consent.GIVEN if consented.given else Consent.REFUSED
        invitation.consent_by, invitation.consent_at = consented.by[:120], consented.at
        invitation.consent_reason = consented.reason[:500]
        return
    ask_the_chair(invitation, now())


def ask_the_chair(invitation: Invitation, at: datetime) -> None:
    """Leave the consent to what *invitation* says now open where the rule wants one: what the chair said was to other words."""
    asked = invitation.reply is Reply.SUBSTITUTE and ruling.rule_on("substitute", wall(at).date()) is not None
    invitation.consent = rules.consent_after(invitation.reply, asked)
    invitation.consent_by, invitation.consent_at, invitation.consent_reason = "", None, ""


def record_by_telephone(invitation: Invitation, answer: Answer, caller: str, *, actor: Actor) -> bool:
    """Keep what *caller* said on the telephone, in the name of *actor* who took the call."""
    if not caller.strip():
        raise Refused(_("Enter who rang."), field="caller", status=422)
    return reply(invitation, answer, actor=actor, source=Source.TELEPHONE, said_by=caller.strip())


def _closed(meeting: Meeting) -> str:
    if meeting.status is Status.CANCELLED:
        return _("The meeting has been cancelled; no answer is needed.")
    if meeting.status is Status.POSTPONED:
        return _("The meeting has been postponed. The site will be asked again when the new time is known.")
    return _("The meeting has begun, so the answer can no longer be changed. Ring the office.")


def _complete(answer: Answer) -> None:
    if answer.reply is Reply.SUBSTITUTE and not answer.substitute_name.strip():
        raise Refused(_("Enter the name of the person who will attend instead."), field="substitute_name", status=422)
    if answer.reply is Reply.DECLINED and not answer.reason.strip():
        raise Refused(_("Enter the reason why the site cannot attend."), field="reason", status=422)


def said(invitation: Invitation) -> dict[str, Any]:
    """What the site has said, as the journal keeps it."""
    return {"reply": invitation.reply, **{name: getattr(invitation, name) for name in history.KEPT}}


def _values(answer: Answer, then: Reply) -> dict[str, Any]:
    """Only what belongs to this answer is kept: who accepts has no substitute, who declines has a reason."""
    substitute = then is Reply.SUBSTITUTE
    # typed into one field, «Bà Trần Thị Quỳnh, Phó Chủ tịch» is the same person as on the roster
    typed = persons.named(answer.substitute_name, answer.substitute_honorific)
    return {
        "reply": then,
        "substitute_honorific": (answer.substitute_honorific.strip() or typed.honorific) if substitute else "",
        "substitute_name": (typed.name or answer.substitute_name.strip()) if substitute else "",
        "substitute_title": (answer.substitute_title.strip() or typed.title) if substitute else "",
        "replaced_name": answer.replaced_name.strip() if substitute else "",
        "replaced_title": answer.replaced_title.strip() if substitute else "",
        "reason": answer.reason.strip() if then is not Reply.ACCEPTED else "",
        "day_phone": answer.day_phone.strip(),
    }


def seen(invitation: Invitation, *, actor: Actor) -> None:
    """The page was opened by somebody whose browser ran a script: a weak hint, and nothing more is concluded."""
    if invitation.seen_at is not None:
        return
    invitation.seen_at = now()
    journal.record("invitation.seen", invitation, actor=actor, site=invitation.meeting_site.name)


def consent(invitation: Invitation, given: bool, by: str, *, actor: Actor, reason: str = "") -> None:
    """Record what the chair (*by*) says to a substitute; who refuses says why, and the site is told."""
    if invitation.reply is not Reply.SUBSTITUTE:
        raise Refused(_("This site sends no substitute, so there is nothing to consent to."))
    if invitation.consent is Consent.NOT_NEEDED:
        raise Refused(_("The rules do not ask for the chair's consent to this substitute."))
    if not by.strip():
        raise Refused(_("Enter in whose name the consent is recorded."), field="by", status=422)
    if not given and not reason.strip():
        raise Refused(_("Enter why the chair does not consent: the site is told."), field="refusal", status=422)
    invitation.consent = Consent.GIVEN if given else Consent.REFUSED
    invitation.consent_by, invitation.consent_at = by.strip()[:120], now()
    invitation.consent_reason = "" if given else reason.strip()[:500]
    journal.record(
        "invitation.consented",
        invitation,
        actor=actor,
        site=invitation.meeting_site.name,
        given=given,
        by=invitation.consent_by,
        substitute=invitation.substitute_name,
        reason=invitation.consent_reason,
    )
