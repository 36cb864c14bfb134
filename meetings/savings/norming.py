"""Questions and verbs of those who keep norms: what an account may set, values by date, one or those of a document, distances."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased, joinedload

from meetings import journal
from meetings.accounts.rules import SYSTEM, Actor
from meetings.clock import now, today
from meetings.database import db
from meetings.directory.models import Site
from meetings.errors import Forbidden, Refused
from meetings.i18n import gettext as _
from meetings.official import numbers
from meetings.official.text import fold, search_key
from meetings.savings import queries, rules
from meetings.savings.distances import Way
from meetings.savings.models import Distance, Norm
from meetings.savings.norms import DEFAULTS
from meetings.savings.resolution import Row
from meetings.savings.rules import SPECS, NormValue
from meetings.savings.trips import Source
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.units import queries as units
from meetings.units.models import Unit


def kept_by(actor: Actor) -> list[tuple[str, str]]:
    """For whom *actor* may set norms, as (code, name): "" the nation, for finance of the whole country only; a province, for
    its own finance and that of the country."""
    nation = [("", _("the whole country"))] if actor.may_everywhere("savings.edit") else []
    own = [p for p in units.provinces(today()) if actor.may("savings.edit", p.path)]
    return nation + [(p.code, p.name) for p in own]


def only_who_keeps(actor: Actor, province: str) -> None:
    """Raises :class:`Forbidden` where *actor* may not set norms of *province* ("" the nation)."""
    if province in {code for code, _name in kept_by(actor)}:
        return
    if province:
        raise Forbidden(_("Only finance of this province or of the whole country sets its norms."))
    raise Forbidden(_("The norms hold for the whole country: only finance of the whole country changes them."))


def province_names() -> dict[str, str]:
    """Every province of today by its code."""
    return {p.code: p.name for p in units.provinces(today())}


def load_default_norms() -> bool:
    """Keep the norms that come with the product where nobody has kept one of that key and day; returns whether any was new.

    A row that finance replaced stays replaced: what the product brings comes once.
    """
    known = {
        (key, day) for key, day in db.session.execute(sa.select(Norm.key, Norm.valid_from).where(Norm.province == ""))
    }
    new = [value for value in DEFAULTS if (value.key, value.valid_from) not in known]
    at = now()
    if new:
        try:
            with db.session.begin_nested():
                db.session.execute(sa.insert(Norm), [asdict(v) | {"made_at": at, "made_by": SYSTEM.name} for v in new])
        except IntegrityError:  # another estimate of a new installation brought them at this moment
            return False
        journal.record("norm.loaded", db.session.scalars(sa.select(Norm).limit(1)).one(), actor=SYSTEM, values=len(new))
    return bool(new)


def set_norm(value: NormValue, *, actor: Actor, beside: Mapping[str, NormValue] | None = None) -> Norm:
    """Keep *value* from its day on, for the nation or a province. What held from that very day is replaced and stays readable.

    *beside*: the other values of the same document, which hold from the same day whichever of them is kept first.
    Raises :class:`Refused` at the field that is wrong.
    """
    spec = SPECS.get(value.key)
    if spec is None:
        raise Refused(_("Choose which norm is to be changed."), field="key", status=422)
    if value.province and not spec.legal:
        raise Refused(_("Only norms of the law are set by a province."), field="province", status=422)
    three = (value.low, value.mid, value.high)
    others = {**queries.values_on(value.valid_from).of(value.province), **(beside or {})}
    wrong = rules.fault(value.key, *three) or rules.disagrees(value.key, three, others)
    if wrong is not None:
        raise Refused(wrong[1], field=wrong[0], status=422)
    if not value.document.strip():
        raise Refused(_("Enter the source of the value."), field="document", status=422)
    load_default_norms()
    first = sa.select(Norm.id).where(Norm.key == value.key, Norm.province == "").order_by(Norm.id).limit(1)
    db.session.execute(first.with_for_update())  # who sets the same norm at this moment waits
    before = db.session.scalars(
        sa.select(Norm)
        .where(
            Norm.key == value.key,
            Norm.province == value.province,
            Norm.valid_from == value.valid_from,
            Norm.replaced_at.is_(None),
        )
        .execution_options(populate_existing=True)
    ).first()
    if before is not None and queries.value_of(before) == value:
        return before
    if before is not None:
        before.replaced_at = now()
        db.session.flush()  # the old one lets go of its place before the new one takes it
    made = Norm(**asdict(value), made_at=now(), made_by=actor.name)
    db.session.add(made)
    db.session.flush()
    journal.record(
        "norm.set",
        made,
        actor=actor,
        key=value.key,
        province=value.province,
        valid_from=value.valid_from,
        before=[before.low, before.mid, before.high] if before else [],
        after=list(three),
        document=value.document,
        article=value.article,
        verified=value.verified.value,
    )
    return made


def keep(rows: Sequence[Row], *, actor: Actor) -> int:
    """Keep the values of one document, all or none of them; returns how many. They are compared with each other."""
    values = {row.key: row.value for row in rows if row.value is not None}
    if any(row.fault for row in rows):
        raise Refused(_("Some rows need fixing. Nothing was saved."), status=422)
    if not values:
        raise Refused(_("Enter at least one value."), status=422)
    for value in values.values():
        set_norm(value, actor=actor, beside=values)
    return len(values)


@dataclass(frozen=True)
class Known:
    """A site as a list of distances names it."""

    id: int
    code: str
    name: str
    path: str


def finder() -> Callable[[str], Sequence[Known]]:
    """A way of finding sites by code or whole name, whatever the case and the diacritics: one question for a whole list."""
    by_text: dict[str, dict[int, Known]] = {}
    rows = db.session.execute(
        sa.select(Site.id, Site.code, Site.name, Unit.path).join(Unit, Site.unit_id == Unit.id).where(Site.in_service)
    )
    for row in rows:
        site = Known(*row)
        for text in (site.code, site.name):
            by_text.setdefault(fold(text), {})[site.id] = site
    return lambda text: list(by_text.get(fold(text), {}).values())


def owned(ways: Sequence[Way], actor: Actor) -> list[Way]:
    """The same lines; those with neither end in a unit of *actor*'s are refused, each at its line."""
    return [
        way
        if way.ends is None or any(actor.may("savings.edit", end.path) for end in way.ends)
        else Way(way.number, way.cells, fault=_("This account keeps the distances of neither site."))
        for way in ways
    ]


