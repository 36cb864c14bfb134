"""Whose answer a calendar's answer is, and whether it still counts. What fits nobody is never guessed.

The order is that of Zimbra's calendar, which has met every client for fifteen years: which entry, which date of it, which
reader, was it she who wrote, does she speak of the hour that holds, did she say something newer since.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from meetings.invitations.incoming_types import Asked, CalendarAnswer, Incoming, Verdict

_DOTS_DO_NOT_COUNT: Final = ("gmail.com", "googlemail.com")
_TAGS_DO_NOT_COUNT: Final = (*_DOTS_DO_NOT_COUNT, "outlook.com", "hotmail.com", "icloud.com", "fastmail.com")


def verdicts(message: Incoming, answer: CalendarAnswer, asked: Sequence[Asked]) -> list[tuple[Verdict, Asked | None]]:
    """:func:`verdict` for every date of which *answer* speaks: one, or all that were asked under its UID where it names
    no date."""
    rows = _entry(answer.uid, asked)
    dates = {row.instance for row in rows}
    if answer.instance is not None or len(dates) < 2 or not answer.clear:
        return [verdict(message, answer, rows)]
    of_each = [
        verdict(message, answer, [row for row in rows if row.instance == date])
        for date in sorted(dates, key=lambda date: (date is not None, date.timestamp() if date else 0.0))
    ]
    # a reader who was asked to some dates of a series answers for those
    hers = [one for one in of_each if one[0] is not Verdict.UNKNOWN_ATTENDEE]
    return hers or of_each[:1]


def verdict(message: Incoming, answer: CalendarAnswer, asked: Sequence[Asked]) -> tuple[Verdict, Asked | None]:
    """What to do with *answer*, and whose it is where that is known. *asked*: everybody who was asked under its UID (or
    more; what has another UID is passed over)."""
    if not answer.clear:
        return Verdict.UNCLEAR, None
    rows = _entry(answer.uid, asked)
    if answer.instance is not None:
        rows = [row for row in rows if row.instance == answer.instance]
    if not rows:
        return Verdict.UNKNOWN_UID, None
    if len({row.instance for row in rows}) > 1:
        return Verdict.UNCLEAR, None  # a whole series: `verdicts` asks date by date
    found, hers = _reader(message, answer, rows)
    if found is not Verdict.TAKE or hers is None or answer.method == "REFRESH":
        return found, hers
    if answer.sequence < hers.last_major_sequence:
        return Verdict.STALE, hers
    if hers.previous is not None:
        if answer.stamp is None:
            return Verdict.UNCLEAR, hers
        said = (answer.sequence, answer.stamp)
        if said <= hers.previous:
            return (Verdict.DUPLICATE if said == hers.previous else Verdict.STALE), hers
    return Verdict.TAKE, hers


def _entry(uid: str, asked: Sequence[Asked]) -> list[Asked]:
    exact = [row for row in asked if row.uid == uid]
    return exact or [row for row in asked if uid.strip() and row.uid.strip() == uid.strip()]


def _reader(message: Incoming, answer: CalendarAnswer, rows: Sequence[Asked]) -> tuple[Verdict, Asked | None]:
    """Which of *rows* answers: the attendee that is named, else the one whose own plus-address was written to, else the
    one from whose mailbox it came."""
    by_token = [row for row in rows if row.plus and row.plus.lower() in message.to]
    named = _of(answer.attendee, rows)
    if named:
        if len(named) > 1:
            both = [row for row in named if row in by_token]
            if len(both) != 1:
                return Verdict.AMBIGUOUS, None
            named = both
        writers = {message.from_address, message.sender} - {""}
        if (
            named[0] in by_token
            or any(same_mailbox(message.from_address, one) for one in (named[0].address, answer.attendee))
            or (answer.sent_by and any(same_mailbox(answer.sent_by, writer) for writer in writers))
        ):
            return Verdict.TAKE, named[0]
        return Verdict.NOT_THE_ATTENDEE, named[0]
    found = by_token or _of(message.from_address, rows)
    if len(found) > 1:
        return Verdict.AMBIGUOUS, None
    return (Verdict.TAKE, found[0]) if found else (Verdict.UNKNOWN_ATTENDEE, None)


def _of(address: str, rows: Sequence[Asked]) -> list[Asked]:
    if not address:
        return []
    exact = [row for row in rows if row.address.strip().lower() == address]
    return exact or [row for row in rows if same_mailbox(row.address, address)]


def same_mailbox(one: str, other: str) -> bool:
    """Whether two addresses surely lead to one mailbox: letter case aside, and dots and +tags where the host is known
    to pass over them."""
    return bool(one and other) and _plain(one) == _plain(other)


def _plain(address: str) -> str:
    local, _, host = address.strip().lower().rpartition("@")
    if host in _TAGS_DO_NOT_COUNT:
        local = local.partition("+")[0]
    if host in _DOTS_DO_NOT_COUNT:
        local, host = local.replace(".", ""), _DOTS_DO_NOT_COUNT[0]
    return f"{local}@{host}"
