"""A body's own Word template, filled: placeholders by docxtpl inside Jinja's sandbox, long lists as streamed rows.

A template is code that somebody else wrote, so it gets nothing but texts, lists and rows, escapes all of them, and is held to a
time and a size. Marked rows are found before any value stands there: a text that looks like a mark stays a text. What goes
in is made NFC, freed of what XML cannot carry and bound as in our own documents; what comes out holds no clock, so the same
values give the same bytes.
"""

from __future__ import annotations

import copy
import io
import re
import time
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from docx.exceptions import PythonDocxError
from docx.opc.exceptions import OpcError
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined
from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree

from meetings.i18n import gettext as _
from meetings.official.paper import zip_entry
from meetings.official.rows import chunks, prepared
from meetings.official.text import bound, printable
from meetings.official.vocabulary import Values

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FILTERS: Final = ("upper",)
"""What may be done to a value inside a template: capitals."""
MARKER: Final = re.compile(r"\[\[\s*([^\[\]]{1,80}?)\s*\]\]")
LONGEST: Final = 20_000_000
"""Characters of a part that a template may write, its own formats among them; rows of long lists do not count."""
SLOWEST: Final = 10.0
_BODY: Final = "word/document.xml"
_SPLIT: Final = re.compile(rb"<!--rows-(\d+)-->")
_SPACES: Final = re.compile(r' xmlns:\w+="[^"]*"')
_OURS: Final = f' xmlns:w="{W[1:-1]}"'
_MARKED: Final = f"{W}rsidTr"
_PLACE: Final = re.compile(r'<w:sym w:rows="([^"]*)"/>')
_PASSING: Final = tuple(f"{W}{name}" for name in ("bookmarkStart", "bookmarkEnd", "proofErr", "lastRenderedPageBreak"))
BROKEN: Final = (
    TemplateError, PythonDocxError, OpcError, etree.LxmlError, zipfile.BadZipFile, RecursionError, AssertionError,
    ValueError, KeyError, TypeError, AttributeError, IndexError, ArithmeticError,
)  # fmt: skip
"""What a file raises that is a zip of XML and yet no Word document, or one with a template that does not work."""


class Unfit(Exception):
    """This template does not give a document: the sentence that says why."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja without its toys: no functions, no tests, one filter, and a clock that stops what runs too long."""

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined)
        self.globals.clear()
        self.tests = {}
        self.filters = {name: self.filters[name] for name in FILTERS}
        self._until = time.monotonic() + SLOWEST

    def written(self, source: str, context: Mapping[str, Any]) -> Iterator[str]:
        """What *source* gives, piece by piece: its own words count as the values do."""
        room = LONGEST
        for piece in self.from_string(source).generate(context):
            room -= len(piece)
            if room < 0 or time.monotonic() > self._until:
                raise Unfit(_("it becomes too long"))
            yield piece


class _Template(DocxTemplate):
    """docxtpl, less what would change a text that somebody typed or mend in silence what a template has broken."""

    def render_xml_part(self, src_xml: str, part: Any, context: Mapping[str, Any], jinja_env: Any = None) -> str:
        # as docxtpl does it, but without its escapes `{_{`: they would rewrite a value that holds those signs
        marked = re.sub(r"<w:p([ >])", r"\n<w:p\1", src_xml)
        written = "".join(jinja_env.written(marked, context))
        return str(self.resolve_listing(re.sub(r"\n<w:p([ >])", r"<w:p\1", written)))

    def fix_tables(self, xml: str) -> Any:
        etree.fromstring(xml.encode())  # docxtpl reads on over what is broken; a torn table must not be printed
        return super().fix_tables(xml)

    def render_properties(self, context: Mapping[str, Any], jinja_env: Any = None) -> None:
        """The title and the author are ours."""

    def render_footnotes(self, context: Mapping[str, Any], jinja_env: Any = None) -> None:
        """No placeholder stands there: the check refuses it."""


def sandbox() -> ImmutableSandboxedEnvironment:
    """The environment in which a template is read and filled."""
    return _Sandbox()


def opened(data: bytes) -> _Template:
    """*data* as a template that has not been filled."""
    return _Template(io.BytesIO(data))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _said(value)
    if isinstance(value, Mapping):
        return {str(name): _clean(one) for name, one in value.items()}
    return [_clean(one) for one in value]


def _said(text: str) -> str:
    return bound(printable(text)).replace("\t", " ").replace("\r", "")


