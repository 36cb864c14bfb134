"""Doorways to what machines wrote down: whether they may, a file that is taken in, who speaks in it, into the minutes."""

from __future__ import annotations

import io
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.minutes import queries as minutes
from meetings.minutes import recordings, rules, transcribing, transcript_words, voice_offers
from meetings.minutes import transcript_forms as forms
from meetings.minutes import transcript_queries as queries
from meetings.minutes.models import Transcript
from meetings.minutes.recording_rules import LIVE
from meetings.minutes.rules import RecordMove
from meetings.minutes.transcript_forms import (
    AS_TOLD,
    OPEN,
    OTHER,
    OUT,
    UNNAMED,
    Beginning,
    Button,
    DecisionForm,
    RecordingForm,
    TranscriptForm,
    VoicesForm,
)
from meetings.minutes.transcripts import MAX_BYTES
from meetings.minutes.views import editor
from meetings.minutes.voice_offers import Settled
from meetings.official import numbers
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting
from meetings.web import notice
from meetings.web.doors import takes
from meetings.web.forms import Form, answer
from meetings.web.pages import Page, asked_page

bp = Blueprint("transcripts", __name__)

PAGE = 100
"""Passages on a page of a draft."""


def suggested(meeting: Meeting) -> datetime | None:
    """From when a recording of *meeting* may count: its opening, else the hour it was booked for."""
    return meeting.opened_at or meeting.starts_at


def page(
    meeting: Meeting,
    *,
    transcript_form: TranscriptForm | None = None,
    recording_form: RecordingForm | None = None,
    decision_form: DecisionForm | None = None,
) -> str:
    """The page of a meeting's transcripts and recordings."""
    who, path = actor(), meeting.organiser.path
    house = recordings.set_up()
    began = suggested(meeting)
    blank = DecisionForm(formdata=None, data={"decided_by": f"{meeting.chair_honorific} {meeting.chair_name}".strip()})
    return render_template(
        "minutes/transcripts.html",
        meeting=meeting,
        may_write=who.may("record.write", path),
        allowed=queries.allowed(meeting),
        decisions=queries.decisions(meeting),
        forbidden=recordings.forbidden(meeting) if not queries.allowed(meeting) else "",
        transcripts=queries.of(meeting),
        recordings=queries.recordings(meeting),
        arriving=recordings.arriving(meeting),
        speech=house.speech,
        most=numbers.size(house.most),
        days=house.days,
        began=began,
        transcript_form=transcript_form or TranscriptForm.of(began, prefix="t-"),
        recording_form=recording_form or RecordingForm.of(began, prefix="r-"),
        decision_form=decision_form or blank,
        may_set_up=who.may("setting.administer"),
        words=transcript_words,
        live=LIVE,
    )


def _meeting(code: str, permission: str = "record.write") -> Meeting:
    return scheduling.meeting_for(actor(), code, permission)


@bp.get("/meetings/<code>/minutes/transcripts")
@requires("transcript.decide")
def transcripts(code: str) -> str:
    return page(_meeting(code, "transcript.decide"))


@bp.post("/meetings/<code>/minutes/transcripts/decision")
@requires("transcript.decide")
def decide_recording(code: str) -> Response:
    meeting = _meeting(code, "transcript.decide")
    form = DecisionForm()

    def act() -> Response:
        allow = form.allowed.data == "yes"
        recordings.decide(meeting, allow, form.decided_by.data or "", form.reason.data or "", actor=actor())
        notice(_("The decision has been entered."))
        return redirect(url_for(".transcripts", code=meeting.code), 303)

    return answer(form, act, lambda: page(_meeting(code, "transcript.decide"), decision_form=form))


