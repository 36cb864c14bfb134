"""Doorways to the machines' witness: take a file, answer what it leaves open, say who is who, lay it beside the roll."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, make_response, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.attendance import (
    comparing,
    queries,
    side_by_side,
    witness_queries,
    witness_sheet,
    witness_words,
    witnessing,
)
from meetings.attendance.comparing import Verdict
from meetings.attendance.live import May
from meetings.attendance.models import Witness
from meetings.attendance.rules import SOURCE_WORDS, STATE_WORDS, MarkSource, check_time
from meetings.attendance.side_by_side import Comparisons, SiteCompared
from meetings.attendance.witness_forms import LATER, OTHER, FileForm, MatchForm, QuestionForm, ShiftForm, WithdrawForm
from meetings.attendance.witness_queries import SHOW
from meetings.attendance.witnesses import Told
from meetings.attendance.witnessing import MOST, NOBODY, Decision
from meetings.clock import now
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.official import numbers, workbook
from meetings.official.text import fold
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting
from meetings.web import notice
from meetings.web.doors import takes
from meetings.web.forms import answer
from meetings.web.pages import SIZE, Page, asked_page, asked_words

bp = Blueprint("witnesses", __name__, url_prefix="/meetings/<code>/roll-call")


def _meeting(code: str, permission: str = "meeting.see") -> Meeting:
    return scheduling.meeting_for(actor(), code, permission)


def _named(code: str, id: int, permission: str = "meeting.see") -> tuple[Meeting, Witness]:
    meeting = _meeting(code, permission)
    return meeting, witness_queries.witness(meeting, id)


def _page(meeting: Meeting, form: FileForm) -> str:
    whole = scheduling.whole(actor(), meeting)
    return render_template(
        "attendance/witnesses.html",
        meeting=meeting,
        may=May.of(actor(), meeting),
        whole=whole,
        witnesses=witness_queries.of(meeting) if whole else [],
        open_count=witness_queries.open_count(meeting) if whole else 0,
        form=form,
        words=witness_words,
    )


@bp.get("/witnesses")
@requires("roll.see")
def witnesses(code: str) -> str:
    return _page(_meeting(code), FileForm(formdata=None))


@bp.post("/witnesses")
@takes(MOST + 1024 * 1024)
@requires("roll.mark")
def take(code: str) -> Response:
    meeting = _meeting(code, "roll.mark")
    form = FileForm()

    def act() -> Response:
        if meeting.starts_at is None:
            raise Refused(_("This meeting has no time yet."))
        check_time(MarkSource.SECRETARY, now=now(), starts_at=meeting.starts_at)
        made = witnessing.take(meeting, form.file.data.read(), form.file.data.filename or "", actor=actor())
        return _after(meeting, made)

    return answer(form, act, lambda: _page(_meeting(code), form))


def _after(meeting: Meeting, made: Witness) -> Response:
    """To the next thing that is wanted: an answer, a name, or the comparison."""
    if made.asks:
        return redirect(url_for(".witness", code=meeting.code, id=made.id), 303)
    notice(_("“%(name)s” has been taken.", name=witness_words.source(made)))
    if _doubtful(made):
        return redirect(url_for(".witness", code=meeting.code, id=made.id), 303)
    if witness_queries.open_count(meeting):
        return redirect(url_for(".matching", code=meeting.code), 303)
    return redirect(url_for(".comparison", code=meeting.code), 303)


def _doubtful(one: Witness) -> bool:
    """Whether a file seems to be another meeting's: whoever took it has to see that before anybody is matched."""
    return "another_day" in one.faults or side_by_side.beside(one)


# --- one witness -----------------------------------------------------------------------------------------------------


@bp.get("/witnesses/<int:id>")
@requires("roll.mark")
def witness(code: str, id: int) -> str:
    return _one(*_named(code, id, "roll.mark"))


