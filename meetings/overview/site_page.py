"""Doorways of a site's own page, ``/m/<token>``: no account, one thumb, one site.

Whoever holds the link acts for the site. A GET shows and changes nothing, whoever opens it however often; only a POST from
a page of the link decides. No cookie is needed for anything here (see ``meetings.web.link_forms``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, Final

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as AnyResponse

from meetings import i18n, links
from meetings.accounts.access import by_link
from meetings.accounts.rules import Actor
from meetings.attendance import services as attendance
from meetings.clock import now
from meetings.errors import Gone, NotFound
from meetings.i18n import gettext as _
from meetings.invitations import letters
from meetings.invitations import queries as invitations
from meetings.invitations import services as answers
from meetings.invitations.models import Invitation
from meetings.minutes import queries as minutes
from meetings.overview import site_view, site_words
from meetings.overview.site_forms import CheckInForm, ReplyForm, ReportForm
from meetings.post import queries as post
from meetings.readiness import queries as readiness
from meetings.readiness import services as preparations
from meetings.readiness.forms import DelegateForm, LineTestForm, RosterForm, completion
from meetings.scheduling.models import MeetingSite
from meetings.web.forms import Form, answer
from meetings.web.link_forms import behind, form_token
from meetings.web.throttle import Throttle

bp = Blueprint("site_page", __name__, url_prefix="/m/<token>")
wrong_links: Final = Throttle(most=29, window=timedelta(minutes=10))


@bp.record_once
def _own_form_tokens(state: Any) -> None:
    """These pages bring form tokens of their own, so the one that lives in the session cookie does not apply."""
    state.app.extensions["csrf"].exempt(bp)


@bp.after_request
def _private(response: AnyResponse) -> AnyResponse:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.errorhandler(Gone)
def _gone(gone: Gone) -> AnyResponse:
    """Why the link ended, where it was ever good; the same neutral words for all others. None tells of a meeting."""
    g.refused = True
    page = render_template(
        "overview/site_page/gone.html", reason=str(gone.message), phone=gone.phone, **site_words.WORDS
    )
    return make_response(page, 410)


@dataclass(frozen=True)
class Visit:
    """One opening of the page: which link, whose site, and as whom its holder acts."""

    token: str
    invitation: Invitation

    @property
    def site(self) -> MeetingSite:
        return self.invitation.meeting_site

    @property
    def actor(self) -> Actor:
        return Actor.link(self.invitation.link_id, self.site.name)

    def to(self, page: str, **values: Any) -> AnyResponse:
        return redirect(url_for(f".{page}", token=self.token, **values), 303)

    def form(self, kind: Callable[..., Any], *args: Any, **values: Any) -> Any:
        return kind(*args, meta=behind(self.token), **values)


def visit(view: Callable[..., Any]) -> Callable[..., Any]:
    """Open the link before the page; a wrong one is told so, and by the thirtieth told to wait."""

    @wraps(view)
    def opened(token: str, **values: Any) -> Any:
        if links.read(token) is None and wrong_links.wrong(request.remote_addr or "", now()):
            raise TooManyRequests
        return view(Visit(token, invitations.opened(token)), **values)

    return by_link(opened)


def _show(visit: Visit, page: str, **values: Any) -> str:
    return render_template(
        f"overview/site_page/{page}.html",
        view=site_view.of(visit.invitation, at=now()),
        token=visit.token,
        form_token=form_token(visit.token),
        **site_words.WORDS,
        **values,
    )


@bp.get("")
@visit
def page(visit: Visit) -> str:
    return _show(visit, "page", notice=minutes.issued_notice(visit.site.meeting))


@bp.post("/seen")
@visit
def seen(visit: Visit) -> Response:
    """The page's own small note that a person has it open; a weak hint, never an answer."""
    visit.form(Form).validate()
    answers.seen(visit.invitation, actor=visit.actor)
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
    return _file(site_view.giay_moi(meeting), letters.file_name(meeting), letters.DOCX)


@bp.get("/calendar.ics")
@visit
def calendar(visit: Visit) -> Response:
    """The meeting as a calendar entry that asks nothing back: the answer is given on the page."""
    name = f"{visit.site.meeting.code}.ics"
    return _file(invitations.calendar_for(visit.invitation), name, "text/calendar")


@bp.get("/notice-of-conclusions.docx")
@visit
def notice(visit: Visit) -> Response:
    """The notice of conclusions once it is issued; never the record behind it."""
    meeting = visit.site.meeting
    issued = minutes.issued_notice(meeting)
    if issued is None:
        raise NotFound(_("The notice of conclusions has not been issued yet."))
    return _file(post.enclosure(issued.sha256), f"Thong-bao-ket-luan-{meeting.code}.docx", letters.DOCX)


# --- step 1: the answer ----------------------------------------------------------------------------------------------


@bp.route("/reply", methods=["GET", "POST"])
@visit
def reply(visit: Visit) -> AnyResponse:
    form = visit.form(ReplyForm, data=site_view.answered(visit.invitation))

    def act() -> AnyResponse:
        answers.reply(visit.invitation, form.said, actor=visit.actor)
        return visit.to("done", step="reply")

    return answer(form, act, lambda: _show(visit, "reply", form=form))


