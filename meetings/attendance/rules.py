"""Who is there: the states of a site, the marks that change them, the word the board shows, the sums.

Pure: instants are aware (UTC) and *now* is handed over. A site is one place however many people sit in it: sites and
people are counted apart everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.readiness.rules import CHECK_IN_OPENS, OLDEST_QUEUED
from meetings.scheduling.rules import days

BOARD_OPENS: Final = timedelta(minutes=60)  # before the start: marks can be made
MAX_HEAD_COUNT: Final = 5_000
MAX_REASON: Final = 500
OVERRUN: Final = timedelta(hours=6)  # how far past its planned end a meeting may run into another day
AT_ONCE: Final = 5.0  # seconds that a press may be on its way without having been kept on a device
JUST: Final = timedelta(minutes=2)  # how long somebody else's mark is "just now" to whoever marks the same site


class State(StrEnum):
    """The presence of one site: one of the three facts its word is derived from."""

    NOT_IN = "not_in"
    READY = "ready"
    IN = "in"
    LOST = "lost"
    LEFT = "left"
    ABSENT = "absent"


class Move(StrEnum):
    """What can be marked for a site; each leads to one state."""

    READY = "ready"
    IN = "in"
    LOST = "lost"
    LEFT = "left"
    ABSENT = "absent"
    CLEAR = "clear"  # a mark was wrong, and nothing is known in its place


class MarkSource(StrEnum):
    """How a mark came about."""

    SELF = "self"  # the coordinator, by private link
    SECRETARY = "secretary"
    TELEPHONE = "telephone"
    TECHNICIAN = "technician"
    CLOSING = "closing"  # proposed when the roll was closed


class RollStatus(StrEnum):
    """The roll of a meeting: once closed, a correction needs a reason."""

    OPEN = "open"
    CLOSED = "closed"


MOVES: Final[dict[tuple[State, Move], State]] = {
    (State.NOT_IN, Move.READY): State.READY,
    (State.NOT_IN, Move.IN): State.IN,
    (State.NOT_IN, Move.ABSENT): State.ABSENT,
    (State.READY, Move.IN): State.IN,
    (State.READY, Move.ABSENT): State.ABSENT,
    (State.READY, Move.CLEAR): State.NOT_IN,
    (State.IN, Move.IN): State.IN,  # another head-count
    (State.IN, Move.LOST): State.LOST,
    (State.IN, Move.LEFT): State.LEFT,
    (State.IN, Move.ABSENT): State.ABSENT,
    (State.IN, Move.CLEAR): State.NOT_IN,
    (State.LOST, Move.IN): State.IN,
    (State.LOST, Move.LEFT): State.LEFT,
    (State.LOST, Move.ABSENT): State.ABSENT,
    (State.LEFT, Move.IN): State.IN,
    (State.ABSENT, Move.READY): State.READY,
    (State.ABSENT, Move.IN): State.IN,
    (State.ABSENT, Move.ABSENT): State.ABSENT,  # another reason
    (State.ABSENT, Move.CLEAR): State.NOT_IN,
}
"""Every mark there is; a pair that is not here is refused. One table for the rule, the buttons and the test."""

MAY: Final[dict[MarkSource, frozenset[Move]]] = {
    MarkSource.SELF: frozenset({Move.READY, Move.IN, Move.LOST, Move.LEFT}),
    MarkSource.SECRETARY: frozenset(Move),
    MarkSource.TELEPHONE: frozenset(Move),
    MarkSource.TECHNICIAN: frozenset(Move),
    MarkSource.CLOSING: frozenset({Move.IN, Move.LOST, Move.LEFT, Move.ABSENT}),
}
"""A site cannot call itself absent: it declines, or the secretary says so."""

STATE_WORDS: Final = {
    State.NOT_IN: _l("not in yet"),
    State.READY: _l("ready"),
    State.IN: _l("in the meeting"),
    State.LOST: _l("connection lost"),
    State.LEFT: _l("left the meeting"),
    State.ABSENT: _l("absent"),
}

SOURCE_WORDS: Final = {
    MarkSource.SELF: _l("self check-in"),
    MarkSource.SECRETARY: _l("secretary"),
    MarkSource.TELEPHONE: _l("by telephone"),
    MarkSource.TECHNICIAN: _l("technician"),
    MarkSource.CLOSING: _l("when the roll was closed"),
}


def after(state: State, move: Move) -> State:
    """The state that *move* leads to from *state*; raises :class:`Refused` where the table has no such pair."""
    try:
        return MOVES[state, move]
    except KeyError:
        raise Refused(
            _("This site is “%(state)s”; that mark does not follow from it.", state=STATE_WORDS[state])
        ) from None


def possible(state: State, source: MarkSource) -> tuple[Move, ...]:
    """The marks that *source* can make for a site that is *state*, in the order of the buttons."""
    return tuple(move for move in Move if (state, move) in MOVES and move in MAY[source])


# --- when ------------------------------------------------------------------------------------------------------------


def opens_at(starts_at: datetime) -> datetime:
    """The instant from which the board takes marks."""
    return starts_at - BOARD_OPENS


def check_time(source: MarkSource, *, now: datetime, starts_at: datetime) -> None:
    """Refuse a mark that comes before its time: 60 minutes before the start, 45 for a site's own."""
    opens = starts_at - (CHECK_IN_OPENS if source is MarkSource.SELF else BOARD_OPENS)
    if now < opens:
        raise Refused(_("The roll is not open yet."))


