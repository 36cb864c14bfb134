"""Who is seen to sit at a site in another's place, once the meeting has begun and the site itself can answer no more."""

from __future__ import annotations

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.clock import now
from meetings.directory import persons
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.invitations import answering
from meetings.invitations.models import Invitation
from meetings.invitations.rules import Reply, Source

MOST_NAME, MOST_TITLE = 120, 200


def seated(invitation: Invitation, told: str, *, actor: Actor) -> None:
    """*told* ("Bà Lê Thị Hà, Phó Chủ tịch") sits there: the answer becomes that of a substitute, by *actor* at the roll call.

    What the site had said stays in the journal; the chair's consent is asked anew where the rule wants it.
    """
    who = persons.named(told)
    if who.name.casefold() in ("", "ông", "bà"):
        raise Refused(_("Enter who sits there."), field="note", status=422)
    before = answering.said(invitation)
    invitation.reply = Reply.SUBSTITUTE
    invitation.substitute_honorific = who.honorific
    invitation.substitute_name, invitation.substitute_title = who.name[:MOST_NAME], who.title[:MOST_TITLE]
    invitation.reason = ""
    at = now()
    invitation.replied_at, invitation.late = at, True
    invitation.reply_source, invitation.replied_by = Source.TELEPHONE, actor.name[:200]
    answering.ask_the_chair(invitation, at)
    journal.record(
        "invitation.answered",
        invitation,
        actor=actor,
        site=invitation.meeting_site.name,
        source=Source.TELEPHONE,
        said_by=actor.name,
        late=True,
        before=before,
        after=answering.said(invitation),
    )
