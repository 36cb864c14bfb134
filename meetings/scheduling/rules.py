"""What may happen to a meeting, and when: states, codes, deadlines, clashes. Nothing here knows a database or a request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, Protocol

from meetings.clock import instant, wall
from meetings.errors import NotFound, Refused
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.official.working_days import Span


class Status(StrEnum):
    DRAFT = "draft"
    AWAITING_APPROVAL = "awaiting_approval"
    SCHEDULED = "scheduled"
    IN_SESSION = "in_session"
    CLOSED = "closed"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


class Move(StrEnum):
    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    SEND = "send"
    RESCHEDULE = "reschedule"
    POSTPONE = "postpone"
    CANCEL = "cancel"
    CHANGE = "change"
    CHANGE_SITES = "change_sites"
    OPEN = "open"
    CLOSE = "close"


_BEFORE_THE_SESSION: Final = (Status.DRAFT, Status.AWAITING_APPROVAL, Status.SCHEDULED, Status.POSTPONED)
_TOLD: Final = (Status.SCHEDULED, Status.POSTPONED)  # its sites know of it, and it has not begun
MOVES: Final[dict[tuple[Status, Move], Status]] = {
    (Status.DRAFT, Move.SUBMIT): Status.AWAITING_APPROVAL,
    (Status.AWAITING_APPROVAL, Move.RETURN): Status.DRAFT,
    (Status.AWAITING_APPROVAL, Move.APPROVE): Status.SCHEDULED,
    (Status.DRAFT, Move.SEND): Status.SCHEDULED,
    (Status.SCHEDULED, Move.RESCHEDULE): Status.SCHEDULED,
    (Status.POSTPONED, Move.RESCHEDULE): Status.SCHEDULED,
    (Status.SCHEDULED, Move.POSTPONE): Status.POSTPONED,
    **{(status, Move.CANCEL): Status.CANCELLED for status in _BEFORE_THE_SESSION},
    **{(status, move): status for status in _TOLD for move in (Move.CHANGE, Move.CHANGE_SITES)},
    (Status.SCHEDULED, Move.OPEN): Status.IN_SESSION,
    (Status.IN_SESSION, Move.CLOSE): Status.CLOSED,
}
"""Every move there is; a pair that is not here is refused. One table for the rule, the buttons, the guide and the test."""

STATUS_WORDS: Final = {
    Status.DRAFT: _l("Draft"),
    Status.AWAITING_APPROVAL: _l("Awaiting approval"),
    Status.SCHEDULED: _l("Invitations sent"),
    Status.IN_SESSION: _l("In session"),
    Status.CLOSED: _l("Held, roll closed"),
    Status.POSTPONED: _l("Postponed"),
    Status.CANCELLED: _l("Cancelled"),
}

MOVE_WORDS: Final = {
    Move.SUBMIT: _l("hand in for approval"),
    Move.RETURN: _l("return to the secretary"),
    Move.APPROVE: _l("approve and send the invitations"),
    Move.SEND: _l("send the invitations"),
    Move.RESCHEDULE: _l("set a new time"),
    Move.POSTPONE: _l("postpone"),
    Move.CANCEL: _l("cancel the meeting"),
    Move.CHANGE: _l("change what the sites were told"),
    Move.CHANGE_SITES: _l("add or remove sites"),
    Move.OPEN: _l("open the meeting"),
    Move.CLOSE: _l("close the roll"),
}


def after(status: Status, move: Move) -> Status:
    """The status that *move* leads to from *status*; raises :class:`Refused` where the table has no such pair.

    Who pressed twice, or after a colleague, is told that it is done and not that it cannot be done.
    """
    try:
        return MOVES[status, move]
    except KeyError:
        if status in {to for (_from, way), to in MOVES.items() if way is move}:
            raise Refused(
                _("This has been done already: the meeting is “%(status)s”.", status=STATUS_WORDS[status])
            ) from None
        raise Refused(
            _(
                "A meeting that is “%(status)s” cannot be moved on this way: %(move)s.",
                status=STATUS_WORDS[status],
                move=MOVE_WORDS[move],
            )
        ) from None


class ChangeKind(StrEnum):
    """What was changed after the invitations had left."""

    RESCHEDULED = "rescheduled"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"
    FACTS = "facts"
    SITES_ADDED = "sites_added"
    SITES_REMOVED = "sites_removed"


TOLD_TO_ALL: Final = frozenset({ChangeKind.RESCHEDULED, ChangeKind.POSTPONED, ChangeKind.CANCELLED, ChangeKind.FACTS})
"""What every site is written to about; sites that come or go are told alone."""

LAST_WORD: Final = "removal"
"""Kind of the letter that tells a site it is out: whatever becomes of the meeting later, this letter still goes."""

MAJOR: Final = frozenset({"title", "host_room"})
"""Facts whose change raises SEQUENCE: programs take an entry without it for the one they have. Others renew DTSTAMP only.

