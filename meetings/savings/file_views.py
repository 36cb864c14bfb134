"""Doorways of the files of an estimate: the annex of the minutes as .docx, the lines as .csv."""

from __future__ import annotations

import io

from flask import Blueprint, send_file
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.official import delimited, paper
from meetings.savings import listing, papers, queries
from meetings.savings.models import SavingsEstimate
from meetings.scheduling import queries as scheduling

bp = Blueprint("savings_files", __name__)


def _estimate(code: str) -> SavingsEstimate:
    found = queries.latest(scheduling.meeting_for(actor(), code, "savings.see"))
    if found is None:
        raise NotFound(_("The savings of this meeting have not been estimated yet."))
    return found


@bp.get("/meetings/<code>/savings.docx")
@requires("savings.see")
def annex(code: str) -> Response:
    """The annex for the minutes; it leaves room for the number that the minutes are given."""
    found = _estimate(code)
    data = io.BytesIO(papers.write(found))
    return send_file(data, mimetype=paper.CONTENT_TYPE, as_attachment=True, download_name=papers.file_name(found))


@bp.get("/meetings/<code>/savings.csv")
@requires("savings.see")
def table(code: str) -> Response:
    found = _estimate(code)
    data = io.BytesIO(listing.table(found))
    name = f"tiet-kiem-{found.meeting.code}.csv"
    return send_file(data, mimetype=delimited.TYPE, as_attachment=True, download_name=name)
