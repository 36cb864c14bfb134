"""The giấy mời (model 1.7 of Decree 30/2020/NĐ-CP): one letter for all invited sites, their list as an annex.

A pure function from a frozen value to the bytes of the .docx. The letter fits one page: first the lines are set
closer, then the type smaller, then a list that stood in the letter moves to the annex, and last who should come.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from meetings.official import dates, form, metrics, paper
from meetings.official.form import Issuer, Numbering, Signer
from meetings.official.numbers import counted
from meetings.official.paper import LOOSE, SINGLE, Column, Run
from meetings.official.text import bound, ended, tidy

KIND: Final = "Giấy mời"
SHORT_LIST: Final = 6
"""So many sites are named in the letter itself; more stand in the annex."""
_A4: Final = 297.0
_SPARE: Final = 10.0
"""What another program's line breaks may cost, in millimetres."""


@dataclass(frozen=True)
class SiteLine:
    """A line of the annex: the site, its room, and when its line is tested (None: not arranged)."""

    name: str
    room: str
    tested_at: datetime | None = None


@dataclass(frozen=True)
class AgendaLine:
    """A line of the programme: when it begins, what it is, who presents."""

    starts_at: datetime
    title: str
    presenter: str = ""


@dataclass(frozen=True)
class DateLine:
    """One date of a series: when it is held and until when the sites answer for it."""

    starts_at: datetime
    ends_at: datetime
    reply_by: datetime | None = None


@dataclass(frozen=True)
class InvitationLetter:
    """All that a giấy mời says. Instants are aware; empty texts and None leave their line out.

    *invited*: who is asked, as a phrase (``Ủy ban nhân dân các tỉnh, thành phố trực thuộc Trung ương``); "" names the
    sites themselves. *event*: what it is called inside a sentence (``Hội nghị trực tuyến …``). *host_place*: the main
    site. *site_place*: what the others are told. *composition*: who should come. *recipients*: lines of Nơi nhận
    without dash, each with its own ``;`` or ``.``. *year*: when the letter goes out, for a date the clerk completes.
    *dates*: of a series all that are held, *starts_at* being the first, and *again* its rule (``hằng tuần vào thứ Hai``).
    *replaces*: the earlier giấy mời of a meeting that was changed. *brings*: a sentence to those who bring further sites.
    """

    issuer: Issuer
    numbering: Numbering
    event: str
    chair: str
    starts_at: datetime
    length: timedelta
    host_place: str
    sites: tuple[SiteLine, ...]
    signer: Signer
    invited: str = ""
    site_place: str = ""
    composition: str = ""
    max_delegates: int | None = None
    reply_by: datetime | None = None
    rehearsal_at: datetime | None = None
    join_by: datetime | None = None
    contact: str = ""
    technical: str = ""
    papers: str = ""
    recipients: tuple[str, ...] = ()
    agenda: tuple[AgendaLine, ...] = ()
    year: int | None = None
    dates: tuple[DateLine, ...] = ()
    again: str = ""
    replaces: str = ""
    brings: str = ""


@dataclass(frozen=True)
class Setting:
    """How the letter is set so that it fits its page."""

    line: int
    points: float
    annex: bool
    guests: bool = False
    """Whether those who should come stand in an annex, too."""


def labels(letter: InvitationLetter, *, annex: bool, guests: bool = False) -> dict[str, str]:
    """What is annexed under which name: ``Phụ lục`` where it is one thing, else ``Phụ lục I``, ``Phụ lục II`` in their order."""
    there = {
        "sites": annex,
        "guests": guests,
        "dates": len(letter.dates) > SHORT_LIST,
        "agenda": bool(letter.agenda),
    }
    names = [name for name, annexed in there.items() if annexed]
    if len(names) < 2:
        return dict.fromkeys(names, "Phụ lục")
    return {name: f"Phụ lục {number}" for name, number in zip(names, ("I", "II", "III", "IV"), strict=False)}


