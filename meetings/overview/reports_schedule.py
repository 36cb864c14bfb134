"""Reports that leave by themselves: who gets which, when, and the letter that brings it. Services; they never commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from meetings import adapters
from meetings.accounts import queries as accounts
from meetings.accounts.models import Grant, User
from meetings.accounts.rules import PERMISSIONS, SYSTEM, Actor
from meetings.clock import now, wall
from meetings.database import db
from meetings.errors import NotFound, Refused
from meetings.i18n import gettext as _
from meetings.i18n import in_locale
from meetings.journal import record
from meetings.official import dates, paper
from meetings.official.money import money_short
from meetings.official.numbers import number
from meetings.official.workbook import TYPE
from meetings.overview import reports_count, reports_doubt, reports_paper, reports_period, reports_sheet
from meetings.overview.models import ReportSchedule
from meetings.overview.reports_count import Report
from meetings.overview.reports_figures import By, Figure, Scope
from meetings.overview.reports_period import Period, Rhythm
from meetings.post import services as post
from meetings.post.letters import Form, bodies
from meetings.post.message import Address, slot
from meetings.post.services import Draft, Enclosed
from meetings.scheduling import working_time
from meetings.units import queries as units
from meetings.units.models import Unit

KIND: Final = "report"
LEAVES: Final = time(8, 0)
LATEST_DAY: Final = 20
"""The last working day after a period on which its report may leave."""


# ------------------------------------------------------------------ who may get one


def units_of(actor: Actor) -> Sequence[Unit]:
    """The units that *actor* holds the right for, each with all below it: what a report can be of."""
    paths = actor.paths("report.see")
    return db.session.scalars(sa.select(Unit).where(Unit.path.in_(paths)).order_by(Unit.code)).all()


def readers_of(offered: Sequence[Unit]) -> Sequence[User]:
    """The people with an account who may see reports of one of these units."""
    ids = {int(part) for unit in offered for part in unit.path.strip("/").split("/")}
    query = (
        sa.select(User)
        .join(Grant, Grant.user_id == User.id)
        .where(User.active, Grant.role.in_(PERMISSIONS["report.see"]), Grant.unit_id.in_(ids))
        .order_by(User.sort_key, User.id)
    )
    return db.session.scalars(query).unique().all()


def may_read(user: User, unit: Unit) -> bool:
    """Whether *user* may be sent the reports of *unit* now."""
    return user.active and accounts.actor_of(user).may("report.see", unit.path)


def seen_by(actor: Actor) -> Sequence[ReportSchedule]:
    """The schedules of the units for which *actor* may see reports, those that are over last."""
    query = (
        sa.select(ReportSchedule)
        .join(Unit, ReportSchedule.unit_id == Unit.id)
        .where(units.within(actor.paths("report.see")))
        .options(joinedload(ReportSchedule.unit), joinedload(ReportSchedule.user))
        .order_by(ReportSchedule.ended_at.is_not(None), ReportSchedule.id.desc())
        .limit(200)
    )
    return db.session.scalars(query).all()


# ------------------------------------------------------------------ setting them


def plan(unit: Unit, user: User, rhythm: Rhythm, by: By, working_day: int, *, actor: Actor) -> ReportSchedule:
    """Send *user* the reports of *unit* from now on."""
    if not actor.may("report.see", unit.path):
        raise Refused(_("This account has no right to see the reports of this unit."), field="unit", status=422)
    if not may_read(user, unit):
        raise Refused(_("This person has no right to see the reports of this unit."), field="reader", status=422)
    same = sa.select(ReportSchedule.id).where(
        ReportSchedule.unit_id == unit.id,
        ReportSchedule.user_id == user.id,
        ReportSchedule.rhythm == rhythm,
        ReportSchedule.ended_at.is_(None),
    )
    if db.session.scalar(same.limit(1)) is not None:
        raise Refused(_("This person is sent this report already."), field="reader", status=422)
    made = ReportSchedule(
        unit_id=unit.id, user_id=user.id, rhythm=rhythm, by=by.value, working_day=working_day, made_at=now(),
        made_by=actor.name,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    record(
        "report.scheduled", made, actor=actor, unit=unit.code, reader=user.name, rhythm=rhythm, by=by,
        working_day=working_day,
    )  # fmt: skip
    return made


def find(id: int, *, actor: Actor) -> ReportSchedule:
    """A schedule that *actor* may see."""
    found = db.session.get(ReportSchedule, id) if 0 < id < 2**31 else None
    if found is None or not actor.may("report.see", found.unit.path):
        raise NotFound(_("There is no such sending."))
    return found


def end(schedule: ReportSchedule, *, actor: Actor) -> None:
    """Send it no more."""
    if schedule.ended_at is not None:
        raise Refused(_("This report is no longer sent."))
    schedule.ended_at, schedule.ended_by = now(), actor.name
    record("report.unscheduled", schedule, actor=actor, unit=schedule.unit.code, reader=schedule.user.name)


# ------------------------------------------------------------------ when it leaves


def leaves_on(schedule: ReportSchedule, period: Period) -> date:
    """The day on which the report on *period* leaves."""
    return working_time.calendar().add_working_days(period.last, schedule.working_day)


def next_period(schedule: ReportSchedule, at: datetime) -> Period:
    """The period whose report leaves next."""
    here = reports_period.holding(wall(at).date(), schedule.rhythm)
    return here.before if _owed(schedule, here.before) else here


def _owed(schedule: ReportSchedule, period: Period) -> bool:
    """Whether the report on *period* is still to leave: not yet sent, and asked for before its day had come."""
    return schedule.sent_for != period.mark and wall(schedule.made_at).date() <= leaves_on(schedule, period)


def due(at: datetime) -> list[int]:
    """The schedules that have a report to send at *at*, by id."""
    if wall(at).time() < LEAVES:
        return []
    query = (
        sa.select(ReportSchedule)
        .where(ReportSchedule.ended_at.is_(None))
        .options(joinedload(ReportSchedule.unit), joinedload(ReportSchedule.user))
        .order_by(ReportSchedule.id)
    )
    today, found = wall(at).date(), []
    for schedule in db.session.scalars(query):
        period = reports_period.holding(today, schedule.rhythm).before
        ready = _owed(schedule, period) and today >= leaves_on(schedule, period)
        if ready and may_read(schedule.user, schedule.unit):
            found.append(schedule.id)
    return found


# ------------------------------------------------------------------ the errand: ask, make, keep


@dataclass(frozen=True)
class Made:
    """A report on its way: the period, its files by name, and the letter without them."""

    mark: str
    files: tuple[tuple[str, str, bytes], ...]
    letter: Draft


def make(id: int, at: datetime) -> Made:
    """The files and the letter of the report that the schedule *id* owes. Reads only: the writing is in :func:`keep`."""
    schedule = db.session.get(ReportSchedule, id)
    assert schedule is not None, "it was due a moment ago"
    period = reports_period.holding(wall(at).date(), schedule.rhythm).before
    scope = Scope(_confined(schedule), period)
    by = By(schedule.by)
    with in_locale(schedule.user.locale):
        report = reports_count.report(scope, by)
        name = f"bao-cao-hop-truc-tuyen-{period.mark}"
        files = (
            (f"{name}.docx", paper.CONTENT_TYPE, reports_paper.write(scope, by)),
            (f"{name}.xlsx", TYPE, reports_sheet.workbook(report)),
        )
        return Made(period.mark, files, _letter(schedule, report, [file[0] for file in files]))


def keep(id: int, made: Made, at: datetime) -> bool:
    """Hand the letter in with its files, once; False where it was ended or sent in the meantime."""
    schedule = db.session.get(ReportSchedule, id, with_for_update=True)
    if schedule is None or schedule.ended_at is not None or schedule.sent_for == made.mark:
        return False
    enclosed = tuple(Enclosed(post.keep(data, kind), name, kind) for name, kind, data in made.files)
    letter = post.hand_in(replace(made.letter, enclosures=enclosed))
    schedule.sent_for, schedule.sent_at = made.mark, at
    record(
        "report.sent", schedule, actor=SYSTEM, reader=schedule.user.name, period=made.mark,
        files=[{"name": file.name, "sha256": file.sha256} for file in enclosed], letter=letter.key,
    )  # fmt: skip
    return True


def _confined(schedule: ReportSchedule) -> Actor:
    """The reader, with her right narrowed to the unit that the report is of."""
    reader, path = accounts.actor_of(schedule.user), schedule.unit.path
    held = [grant for grant in reader.grants if path.startswith(grant.path)]
    return replace(reader, grants=tuple(replace(grant, path=path) for grant in held))


def _letter(schedule: ReportSchedule, report: Report, names: list[str]) -> Draft:
    reader, period, total = schedule.user, report.scope.period, report.total
    subject = _("Report on online meetings: %(period)s", period=period.words)
    rows = [
        (
            _("Period"),
            f"{dates.date_short(period.first, reader.locale)} – {dates.date_short(period.last, reader.locale)}",
        ),
        (_("Unit"), schedule.unit.full_name),
        (_("Meetings"), number(total[Figure.MEETINGS], 0, reader.locale)),
        (_("Sites invited"), number(total[Figure.INVITED], 0, reader.locale)),
        (_("Sites absent"), number(total[Figure.ABSENT], 0, reader.locale)),
    ]
    if total.estimated:
        low, mid, high = (money_short(amount, reader.locale) for amount in (total.low, total.mid, total.high))
        rows.append((_("Savings (estimate)"), _("%(mid)s (%(low)s – %(high)s)", mid=mid, low=low, high=high)))
        rows += [(_("What the savings stand on"), said) for said in reports_doubt.sentences(report.scope)]

    def values(form: Form) -> dict[str, Any]:
        return {
            "meeting": {"code": ""},
            "title": subject,
            "organiser": schedule.unit.full_name,
            "subject": subject,
            "preheader": subject,
            "occasion": _("The periodic report is attached as a document and as a workbook."),
            "first": [{"label": label, "value": value, "words": value, "phone": ""} for label, value in rows],
            "attached": ", ".join(names),
            "reader": slot("reader", form),
            "button": _("Open the report"),
            "link": f"{adapters.config().public_url}/reports?{_query(report)}",
        }

    text, html = bodies("invitations/office_letter", values)
    return Draft(
        key=f"{KIND}-{schedule.id}-{period.mark}",
        kind=KIND,
        to=Address(reader.name, reader.email),
        subject=subject,
        text=text,
        html=html,
        sender_name=schedule.unit.full_name,
        fills={"reader": " ".join(part for part in (reader.honorific, reader.name) if part), "address": reader.email},
        locale=reader.locale,
    )


def _query(report: Report) -> str:
    period = report.scope.period
    rest = f"&month={period.month}" if period.month else f"&quarter={period.quarter}" if period.quarter else ""
    return f"year={period.year}{rest}&by={report.by.value}"
