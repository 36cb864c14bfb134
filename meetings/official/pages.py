"""The sheets of a document before it is printed: every line where it will stand, reckoned from the widths of the type.

What is read are the bytes of the very .docx that this house wrote, so a preview cannot say other words than the paper. The
reckoning follows the rules of the writer alone: paragraphs, tables of fixed widths, sections. It is no converter: a file
that somebody edited in Word is not laid out here.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from meetings.official import metrics

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MM: Final = 25.4 / 1440
_DESCENT: Final = 0.2163
_BORDER: Final = 0.62
"""What a border above a paragraph takes: itself and a point below it, in millimetres."""


@dataclass(frozen=True)
class Word:
    """A word where it stands: left edge and baseline in millimetres, size in points."""

    x: float
    y: float
    text: str
    points: float
    bold: bool = False
    italic: bool = False
    underline: bool = False

    @property
    def size(self) -> float:
        """Its size in millimetres."""
        return self.points * metrics.MM_PER_POINT


@dataclass(frozen=True)
class Stroke:
    """A rule or a line of a table."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float


@dataclass
class Sheet:
    """A page: its size in millimetres, the number printed above ("" on the first page of a section), what stands on it."""

    width: float
    height: float
    number: str = ""
    words: list[Word] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)


@dataclass(frozen=True)
class Laid:
    """The sheets of a document. *signed_on*: the page of the signature; *taken_along*: whether it would stand there alone, had
    the last lines of the text not been taken along; *cut*: whether more sheets follow than are laid out here."""

    sheets: tuple[Sheet, ...]
    signed_on: int = 0
    taken_along: bool = False
    cut: bool = False


@dataclass(frozen=True)
class _Piece:
    text: str
    points: float
    bold: bool
    italic: bool
    underline: bool

    @property
    def width(self) -> float:
        """As LibreOffice sets it."""
        leaning = metrics.leaning(self.text, self.points) if self.italic else 0.0
        return metrics.width(self.text, self.points, bold=self.bold, italic=self.italic) + leaning


@dataclass
class _Line:
    """A line, a paragraph's or a row's: how high it is and what is drawn, reckoned from its upper left."""

    height: float
    words: list[Word] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)
    tail: float = 0.0  # of its height, what may hang over the foot of a page: the room below a paragraph
    lead: float = 0.0  # and what falls away at the top of a further page: the room above it


@dataclass
class _Block:
    """What is not torn but between its lines; *kept* stays with the next. *repeats*: the head of a table. *torn*: one line
    may stand alone above or below the end of a page."""

    lines: list[_Line]
    kept: bool = False
    signature: bool = False
    heads: list[_Line] = field(default_factory=list)
    repeats: bool = False
    torn: bool = False

    @property
    def height(self) -> float:
        return sum(line.height for line in self.lines)


def lay_out(docx: bytes, most: int = 40) -> Laid:
    """The sheets of *docx*, at most so many."""
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        body = etree.fromstring(archive.read("word/document.xml"))[0]
    sheets: list[Sheet] = []
    signed_on, along, cut = 0, False, False
    for number, (blocks, size) in enumerate(_sections(body)):
        pages, where = _flow(blocks, size, kept=True)
        if number == 0 and where:
            signed_on = where
            loose, there = _flow(blocks, size, kept=False)
            along = there > 1 and not _above(loose[there - 1], blocks)
        sheets += pages
        if cut := len(sheets) > most:
            break
    return Laid(tuple(sheets[:most]), signed_on, along, cut)


def _above(sheet: Sheet, blocks: Sequence[_Block]) -> bool:
    """Whether a word of the text stands on *sheet* above the signature."""
    sign = next(block for block in blocks if block.signature)
    first = min(word.text for word in sign.lines[0].words[:1])
    return bool(sheet.words) and sheet.words[0].text != first


def _sections(body: Any) -> Iterator[tuple[list[_Block], Any]]:
    blocks: list[_Block] = []
    elements = list(body)
    ends = [
        n for n, one in enumerate(elements) if one.tag == f"{_W}sectPr" or one.find(f"{_W}pPr/{_W}sectPr") is not None
    ]
    start = 0
    for end in ends:
        closing = elements[end]
        size = closing if closing.tag == f"{_W}sectPr" else closing.find(f"{_W}pPr/{_W}sectPr")
        page = size.find(f"{_W}pgSz")
        width = round(int(page.get(f"{_W}w")) * _MM) - 45.0
        some = elements[start:end]
        tables = [one for one in some if one.tag == f"{_W}tbl" and one.find(f"{_W}tblPr/{_W}tblBorders") is None]
        blocks = []
        for one in some:
            if one.tag == f"{_W}p":
                blocks.append(_paragraph(one, width))
            elif one.tag == f"{_W}tbl":
                blocks += _table(one, width, signs=len(tables) > 1 and one is tables[-1])
        yield blocks, size
        start = end + 1


