"""The sum itself: against an oracle of its own, in whatever order, and never with the low above the high."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.official.verified import Verified
from meetings.savings.estimate import (
    CASES,
    CATEGORIES,
    NO_COUNT,
    NO_PLACE,
    Estimate,
    Occasion,
    Trip,
    Triple,
    estimate,
    fare,
    total,
)
from meetings.savings.explain import explain
from meetings.savings.norms import DEFAULT_SETS, DEFAULTS
from meetings.savings.rules import KEYS, SPECS, NormValue, Way, fault

NORMS = {norm.key: norm for norm in DEFAULTS}
MORNING = Occasion(half_days=1, days=1, morning=True, in_city=True)


def changed(**values: int | tuple[int, int, int]) -> dict[str, NormValue]:
    """The default norms with some other values."""
    made = dict(NORMS)
    for key, value in values.items():
        low, mid, high = value if isinstance(value, tuple) else (value, value, value)
        made[key] = NormValue(key, low, mid, high, "", "", Verified.ASSUMED)
    return made


def one(trip: Trip, occasion: Occasion = MORNING, norms: Mapping[str, NormValue] = NORMS) -> Estimate:
    return estimate(norms, [trip], occasion)


# ------------------------------------------------------------------ what is counted


def test_a_site_with_130_people_would_have_sent_a_delegation() -> None:
    line = one(Trip(1, "Nghệ An", 130, 700)).lines[0]
    assert line.steps.travelling == (1, 3, 5)


def test_a_site_sends_no_more_people_than_it_has() -> None:
    assert one(Trip(1, "Nghệ An", 2, 700)).lines[0].steps.travelling == (1, 2, 2)


def test_a_commune_sends_a_smaller_delegation_than_a_province() -> None:
    assert one(Trip(1, "Xã Kim Liên", 40, 300, commune=True)).lines[0].steps.travelling == (1, 2, 3)


def test_a_site_without_a_head_count_is_left_out_and_listed() -> None:
    found = one(Trip(1, "Nghệ An", None, 700))
    assert (found.counted, found.sites, found.lines[0].left_out) == (0, 1, NO_COUNT)
    assert found.sums["travel"] == (0, 0, 0)


def test_a_site_without_coordinates_counts_nothing_and_is_listed() -> None:
    found = one(Trip(1, "Nghệ An", 20, None))
    assert (found.counted, found.lines[0].left_out, found.lines[0].total) == (0, NO_PLACE, (0, 0, 0))


def test_the_online_cost_of_a_site_that_was_left_out_is_taken_off_all_the_same() -> None:
    with_it = estimate(NORMS, [Trip(1, "A", 20, 700), Trip(2, "B", None, 700)], MORNING)
    without = one(Trip(1, "A", 20, 700))
    assert with_it.saving.mid == without.saving.mid - NORMS["online_site"].mid


@pytest.mark.parametrize("km", [0, 5, 10])
def test_a_site_in_the_same_town_saves_no_journey_and_no_night(km: int) -> None:
    found = one(Trip(1, "Hà Nội", 20, km))
    steps = found.lines[0].steps
    assert steps.travel == steps.per_diem == steps.lodging == steps.time_value == (0, 0, 0)
    assert found.sums["hall"] == (0, 0, 0), "nobody came from afar, so no hall was hired"


def test_far_away_means_by_air_and_a_night_before_a_morning_meeting() -> None:
    line = one(Trip(1, "Cà Mau", 20, 1150)).lines[0]
    assert line.by_air
    assert (line.steps.nights, line.steps.days) == ((1, 1, 1), (2, 2, 2))
    assert line.steps.travel.mid == 3 * 2 * (2_550_000 + 250_000)
    assert line.steps.per_diem.mid == 3 * 2 * 300_000
    assert line.steps.lodging.mid == 3 * 600_000


def test_a_day_trip_by_road_pays_part_of_the_per_diem_and_no_night() -> None:
    line = one(Trip(1, "Hưng Yên", 20, 60)).lines[0]
    assert not line.by_air
    assert line.steps.km == (72, 78, 84)
    assert line.steps.nights == (0, 0, 0)
    assert line.steps.per_diem == (0, 3 * 300_000 // 2, 5 * 300_000)
    assert line.steps.travel.mid == 2 * 78 * 20 * 20_000 // 100


def test_an_afternoon_meeting_needs_no_night_by_road() -> None:
    afternoon = Occasion(half_days=1, days=1, morning=False, in_city=True)
    assert one(Trip(1, "Nghệ An", 20, 250), afternoon).lines[0].steps.nights == (0, 0, 0)
    assert one(Trip(1, "Nghệ An", 20, 250)).lines[0].steps.nights == (1, 1, 1)


def test_neighbours_of_a_meeting_of_two_days_sleep_at_home() -> None:
    two_days = Occasion(half_days=4, days=2, morning=True, in_city=True)
    assert one(Trip(1, "Gần", 20, 40), two_days).lines[0].steps.nights == (0, 0, 0)
    assert one(Trip(1, "Xa", 20, 1000), two_days).lines[0].steps.nights == (2, 2, 2)


def test_a_province_and_an_island_have_their_own_norms() -> None:
    there = Occasion(half_days=1, days=1, morning=True, in_city=False, on_island=True)
    steps = one(Trip(1, "Hà Nội", 20, 1150), there).lines[0].steps
    assert steps.lodging.mid == 3 * 500_000
    assert steps.per_diem.mid == 3 * 2 * 400_000


@pytest.mark.parametrize(
    ("km", "key"),
    [
        (0, "air_0"),
        (499, "air_0"),
        (500, "air_500"),
        (849, "air_500"),
        (850, "air_850"),
        (1000, "air_1000"),
        (1280, "air_1280"),
    ],
)
def test_the_fare_follows_the_length_of_the_flight(km: int, key: str) -> None:
    assert fare(km) == key


def test_working_time_is_told_apart_and_never_added() -> None:
    found = one(Trip(1, "Cà Mau", 20, 1150))
    assert found.time_value.mid > 0
    assert found.saving == total(found.sums.values())
    assert set(found.sums) == set(CATEGORIES), "no category of time"


def test_a_meeting_that_nobody_joined_costs_and_saves_nothing() -> None:
    found = estimate(NORMS, [], MORNING)
    assert found.saving == (0, 0, 0)


# ------------------------------------------------------------------ the norms that come with the product


@pytest.mark.parametrize("default", DEFAULT_SETS, ids=lambda d: str(d.valid_from))
def test_every_default_norm_is_there_in_order_and_says_where_it_comes_from(default: object) -> None:
    values = default.values
    assert sorted(v.key for v in values) == sorted(KEYS)
    for value in values:
        assert fault(value.key, value.low, value.mid, value.high) is None, value.key
        assert value.source.strip()
        assert value.unit
        for note in ("VERIFIED", "MEMORY", "ASSUMPTION"):
            assert note not in value.source, f"{value.key} shows finance a note of the researcher"


# ------------------------------------------------------------------ properties


@st.composite
def ordered_norms(draw: st.DrawFn) -> dict[str, NormValue]:
    """Norms in which every triple is ordered as its way demands."""
    made = {}
    for key, spec in SPECS.items():
        most = min(spec.most, 3000)
        three = sorted(
            draw(st.lists(st.integers(spec.least, most), min_size=3, max_size=3)), reverse=spec.way is Way.LESS
        )
        if spec.way is Way.SAME:
            three = [three[0]] * 3
        assert fault(key, *three) is None
        made[key] = NormValue(key, *three, "", "", Verified.ASSUMED)
    return made


trips = st.lists(
    st.builds(
        Trip,
        site_id=st.integers(1, 10**6),
        name=st.just("Điểm cầu"),
        people=st.none() | st.integers(0, 400),
        km=st.none() | st.integers(0, 1800),
        commune=st.booleans(),
    ),
    max_size=12,
)
occasions = st.builds(
    Occasion,
    half_days=st.integers(1, 4),
    days=st.integers(1, 2),
    morning=st.booleans(),
    in_city=st.booleans(),
    on_island=st.booleans(),
)


@settings(max_examples=40, deadline=None)
@given(ordered_norms(), trips, occasions)
def test_low_is_never_above_mid_nor_mid_above_high(
    norms: dict[str, NormValue], some: list[Trip], occasion: Occasion
) -> None:
    found = estimate(norms, some, occasion)
    for triple in (found.saving, found.time_value, *found.sums.values(), *(line.total for line in found.lines)):
        assert triple.low <= triple.mid <= triple.high


@settings(max_examples=40, deadline=None)
@given(ordered_norms(), trips, occasions, st.randoms())
def test_every_sum_is_the_exact_sum_of_its_lines_in_any_order(
    norms: dict[str, NormValue], some: list[Trip], occasion: Occasion, chance: random.Random
) -> None:
    found = estimate(norms, some, occasion)
    for category in ("travel", "per_diem", "lodging", "papers"):
        assert found.sums[category] == total(getattr(line.steps, category) for line in found.lines)
    assert found.saving == total(found.sums.values())
    shuffled = list(some)
    chance.shuffle(shuffled)
    again = estimate(norms, shuffled, occasion)
    assert (again.sums, again.saving, again.time_value) == (found.sums, found.saving, found.time_value)


def half_up(amount: Fraction) -> int:
    return floor(amount + Fraction(1, 2))


def oracle(norms: Mapping[str, NormValue], some: list[Trip], occasion: Occasion, case: str) -> dict[str, int]:
    """The same estimate written down a second time, in fractions, site by site, without any of the short cuts."""
    n = {key: Fraction(getattr(norms[key], case)) for key in norms}
    sums = dict.fromkeys(("travel", "per_diem", "lodging", "hall", "papers", "online", "time"), 0)
    for trip in some:
        if trip.people is None or trip.km is None:
            continue
        people = min(Fraction(trip.people), n["delegation_commune" if trip.commune else "delegation"])
        supplies = people * (n["papers"] + n["tea"] * occasion.half_days)
        sums["papers"] += half_up(supplies * (1 - n["supplies_at_site"] / 100))
        road = half_up(trip.km * n["winding"] / 100)
        if road < n["min_km"] or people == 0:
            continue
        sums["hall"] = int(n["hall"] * occasion.half_days)
        by_air = half_up(trip.km * Fraction(norms["winding"].mid, 100)) >= norms["air_from_km"].mid
        nights = 0
        if by_air or road >= n["night_from_km"]:
            nights = occasion.days - 1 + (1 if by_air or occasion.morning else 0)
        days = max(occasion.days, nights + 1)
        share = n["day_trip_share"] / 100 if nights == 0 else Fraction(1)
        sums["per_diem"] += half_up(people * days * n["per_diem_island" if occasion.on_island else "per_diem"] * share)
        sums["lodging"] += int(people * nights * n["lodging_city" if occasion.in_city else "lodging_province"])
        if by_air:
            bands = {500: "air_0", 850: "air_500", 1000: "air_850", 1280: "air_1000"}
            band = next((bands[limit] for limit in sorted(bands) if trip.km < limit), "air_1280")
            sums["travel"] += int(people * 2 * (n[band] + n["airport_transfer"]))
            hours = 2 * n["air_hours"]
        else:
            cars = ceil(people / n["people_per_car"])
            sums["travel"] += half_up(cars * 2 * road * n["litres_per_100km"] / 100 * n["petrol"])
            hours = Fraction(ceil(2 * road / n["road_kmh"]))
        sums["time"] += int(people * hours * n["hour_of_pay"])
    if some:
        sums["online"] = -int((n["online_host"] + n["online_site"] * len(some)) * occasion.half_days)
    return sums


@settings(max_examples=40, deadline=None)
@given(ordered_norms(), trips, occasions)
def test_an_oracle_in_fractions_comes_to_the_same_dong(
    norms: dict[str, NormValue], some: list[Trip], occasion: Occasion
) -> None:
    found = estimate(norms, some, occasion)
    for number, case in enumerate(CASES):
        expected = oracle(norms, some, occasion, case)
        assert {key: found.sums[key][number] for key in CATEGORIES} == {key: expected[key] for key in CATEGORIES}
        assert found.time_value[number] == expected["time"]


@settings(max_examples=20, deadline=None)
@given(ordered_norms(), trips, occasions)
def test_every_amount_can_be_explained(norms: dict[str, NormValue], some: list[Trip], occasion: Occasion) -> None:
    for line in estimate(norms, some, occasion).lines:
        if line.left_out:
            continue
        items = explain(norms, line.trip, line.by_air, line.steps, occasion)
        assert total(item.amounts for item in items if item.item != "time_value") == line.total
        for item in items:
            assert all(item.formulas)
            assert item.norms


def test_the_largest_conference_with_the_dearest_norms_fits_a_column() -> None:
    dearest = {
        key: NormValue(key, *[spec.least if spec.way is Way.LESS else spec.most] * 3, "", "", Verified.ASSUMED)
        for key, spec in SPECS.items()
    }
    line = one(Trip(1, "A", 10_000, 1800), Occasion(4, 2, True, True), dearest).lines[0]
    assert line.total.high * 40_000 < 2**63
    cheapest = {
        key: NormValue(key, *[spec.most if spec.way is Way.LESS else spec.least] * 3, "", "", Verified.ASSUMED)
        for key, spec in SPECS.items()
    }
    assert one(Trip(1, "A", 10, 100), MORNING, cheapest).saving.low * 40_000 > -(2**63)


def test_a_national_conference_is_estimated_in_the_blink_of_an_eye() -> None:
    chance = random.Random(45)
    some = [Trip(i, "", chance.randint(1, 200), chance.randint(0, 1600), commune=i > 34) for i in range(3355)]
    began = time.process_time()
    found = estimate(NORMS, some, MORNING)
    assert found.counted == 3355
    assert time.process_time() - began < 1.0


def test_sites_that_are_alike_are_estimated_alike() -> None:
    a, b = estimate(NORMS, [Trip(1, "A", 130, 700), Trip(2, "B", 90, 700)], MORNING).lines
    assert a.steps == b.steps
    assert Triple(1, 2, 3).plus(-Triple(1, 2, 3)) == (0, 0, 0)
