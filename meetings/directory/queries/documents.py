"""What the documents of a unit look like: whose head they have, who signs them, and with which template they are printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings.accounts.rules import Actor
from meetings.database import db
from meetings.directory.models import DocumentTemplate, Letterhead, Signatory
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.official.form import Issuer, issuer_of
from meetings.official.layout import layout
from meetings.official.signing import Signing
from meetings.official.vocabulary import DocumentKind
from meetings.units import queries as tree
from meetings.units.models import Unit


def above(unit: Unit) -> list[int]:
    """The ids of *unit* and of what stands above it, the nearest first."""
    return [int(one) for one in reversed(unit.path.strip("/").split("/")) if one]


@dataclass(frozen=True)
class Heads:
    """All letterheads that hold, read once: a meeting of three thousand sites asks for as many heads."""

    rows: Mapping[int, Letterhead]

    def row(self, unit: Unit) -> Letterhead | None:
        """The letterhead that *unit* uses: its own, else that of the nearest above that is for those below too."""
        for id in above(unit):
            found = self.rows.get(id)
            if found is not None and (found.unit_id == unit.id or found.for_below):
                return found
        return None

    def issuer(self, unit: Unit) -> Issuer:
        """The head of a document that *unit* issues."""
        found = self.row(unit)
        return of_letterhead(found) if found is not None else derived(unit)


def heads(at: datetime | None = None) -> Heads:
    """The letterheads that hold; those that held *at* an instant, for a document that was shown then."""
    held: tuple[sa.ColumnElement[bool], ...] = (Letterhead.ended_at.is_(None),)
    if at is not None:
        held = (Letterhead.made_at <= at, sa.or_(Letterhead.ended_at.is_(None), Letterhead.ended_at > at))
    query = sa.select(Letterhead).where(*held).options(joinedload(Letterhead.unit))
    return Heads({row.unit_id: row for row in db.session.scalars(query.order_by(Letterhead.id))})


def issuer(unit: Unit, at: datetime | None = None) -> Issuer:
    """The head of a document that *unit* issues, or issued *at* an instant."""
    return heads(at).issuer(unit)


def derived(unit: Unit) -> Issuer:
    """The head of a unit that has none of its own: its full name, below the name of the one that stands above it."""
    made = issuer_of(unit.name, unit.full_name, place=unit.place_name, parent=unit.superior_name)
    return replace(made, symbol=unit.abbreviation)


def of_letterhead(row: Letterhead) -> Issuer:
    """The head that *row* gives; what it leaves empty is taken from its unit."""
    base = derived(row.unit)
    return Issuer(
        row.issuer or base.name,
        row.place or base.place,
        (row.superior or base.parent) if row.has_superior else "",
        row.called or base.called,
        row.symbol or base.symbol,
        row.address,
        row.honorific,
        layout(row.form),
    )


def versions(unit: Unit) -> Sequence[Letterhead]:
    """Every letterhead that *unit* has had, the newest first."""
    query = sa.select(Letterhead).where(Letterhead.unit_id == unit.id).order_by(Letterhead.id.desc())
    return db.session.scalars(query).all()


# --- who signs -------------------------------------------------------------------------------------------------------


def signing(row: Signatory, *, titled: bool = False) -> Signing:
    """*row* as the rules of signing take it."""
    return Signing(
        capacity=row.capacity,
        title=row.title,
        name=row.name,
        whose=row.whose,
        above=row.above,
        act_number=row.act_number,
        act_on=row.act_on,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        titled=titled,
    )


def signatories(unit: Unit) -> Sequence[Signatory]:
    """Who signs for *unit*, in the order in which they were entered."""
    query = sa.select(Signatory).where(Signatory.unit_id == unit.id, Signatory.stopped_at.is_(None))
    return db.session.scalars(query.order_by(Signatory.id)).all()


def offered(unit: Unit, kind: DocumentKind, day: date) -> Sequence[Signatory]:
    """Who may sign a document of *kind* that *unit* issues on *day*: its own people, and those of the body whose head it has."""
    head = heads().row(unit)
    ids = {unit.id} | ({head.unit_id} if head is not None else set())
    query = sa.select(Signatory).where(Signatory.unit_id.in_(ids), Signatory.stopped_at.is_(None))
    rows = db.session.scalars(query.order_by(Signatory.unit_id != unit.id, Signatory.id)).all()
    return [row for row in rows if (not row.kinds or kind.value in row.kinds.split()) and signing(row).holds(day)]


@dataclass(frozen=True)
class Offer:
    """A signer as a form offers her: the words that a meeting or a record keeps of her."""

    id: str
    authority: str
    title: str
    name: str

    @property
    def words(self) -> tuple[str, str, str]:
        return self.authority, self.title, self.name

    @property
    def label(self) -> str:
        return f"{self.name} – {' / '.join(filter(None, (self.authority, self.title)))}"


def offers(unit: Unit, kind: DocumentKind, day: date) -> list[Offer]:
    """:func:`offered` in the words of the form that the documents of *unit* have."""
    its = issuer(unit).layout
    return [Offer(str(row.id), *signing(row).written(its), row.name) for row in offered(unit, kind, day)]


# --- templates -------------------------------------------------------------------------------------------------------


def templates(unit: Unit) -> Sequence[DocumentTemplate]:
    """Every template that *unit* was given, the newest first."""
    query = sa.select(DocumentTemplate).where(DocumentTemplate.unit_id == unit.id)
    return db.session.scalars(query.order_by(DocumentTemplate.id.desc())).all()


def template_of(unit: Unit, id: int) -> DocumentTemplate:
    found = db.session.get(DocumentTemplate, id)
    if found is None or found.unit_id != unit.id:
        raise NotFound(_("There is no such template."))
    return found


def signatory_of(unit: Unit, id: int) -> Signatory:
    found = db.session.get(Signatory, id)
    if found is None or found.unit_id != unit.id or found.stopped_at is not None:
        raise NotFound(_("There is no such signer."))
    return found


def used(unit: Unit, kind: DocumentKind, at: datetime | None = None) -> DocumentTemplate | None:
    """The template for documents of *kind* of *unit*: its own, else that of the nearest above that is for those below too.

    *at*: the one that was in use at that instant.
    """
    held: tuple[sa.ColumnElement[bool], ...] = (
        DocumentTemplate.used_from.is_not(None),
        DocumentTemplate.stopped_at.is_(None),
    )
    if at is not None:
        held = (
            DocumentTemplate.used_from <= at,
            sa.or_(DocumentTemplate.stopped_at.is_(None), DocumentTemplate.stopped_at > at),
        )
    query = sa.select(DocumentTemplate).where(
        DocumentTemplate.unit_id.in_(above(unit)), DocumentTemplate.kind == kind, *held
    )
    rows = {row.unit_id: row for row in db.session.scalars(query.order_by(DocumentTemplate.id))}
    for id in above(unit):
        found = rows.get(id)
        if found is not None and (found.unit_id == unit.id or found.for_below):
            return found
    return None


# --- the page --------------------------------------------------------------------------------------------------------


def documents_unit(actor: Actor, code: str, day: date) -> Unit:
    """The unit *code*, if *actor* sees what its documents look like."""
    unit = tree.by_code(code, day)
    if unit is None or not actor.may("letterhead.see", unit.path):
        raise NotFound(_("There is no such unit."))
    return unit


@dataclass(frozen=True)
class Own:
    """What a unit has of its own."""

    unit: Unit
    letterhead: bool
    signatories: int
    templates: int


def with_own(actor: Actor) -> list[Own]:
    """The units whose documents *actor* sees and that have something of their own, in the order of their codes."""
    seen = tree.within(actor.paths("letterhead.see"))
    by_head = _counts(sa.select(Letterhead.unit_id).where(Letterhead.ended_at.is_(None)))
    by_people = _counts(sa.select(Signatory.unit_id).where(Signatory.stopped_at.is_(None)))
    in_use = DocumentTemplate.used_from.is_not(None), DocumentTemplate.stopped_at.is_(None)
    by_template = _counts(sa.select(DocumentTemplate.unit_id).where(*in_use))
    ids = {*by_head, *by_people, *by_template}
    units = db.session.scalars(sa.select(Unit).where(Unit.id.in_(ids), seen).order_by(Unit.code)) if ids else ()
    return [Own(one, one.id in by_head, by_people.get(one.id, 0), by_template.get(one.id, 0)) for one in units]


def _counts(ids: sa.Select[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for id in db.session.scalars(ids):
        found[id] = found.get(id, 0) + 1
    return found
