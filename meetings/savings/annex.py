"""The estimate as an annex of the minutes (model 2.1 of Decree 30/2020/NĐ-CP): frozen values to bytes.

It says what was saved by meeting online, as an estimate with its range, and prints everything that this stands on: every norm and
assumption with its source, article, day in force and how far it was verified, what this meeting assumes otherwise and why, and
what could not be counted. Like every document of the office it speaks Vietnamese. An annex has no head: it
names the document that it goes with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Final

from meetings.official import dates, form, paper
from meetings.official.form import Issuer, Numbering
from meetings.official.money import money, money_in_words
from meetings.official.numbers import counted, number
from meetings.official.paper import Column
from meetings.official.text import tidy
from meetings.savings.trips import Triple

LABEL: Final = "Phụ lục"
SUBJECT: Final = "Ước tính chi phí tiết kiệm do họp trực tuyến"
CARRIED_BY: Final = "Biên bản"
NAMED: Final = 12
"""So many sites that are not counted are named; of more only the number is said."""
_POINTS: Final = 11.0
_KILOGRAM: Final = 1_000_000  # milligrams

_SUMS: Final = (
    Column("Khoản mục", 4254),
    Column("Mức thấp (đồng)", 1700, "right"),
    Column("Ước tính (đồng)", 1700, "right"),
    Column("Mức cao (đồng)", 1700, "right"),
)
_BESIDE: Final = (
    Column("Nội dung", 4254),
    Column("Mức thấp", 1700, "right"),
    Column("Ước tính", 1700, "right"),
    Column("Mức cao", 1700, "right"),
)
_SITES: Final = (
    Column("STT", 600, "center"),
    Column("Điểm cầu", 2354),
    Column("Đại biểu có mặt", 900, "center"),
    Column("Cử dự nếu họp tập trung", 1200, "center"),
    Column("Cách đi", 1500),
    Column("Ước tính (thấp – cao), đồng", 2800, "right"),
)
_PROVINCES: Final = (
    Column("STT", 600, "center"),
    Column("Tỉnh, thành phố, cơ quan", 2654),
    Column("Điểm cầu được tính", 1200, "center"),
    Column("Cử dự nếu họp tập trung", 1900, "center"),
    Column("Ước tính (thấp – cao), đồng", 3000, "right"),
)
_WORKING: Final = (
    Column("Khoản mục", 1900),
    Column("Cách tính (mức ước tính)", 5654),
    Column("Số tiền (đồng)", 1800, "right"),
)
_NORMS: Final = (
    Column("Định mức, giả định", 2300),
    Column("Giá trị (thấp – ước tính – cao)", 1854),
    Column("Căn cứ", 3800),
    Column("Mức độ đối chiếu", 1400),
)


@dataclass(frozen=True)
class SumLine:
    """A line of the sums; *whole*: a sum of the lines above it. *off*: it is not counted, or not whole, for want of a norm."""

    word: str
    amounts: Triple
    whole: bool = False
    off: bool = False


@dataclass(frozen=True)
class SiteLine:
    """A site that was counted (*people*: those present, None: nobody counted them), or the sites of a province (*sites*)."""

    name: str
    amounts: Triple
    travelling: Triple
    people: int | None = None
    way: str = ""
    left_out: str = ""
    sites: int = 0


@dataclass(frozen=True)
class LeftOut:
    """Why sites are not counted, how many they are, and the names of the first."""

    why: str
    number: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class Off:
    """A part that is not counted for want of norms: its name, those norms, and how many sites that touches."""

    part: str
    norms: tuple[str, ...]
    sites: int


@dataclass(frozen=True)
class NormLine:
    """A norm or assumption: its value with the unit, where it stands and since when, how far that was verified. *instead*: what
    this meeting takes in its place."""

    word: str
    value: str
    source: str
    verified: str
    instead: str = ""


@dataclass(frozen=True)
class NormGroup:
    """The norms of one part of the estimate."""

    word: str
    lines: tuple[NormLine, ...]


@dataclass(frozen=True)
class Verification:
    """How many of the values have been read in the primary text, in a secondary source, nowhere, are assumed, are not known."""

    primary: int
    secondary: int
    memory: int
    assumed: int
    missing: int


@dataclass(frozen=True)
class Working:
    """One site reckoned step by step: its name, and each item with its formula in words and what it comes to."""

    site: str
    lines: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class AnnexPaper:
    """All that the annex says. *hours* and *co2* (milligrams) are nought in an estimate of a formula that did not count them;
    *old_formula* says so. *by_province*: the lines of *sites* are those of provinces, for the sites are too many to print."""

    issuer: Issuer
    numbering: Numbering
    title: str
    code: str
    on: date
    venue: str
    version: int
    made_by: str
    made_at: datetime
    saving: Triple
    sums: tuple[SumLine, ...]
    counted: int
    all_sites: int
    people: int
    travelling: int
    time_value: Triple
    hours: Triple
    co2: Triple
    left_out: tuple[LeftOut, ...]
    off: tuple[Off, ...]
    reason: str
    sites: tuple[SiteLine, ...]
    by_province: bool
    working: Working | None
    groups: tuple[NormGroup, ...]
    verification: Verification
    old_formula: bool = False


def write(annex: AnnexPaper) -> bytes:
    """The .docx of *annex*; the same value gives the same bytes."""
    its = annex.issuer.layout

    def blocks() -> Iterator[str]:
        yield form.annex_head(LABEL, SUBJECT, annex.numbering.cited(CARRIED_BY, annex.issuer.called))
        pieces = list(_text(annex))
        for (what, said), (following, _said) in pairwise([*pieces, ("", "")]):
            if what == "h":
                yield form.heading(said)
            elif what == "table":
                yield from _TABLES[said](annex)
                yield paper.paragraph(points=6, align="left")
            else:
                kept = following == "table"  # what leads to a table stands on its page
                yield form.body(said, keep_next=kept, below_heading=what == "first" and not kept)
        yield form.end_mark(its)

    title = f"{SUBJECT}: {tidy(annex.title)}"
    return paper.package(blocks(), paper.section(its.margins), title=title, author=annex.issuer.called)


def _text(annex: AnnexPaper) -> Iterator[tuple[str, str]]:
    """The annex in order: ``h`` a heading, ``first`` the paragraph below it, ``p`` another one, ``table`` by its name."""
    headings = iter(range(1, 10))

    def head(words: str) -> tuple[str, str]:
        return "h", f"{next(headings)}. {words}"

    low, mid, high = annex.saving
    yield head("Kết quả ước tính")
    yield (
        "first",
        f"Cuộc họp {dates.date_plain(annex.on)} (mã {annex.code}): {tidy(annex.title).rstrip('.;')}. Nơi họp giả định nếu "
        f"họp tập trung: {annex.venue}.",
    )
    yield (
        "p",
        f"Số tiền tiết kiệm ước tính: {money(mid)} ({money_in_words(mid)}), trong khoảng từ {money(low)} đến "
        f"{money(high)}. Đây là số ước tính, không phải số quyết toán.",
    )
    if high < 0:
        yield "p", "Theo ước tính này, họp trực tuyến tốn hơn họp tập trung."
    elif low < 0:
        yield "p", "Khoảng ước tính có giá trị âm: chưa đủ căn cứ khẳng định họp trực tuyến ít tốn hơn."
    yield (
        "p",
        f"Đã tính {counted(annex.counted)}/{counted(annex.all_sites)} điểm cầu; {counted(annex.people)} đại biểu có "
        f"mặt, trong đó {counted(annex.travelling)} người được cử dự nếu họp tập trung. Bản ước tính số {annex.version}"
        + (f", người lập: {annex.made_by}" if annex.made_by else "")
        + f", lập lúc {dates.moment(annex.made_at)}.",
    )
    if annex.old_formula:
        yield (
            "p",
            "Bản ước tính này lập theo công thức trước đây và được giữ nguyên số tiền; giờ đi đường, CO₂ và cách tính "
            "từng điểm cầu chỉ có khi ước tính lại.",
        )
    yield "table", "sums"
    yield head("Ngoài số tiền (ước tính, không cộng vào số tiền tiết kiệm)")
    yield "first", "Tiền lương được trả dù có đi hay không, CO₂ không phải là tiền; hai nội dung này chỉ ghi bên cạnh."
    yield "table", "beside"
    if annex.left_out or annex.off:
        yield head("Những phần chưa tính được")
        for some in annex.left_out:
            rest = some.number - len(some.names)
            more = f" và {counted(rest)} điểm cầu khác" if rest else ""
            yield "p", f"- {counted(some.number)} điểm cầu không tính vì {some.why}: {'; '.join(some.names)}{more}."
        if annex.left_out:
            yield "p", "- Chi phí họp trực tuyến của các điểm cầu nêu trên vẫn được trừ."
        for off in annex.off:
            yield (
                "p",
                f"- {off.part}: tạm không tính cho {counted(off.sites)} điểm cầu vì chưa biết giá trị: "
                f"{'; '.join(off.norms)}.",
            )
    if annex.reason or any(line.instead for group in annex.groups for line in group.lines):
        yield head("Giả định riêng của cuộc họp này")
        yield "first", f"Lý do: {annex.reason.strip().rstrip('.') or 'không ghi'}."
        for group in annex.groups:
            for line in group.lines:
                if line.instead:
                    yield "p", f"- {line.word}: lấy {line.instead} thay cho {line.value}."
    yield head("Theo tỉnh, thành phố, cơ quan" if annex.by_province else "Theo điểm cầu")
    yield (
        "first",
        "Chỉ tính những người được cử dự nếu họp tập trung. Tiền hội trường và chi phí họp trực tuyến tính chung cho cả "
        "cuộc họp, không nằm trong bảng này."
        + (" Danh sách từng điểm cầu có trong tệp .xlsx và .csv của bản ước tính." if annex.by_province else ""),
    )
    yield "table", "sites"
    if annex.working:
        yield head("Cách tính một điểm cầu")
        yield "first", f"Điểm cầu {annex.working.site}, các điểm cầu khác tính như vậy:"
        yield "table", "working"
    yield head("Định mức và giả định")
    found = annex.verification
    yield (
        "first",
        "Định mức có hiệu lực ngày họp, được giữ nguyên cùng bản ước tính; thay đổi sau đó không làm thay đổi kết "
        f"quả. Mức độ đối chiếu: {counted(found.primary)} giá trị đọc từ văn bản gốc, {counted(found.secondary)} giá "
        f"trị đối chiếu qua nguồn thứ cấp, {counted(found.memory)} giá trị chưa đối chiếu, "
        f"{counted(found.assumed)} giả định của hệ thống"
        + (f", {counted(found.missing)} giá trị chưa biết." if found.missing else "."),
    )
    yield "table", "norms"


def _sums(annex: AnnexPaper) -> Iterator[str]:
    """The sums of several lines stand in bold type: a list of the house has one face."""
    widths = [column.width for column in _SUMS]

    def cells(texts: Sequence[str], *, bold: bool, aligns: Sequence[str], kept: bool) -> list[str]:
        return [
            paper.paragraph(text, points=12, bold=bold, align=align, before=12, after=12, keep_next=kept)
            for text, align in zip(texts, aligns, strict=True)
        ]

    def rows() -> Iterator[str]:
        heads = cells([column.head for column in _SUMS], bold=True, aligns=["center"] * 4, kept=True)
        yield paper.row(widths, heads, heads=True, middle=True)
        for n, line in enumerate(annex.sums, 1):
            off = "" if not line.off else " (chưa tính đủ)" if any(line.amounts) else " (chưa tính)"
            texts = [line.word + off, *(number(amount) for amount in line.amounts)]
            aligns = [column.align for column in _SUMS]
            yield paper.row(widths, cells(texts, bold=line.whole, aligns=aligns, kept=n < len(annex.sums)), middle=True)

    return paper.table_pieces(widths, rows(), ruled=True)


def _beside(annex: AnnexPaper) -> Iterator[str]:
    rows: list[Sequence[str]] = []
    if annex.hours.high:
        rows.append(["Giờ làm việc trên đường (giờ)", *(number(value) for value in annex.hours)])
    rows.append(["Tiền lương của số giờ đó (đồng)", *(number(value) for value in annex.time_value)])
    if any(annex.co2):
        rows.append(["CO₂ giảm phát thải (kg)", *(number(_kilograms(value)) for value in annex.co2)])
    return paper.list_pieces(_BESIDE, rows, points=12)


def _kilograms(milligrams: int) -> int:
    """Whole kilograms towards nought, as the page shows them."""
    return abs(milligrams) // _KILOGRAM * (-1 if milligrams < 0 else 1)


def _site_rows(annex: AnnexPaper) -> Iterator[list[str]]:
    for n, one in enumerate(annex.sites, 1):
        low, mid, high = (number(amount) for amount in one.amounts)
        amounts = f"{mid}\n({low} – {high})"
        least, going, most = (number(value) for value in one.travelling)
        goers = going if least == most else f"{going} ({least} – {most})"
        if annex.by_province:
            yield [str(n), one.name, number(one.sites), goers, amounts]
            continue
        people = number(one.people) if one.people is not None else "–"
        if one.left_out:
            yield [str(n), one.name, people, "–", f"Không tính: {one.left_out}", "–"]
        else:
            yield [str(n), one.name, people, goers, one.way, amounts]


def _sites(annex: AnnexPaper) -> Iterator[str]:
    return paper.list_pieces(_PROVINCES if annex.by_province else _SITES, _site_rows(annex), points=_POINTS)


def _working(annex: AnnexPaper) -> Iterator[str]:
    lines = annex.working.lines if annex.working else ()
    rows = ([word, formula, number(amount)] for word, formula, amount in lines)
    return paper.list_pieces(_WORKING, rows, points=_POINTS)


def _norms(annex: AnnexPaper) -> Iterator[str]:
    def rows() -> Iterator[Sequence[str]]:
        for group in annex.groups:
            yield (group.word,)
            for line in group.lines:
                value = f"{line.instead}\n(định mức: {line.value})" if line.instead else line.value
                yield [line.word, value, line.source, line.verified]

    return paper.list_pieces(_NORMS, rows(), points=_POINTS, keep_next=True)


_TABLES: Final = {"sums": _sums, "beside": _beside, "sites": _sites, "working": _working, "norms": _norms}
