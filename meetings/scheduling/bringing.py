"""A site of the meeting brings those below it: what may be brought, and the two verbs, in and out again.

A second room of ``services``: the same rules hold. Everything is asked of one *head*, a site of the meeting, and nothing
outside the units below its own is touched or told of. Many are brought by one press, so no statement is made a site.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.clock import now, today
from meetings.database import db
from meetings.directory import queries as directory
from meetings.directory.matching import Found, Place, Register
from meetings.directory.models import Site
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.scheduling import cascades, clashes, holding, moving, services
from meetings.scheduling.cascade_rules import Deed
from meetings.scheduling.clashes import Collision
from meetings.scheduling.models import Cascade, Change, Meeting, MeetingSite
from meetings.scheduling.rules import ChangeKind, explained, later_stamp
from meetings.units import queries as units
from meetings.units.models import Unit

REASON: Final = "Điểm cầu cấp trên mời thêm"  # in the change that is kept; who brought is beside it


@dataclass(frozen=True)
class Candidate:
    """A site below a head as the list of ticks shows it. *state*: "" it can be brought, ``in`` it belongs to the meeting,
    ``out`` the organiser took it out."""

    site: Site
    state: str = ""

    @property
    def group(self) -> str:
        """Under which heading it stands: the kind of its unit."""
        return self.site.unit.type


def _offered(head: MeetingSite, found: Cascade) -> sa.Select[Site]:
    """The standing sites that *head* may bring: in service, of units below its own, no deeper than the meeting goes."""
    deep = head.unit.path.count("/") + cascades.may_go(head, found)
    slashes = sa.func.length(Unit.path) - sa.func.length(sa.func.replace(Unit.path, "/", ""))
    return (
        sa.select(Site)
        .join(Unit, Site.unit_id == Unit.id)
        .where(
            directory.offered(today()),
            units.below(head.unit.path),
            Unit.id != head.unit_id,
            slashes <= deep,
            Site.id != (head.meeting.host_site_id or 0),
        )
        .order_by(Unit.path, Site.code)
        .options(joinedload(Site.unit).joinedload(Unit.parent))
    )


def candidates(head: MeetingSite, found: Cascade) -> list[Candidate]:
    """Every site that *head* may bring or has in the meeting, by the kind of its unit, in the order of the codes."""
    sites = db.session.scalars(_offered(head, found)).all()
    states = _states(head, [site.id for site in sites])
    made = [Candidate(site, states.get(site.id, "")) for site in sites]
    return sorted(made, key=lambda one: (one.site.unit.path.count("/"), one.group, one.site.unit.code, one.site.code))


def _states(head: MeetingSite, site_ids: Sequence[int]) -> dict[int, str]:
    rows = db.session.execute(
        sa.select(MeetingSite.site_id, MeetingSite.removed_at, MeetingSite.brought_by_id).where(
            MeetingSite.meeting_id == head.meeting_id
        )
    )
    wanted = set(site_ids)
    return {
        site_id: "in" if removed_at is None else "out" if brought_by is None else ""
        for site_id, removed_at, brought_by in rows
        if site_id in wanted
    }


def read(offered: Iterable[Candidate], lines: Iterable[str]) -> tuple[list[Site], list[tuple[str, Found]]]:
    """The sites that pasted *lines* name by code or name among those *offered*, and the lines that name none or several,
    with those that may have been meant."""
    sites = {one.site.id: one.site for one in offered}
    register = Register([Place(site.id, site.code, site.name, site.unit.type) for site in sites.values()])
    meant: dict[int, Site] = {}
    unclear: list[tuple[str, Found]] = []
    for line in lines:
        coded = register.by_code(line)
        found = Found(coded[0]) if len(coded) == 1 else register.find("", line)
        if found.place is None:
            unclear.append((line, found))
        else:
            meant[found.place.key] = sites[found.place.key]
    return list(meant.values()), unclear


def busy(meeting: Meeting, sites: Sequence[Site], actor: Actor) -> list[Collision]:
    """What of *sites* is taken at the hour of the meeting."""
    if meeting.starts_at is None or meeting.ends_at is None or not sites:
        return []
    found = clashes.of_sites(meeting, sites, meeting.starts_at, meeting.ends_at, actor)
    return [one for one in found if one.exclusive or not one.tentative]


def brought_by(head: MeetingSite) -> int:
    """How many sites *head* has brought that are still in the meeting."""
    mine = sa.and_(MeetingSite.brought_by_id == head.id, MeetingSite.removed_at.is_(None))
    return db.session.scalar(sa.select(sa.func.count()).select_from(MeetingSite).where(mine)) or 0


# ------------------------------------------------------------------ in


def bring(head: MeetingSite, site_ids: Collection[int], *, in_spite_of: str = "", actor: Actor) -> Change:
    """Let *head* bring these standing sites into its meeting: they are asked as every site that is added later.

    All or none: one that is not below *head* refuses the press. Who is in the meeting already is left alone. What is busy
    is refused by name unless *in_spite_of* says why it is brought all the same.
    """
    meeting = head.meeting
    db.session.execute(sa.select(Meeting.id).where(Meeting.id == meeting.id).with_for_update())
    db.session.refresh(meeting)
    found = cascades.open_for(head, Deed.BRING)
    sites = _below(head, found, site_ids)
    had = {
        row.site_id: row
        for row in db.session.scalars(
            sa.select(MeetingSite).where(
                MeetingSite.meeting_id == meeting.id, MeetingSite.site_id.in_([site.id for site in sites])
            )
        )
    }
    back = [row for row in had.values() if row.removed_at is not None]
    new = [site for site in sites if site.id not in had]
    refused = sorted(row.name for row in back if row.brought_by_id is None)
    if refused:
        raise Refused(
            _("The organiser has taken these sites out, ring the office: %(names)s.", names=", ".join(refused[:5])),
            field="site",
            status=422,
        )
    if not back and not new:
        raise Refused(_("Choose at least one site that is not in the meeting yet."), field="site", status=422)
    if found.most is not None and brought_by(head) + len(back) + len(new) > found.most:
        raise Refused(
            _("At most %(most)s sites may be added here; the office has set this number.", most=found.most),
            field="site",
            status=422,
        )
    services.put_in(meeting, new, brought_by=head)
    for row in back:
        row.removed_at, row.brought_by_id = None, head.id
    db.session.flush()
    coming = {site.id: site for site in new} | {row.site_id: row.site for row in back}
    holding.take_also(meeting, list(coming.values()), actor=actor, in_spite_of=in_spite_of)
    return _kept(head, found, coming, again=bool(back), actor=actor)


def _below(head: MeetingSite, found: Cascade, site_ids: Collection[int]) -> Sequence[Site]:
    wanted = {id for id in site_ids if 0 < id < 2**31}
    sites = [site for site in db.session.scalars(_offered(head, found)) if site.id in wanted]
    if len(sites) != len(set(site_ids)):
        # none of ours makes such a form, but for a list that was open while a unit was merged
        raise Refused(
            _("Some of the chosen sites do not belong to this list any more. Look at it again."),
            field="site",
            status=422,
        )
    return sites


def _kept(head: MeetingSite, found: Cascade, coming: Collection[int], *, again: bool, actor: Actor) -> Change:
    """Keep the change and record the fact that the invitations follow from.

    The edition of the meeting stays: nothing that a form of the secretary shows was changed, and she would be told all day
    that somebody was faster. The giấy mời stays as it was released where it says that provinces bring their communes.
    """
    meeting, at = head.meeting, now()
    rows = db.session.execute(
        sa.select(MeetingSite.id, MeetingSite.name)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.site_id.in_(list(coming)))
        .order_by(MeetingSite.position, MeetingSite.id)
    ).all()
    meeting.sequence += 1 if again else 0  # who was told to strike the entry takes up a higher sequence only
    meeting.stamped_at = later_stamp(at, meeting.stamped_at or meeting.sent_at)
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    if meeting.paper < found.on_paper:
        before, after = moving.another_paper(meeting, actor)
    change = Change(
        meeting_id=meeting.id,
        kind=ChangeKind.SITES_ADDED,
        sequence=meeting.sequence,
        before=journal.plain(before),
        after=journal.plain(after),
        sites=[id for id, _name in rows],
        reason=REASON,
        by=actor.name[:120],
        at=at,
    )
    db.session.add(change)
    db.session.flush()
    journal.record(
        "meeting.sites_added_later",
        meeting,
        actor=actor,
        change=change.id,
        count=len(rows),
        names=[name for _id, name in rows[:50]],
        brought_by=head.name,
        sequence=meeting.sequence,
    )
    return change


# ------------------------------------------------------------------ out


def take_out(head: MeetingSite, id: int, reason: str, *, actor: Actor) -> Change:
    """Take out a site that *head* itself has brought, and with it whatever that site brought."""
    meeting = head.meeting
    cascades.open_for(head, Deed.CARE)
    site = cascades.one_below(head, id)
    if site.brought_by_id != head.id:
        raise Refused(_("Only who added a site takes it out again. Ring the office."))
    explained(reason, field="reason")
    going, found = {site.id}, {site.id}
    while found:
        found = set(
            db.session.scalars(
                sa.select(MeetingSite.id).where(
                    MeetingSite.brought_by_id.in_(found), MeetingSite.removed_at.is_(None), MeetingSite.id.not_in(going)
                )
            )
        )
        going |= found
    return moving.remove_sites(meeting, going, reason, actor=actor, by_bringer=True)


def said(count: int) -> str:
    """What became of a press."""
    return ngettext(
        "%(num)s site was added and is being invited.", "%(num)s sites were added and are being invited.", count
    )
