"""Who receives an issued record, what of it and how; and whether the printed “Nơi nhận” says the same.

What a reader may see only ever becomes less: an invited unit sees the notice of conclusions and never the minutes, and
where the rule or the meeting asks for the link alone, nobody can attach a file all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

from meetings.clock import instant
from meetings.i18n import lazy_gettext as _l
from meetings.official.text import fold
from meetings.scheduling.rules import Secrecy


class Taken(StrEnum):
    """Out of which list a reader was taken."""

    LEADER = "leader"
    TYPED = "typed"
    SITE = "site"
    TASK = "task"
    GROUP = "group"
    FORMER = "former"


class Said(StrEnum):
    """How somebody said that she received the documents, or deleted them."""

    LINK = "link"
    TELEPHONE = "telephone"


class State(StrEnum):
    """What the list of a hand-out is narrowed to."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    OPENED = "opened"
    RECEIVED = "received"
    SILENT = "silent"
    RECALLED = "recalled"
    DELETED = "deleted"


STATE_WORDS: Final = {
    State.WAITING: _l("On their way"),
    State.SENT: _l("Sent out"),
    State.FAILED: _l("Refused or returned"),
    State.OPENED: _l("Opened"),
    State.RECEIVED: _l("Receipt reported"),
    State.SILENT: _l("No receipt yet"),
    State.RECALLED: _l("Recalled"),
    State.DELETED: _l("Deletion reported"),
}

SITES: Final = "sites"
TASKS: Final = "tasks"
FORMER: Final = "former"
GROUP: Final = "group-"
"""Keys of the lists that are ticked as a whole; a saved group has its id behind the last."""

_UNITS: Final = (Taken.SITE, Taken.TASK, Taken.GROUP)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody the documents are to go to."""

    email: str
    name: str = ""
    taken: Taken = Taken.TYPED
    unit_name: str = ""
    person_id: int | None = None
    site_id: int | None = None
    locale: str = "vi"
    notice_only: bool = False


def merged(found: Iterable[Receiver]) -> dict[str, Receiver]:
    """Each address once, the first name it came with. A leader of the organiser reads everything; whoever else answers for an
    invited unit reads the notice alone, though her address was typed."""
    receivers: dict[str, Receiver] = {}
    for one in found:
        address = one.email.strip().lower()
        known = receivers.setdefault(address, replace(one, email=address))
        if one.notice_only and not known.notice_only and known.taken is not Taken.LEADER:
            receivers[address] = replace(
                known,
                notice_only=True,
                site_id=known.site_id or one.site_id,
                unit_name=known.unit_name or one.unit_name,
            )
    return receivers


# --- attached, or the link alone -------------------------------------------------------------------------------------


def link_only(
    taken: Taken, notice_only: bool, *, secrecy: Secrecy, value: Mapping[str, Any] | None, asked: bool
) -> bool:
    """Whether the letter to a reader holds the fact and the link alone: *asked* for, marked internal, or by the rule."""
    if asked or secrecy is not Secrecy.ORDINARY:
        return True
    part = "units" if taken in _UNITS or notice_only else "leaders"
    return not (value or {}).get(part, True)


# --- the printed Nơi nhận and the real one ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that is ticked as a whole: how many are on it, how many of them have an address, the line that prints it."""

    key: str
    name: str
    count: int
    writable: int
    printed: str = ""


def printed_as(key: str, name: str, lines: Iterable[str]) -> str:
    """The line of a “Nơi nhận” that names the list *key*, "" where none does."""
    for line in lines:
        words = fold(line)
        if key == SITES and "diem cau" in words:
            return line
        if key == TASKS and "nhiem vu" in words:
            return line
        if key.startswith(GROUP) and len(name) > 3 and fold(name) in words:
            return line
    return ""


@dataclass(frozen=True, slots=True)
class Compared:
    """Lists that the documents name and nobody sends to, and lists that are sent to and stand nowhere."""

    unticked: Sequence[Listed]
    unprinted: Sequence[Listed]

    @property
    def agree(self) -> bool:
        return not self.unticked and not self.unprinted


def compared(lists: Sequence[Listed], ticked: Collection[str]) -> Compared:
    """The printed “Nơi nhận” beside what was ticked; a list without anybody to write to cannot be missed."""
    mine = [one for one in lists if one.key != FORMER]
    return Compared(
        unticked=[one for one in mine if one.printed and one.writable and one.key not in ticked],
        unprinted=[one for one in mine if not one.printed and one.key in ticked],
    )


# --- whom to remind --------------------------------------------------------------------------------------------------


class WorkingDays(Protocol):
    """Which days are worked."""

    def add_working_days(self, start: date, days: int) -> date: ...


def waited_since(today: date, days: WorkingDays, within: int) -> datetime:
    """Whoever was written to before this instant, and said nothing, has let *within* working days pass."""
    return instant(days.add_working_days(today, -within) + timedelta(days=1), time(0))