def _asked(letter: InvitationLetter, called: dict[str, str]) -> str:
    count = counted(len(letter.sites))
    if "sites" in called:
        whom = letter.invited or "các cơ quan, đơn vị"
        there = f"({count} điểm cầu, danh sách tại {called['sites']} kèm theo)"
        return f"{letter.issuer.called} trân trọng kính mời: {whom} {there}."
    names = "; ".join(site.name for site in letter.sites)
    if letter.invited and len(letter.sites) > 1:
        return f"{letter.issuer.called} trân trọng kính mời: {letter.invited} ({count} điểm cầu: {names})."
    return f"{letter.issuer.called} trân trọng kính mời: {letter.invited or names}."


def _paragraphs(letter: InvitationLetter, how: Setting) -> Iterator[list[Run]]:
    """The body, a list of runs for each paragraph, without the sign of the end."""
    called = labels(letter, annex=how.annex, guests=how.guests)
    yield [Run(_asked(letter, called))]
    yield [Run(f"Tới dự {tidy(letter.event).rstrip('.')}.")]
    if letter.chair:
        yield [Run("Chủ trì:", bold=True), Run(f" {letter.chair.rstrip('.')}.")]
    if letter.dates:
        yield from _again(letter, called.get("dates", ""))
    else:
        length = dates.duration(letter.length)
        yield [
            Run("Thời gian:", bold=True),
            Run(f" {dates.moment_long(letter.starts_at)} (thời lượng dự kiến: {length})."),
        ]
    if letter.site_place:
        yield [Run("Địa điểm:", bold=True)]
        if letter.host_place:
            yield [Run(f"- Điểm cầu chính: {letter.host_place.rstrip('.;')};")]
        elsewhere = letter.site_place.rstrip(".;")
        yield [Run(f"- Các điểm cầu khác: {elsewhere[:1].upper()}{elsewhere[1:]}.")]
    elif letter.host_place:
        yield [Run("Địa điểm:", bold=True), Run(f" {letter.host_place.rstrip('.;')}.")]
    if letter.composition:
        asked = f" theo danh sách tại {called['guests']} kèm theo." if how.guests else f" {_who(letter)}."
        if letter.max_delegates:
            asked += f" Đề nghị không quá {counted(letter.max_delegates)} đại biểu mỗi điểm cầu."
        yield [Run("Thành phần tại điểm cầu:", bold=True), Run(asked)]
    if letter.agenda:
        yield [
            Run("Nội dung:", bold=True),
            Run(f" theo Chương trình tại {called['agenda']} kèm theo."),
        ]
    yield from _requests(letter, called.get("dates", ""))
    if letter.brings:
        yield [Run(letter.brings)]
    if letter.papers:
        yield [Run("Tài liệu:", bold=True), Run(f" {letter.papers.rstrip('.; ')}.")]
    if letter.replaces:
        yield [Run(f"Giấy mời này thay thế {letter.replaces}.")]
    people = [part for part in (letter.contact, letter.technical and f"hỗ trợ kỹ thuật: {letter.technical}") if part]
    if people:
        yield [Run(f"Đầu mối liên hệ: {'; '.join(people)}.")]


def _who(letter: InvitationLetter) -> str:
    return letter.composition.rstrip(".; ")


def _again(letter: InvitationLetter, there: str) -> Iterator[list[Run]]:
    """The hours of a series: by its rule and its ends where the dates are annexed (*there*), else date by date."""
    first, last, length = letter.dates[0], letter.dates[-1], dates.duration(letter.length)
    said = f" {dates.clock(letter.starts_at)}, {letter.again}" if letter.again else f" {dates.clock(letter.starts_at)}"
    count = f"{counted(len(letter.dates))} buổi"
    if there:
        ends = f"từ {dates.date_plain(first.starts_at)} đến {dates.date_plain(last.starts_at)}"
        more = f"({count}, lịch họp tại {there} kèm theo; thời lượng dự kiến mỗi buổi: {length})"
        yield [Run("Thời gian:", bold=True), Run(f"{said}, {ends} {more}.")]
        return
    yield [Run("Thời gian:", bold=True), Run(f"{said} ({count}, thời lượng dự kiến mỗi buổi: {length}):")]
    for one in letter.dates:
        hour = "" if dates.clock(one.starts_at) == dates.clock(letter.starts_at) else f"{dates.clock(one.starts_at)}, "
        mark = "." if one is last else ";"
        yield [Run(f"- {hour}{dates.date_long(one.starts_at)}{mark}")]


