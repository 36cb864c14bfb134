"""A list of sites in two steps: brought, looked at, mended in place, taken over with one button."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from meetings.accounts.access import actor, requires
from meetings.directory import queries, services, sheets, tables
from meetings.directory.columns import Column
from meetings.directory.forms import ImportForm
from meetings.directory.models import BatchStatus
from meetings.directory.persons import spoken
from meetings.directory.views import bp
from meetings.directory.views.sites import download
from meetings.directory.wording import COLUMN_WORDS, effect, fault
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.official import legacy_fonts, numbers
from meetings.web import notice
from meetings.web.forms import answer
from meetings.web.pages import SIZE, asked_page, page_of

FONT_WORDS = {"tcvn3": "TCVN3 (ABC)", "vni": "VNI"}


@bp.route("/import", methods=["GET", "POST"])
@requires("site.edit")
def imports() -> Response:
    scopes = queries.scopes(actor())
    form = ImportForm()
    form.unit.choices = [SelectChoice(unit.id, unit.full_name) for unit in scopes]

    def act() -> Response:
        unit = next(unit for unit in scopes if unit.id == form.unit.data)
        file = form.file.data
        if (form.pasted.data or "").strip():
            grid, source = tables.from_text(form.pasted.data), _("pasted")
        else:
            grid, source = tables.from_file(file.filename or "", file.read()), tables.clean(file.filename or "")
        batch = services.preview(grid, unit, source=source, actor=actor())
        return redirect(url_for(".import_preview", batch_id=batch.id), 303)

    return answer(
        form, act, lambda: render_template("directory/import.html", form=form, batches=queries.batches(actor()))
    )


@bp.get("/import/sample.xlsx")
@requires("site.edit")
def import_sample() -> Response:
    columns = [Column.CODE, Column.UNIT, Column.NAME, Column.TITLE, Column.PHONE, Column.EMAIL, Column.TECHNICIAN_NAME]
    columns += [Column.TECHNICIAN_PHONE, Column.PLACE, Column.SEATS, Column.EQUIPMENT, Column.DIAL]
    return download(
        sheets.workbook(_("Sites"), [str(COLUMN_WORDS[c]) for c in columns], []), "mau-danh-sach-diem-cau.xlsx"
    )


@bp.get("/import/<int:batch_id>")
@requires("site.edit")
def import_preview(batch_id: int) -> str:
    batch = queries.batch_for(actor(), batch_id)
    tally = queries.tally(batch)
    if batch.status is not BatchStatus.PREVIEW:
        left = page_of(queries.rows_of(batch, "left"), asked_page())
        return render_template(
            "directory/import_result.html",
            batch=batch,
            tally=tally,
            page=left,
            fault=fault,
            words=COLUMN_WORDS,
            spoken=spoken,
        )
    which = request.args.get("show", "")
    if which not in ("wrong", "right", "skipped", "all"):
        which = "wrong" if tally.wrong else "right"
    sample = "\n".join(" ".join(row) for row in batch.grid[:200])
    return render_template(
        "directory/import_preview.html",
        batch=batch,
        tally=tally,
        outside="" if tally.right or tally.skipped else queries.all_outside(batch),
        which=which,
        page=page_of(queries.rows_of(batch, which), asked_page()),
        columns=[column for column in Column if column in batch.columns and column is not Column.HONORIFIC],
        editable=_editable(batch.columns),
        all_columns=[column for column in Column if column is not Column.HONORIFIC],
        heads=_heads(batch.grid, batch.columns, batch.head_rows),
        font=legacy_fonts.suspected(sample) if not batch.font else None,
        font_words=FONT_WORDS,
        words=COLUMN_WORDS,
        fault=fault,
        effect=effect,
        spoken=spoken,
        sites=queries.sites_of_batch(batch),
    )


def _editable(columns: list[str]) -> list[Column]:
    """What can be typed over in a wrong line: the unit, the coordinator, and whatever else the list has."""
    always = (Column.UNIT, Column.NAME, Column.PHONE, Column.EMAIL)
    return [c for c in Column if (c in columns or c in always) and c not in (Column.HONORIFIC, Column.PROVINCE)]


def _heads(grid: list[list[str]], columns: list[str], head_rows: int) -> list[tuple[int, str, str, str]]:
    """Each column of the source: its number, head, meaning, and the first thing that stands in it."""
    heads = []
    for number, column in enumerate(columns):
        head = grid[head_rows - 1][number] if head_rows and number < len(grid[head_rows - 1]) else ""
        below = next((row[number] for row in grid[head_rows:] if number < len(row) and row[number]), "")
        heads.append((number, head, column, below[:40]))
    return heads


def _back(batch_id: int, line: int | None = None) -> Response:
    """The same part of the preview, at the line that was worked on."""
    asked: dict[str, Any] = {name: request.args[name][:10] for name in ("show", "page") if name in request.args}
    return redirect(
        url_for(".import_preview", batch_id=batch_id, **asked, _anchor=f"line-{line}" if line else None), 303
    )


@bp.post("/import/<int:batch_id>/lines")
@requires("site.edit")
def mend_lines(batch_id: int) -> Response:
    batch = queries.batch_for(actor(), batch_id, lock=True)
    pressed, _colon, code = request.form.get("choose", request.form.get("save", "")).partition(":")
    typed = _typed()
    line = numbers.read(pressed)
    if code and line is not None:
        typed[line] = {**typed.get(line, {}), "code": tables.clean(code)[:40], "unit": ""}
    if len(typed) > SIZE:
        raise Refused(_("At most %(most)s lines are mended at once.", most=SIZE), status=422)
    rows = services.mend(batch, typed, actor=actor())
    right, wrong = [row.number for row in rows if row.good], [row.number for row in rows if not row.good]
    if right or wrong:
        notice(_mended(right, wrong), "done" if right else "warn")
    return _back(batch_id, next((number for number in wrong if number == line), None))


def _typed() -> dict[int, dict[str, str]]:
    """What was typed in the lines of the page, by number and column: the field ``7-email`` is of line 7."""
    lines: dict[int, dict[str, str]] = {}
    for name, text in request.form.items():
        number, _hyphen, column = name.partition("-")
        line = numbers.read(number)
        if line is not None and column in set(Column):
            lines.setdefault(line, {})[column] = tables.clean(text)[: tables.MAX_CELL]
    return lines


def _mended(right: list[int], wrong: list[int]) -> str:
    """What came of a press: which line is right now, or how many; which still needs mending, or how many."""
    said = []
    if len(right) == 1:
        said.append(_("Line %(number)s is right now.", number=right[0]))
    elif right:
        said.append(ngettext("%(num)s line is right now.", "%(num)s lines are right now.", len(right)))
    if len(wrong) == 1:
        said.append(_("Line %(number)s still needs mending.", number=wrong[0]))
    elif wrong:
        said.append(ngettext("%(num)s line still needs mending.", "%(num)s lines still need mending.", len(wrong)))
    return " ".join(said)


@bp.post("/import/<int:batch_id>/lines/<int:number>/skip")
@requires("site.edit")
def skip_line(batch_id: int, number: int) -> Response:
    batch = queries.batch_for(actor(), batch_id, lock=True)
    services.skip(batch, number, request.form.get("skip") == "yes", actor=actor())
    return _back(batch_id)


@bp.post("/import/<int:batch_id>/font")
@requires("site.edit")
def convert_font(batch_id: int) -> Response:
    batch = queries.batch_for(actor(), batch_id, lock=True)
    font = request.form.get("font", "")
    if font in FONT_WORDS:
        services.reread(batch, font=font, actor=actor())
        notice(_("The list has been converted to Unicode."))
    return _back(batch_id)


@bp.post("/import/<int:batch_id>/columns")
@requires("site.edit")
def change_columns(batch_id: int) -> Response:
    batch = queries.batch_for(actor(), batch_id, lock=True)
    columns = [request.form.get(f"column-{n}", "")[:40] for n in range(len(batch.columns))]
    services.reread(batch, columns=columns, actor=actor())
    notice(_("The list has been read again."))
    return _back(batch_id)


@bp.post("/import/<int:batch_id>/apply")
@requires("site.edit")
def apply_import(batch_id: int) -> Response:
    batch = queries.batch_for(actor(), batch_id, lock=True)
    fresh = batch.status is BatchStatus.PREVIEW
    taken = services.apply(batch, actor=actor())
    if fresh:
        notice(ngettext("%(num)s line has been taken over.", "%(num)s lines have been taken over.", taken))
    return redirect(url_for(".import_preview", batch_id=batch_id), 303)


@bp.post("/import/<int:batch_id>/discard")
@requires("site.edit")
def discard_import(batch_id: int) -> Response:
    services.discard(queries.batch_for(actor(), batch_id, lock=True), actor=actor())
    notice(_("The list has been put away. Nothing was changed."))
    return redirect(url_for(".imports"), 303)


@bp.get("/import/<int:batch_id>/left.xlsx")
@requires("site.edit")
def import_left(batch_id: int) -> Response:
    batch = queries.batch_for(actor(), batch_id)
    columns = [column for column in Column if column in batch.columns]
    rows = []
    for row in queries.lines_left(batch):
        why = " ".join(map(fault, row.faults)) or _("left out by wish")
        rows.append([str(row.number), *(row.cells.get(column, "") for column in columns), why])
    heads = [_("Line of the list"), *(str(COLUMN_WORDS[column]) for column in columns), _("Why it was not taken")]
    return download(sheets.workbook(_("Lines not taken"), heads, rows), f"dong-chua-nhan-{batch.id}.xlsx")