def _one(
    meeting: Meeting, one: Witness, questions: QuestionForm | None = None, shifting: ShiftForm | None = None
) -> str:
    if one.asks and one.withdrawn_at is None:
        form = questions or QuestionForm(formdata=None, zone=one.zone or None)
        return render_template(
            "attendance/witness_asks.html",
            meeting=meeting,
            one=one,
            form=form,
            readings=_readings(one, form),
            may=May.of(actor(), meeting),
            words=witness_words,
        )
    minutes, seconds = divmod(abs(one.clock_shift), 60)
    sign = -1 if one.clock_shift < 0 else 1
    suggested = side_by_side.skew_of(one) if one.withdrawn_at is None else 0
    return render_template(
        "attendance/witness.html",
        meeting=meeting,
        one=one,
        shown=next(row for row in witness_queries.of(meeting) if row.witness.id == one.id),
        may=May.of(actor(), meeting),
        shifting=shifting or ShiftForm(formdata=None, minutes=sign * minutes or None, seconds=sign * seconds or None),
        suggested=suggested,
        beside=side_by_side.beside(one),
        words=witness_words,
    )


@dataclass(frozen=True)
class Reading:
    """The first rows of a file, read one way."""

    day_first: bool | None
    told: Told
    beside: bool


def _readings(one: Witness, form: QuestionForm) -> list[Reading]:
    """The file as it reads by each answer about its dates, on the clock that is chosen."""
    ways: tuple[bool | None, ...] = (True, False) if "day_first" in one.asks else (None,)
    zone = form.zone.data or one.zone
    over = side_by_side.over_of(one.meeting)
    found = []
    for way in ways:
        told = witness_queries.again(one, zone=zone, day_first=way)
        stays = [(row.joined_at, row.left_at) for row in told.rows]
        found.append(Reading(way, told, over is not None and comparing.beside(stays, over.meeting)))
    return found


@bp.post("/witnesses/<int:id>")
@requires("roll.mark")
def settle(code: str, id: int) -> Response:
    meeting, one = _named(code, id, "roll.mark")
    form = QuestionForm()

    def act() -> Response:
        witnessing.settle(one, zone=form.zone.data, day_first=form.day_comes_first, actor=actor())
        return _after(meeting, one)

    return answer(form, act, lambda: _one(*_named(code, id), questions=form))


@bp.post("/witnesses/<int:id>/withdraw")
@requires("roll.close")
def withdraw(code: str, id: int) -> Response:
    meeting, one = _named(code, id, "roll.close")
    form = WithdrawForm()

    def act() -> Response:
        witnessing.withdraw(one, actor=actor())
        notice(_("“%(name)s” counts no more. What it told is kept.", name=witness_words.source(one)))
        return redirect(url_for(".witnesses", code=meeting.code), 303)

    return answer(form, act, lambda: _page(_meeting(code), FileForm(formdata=None)))


@bp.post("/witnesses/<int:id>/clock")
@requires("roll.close")
def shift(code: str, id: int) -> Response:
    meeting, one = _named(code, id, "roll.close")
    form = ShiftForm()

    def act() -> Response:
        witnessing.shift(one, form.total, actor=actor())
        notice(_("The clock of “%(name)s” has been set.", name=witness_words.source(one)))
        return redirect(url_for(".witness", code=meeting.code, id=one.id), 303)

    return answer(form, act, lambda: _one(*_named(code, id), shifting=form))


@bp.get("/witnesses/<int:id>/file")
@requires("roll.mark")
def file(code: str, id: int) -> Response:
    one = _named(code, id, "roll.mark")[1]
    return send_file(
        io.BytesIO(witness_queries.file_of(one)),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=one.file_name or f"{one.layout}.json",
    )


# --- who is who ------------------------------------------------------------------------------------------------------


def _matching(meeting: Meeting, form: MatchForm) -> str:
    show = request.args.get("show", "")
    words = asked_words()
    show = show if show in SHOW else "all" if words else "open"
    return render_template(
        "attendance/matching.html",
        meeting=meeting,
        may=May.of(actor(), meeting),
        page=witness_queries.participants(meeting, show=show, words=words, number=asked_page()),
        open_count=witness_queries.open_count(meeting),
        show=show,
        q=words,
        form=form,
        words=witness_words,
        LATER=LATER,
        OTHER=OTHER,
        NOBODY=NOBODY,
        day=witness_queries.day_of(meeting),
    )


@bp.get("/witnesses/matching")
@requires("roll.mark")
def matching(code: str) -> str:
    return _matching(_meeting(code, "roll.mark"), MatchForm(formdata=None))


