"""Fifty secretaries press at once, each in a connection of her own: what is taken is taken once, and the others are told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextvars import Context
from datetime import timedelta
from random import Random

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError, OperationalError

from meetings.accounts.models import User
from meetings.accounts.rules import Actor
from meetings.database import db
from meetings.directory.models import Site
from meetings.errors import Refused
from meetings.scheduling import services
from meetings.scheduling.models import Booking, Meeting
from tests import make

MANY = 50
AT = make.at("2026-12-17 08:00")


@pytest.fixture
def secretary(app: Flask) -> User:
    return make.user("secretary")


@pytest.fixture
def who(secretary: User) -> Actor:
    return make.actor(secretary)


@pytest.fixture
def communes(app: Flask) -> list[Site]:
    """Twenty sites."""
    province = make.units()[make.NGHE_AN]
    return [make.site(make.unit(f"900{n:02}", parent=province)) for n in range(20)]


@pytest.fixture
def draft(secretary: User) -> Callable[..., Meeting]:
    """Makes drafts without a time, each at a host of its own and with nobody to chair it unless said otherwise."""
    state = make.units()

    def made(number: int, *sites: Site, host: Site | None = None, chair: int | None = None) -> Meeting:
        host = host or make.site(make.unit(f"800{number:02}", parent=state[make.HA_TINH]))
        return make.meeting(
            secretary=secretary, agenda=(), sites=sites, host_site=host, chair_id=chair, starts_at=None, ends_at=None
        )

    return made


def at_once(app: Flask, deeds: Sequence[Callable[[], object]]) -> list[BaseException | None]:
    """Do all of *deeds* at the same moment, each committed in a connection of its own; what each of them raised."""
    db.session.remove()
    ended: list[BaseException | None] = [None] * len(deeds)
    begun = threading.Barrier(len(deeds))

    def thread(number: int) -> None:
        with app.app_context():
            try:
                begun.wait(60)
                deeds[number]()
                db.session.commit()
            except BaseException as fault:
                db.session.rollback()
                ended[number] = fault

    threads = [threading.Thread(target=Context().run, args=(thread, n), daemon=True) for n in range(len(deeds))]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert not any(one.is_alive() for one in threads), "they wait for each other"
    return ended


def race(app: Flask, asked: Sequence[tuple[Meeting, int]], who: Actor) -> tuple[set[str], dict[str, str]]:
    """Place each of the meetings at its minute, for an hour; the codes of those that won, and what the others were told."""
    codes = [meeting.code for meeting, _minute in asked]

    def placing(id: int, minute: int) -> Callable[[], None]:
        def place() -> None:
            services.place(db.session.get_one(Meeting, id), AT + timedelta(minutes=minute), 60, actor=who)

        return place

    deeds = [placing(meeting.id, minute) for meeting, minute in asked]
    make.done()
    ended = dict(zip(codes, at_once(app, deeds), strict=True))
    strange = [fault for fault in ended.values() if fault is not None and not isinstance(fault, Refused)]
    assert not strange, strange
    told = {code: str(fault.message) for code, fault in ended.items() if isinstance(fault, Refused)}
    return set(codes) - set(told), told


def holders() -> set[str]:
    """The meetings that hold anything."""
    return set(db.session.scalars(sa.select(Meeting.code).join(Booking, Booking.meeting_id == Meeting.id)))


def bookings() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Booking)) or 0


def test_of_fifty_that_want_the_same_exactly_one_gets_it_and_the_others_are_told_which(
    app: Flask, who: Actor, draft: Callable[..., Meeting], communes: list[Site]
) -> None:
    chair, hall = make.person().id, make.site(make.MINISTRY)
    asked = [(draft(n, communes[0], host=hall, chair=chair), n) for n in range(MANY)]  # 08:00, 08:01, …: all overlap
    (won,), told = race(app, asked, who)
    assert holders() == {won}
    assert bookings() == 3, "the site, the room, the chair"
    assert len(told) == MANY - 1
    assert all(f"({won})" in said for said in told.values())


def test_a_site_alone_a_room_alone_and_a_chair_alone_are_each_taken_once(
    app: Flask, who: Actor, draft: Callable[..., Meeting], communes: list[Site]
) -> None:
    chair, hall = make.person().id, make.site(make.MINISTRY)
    groups = {
        "site": [draft(n, communes[0]) for n in range(16)],
        "room": [draft(n, host=hall) for n in range(16)],
        "chair": [draft(16 + n, chair=chair) for n in range(16)],
    }
    kind_of = {meeting.code: kind for kind, group in groups.items() for meeting in group}
    won, told = race(app, [(meeting, n) for group in groups.values() for n, meeting in enumerate(group)], who)
    winner = {kind_of[code]: code for code in won}
    assert len(won) == 3 and winner.keys() == groups.keys()
    assert all(f"({winner[kind_of[code]]})" in said for code, said in told.items())


def test_meetings_that_share_some_sites_never_lock_each_other_out(
    app: Flask, who: Actor, draft: Callable[..., Meeting], communes: list[Site]
) -> None:
    chance = Random(20261217)
    asked = [(draft(n, *chance.sample(communes, 4)), 40 * chance.randrange(4)) for n in range(MANY)]
    won, told = race(app, asked, who)
    spans = db.session.execute(
        sa.select(Booking.site_id, Booking.starts_at, Booking.ends_at)
        .where(Booking.exclusive, Booking.site_id.is_not(None))
        .order_by(Booking.site_id, Booking.starts_at)
    ).all()
    for before, after in zip(spans, spans[1:], strict=False):
        assert before.site_id != after.site_id or before.ends_at <= after.starts_at, "held twice"
    assert holders() == won and len(spans) == 5 * len(won), "whole meetings or nothing"
    assert len(won) > 1
    for said in told.values():
        assert any(f"({code})" in said for code in won), said


def test_the_database_alone_lets_one_of_fifty_rows_in(app: Flask, draft: Callable[..., Meeting]) -> None:
    meeting = draft(0)
    site = make.site(make.HO_CHI_MINH)
    whole = {"meeting_id": meeting.id, "site_id": site.id, "exclusive": True}
    rows = [
        {**whole, "starts_at": AT + timedelta(minutes=n), "ends_at": AT + timedelta(minutes=n + 60)}
        for n in range(MANY)
    ]
    make.done()
    past_the_service = [lambda row=row: db.session.execute(sa.insert(Booking), [row]) for row in rows]
    ended = at_once(app, past_the_service)
    assert sum(fault is None for fault in ended) == 1
    # without the service's lock PostgreSQL may end some of those that wait for each other by calling it a dead-lock
    assert all(fault is None or isinstance(fault, IntegrityError | OperationalError) for fault in ended), ended
    assert bookings() == 1
