"""One document of every kind that this house writes, filled with whatever texts a test brings along."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from meetings.invitations import document as invitation
from meetings.invitations.document import AgendaLine, SiteLine
from meetings.minutes.document import Part, RollLine, Task, write_notice, write_record
from meetings.minutes.urging import UrgedTask, write_urging
from meetings.official.form import Issuer
from meetings.readiness import document as roster
from meetings.readiness.document import DelegateLine
from meetings.savings import annex
from meetings.savings.annex import NormGroup, NormLine, Working
from tests.invitations.test_document import LETTER
from tests.make import at
from tests.minutes.test_document import NOTICE, RECORD
from tests.minutes.test_urging import URGING
from tests.readiness.test_document import ROSTER, WHOLE
from tests.savings.annexed import ANNEX


def _record(texts: Sequence[str]) -> bytes:
    said, tasks, roll = (list(part) for part in _thirds(texts))
    return write_record(
        replace(
            RECORD,
            parts=(Part("Thảo luận", tuple(said)),),
            tasks=tuple(Task(*three) for three in _by(tasks, 3)),
            roll=tuple(RollLine(site, 12, RECORD.started_at, timedelta(hours=3), note) for site, note in _by(roll, 2)),
        )
    )


def _notice(texts: Sequence[str]) -> bytes:
    opening, first, second = _thirds(texts)
    return write_notice(
        replace(NOTICE, opening=tuple(opening), parts=(Part("Một", tuple(first)), Part("Hai", tuple(second))))
    )


def _invitation(texts: Sequence[str]) -> bytes:
    sites, more, agenda = _thirds(texts)
    lines = tuple(SiteLine(*two) for two in _by([*sites, *more], 2))
    programme = tuple(AgendaLine(at("2027-02-25 08:00"), *two) for two in _by(agenda, 2))
    return invitation.write(replace(LETTER, sites=lines, agenda=programme))


def _roster(texts: Sequence[str]) -> bytes:
    return roster.write(replace(ROSTER, delegates=_delegates(texts)))


def _all_rosters(texts: Sequence[str]) -> bytes:
    first, second, third = (roster.Part(f"Tỉnh Số {n}", _delegates(part)) for n, part in enumerate(_thirds(texts)))
    return roster.write(replace(WHOLE, parts=(first, second, third)))


def _sign_in(texts: Sequence[str]) -> bytes:
    return roster.write(replace(ROSTER, to_sign=True, delegates=_delegates(texts)))


def _delegates(texts: Sequence[str]) -> tuple[DelegateLine, ...]:
    return tuple(DelegateLine(*four) for four in _by(texts, 4))


def _urging(texts: Sequence[str]) -> bytes:
    opening, asked, tasks = _thirds(texts)
    rows = tuple(UrgedTask(text, lead, None, standing) for text, lead, standing in _by(tasks, 3))
    return write_urging(replace(URGING, opening=(*opening, "Còn các nhiệm vụ sau"), asked=tuple(asked), tasks=rows))


def _annex(texts: Sequence[str]) -> bytes:
    sites, steps, norms = _thirds(texts)
    lines = tuple(NormLine(*four) for four in _by(norms, 4))
    return annex.write(
        replace(
            ANNEX,
            sites=tuple(replace(ANNEX.sites[0], name=name, way=way) for name, way in _by(sites, 2)),
            working=Working("Nghệ An", tuple((word, formula, 5) for word, formula in _by(steps, 2))),
            groups=(NormGroup("Đi lại", lines[:9]), NormGroup("Tiền phòng", lines[9:])),
        )
    )


FILLED: dict[str, Callable[[Sequence[str]], bytes]] = {
    "bien-ban": _record,
    "thong-bao": _notice,
    "giay-moi": _invitation,
    "danh-sach": _roster,
    "danh-sach-chung": _all_rosters,
    "ky-ten": _sign_in,
    "cong-van": _urging,
    "phu-luc": _annex,
}
"""Each kind by a name; every text stands as a paragraph or cell of its own, in the order in which it was given."""

SAMPLES: dict[str, Callable[[], bytes]] = {
    "bien-ban": lambda: write_record(RECORD),
    "thong-bao": lambda: write_notice(replace(NOTICE, parts=(NOTICE.parts[0],) * 5)),
    "giay-moi": lambda: invitation.write(LETTER),
    "danh-sach": lambda: roster.write(ROSTER),
    "danh-sach-chung": lambda: roster.write(WHOLE),
    "ky-ten": lambda: roster.write(replace(ROSTER, delegates=ROSTER.delegates * 12, to_sign=True)),
    "cong-van": lambda: write_urging(URGING),
}
"""Each kind as an office would have it."""

ANNEXES: dict[str, Callable[[], bytes]] = {"phu-luc": lambda: annex.write(ANNEX)}
"""What goes with a document as a file of its own: it has no head."""

_NAME = (
    "Trung tâm Điều hành thông minh và Chuyển đổi số thuộc Văn phòng Ủy ban nhân dân thành phố trực thuộc Trung ương nọ"
)
_CITY = Issuer(
    "Văn phòng", "Thành phố Hồ Chí Minh", "Ủy ban nhân dân Thành phố Hồ Chí Minh", "Văn phòng UBND Thành phố"
)
_EVERYONE = tuple(f"Ủy ban nhân dân tỉnh số {n};" for n in range(70))
_WHO = "; ".join(["Lãnh đạo Ủy ban nhân dân", "Chánh Văn phòng", "lãnh đạo các sở, ban, ngành có liên quan"] * 10)
_HOUR = at("2027-02-25 08:00")

ODD: dict[str, Callable[[], bytes]] = {
    "giay-moi": lambda: invitation.write(
        replace(
            LETTER,
            issuer=_CITY,
            composition=_WHO,
            papers="tài liệu gửi kèm",
            brings="Đề nghị UBND các tỉnh triệu tập UBND các xã, phường, đặc khu cùng dự tại điểm cầu cấp xã.",
            agenda=tuple(AgendaLine(_HOUR, _NAME, _NAME) for _n in range(60)),
            sites=tuple(SiteLine(f"{_NAME} {n}", "") for n in range(60)),
        )
    ),
    "bien-ban": lambda: write_record(
        replace(
            RECORD,
            title=unicodedata.normalize("NFD", f"Họp giao ban 😀 của {_NAME}"),
            parts=tuple(Part(f"{_NAME} {n}", (f"{_NAME}: " + "đề nghị hỗ trợ " * (n % 9),)) for n in range(60)),
            tasks=tuple(Task(_NAME, _NAME, "ạ" * 90) for _n in range(30)),
            signatures=(_NAME, _NAME),
            recipients=_EVERYONE,
            roll=tuple(RollLine(f"{_NAME} {n}", None if n % 2 else 9_999, note=_NAME) for n in range(30)),
        )
    ),
    "thong-bao": lambda: write_notice(replace(NOTICE, issuer=_CITY, recipients=_EVERYONE)),
    "danh-sach": lambda: roster.write(replace(ROSTER, delegates=(DelegateLine(*[_NAME] * 4),) * 12)),
    "cong-van": lambda: write_urging(
        replace(URGING, issuer=_CITY, to=_EVERYONE[:34], tasks=(UrgedTask(_NAME, _NAME, None, "x" * 60, _NAME),) * 12)
    ),
}
"""The same with what is too long, too many or not of this world: nobody may have to touch them up."""


def _thirds(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    third = len(texts) // 36 * 12  # what goes into rows of 2, 3 and 4 texts comes out even
    yield texts[:third]
    yield texts[third : 2 * third]
    yield texts[2 * third :]


def _by(texts: Sequence[str], several: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts) - several + 1, several):
        yield texts[start : start + several]
