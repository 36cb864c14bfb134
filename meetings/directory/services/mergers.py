"""Communes close and one opens in their place. Nothing is overwritten: what met under the old names keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import Final

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import SYSTEM, Actor
from meetings.clock import instant, now, today
from meetings.database import db
from meetings.directory import catalogue, queries
from meetings.directory.models import Duty, Site, SiteGroupMember
from meetings.directory.services import sites
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.journal.models import Entry
from meetings.official.text import search_key, sort_key
from meetings.units import queries as units
from meetings.units.models import Succession, Unit, UnitKind

TYPES: Final = ("xã", "phường", "đặc khu")


def merge(
    closing: Sequence[Unit], *, name: str, type: str, code: str, on_date: date, keep: Unit | None = None, actor: Actor
) -> Site:
    """Close the communes *closing* on *on_date* and open the one that follows them, with its site; returns that site.

    *name* is without its kind (``Kim Liên``). The coordinators of *keep*'s site go on at the new one; without *keep* it waits
    for its own. From the day on the old sites are not offered and their links no longer open.
    """
    parent = _common_parent(closing, on_date)
    if type not in TYPES:
        raise Refused(_("Choose commune, ward or special zone."), field="type", status=422)
    other = units.by_code(code, on_date)
    if other is not None and other.id not in {unit.id for unit in closing}:
        raise Refused(_("The code %(code)s belongs to %(unit)s.", code=code, unit=other.name), field="code", status=422)
    for unit in closing:
        unit.valid_to = on_date
        journal.record("unit.closed", unit, actor=actor, name=unit.name, on=on_date, into=code)
    db.session.flush()
    made = _open(parent, closing, name=name, type=type, code=code, on_date=on_date)
    site = sites.add_site(
        made,
        made.name,
        actor=actor,
        place=f"Trụ sở {made.full_name}, {catalogue.spelt(parent.type, parent.name)}",
        seats=catalogue.SEATS[UnitKind.COMMUNE],
    )
    if keep is not None:
        _hand_over(keep, site, actor)
    _join_groups(closing, site)
    journal.record(
        "unit.merged",
        made,
        actor=actor,
        due_at=instant(on_date, time()),
        name=made.name,
        on=on_date,
        units=[unit.id for unit in closing],
        names=[unit.name for unit in closing],
    )
    if on_date <= today():
        _retire([unit.id for unit in closing], actor)
    return site


def _common_parent(closing: Sequence[Unit], on_date: date) -> Unit:
    if not closing:
        raise Refused(_("Choose the units that are closed."), field="closing", status=422)
    for unit in closing:
        if unit.kind is not UnitKind.COMMUNE:
            raise Refused(_("Only communes, wards and special zones can be merged here."), field="closing", status=422)
        if unit.valid_to is not None:
            raise Refused(_("%(unit)s has been closed already.", unit=unit.name), field="closing", status=422)
        if unit.valid_from >= on_date:
            raise Refused(
                _("The day must be after the first day of %(unit)s.", unit=unit.name), field="on_date", status=422
            )
    parents = {unit.parent_id for unit in closing}
    if len(parents) > 1 or closing[0].parent is None:
        raise Refused(_("Units of different provinces cannot be merged into one commune."), field="closing", status=422)
    return closing[0].parent


def _open(parent: Unit, closing: Sequence[Unit], *, name: str, type: str, code: str, on_date: date) -> Unit:
    shown = f"{type[:1].upper()}{type[1:]} {name}"
    located = [unit for unit in closing if unit.latitude is not None and unit.longitude is not None]
    full = catalogue.committee(type, name)
    made = Unit(
        code=code,
        name=shown,
        full_name=full,
        kind=UnitKind.COMMUNE,
        type=type,
        parent_id=parent.id,
        path="",
        abbreviation="UBND",
        place_name=catalogue.date_line_place(type, name),
        valid_from=on_date,
        latitude=sum(u.latitude or 0 for u in located) / len(located) if located else None,
        longitude=sum(u.longitude or 0 for u in located) / len(located) if located else None,
        search_key=search_key(shown, full, code)[:500],
        sort_key=sort_key(shown)[:500],
    )
    made.parent = parent
    db.session.add(made)
    db.session.flush()
    made.path = f"{parent.path}{made.id}/"
    db.session.add_all(Succession(predecessor_id=unit.id, successor_id=made.id, on_date=on_date) for unit in closing)
    db.session.flush()
    return made


def _hand_over(keep: Unit, site: Site, actor: Actor) -> None:
    old = queries.standard_site(keep.id)
    for duty in Duty:
        held = queries.contact(old, duty) if old else None
        if held is not None:
            sites.name_contact(
                site,
                duty,
                honorific=held.honorific,
                name=held.name,
                title=held.title,
                phone=held.phone,
                email=held.email,
                locale=held.locale,
                actor=actor,
            )


def _join_groups(closing: Sequence[Unit], site: Site) -> None:
    """A saved group that held one of the old sites holds the new one; the old ones stay in it, not offered."""
    old = sa.select(Site.id).where(Site.unit_id.in_([unit.id for unit in closing]))
    groups = db.session.scalars(
        sa.select(SiteGroupMember.group_id).where(SiteGroupMember.site_id.in_(old)).distinct()
    ).all()
    db.session.add_all(SiteGroupMember(group_id=id, site_id=site.id) for id in groups)


def retire_sites(entry: Entry) -> None:
    """What follows from ``unit.merged`` on its day: the sites of the closed units go out of service. Twice is as once."""
    if entry.payload is not None:
        _retire([int(id) for id in entry.payload.data.get("units", ())], SYSTEM)


def _retire(unit_ids: Sequence[int], actor: Actor) -> None:
    for site in db.session.scalars(sa.select(Site).where(Site.unit_id.in_(unit_ids), Site.in_service)):
        sites.stop(site, actor=actor)
        for duty in Duty:
            held = queries.contact(site, duty)
            if held is not None:
                held.valid_to = now()