def end_days(starts_at: datetime, ends_at: datetime | None, *, now: datetime) -> list[date]:
    """The days on which a meeting whose roll is closed *now* may have ended: usually the one on which it began."""
    return days(starts_at, max(starts_at, min(now, (ends_at or now) + OVERRUN)))


def moment_of(age: float | None, *, now: datetime) -> datetime:
    """When a queued mark was pressed: *age* seconds before *now*, by the browser's own stop-watch, within reason."""
    seconds = min(max(age or 0.0, 0.0), OLDEST_QUEUED.total_seconds())
    return now - timedelta(seconds=seconds)


def pressed_at(age: float | None, *, now: datetime, newest: datetime | None) -> datetime:
    """When a mark was made. One that comes at once follows the *newest* of its site, whatever the clocks say; one that a
    device kept stays at its own moment, so that it cannot overturn what was marked after it."""
    at = moment_of(age, now=now)
    return max(at, newest) if newest is not None and (age or 0.0) <= AT_ONCE else at


def check_values(move: Move, *, head_count: int | None, with_notice: bool | None, reason: str) -> None:
    """Refuse a head-count or a reason that cannot be meant."""
    if move is Move.IN and head_count is not None and not 1 <= head_count <= MAX_HEAD_COUNT:
        raise Refused(
            _("The number of delegates must be between 1 and %(most)s.", most=MAX_HEAD_COUNT),
            field="head_count",
            status=422,
        )
    if len(reason) > MAX_REASON:
        raise Refused(_("The reason must not be longer than 500 characters."), field="reason", status=422)
    if move is Move.ABSENT and with_notice and not reason:
        raise Refused(_("Enter the reason that was given for the absence."), field="reason", status=422)


# --- what a row of marks makes ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Marked:
    """One mark as it counts: *at* aware UTC, *head_count* only where a number was said."""

    id: int
    at: datetime
    after: State
    head_count: int | None = None
    with_notice: bool | None = None
    reason: str = ""
    undoes: int | None = None


@dataclass(frozen=True)
class Standing:
    """What is known of a site's presence: *joined_at* is the first time in, *lost_seconds* the breaks that ended."""

    state: State = State.NOT_IN
    since: datetime | None = None
    joined_at: datetime | None = None
    left_at: datetime | None = None
    lost_seconds: int = 0
    head_count: int | None = None
    with_notice: bool | None = None
    reason: str = ""


NOWHERE: Final = Standing()


def standing(marks: Iterable[Marked]) -> Standing:
    """The sum of a site's *marks*, in the order in which they were pressed; one that was undone, and its undoing, weigh
    nothing."""
    now = NOWHERE
    for mark in effective(marks):
        now = then(now, mark)
    return now


def effective(marks: Iterable[Marked]) -> list[Marked]:
    """Those of *marks* that weigh anything, in the order in which they were pressed: one may have waited on its device."""
    rows = sorted(marks, key=lambda mark: (mark.at, mark.id))
    undone = {mark.undoes for mark in rows if mark.undoes is not None}
    return [mark for mark in rows if mark.undoes is None and mark.id not in undone]


