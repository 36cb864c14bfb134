"""Doorways of the savings: of one meeting, of a year, how they are counted, and by which norms."""

from __future__ import annotations

import io

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.clock import today
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.savings import queries, services, sheet, waterfall
from meetings.savings.forms import AdjustForm, NormForm, NormSetForm
from meetings.savings.models import NormSet
from meetings.savings.norms import DEFAULTS, KEY_WORDS, VERIFIED_WORDS, NormValue, Verified
from meetings.scheduling import queries as scheduling
from meetings.web import notice
from meetings.web.forms import answer
from meetings.web.pages import asked_page, page_of

bp = Blueprint("savings", __name__)


def _shared() -> dict[str, object]:
    return {"key_words": KEY_WORDS, "verified_words": VERIFIED_WORDS, "category_words": waterfall.CATEGORY_WORDS}


def _page(code: str, form: AdjustForm) -> str:
    meeting = scheduling.meeting_for(actor(), code, "savings.see")
    estimate = queries.latest(meeting)
    words = request.args.get("q", "")[:100].strip()
    return render_template(
        "savings/savings.html",
        meeting=meeting,
        estimate=estimate,
        form=form,
        words=words,
        page=page_of(queries.lines_of(estimate, words), asked_page()) if estimate else None,
        norms=queries.values_of(estimate.norm_set) if estimate else {},
        left_out=queries.left_out(estimate) if estimate else {},
        versions=queries.versions(meeting),
        chart=waterfall.chart(estimate) if estimate else None,
        may_edit=actor().may("savings.edit", meeting.organiser.path),
        **_shared(),
    )


@bp.get("/meetings/<code>/savings")
@requires("savings.see")
def savings(code: str) -> str:
    return _page(code, AdjustForm(formdata=None))


@bp.post("/meetings/<code>/savings/estimate")
@requires("savings.see")
def estimate(code: str) -> Response:
    meeting = scheduling.meeting_for(actor(), code, "savings.see")
    services.estimate_meeting(meeting, actor=actor())
    notice(_("The savings have been estimated."))
    return redirect(url_for(".savings", code=meeting.code), 303)


@bp.post("/meetings/<code>/savings/adjust")
@requires("savings.edit")
def adjust(code: str) -> Response:
    meeting = scheduling.meeting_for(actor(), code, "savings.edit")
    form = AdjustForm()

    def act() -> Response:
        values = (form.low.data, form.mid.data, form.high.data)
        services.adjust(meeting, form.key.data, values, form.reason.data, actor=actor())
        notice(_("The assumption has been changed and the savings estimated anew."))
        return redirect(url_for(".savings", code=code), 303)

    return answer(form, act, lambda: _page(code, form))


@bp.get("/meetings/<code>/savings.xlsx")
@requires("savings.see")
def workbook(code: str) -> Response:
    meeting = scheduling.meeting_for(actor(), code, "savings.see")
    estimate = queries.latest(meeting)
    if estimate is None:
        raise NotFound(_("The savings of this meeting have not been estimated yet."))
    return send_file(io.BytesIO(sheet.workbook(estimate)), as_attachment=True, download_name=f"Tiet-kiem-{meeting.code}.xlsx")


@bp.get("/savings")
@requires("savings.see")
def overview() -> str:
    year = request.args.get("year", today().year, type=int)
    year = year if 2000 <= year <= 2100 else today().year
    estimates = queries.estimates_seen_by(actor(), year)
    return render_template(
        "savings/overview.html", year=year, estimates=estimates, quarters=queries.by_quarter(estimates, year), this_year=today().year
    )


@bp.get("/savings/method")
@requires("savings.see")
def method() -> str:
    norms = queries.in_force(today())
    values = queries.values_of(norms) if norms else {norm.key: norm for norm in DEFAULTS}
    return render_template("savings/method.html", norms=norms, values=values, example=waterfall.example(values), **_shared())


def _norm_sets_page(form: NormSetForm) -> str:
    return render_template("savings/norms.html", sets=queries.norm_sets(), form=form, used=queries.used)


@bp.route("/savings/norms", methods=["GET", "POST"])
@requires("savings.edit")
def norms() -> Response:
    form = NormSetForm()

    def act() -> Response:
        made = services.new_norm_set(form.name.data, form.valid_from.data, actor=actor())
        return redirect(url_for(".norm_set", id=made.id), 303)

    return answer(form, act, lambda: _norm_sets_page(form))


def _norm_set(id: int) -> NormSet:
    found = queries.norm_set(id)
    if found is None:
        raise NotFound(_("There is no such set of norms."))
    return found


@bp.route("/savings/norms/<int:id>", methods=["GET", "POST"])
@requires("savings.edit")
def norm_set(id: int) -> Response:
    found = _norm_set(id)
    key = request.args.get("key", "")
    values = queries.values_of(found)
    form = NormForm(obj=values.get(key))

    def act() -> Response:
        if key not in values:
            raise NotFound(_("There is no such set of norms."))
        services.set_norm(
            found,
            NormValue(key, form.low.data, form.mid.data, form.high.data, values[key].unit, form.source.data, Verified(form.verified.data)),
            actor=actor(),
        )
        notice(_("Saved."))
        return redirect(url_for(".norm_set", id=id), 303)

    def show() -> str:
        current = _norm_set(id)
        return render_template(
            "savings/norm_set.html", norms=current, values=queries.values_of(current), key=key, form=form, used=queries.used(current), **_shared()
        )

    return answer(form, act, show)