def _requests(letter: InvitationLetter, there: str = "") -> Iterator[list[Run]]:
    later = []
    if letter.rehearsal_at:
        at = f"{dates.clock(letter.rehearsal_at)} {dates.date_plain(letter.rehearsal_at)}"
        later.append(f"phối hợp kiểm tra kỹ thuật đường truyền từ {at}")
    if letter.join_by:
        later.append(f"vào phòng họp trước {dates.clock(letter.join_by)} ngày họp")
    tail = " và ".join(later)
    if letter.reply_by:
        yield [
            Run("Đề nghị các điểm cầu xác nhận tham dự và gửi danh sách đại biểu "),
            Run(f"trước {dates.moment(letter.reply_by)}", bold=True),
            Run(f"{_later(letter, there)} theo đường dẫn riêng gửi kèm thư mời{f'; {tail}' if tail else ''}."),
        ]
    elif tail:
        yield [Run(f"Đề nghị các điểm cầu {tail}.")]


def _later(letter: InvitationLetter, there: str) -> str:
    """Until when the sites answer for the later dates of a series."""
    if not letter.dates:
        return ""
    where = f"ghi tại {there}" if there else "ghi trên trang của điểm cầu"
    return f" đối với buổi đầu, các buổi sau theo thời hạn {where},"


def setting(letter: InvitationLetter) -> Setting:
    """The loosest setting in which the letter stays on one page; the tightest when none does."""
    many = len(letter.sites) > SHORT_LIST
    tries = [Setting(line, points, many) for points in (14.0, 13.0) for line in (LOOSE, SINGLE)]
    if not many and len(letter.sites) > 1:
        tries += [replace(tight, annex=True) for tight in tries]
    tightest = tries[-1]
    if letter.composition:
        tries += [replace(tight, guests=True) for tight in tries if tight.annex == tightest.annex]
    margins = letter.issuer.layout.margins
    most = _A4 - margins.top - margins.bottom - _SPARE
    return next((one for one in tries if height(letter, one) <= most), tightest)


def height(letter: InvitationLetter, how: Setting) -> float:
    """The height in millimetres of everything before the annex, reckoned from the widths of the type."""
    spacing = how.line / 240
    dated = form.dated(letter.issuer, letter.numbering, letter.year)
    mm = form.head_height(letter.issuer, dated) + form.title_height(letter.issuer.layout, letter.event)
    for runs in _paragraphs(letter, how):
        pieces = [(bound(run.text), run.bold) for run in runs]
        mm += metrics.lines_needed(pieces, how.points, form.PORTRAIT, indent=12.7) * metrics.line_height(
            how.points, spacing
        )
        mm += 120 / paper.TWIPS_PER_MM
    return mm + form.signed_height(letter.recipients, letter.signer, letter.issuer.layout)


def paragraphs(letter: InvitationLetter, how: Setting) -> list[list[Run]]:
    """The body of *letter* as it is printed, a list of runs for each paragraph, the sign of the end included."""
    pieces = list(_paragraphs(letter, how))
    last = pieces[-1]
    pieces[-1] = [*last[:-1], Run(ended(last[-1].text, letter.issuer.layout.end), last[-1].bold)]
    return pieces


def write(letter: InvitationLetter) -> bytes:
    """The .docx of *letter*; the same value gives the same bytes."""
    how = setting(letter)
    pieces = paragraphs(letter, how)
    blocks = [
        form.head(letter.issuer, letter.numbering, form.dated(letter.issuer, letter.numbering, letter.year)),
        form.title(KIND, letter.event, layout=letter.issuer.layout),
        *(
            form.body(runs, line=how.line, points=how.points, keep_next=n >= len(pieces) - 1)
            for n, runs in enumerate(pieces)
        ),
        form.signed(letter.recipients, letter.signer, layout=letter.issuer.layout),
    ]
    annexes = list(_annexes(letter, how))
    margins = letter.issuer.layout.margins
    last_section = paper.section(margins, restart=bool(annexes))
    for n, annex in enumerate(annexes):
        blocks += [paper.section_break(paper.section(margins, restart=n > 0)), annex]
    return paper.package(blocks, last_section, title=f"{KIND} {tidy(letter.event)}", author=letter.issuer.called)


