"""Is an uploaded .docx fit to be a template? Everything that is wrong with it, in words that a clerk can act on.

First the file as a file (size, bombs, macros, what it fetches or carries), then what it asks for: only names of its vocabulary,
loops over short lists and plain conditions, so that nothing it may say can run long. Last it is filled with examples.
"""

from __future__ import annotations

import difflib
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any, Final

from jinja2 import nodes
from jinja2.exceptions import TemplateError
from lxml import etree

from meetings.i18n import gettext as _
from meetings.official import template, vocabulary
from meetings.official.template import BROKEN, FILTERS, MARKER, Rows, Unfit, W, marker_of, text_of
from meetings.official.text import fold
from meetings.official.vocabulary import DOCUMENT_WORDS, DocumentKind, Many, Word

MOST: Final = 2 * 1024 * 1024
_UNPACKED: Final = 20 * 1024 * 1024
_TEXT: Final = 1_500_000
_RATIO: Final = 200
_PARTS: Final = 300
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FETCHING: Final = "DDEAUTO|DDE|INCLUDETEXT|INCLUDEPICTURE|LINK|IMPORT|MACROBUTTON|DATABASE"
_FIELDS: Final = re.compile(rf"\b({_FETCHING})\b")
_FIELDS_IN_ANY_CASE: Final = re.compile(rf"^\s*({_FETCHING})\b", re.IGNORECASE | re.MULTILINE)
"""As Word reads them: the first word of a field, in small letters too."""
_HALF: Final = re.compile(r"(?<![{\w])\{\s*(\w+)\s*\}(?!\})")
_BARE: Final = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
_BRACKETED: Final = re.compile(r"[\[{<«‹$]\s*([^\[\]{}<>«»‹›]{2,60}?)\s*[\]}>»›]")
_STRAY: Final = re.compile(r"\{\{|\}\}|\{%|%\}|\[\[|\]\]|[{}]")
_SAYING: Final = re.compile(r"word/(document|header\d*|footer\d*)\.xml$")
_NOTES: Final = re.compile(r"word/(footnotes|endnotes|comments)\.xml$")


def faults(data: bytes, name: str, kind: DocumentKind) -> list[str]:
    """What keeps *data*, uploaded as *name*, from being the template for documents of *kind*; nothing for a fit one."""
    found = list(_of_the_file(data, name))
    if found:
        return found
    found = _told(data, kind)
    if found:
        meant = next((one for one in DocumentKind if one is not kind and not _told(data, one)), None)
        if meant is not None:
            return [
                _(
                    "This is a template for another kind of document: %(kind)s. Choose it.",
                    kind=str(DOCUMENT_WORDS[meant]),
                )
            ]
        return found
    values, rows = vocabulary.example(kind)
    its = vocabulary.words(kind)
    listed = {key: Rows(_columns(its[key]), lines) for key, lines in rows.items()}
    try:
        filled = template.render(data, values, listed, title="x", author="x")
    except Unfit as fault:
        return [_("Filled with an example, this template gives no document: %(why)s", why=str(fault)[:300])]
    return list(dict.fromkeys(_left_over(filled, its)))


def _loose(part: Any) -> bool:
    """Whether a text of *part* stands where no program shows it."""
    around = part.iter(*(f"{W}{name}" for name in ("body", "p", "r", "tbl", "tr", "tc")))
    return any(text and text.strip() for one in around for text in (one.text, *(child.tail for child in one)))


def _told(data: bytes, kind: DocumentKind) -> list[str]:
    """What is wrong with the words of *data*, each thing once; a package that is no Word document is told as one, too."""
    try:
        return list(dict.fromkeys(_of_the_words(data, kind)))
    except RecursionError:
        return [_("Conditions stand inside each other too deeply to be read. Write fewer.")]
    except BROKEN as fault:
        return [_damaged(str(fault) or type(fault).__name__)]


def _left_over(filled: bytes, known: Mapping[str, Word | Many]) -> Iterator[str]:
    """What a clerk meant as a placeholder and what is printed as it stands: a brace too few, another bracket, a bare name."""
    with zipfile.ZipFile(io.BytesIO(filled)) as archive:
        parts = [_parsed(archive.read(name)) for name in archive.namelist() if _SAYING.match(name)]
    if any(_loose(part) for part in parts):
        yield _("A placeholder stands outside its text, as {{r … }} puts it: write {{ … }} alone.")
    for said in (text_of(one) for part in parts for one in part.iter(f"{W}p")):
        bare = [one for one in _BARE.findall(said) if one in known]
        for inside in _BRACKETED.findall(said):
            near = fold(inside).replace(" ", "_").replace("-", "_")
            if near in known:
                bare.append(near)
        if bare:
            yield _(
                "“%(place)s” would be printed as it stands: a placeholder is written {{ %(name)s }}.",
                place=said.strip()[:90],
                name=bare[0],
            )
        elif _STRAY.search(said):
            yield _(
                "“%(place)s” would be printed as it stands: a brace or a bracket is missing, or there is one too many.",
                place=said.strip()[:90],
            )


