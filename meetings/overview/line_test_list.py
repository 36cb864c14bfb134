"""The list of those who test lines: every site with its colour, the worst first, counts before rows.

One light statement over all sites gives counts and order, whatever their number; the rows of one page are then read whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings import journal
from meetings.accounts.rules import Actor, Role
from meetings.attendance import facts as columns
from meetings.attendance import queries as attendance
from meetings.attendance.board import line_alarm
from meetings.attendance.models import Presence
from meetings.attendance.queries import Officer
from meetings.attendance.rules import State
from meetings.database import db
from meetings.errors import Forbidden
from meetings.i18n import gettext as _
from meetings.invitations import queries as invitations
from meetings.journal.models import Entry
from meetings.overview import site_desk
from meetings.readiness import ladder, ladders, sharing, slotting
from meetings.readiness.findings import Findings, Stamp
from meetings.readiness.ladder import Due
from meetings.readiness.models import LineTest, LineTestPlan, LineTestSlot, Outcome, Round
from meetings.readiness.rules import Alarm, Item, Verdict
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.units import queries as units
from meetings.units.models import Unit
from meetings.web.pages import SIZE, Page

_RANK: Final = {
    (Alarm.RED, Outcome.FAILED): 0,
    (Alarm.RED, Outcome.UNTESTED): 1,
    (Alarm.AMBER, Outcome.UNTESTED): 2,
}
"""The worst first; what is only not tested yet stands behind, and what passed at the end."""


@dataclass(frozen=True)
class Ask:
    """What the address asks for."""

    round: str = ""
    show: str = ""
    province: str = ""
    words: str = ""
    page: int = 1
    site: int | None = None

    @property
    def values(self) -> dict[str, Any]:
        """The same for an address of this list, without what is not asked."""
        asked = {"round": self.round, "show": self.show, "province": self.province, "q": self.words}
        return {key: value for key, value in asked.items() if value} | ({"page": self.page} if self.page > 1 else {})


@dataclass(frozen=True, slots=True)
class Fact:
    """One site as far as its colour and its place in the list go."""

    id: int
    position: int
    province_id: int | None
    slot_at: datetime | None
    outcome: Outcome
    alarm: Alarm

    @property
    def key(self) -> tuple[int, float, int, int]:
        rank = _RANK.get((self.alarm, self.outcome), 4 if self.outcome is Outcome.PASSED else 3)
        return (rank, self.slot_at.timestamp() if self.slot_at else 0.0, self.position, self.id)


@dataclass(frozen=True)
class Province:
    """The counts of one province (or, without a code, of the bodies that lie in none)."""

    code: str
    name: str
    failed: int
    red: int
    untested: int
    sites: int


@dataclass(frozen=True)
class Line:
    """One row of the page: the site, what was found, who is rung. *officer* is None for those who may see no numbers."""

    site: MeetingSite
    fact: Fact
    tests: Mapping[Round, LineTest]
    slot: LineTestSlot | None
    technician: str  # who rings in its slot
    officer: Officer | None
    may_record: bool

    @property
    def test(self) -> LineTest | None:
        """The test whose result is shown: of the day where there is one, else of the rehearsal."""
        return self.tests.get(Round.ON_DAY) or self.tests.get(Round.REHEARSAL)

    def of(self, round_: Round) -> LineTest | None:
        return self.tests.get(round_)

    def faults(self, test: LineTest) -> list[tuple[Item, str]]:
        """What is wrong, item by item, with its word."""
        return [(item, test.notes.get(item, "")) for item in Item if test.items.get(item) == Verdict.FAULT]

    def stamps(self, test: LineTest) -> dict[Item, Stamp]:
        """Who looked at each item, when, by which door."""
        found = Findings.of(test)
        return {item: stamp for item in Item if (stamp := found.stamp(item)) is not None}


@dataclass(frozen=True)
class Screen:
    """Everything the list says."""

    meeting: Meeting
    ask: Ask
    at: datetime
    due: Due
    round: Round  # that is shown
    current: Round  # that is on, and in which results are recorded
    facts: Sequence[Fact]
    provinces: Sequence[Province]
    lines: Page[Line]
    plan: LineTestPlan | None
    phones: bool
    may_share: bool

    @cached_property
    def counts(self) -> Counter[str]:
        """Sites by outcome, and under ``""`` all of them."""
        found = Counter(fact.outcome.value for fact in self.facts)
        found[""] = len(self.facts)
        return found

    @cached_property
    def colours(self) -> Counter[Alarm]:
        return Counter(fact.alarm for fact in self.facts)

    @property
    def overdue(self) -> int:
        """Sites that are red because nobody tested them."""
        return self.colours[Alarm.RED] - sum(f.alarm is Alarm.RED and f.outcome is Outcome.FAILED for f in self.facts)

    @property
    def steps(self) -> ladder.Steps | None:
        """The hours of the round that is shown."""
        return self.due.day if self.round is Round.ON_DAY else self.due.rehearsal

    @property
    def recordable(self) -> bool:
        return self.round is self.current

    @property
    def many(self) -> bool:
        """Whether provinces are worth a line of their own."""
        return len(self.provinces) > 1 and len(self.provinces) < sum(p.sites for p in self.provinces)


def seen_by(who: Actor, meeting: Meeting) -> sa.ColumnElement[bool]:
    """The sites whose tests *who* follows: all of the organiser's people, a province's technician those of her province."""
    if who.may("line_test.record", meeting.organiser.path):
        return sa.true()
    paths = who.paths("line_test.record")
    return MeetingSite.unit_id.in_(sa.select(Unit.id).where(units.within(paths)))


def may_share(who: Actor, meeting: Meeting) -> bool:
    """Whether *who* shares the rehearsal out: a secretary or a technician of the organiser."""
    path = meeting.organiser.path
    return any(g.role in (Role.SECRETARY, Role.TECHNICIAN) and path.startswith(g.path) for g in who.grants)


def check_may_share(who: Actor, meeting: Meeting) -> None:
    if not may_share(who, meeting):
        raise Forbidden(_("The rehearsal is shared out by a secretary or a technician of the organiser."))


def facts(
    who: Actor, meeting: Meeting, *where: sa.ColumnElement[bool], round_: Round | None, due: Due, at: datetime
) -> list[Fact]:
    """Every site that *who* follows and that attends, the worst first; *round_* None: by the round that is on."""
    starts_at = meeting.starts_at or at
    rows = db.session.execute(
        columns.of(
            meeting,
            MeetingSite.id,
            MeetingSite.position,
            MeetingSite.province_id,
            LineTestSlot.starts_at,
            columns.rehearsal.outcome,
            columns.day.outcome,
            Presence.state,
        )
        .join(Unit, Unit.id == MeetingSite.unit_id)
        .outerjoin(LineTestSlot, LineTestSlot.meeting_site_id == MeetingSite.id)
        .where(
            sa.true() if meeting.host_site_id is None else MeetingSite.site_id != meeting.host_site_id,
            invitations.not_declined,
            seen_by(who, meeting),
            *where,
        )
    )
    made = []
    for id, position, province, slot_at, tried, tested, state in rows:
        rehearsal, day = tried or Outcome.UNTESTED, tested or Outcome.UNTESTED
        if round_ is None:
            outcome = ladder.counting(rehearsal, day, due, now=at)
            colour = line_alarm(state or State.NOT_IN, rehearsal, day, due, now=at, starts_at=starts_at)
        else:
            outcome = day if round_ is Round.ON_DAY else rehearsal
            steps = due.day if round_ is Round.ON_DAY else due.rehearsal
            colour = ladder.alarm_in(outcome, steps, now=at)
        made.append(Fact(id, position, province, slot_at, outcome, colour))
    return sorted(made, key=lambda fact: fact.key)


def screen(who: Actor, meeting: Meeting, ask: Ask, *, at: datetime, size: int = SIZE) -> Screen:
    """The list as *who* asks for it."""
    due = ladders.due(meeting) or ladder.usual(at)
    current = ladder.round_at(at, due.day)
    shown = Round(ask.round) if ask.round in set(Round) else current
    named = [attendance.named(ask.words)] if ask.words else []
    every = facts(who, meeting, *named, round_=None if shown is current else shown, due=due, at=at)
    provinces = _provinces(every)
    ids = {province.id for province in _units(every) if province.code == ask.province}
    here = [fact for fact in every if fact.province_id in ids or (ask.province == "-" and fact.province_id is None)]
    chosen = here if ask.province else every
    listed = [fact for fact in chosen if not ask.show or fact.outcome.value == ask.show]
    number = min(ask.page, max(1, -(-len(listed) // size)))
    phones = who.may("phone.see", meeting.organiser.path)
    plan = slotting.plan_of(meeting)
    lines = _lines(who, meeting, listed[(number - 1) * size : number * size], plan, phones=phones, at=at)
    return Screen(
        meeting=meeting,
        ask=ask,
        at=at,
        due=due,
        round=shown,
        current=current,
        facts=chosen,
        provinces=provinces,
        lines=Page(lines, number, len(listed), size),
        plan=plan,
        phones=phones or any(line.officer is not None for line in lines),
        may_share=may_share(who, meeting),
    )


def _units(every: Sequence[Fact]) -> Sequence[Unit]:
    ids = {fact.province_id for fact in every if fact.province_id is not None}
    return db.session.scalars(sa.select(Unit).where(Unit.id.in_(ids)).order_by(Unit.code)).all()


def _provinces(every: Sequence[Fact]) -> list[Province]:
    """The counts by province, the one with most that is wrong first."""
    named: dict[int | None, tuple[str, str]] = {unit.id: (unit.code, unit.name) for unit in _units(every)}
    made = []
    for id, (code, name) in {**named, None: ("-", "")}.items():
        own = [fact for fact in every if fact.province_id == id]
        if own:
            outcomes = Counter(fact.outcome for fact in own)
            red = sum(fact.alarm is Alarm.RED for fact in own)
            made.append(Province(code, name, outcomes[Outcome.FAILED], red, outcomes[Outcome.UNTESTED], len(own)))
    return sorted(made, key=lambda p: (-p.failed, -p.red, -p.untested, p.code))


def _lines(
    who: Actor, meeting: Meeting, page: Sequence[Fact], plan: LineTestPlan | None, *, phones: bool, at: datetime
) -> list[Line]:
    ids = [fact.id for fact in page]
    sites = {
        site.id: site
        for site in db.session.scalars(
            sa.select(MeetingSite)
            .where(MeetingSite.id.in_(ids))
            .options(joinedload(MeetingSite.unit), joinedload(MeetingSite.province))
        )
    }
    tests: dict[int, dict[Round, LineTest]] = {}
    for test in db.session.scalars(sa.select(LineTest).where(LineTest.meeting_site_id.in_(ids))):
        tests.setdefault(test.meeting_site_id, {})[test.round] = test
    slots = {
        slot.meeting_site_id: slot
        for slot in db.session.scalars(sa.select(LineTestSlot).where(LineTestSlot.meeting_site_id.in_(ids)))
    }
    hers = [id for id in ids if phones or who.may("phone.see", sites[id].unit.path)]
    officers = attendance.officers(attendance.sites(meeting, MeetingSite.id.in_(hers)), at) if hers else {}
    return [
        Line(
            site=sites[fact.id],
            fact=fact,
            tests=tests.get(fact.id, {}),
            slot=slots.get(fact.id),
            technician=sharing.technician(plan.technicians, slots[fact.id].lane) if plan and fact.id in slots else "",
            officer=officers.get(fact.id),
            may_record=site_desk.role_at(who, sites[fact.id], "line_test.record") is not None,
        )
        for fact in page
    ]


def earlier(site: MeetingSite) -> Sequence[Entry]:
    """Every result of a site that was ever recorded, the newest first: what was replaced stays readable."""
    entries = journal.queries.about(f"line-test:{site.id}")
    return [entry for entry in reversed(entries) if entry.fact == "line_test.recorded"]
