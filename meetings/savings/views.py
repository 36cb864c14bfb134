"""Doorways of the savings: of one meeting, of a year, and how they are counted."""

from __future__ import annotations

import io

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.clock import today, wall
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.official.verified import VERIFIED_WORDS, Verified
from meetings.official.workbook import TYPE
from meetings.savings import (
    assumed,
    line_queries,
    norming,
    planned,
    planning,
    queries,
    services,
    sheet,
    tornado,
    versions,
    waterfall,
    weighing,
    worked,
    year_queries,
)
from meetings.savings import year as years
from meetings.savings.estimate import FORMULA
from meetings.savings.estimate import estimate as estimated
from meetings.savings.explain import Explainer
from meetings.savings.forms import AdjustForm, EstimateForm, TryForm
from meetings.savings.models import SavingsEstimate
from meetings.savings.rules import BRANCH_WORDS, KEY_WORDS, SPECS
from meetings.savings.year import QUARTERS, ROMAN
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import TYPE_WORDS, Status
from meetings.web import notice
from meetings.web.forms import answer
from meetings.web.pages import asked_page, asked_words, page_in, page_of

bp = Blueprint("savings", __name__)


def _shared() -> dict[str, object]:
    return {
        "formula": FORMULA,
        "key_words": KEY_WORDS,
        "specs": SPECS,
        "branch_words": BRANCH_WORDS,
        "verified_words": VERIFIED_WORDS,
        "category_words": waterfall.CATEGORY_WORDS,
        "in_person": waterfall.IN_PERSON,
    }


def _meeting(code: str, permission: str = "savings.see") -> Meeting:
    return scheduling.meeting_for(actor(), code, permission)


def _estimate(meeting: Meeting) -> SavingsEstimate:
    found = queries.latest(meeting)
    if found is None:
        raise NotFound(_("The savings of this meeting have not been estimated yet."))
    return found


def _page(code: str, form: AdjustForm | None = None) -> str:
    """The tab of a meeting. *form*: an adjustment that was refused; else one filled as the address asks."""
    meeting = _meeting(code)
    estimate = queries.latest(meeting)
    may_edit = actor().may("savings.edit", meeting.organiser.path)
    if estimate is None:
        return render_template(
            "savings/savings.html", meeting=meeting, estimate=None, may_edit=may_edit, **_shared()
        )  # fmt: skip
    values, norms = queries.values_in(estimate), queries.norms_in(estimate)
    form = form or AdjustForm.asked(request.args, values)
    only, province = request.args.get("only", ""), request.args.get("province", "")[:40]
    page = page_of(line_queries.lines_of(estimate, asked_words(), only, province), asked_page())
    venue = estimate.venue or meeting.host_site
    now = queries.values_on(wall(meeting.starts_at).date()).national if estimate.off and meeting.starts_at else {}
    return render_template(
        "savings/savings.html",
        meeting=meeting,
        estimate=estimate,
        may_edit=may_edit,
        form=form,
        value=values.national.get(form.key.data or ""),
        own=sum(form.key.data in table for table in values.provinces.values()),
        words=asked_words(),
        only=only,
        province=province,
        kinds=line_queries.kinds(estimate),
        provinces=line_queries.provinces(estimate),
        page=page,
        wants=line_queries.wants(page.rows, meeting, venue, actor()),
        venue=venue,
        chart=waterfall.chart(estimate),
        groups=assumed.groups(norms, estimate.changes),
        norms=norms.national,
        province_names=norming.province_names() if norms.provinces else {},
        off=(off := assumed.switched_off(estimate.off, now)),
        switched={part.branch.value for part in off},
        versions=versions.told(queries.versions(meeting)),
        co2=queries.co2_in(estimate),
        hours=queries.hours_in(estimate),
        **_shared(),
    )


@bp.get("/meetings/<code>/savings")
@requires("savings.see")
def savings(code: str) -> str:
    return _page(code)


@bp.get("/meetings/<code>/savings/plan")
@requires("savings.see")
def plan(code: str) -> str | Response:
    """A meeting in one place beside the same online, before it is held. What was held has its estimate, of who was there."""
    meeting = _meeting(code)
    if meeting.status is Status.CLOSED:
        return redirect(url_for(".savings", code=meeting.code), 303)
    found, words, only = planning.plan_of(meeting), asked_words(), request.args.get("only", "")
    lines = found.found.lines if found else ()
    return render_template(
        "savings/plan.html",
        meeting=meeting,
        plan=found,
        kinds=planned.kinds(lines),
        only=only if only in planned.KINDS else "",
        words=words,
        page=page_in(planned.listed(lines, words, only), asked_page()),
        may_arrange=actor().may("meeting.arrange", meeting.organiser.path),
    )


