"""Into whose hands an issued record goes, who received it, who is asked again, and from whom it is taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from meetings.accounts.access import actor, requires
from meetings.directory.models import Person
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.i18n import locale, ngettext
from meetings.minutes import hand_out_list, handing, letters, papers, queries, receipts, recipients
from meetings.minutes.forms import IssueForm
from meetings.minutes.hand_out_forms import HandedForm, HandOnForm, RemindForm
from meetings.minutes.hand_out_rules import FORMER, SITES, STATE_WORDS, TASKS, Listed, State
from meetings.minutes.models import Record
from meetings.minutes.queries import Leader
from meetings.minutes.rules import RecordStatus
from meetings.minutes.views import bp
from meetings.official import numbers
from meetings.post.message import filled
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Secrecy
from meetings.web import notice
from meetings.web.forms import answer
from meetings.web.pages import asked_page, asked_words

# --- the recipients, as both forms ask for them ----------------------------------------------------------------------


def _label(one: Leader) -> str:
    return f"{papers.person(one.honorific, one.name, one.title)} – {one.email}"


def list_name(one: Listed) -> str:
    """What a list that is ticked as a whole is called."""
    if one.key == FORMER:
        return _("Everybody who was handed version %(version)s", version=one.name)
    if one.key == SITES:
        return _("Sites of the meeting (notice of conclusions only)")
    if one.key == TASKS:
        return _("Units with action items (notice of conclusions only)")
    return _("Saved group “%(name)s” (notice of conclusions only)", name=one.name)


def _list_label(one: Listed) -> str:
    name = list_name(one)
    if one.writable == one.count:
        return ngettext("%(name)s: %(num)s recipient", "%(name)s: %(num)s recipients", one.count, name=name)
    return _(
        "%(name)s: %(count)s recipients, %(reached)s of them with an e-mail address",
        name=name,
        count=numbers.number(one.count, 0, locale()),
        reached=numbers.number(one.writable, 0, locale()),
    )


def offer(form: IssueForm | HandOnForm, record: Record, *, fresh: bool = False) -> None:
    """Fill *form* with whom *record* can be handed to: the leaders who do not have it, and the lists.

    A *fresh* form, before anybody has the record, has the leaders ticked, and the lists that “Nơi nhận” names.
    """
    had = {one.email for one in queries.hand_outs(record)} if not form.people.data else set()
    leaders = [one for one in queries.offered(record.meeting) if one.email.lower() not in had]
    form.people.choices = [(one.key, _label(one)) for one in leaders]
    found = recipients.lists(record, actor=actor())
    form.lists.choices = [SelectChoice(one.key, _list_label(one)) for one in found]
    if fresh:
        form.people.data = [one.key for one in leaders]
        form.lists.data = recipients.usual(found)


def chosen(
    form: IssueForm | HandOnForm, meeting: Meeting
) -> tuple[list[Person], list[tuple[str, str]], list[str], handing.Way]:
    """Who was ticked, typed and taken by list, and how they are written to."""
    ticked = [one for one in queries.offered(meeting) if one.key in (form.people.data or [])]
    users = [(f"{one.honorific} {one.name}".strip(), one.email) for one in ticked if one.person is None]
    others = [*users, *handing.addresses(form.others.data or "")]
    people = [one.person for one in ticked if one.person is not None]
    return (
        people,
        others,
        list(form.lists.data or []),
        handing.Way(bool(form.link_only.data), bool(form.notice_only.data)),
    )


def beside(record: Record) -> dict[str, Any]:
    """What the page of the minutes says of the hand-out of *record*."""
    if record.status is not RecordStatus.ISSUED:
        return {"handed": None, "recalled_at": None}
    return {"handed": hand_out_list.counts(record), "recalled_at": queries.recalled_from_all(record)}


# --- the page --------------------------------------------------------------------------------------------------------


def _found(code: str, permission: str) -> tuple[Meeting, Record]:
    meeting = scheduling.meeting_for(actor(), code, permission)
    number = numbers.read(request.args.get("version")) or 0
    record = queries.version(meeting, number) if 0 < number < 10_000 else queries.issued(meeting)
    if record is None or record.status is not RecordStatus.ISSUED:
        raise NotFound(_("The minutes of this meeting have not been issued: nobody was handed them yet."))
    return meeting, record


def _page(meeting: Meeting, record: Record, form: HandedForm | None = None, more: HandOnForm | None = None) -> str:
    name = request.args.get("state", "")
    state = State(name) if name in [one.value for one in State] else None
    form = form or HandedForm(formdata=None)
    page = hand_out_list.page(record, asked_page(), state=state, words=asked_words())
    form.who.choices = [(str(one.id), one.name or one.email) for one, _letter in page.rows]
    may_act, sums = actor().may("document.number", meeting.organiser.path), hand_out_list.counts(record)
    if may_act and more is None:
        more = HandOnForm(formdata=None, prefix="more-")
        offer(more, record, fresh=not sums.total)
    return render_template(
        "minutes/hand_out.html",
        meeting=meeting,
        record=record,
        version=record.version if queries.issued(meeting) is not record else None,
        page=page,
        counts=sums,
        state=state,
        state_words=STATE_WORDS,
        words=asked_words(),
        form=form,
        more=more if may_act else None,
        may_act=may_act,
        due=receipts.due(record),
        rule=recipients.rule(),
        internal=meeting.secrecy is not Secrecy.ORDINARY,
        recall=hand_out_list.last_recall(record),
        recalled_at=queries.recalled_from_all(record),
    )


@bp.get("/meetings/<code>/minutes/hand-out")
@requires("record.read")
def handed_out(code: str) -> str:
    return _page(*_found(code, "record.read"))


def _back(code: str) -> Response:
    asked: dict[str, Any] = {key: request.args[key] for key in ("state", "q", "page", "version") if key in request.args}
    return redirect(url_for(".handed_out", code=code, **asked), 303)


def _act(code: str, act: Callable[[Record, HandedForm], str]) -> Response:
    """One press over the list; a refusal stands on the same page of it, with what was typed."""
    meeting, record = _found(code, "document.number")
    form = HandedForm()
    form.who.choices = [(one, one) for one in form.who.data or []]

    def go() -> Response:
        notice(act(record, form))
        return _back(code)

    return answer(form, go, lambda: _page(*_found(code, "document.number"), form=form))


@bp.post("/meetings/<code>/minutes/hand-out/received")
@requires("document.number")
def note_received(code: str) -> Response:
    def act(record: Record, form: HandedForm) -> str:
        count = receipts.note_received(record, form.ids, form.by.data or "", actor=actor())
        return ngettext("Noted: %(num)s receipt.", "Noted: %(num)s receipts.", count)

    return _act(code, act)


@bp.post("/meetings/<code>/minutes/hand-out/deleted")
@requires("document.number")
def note_deleted(code: str) -> Response:
    def act(record: Record, form: HandedForm) -> str:
        count = receipts.note_deleted(record, form.ids, form.by.data or "", actor=actor())
        return ngettext("Noted: %(num)s deletion.", "Noted: %(num)s deletions.", count)

    return _act(code, act)


@bp.post("/meetings/<code>/minutes/hand-out/send-again")
@requires("document.number")
def send_again(code: str) -> Response:
    def act(record: Record, form: HandedForm) -> str:
        count = receipts.send_again(record, form.ids, (form.address.data or "").lower(), actor=actor())
        return ngettext("%(num)s letter is on its way again.", "%(num)s letters are on their way again.", count)

    return _act(code, act)


@bp.post("/meetings/<code>/minutes/hand-out/recall")
@requires("document.number")
def recall(code: str) -> Response:
    def act(record: Record, form: HandedForm) -> str:
        ids = None if form.everybody.data else form.ids
        count = receipts.recall(record, ids, form.reason.data or "", actor=actor())
        return ngettext(
            "Recalled from %(num)s recipient. Whoever had the documents is asked to delete them.",
            "Recalled from %(num)s recipients. Whoever had the documents is asked to delete them.",
            count,
        )

    return _act(code, act)


@bp.post("/meetings/<code>/minutes/hand-on")
@requires("document.number")
def hand_on(code: str) -> Response:
    meeting, record = _found(code, "document.number")
    form = HandOnForm(prefix="more-")
    offer(form, record)

    def act() -> Response:
        people, others, lists, way = chosen(form, meeting)
        count = handing.hand_on(record, people, others, lists=lists, way=way, actor=actor())
        notice(ngettext("%(num)s more letter is on its way.", "%(num)s more letters are on their way.", count))
        return _back(code)

    return answer(form, act, lambda: _page(*_found(code, "document.number"), more=form))


# --- asking again ----------------------------------------------------------------------------------------------------


def _preview(meeting: Meeting, record: Record, form: RemindForm) -> str:
    count, first = receipts.due(record), receipts.first_due(record)
    words = letters.receipt_wording(queries.written(record), first) if first is not None else None
    if not form.is_submitted():
        form.expected.data = count
    shown = {"reader": first.unit_name or first.name or first.email, "token": "…"} if first is not None else {}
    return render_template(
        "minutes/remind_receipts.html",
        meeting=meeting,
        record=record,
        count=count,
        names=receipts.names_due(record),
        subject=words.subject if words else "",
        text=filled(words.text, shown) if words else "",
        form=form,
    )


@bp.get("/meetings/<code>/minutes/hand-out/remind")
@requires("document.number")
def remind_receipts(code: str) -> str:
    meeting, record = _found(code, "document.number")
    return _preview(meeting, record, RemindForm(formdata=None))


@bp.post("/meetings/<code>/minutes/hand-out/remind")
@requires("document.number")
def ask_receipts(code: str) -> Response:
    meeting, record = _found(code, "document.number")
    form = RemindForm()

    def act() -> Response:
        count = receipts.remind(record, form.expected.data or 0, actor=actor())
        notice(ngettext("%(num)s reminder is on its way.", "%(num)s reminders are on their way.", count))
        return _back(code)

    return answer(form, act, lambda: _preview(*_found(code, "document.number"), RemindForm(formdata=None)))
