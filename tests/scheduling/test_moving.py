"""Moving a meeting whose sites know of it: what is refused, what it takes and gives back, and who comes second."""

from __future__ import annotations

import threading

import pytest
from flask import Flask

from meetings.accounts.rules import SYSTEM
from meetings.database import db
from meetings.errors import Refused
from meetings.scheduling import moving, queries
from meetings.scheduling.models import Change
from meetings.scheduling.rules import ChangeKind, Status
from tests import make

WHY = "Chủ trì họp Chính phủ đột xuất"


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("status", [Status.IN_SESSION, Status.CLOSED, Status.CANCELLED])
def test_a_meeting_that_began_or_was_called_off_is_not_changed_any_more(status: Status) -> None:
    meeting = make.meeting(status=status)
    site = make.sites_of(meeting)[0]
    for act in (
        lambda: moving.reschedule(meeting, make.at("2026-12-10 14:00"), 60, WHY, actor=SYSTEM),
        lambda: moving.postpone(meeting, WHY, actor=SYSTEM),
        lambda: moving.cancel(meeting, WHY, actor=SYSTEM),
        lambda: moving.add_sites(meeting, [make.site(make.SAI_GON)], WHY, actor=SYSTEM),
        lambda: moving.remove_sites(meeting, [site.id], WHY, actor=SYSTEM),
    ):
        with pytest.raises(Refused):
            act()
    assert db.session.query(Change).count() == 0


@pytest.mark.usefixtures("app")
def test_a_change_keeps_what_was_before_and_is_now_and_the_code_stays_in_another_year() -> None:
    meeting = make.meeting(status=Status.SCHEDULED, starts="2026-12-30 08:00")
    code = meeting.code
    change = moving.reschedule(meeting, make.at("2027-01-05 14:00"), 120, f"  {WHY} \n ", actor=SYSTEM)
    assert (change.kind, change.sequence, change.reason, change.by) == (ChangeKind.RESCHEDULED, 1, WHY, SYSTEM.name)
    assert change.before["starts_at"] == "2026-12-30T01:00:00+00:00"
    assert change.after["starts_at"] == "2027-01-05T07:00:00+00:00"
    assert (meeting.code, meeting.earlier_code) == (code, None)
    assert meeting.reply_by is not None and meeting.reply_by < meeting.starts_at
    assert meeting.rehearsal_at == make.at("2027-01-04 14:00")


@pytest.mark.usefixtures("app")
def test_a_unit_that_has_ended_by_the_new_day_is_named() -> None:
    meeting = make.meeting(status=Status.SCHEDULED)
    make.sites_of(meeting)[0].unit.valid_to = make.at("2026-12-12 00:00").date()
    with pytest.raises(Refused, match="Nghệ An"):
        moving.reschedule(meeting, make.at("2026-12-15 08:00"), 60, WHY, actor=SYSTEM)


@pytest.mark.usefixtures("app")
def test_a_room_that_another_meeting_has_is_refused_and_a_clash_once_accepted_stays_accepted() -> None:
    other = make.meeting(status=Status.SCHEDULED, chair_name="Người Khác", sites=[make.site(make.NGHE_AN)],
                         organiser=make.units()[make.HO_CHI_MINH])  # fmt: skip
    meeting = make.meeting(status=Status.SCHEDULED, starts="2026-12-11 08:00")
    make.done()
    with pytest.raises(Refused, match=other.code):
        moving.reschedule(meeting, make.at("2026-12-10 08:00"), 60, WHY, actor=SYSTEM)
    db.session.rollback()
    moving.reschedule(meeting, make.at("2026-12-10 08:00"), 60, WHY, actor=SYSTEM, in_spite_of="Đã thống nhất")
    moving.add_sites(meeting, [make.site(make.SAI_GON)], WHY, actor=SYSTEM)
    assert [clash.reason for clash in moving.clashes.accepted(meeting)] == ["Đã thống nhất"]


@pytest.mark.only("postgresql")
def test_of_two_who_press_at_once_the_second_is_told_who_was_faster(app: Flask) -> None:
    meeting = make.meeting(status=Status.SCHEDULED)
    id, edition = meeting.id, meeting.edition
    make.done()
    meeting = queries.by_code(meeting.code)
    assert meeting is not None and meeting.id == id
    moving.postpone(meeting, WHY, actor=SYSTEM, edition=edition)  # not committed yet
    said: list[str] = []

    def second() -> None:
        with app.app_context():
            same = db.session.get(type(meeting), id)
            assert same is not None
            try:
                moving.cancel(same, WHY, actor=SYSTEM, edition=edition)
            except Refused as refused:
                said.append(str(refused.message))
            db.session.rollback()

    thread = threading.Thread(target=second)
    thread.start()
    thread.join(0.5)
    assert thread.is_alive(), "the second waits for the first"
    db.session.commit()
    thread.join(10)
    assert len(said) == 1 and db.session.query(Change).count() == 1
