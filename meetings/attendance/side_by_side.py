"""Both witnesses of every site: questions behind the comparison, for its page, its spreadsheet and the record.

:func:`comparison` is what other features ask; it changes nothing and decides nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from meetings.attendance import comparing
from meetings.attendance.comparing import Compared, Span, Verdict
from meetings.attendance.intervals import Interval, bounded, present, shifted, skew
from meetings.attendance.models import Connection, Mark, Witness
from meetings.attendance.rules import Marked, MarkSource
from meetings.attendance.witness_queries import COUNTS, standing_witnesses
from meetings.clock import now
from meetings.database import db
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.units.models import Unit


@dataclass(frozen=True)
class Source:
    """One stay that counts for a site, and who told it."""

    name: str
    address: str
    external_id: str
    joined_at: datetime | None
    left_at: datetime | None
    seconds: int | None
    matched_by: str
    confirmed_by: str
    witness_id: int


@dataclass(frozen=True)
class Said:
    """One mark of the roll, and whose it is."""

    at: datetime
    after: str
    source: MarkSource
    by: str
    undone: bool


@dataclass(frozen=True)
class SiteCompared:
    """A site of the comparison, with what stands behind either side."""

    id: int
    name: str
    unit_name: str
    province_id: int | None
    province: str
    position: int
    both: Compared
    sources: tuple[Source, ...]
    marks: tuple[Said, ...]

    @property
    def verdict(self) -> Verdict:
        return self.both.verdict


@dataclass(frozen=True)
class Comparisons:
    """The comparison of a meeting: its sites, disagreements first. *span* None: nothing to compare yet."""

    span: Span | None
    sites: tuple[SiteCompared, ...]
    witnesses: tuple[Witness, ...]

    @property
    def counts(self) -> dict[Verdict, int]:
        found = comparing.counts(row.both for row in self.sites)
        return {verdict: found[verdict] for verdict in Verdict}

    @property
    def disagreements(self) -> tuple[SiteCompared, ...]:
        return tuple(row for row in self.sites if row.both.disagrees)


def comparison(meeting: Meeting, seen: sa.ColumnElement[bool] | None = None) -> Comparisons:
    """Both witnesses of every site of *meeting* (of the part *seen*), for pages, spreadsheet and record: four statements."""
    standing = standing_witnesses(meeting)
    over = over_of(meeting)
    if over is None or not standing:
        return Comparisons(over, (), tuple(standing))
    told = _told(meeting, standing, over)
    marked = _marked(meeting, seen)
    rows = []
    for id, name, unit_name, province_id, province, position in _sites(meeting, seen):
        spans, seconds, sources = told.get(id, ((), 0, ()))
        marks = marked.get(id, [])
        undone = {mark.undoes for mark, _s, _b in marks if mark.undoes is not None}
        rows.append(
            SiteCompared(
                id=id,
                name=name,
                unit_name=unit_name,
                province_id=province_id,
                province=province if province and province != name else "",
                position=position,
                both=comparing.compared([mark for mark, _s, _b in marks], spans, seconds, over),
                sources=tuple(sources),
                marks=tuple(
                    Said(mark.at, mark.after, source, by, mark.id in undone or mark.undoes is not None)
                    for mark, source, by in marks
                ),
            )
        )
    rank = list(Verdict)
    rows.sort(
        key=lambda row: (not row.both.disagrees, -row.both.minutes, rank.index(row.verdict), row.position, row.id)
    )
    return Comparisons(over, tuple(rows), tuple(standing))


def over_of(meeting: Meeting) -> Span | None:
    """The time in which the witnesses of *meeting* are compared."""
    if meeting.starts_at is None:
        return None
    return comparing.span(meeting.starts_at, meeting.ended_at, meeting.ends_at, now=now())


def _sites(meeting: Meeting, seen: sa.ColumnElement[bool] | None) -> Sequence[Any]:
    query = (
        sa.select(
            MeetingSite.id,
            MeetingSite.name,
            MeetingSite.unit_name,
            MeetingSite.province_id,
            Unit.name,
            MeetingSite.position,
        )
        .outerjoin(Unit, Unit.id == MeetingSite.province_id)
        .where(
            MeetingSite.meeting_id == meeting.id,
            MeetingSite.removed_at.is_(None),
            sa.true() if meeting.host_site_id is None else MeetingSite.site_id != meeting.host_site_id,
            sa.true() if seen is None else seen,
        )
    )
    return db.session.execute(query).all()


def _marked(meeting: Meeting, seen: sa.ColumnElement[bool] | None) -> dict[int, list[tuple[Marked, MarkSource, str]]]:
    """The marks by site, without the notes kept beside them: a note has no head-count and would take that of its site."""
    query = sa.select(
        Mark.meeting_site_id, Mark.id, Mark.at, Mark.after, Mark.head_count, Mark.with_notice, Mark.reason,
        Mark.undoes_id, Mark.source, Mark.by,
    ).where(Mark.meeting_id == meeting.id, Mark.note == "")  # fmt: skip
    if seen is not None:
        query = query.join(MeetingSite, MeetingSite.id == Mark.meeting_site_id).where(seen)
    found = defaultdict[int, list[tuple[Marked, MarkSource, str]]](list)
    for site, id, at, after, count, noticed, reason, undoes, source, by in db.session.execute(query.order_by(Mark.id)):
        found[site].append((Marked(id, at, after, count, noticed, reason, undoes), source, by))
    return found


def _told(
    meeting: Meeting, standing: Sequence[Witness], over: Span
) -> dict[int, tuple[tuple[Interval, ...], int, list[Source]]]:
    """By the id of the meeting's site: when machines saw it, for how long where no hours were told, and who told it."""
    by_id = {one.id: one for one in standing}
    spans = defaultdict[int, list[Interval]](list)
    seconds: dict[int, int] = defaultdict(int)
    sources = defaultdict[int, list[Source]](list)
    query = sa.select(
        Connection.meeting_site_id, Connection.witness_id, Connection.name, Connection.address, Connection.external_id,
        Connection.joined_at, Connection.left_at, Connection.seconds, Connection.matched_by, Connection.confirmed_by,
    ).where(
        Connection.witness_id.in_(by_id), Connection.meeting_site_id.is_not(None), Connection.matched_by.in_(COUNTS)
    )  # fmt: skip
    for site, told_by, name, address, external, joined, left, length, matched, confirmed in db.session.execute(
        query.order_by(Connection.joined_at, Connection.id)
    ):
        assert site is not None
        one = by_id[told_by]
        sources[site].append(Source(name, address, external, joined, left, length, matched, confirmed, told_by))
        if joined is None and left is None:
            seconds[site] = max(seconds[site], length or 0)
            continue
        spans[site] += stays(one, [(joined, left)], over)
    return {site: (tuple(spans[site]), seconds[site], sources[site]) for site in sources}


