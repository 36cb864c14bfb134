"""What a site may answer, until when, and how long its private link opens."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class Reply(StrEnum):
    """What a site has said. A meeting site without an invitation is *not asked*."""

    NOT_ASKED = "not_asked"
    ASKED = "asked"
    ACCEPTED = "accepted"
    SUBSTITUTE = "substitute"
    DECLINED = "declined"


class Consent(StrEnum):
    """What the chair says to a substitute, recorded in the chair's name."""

    NOT_NEEDED = "not_needed"
    PENDING = "pending"
    GIVEN = "given"
    REFUSED = "refused"


class Source(StrEnum):
    """By which way an answer came."""

    LINK = "link"
    ACCOUNT = "account"  # the site's officer, signed in
    TELEPHONE = "telephone"
    CALENDAR = "calendar"
    MAIL = "mail"  # an e-mail that a person wrote, entered by a clerk who has read it


class ReplyMove(StrEnum):
    """What happens to a site's reply."""

    ASK = "ask"
    ACCEPT = "accept"
    SEND_SUBSTITUTE = "send_substitute"
    DECLINE = "decline"
    ASK_AGAIN = "ask_again"  # the meeting moved: what was said no longer holds


ANSWERS: Final = frozenset({Reply.ACCEPTED, Reply.SUBSTITUTE, Reply.DECLINED})

_ASKED: Final = (Reply.ASKED, *sorted(ANSWERS))
MOVES: Final[dict[tuple[Reply, ReplyMove], Reply]] = {
    (Reply.NOT_ASKED, ReplyMove.ASK): Reply.ASKED,
    **{(reply, ReplyMove.ACCEPT): Reply.ACCEPTED for reply in _ASKED},
    **{(reply, ReplyMove.SEND_SUBSTITUTE): Reply.SUBSTITUTE for reply in _ASKED},
    **{(reply, ReplyMove.DECLINE): Reply.DECLINED for reply in _ASKED},
    **{(reply, ReplyMove.ASK_AGAIN): Reply.ASKED for reply in _ASKED},
}
"""A site may change its mind as often as it likes; it cannot answer before it is asked, nor unsay that it was."""

MOVE_OF: Final[dict[Reply, ReplyMove]] = {
    Reply.ACCEPTED: ReplyMove.ACCEPT,
    Reply.SUBSTITUTE: ReplyMove.SEND_SUBSTITUTE,
    Reply.DECLINED: ReplyMove.DECLINE,
}


def after(reply: Reply, move: ReplyMove) -> Reply | None:
    """The reply after *move*, None where the table has no such move."""
    return MOVES.get((reply, move))


class Window(StrEnum):
    """Whether an answer given now is taken."""

    OPEN = "open"
    LATE = "late"  # after the deadline: still taken, and marked
    CLOSED = "closed"  # the meeting has begun, or will not be held


def reply_window(reply_by: datetime | None, starts_at: datetime, *, held: bool, now: datetime) -> Window:
    """The window at *now*; *held* is False once the meeting is called off, put off, begun or over."""
    if not held or now >= starts_at:
        return Window.CLOSED
    return Window.LATE if reply_by is not None and now > reply_by else Window.OPEN


LINK_LASTS: Final = timedelta(days=7)


def link_valid(
    *, claimed_issue: int, newest_issue: int, ended: bool, invited: bool, ends_at: datetime, now: datetime
) -> bool:
    """Whether a site's link opens at *now*: newest issue, still invited, not more than seven days after the meeting."""
    return claimed_issue == newest_issue and not ended and invited and now <= ends_at + LINK_LASTS


def consent_after(reply: Reply, asked: bool = True) -> Consent:
    """What an answer makes of the chair's consent: only a substitute needs one, where the regime asks it, each time afresh."""
    return Consent.PENDING if reply is Reply.SUBSTITUTE and asked else Consent.NOT_NEEDED


# ------------------------------------------------------------------ approval before sending


class Decision(StrEnum):
    """How a round of approval ended; one that has none yet waits."""

    APPROVED = "approved"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"  # by the secretary, to change something


class Why(StrEnum):
    """Why a giấy mời needs an approval before it is sent, or why it needs none."""

    RULE = "rule"
    OTHERS = "others"  # it invites other units
    RULED_OUT = "ruled_out"
    OWN = "own"  # it invites the body's own sites only
    NOBODY = "nobody"  # it invites others, and nobody was given the role to approve


NEEDED: Final = frozenset({Why.RULE, Why.OTHERS})


def approval(rule: bool | None, *, invites_others: bool, approvers: int) -> Why:
    """Whether an approval is needed, and why. *rule* is what the administrator laid down, None where nothing was.

    A rule always holds. Without one the sites decide; and where nobody holds the role, waiting would be for nobody.
    """
    if rule is not None:
        return Why.RULE if rule else Why.RULED_OUT
    if not invites_others:
        return Why.OWN
    return Why.OTHERS if approvers else Why.NOBODY


def may_decide(who: int | None, asked_by: int, approvers: Collection[int]) -> bool:
    """Whether *who* decides over what *asked_by* handed in: nobody over her own, unless no other holds the role."""
    return who in approvers and (who != asked_by or set(approvers) == {asked_by})


# ------------------------------------------------------------------ what comes back


class ReceivedStatus(StrEnum):
    """Where a message that came in stands."""

    NEW = "new"  # kept, not yet read
    SETTLED = "settled"  # something was concluded from it
    TRAY = "tray"  # a person must look
    ASIDE = "aside"  # looked at, nothing to be done
    FAILED = "failed"  # reading it failed again and again


class SuggestionKind(StrEnum):
    """What a calendar may propose besides an answer; neither happens without a person."""

    NEW_TIME = "new_time"
    DELEGATE = "delegate"


class SuggestionDecision(StrEnum):
    TAKEN_UP = "taken_up"
    REFUSED = "refused"


# ------------------------------------------------------------------ chasing


class ChaseStep(StrEnum):
    """The rungs of the ladder (definitions.md, Deadlines), and the reminder that somebody sends by hand."""

    BEFORE_DEADLINE = "before_deadline"  # silent sites, one working day before the deadline
    AT_DEADLINE = "at_deadline"  # silent sites, when it comes
    PROVINCE = "province"  # then each province gets one list of its own
    ROSTER = "roster"  # sites that come and have sent no list; off unless somebody switches it on
    ON_THE_DAY = "on_the_day"  # silent sites, 60 minutes before the start
    BY_HAND = "by_hand"


class ChaseState(StrEnum):
    """What became of a rung that was begun; one that nobody has begun has no row."""

    DUE = "due"  # begun, and sites are left
    DONE = "done"
