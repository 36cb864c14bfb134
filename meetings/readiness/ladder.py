"""The ladder of a line test: when a round opens, until when it may be made, how long it is amber before it is red.

Pure: instants are aware (UTC) and *now* is handed over. Board, lists and site page ask :func:`alarm`, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from meetings.clock import instant, wall
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.official.working_days import Span
from meetings.readiness.rules import Alarm, Outcome, Round
from meetings.scheduling.rules import MeetingType


@dataclass(frozen=True)
class Ladder:
    """Minutes: the round *opens* so long before it is due, *period* later an untested site turns amber, *grace* later red."""

    opens: int
    period: int
    grace: int


DEFAULTS: Final[Mapping[Round, Ladder]] = {
    Round.REHEARSAL: Ladder(opens=180, period=180, grace=60),
    Round.ON_DAY: Ladder(opens=60, period=30, grace=15),
}
"""definitions.md, Deadlines: on the day from 60 minutes before, amber at 30, red at 15; the rehearsal in office hours, one
working day before."""

LONGEST: Final = 3 * 24 * 60
"""Minutes that any step of a ladder may take."""


class Version(Protocol):
    """One version of a ladder as it is kept."""

    round: Round
    meeting_type: MeetingType | None
    opens: int
    period: int
    grace: int
    valid_from: date
    valid_to: date | None


def holds(version: Version, on: date) -> bool:
    """Whether *version* holds on that day; ``valid_to`` is the first day on which it no longer does."""
    return version.valid_from <= on and (version.valid_to is None or on < version.valid_to)


def in_force(versions: Iterable[Version], round_: Round, type: MeetingType | None, on: date) -> Ladder:
    """The ladder of a round for a type of meeting held *on* a day: its own, else that of every type, else the default."""
    fits = [
        v for v in versions if v.round is round_ and (v.meeting_type is type or v.meeting_type is None) and holds(v, on)
    ]
    if not fits:
        return DEFAULTS[round_]
    best = max(fits, key=lambda v: (v.meeting_type is not None, v.valid_from))
    return Ladder(best.opens, best.period, best.grace)


def check(ladder: Ladder, round_: Round) -> None:
    """Refuse a ladder that says nothing: of no length, or red on the day only after the meeting has begun."""
    if not 1 <= ladder.opens <= LONGEST:
        raise Refused(
            _("Enter a number from %(low)s to %(high)s.", low=1, high=LONGEST),
            field=f"opens_{round_}",
            status=422,
        )
    for name in ("period", "grace"):
        if not 0 <= getattr(ladder, name) <= LONGEST:
            raise Refused(
                _("Enter a number from %(low)s to %(high)s.", low=0, high=LONGEST),
                field=f"{name}_{round_}",
                status=422,
            )
    if round_ is Round.ON_DAY and ladder.period + ladder.grace > ladder.opens:
        raise Refused(
            _(
                "Period and grace together are longer than the round is open: the site would be red after the start only."
            ),
            field=f"grace_{round_}",
            status=422,
        )


# ---------------------------------------------------------------- as instants


@dataclass(frozen=True)
class Steps:
    """One round of one meeting: when it opens, from when an untested site is amber, from when red."""

    opens_at: datetime
    amber_at: datetime
    red_at: datetime


@dataclass(frozen=True)
class Due:
    """Both rounds of a meeting; a meeting that was arranged too late for a rehearsal has none."""

    day: Steps
    rehearsal: Steps | None = None


def steps(ladder: Ladder, due_at: datetime) -> Steps:
    """*ladder* hung up at the instant *due_at*: of the day the start, of the rehearsal its end."""
    opens_at = due_at - timedelta(minutes=ladder.opens)
    amber_at = opens_at + timedelta(minutes=ladder.period)
    return Steps(opens_at, amber_at, amber_at + timedelta(minutes=ladder.grace))


def rehearsed_by(rehearsal_at: datetime, hours: Iterable[Span], last_slot: datetime | None = None) -> datetime:
    """Until when a rehearsal that begins at *rehearsal_at* is made: until offices close, or the last site was rung.

    One that begins when they have closed has two hours.
    """
    closes = [instant(wall(rehearsal_at).date(), span.ends) for span in hours]
    ends = max((at for at in closes if at > rehearsal_at), default=rehearsal_at + timedelta(hours=2))
    return max(ends, last_slot or ends)


def usual(starts_at: datetime) -> Due:
    """The day's round as the product comes, for whoever has no ladder at hand."""
    return Due(steps(DEFAULTS[Round.ON_DAY], starts_at))


# ---------------------------------------------------------------- the rule


def round_at(now: datetime, day: Steps) -> Round:
    """The round a test made *now* belongs to: what is tested once the day's round is open counts for the day."""
    return Round.ON_DAY if now >= day.opens_at else Round.REHEARSAL


def counting(rehearsal: Outcome, day: Outcome, due: Due, *, now: datetime) -> Outcome:
    """The outcome that counts now: of the rehearsal until the day's round opens, then of the day.

    A fault of the rehearsal stands until a test of the day says otherwise: an hour that has passed mends no microphone.
    """
    if day is not Outcome.UNTESTED:
        return day
    if rehearsal is Outcome.FAILED or round_at(now, due.day) is Round.REHEARSAL:
        return rehearsal
    return Outcome.UNTESTED


def alarm_in(found: Outcome, when: Steps | None, *, now: datetime) -> Alarm:
    """The colour of one round: green when passed, red at once when faulty, else by the clock."""
    if found is Outcome.PASSED:
        return Alarm.GREEN
    if found is Outcome.FAILED:
        return Alarm.RED
    if when is None or now < when.amber_at:
        return Alarm.NONE
    return Alarm.AMBER if now < when.red_at else Alarm.RED


def alarm(rehearsal: Outcome, day: Outcome, due: Due, *, now: datetime) -> Alarm:
    """The colour of a site's line *now*, by the round that is on."""
    on = due.day if round_at(now, due.day) is Round.ON_DAY else due.rehearsal
    return alarm_in(counting(rehearsal, day, due, now=now), on, now=now)
