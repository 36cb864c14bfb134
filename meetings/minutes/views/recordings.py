"""Doorways to recordings: they come in in one piece, or in many from a browser with scripts; how far one is."""

from __future__ import annotations

from typing import Any

from flask import jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.clock import now
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.minutes import recordings, transcript_words
from meetings.minutes import transcript_queries as queries
from meetings.minutes.models import Recording
from meetings.minutes.recording_rules import HEAD, LIVE, RecordingStatus
from meetings.minutes.transcript_forms import Button, RecordingForm
from meetings.minutes.views.transcripts import bp, page
from meetings.official import numbers
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting
from meetings.web import notice
from meetings.web.doors import takes
from meetings.web.forms import answer

PIECE = 9 * 1024 * 1024
"""Bytes that a piece may have at most."""


def _meeting(code: str) -> Meeting:
    return scheduling.meeting_for(actor(), code, "record.write")


def _most() -> int:
    return recordings.set_up().most + 1024 * 1024


@bp.post("/meetings/<code>/minutes/recordings")
@takes(_most)
@requires("record.write")
def take_recording(code: str) -> Response:
    meeting = _meeting(code)
    form = RecordingForm(prefix="r-")
    if "size" in request.form:
        return _piece(meeting, form)

    def act() -> Response:
        file = form.file.data
        made = recordings.take_whole(meeting, file.filename or "", file.stream, form.began, actor=actor())
        notice(_("The recording has been received. It waits to be heard."))
        return redirect(url_for(".recording", code=meeting.code, id=made.id), 303)

    return answer(form, act, lambda: page(_meeting(code), recording_form=form))


def _piece(meeting: Meeting, form: RecordingForm) -> Response:
    """A piece of a recording, and where the next one begins."""
    if not form.validate():
        raise Refused(next(iter(form.errors.values()))[0], status=422)
    data = form.file.data.stream.read(PIECE)
    id, at = numbers.read(request.form.get("id")), numbers.read(request.form.get("at"), 15) or 0
    if id is not None:
        one = queries.recording(meeting, id)
    else:
        size = numbers.read(request.form.get("size"), 15) or 0
        name = form.file.data.filename or ""
        one = recordings.begin(meeting, name, size, data[:HEAD], form.began, actor=actor())
    recordings.add_piece(one, at, data, actor=actor())
    done = one.status is not RecordingStatus.ARRIVING
    return jsonify(
        id=one.id,
        at=one.received,
        said=_("%(received)s of %(size)s received", received=numbers.size(one.received), size=numbers.size(one.size)),
        to=url_for(".recording", code=meeting.code, id=one.id) if done else "",
    )


# --- one of them -----------------------------------------------------------------------------------------------------


def _show(meeting: Meeting, one: Recording, above: Button | None = None) -> str:
    return render_template(
        "minutes/recording.html",
        meeting=meeting,
        one=one,
        allowed=queries.allowed(meeting),
        transcript=queries.transcript_of(one),
        speech=recordings.set_up().speech,
        days=recordings.set_up().days,
        above=above,
        words=transcript_words,
        live=one.status in LIVE,
        told=_told(one),
    )


def _told(one: Recording) -> dict[str, Any]:
    """How far *one* is, as the page counts along."""
    minutes = (now() - one.asked_at).total_seconds() // 60 if one.asked_at is not None else 0
    return {
        "sites": one.size,
        "waiting": one.size - one.received,
        "minutes": int(minutes),
        "done": one.status not in LIVE,
        "failed": one.attempts,
        "state": one.status.value,
    }


@bp.get("/meetings/<code>/minutes/recordings/<int:id>")
@requires("record.write")
def recording(code: str, id: int) -> str:
    meeting = _meeting(code)
    return _show(meeting, queries.recording(meeting, id))


@bp.get("/meetings/<code>/minutes/recordings/<int:id>/state")
@requires("record.write")
def recording_state(code: str, id: int) -> Response:
    return jsonify(_told(queries.recording(_meeting(code), id)))


@bp.post("/meetings/<code>/minutes/recordings/<int:id>/call-off")
@requires("record.write")
def call_off_recording(code: str, id: int) -> Response:
    meeting = _meeting(code)
    one = queries.recording(meeting, id)
    form = Button()

    def act() -> Response:
        recordings.call_off(one, actor=actor())
        notice(_("The recording has been called off; its file is deleted."))
        return redirect(url_for(".transcripts", code=meeting.code), 303)

    return answer(form, act, lambda: _show(_meeting(code), queries.recording(_meeting(code), id), above=form))


@bp.post("/meetings/<code>/minutes/recordings/<int:id>/again")
@requires("record.write")
def hear_recording_again(code: str, id: int) -> Response:
    meeting = _meeting(code)
    one = queries.recording(meeting, id)
    form = Button()

    def act() -> Response:
        recordings.again(one, actor=actor())
        notice(_("The recording waits to be heard again."))
        return redirect(url_for(".recording", code=meeting.code, id=one.id), 303)

    return answer(form, act, lambda: _show(_meeting(code), queries.recording(_meeting(code), id), above=form))
