"""Questions about meetings. Every list that a person may see goes through :func:`visible_to`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from meetings.accounts.rules import Actor
from meetings.clock import now, today
from meetings.database import db
from meetings.directory.models import Contact, Duty, Room, Site, SiteGroupMember
from meetings.directory.queries.site import KIND_ORDER
from meetings.errors import Forbidden, NotFound
from meetings.i18n import gettext as _
from meetings.official.text import search_key
from meetings.scheduling.models import AgendaItem, Change, Meeting, MeetingSite
from meetings.scheduling.rules import Status
from meetings.units import queries as units
from meetings.units.models import Unit, UnitKind

BUSY = (Status.AWAITING_APPROVAL, Status.SCHEDULED, Status.IN_SESSION)
"""A meeting of these states occupies its sites."""


def _organised_under(paths: Iterable[str]) -> sa.ColumnElement[bool]:
    return Meeting.organiser_id.in_(sa.select(Unit.id).where(units.within(tuple(paths))))


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """The meetings *actor* may know of: those her units organise, and those sent to a site of her units."""
    paths = actor.paths("meeting.see")
    invited = (
        sa.select(MeetingSite.meeting_id)
        .join(Unit, MeetingSite.unit_id == Unit.id)
        .where(units.within(paths), MeetingSite.removed_at.is_(None))
    )
    return sa.or_(_organised_under(paths), sa.and_(Meeting.sent_at.is_not(None), Meeting.id.in_(invited)))


def whole(actor: Actor, meeting: Meeting) -> bool:
    """Whether *actor* belongs to the organiser and sees every site; an invited unit sees its own part only."""
    return actor.may("meeting.see", meeting.organiser.path)


def sites_visible_to(actor: Actor, meeting: Meeting) -> sa.ColumnElement[bool]:
    """The sites of *meeting* whose part *actor* may see."""
    if whole(actor, meeting):
        return sa.true()
    return MeetingSite.unit_id.in_(sa.select(Unit.id).where(units.within(actor.paths("meeting.see"))))


def _bears(code: str) -> sa.ColumnElement[bool]:
    """The meeting that bears *code*, or bore it as a draft."""
    return sa.or_(Meeting.code == code.upper(), Meeting.earlier_code == code.upper())


def by_code(code: str) -> Meeting | None:
    return db.session.scalars(sa.select(Meeting).where(_bears(code)).options(joinedload(Meeting.organiser))).first()


def meeting_for(actor: Actor, code: str, permission: str = "meeting.see") -> Meeting:
    """The meeting *code* if *actor* may do *permission* with it.

    Raises ``NotFound`` when she may not know of it, ``Forbidden`` when she may see but not do.
    """
    found = db.session.scalars(
        sa.select(Meeting).where(_bears(code), visible_to(actor)).options(joinedload(Meeting.organiser))
    ).first()
    if found is None:
        raise NotFound(
            _("There is no meeting with the code %(code)s, or none that this account may see.", code=code[:20])
        )
    if permission != "meeting.see" and not actor.may(permission, found.organiser.path):
        raise Forbidden(_("This account has no right to do this with the meeting %(code)s.", code=found.code))
    return found


def all_meetings(status: Status | None = None) -> Sequence[Meeting]:
    """Every meeting, for the command line of an administrator."""
    query = sa.select(Meeting).order_by(Meeting.code)
    return db.session.scalars(query.where(Meeting.status == status) if status else query).all()


VIEWS = {
    "upcoming": (Status.AWAITING_APPROVAL, Status.SCHEDULED, Status.POSTPONED),
    "in-session": (Status.IN_SESSION,),
    "held": (Status.CLOSED,),
    "drafts": (Status.DRAFT,),
    "cancelled": (Status.CANCELLED,),
}
"""The tabs of the list: name in the address → statuses."""


def listed(actor: Actor, view: str = "", words: str = "") -> sa.Select[Meeting]:
    """Meetings of one tab of the list that *actor* may see, soonest first (held ones: latest first)."""
    query = sa.select(Meeting).where(visible_to(actor))
    if view in VIEWS:
        query = query.where(Meeting.status.in_(VIEWS[view]))
    for word in words.split()[:6]:
        query = query.where(
            sa.or_(
                Meeting.search_key.contains(search_key(word), autoescape=True),
                Meeting.code.contains(word.upper(), autoescape=True),
            )
        )
    soonest = view in ("upcoming", "in-session", "drafts")
    starts = Meeting.starts_at.asc() if soonest else Meeting.starts_at.desc()
    return query.order_by(starts.nulls_first(), Meeting.id.desc()).options(joinedload(Meeting.organiser))


def counts(actor: Actor) -> dict[str, int]:
    """How many meetings each tab of the list holds for *actor*."""
    rows = db.session.execute(
        sa.select(Meeting.status, sa.func.count()).where(visible_to(actor)).group_by(Meeting.status)
    ).all()
    by_status = {row[0]: row[1] for row in rows}
    return {view: sum(by_status.get(s, 0) for s in statuses) for view, statuses in VIEWS.items()}


def sites_of(meeting: Meeting) -> Sequence[MeetingSite]:
    """The sites of *meeting* in protocol order: provinces by code, each before its communes."""
    return db.session.scalars(
        sa.select(MeetingSite)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))
        .order_by(MeetingSite.position, MeetingSite.id)
    ).all()


def ever_sites_of(meeting: Meeting) -> Sequence[MeetingSite]:
    """Every site that belongs to *meeting* or did once, in protocol order."""
    return db.session.scalars(
        sa.select(MeetingSite)
        .where(MeetingSite.meeting_id == meeting.id)
        .order_by(MeetingSite.position, MeetingSite.id)
    ).all()


def changes_of(meeting: Meeting) -> Sequence[Change]:
    """What was changed of *meeting* after its invitations had left, the oldest first."""
    return db.session.scalars(sa.select(Change).where(Change.meeting_id == meeting.id).order_by(Change.id)).all()


def places_of(meeting: Meeting) -> Sequence[tuple[str, str, UnitKind, str]]:
    """Name, place, kind and name of unit of each site of *meeting*, in protocol order: for lists of thousands."""
    rows = db.session.execute(
        sa.select(MeetingSite.name, Site.place, Unit.kind, MeetingSite.unit_name)
        .join(Site, MeetingSite.site_id == Site.id)
        .join(Unit, MeetingSite.unit_id == Unit.id)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))
        .order_by(MeetingSite.position, MeetingSite.id)
    )
    return [(name, place, kind, unit_name) for name, place, kind, unit_name in rows]


def site_count(meeting: Meeting) -> int:
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(MeetingSite)
            .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))
        )
        or 0
    )


def meeting_site(meeting: Meeting, id: int) -> MeetingSite:
    """One site of *meeting*; raises ``NotFound``."""
    found = db.session.get(MeetingSite, id) if 0 < id < 2**31 else None
    if found is None or found.meeting_id != meeting.id or found.removed_at is not None:
        raise NotFound(_("This site does not belong to the meeting %(code)s.", code=meeting.code))
    return found


def agenda_of(meeting: Meeting) -> Sequence[AgendaItem]:
    return db.session.scalars(
        sa.select(AgendaItem).where(AgendaItem.meeting_id == meeting.id).order_by(AgendaItem.position, AgendaItem.id)
    ).all()


def ended_before(meeting: Meeting, day: date) -> Sequence[MeetingSite]:
    """Sites of *meeting* whose unit has been merged away or dissolved by *day*, in protocol order."""
    return db.session.scalars(
        sa.select(MeetingSite)
        .join(Unit, MeetingSite.unit_id == Unit.id)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None), sa.not_(units.valid_on(day)))
        .order_by(MeetingSite.position, MeetingSite.id)
    ).all()


# what the booking offers


@dataclass(frozen=True)
class Branch:
    """A province in the tree of the booking: how many of its sites are chosen, of how many."""

    unit_id: int
    code: str
    name: str
    type: str
    site_id: int | None
    chosen_self: bool
    communes: int
    chosen_communes: int


def _offered() -> sa.ColumnElement[bool]:
    """Sites that can be invited today: in service, of a unit that still exists."""
    return sa.and_(Site.in_service, units.valid_on(today()))


def branches(meeting: Meeting) -> list[Branch]:
    """The provinces with what is chosen in each: one statement, whatever the number of communes."""
    chosen = (
        sa.select(MeetingSite.site_id)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))
        .subquery()
    )
    commune = aliased(Unit)
    below = (
        sa.select(
            commune.parent_id.label("parent_id"),
            sa.func.count(Site.id).label("communes"),
            sa.func.count(chosen.c.site_id).label("picked"),
        )
        .select_from(Site)
        .join(commune, Site.unit_id == commune.id)
        .outerjoin(chosen, chosen.c.site_id == Site.id)
        .where(
            commune.kind == UnitKind.COMMUNE,
            Site.in_service,
            commune.valid_from <= today(),
            sa.or_(commune.valid_to.is_(None), commune.valid_to > today()),
        )
        .group_by(commune.parent_id)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(Unit.id, Unit.code, Unit.name, Unit.type, Site.id, chosen.c.site_id, below.c.communes, below.c.picked)
        .outerjoin(Site, sa.and_(Site.unit_id == Unit.id, Site.in_service))
        .outerjoin(chosen, chosen.c.site_id == Site.id)
        .outerjoin(below, below.c.parent_id == Unit.id)
        .where(Unit.kind == UnitKind.PROVINCE, units.valid_on(today()))
        .order_by(Unit.code)
    ).all()
    return [
        Branch(i, c, n, t, s, picked is not None, many or 0, some or 0) for i, c, n, t, s, picked, many, some in rows
    ]


@dataclass(frozen=True)
class Leaf:
    """A site that can be ticked."""

    site_id: int
    code: str
    name: str
    chosen: bool
    email: str
    unit: str = ""


def _leaves(meeting: Meeting, *where: sa.ColumnElement[bool], limit: int = 500) -> list[Leaf]:
    chosen = sa.select(MeetingSite.site_id).where(
        MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None)
    )
    parent = aliased(Unit)
    rows = db.session.execute(
        sa.select(Site.id, Site.code, Site.name, Site.id.in_(chosen), Contact.email, parent.name)
        .join(Unit, Site.unit_id == Unit.id)
        .outerjoin(parent, Unit.parent_id == parent.id)
        .outerjoin(
            Contact, sa.and_(Contact.site_id == Site.id, Contact.duty == Duty.COORDINATOR, Contact.valid_to.is_(None))
        )
        .where(_offered(), *where)
        .order_by(Unit.path, Site.code)
        .limit(limit)
    ).all()
    return [
        Leaf(id, code, name, bool(picked), email or "", parent or "") for id, code, name, picked, email, parent in rows
    ]


def leaves_of(meeting: Meeting, province_id: int) -> list[Leaf]:
    """The commune sites of one province, by code."""
    return _leaves(meeting, Unit.parent_id == province_id, Unit.kind == UnitKind.COMMUNE)


def leaves_elsewhere(meeting: Meeting) -> list[Leaf]:
    """Sites outside the provinces: of ministries and their offices; without the host's own."""
    return _leaves(meeting, Unit.kind.in_((UnitKind.MINISTRY, UnitKind.OFFICE)), Site.id != (meeting.host_site_id or 0))


