"""Questions to the machines' witness: who told what, which of it is matched, and how it compares with the human roll."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from meetings import sealed
from meetings.attendance import queries
from meetings.attendance.matching import Known, Match, kept_register, match
from meetings.attendance.models import Connection, Witness
from meetings.attendance.witnesses import Row, Told, read
from meetings.clock import now, wall
from meetings.database import db
from meetings.directory.models import Contact
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.official.text import fold
from meetings.post import queries as letter_box
from meetings.scheduling import rooms
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.units.models import Unit
from meetings.web.pages import Page, rows_of

COUNTS: Final = ("id", "address", "person")
"""What a connection must be matched by to count: a name alone never does."""

_stands: Final = Witness.withdrawn_at.is_(None)


# --- witnesses -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """A witness and how far it is: its rows, the participants in them, and those of whom nobody has said which site they are."""

    witness: Witness
    rows: int
    participants: int
    open: int

    @property
    def matched(self) -> int:
        return self.participants - self.open


def of(meeting: Meeting) -> list[Shown]:
    """The witnesses of *meeting*, newest first, those that were withdrawn last."""
    known = db.session.scalars(
        sa.select(Witness)
        .where(Witness.meeting_id == meeting.id)
        .order_by(Witness.withdrawn_at.is_not(None), Witness.id.desc())
    ).all()
    counted = {
        id: (rows, people, waiting)
        for id, rows, people, waiting in db.session.execute(
            sa.select(
                Connection.witness_id,
                sa.func.count(),
                sa.func.count(Connection.who.distinct()),
                sa.func.count(sa.case((Connection.matched_by == "", Connection.who)).distinct()),
            )
            .where(Connection.witness_id.in_([one.id for one in known]))
            .group_by(Connection.witness_id)
        )
    }
    return [Shown(one, *counted.get(one.id, (0, 0, 0))) for one in known]


def waiting(meeting: Meeting) -> Sequence[Witness]:
    """The files of *meeting* that were not read yet: somebody has to say how."""
    query = sa.select(Witness).where(Witness.meeting_id == meeting.id, _stands, Witness.asks != "")
    return db.session.scalars(query.order_by(Witness.id)).all()


def witness(meeting: Meeting, id: int) -> Witness:
    """One witness of *meeting*."""
    found = db.session.get(Witness, id)
    if found is None or found.meeting_id != meeting.id:
        raise NotFound(_("There is no such file among the witnesses of %(code)s.", code=meeting.code))
    return found


def same_file(meeting: Meeting, sha256: str) -> Witness | None:
    """The standing witness of *meeting* that was made of these very bytes."""
    query = sa.select(Witness).where(Witness.meeting_id == meeting.id, Witness.sha256 == sha256, _stands)
    return db.session.scalars(query).first()


def file_of(one: Witness) -> bytes:
    """The file as it came; "" where the key is gone under which it was sealed, or a platform reported by itself."""
    return sealed.opened(letter_box.enclosure(one.kept)) or b"" if one.kept else b""


def again(one: Witness, *, zone: str, day_first: bool | None) -> Told:
    """The kept file, read as a person says that its clock and its dates are to be understood."""
    return read(file_of(one), name=one.file_name, on=day_of(one.meeting), zone=zone, day_first=day_first)


def day_of(meeting: Meeting) -> date:
    """The day of *meeting* in Hà Nội."""
    return wall(meeting.starts_at or now()).date()


# --- who is who ------------------------------------------------------------------------------------------------------


def known(meeting: Meeting) -> list[Known]:
    """By what the sites of *meeting* may be recognised. A name that was confirmed for a site at an earlier meeting is one of
    its names: it is suggested again, and has to be confirmed again."""
    rows = db.session.execute(
        sa.select(MeetingSite.id, MeetingSite.site_id, MeetingSite.name, MeetingSite.unit_name, Unit.name)
        .select_from(MeetingSite)
        .outerjoin(Unit, Unit.id == MeetingSite.province_id)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))
        .order_by(MeetingSite.position, MeetingSite.id)
    ).all()
    names, addresses = defaultdict[int, list[str]](list), defaultdict[int, list[str]](list)
    ours = sa.select(MeetingSite.site_id).where(MeetingSite.meeting_id == meeting.id)
    at = meeting.starts_at or now()
    for site_id, name, email in db.session.execute(
        sa.select(Contact.site_id, Contact.name, Contact.email).where(
            Contact.site_id.in_(ours), sa.or_(Contact.valid_to.is_(None), Contact.valid_to > at)
        )
    ):
        names[site_id] += [name] if name else []
        addresses[site_id] += [email] if email else []
    for site_id, name in db.session.execute(
        sa.select(MeetingSite.site_id, Connection.name)
        .join(MeetingSite, MeetingSite.id == Connection.meeting_site_id)
        .where(Connection.matched_by == "person", MeetingSite.site_id.in_(ours), MeetingSite.meeting_id != meeting.id)
        .distinct()
        .limit(20_000)
    ):
        names[site_id].append(name)
    return [
        Known(
            meeting_site_id=id,
            ids=(rooms.seat_id(id),),
            addresses=tuple(dict.fromkeys(addresses[site_id])),
            names=tuple(dict.fromkeys(_names(name, unit, province) + names[site_id])),
        )
        for id, site_id, name, unit, province in rows
    ]


def _names(name: str, unit: str, province: str | None) -> list[str]:
    own = [name, *([unit] if unit else [])]
    return own + ([f"{name}, {province}"] if province and province != name else [])


@dataclass(frozen=True)
class Participant:
    """Whoever a machine saw under one name: all rows with the same name, address and id. *names* are those of the sites that
    it may be, the likeliest first."""

    who: str
    name: str
    own_name: str
    address: str
    external_id: str
    rows: int
    joined_at: datetime | None
    left_at: datetime | None
    site_id: int | None
    site_name: str
    matched_by: str
    confirmed_by: str
    confirmed_at: datetime | None
    suggestions: tuple[tuple[int, str, str], ...] = ()
    likely: int | None = None


SHOW: Final = ("open", "matched", "nobody", "all")


def participants(meeting: Meeting, *, show: str, words: str, number: int, size: int = 50) -> Page[Participant]:
    """One page of those whom the standing witnesses of *meeting* saw; the unmatched first, with the sites they may be."""
    grouped = (
        sa.select(
            Connection.who,
            sa.func.min(Connection.name).label("name"),
            sa.func.max(Connection.own_name).label("own_name"),
            sa.func.min(Connection.address).label("address"),
            sa.func.min(Connection.external_id).label("external_id"),
            sa.func.count().label("rows"),
            sa.func.min(Connection.joined_at).label("joined_at"),
            sa.func.max(Connection.left_at).label("left_at"),
            sa.func.max(Connection.meeting_site_id).label("site_id"),
            sa.func.min(Connection.matched_by).label("matched_by"),
            sa.func.max(Connection.confirmed_by).label("confirmed_by"),
            sa.func.max(Connection.confirmed_at).label("confirmed_at"),
            sa.func.min(Connection.name_key).label("name_key"),
        )
        .join(Witness, Witness.id == Connection.witness_id)
        .where(Witness.meeting_id == meeting.id, _stands)
        .group_by(Connection.who)
        .subquery()
    )
    query = sa.select(grouped, MeetingSite.name.label("site_name")).outerjoin(
        MeetingSite, MeetingSite.id == grouped.c.site_id
    )
    query = query.where(_shown(grouped.c, show), *_worded(grouped.c, words))
    page = rows_of(query.order_by(grouped.c.matched_by != "", grouped.c.name_key, grouped.c.who), number, size)
    return replace(page, rows=_suggested(meeting, [_participant(row) for row in page.rows]))


def _shown(c: Any, show: str) -> sa.ColumnElement[bool]:
    match show:
        case "open":
            return sa.and_(c.matched_by == "")
        case "matched":
            return sa.and_(c.site_id.is_not(None), c.matched_by != "")
        case "nobody":
            return sa.and_(c.matched_by == "nobody")
        case _:
            return sa.true()


def _worded(c: Any, words: str) -> list[sa.ColumnElement[bool]]:
    return [
        sa.or_(c.name_key.contains(fold(word), autoescape=True), c.address.contains(word.lower(), autoescape=True))
        for word in words.split()[:6]
    ]


def _participant(row: Any) -> Participant:
    return Participant(
        who=row.who,
        name=row.name,
        own_name=row.own_name,
        address=row.address,
        external_id=row.external_id,
        rows=row.rows,
        joined_at=row.joined_at,
        left_at=row.left_at,
        site_id=row.site_id if row.matched_by else None,
        site_name=(row.site_name or "") if row.matched_by else "",
        matched_by=row.matched_by,
        confirmed_by=row.confirmed_by,
        confirmed_at=row.confirmed_at,
    )


def _suggested(meeting: Meeting, rows: list[Participant]) -> list[Participant]:
    if not rows:
        return rows
    told = [Row(n, row.name, row.address, row.external_id, own_name=row.own_name) for n, row in enumerate(rows, 1)]
    places = known(meeting)
    found = match(told, places, register=kept_register(places))
    names = site_names(meeting, {id for one in found for id in _offered(one)})
    return [
        replace(
            row,
            suggestions=tuple((id, *names[id]) for id in _offered(one) if id in names),
            likely=one.likely if one.meeting_site_id is None else one.meeting_site_id,
        )
        for row, one in zip(rows, found, strict=True)
    ]


def _offered(one: Match) -> list[int]:
    certain = [one.meeting_site_id] if one.meeting_site_id is not None else []
    return [*certain, *(id for id, _score in one.suggestions)]


def site_names(meeting: Meeting, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Name and province of sites of *meeting* by their ids."""
    rows = db.session.execute(
        sa.select(MeetingSite.id, MeetingSite.name, Unit.name)
        .outerjoin(Unit, Unit.id == MeetingSite.province_id)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.id.in_(list(ids)))
    )
    return {id: (name, province if province and province != name else "") for id, name, province in rows}


