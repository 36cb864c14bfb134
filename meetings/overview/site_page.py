"""Doorways of a site's own page, ``/m/<token>``: no account, one thumb, one site.

Whoever holds the link acts for the site. A GET shows and changes nothing, whoever opens it however often; only a POST from
a page of the link decides. No cookie is needed for anything here (see ``meetings.web.link_forms``).
"""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Final

from flask import Blueprint, Response, g, make_response, render_template, request, send_file, url_for
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as AnyResponse

from meetings import i18n, links
from meetings.accounts.access import by_link
from meetings.accounts.rules import Actor
from meetings.clock import now
from meetings.errors import Gone, NotFound, NotYet
from meetings.i18n import gettext as _
from meetings.invitations import answering, enclosures, letters, private_link, texts
from meetings.minutes import queries as minutes
from meetings.minutes.letters import Handed, handed
from meetings.official.paper import CONTENT_TYPE
from meetings.overview import site_cascade, site_view, site_words
from meetings.overview.site_entries import ENTRIES, Visit, with_ways_back
from meetings.overview.site_presses import shortened
from meetings.post import queries as post
from meetings.scheduling import papers
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from meetings.web.forms import Form
from meetings.web.link_forms import behind, form_token, private
from meetings.web.throttle import Throttle

bp = Blueprint("site_page", __name__, url_prefix="/m/<token>")
private(bp)
wrong_links: Final = Throttle(most=29, window=timedelta(minutes=10))


@bp.errorhandler(Gone)
def told_gone(gone: Gone) -> AnyResponse:
    """Why the link ended, where it was ever good; the same neutral words for all others. None tells of a meeting."""
    g.refused = True
    page = render_template(
        "overview/site_page/gone.html",
        reason=str(gone.message),
        phone=gone.phone,
        early=isinstance(gone, NotYet),
        **site_words.WORDS,
    )
    return make_response(page, 410)


def _opened(token: str) -> Visit:
    invitation = private_link.opened(token)
    meeting = invitation.meeting_site.meeting
    g.office_phone = meeting.contact_phone  # whom to ring when anything is refused from here on
    if meeting.status in (Status.DRAFT, Status.AWAITING_APPROVAL):
        raise NotYet(
            _("The invitation to this meeting has not been sent out yet. The office will write."), meeting.contact_phone
        )
    return Visit(
        invitation,
        Actor.link(invitation.link_id, invitation.meeting_site.name),
        address=lambda page, **values: url_for(f"site_page.{page}", token=token, **values),
        form_meta=behind(token),
        form_token=form_token(token),
        link=token,
        elsewhere=lambda other: url_for("site_page.page", token=private_link.token(other)),
        join=url_for("join.join", token=private_link.join_token(invitation)),
    )


def slow_down(token: str) -> None:
    """Count a token that is none; who tries many is told to wait, whichever kind of link is guessed at."""
    if links.read(token) is None and wrong_links.wrong(request.remote_addr or "", now()):
        raise TooManyRequests


def visit(view: Callable[..., Any]) -> Callable[..., Any]:
    """Open the link before the page; a wrong one is told so, and by the thirtieth told to wait."""

    @wraps(view)
    def opened(token: str, **values: Any) -> Any:
        slow_down(token)
        return view(_opened(token), **values)

    return by_link(opened)


for entry in with_ways_back((*ENTRIES, *site_cascade.CASCADE)):
    bp.add_url_rule(entry.path, entry.view.__name__, shortened(entry.view, visit(entry.view)), methods=entry.methods)


@bp.get("")
@visit
def page(visit: Visit) -> str:
    meeting = visit.site.meeting
    return visit.show(
        "page",
        notice=minutes.issued_notice(meeting),
        notice_file=_notice(meeting),
        papers=papers.of(meeting),
        cascade=site_cascade.box(visit.site),
        texted=texts.agreed_number(visit.invitation),
    )


@bp.post("/texts/stop")
@visit
def stop_texts(visit: Visit) -> AnyResponse:
    """The site wants no text messages any more; its officer had agreed to them."""
    visit.form(Form).validate()
    texts.stop(visit.invitation, actor=visit.actor)
    return visit.to("page")


@bp.post("/seen")
@visit
def seen(visit: Visit) -> Response:
    """The page's own small note that a person has it open; a weak hint, never an answer."""
    visit.form(Form).validate()
    answering.seen(visit.invitation, actor=visit.actor)
    return Response(status=204)


@bp.post("/language")
@visit
def language(visit: Visit) -> AnyResponse:
    visit.form(Form).validate()
    chosen = "en" if request.form.get("locale") == "en" else i18n.DEFAULT
    response = visit.to("page")
    response.set_cookie("locale", chosen, max_age=365 * 86400, samesite="Lax", httponly=True, secure=request.is_secure)
    return response


# --- papers ----------------------------------------------------------------------------------------------------------


def _file(data: bytes, name: str, kind: str) -> Response:
    return Response(data, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@bp.get("/invitation.docx")
@visit
def invitation(visit: Visit) -> Response:
    """The giấy mời as it was sent."""
    meeting = visit.site.meeting
    return _file(site_view.giay_moi(meeting), letters.file_name(meeting), CONTENT_TYPE)


@bp.get("/calendar.ics")
@visit
def calendar(visit: Visit) -> Response:
    """The meeting as a calendar entry that asks nothing back: the answer is given on the page."""
    name = f"{visit.site.meeting.code}.ics"
    return _file(enclosures.calendar_for(visit.invitation), name, "text/calendar")


@bp.get("/papers/<int:id>")
@visit
def paper(visit: Visit, id: int) -> Response:
    """A paper of the meeting, as long as the link opens."""
    one = papers.paper(visit.site.meeting, id)
    return send_file(
        io.BytesIO(papers.data_of(one)), mimetype=one.content_type, as_attachment=True, download_name=one.file_name
    )


def _notice(meeting: Meeting) -> Handed | None:
    """The notice of conclusions as every reader is handed it: signed where it is."""
    record = minutes.issued(meeting)
    if record is None or minutes.issued_notice(meeting) is None:
        return None
    return next(iter(handed(record, notice_only=True)), None)


@bp.get("/notice-of-conclusions.docx")
@visit
def notice(visit: Visit) -> Response:
    """The notice of conclusions once it is issued; never the record behind it."""
    meeting = visit.site.meeting
    held = _notice(meeting)
    if held is None:
        raise NotFound(_("The notice of conclusions has not been issued yet."))
    return _file(post.enclosure(held.file.sha256), held.file.name, held.file.content_type)
