"""Both organisers learn that they want the same sites at one hour."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from meetings import journal, worker
from meetings.accounts.rules import SYSTEM, Role
from meetings.database import db
from meetings.invitations import colliding
from meetings.journal.models import Entry
from meetings.post.models import Letter
from meetings.scheduling import services
from meetings.scheduling.models import Clash
from meetings.scheduling.rules import Status
from tests import make

pytestmark = pytest.mark.usefixtures("app")


def told() -> dict[str, str]:
    """Address → subject of every letter about a collision."""
    while worker.follow_up():
        pass
    return {
        letter.to_address: letter.subject
        for letter in db.session.scalars(sa.select(Letter).where(Letter.key.startswith(colliding.KIND)))
    }


def test_a_site_that_is_invited_all_the_same_is_told_to_both_organisers_once() -> None:
    ours = make.meeting(status=Status.SCHEDULED, sites=[make.site(make.NGHE_AN), make.site(make.HA_TINH)])
    province = make.units()[make.HO_CHI_MINH]
    their_secretary = make.user(Role.SECRETARY, province, name="Võ Thị Sài Gòn")
    theirs = make.meeting(
        status=Status.SCHEDULED, organiser=province, secretary=their_secretary, chair_name="Phạm Thu Hà",
        sites=[make.site(make.NGHE_AN)], asked=False,
    )  # fmt: skip
    db.session.add(
        Clash(
            meeting_id=theirs.id,
            reason="Đã thống nhất",
            with_meetings=[ours.code],
            by="Võ Thị Sài Gòn",
            at=theirs.created_at,
        )
    )
    for _again in range(2):
        journal.record("meeting.sent", theirs, actor=SYSTEM)
        db.session.commit()
        assert told() == {
            their_secretary.email: f"Trùng điểm cầu cùng giờ: {theirs.code} và {ours.code}",
            ours.secretary.email: f"Trùng điểm cầu cùng giờ: {ours.code} và {theirs.code}",
        }


def test_a_draft_that_lost_what_it_held_is_told_who_took_it() -> None:
    who = make.actor(make.user(Role.SECRETARY))
    first = make.meeting(sites=[make.site(make.NGHE_AN)])
    second = make.meeting(
        organiser=make.units()[make.HO_CHI_MINH], chair_name="Phạm Thu Hà", sites=[make.site(make.NGHE_AN)]
    )
    assert first.starts_at is not None
    services.place(first, first.starts_at, 60, actor=who)
    services.place(second, first.starts_at, 60, actor=who, displacing=True)
    db.session.commit()
    assert told() == {first.secretary.email: f"Chỗ giữ cho {first.code} đã được {second.code} lấy"}
    assert db.session.scalars(sa.select(Entry.fact).where(Entry.fact == "meeting.displaced")).all()
