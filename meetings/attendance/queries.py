"""Questions to the roll: the sums of a board in one statement, the rows it shows, what changed, and the roll as handed on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from meetings.accounts.rules import Actor
from meetings.attendance import facts
from meetings.attendance.board import CONFIRMED, ProvinceRow, SiteRow, Summary
from meetings.attendance.models import Mark, Presence, Roll
from meetings.attendance.rules import JUST, Marked, MarkSource, State, Tally, status_of, total
from meetings.clock import now
from meetings.database import db
from meetings.directory.models import Contact, Duty
from meetings.invitations.models import Invitation
from meetings.journal import changes
from meetings.official.text import fold
from meetings.readiness import ladders
from meetings.readiness.ladder import Due
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.units.models import Unit


def _not_host(meeting: Meeting) -> sa.ColumnElement[bool]:
    return sa.true() if meeting.host_site_id is None else MeetingSite.site_id != meeting.host_site_id


# --- sums ------------------------------------------------------------------------------------------------------------


def provinces(meeting: Meeting, seen: sa.ColumnElement[bool] | None = None) -> list[ProvinceRow]:
    """The sums of every province with sites in *meeting*, in the order of their codes: one statement, grouped by fact."""
    sent = sa.type_coerce(Invitation.reply, sa.String) == "substitute"
    refused = sa.type_coerce(Invitation.consent, sa.String) == "refused"
    substitute = sa.case((sa.and_(sent, sa.not_(refused)), 1), else_=0)
    grouped = (
        facts.of(
            meeting,
            MeetingSite.province_id.label("province_id"),
            facts.reply.label("reply"),
            facts.test.label("test"),
            facts.state.label("state"),
            sa.func.count().label("sites"),
            sa.func.coalesce(sa.func.sum(Presence.head_count), 0).label("people"),
            sa.func.sum(substitute).label("substitutes"),
        )
        .where(_not_host(meeting), sa.true() if seen is None else seen)
        .group_by(sa.literal_column("1"), sa.literal_column("2"), sa.literal_column("3"), sa.literal_column("4"))
        .subquery()
    )
    rows = db.session.execute(
        sa.select(grouped, Unit.code, Unit.name, Unit.tile_col, Unit.tile_row)
        .outerjoin(Unit, Unit.id == grouped.c.province_id)
        .order_by(Unit.code.is_(None), Unit.code)
    )
    found: dict[int | None, ProvinceRow] = {}
    for id, reply, test, state, sites, people, substitutes, code, name, column, row in rows:
        province = found.get(id)
        if province is None:
            province = found[id] = ProvinceRow(id, code or "", name or "", column, row, Tally())
        said = int(sites) if reply in CONFIRMED else 0
        province.tally.add(status_of(reply, test, state), int(sites), int(people), int(substitutes), said)
    return list(found.values())


def part_seen(actor: Actor, meeting: Meeting) -> sa.ColumnElement[bool] | None:
    """The sites of *meeting* whose part *actor* may see, None where she sees the whole of it."""
    return None if scheduling.whole(actor, meeting) else scheduling.sites_visible_to(actor, meeting)


def tally(meeting: Meeting, seen: sa.ColumnElement[bool] | None = None) -> Tally:
    """The sums over all sites of *meeting*, the host's people among the people; over a part, its sites' alone."""
    sums = total(province.tally for province in provinces(meeting, seen))
    if seen is None:
        sums.people += host_people(meeting)
    return sums


def host_people(meeting: Meeting) -> int:
    """How many sit at the host site, as the secretary entered it."""
    return db.session.scalar(sa.select(Roll.host_head_count).where(Roll.meeting_id == meeting.id)) or 0


# --- rows ------------------------------------------------------------------------------------------------------------

_COLUMNS = (
    MeetingSite.id,
    MeetingSite.site_id,
    MeetingSite.name,
    MeetingSite.unit_name,
    MeetingSite.position,
    MeetingSite.province_id,
    Unit.code,
    Unit.tile_col,
    Unit.tile_row,
    facts.reply,
    Invitation.reason,
    Invitation.asked_at,
    Invitation.replied_at,
    Invitation.substitute_honorific,
    Invitation.substitute_name,
    Invitation.replaced_name,
    sa.func.coalesce(sa.type_coerce(Invitation.consent, sa.String), ""),
    Invitation.day_phone,
    facts.test,
    sa.func.coalesce(sa.type_coerce(facts.day.outcome, sa.String), sa.literal("untested")),
    sa.func.coalesce(facts.day.tested_at, facts.rehearsal.tested_at, type_=MeetingSite.added_at.type),
    facts.state,
    Presence.since,
    Presence.joined_at,
    Presence.left_at,
    Presence.lost_seconds,
    Presence.head_count,
    Presence.with_notice,
    Presence.reason,
    Presence.by,
)


def sites(meeting: Meeting, *where: sa.ColumnElement[bool] | None) -> list[SiteRow]:
    """The sites of *meeting* (those that fit *where*), in protocol order: one statement."""
    fits = [one for one in where if one is not None]
    query = facts.of(meeting, *_COLUMNS).join(Unit, Unit.id == MeetingSite.unit_id).where(*fits)
    return _rows(meeting, query.order_by(MeetingSite.position, MeetingSite.id), {})


def some_sites(meeting: Meeting, ids: Iterable[int]) -> list[SiteRow]:
    """As :func:`sites` for those with *ids*: a board in motion asks this all the time, so the statement is made once."""
    return _told(meeting, db.session.connection().execute(_some_sites(), {"ids": list(ids)}))


@cache
def _some_sites() -> sa.Select[Any]:
    query = facts.joined(*_COLUMNS).join(Unit, Unit.id == MeetingSite.unit_id)
    return query.where(MeetingSite.id.in_(sa.bindparam("ids", expanding=True)), MeetingSite.removed_at.is_(None))


def _rows(meeting: Meeting, query: sa.Select[Any], values: dict[str, Any]) -> list[SiteRow]:
    return _told(meeting, db.session.execute(query, values))


def _told(meeting: Meeting, rows: Iterable[Sequence[Any]]) -> list[SiteRow]:
    at = now()  # once the hour has come nobody is called untested any more, so it is not asked when tests were due
    due = ladders.due(meeting, at=at) if meeting.starts_at is not None and at < meeting.starts_at else None
    return [_row(row, meeting.host_site_id, due) for row in rows]


def _row(r: Sequence[Any], host_site_id: int | None, due: Due | None) -> SiteRow:
    (
        id, site_id, name, unit_name, position, province_id, code, column, row, reply, reply_reason, asked_at, replied_at,
        honorific, substitute, replaced, consent, day_phone, test, day_test, tested_at, state, since, joined_at, left_at,
        lost_seconds, head_count, with_notice, reason, by,
    ) = r  # fmt: skip
    return SiteRow(
        id=id,
        site_id=site_id,
        unit_code=code,
        name=name,
        unit_name=unit_name,
        position=position,
        province_id=province_id,
        host=site_id == host_site_id,
        column=column,
        row=row,
        reply=reply,
        reply_reason=reply_reason or "",
        asked_at=asked_at,
        replied_at=replied_at,
        substitute=f"{honorific} {substitute}".strip() if reply == "substitute" else "",
        replaced=replaced if replaced and reply == "substitute" else "",
        consent=consent,
        day_phone=day_phone or "",
        test=test,
        day_test=day_test,
        tested_at=tested_at,
        state=State(state),
        since=since,
        joined_at=joined_at,
        left_at=left_at,
        lost_seconds=lost_seconds or 0,
        head_count=head_count,
        with_notice=with_notice,
        reason=reason or "",
        by=by or "",
        due=due,
    )


def in_province(province_id: int | None) -> sa.ColumnElement[bool]:
    """The sites of one province, or of none."""
    return MeetingSite.province_id.is_(None) if province_id is None else MeetingSite.province_id == province_id


def with_id(meeting_site_id: int) -> sa.ColumnElement[bool]:
    """The one site with this id."""
    return MeetingSite.id == meeting_site_id


def named(text: str) -> sa.ColumnElement[bool]:
    """The sites whose unit is found by *text*, without regard to diacritics."""
    return sa.and_(*(Unit.search_key.contains(fold(word), autoescape=True) for word in text.split()[:6]))


def missing() -> sa.ColumnElement[bool]:
    """The sites that are neither in nor took their leave: what the work list is about."""
    return sa.or_(Presence.id.is_(None), Presence.state.not_in((State.IN, State.LEFT)))


def in_states(*states: State) -> sa.ColumnElement[bool]:
    """The sites whose presence is one of *states* (not for a site of which nothing is known)."""
    return Presence.state.in_(states)


def site(meeting: Meeting, meeting_site_id: int) -> SiteRow | None:
    """One site of *meeting*."""
    return next(iter(sites(meeting, MeetingSite.id == meeting_site_id)), None)


def meeting_site(meeting: Meeting, meeting_site_id: int) -> MeetingSite | None:
    """The row behind one site of *meeting*, None for another meeting's or a removed one."""
    return db.session.scalars(
        sa.select(MeetingSite).where(
            MeetingSite.id == meeting_site_id, MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None)
        )
    ).first()


