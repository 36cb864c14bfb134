"""What follows from a change: each site is told what differs from what it knows, and asked again where the time moved.

A second room of ``services``: the same rules hold. Every follow-up looks at the state and not at what it followed from, so it
may come late, twice or in another order: a site that knows the newest version hears nothing more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from meetings import adapters, journal
from meetings.accounts.rules import SYSTEM
from meetings.clock import now
from meetings.database import db
from meetings.directory.models import Contact
from meetings.i18n import in_locale
from meetings.invitations import (
    answering,
    asking,
    awaiting,
    changes,
    letters,
    posted,
    private_link,
    queries,
    rules,
    suggestion_letters,
)
from meetings.invitations.models import Invitation
from meetings.invitations.rules import Consent, ReplyMove
from meetings.journal.models import Entry
from meetings.post import services as post
from meetings.post.message import filled
from meetings.post.queries import HIDDEN
from meetings.post.services import Draft, Ticket
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Change, Meeting, MeetingSite
from meetings.scheduling.rules import TOLD_TO_ALL, ChangeKind, Status

KIND_OF = {
    Status.SCHEDULED: changes.CHANGE,
    Status.POSTPONED: changes.POSTPONEMENT,
    Status.CANCELLED: changes.CANCELLATION,
}
"""What its sites are written, by the state the meeting is in. One that is being held, or was, is told by itself."""


def renew(entry: Entry) -> None:
    """What follows from every change: letters, a batch at a time; while sites are left a fact says so."""
    meeting = scheduling.by_code(entry.root)
    if meeting is None or meeting.sent_at is None or entry.details.get("apart"):
        return
    parted = _part(meeting)
    told = _tell(meeting)
    if asking.BATCH in (parted, told):
        journal.record("meeting.sites_left_to_tell", meeting, actor=SYSTEM)


def newest(meeting: Meeting) -> Change | None:
    """The change that every site is to know by now. While a meeting is put off, what else changes waits for its new time."""
    found = [change for change in scheduling.changes_of(meeting) if change.kind in TOLD_TO_ALL]
    if meeting.status is Status.POSTPONED:
        found = [change for change in found if change.kind is ChangeKind.POSTPONED]
    return found[-1] if found else None


# ------------------------------------------------------------------ all sites


@dataclass(frozen=True)
class _Told:
    """Letters that are alike: to sites that know the version *known*; None: to those whom nothing reached yet."""

    known: int | None
    locale: str
    invitations: list[Invitation]


def _tell(meeting: Meeting) -> int:
    """Write to the sites that do not know the newest change; returns how many were dealt with."""
    goal, kind = newest(meeting), KIND_OF.get(meeting.status)
    if goal is None or kind is None:
        return 0
    found = list(awaiting.untold(meeting, goal.id, asking.BATCH))
    history = [
        change for change in scheduling.changes_of(meeting) if change.kind in TOLD_TO_ALL and change.id <= goal.id
    ]
    if meeting.status is Status.SCHEDULED:
        ask_again(found, history)
    sites = [invitation.meeting_site for invitation in found]
    officers = queries.officers(sites)
    link_ids = [invitation.link_id for invitation in found]
    post.withdraw_links("m", link_ids)  # what a site has not got yet tells an older state
    reached = posted.reached(link_ids)
    new_holders(found)
    drafts: list[Draft] = []
    for group in _groups(found, reached, officers):
        drafts += _letters(kind, meeting, goal, history, group, officers)
    post.hand_in_all(drafts)
    for invitation in found:
        officer = officers.get(invitation.meeting_site.site_id)
        invitation.told_id, invitation.sequence = goal.id, meeting.sequence
        invitation.by_post = officer is not None and bool(officer.email)
    db.session.flush()
    return len(found)


def _groups(
    found: Sequence[Invitation], reached: dict[int, int | None], officers: dict[int, Contact | None]
) -> list[_Told]:
    groups: dict[tuple[int | None, str], list[Invitation]] = {}
    for invitation in found:
        # who was never written to heard of it on paper or by telephone
        known = reached.get(invitation.link_id, invitation.told_id or 0)
        locale = letters.locale_of(officers.get(invitation.meeting_site.site_id))
        groups.setdefault((known, locale), []).append(invitation)
    return [_Told(known, locale, invitations) for (known, locale), invitations in groups.items()]


def _letters(
    kind: str,
    meeting: Meeting,
    goal: Change,
    history: Sequence[Change],
    group: _Told,
    officers: dict[int, Contact | None],
) -> list[Draft]:
    """The letters to one group; whom nothing reached gets an invitation, or nothing where there is nothing to come to."""
    first = group.known is None
    if first and kind != changes.CHANGE:
        return []
    unknown = [change for change in history if change.id > (group.known or 0)]
    if kind != changes.CHANGE:
        unknown = [change for change in unknown if change.id == goal.id]
    words = asking.wording_of(meeting, group.locale) if first else _wording(kind, meeting, unknown, group.locale)
    enclosed = asking.enclosed_paper(meeting) if kind == changes.CHANGE else ()
    written: list[tuple[list[Invitation], Draft]] = []
    for invitation in group.invitations:
        site = invitation.meeting_site
        officer = officers.get(site.site_id)
        if officer is None or not officer.email:
            continue
        link = Ticket("m", invitation.link_id, invitation.link.issue)
        draft = (
            letters.to_site(meeting, site, officer, words, link, enclosed, version=goal.id, reply=invitation.reply)
            if first
            else changes.to_site(
                kind, meeting, site, officer, words, link, enclosed, version=goal.id, reply=invitation.reply
            )
        )
        written.append(([invitation], draft))
    return suggestion_letters.with_copies(written)


def _wording(kind: str, meeting: Meeting, told: Sequence[Change], locale: str) -> letters.Wording:
    url = adapters.config().public_url
    return changes.wording(kind, meeting, told, sender=post.sender_address(), public_url=url, locale=locale)


def ask_again(found: Sequence[Invitation], history: Sequence[Change]) -> None:
    """What was said before the meeting moved no longer holds. What was said since, on the page that shows the new time, does."""
    lapsed, before = [], []
    for invitation in found:
        move = changes.moved([change for change in history if change.id > (invitation.told_id or 0)])
        if move is None:
            continue
        invitation.asked_again_at = move.at
        answered_at = invitation.replied_at
        if answered_at is not None and answered_at >= move.at:
            continue
        invitation.seen_at = None
        if invitation.reply in rules.ANSWERS:
            lapsed.append(invitation)
            before.append(answering.said(invitation))
            _lapse(invitation)
    journal.record_each(
        "invitation.asked_again",
        lapsed,
        actor=SYSTEM,
        details=[
            {"site": invitation.meeting_site.name, "before": said}
            for invitation, said in zip(lapsed, before, strict=True)
        ],
    )


def _lapse(invitation: Invitation) -> None:
    then = rules.after(invitation.reply, ReplyMove.ASK_AGAIN)
    assert then is not None
    invitation.reply = then
    invitation.replied_at = invitation.reply_source = invitation.consent_at = None
    invitation.replied_by = invitation.reason = invitation.consent_by = ""
    invitation.substitute_honorific = invitation.substitute_name = invitation.substitute_title = ""
    invitation.replaced_name = invitation.replaced_title = invitation.consent_reason = ""
    invitation.late, invitation.consent = False, Consent.NOT_NEEDED


def new_holders(found: Sequence[Invitation]) -> None:
    """A link whose holder left while the meeting was put off opens nothing: the letter brings the next one."""
    for invitation in private_link.perhaps_left(found):
        if private_link.holder_left(invitation):
            invitation.link.issue += 1
            invitation.link.made_at = now()


# ------------------------------------------------------------------ sites that go


def _part(meeting: Meeting) -> int:
    """Tell the sites that were taken out; their links, dead since then, are ended. Returns how many were dealt with."""
    found = list(awaiting.parted(meeting, asking.BATCH))
    if not found:
        return 0
    link_ids = [invitation.link_id for invitation in found]
    post.withdraw_links("m", link_ids)
    reached = posted.reached(link_ids)
    officers = queries.officers([invitation.meeting_site for invitation in found])
    removals = {
        site_id: c for c in scheduling.changes_of(meeting) if c.kind is ChangeKind.SITES_REMOVED for site_id in c.sites
    }  # the newest of each site
    words: dict[tuple[int, str], letters.Wording] = {}
    drafts: list[tuple[list[Invitation], Draft]] = []
    at = now()
    for invitation in found:
        site = invitation.meeting_site
        officer = officers.get(site.site_id)
        removal = removals.get(site.id)
        if (
            removal is not None
            and officer is not None
            and officer.email
            and reached.get(invitation.link_id) is not None
        ):
            key = removal.id, officer.locale
            if key not in words:
                words[key] = _wording(changes.REMOVAL, meeting, [removal], officer.locale)
            link = Ticket("m", invitation.link_id, invitation.link.issue)
            draft = changes.to_site(changes.REMOVAL, meeting, site, officer, words[key], link, (), version=removal.id)
            drafts.append(([invitation], draft))
        invitation.link.ended_at = at
    post.hand_in_all(suggestion_letters.with_copies(drafts))
    journal.record_each(
        "invitation.withdrawn",
        found,
        actor=SYSTEM,
        details=[{"site": invitation.meeting_site.name} for invitation in found],
    )
    db.session.flush()
    return len(found)


# ------------------------------------------------------------------ sites that come back


def take_back(entry: Entry) -> None:
    """What follows from ``meeting.sites_added_later`` for sites that had been taken out: a new link, and they are asked anew."""
    meeting = scheduling.by_code(entry.root)
    if meeting is None or meeting.status is not Status.SCHEDULED:
        return
    found = list(awaiting.back_again(meeting, asking.BATCH))
    if not found:
        return
    version, at = awaiting.version_of(meeting), now()
    post.withdraw_links("m", [invitation.link_id for invitation in found])  # a farewell that has not left
    officers = queries.officers([invitation.meeting_site for invitation in found])
    read = {letters.locale_of(officer) for officer in officers.values()}
    words = {locale: asking.wording_of(meeting, locale) for locale in read}
    enclosed, drafts = asking.enclosed_paper(meeting), []
    for invitation in found:
        _lapse_quietly(invitation)
        link, site = invitation.link, invitation.meeting_site
        link.issue += 1
        link.made_at, link.ended_at = at, None
        invitation.asked_at, invitation.seen_at = at, None
        invitation.told_id, invitation.sequence = version, meeting.sequence
        officer = officers.get(site.site_id)
        invitation.by_post = officer is not None and bool(officer.email)
        if officer is not None and officer.email:
            ticket, said = Ticket("m", link.id, link.issue), words[officer.locale]
            drafts.append(letters.to_site(meeting, site, officer, said, ticket, enclosed, version=version))
    post.hand_in_all(drafts)
    journal.record_each(
        "invitation.issued",
        found,
        actor=SYSTEM,
        details=[{"site": i.meeting_site.name, "by_post": i.by_post} for i in found],
    )
    if len(found) == asking.BATCH:
        journal.record("meeting.sites_left_to_take_back", meeting, actor=SYSTEM)


def _lapse_quietly(invitation: Invitation) -> None:
    if invitation.reply in rules.ANSWERS:
        _lapse(invitation)


# ------------------------------------------------------------------ to look at before


@dataclass(frozen=True)
class Sample:
    """The letter that one real reader would get, its link covered, and what it tells as a table."""

    subject: str
    to: str
    text: str
    differences: Sequence[changes.Difference]


def sample(meeting: Meeting, change: Change) -> Sample | None:
    """A letter that *change* would bring, before anything is kept; None where nobody would be written to."""
    kind = KIND_OF.get(meeting.status, changes.CHANGE)
    sites = _readers(meeting, change)
    if not sites or meeting.sent_at is None:
        return None
    held = queries.officers(sites[:200])
    site = next((s for s in sites[:200] if (o := held.get(s.site_id)) and o.email), sites[0])
    officer = held.get(site.site_id)
    told = _unknown(meeting, change, site) if kind == changes.CHANGE and change.kind in TOLD_TO_ALL else [change]
    locale = letters.locale_of(officer)
    with in_locale(locale):
        if change.kind is ChangeKind.SITES_ADDED or told is None:
            words = asking.wording_of(meeting, locale)
        elif change.kind is ChangeKind.SITES_REMOVED:
            words = _wording(changes.REMOVAL, meeting, [change], locale)
        else:
            words = _wording(kind, meeting, told, locale)
        fills = {**letters.fills(site, officer.email if officer else ""), "token": HIDDEN, "join": HIDDEN}
    to = f"{officer.name} <{officer.email}>" if officer and officer.email else site.name
    return Sample(words.subject, to, filled(words.text, fills), changes.differences(told or [change]))


def _unknown(meeting: Meeting, change: Change, site: MeetingSite) -> list[Change] | None:
    """What the site does not know when it is told *change*; None where nothing reached it, so that it is invited anew."""
    found = queries.of_site(site)
    known = posted.reached([found.link_id]).get(found.link_id, found.told_id or 0) if found is not None else None
    if known is None:
        return None
    return [c for c in scheduling.changes_of(meeting) if c.kind in TOLD_TO_ALL and known < c.id <= change.id]


def _readers(meeting: Meeting, change: Change) -> Sequence[MeetingSite]:
    """Whom *change* is told, in protocol order."""
    if change.kind in TOLD_TO_ALL:
        return scheduling.sites_of(meeting)
    chosen = set(change.sites)
    return [site for site in scheduling.ever_sites_of(meeting) if site.id in chosen]


def reach(meeting: Meeting, change: Change) -> tuple[int, int]:
    """How many sites *change* is told by e-mail, and how many have to be rung or written to on paper."""
    sites = _readers(meeting, change)
    held = queries.officers(sites)
    by_mail = sum(1 for site in sites if (officer := held.get(site.site_id)) is not None and officer.email)
    return by_mail, len(sites) - by_mail