def _value(element: Any, path: str, name: str = "val", default: int = 0) -> int:
    found = element.find("/".join(f"{_W}{part}" for part in path.split("/")))
    said = found.get(f"{_W}{name}") if found is not None else None
    return int(said) if said else default


def _pieces(p: Any) -> Iterator[_Piece]:
    for run in p.iter(f"{_W}r"):
        points = _value(run, "rPr/sz", default=28) / 2
        bold, italic = (run.find(f"{_W}rPr/{_W}{mark}") is not None for mark in "bi")
        underline = run.find(f"{_W}rPr/{_W}u") is not None
        for part in run:
            if part.tag in (f"{_W}t", f"{_W}br"):
                yield _Piece(part.text or "" if part.tag == f"{_W}t" else "\n", points, bold, italic, underline)


def _paragraph(p: Any, width: float) -> _Block:
    left, right = (_value(p, "pPr/ind", side) * _MM for side in ("left", "right"))
    before, after = (_value(p, "pPr/spacing", side) * _MM for side in ("before", "after"))
    line = _value(p, "pPr/spacing", "line", 240)
    spacing = p.find(f"{_W}pPr/{_W}spacing")
    exact = spacing is not None and spacing.get(f"{_W}lineRule") == "exact"
    align = p.find(f"{_W}pPr/{_W}jc")
    align = align.get(f"{_W}val") if align is not None else "left"
    mark = _value(p, "pPr/rPr/sz", default=28) / 2
    room = width - left - right
    made: list[_Line] = []
    for words, last in _broken(list(_pieces(p)), room, _value(p, "pPr/ind", "firstLine") * _MM):
        points = max((piece.points for _x, pieces in words for piece in pieces), default=mark)
        height = line / 20 * metrics.MM_PER_POINT if exact else metrics.line_height(points, line / 240)
        single = height if exact else metrics.line_height(points)  # what its spacing adds lies below it
        used = words[-1][0] + sum(piece.width for piece in words[-1][1]) if words else 0.0
        rest = max(room - used, 0.0)
        wide = rest / (len(words) - 1) if align == "both" and not last and len(words) > 1 else 0.0
        start = left + (rest / 2 if align == "center" else rest if align == "right" else 0)
        said = []
        for n, (x, pieces) in enumerate(words):
            at = start + x + n * wide
            for piece in pieces:
                y = single - _DESCENT * piece.points * metrics.MM_PER_POINT
                said.append(Word(at, y, piece.text, piece.points, piece.bold, piece.italic, piece.underline))
                at += piece.width
        made.append(_Line(height, said))
    if p.find(f"{_W}pPr/{_W}pBdr") is not None:
        made[0].strokes.append(Stroke(left, 0.0, width - right, 0.0, 0.265))
        made[0].height += _BORDER
    made[0] = _lower(made[0], before)
    made[0].lead = before
    made[-1].height, made[-1].tail = made[-1].height + after, after
    alone = p.find(f"{_W}pPr/{_W}widowControl")
    torn = alone is not None and alone.get(f"{_W}val") == "0"
    return _Block(made, kept=p.find(f"{_W}pPr/{_W}keepNext") is not None, torn=torn)


def _lower(line: _Line, by: float, along: float = 0.0) -> _Line:
    """*line* with *by* millimetres above it, moved *along* to the right."""
    return _Line(
        line.height + by,
        [_moved(word, along, by) for word in line.words],
        [_shifted(one, along, by) for one in line.strokes],
        line.tail,
    )


def _moved(word: Word, x: float, y: float) -> Word:
    return Word(word.x + x, word.y + y, word.text, word.points, word.bold, word.italic, word.underline)


def _shifted(one: Stroke, x: float, y: float) -> Stroke:
    return Stroke(one.x1 + x, one.y1 + y, one.x2 + x, one.y2 + y, one.width)


_Set = list[tuple[float, list[_Piece]]]


