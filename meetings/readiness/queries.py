"""Questions to rosters and line tests. Who may ask is settled above: by the private link, or by the meeting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from meetings.clock import wall
from meetings.database import db
from meetings.i18n import in_locale
from meetings.invitations.models import Invitation, Reply
from meetings.official.form import Signer, issuer_of
from meetings.official.numbers import counted
from meetings.official.text import NBSP, placed
from meetings.readiness import document as paper
from meetings.readiness.models import Delegate, LineTest, Roster
from meetings.readiness.rules import ROLE_WORDS, Outcome, Round
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.units.models import Unit


def roster_of(meeting_site: MeetingSite) -> Roster | None:
    """The list a site filed, None before it filed one."""
    return db.session.scalars(sa.select(Roster).where(Roster.meeting_site_id == meeting_site.id)).first()


def filed(meeting: Meeting) -> frozenset[int]:
    """Which sites of *meeting* have filed a list (ids of meeting sites), complete or not."""
    found = db.session.scalars(
        sa.select(Roster.meeting_site_id)
        .join(MeetingSite, Roster.meeting_site_id == MeetingSite.id)
        .where(MeetingSite.meeting_id == meeting.id)
    )
    return frozenset(found)


def delegates(meeting_site: MeetingSite) -> Sequence[Delegate]:
    """A site's delegates, in the order of its list; rows that still want something are in ``Roster.pending``."""
    return db.session.scalars(
        sa.select(Delegate).where(Delegate.meeting_site_id == meeting_site.id).order_by(Delegate.position, Delegate.id)
    ).all()


def delegate_of(meeting_site: MeetingSite, id: int) -> Delegate | None:
    """One delegate of this very site; another site's is as good as none."""
    return db.session.scalars(
        sa.select(Delegate).where(Delegate.meeting_site_id == meeting_site.id, Delegate.id == id)
    ).first()


def delegate_count(meeting_site: MeetingSite) -> int:
    """How many complete delegates a site has filed."""
    count = sa.select(sa.func.count(Delegate.id)).where(Delegate.meeting_site_id == meeting_site.id)
    return db.session.scalar(count) or 0


def delegate_counts(meeting: Meeting) -> Mapping[int, int]:
    """Delegates filed by each site of *meeting*: id of the meeting site → number; sites without any are left out."""
    found = db.session.execute(
        sa.select(Delegate.meeting_site_id, sa.func.count(Delegate.id))
        .join(MeetingSite)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))
        .group_by(Delegate.meeting_site_id)
    )
    return dict(found.all())


def whole(meeting: Meeting) -> Sequence[tuple[MeetingSite, Delegate]]:
    """All delegates of *meeting* with their sites, in the order of the sites and of each list; none of a site that declined."""
    found = db.session.execute(
        sa.select(MeetingSite, Delegate)
        .join(Delegate, Delegate.meeting_site_id == MeetingSite.id)
        .outerjoin(Invitation, Invitation.meeting_site_id == MeetingSite.id)
        .where(
            MeetingSite.meeting_id == meeting.id,
            MeetingSite.removed_at.is_(None),
            sa.or_(Invitation.id.is_(None), Invitation.reply != Reply.DECLINED),
        )
        .order_by(MeetingSite.position, MeetingSite.id, Delegate.position, Delegate.id)
    )
    return found.all()


def line_tests(meeting_site: MeetingSite) -> Mapping[Round, LineTest]:
    """A site's tests by round."""
    found = db.session.scalars(sa.select(LineTest).where(LineTest.meeting_site_id == meeting_site.id))
    return {test.round: test for test in found}


def tested_too_early(meeting: Meeting, opens_at: datetime) -> Sequence[tuple[LineTest, LineTest | None]]:
    """Tests of the day that were made before its round opens at all, each with the site's rehearsal if it had one."""
    rehearsal = aliased(LineTest)
    rows = db.session.execute(
        sa.select(LineTest, rehearsal)
        .join(MeetingSite, LineTest.meeting_site_id == MeetingSite.id)
        .outerjoin(
            rehearsal,
            sa.and_(rehearsal.meeting_site_id == LineTest.meeting_site_id, rehearsal.round == Round.REHEARSAL),
        )
        .where(MeetingSite.meeting_id == meeting.id, LineTest.round == Round.ON_DAY, LineTest.tested_at < opens_at)
    ).all()
    return [(test, before) for test, before in rows]


class Tested(NamedTuple):
    """What the board needs to know of a test: the newest round's outcome, and when it was made."""

    outcome: Outcome
    round: Round
    test: LineTest


def newest(tests: Iterable[LineTest]) -> LineTest | None:
    """The test that counts: the newest by its time."""
    return max(tests, key=lambda test: test.tested_at, default=None)


def newest_tests(meeting: Meeting) -> Mapping[int, Tested]:
    """The test that counts for each site of *meeting*: id of the meeting site → test; untested sites are left out."""
    found = db.session.scalars(
        sa.select(LineTest)
        .join(MeetingSite)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))
        .order_by(LineTest.tested_at)
    )
    return {test.meeting_site_id: Tested(test.outcome, test.round, test) for test in found}


# --- the danh sách đại biểu ------------------------------------------------------------------------------------------


def document(meeting: Meeting) -> bytes:
    """All delegates of a meeting in one .docx, in the order of its sites, in the name of the organiser."""
    lists = whole(meeting)
    count = len({site.id for site, _delegate in lists})
    lines = [_line(delegate, site.name) for site, delegate in lists]
    return _written(meeting, meeting.organiser, f"{counted(count)} điểm cầu đã gửi danh sách", lines, whole=True)


def document_of(meeting_site: MeetingSite) -> bytes:
    """The list of one site as .docx, to be signed by hand; it goes out in the name of the site's own unit."""
    lines = [_line(delegate, "") for delegate in delegates(meeting_site)]
    where = placed(meeting_site.name, meeting_site.unit_name)
    return _written(meeting_site.meeting, meeting_site.unit, where, lines, room=meeting_site.site.place)


def _line(delegate: Delegate, site: str) -> paper.DelegateLine:
    with in_locale("vi"):  # a document of the state is in Vietnamese, whoever asks for it
        role = str(ROLE_WORDS[delegate.role])
    where = delegate.organisation
    if site and site not in where:  # «Ủy ban nhân dân tỉnh Nghệ An» says it already
        where = f"{where}, điểm cầu {site}" if where else f"Điểm cầu {site}"
    return paper.DelegateLine(f"{delegate.honorific} {delegate.name}".strip(), delegate.title, where, role)


def _written(
    meeting: Meeting, unit: Unit, site: str, lines: Iterable[paper.DelegateLine], *, room: str = "", whole: bool = False
) -> bytes:
    own = unit.id == meeting.organiser_id
    filed = () if own else (f"{meeting.organiser.full_name or meeting.organiser.name};",)
    return paper.write(
        paper.RosterPaper(
            issuer=issuer_of(unit.name, unit.full_name, place=unit.place_name, parent=unit.superior_name),
            event=meeting.title,
            meeting_on=wall(meeting.starts_at or meeting.created_at).date(),
            site=site,
            delegates=tuple(lines),
            signer=Signer(
                tuple(line for line in (meeting.signer_authority, meeting.signer_title) if line) if own else (),
                meeting.signer_name if own else "",
            ),
            room=room,
            carried_by=f"{unit.abbreviation}-{NBSP * 6}" if unit.abbreviation and not own else "",
            recipients=(*filed, "Lưu: VT."),
            whole=whole,
        )
    )
