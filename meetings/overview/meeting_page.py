"""Doorways of the meeting page: its overview, agenda, history and case file. The other tabs belong to their features."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from meetings import journal
from meetings.accounts.access import actor, requires
from meetings.attendance import queries as attendance
from meetings.clock import now
from meetings.i18n import gettext as _
from meetings.invitations import approval, replies, rounds
from meetings.minutes import following_agenda
from meetings.minutes import queries as minutes
from meetings.overview import cascade_queries as rollup
from meetings.overview import case_file, history, moves
from meetings.overview import queries as overview_queries
from meetings.scheduling import cascades, clashes, queries, register, rooms, rules, services
from meetings.scheduling.forms import RoomForm
from meetings.scheduling.models import Meeting
from meetings.scheduling.room_rules import Door
from meetings.scheduling.rules import Status
from meetings.web import notice
from meetings.web.forms import answer
from meetings.web.pages import asked_page

bp = Blueprint("meeting_page", __name__)
_TRIED: Final = timedelta(hours=2)  # how long a keeper's entry is good who tries the room before its hours


def tabs(meeting: Meeting) -> list[dict[str, object]]:
    """The tabs of a meeting's page, as far as *actor* may open them: label, address, current."""
    who, code = actor(), meeting.code
    of_pages = {
        "meeting_page.room": "meeting_page.overview",
        "reminders.off": "reminders.reminders",
        "rosters.delegates": "meeting_sites.sites",
        "line_tests.slots": "line_tests.tests",
        "line_tests.record": "line_tests.tests",
        "cascade.ask": "cascade.numbers_of",
    }
    here = of_pages.get(request.endpoint or "", request.endpoint)
    here = "attendance.roll_call" if str(here).startswith("witnesses.") else here
    if here != "savings.plan" and str(here).startswith(("savings.", "norms.venue")):
        here = "savings.savings"
    here = "minutes.minutes" if str(here).startswith(("transcripts.", "minutes.")) else here
    rooms = [
        (_("Overview"), "meeting_page.overview", True),
        (_("Sites"), "meeting_sites.sites", True),
        (_("Communes by province"), "cascade.numbers_of", cascades.of(meeting) is not None),
        (
            _("Reminders"),
            "reminders.reminders",
            meeting.sent_at is not None
            and meeting.status in (Status.SCHEDULED, Status.IN_SESSION, Status.POSTPONED)
            and who.may("meeting.arrange", meeting.organiser.path),
        ),
        (_("Agenda"), "meeting_page.agenda", True),
        (_("Papers"), "papers.all_papers", True),
        (
            _("Line tests"),
            "line_tests.tests",
            meeting.status in (Status.SCHEDULED, Status.IN_SESSION) and who.may("line_test.record"),
        ),
        (_("Roll call"), "attendance.roll_call", meeting.status not in (Status.DRAFT, Status.CANCELLED)),
        (
            _("Record"),
            "minutes.minutes",
            meeting.status is Status.CLOSED and minutes.openable_by(who, meeting),
        ),
        (
            _("Savings"),
            "savings.savings",
            meeting.status is Status.CLOSED and who.may("savings.see", meeting.organiser.path),
        ),
        (
            _("Form of the meeting"),
            "savings.plan",
            meeting.status in (Status.DRAFT, Status.AWAITING_APPROVAL, Status.SCHEDULED, Status.POSTPONED)
            and who.may("savings.see", meeting.organiser.path),
        ),
        (_("History"), "meeting_page.history_page", who.may("journal.read", meeting.organiser.path)),
    ]
    return [
        {"label": label, "url": url_for(target, code=code), "current": here == target}
        for label, target, open_ in rooms
        if open_
    ]


def approval_box(meeting: Meeting) -> dict[str, Any]:
    """What the page says of the approval of the giấy mời: the round that waits, or who approved it."""
    waiting = rounds.waiting(meeting)
    return {
        "waiting": waiting,
        "approvers": [approval.called(user) for user in rounds.need(meeting).approvers] if waiting else [],
        "approved": rounds.approved(meeting) if meeting.sent_at else None,
    }


