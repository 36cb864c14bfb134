"""What a site's page shows: the facts of one site and nothing of any other. Reads only."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from meetings import journal
from meetings.attendance import queries as attendance
from meetings.attendance.board import line_alarm
from meetings.attendance.models import Presence
from meetings.attendance.rules import State
from meetings.directory import persons
from meetings.directory import queries as directory
from meetings.directory.models import Duty
from meetings.invitations import enclosures, letters, rounds
from meetings.invitations.history import Said, answers
from meetings.invitations.models import Invitation
from meetings.invitations.rules import ANSWERS, LINK_LASTS, Consent, Reply, Window, reply_window
from meetings.official.text import fold
from meetings.overview import site_steps
from meetings.overview.site_steps import Facts, Mark, Name, Phase
from meetings.post import queries as post
from meetings.readiness import forms as readiness_forms
from meetings.readiness import ladder, ladders, slotting
from meetings.readiness import queries as readiness
from meetings.readiness import rules as readiness_rules
from meetings.readiness.findings import Findings, Stamp
from meetings.readiness.models import Delegate, DelegateRole, LineTest, Outcome, Roster, Round
from meetings.readiness.roster import place_for
from meetings.readiness.rules import Item
from meetings.scheduling import queries as scheduling
from meetings.scheduling import rooms
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.room_rules import MANUAL, Door, Opening
from meetings.scheduling.rules import ChangeKind, Status, timetable
from meetings.units.models import UnitKind


@dataclass(frozen=True)
class AgendaLine:
    """One line of the programme; *mine* where this very site is to speak."""

    begins_at: datetime
    title: str
    minutes: int
    presenter: str
    mine: bool


@dataclass(frozen=True)
class Moved:
    """The hour that the site was told before, and why it is another one. *asks*: it has not answered since."""

    starts_at: datetime
    ends_at: datetime
    reason: str
    asks: bool


@dataclass(frozen=True)
class View:
    """Everything the pages of one link say. Instants are aware, UTC."""

    invitation: Invitation
    site: MeetingSite
    meeting: Meeting
    name: str
    at: datetime
    starts_at: datetime
    ends_at: datetime
    expires_at: datetime
    check_in_opens: datetime
    phase: Phase
    facts: Facts
    marks: dict[Name, Mark]
    next: Name | None
    days: int
    reply_window: Window
    roster: Roster | None
    test: LineTest | None
    tests: Mapping[Round, LineTest]
    round: Round  # of the line test, that is on
    due: ladder.Due  # when its rounds are due
    line: readiness_rules.Alarm  # its colour, as the board shows it
    slot: slotting.Told | None  # of the rehearsal
    presence: Presence | None
    moved: Moved | None
    reason: str  # why it was called off or put off
    door: Door
    opening: Opening | None  # of the video room: the one that is on, else the next
    room_named: bool

    @property
    def done(self) -> int:
        return sum(mark is Mark.DONE for mark in self.marks.values())

    @property
    def open(self) -> bool:
        """Whether anything can still be sent from these pages."""
        return self.phase in (Phase.AHEAD, Phase.RUNNING)

    @property
    def check_in_open(self) -> bool:
        return self.open and self.at >= self.check_in_opens

    @property
    def tested(self) -> LineTest | None:
        """The test that counts now: of the round that is on; a fault of the rehearsal until the day says otherwise."""
        of_day, rehearsal = self.tests.get(Round.ON_DAY), self.tests.get(Round.REHEARSAL)
        if not self.open or self.at >= self.starts_at:
            return self.test
        if of_day is not None and (of_day.outcome is not Outcome.UNTESTED or self.facts.line_test is Outcome.UNTESTED):
            return of_day
        return rehearsal if self.round is Round.REHEARSAL or self.facts.line_test is Outcome.FAILED else None

    @property
    def stamps(self) -> dict[Item, Stamp]:
        """Who looked at each item of the round that is on, when, by which door."""
        test = self.tests.get(self.round)
        found = Findings.of(test)
        return {item: stamp for item in Item if (stamp := found.stamp(item)) is not None}

    @property
    def steps_of_test(self) -> ladder.Steps | None:
        """The hours of the round that is on."""
        return self.due.day if self.round is Round.ON_DAY else self.due.rehearsal

    @property
    def state(self) -> State:
        return self.facts.presence

    @property
    def minutes_left(self) -> int:
        """Whole minutes until the start, rounded up; negative once it has begun."""
        return -int((self.at - self.starts_at).total_seconds() // 60)

    @property
    def answers(self) -> list[Said]:
        """Every answer of the site, oldest first."""
        return answers(journal.queries.about(self.invitation.journal_subject))

    @property
    def agenda(self) -> list[AgendaLine]:
        items = scheduling.agenda_of(self.meeting)
        lines = timetable(self.starts_at, [item.minutes for item in items])
        return [
            AgendaLine(
                line.begins_at,
                item.title,
                item.minutes,
                item.presenter,
                mentions(self.site.name, item.title, item.presenter),
            )
            for item, line in zip(items, lines, strict=True)
        ]


def of(invitation: Invitation, *, at: datetime) -> View:
    """The page of *invitation*'s site as it stands *at*."""
    site = invitation.meeting_site
    meeting = site.meeting
    starts_at = meeting.starts_at or at
    ends_at = meeting.ends_at or starts_at
    roster = readiness.roster_of(site)
    tests = readiness.line_tests(site)
    test = readiness.newest(tests.values())
    due = ladders.due(meeting) or ladder.usual(starts_at)
    rehearsal, day = (
        tests[one].outcome if one in tests else Outcome.UNTESTED for one in (Round.REHEARSAL, Round.ON_DAY)
    )
    counting = ladder.counting(rehearsal, day, due, now=at) if at < starts_at else test.outcome if test else rehearsal
    presence = attendance.presence(site.id)
    moved = _moved(invitation, meeting)
    # what was said of another hour, or of a substitute to whom the chair does not consent, is to be said again
    refused = invitation.reply is Reply.SUBSTITUTE and invitation.consent is Consent.REFUSED and at < starts_at
    facts = Facts(
        status=meeting.status,
        starts_at=starts_at,
        ends_at=ends_at,
        reply=Reply.ASKED if (moved is not None and moved.asks) or refused else invitation.reply,
        roster_filed=roster is not None,
        delegates=readiness.delegate_count(site),
        wanting=len(roster.pending) if roster else 0,
        line_test=counting,
        presence=presence.state if presence else State.NOT_IN,
    )
    marks = site_steps.steps(facts, now=at)
    door, opening = rooms.door(meeting, at=at)
    return View(
        invitation=invitation,
        site=site,
        meeting=meeting,
        name=spoken_name(site),
        at=at,
        starts_at=starts_at,
        ends_at=ends_at,
        expires_at=ends_at + LINK_LASTS,
        check_in_opens=readiness_rules.check_in_opens(starts_at),
        phase=site_steps.phase(meeting.status, starts_at, ends_at, now=at),
        facts=facts,
        marks=marks,
        next=site_steps.next_step(marks),
        days=site_steps.days_left(starts_at, now=at),
        reply_window=reply_window(meeting.reply_by, starts_at, held=meeting.status is Status.SCHEDULED, now=at),
        roster=roster,
        test=test,
        tests=tests,
        round=ladder.round_at(at, due.day),
        due=due,
        line=line_alarm(facts.presence, rehearsal, day, due, now=at, starts_at=starts_at),
        slot=slotting.told(site),
        presence=presence,
        moved=moved,
        reason=_reason(meeting),
        door=door,
        opening=opening,
        room_named=meeting.platform != MANUAL or bool(meeting.platform_link),
    )