def leaves_found(meeting: Meeting, words: str) -> list[Leaf]:
    """Sites whose name, unit or code has every word, whatever its case and diacritics; fifty at most."""
    tests = [
        sa.or_(
            Site.search_key.contains(search_key(word), autoescape=True),
            Unit.search_key.contains(search_key(word), autoescape=True),
        )
        for word in words.split()[:6]
    ]
    return _leaves(meeting, *tests, limit=50) if tests else []


def sites_offered(*where: sa.ColumnElement[bool]) -> Sequence[Site]:
    """Sites that can be invited today and satisfy *where*, with their units."""
    return db.session.scalars(
        sa.select(Site).join(Unit, Site.unit_id == Unit.id).where(_offered(), *where).options(joinedload(Site.unit))
    ).all()


def province_sites() -> Sequence[Site]:
    return sites_offered(Unit.kind == UnitKind.PROVINCE)


def commune_sites(province_id: int) -> Sequence[Site]:
    return sites_offered(Unit.kind == UnitKind.COMMUNE, Unit.parent_id == province_id)


def all_commune_sites() -> Sequence[Site]:
    return sites_offered(Unit.kind == UnitKind.COMMUNE)


def group_sites(group_id: int) -> Sequence[Site]:
    return sites_offered(Site.id.in_(sa.select(SiteGroupMember.site_id).where(SiteGroupMember.group_id == group_id)))


