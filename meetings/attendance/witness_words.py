"""What a machine's witness says, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final

from meetings.attendance.comparing import Compared, Verdict
from meetings.attendance.intervals import Interval
from meetings.attendance.models import Witness
from meetings.attendance.rules import State
from meetings.attendance.witnesses import Told
from meetings.clock import wall
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.i18n import locale, ngettext
from meetings.official.dates import date_short, elapsed

LAYOUT_WORDS: Final[dict[str, Any]] = {
    "teams_v3": _l("Microsoft Teams, attendance report"),
    "teams_v2": _l("Microsoft Teams, attendance list of 2021"),
    "teams_v1": _l("Microsoft Teams, attendance list of 2020"),
    "teams_live": _l("Microsoft Teams, live event"),
    "graph": _l("Microsoft Graph, attendance records"),
    "zoom": _l("Zoom, participants"),
    "zoom_unique": _l("Zoom, participants without hours"),
    "zoom_api": _l("Zoom, report by its interface"),
    "webex": _l("Webex, attendance"),
    "bbb_dashboard": _l("BigBlueButton, learning dashboard"),
    "bbb_export": _l("BigBlueButton, table of the dashboard"),
    "bbb_webhooks": _l("BigBlueButton, reported by itself"),
    "bbb_polled": _l("BigBlueButton, looked at every half minute"),
    "jitsi": _l("Jitsi, reported by itself"),
    "meet": _l("Google Meet, participants"),
    "trueconf": _l("TrueConf, call log"),
    "livekit": _l("LiveKit, events"),
    "pexip": _l("Pexip, history"),
    "cms": _l("Cisco Meeting Server, call records"),
    "plain": _l("Table of the office"),
}

LEFT_OUT_WORDS: Final[dict[str, Any]] = {
    "waiting_room": _l("waited outside and never came in"),
    "repeated": _l("told twice"),
    "nameless": _l("without name, address or id"),
    "timeless": _l("without an hour that can be read"),
    "summed": _l("sums of what is told elsewhere"),
    "damaged": _l("cannot be read"),
    "not_a_guest": _l("recorders and machines"),
    "never_joined": _l("left without having come in"),
    "another_event": _l("about something else"),
}

FAULT_WORDS: Final[dict[str, Any]] = {
    "empty": _l("The file is empty."),
    "too_big": _l("The file is too large to be read."),
    "too_many_rows": _l("The file has too many rows to be read."),
    "old_workbook": _l("This is a workbook of an old kind (.xls). Save it as .xlsx or .csv and choose it again."),
    "not_understood": _l(
        "This file was not understood: it is none of the attendance lists of the platforms that are named below."
    ),
    "no_rows": _l("The file was understood, but nobody stands in it."),
    "another_day": _l("No hour in the file is of the day of this meeting: it may be the file of another one."),
    "mixed_order": _l("Some dates of the file can only be day before month, others only month before day."),
    "first_and_last": _l(
        "The file tells the first coming and the last going of each only: breaks between are not in it."
    ),
    "lengths_only": _l("The file tells how long each was in, and not when."),
    "gaps_in_record": _l("The numbering of the records has holes: some are missing."),
    "cut_short": _l("The file ends in the middle: what came after is missing."),
    "unknown_zone": _l("The time zone was not known, Hà Nội was taken."),
}

BESIDE: Final = _l(
    "Nobody in the file was in while the meeting lasted: it is of another meeting, or of another time zone."
)

MATCH_WORDS: Final[dict[str, Any]] = {
    "id": _l("by the id of its entry"),
    "address": _l("by its address"),
    "person": _l("confirmed"),
    "nobody": _l("not a site"),
    "": _l("not matched"),
}

VERDICT_WORDS: Final[dict[Verdict, Any]] = {
    Verdict.DIFFER: _l("Hours differ"),
    Verdict.ONLY_HUMAN: _l("Only in the roll"),
    Verdict.ONLY_MACHINE: _l("Only seen by a machine"),
    Verdict.AGREE: _l("Both agree"),
    Verdict.NEITHER: _l("Neither saw it"),
}

ZONES: Final = (
    ("Asia/Ho_Chi_Minh", _l("Hà Nội (UTC+7)")),
    ("UTC", _l("UTC, seven hours behind Hà Nội")),
    ("Asia/Singapore", _l("Singapore, Hong Kong (UTC+8)")),
    ("Asia/Tokyo", _l("Tokyo, Seoul (UTC+9)")),
    ("Europe/Berlin", _l("Berlin, Paris")),
    ("Europe/London", _l("London")),
    ("America/New_York", _l("New York")),
    ("America/Los_Angeles", _l("Los Angeles")),
)


def fault_sentence(told: Told) -> str:
    """Why nothing can be read from a file."""
    for fault in (*told.faults, "no_rows" if told.layout else "not_understood"):
        if fault in FAULT_WORDS:
            return str(FAULT_WORDS[fault])
    return str(FAULT_WORDS["not_understood"])


def source(one: Witness) -> str:
    """What a witness is called: its file, or the platform that reported."""
    return one.file_name or str(LAYOUT_WORDS.get(one.layout, one.layout))


def layout(one: Witness) -> str:
    return str(LAYOUT_WORDS.get(one.layout, one.layout))


def hour(at: datetime) -> str:
    """``07:58``, in every language: on an axis and in a row of hours words would be in the way."""
    return f"{wall(at):%H:%M}"


def stretch(one: Interval) -> str:
    """``07:58–08:20``."""
    return f"{hour(one.start)}–{hour(one.end)}"


def stretches(intervals: Iterable[Interval]) -> str:
    """``07:58–08:20, 08:41–11:02``."""
    return ", ".join(stretch(one) for one in intervals)


def span(joined_at: datetime | None, left_at: datetime | None) -> str:
    """One stay as it was told, an end that was not told left open."""
    begin = hour(joined_at) if joined_at else "…"
    return f"{begin}–{hour(left_at) if left_at else '…'}"


def stay(joined_at: datetime | None, left_at: datetime | None, day: date) -> str:
    """As :func:`span`, with the day where it is not *day*, that of the meeting."""
    begun = joined_at or left_at
    hours = span(joined_at, left_at)
    return hours if begun is None or wall(begun).date() == day else f"{hours}, {date_short(wall(begun), locale())}"


def human(row: Compared) -> str:
    """What the roll says of a site: its hours, or the word for having none."""
    if row.untimed:
        return _("present, entered afterwards")
    if row.human:
        return _("present throughout") if row.throughout else stretches(row.human)
    if row.state is State.ABSENT:
        return _("absent")
    return _("not marked as present")


def machine(row: Compared) -> str:
    """What machines say of a site."""
    if row.machine:
        return stretches(row.machine)
    if row.told_seconds:
        return ngettext(
            "%(num)s minute, hours unknown", "%(num)s minutes, hours unknown", max(1, row.told_seconds // 60)
        )
    return _("not seen")


def difference(row: Compared) -> str:
    """By how much the two disagree."""
    if row.minutes:
        return ngettext("%(num)s minute apart", "%(num)s minutes apart", row.minutes)
    return str(VERDICT_WORDS[row.verdict]) if row.disagrees else _("no difference")


def sentence(row: Compared) -> str:
    """Both sides in one sentence: «Máy: 07:58–08:20, 08:41–11:02; Người: có mặt suốt; lệch 21 phút»."""
    return _(
        "Machine: %(machine)s; roll: %(human)s; %(difference)s",
        machine=machine(row),
        human=human(row),
        difference=difference(row),
    )


def apart(row: Compared) -> list[tuple[str, str]]:
    """The stretches in which only one of the two says that the site was in, with what is said of each."""
    return [
        (
            stretch(one.interval),
            _("only the roll, %(num)s min", num=one.interval.minutes)
            if one.said_by == "human"
            else _("only a machine, %(num)s min", num=one.interval.minutes),
        )
        for one in row.comparison.disagreements
    ]


def shift(seconds: int) -> str:
    """By how much a clock was put right."""
    length = elapsed(timedelta(seconds=abs(seconds)), locale())
    return _("%(length)s later", length=length) if seconds > 0 else _("%(length)s earlier", length=length)
