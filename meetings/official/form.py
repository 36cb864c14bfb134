"""The parts of an official document: heads, titles, bodies, signatures, annexes, set as its issuer's form says.

What stands in a head, which size it has and which words are signed with is data (``layouts/``): for the decree the national
title 13 bold, the motto 14 bold with a rule of its own length, issuer and number 13, place and date 14 italic, kind and
subject 14 bold, body 14, recipients 12 and 11. Distances are those of the Ministry's own model files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from meetings.official import metrics
from meetings.official.dates import date_plain, place_and_date
from meetings.official.layout import Face, HeadLine, Layout, usual
from meetings.official.paper import FIRST_LINE, LOOSE, TWIPS_PER_MM, Run, Text, paragraph, row, rule, table, twips
from meetings.official.text import NBSP, bound

LETTERS: Final = "abcdđeghiklmnopqrstuvxy"
PORTRAIT: Final = 165.0
"""Width of the text in millimetres on an upright page."""
LANDSCAPE: Final = 252.0
_RULE: Final = 0.7
"""How high a rule stands, in millimetres."""
TITLE_ROOM: Final = 138.0
"""A title line is not longer: it would look like body text."""
BESIDE: Final = 30
"""So many lines of Nơi nhận stay together on the page of the signature. Of a longer list only the first lines do: a row
higher than a page is torn, and then no program keeps the signature with the text."""
_AT_LEAST: Final = 12
_DATED: Final = 13.0
"""The smallest size of place and date."""
ABOUT: Final = 12.0
"""The size of ``V/v …`` under the number of an official letter (Annex I allows 12 or 13)."""


@dataclass(frozen=True)
class Issuer:
    """Who issues: the body, the parent that stands above it ("" for none), and the place its letters are dated from.

    *full_name* is how sentences call it (``Bộ Điều phối số``); *name* and *parent* are printed in capitals, a line break in
    them is kept. *symbol* stands for it in numbers (``BĐPS``), *address* below its recipients; *honorific* goes before the
    name of whoever it speaks of (``Đồng chí``), "" leaves each person her own. *layout* is the form of its documents.
    """

    name: str
    place: str
    parent: str = ""
    full_name: str = ""
    symbol: str = ""
    address: str = ""
    honorific: str = ""
    layout: Layout = field(default_factory=usual, repr=False)

    @property
    def called(self) -> str:
        """The name used inside sentences."""
        return self.full_name or " ".join(self.name.split())

    def numbered(self, kind: str, number: str = "", on: date | None = None, *, body: str = "") -> Numbering:
        """The number of a document of *kind* (``record`` · ``notice`` · ``invitation`` · ``reminder`` · ``report``) in its form.

        *body* is the symbol of a body that has none.
        """
        symbol = self.layout.symbol_of(self.layout.kinds[kind], self.symbol or body)
        return Numbering(symbol, number, on, self.layout)

    def addressed(self, honorific: str) -> str:
        """What goes before a person's name: this body's word for everybody, else her own."""
        return self.honorific or honorific


def issuer_of(name: str, full_name: str, *, place: str, parent: str = "") -> Issuer:
    """The issuer of a unit that lists call *name* (``Nghệ An``): its head prints the full name, less the parent above it."""
    whole = full_name or name
    own = whole.removesuffix(parent).rstrip() if parent else whole
    return Issuer(own or whole, place or name, parent, full_name)


@dataclass(frozen=True)
class Numbering:
    """Number, symbol (``GM-BĐPS``) and day; number and day stay empty until the records clerk gives them."""

    symbol: str
    number: str = ""
    on: date | None = None
    layout: Layout = field(default_factory=usual, repr=False)

    @property
    def line(self) -> str:
        """``Số: 125/GM-BĐPS``; a number below ten gets a zero, a missing one leaves room for the pen."""
        number = f"{int(self.number):02d}" if self.number.isdecimal() else self.number
        return self.layout.number.format(number=number or NBSP * 5, symbol=self.symbol)

    def cited(self, kind: str, body: str) -> str:
        """How an annex names its document: ``(Kèm theo Giấy mời số 125/GM-BĐPS ngày … của …)``."""
        day = date_plain(self.on) if self.on else f"ngày{NBSP * 6}tháng{NBSP * 6}năm{NBSP * 6}"
        return f"(Kèm theo {kind} {self.said} {day} của {body})"

    @property
    def said(self) -> str:
        """How a sentence names the number: ``số 125/GM-BĐPS``."""
        number = f"{int(self.number):02d}" if self.number.isdecimal() else self.number
        return self.layout.cited.format(number=number or NBSP * 6, symbol=self.symbol)


@dataclass(frozen=True)
class Signer:
    """Who signs: the lines above the name (``TL. BỘ TRƯỞNG``, ``CHÁNH VĂN PHÒNG``) and the name, without titles."""

    lines: tuple[str, ...]
    name: str


def _centred(
    text: Text, points: float, *, bold: bool = False, italic: bool = False, before: int = 0, keep_next: bool = False
) -> str:
    return paragraph(text, points=points, bold=bold, italic=italic, align="center", before=before, keep_next=keep_next)


def head(
    issuer: Issuer, numbering: Numbering | None, dated: str | None, *, landscape: bool = False, about: str = ""
) -> str:
    """The head as the issuer's form lays it out: issuer and number on the left, title, motto, place and date on the right.

    *dated* None leaves the place and date out, as model 1.9 (biên bản) does. *about* is the subject of an official letter
    (``V/v …``), which stands under its number and in no title of its own (model 1.5).
    """
    left, right = _head_columns(issuer.layout, dated, landscape=landscape)
    widths = [twips(left), twips(right)]
    said = _Said(issuer, numbering.line if numbering else "", dated or "", about)
    rows = []
    for one in issuer.layout.rows:
        rows.append(row(widths, [_head_cell(one.left, said, left), _head_cell(one.right, said, right)]))
    return table(widths, rows)


@dataclass(frozen=True)
class _Said:
    issuer: Issuer
    number: str
    dated: str
    about: str = ""

    def texts(self, line: HeadLine, room: float) -> list[str]:
        """What a line of the head says, cut to *room* mm; nothing where there is nothing to say."""
        if line.what == "text":
            return [line.text]
        if line.what in ("number", "dated"):
            said = self.number if line.what == "number" else self.dated
            return [said] if said else []
        body = self.issuer.parent if line.what == "superior" else self.issuer.name
        body = body.upper() if line.upper else body
        return metrics.balanced(bound(body), line.points, room - 2, bold=line.bold)


def _head_cell(lines: Sequence[HeadLine], said: _Said, room: float) -> str:
    written: list[str] = []
    length = 0.0  # of the line above
    for line in lines:
        if line.what == "rule":
            written.append(rule(length * line.share, room, before=line.before))
            continue
        for n, text in enumerate(said.texts(line, room)):
            before = 0 if n else line.before
            points = _fitting(line, text, room)
            written.append(_centred(text, points, bold=line.bold, italic=line.italic, before=before))
            length = metrics.width(bound(text), points, bold=line.bold)
        if line.what == "number" and said.about:
            lines_of_it = metrics.balanced(bound(said.about), ABOUT, room - 4, bold=False)
            written += [_centred(text, ABOUT, before=0 if n else 60) for n, text in enumerate(lines_of_it)]
    # an empty cell has the lowest mark of paragraph that a head needs: it must not push its row
    return "".join(written) or _centred((), 13, before=lines[0].before if lines else 0)


def _fitting(line: HeadLine, text: str, room: float) -> float:
    """The size of a line of the head: place and date take 13 points, which Annex I allows, where 14 are too long."""
    return min(line.points, _DATED) if line.what == "dated" and _dated_room(text, line.points) > room else line.points


def _dated_room(dated: str, points: float) -> float:
    """The width of a column that takes place and date on one line, in Word as in LibreOffice."""
    said = bound(dated)
    return metrics.width(said, points, italic=True) + metrics.leaning(said, points) + 1


def _head_columns(layout: Layout, dated: str | None, *, landscape: bool) -> tuple[float, float]:
    """Widths in millimetres; the right one takes the national title, and a long place with its date, on one line.

    It grows no more than that needs: the name of the issuer stands on the left.
    """
    room, right = (LANDSCAPE, layout.landscape) if landscape else (PORTRAIT, layout.right)
    right = min(max(right, _dated_room(dated, _DATED) if dated else 0.0), room - 45)
    return room - right, right


def head_height(issuer: Issuer, dated: str | None) -> float:
    """How many millimetres the head takes on an upright page."""
    left, right = _head_columns(issuer.layout, dated, landscape=False)
    said = _Said(issuer, "Số", dated or "")

    def high(lines: Sequence[HeadLine], room: float) -> float:
        mm = 0.0
        for line in lines:
            texts = 0 if line.what == "rule" else len(said.texts(line, room))
            mm += line.before / TWIPS_PER_MM + texts * metrics.line_height(line.points)
            mm += _RULE if line.what == "rule" else 0
        return mm

    return sum(max(high(one.left, left), high(one.right, right)) for one in issuer.layout.rows)


def issuer_lines(issuer: Issuer, dated: str | None, *, landscape: bool = False) -> tuple[list[str], list[str]]:
    """The lines of the parent and those of the issuer as the head prints them."""
    room = _head_columns(issuer.layout, dated, landscape=landscape)[0]
    said = _Said(issuer, "", "")
    found: dict[str, list[str]] = {"superior": [], "issuer": []}
    for one in issuer.layout.rows:
        for line in (*one.left, *one.right):
            if line.what in found:
                found[line.what] = said.texts(line, room)
    return found["superior"], found["issuer"]


def record_dated(issuer: Issuer, numbering: Numbering, year: int | None = None) -> str | None:
    """The place and date of a biên bản, None in a form whose biên bản has none."""
    return dated(issuer, numbering, year) if issuer.layout.record_dated else None


def dated(issuer: Issuer, numbering: Numbering, year: int | None = None) -> str:
    """``Hà Nội, ngày 25 tháng 11 năm 2026``, or with room for the day."""
    return place_and_date(issuer.place, numbering.on, year)


def title(
    kind: str,
    subject: str,
    *,
    room: float = PORTRAIT,
    line_room: float = TITLE_ROOM,
    note: str = "",
    before: int = 240,
    layout: Layout | None = None,
) -> str:
    """The kind of document in capitals, its subject in as many lines as it needs, and the rule or mark below."""
    its = layout or usual()
    big, face = its.title_kind, its.title_subject
    lines = metrics.balanced(bound(subject), face.points, line_room, bold=face.bold)
    last = metrics.width(lines[-1], face.points, bold=face.bold) if lines else 0.0
    above, below = (120, 160) if note else (80, 180)
    return "".join(
        [
            paragraph(
                kind.upper() if big.upper else kind,
                points=big.points,
                bold=big.bold,
                align="center",
                before=before,
                keep_next=True,
                outline=0,
            ),
            *(paragraph(line, points=face.points, bold=face.bold, align="center", keep_next=True) for line in lines),
            paragraph(note, italic=True, align="center", keep_next=True) if note else "",
            rule(last * its.title_rule, room, before=above, after=below)
            if its.title_rule
            else paragraph(its.title_mark, points=face.points, align="center", after=below),
        ]
    )


def title_height(layout: Layout, subject: str, *, before: int = 240) -> float:
    """How many millimetres a title without a note takes on an upright page."""
    face = layout.title_subject
    lines = len(metrics.balanced(bound(subject), face.points, TITLE_ROOM, bold=face.bold))
    mm = (
        before / TWIPS_PER_MM + metrics.line_height(layout.title_kind.points) + lines * metrics.line_height(face.points)
    )
    return mm + (
        260 / TWIPS_PER_MM + _RULE if layout.title_rule else 180 / TWIPS_PER_MM + metrics.line_height(face.points)
    )


def addressed(names: Sequence[str], *, before: int = 240, line: int = LOOSE) -> str:
    """``Kính gửi: …`` on one line; several stand below each other, their dashes under the colon (Annex I, II.5)."""
    if len(names) < 2:
        return paragraph(
            f"Kính gửi: {''.join(names)}", align="center", before=before, after=180, line=line, keep_next=True
        )
    dash = twips(_ADDRESSED + metrics.width(bound("Kính gửi"), 14))
    first = paragraph("Kính gửi:", align="left", left=twips(_ADDRESSED), before=before, line=line, keep_next=True)
    return first + "".join(
        paragraph(
            f"- {name}",
            align="left",
            left=dash,
            after=180 if n == len(names) else 0,
            line=line,
            keep_next=n == len(names),  # all of many kept together would leave the first page empty below its head
        )
        for n, name in enumerate(names, 1)
    )


_ADDRESSED: Final = 32.0
"""Where ``Kính gửi:`` begins above a list, in millimetres from the left margin."""


def body(
    text: Text,
    *,
    line: int = LOOSE,
    points: float = 14,
    keep_next: bool = False,
    before: int = 0,
    below_heading: bool = False,
) -> str:
    """A paragraph of the body: justified, first line indented, six points below.

    *below_heading*: its first line may stand alone above the end of a page. In a file whose annex has a table LibreOffice
    (7.4) leaves the heading behind where a paragraph of two or three lines may not be torn.
    """
    return paragraph(
        text,
        points=points,
        first_line=FIRST_LINE,
        before=before,
        after=120,
        line=line,
        keep_next=keep_next,
        torn=below_heading,
    )


def heading(text: str, *, line: int = LOOSE, points: float = 14) -> str:
    """A numbered heading inside the body; it stays with what follows."""
    return paragraph(
        text, points=points, bold=True, first_line=FIRST_LINE, after=120, line=line, keep_next=True, outline=1
    )


def lettered(place: int) -> str:
    """The letter of a point, by the Vietnamese alphabet: ``a)``, ``b)``, ``c)``, ``d)``, ``đ)`` …"""
    turns, letter = divmod(place, len(LETTERS))
    return f"{LETTERS[letter] * (turns + 1)})"


def listed(names: Sequence[str]) -> tuple[str, ...]:
    """Lines of Nơi nhận: a semicolon after each, a stop after the last unless it names the number of copies."""
    bare = [name.strip().lstrip("-–").strip().rstrip(".;") for name in names if name.strip()]
    return tuple(name + (";" if n < len(bare) else "" if name.endswith(")") else ".") for n, name in enumerate(bare, 1))


def recipients(names: Sequence[str], *, before: int = 0, layout: Layout | None = None) -> str:
    """``Nơi nhận:`` and its list; nothing stands where nobody is named."""
    its = layout or usual()
    label, points = its.recipients_label, its.recipients_line.points
    if not names:
        return paragraph(points=label.points, align="left")
    said = Run(label.text, label.bold, label.italic, label.underline)
    return paragraph([said], points=label.points, align="left", before=before) + "".join(
        paragraph(f"- {name}", points=points, align="left") for name in names
    )


def _signature(
    lines: Sequence[tuple[str, Face]],
    name: str,
    layout: Layout,
    *,
    gap: int = 4,
    before: int = 200,
    keep_next: bool = False,
) -> str:
    heads = [
        _centred(line, face.points, bold=face.bold, before=0 if n else before, keep_next=keep_next)
        for n, (line, face) in enumerate(lines)
    ]
    blank = [_centred((), 14, keep_next=keep_next) for _ in range(gap)]  # room for the signature and the seal
    face = layout.signature_name
    return "".join([*heads, *blank, _centred(name, face.points, bold=face.bold, keep_next=keep_next)])


def signed(
    to: Sequence[str], signer: Signer, *, landscape: bool = False, gap: int = 4, layout: Layout | None = None
) -> str:
    """Recipients on the left, the signature on the right; one row that no page end tears."""
    its = layout or usual()
    room = LANDSCAPE if landscape else PORTRAIT
    left = 122.0 if landscape else _recipients_room(to, its)
    widths = [twips(left), twips(room - left)]
    lines = [
        (part, face)
        for line, face in zip(signer.lines, _faces(its), strict=False)
        for part in metrics.balanced(bound(line), face.points, room - left - 2, bold=face.bold)
    ]
    there = _signature(lines, signer.name, its, gap=gap)
    beside, below = _parted(to, left, its)
    rows = [row(widths, [recipients(beside, before=200, layout=its), there])]
    return table(widths, rows + _further(below, widths, its))


def signed_height(to: Sequence[str], signer: Signer, layout: Layout) -> float:
    """How many millimetres :func:`signed` takes on an upright page, up to the last recipient beside it."""
    left = _recipients_room(to, layout)
    faces = _faces(layout)
    sign = sum(
        metrics.line_height(face.points)
        * len(metrics.balanced(bound(line), face.points, PORTRAIT - left - 2, bold=face.bold))
        for line, face in zip(signer.lines, faces, strict=False)
    )
    name = layout.signature_name
    sign += 4 * metrics.line_height(14) + metrics.line_height(name.points) * metrics.lines_needed(
        [(bound(signer.name), name.bold)], name.points, PORTRAIT - left
    )
    points = layout.recipients_line.points
    lines = sum(metrics.lines_needed([(bound(f"- {one}"), False)], points, left) for one in to)
    names = metrics.line_height(layout.recipients_label.points) + metrics.line_height(points) * lines
    return max(sign, names) + 200 / TWIPS_PER_MM


def _recipients_room(to: Sequence[str], layout: Layout) -> float:
    """The width of Nơi nhận beside a signature on an upright page: that of its longest line, within limits."""
    longest = max((metrics.width(bound(f"- {name}"), layout.recipients_line.points) for name in to), default=0.0)
    return min(85.0, max(70.0, longest + 7))


def _parted(to: Sequence[str], room: float, layout: Layout) -> tuple[Sequence[str], Sequence[str]]:
    """The recipients that stand on the page of the signature, and those that may go on to the next."""
    points = layout.recipients_line.points
    lines = [metrics.lines_needed([(bound(f"- {name}"), False)], points, room) for name in to]
    if sum(lines) <= BESIDE:
        return to, ()
    most = next(n for n in range(1, len(to) + 1) if sum(lines[:n]) >= _AT_LEAST)
    return to[:most], to[most:]


def _further(to: Sequence[str], widths: Sequence[int], layout: Layout) -> list[str]:
    """A row for each of the recipients that the first row did not take."""
    points, empty = layout.recipients_line.points, paragraph(points=1, align="left")
    return [row(widths, [paragraph(f"- {name}", points=points, align="left"), empty]) for name in to]


def _faces(layout: Layout) -> Iterator[Face]:
    """How the lines above a signature are set, one after the other."""
    yield layout.signature_first
    while True:
        yield layout.signature_rest


def two_signatures(
    left: tuple[str, str], right: tuple[str, str], to: Sequence[str] = (), *, layout: Layout | None = None
) -> str:
    """Two signatures side by side, each (word above, name below): the record has THƯ KÝ and CHỦ TỌA.

    The recipients stand in a row below: only so does every program keep them on the page of the signatures. Of a list that
    goes on to the next page the first lines stand in the row of the signatures itself.
    """
    its = layout or usual()
    widths = [twips(PORTRAIT / 2), twips(PORTRAIT / 2)]
    above = its.signature_first
    beside, below = _parted(to, PORTRAIT / 2, its)
    kept = bool(to) and not below
    signs = [_signature([(word, above)], name, its, keep_next=kept) for word, name in (left, right)]
    names = recipients(beside, before=160, layout=its)
    if below:
        return table(widths, [row(widths, [signs[0] + names, signs[1]]), *_further(below, widths, its)])
    rows = [row(widths, signs)]
    if to:
        rows.append(row(widths, [names, paragraph(points=12, align="left")]))
    return table(widths, rows)


def annex_head(label: str, subject: str, cited: str) -> str:
    """``Phụ lục``, its subject in capitals, the document it belongs to, and the rule."""
    return "".join(
        [
            paragraph(label, bold=True, align="center", keep_next=True),
            *(
                paragraph(line, bold=True, align="center", keep_next=True)
                for line in metrics.balanced(bound(subject.upper()), 14, 150)
            ),
            paragraph(annex_cited(cited), italic=True, align="center", before=40, keep_next=True),
            rule(48.0, PORTRAIT, before=120, after=140),
        ]
    )


def annex_cited(cited: str) -> str:
    """*cited* with the name of the issuing body on one line, where it has two."""
    before, of, body = bound(cited).partition(" của ")
    length = metrics.width(cited, 14, italic=True) + metrics.leaning(cited, 14)
    if length <= PORTRAIT or metrics.width(body, 14, italic=True) > PORTRAIT - 12:
        return cited
    return f"{before} {of.strip()}{NBSP}{body.replace(' ', NBSP)}"


def end_mark(layout: Layout | None = None) -> str:
    """``./.`` below the list of an annex; the mere stop of another form ends a sentence, and there is none."""
    mark = (layout or usual()).end
    return paragraph(mark, align="right", before=40) if mark != "." else ""
