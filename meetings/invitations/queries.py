"""Questions about who was asked and what was said."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from meetings import adapters, links
from meetings.clock import now, today
from meetings.database import db
from meetings.directory import queries as directory
from meetings.directory.models import Contact, Duty, Site
from meetings.errors import Gone, NotFound
from meetings.i18n import gettext as _
from meetings.invitations import calendar as icalendar
from meetings.invitations import document as giay_moi
from meetings.invitations import letters, reminders, rounds, rules, series_letters
from meetings.invitations.models import Invitation, Link, Paper, Reply, Suggestion
from meetings.invitations.rules import SuggestionDecision, SuggestionKind
from meetings.official import form as form_of_state
from meetings.official.paper import Run
from meetings.official.text import search_key
from meetings.post import queries as post
from meetings.post.models import Letter
from meetings.post.rules import LetterStatus
from meetings.scheduling import queries as scheduling
from meetings.scheduling import rooms
from meetings.scheduling.models import Change, Meeting, MeetingSite
from meetings.scheduling.room_rules import Door
from meetings.scheduling.rules import ChangeKind, Status
from meetings.units.models import Unit
from meetings.web.pages import Page, rows_of

SAMPLE = "thu-mau"
"""Stands for the token in letters that are sent as a test: it opens nothing, and its page says why."""

# ------------------------------------------------------------------ one site


def of_site(meeting_site: MeetingSite) -> Invitation | None:
    """The invitation of a site, None before it is asked."""
    return db.session.scalars(sa.select(Invitation).where(Invitation.meeting_site_id == meeting_site.id)).first()


def invitation(meeting: Meeting, meeting_site_id: int) -> Invitation:
    """The invitation of one site of *meeting*; raises ``NotFound``."""
    found = None
    if 0 < meeting_site_id < 2**31:
        found = db.session.scalars(
            sa.select(Invitation)
            .join(MeetingSite)
            .where(
                MeetingSite.id == meeting_site_id,
                MeetingSite.meeting_id == meeting.id,
                MeetingSite.removed_at.is_(None),
            )
        ).first()
    if found is None:
        raise NotFound(_("This site has not been asked yet, or does not belong to the meeting."))
    return found


@cache
def _behind() -> sa.Select[Any]:
    """The invitation behind a link with all that decides whether it opens: asked at each press on a private page."""
    place = joinedload(Invitation.meeting_site)
    return (
        sa.select(Invitation)
        .join(Invitation.link)
        .where(Link.id == sa.bindparam("link"))
        .options(
            contains_eager(Invitation.link),
            place.joinedload(MeetingSite.meeting),
            place.joinedload(MeetingSite.site).joinedload(Site.unit),
        )
    )


def opened(token: str, purpose: str = "m") -> Invitation:
    """The invitation whose page *token* opens now, or whose room (*purpose* “j”). Raises :class:`Gone` for every token that
    opens nothing.

    Validity is computed here and nowhere pushed: the newest issue, still invited, made for the officer who holds the
    office now, not more than seven days after the meeting. Why a link ended is said only of one that was once good;
    a guesser is told nothing.
    """
    if token == SAMPLE:
        raise Gone(_("This is the sample link of a test letter. Each site gets a link of its own."))
    claim = links.read(token)
    found: Invitation | None = None
    if claim is not None and claim.purpose == purpose:
        found = db.session.scalars(_behind(), {"link": claim.id}).first()
    link = found.link if found is not None else None
    if claim is None or link is None or found is None or not 0 < claim.issue <= link.issue:
        raise Gone(
            _(
                "This link has expired, was replaced by a newer one, or was not copied whole. Open the link in the newest "
                "e-mail, or ring the office and ask for a new one."
            )
        )
    meeting_site, meeting = found.meeting_site, found.meeting_site.meeting
    put_off = meeting.status is Status.POSTPONED  # its hour is none: the link waits for the new one
    ends_at = _last_end(found) if purpose == "j" else meeting.ends_at
    if ends_at is not None and now() > ends_at + rules.LINK_LASTS and not put_off:
        raise Gone(
            _("This link has expired: it ended seven days after the meeting. Ring the office."), meeting.contact_phone
        )
    if meeting_site.removed_at is not None:
        raise Gone(_("This site is no longer invited to the meeting. Ring the office."), meeting.contact_phone)
    if directory.closed(meeting_site.site, today()):
        raise Gone(_unit_closed(meeting_site), meeting.contact_phone)
    if ends_at is None or not rules.link_valid(
        claimed_issue=claim.issue,
        newest_issue=link.issue,
        ended=link.ended_at is not None or holder_left(found),
        invited=meeting_site.removed_at is None,
        ends_at=now() if put_off else ends_at,
        now=now(),
    ):
        raise Gone(_("This link has been withdrawn. Ring the office for a new one."), meeting.contact_phone)
    return found


def opened_to_join(token: str) -> Invitation:
    """The invitation to whose room the join link *token* leads now, by the rules of :func:`opened`.

    The one calendar entry of a series carries the link of its first date. When that is over it leads to the date that is on,
    else to the next one.
    """
    found, at = opened(token, "j"), now()
    doors = [(rooms.door(one.meeting_site.meeting, at=at)[0], one) for one in (found, *beside(found))]
    if doors[0][0] in (Door.OPEN, Door.EARLY):
        return found
    for wanted in (Door.OPEN, Door.EARLY):
        standing = next((one for door, one in doors if door is wanted), None)
        if standing is not None:
            return standing
    return found


def _last_end(found: Invitation) -> datetime | None:
    """When the last of the meetings ends to which a join link leads: of a series, the site's last date."""
    ends = [one.meeting_site.meeting.ends_at for one in (found, *beside(found))]
    return max((ends_at for ends_at in ends if ends_at is not None), default=None)


