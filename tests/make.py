"""Things for tests to be about. Each call says only what its test is about; the rest is believable and always the same.

All of it needs the application's context (the ``app`` fixture) and adds to ``db.session``; the test client commits before it
asks for a page, and :func:`done` commits where a test has no client.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from argon2 import PasswordHasher

from meetings import clock, links
from meetings.accounts.models import Grant, User
from meetings.accounts.rules import SYSTEM, Actor, Granted, Role
from meetings.database import db
from meetings.directory import services as directory
from meetings.directory.models import Contact, Duty, Person, Room, Site
from meetings.invitations.models import Invitation, Link
from meetings.official.text import fold, name_sort_key, search_key, sort_key
from meetings.scheduling import clashes, holding
from meetings.scheduling.models import AgendaItem, Booking, Meeting, MeetingSite
from meetings.scheduling.rules import MeetingType, Status
from meetings.units.models import Unit, UnitKind

PASSWORD = "đúng mật khẩu thử nghiệm"
"""Of every user made here."""

# as cheap as the algorithm allows: its parameters stand in the hash, so the product checks it at the same price
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)

NATION, MINISTRY, NGHE_AN, HA_TINH, HO_CHI_MINH = "VN", "X-BDPS", "40", "42", "79"
KIM_LIEN, VINH_HUNG, SAI_GON = "17971", "17920", "26740"

_TREE: tuple[tuple[str, str, UnitKind, str, str | None, float | None, float | None], ...] = (
    (NATION, "Việt Nam", UnitKind.NATION, "quốc gia", None, None, None),
    (MINISTRY, "Bộ Điều phối số", UnitKind.MINISTRY, "bộ", NATION, 21.03, 105.84),
    (NGHE_AN, "Nghệ An", UnitKind.PROVINCE, "tỉnh", NATION, 18.673, 105.692),
    (HA_TINH, "Hà Tĩnh", UnitKind.PROVINCE, "tỉnh", NATION, 18.343, 105.906),
    (HO_CHI_MINH, "Hồ Chí Minh", UnitKind.PROVINCE, "thành phố", NATION, 10.776, 106.701),
    (KIM_LIEN, "Xã Kim Liên", UnitKind.COMMUNE, "xã", NGHE_AN, 18.683, 105.567),
    (VINH_HUNG, "Phường Vinh Hưng", UnitKind.COMMUNE, "phường", NGHE_AN, 18.72, 105.66),
    (SAI_GON, "Phường Sài Gòn", UnitKind.COMMUNE, "phường", HO_CHI_MINH, 10.776, 106.701),
)

PEOPLE = {
    Role.ADMINISTRATOR: ("", "Phạm Quản Trị", "Quản trị hệ thống", MINISTRY),
    Role.SECRETARY: ("Bà", "Nguyễn Thị Hoa", "Chuyên viên Văn phòng", MINISTRY),
    Role.APPROVER: ("Ông", "Trần Văn Duyệt", "Chánh Văn phòng", MINISTRY),
    Role.TECHNICIAN: ("Ông", "Vũ Kỹ Thuật", "Kỹ thuật viên", MINISTRY),
    Role.SITE_OFFICER: ("Ông", "Hồ Sỹ Đầu Mối", "Chuyên viên", NGHE_AN),
    Role.RECORDS_CLERK: ("Bà", "Lý Văn Thư", "Văn thư", MINISTRY),
    Role.FINANCE: ("Bà", "Đỗ Tài Chính", "Kế toán trưởng", MINISTRY),
    Role.LEADER: ("Ông", "Lê Minh Khang", "Bộ trưởng", MINISTRY),
}

_numbers = count(1)
Thing = TypeVar("Thing")


def at(wall: str) -> datetime:
    """The instant at which a wall clock in Hà Nội shows *wall*, as in ``at("2026-12-10 08:00")``."""
    return datetime.fromisoformat(wall).replace(tzinfo=clock.HANOI).astimezone(UTC)


def done() -> None:
    """Commit what was made."""
    db.session.commit()


def _added(thing: Thing) -> Thing:
    db.session.add(thing)
    db.session.flush()
    return thing


# ------------------------------------------------------------------ units, sites, people


def unit(
    code: str, name: str = "", kind: UnitKind = UnitKind.COMMUNE, *, parent: Unit | None = None, **more: Any
) -> Unit:
    """A unit below *parent*; its path is set."""
    made = _unit(code, name, kind, parent=parent, **more)
    _placed([made])
    return made


def _unit(code: str, name: str, kind: UnitKind, *, parent: Unit | None, **more: Any) -> Unit:
    name = name or f"Xã Số {code}"
    values: dict[str, Any] = {
        "full_name": f"Ủy ban nhân dân {name}",
        "type": "xã",
        "valid_from": date(2025, 7, 1),
        "search_key": search_key(name),
        "sort_key": sort_key(name),
        "path": "",
        **more,
    }
    return Unit(code=code, name=name, kind=kind, parent=parent, **values)


def _placed(made: Sequence[Unit]) -> None:
    """Write units, a parent before its children; a path is known when the ids are."""
    if not made:
        return
    db.session.add_all(made)
    db.session.flush()
    for place in made:
        place.path = f"{place.parent.path if place.parent else '/'}{place.id}/"
    db.session.flush()


def units() -> dict[str, Unit]:
    """A small state, by code: a nation, a ministry, three provinces, three communes. Made once, found afterwards."""
    found = {u.code: u for u in db.session.query(Unit).filter(Unit.code.in_([row[0] for row in _TREE]))}
    made = []
    for code, name, kind, type, parent, latitude, longitude in _TREE:
        if code not in found:
            full = name if kind in (UnitKind.NATION, UnitKind.MINISTRY) else f"Ủy ban nhân dân {type} {name}"
            found[code] = _unit(
                code,
                name,
                kind,
                parent=found[parent] if parent else None,
                type=type,
                full_name=full,
                abbreviation="BĐPS" if code == MINISTRY else "UBND",
                place_name="Hà Nội" if code == MINISTRY else name,
                latitude=latitude,
                longitude=longitude,
            )
            made.append(found[code])
    _placed(made)  # all at once: nearly every test needs the state
    return found


def _at(code: str) -> Unit:
    """The unit of that code in the state of :func:`units`."""
    return db.session.query(Unit).filter_by(code=code).one_or_none() or units()[code]


def user(
    role: Role | str | None = None, at: Unit | str | None = None, *, name: str = "", email: str = "", **more: Any
) -> User:
    """Somebody who may sign in with :data:`PASSWORD`, in *role* for the unit *at*; without a role, nobody in particular."""
    role = Role(role) if role else None
    honorific, usual, title, code = PEOPLE[role] if role else ("", "Khách Lạ", "", MINISTRY)
    name = name or usual
    values: dict[str, Any] = {
        "honorific": honorific,
        "title": title,
        "created_at": clock.now(),
        "active": True,
        "sort_key": name_sort_key(name),
        **more,
    }
    email = email or f"{fold(name).replace(' ', '.')}.{next(_numbers)}@bdps.example"
    made = _added(User(email=email, name=name, password_hash=_HASH, **values))
    if role is not None:
        place = at if isinstance(at, Unit) else _at(at or code)
        _added(Grant(user_id=made.id, role=role, unit_id=place.id))
    return made


def actor(who: User) -> Actor:
    """*who* as services know her."""
    grants = db.session.query(Grant).filter_by(user_id=who.id).order_by(Grant.id)
    granted = tuple(Granted(grant.role, grant.unit.path) for grant in grants)
    return Actor(f"user:{who.id}", who.name, who.id, granted, who.locale)


def site(of: Unit | str = NGHE_AN, *, email: str | None = None, seats: int | None = 40, **more: Any) -> Site:
    """The site of a unit, with its default room and its coordinator (no mail address where *email* is empty)."""
    place = of if isinstance(of, Unit) else _at(of)
    found = db.session.query(Site).filter_by(unit_id=place.id).first()
    if found is not None:
        return found
    values: dict[str, Any] = {
        "place": f"Phòng họp trực tuyến, trụ sở {place.full_name}",
        "latitude": place.latitude,
        "longitude": place.longitude,
        "search_key": search_key(place.name),
        "sort_key": sort_key(place.name),
        **more,
    }
    made = _added(Site(code=place.code, unit_id=place.id, name=place.name, seats=seats, **values))
    _added(Room(site_id=made.id, name="Phòng họp trực tuyến", seats=seats, is_default=True))
    contact(made, email=f"diemcau.{place.code.lower()}@{place.code.lower()}.example" if email is None else email)
    return made


def contact(of: Site, duty: Duty = Duty.COORDINATOR, **more: Any) -> Contact:
    """Somebody who answers for a site."""
    values: dict[str, Any] = {
        "honorific": "Ông",
        "name": f"Trần Đầu Mối {of.name}",
        "title": "Chánh Văn phòng",
        "phone": "0912 000 345",
        "email": f"diemcau.{of.code.lower()}@{of.code.lower()}.example",
        "valid_from": at("2026-01-01 00:00"),
        **more,
    }
    return _added(Contact(site_id=of.id, duty=duty, **values))


def person(name: str = "Lê Minh Khang", *, leader: bool = True, of: Unit | None = None, **more: Any) -> Person:
    """Somebody known by name and office, a leader unless said otherwise."""
    place = of or _at(MINISTRY)
    values: dict[str, Any] = {
        "honorific": "Ông",
        "title": "Bộ trưởng",
        "email": f"{fold(name).replace(' ', '.')}@bdps.example",
        "search_key": search_key(name),
        "sort_key": sort_key(name),
        **more,
    }
    return _added(Person(unit_id=place.id, name=name, is_leader=leader, **values))


# ------------------------------------------------------------------ a meeting and what hangs on it


def meeting(
    *,
    status: Status = Status.DRAFT,
    sites: Iterable[Site] | None = None,
    starts: str = "2026-12-10 08:00",
    minutes: int = 195,
    secretary: User | None = None,
    organiser: Unit | None = None,
    agenda: Sequence[str] = ("Khai mạc", "Báo cáo kết quả năm 2026", "Thảo luận", "Kết luận"),
    asked: bool | None = None,
    **more: Any,
) -> Meeting:
    """A meeting of the ministry with the sites of two provinces. Past ``draft`` its sites have been asked (*asked*)."""
    place = organiser or _at(MINISTRY)
    number = next(_numbers)
    starts_at = at(starts)
    sent = status is not Status.DRAFT
    values: dict[str, Any] = {
        "code": f"HN-2026-{number:04d}",
        "uid": f"hn-2026-{number:04d}@diemcau.example",
        "title": "Hội nghị trực tuyến sơ kết công tác chuyển đổi số năm 2026",
        "type": MeetingType.REVIEW,
        "chair_honorific": "Ông",
        "chair_name": "Lê Minh Khang",
        "chair_title": "Bộ trưởng",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=minutes),
        "minutes_long": minutes,
        "reply_by": at("2026-12-08 17:00"),
        "rehearsal_at": at("2026-12-09 14:00"),
        "composition": "Lãnh đạo Ủy ban nhân dân; Chánh Văn phòng",
        "max_delegates": 25,
        "contact_name": "Bà Nguyễn Thị Hoa, Văn phòng",
        "contact_phone": "024 000 1234",
        "technical_phone": "024 000 1235",
        "signer_authority": "TL. BỘ TRƯỞNG",
        "signer_title": "CHÁNH VĂN PHÒNG",
        "signer_name": "Trần Văn Duyệt",
        "recipients": "Như trên;\nLưu: VT, VP.",
        "created_at": clock.now(),
        "changed_at": clock.now(),
        "sent_at": clock.now() if sent else None,
        "opened_at": starts_at if status in (Status.IN_SESSION, Status.CLOSED) else None,
        "ended_at": starts_at + timedelta(minutes=minutes) if status is Status.CLOSED else None,
        "closed_at": starts_at + timedelta(minutes=minutes) if status is Status.CLOSED else None,
        **more,
    }
    host = values.pop("host_site", None) or site(place)
    room = db.session.query(Room).filter_by(site_id=host.id).first()
    secretary = secretary or user(Role.SECRETARY, place)
    made = _added(
        Meeting(
            organiser_id=place.id,
            host_site_id=host.id,
            host_room_id=room.id if room else None,
            secretary_id=secretary.id,
            status=status,
            **values,
        )
    )
    for invited in [site(NGHE_AN), site(HA_TINH)] if sites is None else sites:
        joined = meeting_site(made, invited)
        if sent if asked is None else asked:
            invitation(joined)
    for position, title in enumerate(agenda, 1):
        _added(AgendaItem(meeting_id=made.id, position=position, minutes=30, title=title, presenter=""))
    if status in (Status.AWAITING_APPROVAL, Status.SCHEDULED, Status.IN_SESSION):
        book(made)
    return made


def book(of: Meeting) -> None:
    """Take the places and the chair of a meeting for its hour, and nothing else; what another has taken, without holding it."""
    name = of.chair_honorific, of.chair_name, of.chair_title
    chair = directory.known_person(of.organiser, *name, actor=SYSTEM)
    of.chair_id = chair.id if chair else None
    db.session.flush()
    assert of.starts_at is not None and of.ends_at is not None
    holding.release(of)
    holding.sweep()
    taken = {c.resource for c in clashes.collisions(of, of.starts_at, of.ends_at, SYSTEM)}
    for wanted in clashes.wanted(of):
        which = {f"{wanted.resource[0]}_id": wanted.resource[1], "room_id": wanted.room_id}
        held = wanted.required and wanted.resource not in taken
        db.session.add(Booking(meeting_id=of.id, starts_at=of.starts_at, ends_at=of.ends_at, exclusive=held, **which))
    db.session.flush()


def meeting_site(of: Meeting, invited: Site) -> MeetingSite:
    """The place of a site in a meeting."""
    province = invited.unit
    while province is not None and province.kind is not UnitKind.PROVINCE:
        province = province.parent
    return _added(
        MeetingSite(
            meeting_id=of.id,
            site_id=invited.id,
            unit_id=invited.unit_id,
            province_id=province.id if province else None,
            name=invited.name,
            unit_name=invited.unit.full_name,
            position=db.session.query(MeetingSite).filter_by(meeting_id=of.id).count() + 1,
            added_at=clock.now(),
        )
    )


def sites_of(of: Meeting) -> list[MeetingSite]:
    """The places of a meeting's sites, in their order."""
    return (
        db.session.query(MeetingSite).filter_by(meeting_id=of.id, removed_at=None).order_by(MeetingSite.position).all()
    )


def invitation(of: MeetingSite, **more: Any) -> Invitation:
    """The invitation of a site that has been asked, with its private link."""
    link = _added(Link(purpose="m", subject_id=of.id, issue=1, made_at=clock.now()))
    return _added(Invitation(meeting_site_id=of.id, link_id=link.id, asked_at=clock.now(), **more))


def invitation_of(of: MeetingSite) -> Invitation:
    """The invitation of a site."""
    return db.session.query(Invitation).filter_by(meeting_site_id=of.id).one()


def private(of: MeetingSite) -> str:
    """The address of a site's page without account: ``/m/<token>``."""
    link = invitation_of(of).link
    return f"/m/{links.token(link.purpose, link.id, link.issue)}"


def joining(of: MeetingSite) -> str:
    """The address of a site's join link: ``/j/<token>``."""
    link = invitation_of(of).link
    return f"/j/{links.token('j', link.id, link.issue)}"
