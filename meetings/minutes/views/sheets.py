"""A record's documents as sheets of A4: what will lie on the table, before anything is printed."""

from __future__ import annotations

from flask import render_template, request

from meetings.accounts.access import requires
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.minutes import queries, sheets
from meetings.minutes.rules import Which
from meetings.minutes.views import bp, editor

_NAMES = {"bien-ban": Which.RECORD, "thong-bao-ket-luan": Which.NOTICE}


@bp.get("/meetings/<code>/minutes/sheets/<any('bien-ban', 'thong-bao-ket-luan'):name>")
@requires("record.read")
def as_sheets(code: str, name: str) -> str:
    meeting, record = editor.readable(code)
    number = request.args.get("version", 0, type=int)
    if record is not None and 0 < number < record.version:
        record = queries.version(meeting, number)
    if record is None:
        raise NotFound(_("The minutes of this meeting have not been begun."))
    return render_template(
        "minutes/sheets.html",
        meeting=meeting,
        record=record,
        preview=sheets.preview(record, _NAMES[name]),
        names=_NAMES,
        shown=name,
    )
