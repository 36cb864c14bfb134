"""A conference as large as wanted, laid down in one go: provinces, sites with their officers, private links, who is in.

For what is measured and for what is proved at full size; the small meetings of the other tests come from ``tests.make``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from meetings import clock, links
from meetings.accounts.models import User
from meetings.attendance.models import Mark, Presence, Roll
from meetings.attendance.rules import MarkSource, RollStatus, State
from meetings.database import Base, db
from meetings.directory.models import Contact, Duty, Site
from meetings.invitations.models import Invitation, Link, Reply
from meetings.scheduling.models import MeetingSite
from meetings.scheduling.rules import Status
from meetings.units.models import Unit, UnitKind
from tests import make

PROVINCES: Final = 34


@dataclass(frozen=True)
class Conference:
    """Its code, the ids of its sites in their order, and the token of each one's private page."""

    id: int
    code: str
    secretary: int
    sites: tuple[int, ...]
    tokens: tuple[str, ...]


def conference(
    sites: int, *, starts_at: datetime | None = None, already_in: Callable[[int], bool] = lambda number: False
) -> Conference:
    """A meeting in session with *sites* sites in 34 provinces, each asked, accepted, with an officer to ring."""
    at = clock.now()
    starts_at = starts_at or at - timedelta(minutes=10)
    nation = make.units()[make.NATION]
    provinces = _rows(Unit, [_unit(f"P{n:02}", f"Tỉnh {n}", UnitKind.PROVINCE, nation.id) for n in range(PROVINCES)])
    _place(nation.path, provinces)
    homes = provinces
    if sites > PROVINCES:
        communes = [
            _unit(f"C{n:05}", f"Xã Đông {n}", UnitKind.COMMUNE, provinces[n % PROVINCES])
            for n in range(sites - PROVINCES)
        ]
        homes = provinces + _rows(Unit, communes)
        for number, province in enumerate(provinces):
            _place(f"{nation.path}{province}/", homes[PROVINCES + number :: PROVINCES])
    homes = homes[:sites]
    words = {"place": "", "search_key": "", "sort_key": ""}
    places = _rows(
        Site, [{"code": f"S{n}", "unit_id": u, "name": f"Điểm cầu {n}", **words} for n, u in enumerate(homes)]
    )
    _rows(Contact, [
        {"site_id": id, "duty": Duty.COORDINATOR, "honorific": "Ông", "name": f"Đầu Mối {n}", "title": "",
         "phone": "0912 000 345", "email": "", "valid_from": at - timedelta(days=30)} for n, id in enumerate(places)
    ])  # fmt: skip
    meeting = make.meeting(status=Status.IN_SESSION, sites=(), agenda=())
    meeting.starts_at, meeting.ends_at = starts_at, starts_at + timedelta(hours=4)
    meeting.opened_at = starts_at
    joined = _rows(MeetingSite, [
        {"meeting_id": meeting.id, "site_id": id, "unit_id": home, "province_id": provinces[n % PROVINCES],
         "name": f"Điểm cầu {n}", "unit_name": "", "position": n, "added_at": at}
        for n, (id, home) in enumerate(zip(places, homes, strict=True))
    ])  # fmt: skip
    opened = _rows(Link, [{"purpose": "m", "subject_id": id, "issue": 1, "made_at": at} for id in joined])
    _rows(Invitation, [
        {"meeting_site_id": site, "link_id": link, "asked_at": at, "reply": Reply.ACCEPTED, "replied_at": at}
        for site, link in zip(joined, opened, strict=True)
    ])  # fmt: skip
    db.session.add(Roll(meeting_id=meeting.id, status=RollStatus.OPEN, opened_at=starts_at))
    present = [id for number, id in enumerate(joined) if already_in(number)]
    said: dict[str, Any] = {"head_count": 9, "source": MarkSource.SELF, "by": "Đầu Mối"}
    _rows(Mark, [
        {"meeting_id": meeting.id, "meeting_site_id": id, "at": starts_at, "before": State.NOT_IN, "after": State.IN, **said}
        for id in present
    ])  # fmt: skip
    stands = {
        "state": State.IN,
        "since": starts_at,
        "joined_at": starts_at,
        "lost_seconds": 0,
        "marked_at": starts_at,
        **said,
    }
    _rows(Presence, [{"meeting_site_id": id, **stands} for id in present])
    her = meeting.secretary_id
    make.done()
    return Conference(meeting.id, meeting.code, her, tuple(joined), tuple(links.token("m", link, 1) for link in opened))


def secretary_of(held: Conference) -> User:
    """Who calls its roll."""
    return db.session.get_one(User, held.secretary)


def _rows(model: type[Base], rows: list[dict[str, Any]]) -> list[int]:
    """Insert *rows*; their ids in their order."""
    ids: list[int] = []
    table: Any = model
    for start in range(0, len(rows), 2000):
        statement = sa.insert(table).returning(table.id, sort_by_parameter_order=True)
        ids += db.session.scalars(statement, rows[start : start + 2000]).all()
    return ids


def _unit(code: str, name: str, kind: UnitKind, parent: int) -> dict[str, Any]:
    return {
        "code": code, "name": name, "full_name": name, "kind": kind, "type": "xã", "parent_id": parent, "path": "",
        "valid_from": clock.today() - timedelta(days=400), "search_key": name.lower(), "sort_key": name.lower(),
    }  # fmt: skip


def _place(above: str, ids: list[int]) -> None:
    if ids:
        db.session.execute(sa.update(Unit), [{"id": id, "path": f"{above}{id}/"} for id in ids])
