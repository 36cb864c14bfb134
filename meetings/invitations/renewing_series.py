"""What follows when several dates of a series are changed together: one letter a site, that names the dates which differ for it.

A third room of ``services``: the same rules hold. As in ``renewing`` a follow-up looks at the state: whatever a site knows
already, from this or from another letter, is not told again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from meetings import adapters, journal
from meetings.accounts.rules import SYSTEM
from meetings.database import db
from meetings.directory.models import Contact
from meetings.i18n import in_locale
from meetings.invitations import (
    asking,
    awaiting,
    changes,
    letters,
    posted,
    queries,
    renewing,
    series_letters,
    suggestion_letters,
)
from meetings.invitations.models import Invitation
from meetings.invitations.renewing import Sample
from meetings.invitations.series_letters import Part
from meetings.journal.models import Entry
from meetings.post import services as post
from meetings.post.message import filled
from meetings.post.queries import HIDDEN
from meetings.post.services import Draft, Ticket
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Change, Meeting, MeetingSite
from meetings.scheduling.rules import TOLD_TO_ALL, Status


def renew_together(entry: Entry) -> None:
    """What follows from ``series.changed``, a batch of sites at a time; while some are left a fact says so."""
    meeting = scheduling.by_code(entry.root)
    found = scheduling.changes(entry.details["changes"])
    if meeting is None or not found:
        return
    size = max(50, asking.BATCH // len(found))  # so many invitations in one transaction, whatever the number of dates
    told = _tell(meeting, [change.meeting for change in found if change.meeting.sent_at is not None], size)
    if told == size:
        journal.record("series.sites_left_to_tell", meeting, actor=SYSTEM, changes=entry.details["changes"])


@dataclass(frozen=True)
class _Goal:
    """A date, the newest change its sites are to know, and all that led to it."""

    meeting: Meeting
    kind: str
    newest: Change
    history: Sequence[Change]


def _goals(dates: Sequence[Meeting]) -> list[_Goal]:
    found = []
    for one in sorted(dates, key=lambda one: (one.series_on is not None, one.series_on or one.changed_at.date())):
        newest, kind = renewing.newest(one), renewing.KIND_OF.get(one.status)
        if newest is not None and kind is not None:
            known = [c for c in scheduling.changes_of(one) if c.kind in TOLD_TO_ALL and c.id <= newest.id]
            found.append(_Goal(one, kind, newest, known))
    return found


def _tell(root: Meeting, dates: Sequence[Meeting], size: int) -> int:
    """Write to the sites that do not know the newest of every date; returns how many were dealt with."""
    goals = {goal.meeting.id: goal for goal in _goals(dates)}
    untold = {id: awaiting.untold(goal.meeting, goal.newest.id, size) for id, goal in goals.items()}
    ranks = {
        i.meeting_site.site_id: (i.meeting_site.position, i.meeting_site.site_id) for f in untold.values() for i in f
    }
    batch = set(sorted(ranks, key=ranks.__getitem__)[:size])
    by_site: dict[int, list[Invitation]] = {}
    for id, found in untold.items():
        mine = [invitation for invitation in found if invitation.meeting_site.site_id in batch]
        if goals[id].meeting.status is Status.SCHEDULED:
            renewing.ask_again(mine, goals[id].history)
        renewing.new_holders(mine)
        post.withdraw_links("m", [invitation.link_id for invitation in mine])
        for invitation in mine:
            by_site.setdefault(invitation.meeting_site.site_id, []).append(invitation)
    everything = [invitation for mine in by_site.values() for invitation in mine]
    officers = queries.officers([invitation.meeting_site for invitation in everything])
    reached = posted.reached([invitation.link_id for invitation in everything])
    post.hand_in_all(_drafts(root, by_site, goals, officers, reached))
    for invitation in everything:
        officer = officers.get(invitation.meeting_site.site_id)
        goal = goals[invitation.meeting_site.meeting_id]
        invitation.told_id, invitation.sequence = goal.newest.id, goal.meeting.sequence
        invitation.by_post = officer is not None and bool(officer.email)
    db.session.flush()
    return len(batch)


def _drafts(
    root: Meeting,
    by_site: Mapping[int, Sequence[Invitation]],
    goals: Mapping[int, _Goal],
    officers: Mapping[int, Contact | None],
    reached: Mapping[int, int | None],
) -> list[Draft]:
    """A letter a site and kind of news; those that say the same share their words."""
    words: dict[tuple[str, tuple[tuple[int, int], ...], str], letters.Wording] = {}
    drafts: list[tuple[list[Invitation], Draft]] = []
    for site_id, invitations in by_site.items():
        officer = officers.get(site_id)
        if officer is None or not officer.email:
            continue
        kinds: dict[str, list[tuple[Invitation, int]]] = {}
        for invitation in invitations:
            known = reached.get(invitation.link_id) or invitation.told_id or 0
            kinds.setdefault(goals[invitation.meeting_site.meeting_id].kind, []).append((invitation, known))
        for kind, mine in kinds.items():
            key = kind, tuple((i.meeting_site.meeting_id, known) for i, known in mine), officer.locale
            if key not in words:
                words[key] = _wording(kind, [_part(goals[id], known) for id, known in key[1]], officer.locale)
            first = mine[0][0]
            goal = goals[first.meeting_site.meeting_id]
            draft = series_letters.to_site(
                kind,
                root,
                first.meeting_site,
                officer,
                words[key],
                Ticket("m", first.link_id, first.link.issue),
                asking.enclosed_paper(goal.meeting) if kind == changes.CHANGE else (),
                version=goal.newest.id,
                reply=first.reply,
            )
            drafts.append(([invitation for invitation, _known in mine], draft))
    return suggestion_letters.with_copies(drafts)


def _part(goal: _Goal, known: int) -> Part:
    unknown = [change for change in goal.history if change.id > known]
    if goal.kind != changes.CHANGE:
        unknown = [change for change in unknown if change.id == goal.newest.id]
    return Part(goal.meeting, unknown)


def _wording(kind: str, parts: Sequence[Part], locale: str) -> letters.Wording:
    url = adapters.config().public_url
    return series_letters.change_wording(kind, parts, sender=post.sender_address(), public_url=url, locale=locale)


# ------------------------------------------------------------------ to look at before


def sample(meeting: Meeting, found: Sequence[Change]) -> Sample | None:
    """The letter that one real reader would get about *found*, before anything is kept; None where nobody would."""
    goals = _goals([change.meeting for change in found if change.meeting.sent_at is not None])
    sites = _readers(goals)
    if not sites:
        return None
    held = queries.officers(sites[:200])
    site = next((s for s in sites[:200] if (o := held.get(s.site_id)) and o.email), sites[0])
    officer = held.get(site.site_id)
    locale = letters.locale_of(officer)
    with in_locale(locale):
        parts = [Part(change.meeting, [change]) for change in sorted(found, key=_day)]
        words = _wording(goals[0].kind, parts, locale)
        fills = {**letters.fills(site, officer.email if officer else ""), "token": HIDDEN, "join": HIDDEN}
        to = f"{officer.name} <{officer.email}>" if officer and officer.email else site.name
        return Sample(words.subject, to, filled(words.text, fills), series_letters.differences(parts))


def _day(change: Change) -> str:
    return (change.meeting.series_on or change.at.date()).isoformat()


def _readers(goals: Sequence[_Goal]) -> list[MeetingSite]:
    """Every site that is told, once, in protocol order."""
    found: dict[int, MeetingSite] = {}
    for goal in goals:
        for site in scheduling.sites_of(goal.meeting):
            found.setdefault(site.site_id, site)
    return sorted(found.values(), key=lambda site: (site.position, site.site_id))


def reach(found: Sequence[Change]) -> tuple[int, int]:
    """How many sites are told by e-mail, and how many have to be rung or written to on paper."""
    sites = _readers(_goals([change.meeting for change in found if change.meeting.sent_at is not None]))
    held = queries.officers(sites)
    by_mail = sum(1 for site in sites if (officer := held.get(site.site_id)) is not None and officer.email)
    return by_mail, len(sites) - by_mail