def _moved(invitation: Invitation, meeting: Meeting) -> Moved | None:
    """What the site was told before the meeting moved; None where it knows no other hour, or that hour came back."""
    moves = [
        change
        for change in scheduling.changes_of(meeting)
        if change.kind is ChangeKind.RESCHEDULED and change.at > invitation.asked_at
    ]
    if meeting.status is not Status.SCHEDULED or not moves:
        return None
    answered_at = invitation.replied_at if invitation.reply in ANSWERS else None
    since = [change for change in moves if answered_at is None or change.at > answered_at]
    before = (since or moves[-1:])[0].before
    starts_at, ends_at = (datetime.fromisoformat(before[name]) for name in ("starts_at", "ends_at"))
    if (starts_at, ends_at) == (meeting.starts_at, meeting.ends_at):
        return None
    return Moved(starts_at, ends_at, moves[-1].reason, bool(since))


def _reason(meeting: Meeting) -> str:
    if meeting.status not in (Status.POSTPONED, Status.CANCELLED):
        return ""
    off = [c for c in scheduling.changes_of(meeting) if c.kind in (ChangeKind.POSTPONED, ChangeKind.CANCELLED)]
    return off[-1].reason if off else ""


def spoken_name(site: MeetingSite) -> str:
    """``tỉnh Nghệ An``, ``Thành phố Hồ Chí Minh``, ``xã Kim Liên``: the name as it follows «điểm cầu» (NĐ 30, PL II, III.1)."""
    unit = site.unit
    if unit.kind is UnitKind.PROVINCE and not fold(site.name).startswith(fold(unit.type)):
        type = "Thành phố" if unit.code == "79" else "Thủ đô" if unit.code == "01" else unit.type
        return f"{type} {site.name}"
    return site.name


def mentions(site: str, *texts: str) -> bool:
    """Whether one of *texts* names the site, whatever the case and the diacritics, as whole words."""
    wanted = re.compile(rf"\b{re.escape(fold(site))}\b")
    return bool(fold(site)) and any(wanted.search(fold(text)) for text in texts)


