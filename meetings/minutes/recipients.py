"""Who may be handed an issued record, out of what the house knows: leaders, sites, units with action items, saved groups.

A second room of ``services``: the same rules hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa

from meetings.accounts.rules import Actor
from meetings.clock import today
from meetings.database import db
from meetings.directory import queries as directory
from meetings.directory.models import Contact, Person, Site
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.invitations import queries as invitations
from meetings.invitations.letters import locale_of
from meetings.minutes import queries
from meetings.minutes.hand_out_rules import (
    FORMER,
    GROUP,
    SITES,
    TASKS,
    Compared,
    Listed,
    Receiver,
    Taken,
    compared,
    printed_as,
)
from meetings.minutes.models import ActionItem, HandOut, Record
from meetings.scheduling import ruling
from meetings.scheduling.models import MeetingSite
from meetings.scheduling.regime import Rule
from meetings.units.models import Unit


def rule() -> Rule | None:
    """How records are handed out today: attached or by link alone, and when a receipt is asked for again."""
    return ruling.rules_on(today()).get("hand_out")


# --- the lists that are ticked as a whole ----------------------------------------------------------------------------


def lists(record: Record, *, actor: Actor) -> list[Listed]:
    """Every list that can be ticked for *record*, each with how many are on it and the line of “Nơi nhận” that prints it."""
    lines = [*record.recipients.split("\n"), *record.notice_recipients.split("\n")]
    found = []
    before = former(record)
    if before is not None:
        count = db.session.scalar(sa.select(sa.func.count(HandOut.id)).where(HandOut.record_id == before.id)) or 0
        if count:
            found.append(Listed(FORMER, str(before.version), count, count))
    invited = _sites_of(record)
    sites = db.session.scalar(sa.select(sa.func.count()).select_from(invited.subquery())) or 0
    writable = invited.where(invitations.writable)
    reached = db.session.scalar(sa.select(sa.func.count()).select_from(writable.subquery())) or 0
    if sites:
        found.append(Listed(SITES, "", sites, reached, printed_as(SITES, "", lines)))
    tasked = _tasked(record)
    if tasked:
        found.append(Listed(TASKS, "", len(tasked), _written_to(tasked), printed_as(TASKS, "", lines)))
    groups = directory.groups_for(actor)
    sizes = directory.group_sizes(groups)
    for group in groups:
        size = sizes.get(group.id, 0)
        if size:
            key = f"{GROUP}{group.id}"
            found.append(Listed(key, group.name, size, size, printed_as(key, group.name, lines)))
    return found


def usual(found: Sequence[Listed]) -> list[str]:
    """What is ticked at first: whom the documents name, and who has the version that is replaced."""
    return [one.key for one in found if one.printed or one.key == FORMER]


def beside_the_print(record: Record, ticked: Collection[str], *, actor: Actor) -> Compared:
    """The printed “Nơi nhận” of *record* beside the lists that are *ticked*."""
    return compared(lists(record, actor=actor), ticked)


def hold_to_print(record: Record, ticked: Collection[str], *, actor: Actor) -> None:
    """Let *record* go out only where “Nơi nhận” and the lists that are *ticked* say the same: refused with what differs."""
    found = beside_the_print(record, ticked, actor=actor)
    if found.unticked:
        first = found.unticked[0]
        raise Refused(
            ngettext(
                "“Nơi nhận” names “%(line)s” (%(num)s recipient), of whom nobody is ticked. Tick them, or “Send as chosen”.",
                "“Nơi nhận” names “%(line)s” (%(num)s recipients), of whom nobody is ticked. Tick them, or “Send as chosen”.",
                first.count,
                line=first.printed.strip(" ;.-"),
            ),
            field="as_chosen",
            status=422,
        )
    if found.unprinted:
        raise Refused(
            _("A list is ticked that stands in no line of “Nơi nhận”. Take the tick away, or tick “Send as chosen”."),
            field="as_chosen",
            status=422,
        )


def former(record: Record) -> Record | None:
    """The issued version that *record* takes the place of."""
    return db.session.scalars(
        sa.select(Record)
        .where(Record.meeting_id == record.meeting_id, Record.version < record.version, Record.issued_at.is_not(None))
        .order_by(Record.version.desc())
        .limit(1)
    ).first()


def _sites_of(record: Record) -> sa.Select[int, int, str, str]:
    return sa.select(MeetingSite.id, MeetingSite.site_id, MeetingSite.name, MeetingSite.unit_name).where(
        MeetingSite.meeting_id == record.meeting_id, MeetingSite.removed_at.is_(None)
    )


def _tasked(record: Record) -> list[int]:
    """The sites of the units that lead action items of *record*, in their order; who cannot be told by name is not guessed."""
    items = db.session.scalars(
        sa.select(ActionItem).where(ActionItem.record_id == record.id).order_by(ActionItem.position, ActionItem.id)
    ).all()
    units = {one.lead_unit_id for one in items if one.lead_unit_id is not None}
    rows = db.session.execute(sa.select(Site.unit_id, Site.id).where(Site.unit_id.in_(units))).all()
    at = {row.unit_id: row.id for row in rows}
    found: dict[int, None] = {}
    for one in items:
        site_id = at.get(one.lead_unit_id) if one.lead_unit_id else queries.site_called(record.meeting, one.lead)
        if site_id is not None:
            found.setdefault(site_id)
    return list(found)


def _written_to(site_ids: Sequence[int]) -> int:
    return sum(contact is not None and bool(contact.email) for contact in invitations.officers_at(site_ids).values())


# --- the people on them ----------------------------------------------------------------------------------------------


def of_people(
    people: Iterable[Person], others: Iterable[tuple[str, str]], *, notice_only: bool = False
) -> list[Receiver]:
    """Leaders of the directory, and names with addresses as they were typed: those see the notice alone where *notice_only*."""
    return [
        *(Receiver(one.email, f"{one.honorific} {one.name}".strip(), Taken.LEADER, person_id=one.id) for one in people),
        *(Receiver(address, name, notice_only=notice_only) for name, address in others),
    ]


def on(record: Record, ticked: Collection[str], *, actor: Actor) -> list[Receiver]:
    """Everybody on the lists that are *ticked* who can be written to. Units see the notice of conclusions alone."""
    found: list[Receiver] = []
    if FORMER in ticked and (before := former(record)) is not None:
        found += [
            Receiver(
                one.email,
                one.name,
                Taken.LEADER if one.taken is Taken.LEADER else Taken.FORMER,
                one.unit_name,
                one.person_id,
                one.site_id,
                one.locale,
                one.notice_only,
            )
            for one in queries.hand_outs(before)
        ]
    if SITES in ticked:
        rows = db.session.execute(_sites_of(record).order_by(MeetingSite.position, MeetingSite.id)).all()
        found += _at({row.site_id: row.unit_name or row.name for row in rows}, Taken.SITE)
    if TASKS in ticked:
        found += _at(_names(_tasked(record)), Taken.TASK)
    for group in directory.groups_for(actor):
        if f"{GROUP}{group.id}" in ticked:
            members = directory.members_of(group)
            found += _at({site.id: site.unit.full_name or site.name for site in members}, Taken.GROUP)
    return found


def guarded(record: Record, receivers: Iterable[Receiver]) -> list[Receiver]:
    """*receivers*, and among them every address that answers for an invited site known as such: typed or not, it gets the notice
    alone."""
    found = list(receivers)
    typed = [one.email.strip().lower() for one in found if one.taken is Taken.TYPED and not one.notice_only]
    if not typed:
        return found
    answering = sa.select(sa.func.lower(Contact.email), MeetingSite.site_id, MeetingSite.unit_name).join(
        MeetingSite, MeetingSite.site_id == Contact.site_id
    )
    for start in range(0, len(typed), 500):
        rows = db.session.execute(
            answering.where(
                MeetingSite.meeting_id == record.meeting_id,
                MeetingSite.removed_at.is_(None),
                MeetingSite.site_id.is_distinct_from(record.meeting.host_site_id),
                Contact.valid_to.is_(None),
                sa.func.lower(Contact.email).in_(typed[start : start + 500]),
            )
        )
        found += [
            Receiver(email, "", Taken.SITE, unit_name, site_id=site_id, notice_only=True)
            for email, site_id, unit_name in rows
        ]
    return found


def _names(site_ids: Sequence[int]) -> dict[int, str]:
    rows = db.session.execute(
        sa.select(Site.id, Site.name, Unit.full_name).join(Unit, Unit.id == Site.unit_id).where(Site.id.in_(site_ids))
    )
    known = {id: full_name or name for id, name, full_name in rows}
    return {site_id: known[site_id] for site_id in site_ids if site_id in known}


def _at(units: dict[int, str], taken: Taken) -> list[Receiver]:
    """The officers of these sites, in their order, by whose address the unit is reached."""
    officers = invitations.officers_at(units)
    return [
        Receiver(
            contact.email,
            f"{contact.honorific} {contact.name}".strip(),
            taken,
            unit_name,
            site_id=site_id,
            locale=locale_of(contact),
            notice_only=True,
        )
        for site_id, unit_name in units.items()
        if (contact := officers.get(site_id)) is not None and contact.email
    ]
