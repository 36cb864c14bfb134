"""The e-mail that invites a site, and the giấy mời that goes with it, both made from the meeting.

One e-mail is composed for all sites whose officers read one language, with slots where they differ; it is complete without
its HTML, its button and its attachments.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from meetings import i18n
from meetings.clock import instant, now, wall
from meetings.directory.models import Contact
from meetings.directory.queries.documents import issuer
from meetings.i18n import gettext as _
from meetings.invitations import queries
from meetings.invitations.calendar import CalendarEntry, Method, pattern
from meetings.invitations.document import AgendaLine, DateLine, InvitationLetter, SiteLine
from meetings.invitations.rules import Reply
from meetings.official import dates
from meetings.official.form import Issuer, Numbering, Signer, listed
from meetings.official.signing import lines_of
from meetings.official.text import fold, inside, placed, strung
from meetings.official.vocabulary import DocumentKind
from meetings.post.letters import Form, bodies
from meetings.post.message import Address, slot
from meetings.post.services import OF_SEVERAL, Draft, Enclosed, Ticket
from meetings.scheduling import cascades, working_time
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.recurrence import answer_by
from meetings.scheduling.rules import TOLD_TO_ALL, timetable
from meetings.units.models import UnitKind

KIND: Final = "invitation"
NEW_LINK: Final = "new_link"
DELEGATE: Final = "delegate"
PARTSTAT: Final = {Reply.ACCEPTED: "ACCEPTED", Reply.SUBSTITUTE: "ACCEPTED", Reply.DECLINED: "DECLINED"}
"""What a calendar is told that its owner has answered (RFC 5545 §3.2.12)."""
_VERSION: Final = re.compile(r"-c(\d+)(?:-|$)")
UID_AT_MOST: Final = 80  # as the column holds
JOIN_BY: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Wording:
    """What all letters of one meeting share."""

    subject: str
    text: str
    html: str
    calendar: str
    sender_name: str
    reply_to: Address | None
    not_after: datetime | None = None  # of a letter about several meetings: the end of the last
    locale: str = "vi"


class Row(NamedTuple):
    """A fact of a letter: its label, what is said, and the telephone number that follows it, if one does."""

    label: str
    value: str
    phone: str = ""

    @property
    def words(self) -> str:
        """What is said, with the number."""
        return ", ".join(part for part in (self.value, self.phone) if part)


def file_name(meeting: Meeting) -> str:
    """The giấy mời as a file, ASCII: ``Giay-moi-HN-2026-0147.docx``."""
    return f"Giay-moi-{meeting.code}.docx"


def subject(meeting: Meeting, *, renewed: bool = False) -> str:
    """Time first, the deadline, the code last; without the code at most 70 characters, which telephones still show.

    *renewed*: the letter brings a link in the place of an earlier one, which must not be taken for the letter before it.
    """
    assert meeting.starts_at is not None
    at = dates.moment_short(meeting.starts_at, i18n.locale())
    if renewed:
        return _("NEW LINK: video conference %(at)s [%(code)s]", at=at, code=meeting.code)
    if meeting.reply_by is None:
        return _("Invitation: video conference %(at)s [%(code)s]", at=at, code=meeting.code)
    on_the_day = wall(meeting.reply_by).date() == wall(meeting.starts_at).date()
    by = dates.clock(meeting.reply_by) if on_the_day else dates.day_month(meeting.reply_by, i18n.locale())
    return _(
        "Invitation: video conference %(at)s – reply before %(by)s [%(code)s]",
        at=at,
        by=by,
        code=meeting.code,
    )


def wording(
    meeting: Meeting, *, sender: str, public_url: str, locale: str = "vi", renewed: bool = False, besides: str = ""
) -> Wording:
    """The e-mail to every site of *meeting*; *sender* is the address it comes from, *renewed* as in :func:`subject`.

    *besides*: what some sites are asked besides, such as to bring those below them.
    """
    assert meeting.starts_at is not None and meeting.ends_at is not None
    with i18n.in_locale(locale):
        titled_as = subject(meeting, renewed=renewed)

        def values(form: Form) -> dict[str, Any]:
            by = dates.moment_short(meeting.reply_by, locale) if meeting.reply_by else ""
            return frame(meeting, titled_as, public_url, form) | {
                "preheader": preheader(when_short(meeting), form, _("please reply before %(by)s", by=by) if by else ""),
                "first": first_rows(meeting, form),
                "rows": other_rows(meeting),
                "attached": file_name(meeting),
                "renewed": renewed,
                "besides": besides,
            }

        text, html = bodies("invitations/letter", values)
        return Wording(
            titled_as,
            text,
            html,
            pattern(calendar_entry(meeting, sender=sender, public_url=public_url), Method.REQUEST),
            meeting.organiser.full_name,
            reply_to(meeting),
            locale=locale,
        )


def locale_of(contact: Contact | None) -> str:
    """The language in which *contact* is written to."""
    return contact.locale if contact is not None else i18n.DEFAULT


def reply_to(meeting: Meeting) -> Address:
    """An answer written by hand goes to a person; the calendar's goes to ORGANIZER, which machines read."""
    return Address(meeting.organiser.full_name, meeting.secretary.email)


