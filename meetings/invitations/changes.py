"""The letters that follow a change: moved, put off, called off, no longer invited. As data, like ``letters``.

A letter tells one change or several at once: whatever came after the version that its reader has. What is compared is what
the reader was told with what holds now, so that 08:00 → 14:00 → 15:00 is told as 08:00 → 15:00.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from meetings import i18n
from meetings.clock import wall
from meetings.directory.models import Contact
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.invitations import letters
from meetings.invitations.calendar import Method, pattern
from meetings.invitations.letters import Row, Wording
from meetings.invitations.rules import Reply
from meetings.official import dates
from meetings.official.text import strung
from meetings.post.letters import Form, bodies
from meetings.post.message import Address
from meetings.post.services import Draft, Enclosed, Ticket
from meetings.scheduling.models import Change, Meeting, MeetingSite
from meetings.scheduling.rules import LAST_WORD, ChangeKind, Status

CHANGE: Final = "change"
POSTPONEMENT: Final = "postponement"
CANCELLATION: Final = "cancellation"
REMOVAL: Final = LAST_WORD
SHOWN: Final = 70
"""So many characters of a subject are shown by telephones."""
KINDS: Final = (CHANGE, POSTPONEMENT, CANCELLATION, REMOVAL)

# ------------------------------------------------------------------ what differs


@dataclass(frozen=True, slots=True)
class Difference:
    """A fact as its reader was told it and as it is now."""

    label: str
    before: str
    after: str


def _time(facts: Mapping[str, Any], locale: str) -> str:
    starts_at, ends_at = (datetime.fromisoformat(facts[name]) for name in ("starts_at", "ends_at"))
    return f"{dates.clock_range(starts_at, ends_at, locale)}, {dates.date_long(starts_at, locale)}"


def _chair(facts: Mapping[str, Any], locale: str) -> str:
    return letters.titled(facts["chair_honorific"], facts["chair_name"], facts["chair_title"])


def _agenda(facts: Mapping[str, Any], locale: str) -> str:
    return "; ".join(
        ngettext("%(title)s (%(num)s minute)", "%(title)s (%(num)s minutes)", minutes, title=title)
        for title, minutes, _presenter in facts["agenda"]
    )


def _contact(facts: Mapping[str, Any], locale: str) -> str:
    return ", ".join(part for part in (facts["contact_name"], facts["contact_phone"]) if part)


def _plain(name: str) -> Callable[[Mapping[str, Any], str], str]:
    return lambda facts, locale: strung(str(facts[name] or ""))


_TOLD: Final[Mapping[str, Callable[[Mapping[str, Any], str], str]]] = {
    "starts_at": _time,
    "title": _plain("title"),
    "chair_name": _chair,
    "host_room": _plain("host_room"),
    "composition": _plain("composition"),
    "max_delegates": _plain("max_delegates"),
    "host_composition": _plain("host_composition"),
    "agenda": _agenda,
    "contact_name": _contact,
    "technical_phone": _plain("technical_phone"),
    "note": _plain("note"),
}
"""Which facts are told, in their order, and how each is read; by the one that stands for its group."""


def _labels() -> dict[str, str]:
    return {
        "starts_at": _("Time"),
        "title": _("Name of the meeting"),
        "chair_name": _("Chair"),
        "host_room": _("Main site"),
        "composition": _("Who is asked"),
        "max_delegates": _("Delegates"),
        "host_composition": _("At the main site"),
        "agenda": _("Agenda"),
        "contact_name": _("Contact"),
        "technical_phone": _("Technical help"),
        "note": _("Besides"),
    }


def differences(changes: Sequence[Change]) -> list[Difference]:
    """What differs after *changes* (of one meeting, the oldest first) from before them; what came back does not."""
    locale, labels, found = i18n.locale(), _labels(), []
    for name, told in _TOLD.items():
        touching = [change for change in changes if name in change.before]
        if not touching:
            continue
        before, after = told(touching[0].before, locale), told(touching[-1].after, locale)
        if before != after:
            found.append(Difference(labels[name], before, after))
    return found


def moved(changes: Sequence[Change]) -> Change | None:
    """The newest of *changes* that set a time: its sites are asked again."""
    return next((change for change in reversed(changes) if change.kind is ChangeKind.RESCHEDULED), None)


def _reasons(changes: Sequence[Change]) -> list[str]:
    return list(dict.fromkeys(change.reason for change in changes))


# ------------------------------------------------------------------ subjects


def subject(kind: str, meeting: Meeting, changes: Sequence[Change]) -> str:
    """What happened first, in capitals, the code last; at most 70 characters before it, which telephones still show."""
    assert meeting.starts_at is not None
    locale, code = i18n.locale(), meeting.code
    at = dates.moment_short(meeting.starts_at, locale)
    if kind == CANCELLATION:
        return _("CANCELLED: video conference %(at)s [%(code)s]", at=at, code=code)
    if kind == POSTPONEMENT:
        return _("POSTPONED: video conference %(at)s, new time to follow [%(code)s]", at=at, code=code)
    if kind == REMOVAL:
        return _("NO LONGER INVITED: video conference %(at)s [%(code)s]", at=at, code=code)
    times = [change for change in changes if change.kind is ChangeKind.RESCHEDULED]
    if times:
        return _subject_of_move(meeting, times[0].before)
    labels = [difference.label for difference in differences(changes)]
    for named in (2, 1):
        what = ", ".join(labels[:named]) + ("…" if len(labels) > named else "")
        said = _("CHANGED: %(what)s – video conference %(at)s [%(code)s]", what=what, at=at, code=code)
        if len(said) - len(code) <= SHOWN + len(" []"):
            break
    return said


def _subject_of_move(meeting: Meeting, before: Mapping[str, Any]) -> str:
    assert meeting.starts_at is not None and meeting.ends_at is not None
    locale, code = i18n.locale(), meeting.code
    was, is_now = datetime.fromisoformat(before["starts_at"]), meeting.starts_at
    day = dates.date_short(is_now, locale)
    if before.get("status") == Status.POSTPONED.value:
        return _(
            "NEW TIME %(at)s, %(day)s: postponed video conference [%(code)s]", at=_hour(is_now), day=day, code=code
        )
    if wall(was).date() != wall(is_now).date():
        earlier = f"{_hour(was)}, {dates.day_month(was, locale)}"
        later = f"{_hour(is_now)}, {day}"
        return _("MOVED %(before)s → %(after)s: video conference [%(code)s]", before=earlier, after=later, code=code)
    if was == is_now:
        ended = datetime.fromisoformat(before["ends_at"])
        return _(
            "NEW END %(before)s → %(after)s, %(day)s: video conference [%(code)s]",
            before=_hour(ended),
            after=_hour(meeting.ends_at),
            day=day,
            code=code,
        )
    return _(
        "NEW HOUR %(before)s → %(after)s, %(day)s: video conference [%(code)s]",
        before=_hour(was),
        after=_hour(is_now),
        day=day,
        code=code,
    )


def _hour(at: datetime) -> str:
    return wall(at).strftime("%H:%M")


# ------------------------------------------------------------------ the letters


def wording(
    kind: str, meeting: Meeting, changes: Sequence[Change], *, sender: str, public_url: str, locale: str = "vi"
) -> Wording:
    """The e-mail of *kind* that tells *changes* to every site that knows what was before them."""
    assert meeting.starts_at is not None and meeting.ends_at is not None
    with i18n.in_locale(locale):
        found = differences(changes)
        asks = moved(changes) is not None

        def values(form: Form) -> dict[str, Any]:
            return letters.frame(meeting, subject(kind, meeting, changes), public_url, form) | {
                "kind": kind,
                "preheader": _preheader(kind, meeting, found, form),
                "differences": _short(found, meeting, changes),
                "was_postponed": asks and times_before(changes) == Status.POSTPONED.value,
                "reasons": _reasons(changes),
                "asks_again": asks,
                "first": _first_rows(kind, meeting, form, asks_again=asks),
                "rows": letters.other_rows(meeting),
                "attached": letters.file_name(meeting),
            }

        text, html = bodies(f"invitations/{'change' if kind == CHANGE else 'called_off'}", values)
        return Wording(
            subject(kind, meeting, changes),
            text,
            html,
            _calendar(kind, meeting, changes, sender=sender, public_url=public_url),
            meeting.organiser.full_name,
            letters.reply_to(meeting),
            locale=locale,
        )


def _preheader(kind: str, meeting: Meeting, found: Sequence[Difference], form: Form) -> str:
    if kind != CHANGE:
        return letters.preheader(letters.when_short(meeting), form)
    told = "; ".join(f"{one.label}: {one.before or '–'} → {one.after or '–'}" for one in found[:2])
    return letters.preheader(told, form)


def _short(found: Sequence[Difference], meeting: Meeting, changes: Sequence[Change]) -> list[Difference]:
    """As the letter shows them: of a meeting that stays on its day the day is said once, and so is the zone."""
    shown, locale = [], i18n.locale()
    for one in found:
        if one.label == _("Time"):
            before = next(change.before for change in changes if "starts_at" in change.before)
            was, ended = (datetime.fromisoformat(before[name]) for name in ("starts_at", "ends_at"))
            assert meeting.starts_at is not None
            if wall(was).date() == wall(meeting.starts_at).date():
                one = replace(one, before=dates.clock_range(was, ended, locale))
            one = replace(one, after=letters.when(meeting))
        shown.append(one)
    return shown


def _first_rows(kind: str, meeting: Meeting, form: Form, *, asks_again: bool) -> list[Row]:
    """What is read at first beside what differs; the time is said there, where it is another."""
    found = letters.first_rows(meeting, form)
    time, asked = _("Time"), _("Please reply")
    if kind != CHANGE:
        found = [
            replace_label(row, _("Planned for")) if row.label == time else row for row in found if row.label != asked
        ]
    elif asks_again:
        found = [
            replace_label(row, _("Confirm again")) if row.label == asked else row for row in found if row.label != time
        ]
    return found


def replace_label(row: Row, label: str) -> Row:
    """*row* under another label."""
    return row._replace(label=label)


def times_before(changes: Sequence[Change]) -> str:
    """The status that the first of *changes* which set a time found."""
    first = next((change for change in changes if change.kind is ChangeKind.RESCHEDULED), None)
    return str(first.before.get("status", "")) if first is not None else ""


def _calendar(kind: str, meeting: Meeting, changes: Sequence[Change], *, sender: str, public_url: str) -> str:
    """REQUEST with the meeting as it is now; CANCEL keeps the time and names its one reader, as RFC 5546 §3.2.5 asks."""
    entry = letters.calendar_entry(meeting, sender=sender, public_url=public_url)
    if kind == CHANGE:
        return pattern(entry, Method.REQUEST)
    said = "\n".join(_("Reason: %(reason)s", reason=reason) for reason in _reasons(changes))
    return pattern(replace(entry, description=said, url="", alone=kind == REMOVAL), Method.CANCEL)


METHODS: Final = {
    CHANGE: Method.REQUEST,
    POSTPONEMENT: Method.CANCEL,
    CANCELLATION: Method.CANCEL,
    REMOVAL: Method.CANCEL,
}


def to_site(
    kind: str,
    meeting: Meeting,
    meeting_site: MeetingSite,
    contact: Contact,
    words: Wording,
    link: Ticket,
    enclosed: tuple[Enclosed, ...],
    *,
    version: int,
    reply: Reply = Reply.ASKED,
) -> Draft:
    """The letter of *kind* to one site, by way of *contact*; *version*: the change up to which it tells."""
    with i18n.in_locale(words.locale):
        filled = letters.fills(meeting_site, contact.email, reply)
    return Draft(
        key=letters.key_of(kind, meeting_site, version),
        kind=kind,
        root=meeting.code,
        to=Address(contact.name, contact.email),
        subject=words.subject,
        text=words.text,
        html=words.html,
        calendar=words.calendar,
        method=METHODS[kind].value,
        sender_name=words.sender_name,
        reply_to=words.reply_to,
        fills=filled,
        link=link,
        enclosures=enclosed if kind == CHANGE else (),
        not_after=meeting.ends_at if kind == CHANGE else None,  # what is called off is told even after its hour
        urgency=2,  # before invitations: somebody may be on the way
        locale=words.locale,
    )