@cache
def _since_the_link() -> sa.Select[Any]:
    """The coordinators and deputies of a site who held the office when its link was made, or later."""
    made_at = sa.bindparam("made_at", type_=Contact.valid_to.type)
    return (
        sa.select(Contact)
        .where(
            Contact.site_id == sa.bindparam("site"),
            Contact.duty.in_((Duty.COORDINATOR, Duty.DEPUTY)),
            sa.or_(Contact.valid_to.is_(None), Contact.valid_to > made_at),
        )
        .order_by(Contact.valid_from, Contact.id)
    )


def holder_left(found: Invitation) -> bool:
    """Whether somebody for whom the site's link was made has left: a coordinator, or the deputy who stood in for one."""
    link = found.link
    known = {"site": found.meeting_site.site_id, "made_at": link.made_at}
    contacts = db.session.scalars(_since_the_link(), known).all()
    left = [contact for contact in contacts if contact.valid_to is not None]
    if not left:
        return False
    holder = _officer({contact.duty: contact for contact in contacts if contact.valid_from <= link.made_at})
    if any(contact.duty is Duty.COORDINATOR or contact is holder for contact in left):
        return True
    # who has which address may have been corrected since; the letters know where the link went
    went_to = sa.select(Letter.to_address).where(
        Letter.link_purpose == link.purpose, Letter.link_id == link.id, Letter.link_issue == link.issue
    )
    return not {contact.email for contact in left}.isdisjoint(db.session.scalars(went_to))


def _unit_closed(meeting_site: MeetingSite) -> str:
    """What the holder of a closed unit's link is told: which unit took over, and that the office is to be rung."""
    follows = directory.successor_of(meeting_site.site)
    if follows is None:
        return _("This site is no longer in service. Ring the office.")
    return _("The unit of this site has been merged into %(unit)s. Ring the office.", unit=follows.unit.name)


