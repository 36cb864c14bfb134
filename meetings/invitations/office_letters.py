"""The e-mails inside the office: to whoever approves a giấy mời, and back to the secretary who handed it in."""

from __future__ import annotations

from typing import Any, Final

from meetings import adapters, i18n
from meetings.accounts.models import User
from meetings.i18n import gettext as _
from meetings.invitations import letters
from meetings.invitations.models import Approval, Decision
from meetings.official import dates
from meetings.official.paper import CONTENT_TYPE
from meetings.post.letters import Form, bodies
from meetings.post.message import Address, slot
from meetings.post.services import Draft, Enclosed
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting

KIND: Final = "approval"


def please_approve(round: Approval, reader: User) -> Draft:
    """The letter that asks *reader* to approve what was handed in, with the giấy mời as it will be printed."""
    meeting = round.meeting
    assert meeting.starts_at is not None and meeting.ends_at is not None
    with i18n.in_locale(reader.locale):
        locale = i18n.locale()
        at = dates.moment_short(meeting.starts_at, locale)
        span = dates.clock_range(meeting.starts_at, meeting.ends_at, locale)
        rows = [
            (_("Time"), f"{span}, {dates.date_long(meeting.starts_at, locale)}"),
            (_("Chair"), letters.titled(meeting.chair_honorific, meeting.chair_name, meeting.chair_title)),
            (_("Sites"), str(scheduling.site_count(meeting))),
            (_("Please reply"), _("before %(moment)s", moment=dates.moment(round.reply_by, locale))),
            (_("Handed in by"), f"{round.asked_by}, {dates.moment_short(round.asked_at, locale)}"),
        ]
        return compose(
            meeting,
            reader,
            KIND,
            key=f"{KIND}-{round.id}-{reader.id}",
            sha256=round.sha256,
            subject=_("Giấy mời to approve: meeting %(at)s [%(code)s]", at=at, code=meeting.code),
            occasion=_("A giấy mời waits for approval. Nothing is sent before."),
            rows=rows,
            button=_("Read and approve"),
            path=f"/meetings/{meeting.code}/approval",
        )


def decided(round: Approval, reader: User) -> Draft:
    """The letter that tells *reader* what was decided."""
    meeting = round.meeting
    assert round.decided_at is not None and round.decision is not None
    approved = round.decision is Decision.APPROVED
    with i18n.in_locale(reader.locale):
        locale = i18n.locale()
        by = ", ".join(part for part in (round.decided_by, round.decided_title) if part)
        rows = [
            (_("Approved by") if approved else _("Returned by"), by),
            (_("Time"), dates.moment_short(round.decided_at, locale)),
            (_("Remarks"), round.remarks),
        ]
        return compose(
            meeting,
            reader,
            KIND,
            key=f"{KIND}-{round.id}-{round.decision.value}-{reader.id}",
            sha256=round.sha256,
            subject=(
                _("Approved: the giấy mời has been released [%(code)s]", code=meeting.code)
                if approved
                else _("Returned: the giấy mời is to be changed [%(code)s]", code=meeting.code)
            ),
            occasion=(
                _("The giấy mời has been approved; the letters to the sites are on their way.")
                if approved
                else _("The giấy mời was returned with remarks. Nothing has been sent.")
            ),
            rows=[(label, value) for label, value in rows if value],
            button=_("Open the meeting") if approved else _("Change the draft"),
            path=f"/meetings/{meeting.code}/{'sending' if approved else 'book/send'}",
        )


def compose(
    meeting: Meeting,
    reader: User,
    kind: str,
    *,
    key: str,
    subject: str,
    occasion: str,
    rows: list[tuple[str, str]],
    button: str,
    path: str,
    sha256: str = "",
) -> Draft:
    """A letter about *meeting* to somebody with an account: label and value of each line, one button to a page of ours.

    *sha256*: of the giấy mời that goes with it, "" for none.
    """
    attached = letters.file_name(meeting) if sha256 else ""
    called = letters.titled(reader.honorific, reader.name, "")

    def values(form: Form) -> dict[str, Any]:
        return {
            "meeting": meeting,
            "title": meeting.title,
            "organiser": meeting.organiser.full_name,
            "subject": subject,
            "preheader": occasion,
            "occasion": occasion,
            "first": [letters.Row(*row) for row in rows],
            "attached": attached,
            "reader": slot("reader", form),
            "button": button,
            "link": f"{adapters.config().public_url}{path}",
        }

    text, html = bodies("invitations/office_letter", values)
    return Draft(
        key=key,
        kind=kind,
        root=meeting.code,
        to=Address(reader.name, reader.email),
        subject=subject,
        text=text,
        html=html,
        sender_name=meeting.organiser.full_name,
        fills={"reader": called, "address": reader.email},
        enclosures=(Enclosed(sha256, attached, CONTENT_TYPE),) if sha256 else (),
        not_after=meeting.ends_at,
        urgency=2,
        locale=i18n.locale(),
    )