@bp.get("/done/<any(reply, roster, line_test):step>")
@visit
def done(visit: Visit, step: str) -> str | AnyResponse:
    """What was sent, when, and what comes next; the form is not shown again after it."""
    sent_at = site_view.sent_at(visit.invitation, step)
    return _show(visit, "done", step=step, sent_at=sent_at) if sent_at else visit.to("page")


# --- step 2: the roster ----------------------------------------------------------------------------------------------


def _roster(visit: Visit, **forms: Any) -> str:
    held = site_view.roster_of(visit.site)
    made = {
        "paste": forms.get("paste") or visit.form(RosterForm, formdata=None),
        "add": forms.get("add") or visit.form(DelegateForm, formdata=None),
        "mend": forms.get("mend") or visit.form(completion, held.pending, held.unsaid, formdata=None),
    }
    return _show(visit, "roster", held=held, read="read" in request.args, **made)


@bp.route("/roster", methods=["GET", "POST"])
@visit
def roster(visit: Visit) -> AnyResponse:
    form = visit.form(RosterForm)

    def act() -> AnyResponse:
        preparations.file_roster(visit.site, form.rows, actor=visit.actor, replace=form.replace.data)
        return visit.to("roster", read="yes", _anchor="list")

    return answer(form, act, lambda: _roster(visit, paste=form))


@bp.post("/roster/mend")
@visit
def mend(visit: Visit) -> AnyResponse:
    held = site_view.roster_of(visit.site)
    form = visit.form(completion, held.pending, held.unsaid)

    def act() -> AnyResponse:
        left = preparations.correct_rows(visit.site, form.pending, form.honorifics, actor=visit.actor)
        return visit.to("roster", _anchor="list") if left else visit.to("done", step="roster")

    return answer(form, act, lambda: _roster(visit, mend=form))


@bp.post("/roster/add")
@visit
def add(visit: Visit) -> AnyResponse:
    form = visit.form(DelegateForm)

    def act() -> AnyResponse:
        preparations.add_delegate(visit.site, form.values, actor=visit.actor)
        return visit.to("roster", added="yes", _anchor="list")

    return answer(form, act, lambda: _roster(visit, add=form))


@bp.post("/roster/remove/<int:delegate_id>")
@visit
def remove(visit: Visit, delegate_id: int) -> AnyResponse:
    def act() -> AnyResponse:
        preparations.remove_delegate(visit.site, min(delegate_id, 2**31 - 1), actor=visit.actor)
        return visit.to("roster", _anchor="list")

    return answer(visit.form(Form), act, lambda: _roster(visit))


@bp.post("/roster/drop/<int:number>")
@visit
def drop(visit: Visit, number: int) -> AnyResponse:
    def act() -> AnyResponse:
        preparations.drop_row(visit.site, number, actor=visit.actor)
        return visit.to("roster", _anchor="list")

    return answer(visit.form(Form), act, lambda: _roster(visit))


# --- step 3: the line test -------------------------------------------------------------------------------------------


@bp.route("/line-test", methods=["GET", "POST"])
@visit
def line_test(visit: Visit) -> AnyResponse:
    form = visit.form(LineTestForm, data=site_view.tested(visit.site, at=now()))

    def act() -> AnyResponse:
        preparations.save_line_test(visit.site, form.items, form.notes, actor=visit.actor, age=form.seconds)
        return visit.to("done", step="line_test")

    return answer(
        form, act, lambda: _show(visit, "line_test", form=form, round=site_view.round_of(visit.site, at=now()))
    )


# --- step 4: into the meeting ----------------------------------------------------------------------------------------


def _check_in(visit: Visit, form: CheckInForm | None = None) -> str:
    count = site_view.expected(visit.site)
    return _show(
        visit,
        "check_in",
        form=form or visit.form(CheckInForm, formdata=None, data={"head_count": count}),
        report=visit.form(ReportForm, formdata=None),
        expected=readiness.delegate_count(visit.site),
    )


@bp.route("/check-in", methods=["GET", "POST"])
@visit
def check_in(visit: Visit) -> AnyResponse:
    form = visit.form(CheckInForm, data={"head_count": site_view.expected(visit.site)})

    def act() -> AnyResponse:
        attendance.check_in(visit.site, form.head_count.data, actor=visit.actor, once=form.key, age=form.seconds)
        return visit.to("check_in", _anchor="state")

    return answer(form, act, lambda: _check_in(visit, form))


def _report(visit: Visit, service: Callable[..., Any]) -> AnyResponse:
    form = visit.form(ReportForm)

    def act() -> AnyResponse:
        service(visit.site, actor=visit.actor, once=form.key, age=form.seconds)
        return visit.to("check_in", _anchor="state")

    return answer(form, act, lambda: _check_in(visit))


@bp.post("/check-in/ready")
@visit
def ready(visit: Visit) -> AnyResponse:
    return _report(visit, attendance.ready)


@bp.post("/check-in/lost")
@visit
def lost(visit: Visit) -> AnyResponse:
    return _report(visit, attendance.report_lost)


@bp.post("/check-in/left")
@visit
def left(visit: Visit) -> AnyResponse:
    return _report(visit, attendance.leave)