def about(meeting: Meeting, to: Address, subject: str, body: tuple[str, str], *, key: str, kind: str) -> Draft:
    """A letter about *meeting* in the name of its organiser; *body* as text and as HTML."""
    text, html = body
    return Draft(
        key=key,
        kind=kind,
        root=meeting.code,
        to=to,
        subject=subject,
        text=text,
        html=html,
        sender_name=meeting.organiser.full_name,
        reply_to=reply_to(meeting),
    )


# ------------------------------------------------------------------ what letters to sites share


def frame(meeting: Meeting, subject: str, public_url: str, form: Form) -> dict[str, Any]:
    """What the frame of every letter to a site asks for; see ``templates/post/letter.html``."""
    return {
        "meeting": meeting,
        "title": meeting.title,
        "organiser": meeting.organiser.full_name,
        "subject": subject,
        "reader": slot("unit", form),
        "link": f"{public_url}/m/{slot('token')}",
        "join": f"{public_url}/j/{slot('join')}",
    }


def preheader(when: str, form: Form, *more: str) -> str:
    """The sentence that a list of letters shows behind the subject: when, which site, and what else matters."""
    return " – ".join(part for part in (when, slot("site", form), *more) if part)


def when(meeting: Meeting) -> str:
    """Hours, weekday and day, and the zone: the one place of a letter that names it."""
    assert meeting.starts_at is not None and meeting.ends_at is not None
    locale = i18n.locale()
    span = dates.clock_range(meeting.starts_at, meeting.ends_at, locale)
    return f"{span}, {dates.date_long(meeting.starts_at, locale)} (UTC+7)"


def when_short(meeting: Meeting) -> str:
    """``08 giờ 00, thứ Năm, 10/12/2026``."""
    assert meeting.starts_at is not None
    at, locale = meeting.starts_at, i18n.locale()
    return f"{dates.clock(at, locale)}, {dates.weekday(at, locale)}, {dates.date_short(at, locale)}"


def first_rows(meeting: Meeting, form: Form) -> list[Row]:
    """What is read at first: when, which site, until when to answer, whom to ring. What is not known is not said."""
    by = dates.moment(meeting.reply_by, i18n.locale()) if meeting.reply_by else ""
    rows = [
        Row(_("Time"), when(meeting)),
        Row(_("Your site"), slot("place", form)),
        Row(_("Please reply"), _("before %(moment)s", moment=by) if by else ""),
        contact_row(meeting),
    ]
    return said(rows)


def other_rows(meeting: Meeting) -> list[Row]:
    """Everything else that the sites are told of a meeting."""
    locale = i18n.locale()
    most = f"{meeting.max_delegates:02d}" if meeting.max_delegates else ""
    rows = [
        Row(_("Chair"), titled(meeting.chair_honorific, meeting.chair_name, meeting.chair_title)),
        Row(_("Main site"), host_place(meeting)),
        Row(_("Who is asked"), strung(meeting.composition)),
        Row(_("Delegates"), _("at most %(count)s", count=most) if most else ""),
        Row(_("Line test"), dates.moment(meeting.rehearsal_at, locale) if meeting.rehearsal_at else ""),
        Row(_("Technical help"), "", meeting.technical_phone),
    ]
    return said(rows)


def contact_row(meeting: Meeting) -> Row:
    """Whom to call."""
    return Row(_("Contact"), meeting.contact_name, meeting.contact_phone)


