"""The sum itself: against an oracle of its own, in whatever order, and never with the low above the high."""

from __future__ import annotations

import os
import random
import re
from dataclasses import replace
from datetime import date
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.i18n import in_locale
from meetings.official.verified import Verified
from meetings.savings.estimate import CATEGORIES, NO_COUNT, NO_PLACE, ONLINE, Estimate, estimate
from meetings.savings.explain import Explainer
from meetings.savings.norms import DEFAULTS
from meetings.savings.ranks import RANKS, Ranks, rank, ranks
from meetings.savings.rules import KEYS, MAY_MISS, SPECS, Branch, NormValue, Way, fault
from meetings.savings.tables import fare
from meetings.savings.trips import CASES, ITEMS, Mode, Occasion, Source, Trip, Triple, total
from meetings.savings.values import Values, frozen, in_force, thawed

DAY = date(2026, 11, 22)
VALUES = in_force(DEFAULTS, DAY)
MORNING = Occasion()


def value(key: str, low: int | None, mid: int | None, high: int | None, province: str = "") -> NormValue:
    return NormValue(key, low, mid, high, "", "", Verified.ASSUMED, DAY, province=province)


def one(trip: Trip, occasion: Occasion = MORNING, values: Values = VALUES) -> Estimate:
    return estimate(values, [trip], occasion)


# ------------------------------------------------------------------ what is counted


def test_a_site_with_130_people_would_have_sent_a_delegation_with_one_leader() -> None:
    steps = one(Trip(1, "Nghệ An", 130, 700)).lines[0].steps
    assert steps.travelling == (1, 3, 5)
    assert (steps.a, steps.b, steps.c) == ((0, 0, 0), (1, 1, 1), (0, 2, 4))


def test_a_site_sends_no_more_people_than_it_has() -> None:
    assert one(Trip(1, "Nghệ An", 2, 700)).lines[0].steps.travelling == (1, 2, 2)
    assert one(Trip(1, "Nghệ An", 0, 700)).lines[0].total == (0, 0, 0)


def test_a_commune_sends_a_smaller_delegation_without_a_leader() -> None:
    steps = one(Trip(1, "Xã Kim Liên", 40, 300, commune=True)).lines[0].steps
    assert (steps.b, steps.c) == ((0, 0, 0), (1, 2, 3))


def test_where_a_roster_says_who_was_there_the_highest_ranks_travel_first() -> None:
    steps = one(Trip(1, "Nghệ An", 20, 700, ranks=Ranks(1, 3, 16))).lines[0].steps
    assert (steps.a, steps.b, steps.c) == ((1, 1, 1), (0, 2, 3), (0, 0, 1))


def test_a_site_without_a_head_count_or_a_distance_is_left_out_and_listed() -> None:
    found = estimate(
        VALUES, [Trip(1, "A", None, 700), Trip(2, "B", 20, None), Trip(3, "C", 20, None, road=300)], MORNING
    )
    assert (found.counted, found.sites, found.people) == (1, 3, 40)
    assert [line.left_out for line in found.lines] == [NO_COUNT, NO_PLACE, ""]
    assert found.lines[0].total == found.lines[1].total == (0, 0, 0)


def test_the_online_cost_of_a_site_that_was_left_out_is_taken_off_all_the_same() -> None:
    with_it = estimate(VALUES, [Trip(1, "A", 20, 700), Trip(2, "B", None, 700)], MORNING)
    site = sum(VALUES.national[f"online_{part}"].mid or 0 for part in ONLINE if part != "platform")
    assert with_it.saving.mid == one(Trip(1, "A", 20, 700)).saving.mid - site


