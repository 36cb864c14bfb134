"""Questions about sites: which there are, who answers for them, who may know of it.

Any secretary sees every site, because she must invite and ring it; a site officer sees those of her own unit. Telephone
numbers and addresses are shown to those who may see them (``reachable``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings.accounts.rules import Actor, Role
from meetings.clock import today
from meetings.database import db
from meetings.directory.matching import Place, Register
from meetings.directory.models import Contact, Duty, Room, Site
from meetings.errors import Forbidden, NotFound
from meetings.i18n import gettext as _
from meetings.journal import Entry
from meetings.official.text import fold, printable
from meetings.units import queries as units
from meetings.units.models import Succession, Unit, UnitKind

_EVERYWHERE: Final = (Role.ADMINISTRATOR, Role.SECRETARY, Role.TECHNICIAN)
KIND_ORDER: Final = sa.case(
    {UnitKind.MINISTRY: 1, UnitKind.PROVINCE: 2, UnitKind.OFFICE: 3, UnitKind.COMMUNE: 4}, value=Unit.kind, else_=0
)


class Problem(StrEnum):
    """What a list of sites can be narrowed to: those that want attention."""

    NO_COORDINATOR = "no_coordinator"
    NO_EMAIL = "no_email"
    NO_DEPUTY = "no_deputy"
    NO_TECHNICIAN = "no_technician"
    STOPPED = "stopped"


class Order(StrEnum):
    """Official codes are the order clerks know; names stand as in a Vietnamese dictionary."""

    CODE = "code"
    NAME = "name"


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """The sites that *actor* may know of (with ``Unit`` joined)."""
    if any(actor.has(role) for role in _EVERYWHERE):
        return sa.true()
    return units.within(actor.paths("directory.see"))


def reachable(actor: Actor, unit: Unit) -> bool:
    """Whether *actor* may see the telephone numbers and addresses of the officers of *unit*'s sites."""
    return actor.may("phone.see") or actor.may("site.edit", unit.path)


def offered(day: date) -> sa.ColumnElement[bool]:
    """The sites that may be invited on *day*: in service, of a unit that exists then (with ``Unit`` joined)."""
    return sa.and_(Site.in_service, units.valid_on(day))


