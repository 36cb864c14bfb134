"""The tree of units on a day, and the page on which communes are merged."""

from __future__ import annotations

from datetime import date

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from meetings.accounts.access import actor, requires
from meetings.clock import today
from meetings.directory import queries, services
from meetings.directory.forms import MergeForm
from meetings.directory.views import bp
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.official.dates import date_plain
from meetings.official.text import printable
from meetings.units import queries as tree
from meetings.units.models import UnitKind
from meetings.web import notice
from meetings.web.forms import answer


def _day() -> date:
    """The day the address asks for; today for anything that is none."""
    day = request.args.get("day", type=date.fromisoformat)
    return day if day and 2000 <= day.year <= 2100 else today()


@bp.get("/units")
@requires("directory.see")
def units() -> str:
    day, opened = _day(), printable(request.args.get("open", "")[:40])
    above = tree.by_code(opened, day) if opened else None
    nation = tree.by_code("VN", day)
    return render_template(
        "directory/units.html",
        day=day,
        today=today(),
        provinces=tree.provinces(day),
        ministries=[u for u in tree.children(nation, day) if u.kind is UnitKind.MINISTRY] if nation else [],
        counts=queries.commune_counts(day),
        opened=above,
        communes=tree.children(above, day) if above else [],
        codes=queries.site_codes(above, day) if above else {},
        changes=queries.recent_mergers(),
        may_merge=actor().may("unit.administer"),
    )


@bp.route("/units/merge", methods=["GET", "POST"])
@requires("unit.administer")
def merge() -> Response:
    above = tree.by_code(printable(request.args.get("province", "")[:40]), today())
    if above is None or above.kind is not UnitKind.PROVINCE:
        mine = [p for p in tree.provinces(today()) if actor().may("unit.administer", p.path)]
        return Response(render_template("directory/merge_where.html", provinces=mine), mimetype="text/html")
    if not actor().may("unit.administer", above.path):
        raise NotFound(_("There is no such unit."))
    communes = [unit for unit in tree.children(above, today()) if unit.valid_to is None]
    form = MergeForm()
    form.closing.choices = [SelectChoice(unit.id, unit.name) for unit in communes]
    form.keep.choices = [SelectChoice(0, _("nobody yet: they are named later")), *form.closing.choices]

    def act() -> Response:
        day: date = form.on_date.data
        chosen = [unit for unit in communes if unit.id in set(form.closing.data)]
        made = services.merge(
            chosen,
            name=form.name.data,
            type=form.type.data,
            code=form.code.data,
            on_date=day,
            keep=next((unit for unit in chosen if unit.id == form.keep.data), None),
            actor=actor(),
        )
        notice(
            _(
                "%(unit)s exists from %(day)s. %(count)s units close on that day.",
                unit=made.unit.name,
                day=date_plain(day),
                count=len(chosen),
            )
        )
        return redirect(url_for(".site", code=made.code), 303)

    return answer(
        form, act, lambda: render_template("directory/merge.html", form=form, province=above, communes=communes)
    )
