"""The reports on a generated year of 500 meetings agree with what was drawn, with the names behind them and with the journal."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from meetings.accounts.models import User
from meetings.attendance.rules import State
from meetings.database import db
from meetings.i18n import in_locale
from meetings.invitations.rules import Reply
from meetings.journal.models import Entry, Payload
from meetings.overview import reports_count, reports_names
from meetings.overview.reports_figures import AXES, By, Figure, Scope
from meetings.overview.reports_period import Period
from meetings.readiness.rules import Outcome, Round
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import TYPE_WORDS, MeetingType, Status
from tests import make
from tests.overview import year as drawn
from tests.overview.year import PROVINCE_OF, Guest, Held, Year

UNITS = {make.MINISTRY: "Bộ Điều phối số", make.NGHE_AN: "Nghệ An"}
COMING = (Reply.ACCEPTED, Reply.SUBSTITUTE)


def failed(guest: Guest) -> bool:
    on_day = guest.tests.get(Round.ON_DAY)
    counts = on_day if on_day in (Outcome.PASSED, Outcome.FAILED) else guest.tests.get(Round.REHEARSAL)
    return counts is Outcome.FAILED


def lines_of(one: Held, by: By, period: Period) -> list[str]:
    """The lines on which a meeting as a whole counts."""
    if len(AXES[by]) > 1:
        return [" · ".join(names) for names in itertools.product(*(lines_of(one, axis, period) for axis in AXES[by]))]
    match by:
        case By.PART:
            return sorted({PROVINCE_OF[make.MINISTRY], *(guest.part for guest in one.guests if not guest.removed)})
        case By.PERIOD:
            return [part.words for part in period.parts if part.first <= one.on <= part.last]
        case By.TYPE:
            return [str(TYPE_WORDS[one.type])]
    return [UNITS[one.organiser]]


def line_in(one: Held, by: By, period: Period, part: str) -> str:
    """The one line of a meeting on which what happened in *part* counts."""
    return " · ".join(part if axis is By.PART else lines_of(one, axis, period)[0] for axis in AXES[by])


def counted(year: Year, period: Period, by: By, only: MeetingType | None = None) -> dict[str, Counter[Figure]]:
    """The report, counted once more in plain Python; ``""`` is the total."""
    found: dict[str, Counter[Figure]] = defaultdict(Counter)

    def add(figure: Figure, lines: list[str], number: int) -> None:
        for line in ["", *lines]:
            found[line][figure] += number

    for one in year.meetings:
        right = only is None or one.type is only
        if one.status is not Status.CLOSED or not period.first <= one.on <= period.last or not right:
            continue
        lines = lines_of(one, by, period)
        host = [line_in(one, by, period, PROVINCE_OF[make.MINISTRY])]
        add(Figure.MEETINGS, lines, 1)
        add(Figure.URGENT, lines, int(one.urgent))
        add(Figure.OVERRIDES, lines, one.overrides)
        add(Figure.PEOPLE, host, one.host_people)
        for guest in one.guests:
            if guest.removed:
                continue
            here = [line_in(one, by, period, guest.part)]
            last, late = guest.said[-1] if guest.said else (Reply.ASKED, False)
            add(Figure.INVITED, here, 1)
            add(Figure.ON_TIME, here, int(last in COMING and not late))
            add(Figure.FAILED, here, int(failed(guest)))
            add(Figure.ABSENT, here, int(guest.state is State.ABSENT))
            add(Figure.PEOPLE, here, guest.people or 0)
        if one.saved is not None:
            saved(one, by, period, found)
    for task in year.tasks:
        right = only is None or task.type is only
        if task.withdrawn or task.due is None or not period.first <= task.due <= period.last or not right:
            continue
        of = {
            By.PART: PROVINCE_OF[task.lead] if task.lead else "Chưa rõ đơn vị",
            By.PERIOD: next(part.words for part in period.parts if part.first <= task.due <= part.last),
            By.TYPE: str(TYPE_WORDS[task.type]),
            By.ORGANISER: UNITS[task.organiser],
        }
        where = " · ".join(of[axis] for axis in AXES[by])
        add(Figure.TASKS, [where], 1)
        add(Figure.TASKS_ON_TIME, [where], int(task.done is not None and task.done <= task.due))
    return found


def saved(one: Held, by: By, period: Period, found: dict[str, Counter[Figure]]) -> None:
    """The savings of a meeting: on its line, or divided among those of its delegations with the rest on the host's."""
    assert one.saved is not None
    found[""][Figure.SAVINGS] += one.saved[1]
    host = line_in(one, by, period, PROVINCE_OF[make.MINISTRY])
    if By.PART not in AXES[by]:
        found[host][Figure.SAVINGS] += one.saved[1]
        return
    rest = one.saved[1]
    for guest in one.guests:
        if not guest.removed:
            found[line_in(one, by, period, guest.part)][Figure.SAVINGS] += one.lines[guest.id][1]
            rest -= one.lines[guest.id][1]
    found[host][Figure.SAVINGS] += rest


