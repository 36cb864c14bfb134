"""What came into the mailbox and wants a person: rows of the work list."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import joinedload

from meetings.accounts.rules import Actor
from meetings.database import db
from meetings.i18n import gettext as _
from meetings.i18n import locale, ngettext
from meetings.invitations import queries as invitations
from meetings.invitations import tray
from meetings.invitations.models import Invitation, Suggestion
from meetings.invitations.rules import ANSWERS, SuggestionKind
from meetings.official import dates
from meetings.overview.work import ToDo
from meetings.post.models import Letter
from meetings.post.rules import LetterStatus
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import Status
from meetings.units import queries as units
from meetings.units.models import Unit

BY_NAME: Final = 6
"""Sites to be rung that are named one by one; the page of sending has the others."""


def rows(actor: Actor, now: datetime) -> list[ToDo]:
    """Letters that came back, proposals of calendars, messages that fit nobody; for administrators what is amiss with the
    mailbox or our own sender."""
    found: list[ToDo] = []
    if actor.may("meeting.arrange"):
        found += [_to_ring(invitation) for invitation in _unreached(actor, now)]
        found += [_proposed(made) for made in tray.suggestions(actor)[:BY_NAME]]
    if actor.may("mailbox.read"):
        found += _waiting(actor)
    if actor.may("outbox.read"):
        found += _amiss(actor)
    return found


def _unreached(actor: Actor, now: datetime) -> list[Invitation]:
    """Sites whose newest word from us came back and that have not answered, the nearest meeting first."""
    query = (
        sa.select(Invitation)
        .join(Invitation.meeting_site)
        .join(MeetingSite.meeting)
        .join(Unit, Meeting.organiser_id == Unit.id)
        .where(
            sa.exists().where(
                Letter.link_purpose == "m",
                Letter.link_id == Invitation.link_id,
                Letter.status == LetterStatus.BOUNCED,
                Letter.root == Meeting.code,
            ),
            units.within(actor.paths("meeting.arrange")),
            MeetingSite.removed_at.is_(None),
            Invitation.reply.not_in(ANSWERS),
            Meeting.status == Status.SCHEDULED,
            Meeting.starts_at > now,
        )
        .order_by(Meeting.starts_at, MeetingSite.position)
        .limit(BY_NAME)
        .options(joinedload(Invitation.meeting_site).joinedload(MeetingSite.meeting))
    )
    return list(db.session.scalars(query))


def _to_ring(invitation: Invitation) -> ToDo:
    site = invitation.meeting_site
    officer = invitations.officer(site)
    if officer is not None and officer.phone:
        sentence = _(
            "The letter to %(site)s came back. Ring %(name)s: %(phone)s.",
            site=site.name,
            name=officer.name,
            phone=officer.phone,
        )
    else:
        sentence = _("The letter to %(site)s came back, and no telephone number is known.", site=site.name)
    return ToDo(1, sentence, site.meeting.code, _("See"), _page_of(invitation))


def _page_of(invitation: Invitation) -> str:
    site = invitation.meeting_site
    return url_for("invitations.site", code=site.meeting.code, site_id=site.id)


def _proposed(made: Suggestion) -> ToDo:
    site = made.invitation.meeting_site
    if made.kind is SuggestionKind.NEW_TIME and made.starts_at is not None:
        sentence = _(
            "%(site)s proposes another time: %(at)s.", site=site.name, at=dates.moment_short(made.starts_at, locale())
        )
    else:
        sentence = _("%(site)s names another person to attend: %(address)s.", site=site.name, address=made.address)
    return ToDo(2, sentence, site.meeting.code, _("Decide"), _page_of(made.invitation))


def _waiting(actor: Actor) -> list[ToDo]:
    count = tray.in_tray(actor)
    if not count:
        return []
    sentence = ngettext(
        "%(num)s message that came in waits for a person.", "%(num)s messages that came in wait for a person.", count
    )
    return [ToDo(2, sentence, "", _("Read"), url_for("mailbox.mailbox"))]


def _amiss(actor: Actor) -> list[ToDo]:
    found = []
    state = tray.state() if tray.read_here() else None
    if state is not None and state.fault and state.fault_since_at is not None:
        sentence = _(
            "The mailbox has not been readable since %(at)s.", at=dates.moment_short(state.fault_since_at, locale())
        )
        found.append(ToDo(1, sentence, "", _("See"), url_for("mailbox.mailbox")))
    if count := tray.alarms(actor):
        sentence = ngettext(
            "%(num)s report says that our own mail server or sender is refused.",
            "%(num)s reports say that our own mail server or sender is refused.",
            count,
        )
        found.append(ToDo(1, sentence, "", _("See"), url_for("mailbox.mailbox")))
    return found
