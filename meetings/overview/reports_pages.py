"""Doorways of the reports: the lines of a period, the names behind a number, who entered one of them, and the files."""

from __future__ import annotations

import io
from typing import Any, Final

from flask import Blueprint, Response, render_template, request, send_file

from meetings.accounts.access import actor, requires
from meetings.clock import today
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.official import numbers, paper
from meetings.official.workbook import TYPE
from meetings.overview import (
    reports_chart,
    reports_count,
    reports_doubt,
    reports_figures,
    reports_names,
    reports_paper,
    reports_period,
    reports_sheet,
    reports_trace,
)
from meetings.overview.reports_figures import BY_WORDS, FIGURE_WORDS, HOW, By, Figure, Scope
from meetings.scheduling import queries as scheduling
from meetings.scheduling.rules import STATUS_WORDS, TYPE_WORDS, MeetingType
from meetings.web.pages import asked_page

bp = Blueprint("reports", __name__)

MOST: Final = 200
"""So many lines of a crossed report stand on the page; the files have all of them."""
_NUMBERS: Final = ("year", "quarter", "month", "organiser", "part")


def _scope() -> Scope:
    """What the address asks for; what it cannot mean is left out."""
    asked = {name: numbers.read(request.args.get(name)) for name in _NUMBERS}
    period = reports_period.asked(asked["year"], asked["quarter"], asked["month"], today())
    word = request.args.get("type", "")
    kind = MeetingType(word) if word in set(MeetingType) else None
    return Scope(actor(), period, kind, asked["organiser"], asked["part"])


def _by() -> By:
    word = request.args.get("by", "")
    return By(word) if word in set(By) else By.PART


def _figure(word: str) -> Figure:
    if word not in set(Figure):
        raise NotFound(_("There is no such figure."))
    return Figure(word)


def arguments(scope: Scope, **more: Any) -> dict[str, Any]:
    """*scope* as it stands in an address."""
    period = scope.period
    found = {
        "year": period.year,
        "quarter": period.quarter or None,
        "month": period.month or None,
        "type": scope.type.value if scope.type else None,
        "organiser": scope.organiser,
        "part": scope.part,
        **more,
    }
    return {name: value for name, value in found.items() if value is not None}


def _shared(scope: Scope) -> dict[str, Any]:
    return {
        "scope": scope,
        "period": scope.period,
        "figures": Figure,
        "figure_words": FIGURE_WORDS,
        "narrowed_to": reports_count.narrowed_names(scope),
        "arguments": arguments,
    }


def _years(shown: int) -> list[tuple[int, int]]:
    """The years to choose from: the last five and the next, and the one that is shown."""
    this = today().year
    return [(year, year) for year in sorted({*range(this - 4, this + 2), shown}, reverse=True)]


@bp.get("/reports")
@requires("report.see")
def report() -> str:
    scope, by = _scope(), _by()
    found = reports_count.report(scope, by)
    organisers, parts = reports_count.offered(scope)
    return render_template(
        "reports/report.html",
        report=found,
        charts=reports_chart.charts(found),
        doubts=reports_doubt.sentences(scope),
        not_held=reports_figures.not_held(scope),
        by=by,
        most=MOST,
        by_words=BY_WORDS,
        how=HOW,
        organisers=organisers,
        parts=parts,
        all_types=TYPE_WORDS,
        status_words=STATUS_WORDS,
        years=_years(scope.period.year),
        **_shared(scope),
    )


@bp.get("/reports/names")
@requires("report.see")
def names() -> str:
    """The names behind one number: whatever the report was narrowed to, and the line it stands on."""
    scope, figure = _scope(), _figure(request.args.get("figure", ""))
    found = reports_names.page(scope, figure, asked_page())
    return render_template(
        "reports/names.html",
        page=found,
        figure=figure,
        head=reports_names.HEADS.get(figure, _("Site")),
        counted=reports_names.stands_for(scope, figure, found.total),
        how=HOW[figure],
        doubts=reports_doubt.sentences(scope) if figure is Figure.SAVINGS else [],
        range=reports_count.report(scope, By.TYPE).total if figure is Figure.SAVINGS else None,
        **_shared(scope),
    )


@bp.get("/reports/meetings/<code>/<figure>/<int(signed=True):id>")
@requires("report.see")
def trace(code: str, figure: str, id: int) -> str:
    """Who entered it, when, by which door."""
    meeting = scheduling.meeting_for(actor(), code, "report.see")
    what = _figure(figure)
    return render_template(
        "reports/trace.html",
        meeting=meeting,
        figure=what,
        trace=reports_trace.of(meeting, what, id),
        **_shared(_scope()),
    )


def _name(scope: Scope, ending: str) -> str:
    return f"bao-cao-hop-truc-tuyen-{scope.period.mark}.{ending}"


def _file(data: bytes, kind: str, name: str) -> Response:
    return send_file(io.BytesIO(data), mimetype=kind, as_attachment=True, download_name=name)


@bp.get("/reports.xlsx")
@requires("report.see")
def workbook() -> Response:
    scope = _scope()
    return _file(reports_sheet.workbook(reports_count.report(scope, _by())), TYPE, _name(scope, "xlsx"))


@bp.get("/reports.csv")
@requires("report.see")
def table() -> Response:
    scope = _scope()
    return _file(
        reports_sheet.table(reports_count.report(scope, _by())), "text/csv; charset=utf-8", _name(scope, "csv")
    )


@bp.get("/reports/names.csv")
@requires("report.see")
def names_table() -> Response:
    scope, figure = _scope(), _figure(request.args.get("figure", ""))
    name = f"{figure.value.replace('_', '-')}-{scope.period.mark}.csv"
    return _file(reports_sheet.names(scope, figure), "text/csv; charset=utf-8", name)


@bp.get("/reports.docx")
@requires("report.see")
def document() -> Response:
    scope = _scope()
    data = reports_paper.write(scope, _by())
    return _file(data, paper.CONTENT_TYPE, _name(scope, "docx"))
