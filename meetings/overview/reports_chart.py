"""The charts of a report: its lines as bars, which the page shows as SVG and the document as a picture. Numbers in, bars out."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageDraw, ImageFont

from meetings.i18n import gettext as _
from meetings.i18n import locale
from meetings.official.money import money_short
from meetings.official.numbers import number
from meetings.overview.reports_count import Line, Report
from meetings.overview.reports_figures import By, Figure

WIDTH: Final = 1000
"""Of the longest bar."""
MOST: Final = 12
"""So many bars are drawn; the table has every line."""


@dataclass(frozen=True)
class Piece:
    """A stretch of a bar, of :data:`WIDTH`. *kind* says what it is of."""

    kind: str
    left: int
    width: int


@dataclass(frozen=True)
class Bar:
    """One line of a chart. *whisker*: from where to where the range reaches; *said*: its numbers, printed beside it."""

    name: str
    pieces: tuple[Piece, ...]
    said: str
    whisker: tuple[int, int] | None = None


@dataclass(frozen=True)
class Chart:
    """A chart. *legend*: what each kind of piece is; *more*: how many lines of the table are not drawn."""

    title: str
    bars: tuple[Bar, ...]
    legend: tuple[tuple[str, str], ...]
    more: int = 0


def charts(report: Report) -> tuple[Chart, ...]:
    """The charts of *report* that have anything to show."""
    return tuple(chart for chart in (_of_sites(report), _of_savings(report)) if chart.bars)


def _drawn(report: Report, figure: Figure) -> tuple[list[Line], int]:
    """The lines that are drawn, and how many are not: periods as they follow each other, else the largest first."""
    in_time = report.axes[0] is By.PERIOD
    found = [line for line in _folded(report) if line[figure] or in_time]
    if not in_time:
        found.sort(key=lambda line: -line[figure])
    if not any(line[figure] for line in found):
        return [], 0
    return found[:MOST], len(found[MOST:])


def _folded(report: Report) -> Sequence[Line]:
    """The lines to draw: of a crossed report those of its first axis. What is drawn, sites and money, adds up on any axis."""
    if len(report.axes) == 1:
        return report.lines
    found: dict[str, Line] = {}
    for line in report.lines:
        name = line.names[0]
        old = found.get(name, Line(line.key[:1], (name,), {}))
        found[name] = Line(
            old.key,
            old.names,
            {figure: old[figure] + line[figure] for figure in Figure},
            old.low + line.low,
            old.high + line.high,
            old.estimated + line.estimated,
        )
    return list(found.values())


def _of_sites(report: Report) -> Chart:
    lines, more = _drawn(report, Figure.INVITED)
    scale = max((line[Figure.INVITED] for line in lines), default=0) or 1
    bars = []
    for line in lines:
        invited, on_time, absent = (line[one] * WIDTH // scale for one in _SITES)
        pieces = (
            Piece("rest", 0, invited),
            Piece("on_time", 0, on_time),
            Piece("absent", invited - absent, absent),
        )
        said = _(
            "%(invited)s invited, %(on_time)s confirmed on time, %(absent)s absent",
            **{key: number(line[one], 0, locale()) for key, one in zip(_SITE_KEYS, _SITES, strict=True)},
        )
        bars.append(Bar(line.name, tuple(piece for piece in pieces if piece.width), said))
    legend = (
        ("on_time", _("confirmed on time")),
        ("rest", _("answered late, not at all, or declined")),
        ("absent", _("absent, at the end of the bar")),
    )
    return Chart(_("Sites invited"), tuple(bars), legend, more)


_SITES: Final = (Figure.INVITED, Figure.ON_TIME, Figure.ABSENT)
_SITE_KEYS: Final = ("invited", "on_time", "absent")


def _of_savings(report: Report) -> Chart:
    lines, more = _drawn(report, Figure.SAVINGS)
    scale = max((max(line.high, line.mid) for line in lines), default=0)
    if scale <= 0:
        return Chart("", (), ())
    bars = []
    for line in lines:
        low, mid, high = (max(0, value) * WIDTH // scale for value in (line.low, line.mid, line.high))
        if not line.estimated:
            bars.append(Bar(line.name, (), "–"))
            continue
        said = _(
            "%(mid)s (%(low)s – %(high)s)",
            mid=money_short(line.mid, locale()),
            low=money_short(line.low, locale()),
            high=money_short(line.high, locale()),
        )
        bars.append(Bar(line.name, (Piece("savings", 0, mid),) if mid else (), said, (low, high)))
    legend = (("savings", _("estimate, the thin line from low to high")),)
    return Chart(_("Savings (estimate)"), tuple(bars), legend, more)


# ------------------------------------------------------------------ as a picture, for a document

_COLOURS: Final = {"on_time": "#0B4A8F", "rest": "#A9B2C0", "absent": "#C8102E", "savings": "#0C7454"}
_TEXT: Final = "#14202E"
_ACROSS: Final = 1950
"""Pixels: 165 mm at 300 to the inch."""
_NAMES: Final = 470
_ROW: Final = 96
_BAR: Final = 34


def picture(chart: Chart) -> bytes:
    """*chart* as a PNG as wide as the text of an upright page; the same chart gives the same bytes."""
    high = 70 + len(chart.bars) * _ROW + len(chart.legend) * 46
    image = Image.new("RGB", (_ACROSS, high), "white")
    draw = ImageDraw.Draw(image)
    room = _ACROSS - _NAMES - 20
    for n, bar in enumerate(chart.bars):
        _draw_bar(draw, bar, 20 + n * _ROW, room)
    at = 40 + len(chart.bars) * _ROW
    for kind, words in chart.legend:
        draw.rectangle((_NAMES, at + 6, _NAMES + 34, at + 34), fill=_COLOURS[kind])
        draw.text((_NAMES + 48, at), words, font=_face(32), fill=_TEXT)
        at += 46
    out = io.BytesIO()
    image.quantize(32).save(out, "PNG", optimize=True, dpi=(300, 300))
    return out.getvalue()


def _draw_bar(draw: Any, bar: Bar, top: int, room: int) -> None:
    name = _cut(bar.name, _NAMES - 30)
    draw.text((_NAMES - 16 - _face(34).getlength(name), top - 4), name, font=_face(34), fill=_TEXT)
    for piece in bar.pieces:
        left = _NAMES + piece.left * room // WIDTH
        right = max(left + 2, _NAMES + (piece.left + piece.width) * room // WIDTH)
        draw.rectangle((left, top, right, top + _BAR), fill=_COLOURS[piece.kind])
    if bar.whisker is not None:
        low, high = (_NAMES + one * room // WIDTH for one in bar.whisker)
        middle = top + _BAR // 2
        draw.line((low, middle, high, middle), fill=_TEXT, width=3)
        for end in (low, high):
            draw.line((end, middle - 11, end, middle + 11), fill=_TEXT, width=3)
    draw.text((_NAMES, top + _BAR + 2), bar.said, font=_face(32), fill=_TEXT)


def _cut(text: str, room: int) -> str:
    if _face(34).getlength(text) <= room:
        return text
    while text and _face(34).getlength(f"{text}…") > room:
        text = text[:-1]
    return f"{text.rstrip()}…"


@cache
def _face(size: int) -> Any:
    """The face of the pages, at its usual weight; its installed package holds every letter of Vietnamese."""
    import fontpkg_source_sans_3

    package = Path(fontpkg_source_sans_3.__file__).parent
    faces = sorted(path for path in package.rglob("*.[to]tf") if "ital" not in path.name.lower())
    face = ImageFont.truetype(str(_upright(faces)), size)
    if "wght" in _upright(faces).name or "VF" in _upright(faces).name or "Variable" in _upright(faces).name:
        face.set_variation_by_axes([400])
    return face


def _upright(faces: Sequence[Path]) -> Path:
    return next((one for one in faces if "wght" in one.name or "VF" in one.name or "Variable" in one.name), faces[0])