def sites_by_code(codes: Iterable[str]) -> Sequence[Site]:
    return sites_offered(Site.code.in_(list(codes)))


def sites_by_id(ids: Iterable[int]) -> Sequence[Site]:
    return sites_offered(Site.id.in_([id for id in ids if 0 < id < 2**31]))


def sites_like(other: Meeting) -> Sequence[Site]:
    """The sites of an earlier meeting that still exist."""
    return sites_offered(
        Site.id.in_(
            sa.select(MeetingSite.site_id).where(MeetingSite.meeting_id == other.id, MeetingSite.removed_at.is_(None))
        )
    )


def host_sites(organiser: Unit) -> Sequence[Site]:
    """Where a meeting of *organiser* can be held: the sites of its own subtree directly at it."""
    return sites_offered(
        sa.or_(Unit.id == organiser.id, sa.and_(Unit.parent_id == organiser.id, Unit.kind == UnitKind.OFFICE))
    )


def inviting_bodies(actor: Actor) -> Sequence[Unit]:
    """The units *actor* may book for and that have a host site: those she was granted, then those below them by name.

    Communes only below a province or another unit: those of the whole country would fill no list that anybody reads.
    """
    granted = actor.paths("meeting.arrange")
    office = aliased(Unit)
    own = sa.select(Site.unit_id).where(Site.in_service)
    through = sa.select(office.parent_id).join(Site, Site.unit_id == office.id)
    through = through.where(Site.in_service, office.kind == UnitKind.OFFICE, office.parent_id.is_not(None))
    return db.session.scalars(
        sa.select(Unit)
        .where(
            units.within(granted),
            units.valid_on(today()),
            sa.or_(Unit.kind != UnitKind.COMMUNE, units.within([path for path in granted if path.count("/") > 2])),
            sa.or_(Unit.id.in_(own), Unit.id.in_(through)),
        )
        .order_by(sa.case((Unit.path.in_(granted), 0), else_=1), KIND_ORDER, Unit.sort_key, Unit.code)
    ).all()


