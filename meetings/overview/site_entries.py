"""What is entered for one site, step by step: its answer, roster, line test, check-in.

The same pages and services serve whoever may: the holder of the private link (``site_page``), and a person who signed in
(``site_desk``). A :class:`Visit` says for whom a page is opened; :data:`ENTRIES` is hung into both.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import redirect, render_template, request, send_file
from werkzeug.wrappers import Response

from meetings.accounts.rules import Actor
from meetings.attendance import services as attendance
from meetings.clock import now
from meetings.errors import NotFound, Refused
from meetings.i18n import gettext as _
from meetings.i18n import locale
from meetings.invitations import answering
from meetings.invitations import queries as invitations
from meetings.invitations.models import Invitation
from meetings.invitations.rules import Source
from meetings.official import numbers
from meetings.official.paper import CONTENT_TYPE
from meetings.overview import site_view, site_words
from meetings.overview.site_forms import CheckInForm, ReplyForm, ReportForm, absences
from meetings.overview.site_steps import Name
from meetings.readiness import absences as absent_delegates
from meetings.readiness import arrivals, filing, rules, slotting
from meetings.readiness import papers as roster_papers
from meetings.readiness import queries as readiness
from meetings.readiness import services as preparations
from meetings.readiness.forms import (
    ChangeForm,
    DelegateForm,
    LineTestForm,
    QueuedForm,
    RosterForm,
    SlotForm,
    completion,
)
from meetings.readiness.roster import MOST_ROWS
from meetings.readiness.rules import Round
from meetings.readiness.services import TestSource
from meetings.scheduling.models import MeetingSite
from meetings.web.forms import Form, answer

MOST_ID: Final = 2**31 - 1


@dataclass(frozen=True)
class Visit:
    """One opening of a site's page: whose site, who acts, and how its pages are addressed and its forms made.

    *link* is the token of a private link, "" for a person who signed in; *may* holds the steps that can be entered.
    """

    invitation: Invitation
    actor: Actor
    address: Callable[..., str]
    form_meta: Mapping[str, Any]
    form_token: str
    link: str = ""
    reply_source: Source = Source.LINK
    test_source: TestSource = TestSource.SELF
    may: frozenset[str] = frozenset({*Name, "absent"})
    elsewhere: Callable[[Invitation], str] = lambda other: ""  # the same site's page of another date of the series
    join: str = ""  # where this reader enters the video room

    @property
    def site(self) -> MeetingSite:
        return self.invitation.meeting_site

    def to(self, page: str, **values: Any) -> Response:
        return redirect(self.address(page, **values), 303)

    def first(self, form: QueuedForm) -> bool:
        """Whether this very form comes for the first time; what came before is not done again."""
        return arrivals.first_time(self.site, form.key)

    def form(self, kind: Callable[..., Any], *args: Any, **values: Any) -> Any:
        return kind(*args, meta=dict(self.form_meta), **values)

    def show(self, page: str, **values: Any) -> str:
        return render_template(
            f"overview/site_page/{page}.html",
            view=site_view.of(self.invitation, at=now()),
            to=self.address,
            join=self.join,
            token=self.link,
            form_token=self.form_token,
            by_source=self.test_source,
            may=self.may,
            beside=[(other, self.elsewhere(other)) for other in invitations.beside(self.invitation)],
            **site_words.WORDS,
            **values,
        )


# --- step 1: the answer ----------------------------------------------------------------------------------------------


def reply(visit: Visit) -> Response:
    form = visit.form(ReplyForm, data=site_view.answered(visit.invitation))

    def act() -> Response:
        keep = answering.reply_for_all if form.dates.data == "all" else answering.reply
        if visit.first(form):
            if form.hour.data not in (None, "", site_view.hour(visit.site)):
                raise Refused(
                    _(
                        "The time has changed since this page was opened. Look at the new time and send the answer again."
                    )
                )
            keep(visit.invitation, form.said, actor=visit.actor, source=visit.reply_source)
        return visit.to("done", step="reply")

    return answer(form, act, lambda: visit.show("reply", form=form))


def done(visit: Visit, step: str) -> str | Response:
    """What was sent, when, and what comes next; the form is not shown again after it."""
    sent_at = site_view.sent_at(visit.invitation, step)
    return visit.show("done", step=step, sent_at=sent_at) if sent_at else visit.to("page")


# --- step 2: the roster ----------------------------------------------------------------------------------------------


def _roster(visit: Visit, **forms: Any) -> str:
    held = site_view.roster_of(visit.site)
    made = {
        "paste": forms.get("paste") or visit.form(RosterForm, formdata=None),
        "add": forms.get("add") or visit.form(DelegateForm, formdata=None),
        "mend": forms.get("mend") or visit.form(completion, held.pending, held.unsaid, formdata=None),
    }
    return visit.show("roster", held=held, read="read" in request.args, **made)


def roster(visit: Visit) -> Response:
    form = visit.form(RosterForm)

    def act() -> Response:
        if visit.first(form):
            filing.file_roster(visit.site, form.rows, actor=visit.actor, replace=form.replace.data)
        return visit.to("roster", read="yes", _anchor="list")

    return answer(form, act, lambda: _roster(visit, paste=form))


def mend(visit: Visit) -> Response:
    held = site_view.roster_of(visit.site)
    form = visit.form(completion, held.pending, held.unsaid)

    def act() -> Response:
        if visit.first(form):
            filing.correct_rows(visit.site, form.pending, form.honorifics, actor=visit.actor)
        left = site_view.roster_of(visit.site).pending
        return visit.to("roster", _anchor="list") if left else visit.to("done", step="roster")

    return answer(form, act, lambda: _roster(visit, mend=form))


def add(visit: Visit) -> Response:
    form = visit.form(DelegateForm)

    def act() -> Response:
        if visit.first(form):
            filing.add_delegate(visit.site, form.values, actor=visit.actor)
        return visit.to("roster", added="yes", _anchor="list")

    return answer(form, act, lambda: _roster(visit, add=form))


def remove(visit: Visit, delegate_id: int) -> Response:
    def act() -> Response:
        filing.remove_delegate(visit.site, min(delegate_id, MOST_ID), actor=visit.actor)
        return visit.to("roster", _anchor="list")

    return answer(visit.form(Form), act, lambda: _roster(visit))


def drop(visit: Visit, number: int) -> Response:
    def act() -> Response:
        filing.drop_row(visit.site, number, actor=visit.actor)
        return visit.to("roster", _anchor="list")

    return answer(visit.form(Form), act, lambda: _roster(visit))


def delegate(visit: Visit, delegate_id: int) -> str:
    """One delegate of the list, to be corrected, moved or taken off."""
    return _delegate(visit, delegate_id)


def _delegate(visit: Visit, id: int, form: ChangeForm | None = None) -> str:
    held = site_view.roster_of(visit.site)
    one = next((found for found in held.delegates if found.id == id), None)
    if one is None:
        raise NotFound(_("This person is not on the list any more."))
    place = held.delegates.index(one) + 1
    made = form or visit.form(ChangeForm, formdata=None, obj=one, data={"place": place})
    return visit.show("delegate", form=made, delegate=one, count=len(held.delegates))


def change(visit: Visit, delegate_id: int) -> Response:
    form = visit.form(ChangeForm)

    def act() -> Response:
        filing.change_delegate(
            visit.site, min(delegate_id, MOST_ID), form.values, actor=visit.actor, place=form.place.data
        )
        return visit.to("roster", _anchor=f"d{delegate_id}")

    return answer(form, act, lambda: _delegate(visit, delegate_id, form))


def move(visit: Visit, delegate_id: int, place: int) -> Response:
    def act() -> Response:
        filing.move_delegate(visit.site, min(delegate_id, MOST_ID), min(place, MOST_ROWS), actor=visit.actor)
        return visit.to("roster", _anchor=f"d{delegate_id}")

    return answer(visit.form(Form), act, lambda: _roster(visit))


def sign_in_sheet(visit: Visit) -> Response:
    """The sheet on which the site's delegates sign in."""
    return send_file(
        io.BytesIO(roster_papers.sheet_of(visit.site)),
        mimetype=CONTENT_TYPE,
        as_attachment=True,
        download_name=roster_papers.file_name(visit.site),
    )