def _annexes(letter: InvitationLetter, how: Setting) -> Iterator[str]:
    cited = letter.numbering.cited(KIND, letter.issuer.called)
    called = labels(letter, annex=how.annex, guests=how.guests)
    if "sites" in called:
        yield form.annex_head(called["sites"], _list_title(letter), cited) + _site_list(letter)
    if "guests" in called:
        yield form.annex_head(called["guests"], "Thành phần tại điểm cầu", cited) + "".join(_guest_list(letter))
    if "dates" in called:
        yield form.annex_head(called["dates"], "Lịch họp", cited) + _date_list(letter)
    if "agenda" in called:
        yield form.annex_head(called["agenda"], "Chương trình", cited) + _programme(letter)


def _date_list(letter: InvitationLetter) -> str:
    columns = (
        Column("STT", 680, "center"),
        Column("Ngày họp", 4252),
        Column("Thời gian", 2211, "center"),
        Column("Trả lời trước", 2211, "center"),
    )
    lines = (
        [
            str(n),
            dates.date_long(one.starts_at)[:1].upper() + dates.date_long(one.starts_at)[1:],
            dates.clock_range(one.starts_at, one.ends_at),
            dates.moment_short(one.reply_by) if one.reply_by else "",
        ]
        for n, one in enumerate(letter.dates, 1)
    )
    return paper.ruled_list(columns, lines, keep_next=True) + form.end_mark(letter.issuer.layout)


def guests(letter: InvitationLetter) -> tuple[str, ...]:
    """Those who should come, a line each, as the annex has them."""
    return form.listed(_who(letter).split("; "))


def _guest_list(letter: InvitationLetter) -> Iterator[str]:
    lines = guests(letter)
    for n, line in enumerate(lines, 1):
        last = n == len(lines)
        yield form.body(f"- {ended(line, letter.issuer.layout.end) if last else line}")


def _list_title(letter: InvitationLetter) -> str:
    tested = any(site.tested_at for site in letter.sites)
    return "Danh sách điểm cầu và lịch kiểm tra kỹ thuật" if tested else "Danh sách điểm cầu"


def _site_list(letter: InvitationLetter) -> str:
    columns: tuple[Column, ...]
    if any(site.tested_at for site in letter.sites):
        columns = (
            Column("STT", 680, "center"),
            Column("Điểm cầu", 2721),
            Column("Phòng họp", 4082),
            Column("Kiểm tra kỹ thuật", 1871, "center"),
        )
    else:
        columns = (Column("STT", 680, "center"), Column("Điểm cầu", 2552), Column("Phòng họp", 6122))

    lines = (line[: len(columns)] for line in list_rows(letter))
    return paper.ruled_list(columns, lines, keep_next=True) + form.end_mark(letter.issuer.layout)


def list_rows(letter: InvitationLetter) -> Iterator[list[str]]:
    """The lines of the annex of sites as texts."""
    for n, site in enumerate(letter.sites, 1):
        tested = f"{dates.clock(site.tested_at)}, {dates.day_month(site.tested_at)}" if site.tested_at else ""
        yield [str(n), site.name, site.room, tested]


def _programme(letter: InvitationLetter) -> str:
    columns = [Column("Thời gian", 1531, "center"), Column("Nội dung", 4478), Column("Thực hiện", 3345)]
    if not any(item.presenter for item in letter.agenda):  # nobody is named: an empty column says nothing
        columns = [columns[0], Column("Nội dung", 7823)]
    lines = ([dates.clock(item.starts_at), item.title, item.presenter][: len(columns)] for item in letter.agenda)
    return paper.ruled_list(columns, lines, gap=40, keep_next=True) + form.end_mark(letter.issuer.layout)
