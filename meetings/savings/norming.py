"""Questions and verbs of those who keep norms: what an account may set, several values of one document, lists of distances."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from meetings.accounts.rules import Actor
from meetings.clock import today
from meetings.database import db
from meetings.directory.models import Site
from meetings.errors import Forbidden, Refused
from meetings.i18n import gettext as _
from meetings.official import numbers
from meetings.official.text import fold, search_key
from meetings.savings import services
from meetings.savings.distances import Way
from meetings.savings.models import Distance
from meetings.savings.resolution import Row
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


def keep(rows: Sequence[Row], *, actor: Actor) -> int:
    """Keep the values of one document, all or none of them; returns how many. They are compared with each other."""
    values = {row.key: row.value for row in rows if row.value is not None}
    if any(row.fault for row in rows):
        raise Refused(_("Some rows need fixing. Nothing was saved."), status=422)
    if not values:
        raise Refused(_("Enter at least one value."), status=422)
    for value in values.values():
        services.set_norm(value, actor=actor, beside=values)
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
        services.set_distance(one, other, way.km, way.cells[3], actor=actor)
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
