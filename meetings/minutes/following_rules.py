"""Where an action item stands, in one table; when its unit is reminded; until when its link opens. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, Protocol

from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.i18n import ngettext
from meetings.official.dates import date_short


class Told(StrEnum):
    """What was said or decided of an assignment."""

    PROGRESS = "progress"
    DONE = "done"
    EXTENSION_ASKED = "extension_asked"
    EXTENSION_GRANTED = "extension_granted"
    EXTENSION_REFUSED = "extension_refused"
    CONFIRMED = "confirmed"
    SENT_BACK = "sent_back"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    URGED = "urged"


class Way(StrEnum):
    """By which door it came."""

    LINK = "link"
    ACCOUNT = "account"
    TELEPHONE = "telephone"


class State(StrEnum):
    """Where an action item stands."""

    GIVEN = "given"
    IN_PROGRESS = "in_progress"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    AWAITING = "awaiting"
    DONE = "done"
    DONE_LATE = "done_late"
    WITHDRAWN = "withdrawn"


class Tab(StrEnum):
    """The lists of the page: each state stands on exactly one of them."""

    OVERDUE = "overdue"
    SOON = "soon"
    DOING = "doing"
    AWAITING = "awaiting"
    DONE = "done"
    WITHDRAWN = "withdrawn"


TABS: Final[dict[State, Tab]] = {
    State.OVERDUE: Tab.OVERDUE,
    State.DUE_SOON: Tab.SOON,
    State.GIVEN: Tab.DOING,
    State.IN_PROGRESS: Tab.DOING,
    State.AWAITING: Tab.AWAITING,
    State.DONE: Tab.DONE,
    State.DONE_LATE: Tab.DONE,
    State.WITHDRAWN: Tab.WITHDRAWN,
}
TAB_WORDS: Final = {
    Tab.OVERDUE: _l("Overdue"),
    Tab.SOON: _l("Due soon"),
    Tab.DOING: _l("In progress"),
    Tab.AWAITING: _l("Awaits confirmation"),
    Tab.DONE: _l("Done"),
    Tab.WITHDRAWN: _l("Withdrawn"),
}
OPEN: Final = frozenset({State.GIVEN, State.IN_PROGRESS, State.DUE_SOON, State.OVERDUE})
"""What its unit still has to do."""

SOON: Final = 5
"""Working days before its day from which an item is due soon (screens.md §7: ≤ 5 ngày làm việc)."""


class WorkingDays(Protocol):
    """Which days are worked; ``meetings.official.working_days`` knows the holidays."""

    def is_working(self, day: date) -> bool: ...

    def add_working_days(self, start: date, days: int) -> date: ...


@dataclass(frozen=True)
class Facts:
    """All that the state of an action item hangs on."""

    due_on: date | None = None
    reported: bool = False
    claimed: bool = False
    confirmed: bool = False
    withdrawn: bool = False
    done_on: date | None = None


def state(facts: Facts, *, today: date, soon: date) -> State:
    """Where an item of these *facts* stands *today*; what is due until the day *soon* is due soon. First match wins."""
    match facts:
        case Facts(withdrawn=True):
            return State.WITHDRAWN
        case Facts(confirmed=True, due_on=date() as due, done_on=date() as done) if done > due:
            return State.DONE_LATE
        case Facts(confirmed=True):
            return State.DONE
        case Facts(claimed=True):
            return State.AWAITING
        case Facts(due_on=date() as due) if due < today:
            return State.OVERDUE
        case Facts(due_on=date() as due) if due <= soon:
            return State.DUE_SOON
        case Facts(reported=True):
            return State.IN_PROGRESS
    return State.GIVEN


def soon_until(today: date, days: WorkingDays) -> date:
    """The last day that is due soon, seen from *today*."""
    return days.add_working_days(today, SOON)


def state_words(found: State, *, due_on: date | None, percent: int | None, today: date) -> str:
    """*found* in words, as they stand beside its colour: “Overdue by 3 days”, “Due in 2 days · 40%”."""
    said = _bare(found, due_on, today)
    if percent is not None and found in OPEN:
        return _("%(state)s · %(percent)s%%", state=said, percent=percent)
    return said


def _bare(found: State, due_on: date | None, today: date) -> str:
    days = abs((due_on - today).days) if due_on else 0
    match found:
        case State.OVERDUE:
            return ngettext("Overdue by %(num)s day", "Overdue by %(num)s days", days)
        case State.DUE_SOON if days == 0:
            return _("Due today")
        case State.DUE_SOON:
            return ngettext("Due in %(num)s day", "Due in %(num)s days", days)
        case State.IN_PROGRESS:
            return _("In progress")
        case State.AWAITING:
            return _("Awaits confirmation")
        case State.DONE:
            return _("Done in time") if due_on else _("Done")
        case State.DONE_LATE:
            return _("Done late")
        case State.WITHDRAWN:
            return _("Withdrawn")
    return _("Newly given")


# --- reminders -------------------------------------------------------------------------------------------------------

BEFORE: Final = (3, 1)
"""Working days before the day on which the unit is reminded: one that leaves time to act, one that says it is tomorrow."""
WEEKLY_AT_MOST: Final = 8
"""Reminders after the day: the next working day, then a week apart. After two months a letter of a machine moves nobody,
and a person has to write (công văn đôn đốc)."""


def rungs(due_on: date, days: WorkingDays) -> list[date]:
    """The days on which the unit of an item that is due *due_on* is reminded, in order; all are working days."""
    before = [days.add_working_days(due_on, -n) for n in BEFORE]
    first = days.add_working_days(due_on, 1)
    weekly = [first + timedelta(weeks=n) for n in range(1, WEEKLY_AT_MOST)]
    return [*before, first, *(one if days.is_working(one) else days.add_working_days(one, 1) for one in weekly)]


def to_remind(due_on: date | None, last: date | None, days: WorkingDays, *, today: date) -> bool:
    """Whether the unit is to be reminded *today* of an item that is due *due_on*, *last* written to of it on that day.

    Worked out anew at every look: a rung that passed while nobody looked is made good by the next look, several that passed
    by one letter; one that lies before *last* is over, whatever day was granted since.
    """
    if due_on is None or not days.is_working(today):
        return False
    passed = last_rung(due_on, days, today=today)
    return passed is not None and (last is None or passed > last)


def last_rung(due_on: date, days: WorkingDays, *, today: date) -> date | None:
    """The last day up to *today* on which the unit of an item that is due *due_on* was to be reminded; None before the first."""
    return max((one for one in rungs(due_on, days) if one <= today), default=None)


# --- the link --------------------------------------------------------------------------------------------------------

LINK_LASTS: Final = timedelta(days=30)
"""So long after the last of its tasks came to an end a unit's link still opens: it shows there that the end was confirmed."""


