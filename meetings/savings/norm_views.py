"""Doorways of those who keep norms: the values in force on a day, their history, documents of provinces, distances, the venue."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.clock import today
from meetings.directory import tables
from meetings.errors import NotFound, Refused
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.official.verified import VERIFIED_WORDS, Verified
from meetings.official.workbook import TYPE
from meetings.savings import distances as lists
from meetings.savings import norm_sheet, norming, queries, resolution, services
from meetings.savings.norm_forms import DayForm, DistancesForm, NormForm, ResolutionForm, VenueForm
from meetings.savings.resolution import OFFERED, Brought, Row, Typed
from meetings.savings.rules import BRANCH_WORDS, KEY_WORDS, KEYS, SPECS, NormValue
from meetings.savings.values import Values
from meetings.scheduling import queries as scheduling
from meetings.web import notice
from meetings.web.forms import answer
from meetings.web.pages import asked_page, asked_words, page_of

bp = Blueprint("norms", __name__)


def _shared() -> dict[str, object]:
    return {
        "key_words": KEY_WORDS,
        "specs": SPECS,
        "branch_words": BRANCH_WORDS,
        "verified_words": VERIFIED_WORDS,
        "province_names": norming.province_names(),
    }


def _asked_day() -> tuple[DayForm, date]:
    """The day that the address names; today where it names none or one that cannot be read, which is said at its field."""
    form = DayForm(request.args)
    day = form.day.data if form.validate() and form.day.data else today()
    return form, day


def _sheet(data: bytes, name: str) -> Response:
    return send_file(io.BytesIO(data), mimetype=TYPE, as_attachment=True, download_name=name)


@bp.get("/savings/norms")
@requires("savings.see")
def norms() -> str:
    """Every norm in force on a chosen day, the nation's by branch and then what provinces have of their own."""
    form, day = _asked_day()
    values = queries.values_on(day)
    only = request.args.get("only", "")
    shown = {"missing": values.missing, "doubtful": values.doubtful}.get(only, lambda: list(values.all()))()
    return render_template(
        "savings/norms.html",
        form=form,
        day=day,
        only=only,
        missing=len(values.missing()),
        doubtful=len(values.doubtful()),
        all=sum(1 for _value in values.all()),
        branches={
            branch: [v for v in shown if not v.province and SPECS[v.key].branch is branch] for branch in BRANCH_WORDS
        },
        own=[v for v in shown if v.province],
        values=values,
        may_change=bool(norming.kept_by(actor())),
        **_shared(),
    )


@bp.get("/savings/norms.xlsx")
@requires("savings.see")
def export() -> Response:
    _form, day = _asked_day()
    return _sheet(norm_sheet.of_values(queries.values_on(day), day, norming.province_names()), f"dinh-muc-{day}.xlsx")


def _key(key: str) -> str:
    if key not in KEYS:
        raise NotFound(_("There is no such norm."))
    return key


def _kept_for(key: str) -> list[tuple[str, str]]:
    """For whom this account may set *key*: an assumption of the system is set for the nation only."""
    return [(code, name) for code, name in norming.kept_by(actor()) if not code or SPECS[key].legal]


def _asked_form(key: str, kept: list[tuple[str, str]], values: Values) -> NormForm:
    """The form of a new value, filled with the numbers that stand now; where they came from is typed anew."""
    province = request.args.get("province", "")
    if province not in dict(kept):
        province = kept[0][0] if kept else ""
    held = values.of(province).get(key)
    numbers = {"low": held.low, "mid": held.mid, "high": held.high} if held else {}
    form = NormForm(formdata=None, data={**numbers, "province": province})
    form.offer(kept)
    return form


def _norm_page(key: str, form: NormForm | None = None) -> str:
    kept = _kept_for(key)
    values = queries.values_on(today())
    rows = [(row, queries.value_of(row)) for row in queries.norms(key, replaced=True)]
    current = {(v.province, v.valid_from) for v in values.all() if v.key == key}
    return render_template(
        "savings/norm.html",
        key=key,
        spec=SPECS[key],
        rows=rows,
        current=current,
        day=today(),
        form=form or _asked_form(key, kept, values),
        may_change=bool(kept),
        **_shared(),
    )


