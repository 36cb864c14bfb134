"""What the editor's page is made of: one form for each block, filled from the record or with what was just typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from flask import render_template, request

from meetings.accounts.access import actor
from meetings.attendance import queries as attendance
from meetings.clock import now, wall
from meetings.errors import Forbidden, NotFound
from meetings.i18n import gettext as _
from meetings.minutes import block_queries, blocks, filling, queries, rules, services, signers, standing
from meetings.minutes.block_queries import Row
from meetings.minutes.forms import BlockForm, HeadForm, ItemForm, NewItemForm, NoticeForm, Part, Timed
from meetings.minutes.models import Record, RecordItem, Statement
from meetings.minutes.queries import Written
from meetings.minutes.rules import BlockKind, RecordMove
from meetings.minutes.services import HEAD, NOTICE, item_key
from meetings.official.dates import date_short
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import days as spanned
from meetings.web.forms import Form

OVERLAP = timedelta(minutes=1)
"""What was saved so shortly before a page was made is told again: two who save at once may see each other late."""


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


def item_of(record: Record, item_id: int) -> RecordItem:
    """The agenda item of *record* that an address names."""
    item = queries.item(record, item_id)
    if item is None:
        raise NotFound(_("This agenda item is not part of the minutes."))
    return item


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


LETTER = {BlockKind.STATEMENT: "s", BlockKind.CONCLUSION: "c", BlockKind.TASK: "t"}
"""How the name of a block begins on the page: s12."""


@dataclass
class Shown:
    """A block as the page shows it: *row* as it is stored, or what was just typed into it and refused (*form*)."""

    kind: BlockKind
    list: str
    row: Row | None = None
    form: BlockForm | None = None
    still: bool = False  # the page that asks knows it already

    def __post_init__(self) -> None:
        typed = self.form
        self.id = self.row.id if self.row is not None else None
        self.edition = self.row.edition if self.row is not None else 0
        standing = self.row.once if self.row is not None else None
        gone = typed is not None and self.row is None and typed.id.data
        self.once = standing or ("" if self.row is not None else uuid4().hex)
        if typed is not None and self.row is None and not gone and typed.once.data:
            self.once = typed.once.data
        self.errors = {f.short_name: list(f.errors) for f in typed if f.errors} if typed is not None else {}
        self.refusals = list(typed.refusals) if typed is not None else []
        overtaken = typed is not None and bool(typed.refusals)
        self.conflict = overtaken and typed is not None and self.row is not None and typed.seen != self.edition
        self.gone = bool(overtaken and gone)
        self.stale = typed.seen if typed is not None else 0
        self.name = f"{LETTER[self.kind]}{self.id}" if self.id is not None else f"new-{self.list}"

    def __getitem__(self, name: str) -> Any:
        """The value of a field, as its input shows it."""
        if self.form is not None and name in self.form:
            bound = self.form[name]
            return bound._value() if hasattr(bound, "_value") else bound.data
        value = getattr(self.row, name, None)
        return "" if value is None else date_short(value, "vi") if isinstance(value, date) else value

    @property
    def off_roster(self) -> bool:
        """Whether a speaker was typed who is on no roster, and is not the chair or the writer either."""
        row = self.row
        if self.form is not None or not isinstance(row, Statement) or not row.speaker or row.delegate_id is not None:
            return False
        record = row.item.record
        return block_queries.bare(row.speaker) not in (
            block_queries.bare(record.chair),
            block_queries.bare(record.secretary),
        )


@dataclass
class Editor:
    """The page of one agenda item, or of one other part; *typed* is what was just sent and refused, shown as typed."""

    rows: Written
    typed: Form | None = None
    typed_key: str = ""
    since: datetime | None = None
    at: datetime = field(default_factory=now)

    def __post_init__(self) -> None:
        if isinstance(self.typed, Part):
            # the next press knows of the other's change: it was shown beside what was typed
            self.seen = self.typed.seen
            self.typed.edition.raw_data, self.typed.edition.data = None, self.rows.edition(self.typed_key)
        self.item = self._opened()

    def _opened(self) -> RecordItem | None:
        """Which agenda item stands open: the one that was sent or asked for, else the first that nobody wrote to."""
        key = self.typed_key.split(".")[0]
        asked = int(key.removeprefix("item-")) if key.startswith("item-") else request.args.get("item", 0, type=int)
        for item in self.rows.items:
            if item.id == asked:
                return item
        if key or request.args.get("part") in (HEAD, NOTICE):
            return None
        return next((item for item in self.rows.items if not self.rows.said(item)), None) or next(
            iter(self.rows.items[-1:]), None
        )

    @property
    def part(self) -> str:
        """Which other part stands open where no agenda item does."""
        return NOTICE if NOTICE in (self.typed_key, request.args.get("part")) else HEAD

    # --- the blocks of the open agenda item

    def _shown(self, kind: BlockKind, name: str, rows: Sequence[Row]) -> list[Shown]:
        """The blocks of one list, the one just typed in its place, an empty one at the end."""
        form = self.typed if isinstance(self.typed, BlockForm) and self.typed_key.endswith(f".{kind}") else None
        id = form.id.data if form is not None else ""
        found = []
        for row in rows:
            mine = form if form is not None and str(row.id) == id else None
            if mine is None and form is not None and form.once.data and form.once.data == row.once:
                mine = form
            still = mine is None and self._known(row)
            found.append(Shown(kind, name, row, mine, still))
            form = None if mine is not None else form
        if form is not None:
            found.append(Shown(kind, name, None, form))
        if form is None or id:
            found.append(Shown(kind, name))
        return found

    def _known(self, row: Row) -> bool:
        """Whether the page that asks shows *row* as it stands."""
        return self.since is not None and row.saved_at is not None and row.saved_at < self.since

    @property
    def statements(self) -> list[Shown]:
        assert self.item is not None
        return self._shown(BlockKind.STATEMENT, f"i{self.item.id}", self.rows.said(self.item))

    @property
    def conclusions(self) -> list[Shown]:
        return self._shown(BlockKind.CONCLUSION, "conclusions", self.rows.conclusions)

    @property
    def tasks(self) -> list[Shown]:
        return self._shown(BlockKind.TASK, "tasks", self.rows.tasks)

    # --- the other parts

    def _is(self, key: str) -> bool:
        return self.typed is not None and self.typed_key == key

    @property
    def item_form(self) -> Part:
        assert self.item is not None
        item, key = self.item, item_key(self.item.id)
        if isinstance(self.typed, ItemForm) and self._is(key):
            return self.typed
        data = {
            "edition": self.rows.edition(key),
            "title": item.title,
            "starts": wall(item.starts_at).time() if item.starts_at else None,
            "ends": wall(item.ends_at).time() if item.ends_at else None,
        }
        form = ItemForm(formdata=None, data=data, prefix=prefix(key))
        return offer_days(form, self.rows.record, item.starts_at, item.ends_at)

    @property
    def head(self) -> Part:
        record = self.rows.record
        if isinstance(self.typed, HeadForm):
            return self.typed
        form = HeadForm(formdata=None, data=self._head(), prefix=prefix(HEAD))
        return offer_days(form, record, record.started_at, record.ended_at)

    def _head(self) -> dict[str, Any]:
        record = self.rows.record
        names = ("place", "attendance", "chair", "secretary", "agreed", "recipients")
        return {
            "edition": self.rows.edition(HEAD),
            "started": wall(record.started_at).time(),
            "ended": wall(record.ended_at).time() if record.ended_at else None,
            **{name: getattr(record, name) for name in names},
        }

    @property
    def notice(self) -> Part:
        if isinstance(self.typed, NoticeForm):
            return self.typed
        record = self.rows.record
        names = list(NoticeForm(formdata=None, prefix=prefix(NOTICE)).texts())
        data = {"edition": self.rows.edition(NOTICE), **{name: getattr(record, name) for name in names}}
        return NoticeForm(formdata=None, data=data, prefix=prefix(NOTICE))

    def stored(self, form: Part) -> list[tuple[str, str]]:
        """(field, what is stored there) where a part that was refused differs from what somebody saved since."""
        if form is not self.typed or not form.refusals:
            return []
        typed, self.typed = self.typed, None
        other = (
            self.head if isinstance(form, HeadForm) else self.notice if isinstance(form, NoticeForm) else self.item_form
        )
        self.typed = typed
        pairs = zip(form, other, strict=True)
        return [
            (str(theirs.label.text), theirs._value())
            for mine, theirs in pairs
            if hasattr(theirs, "_value") and theirs.short_name != "edition" and mine._value() != theirs._value()
        ]


def show(meeting: Meeting, record: Record, typed: Form | None = None, key: str = "", above: Form | None = None) -> str:
    """The editor's page; *above* is a form of the whole record that was refused."""
    rows = queries.written(record)
    since = _since()
    editor = Editor(rows, typed, key, since)
    roll = attendance.summary(meeting) if since is None else None
    writers = block_queries.writers(record, besides=actor().name, now=editor.at)
    return render_template(
        "minutes/editor.html",
        meeting=meeting,
        record=record,
        rows=rows,
        editor=editor,
        new_item=typed if isinstance(typed, NewItemForm) else NewItemForm(formdata=None, prefix="new-"),
        above=above,
        who=actor().key,
        writers=writers,
        saved_at=block_queries.saved_at(record),
        scraps=block_queries.scraps(record),
        facts=filling.facts(record, roll) if roll else [],
        events=filling.events(record, roll) if roll else [],
        noted={row.text for said in rows.statements.values() for row in said},
        concluded={row.statement_id for row in rows.conclusions},
        assigned={row.statement_id for row in rows.tasks},
        offered=_offered(meeting) if since is None else {},
        signers=signers.offers(meeting) if editor.part == "notice" else (),
        suggested=[(days, blocks.suggested_due(record, days)) for days in (10, 30)],
        **life(meeting, record),
    )


def _offered(meeting: Meeting) -> dict[str, list[tuple[str, str]]]:
    """The first names of each list, for a browser without scripts; with them the server is asked while one types."""
    return {
        "sites": [(name, "") for name in block_queries.sites(meeting, "")],
        "speakers": block_queries.speakers(meeting, "", ""),
        "units": [(name, "") for name in block_queries.units(meeting, "")],
    }


def _since() -> datetime | None:
    """When the page that asks was made: what was saved well before stands on it already."""
    try_at = request.args.get("since", "")
    seconds = float(try_at) if try_at.replace(".", "", 1).isdecimal() and len(try_at) < 20 else 0.0
    return datetime.fromtimestamp(seconds, now().tzinfo) - OVERLAP if 1e9 < seconds < 1e11 else None


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
        **standing.shown(record, who),
    }
