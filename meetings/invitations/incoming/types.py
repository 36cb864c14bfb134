"""What a message that came in may be, and what it may say: the values that the readers of the mailbox hand on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a message is, in the order in which it is asked."""

    REPLY = "reply"
    COUNTER = "counter"
    REFRESH = "refresh"
    BOUNCE = "bounce"
    DELAY = "delay"
    ABUSE = "abuse"
    AUTO_REPLY = "auto_reply"
    HUMAN = "human"
    UNREADABLE = "unreadable"
    OTHER_CALENDAR = "other_calendar"


@dataclass(frozen=True, slots=True)
class Failure:
    """What a mail server says of one recipient.

    *ours*: the fault lies with our sender or our machine, so the address is not to blame. *sure*: a machine-readable
    report said it; otherwise it was gathered from words.
    """

    recipient: str
    action: str  # failed · delayed · delivered · relayed · expanded
    status: str  # 5.1.1, the most telling that was found
    diagnostic: str
    ours: bool = False
    sure: bool = True


@dataclass(frozen=True, slots=True)
class CalendarAnswer:
    """What a calendar program says of one date. Instants are aware. *attendee* is empty where several are named and none
    of them wrote the message."""

    method: str  # REPLY · COUNTER · REFRESH
    uid: str
    instance: datetime | None  # the date of a series it speaks of, by the instant it once had; None: the whole entry
    sequence: int
    stamp: datetime | None
    attendee: str
    partstat: str  # ACCEPTED · DECLINED · TENTATIVE · DELEGATED · NEEDS-ACTION
    said: str = ""  # PARTSTAT as it stood there
    sent_by: str = ""
    comment: str = ""
    delegated_to: tuple[str, ...] = ()
    delegated_from: tuple[str, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    clear: bool = True  # False: something that decides (a date, a number) could not be read


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as far as it was understood. Texts are bounded and of one line, *text* excepted.

    *to*: wherever it was addressed to (To, Cc, Delivered-To, X-Original-To, Envelope-To), for the sake of a plus-address.
    *references*: Message-IDs with their brackets: In-Reply-To, References, and those of the letter that a report encloses.
    *why*: a code word for the choice of *kind*. *automatic*: a machine wrote it, so nothing may answer it by itself.
    """

    kind: Kind
    message_id: str = ""
    from_address: str = ""
    from_name: str = ""
    sender: str = ""
    subject: str = ""
    sent_at: datetime | None = None
    to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    answers: tuple[CalendarAnswer, ...] = ()
    failures: tuple[Failure, ...] = ()
    text: str = ""
    why: str = ""
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Previous:
    """The answer by calendar that was taken last. *partstat* is empty and *sent_at* (its Date) None where they are not known."""

    sequence: int
    stamp: datetime
    partstat: str = ""
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of one invited address. *last_major_sequence*: the edition that told the hour which holds; *newest*: the
    last one that was sent, None where that is not known. *previous*: its last answer by calendar."""

    invitation_id: int
    address: str
    uid: str
    instance: datetime | None
    last_major_sequence: int
    previous: Previous | None = None
    newest: int | None = None


class Verdict(StrEnum):
    """What is to be done with an answer by calendar. Only TAKE changes what a site has said."""

    TAKE = "take"
    STALE = "stale"  # it speaks of an hour that no longer holds
    DUPLICATE = "duplicate"  # the same again
    OVERTAKEN = "overtaken"  # older than the answer that was taken before
    UNKNOWN_UID = "unknown_uid"
    UNKNOWN_ATTENDEE = "unknown_attendee"
    AMBIGUOUS = "ambiguous"  # two sites of the meeting share the address
    NOT_THE_ATTENDEE = "not_the_attendee"  # written by somebody else, without saying on whose behalf
    UNCLEAR = "unclear"