@bp.get("/savings/norms/<key>")
@requires("savings.see")
def norm(key: str) -> str:
    """One norm with all its values by date, those that were replaced as well: who entered them, when, from which source."""
    return _norm_page(_key(key))


@bp.post("/savings/norms/<key>")
@requires("savings.edit")
def set_norm(key: str) -> Response:
    key = _key(key)
    norming.only_who_keeps(actor(), request.form.get("province", ""))
    form = NormForm()
    form.offer(_kept_for(key))

    def act() -> Response:
        norming.set_norm(
            NormValue(
                key,
                form.low.data,
                form.mid.data,
                form.high.data,
                form.document.data or "",
                form.article.data or "",
                Verified(form.verified.data),
                form.valid_from.data,
                form.note.data or "",
                form.province.data or "",
            ),
            actor=actor(),
        )
        notice(_("Saved."))
        return redirect(url_for(".norm", key=key), 303)

    return answer(form, act, lambda: _norm_page(key, form))


def _typed() -> dict[str, Typed]:
    """The rows of the table as they were sent."""
    return {
        key: Typed(tables.clean(request.form.get(f"v-{key}", "")), tables.clean(request.form.get(f"a-{key}", "")))
        for key in OFFERED
    }


def _resolution_page(
    form: ResolutionForm, rows: list[Row], unknown: Brought | None = None, *, checked: bool = False
) -> str:
    return render_template(
        "savings/norm_resolution.html",
        form=form,
        rows=rows,
        unknown=unknown.unknown if unknown else (),
        checked=checked,
        right=sum(row.value is not None for row in rows),
        wrong=sum(bool(row.fault) for row in rows),
        held=queries.values_on(today()).of(form.province.data or ""),
        **_shared(),
    )


def _as_typed(typed: Mapping[str, Typed]) -> list[Row]:
    return [Row(key, typed.get(key, Typed())) for key in OFFERED]


def _resolution_form(**filled: Any) -> ResolutionForm:
    """The form for whom this account may set norms; Forbidden where that is nobody."""
    kept = norming.kept_by(actor())
    if not kept:
        norming.only_who_keeps(actor(), "")
    form = ResolutionForm(**filled)
    form.offer(kept)
    return form


@bp.get("/savings/norms/resolution")
@requires("savings.edit")
def resolution_form() -> str:
    form = _resolution_form(formdata=None, data={"province": request.args.get("province", "")})
    return _resolution_page(form, _as_typed({}))


@bp.get("/savings/norms/resolution.xlsx")
@requires("savings.edit")
def resolution_blank() -> Response:
    return _sheet(norm_sheet.blank(), "nghi-quyet-dinh-muc.xlsx")


@bp.post("/savings/norms/resolution")
@requires("savings.edit")
def set_resolution() -> Response:
    """Check the rows of a document, or keep them: nothing is kept but by the button that says so."""
    norming.only_who_keeps(actor(), request.form.get("province", ""))
    form = _resolution_form()
    seen: dict[str, Any] = {"rows": _as_typed(_typed()), "unknown": None, "checked": False}

    def act() -> Response | str:
        typed = _typed()
        file = form.file.data
        if file and file.filename:
            seen["unknown"] = resolution.brought(tables.from_file(file.filename, file.read()))
            if seen["unknown"] is None:
                raise Refused(
                    _("The first row must name the columns: download the form, fill it and choose it here."),
                    field="file",
                    status=422,
                )
            typed = {**{key: t for key, t in typed.items() if t.value}, **seen["unknown"].rows}
        head = resolution.head_of(
            form.province.data or "",
            form.document.data or "",
            "",
            form.valid_from.data,
            Verified(form.verified.data),
            form.note.data or "",
        )
        rows = resolution.judged(typed, head, queries.values_on(head.valid_from).of(head.province))
        seen.update(rows=rows, checked=True)
        if request.form.get("do") != "save" or seen["unknown"] is not None:
            return _resolution_page(form, **seen)
        kept = norming.keep(rows, actor=actor())
        notice(ngettext("%(num)s value has been saved.", "%(num)s values have been saved.", kept))
        return redirect(url_for(".norms", day=f"{head.valid_from:%d/%m/%Y}"), 303)

    return answer(form, act, lambda: _resolution_page(form, **seen))


