"""What the board says about a site or a mark, in the reader's language: a line for a tile, the list, the log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from markupsafe import Markup, escape

from meetings.attendance.board import SiteRow, alarm
from meetings.attendance.models import Mark
from meetings.attendance.queries import Line
from meetings.attendance.rules import JUST, LEGEND, SOURCE_WORDS, STATE_WORDS, WORDS, MarkSource, State, Status, Tally
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.i18n import locale, ngettext
from meetings.official.dates import clock, clock_seconds, date_short, day_month, duration, moment_short, weekday
from meetings.official.dates import moment as moment_long_plain
from meetings.official.numbers import number
from meetings.readiness.rules import Alarm
from meetings.scheduling.rules import STATUS_WORDS
from meetings.scheduling.rules import Status as MeetingStatus

LATE: Final = timedelta(minutes=1)
GROUP_WORDS: Final = {
    "in": _l("In the meeting"),
    "lost": _l("Connection lost"),
    "waiting": _l("Not in yet"),
    "absent": _l("Absent"),
    "left": _l("Left"),
}


def brief(length: timedelta) -> str:
    """A running length as it fits a tile: ``3 ph 12 s``, after an hour ``1 g 05 ph``."""
    seconds = max(0, int(length.total_seconds()))
    if seconds >= 3600:
        return _("%(hours)s h %(minutes)s m", hours=seconds // 3600, minutes=f"{seconds % 3600 // 60:02d}")
    return _("%(minutes)s m %(seconds)s s", minutes=seconds // 60, seconds=f"{seconds % 60:02d}")


def people(count: int) -> str:
    """``128 ĐB``, short for the tile."""
    return _("%(count)s del.", count=number(count, 0, locale()))


def tile(row: SiteRow, now: datetime) -> str:
    """The second line of a site's tile."""
    match row.status:
        case Status.IN:
            return people(row.head_count) if row.head_count else _("is in")
        case Status.LOST:
            return brief(now - row.since) if row.since else ""
        case Status.READY:
            return _("waits to enter")
        case Status.LINE_CHECKED:
            return _("not in yet")
        case Status.ACCEPTED | Status.SUBSTITUTE:
            return _("untested") if row.test == "untested" else _("line at fault")
        case Status.SEEN | Status.INVITED:
            return _("no answer")
        case Status.NOT_INVITED:
            return _("not asked")
        case Status.DECLINED:
            return _("declined")
        case Status.ABSENT:
            return _("with notice") if row.with_notice else _("no notice")
        case Status.LEFT:
            return clock(row.left_at, locale()) if row.left_at else _("left")


def label(row: SiteRow, now: datetime) -> str:
    """The tile read aloud: name, word, line."""
    if row.status is Status.IN and row.head_count:
        line = ngettext("%(num)s delegate", "%(num)s delegates", row.head_count)
    else:
        line = tile(row, now)
    said = f"{row.name}: {WORDS[row.status]}, {line}"
    return _("%(said)s, with a substitute", said=said) if row.substituted else said


def work(row: SiteRow, now: datetime, *, reasons: bool = True) -> str:
    """The line under the word in the work list: since when, or why."""
    tongue = locale()
    at = clock(row.since, tongue) if row.since else ""
    match row.status:
        case Status.LOST:
            return _("since %(time)s (%(length)s)", time=at, length=_minutes(now - row.since)) if row.since else ""
        case Status.READY:
            return _("waiting since %(time)s", time=at)
        case Status.LINE_CHECKED:
            return _("tested %(time)s", time=_when(row.tested_at, now))
        case Status.ACCEPTED | Status.SUBSTITUTE:
            return _("answered %(time)s", time=_when(row.replied_at, now))
        case Status.SEEN | Status.INVITED:
            return _("asked %(time)s", time=_when(row.asked_at, now))
        case Status.DECLINED:
            return row.reply_reason if reasons else ""
        case Status.ABSENT:
            notice = _("with notice") if row.with_notice else _("without notice")
            return (row.reason or notice) if reasons else notice
        case Status.IN:
            if row.head_count:
                return ngettext("%(num)s delegate", "%(num)s delegates", row.head_count)
            return _("entered %(time)s", time=clock(row.joined_at, tongue)) if row.joined_at else ""
        case Status.LEFT:
            return _("left %(time)s", time=clock(row.left_at, tongue)) if row.left_at else ""
        case Status.NOT_INVITED:
            return ""


def line_alarm(row: SiteRow, now: datetime, starts_at: datetime) -> tuple[str, str]:
    """What is wrong with the line of a site that is not in, and how loudly: (sentence, ``amber`` or ``red``)."""
    loud = alarm(row, now=now, starts_at=starts_at)
    if loud not in (Alarm.AMBER, Alarm.RED) or row.status is Status.LOST:
        return "", ""
    if row.test == "failed":
        return _("line at fault, %(time)s", time=_when(row.tested_at, now)), str(loud.value)
    return (_("line not tested today") if row.test == "passed" else _("line not tested")), str(loud.value)


