"""A .docx, written as it is read: paragraphs, tables and sections as WordprocessingML, then one reproducible package.

Every piece is a function from values to a string of XML whose children stand in the order of the schema (Word repairs
a file where they do not). Texts are made NFC, bound with non-breaking spaces, freed of what XML cannot carry and
escaped; there are no shapes, text boxes or content controls, so phones show the same page. No part of the file holds a
clock or a random number: the same values give the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part

from meetings.official.layout import Margins, usual
from meetings.official.rows import chunks
from meetings.official.text import bound, printable

CONTENT_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TWIPS_PER_MM: Final = 1440 / 25.4
SINGLE: Final = 240
"""``w:line`` of single spacing; 276 is 1.15."""
LOOSE: Final = 276
FIRST_LINE: Final = 720
"""12.7 mm, the first line of a body paragraph."""

_BODY: Final = "word/document.xml"
_PARTS: Final = Path(__file__).parent / "parts"
_FILES: Final = {
    "[Content_Types].xml": "content_types.xml",
    "_rels/.rels": "rels.xml",
    "docProps/core.xml": "core.xml",
    "docProps/app.xml": "app.xml",
    "word/document.xml": "document.xml",
    "word/_rels/document.xml.rels": "document_rels.xml",
    "word/styles.xml": "styles.xml",
    "word/settings.xml": "settings.xml",
    "word/fontTable.xml": "font_table.xml",
    "word/header1.xml": "header.xml",
}


def twips(millimetres: float) -> int:
    """Millimetres in twentieths of a point."""
    return round(millimetres * TWIPS_PER_MM)


@dataclass(frozen=True)
class Run:
    """A stretch of text in one face."""

    text: str
    bold: bool = False
    italic: bool = False
    underline: bool = False


Text = str | Run | Sequence[str | Run]


def runs(text: Text, points: float, *, bold: bool = False, italic: bool = False) -> str:
    """The ``w:r`` elements of *text*; a string takes the face of the paragraph."""
    pieces = [text] if isinstance(text, str | Run) else list(text)
    said = []
    for piece in pieces:
        if isinstance(piece, str):
            piece = Run(piece, bold, italic)
        face = ("<w:b/><w:bCs/>" if piece.bold else "") + ("<w:i/><w:iCs/>" if piece.italic else "")
        size = round(points * 2)
        line = '<w:u w:val="single"/>' if piece.underline else ""
        properties = f'<w:rPr>{face}<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>{line}</w:rPr>'
        lines = bound(printable(piece.text)).replace("\t", " ").replace("\r", "").split("\n")
        body = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in lines)
        said.append(f"<w:r>{properties}{body}</w:r>")
    return "".join(said)


def paragraph(
    text: Text = (),
    *,
    points: float = 14,
    bold: bool = False,
    italic: bool = False,
    align: str = "both",
    first_line: int = 0,
    left: int = 0,
    before: int = 0,
    after: int = 0,
    line: int = SINGLE,
    keep_next: bool = False,
    outline: int | None = None,
    section: str = "",
    exact: bool = False,
    torn: bool = False,
) -> str:
    """One ``w:p``. Distances in twips; *outline* puts it into the reader's table of contents (0 is the first level).

    *torn*: one line of it may stand alone on a page.

    An empty paragraph still has a mark of *points* high: without its own size it would take the 14 points of the
    document and make a table row taller.
    """
    size = round(points * 2)
    return (
        "<w:p><w:pPr>"
        + ("<w:keepNext/>" if keep_next else "")
        + ('<w:widowControl w:val="0"/>' if torn else "<w:widowControl/>")
        + f'<w:spacing w:before="{before}" w:after="{after}" w:line="{line}" w:lineRule="{"exact" if exact else "auto"}"/>'
        + f'<w:ind w:left="{left}" w:right="0" w:firstLine="{first_line}"/>'
        + f'<w:jc w:val="{align}"/>'
        + (f'<w:outlineLvl w:val="{outline}"/>' if outline is not None else "")
        + f'<w:rPr><w:sz w:val="{size}"/><w:szCs w:val="{size}"/></w:rPr>'
        + section
        + "</w:pPr>"
        + (runs(text, points, bold=bold, italic=italic) if text else "")
        + "</w:p>"
    )


def rule(length: float, room: float, *, before: int, after: int = 0, keep_next: bool = False) -> str:
    """A line of *length* mm centred in *room* mm: an empty paragraph two points high with a border above it.

    It is text to every program, so it survives Word, LibreOffice and the viewers of phones; drawn shapes do not.
    """
    inset = max(0, twips((room - length) / 2))
    return (
        "<w:p><w:pPr>"
        + ("<w:keepNext/>" if keep_next else "")
        + "<w:widowControl/>"
        + '<w:pBdr><w:top w:val="single" w:sz="6" w:space="1" w:color="000000"/></w:pBdr>'
        + f'<w:spacing w:before="{before}" w:after="{after}" w:line="40" w:lineRule="exact"/>'
        + f'<w:ind w:left="{inset}" w:right="{inset}" w:firstLine="0"/><w:jc w:val="center"/>'
        + '<w:rPr><w:sz w:val="4"/><w:szCs w:val="4"/></w:rPr></w:pPr></w:p>'
    )


_BORDERS: Final = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)


def table(widths: Sequence[int], rows: Iterable[str], *, ruled: bool = False) -> str:
    """A table of fixed *widths* (twips). *ruled*: half-point lines and a little room beside the text."""
    return "".join(table_pieces(widths, rows, ruled=ruled))


def table_pieces(widths: Sequence[int], rows: Iterable[str], *, ruled: bool = False) -> Iterator[str]:
    """As :func:`table`, piece by piece: a list of fifteen thousand people never stands in memory as one text."""
    margin = 57 if ruled else 0
    yield (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        + (f"<w:tblBorders>{_BORDERS}</w:tblBorders>" if ruled else "")
        + '<w:tblLayout w:type="fixed"/>'
        + f'<w:tblCellMar><w:left w:w="{margin}" w:type="dxa"/><w:right w:w="{margin}" w:type="dxa"/></w:tblCellMar>'
        + '<w:tblLook w:val="04A0" w:firstRow="1" w:lastRow="0" w:firstColumn="1" w:lastColumn="0" w:noHBand="0" '
        + 'w:noVBand="1"/></w:tblPr><w:tblGrid>'
        + "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        + "</w:tblGrid>"
    )
    yield from rows
    yield "</w:tbl>"


def row(widths: Sequence[int], cells: Sequence[str], *, heads: bool = False, middle: bool = False) -> str:
    """One row, never torn by a page end; *heads* repeats it on every page. Each cell is one paragraph or more."""
    align = '<w:vAlign w:val="center"/>' if middle else ""
    return (
        "<w:tr><w:trPr><w:cantSplit/>"
        + ("<w:tblHeader/>" if heads else "")
        + "</w:trPr>"
        + "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{align}</w:tcPr>{cell}</w:tc>'
            for width, cell in zip(widths, cells, strict=True)
        )
        + "</w:tr>"
    )


def wide_row(widths: Sequence[int], cell: str) -> str:
    """One row whose single cell goes across the whole table: the name of a group."""
    return (
        f'<w:tr><w:trPr><w:cantSplit/></w:trPr><w:tc><w:tcPr><w:tcW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:gridSpan w:val="{len(widths)}"/><w:vAlign w:val="center"/></w:tcPr>{cell}</w:tc></w:tr>'
    )


_TOGETHER: Final = 3
"""So many lines at the end of a list stay on one page."""


@dataclass(frozen=True)
class Column:
    """A column of a ruled list: its head, width in twips, and how its texts stand (``left`` · ``center``)."""

    head: str
    width: int
    align: str = "left"


def ruled_list(
    columns: Sequence[Column],
    lines: Iterable[Sequence[str]],
    *,
    points: float = 12,
    gap: int = 12,
    keep_next: bool = False,
) -> str:
    """A list with lines around every cell and heads that repeat; *gap* twips above and below each text.

    The last three lines stay on one page: a page with nothing but the head and one line looks like a mistake.
    *keep_next* takes them along to the page of what follows, so that no total or ``./.`` stands there alone.
    """
    return "".join(list_pieces(columns, lines, points=points, gap=gap, keep_next=keep_next))


def list_pieces(
    columns: Sequence[Column],
    lines: Iterable[Sequence[str]],
    *,
    points: float = 12,
    gap: int = 12,
    keep_next: bool = False,
) -> Iterator[str]:
    """As :func:`ruled_list`, piece by piece. A line of one text alone goes across the table, and stays with the line below."""
    widths = [column.width for column in columns]
    heads = [paragraph(c.head, points=points, bold=True, align="center", before=40, after=40) for c in columns]
    front, _text, back = runs("\x1f", points).partition("></w:t>")
    run = (f"{front}>", f"</w:t>{back}")

    def template(kept: bool) -> str:
        """A row with ``%s`` where the run of each cell goes."""
        cells = [
            paragraph(points=points, align=column.align, before=gap, after=gap, keep_next=kept) for column in columns
        ]
        return row(widths, [cell.removesuffix("</w:p>") + "%s</w:p>" for cell in cells], middle=True)

    def group(name: str) -> str:
        text = paragraph(name, points=points, bold=True, align="left", before=gap, after=gap, keep_next=True)
        return wide_row(widths, text)

    def rows() -> Iterator[str]:
        yield row(widths, heads, heads=True, middle=True)
        last: deque[Sequence[str]] = deque(maxlen=_TOGETHER)
        for is_group, some in groupby(_but_last(lines, last), lambda line: len(line) == 1):
            yield from map(group, (line[0] for line in some)) if is_group else chunks(some, template(False), run)  # noqa: B031
        for n, line in enumerate(last, 1):
            kept = template(keep_next or n < len(last))
            yield from [group(line[0])] if len(line) == 1 else chunks([line], kept, run)

    return table_pieces(widths, rows(), ruled=True)


def _but_last(lines: Iterable[Sequence[str]], last: deque[Sequence[str]]) -> Iterator[Sequence[str]]:
    """*lines* but the last ones, as many as *last* holds: they are in it when all others were taken."""
    for line in lines:
        if len(last) == last.maxlen:
            yield last.popleft()
        last.append(line)


def section(margins: Margins | None = None, *, landscape: bool = False, restart: bool = False) -> str:
    """A4 with the *margins* of a form, the decree's without them; the page number stands above from the second page on."""
    its = margins or usual().margins
    size = 'w:w="16838" w:h="11906" w:orient="landscape"' if landscape else 'w:w="11906" w:h="16838"'
    return (
        '<w:sectPr><w:headerReference w:type="default" r:id="rId2"/><w:type w:val="nextPage"/>'
        + f"<w:pgSz {size}/>"
        + f'<w:pgMar w:top="{twips(its.top)}" w:right="{twips(its.right)}" w:bottom="{twips(its.bottom)}" '
        + f'w:left="{twips(its.left)}" w:header="567" w:footer="567" w:gutter="0"/>'
        + ('<w:pgNumType w:start="1"/>' if restart else "")
        + '<w:cols w:space="720"/><w:titlePg/></w:sectPr>'
    )


