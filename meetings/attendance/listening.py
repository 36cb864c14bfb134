"""The verbs behind platforms that report by themselves: what they tell becomes a witness of the meeting, one a platform.

Nobody's mark is touched: that a platform saw somebody come in is a second witness, not a roll call. A telling that comes
twice is one row; one that comes late finds its place; one about a room that is not ours is nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from meetings import adapters, journal, links
from meetings.accounts.rules import SYSTEM
from meetings.adapters.platforms import Present
from meetings.attendance.models import Connection, Witness
from meetings.attendance.reports import Report, Stay
from meetings.attendance.witnesses import Row
from meetings.attendance.witnessing import NOBODY, who_of
from meetings.clock import now
from meetings.database import db
from meetings.official.text import fold
from meetings.scheduling import rooms
from meetings.scheduling.models import Meeting, MeetingSite, PlatformRoom
from meetings.scheduling.room_rules import FORGOTTEN, RoomStatus
from meetings.scheduling.rules import Status

JITSI: Final = "jitsi"
WEBHOOKS: Final = "bbb_webhooks"
POLLED: Final = "bbb_polled"
SYSTEMS: Final[Mapping[str, str]] = {JITSI: "Jitsi", WEBHOOKS: "BigBlueButton", POLLED: "BigBlueButton"}
EARLY: Final = timedelta(minutes=75)
"""What was told longer before the start is a rehearsal in the same room, and no witness of the meeting."""
EVERY: Final = timedelta(seconds=25)
"""How long after one look at a room it is looked at again."""
_HELD: Final = (Status.SCHEDULED, Status.IN_SESSION, Status.CLOSED)
_LENGTHS: Final = {40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}


# --- who may tell ----------------------------------------------------------------------------------------------------


def bearer() -> str:
    """The word by which Prosody shows that it is ours; derived from the server key, kept nowhere."""
    return links.mark("jitsi event_sync", 64)


def from_jitsi(authorization: str) -> bool:
    """Whether *authorization* (of the request) is the bearer of this installation, under its key or an earlier one."""
    kind, _, token = authorization.strip().partition(" ")
    token = token.strip()
    return kind.lower() == "bearer" and len(token) == 64 and token.isascii() and links.marked("jitsi event_sync", token)


def hook_url() -> str:
    """The address under which BigBlueButton's webhooks know us: they sign it together with the body."""
    return f"{adapters.config().public_url}/feeds/bigbluebutton"


def from_bigbluebutton(checksum: str, raw: bytes) -> bool:
    """Whether *checksum* is that of the shared secret over our address and the very bytes of the body."""
    algorithm = _LENGTHS.get(len(checksum))
    if algorithm is None or not checksum.isascii():
        return False
    told = checksum.lower().encode()
    return any(
        hmac.compare_digest(
            hashlib.new(algorithm, hook_url().encode() + raw + secret.encode()).hexdigest().encode(), told
        )
        for secret in adapters.webhook_secrets()
    )


# --- what is told ----------------------------------------------------------------------------------------------------


def hear(reports: Iterable[Report], layout: str, platform: str) -> int:
    """Keep what is told of our rooms; returns how many stays were new or became longer."""
    return sum(_hear(report, layout, platform) for report in reports)


def _hear(report: Report, layout: str, platform: str) -> int:
    meeting = _held_in(report.room, platform)
    if meeting is None or meeting.starts_at is None:
        return 0
    early = meeting.starts_at - EARLY
    stays = [stay for stay in report.stays if (stay.joined_at or stay.left_at or early) > early]
    if not stays and report.ended_at is None:
        return 0
    one = _witness(meeting, layout, needed=bool(stays))
    if one is None:
        return 0
    kept = sum(_keep(one, stay) for stay in stays)
    came = max((stay.joined_at for stay in stays if stay.joined_at and stay.left_at is None), default=None)
    if report.ended_at is not None and report.ended_at > early:
        one.heard_at = max(report.ended_at, one.heard_at or report.ended_at)
    elif one.heard_at is not None and came is not None and came > one.heard_at:
        one.heard_at = None  # the room was empty, and somebody came in again
    return kept


def _held_in(room: str, platform: str) -> Meeting | None:
    """The meeting whose room on *platform* is called so, about these days."""
    at = now()
    query = sa.select(Meeting).where(
        Meeting.platform == platform,
        Meeting.status.in_(_HELD),
        Meeting.starts_at.between(at - timedelta(days=3), at + timedelta(days=1)),
    )
    return next((one for one in db.session.scalars(query) if rooms.name_of(one) == room), None)


def _witness(meeting: Meeting, layout: str, *, needed: bool = True) -> Witness | None:
    """The one witness of this feed, held until the transaction ends; made by its first telling."""
    once = f"{meeting.id}:{layout}"
    query = sa.select(Witness).where(Witness.once == once).with_for_update().execution_options(populate_existing=True)
    found = db.session.scalars(query).first()
    if found is not None or not needed:
        return found
    # two first tellings at once wait for each other here
    db.session.execute(sa.select(Meeting.id).where(Meeting.id == meeting.id).with_for_update(key_share=True))
    found = db.session.scalars(query).first()
    if found is None:
        found = Witness(
            meeting=meeting,
            meeting_id=meeting.id,
            once=once,
            layout=layout,
            zone="",
            left_out={},
            faults=[],
            taken_at=now(),
            taken_by=SYSTEM.name,
        )
        db.session.add(found)
        db.session.flush()
        journal.record("witness.heard", found, actor=SYSTEM, system=SYSTEMS[layout], layout=layout)
    return found