def _columns(one: Word | Many) -> tuple[str, ...]:
    return one.columns if isinstance(one, Many) else ()


# --- the file --------------------------------------------------------------------------------------------------------


def _of_the_file(data: bytes, name: str) -> Iterator[str]:
    if data.startswith(_OLE):
        yield _("The file has a password, or it is an old .doc. Take the password off, or save it as .docx.")
        return
    if name.lower().endswith((".docm", ".dotm")):
        yield _("A .docm or .dotm holds macros and is never taken. Save it as .docx.")
        return
    if not name.lower().endswith(".docx") or not data.startswith(b"PK\x03\x04"):
        yield _("Only a Word document (.docx) can be a template.")
        return
    if len(data) > MOST:
        yield _("A template may have at most 2 MB. Leave out large pictures.")
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from _of_the_package(archive)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, RuntimeError) as fault:
        yield _damaged(str(fault))


def _damaged(why: str) -> str:
    return _("The file is damaged and cannot be opened (%(why)s). Save it anew from Word.", why=why[:120])


def _of_the_package(archive: zipfile.ZipFile) -> Iterator[str]:
    members = archive.infolist()
    names = [one.filename for one in members]
    if any(one.flag_bits & 1 for one in members):
        yield _("The file has a password, or it is an old .doc. Take the password off, or save it as .docx.")
        return
    if (
        len(members) > _PARTS
        or sum(one.file_size for one in members) > _UNPACKED
        or any(one.file_size > 100_000 and one.file_size > _RATIO * max(1, one.compress_size) for one in members)
    ):
        yield _("Unpacked, the file is far larger than a template can be. It is not opened.")
        return
    if len(names) != len(set(names)) or "word/document.xml" not in names or "[Content_Types].xml" not in names:
        yield _damaged("word/document.xml")
        return
    if any("vbaproject" in one.lower() or "vbadata" in one.lower() for one in names):
        yield _("The file holds macros. Save it as a .docx without macros.")
    if any(one.lower().startswith(("word/embeddings", "word/activex")) for one in names):
        yield _("The file holds embedded objects (OLE, ActiveX). Take them out, or put them in as pictures.")
    trees: dict[str, Any] = {}
    for one in names:
        if one.endswith((".xml", ".rels")):
            tree = _parsed(archive.read(one))
            if tree is None:
                yield _("The part %(part)s of the file is damaged or holds what no Word document holds.", part=one)
                return
            trees[one] = tree
    yield from _of_the_parts(trees)


