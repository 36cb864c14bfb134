"""Places are held by the database itself; what is only held gives way knowingly, and runs out by itself."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from meetings import journal
from meetings.accounts.rules import Actor
from meetings.database import db
from meetings.directory.models import Room
from meetings.errors import Refused
from meetings.scheduling import clashes, holding, services
from meetings.scheduling.models import Booking, Busy, BusyKind, Meeting
from meetings.scheduling.rules import Status
from tests import make
from tests.conftest import Clock

pytestmark = pytest.mark.usefixtures("app")
AT = "2026-12-17 08:00"


@pytest.fixture
def who() -> Actor:
    return make.actor(make.user("secretary"))


def meeting(*codes: str, chair: str = "Phạm Thu Hà", at: str = AT, organiser: str = make.HO_CHI_MINH) -> Meeting:
    """A draft of another body, with another chair, at the sites of *codes*."""
    return make.meeting(
        organiser=make.units()[organiser],
        sites=[make.site(code) for code in codes],
        starts=at,
        minutes=60,
        chair_name=chair,
    )


def placed(who: Actor, *codes: str, **more: str) -> Meeting:
    made = meeting(*codes, **more)
    assert made.starts_at is not None
    services.place(made, made.starts_at, 60, actor=who)
    return made


def exclusive(of: Meeting) -> set[int | None]:
    """The sites that *of* holds for itself alone."""
    held = sa.select(Booking.site_id).where(
        Booking.meeting_id == of.id, Booking.exclusive, Booking.site_id.is_not(None)
    )
    return set(db.session.scalars(held))


def row(of: Meeting, **columns: object) -> None:
    db.session.execute(
        sa.insert(Booking).values(
            meeting_id=of.id, starts_at=of.starts_at, ends_at=of.ends_at, **{"exclusive": True, **columns}
        )
    )


def test_the_database_alone_refuses_a_second_exclusive_booking(who: Actor) -> None:
    first, second = placed(who, make.NGHE_AN), meeting(make.NGHE_AN)
    site, person = make.site(make.NGHE_AN).id, make.person().id
    row(first, person_id=person)
    for columns in ({"site_id": site}, {"person_id": person}):
        with pytest.raises(IntegrityError), db.session.begin_nested():
            row(second, **columns)
        row(second, exclusive=False, **columns)
        with pytest.raises(IntegrityError), db.session.begin_nested():
            mine = sa.and_(Booking.meeting_id == second.id, *(getattr(Booking, k) == v for k, v in columns.items()))
            db.session.execute(sa.update(Booking).where(mine).values(exclusive=True))


def test_two_rooms_of_a_site_are_two_and_the_whole_site_is_both(who: Actor) -> None:
    first, second = meeting(make.NGHE_AN), meeting(make.NGHE_AN)
    site = make.site(make.HA_TINH)
    one, two = Room(site_id=site.id, name="Phòng 1"), Room(site_id=site.id, name="Phòng 2")
    db.session.add_all([one, two])
    db.session.flush()
    row(first, site_id=site.id, room_id=one.id)
    row(second, site_id=site.id, room_id=two.id)
    with pytest.raises(IntegrityError), db.session.begin_nested():
        row(second, site_id=site.id)


def test_no_booking_is_longer_than_the_bound_that_makes_the_question_quick(who: Actor) -> None:
    with pytest.raises(IntegrityError), db.session.begin_nested():
        row_ = {"starts_at": make.at("2026-12-01 08:00"), "ends_at": make.at("2026-12-03 08:01")}
        site = make.site(make.NGHE_AN).id
        db.session.execute(sa.insert(Booking).values(meeting_id=meeting().id, site_id=site, exclusive=False, **row_))


def test_a_draft_holds_for_a_while_and_then_gives_way_by_itself(who: Actor, clock: Clock) -> None:
    placed(who, make.NGHE_AN)
    with pytest.raises(Refused):
        placed(who, make.NGHE_AN, chair="Trần Thị Ba", organiser=make.HA_TINH)
    clock.at("2026-12-08 09:01")
    second = placed(who, make.NGHE_AN, chair="Trần Thị Ba", organiser=make.HA_TINH)
    assert make.site(make.NGHE_AN).id in exclusive(second)


def test_a_hold_gives_way_only_knowingly_and_its_organiser_is_told(who: Actor) -> None:
    first = placed(who, make.NGHE_AN)
    second = meeting(make.NGHE_AN, chair="Trần Thị Ba", organiser=make.HA_TINH)
    assert second.starts_at is not None
    services.place(second, second.starts_at, 60, actor=who, displacing=True)
    nghe_an = make.site(make.NGHE_AN).id
    assert nghe_an in exclusive(second) and nghe_an not in exclusive(first)
    assert "meeting.displaced" in [entry.fact for entry in journal.queries.of(first.code)]


def test_who_took_a_hold_can_be_sent_and_who_lost_it_is_told_what_took_the_place(who: Actor) -> None:
    first = placed(who, make.NGHE_AN)
    second = meeting(make.NGHE_AN, chair="Trần Thị Ba", organiser=make.HA_TINH)
    assert second.starts_at is not None
    services.place(second, second.starts_at, 60, actor=who, displacing=True)
    holding.confirm(second, actor=who)
    with pytest.raises(Refused) as refused:
        holding.confirm(first, actor=who)
    assert second.code in str(refused.value.message)


def test_a_hold_is_not_undone_by_who_invites_all_the_same(who: Actor) -> None:
    first = placed(who, make.NGHE_AN)
    second = meeting(make.NGHE_AN, chair="Trần Thị Ba", organiser=make.HA_TINH)
    assert second.starts_at is not None
    services.place(second, second.starts_at, 60, actor=who, in_spite_of="Đã thống nhất qua điện thoại")
    second.status = Status.SCHEDULED
    holding.confirm(second, actor=who)
    holding.confirm(first, actor=who)
    assert make.site(make.NGHE_AN).id in exclusive(first)


def test_what_was_sent_never_gives_way_to_displacing(who: Actor) -> None:
    make.meeting(status=Status.SCHEDULED, sites=[make.site(make.NGHE_AN)], starts=AT, minutes=60)
    second = meeting(make.NGHE_AN)
    assert second.starts_at is not None
    with pytest.raises(Refused) as refused:
        services.place(second, second.starts_at, 60, actor=who, displacing=True)
    assert refused.value.field == "in_spite_of"


def test_invited_all_the_same_is_not_held_and_the_reason_stands(who: Actor) -> None:
    first = placed(who, make.NGHE_AN)
    second = meeting(make.NGHE_AN, make.HA_TINH, chair="Trần Thị Ba", organiser=make.HA_TINH)
    assert second.starts_at is not None
    with pytest.raises(Refused) as refused:
        services.place(second, second.starts_at, 60, actor=who, in_spite_of="x")
    assert (refused.value.field, refused.value.status) == ("in_spite_of", 422)
    services.place(second, second.starts_at, 60, actor=who, in_spite_of="Đã thống nhất qua điện thoại")
    nghe_an = make.site(make.NGHE_AN).id
    assert nghe_an in exclusive(first) and nghe_an not in exclusive(second)
    (kept,) = clashes.accepted(second)
    assert (kept.reason, kept.with_meetings) == ("Đã thống nhất qua điện thoại", [first.code])


def test_an_optional_site_stops_nothing_and_holds_nothing(who: Actor) -> None:
    placed(who, make.NGHE_AN)
    second = meeting(make.NGHE_AN, chair="Trần Thị Ba", organiser=make.HA_TINH)
    nghe_an = make.site(make.NGHE_AN).id
    services.require_sites(second, {nghe_an: False}, actor=who)
    assert second.starts_at is not None
    services.place(second, second.starts_at, 60, actor=who)
    assert nghe_an not in exclusive(second)


def test_whoever_must_be_there_is_held_like_the_chair(who: Actor) -> None:
    deputy = make.person("Lý Thứ Trưởng", title="Thứ trưởng")
    first, second = meeting(make.NGHE_AN), meeting(make.KIM_LIEN, chair="Trần Thị Ba", organiser=make.HA_TINH)
    assert first.starts_at is not None
    services.set_people(first, {deputy.id: True}, actor=who)
    services.place(first, first.starts_at, 60, actor=who)
    services.set_people(second, {deputy.id: True}, actor=who)
    with pytest.raises(Refused) as refused:
        services.place(second, first.starts_at, 60, actor=who)
    assert "Lý Thứ Trưởng" in str(refused.value.message)
    services.set_people(second, {deputy.id: False}, actor=who)
    services.place(second, first.starts_at, 60, actor=who)


def test_a_site_added_to_a_draft_with_a_time_is_held_too(who: Actor) -> None:
    first = placed(who, make.NGHE_AN)
    services.add_sites(first, [make.site(make.HA_TINH)], actor=who)
    assert make.site(make.HA_TINH).id in exclusive(first)
    services.drop_sites(first, [make.site(make.HA_TINH).id], actor=who)
    assert make.site(make.HA_TINH).id not in exclusive(first)


def test_a_block_of_a_fortnight_is_kept_in_pieces_and_named_to_who_books_over_it(who: Actor) -> None:
    site = make.site(make.NGHE_AN)
    block = Busy(
        site_id=site.id, kind=BusyKind.MAINTENANCE, title="thay camera", starts_at=make.at("2026-12-10 00:00"),
        ends_at=make.at("2026-12-24 00:00"), made_by="Vũ Kỹ Thuật", made_at=make.at("2026-12-01 08:00"),
    )  # fmt: skip
    db.session.add(block)
    db.session.flush()
    holding.block(block)
    asked = meeting(make.NGHE_AN)
    assert asked.starts_at is not None
    with pytest.raises(Refused) as refused:
        services.place(asked, asked.starts_at, 60, actor=who)
    assert "thay camera" in str(refused.value.message)
    services.place(asked, asked.starts_at, 60, actor=who, in_spite_of="Dùng máy dự phòng")
    holding.unblock(block)
    services.place(asked, asked.starts_at, 60, actor=who)