def link_opens(open_tasks: int, last_end: date | None, *, today: date) -> bool:
    """Whether a unit's page opens: while a task is open or awaits confirmation, and some time after the last end."""
    return open_tasks > 0 or (last_end is not None and today - last_end <= LINK_LASTS)


SAID_A_DAY: Final = 30
"""Reports and requests about one task that its link takes in a day, with the files that come with them."""

# --- what may be said ------------------------------------------------------------------------------------------------

LONGEST_EXTENSION: Final = timedelta(days=366)


def check_open(found: State) -> None:
    """Refuse a report on what is no longer open."""
    if found in OPEN:
        return
    sentences = {
        State.AWAITING: _("It has been reported done and awaits confirmation."),
        State.WITHDRAWN: _("This task was withdrawn: nothing more is asked of the unit."),
    }
    raise Refused(sentences.get(found, _("This task has been confirmed as done.")))


def check_percent(percent: int | None) -> None:
    """Refuse a share that is none."""
    if percent is not None and not 0 <= percent <= 100:
        raise Refused(_("Enter a share from 0 to 100."), field="percent", status=422)


def check_extension(due_on: date | None, wanted: date | None, reason: str, *, today: date) -> date:
    """The day that is asked for; raises :class:`Refused` at the field that is wrong."""
    if wanted is None:
        raise Refused(_("Enter the new day."), field="due", status=422)
    if due_on is None:
        raise Refused(_("No day was set for this task, so none can be put off."), field="due", status=422)
    if wanted <= due_on or wanted < today:
        earliest = date_short(max(due_on + timedelta(days=1), today))
        raise Refused(_("The new day cannot lie before %(day)s.", day=earliest), field="due", status=422)
    if wanted > max(due_on, today) + LONGEST_EXTENSION:
        raise Refused(_("An extension is for a year at most."), field="due", status=422)
    if not reason:
        raise Refused(_("Enter the reason."), field="reason", status=422)
    return wanted
