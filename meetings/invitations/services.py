"""The verbs of inviting: ask, answer, record what was said on the telephone, give a new link, take one back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from meetings import adapters, journal
from meetings.accounts.rules import SYSTEM, Actor
from meetings.clock import now, wall
from meetings.database import db
from meetings.directory import persons
from meetings.directory.models import Contact, Duty
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.i18n import in_locale
from meetings.invitations import (
    awaiting,
    cascade_letters,
    document,
    history,
    letters,
    posted,
    private_link,
    queries,
    reminding,
    rounds,
    rules,
    series_letters,
)
from meetings.invitations.models import Invitation, Link, Paper
from meetings.invitations.rules import Consent, Reply, Source, Window
from meetings.journal.models import Entry
from meetings.post import queries as letter_box
from meetings.post import quota
from meetings.post import services as post
from meetings.post.models import Letter
from meetings.post.services import Enclosed, Ticket
from meetings.scheduling import cascades, moving, ruling
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import ChangeKind, Status, explained

BATCH: Final = 1000
"""Sites asked in one transaction: at national scale no writer waits longer than a second."""


# ------------------------------------------------------------------ asking


def issue(entry: Entry) -> None:
    """What follows from ``meeting.sent``: each site gets its link, its invitation and its letter.

    Asks those that have not been asked, a batch at a time; while some are left a fact says so, and this follows from
    it again. Done twice it asks nobody twice.
    """
    meeting = scheduling.by_code(entry.root)
    if meeting is None or meeting.status is not Status.SCHEDULED:
        return
    sites = awaiting.not_asked(meeting, BATCH)
    if not sites:
        return
    _ask(meeting, list(sites))
    if len(sites) == BATCH:
        journal.record("meeting.sites_left_to_ask", meeting, actor=SYSTEM)


@dataclass(frozen=True, slots=True)
class _Subject:
    journal_subject: str
    journal_root: str


def _ask(meeting: Meeting, sites: list[MeetingSite]) -> None:
    at, version = now(), awaiting.version_of(meeting)
    letters.settle_uid(meeting, post.sender_address())
    officers = queries.officers(sites)
    writable = {site.id: contact for site in sites if (contact := officers.get(site.site_id)) and contact.email}
    link_ids = db.session.scalars(
        sa.insert(Link).returning(Link.id, sort_by_parameter_order=True),
        [{"purpose": "m", "subject_id": site.id, "issue": 1, "made_at": at} for site in sites],
    ).all()
    rows: list[dict[str, Any]] = [
        {
            "meeting_site_id": site.id,
            "link_id": link_id,
            "sequence": meeting.sequence,
            "asked_at": at,
            "by_post": site.id in writable,
            "reply": Reply.ASKED,
            "told_id": version or None,
        }
        for site, link_id in zip(sites, link_ids, strict=True)
    ]
    ids = db.session.scalars(sa.insert(Invitation).returning(Invitation.id, sort_by_parameter_order=True), rows).all()
    words, enclosed = wordings_of(meeting, sites, officers), enclosed_paper(meeting)
    post.hand_in_all(
        letters.to_site(
            meeting, site, writable[site.id], words[site.site_id], Ticket("m", link_id, 1), enclosed, version=version
        )
        for site, link_id in zip(sites, link_ids, strict=True)
        if site.id in writable and site.site_id in words
    )
    journal.record_each(
        "invitation.issued",
        [_Subject(f"invitation:{id}", meeting.code) for id in ids],
        actor=SYSTEM,
        details=[{"site": site.name, "by_post": site.id in writable} for site in sites],
    )


def wording_of(meeting: Meeting, locale: str = "vi", *, renewed: bool = False, brings: bool = False) -> letters.Wording:
    """The invitation to *meeting* in the language *locale*; *renewed*: with a link in the place of an earlier one; *brings*:
    to a site that is asked to bring those below it."""
    return letters.wording(
        meeting,
        sender=post.sender_address(),
        public_url=adapters.config().public_url,
        locale=locale,
        renewed=renewed,
        besides=cascade_letters.request(meeting, locale) if brings else "",
    )


def wording_of_dates(
    dates: Sequence[Meeting], locale: str = "vi", *, renewed: bool = False, brings: bool = False
) -> letters.Wording:
    """As :func:`wording_of`, to several dates of one series; to one it is that to the meeting."""
    if len(dates) == 1:
        return wording_of(dates[0], locale, renewed=renewed, brings=brings)
    return series_letters.wording(
        dates,
        sender=post.sender_address(),
        public_url=adapters.config().public_url,
        locale=locale,
        renewed=renewed,
    )


def wordings_of(
    meeting: Meeting, sites: Sequence[MeetingSite], officers: Mapping[int, Contact | None]
) -> Mapping[int, letters.Wording]:
    """Site → the invitation that is written to it from *meeting*, in the language that its officer reads.

    Of a series each site gets one letter, from the first date that it is invited to, with all of its dates; a site whose letter
    went from an earlier date is left out here. Who is added to a date later is written to about that date alone.
    """
    by_series = awaiting.dates_by_site(meeting, sites) if meeting.series_id is not None else {}
    found: dict[int, letters.Wording] = {}
    written: dict[tuple[str, tuple[int, ...], bool], letters.Wording] = {}
    heads = cascades.heads(meeting)
    for site in sites:
        dates = by_series.get(site.site_id, [meeting])
        if dates[0].id != meeting.id:
            continue
        key = letters.locale_of(officers.get(site.site_id)), tuple(one.id for one in dates), site.id in heads
        if key not in written:
            written[key] = wording_of_dates(dates, key[0], brings=key[2])
        found[site.site_id] = written[key]
    return found


def enclosed_paper(meeting: Meeting) -> tuple[Enclosed, ...]:
    """The giấy mời as it was released: as it was approved or numbered last, else as written for the first letter; the same
    file for every one that follows. The dates of a series stand on that of its first."""
    meeting = scheduling.on_one_paper(meeting)[0]
    kept = rounds.released_paper(meeting)
    if kept is not None:
        return (Enclosed(kept.sha256, letters.file_name(meeting), letters.DOCX),)
    first = letter_box.first(meeting.code, f"{letters.KIND}-%") if meeting.paper == 0 else None
    if first is not None:
        return tuple(Enclosed(**file) for file in first.enclosures)
    at = now()
    with in_locale("vi"):  # a document of the state is in Vietnamese, whoever asks for it
        sha256 = post.keep(document.write(letters.giay_moi(meeting, leaves_at=at)), letters.DOCX)
    db.session.add(Paper(meeting_id=meeting.id, version=meeting.paper, sha256=sha256, kept_at=at))
    return (Enclosed(sha256, letters.file_name(meeting), letters.DOCX),)


# ------------------------------------------------------------------ answering


@dataclass(frozen=True)
class Answer:
    """What a site says. A substitute needs a name, declining a reason; *day_phone* reaches the site on the day."""

    reply: Reply
    substitute_honorific: str = ""
    substitute_name: str = ""
    substitute_title: str = ""
    replaced_name: str = ""
    replaced_title: str = ""
    reason: str = ""
    day_phone: str = ""


def replaced_of(typed: str | None) -> dict[str, str]:
    """Whose place is taken, from one line: ``Ông Nguyễn Văn A, Chủ tịch`` is a name and a title."""
    name, _comma, title = " ".join((typed or "").split()).partition(",")
    return {"replaced_name": name.strip()[:130], "replaced_title": title.strip()[:200]}


def reply(
    invitation: Invitation,
    answer: Answer,
    *,
    actor: Actor,
    source: Source = Source.LINK,
    said_by: str = "",
    received_id: int | None = None,
) -> bool:
    """Keep what the site says; what it said before stays in the journal. True when it came after the deadline.

    *said_by*: who rang or wrote, where *source* is the telephone or the mail; *received_id*: the message. Raises
    :class:`Refused` once the meeting has begun, was called off, or when something is missing.
    """
    window = queries.may_answer(invitation)
    if window is Window.CLOSED:
        raise Refused(_closed(invitation.meeting_site.meeting))
    move = rules.MOVE_OF.get(answer.reply)
    then = rules.after(invitation.reply, move) if move is not None else None
    if then is None:
        raise Refused(_("Choose one of the three answers."), field="reply", status=422)
    _complete(answer)
    before, values = said(invitation), _values(answer, then)
    if invitation.replied_at is not None and before == values and not _moved_since(invitation):
        return invitation.late
    for name, value in values.items():
        setattr(invitation, name, value)
    at = now()
    invitation.replied_at, invitation.late = at, window is Window.LATE
    invitation.reply_source, invitation.replied_by = source, (said_by or actor.name)[:200]
    invitation.seen_at = invitation.seen_at or at
    ask_the_chair(invitation, at)
    reminding.answered(invitation)
    if source is Source.LINK:
        letter_arrived([invitation], actor=actor)
    behind: dict[str, Any] = {} if received_id is None else {"received": received_id}
    journal.record(
        "invitation.answered",
        invitation,
        actor=actor,
        site=invitation.meeting_site.name,
        source=source,
        said_by=said_by,
        late=invitation.late,
        before=before,
        after=values,
        **behind,
    )
    return invitation.late


def _moved_since(invitation: Invitation) -> bool:
    """Whether the meeting has another hour than when the site answered: the same words are an answer to it all the same."""
    changes = scheduling.changes_of(invitation.meeting_site.meeting)
    return any(
        change.kind is ChangeKind.RESCHEDULED and invitation.replied_at and change.at > invitation.replied_at
        for change in changes
    )


def letter_arrived(invitations: Sequence[Invitation], *, named: Sequence[str] = (), actor: Actor) -> None:
    """Who answers by the link of one of *invitations*, or to a letter that is *named*, has the letter: note it as arrived if it
    is uncertain and no other can have brought the link."""
    links = {one.link_id: one.link.issue for one in invitations}
    for letter in post.confirm_links("m", links, named=named):
        journal.record("letter.confirmed", letter, actor=actor, key=letter.key)


def reply_for_all(invitation: Invitation, answer: Answer, *, actor: Actor, source: Source = Source.LINK) -> int:
    """Keep what the site says for this date and every other of its series that can still be answered; returns for how many."""
    reply(invitation, answer, actor=actor, source=source)
    others = [other for other in queries.beside(invitation) if queries.may_answer(other) is not Window.CLOSED]
    for other in others:
        reply(other, answer, actor=actor, source=source)
    return 1 + len(others)


def take_back(invitation: Invitation, reason: str, *, actor: Actor) -> None:
    """Take the answer that stands back, by whatever way it came: what stood before it holds again, with its source, its hour
    and what the chair said to it; where nothing did, the site is asked and has not answered."""
    meeting = invitation.meeting_site.meeting
    if invitation.replied_at is None or invitation.reply not in rules.ANSWERS:
        raise Refused(_("This site has given no answer that could be taken back."))
    if queries.may_answer(invitation) is Window.CLOSED:
        raise Refused(_closed(meeting))
    if not reason.strip():
        raise Refused(_("Enter why the answer is taken back."), field="why", status=422)
    known = history.before(history.answers(journal.queries.about(invitation.journal_subject)))
    taken, was_said_by = said(invitation), invitation.replied_by
    invitation.reply = known.reply if known is not None and known.reply is not None else Reply.ASKED
    for name in history.KEPT:
        setattr(invitation, name, known.values[name] if known is not None else "")
    invitation.replied_at, invitation.late = (known.at, known.late) if known is not None else (None, False)
    invitation.reply_source, invitation.replied_by = (
        (known.source, known.who[:200]) if known is not None else (None, "")
    )
    _restore_consent(invitation, known)
    journal.record(
        "invitation.reply_taken_back",
        invitation,
        actor=actor,
        site=invitation.meeting_site.name,
        reason=reason.strip()[:500],
        said_by=was_said_by,
        before=taken,
        after=said(invitation),
    )


def _restore_consent(invitation: Invitation, known: history.Said | None) -> None:
    consented = known.consent if known is not None else None
    if consented is not None:
        invitation.consent = Consent.GIVEN if consented.given else Consent.REFUSED
        invitation.consent_by, invitation.consent_at = consented.by[:120], consented.at
        invitation.consent_reason = consented.reason[:500]
        return
    ask_the_chair(invitation, now())


def ask_the_chair(invitation: Invitation, at: datetime) -> None:
    """Leave the consent to what *invitation* says now open where the rule wants one: what the chair said was to other words."""
    asked = invitation.reply is Reply.SUBSTITUTE and ruling.rule_on("substitute", wall(at).date()) is not None
    invitation.consent = rules.consent_after(invitation.reply, asked)
    invitation.consent_by, invitation.consent_at, invitation.consent_reason = "", None, ""


def record_by_telephone(invitation: Invitation, answer: Answer, caller: str, *, actor: Actor) -> bool:
    """Keep what *caller* said on the telephone, in the name of *actor* who took the call."""
    if not caller.strip():
        raise Refused(_("Enter who rang."), field="caller", status=422)
    return reply(invitation, answer, actor=actor, source=Source.TELEPHONE, said_by=caller.strip())


def _closed(meeting: Meeting) -> str:
    if meeting.status is Status.CANCELLED:
        return _("The meeting has been cancelled; no answer is needed.")
    if meeting.status is Status.POSTPONED:
        return _("The meeting has been postponed. The site will be asked again when the new time is known.")
    return _("The meeting has begun, so the answer can no longer be changed. Ring the office.")


def _complete(answer: Answer) -> None:
    if answer.reply is Reply.SUBSTITUTE and not answer.substitute_name.strip():
        raise Refused(_("Enter the name of the person who will attend instead."), field="substitute_name", status=422)
    if answer.reply is Reply.DECLINED and not answer.reason.strip():
        raise Refused(_("Enter the reason why the site cannot attend."), field="reason", status=422)


def said(invitation: Invitation) -> dict[str, Any]:
    """What the site has said, as the journal keeps it."""
    return {"reply": invitation.reply, **{name: getattr(invitation, name) for name in history.KEPT}}


def _values(answer: Answer, then: Reply) -> dict[str, Any]:
    """Only what belongs to this answer is kept: who accepts has no substitute, who declines has a reason."""
    substitute = then is Reply.SUBSTITUTE
    # typed into one field, «Bà Trần Thị Quỳnh, Phó Chủ tịch» is the same person as on the roster
    typed = persons.named(answer.substitute_name, answer.substitute_honorific)
    return {
        "reply": then,
        "substitute_honorific": (answer.substitute_honorific.strip() or typed.honorific) if substitute else "",
        "substitute_name": (typed.name or answer.substitute_name.strip()) if substitute else "",
        "substitute_title": (answer.substitute_title.strip() or typed.title) if substitute else "",
        "replaced_name": answer.replaced_name.strip() if substitute else "",
        "replaced_title": answer.replaced_title.strip() if substitute else "",
        "reason": answer.reason.strip() if then is not Reply.ACCEPTED else "",
        "day_phone": answer.day_phone.strip(),
    }


def seen(invitation: Invitation, *, actor: Actor) -> None:
    """The page was opened by somebody whose browser ran a script: a weak hint, and nothing more is concluded."""
    if invitation.seen_at is not None:
        return
    invitation.seen_at = now()
    journal.record("invitation.seen", invitation, actor=actor, site=invitation.meeting_site.name)


def consent(invitation: Invitation, given: bool, by: str, *, actor: Actor, reason: str = "") -> None:
    """Record what the chair (*by*) says to a substitute; who refuses says why, and the site is told."""
    if invitation.reply is not Reply.SUBSTITUTE:
        raise Refused(_("This site sends no substitute, so there is nothing to consent to."))
    if invitation.consent is Consent.NOT_NEEDED:
        raise Refused(_("The rules do not ask for the chair's consent to this substitute."))
    if not by.strip():
        raise Refused(_("Enter in whose name the consent is recorded."), field="by", status=422)
    if not given and not reason.strip():
        raise Refused(_("Enter why the chair does not consent: the site is told."), field="refusal", status=422)
    invitation.consent = Consent.GIVEN if given else Consent.REFUSED
    invitation.consent_by, invitation.consent_at = by.strip()[:120], now()
    invitation.consent_reason = "" if given else reason.strip()[:500]
    journal.record(
        "invitation.consented",
        invitation,
        actor=actor,
        site=invitation.meeting_site.name,
        given=given,
        by=invitation.consent_by,
        substitute=invitation.substitute_name,
        reason=invitation.consent_reason,
    )


# ------------------------------------------------------------------ links and letters


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
        wording_of_dates(
            dates or (meeting,),
            contact.locale,
            renewed=link.issue > 1,
            brings=invitation.meeting_site_id in cascades.heads(meeting),
        ),
        link,
        enclosed_paper(meeting),
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
