"""A draft that invites so many sites, with its people and addresses, made in an installation without its pages:
``python -m tests.e2e.furnish 34``. Prints the code of the meeting and who arranges it.

``python -m tests.e2e.furnish near 20 3``: three meetings that begin in twenty minutes; prints the link of a site of each."""

from __future__ import annotations

import sys
from datetime import timedelta

from config import Config
from meetings import clock, create_app
from meetings.accounts.rules import SYSTEM, Actor, Role
from meetings.database import db
from meetings.directory.models import Duty, Site
from meetings.invitations import answering
from meetings.invitations.rules import Reply
from meetings.official.working_days import STANDARD
from meetings.scheduling import cascades
from meetings.scheduling.models import Meeting
from meetings.scheduling.rules import Status
from meetings.units.models import Unit, UnitKind
from tests import make


def furnish(count: int) -> tuple[str, str]:
    """Code of the meeting and address of its secretary. The sites are the provinces, then communes."""
    places = (
        db.session.query(Site)
        .join(Unit, Site.unit_id == Unit.id)
        .filter(Unit.kind.in_((UnitKind.PROVINCE, UnitKind.COMMUNE)))
        .order_by(Unit.kind == UnitKind.COMMUNE, Site.code)
        .limit(count)
        .all()
    )
    for number, place in enumerate(places):
        make.contact(
            place,
            name=f"Trần Văn Đầu Mối {number}",
            phone=f"0912 {number // 1000:03d} {number % 1000:03d}",
            email=f"diemcau.{place.code}@diaphuong.example",
        )
    # for the whole country: she may mend the addresses of other units in the directory
    secretary = make.user(Role.SECRETARY, make.NATION, name="Nguyễn Thị Hoa", email="thuky@bo.example")
    day = STANDARD.add_working_days(clock.today(), 15)
    meeting = make.meeting(
        starts=f"{day.isoformat()} 08:00",
        reply_by=None,
        rehearsal_at=clock.now() + timedelta(days=14),
        secretary=secretary,
        sites=places,
    )
    made = meeting.code, secretary.email
    db.session.commit()
    return made


def near(minutes: int, count: int) -> list[str]:
    """The private links of one site each of *count* meetings that begin so soon."""
    begins = clock.now() + timedelta(minutes=minutes)
    starts = clock.wall(begins).strftime("%Y-%m-%d %H:%M")
    found = []
    for _number in range(count):
        meeting = make.meeting(status=Status.SCHEDULED, starts=starts, reply_by=begins - timedelta(minutes=1))
        found.append(make.private(make.sites_of(meeting)[0]))
    db.session.commit()
    return found


def cascade(code: str) -> list[str]:
    """A meeting of all provinces, sent, that asks them to bring their communes; those of the province *code* have officers.

    Code of the meeting, address of its secretary, the links of that province and of the next one."""
    provinces = db.session.query(Site).join(Unit).filter(Unit.kind == UnitKind.PROVINCE).order_by(Site.code).all()
    head = next(site for site in provinces if site.code == code)
    communes = db.session.query(Site).join(Unit).filter(Unit.parent_id == head.unit_id).order_by(Site.code).all()
    for number, place in enumerate([*provinces, *communes]):
        make.contact(
            place,
            name=f"Trần Văn Đầu Mối {number}",
            phone=f"0912 000 {number:03d}",
            email=f"diemcau.{place.code}@diaphuong.example",
        )
    secretary = make.user(Role.SECRETARY, make.NATION, name="Nguyễn Thị Hoa", email="thuky@bo.example")
    start = STANDARD.add_working_days(clock.today(), 15)
    meeting = make.meeting(
        status=Status.SCHEDULED,
        starts=f"{start.isoformat()} 08:00",
        reply_by=clock.now() + timedelta(days=10),
        rehearsal_at=clock.now() + timedelta(days=14),
        secretary=secretary,
        organiser=make.unit("X-E2E", "Bộ Thử nghiệm", UnitKind.MINISTRY, parent=provinces[0].unit.parent),
        sites=provinces,
    )
    cascades.ask(meeting, levels=2, bring_by=None, most=None, note="", actor=SYSTEM)
    rows = make.sites_of(meeting)
    at = next(n for n, row in enumerate(rows) if row.site_id == head.id)
    # what stands below one commune, for a third level
    school = make.unit("T-E2E", "Trạm Y tế", UnitKind.OFFICE, parent=communes[-1].unit, type="trạm")
    make.site(school)
    made = [meeting.code, secretary.email, make.private(rows[at]), make.private(rows[at + 1])]
    db.session.commit()
    return made


def answered(code: str, accepted: int, seen: int) -> None:
    """So many of the communes in the meeting *code* confirm, and so many of the next look at their page."""
    meeting = db.session.query(Meeting).filter_by(code=code).one()
    rows = [row for row in make.sites_of(meeting) if row.brought_by_id is not None]
    for number, row in enumerate(rows[: accepted + seen]):
        found = make.invitation_of(row)
        actor = Actor.link(found.link_id, row.name)
        if number < accepted:
            answering.reply(found, answering.Answer(Reply.ACCEPTED), actor=actor)
        else:
            answering.seen(found, actor=actor)
    db.session.commit()


def tested(at: str) -> list[str]:
    """A meeting of all provinces and two communes of Nghệ An that begins *at*, sent, with a number for every site.

    Its code, the addresses of its technician and of Nghệ An's, the links of Nghệ An and of the province before it."""
    provinces = db.session.query(Site).join(Unit).filter(Unit.kind == UnitKind.PROVINCE).order_by(Site.code).all()
    nghe_an = next(site for site in provinces if site.code == make.NGHE_AN)
    communes = db.session.query(Site).join(Unit).filter(Unit.parent_id == nghe_an.unit_id).order_by(Site.code).limit(2)
    places = [*provinces, *communes]
    for number, place in enumerate(places):
        make.contact(place, name=f"Trần Văn Đầu Mối {number}", phone=f"0912 000 {number:03d}")
        make.contact(place, Duty.TECHNICIAN, name=f"Lê Văn Kỹ Thuật {number}", phone=f"0953 000 {number:03d}")
    ministry = make.unit("X-E2E", "Bộ Thử nghiệm", UnitKind.MINISTRY, parent=nghe_an.unit.parent)
    technician = make.user(Role.TECHNICIAN, ministry, name="Cao Xuân Bách", email="kythuat@bo.example", honorific="Ông")
    hers = make.user(Role.TECHNICIAN, nghe_an.unit, name="Hồ Thị Kỹ", email="kythuat@nghean.example")
    begins = make.at(at)
    meeting = make.meeting(
        status=Status.SCHEDULED,
        starts=at,
        reply_by=begins - timedelta(days=2),
        rehearsal_at=begins - timedelta(hours=18),
        organiser=ministry,
        sites=places,
    )
    row = {row.site_id: row for row in make.sites_of(meeting)}
    before = provinces[provinces.index(nghe_an) - 1]
    made = [meeting.code, technician.email, hers.email]
    made += [make.private(row[nghe_an.id]), make.private(row[before.id])]
    db.session.commit()
    return made


if __name__ == "__main__":
    import os

    with create_app(Config.from_environ(os.environ)).app_context():
        which, *words = sys.argv[1:]
        if which == "cascade":
            print(*cascade(*words))
        elif which == "tested":
            print(*tested(" ".join(words)))
        elif which == "answered":
            answered(words[0], int(words[1]), int(words[2]))
        else:
            print(*(near(*map(int, words)) if which == "near" else furnish(int(which))))
