"""Save the blocks of the minutes, each by itself under its own edition: statements, notes, votes, conclusions, action items.

Two people write at once without loss. Whoever saves a block that somebody else saved since is refused with
:class:`Overtaken`, and chooses with both wordings before her; a block that somebody deleted is refused likewise. What is
deleted or not chosen is kept as a scrap until the version is approved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Final
from uuid import uuid4

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.clock import now, today, wall
from meetings.database import db
from meetings.errors import NotFound, Refused
from meetings.i18n import gettext as _
from meetings.minutes import block_queries, commands, queries, rules
from meetings.minutes.commands import Command
from meetings.minutes.content import Concluded, Content, Given, Spoken
from meetings.minutes.models import ActionItem, Conclusion, Record, RecordItem, RecordScrap, Statement
from meetings.minutes.rules import BlockKind, RecordMove, ScrapReason, StatementKind
from meetings.official.dates import clock_seconds
from meetings.scheduling import working_time

Row = Statement | Conclusion | ActionItem
TABLES: Final[dict[BlockKind, type[Row]]] = {
    BlockKind.STATEMENT: Statement,
    BlockKind.CONCLUSION: Conclusion,
    BlockKind.TASK: ActionItem,
}


_KIND: Final[dict[type[Content], BlockKind]] = {
    Spoken: BlockKind.STATEMENT,
    Concluded: BlockKind.CONCLUSION,
    Given: BlockKind.TASK,
}
_OF: Final[dict[type[Row], type[Content]]] = {Statement: Spoken, Conclusion: Concluded, ActionItem: Given}


@dataclass(frozen=True)
class Page:
    """The block as it stood on the page that was sent: which one, at which edition, under which agenda item.

    *once* is the key the block was made under: the same page sent twice makes one block, and a block that was deleted is
    not mistaken for another that has its number now. *typing*: the writer has not left the text yet,
    so no line of it is turned into anything.
    """

    id: int | None = None
    edition: int = 0
    item: RecordItem | None = None
    once: str | None = None
    typing: bool = False


class Overtaken(Refused):
    """Somebody saved or deleted the block since the page was made: both wordings are kept, and a person chooses."""


def hold(record: Record) -> None:
    """Let one writer at a time save something of *record*, and only while its text may be changed."""
    db.session.refresh(record, with_for_update=True)
    rules.after(record.status, RecordMove.SAVE)


# --- saving ----------------------------------------------------------------------------------------------------------


def save(record: Record, page: Page, content: Content, *, actor: Actor) -> Row | None:
    """Keep *content* as the block of *page*; the row it stands in now, None where its lines became other blocks.

    An empty text takes the block away.
    """
    hold(record)
    row = _standing(record, page, content)
    if row is None and page.id is not None:
        if _turned(record, _of(page)):
            return None  # its lines became other blocks, and the answer that said so was lost
        raise Overtaken(_gone(record, page, content))
    if row is None and page.once and _turned(record, page.once):
        return None
    if row is not None and row.edition != page.edition and not _same(row, content):
        alone = row.saved_by == actor.name and row.edition == page.edition + 1
        if alone and _turned_already(row, content):
            return row  # the answer to this very save was lost on its way
        if not (alone and page.edition == 0 and row.once):  # else the first answer was lost, and its writer typed on
            raise Overtaken(_overtaken(row, actor))
    if not content.text:
        if row is None:
            _check_worded(content)
        else:
            _scrap(record, row, ScrapReason.REMOVED, actor)
            db.session.delete(row)
            _journal(record, row, actor, "removed")
            db.session.flush()
        return None
    if isinstance(content, Spoken) and not page.typing:
        return _turn(record, row, page, content, actor)
    return _keep(record, row, page, content, actor)


def add(record: Record, content: Content, *, item: RecordItem | None = None, actor: Actor) -> Row:
    """Write *content* into a new block, below the others."""
    hold(record)
    return _keep(record, None, Page(item=item), content, actor)


def _standing(record: Record, page: Page, content: Content) -> Row | None:
    """The row behind *page*: by its id, or by the key under which it was made."""
    kind = _KIND[type(content)]
    if page.id is not None:
        row = block_queries.block_row(record, kind, page.id)
        known = row is not None and page.once in (None, row.once or "")
        return row if known else None
    return block_queries.made_once(record, kind, page.once) if page.once else None


def _of(page: Page) -> str:
    """The key of what an existing block was turned into."""
    return f"of-{page.once or page.id}"


def _turned(record: Record, once: str) -> bool:
    return any(block_queries.made_once(record, kind, once) is not None for kind in TABLES)


def _turned_already(row: Row, content: Content) -> bool:
    """Whether *row* is what stays of *content* once its command lines are taken out."""
    read = commands.read(content.text)
    return bool(read.made) and _same(row, replace(content, text=read.rest))


def _check_worded(content: Content) -> None:
    if any(value for name, value in asdict(content).items() if name not in ("kind", "due_on")):
        raise Refused(_("Write the text of this block, or clear its other fields."), field="text", status=422)


def _same(row: Row, content: Content) -> bool:
    return content_of(row) == content


def content_of(row: Row) -> Content:
    """What stands in *row*, as somebody would type it."""
    kind = _OF[type(row)]
    return kind(**{name: getattr(row, name) for name in kind.__dataclass_fields__})


def _overtaken(row: Row, actor: Actor) -> str:
    at = clock_seconds(row.saved_at) if row.saved_at else ""
    if row.saved_by == actor.name:
        return _("This block was saved in another window of this account at %(time)s. Choose a wording.", time=at)
    return _("%(name)s saved this block at %(time)s. Choose a wording.", name=row.saved_by or _("Somebody"), time=at)


def _gone(record: Record, page: Page, content: Content) -> str:
    scrap = block_queries.scrap_of(record, _KIND[type(content)], page.id or 0)
    if scrap is None:
        return _("This block is not in the minutes any more. What was typed stands here; save it as a new one.")
    return _(
        "%(name)s deleted this block at %(time)s. What was typed stands here; save it as a new one.",
        name=scrap.by,
        time=clock_seconds(scrap.at),
    )


def _keep(record: Record, row: Row | None, page: Page, content: Content, actor: Actor) -> Row:
    """Write *content* into *row*, or into a new one at the end of its list."""
    if row is None:
        row = _made(record, page.item, content, once=page.once)
    elif _same(row, content) and not getattr(row, "machine_made", False):
        return row
    for name, value in asdict(content).items():
        setattr(row, name, value)
    if isinstance(row, Statement):
        _placed(record, row)
        row.machine_made = False  # a person has read it
    elif isinstance(row, ActionItem):
        row.lead_unit_id = block_queries.unit_called(record.meeting, row.lead)
    row.edition = (row.edition or 0) + 1
    row.saved_at, row.saved_by = now(), actor.name
    db.session.flush()
    _journal(record, row, actor, "saved")
    return row


def _made(record: Record, item: RecordItem | None, content: Content, *, once: str | None = None) -> Row:
    row: Row
    if isinstance(content, Spoken):
        if item is None:
            raise NotFound(_("This agenda item is not part of the minutes."))
        row = Statement(item_id=item.id, text="")
        beside: Sequence[Row] = queries.statements_of(item)
    else:
        table = TABLES[_KIND[type(content)]]
        row = table(record_id=record.id, item_id=item.id if item else None, text="")
        beside = block_queries.of_record(record, _KIND[type(content)])
    row.once = once or uuid4().hex
    row.position = max((other.position for other in beside), default=0) + 1
    db.session.add(row)
    return row


def _placed(record: Record, row: Statement) -> None:
    """Find the site and the speaker among those of the meeting; a speaker who is on one roster brings his site along."""
    site = block_queries.meeting_site_called(record.meeting, row.site) if row.site else None
    who = block_queries.delegate_called(record.meeting, row.speaker, site) if row.speaker else None
    if who is not None and site is None and not row.site:
        site, row.site = who.meeting_site, who.meeting_site.name
    row.meeting_site_id = site.id if site else None
    row.delegate_id = who.id if who else None


def _turn(record: Record, row: Row | None, page: Page, content: Spoken, actor: Actor) -> Row | None:
    """Keep what was said, and make of its command lines what they ask for."""
    read = commands.read(content.text)
    stays: Row | None = row
    if read.rest:
        stays = _keep(record, row, page, replace(content, text=read.rest), actor)
    elif row is not None and read.made:
        db.session.delete(row)
        stays = None
    once = None if read.rest else _of(page) if page.id is not None else page.once
    for made in read.made:
        at = Page(item=page.item, once=once)
        given = _content(made, record, content)
        if isinstance(given, Spoken) and row is not None and stays is None:
            _keep(record, _made_in_place(row, page), at, given, actor)
        else:
            new = _keep(record, None, at, given, actor)
            if not isinstance(new, Statement):
                new.statement_id = stays.id if stays is not None else None
        once = None
    db.session.flush()
    return stays


def _made_in_place(row: Row, page: Page) -> Statement:
    """A row where a statement stood that became a vote or a note."""
    new = Statement(item_id=page.item.id if page.item else 0, position=row.position, text="", once=_of(page))
    db.session.add(new)
    return new


def _content(made: commands.Made, record: Record, said: Spoken) -> Content:
    """The block that a command line asks for."""
    if made.command is Command.CONCLUSION:
        return Concluded(made.text)
    if made.command is Command.NOTE:
        return Spoken(made.text, kind=StatementKind.NOTE)
    if made.command is Command.VOTE:
        text, (yes, no, none) = commands.counts(made.text)
        return Spoken(text or made.text, said.site, said.speaker, StatementKind.VOTE, yes, no, none)
    text, due = commands.due(made.text, today=max(today(), wall(record.started_at).date()))
    lead, what = commands.lead(text)
    if block_queries.unit_called(record.meeting, lead) is None:
        lead, what = "", text
    return Given(what, lead, "", due or suggested_due(record))


def _journal(record: Record, row: Row, actor: Actor, what: str) -> None:
    part = f"{block_queries.kind_of(row)}-{row.id}"
    journal.record("record.saved", record, actor=actor, part=part, edition=row.edition, what=what)


def suggested_due(record: Record, days: int = 10) -> date:
    """The day that is *days* working days after the meeting of *record*, holidays left out."""
    return working_time.calendar().add_working_days(wall(record.started_at).date(), days)


# --- what else is done with a block ----------------------------------------------------------------------------------


def block(record: Record, kind: BlockKind, id: int) -> Row:
    """One block of *record*; raises :class:`NotFound` when it is not there any more."""
    row = block_queries.block_row(record, kind, id)
    if row is None:
        raise NotFound(_("This block is not in the minutes any more."))
    return row


def replace_with_mine(record: Record, page: Page, content: Content, *, actor: Actor) -> Row | None:
    """Keep *content* over what is stored, which becomes a scrap: the choice of whoever saw both."""
    hold(record)
    row = _standing(record, page, content)
    if row is not None and row.edition == page.edition and not _same(row, content):
        _scrap(record, row, ScrapReason.REPLACED, actor)
    return save(record, page, content, actor=actor)


def merge(record: Record, page: Page, content: Content, *, actor: Actor) -> Row | None:
    """Keep both wordings in one block; of its other fields what was typed, or what is stored where nothing was."""
    hold(record)
    row = _standing(record, page, content)
    if row is None or row.edition != page.edition:
        return save(record, page, content, actor=actor)
    stored = asdict(content_of(row))
    both = {name: value or stored[name] for name, value in asdict(content).items()}
    both["text"] = commands.merged(row.text, content.text)
    return save(record, page, type(content)(**both), actor=actor)


def leave(record: Record, page: Page, content: Content, *, actor: Actor) -> Row | None:
    """Let what is stored stand; what was typed becomes a scrap."""
    hold(record)
    row = _standing(record, page, content)
    if content.text and (row is None or not _same(row, content)):
        data = _plain(asdict(content))
        _add_scrap(record, content, data, page.item, row.id if row else None, ScrapReason.NOT_TAKEN, actor)
        journal.record("record.saved", record, actor=actor, part=f"{_KIND[type(content)]}", edition=0, what="left")
    return row


def remove(record: Record, row: Row, *, actor: Actor) -> None:
    """Take a block away; it can be put back."""
    hold(record)
    _scrap(record, row, ScrapReason.REMOVED, actor)
    db.session.delete(row)
    db.session.flush()
    _journal(record, row, actor, "removed")


def restore(record: Record, scrap: RecordScrap, *, actor: Actor) -> Row:
    """Put a scrap back: a deleted block where it stood, another wording below the others."""
    hold(record)
    data = dict(scrap.data)
    item = queries.item(record, scrap.item_id or 0)
    if item is None and scrap.kind is BlockKind.STATEMENT:  # its agenda item was taken out since
        item = next(iter(queries.written(record).items), None)
    kind = next(content for content, of in _KIND.items() if of is scrap.kind)
    if data.get("due_on"):
        data["due_on"] = date.fromisoformat(data["due_on"])
    content = kind(**{name: data[name] for name in kind.__dataclass_fields__})
    if isinstance(content, Spoken):
        content = replace(content, kind=StatementKind(content.kind))
    row = _keep(record, None, Page(item=item), content, actor)
    for name in ("statement_id", "origin_id", "position"):
        if name in data and (name != "position" or scrap.reason is ScrapReason.REMOVED):
            setattr(row, name, data[name])
    db.session.delete(scrap)
    db.session.flush()
    return row


def move(record: Record, row: Row, *, down: bool, actor: Actor) -> None:
    """Put *row* one place higher or lower in its list."""
    hold(record)
    beside: list[Row] = list(
        queries.statements_of(row.item)
        if isinstance(row, Statement)
        else block_queries.of_record(record, block_queries.kind_of(row))
    )
    at = beside.index(row)
    to = at + (1 if down else -1)
    if 0 <= to < len(beside):
        beside[at], beside[to] = beside[to], beside[at]
        for place, one in enumerate(beside, 1):
            one.position = place
        _journal(record, row, actor, "moved")
    db.session.flush()


def move_to(record: Record, row: Statement, item: RecordItem, *, actor: Actor) -> None:
    """Put a statement under another agenda item, below what stands there."""
    hold(record)
    if row.item_id != item.id:
        row.position = max((one.position for one in queries.statements_of(item)), default=0) + 1
        row.item_id = item.id
        db.session.flush()
        _journal(record, row, actor, "moved")


def conclude(record: Record, statement: Statement, *, actor: Actor) -> Conclusion:
    """Make *statement* a conclusion too; once."""
    hold(record)
    made = block_queries.made_of(record, BlockKind.CONCLUSION, statement)
    made = made or _keep(record, None, Page(item=statement.item), Concluded(commands.capital(statement.text)), actor)
    assert isinstance(made, Conclusion)
    made.statement_id = statement.id
    db.session.flush()
    return made


def assign(record: Record, statement: Statement, *, actor: Actor) -> ActionItem:
    """Make *statement* an action item too, due ten working days after the meeting; once. It stays as its source."""
    hold(record)
    made = block_queries.made_of(record, BlockKind.TASK, statement)
    if made is None:
        given = _content(commands.Made(Command.TASK, commands.capital(statement.text)), record, Spoken(""))
        made = _keep(record, None, Page(item=statement.item), given, actor)
    assert isinstance(made, ActionItem)
    made.statement_id = statement.id
    db.session.flush()
    return made


def settle(record: Record, *, actor: Actor) -> int:
    """Turn the command lines that were still being typed when their page was left; how many blocks held some."""
    found = list(block_queries.commanded(record))
    for item, row in found:
        save(record, Page(row.id, row.edition, item), content_of(row), actor=actor)
    return len(found)


def forget_scraps(record: Record) -> None:
    """The text of *record* stands: what was taken out of it is not kept any longer."""
    db.session.execute(sa.delete(RecordScrap).where(RecordScrap.record_id == record.id))


def _scrap(record: Record, row: Row, reason: ScrapReason, actor: Actor) -> None:
    names = [*_OF[type(row)].__dataclass_fields__, "position", "statement_id", "origin_id"]
    data = _plain({name: getattr(row, name) for name in names if hasattr(row, name)})
    item = queries.item(record, row.item_id or 0)
    _add_scrap(record, content_of(row), data, item, row.id, reason, actor)


def _add_scrap(
    record: Record,
    content: Content,
    data: dict[str, Any],
    item: RecordItem | None,
    id: int | None,
    reason: ScrapReason,
    actor: Actor,
) -> None:
    db.session.add(
        RecordScrap(
            record_id=record.id,
            item_id=item.id if item else None,
            block_id=id,
            kind=_KIND[type(content)],
            reason=reason,
            text=content.text,
            data=data,
            at=now(),
            by=actor.name,
        )
    )
    db.session.flush()


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """*values* as JSON holds them."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
