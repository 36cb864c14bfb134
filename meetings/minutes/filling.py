"""What fills itself from the booking and the roll: times, place, attendance, and what the line did during the meeting.

A fact is taken over when the minutes are begun. Corrected later, it is offered and never written over what a person wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.attendance import queries as attendance
from meetings.attendance.board import SiteRow, Summary
from meetings.attendance.models import Mark
from meetings.attendance.rules import State, effective
from meetings.clock import wall
from meetings.database import db
from meetings.errors import NotFound, Refused
from meetings.i18n import gettext as _
from meetings.i18n import lazy_gettext as _l
from meetings.minutes import block_queries, blocks, papers
from meetings.minutes.block_queries import Row
from meetings.minutes.blocks import Page
from meetings.minutes.content import Spoken
from meetings.minutes.models import Record, RecordItem
from meetings.minutes.rules import BlockKind, StatementKind
from meetings.official.dates import clock
from meetings.official.text import inside, placed
from meetings.scheduling.models import Meeting

MOST: Final = 60
"""So many events of the line are listed; the annex of the minutes holds the sums of all."""


class FactState(StrEnum):
    """How a fact in the minutes stands to what the booking or the roll says now."""

    SAME = "same"
    OWN = "own"  # a person worded it, and nothing was corrected since
    CHANGED = "changed"  # the booking or the roll was corrected after it was taken over


@dataclass(frozen=True)
class Fact:
    """One fact of the head of the minutes: as it stands there, and as booking and roll tell it now."""

    key: str
    label: Any
    stands: str
    told: str
    state: FactState


LABELS: Final[dict[str, Any]] = {
    "started_at": _l("Began at"),
    "ended_at": _l("Ended at"),
    "place": _l("Place"),
    "attendance": _l("Attendance"),
    "chair": _l("Chair"),
    "secretary": _l("Minutes taken by"),
}
_SHARE: Final = re.compile(r"\d+/\d+")


def host_place(meeting: Meeting) -> str:
    """Where the chair sits: the room and the place of the main site, neither named twice."""
    parts = []
    if meeting.host_room is not None:
        parts.append(meeting.host_room.name)
    if meeting.host_site is not None and meeting.host_site.place not in parts:
        parts.append(meeting.host_site.place)
    named = [part for n, part in enumerate(parts) if part and not any(part in other for other in parts[n + 1 :])]
    return ", ".join([*named[:1], *map(inside, named[1:])])


def began(meeting: Meeting) -> datetime:
    """When *meeting* began, to the minute."""
    return (meeting.opened_at or meeting.starts_at or meeting.created_at).replace(second=0, microsecond=0)


def ended(meeting: Meeting) -> datetime | None:
    """When *meeting* ended, to the minute; None where nobody can tell."""
    at = meeting.ended_at or meeting.closed_at or meeting.ends_at
    return at.replace(second=0, microsecond=0) if at else None


def told(meeting: Meeting, roll: Summary) -> dict[str, str]:
    """What the booking and the roll say now, by attribute of the record; instants as ISO 8601."""
    texts = papers.skeleton(meeting, [], roll, host_place(meeting))
    end = ended(meeting)
    return {
        "started_at": began(meeting).isoformat(),
        "ended_at": end.isoformat() if end else "",
        "place": texts.place,
        "attendance": texts.attendance,
        "chair": texts.chair,
        "secretary": texts.secretary,
    }


def facts(record: Record, roll: Summary) -> list[Fact]:
    """Every fact that fills itself, with how it stands to the roll and the booking now."""
    now = told(record.meeting, roll)
    return [_fact(key, _standing(record, key), now[key], (record.filled or now).get(key, "")) for key in LABELS]


def _fact(key: str, stands: str, now: str, filled: str) -> Fact:
    state = FactState.SAME if stands == now else FactState.OWN if now == filled else FactState.CHANGED
    return Fact(key, LABELS[key], _shown(key, stands), _shown(key, now), state)


def _standing(record: Record, key: str) -> str:
    value = getattr(record, key)
    return value.isoformat() if isinstance(value, datetime) else str(value or "")


def _shown(key: str, value: str) -> str:
    if key.endswith("_at"):
        return clock(wall(datetime.fromisoformat(value))) if value else "–"
    if key == "attendance":
        share = _SHARE.search(value)
        return share[0] if share else value
    return value


def take(record: Record, key: str, *, over: bool, actor: Actor) -> None:
    """Take a corrected fact over into the minutes, or keep what stands there and ask no more."""
    blocks.hold(record)
    now = told(record.meeting, attendance.summary(record.meeting))
    if key not in now:
        raise Refused(_("There is no such fact."), status=404)
    if over:
        value: Any = now[key]
        if key.endswith("_at"):
            value = datetime.fromisoformat(value) if value else None
            if key == "started_at" and value is None:
                raise Refused(_("There is no such fact."), status=404)
        setattr(record, key, value)
    record.filled = {**(record.filled or now), key: now[key]}
    db.session.flush()
    journal.record("record.saved", record, actor=actor, part=key, edition=0, what="taken" if over else "kept")


# --- what the line did -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Event:
    """Something of a site that the minutes may tell: the line went, it came late, somebody sat in another's place."""

    key: str
    site: str
    text: str  # the sentence as it stands in the minutes
    lost: bool = False


