"""The report by unit for the briefing of a month: what was given, what was done in time, late, what is open and overdue.

A second room of ``queries``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any, Final

import sqlalchemy as sa

from meetings.accounts.rules import Actor
from meetings.database import db
from meetings.i18n import gettext as _
from meetings.minutes import following_queries
from meetings.minutes.following_queries import Sight
from meetings.minutes.following_rules import Tab
from meetings.minutes.models import ActionItem, Assignment
from meetings.official import workbook
from meetings.official.dates import date_short
from meetings.units.models import Unit

FIGURES: Final = ("given", "in_time", "late", "open", "overdue", "extended")


@dataclass(frozen=True)
class Line:
    """The figures of one unit (id None: the minutes name none); *open* holds what is overdue and what awaits confirmation."""

    unit_id: int | None
    name: str
    given: int
    in_time: int
    late: int
    open: int
    overdue: int
    extended: int


def figures(sight: Sight) -> dict[str, sa.ColumnElement[bool]]:
    """Which assignments each figure counts: one definition for the sum and for the list behind it."""
    done = sight.on(Tab.DONE)
    late = sa.and_(Assignment.due_on.is_not(None), Assignment.done_on > Assignment.due_on)
    return {
        "given": Assignment.withdrawn_at.is_(None),
        "in_time": sa.and_(done, sa.not_(late)),
        "late": sa.and_(done, late),
        "open": following_queries.unended,
        "overdue": sight.on(Tab.OVERDUE),
        "extended": sa.and_(Assignment.withdrawn_at.is_(None), Assignment.extensions > 0),
    }


def lines(actor: Actor, first: date, last: date, sight: Sight) -> list[Line]:
    """A line for each unit that was given something from *first* to *last*, those with the most overdue first."""
    sums = [sa.func.sum(sa.case((where, 1), else_=0)) for where in figures(sight).values()]
    rows = db.session.execute(
        sa.select(Unit.id, Unit.full_name, *sums)
        .select_from(Assignment)
        .outerjoin(Unit, Unit.id == Assignment.lead_unit_id)
        .where(following_queries.visible_to(actor), Assignment.given_on.between(first, last))
        .group_by(Unit.id, Unit.full_name, Unit.sort_key)
        .order_by(Unit.sort_key)
    ).all()
    found = [Line(id, name or "", *(int(count or 0) for count in counts)) for id, name, *counts in rows]
    return sorted((one for one in found if one.given), key=lambda one: (-one.overdue, -one.open))


def total(found: Sequence[Line]) -> Line:
    """The sum of all lines."""
    return Line(None, "", *(sum(getattr(one, figure) for one in found) for figure in FIGURES))


def behind(actor: Actor, figure: str, unit_id: int | None, first: date, last: date, sight: Sight) -> sa.Select[Any]:
    """The query of the assignments that a figure of the report counts; *unit_id* 0: of all units."""
    query = (
        sa.select(Assignment)
        .join(ActionItem, ActionItem.id == Assignment.item_id)
        .where(following_queries.visible_to(actor), Assignment.given_on.between(first, last), figures(sight)[figure])
        .order_by(Assignment.due_on.is_(None), Assignment.due_on, Assignment.id)
        .options(*following_queries.WHOLE)
    )
    if unit_id != 0:
        query = query.where(Assignment.lead_unit_id == unit_id if unit_id else Assignment.lead_unit_id.is_(None))
    return query


def heads() -> list[str]:
    """The heads of the columns behind the unit, in the order of :data:`FIGURES`."""
    return [_("Given"), _("Done in time"), _("Done late"), _("Not finished"), _("Overdue"), _("Extended")]


def sheet(actor: Actor, first: date, last: date, sight: Sight) -> bytes:
    """The report as a workbook: the sums by unit, then every task."""
    file, found = BytesIO(), lines(actor, first, last, sight)
    book = workbook.begun(file, _("Tasks by unit"))
    head, wrap = workbook.head_format(book), book.add_format({"text_wrap": True, "valign": "top"})
    bold = book.add_format({"bold": True, "top": 1})
    day = book.add_format({"num_format": "dd/mm/yyyy", "valign": "top", "align": "center"})
    page = book.add_worksheet(_("By unit"))
    period = _("Tasks given from %(first)s to %(last)s", first=date_short(first), last=date_short(last))
    page.write_string(0, 0, period, book.add_format({"bold": True}))
    for column, label in enumerate([_("Leading unit"), *heads()]):
        page.write_string(2, column, label, head)
    for row, one in enumerate(found, 3):
        page.write_string(row, 0, one.name or _("No unit named"), wrap)
        for column, figure in enumerate(FIGURES, 1):
            page.write_number(row, column, getattr(one, figure))
    at = len(found) + 3
    page.write_string(at, 0, _("Total"), bold)
    for column, figure in enumerate(FIGURES, 1):
        page.write_number(at, column, getattr(total(found), figure), bold)
    page.set_column(0, 0, 48)
    page.set_column(1, len(FIGURES), 13)
    workbook.lay_out(page, 2)
    page = book.add_worksheet(_("Every task"))
    columns = [_("Leading unit"), _("Task"), _("Given on"), _("Due"), _("State"), _("Meeting")]
    for column, label in enumerate(columns):
        page.write_string(0, column, label, head)
    every: Iterable[Assignment] = db.session.scalars(
        behind(actor, "given", 0, first, last, sight)
    )  # all: a workbook has no pages
    for row, task in enumerate(every, 1):
        page.write_string(row, 0, task.lead_unit.full_name if task.lead_unit else task.item.lead, wrap)
        page.write_string(row, 1, task.item.text, wrap)
        page.write_datetime(row, 2, task.given_on, day)
        if task.due_on is not None:
            page.write_datetime(row, 3, task.due_on, day)
        page.write_string(row, 4, sight.words(task), wrap)
        page.write_string(row, 5, task.meeting.code, wrap)
    page.set_column(0, 0, 36)
    page.set_column(1, 1, 60)
    page.set_column(2, 3, 12)
    page.set_column(4, 5, 22)
    workbook.lay_out(page, 0)
    book.close()
    return file.getvalue()