def beside(found: Invitation) -> Sequence[Invitation]:
    """The invitations of the same site to the other dates of the series, in their order; whose link ended is left out."""
    here = found.meeting_site
    if here.meeting.series_id is None:
        return []
    return db.session.scalars(
        sa.select(Invitation)
        .join(Invitation.meeting_site)
        .join(MeetingSite.meeting)
        .join(Invitation.link)
        .where(
            Meeting.series_id == here.meeting.series_id,
            MeetingSite.site_id == here.site_id,
            MeetingSite.id != here.id,
            MeetingSite.removed_at.is_(None),
            Link.ended_at.is_(None),
        )
        .order_by(Meeting.starts_at, Meeting.id)
        .options(
            contains_eager(Invitation.meeting_site).contains_eager(MeetingSite.meeting), contains_eager(Invitation.link)
        )
    ).all()


def token(found: Invitation) -> str:
    """The token of the site's page as it is valid now."""
    return links.token(found.link.purpose, found.link.id, found.link.issue)


def join_token(found: Invitation) -> str:
    """The token of the site's join link: of the same link and issue, so what ends one ends the other."""
    return links.token("j", found.link.id, found.link.issue)


def address(found: Invitation) -> str:
    """The whole address of the site's page, for those who may copy it."""
    return f"{adapters.config().public_url}/m/{token(found)}"


def join_address(found: Invitation) -> str:
    """The whole address of the site's join link, for those who may copy it."""
    return f"{adapters.config().public_url}/j/{join_token(found)}"


def officer(meeting_site: MeetingSite) -> Contact | None:
    """Who answers for the site: the coordinator, else the deputy."""
    return _officer(directory.in_office([meeting_site.site_id]).get(meeting_site.site_id, {}))


def officers(meeting_sites: Sequence[MeetingSite]) -> dict[int, Contact | None]:
    """As :func:`officer` for many: id of the site → who answers for it."""
    return officers_at({meeting_site.site_id for meeting_site in meeting_sites})


def officers_at(site_ids: Iterable[int]) -> dict[int, Contact | None]:
    """As :func:`officers`, of standing sites."""
    return {site_id: _officer(duties) for site_id, duties in directory.in_office(site_ids).items()}


def _officer(duties: Mapping[Duty, Contact]) -> Contact | None:
    """One with an e-mail address goes before one without."""
    found = [duties[duty] for duty in (Duty.COORDINATOR, Duty.DEPUTY) if duty in duties]
    return next((contact for contact in found if contact.email), found[0] if found else None)


writable = (
    sa.select(Contact.id)
    .where(
        Contact.site_id == MeetingSite.site_id,
        Contact.valid_to.is_(None),
        Contact.duty.in_((Duty.COORDINATOR, Duty.DEPUTY)),
        Contact.email != "",
    )
    .exists()
)
"""Whether :func:`officer` of a meeting's site has an e-mail address, for a statement over many sites."""


def may_answer(found: Invitation) -> rules.Window:
    """Whether an answer given now is taken, late or not at all."""
    meeting = found.meeting_site.meeting
    if meeting.starts_at is None:
        return rules.Window.CLOSED
    return rules.reply_window(meeting.reply_by, meeting.starts_at, held=meeting.status is Status.SCHEDULED, now=now())


# ------------------------------------------------------------------ what goes with a letter


def document(meeting: Meeting) -> bytes:
    """The giấy mời of *meeting* as .docx: what waits for approval as it was handed in, else as the meeting stands now."""
    waiting = rounds.waiting(meeting)
    if waiting is not None:
        return post.enclosure(waiting.sha256)
    approved = rounds.approved(meeting)
    return giay_moi.write(letters.giay_moi(meeting, leaves_at=approved.asked_at if approved else None))


@dataclass(frozen=True)
class Preview:
    """The giấy mời for reading on a screen, in the words and the setting in which it is printed."""

    letter: giay_moi.InvitationLetter
    body: Sequence[Sequence[Run]]
    annex: bool
    dated: str
    called: Mapping[str, str]  # what is annexed → under which name


