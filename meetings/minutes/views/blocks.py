"""Saving the blocks of the minutes, each by itself, and what else is done with one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from flask import render_template, request
from werkzeug.wrappers import Response

from meetings.accounts.access import actor, requires
from meetings.errors import NotFound, Refused
from meetings.i18n import gettext as _
from meetings.minutes import block_queries, blocks, filling
from meetings.minutes.block_queries import Row
from meetings.minutes.blocks import Page
from meetings.minutes.content import Content, Given
from meetings.minutes.forms import FORMS, BlockForm
from meetings.minutes.models import Record, RecordItem, Statement
from meetings.minutes.rules import BlockKind
from meetings.minutes.services import item_key
from meetings.minutes.views import bp, editor
from meetings.minutes.views.parts import back
from meetings.official import numbers
from meetings.scheduling import queries as scheduling
from meetings.web.forms import answer

LISTS: Final = {"statements": BlockKind.STATEMENT, "conclusions": BlockKind.CONCLUSION, "tasks": BlockKind.TASK}
CHOICES: Final = {"mine": blocks.replace_with_mine, "both": blocks.merge, "theirs": blocks.leave}
DUE: Final = {"due-10": 10, "due-30": 30}


@bp.post("/meetings/<code>/minutes/items/<int:item_id>/<any(statements, conclusions, tasks):kinds>")
@requires("record.write")
def save_block(code: str, item_id: int, kinds: str) -> Response:
    _meeting, record = editor.meeting_and_record(code, "record.write")
    kind = LISTS[kinds]
    form = FORMS[kind]()
    item = editor.item_of(record, item_id)
    asked = request.form.get("do", "")

    def act() -> Response:
        row = _save(record, form, item, asked)
        anchor = f"{editor.LETTER[kind]}{row.id}" if row is not None and form.id.data else f"new-{_list(kind, item)}"
        return back(record, anchor, _said(asked), item=item.id)

    def show() -> str:
        again = editor.meeting_and_record(code, "record.write")
        return editor.show(*again, typed=form, key=f"{item_key(item_id)}.{kind}")

    return answer(form, act, show)


def _list(kind: BlockKind, item: RecordItem) -> str:
    return {BlockKind.CONCLUSION: "conclusions", BlockKind.TASK: "tasks"}.get(kind, f"i{item.id}")


def _said(asked: str) -> str:
    if asked == "remove":
        return _("Deleted. It stands below, where it can be put back.")
    if asked == "theirs":
        return _("What is saved stands. The other wording is kept below.")
    return _("Saved.")


def _save(record: Record, form: BlockForm, item: RecordItem, asked: str) -> Row | None:
    """Save the block as it was typed, then do what was *asked* with it."""
    id = numbers.read(form.id.data)
    edition = form.seen if id is not None else 0
    page = Page(id, edition, item, form.once.data or ("" if id else None), typing=bool(form.typing.data))
    content = _content(record, form, asked)
    row = CHOICES.get(asked, blocks.save)(record, page, content, actor=actor())
    if row is not None and asked in MORE:
        MORE[asked](record, row)
    elif isinstance(row, Statement) and asked.startswith("to-"):
        to = editor.item_of(record, numbers.read(asked.removeprefix("to-")) or 0)
        blocks.move_to(record, row, to, actor=actor())
    return row


def _content(record: Record, form: BlockForm, asked: str) -> Content:
    content = form.content()
    if isinstance(content, Given) and asked in DUE:
        return replace(content, due_on=blocks.suggested_due(record, DUE[asked]))
    return content


def _conclude(record: Record, row: Row) -> None:
    blocks.conclude(record, _statement(row), actor=actor())


def _assign(record: Record, row: Row) -> None:
    blocks.assign(record, _statement(row), actor=actor())


def _statement(row: Row) -> Statement:
    if not isinstance(row, Statement):
        raise Refused(_("Only a statement can become something else."), status=422)
    return row


MORE: Final[dict[str, Callable[[Record, Row], None]]] = {
    "remove": lambda record, row: blocks.remove(record, row, actor=actor()),
    "up": lambda record, row: blocks.move(record, row, down=False, actor=actor()),
    "down": lambda record, row: blocks.move(record, row, down=True, actor=actor()),
    "conclude": _conclude,
    "assign": _assign,
}


@bp.post("/meetings/<code>/minutes/scraps/<int:scrap_id>")
@requires("record.write")
def restore(code: str, scrap_id: int) -> Response:
    _meeting, record = editor.meeting_and_record(code, "record.write")
    scrap = block_queries.scrap(record, scrap_id)
    if scrap is None:
        raise NotFound(_("This text has been put back already."))
    row = blocks.restore(record, scrap, actor=actor())
    # conclusions and action items stand below every agenda item: she stays where she is
    here = request.args.get("item", 0, type=int)
    item = row.item_id if isinstance(row, Statement) else here
    return back(record, f"{editor.LETTER[block_queries.kind_of(row)]}{row.id}", _("It has been put back."), item=item)


@bp.post("/meetings/<code>/minutes/facts/<key>")
@requires("record.write")
def take_fact(code: str, key: str) -> Response:
    _meeting, record = editor.meeting_and_record(code, "record.write")
    over = request.form.get("do") == "take"
    filling.take(record, key, over=over, actor=actor())
    said = _("Taken over into the minutes.") if over else _("The minutes stay as they are.")
    return back(record, "facts", said, item=request.args.get("item", 0, type=int))


@bp.post("/meetings/<code>/minutes/items/<int:item_id>/events")
@requires("record.write")
def note_event(code: str, item_id: int) -> Response:
    """Put something that was recorded of the line into the minutes, as a note."""
    _meeting, record = editor.meeting_and_record(code, "record.write")
    item = editor.item_of(record, item_id)
    row = filling.note(record, item, request.form.get("event", "")[:60], actor=actor())
    return back(record, f"s{row.id}" if row else "content", _("Noted in the minutes."), item=item.id)


@bp.get("/meetings/<code>/minutes/names")
@requires("record.write")
def names(code: str) -> str:
    """The names that fit what is being typed, for the field that asks."""
    meeting = scheduling.meeting_for(actor(), code, "record.write")
    asked, words = request.args.get("of"), request.args.get("q", "")[:200]
    found: list[tuple[str, str]]
    if asked == "speakers":
        found = block_queries.speakers(meeting, words, request.args.get("site", "")[:200])
    else:
        listed = block_queries.units if asked == "units" else block_queries.sites
        found = [(name, "") for name in listed(meeting, words)]
    return render_template("minutes/names.html", found=found)
