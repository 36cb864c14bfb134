"""Doorways to the roll: the board, its poll, the wall, the print, marking, closing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.attendance import door, poll, queries, remarks, services, sheet, words
from meetings.attendance import live as board
from meetings.attendance.board import MOST_TILES, SiteRow
from meetings.attendance.forms import CloseForm, HostForm, MarkForm, OpenForm, RemarkForm, UndoForm, moment
from meetings.attendance.live import Ask, May, Screen
from meetings.attendance.models import Mark
from meetings.attendance.rules import SOURCE_WORDS, WORDS, Group, Move, RollStatus, end_days, proposal
from meetings.clock import now
from meetings.clock import wall as wall_clock
from meetings.errors import NotFound, Refused
from meetings.i18n import gettext as _
from meetings.official import numbers, workbook
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.web import notice
from meetings.web.forms import answer
from meetings.web.pages import asked_page, page_of

bp = Blueprint("attendance", __name__, url_prefix="/meetings/<code>/roll-call")
SHOWN_AT_CLOSE = 200


def _meeting(code: str, permission: str = "meeting.see") -> Meeting:
    return scheduling.meeting_for(actor(), code, permission)


def _screen(code: str) -> Screen:
    return board.screen(_meeting(code), actor(), Ask.of(request.args), now())


def _address(meeting: Meeting, ask: Ask, **changes: Any) -> str:
    return url_for("attendance.live", code=meeting.code, **ask.args(**changes))


def _shown(screen: Screen, template: str = "attendance/live.html", **more: Any) -> str:
    return render_template(template, **poll.context(screen), **more)


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


@bp.get("")
@requires("roll.see")
def roll_call(code: str) -> str:
    """The roll after (or before) the meeting: every site with its times, and the history of marks."""
    meeting = _meeting(code)
    seen = queries.part_seen(actor(), meeting)
    return render_template(
        "attendance/roll_call.html",
        meeting=meeting,
        may=May.of(actor(), meeting),
        roll=queries.roll(meeting),
        sites=page_of_rows(meeting, seen),
        marks=page_of(queries.all_marks(meeting, seen), asked_page()),
        tally=queries.tally(meeting, seen),
        words=words,
        WORDS=WORDS,
        SOURCES=SOURCE_WORDS,
    )


def page_of_rows(meeting: Meeting, seen: Any) -> list[Any]:
    """The sites of the summary: all of them up to 400, then only those that were not in."""
    rows = [row for row in queries.sites(meeting, seen) if not row.host]
    return rows if len(rows) <= 400 else [row for row in rows if not row.attended][:400]


@bp.get("/live")
@requires("roll.see")
def live(code: str) -> str:
    screen = _screen(code)
    marked = queries.mark(screen.meeting, numbers.read(request.args.get("marked")) or 0)
    return _shown(screen, form=MarkForm(formdata=None), host_form=HostForm(formdata=None), marked=marked)


@bp.get("/live.json")
@requires("roll.see")
def live_json(code: str) -> Response:
    """What changed on the board since ``v``: 204 when nothing did."""
    packs = request.accept_encodings.quality("gzip") > 0
    ask = Ask.of(request.args)
    told = poll.answer(code, actor(), ask, request.args.get("v", ""), now(), gzip=packs)
    door.let_in(code, ask, poll.right_of(actor(), code), packs=packs)
    if told is None:
        return Response(status=204)
    body, packed = told
    response = Response(body, mimetype="application/json")
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    return response


@bp.get("/wall")
@requires("roll.see")
def wall(code: str) -> str:
    return _shown(_screen(code), "attendance/wall.html", opened=bool(request.args.get("province")))


@bp.get("/missing")
@requires("roll.mark")
def missing(code: str) -> str:
    """Whom to call in, with the numbers and a message for them: what the board's reminder leads to."""
    meeting = _meeting(code, "roll.mark")
    screen = board.screen(
        meeting, actor(), Ask.of({"show": Group.WAITING, "province": request.args.get("province", "")}), now()
    )
    return _shown(screen, "attendance/missing.html")