def test_nobody_from_afar_means_no_journey_no_night_and_no_hall() -> None:
    for trip in (Trip(1, "Hà Nội", 20, 10), Trip(1, "Hà Nội", 20, 0, road=0, source=Source.LOCAL)):
        found = one(trip)
        steps = found.lines[0].steps
        assert found.lines[0].mode is Mode.NONE
        assert steps.travel == steps.per_diem == steps.lodging == steps.time_value == steps.hours == (0, 0, 0)
        assert found.sums["hall"] == (0, 0, 0)
        assert found.sums["tea"].mid > 0, "they would have drunk their tea at the meeting"


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


@pytest.mark.parametrize(
    ("km", "commune", "mode"),
    [
        (11, False, "none"),
        (12, False, "car"),
        (46, True, "coach"),
        (45, True, "car"),
        (384, False, "car"),
        (385, True, "air"),
    ],
)
def test_the_way_follows_the_kilometres_by_road_and_whose_site_it_is(km: int, commune: bool, mode: str) -> None:
    assert one(Trip(1, "A", 5, km, commune)).lines[0].mode == mode


@pytest.mark.parametrize(
    ("road", "mode"), [(14, "none"), (15, "car"), (59, "car"), (60, "coach"), (499, "coach"), (500, "air")]
)
def test_the_first_kilometre_of_a_way_belongs_to_it(road: int, mode: str) -> None:
    assert one(Trip(1, "Xã", 5, None, commune=True, road=road)).lines[0].mode == mode


def test_hours_and_distance_decide_the_nights() -> None:
    afternoon = Occasion(begins=14 * 60, ends=17 * 60)
    days = Occasion(days=3, half_days=6, ends=17 * 60)
    assert one(Trip(1, "Nghệ An", 20, 250)).lines[0].steps.nights.mid == 1, "the evening before a morning"
    assert one(Trip(1, "Nghệ An", 20, 250), afternoon).lines[0].steps.nights.mid == 1, "the night after an afternoon"
    assert one(Trip(1, "Hưng Yên", 20, 60), afternoon).lines[0].steps.nights.mid == 0
    assert one(Trip(1, "Cà Mau", 20, 1430), days).lines[0].steps.nights.mid == 4
    assert one(Trip(1, "Gần", 20, 40), days).lines[0].steps.nights == (0, 0, 0), "neighbours sleep at home"


def test_time_and_co2_stand_beside_the_money_and_are_never_added() -> None:
    found = one(Trip(1, "Cà Mau", 20, 1430))
    assert found.time_value.mid > 0
    assert found.hours == (8, 30, 60)
    assert found.co2.mid > 0
    assert found.saving == total(found.sums.values())
    assert set(found.sums) == set(CATEGORIES)


def test_a_meeting_that_nobody_joined_costs_and_saves_nothing() -> None:
    found = estimate(VALUES, [], MORNING)
    assert (found.saving, found.co2, found.off) == ((0, 0, 0), (0, 0, 0), {})


# ------------------------------------------------------------------ the values


def test_every_default_is_in_order_and_says_where_it_comes_from() -> None:
    assert {norm.key for norm in DEFAULTS} == set(KEYS)
    assert len({(norm.key, norm.valid_from) for norm in DEFAULTS}) == len(DEFAULTS)
    for norm in DEFAULTS:
        assert fault(norm.key, norm.low, norm.mid, norm.high) is None, norm.key
        assert norm.source.strip()
        assert norm.unit
        if norm.verified is not Verified.ASSUMED:
            assert norm.article, f"{norm.key}: a norm of the law names its article"
        for note in ("VERIFIED", "MEMORY", "ASSUMPTION"):
            assert note not in norm.source, f"{norm.key} shows finance a note of the researcher"


@pytest.mark.parametrize(
    ("day", "amount", "base"),
    [
        (date(2010, 1, 1), 200_000, 1_300_000),
        (date(2025, 5, 3), 200_000, 2_340_000),
        (date(2025, 5, 4), 300_000, 2_340_000),
        (date(2026, 6, 30), 300_000, 2_340_000),
        (date(2026, 7, 1), 300_000, 2_530_000),
    ],
)
def test_the_values_of_a_day_are_those_in_force_on_it(day: date, amount: int, base: int) -> None:
    values = in_force(DEFAULTS, day).national
    assert set(values) == set(KEYS)
    assert (values["per_diem"].mid, values["base_salary"].mid) == (amount, base)


