"""The page of a meeting's minutes, and their life: begin, submit, return, approve, issue, renew."""

from __future__ import annotations

from collections.abc import Callable

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.attendance import queries as attendance
from meetings.clock import today
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.minutes import (
    blocks,
    files,
    hand_out_list,
    handing,
    papers,
    queries,
    recipients,
    record_numbers,
    rules,
    services,
)
from meetings.minutes import life as steps
from meetings.minutes.document import notice_text, record_text
from meetings.minutes.forms import ApproveForm, EmptyForm, IssueForm, ReasonForm
from meetings.minutes.models import Record
from meetings.minutes.record_numbers import Numbers
from meetings.minutes.rules import RecordMove, Which
from meetings.minutes.views import bp, editor, hand_out
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


def _read(
    meeting: Meeting,
    record: Record,
    above: Form | None = None,
    issue_form: IssueForm | None = None,
) -> str:
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
        issue_form=issue_form or (_issue_form(record, fresh=True) if life["moves"]["issue"] else None),
        **hand_out.beside(record),
        approve_form=ApproveForm(formdata=None, prefix="approve-", data={"seen": ",".join(files.shown(record))}),
        counted=_counted(meeting),
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
    _meeting, record = editor.meeting_and_record(code, "record.write")
    if rules.may(record.status, RecordMove.SUBMIT) and blocks.settle(record, actor=actor()):
        # what nobody has seen yet is not put before whoever approves
        notice(_("Lines with a short word became conclusions, action items or notes just now. Read them, then submit."))
        return redirect(url_for(".minutes", code=code), 303)
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
    form = ApproveForm(prefix="approve-")
    return _step(
        code,
        "record.approve",
        form,
        lambda record: steps.approve(record, form.sums, actor=actor()),
        lambda: _("The minutes have been approved. From now on their text stands."),
    )


@bp.post("/meetings/<code>/minutes/renew")
@requires("record.write")
def renew(code: str) -> Response:
    form = ReasonForm(prefix="renew-")

    def act(record: Record) -> None:
        steps.renew(record, form.reason.data or "", actor=actor())

    return _step(code, "record.write", form, act, lambda: _("A new version has been begun."))


def _counted(meeting: Meeting) -> dict[str, int]:
    """The number that comes next, for each document that the system numbers."""
    body, year = meeting.organiser, today().year
    return {
        which.value: record_numbers.following(body, which, year)
        for which in Which
        if record_numbers.by_system(body, which)
    }


def _issue_form(record: Record, *, fresh: bool = False) -> IssueForm:
    """The form of the issue: numbers, and whom to hand the record to: the leaders and whoever “Nơi nhận” names at first."""
    form = IssueForm(formdata=None, prefix="issue-") if fresh else IssueForm(prefix="issue-")
    hand_out.offer(form, record, fresh=fresh)
    return form


@bp.post("/meetings/<code>/minutes/issue")
@requires("document.number")
def issue(code: str) -> Response:
    meeting, record = editor.meeting_and_record(code, "document.number")
    form = _issue_form(record)

    def act() -> Response:
        people, others, lists, way = hand_out.chosen(form, meeting)
        numbers = Numbers(
            form.number.data or "",
            form.on.data,
            form.notice_number.data or "",
            form.notice_on.data,
            bool(form.on_paper.data),
        )
        silent = bool(form.silent.data)
        if not silent and not form.as_chosen.data:
            recipients.hold_to_print(record, lists, actor=actor())
        handing.issue(record, numbers, people, others, lists=lists, way=way, actor=actor(), silent=silent)
        count = hand_out_list.counts(record).total
        notice(
            _("The minutes have been issued. Nobody was sent a letter.")
            if not count
            else ngettext(
                "The minutes have been issued. %(num)s letter is on its way.",
                "The minutes have been issued. %(num)s letters are on their way.",
                count,
            )
        )
        return redirect(url_for(".minutes", code=meeting.code), 303)

    def show() -> str:
        return _read(*editor.meeting_and_record(code, "document.number"), above=form, issue_form=form)

    return answer(form, act, show)