def _overview(meeting: Meeting, form: RoomForm) -> str:
    visible = queries.sites_visible_to(actor(), meeting)
    ahead, held = meeting.ends_at is not None and meeting.ends_at > now(), meeting.status is Status.CLOSED
    return render_template(
        "overview/meeting.html",
        meeting=meeting,
        tabs=tabs(meeting),
        form=form,
        replies=replies.counts(meeting, visible),
        reach=queries.reach(meeting),
        rows=overview_queries.preparation(meeting, visible),
        below=rollup.sums(meeting, rollup.below_a_province() & visible) if cascades.of(meeting) else None,
        summary=attendance.summary(meeting, attendance.part_seen(actor(), meeting)) if held else None,
        notice_of_conclusions=minutes.issued_notice(meeting),
        given=following_agenda.given_at(meeting, actor()) if held and actor().may("task.see") else None,
        news=journal.queries.of(*meeting.codes, limit=5) if queries.whole(actor(), meeting) else [],
        told=history.told,
        approval=approval_box(meeting),
        moves=moves.possible(meeting),
        last_move=moves.last_told(meeting),
        may_number=actor().may("document.number", meeting.organiser.path),
        invitation_day=register.day_of(meeting),
        numbered_by_system=register.by_system(meeting.organiser),
        clashes=clashes.accepted(meeting) if actor().may("meeting.arrange", meeting.organiser.path) else [],
        may_arrange=actor().may("meeting.arrange", meeting.organiser.path),
        series_dates=queries.dates_of_series(meeting) if meeting.series_id and queries.whole(actor(), meeting) else (),
        has_room=meeting.status is Status.IN_SESSION or (meeting.status is Status.SCHEDULED and ahead),
        room=rooms.shown(meeting),
        may_enter=may_enter(meeting),
    )


@bp.get("/meetings/<code>")
@requires("meeting.see")
def overview(code: str) -> Response | str:
    meeting = queries.meeting_for(actor(), code)
    if meeting.status is Status.DRAFT and actor().may("meeting.arrange", meeting.organiser.path):
        return redirect(url_for("booking.details", code=meeting.code))
    return _overview(meeting, RoomForm(obj=meeting))


@bp.get("/meetings/<code>/agenda")
@requires("meeting.see")
def agenda(code: str) -> str:
    meeting = queries.meeting_for(actor(), code)
    items = queries.agenda_of(meeting)
    lines = rules.timetable(meeting.starts_at, [item.minutes for item in items]) if meeting.starts_at else []
    return render_template(
        "overview/agenda.html",
        meeting=meeting,
        tabs=tabs(meeting),
        rows=list(zip(items, lines, strict=False)),
        at=now(),
        review=following_agenda.review(meeting, actor()),
        reviews=following_agenda.reviews,
        whole=queries.whole(actor(), meeting),
    )


@bp.get("/meetings/<code>/history")
@requires("journal.read")
def history_page(code: str) -> str:
    meeting = queries.meeting_for(actor(), code, "journal.read")
    fact = request.args.get("fact", "")[:40]
    return render_template(
        "overview/history.html",
        meeting=meeting,
        tabs=tabs(meeting),
        page=history.page(meeting, fact, asked_page()),
        fact=fact,
        facts=history.FACTS,
        told=history.told,
    )


@bp.post("/meetings/<code>/room")
@requires("meeting.arrange")
def room(code: str) -> Response:
    meeting = queries.meeting_for(actor(), code, "meeting.arrange")
    form = RoomForm()

    def act() -> Response:
        services.set_join_link(
            meeting,
            form.platform_link.data or "",
            form.dial_string.data,
            platform=form.platform.data,
            actor=actor(),
        )
        notice(_("Saved."))
        return redirect(url_for(".overview", code=meeting.code), 303)

    return answer(form, act, lambda: _overview(meeting, form))


def _keeps(meeting: Meeting) -> bool:
    """Whether the reader keeps the room of *meeting*: who arranges it, and the technicians of its organiser."""
    where = meeting.organiser.path
    return actor().may("meeting.arrange", where) or actor().may("line_test.record", where)


def may_enter(meeting: Meeting) -> bool:
    """Whether the reader may enter the room now: its keepers at any time before it is over, others as the sites do."""
    stands, _opening = rooms.door(meeting, at=now())
    return stands is Door.OPEN or (stands is Door.EARLY and _keeps(meeting))


@bp.get("/meetings/<code>/join")
@requires("meeting.see")
def join(code: str) -> Response:
    """Into the video room, with the reader's own name. Where it is not open, its page says what it is waiting for."""
    meeting, at, who = queries.meeting_for(actor(), code), now(), actor()
    _stands, opening = rooms.door(meeting, at=at)
    if opening is not None and may_enter(meeting):
        seat = rooms.seat_of_user(who, leads=_keeps(meeting))
        way = rooms.way_in(meeting, seat, at=at, until=max(opening.closes_at, at + _TRIED))
        if way.url:
            return redirect(way.url, 303)
    return redirect(url_for(".overview", code=meeting.code) + "#video-room", 303)


@bp.get("/meetings/<code>/case-file.zip")
@requires("meeting.export")
def case_file_zip(code: str) -> Response:
    meeting = queries.meeting_for(actor(), code, "meeting.export")
    return send_file(
        io.BytesIO(case_file.zipped(meeting)),
        mimetype="application/zip",
        as_attachment=True,
        download_name=f"Ho-so-{meeting.code}.zip",
    )