def then(before: Standing, mark: Marked) -> Standing:
    """What *mark* makes of a site that stood *before*."""
    at = max(mark.at, before.since) if before.since else mark.at
    same = before.state is mark.after
    if mark.after in (State.NOT_IN, State.READY):
        return Standing(mark.after, before.since if same else at)
    if mark.after is State.ABSENT:
        return Standing(
            mark.after, before.since if same else at, with_notice=bool(mark.with_notice), reason=mark.reason
        )
    if same and mark.after in (State.LOST, State.LEFT):  # no mark leads there: its number was entered at the close
        return replace(before, head_count=mark.head_count)
    was_lost = before.state is State.LOST and before.since is not None
    broken = int((at - before.since).total_seconds()) if was_lost and before.since else 0
    return Standing(
        state=mark.after,
        since=before.since if same else at,
        joined_at=before.joined_at or at,
        left_at=at if mark.after is State.LEFT else None,
        lost_seconds=before.lost_seconds + broken,
        head_count=mark.head_count if mark.head_count is not None else before.head_count,
    )


def last_effective(marks: Iterable[Marked]) -> Marked | None:
    """The mark that "undo" would take back: the newest that still counts."""
    alive = effective(marks)
    return alive[-1] if alive else None


# --- the word the board shows ----------------------------------------------------------------------------------------


class Status(StrEnum):
    """The word shown for a site, derived from reply, line test and presence."""

    NOT_INVITED = "not_invited"
    INVITED = "invited"
    SEEN = "seen"
    ACCEPTED = "accepted"
    SUBSTITUTE = "substitute"
    DECLINED = "declined"
    LINE_CHECKED = "line_checked"
    READY = "ready"
    IN = "in"
    LOST = "lost"
    LEFT = "left"
    ABSENT = "absent"


WORDS: Final = {
    Status.NOT_INVITED: _l("Not invited"),
    Status.INVITED: _l("Invited"),
    Status.SEEN: _l("Seen"),
    Status.ACCEPTED: _l("Confirmed"),
    Status.SUBSTITUTE: _l("Sends a substitute"),
    Status.DECLINED: _l("Declined"),
    Status.LINE_CHECKED: _l("Line checked"),
    Status.READY: _l("Ready"),
    Status.IN: _l("In the meeting"),
    Status.LOST: _l("Connection lost"),
    Status.LEFT: _l("Left"),
    Status.ABSENT: _l("Absent"),
}
"""The words of the chips (screens.md §7), and *left* for a site that took its leave."""

FROM_PRESENCE: Final[Mapping[State, Status]] = {
    State.ABSENT: Status.ABSENT,
    State.LOST: Status.LOST,
    State.IN: Status.IN,
    State.LEFT: Status.LEFT,
    State.READY: Status.READY,
}
FROM_REPLY: Final[Mapping[str, Status]] = {
    "substitute": Status.SUBSTITUTE,
    "accepted": Status.ACCEPTED,
    "seen": Status.SEEN,
    "asked": Status.INVITED,
}


def status_of(reply: str, line_test: str, presence: str) -> Status:
    """The word for a site, first match: presence, then a refusal, then a passed line test, then the reply.

    *reply* is ``not_asked · asked · seen · accepted · substitute · declined``, *line_test* ``untested · passed ·
    failed`` (the newest round), *presence* a :class:`State`.
    """
    found = FROM_PRESENCE.get(State(presence))
    if found is not None:
        return found
    if reply == "declined":
        return Status.DECLINED
    if line_test == "passed":
        return Status.LINE_CHECKED
    return FROM_REPLY.get(reply, Status.NOT_INVITED)


LEGEND: Final = (
    Status.IN,
    Status.LOST,
    Status.READY,
    Status.LINE_CHECKED,
    Status.ACCEPTED,
    Status.SUBSTITUTE,
    Status.SEEN,
    Status.INVITED,
    Status.NOT_INVITED,
    Status.DECLINED,
    Status.ABSENT,
    Status.LEFT,
)
"""The order of the legend, of the bar and of the grid: what is well first, as it fills up from there."""

WORK_ORDER: Final = (
    Status.LOST,
    Status.READY,
    Status.LINE_CHECKED,
    Status.ACCEPTED,
    Status.SUBSTITUTE,
    Status.SEEN,
    Status.INVITED,
    Status.NOT_INVITED,
    Status.DECLINED,
    Status.ABSENT,
)
"""Who needs somebody, worst first; sites that are in, or took their leave, need nobody."""

_WORK_RANK: Final = {status: rank for rank, status in enumerate(WORK_ORDER)}
_ACCEPTED_ALIKE: Final = {
    Status.SUBSTITUTE: Status.ACCEPTED,
    Status.NOT_INVITED: Status.INVITED,
    Status.SEEN: Status.INVITED,
}


