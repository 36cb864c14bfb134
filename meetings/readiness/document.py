"""The danh sách đại biểu: of a whole meeting, site by site, and of one site as a sheet to sign in; landscape.

It is not one of the decree's kinds of document: it has no number of its own and travels with an official letter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from meetings.official import dates, form, paper
from meetings.official.form import Issuer, Signer
from meetings.official.numbers import counted
from meetings.official.paper import Column
from meetings.official.text import NBSP, tidy

_COLUMNS: Final = (
    Column("STT", 680, "center"),
    Column("Họ và tên", 3118),
    Column("Chức vụ", 3515),
    Column("Cơ quan, đơn vị", 3515),
    Column("Vai trò", 2154),
    Column("Ký tên", 1304, "center"),
)
_UNSIGNED: Final = (
    Column("STT", 794, "center"),
    Column("Họ và tên", 3402),
    Column("Chức vụ", 3629),
    Column("Cơ quan, đơn vị", 3969),
    Column("Vai trò", 2492),
)
EMPTY_LINES: Final = 10
"""Of a sheet to sign in: for those who come without being on the list."""


@dataclass(frozen=True)
class DelegateLine:
    """One delegate: ``Ông Hoàng Văn Lộc``, title, organisation, role in the delegation (``Dự thay Giám đốc``)."""

    name: str
    title: str = ""
    organisation: str = ""
    role: str = ""


@dataclass(frozen=True)
class Part:
    """The delegates of one site in the list of a whole meeting, below its name."""

    site: str
    delegates: tuple[DelegateLine, ...]


@dataclass(frozen=True)
class RosterPaper:
    """All that a list says. *on*: the day it is dated, None for a draft. *carried_by*: symbol of the letter it goes with.

    *site*: the name of the site, or with *parts* a phrase for all of them (``25 điểm cầu đã gửi danh sách``). *to_sign*: a
    sheet on which people sign in, with a column to do so and empty lines below.
    """

    issuer: Issuer
    event: str
    meeting_on: date
    site: str
    delegates: tuple[DelegateLine, ...]
    signer: Signer
    on: date | None = None
    room: str = ""
    carried_by: str = ""
    recipients: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    to_sign: bool = False


def write(roster: RosterPaper) -> bytes:
    """The .docx of *roster*; the same value gives the same bytes."""
    kind, subject, note, count = heading(roster)
    year = (roster.on or roster.meeting_on).year
    columns = _COLUMNS if roster.to_sign else _UNSIGNED

    def blocks() -> Iterator[str]:
        dated = dates.place_and_date(roster.issuer.place, roster.on, year)
        its = roster.issuer.layout
        yield form.head(roster.issuer, None, dated, landscape=True)
        yield form.title(kind, subject, room=form.LANDSCAPE, line_room=235, note=note, before=200, layout=its)
        yield from paper.list_pieces(columns, list_rows(roster), points=13, gap=60, keep_next=True)
        yield paper.paragraph(
            f"Danh sách này có {counted(count)} đại biểu{its.end}",
            italic=True,
            align="left",
            before=120,
            keep_next=True,
        )
        yield form.signed(roster.recipients, roster.signer, landscape=True, gap=3, layout=its)

    last = paper.section(roster.issuer.layout.margins, landscape=True)
    return paper.package(blocks(), last, title=f"Danh sách đại biểu {roster.site}", author=roster.issuer.called)


def heading(roster: RosterPaper) -> tuple[str, str, str, int]:
    """The kind of the list, its subject, the letter that it goes with, and how many delegates it has."""
    where = roster.site if roster.parts else f"Điểm cầu: {roster.site}"
    where += f" - {roster.room}" if roster.room else ""
    subject = f"tham dự {tidy(roster.event)} {dates.date_plain(roster.meeting_on)}\n{where}"
    kind, subject = (
        ("Danh sách đại biểu ký tên", subject[:1].upper() + subject[1:])
        if roster.to_sign
        else ("Danh sách", f"Đại biểu {subject}")
    )
    year = (roster.on or roster.meeting_on).year
    count = sum(len(part.delegates) for part in roster.parts) if roster.parts else len(roster.delegates)
    note = ""
    if roster.carried_by:
        gap = NBSP * 6
        note = (
            f"(Kèm theo Công văn số{gap}/{roster.carried_by} ngày{gap}tháng{gap}năm {year} của {roster.issuer.called})"
        )
    return kind, subject, note, count


def list_rows(roster: RosterPaper) -> Iterator[Sequence[str]]:
    """The lines of the list as texts; one text alone is the name of a site."""
    sign = ("",) if roster.to_sign else ()
    number = 0
    for part in roster.parts or (Part("", roster.delegates),):
        if part.site:
            yield (f"{part.site} ({counted(len(part.delegates))} đại biểu)",)
        for one in part.delegates:
            number += 1
            yield (str(number), one.name, one.title, one.organisation, one.role, *sign)
    if roster.to_sign:
        yield from [("",) * len(_COLUMNS)] * EMPTY_LINES
