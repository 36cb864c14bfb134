"""Lists of sites in two steps: first what would happen, line by line and stored; then one button that does just that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.clock import now, today
from meetings.database import db
from meetings.directory import checking, matching, queries
from meetings.directory.checking import Cells, Holder, Standing
from meetings.directory.columns import Column, plan
from meetings.directory.matching import Found
from meetings.directory.models import BatchStatus, Contact, Duty, ImportBatch, ImportRow, Site
from meetings.directory.services import sites as site_services
from meetings.directory.tables import Grid
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.official import legacy_fonts
from meetings.units.models import Unit

_FACTS: Final = {
    Column.PLACE: "place",
    Column.SEATS: "seats",
    Column.EQUIPMENT: "equipment",
    Column.DIAL: "dial_string",
}


def preview(grid: Grid, unit: Unit, *, source: str, actor: Actor) -> ImportBatch:
    """Store what *grid* would do to the sites of *unit* and below. Nothing of it is done yet."""
    batch = ImportBatch(
        unit_id=unit.id,
        user_id=actor.user_id or 0,
        source=source[:300],
        status=BatchStatus.PREVIEW,
        grid=grid,
        columns=[],
        made_at=now(),
    )
    batch.unit = unit
    db.session.add(batch)
    _understand(batch, actor)
    return batch


def _understand(batch: ImportBatch, actor: Actor) -> None:
    found = plan(batch.grid)
    _read(batch, [str(column or "") for column in found.columns], found.head_rows, actor)


def reread(batch: ImportBatch, *, actor: Actor, columns: Sequence[str] = (), font: str = "") -> None:
    """Read the list again: with its cells converted from an old *font*, or with *columns* meaning something else."""
    _still_open(batch)
    if font:
        old = legacy_fonts.Font(font)
        batch.grid = [[legacy_fonts.to_unicode(cell, old) for cell in row] for row in batch.grid]
        batch.font = font
        _understand(batch, actor)
        return
    known = [str(Column(column)) if column in set(Column) else "" for column in columns]
    if len([column for column in known if column]) > len({column for column in known if column}):
        raise Refused(_("Two columns cannot have the same meaning."), status=422)
    _read(batch, known, batch.head_rows, actor)


def _read(batch: ImportBatch, columns: list[str], head_rows: int, actor: Actor) -> None:
    if not {Column.UNIT, Column.CODE} & set(columns):
        raise Refused(
            _("No column holds the unit or its code. Give the list a header with “Unit” or “Code”."),
            field="pasted",
            status=422,
        )
    batch.columns, batch.head_rows = columns, head_rows
    db.session.flush()
    db.session.execute(sa.delete(ImportRow).where(ImportRow.batch_id == batch.id))
    found = checking.lines(batch.grid, columns, head_rows)
    if not found:
        raise Refused(_("There are no lines below the header."), field="pasted", status=422)
    reach = _Reach(batch.unit, actor)
    rows = [
        ImportRow(
            batch_id=batch.id,
            number=number,
            cells=cells,
            faults=[],
            effects=[],
            good=False,
            skipped=False,
            applied=False,
        )
        for number, cells in found
    ]
    for row in rows:
        _check(row, reach, columns)
    _judge(rows)
    db.session.add_all(rows)
    db.session.flush()


class _Reach:
    """What a list may mean: the sites of its unit. What lies beyond is known only to say so, not that it does not exist."""

    def __init__(self, unit: Unit, actor: Actor) -> None:
        self.unit, self.actor = unit, actor
        self.register = queries.register([unit.path], today())

    @cached_property
    def country(self) -> matching.Register:
        return queries.register(["/"], today())

    @cached_property
    def allowed(self) -> set[int]:
        paths = self.actor.paths("site.edit")
        return set(db.session.scalars(queries.importable(paths, today()).with_only_columns(Site.id)))

    def find(self, cells: Cells) -> Found:
        said = cells.get("code", ""), cells.get("unit", ""), cells.get("province", "")
        found = self.register.find(*said)
        if (
            self.unit.parent_id is None
            or found.why not in ("unknown", "code")
            or matching.of_another_kind(found, said[1])
        ):
            return found
        wide = self.country.find(*said, suggest=False)
        if wide.why == "disagree":
            return Found(None, "disagree")
        meant = [wide.place] if wide.place else wide.near if wide.why == "ambiguous" else []
        if not meant:
            return found
        mine = any(place.key in self.allowed for place in meant)
        return Found(None, "outside_unit" if mine else "outside_account", found.near)


def _check(row: ImportRow, reach: _Reach, columns: Iterable[str]) -> None:
    """What is wrong with *row* by itself."""
    cells: Cells = dict(row.cells)
    found = reach.find(cells)
    row.site_id = found.place.key if found.place else None
    if found.place and not cells.get("unit"):
        row.cells = cells = {**cells, "unit": found.place.name}
    row.faults = [fault.stored() for fault in checking.faults(cells, found, columns)]


def _judge(rows: Sequence[ImportRow]) -> None:
    """What is wrong between the lines, and what the right ones would do."""
    again = matching.repeated([row.site_id for row in rows])
    standing = _standing([row.site_id for row in rows if row.site_id])
    for index, row in enumerate(rows):
        faults = [fault for fault in row.faults if fault["why"] != "repeated"]
        if index in again:
            faults.append({"column": "unit", "why": "repeated", "values": {"line": rows[again[index]].number}})
        effects = []
        if not faults and row.site_id:
            effects = [effect.stored() for effect in checking.effects(row.cells, standing[row.site_id])]
        # written only where different: a list of thousands is judged anew after each line that is mended
        if (row.faults, row.effects, row.good) != (faults, effects, not faults):
            row.faults, row.effects, row.good = faults, effects, not faults


def _standing(site_ids: Sequence[int]) -> dict[int, Standing]:
    held = queries.in_office(site_ids)
    found: dict[int, Standing] = {}
    for start in range(0, len(site_ids), 900):
        for site in db.session.scalars(sa.select(Site).where(Site.id.in_(site_ids[start : start + 900]))):
            facts = {str(column): str(getattr(site, name) or "") for column, name in _FACTS.items()}
            found[site.id] = Standing({duty: _holder(who) for duty, who in held.get(site.id, {}).items()}, facts)
    return found


def _holder(who: Contact) -> Holder:
    return Holder(who.honorific, who.name, who.title, who.phone, who.email)


def _still_open(batch: ImportBatch) -> None:
    if batch.status is not BatchStatus.PREVIEW:
        raise Refused(_("This list has been taken over or put away already. Paste it again to change something."))


def _rows(batch: ImportBatch, numbers: Iterable[int]) -> list[ImportRow]:
    """The lines of these numbers. Raises ``Refused`` where there is no such line."""
    wanted = set(numbers)
    rows = list(db.session.scalars(queries.rows_of(batch).where(ImportRow.number.in_(wanted))))
    if len(rows) < len(wanted):
        raise Refused(_("There is no such line in this list."), status=404)
    return rows


def mend(batch: ImportBatch, lines: Mapping[int, Mapping[str, str]], *, actor: Actor) -> list[ImportRow]:
    """Write cells over those of the wrong ones among *lines* (number → cells), and check them anew.

    Returns what was written over; whether a line is right now stands in it. A line that has become right stays as it is: the
    page it was typed on is older.
    """
    _still_open(batch)
    rows = [row for row in _rows(batch, lines) if not row.good]
    reach = _Reach(batch.unit, actor)
    for row in rows:
        cells = lines[row.number]
        kept = {key: text for key, text in {**row.cells, **cells}.items() if text}
        if "name" in cells and "honorific" not in cells:
            kept.pop("honorific", None)  # it belonged to the name that stood here
        row.cells = checking.regular(kept)
        _check(row, reach, {*batch.columns, *(key for key, text in cells.items() if text)})
    _judge(db.session.scalars(queries.rows_of(batch)).all())
    db.session.flush()
    return rows


def skip(batch: ImportBatch, number: int, skipped: bool, *, actor: Actor) -> None:
    """Leave a right line out by wish, or take it in again."""
    _still_open(batch)
    for row in _rows(batch, [number]):
        row.skipped = skipped


def discard(batch: ImportBatch, *, actor: Actor) -> None:
    """Put the list away; nothing of it was done, and what it held is not kept."""
    if batch.status is BatchStatus.PREVIEW:
        batch.status, batch.grid = BatchStatus.DISCARDED, []
        db.session.execute(sa.delete(ImportRow).where(ImportRow.batch_id == batch.id))


def apply(batch: ImportBatch, *, actor: Actor) -> int:
    """Do what the preview shows: the right lines, from what is stored of them. Pressed twice, it is done once.

    Returns how many lines were taken. *batch* must have been read with its lock (``batch_for(…, lock=True)``).
    """
    if batch.status is BatchStatus.APPLIED:
        return queries.tally(batch).taken
    _still_open(batch)
    offered = set(db.session.scalars(queries.importable([batch.unit.path], today()).with_only_columns(Site.id)))
    rows = db.session.scalars(queries.rows_of(batch, "right")).all()
    if not rows:
        raise Refused(_("There is no right line to take over yet. Mend one first."), status=422)
    taken = []
    for row in rows:
        if row.site_id in offered:
            taken.append(row)
        else:
            row.good, row.effects = False, []
            row.faults = [{"column": "unit", "why": "unit_gone", "values": {}}]
    _carry_out(taken, actor)
    for row in taken:
        row.applied = True
    batch.status, batch.applied_at, batch.grid = BatchStatus.APPLIED, now(), []
    db.session.flush()
    left = queries.tally(batch)
    journal.record(
        "import.applied", batch, actor=actor, source=batch.source, taken=len(taken), left=left.wrong + left.skipped
    )
    return len(taken)


def _carry_out(rows: Sequence[ImportRow], actor: Actor) -> None:
    """Thousands of people and facts in a handful of statements, one entry of the journal each."""
    ids = [row.site_id for row in rows if row.site_id]
    held, at = queries.in_office(ids), now()
    sites: dict[int, Site] = {}
    for start in range(0, len(ids), 900):
        for site in db.session.scalars(sa.select(Site).where(Site.id.in_(ids[start : start + 900]))):
            sites[site.id] = site
    named: list[tuple[Contact, str]] = []
    changed: list[tuple[Site, dict[str, Any]]] = []
    for row in rows:
        site = sites[row.site_id or 0]
        for duty in Duty:
            new, old = checking.holder(row.cells, duty), held.get(site.id, {}).get(duty)
            if new is None:
                continue
            if old is not None and checking.same_person(new, _holder(old)):
                full = checking.filled_from(new, _holder(old))
                site_services.correct_contact(old, actor=actor, **vars(full))
                continue
            if old is not None:
                old.valid_to = at
            made = Contact(site_id=site.id, duty=duty, valid_from=at, valid_to=None, **vars(new))
            named.append((made, old.name if old else ""))
        facts = {name: row.cells[column] for column, name in _FACTS.items() if row.cells.get(column)}
        before = {name: getattr(site, name) for name in facts}
        after: dict[str, Any] = {name: int(text) if name == "seats" else text for name, text in facts.items()}
        if before != after:
            for name, value in after.items():
                setattr(site, name, value)
            changed.append(
                (site, {name: [before[name], value] for name, value in after.items() if before[name] != value})
            )
    db.session.add_all(contact for contact, _before in named)
    db.session.flush()
    journal.record_each(
        "contact.named",
        [contact for contact, _before in named],
        actor=actor,
        details=[
            {"site": sites[c.site_id].code, "site_id": c.site_id, "duty": c.duty, "name": c.name, "before": before}
            for c, before in named
        ],
    )
    journal.record_each(
        "site.changed",
        [site for site, _change in changed],
        actor=actor,
        details=[{"changed": change} for _site, change in changed],
    )