_JUST: Final = {
    State.READY: _l("%(name)s just marked it ready"),
    State.IN: _l("%(name)s just marked it in"),
    State.LOST: _l("%(name)s just marked it lost"),
    State.LEFT: _l("%(name)s just marked it left"),
    State.ABSENT: _l("%(name)s just marked it absent"),
}


def just(row: SiteRow, now: datetime) -> str:
    """Who marked the site within the last two minutes, for whoever has it before her eyes too: "Nguyễn Thị Hoa vừa ghi vắng"."""
    if not row.by or row.since is None or now - row.since > JUST or row.state not in _JUST:
        return ""
    return str(_JUST[row.state]) % {"name": row.by}


def together(places: int, people: int) -> str:
    """``1 điểm cầu, 128 người``: a site is one place however many sit in it, and both are said."""
    return _(
        "%(sites)s, %(people)s",
        sites=sites(places),
        people=ngettext("%(num)s person", "%(num)s people", people)
        if people < 1000
        else _("%(count)s people", count=number(people, 0, locale())),
    )


_KINDS: Final = {"Xã ": "X. ", "Phường ": "P. ", "Đặc khu ": "ĐK. "}


def short(name: str) -> str:
    """A commune's name as it fits a small tile: ``P. Thủ Dầu Một``."""
    kind = next((kind for kind in _KINDS if name.startswith(kind)), "")
    return _KINDS[kind] + name.removeprefix(kind) if kind else name


def call_in(rows: Iterable[SiteRow], place: str) -> str:
    """A message to those who are not in, for the group in which the officers read."""
    names = ", ".join(row.name for row in rows)
    return _("Please enter the meeting “%(title)s” now: %(sites)s.", title=place, sites=names)


def _when(at: datetime | None, now: datetime) -> str:
    if at is None:
        return "–"
    return clock(at, locale()) if now - at < timedelta(hours=18) else day_month(at, locale())