def render(data: bytes, values: Values, rows: Mapping[str, Rows], *, title: str, author: str) -> bytes:
    """The .docx that the template *data* gives for *values*; *rows* come in the place of its marked rows, as they are read.

    Raises :class:`Unfit` for a template that does not give a document.
    """
    try:
        return _rendered(data, values, rows, title, author)
    except Unfit:
        raise
    except etree.XMLSyntaxError as fault:
        raise Unfit(
            _(
                "a loop or a condition begins in one paragraph, row or cell and ends in another; write {%p … %} in paragraphs of "
                "their own, {%tr … %} in rows of their own"
            )
        ) from fault
    except BROKEN as fault:
        raise Unfit(str(fault) or type(fault).__name__) from fault


def _rendered(data: bytes, values: Values, rows: Mapping[str, Rows], title: str, author: str) -> bytes:
    template = opened(data)
    template.init_docx()
    found = _marked(template.docx.element.body)
    template.render(_clean(values), _Sandbox(), autoescape=True)
    document = template.docx
    properties = document.core_properties
    properties.title, properties.author = printable(title)[:255], printable(author)[:255]
    properties.last_modified_by = properties.author
    properties.comments = properties.subject = properties.keywords = properties.category = ""
    marked = [row for row in document.element.body.iter(f"{W}tr") if row.get(_MARKED)]
    if len(marked) > found:
        raise Unfit(_("a marked row [[…]] stands inside a loop, and the whole list would be printed each time"))
    lines = []
    for number, row in enumerate(marked):
        lines.append((RowForm.read(row), rows.get(row.get(_MARKED), Rows((), ()))))
        there = etree.Comment(f"rows-{number}")
        there.tail = None
        row.getparent().replace(row, there)
    skeleton = io.BytesIO()
    document.save(skeleton)
    return _filled(skeleton, lines)


def _filled(skeleton: io.BytesIO, lines: Sequence[tuple[RowForm, Rows]]) -> bytes:
    """The package with the rows of *lines* in their places, written as they come."""
    out = io.BytesIO()
    with zipfile.ZipFile(skeleton) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in given.namelist():
            if name != _BODY or not lines:
                archive.writestr(zip_entry(name), given.read(name))
                continue
            with archive.open(zip_entry(name), "w") as file:
                for n, piece in enumerate(_SPLIT.split(given.read(name))):
                    if n % 2 == 0:
                        file.write(piece)
                        continue
                    form, given_rows = lines[int(piece)]
                    for chunk in form.written(given_rows):
                        file.write(chunk.encode())
    return out.getvalue()


# --- a marked row ----------------------------------------------------------------------------------------------------


def text_of(element: Any) -> str:
    """All the text below *element*, as it is read."""
    return "".join(part.text or "" for part in element.iter(f"{W}t"))


def marker_of(row: Any) -> tuple[str, list[str]] | None:
    """The list that a table row is marked for and the column of each cell, None for a row like others.

    ``[[diem_danh]]`` in the first cell alone takes the columns in their order (they come as ""); ``[[diem_danh.diem_cau]]``
    names one.
    """
    if next(row.iter(f"{W}tbl"), None) is not None:
        return None  # the mark stands in a row of the table inside
    cells = [text_of(cell) for cell in row.iterchildren(f"{W}tc")]
    found = [MARKER.search(text) for text in cells]
    if not cells or not any(found):
        return None
    names = [mark.group(1).partition(".") if mark else ("", "", "") for mark in found]
    listed = next(name for name, _dot, _column in names if name)
    return listed, [column for _name, _dot, column in names]


@dataclass(frozen=True)
class Rows:
    """The rows of a list under the names of their columns."""

    columns: tuple[str, ...]
    lines: Iterable[Sequence[str]]


@dataclass(frozen=True)
class Asked:
    """What a document says, for a template: its values, the rows of its long lists, and what a file manager shows."""

    values: Values
    rows: Mapping[str, Rows]
    title: str
    author: str


def _marked(body: Any) -> int:
    """Put an element in the place of every mark below *body*, and say how many rows have one.

    An element is nothing that a value can hold; a row keeps, around it, what the clerk wrote there.
    """
    found = 0
    for row in list(body.iter(f"{W}tr")):
        row.attrib.pop(_MARKED, None)
        mark = marker_of(row)
        if mark is None:
            continue
        found += 1
        row.set(_MARKED, mark[0])
        if any(mark[1]):
            for paragraph in list(row.iter(f"{W}p")):
                said = MARKER.split(text_of(paragraph))
                _write(paragraph, [one.partition(".")[2].strip() if n % 2 else one for n, one in enumerate(said)])
            continue
        for n, cell in enumerate(row.iterchildren(f"{W}tc")):  # one mark alone: the columns in their order
            first, *others = cell.iter(f"{W}p")
            _write(first, ["", str(n), ""])
            for paragraph in others:
                paragraph.getparent().remove(paragraph)
    return found


