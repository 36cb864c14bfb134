"""Doorways of the records clerk: the register of biên bản and thông báo, numbers given on paper, and who counts."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.clock import today
from meetings.errors import NotFound, Refused
from meetings.i18n import gettext as _
from meetings.minutes import hand_edits, queries, record_numbers, register
from meetings.minutes.models import Record
from meetings.minutes.number_forms import CountedForm, ExplainForm, PaperNumberForm
from meetings.minutes.record_numbers import Book
from meetings.minutes.rules import Which
from meetings.minutes.views import bp, files
from meetings.official import numbers
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting
from meetings.units import queries as units
from meetings.units.models import Unit
from meetings.web import notice
from meetings.web.forms import Form, answer


@bp.route("/numbers/minutes", methods=["GET", "POST"])
@requires("document.number")
def number_book() -> Response:
    form = ExplainForm()

    def act() -> Response:
        body, which, year = _asked()
        if body is None:
            raise NotFound(_("There is no such register."))
        record_numbers.explain(body, which, year, form.number.data, form.why.data or "", actor=actor())
        notice(_("Written into the register."))
        return redirect(url_for(".number_book", body=body.id, kind=which.value, year=year), 303)

    return answer(form, act, lambda: _book(form))


def _asked() -> tuple[Unit | None, Book, int]:
    bodies = register.bodies(actor())
    asked = numbers.read(request.args.get("body"))
    body = next((one for one in bodies if one.id == asked), bodies[0] if bodies else None)
    which = Book(request.args["kind"]) if request.args.get("kind") in list(Book) else Book.NOTICE
    return body, which, numbers.read(request.args.get("year")) or today().year


def _book(form: Form) -> str:
    body, which, year = _asked()
    return render_template(
        "minutes/register.html",
        waiting=[(record, one, hand_edits.called(one)) for record, one in register.without_number(actor())],
        bodies=register.bodies(actor()),
        body=body,
        which=which,
        kinds=[(one, register.called(one)) for one in Book],
        year=year,
        years=register.years(body, which) if body else [],
        lines=register.lines(body, which, year) if body else [],
        left_out=register.left_out(body, which, year) if body else [],
        form=form,
    )


def _numbered(code: str, number: int, which: str) -> tuple[Meeting, Record, Which]:
    meeting = scheduling.meeting_for(actor(), code, "document.number")
    record = queries.version(meeting, number) if 0 < number < 10_000 else None
    if record is None:
        raise NotFound(_("There is no such version, or none that this account may read."))
    return meeting, record, files.which_document(which)


@bp.route("/meetings/<code>/minutes/versions/<int:number>/number/<which>", methods=["GET", "POST"])
@requires("document.number")
def paper_number(code: str, number: int, which: str) -> Response:
    """The number that an issued document got on paper, or its correction."""
    _meeting, record, what = _numbered(code, number, which)
    form = PaperNumberForm()
    if not form.is_submitted():
        form.number.data, form.on.data = record_numbers.of(record, what)

    def act() -> Response:
        record_numbers.note(record, what, form.number.data or "", form.on.data, form.reason.data or "", actor=actor())
        notice(_("Written into the register."))
        return redirect(url_for(".number_book", kind=what.value), 303)

    def show() -> str:
        meeting, current, _what = _numbered(code, number, which)
        return render_template(
            "minutes/number.html",
            meeting=meeting,
            record=current,
            called=hand_edits.called(what),
            which=what,
            form=form,
        )

    return answer(form, act, show)


@bp.route("/settings/numbering/minutes", methods=["GET", "POST"])
@requires("setting.administer")
def counting() -> Response:
    form = CountedForm()

    def act() -> Response:
        body = _body(form.unit.data or "")
        for which in [Book(form.kind.data)] if form.kind.data in list(Book) else [Book.RECORD, Book.NOTICE]:
            record_numbers.count_by_system(body, which, form.by.data == "system", form.last.data, actor=actor())
        notice(_("Saved."))
        return redirect(url_for(".counting"), 303)

    def show() -> str:
        return render_template(
            "minutes/counting.html",
            form=form,
            bodies=[(body, register.called(which)) for body, which in register.counted(actor())],
            year=today().year,
            proposed=units.offered(actor().paths("setting.administer"), today()),
        )

    return answer(form, act, show)


def _body(said: str) -> Unit:
    meant = [unit for unit in units.named(said, today()) if actor().may("setting.administer", unit.path)]
    if len(meant) != 1:
        raise Refused(
            _("There is no unit of this code or name: “%(said)s”. Choose one of those proposed.", said=said)
            if not meant
            else _(
                "Several units are called “%(said)s”: %(units)s. Enter the code.",
                said=said,
                units="; ".join(f"{unit.code} {unit.name}" for unit in meant[:5]),
            ),
            field="unit",
            status=422,
        )
    return meant[0]