@bp.get("/print")
@requires("roll.see")
def print_(code: str) -> str:
    meeting = _meeting(code)
    seen = queries.part_seen(actor(), meeting)
    rows = [row for row in queries.sites(meeting, seen) if not row.host]
    sums = queries.tally(meeting, seen)
    return render_template(
        "attendance/print.html",
        meeting=meeting,
        rows=rows,
        tally=sums,
        waiting=sums.of(Group.WAITING),
        absent=sums.of(Group.ABSENT),
        left=sums.of(Group.LEFT),
        at=now(),
        words=words,
        WORDS=WORDS,
        by=actor().name,
    )


@bp.get("/roll.xlsx")
@requires("roll.see")
def roll_sheet(code: str) -> Response:
    meeting = _meeting(code, "roll.see")
    response = make_response(sheet.workbook(queries.summary(meeting)))
    response.mimetype = workbook.TYPE
    response.headers["Content-Disposition"] = f'attachment; filename="diem-danh-{meeting.code}.xlsx"'
    return response


@bp.get("/one-by-one")
@requires("roll.mark")
def one_by_one(code: str) -> str:
    """The roll by voice: one site at a time, in protocol order."""
    meeting = _meeting(code, "roll.mark")
    ask = Ask.of(request.args)
    following = queries.next_uncalled(meeting, after=ask.site, skip=request.args.get("skip", ""))
    screen = board.screen(meeting, actor(), Ask(site=following), now())
    marked = queries.mark(meeting, numbers.read(request.args.get("marked")) or 0)
    return _shown(screen, "attendance/one_by_one.html", form=MarkForm(formdata=None), marked=marked)


# --- pressing --------------------------------------------------------------------------------------------------------


@bp.post("/open")
@requires("roll.mark")
def open_(code: str) -> Response:
    meeting = _meeting(code, "roll.mark")
    form = OpenForm()

    def act() -> Response:
        services.open_roll(meeting, actor=actor())
        notice(_("The meeting is in session."))
        return redirect(url_for("attendance.live", code=meeting.code), 303)

    return answer(
        form, act, lambda: _shown(_screen(code), form=MarkForm(formdata=None), host_form=HostForm(formdata=None))
    )


def _site(meeting: Meeting, id: int) -> MeetingSite:
    found = queries.meeting_site(meeting, id)
    if found is None:
        raise NotFound(_("This site does not belong to the meeting %(code)s.", code=meeting.code))
    return found


def _back(meeting: Meeting, text: str | None, made: Mark) -> Response:
    """To where the button stood: the board as it was, or the next site of the roll by voice."""
    other = queries.crossed(made)
    beside = words.crossed(made, other) if other is not None else ""
    if _wants_json():
        # two officers at one site: that stays on the page, as a refusal does, until she presses again
        told = {"error": f"{words.done(made)} {beside}"} if beside else {"done": words.done(made)}
        return jsonify(**told, mark=made.id, undo=made.undoes_id is None and not made.note)
    if beside:
        notice(beside, "warn")
    args = dict(parse_qsl((text or "")[:500]))
    if args.get("lan"):
        return redirect(
            url_for("attendance.one_by_one", code=meeting.code, site=made.meeting_site_id, marked=made.id), 303
        )
    values = Ask.of(args).args(site=None, want="")
    return redirect(url_for("attendance.live", code=meeting.code, marked=made.id, **values), 303)


@bp.post("/mark")
@requires("roll.mark")
def mark(code: str) -> Response:
    meeting = _meeting(code, "roll.mark")
    form = RemarkForm()
    about = form.about()
    asked = form.asked() or about
    if asked is None:
        raise Refused(_("This mark cannot be read. Reload the board and press again."), status=422)
    site = _site(meeting, asked[0])
    roll = queries.roll(meeting)
    if roll is not None and roll.status is RollStatus.CLOSED:
        _meeting(code, "roll.close")

    def act() -> Response:
        source = May.of(actor(), meeting).source
        if about is not None:
            said = form.note.data or form.reason.data or ""
            known: dict[str, Any] = {"actor": actor(), "source": source, "once": form.key, "age": form.seconds}
            if about[1] == "note":
                kept = remarks.note(site, said, **known)
            else:
                kept = remarks.seat(site, said, head_count=form.head_count.data, **known)
            return _back(meeting, form.back.data, kept)
        made = services.mark(
            site,
            Move(asked[1]),
            actor=actor(),
            source=source,
            head_count=form.head_count.data,
            with_notice=form.noticed,
            reason=form.reason.data or "",
            correction=form.correction.data or "",
            once=form.key,
            age=form.seconds,
        )
        return _back(meeting, form.back.data, made)

    def show() -> Response:
        if _wants_json():
            faults = [text for field in form for text in field.errors] + form.refusals
            said = " ".join(str(text) for text in faults)
            return jsonify(error=f"{site.name}: {said}")  # of several that waited, which one
        args = dict(parse_qsl((form.back.data or "")[:500]))
        by_voice = bool(args.get("lan"))
        ask = Ask.of({} if by_voice else args)
        screen = board.screen(_meeting(code), actor(), replace(ask, site=asked[0]), now())
        template = "attendance/one_by_one.html" if by_voice else "attendance/live.html"
        return make_response(_shown(screen, template, form=form, host_form=HostForm(formdata=None), marked=None))

    return answer(form, act, show)