def usual_body(actor: Actor, bodies: Sequence[Unit]) -> Unit | None:
    """Which of *bodies* a booking begins with: the only one, one granted to *actor*, or that of her last meeting."""
    granted = actor.paths("meeting.arrange")
    if len(bodies) == 1 or any(body.path in granted for body in bodies[:1]):
        return bodies[0]
    last = db.session.scalars(
        sa.select(Meeting.organiser_id)
        .where(Meeting.secretary_id == actor.user_id)
        .order_by(Meeting.id.desc())
        .limit(1)
    ).first()
    return next((body for body in bodies if body.id == last), None)


def rooms_of(site: Site) -> Sequence[Room]:
    return db.session.scalars(
        sa.select(Room).where(Room.site_id == site.id, Room.in_service).order_by(Room.is_default.desc(), Room.name)
    ).all()


def recent(actor: Actor, limit: int = 10) -> Sequence[Meeting]:
    """Meetings that *actor* arranged or may copy the sites of, newest first."""
    return db.session.scalars(
        sa.select(Meeting)
        .where(_organised_under(actor.paths("meeting.arrange")), Meeting.sent_at.is_not(None))
        .order_by(Meeting.id.desc())
        .limit(limit)
    ).all()


@dataclass(frozen=True)
class Reach:
    """How the chosen sites can be reached."""

    sites: int
    provinces: int
    communes: int
    others: int
    without_email: int


