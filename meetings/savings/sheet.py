"""The estimate as a workbook that an accountant can check: every amount a number, every sum a formula."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final

import xlsxwriter

from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.official.verified import VERIFIED_WORDS
from meetings.official.workbook import begun, lay_out
from meetings.savings import queries
from meetings.savings.estimate import FORMULA
from meetings.savings.explain import Explainer
from meetings.savings.models import SavingsEstimate
from meetings.savings.rules import KEY_WORDS
from meetings.savings.trips import ITEMS, Mode
from meetings.savings.waterfall import CATEGORY_WORDS

_STEPS: Final = ITEMS
_MODES: Final = {Mode.NONE: "", Mode.CAR: _l("official car"), Mode.COACH: _l("coach"), Mode.AIR: _l("by air")}


def workbook(estimate: SavingsEstimate) -> bytes:
    """``.xlsx`` bytes: the sums, the sites, the norms. Text cells are written as text, never as formulas."""
    buffer = io.BytesIO()
    book = begun(buffer, f"{estimate.meeting.code} – {estimate.meeting.title}")
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    money = book.add_format({"num_format": "#,##0"})
    strong = book.add_format({"num_format": "#,##0", "bold": True})
    sites = _sites(book, estimate, bold, money, strong)
    _sums(book, estimate, bold, money, strong, sites)
    _items(book, estimate, bold, money)
    _norms(book, estimate, bold, money)
    for sheet in book.worksheets():
        lay_out(sheet, heads=None if sheet.get_name() == _("Sums") else 0)
    book.close()
    return buffer.getvalue()


def _table(sheet: Any, row: int, texts: Sequence[Any], style: Any) -> None:
    for column, text in enumerate(texts):
        sheet.write_string(row, column, str(text), style)


def _sites(book: Any, estimate: SavingsEstimate, bold: Any, money: Any, strong: Any) -> int:
    """The sheet of the sites; returns the row of its sums."""
    sheet = book.add_worksheet(_("Sites"))
    heads = [
        _("Site"),
        _("People counted"),
        _("Would have travelled"),
        _("Kilometres one way"),
        _("Way"),
        _("Nights"),
        _("Days"),
    ]
    heads += [f"{CATEGORY_WORDS[step]} – {case}" for step in _STEPS for case in (_("Low"), _("Estimate"), _("High"))]
    heads += [_("Left out because")]
    _table(sheet, 0, heads, bold)
    lines = queries.all_lines(estimate)
    reasons = {"no_count": _("no head-count"), "no_place": _("no coordinates"), "": ""}
    for row, line in enumerate(lines, start=1):
        sheet.write_string(row, 0, line.name)
        sheet.write_number(row, 1, line.people)
        _trip, mode, steps = queries.steps_of(line)
        for column, amount in ((2, steps.travelling), (3, steps.km), (5, steps.nights), (6, steps.days)):
            sheet.write_number(row, column, amount.mid)
        sheet.write_string(row, 4, str(_MODES[mode]))
        column = 7
        for step in _STEPS:
            for value in getattr(steps, step):
                sheet.write_number(row, column, value, money)
                column += 1
        sheet.write_string(row, column, reasons[line.left_out])
    total = len(lines) + 1
    sheet.write_string(total, 0, _("Total"), bold)
    for column in range(7, 7 + 3 * len(_STEPS)):
        letter = _letter(column)
        which, case = divmod(column - 7, 3)
        value = sum(line.steps.get(_STEPS[which], (0, 0, 0))[case] for line in lines)
        sheet.write_formula(total, column, f"=SUM({letter}2:{letter}{total})" if lines else "=0", strong, value)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 6, 10)
    sheet.set_column(7, 7 + 3 * len(_STEPS), 15)
    sheet.freeze_panes(1, 1)
    return total


def _letter(column: int) -> str:
    return str(xlsxwriter.utility.xl_col_to_name(column))


def _sums(book: Any, estimate: SavingsEstimate, bold: Any, money: Any, strong: Any, total: int) -> None:
    sheet = book.add_worksheet(_("Sums"))
    meeting = estimate.meeting
    sheet.write_string(
        0,
        0,
        _("Estimate of what was saved: %(code)s, version %(version)s", code=meeting.code, version=estimate.version),
        bold,
    )
    sheet.write_string(1, 0, meeting.title)
    sheet.write_string(2, 0, _("This is an estimate, not a settlement."))
    _table(sheet, 4, ["", _("Low"), _("Estimate"), _("High")], bold)
    row = 5
    beside = _("Sites")
    for key, word in CATEGORY_WORDS.items():
        if key not in estimate.sums:
            continue
        sheet.write_string(row, 0, str(word))
        for case in range(3):
            value = estimate.sums[key][case]
            if key in _STEPS:
                letter = _letter(7 + 3 * _STEPS.index(key) + case)
                sheet.write_formula(row, 1 + case, f"='{beside}'!{letter}{total + 1}", money, value)
            else:
                sheet.write_number(row, 1 + case, value, money)
        row += 1
    sheet.write_string(row, 0, _("Saved (estimate)"), bold)
    for case, value in enumerate((estimate.low, estimate.mid, estimate.high)):
        letter = _letter(1 + case)
        sheet.write_formula(row, 1 + case, f"=SUM({letter}6:{letter}{row})", strong, value)
    row += 2
    sheet.write_string(row, 0, _("Working time on the road, not added to the money"))
    for case, value in enumerate((estimate.time_low, estimate.time_mid, estimate.time_high)):
        sheet.write_number(row, 1 + case, value, money)
    sheet.set_column(0, 0, 60)
    sheet.set_column(1, 3, 18)
    sheet.activate()
    sheet.set_first_sheet()


def _items(book: Any, estimate: SavingsEstimate, bold: Any, money: Any) -> None:
    """Every amount of every site with its formula in words and the norms it stands on."""
    sheet = book.add_worksheet(_("Formulas"))
    heads = [_("Site"), _("Item"), _("Formula (estimate)"), _("Low"), _("Estimate"), _("High"), _("Norms")]
    _table(sheet, 0, heads, bold)
    explainer = Explainer(queries.values_in(estimate), queries.occasion_in(estimate))
    row = 1
    for line in queries.all_lines(estimate) if estimate.formula == FORMULA else ():
        if line.left_out:
            continue
        for item in explainer.items(*queries.steps_of(line)):
            word = CATEGORY_WORDS.get(item.item) or _("Working time, not added")
            _table_from(sheet, row, 0, [line.name, word, item.formulas[1]])
            for column, amount in enumerate(item.amounts, start=3):
                sheet.write_number(row, column, amount, money)
            _table_from(sheet, row, 6, ["; ".join(str(KEY_WORDS[norm.key]) for norm in item.norms)])
            row += 1
    sheet.set_column(0, 1, 28)
    sheet.set_column(2, 2, 70)
    sheet.set_column(3, 5, 15)
    sheet.set_column(6, 6, 60)
    sheet.freeze_panes(1, 1)


def _norms(book: Any, estimate: SavingsEstimate, bold: Any, money: Any) -> None:
    sheet = book.add_worksheet(_("Norms"))
    _table(
        sheet,
        0,
        [
            _("Norm"),
            _("Province"),
            _("Low"),
            _("Estimate"),
            _("High"),
            _("Unit"),
            _("Source"),
            _("Verification"),
            _("Changed for this meeting"),
        ],
        bold,
    )
    for row, value in enumerate(queries.norms_in(estimate).all(), start=1):
        changed = estimate.changes.get(value.key)
        sheet.write_string(row, 0, str(KEY_WORDS.get(value.key, value.key)))
        sheet.write_string(row, 1, value.province)
        for column, amount in enumerate(changed or (value.low, value.mid, value.high), start=2):
            if amount is not None:
                sheet.write_number(row, column, amount, money)
        verified = _("value not known") if value.missing else VERIFIED_WORDS[value.verified]
        _table_from(sheet, row, 5, [value.unit, value.source, verified, estimate.reason if changed else ""])
    sheet.set_column(0, 0, 46)
    sheet.set_column(1, 4, 14)
    sheet.set_column(5, 5, 22)
    sheet.set_column(6, 6, 90)
    sheet.set_column(7, 8, 36)
    sheet.freeze_panes(1, 1)


def _table_from(sheet: Any, row: int, column: int, texts: Sequence[Any]) -> None:
    for offset, text in enumerate(texts):
        sheet.write_string(row, column + offset, str(text))
