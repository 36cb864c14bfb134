"""The estimate as a plain table (CSV): a line for each site, one for each cost of the whole meeting, and the sum of all.

The three columns of the whole add up to the last line. Every amount says in its head that it is an estimate, and of which case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.official.delimited import written
from meetings.savings import papers, queries
from meetings.savings.estimate import NO_COUNT
from meetings.savings.models import SavingsEstimate, SavingsLine
from meetings.savings.rules import KEY_WORDS
from meetings.savings.trips import ITEMS, Source
from meetings.savings.waterfall import CATEGORY_WORDS

Cell = str | int | None
_WAYS: Final = {
    "none": _l("would not have travelled"),
    "car": _l("official car"),
    "road": _l("official car"),  # as the first formula called it
    "coach": _l("coach"),
    "air": _l("by air"),
}
_SOURCES: Final = {
    Source.GREAT_CIRCLE: _l("great circle × winding of roads"),
    Source.TABLE: _l("table of distances"),
    Source.MAP: _l("map service"),
    Source.LOCAL: _l("the town of the venue"),
}
_WHY: Final = {"no_count": _l("left out: no head-count"), "no_place": _l("left out: no coordinates")}
_FACTS: Final = 12
"""Columns before the first amount."""


def table(estimate: SavingsEstimate) -> bytes:
    """The bytes of the .csv."""
    return written(rows(estimate))


def rows(estimate: SavingsEstimate) -> Iterator[Sequence[Cell]]:
    """The head and the lines as cells."""
    yield _heads()
    found = papers.lines(estimate)
    for n, (line, province) in enumerate(found, 1):
        yield _site(n, line, province)
    for key, word in CATEGORY_WORDS.items():
        if key in estimate.sums and (key not in ITEMS or not found):
            yield _whole(_("the whole meeting"), str(word), estimate.sums[key])
    saved = (estimate.low, estimate.mid, estimate.high)
    time = (estimate.time_low, estimate.time_mid, estimate.time_high)
    yield _whole(_("total"), _("Saved (estimate)"), saved, time, _notes(estimate))


def _heads() -> list[str]:
    cases = (_("low, đồng (estimate)"), _("middle, đồng (estimate)"), _("high, đồng (estimate)"))

    def three(word: str) -> list[str]:
        return [_("%(what)s – %(case)s", what=word, case=case) for case in cases]

    return [
        _("Kind of line"),
        _("No."),
        _("Site or item"),
        _("Province"),
        _("People counted"),
        _("Would have been sent, low"),
        _("Would have been sent, middle"),
        _("Would have been sent, high"),
        _("Way"),
        _("Kilometres one way"),
        _("Where the kilometres come from"),
        _("Nights"),
        *(head for item in ITEMS for head in three(str(CATEGORY_WORDS[item]))),
        *three(_("Whole")),
        *three(_("Working time on the road, not added")),
        _("Note"),
    ]


def _site(n: int, line: SavingsLine, province: str) -> list[Cell]:
    steps, kept = line.steps, line.trip
    people = None if line.left_out == NO_COUNT else line.people
    head: list[Cell] = [_("site"), n, line.name, province, people]
    if line.left_out:
        return [*head, *[None] * (_FACTS - len(head) + 3 * len(ITEMS) + 6), str(_WHY.get(line.left_out, line.left_out))]
    source = _SOURCES[Source(kept.get("source", Source.GREAT_CIRCLE))]
    return [
        *head,
        *papers.travelling(steps),
        str(_WAYS.get(line.mode, line.mode)),
        steps.get("km", (0, 0, 0))[1],
        str(source),
        steps.get("nights", (0, 0, 0))[1],
        *(amount for item in ITEMS for amount in steps.get(item, (0, 0, 0))),
        *papers.amounts(line),
        *steps.get("time_value", (None, None, None)),
        "",
    ]


def _whole(
    kind: str, name: str, amounts: Sequence[int], time: Sequence[Cell] = (None, None, None), note: str = ""
) -> list[Cell]:
    return [kind, None, name, *[None] * (_FACTS - 3 + 3 * len(ITEMS)), *amounts, *time, note]


def _notes(estimate: SavingsEstimate) -> str:
    """What a reader of the bare figures must know: that it is an estimate, what was not counted, which values nobody read."""
    norms = queries.norms_in(estimate)
    said = [
        _("This is an estimate, not a settlement."),
        _(
            "%(counted)s of %(sites)s sites are counted.", counted=estimate.counted, sites=estimate.sites
        ),
    ]  # fmt: skip
    if names := _names(estimate.off):
        said.append(_("Not counted for want of a value: %(names)s.", names=names))
    if names := _names(estimate.changes):
        said.append(_("Assumed otherwise for this meeting: %(names)s.", names=names))
    if names := _names(dict.fromkeys(value.key for value in norms.doubtful())):
        said.append(_("Not verified, or an assumption: %(names)s.", names=names))
    return " ".join(said)


def _names(keys: Iterable[str]) -> str:
    return "; ".join(str(KEY_WORDS[key]) for key in keys if key in KEY_WORDS)
