"""Ways by road of a map service: asked by the worker, kept beside what was typed in, and never a reason to fail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
import responses
import sqlalchemy as sa
from flask import Flask

from meetings import clock
from meetings.accounts.rules import SYSTEM
from meetings.adapters.distance import Place
from meetings.adapters.roads import Osrm
from meetings.database import db
from meetings.savings import mapping, norming, queries, services
from meetings.savings.models import Distance
from meetings.worker import beside
from tests import make
from tests.savings.conftest import held

HANOI, VINH = Place(21.029, 105.854), Place(18.679, 105.681)
URL = "http://osrm.example/table/v1/driving/105.854000,21.029000;105.681000,18.679000;105.681000,18.679000"


class Map:
    """A map service that knows some ways, or cannot be asked."""

    def __init__(self, *answers: tuple[int | None, ...] | None) -> None:
        self.answers, self.asked = list(answers), 0

    def kilometres(self, one: Place, others: Sequence[Place]) -> tuple[int | None, ...] | None:
        self.asked += 1
        return self.answers.pop(0)


def asked_map(monkeypatch: pytest.MonkeyPatch, app: Flask, *answers: tuple[int | None, ...] | None) -> Map:
    made = Map(*answers)
    monkeypatch.setitem(app.extensions, "map_service", made)
    return made


@responses.activate
def test_metres_of_the_server_become_kilometres_and_null_is_no_way() -> None:
    responses.get(URL, json={"code": "Ok", "distances": [[0, 294_499.6, None]]})
    assert Osrm("http://osrm.example").kilometres(HANOI, [VINH, VINH]) == (294, None)
    assert responses.calls[0].request.params == {"sources": "0", "annotations": "distance"}


@pytest.mark.parametrize(
    "answer",
    [
        {"json": {"code": "NoTable", "message": "x"}},
        {"json": {"code": "Ok", "distances": [[0, 1]]}},
        {"json": ["x"]},
        {"json": {"code": "Ok", "distances": "x"}},
        {"body": "<html>"},
        {"status": 500, "json": {"code": "Ok", "distances": [[0, 1, 2]]}},
        {"status": 302, "headers": {"Location": "http://169.254.169.254/"}},
        {"body": "x" * 300_000},
    ],
)
@responses.activate
def test_an_answer_that_makes_no_sense_is_no_answer(answer: dict[str, object]) -> None:
    responses.get(URL, **answer)  # type: ignore[arg-type]
    assert Osrm("http://osrm.example").kilometres(HANOI, [VINH, VINH]) is None


@responses.activate
def test_a_server_that_is_not_there_is_no_answer_and_absurd_metres_are_no_way() -> None:
    assert Osrm("http://osrm.example").kilometres(HANOI, [VINH, VINH]) is None
    responses.get(URL, json={"code": "Ok", "distances": [[0, -5, 9e99]]})
    assert Osrm("http://osrm.example").kilometres(HANOI, [VINH, VINH]) == (None, None)


def test_the_first_estimate_is_made_anew_once_the_map_has_answered(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    map_ = asked_map(monkeypatch, app, (295, None))
    meeting = held({make.NGHE_AN: 20, make.HA_TINH: 12})
    first = services.estimate_meeting(meeting, actor=SYSTEM)
    assert map_.asked == 0, "nobody is asked while a transaction is open"
    make.done()
    assert beside.ask_the_map(app) == 1
    again = queries.latest(meeting)
    assert again is not None
    assert (first.version, again.version) == (1, 2)
    by_source = {queries.steps_of(line)[0].source: queries.steps_of(line)[2] for line in queries.all_lines(again)}
    assert by_source["map"].km == (295, 295, 295)
    assert "great_circle" in by_source, "a way that the map does not know stays a great circle"
    make.done()
    assert beside.ask_the_map(app) == 0
    services.estimate_meeting(meeting, actor=SYSTEM)
    make.done()
    assert beside.ask_the_map(app) == 0, "what was answered is not asked again"


def test_a_map_that_cannot_be_asked_is_asked_later_and_given_up_in_the_end(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_map(monkeypatch, app)
    meeting = held({make.NGHE_AN: 20})
    services.estimate_meeting(meeting, actor=SYSTEM)
    at = clock.now()
    for expected in (10, 20, 40, 80):
        (wanted,) = mapping.due(at)
        mapping.keep(wanted, None, at)
        waits = db.session.scalars(sa.select(Distance.next_at)).one()
        assert waits == at + timedelta(minutes=expected)
        assert mapping.due(at) == []
        at = waits
    (wanted,) = mapping.due(at)
    mapping.keep(wanted, None, at)
    assert db.session.scalars(sa.select(Distance.next_at)).one() is None
    assert len(queries.versions(meeting)) == 1


def test_what_was_typed_in_meanwhile_stands(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    asked_map(monkeypatch, app)
    meeting = held({make.NGHE_AN: 20})
    services.estimate_meeting(meeting, actor=SYSTEM)
    (wanted,) = mapping.due(clock.now())
    there, host = make.sites_of(meeting)[0].site, meeting.host_site
    assert host is not None
    norming.set_distance(there, host, 301, "Niên giám", actor=SYSTEM)
    mapping.keep(wanted, (295,), clock.now())
    assert queries.distances_from(host)[there.id][0] == 301
