"""The parts of an administrative document (Decree 30/2020/NĐ-CP, Annex I): heads, titles, bodies, signatures, annexes.

Sizes: national title 13 bold, motto 14 bold with a rule of its own length, issuer 13, number 13, place and date 14
italic, kind and subject 14 bold, body 14, recipients 12 and 11. Distances are those of the Ministry's own model files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from meetings.official import metrics
from meetings.official.dates import date_plain, place_and_date
from meetings.official.paper import FIRST_LINE, LOOSE, Text, paragraph, row, rule, table, twips
from meetings.official.text import NBSP, bound

NATION: Final = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO: Final = "Độc lập - Tự do - Hạnh phúc"
LETTERS: Final = "abcdđeghiklmnopqrstuvxy"
PORTRAIT: Final = 165.0
"""Width of the text in millimetres on an upright page."""
LANDSCAPE: Final = 252.0
TITLE_ROOM: Final = 138.0
"""A title line is not longer: it would look like body text."""


@dataclass(frozen=True)
class Issuer:
    """Who issues: the body, the parent that stands above it ("" for none), and the place its letters are dated from.

    *full_name* is how sentences call it (``Bộ Điều phối số``); *name* and *parent* are printed in capitals.
    """

    name: str
    place: str
    parent: str = ""
    full_name: str = ""

    @property
    def called(self) -> str:
        """The name used inside sentences."""
        return self.full_name or self.name


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

    @property
    def line(self) -> str:
        """``Số: 125/GM-BĐPS``; a number below ten gets a zero, a missing one leaves room for the pen."""
        number = f"{int(self.number):02d}" if self.number.isdecimal() else self.number
        return f"Số:{NBSP}{number or NBSP * 5}/{self.symbol}"

    def cited(self, kind: str, body: str) -> str:
        """How an annex names its document: ``(Kèm theo Giấy mời số 125/GM-BĐPS ngày … của …)``."""
        number = f"{int(self.number):02d}" if self.number.isdecimal() else self.number
        day = date_plain(self.on) if self.on else f"ngày{NBSP * 6}tháng{NBSP * 6}năm{NBSP * 6}"
        return f"(Kèm theo {kind} số {number or NBSP * 6}/{self.symbol} {day} của {body})"


@dataclass(frozen=True)
class Signer:
    """Who signs: the lines above the name (``TL. BỘ TRƯỞNG``, ``CHÁNH VĂN PHÒNG``) and the name, without titles."""

    lines: tuple[str, ...]
    name: str


def _centred(
    text: Text, points: float, *, bold: bool = False, italic: bool = False, before: int = 0, keep_next: bool = False
) -> str:
    return paragraph(text, points=points, bold=bold, italic=italic, align="center", before=before, keep_next=keep_next)


def _under(text: str, points: float, room: float, share: float, before: int, *, after: int = 0) -> str:
    """A rule whose length is *share* of that of *text* (set in bold)."""
    length = metrics.width(bound(text), points, bold=True) * share
    return rule(length, room, before=before, after=after)


def head(issuer: Issuer, numbering: Numbering | None, dated: str | None, *, landscape: bool = False) -> str:
    """Issuer and number on the left, national title, motto, place and date on the right.

    *dated* None leaves the place and date out, as model 1.9 (biên bản) does.
    """
    left, right = _head_columns(dated, landscape=landscape)
    widths = [twips(left), twips(right)]
    parents, names = issuer_lines(issuer, dated, landscape=landscape)
    issuing = [_centred(line, 13) for line in parents]
    issuing += [_centred(line, 13, bold=True) for line in names]
    issuing.append(_under(names[-1], 13, left, 0.42, 50))
    nation = [_centred(NATION, 13, bold=True), _centred(MOTTO, 14, bold=True), _under(MOTTO, 14, right, 1.0, 50)]
    number = _centred(numbering.line if numbering else (), 13, before=120)
    day = _centred(dated or (), 14 if dated else 13, italic=True, before=120)
    return table(widths, [row(widths, ["".join(issuing), "".join(nation)]), row(widths, [number, day])])


def _head_columns(dated: str | None, *, landscape: bool) -> tuple[float, float]:
    """Widths in millimetres; the right one takes the national title, and a long place with its date, on one line."""
    room, right = (LANDSCAPE, 140.0) if landscape else (PORTRAIT, 98.0)
    right = min(max(right, metrics.width(dated or "", 14, italic=True) + 2), room - 45)
    return room - right, right


def issuer_lines(issuer: Issuer, dated: str | None, *, landscape: bool = False) -> tuple[list[str], list[str]]:
    """The lines of the parent and those of the issuer as the head prints them."""
    room = _head_columns(dated, landscape=landscape)[0] - 2
    parents = metrics.balanced(bound(issuer.parent.upper()), 13, room, bold=False)
    return parents, metrics.balanced(bound(issuer.name.upper()), 13, room)


def dated(issuer: Issuer, numbering: Numbering, year: int | None = None) -> str:
    """``Hà Nội, ngày 25 tháng 11 năm 2026``, or with room for the day."""
    return place_and_date(issuer.place, numbering.on, year)


def title(
    kind: str, subject: str, *, room: float = PORTRAIT, line_room: float = TITLE_ROOM, note: str = "", before: int = 240
) -> str:
    """The kind of document in capitals, its subject in as many lines as it needs, and the rule below."""
    lines = metrics.balanced(bound(subject), 14, line_room)
    last = metrics.width(lines[-1], 14, bold=True) if lines else 0.0
    return "".join(
        [
            paragraph(kind.upper(), bold=True, align="center", before=before, keep_next=True, outline=0),
            *(paragraph(line, bold=True, align="center", keep_next=True) for line in lines),
            paragraph(note, italic=True, align="center", keep_next=True) if note else "",
            rule(last * 0.4, room, before=120 if note else 80, after=160 if note else 180),
        ]
    )


def body(text: Text, *, line: int = LOOSE, points: float = 14, keep_next: bool = False, before: int = 0) -> str:
    """A paragraph of the body: justified, first line indented, six points below."""
    return paragraph(
        text, points=points, first_line=FIRST_LINE, before=before, after=120, line=line, keep_next=keep_next
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


def recipients(names: Sequence[str], *, before: int = 0) -> str:
    """``Nơi nhận:`` and its list; nothing stands where nobody is named."""
    if not names:
        return paragraph(points=12, align="left")
    return paragraph("Nơi nhận:", points=12, bold=True, italic=True, align="left", before=before) + "".join(
        paragraph(f"- {name}", points=11, align="left") for name in names
    )


def _signature(lines: Sequence[str], name: str, *, gap: int = 4, before: int = 200, keep_next: bool = False) -> str:
    heads = [
        _centred(line, 14, bold=True, before=0 if n else before, keep_next=keep_next) for n, line in enumerate(lines)
    ]
    blank = [_centred((), 14, keep_next=keep_next) for _ in range(gap)]  # room for the signature and the seal
    return "".join([*heads, *blank, _centred(name, 14, bold=True, keep_next=keep_next)])


def signed(to: Sequence[str], signer: Signer, *, landscape: bool = False, gap: int = 4) -> str:
    """Recipients on the left, the signature on the right; one row that no page end tears."""
    room = LANDSCAPE if landscape else PORTRAIT
    longest = max((metrics.width(bound(f"- {name}"), 11) for name in to), default=0.0)
    left = 122.0 if landscape else min(85.0, max(70.0, longest + 7))
    widths = [twips(left), twips(room - left)]
    lines = [part for line in signer.lines for part in metrics.balanced(bound(line), 14, room - left - 2)]
    return table(widths, [row(widths, [recipients(to, before=200), _signature(lines, signer.name, gap=gap)])])


def two_signatures(left: tuple[str, str], right: tuple[str, str], to: Sequence[str] = ()) -> str:
    """Two signatures side by side, each (word above, name below): the record has THƯ KÝ and CHỦ TỌA.

    The recipients stand in a row below: only so does every program keep them on the page of the signatures.
    """
    widths = [twips(PORTRAIT / 2), twips(PORTRAIT / 2)]
    rows = [row(widths, [_signature([word], name, keep_next=bool(to)) for word, name in (left, right)])]
    if to:
        rows.append(row(widths, [recipients(to, before=160), paragraph(points=12, align="left")]))
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
            paragraph(_tied(cited), italic=True, align="center", before=40, keep_next=True),
            rule(48.0, PORTRAIT, before=120, after=140),
        ]
    )


def _tied(cited: str) -> str:
    """*cited* with the name of the issuing body on one line, where it has two."""
    before, of, body = bound(cited).partition(" của ")
    if metrics.width(cited, 14, italic=True) <= PORTRAIT or metrics.width(body, 14, italic=True) > PORTRAIT - 12:
        return cited
    return f"{before} {of.strip()}{NBSP}{body.replace(' ', NBSP)}"


def end_mark() -> str:
    """``./.`` below the list of an annex."""
    return paragraph("./.", align="right", before=40)