def _in_office(duty: Duty, *conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(Contact.site_id == Site.id, Contact.duty == duty, Contact.valid_to.is_(None), *conditions)


def _wanting(problem: Problem) -> sa.ColumnElement[bool]:
    if problem is Problem.NO_COORDINATOR:
        return ~_in_office(Duty.COORDINATOR)
    if problem is Problem.NO_EMAIL:
        return _in_office(Duty.COORDINATOR, Contact.email == "")
    if problem is Problem.NO_DEPUTY:
        return ~_in_office(Duty.DEPUTY)
    return ~_in_office(Duty.TECHNICIAN)


def _words(text: str) -> list[str]:
    return fold(printable(text[:100])).replace(",", " ").split()[:6]


def matches(column: sa.SQLColumnExpression[str], text: str) -> sa.ColumnElement[bool]:
    """Every word of *text* begins a word of the search key *column*, whatever the case and the diacritics."""
    padded = sa.literal(" ").concat(column)
    return sa.and_(sa.true(), *(padded.contains(f" {word}", autoescape=True) for word in _words(text)))


def sites(
    actor: Actor,
    *,
    text: str = "",
    province: str = "",
    problem: Problem | None = None,
    order: Order = Order.CODE,
) -> sa.Select[Site]:
    """The list of sites: those of units that exist today, the best match first, then in *order*."""
    query = (
        sa.select(Site)
        .join(Unit, Site.unit_id == Unit.id)
        .where(visible_to(actor), units.valid_on(today()))
        .options(joinedload(Site.unit).joinedload(Unit.parent))
    )
    query = query.where(~Site.in_service if problem is Problem.STOPPED else Site.in_service)
    if problem and problem is not Problem.STOPPED:
        query = query.where(_wanting(problem))
    if province and (above := units.by_code(printable(province[:40]), today())):
        query = query.where(units.below(above.path))
    words = _words(text)
    if words:
        query = query.where(matches(Site.search_key, text))
        whole = sa.literal(" ").concat(Site.search_key).concat(" ").contains(f" {' '.join(words)} ", autoescape=True)
        query = query.order_by(
            sa.case((Site.search_key.startswith(" ".join(words), autoescape=True), 0), (whole, 1), else_=2)
        )
    if order is Order.NAME:
        return query.order_by(Site.sort_key, Site.code)
    return query.order_by(KIND_ORDER, Site.code)


def home_province(actor: Actor) -> str:
    """The code of the province that *actor* works in; "" where it is none, or more than one."""
    heads = {path.strip("/").split("/")[1] for path in actor.paths("directory.see") if path.count("/") > 2}
    wide = any(path.count("/") <= 2 for path in actor.paths("directory.see"))
    if wide or len(heads) != 1:
        return ""
    found = db.session.get(Unit, int(heads.pop()))
    return found.code if found and found.kind is UnitKind.PROVINCE else ""


class Problems(NamedTuple):
    """How many sites want what."""

    no_coordinator: int
    no_email: int
    no_deputy: int
    no_technician: int
    stopped: int


def problems(actor: Actor, province: str = "") -> Problems:
    """How many of the sites *actor* sees want attention, one number a problem."""
    counted = []
    for problem in Problem:
        query = (
            sites(actor, province=province, problem=problem).with_only_columns(sa.func.count(Site.id)).order_by(None)
        )
        counted.append(db.session.scalar(query) or 0)
    return Problems(*counted)


def site_for(actor: Actor, code: str, permission: str = "directory.see") -> Site:
    """The site *code*. Raises ``NotFound`` where *actor* may not know of it, ``Forbidden`` where she may not do that."""
    found = db.session.scalars(
        sa.select(Site)
        .join(Unit, Site.unit_id == Unit.id)
        .where(Site.code == printable(code[:40]), visible_to(actor))
        .options(joinedload(Site.unit).joinedload(Unit.parent))
    ).first()
    if found is None:
        raise NotFound(_("There is no such site."))
    if permission != "directory.see" and not actor.may(permission, found.unit.path):
        raise Forbidden(_("This account may not change the site %(site)s.", site=found.name))
    return found


def all_sites(actor: Actor) -> Sequence[Site]:
    """Every site *actor* sees, as the workbook lists them."""
    return db.session.scalars(sites(actor)).all()


def sites_named(actor: Actor, text: str) -> tuple[list[Site], list[str]]:
    """The sites that pasted codes or names mean, one a line, and the lines that mean none or several."""
    parts = [" ".join(line.split()) for line in printable(text).replace("\t", "\n").replace(";", "\n").split("\n")]
    lines = list(dict.fromkeys(line for line in parts if line))
    if not lines:
        return [], []
    by_key: dict[int, Site] = {}
    places: list[Place] = []
    for site in db.session.scalars(sites(actor)):
        province = site.unit.parent.name if site.unit.parent and site.unit.parent.kind is UnitKind.PROVINCE else ""
        by_key[site.id] = site
        places.append(Place(site.id, site.code, site.name, site.unit.type, province))
    register, found, unknown = Register(places), [], []
    for line in lines:
        met = register.find(line, "")
        met = met if met.place else register.find("", line)
        if met.place:
            found.append(by_key[met.place.key])
        else:
            unknown.append(line)
    return found, unknown


def rooms_of(site: Site) -> Sequence[Room]:
    """The rooms of *site*, the default first."""
    return db.session.scalars(
        sa.select(Room).where(Room.site_id == site.id).order_by(Room.is_default.desc(), Room.name, Room.id)
    ).all()


def room(id: int) -> Room | None:
    return db.session.get(Room, id) if 0 < id < 2**31 else None


def contacts_of(site: Site) -> Sequence[Contact]:
    """Everybody who ever answered for *site*, the newest first within each duty."""
    return db.session.scalars(
        sa.select(Contact)
        .where(Contact.site_id == site.id)
        .order_by(Contact.duty, Contact.valid_from.desc(), Contact.id.desc())
    ).all()


def contact(site: Site, duty: Duty) -> Contact | None:
    """Who holds *duty* at *site* now."""
    return db.session.scalars(
        sa.select(Contact)
        .where(Contact.site_id == site.id, Contact.duty == duty, Contact.valid_to.is_(None))
        .order_by(Contact.valid_from.desc(), Contact.id.desc())
        .limit(1)
    ).first()


def in_office(site_ids: Iterable[int]) -> dict[int, dict[Duty, Contact]]:
    """Who holds which duty now, by site."""
    found: dict[int, dict[Duty, Contact]] = defaultdict(dict)
    ids = list(site_ids)
    for start in range(0, len(ids), 900):  # SQLite takes a bounded number of parameters
        query = sa.select(Contact).where(Contact.site_id.in_(ids[start : start + 900]), Contact.valid_to.is_(None))
        for held in db.session.scalars(query.order_by(Contact.valid_from, Contact.id)):
            found[held.site_id][held.duty] = held
    return found


def closed(site: Site, day: date) -> bool:
    """Whether the unit of *site* is no more on *day*, or the site was stopped: its private links no longer open."""
    return not site.in_service or (site.unit.valid_to is not None and site.unit.valid_to <= day)


def successor_of(site: Site) -> Site | None:
    """The site that took over from *site* when its unit was merged (followed to the last one); None: there is none."""
    unit_id, seen = site.unit_id, {site.unit_id}
    while True:
        later = db.session.scalar(
            sa.select(Succession.successor_id)
            .where(Succession.predecessor_id == unit_id)
            .order_by(Succession.id)
            .limit(1)
        )
        if later is None or later in seen:
            break
        seen.add(later)
        unit_id = later
    if unit_id == site.unit_id:
        return None
    return standard_site(unit_id)


def standard_site(unit_id: int) -> Site | None:
    """The first site of a unit that is in service."""
    return db.session.scalars(
        sa.select(Site).where(Site.unit_id == unit_id, Site.in_service).order_by(Site.id).limit(1)
    ).first()


def history(site: Site, contacts: Iterable[Contact]) -> list[Entry]:
    """What the journal says of *site* and of those who answered for it, the newest first."""
    subjects = [site.journal_subject, *(contact.journal_subject for contact in contacts)]
    return list(
        db.session.scalars(
            sa.select(Entry)
            .where(Entry.subject.in_(subjects[:500]))
            .options(joinedload(Entry.payload))
            .order_by(Entry.id.desc())
            .limit(50)
        )
    )