@pytest.fixture
def year(app: Flask) -> Year:
    return drawn.generate()


@pytest.fixture
def everything(year: Year, administrator: User) -> Scope:
    db.session.commit()
    return Scope(make.actor(administrator), Period(2026))


def told(report: reports_count.Report) -> dict[str, dict[Figure, int]]:
    found = {line.name: line for line in report.lines} | {"": report.total}
    return {name: {figure: line[figure] for figure in Figure} for name, line in found.items()}


@pytest.mark.only("sqlite")  # the statements run on both in test_reports.py
def test_the_reports_on_a_year_of_500_meetings_agree_with_the_names_and_with_the_journal(
    year: Year, everything: Scope
) -> None:
    with in_locale("vi"):
        for period in (Period(2026), Period(2026, 1), Period(2026, 0, 12)):
            for by in By:
                wanted = counted(year, period, by)
                report = reports_count.report(replace(everything, period=period), by)
                wanted = {name: figures for name, figures in wanted.items() if name == "" or any(figures.values())}
                shown = {name: figures for name, figures in told(report).items() if name == "" or any(figures.values())}
                assert set(shown) == set(wanted), f"{period.mark} by {by}"
                for name, figures in shown.items():
                    assert figures == {figure: wanted[name][figure] for figure in Figure}, f"{period.mark} {by} {name}"
        briefings = replace(everything, type=MeetingType.BRIEFING)
        assert told(reports_count.report(briefings, By.ORGANISER))[""] == {
            figure: counted(year, Period(2026), By.ORGANISER, MeetingType.BRIEFING)[""][figure] for figure in Figure
        }
        _names_add_up(everything)
        _parts_of_money_add_up(everything)
    _agrees_with_the_journal(everything)


def _names_add_up(everything: Scope) -> None:
    """Each number is what its names add up to, on every line."""
    for by in (By.PART, By.TYPE, By.CROSS):
        report = reports_count.report(replace(everything, period=Period(2026, 2)), by)
        for line in (*report.lines, report.total):
            scope = report.scope if line is report.total else report.narrowed(line)
            for figure in Figure:
                assert reports_names.added(scope, figure) == line[figure], f"{line.name}: {figure}"


def _parts_of_money_add_up(everything: Scope) -> None:
    report = reports_count.report(everything, By.PART)
    for amount in ("low", "mid", "high"):
        parts = sum(getattr(line, amount) for line in report.lines)
        assert parts == getattr(report.total, amount), f"{amount}: the lines add up to the total, to the đồng"


def _agrees_with_the_journal(everything: Scope) -> None:
    """Who counts the entries of the journal, and no table of the features, comes to the same numbers."""
    total = reports_count.report(everything, By.TYPE).total
    period = everything.period
    codes = set(
        db.session.scalars(
            sa.select(Meeting.code).where(
                Meeting.status == Status.CLOSED,
                Meeting.starts_at >= period.begins_at,
                Meeting.starts_at < period.ends_at,
            )
        )
    )
    removed = _removed()
    answered: dict[str, dict[str, Any]] = {}
    tested: dict[tuple[str, str], str] = {}
    marked: dict[str, dict[str, Any]] = {}
    people = 0
    for fact, subject, code, details in _entries():
        number = subject.partition(":")[2]
        if code not in codes or (number.isdecimal() and int(number) in removed):
            continue
        match fact:
            case "invitation.answered":
                answered[subject] = details
            case "line_test.recorded":
                tested[subject, details["round"]] = details["after"]
            case "presence.marked":
                marked[subject] = details
            case "roll.host_counted":
                people += details["head_count"]
    people += sum(details["head_count"] or 0 for details in marked.values() if details["after"] != "absent")
    on_time = sum(one["after"]["reply"] in ("accepted", "substitute") and not one["late"] for one in answered.values())
    faults = 0
    for subject in {subject for subject, _round in tested}:
        on_day = tested.get((subject, "on_day"))
        faults += (on_day if on_day in ("passed", "failed") else tested.get((subject, "rehearsal"))) == "failed"
    absent = sum(details["after"] == "absent" for details in marked.values())
    assert (on_time, faults, absent, people) == (
        total[Figure.ON_TIME], total[Figure.FAILED], total[Figure.ABSENT], total[Figure.PEOPLE],
    )  # fmt: skip


def _entries() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    query = sa.select(Entry.fact, Entry.subject, Entry.root, Payload.data).join(Payload, Payload.entry_id == Entry.id)
    yield from db.session.execute(query.order_by(Entry.id))


def _removed() -> set[int]:
    return set(db.session.scalars(sa.select(MeetingSite.id).where(MeetingSite.removed_at.is_not(None))))