def stays(one: Witness, told: Iterable[tuple[datetime | None, datetime | None]], over: Span) -> tuple[Interval, ...]:
    """What *one* told, on the clock of this house: what has no end lasted until the telling ended, or the meeting."""
    ends = one.heard_at or over.meeting.end
    found = bounded(told, begins_at=over.meeting.start, ends_at=ends).intervals
    return shifted(found, one.clock_shift) if one.clock_shift else found


def beside(one: Witness) -> bool:
    """Whether the file *one* tells hours, and nobody in it was in while the meeting lasted."""
    over = over_of(one.meeting)
    if over is None or not one.kept or one.asks:
        return False
    told = db.session.execute(
        sa.select(Connection.joined_at, Connection.left_at).where(Connection.witness_id == one.id)
    )
    put_right = timedelta(seconds=one.clock_shift)
    return comparing.beside(
        ((joined and joined + put_right, left and left + put_right) for joined, left in told), over.meeting
    )


def skew_of(one: Witness) -> int:
    """By how many seconds the clock of *one* seems to be off, from the sites where both witnesses spoke; 0 where it is not."""
    over = over_of(one.meeting)
    if over is None or one.asks:
        return 0
    marked = _marked(one.meeting, None)
    spans = defaultdict[int, list[tuple[datetime | None, datetime | None]]](list)
    for site, joined, left in db.session.execute(
        sa.select(Connection.meeting_site_id, Connection.joined_at, Connection.left_at).where(
            Connection.witness_id == one.id, Connection.meeting_site_id.is_not(None), Connection.matched_by.in_(COUNTS)
        )
    ):
        if site is not None and (joined is not None or left is not None):
            spans[site].append((joined, left))
    pairs = []
    for site, told in list(spans.items())[:200]:
        human = present([mark for mark, _s, _b in marked.get(site, [])], until=over.meeting.end)
        if human:
            pairs.append((human, stays(one, told, over)))
    found = skew(pairs)
    return found.seconds if found.worth_saying else 0