def said(rows: Sequence[Row]) -> list[Row]:
    """Those of *rows* that say something."""
    return [row for row in rows if row.value or row.phone]


def titled(honorific: str, name: str, title: str) -> str:
    """``Ông Lê Minh Khang, Bộ trưởng``; what is missing leaves no comma behind."""
    return ", ".join(part for part in (f"{honorific} {name}".strip(), title) if part)


def host_place(meeting: Meeting) -> str:
    """Where the chair sits: the room, then the place of its site."""
    room = meeting.host_room.name if meeting.host_room else ""
    place = meeting.host_site.place if meeting.host_site else ""
    return f"{room}, {inside(place)}" if room and place and room not in place else place or room


def people_of(meeting: Meeting) -> list[str]:
    people = [", ".join(part for part in (meeting.contact_name, meeting.contact_phone) if part)]
    if meeting.technical_phone:
        people.append(_("technical help: %(phone)s", phone=meeting.technical_phone))
    return [person for person in people if person]


def uid(meeting: Meeting, sender: str) -> str:
    """``<uuid>@host``, the same for the whole life of the entry, and for every date of a series."""
    return _at(meeting.series.uid, sender) if meeting.series else own_uid(meeting, sender)


def own_uid(meeting: Meeting, sender: str) -> str:
    """As :func:`uid`, of this meeting alone."""
    return _at(meeting.uid, sender)


def settle_uid(meeting: Meeting, sender: str) -> None:
    """Keep the whole UID from the first letter on: an installation that is moved to another domain still means the entry that
    its sites have."""
    owner = meeting.series or meeting
    whole = _at(owner.uid, sender)
    if len(whole) <= UID_AT_MOST:
        owner.uid = whole


def _at(uid: str, sender: str) -> str:
    return uid if "@" in uid else f"{uid}@{sender.rpartition('@')[2]}"


def calendar_entry(meeting: Meeting, *, sender: str, public_url: str) -> CalendarEntry:
    """The meeting as a calendar knows it, with slots for what differs from site to site."""
    assert meeting.starts_at is not None and meeting.ends_at is not None
    link, join = f"{public_url}/m/{slot('token')}", f"{public_url}/j/{slot('join')}"
    chair = titled(meeting.chair_honorific, meeting.chair_name, meeting.chair_title)
    lines = [
        _("Chair: %(name)s", name=chair) if chair else "",
        _("The page of your site: %(link)s", link=link),
        _("Join the meeting on the day: %(link)s", link=join),
        "; ".join(people_of(meeting)),
    ]
    return CalendarEntry(
        uid=uid(meeting, sender),
        sequence=meeting.sequence,
        stamp=meeting.stamped_at or meeting.sent_at or meeting.changed_at,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        summary=f"{meeting.title} [{meeting.code}]",
        description="\n".join(line for line in lines if line),
        location=slot("place", "text"),
        url=join,
        organiser=Address(meeting.organiser.full_name, sender),
        instance=instant(meeting.series_on, meeting.series.starts) if meeting.series and meeting.series_on else None,
    )


def fills(meeting_site: MeetingSite, address: str, reply: Reply = Reply.ASKED) -> dict[str, str]:
    """The words in which the letter to this site differs from the others."""
    return {
        "unit": meeting_site.unit_name or meeting_site.name,
        "site": _("Site %(name)s", name=meeting_site.name),
        "place": meeting_site.site.place or meeting_site.name,
        "address": address,
        "partstat": PARTSTAT.get(reply, "NEEDS-ACTION"),
    }


def key_of(kind: str, meeting_site: MeetingSite, version: int) -> str:
    """The key of the letter that tells a site the meeting as of the change *version* (an id; 0: none yet)."""
    key = f"{kind}-{meeting_site.id}-{meeting_site.meeting.sequence}"
    return f"{key}-c{version}" if version else key


def version_of(key: str) -> int:
    """Up to which change the letter under *key* tells; 0 for one as first released."""
    found = _VERSION.search(key)
    return int(found[1]) if found else 0