def preview(meeting: Meeting, reply_by: datetime | None = None, leaves_at: datetime | None = None) -> Preview | None:
    """The giấy mời as it will be printed; None before the time is set and a site is chosen."""
    if meeting.starts_at is None or not scheduling.site_count(meeting):
        return None
    letter = letters.giay_moi(meeting, reply_by, leaves_at)
    how = giay_moi.setting(letter)
    dated = form_of_state.dated(letter.issuer, letter.numbering, letter.year)
    return Preview(letter, giay_moi.paragraphs(letter, how), how.annex, dated, giay_moi.labels(letter, annex=how.annex))


def earlier_papers(meeting: Meeting) -> list[tuple[int, bytes]]:
    """The giấy mời that later ones replaced, by their number from 1: what was sent is kept, whatever came after it."""
    newest: dict[int, str] = {}
    if meeting.paper:  # a first one that was kept with its letters only
        first = post.first(meeting.code, f"{letters.KIND}-%")
        newest = {0: first.enclosures[0]["sha256"]} if first is not None and first.enclosures else {}
    rows = db.session.execute(
        sa.select(Paper.version, Paper.sha256)
        .where(Paper.meeting_id == meeting.id, Paper.version < meeting.paper)
        .order_by(Paper.id)
    )
    newest.update((version, sha256) for version, sha256 in rows)
    return [(version + 1, post.enclosure(sha256)) for version, sha256 in sorted(newest.items())]


def calendar(meeting: Meeting) -> bytes:
    """The meeting's calendar entry as a file that asks nobody: for the case file. A date of a series stands by itself there."""
    entry = replace(_entry(meeting), instance=None, uid=letters.own_uid(meeting, adapters.config().mail_from))
    fills = {"place": letters.host_place(meeting), "token": post.HIDDEN, "join": post.HIDDEN}
    return icalendar.written(entry, icalendar.Method.PUBLISH, fills)


def calendar_for(found: Invitation) -> bytes:
    """The calendar entry for one site, with its own link; of a series all the dates of the site."""
    site, off = found.meeting_site, (Status.CANCELLED, Status.POSTPONED)
    others = [other.meeting_site.meeting for other in beside(found) if other.meeting_site.meeting.status not in off]
    fills = {**letters.fills(site, ""), "token": token(found), "join": join_token(found)}
    if not others or site.meeting.status in off:
        return icalendar.written(_entry(site.meeting), icalendar.Method.PUBLISH, fills)
    config = adapters.config()
    whole, differing = series_letters.entries(
        [site.meeting, *others], sender=config.mail_from, public_url=config.public_url
    )
    return icalendar.written(whole, icalendar.Method.PUBLISH, fills, differing)


def _entry(meeting: Meeting) -> icalendar.CalendarEntry:
    config = adapters.config()
    return letters.calendar_entry(meeting, sender=config.mail_from, public_url=config.public_url)


# ------------------------------------------------------------------ a whole meeting


def version_of(meeting: Meeting) -> int:
    """The id of the newest change of *meeting*, 0 where there was none: what a letter written now tells."""
    return db.session.scalar(sa.select(sa.func.max(Change.id)).where(Change.meeting_id == meeting.id)) or 0


def untold(meeting: Meeting, version: int, limit: int) -> Sequence[Invitation]:
    """Invitations whose sites were not written to about the change *version* yet, in protocol order."""
    return db.session.scalars(
        sa.select(Invitation)
        .join(Invitation.meeting_site)
        .join(MeetingSite.meeting)
        .join(Invitation.link)
        .where(_of(meeting, None), sa.func.coalesce(Invitation.told_id, 0) < version, Link.ended_at.is_(None))
        .order_by(MeetingSite.position, MeetingSite.id)
        .options(
            contains_eager(Invitation.meeting_site).contains_eager(MeetingSite.meeting),
            contains_eager(Invitation.meeting_site).joinedload(MeetingSite.site),
            contains_eager(Invitation.link),
        )
        .limit(limit)
    ).all()


