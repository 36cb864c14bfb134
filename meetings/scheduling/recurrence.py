"""Meetings that come again: the rule as an office says it, and the dates it gives. Pure; the calendar of days is handed over.

A rule speaks of days; the hour on the wall in Hà Nội is the same on each. The dates are reckoned here, in forty lines,
for what an office says (working days, weekdays, a day or a weekday of the month); a calendar program reckons them from
the RRULE (RFC 5545 §3.3.10), and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from meetings.clock import instant, wall
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.official import dates as spoken
from meetings.official.working_days import Calendar

MAX_DATES: Final = 120
MAX_EVERY: Final = 12
LAST: Final = -1
"""The last day, or the last such weekday, of a month."""
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WORK_WEEK: Final = (0, 1, 2, 3, 4)
_ONE: Final = timedelta(days=1)


class Pace(StrEnum):
    """How an office says that a meeting comes again."""

    DAILY = "daily"  # on working days
    WEEKLY = "weekly"
    MONTHLY_DAY = "monthly_day"
    MONTHLY_WEEKDAY = "monthly_weekday"


class Choice(StrEnum):
    """What is done with a date."""

    HOLD = "hold"
    LEAVE = "leave"  # left out
    MOVE = "move"  # to the next working day


class Why(StrEnum):
    """Why a date is not held as a matter of course."""

    HOLIDAY = "holiday"
    WEEKEND = "weekend"
    DAY_OFF = "day_off"  # an administrator closed it
    MADE_UP = (
        "made_up"  # a Saturday that is worked instead of another day: no rule names it, a daily meeting is held on it
    )


@dataclass(frozen=True)
class Rule:
    """*every* so many weeks or months; *weekdays* from 0 (Monday); *day* 1 to 28 or :data:`LAST`; *nth* 1 to 4 or
    :data:`LAST`. It ends on *until* or after *count* dates, those left out counted; exactly one of the two is given."""

    pace: Pace
    every: int = 1
    weekdays: tuple[int, ...] = ()
    day: int = 0
    nth: int = 0
    until: date | None = None
    count: int | None = None


@dataclass(frozen=True)
class Occurrence:
    """One date of a series. *planned*: as the rule has it; *on*: when it is held, None where it is left out.

    *instead*: the next working day, where it lies within a week and is no other date of the series.
    """

    planned: date
    on: date | None
    why: Why | None = None
    name: str = ""  # of the public holiday or the day off
    instead: date | None = None

    @property
    def held(self) -> bool:
        return self.on is not None

    @property
    def choice(self) -> Choice:
        if self.on is None:
            return Choice.LEAVE
        return Choice.HOLD if self.on == self.planned else Choice.MOVE


# ------------------------------------------------------------------ the dates of a rule


def check(rule: Rule, first: date) -> None:
    """Refuse a rule that cannot be meant, or that *first* is no date of."""
    if not 1 <= rule.every <= MAX_EVERY:
        raise Refused(_("Enter a number from %(low)s to %(high)s.", low=1, high=MAX_EVERY), field="every", status=422)
    if rule.pace is Pace.WEEKLY and not rule.weekdays:
        raise Refused(_("Choose at least one day of the week."), field="weekdays", status=422)
    if (rule.until is None) == (rule.count is None):
        raise Refused(_("Enter until when the meeting comes again, or how many times."), field="until", status=422)
    if rule.until is not None and not first < rule.until <= first + timedelta(days=731):
        raise Refused(
            _("The last day must lie after the first date and within two years of it."), field="until", status=422
        )
    if rule.count is not None and not 2 <= rule.count <= MAX_DATES:
        raise Refused(_("A series has from 2 to %(most)s dates.", most=MAX_DATES), field="count", status=422)
    if next(_all(rule, first), None) != first:
        raise Refused(
            _(
                "The first date, %(day)s, is none of this rule. Change the rule, or the day at the step of the time.",
                day=spoken.date_long(first),
            ),
            field="pace",
            status=422,
        )


def planned(rule: Rule, first: date) -> list[date]:
    """The days that *rule* names from *first* on; raises :class:`Refused` for more than :data:`MAX_DATES`."""
    check(rule, first)
    found: list[date] = []
    for day in _all(rule, first):
        if (rule.until is not None and day > rule.until) or len(found) == rule.count:
            break
        if day > first + timedelta(days=731):
            raise Refused(_("The dates must lie within two years of the first."), field="count", status=422)
        if len(found) == MAX_DATES:
            raise Refused(_("A series has from 2 to %(most)s dates.", most=MAX_DATES), field="until", status=422)
        found.append(day)
    return found


def _all(rule: Rule, first: date) -> Iterator[date]:
    """Without end: every day from *first* on that the rule names."""
    if rule.pace in (Pace.DAILY, Pace.WEEKLY):
        weekdays = _WORK_WEEK if rule.pace is Pace.DAILY else sorted(set(rule.weekdays))
        monday = first - timedelta(days=first.weekday())
        while weekdays:
            yield from (day for n in weekdays if (day := monday + timedelta(days=n)) >= first)
            monday += timedelta(weeks=rule.every)
    month = first.replace(day=1)
    while rule.pace in (Pace.MONTHLY_DAY, Pace.MONTHLY_WEEKDAY):
        day = _in_month(rule, month)
        if day >= first:
            yield day
        months = month.year * 12 + month.month - 1 + rule.every
        month = date(months // 12, months % 12 + 1, 1)


def _in_month(rule: Rule, month: date) -> date:
    """The day of a monthly *rule* in the month that begins on *month*."""
    last = (month + timedelta(days=31)).replace(day=1) - _ONE
    if rule.pace is Pace.MONTHLY_DAY:
        return last if rule.day == LAST else month.replace(day=rule.day)
    weekday = rule.weekdays[0]
    if rule.nth == LAST:
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    return month + timedelta(days=(weekday - month.weekday()) % 7 + 7 * (rule.nth - 1))


def dates(
    rule: Rule,
    first: date,
    calendar: Calendar,
    choices: Mapping[date, Choice] | None = None,
    names: Mapping[date, str] | None = None,
) -> list[Occurrence]:
    """Every date of *rule* from *first* on, with what is done with each and why: as the list is shown before anything is made.

    *choices*: planned day → what the secretary chose. Without a choice a date on a day off is left out, a monthly one
    that falls on it is moved, and what was said by the name of its weekday is never taken for a day off because it is
    a Saturday. *names* of the days off that an administrator entered.
    """
    asked, called = choices or {}, names or {}
    days = planned(rule, first)
    taken = set(days)
    found: list[Occurrence] = []
    usual = Choice.MOVE if rule.pace in (Pace.MONTHLY_DAY, Pace.MONTHLY_WEEKDAY) else Choice.LEAVE
    for day in days:
        why, name = _off(day, rule, calendar, called)
        instead = calendar.add_working_days(day, 1)
        free = instead not in taken and instead <= day + timedelta(weeks=1)  # Tết has no working day for many
        offered = Occurrence(day, day, why, name, instead if free else None)
        found.append(_as_chosen(offered, asked.get(day, usual if why else Choice.HOLD)))
        if found[-1].choice is Choice.MOVE:
            taken.add(instead)
    if rule.pace is Pace.DAILY:
        made_up = (Occurrence(day, day, Why.MADE_UP) for day in _made_up(days[0], days[-1], calendar))
        found += [_as_chosen(one, asked.get(one.planned, Choice.HOLD)) for one in made_up]
    return sorted(found, key=lambda one: one.planned)


def _as_chosen(one: Occurrence, choice: Choice) -> Occurrence:
    if choice is Choice.MOVE and one.instead is not None:
        return replace(one, on=one.instead)
    return replace(one, on=one.planned if choice is Choice.HOLD else None)


def _off(day: date, rule: Rule, calendar: Calendar, names: Mapping[date, str]) -> tuple[Why | None, str]:
    """Why *day* is not worked, with the name of the holiday; (None, "") where it is, or was asked for by its weekday."""
    if calendar.is_working(day):
        return None, ""
    if name := calendar.holiday(day):
        return Why.HOLIDAY, name
    if day.weekday() >= 5:
        return (Why.WEEKEND, "") if rule.pace is Pace.MONTHLY_DAY else (None, "")
    return Why.DAY_OFF, names.get(day, "")


def _made_up(first: date, last: date, calendar: Calendar) -> Iterator[date]:
    """Saturdays and Sundays from *first* to *last* that are worked."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return (day for day in days if day.weekday() >= 5 and calendar.is_working(day))


