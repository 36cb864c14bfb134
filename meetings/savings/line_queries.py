"""Questions about the sites of one estimate: which of them a page lists, how many there are of each kind, what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from meetings.accounts.rules import Actor
from meetings.database import db
from meetings.directory.models import Site
from meetings.official.text import search_key
from meetings.savings.estimate import NO_COUNT, NO_PLACE
from meetings.savings.models import SavingsEstimate, SavingsLine
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.units.models import Unit

LEFT_OUT: Final = "left_out"
COUNTED: Final = "counted"
FILTERS: Final = (COUNTED, "air", "coach", "car", "none", LEFT_OUT)
"""What a page may be narrowed to, in the order of its chips."""


@dataclass(frozen=True)
class Kinds:
    """How many sites of an estimate there are of each of :data:`FILTERS` (those that there are), and why some are left out."""

    all: int
    of: Mapping[str, int]
    left_out: Mapping[str, int]


def kinds(estimate: SavingsEstimate) -> Kinds:
    """The sites of *estimate* counted by how they would have travelled and by what is missing."""
    rows = db.session.execute(
        sa.select(SavingsLine.left_out, SavingsLine.mode, sa.func.count())
        .where(SavingsLine.estimate_id == estimate.id)
        .group_by(SavingsLine.left_out, SavingsLine.mode)
    ).all()
    found: dict[str, int] = {}
    missing: dict[str, int] = {}
    for why, mode, number in rows:
        for kind in (LEFT_OUT,) if why else (COUNTED, mode):
            found[kind] = found.get(kind, 0) + number
        if why:
            missing[why] = missing.get(why, 0) + number
    return Kinds(sum(row[2] for row in rows), {key: found[key] for key in FILTERS if key in found}, missing)


def provinces(estimate: SavingsEstimate) -> Sequence[tuple[str, str, int]]:
    """Code, name and number of sites of every province that has sites in *estimate*, in the order of names."""
    province = aliased(Unit)
    rows = db.session.execute(
        sa.select(province.code, province.name, sa.func.count())
        .select_from(SavingsLine)
        .join(MeetingSite, SavingsLine.meeting_site_id == MeetingSite.id)
        .join(province, MeetingSite.province_id == province.id)
        .where(SavingsLine.estimate_id == estimate.id)
        .group_by(province.code, province.name, province.sort_key)
        .order_by(province.sort_key)
    )
    return [(code, name, number) for code, name, number in rows]


def lines_of(estimate: SavingsEstimate, words: str = "", only: str = "", province: str = "") -> sa.Select[Any]:
    """The lines of an estimate, the dearest first, those left out last; *words* are found without diacritics."""
    query = sa.select(SavingsLine).where(SavingsLine.estimate_id == estimate.id)
    here = sa.select(MeetingSite.id).where(MeetingSite.meeting_id == estimate.meeting_id)
    for word in words.split()[:6]:
        named = here.join(Unit, MeetingSite.unit_id == Unit.id).where(
            Unit.search_key.contains(search_key(word), autoescape=True)
        )
        query = query.where(SavingsLine.meeting_site_id.in_(named))
    if province:
        inside = here.join(Unit, MeetingSite.province_id == Unit.id).where(Unit.code == province)
        query = query.where(SavingsLine.meeting_site_id.in_(inside))
    if only == LEFT_OUT:
        query = query.where(SavingsLine.left_out != "")
    elif only in FILTERS:
        query = query.where(SavingsLine.left_out == "")
        if only != COUNTED:
            query = query.where(SavingsLine.mode == only)
    return query.order_by(SavingsLine.left_out, SavingsLine.mid.desc(), SavingsLine.id)


@dataclass(frozen=True)
class Want:
    """What one site that was left out waits for, and by which pages the reader may supply it. *venue*: the place that all would
    have gone to is missing, not the site's own. *ready*: it was supplied since, only the estimate has to be made anew."""

    site: str
    count: bool = False
    place: str = ""
    distance: str = ""
    venue: bool = False
    ready: bool = False


def wants(lines: Iterable[SavingsLine], meeting: Meeting, venue: Site | None, actor: Actor) -> dict[int, Want]:
    """By id of the line what those of *lines* wait for that were left out: the number of people (*count*: the reader may enter
    it), the coordinates (*place*: the code of the site whose page takes them) or the kilometres (*distance*: what to type)."""
    rows = {line.meeting_site_id: line for line in lines if line.left_out in (NO_COUNT, NO_PLACE)}
    if not rows:
        return {}
    counts = actor.may("roll.close", meeting.organiser.path)
    types = actor.may("savings.edit")
    unplaced = venue is None or venue.latitude is None or venue.longitude is None
    found = {}
    for id, site, path, latitude in db.session.execute(
        sa.select(MeetingSite.id, Site, Unit.path, Site.latitude)
        .join(Site, MeetingSite.site_id == Site.id)
        .join(Unit, Site.unit_id == Unit.id)
        .where(MeetingSite.id.in_(rows))
    ):
        line = rows[id]
        if line.left_out == NO_COUNT:
            found[line.id] = Want(site.code, count=counts)
            continue
        own = latitude is None
        place = site.code if own and actor.may("site.edit", path) else ""
        way = f"{site.code}; {venue.code}; " if venue is not None and types else ""
        found[line.id] = Want(
            site.code, place=place, distance=way, venue=unplaced and not own, ready=not unplaced and not own
        )
    return found