def untold_count(meeting: Meeting, version: int) -> int:
    """How many sites :func:`untold` would find in all."""
    return (
        db.session.scalar(
            sa.select(sa.func.count(Invitation.id))
            .join(Invitation.meeting_site)
            .where(_of(meeting, None), sa.func.coalesce(Invitation.told_id, 0) < version)
        )
        or 0
    )


def parted(meeting: Meeting, limit: int) -> Sequence[Invitation]:
    """Invitations of sites that were taken out of *meeting* and whose links have not been ended yet."""
    return db.session.scalars(
        sa.select(Invitation)
        .join(Invitation.meeting_site)
        .join(MeetingSite.meeting)
        .join(Invitation.link)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_not(None), Link.ended_at.is_(None))
        .order_by(MeetingSite.position, MeetingSite.id)
        .options(
            contains_eager(Invitation.meeting_site).contains_eager(MeetingSite.meeting),
            contains_eager(Invitation.meeting_site).joinedload(MeetingSite.site),
            contains_eager(Invitation.link),
        )
        .limit(limit)
    ).all()


def not_asked(meeting: Meeting, limit: int) -> Sequence[MeetingSite]:
    """Sites of *meeting* that have no invitation yet, in protocol order."""
    return db.session.scalars(
        sa.select(MeetingSite)
        .outerjoin(Invitation, Invitation.meeting_site_id == MeetingSite.id)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None), Invitation.id.is_(None))
        .order_by(MeetingSite.position, MeetingSite.id)
        .options(joinedload(MeetingSite.site))
        .limit(limit)
    ).all()


def dates_by_site(meeting: Meeting, sites: Sequence[MeetingSite]) -> dict[int, list[Meeting]]:
    """Site → the dates of the series of *meeting* to which it was invited as the series left, in their order.

    Not of a site that was added to *meeting* later.
    """
    dates = {one.id: one for one in scheduling.dates_of_series(meeting) if one.sent_at is not None}
    wanted = {site.site_id for site in sites if meeting.sent_at is not None and site.added_at <= meeting.sent_at}
    rows = db.session.execute(
        sa.select(MeetingSite.site_id, MeetingSite.meeting_id)
        .join(Meeting, MeetingSite.meeting_id == Meeting.id)
        .where(
            Meeting.series_id == meeting.series_id,
            MeetingSite.removed_at.is_(None),
            MeetingSite.added_at <= Meeting.sent_at,
        )
    )
    found: dict[int, set[int]] = {}
    for site_id, meeting_id in rows:
        if site_id in wanted and meeting_id in dates:
            found.setdefault(site_id, set()).add(meeting_id)
    return {site_id: [dates[id] for id in dates if id in ids] for site_id, ids in found.items()}


def asked_among(meeting: Meeting, meeting_site_ids: Collection[int]) -> Sequence[Invitation]:
    """The invitations of those of these sites of *meeting* that have been asked and whose link opens, in protocol order."""
    query = (
        sa.select(Invitation)
        .join(Invitation.meeting_site)
        .join(MeetingSite.meeting)
        .join(Invitation.link)
        .where(_of(meeting, None), Link.ended_at.is_(None))
        .order_by(MeetingSite.position, MeetingSite.id)
        .options(
            contains_eager(Invitation.meeting_site).contains_eager(MeetingSite.meeting), contains_eager(Invitation.link)
        )
    )
    wanted = set(meeting_site_ids)
    return [one for one in db.session.scalars(query) if one.meeting_site_id in wanted] if wanted else []


SEEN = "seen"
NO_EMAIL = "no_email"
CHIPS = (
    Reply.ACCEPTED.value,
    Reply.SUBSTITUTE.value,
    Reply.DECLINED.value,
    SEEN,
    Reply.ASKED.value,
    Reply.NOT_ASKED.value,
)
"""What a site has said, as the chips over the table count it; *seen* is asked and opened."""