def held(occurrences: Collection[Occurrence]) -> list[date]:
    """The days that are held, in their order; raises :class:`Refused` for fewer than two."""
    days = sorted(one.on for one in occurrences if one.on is not None)
    if len(days) < 2:
        raise Refused(_("Fewer than two dates are left: book this meeting alone instead."), status=422)
    return days


def answer_by(by: datetime, first: datetime, other: datetime, calendar: Calendar) -> datetime:
    """Until when the sites answer for the *other* date: as many working days before it as *by* is before the *first*.

    Half-way to a date in three months would ask for a roster that nobody can know yet.
    """
    notice = calendar.working_days_between(wall(by).date(), wall(first).date())
    return instant(calendar.add_working_days(wall(other).date(), -notice), wall(by).time())


# ------------------------------------------------------------------ RFC 5545


@dataclass(frozen=True)
class Pattern:
    """A series as a calendar knows it, all on the wall in Hà Nội: DTSTART, RRULE, and what differs from the rule."""

    starts: datetime  # naive
    rrule: str
    left_out: tuple[datetime, ...]  # EXDATE
    added: tuple[datetime, ...]  # RDATE


def pattern(rule: Rule, first: date, at: time, on: Collection[date]) -> Pattern:
    """The series of *rule* that is held at *at* on the days *on* and on no other.

    It begins with its first date that is held as planned, unless one that was moved comes before it, so that no calendar has to
    begin with an exception; and it says until when, because a COUNT would have to be counted anew.
    """
    days = planned(rule, first)
    added = sorted(set(on) - set(days))
    begins = next((day for day in days if day in on and all(day < other for other in added)), days[0])
    days = [day for day in days if day >= begins]
    ends = replace(rule, until=days[-1], count=None)
    return Pattern(
        datetime.combine(begins, at),
        text(ends, at),
        tuple(datetime.combine(day, at) for day in days if day not in on),
        tuple(datetime.combine(day, at) for day in added),
    )