def test_what_is_frozen_comes_back_as_it_was() -> None:
    mixed = Values(VALUES.national, {"40": {"tea": value("tea", 1, 2, 3, "40")}})
    assert thawed(frozen(mixed)) == mixed
    assert mixed.changed({"tea": [4, 5, 6]}).of("40")["tea"].mid == 5


@pytest.mark.parametrize(
    ("title", "organisation", "expected"),
    [
        ("Bộ trưởng", "Bộ Tài chính", "a"),
        ("Thứ trưởng Bộ Nội vụ", "", "a"),
        ("Chủ tịch UBND tỉnh", "", "a"),
        ("Chủ tịch Ủy ban nhân dân", "UBND tỉnh Nghệ An", "a"),
        ("Bí thư Tỉnh ủy", "", "a"),
        ("Phó Chủ tịch UBND tỉnh Cà Mau", "", "b"),
        ("Phó Chủ tịch HĐND thành phố", "", "b"),
        ("Vụ trưởng Vụ Ngân sách", "", "b"),
        ("Giám đốc Sở Tài chính", "", "b"),
        ("Giám đốc", "Sở Y tế", "b"),
        ("Phó Vụ trưởng", "", "b"),
        ("Phó Giám đốc Sở Y tế", "", "c"),
        ("Trưởng phòng", "Sở Y tế", "c"),
        ("Chuyên viên", "", "c"),
        ("Chủ tịch UBND xã Kim Liên", "", "c"),
        ("Chủ tịch UBND", "Phường Thành Vinh", "c"),
        ("Chủ tịch UBND", "", "c"),
        ("Vụ trưởng Vụ Chính quyền địa phương", "Bộ Nội vụ", "b"),
        ("Giám đốc Sở Lao động - Thương binh và Xã hội", "", "b"),
        ("Giám đốc", "Bảo hiểm xã hội tỉnh", "c"),
        ("Giám đốc Trung tâm Chuyển đổi số", "", "c"),
        ("Chủ tịch UBND", "UBND xã Kim Liên, tỉnh Nghệ An", "c"),
        ("Phó Chủ tịch UBND", "Phường Ba Đình, TP. Hà Nội", "c"),
        ("Phó Chủ tịch Thường trực UBND tỉnh", "", "b"),
        ("Ủy viên Ban Thường vụ Tỉnh ủy, Phó Chủ tịch UBND tỉnh", "", "b"),
        ("Phó Bí thư Thường trực Tỉnh ủy", "", "b"),
        ("Phó Bí thư", "Tỉnh đoàn Nghệ An", "c"),
        ("Thư ký Bộ trưởng", "Bộ Tài chính", "c"),
        ("", "", "c"),
    ],
)
def test_a_title_says_the_rank(title: str, organisation: str, expected: str) -> None:
    assert rank(title, organisation) == expected


def test_at_a_communes_site_everybody_is_of_the_others() -> None:
    assert ranks([("Chủ tịch UBND tỉnh", ""), ("Chuyên viên", "")], commune=True) == Ranks(0, 0, 2)


# ------------------------------------------------------------------ properties


@st.composite
def tables(draw: st.DrawFn) -> dict[str, NormValue]:
    """A table in which every triple is ordered as its way demands, and some norms have no value."""
    made = {}
    for key, spec in SPECS.items():
        most = min(spec.most, 3000)
        if key in MAY_MISS and draw(st.integers(0, 9)) == 0:
            made[key] = value(key, None, None, None)
            continue
        three = sorted(draw(st.tuples(*[st.integers(spec.least, most)] * 3)), reverse=spec.way is Way.LESS)
        if spec.way is Way.SAME:
            three = [three[0]] * 3
        assert fault(key, *three) is None
        made[key] = value(key, *three)
    return made


