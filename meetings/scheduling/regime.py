"""The rules of the meeting regime, argued about: facts of a meeting in, findings out. Each names its rule, law and label.

A rule is dated data: which version holds is decided by the day of sending. Whether it warns, blocks or rests is its
*setting*; what is done about a finding (urgent, overridden with reason and leader) is a :class:`Pass`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

from meetings.clock import instant, wall
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.i18n import locale, ngettext
from meetings.official import dates
from meetings.official.verified import Verified
from meetings.official.working_days import Span
from meetings.scheduling.rules import TYPE_WORDS, MeetingType


class Setting(StrEnum):
    """What a rule does when it is not kept."""

    OFF = "off"
    WARN = "warn"
    BLOCK = "block"


SETTING_WORDS: Final = {
    Setting.OFF: _l("not applied"),
    Setting.WARN: _l("warns"),
    Setting.BLOCK: _l("blocks"),
}


class Way(StrEnum):
    """How a meeting went past a rule."""

    URGENT = "urgent"
    OVERRIDE = "override"


WAY_WORDS: Final = {Way.URGENT: _l("urgent meeting"), Way.OVERRIDE: _l("overridden with a reason")}


class WorkingDays(Protocol):
    """Which days are worked; ``meetings.official.working_days`` knows the holidays."""

    def add_working_days(self, start: date, days: int) -> date: ...


@dataclass(frozen=True)
class Rule:
    """One version of a rule, with where it comes from and how far that was verified."""

    key: str
    valid_from: date
    valid_to: date | None
    value: Mapping[str, Any]
    setting: Setting
    source: str
    article: str
    verified: Verified
    note: str = ""

    @property
    def law(self) -> str:
        return f"{self.source}, {self.article}" if self.article else self.source

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def in_force(versions: Iterable[Rule], day: date) -> dict[str, Rule]:
    """The version of each rule that holds on *day*, by key."""
    return {rule.key: rule for rule in sorted(versions, key=lambda rule: rule.valid_from) if rule.holds_on(day)}


# ---------------------------------------------------------------- what there is to set


@dataclass(frozen=True)
class Part:
    """One value of a rule: its name on the screen and what can be meant; *kind* is ``number``, ``time`` or ``tick``."""

    word: Any
    kind: str = "number"
    least: int = 0
    most: int = 60


@dataclass(frozen=True)
class Kind:
    """A rule by name, the values it has, and whether an urgent meeting goes past it."""

    word: Any
    parts: Mapping[str, Part]
    urgent_passes: bool = False
    settings: tuple[Setting, ...] = tuple(Setting)


_LEAD: Final = {"days": Part(_l("Working days before the meeting"))}
NO_MEETING_CASES: Final = {
    "routine": _l("Routine work of directing and carrying out in a natural disaster or an emergency"),
    "delegated": _l("Work that has been delegated to the head of a unit below"),
    "otherwise": _l("Work that the law lets be settled otherwise than by a meeting"),
    "reports": _l("Hearing reports of those below instead of inspecting on the spot"),
    "leisure": _l("A meeting joined with sightseeing, rest or entertainment"),
}
"""The five cases in which no meeting may be held (regulations §1.2)."""

KINDS: Final[dict[str, Kind]] = {
    "invitation_lead": Kind(_l("Lead time of the invitation"), _LEAD, urgent_passes=True),
    "paper_lead": Kind(_l("Lead time of the papers"), _LEAD, urgent_passes=True),
    "length": Kind(
        _l("Length by type of meeting"),
        {kind.value: Part(word, least=1, most=20) for kind, word in TYPE_WORDS.items()},
    ),
    "no_meeting": Kind(_l("Cases in which no meeting is held"), {}),
    "tests": Kind(
        _l("Technical test before the meeting"),
        {**_LEAD, "from": Part(_l("From, on that day"), "time")},
        urgent_passes=True,
    ),
    "public_session": Kind(
        _l("Online reception of citizens: notice, test, connection"),
        {
            "notice_days": Part(_l("Notice: working days before")),
            "test_days": Part(_l("Test passed with every site: working days before")),
            "connected_minutes": Part(_l("All connected: minutes before"), most=600),
        },
    ),
    "reply": Kind(
        _l("Deadline for replies and rosters"),
        {**_LEAD, "until": Part(_l("Until, on that day"), "time")},
        settings=(Setting.WARN,),  # its numbers hold whatever it does
    ),
    "substitute": Kind(_l("A substitute needs the chair's consent"), {}, settings=(Setting.OFF, Setting.BLOCK)),
    "notice": Kind(
        _l("Notice of conclusions"),
        {"days": Part(_l("Working days after the end"), least=1)},
        settings=(Setting.OFF, Setting.WARN),
    ),
    "hand_out": Kind(
        _l("Hand-out of the minutes"),
        {
            "leaders": Part(_l("Files attached for leaders"), "tick"),
            "units": Part(_l("Files attached for units"), "tick"),
            "days": Part(_l("Working days until a receipt is asked for again"), least=1),
        },
        settings=(Setting.WARN,),  # it says how, whatever it does
    ),
}
"""Every rule there is. Which values stand in it is data; which rules exist is code, because each is read somewhere."""


URGENT_PASSES: Final = frozenset(key for key, kind in KINDS.items() if kind.urgent_passes)
"""Rules that step aside for an urgent meeting (đột xuất)."""


def time_of(text: str) -> time:
    """``17:00`` as a time on the wall."""
    return time.fromisoformat(text)


def fault(key: str, value: Mapping[str, Any]) -> tuple[str, str] | None:
    """What is wrong with the *value* of the rule *key*: its part and a sentence."""
    for name, part in KINDS[key].parts.items():
        given = value.get(name)
        if part.kind == "number" and not (isinstance(given, int) and part.least <= given <= part.most):
            return name, _("Enter a number from %(low)s to %(high)s.", low=part.least, high=part.most)
    return None


# ---------------------------------------------------------------- facts in


@dataclass(frozen=True)
class Pass:
    """That a meeting may go past a rule: how, why, and which leader approved it."""

    way: Way
    reason: str
    leader: str
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Facts:
    """What the rules look at. *urgent* is None where the meeting is not, or where nobody approved that it is."""

    type: MeetingType
    starts_at: datetime
    ends_at: datetime
    sent_at: datetime
    urgent: Pass | None = None
    confirmed: bool = False  # that none of the cases applies in which no meeting is held
    papers: Sequence[tuple[str, datetime]] = ()  # title, when it was added

    @property
    def meeting_on(self) -> date:
        return wall(self.starts_at).date()

    @property
    def sent_on(self) -> date:
        return wall(self.sent_at).date()


@dataclass(frozen=True)
class Finding:
    """A rule that is not kept: in words, with its law, and what stands against it."""

    key: str
    words: str
    law: str
    verified: Verified
    note: str
    blocks: bool
    earliest: date | None = None
    passed: Pass | None = None

    @property
    def overridden_by(self) -> str:
        """The leader under whose name it is passed, or ""."""
        return self.passed.leader if self.passed else ""

    @property
    def name(self) -> str:
        return str(KINDS[self.key].word)


def earliest_day(sent_on: date, days_before: int, days: WorkingDays) -> date:
    """The first working day for which something sent on *sent_on* is sent *days_before* working days before.

    The day of sending counts when it is worked, the day of the meeting does not: sent on a Monday, held on Thursday.
    """
    return days.add_working_days(days.add_working_days(sent_on, 0), days_before)


def in_time(sent_on: date, meeting_on: date, days_before: int, days: WorkingDays) -> bool:
    """Whether *sent_on* lies at least *days_before* working days before *meeting_on*."""
    return sent_on <= days.add_working_days(meeting_on, -days_before) if days_before else sent_on <= meeting_on


def worked_minutes(starts_at: datetime, ends_at: datetime, hours: Sequence[Span]) -> int:
    """How long a meeting takes of its people: from its beginning to its end without the breaks that lie wholly inside.

    Breaks are those between two spans of the office hours, at noon and at night.
    """
    begins, ends = wall(starts_at), wall(ends_at)
    length = int((ends_at - starts_at).total_seconds()) // 60
    day = begins.date()
    while day <= ends.date():
        following = [(day, span) for span in hours] + [(day + timedelta(days=1), hours[0])]
        for (one, before), (other, after) in zip(following, following[1:], strict=False):
            closes, opens = instant(one, before.ends), instant(other, after.begins)
            if starts_at < closes and opens < ends_at:
                length -= int((opens - closes).total_seconds()) // 60
        day += timedelta(days=1)
    return length


def allowed_minutes(half_days: int, hours: Sequence[Span]) -> int:
    """How many minutes *half_days* of office hours have; one half day is the longer span of a day."""
    spans = [
        int(
            (
                instant(date.min.replace(year=2000), s.ends) - instant(date.min.replace(year=2000), s.begins)
            ).total_seconds()
        )
        // 60
        for s in hours
    ]
    whole, half = divmod(half_days, 2)
    return whole * sum(spans) + half * max(spans)


def half_days_words(count: int) -> str:
    """``half a working day`` · ``one working day`` · ``2 working days`` · ``3 half-days``."""
    if count == 1:
        return _("half a working day")
    if count % 2:
        return _("%(num)s half-days", num=count)
    return ngettext("%(num)s working day", "%(num)s working days", count // 2)


# ---------------------------------------------------------------- findings out

Found = tuple[str, date | None] | None
Check = Callable[[Facts, Rule, WorkingDays, Sequence[Span]], Found]


def _day(day: date) -> str:
    return dates.date_short(day, locale())


def _invitation_lead(facts: Facts, rule: Rule, days: WorkingDays, hours: Sequence[Span]) -> Found:
    before = int(rule.value["days"])
    if in_time(facts.sent_on, facts.meeting_on, before, days):
        return None
    earliest = earliest_day(facts.sent_on, before, days)
    return (
        _(
            "An invitation leaves at least %(days)s working days before the meeting. "
            "Sent on %(sent)s, the meeting can be held on %(earliest)s from %(hour)s at the earliest; it is set for %(day)s.",
            days=before,
            sent=_day(facts.sent_on),
            earliest=f"{dates.weekday(earliest, locale())} {_day(earliest)}",
            hour=dates.clock(hours[0].begins, locale()),
            day=_day(facts.meeting_on),
        ),
        earliest,
    )


def _paper_lead(facts: Facts, rule: Rule, days: WorkingDays, hours: Sequence[Span]) -> Found:
    before = int(rule.value["days"])
    late = [title for title, at in facts.papers if not in_time(wall(at).date(), facts.meeting_on, before, days)]
    if not late:
        return None
    return (
        _(
            "Papers are sent at least %(days)s working days before the meeting, by %(last)s. Added later: %(names)s.",
            days=before,
            last=_day(days.add_working_days(facts.meeting_on, -before)),
            names="; ".join(late[:5]) + ("…" if len(late) > 5 else ""),
        ),
        None,
    )


def _length(facts: Facts, rule: Rule, days: WorkingDays, hours: Sequence[Span]) -> Found:
    allowed = int(rule.value[facts.type.value])
    takes = worked_minutes(facts.starts_at, facts.ends_at, hours)
    if takes <= allowed_minutes(allowed, hours):
        return None
    return (
        _(
            "“%(type)s”: at most %(allowed)s. This meeting takes %(length)s without its breaks.",
            type=TYPE_WORDS[facts.type],
            allowed=half_days_words(allowed),
            length=dates.duration(timedelta(minutes=takes), locale()),
        ),
        None,
    )


def _no_meeting(facts: Facts, rule: Rule, days: WorkingDays, hours: Sequence[Span]) -> Found:
    if facts.confirmed:
        return None
    return _("It has not been confirmed yet that none of the five cases applies in which no meeting is held."), None


def _tests(facts: Facts, rule: Rule, days: WorkingDays, hours: Sequence[Span]) -> Found:
    before, begins = int(rule.value["days"]), time_of(rule.value["from"])
    if facts.sent_at < instant(days.add_working_days(facts.meeting_on, -before), begins):
        return None
    earliest = earliest_day(facts.sent_on, before, days)
    if instant(days.add_working_days(earliest, -before), begins) <= facts.sent_at:
        earliest = days.add_working_days(earliest, 1)
    return (
        _(
            "The lines are tested %(days)s working days before the meeting, from %(hour)s. "
            "There is no time left for that; it would be in time for a meeting on %(earliest)s.",
            days=before,
            hour=dates.clock(begins, locale()),
            earliest=_day(earliest),
        ),
        earliest,
    )


def _public_session(facts: Facts, rule: Rule, days: WorkingDays, hours: Sequence[Span]) -> Found:
    before = int(rule.value["notice_days"])
    if in_time(facts.sent_on, facts.meeting_on, before, days):
        return None
    earliest = earliest_day(facts.sent_on, before, days)
    return (
        _(
            "For an online reception of citizens the notice leaves at least %(days)s working days before: "
            "on %(earliest)s at the earliest. It holds only for meetings of that kind.",
            days=before,
            earliest=_day(earliest),
        ),
        earliest,
    )


CHECKS: Final[dict[str, Check]] = {
    "invitation_lead": _invitation_lead,
    "public_session": _public_session,
    "length": _length,
    "paper_lead": _paper_lead,
    "tests": _tests,
    "no_meeting": _no_meeting,
}
"""What is looked at when invitations are sent, in the order in which it is told. The other rules only hold numbers."""


def findings(
    facts: Facts,
    rules: Mapping[str, Rule],
    days: WorkingDays,
    hours: Sequence[Span],
    passes: Mapping[str, Pass] | None = None,
) -> list[Finding]:
    """The rules that sending *facts* would not keep. *passes*: rule → that a leader let it be overridden."""
    told: list[Finding] = []
    for key, check in CHECKS.items():
        rule = rules.get(key)
        if rule is None or rule.setting is Setting.OFF:
            continue
        found = check(facts, rule, days, hours)
        if found is None:
            continue
        words, earliest = found
        passed = facts.urgent if KINDS[key].urgent_passes and facts.urgent else (passes or {}).get(key)
        blocks = rule.setting is Setting.BLOCK and passed is None
        told.append(Finding(key, words, rule.law, rule.verified, rule.note, blocks, earliest, passed))
    return told