def to_site(
    meeting: Meeting,
    meeting_site: MeetingSite,
    contact: Contact,
    words: Wording,
    link: Ticket,
    enclosed: tuple[Enclosed, ...],
    *,
    kind: str = KIND,
    version: int = 0,
    reply: Reply = Reply.ASKED,
) -> Draft:
    """The letter to one site, by way of *contact*, with *link* as its own; *version*: the change up to which it tells."""
    key = (OF_SEVERAL if words.not_after else "") + key_of(KIND, meeting_site, version)
    with i18n.in_locale(words.locale):
        filled = fills(meeting_site, contact.email, reply)
    return Draft(
        key=key if kind == KIND else f"{key}-link-{link.issue}",
        kind=kind,
        root=meeting.code,
        to=Address(contact.name, contact.email),
        subject=words.subject,
        text=words.text,
        html=words.html,
        calendar=words.calendar,
        method=Method.REQUEST.value,
        sender_name=words.sender_name,
        reply_to=words.reply_to,
        fills=filled,
        link=link,
        enclosures=enclosed,
        not_after=words.not_after or meeting.ends_at,
        urgency=3,
        locale=words.locale,
    )


def giay_moi(meeting: Meeting, reply_by: datetime | None = None, leaves_at: datetime | None = None) -> InvitationLetter:
    """The giấy mời of *meeting* as it stands; *reply_by* is a deadline that is proposed and not yet fixed.

    *leaves_at*: when it leaves, or was shown to whoever approved it; without it when it left, if it did.
    """
    assert meeting.starts_at is not None
    head = issuer(meeting.organiser, leaves_at or queries.paper_left_at(meeting))
    leaves_at = leaves_at or meeting.sent_at
    items = scheduling.agenda_of(meeting)
    lines = timetable(meeting.starts_at, [item.minutes for item in items])
    sites = scheduling.places_of(meeting)
    kinds = [kind for _name, _place, kind, _unit_name in sites]
    return InvitationLetter(
        issuer=head,
        numbering=_numbered(
            head,
            meeting.invitation_number,
            date.fromisoformat(meeting.invitation_on) if meeting.invitation_on else None,
        ),
        event=meeting.title,
        chair=titled(head.addressed(meeting.chair_honorific), meeting.chair_name, meeting.chair_title),
        starts_at=meeting.starts_at,
        length=timedelta(minutes=meeting.minutes_long),
        host_place=host_place(meeting),
        sites=tuple(SiteLine(_site_name(name, unit_name), _short(place)) for name, place, _kind, unit_name in sites),
        signer=Signer(lines_of(meeting.signer_authority, meeting.signer_title), meeting.signer_name),
        invited=_invited(kinds),
        site_place=_site_place(kinds) if len(sites) > 1 else "",
        composition=strung(meeting.composition),
        max_delegates=meeting.max_delegates,
        reply_by=reply_by or meeting.reply_by,
        rehearsal_at=meeting.rehearsal_at,
        join_by=_join_by(meeting.starts_at, leaves_at),
        contact=", điện thoại ".join(part for part in (meeting.contact_name, meeting.contact_phone) if part),
        technical=meeting.technical_phone,
        recipients=_recipients(meeting.recipients),
        agenda=tuple(
            AgendaLine(line.begins_at, item.title, item.presenter) for item, line in zip(items, lines, strict=True)
        ),
        year=wall(leaves_at).year if leaves_at else None,
        replaces=_replaces(meeting),
        dates=_dates(meeting, reply_by or meeting.reply_by),
        again=_again(meeting),
        brings=_brings(meeting, kinds),
    )


def _dates(meeting: Meeting, reply_by: datetime | None) -> tuple[DateLine, ...]:
    """The dates that the giấy mời of a series names, with the deadlines that they get; none of a meeting on its own."""
    dates = scheduling.on_one_paper(meeting)
    if len(dates) < 2 or meeting.starts_at is None:
        return ()
    first, days = meeting.starts_at, working_time.calendar()

    def by(one: Meeting, starts_at: datetime) -> datetime | None:
        if one is meeting or reply_by is None:
            return reply_by
        return one.reply_by if one.sent_at else answer_by(reply_by, first, starts_at, days)

    return tuple(
        DateLine(one.starts_at, one.ends_at, by(one, one.starts_at))
        for one in dates
        if one.starts_at is not None and one.ends_at is not None
    )