def events(record: Record, roll: Summary) -> list[Event]:
    """What was recorded of the sites during the meeting, in the order it happened; substitutes last."""
    meeting = record.meeting
    lost = [row for row in roll.rows if row.lost_seconds >= 60][:MOST]
    breaks = _breaks(lost)
    timed: list[tuple[datetime, Event]] = []
    for row in lost:
        for began_at, until in breaks.get(row.id, ()):
            timed.append((began_at, _lost(row, began_at, until)))
    late = [row for row in roll.present if row.late_by(began(meeting)) > papers.LATE]
    for row in late[:MOST]:
        if row.joined_at is not None:
            text = f"{_site(row)} vào họp muộn, lúc {clock(row.joined_at)}."
            timed.append((row.joined_at, Event(f"late-{row.id}", row.name, text)))
    stood_in = [
        Event(f"substitute-{row.id}", row.name, f"{_site(row)}: {row.substitute}{_in_place_of(row)}.")
        for row in roll.substitutes[:MOST]
        if row.substitute
    ]
    return [*(event for _at, event in sorted(timed, key=lambda one: one[0])), *stood_in][:MOST]


def _site(row: SiteRow) -> str:
    return f"Điểm cầu {placed(row.name, row.unit_name)}"


def _lost(row: SiteRow, began_at: datetime, until: datetime | None) -> Event:
    when = f"từ {clock(began_at)} đến {clock(until)}" if until else f"từ {clock(began_at)} đến hết cuộc họp"
    return Event(f"lost-{row.id}-{began_at:%H%M%S}", row.name, f"{_site(row)} mất kết nối {when}.", lost=True)


def _in_place_of(row: SiteRow) -> str:
    return f" dự thay {row.replaced}" if row.replaced else " dự thay"


def _breaks(rows: Iterable[SiteRow]) -> Mapping[int, Sequence[tuple[datetime, datetime | None]]]:
    """From when to when the line of each site was gone, by what stands of its marks."""
    ids = [row.id for row in rows]
    of: dict[int, list[Mark]] = {}
    for mark in db.session.scalars(sa.select(Mark).where(Mark.meeting_site_id.in_(ids)).order_by(Mark.at, Mark.id)):
        of.setdefault(mark.meeting_site_id, []).append(mark)
    found: dict[int, list[tuple[datetime, datetime | None]]] = {}
    for site, marks in of.items():
        gone: datetime | None = None
        for counted in effective(attendance.marked(marks)):
            if counted.after is State.LOST:
                gone = gone or counted.at
            elif gone is not None:
                found.setdefault(site, []).append((gone, counted.at))
                gone = None
        if gone is not None:
            found.setdefault(site, []).append((gone, None))
    return found


def note(record: Record, item: RecordItem, key: str, *, actor: Actor) -> Row | None:
    """Put the event *key* into the minutes under *item*, as a note; once."""
    once = f"{key}-{record.id}"
    standing = block_queries.made_once(record, BlockKind.STATEMENT, once)
    if standing is not None:
        return standing
    event = next((one for one in events(record, attendance.summary(record.meeting)) if one.key == key), None)
    if event is None:
        raise NotFound(_("This is not in the roll any more."))
    said = Spoken(event.text, kind=StatementKind.NOTE)
    return blocks.save(record, Page(item=item, once=once), said, actor=actor)
