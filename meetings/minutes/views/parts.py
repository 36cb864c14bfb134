"""Saving the parts of the minutes that stand once: the head, what an agenda item was about, the notice of conclusions.

A browser without scripts sends the form and is sent on to the page; the script sends the same form, reads the same page,
and takes from it what it lacks. A refusal shows the page with what was typed, and what is stored beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.i18n import gettext as _
from meetings.minutes import services, signers
from meetings.minutes.forms import HeadForm, ItemForm, NewItemForm, NoticeForm, Part, Timed
from meetings.minutes.models import Record
from meetings.minutes.services import HEAD, NOTICE, Head, item_key
from meetings.minutes.views import bp, editor
from meetings.web import notice
from meetings.web.forms import answer


def back(record: Record, anchor: str, said: str = "", **where: Any) -> Response:
    """On to the page of what was saved: the script, which says since when it knows, is told without a sentence."""
    if "since" in request.form:
        where["since"] = request.form["since"]
    elif said:
        notice(said)
    return redirect(url_for(".minutes", code=record.meeting.code, _anchor=anchor, **where), 303)


def _keep(code: str, form: Part, key: str, act: Callable[[Record], Response]) -> Response:
    """Save the part of *form*, or show the editor with what was typed and what is wrong with it."""
    _meeting, record = editor.meeting_and_record(code, "record.write")
    if isinstance(form, Timed):
        editor.offer_days(form, record, record.started_at, record.ended_at if key == HEAD else None)

    def show() -> str:
        return editor.show(*editor.meeting_and_record(code, "record.write"), typed=form, key=key)

    return answer(form, lambda: act(record), show)


@bp.post("/meetings/<code>/minutes/head")
@requires("record.write")
def save_head(code: str) -> Response:
    form = HeadForm(prefix=editor.prefix(HEAD))

    def act(record: Record) -> Response:
        began, ended = form.span
        head = Head(
            began,
            ended,
            form.place.data or "",
            form.attendance.data or "",
            form.chair.data or "",
            form.secretary.data or "",
            form.agreed.data or "",
            form.recipients.data or "",
        )
        services.save_head(record, head, edition=form.seen, actor=actor())
        return back(record, HEAD, _("Saved."), part=HEAD)

    return _keep(code, form, HEAD, act)


@bp.post("/meetings/<code>/minutes/items/<int:item_id>")
@requires("record.write")
def save_item(code: str, item_id: int) -> Response:
    form = ItemForm(prefix=editor.prefix(item_key(item_id)))

    def act(record: Record) -> Response:
        item = editor.item_of(record, item_id)
        services.save_item(record, item, form.title.data or "", form.span, edition=form.seen, actor=actor())
        return back(record, "content", _("Saved."), item=item.id)

    return _keep(code, form, item_key(item_id), act)


@bp.post("/meetings/<code>/minutes/items/<int:item_id>/remove")
@requires("record.write")
def drop_item(code: str, item_id: int) -> Response:
    _meeting, record = editor.meeting_and_record(code, "record.write")
    services.drop_item(record, editor.item_of(record, item_id), actor=actor())
    return back(record, "content", _("The agenda item has been taken out of the minutes."))


@bp.post("/meetings/<code>/minutes/items")
@requires("record.write")
def add_item(code: str) -> Response:
    _meeting, record = editor.meeting_and_record(code, "record.write")
    form = NewItemForm(prefix="new-")

    def act() -> Response:
        made = services.add_item(record, form.title.data or "", actor=actor())
        return back(record, "write", _("Saved."), item=made.id)

    def show() -> str:
        return editor.show(*editor.meeting_and_record(code, "record.write"), above=form)

    return answer(form, act, show)


@bp.post("/meetings/<code>/minutes/notice")
@requires("record.write")
def save_notice(code: str) -> Response:
    form = NoticeForm(prefix=editor.prefix(NOTICE))

    def act(record: Record) -> Response:
        services.save_notice(record, form.texts(), edition=form.seen, actor=actor())
        return back(record, NOTICE, _("Saved."), part=NOTICE)

    return _keep(code, form, NOTICE, act)


@bp.post("/meetings/<code>/minutes/notice/signer")
@requires("record.write")
def choose_signer(code: str) -> Response:
    _meeting, record = editor.meeting_and_record(code, "record.write")
    chosen = signers.choose(record, request.form.get("signer", "")[:20], actor=actor())
    return back(record, NOTICE, _("%(name)s signs the notice.", name=chosen.name), part=NOTICE)