_said = sa.case(
    (Invitation.id.is_(None), Reply.NOT_ASKED.value),
    (sa.and_(Invitation.reply == Reply.ASKED, Invitation.seen_at.is_not(None)), SEEN),
    else_=sa.type_coerce(Invitation.reply, sa.String),
)


@dataclass(frozen=True)
class Replies:
    """How many sites have said what. *counts*: every one of :data:`CHIPS`."""

    counts: Mapping[str, int]

    @property
    def all(self) -> int:
        return sum(self.counts.values())

    @property
    def silent(self) -> int:
        """Asked and not answered, whether the page was opened or not."""
        return self.counts[Reply.ASKED.value] + self.counts[SEEN]

    @property
    def shown(self) -> dict[str, int]:
        """By the key of the word on the screen, in the order of a bar."""
        return {key: self.counts[chip] for key, chip in _SHOWN.items()}

    @property
    def filter(self) -> dict[str, str]:
        """Key of the word on the screen → ``?reply=`` of the table that lists those sites."""
        return {key: Reply.ASKED.value if chip == SEEN else chip for key, chip in _SHOWN.items()}

    @property
    def sentence(self) -> str:
        """The bar, read aloud."""
        return _(
            "Of %(all)s sites %(accepted)s attend, %(substitute)s send a substitute, %(declined)s cannot attend, "
            "%(silent)s have not answered.",
            all=self.all,
            accepted=self.counts[Reply.ACCEPTED.value],
            substitute=self.counts[Reply.SUBSTITUTE.value],
            declined=self.counts[Reply.DECLINED.value],
            silent=self.silent,
        )


_SHOWN = {
    "accepted": Reply.ACCEPTED.value,
    "substitute": Reply.SUBSTITUTE.value,
    "declined": Reply.DECLINED.value,
    "seen": SEEN,
    "invited": Reply.ASKED.value,
    "not_invited": Reply.NOT_ASKED.value,
}


def reply_counts(meeting: Meeting, visible: sa.ColumnElement[bool] | None = None) -> Replies:
    """What the sites of *meeting* (those *visible*) have said, in one statement."""
    rows = db.session.execute(
        sa.select(_said, sa.func.count())
        .select_from(MeetingSite)
        .outerjoin(Invitation, Invitation.meeting_site_id == MeetingSite.id)
        .where(_of(meeting, visible))
        .group_by(_said)
    )
    found = {str(said): int(count) for said, count in rows}
    return Replies({chip: found.get(chip, 0) for chip in CHIPS})


def _of(meeting: Meeting, visible: sa.ColumnElement[bool] | None) -> sa.ColumnElement[bool]:
    return sa.and_(
        MeetingSite.meeting_id == meeting.id,
        MeetingSite.removed_at.is_(None),
        sa.true() if visible is None else visible,
    )


def chosen(
    meeting: Meeting, visible: sa.ColumnElement[bool] | None = None, *, said: str = "", words: str = ""
) -> sa.Select[MeetingSite, Invitation]:
    """Sites of *meeting* with their invitations, in protocol order: (MeetingSite, Invitation or None) a row.

    *said*: one of :data:`CHIPS`, or ``no_email``; *words*: looked for in the names, whatever case and diacritics.
    """
    query = (
        sa.select(MeetingSite, Invitation)
        .outerjoin(Invitation, Invitation.meeting_site_id == MeetingSite.id)
        .where(_of(meeting, visible))
        .order_by(MeetingSite.position, MeetingSite.id)
        .options(
            contains_eager(MeetingSite.meeting).joinedload(Meeting.organiser),
            joinedload(MeetingSite.province),
            joinedload(Invitation.link),
        )
        .join(MeetingSite.meeting)
    )
    if said == NO_EMAIL:
        query = query.where(Invitation.by_post.is_(False))
    elif said == Reply.ASKED.value:  # silent, whether it has looked or not
        query = query.where(Invitation.reply == Reply.ASKED)
    elif said in CHIPS:
        query = query.where(_said == said)
    if words:
        query = query.join(Unit, MeetingSite.unit_id == Unit.id)
        for word in words.split()[:6]:
            query = query.where(Unit.search_key.contains(search_key(word), autoescape=True))
    return query


