"""Doorways to change a meeting whose sites know of it: each a page that asks why and shows what the sites will get.

The page is posted twice. The first time the change is made, looked at and taken back, so that the letter shown is the letter
that goes; the second time, from the page of the preview, it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from meetings.accounts import queries as accounts
from meetings.accounts.access import actor, requires
from meetings.clock import instant, wall
from meetings.directory import queries as directory
from meetings.directory.models import Site
from meetings.errors import Forbidden, Refused
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.i18n import ngettext
from meetings.invitations import renewing, renewing_series
from meetings.official import numbers
from meetings.overview import picking
from meetings.scheduling import clashes, finder, moving, queries, rules, series_moves, working_time
from meetings.scheduling.forms import filled, length_of, read_items, typed_rows
from meetings.scheduling.models import Change, Meeting, MeetingSite
from meetings.scheduling.move_forms import CloneForm, FactsForm, ReasonForm, RescheduleForm, SitesForm
from meetings.scheduling.rules import Move, Status
from meetings.web import notice
from meetings.web.forms import Form, answer, rehearsed

bp = Blueprint("moves", __name__, url_prefix="/meetings/<code>")

_BUTTONS: Final = ("go", "back", "find", "up", "down", "out", "more", "csrf_token")
"""What a page posts besides what was typed; the preview keeps the rest."""

WAYS: Final = {
    "reschedule": (Move.RESCHEDULE, _l("Set a new time"), "clock"),
    "change": (Move.CHANGE, _l("Change what the sites were told"), "doc"),
    "add_sites": (Move.CHANGE_SITES, _l("Add sites"), "plus"),
    "remove_sites": (Move.CHANGE_SITES, _l("Take sites out"), "minus"),
    "postpone": (Move.POSTPONE, _l("Postpone"), "undo"),
    "cancel": (Move.CANCEL, _l("Cancel the meeting"), "warn"),
}
"""Endpoint → the move it makes, its words and its icon."""


def possible(meeting: Meeting) -> list[dict[str, Any]]:
    """The buttons of the meeting page: the moves that the table of states has, and the copy, which is always one."""
    found = [
        {"label": label, "url": url_for(f"moves.{way}", code=meeting.code), "icon": icon}
        for way, (move, label, icon) in WAYS.items()
        if (meeting.status, move) in rules.MOVES and meeting.status is not Status.DRAFT
    ]
    if (meeting.status, Move.CHANGE_SITES) in rules.MOVES:
        ask = url_for("cascade.numbers_of", code=meeting.code)
        found.append({"label": _("Communes that provinces bring"), "url": ask, "icon": "share"})
    return [
        *found,
        {"label": _("Copy as a new draft"), "url": url_for("moves.clone", code=meeting.code), "icon": "paste"},
    ]


def last_told(meeting: Meeting) -> Change | None:
    """The newest change of time or state, which the meeting page says above all else, until the meeting begins."""
    kinds = (rules.ChangeKind.RESCHEDULED, rules.ChangeKind.POSTPONED, rules.ChangeKind.CANCELLED)
    found = [change for change in queries.changes_of(meeting) if change.kind in kinds]
    return found[-1] if found and meeting.status not in (Status.IN_SESSION, Status.CLOSED) else None


def _opened(code: str, move: Move) -> Meeting:
    """The meeting, if the table of states lets it move this way."""
    meeting = queries.meeting_for(actor(), code, "meeting.arrange")
    rules.after(meeting.status, move)
    return meeting


def _page(way: str, meeting: Meeting, form: Form, **context: Any) -> str:
    return render_template(
        f"overview/moves/{way}.html",
        meeting=meeting,
        form=form,
        way=way,
        heading=WAYS[way][1],
        reach=queries.reach(meeting),
        series_dates=queries.dates_of_series(meeting) if meeting.series_id else (),
        **context,
    )


def _moved(
    code: str,
    way: str,
    form: ReasonForm,
    make: Callable[[Meeting], Change | Sequence[Change]],
    show: Callable[[], str],
    *,
    looks: Callable[[], bool] = lambda: False,
) -> Response:
    """Show the form, the preview, or do it; *looks*: a button was pressed that only changes what is shown."""

    if form.is_submitted() and ("back" in request.form or looks()):
        return make_response(show())

    def act() -> Response:
        meeting = _opened(code, WAYS[way][0])
        made = make(meeting)
        changed = made if isinstance(made, Sequence) else [made]
        if "go" in request.form:
            told = sum(_reach(meeting, changed))
            notice(_done(changed[0], told))
            if len(changed) > 1:
                notice(_("%(count)s dates of the series were changed.", count=len(changed)))
            following = "invitations.sending" if told else "meeting_page.overview"
            return redirect(url_for(following, code=meeting.code), 303)
        return rehearsed(lambda: _preview(way, meeting, changed))

    return answer(form, act, show)


def _reach(meeting: Meeting, changed: Sequence[Change]) -> tuple[int, int]:
    """How many sites are told by e-mail, and how many otherwise: of several dates of a series each site once."""
    if meeting.sent_at is None:
        return 0, 0
    return renewing_series.reach(changed) if len(changed) > 1 else renewing.reach(changed[0].meeting, changed[0])


def _preview(way: str, meeting: Meeting, changed: Sequence[Change]) -> str:
    change, (by_mail, on_paper) = changed[0], _reach(meeting, changed)
    return render_template(
        "overview/moves/preview.html",
        meeting=meeting,
        change=change,
        way=way,
        heading=WAYS[way][1],
        sample=renewing_series.sample(meeting, changed)
        if len(changed) > 1
        else renewing.sample(change.meeting, change),
        dates=len(changed),
        by_mail=by_mail,
        on_paper=on_paper,
        button=_press(change, by_mail + on_paper),
        odd_hours=_odd_hours(changed),
        kept=[(name, text) for name, text in request.form.items(multi=True) if name not in _BUTTONS],
    )


def _odd_hours(changed: Sequence[Change]) -> list[datetime]:
    """The new starts that lie outside working hours or on a day off: dates that move together land where nobody looked."""
    calendar, hours = working_time.calendar(), working_time.hours()
    return [
        one.starts_at
        for one in (change.meeting for change in changed if change.kind is rules.ChangeKind.RESCHEDULED)
        if one.starts_at and one.ends_at and not rules.in_working_hours(one.starts_at, one.ends_at, calendar, hours)
    ]


def _press(change: Change, sites: int) -> str:
    """What the one button says: the deed, and how many hear of it."""
    kind = rules.ChangeKind
    if not sites:
        return _("Cancel the meeting")
    match change.kind:
        case kind.RESCHEDULED:
            return ngettext("Move it and tell %(num)s site", "Move it and tell %(num)s sites", sites)
        case kind.POSTPONED:
            return ngettext("Postpone it and tell %(num)s site", "Postpone it and tell %(num)s sites", sites)
        case kind.CANCELLED:
            return ngettext("Cancel it and tell %(num)s site", "Cancel it and tell %(num)s sites", sites)
        case kind.SITES_ADDED:
            return ngettext("Invite %(num)s site", "Invite %(num)s sites", sites)
        case kind.SITES_REMOVED:
            return ngettext("Take %(num)s site out and tell it", "Take %(num)s sites out and tell them", sites)
        case _:
            return ngettext("Change it and tell %(num)s site", "Change it and tell %(num)s sites", sites)


def _done(change: Change, sites: int) -> str:
    if not sites:
        return _("The meeting %(code)s has been cancelled. No site knew of it.", code=change.meeting.code)
    match change.kind:
        case rules.ChangeKind.RESCHEDULED:
            return ngettext(
                "The meeting has its new time. %(num)s site is being told and asked again.",
                "The meeting has its new time. %(num)s sites are being told and asked again.",
                sites,
            )
        case rules.ChangeKind.POSTPONED:
            return ngettext(
                "The meeting is postponed. %(num)s site is being told.",
                "The meeting is postponed. %(num)s sites are being told.",
                sites,
            )
        case rules.ChangeKind.CANCELLED:
            return ngettext(
                "The meeting is cancelled. %(num)s site is being told.",
                "The meeting is cancelled. %(num)s sites are being told.",
                sites,
            )
        case rules.ChangeKind.SITES_ADDED:
            return ngettext(
                "%(num)s site joins the meeting and is being invited.",
                "%(num)s sites join the meeting and are being invited.",
                sites,
            )
        case rules.ChangeKind.SITES_REMOVED:
            return ngettext(
                "%(num)s site is no longer invited and is being told.",
                "%(num)s sites are no longer invited and are being told.",
                sites,
            )
        case _:
            return ngettext(
                "The meeting is changed. %(num)s site is being told.",
                "The meeting is changed. %(num)s sites are being told.",
                sites,
            )


# ------------------------------------------------------------------ time and state


@bp.route("/reschedule", methods=["GET", "POST"])
@requires("meeting.arrange")
def reschedule(code: str) -> Response:
    meeting = _opened(code, Move.RESCHEDULE)
    form = RescheduleForm()
    if not form.is_submitted():
        filled(form, meeting)
        form.reason.data = ""
        if meeting.starts_at is not None and meeting.status is Status.SCHEDULED:
            form.day.data, form.start.data = wall(meeting.starts_at).date(), wall(meeting.starts_at).time()
        _proposed(form)

    def make(meeting: Meeting) -> Sequence[Change]:
        by = instant(form.reply_day.data, form.reply_time.data) if form.reply_day.data else None
        return series_moves.reschedule(
            meeting,
            form.meant,
            instant(form.day.data, form.start.data),
            form.length,
            form.reason.data,
            actor=actor(),
            in_spite_of=form.in_spite_of.data,
            reply_by=by,
            edition=form.seen_edition,
        )

    def show() -> str:
        current = _opened(code, Move.RESCHEDULE)
        found: list[clashes.Collision] = []
        asked, begins = False, current.starts_at
        if form.day.data and form.start.data and 10 <= form.length <= rules.MAX_MINUTES:
            begins = instant(form.day.data, form.start.data)
            ends = begins + timedelta(minutes=form.length)
            asked = (begins, ends) != (current.starts_at, current.ends_at) or current.status is Status.POSTPONED
            found = clashes.collisions(current, begins, ends, actor()) if asked else []
        ways, busy = finder.by_way(current, found), len({c.resource for c in found})
        return _page("reschedule", current, form, clashes=ways, busy=busy, asked=asked, begins=begins)

    return _moved(code, "reschedule", form, make, show)


def _proposed(form: RescheduleForm) -> None:
    """Fill in the time that the address names: the one that a site has proposed."""
    asked = RescheduleForm(formdata=request.args)
    if asked.day.data and asked.start.data and not (asked.day.errors or asked.start.errors):
        form.day.data, form.start.data = asked.day.data, asked.start.data
        length = numbers.read(request.args.get("length")) or 0
        if 10 <= length <= rules.MAX_MINUTES:
            form.hours.data, form.minutes.data = divmod(length, 60)


@bp.route("/postpone", methods=["GET", "POST"])
@requires("meeting.arrange")
def postpone(code: str) -> Response:
    _opened(code, Move.POSTPONE)
    form = ReasonForm()

    def make(meeting: Meeting) -> Sequence[Change]:
        return series_moves.postpone(meeting, form.meant, form.reason.data, actor=actor(), edition=form.seen_edition)

    return _moved(code, "postpone", form, make, lambda: _page("postpone", _opened(code, Move.POSTPONE), form))


@bp.route("/cancel", methods=["GET", "POST"])
@requires("meeting.arrange")
def cancel(code: str) -> Response:
    _opened(code, Move.CANCEL)
    form = ReasonForm()

    def make(meeting: Meeting) -> Sequence[Change]:
        return series_moves.cancel(meeting, form.meant, form.reason.data, actor=actor(), edition=form.seen_edition)

    return _moved(code, "cancel", form, make, lambda: _page("cancel", _opened(code, Move.CANCEL), form))


# ------------------------------------------------------------------ facts


@bp.route("/change", methods=["GET", "POST"])
@requires("meeting.arrange")
def change(code: str) -> Response:
    meeting = _opened(code, Move.CHANGE)
    form = FactsForm()
    if not form.is_submitted():
        filled(form, meeting)
        form.reason.data, form.room.data = "", meeting.host_room_id
    rooms = [(site, room) for site in queries.host_sites(meeting.organiser) for room in queries.rooms_of(site)]
    form.room.choices = [
        SelectChoice(room.id, f"{room.name} – {site.name}" if site.name not in room.name else room.name)
        for site, room in rooms
    ]
    rows = (
        typed_rows(request.form, title="item")
        if form.is_submitted()
        else [
            {"title": a.title, "minutes": str(a.minutes), "presenter": a.presenter} for a in queries.agenda_of(meeting)
        ]
    )
    rows, arranged = picking.arranged(rows, request.form)
    items, faults = read_items(rows)

    def make(meeting: Meeting) -> Sequence[Change]:
        if faults:
            raise Refused(_("Some lines of the agenda are not complete yet."), status=422)
        return series_moves.change_facts(
            meeting,
            form.meant,
            form.facts(),
            directory.room(form.room.data) if form.room.data else None,
            items,
            form.reason.data,
            actor=actor(),
            in_spite_of=form.in_spite_of.data,
            edition=form.seen_edition,
        )

    def show() -> str:
        current = _opened(code, Move.CHANGE)
        lengths = [length_of(row) or 0 for row in rows]
        lines = rules.timetable(current.starts_at, lengths) if current.starts_at else []
        return _page(
            "change", current, form, rows=rows, faults=faults, lines=lines, people=directory.people_for(actor())
        )

    return _moved(code, "change", form, make, show, looks=lambda: arranged)


# ------------------------------------------------------------------ sites


@bp.route("/sites/add", methods=["GET", "POST"])
@requires("meeting.arrange")
def add_sites(code: str) -> Response:
    _opened(code, Move.CHANGE_SITES)
    form = SitesForm()
    ticked = picking.ids(request.form, "site")
    words = " ".join((request.form.get("q") or request.args.get("q", "")).split())[:100]

    def make(meeting: Meeting) -> Change:
        found, unknown = picking.read(form.codes.data) if form.codes.data else ([], [])
        if unknown:
            raise Refused(picking.not_found(unknown), field="codes", status=422)
        return moving.add_sites(
            meeting,
            _distinct([*queries.sites_by_id(ticked), *found]),
            form.reason.data,
            actor=actor(),
            in_spite_of=form.in_spite_of.data,
            edition=form.seen_edition,
        )

    def show() -> str:
        current = _opened(code, Move.CHANGE_SITES)
        leaves = [leaf for leaf in queries.leaves_found(current, words) if not leaf.chosen] if words else []
        kept = queries.sites_by_id(ticked - {leaf.site_id for leaf in leaves})
        return _page("add_sites", current, form, words=words, leaves=leaves, kept=kept, ticked=ticked)

    return _moved(code, "add_sites", form, make, show, looks=lambda: "find" in request.form)


def _distinct(sites: Iterable[Site]) -> list[Site]:
    return list({site.id: site for site in sites}.values())


@bp.route("/sites/remove", methods=["GET", "POST"])
@requires("meeting.arrange")
def remove_sites(code: str) -> Response:
    meeting = _opened(code, Move.CHANGE_SITES)
    form = SitesForm()
    ticked = picking.ids(request.form, "site")
    if not form.is_submitted() and (named := numbers.read(request.args.get("site"))):
        ticked = {named}
    words = " ".join((request.form.get("q") or request.args.get("q", "")).split())[:100]
    standing = {row.id: row for row in queries.sites_of(meeting)}

    def make(meeting: Meeting) -> Change:
        found, unknown = picking.read(form.codes.data) if form.codes.data else ([], [])
        by_site = {row.site_id: row for row in standing.values()}
        strange = [site.name for site in found if site.id not in by_site]
        if unknown or strange:
            raise Refused(picking.not_found([*unknown, *strange]), field="codes", status=422)
        ids = (ticked & standing.keys()) | {by_site[site.id].id for site in found}
        return moving.remove_sites(meeting, ids, form.reason.data, actor=actor(), edition=form.seen_edition)

    def show() -> str:
        current = _opened(code, Move.CHANGE_SITES)
        rows = queries.sites_of(current)
        found = _found(rows, words)
        kept = [row for row in rows if row.id in ticked and row not in found]
        return _page("remove_sites", current, form, words=words, found=found, kept=kept, ticked=ticked, total=len(rows))

    return _moved(code, "remove_sites", form, make, show, looks=lambda: "find" in request.form)


MOST: Final = 60
"""Sites that are shown to be ticked at once; of more a part is searched for."""


def _found(rows: Sequence[MeetingSite], words: str) -> list[MeetingSite]:
    """The sites among *rows* that are called *words*, whatever case and diacritics; all of a small meeting."""
    if words:
        return picking.named(rows, words)[:MOST]
    return list(rows) if len(rows) <= MOST else []


# ------------------------------------------------------------------ once more


@bp.route("/clone", methods=["GET", "POST"])
@requires("meeting.arrange")
def clone(code: str) -> Response:
    meeting = queries.meeting_for(actor(), code, "meeting.arrange")
    form = CloneForm(title=meeting.title)

    def act() -> Response:
        me = accounts.user(actor().user_id or 0)
        if me is None:
            raise Forbidden(_("This account has no right to see this page. Ask the administrator for it."))
        made = moving.clone(meeting, " ".join(form.title.data.split()), me, actor=actor())
        left_out = queries.site_count(meeting) - queries.site_count(made)
        notice(_("The draft %(code)s has been made from %(of)s. It has no time yet.", code=made.code, of=meeting.code))
        if left_out > 0:
            notice(
                ngettext(
                    "%(num)s site of the earlier meeting is not in service any more and was left out.",
                    "%(num)s sites of the earlier meeting are not in service any more and were left out.",
                    left_out,
                ),
                "warn",
            )
        return redirect(url_for("booking.details", code=made.code), 303)

    def show() -> str:
        current = queries.meeting_for(actor(), code, "meeting.arrange")
        return render_template(
            "overview/moves/clone.html",
            meeting=current,
            form=form,
            reach=queries.reach(current),
            points=len(queries.agenda_of(current)),
        )

    return answer(form, act, show)
