"""Whose answer a calendar's answer is, and whether it still counts. What fits nobody is never guessed.

The order is that of Zimbra's calendar, which has met every client for fifteen years: which entry, which date of it, which
reader, was it she who wrote, does she speak of the hour that holds, did she say something newer since.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from meetings.invitations.incoming.types import Asked, CalendarAnswer, Incoming, Previous, Verdict

SKEW: Final = timedelta(minutes=5)
"""By how much the clocks of two honest machines may differ."""

_DOTS_DO_NOT_COUNT: Final = ("gmail.com", "googlemail.com")
_TAGS_DO_NOT_COUNT: Final = (*_DOTS_DO_NOT_COUNT, "outlook.com", "hotmail.com", "icloud.com", "fastmail.com")
_ANYBODYS: Final = (*_TAGS_DO_NOT_COUNT, "live.com", "msn.com", "me.com", "proton.me", "aol.com", "mail.com", "gmx.com")
_ANYBODYS_WORDS: Final = ("yahoo.", "ymail.", "zoho.", "yandex.")
"""Hosts where anybody gets an address: that two have one there says nothing about their office."""


def verdicts(
    message: Incoming, answer: CalendarAnswer, asked: Sequence[Asked], at: datetime | None = None
) -> list[tuple[Verdict, Asked | None]]:
    """:func:`verdict` for every date of which *answer* speaks: one, or all that were asked under its UID where it names
    no date."""
    rows = _entry(answer.uid, asked)
    dates = {row.instance for row in rows}
    if answer.instance is not None or len(dates) < 2 or not answer.clear:
        return [verdict(message, answer, rows, at)]
    of_each = [
        verdict(message, answer, [row for row in rows if row.instance == date], at)
        for date in sorted(dates, key=lambda date: (date is not None, date.timestamp() if date else 0.0))
    ]
    # a reader who was asked to some dates of a series answers for those
    hers = [one for one in of_each if one[0] is not Verdict.UNKNOWN_ATTENDEE]
    return hers or of_each[:1]


def verdict(
    message: Incoming, answer: CalendarAnswer, asked: Sequence[Asked], at: datetime | None = None
) -> tuple[Verdict, Asked | None]:
    """What to do with *answer*, and whose it is where that is known. *asked*: everybody who was asked under its UID (or
    more; what has another UID is passed over). *at*: when the message came."""
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
    if answer.method == "REPLY" and _from_the_future(answer, hers, at):
        return Verdict.UNCLEAR, hers
    if hers.previous is not None:
        return _after(hers.previous, message, answer), hers
    return Verdict.TAKE, hers


def _from_the_future(answer: CalendarAnswer, hers: Asked, at: datetime | None) -> bool:
    """Whether it bears an edition that was never sent, or an hour that has not come. Taken as they are, they would make
    every true answer that follows an old one."""
    unsent = hers.newest is not None and answer.sequence > hers.newest
    return unsent or (at is not None and answer.stamp is not None and answer.stamp > at + SKEW)


def _after(previous: Previous, message: Incoming, answer: CalendarAnswer) -> Verdict:
    """What an answer is that follows *previous*. Some programs repeat the DTSTAMP of the invitation in every answer, so that
    of two different ones only the Date of the messages tells which is the later."""
    if answer.stamp is None:
        return Verdict.UNCLEAR
    said, before = (answer.sequence, answer.stamp), (previous.sequence, previous.stamp)
    if said != before:
        return Verdict.TAKE if said > before else Verdict.OVERTAKEN
    if answer.partstat == previous.partstat or not previous.partstat:
        return Verdict.DUPLICATE
    if message.sent_at is None or previous.sent_at is None or message.sent_at == previous.sent_at:
        return Verdict.UNCLEAR
    return Verdict.TAKE if message.sent_at > previous.sent_at else Verdict.OVERTAKEN


def _entry(uid: str, asked: Sequence[Asked]) -> list[Asked]:
    exact = [row for row in asked if row.uid == uid]
    return exact or [row for row in asked if uid.strip() and row.uid.strip() == uid.strip()]


def _reader(message: Incoming, answer: CalendarAnswer, rows: Sequence[Asked]) -> tuple[Verdict, Asked | None]:
    """Which of *rows* answers: the attendee that is named, else the one from whose mailbox it came."""
    found = _of(answer.attendee, rows)
    if not found:
        found = _of(message.from_address, rows)
        if not found:
            return Verdict.UNKNOWN_ATTENDEE, None
        return (Verdict.TAKE, found[0]) if len(found) == 1 else (Verdict.AMBIGUOUS, None)
    if len(found) > 1:
        return Verdict.AMBIGUOUS, None
    hers = found[0]
    herself = any(same_mailbox(message.from_address, one) for one in (hers.address, answer.attendee))
    if herself or _on_behalf(message, answer, [row for row in rows if row.invitation_id == hers.invitation_id]):
        return Verdict.TAKE, hers
    return Verdict.NOT_THE_ATTENDEE, hers


def _on_behalf(message: Incoming, answer: CalendarAnswer, hers: Sequence[Asked]) -> bool:
    """Whether somebody of her own office answers and says so (SENT-BY). Anybody can write that word, and a UID stands in
    every entry that is passed on: so the writer's address must be of a host that we wrote to for her."""
    writers = {message.from_address, message.sender} - {""}
    if not answer.sent_by or not any(same_mailbox(answer.sent_by, writer) for writer in writers):
        return False
    host = _host(message.from_address)
    if not host or host in _ANYBODYS or host.startswith(_ANYBODYS_WORDS):
        return False
    return any(_host(row.address) == host for row in hers)


def _host(address: str) -> str:
    return address.strip().lower().rpartition("@")[2]


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