@st.composite
def many_values(draw: st.DrawFn) -> Values:
    """A nation, and sometimes a province with values of its own."""
    own = draw(tables()) if draw(st.booleans()) else {}
    kept = {key: replace(norm, province="40") for key, norm in own.items() if SPECS[key].legal and len(key) % 2}
    return Values(draw(tables()), {"40": kept} if kept else {})


one_trip = st.builds(
    Trip,
    site_id=st.integers(1, 10**6),
    name=st.just("Điểm cầu"),
    people=st.none() | st.integers(0, 400),
    km=st.none() | st.integers(0, 1800),
    commune=st.booleans(),
    province=st.sampled_from(["", "40", "96"]),
    ranks=st.none() | st.builds(Ranks, st.integers(0, 3), st.integers(0, 9), st.integers(0, 50)),
    road=st.none() | st.integers(0, 2500),
)
trips = st.lists(one_trip, max_size=12)
occasions = st.builds(
    Occasion,
    half_days=st.integers(1, 4),
    days=st.integers(1, 2),
    begins=st.integers(0, 720),
    ends=st.integers(721, 1439),
    in_city=st.booleans(),
    on_island=st.booleans(),
    by_commune=st.booleans(),
    province=st.sampled_from(["", "40"]),
    minutes=st.integers(1, 900),
)
MANY = 20 if os.environ.get("PROVE") == "1" else 1
few = settings(max_examples=20 * MANY, deadline=None)


@few
@given(many_values(), trips, occasions)
def test_the_range_contains_the_middle(values: Values, some: list[Trip], occasion: Occasion) -> None:
    found = estimate(values, some, occasion)
    beside = (found.saving, found.time_value, found.hours, found.co2, found.travelling)
    for triple in (*beside, *found.sums.values(), *(line.total for line in found.lines)):
        assert triple.low <= triple.mid <= triple.high


@few
@given(many_values(), trips, occasions, st.randoms())
def test_the_parts_add_up_to_the_total_in_any_order(
    values: Values, some: list[Trip], occasion: Occasion, chance: random.Random
) -> None:
    found = estimate(values, some, occasion)
    for item in ITEMS:
        assert found.sums[item] == total(getattr(line.steps, item) for line in found.lines)
    assert found.saving == total(found.sums.values())
    assert found.time_value == total(line.steps.time_value for line in found.lines)
    assert found.travelling == total(line.steps.travelling for line in found.lines)
    online = estimate(values, [trip._replace(people=None) for trip in some], occasion)
    assert found.co2 == total(line.steps.co2 for line in found.lines).plus(online.co2)
    shuffled = list(some)
    chance.shuffle(shuffled)
    again = estimate(values, shuffled, occasion)
    assert (again.sums, again.saving, again.time, again.co2, again.off) == (
        found.sums, found.saving, found.time, found.co2, found.off,
    )  # fmt: skip


@few
@given(many_values(), one_trip, occasions, st.integers(1, 50))
def test_more_delegates_never_cost_less(values: Values, trip: Trip, occasion: Occasion, more: int) -> None:
    if trip.people is None:
        return
    fewer = one(trip, occasion, values)
    many = one(trip._replace(people=trip.people + more), occasion, values)
    for case in range(3):
        assert many.lines[0].total[case] >= fewer.lines[0].total[case]
        assert many.saving[case] >= fewer.saving[case]


@few
@given(many_values(), trips, occasions)
def test_what_is_frozen_gives_the_same_estimate(values: Values, some: list[Trip], occasion: Occasion) -> None:
    again = estimate(thawed(frozen(values)), some, occasion)
    found = estimate(values, some, occasion)
    assert (again.sums, again.time, again.co2) == (found.sums, found.time, found.co2)


def half_up(amount: Fraction) -> int:
    return floor(amount + Fraction(1, 2))