@bp.post("/undo")
@requires("roll.mark")
def undo(code: str) -> Response:
    meeting = _meeting(code, "roll.mark")
    form = UndoForm()
    wrong = queries.mark(meeting, form.asked() or 0)
    if wrong is None:
        raise NotFound(_("There is no such mark in the roll of %(code)s.", code=meeting.code))

    def act() -> Response:
        made = services.undo(wrong, actor=actor(), source=May.of(actor(), meeting).source)
        return _back(meeting, form.back.data, made)

    def show() -> Response:
        if _wants_json():
            return jsonify(error=" ".join(str(text) for text in form.refusals))
        return make_response(
            _shown(_screen(code), form=MarkForm(formdata=None), host_form=HostForm(formdata=None), undo=form)
        )

    return answer(form, act, show)


@bp.post("/host")
@requires("roll.mark")
def host(code: str) -> Response:
    meeting = _meeting(code, "roll.mark")
    form = HostForm()

    def act() -> Response:
        services.count_host(meeting, form.head_count.data or 0, actor=actor())
        notice(_("The number of delegates at the host site has been entered."))
        return redirect(_address(meeting, Ask.of(dict(parse_qsl((form.back.data or "")[:500])))), 303)

    return answer(form, act, lambda: _shown(_screen(code), form=MarkForm(formdata=None), host_form=form))


def _unsaid(rows: list[SiteRow]) -> list[SiteRow]:
    """The sites of which closing writes something: neither in, nor lost, nor absent, nor gone."""
    return [row for row in rows if not row.host and proposal(row.reply, row.reply_reason, row.state) is not None]


@bp.route("/close", methods=["GET", "POST"])
@requires("roll.close")
def close(code: str) -> Response:
    meeting = _meeting(code, "roll.close")
    form = CloseForm()
    form.posted = request.form
    starts_at = meeting.starts_at or now()
    ended = wall_clock(max(starts_at, min(now(), meeting.ends_at or now())))
    form.ended_on.offer(end_days(starts_at, meeting.ends_at, now=now()), ended.date())

    def act() -> Response:
        form.check_listed({row.id: row.name for row in _unsaid(queries.sites(meeting))})
        services.close_roll(meeting, form.decisions(), actor=actor(), ended_at=moment(form), counts=form.counts)
        notice(_("The roll is closed. Later corrections need a reason."))
        return redirect(url_for("attendance.roll_call", code=meeting.code), 303)

    def show() -> str:
        rows = queries.sites(meeting)
        sums = queries.tally(meeting)
        open_rows = _unsaid(rows)
        uncounted = [row for row in rows if not row.host and row.uncounted]
        uncounted.sort(key=lambda row: row.id not in form.miscounted)
        return render_template(
            "attendance/close.html",
            meeting=meeting,
            form=form,
            roll=queries.roll(meeting),
            tally=sums,
            left=sums.of(Group.LEFT),
            absent=sums.of(Group.ABSENT),
            ended=ended,
            open_rows=open_rows[:SHOWN_AT_CLOSE],
            more=max(0, len(open_rows) - SHOWN_AT_CLOSE),
            open_count=len(open_rows),
            uncounted=uncounted[:SHOWN_AT_CLOSE],
            uncounted_count=len(uncounted),
            proposal=proposal,
            provinces={p.id: p.name for p in queries.provinces(meeting)} if sums.total > MOST_TILES else {},
            posted=request.form,
            at=now(),
            WORDS=WORDS,
        )

    return answer(form, act, show)