def section_break(properties: str) -> str:
    """The end of a section inside the document, on a paragraph too low to push anything to the next page."""
    return paragraph(points=1, align="left", section=properties, line=20, exact=True)


def picture(number: int, pixels: tuple[int, int], millimetres: float, said: str) -> str:
    """The picture *number* (from 1) of the package, *millimetres* wide, in a centred line of text; *said* tells it in words.

    It stands in the line as a letter does, so phones show it where it belongs.
    """
    wide, high = round(millimetres * EMU_PER_MM), round(millimetres * pixels[1] / pixels[0] * EMU_PER_MM)
    words = escape(printable(said), {'"': "&quot;"})
    drawing = (
        f'<w:drawing><wp:inline xmlns:wp="{_DRAWN}/wordprocessingDrawing" distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{wide}" cy="{high}"/><wp:docPr id="{number}" name="Picture {number}" descr="{words}"/>'
        f'<a:graphic xmlns:a="{_DRAWN}/main"><a:graphicData uri="{_DRAWN}/picture">'
        f'<pic:pic xmlns:pic="{_DRAWN}/picture"><pic:nvPicPr><pic:cNvPr id="{number}" name="Picture {number}"/>'
        f'<pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="{_relation(number)}" xmlns:r="{_RELATED}"/>'
        "<a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr>"
        f'<a:xfrm><a:off x="0" y="0"/><a:ext cx="{wide}" cy="{high}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
        "</wp:inline></w:drawing>"
    )
    empty = paragraph(align="center", before=120, keep_next=True)
    return empty.removesuffix("</w:p>") + f"<w:r>{drawing}</w:r></w:p>"


