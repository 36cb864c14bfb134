"""The documents of a record as files: bring one back from Word, compare, say which holds, download any that was ever kept."""

from __future__ import annotations

import io
from collections.abc import Callable

from flask import redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.minutes import files, hand_edits, queries, standing, word_file, writing
from meetings.minutes.forms import BringForm, EmptyForm
from meetings.minutes.models import Record, RecordFile
from meetings.minutes.rules import Which
from meetings.minutes.views import bp, editor
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting
from meetings.web import notice
from meetings.web.forms import answer


def which_document(word: str) -> Which:
    """The document that an address names."""
    try:
        return Which(word)
    except ValueError:
        raise NotFound(_("There is no such document.")) from None


def kept_file(code: str, file_id: int) -> tuple[Meeting, RecordFile]:
    """A kept file, if the reader may read the version it belongs to."""
    meeting = scheduling.meeting_for(actor(), code, "record.read")
    found = files.among(meeting, file_id)
    if found is None or not queries.readable_by(actor(), found.record):
        raise NotFound(_("There is no such file, or none that this account may read."))
    return meeting, found


@bp.route("/meetings/<code>/minutes/documents/<which>", methods=["GET", "POST"])
@requires("record.preview")
def bring(code: str, which: str) -> Response:
    """The page of one document: what holds, everything that was kept, and the way back from Word."""
    what = which_document(which)
    meeting, record = editor.meeting_and_record(code, "record.preview")
    form = BringForm(prefix="bring-")

    def act() -> Response:
        brought = hand_edits.bring(record, what, form.data_of_file, form.name, actor=actor())
        notice(_("Kept. The file edited in Word holds from now on; what the system wrote is kept beside it."))
        return redirect(url_for(".file", code=meeting.code, file_id=brought.id), 303)

    def show() -> str:
        mine, newest = editor.meeting_and_record(code, "record.preview")
        stands = next(one for one in standing.of(newest, actor()) if one.which is what)
        return render_template("minutes/document.html", meeting=mine, record=newest, stands=stands, form=form)

    return answer(form, act, show)


@bp.get("/meetings/<code>/minutes/files/<int:file_id>")
@requires("record.read")
def file(code: str, file_id: int) -> str:
    """A file beside what the system would write, or beside another file (``?with=``)."""
    meeting, found = kept_file(code, file_id)
    other = request.args.get("with", 0, type=int)
    against = kept_file(code, other)[1] if other else None
    ours = files.read(against) if against else _ours(found)
    stands = next(one for one in standing.of(found.record, actor()) if one.which is found.which)
    return render_template(
        "minutes/file.html",
        meeting=meeting,
        record=found.record,
        file=found,
        against=against,
        stands=stands,
        holds=stands.holding is not None and stands.holding.id == found.id,
        is_word=found.origin in files.WORD,
        places=word_file.differences(word_file.lines(ours), word_file.lines(files.read(found))) if ours else [],
        sheet=word_file.sheet(files.read(found)) if found.origin in files.WORD else [],
    )


def _ours(found: RecordFile) -> bytes | None:
    """What *found* is compared with: what it was made of once the text stands, else what would be written now."""
    if found.origin not in files.WORD:
        return None
    frozen = found.record.approved_at is not None
    made_of = files.find(found.record, found.made_of_id or 0)
    if frozen:
        return files.read(made_of) if made_of is not None else files.read(found)
    return writing.printed(found.record, found.which).data


@bp.get("/meetings/<code>/minutes/files/<int:file_id>/download")
@requires("record.read")
def download(code: str, file_id: int) -> Response:
    _meeting, found = kept_file(code, file_id)
    return send_file(
        io.BytesIO(files.read(found)),
        mimetype=found.content_type,
        as_attachment=True,
        download_name=found.name or files.name_of(found.record, found.which),
    )


def _choose(code: str, file_id: int, act: Callable[[RecordFile], object], said: str) -> Response:
    meeting, found = kept_file(code, file_id)

    def go() -> Response:
        act(found)
        notice(said)
        return redirect(url_for(".minutes", code=meeting.code), 303)

    return answer(EmptyForm(), go, lambda: file(code, file_id))


@bp.post("/meetings/<code>/minutes/files/<int:file_id>/keep")
@requires("record.preview")
def keep_hers(code: str, file_id: int) -> Response:
    return _choose(
        code,
        file_id,
        lambda found: hand_edits.keep_hers(found, actor=actor()),
        _("The file edited in Word goes on holding."),
    )


@bp.post("/meetings/<code>/minutes/files/<int:file_id>/write-anew")
@requires("record.preview")
def write_anew(code: str, file_id: int) -> Response:
    return _choose(
        code,
        file_id,
        lambda found: hand_edits.write_anew(found, actor=actor()),
        _("The document is written from the page again. The file edited in Word is kept in the list."),
    )


@bp.post("/meetings/<code>/minutes/files/<int:file_id>/hold-again")
@requires("record.preview")
def hold_again(code: str, file_id: int) -> Response:
    return _choose(
        code,
        file_id,
        lambda found: hand_edits.hold_again(found, actor=actor()),
        _("This file holds again."),
    )


@bp.get("/meetings/<code>/minutes/versions/<int:number>/compare")
@requires("record.read")
def compare(code: str, number: int) -> str:
    """What a version says otherwise than the one before it, in both documents."""
    meeting = scheduling.meeting_for(actor(), code, "record.read")
    pair = [_version(meeting, one) for one in (number - 1, number)]
    both = [
        (hand_edits.called(which), word_file.differences(*[word_file.lines(_text(one, which)) for one in pair]))
        for which in Which
    ]
    return render_template("minutes/compare.html", meeting=meeting, before=pair[0], record=pair[1], both=both)


def _version(meeting: Meeting, number: int) -> Record:
    record = queries.version(meeting, number) if 0 < number < 10_000 else None
    if record is None or not queries.readable_by(actor(), record):
        raise NotFound(_("There is no such version, or none that this account may read."))
    return record


def _text(record: Record, which: Which) -> bytes:
    stands = next(one for one in standing.of(record, actor()) if one.which is which)
    return files.read(stands.holding) if stands.holding else writing.printed(record, which).data