def page(
    meeting: Meeting, visible: sa.ColumnElement[bool], *, said: str = "", words: str = "", number: int = 1
) -> Page[tuple[MeetingSite, Invitation | None]]:
    """One page of :func:`chosen`, fifty sites."""
    query = chosen(meeting, visible, said=said, words=words)
    return rows_of(query, number)


# ------------------------------------------------------------------ sending


def to_be_told(meeting: Meeting) -> Change | None:
    """The newest change that sites hear of in the state that the meeting is in; None before the first.

    While a meeting is put off, whatever else changes waits for its new time; that sites are taken out does not.
    """
    waits = (ChangeKind.FACTS, ChangeKind.SITES_ADDED) if meeting.status is Status.POSTPONED else ()
    found = [change for change in scheduling.changes_of(meeting) if change.kind not in waits]
    return found[-1] if found else None


def written_from(meeting: Meeting) -> Meeting:
    """The meeting under which the invitations to *meeting* were written: of a series its first date."""
    dates = scheduling.dates_of_series(meeting) if meeting.series_id is not None else ()
    return next((one for one in dates if one.sent_at is not None), meeting)


def letter_of(meeting: Meeting, id: int) -> Letter:
    """A letter of *meeting*, of a date of a series also one of its first date; raises ``NotFound`` for any other."""
    found = post.letter(id) if 0 < id < 2**31 else None
    if found is None or found.root not in (meeting.code, written_from(meeting).code):
        raise NotFound(_("There is no such letter."))
    return found


def site_of(letter: Letter) -> MeetingSite | None:
    """The site whose link *letter* carries."""
    if letter.link_purpose != "m":
        return None
    return db.session.scalars(
        sa.select(MeetingSite)
        .join(Invitation, Invitation.meeting_site_id == MeetingSite.id)
        .where(Invitation.link_id == letter.link_id)
    ).first()


def letters_to(found: Invitation) -> Sequence[Letter]:
    """The letters that carried the site's link, the newest first."""
    return db.session.scalars(
        sa.select(Letter).where(Letter.link_purpose == "m", Letter.link_id == found.link_id).order_by(Letter.id.desc())
    ).all()


def back_again(meeting: Meeting, limit: int) -> Sequence[Invitation]:
    """Invitations of sites that were taken out of *meeting*, told so, and belong to it again."""
    return db.session.scalars(
        sa.select(Invitation)
        .join(Invitation.meeting_site)
        .join(MeetingSite.meeting)
        .join(Invitation.link)
        .where(_of(meeting, None), Link.ended_at.is_not(None))
        .order_by(MeetingSite.position, MeetingSite.id)
        .options(
            contains_eager(Invitation.meeting_site).contains_eager(MeetingSite.meeting),
            contains_eager(Invitation.meeting_site).joinedload(MeetingSite.site),
            contains_eager(Invitation.link),
        )
        .limit(limit)
    ).all()


def reached(link_ids: Sequence[int]) -> dict[int, int | None]:
    """Of each link a letter was written with: up to which change the newest letter that left tells; None: none left."""
    found: dict[int, int | None] = {}
    gone = (LetterStatus.SENT, LetterStatus.TRANSMITTING, LetterStatus.UNCERTAIN)
    for start in range(0, len(link_ids), 500):
        rows = db.session.execute(
            sa.select(Letter.link_id, Letter.key, Letter.status).where(
                Letter.link_purpose == "m",
                Letter.link_id.in_(link_ids[start : start + 500]),
                # they tell no change, or not to the site: who was never invited is not by them
                Letter.kind.not_in((*reminders.KINDS, letters.DELEGATE, "cascade")),
            )
        )
        for link_id, key, status in rows:
            if link_id is None:
                continue
            before = found.setdefault(link_id, None)
            if status in gone:
                found[link_id] = max(before or 0, letters.version_of(key))
    return found


