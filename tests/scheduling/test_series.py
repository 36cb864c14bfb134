"""A meeting that comes again: all of its dates are booked or none, and they leave together."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from meetings import journal
from meetings.accounts.models import User
from meetings.accounts.rules import Actor
from meetings.clock import wall
from meetings.database import db
from meetings.errors import Refused
from meetings.scheduling import holding, queries, series, services
from meetings.scheduling.models import Booking, Meeting, MeetingSeries
from meetings.scheduling.recurrence import Choice, Pace, Rule
from meetings.scheduling.rules import Status
from tests import make
from tests.scheduling.conftest import details

MONDAY = date(2026, 12, 7)
MONDAYS = Rule(Pace.WEEKLY, weekdays=(0,), until=date(2027, 3, 1))  # thirteen; 8 February is Tết


@pytest.fixture
def first(complete: Meeting, who: Actor) -> Meeting:
    """A complete draft on Monday 7 December 2026 at 08:00."""
    services.place(complete, make.at("2026-12-07 08:00"), 90, actor=who)
    return complete


@pytest.fixture
def briefing(first: Meeting, who: Actor) -> Meeting:
    """The first of twelve Mondays."""
    series.make(first, MONDAYS, {}, actor=who)
    db.session.flush()
    return first


def other_meeting(at: str, who: Actor, secretary: User, **more: Any) -> Meeting:
    """What stands in the way: a meeting of another chair with the site of Nghệ An."""
    facts = details(title="Họp khác", chair_name="Phạm Khác", chair_title="Thứ trưởng")
    unit = make.unit("99001", "Xã Khác")
    made = services.begin(facts, unit, secretary, actor=who)
    services.add_sites(made, [make.site(make.NGHE_AN)], actor=who)
    services.place(made, make.at(at), 60, actor=who, **more)
    return made


def test_every_date_is_a_draft_of_its_own_with_the_sites_the_agenda_and_a_hold(briefing: Meeting) -> None:
    dates = queries.dates_of_series(briefing)
    days = [wall(one.starts_at).date() for one in dates if one.starts_at]
    assert days == [MONDAY + timedelta(weeks=n) for n in range(13) if n != 9]
    assert [one.series_on for one in dates] == days
    assert {wall(one.starts_at).strftime("%H:%M") for one in dates if one.starts_at} == {"08:00"}
    assert len({one.code for one in dates} | {one.uid for one in dates}) == 24
    assert {one.code[:7] for one in dates if one.series_on and one.series_on.year == 2027} == {"HN-2027"}
    for one in dates:
        assert one.status is Status.DRAFT
        assert [row.name for row in queries.sites_of(one)] == ["Nghệ An", "Hà Tĩnh"]
        assert [item.title for item in queries.agenda_of(one)] == ["Khai mạc"]
        held = db.session.scalars(sa.select(Booking).where(Booking.meeting_id == one.id)).all()
        assert len(held) == 4, "two sites, the room of the host and the chair"
        assert all(row.exclusive and row.expires_at for row in held)


def test_a_clash_on_the_seventh_date_books_nothing_at_all(first: Meeting, who: Actor, secretary: User) -> None:
    other_meeting("2027-01-18 08:30", who, secretary)
    make.done()
    with pytest.raises(Refused) as refused:
        series.make(first, MONDAYS, {}, actor=who)
    assert "18/01/2027: Nghệ An" in str(refused.value.message)
    assert refused.value.field == "in_spite_of"
    db.session.rollback()
    assert db.session.query(MeetingSeries).count() == 0
    assert db.session.query(Meeting).count() == 2
    assert db.session.query(Booking.meeting_id).distinct().count() == 2
    # the dates that are busy can be left out knowingly, and then the others are booked
    series.make(first, MONDAYS, {date(2027, 1, 18): Choice.LEAVE}, actor=who)
    assert len(queries.dates_of_series(first)) == 11


def test_a_busy_date_is_held_all_the_same_with_a_reason(first: Meeting, who: Actor, secretary: User) -> None:
    other_meeting("2027-01-18 08:30", who, secretary)
    series.make(first, MONDAYS, {}, actor=who, in_spite_of="Đã thống nhất với cơ quan kia")
    assert len(queries.dates_of_series(first)) == 12


def test_the_list_names_the_days_off_and_who_is_busy_before_anything_is_made(
    first: Meeting, who: Actor, secretary: User
) -> None:
    other_meeting("2026-12-21 09:00", who, secretary)
    listed = series.plan(first, MONDAYS, {}, actor=who)
    assert [row.one.planned for row in listed if row.starts_at is None] == [date(2027, 2, 8)]
    assert [(row.one.planned, [c.name for c in row.busy]) for row in listed if row.busy] == [
        (date(2026, 12, 21), ["Nghệ An"])
    ]
    assert db.session.query(MeetingSeries).count() == 0


def test_a_first_day_that_is_left_out_moves_the_draft_to_the_first_that_is_held(first: Meeting, who: Actor) -> None:
    series.make(first, MONDAYS, {MONDAY: Choice.LEAVE}, actor=who)
    assert first.starts_at == make.at("2026-12-14 08:00")
    assert len(queries.dates_of_series(first)) == 11


def test_a_series_leaves_together_and_each_date_has_its_own_deadline(briefing: Meeting, who: Actor) -> None:
    with pytest.raises(Refused):  # not from the middle
        series.send(queries.dates_of_series(briefing)[3], make.at("2026-12-03 17:00"), actor=who)
    services.word(briefing, make_wording(signer_name="Nguyễn Văn Ký"), actor=who)
    services.add_sites(briefing, [make.site(make.HO_CHI_MINH)], actor=who)
    touched = queries.dates_of_series(briefing)[2]
    services.set_agenda(touched, [services.Item("Chuyên đề", 30, "")], actor=who)
    series.send(briefing, make.at("2026-12-03 17:00"), actor=who)
    dates = queries.dates_of_series(briefing)
    assert {one.status for one in dates} == {Status.SCHEDULED}
    assert briefing.reply_by == make.at("2026-12-03 17:00")
    assert dates[4].reply_by == make.at("2026-12-30 17:00"), "two working days before 4 January: the 1st is a holiday"
    assert [queries.site_count(one) for one in dates[:4]] == [3, 3, 2, 3], "who was touched keeps its own"
    assert dates[1].signer_name == "Nguyễn Văn Ký" and dates[2].signer_name == "Trần Văn Duyệt"
    facts = [e.fact for one in dates for e in journal.queries.of(one.code) if e.fact == "meeting.sent"]
    assert len(facts) == 12
    assert db.session.scalars(sa.select(Booking.expires_at).where(Booking.expires_at.is_not(None))).all() == []


def test_a_date_that_was_taken_meanwhile_keeps_the_whole_series_from_leaving(
    briefing: Meeting, who: Actor, secretary: User
) -> None:
    fifth = queries.dates_of_series(briefing)[4]
    holding.release(fifth)
    other_meeting("2027-01-04 08:00", who, secretary)
    make.done()
    with pytest.raises(Refused) as refused:
        series.send(briefing, make.at("2026-12-03 17:00"), actor=who)
    assert "04/01/2027" in str(refused.value.message)
    db.session.rollback()
    assert {one.status for one in queries.dates_of_series(briefing)} == {Status.DRAFT}


def test_a_series_that_nobody_was_told_of_can_be_taken_back(briefing: Meeting, who: Actor) -> None:
    others = queries.unsent_beside(briefing)
    series.take_back(briefing, actor=who)
    assert briefing.series_id is None and briefing.status is Status.DRAFT
    assert {one.status for one in others} == {Status.CANCELLED}
    assert db.session.query(Booking.meeting_id).distinct().count() == 1


def test_the_next_date_of_a_series_is_the_one_that_is_held_next(briefing: Meeting, who: Actor, clock: Any) -> None:
    first, second, third, *_others, last = queries.dates_of_series(briefing)
    assert queries.coming_of_series(third) is first
    clock.at("2026-12-08 08:00")
    assert queries.coming_of_series(first) is second
    services.drop_draft(second, actor=who)
    assert queries.coming_of_series(first) is third
    clock.at("2027-12-31 08:00")
    assert queries.coming_of_series(first) is None


def make_wording(**more: Any) -> services.Wording:
    from tests.scheduling.conftest import wording

    return wording(**more)
