"""Doorways of the step of the time: whom the hour has to suit, and who is left out for its sake."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.directory import queries as directory
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.official import numbers
from meetings.overview import booking, picking
from meetings.scheduling import clashes, finder, services
from meetings.scheduling.forms import SitesForm
from meetings.scheduling.models import Meeting
from meetings.scheduling.slot_forms import SEARCHED
from meetings.units.models import UnitKind
from meetings.web import notice

bp = Blueprint("booking_time", __name__, url_prefix="/meetings/<code>/book/time")


@bp.post("/leave-out")
@requires("meeting.arrange")
def leave_out(code: str) -> Response:
    """Take out the sites that stand in the way of the hour that is looked at; they are those the page named, no others."""
    meeting = booking.draft_of(code)
    seen = {id for text in request.form.get("busy_sites", "").split(",") if (id := numbers.read(text)) is not None}
    dropped = services.drop_sites(meeting, seen, actor=actor())
    notice(ngettext("%(num)s site was taken out.", "%(num)s sites were taken out.", dropped))
    searched = {name: request.args[name] for name in (*SEARCHED, "at") if name in request.args}
    return redirect(f"{url_for('booking.time', code=code)}?{urlencode(searched)}#chosen", 303)


@bp.get("/needs")
@requires("meeting.arrange")
def needs(code: str) -> str:
    meeting = booking.draft_of(code)
    opened = request.args.get("open", -1, type=int)
    return booking.step_page(
        "time",
        meeting,
        template="overview/booking/needs.html",
        form=SitesForm(formdata=None),
        provinces=finder.provinces(meeting),
        opened=opened,
        leaves=finder.sites_in(meeting, opened) if 0 <= opened < 2**31 else [],
        people=finder.people_of(meeting),
        others=directory.people_for(actor()),
        needed=finder.count(meeting),
    )


@bp.post("/needs")
@requires("meeting.arrange")
def set_needs(code: str) -> Response:
    """The ticks of the page, and the one press for many that was made with them."""
    meeting = booking.draft_of(code)
    changed = services.require_sites(meeting, _required(meeting), actor=actor())
    services.set_people(meeting, _people(meeting), actor=actor())
    if "next" in request.form:
        return redirect(url_for("booking.time", code=code), 303)
    if changed:
        notice(ngettext("%(num)s site was changed.", "%(num)s sites were changed.", changed))
    else:
        notice(_("Saved."))
    return redirect(url_for(".needs", code=code, open=request.args.get("open")), 303)


def _required(meeting: Meeting) -> dict[int, bool]:
    """Site id → whether it has to be free, of the sites that the page or its button speaks of."""
    shown, ticked = picking.ids(request.form, "shown"), picking.ids(request.form, "site")
    required = {id: id in ticked for id in shown}
    what = request.form.get("what", "")
    if what in ("all", "provinces"):
        required |= dict.fromkeys(finder.site_ids(meeting), True)
    if what == "provinces":
        required |= dict.fromkeys(finder.site_ids(meeting, kind=UnitKind.COMMUNE), False)
    for button, must in (("require", True), ("release", False)):
        province = numbers.read(request.form.get(button))
        if province is not None:
            required |= dict.fromkeys(finder.site_ids(meeting, communes_of=province), must)
    return required


def _people(meeting: Meeting) -> dict[int, bool]:
    """Person id → whether the hour has to suit her: those of the page, without whoever was taken out, with whoever came."""
    may = {person.id for person in directory.people_for(actor())} | set(clashes.people(meeting))
    shown, must = picking.ids(request.form, "person"), picking.ids(request.form, "must")
    wanted = {id: id in must for id in shown - picking.ids(request.form, "out")}
    added = numbers.read(request.form.get("add"))
    if added:
        wanted.setdefault(added, True)
    return {id: required for id, required in wanted.items() if id in may}
