"""Fifty secretaries press at once: one wins, the others are told what took the place, and the database agrees."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextvars import Context
from random import Random

import pytest
import sqlalchemy as sa
from flask import Flask

from meetings.accounts.rules import Actor, Role
from meetings.database import db
from meetings.errors import Refused
from meetings.scheduling import services
from meetings.scheduling.models import Booking, Meeting
from tests import make

RACERS = 50
AT = "2026-12-17 08:00"


@pytest.fixture
def who(app: Flask) -> Actor:
    return make.actor(make.user(Role.SECRETARY))


def race(app: Flask, drafts: Sequence[Meeting], who: Actor) -> dict[int, str]:
    """Each draft is placed in a connection of its own, all at one moment; by draft what it was told, "" for who won."""
    ids = [draft.id for draft in drafts]
    make.done()
    db.session.remove()
    told: dict[int, str] = {}
    faults: list[BaseException] = []
    ready = threading.Barrier(RACERS)

    def press(id: int, minutes_later: int) -> None:
        try:
            with app.app_context():
                ready.wait(60)
                meeting = db.session.get(Meeting, id)
                assert meeting is not None
                try:
                    services.place(meeting, make.at(f"2026-12-17 08:{minutes_later:02d}"), 60, actor=who)
                    db.session.commit()
                    told[id] = ""
                except Refused as refused:
                    db.session.rollback()
                    told[id] = str(refused.message)
        except BaseException as fault:
            faults.append(fault)

    threads = [
        threading.Thread(target=lambda id=id, n=n: Context().run(press, id, n), daemon=True) for n, id in enumerate(ids)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert faults == []
    assert sorted(told) == sorted(ids)
    return told


def test_of_fifty_who_want_the_same_site_exactly_one_gets_it_and_the_others_read_who_did(
    app: Flask, who: Actor
) -> None:
    units = [make.unit(f"95{n:03d}", parent=make.units()[make.HO_CHI_MINH]) for n in range(RACERS)]
    wanted = make.site(make.NGHE_AN)
    drafts = [
        make.meeting(
            organiser=unit, sites=[wanted], chair_name=f"Chủ Trì {n:02d}", agenda=(), starts="2026-12-24 08:00"
        )
        for n, unit in enumerate(units)
    ]
    codes = {draft.id: draft.code for draft in drafts}
    told = race(app, drafts, who)
    (winner,) = [id for id, sentence in told.items() if not sentence]
    assert all(f"Nghệ An ({codes[winner]})" in sentence for id, sentence in told.items() if id != winner)
    held = db.session.scalars(sa.select(Booking.meeting_id).where(Booking.site_id == make.site(make.NGHE_AN).id)).all()
    assert held == [winner]


def test_fifty_who_want_overlapping_sites_in_any_order_neither_lock_each_other_nor_share_one(
    app: Flask, who: Actor
) -> None:
    chance = Random(50)
    units = [make.unit(f"96{n:03d}", parent=make.units()[make.HO_CHI_MINH]) for n in range(RACERS)]
    sites = [make.site(make.unit(f"97{n:03d}", parent=make.units()[make.NGHE_AN])) for n in range(12)]
    drafts = [
        make.meeting(
            organiser=unit,
            sites=chance.sample(sites, 3),
            chair_name=f"Chủ Trì {n:02d}",
            agenda=(),
            starts="2026-12-24 08:00",
        )
        for n, unit in enumerate(units)
    ]
    site_ids = [site.id for site in sites]
    told = race(app, drafts, who)
    winners = {id for id, sentence in told.items() if not sentence}
    assert 1 <= len(winners) <= 4
    taken = sa.select(Booking.site_id, Booking.meeting_id).where(Booking.site_id.in_(site_ids))
    held = db.session.execute(taken).all()
    assert {row.meeting_id for row in held} == winners
    assert len(held) == len({row.site_id for row in held}) == 3 * len(winners)