def _broken(pieces: Sequence[_Piece], room: float, indent: float) -> Iterator[tuple[_Set, bool]]:
    """The lines of a paragraph: words with their left edges, and whether a line is not to be stretched."""
    line: _Set = []
    at = indent
    word: list[_Piece] = []

    def length(of: Sequence[_Piece]) -> float:
        return sum(piece.width for piece in of)

    for piece in [*pieces, _Piece("\n", 14, False, False, False)]:
        for n, part in enumerate(piece.text.replace("\n", " \n ").split(" ")):
            if n or part == "\n":  # a word ends here
                if word:
                    space = metrics.width(" ", word[0].points) if line else 0.0
                    if line and at + space + length(word) > room + 0.01:
                        yield line, False
                        line, at, space = [], 0.0, 0.0
                    line.append((at + space, word))
                    at += space + length(word)
                    word = []
            if part == "\n":
                yield line, True
                line, at = [], 0.0
            elif part:
                word.append(_Piece(part, piece.points, piece.bold, piece.italic, piece.underline))


def _table(table: Any, width: float, *, signs: bool) -> Iterator[_Block]:
    ruled = table.find(f"{_W}tblPr/{_W}tblBorders") is not None
    margin = _value(table, "tblPr/tblCellMar/left", "w") * _MM
    grid = [int(column.get(f"{_W}w")) * _MM for column in table.find(f"{_W}tblGrid")]
    from_left = (width - sum(grid)) / 2
    heads: list[_Line] = []
    for n, tr in enumerate(table.iterchildren(f"{_W}tr")):
        x, high, cells, kept = from_left, 0.0, [], False
        edges = [x]
        for tc in tr.iterchildren(f"{_W}tc"):
            its = _value(tc, "tcPr/tcW", "w") * _MM
            inside = [_paragraph(p, its - 2 * margin) for p in tc.iterchildren(f"{_W}p")]
            tall = sum(block.height for block in inside)
            high, kept = max(high, tall), kept or any(block.kept for block in inside)
            cells.append((x + margin, inside, tall, tc.find(f"{_W}tcPr/{_W}vAlign") is not None))
            x += its
            edges.append(x)
        high += 0.18 if ruled else 0.0
        made = _Line(high)
        for left, inside, tall, middle in cells:
            y = (high - tall) / 2 if middle else 0.0
            for block in inside:
                for line in block.lines:
                    made.words += [_moved(word, left, y) for word in line.words]
                    made.strokes += [_shifted(one, left, y) for one in line.strokes]
                    y += line.height
        if ruled:
            made.strokes += [Stroke(edge, 0.0, edge, high, 0.176) for edge in edges]
            made.strokes += [Stroke(edges[0], y, edges[-1], y, 0.176) for y in (0.0, high)]
        head = tr.find(f"{_W}trPr/{_W}tblHeader") is not None
        if head:
            heads.append(made)
        yield _Block([made], kept or head, signs and n == 0, [] if head else heads, head)


def _flow(blocks: Sequence[_Block], size: Any, *, kept: bool) -> tuple[list[Sheet], int]:
    """*blocks* on pages, and the page of the signature; not *kept* lets every block stand by itself."""
    page = size.find(f"{_W}pgSz")
    width, height = (round(int(page.get(f"{_W}{side}")) * _MM) for side in "wh")
    sheets = [Sheet(width, height)]
    top, bottom, left = (round(_value(size, "pgMar", side) * _MM, 1) for side in ("top", "bottom", "left"))
    foot = height - bottom
    y, signed_on = top, 0

    def turn() -> float:
        sheets.append(Sheet(width, height, str(len(sheets) + 1)))
        return top

    def put(line: _Line, at: float) -> None:
        sheets[-1].words += [_moved(word, left, at) for word in line.words]
        sheets[-1].strokes += [_shifted(one, left, at) for one in line.strokes]

    for n, block in enumerate(blocks):
        need, after = 0.0, n
        if kept and not (n and blocks[n - 1].kept):
            while blocks[after].kept and after + 1 < len(blocks):
                need += blocks[after].height
                after += 1
        if kept:
            last = blocks[after].lines
            least = 1 if blocks[after].torn else 2 if len(last) > 3 else len(last)
            need += sum(line.height for line in last[:least]) - (last[-1].tail if least == len(last) else 0.0)
        if kept and y > top and y + need > foot + 0.1 and need < foot - top:
            y = turn()
            for head in block.heads:
                put(head, y)
                y += head.height
        if block.signature:
            signed_on = 0
        for m, line in enumerate(block.lines):
            rest = len(block.lines) - m
            full = y + line.height - line.tail > foot + 0.1
            lonely = block.lines[-1].height - block.lines[-1].tail
            orphan = rest == 2 and not block.torn and y + line.height + lonely > foot + 0.1
            if y > top and (full or orphan):
                y = turn()
                for head in block.heads:
                    put(head, y)
                    y += head.height
            if y == top and len(sheets) > 1:
                y -= line.lead
            put(line, y)
            y += line.height
        if block.signature:
            signed_on = len(sheets)
    return sheets, signed_on
