"""Making ready: the six items of a line test, its two rounds, when check-in opens, what is late.

Pure: instants are aware (UTC) and *now* is handed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.official.text import fold
from meetings.scheduling.rules import Status

CHECK_IN_OPENS: Final = timedelta(minutes=45)  # before the start: "ready" can be pressed
OLDEST_QUEUED: Final = timedelta(hours=12)  # how long a device may have kept a form before it could send it


class Round(StrEnum):
    """Which of the two line tests: the rehearsal a day ahead, or the one within the last hour."""

    REHEARSAL = "rehearsal"
    ON_DAY = "on_day"


class Item(StrEnum):
    """What is looked at in a line test, in the order of the list."""

    LINE = "line"
    PICTURE = "picture"
    MICROPHONE = "microphone"
    LOUDSPEAKER = "loudspeaker"
    SCREEN = "screen"
    POWER = "power"


class Verdict(StrEnum):
    """What was found of one item; an item not yet looked at has none."""

    PASS = "pass"
    FAULT = "fault"


class Outcome(StrEnum):
    """What six items make together; derived, first match: any fault, all passed, else not yet tested."""

    UNTESTED = "untested"
    PASSED = "passed"
    FAILED = "failed"


class DelegateRole(StrEnum):
    """A delegate's part in the delegation of a site."""

    HEAD = "head"
    SPEAKER = "speaker"
    MEMBER = "member"


class Alarm(StrEnum):
    """How a site's line is shown as the hour comes nearer; NONE while nothing has to be known of it yet."""

    NONE = "none"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


ITEM_WORDS: Final = {
    Item.LINE: _l("Line"),
    Item.PICTURE: _l("Picture"),
    Item.MICROPHONE: _l("Microphone"),
    Item.LOUDSPEAKER: _l("Loudspeaker"),
    Item.SCREEN: _l("Screen"),
    Item.POWER: _l("Power, back-up line"),
}
ITEM_HINTS: Final = {
    Item.LINE: _l("Wired, steady, at least 4 Mbps each way"),
    Item.PICTURE: _l("Camera sharp, room bright enough"),
    Item.MICROPHONE: _l("No howling, no echo"),
    Item.LOUDSPEAKER: _l("The host site is heard well"),
    Item.SCREEN: _l("The grid of sites is seen"),
    Item.POWER: _l("UPS and a second line stand by"),
}
OUTCOME_WORDS: Final = {
    Outcome.UNTESTED: _l("not tested yet"),
    Outcome.PASSED: _l("passed"),
    Outcome.FAILED: _l("has a fault"),
}
ROLE_WORDS: Final = {
    DelegateRole.HEAD: _l("Head of delegation"),
    DelegateRole.SPEAKER: _l("Speaks"),
    DelegateRole.MEMBER: _l("Member"),
}


def outcome(items: Mapping[Item, Verdict]) -> Outcome:
    """The outcome of the *items* looked at so far; one fault fails the site, however little else was tested."""
    if Verdict.FAULT in items.values():
        return Outcome.FAILED
    if all(items.get(item) is Verdict.PASS for item in Item):
        return Outcome.PASSED
    return Outcome.UNTESTED


def items_from(stored: Mapping[str, str]) -> dict[Item, Verdict]:
    """The items as they stand in the database (``{"line": "pass"}``), unknown words left out."""
    known_items, known_verdicts = set(Item), set(Verdict)
    return {
        Item(name): Verdict(found) for name, found in stored.items() if name in known_items and found in known_verdicts
    }


def late(at: datetime, reply_by: datetime | None) -> bool:
    """Whether something handed in *at* missed the deadline; without a deadline nothing is late."""
    return reply_by is not None and at > reply_by


def check_in_opens(starts_at: datetime) -> datetime:
    """The instant from which a site can report "ready"."""
    return starts_at - CHECK_IN_OPENS


def over(count: int, most: int | None) -> int:
    """By how many delegates *count* passes the limit *most*; no limit, no excess. Told, never refused."""
    return max(0, count - most) if most else 0


def prefilled(delegates: int) -> int:
    """The head-count a check-in starts from: the roster's, or one (whoever holds the phone)."""
    return delegates or 1


PLAIN: Final = 100
"""Up to so many delegates are nowhere asked about."""


def doubtful(count: int, listed: int, seats: int | None) -> bool:
    """Whether a head-count looks mistyped (128 with one digit more): far more people than the list and the seats say."""
    return count > max(3 * listed, seats or 0, PLAIN if listed else 300)


class Window(StrEnum):
    """Whether a site's preparations are taken."""

    OPEN = "open"
    OVER = "over"
    OFF = "off"  # not sent yet, cancelled or put off: there is nothing to prepare for


def window(status: Status, ends_at: datetime | None, *, now: datetime) -> Window:
    """The window at *now*; a meeting in session may run over its time."""
    if status is Status.CLOSED:
        return Window.OVER
    if status is Status.IN_SESSION:
        return Window.OPEN
    if status is not Status.SCHEDULED or ends_at is None:
        return Window.OFF
    return Window.OPEN if now <= ends_at else Window.OVER


def check_open(found: Window) -> None:
    """Refuse preparations that come too late to prepare anything."""
    if found is Window.OFF:
        raise Refused(_("This meeting was cancelled or postponed. There is nothing to prepare for now."))
    if found is Window.OVER:
        raise Refused(_("This meeting is over. What was sent stands as it is."))


def role_of(text: str) -> DelegateRole:
    """The part in the delegation that a pasted word means; anything else is a member."""
    word = fold(text)
    if word.startswith("truong doan") or word in (DelegateRole.HEAD, "head of delegation"):
        return DelegateRole.HEAD
    if "phat bieu" in word or "tham luan" in word or word in (DelegateRole.SPEAKER, "speaks"):
        return DelegateRole.SPEAKER
    return DelegateRole.MEMBER


MOST_NOTE: Final = 300


def check_notes(items: Mapping[Item, Verdict], notes: Mapping[Item, str]) -> None:
    """Refuse a fault without a word of what is wrong: the technician who reads it cannot see the room."""
    for item, found in items.items():
        if found is Verdict.FAULT and not notes.get(item, "").strip():
            raise Refused(_("Describe what is wrong."), field=f"note_{item}", status=422)
        if len(notes.get(item, "")) > MOST_NOTE:
            raise Refused(_("At most %(max)s characters.", max=MOST_NOTE), field=f"note_{item}", status=422)
