"""Whose form a document has: the head, the sizes and the words of signing of one kind of issuing body, read from a data file.

The decree's form is one of the files in ``layouts/``; no code asks which it is. A body of another form gets another file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from meetings.official.text import NBSP
from meetings.official.verified import Verified

_FOLDER: Final = Path(__file__).parent / "layouts"
_SIDES: Final = 45.0
PARTS: Final = frozenset({"superior", "issuer", "text", "number", "dated", "rule"})
"""What a line of a head may be."""


@dataclass(frozen=True)
class Face:
    """How a text is set: size, weight, and whether in capitals. *text* is a wording that never changes."""

    points: float = 14
    bold: bool = False
    italic: bool = False
    underline: bool = False
    upper: bool = False
    text: str = ""


@dataclass(frozen=True)
class HeadLine:
    """One line of a head: *what* it is, how it is set, *before* twips above it; a rule has a *share* of the line above."""

    what: str
    points: float = 13
    bold: bool = False
    italic: bool = False
    upper: bool = False
    text: str = ""
    share: float = 0.0
    before: int = 0


@dataclass(frozen=True)
class HeadRow:
    """A row of the head: what stands on the left and on the right of it."""

    left: tuple[HeadLine, ...]
    right: tuple[HeadLine, ...]


@dataclass(frozen=True)
class Margins:
    """Of an upright page, in millimetres."""

    top: float
    bottom: float
    left: float
    right: float


@dataclass(frozen=True)
class Layout:
    """One form of documents, whole. *verified*: how far its values were compared with the law that *law* names."""

    key: str
    name: str
    whose: str
    law: str
    verified: Verified
    note: str
    margins: Margins
    right: float
    landscape: float
    record_dated: bool
    rows: tuple[HeadRow, ...]
    number: str
    cited: str
    symbol: str
    kinds: Mapping[str, str] = field(hash=False)
    title_kind: Face
    title_subject: Face
    title_rule: float
    title_mark: str
    recipients_label: Face
    recipients_line: Face
    signature_first: Face
    signature_rest: Face
    signature_name: Face
    words: Mapping[str, str] = field(hash=False)
    end: str

    def symbol_of(self, kind: str, body: str) -> str:
        """``GM-BĐPS``: the part of a number that stays. *kind* is the abbreviation of the kind of document."""
        if not kind or not body:
            return kind or body
        return self.symbol.format(kind=kind, body=body)


def _face(values: Mapping[str, Any]) -> Face:
    return Face(**values)


def read(text: str) -> Layout:
    """The form that a data file holds; raises ``ValueError`` for one that names what does not exist."""
    data = tomllib.loads(text)
    page, head, title, sign = Margins(**data["page"]), data["head"], data["title"], data["signature"]
    if page.left + page.right != _SIDES:
        raise ValueError(f"{data['key']}: the margins at the sides are together {_SIDES:.0f} mm")
    rows = tuple(
        HeadRow(tuple(HeadLine(**line) for line in row["left"]), tuple(HeadLine(**line) for line in row["right"]))
        for row in head["rows"]
    )
    strange = {line.what for row in rows for line in (*row.left, *row.right)} - PARTS
    if strange:
        raise ValueError(f"{data['key']}: no such line of a head: {', '.join(sorted(strange))}")
    return Layout(
        key=data["key"],
        name=data["name"],
        whose=data["whose"],
        law=data["law"],
        verified=Verified(data["verified"]),
        note=data["note"],
        margins=page,
        right=head["right"],
        landscape=head["landscape"],
        record_dated=head["record_dated"],
        rows=rows,
        number=data["number"]["line"].replace(" ", NBSP, 1),
        cited=data["number"]["cited"],
        symbol=data["number"]["symbol"],
        kinds=data["kinds"],
        title_kind=_face(title["kind"]),
        title_subject=_face(title["subject"]),
        title_rule=title["rule"],
        title_mark=title["mark"],
        recipients_label=_face(data["recipients"]["label"]),
        recipients_line=_face(data["recipients"]["line"]),
        signature_first=_face(sign["first"]),
        signature_rest=_face(sign["rest"]),
        signature_name=_face(sign["name"]),
        words=data["words"],
        end=data["end"]["text"],
    )


@cache
def layouts() -> Mapping[str, Layout]:
    """The forms this house knows, by key, the decree's first."""
    found = [read(path.read_text(encoding="utf-8")) for path in sorted(_FOLDER.glob("*.toml"))]
    return {one.key: one for one in sorted(found, key=lambda one: (one.key != USUAL, one.name))}


USUAL: Final = "decree30"
"""The form of whoever has chosen none."""


def usual() -> Layout:
    return layouts()[USUAL]


def layout(key: str) -> Layout:
    """The form *key*; the usual one where a file has been taken away that somebody had chosen."""
    return layouts().get(key) or usual()
