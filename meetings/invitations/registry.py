"""Doorways of the records clerk: giấy mời without a number, the register of a year, and giving a number."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.clock import today
from meetings.i18n import gettext as _
from meetings.invitations import approval
from meetings.invitations.forms import NumberForm
from meetings.official import numbers
from meetings.scheduling import queries, register
from meetings.scheduling.models import Meeting
from meetings.web import notice
from meetings.web.forms import answer
from meetings.web.pages import asked_page, page_of

bp = Blueprint("numbers", __name__)


@bp.get("/numbers")
@requires("document.number")
def numbers_book() -> str:
    bodies = register.bodies(actor())
    asked = numbers.read(request.args.get("body"))
    body = next((one for one in bodies if one.id == asked), bodies[0] if bodies else None)
    year = numbers.read(request.args.get("year")) or today().year
    return render_template(
        "invitations/register.html",
        waiting=page_of(register.without_number(actor()), asked_page()),
        bodies=bodies,
        body=body,
        year=year,
        years=register.years(body) if body else [],
        lines=register.lines(body, year) if body else [],
        left_out=register.left_out(body, year) if body else [],
    )


def _numbered_by_me(code: str) -> Meeting:
    return queries.meeting_for(actor(), code, "document.number")


@bp.route("/meetings/<code>/number", methods=["GET", "POST"])
@requires("document.number")
def number(code: str) -> Response:
    meeting = _numbered_by_me(code)
    form = NumberForm()
    if not form.is_submitted():
        form.on.data = register.day_of(meeting) or today()
        form.number.data = numbers.read(meeting.invitation_number) or register.following(
            meeting.organiser, form.on.data.year
        )

    def act() -> Response:
        approval.number(meeting, form.number.data, form.on.data, actor=actor(), reason=form.reason.data)
        notice(_("The giấy mời bears the number %(number)s.", number=f"{form.number.data:02d}"))
        return redirect(url_for(".numbers_book"), 303)

    def show() -> str:
        current = _numbered_by_me(code)
        year = form.on.data.year if form.on.data else today().year
        return render_template(
            "invitations/number.html",
            meeting=current,
            form=form,
            year=year,
            following=register.following(current.organiser, year),
        )

    return answer(form, act, show)
