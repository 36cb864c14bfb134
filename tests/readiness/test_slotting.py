"""The slots of a rehearsal live through what happens to a meeting: sites come and go, the day moves, two choose at once."""

from __future__ import annotations

import threading
from datetime import datetime
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from flask import Flask

from meetings import journal
from meetings.accounts.rules import Actor, Role
from meetings.database import db
from meetings.errors import Refused
from meetings.invitations.models import Reply
from meetings.readiness import ladders, slotting
from meetings.readiness.models import LineTestSlot
from meetings.readiness.sharing import Grid
from meetings.scheduling.models import Meeting, MeetingSite
from meetings.scheduling.rules import Status
from tests import make

WHO = Actor("user:1", "Bà Hoa")
BEGINS, ENDS = "2026-12-09 14:00", "2026-12-09 17:00"


@pytest.fixture
def meeting(app: Flask) -> Meeting:
    return make.meeting(status=Status.SCHEDULED, rehearsal_at=make.at(BEGINS))


def grid(minutes: int = 20, lanes: int = 1) -> Grid:
    return Grid(make.at(BEGINS), make.at(ENDS), minutes, lanes)


def starts(meeting: Meeting) -> dict[str, datetime]:
    rows = db.session.execute(
        sa.select(MeetingSite.name, LineTestSlot.starts_at)
        .join(LineTestSlot, LineTestSlot.meeting_site_id == MeetingSite.id)
        .where(MeetingSite.meeting_id == meeting.id)
    )
    return dict(rows.all())


def followed(meeting: Meeting) -> None:
    slotting.follow(SimpleNamespace(root=meeting.code))


def test_sites_are_shared_out_in_order_and_each_is_told_its_hour_and_who_rings(meeting: Meeting) -> None:
    first, second = make.sites_of(meeting)[:2]
    slotting.share_out(meeting, grid(), ["Ông Cao Xuân Bách"], actor=WHO)
    told = slotting.told(second)
    assert told is not None
    assert (told.starts_at, told.technician, told.chosen) == (make.at("2026-12-09 14:20"), "Ông Cao Xuân Bách", False)
    assert starts(meeting)[first.name] == make.at(BEGINS)
    assert slotting.free_starts(meeting, at=make.at(BEGINS))[0] == make.at("2026-12-09 14:40")


def test_what_a_person_is_offered_holds_all_sites_and_names_the_technicians(meeting: Meeting) -> None:
    make.user(Role.TECHNICIAN)
    offered = slotting.offered(meeting)
    assert offered == Grid(make.at(BEGINS), make.at(ENDS), 10, 1)
    assert slotting.technicians(meeting) == ["Ông Vũ Kỹ Thuật"]


def test_a_site_chooses_a_free_slot_and_never_one_that_is_taken(meeting: Meeting) -> None:
    first, second = make.sites_of(meeting)[:2]
    slotting.share_out(meeting, grid(), [], actor=WHO)
    with pytest.raises(Refused, match="điểm cầu khác chọn"):
        slotting.choose(second, make.at(BEGINS), actor=WHO)
    with pytest.raises(Refused):
        slotting.choose(second, make.at("2026-12-09 14:05"), actor=WHO)  # no slot begins then
    slotting.choose(second, make.at("2026-12-09 15:20"), actor=WHO)
    assert starts(meeting)[second.name] == make.at("2026-12-09 15:20")
    slotting.choose(first, make.at("2026-12-09 14:20"), actor=WHO)  # free again
    entry = journal.queries.of(meeting.code, fact="line_test_slot.moved")[-1]
    assert entry.details["site"] == second.name


