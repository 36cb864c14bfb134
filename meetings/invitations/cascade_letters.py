"""What the sites above are told of a cascade: a passage in their invitation, and a letter where it was asked after that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from meetings import adapters, i18n
from meetings.directory.models import Contact
from meetings.i18n import gettext as _
from meetings.invitations import awaiting, letters, queries
from meetings.invitations.letters import Row
from meetings.invitations.models import Invitation
from meetings.journal.models import Entry
from meetings.official import dates
from meetings.post import services as post
from meetings.post.letters import Form, bodies
from meetings.post.message import Address, slot
from meetings.post.services import Draft, Ticket
from meetings.scheduling import cascades
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Cascade, Meeting
from meetings.scheduling.rules import Status

KIND: Final = "cascade"


def request(meeting: Meeting, locale: str = i18n.DEFAULT) -> str:
    """What a site that is to bring others is asked, in whole sentences; "" where nothing is asked."""
    found = cascades.of(meeting)
    if found is None:
        return ""
    with i18n.in_locale(locale):
        said = [_asked(found)]
        if found.note:
            said.append(_("Meant are: %(note)s.", note=found.note.rstrip(". ")))
        if found.most is not None:
            said.append(_("At most %(count)s sites.", count=found.most))
        return " ".join(said)


def _asked(found: Cascade) -> str:
    by = cascades.until(found)
    if by is None:
        return _("Please bring the sites below yours into the meeting, under “Sites below” on the page of your site.")
    return _(
        "Please bring the sites below yours into the meeting before %(moment)s, under “Sites below” on the page of your site.",
        moment=dates.moment(by, i18n.locale()),
    )


def tell(entry: Entry) -> None:
    """What follows from ``cascade.asked`` and ``cascade.changed``: who is to bring sites and was invited before hears of it."""
    meeting = scheduling.by_code(entry.root)
    found = cascades.of(meeting) if meeting is not None else None
    if meeting is None or found is None or meeting.status is not Status.SCHEDULED:
        return
    invited = awaiting.asked_among(meeting, cascades.heads(meeting))
    officers = queries.officers([one.meeting_site for one in invited])
    drafts = [
        _letter(meeting, one, officer, entry.id)
        for one in invited
        # who is asked after this was said reads it in the invitation itself
        if one.asked_at <= entry.at and (officer := officers.get(one.meeting_site.site_id)) and officer.email
    ]
    post.hand_in_all(drafts)


def _letter(meeting: Meeting, invitation: Invitation, contact: Contact, entry_id: int) -> Draft:
    locale = contact.locale
    with i18n.in_locale(locale):
        assert meeting.starts_at is not None
        told = _(
            "Sites below yours: video conference %(at)s [%(code)s]",
            at=dates.moment_short(meeting.starts_at, locale),
            code=meeting.code,
        )
        said = request(meeting, locale)

        def values(form: Form) -> dict[str, Any]:
            frame = letters.frame(meeting, told, adapters.config().public_url, form)
            rows = [Row(_("Time"), letters.when(meeting)), letters.contact_row(meeting)]
            return frame | {
                "preheader": said,
                "lead": said,
                "first": letters.said(rows),
                "link": f"{adapters.config().public_url}/m/{slot('token')}/sites",
            }

        body = bodies("invitations/cascade", values)
    to, key = Address(contact.name, contact.email), f"{KIND}-{invitation.meeting_site_id}-{entry_id}"
    draft = letters.about(meeting, to, told, body, key=key, kind=KIND)
    return replace(
        draft,
        fills=letters.fills(invitation.meeting_site, contact.email, invitation.reply),
        link=Ticket("m", invitation.link_id, invitation.link.issue),
        not_after=meeting.starts_at,
        urgency=4,
        locale=locale,
    )
