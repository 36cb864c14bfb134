"""Doorways beside the page of sending: the letter on paper, and the letter that somebody sends herself first."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meetings.accounts import queries as accounts
from meetings.accounts.access import actor, requires
from meetings.errors import Forbidden
from meetings.i18n import gettext as _
from meetings.invitations import paper_letters as paper
from meetings.invitations import trial
from meetings.invitations.forms import TrialForm
from meetings.official import numbers
from meetings.scheduling import queries as scheduling
from meetings.scheduling.rules import Status
from meetings.web import notice
from meetings.web.forms import answer
from meetings.web.pages import asked_page

bp = Blueprint("batch", __name__)


@bp.get("/meetings/<code>/paper-letters")
@requires("meeting.arrange")
def paper_letters(code: str) -> str:
    """A sheet for each site that has no e-mail address, or for the one that is named, to be printed."""
    meeting = scheduling.meeting_for(actor(), code, "meeting.arrange")
    held = meeting.starts_at is not None
    site_id = (numbers.read(request.args.get("site")) or 0) if "site" in request.args else None
    return render_template(
        "invitations/paper_letters.html",
        meeting=meeting,
        letter=paper.letter_of(meeting) if held else None,
        page=paper.sheets(meeting, site_id, asked_page()) if held else None,
    )


@bp.route("/meetings/<code>/trial-letter", methods=["GET", "POST"])
@requires("meeting.arrange")
def trial_letter(code: str) -> Response:
    return _trial(code, "meeting.arrange")


@bp.route("/meetings/<code>/approval/trial-letter", methods=["GET", "POST"])
@requires("invitation.approve")
def approver_trial_letter(code: str) -> Response:
    return _trial(code, "invitation.approve")


def _trial(code: str, permission: str) -> Response:
    meeting = scheduling.meeting_for(actor(), code, permission)
    form = TrialForm()
    if not form.is_submitted():
        form.site.data = next((site.name for site in trial.offered(meeting)), "")

    def act() -> Response:
        user = accounts.user(actor().user_id or 0)
        if user is None:
            raise Forbidden(_("This account has no right to see this page. Ask the administrator for it."))
        site = trial.meant(meeting, form.site.data)
        letter = trial.send(meeting, site, user, actor=actor())
        notice(
            _(
                "The letter to %(site)s is on its way to %(address)s, as a test.",
                site=site.name,
                address=letter.to_address,
            )
        )
        return redirect(_back(code, permission), 303)

    def show() -> str:
        return render_template(
            "invitations/trial.html",
            meeting=scheduling.meeting_for(actor(), code, permission),
            form=form,
            back=_back(code, permission),
            offered=trial.offered(scheduling.meeting_for(actor(), code, permission)),
        )

    return answer(form, act, show)


def _back(code: str, permission: str) -> str:
    """The page from which a test is sent."""
    meeting = scheduling.meeting_for(actor(), code, permission)
    if permission == "invitation.approve":
        return url_for("approval.page", code=code)
    if meeting.status is Status.DRAFT:
        return url_for("booking.send", code=code)
    if meeting.sent_at is None:
        return url_for("meeting_page.overview", code=code)
    return url_for("invitations.sending", code=code)
