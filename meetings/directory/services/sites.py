"""Sites, their rooms, and who answers for them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.clock import now, today
from meetings.database import db
from meetings.directory import queries
from meetings.directory.models import Contact, Duty, Room, Site
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.official.text import search_key, sort_key
from meetings.post import segments, texting
from meetings.units.models import Unit, UnitKind

DEFAULT_ROOM = "Phòng họp trực tuyến"


def keys(site: Site, unit: Unit) -> None:
    """Renew what *site* is searched and sorted by."""
    province = unit.parent.name if unit.parent and unit.parent.kind is UnitKind.PROVINCE else ""
    site.search_key = search_key(site.name, site.code, unit.name, unit.abbreviation, province)[:500]
    site.sort_key = sort_key(site.name)[:500]


def add_site(unit: Unit, name: str, *, actor: Actor, code: str = "", **facts: Any) -> Site:
    """Open a site of *unit*, with a default room. Its code is the unit's, with a number where that is taken."""
    site = Site(code=code or _free_code(unit.code), unit_id=unit.id, name=name, in_service=True, **facts)
    site.equipment, site.dial_string, site.place = site.equipment or "", site.dial_string or "", site.place or ""
    if site.latitude is None:
        site.latitude, site.longitude = unit.latitude, unit.longitude
    keys(site, unit)
    db.session.add(site)
    db.session.flush()
    db.session.add(Room(site_id=site.id, name=DEFAULT_ROOM, seats=site.seats, is_default=True, in_service=True))
    journal.record("site.added", site, actor=actor, name=name, unit=unit.code)
    return site


def _free_code(wanted: str) -> str:
    taken = set(db.session.scalars(sa.select(Site.code).where(Site.code.startswith(wanted, autoescape=True))))
    number, code = 1, wanted
    while code in taken:
        number += 1
        code = f"{wanted}-{number}"
    return code


def change_site(site: Site, *, actor: Actor, **facts: Any) -> dict[str, list[Any]]:
    """Write *facts* (name, place, seats, equipment, dial_string, latitude, longitude); returns what changed, before and after."""
    changed = {key: [getattr(site, key), value] for key, value in facts.items() if getattr(site, key) != value}
    if not changed:
        return changed
    for key, (_before, value) in changed.items():
        setattr(site, key, value)
    keys(site, site.unit)
    if "seats" in changed:
        for room in queries.rooms_of(site):
            if room.is_default:
                room.seats = site.seats
    journal.record("site.changed", site, actor=actor, changed=changed)
    return changed


def stop(site: Site, *, actor: Actor) -> None:
    """Take *site* out of service: it is not offered any more; what it was part of stays."""
    if site.in_service:
        site.in_service = False
        journal.record("site.stopped", site, actor=actor)


def resume(site: Site, *, actor: Actor) -> None:
    """Put *site* back into service."""
    if site.unit.valid_to is not None:
        raise Refused(_("The unit of this site no longer exists. Use the site of the unit that followed it."))
    if not site.in_service:
        site.in_service = True
        journal.record("site.resumed", site, actor=actor)


def add_room(site: Site, name: str, seats: int | None, *, actor: Actor) -> Room:
    """Open another room at *site*."""
    if any(room.name == name for room in queries.rooms_of(site)):
        raise Refused(_("This site already has a room of this name."), field="name", status=422)
    room = Room(site_id=site.id, name=name, seats=seats, is_default=False, in_service=True)
    db.session.add(room)
    journal.record("site.changed", site, actor=actor, changed={"room": ["", name]})
    return room


def change_room(room: Room, *, name: str, seats: int | None, in_service: bool, actor: Actor) -> None:
    """Rename *room*, count its seats, stop or resume it. The default room is always in service."""
    if room.is_default and not in_service:
        raise Refused(
            _("The default room of a site cannot be stopped. Stop the site instead."), field="in_service", status=422
        )
    before = [room.name, room.seats, room.in_service]
    room.name, room.seats, room.in_service = name, seats, in_service
    if before != [name, seats, in_service]:
        journal.record("site.changed", room.site, actor=actor, changed={"room": [before, [name, seats, in_service]]})


def name_contact(
    site: Site,
    duty: Duty,
    *,
    honorific: str = "",
    name: str,
    title: str = "",
    phone: str = "",
    email: str = "",
    locale: str = "vi",
    actor: Actor,
) -> Contact:
    """Put a person into *duty* at *site*. Whoever held it leaves it now, and the private links that were made for her with it.

    The fact ``contact.named`` (details: site, site_id, duty, before) is what letters with a new link follow from.
    """
    if queries.closed(site, today()):
        raise Refused(_("This site is no longer in service, so nobody can be named for it."))
    at = now()
    before = queries.contact(site, duty)
    if before is not None:
        before.valid_to = at
    made = Contact(
        site_id=site.id,
        duty=duty,
        honorific=honorific,
        name=name,
        title=title,
        phone=phone,
        email=email,
        locale=locale,
        valid_from=at,
        valid_to=None,
    )
    db.session.add(made)
    db.session.flush()
    journal.record(
        "contact.named",
        made,
        actor=actor,
        site=site.code,
        site_id=site.id,
        duty=duty,
        name=name,
        before=before.name if before else "",
    )
    return made


def correct_contact(contact: Contact, *, actor: Actor, **facts: str) -> None:
    """Mend a misspelt name, number or address of the same person: her links stay good. Not for a new person."""
    changed = [key for key, value in facts.items() if getattr(contact, key) != value]
    if not changed:
        return
    for key in changed:
        setattr(contact, key, facts[key])
    # which fields, not their contents: the journal is kept longer than a telephone number may be
    journal.record(
        "contact.corrected",
        contact,
        actor=actor,
        site=contact.site.code,
        site_id=contact.site_id,
        duty=contact.duty,
        name=contact.name,
        changed=changed,
    )


def end_contact(contact: Contact, *, actor: Actor) -> None:
    """The person leaves the duty and nobody follows yet."""
    if contact.valid_to is None:
        contact.valid_to = now()
        journal.record(
            "contact.ended",
            contact,
            actor=actor,
            site=contact.site.code,
            site_id=contact.site_id,
            duty=contact.duty,
            name=contact.name,
        )


def agree_to_texts(contact: Contact, agrees: bool, *, actor: Actor) -> bool:
    """Keep whether the person agrees to text messages; whether that is new. To take it back always goes, and at once."""
    if agrees is (contact.sms_consent_at is not None):
        return False
    if not agrees:
        texting.withdraw(number=segments.mobile(contact.phone) or "-")
    contact.sms_consent_at = now() if agrees else None
    contact.sms_consent_by = actor.name[:200] if agrees else ""
    journal.record(
        "contact.texts_agreed" if agrees else "contact.texts_stopped",
        contact,
        actor=actor,
        site=contact.site.code,
        site_id=contact.site_id,
        duty=contact.duty,
        name=contact.name,
    )
    return True
