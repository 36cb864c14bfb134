"""Questions to the directory: which sites there are, who answers for them, who may know of it.

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
from sqlalchemy.orm import aliased, joinedload

from meetings.accounts.rules import Actor, Role
from meetings.clock import today
from meetings.database import db
from meetings.directory.matching import Place, Register
from meetings.directory.models import (
    BatchStatus,
    Contact,
    Duty,
    ImportBatch,
    ImportRow,
    Person,
    Room,
    Site,
    SiteGroup,
    SiteGroupMember,
)
from meetings.errors import Forbidden, NotFound
from meetings.i18n import gettext as _
from meetings.journal import Entry
from meetings.official.text import fold, printable
from meetings.units import queries as units
from meetings.units.models import Succession, Unit, UnitKind

_EVERYWHERE: Final = (Role.ADMINISTRATOR, Role.SECRETARY, Role.TECHNICIAN)
_KIND_ORDER: Final = sa.case(
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
    if province and (above := units.by_code(province[:40], today())):
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
    return query.order_by(_KIND_ORDER, Site.code)


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
        .where(Site.code == code[:40], visible_to(actor))
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


def commune_counts(day: date) -> dict[int, int]:
    """How many communes each province has on *day*, by the province's id."""
    rows = db.session.execute(
        sa.select(Unit.parent_id, sa.func.count(Unit.id))
        .where(Unit.kind == UnitKind.COMMUNE, units.valid_on(day))
        .group_by(Unit.parent_id)
    )
    return {parent: count for parent, count in rows if parent is not None}


def site_codes(parent: Unit, day: date) -> dict[int, str]:
    """The code of the standard site of each unit below *parent*, by the unit's id."""
    rows = db.session.execute(
        sa.select(Site.unit_id, sa.func.min(Site.code))
        .join(Unit, Site.unit_id == Unit.id)
        .where(units.below(parent.path), units.valid_on(day))
        .group_by(Site.unit_id)
    )
    return {row[0]: row[1] for row in rows}


class Merger(NamedTuple):
    """A commune that closed, and the one it went into."""

    closed: Unit
    opened: Unit
    on_date: date


def recent_mergers(limit: int = 20) -> list[Merger]:
    """The latest mergers, newest first."""
    old, new = aliased(Unit), aliased(Unit)
    rows = db.session.execute(
        sa.select(old, new, Succession.on_date)
        .join(old, Succession.predecessor_id == old.id)
        .join(new, Succession.successor_id == new.id)
        .order_by(Succession.on_date.desc(), Succession.id.desc())
        .limit(limit)
    )
    return [Merger(*row) for row in rows]


# ------------------------------------------------------------------ groups and people


def groups_for(actor: Actor) -> Sequence[SiteGroup]:
    """Saved groups in use that belong to a unit of *actor* or to one above it."""
    own = units.within(actor.paths("directory.see"))
    return db.session.scalars(
        sa.select(SiteGroup)
        .join(Unit, SiteGroup.unit_id == Unit.id)
        .where(SiteGroup.active, sa.or_(own, Unit.id.in_(_above(actor))))
        .options(joinedload(SiteGroup.unit))
        .order_by(SiteGroup.name, SiteGroup.id)
    ).all()


def _above(actor: Actor) -> set[int]:
    paths = actor.paths("directory.see")
    return {int(part) for path in paths for part in path.strip("/").split("/") if part.isdigit()}


def group_for(actor: Actor, id: int, permission: str = "directory.see") -> SiteGroup:
    """The saved group *id*, as :func:`site_for`."""
    found = next((group for group in groups_for(actor) if group.id == id), None)
    if found is None:
        raise NotFound(_("There is no such group of sites."))
    if permission != "directory.see" and not actor.may(permission, found.unit.path):
        raise Forbidden(_("This account may not change the group %(group)s.", group=found.name))
    return found


def group_sizes(groups: Iterable[SiteGroup]) -> dict[int, int]:
    """How many sites that can be invited today each group holds."""
    rows = db.session.execute(
        sa.select(SiteGroupMember.group_id, sa.func.count(Site.id))
        .join(Site, SiteGroupMember.site_id == Site.id)
        .join(Unit, Site.unit_id == Unit.id)
        .where(SiteGroupMember.group_id.in_([group.id for group in groups]), offered(today()))
        .group_by(SiteGroupMember.group_id)
    )
    return {row[0]: row[1] for row in rows}


def members(group: SiteGroup) -> sa.Select[Site]:
    """The sites of *group* that can be invited today, in the order of their codes."""
    return (
        sa.select(Site)
        .join(SiteGroupMember, SiteGroupMember.site_id == Site.id)
        .join(Unit, Site.unit_id == Unit.id)
        .where(SiteGroupMember.group_id == group.id, offered(today()))
        .options(joinedload(Site.unit).joinedload(Unit.parent))
        .order_by(_KIND_ORDER, Site.code)
    )


def members_of(group: SiteGroup) -> Sequence[Site]:
    """As :func:`members`, all of them."""
    return db.session.scalars(members(group)).all()


def people(actor: Actor, *, text: str = "", leaders: bool = False) -> sa.Select[Person]:
    """The people *actor* may see: of her unit's subtree and of the units above it; by given name."""
    query = (
        sa.select(Person)
        .join(Unit, Person.unit_id == Unit.id)
        .where(Person.active, sa.or_(units.within(actor.paths("directory.see")), Unit.id.in_(_above(actor))))
        .options(joinedload(Person.unit))
    )
    if leaders:
        query = query.where(Person.is_leader)
    return query.where(matches(Person.search_key, text)).order_by(Person.sort_key, Person.id)


