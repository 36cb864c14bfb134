"""The life of a record, what must be in it before it is shown to the chair, and the one-time code of a private link."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Final, Protocol

from meetings.clock import wall
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.i18n import ngettext
from meetings.official.dates import date_short
from meetings.official.text import fold


class RecordStatus(StrEnum):
    """Where a version of the minutes is."""

    WRITING = "writing"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    ISSUED = "issued"


class StatementKind(StrEnum):
    """What a block of the minutes is: somebody's words, the writer's note, a vote."""

    STATEMENT = "statement"
    NOTE = "note"
    VOTE = "vote"


class BlockKind(StrEnum):
    """The three lists whose rows are saved each by itself."""

    STATEMENT = "statement"
    CONCLUSION = "conclusion"
    TASK = "task"


class ScrapReason(StrEnum):
    """Why a text was taken out of the minutes."""

    REMOVED = "removed"
    REPLACED = "replaced"
    NOT_TAKEN = "not_taken"


class Which(StrEnum):
    """The two documents of a record."""

    RECORD = "record"
    NOTICE = "notice"


class FileOrigin(StrEnum):
    """How a file of a record came to be."""

    WRITTEN = "written"
    EDITED = "edited"
    PDF = "pdf"
    SIGNED = "signed"
    SIGNED_OUTSIDE = "signed_outside"


class RecordMove(StrEnum):
    """What can be done with a version as a whole; RENEW makes the next version, which begins anew."""

    SAVE = "save"
    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    ISSUE = "issue"
    HAND_ON = "hand_on"
    RENEW = "renew"


MOVES: Final[dict[tuple[RecordStatus, RecordMove], RecordStatus]] = {
    (RecordStatus.WRITING, RecordMove.SAVE): RecordStatus.WRITING,
    (RecordStatus.WRITING, RecordMove.SUBMIT): RecordStatus.SUBMITTED,
    (RecordStatus.SUBMITTED, RecordMove.RETURN): RecordStatus.RETURNED,
    (RecordStatus.SUBMITTED, RecordMove.APPROVE): RecordStatus.APPROVED,
    (RecordStatus.RETURNED, RecordMove.SAVE): RecordStatus.RETURNED,
    (RecordStatus.RETURNED, RecordMove.SUBMIT): RecordStatus.SUBMITTED,
    (RecordStatus.APPROVED, RecordMove.ISSUE): RecordStatus.ISSUED,
    (RecordStatus.APPROVED, RecordMove.RENEW): RecordStatus.WRITING,
    (RecordStatus.ISSUED, RecordMove.HAND_ON): RecordStatus.ISSUED,
    (RecordStatus.ISSUED, RecordMove.RENEW): RecordStatus.WRITING,
}
"""Every move there is; a pair that is not here is refused. One table for the rule, the buttons, the guide and the test."""

STATUS_WORDS: Final = {
    RecordStatus.WRITING: _l("Being written"),
    RecordStatus.SUBMITTED: _l("Submitted for approval"),
    RecordStatus.RETURNED: _l("Returned for changes"),
    RecordStatus.APPROVED: _l("Approved"),
    RecordStatus.ISSUED: _l("Issued"),
}
MOVE_WORDS: Final = {
    RecordMove.SAVE: _l("change it"),
    RecordMove.SUBMIT: _l("submit it"),
    RecordMove.RETURN: _l("return it"),
    RecordMove.APPROVE: _l("approve it"),
    RecordMove.ISSUE: _l("issue it"),
    RecordMove.HAND_ON: _l("hand it to further recipients"),
    RecordMove.RENEW: _l("begin a new version"),
}


def after(status: RecordStatus, move: RecordMove) -> RecordStatus:
    """The status that *move* leads to from *status*; raises :class:`Refused` where the table has no such pair."""
    try:
        return MOVES[status, move]
    except KeyError:
        raise Refused(
            _(
                "The minutes are “%(status)s”: nobody can %(move)s now.",
                status=STATUS_WORDS[status],
                move=MOVE_WORDS[move],
            )
        ) from None


def may(status: RecordStatus, move: RecordMove) -> bool:
    """Whether the table knows *move* from *status*: which buttons a page shows."""
    return (status, move) in MOVES


FROM_WORD: Final[dict[RecordStatus, tuple[str, ...]]] = {
    RecordStatus.WRITING: ("record.write",),
    RecordStatus.RETURNED: ("record.write",),
    RecordStatus.SUBMITTED: ("record.write", "record.approve"),
    RecordStatus.APPROVED: ("document.number",),
    RecordStatus.ISSUED: (),
}
"""Who may put a document edited in Word in the place of what holds. What is approved gets its number and nothing else."""


class Step(StrEnum):
    """Where the documents of a meeting are on their way, as a reader sees it."""

    WRITTEN = "written"
    WAITING = "waiting"
    APPROVED = "approved"
    SIGNED = "signed"
    SENT = "sent"


STEP_WORDS: Final = {
    Step.WRITTEN: _l("Draft"),
    Step.WAITING: _l("Waits for approval"),
    Step.APPROVED: _l("Approved"),
    Step.SIGNED: _l("Signed"),
    Step.SENT: _l("Sent"),
}


def steps(status: RecordStatus, *, signed: bool) -> list[tuple[Step, str]]:
    """The steps in order, each ``done``, ``now`` or ``ahead``. One that was left out (nobody signed here) is not shown."""
    reached = {
        RecordStatus.WRITING: Step.WRITTEN,
        RecordStatus.RETURNED: Step.WRITTEN,
        RecordStatus.SUBMITTED: Step.WAITING,
        RecordStatus.APPROVED: Step.SIGNED if signed else Step.APPROVED,
        RecordStatus.ISSUED: Step.SENT,
    }[status]
    shown = [one for one in Step if signed or one is not Step.SIGNED or status is not RecordStatus.ISSUED]
    place = shown.index(reached)
    return [(one, "done" if n < place else "now" if n == place else "ahead") for n, one in enumerate(shown)]


# --- the skeleton ----------------------------------------------------------------------------------------------------

ROUNDING: Final = timedelta(minutes=5)
FINE_ROUNDING: Final = timedelta(minutes=1)


class WorkingDays(Protocol):
    """Which days are worked; ``meetings.official.working_days`` knows the holidays."""

    def add_working_days(self, start: date, days: int) -> date: ...


def spread(started_at: datetime, ended_at: datetime | None, minutes: Sequence[int]) -> list[tuple[datetime, datetime]]:
    """When each agenda item began and ended, if all kept their share of the time the meeting really took.

    A proposal for the writer: the first begins with the meeting, the last ends with it, none begins before the one in
    front of it. Whole five minutes, unless an item would be left without any time: then whole minutes.
    """
    if not minutes:
        return []
    shares = minutes if sum(minutes) else [1] * len(minutes)
    planned = timedelta(minutes=sum(minutes))
    length = ended_at - started_at if ended_at and ended_at >= started_at else planned
    edges = _edges(started_at, length, shares, FINE_ROUNDING)
    coarse = _edges(started_at, length, shares, ROUNDING)
    if all(a < b for a, b, share in zip(coarse, coarse[1:], shares, strict=False) if share):
        edges = coarse
    return list(zip(edges, edges[1:], strict=False))


def _edges(started_at: datetime, length: timedelta, shares: Sequence[int], step: timedelta) -> list[datetime]:
    """Where one item ends and the next begins, to the *step* of the wall clock and within the meeting."""
    edges, done = [started_at], 0
    for share in shares[:-1]:
        done += share
        edge = _rounded(started_at + length * (done / sum(shares)), step)
        edges.append(min(max(edge, started_at), started_at + length))
    return [*edges, started_at + length]


def _rounded(at: datetime, step: timedelta) -> datetime:
    seconds = step.total_seconds()
    return datetime.fromtimestamp(round(at.timestamp() / seconds) * seconds, at.tzinfo)


def closes(title: str) -> bool:
    """Whether an agenda item is the chair's conclusion: then conclusions and action items stand under it."""
    return fold(title).startswith(("ket luan", "phat bieu ket luan", "be mac"))