def next_uncalled(meeting: Meeting, *, after: int | None, skip: str) -> int | None:
    """The id of the next site, in protocol order behind the site *after*, of which nothing final is said; else the first.

    *skip* is the id (as text) of a site that was passed over just now: it comes again at the end of the round.
    """
    query = facts.of(meeting, MeetingSite.id, MeetingSite.position).where(
        _not_host(meeting), sa.or_(Presence.id.is_(None), Presence.state.in_((State.NOT_IN, State.READY, State.LOST)))
    )
    rows = db.session.execute(query.order_by(MeetingSite.position, MeetingSite.id)).all()
    start = db.session.execute(
        sa.select(MeetingSite.position, MeetingSite.id).where(MeetingSite.id == (after or 0))
    ).first()
    here = tuple(start) if start else (-1, -1)
    behind = [id for id, position in rows if (position, id) > here]
    before = [id for id, position in rows if (position, id) <= here]
    order = [*behind, *before]
    passed = [id for id in order if str(id) != skip]
    return next(iter([*passed, *order]), None)


@dataclass(frozen=True, slots=True)
class Officer:
    """Who is rung about a site: the number given for the day before the one in the directory."""

    name: str
    phone: str
    technician: str
    technician_phone: str


@cache
def _officers() -> sa.Select[int, Duty, str, str, str]:
    columns = (Contact.site_id, Contact.duty, Contact.honorific, Contact.name, Contact.phone)
    in_office = sa.bindparam("now", type_=Contact.valid_to.type)
    return (
        sa.select(*columns)
        .where(
            Contact.site_id.in_(sa.bindparam("sites", expanding=True)),
            Contact.duty.in_((Duty.COORDINATOR, Duty.TECHNICIAN)),
            sa.or_(Contact.valid_to.is_(None), Contact.valid_to > in_office),
        )
        .order_by(Contact.id)
    )


