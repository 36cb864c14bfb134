"""Who signs as what (Decree 30/2020/NĐ-CP, Article 13): for a collective, for the head, by order, by authorisation, acting.

A signature is lines and a name: the authority (``TL. BỘ TRƯỞNG``), the signer's own office (``CHÁNH VĂN PHÒNG``), the bare name.
The words before the authority are those of the issuer's form (``layouts/``); where a meeting or a record keeps the authority
as one text, its lines are divided by `` / ``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.official.layout import Layout
from meetings.official.text import fold


class Capacity(StrEnum):
    HEAD = "head"
    COLLECTIVE = "collective"
    DEPUTY = "deputy"
    ORDER = "order"
    AUTHORISED = "authorised"
    ACTING = "acting"


CAPACITY_WORDS: Final = {
    Capacity.HEAD: _l("Signs as the head, in her own office"),
    Capacity.COLLECTIVE: _l("TM. – for a collective body"),
    Capacity.DEPUTY: _l("KT. – a deputy for the head"),
    Capacity.ORDER: _l("TL. – by order of the head"),
    Capacity.AUTHORISED: _l("TUQ. – by written authorisation"),
    Capacity.ACTING: _l("Q. – acting head"),
}

_BETWEEN: Final = " / "
_BEGINS: Final = re.compile(r"\s*(TM|KT|TL|TUQ|T/M|K/T|T/L|T/UQ)(?:\.|\s|$)", re.IGNORECASE)
_DEGREE: Final = re.compile(
    r"\s*(?:(?:GS|PGS|TS|TSKH|ThS|BS|BSCK\w*|CN|KS|LS|DS|NGND|NGƯT|NSND|NSƯT|AHLĐ|TTND|TTƯT)(?:\.|\s)"
    r"|(?:Giáo sư|Phó Giáo sư|Tiến sĩ|Thạc sĩ|Bác sĩ|Cử nhân|Kỹ sư|Luật sư|Nhà giáo)\b)|.*,\s*(?:TS|ThS|PGS|GS)\b",
    re.IGNORECASE,
)
_ADDRESS: Final = re.compile(r"\s*(?:Ông|Bà|Đồng chí|Đ/c)\s", re.IGNORECASE)


@dataclass(frozen=True)
class Signing:
    """How somebody signs. *whose*: the collective, or the office of the head in whose place; *title* her own office.

    *above*: a line over the authority (``TM. ỦY BAN NHÂN DÂN`` over ``KT. CHỦ TỊCH``). An authorisation names its document
    and its days; *valid_to* is its last.
    """

    capacity: Capacity
    title: str
    name: str
    whose: str = ""
    above: str = ""
    act_number: str = ""
    act_on: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    titled: bool = False

    def holds(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def lines(self, layout: Layout) -> tuple[str, ...]:
        """The lines above the name, in capitals, in the words of *layout*."""
        title = self.title.upper()
        if self.capacity is Capacity.HEAD:
            own: tuple[str, ...] = (title,)
        elif self.capacity is Capacity.ACTING:
            own = (f"{layout.words[self.capacity]} {title}",)
        else:
            own = (f"{layout.words[self.capacity]} {self.whose.upper()}", title)
        return (_said_in(layout, self.above.upper()), *own) if self.above else own

    def written(self, layout: Layout) -> tuple[str, str]:
        """Authority and office as a meeting and a record keep them."""
        *above, title = self.lines(layout)
        return _BETWEEN.join(above), title


def _said_in(layout: Layout, line: str) -> str:
    """*line* with its authority in the words of *layout*: ``TM. ỦY BAN`` is ``T/M ỦY BAN`` where ``K/T`` stands below it."""
    word = {"TM": Capacity.COLLECTIVE, "TL": Capacity.ORDER}.get(word_of(line))
    return f"{layout.words[word]} {_BEGINS.sub('', line, count=1).strip()}" if word else line


def lines_of(authority: str, title: str) -> tuple[str, ...]:
    """The lines above the name of what a meeting or a record keeps."""
    return tuple(line.strip() for line in (*authority.split(_BETWEEN), title) if line.strip())


def word_of(line: str) -> str:
    """``TL`` of ``TL. BỘ TRƯỞNG`` and of the Party's ``T/L BÍ THƯ``; "" for a line that begins otherwise."""
    found = _BEGINS.match(line)
    return found.group(1).upper().replace("/", "") if found else ""


