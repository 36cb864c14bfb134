"""A .docx that came back from Word: whether it may be kept, what it says, how that differs, and a number put into it.

The file itself is never rebuilt: what a person set in Word stays to the byte, but for the paragraphs that get a number.
"""

from __future__ import annotations

import difflib
import html
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import docx
from lxml import etree

from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.official.text import nfc

MOST: Final = 20 * 1024 * 1024
_UNPACKED: Final = 150 * 1024 * 1024
_RATIO: Final = 250
_PARTS: Final = 2000
_DOCUMENT: Final = "word/document.xml"
_TYPES: Final = "[Content_Types].xml"
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FETCHES: Final = re.compile(r"\b(?:DDEAUTO|DDE|INCLUDETEXT|INCLUDEPICTURE|LINK|IMPORT|MACROBUTTON|DATABASE)\b")
_OUTSIDE: Final = re.compile(r"(?i)^(?:https?|ftp|mhtml):|^(?:file:)?[\\/]{2}(?![\\/]?/?[a-z]:)")
"""A target on another machine. ``file:///C:\\…\\Normal.dotm``, which Word writes into many files, is none."""


# --- may it be kept? -------------------------------------------------------------------------------------------------


def check(data: bytes, name: str) -> None:
    """Raise :class:`Refused` at ``file``, in words a clerk can act on, unless *data* is a .docx without anything that acts."""
    if data.startswith(_OLE):
        raise _no(_("The file has a password, or it is an old .doc. Take the password off, or save it as .docx."))
    if name.lower().endswith((".docm", ".dotm")):
        raise _no(_("A .docm or .dotm holds macros and is never taken. Save it as .docx."))
    if not name.lower().endswith(".docx") or not data.startswith(b"PK\x03\x04"):
        raise _no(_("Only the document as Word saves it (.docx) is taken here."))
    if len(data) > MOST:
        raise _no(_("The document may have at most 20 MB. Leave out large pictures."))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_package(archive)
        docx.Document(io.BytesIO(data))
    except Refused:
        raise
    except Exception as fault:  # whatever a broken package makes zipfile, lxml or python-docx say
        raise _no(
            _("The file is damaged and cannot be opened (%(why)s). Save it anew from Word.", why=str(fault)[:120])
        ) from None


