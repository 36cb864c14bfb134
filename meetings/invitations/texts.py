"""Text messages on the day of a meeting: to the sites that are silent still, whose officer agreed to be written to so.

They follow from the reminder of the day, and go beside its letters: a letter is read at a desk, a message in the
corridor. Nothing leaves before an administrator switched messages on and named a gateway.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from meetings import adapters, journal
from meetings.accounts.rules import SYSTEM, Actor
from meetings.clock import now, wall
from meetings.directory import services as directory
from meetings.directory.models import Contact
from meetings.i18n import gettext as _
from meetings.i18n import in_locale
from meetings.invitations import queries, reminding
from meetings.invitations.models import Invitation
from meetings.invitations.rules import ChaseStep
from meetings.journal.models import Entry
from meetings.official import dates
from meetings.post import quota, segments, texting
from meetings.post.limits import Setting
from meetings.post.message import filled, slot
from meetings.post.services import Ticket
from meetings.post.texting import TextDraft
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status

KIND: Final = "on_the_day"
LONGEST: Final = 2
"""Parts that one message may take; the name of the site gives way."""

_TOKEN: Final = "x" * 40  # a token is never longer


def has_gateway() -> bool:
    return adapters.texter() is not None


def on() -> bool:
    """Whether messages leave here: a gateway is named, and somebody switched them on."""
    return has_gateway() and bool(quota.setting(Setting.TEXTS_ON))


def text_on_the_day(entry: Entry) -> None:
    """What follows from ``meeting.chased`` of the step on the day. Done twice it writes to nobody twice."""
    meeting = scheduling.by_code(entry.root)
    if entry.details.get("step") != ChaseStep.ON_THE_DAY or meeting is None or not on():
        return
    if meeting.status is not Status.SCHEDULED or meeting.starts_at is None or now() >= meeting.starts_at:
        return
    marked, drafts, without = bool(quota.setting(Setting.TEXTS_MARKED)), list[TextDraft](), 0
    for reader in reminding.on_the_day(meeting):
        invitation, number = reader.invitation, reachable(reader.officer)
        if invitation is None or reader.officer is None or not number:
            without += 1
            continue
        drafts.append(
            TextDraft(
                key=f"{KIND}-{meeting.sequence}-{reader.meeting_site.id}",
                kind=KIND,
                root=meeting.code,
                name=reader.meeting_site.name,
                number=number,
                text=wording(meeting, reader.meeting_site.name, reader.officer.locale, marked=marked),
                link=Ticket("m", invitation.link_id, invitation.link.issue),
                not_after=meeting.starts_at,
            )
        )
    written = texting.hand_in(drafts)
    if drafts:
        journal.record("meeting.texted", meeting, actor=SYSTEM, count=written.count, over=written.over, without=without)


def reachable(officer: Contact | None) -> str:
    """The number of an officer who agreed to messages, as a gateway wants it; "" for everybody else."""
    return segments.mobile(officer.phone) if officer is not None and officer.sms_consent_at is not None else ""


def agreed_number(invitation: Invitation) -> str:
    """The number to which the site's officer agreed to be written; "" where there is none, or no message leaves here."""
    return reachable(queries.officer(invitation.meeting_site)) if on() else ""


def wording(meeting: Meeting, site: str, locale: str, *, marked: bool) -> str:
    """The message with a slot for the token of its link: in one part without marks, in two with them."""
    assert meeting.starts_at is not None
    link, most = f"{adapters.config().public_url}/m/{slot('token')}", LONGEST if marked else 1

    at, day = f"{wall(meeting.starts_at):%H:%M}", dates.day_month(meeting.starts_at, locale)

    def said(name: str) -> str:
        with in_locale(locale):
            words = _(
                "Meeting at %(at)s on %(day)s (%(code)s): %(site)s has not answered. To answer:",
                at=at,
                day=day,
                code=meeting.code,
                site=name,
            )
        return f"{words if marked else segments.unmarked(words)} {link}"

    for length in range(len(site), 3, -1):
        text = said(segments.shortened(site, length))
        if segments.parts(filled(text, {"token": _TOKEN})) <= most:
            return text
    return said("")


def settle(values: Mapping[Setting, int], *, actor: Actor) -> int:
    """Set the bounds and how messages leave; returns how many of them are new. Each change is written down."""
    changed = 0
    for which, value in values.items():
        before = quota.setting(which)
        row = quota.change(which, value, by=actor.name, at=now())
        if row is not None:
            changed += 1
            journal.record("post_setting.changed", row, actor=actor, name=which, before=before, after=value)
    return changed


def stop(invitation: Invitation, *, actor: Actor) -> bool:
    """The site itself, by its own page, wants no messages any more; whether its officer had agreed to any."""
    officer = queries.officer(invitation.meeting_site)
    return officer is not None and directory.agree_to_texts(officer, False, actor=actor)