def by_authorisation(authority: str) -> bool:
    """Whether these lines say that somebody signs by written authorisation."""
    return any(word_of(line) == "TUQ" for line in authority.split(_BETWEEN))


def faults(signing: Signing) -> Iterator[tuple[str, str]]:
    """What is wrong with *signing*, each with its field."""
    if (
        signing.capacity in (Capacity.COLLECTIVE, Capacity.DEPUTY, Capacity.ORDER, Capacity.AUTHORISED)
        and not signing.whose
    ):
        yield "whose", _("Enter for whom: the collective, or the office of the head, for example BỘ TRƯỞNG.")
    if signing.whose and word_of(signing.whose):
        yield "whose", _("Leave out TM., KT., TL., TUQ.: the system puts it there.")
    if word_of(signing.title):
        yield "title", _("Here stands the signer's own office. What comes before it is the authority.")
    elif fold(signing.title) == fold(signing.whose) and signing.whose:
        yield "title", _("The own office of the signer is another than the one in whose place she signs.")
    if signing.above and signing.capacity not in (Capacity.DEPUTY, Capacity.ACTING):
        yield "above", _("A line above stands only over KT. and Q.")
    elif signing.above and word_of(signing.above) == "TUQ":
        yield "above", _("Who signs by authorisation may not pass it on (Article 13 of Decree 30/2020/NĐ-CP).")
    elif signing.above and word_of(signing.above) not in ("TM", "TL"):
        yield "above", _("The line above begins with TM. or TL., for example TM. ỦY BAN NHÂN DÂN.")
    if signing.capacity is Capacity.AUTHORISED:
        if not signing.act_number or signing.act_on is None:
            yield "act_number", _("An authorisation is written: enter the number and the date of its document.")
        if signing.valid_from is None or signing.valid_to is None:
            yield "valid_to", _("An authorisation is for a time: enter its first and its last day.")
    if signing.valid_from and signing.valid_to and signing.valid_to < signing.valid_from:
        yield "valid_to", _("The last day comes before the first.")
    if wrong := name_fault(signing.name, titled=signing.titled):
        yield "name", wrong


def name_fault(name: str, *, titled: bool = False) -> str:
    """Why *name* cannot stand below a signature, "" for one that can. *titled*: the body may write ranks and degrees."""
    if _ADDRESS.match(f"{name} "):
        return _("Below the signature stands the bare name, without Ông, Bà or Đồng chí.")
    if not titled and _DEGREE.match(name):
        return _("Below the signature stands the name without degrees and titles of honour.")
    return ""


def typed_fault(authority: str, title: str, name: str, *, titled: bool = False) -> tuple[str, str] | None:
    """What is wrong with a signature in somebody's own words, and where: ``authority`` · ``title`` · ``name``."""
    last = authority.split(_BETWEEN)[-1]
    if word_of(last) in ("KT", "TL", "TUQ", "TM") and not title:
        return "title", _("Below “%(line)s” stands the signer's own office: enter it.", line=last)
    if word_of(title):
        return "title", _("Here stands the signer's own office. What comes before it is the authority.")
    if title and fold(title) == fold(_BEGINS.sub("", last)):
        return "title", _("The own office of the signer is another than the one in whose place she signs.")
    if by_authorisation(_BETWEEN.join(authority.split(_BETWEEN)[:-1])):
        return "authority", _("Who signs by authorisation may not pass it on (Article 13 of Decree 30/2020/NĐ-CP).")
    wrong = name_fault(name, titled=titled)
    return ("name", wrong) if wrong else None
