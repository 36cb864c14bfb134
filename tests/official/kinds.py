"""One document of every kind that this house writes, filled with whatever texts a test brings along."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from meetings.invitations import document as invitation
from meetings.invitations.document import AgendaLine, SiteLine
from meetings.minutes.document import Part, RollLine, Task, write_notice, write_record
from meetings.minutes.urging import UrgedTask, write_urging
from meetings.readiness import document as roster
from meetings.readiness.document import DelegateLine
from tests.invitations.test_document import LETTER
from tests.make import at
from tests.minutes.test_document import NOTICE, RECORD
from tests.minutes.test_urging import URGING
from tests.readiness.test_document import ROSTER, WHOLE


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


FILLED: dict[str, Callable[[Sequence[str]], bytes]] = {
    "bien-ban": _record,
    "thong-bao": _notice,
    "giay-moi": _invitation,
    "danh-sach": _roster,
    "danh-sach-chung": _all_rosters,
    "ky-ten": _sign_in,
    "cong-van": _urging,
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


def _thirds(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    third = len(texts) // 36 * 12  # what goes into rows of 2, 3 and 4 texts comes out even
    yield texts[:third]
    yield texts[third : 2 * third]
    yield texts[2 * third :]


def _by(texts: Sequence[str], several: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts) - several + 1, several):
        yield texts[start : start + several]