def officers(rows: Iterable[SiteRow], now: datetime) -> dict[int, Officer]:
    """The officers of *rows* by the id of the meeting's site: one statement. Only for readers who may see numbers."""
    rows = list(rows)
    asked = {"sites": [row.site_id for row in rows], "now": now}
    found = {(contact.site_id, contact.duty): contact for contact in db.session.execute(_officers(), asked)}
    made = {}
    for row in rows:
        first, second = found.get((row.site_id, Duty.COORDINATOR)), found.get((row.site_id, Duty.TECHNICIAN))
        made[row.id] = Officer(
            name=f"{first.honorific} {first.name}".strip() if first else "",
            phone=row.day_phone or (first.phone if first else ""),
            technician=f"{second.honorific} {second.name}".strip() if second else "",
            technician_phone=second.phone if second else "",
        )
    return made


# --- what changed ----------------------------------------------------------------------------------------------------


_OF_A_SITE: Final = frozenset({"presence", "line-test", "line-test-slot", "meeting-site", "roster"})
_OF_NO_TILE: Final = frozenset(
    {"calendar-link", "cascade", "chase", "connections", "hand-out", "letter", "line-test-plan", "paper",
     "received", "record", "roll", "room", "savings", "suggestion", "text", "witness"}
)  # fmt: skip


def version(meeting: Meeting) -> str:
    """A word that changes with every transaction that wrote a fact of *meeting*: its change number, read at constant cost.

    A fact that is not committed yet is not numbered yet: what stands behind a version is never less than it says.
    """
    return str(changes.of(meeting.code))


