"""Forms that come twice, from a telephone that never heard that the first one had arrived."""

from __future__ import annotations

import threading
from contextvars import Context

import pytest
from flask import Flask

from meetings.database import db
from meetings.readiness.arrivals import KEPT, first_time
from meetings.readiness.models import Arrival
from meetings.scheduling.models import MeetingSite
from meetings.scheduling.rules import Status
from tests import make
from tests.conftest import Clock


@pytest.fixture
def here(app: Flask) -> MeetingSite:
    return make.sites_of(make.meeting(status=Status.SCHEDULED))[0]


def test_a_form_has_come_once_its_key_has_and_without_a_key_it_is_always_new(here: MeetingSite, clock: Clock) -> None:
    other = make.sites_of(here.meeting)[1]
    assert [first_time(here, "k"), first_time(here, "k"), first_time(here, "l")] == [True, False, True]
    assert first_time(other, "k"), "the key of one site says nothing of another's"
    assert first_time(here, None) and first_time(here, None)
    clock.forward(days=KEPT.days, seconds=1)
    assert first_time(here, "m")
    assert db.session.query(Arrival).count() == 1, "what no telephone can send any more is swept"


def test_a_form_that_comes_four_times_at_the_same_moment_comes_once(app: Flask, here: MeetingSite) -> None:
    make.done()
    id, began, found = here.id, threading.Barrier(4), []
    db.session.remove()

    def thread() -> None:
        with app.app_context():
            began.wait(30)
            found.append(first_time(db.session.get_one(MeetingSite, id), "k"))
            db.session.commit()

    threads = [threading.Thread(target=Context().run, args=(thread,), daemon=True) for _number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert sorted(found) == [False, False, False, True]
