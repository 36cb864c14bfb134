"""Doorways to what came into the mailbox: the tray, one message, and what a clerk does about it; proposals of calendars."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from meetings.accounts.access import actor, requires
from meetings.clock import wall
from meetings.i18n import gettext as _
from meetings.invitations import queries, tray
from meetings.invitations.mail_forms import AsideForm, AssignForm, RefuseForm
from meetings.invitations.models import Received
from meetings.invitations.rules import ReceivedStatus, SuggestionKind
from meetings.invitations.tray import WAITING
from meetings.official import numbers
from meetings.scheduling.models import Meeting
from meetings.web import notice
from meetings.web.forms import answer
from meetings.web.pages import asked_page, asked_words

bp = Blueprint("mailbox", __name__)


@bp.get("/mailbox")
@requires("mailbox.read")
def mailbox() -> str:
    name = request.args.get("status", "")
    status = ReceivedStatus(name) if name in [one.value for one in ReceivedStatus] else None
    words = asked_words()
    code = request.args.get("meeting", "")[:20]
    who = actor()
    counts = tray.counts(who, code)
    return render_template(
        "invitations/mailbox.html",
        page=tray.listed(who, status=status, words=words, code=code, number=asked_page()),
        counts=counts,
        waits=sum(counts[one] for one in WAITING),
        statuses=(ReceivedStatus.SETTLED, ReceivedStatus.ASIDE, ReceivedStatus.NEW),
        status=status,
        words=words,
        code=code,
        suggestions=[] if status or words or code else tray.suggestions(who),
        refuse=RefuseForm(formdata=None),
        state=tray.state(),
        mailbox_read=tray.read_here(),
    )


# ------------------------------------------------------------------ one message


@bp.get("/mailbox/<int:id>")
@requires("mailbox.read")
def message(id: int) -> str:
    return _page(id)


@bp.post("/mailbox/<int:id>/assign")
@requires("reply.record")
def assign(id: int) -> Response:
    received = tray.message(actor(), id)
    meeting = _meeting(received)
    form = _assigning(received, meeting)

    def act() -> Response:
        assert meeting is not None
        invitation = queries.invitation(meeting, numbers.read(form.site.data) or 0)
        late = tray.assign(received, invitation, form.said, actor=actor())
        name = invitation.meeting_site.name
        if late:
            notice(_("Kept what %(site)s said, after the deadline.", site=name), "warn")
        else:
            notice(_("Kept what %(site)s said.", site=name))
        return redirect(url_for(".message", id=id), 303)

    return answer(form, act, lambda: _page(id, assigning=form))


@bp.post("/mailbox/<int:id>/aside")
@requires("mailbox.read")
def aside(id: int) -> Response:
    received, form = tray.message(actor(), id), AsideForm()

    def act() -> Response:
        tray.set_aside(received, form.because.data, actor=actor())
        notice(_("The message was set aside."))
        return redirect(url_for(".mailbox"), 303)

    return answer(form, act, lambda: _page(id, setting_aside=form))


@bp.post("/mailbox/<int:id>/reopen")
@requires("mailbox.read")
def reopen(id: int) -> Response:
    tray.reopen(tray.message(actor(), id), actor=actor())
    notice(_("The message is in the tray again."))
    return redirect(url_for(".message", id=id), 303)


def _page(id: int, assigning: AssignForm | None = None, setting_aside: AsideForm | None = None) -> str:
    who = actor()
    received = tray.message(who, id)
    waits = received.status in WAITING
    may_assign = waits and who.may("reply.record")
    meeting = _meeting(received) if may_assign else None
    return render_template(
        "invitations/mail.html",
        received=received,
        body=tray.readable(received),
        waits=waits,
        invitation=received.invitation,
        may_open=received.meeting is not None and who.may("reply.record", received.meeting.organiser.path),
        may_assign=may_assign,
        meetings=tray.meetings_for(who) if may_assign else (),
        meeting=meeting,
        words=_words(),
        assigning=assigning or (_assigning(received, meeting, fresh=True) if may_assign else None),
        setting_aside=setting_aside or AsideForm(formdata=None),
    )


def _words() -> str:
    return " ".join(request.args.get("site", "").split())[:100]


def _meeting(received: Received) -> Meeting | None:
    """The meeting that was chosen for the message, else the one it belongs to, else the next."""
    open_ones = tray.meetings_for(actor())
    code = request.args.get("meeting", "") or (received.meeting.code if received.meeting else "")
    found = next((one for one in open_ones if one.code == code), None)
    if found is None and code:
        return None if received.meeting is None or code != received.meeting.code else _own(received)
    return found or (open_ones[0] if open_ones else None)


def _own(received: Received) -> Meeting | None:
    meeting = received.meeting
    return meeting if meeting is not None and actor().may("reply.record", meeting.organiser.path) else None


def _assigning(received: Received, meeting: Meeting | None, *, fresh: bool = False) -> AssignForm:
    form = AssignForm(formdata=None) if fresh else AssignForm()
    found = tray.candidates(meeting, received, _words()) if meeting is not None else []
    form.site.choices = [
        SelectChoice(
            str(one.invitation.meeting_site_id),
            _(
                "%(site)s (%(officer)s)",
                site=one.invitation.meeting_site.name,
                officer=one.officer.email or one.officer.name,
            )
            if one.officer is not None
            else one.invitation.meeting_site.name,
        )
        for one in found
    ]
    return form


# ------------------------------------------------------------------ proposals


@bp.post("/suggestions/<int:id>/take-up")
@requires("meeting.arrange")
def take_up(id: int) -> Response:
    made = tray.suggestion(actor(), id)
    meeting = made.invitation.meeting_site.meeting
    tray.take_up(made, actor=actor())
    if made.kind is SuggestionKind.DELEGATE:
        notice(_("The invitation is on its way to %(address)s.", address=made.address))
        return redirect(url_for("invitations.site", code=meeting.code, site_id=made.invitation.meeting_site_id), 303)
    assert made.starts_at is not None and made.ends_at is not None
    at, length = wall(made.starts_at), int((made.ends_at - made.starts_at).total_seconds() // 60)
    notice(_("The proposed time is filled in. Nothing is changed, and the proposal waits, until the meeting is moved."))
    day, start = at.strftime("%d/%m/%Y"), at.strftime("%H:%M")
    return redirect(url_for("moves.reschedule", code=meeting.code, day=day, start=start, length=length), 303)


@bp.post("/suggestions/<int:id>/refuse")
@requires("meeting.arrange")
def refuse(id: int) -> Response:
    made, form = tray.suggestion(actor(), id), RefuseForm()

    def act() -> Response:
        told = made.kind is SuggestionKind.NEW_TIME
        tray.refuse(made, form.said.data or "", actor=actor())
        name = made.invitation.meeting_site.name
        if told:
            notice(_("%(site)s is told that the meeting keeps its time.", site=name))
        else:
            notice(_("The proposal of %(site)s was not taken up.", site=name))
        return redirect(url_for(".mailbox"), 303)

    return answer(form, act, mailbox)
