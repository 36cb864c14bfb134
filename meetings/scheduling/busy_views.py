"""Doorways: hours of sites, rooms and people that are taken by what is no meeting of ours."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from meetings.accounts.access import actor, requires
from meetings.directory import queries as directory
from meetings.directory.models import Person, Room, Site
from meetings.i18n import gettext as _
from meetings.scheduling import blocking, occupancy
from meetings.scheduling.busy_forms import BlockForm, FeedForm
from meetings.scheduling.busy_words import FAULT_WORDS, KIND_WORDS
from meetings.scheduling.models import Busy, BusyKind, Feed, Meeting
from meetings.scheduling.occupancy import Whose
from meetings.web import notice
from meetings.web.forms import answer
from meetings.web.pages import asked_page, page_of

bp = Blueprint("busy", __name__)


def _home(thing: Site | Person | Busy | Feed) -> str:
    """The page on which the times of *thing* stand: the site's, or the person's."""
    whose = thing.person or thing.site if isinstance(thing, Busy | Feed) else thing
    assert whose is not None, "a busy time belongs to a site or a person"
    if isinstance(whose, Person):
        return url_for("directory.person", person_id=whose.id, _anchor="busy")
    return url_for("directory.site", code=whose.code, _anchor="busy")


def _whose(found: Site | Person, room_id: int) -> Whose:
    """*found*, or the room of it that was chosen."""
    if isinstance(found, Person) or not room_id:
        return found
    return next(room for room in directory.rooms_of(found) if room.id == room_id)


def _rooms(found: Site | Person) -> list[Room]:
    return [] if isinstance(found, Person) else [room for room in directory.rooms_of(found) if room.in_service]


def _name(found: Site | Person) -> str:
    return found.name


@bp.get("/calendar/busy")
@requires("directory.see")
def busy() -> str:
    words = request.args.get("q", "")[:100].strip()
    return render_template(
        "scheduling/busy.html",
        page=page_of(occupancy.listed(actor(), words), asked_page()),
        feeds=page_of(occupancy.feeds_listed(actor(), words), 1, 200).rows if asked_page() == 1 else [],
        words=words,
        kind_words=KIND_WORDS,
        fault_words=FAULT_WORDS,
        host_of=blocking.host_of,
        fresh=occupancy.fresh,
        name_of=occupancy.name_of,
        unit_of=occupancy.unit_of,
        home=_home,
    )


@bp.route("/calendar/busy/sites/<code>", methods=["GET", "POST"])
@requires("site.edit")
def block_site(code: str) -> Response:
    return _block(directory.site_for(actor(), code, "site.edit"))


@bp.route("/calendar/busy/people/<int:person_id>", methods=["GET", "POST"])
@requires("site.edit")
def block_person(person_id: int) -> Response:
    return _block(directory.person_for(actor(), person_id, "site.edit"))


def _block(found: Site | Person) -> Response:
    form = BlockForm()
    form.offer(_rooms(found))
    form.kind.choices = [SelectChoice(kind.value, KIND_WORDS[kind]) for kind in occupancy.kinds_for(found)]

    def act() -> Response:
        begins, ends = form.span
        made = blocking.block(
            _whose(found, form.where.data),
            BusyKind(form.kind.data),
            begins,
            ends,
            title=form.title.data,
            actor=actor(),
        )
        told = occupancy.disturbed_by([made], actor())
        if told:
            notice(
                _("Saved. A meeting that has been sent lies in this time; it was not changed. See below which."), "warn"
            )
        else:
            notice(_("Saved. The slot finder and the calendar show this time as busy."))
        return redirect(_home(found), 303)

    def show() -> str:
        return render_template("scheduling/block.html", form=form, name=_name(found), back=_home(found))

    return answer(form, act, show)


@bp.route("/calendar/feeds/sites/<code>", methods=["GET", "POST"])
@requires("site.edit")
def subscribe_site(code: str) -> Response:
    return _subscribe(directory.site_for(actor(), code, "site.edit"))


@bp.route("/calendar/feeds/people/<int:person_id>", methods=["GET", "POST"])
@requires("site.edit")
def subscribe_person(person_id: int) -> Response:
    return _subscribe(directory.person_for(actor(), person_id, "site.edit"))


def _subscribe(found: Site | Person) -> Response:
    form = FeedForm()
    form.offer(_rooms(found))

    def act() -> Response:
        blocking.subscribe(
            _whose(found, form.where.data), form.url.data, keeps_titles=form.keeps_titles.data, actor=actor()
        )
        notice(_("Saved. The calendar is read within a minute; what it says stands here then."))
        return redirect(_home(found), 303)

    def show() -> str:
        return render_template("scheduling/feed.html", form=form, name=_name(found), back=_home(found))

    return answer(form, act, show)


@bp.post("/calendar/busy/<int:busy_id>/lift")
@requires("site.edit")
def lift(busy_id: int) -> Response:
    found = occupancy.busy_for(actor(), busy_id)
    blocking.lift(found, actor=actor())
    notice(_("The time is free again."))
    return redirect(_home(found), 303)


@bp.post("/calendar/feeds/<int:feed_id>/end")
@requires("site.edit")
def unsubscribe(feed_id: int) -> Response:
    found = occupancy.feed_for(actor(), feed_id)
    blocking.unsubscribe(found, actor=actor())
    notice(_("The calendar is not read any more, and what was known by it has been forgotten."))
    return redirect(_home(found), 303)


# ------------------------------------------------------------------ what the pages of a site and of a person show of it


def card(whose: Site | Person) -> dict[str, object]:
    """What the partial ``scheduling/_busy_card.html`` is given."""
    typed, subscribed = occupancy.blocks(whose), occupancy.feeds(whose)
    return {
        "blocks": typed,
        "feeds": subscribed,
        "disturbed": [
            *occupancy.disturbed_by(typed, actor()),
            *occupancy.disturbed_by_feeds(subscribed, actor()),
        ],
        "kind_words": KIND_WORDS,
        "fault_words": FAULT_WORDS,
        "host_of": blocking.host_of,
        "fresh": occupancy.fresh,
        "may": actor().may("site.edit", whose.unit.path),
        "own": actor().may("meeting.see", whose.unit.path),
        "calendar": url_for("calendar.calendar", by="chair" if isinstance(whose, Person) else "site", q=whose.name),
        "add": url_for("busy.block_person", person_id=whose.id)
        if isinstance(whose, Person)
        else url_for("busy.block_site", code=whose.code),
        "subscribe": url_for("busy.subscribe_person", person_id=whose.id)
        if isinstance(whose, Person)
        else url_for("busy.subscribe_site", code=whose.code),
    }


def disturbed_of(meeting: Meeting) -> list[tuple[str, str, datetime, datetime, str]]:
    """What came to lie over *meeting* after its invitations left: whose time it is, what for as far as the reader may
    know, from when to when, and who entered it."""
    found = []
    for one in occupancy.since_sending([meeting]).get(meeting.id, []):
        busy = one.busy
        own = actor().may("meeting.see", occupancy.unit_of(busy).path)
        kind = str(KIND_WORDS[busy.kind]) if own or busy.kind is BusyKind.MAINTENANCE else _("busy")
        words = f"{kind} – {busy.title}" if own and busy.title else kind
        found.append((occupancy.name_of(busy), words, busy.starts_at, busy.ends_at, busy.made_by))
    return found