def _distances_page(form: DistancesForm, ways: list[lists.Way] | None = None) -> str:
    return render_template(
        "savings/norm_distances.html",
        form=form,
        ways=ways,
        right=sum(way.ends is not None for way in ways or ()),
        words=asked_words(),
        page=page_of(norming.ways(asked_words()), asked_page()),
        may_change=actor().may("savings.edit"),
    )


@bp.get("/savings/distances")
@requires("savings.see")
def distances() -> str:
    """The kilometres by road that are known between sites, and the list by which finance adds to them. A page that misses one
    sends the two sites along (``rows``), so that only the kilometres and their source are typed."""
    return _distances_page(DistancesForm(formdata=None, rows=request.args.get("rows", "")[:200]))


@bp.post("/savings/distances")
@requires("savings.edit")
def set_distances() -> Response:
    """Check a list line by line, or keep its right lines: nothing is kept but by the button that says so."""
    form = DistancesForm()
    seen: list[list[lists.Way] | None] = [None]

    def act() -> Response | str:
        file, brought = form.file.data, False
        text = form.rows.data or ""
        if file and file.filename:
            grid, brought = tables.from_file(file.filename, file.read()), True
            form.rows.data = "\n".join("; ".join(cell.replace(";", ",") for cell in row) for row in grid)
        elif text:
            grid = tables.from_text(text)
        else:
            raise Refused(_("Type the lines, or choose a file."), field="rows", status=422)
        if len(grid) > lists.MOST:
            raise Refused(
                _("At most %(most)s lines at once. Divide the list.", most=lists.MOST), field="rows", status=422
            )
        ways = norming.owned(lists.judged(grid, norming.finder(), form.source.data or ""), actor())
        seen[0] = ways
        if request.form.get("do") != "save" or brought:
            return _distances_page(form, ways)
        kept = norming.keep_ways(ways, actor=actor())
        notice(ngettext("%(num)s distance has been saved.", "%(num)s distances have been saved.", kept))
        return redirect(url_for(".distances"), 303)

    return answer(form, act, lambda: _distances_page(form, seen[0]))


@bp.get("/savings/distances.xlsx")
@requires("savings.see")
def distances_export() -> Response:
    return _sheet(norm_sheet.of_ways(norming.all_ways()), "cu-ly.xlsx")


def _venue_page(code: str, form: VenueForm | None = None) -> str:
    meeting = scheduling.meeting_for(actor(), code, "savings.edit")
    return render_template(
        "savings/norm_venue.html",
        meeting=meeting,
        estimate=queries.latest(meeting),
        words=asked_words(),
        sites=norming.venues(meeting, asked_words()),
        form=form or VenueForm(formdata=None),
    )


@bp.get("/meetings/<code>/savings/venue")
@requires("savings.edit")
def venue(code: str) -> str:
    """Where all would have met, and the norms of the day as they are known by now: what an estimate otherwise keeps."""
    return _venue_page(code)


@bp.post("/meetings/<code>/savings/venue")
@requires("savings.edit")
def choose_venue(code: str) -> Response:
    meeting = scheduling.meeting_for(actor(), code, "savings.edit")
    form = VenueForm()

    def act() -> Response:
        site = norming.venue_of(meeting, form.venue.data or "")
        services.choose_venue(meeting, site, form.reason.data or "", actor=actor())
        notice(_("The assumed venue has been changed and the savings estimated anew."))
        return redirect(url_for("savings.savings", code=code), 303)

    return answer(form, act, lambda: _venue_page(code, form))


@bp.post("/meetings/<code>/savings/norms-anew")
@requires("savings.edit")
def norms_anew(code: str) -> Response:
    meeting = scheduling.meeting_for(actor(), code, "savings.edit")
    services.estimate_meeting(meeting, actor=actor(), norms_anew=True)
    notice(_("The savings have been estimated anew, by the norms of the meeting's day as they are known now."))
    return redirect(url_for("savings.savings", code=code), 303)
