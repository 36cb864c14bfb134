"""A body's own Word template, filled: placeholders by docxtpl inside Jinja's sandbox, long lists as streamed rows.

A template is code that somebody else wrote, so it gets nothing but texts, lists and rows, escapes all of them, and is held to a
time and a size. What goes in is made NFC, freed of what XML cannot carry and bound as in our own documents; what comes
out holds no clock, so the same values give the same bytes.
"""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined
from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree

from meetings.official.paper import zip_entry
from meetings.official.rows import chunks, prepared
from meetings.official.text import bound, printable
from meetings.official.vocabulary import Values

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FILTERS: Final = ("upper",)
"""What may be done to a value inside a template: capitals."""
MARKER: Final = re.compile(r"\[\[\s*([^\[\]]{1,80}?)\s*\]\]")
LONGEST: Final = 4_000_000
"""Characters of text that a template may put out; rows of long lists do not count."""
SLOWEST: Final = 10.0
_BODY: Final = "word/document.xml"
_SPLIT: Final = re.compile(rb"<!--rows-(\d{1,3})-->")
_SPACES: Final = re.compile(r' xmlns:\w+="[^"]*"')


class Unfit(Exception):
    """This template does not give a document: the sentence that says why."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja without its toys: no functions, no tests, one filter, and a clock that stops what runs too long."""

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined, finalize=self._put_out)
        self.globals.clear()
        self.tests = {}
        self.filters = {name: self.filters[name] for name in FILTERS}
        self._until = time.monotonic() + SLOWEST
        self._room = LONGEST

    def _put_out(self, value: Any) -> Any:
        self._room -= len(str(value))
        if self._room < 0 or time.monotonic() > self._until:
            raise Unfit("too long")
        return value


class _Template(DocxTemplate):
    """docxtpl, less what would change a text that somebody typed or mend in silence what a template has broken."""

    def render_xml_part(self, src_xml: str, part: Any, context: Mapping[str, Any], jinja_env: Any = None) -> str:
        # as docxtpl does it, but without its escapes `{_{`: they would rewrite a value that holds those signs
        marked = re.sub(r"<w:p([ >])", r"\n<w:p\1", src_xml)
        written = jinja_env.from_string(marked).render(context)
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
    except (TemplateError, ValueError, KeyError, TypeError, AttributeError, IndexError, ArithmeticError) as fault:
        raise Unfit(str(fault)) from fault
    except (etree.XMLSyntaxError, zipfile.BadZipFile, RecursionError) as fault:
        raise Unfit(str(fault)) from fault


def _rendered(data: bytes, values: Values, rows: Mapping[str, Rows], title: str, author: str) -> bytes:
    template = opened(data)
    template.render(_clean(values), _Sandbox(), autoescape=True)
    document = template.docx
    properties = document.core_properties
    properties.title, properties.author = printable(title)[:255], printable(author)[:255]
    properties.last_modified_by = properties.author
    properties.comments = properties.subject = properties.keywords = properties.category = ""
    marked = [row for row in document.element.body.iter(f"{W}tr") if marker_of(row)]
    lines = []
    for number, row in enumerate(marked):
        mark = marker_of(row)
        assert mark is not None
        lines.append((RowForm.read(row, mark[1]), rows.get(mark[0], Rows((), ()))))
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


@dataclass(frozen=True)
class RowForm:
    """A row as a clerk formatted it: what stands around each text, and which column it takes."""

    begins: str
    cells: tuple[tuple[str, str], ...]  # what opens each cell's text, what closes it
    columns: tuple[int, ...] | None  # by place in the rows; None: in their order
    names: tuple[str, ...]

    @classmethod
    def read(cls, row: Any, columns: Sequence[str]) -> RowForm:
        properties = row.find(f"{W}trPr")
        cells = []
        for cell in row.iterchildren(f"{W}tc"):
            paragraph = cell.find(f"{W}p")
            run = next(paragraph.iter(f"{W}r"), None)
            face = _xml(run.find(f"{W}rPr")) if run is not None else ""
            cells.append(
                (
                    f"<w:tc>{_xml(cell.find(f'{W}tcPr'))}<w:p>{_xml(paragraph.find(f'{W}pPr'))}"
                    f'<w:r>{face}<w:t xml:space="preserve">',
                    "</w:t></w:r></w:p></w:tc>",
                )
            )
        return cls(f"<w:tr>{_xml(properties)}", tuple(cells), None, tuple(columns))

    def placed(self, columns: Sequence[str]) -> RowForm:
        """This form for a list whose columns are *columns*, in their order."""
        if not any(self.names):
            return self
        places = tuple(columns.index(name) if name in columns else -1 for name in self.names)
        return RowForm(self.begins, self.cells, places, self.names)

    def written(self, rows: Rows) -> Iterator[str]:
        """The rows as XML. One of a single text alone goes across the table: the name of a group."""
        form = self.placed(rows.columns)
        # texts are given in as values of `%`, and the clerk's own cells may hold that sign
        line = form.begins + "".join(f"{opens}\x1f{closes}" for opens, closes in form.cells) + "</w:tr>"
        template = line.replace("%", "%%").replace("\x1f", "%s")
        wide = len(rows.columns) > 1
        for alone, some in groupby(rows.lines, lambda texts: wide and len(texts) == 1):
            if alone:
                yield from map(form.across, some)
            else:
                yield from chunks(map(form.texts, some), template, ("", ""))

    def across(self, line: Sequence[str]) -> str:
        opens, closes = self.cells[0]
        wide = f'<w:gridSpan w:val="{len(self.cells)}"/>'
        (text,) = prepared(line)
        return f"{self.begins}{_spanned(opens, wide)}{text}{closes}</w:tr>"

    def texts(self, line: Sequence[str]) -> list[str]:
        if self.columns is None:
            return [line[n] if n < len(line) else "" for n in range(len(self.cells))]
        return [line[n] if 0 <= n < len(line) else "" for n in self.columns]


def _xml(element: Any) -> str:
    """*element* as a piece of a document that has declared the namespaces already."""
    return _SPACES.sub("", etree.tostring(element, encoding="unicode", with_tail=False)) if element is not None else ""


def _spanned(opens: str, wide: str) -> str:
    """A cell's opening, made as wide as its row: the span stands behind the width, as the schema orders it."""
    bare = re.sub(r"<w:gridSpan[^/]*/>", "", opens)
    if "<w:tcPr>" not in bare:
        return bare.replace("<w:tc>", f"<w:tc><w:tcPr>{wide}</w:tcPr>", 1)
    return re.sub(r"(<w:tcPr>(?:<w:cnfStyle[^/]*/>)?(?:<w:tcW[^/]*/>)?)", rf"\1{wide}", bare, count=1)