@dataclass(frozen=True, slots=True)
class Changed:
    """What facts of a meeting were about: its *sites* by id, and the *kinds* of all their subjects."""

    sites: frozenset[int]
    kinds: frozenset[str]


def changed_since(meeting: Meeting, seen: str) -> set[int] | None:
    """Ids of the meeting's sites that facts newer than the version *seen* are about; None when that cannot be told."""
    found = named_since(meeting, seen)
    return None if found is None else set(found.sites)


def named_since(meeting: Meeting, seen: str, here: int | None = None) -> Changed | None:
    """What the facts newer than the version *seen* are about, until the number *here*; None when that cannot be told.

    Facts name their subject; those of the sites are ``presence:ID``, ``line-test:ID``, ``meeting-site:ID`` and
    ``invitation:ID`` (an id of its own); letters, papers and records touch no tile. Anything else, or more than
    journal.changes keeps apart, is answered by a whole board.
    """
    if not (seen.isascii() and seen.isdecimal() and len(seen) < 12):
        return None
    subjects = changes.since(meeting.code, int(seen), here)
    if subjects is None:
        return None
    ids: set[int] = set()
    kinds: set[str] = set()
    invitations: list[int] = []
    for subject in subjects:
        kind, _, text = subject.partition(":")
        kinds.add(kind)
        if kind in _OF_A_SITE and text.isdigit():
            ids.add(int(text))
        elif kind == "invitation" and text.isdigit():
            invitations.append(int(text))
        elif kind not in _OF_NO_TILE:
            return None
    for start in range(0, len(invitations), 500):
        some = Invitation.id.in_(invitations[start : start + 500])
        ids.update(db.session.scalars(sa.select(Invitation.meeting_site_id).where(some)).all())
    return Changed(frozenset(ids), frozenset(kinds))


# --- marks -----------------------------------------------------------------------------------------------------------


def roll(meeting: Meeting) -> Roll | None:
    """The roll of *meeting*, once there is one."""
    return db.session.scalars(_roll(), {"meeting": meeting.id}).first()


# what each mark asks is written once: putting such a statement together costs as much as asking it


@cache
def _roll() -> sa.Select[Any]:
    return sa.select(Roll).where(Roll.meeting_id == sa.bindparam("meeting"))


@cache
def _presence() -> sa.Select[Any]:
    return sa.select(Presence).where(Presence.meeting_site_id == sa.bindparam("site"))


@cache
def _sent() -> sa.Select[Any]:
    return sa.select(Mark.id).where(Mark.once == sa.bindparam("key"))


def sent(key: str) -> Mark | None:
    """The mark that was made under the key of a queued press."""
    found = db.session.scalar(_sent(), {"key": key})
    return None if found is None else db.session.get_one(Mark, found)


def recent(meeting: Meeting, limit: int, seen: sa.ColumnElement[bool] | None = None) -> Sequence[Mark]:
    """The newest marks of *meeting*, newest first, their sites with them."""
    query = _recent() if seen is None else _recent().where(seen)
    return db.session.scalars(query, {"meeting": meeting.id, "most": limit}).all()


@cache
def _recent() -> sa.Select[Any]:
    query = sa.select(Mark).join(Mark.meeting_site).where(Mark.meeting_id == sa.bindparam("meeting"))
    with_site = sa.orm.contains_eager(Mark.meeting_site)
    return query.options(with_site).order_by(Mark.id.desc()).limit(sa.bindparam("most"))


@dataclass(frozen=True, slots=True)
class SiteName:
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """A mark as a line of the log tells it, for a board that is kept longer than any session."""

    id: int
    at: datetime
    after: State
    head_count: int | None
    reason: str
    note: str
    source: MarkSource
    by: str
    undoes_id: int | None
    meeting_site: SiteName


@cache
def _lines() -> sa.Select[Any]:
    columns: tuple[Any, ...] = (
        Mark.id, Mark.at, Mark.after, Mark.head_count, Mark.reason, Mark.note, Mark.source, Mark.by, Mark.undoes_id,
    )  # fmt: skip
    query = sa.select(*columns, MeetingSite.name).join(Mark.meeting_site)
    newest = query.where(Mark.meeting_id == sa.bindparam("meeting")).order_by(Mark.id.desc())
    return newest.limit(sa.bindparam("most"))


