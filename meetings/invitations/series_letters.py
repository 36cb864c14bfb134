"""The e-mail that invites a site to a series: one letter, all its dates, one calendar entry. As data, like ``letters``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask import current_app

from meetings import i18n
from meetings.clock import HANOI, wall
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.invitations import letters
from meetings.invitations.calendar import CalendarEntry, Method, pattern
from meetings.official import dates as spoken
from meetings.official.text import bound
from meetings.post.message import Address, slot
from meetings.scheduling import recurrence
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status

_NOT_HELD = (Status.CANCELLED, Status.POSTPONED)


@dataclass(frozen=True, slots=True)
class Line:
    """One date as the letter lists it: its day, its hour where it is another than that of the series, until when to answer."""

    day: str
    hour: str
    reply_by: str

    @property
    def words(self) -> str:
        """The line of the text letter."""
        day = f"{self.day}, {self.hour}" if self.hour else self.day
        return _("%(day)s – please reply before %(moment)s", day=day, moment=self.reply_by) if self.reply_by else day


def lines(dates: Sequence[Meeting], locale: str = "vi") -> list[Line]:
    """The dates that are held, in their order."""
    usual = dates[0].series.starts if dates and dates[0].series else None
    found = []
    for one in sorted(dates, key=_begins):
        if one.status in _NOT_HELD or one.starts_at is None or one.ends_at is None:
            continue
        hour = "" if wall(one.starts_at).time() == usual else spoken.clock_range(one.starts_at, one.ends_at, locale)
        day = spoken.weekday(one.starts_at, locale)
        by = spoken.moment_short(one.reply_by, locale) if one.reply_by else ""
        found.append(Line(f"{day}, {spoken.date_short(one.starts_at, locale)}", hour, by))
    return found


def _begins(one: Meeting) -> datetime:
    assert one.starts_at is not None
    return one.starts_at


def subject(first: Meeting, count: int) -> str:
    """How many dates, from when; the code last."""
    assert first.starts_at is not None
    at = spoken.moment_short(first.starts_at, i18n.locale())
    return ngettext(
        "Invitation to %(num)s video conference from %(at)s [%(code)s]",
        "Invitation to %(num)s video conferences from %(at)s on [%(code)s]",
        count,
        at=at,
        code=first.code,
    )


def wording(dates: Sequence[Meeting], *, sender: str, public_url: str, locale: str = "vi") -> letters.Wording:
    """The e-mail to every site that is invited to exactly these *dates* of one series; its link opens the first of them."""
    first = dates[0]
    assert first.series is not None and first.starts_at is not None and first.ends_at is not None
    with i18n.in_locale(locale):
        listed = lines(dates, locale)
        organiser = first.organiser.full_name
        span = spoken.clock_range(first.starts_at, first.ends_at, locale)
        when = _("%(span)s: %(rule)s", span=span, rule=_lower(first.series.words))
        values = {
            "meeting": first,
            "organiser": organiser,
            "subject": subject(first, len(listed)),
            "rows": _rows(first, when, slot("place")),
            "dates": listed,
            "attached": letters.file_name(first),
            "people": letters.people_of(first),
            "reader": slot("unit"),
            "link": f"{public_url}/m/{slot('token')}",
        }
        text = current_app.jinja_env.get_template("invitations/letter.txt").render(values)
        rows = [(label, bound(value)) for label, value in _rows(first, when, slot("place", "html"))]
        values |= {"rows": rows, "reader": slot("unit", "html")}
        html = current_app.jinja_env.get_template("invitations/letter.html").render(values)
        whole, differing = entries(dates, sender=sender, public_url=public_url)
        return letters.Wording(
            str(values["subject"]),
            text,
            html,
            pattern(whole, Method.REQUEST, differing),
            organiser,
            Address(organiser, first.secretary.email),
            max(one.ends_at for one in dates if one.ends_at is not None),
        )


def _rows(first: Meeting, when: str, place: str) -> list[tuple[str, str]]:
    """The facts that all dates share; the hour with the rule, and no deadline, for each date has its own."""
    kept = [(label, value) for label, value in letters.rows_of(first, place) if label != _("Please reply")]
    return [(label, when if label == _("Time") else value) for label, value in kept]


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def entries(dates: Sequence[Meeting], *, sender: str, public_url: str) -> tuple[CalendarEntry, Sequence[CalendarEntry]]:
    """The series as a calendar knows it, and its dates that differ from it: in their hour, their length or their sequence.

    Days that the rule names and that are not among the held *dates* are exceptions, held days that no rule names are added.
    """
    series = dates[0].series
    assert series is not None
    held = [one for one in dates if one.status not in _NOT_HELD and one.series_on is not None]
    days = [one.series_on for one in held if one.series_on is not None]
    as_ruled = recurrence.pattern(recurrence.read(series.rule), series.first_on, series.starts, days)
    begins, length = as_ruled.starts.replace(tzinfo=HANOI), timedelta(minutes=series.minutes_long)
    own = {one.id: letters.calendar_entry(one, sender=sender, public_url=public_url) for one in held}
    whole = replace(
        own[held[0].id],
        sequence=series.sequence,
        starts_at=begins,
        ends_at=begins + length,
        summary=held[0].title,
        instance=None,
        repeats=as_ruled,
    )
    differing = [
        entry
        for entry in own.values()
        if entry.sequence > series.sequence or (entry.starts_at, entry.ends_at - length) != (entry.instance,) * 2
    ]
    return whole, differing
