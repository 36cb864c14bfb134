"""The công văn đôn đốc (model 1.5 of Decree 30/2020/NĐ-CP): an official letter about tasks, a frozen value to bytes.

Model 1.5 has no name of its kind: its subject (``V/v …``) stands under its number, and its symbol names the body and the
unit that drafts (``45/UBND-VP``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from meetings.official import dates, form, paper
from meetings.official.form import Issuer, Numbering, Signer
from meetings.official.numbers import counted
from meetings.official.paper import Column
from meetings.official.text import ended, tidy

KIND: Final = "Công văn"
SHORT_LIST: Final = 12
"""So many tasks stand in the letter itself; more go into an annex."""
_TASKS: Final = (
    Column("STT", 624, "center"),
    Column("Nội dung nhiệm vụ", 3515),
    Column("Đơn vị chủ trì", 1814),
    Column("Thời hạn", 1304, "center"),
    Column("Tình trạng", 2098),
)


@dataclass(frozen=True)
class UrgedTask:
    """A task that somebody is reminded of. *standing*: how it stands in words (``Quá hạn 09 ngày``, ``Đã làm 40%``);
    *source*: where it was given (``Thông báo số 412/TB-BĐPS``). *due_on* None: no day was set."""

    text: str
    lead: str
    due_on: date | None = None
    standing: str = ""
    source: str = ""


@dataclass(frozen=True)
class UrgingPaper:
    """All that a công văn đôn đốc says. *about* without its ``V/v``; *to* whom it is addressed, a name each.

    *opening* are the paragraphs above the tasks; *asked* what is asked of the units below them; *last* the closing
    sentence, without its mark. *year*: when it goes out, for a date the clerk completes.
    """

    issuer: Issuer
    numbering: Numbering
    about: str
    to: tuple[str, ...]
    opening: tuple[str, ...]
    tasks: tuple[UrgedTask, ...]
    last: str
    signer: Signer
    asked: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    year: int | None = None


def numbered(issuer: Issuer, drafter: str, number: str = "", on: date | None = None, *, body: str = "VP") -> Numbering:
    """The number of an official letter of *issuer*: ``45/UBND-VP``, *drafter* being the symbol of the unit that drafts.

    *body* is the symbol of a body that has none.
    """
    plain = issuer.numbered("reminder", number, on, body=body)
    own = plain.symbol.rpartition("-")[2]
    return plain if not drafter or drafter == own else Numbering(f"{plain.symbol}-{drafter}", number, on, plain.layout)


def addressees(urging: UrgingPaper) -> tuple[str, ...]:
    """Whom the letter is addressed to, a line each: a semicolon after every one, a stop after the last."""
    names = [name.strip().lstrip("-–").strip().rstrip(".;") for name in urging.to if name.strip()]
    return tuple(name + ("." if n == len(names) else ";") for n, name in enumerate(names, 1))


def annexed(urging: UrgingPaper) -> bool:
    """Whether the tasks stand in an annex."""
    return len(urging.tasks) > SHORT_LIST


def urging_text(urging: UrgingPaper) -> Iterator[tuple[str, str]]:
    """The text in order, as (what it is, text): ``p`` a paragraph, ``tasks`` the table, ``end`` the last sentence."""
    for n, said in enumerate(urging.opening, 1):
        if n == len(urging.opening) and urging.tasks:
            stop = (
                f" ({counted(len(urging.tasks))} nhiệm vụ, danh sách tại Phụ lục kèm theo)." if annexed(urging) else ":"
            )
            said = said.rstrip().rstrip(".:;") + stop
        yield "p", said
    if urging.tasks and not annexed(urging):
        yield "tasks", ""
    for said in urging.asked:
        yield "p", said
    yield "end", ended(urging.last, urging.issuer.layout.end)


def task_rows(urging: UrgingPaper) -> Iterator[list[str]]:
    """The lines of the table as texts."""
    for n, task in enumerate(urging.tasks, 1):
        said = f"{task.text.rstrip()}\n({task.source})" if task.source else task.text
        yield [str(n), said, task.lead, dates.date_short(task.due_on) if task.due_on else "-", task.standing]


def write_urging(urging: UrgingPaper) -> bytes:
    """The .docx of a công văn đôn đốc; the same value gives the same bytes."""
    its = urging.issuer.layout
    dated = form.dated(urging.issuer, urging.numbering, urging.year)
    about = f"V/v {tidy(urging.about).removeprefix('V/v ').rstrip('.')}"

    def blocks() -> Iterator[str]:
        yield form.head(urging.issuer, urging.numbering, dated, about=about)
        yield form.addressed(addressees(urging))
        pieces = list(urging_text(urging))
        after_table = False
        for n, (what, said) in enumerate(pieces):
            following = pieces[n + 1][0] if n + 1 < len(pieces) else ""
            if what == "tasks":
                yield from paper.list_pieces(_TASKS, task_rows(urging))
            else:
                keep = what == "end" or following in ("tasks", "end")
                before = 100 if after_table else 0
                for line in said.split("\n"):
                    yield form.body(line, keep_next=keep, before=before)
                    before = 0
            after_table = what == "tasks"
        yield form.signed(urging.recipients, urging.signer, layout=its)
        if annexed(urging):
            yield paper.section_break(paper.section(urging.issuer.layout.margins))
            cited = urging.numbering.cited(KIND, urging.issuer.called)
            yield form.annex_head("Phụ lục", "Danh sách nhiệm vụ", cited)
            yield from paper.list_pieces(_TASKS, task_rows(urging), keep_next=True)
            yield form.end_mark(its)

    last = paper.section(urging.issuer.layout.margins, restart=annexed(urging))
    return paper.package(blocks(), last, title=f"{KIND} {about}", author=urging.issuer.called)
