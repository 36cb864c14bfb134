"""The danh sách đại biểu of one site: landscape, with a column to sign in.

It is not one of the decree's kinds of document: it has no number of its own and travels with an official letter.
"""

from __future__ import annotations

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


@dataclass(frozen=True)
class DelegateLine:
    """One delegate: ``Ông Hoàng Văn Lộc``, title, organisation, role in the delegation."""

    name: str
    title: str = ""
    organisation: str = ""
    role: str = ""


@dataclass(frozen=True)
class RosterPaper:
    """All that the list says. *on*: the day it is dated, None for a draft. *carried_by*: symbol of the letter it goes with.

    *site*: the name of the site, or with *whole* a phrase for all of them (``25 điểm cầu đã gửi danh sách``).
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
    whole: bool = False


def write(roster: RosterPaper) -> bytes:
    """The .docx of *roster*; the same value gives the same bytes."""
    where = (roster.site if roster.whole else f"Điểm cầu: {roster.site}") + (f" - {roster.room}" if roster.room else "")
    subject = f"Đại biểu tham dự {tidy(roster.event)} {dates.date_plain(roster.meeting_on)}\n{where}"
    year = (roster.on or roster.meeting_on).year
    note = ""
    if roster.carried_by:
        gap = NBSP * 6
        note = (
            f"(Kèm theo Công văn số{gap}/{roster.carried_by} ngày{gap}tháng{gap}năm {year} của {roster.issuer.called})"
        )
    lines = ([str(n), one.name, one.title, one.organisation, one.role, ""] for n, one in enumerate(roster.delegates, 1))
    blocks = [
        form.head(roster.issuer, None, dates.place_and_date(roster.issuer.place, roster.on, year), landscape=True),
        form.title("Danh sách", subject, room=form.LANDSCAPE, line_room=235, note=note, before=200),
        paper.ruled_list(_COLUMNS, lines, points=13, gap=60, keep_next=True),
        paper.paragraph(
            f"Danh sách này có {counted(len(roster.delegates))} đại biểu./.",
            italic=True,
            align="left",
            before=120,
            keep_next=True,
        ),
        form.signed(roster.recipients, roster.signer, landscape=True, gap=3),
    ]
    return paper.package(
        blocks, paper.section(landscape=True), title=f"Danh sách đại biểu {roster.site}", author=roster.issuer.called
    )
