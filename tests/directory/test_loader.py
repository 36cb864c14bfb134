"""The units of the country, brought into an empty database."""

import time

import pytest
import sqlalchemy as sa

from meetings.clock import today
from meetings.database import db
from meetings.directory.loader import load
from meetings.directory.models import Contact, Room, Site
from meetings.units import queries as units
from meetings.units.models import Unit


def count(what, *where):
    return db.session.scalar(sa.select(sa.func.count()).select_from(what).where(*where))


def test_the_whole_country_is_loaded_with_a_site_and_a_room_for_each_unit(app):
    began = time.perf_counter()
    loaded = load()
    assert time.perf_counter() - began < 10  # about one second on a quiet machine
    assert loaded == (3373, 3372, 3373)
    assert count(Unit) == 3373
    assert count(Site) == count(Room) == 3372
    assert count(Contact) == 0
    assert count(Unit, Unit.path == "") == 0
    province = units.by_code("79", today())
    assert len(units.children(province, today())) == 168
    assert count(Unit, units.below(province.path)) == 169
    nation = units.by_code("VN", today())
    assert count(Unit, units.below(nation.path)) == 3373


def test_loading_again_changes_nothing(app):
    load()
    assert load()[:2] == (0, 0)


def test_what_was_closed_by_hand_stays_closed(app):
    load()
    commune = units.by_code("00004", today())
    commune.valid_to = today()
    db.session.query(Site).filter_by(unit_id=commune.id).one().in_service = False
    db.session.flush()
    assert load()[:2] == (0, 0)
    assert units.by_code("00004", today()) is None


@pytest.mark.parametrize("code", ["40", "00004", "X-BNNMT"])
def test_a_site_stands_under_the_code_of_its_unit(app, code):
    load()
    assert db.session.query(Site).filter_by(code=code).one().unit.code == code
