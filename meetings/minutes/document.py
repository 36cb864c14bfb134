"""The biên bản (model 1.9 of Decree 30/2020/NĐ-CP) and the thông báo kết luận (model 1.4): frozen values to bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from meetings.official import dates, form, paper
from meetings.official.form import Issuer, Numbering, Signer
from meetings.official.paper import LOOSE, Column
from meetings.official.text import ended, lowered, tidy

RECORD: Final = "Biên bản"
NOTICE: Final = "Thông báo"

_TASKS: Final = (
    Column("STT", 624, "center"),
    Column("Nội dung nhiệm vụ", 4082),
    Column("Đơn vị chủ trì", 1928),
    Column("Phối hợp", 1417),
    Column("Thời hạn", 1304, "center"),
)
_LEVELS: Final = (
    Column("Cấp", 2381),
    Column("Được mời", 1394, "center"),
    Column("Tham dự", 1395, "center"),
    Column("Dự thay", 1395, "center"),
    Column("Vắng", 1395, "center"),
    Column("Đại biểu", 1395, "center"),
)
_ROLL: Final = (
    Column("STT", 624, "center"),
    Column("Điểm cầu", 2098),
    Column("Đại biểu", 1020, "center"),
    Column("Vào họp lúc", 1134, "center"),
    Column("Thời gian dự", 1190, "center"),
    Column("Ghi chú", 3289),  # who stands in for whom takes two lines
)
_ROLL_GAP: Final = 4
"""Twips above and below a line: so 34 provinces have one page, five of them with a note of two lines."""


@dataclass(frozen=True)
class Part:
    """An agenda item as it went: its title, when it began and ended (None: not noted), and what was said."""

    title: str
    paragraphs: tuple[str, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True)
class Task:
    """An action item. *due_on* None: no day was set."""

    text: str
    lead: str
    support: str = ""
    due_on: date | None = None


@dataclass(frozen=True)
class RollLine:
    """A line of the roll: delegates present, when the site joined, how long it stayed; None where it was absent."""

    site: str
    head_count: int | None = None
    joined_at: datetime | None = None
    stayed: timedelta | None = None
    note: str = ""


@dataclass(frozen=True)
class LevelLine:
    """The sums of the sites of one level (``Cấp tỉnh``): how many were invited, came, sent a substitute, stayed away;
    and how many delegates sat there."""

    level: str
    invited: int
    present: int
    substituted: int
    absent: int
    people: int


_SUMS: Final = ("invited", "present", "substituted", "absent", "people")


@dataclass(frozen=True)
class RecordPaper:
    """All that a biên bản says. *kind*: ``hội nghị`` or ``cuộc họp``. *attendance*: one line for each kind of attender.

    *levels* are printed above the *roll* where there are several.

    *closing* is the chair's conclusion (None: there was none), with the *tasks* below it; *agreed* what was said after
    it (votes, assent).
    *chair* and *secretary* carry honorific and title, *signatures* the bare names (secretary, chair).
    """

    issuer: Issuer
    numbering: Numbering
    title: str
    kind: str
    started_at: datetime
    place: str
    attendance: tuple[str, ...]
    chair: str
    secretary: str
    parts: tuple[Part, ...]
    closing: Part | None
    signatures: tuple[str, str]
    ended_at: datetime | None = None
    tasks: tuple[Task, ...] = ()
    agreed: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    roll: tuple[RollLine, ...] = ()
    levels: tuple[LevelLine, ...] = ()

    @property
    def dated(self) -> str | None:
        """Place and date, where the form of the issuer has them on a biên bản."""
        return form.record_dated(self.issuer, self.numbering)


@dataclass(frozen=True)
class NoticePaper:
    """All that a thông báo kết luận says. *parts* are numbered; *last* is the closing sentence, without its mark."""

    issuer: Issuer
    numbering: Numbering
    title: str
    opening: tuple[str, ...]
    parts: tuple[Part, ...]
    last: str
    signer: Signer
    recipients: tuple[str, ...] = ()
    year: int | None = None


def heading(place: int, part: Part) -> str:
    """``3. Thảo luận (08 giờ 45 - 10 giờ 30)``."""
    if part.starts_at and part.ends_at:
        return f"{place}. {part.title} ({dates.clock(part.starts_at)} - {dates.clock(part.ends_at)})"
    return f"{place}. {part.title}" + (f" ({dates.clock(part.starts_at)})" if part.starts_at else "")


def record_text(record: RecordPaper) -> Iterator[tuple[str, str]]:
    """The text of a biên bản in order, as (what it is, text): ``p`` a paragraph, ``h`` a heading, ``tasks`` the table.

    The page for reading and the .docx are both made of this, so they cannot differ.
    """
    yield "p", f"Thời gian bắt đầu: {dates.moment_long(record.started_at)}."
    if record.place:
        yield "p", f"Địa điểm: {_stopped(record.place)}"
    if record.attendance:
        yield "p", "Thành phần tham dự:"
    for n, line in enumerate(record.attendance, 1):
        yield "p", f"- {line.rstrip('.;')}{'.' if n == len(record.attendance) else ';'}"
    if record.chair:
        yield "p", f"Chủ trì (chủ tọa): {_stopped(record.chair)}"
    if record.secretary:
        yield "p", f"Thư ký (người ghi biên bản): {_stopped(record.secretary)}"
    yield "p", f"Nội dung (theo diễn biến {record.kind}):"
    for n, part in enumerate(record.parts, 1):
        yield "h", heading(n, part)
        for text in part.paragraphs:
            yield "p", text
    if record.closing:
        yield "h", heading(len(record.parts) + 1, record.closing)
        for text in record.closing.paragraphs:
            yield "p", text
    if record.tasks:
        yield "p", "Chủ tọa giao các nhiệm vụ sau:"
        yield "tasks", ""
    for text in record.agreed:
        yield "p", text
    mark = record.issuer.layout.end
    if record.ended_at:
        end = f"{dates.clock(record.ended_at)}, {dates.date_plain(record.ended_at)}"
        yield "end", ended(f"{record.kind[:1].upper()}{record.kind[1:]} kết thúc vào {end}", mark)
    else:
        yield "end", ended(f"{record.kind[:1].upper()}{record.kind[1:]} kết thúc cùng ngày", mark)


def notice_text(notice: NoticePaper) -> Iterator[tuple[str, str]]:
    """The text of a thông báo kết luận in order, as :func:`record_text` tells it."""
    for text in notice.opening:
        yield "p", text
    for n, part in enumerate(notice.parts, 1):
        yield "h", heading(n, part)
        for text in part.paragraphs:
            yield "p", text
    yield "end", ended(notice.last, notice.issuer.layout.end)


def _stopped(text: str) -> str:
    return text.rstrip(".; ") + "."


def task_sentence(task: Task) -> str:
    """A task as a point of the notice: who leads, with whom, what, until when."""
    led = f"{task.lead} chủ trì" if task.support else task.lead
    support = f", phối hợp với {task.support} " if task.support else " "
    text = task.text.strip().rstrip(".;")
    until = f"; hoàn thành trước {dates.date_plain(task.due_on)}" if task.due_on else ""
    return f"{led}{support}{lowered(text)}{until}."


def _blocks(text: Iterator[tuple[str, str]], tasks: tuple[Task, ...]) -> Iterator[str]:
    pieces = list(text)
    after_table = False
    for n, (what, said) in enumerate(pieces):
        following = pieces[n + 1][0] if n + 1 < len(pieces) else ""
        before = 100 if after_table else 0
        after_table = what == "tasks"
        if what == "h":
            yield form.heading(said)
        elif what == "tasks":
            yield _task_table(tasks)
        else:
            below = n > 0 and pieces[n - 1][0] == "h"
            for line in said.split("\n"):
                leads = line.endswith(":")  # it opens what follows: never the last line of a page
                alone = n > 0 and pieces[n - 1][0] == "h"  # a section of one paragraph stays on the page it fits
                keep = leads or what == "end" or following == "tasks" or (following == "end" and not alone)
                yield form.body(line, line=LOOSE, keep_next=keep, before=before, below_heading=below and not keep)
                before, below = 0, False


def _task_table(tasks: tuple[Task, ...]) -> str:
    lines = (
        [str(n), task.text, task.lead, task.support, dates.date_short(task.due_on) if task.due_on else "-"]
        for n, task in enumerate(tasks, 1)
    )
    return paper.ruled_list(_TASKS, lines)


def write_record(record: RecordPaper) -> bytes:
    """The .docx of a biên bản: no place and date in the decree's head, THƯ KÝ left and CHỦ TỌA right, the roll as an annex."""
    its = record.issuer.layout

    def blocks() -> Iterator[str]:
        yield form.head(record.issuer, record.numbering, record.dated)
        yield form.title(RECORD, record.title, layout=its)
        yield from _blocks(record_text(record), record.tasks)
        secretary, chair = record.signatures
        yield form.two_signatures(("THƯ KÝ", secretary), ("CHỦ TỌA", chair), record.recipients, layout=its)
        if record.roll:
            yield paper.section_break(paper.section(record.issuer.layout.margins))
            yield from _annex(record)

    last = paper.section(record.issuer.layout.margins, restart=bool(record.roll))
    return paper.package(blocks(), last, title=f"{RECORD} {tidy(record.title)}", author=record.issuer.called)