def work_key(status: Status, since: datetime | None, position: int) -> tuple[int, float, int]:
    """Sorting key of the work list: worst first; the longest break first; else the order of the sites."""
    longest = since.timestamp() if status in (Status.LOST, Status.READY) and since else 0.0
    return _WORK_RANK[_ACCEPTED_ALIKE.get(status, status)], longest, position


class Group(StrEnum):
    """The four large numbers of the board, each a filter; *left* is shown only where there is one."""

    IN = "in"
    LOST = "lost"
    WAITING = "waiting"
    ABSENT = "absent"
    LEFT = "left"


_GROUPS: Final = {status: Group(status) if status.value in set(Group) else Group.WAITING for status in Status}
_MEMBERS: Final = {group: tuple(status for status in Status if _GROUPS[status] is group) for group in Group}


def group_of(status: Status) -> Group:
    """The large number that a site counts in."""
    return _GROUPS[status]


# --- sums ------------------------------------------------------------------------------------------------------------


@dataclass
class Tally:
    """Sums over sites: how many of each word, how many people at those that are in, how many substitutes, how many said
    that they would come (whatever became of it)."""

    by_status: Counter[Status] = field(default_factory=Counter)
    people: int = 0
    substitutes: int = 0
    confirmed: int = 0

    def add(self, status: Status, sites: int = 1, people: int = 0, substitutes: int = 0, confirmed: int = 0) -> None:
        """Count *sites* more with this word; *people* only count while their site is in."""
        self.by_status[status] += sites
        self.people += people if status is Status.IN else 0
        self.substitutes += substitutes
        self.confirmed += confirmed

    @property
    def total(self) -> int:
        return sum(self.by_status.values())

    def of(self, group: Group) -> int:
        """Sites in one of the large numbers."""
        return sum(self.by_status[status] for status in _MEMBERS[group])

    @property
    def present(self) -> int:
        return self.by_status[Status.IN]

    @property
    def missing(self) -> int:
        """Sites that are not in and did not take their leave: what the work list is about."""
        return self.total - self.by_status[Status.IN] - self.by_status[Status.LEFT]

    @property
    def lost(self) -> int:
        return self.by_status[Status.LOST]


def total(tallies: Iterable[Tally]) -> Tally:
    """One tally of several."""
    whole = Tally()
    for tally in tallies:
        whole.by_status.update(tally.by_status)
        whole.people += tally.people
        whole.substitutes += tally.substitutes
        whole.confirmed += tally.confirmed
    return whole


# --- closing ---------------------------------------------------------------------------------------------------------

ATTENDED: Final = frozenset({State.IN, State.LOST, State.LEFT})


@dataclass(frozen=True)
class Decision:
    """What the confirm page says of one site that is neither in nor lost."""

    move: Move
    with_notice: bool = False
    reason: str = ""
    head_count: int | None = None


def excuse(
    reply: str, reply_reason: str, *, stands: State = State.NOT_IN, with_notice: bool | None = None, reason: str = ""
) -> tuple[bool, str]:
    """Whether notice of an absence was given, and why, when the mark itself does not say.

    What stands of an absent site stays; a site that declined gave notice with its answer.
    """
    if stands is State.ABSENT:
        return bool(with_notice), reason
    return (True, reply_reason) if reply == "declined" and reply_reason else (False, "")


def proposal(reply: str, reason: str, state: State) -> Decision | None:
    """What closing the roll would write for a site, None where nothing: absent, with notice if it had declined."""
    if state in ATTENDED or state is State.ABSENT:
        return None
    noticed, why = excuse(reply, reason)
    return Decision(Move.ABSENT, with_notice=noticed, reason=why)


def check_close(roll: RollStatus, *, now: datetime, starts_at: datetime) -> None:
    """Refuse to close a roll twice, or before the meeting was to begin."""
    if roll is RollStatus.CLOSED:
        raise Refused(_("The roll of this meeting is closed already."))
    if now < starts_at:
        raise Refused(_("The roll can be closed once the meeting has begun."))


def check_correction(roll: RollStatus, reason: str) -> None:
    """Refuse a correction without a reason; it goes into the minutes' annex."""
    if roll is RollStatus.CLOSED and not reason:
        raise Refused(_("The roll is closed. Enter the reason for the correction."), field="reason", status=422)
