"""``/action-items``: the tasks that were given at meetings, for whoever gave them and for whoever leads them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.clock import now, today
from meetings.errors import Forbidden, NotFound, Refused
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.minutes import door_queries, following, following_queries, following_up, queries
from meetings.minutes import urging_letter as urging_letters
from meetings.minutes.following_forms import (
    DecideForm,
    ExtensionForm,
    LeadForm,
    LetterForm,
    ReportForm,
    TelephoneForm,
    UrgeForm,
)
from meetings.minutes.following_queries import A_PAGE, Asked, Sight
from meetings.minutes.following_rules import OPEN, TAB_WORDS, TABS, State, Tab, Told, Way
from meetings.minutes.models import Assignment
from meetings.minutes.urging_letter import Wanted
from meetings.minutes.views.tasks import uploads
from meetings.official import numbers
from meetings.official.paper import CONTENT_TYPE
from meetings.post import queries as letter_box
from meetings.units import queries as units
from meetings.web import notice
from meetings.web.forms import Form, answer
from meetings.web.pages import Page, asked_page

bp = Blueprint("action_items", __name__)


def asked() -> Asked:
    """What the address of the list asks for; odd words ask for nothing."""
    said = request.args
    tab = Tab(said["tab"]) if said.get("tab") in list(Tab) else Tab.OVERDUE
    words = said.get("q", "")[:200].strip()
    return Asked(tab, numbers.read(said.get("unit")), said.get("meeting", "")[:40], words, asks="asks" in said)


@bp.get("/action-items")
@requires("task.see")
def action_items() -> str:
    wanted, sight = asked(), Sight.now()
    counts = following_queries.counts(actor(), wanted, sight)
    if "tab" not in request.args and not counts[Tab.OVERDUE]:
        # nothing is overdue: what is next instead of an empty list
        first = next((tab for tab in (Tab.SOON, Tab.DOING, Tab.AWAITING, Tab.DONE) if counts[tab]), Tab.OVERDUE)
        wanted = replace(wanted, tab=first)
    number = min(asked_page(), max(1, -(-counts[wanted.tab] // A_PAGE)))
    rows = following_queries.page(actor(), wanted, sight, number)
    page = Page(rows, number, counts[wanted.tab], A_PAGE)
    kept: dict[str, Any] = {
        key: value for key, value in request.args.items() if key in ("unit", "meeting", "q", "asks") and value
    }
    return render_template(
        "minutes/tasks.html",
        asked=wanted,
        tabs=[
            {
                "label": TAB_WORDS[tab],
                "count": counts[tab],
                "url": url_for(".action_items", tab=tab.value, **kept),
                "current": tab is wanted.tab,
            }
            for tab in Tab
            if tab is not Tab.WITHDRAWN or counts[tab] or wanted.tab is tab
        ],
        at=now(),
        rows=[(one, sight.state(one), sight.words(one)) for one in rows],
        numbers=following_queries.numbers_of(rows),
        page=page,
        units=following_queries.leading(actor()),
        meetings=following_queries.meetings_of(actor()),
        every=min(page.total, following_queries.AT_MOST),
        every_url=url_for(".urge_preview", all=1, tab=wanted.tab.value, **kept),
        may_urge=actor().may("task.follow") and wanted.tab in (Tab.OVERDUE, Tab.SOON, Tab.DOING),
        mine=lambda one: following_queries.may_give(actor(), one),
        decides=lambda one: following_queries.may_give(actor(), one, "task.decide"),
        reports=lambda one: following_queries.may_report(actor(), one),
        open_states=OPEN,
    )


# --- one of them -----------------------------------------------------------------------------------------------------


@bp.get("/action-items/<int:number>")
@requires("task.see")
def action_item(number: int) -> str:
    return _page(number)


def _page(number: int, **forms: Form) -> str:
    one = following_queries.seen(actor(), number)
    sight = Sight.now()
    state = sight.state(one)
    blank: dict[str, Any] = {
        "report": lambda: ReportForm(formdata=None, prefix="report"),
        "later": lambda: ExtensionForm(formdata=None, prefix="later"),
        "phone": lambda: TelephoneForm(formdata=None, prefix="phone"),
        "decide": lambda: DecideForm(formdata=None, prefix="decide"),
        "end": lambda: DecideForm(formdata=None, prefix="end"),
        "lead": lambda: LeadForm(formdata=None, prefix="lead"),
    }
    contact = door_queries.officers_of([one.lead_unit_id]).get(one.lead_unit_id) if one.lead_unit_id else None
    gives = following_queries.may_give(actor(), one)
    notes = following_queries.notes([one.id], to_unit=not gives).get(one.id, [])
    record = following_queries.record_of(one)
    asked_for = (row.note for row in notes if row.note.told is Told.EXTENSION_ASKED)
    return render_template(
        "minutes/task.html",
        one=one,
        state=state,
        words=sight.words(one),
        is_open=state in OPEN,
        awaits=state is State.AWAITING,
        ended=state in (State.DONE, State.DONE_LATE, State.WITHDRAWN),
        notes=notes,
        request_of=next(asked_for, None) if one.asked_due else None,
        tab=TABS[state].value,
        place=following_queries.numbers_of([one])[one.item_id],
        source=following_queries.source(one),
        file_url=lambda file_id: url_for(".task_file", number=number, file_id=file_id),
        record=record,
        may_read=queries.readable_by(actor(), record),
        contact=contact,
        link=following_up.address(one) if gives and state in OPEN else "",
        follows=gives,
        decides=following_queries.may_give(actor(), one, "task.decide"),
        reports=following_queries.may_report(actor(), one) and not gives,
        proposed=units.offered(("/",), today()) if gives else [],
        **{name: forms.get(name) or make() for name, make in blank.items()},
    )


def _back(number: int) -> Response:
    return redirect(url_for(".action_item", number=number), 303)


def _only(allowed: bool) -> None:
    if not allowed:
        raise Forbidden(_("This account has no right to do this for the unit."))


@bp.post("/action-items/<int:number>/report")
@requires("task.report")
def report_task(number: int) -> Response:
    form = ReportForm(prefix="report")

    def act() -> Response:
        one = following_queries.seen(actor(), number)
        _only(following_queries.may_report(actor(), one))
        if "done" in request.form:
            following.claim(one, form.words.data or "", Way.ACCOUNT, actor=actor(), uploads=uploads(form))
        else:
            following.report(
                one, form.percent.data, form.words.data or "", Way.ACCOUNT, actor=actor(), uploads=uploads(form)
            )
        notice(_("Progress has been reported."))
        return _back(number)

    return answer(form, act, lambda: _page(number, report=form))


@bp.post("/action-items/<int:number>/extension")
@requires("task.report")
def ask_extension(number: int) -> Response:
    form = ExtensionForm(prefix="later")

    def act() -> Response:
        one = following_queries.seen(actor(), number)
        gives = following_queries.may_give(actor(), one)
        _only(gives or following_queries.may_report(actor(), one))
        way = Way.TELEPHONE if gives else Way.ACCOUNT
        following.ask_extension(one, form.due.data, form.reason.data or "", way, actor=actor())
        notice(_("A later day has been asked for. Until it is consented to, the day stands as it was."))
        return _back(number)

    return answer(form, act, lambda: _page(number, later=form))


@bp.post("/action-items/<int:number>/telephone")
@requires("task.follow")
def note_telephone(number: int) -> Response:
    form = TelephoneForm(prefix="phone")

    def act() -> Response:
        one = following_queries.seen(actor(), number)
        _only(following_queries.may_give(actor(), one))
        words = form.words.data or ""
        if not form.caller.data:
            raise Refused(_("Enter who said so."), field="caller", status=422)
        said = f"{form.caller.data}: {words}" if words else str(form.caller.data)
        if form.done.data:
            following.claim(one, said, Way.TELEPHONE, actor=actor(), uploads=uploads(form))
        else:
            following.report(one, form.percent.data, said, Way.TELEPHONE, actor=actor(), uploads=uploads(form))
        notice(_("Noted, as told by telephone."))
        return _back(number)

    return answer(form, act, lambda: _page(number, phone=form))


@bp.post("/action-items/<int:number>/decide")
@requires("task.decide")
def decide_task(number: int) -> Response:
    # the page has two such forms: what was asked or reported is decided, or the task is ended whatever was said
    name = "end" if "end-words" in request.form else "decide"
    form = DecideForm(prefix=name)

    def act() -> Response:
        one = following_queries.seen(actor(), number)
        _only(following_queries.may_give(actor(), one, "task.decide"))
        words, verb = form.words.data or "", request.form.get("verb", "")
        match verb:
            case "confirm":
                following.confirm(one, words, actor=actor(), done_on=form.done_on.data)
                said = _("Confirmed. The unit is told.")
            case "send_back":
                following.send_back(one, words, actor=actor())
                said = _("Returned. The unit is told.")
            case "grant":
                asked = form.asked.data
                following.decide_extension(
                    one, form.due.data or asked or one.asked_due, words, actor=actor(), seen=asked
                )
                said = _("Consent was given. The unit is told.")
            case "refuse":
                following.decide_extension(one, None, words, actor=actor(), seen=form.asked.data)
                said = _("Consent was not given. The unit is told.")
            case "withdraw":
                following.withdraw(one, words, actor=actor())
                said = _("Withdrawn. The unit is told.")
            case "reopen":
                following.reopen(one, words, actor=actor())
                said = _("Opened again. The unit is told.")
            case _:
                raise Refused(_("Choose what is decided."), status=422)
        if following_up.can_be_written_to(one):
            notice(said)
        else:
            notice(_("Decided. No e-mail address of the unit is known: tell it by telephone."), "warn")
        return _back(number)

    return answer(form, act, lambda: _page(number, **{name: form}))


@bp.post("/action-items/<int:number>/lead")
@requires("task.follow")
def name_lead(number: int) -> Response:
    form = LeadForm(prefix="lead")

    def act() -> Response:
        one = following_queries.seen(actor(), number)
        _only(following_queries.may_give(actor(), one))
        found = units.named(form.unit.data or "", today()) if form.unit.data else []
        if len(found) != 1:
            raise Refused(_("Enter the code or the full name of one unit."), field="unit", status=422)
        following.name_lead(one, found[0].id, actor=actor())
        notice(_("Saved."))
        return _back(number)

    return answer(form, act, lambda: _page(number, lead=form))


@bp.post("/action-items/<int:number>/link")
@requires("task.follow")
def renew_link(number: int) -> Response:
    form = UrgeForm()

    def act() -> Response:
        one = following_queries.seen(actor(), number)
        _only(following_queries.may_give(actor(), one))
        unit, told = one.led_by, following_up.renew_by_hand(one, actor=actor())
        if told is None:
            notice(_("%(unit)s has a new link and no e-mail address: copy the link and pass it on.", unit=unit), "warn")
        else:
            notice(_("%(unit)s has a new link; it is on its way to %(address)s.", unit=unit, address=told.email))
        return _back(number)

    return answer(form, act, lambda: _page(number))


@bp.get("/action-items/<int:number>/files/<int:file_id>")
@requires("task.see")
def task_file(number: int, file_id: int) -> Response:
    one = following_queries.seen(actor(), number)
    kept = following_queries.file_of(one, file_id, to_unit=not following_queries.may_give(actor(), one))
    return send_file(
        io.BytesIO(letter_box.enclosure(kept.sha256)),
        mimetype=kept.content_type,
        as_attachment=True,
        download_name=kept.file_name,
    )


# --- written to by hand ----------------------------------------------------------------------------------------------


def _chosen() -> list[Assignment]:
    """What is to be written of: the tasks that were ticked, or the whole list that is looked at (``?all=1``)."""
    sight, ticked = Sight.now(), request.values.getlist("task")[: following_queries.AT_MOST]
    ids = {id for text in ticked if (id := numbers.read(text)) is not None}
    if "all" in request.args:
        ids |= following_queries.all_on(actor(), asked(), sight)
    return [one for one in following_queries.chosen(actor(), ids) if sight.state(one) in OPEN]


@bp.get("/action-items/urge")
@requires("task.follow")
def urge_preview() -> str:
    return _preview(UrgeForm(formdata=None))


def _preview(form: Form) -> str:
    sight = Sight.now()
    readers = following_up.readers(_chosen())
    letter = following_up.sample(readers, actor=actor())
    return render_template(
        "minutes/urge.html",
        form=form,
        reached=[one for one in readers if one.address],
        to_ring=[one for one in readers if not one.address],
        unnamed=[one for one in _chosen() if one.lead_unit_id is None],
        words=sight.words,
        state=sight.state,
        letter=letter,
        letter_text=following_up.shown(letter) if letter else "",
    )


@bp.post("/action-items/urge")
@requires("task.follow")
def urge() -> Response:
    form = UrgeForm()

    def act() -> Response:
        written = following_up.urge(_chosen(), actor=actor())
        notice(ngettext("%(num)s unit has been written to.", "%(num)s units have been written to.", written))
        return redirect(url_for(".action_items"), 303)

    return answer(form, act, lambda: _preview(form))


@bp.route("/action-items/urging-letter", methods=["GET", "POST"])
@requires("task.follow")
def urging_letter() -> Response:
    """The công văn đôn đốc to one unit about what it owes one organiser."""
    form = LetterForm()
    unit_id, organiser_id = (numbers.read(request.args.get(name)) or 0 for name in ("unit", "organiser"))
    form.offer(urging_letters.offers_of(urging_of(unit_id, organiser_id)))

    def act() -> Response:
        given = urging_of(unit_id, organiser_id)
        wanted = Wanted(
            form.number.data or "", form.on.data, form.answer_by.data, bool(form.on_paper.data), form.signer.data or ""
        )
        send = bool(form.send.data)
        data, name = urging_letters.issue(given, wanted, actor=actor(), send=send)
        if send:
            notice(_("The letter is on its way to the unit."))
            return redirect(url_for(".action_item", number=given[0].id), 303)
        return send_file(io.BytesIO(data), mimetype=CONTENT_TYPE, as_attachment=True, download_name=name)

    def show() -> str:
        sight = Sight.now()
        given = urging_of(unit_id, organiser_id)
        return render_template(
            "minutes/urging_letter.html",
            form=form,
            unit=units.by_id(unit_id),
            rows=[(one, sight.state(one), sight.words(one)) for one in given],
            counted=urging_letters.counted_by_system(given),
        )

    return answer(form, act, show)


def urging_of(unit_id: int, organiser_id: int) -> Sequence[Assignment]:
    """What the letter is about; a unit that owes nothing here, or is none, is not found."""
    if units.by_id(unit_id) is None:
        raise NotFound(_("There is no such unit."))
    return following_queries.overdue_of(actor(), unit_id, organiser_id)


from meetings.minutes.views import tasks_report  # noqa: E402, F401  (hangs its pages into bp)