def reach(meeting: Meeting) -> Reach:
    """Counts of the chosen sites by level, and of those whose coordinator has no e-mail address."""
    row = db.session.execute(
        sa.select(
            sa.func.count(),
            sa.func.count().filter(Unit.kind == UnitKind.PROVINCE),
            sa.func.count().filter(Unit.kind == UnitKind.COMMUNE),
            sa.func.count().filter(sa.func.coalesce(Contact.email, "") == ""),
        )
        .select_from(MeetingSite)
        .join(Unit, MeetingSite.unit_id == Unit.id)
        .outerjoin(
            Contact,
            sa.and_(
                Contact.site_id == MeetingSite.site_id, Contact.duty == Duty.COORDINATOR, Contact.valid_to.is_(None)
            ),
        )
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))
    ).one()
    return Reach(row[0], row[1], row[2], row[0] - row[1] - row[2], row[3])


def unreachable(meeting: Meeting, limit: int = 50) -> Sequence[MeetingSite]:
    """Chosen sites whose coordinator has no e-mail address."""
    has = sa.select(Contact.site_id).where(
        Contact.duty == Duty.COORDINATOR, Contact.valid_to.is_(None), Contact.email != ""
    )
    return db.session.scalars(
        sa.select(MeetingSite)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None), MeetingSite.site_id.not_in(has))
        .order_by(MeetingSite.position)
        .limit(limit)
    ).all()


def site_counts(meetings: Iterable[Meeting]) -> dict[int, int]:
    """Meeting id → number of its sites, for a page of meetings at once."""
    ids = [meeting.id for meeting in meetings]
    rows = db.session.execute(
        sa.select(MeetingSite.meeting_id, sa.func.count())
        .where(MeetingSite.meeting_id.in_(ids), MeetingSite.removed_at.is_(None))
        .group_by(MeetingSite.meeting_id)
    ).all()
    return {row[0]: row[1] for row in rows}


# series


def dates_of_series(meeting: Meeting) -> Sequence[Meeting]:
    """Every date of the series of *meeting*, in the order in which the series has them; drafts that were given up are none."""
    return db.session.scalars(
        sa.select(Meeting)
        .where(
            Meeting.series_id == meeting.series_id,
            sa.or_(Meeting.status != Status.CANCELLED, Meeting.sent_at.is_not(None)),
        )
        .order_by(Meeting.series_on, Meeting.id)
    ).all()


def unsent_beside(meeting: Meeting) -> Sequence[Meeting]:
    """The other dates of its series whose invitations have not left."""
    return [
        one
        for one in (dates_of_series(meeting) if meeting.series_id else ())
        if one.id != meeting.id and one.sent_at is None
    ]


def on_one_paper(meeting: Meeting) -> Sequence[Meeting]:
    """The meetings that stand on the giấy mời of *meeting*, itself among them, in their order.

    The first one of a series names all its dates; what is changed later has another, which names what was changed with it.
    """
    if meeting.series_id is None:
        return [meeting]
    dates = dates_of_series(meeting)
    if not meeting.paper:
        sent = meeting.sent_at is not None
        return [one for one in dates if not one.paper and (one.sent_at is not None) is sent]
    newest = sa.select(sa.func.max(Change.id)).where(Change.meeting_id == meeting.id, Change.together_id.is_not(None))
    together = sa.select(Change.together_id).where(Change.id == newest.scalar_subquery()).scalar_subquery()
    ids = set(db.session.scalars(sa.select(Change.meeting_id).where(Change.together_id == together)))
    return [one for one in dates if one.id in ids and one.paper] if meeting.id in ids else [meeting]


def coming_of_series(meeting: Meeting) -> Meeting | None:
    """The date of the series of *meeting* that will be held next, seen from now; None where there is none."""
    if meeting.series_id is None:
        return None
    return db.session.scalars(
        sa.select(Meeting)
        .where(
            Meeting.series_id == meeting.series_id,
            Meeting.starts_at > now(),
            Meeting.status.in_((Status.DRAFT, Status.AWAITING_APPROVAL, Status.SCHEDULED)),
        )
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(1)
    ).first()


def changes(ids: Iterable[int]) -> Sequence[Change]:
    """These changes, in the order in which they were made."""
    return db.session.scalars(sa.select(Change).where(Change.id.in_(list(ids))).order_by(Change.id)).all()
