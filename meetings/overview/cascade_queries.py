"""The roll-up of a cascade: what the sites below have said, filed, tested, and whether they are in. Counted in the database.

One expression says what belongs to a figure, so that a number and the list it opens can never differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from meetings.attendance import facts
from meetings.attendance import queries as attendance
from meetings.attendance.board import SiteRow
from meetings.attendance.models import Presence
from meetings.attendance.rules import State
from meetings.database import db
from meetings.directory.models import Contact, Site
from meetings.i18n import lazy_gettext as _l
from meetings.invitations import queries as invitations
from meetings.invitations.models import Invitation
from meetings.invitations.rules import Reply
from meetings.readiness.models import Delegate, Roster
from meetings.readiness.rules import Outcome
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.units.models import Unit, UnitKind
from meetings.web.pages import Page, rows_of

FIGURES: Final[Mapping[str, sa.ColumnElement[bool]]] = {
    "confirmed": Invitation.reply.in_((Reply.ACCEPTED, Reply.SUBSTITUTE)),
    "declined": Invitation.reply == Reply.DECLINED,
    "seen": sa.and_(Invitation.reply == Reply.ASKED, Invitation.seen_at.is_not(None)),
    "nothing": sa.or_(Invitation.id.is_(None), sa.and_(Invitation.reply == Reply.ASKED, Invitation.seen_at.is_(None))),
    "no_email": sa.and_(~invitations.writable, sa.or_(Invitation.id.is_(None), Invitation.reply == Reply.ASKED)),
    "roster": Roster.id.is_not(None),
    "tested": facts.test == Outcome.PASSED.value,
    "failed": facts.test == Outcome.FAILED.value,
    "in": Presence.state == State.IN,
    "lost": Presence.state == State.LOST,
    "absent": Presence.state == State.ABSENT,
    "brought": MeetingSite.brought_by_id.is_not(None),  # the others the organiser invited itself
}
"""What can be counted and, by the same words, listed."""

WORDS: Final = {
    "confirmed": _l("Confirmed"),
    "declined": _l("Declined"),
    "seen": _l("Seen, no answer"),
    "nothing": _l("No reaction yet"),
    "no_email": _l("To be rung: no e-mail"),
    "roster": _l("List of delegates sent"),
    "tested": _l("Line passed"),
    "failed": _l("Line faulty"),
    "in": _l("In the meeting"),
    "lost": _l("Connection lost"),
    "absent": _l("Absent"),
    "brought": _l("Invited by the site above"),
}


@dataclass(frozen=True)
class Sums:
    """The figures over some sites."""

    all: int
    by: Mapping[str, int]

    @property
    def silent(self) -> int:
        return self.by["seen"] + self.by["nothing"]

    @property
    def bar(self) -> dict[str, int]:
        """For the bar of answers, by the keys of its colours."""
        return {
            "accepted": self.by["confirmed"],
            "declined": self.by["declined"],
            "seen": self.by["seen"],
            "invited": self.by["nothing"],
        }


def _of(meeting: Meeting, *columns: Any) -> sa.Select[Any]:
    return (
        facts.of(meeting, *columns)
        .join(Unit, Unit.id == MeetingSite.unit_id)
        .outerjoin(Roster, Roster.meeting_site_id == MeetingSite.id)
    )


def _counted() -> list[Any]:
    return [sa.func.count(), *(sa.func.count().filter(fits) for fits in FIGURES.values())]


def sums(meeting: Meeting, where: sa.ColumnElement[bool]) -> Sums:
    """The figures over the sites of *meeting* that fit *where*: one statement."""
    found = db.session.execute(_of(meeting, *_counted()).where(where)).one()
    return Sums(int(found[0]), dict(zip(FIGURES, map(int, found[1:]), strict=True)))


# ------------------------------------------------------------------ to the centre: province by province


@dataclass(frozen=True)
class Province:
    """A province of the meeting with the figures of its sites below; *offered*: how many there are to be brought."""

    id: int
    name: str
    site_id: int | None  # of its own place in the meeting, where it is invited
    sums: Sums
    brought: int
    offered: int


def below_a_province() -> sa.ColumnElement[bool]:
    """The sites that stand below a province, whoever put them in."""
    return sa.and_(MeetingSite.province_id.is_not(None), MeetingSite.unit_id != MeetingSite.province_id)


def provinces(meeting: Meeting, seen: sa.ColumnElement[bool]) -> list[Province]:
    """Every province of *meeting* (of the sites *seen*): those that have brought nobody first, else by code. Three statements,
    however many communes there are."""
    lower = below_a_province()
    rows = db.session.execute(
        _of(
            meeting,
            MeetingSite.province_id,
            sa.func.count(MeetingSite.brought_by_id),
            *_counted(),
        )
        .where(lower, seen)
        .group_by(MeetingSite.province_id)
    ).all()
    figures = {row[0]: row[1:] for row in rows}
    places = db.session.execute(
        sa.select(MeetingSite.unit_id, MeetingSite.id)
        .join(Unit, Unit.id == MeetingSite.unit_id)
        .where(
            MeetingSite.meeting_id == meeting.id,
            MeetingSite.removed_at.is_(None),
            Unit.kind == UnitKind.PROVINCE,
            seen,
        )
    )
    own = {row[0]: row[1] for row in places}
    child = aliased(Unit)
    offered = (
        sa.select(child.parent_id, sa.func.count(Site.id).label("sites"))
        .join(Site, Site.unit_id == child.id)
        .where(Site.in_service, child.valid_to.is_(None))
        .group_by(child.parent_id)
        .subquery()
    )
    named = db.session.execute(
        sa.select(Unit.id, Unit.name, sa.func.coalesce(offered.c.sites, 0))
        .outerjoin(offered, offered.c.parent_id == Unit.id)
        .where(Unit.kind == UnitKind.PROVINCE, Unit.id.in_({*figures, *own}))
        .order_by(Unit.code)
    )
    nothing: Sequence[int] = (0,) * (len(FIGURES) + 2)
    made = []
    for id, name, sites in named:
        brought, all_, *counts = figures.get(id, nothing)
        made.append(
            Province(
                id, name, own.get(id), Sums(int(all_), dict(zip(FIGURES, map(int, counts), strict=True))),
                int(brought), int(sites),
            )
        )  # fmt: skip
    return sorted(made, key=lambda one: bool(one.sums.all))


def in_province(id: int) -> sa.ColumnElement[bool]:
    """The sites below one province."""
    return sa.and_(below_a_province(), MeetingSite.province_id == id)


# ------------------------------------------------------------------ by name


@dataclass(frozen=True)
class Line:
    """One site of the list: what it said, filed, tested; who answers for it, where the reader may ring."""

    row: SiteRow
    officer: Contact | None
    delegates: int
    brought_by_id: int | None
    replied_by: str

    @property
    def to_be_named(self) -> bool:
        """Whether a letter can reach nobody there."""
        return self.officer is None or not self.officer.email


def listed(
    meeting: Meeting,
    where: sa.ColumnElement[bool],
    *,
    only: str = "",
    words: str = "",
    number: int = 1,
    phones: bool = False,
) -> Page[Line]:
    """Fifty sites of *meeting* that fit *where*, in protocol order; *only*: a key of :data:`FIGURES` or ``silent``."""
    query = _of(meeting, MeetingSite.id, MeetingSite.brought_by_id, Invitation.replied_by).where(where)
    if only == "silent":
        query = query.where(sa.or_(FIGURES["seen"], FIGURES["nothing"]))
    elif only in FIGURES:
        query = query.where(FIGURES[only])
    if words:
        query = query.where(attendance.named(words))
    page = rows_of(query.order_by(MeetingSite.position, MeetingSite.id), number)
    return replace(page, rows=_lines(meeting, page.rows, phones))


def ids(meeting: Meeting, where: sa.ColumnElement[bool], only: str) -> list[int]:
    """The sites of *meeting* (ids) that fit *where* and belong to the figure *only*."""
    return list(db.session.scalars(_of(meeting, MeetingSite.id).where(where, FIGURES[only])))


def one(meeting: Meeting, id: int) -> Line:
    """One site as the list has it."""
    query = _of(meeting, MeetingSite.id, MeetingSite.brought_by_id, Invitation.replied_by)
    return _lines(meeting, db.session.execute(query.where(MeetingSite.id == id)).all(), phones=True)[0]


def _lines(meeting: Meeting, chosen: Sequence[Any], phones: bool) -> list[Line]:
    ids = [row[0] for row in chosen]
    rows = {row.id: row for row in attendance.sites(meeting, MeetingSite.id.in_(ids))} if ids else {}
    officers = _officers([row.site_id for row in rows.values()]) if phones else {}
    counts = db.session.execute(
        sa.select(Delegate.meeting_site_id, sa.func.count())
        .where(Delegate.meeting_site_id.in_(ids))
        .group_by(Delegate.meeting_site_id)
    )
    filed = {row[0]: row[1] for row in counts}
    return [
        Line(rows[id], officers.get(rows[id].site_id), filed.get(id, 0), brought_by, replied_by or "")
        for id, brought_by, replied_by in chosen
    ]


def _officers(site_ids: Sequence[int]) -> dict[int, Contact]:
    return {id: contact for id, contact in invitations.officers_at(site_ids).items() if contact is not None}
