"""From the rows of a record to the values its documents are made of, and the skeleton a new record begins with.

Everything here is Vietnamese: it is what stands in the documents of the state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from meetings.attendance.board import SiteRow, Summary
from meetings.attendance.rules import State
from meetings.clock import wall
from meetings.directory.queries import documents
from meetings.minutes import files, queries
from meetings.minutes.document import LevelLine, NoticePaper, Part, RecordPaper, RollLine, Task, task_sentence
from meetings.minutes.models import ActionItem, Record, RecordItem, Statement
from meetings.minutes.queries import Written
from meetings.minutes.rules import StatementKind, Which, closes, kind_of, reports
from meetings.official import dates, form
from meetings.official.form import Issuer, Signer
from meetings.official.numbers import counted, number
from meetings.official.signing import lines_of
from meetings.official.text import fold, inside, lowered, placed, strung
from meetings.official.vocabulary import DocumentKind
from meetings.scheduling.models import AgendaItem, Meeting
from meetings.units.models import Unit, UnitKind

NAMED_ABSENT: Final = 12
"""So many absent sites are named in the text; all stand in the annex."""
LATE: Final = timedelta(minutes=5)


def issuer(unit: Unit) -> Issuer:
    """The head of a document that *unit* issues."""
    return documents.issuer(unit)


def _head(record: Record, which: Which) -> Issuer:
    """The head of *which* of *record*: that of today, or the one under which it was shown and signed."""
    return documents.issuer(record.meeting.organiser, files.headed_at(record, which))


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.split("\n") if line.strip())


# --- the biên bản ----------------------------------------------------------------------------------------------------


def record_paper(rows: Written, roll: Summary | None, level_of: Mapping[int, UnitKind] | None = None) -> RecordPaper:
    """The biên bản of *rows*, with the roll as its annex. *level_of*: the kind of unit behind each row of the roll."""
    record, meeting = rows.record, rows.record.meeting
    parts = []
    closing: Part | None = None
    for item in rows.items:
        part = _part(item, rows.said(item))
        if item is rows.items[-1] and closes(item.title):
            closing = part
        else:
            parts.append(part)
    concluded = tuple(row.text for row in rows.conclusions)
    if closing is not None:
        closing = Part(closing.title, (*closing.paragraphs, *concluded), closing.starts_at, closing.ends_at)
    elif concluded or rows.tasks:
        closing = Part("Kết luận của chủ tọa", concluded)
    head = _head(record, Which.RECORD)
    return RecordPaper(
        issuer=head,
        numbering=head.numbered(DocumentKind.RECORD, record.number, record.numbered_on, body="VP"),
        title=meeting.title,
        kind=kind_of(meeting.title),
        started_at=record.started_at,
        ended_at=record.ended_at,
        place=record.place,
        attendance=_lines(record.attendance),
        chair=record.chair,
        secretary=record.secretary,
        parts=tuple(parts),
        closing=closing,
        signatures=(_bare(record.secretary), _bare(record.chair)),
        tasks=tuple(_task(row) for row in rows.tasks),
        agreed=_lines(record.agreed),
        recipients=form.listed(record.recipients.split("\n")),
        roll=roll_lines(roll, meeting, record.ended_at) if roll else (),
        levels=levels(roll, level_of or {}) if roll else (),
    )


def _part(item: RecordItem, said: Sequence[Statement]) -> Part:
    several = len(said) > 1
    texts = []
    for place, row in enumerate(said):
        letter = f"{form.lettered(place)} " if several else ""
        site = placed(row.site, row.meeting_site.unit_name) if row.meeting_site else row.site
        texts.append(f"{letter}{voted(row) if row.kind is StatementKind.VOTE else spoken(site, row.speaker, row.text)}")
    return Part(item.title, tuple(texts), item.starts_at, item.ends_at)


def spoken(site: str, speaker: str, text: str) -> str:
    """``Điểm cầu tỉnh Nghệ An - Ông Hoàng Văn Lộc, Phó Chủ tịch: …``; what nobody said stands alone."""
    place = site if not site or site.lower().startswith("điểm cầu") else f"Điểm cầu {site}"
    who = " - ".join(part for part in (place, speaker) if part)
    return f"{who}: {text}" if who else text


def voted(row: Statement) -> str:
    """``Biểu quyết: thông qua dự thảo. Kết quả: 33 tán thành, 01 không tán thành, 0 không biểu quyết.``"""
    counts = (
        (row.votes_for, "tán thành"),
        (row.votes_against, "không tán thành"),
        (row.votes_withheld, "không biểu quyết"),
    )
    result = ", ".join(f"{counted(count)} {word}" for count, word in counts if count is not None)
    text = row.text.strip()
    said = text if fold(text).startswith("bieu quyet") else f"Biểu quyết: {lowered(text)}" if text else "Biểu quyết"
    return f"{said.rstrip('.;: ')}. Kết quả: {result}." if result else said


def _bare(person: str) -> str:
    """The name alone, as it stands below a signature: no honorific, no title."""
    name = person.split(",", 1)[0].strip()
    for honorific in ("Ông ", "Bà ", "Đồng chí "):
        name = name.removeprefix(honorific)
    return name


def _task(row: ActionItem) -> Task:
    return Task(row.text, row.lead, row.support, row.due_on)


def roll_lines(roll: Summary, meeting: Meeting, ended_at: datetime | None) -> tuple[RollLine, ...]:
    """The annex: every site, when it joined, how long it stayed, what must be said of it."""
    starts = meeting.opened_at or meeting.starts_at
    end = ended_at or meeting.ended_at or meeting.ends_at
    present = {row.id for row in roll.present}
    return tuple(_roll_line(row, row.id in present, starts, end) for row in roll.rows)


def _roll_line(row: SiteRow, present: bool, starts: datetime | None, end: datetime | None) -> RollLine:
    name = placed(row.name, row.unit_name)
    name = (name[:1].upper() + name[1:]).replace("Thành phố ", "TP. ")  # the annex has one line for each site
    if not present or row.joined_at is None:
        why = f": {lowered(strung(row.reason))}" if row.reason else ""
        return RollLine(name, note=f"Vắng ({'có' if row.with_notice else 'không'} báo trước){why}")
    notes = []
    if row.substituted:
        notes.append(_substitution(row) or "Cử người dự thay")
    late = row.joined_at - starts if starts else timedelta()
    if late > LATE:
        notes.append(f"Vào muộn {_minutes(late)}")
    if row.lost_seconds >= 60:
        notes.append(f"Mất kết nối {_minutes(timedelta(seconds=row.lost_seconds))}")
    until = row.left_at or end
    stayed = None
    if until is not None:
        began = max(row.joined_at, starts) if starts else row.joined_at
        stayed = max(timedelta(), until - began - timedelta(seconds=row.lost_seconds))
    return RollLine(name, row.head_count, row.joined_at, stayed, "; ".join(notes))


_LEVELS: Final = (
    ("Cấp tỉnh", frozenset({UnitKind.PROVINCE})),
    ("Cấp xã", frozenset({UnitKind.COMMUNE})),
    ("Bộ, cơ quan, đơn vị", frozenset({UnitKind.NATION, UnitKind.MINISTRY, UnitKind.OFFICE})),
)


def levels(roll: Summary, level_of: Mapping[int, UnitKind]) -> tuple[LevelLine, ...]:
    """The sums of the sites of each level, in one pass over the roll; a level without sites is left out."""
    place = {kind: n for n, (_word, kinds) in enumerate(_LEVELS) for kind in kinds}
    sums = [[0, 0, 0, 0, 0] for _level in _LEVELS]
    for row in roll.rows:
        its = sums[place[level_of.get(row.id, UnitKind.OFFICE)]]
        present = row.attended and row.state is not State.ABSENT
        its[0] += 1
        its[1] += present
        its[2] += present and row.substituted
        its[3] += not present
        its[4] += (row.head_count or 0) if present else 0
    return tuple(LevelLine(word, *its) for (word, _kinds), its in zip(_LEVELS, sums, strict=True) if its[0])


def _substitution(row: SiteRow) -> str:
    """``Bà Trần Thị Quỳnh dự thay Ông Nguyễn Văn A``: both stay visible in the record."""
    return f"{row.substitute} dự thay {row.replaced}".strip() if row.substitute else ""


def _minutes(length: timedelta) -> str:
    return f"{max(1, int(length.total_seconds()) // 60):02d} phút"


# --- the notice of conclusions ---------------------------------------------------------------------------------------


def notice_paper(rows: Written) -> NoticePaper:
    """The thông báo kết luận of *rows*."""
    record = rows.record
    parts = []
    if rows.conclusions:
        parts.append(Part("Nội dung kết luận", tuple(row.text for row in rows.conclusions)))
    if rows.tasks:
        points = tuple(
            f"{form.lettered(n)} {task_sentence(_task(row))}" if len(rows.tasks) > 1 else task_sentence(_task(row))
            for n, row in enumerate(rows.tasks)
        )
        parts.append(Part("Nhiệm vụ được giao", points))
    arranged = (*_lines(record.notice_arrangement), *_replaced(record))
    if arranged:
        parts.append(Part("Tổ chức thực hiện", arranged))
    head = _head(record, Which.NOTICE)
    return NoticePaper(
        issuer=head,
        numbering=head.numbered(DocumentKind.NOTICE, record.notice_number, record.notice_on, body="VP"),
        title=record.notice_title,
        opening=_lines(record.notice_opening),
        parts=tuple(parts),
        last=record.notice_last or f"{head.called} thông báo để các cơ quan, đơn vị biết, thực hiện",
        signer=Signer(lines_of(record.signer_authority, record.signer_title), record.signer_name),
        recipients=form.listed(record.notice_recipients.split("\n")),
        year=wall(record.ended_at or record.started_at).year,
    )


def _replaced(record: Record) -> tuple[str, ...]:
    """The sentence that takes an earlier notice out of force: whoever holds both must know which one counts."""
    before = queries.issued_before(record)
    if before is None:
        return ()
    its = _head(before, Which.NOTICE).numbered(DocumentKind.NOTICE, before.notice_number, before.notice_on, body="VP")
    number = f" {its.layout.cited.format(number=its.number.zfill(2), symbol=its.symbol)}" if its.number else ""
    on = dates.date_plain(before.notice_on or wall(before.issued_at or before.started_at))
    return (f"Thông báo này thay thế Thông báo{number} {on}.",)


# --- the skeleton ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Skeleton:
    """What a new record begins with, made of the meeting, its agenda and its roll."""

    place: str
    attendance: str
    chair: str
    secretary: str
    recipients: str
    notice_title: str
    notice_opening: str
    notice_arrangement: str
    notice_last: str
    notice_recipients: str


def skeleton(meeting: Meeting, agenda: Sequence[AgendaItem], roll: Summary, host_place: str) -> Skeleton:
    """The texts of a new record of *meeting*; *host_place* is where the chair sat."""
    head = issuer(meeting.organiser)
    body = head.called
    chair = person(head.addressed(meeting.chair_honorific), meeting.chair_name, meeting.chair_title)
    titled = f"{meeting.chair_title} {meeting.chair_name}".strip()
    kind = kind_of(meeting.title)
    joined = f"kết nối trực tuyến với {counted(roll.invited)} điểm cầu" if roll.invited else ""
    presenters = list(
        dict.fromkeys(
            item.presenter
            for item in agenda
            if item.presenter
            and reports(item.title)
            and not (meeting.chair_name and meeting.chair_name in item.presenter)
        )
    )
    heard = f"báo cáo của {', '.join(presenters[:4])} và " if presenters else ""
    speakers = "đại diện các điểm cầu" if roll.invited else "các đại biểu"
    met = dates.date_plain(meeting.starts_at or meeting.created_at)
    attended = (
        f" Tham dự {kind if kind == 'cuộc họp' else kind.capitalize()} có {lowered(strung(meeting.composition))}."
        if meeting.composition
        else ""
    )
    return Skeleton(
        place=", ".join(part for part in (host_place, joined) if part),
        attendance="\n".join(attendance_lines(meeting, roll)),
        chair=chair,
        secretary=person(head.addressed(meeting.secretary.honorific), meeting.secretary.name, meeting.secretary.title),
        recipients="Chủ tọa (để báo cáo);\nCác điểm cầu tham dự;\nLưu: VT, Hồ sơ.",
        notice_title=f"Kết luận của {titled} tại {meeting.title}",
        notice_opening=(
            f"Ngày {met.removeprefix('ngày ')}, tại {inside(host_place) or body}, {titled} chủ trì {meeting.title}"
            f"{', ' if joined else ''}{joined}."
            f"{attended}\n"
            f"Sau khi nghe {heard}ý kiến phát biểu của {speakers}, "
            f"{meeting.chair_title or 'chủ tọa'} kết luận như sau:"
        ),
        notice_arrangement=(
            "Các cơ quan, đơn vị được giao nhiệm vụ tổ chức thực hiện đúng thời hạn; trường hợp có khó khăn, vướng mắc, "
            f"báo cáo {body} để xem xét, giải quyết."
        ),
        notice_last=f"{body} thông báo để các cơ quan, đơn vị biết, thực hiện",
        notice_recipients=f"Lãnh đạo {body} (để báo cáo);\nCác điểm cầu tham dự {kind};\n"
        "Các đơn vị được giao nhiệm vụ;\nLưu: VT.",
    )


def person(honorific: str, name: str, title: str) -> str:
    """``Ông Lê Minh Khang, Bộ trưởng``."""
    return ", ".join(filter(None, (f"{honorific} {name}".strip(), title)))


def attendance_lines(meeting: Meeting, roll: Summary) -> list[str]:
    """Who took part, a line each: at the main site, at the others, who was absent and why.

    A meeting of the main site alone has no other sites and no annex; heads that nobody counted are not called none.
    """
    lines = []
    seated = roll.host_head_count
    if meeting.host_composition or seated:
        who = lowered(strung(meeting.host_composition)) or "lãnh đạo và chuyên viên các đơn vị"
        lines.append(f"Tại điểm cầu chính: {who}" + (f" ({counted(seated)} đại biểu)" if seated else "") + ";")
    if not roll.rows:
        return [line.rstrip(";") + "." for line in lines]
    people = roll.people - (seated or 0)
    there = f"{number(len(roll.present))}/{number(roll.invited)} điểm cầu tham dự"
    there += f", {counted(people)} đại biểu" if people else ""
    if roll.substitutes:
        there += f", trong đó {counted(len(roll.substitutes))} điểm cầu cử người dự thay"
        stand_ins = [
            f"{_substitution(row)} - {placed(row.name, row.unit_name)}" for row in roll.substitutes if row.substitute
        ]
        if 0 < len(stand_ins) <= NAMED_ABSENT:
            there += f": {'; '.join(stand_ins)}"
    lines.append(f"Tại các điểm cầu: {there} (chi tiết tại Phụ lục);")
    away = [*roll.absent, *roll.unknown]
    if away:
        named = "; ".join(_absent(row) for row in away[:NAMED_ABSENT])
        more = len(away) - NAMED_ABSENT
        rest = f" và {counted(more)} điểm cầu khác (chi tiết tại Phụ lục)" if more > 0 else ""
        lines.append(f"Vắng: {named}{rest}.")
    else:
        lines[-1] = lines[-1].rstrip(";") + "."
    return lines


def _absent(row: SiteRow) -> str:
    notice = "có báo trước" if row.with_notice else "không báo trước"
    reason = f", lý do: {lowered(strung(row.reason))}" if row.reason else ""
    return f"điểm cầu {placed(row.name, row.unit_name)} ({notice}{reason})"
