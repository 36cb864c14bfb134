"""From a name to who entered it, when and by which door: the entries of the journal about one thing that a number counts.

The journal is what an inspector trusts: entries are never changed, and each is bound into a chain of seals. What is shown here is
of the one thing alone, so whoever may read the report may read it without the right to the whole journal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings.attendance.models import Presence
from meetings.attendance.rules import MarkSource
from meetings.database import db
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.invitations.models import Invitation
from meetings.journal.models import Entry
from meetings.minutes.models import Assignment
from meetings.overview import history
from meetings.overview.reports_figures import TASK_FIGURES, Figure
from meetings.overview.reports_names import DOORS
from meetings.savings.models import SavingsEstimate
from meetings.scheduling.models import Meeting, MeetingSite, RegimeOverride


@dataclass(frozen=True)
class Told:
    """One entry as an inspector reads it. *door*: by which way it came; *sealed*: whether a seal of the chain binds it."""

    number: int
    at: datetime
    what: str
    by: str
    door: str
    digest: str
    sealed: bool


@dataclass(frozen=True)
class Trace:
    """What is traced, and its entries, oldest first."""

    name: str
    entries: tuple[Told, ...]


def of(meeting: Meeting, figure: Figure, id: int) -> Trace:
    """The entries about the thing *id* of *meeting* that *figure* counts. Raises :class:`NotFound`."""
    name, where = _asked(meeting, figure, id)
    rows = db.session.scalars(
        sa.select(Entry)
        .where(Entry.root.in_(meeting.codes), sa.or_(*where))
        .options(joinedload(Entry.payload))
        .order_by(Entry.id)
    ).unique()
    return Trace(name, tuple(_told(entry) for entry in rows))


def _asked(meeting: Meeting, figure: Figure, id: int) -> tuple[str, Sequence[sa.ColumnElement[bool]]]:
    match figure:
        case Figure.MEETINGS | Figure.URGENT:
            facts = [Entry.fact.startswith("meeting."), Entry.fact.startswith("roll.")]
            return meeting.title, [Entry.fact == "regime.urgent"] if figure is Figure.URGENT else facts
        case Figure.OVERRIDES:
            override = _own(db.session.get(RegimeOverride, id), meeting)
            ids = _about_rule(meeting, override.key)
            return override.words, [Entry.id.in_(ids), Entry.fact == "meeting.sent"]
        case Figure.SAVINGS:
            estimate = _own(db.session.get(SavingsEstimate, id), meeting)
            return meeting.title, [Entry.subject == estimate.journal_subject]
        case Figure.PEOPLE if id < 0:
            name = meeting.host_site.name if meeting.host_site is not None else ""
            rows = db.session.scalars(
                sa.select(MeetingSite.id).where(
                    MeetingSite.meeting_id == meeting.id, MeetingSite.site_id == meeting.host_site_id
                )
            )
            marked = [Entry.subject == f"presence:{row}" for row in rows]
            return _("Main site: %(name)s", name=name), [Entry.fact == "roll.host_counted", *marked]
        case _ if figure in TASK_FIGURES:
            task = _own(db.session.get(Assignment, id), meeting)
            return task.item.text, [Entry.subject == task.journal_subject]
    site = _own(db.session.get(MeetingSite, id), meeting)
    return site.name, _about_site(site, figure)


def _own(found: Any, meeting: Meeting) -> Any:
    if found is None or found.meeting_id != meeting.id:
        raise NotFound(_("This does not belong to the meeting %(code)s.", code=meeting.code))
    return found


def _about_site(site: MeetingSite, figure: Figure) -> list[sa.ColumnElement[bool]]:
    if figure is Figure.FAILED:
        return [Entry.subject == f"line-test:{site.id}"]
    if figure in (Figure.ABSENT, Figure.PEOPLE):
        where = [Entry.subject == f"presence:{site.id}"]
        presence = db.session.scalars(sa.select(Presence).where(Presence.meeting_site_id == site.id)).first()
        if presence is not None and presence.source is MarkSource.CLOSING:
            where.append(Entry.fact == "roll.closed")  # it names every site that was left out at the end
        return where
    invitation = db.session.scalars(sa.select(Invitation).where(Invitation.meeting_site_id == site.id)).first()
    subjects = [site.journal_subject] + ([invitation.journal_subject] if invitation is not None else [])
    return [Entry.subject.in_(subjects)]


def _about_rule(meeting: Meeting, key: str) -> list[int]:
    """The entries that a rule was gone past: which rule stands in their details."""
    facts = ("regime.overridden", "regime.passed_as_urgent")
    rows = db.session.scalars(
        sa.select(Entry).where(Entry.root.in_(meeting.codes), Entry.fact.in_(facts)).options(joinedload(Entry.payload))
    ).unique()
    # details may have been purged as the law asks: then nobody knows which rule it was, and it is shown
    return [entry.id for entry in rows if entry.details.get("rule", key) == key]


def _told(entry: Entry) -> Told:
    by = entry.actor_name or str(DOORS["system"])
    if said_by := entry.details.get("said_by"):
        by = _("%(by)s, as told by %(who)s", by=by, who=said_by)
    return Told(
        entry.id, entry.at, history.told(entry), by, door(entry), entry.digest[:12], entry.seal_id is not None
    )  # fmt: skip


def door(entry: Entry) -> str:
    """By which door *entry* came: what it says itself, else how whoever acted was known."""
    source = str(entry.details.get("source") or entry.details.get("way") or "")
    kind = entry.actor.partition(":")[0]
    if source in DOORS:
        return str(DOORS[source])
    return str(DOORS[{"user": "account", "link": "link"}.get(kind, "system")])