def reports(title: str) -> bool:
    """Whether an agenda item is a report that the chair hears: not the opening, not the discussion, not the conclusion."""
    talk = ("khai mac", "tuyen bo", "gioi thieu", "thao luan", "trao doi", "phat bieu", "y kien")
    return not closes(title) and not fold(title).startswith(talk)


def names_unit(words: str, name: str, unit_name: str) -> bool:
    """Whether *words* name the site *name* of the unit *unit_name*: ``UBND tỉnh Nghệ An``, ``tỉnh Nghệ An``, ``Nghệ An``."""
    whole = _OFFICE.sub("uy ban nhan dan ", fold(words).removeprefix("diem cau ")).rstrip(" .;,")
    full = fold(unit_name)
    return bool(whole) and whole in (fold(name), full, full.removeprefix("uy ban nhan dan "))


_OFFICE: Final = re.compile(r"^ubnd ")


def kind_of(title: str) -> str:
    """What sentences call the meeting: ``hội nghị``, ``hội thảo`` or ``cuộc họp``."""
    bare = fold(title)
    return next((word for word in ("hội nghị", "hội thảo") if bare.startswith(fold(word))), "cuộc họp")


def suggested_due(met_on: date, days: WorkingDays) -> date:
    """The day suggested for a new action item: ten working days after the meeting."""
    return days.add_working_days(met_on, 10)


def notice_due(ended_at: datetime, days: WorkingDays, within: int = 5) -> date:
    """The last day to issue the notice of conclusions: the fifth working day after the end (QĐ 45/2018/QĐ-TTg)."""
    return days.add_working_days(wall(ended_at).date(), within)


# --- before it is shown to the chair ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Given:
    """What the check before submission looks at of an action item."""

    text: str
    lead: str
    due_on: date | None