# --- step 3: the line test -------------------------------------------------------------------------------------------


def line_test(visit: Visit) -> Response:
    form = visit.form(LineTestForm, data=site_view.tested(visit.site, at=now()))

    def act() -> Response:
        if visit.first(form):
            preparations.save_line_test(
                visit.site, form.items, form.notes, actor=visit.actor, source=visit.test_source, age=form.seconds
            )
        return visit.to("done", step="line_test")

    return answer(form, act, lambda: _line_test(visit, form))


def _line_test(visit: Visit, form: LineTestForm | None = None, slots: SlotForm | None = None) -> str:
    at = now()
    free = slotting.free_starts(visit.site.meeting, at=at) if visit.site.meeting.starts_at else []
    chosen = slots or visit.form(SlotForm, formdata=None)
    chosen.free = free
    round_ = site_view.round_of(visit.site, at=at)
    return visit.show(
        "line_test",
        form=form or visit.form(LineTestForm, formdata=None, data=site_view.tested(visit.site, at=at)),
        round=round_,
        slots=chosen if free and round_ is Round.REHEARSAL else None,
    )


def slot(visit: Visit) -> Response:
    """Another slot of the rehearsal than the one that was shared out."""
    form = visit.form(SlotForm)

    def act() -> Response:
        slotting.choose(visit.site, form.chosen, actor=visit.actor)
        return visit.to("line_test")

    return answer(form, act, lambda: _line_test(visit, slots=form))


