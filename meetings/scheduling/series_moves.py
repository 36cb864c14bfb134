"""Changing several dates of a series at once: this one, this and those that follow, or all that were not held yet.

A second room of ``services``: the same rules hold. Each date is changed by the verbs of ``moving`` and keeps its own change; what
is refused for one of them is refused for all. The sites are told once (``series.changed``), of those dates only that differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.clock import instant, now, wall
from meetings.database import db
from meetings.directory.models import Room
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.official.dates import date_short
from meetings.scheduling import holding, moving, queries, recurrence, rules, ruling, working_time
from meetings.scheduling.models import Change, Meeting
from meetings.scheduling.moving import Facts
from meetings.scheduling.rules import Move, Status
from meetings.scheduling.services import Item


class Which(StrEnum):
    """Which dates of a series are meant."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


WHICH_WORDS: Final = {
    Which.THIS: _l("This date only"),
    Which.FOLLOWING: _l("This date and those that follow"),
    Which.ALL: _l("All dates that have not been held"),
}


def meant(meeting: Meeting, which: Which, move: Move) -> list[Meeting]:
    """The dates that *move* touches, *meeting* among them: those whose sites know of them, that lie ahead and can be moved so.

    A date that was put off or called off is left as it is, unless it is the one that is open here.
    """
    if which is Which.THIS or meeting.series_id is None:
        return [meeting]
    return [
        one
        for one in queries.dates_of_series(meeting)
        if one.id == meeting.id
        or (
            one.status is Status.SCHEDULED
            and (one.status, move) in rules.MOVES
            and one.starts_at is not None
            and one.starts_at > now()
            and (
                which is Which.ALL
                or (one.series_on or wall(one.starts_at).date()) > (meeting.series_on or wall(now()).date())
            )
        )
    ]


def reschedule(
    meeting: Meeting,
    which: Which,
    starts_at: datetime,
    minutes: int,
    reason: str,
    *,
    actor: Actor,
    in_spite_of: str = "",
    reply_by: datetime | None = None,
    edition: int | None = None,
) -> list[Change]:
    """Move *meeting* to *starts_at*, and every date that is meant by as many days and to the same hour.

    A date that has that hour already is not touched, so its sites hear nothing.
    """
    dates = meant(meeting, which, Move.RESCHEDULE)
    if len(dates) < 2 or meeting.starts_at is None:
        return [
            moving.reschedule(
                meeting, starts_at, minutes, reason,
                actor=actor, in_spite_of=in_spite_of, reply_by=reply_by, edition=edition,
            )
        ]  # fmt: skip
    days = wall(starts_at).date() - wall(meeting.starts_at).date()
    goals, length = {one: _goal(one, days, starts_at) for one in dates}, timedelta(minutes=minutes)
    changing = [one for one in dates if (one.starts_at, one.ends_at) != (goals[one], goals[one] + length)]
    if not changing:
        raise Refused(
            _("Every date that is meant is at this hour already. Enter another one."), field="start", status=422
        )
    lock(changing)
    for one in changing:  # they may change places
        holding.release(one)
    first = goals[meeting] if meeting in changing else goals[changing[0]]
    answer_by = reply_by or ruling.reply_deadline(first, at=now())
    by = {one: _answer_by(answer_by, first, goals[one]) for one in changing}

    def act(one: Meeting) -> Change:
        return moving.reschedule(
            one, goals[one], minutes, reason,
            actor=actor, in_spite_of=in_spite_of, reply_by=by[one], edition=_edition(one, meeting, edition), tell=False,
        )  # fmt: skip

    return _together(meeting, changing, act, actor)


def _goal(one: Meeting, days: timedelta, hour: datetime) -> datetime:
    assert one.starts_at is not None
    return instant(wall(one.starts_at).date() + days, wall(hour).time())


def _answer_by(reply_by: datetime, first: datetime, other: datetime) -> datetime | None:
    if first == other:
        return reply_by
    by = recurrence.answer_by(reply_by, first, other, working_time.calendar())
    return by if now() < by < other else None