@bp.post("/witnesses/matching")
@requires("roll.close")
def confirm(code: str) -> Response:
    meeting = _meeting(code, "roll.close")
    form = MatchForm()
    form.posted = request.form
    decisions = _decisions(meeting, form)

    def act() -> Response:
        count = witnessing.confirm(meeting, decisions, actor=actor())
        notice(ngettext("%(num)s participant has been settled.", "%(num)s participants have been settled.", count))
        if not witness_queries.open_count(meeting):
            return redirect(url_for(".comparison", code=meeting.code), 303)
        kept: dict[str, Any] = {name: request.args[name] for name in ("show", "q", "page") if name in request.args}
        return redirect(url_for(".matching", code=meeting.code, **kept), 303)

    return answer(form, act, lambda: _matching(_meeting(code), form))


def _decisions(meeting: Meeting, form: MatchForm) -> list[Decision]:
    """What was chosen for each participant; what cannot mean one site is noted at its row."""
    found = []
    for who, (chosen, typed) in form.said().items():
        if chosen in (NOBODY, "none"):
            found.append(Decision(who, word=NOBODY if chosen == NOBODY else ""))
            continue
        id = numbers.read(chosen)
        sites = [queries.meeting_site(meeting, id)] if id is not None else witness_queries.named(meeting, typed)
        site = sites[0] if len(sites) == 1 else None
        if site is not None:
            found.append(Decision(who, site))
        elif not sites:
            form.unclear[who] = _("No site of this meeting is called “%(name)s”.", name=typed)
        else:
            names = "; ".join(f"{one.name} ({one.unit.code})" for one in sites[:6] if one is not None)
            form.unclear[who] = _("Several sites fit: %(names)s. Type the code of the one that is meant.", names=names)
    return found


# --- side by side ----------------------------------------------------------------------------------------------------

DISAGREE: Final = "disagree"


@bp.get("/comparison")
@requires("roll.see")
def comparison(code: str) -> str:
    meeting = _meeting(code)
    both = side_by_side.comparison(meeting, queries.part_seen(actor(), meeting))
    whole = scheduling.whole(actor(), meeting)
    show = request.args.get("show", "")
    words = asked_words()
    if show not in {DISAGREE, "all", *(verdict.value for verdict in Verdict)}:
        show = "all" if words or not both.disagreements else DISAGREE
    site = numbers.read(request.args.get("site"))
    rows = _fitting(both, show, words) if site is None else [row for row in both.sites if row.id == site]
    number = min(asked_page(), max(1, -(-len(rows) // SIZE)))
    return render_template(
        "attendance/comparison.html",
        meeting=meeting,
        may=May.of(actor(), meeting),
        both=both,
        counts=both.counts,
        page=Page(rows[(number - 1) * SIZE : number * SIZE], number, len(rows)),
        show=show if site is None else "all",
        q=words,
        names={one.id: witness_words.source(one) for one in both.witnesses},
        open_count=witness_queries.open_count(meeting) if whole else 0,
        waiting=witness_queries.waiting(meeting) if whole else [],
        doubtful=[one for one in both.witnesses if _doubtful(one)] if whole else [],
        drawn=comparing.drawn,
        hours=comparing.hours,
        words=witness_words,
        Verdict=Verdict,
        STATES=STATE_WORDS,
        SOURCES=SOURCE_WORDS,
    )


def _fitting(both: Comparisons, show: str, words: str) -> list[SiteCompared]:
    wanted = [fold(word) for word in words.split()[:6]]
    return [
        row
        for row in both.sites
        if (show == "all" or row.verdict == show or (show == DISAGREE and row.both.disagrees))
        and all(word in fold(f"{row.name} {row.unit_name} {row.province}") for word in wanted)
    ]


@bp.get("/comparison.xlsx")
@requires("roll.see")
def comparison_sheet(code: str) -> Response:
    meeting = _meeting(code, "roll.see")
    response = make_response(
        witness_sheet.workbook(meeting, side_by_side.comparison(meeting), actor().may("phone.see"))
    )
    response.mimetype = workbook.TYPE
    response.headers["Content-Disposition"] = f'attachment; filename="doi-chieu-{meeting.code}.xlsx"'
    return response