def _check_package(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    names = [one.filename for one in members]
    if any(one.flag_bits & 1 for one in members):
        raise _no(_("The file has a password, or it is an old .doc. Take the password off, or save it as .docx."))
    if (
        len(members) > _PARTS
        or sum(one.file_size for one in members) > _UNPACKED
        or any(one.file_size > 1_000_000 and one.file_size > _RATIO * max(1, one.compress_size) for one in members)
    ):
        raise _no(_("Unpacked, the file is far larger than minutes can be. It is not opened."))
    if len(names) != len(set(names)) or _DOCUMENT not in names or _TYPES not in names:
        raise _no(_("The file is damaged and cannot be opened (%(why)s). Save it anew from Word.", why=_DOCUMENT))
    lowered = [one.lower() for one in names]
    if any("vbaproject" in one or "vbadata" in one for one in lowered) or b"macroEnabled" in archive.read(_TYPES):
        raise _no(_("The file holds macros. Save it as a .docx without macros."))
    if any(one.startswith(("word/embeddings", "word/activex")) for one in lowered):
        raise _no(_("The file holds embedded objects (OLE, ActiveX). Take them out, or put them in as pictures."))
    for one in names:
        if one.endswith(".rels"):
            _check_links(_parsed(archive.read(one), one))
    words = archive.read(_DOCUMENT)
    if b"<!DOCTYPE" in words[:2000] or b"<!ENTITY" in words[:2000]:
        raise _no(_("The part %(part)s of the file holds what no Word document holds.", part=_DOCUMENT))
    if b":altChunk" in words:
        raise _no(_("The file takes in another file (altChunk). Paste its text instead."))
    if fetched := _FETCHES.search(b" ".join(_instructions(words)).decode("utf-8", "replace")):
        raise _no(_("The field %(field)s fetches something from outside. Take it out.", field=fetched.group(0)))


def _instructions(words: bytes) -> Iterator[bytes]:
    for text, attribute in re.findall(rb"<w:instrText[^>]*>([^<]*)<|w:instr=\"([^\"]*)\"", words):
        yield text or attribute


def _check_links(tree: Any) -> None:
    for link in tree:
        target, kind = link.get("Target", ""), link.get("Type", "").rpartition("/")[2]
        if link.get("TargetMode") == "External" and kind != "hyperlink" and _OUTSIDE.search(target):
            raise _no(_("The file fetches something from %(where)s when it is opened. Take it out.", where=target[:80]))


def _parsed(data: bytes, part: str) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    tree = etree.fromstring(data, parser)
    if tree.getroottree().docinfo.doctype:
        raise _no(_("The part %(part)s of the file holds what no Word document holds.", part=part))
    return tree


def _no(sentence: str) -> Refused:
    return Refused(sentence, field="file", status=422)


class Unsettled(StrEnum):
    """What Word still shows in the margin and no document that goes out may hold."""

    CHANGES = "changes"
    COMMENTS = "comments"


def unsettled(data: bytes) -> tuple[Unsettled, ...]:
    """Whether *data* holds changes that nobody accepted, or comments: whoever receives it would read what was struck out."""
    words = _words(data)
    found = []
    if re.search(rb"<w:(?:ins|del|moveFrom|moveTo) ", words):
        found.append(Unsettled.CHANGES)
    if b"<w:commentReference " in words:
        found.append(Unsettled.COMMENTS)
    return tuple(found)


def _words(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(_DOCUMENT)


# --- what it says ----------------------------------------------------------------------------------------------------


def lines(data: bytes) -> list[str]:
    """The text of a .docx as it is read: a line for each paragraph, and for each row of a table its cells side by side.

    What was struck out as a tracked change is not there, what was put in is. Blanks count once, however they were made.
    """
    found: list[str] = []
    rows: list[list[list[str]]] = []  # the rows of tables that are open, each with the cells it has so far
    wanted = tuple(f"{_W}{name}" for name in ("p", "tc", "tr"))
    parts = etree.iterparse(
        io.BytesIO(_words(data)), events=("start", "end"), tag=wanted, resolve_entities=False, no_network=True
    )
    for event, element in parts:
        what = element.tag.rpartition("}")[2]
        if event == "start":
            if what == "tr":
                rows.append([])
            elif what == "tc" and rows:
                rows[-1].append([])
            continue
        if what == "p":
            text = squeezed("".join(_texts(element)))
            element.clear()
            if text and rows and rows[-1]:
                rows[-1][-1].append(text)
            elif text:
                found.append(text)
        elif what == "tr":
            line = " | ".join(" ".join(cell) for cell in rows.pop() if cell)
            element.clear()
            if line and rows and rows[-1]:
                rows[-1][-1].append(line)  # a table in a cell
            elif line:
                found.append(line)
    return found


def _texts(paragraph: Any) -> Iterator[str]:
    for element in paragraph.iter(f"{_W}t", f"{_W}tab", f"{_W}br", f"{_W}noBreakHyphen"):
        if element.tag == f"{_W}t":
            yield element.text or ""
        else:
            yield "-" if element.tag == f"{_W}noBreakHyphen" else " "


def squeezed(text: str) -> str:
    """*text* as it is compared: NFC, each run of blanks of whatever width one space."""
    return " ".join(nfc(text).split())


# --- how it differs --------------------------------------------------------------------------------------------------

_HEAVY: Final = 3000
"""With more lines than that between the first and the last difference, lines are only told apart, not put in order."""


@dataclass(frozen=True)
class Piece:
    """Some words of a difference: on both sides (""), only on ours (``gone``), only in the file (``new``)."""

    mark: str
    text: str


@dataclass(frozen=True)
class Difference:
    """A place where two texts differ: what stands there on our side, what in the file, and both at once word by word."""

    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    pieces: tuple[tuple[Piece, ...], ...] = ()


def differences(ours: Sequence[str], theirs: Sequence[str]) -> list[Difference]:
    """Where *theirs* says something else than *ours*, in order; nothing where both say the same."""
    first = 0
    while first < min(len(ours), len(theirs)) and ours[first] == theirs[first]:
        first += 1
    last = 0
    while last < min(len(ours), len(theirs)) - first and ours[-1 - last] == theirs[-1 - last]:
        last += 1
    a, b = ours[first : len(ours) - last], theirs[first : len(theirs) - last]
    if not a and not b:
        return []
    if max(len(a), len(b)) > _HEAVY:
        mine, hers = set(a), set(b)
        return [
            Difference(
                tuple(one for one in a if one not in hers)[:_HEAVY], tuple(one for one in b if one not in mine)[:_HEAVY]
            )
        ]
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    return [_difference(tuple(a[i:j]), tuple(b[k:m])) for tag, i, j, k, m in matcher.get_opcodes() if tag != "equal"]


def _difference(ours: tuple[str, ...], theirs: tuple[str, ...]) -> Difference:
    """With the words marked where lines stand against lines; a line without a counterpart is gone or new as a whole."""
    pairs = max(len(ours), len(theirs))
    marked = tuple(
        _pieces(ours[n] if n < len(ours) else "", theirs[n] if n < len(theirs) else "") for n in range(pairs)
    )
    return Difference(ours, theirs, marked)


def _pieces(ours: str, theirs: str) -> tuple[Piece, ...]:
    if not ours or not theirs:
        return (Piece("new" if theirs else "gone", ours or theirs),)
    a, b = ours.split(), theirs.split()
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    if matcher.ratio() < 0.3:
        return Piece("gone", ours), Piece("new", theirs)
    pieces = []
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(Piece("", " ".join(a[i:j])))
            continue
        if j > i:
            pieces.append(Piece("gone", " ".join(a[i:j])))
        if m > k:
            pieces.append(Piece("new", " ".join(b[k:m])))
    return tuple(pieces)


# --- a number put into it --------------------------------------------------------------------------------------------

_PARAGRAPH: Final = re.compile(r"<w:p[ >]")
_TEXT: Final = re.compile(r"(<w:t)(?: [^<>]*)?(>)([^<]*)(</w:t>)|<w:(?:tab|br)(?: [^<>]*)?/>")
_LONGEST: Final = 40_000  # of the XML of a paragraph that may be a number line
_ROOM: Final = r"[\s.…_]*"


def with_lines(data: bytes, wanted: Mapping[str, str]) -> tuple[bytes, frozenset[str]]:
    """*data* with each line of *wanted* (as it stands before the number → as it reads with it), and which were not found.

    A line is found where it stands alone in a paragraph, exactly once, with nothing but room where the number goes: one that
    somebody changed is left alone. Everything else in the file stays to the byte.
    """
    source = _words(data).decode("utf-8")
    patterns = {line: re.compile(_untouched(line)) for line in wanted}
    found: dict[str, list[tuple[int, int, str]]] = {line: [] for line in wanted}
    for start, end in _paragraphs(source):
        xml = source[start:end]
        said = squeezed(html.unescape("".join(one.group(3) or " " for one in _TEXT.finditer(xml))))
        for line, pattern in patterns.items():
            if pattern.fullmatch(said):
                found[line].append((start, end, _said(xml, wanted[line])))
    missing = frozenset(line for line, places in found.items() if len(places) != 1)
    places = sorted(places[0] for line, places in found.items() if line not in missing)
    pieces, at = [], 0
    for start, end, xml in places:
        pieces += [source[at:start], xml]
        at = end
    return _rewritten(data, "".join([*pieces, source[at:]]).encode()), missing


def _paragraphs(source: str) -> Iterator[tuple[int, int]]:
    """Where the paragraphs stand that hold words and no other paragraph."""
    starts = [match.start() for match in _PARAGRAPH.finditer(source)]
    for start, following in zip(starts, [*starts[1:], len(source)], strict=True):
        end = source.find("</w:p>", start, following)
        if end > 0 and end - start < _LONGEST and source.find("<w:t", start, end) > 0:
            yield start, end + len("</w:p>")


def _untouched(line: str) -> str:
    """A pattern for *line* in which every gap may be as wide as it likes, dotted or not."""
    gap = re.compile(r"\s+")
    return _ROOM.join(re.escape(word) for word in gap.split(nfc(line).strip())) if line.strip() else r"(?!)"


def _said(xml: str, text: str) -> str:
    """The paragraph *xml* saying *text*, in the type of its first words."""
    written = False

    def put(match: re.Match[str]) -> str:
        nonlocal written
        if match.group(3) is None:  # a tab or a break between the words
            return ""
        if written:
            return f"{match.group(1)}{match.group(2)}{match.group(4)}"
        written = True
        return f'{match.group(1)} xml:space="preserve"{match.group(2)}{html.escape(text, quote=False)}{match.group(4)}'

    return _TEXT.sub(put, xml)


def _rewritten(data: bytes, words: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after:
        for one in before.infolist():
            kept = zipfile.ZipInfo(one.filename, one.date_time)
            kept.compress_type, kept.external_attr = one.compress_type, one.external_attr
            after.writestr(kept, words if one.filename == _DOCUMENT else before.read(one.filename))
    return made.getvalue()


# --- how it looks ----------------------------------------------------------------------------------------------------

_ROWS: Final = 60
"""So many rows of a table are shown; the annex of a national conference is read in the file."""


@dataclass(frozen=True)
class Shown:
    """A paragraph, or a table: what of its look matters to whoever reads it on a screen.

    *cells*: row by row, each cell a list of paragraphs; *more* rows are left out. *ruled*: it has lines, so it is a list and
    not the frame of a letterhead or of two signatures.
    """

    text: str = ""
    bold: bool = False
    italic: bool = False
    centred: bool = False
    cells: tuple[tuple[tuple[Shown, ...], ...], ...] = ()
    ruled: bool = False
    more: int = 0


def sheet(data: bytes) -> list[Shown]:
    """A .docx as it is shown on a page: its words in order, with bold, italics, centring and tables."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    body = etree.fromstring(_words(data), parser).find(f"{_W}body")
    return [shown for element in body for shown in _shown(element)]


def _shown(element: Any) -> Iterator[Shown]:
    if element.tag == f"{_W}p":
        if one := _paragraph(element):
            yield one
    elif element.tag == f"{_W}tbl":
        rows = element.findall(f"{_W}tr")
        cells = tuple(
            tuple(tuple(one for p in cell.iter(f"{_W}p") if (one := _paragraph(p))) for cell in row.findall(f"{_W}tc"))
            for row in rows[:_ROWS]
        )
        lined = any(
            one.get(f"{_W}val") not in ("nil", "none", None)
            for borders in element.iter(f"{_W}tblBorders", f"{_W}tcBorders")
            for one in borders
        )
        yield Shown(cells=cells, ruled=lined, more=max(0, len(rows) - _ROWS))
    elif element.tag == f"{_W}sdt":
        for inner in element.iterfind(f"{_W}sdtContent/*"):
            yield from _shown(inner)


def _paragraph(element: Any) -> Shown | None:
    text = squeezed("".join(_texts(element)))
    if not text:
        return None
    runs = [run for run in element.iter(f"{_W}r") if run.find(f"{_W}t") is not None]

    def all_have(mark: str) -> bool:
        return all(run.find(f"{_W}rPr/{_W}{mark}") is not None for run in runs)

    aligned = element.find(f"{_W}pPr/{_W}jc")
    return Shown(text, all_have("b"), all_have("i"), aligned is not None and aligned.get(f"{_W}val") == "center")