def sent_at(invitation: Invitation, step: str) -> datetime | None:
    """When the site last sent *step* (``reply``, ``roster`` or ``line_test``), None if it never did."""
    site = invitation.meeting_site
    if step == Name.REPLY:
        return invitation.replied_at
    if step == Name.ROSTER:
        roster = readiness.roster_of(site)
        return roster.filed_at if roster else None
    test = readiness.newest(readiness.line_tests(site).values())
    return test.tested_at if test else None


def giay_moi(meeting: Meeting) -> bytes:
    """The giấy mời of *meeting*: the file that its letters carry, else as the meeting stands now.

    The file is kept once for all sites; writing the annex of a national conference anew for every reader would not do.
    """
    kept = rounds.released_paper(meeting)
    if kept is not None:
        return post.enclosure(kept.sha256)
    letter = post.first(meeting.code, f"{letters.KIND}-%") if meeting.paper == 0 else None
    files = letter.enclosures if letter is not None else []
    return post.enclosure(files[0]["sha256"]) if files else enclosures.document(meeting)


# --- what the forms begin with ---------------------------------------------------------------------------------------


def answered(invitation: Invitation) -> dict[str, Any]:
    """What the reply form begins with: the earlier answer, if there is one, and a telephone number to ring."""
    first = invitation.reply in (Reply.ASKED, Reply.NOT_ASKED)
    officer = directory.contact(invitation.meeting_site.site, Duty.COORDINATOR)
    phone = invitation.day_phone or (officer.phone if officer else "")
    substitute = invitation.reply is Reply.SUBSTITUTE
    return {
        "answer": None if first else invitation.reply.value,
        "substitute_honorific": invitation.substitute_honorific,
        "substitute_name": invitation.substitute_name,
        "substitute_title": invitation.substitute_title,
        "replaced": _replaced(invitation),
        "substitute_reason": invitation.reason if substitute else "",
        "reason": invitation.reason if invitation.reply is Reply.DECLINED else "",
        "day_phone": persons.spoken(phone),
    }


def hour(site: MeetingSite) -> str:
    """The hour of the meeting as an answer carries it: one that was given to another hour does not hold for this."""
    return site.meeting.starts_at.isoformat() if site.meeting.starts_at else ""


def _replaced(invitation: Invitation) -> str:
    """Whose place a substitute would take: as was said, else the leader of the site's unit that the directory knows."""
    if invitation.replaced_name or invitation.reply is Reply.SUBSTITUTE:
        return ", ".join(filter(None, (invitation.replaced_name, invitation.replaced_title)))
    leader = directory.leader_of(invitation.meeting_site.unit)
    return letters.titled(leader.honorific, leader.name, leader.title) if leader is not None else ""


@dataclass(frozen=True)
class Held:
    """A site's list as it stands: complete delegates, rows that want something, and what the last paste was."""

    delegates: Sequence[Delegate]
    pending: Sequence[dict[str, Any]]
    reading: dict[str, Any]
    over: int
    most: int | None

    @property
    def unsaid(self) -> list[Delegate]:
        """Delegates of whom nothing said Ông or Bà."""
        return [delegate for delegate in self.delegates if not delegate.honorific]

    def beside(self, place: int, step: int) -> int | None:
        """The place (from 1) one *step* up (-1) or down of *place*; None where whoever stands there may not move to it."""
        goes = place_for(self._heads, place - 1, place - 1 + step) + 1
        return goes if goes != place else None

    @cached_property
    def _heads(self) -> list[bool]:
        return [one.role is DelegateRole.HEAD for one in self.delegates]


def roster_of(site: MeetingSite) -> Held:
    """The list of *site*."""
    roster = readiness.roster_of(site)
    delegates = readiness.delegates(site)
    most = site.meeting.max_delegates
    return Held(
        delegates=delegates,
        pending=roster.pending if roster else [],
        reading=roster.reading if roster else {},
        over=readiness_rules.over(len(delegates), most),
        most=most,
    )


def tested(site: MeetingSite, *, at: datetime) -> dict[str, Any]:
    """What the line-test form begins with: the result of the round that is on, item by item."""
    test = readiness.line_tests(site).get(round_of(site, at=at))
    if test is None:
        return {}
    return {
        **test.items,
        **{f"note_{item}": text for item, text in test.notes.items()},
        "seen": readiness_forms.seen_as(test.items, test.notes),
    }


def round_of(site: MeetingSite, *, at: datetime) -> Round:
    """The round a test made *at* belongs to."""
    due = ladders.due(site.meeting, at=at)
    return ladder.round_at(at, due.day) if due is not None else Round.REHEARSAL


def expected(site: MeetingSite) -> int:
    """The head-count a check-in begins with: what the site said last, else its roster without those who are absent, else one."""
    presence = attendance.presence(site.id)
    if presence is not None and presence.head_count:
        return presence.head_count
    return readiness_rules.prefilled(sum(not one.absent for one in readiness.delegates(site)))