def oracle(values: Values, some: list[Trip], occasion: Occasion, case: str) -> dict[str, int]:
    """The same estimate written down a second time, in fractions, delegate by delegate, without any of the short cuts."""
    sums = dict.fromkeys((*CATEGORIES, "time", "co2"), 0)

    def column(province: str, name: str) -> dict[str, Fraction]:
        return {key: Fraction(getattr(norm, name) or 0) for key, norm in values.of(province).items()}

    host = column(occasion.province, case)
    kept = 1 - host["supplies_at_site"] / 100
    place = "commune" if occasion.by_commune else "city" if occasion.in_city else "province"
    seats = afar = 0
    for trip in some:
        if trip.people is None or (trip.km is None and trip.road is None):
            continue
        n, mid = column(trip.province, case), column(trip.province, "mid")
        going = int(min(Fraction(trip.people), n["delegation_commune" if trip.commune else "delegation"]))
        listed = "a" * trip.ranks.a + "b" * trip.ranks.b if trip.ranks else ""
        if trip.ranks is None and not trip.commune:
            listed = "b" * int(n["leaders"])
        delegates = listed.ljust(going, "c")[:going]
        seats += going
        for _delegate in delegates:
            sums["tea"] += half_up(host["tea"] * kept) * occasion.half_days
            sums["papers"] += half_up(host["papers"] * kept)
            sums["meals"] += (
                half_up(half_up(host[f"meals_{place}"] * host["unpaid_share"] / 100) * kept) * occasion.days
            )
        road = trip.road if trip.road is not None else half_up((trip.km or 0) * n["winding"] / 100)
        middle = trip.road if trip.road is not None else half_up((trip.km or 0) * mid["winding"] / 100)
        if middle < mid["min_km"] or not delegates:
            continue
        by_air = middle >= mid["air_from_km"]
        flight = trip.km if trip.km is not None else half_up(road * 100 / mid["winding"])
        way = n["air_hours"] if by_air else road / n["road_kmh"]
        before = Fraction(occasion.begins, 60) - way < n["leave_from"]
        after = Fraction(occasion.ends, 60) + way > n["home_by"]
        nights = before + after + (occasion.days - 1 if before or after else 0)
        afar += 1
        if by_air:
            hours = 2 * int(n["air_hours"])
            ceiling = n[fare(flight)]
            for delegate in delegates:
                ticket = half_up(ceiling * n["fare_share"] / 100)
                if delegate != "c":
                    ticket = half_up(ticket * n[f"air_share_{delegate}"] / 100)
                known = not values.of(trip.province)[fare(flight)].missing
                sums["travel"] += int(2 * (ticket + n["airport_transfer"])) if known else 0
                sums["co2"] += int(2 * n["co2_air"] * flight)
        else:
            hours = ceil(2 * road / n["road_kmh"])
            if trip.commune and middle >= mid["coach_from_km"]:
                sums["travel"] += int(len(delegates) * 2 * road * n["coach_fare"])
                sums["co2"] += int(len(delegates) * 2 * road * n["co2_coach"])
            else:
                cars = ceil(len(delegates) / n["people_per_car"])
                sums["travel"] += cars * 2 * road * half_up(n["litres_per_100km"] * n["petrol"] / 100)
                sums["co2"] += int(cars * 2 * road * n["co2_car"])
        diem = n["per_diem_island" if occasion.on_island else "per_diem"]
        share = Fraction(1) if nights else n["day_trip_share"] / 100
        for delegate in delegates:
            sums["per_diem"] += half_up(diem * share) * (occasion.days + before + after)
            pay = half_up(n["base_salary"] * n[f"coefficient_{delegate}"] / 100 / n["hours_per_month"])
            sums["time"] += hours * pay
        for who in RANKS:
            number = delegates.count(who)
            city = "" if who == "a" else "_city" if occasion.in_city else "_province"
            lump, invoice = number * n[f"lodging_{who}{city}"], n[f"invoice_{who}{city}"]
            if values.of(trip.province)[f"lodging_{who}{city}"].missing:
                continue
            rooms = ceil(Fraction(number, 2 if who == "c" else 1)) * invoice if invoice else 0
            sums["lodging"] += nights * int(lump + half_up(max(Fraction(0), rooms - lump) * n["invoice_share"] / 100))
    if afar:
        sums["hall"] = int((host["hall"] + host["hall_seat"] * seats) * occasion.half_days)
    if some:
        for part in ONLINE:
            times = {"room": len(some), "platform": 1}.get(part, len(some) + 1)
            sums[part] = -int(host[f"online_{part}"]) * times * occasion.half_days
        an_hour = host["co2_online"] * 1000 + host["room_watts"] * host["co2_grid"]
        sums["co2"] -= half_up(an_hour * (len(some) + 1) * occasion.minutes / 60)
    return sums


