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


def _centred(text: Text, points: float, *, bold: bool = False, italic: bool = False, before: int = 0) -> str:
    return paragraph(text, points=points, bold=bold, italic=italic, align="center", before=before)


def _under(text: str, points: float, room: float, share: float, before: int, *, after: int = 0) -> str:
    """A rule whose length is *share* of that of *text* (set in bold)."""
    length = metrics.width(bound(text), points, bold=True) * share
    return rule(length, room, before=before, after=after)


def head(issuer: Issuer, numbering: Numbering | None, dated: str | None, *, landscape: bool = False) -> str:
    """Issuer and number on the left, national title, motto, place and date on the right.

    The right column is wide enough for the national title on one line. *dated* None leaves the place and date out, as
    model 1.9 (biên bản) does.
    """
    left, right = (112.0, 140.0) if landscape else (67.0, 98.0)
    widths = [twips(left), twips(right)]
    issuing = []
    if issuer.parent:
        issuing += [_centred(line, 13) for line in _issuer_lines(issuer.parent, left, bold=False)]
    names = _issuer_lines(issuer.name, left, bold=True)
    issuing += [_centred(line, 13, bold=True) for line in names]
    issuing.append(_under(names[-1], 13, left, 0.42, 50))
    nation = [_centred(NATION, 13, bold=True), _centred(MOTTO, 14, bold=True), _under(MOTTO, 14, right, 1.0, 50)]
    number = _centred(numbering.line if numbering else (), 13, before=120)
    day = _centred(dated or (), 14 if dated else 13, italic=True, before=120)
    return table(widths, [row(widths, ["".join(issuing), "".join(nation)]), row(widths, [number, day])])


def _issuer_lines(name: str, room: float, *, bold: bool) -> list[str]:
    return metrics.balanced(bound(name.upper()), 13, room - 2, bold=bold)


def dated(issuer: Issuer, numbering: Numbering, year: int | None = None) -> str:
    """``Hà Nội, ngày 25 tháng 11 năm 2026``, or with room for the day."""
    return place_and_date(issuer.place, numbering.on, year)


def title(
    kind: str, subject: str, *, room: float = PORTRAIT, line_room: float = TITLE_ROOM, note: str = "", before: int = 240
) -> str:
    """The kind of document in capitals, its subject in as many lines as it needs, and the rule below."""
    lines = metrics.balanced(bound(subject), 14, line_room)
    return "".join(
        [
            paragraph(kind.upper(), bold=True, align="center", before=before, keep_next=True, outline=0),
            *(paragraph(line, bold=True, align="center", keep_next=True) for line in lines),
            paragraph(note, italic=True, align="center", keep_next=True) if note else "",
            rule(_title_rule(lines), room, before=120 if note else 80, after=160 if note else 180),
        ]
    )


def _title_rule(lines: Sequence[str]) -> float:
    return 0.4 * max(metrics.width(line, 14, bold=True) for line in lines)


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


def recipients(names: Sequence[str], *, before: int = 0) -> str:
    """``Nơi nhận:`` and its list."""
    return paragraph("Nơi nhận:", points=12, bold=True, italic=True, align="left", before=before) + "".join(
        paragraph(f"- {name}", points=11, align="left") for name in names
    )


def _signature(lines: Sequence[str], name: str, *, gap: int = 4, before: int = 200) -> str:
    heads = [_centred(line, 14, bold=True, before=before if n == 0 else 0) for n, line in enumerate(lines)]
    blank = [_centred((), 14) for _ in range(gap)]  # room for the signature and the seal
    return "".join([*heads, *blank, _centred(name, 14, bold=True)])


def signed(to: Sequence[str], signer: Signer, *, landscape: bool = False, gap: int = 4) -> str:
    """Recipients on the left, the signature on the right; one row that no page end tears."""
    room = LANDSCAPE if landscape else PORTRAIT
    longest = max((metrics.width(bound(f"- {name}"), 11) for name in to), default=0.0)
    left = 122.0 if landscape else min(85.0, max(70.0, longest + 7))
    widths = [twips(left), twips(room - left)]
    lines = [part for line in signer.lines for part in metrics.balanced(bound(line), 14, room - left - 2)]
    return table(widths, [row(widths, [recipients(to, before=200), _signature(lines, signer.name, gap=gap)])])


def two_signatures(left: tuple[str, str], right: tuple[str, str]) -> str:
    """Two signatures side by side, each (word above, name below): the record has THƯ KÝ and CHỦ TỌA."""
    widths = [twips(PORTRAIT / 2), twips(PORTRAIT / 2)]
    return table(widths, [row(widths, [_signature([word], name) for word, name in (left, right)])])


def annex_head(label: str, subject: str, cited: str) -> str:
    """``Phụ lục``, its subject in capitals, the document it belongs to, and the rule."""
    return "".join(
        [
            paragraph(label, bold=True, align="center", keep_next=True),
            *(
                paragraph(line, bold=True, align="center", keep_next=True)
                for line in metrics.balanced(bound(subject.upper()), 14, 150)
            ),
            paragraph(cited, italic=True, align="center", before=40, keep_next=True),
            rule(48.0, PORTRAIT, before=120, after=140),
        ]
    )


def end_mark() -> str:
    """``./.`` below the list of an annex."""
    return paragraph("./.", align="right", before=40)