def came_to_nothing(link_ids: Sequence[int]) -> dict[int, Letter]:
    """Of each link whose newest letter was refused or came back: that letter. What was withdrawn says nothing of an
    address, and what went to a delegate nothing of the site's own."""
    found: dict[int, Letter] = {}
    for start in range(0, len(link_ids), 500):
        newest = (
            sa.select(sa.func.max(Letter.id))
            .where(
                Letter.link_purpose == "m",
                Letter.link_id.in_(link_ids[start : start + 500]),
                Letter.status != LetterStatus.WITHDRAWN,
                Letter.kind.not_in((letters.DELEGATE, reminders.PROVINCE)),
            )
            .group_by(Letter.link_id)
        )
        failed = Letter.status.in_((LetterStatus.REFUSED, LetterStatus.BOUNCED))
        for letter in db.session.scalars(sa.select(Letter).where(Letter.id.in_(newest), failed)):
            if letter.link_id is not None:
                found[letter.link_id] = letter
    return found


def returned(link_ids: Sequence[int]) -> dict[int, str]:
    """Link → the address, in small letters, that its newest letter did not reach: see :func:`came_to_nothing`."""
    return {link_id: letter.to_address.strip().lower() for link_id, letter in came_to_nothing(link_ids).items()}


def delegates(invitation_ids: Sequence[int]) -> dict[int, list[Suggestion]]:
    """Invitation → those whom its calendar named to come in the stead of its officer, as far as a clerk took them up."""
    found: dict[int, list[Suggestion]] = {}
    for start in range(0, len(invitation_ids), 500):
        taken = db.session.scalars(
            sa.select(Suggestion)
            .where(
                Suggestion.invitation_id.in_(invitation_ids[start : start + 500]),
                Suggestion.kind == SuggestionKind.DELEGATE,
                Suggestion.decision == SuggestionDecision.TAKEN_UP,
                Suggestion.address != "",
            )
            .order_by(Suggestion.id)
        )
        for one in taken:
            found.setdefault(one.invitation_id, []).append(one)
    return found


def perhaps_left(found: Sequence[Invitation]) -> list[Invitation]:
    """Of these invitations those at whose sites somebody left office since the link was made: see :func:`holder_left`."""
    by_site = {invitation.meeting_site.site_id: invitation for invitation in found}
    ids, left = list(by_site), dict[int, datetime]()
    for start in range(0, len(ids), 500):
        rows = db.session.execute(
            sa.select(Contact.site_id, sa.func.max(Contact.valid_to))
            .where(Contact.site_id.in_(ids[start : start + 500]), Contact.valid_to.is_not(None))
            .group_by(Contact.site_id)
        )
        left.update({site_id: at for site_id, at in rows if at is not None})
    return [by_site[site_id] for site_id, at in left.items() if at > by_site[site_id].link.made_at]


def upcoming_of_site(site_id: int, at: datetime) -> Sequence[Invitation]:
    """Invitations of a site to meetings that are still to come."""
    return db.session.scalars(
        sa.select(Invitation)
        .join(MeetingSite, Invitation.meeting_site_id == MeetingSite.id)
        .join(Meeting, MeetingSite.meeting_id == Meeting.id)
        .where(
            MeetingSite.site_id == site_id,
            MeetingSite.removed_at.is_(None),
            Meeting.status.in_((Status.SCHEDULED, Status.IN_SESSION)),
            Meeting.ends_at > at,
        )
        .order_by(Meeting.starts_at, Meeting.id)
    ).all()
