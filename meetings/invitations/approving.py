"""Doorways: the approver's page, made for a telephone, and taking back what was handed in."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.i18n import gettext as _
from meetings.i18n import locale, ngettext
from meetings.invitations import approval, enclosures, rounds
from meetings.invitations.forms import DecideForm
from meetings.official import numbers
from meetings.scheduling import queries as scheduling
from meetings.scheduling import register
from meetings.scheduling.models import Meeting
from meetings.web import notice
from meetings.web.forms import answer

bp = Blueprint("approval", __name__)


def _approved_by_me(code: str) -> Meeting:
    return scheduling.meeting_for(actor(), code, "invitation.approve")


def _page(meeting: Meeting, form: DecideForm) -> str:
    waiting = rounds.waiting(meeting)
    wanted = rounds.need(meeting)
    return render_template(
        "invitations/approval.html",
        meeting=meeting,
        form=form,
        waiting=waiting,
        last=rounds.last(meeting),
        paper=enclosures.preview(meeting, waiting.reply_by, waiting.asked_at) if waiting else None,
        reach=scheduling.reach(meeting),
        may_decide=waiting is not None and rounds.may_decide(actor(), waiting, wanted.approvers),
        others=[approval.called(user) for user in wanted.approvers if user.id != actor().user_id],
        numbered_by_system=register.by_system(meeting.organiser),
    )


@bp.get("/meetings/<code>/approval")
@requires("invitation.approve")
def page(code: str) -> str:
    return _page(_approved_by_me(code), DecideForm(formdata=None))


@bp.post("/meetings/<code>/approval/approve")
@requires("invitation.approve")
def approve(code: str) -> Response:
    meeting = _approved_by_me(code)
    form = DecideForm()

    def act() -> Response:
        approval.approve(meeting, form.seen.data or "", actor=actor())
        reach = scheduling.reach(meeting)
        notice(
            ngettext(
                "Approved. The invitation to %(num)s site is on its way.",
                "Approved. The invitations to %(num)s sites are on their way.",
                reach.sites,
            )
            if not reach.without_email
            else ngettext(
                "Approved. The invitation to %(num)s site is being sent: %(by_email)s by e-mail, "
                "%(without)s without an address yet.",
                "Approved. The invitations to %(num)s sites are being sent: %(by_email)s by e-mail, "
                "%(without)s without an address yet.",
                reach.sites,
                by_email=numbers.number(reach.sites - reach.without_email, locale=locale()),
                without=numbers.number(reach.without_email, locale=locale()),
            )
        )
        return redirect(url_for("meeting_page.overview", code=meeting.code), 303)

    return answer(form, act, lambda: _page(_approved_by_me(code), form))


@bp.post("/meetings/<code>/approval/return")
@requires("invitation.approve")
def give_back(code: str) -> Response:
    meeting = _approved_by_me(code)
    form = DecideForm()

    def act() -> Response:
        approval.give_back(meeting, form.remarks.data, actor=actor())
        notice(_("Returned. The secretary is told by e-mail."))
        return redirect(url_for(".page", code=meeting.code), 303)

    return answer(form, act, lambda: _page(_approved_by_me(code), form))


@bp.post("/meetings/<code>/approval/withdraw")
@requires("meeting.arrange")
def withdraw(code: str) -> Response:
    meeting = scheduling.meeting_for(actor(), code, "meeting.arrange")
    approval.withdraw(meeting, actor=actor())
    notice(_("Taken back: the draft can be changed and handed in again."))
    return redirect(url_for("booking.send", code=meeting.code), 303)