@bp.get("/meetings/<code>/savings/weigh")
@requires("savings.see")
def weigh(code: str) -> str | tuple[str, int]:
    """What one other assumption would make of the saving, and which assumption moves it most. Nothing is written."""
    meeting = _meeting(code)
    estimate = _estimate(meeting)
    may_edit = actor().may("savings.edit", meeting.organiser.path)
    if estimate.formula != FORMULA:
        return render_template(
            "savings/weigh.html", meeting=meeting, estimate=estimate, form=None, may_edit=may_edit, **_shared()
        )
    values, occasion = queries.values_in(estimate), queries.occasion_in(estimate)
    trips = queries.trips_in(estimate)
    form = TryForm.asked(request.args, values)
    three = form.three(values) if "mid" in request.args and form.key.data else None
    tried = estimated(values.changed({form.key.data: three}), trips, occasion) if three else None
    value = values.national.get(request.args.get("key", ""))
    shown = render_template(
        "savings/weigh.html",
        meeting=meeting,
        estimate=estimate,
        form=form,
        may_edit=may_edit,
        value=value,
        own=sum(value.key in table for table in values.provinces.values()) if value else 0,
        values=values.national,
        tried=tried,
        money=weighing.money(estimate.sums, tried) if tried else (),
        beside=weighing.beside(queries.time_in(estimate), queries.co2_in(estimate), tried) if tried else (),
        tornado=tornado.tornado(values, trips, occasion),
        **_shared(),
    )
    return shown, 422 if form.errors else 200


@bp.get("/meetings/<code>/savings/sites/<int:id>")
@requires("savings.see")
def site(code: str, id: int) -> str:
    """One site of the estimate, every amount with its formula, its norms and how far they were verified."""
    meeting = _meeting(code)
    estimate = _estimate(meeting)
    line = queries.line(estimate, id)
    if line is None:
        raise NotFound(_("This site does not belong to the newest estimate of %(code)s.", code=meeting.code))
    trip, mode, steps = queries.steps_of(line)
    told = line.left_out == "" and estimate.formula == FORMULA
    explainer = Explainer(queries.values_in(estimate), queries.occasion_in(estimate)) if told else None
    venue = estimate.venue or meeting.host_site
    total = line.steps.get("total", [0, line.mid, 0])
    return render_template(
        "savings/site.html",
        meeting=meeting,
        estimate=estimate,
        line=line,
        trip=trip,
        steps=steps,
        each=total[1] // steps.travelling.mid if steps.travelling.mid else 0,
        venue=venue,
        want=line_queries.wants([line], meeting, venue, actor()).get(line.id),
        may_edit=actor().may("savings.edit", meeting.organiser.path),
        amounts=explainer.items(trip, mode, steps) if explainer else (),
        **_shared(),
    )


@bp.post("/meetings/<code>/savings/estimate")
@requires("savings.edit")
def estimate(code: str) -> Response:
    meeting = _meeting(code, "savings.edit")

    def act() -> Response:
        services.estimate_meeting(meeting, actor=actor())
        notice(_("The savings have been estimated."))
        return redirect(url_for(".savings", code=meeting.code), 303)

    form = EstimateForm()
    return answer(form, act, lambda: _page(code))


@bp.post("/meetings/<code>/savings/adjust")
@requires("savings.edit")
def adjust(code: str) -> Response:
    meeting = _meeting(code, "savings.edit")
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
    meeting = _meeting(code)
    data = io.BytesIO(sheet.workbook(_estimate(meeting)))
    return send_file(data, mimetype=TYPE, as_attachment=True, download_name=f"tiet-kiem-{meeting.code}.xlsx")


@bp.get("/savings")
@requires("savings.see")
def overview() -> str:
    """What a year or one of its quarters saved, by quarter, unit, type and meeting; never without its range."""
    year = request.args.get("year", today().year, type=int)
    year = year if 2000 <= year <= 2100 else today().year
    quarter = request.args.get("quarter", 0, type=int)
    quarter = quarter if quarter in QUARTERS else 0
    whole = year_queries.held_in(actor(), year)
    held = [one for one in whole if quarter in (0, one.quarter)]
    units, words = years.by_unit(held), asked_words()
    sums = years.summed(held)
    behind = year_queries.norms_behind(actor(), year, quarter)
    return render_template(
        "savings/overview.html",
        year=year,
        quarter=quarter,
        years=year_queries.years_with_estimates(actor(), year),
        roman=ROMAN,
        sum=sums,
        fall=years.fall(sums.sums),
        quarters=years.by_quarter(whole),
        many=len(units) > years.TOP,
        words=words,
        units=years.found(units, words)[: years.TOP],
        rest=None if words else years.the_rest(units),
        types=years.by_type(held),
        type_words=TYPE_WORDS,
        behind=len(behind),
        assumed=sum(value.verified is Verified.ASSUMED for value in behind),
        unread=[value for value in behind if value.verified is Verified.MEMORY and not value.missing],
        page=page_in(held, asked_page()),
        waiting=year_queries.not_estimated(actor(), year, quarter),
        **_shared(),
    )


@bp.get("/savings/method")
@requires("savings.see")
def method() -> str:
    """How it is counted, in words, by an example summed with the norms in force today, and every one of these norms."""
    values = queries.values_on(today())
    return render_template(
        "savings/method.html",
        day=today(),
        example=worked.example(values),
        all=sum(1 for _value in values.all()),
        missing=len(values.missing()),
        doubtful=len(values.doubtful()),
        branches={branch: [v for v in values.all() if SPECS[v.key].branch is branch] for branch in BRANCH_WORDS},
        province_names=norming.province_names() | {"": _("the whole country")},
        **_shared(),
    )