def _minutes(length: timedelta) -> str:
    minutes = max(0, int(length.total_seconds()) // 60)
    return ngettext("%(num)s minute", "%(num)s minutes", minutes)


def with_substitute(count: int) -> Markup:
    """How many sites send somebody in another's place, the number in bold."""
    return Markup(_("<b>%(count)s</b> with a substitute")) % {"count": number(count, 0, locale())}


def target(sums: Tally) -> str:
    """What is still wanted, said once beside the bar."""
    if sums.missing == 0:
        return _("Every site is in")
    return ngettext("%(num)s site still to come", "%(num)s sites still to come", sums.missing)


_SAID: Final = {
    State.READY: lambda: _("<b>%(site)s</b> is ready"),
    State.IN: lambda: _("<b>%(site)s</b> entered the meeting"),
    State.LOST: lambda: _("<b>%(site)s</b> lost the connection"),
    State.LEFT: lambda: _("<b>%(site)s</b> left the meeting"),
    State.NOT_IN: lambda: _("<b>%(site)s</b>: mark cleared"),
}


def log(mark: Mark | Line) -> Markup:
    """A mark as a sentence of the log; names and reasons escaped."""
    site = mark.meeting_site.name
    if mark.note:
        return Markup(_("<b>%(site)s</b>: %(note)s")) % {"site": site, "note": mark.note}
    if mark.undoes_id is not None:
        return Markup(_("<b>%(site)s</b>: last mark taken back")) % {"site": site}
    if mark.after is State.ABSENT:
        if mark.reason:
            return Markup(_("<b>%(site)s</b> marked absent: %(reason)s")) % {"site": site, "reason": mark.reason}
        return Markup(_("<b>%(site)s</b> marked absent")) % {"site": site}
    if mark.head_count:  # also of a site that was lost or had left as its number was entered
        said = ngettext(
            "<b>%(site)s</b>: %(num)s delegate present",
            "<b>%(site)s</b>: %(num)s delegates present",
            mark.head_count,
            site="\0",
        )
        return Markup(said.replace("\0", str(escape(site))))
    return Markup(_SAID[mark.after]()) % {"site": site}


def log_by(mark: Mark | Line) -> str:
    """By whom and by which way, at the end of a line of the log."""
    if mark.source in (MarkSource.SECRETARY, MarkSource.CLOSING):
        return mark.by
    return str(SOURCE_WORDS[mark.source])


def done(mark: Mark) -> str:
    """What a press of a button has done: "Cà Mau marked absent."."""
    site = mark.meeting_site.name
    if mark.note:
        return _("The note about %(site)s is kept.", site=site)
    if mark.undoes_id is not None:
        return _("The last mark of %(site)s was taken back.", site=site)
    match mark.after:
        case State.READY:
            return _("%(site)s marked ready.", site=site)
        case State.IN:
            return _("%(site)s marked as in the meeting.", site=site)
        case State.LOST:
            return _("%(site)s marked as lost.", site=site)
        case State.LEFT:
            return _("%(site)s marked as left.", site=site)
        case State.ABSENT:
            return _("%(site)s marked absent.", site=site)
        case State.NOT_IN:
            return _("The mark of %(site)s was cleared.", site=site)


def crossed(made: Mark, other: Mark) -> str:
    """What whoever marked is told of somebody else who marked the same site just before, or since it was pressed."""
    values = {"who": other.by, "state": str(STATE_WORDS[other.after]), "time": clock_seconds(other.at)}
    if other.at > made.at:
        return _(
            "%(who)s has marked it “%(state)s” at %(time)s, after this was pressed: that stands. Both are in the log.",
            **values,
        )
    return _("%(who)s had marked it “%(state)s” at %(time)s: the newer mark stands. Both are in the log.", **values)


def announcement(row_name: str, sums: Tally) -> str:
    """What a screen reader is told when a site is lost."""
    return _("%(site)s lost the connection. %(count)s sites are still missing.", site=row_name, count=sums.missing)


def bar_sentence(sums: Tally) -> str:
    """The bar as one sentence for whoever cannot see it."""
    parts = [f"{number(n, 0, locale())} {str(WORDS[status]).lower()}" for status, n in _ordered(sums)]
    return ", ".join(parts)


def _ordered(sums: Tally) -> list[tuple[Status, int]]:
    return [(status, sums.by_status[status]) for status in LEGEND if sums.by_status[status]]


# --- around the sites ------------------------------------------------------------------------------------------------


def day(at: datetime) -> str:
    """``Thứ Năm, ngày 10/12/2026``: the day of the board's head, its first letter large."""
    tongue = locale()
    said = _("%(weekday)s, %(date)s", weekday=weekday(at, tongue), date=date_short(at, tongue))
    return said[:1].upper() + said[1:]


def at(when: datetime) -> str:
    """A time of day in the reader's language."""
    return clock(when, locale())


def moment(when: datetime) -> str:
    """A time and a short date in the reader's language."""
    return moment_short(when, locale())


def running(length: timedelta) -> str:
    """How long the meeting has been in session: ``00 giờ 07 phút``."""
    minutes = max(0, int(length.total_seconds())) // 60
    return _("%(hours)s h %(minutes)s min", hours=f"{minutes // 60:02d}", minutes=f"{minutes % 60:02d}")


def until(starts_at: datetime, now: datetime) -> str:
    """What stands in the head before the meeting: how long it still is, run on by the page; after its hour that it has come."""
    length = starts_at - now
    if length <= timedelta():
        return _("The hour has come")
    if length >= timedelta(days=1):
        return ngettext("In %(num)s day", "In %(num)s days", length.days)
    runs = Markup('<span data-run="{}">{}</span>').format(int(starts_at.timestamp() * 1000), running(length))
    return Markup(_("In %(length)s")) % {"length": runs}


def meeting_status(status: MeetingStatus) -> str:
    """The word for the meeting's own status."""
    return str(STATUS_WORDS[status])


def sites(count: int) -> str:
    """``7 điểm cầu``: sites, never people."""
    return (
        ngettext("%(num)s site", "%(num)s sites", count)
        if count < 1000
        else _("%(count)s sites", count=number(count, 0, locale()))
    )


def filter(show: str) -> str:
    """The heading of the list under a filter."""
    if show in GROUP_WORDS:
        return str(GROUP_WORDS[show])
    return str(WORDS[Status(show)])


def moment_plain(when: datetime) -> str:
    """``08 giờ 12, ngày 10 tháng 12 năm 2026``."""
    return moment_long_plain(when, locale())


def substitution(row: SiteRow) -> str:
    """Who sits at a site, and in whose place: ``Bà Trần Thị Quỳnh dự thay Ông Nguyễn Văn A``."""
    if row.substitute and row.replaced:
        return _("%(name)s in the place of %(other)s", name=row.substitute, other=row.replaced)
    return _("Substitute: %(name)s", name=row.substitute) if row.substitute else _("Has a substitute")


def note(row: SiteRow, starts_at: datetime) -> str:
    """What paper and summary say beside a site: why it is absent, since when it is lost, who sits in, how late it came."""
    said: list[str] = []
    if row.state is State.ABSENT:
        said.append(row.reason or (_("absent with notice") if row.with_notice else _("absent without notice")))
    elif row.state is State.LOST and row.since:
        said.append(_("Connection lost since %(time)s", time=clock(row.since, locale())))
    elif row.state is State.LEFT and row.left_at:
        said.append(_("Left at %(time)s", time=clock(row.left_at, locale())))
    elif row.status is Status.DECLINED and row.reply_reason:
        said.append(row.reply_reason)
    if row.substituted:
        said.append(substitution(row))
    late = row.late_by(starts_at)
    if late >= LATE:
        said.append(_("%(length)s late", length=duration(late, locale())))
    return "; ".join(said)


def standing(sums: Tally) -> str:
    """The roll in one sentence: sites and people apart."""
    return _(
        "%(present)s of %(total)s sites in, %(lost)s lost, %(absent)s absent; %(people)s delegates.",
        present=number(sums.present, 0, locale()),
        total=number(sums.total, 0, locale()),
        lost=sums.lost,
        absent=sums.by_status[Status.ABSENT],
        people=number(sums.people, 0, locale()),
    )
