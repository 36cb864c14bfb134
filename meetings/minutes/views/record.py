"""The page of a meeting's minutes, and their life: begin, submit, return, approve, issue, renew."""

from __future__ import annotations

from collections.abc import Callable

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.attendance import queries as attendance
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.minutes import handing, papers, queries, rules, services
from meetings.minutes import life as steps
from meetings.minutes.document import notice_text, record_text
from meetings.minutes.forms import EmptyForm, IssueForm, ReasonForm
from meetings.minutes.handing import Numbers
from meetings.minutes.models import Record
from meetings.minutes.rules import RecordMove
from meetings.minutes.views import bp, editor
from meetings.official.form import dated
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting
from meetings.web import notice
from meetings.web.forms import Form, answer


@bp.get("/meetings/<code>/minutes")
@requires("record.read")
def minutes(code: str) -> str:
    meeting, record = editor.readable(code)
    if record is None:
        return _empty(meeting)
    if rules.may(record.status, RecordMove.SAVE) and actor().may("record.write", meeting.organiser.path):
        return editor.show(meeting, record)
    return _read(meeting, record)


def _empty(meeting: Meeting) -> str:
    return render_template(
        "minutes/empty.html",
        meeting=meeting,
        roll=attendance.summary(meeting),
        agenda=scheduling.agenda_of(meeting),
        may_write=actor().may("record.write", meeting.organiser.path),
    )


def _read(meeting: Meeting, record: Record, above: Form | None = None, issue_form: IssueForm | None = None) -> str:
    rows = queries.written(record)
    paper = papers.record_paper(rows, None)
    told = papers.notice_paper(rows)
    life = editor.life(meeting, record)
    return render_template(
        "minutes/read.html",
        meeting=meeting,
        record=record,
        rows=rows,
        paper=paper,
        paper_text=list(record_text(paper)),
        told=told,
        told_text=list(notice_text(told)),
        told_dated=dated(told.issuer, told.numbering, told.year),
        above=above,
        return_form=above if isinstance(above, ReasonForm) else ReasonForm(formdata=None, prefix="return-"),
        renew_form=above if isinstance(above, ReasonForm) else ReasonForm(formdata=None, prefix="renew-"),
        issue_form=issue_form or (_issue_form(meeting, fresh=True) if life["moves"]["issue"] else None),
        hand_outs=queries.hand_outs(record),
        **life,
    )


@bp.get("/meetings/<code>/minutes/preview")
@requires("record.read")
def preview(code: str) -> str:
    meeting, record = editor.readable(code)
    if record is None:
        raise NotFound(_("The minutes of this meeting have not been begun."))
    return _read(meeting, record)


@bp.get("/meetings/<code>/minutes/versions/<int:number>")
@requires("record.read")
def version(code: str, number: int) -> str:
    meeting = scheduling.meeting_for(actor(), code, "record.read")
    record = queries.version(meeting, number) if number < 10_000 else None
    if record is None or not queries.readable_by(actor(), record):
        raise NotFound(_("There is no such version, or none that this account may read."))
    return _read(meeting, record)


@bp.post("/meetings/<code>/minutes/start")
@requires("record.write")
def start(code: str) -> Response:
    meeting = scheduling.meeting_for(actor(), code, "record.write")
    services.start(meeting, actor=actor())
    notice(_("The minutes have been begun from the booking, the agenda and the roll."))
    return redirect(url_for(".minutes", code=meeting.code), 303)


def _step(code: str, permission: str, form: Form, act: Callable[[Record], None], said: Callable[[], str]) -> Response:
    """One step in the life of the newest version; a refusal is shown on its page."""
    meeting, record = editor.meeting_and_record(code, permission)

    def go() -> Response:
        act(record)
        notice(said())
        return redirect(url_for(".minutes", code=meeting.code), 303)

    def show() -> str:
        again = editor.meeting_and_record(code, permission)
        if rules.may(again[1].status, RecordMove.SAVE):
            return editor.show(*again, above=form)
        return _read(*again, above=form)

    return answer(form, go, show)


@bp.post("/meetings/<code>/minutes/submit")
@requires("record.write")
def submit(code: str) -> Response:
    return _step(
        code,
        "record.write",
        EmptyForm(),
        lambda record: steps.submit(record, actor=actor()),
        lambda: _("The minutes have been submitted for approval."),
    )


@bp.post("/meetings/<code>/minutes/return")
@requires("record.approve")
def send_back(code: str) -> Response:
    form = ReasonForm(prefix="return-")
    return _step(
        code,
        "record.approve",
        form,
        lambda record: steps.send_back(record, form.reason.data or "", actor=actor()),
        lambda: _("The minutes have been returned to their writer."),
    )


@bp.post("/meetings/<code>/minutes/approve")
@requires("record.approve")
def approve(code: str) -> Response:
    return _step(
        code,
        "record.approve",
        EmptyForm(),
        lambda record: steps.approve(record, actor=actor()),
        lambda: _("The minutes have been approved. From now on their text stands."),
    )


@bp.post("/meetings/<code>/minutes/renew")
@requires("record.write")
def renew(code: str) -> Response:
    form = ReasonForm(prefix="renew-")

    def act(record: Record) -> None:
        steps.renew(record, form.reason.data or "", actor=actor())

    return _step(code, "record.write", form, act, lambda: _("A new version has been begun."))


def _issue_form(meeting: Meeting, *, fresh: bool = False) -> IssueForm:
    """The form of the issue: numbers, and the leaders to hand the record to, all of them ticked at first."""
    leaders = queries.leaders(meeting)
    data = {"people": [one.id for one in leaders]}
    form = IssueForm(formdata=None, data=data, prefix="issue-") if fresh else IssueForm(prefix="issue-")
    form.people.choices = [
        (one.id, f"{papers.person(one.honorific, one.name, one.title)} – {one.email}") for one in leaders
    ]
    return form


@bp.post("/meetings/<code>/minutes/issue")
@requires("document.number")
def issue(code: str) -> Response:
    meeting, record = editor.meeting_and_record(code, "document.number")
    form = _issue_form(meeting)

    def act() -> Response:
        chosen = [one for one in queries.leaders(meeting) if one.id in (form.people.data or [])]
        numbers = Numbers(form.number.data or "", form.on.data, form.notice_number.data or "", form.notice_on.data)
        handing.issue(record, numbers, chosen, handing.addresses(form.others.data or ""), actor=actor())
        count = len(queries.hand_outs(record))
        notice(
            ngettext(
                "The minutes have been issued. %(num)s letter is on its way.",
                "The minutes have been issued. %(num)s letters are on their way.",
                count,
            )
        )
        return redirect(url_for(".minutes", code=meeting.code), 303)

    def show() -> str:
        return _read(*editor.meeting_and_record(code, "document.number"), above=form, issue_form=form)

    return answer(form, act, show)
