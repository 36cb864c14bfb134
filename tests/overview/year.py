"""A generated year: 500 meetings with what their sites answered, tested and did, written in bulk, and journalled by the journal's
own writer. What was drawn is kept in plain Python, so that a report can be counted once more without the database."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import Actor, Role
from meetings.attendance.models import Presence, Roll
from meetings.attendance.rules import MarkSource, RollStatus, State
from meetings.clock import wall
from meetings.database import db
from meetings.invitations.models import Invitation, Link
from meetings.invitations.rules import Reply, Source
from meetings.minutes.models import ActionItem, Assignment, Record
from meetings.readiness.models import LineTest
from meetings.readiness.rules import Outcome, Round
from meetings.savings.models import SavingsEstimate, SavingsLine
from meetings.scheduling.models import Meeting, MeetingSite, RegimeOverride
from meetings.scheduling.regime import Way
from meetings.scheduling.rules import MeetingType, Status
from tests import make

MEETINGS = 500
GUESTS = (make.NGHE_AN, make.HA_TINH, make.HO_CHI_MINH, make.KIM_LIEN, make.VINH_HUNG, make.SAI_GON)
PROVINCE_OF = {
    make.MINISTRY: "Bộ Điều phối số", make.NGHE_AN: "Nghệ An", make.KIM_LIEN: "Nghệ An", make.VINH_HUNG: "Nghệ An",
    make.HA_TINH: "Hà Tĩnh", make.HO_CHI_MINH: "Hồ Chí Minh", make.SAI_GON: "Hồ Chí Minh",
}  # fmt: skip


@dataclass
class Guest:
    """One site in one meeting, as it was drawn. *said*: its answers in order, each with whether it was late."""

    id: int
    part: str
    removed: bool
    said: list[tuple[Reply, bool]] = field(default_factory=list)
    tests: dict[Round, Outcome] = field(default_factory=dict)
    state: State | None = None
    people: int | None = None


@dataclass
class Held:
    """One meeting as it was drawn. *saved*: low, mid and high of its newest estimate, *lines*: the same by site."""

    id: int
    code: str
    on: date
    type: MeetingType
    organiser: str
    status: Status
    urgent: bool
    guests: list[Guest]
    host_people: int
    overrides: int = 0
    saved: tuple[int, int, int] | None = None
    lines: dict[int, tuple[int, int, int]] = field(default_factory=dict)


@dataclass
class Given:
    """An action item: by whom given, who leads (None: nobody is named), when due, when done and whether that was confirmed."""

    type: MeetingType
    organiser: str
    lead: str | None
    due: date | None
    done: date | None
    withdrawn: bool


@dataclass
class Year:
    """All that was drawn."""

    meetings: list[Held]
    tasks: list[Given]


class Named:
    """Something that the journal can write about, without its row."""

    def __init__(self, subject: str, root: str) -> None:
        self.journal_subject, self.journal_root = subject, root


def generate(seed: int = 2026) -> Year:
    """Draw a year and write it."""
    draw = random.Random(seed)
    units = make.units()
    sites = {code: make.site(code) for code in (make.MINISTRY, *GUESTS)}
    clerk, linked = make.user(Role.SECRETARY), Link(purpose="m", subject_id=0, made_at=make.at("2026-01-01 08:00"))
    db.session.add(linked)
    db.session.flush()
    year = Year([_drawn(draw, n) for n in range(MEETINGS)], [])
    _write_meetings(year, units, sites, clerk.id)
    _write_sites(year, units, sites, linked.id)
    _write_estimates(draw, year)
    _write_tasks(draw, year, units)
    _write_journal(year, make.actor(clerk))
    db.session.commit()
    return year


def _drawn(draw: random.Random, n: int) -> Held:
    # the first minutes of a year in Hà Nội are still the year before in UTC
    at = make.at("2025-12-20 00:30") + timedelta(hours=draw.randrange(24 * 385))
    statuses = (Status.CLOSED,) * 8 + (Status.CANCELLED, Status.SCHEDULED)
    held = Held(
        1000 + n, f"HN-2026-{1000 + n}", wall(at).date(), draw.choice(list(MeetingType)),
        draw.choice((make.MINISTRY, make.MINISTRY, make.NGHE_AN)), draw.choice(statuses), draw.random() < 0.1, [],
        draw.randrange(5, 40),
    )  # fmt: skip
    held.starts_at = at  # type: ignore[attr-defined]
    for place, code in enumerate(draw.sample(GUESTS, draw.randrange(2, 7))):
        guest = Guest(held.id * 10 + place, code, draw.random() < 0.05)
        if draw.random() < 0.9:
            answers = (Reply.ACCEPTED, Reply.ACCEPTED, Reply.SUBSTITUTE, Reply.DECLINED)
            guest.said = [(draw.choice(answers), draw.random() < 0.2) for _ in range(draw.choice((1, 1, 2)))]
        for round_ in Round:
            if draw.random() < 0.7:
                guest.tests[round_] = draw.choice((Outcome.PASSED, Outcome.PASSED, Outcome.FAILED, Outcome.UNTESTED))
        if held.status is Status.CLOSED:
            guest.state = draw.choice((State.IN, State.IN, State.LEFT, State.LOST, State.ABSENT))
            guest.people = draw.choice((None, draw.randrange(1, 60))) if guest.state is not State.ABSENT else None
        held.guests.append(guest)
    if held.status is Status.CLOSED:
        held.overrides = draw.choice((0, 0, 0, 1, 2))
    return held


def _at(held: Held) -> datetime:
    at: datetime = held.starts_at  # type: ignore[attr-defined]
    return at


def _write_meetings(year: Year, units: dict[str, Any], sites: dict[str, Any], secretary: int) -> None:
    rows: list[dict[str, Any]] = []
    rolls, overrides = [], []
    for one in year.meetings:
        at, closed = _at(one), one.status is Status.CLOSED
        rows.append(
            {
                "id": one.id, "code": one.code, "uid": f"{one.code}@bdps.example", "title": f"Họp giao ban {one.id}",
                "type": one.type, "urgent": one.urgent, "status": one.status, "organiser_id": units[one.organiser].id,
                "host_site_id": sites[make.MINISTRY].id, "secretary_id": secretary, "starts_at": at,
                "ends_at": at + timedelta(hours=2), "created_at": at - timedelta(days=9), "changed_at": at,
                "sent_at": at - timedelta(days=8), "closed_at": at + timedelta(hours=2) if closed else None,
            }
        )  # fmt: skip
        if closed:
            rolls.append(
                {
                    "meeting_id": one.id, "status": RollStatus.CLOSED, "opened_at": at, "closed_at": at,
                    "closed_by": "Bà Hoa", "host_head_count": one.host_people,
                }
            )  # fmt: skip
        for n in range(3):  # the last one was never leant on
            overrides.append(
                {
                    "meeting_id": one.id, "key": f"rule-{n}", "way": Way.OVERRIDE, "words": "Gửi giấy mời muộn",
                    "reason": "Việc gấp", "leader": "Lê Minh Khang", "meeting_on": one.on, "by": "Bà Hoa",
                    "at": at - timedelta(days=8), "counted_at": at if n < one.overrides else None,
                }
            )  # fmt: skip
    db.session.execute(sa.insert(Meeting), rows)
    db.session.execute(sa.insert(Roll), rolls)
    db.session.execute(sa.insert(RegimeOverride), overrides)


def _write_sites(year: Year, units: dict[str, Any], sites: dict[str, Any], link: int) -> None:
    places, asked, tests, there = [], [], [], []
    names = {"Nghệ An": make.NGHE_AN, "Hà Tĩnh": make.HA_TINH, "Hồ Chí Minh": make.HO_CHI_MINH}
    for one in year.meetings:
        at = _at(one)
        for guest in one.guests:
            code, guest.part = guest.part, PROVINCE_OF[guest.part]
            places.append(
                {
                    "id": guest.id, "meeting_id": one.id, "site_id": sites[code].id, "unit_id": units[code].id,
                    "province_id": units[names[guest.part]].id, "name": sites[code].name, "added_at": at,
                    "removed_at": at if guest.removed else None,
                }
            )  # fmt: skip
            last = guest.said[-1] if guest.said else (Reply.ASKED, False)
            asked.append(
                {
                    "id": guest.id, "meeting_site_id": guest.id, "link_id": link, "asked_at": at, "reply": last[0],
                    "late": last[1], "replied_at": at if guest.said else None, "replied_by": "Đầu mối",
                    "reply_source": Source.LINK if guest.said else None,
                }
            )  # fmt: skip
            tests += [
                {
                    "meeting_site_id": guest.id, "round": round_, "outcome": outcome, "items": {}, "notes": {},
                    "tested_at": at, "source": "self", "by": "Kỹ thuật",
                }
                for round_, outcome in guest.tests.items()
            ]  # fmt: skip
            if guest.state is not None:
                there.append(
                    {
                        "meeting_site_id": guest.id, "state": guest.state, "since": at, "source": MarkSource.SELF,
                        "joined_at": None if guest.state is State.ABSENT else at, "head_count": guest.people,
                        "by": "Đầu mối", "marked_at": at,
                    }
                )  # fmt: skip
    for table, rows in ((MeetingSite, places), (Invitation, asked), (LineTest, tests), (Presence, there)):
        db.session.execute(sa.insert(table), rows)


def _write_estimates(draw: random.Random, year: Year) -> None:
    estimates, lines = [], []
    for one in year.meetings:
        if one.status is not Status.CLOSED or draw.random() < 0.3:
            continue
        for version in (1, 2) if draw.random() < 0.3 else (1,):
            id = one.id * 10 + version
            one.lines = {}
            for guest in one.guests:
                low = draw.randrange(0, 9_000_000)
                one.lines[guest.id] = (low, low * 2, low * 3)
                steps = {"total": list(one.lines[guest.id])}
                lines.append(
                    {
                        "estimate_id": id, "meeting_site_id": guest.id, "name": "", "people": guest.people or 0,
                        "steps": steps, "mid": low * 2,
                    }
                )  # fmt: skip
            rest = draw.randrange(-3_000_000, 9_000_000)
            low, mid, high = (sum(line[case] for line in one.lines.values()) + rest for case in range(3))
            one.saved = (low, mid, high)
            estimates.append(
                {
                    "id": id, "meeting_id": one.id, "version": version, "changes": {}, "sums": {}, "low": low,
                    "mid": mid, "high": high, "time_low": 0, "time_mid": 0, "time_high": 0, "sites": len(one.guests),
                    "counted": len(one.guests), "people": 0, "travelling": 0, "half_days": 1, "made_at": _at(one),
                }
            )  # fmt: skip
    db.session.execute(sa.insert(SavingsEstimate), estimates)
    db.session.execute(sa.insert(SavingsLine), lines)


def _write_tasks(draw: random.Random, year: Year, units: dict[str, Any]) -> None:
    records, items, given = [], [], []
    for n, one in enumerate(year.meetings[:150]):
        id = 5000 + n
        due = date(2025, 12, 25) + timedelta(days=draw.randrange(390)) if draw.random() < 0.9 else None
        done = due + timedelta(days=draw.randrange(-9, 9)) if due and draw.random() < 0.6 else None
        lead = draw.choice((None, make.NGHE_AN, make.VINH_HUNG, make.HO_CHI_MINH, make.MINISTRY))
        task = Given(one.type, one.organiser, lead, due, done, draw.random() < 0.1)
        year.tasks.append(task)
        at, lead_id = _at(one), units[lead].id if lead else None
        records.append({"id": id, "meeting_id": one.id, "started_at": at, "created_at": at})
        items.append({"id": id, "record_id": id, "position": 1, "text": "Báo cáo tiến độ", "lead": lead or ""})
        given.append(
            {
                "id": id, "origin_id": id, "item_id": id, "meeting_id": one.id, "organiser_id": units[one.organiser].id,
                "lead_unit_id": lead_id, "given_on": one.on, "due_on": due, "done_on": done,
                "confirmed_at": at if done else None, "withdrawn_at": at if task.withdrawn else None,
            }
        )  # fmt: skip
    for table, rows in ((Record, records), (ActionItem, items), (Assignment, given)):
        db.session.execute(sa.insert(table), rows)


def _write_journal(year: Year, clerk: Actor) -> None:
    """What people did, in the words in which the product's services write it."""
    facts: dict[str, list[tuple[Named, dict[str, Any]]]] = {}
    for one in year.meetings:
        for guest in one.guests:
            for reply, late in guest.said:
                details = {"source": Source.LINK, "late": late, "after": {"reply": reply.value}}
                facts.setdefault("invitation.answered", []).append((Named(f"invitation:{guest.id}", one.code), details))
            for round_, outcome in guest.tests.items():
                details = {"source": "self", "round": round_.value, "after": outcome.value}
                facts.setdefault("line_test.recorded", []).append((Named(f"line-test:{guest.id}", one.code), details))
            if guest.state is not None:
                details = {"source": MarkSource.SELF, "after": guest.state, "head_count": guest.people}
                facts.setdefault("presence.marked", []).append((Named(f"presence:{guest.id}", one.code), details))
        if one.status is Status.CLOSED:
            subject = Named(f"roll:{one.code}", one.code)
            facts.setdefault("roll.host_counted", []).append((subject, {"head_count": one.host_people}))
    for fact, told in facts.items():
        journal.record_each(fact, [one for one, _ in told], actor=clerk, details=[details for _, details in told])