def set_distance(one: Site, other: Site, km: int, document: str, *, actor: Actor) -> Distance:
    """Keep the kilometres by road between two sites as somebody typed them, with their source; the one before is replaced."""
    if one.id == other.id:
        raise Refused(_("Choose two different sites."), field="other", status=422)
    if not 0 < km <= 5000:
        raise Refused(_("Enter a whole number from %(least)s to %(most)s.", least=1, most=5000), field="km", status=422)
    if not document.strip():
        raise Refused(_("Enter the source of the value."), field="document", status=422)
    a, b = sorted((one.id, other.id))
    db.session.execute(sa.select(Site.id).where(Site.id == a).with_for_update(key_share=True))  # one after another
    before = queries.distance(one, other)
    if before is not None:
        before.replaced_at, before.next_at = now(), None
        db.session.flush()
    made = Distance(
        a_id=a, b_id=b, km=km, source=Source.TABLE, document=document.strip(), made_at=now(), made_by=actor.name
    )
    db.session.add(made)
    db.session.flush()
    was = before.km if before else None
    journal.record("distance.set", made, actor=actor, before=was, after=km, document=document.strip())
    return made


def keep_ways(ways: Sequence[Way], *, actor: Actor) -> int:
    """Keep every line that is right; returns how many. The wrong ones were shown to the person who confirmed."""
    right = [way for way in ways if way.ends is not None]
    if not right:
        raise Refused(_("No line can be saved yet."), field="rows", status=422)
    ids = {end.id for way in right for end in way.ends or ()}
    sites = {site.id: site for site in db.session.scalars(sa.select(Site).where(Site.id.in_(ids)))}
    for way in right:
        assert way.ends is not None
        one, other = (sites[end.id] for end in way.ends)
        set_distance(one, other, way.km, way.cells[3], actor=actor)
    return len(right)


def ways(words: str = "") -> sa.Select[Any]:
    """The distances that hold and are known, the newest first; *words* are looked for in the names of both sites."""
    a, b = aliased(Site), aliased(Site)
    query = (
        sa.select(Distance)
        .join(a, Distance.a_id == a.id)
        .join(b, Distance.b_id == b.id)
        .where(Distance.replaced_at.is_(None), Distance.km.is_not(None))
    )
    for word in search_key(words).split()[:6]:
        query = query.where(
            sa.or_(a.search_key.contains(word, autoescape=True), b.search_key.contains(word, autoescape=True))
        )
    return query.order_by(Distance.made_at.desc(), Distance.id.desc())


def venues(meeting: Meeting, words: str, most: int = 30) -> list[Site]:
    """The sites of *meeting* that *words* name, at most *most*: where all could have met."""
    query = (
        sa.select(Site)
        .join(MeetingSite, MeetingSite.site_id == Site.id)
        .where(MeetingSite.meeting_id == meeting.id)
    )  # fmt: skip
    for word in search_key(words).split()[:6]:
        query = query.where(Site.search_key.contains(word, autoescape=True))
    return list(db.session.scalars(query.order_by(Site.sort_key, Site.id).limit(most)))


def venue_of(meeting: Meeting, id: str) -> Site | None:
    """The site of *meeting* that a form names by its number; none named is the host site."""
    if not id:
        return None
    number = numbers.read(id)
    found = db.session.scalars(
        sa.select(Site)
        .join(MeetingSite, MeetingSite.site_id == Site.id)
        .where(MeetingSite.meeting_id == meeting.id, Site.id == (number or 0))
    ).first()
    if found is None:
        raise Refused(_("Choose a site of this meeting."), field="venue", status=422)
    return found


def all_ways() -> Sequence[Distance]:
    """Every distance that holds, with its sites, as the workbook lists them."""
    return db.session.scalars(ways().options(joinedload(Distance.a), joinedload(Distance.b))).all()