def check_complete(
    *, statements: int, conclusions: int, given: Iterable[Given], ended_at: datetime | None, started_at: datetime
) -> None:
    """Refuse a record that cannot be shown to the chair; the sentence says what is missing."""
    if ended_at is None:
        raise Refused(_("Enter when the meeting ended before the minutes are submitted."), field="ended", status=422)
    if ended_at <= started_at:
        raise Refused(_("The meeting must end after it began."), field="ended", status=422)
    if not statements and not conclusions:
        raise Refused(_("Write at least one statement or conclusion before the minutes are submitted."), status=422)
    for place, item in enumerate(given, 1):
        if not item.lead:
            raise Refused(_("Action item %(place)s has no lead unit yet.", place=place), status=422)


# --- at its issue ----------------------------------------------------------------------------------------------------

DATED_AHEAD: Final = timedelta(days=30)


def check_dated(on: date | None, field: str, *, met_on: date, today: date) -> None:
    """Refuse at *field* a day on which no document of this meeting can have been issued; None is given on paper."""
    if on is None:
        return
    if on < met_on:
        raise Refused(
            _("The date cannot lie before the meeting, which was on %(day)s.", day=date_short(met_on)),
            field=field,
            status=422,
        )
    if on > today + DATED_AHEAD:
        raise Refused(
            _("The date cannot be later than %(day)s, 30 days from today.", day=date_short(today + DATED_AHEAD)),
            field=field,
            status=422,
        )


# --- the code behind a private link ----------------------------------------------------------------------------------

CODE_DIGITS: Final = 8
CODE_LASTS: Final = timedelta(minutes=15)
CODE_TRIES: Final = 5
CODE_PAUSE: Final = timedelta(seconds=60)
READING_LASTS: Final = timedelta(hours=12)


def code_digest(token: str, code: str) -> str:
    """What is kept of a code: keyed by the link's token, so that the database alone cannot be searched for it."""
    return hmac.new(token.encode(), code.encode(), hashlib.sha256).hexdigest()


class CodeState(StrEnum):
    """What has become of the last code that was sent to a reader: what her page and a refusal may truly say of it."""

    NONE = "none"
    LIVE = "live"
    USED = "used"
    OLD = "old"
    SPENT = "spent"


_DEAD: Final = {
    CodeState.NONE: (_l("No code has been sent yet. Ask for one."), 410),
    CodeState.USED: (_l("This code has been used. Ask for a new one."), 410),
    CodeState.OLD: (_l("This code no longer holds. Ask for a new one."), 410),
    CodeState.SPENT: (_l("This code was tried too often. Ask for a new one."), 429),
}


def code_state(digest: str, sent_at: datetime | None, tries: int, *, now: datetime) -> CodeState:
    """What has become of the last code, of which *digest* is kept until it is used."""
    if sent_at is None:
        return CodeState.NONE
    if not digest:
        return CodeState.USED
    if tries >= CODE_TRIES:
        return CodeState.SPENT
    return CodeState.OLD if now - sent_at > CODE_LASTS else CodeState.LIVE


def check_pause(state: CodeState, sent_at: datetime | None, *, now: datetime) -> None:
    """Refuse another code within a minute of the last, whatever became of that one."""
    if sent_at is None or now - sent_at >= CODE_PAUSE:
        return
    if state is CodeState.LIVE:
        raise Refused(_("A code was sent less than a minute ago. Look for it before asking for another."), status=429)
    seconds = ceil((CODE_PAUSE - (now - sent_at)).total_seconds())
    raise Refused(
        ngettext(
            "The last code no longer opens the document. A new one can be asked for in %(num)s second.",
            "The last code no longer opens the document. A new one can be asked for in %(num)s seconds.",
            seconds,
        ),
        status=429,
    )


def code_fits(digest: str, token: str, code: str, state: CodeState) -> bool:
    """Whether *code* opens the document; raises :class:`Refused` when no code can: used, too old, tried too often."""
    if state in _DEAD:
        sentence, status = _DEAD[state]
        raise Refused(str(sentence), field="code", status=status)
    return hmac.compare_digest(digest, code_digest(token, code))


def check_shape(code: str) -> None:
    """Refuse what is no code at all, without counting it: of five tries one is not lost to half a paste."""
    if len(code) != CODE_DIGITS or not code.isascii() or not code.isdigit():
        raise Refused(
            _("The code has %(count)s digits. Nothing was counted as a try.", count=CODE_DIGITS),
            field="code",
            status=422,
        )


def wrong_code(tries: int) -> Refused:
    """The refusal of a wrong code after *tries* wrong ones before it: how many are left, or that it has died of this one."""
    left = CODE_TRIES - tries - 1
    if left < 1:
        return Refused(str(_DEAD[CodeState.SPENT][0]), field="code", status=422)
    return Refused(
        ngettext(
            "This is not the code from the e-mail. %(num)s try is left.",
            "This is not the code from the e-mail. %(num)s tries are left.",
            left,
        ),
        field="code",
        status=422,
    )


def masked(address: str) -> str:
    """An address that its owner knows and a stranger does not learn: ``l•••@bdps.example``."""
    name, _at, domain = address.partition("@")
    return f"{name[:1]}•••@{domain}"
