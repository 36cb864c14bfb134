"""What the editor's page is made of: one form for each part, filled from the record or with what was just typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import render_template, request

from meetings.accounts.access import actor
from meetings.clock import wall
from meetings.errors import Forbidden, NotFound
from meetings.i18n import gettext as _
from meetings.minutes import queries, rules, services
from meetings.minutes.forms import ConclusionsForm, HeadForm, ItemForm, NewItemForm, NoticeForm, Part, TasksForm, Timed
from meetings.minutes.models import Record, RecordItem
from meetings.minutes.queries import Written
from meetings.minutes.rules import RecordMove
from meetings.minutes.services import CONCLUSIONS, HEAD, NOTICE, TASKS, item_key
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import days as spanned
from meetings.web.forms import Form


def meeting_and_record(code: str, permission: str) -> tuple[Meeting, Record]:
    """The meeting and the newest version of its minutes, if the reader may do *permission* with them."""
    meeting = scheduling.meeting_for(actor(), code, permission)
    record = queries.newest(meeting)
    if record is None:
        raise NotFound(_("The minutes of this meeting have not been begun."))
    return meeting, record


def readable(code: str) -> tuple[Meeting, Record | None]:
    """The meeting and the version that the reader may read: the newest, or before its issue the one issued last."""
    meeting = scheduling.meeting_for(actor(), code, "record.read")
    if not queries.openable_by(actor(), meeting):
        raise Forbidden(_("The minutes of this meeting have not been issued yet."))
    record = queries.newest(meeting)
    if record is not None and not queries.readable_by(actor(), record):
        record = queries.issued(meeting)
    return meeting, record


def prefix(key: str) -> str:
    """What the names of a part's fields begin with, so that no two on the page are alike."""
    return f"{key}-"


def offer_days(form: Timed, record: Record, began: datetime | None, ended: datetime | None) -> Timed:
    """Let *form* ask for its days where the meeting of *record* had several; *began* and *ended* are what stands."""
    meeting = record.meeting
    days = spanned(record.started_at, record.ended_at, meeting.starts_at, meeting.ends_at)
    first = wall(began or record.started_at).date()
    form.offer(days, first, wall(ended).date() if ended else first)
    return form


@dataclass
class Editor:
    """One form for each part; *typed* is the part that was just sent and refused, shown as it was typed."""

    rows: Written
    typed: Part | None = None
    typed_key: str = ""
    items: list[tuple[RecordItem, ItemForm]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.typed is not None:
            # the next press knows of the other's change: it was shown beside what was typed
            self.typed.edition.raw_data, self.typed.edition.data = None, self.rows.edition(self.typed_key)
        self.items = [(item, self._item(item)) for item in self.rows.items]

    def _is(self, key: str) -> bool:
        return self.typed is not None and self.typed_key == key

    def _item(self, item: RecordItem) -> ItemForm:
        key = item_key(item.id)
        if isinstance(self.typed, ItemForm) and self._is(key):
            return self.typed
        said = [
            {"id": str(row.id), "site": row.site, "speaker": row.speaker, "text": row.text}
            for row in self.rows.said(item)
        ]
        data = {
            "edition": self.rows.edition(key),
            "title": item.title,
            "starts": wall(item.starts_at).time() if item.starts_at else None,
            "ends": wall(item.ends_at).time() if item.ends_at else None,
            "said": [*said, {"id": "", "site": "", "speaker": "", "text": ""}],
        }
        form = ItemForm(formdata=None, data=data, prefix=prefix(key))
        offer_days(form, self.rows.record, item.starts_at, item.ends_at)
        return form

    @property
    def head(self) -> Part:
        record = self.rows.record
        if self.typed is not None and self._is(HEAD):
            return self.typed
        names = ("place", "attendance", "chair", "secretary", "agreed", "recipients")
        data = {
            "edition": self.rows.edition(HEAD),
            "started": wall(record.started_at).time(),
            "ended": wall(record.ended_at).time() if record.ended_at else None,
            **{name: getattr(record, name) for name in names},
        }
        form = HeadForm(formdata=None, data=data, prefix=prefix(HEAD))
        return offer_days(form, record, record.started_at, record.ended_at)

    @property
    def conclusions(self) -> Part:
        if self.typed is not None and self._is(CONCLUSIONS):
            return self.typed
        data = {"edition": self.rows.edition(CONCLUSIONS), "texts": [*(row.text for row in self.rows.conclusions), ""]}
        return ConclusionsForm(formdata=None, data=data, prefix=prefix(CONCLUSIONS))

    @property
    def tasks(self) -> Part:
        if self.typed is not None and self._is(TASKS):
            return self.typed
        given = [
            {"text": row.text, "lead": row.lead, "support": row.support, "due_on": row.due_on}
            for row in self.rows.tasks
        ]
        blank = {"text": "", "lead": "", "support": "", "due_on": services.suggested_due(self.rows.record)}
        data = {"edition": self.rows.edition(TASKS), "tasks": [*given, blank]}
        return TasksForm(formdata=None, data=data, prefix=prefix(TASKS))

    @property
    def notice(self) -> Part:
        record = self.rows.record
        if self.typed is not None and self._is(NOTICE):
            return self.typed
        blank = NoticeForm(formdata=None, prefix=prefix(NOTICE))
        names = list(blank.texts())
        data = {"edition": self.rows.edition(NOTICE), **{name: getattr(record, name) for name in names}}
        return NoticeForm(formdata=None, data=data, prefix=prefix(NOTICE))

    @property
    def opened(self) -> int:
        """Which agenda item stands open: the one that was sent, the one asked for, the first that nobody wrote to."""
        for item in self.rows.items:
            if self._is(item_key(item.id)):
                return item.id
        asked = request.args.get("item", 0, type=int)
        if any(item.id == asked for item in self.rows.items):
            return asked
        if self.typed is not None or "part" in request.args:
            return 0
        return next((item.id for item in self.rows.items if not self.rows.said(item)), 0)


def show(meeting: Meeting, record: Record, typed: Part | None = None, key: str = "", above: Form | None = None) -> str:
    """The editor's page; *above* is a form of the whole record that was refused."""
    rows = queries.written(record)
    names = queries.site_names(meeting)
    few = len(names) <= queries.MANY_SITES
    return render_template(
        "minutes/editor.html",
        meeting=meeting,
        record=record,
        rows=rows,
        editor=Editor(rows, typed, key),
        new_item=typed if isinstance(typed, NewItemForm) else NewItemForm(formdata=None, prefix="new-"),
        above=above,
        sites=list(names) if few else [],
        speakers=queries.speakers(meeting) if few else [],
        suggested=services.suggested_due(record),
        **life(meeting, record),
    )


def life(meeting: Meeting, record: Record) -> dict[str, Any]:
    """What every page of a record is told: its versions, and what the reader may do with it now."""
    who, path = actor(), meeting.organiser.path
    allowed = {
        RecordMove.SAVE: "record.write",
        RecordMove.SUBMIT: "record.write",
        RecordMove.RETURN: "record.approve",
        RecordMove.APPROVE: "record.approve",
        RecordMove.ISSUE: "document.number",
        RecordMove.HAND_ON: "document.number",
        RecordMove.RENEW: "record.write",
    }
    newest = queries.newest(meeting)
    return {
        "moves": {
            move.value: rules.may(record.status, move)
            and who.may(permission, path)
            and newest is not None
            and newest.id == record.id
            for move, permission in allowed.items()
        },
        "versions": [one for one in queries.versions(meeting) if queries.readable_by(who, one)],
        "status_words": rules.STATUS_WORDS,
        "due": services.notice_due(record),
    }