def _annex(record: RecordPaper) -> Iterator[str]:
    """The roll, a row a site as they come; above it the sums of each level where there are several."""
    its, cited = record.issuer.layout, record.numbering.cited(RECORD, record.issuer.called)
    yield form.annex_head("Phụ lục", "Kết quả điểm danh các điểm cầu", cited)
    if len(record.levels) > 1:
        yield paper.ruled_list(_LEVELS, level_rows(record.levels))
        yield paper.paragraph(points=12, align="left", after=60)
    yield from paper.list_pieces(_ROLL, roll_rows(record.roll), gap=_ROLL_GAP, keep_next=True)
    yield form.end_mark(its)


def level_rows(levels: tuple[LevelLine, ...]) -> Iterator[list[str]]:
    """The sums of each level as texts, and the sum of all."""
    whole = LevelLine("Tổng số", *(sum(getattr(one, name) for one in levels) for name in _SUMS))
    for one in (*levels, whole):
        yield [one.level, *(_thousands(getattr(one, name)) for name in _SUMS)]


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def roll_rows(roll: tuple[RollLine, ...]) -> Iterator[list[str]]:
    """The lines of the annex as texts."""
    for n, line in enumerate(roll, 1):
        yield [
            str(n),
            line.site,
            str(line.head_count) if line.head_count is not None else "-",
            dates.clock(line.joined_at) if line.joined_at else "-",
            _hours(line.stayed) if line.stayed is not None else "-",
            line.note,
        ]


def _hours(length: timedelta) -> str:
    hours, minutes = divmod(max(0, int(length.total_seconds())) // 60, 60)
    return f"{hours:02d} giờ {minutes:02d}"


def write_notice(notice: NoticePaper) -> bytes:
    """The .docx of a thông báo kết luận."""
    blocks = [
        form.head(notice.issuer, notice.numbering, form.dated(notice.issuer, notice.numbering, notice.year)),
        form.title(NOTICE, notice.title, layout=notice.issuer.layout),
        *_blocks(notice_text(notice), ()),
        form.signed(notice.recipients, notice.signer, layout=notice.issuer.layout),
    ]
    last = paper.section(notice.issuer.layout.margins)
    return paper.package(blocks, last, title=f"{NOTICE} {tidy(notice.title)}", author=notice.issuer.called)