def _write(paragraph: Any, said: Sequence[str]) -> None:
    """Let *paragraph* say *said* in the face of its first run: texts, and between each two of them the name of a column."""
    if len(said) < 2:
        return
    run = next(paragraph.iter(f"{W}r"), None)
    face = run.find(f"{W}rPr") if run is not None else None
    for one in list(paragraph):
        if one.tag != f"{W}pPr":
            paragraph.remove(one)
    run = etree.SubElement(paragraph, f"{W}r")
    if face is not None:
        run.append(face)
    for n, text in enumerate(said):
        if n % 2:
            etree.SubElement(run, f"{W}sym").set(f"{W}rows", text)
        elif text:
            written = etree.SubElement(run, f"{W}t")
            written.text = text
            written.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


@dataclass(frozen=True)
class RowForm:
    """A row as a clerk formatted it: the pieces of XML around its values, the column of each, and how a group's row begins."""

    pieces: tuple[str, ...]
    names: tuple[str, ...]
    begins: str
    first: str
    cells: int

    @classmethod
    def read(cls, row: Any) -> RowForm:
        """The form of a row that :func:`_marked` has found."""
        its = copy.deepcopy(row)
        for one in list(its.iter()):
            if one.tag in _PASSING:  # a name that may stand once in a document
                one.getparent().remove(one)
            for name in [name for name in one.attrib if name.endswith(("}paraId", "}textId")) or "}rsid" in name]:
                del one.attrib[name]
        etree.cleanup_namespaces(its)
        said = _PLACE.split(etree.tostring(its, encoding="unicode", with_tail=False).replace(_OURS, ""))
        cells = list(its.iterchildren(f"{W}tc"))
        paragraph = next(cells[0].iter(f"{W}p"))
        run = next(paragraph.iter(f"{W}r"), None)
        face = _xml(run.find(f"{W}rPr")) if run is not None else ""
        return cls(
            tuple(said[::2]),
            tuple(said[1::2]),
            f"<w:tr>{_xml(its.find(f'{W}trPr'))}",
            f"<w:tc>{_xml(cells[0].find(f'{W}tcPr'))}<w:p>{_xml(paragraph.find(f'{W}pPr'))}<w:r>{face}"
            '<w:t xml:space="preserve">',
            len(cells),
        )

    def written(self, rows: Rows) -> Iterator[str]:
        """The rows as XML. One of a single text alone goes across the table: the name of a group."""
        places = [
            int(name) if name.isdigit() else rows.columns.index(name) if name in rows.columns else -1
            for name in self.names
        ]

        def texts(line: Sequence[str]) -> list[str]:
            return [line[n] if 0 <= n < len(line) else "" for n in places]

        # texts are given in as values of `%`, and the clerk's own cells may hold that sign
        template = "%s".join(piece.replace("%", "%%") for piece in self.pieces)
        wide = len(rows.columns) > 1
        for alone, some in groupby(rows.lines, lambda texts: wide and len(texts) == 1):
            if alone:
                yield from map(self.across, some)
            else:
                yield from chunks(map(texts, some), template, ('<w:t xml:space="preserve">', "</w:t>"))

    def across(self, line: Sequence[str]) -> str:
        wide = f'<w:gridSpan w:val="{self.cells}"/>'
        (text,) = prepared(line)
        return f"{self.begins}{_spanned(self.first, wide)}{text}</w:t></w:r></w:p></w:tc></w:tr>"


def _xml(element: Any) -> str:
    """*element* as a piece of a document that has declared the namespaces already."""
    return _SPACES.sub("", etree.tostring(element, encoding="unicode", with_tail=False)) if element is not None else ""


def _spanned(opens: str, wide: str) -> str:
    """A cell's opening, made as wide as its row: the span stands behind the width, as the schema orders it."""
    bare = re.sub(r"<w:gridSpan[^/]*/>", "", opens)
    if "<w:tcPr>" not in bare:
        return bare.replace("<w:tc>", f"<w:tc><w:tcPr>{wide}</w:tcPr>", 1)
    return re.sub(r"(<w:tcPr>(?:<w:cnfStyle[^/]*/>)?(?:<w:tcW[^/]*/>)?)", rf"\1{wide}", bare, count=1)
