"""The names behind a number: one row for each thing that it counts, from the same conditions, with who entered it and how."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from meetings.attendance import facts
from meetings.attendance.models import Presence, Roll
from meetings.database import db
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.i18n import locale, ngettext
from meetings.invitations.models import Invitation, Reply
from meetings.journal.models import Entry
from meetings.minutes.models import ActionItem, Assignment
from meetings.official import dates, money
from meetings.official.numbers import number
from meetings.overview import reports_figures as figures
from meetings.overview.reports_figures import SITE_CONDITIONS, TASK_FIGURES, Figure, Scope
from meetings.overview.reports_shares import NOTHING, Amount, shares
from meetings.savings.models import SavingsEstimate
from meetings.scheduling.models import Meeting, MeetingSite, RegimeOverride
from meetings.scheduling.rules import TYPE_WORDS
from meetings.web.pages import SIZE, Page

DOORS: Final = {
    "link": _l("private link"),
    "account": _l("signed in"),
    "telephone": _l("by telephone"),
    "calendar": _l("by calendar"),
    "mail": _l("by e-mail"),
    "self": _l("on the site's own page"),
    "technician": _l("the technician, signed in"),
    "secretary": _l("the secretary, signed in"),
    "closing": _l("when the roll was closed"),
    "system": _l("the product by itself"),
}
"""By which door something came, by the word that its row or its entry in the journal keeps."""


@dataclass(frozen=True)
class Named:
    """One thing that a number counts. *what* says it in words, *adds* how much of the number it is (people, đồng, else 1).

    *by*, *at*, *door*: who entered it, when, and which way, as its own row keeps it ("" and None where nobody did); *id* finds
    its entries in the journal.
    """

    code: str
    title: str
    starts_at: datetime | None
    name: str
    what: str
    by: str
    at: datetime | None
    door: str
    id: int
    adds: int = 1


def page(scope: Scope, figure: Figure, asked: int) -> Page[Named]:
    """One page of the names behind *figure*."""
    query = _ordered(scope, figure)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(query.order_by(None).subquery())) or 0
    asked = min(asked, max(1, -(-total // SIZE)))
    return Page(list(_told(scope, figure, query.limit(SIZE).offset((asked - 1) * SIZE))), asked, total)


def all_of(scope: Scope, figure: Figure, most: int) -> Iterator[Named]:
    """The first *most* names behind *figure*."""
    yield from _told(scope, figure, _ordered(scope, figure).limit(most))


def _told(scope: Scope, figure: Figure, query: sa.Select[Any]) -> Iterator[Named]:
    divided = shares(scope) if figure is Figure.SAVINGS and scope.part is not None else {}
    for row in db.session.execute(query):
        yield _of_share(row, divided[row.id].get(scope.part or 0, NOTHING)) if divided else _TELL[figure](row)


def stands_for(scope: Scope, figure: Figure, names: int) -> int:
    """The number that the page of *names* names is headed by: of people and money their sum, else how many there are."""
    if figure is Figure.SAVINGS:
        return added(scope, figure)
    if figure is not Figure.PEOPLE:
        return names
    people = _ordered(scope, figure).order_by(None).subquery()
    return int(db.session.scalar(sa.select(sa.func.sum(people.c.number))) or 0)


def added(scope: Scope, figure: Figure) -> int:
    """What the names of *figure* add up to: the number that they stand behind."""
    return sum(one.adds for one in all_of(scope, figure, 10_000_000))


# ------------------------------------------------------------------ the rows of each figure

_OF_MEETING: Final = (Meeting.code, Meeting.title, Meeting.starts_at)


def _ordered(scope: Scope, figure: Figure) -> sa.Select[Any]:
    if figure in (Figure.MEETINGS, Figure.URGENT):
        columns: tuple[Any, ...] = (
            *_OF_MEETING, Meeting.type, Meeting.urgent_reason, Meeting.urgent_approved_by, Meeting.id, Meeting.closed_at,
            Roll.closed_by,
        )  # fmt: skip
        query = figures.meetings(scope, *columns, urgent=figure is Figure.URGENT)
        query = query.outerjoin(Roll, Roll.meeting_id == Meeting.id)
        return query.order_by(Meeting.starts_at, Meeting.id)
    if figure is Figure.PEOPLE:
        return _people(scope)
    if figure in SITE_CONDITIONS:
        return (
            figures.sites(scope, *_OF_MEETING, *_SITE)
            .where(SITE_CONDITIONS[figure])
            .order_by(Meeting.starts_at, Meeting.id, MeetingSite.position, MeetingSite.id)
        )
    if figure is Figure.OVERRIDES:
        kept = RegimeOverride
        columns = (*_OF_MEETING, kept.id, kept.words, kept.reason, kept.leader, kept.way, kept.by, kept.at)
        return figures.overrides(scope, *columns).order_by(Meeting.starts_at, Meeting.id, RegimeOverride.id)
    if figure in TASK_FIGURES:
        columns = (
            *_OF_MEETING, Assignment.id, ActionItem.text, ActionItem.lead, Assignment.due_on, Assignment.done_on,
            Assignment.confirmed_at, figures.lead.full_name,
        )  # fmt: skip
        query = figures.tasks(scope, *columns, on_time=figure is Figure.TASKS_ON_TIME)
        query = query.join(ActionItem, ActionItem.id == Assignment.item_id)
        return query.order_by(Assignment.due_on, Assignment.id)
    kept_estimate = SavingsEstimate
    columns = (
        *_OF_MEETING, kept_estimate.id, kept_estimate.version, kept_estimate.low, kept_estimate.mid, kept_estimate.high,
        kept_estimate.counted, kept_estimate.made_by, kept_estimate.made_at,
    )  # fmt: skip
    return figures.estimates(scope, *columns).order_by(Meeting.starts_at, Meeting.id)


_SITE: Final = (
    MeetingSite.id.label("site_id"),
    MeetingSite.name.label("site"),
    facts.reply.label("reply"),
    Invitation.asked_at,
    Invitation.replied_at,
    Invitation.replied_by,
    Invitation.reply_source,
    Invitation.substitute_name,
    facts.day.outcome.label("day"),
    facts.day.notes.label("day_notes"),
    facts.day.tested_at.label("day_at"),
    facts.day.by.label("day_by"),
    facts.day.source.label("day_source"),
    facts.rehearsal.notes.label("rehearsal_notes"),
    facts.rehearsal.tested_at.label("rehearsal_at"),
    facts.rehearsal.by.label("rehearsal_by"),
    facts.rehearsal.source.label("rehearsal_source"),
    Presence.head_count,
    Presence.with_notice,
    Presence.reason,
    Presence.marked_at,
    Presence.since,
    Presence.by.label("marked_by"),
    Presence.source.label("marked_source"),
    Presence.actor,
)


def _people(scope: Scope) -> sa.Select[Any]:
    """The sites that came and were counted, and with them the main sites (``host``), in one list."""
    names = (
        "code", "title", "starts_at", "meeting_id", "site_id", "site", "place", "number", "by", "at", "source", "host"
    )  # fmt: skip
    seated = figures.sites(
        scope, *_OF_MEETING, Meeting.id, MeetingSite.id, MeetingSite.name, MeetingSite.position, Presence.head_count,
        Presence.by, sa.func.coalesce(Presence.marked_at, Presence.since, type_=Presence.since.type),
        sa.type_coerce(Presence.source, sa.String), sa.literal(0),
    ).where(SITE_CONDITIONS[Figure.PEOPLE])  # fmt: skip
    at_host = figures.hosts(
        scope, *_OF_MEETING, Meeting.id, Meeting.id, figures.host_site.name, sa.literal(-1), figures.host_count,
        _host_counted(Entry.actor_name, figures.host_presence.by), _host_counted(Entry.at, figures.host_presence.marked_at),
        sa.literal("secretary"), sa.literal(1),
    ).where(figures.host_count > 0)  # fmt: skip
    both = _united(names, seated, at_host)
    return sa.select(both).order_by(both.c.starts_at, both.c.meeting_id, both.c.place, both.c.site_id)


def _host_counted(told: Any, marked: Any) -> Any:
    """What the newest entry about the head-count of the main site says; where it has none, what its mark on the roll says."""
    newest = sa.select(told).where(Entry.root == Meeting.code, Entry.fact == "roll.host_counted")
    return sa.func.coalesce(newest.order_by(Entry.id.desc()).limit(1).scalar_subquery(), marked, type_=told.type)


def _united(names: Sequence[str], *queries: sa.Select[Any]) -> sa.Subquery:
    labelled = [
        query.with_only_columns(*(column.label(name) for name, column in zip(names, query.inner_columns, strict=True)))
        for query in queries
    ]
    return sa.union_all(*labelled).subquery("people")


# ------------------------------------------------------------------ told in words


def _door(source: Any) -> str:
    return str(DOORS.get(str(source), "")) if source else ""


def _of_meeting(row: Any) -> Named:
    closed = _("roll closed") if row.closed_at else ""
    said = ", ".join(part for part in (str(TYPE_WORDS[row.type]), closed) if part)
    return Named(
        row.code,
        row.title,
        row.starts_at,
        row.title,
        said,
        row.closed_by or "",
        row.closed_at,
        _door("secretary"),
        row.id,
    )


def _of_urgent(row: Any) -> Named:
    said = _("%(reason)s – approved by %(leader)s", reason=row.urgent_reason, leader=row.urgent_approved_by or "–")
    return Named(row.code, row.title, row.starts_at, row.title, said, "", None, "", row.id)


def _replied(row: Any) -> str:
    match row.reply:
        case Reply.ACCEPTED.value:
            return _("Confirmed")
        case Reply.SUBSTITUTE.value:
            return _("Sends %(name)s", name=row.substitute_name)
        case Reply.DECLINED.value:
            return _("Declined")
        case Reply.NOT_ASKED.value:
            return _("Not asked")
        case _:
            return _("Has not answered")


def _of_answer(row: Any) -> Named:
    source = row.reply_source.value if row.reply_source else ""
    return Named(
        row.code, row.title, row.starts_at, row.site, _replied(row), row.replied_by or "", row.replied_at, _door(source),
        row.site_id,
    )  # fmt: skip


def _of_test(row: Any) -> Named:
    on_day = row.day is not None and row.day.value == "failed"
    notes = (row.day_notes if on_day else row.rehearsal_notes) or {}
    at, by, source = (
        (row.day_at, row.day_by, row.day_source)
        if on_day
        else (row.rehearsal_at, row.rehearsal_by, row.rehearsal_source)
    )
    said = "; ".join(str(text) for text in notes.values() if text)
    said = said or (_("line at fault") if on_day else _("line at fault in the rehearsal"))
    return Named(row.code, row.title, row.starts_at, row.site, said, by or "", at, _door(source), row.site_id)


def _of_absence(row: Any) -> Named:
    said = _("with notice") if row.with_notice else _("without notice")
    if row.reason:
        said = _("%(said)s: %(reason)s", said=said, reason=row.reason)
    return Named(
        row.code, row.title, row.starts_at, row.site, said, row.marked_by or "", row.marked_at or row.since,
        _door(row.marked_source.value if row.marked_source else ""), row.site_id,
    )  # fmt: skip


def _of_people(row: Any) -> Named:
    said = ngettext("%(num)s delegate", "%(num)s delegates", row.number)
    name = _("Main site: %(name)s", name=row.site) if row.host else row.site
    # a main site is found by its meeting: ids of sites are positive
    found = -row.site_id if row.host else row.site_id
    return Named(row.code, row.title, row.starts_at, name, said, row.by, row.at, _door(row.source), found, row.number)


def _of_override(row: Any) -> Named:
    said = _("%(reason)s – approved by %(leader)s", reason=row.reason, leader=row.leader)
    return Named(row.code, row.title, row.starts_at, row.words, said, row.by, row.at, _door("account"), row.id)


def _of_task(row: Any) -> Named:
    due = dates.date_short(row.due_on, locale())
    if row.confirmed_at is None:
        said = _("due on %(due)s, not confirmed as done", due=due)
    else:
        on = dates.date_short(row.done_on or row.confirmed_at, locale())
        said = _("due on %(due)s, done on %(on)s", due=due, on=on)
    unit = row.full_name or row.lead or _("No unit named")
    said = _("%(unit)s: %(said)s", unit=unit, said=said)
    return Named(row.code, row.title, row.starts_at, row.text, said, "", row.confirmed_at, "", row.id)


def _of_estimate(row: Any) -> Named:
    said = _(
        "%(mid)s (from %(low)s to %(high)s), %(counted)s sites counted",
        mid=money.money(row.mid, locale()),
        low=money.money(row.low, locale()),
        high=money.money(row.high, locale()),
        counted=number(row.counted, 0, locale()),
    )
    door = _door("account" if row.made_by else "system")
    return Named(row.code, row.title, row.starts_at, row.title, said, row.made_by, row.made_at, door, row.id, row.mid)


def _of_share(row: Any, amount: Amount) -> Named:
    """What of an estimate stands on the line of one province or body."""
    low, mid, high = (money.money(one, locale()) for one in amount)
    whole = money.money(row.mid, locale())
    said = _("%(mid)s (from %(low)s to %(high)s) of %(whole)s", mid=mid, low=low, high=high, whole=whole)
    return replace(_of_estimate(row), what=said, adds=amount[1])


_TELL: Final = {
    Figure.MEETINGS: _of_meeting,
    Figure.URGENT: _of_urgent,
    Figure.INVITED: _of_answer,
    Figure.ON_TIME: _of_answer,
    Figure.FAILED: _of_test,
    Figure.ABSENT: _of_absence,
    Figure.PEOPLE: _of_people,
    Figure.OVERRIDES: _of_override,
    Figure.TASKS: _of_task,
    Figure.TASKS_ON_TIME: _of_task,
    Figure.SAVINGS: _of_estimate,
}
HEADS: Final = {
    Figure.MEETINGS: _l("Meeting"),
    Figure.URGENT: _l("Meeting"),
    Figure.OVERRIDES: _l("Rule"),
    Figure.TASKS: _l("Task"),
    Figure.TASKS_ON_TIME: _l("Task"),
    Figure.SAVINGS: _l("Meeting"),
}
"""What stands at the head of the names; the others are sites."""