def lines(meeting: Meeting, limit: int) -> Sequence[Line]:
    """As :func:`recent`, as lines that belong to no session."""
    rows = db.session.connection().execute(_lines(), {"meeting": meeting.id, "most": limit})
    return [Line(*(*told, SiteName(name))) for *told, name in rows]


def all_marks(meeting: Meeting, seen: sa.ColumnElement[bool] | None = None) -> sa.Select[Any]:
    """Every mark of *meeting*, newest first, to be read in pages."""
    query = sa.select(Mark).join(Mark.meeting_site).options(sa.orm.contains_eager(Mark.meeting_site))
    query = query.where(Mark.meeting_id == meeting.id)
    if seen is not None:
        query = query.where(seen)
    return query.order_by(Mark.id.desc())


def count_marks(meeting: Meeting) -> int:
    """How many marks *meeting* has."""
    return db.session.scalar(sa.select(sa.func.count(Mark.id)).where(Mark.meeting_id == meeting.id)) or 0


def marks_of(meeting_site_id: int) -> Sequence[Mark]:
    """The marks of one site, oldest first."""
    return db.session.scalars(sa.select(Mark).where(Mark.meeting_site_id == meeting_site_id).order_by(Mark.id)).all()


def crossed(made: Mark) -> Mark | None:
    """Somebody else's mark of the same site from just before *made* was pressed, or from after it; the newest of them."""
    return db.session.scalars(
        sa.select(Mark)
        .where(
            Mark.meeting_site_id == made.meeting_site_id,
            Mark.actor.not_in((made.actor, "")),
            Mark.at > made.at - JUST,
            Mark.id < made.id,
            Mark.undoes_id.is_(None),
            Mark.note == "",
        )
        .order_by(Mark.at.desc(), Mark.id.desc())
        .limit(1)
    ).first()


def mark(meeting: Meeting, mark_id: int) -> Mark | None:
    """One mark of *meeting*."""
    return db.session.scalars(sa.select(Mark).where(Mark.id == mark_id, Mark.meeting_id == meeting.id)).first()


def marked(marks: Iterable[Mark]) -> list[Marked]:
    """*marks* as the rules weigh them; a note weighs nothing."""
    return [
        Marked(m.id, m.at, m.after, m.head_count, m.with_notice, m.reason, m.undoes_id) for m in marks if not m.note
    ]


def presence(meeting_site_id: int) -> Presence | None:
    """What stands for one site, None when nothing was ever marked."""
    return db.session.scalars(_presence(), {"site": meeting_site_id}).first()


# --- handed on -------------------------------------------------------------------------------------------------------


def summary(meeting: Meeting, seen: sa.ColumnElement[bool] | None = None) -> Summary:
    """The roll of *meeting* for the minutes, the estimate and the case file: three statements, however many sites.

    For who sees a part of it (*seen*) the sums and names of that part.
    """
    rows = sites(meeting, seen)
    the_roll = roll(meeting)
    host = next((row for row in rows if row.host), None)
    names = db.session.execute(
        sa.select(Unit.id, Unit.name).where(Unit.id.in_({r.province_id for r in rows if r.province_id is not None}))
    )
    fixed = db.session.execute(
        sa.select(MeetingSite.name, Mark.at, Mark.by, Mark.correction)
        .join(Mark.meeting_site)
        .where(Mark.meeting_id == meeting.id, Mark.correction != "", sa.true() if seen is None else seen)
        .order_by(Mark.id)
    )
    host_count = the_roll.host_head_count if the_roll and seen is None else None
    if host_count is None and host is not None:
        host_count = host.head_count
    return Summary(
        rows=tuple(row for row in rows if not row.host),
        host=host,
        host_head_count=host_count,
        closed_at=the_roll.closed_at if the_roll else None,
        closed_by=the_roll.closed_by if the_roll else "",
        provinces={row.id: row.name for row in names},
        corrections=tuple((name, at, by, why) for name, at, by, why in fixed),
        code=meeting.code,
        title=meeting.title,
    )