def postpone(meeting: Meeting, which: Which, reason: str, *, actor: Actor, edition: int | None = None) -> list[Change]:
    """Put off every date that is meant."""
    return _each(
        meeting, meant(meeting, which, Move.POSTPONE), actor,
        lambda one, tell: moving.postpone(one, reason, actor=actor, edition=_edition(one, meeting, edition), tell=tell),
    )  # fmt: skip


def cancel(meeting: Meeting, which: Which, reason: str, *, actor: Actor, edition: int | None = None) -> list[Change]:
    """Call off every date that is meant."""
    return _each(
        meeting, meant(meeting, which, Move.CANCEL), actor,
        lambda one, tell: moving.cancel(one, reason, actor=actor, edition=_edition(one, meeting, edition), tell=tell),
    )  # fmt: skip


def change_facts(
    meeting: Meeting,
    which: Which,
    facts: Facts,
    host_room: Room | None,
    agenda: Sequence[Item],
    reason: str,
    *,
    actor: Actor,
    in_spite_of: str = "",
    edition: int | None = None,
) -> list[Change]:
    """Change what was changed on *meeting* on every date that is meant, and nothing else: each keeps what is its own."""
    new = {f.name: getattr(facts, f.name) for f in fields(facts) if getattr(facts, f.name) != getattr(meeting, f.name)}
    room = host_room if host_room is not None and host_room.id != meeting.host_room_id else None
    items = list(agenda) if _agenda(meeting) != list(agenda) else None
    dates = [
        one
        for one in meant(meeting, which, Move.CHANGE)
        if one is meeting
        or any(getattr(one, name) != value for name, value in new.items())
        or (room is not None and one.host_room_id != room.id)
        or (items is not None and _agenda(one) != items)
    ]

    def act(one: Meeting, tell: bool) -> Change:
        own = {f.name: getattr(one, f.name) for f in fields(facts)}
        return moving.change_facts(
            one, Facts(**{**own, **new}), room, items if items is not None else _agenda(one), reason,
            actor=actor, in_spite_of=in_spite_of, edition=_edition(one, meeting, edition), tell=tell,
        )  # fmt: skip

    return _each(meeting, dates, actor, act)


def _agenda(meeting: Meeting) -> list[Item]:
    return [Item(item.title, item.minutes, item.presenter) for item in queries.agenda_of(meeting)]


def _edition(one: Meeting, opened: Meeting, edition: int | None) -> int | None:
    """Only the date that was open on the page can have been saved by somebody meanwhile."""
    return edition if one is opened else None


# ------------------------------------------------------------------ how


def _each(
    meeting: Meeting, dates: Sequence[Meeting], actor: Actor, act: Callable[[Meeting, bool], Change]
) -> list[Change]:
    if len(dates) < 2:
        return [act(one, True) for one in dates]
    return _together(meeting, dates, lambda one: act(one, False), actor)


def _together(
    meeting: Meeting, dates: Sequence[Meeting], act: Callable[[Meeting], Change], actor: Actor
) -> list[Change]:
    """Change each of *dates*, all or none, and let it be told at once. The change of *meeting* comes first."""
    lock(dates)
    found = []
    for one in sorted(dates, key=lambda one: one is not meeting):
        with on_its_day(one, meeting):
            found.append(act(one))
    for change in found:
        change.together_id = found[0].id
    db.session.flush()
    journal.record(
        "series.changed", meeting, actor=actor, changes=[change.id for change in found], count=len(found),
        kind=found[0].kind, reason=found[0].reason,
    )  # fmt: skip
    return found


def lock(dates: Sequence[Meeting]) -> None:
    """Of two who change dates of one series at one time the second waits here, and not each for the other."""
    ids = [one.id for one in dates]
    db.session.execute(sa.select(Meeting.id).where(Meeting.id.in_(ids)).order_by(Meeting.id).with_for_update())


@contextmanager
def on_its_day(other: Meeting, opened: Meeting | None = None) -> Iterator[None]:
    """Let a refusal say which date it speaks of; what is refused for the one that is *opened* speaks for itself."""
    day = other.starts_at
    try:
        yield
    except Refused as refused:
        if other is opened or day is None:
            raise
        raise Refused(
            _("Date of %(day)s: %(why)s", day=date_short(day), why=refused.message), refused.field, refused.status
        ) from None