@bp.post("/meetings/<code>/minutes/transcripts")
@takes(MAX_BYTES + 1024 * 1024)
@requires("record.write")
def take_transcript(code: str) -> Response:
    meeting = _meeting(code)
    form = TranscriptForm(prefix="t-")

    def act() -> Response:
        file = form.file.data
        made = transcribing.take(meeting, file.read(), file.filename or "", form.began, actor=actor())
        notice(_("The transcript has been taken. Say who speaks, then choose what comes into the minutes."))
        return redirect(url_for(".transcript", code=meeting.code, id=made.id), 303)

    return answer(form, act, lambda: page(_meeting(code), transcript_form=form))


# --- one of them -----------------------------------------------------------------------------------------------------


def _one(
    meeting: Meeting, one: Transcript, voices_form: VoicesForm | None = None, above: Form | None = None,
    beginning: Beginning | None = None,
) -> str:  # fmt: skip
    record = minutes.newest(meeting)
    writable = record is not None and rules.may(record.status, RecordMove.SAVE)
    items = queries.headings(meeting, record)
    found = queries.passages(one, items)
    number = min(asked_page(), max(1, -(-len(found) // PAGE)))
    told = list(queries.voices(one))
    return render_template(
        "minutes/transcript.html",
        meeting=meeting,
        one=one,
        record=record,
        writable=writable,
        allowed=queries.allowed(meeting),
        forbidden=recordings.forbidden(meeting) if not queries.allowed(meeting) else "",
        headings=items,
        page=Page(found[(number - 1) * PAGE : number * PAGE], number, len(found)),
        passages=found,
        voices=sorted(told, key=lambda voice: voice.confirmed_at is not None),
        unsettled=sum(voice.confirmed_at is None for voice in told),
        offers=voice_offers.offers(meeting, told) if one.withdrawn_at is None else {},
        sites=list(minutes.site_names(meeting))[: minutes.MANY_SITES],
        speakers=minutes.speakers(meeting, 400),
        unread=len(queries.unread_of(one, record)) if record is not None and writable else 0,
        form=voices_form or VoicesForm(formdata=None),
        above=above,
        beginning=beginning or Beginning.of(one.started_at, prefix="b-"),
        instant_of=queries.instant_of,
        words=transcript_words,
        choices=forms,
    )


@bp.get("/meetings/<code>/minutes/transcripts/<int:id>")
@requires("record.write")
def transcript(code: str, id: int) -> str:
    meeting = _meeting(code)
    return _one(meeting, queries.transcript(meeting, id))


def _again(code: str, id: int) -> tuple[Meeting, Transcript]:
    meeting = _meeting(code)
    return meeting, queries.transcript(meeting, id)


def _back(meeting: Meeting, one: Transcript, anchor: str = "") -> Response:
    number = numbers.read(request.args.get("page"))
    return redirect(url_for(".transcript", code=meeting.code, id=one.id, page=number, _anchor=anchor or None), 303)


@bp.post("/meetings/<code>/minutes/transcripts/<int:id>/voices")
@requires("record.write")
def settle_voices(code: str, id: int) -> Response:
    meeting, one = _again(code, id)
    form = VoicesForm()
    form.posted = request.form
    said = _settled(meeting, one, form)

    def act() -> Response:
        count = transcribing.settle(one, said, actor=actor())
        notice(ngettext("%(num)s voice has been settled.", "%(num)s voices have been settled.", count))
        return _back(meeting, one, "draft")

    return answer(form, act, lambda: _one(*_again(code, id), voices_form=form))


def _settled(meeting: Meeting, one: Transcript, form: VoicesForm) -> list[Settled]:
    """What was chosen for each voice; what cannot mean anybody is noted at its row."""
    names = {voice.id: voice.name for voice in queries.voices(one)}
    found = []
    for id, (choice, site, speaker) in form.said().items():
        settled = _who(meeting, id, choice, site, speaker, names.get(id, ""))
        if settled is None:
            form.unclear[id] = forms.unclear()
        else:
            found.append(settled)
    return found


def _who(meeting: Meeting, id: int, choice: str, site: str, speaker: str, name: str) -> Settled | None:
    kind, _dash, number = choice.partition("-")
    if kind in ("s", "d"):
        return voice_offers.settled(meeting, id, kind, numbers.read(number) or 0)
    match choice:
        case "chair":
            return Settled(id, speaker=voice_offers.chair(meeting))
        case _ if choice == AS_TOLD and name:
            return Settled(id, speaker=name)
        case _ if choice == UNNAMED:
            return Settled(id)
        case _ if choice == OUT:
            return Settled(id, left_out=True)
        case _ if choice == OPEN:
            return Settled(id, taken_back=True)
        case _ if choice == OTHER and (site or speaker):
            return voice_offers.typed(meeting, id, site, speaker)
        case _:
            return None


@bp.post("/meetings/<code>/minutes/transcripts/<int:id>/place")
@requires("record.write")
def place_transcript(code: str, id: int) -> Response:
    meeting, record = editor.meeting_and_record(code, "record.write")
    one = queries.transcript(meeting, id)
    form = Button()

    def act() -> Response:
        count = transcribing.place(one, record, _positions(meeting, one), actor=actor())
        notice(
            ngettext(
                "%(num)s statement has been put into the minutes, marked as written by a machine. Read it there.",
                "%(num)s statements have been put into the minutes, marked as written by a machine. Read them there.",
                count,
            )
        )
        return _back(meeting, one, "draft")

    return answer(form, act, lambda: _one(*_again(code, id), above=form))


def _positions(meeting: Meeting, one: Transcript) -> set[int]:
    """The places of the turns that were chosen: passage by passage, a whole agenda item, or all."""
    item = numbers.read(request.form.get("item"))
    if request.form.get("all") or item is not None:
        items = queries.headings(meeting, minutes.newest(meeting))
        return {
            turn.position
            for passage in queries.passages(one, items)
            if item is None or passage.item == item
            for turn in passage.turns
            if passage.voice.confirmed_at is not None
        }
    found: set[int] = set()
    for key in request.form.getlist("passage")[:2_000]:
        first, _dash, last = key.partition("-")
        low, high = numbers.read(first), numbers.read(last)
        if low is not None and high is not None and low <= high < low + 100_000:
            found.update(range(low, high + 1))
    return found


@bp.post("/meetings/<code>/minutes/transcripts/<int:id>/take-back")
@requires("record.write")
def take_transcript_back(code: str, id: int) -> Response:
    meeting, record = editor.meeting_and_record(code, "record.write")
    one = queries.transcript(meeting, id)
    form = Button()

    def act() -> Response:
        count = transcribing.take_back(one, record, actor=actor())
        notice(ngettext("%(num)s statement has been taken back.", "%(num)s statements have been taken back.", count))
        return _back(meeting, one, "draft")

    return answer(form, act, lambda: _one(*_again(code, id), above=form))


@bp.post("/meetings/<code>/minutes/transcripts/<int:id>/beginning")
@requires("record.write")
def time_transcript(code: str, id: int) -> Response:
    meeting, one = _again(code, id)
    form = Beginning(prefix="b-")

    def act() -> Response:
        transcribing.set_time(one, form.began, actor=actor())
        notice(_("The beginning of the recording has been set."))
        return _back(meeting, one)

    return answer(form, act, lambda: _one(*_again(code, id), beginning=form))


@bp.post("/meetings/<code>/minutes/transcripts/<int:id>/withdraw")
@requires("record.write")
def withdraw_transcript(code: str, id: int) -> Response:
    meeting, one = _again(code, id)
    form = Button()

    def act() -> Response:
        transcribing.withdraw(one, actor=actor())
        notice(_("The transcript has been withdrawn. What a person has read stays in the minutes."))
        return redirect(url_for(".transcripts", code=meeting.code), 303)

    return answer(form, act, lambda: _one(*_again(code, id), above=form))


@bp.get("/meetings/<code>/minutes/transcripts/<int:id>/file")
@requires("record.write")
def transcript_file(code: str, id: int) -> Response:
    _meeting_, one = _again(code, id)
    return send_file(
        io.BytesIO(queries.file_of(one)),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=one.file_name or "transcript.txt",
    )