def _brings(meeting: Meeting, of_sites: Sequence[UnitKind]) -> str:
    """What the giấy mời asks of the sites that are to bring others; "" where nothing is asked."""
    found = cascades.of(meeting)
    if found is None:
        return ""
    if UnitKind.PROVINCE in of_sites:
        whom = "Ủy ban nhân dân các tỉnh, thành phố mời các điểm cầu cấp xã"
    else:
        whom = "các cơ quan, đơn vị được mời mời thêm các điểm cầu cấp dưới"
    note = f" ({found.note.rstrip('. ')})" if found.note else ""
    return f"Đề nghị {whom}{note} cùng dự theo đường dẫn riêng gửi kèm thư mời."


def _again(meeting: Meeting) -> str:
    """The rule of the series inside a sentence, as long as its giấy mời is the first: dates that were moved follow none."""
    if meeting.series is None or meeting.paper:
        return ""
    words = meeting.series.how_often
    return words[:1].lower() + words[1:]


def _replaces(meeting: Meeting) -> str:
    """The giấy mời that the one of a changed meeting stands in for, by its number or the day it left; "" for a first one."""
    earlier = [c for c in scheduling.changes_of(meeting) if c.kind in TOLD_TO_ALL and "invitation_number" in c.before]
    if not earlier or meeting.sent_at is None:
        return ""
    number, on = (str(earlier[-1].before[name]) for name in ("invitation_number", "invitation_on"))
    left_at = earlier[-2].at if len(earlier) > 1 else meeting.sent_at
    day = dates.date_plain(date.fromisoformat(on)) if on else dates.date_plain(left_at)
    if not number:
        return f"Giấy mời đã gửi {day}"
    return f"Giấy mời {_numbered(issuer(meeting.organiser, left_at), number, None).said} {day}"


def _numbered(head: Issuer, number: str, on: date | None) -> Numbering:
    return head.numbered(DocumentKind.INVITATION, number, on)


def _site_name(name: str, unit_name: str) -> str:
    """A site as the annex lists it: ``Tỉnh Nghệ An``."""
    called = placed(name, unit_name)
    return called[:1].upper() + called[1:]


def _short(place: str) -> str:
    """A room as a table names it, so that 34 sites stand on one page."""
    return place.replace("Ủy ban nhân dân", "UBND")


def _join_by(starts_at: datetime, leaves_at: datetime | None) -> datetime | None:
    """When the sites are to be in the room; None where that is over, or nearly, as the letter is read."""
    at = starts_at - JOIN_BY
    return at if at - (leaves_at or now()) >= timedelta(minutes=30) else None


def _recipients(typed: str) -> tuple[str, ...]:
    """Nơi nhận as the decree has it: “Như trên” first, what was typed, “Lưu: VT” last, each with its own mark."""
    lines = [line.strip().lstrip("-–").strip().rstrip(";.") for line in typed.splitlines()]
    kept = [line for line in lines if line and fold(line) != "nhu tren"]
    filed = next((line for line in kept if fold(line).startswith("luu")), "Lưu: VT")
    return listed(["Như trên", *(line for line in kept if line != filed), filed])


def _site_place(of_sites: Sequence[UnitKind]) -> str:
    """Where the other sites meet, as a phrase."""
    owners = {
        frozenset({UnitKind.PROVINCE}): "Ủy ban nhân dân các tỉnh, thành phố",
        frozenset({UnitKind.COMMUNE}): "Ủy ban nhân dân các xã, phường, đặc khu",
        frozenset({UnitKind.PROVINCE, UnitKind.COMMUNE}): "Ủy ban nhân dân các tỉnh, thành phố, xã, phường, đặc khu",
    }
    return f"phòng họp trực tuyến của {owners.get(frozenset(of_sites), 'các cơ quan, đơn vị được mời')}"


def _invited(of_sites: Sequence[UnitKind]) -> str:
    """Who is asked, as a phrase, where the sites are of one kind; "" names them one by one or points to the annex."""
    kinds = set(of_sites)
    if len(of_sites) > 6 and kinds == {UnitKind.PROVINCE}:
        return "Ủy ban nhân dân các tỉnh, thành phố trực thuộc Trung ương"
    if len(of_sites) > 6 and kinds == {UnitKind.PROVINCE, UnitKind.COMMUNE}:
        return "Ủy ban nhân dân các tỉnh, thành phố trực thuộc Trung ương và Ủy ban nhân dân các xã, phường, đặc khu"
    if len(of_sites) > 6 and kinds == {UnitKind.COMMUNE}:
        return "Ủy ban nhân dân các xã, phường, đặc khu"
    return ""