def test_the_database_refuses_the_same_minutes_in_the_same_lane(meeting: Meeting) -> None:
    second = make.sites_of(meeting)[1]
    slotting.share_out(meeting, grid(), [], actor=WHO)
    row = db.session.scalars(sa.select(LineTestSlot).where(LineTestSlot.meeting_site_id == second.id)).one()
    row.starts_at = make.at(BEGINS)
    with pytest.raises(sa.exc.IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_sites_that_come_get_what_is_free_and_nobody_who_was_told_is_moved(meeting: Meeting) -> None:
    first, *others = make.sites_of(meeting)
    slotting.share_out(meeting, grid(60), [], actor=WHO)
    before = starts(meeting)
    more = [make.site(make.unit(f"9{n}", f"Xã {n}", parent=make.units()[make.NGHE_AN])) for n in range(4)]
    for place in more:
        db.session.add(
            MeetingSite(
                meeting_id=meeting.id, site_id=place.id, unit_id=place.unit_id, name=place.name,
                position=99, added_at=make.at("2026-12-05 08:00"),
            )
        )  # fmt: skip
    first.removed_at = make.at("2026-12-05 08:00")
    db.session.flush()
    followed(meeting)
    after = starts(meeting)
    assert first.name not in after
    assert {name: after[name] for name in before if name != first.name} == {
        site.name: before[site.name] for site in others
    }
    assert set(after) == {site.name for site in others} | {place.name for place in more}
    plan = slotting.plan_of(meeting)
    assert plan is not None and plan.lanes == -(-len(after) // 3)


def test_on_another_day_everybody_keeps_the_hour_and_without_a_rehearsal_nobody_has_one(meeting: Meeting) -> None:
    second = make.sites_of(meeting)[1]
    slotting.share_out(meeting, grid(), [], actor=WHO)
    slotting.choose(second, make.at("2026-12-09 16:20"), actor=WHO)
    meeting.starts_at, meeting.ends_at = make.at("2026-12-15 08:00"), make.at("2026-12-15 11:00")
    meeting.rehearsal_at = make.at("2026-12-14 14:00")
    followed(meeting)
    assert starts(meeting)[second.name] == make.at("2026-12-14 16:20")
    due = ladders.due(meeting)
    assert due is not None and due.rehearsal is not None and due.rehearsal.amber_at == make.at("2026-12-14 17:00")
    meeting.starts_at, meeting.rehearsal_at = make.at("2026-12-03 08:00"), None
    followed(meeting)
    assert starts(meeting) == {} and slotting.plan_of(meeting) is None


def test_shared_out_again_who_was_told_stays_unless_all_are_to_move(meeting: Meeting) -> None:
    first, second = make.sites_of(meeting)[:2]
    make.invitation_of(second).reply = Reply.DECLINED
    slotting.share_out(meeting, grid(), [], actor=WHO)
    assert second.name not in starts(meeting)  # who does not attend is not rung
    later = Grid(make.at("2026-12-09 15:00"), make.at(ENDS), 20, 1)
    slotting.share_out(meeting, later, [], actor=WHO)
    assert starts(meeting)[first.name] == make.at(BEGINS)
    slotting.share_out(meeting, later, [], afresh=True, actor=WHO)
    assert starts(meeting)[first.name] == make.at("2026-12-09 15:00")


@pytest.mark.parametrize("ends", ["2026-12-10 08:30", "2026-12-01 09:00"])
def test_a_rehearsal_after_the_start_or_in_the_past_is_refused(meeting: Meeting, ends: str) -> None:
    with pytest.raises(Refused):
        slotting.share_out(meeting, Grid(make.at("2026-12-01 08:00"), make.at(ends), 20, 9), [], actor=WHO)


def test_two_who_want_the_last_slot_at_once_and_one_of_them_gets_it(meeting: Meeting, app: Flask) -> None:
    """Each in a transaction of its own, as two telephones are: the second waits for the first, then finds it taken."""
    first, second = make.sites_of(meeting)[:2]
    slotting.share_out(meeting, grid(), [], actor=WHO)
    ids = (first.id, second.id)
    make.done()
    outcomes: list[str] = []

    def want(id: int) -> None:
        with app.app_context():
            try:
                slotting.choose(db.session.get_one(MeetingSite, id), make.at("2026-12-09 16:40"), actor=WHO)
                db.session.commit()
                outcomes.append("got it")
            except Refused:
                db.session.rollback()
                outcomes.append("too late")

    threads = [threading.Thread(target=want, args=(id,)) for id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["got it", "too late"]