def _parsed(data: bytes) -> Any:
    """The tree of a part; None where it is broken or declares entities."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        tree = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return None if tree.getroottree().docinfo.doctype else tree


_FIELD_PARTS: Final = (f"{W}instrText", f"{W}fldChar")


def _of_the_parts(trees: Mapping[str, Any]) -> Iterator[str]:
    types = etree.tostring(trees["[Content_Types].xml"], encoding="unicode")
    if "macroEnabled" in types:
        yield _("The file holds macros. Save it as a .docx without macros.")
    if "document.main+xml" not in types and "template.main+xml" in types:
        yield _("The file is a Word template (.dotx) under another name. Open it in Word and save it as .docx.")
    root = trees["word/document.xml"].tag
    if root != f"{W}document":
        yield (
            _("The file was saved as “Strict Open XML”. Save it as “Word Document (*.docx)”.")
            if root.startswith("{http://purl.oclc.org/ooxml/")
            else _damaged("word/document.xml")
        )
    for name, tree in trees.items():
        if name.endswith(".rels"):
            yield from _of_the_links(tree)
        if not name.startswith("word/"):
            continue
        fields = "".join(one.text or "" if one.tag == f"{W}instrText" else "\n" for one in tree.iter(*_FIELD_PARTS))
        fields += "".join(f"\n{one.get(f'{W}instr', '')}" for one in tree.iter(f"{W}fldSimple"))
        named = [*_FIELDS.findall(fields), *_FIELDS_IN_ANY_CASE.findall(fields)]
        for field in sorted({one.upper() for one in named}):
            yield _("The field %(field)s fetches something from outside. Take it out.", field=field)
        if next(tree.iter(f"{W}altChunk"), None) is not None:
            yield _("The file takes in another file (altChunk). Paste its text instead.")
        if _SAYING.match(name):
            if next(tree.iter(f"{W}ins", f"{W}del", f"{W}moveFrom", f"{W}moveTo"), None) is not None:
                yield _("Tracked changes are still in the file. Accept or reject all of them, then save.")
        if _NOTES.match(name):
            if re.search(r"\{\{|\{%|\[\[", text_of(tree)):
                yield _("A placeholder stands in a footnote or a comment, where none is filled. Move it into the text.")
            if "comments" in name and text_of(tree):
                yield _("Comments are still in the file. Delete them: they would go out with every document.")


def _of_the_links(tree: Any) -> Iterator[str]:
    for one in tree:
        if one.get("TargetMode") != "External":
            continue
        kind, target = one.get("Type", "").rpartition("/")[2], one.get("Target", "")
        if kind == "hyperlink" and target.lower().startswith(("http://", "https://", "mailto:")):
            continue
        if kind == "attachedTemplate":
            yield _(
                "The file hangs on a template of the computer where it was made: %(target)s. In Word, open File, Options, "
                "Add-ins, choose Templates and Go, and put Normal in its place; then save.",
                target=target[:120],
            )
            continue
        yield _("The file is linked to something outside it: %(target)s. Break the link and save.", target=target[:120])


# --- what it asks for ------------------------------------------------------------------------------------------------


def _of_the_words(data: bytes, kind: DocumentKind) -> Iterator[str]:
    known = vocabulary.words(kind)
    asked: set[str] = set()
    its = template.opened(data)
    its.render_init()
    parts = [its.docx.element.body]
    for uri in (its.HEADER_URI, its.FOOTER_URI):
        parts += [etree.fromstring(part.blob) for _key, part in its.get_headers_footers(uri)]
    for number, part in enumerate(parts):
        text = its.xml_to_string(part)
        if len(text) > _TEXT:
            yield _("The text of the template is too long: a template has a few pages.")
            return
        yield from _of_the_markers(part, known, asked, body=number == 0)
        for half in _HALF.findall(" ".join(text_of(one) for one in part.iter(f"{W}p"))):
            if half in known:
                yield _("“{%(name)s}” has one brace too few: write {{ %(name)s }}.", name=half)
        source = re.sub(r"<w:p([ >])", r"\n<w:p\1", its.patch_xml(text))
        try:
            tree = template.sandbox().parse(source)
        except TemplateError as fault:
            yield _miswritten(source, fault)
            return
        yield from _Reader(known, asked, source).read(tree.body, {})
    for one in known.values():
        if one.needed and one.name not in asked:
            yield _("{{ %(name)s }} is missing: %(meaning)s.", name=one.name, meaning=str(one.meaning))


def _of_the_markers(part: Any, known: Mapping[str, Word | Many], asked: set[str], *, body: bool) -> Iterator[str]:
    rows: list[str] = []
    for row in part.iter(f"{W}tr"):
        mark = marker_of(row)
        if mark is None:
            continue
        rows += MARKER.findall(" ".join(text_of(cell) for cell in row.iterchildren(f"{W}tc")))
        name, columns = mark
        many = known.get(name)
        if not isinstance(many, Many):
            lists = [one.name for one in known.values() if isinstance(one, Many)]
            yield _unknown(f"[[{name}]]", name, lists)
            continue
        asked.add(name)
        if not many.long:
            yield _(
                "[[%(name)s]] marks a row for a long list; %(name)s is short: use a loop, {%%tr for … %%}.", name=name
            )
        for column in columns:
            if column and column not in many.columns:
                yield _unknown(f"[[{name}.{column}]]", column, many.columns)
    loose = MARKER.findall(text_of(part))
    if not body and loose:
        yield _("[[%(name)s]] stands in a header or footer, where no list is put.", name=loose[0])
    elif len(loose) > len(rows):
        strange = next((one for one in loose if loose.count(one) > rows.count(one)), loose[0])
        yield _(
            "[[%(name)s]] stands outside a table: put it into a cell of the row that is to be repeated.", name=strange
        )


def _unknown(shown: str, name: str, known: Any) -> str:
    near = difflib.get_close_matches(fold(name), list(known), 1, 0.5)
    if near:
        return _("%(shown)s is no placeholder of this document. Is %(near)s meant?", shown=shown, near=near[0])
    return _("%(shown)s is no placeholder of this document.", shown=shown)


def _miswritten(source: str, fault: TemplateError) -> str:
    place = _near(source, getattr(fault, "lineno", None) or 1)
    if "Unexpected end of template" in str(fault.message) or "unknown tag 'end" in str(fault.message):
        return _(
            "A loop or a condition near “%(place)s” is not closed: {%% endfor %%}, {%% endif %%}.",
            place=place,
        )
    return _(
        "A placeholder or a loop is not written rightly near “%(place)s”: see its braces and its name.", place=place
    )


def _near(source: str, number: int) -> str:
    """What stands at a line of the template, for whoever looks for it in Word."""
    lines = source.split("\n")
    for line in [lines[min(number, len(lines)) - 1], *reversed(lines[: number - 1])]:
        said = " ".join(re.sub(r"<[^>]+>", "", line).split())
        if said:
            return said[:90]
    return ""


class _Reader:
    """Walks what a template does: names, loops over the short lists, conditions; the rest is told."""

    def __init__(self, known: Mapping[str, Word | Many], asked: set[str], source: str) -> None:
        self.known, self.asked, self.source = known, asked, source

    def read(self, body: list[Any], rows: Mapping[str, Many]) -> Iterator[str]:
        for node in body:
            if isinstance(node, nodes.Output):
                for part in node.nodes:
                    if not isinstance(part, nodes.TemplateData):
                        yield from self.value(part, rows)
            elif isinstance(node, nodes.If):
                yield from self.condition(node.test, rows)
                for branch in (node.body, node.else_, node.elif_):
                    yield from self.read(list(branch), rows)
            elif isinstance(node, nodes.For):
                yield from self.loop(node, rows)
            else:
                yield self.refused(node)

    def refused(self, node: Any) -> str:
        place = _near(self.source, node.lineno or 1)
        return _("Near “%(place)s”: only placeholders, {%% for … %%} and {%% if … %%} may be used.", place=place)

    def loop(self, node: Any, rows: Mapping[str, Many]) -> Iterator[str]:
        if rows or node.recursive or node.test or not isinstance(node.target, nodes.Name):
            yield self.refused(node)
            return
        if not isinstance(node.iter, nodes.Name):
            yield self.refused(node)
            return
        many = self.known.get(node.iter.name)
        if not isinstance(many, Many):
            lists = [one.name for one in self.known.values() if isinstance(one, Many)]
            yield _unknown(f"{{% for … in {node.iter.name} %}}", node.iter.name, lists)
            return
        self.asked.add(many.name)
        if many.long:
            yield _(
                "%(name)s may have thousands of rows: write [[%(name)s]] into the first cell of a table row, not a loop.",
                name=many.name,
            )
        yield from self.read(node.body, {node.target.name: many})
        yield from self.read(node.else_, rows)

    def value(self, node: Any, rows: Mapping[str, Many]) -> Iterator[str]:
        if isinstance(node, nodes.Filter) and node.name in FILTERS and not node.args and not node.kwargs:
            node = node.node
        if isinstance(node, nodes.Name):
            yield from self.name(node, rows)
        elif isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
            yield from self.column(node, rows)
        else:
            yield self.refused(node)

    def name(self, node: Any, rows: Mapping[str, Many]) -> Iterator[str]:
        if node.name in rows:
            if rows[node.name].fields:
                columns = ", ".join(f"{node.name}.{one}" for one in rows[node.name].columns)
                yield _(
                    "{{ %(name)s }} is a whole row. Name one of its columns: %(columns)s.",
                    name=node.name,
                    columns=columns,
                )
            return
        one = self.known.get(node.name)
        if one is None:
            yield _unknown(f"{{{{ {node.name} }}}}", node.name, self.known)
        elif isinstance(one, Many):
            yield _(
                "{{ %(name)s }} is a list: write {%% for … in %(name)s %%} around what is repeated.", name=node.name
            )
        else:
            self.asked.add(node.name)

    def column(self, node: Any, rows: Mapping[str, Many]) -> Iterator[str]:
        row = node.node.name
        shown = f"{{{{ {row}.{node.attr} }}}}"
        if row == "loop" and rows and node.attr in ("index", "first", "last"):
            return
        if row not in rows:
            yield _unknown(shown, row, rows or self.known)
        elif node.attr not in rows[row].columns:
            yield _unknown(shown, node.attr, rows[row].columns)

    def condition(self, node: Any, rows: Mapping[str, Many]) -> Iterator[str]:
        if isinstance(node, nodes.Not):
            yield from self.condition(node.node, rows)
        elif isinstance(node, nodes.And | nodes.Or):
            yield from self.condition(node.left, rows)
            yield from self.condition(node.right, rows)
        elif isinstance(node, nodes.Compare) and all(one.op in ("eq", "ne") for one in node.ops):
            for part in (node.expr, *(one.expr for one in node.ops)):
                if not isinstance(part, nodes.Const):
                    yield from self.condition(part, rows)
        elif isinstance(node, nodes.Name) and isinstance(self.known.get(node.name), Many) and node.name not in rows:
            self.asked.add(node.name)  # whether a list has anything in it
        else:
            yield from self.value(node, rows)
