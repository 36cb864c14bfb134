"""The e-mails about a series: one letter a site that invites it to all its dates, one that tells which of them changed.

As data, like ``letters``; one calendar entry for all dates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from meetings import i18n
from meetings.clock import HANOI, wall
from meetings.directory.models import Contact
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.invitations import changes, letters
from meetings.invitations.calendar import CalendarEntry, Method, pattern
from meetings.invitations.changes import Difference
from meetings.invitations.letters import Row
from meetings.invitations.rules import Reply
from meetings.official import dates as spoken
from meetings.post.letters import Form, bodies
from meetings.post.services import OF_SEVERAL, Draft, Enclosed, Ticket
from meetings.scheduling import queries as scheduling
from meetings.scheduling import recurrence
from meetings.scheduling.models import Change, Meeting, MeetingSite
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


def subject(first: Meeting, count: int, *, renewed: bool = False) -> str:
    """How many dates, from when; the code last. *renewed* as in :func:`letters.subject`."""
    assert first.starts_at is not None
    at = spoken.moment_short(first.starts_at, i18n.locale())
    if renewed:
        return ngettext(
            "NEW LINK: %(num)s video conference from %(at)s [%(code)s]",
            "NEW LINK: %(num)s video conferences from %(at)s on [%(code)s]",
            count,
            at=at,
            code=first.code,
        )
    return ngettext(
        "Invitation to %(num)s video conference from %(at)s [%(code)s]",
        "Invitation to %(num)s video conferences from %(at)s on [%(code)s]",
        count,
        at=at,
        code=first.code,
    )


def wording(
    dates: Sequence[Meeting], *, sender: str, public_url: str, locale: str = "vi", renewed: bool = False
) -> letters.Wording:
    """The e-mail to every site that is invited to exactly these *dates* of one series; its link opens the first of them."""
    first = dates[0]
    assert first.series is not None and first.starts_at is not None and first.ends_at is not None
    with i18n.in_locale(locale):
        listed = lines(dates, locale)
        span = spoken.clock_range(first.starts_at, first.ends_at, locale)
        when = _("%(span)s: %(rule)s", span=span, rule=_lower(first.series.words))
        titled = subject(first, len(listed), renewed=renewed)

        def values(form: Form) -> dict[str, Any]:
            by = _("please reply before %(by)s", by=listed[0].reply_by) if listed and listed[0].reply_by else ""
            return letters.frame(first, titled, public_url, form) | {
                "preheader": letters.preheader(when, form, by),
                "first": _first_rows(first, f"{when} (UTC+7)", listed, form),
                "rows": letters.other_rows(first),
                "dates": listed,
                "attached": letters.file_name(first),
                "renewed": renewed,
            }

        text, html = bodies("invitations/letter", values)
        whole, differing = entries(dates, sender=sender, public_url=public_url)
        return letters.Wording(
            titled,
            text,
            html,
            pattern(whole, Method.REQUEST, differing),
            first.organiser.full_name,
            letters.reply_to(first),
            max(one.ends_at for one in dates if one.ends_at is not None),
            locale,
        )


def _first_rows(first: Meeting, when: str, listed: Sequence[Line], form: Form) -> list[Row]:
    """The facts that all dates share: the hour with the rule; of the deadlines that of the first, for each date has its own."""
    by = _("before %(moment)s (the first date; the others below)", moment=listed[0].reply_by) if listed else ""
    said = {_("Time"): when, _("Please reply"): by if listed and listed[0].reply_by else ""}
    found = [row._replace(value=said.get(row.label, row.value)) for row in letters.first_rows(first, form)]
    return letters.said(found)


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def entries(dates: Sequence[Meeting], *, sender: str, public_url: str) -> tuple[CalendarEntry, Sequence[CalendarEntry]]:
    """The series as a calendar knows it, and its dates that differ from it: in their hour, their length or their sequence.

    Days that the rule names and that are not among the held *dates* are exceptions, held days that no rule names are added.
    """
    series = dates[0].series
    assert series is not None
    held = sorted((one for one in dates if one.status not in _NOT_HELD and one.series_on is not None), key=_begins)
    days = [one.series_on for one in held if one.series_on is not None]
    as_ruled = recurrence.pattern(recurrence.read(series.rule), series.first_on, series.starts, days)
    begins, length = as_ruled.starts.replace(tzinfo=HANOI), timedelta(minutes=series.minutes_long)
    own = {one.id: letters.calendar_entry(one, sender=sender, public_url=public_url) for one in held}
    whole = replace(
        own[held[0].id],
        sequence=series.sequence,
        stamp=max(entry.stamp for entry in own.values()),
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


# ------------------------------------------------------------------ what changed


@dataclass(frozen=True)
class Part:
    """A date and what its readers have not been told of it yet, the oldest first."""

    meeting: Meeting
    changes: Sequence[Change]


def differences(parts: Sequence[Part]) -> list[Difference]:
    """What differs: the hour date by date, whatever else once with the dates it differs on."""
    locale = i18n.locale()
    hours: list[Difference] = []
    others: dict[tuple[str, str, str], list[Meeting]] = {}
    for part in parts:
        for found in changes.differences(part.changes):
            if found.label == _("Time"):
                hours.append(_hours(part.changes, locale))
            else:
                others.setdefault((found.label, found.before, found.after), []).append(part.meeting)
    for (label, before, after), dates in others.items():
        if len(dates) < len(parts):
            label = _("%(what)s (%(days)s)", what=label, days=_days(dates))
        hours.append(Difference(label, before, after))
    return hours


def _hours(told: Sequence[Change], locale: str) -> Difference:
    """The day in front; beside the hours it is said again only where it is another."""
    timed = [change for change in told if "starts_at" in change.before]
    was, is_now = _span(timed[0].before), _span(timed[-1].after)
    day = f"{spoken.weekday(was[0], locale)}, {spoken.date_short(was[0], locale)}"
    before, after = (spoken.clock_range(*span, locale) for span in (was, is_now))
    if wall(was[0]).date() != wall(is_now[0]).date():
        after = f"{after}, {spoken.weekday(is_now[0], locale)}, {spoken.date_short(is_now[0], locale)}"
    return Difference(_("Date of %(day)s", day=day), before, after)


def _span(facts: Mapping[str, Any]) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(facts["starts_at"]), datetime.fromisoformat(facts["ends_at"])


def _days(dates: Sequence[Meeting]) -> str:
    locale = i18n.locale()
    return ", ".join(spoken.day_month(one.starts_at, locale) for one in dates if one.starts_at is not None)


def change_subject(kind: str, parts: Sequence[Part]) -> str:
    """What happened first, in capitals, to how many dates; the code of the first last."""
    first = parts[0].meeting
    assert first.starts_at is not None
    day, count, code = spoken.date_short(first.starts_at, i18n.locale()), len(parts), first.code
    if kind == changes.CANCELLATION:
        return ngettext(
            "CANCELLED: %(num)s date of the series from %(day)s [%(code)s]",
            "CANCELLED: %(num)s dates of the series from %(day)s on [%(code)s]", count, day=day, code=code,
        )  # fmt: skip
    if kind == changes.POSTPONEMENT:
        return ngettext(
            "POSTPONED: %(num)s date of the series from %(day)s [%(code)s]",
            "POSTPONED: %(num)s dates of the series from %(day)s on [%(code)s]", count, day=day, code=code,
        )  # fmt: skip
    if any(changes.moved(part.changes) for part in parts):
        at = spoken.moment_short(first.starts_at, i18n.locale())
        return ngettext(
            "NEW HOUR: %(num)s date of the series, now %(at)s [%(code)s]",
            "NEW HOUR: %(num)s dates of the series, the first now %(at)s [%(code)s]", count, at=at, code=code,
        )  # fmt: skip
    return ngettext(
        "CHANGED: %(num)s date of the series from %(day)s [%(code)s]",
        "CHANGED: %(num)s dates of the series from %(day)s on [%(code)s]", count, day=day, code=code,
    )  # fmt: skip


def change_wording(
    kind: str, parts: Sequence[Part], *, sender: str, public_url: str, locale: str = "vi"
) -> letters.Wording:
    """The e-mail that tells what changed on several dates of one series; its calendar part holds those dates and no other."""
    first = parts[0].meeting
    dates = [part.meeting for part in parts]
    with i18n.in_locale(locale):
        asks = any(changes.moved(part.changes) for part in parts)
        found = differences(parts)
        titled = change_subject(kind, parts)

        def values(form: Form) -> dict[str, Any]:
            return letters.frame(first, titled, public_url, form) | {
                "kind": kind,
                "preheader": letters.preheader(titled.rpartition(" [")[0], form),
                "differences": found,
                "called_off": [_was(one, locale) for one in dates] if kind != changes.CHANGE else (),
                "first": [
                    row for row in letters.first_rows(first, form) if row.label not in (_("Time"), _("Please reply"))
                ],
                "reasons": list(dict.fromkeys(change.reason for part in parts for change in part.changes)),
                "asks_again": asks,
                "dates": lines(dates, locale) if asks else (),
                "others": _others(dates),
                "attached": letters.file_name(first),
            }

        text, html = bodies("invitations/series_change", values)
        return letters.Wording(
            titled,
            text,
            html,
            _change_calendar(kind, parts, sender=sender, public_url=public_url),
            first.organiser.full_name,
            letters.reply_to(first),
            max(one.ends_at for one in dates if one.ends_at is not None),
            locale,
        )


def _others(dates: Sequence[Meeting]) -> bool:
    """Whether the series has dates ahead besides these."""
    told = {one.id for one in dates}
    return any(one.id not in told and one.status is Status.SCHEDULED for one in scheduling.dates_of_series(dates[0]))


def _was(one: Meeting, locale: str) -> str:
    assert one.starts_at is not None and one.ends_at is not None
    span = spoken.clock_range(one.starts_at, one.ends_at, locale)
    return f"{spoken.weekday(one.starts_at, locale)}, {spoken.date_short(one.starts_at, locale)}, {span}"


def _change_calendar(kind: str, parts: Sequence[Part], *, sender: str, public_url: str) -> str:
    """One VEVENT with its RECURRENCE-ID for each date that changed; the series itself is not sent again.

    Where every date of the series is called off, the one entry that holds them is struck whole: not all programs take several
    single dates of one message.
    """
    found = [letters.calendar_entry(part.meeting, sender=sender, public_url=public_url) for part in parts]
    if kind == changes.CHANGE:
        return pattern(found[0], changes.METHODS[kind], found[1:])
    said = "\n".join(_("Reason: %(reason)s", reason=part.changes[-1].reason) for part in parts[:1] if part.changes)
    found = [replace(entry, description=said, url="") for entry in found]
    every = scheduling.dates_of_series(parts[0].meeting)
    if kind == changes.CANCELLATION and all(one.status is Status.CANCELLED for one in every):
        newest = [letters.calendar_entry(one, sender=sender, public_url=public_url) for one in every]
        whole = replace(
            found[0],
            sequence=max(entry.sequence for entry in newest),
            stamp=max(entry.stamp for entry in newest),
            starts_at=found[0].instance or found[0].starts_at,
            ends_at=(found[0].instance or found[0].starts_at) + (found[0].ends_at - found[0].starts_at),
            instance=None,
        )
        return pattern(whole, changes.METHODS[kind])
    return pattern(found[0], changes.METHODS[kind], found[1:])


def to_site(
    kind: str,
    root: Meeting,
    meeting_site: MeetingSite,
    contact: Contact,
    words: letters.Wording,
    link: Ticket,
    enclosed: tuple[Enclosed, ...],
    *,
    version: int,
    reply: Reply,
) -> Draft:
    """The letter of *kind* to one site, filed under *root*; *meeting_site* is its place in the first date it tells of."""
    draft = changes.to_site(kind, root, meeting_site, contact, words, link, enclosed, version=version, reply=reply)
    until = words.not_after if kind == changes.CHANGE else None
    return replace(draft, key=OF_SEVERAL + draft.key, not_after=until)
