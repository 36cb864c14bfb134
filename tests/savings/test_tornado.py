"""What moves an estimate most: three trials to a pass give what each gives alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from meetings.savings.estimate import estimate
from meetings.savings.norms import DEFAULTS
from meetings.savings.rules import SPECS, Branch
from meetings.savings.tornado import SHOWN, WIDTH, tornado
from meetings.savings.trips import Mode, Occasion, Source, Trip
from meetings.savings.values import Values, in_force

VALUES = in_force(DEFAULTS, date(2026, 12, 10))
OCCASION = Occasion(half_days=2, ends=17 * 60, minutes=540)
TRIPS = [
    Trip(1, "by car", 20, 219, province="08"),
    Trip(2, "by air", 20, 1320, province="96"),
    Trip(3, "a commune in the town", 40, 6, commune=True, province="01"),
    Trip(4, "a commune by coach", 9, 260, commune=True, province="08"),
    Trip(5, "known by road only", 12, None, province="40", road=300, source=Source.TABLE),
    Trip(6, "nobody counted", None, 500),
]


def test_every_bar_is_what_its_assumption_alone_would_give() -> None:
    found = tornado(VALUES, TRIPS, OCCASION)
    assert found.now == estimate(VALUES, TRIPS, OCCASION).saving.mid
    assert len(found.swings) == SHOWN
    assert found.more
    assert "winding" in {swing.key for swing in tornado(VALUES, TRIPS[:1] * 3, OCCASION).swings}
    for trips in (TRIPS, TRIPS[3:5] * 9, TRIPS[:1] * 3, TRIPS[5:]):
        for swing in tornado(VALUES, trips, OCCASION).swings:
            value = VALUES.national[swing.key]
            for end, saving in ((value.low, swing.low), (value.high, swing.high)):
                assert end is not None
                assert estimate(VALUES.changed({swing.key: [end] * 3}), trips, OCCASION).saving.mid == saving, swing.key


def test_where_winding_decides_between_car_and_aeroplane_its_bar_says_so() -> None:
    road = VALUES.national["air_from_km"].mid or 0
    border = [Trip(1, "by air only where roads wind", 20, road * 100 // 130 + 1, province="08")] * 30
    swing = next(one for one in tornado(VALUES, border, OCCASION).swings if one.key == "winding")
    low = VALUES.changed({"winding": [VALUES.national["winding"].low or 0] * 3})
    assert estimate(low, border, OCCASION).lines[0].mode is Mode.CAR
    assert estimate(VALUES, border, OCCASION).lines[0].mode is Mode.AIR
    assert swing.low == estimate(low, border, OCCASION).saving.mid


def test_the_strongest_comes_first_and_time_and_co2_are_never_among_them() -> None:
    found = tornado(VALUES, TRIPS, OCCASION)
    widths = [abs(swing.high - swing.low) for swing in found.swings]
    assert widths == sorted(widths, reverse=True)
    assert not {swing.key for swing in found.swings if SPECS[swing.key].branch in (Branch.TIME, Branch.CO2)}
    assert tornado(VALUES, [], OCCASION).swings == (), "a meeting without sites has nothing that moves it"


def test_bars_stand_on_one_scale_and_meet_at_the_line_of_the_estimate() -> None:
    found = tornado(VALUES, TRIPS, OCCASION)
    for swing in found.swings:
        assert swing.down.left + swing.down.width == found.centre, "low values lie on its left"
        assert swing.up.left == found.centre
        assert 0 <= swing.down.left <= swing.up.left + swing.up.width <= WIDTH
    assert found.swings[0].down.left == 0 or found.swings[0].up.left + found.swings[0].up.width == WIDTH


def test_a_province_is_tried_at_the_ends_of_its_own_range() -> None:
    own = replace(VALUES.national["delegation"], province="08", low=1, mid=2, high=12)
    values = Values(VALUES.national, {"08": {"delegation": own}})
    swing = next(one for one in tornado(values, TRIPS[:1], OCCASION).swings if one.key == "delegation")
    high = Values(VALUES.national, {"08": {"delegation": replace(own, low=12, mid=12)}})
    assert swing.high == estimate(high, TRIPS[:1], OCCASION).saving.mid