def text(rule: Rule, at: time) -> str:
    """*rule* as the value of an RRULE; UNTIL is an instant in UTC, as RFC 5545 asks beside a DTSTART with a time zone."""
    parts = {"FREQ": "WEEKLY" if rule.pace in (Pace.DAILY, Pace.WEEKLY) else "MONTHLY"}
    if rule.every > 1:
        parts["INTERVAL"] = str(rule.every)
    if rule.pace is Pace.MONTHLY_DAY:
        parts["BYMONTHDAY"] = str(rule.day)
    elif rule.pace is Pace.MONTHLY_WEEKDAY:
        parts["BYDAY"] = f"{rule.nth}{_DAYS[rule.weekdays[0]]}"
    else:  # Outlook knows no daily rule with weekdays; a week of working days says the same
        weekdays = _WORK_WEEK if rule.pace is Pace.DAILY else sorted(set(rule.weekdays))
        parts |= {"BYDAY": ",".join(_DAYS[n] for n in weekdays), "WKST": "MO"}
    if rule.until is not None:
        parts["UNTIL"] = f"{instant(rule.until, at):%Y%m%dT%H%M%SZ}"
    if rule.count is not None:
        parts["COUNT"] = str(rule.count)
    return ";".join(f"{name}={value}" for name, value in parts.items())


def read(text: str) -> Rule:
    """The rule that :func:`text` wrote. Every Monday to Friday is the daily meeting of working days."""
    parts = dict(part.split("=", 1) for part in text.split(";"))
    until = datetime.strptime(parts["UNTIL"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if "UNTIL" in parts else None
    rule = Rule(
        Pace.WEEKLY,
        every=int(parts.get("INTERVAL", 1)),
        until=wall(until).date() if until else None,
        count=int(parts["COUNT"]) if "COUNT" in parts else None,
    )
    if "BYMONTHDAY" in parts:
        return replace(rule, pace=Pace.MONTHLY_DAY, day=int(parts["BYMONTHDAY"]))
    weekdays = tuple(_DAYS.index(day[-2:]) for day in parts["BYDAY"].split(","))
    if parts["FREQ"] == "MONTHLY":
        return replace(rule, pace=Pace.MONTHLY_WEEKDAY, weekdays=weekdays, nth=int(parts["BYDAY"][:-2]))
    if weekdays == _WORK_WEEK and rule.every == 1:
        return replace(rule, pace=Pace.DAILY)
    return replace(rule, weekdays=weekdays)


# ------------------------------------------------------------------ in words


def said(rule: Rule, locale: str = "vi") -> str:
    """*rule* in the reader's words: ``Hằng tuần vào thứ Hai, đến ngày 31/03/2027``."""
    words = how_often(rule, locale)
    if rule.until is not None:
        return _("%(rule)s, until %(day)s", rule=words, day=spoken.date_short(rule.until, locale))
    return _("%(rule)s, %(count)s times", rule=words, count=rule.count)


def weekday_name(weekday: int, locale: str = "vi") -> str:
    """``thứ Hai`` of 0."""
    return spoken.weekday(date(2024, 1, 1 + weekday), locale)


def how_often(rule: Rule, locale: str = "vi") -> str:
    """As :func:`said`, without the end."""
    names = ", ".join(weekday_name(n, locale) for n in sorted(set(rule.weekdays)))
    if rule.pace is Pace.DAILY:
        return _("Every working day")
    if rule.pace is Pace.WEEKLY:
        if rule.every == 1:
            return _("Every week on %(days)s", days=names)
        return _("Every %(every)s weeks on %(days)s", every=rule.every, days=names)
    if rule.pace is Pace.MONTHLY_DAY:
        which = _("the last day") if rule.day == LAST else _("day %(day)s", day=f"{rule.day:02d}")
    elif rule.nth == LAST:
        which = _("the last %(day)s", day=names)
    else:
        which = _("%(day)s no. %(nth)s", day=names, nth=rule.nth)
    if rule.every == 1:
        return _("Every month on %(which)s", which=which)
    return _("Every %(every)s months on %(which)s", every=rule.every, which=which)
