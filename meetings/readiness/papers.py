"""From rosters to the values their papers are made of: the list of delegates of a meeting, the sheet on which a site signs in.

Everything here is Vietnamese: it is what stands in documents. No paper names a private link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings.clock import now, wall
from meetings.database import db
from meetings.directory.queries import documents
from meetings.directory.services import documents as printing
from meetings.i18n import in_locale
from meetings.invitations import queries as invitations
from meetings.invitations.models import Consent, Invitation, Reply
from meetings.official.form import Issuer, Signer
from meetings.official.numbers import counted
from meetings.official.signing import lines_of
from meetings.official.text import NBSP, fold, placed, tidy
from meetings.official.vocabulary import DocumentKind
from meetings.readiness import document, own_form
from meetings.readiness.document import DelegateLine, Part, RosterPaper
from meetings.readiness.models import Delegate, DelegateRole
from meetings.readiness.rules import ROLE_WORDS
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.units.models import Unit

MOST_SHEETS: Final = 200
"""So many sheets are handed over at once; of a larger meeting each province has a zip of its own."""
_EVERY: Final = sa.true()


@dataclass(frozen=True)
class Sheet:
    """A site's sheet before it is written: its place in the zip, and all that it says."""

    name: str
    paper: RosterPaper


@dataclass(frozen=True)
class Province:
    """Sites and delegates of one province in a meeting; *code* is "-" for bodies of no province."""

    code: str
    name: str
    sites: int
    delegates: int


def whole_list(meeting: Meeting, where: sa.ColumnElement[bool] = _EVERY) -> bytes:
    """The danh sách đại biểu of *meeting* as .docx, by the template of the body that invites where it has one."""
    whole = whole_paper(meeting, where)
    return printing.printed(
        meeting.organiser, DocumentKind.ROSTER, lambda: own_form.asked(whole), lambda: document.write(whole)
    ).data


def whole_paper(meeting: Meeting, where: sa.ColumnElement[bool] = _EVERY) -> RosterPaper:
    """The danh sách đại biểu of *meeting* (the sites that fit *where*), site by site in the order of protocol."""
    head = documents.issuer(meeting.organiser)
    sites = [site for site, _ in _taking_part(meeting, where)]
    people = _delegates(sites)
    substitutes = _substitutes(sites)
    parts = tuple(
        Part(_called(site), lines)
        for site in sites
        if (lines := _lines(people.get(site.id, ()), substitutes.get(site.id), head))
    )
    paper = _paper(meeting, head, f"{counted(len(parts))} điểm cầu đã gửi danh sách")
    return replace(
        paper,
        signer=Signer(lines_of(meeting.signer_authority, meeting.signer_title), meeting.signer_name),
        parts=parts or (Part("", ()),),
        recipients=("Lưu: VT.",),
    )


def sheet_of(meeting_site: MeetingSite) -> bytes:
    """The sheet on which the delegates of one site sign in; it goes out in the name of the site's own unit."""
    (sheet,) = _sheets([(meeting_site, None)])
    return document.write(sheet.paper)


def sheets(meeting: Meeting, where: sa.ColumnElement[bool] = _EVERY) -> Sequence[Sheet]:
    """The sheets of all sites of *meeting* that fit *where* and have not declined, not yet written."""
    return _sheets(_taking_part(meeting, where))


def file_name(meeting_site: MeetingSite) -> str:
    """What the sheet of one site is called: letters that every mail program and telephone takes."""
    return f"Danh-sach-ky-ten-{meeting_site.meeting.code}-{_slug(meeting_site.name)}.docx"


def provinces(meeting: Meeting, where: sa.ColumnElement[bool] = _EVERY) -> Sequence[Province]:
    """Sites and delegates by province, in the order of their codes; central bodies first."""
    filed = (
        sa.select(Delegate.meeting_site_id, sa.func.count(Delegate.id).label("people"))
        .join(MeetingSite)
        .where(MeetingSite.meeting_id == meeting.id)
        .group_by(Delegate.meeting_site_id)
        .subquery()
    )
    found = db.session.execute(
        sa.select(Unit.code, Unit.name, sa.func.count(MeetingSite.id), sa.func.coalesce(sa.func.sum(filed.c.people), 0))
        .select_from(MeetingSite)
        .outerjoin(Unit, Unit.id == MeetingSite.province_id)
        .outerjoin(Invitation, Invitation.meeting_site_id == MeetingSite.id)
        .outerjoin(filed, filed.c.meeting_site_id == MeetingSite.id)
        .where(*_takes_part(meeting), where)
        .group_by(Unit.code, Unit.name)
        .order_by(sa.func.coalesce(Unit.code, ""))
    )
    return [Province(code or "-", name or "", sites, int(people)) for code, name, sites, people in found]


def of_province(code: str) -> sa.ColumnElement[bool]:
    """The sites of the province *code*, ``-`` for those of none."""
    if code == "-":
        return MeetingSite.province_id.is_(None)
    return MeetingSite.province_id.in_(sa.select(Unit.id).where(Unit.code == code))


# --- what they share -------------------------------------------------------------------------------------------------


def _takes_part(meeting: Meeting) -> tuple[sa.ColumnElement[bool], ...]:
    return invitations.in_meeting(meeting), invitations.not_declined


