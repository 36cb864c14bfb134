"""Doorways of the booking: six steps, each a page, saved as one goes on. Nothing is sent before the last button."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from meetings.accounts import queries as accounts
from meetings.accounts.access import actor, requires
from meetings.accounts.models import User
from meetings.clock import instant, now, today, wall
from meetings.directory import queries as directory
from meetings.directory.queries import documents
from meetings.errors import Forbidden, Refused
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.i18n import locale, ngettext
from meetings.invitations import approval, enclosures, rounds
from meetings.official import numbers
from meetings.official.vocabulary import DocumentKind
from meetings.overview import cascade, hours, picking
from meetings.savings import planning
from meetings.scheduling import finder, queries, register, rules, ruling, services, working_time
from meetings.scheduling.forms import (
    NO_BODY,
    AgendaForm,
    DetailsForm,
    PastedForm,
    SendForm,
    SitesForm,
    WordingForm,
    filled,
    length_of,
    read_items,
    typed_rows,
)
from meetings.scheduling.models import Meeting
from meetings.scheduling.slot_forms import HourForm, SearchForm, day_of, hour_of
from meetings.units.models import Unit
from meetings.web import notice
from meetings.web.forms import answer

bp = Blueprint("booking", __name__)

STEPS = {
    "details": _l("What it is about"),
    "sites": _l("Sites"),
    "time": _l("Time"),
    "agenda": _l("Agenda"),
    "invitation": _l("Giấy mời"),
    "send": _l("Send"),
}


class See(RequestRedirect):
    """What was asked for is to be seen elsewhere."""

    code = 303


def draft_of(code: str) -> Meeting:
    """The meeting that is being booked; who comes back to a step after it was sent is led to its page."""
    meeting = queries.meeting_for(actor(), code, "meeting.arrange")
    if meeting.status is not rules.Status.DRAFT and request.method in ("GET", "HEAD"):
        raise See(url_for("meeting_page.overview", code=meeting.code))
    return meeting


def step_page(step: str, meeting: Meeting | None, *, template: str = "", **context: Any) -> str:
    """A step with its progress and the running summary beside it; *template* of a page that belongs to a step."""
    done = services.steps(meeting) if meeting else {}
    return render_template(
        template or f"overview/booking/{step}.html",
        meeting=meeting,
        step=step,
        steps=[
            {
                "key": key,
                "label": label,
                "done": done.get(key, False),
                "url": url_for(f"booking.{key}", code=meeting.code) if meeting else None,
            }
            for key, label in STEPS.items()
        ],
        reach=queries.reach(meeting) if meeting else None,
        returned=rounds.returned(meeting) if meeting else None,
        plan=planning.plan_of(meeting) if meeting else None,
        series_dates=queries.dates_of_series(meeting) if meeting and meeting.series_id else (),
        odd_hour=bool(
            meeting
            and meeting.starts_at
            and meeting.ends_at
            and not rules.in_working_hours(
                meeting.starts_at, meeting.ends_at, working_time.calendar(), working_time.hours()
            )
        ),
        **context,
    )


def _on(meeting: Meeting, step: str) -> Response:
    """After a save: to the next step, or stay when only a draft was to be kept."""
    if "stay" in request.form:
        notice(_("Saved."))
        return redirect(url_for(f".{step}", code=meeting.code), 303)
    following = list(STEPS)[list(STEPS).index(step) + 1]
    return redirect(url_for(f".{following}", code=meeting.code), 303)


def _me() -> User:
    user = accounts.user(actor().user_id or 0)
    if user is None:
        raise Forbidden(_("This account has no right to see this page. Ask the administrator for it."))
    return user


def _details_form(meeting: Meeting | None) -> DetailsForm:
    form = DetailsForm()
    if meeting is not None:
        filled(form, meeting)
        organiser: Unit | None = meeting.organiser
        form.organiser.choices = [SelectChoice(meeting.organiser_id, meeting.organiser.full_name)]
        if not form.is_submitted():
            form.organiser.data, form.room.data = meeting.organiser_id, meeting.host_room_id
    else:
        organiser = _offer_bodies(form)
    rooms = (
        [(site, room) for site in queries.host_sites(organiser) for room in queries.rooms_of(site)] if organiser else []
    )
    form.room.choices = [
        SelectChoice(room.id, f"{room.name} – {site.name}" if site.name not in room.name else room.name)
        for site, room in rooms
    ]
    if meeting is None and form.room.data not in [room.id for _site, room in rooms]:
        # another body was chosen than the one whose rooms were shown: its first room is taken
        form.room.data, form.room.raw_data = (rooms[0][1].id if rooms else None), []
    return form


def _offer_bodies(form: DetailsForm) -> Unit | None:
    """Let *form* ask for which body is booked; returns the one that stands there now."""
    bodies = queries.inviting_bodies(actor())
    usual = queries.usual_body(actor(), bodies)
    form.organiser.choices = [SelectChoice(body.id, body.full_name) for body in bodies]
    if usual is None:
        form.organiser.choices.insert(0, SelectChoice(0, _("Choose the inviting body") if bodies else "–"))
    if not bodies:
        form.organiser.description = str(NO_BODY)
    if not form.is_submitted():
        form.organiser.data = usual.id if usual else 0
    return next((body for body in bodies if body.id == form.organiser.data), None)


@bp.route("/meetings/new", methods=["GET", "POST"])
@requires("meeting.arrange")
def new() -> Response:
    form = _details_form(None)

    def act() -> Response:
        organiser = next(body for body in queries.inviting_bodies(actor()) if body.id == form.organiser.data)
        room = directory.room(form.room.data) if form.room.data else None
        meeting = services.begin(form.details(), organiser, _me(), actor=actor(), host_room=room)
        return _on(meeting, "details")

    return answer(form, act, lambda: step_page("details", None, form=form, people=directory.people_for(actor())))


@bp.route("/meetings/<code>/book/details", methods=["GET", "POST"])
@requires("meeting.arrange")
def details(code: str) -> Response:
    meeting = draft_of(code)
    form = _details_form(meeting)

    def act() -> Response:
        room = directory.room(form.room.data) if form.room.data else None
        services.describe(meeting, form.details(), room, actor=actor(), edition=form.seen_edition)
        return _on(meeting, "details")

    return answer(
        form, act, lambda: step_page("details", draft_of(code), form=form, people=directory.people_for(actor()))
    )


@bp.get("/meetings/<code>/book/sites")
@requires("meeting.arrange")
def sites(code: str) -> str:
    return _sites_page(draft_of(code), PastedForm(formdata=None))


def _sites_page(meeting: Meeting, pasted: PastedForm) -> str:
    words = request.args.get("q", "")[:100].strip()
    opened = request.args.get("open", 0, type=int)
    return step_page(
        "sites",
        meeting,
        form=SitesForm(formdata=None),
        pasted=pasted,
        branches=queries.branches(meeting),
        opened=opened,
        leaves=queries.leaves_of(meeting, opened) if 0 < opened < 2**31 else [],
        elsewhere=queries.leaves_elsewhere(meeting),
        groups=directory.groups_for(actor()),
        earlier=queries.recent(actor()),
        words=words,
        found=queries.leaves_found(meeting, words) if words else [],
        unreachable=queries.unreachable(meeting, 6),
        cascade=cascade.said(meeting),
    )


@bp.post("/meetings/<code>/book/sites")
@requires("meeting.arrange")
def tick_sites(code: str) -> Response:
    """The ticks of what stood on the page: what was shown and is not ticked any more goes out."""
    meeting = draft_of(code)
    added, dropped = _ticked(meeting)
    if "next" in request.form:
        return _on(meeting, "sites")
    notice(picking.said(added, dropped))
    return redirect(url_for(".sites", code=code, open=request.args.get("open"), q=request.args.get("q")), 303)


@bp.post("/meetings/<code>/book/sites/quick")
@requires("meeting.arrange")
def pick_sites(code: str) -> Response:
    """One press for many: all provinces, all communes of one or of all, a saved group, as an earlier meeting, none.

    What was ticked on the page before the press is kept with it.
    """
    meeting = draft_of(code)
    if request.form.get("what") == "none":
        added, dropped = (
            0,
            services.drop_sites(meeting, {row.site_id for row in queries.sites_of(meeting)}, actor=actor()),
        )
    else:
        chosen = picking.asked(request.form, actor())
        added, dropped = _ticked(meeting)
        added += services.add_sites(meeting, chosen, actor=actor())
    notice(picking.said(added, dropped))
    return redirect(url_for(".sites", code=code, open=request.args.get("open")), 303)


def _ticked(meeting: Meeting) -> tuple[int, int]:
    """Carry out the ticks of the page: how many sites came in, how many went out."""
    shown, ticked = picking.ids(request.form, "shown"), picking.ids(request.form, "site")
    added = services.add_sites(meeting, queries.sites_by_id(ticked), actor=actor())
    return added, services.drop_sites(meeting, shown - ticked, actor=actor())


@bp.post("/meetings/<code>/book/sites/paste")
@requires("meeting.arrange")
def paste_sites(code: str) -> Response:
    meeting = draft_of(code)
    form = PastedForm()

    def act() -> Response:
        found, unknown = picking.read(form.codes.data)
        if unknown and not found:
            raise Refused(picking.not_found(unknown), field="codes", status=422)
        added = services.add_sites(meeting, found, actor=actor())
        notice(picking.said(added, 0))
        if unknown:
            notice(picking.not_found(unknown), "warn")
        return redirect(url_for(".sites", code=code), 303)

    return answer(form, act, lambda: _sites_page(draft_of(code), form))


@bp.route("/meetings/<code>/book/time", methods=["GET", "POST"])
@requires("meeting.arrange")
def time(code: str) -> Response:
    """The search stands in the address; only the POST books."""
    meeting = draft_of(code)
    looking = SearchForm.asked(request.args, finder.usual_search(meeting, ruling.earliest_day(meeting, at=now())))
    search = looking.search()
    form = hours.prefilled(filled(HourForm(), meeting), meeting, search, hour_of(request.args.get("at", "")))

    def act() -> Response:
        services.place(
            meeting,
            instant(form.day.data, form.start.data),
            form.length,
            actor=actor(),
            in_spite_of=form.in_spite_of.data,
            displacing="displacing" in request.form,
            edition=form.seen_edition,
        )
        return _on(meeting, "time")

    def show() -> str:
        current = draft_of(code)
        shown = hours.laid_out(current, form, search, day_of(request.args.get("show", "")), actor())
        return step_page("time", current, form=form, looking=looking, **shown)

    return answer(form, act, show)


@bp.route("/meetings/<code>/book/agenda", methods=["GET", "POST"])
@requires("meeting.arrange")
def agenda(code: str) -> Response:
    meeting = draft_of(code)
    form = AgendaForm()
    filled(form, meeting)
    typed = (
        typed_rows(request.form)
        if form.is_submitted()
        else [
            {"title": a.title, "minutes": str(a.minutes), "presenter": a.presenter} for a in queries.agenda_of(meeting)
        ]
    )
    typed, moved = picking.arranged(typed, request.form)
    items, faults = read_items(typed)

    def show() -> str:
        current = draft_of(code)
        lengths = [length_of(row) or 0 for row in typed]
        lines = rules.timetable(current.starts_at, lengths) if current.starts_at else []
        return step_page(
            "agenda", current, form=form, rows=typed, faults=faults, lines=lines, total=timedelta(minutes=sum(lengths)),
            planned=timedelta(minutes=current.minutes_long),
        )  # fmt: skip

    def act() -> Response:
        if moved:
            return Response(show(), mimetype="text/html")
        if faults:
            raise Refused(_("Some lines of the agenda are not complete yet."), status=422)
        if not items and "stay" not in request.form:
            raise Refused(_("Enter at least one item of the agenda."), status=422)
        services.set_agenda(meeting, items, actor=actor(), edition=form.seen_edition)
        return _on(meeting, "agenda")

    return answer(form, act, show)


@bp.route("/meetings/<code>/book/invitation", methods=["GET", "POST"])
@requires("meeting.arrange")
def invitation(code: str) -> Response:
    meeting = draft_of(code)
    form = WordingForm()
    filled(form, meeting)
    signers = documents.offers(meeting.organiser, DocumentKind.INVITATION, today())
    form.offer(signers, (meeting.signer_authority, meeting.signer_title, meeting.signer_name))

    def act() -> Response:
        services.word(meeting, form.wording(), actor=actor(), edition=form.seen_edition)
        return _on(meeting, "invitation")

    def show() -> str:
        current = draft_of(code)
        return step_page(
            "invitation", current, form=form, paper=enclosures.preview(current, services.usual_reply_by(current)),
            numbered_by_system=register.by_system(current.organiser), signers=signers,
            own_template=documents.used(current.organiser, DocumentKind.INVITATION),
        )  # fmt: skip

    return answer(form, act, show)


@bp.route("/meetings/<code>/book/send", methods=["GET", "POST"])
@requires("meeting.arrange")
def send(code: str) -> Response:
    meeting = draft_of(code)
    form = SendForm()
    usual = services.usual_reply_by(meeting)
    if not form.is_submitted() and usual is not None:
        form.reply_day.data, form.reply_time.data = (
            wall(usual).date(),
            wall(usual).time().replace(second=0, microsecond=0),
        )

    def act() -> Response:
        reply_by = instant(form.reply_day.data, form.reply_time.data)
        if "hand_in" in request.form:
            approval.submit(meeting, reply_by, actor=actor())
            notice(_("Handed in for approval. Nothing is sent before it is given."))
            return redirect(url_for("meeting_page.overview", code=meeting.code), 303)
        approval.release(meeting, reply_by, actor=actor())
        reach = queries.reach(meeting)
        notice(
            ngettext(
                "The invitation to %(num)s site is on its way.",
                "The invitations to %(num)s sites are on their way.",
                reach.sites,
            )
            if not reach.without_email
            else ngettext(
                "The invitation to %(num)s site is being sent: %(by_email)s by e-mail, %(without)s without an address yet.",
                "The invitations to %(num)s sites are being sent: %(by_email)s by e-mail, %(without)s without an address yet.",
                reach.sites,
                by_email=numbers.number(reach.sites - reach.without_email, locale=locale()),
                without=numbers.number(reach.without_email, locale=locale()),
            )
        )
        return redirect(url_for("invitations.sending", code=code), 303)

    def show() -> str:
        current = draft_of(code)
        wanted = rounds.need(current)
        return step_page(
            "send", current, form=form, unreachable=queries.unreachable(current),
            undone=[key for key, done in services.steps(current).items() if not done],
            no_room=not (current.platform_link or current.dial_string),
            too_long=sum(item.minutes for item in queries.agenda_of(current)) > current.minutes_long,
            need=wanted,
            approvers=[approval.called(user) for user in wanted.approvers],
            whom_to_ask=approval.whom_to_ask(current, wanted),
            numbered_by_system=register.by_system(current.organiser),
            following=register.following(current.organiser, today().year),
        )  # fmt: skip

    return answer(form, act, show)


@bp.post("/meetings/<code>/book/drop")
@requires("meeting.arrange")
def drop(code: str) -> Response:
    services.drop_draft(draft_of(code), actor=actor())
    notice(_("The draft %(code)s has been given up.", code=code))
    return redirect(url_for("scheduling.meetings"), 303)
