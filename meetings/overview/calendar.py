"""Doorways: the calendar by day, week and month, and the subscriptions to it."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as AnyResponse

from meetings import links
from meetings.accounts.access import actor, by_link, requires
from meetings.clock import now, today
from meetings.directory import queries as directory
from meetings.i18n import gettext as _
from meetings.invitations import calendar_links
from meetings.official.text import printable
from meetings.official.working_days import Calendar
from meetings.overview import calendar_feed, calendar_lanes, calendar_offers, calendar_queries
from meetings.overview.calendar_forms import SubscriptionForm
from meetings.overview.calendar_queries import Ask
from meetings.scheduling import lanes, working_time
from meetings.scheduling.busy_words import KIND_WORDS
from meetings.scheduling.lanes import By, View
from meetings.units import queries as units
from meetings.web import notice
from meetings.web.forms import answer
from meetings.web.pages import SIZE, Page, asked_page
from meetings.web.throttle import Throttle

bp = Blueprint("calendar", __name__)
Choice = TypeVar("Choice", bound=StrEnum)
wrong_links: Final = Throttle(most=29, window=timedelta(minutes=10))


def _choice(kind: type[Choice], name: str, usual: Choice) -> Choice:
    asked = request.args.get(name, "")
    return kind(asked) if asked in {member.value for member in kind} else usual


def _asked() -> Ask:
    """What the address asks for; what cannot be meant is the usual."""
    day = request.args.get("day", type=date.fromisoformat)
    by = _choice(By, "by", By.ROOM)
    words = printable(request.args.get("q", "")[:100]).strip()
    province = request.args.get("province")
    if province is None and by is By.SITE and not words and actor().may("directory.see"):
        province = directory.home_province(actor())
    return Ask(
        view=_choice(View, "view", View.WEEK),
        by=by,
        day=day if day and 2020 <= day.year <= 2100 else today(),
        province=printable((province or "")[:40]),
        words=words,
        mine=request.args.get("mine") == "yes",
    )


@bp.get("/calendar")
@requires("meeting.see")
def calendar() -> str:
    ask = _asked()
    first, last = ask.days
    whole = calendar_queries.month(actor(), ask) if ask.view is View.MONTH else ()
    board = calendar_lanes.Board() if ask.view is View.MONTH else calendar_lanes.board(actor(), ask)
    provinces = units.provinces(today())
    number = asked_page()
    page = Page(board.lanes[(number - 1) * SIZE : number * SIZE], number, len(board.lanes))
    worked = working_time.calendar()
    days = lanes.grid(first, last) if ask.view is View.MONTH else lanes.grid(first, first)
    if ask.view is View.WEEK:
        bars = [bar for lane in board.lanes for bar in lane.bars]
        days = [day for day in days if day.weekday() < 5 or worked.is_working(day) or lanes.on_day(bars, day)]
    elif ask.view is View.DAY:
        days = [first]

    def address(**changes: Any) -> str:
        """This calendar with something else about it."""
        asked = {
            "view": ask.view.value,
            "by": ask.by.value,
            "day": ask.day.isoformat(),
            "province": ask.province if ask.by is By.SITE else None,
            "q": ask.words or None,
            "mine": "yes" if ask.mine else None,
        }
        return url_for(".calendar", **{**asked, **changes})

    return render_template(
        f"overview/calendar/{ask.view.value}.html",
        ask=ask,
        board=board,
        page=page,
        days=days,
        first=first,
        last=last,
        whole=whole,
        entries=calendar_lanes.agenda(page.rows) if ask.view is not View.MONTH else [],
        today=today(),
        moved=lanes.moved,
        on_day=lanes.on_day,
        hours=lanes.hours,
        rows=lanes.rows,
        opening=lanes.opening,
        address=address,
        holiday=lambda day: _off_day(worked, day),
        provinces=provinces,
        elsewhere=None if ask.province in {u.code for u in provinces} else units.by_code(ask.province, today()),
        kind_words=KIND_WORDS,
    )


# ------------------------------------------------------------------ to subscribe to


@bp.route("/calendar/subscriptions", methods=["GET", "POST"])
@requires("meeting.see")
def subscriptions() -> AnyResponse:
    form = SubscriptionForm(site=request.args.get("site", "")[:40])
    near = calendar_offers.near(actor())
    form.offer(near.sites, near.rooms, near.people)

    def act() -> AnyResponse:
        calendar_links.make(_chosen(form, near), actor=actor())
        notice(_("The address stands below. Give it to nobody: whoever has it reads the calendar."))
        return redirect(url_for(".subscriptions"), 303)

    def show() -> str:
        return render_template(
            "overview/calendar/subscriptions.html",
            form=form,
            links=[
                (one, calendar_feed.name_of(one), calendar_links.address(one)) for one in calendar_links.of(actor())
            ],
            wide=actor().may("directory.see"),
        )

    return answer(form, act, show)


def _chosen(form: SubscriptionForm, near: calendar_offers.Near) -> calendar_links.Whose:
    if form.site.data and actor().may("directory.see"):
        return calendar_offers.named(actor(), form.site.data)
    return near.found(form.of.data)


@bp.post("/calendar/subscriptions/<int:link_id>/renew")
@requires("meeting.see")
def renew(link_id: int) -> AnyResponse:
    calendar_links.renew(calendar_links.link_for(actor(), link_id), actor=actor())
    notice(_("There is a new address; the old one opens nothing any more."))
    return redirect(url_for(".subscriptions"), 303)


@bp.post("/calendar/subscriptions/<int:link_id>/take-back")
@requires("meeting.see")
def take_back(link_id: int) -> AnyResponse:
    calendar_links.take_back(calendar_links.link_for(actor(), link_id), actor=actor())
    notice(_("The address opens nothing any more."))
    return redirect(url_for(".subscriptions"), 303)


@bp.get("/c/<token>.ics")
@by_link
def feed(token: str) -> AnyResponse:
    """The calendar behind a secret address. Programs ask for it every few minutes, so one that has not changed is not sent."""
    if links.read(token) is None and wrong_links.wrong(request.remote_addr or "", now()):
        raise TooManyRequests
    data, mark = calendar_feed.file_of(calendar_links.opened(token))
    response = Response(data, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="diem-cau.ics"'
    response.headers["Cache-Control"] = "private, max-age=0, must-revalidate"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.set_etag(mark)
    return response.make_conditional(request)


def _off_day(worked: Calendar, day: date) -> str:
    """What is said beside *day*: the holiday it is, that it is off, or that it is worked instead of another; else ""."""
    name, works = worked.holiday(day), worked.is_working(day)
    if not works and name:
        return _("Off: %(holiday)s", holiday=name)
    if not works and day.weekday() < 5:
        return _("Off")
    return _("Worked instead") if works and day.weekday() >= 5 else ""
