"""The verbs of arranging a meeting."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.models import User
from meetings.accounts.rules import Actor
from meetings.clock import now, wall
from meetings.database import db
from meetings.directory import queries as directory
from meetings.directory.models import Room, Site
from meetings.directory.services import documents, known_person
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.numbering import services as numbering
from meetings.official.dates import clock, date_short
from meetings.official.text import search_key
from meetings.official.vocabulary import DocumentKind
from meetings.scheduling import clashes, holding, numbers, queries, rooms, rules, ruling
from meetings.scheduling.models import AgendaItem, Meeting, MeetingPerson, MeetingSite
from meetings.scheduling.rules import MeetingType, Move, Secrecy, Status
from meetings.units.models import Unit, UnitKind


@dataclass(frozen=True)
class Details:
    """What the first step of the booking asks."""

    title: str
    type: MeetingType
    urgent: bool
    urgent_reason: str
    secrecy: Secrecy
    chair_honorific: str
    chair_name: str
    chair_title: str
    minutes_long: int
    composition: str
    max_delegates: int | None
    host_composition: str
    note: str
    urgent_approved_by: str = ""


def begin(
    details: Details, organiser: Unit, secretary: User, *, actor: Actor, host_room: Room | None = None
) -> Meeting:
    """A new draft with its code; nothing is told to anybody. Raises :class:`Refused` for any class of secrecy.

    It is held in *host_room* where that is a room of the organiser, else in the first room of its first site.
    """
    rules.refuse_secrets(details.secrecy)
    at = now()
    year = wall(at).year
    host = queries.host_sites(organiser)
    room = next(iter(queries.rooms_of(host[0])), None) if host else None
    if host_room is not None and host_room.site_id in {site.id for site in host}:
        room = host_room
    meeting = Meeting(
        code=rules.code_of(year, numbering.take("meeting", year)),
        uid=str(uuid.uuid4()),
        organiser_id=organiser.id,
        secretary_id=secretary.id,
        host_site_id=room.site_id if room else host[0].id if host else None,
        host_room_id=room.id if room else None,
        contact_name=secretary.name,
        contact_phone=secretary.phone,
        created_at=at,
        changed_at=at,
        changed_by=actor.name,
        status=Status.DRAFT,
        sequence=0,
        **_values(details),
    )
    meeting.search_key = search_key(meeting.title)
    meeting.organiser = organiser
    db.session.add(meeting)
    db.session.flush()
    know_chair(meeting, actor)
    journal.record("meeting.drafted", meeting, actor=actor, title=meeting.title)
    if meeting.urgent:
        ruling.note_urgency(meeting, actor=actor)
    return meeting


def describe(
    meeting: Meeting, details: Details, host_room: Room | None, *, actor: Actor, edition: int | None = None
) -> None:
    """Change the facts of the first step."""
    _still_draft(meeting, edition)
    rules.refuse_secrets(details.secrecy)
    before = {key: getattr(meeting, key) for key in _values(details)}
    changed = {key: value for key, value in _values(details).items() if before[key] != value}
    for key, value in changed.items():
        setattr(meeting, key, value)
    if host_room is not None and meeting.host_room_id != host_room.id:
        changed["host_room"] = host_room.name
        meeting.host_room_id, meeting.host_site_id = host_room.id, host_room.site_id
    meeting.search_key = search_key(meeting.title)
    if meeting.starts_at is not None and "minutes_long" in changed:
        meeting.ends_at = meeting.starts_at + timedelta(minutes=meeting.minutes_long)
    know_chair(meeting, actor)
    if changed.keys() & {"minutes_long", "host_room", "chair_name", "chair_title"}:
        holding.renew(meeting, actor=actor)
    _saved(meeting, actor, "meeting.described", changed)
    if meeting.urgent and changed.keys() & {"urgent", "urgent_reason", "urgent_approved_by"}:
        ruling.note_urgency(meeting, actor=actor)


def know_chair(meeting: Meeting, actor: Actor) -> None:
    """Who chairs is a person of the directory, so that the same chair is never booked twice at one hour."""
    named = meeting.chair_honorific, meeting.chair_name, meeting.chair_title
    person = known_person(meeting.organiser, *named, actor=actor)
    meeting.chair_id = person.id if person else None


def set_people(meeting: Meeting, required: Mapping[int, bool], *, actor: Actor) -> None:
    """Say who besides the chair should be free: person id → whether the hour has to suit them."""
    _still_draft(meeting, None)
    before = clashes.people(meeting)
    before.pop(meeting.chair_id or 0, None)
    wanted = {id: must for id, must in required.items() if id != meeting.chair_id}
    if before == wanted:
        return
    db.session.execute(sa.delete(MeetingPerson).where(MeetingPerson.meeting_id == meeting.id))
    for id, must in wanted.items():
        db.session.add(MeetingPerson(meeting_id=meeting.id, person_id=id, required=must))
    db.session.flush()
    holding.renew(meeting, actor=actor)
    _saved(meeting, actor, "meeting.people_set", {"before": before, "people": wanted})


def require_sites(meeting: Meeting, required: Mapping[int, bool], *, actor: Actor) -> int:
    """Say which sites the hour has to suit (site id → whether); the others are invited and held for nobody."""
    _still_draft(meeting, None)
    rows = [row for row in queries.sites_of(meeting) if required.get(row.site_id, row.required) != row.required]
    for row in rows:
        row.required = required[row.site_id]
    if rows:
        db.session.flush()
        holding.renew(meeting, actor=actor)
        changed = {
            "count": len(rows),
            "required": sum(row.required for row in rows),
            "names": [r.name for r in rows[:50]],
        }
        _saved(meeting, actor, "meeting.sites_required", changed)
    return len(rows)


def _values(details: Details) -> dict[str, Any]:
    return {field.name: getattr(details, field.name) for field in fields(details)}


def _still_draft(meeting: Meeting, edition: int | None) -> None:
    if meeting.status is Status.AWAITING_APPROVAL:
        raise Refused(_("The giấy mời waits for approval and is not changed meanwhile. Take it back first."))
    if meeting.status is not Status.DRAFT:
        raise Refused(
            _("The invitations have been sent. What is changed now must be told to the sites, so the draft is closed.")
        )
    check_edition(meeting, edition)


def check_edition(meeting: Meeting, edition: int | None) -> None:
    """Refuse what was typed over an older state: somebody else was faster."""
    if edition is not None and edition != meeting.edition:
        raise Refused(
            _(
                "%(name)s saved this meeting at %(time)s while it was open here. Look at what is there now, then save again.",
                name=meeting.changed_by,
                time=clock(meeting.changed_at),
            )
        )


def _saved(meeting: Meeting, actor: Actor, fact: str, details: dict[str, Any]) -> None:
    """Note the change; a save that changed nothing leaves no trace."""
    if not details:
        return
    meeting.edition += 1
    meeting.changed_at, meeting.changed_by = now(), actor.name
    journal.record(fact, meeting, actor=actor, **details)


def protocol_position(unit: Unit, province: Unit | None) -> int:
    """Order of the sites in lists and documents: central bodies, then provinces by code, each before its communes."""
    if province is None:
        return unit.id
    code = int(province.code) if province.code.isdigit() else 99
    # what stands below a commune stands behind it
    commune = unit if unit.kind is UnitKind.COMMUNE else unit.parent
    of_commune = commune is not None and commune.kind is UnitKind.COMMUNE and commune.code.isdigit()
    own = int(commune.code) if commune is not None and of_commune else 0
    return 1_000_000 * (code + 1) + own


def add_sites(meeting: Meeting, sites: Sequence[Site], *, actor: Actor) -> int:
    """Put *sites* into the draft; those already there are left alone. Returns how many were added."""
    _still_draft(meeting, None)
    have = set(db.session.scalars(sa.select(MeetingSite.site_id).where(MeetingSite.meeting_id == meeting.id)))
    new = [site for site in sites if site.id not in have and site.id != meeting.host_site_id]
    if new:
        put_in(meeting, new)
        holding.renew(meeting, actor=actor)
        _saved(meeting, actor, "meeting.sites_added", {"count": len(new), "sites": [site.code for site in new]})
    return len(new)


def put_in(meeting: Meeting, sites: Sequence[Site], *, brought_by: MeetingSite | None = None) -> None:
    """Make *sites* part of the meeting; none of them is yet. *brought_by*: the site whose officer brings them."""
    if queries.site_count(meeting) + len(sites) > rules.MAX_SITES:
        raise Refused(_("A meeting holds at most %(max)s sites.", max=rules.MAX_SITES), status=422)
    provinces = {unit.id: unit for unit in db.session.scalars(sa.select(Unit).where(Unit.kind == UnitKind.PROVINCE))}
    at = now()
    if sites:
        rows = [_row(meeting, site, provinces, at) for site in sites]
        by = brought_by.id if brought_by is not None else None
        db.session.execute(sa.insert(MeetingSite), [{**row, "brought_by_id": by} for row in rows])


def _row(meeting: Meeting, site: Site, provinces: dict[int, Unit], at: datetime) -> dict[str, Any]:
    unit = site.unit
    province = next((provinces[id] for id in map(int, unit.path.strip("/").split("/")) if id in provinces), None)
    return {
        "meeting_id": meeting.id,
        "site_id": site.id,
        "unit_id": unit.id,
        "province_id": province.id if province else None,
        "name": site.name,
        "unit_name": unit.full_name,
        "position": protocol_position(unit, province),
        "added_at": at,
    }


def drop_sites(meeting: Meeting, site_ids: Iterable[int], *, actor: Actor) -> int:
    """Take sites out of the draft; returns how many."""
    _still_draft(meeting, None)
    wanted = set(site_ids)
    rows = [row for row in queries.sites_of(meeting) if row.site_id in wanted]
    for chunk in (rows[i : i + 500] for i in range(0, len(rows), 500)):
        db.session.execute(sa.delete(MeetingSite).where(MeetingSite.id.in_([row.id for row in chunk])))
    holding.release_sites(meeting, [row.site_id for row in rows])
    if rows:
        _saved(meeting, actor, "meeting.sites_dropped", {"count": len(rows), "names": [r.name for r in rows[:50]]})
    return len(rows)


def place(
    meeting: Meeting,
    starts_at: datetime,
    minutes: int,
    *,
    actor: Actor,
    in_spite_of: str = "",
    displacing: bool = False,
    edition: int | None = None,
) -> None:
    """Set the time, and hold everything for it. What is taken then is refused by name: see :func:`holding.take`."""
    _still_draft(meeting, edition)
    rules.check_time(starts_at, minutes, now=now())
    before, ends_at = meeting.starts_at, starts_at + timedelta(minutes=minutes)
    _take_code_of(meeting, wall(starts_at).year, actor)
    holding.take(meeting, actor=actor, span=(starts_at, ends_at), in_spite_of=in_spite_of, displacing=displacing)
    meeting.minutes_long = minutes
    meeting.rehearsal_at = ruling.rehearsal_at(starts_at, at=now())
    _saved(meeting, actor, "meeting.placed", {"before": before, "starts_at": starts_at, "ends_at": ends_at})


def _take_code_of(meeting: Meeting, year: int, actor: Actor) -> None:
    """A code names the year of the first planned start; a draft of December for January takes a new one, or its old again."""
    if rules.year_of(meeting.code) == year:
        return
    before, again = meeting.code, meeting.earlier_code
    if again is None or rules.year_of(again) != year:
        again = rules.code_of(year, numbering.take("meeting", year))
    meeting.earlier_code = None  # two rows or two columns never bear one code, not even between two statements
    meeting.code = again
    db.session.flush()
    meeting.earlier_code = before
    journal.record("meeting.recoded", meeting, actor=actor, before=before, code=again)


@dataclass(frozen=True)
class Item:
    """One line of the agenda as it was typed."""

    title: str
    minutes: int
    presenter: str


def set_agenda(meeting: Meeting, items: Sequence[Item], *, actor: Actor, edition: int | None = None) -> None:
    """Replace the agenda by *items*, in their order."""
    _still_draft(meeting, edition)
    before = [(a.title, a.minutes, a.presenter) for a in queries.agenda_of(meeting)]
    if before == [(i.title, i.minutes, i.presenter) for i in items]:
        return
    db.session.execute(sa.delete(AgendaItem).where(AgendaItem.meeting_id == meeting.id))
    for position, item in enumerate(items):
        db.session.add(AgendaItem(meeting_id=meeting.id, position=position, **vars(item)))
    _saved(meeting, actor, "meeting.agenda_set", {"items": [[i.title, i.minutes, i.presenter] for i in items]})


def put_on_agenda(meeting: Meeting, item: Item, place: int, *, actor: Actor) -> None:
    """Put *item* on the agenda at *place*, whether or not the giấy mời has left; the sites see it on their pages.

    No change is told to them by letter: nothing of when, where and by whom it is held differs.
    """
    agenda = list(queries.agenda_of(meeting))
    for position, row in enumerate(agenda):
        row.position = position + (position >= place)
    db.session.add(AgendaItem(meeting_id=meeting.id, position=min(place, len(agenda)), **vars(item)))
    db.session.flush()
    _saved(meeting, actor, "meeting.agenda_item_put", {"title": item.title})


@dataclass(frozen=True)
class Wording:
    """What the giấy mời says beyond the facts: who signs, whom to ask, who gets a copy, how to join."""

    signer_authority: str
    signer_title: str
    signer_name: str
    contact_name: str
    contact_phone: str
    technical_phone: str
    recipients: str
    invitation_number: str
    invitation_on: str
    platform_link: str
    dial_string: str


def word(meeting: Meeting, wording: Wording, *, actor: Actor, edition: int | None = None) -> None:
    """Set the wording of the giấy mời."""
    _still_draft(meeting, edition)
    documents.hold_signature(
        meeting.organiser,
        DocumentKind.INVITATION,
        wording.signer_authority,
        wording.signer_title,
        wording.signer_name,
        fields=("signer_authority", "signer_title", "signer_name"),
    )
    numbers.typed(meeting, wording.invitation_number, wording.invitation_on, actor=actor)
    changed = {k: v for k, v in vars(wording).items() if getattr(meeting, k) != v}
    for key, value in changed.items():
        setattr(meeting, key, value)
    _saved(meeting, actor, "meeting.worded", changed)


def steps(meeting: Meeting) -> dict[str, bool]:
    """The steps of the booking and whether each is complete."""
    return {
        "details": bool(meeting.title and meeting.chair_name and meeting.host_site_id),
        "sites": queries.site_count(meeting) > 0,
        "time": meeting.starts_at is not None,
        "agenda": bool(queries.agenda_of(meeting)),
        "invitation": bool(meeting.signer_title and meeting.signer_name and meeting.contact_phone),
    }


def usual_reply_by(meeting: Meeting) -> datetime | None:
    """The reply deadline that the rules give if the invitations leave now."""
    return ruling.reply_deadline(meeting.starts_at, at=now()) if meeting.starts_at else None


def send(meeting: Meeting, reply_by: datetime, *, actor: Actor, move: Move = Move.SEND) -> None:
    """Release the invitations: the meeting is scheduled, and the worker writes to every site.

    Only ``invitations.approval`` calls this: it knows whether somebody has to approve first (*move*: she did).
    """
    to = rules.after(meeting.status, move)
    check_sendable(meeting, reply_by, actor=actor)
    holding.confirm(meeting, actor=actor)
    at = now()
    ruling.count(meeting, at=at, actor=actor)
    meeting.status, meeting.sent_at, meeting.reply_by = to, at, reply_by
    meeting.edition += 1
    meeting.changed_at, meeting.changed_by = at, actor.name
    numbers.at_release(meeting, actor=actor)
    journal.record("meeting.sent", meeting, actor=actor, sites=queries.site_count(meeting), reply_by=reply_by)


def check_sendable(meeting: Meeting, reply_by: datetime, *, actor: Actor) -> None:
    """Refuse what cannot be sent now: steps that are open, an hour that has passed, a deadline out of place, units that
    ended, a rule of the regime that is not kept."""
    at = now()
    undone = [name for name, done in steps(meeting).items() if not done]
    if undone:
        raise Refused(_("The booking is not complete yet: some steps are still open."), status=422)
    if meeting.starts_at is None or meeting.ends_at is None or meeting.starts_at <= at:
        raise Refused(_("The start has passed. Choose a new time first."), status=422)
    documents.hold_authorisation(
        meeting.organiser,
        DocumentKind.INVITATION,
        meeting.signer_authority,
        meeting.signer_title,
        meeting.signer_name,
    )
    if not at < reply_by < meeting.starts_at:
        raise Refused(
            _(
                "The deadline for replies must lie between now and %(start)s.",
                start=f"{clock(meeting.starts_at)} {date_short(meeting.starts_at)}",
            ),
            field="reply_day",
            status=422,
        )
    refuse_units_that_ended(meeting, wall(meeting.starts_at).date())
    ruling.hold_to(meeting, at=at)


def refuse_units_that_ended(meeting: Meeting, day: date) -> None:
    """Refuse a *day* on which units of the meeting do not exist any more."""
    gone = queries.ended_before(meeting, day)
    if not gone:
        return
    names = "; ".join(_succeeded(site) for site in gone[:5]) + ("…" if len(gone) > 5 else "")
    if meeting.status is Status.DRAFT:
        raise Refused(
            _(
                "These units no longer exist on the day of the meeting: %(names)s. Go back to the step of the sites.",
                names=names,
            ),
            status=422,
        )
    raise Refused(
        _(
            "These units no longer exist on the day of the meeting: %(names)s. Take them out first and add those that follow.",
            names=names,
        ),
        status=422,
    )


def _succeeded(gone: MeetingSite) -> str:
    """The unit of a site with the one it went into: ``Vinh Hưng → Thành Vinh``."""
    follows = directory.successor_of(gone.site)
    return f"{gone.name} → {follows.name}" if follows else gone.name


def open_meeting(meeting: Meeting, *, actor: Actor, at: datetime | None = None) -> None:
    """The meeting begins: now, or began *at* an earlier instant, where nobody pressed the button in time."""
    meeting.status = rules.after(meeting.status, Move.OPEN)
    meeting.opened_at = min(at, now()) if at else now()
    journal.record("meeting.opened", meeting, actor=actor)


def close_meeting(meeting: Meeting, ended_at: datetime, *, actor: Actor) -> None:
    """The meeting has ended and its roll is closed."""
    meeting.status = rules.after(meeting.status, Move.CLOSE)
    meeting.ended_at, meeting.closed_at = ended_at, now()
    journal.record("meeting.closed", meeting, actor=actor, ended_at=ended_at)


def set_join_link(
    meeting: Meeting, platform_link: str, dial_string: str, *, actor: Actor, platform: str | None = None
) -> None:
    """Name the video room, before or after the invitations left: the platform, and what the operator pastes for it."""
    values = {"platform": platform or meeting.platform, "platform_link": platform_link, "dial_string": dial_string}
    changed = {name: value for name, value in values.items() if getattr(meeting, name) != value}
    if "platform" in changed:
        rooms.choose(meeting, changed["platform"])
    for key, value in changed.items():
        setattr(meeting, key, value)
    _saved(meeting, actor, "meeting.room_named", changed)


def drop_draft(meeting: Meeting, *, actor: Actor) -> None:
    """Give up a draft: it is cancelled, its code is never used again."""
    _still_draft(meeting, None)
    holding.release(meeting)
    numbers.free(meeting)
    meeting.status = rules.after(meeting.status, Move.CANCEL)
    _saved(meeting, actor, "meeting.dropped", {"title": meeting.title})