def open_count(meeting: Meeting) -> int:
    """Of how many participants nobody has said yet which site they are."""
    query = (
        sa.select(sa.func.count(Connection.who.distinct()))
        .join(Witness, Witness.id == Connection.witness_id)
        .where(Witness.meeting_id == meeting.id, _stands, Connection.matched_by == "")
    )
    return db.session.scalar(query) or 0


def named(meeting: Meeting, text: str) -> list[MeetingSite]:
    """The sites of *meeting* that *text* can mean: by code, by its whole name, else by words of it."""
    sites = (
        sa.select(MeetingSite)
        .join(Unit, Unit.id == MeetingSite.unit_id)
        .where(MeetingSite.meeting_id == meeting.id, MeetingSite.removed_at.is_(None))
        .order_by(MeetingSite.position, MeetingSite.id)
        .limit(20)
    )
    exact = db.session.scalars(sites.where(sa.or_(Unit.code == text.strip(), MeetingSite.name == text.strip()))).all()
    return list(exact or db.session.scalars(sites.where(queries.named(text))).all())


def standing_witnesses(meeting: Meeting) -> Sequence[Witness]:
    """The witnesses of *meeting* that count: read, and not withdrawn."""
    query = sa.select(Witness).where(Witness.meeting_id == meeting.id, _stands, Witness.asks == "")
    return db.session.scalars(query.order_by(Witness.id)).all()
