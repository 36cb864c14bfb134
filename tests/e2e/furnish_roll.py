"""A meeting of all provinces that began ten minutes ago, every site of which has accepted: ``python -m tests.e2e.furnish_roll``.
Prints its code and the addresses of two secretaries."""

from __future__ import annotations

import os
from datetime import timedelta

from config import Config
from meetings import clock, create_app
from meetings.accounts.rules import Role
from meetings.attendance import services
from meetings.attendance.rules import MarkSource, Move
from meetings.database import db
from meetings.directory.models import Site
from meetings.invitations.rules import Reply
from meetings.scheduling.rules import Status
from meetings.units.models import Unit, UnitKind
from tests import make


def furnish() -> tuple[str, str, str]:
    """Code of the meeting, and the two who call its roll."""
    places = db.session.query(Site).join(Unit).filter(Unit.kind == UnitKind.PROVINCE).order_by(Site.code).all()
    for number, place in enumerate(places):
        make.contact(place, name=f"Trần Văn Đầu Mối {number}", phone=f"0912 000 {number:03d}", email="")
    hoa = make.user(Role.SECRETARY, make.MINISTRY, name="Nguyễn Thị Hoa", email="hoa@bo.example")
    linh = make.user(Role.SECRETARY, make.MINISTRY, name="Đỗ Thùy Linh", email="linh@bo.example")
    starts = clock.wall(clock.now() - timedelta(minutes=10)).strftime("%Y-%m-%d %H:%M")
    meeting = make.meeting(status=Status.SCHEDULED, starts=starts, secretary=hoa, sites=places)
    who = make.actor(hoa)
    services.open_roll(meeting, actor=who)
    for site in make.sites_of(meeting):
        make.invitation_of(site).reply = Reply.ACCEPTED
    services.mark(make.sites_of(meeting)[0], Move.IN, actor=who, source=MarkSource.SECRETARY, head_count=21)
    made = meeting.code, hoa.email, linh.email
    db.session.commit()
    return made


if __name__ == "__main__":
    with create_app(Config.from_environ(os.environ)).app_context():
        print(*furnish())
