"""The letters that follow from what a calendar proposed: another time that is not taken up, another person who comes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from meetings import adapters, i18n
from meetings.i18n import gettext as _
from meetings.invitations import asking, letters, queries
from meetings.invitations.calendar import Method, pattern
from meetings.invitations.letters import Row
from meetings.invitations.models import Invitation, Suggestion
from meetings.official import dates
from meetings.post.letters import Form, bodies
from meetings.post.message import Address
from meetings.post.services import Draft, Ticket, sender_address
from meetings.scheduling import moving

DECLINED: Final = "declined_counter"
DELEGATE: Final = letters.DELEGATE


def declined_counter(invitation: Invitation, suggestion: Suggestion, reason: str = "") -> Draft:
    """The letter to whoever proposed another time, that the meeting keeps its own; its calendar takes the proposal back.

    DECLINECOUNTER under the sequence that holds, with a newer DTSTAMP (RFC 5546 §3.2.8).
    """
    site = invitation.meeting_site
    meeting, to = site.meeting, suggestion.received.from_address
    moving.stamp(meeting)
    config, officer = adapters.config(), queries.officer(site)
    locale = officer.locale if officer is not None else i18n.DEFAULT
    with i18n.in_locale(locale):
        subject = _("The meeting keeps its time: %(at)s [%(code)s]", at=letters.when_short(meeting), code=meeting.code)
        proposed = (
            f"{dates.clock_range(suggestion.starts_at, suggestion.ends_at or suggestion.starts_at, locale)}, "
            f"{dates.date_long(suggestion.starts_at, locale)}"
            if suggestion.starts_at is not None
            else ""
        )

        def values(form: Form) -> dict[str, Any]:
            asked = Row(_("You proposed"), proposed)
            found = letters.first_rows(meeting, form)
            return letters.frame(meeting, subject, config.public_url, form) | {
                "preheader": letters.preheader(letters.when_short(meeting), form),
                "first": letters.said([*found[:1], asked, *found[1:]]),
                "reason": reason,
            }

        body = bodies("invitations/declined_counter", values)
        entry = letters.calendar_entry(meeting, sender=sender_address(), public_url=config.public_url)
        said = reason or _("The proposed time was not taken up; the meeting keeps its own.")
        fills = letters.fills(site, to, invitation.reply)
    proposer, key = Address(suggestion.received.from_name, to), f"{DECLINED}-{suggestion.id}"
    draft = letters.about(meeting, proposer, subject, body, key=key, kind=DECLINED)
    return replace(
        draft,
        calendar=pattern(replace(entry, comment=said), Method.DECLINECOUNTER),
        method=Method.DECLINECOUNTER.value,
        fills=fills,
        link=Ticket("m", invitation.link_id, invitation.link.issue),
        not_after=meeting.ends_at,
        urgency=2,
        locale=locale,
    )


def to_delegate(invitation: Invitation, name: str, address: str) -> Draft:
    """The invitation to *address*, whom a site's calendar named in its stead: the same link, an entry of its own.

    REQUEST under the sequence that holds, with a newer DTSTAMP; its ATTENDEE says for whom it stands in (RFC 5546 §2.1.2).
    """
    site = invitation.meeting_site
    meeting, officer, config = site.meeting, queries.officer(site), adapters.config()
    locale = officer.locale if officer is not None else i18n.DEFAULT
    moving.stamp(meeting)
    words = letters.wording(meeting, sender=sender_address(), public_url=config.public_url, locale=locale)
    with i18n.in_locale(locale):
        entry = letters.calendar_entry(meeting, sender=sender_address(), public_url=config.public_url)
        fills = (
            letters.fills(site, address)
            | _called(invitation, name, address)
            | {
                "delegator": f"mailto:{officer.email}".replace('"', "") if officer is not None else "",
            }
        )
    given = officer is not None and bool(officer.email)
    mark = hashlib.sha256(address.lower().encode()).hexdigest()[:12]
    return Draft(
        key=f"{letters.key_of(DELEGATE, site, invitation.told_id or 0)}-{mark}",
        kind=DELEGATE,
        root=meeting.code,
        to=Address(name, address),
        subject=words.subject,
        text=words.text,
        html=words.html,
        calendar=pattern(replace(entry, delegated=given), Method.REQUEST),
        method=Method.REQUEST.value,
        sender_name=words.sender_name,
        reply_to=words.reply_to,
        fills=fills,
        link=Ticket("m", invitation.link_id, invitation.link.issue),
        enclosures=asking.enclosed_paper(meeting),
        not_after=meeting.ends_at,
        urgency=3,
        locale=locale,
    )


def _called(invitation: Invitation, name: str, address: str) -> dict[str, str]:
    """How a letter calls whoever comes in the stead of a site's officer."""
    site = invitation.meeting_site
    unit = _("%(name)s, in the stead of %(unit)s", name=name or address, unit=site.unit_name or site.name)
    return {"unit": unit, "site": name or address}


def with_copies(drafts: Sequence[tuple[Sequence[Invitation], Draft]]) -> list[Draft]:
    """*drafts*, and each once more for everybody who comes in the stead of its reader: her calendar has the entry too.

    Beside each draft stand the invitations that it tells of.
    """
    found = queries.delegates([invitation.id for about, _draft in drafts for invitation in about])
    written = []
    for about, draft in drafts:
        written.append(draft)
        named = {one.address.lower(): (one, invitation) for invitation in about for one in found.get(invitation.id, ())}
        for one, invitation in named.values():
            with i18n.in_locale(draft.locale):
                fills = {**draft.fills, "address": one.address, **_called(invitation, one.name, one.address)}
            to = Address(one.name, one.address)
            written.append(replace(draft, key=f"{draft.key}-d{one.id}", kind=DELEGATE, to=to, fills=fills))
    return written