def _keep(one: Witness, stay: Stay) -> bool:
    """Keep *stay* beside what was told of the same device; False where that was known already."""
    query = sa.select(Connection).where(Connection.witness_id == one.id, Connection.device == stay.device)
    known = db.session.scalars(query.order_by(Connection.id)).all()
    begun, ended = stay.joined_at, stay.left_at
    if begun is not None:
        same = next((row for row in known if row.joined_at == begun), None)
        if same is None and ended is None:
            open_ = [row for row in known if row.joined_at is None and row.left_at is not None and row.left_at >= begun]
            same = min(open_, key=lambda row: row.left_at or begun, default=None)
        elif same is None:
            same = next((row for row in known if row.joined_at is None and row.left_at == ended), None)
    else:
        assert ended is not None
        same = next((row for row in known if row.left_at == ended), None)
        before = [row for row in known if row.left_at is None and row.joined_at is not None and row.joined_at <= ended]
        same = same or max(before, key=lambda row: row.joined_at or ended, default=None)
    if same is None:
        _add(one, stay)
        return True
    changed = (same.joined_at is None and begun is not None) or (same.left_at is None and ended is not None)
    same.joined_at = same.joined_at or begun
    same.left_at = same.left_at or ended
    if not same.name and stay.name:
        _named(same, stay)
        _matched(one, same)
    return changed


def _add(one: Witness, stay: Stay) -> None:
    number = db.session.scalar(sa.select(sa.func.max(Connection.number)).where(Connection.witness_id == one.id)) or 0
    made = Connection(
        witness_id=one.id,
        number=number + 1,
        once=hashlib.sha256(f"{stay.device}|{stay.joined_at}|{stay.left_at}".encode()).hexdigest(),
        device=stay.device,
        joined_at=stay.joined_at,
        left_at=stay.left_at,
        matched_by="",
    )
    _named(made, stay)
    _matched(one, made)
    db.session.add(made)
    db.session.flush()


def _named(row: Connection, stay: Stay) -> None:
    row.name, row.address, row.external_id = stay.name[:200], stay.address[:254].lower(), stay.external_id[:200]
    row.name_key = fold(row.name)[:200]
    row.who = who_of(Row(0, row.name, row.address, row.external_id))


def _matched(one: Witness, row: Connection) -> None:
    """The site by the id that our own entry gave it; anything else waits for a person."""
    if row.matched_by:
        return
    if rooms.user_of(row.external_id):
        row.matched_by = NOBODY
        return
    id = rooms.site_of(row.external_id)
    known = id is not None and db.session.scalar(
        sa.select(MeetingSite.id).where(MeetingSite.id == id, MeetingSite.meeting_id == one.meeting_id)
    )
    if known:
        row.meeting_site_id, row.matched_by = id, "id"


# --- what is looked at -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """A room that the worker looks into now."""

    meeting_id: int
    platform: str
    external_id: str


def due(at: datetime, limit: int = 16) -> list[Wanted]:
    """The rooms to be looked into: of meetings that are on, on a platform that can be asked and does not tell by itself."""
    watched = [name for name, one in adapters.platforms().items() if one.capabilities.watched]
    if not watched:
        return []
    told, looked = (sa.orm.aliased(Witness, name=name) for name in ("told", "looked"))
    query = (
        sa.select(Meeting.id, Meeting.platform, PlatformRoom.external_id)
        .join(PlatformRoom, sa.and_(PlatformRoom.meeting_id == Meeting.id, PlatformRoom.platform == Meeting.platform))
        .outerjoin(looked, sa.and_(looked.meeting_id == Meeting.id, looked.layout == POLLED))
        .where(
            Meeting.platform.in_(watched),
            Meeting.status.in_((Status.SCHEDULED, Status.IN_SESSION)),
            Meeting.starts_at <= at + EARLY,
            Meeting.ends_at >= at - FORGOTTEN,
            PlatformRoom.status == RoomStatus.READY,
            sa.or_(looked.id.is_(None), looked.heard_at.is_(None), looked.heard_at <= at - EVERY),
            ~sa.select(told.id).where(told.meeting_id == Meeting.id, told.layout == WEBHOOKS).exists(),
        )
        .order_by(looked.heard_at.nulls_first(), Meeting.id)
        .limit(limit)
    )
    return [Wanted(*row) for row in db.session.execute(query)]


def seen(wanted: Wanted, present: Sequence[Present], at: datetime) -> None:
    """Keep who was in the room at *at*: a stay lasts from the look that first saw it to the last one that did."""
    meeting = db.session.get(Meeting, wanted.meeting_id)
    if meeting is None:
        return
    one = _witness(meeting, POLLED, needed=bool(present))
    if one is None:
        return
    stands = {
        row.device: row
        for row in db.session.scalars(
            sa.select(Connection).where(Connection.witness_id == one.id, Connection.left_at.is_(None))
        )
    }
    inside = {(who.id or who.name)[:250]: who for who in present}
    for device, who in inside.items():
        if device and device not in stands:
            _add(one, Stay(device, who.name, "", who.id, joined_at=at))
    for device, row in stands.items():
        if device not in inside:
            row.left_at = max(one.heard_at or at, row.joined_at or at)
    one.heard_at = at
    db.session.flush()
