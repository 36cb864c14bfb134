"""A draft that invites so many sites, with its people and addresses, made in an installation without its pages:
``python -m tests.e2e.furnish 34``. Prints the code of the meeting and who arranges it.

``python -m tests.e2e.furnish near 20 3``: three meetings that begin in twenty minutes; prints the link of a site of each."""

from __future__ import annotations

import sys
from datetime import timedelta

from config import Config
from meetings import clock, create_app
from meetings.accounts.rules import Role
from meetings.database import db
from meetings.directory.models import Site
from meetings.official.working_days import STANDARD
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


if __name__ == "__main__":
    import os

    with create_app(Config.from_environ(os.environ)).app_context():
        which, *numbers = sys.argv[1:]
        print(*(near(*map(int, numbers)) if which == "near" else furnish(int(which))))
