"""The report of tasks by unit: a page that prints, a workbook, and behind each number its tasks."""

from __future__ import annotations

import io
from datetime import date, timedelta

from flask import render_template, request, send_file
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.clock import today
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.minutes import following_report
from meetings.minutes.following_queries import Sight
from meetings.minutes.views.action_items import bp
from meetings.official import numbers, workbook
from meetings.units import queries as units
from meetings.web.pages import asked_page, page_of


def _period() -> tuple[date, date]:
    """The period in the address, either way of writing a day; else from the first of January."""
    first, last = (_day(request.args.get(name, "")) for name in ("from", "to"))
    last = last or today()
    first = first or date(last.year, 1, 1)
    return min(first, last), max(first, last)


def _day(said: str) -> date | None:
    parts = said.strip()[:10].replace(".", "/").replace("-", "/").split("/")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    year, month, day = (int(part) for part in (parts if len(parts[0]) == 4 else reversed(parts)))
    if not (2000 <= year <= 2100 and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day, last))


@bp.get("/action-items/report")
@requires("task.see")
def task_report() -> str:
    first, last = _period()
    found = following_report.lines(actor(), first, last, Sight.now())
    return render_template(
        "minutes/task_report.html",
        first=first,
        last=last,
        lines=found,
        total=following_report.total(found),
        figures=following_report.FIGURES,
        heads=following_report.heads(),
    )


@bp.get("/action-items/report.xlsx")
@requires("task.see")
def task_report_sheet() -> Response:
    first, last = _period()
    data = following_report.sheet(actor(), first, last, Sight.now())
    name = f"Nhiem-vu-{first.isoformat()}-{last.isoformat()}.xlsx"
    return send_file(io.BytesIO(data), mimetype=workbook.TYPE, as_attachment=True, download_name=name)


@bp.get("/action-items/report/<figure>")
@requires("task.see")
def task_report_behind(figure: str) -> str:
    """The tasks that a number counts: of one unit (``unit=12``), of none (``unit=none``), of all."""
    if figure not in following_report.FIGURES:
        raise NotFound(_("There is no such page."))
    first, last = _period()
    said, sight = request.args.get("unit", ""), Sight.now()
    unit_id = None if said == "none" else numbers.read(said) or 0
    page = page_of(following_report.behind(actor(), figure, unit_id, first, last, sight), asked_page())
    unit = units.by_id(unit_id) if unit_id else None
    head = dict(zip(following_report.FIGURES, following_report.heads(), strict=True))[figure]
    return render_template(
        "minutes/task_report_behind.html",
        head=head,
        first=first,
        last=last,
        page=page,
        unit=_("No unit named") if said == "none" else unit.full_name or unit.name if unit else "",
        rows=[(one, sight.state(one), sight.words(one)) for one in page.rows],
    )