# --- step 4: into the meeting ----------------------------------------------------------------------------------------


def _check_in(visit: Visit, form: CheckInForm | None = None) -> str:
    count = site_view.expected(visit.site)
    return visit.show(
        "check_in",
        form=form or visit.form(CheckInForm, formdata=None, data={"head_count": count}),
        report=visit.form(ReportForm, formdata=None),
        expected=readiness.delegate_count(visit.site),
        absent=absent_delegates.of(visit.site),
    )


def check_in(visit: Visit) -> Response:
    form = visit.form(CheckInForm)

    def act() -> Response:
        listed, seats = readiness.delegate_count(visit.site), visit.site.site.seats
        if not form.asked and rules.doubtful(form.head_count.data, listed, seats):
            raise Refused(
                _("%(count)s delegates are far more than expected here. Mend the number, or send it again if it is right.",
                  count=numbers.number(form.head_count.data, 0, locale())),
                field="head_count",
                status=422,
            )  # fmt: skip
        attendance.check_in(visit.site, form.head_count.data, actor=visit.actor, once=form.key, age=form.seconds)
        return visit.to("check_in", _anchor="state")

    return answer(form, act, lambda: _check_in(visit, form if form.is_submitted() else None))


def absent(visit: Visit) -> Response:
    delegates = readiness.delegates(visit.site)
    form = visit.form(absences, delegates)

    def act() -> Response:
        if visit.first(form):
            absent_delegates.note(visit.site, form.reasons, actor=visit.actor)
        return visit.to("check_in", _anchor="count")

    return answer(form, act, lambda: visit.show("absent", form=form, delegates=delegates))


def _report(visit: Visit, service: Callable[..., Any]) -> Response:
    form = visit.form(ReportForm)

    def act() -> Response:
        service(visit.site, actor=visit.actor, once=form.key, age=form.seconds)
        return visit.to("check_in", _anchor="state")

    return answer(form, act, lambda: _check_in(visit))


def ready(visit: Visit) -> Response:
    return _report(visit, attendance.ready)


def lost(visit: Visit) -> Response:
    return _report(visit, attendance.report_lost)


def left(visit: Visit) -> Response:
    return _report(visit, attendance.leave)


# --- the table -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """One address below a site's page; *permission* is what a person who signed in must have there."""

    path: str
    view: Callable[..., Any]
    permission: str
    methods: tuple[str, ...] = ("POST",)


_BOTH: Final = ("GET", "POST")
ENTRIES: Final = (
    Entry("/reply", reply, "site.answer", _BOTH),
    Entry("/done/<any(reply, roster, line_test):step>", done, "line_test.record", ("GET",)),
    Entry("/roster", roster, "roster.record", _BOTH),
    Entry("/roster/mend", mend, "roster.record"),
    Entry("/roster/add", add, "roster.record"),
    Entry("/roster/remove/<int:delegate_id>", remove, "roster.record"),
    Entry("/roster/drop/<int:number>", drop, "roster.record"),
    Entry("/roster/<int:delegate_id>", delegate, "roster.record", ("GET",)),
    Entry("/roster/<int:delegate_id>/change", change, "roster.record"),
    Entry("/roster/<int:delegate_id>/move/<int:place>", move, "roster.record"),
    Entry("/sign-in-sheet.docx", sign_in_sheet, "roster.record", ("GET",)),
    Entry("/line-test", line_test, "line_test.record", _BOTH),
    Entry("/line-test/slot", slot, "line_test.record"),
    Entry("/check-in", check_in, "site.answer", _BOTH),
    Entry("/check-in/absent", absent, "roster.record", _BOTH),
    Entry("/check-in/ready", ready, "site.answer"),
    Entry("/check-in/lost", lost, "site.answer"),
    Entry("/check-in/left", left, "site.answer"),
)


def with_ways_back(entries: Sequence[Entry]) -> Iterator[Entry]:
    """*entries*, and for each address that only takes a form what a GET of it opens: the page that shows the form.

    A telephone that has put a page away opens it again by its address, and after a refusal that is the form's.
    """
    pages = {one.path: one.view.__name__ for one in entries if "GET" in one.methods}
    for entry in entries:
        yield entry
        above = entry.path
        while above and above not in pages:
            above = above.rpartition("/")[0]
        if above != entry.path and above:
            yield Entry(entry.path, _back_to(pages[above], above, entry.view.__name__), entry.permission, ("GET",))


def _back_to(page: str, path: str, name: str) -> Callable[..., Response]:
    def back(visit: Visit, **values: Any) -> Response:
        return visit.to(page, **{key: value for key, value in values.items() if f":{key}>" in path})

    back.__name__ = f"{name}_shown"
    return back


STEPS: Final = {entry.view.__name__: entry.permission for entry in ENTRIES if entry.methods == _BOTH}
"""The pages with a form by name, the four steps among them, and what each asks of a person who signed in."""
