"""Saving a part of the minutes. A browser without scripts sends the form; the script sends the same form by itself.

The script asks for JSON and is told the new edition and the ids of new statements; a refusal reaches it as JSON too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import jsonify, redirect, request, url_for
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.clock import now
from meetings.errors import NotFound, Refused
from meetings.i18n import gettext as _
from meetings.minutes import queries, services
from meetings.minutes.forms import (
    ConclusionsForm,
    HeadForm,
    ItemForm,
    NewItemForm,
    NoticeForm,
    Part,
    TasksForm,
    Timed,
)
from meetings.minutes.models import Record
from meetings.minutes.services import CONCLUSIONS, HEAD, NOTICE, TASKS, Assigned, Head, Said, item_key
from meetings.minutes.views import bp, editor
from meetings.official import numbers
from meetings.official.dates import clock_seconds
from meetings.web import notice
from meetings.web.forms import answer


def _by_script() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _saved(record: Record, key: str, **more: Any) -> Response:
    """Say that the part was kept: to the script in JSON, to the reader on the page."""
    if _by_script():
        sentence = _("Saved at %(time)s.", time=clock_seconds(now()))
        block = queries.block(record, key)
        return jsonify(edition=block.edition if block else 0, saved=sentence, **more)
    notice(_("Saved."))
    where: dict[str, Any] = {"item": key.removeprefix("item-")} if key.startswith("item-") else {"part": key}
    return redirect(url_for(".minutes", code=record.meeting.code, _anchor=key, **where), 303)


def _keep(code: str, form: Part, key: str, act: Callable[[Record], Response]) -> Response:
    """Save the part of *form*, or show the editor with what was typed and what is wrong with it."""
    _meeting, record = editor.meeting_and_record(code, "record.write")
    if isinstance(form, Timed):
        editor.offer_days(form, record, record.started_at, record.ended_at if key == HEAD else None)
    if _by_script():
        if not form.validate():
            raise Refused(_("Something in this part cannot be saved. Press Save to see what."), status=422)
        return act(record)

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
        return _saved(record, HEAD)

    return _keep(code, form, HEAD, act)


@bp.post("/meetings/<code>/minutes/items/<int:item_id>")
@requires("record.write")
def save_item(code: str, item_id: int) -> Response:
    key = item_key(item_id)
    form = ItemForm(prefix=editor.prefix(key))
    removed = numbers.read(request.form.get("remove"))

    def act(record: Record) -> Response:
        item = queries.item(record, item_id)
        if item is None:
            raise NotFound(_("This agenda item is not part of the minutes."))
        said = [
            Said(
                numbers.read(row.form.id.data),
                row.form.site.data or "",
                row.form.speaker.data or "",
                "" if removed is not None and numbers.read(row.form.id.data) == removed else row.form.text.data or "",
            )
            for row in form.said
        ]
        ids = services.save_item(
            record,
            item,
            form.title.data or "",
            form.span,
            said,
            edition=form.seen,
            actor=actor(),
        )
        return _made_of(record, ids) or _saved(record, key, ids=ids)

    return _keep(code, form, key, act)


def _made_of(record: Record, ids: list[int | None]) -> Response | None:
    """Make a conclusion or an action item of the statement whose button was pressed."""
    for pressed, make, part in (("conclude", services.conclude, CONCLUSIONS), ("assign", services.assign, TASKS)):
        place = numbers.read(request.form.get(pressed))
        if place is None or place >= len(ids):
            continue
        id = ids[place]
        statement = queries.statement(record, id) if id is not None else None
        if statement is None:
            raise Refused(_("Write the statement before anything is made of it."), status=422)
        make(record, statement, actor=actor())
        return _saved(record, part)
    return None


@bp.post("/meetings/<code>/minutes/items")
@requires("record.write")
def add_item(code: str) -> Response:
    meeting, record = editor.meeting_and_record(code, "record.write")
    form = NewItemForm(prefix="new-")

    def act() -> Response:
        made = services.add_item(record, form.title.data or "", actor=actor())
        return _saved(record, item_key(made.id))

    def show() -> str:
        return editor.show(*editor.meeting_and_record(code, "record.write"), above=form)

    return answer(form, act, show)


@bp.post("/meetings/<code>/minutes/conclusions")
@requires("record.write")
def save_conclusions(code: str) -> Response:
    form = ConclusionsForm(prefix=editor.prefix(CONCLUSIONS))

    def act(record: Record) -> Response:
        services.save_conclusions(record, [field.data or "" for field in form.texts], edition=form.seen, actor=actor())
        return _saved(record, CONCLUSIONS)

    return _keep(code, form, CONCLUSIONS, act)


@bp.post("/meetings/<code>/minutes/tasks")
@requires("record.write")
def save_tasks(code: str) -> Response:
    form = TasksForm(prefix=editor.prefix(TASKS))

    def act(record: Record) -> Response:
        given = [
            Assigned(
                row.form.text.data or "", row.form.lead.data or "", row.form.support.data or "", row.form.due_on.data
            )
            for row in form.tasks
        ]
        services.save_tasks(record, given, edition=form.seen, actor=actor())
        return _saved(record, TASKS)

    return _keep(code, form, TASKS, act)


@bp.post("/meetings/<code>/minutes/notice")
@requires("record.write")
def save_notice(code: str) -> Response:
    form = NoticeForm(prefix=editor.prefix(NOTICE))

    def act(record: Record) -> Response:
        services.save_notice(record, form.texts(), edition=form.seen, actor=actor())
        return _saved(record, NOTICE)

    return _keep(code, form, NOTICE, act)
