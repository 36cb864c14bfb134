"""Saved groups of sites, and people known by name and office."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.database import db
from meetings.directory import persons
from meetings.directory.models import Person, Site, SiteGroup, SiteGroupMember
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.official.text import fold, name_sort_key, search_key, sort_key
from meetings.units.models import Unit


def add_group(unit: Unit, name: str, sites: Iterable[Site], *, actor: Actor) -> SiteGroup:
    """Save a choice of sites under a name, for *unit* and everything below it."""
    _name_is_free(unit.id, name)
    group = SiteGroup(unit_id=unit.id, name=name, sort_key=sort_key(name)[:500], active=True)
    db.session.add(group)
    db.session.flush()
    _write_members(group, sites)
    journal.record("group.added", group, actor=actor, name=name)
    return group


def change_group(group: SiteGroup, *, name: str, sites: Iterable[Site], actor: Actor) -> None:
    """Rename *group* and set its sites anew. Meetings that were booked from it keep theirs."""
    if name != group.name:
        _name_is_free(group.unit_id, name)
    before = group.name
    group.name, group.sort_key = name, sort_key(name)[:500]
    db.session.execute(sa.delete(SiteGroupMember).where(SiteGroupMember.group_id == group.id))
    count = _write_members(group, sites)
    journal.record("group.changed", group, actor=actor, name=name, before=before, sites=count)


def stop_group(group: SiteGroup, *, actor: Actor) -> None:
    """Offer *group* no longer."""
    group.active = False
    journal.record("group.stopped", group, actor=actor, name=group.name)


def _name_is_free(unit_id: int, name: str) -> None:
    taken = sa.select(SiteGroup.id).where(SiteGroup.unit_id == unit_id, SiteGroup.active, SiteGroup.name == name)
    if db.session.scalar(taken.limit(1)):
        raise Refused(_("There is already a group of this name. Choose another name."), field="name", status=422)


def _write_members(group: SiteGroup, sites: Iterable[Site]) -> int:
    ids = list(dict.fromkeys(site.id for site in sites))
    if not ids:
        raise Refused(_("A group needs at least one site."), field="sites", status=422)
    db.session.execute(sa.insert(SiteGroupMember), [{"group_id": group.id, "site_id": id} for id in ids])
    return len(ids)


def add_person(
    unit: Unit,
    *,
    honorific: str = "",
    name: str,
    title: str = "",
    email: str = "",
    phone: str = "",
    is_leader: bool = False,
    calendar_kept: bool = False,
    actor: Actor,
) -> Person:
    """Enter somebody of *unit*: who chairs, who signs, who receives the conclusions."""
    person = Person(
        unit_id=unit.id,
        honorific=honorific,
        name=name,
        title=title,
        email=email,
        phone=phone,
        is_leader=is_leader,
        calendar_kept=calendar_kept,
        active=True,
    )
    _person_keys(person)
    db.session.add(person)
    db.session.flush()
    journal.record("person.added", person, actor=actor, name=name, unit=unit.code)
    return person


def known_person(unit: Unit, honorific: str, name: str, title: str, *, actor: Actor) -> Person | None:
    """The person of the directory who bears *name* and *title*, of *unit* before any other; entered there if nobody does.

    None without a name. Whoever is only named in a meeting would be two people to its calendar.
    """
    if not name.strip():
        return None
    namesakes = sa.select(Person).where(Person.active, Person.search_key.startswith(fold(name), autoescape=True))
    found = [p for p in db.session.scalars(namesakes) if persons.same_person((p.name, p.title), (name, title))]
    if found:
        return min(found, key=lambda person: (person.unit_id != unit.id, person.id))
    return add_person(unit, honorific=honorific, name=name, title=title, actor=actor)


def change_person(
    person: Person,
    unit: Unit,
    *,
    honorific: str,
    name: str,
    title: str,
    email: str,
    phone: str,
    is_leader: bool,
    calendar_kept: bool = False,
    actor: Actor,
) -> None:
    """Write the entry anew. Documents that were made keep the name and title they have."""
    values = {
        "honorific": honorific,
        "name": name,
        "title": title,
        "email": email,
        "phone": phone,
        "is_leader": is_leader,
        "calendar_kept": calendar_kept,
    }
    changed = [key for key, value in {**values, "unit_id": unit.id}.items() if getattr(person, key) != value]
    if not changed:
        return
    for key, value in values.items():
        setattr(person, key, value)
    person.unit_id = unit.id
    _person_keys(person)
    journal.record("person.changed", person, actor=actor, name=name, changed=changed)


def stop_person(person: Person, *, actor: Actor) -> None:
    """Offer *person* no longer."""
    person.active = False
    journal.record("person.stopped", person, actor=actor, name=person.name)


def _person_keys(person: Person) -> None:
    person.search_key = search_key(person.name, person.title)[:500]
    person.sort_key = name_sort_key(person.name)[:500]