def people_for(actor: Actor) -> Sequence[Person]:
    """Everybody *actor* may name as chair, signer or reader."""
    return db.session.scalars(people(actor).limit(500)).all()


def person_for(actor: Actor, id: int, permission: str = "directory.see") -> Person:
    """The person *id*, as :func:`site_for`."""
    found = db.session.scalars(people(actor).where(Person.id == id)).first() if 0 < id < 2**31 else None
    if found is None:
        raise NotFound(_("There is no such person."))
    if permission != "directory.see" and not actor.may(permission, found.unit.path):
        raise Forbidden(_("This account may not change the entry of %(name)s.", name=found.name))
    return found


# ------------------------------------------------------------------ imports


def scopes(actor: Actor) -> Sequence[Unit]:
    """The units whose sites *actor* may change, widest first; of the whole country, its provinces too."""
    own = actor.paths("site.edit")
    heads = [int(path.strip("/").rsplit("/", 1)[-1]) for path in own]
    wanted = sa.or_(
        Unit.id.in_(heads), sa.and_(units.within(own), Unit.kind.in_((UnitKind.MINISTRY, UnitKind.PROVINCE)))
    )
    return db.session.scalars(
        sa.select(Unit).where(wanted, units.valid_on(today())).order_by(_KIND_ORDER, Unit.code)
    ).all()


def importable(paths: Sequence[str], day: date) -> sa.Select[Site, Unit, str | None]:
    """The sites an import may touch: in service, existing, under *paths*; each with its unit and its province's name."""
    above = aliased(Unit)
    return (
        sa.select(Site, Unit, sa.case((above.kind == UnitKind.PROVINCE, above.name)))
        .join(Unit, Site.unit_id == Unit.id)
        .outerjoin(above, Unit.parent_id == above.id)
        .where(offered(day), units.within(paths))
        .order_by(_KIND_ORDER, Site.code, Site.id)
    )


def batch_for(actor: Actor, id: int, *, lock: bool = False) -> ImportBatch:
    """The import *id* of *actor*. An import is its owner's alone: half-finished lists hold telephone numbers."""
    query = sa.select(ImportBatch).where(ImportBatch.id == id, ImportBatch.user_id == (actor.user_id or 0))
    found = db.session.scalars(query.with_for_update() if lock else query).first() if 0 < id < 2**31 else None
    if found is None:
        raise NotFound(_("There is no such import."))
    if not actor.may("site.edit", found.unit.path):
        raise Forbidden(_("This account may no longer change the sites of %(unit)s.", unit=found.unit.name))
    return found


def batches(actor: Actor, limit: int = 10) -> Sequence[ImportBatch]:
    """The latest imports of *actor*."""
    return db.session.scalars(
        sa.select(ImportBatch)
        .where(ImportBatch.user_id == (actor.user_id or 0))
        .options(sa.orm.defer(ImportBatch.grid))
        .order_by(ImportBatch.id.desc())
        .limit(limit)
    ).all()


def rows_of(batch: ImportBatch, which: str = "") -> sa.Select[ImportRow]:
    """The lines of *batch* in the order of the source; *which*: ``wrong``, ``right``, ``left`` (not taken), or all."""
    query = sa.select(ImportRow).where(ImportRow.batch_id == batch.id).order_by(ImportRow.number)
    narrowed = {
        "wrong": ~ImportRow.good,
        "right": sa.and_(ImportRow.good, ~ImportRow.skipped),
        "skipped": sa.and_(ImportRow.good, ImportRow.skipped),
        "left": ~ImportRow.applied,
        "taken": ImportRow.applied,
    }
    return query.where(narrowed[which]) if which in narrowed else query


def lines_left(batch: ImportBatch) -> Sequence[ImportRow]:
    """The lines that were not taken, or would not be as the list stands."""
    query = sa.select(ImportRow).where(ImportRow.batch_id == batch.id).order_by(ImportRow.number)
    if batch.status is BatchStatus.PREVIEW:
        return db.session.scalars(query.where(sa.or_(~ImportRow.good, ImportRow.skipped))).all()
    return db.session.scalars(query.where(~ImportRow.applied)).all()


def sites_of_batch(batch: ImportBatch) -> dict[int, Site]:
    """The sites that the lines of *batch* mean, by id."""
    ids = sa.select(ImportRow.site_id).where(ImportRow.batch_id == batch.id, ImportRow.site_id.is_not(None))
    found = db.session.scalars(
        sa.select(Site).where(Site.id.in_(ids)).options(joinedload(Site.unit).joinedload(Unit.parent))
    )
    return {site.id: site for site in found}


class Tally(NamedTuple):
    """How many lines of a batch are right, wrong, left out by wish, and taken."""

    right: int
    wrong: int
    skipped: int
    taken: int


def tally(batch: ImportBatch) -> Tally:
    """The numbers above the preview and on the result page."""
    kinds = db.session.execute(
        sa.select(ImportRow.good, ImportRow.skipped, ImportRow.applied, sa.func.count(ImportRow.id))
        .where(ImportRow.batch_id == batch.id)
        .group_by(ImportRow.good, ImportRow.skipped, ImportRow.applied)
    ).all()
    return Tally(
        sum(n for good, skipped, applied, n in kinds if good and not skipped),
        sum(n for good, skipped, applied, n in kinds if not good),
        sum(n for good, skipped, applied, n in kinds if good and skipped),
        sum(n for good, skipped, applied, n in kinds if applied),
    )
