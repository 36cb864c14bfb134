"""What the officer above does for the sites below hers: remind the silent, answer by telephone, name an officer.

A second room of ``services``: the same rules hold. Each verb takes the *head* whose officer acts and asks again whether the
site is hers and whether it is the time; a page that was open for an hour proves neither.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.clock import now
from meetings.directory import queries as directory
from meetings.directory import services as directory_services
from meetings.directory.models import Contact, Duty, Site
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.invitations import answering, history, queries, reminding_by_hand, services
from meetings.invitations.answering import Answer
from meetings.invitations.history import Said
from meetings.invitations.models import Invitation
from meetings.invitations.reminding_by_hand import Readers
from meetings.invitations.rules import Source
from meetings.readiness import queries as readiness
from meetings.scheduling import bringing, cascades
from meetings.scheduling.cascade_rules import Deed
from meetings.scheduling.models import MeetingSite


def in_person(head: MeetingSite, actor: Actor) -> Actor:
    """*actor* as the history is to name her: the holder of a link is the officer of its site, as far as one is named."""
    officer = queries.officer(head)
    if actor.signed_in or officer is None:
        return actor
    called = f"{officer.honorific} {officer.name}".strip()
    return replace(actor, name=f"{called} ({head.name})")


# ------------------------------------------------------------------ reminding


def readers(head: MeetingSite, at: datetime, *, sites: Collection[int] = ()) -> Readers:
    """Who of the sites below *head* (with *sites*, only of those) would get a reminder *at*, who had one lately, and who can
    only be rung."""
    cascades.open_for(head, Deed.CARE)
    return reminding_by_hand.readers(head.meeting, readiness.filed, sites=sites, within=cascades.below(head), at=at)


def remind(head: MeetingSite, seen: str, *, sites: Collection[int] = (), actor: Actor) -> tuple[int, int]:
    """Remind exactly those whom the preview *seen* named: the letters and the bounds are those of the organiser's own."""
    cascades.open_for(head, Deed.CARE)
    return reminding_by_hand.remind(
        head.meeting,
        readiness.filed,
        seen,
        sites=sites,
        within=cascades.below(head),
        actor=in_person(head, actor),
    )


# ------------------------------------------------------------------ answering by telephone


def answer(head: MeetingSite, id: int, said: Answer, caller: str, *, actor: Actor) -> bool:
    """Keep what *caller* said on the telephone for a site below *head*; True when it came late."""
    invitation = _asked(head, id)
    return answering.record_by_telephone(invitation, said, caller, actor=in_person(head, actor))


def taken_by_her(invitation: Invitation, actor: Actor) -> Said | None:
    """The answer that stands, where *actor* entered it from the telephone; None for every other."""
    told = journal.queries.about(invitation.journal_subject)
    stands = history.stands(history.answers(told))
    if stands is None or stands.source is not Source.TELEPHONE:
        return None
    hers = (one.at for one in told if one.fact == "invitation.answered" and one.actor == actor.key)
    return stands if stands.at in hers else None


def take_back(head: MeetingSite, id: int, reason: str, *, actor: Actor) -> None:
    """Take back an answer that *actor* herself entered from the telephone. What a site said by its own link stands."""
    invitation = _asked(head, id)
    if taken_by_her(invitation, actor) is None:
        raise Refused(_("Only an answer that was entered here from the telephone is taken back here. Ring the office."))
    answering.take_back(invitation, reason, actor=in_person(head, actor))


def _asked(head: MeetingSite, id: int) -> Invitation:
    cascades.open_for(head, Deed.CARE)
    return queries.invitation(head.meeting, cascades.one_below(head, id).id)


# ------------------------------------------------------------------ who answers there


def name_officer(
    head: MeetingSite, site: Site, *, honorific: str, name: str, phone: str, email: str, actor: Actor
) -> Contact:
    """Name who answers for *site*, where nobody does, or complete her address where she has none.

    Somebody with an address is not put out of office from here: her links would end, and that is for the directory.
    """
    found = cascades.open_for(head, Deed.CARE)
    if site.id not in {one.site.id for one in bringing.candidates(head, found)}:
        raise Refused(_("There is no such site on this list."))
    return put_in_office(head, site, honorific=honorific, name=name, phone=phone, email=email, actor=actor)


def put_in_office(
    head: MeetingSite, site: Site, *, honorific: str, name: str, phone: str, email: str, actor: Actor
) -> Contact:
    """The second half of :func:`name_officer`, for a *site* that is known to stand below *head*."""
    before = directory.contact(site, Duty.COORDINATOR)
    me = in_person(head, actor)
    if before is not None and before.email:
        raise Refused(_("This site has an officer with an e-mail address already. Ring the office to change it."))
    if before is not None and before.name == name:
        directory_services.correct_contact(before, actor=me, honorific=honorific, phone=phone, email=email)
        _written_to(head, site)
        return before
    return directory_services.name_contact(
        site, Duty.COORDINATOR, honorific=honorific, name=name, phone=phone, email=email, actor=me
    )


def _written_to(head: MeetingSite, site: Site) -> None:
    """Whoever had been named without an address gets the invitation now; of a new officer that follows by itself."""
    there = next(
        (one for one in queries.upcoming_of_site(site.id, now()) if one.meeting_site.meeting_id == head.meeting_id),
        None,
    )
    if there is not None:
        services.write_again(there, "address")