@settings(max_examples=25 * MANY, deadline=None)
@given(many_values(), trips, occasions)
def test_an_oracle_in_fractions_comes_to_the_same_dong(values: Values, some: list[Trip], occasion: Occasion) -> None:
    found = estimate(values, some, occasion)
    for number, case in enumerate(CASES):
        expected = oracle(values, some, occasion, case)
        assert {key: found.sums[key][number] for key in CATEGORIES} == {key: expected[key] for key in CATEGORIES}
        assert found.time_value[number] == expected["time"]
        assert found.co2[number] == expected["co2"]


@few
@given(many_values(), trips, occasions)
def test_every_amount_can_be_explained(values: Values, some: list[Trip], occasion: Occasion) -> None:
    explainer = Explainer(values, occasion)
    for line in estimate(values, some, occasion).lines:
        if line.left_out:
            continue
        items = explainer.items(line.trip, line.mode, line.steps)
        assert total(item.amounts for item in items if item.item != "time_value") == line.total
        for item in items:
            assert all(item.formulas)
            assert not any(item.amounts) or item.norms


def worked_out(formula: str) -> Fraction:
    """What an English formula of a line comes to, reckoned from its words as a reader with a pencil does."""
    if formula.endswith(": nothing") and " + " not in formula:
        return Fraction(0)
    less = re.search(r", less (\d+) per cent", formula)
    spent = 100 - int(less[1]) if less else 100
    bare = re.sub(r", less .*", "", formula).replace("/100 km", " × 1/100").replace(",", "")
    bare = re.sub(r"(\d+) per cent of the (\d+) by which [^×]*", r"\1/100 × \2 ", bare)
    bare = re.sub(r"(\d+) per cent", r"\1/100", bare.replace("the value of a norm is not known: nothing", "0"))
    bare = re.sub(r"\((ticket|people)", r"(", re.sub(r"\(there and back in a day\)", "", bare))
    sum_ = re.sub(r"[^\d×+()/ ]", "", bare).replace("×", "*").replace("(", "(1*")
    assert re.fullmatch(r"[\d*+()/ ]+", sum_), formula
    return Fraction(eval(re.sub(r"\d+", r"Fraction(\g<0>)", sum_), {"Fraction": Fraction})) * spent / 100  # noqa: S307  # digits and signs only


@few
@given(trips, occasions, st.sampled_from([DAY, date(2025, 3, 5), date(2024, 2, 1)]))
def test_every_formula_worked_out_by_its_words_comes_to_its_amount(
    some: list[Trip], occasion: Occasion, day: date
) -> None:
    values = in_force(DEFAULTS, day)
    explainer = Explainer(values, occasion)
    with in_locale("en"):
        for line in estimate(values, some, occasion).lines:
            for item in explainer.items(line.trip, line.mode, line.steps) if not line.left_out else ():
                assert tuple(worked_out(formula) for formula in item.formulas) == item.amounts, item