The time, the state and whom it is no longer for raise it as well (RFC 5546 §2.1.4).
"""


def later_stamp(stamp: datetime, before: datetime | None) -> datetime:
    """A stamp that is newer than the one *before*: two messages of one second would be taken for one."""
    stamp = stamp.astimezone(UTC).replace(microsecond=0)
    if before is None or stamp > before:
        return stamp
    return before.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)


class Secrecy(StrEnum):
    ORDINARY = "ordinary"
    INTERNAL = "internal"
    SECRET = "secret"
    HIGH = "high"
    TOP = "top"


ALLOWED_SECRECY: Final = (Secrecy.ORDINARY, Secrecy.INTERNAL)


def refuse_secrets(secrecy: Secrecy) -> None:
    """This system keeps no state secrets (Luật 117/2025/QH15): a meeting of any secrecy class is refused."""
    if secrecy not in ALLOWED_SECRECY:
        raise Refused(
            _(
                "This system keeps no state secrets. A meeting marked Mật, Tối mật or Tuyệt mật is arranged outside it, "
                "on approved equipment (Luật Bảo vệ bí mật nhà nước 117/2025/QH15)."
            ),
            field="secrecy",
            status=422,
        )


class MeetingType(StrEnum):
    """The kinds of meeting of QĐ 45/2018/QĐ-TTg."""

    ADVISORY = "advisory"
    WORK = "work"
    BRIEFING = "briefing"
    EXPERT = "expert"
    REVIEW = "review"
    THEMATIC = "thematic"
    TRAINING = "training"


TYPE_WORDS: Final = {
    MeetingType.ADVISORY: _l("Advisory meeting"),
    MeetingType.WORK: _l("Working meeting"),
    MeetingType.BRIEFING: _l("Briefing"),
    MeetingType.EXPERT: _l("Expert meeting"),
    MeetingType.REVIEW: _l("Interim or final review"),
    MeetingType.THEMATIC: _l("Thematic meeting"),
    MeetingType.TRAINING: _l("Training, roll-out"),
}
ALL_TYPES: Final = "all"


def type_named(word: str) -> MeetingType | None:
    """The type of meeting that an address names, None for every type."""
    if word == ALL_TYPES:
        return None
    if word not in {type.value for type in MeetingType}:
        raise NotFound(_("There is no such type of meeting."))
    return MeetingType(word)


def code_of(year: int, count: int) -> str:
    """``HN-2026-0147``: at least four digits, growing past 9999."""
    return f"HN-{year}-{count:04d}"


def year_of(code: str) -> int:
    """The year that a code names: 2026 of ``HN-2026-0147``."""
    return int(code.split("-")[1])


class WorkingDays(Protocol):
    """Which days are worked; ``meetings.official.working_days`` knows the holidays."""

    def add_working_days(self, day: date, days: int) -> date: ...


def reply_deadline(
    sent_at: datetime, starts_at: datetime, days: WorkingDays, before: int = 2, until: time = time(17, 0)
) -> datetime:
    """17:00 two working days before the meeting, or half-way between sending and start when that is sooner (aware, UTC).

    Half-way is set to 17:00 of its day, or of the working day before it: nobody answers at one in the morning. Where
    that leaves less than four hours, as before Tết, it is the working day after it, and else the exact middle.
    """
    usual = instant(days.add_working_days(wall(starts_at).date(), -before), until)
    middle = sent_at + (starts_at - sent_at) / 2
    eve, morrow = (instant(day, until) for day in _worked_around(wall(middle).date(), days))
    possible = (min(usual, eve), eve, min(usual, morrow))
    soonest = sent_at + timedelta(hours=4)
    return next((at for at in possible if soonest <= at < starts_at), middle.replace(second=0, microsecond=0))


def _worked_around(day: date, days: WorkingDays) -> tuple[date, date]:
    """*day* twice if it is worked, else the working days before and after it."""
    before = days.add_working_days(days.add_working_days(day, 1), -1)
    return before, before if before == day else days.add_working_days(day, 1)


def rehearsal(starts_at: datetime, days: WorkingDays, before: int = 1, begins: time = time(14, 0)) -> datetime:
    """Line test one working day before the meeting, from 14:00 (aware, UTC)."""
    return instant(days.add_working_days(wall(starts_at).date(), -before), begins)


@dataclass(frozen=True)
class Line:
    """One agenda item with its computed beginning and end (aware, UTC)."""

    begins_at: datetime
    ends_at: datetime


def timetable(starts_at: datetime, lengths: Iterable[int]) -> list[Line]:
    """When each item begins and ends, given the start of the meeting and the items' lengths in minutes."""
    lines: list[Line] = []
    at = starts_at
    for length in lengths:
        end = at + timedelta(minutes=length)
        lines.append(Line(at, end))
        at = end
    return lines