EMU_PER_MM: Final = 36_000
_DRAWN: Final = "http://schemas.openxmlformats.org/drawingml/2006"
_RELATED: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _relation(number: int) -> str:
    return f"picture{number}"


def package(
    body: Iterable[str], last_section: str, *, title: str, author: str, pictures: Sequence[bytes] = ()
) -> bytes:
    """The .docx file of *body*. *title* and *author* (the issuing body) are what a file manager shows; *pictures* are PNG
    files that :func:`picture` names by their number.

    The body is written as it comes: a tree of a long list would take two thousand times the room of the file.
    """
    document = docx.Document(io.BytesIO(_blank()))
    document.core_properties.title = printable(title)[:255]  # the standard's limit
    document.core_properties.author = document.core_properties.last_modified_by = printable(author)[:255]
    for number, data in enumerate(pictures, 1):
        # one part each, also where two are alike: python-docx would make one of them, and numbers are told by place
        name = PackURI(f"/word/media/picture{number}.png")
        part = Part(name, "image/png", data, document.part.package)
        document.part.rels.add_relationship(RELATIONSHIP_TYPE.IMAGE, part, _relation(number))
    empty = io.BytesIO()
    document.save(empty)
    out = io.BytesIO()
    with zipfile.ZipFile(empty) as skeleton, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in skeleton.namelist():
            if name != _BODY:
                archive.writestr(zip_entry(name), skeleton.read(name))
                continue
            head, _empty, tail = skeleton.read(name).partition(b"<w:body/>")
            with archive.open(zip_entry(name), "w") as file:
                file.write(head + b"<w:body>")
                for piece in _ended(body):
                    file.write(piece.encode())
                file.write(last_section.encode() + b"</w:body>" + tail)
    return out.getvalue()


def _ended(body: Iterable[str]) -> Iterator[str]:
    """*body*, and after a last table the paragraph that Word wants there."""
    last = ""
    for piece in body:
        last = piece or last
        yield piece
    if last.endswith("</w:tbl>"):
        yield paragraph(points=1, align="left", line=2, exact=True)  # so low that a full page has room for it


@cache
def _blank() -> bytes:
    """An empty document of this house: its styles, its page number, and nothing that a template brings along."""
    return _zipped({name: (_PARTS / part).read_bytes() for name, part in _FILES.items()})


def _zipped(files: dict[str, bytes]) -> bytes:
    """A zip without clocks: the same *files* give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zip_entry(name), data)
    return out.getvalue()


def zip_entry(name: str) -> zipfile.ZipInfo:
    """An entry of a package that holds no clock."""
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    entry.create_system = 0
    return entry
