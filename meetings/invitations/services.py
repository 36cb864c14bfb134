"""The links and letters of sites that have been asked: a new link, one taken back, a letter again, an end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from meetings import journal
from meetings.accounts.rules import SYSTEM, Actor
from meetings.clock import now
from meetings.directory.models import Contact, Duty
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.invitations import asking, letters, posted, private_link, queries
from meetings.invitations.models import Invitation
from meetings.invitations.rules import Window
from meetings.journal.models import Entry
from meetings.post import quota
from meetings.post import services as post
from meetings.post.models import Letter
from meetings.post.services import Ticket
from meetings.scheduling import cascades, moving
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import Status, explained


def reissue_link(invitation: Invitation, *, actor: Actor) -> Letter | None:
    """A new link for the site; the old one opens nothing from now on. The letter with it, None where there is no address.

    Letters with the old link that have not left are withdrawn.
    """
    meeting = invitation.meeting_site.meeting
    if meeting.status not in (Status.SCHEDULED, Status.IN_SESSION):
        raise Refused(_("New links are given while the meeting is being prepared or held."))
    _new_link(invitation, actor)
    contact = queries.officer(invitation.meeting_site)
    if contact is None or not contact.email:
        return None
    quota.hold_to(actor, contact.email, letters.NEW_LINK, meeting.code, now())
    return _write_again(invitation, meeting, contact)


def take_back_link(invitation: Invitation, reason: str, *, actor: Actor) -> None:
    """The site's link, and its join link, open nothing from now on, and no letter brings another one: it fell into the wrong
    hands. The site stays invited; :func:`reissue_link` gives it a new one.

    A new issue that nobody was given, not an end: an ended link says that the site was taken out.
    """
    said = explained(reason, field="reason")
    post.withdraw_link("m", invitation.link_id)
    invitation.link.issue += 1
    invitation.link.made_at = now()
    site = invitation.meeting_site.name
    journal.record("invitation.link_taken_back", invitation, actor=actor, site=site, reason=said)


def _new_link(invitation: Invitation, actor: Actor) -> None:
    post.withdraw_link("m", invitation.link_id)
    invitation.link.issue += 1
    invitation.link.made_at, invitation.link.ended_at = now(), None
    site = invitation.meeting_site.name
    journal.record("invitation.link_renewed", invitation, actor=actor, site=site, issue=invitation.link.issue)


def write_again(invitation: Invitation, mark: str) -> Letter | None:
    """The letter of the site once more, with the link as it stands; None where there is nothing to write or nobody to write
    to. *mark* tells it from the one before it."""
    meeting, contact = invitation.meeting_site.meeting, queries.officer(invitation.meeting_site)
    if queries.may_answer(invitation) is Window.CLOSED or contact is None or not contact.email:
        return None
    others = [one for one in queries.beside(invitation) if queries.may_answer(one) is not Window.CLOSED]
    if not others:
        return _write_again(invitation, meeting, contact, mark=mark)
    return _write_again(
        invitation, meeting, contact, [one.meeting_site.meeting for one in (invitation, *others)], mark=mark
    )


def _write_again(
    invitation: Invitation,
    meeting: Meeting,
    contact: Contact,
    dates: Sequence[Meeting] = (),
    *,
    mark: str = "",
) -> Letter:
    """*dates*: of a series those that the letter invites to; each calendar message is newer than the one before."""
    invitation.by_post = True
    link = Ticket("m", invitation.link_id, invitation.link.issue)
    if len(dates) > 1:
        moving.stamp_series(meeting)
    else:
        moving.stamp(meeting)
    draft = letters.to_site(
        meeting,
        invitation.meeting_site,
        contact,
        asking.wording_of_dates(
            dates or (meeting,),
            contact.locale,
            renewed=link.issue > 1,
            brings=invitation.meeting_site_id in cascades.heads(meeting),
        ),
        link,
        asking.enclosed_paper(meeting),
        kind=letters.NEW_LINK,
        version=invitation.told_id or 0,
        reply=invitation.reply,
    )
    return post.hand_in(replace(draft, key=f"{draft.key}-{mark}") if mark else draft)


def resend(letter: Letter, *, to_address: str = "", actor: Actor) -> None:
    """Send a refused or uncertain letter again; a refused one may go to a corrected address."""
    before = letter.to_address
    post.resend(letter, to_address=to_address.strip())
    quota.hold_to(actor, letter.to_address, letter.kind, letter.root, now())
    site = posted.site_of(letter)
    journal.record(
        "letter.resent",
        letter,
        actor=actor,
        key=letter.key,
        site=site.name if site is not None else letter.to_name,
        readdressed=letter.to_address != before,
        before=before,
        after=letter.to_address,
    )


def arrived(letter: Letter, *, actor: Actor) -> None:
    """Somebody says that an uncertain letter arrived."""
    post.confirm(letter)
    journal.record("letter.confirmed", letter, actor=actor, key=letter.key)


def withdraw(meeting_site: MeetingSite, *, actor: Actor) -> None:
    """The site is no longer invited: its link opens nothing, and what has not left does not leave."""
    invitation = queries.of_site(meeting_site)
    if invitation is None or invitation.link.ended_at is not None:
        return
    invitation.link.ended_at = now()
    post.withdraw_link("m", invitation.link_id)
    journal.record("invitation.withdrawn", invitation, actor=actor, site=meeting_site.name)


def renew_for_new_officer(entry: Entry) -> None:
    """What follows from ``contact.named``: the links of whoever left end, who answers now gets the coming meetings."""
    duty = entry.details.get("duty", Duty.COORDINATOR)
    if duty == Duty.TECHNICIAN:
        return  # a technician's number changes nothing about whom the link was made for
    site_id = int(entry.details.get("site_id", 0))
    of_series: dict[int, list[Invitation]] = {}
    for invitation in queries.upcoming_of_site(site_id, now()):
        meeting, contact = invitation.meeting_site.meeting, queries.officer(invitation.meeting_site)
        if private_link.holder_left(invitation) or (duty == Duty.COORDINATOR and entry.details.get("before")):
            if meeting.series_id is not None:
                of_series.setdefault(meeting.series_id, []).append(invitation)
            else:
                reissue_link(invitation, actor=SYSTEM)
        elif contact is not None and contact.email and contact.journal_subject == entry.subject:
            # nobody held the office: the link that was handed over on paper stays good, and now goes by letter too, unless
            # the sites were asked before this was come to, and she has it
            if contact.email not in {letter.to_address for letter in posted.letters_to(invitation)}:
                _write_again(invitation, meeting, contact)
    for invitations in of_series.values():
        _reissue_links(invitations)


def _reissue_links(invitations: Sequence[Invitation]) -> None:
    """New links for the dates of one series that are still to come, in one letter."""
    dates = [invitation.meeting_site.meeting for invitation in invitations]
    for invitation in invitations:
        _new_link(invitation, SYSTEM)
    first = invitations[0]
    contact = queries.officer(first.meeting_site)
    if contact is None or not contact.email:
        return
    for invitation in invitations:
        invitation.by_post = True
    _write_again(first, dates[0], contact, dates)
