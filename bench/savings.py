"""What was saved, beside its floor: the same model in numpy, and the same model delegate by delegate in decimals.

.venv/bin/python -m bench.savings [rounds]

3,400 sites with 37,608 delegates, and 15,000 with about 1,000,000. All ways come to the same đồng or the run fails.
"""

from __future__ import annotations

import math
import random
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Any

from meetings.savings.estimate import estimate
from meetings.savings.norms import DEFAULTS
from meetings.savings.ranks import RANKS
from meetings.savings.tables import FARES, LAST_FARE, Table
from meetings.savings.trips import CASES, ITEMS, Occasion, Trip
from meetings.savings.values import Values, in_force

DELEGATIONS = in_force(DEFAULTS, date(2026, 11, 22))
EVERYBODY = DELEGATIONS.changed({"delegation": [1000] * 3, "delegation_commune": [1000] * 3})  # who was counted travels
OCCASION = Occasion(half_days=2, ends=17 * 60, minutes=540)
TIMES = 5  # the floor may be beaten by no more than this
TIMES_EVERYBODY = (
    8  # where no delegation is capped there are 132 kinds of parties, which numpy does not mind; no meeting is so
)
DECIMALS = 500  # decimals by delegate, where everybody travels, must take at least so many times longer


def conference(sites: int, delegates: int, seed: int = 45) -> list[Trip]:
    """34 provinces and communes for the rest, up to 1,700 km away, *delegates* shared out at random."""
    chance = random.Random(seed)
    weights = [chance.randint(1, 100) for _ in range(sites)]
    whole = sum(weights)
    return [
        Trip(n, "", max(1, weight * delegates // whole), chance.randint(0, 1700), n >= 34, f"{chance.randint(1, 96):02}")
        for n, weight in enumerate(weights)
    ]  # fmt: skip


def timed(rounds: int, *acts: Callable[[], Any]) -> list[float]:
    """Seconds of processor time of each act, done in turn: the least of *rounds*, since whatever else runs only adds to it."""
    taken: list[list[float]] = [[] for _act in acts]
    for _round in range(rounds):
        for act, times in zip(acts, taken, strict=True):
            began = time.process_time()
            act()
            times.append(time.process_time() - began)
    return [min(times) for times in taken]


# ------------------------------------------------------------------ the floor


def columns(trips: Sequence[Trip]) -> tuple[Any, Any, Any]:
    """People, kilometres and whether a commune's, as arrays: made before the clock runs."""
    import numpy as np

    people = np.array([trip.people for trip in trips], dtype=np.int64)
    km = np.array([trip.km for trip in trips], dtype=np.int64)
    return people, km, np.array([trip.commune for trip in trips])


def floor(values: Values, people: Any, km: Any, commune: Any) -> list[list[int]]:
    """The same integers over whole columns: item by item the low, the mid and the high sum."""
    import numpy as np

    table = Table(values.national, OCCASION)
    low, mid, high = table.cases
    middle = (km * mid.winding + 50) // 100
    near, by_air = middle < table.min_km, middle >= table.air_from
    by_coach = commune & (middle >= table.coach_from) & ~by_air & ~near
    by_car = ~near & ~by_air & ~by_coach
    band = np.searchsorted([limit for limit, _key in FARES], km, side="right")
    found = []
    for case in (low, mid, high):
        going = np.minimum(people, np.where(commune, case.most[1], case.most[0]))
        leaders = np.where(commune, 0, np.minimum(going, case.leaders))
        others = going - leaders
        road = (km * case.winding + 50) // 100
        way = np.where(by_air, case.air_hours * case.kmh, road) * 60
        before = (OCCASION.begins - case.leave) * case.kmh < way
        after = (case.home - OCCASION.ends) * case.kmh < way
        more = np.where(near, 0, before.astype(np.int64) + after)
        nights = more + np.where(more > 0, OCCASION.days - 1, 0)
        days = np.where(near, 0, OCCASION.days + more)
        tickets = (
            np.array([case.tickets[key][1:] for key in (*(key for _limit, key in FARES), LAST_FARE)]) + case.transfer
        )
        flown = leaders * tickets[band, 0] + others * tickets[band, 1]
        cars = -(-going // case.people_per_car)
        travel = 2 * (
            int(flown[by_air].sum())
            + int((going * road)[by_coach].sum()) * case.coach_fare
            + int((cars * road)[by_car].sum()) * case.car_km
        )
        diem = int((going * days * np.where(nights > 0, case.per_diem, case.per_diem_day)).sum())
        (_a, (lump_b, bill_b, _one), (lump_c, bill_c, _two)) = case.beds
        lead = leaders * lump_b + (np.maximum(0, leaders * bill_b - leaders * lump_b) * case.invoice_share + 50) // 100
        rest = (
            others * lump_c
            + (np.maximum(0, (others + 1) // 2 * bill_c - others * lump_c) * case.invoice_share + 50) // 100
        )
        lodging = int(
            (
                nights
                * (
                    lead * (bill_b > 0)
                    + leaders * lump_b * (bill_b == 0)
                    + rest * (bill_c > 0)
                    + others * lump_c * (bill_c == 0)
                )
            ).sum()
        )
        everybody = int(going.sum())
        hours = np.where(by_air, 2 * case.air_hours, np.where(near, 0, -(-2 * road // case.kmh)))
        paid = int((leaders * hours).sum()) * case.pay["b"] + int((others * hours).sum()) * case.pay["c"]
        co2 = 2 * (
            int((going * km)[by_air].sum()) * case.co2_air
            + int((going * road)[by_coach].sum()) * case.co2_coach
            + int((cars * road)[by_car].sum()) * case.co2_car
        )
        found.append([
            travel, diem, lodging, everybody * case.tea * OCCASION.half_days, everybody * case.papers,
            everybody * case.meals * OCCASION.days, paid, co2,
        ])  # fmt: skip
    return found


# ------------------------------------------------------------------ the way of every other calculator


def by_delegate(values: Values, trips: Sequence[Trip]) -> list[list[int]]:
    """Each delegate's journey in decimals, one after another."""
    one, found = Decimal(1), []
    table = Table(values.national, OCCASION)

    def whole(amount: Decimal) -> Decimal:
        return amount.quantize(one, ROUND_HALF_UP)

    for case, column in zip(table.cases, CASES, strict=True):
        n = {key: Decimal(getattr(value, column) or 0) for key, value in values.national.items()}
        sums = [Decimal(0)] * 8
        kept = 1 - n["supplies_at_site"] / 100
        for trip in trips:
            assert trip.people is not None and trip.km is not None
            going = min(trip.people, case.most[trip.commune])
            leaders = 0 if trip.commune else min(going, case.leaders)
            cars, middle = -(-going // case.people_per_car), int(whole(trip.km * Decimal(table.cases[1].winding) / 100))
            bill = {rank: min(going - leaders, 10**9) if rank == "c" else leaders for rank in RANKS}
            for number in range(trip.people):  # everybody is looked at, whoever stays at home as well
                if number >= going:
                    continue
                rank = "b" if number < leaders else "c"
                sums[3] += whole(n["tea"] * kept) * OCCASION.half_days
                sums[4] += whole(n["papers"] * kept)
                road = whole(trip.km * n["winding"] / 100)
                if middle < table.min_km:
                    continue
                by_air = middle >= table.air_from
                way = n["air_hours"] if by_air else road / n["road_kmh"]
                before = Decimal(OCCASION.begins) / 60 - way < n["leave_from"]
                after = Decimal(OCCASION.ends) / 60 + way > n["home_by"]
                nights = before + after + (OCCASION.days - 1 if before or after else 0)
                if by_air:
                    key = next((key for limit, key in FARES if trip.km < limit), LAST_FARE)
                    ticket = whole(n[key] * n["fare_share"] / 100)
                    if rank == "b":
                        ticket = whole(ticket * n["air_share_b"] / 100)
                    sums[0] += 2 * (ticket + n["airport_transfer"])
                    sums[7] += 2 * trip.km * n["co2_air"]
                    hours = 2 * n["air_hours"]
                else:
                    hours = (2 * road / n["road_kmh"]).quantize(one, ROUND_CEILING)
                    if trip.commune and middle >= table.coach_from:
                        sums[0] += 2 * road * n["coach_fare"]
                        sums[7] += 2 * road * n["co2_coach"]
                    elif number < cars:
                        sums[0] += 2 * road * whole(n["litres_per_100km"] * n["petrol"] / 100)
                        sums[7] += 2 * road * n["co2_car"]
                diem = n["per_diem"] if nights else whole(n["per_diem"] * n["day_trip_share"] / 100)
                sums[1] += diem * (OCCASION.days + before + after)
                assert bill[rank], "no invoice is known on this day, so every night is a lump sum"
                sums[2] += nights * n[f"lodging_{rank}_city"]
                pay = whole(n["base_salary"] * n[f"coefficient_{rank}"] / 100 / n["hours_per_month"])
                sums[6] += hours * pay
        found.append([int(amount) for amount in sums])
    return found


def ours(values: Values, trips: Sequence[Trip]) -> list[list[int]]:
    """The product's own way, CO₂ without that of the connections."""
    found = estimate(values, trips, OCCASION)
    online = estimate(values, [trips[0]._replace(people=None)] * len(trips), OCCASION).co2
    return [
        [*(found.sums[item][case] for item in ITEMS), found.time_value[case], found.co2[case] - online[case]]
        for case in range(3)
    ]  # fmt: skip


def main(rounds: int) -> None:
    failed = []
    taken: dict[tuple[str, int], float] = {}
    for name, values in (("delegations", DELEGATIONS), ("everybody", EVERYBODY)):
        for sites, delegates in ((3_400, 37_608), (15_000, 1_018_970)):
            trips = conference(sites, delegates)
            people = sum(trip.people or 0 for trip in trips)
            arrays = columns(trips)
            if ours(values, trips) != floor(values, *arrays):
                failed.append(f"{name}, {sites} sites: the sums differ from the floor's")
            few = trips[:: max(1, sites // 100)]
            if by_delegate(values, few) != floor(values, *columns(few)):
                failed.append(f"{name}, {sites} sites: the sums differ from the decimals'")
            bare, mine = timed(
                rounds, lambda v=values, a=arrays: floor(v, *a), lambda v=values, t=trips: estimate(v, t, OCCASION)
            )
            lines, slow = timed(
                max(3, rounds // 4),
                lambda v=values, t=trips: estimate(v, t, OCCASION).lines,
                lambda v=values, f=few: by_delegate(v, f),
            )
            slow *= people / sum(trip.people or 0 for trip in few)
            taken[name, sites] = mine
            print(
                f"{name:>11}, {sites:>6} sites, {people:>9,} delegates: {mine * 1e3:7.2f} ms,"
                f" floor {bare * 1e3:6.2f} ms (x {mine / bare:4.1f}); with every line {lines * 1e3:6.1f} ms;"
                f" decimals by delegate {slow * 1e3:9,.0f} ms (x {slow / mine:,.0f})"
            )
            most = TIMES if name == "delegations" else TIMES_EVERYBODY
            if sites == 15_000 and mine > most * bare:
                failed.append(f"{name}, {sites} sites: more than {most} times the floor")
            if sites == 15_000 and name == "everybody" and slow < DECIMALS * mine:
                failed.append(f"{name}, {sites} sites: less than {DECIMALS} times faster than decimals by delegate")
    power = math.log(taken["delegations", 15_000] / taken["delegations", 3_400]) / math.log(15_000 / 3_400)
    print(f"growth with the sites: p = {power:.2f}")
    if power > 1.2:
        failed.append("it grows faster than the sites")
    many = [trip._replace(people=(trip.people or 0) * 10) for trip in trips]
    once, more = timed(
        rounds, lambda: estimate(DELEGATIONS, trips, OCCASION), lambda: estimate(DELEGATIONS, many, OCCASION)
    )
    power = math.log10(more / once)
    print(f"growth with the delegates (ten times as many at the same sites): p = {power:.2f}")
    if power > 0.15:
        failed.append("it grows with the delegates")
    for sentence in failed:
        print(f"FAILED: {sentence}")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
