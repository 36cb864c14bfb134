"""The documents of a record as files."""

from __future__ import annotations

import io

from flask import request, send_file
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.minutes import files, queries, standing, writing
from meetings.minutes.models import Record
from meetings.minutes.rules import RecordStatus, Which
from meetings.minutes.views import bp
from meetings.official.paper import CONTENT_TYPE
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting


def sent(data: bytes, name: str) -> Response:
    """*data* as a file to keep."""
    return send_file(io.BytesIO(data), mimetype=CONTENT_TYPE, as_attachment=True, download_name=name)


def _held(record: Record, which: Which) -> Response:
    """The file that holds; while nothing was kept, or the text is still open, the draft as it would be written now.

    ``?ours`` asks for what the system writes, beside a file that was edited in Word.
    """
    holding = None if "ours" in request.args else standing.holding(record, which)
    name = files.name_of(record, which)
    if holding is None:
        return sent(writing.printed(record, which).data, f"Du-thao-{name}")
    return sent(files.read(holding), name if record.approved_at else f"Du-thao-{name}")


def _record(meeting: Meeting) -> Record | None:
    number = request.args.get("version", 0, type=int)
    return queries.version(meeting, number) if 0 < number < 10_000 else queries.newest(meeting)


@bp.get("/meetings/<code>/documents/bien-ban.docx")
@requires("record.read")
def record_docx(code: str) -> Response:
    meeting = scheduling.meeting_for(actor(), code, "record.read")
    record = _record(meeting)
    if record is not None and not queries.readable_by(actor(), record):
        record = queries.issued(meeting)
    if record is None:
        raise NotFound(_("There are no minutes of this meeting to download."))
    return _held(record, Which.RECORD)


@bp.get("/meetings/<code>/documents/thong-bao-ket-luan.docx")
@requires("meeting.see")
def notice_docx(code: str) -> Response:
    meeting = scheduling.meeting_for(actor(), code)
    record = _record(meeting)
    if record is None or not (queries.readable_by(actor(), record) or record.status is RecordStatus.ISSUED):
        record = queries.issued(meeting)  # who was invited may read the notice that was issued, and no draft
    if record is None or (not queries.readable_by(actor(), record) and queries.recalled_from_all(record)):
        raise NotFound(_("No notice of conclusions has been issued for this meeting."))
    return _held(record, Which.NOTICE)
