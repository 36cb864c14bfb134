"""Doorways to the papers of rosters: the list of delegates of a meeting, the sheets on which its sites sign in."""

from __future__ import annotations

import io

from flask import Blueprint, Response, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from meetings.accounts.access import actor, requires
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.official.paper import CONTENT_TYPE
from meetings.readiness import document, papers, parcels
from meetings.scheduling import queries as scheduling

bp = Blueprint("rosters", __name__, url_prefix="/meetings/<code>")


@bp.get("/delegates")
@requires("meeting.see")
def delegates(code: str) -> str:
    """What can be printed of the rosters; of a large meeting the sheets come province by province."""
    meeting = scheduling.meeting_for(actor(), code)
    visible = scheduling.sites_visible_to(actor(), meeting)
    found = papers.provinces(meeting, visible)
    return render_template(
        "readiness/delegates.html",
        meeting=meeting,
        provinces=found,
        sites=sum(one.sites for one in found),
        people=sum(one.delegates for one in found),
        at_once=sum(one.sites for one in found) <= papers.MOST_SHEETS,
    )


@bp.get("/documents/danh-sach-dai-bieu.docx")
@requires("meeting.see")
def whole_list(code: str) -> AnyResponse:
    meeting = scheduling.meeting_for(actor(), code)
    visible = scheduling.sites_visible_to(actor(), meeting)
    return send_file(
        io.BytesIO(papers.whole_list(meeting, visible)),
        mimetype=CONTENT_TYPE,
        as_attachment=True,
        download_name=f"Danh-sach-dai-bieu-{meeting.code}.docx",
    )


@bp.get("/documents/danh-sach-ky-ten.zip")
@requires("meeting.see")
def sheets(code: str) -> AnyResponse:
    """The sheets of all sites, or of one province, written while they are sent."""
    meeting = scheduling.meeting_for(actor(), code)
    visible = scheduling.sites_visible_to(actor(), meeting)
    province = request.args.get("province", "")[:40]
    found = papers.provinces(meeting, visible)
    if province and province not in {one.code for one in found}:
        raise NotFound(_("No site of this province takes part in the meeting."))
    if not province and sum(one.sites for one in found) > papers.MOST_SHEETS:
        return redirect(url_for(".delegates", code=meeting.code) + "#provinces", 303)
    asked = papers.sheets(meeting, visible & papers.of_province(province) if province else visible)
    name = f"Danh-sach-ky-ten-{meeting.code}{f'-{province}' if province.isalnum() else ''}.zip"
    written = parcels.zipped((sheet.name, document.write(sheet.paper)) for sheet in asked)
    return Response(
        written,
        mimetype="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