def days(first: datetime, *others: datetime | None) -> list[date]:
    """The days in Hà Nội from the earliest to the latest of these instants: usually one, of a training course two."""
    walls = [wall(at).date() for at in (first, *others) if at is not None]
    return [min(walls) + timedelta(days=n) for n in range((max(walls) - min(walls)).days + 1)]


def overlap(a_start: datetime, a_end: datetime, b_start: datetime, b_end: datetime) -> bool:
    """Whether two half-open spans share an instant; a meeting may begin when another ends."""
    return a_start < b_end and b_start < a_end


FRESH: Final = timedelta(hours=24)
"""A calendar kept elsewhere that could not be read for longer tells nothing any more."""


def known_until(read_at: datetime | None, covers_until: datetime | None, at: datetime) -> datetime | None:
    """Until when the calendar of a feed is known *at* an instant: as far as it was read, if that was lately."""
    return covers_until if read_at is not None and read_at > at - FRESH else None


HOLD: Final = timedelta(days=7)
"""How long a draft holds its hour (giữ chỗ) after it was last saved."""


def hold_until(at: datetime, starts_at: datetime) -> datetime:
    """When the hold of a draft that is saved *at* runs out: never later than the start itself."""
    return min(at + HOLD, max(starts_at, at + timedelta(hours=1)))


MIN_MINUTES: Final = 10
MAX_MINUTES: Final = 2 * 24 * 60  # training lasts two days at most (QĐ 45/2018/QĐ-TTg)
MAX_SITES: Final = 40_000


def check_time(starts_at: datetime, minutes: int, *, now: datetime) -> None:
    """Refuse a time that cannot be meant."""
    if starts_at <= now:
        raise Refused(_("The start must lie in the future."), field="start", status=422)
    if starts_at > now + timedelta(days=731):
        raise Refused(_("The start must lie within the next two years."), field="day", status=422)
    if not MIN_MINUTES <= minutes <= MAX_MINUTES:
        raise Refused(_("The length must be between 10 minutes and 48 hours."), field="hours", status=422)


SHORTEST_REASON: Final = 5
"""Letters: “x” explains nothing to whoever reads it in a letter or in the history."""


def explained(reason: str, *, field: str) -> str:
    """*reason* with its blanks folded, if it says anything."""
    said = " ".join(reason.split())
    if len(said) < SHORTEST_REASON:
        raise Refused(_("Enter the reason in a few words."), field=field, status=422)
    return said


def in_working_hours(starts_at: datetime, ends_at: datetime, days: WorkingDays, hours: Sequence[Span]) -> bool:
    """Whether a meeting lies on working days between the first and the last of the office *hours*."""
    begins, ends = wall(starts_at), wall(ends_at)
    first, last = hours[0].begins, hours[-1].ends
    worked = days.add_working_days(days.add_working_days(begins.date(), 1), -1) == begins.date()
    return worked and first <= begins.time() < last and first < ends.time() <= last


def missing(steps: Sequence[tuple[str, bool]]) -> list[str]:
    """Names of the booking steps that are not yet complete."""
    return [name for name, done in steps if not done]