def _taking_part(meeting: Meeting, where: sa.ColumnElement[bool]) -> Sequence[tuple[MeetingSite, Unit | None]]:
    """The sites that come, with their provinces, in protocol order."""
    found = db.session.execute(
        sa.select(MeetingSite, Unit)
        .outerjoin(Unit, Unit.id == MeetingSite.province_id)
        .outerjoin(Invitation, Invitation.meeting_site_id == MeetingSite.id)
        .where(*_takes_part(meeting), where)
        .options(joinedload(MeetingSite.unit), joinedload(MeetingSite.site))
        .order_by(MeetingSite.position, MeetingSite.id)
    ).all()
    return [(site, province) for site, province in found]


def _delegates(sites: Iterable[MeetingSite]) -> Mapping[int, Sequence[Delegate]]:
    """The delegates of *sites* by site, in the order of each list; a statement for every five hundred sites."""
    people: dict[int, list[Delegate]] = {}
    ids = [site.id for site in sites]
    for first in range(0, len(ids), 500):
        found = db.session.scalars(
            sa.select(Delegate)
            .where(Delegate.meeting_site_id.in_(ids[first : first + 500]))
            .order_by(Delegate.position, Delegate.id)
        )
        for one in found:
            people.setdefault(one.meeting_site_id, []).append(one)
    return people


def _substitutes(sites: Iterable[MeetingSite]) -> Mapping[int, Invitation]:
    """The sites that send somebody in another's place, unless the chair refused it."""
    ids = [site.id for site in sites]
    found: dict[int, Invitation] = {}
    for first in range(0, len(ids), 500):
        for one in db.session.scalars(
            sa.select(Invitation).where(
                Invitation.meeting_site_id.in_(ids[first : first + 500]),
                Invitation.reply == Reply.SUBSTITUTE,
                Invitation.consent != Consent.REFUSED,
            )
        ):
            found[one.meeting_site_id] = one
    return found


def _lines(delegates: Iterable[Delegate], substitute: Invitation | None, head: Issuer) -> tuple[DelegateLine, ...]:
    """The lines of one site. Whoever comes in another's place is on the list, even where its roster forgot him."""
    lines = []
    missing = substitute is not None
    for one in delegates:
        role = _role(one)
        if substitute is not None and tidy(one.name).casefold() == tidy(substitute.substitute_name).casefold():
            missing, stands_in = False, _in_whose_place(substitute)
            role = (
                f"{role}; {stands_in}" if one.role is not DelegateRole.MEMBER else stands_in[:1].upper() + stands_in[1:]
            )
        lines.append(
            DelegateLine(f"{head.addressed(one.honorific)} {one.name}".strip(), one.title, one.organisation, role)
        )
    if substitute is not None and missing:
        stands_in = _in_whose_place(substitute)
        name = f"{head.addressed(substitute.substitute_honorific)} {substitute.substitute_name}".strip()
        lines.insert(0, DelegateLine(name, substitute.substitute_title, "", stands_in[:1].upper() + stands_in[1:]))
    return tuple(lines)


def _role(one: Delegate) -> str:
    with in_locale("vi"):  # a document of the state is in Vietnamese, whoever asks for it
        return str(ROLE_WORDS[one.role])


def _in_whose_place(substitute: Invitation) -> str:
    return f"dự thay {', '.join(filter(None, (substitute.replaced_name, substitute.replaced_title)))}".strip()


def _sheets(found: Sequence[tuple[MeetingSite, Unit | None]]) -> Sequence[Sheet]:
    sites = [site for site, _province in found]
    people, substitutes, officers = _delegates(sites), _substitutes(sites), invitations.officers(sites)
    several = len({province.id if province else 0 for _, province in found}) > 1
    heads, made = documents.heads(), []
    for number, (site, province) in enumerate(found, 1):
        officer = officers.get(site.site_id)
        own = site.unit_id == site.meeting.organiser_id
        head = heads.issuer(site.unit)
        symbol = f"{head.symbol}-{NBSP * 6}" if head.symbol and not own else ""
        organiser = site.meeting.organiser
        paper = replace(
            _paper(site.meeting, head, placed(site.name, site.unit_name)),
            room=site.site.place,
            delegates=_lines(people.get(site.id, ()), substitutes.get(site.id), head),
            signer=Signer(("ĐẦU MỐI ĐIỂM CẦU",), officer.name if officer is not None else ""),
            carried_by=symbol,
            recipients=(*(() if own else (f"{organiser.full_name or organiser.name};",)), "Lưu: VT."),
            to_sign=True,
        )
        folder = f"{_slug(province.name) if province else 'trung-uong'}/" if several else ""
        made.append(Sheet(f"{folder}{number:04d}-{_slug(site.name)}.docx", paper))
    return made


def _paper(meeting: Meeting, issuer: Issuer, site: str) -> RosterPaper:
    return RosterPaper(
        issuer=issuer,
        event=meeting.title,
        meeting_on=wall(meeting.starts_at or now()).date(),
        site=site,
        delegates=(),
        signer=Signer((), ""),
    )


def _called(site: MeetingSite) -> str:
    name = placed(site.name, site.unit_name)
    return f"Điểm cầu {name}"


def _slug(name: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", fold(name))) or "diem-cau"
