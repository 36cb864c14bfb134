"""Several of finance press at the same moment, each in a connection of her own: nobody's change is lost, nobody sees a fault."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from meetings.accounts.rules import Actor
from meetings.database import db
from meetings.directory.models import Site
from meetings.official.verified import Verified
from meetings.savings import norming, queries, services
from meetings.savings.models import Distance, Norm
from meetings.savings.rules import NormValue
from meetings.scheduling.models import Meeting
from tests import make
from tests.scheduling.test_race import at_once


@pytest.fixture
def who(app: Flask) -> Actor:
    return make.actor(make.user("finance"))


def norm(amount: int) -> NormValue:
    return NormValue(
        "per_diem", amount, amount, amount, "Nghị quyết 05/NQ-HĐND", "Điều 2", Verified.PRIMARY, date(2026, 9, 1)
    )


def test_estimates_and_changes_pressed_at_once_all_stand_in_versions_of_their_own(
    app: Flask, meeting: Meeting, who: Actor
) -> None:
    """The very first estimate of an installation, which brings the norms, among them."""
    id = meeting.id

    def found() -> Meeting:
        return db.session.get_one(Meeting, id)

    make.done()
    assert at_once(app, [lambda: services.estimate_meeting(found(), actor=who)] * 3) == [None] * 3
    changed = [
        lambda: services.adjust(found(), "delegation", (2, 4, 8), "Giấy triệu tập", actor=who),
        lambda: services.adjust(found(), "petrol", (30_000, 31_000, 32_000), "Giá ngày họp", actor=who),
        lambda: services.adjust(found(), "papers", (1, 2, 3), "Không in", actor=who),
    ]
    assert at_once(app, changed) == [None] * 3
    make.done()
    made = queries.versions(found())
    assert [one.version for one in made] == [6, 5, 4, 3, 2, 1]
    assert set(made[0].changes) == {"delegation", "petrol", "papers"}, "none of them wrote over another"


def test_norms_and_distances_set_at_once_leave_one_that_holds_and_a_history(app: Flask, who: Actor) -> None:
    ends = [make.site(make.NGHE_AN).id, make.site(make.HA_TINH).id]

    def way(km: int) -> object:
        one, other = (db.session.get_one(Site, id) for id in ends)
        return norming.set_distance(one, other, km, "Niên giám đường bộ", actor=who)

    norming.load_default_norms()
    make.done()
    amounts = range(1, 13)
    deeds: list[Callable[[], object]] = [lambda a=a: norming.set_norm(norm(a), actor=who) for a in amounts]
    assert at_once(app, deeds) == [None] * len(amounts)
    rows = db.session.scalars(sa.select(Norm).where(Norm.key == "per_diem", Norm.valid_from == date(2026, 9, 1))).all()
    assert sorted(row.mid or 0 for row in rows) == [*amounts]
    assert [row.replaced_at is None for row in rows].count(True) == 1
    assert at_once(app, [lambda km=km: way(km) for km in (70, 71, 72)]) == [None] * 3
    ways = db.session.scalars(sa.select(Distance)).all()
    assert len(ways) == 3
    assert [row.replaced_at is None for row in ways].count(True) == 1
