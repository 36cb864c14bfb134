"""Doorways of the papers of a meeting."""

from __future__ import annotations

import io
from typing import Any

from flask import Blueprint, redirect, render_template, send_file, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.i18n import gettext as _
from meetings.scheduling import papers, queries
from meetings.scheduling.models import Meeting
from meetings.scheduling.paper_forms import PaperForm
from meetings.scheduling.paper_rules import MOST
from meetings.scheduling.rules import Status
from meetings.web import notice
from meetings.web.doors import takes
from meetings.web.forms import answer

bp = Blueprint("papers", __name__)


def _page(meeting: Meeting, form: PaperForm) -> str:
    return render_template("scheduling/papers.html", meeting=meeting, **parts(meeting, form))


def parts(meeting: Meeting, form: PaperForm | None = None) -> dict[str, Any]:
    """What the card of papers shows, on the meeting's page and at the step of the agenda."""
    hers = actor().may("meeting.arrange", meeting.organiser.path) and papers.may_change(meeting)
    return {
        "papers": papers.of(meeting),
        "paper_form": (form or PaperForm(formdata=None)) if hers else None,
        "late": papers.late_now(meeting) if hers else "",
    }


@bp.get("/meetings/<code>/papers")
@requires("meeting.see")
def all_papers(code: str) -> str:
    return _page(queries.meeting_for(actor(), code), PaperForm(formdata=None))


@bp.post("/meetings/<code>/papers")
@takes(MOST + 1024 * 1024)
@requires("meeting.arrange")
def add(code: str) -> Response:
    meeting = queries.meeting_for(actor(), code, "meeting.arrange")
    form = PaperForm()

    def act() -> Response:
        made, late = papers.add(meeting, form.title.data, form.file.data.filename, form.file.data.read(), actor=actor())
        notice(_("“%(title)s” has been added.", title=made.title))
        if late:
            notice(late, "warn")
        return _back(meeting)

    return answer(form, act, lambda: _page(queries.meeting_for(actor(), code), form))


@bp.get("/meetings/<code>/papers/<int:id>")
@requires("meeting.see")
def download(code: str, id: int) -> Response:
    one = papers.paper(queries.meeting_for(actor(), code), id)
    return send_file(
        io.BytesIO(papers.data_of(one)), mimetype=one.content_type, as_attachment=True, download_name=one.file_name
    )


@bp.post("/meetings/<code>/papers/<int:id>/remove")
@requires("meeting.arrange")
def remove(code: str, id: int) -> Response:
    meeting = queries.meeting_for(actor(), code, "meeting.arrange")
    papers.remove(papers.paper(meeting, id), actor=actor())
    notice(_("The paper has been taken out."))
    return _back(meeting)


def _back(meeting: Meeting) -> Response:
    """A draft's papers stand at the step of its agenda, those of a meeting on its page."""
    draft = meeting.status is Status.DRAFT
    return redirect(url_for("booking.agenda" if draft else ".all_papers", code=meeting.code), 303)