@pytest.mark.parametrize("key", ["tea", "per_diem", "lodging_c_city", "base_salary", "coefficient_c", "air_1280"])
def test_a_formula_that_needs_a_missing_norm_says_so_and_half_a_branch_is_never_paid(key: str) -> None:
    """A known ceiling of invoices does not pay for people whose lump sum nobody has entered."""
    more = {"invoice_c_city": value("invoice_c_city", *(1_200_000,) * 3), key: value(key, None, None, None)}
    values = Values({**VALUES.national, **more})
    (line,) = one(Trip(1, "Cà Mau", 20, 1430, commune=True), MORNING, values).lines
    touched = SPECS[key].branch.value if SPECS[key].branch is not Branch.TIME else "time_value"
    with in_locale("en"):
        items = {item.item: item for item in Explainer(values, MORNING).items(line.trip, line.mode, line.steps)}
    assert items[touched].amounts == (0, 0, 0)
    assert items[touched].formulas[2] == "the value of a norm is not known: nothing"


# ------------------------------------------------------------------ norms without a value


@pytest.mark.parametrize(
    ("key", "item", "occasion"),
    [
        ("per_diem", "per_diem", MORNING),
        ("lodging_c_city", "lodging", MORNING),
        ("air_1280", "travel", MORNING),
        ("tea", "tea", MORNING),
        ("base_salary", "time_value", MORNING),
        ("co2_air", "co2", MORNING),
    ],
)
def test_a_missing_norm_counts_nothing_where_it_is_needed_and_is_named(key: str, item: str, occasion: Occasion) -> None:
    gone = Values({**VALUES.national, key: value(key, None, None, None)})
    trip = Trip(1, "Cà Mau", 20, 1430, commune=True)
    found, whole = one(trip, occasion, gone), one(trip, occasion)
    assert found.off[key] == 1
    assert key not in whole.off
    assert getattr(found.lines[0].steps, item) == (0, 0, 0)
    assert getattr(whole.lines[0].steps, item).high > 0
    rest = [name for name in (*ITEMS, "time_value", "co2") if name != item]
    assert all(getattr(found.lines[0].steps, name) == getattr(whole.lines[0].steps, name) for name in rest)


def test_a_missing_norm_that_nobody_needs_is_not_named() -> None:
    near = one(Trip(1, "Hưng Yên", 20, 30))
    assert set(near.off) == {"meals_city"}, "no night, so no invoice; guests without pay are assumed"


# ------------------------------------------------------------------ size


def test_the_largest_conference_with_the_dearest_norms_fits_a_column() -> None:
    dearest = Values(
        {key: value(key, *[spec.least if spec.way is Way.LESS else spec.most] * 3) for key, spec in SPECS.items()}
    )
    found = one(Trip(1, "A", 10_000, 1800), Occasion(4, 2), dearest)
    assert found.lines[0].total.high * 40_000 < 2**63
    trips = [Trip(1, "A", 10_000, 20_000), Trip(2, "B", 10_000, 5_000, road=5_000)] * 20_000
    everywhere = estimate(dearest, trips, Occasion(4, 2))
    for item in (*ITEMS, "time_value"):
        two = total(getattr(line.steps, item) for line in estimate(dearest, trips[:2], Occasion(4, 2)).lines)
        assert (everywhere.time_value if item == "time_value" else everywhere.sums[item]) == two.times(20_000)
    cheapest = Values(
        {key: value(key, *[spec.most if spec.way is Way.LESS else spec.least] * 3) for key, spec in SPECS.items()}
    )
    assert one(Trip(1, "A", 10, 100), MORNING, cheapest).saving.low * 40_000 > -(2**63)


def test_sites_that_are_alike_share_one_sum() -> None:
    found = estimate(VALUES, [Trip(1, "A", 130, 700), Trip(2, "B", 90, 700)], MORNING)
    assert found.lines[0].steps is found.lines[1].steps
    assert found.sums["travel"] == found.lines[0].steps.travel.times(2)
    assert Triple(1, 2, 3).plus(-Triple(1, 2, 3)) == (0, 0, 0)
