"""The letter to a site whose substitute the chair refused: why, and that another answer is wanted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa

from meetings import adapters, i18n
from meetings.database import db
from meetings.i18n import gettext as _
from meetings.invitations import letters, queries
from meetings.invitations.letters import Row
from meetings.invitations.models import Consent, Invitation
from meetings.invitations.rules import Reply
from meetings.journal.models import Entry
from meetings.post import services as post
from meetings.post.letters import Form, bodies
from meetings.post.message import Address
from meetings.post.services import Draft, Ticket
from meetings.scheduling.rules import Status

KIND: Final = "consent_refused"


def tell_the_site(entry: Entry) -> None:
    """What follows from ``invitation.consented``: the site whose substitute was refused learns why.

    Where the office has changed its mind since, or the site has answered anew, there is nothing to tell.
    """
    id = int(entry.subject.removeprefix("invitation:"))
    invitation = db.session.scalars(sa.select(Invitation).where(Invitation.id == id)).first()
    if invitation is None or entry.details.get("given", True) or invitation.meeting_site.removed_at is not None:
        return
    stands = invitation.reply is Reply.SUBSTITUTE and invitation.consent is Consent.REFUSED
    officer = queries.officer(invitation.meeting_site)
    if (
        not stands
        or officer is None
        or not officer.email
        or invitation.meeting_site.meeting.status is not Status.SCHEDULED
    ):
        return
    post.hand_in(refused(invitation, Address(officer.name, officer.email), officer.locale, key=f"{KIND}-{entry.id}"))


def refused(invitation: Invitation, to: Address, locale: str, *, key: str) -> Draft:
    """The letter to the officer of the site; its button leads to the page where the answer is changed."""
    site = invitation.meeting_site
    meeting, config = site.meeting, adapters.config()
    with i18n.in_locale(locale):
        subject = _(
            "The chair does not consent to the substitute %(name)s [%(code)s]",
            name=invitation.substitute_name,
            code=meeting.code,
        )
        substitute = letters.titled(
            invitation.substitute_honorific, invitation.substitute_name, invitation.substitute_title
        )
        replaced = ", ".join(filter(None, (invitation.replaced_name, invitation.replaced_title)))
        rows = [
            Row(_("Substitute"), substitute),
            Row(_("In the place of"), replaced),
            Row(_("The chair"), invitation.consent_by),
            Row(_("Reason"), invitation.consent_reason),
        ]

        def values(form: Form) -> dict[str, Any]:
            found = letters.first_rows(meeting, form)
            return letters.frame(meeting, subject, config.public_url, form) | {
                "preheader": letters.preheader(letters.when_short(meeting), form),
                "first": letters.said([*(row for row in rows if row.words), *found]),
            }

        body = bodies("invitations/consent_refused", values)
        fills = letters.fills(site, to.address, invitation.reply)
    draft = letters.about(meeting, to, subject, body, key=key, kind=KIND)
    return replace(
        draft,
        fills=fills,
        link=Ticket("m", invitation.link_id, invitation.link.issue),
        not_after=meeting.starts_at,
        urgency=2,
        locale=locale,
    )
