"""The verbs of the machines' witness: take a file in, say what it leaves open, say who is who, set its clock, withdraw it.

The human roll is never touched from here, and what a machine told is never changed: a match, a shift or a withdrawal stands
beside what was told, with who said so.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

import sqlalchemy as sa

from meetings import journal, sealed
from meetings.accounts.rules import Actor
from meetings.attendance import witness_queries as queries
from meetings.attendance.intervals import MOST_SHIFT
from meetings.attendance.matching import Known, match
from meetings.attendance.models import Connection, Witness
from meetings.attendance.witness_words import fault_sentence
from meetings.attendance.witnesses import Row, Told, read
from meetings.clock import HANOI, now
from meetings.database import db
from meetings.errors import Refused
from meetings.i18n import gettext as _
from meetings.i18n import locale
from meetings.official.dates import moment_short
from meetings.official.text import fold
from meetings.post import services as post
from meetings.scheduling import rooms
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.paper_rules import safe_name

MOST: Final = 8 * 1024 * 1024  # bytes of a file
NOBODY: Final = "nobody"
_SEALED: Final = "application/octet-stream"
_BATCH: Final = 1_000


def take(meeting: Meeting, raw: bytes, name: str, *, actor: Actor) -> Witness:
    """Take a file as a witness of *meeting*. Refused where nothing can be read from it, and where it was taken already.

    Where it leaves its zone or the order of its dates open, nothing is read yet: somebody is asked, see :func:`settle`.
    """
    if not raw:
        raise Refused(_("Choose a file."), field="file", status=422)
    if len(raw) > MOST:
        raise Refused(_("The file is larger than %(most)s MB.", most=MOST // 1024 // 1024), field="file", status=422)
    sha256 = hashlib.sha256(raw).hexdigest()
    before = queries.same_file(meeting, sha256)
    if before is not None:
        raise Refused(
            _(
                "This very file was taken already, by %(name)s at %(moment)s.",
                name=before.taken_by,
                moment=moment_short(before.taken_at, locale()),
            ),
            field="file",
            status=422,
        )
    kept_name = safe_name(name)[:200]
    told = read(raw, name=kept_name, on=queries.day_of(meeting))
    _check(told)
    made = Witness(
        meeting=meeting,
        meeting_id=meeting.id,
        layout=told.layout,
        file_name=kept_name,
        sha256=sha256,
        kept=post.keep(sealed.seal(raw), _SEALED),  # names, addresses, hours: a copy of the database shows none of them
        size=len(raw),
        asks=" ".join(sorted(told.ask)),
        zone="" if told.zone_fixed else str(HANOI),
        left_out={},
        faults=list(told.faults),
        taken_at=now(),
        taken_by=actor.name[:200],
    )
    db.session.add(made)
    db.session.flush()
    if not told.ask:
        _fill(made, told, actor)
    return made


def settle(one: Witness, *, zone: str, day_first: bool | None, actor: Actor) -> Witness:
    """Read the kept file as a person says that its clock and dates are to be understood."""
    if not one.asks:
        raise Refused(_("This file was read already."))
    if one.withdrawn_at is not None:
        raise Refused(_("This witness was withdrawn already."))
    asked = one.asks.split()
    if "zone" in asked and zone not in available_timezones():
        raise Refused(_("Choose the time zone of the file."), field="zone", status=422)
    if "day_first" in asked and day_first is None:
        raise Refused(_("Choose how the dates of the file are written."), field="day_first", status=422)
    told = queries.again(one, zone=zone or str(HANOI), day_first=day_first)
    _check(told)
    one.asks = ""
    one.zone = str(ZoneInfo(zone)) if "zone" in asked else one.zone
    one.day_first = day_first
    _fill(one, told, actor)
    return one


def withdraw(one: Witness, *, actor: Actor) -> None:
    """Let a witness count no more; what it told is kept."""
    if one.withdrawn_at is not None:
        raise Refused(_("This witness was withdrawn already."))
    one.withdrawn_at, one.withdrawn_by = now(), actor.name[:200]
    journal.record("witness.withdrawn", one, actor=actor, file=one.file_name, layout=one.layout)


def shift(one: Witness, seconds: int, *, actor: Actor) -> None:
    """Read the clock of a witness so many seconds later (or earlier): one that runs wrong, as a person says."""
    if abs(seconds) > MOST_SHIFT:
        raise Refused(_("A clock is put right by at most 26 hours."), field="minutes", status=422)
    if seconds == one.clock_shift:
        return
    before, one.clock_shift = one.clock_shift, seconds
    journal.record("witness.shifted", one, actor=actor, file=one.file_name, before=before, seconds=seconds)


# --- who is who ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Decision:
    """What a person says of one participant: a site of the meeting, :data:`NOBODY`, or "" to take back what was said."""

    who: str
    site: MeetingSite | None = None
    word: str = ""


def confirm(meeting: Meeting, decisions: Sequence[Decision], *, actor: Actor) -> int:
    """Keep who is who, for all rows of each participant in the standing witnesses; returns for how many something changed.

    One fact for the whole press: names, from which site to which.
    """
    standing = [one.id for one in queries.standing_witnesses(meeting)]
    stood: dict[str, tuple[str, int | None, str]] = {
        who: (name, site, by)
        for who, name, site, by in db.session.execute(
            sa.select(
                Connection.who,
                sa.func.min(Connection.name),
                sa.func.max(Connection.meeting_site_id),
                sa.func.min(Connection.matched_by),
            )
            .where(Connection.witness_id.in_(standing), Connection.who.in_([one.who for one in decisions]))
            .group_by(Connection.who)
        )
    }
    at, changed = now(), []
    for one in decisions:
        if one.who not in stood:
            continue
        name, before, by = stood[one.who]
        site = one.site.id if one.site is not None else None
        word = "person" if one.site is not None else one.word
        if site == before and (word == by or (site is not None and by in ("id", "address"))):
            continue  # it stood so on the page; what is certain needs no name beside it
        db.session.execute(
            sa.update(Connection)
            .where(Connection.witness_id.in_(standing), Connection.who == one.who)
            .values(
                meeting_site_id=site,
                matched_by=word,
                confirmed_at=at if word else None,
                confirmed_by=actor.name[:200] if word else "",
            ),
            execution_options={"synchronize_session": False},
        )
        changed.append((name, before, one.site.name if one.site is not None else word))
    if changed:
        names = queries.site_names(meeting, {before for _n, before, _a in changed if before is not None})
        told = [
            {"name": name, "before": names.get(before or 0, ("", ""))[0], "after": after}
            for name, before, after in changed
        ]
        journal.record("connection.matched", _Matching(meeting), actor=actor, count=len(changed), rows=told)
    db.session.expire_all()
    return len(changed)


@dataclass(frozen=True)
class _Matching:
    """What the journal says such a press was about."""

    meeting: Meeting

    @property
    def journal_subject(self) -> str:
        return f"connections:{self.meeting.code}"

    @property
    def journal_root(self) -> str:
        return self.meeting.code


# --- inside ----------------------------------------------------------------------------------------------------------


def _check(told: Told) -> None:
    if not told.layout or not told.rows:
        raise Refused(fault_sentence(told), field="file", status=422)


def _fill(one: Witness, told: Told, actor: Actor) -> None:
    """Keep the rows, matched where nothing is guessed."""
    one.left_out, one.faults = dict(told.left_out), list(told.faults)
    one.heard_at = told.ended_at
    values = rows_of(one.id, told.rows, queries.known(one.meeting))
    for start in range(0, len(values), _BATCH):
        db.session.execute(sa.insert(Connection), values[start : start + _BATCH])
    journal.record(
        "witness.taken",
        one,
        actor=actor,
        file=one.file_name,
        layout=one.layout,
        sha256=one.sha256,
        size=one.size,
        rows=len(values),
        matched=sum(1 for row in values if row["matched_by"]),
    )


def rows_of(witness_id: int, rows: Sequence[Row], known: Iterable[Known]) -> list[dict[str, Any]]:
    """*rows* as they are kept: certain matches made, the rest left to a person."""
    apart = _apart(rows)
    certain_by = [replace(one, names=()) for one in known]  # names are for a person, on the page
    made = []
    for row, found in zip(rows, match(rows, certain_by), strict=True):
        certain = found.meeting_site_id is not None
        ours = rooms.user_of(row.external_id)  # an entry we gave to somebody who signed in: certainly no site
        made.append(
            {
                "witness_id": witness_id,
                "number": row.number,
                "who": who_of(row, row.number if row.number in apart else None),
                "name": row.name[:200],
                "own_name": row.own_name[:200],
                "name_key": fold(row.name)[:200],
                "address": row.address[:254].lower(),
                "external_id": row.external_id[:200],
                "joined_at": row.joined_at,
                "left_at": row.left_at,
                "seconds": row.seconds,
                "meeting_site_id": found.meeting_site_id,
                "matched_by": found.by if certain else NOBODY if ours else "",
            }
        )
    return made


def who_of(row: Row, apart: int | None = None) -> str:
    """The same for all rows of one participant; *apart* tells one from its namesakes."""
    parts = (fold(row.name), row.address.lower(), row.external_id, str(apart or ""))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _apart(rows: Sequence[Row]) -> frozenset[int]:
    """The numbers of rows that bear one name and nothing else, at the same time: two devices called «iPad» are two sites'."""
    named: Mapping[str, list[Row]] = defaultdict(list)
    for row in rows:
        if not row.address and not row.external_id:
            named[fold(row.name)].append(row)
    found: set[int] = set()
    for same in named.values():
        if len(same) > 1 and _overlap(same):
            found |= {row.number for row in same}
    return frozenset(found)


def _overlap(rows: Sequence[Row]) -> bool:
    """Whether two of *rows* tell of the same time; one that has no end lasts for good."""
    spans = sorted((row.joined_at, row.left_at is None, row.left_at or row.joined_at) for row in rows if row.joined_at)
    return any(endless or following[0] < end for (_b, endless, end), following in pairwise(spans))
