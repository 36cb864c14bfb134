"""The periodic report as an official document: model 1.4 of Decree 30/2020/NĐ-CP (văn bản có tên loại, here ``BC``).

Like every document of the office it speaks Vietnamese whoever asks for it. Its charts are pictures made here; the same report on
the same day gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Final

from PIL import Image

from meetings.accounts.rules import Actor
from meetings.clock import today
from meetings.database import db
from meetings.directory.queries import documents
from meetings.i18n import in_locale
from meetings.official import dates, form, money, paper
from meetings.official.form import Issuer, Signer
from meetings.official.numbers import counted, number, percent
from meetings.official.paper import Column
from meetings.official.text import ended
from meetings.official.vocabulary import DocumentKind
from meetings.overview import reports_chart, reports_count, reports_doubt
from meetings.overview.reports_chart import Chart
from meetings.overview.reports_count import Line, Report
from meetings.overview.reports_figures import BY_WORDS, FIGURE_WORDS, HOW, By, Figure, Scope
from meetings.units import queries as units
from meetings.units.models import Unit

KIND: Final = "Báo cáo"
_MILLION: Final = 1_000_000
_POINTS: Final = 10.5
_WIDE: Final = 165.0


def issued_by(scope: Scope) -> Unit:
    """Whose report it is: the organiser it is narrowed to, else the highest unit for which the reader may see reports."""
    if scope.organiser is not None and (unit := units.by_id(scope.organiser)) is not None:
        return unit
    return _highest(scope.actor)


def _highest(actor: Actor) -> Unit:
    path = min(actor.paths("report.see"), key=lambda path: (path.count("/"), path))
    unit = db.session.get(Unit, int(path.strip("/").rpartition("/")[2]))
    assert unit is not None, "a grant names its unit"
    return unit


def write(scope: Scope, by: By) -> bytes:
    """The .docx of the report of *scope*, with its charts, its table by *by* and how each figure is counted."""
    with in_locale("vi"):
        report = reports_count.report(scope, by)
        unit = issued_by(scope)
        issuer = documents.issuer(unit)
        drawn = reports_chart.charts(report)
        pictures = [reports_chart.picture(chart) for chart in drawn]
        signers = documents.offers(unit, DocumentKind.NOTICE, today())
        words = signers[0].words if signers else ("", "", "")
        signer = Signer(tuple(line for line in words[:2] if line), words[2])
        return paper.package(
            _blocks(report, issuer, signer, list(zip(drawn, pictures, strict=True)), today()),
            paper.section(restart=True),
            title=f"{KIND} {_subject(scope)}",
            author=issuer.called,
            pictures=pictures,
        )


def _subject(scope: Scope) -> str:
    words = scope.period.words
    return f"Kết quả tổ chức họp trực tuyến {words[:1].lower()}{words[1:]}"


def _blocks(
    report: Report, issuer: Issuer, signer: Signer, drawn: list[tuple[Chart, bytes]], day: date
) -> Iterator[str]:
    its, scope = issuer.layout, report.scope
    numbering = issuer.numbered("report")
    yield form.head(issuer, numbering, form.dated(issuer, numbering, day.year))
    yield form.title(KIND, _subject(scope), layout=its)
    for kind, said in _text(report, issuer):
        yield form.heading(said) if kind == "heading" else form.body(said)
    for n, (chart, png) in enumerate(drawn, 1):
        told = "; ".join(f"{bar.name}: {bar.said}" for bar in chart.bars)
        yield paper.picture(n, Image.open(BytesIO(png)).size, _WIDE, told)
        unit = f"Hình {n}. {chart.title} theo {_words(report.axes[0])}"
        yield paper.paragraph(unit, points=12, italic=True, align="center", after=160)
    yield form.heading(f"5. Số liệu theo {_words(report.by)}")
    yield from paper.list_pieces(_columns(report), _rows(report), points=_POINTS)
    if not report.adds_up:
        note = "Cuộc họp có điểm cầu của nhiều tỉnh, cơ quan được đếm ở từng dòng và chỉ đếm một lần ở dòng Tổng số."
        yield paper.paragraph(note, points=12, italic=True, before=60, after=60)
    last = f"Trên đây là báo cáo {_subject(scope)[:1].lower()}{_subject(scope)[1:]} của {issuer.called}"
    yield form.body(ended(last, its.end), keep_next=True, before=100)
    yield form.signed(form.listed(("Lãnh đạo cơ quan (để báo cáo)", "Lưu: VT, VP.")), signer, layout=its)
    yield paper.section_break(paper.section())
    yield form.annex_head("Phụ lục", "Cách tính số liệu", numbering.cited(KIND, issuer.called))
    how = [[_capital(str(FIGURE_WORDS[figure])), str(HOW[figure])] for figure in Figure]
    yield from paper.list_pieces([Column("Số liệu", 2700), Column("Cách tính", 6654)], how, keep_next=True)
    yield form.end_mark(its)


def _words(by: By) -> str:
    words = str(BY_WORDS[by])
    return words[:1].lower() + words[1:]


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _text(report: Report, issuer: Issuer) -> Iterator[tuple[str, str]]:
    """The words of the report in order: ``heading`` and ``p``."""
    total, period = report.total, report.scope.period
    first, last = dates.date_short(period.first), dates.date_short(period.last)
    meetings, invited = total[Figure.MEETINGS], total[Figure.INVITED]
    only = reports_count.narrowed_names(report.scope)
    narrowed = f" (phạm vi: {', '.join(only)})" if only else ""
    yield (
        "p",
        f"Từ ngày {first} đến ngày {last}, {issuer.called} đã tổ chức {counted(meetings)} cuộc họp trực tuyến{narrowed}, "
        f"trong đó có {counted(total[Figure.URGENT])} cuộc họp đột xuất; mời {counted(invited)} lượt điểm cầu; "
        f"{counted(total[Figure.PEOPLE])} lượt đại biểu dự họp. Kết quả như sau:",
    )
    yield "heading", "1. Tham dự và chuẩn bị kỹ thuật"
    yield "p", f"- Xác nhận tham dự đúng hạn: {_of(total, Figure.ON_TIME, Figure.INVITED)} lượt điểm cầu."
    yield "p", f"- Kiểm tra kỹ thuật không đạt: {_of(total, Figure.FAILED, Figure.INVITED)} lượt điểm cầu."
    yield "p", f"- Vắng: {_of(total, Figure.ABSENT, Figure.INVITED)} lượt điểm cầu."
    yield "heading", "2. Chấp hành chế độ họp"
    overrides = total[Figure.OVERRIDES]
    yield (
        "p",
        f"Có {counted(overrides)} lượt giấy mời được phát hành khác quy định về chế độ họp; từng lượt có lý do và người "
        "cho phép, lưu trong nhật ký của hệ thống."
        if overrides
        else "Không có giấy mời nào được phát hành khác quy định về chế độ họp.",
    )
    yield "heading", "3. Thực hiện nhiệm vụ được giao tại kết luận"
    tasks = total[Figure.TASKS]
    yield (
        "p",
        f"Có {counted(tasks)} nhiệm vụ đến hạn trong kỳ; hoàn thành đúng hạn "
        f"{_of(total, Figure.TASKS_ON_TIME, Figure.TASKS)} nhiệm vụ."
        if tasks
        else "Không có nhiệm vụ nào đến hạn trong kỳ.",
    )
    yield "heading", "4. Tiết kiệm (ước tính)"
    yield (
        "p",
        f"Ước tính tiết kiệm {money.money(total.mid)}, trong khoảng từ {money.money(total.low)} đến "
        f"{money.money(total.high)}, của {counted(total.estimated)}/{counted(meetings)} cuộc họp đã có bản ước tính. Đây là số "
        "ước tính, không phải số quyết toán; giả định và định mức ghi tại bản ước tính của từng cuộc họp."
        if total.estimated
        else "Chưa có cuộc họp nào trong kỳ được ước tính tiết kiệm.",
    )
    for doubt in reports_doubt.sentences(report.scope):
        yield "p", f"- {doubt}"


def _of(total: Line, part: Figure, whole: Figure) -> str:
    return f"{counted(total[part])}/{counted(total[whole])} ({percent(total[part], total[whole])})"


def _columns(report: Report) -> list[Column]:
    return [
        Column(str(BY_WORDS[report.by]), 2330),
        Column("Cuộc họp", 760, "center"),
        Column("Mời", 800, "center"),
        Column("Đúng hạn", 800, "center"),
        Column("Lỗi KT", 700, "center"),
        Column("Vắng", 700, "center"),
        Column("Đại biểu", 964, "center"),
        Column("Nhiệm vụ đúng hạn", 900, "center"),
        Column("Tiết kiệm ước tính (triệu đồng)", 1400, "center"),
    ]


def _rows(report: Report) -> Iterator[list[str]]:
    for line in (*report.lines, report.total):
        name = line.name if line is not report.total else "Tổng số"
        counts = [number(line[one]) for one in _PRINTED]
        tasks = f"{number(line[Figure.TASKS_ON_TIME])}/{number(line[Figure.TASKS])}" if line[Figure.TASKS] else "–"
        low, mid, high = (number(round(value / _MILLION)) for value in (line.low, line.mid, line.high))
        yield [name, *counts, tasks, f"{mid}\n({low} – {high})" if line.estimated else "–"]


_PRINTED: Final = (
    Figure.MEETINGS,
    Figure.INVITED,
    Figure.ON_TIME,
    Figure.FAILED,
    Figure.ABSENT,
    Figure.PEOPLE,
)
